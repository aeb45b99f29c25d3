//! View functions.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::merkle;

use crate::mock::*;

#[test]
fn pages_cover_places_and_skip_empty_ones() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		for n in 0..5 {
			assert_ok!(add(BOB, 0, n));
		}
		assert_ok!(withdraw(BOB, 1));
		let ids = |from, limit| {
			Datanets::batches_of(0, from, limit)
				.into_iter()
				.map(|(id, batch)| {
					assert_eq!(Datanets::batch_of(id), Some(batch));
					id
				})
				.collect::<Vec<_>>()
		};
		assert_eq!(ids(0, 3), [0, 2]);
		assert_eq!(ids(3, 3), [3, 4]);
		assert_eq!(ids(0, u32::MAX), [0, 2, 3, 4]);
		assert_eq!(ids(1, 1), [0u64; 0]);
		assert_eq!(ids(5, 9), [0u64; 0]);
		assert_eq!(ids(u32::MAX, u32::MAX), [0u64; 0]);
		assert!(Datanets::batches_of(1, 0, 9).is_empty());
	});
}

#[test]
fn a_row_is_verified_against_the_chain() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(add(BOB, 0, 7));
		let leaves = leaves(7);
		for (row, leaf) in leaves.iter().enumerate() {
			let proof = merkle::prove(&leaves, row).unwrap();
			let row = row as u32;
			assert_eq!(
				Datanets::verify_row(0, row, *leaf, proof.clone()),
				Some(true)
			);
			assert_eq!(
				Datanets::verify_row(0, row + 1, *leaf, proof.clone()),
				Some(false)
			);
			assert_eq!(
				Datanets::verify_row(0, row, merkle::leaf(b"forged"), proof.clone()),
				Some(false)
			);
			assert_eq!(Datanets::verify_row(1, row, *leaf, proof), None);
		}
	});
}

#[test]
fn deposits_that_cannot_be_counted_are_told() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_eq!(
			Datanets::batch_deposit(0, u64::MAX, false),
			Some(100 + 7 * (1u128 << 44))
		);
		assert_eq!(Datanets::batch_deposit(1, 1, false), None);
		assert_eq!(Datanets::batch_deposit(0, 1_024, true), Some(107 + 2_048));
		assert_eq!(
			Datanets::batch_deposit(0, 1_025, true),
			None,
			"too large for the chain"
		);
		MebibyteDeposit::set(u128::MAX);
		assert_eq!(Datanets::batch_deposit(0, MEBIBYTE + 1, false), None);
		assert_noop!(
			Datanets::add_batch(signed(BOB), 0, batch(0)),
			E::DepositOverflow
		);
		MebibyteDeposit::set(7);
		ByteDeposit::set(u128::MAX);
		assert_eq!(Datanets::datanet_deposit(details()), None);
		assert_eq!(Datanets::batch_deposit(0, 2, true), None);
		assert_noop!(
			Datanets::create_datanet(signed(BOB), details(), rules()),
			E::DepositOverflow
		);
		assert_noop!(
			Datanets::update_metadata(signed(ALICE), 0, text("x")),
			E::DepositOverflow
		);
		ByteDeposit::set(2);
	});
}

#[test]
fn a_minimum_that_rose_holds_for_rules_that_were_made_before() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		BatchDeposit::set(150);
		MebibyteDeposit::set(9);
		assert_eq!(Datanets::batch_deposit(0, 1, false), Some(159));
		BatchDeposit::set(100);
		MebibyteDeposit::set(7);
	});
}
