//! Holding, returning and paying.

use frame_support::ensure;
use frame_support::traits::{
	fungible::{Mutate as _, MutateHold as _},
	tokens::{Precision::Exact, Preservation::Preserve},
};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{
	traits::{ModelOwnership, Standing},
	Balance, ModelId,
};
use sp_runtime::{DispatchError, DispatchResult};

use crate::pallet::{Config, Error, HoldReason, Pallet};

impl<T: Config> Pallet<T> {
	pub(crate) fn now() -> BlockNumberFor<T> {
		frame_system::Pallet::<T>::block_number()
	}

	pub(crate) fn hold(reason: HoldReason, who: &T::AccountId, amount: Balance) -> DispatchResult {
		T::Currency::hold(&reason.into(), who, amount)
	}

	pub(crate) fn release(
		reason: HoldReason,
		who: &T::AccountId,
		amount: Balance,
	) -> DispatchResult {
		if amount == 0 {
			return Ok(());
		}
		T::Currency::release(&reason.into(), who, amount, Exact).map(|_| ())
	}

	pub(crate) fn pay(from: &T::AccountId, to: &T::AccountId, amount: Balance) -> DispatchResult {
		T::Currency::transfer(from, to, amount, Preserve).map(|_| ())
	}

	/// A model that `who` owns.
	pub(crate) fn owned(
		who: &T::AccountId,
		model: ModelId,
	) -> Result<Standing<T::AccountId, BlockNumberFor<T>>, DispatchError> {
		let standing = T::Models::standing(model).ok_or(Error::<T>::UnknownModel)?;
		ensure!(standing.owner == *who, Error::<T>::NotOwner);
		Ok(standing)
	}
}
