//! Casting, changing, removing and reweighing ballots.

use frame_support::{
	ensure,
	traits::{Get, PollStatus, Polling},
};
use openledger_primitives::traits::VotingPower;
use sp_runtime::{traits::UniqueSaturatedInto, DispatchError, DispatchResult};

use crate::{
	pallet::{ClassOf, Config, Error, Event, Pallet, PollIndexOf, VotingFor, VotingOf},
	tally::Tally,
	types::{AccountVote, Ballot, Voting},
	units::Clock,
};

/// What has to be lost before anybody is reweighed, as a part of it: more than decay's rounding.
const TOLERANCE: u128 = 1_000;

/// Whether `now` is less than `before`, by more than rounding.
pub(crate) fn is_lost(before: u128, now: u128) -> bool {
	let tolerated = before.checked_div(TOLERANCE).unwrap_or(0);
	now < before.saturating_sub(tolerated)
}

impl<T: Config> Pallet<T> {
	/// The present moment.
	pub(crate) fn clock() -> Clock {
		Clock {
			now: frame_system::Pallet::<T>::block_number().unique_saturated_into(),
			half_life: T::HalfLife::get().unique_saturated_into(),
		}
	}

	/// Changes what an account does in a class, and keeps no empty record.
	pub(crate) fn try_mutate<R>(
		who: &T::AccountId,
		class: &ClassOf<T>,
		change: impl FnOnce(&mut VotingOf<T>) -> Result<R, DispatchError>,
	) -> Result<R, DispatchError> {
		VotingFor::<T>::try_mutate_exists(who, class, |record| {
			let mut voting = record.take().unwrap_or_default();
			let result = change(&mut voting)?;
			*record = Some(voting).filter(|voting| !voting.is_empty());
			Ok(result)
		})
	}

	/// Puts a ballot into a tally, in the place of another one.
	pub(crate) fn recount(
		tally: &mut Tally<T>,
		old: Option<&Ballot>,
		new: Option<&Ballot>,
	) -> DispatchResult {
		let contribution = |ballot: Option<&Ballot>| match ballot {
			Some(ballot) => ballot.contribution(),
			None => Some(Default::default()),
		};
		contribution(old)
			.zip(contribution(new))
			.and_then(|(old, new)| tally.replace(old, new))
			.ok_or(Error::<T>::Overflow.into())
	}

	pub(crate) fn do_vote(
		who: T::AccountId,
		poll_index: PollIndexOf<T>,
		vote: AccountVote,
	) -> DispatchResult {
		ensure!(vote.is_valid(), Error::<T>::BadSplit);
		let weight = T::Polls::try_access_poll(poll_index, |status| {
			let PollStatus::Ongoing(tally, class) = status else {
				return Err(Error::<T>::NotOngoing.into());
			};
			Self::cast(&who, &class, poll_index, vote, tally)
		})?;
		Self::deposit_event(Event::Voted {
			who,
			vote,
			poll_index,
			weight,
		});
		Ok(())
	}

	/// Puts a vote among an account's ballots and into the tally. Returns what it weighs.
	fn cast(
		who: &T::AccountId,
		class: &ClassOf<T>,
		poll_index: PollIndexOf<T>,
		vote: AccountVote,
		tally: &mut Tally<T>,
	) -> Result<u128, DispatchError> {
		Self::try_mutate(who, class, |voting| {
			let Voting::Casting { votes, delegations } = voting else {
				return Err(Error::<T>::AlreadyDelegating.into());
			};
			let clock = Self::clock();
			let own = T::Power::power(who);
			// In present units: an old poll's points are smaller.
			let present = own.saturating_add(delegations.worth(&clock));
			ensure!(present >= T::MinPower::get(), Error::<T>::TooLittlePower);
			let ballot = Ballot {
				vote,
				own: clock.weigh(own, tally.period).ok_or(Error::<T>::Overflow)?,
				delegated: delegations.at(tally.period).ok_or(Error::<T>::Overflow)?,
			};
			let weight = ballot.weight().ok_or(Error::<T>::Overflow)?;
			match votes.binary_search_by_key(&poll_index, |(index, _)| *index) {
				Ok(place) => {
					let (_, kept) = votes.get_mut(place).ok_or(Error::<T>::NotVoter)?;
					Self::recount(tally, Some(kept), Some(&ballot))?;
					*kept = ballot;
				}
				Err(place) => {
					votes
						.try_insert(place, (poll_index, ballot))
						.map_err(|_| Error::<T>::MaxVotesReached)?;
					Self::recount(tally, None, Some(&ballot))?;
				}
			}
			Ok(weight)
		})
	}

	/// Removes a ballot: from a running poll only if the voter `is_willing`.
	pub(crate) fn do_remove_vote(
		who: T::AccountId,
		class: Option<ClassOf<T>>,
		poll_index: PollIndexOf<T>,
		is_willing: bool,
	) -> DispatchResult {
		let class = class
			.or_else(|| T::Polls::as_ongoing(poll_index).map(|(_, class)| class))
			.ok_or(Error::<T>::ClassNeeded)?;
		let vote = Self::try_mutate(&who, &class, |voting| {
			let Voting::Casting { votes, .. } = voting else {
				return Err(Error::<T>::NotVoter.into());
			};
			let place = votes
				.binary_search_by_key(&poll_index, |(index, _)| *index)
				.map_err(|_| Error::<T>::NotVoter)?;
			let (_, ballot) = votes.remove(place);
			T::Polls::try_access_poll(poll_index, |status| match status {
				PollStatus::Ongoing(tally, _) => {
					ensure!(is_willing, Error::<T>::NoPermission);
					Self::recount(tally, Some(&ballot), None)
				}
				PollStatus::Completed(..) | PollStatus::None => Ok(()),
			})?;
			Ok(ballot.vote)
		})?;
		Self::deposit_event(Event::VoteRemoved {
			who,
			vote,
			poll_index,
		});
		Ok(())
	}

	pub(crate) fn do_reweigh_vote(who: T::AccountId, poll_index: PollIndexOf<T>) -> DispatchResult {
		let own = T::Polls::try_access_poll(poll_index, |status| {
			let PollStatus::Ongoing(tally, class) = status else {
				return Err(Error::<T>::NotOngoing.into());
			};
			Self::try_mutate(&who, &class, |voting| {
				let Voting::Casting { votes, .. } = voting else {
					return Err(Error::<T>::NotVoter.into());
				};
				let (_, kept) = votes
					.iter_mut()
					.find(|(index, _)| *index == poll_index)
					.ok_or(Error::<T>::NotVoter)?;
				let own = Self::clock()
					.weigh(T::Power::power(&who), tally.period)
					.ok_or(Error::<T>::Overflow)?;
				ensure!(is_lost(kept.own, own), Error::<T>::NothingLost);
				let ballot = Ballot { own, ..*kept };
				Self::recount(tally, Some(kept), Some(&ballot))?;
				*kept = ballot;
				Ok(own)
			})
		})?;
		Self::deposit_event(Event::VoteReweighed {
			who,
			poll_index,
			own,
		});
		Ok(())
	}
}
