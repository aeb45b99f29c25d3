//! Earning, maturing, decaying.

use crate::{mock::*, Accounts, Event, Total, MAX_PENDING};
use openledger_primitives::traits::VotingPower;

#[test]
fn points_are_pending_first() {
	build_and_execute(|| {
		earn(1, 2, 1_000);
		assert_eq!(Reputation::pending(1), 1_000);
		assert_eq!(Reputation::power(1), 0);
		assert_eq!(Reputation::total(), 0);
		System::assert_last_event(
			Event::Earned {
				who: 1,
				payer: 2,
				amount: 1_000,
				matures_at: DAY + MATURITY,
			}
			.into(),
		);
	});
}

#[test]
fn points_count_from_maturity_on_and_not_a_block_sooner() {
	build_and_execute(|| {
		earn(1, 2, 1_000_000);
		go_to(MATURITY + DAY - 1);
		assert_eq!(Reputation::power(1), 0);
		assert_eq!(Reputation::pending(1), 1_000_000);
		go_to(MATURITY + DAY);
		assert!((999_999..=1_000_000).contains(&Reputation::power(1)));
		assert_eq!(Reputation::pending(1), 0);
		assert!(Reputation::total() >= Reputation::power(1));
	});
}

#[test]
fn no_point_matures_before_its_time() {
	for block in [0, 1, 9, 10, 11, 299, 300, 899, 900] {
		build_and_execute(|| {
			go_to(block);
			earn(1, 2, 1_000_000);
			go_to(block + MATURITY - 1);
			assert_eq!(Reputation::power(1), 0, "earned in {block}");
			go_to(block + MATURITY + DAY);
			assert!(Reputation::power(1) > 990_000, "earned in {block}");
		});
	}
}

#[test]
fn half_is_left_after_each_half_life() {
	build_and_execute(|| {
		earn(1, 2, 1_000_000);
		let matured = MATURITY + DAY;
		for (half_lives, expected) in [(1, 500_000), (2, 250_000), (3, 125_000), (10, 976)] {
			go_to(matured + half_lives * HALF_LIFE);
			let power = Reputation::power(1);
			assert!(
				(expected - 1..=expected).contains(&power),
				"{power} after {half_lives}"
			);
		}
	});
}

#[test]
fn an_account_that_earns_nothing_more_only_loses() {
	build_and_execute(|| {
		earn(1, 2, 1_000_000_000);
		go_to(MATURITY + DAY);
		let mut last = Reputation::power(1);
		for block in (MATURITY + DAY..MATURITY + 3 * HALF_LIFE).step_by(7) {
			go_to(block);
			let power = Reputation::power(1);
			assert!(power <= last, "rises in {block}");
			last = power;
		}
		assert!(last < 130_000_000);
	});
}

#[test]
fn what_one_pays_oneself_earns_nothing() {
	build_and_execute(|| {
		earn(1, 1, 1_000_000);
		assert!(Accounts::<Test>::get(1).is_none());
		assert_eq!(Total::<Test>::get(), Default::default());
		assert!(System::events().is_empty());
	});
}

#[test]
fn nothing_earned_is_nothing() {
	build_and_execute(|| {
		earn(1, 2, MIN_EARNED);
		System::reset_events();
		earn(1, 2, 0);
		assert!(System::events().is_empty());
	});
}

#[test]
fn dust_opens_no_record_but_adds_to_one() {
	build_and_execute(|| {
		earn(1, 2, MIN_EARNED - 1);
		assert!(Accounts::<Test>::get(1).is_none());
		assert_eq!(Total::<Test>::get(), Default::default());
		earn(1, 2, MIN_EARNED);
		earn(1, 2, 1);
		assert_eq!(Reputation::pending(1), MIN_EARNED + 1);
	});
}

#[test]
fn an_account_that_earns_in_each_block_has_a_bounded_record() {
	build_and_execute(|| {
		for block in 1..3 * MATURITY {
			go_to(block);
			earn(1, 2, MIN_EARNED);
			let pending = Accounts::<Test>::get(1).unwrap().pending.len();
			assert!(pending <= MAX_PENDING as usize);
		}
		assert_eq!(
			Accounts::<Test>::get(1).unwrap().pending.len(),
			MAX_PENDING as usize
		);
	});
}

#[test]
fn a_record_written_often_equals_one_written_once() {
	// Two accounts earn the same in the same blocks; one of them is written in each block by dust that
	// the other gets at once. Decay must not depend on it.
	build_and_execute(|| {
		earn(1, 9, 1_000_000_000);
		earn(2, 9, 1_000_000_000);
		for block in 2..=MATURITY {
			go_to(block);
			earn(1, 9, 1);
		}
		go_to(MATURITY + DAY + HALF_LIFE / 2);
		let (often, once) = (Reputation::power(1), Reputation::power(2));
		// 299 units of dust and one unit of rounding for each of 30 buckets.
		assert!(
			often >= once - 31 && often <= once + 299,
			"{often} and {once}"
		);
	});
}

#[test]
fn points_beyond_all_bounds_are_cut_off() {
	build_and_execute(|| {
		earn(1, 2, u128::MAX);
		assert_eq!(Reputation::pending(1), u128::MAX >> 1);
		System::reset_events();
		earn(3, 2, 1_000);
		assert!(System::events().is_empty());
		go_to(MATURITY + DAY);
		check();
		assert!(Reputation::power(1) > u128::MAX >> 2);
		assert!(Reputation::total() >= Reputation::power(1));
	});
}

#[test]
fn the_trait_and_the_view_agree() {
	build_and_execute(|| {
		earn(1, 2, 5_000);
		go_to(MATURITY + DAY);
		assert!(Reputation::power(1) > 0);
		assert_eq!(
			<Reputation as VotingPower<_>>::power(&1),
			Reputation::power(1)
		);
		assert_eq!(
			<Reputation as VotingPower<u64>>::total(),
			Reputation::total()
		);
		assert_eq!(Reputation::power(7), 0);
		assert_eq!(Reputation::pending(7), 0);
	});
}
