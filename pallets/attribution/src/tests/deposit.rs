//! The existential deposits of pot and treasury.

use crate::{mock::*, Event, Role, TotalCredits};
use frame_support::{
	assert_ok,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::Preservation,
	},
};
use openledger_primitives::traits::Source;

fn give(to: AccountId, amount: u128) {
	assert_ok!(Balances::transfer(
		&PAYER,
		&to,
		amount,
		Preservation::Preserve
	));
}

#[test]
fn genesis_gives_the_pot_its_deposit() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(Balances::balance(&Attribution::pot()), MINIMUM);
	});
}

#[test]
fn as_long_as_the_pot_is_missing_all_goes_to_the_treasury() {
	ExtBuilder::default().without_pot().build_and_execute(|| {
		let run = TestRun {
			attribution: entries([(0, 500_000), (9, 500_000)]),
			..Default::default()
		};
		let record = run.settle(1_000);
		assert_eq!(
			(record.payment.parts.burn, record.payment.parts.treasury),
			(50, 950)
		);
		assert_eq!(Balances::balance(&TREASURY), MINIMUM + 950);
		assert_eq!(TotalCredits::<Test>::get(), 0);
		assert!(record
			.clusters
			.iter()
			.all(|paid| paid.contributor.is_none()));
		for (role, amount) in [(Role::Model, 250), (Role::Operator, 250), (Role::Data, 400)] {
			System::assert_has_event(
				Event::Diverted {
					source: Source::Request(1),
					role,
					amount,
				}
				.into(),
			);
		}
		assert_eq!(Reputation::pending(CONTRIBUTOR), 0);

		// Whoever gives it the deposit starts it.
		give(Attribution::pot(), MINIMUM);
		run.settle(1_000);
		assert_eq!(TotalCredits::<Test>::get(), 700);
	});
}

#[test]
fn a_gift_to_the_pot_harms_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let before = Balances::balance(&CONTRIBUTOR);
		TestRun::default().settle(1_000);
		give(Attribution::pot(), 12_345);
		check();
		assert_ok!(Attribution::claim(RuntimeOrigin::signed(CONTRIBUTOR)));
		assert_eq!(Balances::balance(&CONTRIBUTOR), before + 400);
		TestRun::default().settle(1_000);
		assert_eq!(TotalCredits::<Test>::get(), 500 + 900);
	});
}

#[test]
fn a_treasury_that_cannot_take_its_part_is_credited_with_it() {
	ExtBuilder::default()
		.without_treasury()
		.build_and_execute(|| {
			let record = TestRun::default().settle(180);
			assert_eq!(
				(record.payment.parts.burn, record.payment.parts.treasury),
				(9, 9)
			);
			assert_eq!(credit(TREASURY), 9);
			System::assert_has_event(
				Event::Credited {
					source: Source::Request(1),
					who: TREASURY,
					role: Role::Treasury,
					amount: 9,
				}
				.into(),
			);
			give(TREASURY, MINIMUM);
			assert_ok!(Attribution::claim_for(
				RuntimeOrigin::signed(PAYER),
				TREASURY
			));
			assert_eq!(Balances::balance(&TREASURY), MINIMUM + 9);
		});
}

#[test]
fn a_treasury_without_account_is_created_by_a_part_that_is_large_enough() {
	ExtBuilder::default()
		.without_treasury()
		.build_and_execute(|| {
			TestRun::default().settle(1_000);
			assert_eq!(Balances::balance(&TREASURY), 50);
			assert_eq!(credit(TREASURY), 0);
		});
}

#[test]
fn what_neither_treasury_nor_pot_can_take_is_burned_and_told() {
	ExtBuilder::default()
		.without_pot()
		.without_treasury()
		.build_and_execute(|| {
			let record = TestRun::default().settle(9);
			assert_eq!(record.payment.parts.burn, 9);
			assert_eq!(record.payment.parts.total(), Some(9));
			let told = events().into_iter().any(
				|event| matches!(event, Event::TreasuryUnreachable { source: Source::Request(1), amount } if amount > 0),
			);
			assert!(told);
		});
}

#[test]
fn the_pot_as_a_beneficiary_takes_nothing_of_anybodys() {
	ExtBuilder::default().build_and_execute(|| {
		let run = TestRun {
			operators: vec![Attribution::pot()],
			..Default::default()
		};
		run.settle(1_000);
		assert_ok!(Attribution::claim_for(
			RuntimeOrigin::signed(PAYER),
			Attribution::pot()
		));
		check();
		for who in [OWNER, CONTRIBUTOR] {
			assert_ok!(Attribution::claim(RuntimeOrigin::signed(who)));
		}
		assert_eq!(Balances::balance(&Attribution::pot()), MINIMUM + 250);
	});
}
