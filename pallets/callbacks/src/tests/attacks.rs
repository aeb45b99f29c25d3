//! Contracts and payers that mean harm.

use frame_support::{assert_noop, assert_ok, traits::fungible::MutateFreeze, weights::Weight};
use openledger_primitives::Balance;
use pallet_revive::AddressMapper;
use sp_core::H160;
use sp_runtime::traits::Zero;

use crate::{mock::*, Call, Callbacks as Registered, Head, Report, Tail, WeightInfo, CALLER};

fn account(contract: H160) -> AccountId {
	<Test as pallet_revive::Config>::AddressMapper::to_account_id(&contract)
}

/// What Alice loses when a contract is told that does not lock anything: what it weighs.
fn costs_weight_only(contract: H160) -> Report {
	let issuance = Balances::total_issuance();
	let free = Balances::free_balance(ALICE);
	let before = locked(contract);
	let report = told(contract);
	assert_eq!(held(&ALICE), 0);
	assert_eq!(
		Balances::free_balance(ALICE),
		free - Callbacks::fee(MAX_WEIGHT)
	);
	assert_eq!(locked(contract), before);
	assert_eq!(Balances::total_issuance(), issuance);
	assert!(!System::account_exists(&Callbacks::caller()));
	report
}

#[test]
fn a_contract_that_burns_all_it_has() {
	test(|| {
		let contract = deploy(&BURN);
		let report = costs_weight_only(contract);
		let out_of_gas = pallet_revive::Error::<Test>::OutOfGas.into();
		assert_eq!(report, Report::Failed(out_of_gas));
	});
}

#[test]
fn a_contract_that_reverts() {
	test(|| {
		assert_eq!(costs_weight_only(deploy(&REVERT)), Report::Reverted);
		// And undoes what it did.
		let code = [&record()[..31], &REVERT].concat();
		let contract = deploy(&code);
		assert_eq!(costs_weight_only(contract), Report::Reverted);
		assert_eq!(word(contract, 0), [0; 32]);
	});
}

#[test]
fn a_contract_that_calls_itself() {
	test(|| {
		costs_weight_only(deploy(&RECURSE));
	});
}

#[test]
fn a_contract_that_destroys_itself() {
	test(|| {
		let contract = deploy(&DESTROY);
		let gift = 3 * UNIT;
		assert_ok!(Balances::transfer_keep_alive(
			RuntimeOrigin::signed(BOB),
			account(contract),
			gift
		));
		let free = Balances::free_balance(ALICE);
		let issuance = Balances::total_issuance();
		assert_eq!(told(contract), Report::Returned);
		let fee = Callbacks::fee(MAX_WEIGHT);
		assert_eq!(
			Balances::free_balance(ALICE),
			free + gift - fee,
			"what it leaves to its caller is the payer's"
		);
		assert_eq!(Balances::total_issuance(), issuance);
		// It was not made in the same transaction, so it is still there.
		assert_eq!(told(contract), Report::Returned);
	});
}

#[test]
fn a_contract_that_stores_more_than_the_budget() {
	test(|| {
		let contract = deploy(&record());
		let before = locked(contract);
		let told_for = |contract: H160, budget: Balance| {
			let id = open(ALICE);
			assert_ok!(register_for(ALICE, id, contract, budget));
			let free = Balances::free_balance(ALICE);
			end(id);
			idle();
			assert_eq!(held(&ALICE), 0);
			assert_eq!(Balances::free_balance(ALICE), free + DEPOSIT + budget);
			report(id).expect("it ran")
		};
		let exhausted = pallet_revive::Error::<Test>::StorageDepositLimitExhausted.into();
		for budget in [0, 1, 100] {
			assert_eq!(told_for(contract, budget), Report::Failed(exhausted));
			assert_eq!(locked(contract), before);
		}
		// The weight ends sooner.
		let endless = deploy(&FILL);
		let out_of_gas = pallet_revive::Error::<Test>::OutOfGas.into();
		assert_eq!(told_for(endless, BUDGET), Report::Failed(out_of_gas));
	});
}

#[test]
fn a_budget_is_not_spent_on_anybody_elses_callback() {
	test(|| {
		// What Bob has there when Alice's contract runs is beyond its reach.
		let greedy = deploy(&FILL);
		let modest = deploy(&record());
		let alices = open(ALICE);
		assert_ok!(register_for(ALICE, alices, greedy, 10));
		let bobs = open(BOB);
		assert_ok!(register_for(BOB, bobs, modest, BUDGET));
		let total = |who: &AccountId| Balances::free_balance(who) + held(who);
		let before = (total(&ALICE), total(&BOB), locked(modest));
		end(alices);
		end(bobs);
		idle();
		idle();
		assert!(matches!(report(alices), Some(Report::Failed(_))));
		assert_eq!(report(bobs), Some(Report::Returned));
		assert_eq!(total(&ALICE), before.0);
		assert_eq!(total(&BOB), before.1 - (locked(modest) - before.2));
	});
}

