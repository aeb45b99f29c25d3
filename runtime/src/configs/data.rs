//! Datanets and what belongs to them: curation, access, seasons.

use super::money::TreasuryAccount;
use crate::{
	constants::{
		currency::{deposit, MILLI_UNIT, UNIT},
		time::{DAYS, HOURS, MINUTES},
	},
	governance::{origins::DatanetAdmin, RootOr},
	weights, Balance, Balances, BlockNumber, Curation, Datanets, Reputation, Runtime,
	RuntimeHoldReason, Seasons,
};
use frame_support::{
	parameter_types,
	traits::{ConstU32, Randomness},
	weights::Weight,
	PalletId,
};
use pallet_babe::ParentBlockRandomness;
use pallet_curation::weights::WeightInfo as _;
use pallet_datanets::WeightInfo as _;
use pallet_reputation::WeightInfo as _;
use pallet_seasons::WeightInfo as _;
use sp_core::H256;
use sp_runtime::Percent;

/// Bytes in a mebibyte.
const MEBIBYTE: u64 = 1024 * 1024;

parameter_types! {
	/// For a Datanet: its entries, and enough more that nobody opens them by the thousand.
	pub const DatanetDeposit: Balance = UNIT;
	/// For each byte of a Datanet's description, and of a batch file that the chain keeps.
	pub const DataByteDeposit: Balance = deposit(0, 1);
	/// For a batch: its record with the longest locator, its place in a cluster, and the three indices
	/// that lead to it.
	pub const BatchDeposit: Balance = deposit(5, 1_100);
	/// For each mebibyte of a batch file. The chain doesn't keep it, but every operator that serves the
	/// Datanet does.
	pub const MebibyteDeposit: Balance = 100 * MILLI_UNIT;
	/// By how much a Datanet can raise these two: against spam, and not so far that nobody can give.
	pub const MaxDepositFactor: u32 = 100;
	/// For an account on a Datanet's list of contributors.
	pub const ListingDeposit: Balance = deposit(1, 108);
	/// For a reservation of a root.
	pub const ReservationDeposit: Balance = deposit(1, 148);
	/// Blocks for which a reservation can be used: time enough to prepare and send a large batch.
	pub const ReservationPeriod: BlockNumber = DAYS;
	/// Blocks after which a batch can be withdrawn: time for who reserved it to claim it from a copier.
	pub const WithdrawalDelay: BlockNumber = 10;
	/// Blocks before changed rules apply: time to see them coming.
	pub const RulesNotice: BlockNumber = DAYS;
	/// The highest price of a day's access.
	pub const MaxAccessPrice: Balance = 1_000_000 * UNIT;
	/// What an owner can keep of the price at most. The data are the contributors'.
	pub const MaxOwnerShare: Percent = Percent::from_percent(30);
	/// What a contributor loses of its reputation for a rejected batch.
	pub const RejectionForfeit: Percent = Percent::from_percent(10);
	/// Rows of a batch at most.
	pub const MaxRows: u32 = 1_000_000;
	/// Bytes of a batch file at most: what an operator has to fetch and check at once.
	pub const MaxBytes: u64 = 64 * MEBIBYTE;
	/// Places for batches in a Datanet.
	pub const MaxBatchesPerDatanet: u32 = 100_000;
	/// Batches of a Datanet that wait for their curation: more than its curators judge in a day.
	pub const MaxPending: u32 = 1_000;
	/// The account that holds what was paid for access and not yet claimed is derived from it.
	pub const DatanetsPalletId: PalletId = PalletId(*b"opn/data");
	/// What finding out whether a batch's curation can be abandoned weighs, see [`pallet_curation`].
	pub AbandonWeight: Weight = weights::pallet_curation::WeightInfo::<Runtime>::abandon();
}

