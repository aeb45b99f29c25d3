//! Models, agents, inference, and what is paid and earned by it. The data they use: [`super::data`].

use super::{money::TreasuryAccount, system::RuntimeBlockWeights};
use crate::{
	constants::{
		currency::{deposit, MICRO_UNIT, UNIT},
		time::{BONDING_DURATION_ERAS, DAYS, EPOCH_DURATION_IN_SLOTS, SESSIONS_PER_ERA},
	},
	AccountId, Agents, Attribution, Balance, Balances, BlockNumber, Datanets, Models, Reputation,
	Runtime, RuntimeHoldReason,
};
use frame_support::{parameter_types, weights::Weight, PalletId};
use frame_system::EnsureRoot;
use sp_runtime::Perbill;

/// Blocks that a request can be open at most: 10 minutes.
const MAX_LIFETIME: BlockNumber = 300;
/// Blocks by which the ends of a request's two phases can be put off in all, because a block is full.
const MAX_DELAY: BlockNumber = 2 * pallet_inference::AGENDA_TRIES;
/// Blocks for which an agent's bond is held after it has left: as long as a validator's stake.
const AGENT_UNBONDING: BlockNumber =
	BONDING_DURATION_ERAS * SESSIONS_PER_ERA * EPOCH_DURATION_IN_SLOTS as BlockNumber;
/// Blocks for which a superseded version of a model is kept.
const MODEL_REMOVAL_DELAY: BlockNumber = DAYS;

// An agent that was assigned a request answers for it with its bond, and the model that was asked is
// there, whenever the request ends.
const _: () = assert!(AGENT_UNBONDING > MAX_LIFETIME + MAX_DELAY);
const _: () = assert!(MODEL_REMOVAL_DELAY > MAX_LIFETIME + MAX_DELAY);

parameter_types! {
	/// For a model: its entry, and enough more that nobody registers them by the thousand.
	pub const ModelDeposit: Balance = UNIT;
	/// For each version of a model, without its specification.
	pub const VersionDeposit: Balance = deposit(1, 64);
	/// For each byte of a model's name and of a version's specification.
	pub const SpecByteDeposit: Balance = deposit(0, 1);
	/// The lowest price of a unit of compute. A fee must divide among some seventy accounts without
	/// rounding showing.
	pub const MinPrice: Balance = MICRO_UNIT;
	/// The highest price of a unit of compute: far from overflowing with any length of input.
	pub const MaxPrice: Balance = 1_000_000 * UNIT;
	/// Bytes of input per unit of compute: a short question is one unit.
	pub const BytesPerUnit: u32 = 256;
	/// Batches that a version can be built on: what an operator has to index.
	pub const MaxSnapshotBatches: u32 = 4_096;
	/// See [`MODEL_REMOVAL_DELAY`].
	pub const RemovalDelay: BlockNumber = MODEL_REMOVAL_DELAY;
}

impl pallet_models::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Data = Datanets;
	type ModelDeposit = ModelDeposit;
	type VersionDeposit = VersionDeposit;
	type ByteDeposit = SpecByteDeposit;
	type MinPrice = MinPrice;
	type MaxPrice = MaxPrice;
	type BytesPerUnit = BytesPerUnit;
	type MaxSnapshotBatches = MaxSnapshotBatches;
	type RemovalDelay = RemovalDelay;
	type WeightInfo = pallet_models::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
	/// The smallest bond of an agent. As much as a validator's, since an agent's word moves fees just as
	/// a validator's moves blocks.
	pub const MinAgentBond: Balance = crate::genesis_config_presets::MIN_VALIDATOR_BOND;
	/// See [`AGENT_UNBONDING`].
	pub const AgentUnbonding: BlockNumber = AGENT_UNBONDING;
	/// Models that one agent can serve.
	pub const MaxModelsPerAgent: u32 = 16;
	/// Agents that can serve one model: all of them are looked at when a committee is drawn.
	pub const MaxAgentsPerModel: u32 = 64;
}

