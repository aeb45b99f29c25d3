//! The invariants, checked.

use alloc::{collections::BTreeMap, vec::Vec};
use codec::Encode;
use frame_support::{ensure, traits::Polling};
use sp_runtime::TryRuntimeError;

use crate::{
	pallet::{ClassOf, Config, Pallet, PollIndexOf, VotingFor, VotingOf},
	types::{Ballot, Contribution, Delegations, Voting},
	units::{self, Period},
};

/// Those who delegate to an account in a class: how much, at the start of which period.
type Delegators = Vec<(u128, Period)>;

/// What the delegators' weights are worth at the start of a period, each rounded up.
fn worth(delegators: &[(u128, Period)], at: Period) -> Result<u128, TryRuntimeError> {
	delegators
		.iter()
		.try_fold(0u128, |sum, (weight, since)| {
			sum.checked_add(units::ceil(*weight, *since, at)?)
		})
		.ok_or("4: what is delegated overflows".into())
}

impl<T: Config> Pallet<T> {
	/// Checks the invariants of the crate's documentation, by their numbers.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut delegators = BTreeMap::<Vec<u8>, Delegators>::new();
		for (who, class, voting) in VotingFor::<T>::iter() {
			if let Voting::Delegating {
				target,
				weight,
				period,
				..
			} = voting
			{
				ensure!(target != who, "3: an account delegates to itself");
				delegators
					.entry((target, class).encode())
					.or_default()
					.push((weight, period));
			}
		}

		let mut sums = BTreeMap::<Vec<u8>, (PollIndexOf<T>, Contribution)>::new();
		for (who, class, voting) in VotingFor::<T>::iter() {
			let delegators = delegators
				.remove(&(&who, &class).encode())
				.unwrap_or_default();
			Self::check_record(&voting, &delegators)?;
			if let Voting::Casting { votes, .. } = &voting {
				ensure!(
					votes.is_sorted_by(|(one, _), (next, _)| one < next),
					"2: ballots out of order"
				);
				for (index, ballot) in votes {
					Self::check_ballot(*index, &class, ballot, &delegators, &mut sums)?;
				}
			}
		}
		ensure!(
			delegators.is_empty(),
			"3: delegations to an account without a record"
		);

		for (index, sum) in sums.into_values() {
			let (tally, _) = T::Polls::as_ongoing(index).ok_or("a poll ended meanwhile")?;
			let counted = Contribution {
				ayes: tally.ayes,
				nays: tally.nays,
				support: tally.support,
			};
			ensure!(counted == sum, "1: a tally is not the sum of its ballots");
		}
		Ok(())
	}

	/// Checks what is delegated to an account.
	fn check_record(
		voting: &VotingOf<T>,
		delegators: &[(u128, Period)],
	) -> Result<(), TryRuntimeError> {
		let now = Self::clock().period();
		let Delegations {
			weight,
			period,
			count,
		} = *voting.delegations();
		ensure!(!voting.is_empty(), "5: an empty record");
		ensure!(
			period <= now && delegators.iter().all(|(_, since)| *since <= now),
			"5: a period to come"
		);
		ensure!(
			usize::try_from(count) == Ok(delegators.len()),
			"3: delegators are counted wrong"
		);
		ensure!(
			weight <= worth(delegators, period)?,
			"4: more is delegated than there is"
		);
		Ok(())
	}

	/// Checks a ballot, and adds it to the sum of its poll if that is running.
	fn check_ballot(
		index: PollIndexOf<T>,
		class: &ClassOf<T>,
		ballot: &Ballot,
		delegators: &[(u128, Period)],
		sums: &mut BTreeMap<Vec<u8>, (PollIndexOf<T>, Contribution)>,
	) -> Result<(), TryRuntimeError> {
		ensure!(ballot.vote.is_valid(), "2: a split above the whole");
		let Some((tally, of)) = T::Polls::as_ongoing(index) else {
			return Ok(());
		};
		ensure!(of == *class, "2: a ballot in the wrong class");
		ensure!(
			tally.period <= Self::clock().period(),
			"5: a poll of a period to come"
		);
		ensure!(
			ballot.delegated <= worth(delegators, tally.period)?,
			"4: a ballot weighs more than was delegated"
		);
		let added = ballot.contribution().ok_or("1: a ballot overflows")?;
		let (_, sum) = sums
			.entry(index.encode())
			.or_insert((index, Contribution::default()));
		*sum = sum.plus(added).ok_or("1: a sum overflows")?;
		Ok(())
	}
}
