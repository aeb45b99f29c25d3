//! How pallets meet: no pallet names another one in its configuration, they name these traits.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::H256;
use sp_runtime::{DispatchError, DispatchResult, Percent, Weight};

use crate::{
	answer::{Entry, Outcome, Output},
	data::{Decision, Locator, Merit, Purpose},
	earnings::Summary,
	model::{Audience, ModelClass, ModelSpec, Policy},
	protocol::OperatorKey,
	types::{Balance, BatchId, ContentHash, DatanetId, ModelId, RentalId, RequestId},
	voucher::ChannelId,
};

/// An accepted batch, as those that use it see it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BatchInfo<AccountId> {
	/// Its Datanet.
	pub datanet: DatanetId,
	/// Its place in the Datanet, from 0.
	pub index: u32,
	/// Who gave it.
	pub contributor: AccountId,
	/// SHA-256 of the batch file.
	pub content: ContentHash,
	/// The Merkle root over its rows, see [`crate::merkle`].
	pub root: H256,
	/// How many rows it has.
	pub rows: u32,
	/// The size of the batch file in bytes.
	pub bytes: u64,
	/// Where the batch file can be fetched.
	pub locator: Locator,
	/// Whether the file is encrypted: only those with a grant can read it.
	pub encrypted: bool,
}

/// The data that is there, and who is paid for it. Implemented by `pallet-datanets`.
///
/// Only accepted batches are seen here. A batch gets its place when it is accepted, so that the first
/// places of a Datanet always hold what they held before, or nothing where a batch was withdrawn.
pub trait DataRegistry<AccountId> {
	/// How many places a Datanet has given out, those of withdrawn batches included; `None` if there is
	/// no such Datanet.
	fn batch_count(datanet: DatanetId) -> Option<u32>;

	/// Marks a Datanet's first `batches` places as used: from now on their batches cannot be withdrawn.
	///
	/// Fails if there is no such Datanet or it has fewer places.
	fn pin(datanet: DatanetId, batches: u32) -> DispatchResult;

	/// The batch at a place of a Datanet; `None` if there is none or it was withdrawn.
	fn batch_at(datanet: DatanetId, index: u32) -> Option<BatchId>;

	/// An accepted batch; `None` if there is none or it was withdrawn.
	fn batch(batch: BatchId) -> Option<BatchInfo<AccountId>>;

	/// Who gave a batch: cheaper than [`Self::batch`].
	fn contributor(batch: BatchId) -> Option<AccountId>;

	/// The earliest batch that a batch duplicates, whose contributor is paid for both; itself if it
	/// duplicates none, or is not there. Does not read the batch, only the links between duplicates.
	fn cluster(batch: BatchId) -> BatchId;
}

/// A batch, as its judges see it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Submission<AccountId> {
	/// Its Datanet.
	pub datanet: DatanetId,
	/// Who gave it.
	pub contributor: AccountId,
	/// How many rows it has.
	pub rows: u32,
	/// The Merkle root over its rows, see [`crate::merkle`].
	pub root: H256,
	/// Whether it waits for its curation.
	pub pending: bool,
	/// The part of a jury's weight that has to reveal a verdict, fixed when the batch was added.
	pub quorum: Percent,
}

/// The data as its judges see and settle it. Implemented by `pallet-datanets`, used by
/// `pallet-curation`.
pub trait Submissions<AccountId> {
	/// The owner of a Datanet.
	fn owner(datanet: DatanetId) -> Option<AccountId>;

	/// A batch, pending or accepted.
	fn submission(batch: BatchId) -> Option<Submission<AccountId>>;

	/// The earliest batch of a batch's cluster, itself if it duplicates none. `None` for an unknown
	/// batch.
	fn cluster(batch: BatchId) -> Option<BatchId>;

	/// Ends the curation of a pending batch. If accepted it gets a place; if rejected it is removed, and
	/// its deposit goes to the treasury; if undecided it is removed and its deposit returned.
	///
	/// Fails if the batch is not pending, or its Datanet is full.
	fn decide(batch: BatchId, decision: Decision) -> DispatchResult;

	/// Joins the clusters of two batches of one Datanet: the earlier head is the head of both.
	///
	/// Fails if a batch is unknown, they are in one cluster already, or a cluster is too deep to be joined
	/// before somebody compresses it.
	fn link(batch: BatchId, other: BatchId) -> DispatchResult;
}

