//! What a new runtime does with the state of an older one.

use super::chain::Chain;
use crate::{
	genesis_config_presets::DEVELOPMENT,
	invariants,
	migrations::{
		rehearsal::{Powers, RecordPowers, Rehearsal, MAX_RECORDS},
		Unreleased,
	},
	AccountId, Reputation, Runtime, System,
};
use frame_support::{
	traits::{GetStorageVersion, OnRuntimeUpgrade, StorageVersion},
	weights::Weight,
};
use openledger_primitives::traits::{ReputationSink, VotingPower};
use sp_keyring::Sr25519Keyring::{Bob, Charlie, Dave, Ferdie};

const POINTS: u128 = 1_000_000_000_000;

fn max_block() -> Weight {
	<Runtime as frame_system::Config>::BlockWeights::get().max_block
}

#[test]
fn a_release_has_no_rehearsal_in_it() {
	Chain::new(DEVELOPMENT).execute(|| {
		let before = Rehearsal::on_chain_storage_version();
		Unreleased::on_runtime_upgrade();
		assert_eq!(Rehearsal::on_chain_storage_version(), before);
		assert_eq!(Powers::iter().count(), 0);
	});
}

#[test]
fn the_rehearsal_notes_each_power_once_and_breaks_nothing() {
	Chain::new(DEVELOPMENT).execute(|| {
		System::set_block_number(1);
		let payer = Ferdie.to_account_id();
		let earners = [(Bob, 5), (Charlie, 7), (Dave, 11)];
		for (who, amount) in earners {
			Reputation::earned(&who.to_account_id(), &payer, amount * POINTS);
		}
		System::set_block_number(crate::configs::openledger::Maturity::get() * 2);

		let weight = RecordPowers::on_runtime_upgrade();
		assert!(weight.all_lt(max_block()));
		assert_eq!(
			Rehearsal::on_chain_storage_version(),
			StorageVersion::new(1)
		);
		let noted: Vec<_> = Powers::iter().collect();
		let records = pallet_reputation::Accounts::<Runtime>::iter_keys().count();
		assert_eq!(noted.len(), records);
		for (who, power) in noted {
			assert!(power > 0);
			assert_eq!(power, <Reputation as VotingPower<AccountId>>::power(&who));
		}
		for (who, _) in earners {
			assert!(Powers::contains_key(who.to_account_id()));
		}
		for finding in invariants::check() {
			assert_eq!(finding.broken, None, "{}", finding.pallet);
		}

		// Points earned since don't show, however often the runtime is applied.
		let before = Powers::get(Bob.to_account_id());
		Reputation::earned(&Bob.to_account_id(), &payer, 100 * POINTS);
		System::set_block_number(crate::configs::openledger::Maturity::get() * 4);
		RecordPowers::on_runtime_upgrade();
		assert_eq!(Powers::get(Bob.to_account_id()), before);
	});
}

#[test]
fn the_rehearsal_is_bounded_and_fits_into_a_block() {
	Chain::new(DEVELOPMENT).execute(|| {
		System::set_block_number(1);
		let payer = Ferdie.to_account_id();
		for number in 0..=MAX_RECORDS {
			let mut id = [0; 32];
			id[..8].copy_from_slice(&number.to_le_bytes());
			Reputation::earned(&AccountId::from(id), &payer, POINTS);
		}
		let records = pallet_reputation::Accounts::<Runtime>::iter_keys().count();
		assert!(records > MAX_RECORDS);
		let weight = RecordPowers::on_runtime_upgrade();
		assert_eq!(Powers::iter().count(), MAX_RECORDS);
		assert!(weight.all_lt(max_block()));
	});
}
