//! Attacks on the weight of votes, and what the attacker keeps.

use crate::{mock::*, Accounts};

const HONEST: u64 = 1;
const PAYER: u64 = 2;

#[test]
fn splitting_an_identity_gains_nothing() {
	build_and_execute(|| {
		// The same payments, to one account or spread over fifty.
		earn(HONEST, PAYER, 50 * 12_345);
		(100..150).for_each(|sybil| earn(sybil, PAYER, 12_345));
		for block in [
			MATURITY + DAY,
			MATURITY + DAY + 333,
			MATURITY + 2 * HALF_LIFE,
		] {
			go_to(block);
			let split: u128 = (100..150).map(Reputation::power).sum();
			assert!(split > 0);
			assert!(split <= Reputation::power(HONEST), "in block {block}");
		}
	});
}

#[test]
fn paying_oneself_farms_nothing() {
	build_and_execute(|| {
		for block in 1..100 {
			go_to(block);
			earn(HONEST, HONEST, 1_000_000);
		}
		go_to(MATURITY + 100 + DAY);
		assert_eq!(Reputation::power(HONEST), 0);
		assert_eq!(Reputation::total(), 0);
		assert_eq!(Accounts::<Test>::iter_keys().count(), 0);
	});
}

#[test]
fn strangers_who_pay_each_other_get_a_point_for_a_unit_at_most() {
	build_and_execute(|| {
		let mut lost = 0;
		for block in 1..100 {
			go_to(block);
			let (a, b) = if block % 2 == 0 { (10, 11) } else { (11, 10) };
			earn(a, b, 7_777);
			lost += 7_777;
		}
		let mut peak = 0;
		for block in 100..MATURITY + 100 + 2 * DAY {
			go_to(block);
			peak = peak.max(Reputation::power(10) + Reputation::power(11));
		}
		assert!(peak > 0 && peak <= lost);
	});
}

#[test]
fn a_majority_costs_what_all_others_paid() {
	build_and_execute(|| {
		let honest = 1_000_000_000;
		earn(HONEST, PAYER, honest);
		// One unit less than all honest users together is no majority.
		earn(10, 11, honest - 1);
		go_to(MATURITY + DAY);
		assert!(Reputation::power(10) * 2 < Reputation::total());
	});
}

#[test]
fn a_farm_is_seen_before_it_counts_and_gone_when_it_idles() {
	build_and_execute(|| {
		earn(10, 11, 1_000_000);
		for block in (1..MATURITY).step_by(13) {
			go_to(block);
			assert_eq!(Reputation::power(10), 0);
			assert_eq!(Reputation::pending(10), 1_000_000);
		}
		go_to(MATURITY + DAY + 14 * HALF_LIFE);
		assert!(Reputation::power(10) < MIN_EARNED);
		idle();
		assert!(Accounts::<Test>::get(10).is_none());
	});
}
