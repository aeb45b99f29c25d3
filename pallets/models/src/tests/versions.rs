//! Adding and removing versions.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{
	model::Snapshot,
	traits::{DataRegistry, ModelRegistry},
};
use sp_runtime::TokenError;

use crate::{mock::*, Event, Models as Records, SpecInputs, Version, Versions};

#[test]
fn a_new_version_is_current_and_built_on_what_is_there_by_then() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			add_batch(0);
			run_to(7);
			assert_ok!(Models::new_version(signed(ALICE), 0, inputs(&[0])));
			let Version {
				spec,
				deposit,
				superseded_at,
			} = Versions::<Test>::get(0, 1).unwrap();
			assert_eq!(deposit, version_deposit(1));
			assert_eq!(superseded_at, None);
			assert_eq!(
				spec.snapshots.to_vec(),
				[Snapshot {
					datanet: 0,
					batches: 2
				}]
			);
			assert_eq!(
				last_event(),
				Event::VersionAdded {
					model: 0,
					version: 1,
					spec_id: spec.id(),
					deposit
				}
				.into()
			);
			let before = Versions::<Test>::get(0, 0).unwrap();
			assert_eq!(before.superseded_at, Some(7));
			assert_eq!(
				before.spec.snapshots.to_vec(),
				[Snapshot {
					datanet: 0,
					batches: 1
				}]
			);
			let model = Records::<Test>::get(0).unwrap();
			assert_eq!((model.current_version, model.versions), (1, 2));
			assert_eq!(held(ALICE), MODEL_DEPOSIT + 2 * version_deposit(1));
			assert_eq!(Models::quote(0, 0).unwrap().version, 1);
			assert!(
				Datanets::withdraw_batch(signed(DATA), Datanets::batch_at(0, 1).unwrap()).is_err(),
				"the new snapshot is pinned"
			);
		});
}

#[test]
fn a_new_version_meets_the_demands_on_a_first_one() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.model(PAUPER_FRIEND)
		.build_and_execute(|| {
			assert_noop!(
				Models::new_version(signed(ALICE), 9, inputs(&[0])),
				E::UnknownModel
			);
			assert_noop!(
				Models::new_version(signed(BOB), 0, inputs(&[0])),
				E::NotOwner
			);
			assert_noop!(
				Models::new_version(signed(ALICE), 0, inputs(&[])),
				E::NoDatanets
			);
			assert_noop!(
				Models::new_version(signed(ALICE), 0, inputs(&[7])),
				E::UnknownDatanet
			);
			let files = SpecInputs {
				artifacts: Default::default(),
				..inputs(&[0])
			};
			assert_noop!(
				Models::new_version(signed(ALICE), 0, files),
				E::WrongArtifacts
			);

			let rest = Balances::free_balance(PAUPER_FRIEND) - 100;
			assert_ok!(Balances::transfer_allow_death(
				signed(PAUPER_FRIEND),
				DATA,
				rest
			));
			assert_noop!(
				Models::new_version(signed(PAUPER_FRIEND), 1, inputs(&[0])),
				TokenError::FundsUnavailable
			);
		});
}

const PAUPER_FRIEND: AccountId = CAROL;

#[test]
fn version_numbers_run_out_before_they_repeat() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			let version = Versions::<Test>::take(0, 0).unwrap();
			Versions::<Test>::insert(0, u32::MAX, version);
			Records::<Test>::mutate(0, |model| {
				model.as_mut().unwrap().current_version = u32::MAX
			});
			assert_noop!(
				Models::new_version(signed(ALICE), 0, inputs(&[0])),
				E::IdsExhausted
			);
		});
}

#[test]
fn a_superseded_version_goes_when_no_request_can_need_it() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			run_to(5);
			assert_ok!(Models::new_version(signed(ALICE), 0, inputs(&[0])));
			run_to(24);
			assert_noop!(Models::remove_version(signed(ALICE), 0, 0), E::TooEarly);
			assert!(Models::spec(0, 0).is_some());
			run_to(25);
			assert_ok!(Models::remove_version(signed(ALICE), 0, 0));
			assert_eq!(
				last_event(),
				Event::VersionRemoved {
					model: 0,
					version: 0,
					deposit: version_deposit(1)
				}
				.into()
			);
			assert_eq!(Models::spec(0, 0), None);
			assert_eq!(Records::<Test>::get(0).unwrap().versions, 1);
			assert_eq!(held(ALICE), MODEL_DEPOSIT + version_deposit(1));
		});
}

#[test]
fn removing_is_the_owners_and_never_of_the_current_version() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			assert_ok!(Models::new_version(signed(ALICE), 0, inputs(&[0])));
			run_to(100);
			assert_noop!(Models::remove_version(signed(ALICE), 1, 0), E::UnknownModel);
			assert_noop!(Models::remove_version(signed(BOB), 0, 0), E::NotOwner);
			assert_noop!(
				Models::remove_version(signed(ALICE), 0, 2),
				E::UnknownVersion
			);
			assert_noop!(Models::remove_version(signed(ALICE), 0, 1), E::VersionInUse);
			assert_ok!(Models::remove_version(signed(ALICE), 0, 0));
			assert_noop!(
				Models::remove_version(signed(ALICE), 0, 0),
				E::UnknownVersion
			);
		});
}
