//! Contesting points that do not count yet.

use crate::{
	mock::*, Accounts, Claim, ContestedTotal, Contests, Error, Event, Evidence, Total, Verdict,
	MAX_CONTESTS, MAX_PER_BUCKET,
};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{traits::BadOrigin, TokenError};

/// Anybody.
const ANYBODY: AccountId = 60;

fn close(contest: u64) {
	assert_ok!(Reputation::close(RuntimeOrigin::signed(ANYBODY), contest));
}

#[test]
fn contested_points_are_set_apart() {
	build_and_execute(|| {
		earn(1, 2, 1_000);
		earn(3, 2, 500);
		go_to(DAY);
		let id = contest(1, 0, 700);
		assert_eq!(Reputation::pending(1), 300);
		assert_eq!(Reputation::contested(1)[0].amount, 700);
		assert_eq!(Total::<Test>::get().pending[0].amount, 800);
		assert_eq!(ContestedTotal::<Test>::get(), 700);
		assert_eq!(bonds(WATCHER), BOND);
		let until = DAY + PERIOD;
		assert_eq!(Reputation::contest_of(id).unwrap().until, until);
		System::assert_last_event(
			Event::Contested {
				contest: id,
				who: 1,
				by: WATCHER,
				bucket: 0,
				amount: 700,
				until,
			}
			.into(),
		);
	});
}

#[test]
fn contested_points_neither_mature_nor_count() {
	build_and_execute(|| {
		go_to(MATURITY - DAY);
		earn(1, 2, 1_000_000);
		go_to(2 * MATURITY - DAY);
		let id = contest(1, (MATURITY - DAY) / DAY, 600_000);
		go_to(2 * MATURITY);
		check();
		let power = Reputation::power(1);
		assert!((399_998..=400_000).contains(&power), "{power}");
		assert_eq!(Reputation::pending(1), 0);
		decide(id, true);
		assert_eq!(Reputation::power(1), power);
	});
}

#[test]
fn upheld_forfeits_the_points_and_gives_back_the_bond() {
	build_and_execute(|| {
		earn(1, 2, 1_000);
		go_to(DAY);
		let id = contest(1, 0, 700);
		decide(id, true);
		assert_eq!(Reputation::pending(1), 300);
		assert_eq!(ContestedTotal::<Test>::get(), 0);
		assert_eq!((bonds(WATCHER), Balances::free_balance(WATCHER)), (0, RICH));
		System::assert_last_event(
			Event::ContestEnded {
				contest: id,
				who: 1,
				by: WATCHER,
				verdict: Verdict::Upheld,
				amount: 700,
			}
			.into(),
		);
	});
}

#[test]
fn rejected_gives_back_the_points_and_costs_the_bond() {
	build_and_execute(|| {
		earn(1, 2, 1_000);
		go_to(DAY);
		let before = (Accounts::<Test>::get(1), Total::<Test>::get());
		let id = contest(1, 0, 1_000);
		assert!(!Accounts::<Test>::contains_key(1));
		decide(id, false);
		assert_eq!((Accounts::<Test>::get(1), Total::<Test>::get()), before);
		assert_eq!(bonds(WATCHER), 0);
		assert_eq!(Balances::free_balance(WATCHER), RICH - BOND);
		assert_eq!(Balances::free_balance(TREASURY), BOND);
		assert_eq!(Contests::<Test>::iter_keys().count(), 0);
	});
}

#[test]
fn undecided_gives_back_points_and_bond_to_whoever_asks() {
	build_and_execute(|| {
		earn(1, 2, 1_000);
		go_to(DAY);
		let id = contest(1, 0, 1_000);
		let until = DAY + PERIOD;
		go_to(until);
		let anybody = RuntimeOrigin::signed(ANYBODY);
		assert_noop!(Reputation::close(anybody, id), Error::<Test>::TooEarly);
		go_to(until + 1);
		assert_noop!(
			Reputation::decide(RuntimeOrigin::root(), id, true),
			Error::<Test>::TooLate
		);
		close(id);
		assert_eq!(Reputation::pending(1), 1_000);
		assert_eq!(Balances::free_balance(WATCHER), RICH);
		System::assert_last_event(
			Event::ContestEnded {
				contest: id,
				who: 1,
				by: WATCHER,
				verdict: Verdict::Undecided,
				amount: 1_000,
			}
			.into(),
		);
	});
}