/// The judges of data. Implemented by `pallet-curation`, used by `pallet-datanets`.
pub trait Curation<AccountId> {
	/// Opens the curation of a batch that was just added.
	fn open(batch: BatchId) -> DispatchResult;

	/// Ends the curation of a batch that its contributor takes back.
	///
	/// Fails once a jury was drawn for it.
	fn abandon(batch: BatchId) -> DispatchResult;

	/// Whether an account has passed a Datanet's qualification.
	fn is_qualified(datanet: DatanetId, who: &AccountId) -> bool;
}

/// Nobody judges: nothing that needs a jury can be added.
impl<AccountId> Curation<AccountId> for () {
	fn open(_: BatchId) -> DispatchResult {
		Err(DispatchError::Unavailable)
	}

	fn abandon(_: BatchId) -> DispatchResult {
		Err(DispatchError::Unavailable)
	}

	fn is_qualified(_: DatanetId, _: &AccountId) -> bool {
		false
	}
}

/// On what terms a Datanet's data can be had.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AccessTerms<AccountId> {
	/// Who approves and refuses.
	pub owner: AccountId,
	/// The lowest price of a day of access.
	pub price_per_day: Balance,
	/// The SPDX identifier of the licence.
	pub licence: Vec<u8>,
	/// The part of a price that goes to the owner; the rest goes to the contributors.
	pub owner_share: Percent,
}

/// The data as it is asked for. Implemented by `pallet-datanets`, used by `pallet-access`.
pub trait AccessRegistry<AccountId> {
	/// A Datanet's terms; `None` if there is no such Datanet.
	fn terms(datanet: DatanetId) -> Option<AccessTerms<AccountId>>;

	/// Divides an amount among a Datanet's contributors by the scores of their accepted batches, taken
	/// from `payer`. Fails, and nothing moves, if there is nobody to pay.
	fn pay_contributors(datanet: DatanetId, payer: &AccountId, amount: Balance) -> DispatchResult;
}

/// Whether an account may read a Datanet's data now. Implemented by `pallet-access`.
pub trait AccessGrants<AccountId> {
	/// Whether `who` has a grant for `purpose` that is neither over nor revoked.
	fn may(who: &AccountId, datanet: DatanetId, purpose: Purpose) -> bool;
}

/// Takes note of merit. Implemented by `pallet-seasons`.
pub trait PointsSink<AccountId> {
	/// An account earned points by what it did for a Datanet.
	fn credit(who: &AccountId, datanet: DatanetId, merit: Merit, points: u64);
}

impl<AccountId> PointsSink<AccountId> for () {
	fn credit(_: &AccountId, _: DatanetId, _: Merit, _: u64) {}
}

/// What a model asks for a request, fixed when it is made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Quote {
	/// The model's version that will run.
	pub version: u32,
	/// The model's class.
	pub class: ModelClass,
	/// How many units of compute the request takes.
	pub units: u32,
	/// What the model itself costs, in units of the token. The price of the compute comes on top.
	pub fee: Balance,
}

/// The models that can be asked. Implemented by `pallet-models`.
pub trait ModelRegistry<AccountId> {
	/// What it takes to ask a model's current version with an input of so many bytes.
	///
	/// Fails if the model is unknown or paused.
	fn quote(model: ModelId, input_bytes: u32) -> Result<Quote, DispatchError>;

	/// What it takes to check what a version has answered to an input of so many bytes: the compute alone,
	/// or an owner could keep answers from being checked by the model's price, or by pausing it.
	///
	/// Fails if there is no such version.
	fn quote_rerun(model: ModelId, version: u32, input_bytes: u32) -> Result<Quote, DispatchError>;

	/// The current version of a model, paused or not; `None` if it is unknown.
	fn current_version(model: ModelId) -> Option<u32>;

	/// What it takes to run a version. Stays available for as long as a request for it can be open.
	fn spec(model: ModelId, version: u32) -> Option<ModelSpec>;

	/// Whether a batch belongs to the data that a version is built on.
	fn is_built_on(model: ModelId, version: u32, datanet: DatanetId, index: u32) -> bool;

	/// Who shares in the model's part of a fee: one entry for each model of its lineage that gets something,
	/// at most [`MAX_LINEAGE`](crate::lineage::MAX_LINEAGE). Empty if the model is unknown.
	fn royalties(model: ModelId) -> Vec<Royalty<AccountId>>;

