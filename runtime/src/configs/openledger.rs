//! Models, agents, inference, and what is paid and earned by it. The data they use: [`super::data`].

use super::{
	channels::MAX_BATCH_LIFE,
	data::ParentSeed,
	links::{DeclaredLinks, Pots},
	money::TreasuryAccount,
	system::RuntimeBlockWeights,
	transfers::BlockTransfers,
};
use crate::{
	constants::{
		currency::{deposit, MICRO_UNIT, MILLI_UNIT, UNIT},
		time::{
			BONDING_DURATION_ERAS, DAYS, EPOCH_DURATION_IN_SLOTS, HOURS, MINUTES, SESSIONS_PER_ERA,
		},
	},
	governance::{
		origins::{AgentAdmin, DatanetAdmin, ParameterAdmin},
		paced,
		tracks::{AGENT_ADMIN_TAKES, DATANET_ADMIN_TAKES},
		RootOr,
	},
	Agents, Attribution, Balance, Balances, BlockNumber, Callbacks, Channels, Datanets, Inference,
	Market, Models, Reputation, Runtime, RuntimeHoldReason, SafeMode, TxPause,
};
use frame_support::{
	parameter_types,
	traits::{tokens::imbalance::ResolveTo, PalletInfoAccess},
	weights::Weight,
	PalletId,
};
use sp_runtime::{Perbill, Percent, Permill};

/// Blocks in which operators run a model and commit at most: a minute.
const COMMIT: BlockNumber = MINUTES;
/// Blocks in which they reveal at most: 20 seconds, as nothing is left to compute.
const REVEAL: BlockNumber = 10;
/// Blocks that a request can be open, two rounds on a busy chain included. Not less than
/// [`pallet_inference::Pallet::longest_life`], which a test compares with it.
pub(crate) const MAX_LIFETIME: BlockNumber = 3 * HOURS;
/// Blocks for which what operators signed for a request can be held against them: an hour.
const EVIDENCE: BlockNumber = HOURS;
/// Blocks after an assignment, or after a batch of calls was posted, in which any offence in it is reported.
const REPORTING: BlockNumber = if MAX_LIFETIME + EVIDENCE > MAX_BATCH_LIFE {
	MAX_LIFETIME + EVIDENCE
} else {
	MAX_BATCH_LIFE
};
/// Blocks for which an agent's bond is held after it has left, beside those for which a slash waits: as long as a
/// validator's stake.
pub(crate) const AGENT_BONDING: BlockNumber =
	BONDING_DURATION_ERAS * SESSIONS_PER_ERA * EPOCH_DURATION_IN_SLOTS as BlockNumber;
/// Blocks between an offence's report and its slash on a public chain: those in which a referendum cancels it, and
/// nearly as long for somebody to see that it should.
const SLASH_DEFER: BlockNumber = 4 * DAYS;
/// Blocks in which a contest can be decided on a public chain.
const CONTEST: BlockNumber = 14 * DAYS;
/// Blocks for which a superseded version of a model is kept.
pub(crate) const MODEL_REMOVAL_DELAY: BlockNumber = DAYS;

// An agent that was assigned a request answers for it with its bond, and the model that was asked is
// there, whenever the request ends.
// Slashes wait on top of it, however long that is.
const _: () = assert!(AGENT_BONDING > REPORTING);
const _: () = assert!(MODEL_REMOVAL_DELAY > MAX_LIFETIME);
// Governance has the time to say what it is asked.
const _: () = assert!(SLASH_DEFER > AGENT_ADMIN_TAKES + DAYS);
const _: () = assert!(CONTEST > DATANET_ADMIN_TAKES + DAYS);

parameter_types! {
	/// For a model: its entry, and enough more that nobody registers them by the thousand.
	pub const ModelDeposit: Balance = UNIT;
	/// For each version of a model, without its specification.
	pub const VersionDeposit: Balance = deposit(1, 64);
	/// For each byte of a model's name and licence, of a version's specification, and of what else is kept for it.
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
	/// The accounts that gather the revenue of divided models are derived from it.
	pub const ModelsPalletId: PalletId = PalletId(*b"opn/modl");
}

