//! What is stored of requests.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	traits::fungible::Credit, BoundedVec, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound,
};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{
	input::{inline_digest, LinkedInput},
	model::ModelClass,
	protocol::{OperatorKey, OperatorSignature},
	Answer, Balance, Failure, ModelId, Outcome, RequestId,
};
use scale_info::TypeInfo;
use sp_core::H256;
use sp_runtime::Percent;

use crate::Config;

/// A request's input: what its model's task takes.
#[derive(
	CloneNoBound,
	DebugNoBound,
	Decode,
	DecodeWithMemTracking,
	Encode,
	EqNoBound,
	MaxEncodedLen,
	PartialEqNoBound,
	TypeInfo,
)]
#[scale_info(skip_type_params(T))]
pub enum Input<T: Config> {
	/// The input itself.
	Inline(BoundedVec<u8, T::MaxInput>),
	/// Its hash and size, at most [`Config::MaxLinkedInput`], and where operators fetch it.
	Linked(LinkedInput),
}

impl<T: Config> Input<T> {
	/// How many bytes operators are to take in: what is charged for.
	pub fn bytes(&self) -> u32 {
		match self {
			Self::Inline(text) => text.len().try_into().unwrap_or(u32::MAX),
			Self::Linked(linked) => linked.bytes,
		}
	}

	/// How many bytes of it the chain keeps: what the deposit is for.
	pub fn stored(&self) -> u32 {
		match self {
			Self::Inline(_) => self.bytes(),
			Self::Linked(linked) => linked.encoded_size().try_into().unwrap_or(u32::MAX),
		}
	}

	/// What stands for it in what operators sign, see [`openledger_primitives::input`].
	pub fn digest(&self) -> H256 {
		match self {
			Self::Inline(text) => inline_digest(text),
			Self::Linked(linked) => linked.digest(),
		}
	}
}

/// A fee that is on its way.
pub type CreditOf<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::Currency>;

/// A committee: its seats in the order in which they were drawn.
pub type CommitteeOf<T> =
	BoundedVec<Seat<<T as frame_system::Config>::AccountId>, <T as Config>::MaxCommittee>;

/// Why an agent takes no further part in a request.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub enum Absence {
	/// It did not commit in time.
	NoCommit,
	/// It committed and did not reveal in time.
	NoReveal,
	/// One of the two, at a time in which it may not have been able to.
	Excused,
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
	/// Which part of the time for it was over when it committed.
	pub lateness: Percent,
	/// The hash of the outcome that it revealed, once it has.
	pub revealed: Option<H256>,
	/// Whether it failed to do one or the other.
	pub absence: Option<Absence>,
	/// Whether it was shown to have signed two commitments: then what it revealed counts for nothing.
	pub equivocated: bool,
	/// Whether it is of the majority, once there is one.
	pub agreed: bool,
	/// Whether it was drawn when the committee was widened.
	pub newcomer: bool,
}

impl<AccountId> Seat<AccountId> {
	/// The seat of an agent that was just drawn.
	pub(crate) fn new(agent: AccountId, operator: OperatorKey, newcomer: bool) -> Self {
		Self {
			agent,
			operator,
			commitment: None,
			lateness: Percent::zero(),
			revealed: None,
			absence: None,
			equivocated: false,
			agreed: false,
			newcomer,
		}
	}

	/// Whether it is to commit yet.
	pub(crate) fn owes_commit(&self) -> bool {
		self.commitment.is_none() && self.absence.is_none()
	}

	/// Whether it is to reveal yet.
	pub(crate) fn owes_reveal(&self) -> bool {
		self.commitment.is_some() && self.revealed.is_none() && self.absence.is_none()
	}

	/// The outcome that it stands for.
	pub(crate) fn vote(&self) -> Option<H256> {
		self.revealed.filter(|_| !self.equivocated)
	}
}

/// How far an open request is.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub enum Phase {
	/// It waits for its committee to be drawn, or widened.
	Draw,
	/// Operators commit.
	Commit,
	/// Those that committed reveal.
	Reveal,
}

