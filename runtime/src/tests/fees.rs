//! What transactions cost, and who gets it.

use super::chain::{signed, Chain};
use crate::{
	constants::currency::{EXISTENTIAL_DEPOSIT, MILLI_UNIT, UNIT},
	genesis_config_presets::DEVELOPMENT,
	AccountId, Balance, Balances, RuntimeCall, RuntimeEvent, TransactionPayment, Treasury,
};
use codec::Encode;
use frame_support::assert_ok;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Eve};

fn transfer(to: AccountId, value: Balance) -> RuntimeCall {
	pallet_balances::Call::transfer_allow_death {
		dest: to.into(),
		value,
	}
	.into()
}

fn free(key: Sr25519Keyring) -> Balance {
	Balances::free_balance(key.to_account_id())
}

#[test]
fn a_transfer_costs_less_than_a_thousandth_of_a_token() {
	Chain::new(DEVELOPMENT).execute(|| {
		let transaction = signed(Bob, transfer(Charlie.to_account_id(), UNIT));
		let len = transaction.encoded_size() as u32;
		let fee = TransactionPayment::query_info(transaction, len).partial_fee;
		assert!(fee < MILLI_UNIT, "{fee}");
		assert!(fee > MILLI_UNIT / 10, "{fee}");
	});
}

#[test]
fn the_author_gets_the_fee() {
	let mut chain = Chain::new(DEVELOPMENT);
	let before = chain.execute(|| (free(Alice), free(Bob), Balances::total_issuance()));
	assert_ok!(chain.call(Bob, transfer(Charlie.to_account_id(), UNIT)));
	let fee = chain
		.events()
		.into_iter()
		.find_map(|event| match event {
			RuntimeEvent::TransactionPayment(
				pallet_transaction_payment::Event::TransactionFeePaid { actual_fee, .. },
			) => Some(actual_fee),
			_ => None,
		})
		.expect("a fee was paid");
	chain.execute(|| {
		assert_eq!(free(Alice), before.0 + fee);
		assert_eq!(free(Bob), before.1 - UNIT - fee);
		assert_eq!(Balances::total_issuance(), before.2);
	});
}

#[test]
fn dust_goes_to_the_treasury() {
	let mut chain = Chain::new(DEVELOPMENT);
	let poor = Sr25519Keyring::One;
	assert_ok!(chain.call(Eve, transfer(poor.to_account_id(), 3 * MILLI_UNIT)));
	let before = chain.execute(|| {
		(
			Balances::total_issuance(),
			Balances::free_balance(Treasury::account_id()),
		)
	});
	assert_ok!(chain.call(
		poor,
		transfer(
			Eve.to_account_id(),
			EXISTENTIAL_DEPOSIT + 4 * MILLI_UNIT / 5
		)
	));
	chain.execute(|| {
		assert_eq!(free(poor), 0);
		assert_eq!(Balances::total_issuance(), before.0);
		let dust = Balances::free_balance(Treasury::account_id()) - before.1;
		assert!(dust > 0 && dust < EXISTENTIAL_DEPOSIT, "{dust}");
	});
}
