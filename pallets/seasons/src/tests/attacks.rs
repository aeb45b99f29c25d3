//! Attacks on rewards and leaderboards, and what the attacker keeps.

use crate::{mock::*, Conversion, Points};
use frame_support::{assert_noop, assert_ok};

/// What `accounts` get for `points` spread evenly over them, beside an honest account with as many.
fn paid(accounts: u64, points: u64, per_point: u128, min_points: u64) -> u128 {
	let mut sum = 0;
	ExtBuilder::default().build_and_execute(|| {
		contribute(ALICE, points);
		for who in 0..accounts {
			let who = 1_000 + who;
			assert_ok!(Balances::transfer_allow_death(signed(BOB), who, MINIMUM));
			contribute(who, points / accounts);
		}
		convert(
			0,
			Conversion {
				min_points,
				..conversion(per_point, MAX_POT)
			},
		);
		fund(0, 99_991);
		go_to(1, 0);
		sum = (0..accounts).map(|who| claim(1_000 + who, 0)).sum();
	});
	sum
}

#[test]
fn splitting_points_over_accounts_gains_nothing() {
	for (per_point, min_points) in [(3, 1), (1_000, 1), (1_000, 50)] {
		let one = paid(1, 1_000, per_point, min_points);
		assert!(one > 0);
		for accounts in [2, 10, 100, 1_000] {
			let split = paid(accounts, 1_000, per_point, min_points);
			assert!(split <= one, "{accounts} accounts get {split}, not {one}");
		}
	}
	// Below the fewest points that are rewarded, everything is lost by it.
	assert_eq!(paid(100, 1_000, 1_000, 50), 0);
}

#[test]
fn claiming_twice_pays_once() {
	ExtBuilder::default().build_and_execute(|| {
		contribute(ALICE, 1);
		contribute(BOB, 1);
		convert(0, conversion(1_000, 1_000));
		fund(0, 100);
		go_to(1, 0);
		assert_eq!(claim(ALICE, 0), 50);
		for block in 1..CLAIM {
			go_to(1, block);
			assert_eq!(claim(ALICE, 0), 0);
		}
		assert_eq!(claim(BOB, 0), 50);
	});
}

#[test]
fn claiming_early_pays_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		contribute(ALICE, 1);
		convert(0, conversion(1_000, 1_000));
		fund(0, 100);
		for block in 1..LENGTH {
			go_to(0, block);
			assert_eq!(claim(ALICE, 0), 0);
		}
		// Waiting for others' points would not pay more than at the end.
		contribute(BOB, 3);
		go_to(1, 0);
		assert_eq!(claim(ALICE, 0), 25);
	});
}

#[test]
fn points_after_the_end_count_in_the_next_season() {
	ExtBuilder::default().build_and_execute(|| {
		contribute(BOB, 1);
		convert(0, conversion(1_000, 1_000));
		fund(0, 100);
		go_to(0, 99);
		contribute(ALICE, 1);
		go_to(1, 0);
		contribute(ALICE, 1_000_000);
		assert_eq!(claim(ALICE, 0), 50);
		assert_eq!(claim(BOB, 0), 50);
		assert_eq!(
			Seasons::points_of(ALICE, Some(1)),
			Some(score(1_000_000, 0))
		);
	});
}

#[test]
fn dust_displaces_nobody_and_is_swept_away() {
	ExtBuilder::default().build_and_execute(|| {
		for who in 0..100 {
			contribute(5_000 + who, 2);
		}
		let honest = Seasons::leaderboard(None, 100);
		for who in 0..1_000 {
			contribute(10_000 + who, 1);
			// As much as the last one has is not enough either.
			contribute(10_000 + who, 1);
		}
		assert_eq!(Seasons::leaderboard(None, 100), honest);
		// All of it is swept away in the end.
		go_to(1, CLAIM);
		let mut calls = 0;
		while Seasons::sweep_season(signed(BOB), 0, MAX_SWEEP).is_ok() {
			calls += 1;
		}
		assert_eq!(calls, 1_100 / MAX_SWEEP);
		assert_eq!(Points::<Test>::iter().count(), 0);
	});
}

#[test]
fn seasons_far_ahead_cannot_be_filled_with_dust() {
	ExtBuilder::default().build_and_execute(|| {
		let mut records = 0;
		for season in 0..1_000 {
			if Seasons::fund(signed(SPONSOR), season, 1).is_ok() {
				records += 1;
			}
		}
		assert_eq!(records, crate::AHEAD + 1);
	});
}

#[test]
fn a_pot_does_not_pay_for_another_season() {
	ExtBuilder::default().build_and_execute(|| {
		contribute(ALICE, 1_000);
		convert(0, conversion(1_000, MAX_POT));
		fund(0, 10);
		fund(1, 1_000_000);
		go_to(1, 0);
		assert_eq!(claim(ALICE, 0), 10);
		assert_noop!(Seasons::claim_reward(signed(ALICE), 1), E::SeasonNotOver);
		assert_eq!(totals(1).rest(), 1_000_000);
	});
}
