//! What other pallets see through `DataRegistry`.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::traits::{
	AccessRegistry, AccessTerms, BatchInfo, DataRegistry, Submission, Submissions,
};
use sp_runtime::Percent;

use crate::{mock::*, BatchDetails, Datanets as Records, Event, Rules};

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
			encrypted,
			..
		} = batch(1);
		assert_eq!(
			Datanets::batch(1),
			Some(BatchInfo {
				datanet: 0,
				index: 1,
				contributor: CAROL,
				content,
				root,
				rows,
				bytes,
				locator,
				encrypted,
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

#[test]
fn pending_batches_are_their_judges_alone() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(submit(BOB, 0, 0));
		assert_eq!(Datanets::batch(0), None);
		assert_eq!(Datanets::contributor(0), None);
		assert_eq!(Datanets::batch_count(0), Some(0));
		assert_noop!(pin(0, 1), E::TooFewBatches);
		let submission = |pending, quorum| {
			Some(Submission {
				datanet: 0,
				contributor: BOB,
				rows: 5,
				root: batch(0).root,
				pending,
				quorum: Percent::from_percent(quorum),
			})
		};
		assert_eq!(Datanets::submission(0), submission(true, 60));
		assert_eq!(<Datanets as Submissions<_>>::cluster(0), Some(0));
		assert_eq!(<Datanets as Submissions<_>>::cluster(1), None);
		assert_eq!(<Datanets as DataRegistry<_>>::cluster(0), 0);
		assert_eq!(<Datanets as DataRegistry<_>>::cluster(1), 1);
		assert_eq!(Datanets::submission(1), None);
		assert_ok!(accept(0, SCORE));
		assert_eq!(Datanets::submission(0), submission(false, 60));
		assert_eq!(Datanets::owner(0), Some(ALICE));
		assert_eq!(Datanets::owner(1), None);

		assert_ok!(create_with(ALICE, vouched()));
		assert_ok!(Datanets::list_contributor(signed(ALICE), 1, BOB));
		assert_ok!(submit(BOB, 1, 1));
		assert_eq!(
			Datanets::submission(1).unwrap().quorum,
			Percent::from_percent(60),
			"no jury was asked, and one about duplicates needs a quorum all the same"
		);
	});
}

#[test]
fn terms_follow_the_rules() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		let terms = |price_per_day, owner_share| {
			Some(AccessTerms {
				owner: ALICE,
				price_per_day,
				licence: b"CC0-1.0".to_vec(),
				owner_share: Percent::from_percent(owner_share),
			})
		};
		assert_eq!(Datanets::terms(0), terms(100, 10));
		assert_eq!(Datanets::terms(1), None);
		let dearer = Rules {
			access_price_per_day: 5_000,
			owner_share: Percent::from_percent(30),
			..rules()
		};
		assert_ok!(Datanets::propose_rules(signed(ALICE), 0, dearer));
		System::set_block_number(20);
		assert_eq!(Datanets::terms(0), terms(100, 10));
		System::set_block_number(21);
		assert_eq!(Datanets::terms(0), terms(5_000, 30));
	});
}
