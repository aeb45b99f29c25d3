//! What genesis grants.

use crate::{mock::*, Accounts, Total};

const GRANT: u128 = 1_000_000;

#[test]
fn grants_count_from_the_first_block_on() {
	build_with_grants(vec![(1, GRANT), (2, 3 * GRANT)], || {
		go_to(0);
		assert_eq!(Reputation::power(1), GRANT);
		assert_eq!(Reputation::power(2), 3 * GRANT);
		assert_eq!(Reputation::total(), 4 * GRANT);
		assert_eq!(Reputation::pending(1), 0);
		assert_eq!(Reputation::power(3), 0);
		go_to(1);
		assert!((GRANT - 1_000..GRANT).contains(&Reputation::power(1)));
	});
}

#[test]
fn half_of_a_grant_is_left_after_each_half_life_in_account_and_total() {
	build_with_grants(vec![(1, GRANT), (2, 3 * GRANT)], || {
		for half_lives in 0..6 {
			go_to(half_lives * HALF_LIFE);
			assert_eq!(Reputation::power(1), GRANT >> half_lives);
			assert_eq!(Reputation::power(2), (3 * GRANT) >> half_lives);
			assert_eq!(Reputation::total(), (4 * GRANT) >> half_lives);
			check();
		}
	});
}

#[test]
fn in_between_accounts_and_total_decay_alike() {
	build_with_grants(vec![(1, GRANT), (2, 3 * GRANT), (3, GRANT + 1)], || {
		for block in (0..3 * HALF_LIFE).step_by(97) {
			go_to(block);
			let sum: u128 = (1..=3).map(Reputation::power).sum();
			assert!((sum..=sum + 3).contains(&Reputation::total()), "in {block}");
			check();
		}
	});
}

#[test]
fn a_grant_decays_like_what_is_earned() {
	build_with_grants(vec![(1, GRANT)], || {
		// Earned in the last block of the bucket whose points mature with a half-life's start.
		go_to(HALF_LIFE - MATURITY - DAY);
		earn(2, 9, GRANT >> 1);
		for block in (HALF_LIFE..4 * HALF_LIFE).step_by(101) {
			go_to(block);
			assert_eq!(Reputation::power(1), Reputation::power(2), "in {block}");
		}
	});
}

#[test]
fn what_is_earned_adds_to_a_grant() {
	build_with_grants(vec![(1, GRANT)], || {
		earn(1, 9, 1);
		assert_eq!(Reputation::pending(1), 1, "there is a record already");
		forfeit(1, 50);
		assert!(Reputation::power(1) <= GRANT / 2);
	});
}

#[test]
fn a_decayed_grant_is_removed() {
	build_with_grants(vec![(1, MIN_EARNED), (2, GRANT)], || {
		go_to(HALF_LIFE);
		idle();
		assert!(!Accounts::<Test>::contains_key(1));
		assert_eq!(Reputation::total(), Reputation::power(2));
	});
}

#[test]
fn the_least_and_the_most_are_granted() {
	build_with_grants(vec![(1, MIN_EARNED), (2, u128::MAX - MIN_EARNED)], || {
		assert_eq!(Total::<Test>::get().matured, u128::MAX);
		check();
		earn(3, 9, GRANT);
		assert_eq!(Reputation::pending(3), 0, "there is no room for more");
		go_to(HALF_LIFE);
		earn(3, 9, GRANT);
		assert_eq!(Reputation::pending(3), GRANT);
	});
}

#[test]
#[should_panic(expected = "a grant is of a new account")]
fn a_second_grant_to_an_account_is_refused() {
	build_with_grants(vec![(1, GRANT), (2, GRANT), (1, GRANT)], || {});
}

#[test]
#[should_panic(expected = "of at least the minimum")]
fn a_grant_below_the_minimum_is_refused() {
	build_with_grants(vec![(1, MIN_EARNED - 1)], || {});
}

#[test]
#[should_panic(expected = "all of them can be counted")]
fn grants_beyond_all_bounds_are_refused() {
	build_with_grants(
		vec![(1, MIN_EARNED), (2, u128::MAX - MIN_EARNED + 1)],
		|| {},
	);
}