	/// Whether a model takes requests of `who`, as far as it matters who asks.
	///
	/// Fails if it is served to its tenants only, and `who` is neither one of them nor its owner. A model that
	/// is unknown is refused to nobody: [`Self::quote`] tells.
	fn ensure_served(model: ModelId, who: &AccountId) -> DispatchResult;
}

/// Who rents which model. Implemented by `pallet-market`, used by `pallet-models`.
pub trait Tenancies<AccountId> {
	/// Whether an account rents a model now.
	fn is_tenant(model: ModelId, who: &AccountId) -> bool;
}

/// Nobody rents anything.
impl<AccountId> Tenancies<AccountId> for () {
	fn is_tenant(_: ModelId, _: &AccountId) -> bool {
		false
	}
}

/// A model, as those see it that trade in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Standing<AccountId, BlockNumber> {
	/// Who decides on it.
	pub owner: AccountId,
	/// Whether its owner says that it should not be used for anything new.
	pub deprecated: bool,
	/// Since when it takes no requests; `None` if it takes them.
	pub paused_since: Option<BlockNumber>,
	/// Whom it answers.
	pub audience: Audience,
	/// The version that it runs.
	pub version: u32,
}

/// Models and shares in them, as they pass from hand to hand. Implemented by `pallet-models`, used by
/// `pallet-market`, which sees to it that both sides have agreed.
pub trait ModelOwnership<AccountId, BlockNumber> {
	/// The most accounts that hold shares in a model.
	const MAX_HOLDERS: u32;

	/// A model; `None` if it is unknown, or was retired.
	fn standing(model: ModelId) -> Option<Standing<AccountId, BlockNumber>>;

	/// How many shares an account holds in a model.
	fn shares(model: ModelId, who: &AccountId) -> u32;

	/// Makes `to` the owner of a model in place of `from`, and holds the deposits from it.
	///
	/// Fails if `from` is not the owner, the deposits are above `max_deposit`, `to` does not have them, or the
	/// model is divided in shares, or not, other than `divided` says.
	fn pass(
		model: ModelId,
		from: &AccountId,
		to: &AccountId,
		max_deposit: Balance,
		divided: bool,
	) -> DispatchResult;

	/// Passes shares on, once what the model has earned is distributed. Returns among how many holders that
	/// was.
	///
	/// Fails if `from` holds fewer, or somebody would be left with too few of them.
	fn pass_shares(
		model: ModelId,
		from: &AccountId,
		to: &AccountId,
		amount: u32,
	) -> Result<u32, DispatchError>;
}

/// Whose models are. Implemented by `pallet-models`, used by `pallet-proposals`.
pub trait ModelOwners<AccountId> {
	/// Who decides on a model of which this version is kept; `None` if there is none.
	fn owner(model: ModelId, version: u32) -> Option<AccountId>;

	/// The id that the next model gets: all that are there have smaller ones.
	fn next_id() -> ModelId;
}

/// What a model of a lineage gets of the model's part of a fee.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Royalty<AccountId> {
	/// The model of the lineage.
	pub model: ModelId,
	/// Who is paid: its owner, or the account whose credit is divided among those that hold shares in it.
	pub taker: AccountId,
	/// Who registered it: ownership and shares can be bought, reputation cannot.
	pub author: AccountId,
	/// Its weight. Those of a lineage sum up to the whole.
	pub weight: u32,
}

/// The adapter's file that a model's version names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NamedAdapter {
	/// SHA-256 of the file.
	pub content: ContentHash,
	/// The place of the model's first naming of it among all namings of adapters on the chain.
	pub order: u64,
	/// What the model takes of those that are built on it, in basis points: the least of what it asked when it
	/// named the file, and asks now.
	pub royalty: u32,
}

/// Who named an adapter first, and lineages that are corrected. Implemented by `pallet-models`, used by
/// `pallet-copies`.
pub trait Originals<AccountId> {
	/// Who owns a model; `None` if it is unknown.
	fn owner(model: ModelId) -> Option<AccountId>;

	/// The adapter's file of a version that is kept; `None` if it has none.
	fn adapter(model: ModelId, version: u32) -> Option<NamedAdapter>;

	/// Whether a model can become an ancestor of another one: it is none already, there is room, and it is not
	/// built on that one.
	fn ensure_imposable(original: ModelId, copy: ModelId) -> DispatchResult;

