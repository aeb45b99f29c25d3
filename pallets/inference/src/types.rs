//! What is stored of requests.

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{
	traits::fungible::Credit, BoundedVec, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound,
};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{
	protocol::OperatorKey, Answer, Balance, Failure, ModelId, Outcome, RequestId,
};
use scale_info::TypeInfo;
use sp_core::H256;

use crate::Config;

/// A request's input.
pub type InputOf<T> = BoundedVec<u8, <T as Config>::MaxInput>;

/// A fee that is on its way.
pub type CreditOf<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::Currency>;

/// A committee: its seats in the order in which they were drawn.
pub type CommitteeOf<T> =
	BoundedVec<Seat<<T as frame_system::Config>::AccountId>, <T as Config>::MaxCommittee>;

/// How many passages an outcome cites.
pub(crate) fn citations_of(outcome: &Outcome) -> u32 {
	match outcome {
		Outcome::Answered(answer) => answer.citations.len().try_into().unwrap_or(u32::MAX),
		Outcome::Failed(_) => 0,
	}
}

/// An agent's place in a committee.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Seat<AccountId> {
	/// The agent.
	pub agent: AccountId,
	/// The key with which it signs for this request.
	pub operator: OperatorKey,
	/// What it committed to, once it has.
	pub commitment: Option<H256>,
	/// The hash of the outcome that it revealed, once it has.
	pub revealed: Option<H256>,
}

/// How far an open request is.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub enum Phase {
	/// Operators commit.
	Commit,
	/// Those that committed reveal.
	Reveal,
}

/// An open request.
#[derive(
	CloneNoBound, DebugNoBound, Decode, Encode, EqNoBound, MaxEncodedLen, PartialEqNoBound, TypeInfo,
)]
#[scale_info(skip_type_params(T))]
pub struct Request<T: Config> {
	/// Who pays.
	pub payer: T::AccountId,
	/// The model.
	pub model: ModelId,
	/// The model's version that runs.
	pub version: u32,
	/// What the model is asked.
	pub input: InputOf<T>,
	/// The fee that is held, in units of the token.
	pub fee: Balance,
	/// The deposit that is held for the record, in units of the token.
	pub deposit: Balance,
	/// The block in which it was made.
	pub made_at: BlockNumberFor<T>,
	/// The first block in which operators cannot commit any more.
	pub commit_until: BlockNumberFor<T>,
	/// The first block in which operators cannot reveal any more.
	pub reveal_until: BlockNumberFor<T>,
	/// The block at whose start its receipt is forgotten.
	pub forget_at: BlockNumberFor<T>,
	/// How far it is.
	pub phase: Phase,
	/// Who answers.
	pub committee: CommitteeOf<T>,
}

/// How a request ended.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub enum Ending {
	/// With an answer; the fee was divided.
	Answered(Answer),
	/// The operators agreed that it cannot be answered; the fee was given back.
	Failed(Failure),
	/// Too few operators committed or revealed in time; the fee was given back.
	Unanswered,
	/// The operators revealed different outcomes, none with a majority; the fee was given back.
	Disputed,
}

/// What stays of a request after its end.
#[derive(
	CloneNoBound, DebugNoBound, Decode, Encode, EqNoBound, MaxEncodedLen, PartialEqNoBound, TypeInfo,
)]
#[scale_info(skip_type_params(T))]
pub struct Receipt<T: Config> {
	/// Who paid.
	pub payer: T::AccountId,
	/// The model.
	pub model: ModelId,
	/// The model's version.
	pub version: u32,
	/// BLAKE2b-256 of the input.
	pub input_hash: H256,
	/// How it ended.
	pub ending: Ending,
	/// The fee, in units of the token: divided if there is an answer, else given back.
	pub fee: Balance,
	/// The deposit that is held for this receipt, in units of the token.
	pub deposit: Balance,
	/// The block in which the request was made.
	pub made_at: BlockNumberFor<T>,
	/// The block in which it ended.
	pub ended_at: BlockNumberFor<T>,
	/// The block at whose start the receipt is forgotten.
	pub forget_at: BlockNumberFor<T>,
	/// Who was to answer, with what each committed to and revealed.
	pub committee: CommitteeOf<T>,
}

/// What is to be done.
#[derive(
	Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, Ord, PartialEq, PartialOrd, TypeInfo,
)]
pub enum Task {
	/// End the commit phase.
	EndCommit,
	/// End the reveal phase, and with it the request.
	EndReveal,
	/// Forget the receipt.
	Forget,
}

/// Something that falls due.
#[derive(
	Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, Ord, PartialEq, PartialOrd, TypeInfo,
)]
pub struct Due {
	/// The request.
	pub request: RequestId,
	/// What is to be done about it.
	pub task: Task,
}
