use crate::{mock::*, Conversion, Event, AHEAD, MAX_MIN_POINTS};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{DispatchError::BadOrigin, TokenError};

#[test]
fn rewards_are_paid_by_point_once() {
	ExtBuilder::default().build_and_execute(|| {
		contribute(ALICE, 6);
		curate(BOB, 4);
		convert(0, conversion(20, 1_000));
		fund(0, 500);
		assert_eq!(balance(SPONSOR), RICH - 500);
		assert_eq!(balance(Seasons::pot()), 500 + MINIMUM);
		go_to(1, 0);
		assert_eq!(Seasons::reward_of(ALICE, 0), Some(120));
		assert_ok!(Seasons::claim_reward(signed(ALICE), 0));
		assert_eq!(
			last_event(),
			Event::RewardClaimed {
				season: 0,
				who: ALICE,
				points: 6,
				amount: 120
			}
			.into()
		);
		assert_eq!(balance(ALICE), RICH + 120);
		assert_noop!(Seasons::claim_reward(signed(ALICE), 0), E::AlreadyClaimed);
		assert_eq!(Seasons::reward_of(ALICE, 0), None);
		assert_eq!(claim(BOB, 0), 80);
		assert_eq!((totals(0).paid, totals(0).rest()), (200, 300));
	});
}

#[test]
fn a_small_pot_is_shared_by_points() {
	ExtBuilder::default().build_and_execute(|| {
		contribute(ALICE, 2);
		contribute(BOB, 1);
		convert(0, conversion(1_000, 1_000));
		fund(0, 100);
		go_to(1, 0);
		assert_eq!((claim(ALICE, 0), claim(BOB, 0)), (66, 33));
		assert_eq!(totals(0).rest(), 1);
	});
}

#[test]
fn a_pot_is_paid_out_to_its_last_unit() {
	ExtBuilder::default().build_and_execute(|| {
		contribute(ALICE, 2);
		convert(0, conversion(1_000, 1_000));
		fund(0, 7);
		go_to(1, 0);
		assert_eq!(claim(ALICE, 0), 7);
		assert_eq!(balance(Seasons::pot()), MINIMUM);
	});
}

#[test]
fn the_cap_bounds_what_a_pot_pays() {
	ExtBuilder::default().build_and_execute(|| {
		contribute(ALICE, 3);
		contribute(BOB, 1);
		convert(0, conversion(1_000, 100));
		fund(0, 1_000);
		go_to(1, 0);
		assert_eq!((claim(ALICE, 0), claim(BOB, 0)), (75, 25));
		assert_eq!(totals(0).rest(), 900);
	});
}

#[test]
fn too_few_points_are_not_rewarded_and_not_shared_out() {
	ExtBuilder::default().build_and_execute(|| {
		contribute(ALICE, 9);
		contribute(BOB, 1);
		convert(
			0,
			Conversion {
				min_points: 2,
				..conversion(1_000, 1_000)
			},
		);
		fund(0, 100);
		go_to(1, 0);
		assert_noop!(Seasons::claim_reward(signed(BOB), 0), E::NoReward);
		assert_eq!(claim(ALICE, 0), 90);
	});
}

#[test]
fn with_a_list_only_those_on_it_share() {
	ExtBuilder::default().build_and_execute(|| {
		contribute(ALICE, 3);
		assert_ok!(list(0, ALICE, true));
		assert_ok!(list(0, BOB, true));
		assert_ok!(list(0, CAROL, true));
		assert_eq!(totals(0).listed_points, 3);
		contribute(ALICE, 1);
		contribute(BOB, 5);
		contribute(CAROL, 4);
		contribute(SPONSOR, 90);
		assert_ok!(list(0, CAROL, false));
		assert_eq!((totals(0).listed, totals(0).listed_points), (2, 9));
		assert_eq!(
			last_event(),
			Event::ListChanged {
				season: 0,
				who: CAROL,
				listed: false
			}
			.into()
		);
		convert(
			0,
			Conversion {
				listed_only: true,
				..conversion(1_000, 1_000)
			},
		);
		fund(0, 900);
		go_to(1, 0);
		assert_eq!((claim(ALICE, 0), claim(BOB, 0)), (400, 500));
		assert_noop!(Seasons::claim_reward(signed(CAROL), 0), E::NoReward);
		assert_noop!(Seasons::claim_reward(signed(SPONSOR), 0), E::NoReward);
	});
}

#[test]
fn a_list_means_nothing_to_a_conversion_for_all() {
	ExtBuilder::default().build_and_execute(|| {
		contribute(ALICE, 1);
		contribute(BOB, 1);
		assert_ok!(list(0, ALICE, true));
		convert(0, conversion(1_000, 1_000));
		fund(0, 100);
		go_to(1, 0);
		assert_eq!((claim(ALICE, 0), claim(BOB, 0)), (50, 50));
	});
}

#[test]
fn lists_have_rules() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			Seasons::set_listed(signed(ALICE), 0, ALICE, true),
			BadOrigin
		);
		assert_noop!(list(0, ALICE, false), E::ListUnchanged);
		assert_noop!(list(AHEAD + 1, ALICE, true), E::TooFarAhead);
		for who in 0..u64::from(MAX_LISTED) {
			assert_ok!(list(AHEAD, who, true));
		}
		assert_noop!(list(AHEAD, 77, true), E::ListFull);
		assert_noop!(list(AHEAD, 0, true), E::ListUnchanged);
		assert_ok!(list(AHEAD, 0, false));
		assert_ok!(list(AHEAD, 77, true));
		// Points that come later count on the list.
		go_to(AHEAD, 0);
		contribute(77, 8);
		assert_eq!(totals(AHEAD).listed_points, 8);
		go_to(AHEAD + 1, 0);
		assert_noop!(list(AHEAD, 77, false), E::SeasonOver);
	});
}

