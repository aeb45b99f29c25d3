//! Payment channels: calls that are paid by vouchers, and what it costs to doubt them.

use super::{
	data::ParentSeed,
	money::TreasuryAccount,
	openledger::{are_silenced, MaxInput, AGENT_BONDING, MAX_LIFETIME, MODEL_REMOVAL_DELAY},
	system::RuntimeBlockWeights,
};
use crate::{
	constants::{
		currency::{deposit, UNIT},
		time::{HOURS, MINUTES},
	},
	Agents, Attribution, Balance, Balances, BlockNumber, Channels, Inference, Models, Runtime,
	RuntimeHoldReason,
};
use frame_support::{parameter_types, traits::tokens::imbalance::ResolveTo, weights::Weight};
use sp_runtime::Perbill;

/// Blocks that a batch can be open, however often it is challenged and however busy the chain is. Not less
/// than [`pallet_channels::Pallet::longest_life`], which a test compares with it.
pub(crate) const MAX_BATCH_LIFE: BlockNumber = 5 * HOURS;

// Who posted a batch answers for it with its bond until it is settled, and the model that was called is there.
const _: () = assert!(AGENT_BONDING > MAX_BATCH_LIFE);
const _: () = assert!(MODEL_REMOVAL_DELAY > MAX_BATCH_LIFE);

parameter_types! {
	/// Blocks in which an agent can post after a payer has closed a channel: an hour.
	pub const ClosingBlocks: BlockNumber = HOURS;
	/// Blocks in which a batch can be challenged: an hour.
	pub const ChallengeBlocks: BlockNumber = HOURS;
	/// Blocks in which it can be challenged again after a challenge that came to nothing.
	pub const ReopenBlocks: BlockNumber = 10 * MINUTES;
	/// Blocks after its posting in which challenges begin at all.
	pub const MaxChallengeBlocks: BlockNumber = 75 * MINUTES;
	/// Blocks in which a challenged call must be disclosed.
	pub const DiscloseBlocks: BlockNumber = 5 * MINUTES;
	/// Blocks in which the challenger must have it run again.
	pub const RerunBlocks: BlockNumber = 5 * MINUTES;
	/// See [`MAX_LIFETIME`].
	pub const RecomputeBlocks: BlockNumber = MAX_LIFETIME;
	/// Calls that one batch can settle.
	pub const MaxReceipts: u32 = 65_536;
	/// Batches that wait for their settlement at a time.
	pub const MaxBatches: u32 = 1_000;
	/// For a channel's record.
	pub const ChannelDeposit: Balance = deposit(1, 400);
	/// For a batch's record, with a challenge.
	pub const BatchDeposit: Balance = deposit(3, 600);
	/// What an agent stakes on a batch: what a run by a full committee costs.
	pub const BatchBond: Balance = 20 * UNIT;
	/// What a challenger stakes.
	pub const ChallengeBond: Balance = 10 * UNIT;
	/// What a block spends on batches' deadlines before its first transaction: a tenth of it at most.
	pub MaxBatchesDueWeight: Weight =
		Perbill::from_percent(10) * RuntimeBlockWeights::get().max_block;
	/// Whether parties may be unable to have their transactions included: nobody loses by silence then.
	pub PartiesSilenced: bool =
		are_silenced::<Channels>(&["post", "challenge", "disclose", "rerun"]);
}

impl pallet_channels::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Models = Models;
	type Agents = Agents;
	type Settlement = Attribution;
	type Recompute = Inference;
	type RecomputeBlocks = RecomputeBlocks;
	type Randomness = ParentSeed;
	type Excuse = PartiesSilenced;
	type Penalties = ResolveTo<TreasuryAccount, Balances>;
	type ClosingBlocks = ClosingBlocks;
	type ChallengeBlocks = ChallengeBlocks;
	type ReopenBlocks = ReopenBlocks;
	type MaxChallengeBlocks = MaxChallengeBlocks;
	type DiscloseBlocks = DiscloseBlocks;
	type RerunBlocks = RerunBlocks;
	type MaxReceipts = MaxReceipts;
	type MaxBatches = MaxBatches;
	type MaxInput = MaxInput;
	type ChannelDeposit = ChannelDeposit;
	type BatchDeposit = BatchDeposit;
	type BatchBond = BatchBond;
	type ChallengeBond = ChallengeBond;
	type MaxDueWeight = MaxBatchesDueWeight;
	type WeightInfo = crate::weights::pallet_channels::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::Setting;
}
