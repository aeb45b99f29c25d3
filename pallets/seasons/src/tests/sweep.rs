use crate::{mock::*, Event, Listed, Points, Top};
use frame_support::{assert_noop, assert_ok, dispatch::Pays};
use sp_runtime::DispatchError::BadOrigin;

/// A season of 25 accounts and three listed ones, with 1,000 in its pot, half of it claimed.
fn season() {
	for who in 1..=25 {
		contribute(who, 2);
	}
	for who in 24..27 {
		assert_ok!(list(0, who, true));
	}
	convert(0, conversion(1_000, 1_000));
	fund(0, 1_000);
	go_to(1, 0);
	contribute(ALICE, 1);
	assert_eq!(claim(ALICE, 0), 40);
}

fn sweep(limit: u32) -> frame_support::dispatch::DispatchResultWithPostInfo {
	Seasons::sweep_season(signed(BOB), 0, limit)
}

#[test]
fn a_season_is_swept_in_steps() {
	ExtBuilder::default().build_and_execute(|| {
		season();
		go_to(1, CLAIM);
		let top = Top::<Test>::get(0);
		let mut left = 28;
		for (removed, done) in [(10, false), (10, false), (8, true)] {
			let returned = if left == 28 { 960 } else { 0 };
			let info = sweep(MAX_SWEEP).unwrap();
			assert_eq!(info.pays_fee, Pays::Yes);
			assert_eq!(
				info.actual_weight,
				Some(<() as crate::WeightInfo>::sweep_season(removed))
			);
			assert_eq!(
				last_event(),
				Event::SeasonSwept {
					season: 0,
					returned,
					removed,
					done
				}
				.into()
			);
			left -= removed;
			let records =
				Points::<Test>::iter_prefix(0).count() + Listed::<Test>::iter_prefix(0).count();
			assert_eq!(records, left as usize);
			check();
		}
		assert_eq!(balance(treasury()), RICH + 960);
		assert_eq!(balance(Seasons::pot()), MINIMUM);
		assert_noop!(sweep(1), E::NothingToSweep);

		// What remains: the sums, the standings, the next season.
		assert_eq!(Top::<Test>::get(0), top);
		assert_eq!((totals(0).points, totals(0).accounts), (50, 25));
		assert_eq!(Seasons::leaderboard(Some(0), 100).len(), 25);
		assert_eq!(Seasons::points_of(ALICE, Some(0)), None);
		assert_eq!(Seasons::points_of(ALICE, Some(1)), Some(score(1, 0)));
	});
}

#[test]
fn a_season_that_nobody_closed_is_closed_by_the_sweep() {
	ExtBuilder::default().build_and_execute(|| {
		contribute(ALICE, 2);
		fund(0, 5);
		go_to(1, CLAIM);
		assert_ok!(sweep(1));
		assert!(totals(0).snapshot.is_some());
		assert_eq!(balance(treasury()), RICH + 5);
	});
}

#[test]
fn a_list_without_points_is_swept_in_steps_too() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(list(0, ALICE, true));
		assert_ok!(list(0, BOB, true));
		go_to(1, CLAIM);
		assert_ok!(sweep(1));
		check();
		assert_ok!(sweep(5));
		assert_noop!(sweep(1), E::NothingToSweep);
	});
}

#[test]
fn sweeping_has_its_time_and_limit() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(sweep(1), E::UnknownSeason);
		season();
		go_to(0, 99);
		assert_noop!(sweep(1), E::ClaimNotOver);
		go_to(1, CLAIM - 1);
		assert_noop!(sweep(1), E::ClaimNotOver);
		go_to(1, CLAIM);
		assert_noop!(sweep(0), E::BadLimit);
		assert_noop!(sweep(MAX_SWEEP + 1), E::BadLimit);
		assert_noop!(
			Seasons::sweep_season(RuntimeOrigin::root(), 0, 1),
			BadOrigin
		);
		assert_ok!(sweep(1));
	});
}
