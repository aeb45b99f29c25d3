//! Asking, taking back, forgetting, and the money that moves with it.

use frame_support::{
	ensure,
	traits::{
		fungible::{BalancedHold, MutateHold},
		tokens::Precision,
		Defensive, Get, Imbalance, OnUnbalanced,
	},
	weights::Weight,
	BoundedVec,
};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{
	data::Locator,
	model::Task as ModelTask,
	similarity::Comparison,
	traits::{AgentPool, Closing, ModelRegistry, OnEnd, Run, Settlement, Source},
	Balance, Entry, ModelId, RequestId,
};
use sp_core::H256;
use sp_runtime::{traits::Saturating, DispatchError, DispatchResult};

use crate::{
	types::{Ending, Input, Phase, Receipt, Request, Task},
	Config, Error, Event, HoldReason, NextRequest, OpenRequests, Pallet, Receipts, Requests,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn now() -> BlockNumberFor<T> {
		frame_system::Pallet::<T>::block_number()
	}

	pub(crate) fn do_request(
		payer: T::AccountId,
		model: ModelId,
		input: Input<T>,
		max_fee: Balance,
		min_committee: u32,
	) -> DispatchResult {
		ensure!(
			(1..=T::MaxCommittee::get()).contains(&min_committee),
			Error::<T>::CommitteeOutOfRange
		);
		let seats = T::CommitteeSize::get().max(min_committee);
		Self::open(payer, model, None, input, max_fee, (min_committee, seats)).map(drop)
	}

	/// Takes a request to a committee of `least` up to `seats` agents: of the model's current version, or one
	/// that runs a certain version `again`.
	pub(crate) fn open(
		payer: T::AccountId,
		model: ModelId,
		again: Option<u32>,
		input: Input<T>,
		max_fee: Balance,
		(least, seats): (u32, u32),
	) -> Result<RequestId, DispatchError> {
		let bytes = input.bytes();
		ensure!(bytes > 0, Error::<T>::EmptyInput);
		if let Input::Linked(linked) = &input {
			ensure!(bytes <= T::MaxLinkedInput::get(), Error::<T>::InputTooLarge);
			ensure!(linked.locator != Locator::None, Error::<T>::NoLocator);
		}
		let quote = match again {
			Some(version) => {
				T::Models::quote_rerun(model, version, bytes).map_err(|_| Error::<T>::Superseded)?
			}
			None => {
				T::Models::ensure_served(model, &payer)?;
				T::Models::quote(model, bytes)?
			}
		};
		let version = quote.version;
		let (units, fee) = Self::price_of(&quote, seats)?;
		ensure!(fee <= max_fee, Error::<T>::FeeCapTooLow);
		let open = OpenRequests::<T>::get()
			.checked_add(1)
			.filter(|open| *open <= T::MaxOpen::get())
			.ok_or(Error::<T>::Busy)?;
		let spec = T::Models::spec(model, version).ok_or(Error::<T>::Superseded)?;
		if spec.task == ModelTask::Compare {
			let comparison = match &input {
				Input::Inline(input) => Comparison::parse(input),
				Input::Linked(_) => None,
			};
			ensure!(comparison.is_some(), Error::<T>::BadComparison);
		}
		let available = T::Agents::available(model, &spec.policy, least);
		ensure!(available >= least, Error::<T>::NoOperator);
		Self::take_units(quote.class, units)?;
		let deposit = T::RecordDeposit::get()
			.saturating_add(T::ByteDeposit::get().saturating_mul(input.stored().into()));
		T::Currency::hold(&HoldReason::Fee.into(), &payer, fee)?;
		T::Currency::hold(&HoldReason::Record.into(), &payer, deposit)?;

		let id = NextRequest::<T>::get();
		NextRequest::<T>::put(id.saturating_add(1));
		OpenRequests::<T>::put(open);
		let now = Self::now();
		let mut request = Request {
			payer: payer.clone(),
			model,
			version,
			input,
			units,
			class: quote.class,
			fee,
			deposit,
			min_committee: least,
			made_at: now,
			phase: Phase::Draw,
			since: now,
			until: now,
			question: None,
			seats,
			widened: false,
			committee: BoundedVec::new(),
		};
		Self::enter(id, &mut request, Phase::Draw);
		let draw_at = request.until;
		Requests::<T>::insert(id, request);
		Self::deposit_event(Event::Requested {
			request: id,
			payer,
			model,
			version,
			fee,
			deposit,
			draw_at,
		});
		Ok(id)
	}

	pub(crate) fn do_cancel(who: T::AccountId, id: RequestId) -> DispatchResult {
		let request = Requests::<T>::get(id).ok_or(Error::<T>::UnknownRequest)?;
		ensure!(request.payer == who, Error::<T>::NotPayer);
		ensure!(request.question.is_none(), Error::<T>::AlreadyDrawn);
		ensure!(!Self::decides(id), Error::<T>::IsRerun);
		let next = Self::now().saturating_add(1u32.into());
		ensure!(next < request.until, Error::<T>::TooLate);

		Self::unschedule(id, Task::Draw, request.until);
		Requests::<T>::remove(id);
		OpenRequests::<T>::mutate(|open| open.saturating_dec());
		Self::give_back_units(request.class, request.units);
		let refunded = Self::refund(&request);
		let deposit = Self::give_back(HoldReason::Record, &who, request.deposit);
		Self::deposit_event(Event::Cancelled {
			request: id,
			payer: who,
			refunded,
			deposit,
		});
		T::OnEnd::ended(id, Closing::Cancelled, H256::zero());
		Ok(())
	}

	/// Divides the fee of a request that was answered. Returns what that weighed.
	pub(crate) fn settle(
		id: RequestId,
		request: &Request<T>,
		operators: &[T::AccountId],
		attribution: &[Entry],
	) -> Weight {
		let (fee, missing) =
			T::Currency::slash(&HoldReason::Fee.into(), &request.payer, request.fee);
		if missing > 0 {
			frame_support::defensive!("the fee of an open request is held");
		}
		let run = Run {
			source: Source::Request(id),
			payer: &request.payer,
			model: request.model,
			operators,
			attribution,
		};
		T::Settlement::settle(run, fee)
	}

	/// Takes the fee of a request whose input only some operators could fetch: its payer has answers that
	/// nobody is paid for. Returns how much it was.
	pub(crate) fn forfeit(request: &Request<T>) -> Balance {
		let (fee, _) = T::Currency::slash(&HoldReason::Fee.into(), &request.payer, request.fee);
		let forfeited = fee.peek();
		T::Penalties::on_unbalanced(fee);
		forfeited
	}

	/// Returns what was given back: the fee.
	pub(crate) fn refund(request: &Request<T>) -> Balance {
		Self::give_back(HoldReason::Fee, &request.payer, request.fee)
	}

	pub(crate) fn give_back(reason: HoldReason, who: &T::AccountId, amount: Balance) -> Balance {
		T::Currency::release(&reason.into(), who, amount, Precision::Exact)
			.defensive_unwrap_or_default()
	}

	/// Leaves a receipt of a request that has ended.
	pub(crate) fn leave_receipt(id: RequestId, request: Request<T>, ending: Ending) {
		let now = Self::now();
		let forget_at = now.saturating_add(T::Retention::get());
		Self::schedule(id, Task::Forget, forget_at);
		Receipts::<T>::insert(
			id,
			Receipt {
				payer: request.payer,
				model: request.model,
				version: request.version,
				input_hash: request.input.digest(),
				ending,
				fee: request.fee,
				deposit: request.deposit,
				made_at: request.made_at,
				ended_at: now,
				forget_at,
				question: request.question,
				committee: request.committee,
				contested: false,
			},
		);
	}

	pub(crate) fn do_forget(who: T::AccountId, id: RequestId) -> DispatchResult {
		let receipt = Receipts::<T>::get(id).ok_or(Error::<T>::UnknownReceipt)?;
		ensure!(receipt.payer == who, Error::<T>::NotPayer);
		let kept_until = receipt.ended_at.saturating_add(T::EvidenceBlocks::get());
		ensure!(
			receipt.question.is_none() || Self::now() >= kept_until,
			Error::<T>::TooEarly
		);
		Self::unschedule(id, Task::Forget, receipt.forget_at);
		Self::forget_receipt(id, receipt);
		Ok(())
	}

	pub(crate) fn forget_due(id: RequestId) {
		if let Some(receipt) = Receipts::<T>::get(id).defensive() {
			Self::forget_receipt(id, receipt);
		}
	}

	fn forget_receipt(id: RequestId, receipt: Receipt<T>) {
		Receipts::<T>::remove(id);
		T::Settlement::forget(id);
		let deposit = Self::give_back(HoldReason::Record, &receipt.payer, receipt.deposit);
		Self::deposit_event(Event::Forgotten {
			request: id,
			payer: receipt.payer,
			deposit,
		});
	}
}
