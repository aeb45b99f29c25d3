//! # Channels
//!
//! The optimistic tier: one agent serves thousands of calls off-chain, its payer signs cumulative vouchers,
//! and a batch of receipts comes to the chain in one transaction. Anybody may challenge any call of it with
//! a bond; a committee runs that call again, and the loser pays.
//!
//! ## Terminology
//!
//! - **Channel**: a payer's deposit for calls of one model at one agent.
//! - **Voucher**: what the payer signs after each call: how much the agent has earned in all. Only the
//!   highest counts, see [`openledger_primitives::voucher`].
//! - **Receipt**: what the agent signs after each call: input, outcome, fee, and the hash of the batch's
//!   totals so far, see [`openledger_primitives::receipt`].
//! - **Batch**: consecutive calls of a channel, posted as the Merkle root of their receipts.
//! - **Step**: a call with all that its receipt only hashes, the totals before it, and what the data that
//!   shaped it had earned until then.
//!
//! ## Lifecycle
//!
//! 1. [`open`](Pallet::open) holds the payer's deposit, and fixes what calls are made by: the agent's
//!    operator key, the seed, the least price. [`top_up`](Pallet::top_up) adds to the deposit.
//! 2. Off-chain, call by call: the payer asks, the agent answers with a receipt, the payer checks it
//!    against its own log and signs a voucher.
//! 3. [`post`](Pallet::post): the agent posts a batch with a voucher for exactly its fee on top of what was
//!    posted before. The fee is locked in the channel, and a bond is held from the agent.
//! 4. After [`Config::ChallengeBlocks`] the batch is settled: the fee goes to [`Config::Settlement`], for the
//!    agent and the data. What each batch of data has earned is known by a root, so that it costs the same
//!    for any number of contributors; they claim their parts by proofs. Bond and deposit are given back.
//! 5. [`close`](Pallet::close): by the agent at once; by the payer after [`Config::ClosingBlocks`], in which
//!    the agent posts what it has. So a payer cannot close with an old voucher: there is no such thing
//!    as the payer's voucher, and of the agent's the highest counts. When that is over and all batches
//!    are settled, what is left goes back to the payer.
//!
//! ## Challenges
//!
//! | stage of a batch | what follows | if nobody does |
//! |---|---|---|
//! | open | [`challenge`](Pallet::challenge) of one call, with a bond | it is settled |
//! | challenged | [`disclose`](Pallet::disclose) by whoever has the call | upheld: wrong result |
//! | disclosed | [`rerun`](Pallet::rerun), paid by the challenger | rejected; dropped if there was no committee |
//! | rerunning | [`Recompute`](openledger_primitives::traits::Recompute) rules | |
//!
//! - **Upheld**: the batch is undone, and the channel ends; what is not locked goes back to the payer at
//!   once. The agent loses the batch's bond, of which the challenger's re-run is paid and the rest is a
//!   penalty, and is reported.
//! - **Rejected**: the challenger loses its bond, one half to the agent for the delay, the other as a
//!   penalty.
//! - **Dropped**: the committee came to nothing. All is as it was.
//!
//! A batch that is not undone is open again for [`Config::ReopenBlocks`], but no challenge begins later
//! than [`Config::MaxChallengeBlocks`] after it was posted: [`Pallet::longest_life`] is a bound. The last
//! [`Config::ReopenBlocks`] of these are the payer's alone. Once for each batch the payer's challenge takes the
//! place of another one of which no committee was drawn yet.
//!
//! At any time [`report_totals`](Pallet::report_totals) proves a false sum, and
//! [`report_double`](Pallet::report_double) two receipts for one call, without a committee.
//!
//! ## Invariants
//!
//! 1. What is held for [`HoldReason::Funds`] on an account is the sum of what its channels hold.
//! 2. What is held for [`HoldReason::Record`] on an account is the sum of the deposits of the channels that
//!    it pays and the batches that it posted.
//! 3. What is held for [`HoldReason::Bond`] on an account is the sum of the bonds of its batches.
//! 4. What is held for [`HoldReason::Challenge`] on an account is the sum of the bonds of its challenges.
//! 5. What a channel has locked is the sum of its batches' fees, `pending` their number. They follow each
//!    other, and are among those that it counts.
//! 6. A channel holds what it has locked. Unless it was ended early, it also holds all that was put in and
//!    is not spent.
//! 7. [`Agenda`] has an entry for each of: the end of a batch's stage, but for a re-run; the end of a channel
//!    that is yet to come; and else only of channels that end in that block. Each channel that is over
//!    has batches or is on it. Nothing lies before the block up to which its queue was served.
//! 8. [`Reruns`] names exactly the batches of which a call is run again.
//! 9. All ids are below [`NextChannel`]; [`OpenBatches`] counts the batches, at most
//!    [`Config::MaxBatches`].
//!
//! ## Security considerations
//!
//! - Vouchers and receipts are bound to chain and channel. Ids are never given out twice.
//! - The payer risks one call: it pays for an answer that it has seen, or does not go on. The agent
//!   risks one call: that for which the payer signs no voucher.
//! - Receipts are the agent's word alone. That they pay the right data rests on challenges: by the
//!   payer, who has all receipts, or by anybody whom the agent lets have them.
//! - A disclosure shows the call's input to everybody, for the price of a challenge. What must stay secret
//!   does not belong into a model that many can run.
//! - A batch can be challenged once at a time, so an agent's friend may challenge it to keep others out. Each
//!   time costs the friend half of its bond or a re-run by a full committee; after each, and in any
//!   block of the next [`Config::ReopenBlocks`], others can come first. The payer, who has all receipts and the
//!   most to lose, cannot be kept out at all: it overtakes the friend, and the last word is its own.
//! - An agent is free of its bond some time after it has left, hence it cannot post any more from then on.
//!   Its unbonding must take longer than [`Pallet::longest_life`]: the runtime asserts it.
//! - A version of a model that is gone cannot be run again, and that is held against the agent. The runtime
//!   asserts that a superseded version stays for longer than [`Pallet::longest_life`]; agents post before
//!   what is left of that time is shorter.
//! - The price of the smallest call is fixed when a channel is opened, or a model's owner could keep an
//!   agent from being paid for what it has served.
//! - A seed is known before the payer asks. Who opens channels until it likes a seed chooses among answers
//!   that the model could give anyway.
//! - Where transactions are kept out of blocks ([`Config::Excuse`]) nobody loses by what it could not send.

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
mod batches;
#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
mod challenges;
mod channels;
mod events;
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod try_state;
pub mod types;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

