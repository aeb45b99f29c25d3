//! Against the real balances.

use super::*;
use frame_support::{
	assert_ok, derive_impl,
	traits::{fungible::MutateHold, VariantCount},
};
use sp_io::TestExternalities;
use sp_runtime::BuildStorage;

type Block = frame_system::mocking::MockBlock<Test>;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeTask
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountData = pallet_balances::AccountData<u64>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type RuntimeHoldReason = Reason;
}

/// Why something is held.
#[derive(
	Clone,
	Copy,
	Debug,
	codec::Decode,
	codec::DecodeWithMemTracking,
	codec::Encode,
	Eq,
	codec::MaxEncodedLen,
	PartialEq,
	scale_info::TypeInfo,
)]
pub enum Reason {
	Bond,
	Other,
}

impl VariantCount for Reason {
	const VARIANT_COUNT: u32 = 2;
}

const BROKEN: &str = "the bonds held are not those recorded";

fn execute(test: impl FnOnce()) {
	let mut storage = frame_system::GenesisConfig::<Test>::default()
		.build_storage()
		.expect("valid");
	pallet_balances::GenesisConfig::<Test> {
		balances: vec![(1, 100), (2, 100)],
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.expect("valid");
	TestExternalities::from(storage).execute_with(test)
}

fn hold(who: u64, amount: u64) {
	assert_ok!(Balances::hold(&Reason::Bond, &who, amount));
}

fn recorded(entries: &[(u64, u64)]) -> Sums<u64, u64> {
	let mut sums = Sums::new();
	for (who, amount) in entries {
		assert_ok!(add(&mut sums, who, *amount));
	}
	sums
}

fn check_bonds(entries: &[(u64, u64)]) -> Result<(), TryRuntimeError> {
	check::<Test, Balances>(Reason::Bond, recorded(entries), BROKEN)
}

#[test]
fn what_is_recorded_adds_up_to_what_is_held() {
	execute(|| {
		assert_ok!(check_bonds(&[]));
		hold(1, 30);
		hold(2, 5);
		assert_ok!(check_bonds(&[(1, 10), (2, 5), (1, 20)]));
		// Nothing is recorded for somebody who does not exist.
		assert_ok!(check_bonds(&[(1, 30), (2, 5), (3, 0)]));
	});
}

#[test]
fn another_reason_does_not_count() {
	execute(|| {
		hold(1, 30);
		assert_ok!(Balances::hold(&Reason::Other, &1, 12));
		assert_ok!(check_bonds(&[(1, 30)]));
		assert_eq!(check_bonds(&[(1, 42)]), Err(BROKEN.into()));
	});
}

#[test]
fn any_difference_is_told() {
	execute(|| {
		hold(1, 30);
		for wrong in [
			&[][..],
			&[(1, 29)],
			&[(1, 31)],
			&[(2, 30)],
			&[(1, 30), (2, 1)],
			&[(1, 30), (3, 1)],
		] {
			assert_eq!(check_bonds(wrong), Err(BROKEN.into()), "{wrong:?}");
		}
	});
}

#[test]
fn a_sum_does_not_wrap() {
	let mut sums = recorded(&[(1, u64::MAX)]);
	assert!(add(&mut sums, &1, 1).is_err());
	assert_eq!(sums[&1], u64::MAX);
}
