//! # Inference
//!
//! Payers ask models, committees of staked operators answer by commit and reveal, and the fee is
//! divided when they agree, or given back when they don't. Who fails its committee is reported to
//! [`Config::Agents`], which slashes.
//!
//! ## Terminology
//!
//! - **Request**: a question to a model, with its fee held on the payer's account.
//! - **Committee**: the agents drawn for a request. Each has a *seat*, bound to the operator key that
//!   it had when it was drawn.
//! - **Question**: what exactly operators sign for: chain, request, model version, seed and input.
//! - **Input**: what the model is asked: *inline*, or *linked* by its hash and size, with a locator from which
//!   operators fetch it. Long **output** is linked too: the operators that agreed on it hand it out.
//! - **Outcome**: what an operator returns: an answer with citations and attribution, or why there is
//!   none. Only outcomes that are well formed for the model's task and policy reach the chain.
//! - **Agreement**: outcomes from more than half of the committee, absentees counted but for newcomers, that
//!   agree by the model's policy: bit for bit under *exact*; under *tolerance* equal output and citations, with
//!   fingerprints and attributions near those of one of them, see [`tally`].
//! - **Receipt**: what stays of a request after its end, for as long as its deposit pays for it.
//! - **Canary**: an answer that somebody knows beforehand and has committed to before the question is
//!   asked. Until it is revealed nothing tells the request from others.
//! - **Contested call**: one of the optimistic tier that somebody doubts. A request at the doubter's cost runs
//!   it again, with its own seed and without the two, see [`recompute`].
//! - **Market**: the price of a unit of compute of one class of models.
//!
//! ## Lifecycle
//!
//! 1. [`request`](Pallet::request) fixes the price and holds fee and deposit. The payer may
//!    [`cancel`](Pallet::cancel) it until the seed of the draw can be known.
//! 2. **Draw.** After [`Config::DrawDelay`] blocks the committee is drawn, by the seed of the block in
//!    which that happens. If fewer than the payer's `min_committee` agents are there, the fee is given
//!    back.
//! 3. **Commit.** Each operator's off-chain worker has the local inference service run the model and
//!    submits [`commit`](Pallet::commit) with a hash that binds outcome, salt, question and operator.
//!    The phase ends when all have committed, or after [`Config::CommitBlocks`].
//! 4. **Reveal.** Those that committed submit [`reveal`](Pallet::reveal) with outcome and salt. The
//!    phase ends when all of them have, or after [`Config::RevealBlocks`].
//! 5. **Widening.** Where too few have committed or revealed, or they differ so that somebody would be held to
//!    be wrong, or most could not fetch a linked input that some could, the committee is filled up to
//!    [`Config::MaxCommittee`] once: after another delay further agents are drawn, who commit and reveal anew,
//!    and all seats together must agree. Who committed before and could not reveal yet reveals with them.
//! 6. **End.** On an agreed answer the fee goes to [`Config::Settlement`] as an imbalance, for those that
//!    agreed; in all other cases but one it is given back to the last unit. The agents' seats are released with
//!    how they did, and offences reported.
//! 7. The receipt stays until the payer calls [`forget`](Pallet::forget), not before
//!    [`Config::EvidenceBlocks`], or for [`Config::Retention`]; then the deposit is given back. As long
//!    as it is there, anybody may prove that an operator [equivocated](Pallet::report_equivocation).
//!
//! ## What a seat's agent is told
//!
//! | what it did | performance | offence |
//! |---|---|---|
//! | agreed on an answer, or on that the question or the model is bad | agreed | |
//! | agreed on another failure, revealed without there being an agreement, or was not heard | released | |
//! | revealed an answer, or another failure, where the others agreed on a failure | released | |
//! | revealed that it could not fetch a linked input, where the others agreed on an answer | released | |
//! | revealed another failure where the others agreed on an answer | absent | no commit |
//! | revealed another answer than at least [`Config::SlashQuorum`] others, of whom one or more are newcomers if there are any | disagreed | wrong result |
//! | the same, but only its attribution or citations differ | disagreed | false attribution |
//! | revealed another answer than the majority otherwise | disagreed | |
//! | did not commit, did not reveal | absent | no commit, no reveal |
//! | the same, in a phase in which [`Config::Excuse`] applied | released | |
//! | signed two commitments for one question | disagreed | equivocation, at once |
//!
//! ## Canaries
//!
//! Anybody may [commit to a canary](Pallet::commit_canary) with a deposit, then have the question asked like
//! any other, and [reveal](Pallet::reveal_canary) what it expected once there is an answer. If that is the
//! answer, the deposit is given back. If not, its owner has the request run again, at its own cost, by as
//! large a committee as there can be of agents that had no seat before. If they agree on what was
//! expected, as many as had agreed on something else, then those are reported for a wrong result; if they
//! agree with those, the deposit is lost; else it is given back.
//!
//! ## Linked inputs
//!
//! The payer chooses who serves a linked input, hence who gets it:
//!
//! - Nobody is blamed for not having got it. Nobody gains by saying so either: it is neither paid nor does it
//!   raise a score; and where the input is on the chain such an outcome is refused.
//! - Operators check hash and size, so all that got something got the same.
//! - To serve it to few would buy their answers, which are public once revealed, for nothing. So if the
//!   majority could not fetch it and somebody answered, the committee is widened; and if it is still so, the
//!   fee is forfeited to [`Config::Penalties`]. It is not the answer's author's, who may have made it up. If
//!   nobody answered, or there were no others to ask, the fee is given back.
//! - Operators that say so though they got it cost the payer time, and its fee only where they have the
//!   majority of the widened committee, with which they could say anything.
//! - Operators give up on a locator long before the phase is over, whatever it does to keep them.
//!
//! ## Prices
//!
//! A request's fee is what the model asks plus, for each unit of compute, the base price of the model's
//! class. That follows demand block by block, see [`pricing`]: a block should take
//! so many units for each active agent, see [`Config::SearchUnitsPerAgent`], and takes at most twice as many. Units
//! that are cancelled are set off, so that asking and cancelling moves no price.
//!
//! ## Invariants
//!
//! 1. What is held for [`HoldReason::Fee`] on an account is the sum of the fees of its open requests.
//! 2. What is held for [`HoldReason::Record`] on an account is the sum of the deposits of its open
//!    requests and receipts.
//! 3. [`Assignments`] has an entry for each seat of each open request, and no other.
//! 4. [`Agenda`] has an entry for each of: the end of an open request's phase, the oblivion of a
//!    receipt; and no other. None lies before the block up to which its queue was served.
//! 5. [`Outcomes`] holds exactly the outcomes that seats of open requests have revealed.
//! 6. No id is both open and a receipt, all are below [`NextRequest`], and [`OpenRequests`] counts the
//!    open ones, at most [`Config::MaxOpen`].
//! 7. No two seats of a committee have an agent or a key in common, and none has revealed without
//!    having committed. A request has seats if and only if it has a question.
//! 8. What is held for [`HoldReason::Canary`] on an account is the sum of the deposits of its canaries, and
//!    of those for which requests of it are run again. Every re-run, of a canary's or of a contested call,
//!    is an open request.
//! 9. All prices lie within [`Config::MinBasePrice`] and [`Config::MaxBasePrice`].
//!
//! ## Security considerations
//!
//! - Commits and reveals come from strangers. They are [authorized
//!   calls](frame_support::pallet_macros::authorize): all that they claim is checked before they enter
//!   the pool, again when a block is built, and again when they are dispatched. The signature, by a key
//!   in the committee over the question, is checked before anything costly. After a reorganisation a
//!   question has another seed, so that nothing signed for the old one counts for the new one.
//! - A commitment binds the operator's key, so that a copied one can't be revealed by the copier.
//! - Nobody is slashed for an answer by the committee that was drawn first, unless nobody else could be asked:
//!   two of three that collude have neither the third slashed nor their answer paid if the others of the
//!   widened committee are honest. Who differs without need delays the answer by a round, for the price of
//!   its slash. It cannot prevent it with the help of newcomers that keep silent: they do not count.
//! - What the first operators revealed is public when a committee is widened, and a newcomer could copy it
//!   in place of running the model. It gains what the work costs, and stakes its bond on another's word:
//!   whoever copies what turns out wrong is treated as if it had computed it. It cannot make a wrong
//!   outcome right unless more than half of all seats say the same.
//! - Outcomes must cite rows that exist in batches that the model's version is built on, and attribute
//!   themselves to such batches only; where passages are found the weights must follow from the citations by
//!   [`openledger_primitives::attribution::weigh`]: an operator can't direct pay to data outside the
//!   model, and must win an agreement to direct it within.
//! - A committee may be smaller than [`Config::CommitteeSize`] where fewer agents serve a model, if the
//!   payer accepts it. A committee of one proves nothing about the answer, only that its operator stands
//!   by it with a bond; nobody is slashed on the word of fewer than [`Config::SlashQuorum`] others.
//! - The seed of a draw is the randomness of the block in which it happens: that of its parent's author,
//!   who could only leave out its block to prevent it. As the author knows it one block ahead, nobody can
//!   cancel in that block or later.
//! - The time that operators have is the chain's, whatever the payer wants or how late the agenda is
//!   served: each phase begins when what comes before is done. Where operators' transactions are kept
//!   out of blocks ([`Config::Excuse`]) nobody is blamed for what it could not send.
//! - An unanswered request costs its payer nothing, so load is bounded before it is priced: units per
//!   block, and open requests at a time.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
	not(test),
	deny(
		clippy::arithmetic_side_effects,
		clippy::expect_used,
		clippy::indexing_slicing,
		clippy::panic,
		clippy::unwrap_used
	)
)]

