//! What the calls and the agenda do.

use alloc::{collections::BTreeMap, vec::Vec};
use codec::Encode;
use frame_support::{
	defensive, ensure,
	traits::{
		fungible::{BalancedHold, MutateHold},
		tokens::Precision,
		Defensive, Get, Randomness,
	},
	BoundedVec,
};
use openledger_primitives::{
	protocol::{OperatorKey, OperatorSignature, Salt},
	traits::{AgentPool, ModelRegistry, Performance, Run, Settlement},
	Balance, ModelId, Outcome, RequestId,
};
use sp_core::H256;
use sp_crypto_hashing::blake2_256;
use sp_runtime::{traits::Saturating, DispatchResult};

use crate::{
	types::{CommitteeOf, Ending, InputOf, Phase, Receipt, Request, Seat, Task},
	Assignments, Config, Error, Event, HoldReason, NextRequest, Outcomes, Pallet, Receipts,
	Requests,
};
use frame_system::pallet_prelude::BlockNumberFor;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_request(
		payer: T::AccountId,
		model: ModelId,
		input: InputOf<T>,
		max_fee: Balance,
		lifetime: BlockNumberFor<T>,
	) -> DispatchResult {
		ensure!(!input.is_empty(), Error::<T>::EmptyInput);
		ensure!(
			lifetime >= T::MinLifetime::get() && lifetime <= T::MaxLifetime::get(),
			Error::<T>::LifetimeOutOfRange
		);
		let bytes = u32::try_from(input.len()).unwrap_or(u32::MAX);
		let quote = T::Models::quote(model, bytes)?;
		ensure!(quote.fee <= max_fee, Error::<T>::FeeCapTooLow);
		let deposit = T::RecordDeposit::get()
			.saturating_add(T::ByteDeposit::get().saturating_mul(bytes.into()));

		let id = NextRequest::<T>::mutate(|next| {
			let id = *next;
			next.saturating_inc();
			id
		});
		let committee = Self::draw(id, model)?;
		T::Currency::hold(&HoldReason::Fee.into(), &payer, quote.fee)?;
		T::Currency::hold(&HoldReason::Record.into(), &payer, deposit)?;

		let made_at = frame_system::Pallet::<T>::block_number();
		let commit_blocks =
			T::CommitBlocks::get().min(lifetime.saturating_sub(T::RevealBlocks::get()));
		let commit_until =
			Self::schedule(id, Task::EndCommit, made_at.saturating_add(commit_blocks))?;
		let reveal_until = Self::schedule(
			id,
			Task::EndReveal,
			commit_until.saturating_add(T::RevealBlocks::get()),
		)?;
		let forget_at = Self::schedule(
			id,
			Task::Forget,
			reveal_until.saturating_add(T::Retention::get()),
		)?;

		for seat in &committee {
			Assignments::<T>::insert(&seat.agent, id, ());
		}
		let agents = BoundedVec::truncate_from(
			committee
				.iter()
				.map(|seat| seat.agent.clone())
				.collect::<Vec<_>>(),
		);
		Requests::<T>::insert(
			id,
			Request {
				payer: payer.clone(),
				model,
				version: quote.version,
				input,
				fee: quote.fee,
				deposit,
				made_at,
				commit_until,
				reveal_until,
				forget_at,
				phase: Phase::Commit,
				committee,
			},
		);
		Self::deposit_event(Event::Requested {
			request: id,
			payer,
			model,
			version: quote.version,
			fee: quote.fee,
			deposit,
			commit_until,
			reveal_until,
			committee: agents,
		});
		Ok(())
	}

	fn draw(id: RequestId, model: ModelId) -> Result<CommitteeOf<T>, Error<T>> {
		let (random, _) = T::Randomness::random(b"openledger/committee");
		let seed = H256(blake2_256(&(b"openledger/committee", random, id).encode()));
		let n = T::CommitteeSize::get().min(T::MaxCommittee::get());
		let seats = T::Agents::assign(model, n, seed)
			.into_iter()
			.filter_map(|agent| {
				let operator = T::Agents::operator_key(&agent).defensive()?;
				Some(Seat {
					agent,
					operator,
					commitment: None,
					revealed: None,
				})
			})
			.collect::<Vec<_>>();
		ensure!(!seats.is_empty(), Error::<T>::NoOperator);
		Ok(BoundedVec::truncate_from(seats))
	}

	pub(crate) fn do_commit(
		id: RequestId,
		operator: OperatorKey,
		commitment: H256,
		signature: OperatorSignature,
	) -> DispatchResult {
		let (mut request, place) = Self::check_commit(id, &operator, &commitment, &signature)?;
		let seat = request
			.committee
			.get_mut(place)
			.ok_or(Error::<T>::NotInCommittee)?;
		seat.commitment = Some(commitment);
		let agent = seat.agent.clone();
		Self::deposit_event(Event::Committed {
			request: id,
			agent,
			commitment,
		});
		if request
			.committee
			.iter()
			.all(|seat| seat.commitment.is_some())
		{
			Self::unschedule(id, Task::EndCommit, request.commit_until);
			Self::open_reveal(id, &mut request);
		}
		Requests::<T>::insert(id, request);
		Ok(())
	}

	fn open_reveal(id: RequestId, request: &mut Request<T>) {
		let wanted =
			frame_system::Pallet::<T>::block_number().saturating_add(T::RevealBlocks::get());
		let reveal_until = Self::reschedule(id, Task::EndReveal, request.reveal_until, wanted);
		request.phase = Phase::Reveal;
		request.reveal_until = reveal_until;
		Self::deposit_event(Event::RevealOpened {
			request: id,
			reveal_until,
		});
	}

	/// Returns whether the request ended with it.
	pub(crate) fn do_reveal(
		id: RequestId,
		operator: OperatorKey,
		outcome: Outcome,
		salt: Salt,
		signature: OperatorSignature,
	) -> Result<bool, Error<T>> {
		let (mut request, place) = Self::check_reveal(id, &operator, &outcome, &salt, &signature)?;
		let hash = outcome.hash();
		let seat = request
			.committee
			.get_mut(place)
			.ok_or(Error::<T>::NotInCommittee)?;
		seat.revealed = Some(hash);
		let agent = seat.agent.clone();
		Outcomes::<T>::insert(id, hash, outcome);
		Self::deposit_event(Event::Revealed {
			request: id,
			agent,
			outcome: hash,
		});
		let all = request
			.committee
			.iter()
			.all(|seat| seat.commitment.is_none() || seat.revealed.is_some());
		if all {
			Self::unschedule(id, Task::EndReveal, request.reveal_until);
			Self::end(id, request);
		} else {
			Requests::<T>::insert(id, request);
		}
		Ok(all)
	}

	pub(crate) fn end_commit(id: RequestId) {
		let Some(mut request) = Requests::<T>::get(id).defensive() else {
			return;
		};
		if request.phase != Phase::Commit {
			defensive!("a request leaves the agenda when it leaves the phase");
			return;
		}
		let committed = request
			.committee
			.iter()
			.filter(|seat| seat.commitment.is_some())
			.count();
		if is_majority(committed, request.committee.len()) {
			Self::open_reveal(id, &mut request);
			Requests::<T>::insert(id, request);
		} else {
			Self::unschedule(id, Task::EndReveal, request.reveal_until);
			Self::end(id, request);
		}
	}

	pub(crate) fn end_reveal(id: RequestId) {
		let Some(request) = Requests::<T>::get(id).defensive() else {
			return;
		};
		if request.phase == Phase::Commit {
			// Its commit phase was due before, so it has been served before.
			defensive!("the phases end in their order");
			Self::unschedule(id, Task::EndCommit, request.commit_until);
		}
		Self::end(id, request);
	}

	/// Ends a request that has nothing on the agenda but its oblivion: finds the agreement, settles,
	/// releases the agents, leaves a receipt.
	fn end(id: RequestId, request: Request<T>) {
		let agreed = Self::agreement(&request);
		let outcome = agreed.and_then(|hash| Outcomes::<T>::take(id, hash).defensive());
		for seat in &request.committee {
			if let Some(hash) = seat.revealed {
				Outcomes::<T>::remove(id, hash);
			}
			Assignments::<T>::remove(&seat.agent, id);
			T::Agents::release(&seat.agent, performance(seat, agreed));
		}
		Requests::<T>::remove(id);

		let ending = match outcome {
			Some(Outcome::Answered(answer)) => {
				let operators = request
					.committee
					.iter()
					.filter(|seat| seat.revealed == agreed)
					.map(|seat| seat.agent.clone())
					.collect::<Vec<_>>();
				Self::settle(id, &request, &operators, &answer.attribution);
				Self::deposit_event(Event::Answered {
					request: id,
					payer: request.payer.clone(),
					model: request.model,
					version: request.version,
					fee: request.fee,
					outcome: agreed.unwrap_or_default(),
					operators: BoundedVec::truncate_from(operators),
				});
				Ending::Answered(answer)
			}
			Some(Outcome::Failed(failure)) => {
				let refunded = Self::refund(&request);
				let payer = request.payer.clone();
				Self::deposit_event(Event::RunFailed {
					request: id,
					payer,
					failure,
					refunded,
				});
				Ending::Failed(failure)
			}
			None => {
				let refunded = Self::refund(&request);
				let payer = request.payer.clone();
				let mut revealed = request.committee.iter().filter_map(|seat| seat.revealed);
				let first = revealed.next();
				if revealed.any(|hash| Some(hash) != first) {
					Self::deposit_event(Event::Disputed {
						request: id,
						payer,
						refunded,
					});
					Ending::Disputed
				} else {
					Self::deposit_event(Event::Unanswered {
						request: id,
						payer,
						refunded,
					});
					Ending::Unanswered
				}
			}
		};
		Receipts::<T>::insert(
			id,
			Receipt {
				payer: request.payer,
				model: request.model,
				version: request.version,
				input_hash: H256(blake2_256(&request.input)),
				ending,
				fee: request.fee,
				deposit: request.deposit,
				made_at: request.made_at,
				ended_at: frame_system::Pallet::<T>::block_number(),
				forget_at: request.forget_at,
				committee: request.committee,
			},
		);
	}

	/// The hash of the outcome that more than half of the committee revealed.
	fn agreement(request: &Request<T>) -> Option<H256> {
		let mut votes = BTreeMap::<H256, usize>::new();
		for hash in request.committee.iter().filter_map(|seat| seat.revealed) {
			votes.entry(hash).or_default().saturating_inc();
		}
		votes
			.into_iter()
			.find(|(_, count)| is_majority(*count, request.committee.len()))
			.map(|(hash, _)| hash)
	}

	fn settle(
		id: RequestId,
		request: &Request<T>,
		operators: &[T::AccountId],
		attribution: &[openledger_primitives::Entry],
	) {
		let (fee, missing) =
			T::Currency::slash(&HoldReason::Fee.into(), &request.payer, request.fee);
		if missing > 0 {
			defensive!("the fee of an open request is held");
		}
		let run = Run {
			request: id,
			payer: &request.payer,
			model: request.model,
			operators,
			attribution,
		};
		T::Settlement::settle(run, fee);
	}

	/// Returns what was given back: the fee.
	fn refund(request: &Request<T>) -> Balance {
		Self::give_back(HoldReason::Fee, &request.payer, request.fee)
	}

	fn give_back(reason: HoldReason, who: &T::AccountId, amount: Balance) -> Balance {
		T::Currency::release(&reason.into(), who, amount, Precision::Exact)
			.defensive_unwrap_or_default()
	}

	pub(crate) fn do_forget(who: T::AccountId, id: RequestId) -> DispatchResult {
		let receipt = Receipts::<T>::get(id).ok_or(Error::<T>::UnknownReceipt)?;
		ensure!(receipt.payer == who, Error::<T>::NotPayer);
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

fn is_majority(count: usize, of: usize) -> bool {
	count.saturating_mul(2) > of
}

/// How the seat's agent did, given what was agreed on.
fn performance<AccountId>(seat: &Seat<AccountId>, agreed: Option<H256>) -> Performance {
	match (seat.revealed, agreed) {
		(Some(revealed), Some(agreed)) if revealed == agreed => Performance::Agreed,
		(Some(_), Some(_)) => Performance::Disagreed,
		(Some(_), None) => Performance::Released,
		(None, _) => Performance::Absent,
	}
}
