//! Deposits, bonds, the pot, and how what is in it is divided.
//!
//! Of what a backer gave, the part of the goal that was not paid out is its *rest*, rounded down. All who
//! back a proposal at the same time have the same part left, whoever has left before: so the rest does not depend
//! on others. For those who are in, [`kept`] is set apart, which is the sum of their rests or, by rounding,
//! more by less than a unit for each of them; for those who leave, the sum of theirs rounded down, which
//! is not less than the sum of what is rounded down one by one. Whoever is paid last gets what is left, so that the
//! sum is exact and nobody can be too late.

use frame_support::{
	ensure,
	traits::{
		fungible::{
			hold::{Balanced as _, Mutate as _},
			Inspect as _, Mutate as _,
		},
		tokens::{Precision::Exact, Preservation::Preserve},
		Get, OnUnbalanced,
	},
};
use openledger_primitives::{split::part_of, Balance};
use sp_runtime::{traits::AccountIdConversion, DispatchError, DispatchResult};

use crate::{
	pallet::{Config, Error, HoldReason, Pallet, ProposalOf, TermsOf},
	types::Exit,
};

/// What is left of what a backer gave when so much of the goal was paid out: rounded down.
pub(crate) fn rest(amount: Balance, paid: Balance, goal: Balance) -> Option<Balance> {
	part_of(amount, goal.checked_sub(paid)?, goal)
}

/// The same for all who back a proposal together: rounded up.
pub(crate) fn kept(weight: Balance, paid: Balance, goal: Balance) -> Option<Balance> {
	weight.checked_sub(part_of(weight, paid, goal)?)
}

/// Takes a backer's rest out of what is kept for it and others.
pub(crate) fn take(pool: &mut Exit, amount: Balance, rest: Balance) -> Option<Balance> {
	let due = if pool.weight == amount {
		pool.escrow
	} else {
		rest
	};
	pool.weight = pool.weight.checked_sub(amount)?;
	pool.escrow = pool.escrow.checked_sub(due)?;
	Some(due)
}

impl<T: Config> Pallet<T> {
	/// The account that holds what backers gave. Genesis gives it its existential deposit.
	pub(crate) fn pot_account() -> T::AccountId {
		T::PalletId::get().into_account_truncating()
	}

	/// What the first so many milestones of a proposal cost.
	pub(crate) fn cost_of(terms: &TermsOf<T>, milestones: usize) -> Result<Balance, DispatchError> {
		terms
			.milestones
			.iter()
			.take(milestones)
			.try_fold(0, |sum: Balance, milestone| {
				sum.checked_add(milestone.amount)
			})
			.ok_or(Error::<T>::AmountOverflow.into())
	}

	/// The deposit for a proposal.
	pub(crate) fn deposit_for(terms: &TermsOf<T>) -> Result<Balance, DispatchError> {
		Balance::try_from(codec::Encode::encoded_size(terms))
			.ok()
			.and_then(|bytes| T::ByteDeposit::get().checked_mul(bytes))
			.and_then(|bytes| T::ProposalDeposit::get().checked_add(bytes))
			.ok_or(Error::<T>::AmountOverflow.into())
	}

	/// What the builder of a proposal stakes.
	pub(crate) fn bond_for(terms: &TermsOf<T>) -> Balance {
		T::BondShare::get()
			.mul_ceil(terms.goal)
			.max(T::MinBond::get())
	}

	pub(crate) fn hold(reason: HoldReason, who: &T::AccountId, amount: Balance) -> DispatchResult {
		T::Currency::hold(&reason.into(), who, amount)
	}

	pub(crate) fn release(
		reason: HoldReason,
		who: &T::AccountId,
		amount: Balance,
	) -> DispatchResult {
		T::Currency::release(&reason.into(), who, amount, Exact).map(|_| ())
	}

	/// Puts money into the pot.
	pub(crate) fn pay_in(who: &T::AccountId, amount: Balance) -> DispatchResult {
		let pot = Self::pot_account();
		ensure!(
			T::Currency::balance(&pot) >= T::Currency::minimum_balance(),
			Error::<T>::PotMissing
		);
		T::Currency::transfer(who, &pot, amount, Preserve).map(|_| ())
	}

	/// Takes money out of the pot, for somebody from whom something is or was held in this call, so that the
	/// account exists. What the pot has beyond its existential deposit covers all that it owes.
	pub(crate) fn pay_out(who: &T::AccountId, amount: Balance) -> DispatchResult {
		if amount == 0 {
			return Ok(());
		}
		T::Currency::transfer(&Self::pot_account(), who, amount, Preserve).map(|_| ())
	}

	/// Gives the builder its bond back.
	pub(crate) fn return_bond(proposal: &mut ProposalOf<T>) -> DispatchResult {
		let bond = core::mem::take(&mut proposal.bond);
		match &proposal.builder {
			Some(builder) if bond > 0 => Self::release(HoldReason::Bond, builder, bond),
			_ => Ok(()),
		}
	}

	/// Takes the builder's bond. Not for the backers: nobody is to gain by a failure. Returns how much it
	/// was.
	pub(crate) fn forfeit_bond(proposal: &mut ProposalOf<T>) -> Balance {
		let bond = core::mem::take(&mut proposal.bond);
		if let Some(builder) = &proposal.builder {
			let (lost, _) = T::Currency::slash(&HoldReason::Bond.into(), builder, bond);
			T::Penalties::on_unbalanced(lost);
		}
		bond
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn rests_are_covered_by_what_is_kept() {
		let goal = 7;
		for paid in 0..=goal {
			for one in 0..=goal {
				for other in 0..=goal - one {
					let rests = rest(one, paid, goal).unwrap() + rest(other, paid, goal).unwrap();
					let all = kept(one + other, paid, goal).unwrap();
					// In together, or one of them out.
					assert!(rests <= all && all <= rests + 2);
					let out = rest(one, paid, goal).unwrap();
					assert!(all - out >= kept(other, paid, goal).unwrap());
				}
			}
		}
		assert_eq!(rest(5, 8, 7), None);
		assert_eq!(kept(5, 0, 7), Some(5));
		assert_eq!(kept(5, 7, 7), Some(0));
	}

	#[test]
	fn the_last_one_gets_what_is_left() {
		let mut pool = Exit {
			weight: 5,
			escrow: 4,
		};
		assert_eq!(take(&mut pool, 2, 1), Some(1));
		assert_eq!(take(&mut pool, 3, 2), Some(3));
		assert_eq!(pool, Exit::default());
		assert_eq!(take(&mut pool, 1, 1), None);
	}
}
