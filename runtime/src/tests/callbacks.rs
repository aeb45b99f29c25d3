//! Contracts that are told of the end of requests, with the real requests, contracts and fees.

use super::{chain::Chain, conservation};
use crate::{
	configs::{
		callbacks::{CallbackDeposit, MaxCallbackWeight},
		links::Pots,
	},
	constants::currency::UNIT,
	AccountId, Balance, Balances, Callbacks, Inference, Revive, Runtime, RuntimeCall, RuntimeEvent,
	RuntimeOrigin, SafeMode, System, TransactionPayment,
};
use frame_support::{
	assert_ok,
	traits::{fungible::InspectHold, Contains},
	weights::Weight,
};
use openledger_primitives::traits::{Closing, OnEnd};
use pallet_callbacks::{Report, CALLER};
use pallet_inference::{Input, NextRequest};
use pallet_revive::AddressMapper;
use sp_core::{H160, U256};
use sp_keyring::Sr25519Keyring::{self, Bob, Ferdie};
use sp_runtime::traits::{Convert, Dispatchable};

/// Writes down who called it (slot 0), for which request (1) and how that ended (2). Before it the code that
/// deploys it: CODECOPY(0, 12, 18), RETURN(0, 18).
const LISTENER: [u8; 30] = [
	0x60, 18, 0x60, 12, 0x60, 0, 0x39, 0x60, 18, 0x60, 0, 0xf3, //
	0x33, 0x60, 0, 0x55, // SSTORE(0, CALLER)
	0x60, 4, 0x35, 0x60, 1, 0x55, // SSTORE(1, CALLDATALOAD(4))
	0x60, 36, 0x35, 0x60, 2, 0x55, // SSTORE(2, CALLDATALOAD(36))
	0x00, 0x00,
];

const BUDGET: Balance = UNIT;
const LIMIT: Weight = Weight::from_parts(20_000_000_000, 1_000_000);

fn deploy(chain: &mut Chain, by: Sr25519Keyring) -> H160 {
	let deploy = pallet_revive::Call::instantiate_with_code {
		value: 0,
		weight_limit: Weight::from_parts(50_000_000_000, 5_000_000),
		storage_deposit_limit: 10 * UNIT,
		code: LISTENER.to_vec(),
		data: Vec::new(),
		salt: None,
	};
	assert_ok!(chain.call(by, deploy));
	chain.deployed()
}

fn word(chain: &mut Chain, contract: H160, slot: u8) -> U256 {
	let mut key = [0; 32];
	key[31] = slot;
	let value = chain.execute(|| Revive::get_storage(contract, key).expect("a contract"));
	U256::from_big_endian(&value.unwrap_or_default())
}

fn held(chain: &mut Chain, who: &AccountId) -> Balance {
	let reason = pallet_callbacks::HoldReason::Callback.into();
	chain.execute(|| Balances::balance_on_hold(&reason, who))
}

fn question() -> pallet_inference::Call<Runtime> {
	pallet_inference::Call::request {
		model: 0,
		input: Input::Inline(b"Who is there?".to_vec().try_into().expect("short")),
		max_fee: 1_000 * UNIT,
		min_committee: 1,
	}
}

/// Bob asks a model, and has a contract told.
fn ask(chain: &mut Chain, contract: H160) -> u64 {
	let id = chain.execute(NextRequest::<Runtime>::get);
	assert_ok!(chain.call(Bob, question()));
	let register = pallet_callbacks::Call::register {
		request: id,
		contract,
		weight_limit: LIMIT,
		budget: BUDGET,
		max_fee: UNIT,
	};
	assert_ok!(chain.call(Bob, register));
	id
}

/// How the callback of a request went, once it has.
fn report(chain: &mut Chain, id: u64) -> Option<Report> {
	chain
		.take_events()
		.into_iter()
		.find_map(|event| match event {
			RuntimeEvent::Callbacks(pallet_callbacks::Event::Called {
				request, report, ..
			}) if request == id => Some(report),
			_ => None,
		})
}

