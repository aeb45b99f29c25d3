//! Models to let.

use crate::{mock::*, Event, HoldReason, LettingTerms, Rental, Rentals, Terms};
use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{
	model::Audience,
	split::{Parts, Shares},
	traits::{ModelRegistry, Settlement},
	Balance,
};
use sp_runtime::TokenError;

fn collect(model: u32, tenant: AccountId) -> Balance {
	let earned = Market::earned(model, tenant).unwrap();
	let issuance = Balances::total_issuance();
	let info = Market::collect(signed(STRANGER), model, tenant).unwrap();
	let limit = <Attribution as Settlement<AccountId>>::weight_of_rent();
	let base = <() as crate::WeightInfo>::collect();
	assert!(info
		.actual_weight
		.unwrap()
		.all_lte(limit.saturating_add(base)));
	if earned > 0 {
		let parts = settled().pop().unwrap();
		assert_eq!(parts.total(), Some(earned));
		assert_eq!(issuance - Balances::total_issuance(), parts.burn);
	}
	earned
}

#[test]
fn a_tenant_rents_and_may_ask() {
	ExtBuilder.build_and_execute(|| {
		let refused = || pallet_models::Error::<Test>::TenantsOnly;
		assert_ok!(Models::ensure_served(MODEL, &TENANT));
		let_out(MODEL);
		assert_noop!(Models::ensure_served(MODEL, &TENANT), refused());
		assert_ok!(Models::ensure_served(MODEL, &OWNER));
		assert_eq!(Market::rent_for(MODEL, 3), Some(3 * PER_DAY));
		assert_ok!(Market::rent(signed(TENANT), MODEL, 3, 3 * PER_DAY));
		let until = 1 + 3 * DAY;
		assert_eq!(
			last_event(),
			Event::Rented {
				rental: 0,
				model: MODEL,
				tenant: TENANT,
				price: 3 * PER_DAY,
				until,
				deposit: RENTAL
			}
			.into()
		);
		assert_eq!(held(HoldReason::Rent, TENANT), 3 * PER_DAY);
		assert_eq!(held(HoldReason::Record, TENANT), RENTAL);
		assert!(Market::is_tenant(MODEL, TENANT) && !Market::is_tenant(MODEL, BUYER));
		assert_ok!(Models::ensure_served(MODEL, &TENANT));
		System::set_block_number(until - 1);
		assert!(Market::is_tenant(MODEL, TENANT));
		System::set_block_number(until);
		assert!(!Market::is_tenant(MODEL, TENANT));
		assert_noop!(Models::ensure_served(MODEL, &TENANT), refused());
	});
}

#[test]
fn rent_is_divided_like_a_fee_without_operators() {
	ExtBuilder.build_and_execute(|| {
		let_out(MODEL);
		rent(TENANT, MODEL, 13);
		pass(13 * DAY);
		let treasury = wealth(TREASURY);
		assert_eq!(collect(MODEL, TENANT), 130_000);
		let expected = Parts {
			burn: 6_500,
			treasury: 6_500,
			model: 45_000,
			operators: 0,
			data: 72_000,
		};
		assert_eq!(settled(), [expected]);
		assert_eq!(wealth(TREASURY) - treasury, 6_500);
		assert_eq!(credit(OWNER), 45_000);
		// One batch in one Datanet, three in the other.
		assert_eq!((income(0), income(1)), (18_000, 54_000));
		let before = wealth(SECOND_CONTRIBUTOR);
		assert_ok!(Datanets::claim_income(signed(SECOND_CONTRIBUTOR), 2));
		assert_ok!(Datanets::claim_income(signed(SECOND_CONTRIBUTOR), 3));
		assert_eq!(wealth(SECOND_CONTRIBUTOR) - before, 36_000);
		// Of what is lost the author earns the model's part, and nobody the data's.
		assert_eq!(reputation(OWNER), 13_000 * 45 / 117);
		assert_eq!(reputation(CONTRIBUTOR), 0);
		assert!(Rentals::<Test>::get(MODEL, TENANT).is_none());
		assert_eq!(held(HoldReason::Record, TENANT), 0);
	});
}

#[test]
fn without_data_its_part_is_the_treasurys() {
	ExtBuilder.build_and_execute(|| {
		let_out(BARE);
		rent(TENANT, BARE, 13);
		pass(13 * DAY);
		collect(BARE, TENANT);
		let expected = Parts {
			burn: 6_500,
			treasury: 78_500,
			model: 45_000,
			operators: 0,
			data: 0,
		};
		assert_eq!(settled(), [expected]);
	});
}

