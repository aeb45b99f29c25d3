//! Base prices, and how they follow demand.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{model::ModelClass, traits::AgentPool};
use proptest::prelude::*;

use super::E;
use crate::{
	mock::*,
	pricing::{next_price, DAMPING},
	HoldReason, Requests,
};

fn price() -> u128 {
	Inference::base_price(ModelClass::Search)
}

/// Asks for so many units, one by one.
fn ask_for(units: u32) {
	for _ in 0..units {
		ask();
	}
}

#[test]
fn full_blocks_raise_the_price_by_an_eighth_and_empty_ones_lower_it() {
	ExtBuilder::default().agents(2).build_and_execute(|| {
		TargetUnits::set(5);
		assert_eq!(price(), MIN_BASE);
		let mut expected = MIN_BASE;
		for _ in 0..10 {
			ask_for(20);
			run_to(now() + 1);
			expected += expected / 8;
			assert_eq!(price(), expected);
		}
		for _ in 0..3 {
			ask_for(10);
			run_to(now() + 1);
			assert_eq!(price(), expected, "at the target nothing moves");
		}
		ask_for(15);
		run_to(now() + 1);
		expected += expected / 16;
		assert_eq!(price(), expected, "half over the target is half the step");
		ask_for(5);
		run_to(now() + 1);
		expected -= expected / 16;
		assert_eq!(price(), expected);
		for _ in 0..30 {
			run_to(now() + 1);
			expected = (expected - expected / 8).max(MIN_BASE);
			assert_eq!(price(), expected);
		}
		assert_eq!(price(), MIN_BASE, "and no lower");
	});
}

#[test]
fn the_price_is_that_of_the_block_and_part_of_the_fee() {
	ExtBuilder::default().build_and_execute(|| {
		TargetUnits::set(4);
		for _ in 0..8 {
			ask_for(8);
			run_to(now() + 1);
		}
		let base = price();
		assert!(base > 2 * MIN_BASE);
		assert_eq!(Inference::price(MODEL, 10), Some(PRICE + base));
		assert_eq!(Inference::price(MODEL, 256), Some(2 * (PRICE + base)));
		assert_eq!(Inference::price(MODEL + 1, 10), None);
		let fee = PRICE + base;
		let ask = |cap| Inference::request(signed(OTHER), MODEL, inline("x"), cap, 1);
		assert_noop!(ask(fee - 1), E::FeeCapTooLow);
		assert_ok!(ask(2 * fee));
		assert_eq!(held(HoldReason::Fee, OTHER), fee, "not the cap");
		// What is held does not follow the price.
		run_to(now() + 1);
		assert!(price() < base);
		assert_eq!(held(HoldReason::Fee, OTHER), fee);
	});
}

#[test]
fn classes_have_markets_of_their_own() {
	ExtBuilder::default()
		.generates(EXACT)
		.build_and_execute(|| {
			TargetUnits::set(5);
			// 64 tokens and a short prompt.
			ask_for(2);
			assert_eq!(Requests::<Test>::get(0).expect("open").units, 5);
			run_to(now() + 1);
			assert_eq!(price(), MIN_BASE);
			assert_eq!(
				Inference::base_price(ModelClass::Generate),
				MIN_BASE + MIN_BASE / 8
			);
		});
}

#[test]
fn a_block_takes_twice_its_target() {
	ExtBuilder::default().agents(2).build_and_execute(|| {
		TargetUnits::set(3);
		ask_for(12);
		let ask = || Inference::request(signed(OTHER), MODEL, inline("x"), u128::MAX, 1);
		assert_noop!(ask(), E::NoCapacity);
		run_to(now() + 1);
		assert_ok!(ask());
	});
}

#[test]
fn what_is_larger_than_a_block_goes_first() {
	ExtBuilder::default().build_and_execute(|| {
		TargetUnits::set(1);
		let large = || {
			let input = inline(&"x".repeat(512));
			Inference::request(signed(OTHER), MODEL, input, u128::MAX, 1)
		};
		assert_ok!(large());
		assert_noop!(large(), E::NoCapacity);
		run_to(now() + 1);
		assert_eq!(
			price(),
			MIN_BASE + MIN_BASE / 8,
			"it counts as a full block"
		);
	});
}

#[test]
fn capacity_follows_the_agents() {
	ExtBuilder::default().agents(4).build_and_execute(|| {
		TargetUnits::set(2);
		ask_for(8);
		run_to(now() + 1);
		assert_eq!(price(), MIN_BASE, "four agents do eight units");
		Agents::set_active(AGENT, false);
		Agents::set_active(AGENT + 1, false);
		assert_eq!(Agents::active(), 2);
		ask_for(8);
		run_to(now() + 1);
		assert_eq!(
			price(),
			MIN_BASE + MIN_BASE / 8,
			"for two it is twice as much as they should"
		);
	});
}

#[test]
fn demand_finds_its_price() {
	// Payers who ask for the fewer units the dearer they are: 20 at the lowest price, one less for each
	// hundredth part of it.
	ExtBuilder::default().build_and_execute(|| {
		TargetUnits::set(10);
		let wanted = |price: u128| 20u128.saturating_sub((price - MIN_BASE) * 20 / (4 * MIN_BASE));
		let mut last = Vec::new();
		for block in 0..120 {
			ask_for(wanted(price()) as u32);
			run_to(now() + 1);
			if block >= 100 {
				last.push(price());
			}
		}
		// At three times the lowest price ten are asked for.
		for price in last {
			assert!(
				price.abs_diff(3 * MIN_BASE) < MIN_BASE / 4,
				"{price} is not near {}",
				3 * MIN_BASE
			);
		}
	});
}

proptest! {
	#[test]
	fn prices_stay_in_bounds_and_move_gently(
		price: u128,
		used: u64,
		target: u64,
		floor in DAMPING..=u128::MAX,
		range: u128,
	) {
		let ceiling = floor.saturating_add(range);
		let before = price.clamp(floor, ceiling);
		let after = next_price(price, used, target, floor, ceiling);
		prop_assert!((floor..=ceiling).contains(&after));
		prop_assert!(after.abs_diff(before) <= before / DAMPING);
		if used > target && target > 0 {
			prop_assert!(after > before || after == ceiling);
		} else {
			prop_assert!(after <= before);
		}
	}

	#[test]
	fn more_demand_is_never_cheaper(
		price in 8u128..1 << 100,
		used: u64,
		more: u64,
		target: u64,
	) {
		let next = |used| next_price(price, used, target, 8, u128::MAX);
		prop_assert!(next(used) <= next(used.saturating_add(more)));
	}
}
