//! # Inference
//!
//! Payers ask models, committees of staked operators answer by commit and reveal, and the fee is
//! divided when they agree, or given back when they don't.
//!
//! ## Terminology
//!
//! - **Request**: a question to a model, with its fee held on the payer's account.
//! - **Committee**: the agents drawn for a request. Each has a *seat*, bound to the operator key that
//!   it had when it was drawn.
//! - **Outcome**: what an operator returns: an answer with citations and attribution, or why there is
//!   none. Only outcomes that are well formed for the model's task reach the chain.
//! - **Agreement**: one outcome, bit for bit, from more than half of the committee.
//! - **Receipt**: what stays of a request after its end, for as long as its deposit pays for it.
//!
//! ## Lifecycle
//!
//! 1. [`request`](Pallet::request) fixes the price, holds fee and deposit, and draws the committee.
//! 2. **Commit.** Each operator's off-chain worker has the local inference service run the model and
//!    submits [`commit`](Pallet::commit) with a hash that binds outcome, salt, request and operator.
//!    The phase ends when all have committed, or at `commit_until`; then the request goes on if those
//!    that committed can still agree, else the fee is given back.
//! 3. **Reveal.** Those that committed submit [`reveal`](Pallet::reveal) with outcome and salt. The
//!    phase ends when all of them have, or at `reveal_until`.
//! 4. **End.** On an agreed answer the fee goes to [`Config::Settlement`] as an imbalance; in all other
//!    cases it is given back to the last unit. The agents' seats are released with how they did.
//! 5. The receipt stays until the payer calls [`forget`](Pallet::forget), or for
//!    [`Config::Retention`]; then the deposit is given back.
//!
//! Blocks in which something falls due are reserved in the [`Agenda`] when the request is made: one
//! each for the end of both phases and for the receipt. So nothing that was accepted can get lost for
//! want of room, and the room per block is bounded. Where a block is full, the deadline is that of the
//! next one with room.
//!
//! ## Invariants
//!
//! 1. What is held for [`HoldReason::Fee`] on an account is the sum of the fees of its open requests.
//! 2. What is held for [`HoldReason::Record`] on an account is the sum of the deposits of its open
//!    requests and receipts.
//! 3. [`Assignments`] has an entry for each seat of each open request, and no other.
//! 4. [`Agenda`] has an entry for each of: the end of the commit phase of a request in it, the end of
//!    the reveal phase of an open request, the oblivion of an open request or receipt; and no other.
//! 5. [`Outcomes`] holds exactly the outcomes that seats of open requests have revealed.
//! 6. No id is both open and a receipt, and all are below [`NextRequest`].
//! 7. No two seats of a committee have an agent or a key in common, and none has revealed without
//!    having committed.
//!
//! ## Security considerations
//!
//! - Commits and reveals come from strangers. They are [authorized
//!   calls](frame_support::pallet_macros::authorize): all that they claim is checked before they enter
//!   the pool, again when a block is built, and again when they are dispatched. The signature, by a key
//!   in the committee over genesis hash and request, is checked before anything costly.
//! - A commitment binds the operator's key, so that a copied one can't be revealed by the copier.
//! - Outcomes must cite rows that exist in batches that the model's version is built on, and their
//!   weights must follow from their citations by [`openledger_primitives::attribution::weigh`]: an
//!   operator can't direct pay to data outside the model, and must win an agreement to direct it
//!   within.
//! - A committee may be smaller than [`Config::CommitteeSize`] where fewer agents serve a model; its
//!   members are in the request's event. A committee of one proves nothing about the answer, only that
//!   its operator stands by it with a bond.
//! - The draw's seed is fixed by [`Config::Randomness`] before the request is made, so a payer may wait
//!   for a committee that it likes; since burn and treasury shares are lost on every call, it pays for
//!   that without a gain.

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
mod checks;
mod impls;
pub mod offchain;
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod try_state;
pub mod types;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use types::{Due, Ending, Phase, Receipt, Request, Seat, Task};
pub use weights::WeightInfo;

