//! Passing a model on.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{lineage::WHOLE, model::Audience, traits::ModelOwnership};
use sp_runtime::TokenError;

use crate::{mock::*, Event, Models as Records};

#[test]
fn a_model_passes_with_its_deposits_once_accepted() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			assert_ok!(Models::new_version(signed(ALICE), 0, inputs(&[0])));
			let deposit = held(ALICE);
			assert_ok!(Models::transfer_ownership(signed(ALICE), 0, BOB));
			assert_eq!(
				last_event(),
				Event::OwnershipOffered { model: 0, to: BOB }.into()
			);
			assert_eq!(
				Models::takers(0),
				[(ALICE, WHOLE)],
				"an offer changes nothing"
			);

			assert_ok!(Models::accept_ownership(signed(BOB), 0, deposit, false));
			assert_eq!(
				last_event(),
				Event::OwnershipTransferred {
					model: 0,
					from: ALICE,
					to: BOB,
					deposit
				}
				.into()
			);
			assert_eq!(Models::takers(0), [(BOB, WHOLE)]);
			assert_eq!((held(ALICE), held(BOB)), (0, deposit));
			assert_eq!(Balances::free_balance(ALICE), RICH);
			assert_eq!(Records::<Test>::get(0).unwrap().offered_to, None);
			assert_noop!(Models::pause(signed(ALICE), 0), E::NotOwner);
			assert_ok!(Models::pause(signed(BOB), 0));
		});
}

#[test]
fn offering_is_the_owners_and_not_to_itself() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			assert_noop!(
				Models::transfer_ownership(signed(ALICE), 1, BOB),
				E::UnknownModel
			);
			assert_noop!(Models::transfer_ownership(signed(BOB), 0, BOB), E::NotOwner);
			assert_noop!(
				Models::transfer_ownership(signed(ALICE), 0, ALICE),
				E::AlreadyOwner
			);
		});
}

#[test]
fn an_offer_can_be_replaced_and_cancelled() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			assert_noop!(Models::cancel_transfer(signed(ALICE), 0), E::NoOffer);
			assert_ok!(Models::transfer_ownership(signed(ALICE), 0, BOB));
			assert_ok!(Models::transfer_ownership(signed(ALICE), 0, CAROL));
			assert_noop!(
				Models::accept_ownership(signed(BOB), 0, RICH, false),
				E::NotOffered
			);
			assert_noop!(Models::cancel_transfer(signed(CAROL), 0), E::NotOwner);
			assert_noop!(Models::cancel_transfer(signed(ALICE), 1), E::UnknownModel);
			assert_ok!(Models::cancel_transfer(signed(ALICE), 0));
			assert_eq!(last_event(), Event::OfferCancelled { model: 0 }.into());
			assert_noop!(
				Models::accept_ownership(signed(CAROL), 0, RICH, false),
				E::NotOffered
			);
		});
}

#[test]
fn accepting_takes_the_deposit_and_no_more_than_the_new_owner_allows() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			let deposit = held(ALICE);
			assert_noop!(
				Models::accept_ownership(signed(BOB), 1, RICH, false),
				E::UnknownModel
			);
			assert_ok!(Models::transfer_ownership(signed(ALICE), 0, PAUPER));
			assert_noop!(
				Models::accept_ownership(signed(PAUPER), 0, deposit, false),
				TokenError::FundsUnavailable
			);
			assert_ok!(Models::transfer_ownership(signed(ALICE), 0, BOB));
			assert_noop!(
				Models::accept_ownership(signed(BOB), 0, deposit - 1, false),
				E::DepositTooHigh
			);
		});
}

#[test]
fn a_model_that_is_sold_passes_from_its_owner_alone() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			let pass = |from, to, max, divided| Models::pass(0, &from, &to, max, divided);
			let deposit = held(ALICE);
			assert_noop!(pass(BOB, CAROL, RICH, false), E::NotOwner);
			assert_noop!(pass(ALICE, ALICE, RICH, false), E::AlreadyOwner);
			assert_noop!(pass(ALICE, BOB, deposit - 1, false), E::DepositTooHigh);
			assert_noop!(pass(ALICE, BOB, RICH, true), E::SharesChanged);
			assert_noop!(Models::pass(1, &ALICE, &BOB, RICH, false), E::UnknownModel);
			assert_ok!(Models::transfer_ownership(signed(ALICE), 0, CAROL));
			assert_ok!(pass(ALICE, BOB, deposit, false));
			assert_eq!((held(ALICE), held(BOB)), (0, deposit));
			assert_eq!(Records::<Test>::get(0).unwrap().offered_to, None);
		});
}

#[test]
fn a_models_standing_is_what_traders_see() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			assert_ok!(Models::set_audience(signed(ALICE), 0, Audience::Tenants));
			run_to(7);
			assert_ok!(Models::pause(signed(ALICE), 0));
			assert_ok!(Models::deprecate(signed(ALICE), 0, None));
			let standing = Models::standing(0).unwrap();
			assert_eq!((standing.owner, standing.deprecated), (ALICE, true));
			assert_eq!(standing.paused_since, Some(7));
			assert_eq!(standing.audience, Audience::Tenants);
			assert_eq!(Models::standing(1), None);
			assert_eq!(Models::shares(0, &ALICE), 0);
		});
}
