//! Creating, describing and closing Datanets.

use codec::Encode;
use frame_support::{assert_noop, assert_ok, traits::Hooks};
use sp_runtime::{DispatchError, TokenError};

use crate::{
	mock::*, Datanet, DatanetDetails, Datanets as Records, Descriptions, Event, HoldReason,
};

fn deposit(details: &DatanetDetails) -> u128 {
	1_000 + 2 * details.encoded_size() as u128
}

#[test]
fn constants_fit_each_other() {
	ExtBuilder::default().build_and_execute(<Datanets as Hooks<u64>>::integrity_test);
}

#[test]
fn a_datanet_is_created_at_the_price_of_its_description() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(create(ALICE), Ok(0));
		let deposit = deposit(&details());
		assert_eq!(Datanets::datanet_deposit(details()), Some(deposit));
		assert_eq!(
			last_event(),
			Event::DatanetCreated {
				datanet: 0,
				owner: ALICE,
				deposit
			}
			.into()
		);
		assert_eq!(
			Records::<Test>::get(0),
			Some(Datanet {
				owner: ALICE,
				deposit,
				batches: 0,
				live: 0,
				pinned: 0
			})
		);
		assert_eq!(Descriptions::<Test>::get(0), Some(details()));
		assert_eq!(held(HoldReason::DatanetDeposit, ALICE), deposit);
		assert_eq!(create(BOB), Ok(1), "ids ascend, names need not differ");
	});
}

#[test]
fn a_description_that_misleads_is_refused() {
	ExtBuilder::default().build_and_execute(|| {
		let cases = [
			(
				DatanetDetails {
					name: text(""),
					..details()
				},
				E::BadName,
			),
			(
				DatanetDetails {
					metadata: text("two words"),
					..details()
				},
				E::BadMetadata,
			),
			(
				DatanetDetails {
					domain: text("Law"),
					..details()
				},
				E::BadDomain,
			),
			(
				DatanetDetails {
					content_type: text("text"),
					..details()
				},
				E::BadContentType,
			),
			(
				DatanetDetails {
					language: text("english speech"),
					..details()
				},
				E::BadLanguage,
			),
			(
				DatanetDetails {
					licence: text("free for all"),
					..details()
				},
				E::BadLicence,
			),
		];
		for (details, error) in cases {
			assert_noop!(Datanets::create_datanet(signed(ALICE), details), error);
		}
	});
}

#[test]
fn every_call_needs_a_signature() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(add(ALICE, 0, 0));
		let root = RuntimeOrigin::root;
		for result in [
			Datanets::create_datanet(root(), details()),
			Datanets::update_metadata(root(), 0, text("x")),
			Datanets::close_datanet(root(), 0),
			Datanets::add_batch(root(), 0, batch(1)),
			Datanets::withdraw_batch(root(), 0),
		] {
			assert_eq!(result, Err(DispatchError::BadOrigin));
		}
	});
}

#[test]
fn creating_needs_the_deposit() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			Datanets::create_datanet(signed(PAUPER), details()),
			TokenError::FundsUnavailable
		);
	});
}

#[test]
fn ids_run_out_before_they_repeat() {
	ExtBuilder::default().build_and_execute(|| {
		crate::NextDatanetId::<Test>::put(u32::MAX);
		assert_noop!(
			Datanets::create_datanet(signed(ALICE), details()),
			E::IdsExhausted
		);
	});
}

#[test]
fn the_deposit_follows_the_metadata() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		for metadata in [
			"",
			"https://example.org/longer/than/before",
			"short",
			"other",
		] {
			assert_ok!(Datanets::update_metadata(signed(ALICE), 0, text(metadata)));
			let details = Descriptions::<Test>::get(0).unwrap();
			assert_eq!(details.metadata.as_slice(), metadata.as_bytes());
			let deposit = deposit(&details);
			assert_eq!(
				last_event(),
				Event::MetadataUpdated {
					datanet: 0,
					deposit
				}
				.into()
			);
			assert_eq!(held(HoldReason::DatanetDeposit, ALICE), deposit);
		}
	});
}

#[test]
fn metadata_is_the_owners() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_noop!(
			Datanets::update_metadata(signed(BOB), 0, text("x")),
			E::NotOwner
		);
		assert_noop!(
			Datanets::update_metadata(signed(ALICE), 1, text("x")),
			E::UnknownDatanet
		);
		assert_noop!(
			Datanets::update_metadata(signed(ALICE), 0, text("x y")),
			E::BadMetadata
		);
	});
}

#[test]
fn an_empty_datanet_is_closed_and_its_deposit_returned() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		let deposit = deposit(&details());
		assert_ok!(Datanets::close_datanet(signed(ALICE), 0));
		assert_eq!(
			last_event(),
			Event::DatanetClosed {
				datanet: 0,
				owner: ALICE,
				deposit
			}
			.into()
		);
		assert_eq!(Records::<Test>::get(0), None);
		assert_eq!(held(HoldReason::DatanetDeposit, ALICE), 0);
		assert_eq!(Balances::free_balance(ALICE), RICH);
		assert_eq!(create(ALICE), Ok(1), "its id is not given out again");
	});
}

#[test]
fn closing_waits_for_the_batches() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_noop!(Datanets::close_datanet(signed(ALICE), 1), E::UnknownDatanet);
		assert_noop!(Datanets::close_datanet(signed(BOB), 0), E::NotOwner);
		let batch = add(BOB, 0, 0).unwrap();
		assert_noop!(
			Datanets::close_datanet(signed(ALICE), 0),
			E::DatanetNotEmpty
		);
		assert_ok!(withdraw(BOB, batch));
		assert_ok!(Datanets::close_datanet(signed(ALICE), 0));
	});
}