	/// Makes a model an ancestor of another one, of which it takes `royalty` basis points from now on. What is
	/// built on that one already pays what it did.
	fn impose(original: ModelId, copy: ModelId, royalty: u32) -> DispatchResult;
}

/// What accounts are credited with. Implemented by `pallet-attribution`, used by `pallet-models`.
pub trait RewardCredits<AccountId> {
	/// Credits others, by their weights and to the last unit (largest remainder), with all that an account
	/// without a key has, credited or as its balance, in its place. Returns how much that was.
	///
	/// Fails if there is something, and it cannot be divided so.
	fn divide(account: &AccountId, among: &[(AccountId, u32)]) -> Result<Balance, DispatchError>;
}

/// What became of an operator's assignment: what its score is made of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Performance {
	/// It took part in the agreement, and had committed when this part of the time for it was over.
	Agreed {
		/// From 0 % at once to 100 % at the last moment.
		lateness: Percent,
	},
	/// It revealed something else than the others agreed on.
	Disagreed,
	/// It never committed, or committed and never revealed.
	Absent,
	/// The request ended for a reason that is not the operator's.
	Released,
}

/// What an agent is slashed for.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	Ord,
	PartialEq,
	PartialOrd,
	TypeInfo,
)]
pub enum Offence {
	/// It did not commit to an outcome in time.
	NoCommit,
	/// It committed and did not reveal in time.
	NoReveal,
	/// It revealed another result than the others, who agreed.
	WrongResult,
	/// It revealed the right result, and attributed it to other data than the others.
	FalseAttribution,
	/// It signed two different results for one question.
	Equivocation,
}

/// The staked agents. Implemented by `pallet-agents`.
pub trait AgentPool<AccountId> {
	/// Draws up to `n` different active agents that serve `model`, can meet `policy` and are not
	/// `excluded`, weighted by stake and score, and holds each to it: what backs an assigned agent cannot
	/// be withdrawn. Fewer than `n` if there are fewer.
	fn assign(
		model: ModelId,
		policy: &Policy,
		n: u32,
		excluded: &[AccountId],
		seed: H256,
	) -> Vec<AccountId>;

	/// How many agents [`Self::assign`] could draw now, up to `limit`.
	fn available(model: ModelId, policy: &Policy, limit: u32) -> u32;

	/// How many active agents there are: the network's capacity.
	fn active() -> u32;

	/// Ends an assignment, and takes note of how the agent did.
	fn release(agent: &AccountId, performance: Performance);

	/// Has an agent slashed, unless governance cancels it in time. Part of it goes to who reported it, if
	/// anybody did. Nothing happens to an agent that is gone.
	fn offend(agent: &AccountId, offence: Offence, reporter: Option<&AccountId>);

	/// The key with which an agent's node signs; `None` if there is no such agent.
	fn operator_key(agent: &AccountId) -> Option<OperatorKey>;

	/// The agent that signs with a key, or did so while it could still be slashed for it.
	fn agent_of(key: &OperatorKey) -> Option<AccountId>;

	/// The models that an agent serves; none if it has left.
	fn served(agent: &AccountId) -> Vec<ModelId>;

	/// Whether an agent has something to lose: it is bonded as it must be, has not left, and no pending slash
	/// is about to take all.
	fn is_bonded(agent: &AccountId) -> bool;
}

/// Shares what an agent earns with those that delegated to it. Implemented by `pallet-agents`, used by
/// `pallet-attribution`.
pub trait DelegatedRewards<AccountId> {
	/// The money itself, as an imbalance.
	type Reward;

	/// The part of `amount` that is the delegators': pro rata by stake, less the agent's commission.
	fn delegated_part(agent: &AccountId, amount: Balance) -> Balance;

	/// Adds to what the agent's delegators have in its pool. Gives back what cannot be added.
	fn reward_delegators(agent: &AccountId, reward: Self::Reward) -> Result<(), Self::Reward>;
}

/// What is paid for.
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
pub enum Source {
	/// A request to a committee.
	Request(RequestId),
	/// A batch of calls through a payment channel.
	Receipts {
		/// The channel.
		channel: ChannelId,
		/// Which of its batches, from 0.
		batch: u32,
	},
	/// The rent of a model.
	Rental(RentalId),
}

