//! How pallets meet: no pallet names another one in its configuration, they name these traits.

use alloc::vec::Vec;
use sp_core::H256;
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	answer::Entry,
	model::ModelSpec,
	protocol::OperatorKey,
	types::{Balance, BatchId, ContentHash, DatanetId, ModelId, RequestId},
};

/// A batch, as those that use it see it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BatchInfo<AccountId> {
	/// Its Datanet.
	pub datanet: DatanetId,
	/// Its place in the Datanet, from 0.
	pub index: u32,
	/// Who is paid for it.
	pub contributor: AccountId,
	/// The earliest batch that it duplicates; itself if none.
	pub cluster: BatchId,
	/// SHA-256 of the batch file.
	pub content: ContentHash,
	/// The Merkle root over its rows, see [`crate::merkle`].
	pub root: H256,
	/// How many rows it has.
	pub rows: u32,
	/// The size of the batch file in bytes.
	pub bytes: u64,
	/// Where the batch file can be fetched; may be empty.
	pub locator: Vec<u8>,
}

/// The data that is there, and who is paid for it. Implemented by `pallet-datanets`.
pub trait DataRegistry<AccountId> {
	/// How many batches a Datanet has been given, withdrawn ones included; `None` if there is no such
	/// Datanet.
	fn batch_count(datanet: DatanetId) -> Option<u32>;

	/// Marks a Datanet's first `batches` batches as used: from now on they cannot be withdrawn.
	///
	/// Fails if there is no such Datanet or it has fewer batches.
	fn pin(datanet: DatanetId, batches: u32) -> DispatchResult;

	/// The batch at a place of a Datanet; `None` if there is none or it was withdrawn.
	fn batch_at(datanet: DatanetId, index: u32) -> Option<BatchId>;

	/// A batch; `None` if there is none or it was withdrawn.
	fn batch(batch: BatchId) -> Option<BatchInfo<AccountId>>;

	/// Who is paid for a batch: cheaper than [`Self::batch`].
	fn contributor(batch: BatchId) -> Option<AccountId>;
}

/// The price of a request, fixed when it is made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Quote {
	/// The model's version that will run.
	pub version: u32,
	/// The fee in units of the token.
	pub fee: Balance,
}

/// The models that can be asked. Implemented by `pallet-models`.
pub trait ModelRegistry<AccountId> {
	/// The price of asking a model's current version with an input of so many bytes.
	///
	/// Fails if the model is unknown or paused.
	fn quote(model: ModelId, input_bytes: u32) -> Result<Quote, DispatchError>;

	/// The current version of a model, paused or not; `None` if it is unknown.
	fn current_version(model: ModelId) -> Option<u32>;

	/// What it takes to run a version. Stays available for as long as a request for it can be open.
	fn spec(model: ModelId, version: u32) -> Option<ModelSpec>;

	/// Whether a batch belongs to the data that a version is built on.
	fn is_built_on(model: ModelId, version: u32, datanet: DatanetId, index: u32) -> bool;

	/// Who shares in the model's part of a fee, with their weights; empty if the model is unknown.
	fn royalties(model: ModelId) -> Vec<(AccountId, u32)>;
}

/// What became of an operator's assignment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Performance {
	/// It took part in the agreement.
	Agreed,
	/// It revealed something else than the others agreed on.
	Disagreed,
	/// It never committed, or committed and never revealed.
	Absent,
	/// The request ended for a reason that is not the operator's.
	Released,
}

/// The staked agents. Implemented by `pallet-agents`.
pub trait AgentPool<AccountId> {
	/// Draws up to `n` different active agents that serve `model`, weighted by their bond, and holds
	/// each to it: an assigned agent cannot withdraw its bond. Fewer than `n` if there are fewer.
	fn assign(model: ModelId, n: u32, seed: H256) -> Vec<AccountId>;

	/// Ends an assignment.
	fn release(agent: &AccountId, performance: Performance);

	/// The key with which an agent's node signs; `None` if there is no such agent.
	fn operator_key(agent: &AccountId) -> Option<OperatorKey>;

	/// The agent that signs with a key.
	fn agent_of(key: &OperatorKey) -> Option<AccountId>;

	/// The models that an agent serves.
	fn served(agent: &AccountId) -> Vec<ModelId>;
}

/// A run that is to be paid for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Run<'a, AccountId> {
	/// The request.
	pub request: RequestId,
	/// Who paid.
	pub payer: &'a AccountId,
	/// The model that ran.
	pub model: ModelId,
	/// The agents that agreed, in the committee's order.
	pub operators: &'a [AccountId],
	/// Which data shaped the answer.
	pub attribution: &'a [Entry],
}

/// Divides a fee among all who made an answer possible. Implemented by `pallet-attribution`.
pub trait Settlement<AccountId> {
	/// The fee itself, as an imbalance: it must go somewhere, and dropping it burns it.
	type Fee;

	/// Pays for a run. It cannot fail: what finds no taker goes to the treasury.
	fn settle(run: Run<'_, AccountId>, fee: Self::Fee);

	/// Forgets the record of a run. What was credited stays.
	fn forget(request: RequestId);
}

/// Takes note of what others paid for somebody's work. Implemented by `pallet-reputation`.
pub trait ReputationSink<AccountId> {
	/// `earned` units of what `payer` can never get back (burned, or paid to the treasury) went for
	/// the work of `who`. Ignored if the two are one.
	fn earned(who: &AccountId, payer: &AccountId, earned: Balance);
}

impl<AccountId> ReputationSink<AccountId> for () {
	fn earned(_: &AccountId, _: &AccountId, _: Balance) {}
}

/// The weight of voices. Implemented by `pallet-reputation`.
pub trait VotingPower<AccountId> {
	/// An account's present power.
	fn power(who: &AccountId) -> u128;

	/// The sum of all accounts' present power, up to rounding never below it.
	fn total() -> u128;
}
