//! The chains that can be started.

use super::chain::{genesis, Chain};
use crate::{
	configs::governance::TechnicalInstance,
	constants::{
		currency::{EXISTENTIAL_DEPOSIT, NATIVE_TO_ETH_RATIO},
		time::{DAYS, MINUTES},
	},
	genesis_config_presets::{
		committee, endowed_accounts, ethereum_account, get_preset, grants, preset_names,
		session_keys, DEVELOPMENT, ENDOWMENT, LOCAL, PACE, REPUTATION, VALIDATOR_STAKE,
	},
	governance::{origins::Pace, paced},
	AccountId, AuthorityDiscovery, Babe, Balance, Balances, Beefy, Grandpa, Origins, Reputation,
	Revive, Session, Staking, System, Treasury, BABE_GENESIS_EPOCH_CONFIG,
};
use pallet_revive::AddressMapper;
use sp_core::H160;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave};

fn account(key: Sr25519Keyring) -> AccountId {
	key.to_account_id()
}

#[test]
fn there_are_two() {
	let names: Vec<String> = preset_names().iter().map(ToString::to_string).collect();
	assert_eq!(names, [DEVELOPMENT, LOCAL]);
	assert_eq!(names, ["development", "local"]);
	assert_eq!(get_preset(&"mainnet".into()), None);
}

#[test]
fn a_node_with_a_well_known_key_is_a_validator() {
	for (preset, validators) in [
		(DEVELOPMENT, vec![Alice]),
		(LOCAL, vec![Alice, Bob, Charlie, Dave]),
	] {
		Chain::new(preset).execute(|| {
			let mut elected = Session::validators();
			elected.sort();
			let mut expected: Vec<_> = validators.iter().copied().map(account).collect();
			expected.sort();
			assert_eq!(elected, expected);
			assert_eq!(Staking::validator_count() as usize, validators.len());

			for (validator, keys) in Session::queued_keys() {
				let of = validators
					.iter()
					.find(|key| account(**key) == validator)
					.unwrap();
				assert_eq!(keys, session_keys(*of));
			}
			assert_eq!(Babe::authorities().len(), validators.len());
			assert_eq!(Grandpa::grandpa_authorities().len(), validators.len());
			assert_eq!(Beefy::validator_set().unwrap().len(), validators.len());
			assert_eq!(AuthorityDiscovery::authorities().len(), validators.len());
			assert_eq!(Babe::epoch_config(), Some(BABE_GENESIS_EPOCH_CONFIG));
		});
	}
}

#[test]
fn only_development_has_a_sudo() {
	Chain::new(DEVELOPMENT).execute(|| {
		assert_eq!(
			pallet_sudo::Key::<crate::Runtime>::get(),
			Some(account(Alice))
		);
	});
	assert!(genesis(LOCAL)["sudo"]["key"].is_null());
	Chain::new(LOCAL).execute(|| {
		assert_eq!(pallet_sudo::Key::<crate::Runtime>::get(), None);
	});
}

#[test]
fn some_have_a_vote_and_a_committee_is_there() {
	for preset in [DEVELOPMENT, LOCAL] {
		Chain::new(preset).execute(|| {
			let grants = grants();
			let all: u128 = grants.iter().map(|(_, amount)| amount).sum();
			assert_eq!(all, REPUTATION);
			for ((who, amount), percent) in grants.iter().zip([30, 25, 25, 20]) {
				assert_eq!(*amount, REPUTATION / 100 * percent);
				let power = Reputation::power(who.clone());
				assert!(power <= *amount && power >= amount - 1, "{power}");
			}
			let mut committee = committee();
			committee.sort();
			let members = pallet_collective::Members::<crate::Runtime, TechnicalInstance>::get();
			assert_eq!(members, committee);
			assert_eq!(Pace::<crate::Runtime>::get(), PACE);
			assert_eq!(paced(DAYS), MINUTES, "a day takes a minute");
			Reputation::do_try_state().expect("Reputation");
			Origins::do_try_state().expect("Origins");
		});
	}
}

#[test]
fn known_accounts_can_pay_and_call_contracts() {
	Chain::new(DEVELOPMENT).execute(|| {
		for who in endowed_accounts() {
			let data = System::account(&who).data;
			assert_eq!(data.free + data.reserved, ENDOWMENT);
			assert!(
				<crate::Runtime as pallet_revive::Config>::AddressMapper::is_mapped(&who),
				"{who} has an Ethereum address"
			);
		}
		assert_eq!(
			Staking::ledger(account(Alice).into()).unwrap().active,
			VALIDATOR_STAKE
		);
		assert!(Balances::free_balance(Treasury::account_id()) > 0);
	});
}

#[test]
fn an_ethereum_key_is_an_account() {
	let alith: H160 = "f24ff3a9cf04c71dbc94d0b566f7a27b94566cac".parse().unwrap();
	let account = ethereum_account(alith);
	assert!(endowed_accounts().contains(&account));
	assert_eq!(&AsRef::<[u8]>::as_ref(&account)[20..], [0xEE; 12]);
	Chain::new(DEVELOPMENT).execute(|| {
		// Wallets see what can be spent, in wei.
		let spendable = (ENDOWMENT - EXISTENTIAL_DEPOSIT) * Balance::from(NATIVE_TO_ETH_RATIO);
		assert_eq!(Revive::evm_balance(&alith).as_u128(), spendable);
	});
}
