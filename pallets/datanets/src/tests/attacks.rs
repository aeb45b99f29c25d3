//! What an attacker gains: nothing.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{traits::DataRegistry, ContentHash, Hash};

use crate::{mock::*, BatchDetails, HoldReason, NextBatchId};

#[test]
fn a_copy_under_another_account_or_in_another_datanet_is_refused() {
	ExtBuilder::default()
		.datanet(ALICE)
		.datanet(CAROL)
		.build_and_execute(|| {
			assert_ok!(add(BOB, 0, 0));
			for (thief, datanet) in [(CAROL, 0), (CAROL, 1), (BOB, 0), (BOB, 1)] {
				assert_noop!(
					Datanets::add_batch(signed(thief), datanet, batch(0)),
					E::DuplicateRoot
				);
			}
			let same_rows = BatchDetails {
				content: ContentHash::of(b"new line ends"),
				..batch(0)
			};
			assert_noop!(
				Datanets::add_batch(signed(CAROL), 1, same_rows),
				E::DuplicateRoot
			);
			let same_file = BatchDetails {
				root: Hash::repeat_byte(1),
				..batch(0)
			};
			assert_noop!(
				Datanets::add_batch(signed(CAROL), 1, same_file),
				E::DuplicateContent
			);
			assert_eq!(held(HoldReason::BatchDeposit, CAROL), 0);
		});
}

#[test]
fn withdrawing_and_adding_anew_makes_a_batch_no_older() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		let first = add(BOB, 0, 0).unwrap();
		let second = add(CAROL, 0, 1).unwrap();
		assert_ok!(withdraw(BOB, first));
		let again = add(BOB, 0, 0).unwrap();
		assert!(again > second);
		assert_eq!(again, NextBatchId::<Test>::get() - 1);
	});
}

#[test]
fn a_contributor_cannot_take_back_what_others_built_on() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		let batch = add(BOB, 0, 0).unwrap();
		assert_ok!(<Datanets as DataRegistry<_>>::pin(0, 1));
		assert_noop!(withdraw(BOB, batch), E::BatchInUse);
		assert_noop!(
			Datanets::close_datanet(signed(ALICE), 0),
			E::DatanetNotEmpty
		);
		assert_eq!(Datanets::contributor(batch), Some(BOB));
		assert_eq!(held(HoldReason::BatchDeposit, BOB), BATCH_DEPOSIT);
	});
}

#[test]
fn making_empty_places_moves_nobody_elses_batch() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(add(BOB, 0, 0));
		for n in 1..5 {
			let batch = add(CAROL, 0, n).unwrap();
			assert_ok!(withdraw(CAROL, batch));
		}
		assert_ok!(add(BOB, 0, 9));
		assert_eq!(Datanets::batch_at(0, 0), Some(0));
		assert_eq!(Datanets::batch_at(0, 5), Some(5));
		assert_noop!(
			Datanets::add_batch(signed(CAROL), 0, batch(10)),
			E::DatanetFull
		);
	});
}
