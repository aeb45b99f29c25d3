//! What commits and reveals must prove before they count.

use alloc::collections::BTreeMap;
use frame_support::{
	ensure,
	pallet_prelude::{InvalidTransaction, TransactionValidityWithRefund, ValidTransaction},
	weights::Weight,
};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{
	answer::TOTAL_WEIGHT,
	attribution,
	model::{Task as ModelTask, MAX_TOP_K},
	protocol::{self, OperatorKey, OperatorSignature, Salt},
	traits::{DataRegistry, ModelRegistry},
	Answer, Citation, Outcome, RequestId,
};
use sp_core::H256;
use sp_runtime::{
	traits::{Saturating, UniqueSaturatedInto, Verify, Zero},
	transaction_validity::TransactionPriority,
	DispatchError,
};

use crate::{
	types::{Phase, Request, Seat},
	Config, Error, Pallet, Requests,
};

/// Before all that is paid for: an operator has deadlines to meet, and valid ones are few.
const PRIORITY: TransactionPriority = TransactionPriority::MAX / 2;

impl<T: Config> Pallet<T> {
	/// The hash that binds what operators sign to this chain.
	pub(crate) fn genesis() -> H256 {
		frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero())
	}

	/// The request and the place of the operator's seat, if it may commit.
	pub(crate) fn check_commit(
		id: RequestId,
		operator: &OperatorKey,
		commitment: &H256,
		signature: &OperatorSignature,
	) -> Result<(Request<T>, usize), Error<T>> {
		let request = Requests::<T>::get(id).ok_or(Error::<T>::UnknownRequest)?;
		ensure!(request.phase == Phase::Commit, Error::<T>::NotCommitting);
		let now = frame_system::Pallet::<T>::block_number();
		ensure!(now < request.commit_until, Error::<T>::TooLate);
		let (place, seat) = Self::seat_of(&request, operator)?;
		ensure!(seat.commitment.is_none(), Error::<T>::AlreadyCommitted);
		let message = protocol::commit_message(&Self::genesis(), id, commitment);
		ensure!(
			signature.verify(&message[..], operator),
			Error::<T>::BadSignature
		);
		Ok((request, place))
	}

	/// The request and the place of the operator's seat, if it may reveal this outcome.
	pub(crate) fn check_reveal(
		id: RequestId,
		operator: &OperatorKey,
		outcome: &Outcome,
		salt: &Salt,
		signature: &OperatorSignature,
	) -> Result<(Request<T>, usize), Error<T>> {
		let request = Requests::<T>::get(id).ok_or(Error::<T>::UnknownRequest)?;
		ensure!(request.phase == Phase::Reveal, Error::<T>::NotRevealing);
		let now = frame_system::Pallet::<T>::block_number();
		ensure!(now < request.reveal_until, Error::<T>::TooLate);
		let (place, seat) = Self::seat_of(&request, operator)?;
		let commitment = seat.commitment.ok_or(Error::<T>::NotCommitted)?;
		ensure!(seat.revealed.is_none(), Error::<T>::AlreadyRevealed);
		let hash = outcome.hash();
		ensure!(
			commitment == protocol::commitment(id, operator, &hash, salt),
			Error::<T>::CommitmentMismatch
		);
		let message = protocol::reveal_message(&Self::genesis(), id, &hash, salt);
		ensure!(
			signature.verify(&message[..], operator),
			Error::<T>::BadSignature
		);
		Self::check_outcome(&request, outcome)?;
		Ok((request, place))
	}

	fn seat_of<'a>(
		request: &'a Request<T>,
		operator: &OperatorKey,
	) -> Result<(usize, &'a Seat<T::AccountId>), Error<T>> {
		request
			.committee
			.iter()
			.enumerate()
			.find(|(_, seat)| seat.operator == *operator)
			.ok_or(Error::<T>::NotInCommittee)
	}

	/// Whether an outcome is one that the request's model can have.
	pub(crate) fn check_outcome(request: &Request<T>, outcome: &Outcome) -> Result<(), Error<T>> {
		let Outcome::Answered(answer) = outcome else {
			return Ok(());
		};
		let spec =
			T::Models::spec(request.model, request.version).ok_or(Error::<T>::UnknownRequest)?;
		match spec.task {
			ModelTask::Search { top_k } => Self::check_search(request, top_k, answer),
		}
	}

	fn check_search(request: &Request<T>, top_k: u32, answer: &Answer) -> Result<(), Error<T>> {
		let citations = &answer.citations;
		let count = u32::try_from(citations.len()).unwrap_or(u32::MAX);
		let ordered = citations
			.iter()
			.zip(citations.iter().skip(1))
			.all(|(left, right)| rank(left) < rank(right));
		let in_range = citations
			.iter()
			.all(|citation| (1..=TOTAL_WEIGHT).contains(&citation.score));
		ensure!(
			answer.output.is_empty() && count <= top_k.min(MAX_TOP_K) && ordered && in_range,
			Error::<T>::MalformedAnswer
		);
		ensure!(
			answer.attribution == attribution::weigh(citations),
			Error::<T>::WrongAttribution
		);

		let mut rows = BTreeMap::new();
		for citation in citations {
			let rows = match rows.get(&citation.batch) {
				Some(rows) => *rows,
				None => {
					let batch = T::Data::batch(citation.batch).ok_or(Error::<T>::ForeignBatch)?;
					ensure!(
						T::Models::is_built_on(
							request.model,
							request.version,
							batch.datanet,
							batch.index
						),
						Error::<T>::ForeignBatch
					);
					rows.insert(citation.batch, batch.rows);
					batch.rows
				}
			};
			ensure!(citation.row < rows, Error::<T>::NoSuchRow);
		}
		Ok(())
	}

	pub(crate) fn authorize_commit(
		id: RequestId,
		operator: &OperatorKey,
		commitment: &H256,
		signature: &OperatorSignature,
	) -> TransactionValidityWithRefund {
		let (request, _) =
			Self::check_commit(id, operator, commitment, signature).map_err(invalid)?;
		Ok(validity::<T>(
			id,
			operator,
			Phase::Commit,
			request.commit_until,
		))
	}

	pub(crate) fn authorize_reveal(
		id: RequestId,
		operator: &OperatorKey,
		outcome: &Outcome,
		salt: &Salt,
		signature: &OperatorSignature,
	) -> TransactionValidityWithRefund {
		let (request, _) =
			Self::check_reveal(id, operator, outcome, salt, signature).map_err(invalid)?;
		Ok(validity::<T>(
			id,
			operator,
			Phase::Reveal,
			request.reveal_until,
		))
	}
}

