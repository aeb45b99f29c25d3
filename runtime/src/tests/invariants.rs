//! That the invariants of all pallets are checked, and that a broken state is found.

use super::chain::Chain;
use crate::{
	genesis_config_presets::{DEVELOPMENT, LOCAL},
	invariants::{check, version_of_state, Finding},
	AllPalletsWithSystem, Reputation, Runtime, System, VERSION,
};
use frame_support::traits::PalletsInfoAccess;
use openledger_primitives::traits::ReputationSink;
use sp_keyring::Sr25519Keyring::{Bob, Charlie};
use std::collections::BTreeSet;

/// From this index on all pallets are the project's own.
const FIRST_OWN: usize = 70;

/// Those of them that stand with the SDK's.
const OWN_AMONG_OTHERS: [&str; 2] = ["ContributionVoting", "Origins"];

fn broken() -> Vec<Finding> {
	check()
		.into_iter()
		.filter(|finding| finding.broken.is_some())
		.collect()
}

#[test]
fn no_pallet_of_our_own_is_left_out() {
	Chain::new(DEVELOPMENT).execute(|| {
		let checked: BTreeSet<_> = check().iter().map(|finding| finding.pallet).collect();
		let own: BTreeSet<_> = AllPalletsWithSystem::infos()
			.iter()
			.filter(|info| info.index >= FIRST_OWN || OWN_AMONG_OTHERS.contains(&info.name))
			.map(|info| info.name)
			.collect();
		assert!(own.len() > 12);
		assert_eq!(own.difference(&checked).count(), 0, "{own:?}, {checked:?}");
	});
}

#[test]
fn they_hold_at_genesis_and_after_blocks() {
	for preset in [DEVELOPMENT, LOCAL] {
		let mut chain = Chain::new(preset);
		chain.execute(|| assert_eq!(broken(), []));
		chain.blocks(3);
		chain.execute(|| {
			assert_eq!(broken(), []);
			assert_eq!(version_of_state(), Some(VERSION.spec_version));
		});
	}
}

#[test]
fn a_broken_state_is_found_and_its_pallet_named() {
	Chain::new(DEVELOPMENT).execute(|| {
		System::set_block_number(1);
		Reputation::earned(
			&Bob.to_account_id(),
			&Charlie.to_account_id(),
			1_000_000_000_000,
		);
		assert_eq!(broken(), []);
		// As if somebody's points had been lost.
		pallet_reputation::Accounts::<Runtime>::remove(Bob.to_account_id());
		let [found] = &broken()[..] else {
			panic!("one pallet is broken: {:?}", broken());
		};
		assert_eq!(found.pallet, "Reputation");
		assert_eq!(found.broken, Some("1: pending points are not the total's"));
	});
}