#[test]
fn conversions_have_bounds() {
	ExtBuilder::default().build_and_execute(|| {
		let set =
			|season, conversion| Seasons::set_conversion(RuntimeOrigin::root(), season, conversion);
		for (per_point, cap) in [
			(0, 1),
			(MAX_PER_POINT + 1, 1),
			(1, 0),
			(1, MAX_POT + 1),
			(u128::MAX, u128::MAX),
		] {
			assert_noop!(set(0, conversion(per_point, cap)), E::ConversionOutOfBounds);
		}
		let good = conversion(MAX_PER_POINT, MAX_POT);
		assert_noop!(Seasons::set_conversion(signed(ALICE), 0, good), BadOrigin);
		assert_noop!(set(AHEAD + 1, good), E::TooFarAhead);
		assert_ok!(set(AHEAD, good));
		assert_ok!(set(0, good));
		assert_eq!(
			last_event(),
			Event::ConversionSet {
				season: 0,
				conversion: good
			}
			.into()
		);
		// It may be set anew until the season ends.
		assert_ok!(set(0, conversion(1, 1)));
		let with = |min_points| Conversion { min_points, ..good };
		for min_points in [0, MAX_MIN_POINTS] {
			assert_ok!(set(0, with(min_points)));
		}
		for min_points in [MAX_MIN_POINTS + 1, u64::MAX] {
			assert_noop!(set(0, with(min_points)), E::ConversionOutOfBounds);
		}
		go_to(1, 0);
		assert_noop!(set(0, good), E::SeasonOver);
	});
}

#[test]
fn pots_are_filled_until_the_season_ends() {
	ExtBuilder::default().build_and_execute(|| {
		let give = |season, amount| Seasons::fund(signed(SPONSOR), season, amount);
		assert_noop!(give(0, 0), E::NothingGiven);
		assert_noop!(give(AHEAD + 1, 1), E::TooFarAhead);
		assert_noop!(give(0, RICH + 1), TokenError::FundsUnavailable);
		assert_noop!(Seasons::fund(RuntimeOrigin::root(), 0, 1), BadOrigin);
		assert_ok!(give(0, 1));
		assert_ok!(give(0, 5));
		assert_ok!(give(1, 7));
		assert_eq!(
			last_event(),
			Event::Funded {
				season: 1,
				who: SPONSOR,
				amount: 7
			}
			.into()
		);
		assert_eq!((totals(0).funded, totals(1).funded), (6, 7));
		assert_eq!(balance(Seasons::pot()), 13 + MINIMUM);
		go_to(1, 0);
		assert_noop!(give(0, 1), E::SeasonOver);
	});
}

#[test]
fn without_its_existential_deposit_the_pot_takes_nothing() {
	ExtBuilder::default().without_pot().build_and_execute(|| {
		assert_noop!(Seasons::fund(signed(SPONSOR), 0, 100), E::PotMissing);
		assert_ok!(Balances::transfer_allow_death(
			signed(ALICE),
			Seasons::pot(),
			MINIMUM
		));
		assert_ok!(Seasons::fund(signed(SPONSOR), 0, 100));
	});
}

#[test]
fn there_is_no_reward_without_conversion_pot_or_points() {
	ExtBuilder::default().build_and_execute(|| {
		contribute(ALICE, 3);
		fund(0, 100);
		go_to(1, 0);
		contribute(ALICE, 3);
		convert(1, conversion(10, 100));
		go_to(2, 0);
		let claim = |who, season| Seasons::claim_reward(signed(who), season);
		assert_noop!(claim(ALICE, 0), E::NoReward);
		assert_noop!(claim(ALICE, 1), E::NoReward);
		assert_noop!(claim(BOB, 0), E::NoPoints);
		go_to(9, 0);
		assert_noop!(claim(ALICE, 8), E::UnknownSeason);
	});
}

#[test]
fn rewards_are_claimed_in_their_time() {
	ExtBuilder::default().build_and_execute(|| {
		contribute(ALICE, 3);
		contribute(BOB, 3);
		convert(0, conversion(10, 100));
		fund(0, 100);
		let claim = |who| Seasons::claim_reward(signed(who), 0);
		go_to(0, 99);
		assert_noop!(claim(ALICE), E::SeasonNotOver);
		assert_noop!(Seasons::claim_reward(RuntimeOrigin::root(), 0), BadOrigin);
		go_to(1, CLAIM - 1);
		assert_ok!(claim(ALICE));
		go_to(1, CLAIM);
		assert_noop!(claim(BOB), E::ClaimOver);
	});
}

#[test]
fn a_reward_that_an_account_cannot_take_stays() {
	ExtBuilder::default().build_and_execute(|| {
		let nobody = 1_234;
		contribute(nobody, 3);
		convert(0, conversion(1, 100));
		fund(0, 100);
		go_to(1, 0);
		assert_noop!(
			Seasons::claim_reward(signed(nobody), 0),
			TokenError::BelowMinimum
		);
		assert_ok!(Balances::transfer_allow_death(
			signed(ALICE),
			nobody,
			MINIMUM
		));
		assert_eq!(claim(nobody, 0), 3);
	});
}
