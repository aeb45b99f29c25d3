//! Attacks on buyers, tenants and contributors, and what an attacker keeps.

use crate::{mock::*, HoldReason};
use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{model::Audience, traits::ModelRegistry};

type M = pallet_models::Error<Test>;

#[test]
fn who_lists_and_gives_away_sells_nothing() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(Market::list(signed(OWNER), MODEL, 1_000, None, None));
		assert_ok!(Models::transfer_ownership(signed(OWNER), MODEL, STRANGER));
		assert_ok!(Models::accept_ownership(
			signed(STRANGER),
			MODEL,
			PLENTY,
			false
		));
		let before = (wealth(OWNER), wealth(BUYER));
		assert_noop!(
			Market::buy(signed(BUYER), MODEL, 1_000, PLENTY, false),
			E::Lapsed
		);
		assert_eq!(before, (wealth(OWNER), wealth(BUYER)));
		assert!(Market::listing(MODEL).is_none());
		// Nothing of it stays.
		assert_ok!(Market::unlist(signed(BUYER), MODEL));
		assert_eq!(held(HoldReason::Record, OWNER), 0);
	});
}

#[test]
fn an_offer_from_before_the_sale_is_void_after_it() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(Market::list(signed(OWNER), MODEL, 1_000, None, None));
		assert_ok!(Models::transfer_ownership(signed(OWNER), MODEL, STRANGER));
		assert_ok!(Market::buy(signed(BUYER), MODEL, 1_000, PLENTY, false));
		assert_noop!(
			Models::accept_ownership(signed(STRANGER), MODEL, PLENTY, false),
			M::NotOffered
		);
	});
}

#[test]
fn a_price_raised_in_between_buys_nothing() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(Market::list(signed(OWNER), MODEL, 1_000, None, None));
		assert_ok!(Market::list(signed(OWNER), MODEL, 1_001, None, None));
		assert_noop!(
			Market::buy(signed(BUYER), MODEL, 1_000, PLENTY, false),
			E::PriceTooHigh
		);
	});
}

#[test]
fn a_version_added_in_between_buys_nothing() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(Market::list(signed(OWNER), MODEL, 1_000, None, None));
		let deposit = deposit_of(MODEL);
		assert_ok!(Models::new_version(
			signed(OWNER),
			MODEL,
			model_inputs(&[0])
		));
		assert_noop!(
			Market::buy(signed(BUYER), MODEL, 1_000, deposit, false),
			M::DepositTooHigh
		);
	});
}

#[test]
fn a_model_deprecated_in_between_is_not_bought() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(Market::list(signed(OWNER), MODEL, 1_000, None, None));
		assert_ok!(Models::deprecate(signed(OWNER), MODEL, None));
		assert_noop!(
			Market::buy(signed(BUYER), MODEL, 1_000, PLENTY, false),
			E::Deprecated
		);
		assert_ok!(Market::unlist(signed(OWNER), MODEL));
	});
}

#[test]
fn a_buyer_that_cannot_pay_gets_nothing() {
	ExtBuilder.build_and_execute(|| {
		let price = RICH;
		assert_ok!(Market::list(signed(OWNER), MODEL, price, None, None));
		assert!(Market::buy(signed(BUYER), MODEL, price, PLENTY, false).is_err());
		// Nor by an account that has the price, and not the deposits.
		let price = RICH - MINIMUM;
		assert_ok!(Market::list(signed(OWNER), MODEL, price, None, None));
		let before = (wealth(OWNER), wealth(BUYER));
		assert!(Market::buy(signed(BUYER), MODEL, price, PLENTY, false).is_err());
		assert_eq!(owner_of(MODEL), Some(OWNER));
		let (outcome, after) = (
			frame_support::storage::with_storage_layer(|| {
				Market::buy(signed(BUYER), MODEL, price, PLENTY, false)
			}),
			(wealth(OWNER), wealth(BUYER)),
		);
		assert!(outcome.is_err());
		assert_eq!(before, after);
	});
}