#[test]
fn a_contract_asks_again_from_inside_its_callback() {
	test(|| {
		// The first request of the chain is the contract's, and the second will be.
		let register = Call::<Test>::register {
			request: 1,
			contract: H160::repeat_byte(5),
			weight_limit: Weight::from_parts(1_000, 0),
			budget: UNIT,
			max_fee: Balance::MAX,
		};
		let again = Call::<Test>::register {
			request: 0,
			contract: H160::repeat_byte(5),
			weight_limit: Weight::zero(),
			budget: 0,
			max_fee: Balance::MAX,
		};
		let contract = deploy(&calls(&[
			asking(),
			dispatching(register),
			dispatching(again),
		]));
		let payer = account(contract);
		assert_ok!(Balances::transfer_keep_alive(
			RuntimeOrigin::signed(BOB),
			payer.clone(),
			2 * BUDGET
		));
		let first = open(payer.clone());
		assert_ok!(register_for(payer.clone(), first, contract, BUDGET));
		end(first);
		idle();
		assert_eq!(report(first), Some(Report::Returned));
		let succeeded = [0, 1, 2].map(|slot| word(contract, slot)[31]);
		assert_eq!(
			succeeded,
			[1, 1, 0],
			"its ended request has no second callback"
		);
		let next = Registered::<Test>::get(1).expect("it registered");
		assert_eq!(next.payer, payer);
		assert_eq!(held(&payer), DEPOSIT + UNIT);
		end(1);
		idle();
		assert_eq!(report(1), Some(Report::NoContract));
		assert_eq!(held(&payer), 0);
	});
}

#[test]
fn no_contract_calls_as_the_caller() {
	test(|| {
		let caller = Callbacks::caller();
		let id = open(caller.clone());
		let register = Call::<Test>::register {
			request: id,
			contract: CALLER,
			weight_limit: Weight::zero(),
			budget: 0,
			max_fee: Balance::MAX,
		};
		let contract = deploy(&calls(&[dispatching(register)]));
		assert_eq!(told(contract), Report::Returned);
		assert_eq!(word(contract, 0), [0; 32], "it acts for itself alone");
		assert_eq!(Registered::<Test>::get(id), None);
	});
}

#[test]
fn a_queue_of_greedy_callbacks_leaves_the_rest_of_a_block_alone() {
	test(|| {
		let contract = deploy(&BURN);
		for _ in 0..MAX_CALLBACKS {
			end(registered(contract));
		}
		let all = u64::from(MAX_CALLBACKS);
		let modest = deploy(&record());
		let mut blocks = 0;
		while Head::<Test>::get() < all {
			let used = idle();
			assert!(used.all_lte(MAX_IDLE));
			blocks += 1;
			assert!(blocks <= all, "each idle block runs one at least");
		}
		assert_eq!(told(modest), Report::Returned);
		assert_eq!(Tail::<Test>::get(), all + 1);
		// Full blocks run none, and lose nothing.
		end(registered(modest));
		assert_eq!(idle_with(Weight::zero()), Weight::zero());
		assert_eq!(Head::<Test>::get(), all + 1);
	});
}

#[test]
fn a_payer_who_comes_too_late_or_is_another() {
	test(|| {
		let contract = deploy(&record());
		let id = open(ALICE);
		assert_noop!(register_for(BOB, id, contract, 0), E::NotPayer);
		end(id);
		assert_noop!(register_for(ALICE, id, contract, 0), E::NotOpen);
		assert_eq!(idle(), <() as WeightInfo>::look());
	});
}

#[test]
fn a_payer_who_freezes_its_budget_is_not_told_and_loses_nothing() {
	test(|| {
		let contract = deploy(&record());
		let id = registered(contract);
		let all = Balances::free_balance(ALICE) + held(&ALICE);
		let before = locked(contract);
		// As a staker's or a voter's: it covers what is held as well.
		assert_ok!(<Balances as MutateFreeze<AccountId>>::set_freeze(
			&FREEZE, &ALICE, all
		));
		end(id);
		idle();
		assert!(matches!(report(id), Some(Report::Unfunded(_))));
		assert_eq!((Balances::free_balance(ALICE), held(&ALICE)), (all, 0));
		assert!(locked(contract).is_zero() || locked(contract) == before);
	});
}
