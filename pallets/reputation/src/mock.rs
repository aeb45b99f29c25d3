//! A runtime of system and reputation, with thirty days of 10 blocks each.

use frame_support::{
	derive_impl,
	traits::{ConstU128, ConstU32, ConstU64, Hooks, OnIdle},
	weights::Weight,
};
use frame_system::mocking::MockBlock;
use openledger_primitives::traits::ReputationSink;
use sp_runtime::{traits::IdentityLookup, BuildStorage, Percent};

use crate::BUCKETS;

pub(crate) type AccountId = u64;

/// A bucket's length.
pub(crate) const DAY: u64 = 10;
pub(crate) const MATURITY: u64 = DAY * BUCKETS as u64;
pub(crate) const HALF_LIFE: u64 = DAY * 90;
pub(crate) const MIN_EARNED: u128 = 100;
pub(crate) const SWEEP_LIMIT: u32 = 4;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Reputation = crate;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = MockBlock<Test>;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
}

impl crate::Config for Test {
	type Maturity = ConstU64<MATURITY>;
	type HalfLife = ConstU64<HALF_LIFE>;
	type MinEarned = ConstU128<MIN_EARNED>;
	type SweepLimit = ConstU32<SWEEP_LIMIT>;
	type WeightInfo = ();
}

/// Runs `test` from block 1 on; the invariants must hold at its end.
pub(crate) fn build_and_execute(test: impl FnOnce()) {
	let storage = frame_system::GenesisConfig::<Test>::default()
		.build_storage()
		.unwrap();
	sp_io::TestExternalities::new(storage).execute_with(|| {
		System::set_block_number(1);
		Reputation::integrity_test();
		test();
		check();
	});
}

/// The same, as benchmarks are run.
#[cfg(feature = "runtime-benchmarks")]
pub(crate) struct Chain;

#[cfg(feature = "runtime-benchmarks")]
impl Chain {
	pub(crate) fn execute(self, test: impl FnOnce()) {
		build_and_execute(test);
	}
}

/// Checks the invariants.
pub(crate) fn check() {
	Reputation::do_try_state().unwrap();
}

/// `payer` irrecoverably pays `amount` for the work of `who`.
pub(crate) fn earn(who: AccountId, payer: AccountId, amount: u128) {
	<Reputation as ReputationSink<_>>::earned(&who, &payer, amount);
}

/// Takes `percent` of all that `who` has earned.
pub(crate) fn forfeit(who: AccountId, percent: u8) {
	<Reputation as ReputationSink<_>>::forfeit(&who, Percent::from_percent(percent));
}

/// Sets the present block, without running any hook.
pub(crate) fn go_to(block: u64) {
	System::set_block_number(block);
}

/// Runs the idle hook of the present block with `remaining` weight.
pub(crate) fn idle_with(remaining: Weight) -> Weight {
	<Reputation as OnIdle<u64>>::on_idle(System::block_number(), remaining)
}

/// Runs the idle hook of the present block with ample weight.
pub(crate) fn idle() -> Weight {
	idle_with(Weight::MAX)
}
