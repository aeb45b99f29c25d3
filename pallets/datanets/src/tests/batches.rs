//! Adding and withdrawing batches.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::Hash;
use sp_runtime::TokenError;

use crate::{
	mock::*, Batch, BatchAt, BatchDetails, BatchOfContent, BatchOfRoot, Batches,
	Datanets as Records, Event, HoldReason, NextBatchId,
};

#[test]
fn anybody_adds_a_batch_at_the_price_of_its_size() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_eq!(add(BOB, 0, 0), Ok(0));
		let BatchDetails {
			root,
			content,
			rows,
			bytes,
			locator,
		} = batch(0);
		assert_eq!(
			last_event(),
			Event::BatchAdded {
				batch: 0,
				datanet: 0,
				index: 0,
				contributor: BOB,
				root,
				content,
				rows,
				bytes,
				deposit: BATCH_DEPOSIT,
			}
			.into()
		);
		assert_eq!(
			Batches::<Test>::get(0),
			Some(Batch {
				datanet: 0,
				index: 0,
				contributor: BOB,
				root,
				content,
				rows,
				bytes,
				locator,
				deposit: BATCH_DEPOSIT,
			})
		);
		assert_eq!(BatchAt::<Test>::get(0, 0), Some(0));
		assert_eq!(BatchOfRoot::<Test>::get(root), Some(0));
		assert_eq!(BatchOfContent::<Test>::get(content), Some(0));
		assert_eq!(held(HoldReason::BatchDeposit, BOB), BATCH_DEPOSIT);
		assert_eq!(held(HoldReason::BatchDeposit, ALICE), 0);
	});
}

#[test]
fn a_mebibyte_counts_as_soon_as_it_is_begun() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(Datanets::batch_deposit(1), Some(107));
		assert_eq!(Datanets::batch_deposit(MEBIBYTE), Some(107));
		assert_eq!(Datanets::batch_deposit(MEBIBYTE + 1), Some(114));
		assert_eq!(Datanets::batch_deposit(4 * MEBIBYTE), Some(128));
	});
}

#[test]
fn ids_ascend_over_all_datanets_and_places_within_each() {
	ExtBuilder::default()
		.datanet(ALICE)
		.datanet(BOB)
		.build_and_execute(|| {
			for (n, (datanet, index)) in [(0, 0), (1, 0), (0, 1), (1, 1)].into_iter().enumerate() {
				let id = n as u64;
				assert_eq!(add(CAROL, datanet, id), Ok(id));
				assert_eq!(BatchAt::<Test>::get(datanet, index), Some(id));
			}
			assert_eq!(held(HoldReason::BatchDeposit, CAROL), 4 * BATCH_DEPOSIT);
		});
}

#[test]
fn a_batch_out_of_bounds_is_refused() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		let cases = [
			(
				BatchDetails {
					root: Hash::zero(),
					..batch(0)
				},
				E::NoRoot,
			),
			(
				BatchDetails {
					rows: 0,
					..batch(0)
				},
				E::NoRows,
			),
			(
				BatchDetails {
					rows: 1_001,
					..batch(0)
				},
				E::TooManyRows,
			),
			(
				BatchDetails {
					bytes: 0,
					..batch(0)
				},
				E::NoBytes,
			),
			(
				BatchDetails {
					bytes: 4 * MEBIBYTE + 1,
					..batch(0)
				},
				E::TooManyBytes,
			),
			(
				BatchDetails {
					locator: text("file:///etc/passwd"),
					..batch(0)
				},
				E::BadLocator,
			),
		];
		for (details, error) in cases {
			assert_noop!(Datanets::add_batch(signed(BOB), 0, details), error);
		}
		let largest = BatchDetails {
			rows: 1_000,
			bytes: 4 * MEBIBYTE,
			locator: text(""),
			..batch(0)
		};
		assert_ok!(Datanets::add_batch(signed(BOB), 0, largest));
	});
}

#[test]
fn adding_needs_a_datanet_and_the_deposit() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_noop!(
			Datanets::add_batch(signed(BOB), 1, batch(0)),
			E::UnknownDatanet
		);
		assert_noop!(
			Datanets::add_batch(signed(PAUPER), 0, batch(0)),
			TokenError::FundsUnavailable
		);
	});
}

#[test]
fn a_full_datanet_takes_no_more() {
	ExtBuilder::default()
		.datanet(ALICE)
		.datanet(ALICE)
		.build_and_execute(|| {
			for n in 0..6 {
				assert_ok!(add(BOB, 0, n));
			}
			assert_noop!(
				Datanets::add_batch(signed(BOB), 0, batch(6)),
				E::DatanetFull
			);
			assert_ok!(add(BOB, 1, 6));
		});
}

#[test]
fn ids_run_out_before_they_repeat() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		NextBatchId::<Test>::put(u64::MAX);
		assert_noop!(
			Datanets::add_batch(signed(BOB), 0, batch(0)),
			E::IdsExhausted
		);
	});
}

#[test]
fn a_withdrawn_batch_leaves_its_place_empty_and_its_rows_free() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(add(BOB, 0, 0));
		assert_ok!(add(BOB, 0, 1));
		assert_ok!(withdraw(BOB, 0));
		assert_eq!(
			last_event(),
			Event::BatchWithdrawn {
				batch: 0,
				datanet: 0,
				index: 0,
				contributor: BOB,
				deposit: BATCH_DEPOSIT,
			}
			.into()
		);
		assert_eq!(Batches::<Test>::get(0), None);
		assert_eq!(BatchAt::<Test>::get(0, 0), None);
		assert_eq!(held(HoldReason::BatchDeposit, BOB), BATCH_DEPOSIT);
		let datanet = Records::<Test>::get(0).unwrap();
		assert_eq!((datanet.batches, datanet.live), (2, 1));

		assert_eq!(
			add(CAROL, 0, 0),
			Ok(2),
			"a new commitment, later than all others"
		);
		assert_eq!(BatchAt::<Test>::get(0, 2), Some(2));
	});
}

#[test]
fn withdrawing_is_the_contributors() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(add(BOB, 0, 0));
		assert_noop!(withdraw(ALICE, 0), E::NotContributor);
		assert_noop!(withdraw(BOB, 1), E::UnknownBatch);
		assert_ok!(withdraw(BOB, 0));
		assert_noop!(withdraw(BOB, 0), E::UnknownBatch);
	});
}