#[test]
fn a_contract_is_told_that_a_request_was_not_answered() {
	let mut chain = conservation::chain();
	let contract = deploy(&mut chain, Ferdie);
	let id = ask(&mut chain, contract);
	let bob = Bob.to_account_id();
	let deposit = CallbackDeposit::get();
	assert_eq!(held(&mut chain, &bob), deposit + BUDGET);
	chain.take_events();
	// No operator's node runs here.
	for _ in 0..400 {
		if !chain.execute(|| pallet_callbacks::Callbacks::<Runtime>::contains_key(id)) {
			break;
		}
		chain.blocks(1);
	}
	// The block that starts a session is full.
	chain.blocks(2);
	assert_eq!(report(&mut chain, id), Some(Report::Returned));
	let caller = U256::from_big_endian(CALLER.as_bytes());
	assert_eq!(word(&mut chain, contract, 0), caller);
	assert_eq!(word(&mut chain, contract, 1), id.into());
	let ending = word(&mut chain, contract, 2);
	assert!([2, 3].map(U256::from).contains(&ending), "{ending}");
	assert_eq!(held(&mut chain, &bob), 0);
	chain.execute(|| {
		let account = <Runtime as pallet_revive::Config>::AddressMapper::to_account_id(&CALLER);
		assert_eq!(account, Callbacks::caller());
		assert!(!System::account_exists(&account));
		assert!(Pots::contains(&account));
		Callbacks::do_try_state().expect("Callbacks");
	});
}

#[test]
fn a_request_that_is_cancelled_calls_back_at_the_present_fee() {
	let mut chain = conservation::chain();
	let contract = deploy(&mut chain, Ferdie);
	let bob = Bob.to_account_id();
	let id = chain.execute(NextRequest::<Runtime>::get);
	chain.take_events();
	let (issuance, price) = chain.execute(|| {
		let origin = || RuntimeOrigin::signed(bob.clone());
		assert_ok!(RuntimeCall::from(question()).dispatch(origin()));
		let free = Balances::free_balance(&bob);
		let issuance = Balances::total_issuance();
		assert_ok!(Callbacks::register(
			origin(),
			id,
			contract,
			LIMIT,
			BUDGET,
			UNIT
		));
		let deposit = CallbackDeposit::get();
		let price = free - Balances::free_balance(&bob) - deposit - BUDGET;
		assert_ok!(Inference::cancel(origin(), id));
		(issuance, price)
	});
	chain.execute(|| {
		let fee = Callbacks::fee(LIMIT);
		assert_eq!(price, fee);
		// A picosecond costs a unit, at the multiplier of a quiet chain.
		assert!(fee > LIMIT.ref_time().into());
		assert!(fee <= TransactionPayment::convert(LIMIT + MaxCallbackWeight::get()));
		assert!(Balances::total_issuance() <= issuance);
	});
	chain.blocks(2);
	assert_eq!(report(&mut chain, id), Some(Report::Returned));
	assert_eq!(word(&mut chain, contract, 2), 5.into());
}

#[test]
fn no_contract_is_told_in_safe_mode() {
	let mut chain = conservation::chain();
	let contract = deploy(&mut chain, Ferdie);
	let id = ask(&mut chain, contract);
	chain.execute(|| {
		assert_ok!(SafeMode::force_enter(frame_system::RawOrigin::Root.into()));
		// Whatever ends it.
		<Callbacks as OnEnd>::ended(id, Closing::Disputed, Default::default());
	});
	chain.take_events();
	chain.blocks(3);
	assert_eq!(report(&mut chain, id), None);
	chain.execute(|| {
		assert_ok!(SafeMode::force_exit(frame_system::RawOrigin::Root.into()));
	});
	chain.blocks(2);
	assert_eq!(report(&mut chain, id), Some(Report::Returned));
}
