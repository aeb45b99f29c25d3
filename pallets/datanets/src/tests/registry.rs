//! What other pallets see through `DataRegistry`.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::traits::{BatchInfo, DataRegistry};

use crate::{mock::*, BatchDetails, Datanets as Records, Event};

fn pin(datanet: u32, batches: u32) -> sp_runtime::DispatchResult {
	<Datanets as DataRegistry<AccountId>>::pin(datanet, batches)
}

#[test]
fn batches_are_found_by_place_and_by_id() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(add(BOB, 0, 0));
		assert_ok!(add(CAROL, 0, 1));
		assert_ok!(withdraw(BOB, 0));
		assert_eq!(Datanets::batch_count(0), Some(2), "withdrawn ones count");
		assert_eq!(Datanets::batch_count(1), None);
		assert_eq!(Datanets::batch_at(0, 0), None);
		assert_eq!(Datanets::batch_at(0, 1), Some(1));
		assert_eq!(Datanets::contributor(0), None);
		assert_eq!(Datanets::contributor(1), Some(CAROL));
		assert_eq!(Datanets::batch(0), None);
		let BatchDetails {
			root,
			content,
			rows,
			bytes,
			locator,
		} = batch(1);
		assert_eq!(
			Datanets::batch(1),
			Some(BatchInfo {
				datanet: 0,
				index: 1,
				contributor: CAROL,
				cluster: 1,
				content,
				root,
				rows,
				bytes,
				locator: locator.into_inner(),
			})
		);
	});
}

#[test]
fn pins_only_grow() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		for n in 0..3 {
			assert_ok!(add(BOB, 0, n));
		}
		assert_ok!(pin(0, 2));
		assert_eq!(
			last_event(),
			Event::BatchesPinned {
				datanet: 0,
				batches: 2
			}
			.into()
		);
		System::reset_events();
		assert_ok!(pin(0, 1));
		assert_ok!(pin(0, 2));
		assert!(System::events().is_empty(), "nothing changed");
		assert_eq!(Records::<Test>::get(0).unwrap().pinned, 2);
		assert_ok!(pin(0, 3));
		assert_eq!(Records::<Test>::get(0).unwrap().pinned, 3);
	});
}

#[test]
fn what_is_not_there_cannot_be_pinned() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_noop!(pin(1, 0), E::UnknownDatanet);
		assert_noop!(pin(0, 1), E::TooFewBatches);
		assert_noop!(pin(0, 0), E::NothingToPin);
		assert_ok!(add(BOB, 0, 0));
		assert_noop!(pin(0, 2), E::TooFewBatches);
		assert_ok!(withdraw(BOB, 0));
		assert_noop!(pin(0, 1), E::NothingToPin);
	});
}

#[test]
fn a_pinned_batch_stays_and_later_ones_may_go() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		for n in 0..3 {
			assert_ok!(add(BOB, 0, n));
		}
		assert_ok!(pin(0, 2));
		assert_noop!(withdraw(BOB, 0), E::BatchInUse);
		assert_noop!(withdraw(BOB, 1), E::BatchInUse);
		assert_ok!(withdraw(BOB, 2));
	});
}

#[test]
fn a_datanet_with_pins_cannot_be_closed_even_if_empty() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(add(BOB, 0, 0));
		assert_ok!(add(BOB, 0, 1));
		assert_ok!(withdraw(BOB, 0));
		assert_ok!(pin(0, 1));
		assert_ok!(withdraw(BOB, 1));
		assert_noop!(Datanets::close_datanet(signed(ALICE), 0), E::DatanetInUse);
	});
}