/// How many blocks beyond the wanted one are tried for room in the agenda.
pub const AGENDA_TRIES: u32 = 16;

/// The pallet.
#[allow(clippy::expect_used, reason = "FRAME's macros use it")]
#[frame_support::pallet]
pub mod pallet {
	use crate::{
		types::{citations_of, CreditOf, Due, InputOf, Receipt, Request},
		weights::WeightInfo,
	};
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{BalancedHold, Inspect, InspectHold, MutateHold},
			Randomness,
		},
	};
	use frame_system::{offchain::CreateAuthorizedTransaction, pallet_prelude::*};
	use openledger_primitives::{
		protocol::{OperatorKey, OperatorSignature, Salt},
		traits::{AgentPool, DataRegistry, ModelRegistry, Settlement},
		Balance, Failure, ModelId, Outcome, RequestId,
	};
	use sp_core::H256;
	use sp_runtime::Saturating;

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

		/// What [`Config::Settlement`] weighs at most.
		type SettleWeight: Get<Weight>;

		/// The seed of the draws. What it returns must have been fixed before the block in which it is
		/// used.
		type Randomness: Randomness<H256, BlockNumberFor<Self>>;

		/// How many agents a committee has, at most [`Config::MaxCommittee`].
		#[pallet::constant]
		type CommitteeSize: Get<u32>;

		/// The most agents that a committee may ever have.
		#[pallet::constant]
		type MaxCommittee: Get<u32>;

		/// For how many blocks operators can commit, at most.
		#[pallet::constant]
		type CommitBlocks: Get<BlockNumberFor<Self>>;

		/// For how many blocks operators can reveal, at most.
		#[pallet::constant]
		type RevealBlocks: Get<BlockNumberFor<Self>>;

		/// The shortest lifetime of a request in blocks. More than [`Config::RevealBlocks`].
		#[pallet::constant]
		type MinLifetime: Get<BlockNumberFor<Self>>;

		/// The longest lifetime of a request in blocks. Less than what bonds take to unbond.
		#[pallet::constant]
		type MaxLifetime: Get<BlockNumberFor<Self>>;

		/// For how many blocks after its end a receipt stays, unless the payer has it forgotten.
		#[pallet::constant]
		type Retention: Get<BlockNumberFor<Self>>;

		/// The most bytes of a request's input.
		#[pallet::constant]
		type MaxInput: Get<u32>;

		/// The deposit for a request and its receipt, in units of the token.
		#[pallet::constant]
		type RecordDeposit: Get<Balance>;

		/// The deposit for each byte of input, in units of the token.
		#[pallet::constant]
		type ByteDeposit: Get<Balance>;

		/// The most that falls due in one block.
		#[pallet::constant]
		type MaxDuePerBlock: Get<u32>;

		/// The most weight that a block spends on what falls due, before any transaction. What does
		/// not fit is served in the following blocks. Room for at least one item.
		#[pallet::constant]
		type MaxDueWeight: Get<Weight>;

		/// How long operators let the model run, in milliseconds.
		#[pallet::constant]
		type MaxRunMs: Get<u32>;

		/// The weights of the calls.
		type WeightInfo: WeightInfo;
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
	}

	/// The id of the next request.
	#[pallet::storage]
	pub type NextRequest<T> = StorageValue<_, RequestId, ValueQuery>;

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

	/// What falls due at the start of a block.
	#[pallet::storage]
	pub type Agenda<T: Config> = StorageMap<
		_,
		Twox64Concat,
		BlockNumberFor<T>,
		BoundedVec<Due, T::MaxDuePerBlock>,
		ValueQuery,
	>;

	/// The first block whose agenda has not been served to its end.
	#[pallet::storage]
	pub type Cursor<T: Config> = StorageValue<_, BlockNumberFor<T>>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A payer asked a model.
		Requested {
			/// The request.
			request: RequestId,
			/// Who pays.
			payer: T::AccountId,
			/// The model.
			model: ModelId,
			/// The model's version that runs.
			version: u32,
			/// The fee that is held, in units of the token.
			fee: Balance,
			/// The deposit that is held for the record, in units of the token.
			deposit: Balance,
			/// The first block in which operators cannot commit any more.
			commit_until: BlockNumberFor<T>,
			/// The first block in which operators cannot reveal any more, and at whose start the
			/// request has ended.
			reveal_until: BlockNumberFor<T>,
			/// The agents that were drawn.
			committee: BoundedVec<T::AccountId, T::MaxCommittee>,
		},
		/// An operator committed to an outcome.
		Committed {
			/// The request.
			request: RequestId,
			/// The operator's agent.
			agent: T::AccountId,
			/// What it committed to.
			commitment: H256,
		},
		/// A request's operators can reveal from now on.
		RevealOpened {
			/// The request.
			request: RequestId,
			/// The first block in which they cannot any more.
			reveal_until: BlockNumberFor<T>,
		},
		/// An operator revealed what it had committed to.
		Revealed {
			/// The request.
			request: RequestId,
			/// The operator's agent.
			agent: T::AccountId,
			/// The hash of the outcome.
			outcome: H256,
		},
		/// A request was answered and its fee divided.
		Answered {
			/// The request.
			request: RequestId,
			/// Who paid.
			payer: T::AccountId,
			/// The model.
			model: ModelId,
			/// The model's version that ran.
			version: u32,
			/// The fee that was divided, in units of the token.
			fee: Balance,
			/// The hash of the outcome; the answer is in the receipt.
			outcome: H256,
			/// The agents that agreed, in the committee's order.
			operators: BoundedVec<T::AccountId, T::MaxCommittee>,
		},
		/// The operators agreed that the request cannot be answered; its fee was given back.
		RunFailed {
			/// The request.
			request: RequestId,
			/// Who has the fee back.
			payer: T::AccountId,
			/// Why it cannot be answered.
			failure: Failure,
			/// What was given back, in units of the token.
			refunded: Balance,
		},
		/// Too few operators committed or revealed in time; the fee was given back.
		Unanswered {
			/// The request.
			request: RequestId,
			/// Who has the fee back.
			payer: T::AccountId,
			/// What was given back, in units of the token.
			refunded: Balance,
		},
		/// The operators revealed different outcomes, none with a majority; the fee was given back.
		Disputed {
			/// The request.
			request: RequestId,
			/// Who has the fee back.
			payer: T::AccountId,
			/// What was given back, in units of the token.
			refunded: Balance,
		},
		/// A request's receipt was removed and its deposit given back.
		Forgotten {
			/// The request.
			request: RequestId,
			/// Who has the deposit back.
			payer: T::AccountId,
			/// What was given back, in units of the token.
			deposit: Balance,
		},
	}

	/// Why a call failed. An authorized call that fails its check is an invalid transaction with the
	/// error's index as custom code, except that one that comes too late is stale, and one with a bad
	/// signature has a bad proof.
	#[pallet::error]
	pub enum Error<T> {
		/// The model costs more than the fee cap. Ask for the present price, raise the cap.
		FeeCapTooLow,
		/// No active agent serves the model. Try later, or ask another model.
		NoOperator,
		/// The input is empty. Send one.
		EmptyInput,
		/// The lifetime is shorter or longer than allowed. Take one within the bounds.
		LifetimeOutOfRange,
		/// Too much falls due in the blocks in which this request would. Try another lifetime, or
		/// later.
		Busy,
		/// There is no such open request, or no longer. Look for its receipt.
		UnknownRequest,
		/// The phase has ended. Nothing can be done.
		TooLate,
		/// The operators cannot commit in this phase of the request.
		NotCommitting,
		/// The operators cannot reveal in this phase of the request. Wait until all have committed.
		NotRevealing,
		/// The key has no seat in the request's committee.
		NotInCommittee,
		/// The operator has committed. It cannot change its mind.
		AlreadyCommitted,
		/// The operator has not committed, so it has nothing to reveal.
		NotCommitted,
		/// The operator has revealed.
		AlreadyRevealed,
		/// Outcome and salt are not those that the operator committed to.
		CommitmentMismatch,
		/// The signature is not the operator's, or not for this chain, request and content.
		BadSignature,
		/// The answer is not in the form that the model's task prescribes: too many citations, not in
		/// order, scores out of range, or output where there should be none.
		MalformedAnswer,
		/// The answer cites a batch that the model's version is not built on.
		ForeignBatch,
		/// The answer cites a row beyond its batch's last.
		NoSuchRow,
		/// The attribution does not follow from the citations.
		WrongAttribution,
		/// There is no such receipt. The request may still be open, or forgotten.
		UnknownReceipt,
		/// The caller did not pay for the request. Only the payer may have it forgotten.
		NotPayer,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			Self::serve_agenda(now)
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
				T::RevealBlocks::get() > 0u32.into(),
				"operators need a block to reveal in"
			);
			assert!(
				T::CommitBlocks::get() > 1u32.into(),
				"operators need a block to commit in"
			);
			assert!(
				T::MinLifetime::get() > T::RevealBlocks::get().saturating_add(1u32.into()),
				"the shortest lifetime must leave a block to commit in"
			);
			assert!(
				T::MinLifetime::get() <= T::MaxLifetime::get(),
				"some lifetime must be allowed"
			);
			assert!(
				T::MaxDuePerBlock::get() > 2,
				"a request must be able to fall due"
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
		/// - `input`: what its task takes; UTF-8 text for a search.
		/// - `max_fee`: the most that the caller will pay, in units of the token. What the model costs
		///   is held, not the cap.
		/// - `lifetime_blocks`: after so many blocks the request has ended, answered or refunded; some
		///   more if the chain is busy, at most twice [`crate::AGENDA_TRIES`]. It ends anyway when both
		///   phases have had [`Config::CommitBlocks`] and [`Config::RevealBlocks`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::request(input.len().try_into().unwrap_or(u32::MAX)))]
		pub fn request(
			origin: OriginFor<T>,
			model: ModelId,
			input: InputOf<T>,
			max_fee: Balance,
			lifetime_blocks: BlockNumberFor<T>,
		) -> DispatchResult {
			let payer = ensure_signed(origin)?;
			Self::do_request(payer, model, input, max_fee, lifetime_blocks)
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
			T::WeightInfo::reveal(citations_of(outcome)).saturating_add(Pallet::<T>::weight_of_end())
		)]
		#[pallet::authorize(|_, request, operator, outcome, salt, signature| {
			Pallet::<T>::authorize_reveal(*request, operator, outcome, salt, signature)
		})]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_reveal(citations_of(outcome)))]
		pub fn reveal(
			origin: OriginFor<T>,
			request: RequestId,
			operator: OperatorKey,
			outcome: Outcome,
			salt: Salt,
			signature: OperatorSignature,
		) -> DispatchResultWithPostInfo {
			ensure_authorized(origin)?;
			let weight = T::WeightInfo::reveal(citations_of(&outcome));
			let ended = Self::do_reveal(request, operator, outcome, salt, signature)?;
			Ok(if ended { None } else { Some(weight) }.into())
		}

		/// Removes the receipt of a request that the caller paid for, with the record of its
		/// settlement, and gives the deposit back.
		#[pallet::call_index(3)]
		pub fn forget(origin: OriginFor<T>, request: RequestId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_forget(who, request)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// What asking `model` with an input of `input_bytes` costs now, in units of the token; `None`
		/// if it cannot be asked.
		pub fn price(model: ModelId, input_bytes: u32) -> Option<Balance> {
			T::Models::quote(model, input_bytes)
				.ok()
				.map(|quote| quote.fee)
		}

		/// The open requests that an agent is assigned to.
		pub fn assigned_to(agent: T::AccountId) -> Vec<RequestId> {
			Assignments::<T>::iter_key_prefix(agent).collect()
		}
	}
}
