//! Claims that adapters are copies of others.

use super::money::TreasuryAccount;
use crate::{
	constants::{currency::UNIT, time::DAYS},
	governance::{origins::ParameterAdmin, paced, tracks::PARAMETER_ADMIN_TAKES, RootOr},
	Balance, Balances, BlockNumber, Inference, Models, Runtime, RuntimeHoldReason,
};
use frame_support::{parameter_types, traits::tokens::imbalance::ResolveTo};

/// Blocks in which a claim that was upheld can be dismissed on a public chain: a referendum, and days to see that one is
/// called for.
const GRACE: BlockNumber = 14 * DAYS;
const _: () = assert!(GRACE > PARAMETER_ADMIN_TAKES + DAYS);

parameter_types! {
	/// Of whoever claims: more than its comparison costs, so that nobody claims on the off chance.
	pub const CopyBond: Balance = 50 * UNIT;
	/// Blocks in which a claim that was upheld can be dismissed, see [`GRACE`].
	pub CopyGrace: BlockNumber = paced(GRACE);
}

// A committee that no request can have would leave every claim undecided.
const _: () = assert!(pallet_copies::MAX_COMMITTEE <= super::openledger::MaxCommittee::get());

impl pallet_copies::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Models = Models;
	type Committees = Inference;
	type AdminOrigin = RootOr<ParameterAdmin>;
	type Bond = CopyBond;
	type Grace = CopyGrace;
	type Penalties = ResolveTo<TreasuryAccount, Balances>;
	type WeightInfo = crate::weights::pallet_copies::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::Setting;
}