extern crate alloc;

mod agenda;
#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
mod canaries;
mod checks;
mod committees;
mod ending;
mod equivocation;
mod events;
pub mod offchain;
pub mod pricing;
pub mod recompute;
mod requests;
mod rounds;
pub mod tally;
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod try_state;
pub mod types;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

use frame_support::pallet_macros::import_section;

pub use canaries::canary_hash;
pub use pallet::*;
pub use types::{
	Absence, Canary, Ending, Input, Market, Phase, Question, Queue, Receipt, Request, Rerun, Seat,
	SignedCommitment, Task,
};
pub use weights::WeightInfo;

/// The pallet.
#[import_section(events::events)]
#[allow(clippy::expect_used, reason = "FRAME's macros use it")]
#[frame_support::pallet]
pub mod pallet {
	use crate::{
		pricing::DAMPING,
		recompute::Recomputation,
		types::{
			Canary, CreditOf, Input, Market, Queue, Receipt, Request, Rerun, SignedCommitment, Task,
		},
		weights::WeightInfo,
	};
	use alloc::vec::Vec;
	use frame_support::{
		dispatch::Pays,
		pallet_prelude::*,
		traits::{
			fungible::{BalancedHold, Inspect, InspectHold, MutateHold},
			OnUnbalanced, Randomness,
		},
	};
	use frame_system::{offchain::CreateAuthorizedTransaction, pallet_prelude::*};
	use openledger_primitives::{
		answer::MAX_OPERATORS,
		model::ModelClass,
		protocol::{OperatorKey, OperatorSignature, Salt},
		traits::{AgentPool, DataRegistry, ModelRegistry, Offence, OnEnd, OnRuling, Settlement},
		Balance, Failure, ModelId, Outcome, RequestId,
	};
	use sp_core::H256;