/// Citations stand in the order of this: the better one first, then the earlier batch and row.
pub(crate) fn rank(citation: &Citation) -> (core::cmp::Reverse<u32>, u64, u32) {
	(
		core::cmp::Reverse(citation.score),
		citation.batch,
		citation.row,
	)
}

/// One transaction for each operator, request and phase, for as long as the phase can last.
fn validity<T: Config>(
	id: RequestId,
	operator: &OperatorKey,
	phase: Phase,
	until: BlockNumberFor<T>,
) -> (ValidTransaction, Weight) {
	let now = frame_system::Pallet::<T>::block_number();
	let valid = ValidTransaction::with_tag_prefix("openledger/inference")
		.priority(PRIORITY)
		.longevity(until.saturating_sub(now).unique_saturated_into())
		.and_provides((id, operator, phase))
		.propagate(true)
		.into();
	(valid, Weight::zero())
}

fn invalid<T: Config>(error: Error<T>) -> InvalidTransaction {
	match error {
		Error::UnknownRequest | Error::TooLate => InvalidTransaction::Stale,
		Error::BadSignature => InvalidTransaction::BadProof,
		error => match DispatchError::from(error) {
			DispatchError::Module(module) => {
				InvalidTransaction::Custom(module.error.first().copied().unwrap_or_default())
			}
			_ => InvalidTransaction::Call,
		},
	}
}