impl pallet_datanets::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Curation = Curation;
	type Points = Seasons;
	type Reputation = Reputation;
	type TreasuryAccount = TreasuryAccount;
	type AdminOrigin = RootOr<DatanetAdmin>;
	type PalletId = DatanetsPalletId;
	type DatanetDeposit = DatanetDeposit;
	type ByteDeposit = DataByteDeposit;
	type BatchDeposit = BatchDeposit;
	type MebibyteDeposit = MebibyteDeposit;
	type MaxDepositFactor = MaxDepositFactor;
	type ListingDeposit = ListingDeposit;
	type ReservationDeposit = ReservationDeposit;
	type ReservationPeriod = ReservationPeriod;
	type WithdrawalDelay = WithdrawalDelay;
	type RulesNotice = RulesNotice;
	type MaxAccessPrice = MaxAccessPrice;
	type MaxOwnerShare = MaxOwnerShare;
	type RejectionForfeit = RejectionForfeit;
	type MaxRows = MaxRows;
	type MaxBytes = MaxBytes;
	type MaxBatchesPerDatanet = MaxBatchesPerDatanet;
	type MaxPending = MaxPending;
	type AbandonWeight = AbandonWeight;
	type WeightInfo = weights::pallet_datanets::WeightInfo<Runtime>;
}

/// The VRF output of the parent block's author: nobody knows it before that block, and an author who
/// does not like it can only leave out its block.
pub struct ParentSeed;

impl Randomness<H256, BlockNumber> for ParentSeed {
	fn random(subject: &[u8]) -> (H256, BlockNumber) {
		let (seed, known_since) = ParentBlockRandomness::<Runtime>::random(subject);
		(seed.unwrap_or_default(), known_since)
	}
}

parameter_types! {
	/// What deciding on a batch weighs, with its points or the loss of reputation; or linking it, see
	/// [`pallet_datanets`].
	pub DecideWeight: Weight = {
		type Data = weights::pallet_datanets::WeightInfo<Runtime>;
		let accepted = Data::decide_accepted().saturating_add(CreditWeight::get());
		let rejected = Data::decide_rejected()
			.saturating_add(<Runtime as pallet_reputation::Config>::WeightInfo::forfeit());
		accepted.max(rejected).max(Data::link())
	};
	/// What crediting points weighs, see [`pallet_seasons`].
	pub CreditWeight: Weight = weights::pallet_seasons::WeightInfo::<Runtime>::credit();
	/// What a curator puts at stake for each seat on a jury.
	pub const SeatBond: Balance = 10 * UNIT;
	/// What being outvoted costs of it.
	pub const MinoritySlash: Percent = Percent::from_percent(10);
	/// What keeping silent costs of it.
	pub const AbsenceSlash: Percent = Percent::from_percent(5);
	/// Failures in a row that eject a curator.
	pub const MaxFailures: u32 = 5;
	/// Curators of a Datanet: all of them are looked at when a jury is drawn.
	pub const MaxCurators: u32 = 128;
	/// Blocks for which a curator's bond is held after it has left: longer than a round can last with
	/// its appeals.
	pub const CuratorUnbonding: BlockNumber = 7 * DAYS;
	/// Blocks between a batch and the seed by which its jury is drawn.
	pub const DrawDelay: BlockNumber = 3;
	/// Blocks after which a larger jury that cannot be drawn is given up.
	pub const DrawTimeout: BlockNumber = 6 * HOURS;
	/// Blocks for which seeds are kept.
	pub const SeedWindow: BlockNumber = HOURS;
	/// Blocks in which a jury reads a batch and commits. It ends as soon as all have.
	pub const VerdictCommit: BlockNumber = 6 * HOURS;
	/// Blocks in which it reveals. It ends as soon as all have.
	pub const VerdictReveal: BlockNumber = HOURS;
	/// Blocks in which a finding can be appealed. Short, as on a chain for tests; a public network sets
	/// its own before its genesis.
	pub const AppealPeriod: BlockNumber = MINUTES;
	/// For each seat of the jury that an appeal calls.
	pub const AppealDeposit: Balance = 5 * UNIT;
	/// For a report of a duplicate.
	pub const ReportBond: Balance = 20 * UNIT;
	/// Blocks in which a challenger shows the rows that were drawn.
	pub const ProofPeriod: BlockNumber = HOURS;
	/// Blocks of each phase of a qualification round. Short, see [`AppealPeriod`].
	pub const QualificationPhase: BlockNumber = MINUTES / 2;
	/// Blocks for which a passed qualification counts.
	pub const QualificationPeriod: BlockNumber = 365 * DAYS;
	/// Of the owner who opens a qualification round.
	pub const QualificationDeposit: Balance = 10 * UNIT;
	/// Of each candidate.
	pub const CandidateDeposit: Balance = UNIT;
}

