use crate::{mock::*, snapshot, Event, Place, Score, Top, LEADERBOARD};
use frame_support::{assert_noop, assert_ok};
use openledger_primitives::data::Merit;
use sp_runtime::DispatchError::BadOrigin;

fn board(season: Option<u32>, limit: u32) -> Vec<(u32, AccountId, u64)> {
	Seasons::leaderboard(season, limit)
		.into_iter()
		.map(|Place { rank, who, points }| (rank, who, points))
		.collect()
}

#[test]
fn points_are_counted_by_merit_and_summed() {
	ExtBuilder::default().build_and_execute(|| {
		contribute(ALICE, 5);
		curate(ALICE, 2);
		curate(BOB, 3);
		assert_eq!(Seasons::points_of(ALICE, None), Some(score(5, 2)));
		assert_eq!(Seasons::points_of(BOB, Some(0)), Some(score(0, 3)));
		assert_eq!(Seasons::points_of(CAROL, None), None);
		let totals = totals(0);
		assert_eq!((totals.points, totals.accounts), (10, 2));
		assert_eq!(
			last_event(),
			Event::PointsEarned {
				season: 0,
				who: BOB,
				datanet: 7,
				merit: Merit::Curation,
				points: 3
			}
			.into()
		);
	});
}

#[test]
fn no_points_leave_no_trace() {
	ExtBuilder::default().build_and_execute(|| {
		contribute(ALICE, 0);
		assert_eq!(Seasons::points_of(ALICE, None), None);
		assert_eq!(Seasons::totals(None), None);
		assert!(System::events().is_empty());
	});
}

#[test]
fn beyond_the_largest_number_points_are_cut_off() {
	ExtBuilder::default().build_and_execute(|| {
		contribute(ALICE, u64::MAX - 5);
		curate(BOB, 9);
		contribute(CAROL, 1);
		assert_eq!(Seasons::points_of(BOB, None), Some(score(0, 5)));
		assert_eq!(Seasons::points_of(CAROL, None), None);
		assert_eq!(totals(0).points, u64::MAX);
	});
}

#[test]
fn seasons_follow_each_other_by_block() {
	ExtBuilder::default().build_and_execute(|| {
		for (season, block, expected) in [(0, 99, 0), (1, 0, 1), (1, 99, 1), (7, 0, 7)] {
			go_to(season, block);
			let calendar = Seasons::season_now();
			assert_eq!(calendar.season, expected);
			assert_eq!(calendar.from, u64::from(expected) * LENGTH);
			assert_eq!(calendar.until, calendar.from + LENGTH);
			assert_eq!(calendar.claim_until, calendar.until + CLAIM);
		}
		// Beyond all blocks there is no panic either.
		assert_eq!(Seasons::season_at(u32::MAX).season, u32::MAX);
	});
}

#[test]
fn the_leaderboard_is_sorted_and_the_earlier_of_equals_first() {
	ExtBuilder::default().build_and_execute(|| {
		contribute(ALICE, 5);
		contribute(BOB, 7);
		contribute(CAROL, 5);
		assert_eq!(
			board(None, 100),
			[(1, BOB, 7), (2, ALICE, 5), (3, CAROL, 5)]
		);
		curate(CAROL, 2);
		assert_eq!(
			board(Some(0), 100),
			[(1, BOB, 7), (2, CAROL, 7), (3, ALICE, 5)]
		);
		assert_eq!(board(None, 1), [(1, BOB, 7)]);
		assert_eq!(board(None, 0), []);
		assert_eq!(board(Some(1), 100), []);
	});
}

#[test]
fn the_leaderboard_has_a_hundred_places() {
	ExtBuilder::default().build_and_execute(|| {
		for who in 1_000..1_200 {
			contribute(who, who);
			check();
		}
		let top = board(None, u32::MAX);
		assert_eq!(top.len(), LEADERBOARD as usize);
		assert_eq!(top.first(), Some(&(1, 1_199, 1_199)));
		assert_eq!(top.last(), Some(&(100, 1_100, 1_100)));
		// One who fell off comes back with what it had.
		contribute(1_000, 1_000);
		assert_eq!(board(None, 1), [(1, 1_000, 2_000)]);
		assert_eq!(totals(0).accounts, 200);
	});
}

#[test]
fn the_first_points_of_a_season_close_the_one_before() {
	ExtBuilder::default().build_and_execute(|| {
		contribute(ALICE, 5);
		curate(BOB, 6);
		// Two seasons without any.
		go_to(3, 0);
		contribute(CAROL, 1);
		let expected = snapshot(0, 11, 2, &Top::<Test>::get(0));
		assert_eq!(totals(0).snapshot, Some(expected));
		assert_eq!(totals(3).snapshot, None);
		let closed = Event::SeasonClosed {
			season: 0,
			points: 11,
			accounts: 2,
			snapshot: expected,
		};
		assert!(System::events()
			.iter()
			.any(|e| e.event == closed.clone().into()));
		assert_noop!(Seasons::close_season(signed(ALICE), 0), E::AlreadyClosed);
		// The next ones close nothing more.
		let before = System::events().len();
		contribute(CAROL, 1);
		assert_eq!(System::events().len(), before + 1);
	});
}

#[test]
fn anybody_closes_a_season_that_is_over() {
	ExtBuilder::default().build_and_execute(|| {
		contribute(ALICE, 5);
		assert_noop!(Seasons::close_season(signed(BOB), 0), E::SeasonNotOver);
		go_to(1, 0);
		assert_noop!(Seasons::close_season(RuntimeOrigin::root(), 0), BadOrigin);
		assert_ok!(Seasons::close_season(signed(BOB), 0));
		assert_noop!(Seasons::close_season(signed(BOB), 0), E::AlreadyClosed);
		go_to(9, 0);
		assert_noop!(Seasons::close_season(signed(BOB), 5), E::UnknownSeason);
		// Closed already: the next points leave it as it is.
		contribute(ALICE, 1);
		assert_eq!(
			totals(0).snapshot,
			Some(snapshot(0, 5, 1, &Top::<Test>::get(0)))
		);
	});
}

#[test]
fn a_snapshot_depends_on_all_that_stands_in_it() {
	ExtBuilder::default().build_and_execute(|| {
		contribute(ALICE, 5);
		contribute(BOB, 5);
		let top = Top::<Test>::get(0);
		contribute(BOB, 1);
		let other = Top::<Test>::get(0);
		let hashes = [
			snapshot(0, 10, 2, &top),
			snapshot(1, 10, 2, &top),
			snapshot(0, 11, 2, &top),
			snapshot(0, 10, 3, &top),
			snapshot(0, 10, 2, &other),
		];
		for (at, hash) in hashes.iter().enumerate() {
			assert!(!hashes[..at].contains(hash));
		}
	});
}

#[test]
fn points_are_bounded_by_the_season_so_that_a_score_cannot_overflow() {
	ExtBuilder::default().build_and_execute(|| {
		contribute(ALICE, u64::MAX);
		curate(ALICE, u64::MAX);
		assert_eq!(
			Seasons::points_of(ALICE, None).as_ref().map(Score::total),
			Some(u64::MAX)
		);
	});
}
