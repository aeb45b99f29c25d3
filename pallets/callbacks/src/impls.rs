//! What is registered, and what falls due.

use frame_support::{
	ensure,
	traits::{
		fungible::{Balanced, MutateHold},
		tokens::{Fortitude, Precision, Preservation},
		Defensive, Get, OnUnbalanced,
	},
	weights::Weight,
};
use openledger_primitives::{
	traits::{Closing, OnEnd, Payers},
	Balance, RequestId,
};
use sp_core::{H160, H256};
use sp_runtime::{
	traits::{Convert, Saturating},
	DispatchResult,
};

use crate::{
	Callback, Callbacks, Config, Count, Due, DueCallback, Error, Event, Head, HoldReason, Pallet,
	Tail, WeightInfo,
};

impl<T: Config> Pallet<T> {
	/// What a callback costs at present, in units of the token.
	pub(crate) fn price(weight_limit: Weight) -> Balance {
		T::WeightPrice::convert(Self::weight_of(weight_limit))
	}

	/// What a callback weighs at most.
	pub(crate) fn weight_of(weight_limit: Weight) -> Weight {
		<T as Config>::WeightInfo::run().saturating_add(weight_limit)
	}

	/// What a block needs to have left for the dearest callback.
	pub(crate) fn dearest() -> Weight {
		<T as Config>::WeightInfo::look().saturating_add(Self::weight_of(T::MaxWeight::get()))
	}

	pub(crate) fn do_register(
		payer: T::AccountId,
		request: RequestId,
		contract: H160,
		weight_limit: Weight,
		budget: Balance,
		max_fee: Balance,
	) -> DispatchResult {
		let expected = T::Requests::payer(request).ok_or(Error::<T>::NotOpen)?;
		ensure!(expected == payer, Error::<T>::NotPayer);
		ensure!(
			!Callbacks::<T>::contains_key(request),
			Error::<T>::AlreadyRegistered
		);
		ensure!(
			weight_limit.all_lte(T::MaxWeight::get()),
			Error::<T>::WeightTooLarge
		);
		let fee = Self::price(weight_limit);
		ensure!(fee <= max_fee, Error::<T>::FeeTooHigh);
		let count = Count::<T>::get()
			.checked_add(1)
			.filter(|count| *count <= T::MaxCallbacks::get())
			.ok_or(Error::<T>::TooMany)?;
		// Each callback takes one place of the queue at most.
		ensure!(
			Tail::<T>::get() < u64::MAX.saturating_sub(T::MaxCallbacks::get().into()),
			Error::<T>::PlacesExhausted
		);
		let deposit = T::EntryDeposit::get();
		let held = deposit
			.checked_add(budget)
			.ok_or(Error::<T>::BudgetTooLarge)?;
		T::Currency::hold(&HoldReason::Callback.into(), &payer, held)?;
		let paid = T::Currency::withdraw(
			&payer,
			fee,
			Precision::Exact,
			Preservation::Preserve,
			Fortitude::Polite,
		)?;
		T::Fees::on_unbalanced(paid);

		Count::<T>::put(count);
		let callback = Callback {
			payer: payer.clone(),
			contract,
			weight_limit,
			budget,
			deposit,
		};
		Callbacks::<T>::insert(request, callback);
		Self::deposit_event(Event::Registered {
			request,
			payer,
			contract,
			fee,
			held,
		});
		Ok(())
	}

	/// The callback that is to run next, with its place.
	pub(crate) fn next_due() -> Option<(u64, DueCallback<T::AccountId>)> {
		let place = Head::<T>::get();
		Due::<T>::get(place).map(|due| (place, due))
	}

	/// Removes the callback that is to run next.
	pub(crate) fn remove_due(place: u64) {
		Due::<T>::remove(place);
		Head::<T>::put(place.saturating_add(1));
		Count::<T>::mutate(|count| count.saturating_dec());
	}

	/// Gives back what is held of a payer. Returns how much it was.
	pub(crate) fn release(payer: &T::AccountId, amount: Balance) -> Balance {
		T::Currency::release(
			&HoldReason::Callback.into(),
			payer,
			amount,
			Precision::Exact,
		)
		.defensive_unwrap_or_default()
	}
}

impl<T: Config> OnEnd for Pallet<T> {
	fn ended(request: RequestId, closing: Closing, outcome: H256) {
		let Some(callback) = Callbacks::<T>::take(request) else {
			return;
		};
		let place = Tail::<T>::get();
		Tail::<T>::put(place.saturating_add(1));
		let due = DueCallback {
			request,
			closing,
			outcome,
			callback,
		};
		Due::<T>::insert(place, due);
	}

	fn weight() -> Weight {
		<T as Config>::WeightInfo::ended()
	}
}
