//! Which pallets there are, and that they fit together.

use super::chain::Chain;
use crate::{
	configs::openledger::{DistributionDeposit, RecordDeposit},
	constants::currency::{deposit, EXISTENTIAL_DEPOSIT, NATIVE_TO_ETH_RATIO, UNIT},
	genesis_config_presets::DEVELOPMENT,
	AccountId, AllPalletsWithSystem, Balance, BlockNumber, Runtime, VERSION,
};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::traits::{Get, IntegrityTest, PalletsInfoAccess};
use openledger_primitives::traits::Source;
use sp_runtime::traits::TransactionExtension;

/// Indices are part of the transaction format: once the chain runs, this list only grows.
const PALLETS: [(usize, &str); 45] = [
	(0, "System"),
	(1, "Timestamp"),
	(2, "Balances"),
	(3, "TransactionPayment"),
	(9, "Sudo"),
	(10, "Babe"),
	(11, "Authorship"),
	(12, "Staking"),
	(13, "Offences"),
	(14, "Historical"),
	(15, "Session"),
	(16, "Grandpa"),
	(17, "AuthorityDiscovery"),
	(18, "Beefy"),
	(19, "Mmr"),
	(20, "BeefyMmrLeaf"),
	(30, "Utility"),
	(31, "Multisig"),
	(32, "Proxy"),
	(33, "Identity"),
	(34, "Preimage"),
	(35, "Scheduler"),
	(36, "Treasury"),
	(40, "Referenda"),
	(41, "ContributionVoting"),
	(42, "Whitelist"),
	(43, "TechnicalCommittee"),
	(44, "Origins"),
	(50, "SafeMode"),
	(51, "TxPause"),
	(60, "Revive"),
	(70, "Datanets"),
	(71, "Models"),
	(72, "Agents"),
	(73, "Inference"),
	(74, "Attribution"),
	(75, "Reputation"),
	(76, "Curation"),
	(77, "Access"),
	(78, "Seasons"),
	(79, "Channels"),
	(80, "Market"),
	(81, "Copies"),
	(82, "Proposals"),
	(83, "Callbacks"),
];

#[test]
fn pallets_have_the_indices_that_clients_rely_on() {
	let pallets: Vec<_> = AllPalletsWithSystem::infos()
		.into_iter()
		.map(|pallet| (pallet.index, pallet.name))
		.collect();
	assert_eq!(pallets, PALLETS);
}

#[test]
fn pallets_accept_their_settings() {
	Chain::new(DEVELOPMENT).execute(AllPalletsWithSystem::integrity_test);
}

#[test]
fn the_token_is_the_same_on_both_sides() {
	assert_eq!(UNIT, 10u128.pow(12));
	assert_eq!(UNIT * Balance::from(NATIVE_TO_ETH_RATIO), 10u128.pow(18));
	let ratio: u32 = <Runtime as pallet_revive::Config>::NativeToEthRatio::get();
	assert_eq!(ratio, NATIVE_TO_ETH_RATIO);
	assert_eq!(EXISTENTIAL_DEPOSIT, UNIT / 1_000);
	assert_eq!(<Runtime as frame_system::Config>::SS58Prefix::get(), 42);
}

#[test]
fn metadata_is_there_in_the_versions_that_clients_read() {
	Chain::new(DEVELOPMENT).execute(|| {
		let versions = Runtime::metadata_versions();
		for version in [14, 15, 16] {
			assert!(versions.contains(&version));
			let opaque = Runtime::metadata_at_version(version)
				.expect("listed")
				.encode();
			let metadata = Vec::<u8>::decode(&mut &opaque[..]).expect("opaque bytes");
			assert_eq!(&metadata[..4], b"meta");
			assert_eq!(u32::from(metadata[4]), version);
			for (_, name) in PALLETS {
				let named = name.to_string().encode();
				assert!(
					metadata.windows(named.len()).any(|bytes| bytes == named),
					"{name}"
				);
			}
		}
	});
}

#[test]
fn extensions_come_in_the_order_that_wallets_sign() {
	let names: Vec<_> = crate::TxExtension::metadata()
		.iter()
		.map(|ext| ext.identifier)
		.collect();
	assert_eq!(
		names,
		[
			"AuthorizeCall",
			"CheckNonZeroSender",
			"CheckSpecVersion",
			"CheckTxVersion",
			"CheckGenesis",
			"CheckMortality",
			"CheckNonce",
			"CheckWeight",
			"ChargeTransactionPayment",
			"CheckMetadataHash",
			"EthSetOrigin",
			"WeightReclaim",
		]
	);
}

#[test]
fn what_a_request_needs_stays_for_as_long_as_it_can_be_open() {
	let longest = Chain::new(DEVELOPMENT).execute(crate::Inference::longest_life);
	assert!(
		longest <= crate::configs::openledger::MAX_LIFETIME,
		"a request can be open for {longest} blocks"
	);
}

#[test]
fn who_posted_a_batch_is_bonded_for_as_long_as_it_can_be_open() {
	let longest = Chain::new(DEVELOPMENT).execute(crate::Channels::longest_life);
	assert!(
		longest <= crate::configs::channels::MAX_BATCH_LIFE,
		"a batch can be open for {longest} blocks"
	);
}

/// The bytes of an entry of the state, with its key as the pallet makes it.
fn entry<Value: MaxEncodedLen>(key: Vec<u8>) -> u32 {
	let value = Value::max_encoded_len();
	u32::try_from(key.len() + value).expect("no entry is that large")
}

#[test]
fn a_requests_deposit_pays_for_its_receipt_and_for_the_record_of_its_fee() {
	use pallet_attribution::{AttributionRecord, Records};
	use pallet_inference::{
		types::{Queue, Task},
		Agenda, Receipt, Receipts,
	};
	let kept = [
		entry::<Receipt<Runtime>>(Receipts::<Runtime>::hashed_key_for(0)),
		entry::<AttributionRecord<AccountId>>(Records::<Runtime>::hashed_key_for(0)),
		entry::<Task>(Agenda::<Runtime>::hashed_key_for((Queue::Receipts, 0), 0)),
	];
	let least = deposit(3, kept.iter().sum());
	let held = RecordDeposit::get();
	assert!(held >= least, "{held} are held for {least}");
}

#[test]
fn a_distributions_deposit_pays_for_its_record() {
	use pallet_attribution::{Distribution, Distributions};
	let source = Source::Receipts {
		channel: 0,
		batch: 0,
	};
	let key = Distributions::<Runtime>::hashed_key_for(source);
	let least = deposit(1, entry::<Distribution<AccountId, BlockNumber>>(key));
	assert!(DistributionDeposit::get() >= least);
}

#[test]
fn the_version_names_the_chain() {
	assert_eq!(VERSION.spec_name, "openledger");
}
