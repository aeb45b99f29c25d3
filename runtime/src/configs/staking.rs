//! Nominated proof of stake: who may validate, how validators are elected and paid.

use super::{consensus::MAX_AUTHORITIES, money::TreasuryAccount};
use crate::{
	constants::time::{
		BONDING_DURATION_ERAS, HISTORY_DEPTH_ERAS, SESSIONS_PER_ERA, SLASH_DEFER_DURATION_ERAS,
	},
	AccountId, Balance, Balances, Runtime, RuntimeEvent, RuntimeHoldReason, Session, Staking,
	Timestamp,
};
use frame_election_provider_support::{
	bounds::{ElectionBounds, ElectionBoundsBuilder},
	onchain, SequentialPhragmen,
};
use frame_support::{
	parameter_types,
	traits::{tokens::imbalance::ResolveTo, ConstBool, ConstU32, Nothing},
};
use frame_system::EnsureRoot;
use sp_runtime::{curve::PiecewiseLinear, Perbill};
use sp_staking::{currency_to_vote::U128CurrencyToVote, EraIndex, SessionIndex};

/// Nominators at most. Together with [`MAX_CANDIDATES`] it bounds the election: at both limits it takes
/// about a tenth of a second, in the one block of an era in which it is held.
pub const MAX_NOMINATORS: u32 = 1_000;
/// Accounts that may stand for election at most.
pub const MAX_CANDIDATES: u32 = 400;
/// Candidates that a nominator can back at most.
pub const MAX_NOMINATIONS: u32 = 16;

pallet_staking_reward_curve::build! {
	// Between 2.5 % and 10 % of the issuance is minted in a year, most when half of it is staked: enough
	// to hold half of all tokens in stake and no more.
	const REWARD_CURVE: PiecewiseLinear<'static> = curve!(
		min_inflation: 0_025_000,
		max_inflation: 0_100_000,
		ideal_stake: 0_500_000,
		falloff: 0_050_000,
		max_piece_count: 40,
		test_precision: 0_005_000,
	);
}

parameter_types! {
	/// See [`SESSIONS_PER_ERA`].
	pub const SessionsPerEra: SessionIndex = SESSIONS_PER_ERA;
	/// See [`BONDING_DURATION_ERAS`].
	pub const BondingDuration: EraIndex = BONDING_DURATION_ERAS;
	/// See [`SLASH_DEFER_DURATION_ERAS`].
	pub const SlashDeferDuration: EraIndex = SLASH_DEFER_DURATION_ERAS;
	/// See [`HISTORY_DEPTH_ERAS`].
	pub const HistoryDepth: u32 = HISTORY_DEPTH_ERAS;
	/// Nominators of one validator that are paid by one call.
	pub const MaxExposurePageSize: u32 = 64;
	/// See [`MAX_AUTHORITIES`].
	pub const MaxValidatorSet: u32 = MAX_AUTHORITIES;
	/// What is minted in a year, depending on how much is staked.
	pub const RewardCurve: &'static PiecewiseLinear<'static> = &REWARD_CURVE;
	/// How much of the voters and candidates an election looks at: all of them, because their number is
	/// limited.
	pub ElectionLimits: ElectionBounds = ElectionBoundsBuilder::default()
		.voters_count((MAX_NOMINATORS + MAX_CANDIDATES).into())
		.targets_count(MAX_CANDIDATES.into())
		.build();
	/// Backers that one elected validator can have: all there are.
	pub const MaxBackersPerWinner: u32 = MAX_NOMINATORS + MAX_CANDIDATES;
}

/// The election, held in the block that starts the last session of an era.
pub struct OnChainElection;

impl onchain::Config for OnChainElection {
	type Sort = ConstBool<true>;
	type System = Runtime;
	type Solver = SequentialPhragmen<AccountId, Perbill>;
	type MaxBackersPerWinner = MaxBackersPerWinner;
	type MaxWinnersPerPage = MaxValidatorSet;
	type DataProvider = Staking;
	type WeightInfo = frame_election_provider_support::weights::SubstrateWeight<Runtime>;
	type Bounds = ElectionLimits;
}

/// Sizes for benchmarking, which has no other use.
pub struct StakingBenchmarkingConfig;

impl pallet_staking::BenchmarkingConfig for StakingBenchmarkingConfig {
	type MaxNominators = ConstU32<MAX_NOMINATORS>;
	type MaxValidators = ConstU32<MAX_CANDIDATES>;
}

impl pallet_staking::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeHoldReason = RuntimeHoldReason;
	type OldCurrency = Balances;
	type Currency = Balances;
	type CurrencyBalance = Balance;
	type CurrencyToVote = U128CurrencyToVote;
	type UnixTime = Timestamp;
	type ElectionProvider = onchain::OnChainExecution<OnChainElection>;
	type GenesisElectionProvider = onchain::OnChainExecution<OnChainElection>;
	type NominationsQuota = pallet_staking::FixedNominationsQuota<MAX_NOMINATIONS>;
	type HistoryDepth = HistoryDepth;
	// Slashed stake and what the curve mints beyond the validators' part.
	type Slash = ResolveTo<TreasuryAccount, Balances>;
	type RewardRemainder = ResolveTo<TreasuryAccount, Balances>;
	type Reward = ();
	type SessionsPerEra = SessionsPerEra;
	type BondingDuration = BondingDuration;
	type SlashDeferDuration = SlashDeferDuration;
	type AdminOrigin = EnsureRoot<AccountId>;
	type SessionInterface = Self;
	type EraPayout = pallet_staking::ConvertCurve<RewardCurve>;
	type NextNewSession = Session;
	type MaxExposurePageSize = MaxExposurePageSize;
	type MaxValidatorSet = MaxValidatorSet;
	// Unsorted, which is right as long as an election looks at all of them.
	type VoterList = pallet_staking::UseNominatorsAndValidatorsMap<Self>;
	type TargetList = pallet_staking::UseValidatorsMap<Self>;
	type MaxUnlockingChunks = ConstU32<32>;
	type MaxControllersInDeprecationBatch = ConstU32<1>;
	type EventListeners = ();
	type Filter = Nothing;
	type BenchmarkingConfig = StakingBenchmarkingConfig;
	type WeightInfo = pallet_staking::weights::SubstrateWeight<Runtime>;
}
