//! Ethereum wallets and contracts.

use super::chain::Chain;
use crate::{
	constants::{
		currency::{EXISTENTIAL_DEPOSIT, UNIT},
		ETH_CHAIN_ID,
	},
	genesis_config_presets::{ethereum_account, DEVELOPMENT},
	Balances, Revive, RuntimeCall, RuntimeEvent, System, UncheckedExtrinsic,
};
use codec::Encode;
use frame_support::assert_ok;
use pallet_revive::{
	evm::{Account, GenericTransaction},
	RUNTIME_PALLETS_ADDR,
};
use sp_core::{H160, U256};
use sp_runtime::generic;

/// Code that returns 42 to whatever it is asked, and before it the code that deploys it.
const ANSWER: [u8; 19] = [
	0x69, 0x60, 0x2a, 0x60, 0x00, 0x52, 0x60, 0x20, 0x60, 0x00, 0xf3, 0x60, 0x00, 0x52, 0x60, 0x0a,
	0x60, 0x16, 0xf3,
];

/// What a wallet that belongs to Alith asks the user to sign.
fn transaction(to: Option<H160>, value: U256, input: Vec<u8>) -> GenericTransaction {
	GenericTransaction {
		chain_id: Some(ETH_CHAIN_ID.into()),
		from: Some(Account::default().address()),
		to,
		value: Some(value),
		input: input.into(),
		nonce: Some(Revive::evm_nonce(&Account::default().address()).into()),
		gas_price: Some(Revive::evm_base_fee()),
		..Default::default()
	}
}

/// What reaches the chain when the user has signed it.
fn signed(mut transaction: GenericTransaction) -> UncheckedExtrinsic {
	let gas = Revive::eth_estimate_gas(transaction.clone(), None, None).expect("it would succeed");
	transaction.gas = Some(gas);
	let unsigned = transaction.try_into_unsigned().expect("complete");
	let payload = Account::default()
		.sign_transaction(unsigned)
		.signed_payload();
	let call: RuntimeCall = pallet_revive::Call::eth_transact { payload }.into();
	generic::UncheckedExtrinsic::new_bare(call).into()
}

/// Includes a transaction by Alith, which must succeed.
fn send(chain: &mut Chain, build: impl FnOnce() -> GenericTransaction) {
	let result = chain.block(|| vec![signed(build())]).remove(0);
	assert_ok!(result.expect("valid"));
	let reverted = chain.events().into_iter().find(|event| {
		matches!(
			event,
			RuntimeEvent::Revive(pallet_revive::Event::EthExtrinsicRevert { .. })
		)
	});
	assert_eq!(reverted, None);
}

#[test]
fn a_wallet_sends_tokens() {
	let mut chain = Chain::new(DEVELOPMENT);
	chain.blocks(1);
	let alith = Account::default().substrate_account();
	let to = H160::repeat_byte(7);
	let (before, issuance) =
		chain.execute(|| (Balances::free_balance(&alith), Balances::total_issuance()));
	// 1.5 OPEN in wei.
	let wei = U256::from(10u128.pow(18) * 3 / 2);
	send(&mut chain, || transaction(Some(to), wei, Vec::new()));
	chain.execute(|| {
		// A new account's existential deposit is paid on top, and not shown to wallets.
		let received = Balances::free_balance(ethereum_account(to));
		assert_eq!(received, UNIT * 3 / 2 + EXISTENTIAL_DEPOSIT);
		assert_eq!(Revive::evm_balance(&to), wei);
		assert_eq!(System::account_nonce(&alith), 1);
		let fee = before - received - Balances::free_balance(&alith);
		assert!(fee > 0 && fee < UNIT / 100, "{fee}");
		assert_eq!(Balances::total_issuance(), issuance);
	});
}

#[test]
fn a_plain_transfer_needs_the_gas_that_wallets_assume() {
	let mut chain = Chain::new(DEVELOPMENT);
	chain.blocks(1);
	chain.execute(|| {
		// To an account that exists: creating one costs its deposit too.
		let to = Some(Account::default().address());
		let gas = Revive::eth_estimate_gas(transaction(to, 1.into(), Vec::new()), None, None)
			.expect("it would succeed");
		assert!(gas <= 21_000.into() && gas > 2_000.into(), "{gas}");
	});
}

#[test]
fn a_contract_is_deployed_and_answers() {
	let mut chain = Chain::new(DEVELOPMENT);
	chain.blocks(1);
	send(&mut chain, || transaction(None, 0.into(), ANSWER.to_vec()));
	let contract = chain.deployed();
	chain.execute(|| {
		let call = transaction(Some(contract), 0.into(), Vec::new());
		let result = Revive::dry_run_eth_transact(call, None, true, None).expect("it answers");
		assert_eq!(U256::from_big_endian(&result.data), 42.into());
	});
}

#[test]
fn a_wallet_reaches_every_pallet() {
	let mut chain = Chain::new(DEVELOPMENT);
	chain.blocks(1);
	let remark = b"from an Ethereum wallet".to_vec();
	let call: RuntimeCall = frame_system::Call::remark_with_event { remark }.into();
	send(&mut chain, || {
		transaction(Some(RUNTIME_PALLETS_ADDR), 0.into(), call.encode())
	});
	let alith = Account::default().substrate_account();
	let remarked = chain.events().into_iter().any(|event| {
		matches!(event, RuntimeEvent::System(frame_system::Event::Remarked { sender, .. }) if sender == alith)
	});
	assert!(remarked);
}

#[test]
fn a_transaction_for_another_chain_is_refused() {
	let mut chain = Chain::new(DEVELOPMENT);
	chain.blocks(1);
	let result = chain.block(|| {
		let mut transaction = transaction(Some(H160::repeat_byte(7)), 1.into(), Vec::new());
		let gas = Revive::eth_estimate_gas(transaction.clone(), None, None).expect("would succeed");
		transaction.gas = Some(gas);
		transaction.chain_id = Some(1.into());
		let unsigned = transaction.try_into_unsigned().expect("complete");
		let payload = Account::default()
			.sign_transaction(unsigned)
			.signed_payload();
		let call: RuntimeCall = pallet_revive::Call::eth_transact { payload }.into();
		vec![generic::UncheckedExtrinsic::new_bare(call).into()]
	});
	assert!(result[0].is_err());
}