/// A run that is to be paid for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Run<'a, AccountId> {
	/// What it was for.
	pub source: Source,
	/// Who paid.
	pub payer: &'a AccountId,
	/// The model that ran.
	pub model: ModelId,
	/// The agents that agreed, in the committee's order: at most [`MAX_OPERATORS`](crate::answer::MAX_OPERATORS),
	/// more are not paid.
	pub operators: &'a [AccountId],
	/// Which data shaped the answer.
	pub attribution: &'a [Entry],
}

/// Rent that was earned.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rent<'a, AccountId> {
	/// The rental.
	pub rental: RentalId,
	/// Who paid.
	pub tenant: &'a AccountId,
	/// What was let.
	pub model: ModelId,
	/// The version that the model ran when it was rented: the data that it is built on is paid.
	pub version: u32,
}

/// Divides a fee among all who made an answer possible. Implemented by `pallet-attribution`.
pub trait Settlement<AccountId> {
	/// The fee itself, as an imbalance: it must go somewhere, and dropping it burns it.
	type Fee;

	/// Pays for a run. It cannot fail: what finds no taker goes to the treasury. A record is kept of
	/// requests only. Returns what it weighed: at most [`Self::weight`].
	fn settle(run: Run<'_, AccountId>, fee: Self::Fee) -> Weight;

	/// What it weighs to pay for a run by so many operators with so many entries of attribution at most.
	fn weight(operators: u32, entries: u32) -> Weight;

	/// The same for a batch of calls of which the chain knows what the data has `earned` by the root of a map
	/// alone, whatever the number of its batches: the data's part is set apart, to be claimed by proofs
	/// ([`crate::earnings`]). The run names no data itself. Returns what it weighed: at most
	/// [`Self::weight_by_root`].
	fn settle_by_root(run: Run<'_, AccountId>, earned: Summary, fee: Self::Fee) -> Weight;

	/// What it weighs to pay for a batch of calls by so many operators at most.
	fn weight_by_root(operators: u32) -> Weight;

	/// Divides rent like a fee without operators. It cannot fail: what finds no taker goes to the treasury. No
	/// record is kept. Returns what it weighed: at most [`Self::weight_of_rent`].
	fn settle_rent(rent: Rent<'_, AccountId>, amount: Self::Fee) -> Weight;

	/// What it weighs to divide rent at most.
	fn weight_of_rent() -> Weight;

	/// Forgets the record of a request. What was credited stays.
	fn forget(request: RequestId);
}

/// Takes note of what others paid for somebody's work. Implemented by `pallet-reputation`.
pub trait ReputationSink<AccountId> {
	/// `earned` units of what `payer` can never get back (burned, or paid to the treasury) went for
	/// the work of `who`. Ignored if the two are one, or known to belong together.
	fn earned(who: &AccountId, payer: &AccountId, earned: Balance);

	/// Takes a part of all that `who` has earned, counting already or not.
	fn forfeit(who: &AccountId, part: Percent);
}

impl<AccountId> ReputationSink<AccountId> for () {
	fn earned(_: &AccountId, _: &AccountId, _: Balance) {}

	fn forfeit(_: &AccountId, _: Percent) {}
}

/// Why two accounts are not held to be strangers.
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
pub enum Link {
	/// They are one, reached by different keys.
	Owner,
	/// One may act for the other, or the same account may do everything for both.
	Proxy,
	/// One has declared the other a part of itself.
	Identity,
	/// One backs the other's agent.
	Delegation,
	/// One funded the other lately, or the same account funded both.
	Funding,
}

/// Which accounts belong together, as far as the chain's state tells. Used by `pallet-reputation`.
pub trait Links<AccountId> {
	/// What links two accounts, whichever way round; `None` if nothing is known to. A third party must not
	/// be able to bring a link about.
	fn between(one: &AccountId, other: &AccountId) -> Option<Link>;
}

/// All are strangers.
impl<AccountId> Links<AccountId> for () {
	fn between(_: &AccountId, _: &AccountId) -> Option<Link> {
		None
	}
}

/// The weight of voices. Implemented by `pallet-reputation`.
pub trait VotingPower<AccountId> {
	/// An account's present power.
	fn power(who: &AccountId) -> u128;

	/// The sum of all accounts' present power, up to rounding never below it.
	fn total() -> u128;
}

/// A call that is to be run again by a committee.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Contested<'a, AccountId> {
	/// The model.
	pub model: ModelId,
	/// The model's version that ran.
	pub version: u32,
	/// With what a seeded sampler began.
	pub seed: H256,
	/// What the model was asked.
	pub input: Vec<u8>,
	/// The outcome that is in doubt. It must be [possible](Recompute::is_possible).
	pub said: &'a Outcome,
	/// Who must not be in the committee.
	pub excluded: &'a [AccountId],
}

/// What a committee that ran a call again came to.
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
pub enum Ruling {
	/// It agrees with what was said.
	Confirmed,
	/// Enough of it agree on another result.
	WrongResult,
	/// Enough of it agree on the result, and attribute it to other data.
	FalseAttribution,
	/// There was no committee, it came to no agreement, or too few agreed.
	Undecided,
}

/// Has calls run again. Implemented by `pallet-inference`, used by `pallet-channels`.
pub trait Recompute<AccountId> {
	/// Whether an outcome is one that a model's version can have. Not if there is no such version.
	fn is_possible(model: ModelId, version: u32, outcome: &Outcome) -> bool;

	/// Whether a committee that leaves out `excluded` so many could run a model's version now.
	fn is_available(model: ModelId, version: u32, excluded: u32) -> bool;

	/// What [`Self::rerun`] of the longest input costs now, in units of the token. `None` if there is no such
	/// version.
	fn price(model: ModelId, version: u32) -> Option<Balance>;

	/// Opens a request that runs a call again, paid by `payer`, and says which and what it costs. Exactly
	/// one [`OnRuling::ruled`] follows, in a later block.
	fn rerun(
		payer: &AccountId,
		contested: Contested<'_, AccountId>,
		max_fee: Balance,
	) -> Result<(RequestId, Balance), DispatchError>;
}

/// What came of a request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Reply {
	/// It is not over.
	Pending,
	/// The committee agreed on this output.
	Answered(Output),
	/// There was no committee, it came to no agreement, or agreed on that there is no answer.
	Unanswered,
	/// There is no such request, or it was cancelled, or its receipt is gone.
	Unknown,
}

/// Asks committees. Implemented by `pallet-inference`, used by `pallet-copies`.
pub trait Committees<AccountId> {
	/// Opens a request like any other, paid by `payer`.
	fn ask(
		payer: &AccountId,
		model: ModelId,
		input: Vec<u8>,
		max_fee: Balance,
		min_committee: u32,
	) -> Result<RequestId, DispatchError>;

