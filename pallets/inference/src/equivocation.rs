//! Proofs that an operator signed two commitments for one question.

use frame_support::ensure;
use openledger_primitives::{
	protocol::{commit_message, OperatorKey},
	traits::Offence,
	RequestId,
};
use sp_runtime::traits::Verify;

use crate::{
	types::{CommitteeOf, Question, SignedCommitment},
	Config, Error, Pallet, Receipts, Requests,
};

impl<T: Config> Pallet<T> {
	/// Notes it in the seat, so that nobody is punished twice for one question, and nothing more has to be
	/// kept than what the payer's deposit pays for.
	pub(crate) fn do_report_equivocation(
		reporter: T::AccountId,
		id: RequestId,
		operator: OperatorKey,
		first: SignedCommitment,
		second: SignedCommitment,
	) -> Result<(), Error<T>> {
		let agent = if let Some(mut request) = Requests::<T>::get(id) {
			let agent = Self::convict(
				request.question,
				&mut request.committee,
				&operator,
				&first,
				&second,
			)?;
			Requests::<T>::insert(id, request);
			agent
		} else {
			let mut receipt = Receipts::<T>::get(id).ok_or(Error::<T>::UnknownRequest)?;
			let agent = Self::convict(
				receipt.question,
				&mut receipt.committee,
				&operator,
				&first,
				&second,
			)?;
			Receipts::<T>::insert(id, receipt);
			agent
		};
		Self::offend(id, &agent, Offence::Equivocation, Some(&reporter));
		Ok(())
	}

	/// Marks the seat, and says whose it is.
	fn convict(
		question: Option<Question>,
		committee: &mut CommitteeOf<T>,
		operator: &OperatorKey,
		first: &SignedCommitment,
		second: &SignedCommitment,
	) -> Result<T::AccountId, Error<T>> {
		let question = question.ok_or(Error::<T>::NotInCommittee)?;
		let seat = committee
			.iter_mut()
			.find(|seat| seat.operator == *operator)
			.ok_or(Error::<T>::NotInCommittee)?;
		ensure!(!seat.equivocated, Error::<T>::AlreadyReported);
		ensure!(
			first.commitment != second.commitment,
			Error::<T>::SameCommitment
		);
		for signed in [first, second] {
			let message = commit_message(&question.hash, &signed.commitment);
			ensure!(
				signed.signature.verify(&message[..], operator),
				Error::<T>::BadSignature
			);
		}
		seat.equivocated = true;
		Ok(seat.agent.clone())
	}
}