#[test]
fn what_a_datanet_cannot_take_is_the_treasurys() {
	ExtBuilder.build_and_execute(|| {
		let_out(MODEL);
		rent(TENANT, MODEL, 13);
		pass(13 * DAY);
		// As if the pot for access had never been funded.
		let pot = Datanets::pot_account();
		assert_ok!(Balances::force_set_balance(
			frame_system::RawOrigin::Root.into(),
			pot,
			0
		));
		collect(MODEL, TENANT);
		let parts = settled().pop().unwrap();
		assert_eq!((parts.treasury, parts.data), (78_500, 0));
	});
}

#[test]
fn rent_runs_along_the_lineage_and_to_shareholders() {
	ExtBuilder.build_and_execute(|| {
		let adapter = adapter(BUYER);
		assert_ok!(Models::set_audience(
			signed(BUYER),
			adapter,
			Audience::Tenants
		));
		assert_ok!(Market::set_terms(signed(BUYER), adapter, PER_DAY, 10));
		divide(BUYER, adapter, &[BUYER, STRANGER]);
		rent(TENANT, adapter, 10);
		pass(10 * DAY);
		collect(adapter, TENANT);
		let model = settled().pop().unwrap().model;
		assert_eq!(credit(OWNER), model / 2);
		assert_ok!(Models::distribute(signed(OWNER), adapter));
		assert_eq!(credit(BUYER) + credit(STRANGER), model - model / 2);
		assert!(credit(STRANGER) > 0);
		// The stranger bought into it, the buyer registered it.
		assert_eq!(reputation(STRANGER), 0);
		assert!(reputation(BUYER) > 0 && reputation(OWNER) > 0);
	});
}

#[test]
fn rent_is_earned_block_by_block_to_the_last_unit() {
	ExtBuilder.build_and_execute(|| {
		let_out(MODEL);
		assert_ok!(Market::set_terms(signed(OWNER), MODEL, 333, MAX_DAYS));
		rent(TENANT, MODEL, 1);
		let collect_again = || Market::collect(signed(STRANGER), MODEL, TENANT);
		assert_noop!(collect_again(), E::NothingToCollect);
		let mut sum = 0;
		for blocks in [7, 30, 1, 50] {
			pass(blocks);
			sum += collect(MODEL, TENANT);
			assert_eq!(held(HoldReason::Rent, TENANT), 333 - sum);
			check();
		}
		assert_noop!(collect_again(), E::NothingToCollect);
		pass(12);
		sum += collect(MODEL, TENANT);
		assert_eq!(sum, 333);
		assert_noop!(collect_again(), E::UnknownRental);
	});
}

#[test]
fn a_rental_is_prolonged_by_renting_again() {
	ExtBuilder.build_and_execute(|| {
		let_out(MODEL);
		rent(TENANT, MODEL, 2);
		pass(DAY);
		// What was agreed stays, the new days cost what they cost now.
		assert_ok!(Market::set_terms(
			signed(OWNER),
			MODEL,
			2 * PER_DAY,
			MAX_DAYS
		));
		rent(TENANT, MODEL, 1);
		let rental = Rental {
			id: 0,
			version: 0,
			rent: 3 * PER_DAY,
			since: 1 + DAY,
			until: 1 + 3 * DAY,
			deposit: RENTAL,
		};
		assert_eq!(Market::rental(MODEL, TENANT), Some(rental.clone()));
		assert_eq!(Market::rentals_of(MODEL, None, 9), [(TENANT, rental)]);
		assert!(Market::rentals_of(MODEL, Some(TENANT), 9).is_empty());
		assert_eq!(settled().len(), 1);
		let longest = MAX_DAYS - 2;
		assert_noop!(
			Market::rent(signed(TENANT), MODEL, longest + 1, PLENTY),
			E::TermTooLong
		);
		rent(TENANT, MODEL, longest);
		// One that is over goes on from now, without a deposit more.
		pass(100 * DAY);
		rent(TENANT, MODEL, 1);
		assert_eq!(held(HoldReason::Rent, TENANT), 2 * PER_DAY);
		assert_eq!(held(HoldReason::Record, TENANT), RENTAL);
		assert_eq!(
			Market::rental(MODEL, TENANT).unwrap().until,
			System::block_number() + DAY
		);
	});
}

