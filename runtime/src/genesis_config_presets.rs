//! The chains that can be started from this code.
//!
//! | preset | validators | sudo | for |
//! |---|---|---|---|
//! | [`DEVELOPMENT`] | Alice | Alice | one machine (`--dev`) |
//! | [`LOCAL`] | Alice, Bob, Charlie, Dave | nobody | four nodes, with the powers of a public chain |
//!
//! On both a day of governance takes a minute ([`PACE`]). Who has a vote at first: Alice 30 % of all
//! [reputation](REPUTATION), Bob and Charlie 25 % each, Dave 20 %, which decays like any other. Alice, Bob and Charlie
//! are the technical committee.
//!
//! Both endow the accounts whose keys everybody knows, those of Substrate's tools and those of
//! Ethereum's. Never put anything of value on such a chain.

#![warn(missing_docs)]

use crate::{
	configs::staking::{MAX_CANDIDATES, MAX_NOMINATORS},
	constants::currency::UNIT,
	AccountId, BabeConfig, Balance, BalancesConfig, OriginsConfig, ReputationConfig,
	RuntimeGenesisConfig, SessionConfig, SessionKeys, StakingConfig, SudoConfig,
	TechnicalCommitteeConfig, BABE_GENESIS_EPOCH_CONFIG,
};
use alloc::{string::ToString, vec, vec::Vec};
use frame_support::build_struct_json_patch;
use pallet_staking::StakerStatus;
use serde_json::Value;
use sp_core::{crypto::get_public_from_string_or_panic, hex2array, H160};
use sp_genesis_builder::PresetId;
use sp_keyring::Sr25519Keyring;
use sp_runtime::Perbill;

/// One validator, which is also sudo.
pub const DEVELOPMENT: &str = sp_genesis_builder::DEV_RUNTIME_PRESET;
/// Four validators and no sudo.
pub const LOCAL: &str = "local";

/// What each well-known account has.
pub const ENDOWMENT: Balance = 1_000_000 * UNIT;
/// What each validator stakes of it.
pub const VALIDATOR_STAKE: Balance = 100_000 * UNIT;
/// Below this nobody can stand for election.
pub const MIN_VALIDATOR_BOND: Balance = 1_000 * UNIT;
/// Below this nobody can nominate. Places for nominators are limited, so they must cost something.
pub const MIN_NOMINATOR_BOND: Balance = 100 * UNIT;

/// By what the periods of governance are divided: a day takes a minute, the 14 days of Root as many.
pub const PACE: u32 = 1_440;
/// All reputation that is granted: so much that a few calls of tests decide nothing, and so little that the chain
/// counts as [young](crate::governance::tracks#a-young-chain).
pub const REPUTATION: u128 = 10_000 * UNIT;

/// Who has a vote before anybody has earned one, and what part of all.
pub fn grants() -> Vec<(AccountId, u128)> {
	use Sr25519Keyring::{Alice, Bob, Charlie, Dave};
	[(Alice, 30), (Bob, 25), (Charlie, 25), (Dave, 20)]
		.map(|(key, percent)| (key.to_account_id(), REPUTATION / 100 * percent))
		.into()
}

/// The technical committee.
pub fn committee() -> Vec<AccountId> {
	use Sr25519Keyring::{Alice, Bob, Charlie};
	[Alice, Bob, Charlie].map(|key| key.to_account_id()).into()
}

/// Addresses of the Ethereum keys that development tools ship with: Alith, Baltathar, Charleth,
/// Dorothy and Ethan.
const ETHEREUM_ACCOUNTS: [[u8; 20]; 5] = [
	hex2array!("f24ff3a9cf04c71dbc94d0b566f7a27b94566cac"),
	hex2array!("3cd0a705a2dc65e5b1e1205896baa2be8a07c6e0"),
	hex2array!("798d4ba9baf0064ec19eb4f0a1a45785ae9d6dfc"),
	hex2array!("773539d4ac0e786233d90a233654ccee26a613d9"),
	hex2array!("ff64d3f6efe2317ee2807d223a0bdc4c0c49dfdb"),
];

/// The account of an Ethereum key.
pub fn ethereum_account(address: H160) -> AccountId {
	let mut bytes = [0xEE; 32];
	for (to, from) in bytes.iter_mut().zip(address.as_bytes()) {
		*to = *from;
	}
	bytes.into()
}

/// All accounts that the presets endow.
pub fn endowed_accounts() -> Vec<AccountId> {
	Sr25519Keyring::well_known()
		.map(|key| key.to_account_id())
		.chain(ETHEREUM_ACCOUNTS.map(|address| ethereum_account(H160(address))))
		.collect()
}

/// The session keys that a node started with `--alice`, `--bob` and so on has.
pub fn session_keys(validator: Sr25519Keyring) -> SessionKeys {
	let seed = validator.to_string();
	SessionKeys {
		grandpa: get_public_from_string_or_panic::<sp_consensus_grandpa::AuthorityId>(&seed),
		babe: get_public_from_string_or_panic::<sp_consensus_babe::AuthorityId>(&seed),
		beefy: get_public_from_string_or_panic::<sp_consensus_beefy::ecdsa_crypto::AuthorityId>(
			&seed,
		),
		authority_discovery: get_public_from_string_or_panic::<sp_authority_discovery::AuthorityId>(
			&seed,
		),
	}
}

fn genesis(validators: &[Sr25519Keyring], sudo: Option<AccountId>) -> Value {
	let count = validators.len() as u32;
	build_struct_json_patch!(RuntimeGenesisConfig {
		balances: BalancesConfig {
			balances: endowed_accounts()
				.into_iter()
				.map(|account| (account, ENDOWMENT))
				.collect::<Vec<_>>(),
		},
		babe: BabeConfig {
			epoch_config: BABE_GENESIS_EPOCH_CONFIG
		},
		session: SessionConfig {
			keys: validators
				.iter()
				.map(|key| (key.to_account_id(), key.to_account_id(), session_keys(*key)))
				.collect::<Vec<_>>(),
		},
		staking: StakingConfig {
			validator_count: count,
			minimum_validator_count: 1,
			slash_reward_fraction: Perbill::from_percent(10),
			stakers: validators
				.iter()
				.map(|key| {
					(
						key.to_account_id(),
						key.to_account_id(),
						VALIDATOR_STAKE,
						StakerStatus::<AccountId>::Validator,
					)
				})
				.collect::<Vec<_>>(),
			min_validator_bond: MIN_VALIDATOR_BOND,
			min_nominator_bond: MIN_NOMINATOR_BOND,
			max_validator_count: Some(MAX_CANDIDATES),
			max_nominator_count: Some(MAX_NOMINATORS),
		},
		sudo: SudoConfig { key: sudo },
		origins: OriginsConfig { pace: PACE },
		reputation: ReputationConfig { grants: grants() },
		technical_committee: TechnicalCommitteeConfig {
			members: committee()
		},
	})
}

/// The preset of that name, as JSON.
pub fn get_preset(id: &PresetId) -> Option<Vec<u8>> {
	use Sr25519Keyring::{Alice, Bob, Charlie, Dave};
	let genesis = match id.as_ref() {
		DEVELOPMENT => genesis(&[Alice], Some(Alice.to_account_id())),
		LOCAL => genesis(&[Alice, Bob, Charlie, Dave], None),
		_ => return None,
	};
	Some(genesis.to_string().into_bytes())
}

/// The names of all presets.
pub fn preset_names() -> Vec<PresetId> {
	vec![PresetId::from(DEVELOPMENT), PresetId::from(LOCAL)]
}
