//! Models and shares, as they pass from hand to hand.

use frame_support::ensure;
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{
	traits::{ModelOwnership, Standing},
	Balance, ModelId,
};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{checks::ModelOf, types::MAX_HOLDERS, Config, Error, Event, Holders, Models, Pallet};

impl<T: Config> Pallet<T> {
	/// Makes `to` the owner of a model, with its deposits.
	pub(crate) fn hand_over(
		id: ModelId,
		mut model: ModelOf<T>,
		to: T::AccountId,
		max_deposit: Balance,
		divided: bool,
	) -> DispatchResult {
		ensure!(model.divided == divided, Error::<T>::SharesChanged);
		let deposit = model.held;
		ensure!(deposit <= max_deposit, Error::<T>::DepositTooHigh);
		Self::hold(&to, deposit)?;
		Self::release(&model.owner, deposit)?;

		let from = core::mem::replace(&mut model.owner, to.clone());
		model.offered_to = None;
		Models::<T>::insert(id, model);
		Self::deposit_event(Event::OwnershipTransferred {
			model: id,
			from,
			to,
			deposit,
		});
		Ok(())
	}
}

impl<T: Config> ModelOwnership<T::AccountId, BlockNumberFor<T>> for Pallet<T> {
	const MAX_HOLDERS: u32 = MAX_HOLDERS;

	fn standing(model: ModelId) -> Option<Standing<T::AccountId, BlockNumberFor<T>>> {
		Models::<T>::get(model).map(|model| Standing {
			owner: model.owner,
			deprecated: model.deprecated.is_some(),
			paused_since: model.paused_since,
			audience: model.audience,
			version: model.current_version,
		})
	}

	fn shares(model: ModelId, who: &T::AccountId) -> u32 {
		Holders::<T>::get(model)
			.and_then(|holdings| holdings.holders.get(who).copied())
			.unwrap_or_default()
	}

	fn pass(
		id: ModelId,
		from: &T::AccountId,
		to: &T::AccountId,
		max_deposit: Balance,
		divided: bool,
	) -> DispatchResult {
		let model = Self::owned(from, id)?;
		ensure!(from != to, Error::<T>::AlreadyOwner);
		Self::hand_over(id, model, to.clone(), max_deposit, divided)
	}

	fn pass_shares(
		model: ModelId,
		from: &T::AccountId,
		to: &T::AccountId,
		amount: u32,
	) -> Result<u32, DispatchError> {
		Self::do_transfer_shares(from.clone(), model, to.clone(), amount)
	}
}