#[test]
fn an_owner_that_kept_the_shares_says_so() {
	ExtBuilder.build_and_execute(|| {
		// It has sold all the revenue, and sells the model as if it had not.
		divide(OWNER, MODEL, &[STRANGER, CONTRIBUTOR]);
		assert_ok!(Market::list(signed(OWNER), MODEL, 1_000, None, None));
		assert_noop!(
			Market::buy(signed(BUYER), MODEL, 1_000, PLENTY, false),
			M::SharesChanged
		);
		// Who knows buys decisions and deposits: no revenue.
		assert_ok!(Market::buy(signed(BUYER), MODEL, 1_000, PLENTY, true));
		let_others_rent(BUYER);
		assert_ok!(Models::distribute(signed(OWNER), MODEL));
		assert_eq!(credit(BUYER), 0);
		assert!(credit(STRANGER) > 0);
	});
}

/// Lets a model to the tenant for a day, and collects.
fn let_others_rent(owner: AccountId) {
	set_audience(owner, MODEL, Audience::Tenants);
	assert_ok!(Market::set_terms(signed(owner), MODEL, PER_DAY, 1));
	rent(TENANT, MODEL, 1);
	pass(DAY);
	assert_ok!(Market::collect(signed(TENANT), MODEL, TENANT));
}

#[test]
fn shares_raised_in_price_buy_nothing() {
	ExtBuilder.build_and_execute(|| {
		divide(OWNER, MODEL, &[OWNER, STRANGER]);
		assert_ok!(Market::list_shares(signed(OWNER), MODEL, 5_000, 3, None));
		assert_ok!(Market::list_shares(signed(OWNER), MODEL, 5_000, 4, None));
		assert_noop!(
			Market::buy_shares(signed(BUYER), MODEL, OWNER, 100, 3),
			E::PriceTooHigh
		);
	});
}

#[test]
fn a_rent_raised_in_between_rents_nothing() {
	ExtBuilder.build_and_execute(|| {
		let_out(MODEL);
		assert_ok!(Market::set_terms(signed(OWNER), MODEL, PER_DAY + 1, 30));
		assert_noop!(
			Market::rent(signed(TENANT), MODEL, 2, 2 * PER_DAY),
			E::PriceTooHigh
		);
	});
}

#[test]
fn renting_from_oneself_loses_burn_and_treasury_and_earns_no_voice() {
	ExtBuilder.build_and_execute(|| {
		let_out(MODEL);
		let before = wealth(OWNER);
		let days = 13;
		rent(OWNER, MODEL, days);
		pass(13 * DAY);
		assert_ok!(Market::collect(signed(OWNER), MODEL, OWNER));
		let parts = settled().pop().unwrap();
		assert_ok!(Attribution::claim(signed(OWNER)));
		assert_eq!(
			before - wealth(OWNER),
			parts.burn + parts.treasury + parts.data
		);
		assert_eq!(parts.burn + parts.treasury, 13_000);
		assert_eq!(reputation(OWNER), 0);
	});
}

#[test]
fn renting_from_oneself_by_another_account_earns_no_voice() {
	ExtBuilder.build_and_execute(|| {
		Party::set(vec![OWNER, TENANT]);
		let_out(MODEL);
		rent(TENANT, MODEL, 13);
		pass(13 * DAY);
		assert_ok!(Market::collect(signed(TENANT), MODEL, TENANT));
		assert_eq!(reputation(OWNER), 0);
	});
}

#[test]
fn who_gives_the_data_loses_burn_and_treasury_by_renting_from_itself() {
	ExtBuilder.build_and_execute(|| {
		// Model, data and tenant in one hand.
		register(CONTRIBUTOR, model_inputs(&[0]));
		set_audience(CONTRIBUTOR, 2, Audience::Tenants);
		assert_ok!(Market::set_terms(signed(CONTRIBUTOR), 2, PER_DAY, 13));
		let before = wealth(CONTRIBUTOR);
		rent(CONTRIBUTOR, 2, 13);
		pass(13 * DAY);
		assert_ok!(Market::collect(signed(STRANGER), 2, CONTRIBUTOR));
		assert_ok!(Attribution::claim(signed(CONTRIBUTOR)));
		assert_ok!(Datanets::claim_income(signed(CONTRIBUTOR), 0));
		assert_eq!(before - wealth(CONTRIBUTOR), 13_000);
		assert_eq!(reputation(CONTRIBUTOR), 0);
	});
}

