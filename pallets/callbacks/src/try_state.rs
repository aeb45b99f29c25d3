//! The invariants, by their numbers in the crate's documentation.

use frame_support::{ensure, traits::Get};
use openledger_pallet_support::holds::{add, check, Sums};
use openledger_primitives::{traits::Payers, Balance};
use sp_runtime::TryRuntimeError;

use crate::{Callback, Callbacks, Config, Count, Due, Head, HoldReason, Pallet, Tail};

impl<T: Config> Pallet<T> {
	/// Checks the invariants.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut held = Sums::<T::AccountId, Balance>::new();
		let mut count = 0u32;
		let mut note = |callback: &Callback<T::AccountId>| {
			ensure!(
				callback.weight_limit.all_lte(T::MaxWeight::get()),
				"5: a weight limit that fits into no block"
			);
			count = count.checked_add(1).ok_or("4: callbacks overflow")?;
			add(&mut held, &callback.payer, callback.budget)?;
			add(&mut held, &callback.payer, callback.deposit)
		};
		for (request, callback) in Callbacks::<T>::iter() {
			ensure!(
				T::Requests::payer(request).as_ref() == Some(&callback.payer),
				"2: a callback that is not of the payer of an open request"
			);
			note(&callback)?;
		}
		let mut due = 0u64;
		for (place, entry) in Due::<T>::iter() {
			ensure!(
				(Head::<T>::get()..Tail::<T>::get()).contains(&place),
				"3: a due callback out of its queue"
			);
			ensure!(
				T::Requests::payer(entry.request).is_none(),
				"3: a due callback of an open request"
			);
			due = due.saturating_add(1);
			note(&entry.callback)?;
		}
		ensure!(
			Head::<T>::get().checked_add(due) == Some(Tail::<T>::get()),
			"3: a place of the queue is empty"
		);
		ensure!(
			count == Count::<T>::get() && count <= T::MaxCallbacks::get(),
			"4: the callbacks are not counted"
		);
		check::<T, T::Currency>(
			HoldReason::Callback,
			held,
			"1: the deposits and budgets are not what is held",
		)
	}
}
