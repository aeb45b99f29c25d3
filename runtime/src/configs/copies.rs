//! Claims that adapters are copies of others.

use super::money::TreasuryAccount;
use crate::{
	constants::{currency::UNIT, time::DAYS},
	AccountId, Balance, Balances, BlockNumber, Inference, Models, Runtime, RuntimeHoldReason,
};
use frame_support::{parameter_types, traits::tokens::imbalance::ResolveTo};
use frame_system::EnsureRoot;

parameter_types! {
	/// Of whoever claims: more than its comparison costs, so that nobody claims on the off chance.
	pub const CopyBond: Balance = 50 * UNIT;
	/// Blocks in which a claim that was upheld can be dismissed: two weeks, as a referendum takes.
	pub const CopyGrace: BlockNumber = 14 * DAYS;
}

// A committee that no request can have would leave every claim undecided.
const _: () = assert!(pallet_copies::MAX_COMMITTEE <= super::openledger::MaxCommittee::get());

impl pallet_copies::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Models = Models;
	type Committees = Inference;
	type AdminOrigin = EnsureRoot<AccountId>;
	type Bond = CopyBond;
	type Grace = CopyGrace;
	type Penalties = ResolveTo<TreasuryAccount, Balances>;
	type WeightInfo = crate::weights::pallet_copies::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::Setting;
}