impl pallet_curation::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Data = Datanets;
	type Points = Seasons;
	type Randomness = ParentSeed;
	type TreasuryAccount = TreasuryAccount;
	type DecideWeight = DecideWeight;
	type CreditWeight = CreditWeight;
	type SeatBond = SeatBond;
	type MinoritySlash = MinoritySlash;
	type AbsenceSlash = AbsenceSlash;
	type MaxFailures = MaxFailures;
	type MaxCurators = MaxCurators;
	type UnbondingPeriod = CuratorUnbonding;
	type DrawDelay = DrawDelay;
	type DrawTimeout = DrawTimeout;
	type SeedWindow = SeedWindow;
	type CommitPeriod = VerdictCommit;
	type RevealPeriod = VerdictReveal;
	type AppealPeriod = AppealPeriod;
	type AppealDeposit = AppealDeposit;
	type ReportBond = ReportBond;
	type ProofPeriod = ProofPeriod;
	type QualificationPhase = QualificationPhase;
	type QualificationPeriod = QualificationPeriod;
	type QualificationDeposit = QualificationDeposit;
	type CandidateDeposit = CandidateDeposit;
	type MaxCandidates = ConstU32<1_000>;
	type WeightInfo = weights::pallet_curation::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::Data;
}

parameter_types! {
	/// What the treasury gets of each price of access.
	pub const TreasuryShare: Percent = Percent::from_percent(5);
	/// For a request, and the grant that it becomes, with the longest wrapped key.
	pub const AccessDeposit: Balance = deposit(4, 1_536);
	/// For each steward of a Datanet.
	pub const StewardDeposit: Balance = deposit(0, 64);
	/// What prices per day refer to.
	pub const BlocksPerDay: BlockNumber = DAYS;
	/// The longest grant.
	pub const MaxTerm: BlockNumber = 365 * DAYS;
	/// Blocks in which a request can be answered.
	pub const RequestPeriod: BlockNumber = 7 * DAYS;
}

impl pallet_access::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Data = Datanets;
	type TreasuryAccount = TreasuryAccount;
	type TreasuryShare = TreasuryShare;
	type RecordDeposit = AccessDeposit;
	type StewardDeposit = StewardDeposit;
	type BlocksPerDay = BlocksPerDay;
	type MaxTerm = MaxTerm;
	type RequestPeriod = RequestPeriod;
	type MaxRequestsPerAccount = ConstU32<64>;
	type WeightInfo = weights::pallet_access::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::Data;
}

parameter_types! {
	/// The account that holds the pots of all seasons is derived from it.
	pub const SeasonsPalletId: PalletId = PalletId(*b"opn/seas");
	/// Blocks of a season.
	pub const SeasonLength: BlockNumber = 28 * DAYS;
	/// Blocks after a season's end in which its rewards can be claimed.
	pub const ClaimPeriod: BlockNumber = 84 * DAYS;
	/// The most that a point can be worth: less than a two-hundredth of what being outvoted costs, so that
	/// no juror gives up a seat to make a case look harder (see `pallet-curation`).
	pub const MaxPerPoint: Balance = 4 * MILLI_UNIT;
	/// The most that a season can pay out.
	pub const MaxPot: Balance = 10_000_000 * UNIT;
	/// Accounts on a season's list.
	pub const MaxListed: u32 = 10_000;
	/// Records that a call sweeps away at most.
	pub const MaxSweep: u32 = 100;
}

impl pallet_seasons::Config for Runtime {
	type Currency = Balances;
	type GovernanceOrigin = RootOr<DatanetAdmin>;
	type TreasuryAccount = TreasuryAccount;
	type PalletId = SeasonsPalletId;
	type SeasonLength = SeasonLength;
	type ClaimPeriod = ClaimPeriod;
	type MaxPerPoint = MaxPerPoint;
	type MaxPot = MaxPot;
	type MaxListed = MaxListed;
	type MaxSweep = MaxSweep;
	type WeightInfo = weights::pallet_seasons::WeightInfo<Runtime>;
}
