//! Clusters of duplicates.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{
	traits::{DataRegistry, Submissions},
	BatchId,
};

use proptest::prelude::*;

use crate::{mock::*, types::MAX_CLUSTER_DEPTH, Event, Link, Links, Pools};

/// Twenty accepted batches of Bob's in a Datanet of Alice's.
fn twenty(test: impl FnOnce()) {
	MaxBatchesPerDatanet::set(30);
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		for n in 0..20 {
			assert_ok!(add(BOB, 0, n));
		}
		test();
	});
	MaxBatchesPerDatanet::set(6);
}

fn cluster(batch: BatchId) -> BatchId {
	let cluster = Datanets::cluster_of(batch).unwrap();
	assert_eq!(<Datanets as Submissions<_>>::cluster(batch), Some(cluster));
	assert_eq!(<Datanets as DataRegistry<_>>::cluster(batch), cluster);
	cluster
}

fn compress(batch: BatchId) -> sp_runtime::DispatchResult {
	Datanets::compress(signed(CAROL), batch)
}

#[test]
fn duplicates_belong_to_the_earliest_whatever_the_order_of_reports() {
	twenty(|| {
		assert_eq!(cluster(3), 3, "a batch alone is its own cluster");
		assert!(!Links::<Test>::contains_key(3));
		assert_ok!(link(5, 3));
		assert_eq!(
			last_event(),
			Event::ClustersJoined {
				cluster: 5,
				into: 3
			}
			.into()
		);
		assert_ok!(link(7, 9));
		assert_ok!(link(9, 5));
		for batch in [3, 5, 7, 9] {
			assert_eq!(cluster(batch), 3);
		}
		assert_ok!(link(1, 7));
		for batch in [1, 3, 5, 7, 9] {
			assert_eq!(cluster(batch), 1);
		}
		assert_eq!(cluster(2), 2);
		assert_eq!(Pools::<Test>::get(0).shares, 16 * u64::from(SCORE));
	});
}

#[test]
fn what_cannot_be_linked() {
	twenty(|| {
		assert_ok!(create(CAROL));
		let other = add(CAROL, 1, 20).unwrap();
		let waiting = submit(CAROL, 0, 21).unwrap();
		assert_noop!(link(0, 99), E::UnknownBatch);
		assert_noop!(link(99, 0), E::UnknownBatch);
		assert_noop!(link(0, other), E::OtherDatanet);
		assert_noop!(link(0, waiting), E::NotAccepted);
		assert_noop!(link(waiting, 0), E::NotAccepted);
		assert_noop!(link(4, 4), E::AlreadyLinked);
		assert_ok!(link(4, 6));
		assert_ok!(link(6, 8));
		assert_noop!(link(8, 4), E::AlreadyLinked);
		assert_noop!(link(6, 8), E::AlreadyLinked);
	});
}

#[test]
fn no_way_is_longer_than_the_bound_and_compressing_makes_room() {
	twenty(|| {
		// The worst order: each head is linked below the one before it.
		let deepest = 1 + MAX_CLUSTER_DEPTH as BatchId;
		for batch in (1..deepest).rev() {
			assert_ok!(link(batch, batch + 1));
			assert_eq!(cluster(deepest), batch);
		}
		assert_noop!(link(0, 1), E::ClusterTooDeep);
		assert_noop!(link(0, deepest), E::ClusterTooDeep);
		// What is shallow still goes below.
		assert_ok!(link(12, 1));

		assert_noop!(compress(1), E::NothingToCompress);
		assert_noop!(compress(2), E::NothingToCompress);
		assert_noop!(compress(15), E::NothingToCompress);
		assert_ok!(compress(deepest));
		assert_eq!(
			last_event(),
			Event::ClusterCompressed {
				batch: deepest,
				cluster: 1
			}
			.into()
		);
		assert_eq!(Links::<Test>::get(deepest).parent, Some(1));
		assert_ok!(link(0, 1));
		for batch in (0..=deepest).chain([12]) {
			assert_eq!(cluster(batch), 0);
		}
		// All the way down to a star.
		for batch in (0..=deepest).chain([12]) {
			while compress(batch).is_ok() {}
		}
		let mut children = [0; MAX_CLUSTER_DEPTH];
		children[0] = deepest as u32 + 1;
		assert_eq!(
			Links::<Test>::get(0),
			Link {
				parent: None,
				children
			}
		);
		assert!(Links::<Test>::get(1).is_leaf());
	});
}

#[test]
fn compressing_a_branch_takes_what_hangs_below_along() {
	twenty(|| {
		assert_ok!(link(3, 4));
		assert_ok!(link(2, 3));
		assert_ok!(link(1, 2));
		assert_ok!(compress(3));
		assert_eq!(cluster(4), 1);
		assert_eq!(Links::<Test>::get(3).parent, Some(1));
		let mut children = [0; MAX_CLUSTER_DEPTH];
		children[0] = 1;
		children[1] = 1;
		assert_eq!(Links::<Test>::get(1).children, children);
	});
}

#[test]
fn a_batch_that_others_are_linked_to_stays() {
	twenty(|| {
		assert_ok!(link(3, 4));
		assert_ok!(link(2, 3));
		assert_noop!(withdraw(BOB, 2), E::HasDuplicates);
		assert_noop!(withdraw(BOB, 3), E::HasDuplicates);
		assert_ok!(withdraw(BOB, 4));
		assert!(Links::<Test>::get(3).is_leaf());
		assert_ok!(withdraw(BOB, 3));
		assert!(!Links::<Test>::contains_key(2), "alone again");
		assert_ok!(withdraw(BOB, 2));
		assert_eq!(Datanets::cluster_of(2), None);
		assert_eq!(Links::<Test>::iter().count(), 0);
	});
}

/// A report that two batches are duplicates, or a batch to compress.
fn step() -> impl Strategy<Value = (BatchId, Option<BatchId>)> {
	prop_oneof![
		// Neighbours, as in the worst order, and any two.
		4 => (0..19u64).prop_map(|batch| (batch, Some(batch + 1))),
		2 => (0..20u64, 0..20u64).prop_map(|(batch, other)| (batch, Some(other))),
		3 => (0..20u64).prop_map(|batch| (batch, None)),
	]
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	/// Clusters are what the accepted reports say, each called by its smallest id, and a report is
	/// refused for being known or for depth alone.
	#[test]
	fn clusters_are_the_classes_of_what_was_reported(
		steps in prop::collection::vec(step(), 1..80)
	) {
		twenty(|| {
			let mut class: Vec<BatchId> = (0..20).collect();
			let of = |class: &[BatchId], batch: BatchId| class[batch as usize];
			for (batch, other) in steps {
				let Some(other) = other else {
					let _ = compress(batch);
					continue;
				};
				let (one, two) = (of(&class, batch), of(&class, other));
				let linked = frame_support::storage::with_storage_layer(|| link(batch, other));
				if one == two {
					assert_eq!(linked, Err(E::AlreadyLinked.into()));
				} else if linked.is_ok() {
					for member in &mut class {
						if *member == one.max(two) {
							*member = one.min(two);
						}
					}
				} else {
					let height = Links::<Test>::get(one.max(two)).height();
					assert_eq!(linked, Err(E::ClusterTooDeep.into()));
					assert_eq!(height, MAX_CLUSTER_DEPTH);
				}
			}
			for batch in 0..20 {
				assert_eq!(cluster(batch), of(&class, batch));
			}
			let heads = (0..20).filter(|batch| of(&class, *batch) == *batch).count();
			assert_eq!(Pools::<Test>::get(0).shares, heads as u64 * u64::from(SCORE));
		});
	}
}
