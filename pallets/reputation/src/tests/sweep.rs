//! Removal of decayed accounts.

use crate::{mock::*, Accounts, Event, Sweeping, WeightInfo};
use frame_support::weights::Weight;

/// A block in which what `MIN_EARNED` and little more earned has decayed below it.
const DECAYED: u64 = MATURITY + DAY + 2 * HALF_LIFE;

#[test]
fn a_decayed_account_is_removed() {
	build_and_execute(|| {
		earn(1, 2, MIN_EARNED * 2);
		earn(3, 2, MIN_EARNED * 2_000);
		go_to(DECAYED);
		let power = Reputation::power(1);
		assert!(power > 0 && power < MIN_EARNED);
		idle();
		assert!(Accounts::<Test>::get(1).is_none());
		assert!(Accounts::<Test>::get(3).is_some());
		System::assert_has_event(Event::Removed { who: 1, power }.into());
		// The total is rid of it too, up to rounding.
		assert!(Reputation::total() - Reputation::power(3) <= 2);
	});
}

#[test]
fn an_account_with_pending_points_stays() {
	build_and_execute(|| {
		earn(1, 2, MIN_EARNED);
		for block in 2..MATURITY + DAY {
			go_to(block);
			idle();
		}
		assert_eq!(Reputation::pending(1), MIN_EARNED);
	});
}

#[test]
fn a_pass_goes_on_where_it_stopped() {
	build_and_execute(|| {
		let accounts = 3 * u64::from(SWEEP_LIMIT) + 1;
		(0..accounts).for_each(|who| earn(who, 999, MIN_EARNED * 2));
		go_to(DECAYED);
		for left in [9, 5, 1, 0] {
			idle();
			assert_eq!(Accounts::<Test>::iter_keys().count(), left);
			check();
		}
		assert!(Sweeping::<Test>::get().unwrap().done);
	});
}

#[test]
fn a_pass_is_made_once_a_bucket() {
	build_and_execute(|| {
		earn(1, 2, MIN_EARNED * 2);
		go_to(DECAYED - 2 * HALF_LIFE);
		idle();
		assert!(Sweeping::<Test>::get().unwrap().done);
		let bases = <() as WeightInfo>::sweep_base() + <() as WeightInfo>::prune_base();
		assert_eq!(idle(), bases, "nothing to do");
		go_to(DECAYED);
		assert!(idle().all_gt(bases));
		assert!(Accounts::<Test>::get(1).is_none());
	});
}

#[test]
fn an_account_removed_and_new_ones_added_do_not_stop_a_pass() {
	build_and_execute(|| {
		(0..10).for_each(|who| earn(who, 999, MIN_EARNED * 2));
		go_to(DECAYED);
		idle();
		// Whoever was looked at last is gone, and others have come.
		(100..110).for_each(|who| earn(who, 999, MIN_EARNED * 2));
		for block in 1..10 {
			go_to(DECAYED + block);
			idle();
		}
		let left: Vec<_> = Accounts::<Test>::iter_keys().collect();
		assert_eq!(left.len(), 10);
		assert!(left.iter().all(|who| *who >= 100));
	});
}

#[test]
fn no_weight_no_work() {
	build_and_execute(|| {
		earn(1, 2, MIN_EARNED * 2);
		go_to(DECAYED);
		assert_eq!(idle_with(Weight::zero()), Weight::zero());
		let base = <() as WeightInfo>::sweep_base();
		assert_eq!(idle_with(base), base);
		assert!(Accounts::<Test>::get(1).is_some());
		let one = base + <() as WeightInfo>::sweep_account();
		assert_eq!(idle_with(one), one);
		assert!(Accounts::<Test>::get(1).is_none());
	});
}

#[test]
fn the_work_of_a_block_is_bounded() {
	build_and_execute(|| {
		(0..100).for_each(|who| earn(who, 999, MIN_EARNED * 2));
		go_to(DECAYED);
		let bound = <() as WeightInfo>::sweep_base()
			+ <() as WeightInfo>::sweep_account() * u64::from(SWEEP_LIMIT)
			+ <() as WeightInfo>::prune_base()
			+ <() as WeightInfo>::prune_funding();
		assert!(idle().all_lte(bound));
	});
}
