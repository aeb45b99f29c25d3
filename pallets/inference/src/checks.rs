//! What commits and reveals must prove before they count.

use alloc::collections::BTreeMap;
use frame_support::{
	ensure,
	pallet_prelude::{InvalidTransaction, TransactionValidityWithRefund, ValidTransaction},
	weights::Weight,
};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{
	answer::{MAX_CITATIONS, TOTAL_WEIGHT},
	attribution,
	model::{Policy, Task as ModelTask, MAX_PASSAGES, MAX_TOP_K},
	protocol::{self, OperatorKey, OperatorSignature, Salt},
	similarity::from_text,
	traits::{DataRegistry, ModelRegistry},
	BatchId, Citation, Failure, ModelId, Outcome, Output, RequestId,
};
use sp_core::H256;
use sp_runtime::{
	traits::{Saturating, UniqueSaturatedInto, Verify, Zero},
	transaction_validity::TransactionPriority,
	DispatchError,
};

use crate::{
	types::{Input, Phase, Request, Seat},
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
		ensure!(Self::now() < request.until, Error::<T>::TooLate);
		let question = request.question.ok_or(Error::<T>::NotCommitting)?;
		let (place, seat) = Self::seat_of(&request, operator)?;
		ensure!(seat.commitment.is_none(), Error::<T>::AlreadyCommitted);
		ensure!(seat.absence.is_none(), Error::<T>::MissedItsTurn);
		let message = protocol::commit_message(&question.hash, commitment);
		ensure!(
			signature.verify(&message[..], operator),
			Error::<T>::BadSignature
		);
		Ok((request, place))
	}

	/// The request and the place of the operator's seat, if it may reveal this outcome. What is dear to
	/// check comes last, when it is known that the operator itself has signed it.
	pub(crate) fn check_reveal(
		id: RequestId,
		operator: &OperatorKey,
		outcome: &Outcome,
		salt: &Salt,
		signature: &OperatorSignature,
	) -> Result<(Request<T>, usize), Error<T>> {
		let request = Requests::<T>::get(id).ok_or(Error::<T>::UnknownRequest)?;
		ensure!(request.phase == Phase::Reveal, Error::<T>::NotRevealing);
		ensure!(Self::now() < request.until, Error::<T>::TooLate);
		let question = request.question.ok_or(Error::<T>::NotRevealing)?;
		let (place, seat) = Self::seat_of(&request, operator)?;
		let commitment = seat.commitment.ok_or(Error::<T>::NotCommitted)?;
		ensure!(seat.revealed.is_none(), Error::<T>::AlreadyRevealed);
		ensure!(seat.absence.is_none(), Error::<T>::MissedItsTurn);
		let hash = outcome.hash();
		ensure!(
			commitment == protocol::commitment(&question.hash, operator, &hash, salt),
			Error::<T>::CommitmentMismatch
		);
		let message = protocol::reveal_message(&question.hash, &hash, salt);
		ensure!(
			signature.verify(&message[..], operator),
			Error::<T>::BadSignature
		);
		Self::check_outcome_of(&request, outcome)?;
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

	/// Whether an outcome is one that a request can have: that its input is nowhere to be found only if it is
	/// not on the chain, or names files that are not.
	pub(crate) fn check_outcome_of(
		request: &Request<T>,
		outcome: &Outcome,
	) -> Result<(), Error<T>> {
		match (&request.input, outcome) {
			(Input::Linked(_), Outcome::Failed(Failure::InputUnavailable)) => Ok(()),
			(Input::Inline(_), Outcome::Failed(Failure::InputUnavailable))
				if T::Models::spec(request.model, request.version)
					.is_some_and(|spec| spec.task == ModelTask::Compare) =>
			{
				Ok(())
			}
			_ => Self::check_outcome(request.model, request.version, outcome),
		}
	}

	/// Whether an outcome is one that a model's version can have, given its input.
	pub(crate) fn check_outcome(
		model: ModelId,
		version: u32,
		outcome: &Outcome,
	) -> Result<(), Error<T>> {
		let answer = match outcome {
			Outcome::Answered(answer) => answer,
			Outcome::Failed(Failure::InputUnavailable) => return Err(Error::MalformedAnswer),
			Outcome::Failed(_) => return Ok(()),
		};
		let spec = T::Models::spec(model, version).ok_or(Error::<T>::UnknownRequest)?;
		let has_fingerprint = !answer.fingerprint.is_empty();
		ensure!(
			match spec.policy {
				Policy::Exact { .. } => !has_fingerprint,
				Policy::Tolerance { .. } => has_fingerprint || answer.output.is_empty(),
			},
			Error::<T>::WrongFingerprint
		);
		match spec.task {
			ModelTask::Search { top_k } => {
				ensure!(answer.output.is_empty(), Error::<T>::MalformedAnswer);
				Self::check_citations((model, version), top_k.min(MAX_TOP_K), &answer.citations)?;
				ensure!(
					answer.attribution == attribution::weigh(&answer.citations),
					Error::<T>::WrongAttribution
				);
			}
			// None of the passages need have done anything for the text.
			ModelTask::Answer { top_k, .. } => {
				ensure!(
					!answer.output.is_empty() && answer.output.is_well_formed(),
					Error::<T>::MalformedAnswer
				);
				Self::check_citations(
					(model, version),
					top_k.min(MAX_PASSAGES),
					&answer.citations,
				)?;
				ensure!(
					answer.attribution == attribution::weigh(&answer.citations),
					Error::<T>::WrongAttribution
				);
			}
			ModelTask::Compare => ensure!(
				matches!(&answer.output, Output::Inline(text) if from_text(text).is_some())
					&& answer.citations.is_empty()
					&& answer.attribution.is_empty(),
				Error::<T>::MalformedAnswer
			),
			// Empty output is a model that stops at once.
			ModelTask::Generate { .. } => {
				ensure!(
					answer.output.is_well_formed()
						&& attribution::is_well_formed(&answer.attribution),
					Error::<T>::MalformedAnswer
				);
				Self::check_citations((model, version), MAX_CITATIONS, &answer.citations)?;
				for entry in &answer.attribution {
					Self::rows_of((model, version), entry.batch)?;
				}
			}
		}
		Ok(())
	}

	/// Whether citations are in order, each once, and of rows that the model is built on.
	fn check_citations(
		model: (ModelId, u32),
		most: u32,
		citations: &[Citation],
	) -> Result<(), Error<T>> {
		let count = u32::try_from(citations.len()).unwrap_or(u32::MAX);
		let ordered = citations
			.iter()
			.zip(citations.iter().skip(1))
			.all(|(left, right)| rank(left) < rank(right));
		let in_range = citations
			.iter()
			.all(|citation| (1..=TOTAL_WEIGHT).contains(&citation.score));
		ensure!(
			count <= most && ordered && in_range,
			Error::<T>::MalformedAnswer
		);
		let mut known = BTreeMap::new();
		for Citation { batch, row, .. } in citations {
			let rows = match known.get(batch) {
				Some(rows) => *rows,
				None => {
					let rows = Self::rows_of(model, *batch)?;
					known.insert(*batch, rows);
					rows
				}
			};
			ensure!(*row < rows, Error::<T>::NoSuchRow);
		}
		Ok(())
	}

	/// How many rows a batch has that a model's version is built on.
	fn rows_of((model, version): (ModelId, u32), batch: BatchId) -> Result<u32, Error<T>> {
		let info = T::Data::batch(batch).ok_or(Error::<T>::ForeignBatch)?;
		ensure!(
			T::Models::is_built_on(model, version, info.datanet, info.index),
			Error::<T>::ForeignBatch
		);
		Ok(info.rows)
	}

	pub(crate) fn authorize_commit(
		id: RequestId,
		operator: &OperatorKey,
		commitment: &H256,
		signature: &OperatorSignature,
	) -> TransactionValidityWithRefund {
		let (request, _) =
			Self::check_commit(id, operator, commitment, signature).map_err(invalid)?;
		Ok(validity(&request, operator))
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
		Ok(validity(&request, operator))
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

/// One transaction for each operator, question and phase, for as long as the phase can last. One that is
/// sent again later in the phase takes the place of the earlier one.
fn validity<T: Config>(request: &Request<T>, operator: &OperatorKey) -> (ValidTransaction, Weight) {
	let now = Pallet::<T>::now();
	let left = request.until.saturating_sub(now);
	let passed: TransactionPriority = now.saturating_sub(request.since).unique_saturated_into();
	let question = request.question.map(|question| question.hash);
	let valid = ValidTransaction::with_tag_prefix("openledger/inference")
		.priority(PRIORITY.saturating_add(passed))
		.longevity(left.unique_saturated_into())
		.and_provides((question, operator, request.phase))
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
