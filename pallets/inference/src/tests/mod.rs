mod agenda;
mod attacks;
mod canaries;
mod compare;
mod endings;
mod equivocation;
mod linked;
mod markets;
mod node;
mod properties;
mod recompute;
mod requests;
mod rounds;
mod tolerance;
mod verdicts;
mod widening;
mod worker;

use crate::{
	mock::{Applied, Test},
	Error,
};
use sp_runtime::{
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	DispatchError,
};

pub(crate) type E = Error<Test>;

/// The transaction is not valid because of this error.
#[track_caller]
pub(crate) fn assert_invalid(applied: Applied, error: E) {
	let expected = match error {
		E::UnknownRequest | E::TooLate => InvalidTransaction::Stale,
		E::BadSignature => InvalidTransaction::BadProof,
		error => match DispatchError::from(error) {
			DispatchError::Module(module) => InvalidTransaction::Custom(module.error[0]),
			_ => unreachable!("it is the pallet's"),
		},
	};
	assert_eq!(applied, Err(TransactionValidityError::Invalid(expected)));
}