#[test]
fn renting_takes_terms_money_and_consent() {
	ExtBuilder.build_and_execute(|| {
		let rent = |who, days, max| {
			Market::rent(signed(who), MODEL, days, max)
				.map(drop)
				.map_err(|failed| failed.error)
		};
		assert_noop!(rent(TENANT, 1, PLENTY), E::NotToLet);
		assert_ok!(Market::set_terms(signed(OWNER), MODEL, PER_DAY, 5));
		assert_noop!(rent(TENANT, 1, PLENTY), E::OpenToEveryone);
		assert_eq!(Market::rent_for(MODEL, 1), None);
		set_audience(OWNER, MODEL, Audience::Tenants);
		assert_noop!(rent(TENANT, 0, PLENTY), E::NoDays);
		assert_noop!(rent(TENANT, 6, PLENTY), E::TermTooLong);
		assert_noop!(rent(TENANT, 1, PER_DAY - 1), E::PriceTooHigh);
		assert_noop!(rent(PAUPER, 1, PLENTY), TokenError::FundsUnavailable);
		assert_ok!(Models::pause(signed(OWNER), MODEL));
		assert_noop!(rent(TENANT, 1, PLENTY), E::Paused);
		assert_ok!(Models::resume(signed(OWNER), MODEL));
		assert_ok!(rent(TENANT, 5, 5 * PER_DAY));
		crate::NextRental::<Test>::put(u64::MAX);
		assert_noop!(rent(BUYER, 1, PLENTY), E::IdsExhausted);
		crate::NextRental::<Test>::put(1);
	});
}

#[test]
fn terms_are_the_owners() {
	ExtBuilder.build_and_execute(|| {
		let set = |who, price, days| Market::set_terms(signed(who), MODEL, price, days);
		assert_noop!(set(BUYER, 1, 1), E::NotOwner);
		assert_noop!(Market::set_terms(signed(OWNER), 9, 1, 1), E::UnknownModel);
		assert_noop!(set(OWNER, 0, 1), E::NoPrice);
		assert_noop!(set(OWNER, 1, 0), E::NoDays);
		assert_noop!(set(OWNER, 1, MAX_DAYS + 1), E::TermTooLong);
		assert_noop!(set(OWNER, Balance::MAX, 2), E::AmountOverflow);
		let clear = |who| Market::clear_terms(signed(who), MODEL);
		assert_noop!(clear(OWNER), E::NotToLet);
		let_out(MODEL);
		let terms = LettingTerms {
			owner: OWNER,
			price_per_day: PER_DAY,
			max_days: MAX_DAYS,
			deposit: LISTING,
		};
		assert_eq!(Market::letting_terms(MODEL), Some(terms));
		assert_ok!(set(OWNER, 2, 3));
		assert_eq!(held(HoldReason::Record, OWNER), LISTING);
		assert_noop!(clear(BUYER), E::NotOwner);
		assert_ok!(clear(OWNER));
		assert_eq!(held(HoldReason::Record, OWNER), 0);
	});
}

#[test]
fn terms_lapse_with_ownership_and_rentals_do_not() {
	ExtBuilder.build_and_execute(|| {
		let_out(MODEL);
		rent(TENANT, MODEL, 10);
		assert_ok!(Market::list(signed(OWNER), MODEL, 7, None, None));
		assert_ok!(Market::buy(signed(BUYER), MODEL, 7, PLENTY, false));
		assert_noop!(Market::rent(signed(STRANGER), MODEL, 1, PLENTY), E::Lapsed);
		assert!(Market::is_tenant(MODEL, TENANT));
		assert_noop!(Market::end_rental(signed(TENANT), MODEL), E::StillServed);
		assert_ok!(Market::clear_terms(signed(STRANGER), MODEL));
		assert!(Terms::<Test>::get(MODEL).is_none());
		pass(10 * DAY);
		collect(MODEL, TENANT);
		assert_eq!(credit(OWNER), 0);
		assert!(credit(BUYER) > 0);
	});
}

#[test]
fn a_served_tenant_cannot_end_a_rental_nor_anybody_else() {
	ExtBuilder.build_and_execute(|| {
		let_out(MODEL);
		rent(TENANT, MODEL, 10);
		assert_noop!(Market::end_rental(signed(TENANT), MODEL), E::StillServed);
		assert_noop!(Market::end_rental(signed(OWNER), MODEL), E::UnknownRental);
		// A deprecated model still answers.
		assert_ok!(Models::deprecate(signed(OWNER), MODEL, None));
		assert_noop!(Market::end_rental(signed(TENANT), MODEL), E::StillServed);
		assert_ok!(Market::clear_terms(signed(OWNER), MODEL));
		assert!(Market::is_tenant(MODEL, TENANT));
	});
}

