//! Models for sale.

use crate::{mock::*, Event, HoldReason, Listing, Listings};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::TokenError;

type M = pallet_models::Error<Test>;

fn list(price: u128) {
	assert_ok!(Market::list(signed(OWNER), MODEL, price, None, None));
}

fn buy(who: AccountId) -> frame_support::dispatch::DispatchResult {
	Market::buy(signed(who), MODEL, 1_000, deposit_of(MODEL), false)
}

#[test]
fn a_model_is_sold_with_its_deposits() {
	ExtBuilder.build_and_execute(|| {
		list(1_000);
		let listing = Listing {
			seller: OWNER,
			price: 1_000,
			buyer: None,
			until: None,
			deposit: LISTING,
		};
		assert_eq!(Market::listing(MODEL), Some(listing));
		assert_eq!(held(HoldReason::Record, OWNER), LISTING);
		let deposit = deposit_of(MODEL);
		let (seller, buyer) = (wealth(OWNER), wealth(BUYER));

		assert_ok!(buy(BUYER));
		assert_eq!(
			last_event(),
			Event::ModelSold {
				model: MODEL,
				seller: OWNER,
				buyer: BUYER,
				price: 1_000
			}
			.into()
		);
		assert_eq!(owner_of(MODEL), Some(BUYER));
		assert_eq!(wealth(OWNER), seller + 1_000);
		assert_eq!(wealth(BUYER), buyer - 1_000);
		assert_eq!(deposit_of(MODEL), deposit);
		assert_eq!(held(HoldReason::Record, OWNER), 0);
		assert!(Listings::<Test>::get(MODEL).is_none());
		assert_noop!(buy(STRANGER), E::NotListed);
	});
}

#[test]
fn a_listing_is_the_owners() {
	ExtBuilder.build_and_execute(|| {
		let list =
			|who, model, price, buyer, until| Market::list(signed(who), model, price, buyer, until);
		assert_noop!(list(BUYER, MODEL, 1, None, None), E::NotOwner);
		assert_noop!(list(OWNER, 9, 1, None, None), E::UnknownModel);
		assert_noop!(list(OWNER, MODEL, 0, None, None), E::NoPrice);
		assert_noop!(list(OWNER, MODEL, 1, Some(OWNER), None), E::OwnListing);
		assert_noop!(list(OWNER, MODEL, 1, None, Some(1)), E::ExpiresAtOnce);
		assert_ok!(Models::deprecate(signed(OWNER), BARE, None));
		assert_noop!(list(OWNER, BARE, 1, None, None), E::Deprecated);
		register(PAUPER, model_inputs(&[]));
		let rest = Balances::free_balance(PAUPER) - MINIMUM;
		assert_ok!(Balances::transfer_keep_alive(signed(PAUPER), BUYER, rest));
		assert_noop!(list(PAUPER, 2, 1, None, None), TokenError::FundsUnavailable);
	});
}

#[test]
fn a_listing_is_changed_and_taken_back() {
	ExtBuilder.build_and_execute(|| {
		list(1_000);
		list(700);
		assert_eq!(held(HoldReason::Record, OWNER), LISTING);
		assert_eq!(Market::listing(MODEL).unwrap().price, 700);
		assert_noop!(Market::unlist(signed(BUYER), MODEL), E::NotSeller);
		assert_ok!(Market::unlist(signed(OWNER), MODEL));
		assert_eq!(held(HoldReason::Record, OWNER), 0);
		assert_noop!(Market::unlist(signed(OWNER), MODEL), E::NotListed);
	});
}

#[test]
fn a_sole_buyer_is_the_only_one() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(Market::list(signed(OWNER), MODEL, 5, Some(BUYER), None));
		assert_noop!(buy(STRANGER), E::NotForSigner);
		assert_noop!(buy(OWNER), E::OwnListing);
		assert_ok!(buy(BUYER));
	});
}

#[test]
fn a_listing_expires() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(Market::list(signed(OWNER), MODEL, 5, None, Some(11)));
		System::set_block_number(10);
		assert!(Market::listing(MODEL).is_some());
		assert_noop!(Market::unlist(signed(STRANGER), MODEL), E::NotSeller);
		System::set_block_number(11);
		assert!(Market::listing(MODEL).is_none());
		assert_noop!(buy(BUYER), E::Expired);
		assert_ok!(Market::unlist(signed(STRANGER), MODEL));
		assert_eq!(held(HoldReason::Record, OWNER), 0);
	});
}

#[test]
fn a_buyer_pays_price_and_deposits_or_nothing_moves() {
	ExtBuilder.build_and_execute(|| {
		list(150);
		let before = wealth(PAUPER);
		assert!(deposit_of(MODEL) > 350 - MINIMUM);
		assert_noop!(buy(PAUPER), TokenError::FundsUnavailable);
		assert_eq!((wealth(PAUPER), owner_of(MODEL)), (before, Some(OWNER)));
		list(1_000);
		assert_noop!(buy(PAUPER), TokenError::FundsUnavailable);
	});
}

#[test]
fn a_retired_models_listing_is_cleared_by_anybody() {
	ExtBuilder.build_and_execute(|| {
		list(1_000);
		retire(MODEL);
		assert_noop!(
			Market::buy(signed(BUYER), MODEL, 1_000, PLENTY, false),
			E::UnknownModel
		);
		assert_ok!(Market::unlist(signed(STRANGER), MODEL));
		assert_eq!(held(HoldReason::Record, OWNER), 0);
	});
}

#[test]
fn a_new_owner_lists_in_place_of_the_old_one() {
	ExtBuilder.build_and_execute(|| {
		list(1_000);
		assert_ok!(Models::transfer_ownership(signed(OWNER), MODEL, BUYER));
		assert_ok!(Models::accept_ownership(
			signed(BUYER),
			MODEL,
			PLENTY,
			false
		));
		assert_ok!(Market::list(signed(BUYER), MODEL, 900, None, None));
		assert_eq!(held(HoldReason::Record, OWNER), 0);
		assert_eq!(held(HoldReason::Record, BUYER), LISTING);
		assert_eq!(Market::listing(MODEL).unwrap().seller, BUYER);
	});
}

#[test]
fn a_model_that_is_divided_is_not_sold_as_one_that_is_not() {
	ExtBuilder.build_and_execute(|| {
		list(1_000);
		divide(OWNER, MODEL, &[OWNER, STRANGER]);
		assert_noop!(
			Market::buy(signed(BUYER), MODEL, 1_000, PLENTY, false),
			M::SharesChanged
		);
		assert_ok!(Market::buy(signed(BUYER), MODEL, 1_000, PLENTY, true));
		assert_eq!(shares_of(MODEL, OWNER), 5_000);
	});
}
