//! Who funded whom.

use crate::{mock::*, pallet::MAX_HUBS, Error, Event, Fundings, Pruning, WeightInfo};
use frame_support::{assert_noop, assert_ok, traits::Hooks};
use openledger_primitives::traits::Link;
use sp_runtime::traits::BadOrigin;

/// Funds others.
const PARTY: AccountId = 10;

fn funder(who: AccountId) -> Option<AccountId> {
	Reputation::funded_by(who)
}

/// Whether what `payer` pays for the work of `who` adds nothing.
fn are_linked(payer: AccountId, who: AccountId) -> bool {
	System::reset_events();
	earn(who, payer, MIN_EARNED);
	let linked = RuntimeEvent::from(Event::<Test>::LinkedPayment {
		who,
		payer,
		amount: MIN_EARNED,
		link: Link::Funding,
	});
	System::events().iter().any(|record| record.event == linked)
}

fn test(test: impl FnOnce()) {
	build_and_execute(|| {
		mint(PARTY, 1_000_000);
		test();
	});
}

#[test]
fn who_creates_an_account_funds_it() {
	test(|| {
		transfer(PARTY, 1, MIN_FUNDING);
		transfer(PARTY, 2, MIN_FUNDING - 1);
		assert_eq!(funder(1), None, "the block is not over");
		let now = System::block_number();
		Reputation::on_finalize(now);
		System::assert_last_event(
			Event::Funded {
				who: 1,
				by: PARTY,
				until: now + WINDOW,
			}
			.into(),
		);
		assert_eq!((funder(1), funder(2)), (Some(PARTY), None));
	});
}

#[test]
fn one_who_funds_another_is_linked_to_it() {
	test(|| {
		transfer(PARTY, 1, MIN_FUNDING);
		end_block();
		assert!(are_linked(PARTY, 1) && are_linked(1, PARTY));
		assert!(!are_linked(1, 5) && !are_linked(5, 1) && !are_linked(5, PARTY));
	});
}

#[test]
fn those_whom_the_same_account_funded_are_linked() {
	test(|| {
		transfer(PARTY, 1, MIN_FUNDING);
		end_block();
		transfer(PARTY, 2, 5 * MIN_FUNDING);
		end_block();
		assert!(are_linked(1, 2) && are_linked(2, 1));
	});
}

#[test]
fn the_larger_part_funds_and_the_smaller_does_not() {
	test(|| {
		mint(1, 10_000);
		transfer(PARTY, 1, 10_000);
		end_block();
		assert_eq!(funder(1), None);
		transfer(PARTY, 1, 20_001);
		end_block();
		assert_eq!(funder(1), Some(PARTY));
	});
}

#[test]
fn parts_within_a_block_are_added_up() {
	test(|| {
		(0..8).for_each(|_| transfer(PARTY, 1, MIN_FUNDING / 8));
		// Below an eighth they are left aside.
		(0..9).for_each(|_| transfer(PARTY, 2, MIN_FUNDING / 8 - 1));
		end_block();
		assert_eq!((funder(1), funder(2)), (Some(PARTY), None));
	});
}

#[test]
fn a_later_funding_takes_the_place_of_an_earlier_one() {
	test(|| {
		mint(11, 1_000_000);
		transfer(PARTY, 1, MIN_FUNDING);
		end_block();
		transfer(11, 1, 2 * MIN_FUNDING);
		end_block();
		assert_eq!(funder(1), Some(11));
		assert!(!are_linked(PARTY, 1) && are_linked(11, 1));
	});
}

#[test]
fn so_does_one_that_came_from_a_hub_or_a_pot() {
	test(|| {
		assert_ok!(Reputation::set_hub(RuntimeOrigin::root(), 11, true));
		mint(11, 1_000_000);
		for stranger in [11, POT] {
			transfer(PARTY, 1, 10 * MIN_FUNDING);
			end_block();
			assert_eq!(funder(1), Some(PARTY));
			let all = Balances::free_balance(1);
			transfer(stranger, 1, all);
			end_block();
			assert_eq!(funder(1), Some(PARTY), "no more than half of it");
			transfer(stranger, 1, 3 * all);
			end_block();
			assert_eq!(funder(1), None);
			transfer(1, 99, Balances::free_balance(1) - 1);
			end_block();
		}
	});
}

