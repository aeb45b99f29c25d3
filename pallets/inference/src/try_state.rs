//! The invariants that the pallet's documentation numbers.

use alloc::{collections::BTreeSet, vec::Vec};
use frame_support::{ensure, traits::Get};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_pallet_support::{
	agenda::was_passed_over,
	holds::{self, add},
};
use openledger_primitives::{Balance, RequestId};
use sp_core::H256;
use sp_runtime::TryRuntimeError;

use crate::{
	types::{CommitteeOf, Queue, Task},
	Agenda, Assignments, Canaries, Config, HoldReason, Markets, NextRequest, OpenRequests,
	Outcomes, Pallet, Receipts, Recomputations, Requests, Reruns,
};

type Entry<T> = ((Queue, BlockNumberFor<T>), RequestId, Task);

/// What is to be held, by account.
type Sums<T> = holds::Sums<<T as frame_system::Config>::AccountId, Balance>;

impl<T: Config> Pallet<T> {
	/// Checks the invariants that the pallet's documentation numbers.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut fees = Sums::<T>::new();
		let mut deposits = Sums::<T>::new();
		let mut seats = BTreeSet::<(T::AccountId, RequestId)>::new();
		let mut due = Vec::<Entry<T>>::new();
		let mut revealed = BTreeSet::<(RequestId, H256)>::new();
		let mut open = 0u32;
		let next = NextRequest::<T>::get();

		for (id, request) in Requests::<T>::iter() {
			open = open.saturating_add(1);
			ensure!(id < next, "6: an open request's id was not given out yet");
			ensure!(
				!Receipts::<T>::contains_key(id),
				"6: a request is open and has a receipt"
			);
			add(&mut fees, &request.payer, request.fee)?;
			add(&mut deposits, &request.payer, request.deposit)?;
			let task = Task::ending(request.phase);
			due.push(((task.queue(), request.until), id, task));
			Self::check_committee(request.question.is_some(), &request.committee)?;
			for seat in &request.committee {
				seats.insert((seat.agent.clone(), id));
				revealed.extend(seat.revealed.map(|hash| (id, hash)));
			}
		}
		ensure!(
			open == OpenRequests::<T>::get() && open <= T::MaxOpen::get(),
			"6: the open requests are miscounted, or too many"
		);
		for (id, receipt) in Receipts::<T>::iter() {
			ensure!(id < next, "6: a receipt's id was not given out yet");
			add(&mut deposits, &receipt.payer, receipt.deposit)?;
			due.push(((Queue::Receipts, receipt.forget_at), id, Task::Forget));
			Self::check_committee(receipt.question.is_some(), &receipt.committee)?;
		}
		let mut canaries = Sums::<T>::new();
		for (owner, _, canary) in Canaries::<T>::iter() {
			add(&mut canaries, &owner, canary.deposit)?;
		}
		for (id, rerun) in Reruns::<T>::iter() {
			let request = Requests::<T>::get(id).ok_or("8: a re-run is not open")?;
			add(&mut canaries, &request.payer, rerun.deposit)?;
		}
		ensure!(
			Recomputations::<T>::iter_keys().all(Requests::<T>::contains_key),
			"8: a call that is run again is not open"
		);
		holds::check::<T, T::Currency>(
			HoldReason::Fee,
			fees,
			"1: the fees held are not those of the open requests",
		)?;
		holds::check::<T, T::Currency>(
			HoldReason::Record,
			deposits,
			"2: the deposits held are not those of the requests and receipts",
		)?;
		holds::check::<T, T::Currency>(
			HoldReason::Canary,
			canaries,
			"8: the deposits held are not those of the canaries",
		)?;

		let assigned: BTreeSet<_> = Assignments::<T>::iter()
			.map(|(agent, id, ())| (agent, id))
			.collect();
		ensure!(
			assigned == seats,
			"3: the assignments are not the open requests' seats"
		);

		let mut agenda = Agenda::<T>::iter().collect::<Vec<_>>();
		agenda.sort();
		due.sort();
		ensure!(agenda == due, "4: the agenda is not what is due");
		ensure!(
			!was_passed_over::<Self>(),
			"4: something on the agenda was passed over"
		);

		let stored: BTreeSet<_> = Outcomes::<T>::iter()
			.map(|(id, hash, outcome)| (id, hash, outcome.hash()))
			.collect();
		ensure!(
			stored.iter().all(|(_, hash, of)| hash == of),
			"5: an outcome is not stored by its hash"
		);
		let stored: BTreeSet<_> = stored.into_iter().map(|(id, hash, _)| (id, hash)).collect();
		ensure!(
			stored == revealed,
			"5: the outcomes are not those that were revealed"
		);

		let prices = T::MinBasePrice::get()..=T::MaxBasePrice::get();
		ensure!(
			Markets::<T>::get()
				.iter()
				.all(|market| market.base_price == 0 || prices.contains(&market.base_price)),
			"9: a price is out of bounds"
		);
		Ok(())
	}

	fn check_committee(
		has_question: bool,
		committee: &CommitteeOf<T>,
	) -> Result<(), TryRuntimeError> {
		let agents: BTreeSet<_> = committee.iter().map(|seat| &seat.agent).collect();
		let keys: BTreeSet<_> = committee.iter().map(|seat| seat.operator).collect();
		ensure!(
			agents.len() == committee.len() && keys.len() == committee.len(),
			"7: two seats of a committee are one agent's"
		);
		ensure!(
			committee
				.iter()
				.all(|seat| seat.revealed.is_none() || seat.commitment.is_some()),
			"7: revealed without having committed"
		);
		ensure!(
			has_question != committee.is_empty(),
			"7: seats without a question, or a question without seats"
		);
		Ok(())
	}
}
