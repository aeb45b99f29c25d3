//! The emergency brakes.

use super::chain::Chain;
use crate::{
	configs::safety::CallFilter,
	genesis_config_presets::{DEVELOPMENT, LOCAL},
	RuntimeCall, RuntimeOrigin, SafeMode, System, TxPause,
};
use frame_support::{assert_noop, assert_ok, traits::Contains};
use pallet_tx_pause::RuntimeCallNameOf;
use sp_keyring::Sr25519Keyring::{Alice, Bob};
use sp_runtime::traits::BadOrigin;

fn transfer() -> RuntimeCall {
	pallet_balances::Call::transfer_keep_alive {
		dest: Bob.to_account_id().into(),
		value: 1,
	}
	.into()
}

fn name(pallet: &str, call: &str) -> RuntimeCallNameOf<crate::Runtime> {
	(
		pallet.as_bytes().to_vec().try_into().unwrap(),
		call.as_bytes().to_vec().try_into().unwrap(),
	)
}

/// Calls without which there are no blocks, or no way back.
fn essential() -> Vec<RuntimeCall> {
	vec![
		pallet_timestamp::Call::set { now: 0 }.into(),
		frame_system::Call::remark { remark: Vec::new() }.into(),
		pallet_sudo::Call::sudo {
			call: Box::new(transfer()),
		}
		.into(),
		pallet_safe_mode::Call::force_exit {}.into(),
		pallet_tx_pause::Call::unpause {
			ident: name("Balances", "burn"),
		}
		.into(),
	]
}

fn sudo(call: impl Into<RuntimeCall>) -> RuntimeCall {
	pallet_sudo::Call::sudo {
		call: Box::new(call.into()),
	}
	.into()
}

#[test]
fn safe_mode_stops_accounts_but_not_the_chain() {
	let mut chain = Chain::new(DEVELOPMENT);
	assert_ok!(chain.call(Alice, sudo(pallet_safe_mode::Call::force_enter {})));
	chain.execute(|| {
		assert!(SafeMode::is_entered());
		assert!(essential().iter().all(CallFilter::contains));
	});
	assert_eq!(
		chain.call(Bob, transfer()),
		Err(frame_system::Error::<crate::Runtime>::CallFiltered.into())
	);
	chain.blocks(3);
	assert_ok!(chain.call(Alice, sudo(pallet_safe_mode::Call::force_exit {})));
	assert_ok!(chain.call(Alice, transfer()));
}

#[test]
fn wrapping_a_call_gets_it_through_safe_mode_only_if_it_is_essential() {
	let mut chain = Chain::new(DEVELOPMENT);
	let batch = |call| pallet_utility::Call::batch_all { calls: vec![call] };
	assert_ok!(chain.call(Alice, sudo(pallet_safe_mode::Call::force_enter {})));
	let filtered = chain
		.call(Bob, batch(transfer()))
		.expect_err("no money moves");
	assert_eq!(
		filtered,
		frame_system::Error::<crate::Runtime>::CallFiltered.into()
	);
	assert_ok!(chain.call(Alice, batch(sudo(pallet_safe_mode::Call::force_exit {}))));
	assert_ok!(chain.call(Bob, batch(transfer())));
}

#[test]
fn a_paused_call_is_refused_and_others_are_not() {
	let mut chain = Chain::new(DEVELOPMENT);
	let full_name = name("Balances", "transfer_keep_alive");
	assert_ok!(chain.call(
		Alice,
		sudo(pallet_tx_pause::Call::pause {
			full_name: full_name.clone()
		})
	));
	assert_eq!(
		chain.call(Bob, transfer()),
		Err(frame_system::Error::<crate::Runtime>::CallFiltered.into())
	);
	let other = pallet_balances::Call::transfer_allow_death {
		dest: Alice.to_account_id().into(),
		value: 1,
	};
	assert_ok!(chain.call(Bob, other));
	assert_ok!(chain.call(
		Alice,
		sudo(pallet_tx_pause::Call::unpause { ident: full_name })
	));
	assert_ok!(chain.call(Bob, transfer()));
}

#[test]
fn what_the_chain_lives_on_cannot_be_paused() {
	Chain::new(DEVELOPMENT).execute(|| {
		for (pallet, call) in [
			("Timestamp", "set"),
			("Babe", "report_equivocation_unsigned"),
			("Grandpa", "report_equivocation_unsigned"),
			("Beefy", "report_double_voting_unsigned"),
			("System", "set_code"),
			("Sudo", "sudo"),
			("SafeMode", "force_exit"),
			("TxPause", "unpause"),
			("Preimage", "note_preimage"),
			("Scheduler", "schedule"),
			("Referenda", "submit"),
			("ContributionVoting", "vote"),
			("Whitelist", "whitelist_call"),
			("TechnicalCommittee", "propose"),
		] {
			assert_noop!(
				TxPause::pause(RuntimeOrigin::root(), name(pallet, call)),
				pallet_tx_pause::Error::<crate::Runtime>::Unpausable
			);
		}
	});
}

#[test]
fn even_a_wrongly_paused_essential_call_passes() {
	Chain::new(DEVELOPMENT).execute(|| {
		pallet_tx_pause::PausedCalls::<crate::Runtime>::insert(name("Timestamp", "set"), ());
		assert!(essential().iter().all(CallFilter::contains));
	});
}

#[test]
fn the_brakes_are_for_root_alone() {
	Chain::new(LOCAL).execute(|| {
		System::set_block_number(1);
		let alice = || RuntimeOrigin::signed(Alice.to_account_id());
		assert_noop!(SafeMode::force_enter(alice()), BadOrigin);
		assert_noop!(TxPause::pause(alice(), name("Balances", "burn")), BadOrigin);
		assert_noop!(
			SafeMode::enter(alice()),
			pallet_safe_mode::Error::<crate::Runtime>::NotConfigured
		);
	});
}