/// What exactly operators answer: fixed when the committee is drawn.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Question {
	/// By which the committee was drawn, and with which a seeded sampler begins.
	pub seed: H256,
	/// What they sign for: [`question`](openledger_primitives::protocol::question).
	pub hash: H256,
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
	pub input: Input<T>,
	/// How many units of compute were counted for it, over the whole committee that was asked for.
	pub units: u32,
	/// In which market they were counted.
	pub class: ModelClass,
	/// The fee that is held, in units of the token.
	pub fee: Balance,
	/// The deposit that is held for the record, in units of the token.
	pub deposit: Balance,
	/// The fewest agents that the payer takes an answer from.
	pub min_committee: u32,
	/// The block in which it was made.
	pub made_at: BlockNumberFor<T>,
	/// How far it is.
	pub phase: Phase,
	/// The block in which the phase began.
	pub since: BlockNumberFor<T>,
	/// The first block that the phase does not last any more. At its start what follows is done, or as
	/// soon as there is room for it.
	pub until: BlockNumberFor<T>,
	/// What operators answer; `None` until they are drawn.
	pub question: Option<Question>,
	/// How many agents are drawn at first.
	pub seats: u32,
	/// Whether the committee was, or is to be, widened.
	pub widened: bool,
	/// Who answers; nobody until they are drawn.
	pub committee: CommitteeOf<T>,
}

/// How a request ended.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub enum Ending {
	/// With an answer; the fee was divided.
	Answered(Answer),
	/// The operators agreed that it cannot be answered; the fee was given back, or forfeited for an input
	/// that only the fewer of them could fetch.
	Failed(Failure),
	/// Fewer agents could be drawn than the payer asked for; the fee was given back.
	NoOperator,
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
	/// What stands for the input, see [`Input::digest`].
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
	/// What operators answered; `None` if none was drawn.
	pub question: Option<Question>,
	/// Who was to answer, with what each committed to and revealed.
	pub committee: CommitteeOf<T>,
	/// Whether a canary has had it run again.
	pub contested: bool,
}

/// A claim to know the answer to some request beforehand.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Canary<BlockNumber> {
	/// The block in which it was committed to: it counts for requests that were made later.
	pub at: BlockNumber,
	/// What is held for it, in units of the token.
	pub deposit: Balance,
}

/// What an open request decides that runs another one again. Its payer owns the canary.
#[derive(
	CloneNoBound, DebugNoBound, Decode, Encode, EqNoBound, MaxEncodedLen, PartialEqNoBound, TypeInfo,
)]
#[scale_info(skip_type_params(T))]
pub struct Rerun<T: Config> {
	/// The request that is run again.
	pub of: RequestId,
	/// The canary that has it run again.
	pub canary: H256,
	/// What is held for it, in units of the token.
	pub deposit: Balance,
	/// The agents that agreed on what was found.
	pub accused: BoundedVec<T::AccountId, T::MaxCommittee>,
	/// All agents that were to answer it: none of them is drawn again.
	pub excluded: BoundedVec<T::AccountId, T::MaxCommittee>,
	/// What the canary's owner expected.
	pub expected: Outcome,
	/// What was found.
	pub found: Outcome,
}

/// A commitment, as its operator signed it.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub struct SignedCommitment {
	/// The commitment.
	pub commitment: H256,
	/// Over [`commit_message`](openledger_primitives::protocol::commit_message).
	pub signature: OperatorSignature,
}

/// What falls due: served apart, so that what can wait never delays what cannot.
#[derive(
	Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, Ord, PartialEq, PartialOrd, TypeInfo,
)]
pub enum Queue {
	/// The ends of phases.
	Deadlines,
	/// The ends of receipts.
	Receipts,
}

/// What is to be done.
#[derive(
	Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, Ord, PartialEq, PartialOrd, TypeInfo,
)]
pub enum Task {
	/// Draw the committee, or widen it.
	Draw,
	/// End the commit phase.
	EndCommit,
	/// End the reveal phase.
	EndReveal,
	/// Forget the receipt.
	Forget,
}

impl Task {
	/// Where it is queued.
	pub(crate) fn queue(self) -> Queue {
		match self {
			Self::Draw | Self::EndCommit | Self::EndReveal => Queue::Deadlines,
			Self::Forget => Queue::Receipts,
		}
	}

	/// What ends a phase.
	pub(crate) fn ending(phase: Phase) -> Self {
		match phase {
			Phase::Draw => Self::Draw,
			Phase::Commit => Self::EndCommit,
			Phase::Reveal => Self::EndReveal,
		}
	}
}

/// The market of one class of models: what is asked for, against what the agents can do.
#[derive(Clone, Copy, Debug, Decode, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Market {
	/// The price of a unit of compute, in units of the token.
	pub base_price: Balance,
	/// The units asked for in this block.
	pub used: u64,
	/// The units that were asked for in this block or before and then cancelled, as far as they have
	/// not been set off against demand.
	pub cancelled: u64,
}