impl pallet_models::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Data = Datanets;
	type Credits = Attribution;
	type Tenants = Market;
	type PalletId = ModelsPalletId;
	type ModelDeposit = ModelDeposit;
	type VersionDeposit = VersionDeposit;
	type ByteDeposit = SpecByteDeposit;
	type MinPrice = MinPrice;
	type MaxPrice = MaxPrice;
	type BytesPerUnit = BytesPerUnit;
	type MaxSnapshotBatches = MaxSnapshotBatches;
	type RemovalDelay = RemovalDelay;
	type WeightInfo = crate::weights::pallet_models::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::Setting;
}

parameter_types! {
	/// The smallest bond of an agent. As much as a validator's, since an agent's word moves fees just as
	/// a validator's moves blocks.
	pub const MinAgentBond: Balance = crate::genesis_config_presets::MIN_VALIDATOR_BOND;
	/// See [`AGENT_BONDING`]: so a slash that was reported in time finds the bond.
	pub AgentUnbonding: BlockNumber = AGENT_BONDING.saturating_add(AgentSlashDefer::get());
	/// The smallest delegation: enough that a place in a pool is worth its state.
	pub const MinDelegation: Balance = UNIT;
	/// Delegations count up to ten times an agent's own bond, so that nobody answers for what is others'.
	pub const MaxDelegationFactor: u32 = 10;
	/// For an agent's record with its keys, models and chunks.
	pub const AgentDeposit: Balance = deposit(3, 1_024);
	/// For a delegation's record.
	pub const DelegationDeposit: Balance = deposit(1, 256);
	/// Blocks between an offence's report and its slash, for governance to look at it.
	pub AgentSlashDefer: BlockNumber = paced(SLASH_DEFER);
	/// See [`REPORTING`].
	pub const AgentChallenge: BlockNumber = REPORTING;
	/// What whoever proves an offence gets of the slash.
	pub const ReporterShare: Percent = Percent::from_percent(10);
	/// The most that an agent keeps of what its delegators' stake earns.
	pub const MaxCommission: Permill = Permill::from_percent(50);
	/// By how much it rises at most each [`CommissionPeriod`].
	pub const MaxCommissionStep: Permill = Permill::from_percent(5);
	/// As long as it takes to undelegate: who does not agree can leave before the next rise.
	pub CommissionPeriod: BlockNumber = AgentUnbonding::get();
	/// The agents' pot's account is derived from it.
	pub const AgentsPalletId: PalletId = PalletId(*b"opn/agnt");
	/// Models that one agent can serve.
	pub const MaxModelsPerAgent: u32 = 16;
	/// Agents that can serve one model: all of them are looked at when a committee is drawn.
	pub const MaxAgentsPerModel: u32 = 64;
}

impl pallet_agents::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Models = Models;
	type TreasuryAccount = TreasuryAccount;
	type AdminOrigin = RootOr<ParameterAdmin>;
	type CancelOrigin = RootOr<AgentAdmin>;
	type EjectOrigin = RootOr<AgentAdmin>;
	type PalletId = AgentsPalletId;
	type MinBond = MinAgentBond;
	type MinDelegation = MinDelegation;
	type MaxDelegationFactor = MaxDelegationFactor;
	type AgentDeposit = AgentDeposit;
	type DelegationDeposit = DelegationDeposit;
	type UnbondingBlocks = AgentUnbonding;
	type SlashDeferBlocks = AgentSlashDefer;
	type ChallengeBlocks = AgentChallenge;
	type ReporterShare = ReporterShare;
	type MaxCommission = MaxCommission;
	type MaxCommissionStep = MaxCommissionStep;
	type CommissionPeriod = CommissionPeriod;
	type MaxModels = MaxModelsPerAgent;
	type MaxAgentsPerModel = MaxAgentsPerModel;
	type WeightInfo = crate::weights::pallet_agents::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::Setting;
}

