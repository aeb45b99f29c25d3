//! Pausing, resuming, pricing and retiring.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{model::Audience, traits::ModelRegistry};

use crate::{mock::*, Event, Models as Records, Versions};

#[test]
fn a_paused_model_is_not_quoted_until_it_is_resumed() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			assert_ok!(Models::pause(signed(ALICE), 0));
			assert_eq!(last_event(), Event::ModelPaused { model: 0 }.into());
			assert_noop!(Models::quote(0, 1), E::Paused);
			assert_eq!(Models::fee(0, 1), None);
			assert_eq!(Models::current_version(0), Some(0));
			assert!(Models::spec(0, 0).is_some(), "open requests go on");
			assert_ok!(Models::resume(signed(ALICE), 0));
			assert_eq!(last_event(), Event::ModelResumed { model: 0 }.into());
			assert_ok!(Models::quote(0, 1));
		});
}

#[test]
fn pausing_and_resuming_are_the_owners_and_alternate() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			assert_noop!(Models::pause(signed(ALICE), 1), E::UnknownModel);
			assert_noop!(Models::pause(signed(BOB), 0), E::NotOwner);
			assert_noop!(Models::resume(signed(ALICE), 1), E::UnknownModel);
			assert_noop!(Models::resume(signed(BOB), 0), E::NotOwner);
			assert_noop!(Models::resume(signed(ALICE), 0), E::NotPaused);
			assert_ok!(Models::pause(signed(ALICE), 0));
			assert_noop!(Models::pause(signed(ALICE), 0), E::AlreadyPaused);
		});
}

#[test]
fn a_model_for_tenants_answers_them_and_its_owner() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			let set = |who, model, audience| Models::set_audience(signed(who), model, audience);
			assert_ok!(Models::ensure_served(0, &BOB));
			assert_noop!(set(BOB, 0, Audience::Tenants), E::NotOwner);
			assert_noop!(set(ALICE, 1, Audience::Tenants), E::UnknownModel);
			assert_ok!(set(ALICE, 0, Audience::Tenants));
			let event = Event::AudienceSet {
				model: 0,
				audience: Audience::Tenants,
			};
			assert_eq!(last_event(), event.into());
			assert_noop!(Models::ensure_served(0, &BOB), E::TenantsOnly);
			assert_ok!(Models::ensure_served(0, &ALICE));
			Renter::set(Some(BOB));
			assert_ok!(Models::ensure_served(0, &BOB));
			assert_noop!(Models::ensure_served(0, &CAROL), E::TenantsOnly);
			assert_ok!(set(ALICE, 0, Audience::Everyone));
			assert_ok!(Models::ensure_served(0, &CAROL));
			assert_ok!(Models::ensure_served(1, &CAROL));
		});
}

#[test]
fn a_price_holds_from_the_moment_it_is_set() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			assert_ok!(Models::set_price(signed(ALICE), 0, 77));
			assert_eq!(
				last_event(),
				Event::PriceSet {
					model: 0,
					price_per_unit: 77
				}
				.into()
			);
			assert_eq!(Models::quote(0, 0).unwrap().fee, 77);
			assert_noop!(Models::set_price(signed(BOB), 0, 78), E::NotOwner);
			assert_noop!(Models::set_price(signed(ALICE), 1, 78), E::UnknownModel);
			assert_noop!(Models::set_price(signed(ALICE), 0, 9), E::PriceTooLow);
			assert_noop!(Models::set_price(signed(ALICE), 0, 1_001), E::PriceTooHigh);
		});
}

#[test]
fn a_model_paused_for_long_is_retired_and_its_deposit_returned() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			let deposit = held(ALICE);
			run_to(10);
			assert_ok!(Models::pause(signed(ALICE), 0));
			run_to(30);
			assert_ok!(Models::retire(signed(ALICE), 0));
			assert_eq!(
				last_event(),
				Event::ModelRetired {
					model: 0,
					owner: ALICE,
					deposit
				}
				.into()
			);
			assert_eq!(Balances::free_balance(ALICE), RICH);
			assert_eq!(Records::<Test>::get(0), None);
			assert_eq!(Versions::<Test>::iter().count(), 0);
			assert_eq!(Models::takers(0), []);
			assert_ok!(register(ALICE, inputs(&[0])));
			assert_eq!(next_model(), 2, "its id is not given out again");
		});
}

#[test]
fn retiring_waits_for_requests_and_old_versions() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			assert_noop!(Models::retire(signed(ALICE), 1), E::UnknownModel);
			assert_noop!(Models::retire(signed(BOB), 0), E::NotOwner);
			assert_noop!(Models::retire(signed(ALICE), 0), E::NotPaused);
			assert_ok!(Models::new_version(signed(ALICE), 0, inputs(&[0])));
			assert_ok!(Models::pause(signed(ALICE), 0));
			run_to(20);
			assert_noop!(Models::retire(signed(ALICE), 0), E::TooEarly);
			run_to(21);
			assert_noop!(Models::retire(signed(ALICE), 0), E::OldVersionsLeft);
			assert_ok!(Models::remove_version(signed(ALICE), 0, 0));
			assert_ok!(Models::retire(signed(ALICE), 0));
		});
}

#[test]
fn resuming_starts_the_wait_anew() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			assert_ok!(Models::pause(signed(ALICE), 0));
			run_to(20);
			assert_ok!(Models::resume(signed(ALICE), 0));
			assert_ok!(Models::pause(signed(ALICE), 0));
			run_to(39);
			assert_noop!(Models::retire(signed(ALICE), 0), E::TooEarly);
			run_to(40);
			assert_ok!(Models::retire(signed(ALICE), 0));
		});
}