#[test]
fn a_whole_bucket_comes_back_as_if_it_had_never_been_contested() {
	// Decided before it matures, in that very block, and long after in another half-life.
	for decided in [2 * DAY, MATURITY + DAY, MATURITY + 3 * DAY] {
		for end in [MATURITY + 4 * DAY, HALF_LIFE + 7, 3 * HALF_LIFE + 123] {
			let run = |contested: bool| {
				let mut powers = (0, 0, 0);
				build_and_execute(|| {
					earn(1, 2, 123_456_789_123);
					earn(3, 2, 55_555_555);
					go_to(MATURITY + DAY - PERIOD + 5 * DAY);
					let id = contested.then(|| contest(1, 0, 123_456_789_123));
					go_to(decided.max(System::block_number()));
					if let Some(id) = id {
						decide(id, false);
						check();
					}
					go_to(end);
					powers = (
						Reputation::power(1),
						Reputation::power(3),
						Reputation::total(),
					);
				});
				powers
			};
			let (with, without) = (run(true), run(false));
			assert_eq!(with.0, without.0);
			assert_eq!(with.1, without.1);
			assert!(without.2 - with.2 <= 2, "{with:?} {without:?}");
		}
	}
}

#[test]
fn a_part_that_comes_back_late_loses_two_units_at_most() {
	for amount in [250_000_001u128, 333_333_333, 999_999_999] {
		let run = |contested: bool| {
			let mut power = 0;
			build_and_execute(|| {
				earn(1, 2, 1_000_000_000);
				go_to(MATURITY + DAY - 3);
				let id = contested.then(|| contest(1, 0, amount));
				go_to(MATURITY + DAY + 50);
				if let Some(id) = id {
					assert!(Reputation::power(1) <= 1_000_000_000 - amount);
					decide(id, false);
				}
				power = Reputation::power(1);
				assert!(power <= Reputation::total());
			});
			power
		};
		let (with, without) = (run(true), run(false));
		assert!(
			with <= without && without - with <= 2,
			"{with} and {without}"
		);
	}
}

#[test]
fn points_come_back_to_an_account_whose_record_is_gone() {
	build_and_execute(|| {
		earn(1, 2, 1_000_000);
		go_to(MATURITY);
		let id = contest(1, 0, 1_000_000);
		go_to(MATURITY + PERIOD + 1);
		idle();
		close(id);
		assert!(Reputation::power(1) > 800_000);
	});
}

#[test]
fn a_bucket_is_contested_when_it_is_over() {
	build_and_execute(|| {
		earn(1, 2, 1_000);
		go_to(DAY - 1);
		assert_noop!(try_contest(1, 0, 1_000), Error::<Test>::BucketOpen);
		assert_noop!(try_contest(1, 5, 1_000), Error::<Test>::BucketOpen);
		go_to(DAY);
		assert_ok!(try_contest(1, 0, 1_000));
	});
}

#[test]
fn only_what_is_pending_and_uncontested_can_be_contested() {
	build_and_execute(|| {
		earn(1, 2, 1_000);
		go_to(2 * DAY);
		assert_noop!(try_contest(9, 0, 1), Error::<Test>::NothingPending);
		assert_noop!(try_contest(1, 1, 1), Error::<Test>::NothingPending);
		assert_noop!(try_contest(1, 0, 1_001), Error::<Test>::TooManyPoints);
		contest(1, 0, 600);
		assert_noop!(try_contest(1, 0, 401), Error::<Test>::TooManyPoints);
		contest(1, 0, 400);
		assert_noop!(try_contest(1, 0, 1), Error::<Test>::NothingPending);
		earn(3, 2, 1_000);
		go_to(2 * DAY + MATURITY + DAY);
		assert_noop!(try_contest(3, 2, 1_000), Error::<Test>::NothingPending);
	});
}

#[test]
fn a_contest_takes_a_quarter_or_the_rest() {
	build_and_execute(|| {
		earn(1, 2, 1_001);
		go_to(DAY);
		assert_noop!(try_contest(1, 0, 0), Error::<Test>::TooFewPoints);
		assert_noop!(try_contest(1, 0, 250), Error::<Test>::TooFewPoints);
		contest(1, 0, 251);
		contest(1, 0, 251);
		contest(1, 0, 251);
		assert_noop!(try_contest(1, 0, 247), Error::<Test>::TooFewPoints);
		contest(1, 0, 248);
		assert_eq!(Reputation::pending(1), 0);
	});
}