	/// What came of a request.
	fn reply(request: RequestId) -> Reply;
}

/// Is told what came of a [`Recompute::rerun`]. Implemented by `pallet-channels`, used by
/// `pallet-inference`.
pub trait OnRuling {
	/// The request has ended.
	fn ruled(request: RequestId, ruling: Ruling);

	/// What [`Self::ruled`] weighs at most.
	fn weight() -> Weight;
}

impl OnRuling for () {
	fn ruled(_: RequestId, _: Ruling) {}

	fn weight() -> Weight {
		Weight::zero()
	}
}

/// How a request ended, as those are told that wait for it.
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
pub enum Closing {
	/// With an answer.
	Answered,
	/// The operators agreed that it cannot be answered.
	Failed,
	/// Fewer agents could be drawn than the payer asked for.
	NoOperator,
	/// Too few operators committed or revealed in time.
	Unanswered,
	/// The operators revealed different outcomes.
	Disputed,
	/// The payer took it back.
	Cancelled,
}

/// Is told when a request has ended, in whichever way. Implemented by `pallet-callbacks`, used by
/// `pallet-inference`.
pub trait OnEnd {
	/// The request has ended. `outcome` is the hash of what its committee agreed on, zero if on nothing.
	fn ended(request: RequestId, closing: Closing, outcome: H256);

	/// What [`Self::ended`] weighs at most.
	fn weight() -> Weight;
}

impl OnEnd for () {
	fn ended(_: RequestId, _: Closing, _: H256) {}

	fn weight() -> Weight {
		Weight::zero()
	}
}

/// Who pays for the requests that are open. Implemented by `pallet-inference`, used by `pallet-callbacks`.
pub trait Payers<AccountId> {
	/// The payer of a request; `None` if there is no such request, or it has ended.
	fn payer(request: RequestId) -> Option<AccountId>;
}
