//! Paying out.

use crate::{mock::*, Credits, Error, Event, TotalCredits};
use frame_support::{
	assert_noop, assert_ok,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::Preservation,
	},
};
use sp_runtime::DispatchError;

#[test]
fn a_claim_pays_the_whole_credit() {
	ExtBuilder::default().build_and_execute(|| {
		let before = Balances::balance(&CONTRIBUTOR);
		TestRun::default().settle(1_000);
		assert_ok!(Attribution::claim(RuntimeOrigin::signed(CONTRIBUTOR)));
		assert_eq!(Balances::balance(&CONTRIBUTOR), before + 400);
		assert!(!Credits::<Test>::contains_key(CONTRIBUTOR));
		assert_eq!(TotalCredits::<Test>::get(), 500);
		System::assert_last_event(
			Event::Claimed {
				who: CONTRIBUTOR,
				amount: 400,
			}
			.into(),
		);
	});
}

#[test]
fn the_last_claim_leaves_the_pot_its_deposit() {
	ExtBuilder::default().build_and_execute(|| {
		TestRun::default().settle(1_000);
		for who in [CONTRIBUTOR, OWNER, OPERATOR] {
			assert_ok!(Attribution::claim(RuntimeOrigin::signed(who)));
			check();
		}
		assert_eq!(TotalCredits::<Test>::get(), 0);
		assert_eq!(Balances::balance(&Attribution::pot()), MINIMUM);
	});
}

#[test]
fn anybody_can_claim_for_somebody_else() {
	ExtBuilder::default().build_and_execute(|| {
		let before = Balances::balance(&CONTRIBUTOR);
		TestRun::default().settle(1_000);
		assert_ok!(Attribution::claim_for(
			RuntimeOrigin::signed(PAYER),
			CONTRIBUTOR
		));
		assert_eq!(Balances::balance(&CONTRIBUTOR), before + 400);
		assert_eq!(Balances::balance(&PAYER), RICH - 1_000);
	});
}

#[test]
fn a_claim_creates_an_account() {
	ExtBuilder::default().build_and_execute(|| {
		let run = TestRun {
			operators: vec![NOBODY],
			..Default::default()
		};
		run.settle(40);
		assert_eq!(credit(NOBODY), MINIMUM);
		assert_ok!(Attribution::claim_for(RuntimeOrigin::signed(PAYER), NOBODY));
		assert_eq!(Balances::balance(&NOBODY), MINIMUM);
	});
}

#[test]
fn only_who_is_signed_can_claim() {
	ExtBuilder::default().build_and_execute(|| {
		TestRun::default().settle(1_000);
		assert_noop!(
			Attribution::claim(RuntimeOrigin::root()),
			DispatchError::BadOrigin
		);
		assert_noop!(
			Attribution::claim_for(RuntimeOrigin::none(), CONTRIBUTOR),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn without_credit_there_is_nothing_to_claim() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			Attribution::claim(RuntimeOrigin::signed(CONTRIBUTOR)),
			Error::<Test>::NothingToClaim
		);
		TestRun::default().settle(1_000);
		assert_ok!(Attribution::claim(RuntimeOrigin::signed(CONTRIBUTOR)));
		assert_noop!(
			Attribution::claim(RuntimeOrigin::signed(CONTRIBUTOR)),
			Error::<Test>::NothingToClaim
		);
	});
}

#[test]
fn a_credit_too_small_for_an_account_waits() {
	ExtBuilder::default().build_and_execute(|| {
		let run = TestRun {
			operators: vec![NOBODY],
			..Default::default()
		};
		run.settle(20);
		assert_eq!(credit(NOBODY), 5);
		assert_noop!(
			Attribution::claim_for(RuntimeOrigin::signed(PAYER), NOBODY),
			Error::<Test>::BelowMinimum
		);
		run.settle(20);
		assert_ok!(Attribution::claim_for(RuntimeOrigin::signed(PAYER), NOBODY));
		assert_eq!(Balances::balance(&NOBODY), MINIMUM);
	});
}

#[test]
fn a_credit_too_small_for_an_account_is_paid_once_it_exists() {
	ExtBuilder::default().build_and_execute(|| {
		let run = TestRun {
			operators: vec![NOBODY],
			..Default::default()
		};
		run.settle(4);
		assert_eq!(credit(NOBODY), 1);
		assert_ok!(Balances::transfer(
			&PAYER,
			&NOBODY,
			MINIMUM,
			Preservation::Preserve
		));
		assert_ok!(Attribution::claim(RuntimeOrigin::signed(NOBODY)));
		assert_eq!(Balances::balance(&NOBODY), MINIMUM + 1);
	});
}

#[test]
fn an_account_that_is_full_keeps_its_credit() {
	// No supply of tokens allows it, so the account is written directly.
	let full = |free| frame_system::Account::<Test>::mutate(CONTRIBUTOR, |a| a.data.free = free);
	ExtBuilder::default().build_and_execute(|| {
		let before = Balances::balance(&CONTRIBUTOR);
		TestRun::default().settle(1_000);
		full(u128::MAX);
		assert_noop!(
			Attribution::claim(RuntimeOrigin::signed(CONTRIBUTOR)),
			Error::<Test>::Overflow
		);
		full(before);
	});
}