#[test]
fn a_tenant_of_a_paused_model_pays_up_to_the_pause() {
	ExtBuilder.build_and_execute(|| {
		let_out(MODEL);
		let before = wealth(TENANT);
		rent(TENANT, MODEL, 10);
		pass(4 * DAY);
		assert_ok!(Models::pause(signed(OWNER), MODEL));
		pass(2 * DAY);
		assert_eq!(Market::earned(MODEL, TENANT), Some(4 * PER_DAY));
		assert_ok!(Market::end_rental(signed(TENANT), MODEL));
		assert_eq!(
			last_event(),
			Event::RentalEnded {
				rental: 0,
				model: MODEL,
				tenant: TENANT,
				refunded: 6 * PER_DAY
			}
			.into()
		);
		assert_eq!(wealth(TENANT), before - 4 * PER_DAY);
		assert_eq!(held(HoldReason::Rent, TENANT), 0);
		assert!(!Market::is_tenant(MODEL, TENANT));
	});
}

#[test]
fn a_model_that_is_paused_at_the_end_has_earned_up_to_the_pause() {
	ExtBuilder.build_and_execute(|| {
		let_out(MODEL);
		let before = wealth(TENANT);
		rent(TENANT, MODEL, 10);
		pass(4 * DAY);
		assert_ok!(Models::pause(signed(OWNER), MODEL));
		pass(DAY);
		assert_eq!(collect(MODEL, TENANT), 4 * PER_DAY);
		let again = || Market::collect(signed(STRANGER), MODEL, TENANT);
		assert_noop!(again(), E::NothingToCollect);
		pass(5 * DAY);
		assert_ok!(again());
		assert_eq!(wealth(TENANT), before - 4 * PER_DAY);
	});
}

#[test]
fn a_model_that_is_resumed_has_earned_all() {
	ExtBuilder.build_and_execute(|| {
		let_out(MODEL);
		rent(TENANT, MODEL, 10);
		pass(4 * DAY);
		assert_ok!(Models::pause(signed(OWNER), MODEL));
		pass(DAY);
		assert_ok!(Models::resume(signed(OWNER), MODEL));
		assert_noop!(Market::end_rental(signed(TENANT), MODEL), E::StillServed);
		pass(5 * DAY);
		assert_eq!(collect(MODEL, TENANT), 10 * PER_DAY);
	});
}

#[test]
fn a_rental_of_a_model_that_is_gone_is_given_back() {
	ExtBuilder.build_and_execute(|| {
		let_out(MODEL);
		let before = wealth(TENANT);
		rent(TENANT, MODEL, 10);
		rent(BUYER, MODEL, 10);
		pass(4 * DAY);
		retire(MODEL);
		assert_eq!(Market::earned(MODEL, TENANT), Some(0));
		assert_ok!(Market::end_rental(signed(TENANT), MODEL));
		assert_eq!(wealth(TENANT), before);
		// Or by anybody else.
		assert_ok!(Market::collect(signed(STRANGER), MODEL, BUYER));
		assert_eq!(held(HoldReason::Rent, BUYER), 0);
		assert_eq!(held(HoldReason::Record, BUYER), 0);
		assert_noop!(
			Market::rent(signed(TENANT), MODEL, 1, PLENTY),
			E::UnknownModel
		);
		assert_ok!(Market::clear_terms(signed(STRANGER), MODEL));
	});
}

#[test]
fn a_tenant_of_a_model_that_answers_everyone_need_not_go_on() {
	ExtBuilder.build_and_execute(|| {
		let_out(MODEL);
		let before = wealth(TENANT);
		rent(TENANT, MODEL, 10);
		pass(4 * DAY);
		set_audience(OWNER, MODEL, Audience::Everyone);
		assert_ok!(Market::end_rental(signed(TENANT), MODEL));
		assert_eq!(wealth(TENANT), before - 4 * PER_DAY);
	});
}

#[test]
fn shares_that_governance_moved_hold_for_rent() {
	ExtBuilder.build_and_execute(|| {
		let shares = Shares {
			burn: 1_000,
			treasury: 500,
			model: 3_000,
			operators: 2_500,
			data: 3_000,
		};
		assert_ok!(Attribution::set_shares(
			frame_system::RawOrigin::Root.into(),
			shares
		));
		let_out(MODEL);
		rent(TENANT, MODEL, 10);
		pass(10 * DAY);
		collect(MODEL, TENANT);
		let parts = settled().pop().unwrap();
		assert_eq!((parts.burn, parts.treasury), (10_000, 5_000));
		assert_eq!((parts.model, parts.data), (42_500, 42_500));
	});
}
