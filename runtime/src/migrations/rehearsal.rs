//! The migration of a rehearsal: it notes for each account with reputation how much that was worth at the
//! upgrade.
//!
//! It reads live data of every network, writes a value for each record, and leaves the pallets' own storage as it
//! was, so that the node's invariants still apply. Its version is kept under a prefix of its own,
//! [`Rehearsal`], which no released runtime has.

use crate::{AccountId, Reputation, Runtime};
use frame_support::{
	migrations::VersionedMigration,
	storage_alias,
	traits::{
		CrateVersion, GetStorageVersion, PalletInfoAccess, StorageVersion,
		UncheckedOnRuntimeUpgrade,
	},
	weights::Weight,
	Blake2_128Concat,
};
use openledger_primitives::traits::VotingPower;

/// The most accounts that are noted, so that they fit into a block.
pub const MAX_RECORDS: usize = 5_000;

/// The most storage that reading the power of one account touches: its points, and what is set apart of them.
const READS_PER_RECORD: u64 = 2;

/// What an account's reputation was worth at the upgrade.
#[storage_alias(verbatim)]
pub type Powers = StorageMap<Rehearsal, Blake2_128Concat, AccountId, u128>;

/// See [`RecordPowersUnchecked`]. Once per chain.
pub type RecordPowers = VersionedMigration<
	0,
	1,
	RecordPowersUnchecked,
	Rehearsal,
	<Runtime as frame_system::Config>::DbWeight,
>;

/// Notes the power of every account that has reputation, of [`MAX_RECORDS`] at most. Whichever version the
/// state has.
pub struct RecordPowersUnchecked;

impl UncheckedOnRuntimeUpgrade for RecordPowersUnchecked {
	fn on_runtime_upgrade() -> Weight {
		let accounts = pallet_reputation::Accounts::<Runtime>::iter_keys().take(MAX_RECORDS);
		let mut noted: u64 = 0;
		for who in accounts {
			let power = <Reputation as VotingPower<AccountId>>::power(&who);
			Powers::insert(who, power);
			noted = noted.saturating_add(1);
		}
		log::info!("rehearsal: the power of {noted} accounts is noted");
		// Beside each account's own, its key and the end of the list are read.
		let reads = noted
			.saturating_mul(READS_PER_RECORD.saturating_add(1))
			.saturating_add(1);
		<Runtime as frame_system::Config>::DbWeight::get().reads_writes(reads, noted)
	}
}

/// Under this name the version of the rehearsal is kept, as that of a pallet is under its name.
pub struct Rehearsal;

impl PalletInfoAccess for Rehearsal {
	fn index() -> usize {
		usize::from(u8::MAX)
	}

	fn name() -> &'static str {
		"Rehearsal"
	}

	fn name_hash() -> [u8; 16] {
		sp_io::hashing::twox_128(Self::name().as_bytes())
	}

	fn module_name() -> &'static str {
		"rehearsal"
	}

	fn crate_version() -> CrateVersion {
		CrateVersion::new(1, 0, 0)
	}
}

impl GetStorageVersion for Rehearsal {
	type InCodeStorageVersion = StorageVersion;

	fn in_code_storage_version() -> Self::InCodeStorageVersion {
		StorageVersion::new(1)
	}

	fn on_chain_storage_version() -> StorageVersion {
		StorageVersion::get::<Self>()
	}
}