#[test]
fn a_link_ends_with_the_window() {
	test(|| {
		transfer(PARTY, 1, MIN_FUNDING);
		end_block();
		go_to(1 + WINDOW);
		assert!(are_linked(PARTY, 1));
		go_to(2 + WINDOW);
		assert!(!are_linked(PARTY, 1));
	});
}

#[test]
fn what_is_over_is_removed() {
	test(|| {
		for who in 20..20 + 2 * u64::from(SWEEP_LIMIT) + 1 {
			transfer(PARTY, who, MIN_FUNDING);
			end_block();
		}
		transfer(PARTY, 1, MIN_FUNDING);
		idle();
		end_block();
		let left = || Fundings::<Test>::iter_keys().count();
		let all = left();
		go_to(WINDOW);
		idle();
		assert_eq!(left(), all, "all link");
		go_to(WINDOW + 5 * DAY);
		for _ in 0..4 {
			idle();
			end_block();
		}
		assert_eq!(left(), 0);
		assert!(Pruning::<Test>::get().unwrap().done);
	});
}

#[test]
fn pots_fund_nobody_and_are_funded_by_nobody() {
	test(|| {
		transfer(POT, 1, MIN_FUNDING);
		transfer(POT, 2, MIN_FUNDING);
		transfer(PARTY, POT, 900_000);
		end_block();
		assert_eq!(Fundings::<Test>::iter_keys().count(), 0);
		assert!(!are_linked(1, 2));
	});
}

#[test]
fn hubs_fund_strangers() {
	test(|| {
		assert_noop!(
			Reputation::set_hub(RuntimeOrigin::signed(PARTY), PARTY, true),
			BadOrigin
		);
		assert_ok!(Reputation::set_hub(RuntimeOrigin::root(), PARTY, true));
		System::assert_last_event(
			Event::HubSet {
				who: PARTY,
				is_hub: true,
			}
			.into(),
		);
		assert!(Reputation::hubs().contains(&PARTY));
		transfer(PARTY, 1, MIN_FUNDING);
		end_block();
		assert_eq!(funder(1), None);
		assert_ok!(Reputation::set_hub(RuntimeOrigin::root(), PARTY, false));
		transfer(PARTY, 1, 2 * MIN_FUNDING);
		end_block();
		assert_eq!(funder(1), Some(PARTY));
	});
}

#[test]
fn there_are_only_so_many_hubs() {
	test(|| {
		let set = |who, is_hub| Reputation::set_hub(RuntimeOrigin::root(), who, is_hub);
		for who in 0..u64::from(MAX_HUBS) {
			assert_ok!(set(who, true));
		}
		assert_noop!(set(1_000, true), Error::<Test>::TooManyHubs);
		assert_ok!(set(0, false));
		assert_ok!(set(1_000, true));
	});
}

#[test]
fn a_block_that_holds_too_much_says_so() {
	test(|| {
		for who in 20..20 + u64::from(MAX_TRANSFERS) + 2 {
			transfer(PARTY, who, MIN_FUNDING);
		}
		Reputation::on_finalize(System::block_number());
		let funded = Fundings::<Test>::iter_keys().count();
		assert_eq!(funded, MAX_TRANSFERS as usize);
		System::assert_has_event(
			Event::Overlooked {
				transfers: 2,
				events: 0,
			}
			.into(),
		);

		System::reset_events();
		for _ in 0..=MAX_EVENTS {
			System::deposit_event(frame_system::Event::<Test>::CodeUpdated {
				hash: Default::default(),
			});
		}
		transfer(PARTY, 1, MIN_FUNDING);
		let unseen = System::event_count() - MAX_EVENTS;
		Reputation::on_finalize(System::block_number());
		assert_eq!(funder(1), None);
		System::assert_last_event(
			Event::Overlooked {
				transfers: 0,
				events: unseen,
			}
			.into(),
		);
	});
}

#[test]
fn what_a_block_looks_at_is_reserved() {
	test(|| {
		assert_eq!(
			Reputation::on_initialize(7),
			<() as WeightInfo>::observe(MAX_EVENTS, MAX_TRANSFERS)
		);
	});
}
