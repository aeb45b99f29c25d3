//! Running what is due: the contracts, and the money that they may lock.

use alloc::vec::Vec;
use frame_support::{
	defensive,
	storage::with_storage_layer,
	traits::{
		fungible::{Inspect, Mutate, MutateHold},
		tokens::{Fortitude, Precision, Preservation, Restriction},
		Get,
	},
	weights::{Weight, WeightMeter},
};
use frame_system::RawOrigin;
use openledger_primitives::Balance;
use pallet_revive::{AccountInfo, AddressMapper, ExecConfig, TransactionLimits};
use sp_runtime::DispatchError;

use crate::{
	abi::{encode, CALLER},
	Callback, Config, DueCallback, Event, HoldReason, Pallet, Report, Tail, WeightInfo,
};

/// How a callback went, what the contract used of its weight, and what was given back.
struct Ran {
	report: Report,
	used: Weight,
	returned: Balance,
}

impl<T: Config> Pallet<T> {
	/// The account that calls.
	pub fn caller() -> T::AccountId {
		T::AddressMapper::to_fallback_account_id(&CALLER)
	}

	/// Runs what is due, as far as it fits into what a block has left. Returns what it weighed.
	///
	/// What falls due meanwhile, since a contract has cancelled a request, waits for the next block.
	pub(crate) fn run_due(left: Weight) -> Weight {
		let mut meter = WeightMeter::with_limit(left.min(T::MaxIdleWeight::get()));
		let look = <T as Config>::WeightInfo::look();
		if meter.try_consume(look).is_err() || T::Paused::get() {
			return meter.consumed();
		}
		let end = Tail::<T>::get();
		while let Some((place, due)) = Self::next_due().filter(|(place, _)| *place < end) {
			if !meter.can_consume(Self::weight_of(due.callback.weight_limit)) {
				break;
			}
			Self::remove_due(place);
			meter.consume(Self::weight_of(Self::run(due)));
		}
		meter.consumed()
	}

	/// Runs a callback that is no longer in the queue. Returns what the contract used of its weight limit.
	fn run(due: DueCallback<T::AccountId>) -> Weight {
		let data = encode(due.request, due.closing, due.outcome);
		let callback = due.callback;
		let Ran {
			report,
			used,
			returned,
		} = if AccountInfo::<T>::is_contract(&callback.contract) {
			Self::run_funded(&callback, data)
		} else {
			Self::give_up(&callback, Report::NoContract)
		};
		Self::deposit_event(Event::Called {
			request: due.request,
			payer: callback.payer,
			contract: callback.contract,
			report,
			used,
			returned,
		});
		used
	}

	/// Gives all back to the payer.
	fn give_up(callback: &Callback<T::AccountId>, report: Report) -> Ran {
		let held = callback.deposit.saturating_add(callback.budget);
		Ran {
			report,
			used: Weight::zero(),
			returned: Self::release(&callback.payer, held),
		}
	}

	/// Lends the caller the budget, calls, and gives back what is left of it.
	fn run_funded(callback: &Callback<T::AccountId>, data: Vec<u8>) -> Ran {
		let caller = Self::caller();
		let before = T::Currency::balance(&caller);
		let lent = T::Currency::minimum_balance();
		let moved = T::Currency::transfer_on_hold(
			&HoldReason::Callback.into(),
			&callback.payer,
			&caller,
			callback.budget.saturating_add(lent),
			Precision::Exact,
			Restriction::Free,
			Fortitude::Polite,
		);
		if let Err(error) = moved {
			return Self::give_up(callback, Report::Unfunded(error));
		}
		let kept = callback.deposit.saturating_sub(lent);
		let kept = Self::release(&callback.payer, kept);
		let (report, used) = Self::call(callback, data);
		let left = T::Currency::balance(&caller).saturating_sub(before);
		let returned =
			T::Currency::transfer(&caller, &callback.payer, left, Preservation::Expendable);
		if returned.is_err() {
			defensive!("the caller has what it was lent, and the payer can take it");
		}
		Ran {
			report,
			used,
			returned: kept.saturating_add(returned.unwrap_or_default()),
		}
	}

	/// Calls the contract within its limits. Returns how it went, and what it used.
	fn call(callback: &Callback<T::AccountId>, data: Vec<u8>) -> (Report, Weight) {
		let limits = TransactionLimits::WeightAndDeposit {
			weight_limit: callback.weight_limit,
			deposit_limit: callback.budget,
		};
		let mut used = Weight::zero();
		// Deposits are charged after the contract has returned, and may fail then.
		let report = with_storage_layer(|| -> Result<Report, DispatchError> {
			let called = pallet_revive::Pallet::<T>::bare_call(
				RawOrigin::Signed(Self::caller()).into(),
				callback.contract,
				Default::default(),
				limits,
				data,
				&ExecConfig::new_substrate_tx_without_bump(),
			);
			used = called.weight_consumed.min(callback.weight_limit);
			called.result.map(|returned| match returned.did_revert() {
				true => Report::Reverted,
				false => Report::Returned,
			})
		});
		(report.unwrap_or_else(Report::Failed), used)
	}
}
