//! What settling reads and writes.

use crate::mock::*;
use frame_support::{assert_ok, traits::fungible::Mutate};
use openledger_primitives::{BatchId, Entry};
use pallet_datanets::MAX_CLUSTER_DEPTH;

/// The keys that settling reads and those that it writes, with so many entries of different contributors.
fn touched(entries: u32, add: fn(AccountId) -> BatchId) -> (u64, u64) {
	let mut ext = ExtBuilder::default().build();
	let run = ext.execute_with(|| TestRun {
		attribution: (0..entries)
			.map(|n| {
				let who = 1_000 + u64::from(n);
				assert_ok!(Balances::mint_into(&who, RICH));
				Entry {
					batch: add(who),
					weight: 1_000_000 / entries,
				}
			})
			.collect(),
		..Default::default()
	});
	ext.commit_all().unwrap();
	let recorder = Default::default();
	ext.execute_with_recorder(Clone::clone(&recorder), || {
		let record = run.settle(RICH / 2);
		assert_eq!(record.clusters.len(), entries as usize);
		assert!(record
			.clusters
			.iter()
			.all(|paid| paid.contributor.is_some()));
	});
	let read: usize = recorder
		.recorded_keys()
		.values()
		.map(|keys| keys.len())
		.sum();
	let written = ext.overlayed_changes().changes().count();
	(read as u64, written as u64)
}

/// The same for each entry.
fn touched_per_entry(add: fn(AccountId) -> BatchId) -> (u64, u64) {
	let (few, many) = (touched(2, add), touched(64, add));
	((many.0 - few.0) / 62, (many.1 - few.1) / 62)
}

#[test]
fn an_entry_reads_the_way_to_the_head_and_who_is_paid_and_writes_what_it_earns() {
	// Who funded the account is part of whether it is linked to the payer.
	let (credit_reputation_and_funding, writes) = (3, 2);
	// Whether there is a way, and the batch.
	let least = 2 + credit_reputation_and_funding;
	assert_eq!(touched_per_entry(add_batch), (least, writes));
	assert_eq!(
		touched_per_entry(add_deepest),
		(MAX_CLUSTER_DEPTH as u64 + least, writes)
	);
}
