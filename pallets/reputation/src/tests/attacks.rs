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

#[test]
fn dust_strips_nobody_of_what_it_earns() {
	build_and_execute(|| {
		let attacker = 20;
		mint(attacker, RICH);
		mint(HONEST, 10_000);
		mint(PAYER, 10_000);
		// One unit to everybody, and to those who have little less than it takes to fund them.
		for amount in [1, MIN_FUNDING - 1, MIN_FUNDING, 5_000] {
			transfer(attacker, HONEST, amount);
			transfer(attacker, PAYER, amount);
			end_block();
		}
		earn(HONEST, PAYER, 1_000);
		assert_eq!(Reputation::pending(HONEST), 1_000);
	});
}

#[test]
fn a_link_that_is_forced_on_strangers_costs_more_than_they_have() {
	build_and_execute(|| {
		let attacker = 20;
		mint(attacker, RICH);
		mint(HONEST, 7_000);
		mint(PAYER, 9_000);
		let mut given = 0;
		for who in [HONEST, PAYER] {
			let has = Balances::free_balance(who);
			transfer(attacker, who, has + 1);
			given += has + 1;
		}
		end_block();
		earn(HONEST, PAYER, 1_000);
		assert_eq!(Reputation::pending(HONEST), 0);
		assert!(given > 16_000);
		// It works until the payer is funded as usual.
		mint(30, RICH);
		transfer(30, PAYER, 20_000);
		end_block();
		earn(HONEST, PAYER, 1_000);
		assert_eq!(Reputation::pending(HONEST), 1_000);
	});
}

#[test]
fn contests_without_reason_cost_their_bonds_and_the_contested_only_time() {
	build_and_execute(|| {
		let mut paid = 0;
		for block in (1..MATURITY).step_by(DAY as usize) {
			go_to(block);
			earn(HONEST, PAYER, 1_000);
			paid += 1_000;
			if block > DAY {
				let id = contest(HONEST, block / DAY - 1, 1_000);
				decide(id, false);
			}
		}
		assert_eq!(Reputation::pending(HONEST), paid);
		assert_eq!(Balances::free_balance(WATCHER), RICH - 29 * BOND);
		assert_eq!(Balances::free_balance(TREASURY), 29 * BOND);
	});
}

#[test]
fn silence_keeps_nobody_from_points_for_longer_than_a_contest() {
	build_and_execute(|| {
		earn(HONEST, PAYER, 1_000_000);
		// Contested over and over, until it matures.
		go_to(DAY);
		let mut id = contest(HONEST, 0, 1_000_000);
		let matured = MATURITY + DAY;
		while System::block_number() < matured {
			go_to(System::block_number() + PERIOD + 1);
			frame_support::assert_ok!(Reputation::close(RuntimeOrigin::signed(HONEST), id));
			if System::block_number() < matured {
				id = contest(HONEST, 0, 1_000_000);
			}
		}
		assert!(System::block_number() <= matured + PERIOD);
		assert!(Reputation::power(HONEST) > 850_000);
		assert!(try_contest(HONEST, 0, 1).is_err());
	});
}

#[test]
fn small_contests_do_not_shelter_a_farm() {
	build_and_execute(|| {
		let farm = 10;
		earn(farm, 11, 1_000);
		go_to(DAY);
		// A friend contests as little as may be, as often as may be.
		for _ in 0..3 {
			contest(farm, 0, 250);
		}
		let id = contest(farm, 0, 250);
		decide(id, true);
		// And all that the friend contests can be forfeited on the evidence of others.
		(0..3).for_each(|id| decide(id, true));
		assert_eq!(Reputation::pending(farm), 0);
		assert_eq!(crate::Total::<Test>::get(), Default::default());
	});
}
