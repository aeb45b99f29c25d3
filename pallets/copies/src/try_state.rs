//! The invariants, by their numbers in the crate's documentation.

use frame_support::ensure;
use openledger_pallet_support::holds::{add, check, Sums};
use openledger_primitives::{similarity::WHOLE, Balance};
use sp_runtime::TryRuntimeError;

use crate::{Claims, Config, CurrentRules, HoldReason, NextClaim, Pairs, Pallet, Stage};

impl<T: Config> Pallet<T> {
	/// Checks the invariants.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut bonds = Sums::<T::AccountId, Balance>::new();
		let mut count = 0usize;
		for (id, claim) in Claims::<T>::iter() {
			ensure!(
				id < NextClaim::<T>::get(),
				"1: a claim with an id not given out"
			);
			ensure!(
				Pairs::<T>::get(claim.copy, claim.original) == Some(id),
				"1: a claim that its pair does not lead to"
			);
			ensure!(
				Self::ensure_threshold(claim.threshold).is_ok(),
				"3: a claim with a threshold out of bounds"
			);
			if let Stage::Upheld { similarity, .. } = claim.stage {
				ensure!(
					(claim.threshold..=WHOLE).contains(&similarity),
					"4: a claim upheld against the rules"
				);
			}
			add(&mut bonds, &claim.claimant, claim.bond)?;
			count = count.checked_add(1).ok_or("1: claims overflow")?;
		}
		ensure!(
			Pairs::<T>::iter_keys().count() == count,
			"1: a pair without a claim"
		);
		check::<T, T::Currency>(HoldReason::Bond, bonds, "2: the bonds are not what is held")?;
		ensure!(
			CurrentRules::<T>::get().is_none_or(|rules| Self::ensure_rules(&rules).is_ok()),
			"3: rules out of bounds"
		);
		Ok(())
	}
}
