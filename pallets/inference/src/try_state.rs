//! The invariants that the pallet's documentation numbers.

use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use frame_support::{ensure, traits::fungible::InspectHold};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{Balance, RequestId};
use sp_core::H256;
use sp_runtime::TryRuntimeError;

use crate::{
	types::{Due, Phase, Task},
	Agenda, Assignments, Config, HoldReason, NextRequest, Outcomes, Pallet, Receipts, Requests,
};

type Entry<T> = (BlockNumberFor<T>, Due);

impl<T: Config> Pallet<T> {
	/// Checks the invariants that the pallet's documentation numbers.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut fees = BTreeMap::<T::AccountId, Balance>::new();
		let mut deposits = BTreeMap::<T::AccountId, Balance>::new();
		let mut seats = BTreeSet::<(T::AccountId, RequestId)>::new();
		let mut due = Vec::<Entry<T>>::new();
		let mut revealed = BTreeSet::<(RequestId, H256)>::new();
		let next = NextRequest::<T>::get();

		for (id, request) in Requests::<T>::iter() {
			ensure!(id < next, "6: an open request's id was not given out yet");
			ensure!(
				!Receipts::<T>::contains_key(id),
				"6: a request is open and has a receipt"
			);
			add(&mut fees, &request.payer, request.fee)?;
			add(&mut deposits, &request.payer, request.deposit)?;
			if request.phase == Phase::Commit {
				due.push((
					request.commit_until,
					Due {
						request: id,
						task: Task::EndCommit,
					},
				));
			}
			due.push((
				request.reveal_until,
				Due {
					request: id,
					task: Task::EndReveal,
				},
			));
			due.push((
				request.forget_at,
				Due {
					request: id,
					task: Task::Forget,
				},
			));

			let mut keys = BTreeSet::new();
			for seat in &request.committee {
				ensure!(
					seats.insert((seat.agent.clone(), id)) && keys.insert(seat.operator),
					"7: two seats of a committee are one agent's"
				);
				if let Some(hash) = seat.revealed {
					ensure!(
						seat.commitment.is_some(),
						"7: revealed without having committed"
					);
					revealed.insert((id, hash));
				}
			}
		}
		for (id, receipt) in Receipts::<T>::iter() {
			ensure!(id < next, "6: a receipt's id was not given out yet");
			add(&mut deposits, &receipt.payer, receipt.deposit)?;
			due.push((
				receipt.forget_at,
				Due {
					request: id,
					task: Task::Forget,
				},
			));
		}

		for who in frame_system::Account::<T>::iter_keys() {
			let held = |reason: HoldReason| T::Currency::balance_on_hold(&reason.into(), &who);
			ensure!(
				held(HoldReason::Fee) == fees.remove(&who).unwrap_or_default(),
				"1: the fees held are not those of the open requests"
			);
			ensure!(
				held(HoldReason::Record) == deposits.remove(&who).unwrap_or_default(),
				"2: the deposits held are not those of the requests and receipts"
			);
		}
		ensure!(
			fees.values().all(|fee| *fee == 0),
			"1: a payer without an account"
		);
		ensure!(
			deposits.values().all(|deposit| *deposit == 0),
			"2: a payer without an account"
		);

		let assigned: BTreeSet<_> = Assignments::<T>::iter()
			.map(|(agent, id, ())| (agent, id))
			.collect();
		ensure!(
			assigned == seats,
			"3: the assignments are not the open requests' seats"
		);

		let mut agenda = Agenda::<T>::iter()
			.flat_map(|(block, list)| list.into_iter().map(move |item| (block, item)))
			.collect::<Vec<_>>();
		agenda.sort();
		due.sort();
		ensure!(agenda == due, "4: the agenda is not what is due");

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
		Ok(())
	}
}

fn add<AccountId: Ord + Clone>(
	sums: &mut BTreeMap<AccountId, Balance>,
	who: &AccountId,
	amount: Balance,
) -> Result<(), TryRuntimeError> {
	let sum = sums.entry(who.clone()).or_default();
	*sum = sum
		.checked_add(amount)
		.ok_or("a sum of what is held overflows")?;
	Ok(())
}