	/// What the pallet needs from the runtime.
	#[pallet::config]
	pub trait Config:
		CreateAuthorizedTransaction<Call<Self>>
		+ frame_system::Config<Hash = H256, RuntimeEvent: From<Event<Self>>>
	{
		/// The token in which fees and deposits are held.
		type Currency: Inspect<Self::AccountId, Balance = Balance>
			+ InspectHold<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ MutateHold<Self::AccountId>
			+ BalancedHold<Self::AccountId>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;

		/// The models that can be asked.
		type Models: ModelRegistry<Self::AccountId>;

		/// The data that answers may cite.
		type Data: DataRegistry<Self::AccountId>;

		/// The agents from which committees are drawn.
		type Agents: AgentPool<Self::AccountId>;

		/// Who divides the fees.
		type Settlement: Settlement<Self::AccountId, Fee = CreditOf<Self>>;

		/// Who is told what came of a call that was run again, see [`recompute`](crate::recompute).
		type Rulings: OnRuling;

		/// Who is told when a request has ended, its money having gone its way.
		type OnEnd: OnEnd;

		/// The seed of the draws. What it returns must not have been known before the parent of the block
		/// in which it is used.
		type Randomness: Randomness<H256, BlockNumberFor<Self>>;

		/// Whether operators may be unable to have their transactions included now, as in safe mode. Asked
		/// at the start of each block.
		type Excuse: Get<bool>;

		/// How many agents a committee has, unless the payer asks for more.
		#[pallet::constant]
		type CommitteeSize: Get<u32>;

		/// The most agents that a committee may have, and as many as it is widened to.
		#[pallet::constant]
		type MaxCommittee: Get<u32>;

		/// How many must agree on another result before one is held to be wrong.
		#[pallet::constant]
		type SlashQuorum: Get<u32>;

		/// For how many blocks a request waits until its committee is drawn, or widened. At least 2.
		#[pallet::constant]
		type DrawDelay: Get<BlockNumberFor<Self>>;

		/// For how many blocks operators can commit, at most.
		#[pallet::constant]
		type CommitBlocks: Get<BlockNumberFor<Self>>;

		/// For how many blocks operators can reveal, at most.
		#[pallet::constant]
		type RevealBlocks: Get<BlockNumberFor<Self>>;

		/// For how many blocks after its end the receipt of a request whose committee was drawn must stay,
		/// so that equivocations can be proven.
		#[pallet::constant]
		type EvidenceBlocks: Get<BlockNumberFor<Self>>;

		/// For how many blocks after its end a receipt stays, unless the payer has it forgotten.
		#[pallet::constant]
		type Retention: Get<BlockNumberFor<Self>>;

		/// The most bytes of an input on the chain.
		#[pallet::constant]
		type MaxInput: Get<u32>;

		/// The most bytes of an input that operators fetch.
		#[pallet::constant]
		type MaxLinkedInput: Get<u32>;

		/// The most requests that may be open at a time.
		#[pallet::constant]
		type MaxOpen: Get<u32>;

		/// How many units of compute of models that search a block should take for each active agent.
		#[pallet::constant]
		type SearchUnitsPerAgent: Get<u32>;

		/// The same of models that generate, from passages or not.
		#[pallet::constant]
		type GenerateUnitsPerAgent: Get<u32>;

		/// The lowest base price of a unit of compute, in units of the token.
		#[pallet::constant]
		type MinBasePrice: Get<Balance>;

		/// The highest base price of a unit of compute, in units of the token.
		#[pallet::constant]
		type MaxBasePrice: Get<Balance>;

		/// The deposit for a request and its receipt, in units of the token.
		#[pallet::constant]
		type RecordDeposit: Get<Balance>;

		/// The deposit for each byte that the chain keeps of an input, in units of the token.
		#[pallet::constant]
		type ByteDeposit: Get<Balance>;

		/// The deposit for a canary, in units of the token: what its owner stakes on being right, and for
		/// the record of a re-run with two answers.
		#[pallet::constant]
		type CanaryDeposit: Get<Balance>;

		/// Who takes the deposits that are lost.
		type Penalties: OnUnbalanced<CreditOf<Self>>;

		/// The most weight that a block spends on what falls due, before any transaction. What does
		/// not fit is served in the following blocks. Room for at least one item.
		#[pallet::constant]
		type MaxDueWeight: Get<Weight>;

		/// How long operators let the model run, in milliseconds.
		#[pallet::constant]
		type MaxRunMs: Get<u32>;

		/// The weights of the calls.
		type WeightInfo: WeightInfo;

		/// What the benchmarks need of the other pallets.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::benchmarking::BenchmarkHelper<Self::AccountId>;
	}

