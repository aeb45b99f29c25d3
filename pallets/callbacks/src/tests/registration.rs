//! Who registers what, and what it costs.

use frame_support::{assert_noop, assert_ok, weights::Weight};
use openledger_primitives::{traits::OnEnd, Balance};
use sp_core::H160;
use sp_runtime::TokenError;

use crate::{mock::*, Callback, Count, Error, Event, Pallet, Tail, WeightInfo};

const CONTRACT: H160 = H160([7; 20]);

fn call(
	who: AccountId,
	request: u64,
	weight: Weight,
	budget: Balance,
	max_fee: Balance,
) -> sp_runtime::DispatchResult {
	Callbacks::register(
		RuntimeOrigin::signed(who),
		request,
		CONTRACT,
		weight,
		budget,
		max_fee,
	)
}

#[test]
fn the_weight_is_paid_and_the_rest_held() {
	test(|| {
		let id = open(ALICE);
		let weight = Weight::from_parts(1_000_000, 500);
		let fee = 1_000_000 + Balance::from(<() as WeightInfo>::run().ref_time());
		assert_eq!(Pallet::<Test>::fee(weight), fee);
		assert_ok!(call(ALICE, id, weight, 77, fee));
		assert_eq!(held(&ALICE), DEPOSIT + 77);
		assert_eq!(Balances::free_balance(ALICE), RICH - DEPOSIT - 77 - fee);
		assert_eq!(Balances::free_balance(AUTHOR), ED + fee);
		assert_eq!(
			crate::Callbacks::<Test>::get(id),
			Some(Callback {
				payer: ALICE,
				contract: CONTRACT,
				weight_limit: weight,
				budget: 77,
				deposit: DEPOSIT,
			})
		);
		System::assert_last_event(
			Event::Registered {
				request: id,
				payer: ALICE,
				contract: CONTRACT,
				fee,
				held: DEPOSIT + 77,
			}
			.into(),
		);
	});
}

#[test]
fn what_is_refused() {
	test(|| {
		let id = open(ALICE);
		let fee = Pallet::<Test>::fee(MAX_WEIGHT);
		let all = |who, request| call(who, request, MAX_WEIGHT, BUDGET, Balance::MAX);
		assert_noop!(all(ALICE, id + 1), E::NotOpen);
		assert_noop!(all(BOB, id), E::NotPayer);
		for large in [
			MAX_WEIGHT.add_ref_time(1),
			MAX_WEIGHT.add_proof_size(1),
			Weight::MAX,
		] {
			assert_noop!(call(ALICE, id, large, 0, Balance::MAX), E::WeightTooLarge);
		}
		assert_noop!(call(ALICE, id, MAX_WEIGHT, 0, fee - 1), E::FeeTooHigh);
		assert_noop!(
			call(ALICE, id, MAX_WEIGHT, Balance::MAX, fee),
			E::BudgetTooLarge
		);
		assert_noop!(
			call(ALICE, id, MAX_WEIGHT, RICH, fee),
			TokenError::FundsUnavailable
		);
		assert_ok!(call(ALICE, id, MAX_WEIGHT, BUDGET, fee));
		assert_noop!(all(ALICE, id), E::AlreadyRegistered);

		let ended = open(ALICE);
		end(ended);
		assert_noop!(all(ALICE, ended), E::NotOpen);

		let poor = open(PAUPER);
		assert_noop!(all(PAUPER, poor), TokenError::FundsUnavailable);
	});
}

#[test]
fn there_are_no_more_than_there_may_be() {
	test(|| {
		let ids: Vec<_> = (0..MAX_CALLBACKS).map(|_| registered(CONTRACT)).collect();
		let one_more = open(ALICE);
		let again = || register_for(ALICE, one_more, CONTRACT, 0);
		assert_noop!(again(), E::TooMany);
		// Until one has run: those that are due count.
		end(ids[3]);
		assert_noop!(again(), E::TooMany);
		idle();
		assert_ok!(again());
		assert_eq!(Count::<Test>::get(), MAX_CALLBACKS);
	});
}

#[test]
fn places_are_not_given_out_twice() {
	test(|| {
		let id = open(ALICE);
		let last = u64::MAX - u64::from(MAX_CALLBACKS);
		crate::Head::<Test>::put(last);
		Tail::<Test>::put(last);
		assert_noop!(
			register_for(ALICE, id, CONTRACT, 0),
			Error::<Test>::PlacesExhausted
		);
	});
}

#[test]
fn a_request_without_a_callback_ends_without_one() {
	test(|| {
		let id = open(ALICE);
		end(id);
		assert_eq!(Tail::<Test>::get(), 0);
		assert_eq!(idle(), <() as WeightInfo>::look());
		assert_eq!(<Callbacks as OnEnd>::weight(), <() as WeightInfo>::ended());
	});
}
