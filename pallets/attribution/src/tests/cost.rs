//! What settling reads and writes.

use crate::mock::*;
use frame_support::{
	assert_ok,
	traits::fungible::{Balanced, Mutate},
	weights::Weight,
};
use openledger_primitives::{
	earnings::Earnings,
	traits::{Run, Settlement},
	BatchId, Entry,
};
use pallet_datanets::MAX_CLUSTER_DEPTH;

/// Does something to what is committed, and counts the keys that it reads and those that it writes.
fn counted<R>(ext: &mut sp_io::TestExternalities, act: impl FnOnce() -> R) -> (R, (u64, u64)) {
	ext.commit_all().unwrap();
	let recorder = Default::default();
	let result = ext.execute_with_recorder(Clone::clone(&recorder), act);
	let read: usize = recorder
		.recorded_keys()
		.values()
		.map(|keys| keys.len())
		.sum();
	let written = ext.overlayed_changes().changes().count();
	(result, (read as u64, written as u64))
}

/// The keys that settling reads and those that it writes, with so many entries of different contributors.
fn touched(entries: u32, add: fn(AccountId) -> BatchId) -> (u64, u64) {
	let mut ext = ExtBuilder::default().build();
	let run = ext.execute_with(|| TestRun {
		attribution: (0..entries)
			.map(|n| {
				let who = 1_000 + AccountId::from(n);
				assert_ok!(Balances::mint_into(&who, RICH));
				Entry {
					batch: add(who),
					weight: 1_000_000 / entries,
				}
			})
			.collect(),
		..Default::default()
	});
	let settle = || {
		let record = run.settle(RICH / 2);
		assert_eq!(record.clusters.len(), entries as usize);
		assert!(record
			.clusters
			.iter()
			.all(|paid| paid.contributor.is_some()));
	};
	counted(&mut ext, settle).1
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

/// What settling by a root with so many contributors weighs, and the keys that it reads and writes. One of
/// them claims its part.
fn touched_by_root(contributors: u64) -> (Weight, (u64, u64)) {
	let mut ext = ExtBuilder::default().build();
	let earned = Earnings::of((0..contributors).map(|batch| (batch, 1_000))).unwrap();
	let settle = || {
		let run = Run {
			source: calls(0),
			payer: &PAYER,
			model: MODEL,
			operators: &[OPERATOR],
			attribution: &[],
		};
		Attribution::settle_by_root(run, earned.summary(), Balances::issue(RICH / 2))
	};
	let counts = counted(&mut ext, settle);
	ext.execute_with(|| {
		assert_ok!(claim_share(0, &earned, 1));
		let amount = distribution(0).unwrap().amount;
		assert_eq!(
			credit(SECOND_CONTRIBUTOR),
			amount / u128::from(contributors)
		);
		check();
	});
	counts
}

#[test]
fn a_root_costs_the_same_for_any_number_of_contributors() {
	let few = touched_by_root(64);
	assert_eq!(touched_by_root(100_000), few);
	// Less than an entry for each of a few contributors.
	let (weight, (reads, writes)) = few;
	let (all_reads, all_writes) = touched(16, add_batch);
	assert!(reads < all_reads && writes < all_writes);
	assert!(weight.all_lt(<Attribution as Settlement<AccountId>>::weight(1, 16)));
}
