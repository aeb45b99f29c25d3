//! Delegating, and what becomes of the ballots of those who are delegated to.

use frame_support::{
	ensure,
	traits::{Get, PollStatus, Polling},
};
use openledger_primitives::traits::VotingPower;
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	pallet::{ClassOf, Config, Error, Event, Pallet, VotingFor},
	types::{Ballot, Delegations, Voting},
	units::{self, Period},
	votes::is_lost,
};

/// What a delegation weighs at the start of a period.
#[derive(Clone, Copy)]
pub(crate) struct Weight {
	amount: u128,
	period: Period,
}

/// What becomes of a delegation.
#[derive(Clone, Copy)]
enum Change {
	Join(Weight),
	Leave(Weight),
}

impl Change {
	/// The target's delegations after it.
	fn applied(self, delegations: &Delegations, now: Period) -> Option<Delegations> {
		match self {
			Self::Join(weight) => delegations.plus(weight.amount, weight.period),
			Self::Leave(weight) => delegations.minus(weight.amount, weight.period, now),
		}
	}

	/// A ballot of the target after it, in a poll of `period`.
	fn recast(self, ballot: &Ballot, period: Period) -> Option<Ballot> {
		let delegated = match self {
			Self::Join(weight) => {
				ballot
					.delegated
					.checked_add(units::floor(weight.amount, weight.period, period)?)?
			}
			Self::Leave(weight) => {
				ballot
					.delegated
					.saturating_sub(units::ceil(weight.amount, weight.period, period)?)
			}
		};
		Some(Ballot {
			delegated,
			..*ballot
		})
	}
}

impl<T: Config> Pallet<T> {
	/// Delegates, and returns how many ballots had to be looked at.
	pub(crate) fn do_delegate(
		who: T::AccountId,
		class: ClassOf<T>,
		target: T::AccountId,
	) -> Result<u32, DispatchError> {
		ensure!(T::Polls::classes().contains(&class), Error::<T>::BadClass);
		ensure!(who != target, Error::<T>::SelfDelegation);
		let power = T::Power::power(&who);
		let weight = Self::present_weight(power)?;
		Self::try_mutate(&who, &class, |voting| {
			let Voting::Casting { votes, delegations } = voting else {
				return Err(Error::<T>::AlreadyDelegating.into());
			};
			ensure!(votes.is_empty(), Error::<T>::AlreadyVoting);
			*voting = Voting::Delegating {
				target: target.clone(),
				weight: weight.amount,
				period: weight.period,
				delegations: *delegations,
			};
			Ok(())
		})?;
		let ballots = Self::change_delegations(&target, &class, &[Change::Join(weight)])?;
		Self::deposit_event(Event::Delegated {
			who,
			target,
			class,
			power,
		});
		Ok(ballots)
	}

	/// Ends a delegation, and returns how many ballots had to be looked at.
	pub(crate) fn do_undelegate(
		who: T::AccountId,
		class: ClassOf<T>,
	) -> Result<u32, DispatchError> {
		let (target, weight) = Self::delegation(&who, &class)?;
		Self::stop_delegating(&who, &class)?;
		let ballots = Self::change_delegations(&target, &class, &[Change::Leave(weight)])?;
		Self::deposit_event(Event::Undelegated { who, target, class });
		Ok(ballots)
	}

	/// Lowers a delegation to what its delegator's power is now, or ends it, and returns how many ballots had
	/// to be looked at.
	pub(crate) fn do_reweigh_delegation(
		who: T::AccountId,
		class: ClassOf<T>,
	) -> Result<u32, DispatchError> {
		let (target, old) = Self::delegation(&who, &class)?;
		let power = T::Power::power(&who);
		if power < T::MinPower::get() {
			return Self::do_undelegate(who, class);
		}
		let new = Self::present_weight(power)?;
		let before =
			units::floor(old.amount, old.period, new.period).ok_or(Error::<T>::Overflow)?;
		ensure!(is_lost(before, new.amount), Error::<T>::NothingLost);
		Self::try_mutate(&who, &class, |voting| {
			if let Voting::Delegating { weight, period, .. } = voting {
				(*weight, *period) = (new.amount, new.period);
			}
			Ok(())
		})?;
		let changes = [Change::Leave(old), Change::Join(new)];
		let ballots = Self::change_delegations(&target, &class, &changes)?;
		Self::deposit_event(Event::DelegationReweighed {
			who,
			target,
			class,
			power,
		});
		Ok(ballots)
	}

	/// What power weighs if it is delegated now.
	fn present_weight(power: u128) -> Result<Weight, DispatchError> {
		ensure!(power >= T::MinPower::get(), Error::<T>::TooLittlePower);
		let clock = Self::clock();
		let period = clock.period();
		let amount = clock.weigh(power, period).ok_or(Error::<T>::Overflow)?;
		Ok(Weight { amount, period })
	}

	/// To whom an account delegates, and how much.
	pub(crate) fn delegation(
		who: &T::AccountId,
		class: &ClassOf<T>,
	) -> Result<(T::AccountId, Weight), DispatchError> {
		match VotingFor::<T>::get(who, class) {
			Voting::Delegating {
				target,
				weight,
				period,
				..
			} => Ok((
				target,
				Weight {
					amount: weight,
					period,
				},
			)),
			Voting::Casting { .. } => Err(Error::<T>::NotDelegating.into()),
		}
	}

	fn stop_delegating(who: &T::AccountId, class: &ClassOf<T>) -> DispatchResult {
		Self::try_mutate(who, class, |voting| {
			*voting = Voting::Casting {
				votes: Default::default(),
				delegations: *voting.delegations(),
			};
			Ok(())
		})
	}

	/// Applies changes to what is delegated to an account, one after the other, and to its running ballots.
	/// Returns how many ballots it has.
	fn change_delegations(
		target: &T::AccountId,
		class: &ClassOf<T>,
		changes: &[Change],
	) -> Result<u32, DispatchError> {
		let now = Self::clock().period();
		Self::try_mutate(target, class, |voting| {
			let delegations = changes
				.iter()
				.try_fold(*voting.delegations(), |delegations, change| {
					change.applied(&delegations, now)
				})
				.ok_or(Error::<T>::Overflow)?;
			voting.set_delegations(delegations);
			let Voting::Casting { votes, .. } = voting else {
				return Ok(0);
			};
			for (index, ballot) in votes.iter_mut() {
				T::Polls::try_access_poll(*index, |status| {
					let PollStatus::Ongoing(tally, _) = status else {
						return Ok(());
					};
					let recast = changes
						.iter()
						.try_fold(*ballot, |ballot, change| {
							change.recast(&ballot, tally.period)
						})
						.ok_or(Error::<T>::Overflow)?;
					Self::recount(tally, Some(ballot), Some(&recast))?;
					*ballot = recast;
					Ok(())
				})?;
			}
			Ok(votes.len().try_into().unwrap_or(u32::MAX))
		})
	}
}