use frame_support::pallet_macros::import_section;

pub use batches::RERUNS_PER_BOND;
pub use pallet::*;
pub use types::{Batch, Challenge, Channel, Item, Queue, Stage};
pub use weights::WeightInfo;

/// The pallet.
#[import_section(events::events)]
#[allow(clippy::expect_used, reason = "FRAME's macros use it")]
#[allow(clippy::too_many_arguments, reason = "of the calls")]
#[frame_support::pallet]
pub mod pallet {
	use crate::{
		types::{Batch, Channel, CreditOf, Item, Queue},
		weights::WeightInfo,
	};
	use alloc::vec::Vec;
	use frame_support::{
		dispatch::Pays,
		pallet_prelude::*,
		traits::{
			fungible::{Balanced, BalancedHold, Inspect, InspectHold, MutateHold},
			OnUnbalanced, Randomness,
		},
	};
	use frame_system::pallet_prelude::*;
	use openledger_primitives::{
		data::Locator,
		protocol::OperatorKey,
		receipt::{Commitment, ProvenReceipt, Receipt, SignedReceipt, Step, Totals},
		traits::{AgentPool, ModelRegistry, Offence, Recompute, Settlement},
		AccountId, Balance, ChannelId, ModelId, Outcome, RequestId, Signature,
	};
	use sp_core::H256;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	/// An input that is disclosed.
	pub type InputOf<T> = BoundedVec<u8, <T as Config>::MaxInput>;