#[test]
fn renting_is_no_way_round_the_contributors() {
	ExtBuilder.build_and_execute(|| {
		// A low fee and a high rent: of that the data has the same part, as against the model's.
		let_out(MODEL);
		rent(TENANT, MODEL, 13);
		pass(13 * DAY);
		assert_ok!(Market::collect(signed(OWNER), MODEL, TENANT));
		let parts = settled().pop().unwrap();
		assert_eq!(parts.data * 25, parts.model * 40);
		assert_eq!(income(0) + income(1), parts.data);
	});
}

#[test]
fn other_data_named_after_the_rental_takes_nothing_from_the_contributors() {
	ExtBuilder.build_and_execute(|| {
		let_out(MODEL);
		rent(TENANT, MODEL, 13);
		pass(6 * DAY);
		// The owner adds a version on data of its own, and collects.
		let own = datanet(&[OWNER]);
		assert_ok!(Models::new_version(
			signed(OWNER),
			MODEL,
			model_inputs(&[own])
		));
		pass(7 * DAY);
		assert_ok!(Market::collect(signed(OWNER), MODEL, TENANT));
		let parts = settled().pop().unwrap();
		assert_eq!((parts.model, parts.data), (45_000, 72_000));
		assert_eq!((income(0), income(1), income(own)), (18_000, 54_000, 0));
		// Who rents from now on pays the data of the version that it gets.
		rent(TENANT, MODEL, 13);
		pass(13 * DAY);
		assert_ok!(Market::collect(signed(OWNER), MODEL, TENANT));
		assert_eq!(income(own), 72_000);
	});
}

#[test]
fn leaving_the_data_out_gains_the_owner_nothing() {
	ExtBuilder.build_and_execute(|| {
		let_out(MODEL);
		rent(TENANT, MODEL, 13);
		assert_ok!(Models::new_version(signed(OWNER), MODEL, model_inputs(&[])));
		pass(REMOVAL_DELAY);
		assert_ok!(Models::remove_version(signed(OWNER), MODEL, 0));
		pass(13 * DAY);
		assert_ok!(Market::collect(signed(OWNER), MODEL, TENANT));
		let parts = settled().pop().unwrap();
		assert_eq!((parts.model, parts.data), (45_000, 0));
		assert_eq!(credit(OWNER), 45_000);
	});
}

#[test]
fn an_owner_cannot_take_rent_and_service_back() {
	ExtBuilder.build_and_execute(|| {
		let_out(MODEL);
		let before = wealth(TENANT);
		rent(TENANT, MODEL, 10);
		// The owner stops letting, raises the price and closes at once.
		assert_ok!(Market::set_terms(signed(OWNER), MODEL, 9 * PER_DAY, 1));
		assert_ok!(Market::clear_terms(signed(OWNER), MODEL));
		assert_ok!(Models::ensure_served(MODEL, &TENANT));
		assert_ok!(Models::pause(signed(OWNER), MODEL));
		assert_ok!(Market::end_rental(signed(TENANT), MODEL));
		assert_eq!(wealth(TENANT), before);
	});
}

#[test]
fn a_pause_over_the_end_is_not_paid_for_by_collecting_late() {
	ExtBuilder.build_and_execute(|| {
		let_out(MODEL);
		rent(TENANT, MODEL, 2);
		pass(DAY);
		assert_ok!(Models::pause(signed(OWNER), MODEL));
		pass(50 * DAY);
		assert_eq!(Market::earned(MODEL, TENANT), Some(PER_DAY));
	});
}
