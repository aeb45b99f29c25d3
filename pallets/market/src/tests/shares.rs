//! Shares for sale.

use crate::{mock::*, Event, HoldReason, ShareListing, ShareListings};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::TokenError;

type M = pallet_models::Error<Test>;

/// A model of which the owner sells half, at 3 for a share.
fn list() {
	divide(OWNER, MODEL, &[OWNER, STRANGER]);
	assert_ok!(Market::list_shares(signed(OWNER), MODEL, 5_000, 3, None));
}

fn buy(who: AccountId, amount: u32) -> Result<(), sp_runtime::DispatchError> {
	Market::buy_shares(signed(who), MODEL, OWNER, amount, 3)
		.map(drop)
		.map_err(|failed| failed.error)
}

#[test]
fn shares_are_sold_in_parts() {
	ExtBuilder.build_and_execute(|| {
		list();
		let (seller, buyer) = (wealth(OWNER), wealth(BUYER));
		assert_ok!(buy(BUYER, 2_000));
		assert_eq!(
			last_event(),
			Event::SharesSold {
				model: MODEL,
				seller: OWNER,
				buyer: BUYER,
				amount: 2_000,
				price: 6_000
			}
			.into()
		);
		assert_eq!(shares_of(MODEL, OWNER), 3_000);
		assert_eq!(shares_of(MODEL, BUYER), 2_000);
		assert_eq!(Market::shares_for_sale(MODEL, None, 10)[0].1.amount, 3_000);
		assert_ok!(buy(BUYER, 3_000));
		assert_eq!(wealth(OWNER), seller + 15_000);
		assert_eq!(wealth(BUYER), buyer - 15_000);
		assert_eq!(held(HoldReason::Record, OWNER), 0);
		assert!(Market::shares_for_sale(MODEL, None, 10).is_empty());
		assert_noop!(buy(BUYER, 1), E::SharesNotListed);
	});
}

#[test]
fn a_share_listing_is_its_holders() {
	ExtBuilder.build_and_execute(|| {
		let list = |who, amount, price, until| {
			Market::list_shares(signed(who), MODEL, amount, price, until)
		};
		assert_noop!(list(OWNER, 1, 1, None), E::NotEnoughShares);
		divide(OWNER, MODEL, &[OWNER, PAUPER]);
		assert_noop!(list(OWNER, 5_001, 1, None), E::NotEnoughShares);
		assert_noop!(list(OWNER, 0, 1, None), E::NoShares);
		assert_noop!(list(OWNER, 1, 0, None), E::NoPrice);
		assert_noop!(list(OWNER, 1, 1, Some(1)), E::ExpiresAtOnce);
		assert_noop!(list(BUYER, 1, 1, None), E::NotEnoughShares);
		assert_ok!(Balances::transfer_keep_alive(signed(PAUPER), BUYER, 470));
		assert_noop!(list(PAUPER, 1, 1, None), TokenError::FundsUnavailable);
		assert_ok!(list(OWNER, 100, 9, None));
		assert_ok!(list(OWNER, 200, 8, Some(50)));
		let listing = ShareListing {
			amount: 200,
			price: 8,
			until: Some(50),
			deposit: LISTING,
		};
		assert_eq!(Market::shares_for_sale(MODEL, None, 9), [(OWNER, listing)]);
		assert_eq!(held(HoldReason::Record, OWNER), LISTING);
		let unlist = |who| Market::unlist_shares(signed(who), MODEL, OWNER);
		assert_noop!(unlist(BUYER), E::NotSeller);
		pass(50);
		assert_noop!(buy(BUYER, 100), E::Expired);
		assert_ok!(unlist(BUYER));
		assert_noop!(unlist(OWNER), E::SharesNotListed);
	});
}

#[test]
fn what_is_bought_keeps_the_registrys_rules() {
	ExtBuilder.build_and_execute(|| {
		list();
		assert_noop!(buy(BUYER, 0), E::NoShares);
		assert_noop!(buy(BUYER, 5_001), E::NotEnoughShares);
		assert_noop!(buy(OWNER, 100), E::OwnListing);
		assert_noop!(buy(BUYER, 99), M::TooFewShares);
		assert_noop!(buy(BUYER, 4_950), M::TooFewShares);
		assert_noop!(buy(PAUPER, 1_000), TokenError::FundsUnavailable);
		assert_noop!(
			Market::buy_shares(signed(BUYER), MODEL, OWNER, 100, 2),
			E::PriceTooHigh
		);
		assert_ok!(Market::list_shares(
			signed(OWNER),
			MODEL,
			5_000,
			Balance::MAX,
			None
		));
		assert_noop!(
			Market::buy_shares(signed(BUYER), MODEL, OWNER, 100, PLENTY),
			E::AmountOverflow
		);
	});
}

use openledger_primitives::Balance;

#[test]
fn revenue_from_before_is_the_sellers() {
	ExtBuilder.build_and_execute(|| {
		list();
		earn_fee(MODEL, TENANT, 100_000);
		assert_ok!(buy(BUYER, 5_000));
		// A quarter of the fee is the model's.
		assert_eq!(credit(OWNER), 12_500);
		assert_eq!(credit(STRANGER), 12_500);
		earn_fee(MODEL, TENANT, 100_000);
		assert_ok!(Models::distribute(signed(STRANGER), MODEL));
		assert_eq!(credit(OWNER), 12_500);
		assert_eq!(credit(BUYER), 12_500);
	});
}

#[test]
fn a_listing_sells_no_more_than_there_is() {
	ExtBuilder.build_and_execute(|| {
		list();
		assert_ok!(Models::transfer_shares(signed(OWNER), MODEL, BUYER, 4_000));
		assert_eq!(Market::shares_for_sale(MODEL, None, 9)[0].1.amount, 1_000);
		assert_noop!(buy(TENANT, 1_001), E::NotEnoughShares);
		assert_ok!(Models::transfer_shares(signed(OWNER), MODEL, BUYER, 1_000));
		assert_noop!(buy(TENANT, 100), E::Lapsed);
		assert!(ShareListings::<Test>::contains_key(MODEL, OWNER));
		assert_ok!(Market::unlist_shares(signed(TENANT), MODEL, OWNER));
		assert_eq!(held(HoldReason::Record, OWNER), 0);
	});
}

#[test]
fn a_page_of_shares_goes_on_after_its_last_seller() {
	ExtBuilder.build_and_execute(|| {
		list();
		assert_ok!(Market::list_shares(signed(STRANGER), MODEL, 100, 1, None));
		let first = Market::shares_for_sale(MODEL, None, 1);
		let second = Market::shares_for_sale(MODEL, Some(first[0].0), 1);
		let mut sellers = [first[0].0, second[0].0];
		sellers.sort_unstable();
		assert_eq!(sellers, [OWNER, STRANGER]);
		assert!(Market::shares_for_sale(MODEL, Some(second[0].0), 1).is_empty());
	});
}
