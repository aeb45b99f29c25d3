//! What contracts are told, and what becomes of the money.

use frame_support::weights::Weight;
use openledger_primitives::traits::Closing;
use pallet_revive::AddressMapper;
use sp_core::H160;
use sp_crypto_hashing::keccak_256;

use crate::{
	mock::*, Callbacks as Registered, Event, Head, Report, Tail, WeightInfo, CALLER, SELECTOR,
};

#[test]
fn the_selector_is_that_of_the_interface() {
	let hash = keccak_256(b"onInferenceEnded(uint64,uint8,bytes32)");
	assert_eq!(hash[..4], SELECTOR);
	let text = "0x6d6f646c6f706e2f636c626b0000000000000000";
	assert_eq!(format!("{CALLER:?}"), text);
}

#[test]
fn a_contract_is_told_by_the_caller_what_came_of_it() {
	let endings = [
		Closing::Answered,
		Closing::Failed,
		Closing::NoOperator,
		Closing::Unanswered,
		Closing::Disputed,
		Closing::Cancelled,
	];
	test(|| {
		for (code, closing) in (0u8..).zip(endings) {
			let contract = deploy(&record());
			let id = registered(contract);
			end_as(id, closing);
			idle();
			assert_eq!(report(id), Some(Report::Returned));
			assert_eq!(word(contract, 0)[12..], CALLER.0);
			assert_eq!(word(contract, 1)[28..], SELECTOR);
			assert_eq!(word(contract, 2)[24..], id.to_be_bytes());
			assert_eq!(word(contract, 3)[31], code);
			assert_eq!(word(contract, 4), outcome(id).0);
		}
	});
}

#[test]
fn what_the_contract_does_not_lock_goes_back() {
	test(|| {
		let contract = deploy(&record());
		let before = locked(contract);
		let id = registered(contract);
		let free = Balances::free_balance(ALICE);
		end(id);
		let used = idle();
		let spent = locked(contract) - before;
		assert!(spent > 0, "five words were stored");
		assert_eq!(held(&ALICE), 0);
		assert_eq!(
			Balances::free_balance(ALICE),
			free + DEPOSIT + BUDGET - spent
		);
		assert!(!System::account_exists(&Callbacks::caller()));
		let gas = used - <() as WeightInfo>::look() - <() as WeightInfo>::run();
		assert!(gas.ref_time() > 0);
		System::assert_last_event(
			Event::Called {
				request: id,
				payer: ALICE,
				contract,
				report: Report::Returned,
				used: gas,
				returned: DEPOSIT + BUDGET - spent,
			}
			.into(),
		);
		assert_eq!(Registered::<Test>::get(id), None);
	});
}

#[test]
fn nobody_at_the_address_costs_nothing() {
	test(|| {
		let free = Balances::free_balance(ALICE);
		let fee = Callbacks::fee(MAX_WEIGHT);
		for nobody in [
			H160::repeat_byte(9),
			<Test as pallet_revive::Config>::AddressMapper::to_address(&BOB),
			DISPATCHER,
			CALLER,
		] {
			let before = Balances::free_balance(ALICE);
			assert_eq!(told(nobody), Report::NoContract);
			assert_eq!(Balances::free_balance(ALICE), before - fee);
		}
		assert_eq!(Balances::free_balance(ALICE), free - 4 * fee);
	});
}

#[test]
fn they_run_in_their_order_as_far_as_they_fit() {
	test(|| {
		let contract = deploy(&record());
		let ids = [0; 4].map(|_| registered(contract));
		for id in [2, 0, 3, 1].map(|n: usize| ids[n]) {
			end(id);
		}
		let each = Callbacks::weight_of(MAX_WEIGHT);
		let look = <() as WeightInfo>::look();
		// Nothing fits, not even a look.
		assert_eq!(idle_with(look - Weight::from_parts(1, 0)), Weight::zero());
		// A look, but not the limit of the first.
		assert_eq!(
			idle_with(look + each - Weight::from_parts(1, 0)),
			look,
			"it is not passed over"
		);
		assert_eq!(Head::<Test>::get(), 0);
		idle_with(look + each);
		assert_eq!(
			ids.map(|id| report(id).is_some()),
			[false, false, true, false]
		);
		idle();
		assert_eq!((Head::<Test>::get(), Tail::<Test>::get()), (4, 4));
		assert_eq!(word(contract, 2)[24..], ids[1].to_be_bytes(), "the last");
	});
}

#[test]
fn no_contract_runs_while_they_are_paused() {
	test(|| {
		let contract = deploy(&record());
		let id = registered(contract);
		end(id);
		Paused::set(true);
		idle();
		assert_eq!(report(id), None);
		Paused::set(false);
		idle();
		assert_eq!(report(id), Some(Report::Returned));
	});
}

#[test]
fn what_was_sent_to_the_caller_stays_there() {
	test(|| {
		let caller = Callbacks::caller();
		let sent = 5 * UNIT;
		frame_support::assert_ok!(Balances::transfer_keep_alive(
			RuntimeOrigin::signed(BOB),
			caller.clone(),
			sent
		));
		let contract = deploy(&record());
		assert_eq!(told(contract), Report::Returned);
		assert_eq!(Balances::free_balance(caller), sent);
	});
}