parameter_types! {
	/// Agents that answer a request, where so many serve its model.
	pub const CommitteeSize: u32 = 3;
	/// The most that answer one: to so many a committee is widened that does not agree.
	pub const MaxCommittee: u32 = 7;
	/// Others that must agree before somebody else's result is held to be wrong.
	pub const SlashQuorum: u32 = 2;
	/// Blocks between a request and its draw: the seed is not known before the last of them.
	pub const CommitteeDrawDelay: BlockNumber = 2;
	/// See [`COMMIT`]. The phase ends when all have committed.
	pub const CommitBlocks: BlockNumber = COMMIT;
	/// See [`REVEAL`]. The phase ends when all have revealed.
	pub const RevealBlocks: BlockNumber = REVEAL;
	/// See [`EVIDENCE`].
	pub const EvidenceBlocks: BlockNumber = EVIDENCE;
	/// Blocks for which a receipt is kept: a week.
	pub const Retention: BlockNumber = 7 * DAYS;
	/// Bytes of input on the chain at most: what one would type, not a document.
	pub const MaxInput: u32 = 2_048;
	/// Bytes of input that operators fetch at most: a document.
	pub const MaxLinkedInput: u32 = 256 * 1_024;
	/// Requests that are open at a time.
	pub const MaxOpenRequests: u32 = 10_000;
	/// Units of compute of models that search, for which an agent is there in a block: each is a short question to
	/// the usual committee, some ten milliseconds on a processor. Where more are asked for the price rises, where
	/// less it falls.
	pub const SearchUnitsPerAgent: u32 = 16;
	/// The same of models that generate: each is sixteen tokens.
	pub const GenerateUnitsPerAgent: u32 = 2;
	/// The lowest price of a unit of compute.
	pub const MinBasePrice: Balance = MILLI_UNIT;
	/// The highest price of a unit of compute: far from overflowing.
	pub const MaxBasePrice: Balance = 1_000_000 * UNIT;
	/// For a request, its receipt with a full answer (output, fingerprint, and who gave it), the record of who got
	/// what of its fee, and the day on which both are forgotten.
	pub const RecordDeposit: Balance = deposit(3, 16 * 1024);
	/// For each byte that the chain keeps of an input.
	pub const InputByteDeposit: Balance = deposit(0, 1);
	/// For a canary: what its owner stakes on being right, and the record of a second run.
	pub const CanaryDeposit: Balance = 10 * UNIT;
	/// What a block spends on requests' deadlines before its first transaction, little more than a third of it at most: where
	/// all requests that there may be end at once, with the dearest answers, they do within [`MAX_LIFETIME`].
	pub MaxDueWeight: Weight = Perbill::from_percent(36) * RuntimeBlockWeights::get().max_block;
	/// Milliseconds for which operators let a model run: with the ten seconds for an input to come, less than
	/// they have to commit.
	pub const MaxRunMs: u32 = 45_000;
	/// Whether operators may be unable to have their transactions included: nobody is to blame for silence then.
	pub OperatorsSilenced: bool = are_silenced::<Inference>(&["commit", "reveal"]);
}

/// Whether some of these calls of a pallet may be kept out of blocks, by the safe mode or one by one.
pub(super) fn are_silenced<P: PalletInfoAccess>(calls: &[&str]) -> bool {
	let paused = |call: &&str| TxPause::is_paused_unbound(P::name().into(), (*call).into());
	SafeMode::is_entered() || calls.iter().any(paused)
}

impl pallet_inference::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Models = Models;
	type Data = Datanets;
	type Agents = Agents;
	type Settlement = Attribution;
	type Rulings = Channels;
	type OnEnd = Callbacks;
	type Randomness = ParentSeed;
	type Excuse = OperatorsSilenced;
	type CommitteeSize = CommitteeSize;
	type MaxCommittee = MaxCommittee;
	type SlashQuorum = SlashQuorum;
	type DrawDelay = CommitteeDrawDelay;
	type CommitBlocks = CommitBlocks;
	type RevealBlocks = RevealBlocks;
	type EvidenceBlocks = EvidenceBlocks;
	type Retention = Retention;
	type MaxInput = MaxInput;
	type MaxLinkedInput = MaxLinkedInput;
	type MaxOpen = MaxOpenRequests;
	type SearchUnitsPerAgent = SearchUnitsPerAgent;
	type GenerateUnitsPerAgent = GenerateUnitsPerAgent;
	type MinBasePrice = MinBasePrice;
	type MaxBasePrice = MaxBasePrice;
	type RecordDeposit = RecordDeposit;
	type ByteDeposit = InputByteDeposit;
	type CanaryDeposit = CanaryDeposit;
	type Penalties = ResolveTo<TreasuryAccount, Balances>;
	type MaxDueWeight = MaxDueWeight;
	type MaxRunMs = MaxRunMs;
	type WeightInfo = crate::weights::pallet_inference::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::Setting;
}

