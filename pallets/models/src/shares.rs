//! Shares in a model's revenue.
//!
//! A divided model's part of fees is credited to an account without a key, one for each model. It is divided
//! among the holders by anybody's call, and before any share moves: who sells has what was earned until then,
//! and who buys has what is earned from then on, whoever calls first.

use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{ensure, traits::Get, BoundedVec};
use openledger_primitives::{traits::RewardCredits, ModelId};
use sp_runtime::{
	traits::{AccountIdConversion, ConstU32},
	DispatchError, DispatchResult,
};

use crate::{
	types::{Holdings, MAX_HOLDERS, MIN_SHARES, SHARES},
	Config, Error, Event, Holders, Models, Pallet,
};

impl<T: Config> Pallet<T> {
	/// The account that is credited with a divided model's part of fees.
	pub fn revenue_account(id: ModelId) -> T::AccountId {
		T::PalletId::get().into_sub_account_truncating(id)
	}

	fn held_shares(id: ModelId) -> Result<Holdings<T::AccountId>, DispatchError> {
		Holders::<T>::get(id).ok_or(Error::<T>::NotDivided.into())
	}

	/// Divides what a model has earned among those that hold its shares now.
	fn distribute_among(id: ModelId, holdings: &Holdings<T::AccountId>) -> DispatchResult {
		let among: Vec<_> = holdings
			.holders
			.iter()
			.map(|(who, shares)| (who.clone(), *shares))
			.collect();
		let amount = T::Credits::divide(&Self::revenue_account(id), &among)?;
		if amount > 0 {
			Self::deposit_event(Event::Distributed { model: id, amount });
		}
		Ok(())
	}

	/// Returns among how many holders it was divided.
	pub(crate) fn do_distribute(id: ModelId) -> Result<u32, DispatchError> {
		let holdings = Self::held_shares(id)?;
		Self::distribute_among(id, &holdings)?;
		Ok(count(&holdings))
	}

	pub(crate) fn do_divide(
		who: T::AccountId,
		id: ModelId,
		holders: BoundedVec<(T::AccountId, u32), ConstU32<MAX_HOLDERS>>,
	) -> DispatchResult {
		let mut model = Self::owned(&who, id)?;
		ensure!(!model.divided, Error::<T>::AlreadyDivided);
		let by_account: BTreeMap<_, _> = holders.iter().cloned().collect();
		let total = holders
			.iter()
			.try_fold(0u32, |total, (_, shares)| total.checked_add(*shares));
		ensure!(
			by_account.len() == holders.len()
				&& by_account.values().all(|shares| *shares >= MIN_SHARES)
				&& total == Some(SHARES),
			Error::<T>::BadShares
		);
		ensure!(
			!by_account.contains_key(&Self::revenue_account(id)),
			Error::<T>::OwnShares
		);
		let deposit = Self::deposit_for_bytes::<Holdings<T::AccountId>>()?;
		let holdings = Holdings {
			holders: by_account.try_into().map_err(|_| Error::<T>::BadShares)?,
			deposit,
		};
		Self::hold_for(&mut model, deposit)?;

		model.divided = true;
		Models::<T>::insert(id, model);
		Holders::<T>::insert(id, holdings);
		Self::deposit_event(Event::ModelDivided { model: id, holders });
		Ok(())
	}

	/// Returns among how many holders the revenue was divided before.
	pub(crate) fn do_transfer_shares(
		from: T::AccountId,
		id: ModelId,
		to: T::AccountId,
		amount: u32,
	) -> Result<u32, DispatchError> {
		let mut holdings = Self::held_shares(id)?;
		ensure!(amount > 0 && from != to, Error::<T>::NothingToTransfer);
		ensure!(to != Self::revenue_account(id), Error::<T>::OwnShares);
		let left = holdings
			.holders
			.get(&from)
			.and_then(|shares| shares.checked_sub(amount))
			.ok_or(Error::<T>::NotEnoughShares)?;
		let received = holdings
			.holders
			.get(&to)
			.copied()
			.unwrap_or_default()
			.checked_add(amount)
			.ok_or(Error::<T>::BadShares)?;
		ensure!(
			(left == 0 || left >= MIN_SHARES) && received >= MIN_SHARES,
			Error::<T>::TooFewShares
		);
		Self::distribute_among(id, &holdings)?;
		let divided = count(&holdings);

		holdings.holders.remove(&from);
		for (who, shares) in [(&from, left), (&to, received)] {
			if shares > 0 {
				holdings
					.holders
					.try_insert(who.clone(), shares)
					.map_err(|_| Error::<T>::BadShares)?;
			}
		}
		Holders::<T>::insert(id, holdings);
		Self::deposit_event(Event::SharesTransferred {
			model: id,
			from,
			to,
			amount,
		});
		Ok(divided)
	}

	pub(crate) fn do_reunite(who: T::AccountId, id: ModelId) -> DispatchResult {
		let mut model = Self::owned(&who, id)?;
		let holdings = Self::held_shares(id)?;
		ensure!(
			holdings.holders.get(&who) == Some(&SHARES),
			Error::<T>::NotEnoughShares
		);
		Self::distribute_among(id, &holdings)?;
		Self::release_for(&mut model, holdings.deposit)?;

		model.divided = false;
		Models::<T>::insert(id, model);
		Holders::<T>::remove(id);
		Self::deposit_event(Event::ModelReunited { model: id });
		Ok(())
	}
}

fn count<AccountId: Ord>(holdings: &Holdings<AccountId>) -> u32 {
	holdings.holders.len().try_into().unwrap_or(MAX_HOLDERS)
}
