//! What an attacker gains: nothing.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::traits::{DataRegistry, ModelRegistry};

use crate::{mock::*, Descent, Holders};

type DatanetsError = pallet_datanets::Error<Test>;

#[test]
fn a_contributor_cannot_withdraw_what_a_model_was_built_on() {
	ExtBuilder::default()
		.datanet(2)
		.model(ALICE)
		.build_and_execute(|| {
			let later = add_batch(0);
			for batch in 0..2 {
				assert_noop!(
					Datanets::withdraw_batch(signed(DATA), batch),
					DatanetsError::BatchInUse
				);
				assert_eq!(Datanets::contributor(batch), Some(DATA));
			}
			assert_ok!(Datanets::withdraw_batch(signed(DATA), later));
		});
}

#[test]
fn a_model_that_is_gone_frees_no_batch() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			assert_ok!(Models::pause(signed(ALICE), 0));
			run_to(30);
			assert_ok!(Models::retire(signed(ALICE), 0));
			assert_noop!(
				Datanets::withdraw_batch(signed(DATA), 0),
				DatanetsError::BatchInUse
			);
		});
}

#[test]
fn a_failed_registration_pins_nothing() {
	ExtBuilder::default()
		.datanet(1)
		.datanet(1)
		.build_and_execute(|| {
			assert_ok!(Datanets::withdraw_batch(signed(DATA), 1));
			assert_noop!(
				register(ALICE, inputs(&[0, 1])),
				DatanetsError::NothingToPin
			);
			assert_ok!(Datanets::withdraw_batch(signed(DATA), 0));
			assert_eq!(held(ALICE), 0);
		});
}

#[test]
fn an_owner_cannot_take_a_version_from_under_open_requests() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			let quoted = Models::quote(0, 10).unwrap().version;
			assert_ok!(Models::new_version(signed(ALICE), 0, inputs(&[0])));
			assert_noop!(
				Models::remove_version(signed(ALICE), 0, quoted),
				E::TooEarly
			);
			assert_ok!(Models::pause(signed(ALICE), 0));
			assert_noop!(Models::retire(signed(ALICE), 0), E::TooEarly);
			assert!(Models::spec(0, quoted).is_some());
			assert!(Models::is_built_on(0, quoted, 0, 0));
		});
}

#[test]
fn an_owner_cannot_load_deposits_onto_who_accepts_a_model() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			let seen = held(ALICE);
			assert_ok!(Models::transfer_ownership(signed(ALICE), 0, BOB));
			assert_ok!(Models::new_version(signed(ALICE), 0, inputs(&[0])));
			assert_noop!(
				Models::accept_ownership(signed(BOB), 0, seen, false),
				E::DepositTooHigh
			);
			assert_eq!(held(BOB), 0);
		});
}

#[test]
fn an_owner_cannot_raise_a_royalty_after_the_fact_nor_in_the_last_moment() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(build(ALICE, takes(1_000), Descent::Base));
		let register = |max_royalty| {
			let (name, inputs) = (text("Adapter"), generator(16));
			Models::register(
				signed(BOB),
				name,
				inputs,
				PRICE,
				takes(0),
				on(0),
				max_royalty,
			)
		};
		assert_ok!(register(1_000));
		assert_ok!(Models::set_terms(signed(ALICE), 0, 5_000, true));
		assert_eq!(Models::takers(1), [(BOB, 900_000), (ALICE, 100_000)]);
		assert_noop!(register(1_000), E::RoyaltyAboveLimit);
		assert_ok!(register(5_000));
	});
}

#[test]
fn ancestors_never_take_more_than_half() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(build(ALICE, takes(5_000), Descent::Base));
		for _ in 0..6 {
			assert_ok!(build(ALICE, takes(5_000), on(0)));
		}
		let merge = build(BOB, takes(5_000), merge_of(&[1, 2, 3, 4, 5, 6])).unwrap();
		let takers = Models::takers(merge);
		assert_eq!(takers[0], (BOB, 500_000));
		let others: u32 = takers[1..].iter().map(|(_, weight)| weight).sum();
		assert_eq!(others, 500_000);
	});
}

#[test]
fn a_cycle_cannot_be_declared() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(build(ALICE, takes(0), Descent::Base));
		// The id that the model itself is going to get, and one after that.
		for ahead in [next_model(), next_model() + 1] {
			assert_noop!(build(ALICE, takes(0), on(ahead)), E::UnknownModel);
		}
	});
}

#[test]
fn a_buyer_of_shares_gets_nothing_of_what_was_earned_before() {
	for distributed_by_the_buyer in [false, true] {
		ExtBuilder::default()
			.datanet(1)
			.model(ALICE)
			.build_and_execute(|| {
				let holders = vec![(ALICE, 5_000), (BOB, 5_000)];
				assert_ok!(Models::divide(
					signed(ALICE),
					0,
					holders.try_into().unwrap()
				));
				credit(Models::revenue_account(0), 1_000);
				assert_ok!(Models::transfer_shares(signed(BOB), 0, CAROL, 5_000));
				if distributed_by_the_buyer {
					assert_ok!(Models::distribute(signed(CAROL), 0));
				}
				assert_eq!(
					[ALICE, BOB, CAROL].map(credit_of),
					[500, 500, 0],
					"the order of calls moves nothing"
				);
			});
	}
}

#[test]
fn a_holder_cannot_fill_the_list_to_keep_others_from_selling() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			let holders = vec![(ALICE, 9_500), (BOB, 500)];
			assert_ok!(Models::divide(
				signed(ALICE),
				0,
				holders.try_into().unwrap()
			));
			for sybil in 0..4 {
				assert_ok!(Models::transfer_shares(signed(BOB), 0, 100 + sybil, 100));
			}
			assert_noop!(
				Models::transfer_shares(signed(BOB), 0, 105, 50),
				E::TooFewShares
			);
			for buyer in 0..95 {
				assert_ok!(Models::transfer_shares(signed(ALICE), 0, 200 + buyer, 100));
			}
			assert_eq!(Holders::<Test>::get(0).unwrap().holders.len(), 100);
		});
}

#[test]
fn an_ancestor_cannot_leave_its_descendants_without_it() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(build(ALICE, takes(1_000), Descent::Base));
		assert_ok!(build(BOB, takes(0), on(0)));
		assert_ok!(Models::pause(signed(ALICE), 0));
		run_to(30);
		assert_noop!(Models::retire(signed(ALICE), 0), E::HasDescendants);
		assert_eq!(Models::takers(1).len(), 2, "a paused ancestor is paid");
	});
}

#[test]
fn an_owner_cannot_keep_the_revenue_of_a_model_that_it_sells() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			assert_ok!(Models::transfer_ownership(signed(ALICE), 0, BOB));
			let holders = vec![(ALICE, 10_000)];
			assert_ok!(Models::divide(
				signed(ALICE),
				0,
				holders.try_into().unwrap()
			));
			assert_noop!(
				Models::accept_ownership(signed(BOB), 0, RICH, false),
				E::SharesChanged
			);
			// Nor does somebody who buys it with its shares pay for one without.
			assert_ok!(Models::reunite(signed(ALICE), 0));
			assert_noop!(
				Models::accept_ownership(signed(BOB), 0, RICH, true),
				E::SharesChanged
			);
		});
}