	/// What the pallet needs from the runtime.
	#[pallet::config]
	pub trait Config:
		frame_system::Config<AccountId = AccountId, Hash = H256, RuntimeEvent: From<Event<Self>>>
	{
		/// The token in which everything is held.
		type Currency: Inspect<AccountId, Balance = Balance>
			+ InspectHold<AccountId, Reason = Self::RuntimeHoldReason>
			+ MutateHold<AccountId>
			+ Balanced<AccountId>
			+ BalancedHold<AccountId>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;

		/// The models that can be called.
		type Models: ModelRegistry<AccountId>;

		/// The agents that serve.
		type Agents: AgentPool<AccountId>;

		/// Who divides the fees.
		type Settlement: Settlement<AccountId, Fee = CreditOf<Self>>;

		/// Who runs challenged calls again.
		type Recompute: Recompute<AccountId>;

		/// For how many blocks a re-run can last at most.
		type RecomputeBlocks: Get<BlockNumberFor<Self>>;

		/// The seeds of channels.
		type Randomness: Randomness<H256, BlockNumberFor<Self>>;

		/// Whether transactions may be kept out of blocks now, as in safe mode. Asked at the start of each
		/// block.
		type Excuse: Get<bool>;

		/// Who takes the bonds that are lost, as far as nobody else gets them.
		type Penalties: OnUnbalanced<CreditOf<Self>>;

		/// For how many blocks after its payer closes a channel the agent can post.
		#[pallet::constant]
		type ClosingBlocks: Get<BlockNumberFor<Self>>;

		/// For how many blocks a batch can be challenged.
		#[pallet::constant]
		type ChallengeBlocks: Get<BlockNumberFor<Self>>;

		/// For how many blocks a batch can be challenged again after a challenge that was not upheld.
		#[pallet::constant]
		type ReopenBlocks: Get<BlockNumberFor<Self>>;

		/// For how many blocks after a batch was posted challenges can begin at all: the payer's, and up to
		/// [`Config::ReopenBlocks`] earlier those of others.
		#[pallet::constant]
		type MaxChallengeBlocks: Get<BlockNumberFor<Self>>;

		/// For how many blocks a challenged call can be disclosed.
		#[pallet::constant]
		type DiscloseBlocks: Get<BlockNumberFor<Self>>;

		/// For how many blocks a disclosed call can be given to a committee.
		#[pallet::constant]
		type RerunBlocks: Get<BlockNumberFor<Self>>;

		/// The most calls of a batch.
		#[pallet::constant]
		type MaxReceipts: Get<u32>;

		/// The most batches that may be open at a time.
		#[pallet::constant]
		type MaxBatches: Get<u32>;

		/// The most bytes of an input that can be disclosed. Agents take no larger ones.
		#[pallet::constant]
		type MaxInput: Get<u32>;

		/// The deposit for a channel's record, in units of the token.
		#[pallet::constant]
		type ChannelDeposit: Get<Balance>;

		/// The deposit for a batch's record, in units of the token.
		#[pallet::constant]
		type BatchDeposit: Get<Balance>;

		/// What an agent stakes on a batch besides its bond as an agent, in units of the token: this, or
		/// [twice](RERUNS_PER_BOND) what a re-run costs when the batch is posted, if that is more. A
		/// challenger who is right gets back from it what it has paid for the re-run.
		#[pallet::constant]
		type BatchBond: Get<Balance>;

		/// What a challenger stakes, in units of the token.
		#[pallet::constant]
		type ChallengeBond: Get<Balance>;

		/// The most weight that a block spends on what falls due, before any transaction. What does not fit
		/// is served in the following blocks. Room for at least one item.
		#[pallet::constant]
		type MaxDueWeight: Get<Weight>;

		/// The weights of the calls.
		type WeightInfo: WeightInfo;

		/// What the benchmarks need of the other pallets.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::benchmarking::BenchmarkHelper;
	}