#[test]
fn no_bucket_is_in_more_contests_than_it_has_quarters() {
	build_and_execute(|| {
		earn(1, 2, 1_003);
		go_to(DAY);
		(0..MAX_PER_BUCKET).for_each(|_| {
			contest(1, 0, Reputation::pending(1).min(251));
		});
		assert_eq!(Reputation::pending(1), 0);
		// What comes back is contested again; the place is free.
		decide(1, false);
		contest(1, 0, 251);
		// Where rounding left something that no contest has taken, nothing is contested but that.
		forfeit(1, 50);
		crate::ContestedPoints::<Test>::mutate(1, |contested| contested[0].amount -= 1);
		crate::ContestedTotal::<Test>::mutate(|sum| *sum -= 1);
		Accounts::<Test>::insert(
			1,
			crate::Points {
				pending: vec![crate::Pending {
					bucket: 0,
					amount: 1,
				}]
				.try_into()
				.unwrap(),
				..Default::default()
			},
		);
		Total::<Test>::mutate(|total| {
			*total = Accounts::<Test>::get(1).unwrap();
		});
		assert_noop!(try_contest(1, 0, 1), Error::<Test>::TooManyContests);
	});
}

#[test]
fn no_account_is_in_more_contests_than_its_list_holds() {
	build_and_execute(|| {
		earn(1, 2, 1_000);
		go_to(DAY);
		crate::ContestedPoints::<Test>::insert(
			1,
			crate::Contested::truncate_from(
				(0..u64::from(MAX_CONTESTS))
					.map(|contest| crate::SetApart {
						contest,
						bucket: 7,
						amount: 0,
					})
					.collect(),
			),
		);
		assert_noop!(try_contest(1, 0, 1_000), Error::<Test>::TooManyContests);
		crate::ContestedPoints::<Test>::remove(1);
	});
}

#[test]
fn ids_and_sums_do_not_wrap() {
	build_and_execute(|| {
		earn(1, 2, 1_000);
		go_to(DAY);
		crate::NextContest::<Test>::put(u64::MAX);
		assert_noop!(try_contest(1, 0, 1_000), Error::<Test>::Overflow);
		crate::NextContest::<Test>::put(0);
		ContestedTotal::<Test>::put(u128::MAX);
		assert_noop!(try_contest(1, 0, 1_000), Error::<Test>::Overflow);
		ContestedTotal::<Test>::put(0);
	});
}

#[test]
fn who_cannot_pay_the_bond_cannot_contest() {
	build_and_execute(|| {
		earn(1, 2, 1_000);
		go_to(DAY);
		mint(ANYBODY, BOND - 1);
		assert_noop!(
			Reputation::contest(RuntimeOrigin::signed(ANYBODY), 1, 0, 1_000, evidence()),
			TokenError::FundsUnavailable
		);
	});
}

#[test]
fn contests_are_decided_by_their_origin_and_once() {
	build_and_execute(|| {
		earn(1, 2, 1_000);
		go_to(DAY);
		let id = contest(1, 0, 1_000);
		let watcher = || RuntimeOrigin::signed(WATCHER);
		assert_noop!(Reputation::decide(watcher(), id, true), BadOrigin);
		assert_noop!(
			Reputation::decide(RuntimeOrigin::root(), id + 1, true),
			Error::<Test>::UnknownContest
		);
		decide(id, true);
		assert_noop!(
			Reputation::decide(RuntimeOrigin::root(), id, true),
			Error::<Test>::UnknownContest
		);
		assert_noop!(
			Reputation::close(watcher(), id),
			Error::<Test>::UnknownContest
		);
		assert_noop!(Reputation::close(RuntimeOrigin::root(), id), BadOrigin);
		assert_noop!(
			Reputation::contest(RuntimeOrigin::root(), 1, 0, 1, evidence()),
			BadOrigin
		);
	});
}

#[test]
fn evidence_is_kept_until_the_end() {
	build_and_execute(|| {
		earn(1, 2, 1_000);
		go_to(DAY);
		let evidence = Evidence {
			claim: Claim::Traded,
			..evidence()
		};
		let watcher = RuntimeOrigin::signed(WATCHER);
		assert_ok!(Reputation::contest(watcher, 1, 0, 1_000, evidence.clone()));
		assert_eq!(Reputation::contest_of(0).unwrap().evidence, evidence);
		decide(0, true);
		assert_eq!(Reputation::contest_of(0), None);
	});
}
