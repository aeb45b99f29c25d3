//! What an attacker gains: nothing.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::traits::{DataRegistry, ModelRegistry};

use crate::mock::*;

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
				Models::accept_ownership(signed(BOB), 0, seen),
				E::DepositTooHigh
			);
			assert_eq!(held(BOB), 0);
		});
}
