//! Models that are built to order.

use super::money::TreasuryAccount;
use crate::{
	constants::{
		currency::{deposit, UNIT},
		time::DAYS,
	},
	governance::{origins::ModelFunder, tracks::MODEL_FUNDING},
	AccountId, Balance, Balances, BlockNumber, Models, Runtime, RuntimeHoldReason,
};
use frame_support::{
	parameter_types,
	traits::{tokens::imbalance::ResolveTo, EitherOf, MapSuccess},
	PalletId,
};
use frame_system::{EnsureRootWithSuccess, EnsureSigned, EnsureWithSuccess};
use pallet_proposals::{Funding, Unlimited};
use sp_runtime::Percent;

parameter_types! {
	/// What root has the treasury give: as much as it has.
	pub TreasuryFunding: Funding<AccountId> = (TreasuryAccount::get(), None);
	/// What a model funder has it give: the track's cap at most.
	pub ModelFunding: Funding<AccountId> = (TreasuryAccount::get(), Some(MODEL_FUNDING));
	/// The account that holds what backers gave is derived from it.
	pub const ProposalsPalletId: PalletId = PalletId(*b"opn/prop");
	/// For a proposal: its record without the terms, with the longest evidence, and the model that it leads to.
	pub const ProposalDeposit: Balance = deposit(2, 800);
	/// For each byte of its terms.
	pub const TermsByteDeposit: Balance = deposit(0, 1);
	/// For a backer's record.
	pub const BackerDeposit: Balance = deposit(1, 96);
	/// The least that a backer gives.
	pub const MinContribution: Balance = UNIT;
	/// What a builder stakes: enough that nobody takes an order for fun, little enough that those who
	/// build can.
	pub const BuilderBondShare: Percent = Percent::from_percent(5);
	/// What it stakes at least.
	pub const MinBuilderBond: Balance = UNIT;
	/// The shortest period: for tests. Backers see the periods before they pay.
	pub const MinProposalPeriod: BlockNumber = 10;
	/// How long a proposal can be backed at most.
	pub const MaxFundingPeriod: BlockNumber = 90 * DAYS;
	/// How long a model can be built at most, and how long it is known who funded it.
	pub const MaxBuildingPeriod: BlockNumber = 365 * DAYS;
}

impl pallet_proposals::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Funder = EitherOf<
		MapSuccess<EnsureSigned<AccountId>, Unlimited>,
		EitherOf<
			EnsureRootWithSuccess<AccountId, TreasuryFunding>,
			EnsureWithSuccess<ModelFunder, AccountId, ModelFunding>,
		>,
	>;
	type Models = Models;
	type Penalties = ResolveTo<TreasuryAccount, Balances>;
	type PalletId = ProposalsPalletId;
	type ProposalDeposit = ProposalDeposit;
	type ByteDeposit = TermsByteDeposit;
	type BackerDeposit = BackerDeposit;
	type MinContribution = MinContribution;
	type BondShare = BuilderBondShare;
	type MinBond = MinBuilderBond;
	type MinPeriod = MinProposalPeriod;
	type MaxFunding = MaxFundingPeriod;
	type MaxBuilding = MaxBuildingPeriod;
	type WeightInfo = crate::weights::pallet_proposals::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::Setting;
}