	/// The pallet's handle.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// Why funds are held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// What a payer put into a channel.
		Funds,
		/// The deposit for a channel's or a batch's record.
		Record,
		/// What an agent stakes on a batch.
		Bond,
		/// What a challenger stakes.
		Challenge,
	}

	/// The id of the next channel.
	#[pallet::storage]
	pub type NextChannel<T> = StorageValue<_, ChannelId, ValueQuery>;

	/// The channels.
	#[pallet::storage]
	pub type Channels<T: Config> =
		StorageMap<_, Twox64Concat, ChannelId, Channel<AccountId, BlockNumberFor<T>>>;

	/// The batches that are not settled.
	#[pallet::storage]
	pub type Batches<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		ChannelId,
		Twox64Concat,
		u32,
		Batch<AccountId, BlockNumberFor<T>>,
	>;

	/// How many batches are not settled.
	#[pallet::storage]
	pub type OpenBatches<T> = StorageValue<_, u32, ValueQuery>;

	/// The batches of which a request runs a call again.
	#[pallet::storage]
	pub type Reruns<T> = StorageMap<_, Twox64Concat, RequestId, (ChannelId, u32)>;

	/// What falls due at the start of a block.
	#[pallet::storage]
	pub type Agenda<T: Config> =
		StorageDoubleMap<_, Twox64Concat, (Queue, BlockNumberFor<T>), Twox64Concat, Item, ()>;

	/// The first block of a queue that has not been served to its end.
	#[pallet::storage]
	pub type Cursors<T: Config> = StorageMap<_, Twox64Concat, Queue, BlockNumberFor<T>>;

	/// The last block in which [`Config::Excuse`] applied.
	#[pallet::storage]
	pub type ExcusedAt<T: Config> = StorageValue<_, BlockNumberFor<T>>;

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// There is no such channel, or no longer.
		UnknownChannel,
		/// There is no such batch, or it was settled or undone.
		UnknownBatch,
		/// There is no such agent, it does not serve the model, or has nothing to lose. Choose another one.
		NotServed,
		/// The deposit pays for no call, or nothing was added. Put in more.
		DepositTooLow,
		/// Only the payer can put more in.
		NotPayer,
		/// Only payer and agent can close a channel.
		NotParty,
		/// The channel is closing already. Open another one.
		Closing,
		/// The channel is not over yet. Close it, or wait for the end of the notice.
		NotOver,
		/// Batches of the channel are not settled yet. Wait: the last one ends the channel.
		BatchesPending,
		/// Only the channel's agent can post.
		NotAgent,
		/// The channel is over: nothing can be posted any more.
		Over,
		/// The agent has left, has less than the smallest bond, or is about to lose all. Who has nothing to
		/// lose cannot post: add to the bond, or wait until the slash is cancelled.
		NotBonded,
		/// The batch does not begin with the call after those that were posted.
		NotNext,
		/// A batch has at least one call, and at most `MaxReceipts`.
		BatchSize,
		/// The voucher is for more than there is in the channel. The payer has to top it up.
		Overspent,
		/// The totals are not of these calls, or do not add up.
		BadTotals,
		/// The voucher is not for exactly the batch's fee on top of what was posted before. Post up to the
		/// call of the highest voucher.
		NotPaid,
		/// The calls cost less than the model asks for the smallest ones.
		BelowFloor,
		/// The receipt is not in the batch, or not in that place, or there is no such call in it.
		NotInBatch,
		/// The totals are not those that the receipt names.
		OtherTotals,
		/// The outcome is not the one that the receipt names.
		OtherOutcome,
		/// What is shown of what the data had earned is not of the totals before the call, or not all that the
		/// call adds to.
		OtherEarnings,
		/// The input is not the one that the receipt names.
		OtherInput,
		/// The receipt is of another call than the one that was challenged.
		OtherCall,
		/// The receipt is not signed by the channel's operator key, or for another chain.
		BadSignature,
		/// The voucher is not signed by the channel's signer, or for another chain, channel or amount.
		BadVoucher,
		/// As many batches are open as may be. Try later.
		Busy,
		/// An amount is too large to be counted.
		Overflow,
		/// The batch is challenged. See what comes of that.
		AlreadyChallenged,
		/// The time for this is over.
		TooLate,
		/// An agent cannot challenge itself.
		OwnBatch,
		/// Nobody has challenged the batch, or the call was disclosed.
		NotChallenged,
		/// No challenged call of the batch waits to be run again.
		NotDisclosed,
		/// Only who challenged a call can have it run again.
		NotChallenger,
		/// The totals follow from those before. There is nothing to report.
		StepIsRight,
		/// The receipts are not of one call of the channel, or differ in nothing but totals.
		NoEquivocation,
		/// The agent has been shown to have signed two receipts for a call of this channel. Only a batch that
		/// the call is in can be undone by it yet.
		AlreadyReported,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			Self::begin_block(now);
			T::WeightInfo::begin_block().saturating_add(Self::serve_agenda(now))
		}

		fn integrity_test() {
			let one = BlockNumberFor::<T>::from(1u32);
			for (blocks, what) in [
				(T::ClosingBlocks::get(), "to post when a payer closes"),
				(T::ChallengeBlocks::get(), "to challenge"),
				(T::ReopenBlocks::get(), "to challenge again"),
				(T::DiscloseBlocks::get(), "to disclose"),
				(T::RerunBlocks::get(), "to have a call run again"),
			] {
				assert!(blocks > one, "there must be a block {what}");
			}
			assert!(
				T::ChallengeBlocks::get() <= T::MaxChallengeBlocks::get(),
				"challenges can begin as long as a batch is open"
			);
			assert!(
				T::ReopenBlocks::get() < T::MaxChallengeBlocks::get(),
				"others than the payer can challenge"
			);
			assert!(T::MaxReceipts::get() > 0, "a batch has calls");
			assert!(T::MaxBatches::get() > 0, "some batch must be taken");
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
		/// Opens a channel for calls of `model` at `agent`, paid by the caller.
		///
		/// - `deposit`: what is held for calls, in units of the token: at least what the model asks for
		///   the smallest one.
		/// - `signer`: whose vouchers count; the caller's unless it names another account, such as a key of
		///   its application.
		#[pallet::call_index(0)]
		pub fn open(
			origin: OriginFor<T>,
			agent: AccountId,
			model: ModelId,
			deposit: Balance,
			signer: Option<AccountId>,
		) -> DispatchResult {
			let payer = ensure_signed(origin)?;
			Self::do_open(payer, agent, model, deposit, signer)
		}

		/// Puts `amount` more units of the token into a channel of the caller.
		#[pallet::call_index(1)]
		pub fn top_up(origin: OriginFor<T>, channel: ChannelId, amount: Balance) -> DispatchResult {
			Self::do_top_up(ensure_signed(origin)?, channel, amount)
		}

		/// Closes a channel: by its agent at once, by its payer after [`Config::ClosingBlocks`]. What is left
		/// is given back when all its batches are settled.
		#[pallet::call_index(2)]
		pub fn close(origin: OriginFor<T>, channel: ChannelId) -> DispatchResult {
			Self::do_close(ensure_signed(origin)?, channel)
		}

		/// Removes a channel that is over and has nothing pending, and gives back what is left. By anybody.
		/// It happens by itself, unless the chain is busy.
		#[pallet::call_index(3)]
		pub fn finalise(origin: OriginFor<T>, channel: ChannelId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_finalise(channel)
		}

		/// Posts a batch of receipts. By the channel's agent.
		///
		/// - `spent`, `signature`: the voucher: what the agent has earned in all, in units of the token,
		///   signed by the channel's signer. Exactly the batch's fee more than was posted before.
		/// - `calls`: which calls, following on those that were posted, and the root of their receipts.
		/// - `last`: the last receipt.
		/// - `totals`: of the batch, as the last receipt names them.
		/// - `locator`: where the receipts can be had, for those who would check them.
		#[pallet::call_index(4)]
		pub fn post(
			origin: OriginFor<T>,
			channel: ChannelId,
			spent: Balance,
			signature: Signature,
			calls: Commitment,
			last: ProvenReceipt,
			totals: Totals,
			locator: Locator,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_post(who, channel, spent, signature, calls, last, totals, locator)
		}

		/// Challenges a call of a batch, with a bond of [`Config::ChallengeBond`]. By anybody but the agent. The
		/// payer may come in the place of somebody else, see [the documentation](crate#challenges).
		///
		/// - `index`: which call of the channel.
		#[pallet::call_index(5)]
		pub fn challenge(
			origin: OriginFor<T>,
			channel: ChannelId,
			batch: u32,
			index: u64,
		) -> DispatchResult {
			Self::do_challenge(ensure_signed(origin)?, channel, batch, index)
		}

		/// Discloses a challenged call. By anybody. If it shows that the agent was wrong, the challenge is
		/// upheld at once.
		///
		/// - `step`: the call and the totals before it.
		/// - `input`: what the model was asked.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::disclose(step.outcome.lookups(), step.parts()))]
		pub fn disclose(
			origin: OriginFor<T>,
			channel: ChannelId,
			batch: u32,
			step: Step,
			input: InputOf<T>,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_disclose(channel, batch, step, input)
		}

		/// Has a disclosed call run again by a committee, at the cost of the caller, who has challenged it.
		///
		/// - `input`, `outcome`: as they were disclosed.
		/// - `max_fee`: the most that the caller will pay, in units of the token.
		#[pallet::call_index(7)]
		pub fn rerun(
			origin: OriginFor<T>,
			channel: ChannelId,
			batch: u32,
			input: InputOf<T>,
			outcome: Outcome,
			max_fee: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_rerun(who, channel, batch, input, outcome, max_fee)
		}

		/// Proves that the totals of a receipt do not follow from those before it. By anybody, without a fee
		/// if it is true.
		///
		/// - `step`: the call and the totals before it.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::report_totals(step.outcome.lookups(), step.parts()))]
		pub fn report_totals(
			origin: OriginFor<T>,
			channel: ChannelId,
			batch: u32,
			step: Step,
		) -> DispatchResultWithPostInfo {
			Self::do_report_totals(ensure_signed(origin)?, channel, batch, step)?;
			Ok(Pays::No.into())
		}

		/// Proves that an agent signed two receipts for one call that contradict each other, for which it is slashed and the channel
		/// ends. By anybody, without a fee if it is true.
		///
		/// - `first`, `second`: what it signed.
		/// - `batch`: the batch that the call is in, which is undone, if it is in one that is not settled. Even
		///   after another report.
		#[pallet::call_index(9)]
		pub fn report_double(
			origin: OriginFor<T>,
			channel: ChannelId,
			first: SignedReceipt,
			second: SignedReceipt,
			batch: Option<u32>,
		) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			Self::do_report_double(who, channel, first, second, batch)?;
			Ok(Pays::No.into())
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// A channel; `None` if there is none, or no longer.
		pub fn channel_of(channel: ChannelId) -> Option<Channel<AccountId, BlockNumberFor<T>>> {
			Channels::<T>::get(channel)
		}

		/// The batches of a channel that are not settled, with their numbers.
		pub fn batches_of(channel: ChannelId) -> Vec<(u32, Batch<AccountId, BlockNumberFor<T>>)> {
			Batches::<T>::iter_prefix(channel).collect()
		}
	}
}