parameter_types! {
	/// The account that holds what was credited and not yet claimed is derived from it.
	pub const AttributionPalletId: PalletId = PalletId(*b"opn/attr");
	/// Blocks in which the data's part of a batch of calls can be claimed: three months, for contributors that
	/// do not look every day.
	pub const ClaimPeriod: BlockNumber = 90 * DAYS;
	/// For what is kept of such a part, and of the payment that it is a part of.
	pub const DistributionDeposit: Balance = deposit(1, 1_240);
	/// For what is kept of a batch of data that was claimed.
	pub const ClaimDeposit: Balance = deposit(1, 140);
}

impl pallet_attribution::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Data = Datanets;
	type Models = Models;
	type Delegation = Agents;
	type Reputation = Reputation;
	type TreasuryAccount = TreasuryAccount;
	type SharesOrigin = RootOr<ParameterAdmin>;
	type PalletId = AttributionPalletId;
	type ClaimPeriod = ClaimPeriod;
	type DistributionDeposit = DistributionDeposit;
	type ClaimDeposit = ClaimDeposit;
	type WeightInfo = crate::weights::pallet_attribution::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::Setting;
}

parameter_types! {
	/// Blocks until reputation counts: time to contest how it was earned.
	pub const Maturity: BlockNumber = 30 * DAYS;
	/// Blocks in which it halves: those whose work is no longer paid for lose their say.
	pub const HalfLife: BlockNumber = 90 * DAYS;
	/// Below this there is no record: a millionth of an OPEN.
	pub const MinEarned: Balance = MICRO_UNIT;
	/// Records that an idle block looks at to remove the decayed ones, and as many fundings.
	pub const SweepLimit: u32 = 16;
	/// Of whoever contests points, which costs a referendum's attention. As much as for a report of a duplicate.
	pub const ContestBond: Balance = 20 * UNIT;
	/// Blocks in which a contest can be decided: twice what a referendum takes.
	pub ContestPeriod: BlockNumber = paced(CONTEST);
	/// The least that funds an account: enough that its entry is worth its state, and that nobody links
	/// accounts by the thousand.
	pub const MinFunding: Balance = UNIT;
	/// Blocks for which a funding links: as long as points can be contested.
	pub const FundingWindow: BlockNumber = 30 * DAYS;
	/// Events that are looked at in a block: those of one that is full of transfers.
	pub const MaxObservedEvents: u32 = 25_000;
	/// Pairs of accounts whose transfers are looked at in a block: of those that move something, there are
	/// rarely as many.
	pub const MaxObservedTransfers: u32 = 128;
}

impl pallet_reputation::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Links = DeclaredLinks;
	type Transfers = BlockTransfers;
	type Pots = Pots;
	type TreasuryAccount = TreasuryAccount;
	type ContestOrigin = RootOr<DatanetAdmin>;
	type HubOrigin = RootOr<ParameterAdmin>;
	type ContestBond = ContestBond;
	type ContestPeriod = ContestPeriod;
	type MinFunding = MinFunding;
	type FundingWindow = FundingWindow;
	type MaxEvents = MaxObservedEvents;
	type MaxTransfers = MaxObservedTransfers;
	type Maturity = Maturity;
	type HalfLife = HalfLife;
	type MinEarned = MinEarned;
	type SweepLimit = SweepLimit;
	type WeightInfo = crate::weights::pallet_reputation::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::Setting;
}
