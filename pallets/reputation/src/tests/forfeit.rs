//! Points that are lost.

use crate::{mock::*, Accounts, Event};

#[test]
fn a_part_of_what_counts_and_of_what_is_pending_is_lost() {
	build_and_execute(|| {
		earn(1, 2, 1_000);
		earn(3, 2, 5_000);
		go_to(MATURITY + DAY);
		earn(1, 2, 400);
		let power = Reputation::power(1);
		let total = Reputation::total();
		forfeit(1, 25);
		let lost = power - Reputation::power(1);
		// Rounded against the account, by one unit before decay and one after it at most.
		assert!(lost >= power / 4 && lost <= power / 4 + 2);
		assert_eq!(Reputation::pending(1), 300);
		assert!(total - Reputation::total() >= lost.saturating_sub(1));
		System::assert_last_event(
			Event::Forfeited {
				who: 1,
				power: lost,
				pending: 100,
				contested: 0,
			}
			.into(),
		);
	});
}

#[test]
fn losing_everything_removes_the_record() {
	build_and_execute(|| {
		earn(1, 2, 1_000);
		earn(3, 2, 1_000);
		forfeit(1, 100);
		assert!(!Accounts::<Test>::contains_key(1));
		assert_eq!(Reputation::pending(3), 1_000);
		go_to(MATURITY + DAY);
		assert_eq!(Reputation::power(1), 0);
		assert!(Reputation::power(3) > 0);
	});
}

#[test]
fn nothing_is_lost_by_nothing() {
	build_and_execute(|| {
		earn(1, 2, 1_000);
		let events = System::event_count();
		forfeit(1, 0);
		forfeit(9, 100);
		assert_eq!(System::event_count(), events);
		assert_eq!(Reputation::pending(1), 1_000);
	});
}

#[test]
fn contested_points_are_lost_alike() {
	build_and_execute(|| {
		earn(1, 2, 1_000);
		go_to(DAY);
		let id = contest(1, 0, 600);
		forfeit(1, 25);
		assert_eq!(Reputation::pending(1), 300);
		assert_eq!(Reputation::contested(1)[0].amount, 450);
		System::assert_last_event(
			Event::Forfeited {
				who: 1,
				power: 0,
				pending: 100,
				contested: 150,
			}
			.into(),
		);
		decide(id, false);
		assert_eq!(Reputation::pending(1), 750);
	});
}

#[test]
fn a_contest_of_which_all_was_lost_can_be_decided() {
	build_and_execute(|| {
		earn(1, 2, 1_000);
		go_to(DAY);
		let id = contest(1, 0, 1_000);
		assert!(!Accounts::<Test>::contains_key(1));
		forfeit(1, 100);
		check();
		decide(id, false);
		assert!(!Accounts::<Test>::contains_key(1));
		assert_eq!(bonds(WATCHER), 0);
	});
}