impl pallet_agents::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Models = Models;
	type MinBond = MinAgentBond;
	type UnbondingBlocks = AgentUnbonding;
	type MaxModels = MaxModelsPerAgent;
	type MaxAgentsPerModel = MaxAgentsPerModel;
	type WeightInfo = pallet_agents::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
	/// Agents that answer a request. One, until disagreement has consequences: then more.
	pub const CommitteeSize: u32 = 1;
	/// Agents that the formats have room for.
	pub const MaxCommittee: u32 = 7;
	/// Blocks in which operators run the model and commit: a minute. The phase ends when all have.
	pub const CommitBlocks: BlockNumber = 30;
	/// Blocks in which they reveal what they committed to: 10 seconds, as nothing is left to compute.
	pub const RevealBlocks: BlockNumber = 5;
	/// The shortest life of a request: three blocks to commit and five to reveal.
	pub const MinLifetime: BlockNumber = 8;
	/// See [`MAX_LIFETIME`].
	pub const MaxLifetime: BlockNumber = MAX_LIFETIME;
	/// Blocks for which a receipt is kept: a week.
	pub const Retention: BlockNumber = 7 * DAYS;
	/// Bytes of input at most: what one would type, not a document.
	pub const MaxInput: u32 = 2_048;
	/// For a request and its receipt with a full answer.
	pub const RecordDeposit: Balance = deposit(3, 3 * 1024);
	/// For each byte of input.
	pub const InputByteDeposit: Balance = deposit(0, 1);
	/// Deadlines per block.
	pub const MaxDuePerBlock: u32 = 64;
	/// What a block spends on deadlines before its first transaction: a fifth of it.
	pub MaxDueWeight: Weight = Perbill::from_percent(20) * RuntimeBlockWeights::get().max_block;
	/// What it takes to divide a fee: a full committee, a model's owner, and as many contributors as an
	/// answer can name.
	pub SettleWeight: Weight = Attribution::settle_weight(MaxCommittee::get() + 1);
	/// Milliseconds for which operators let a model run.
	pub const MaxRunMs: u32 = 10_000;
}

impl pallet_inference::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Models = Models;
	type Data = Datanets;
	type Agents = Agents;
	type Settlement = Attribution;
	type SettleWeight = SettleWeight;
	// Known for a whole epoch before it is used, and no author of this epoch could choose it.
	type Randomness = pallet_babe::RandomnessFromOneEpochAgo<Runtime>;
	type CommitteeSize = CommitteeSize;
	type MaxCommittee = MaxCommittee;
	type CommitBlocks = CommitBlocks;
	type RevealBlocks = RevealBlocks;
	type MinLifetime = MinLifetime;
	type MaxLifetime = MaxLifetime;
	type Retention = Retention;
	type MaxInput = MaxInput;
	type RecordDeposit = RecordDeposit;
	type ByteDeposit = InputByteDeposit;
	type MaxDuePerBlock = MaxDuePerBlock;
	type MaxDueWeight = MaxDueWeight;
	type MaxRunMs = MaxRunMs;
	type WeightInfo = pallet_inference::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
	/// The account that holds what was credited and not yet claimed is derived from it.
	pub const AttributionPalletId: PalletId = PalletId(*b"opn/attr");
}

impl pallet_attribution::Config for Runtime {
	type Currency = Balances;
	type Data = Datanets;
	type Models = Models;
	type Reputation = Reputation;
	type TreasuryAccount = TreasuryAccount;
	type SharesOrigin = EnsureRoot<AccountId>;
	type PalletId = AttributionPalletId;
	type WeightInfo = pallet_attribution::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
	/// Blocks until reputation counts: time to contest how it was earned.
	pub const Maturity: BlockNumber = 30 * DAYS;
	/// Blocks in which it halves: those whose work is no longer paid for lose their say.
	pub const HalfLife: BlockNumber = 90 * DAYS;
	/// Below this there is no record: a millionth of an OPEN.
	pub const MinEarned: Balance = MICRO_UNIT;
	/// Records that an idle block looks at to remove the decayed ones.
	pub const SweepLimit: u32 = 16;
}

impl pallet_reputation::Config for Runtime {
	type Maturity = Maturity;
	type HalfLife = HalfLife;
	type MinEarned = MinEarned;
	type SweepLimit = SweepLimit;
	type WeightInfo = pallet_reputation::weights::SubstrateWeight<Runtime>;
}