	/// The pallet's handle.
	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// Why funds are held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The fee of an open request.
		Fee,
		/// The deposit for a request's record.
		Record,
		/// The deposit for a canary.
		Canary,
	}

	/// The id of the next request.
	#[pallet::storage]
	pub type NextRequest<T> = StorageValue<_, RequestId, ValueQuery>;

	/// How many requests are open.
	#[pallet::storage]
	pub type OpenRequests<T> = StorageValue<_, u32, ValueQuery>;

	/// The open requests.
	#[pallet::storage]
	pub type Requests<T: Config> = StorageMap<_, Twox64Concat, RequestId, Request<T>>;

	/// The open requests that an agent sits in the committee of.
	#[pallet::storage]
	pub type Assignments<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, RequestId, ()>;

	/// What was revealed for an open request, by the outcome's hash.
	#[pallet::storage]
	pub type Outcomes<T: Config> =
		StorageDoubleMap<_, Twox64Concat, RequestId, Identity, H256, Outcome>;

	/// What stays of the requests that have ended.
	#[pallet::storage]
	pub type Receipts<T: Config> = StorageMap<_, Twox64Concat, RequestId, Receipt<T>>;

	/// Who claims to know an answer beforehand, by the canary's hash.
	#[pallet::storage]
	pub type Canaries<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		T::AccountId,
		Blake2_128Concat,
		H256,
		Canary<BlockNumberFor<T>>,
	>;

	/// The open requests that run another one again.
	#[pallet::storage]
	pub type Reruns<T: Config> = StorageMap<_, Twox64Concat, RequestId, Rerun<T>>;

	/// The open requests that run a call of the optimistic tier again.
	#[pallet::storage]
	pub type Recomputations<T: Config> =
		StorageMap<_, Twox64Concat, RequestId, Recomputation<T::AccountId>>;

	/// What falls due at the start of a block.
	#[pallet::storage]
	pub type Agenda<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		(Queue, BlockNumberFor<T>),
		Twox64Concat,
		RequestId,
		Task,
	>;

	/// The first block of a queue that has not been served to its end.
	#[pallet::storage]
	pub type Cursors<T: Config> = StorageMap<_, Twox64Concat, Queue, BlockNumberFor<T>>;

	/// The markets: of search, of generation.
	#[pallet::storage]
	pub type Markets<T> = StorageValue<_, [Market; ModelClass::ALL.len()], ValueQuery>;

	/// The last block in which [`Config::Excuse`] applied.
	#[pallet::storage]
	pub type ExcusedAt<T: Config> = StorageValue<_, BlockNumberFor<T>>;

	/// Why a call failed. An authorized call that fails its check is an invalid transaction with the
	/// error's index as custom code, except that one that comes too late is stale, and one with a bad
	/// signature has a bad proof.
	#[pallet::error]
	pub enum Error<T> {
		/// Model and compute cost more than the fee cap. Ask for the present price, raise the cap.
		FeeCapTooLow,
		/// Fewer active agents serve the model than the payer asks for. Try later, accept fewer, or ask
		/// another model.
		NoOperator,
		/// The input is empty. Send one.
		EmptyInput,
		/// The input has more bytes than `MaxInput`, or `MaxLinkedInput` if it is linked. Send less.
		InputTooLarge,
		/// The linked input has no locator. Say where it can be fetched.
		NoLocator,
		/// A committee has at least 1 member, and at most `MaxCommittee`.
		CommitteeOutOfRange,
		/// As many requests are open as may be. Try later.
		Busy,
		/// The block has taken all units of compute that it can. Try again in the next one.
		NoCapacity,
		/// The fee is too large to be counted. Send less input.
		Overflow,
		/// There is no such request, or no longer.
		UnknownRequest,
		/// The phase has ended, or is as good as ended. Nothing can be done.
		TooLate,
		/// The committee was drawn. The request cannot be cancelled any more.
		AlreadyDrawn,
		/// The operators cannot commit in this phase of the request.
		NotCommitting,
		/// The operators cannot reveal in this phase of the request. Wait until all have committed.
		NotRevealing,
		/// The key has no seat in the request's committee.
		NotInCommittee,
		/// The operator has committed. It cannot change its mind.
		AlreadyCommitted,
		/// The operator did not commit, or not reveal, when it was its turn.
		MissedItsTurn,
		/// The operator has not committed, so it has nothing to reveal.
		NotCommitted,
		/// The operator has revealed.
		AlreadyRevealed,
		/// Outcome and salt are not those that the operator committed to.
		CommitmentMismatch,
		/// The signature is not the operator's, or not for this chain, request and content.
		BadSignature,
		/// The answer is not in the form that the model's task prescribes: citations too many, not in
		/// order or with scores out of range, output where there should be none, that is no text or has not
		/// the form for its size, attribution that is not well formed; or an input is said to be missing that
		/// is on the chain.
		MalformedAnswer,
		/// The answer has a fingerprint where the policy compares none, or none where it does.
		WrongFingerprint,
		/// The answer cites or names a batch that the model's version is not built on.
		ForeignBatch,
		/// The answer cites a row beyond its batch's last.
		NoSuchRow,
		/// The attribution does not follow from the citations.
		WrongAttribution,
		/// There is no such receipt. The request may still be open, or forgotten.
		UnknownReceipt,
		/// The caller did not pay for the request. Only the payer may do this.
		NotPayer,
		/// The receipt must stay a while, as evidence. Wait until `EvidenceBlocks` after its end.
		TooEarly,
		/// The two commitments are one. That is no equivocation.
		SameCommitment,
		/// The operator has been shown to have equivocated on this question.
		AlreadyReported,
		/// The caller has committed to this canary. Take another salt.
		CanaryKnown,
		/// The caller has committed to no such canary: owner, model, version, input, outcome and salt must
		/// be those of the hash.
		UnknownCanary,
		/// The canary was not committed to before the request was made.
		CanaryTooLate,
		/// The input is not the request's.
		OtherInput,
		/// The request has no answer that could be wrong.
		NotAnswered,
		/// The answer depends on a seed that nobody knows beforehand.
		NotRepeatable,
		/// The answer has been contested. See what comes of that.
		AlreadyContested,
		/// The model's version is gone by now. The request cannot be run again.
		Superseded,
		/// The request decides about others. It cannot be cancelled.
		IsRerun,
		/// The model compares adapters: its input is an encoded `Comparison`, on the chain, of two files of 1 to
		/// `MAX_ADAPTER_BYTES` bytes, each with a locator.
		BadComparison,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			Self::begin_block(now);
			T::WeightInfo::begin_block().saturating_add(Self::serve_agenda(now))
		}

		fn offchain_worker(now: BlockNumberFor<T>) {
			crate::offchain::run::<T>(now);
		}

		fn integrity_test() {
			assert!(T::CommitteeSize::get() > 0, "somebody must answer");
			assert!(
				T::CommitteeSize::get() <= T::MaxCommittee::get(),
				"a committee must fit"
			);
			assert!(
				T::MaxCommittee::get() <= MAX_OPERATORS,
				"all that agree must be paid"
			);
			assert!(
				T::SlashQuorum::get() > 1,
				"nobody is wrong on the word of one other"
			);
			assert!(
				T::SlashQuorum::get() <= T::MaxCommittee::get(),
				"so many must be able to agree"
			);
			assert!(
				T::DrawDelay::get() > 1u32.into(),
				"the seed must not be known when a request is made"
			);
			assert!(
				T::CommitBlocks::get() > 1u32.into(),
				"operators need a block to commit in"
			);
			assert!(
				T::RevealBlocks::get() > 1u32.into(),
				"operators need a block to reveal in"
			);
			assert!(
				T::EvidenceBlocks::get() <= T::Retention::get(),
				"receipts are kept as long as they must be"
			);
			assert!(T::MaxOpen::get() > 0, "some request must be taken");
			assert!(
				T::MaxInput::get() <= T::MaxLinkedInput::get(),
				"what fits on the chain can be fetched"
			);
			assert!(
				T::SearchUnitsPerAgent::get() > 0 && T::GenerateUnitsPerAgent::get() > 0,
				"agents must have something to do"
			);
			assert!(
				T::MinBasePrice::get() >= DAMPING,
				"the smallest step of a price must be no more than its part"
			);
			assert!(
				T::MinBasePrice::get() <= T::MaxBasePrice::get(),
				"some price must be allowed"
			);
			assert!(
				Self::dearest_item().all_lte(T::MaxDueWeight::get()),
				"what falls due must fit into a block: {:?} > {:?}",
				Self::dearest_item(),
				T::MaxDueWeight::get(),
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight = T::WeightInfo)]
	impl<T: Config> Pallet<T> {
		/// Asks `model`, at its present price.
		///
		/// - `input`: what its task takes: UTF-8 text, or where that can be fetched. What is linked must be
		///   there for anybody until the request has ended; if only some operators get it, the fee may be
		///   forfeited.
		/// - `max_fee`: the most that the caller will pay, in units of the token. What it costs is held,
		///   not the cap.
		/// - `min_committee`: the fewest agents from which the caller takes an answer, 1 to
		///   [`Config::MaxCommittee`]. If there are fewer when the committee is drawn, the fee is given
		///   back. Above [`Config::CommitteeSize`] it costs more in proportion.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::request(input.stored()))]
		pub fn request(
			origin: OriginFor<T>,
			model: ModelId,
			input: Input<T>,
			max_fee: Balance,
			min_committee: u32,
		) -> DispatchResult {
			let payer = ensure_signed(origin)?;
			Self::do_request(payer, model, input, max_fee, min_committee)
		}

		/// Commits an operator to an outcome. Unsigned and free: the operator's signature over
		/// [`openledger_primitives::protocol::commit_message`] authorizes it.
		///
		/// - `request`: the open request.
		/// - `operator`: the key of a seat in its committee.
		/// - `commitment`: see [`openledger_primitives::protocol::commitment`].
		/// - `signature`: by `operator`.
		#[pallet::call_index(1)]
		#[pallet::authorize(|_, request, operator, commitment, signature| {
			Pallet::<T>::authorize_commit(*request, operator, commitment, signature)
		})]
		pub fn commit(
			origin: OriginFor<T>,
			request: RequestId,
			operator: OperatorKey,
			commitment: H256,
			signature: OperatorSignature,
		) -> DispatchResult {
			ensure_authorized(origin)?;
			Self::do_commit(request, operator, commitment, signature)
		}

		/// Reveals what an operator committed to. Unsigned and free: the operator's signature over
		/// [`openledger_primitives::protocol::reveal_message`] authorizes it.
		///
		/// - `request`: the open request.
		/// - `operator`: the key of a seat in its committee.
		/// - `outcome`: what came of the run.
		/// - `salt`: what the commitment was made with.
		/// - `signature`: by `operator`.
		#[pallet::call_index(2)]
		#[pallet::weight(
			T::WeightInfo::reveal(outcome.lookups()).saturating_add(Pallet::<T>::weight_of_end())
		)]
		#[pallet::authorize(|_, request, operator, outcome, salt, signature| {
			Pallet::<T>::authorize_reveal(*request, operator, outcome, salt, signature)
		})]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_reveal(outcome.lookups()))]
		pub fn reveal(
			origin: OriginFor<T>,
			request: RequestId,
			operator: OperatorKey,
			outcome: Outcome,
			salt: Salt,
			signature: OperatorSignature,
		) -> DispatchResultWithPostInfo {
			ensure_authorized(origin)?;
			let weight = Self::do_reveal(request, operator, outcome, salt, signature)?;
			Ok(Some(weight).into())
		}

		/// Removes the receipt of a request that the caller paid for, with the record of its
		/// settlement, and gives the deposit back. Not before [`Config::EvidenceBlocks`] after its end,
		/// if a committee was drawn.
		#[pallet::call_index(3)]
		pub fn forget(origin: OriginFor<T>, request: RequestId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_forget(who, request)
		}

		/// Takes a request of the caller back, with fee and deposit, before its committee is drawn: not
		/// in the block before that, as the seed may be known then.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::cancel().saturating_add(T::OnEnd::weight()))]
		pub fn cancel(origin: OriginFor<T>, request: RequestId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_cancel(who, request)
		}

		/// Proves that an operator signed two commitments for one question, for which it is slashed. By
		/// anybody, without a fee if it is true.
		///
		/// - `request`: the request, open or ended, in whose committee it sits.
		/// - `operator`: the key of its seat.
		/// - `first`, `second`: what it signed.
		#[pallet::call_index(5)]
		pub fn report_equivocation(
			origin: OriginFor<T>,
			request: RequestId,
			operator: OperatorKey,
			first: SignedCommitment,
			second: SignedCommitment,
		) -> DispatchResultWithPostInfo {
			let reporter = ensure_signed(origin)?;
			Self::do_report_equivocation(reporter, request, operator, first, second)?;
			Ok(Pays::No.into())
		}

		/// Commits the caller to an answer that it knows beforehand, with a deposit.
		///
		/// - `canary`: see [`canary_hash`](crate::canary_hash).
		#[pallet::call_index(6)]
		pub fn commit_canary(origin: OriginFor<T>, canary: H256) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_commit_canary(who, canary)
		}

		/// Gives up a canary of the caller and gives the deposit back.
		#[pallet::call_index(7)]
		pub fn drop_canary(origin: OriginFor<T>, canary: H256) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_drop_canary(who, canary)
		}

		/// Reveals a canary of the caller. If the answer is what it expected, the deposit is given back; if
		/// not, the request is run again by others, at the caller's cost.
		///
		/// - `request`: a request that was answered, and made after the canary was committed to; by
		///   whomever.
		/// - `input`: its input. The locator of a linked one need not be the request's: from there it is
		///   fetched if the request is run again.
		/// - `expected`: the answer that the caller expected.
		/// - `salt`: what the canary's hash was made with.
		/// - `max_fee`: the most that the caller will pay for the re-run, in units of the token.
		#[pallet::call_index(8)]
		#[pallet::weight(
			T::WeightInfo::reveal_canary(input.stored(), expected.lookups())
		)]
		pub fn reveal_canary(
			origin: OriginFor<T>,
			request: RequestId,
			input: Input<T>,
			expected: Outcome,
			salt: Salt,
			max_fee: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_reveal_canary(who, request, input, expected, salt, max_fee)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// What asking `model` with an input of `input_bytes` costs now, in units of the token, from a
		/// committee of the usual size; `None` if it cannot be asked.
		pub fn price(model: ModelId, input_bytes: u32) -> Option<Balance> {
			let quote = T::Models::quote(model, input_bytes).ok()?;
			Self::price_of(&quote, T::CommitteeSize::get())
				.ok()
				.map(|(_, fee)| fee)
		}

		/// What a unit of compute of a class costs now, in units of the token.
		pub fn base_price(class: ModelClass) -> Balance {
			Self::present_price(class)
		}

		/// The open requests that an agent is assigned to.
		pub fn assigned_to(agent: T::AccountId) -> Vec<RequestId> {
			Assignments::<T>::iter_key_prefix(agent).collect()
		}
	}
}
