//! What trainers say.

use frame_support::{assert_noop, assert_ok};

use crate::{mock::*, Event, Trainings};

#[test]
fn the_named_trainer_attests_once() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			let before = held(ALICE);
			assert_noop!(
				Models::attest(signed(BOB), 0, 0, attestation(1)),
				E::NotTrainer
			);
			assert_ok!(Models::name_trainer(signed(ALICE), 0, 0, CAROL));
			let deposit = held(ALICE) - before;
			// The trainer, what it says, and the deposit.
			assert_eq!(deposit, 2 * (16 + 1 + 3 * 32 + 4 + 16));
			assert_ok!(Models::name_trainer(signed(ALICE), 0, 0, BOB));
			assert_eq!(
				last_event(),
				Event::TrainerNamed {
					model: 0,
					version: 0,
					trainer: BOB
				}
				.into()
			);
			assert_eq!(held(ALICE) - before, deposit);

			for who in [ALICE, CAROL] {
				assert_noop!(
					Models::attest(signed(who), 0, 0, attestation(1)),
					E::NotTrainer
				);
			}
			assert_noop!(
				Models::attest(signed(BOB), 0, 0, attestation(0)),
				E::EmptyLog
			);
			assert_ok!(Models::attest(signed(BOB), 0, 0, attestation(7)));
			assert_eq!(
				last_event(),
				Event::TrainingAttested {
					model: 0,
					version: 0,
					trainer: BOB,
					attestation: attestation(7)
				}
				.into()
			);
			assert_noop!(
				Models::attest(signed(BOB), 0, 0, attestation(8)),
				E::AlreadyAttested
			);
			assert_noop!(
				Models::name_trainer(signed(ALICE), 0, 0, CAROL),
				E::AlreadyAttested
			);
			let training = Trainings::<Test>::get(0, 0).unwrap();
			assert_eq!(training.attestation, Some(attestation(7)));
			assert_eq!(training.trainer, BOB);
		});
}

#[test]
fn naming_is_the_owners_and_of_a_version_that_is_there() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			let name = |who, model, version| Models::name_trainer(signed(who), model, version, BOB);
			assert_noop!(name(ALICE, 1, 0), E::UnknownModel);
			assert_noop!(name(BOB, 0, 0), E::NotOwner);
			assert_noop!(name(ALICE, 0, 1), E::UnknownVersion);
			ByteDeposit::set(u128::MAX);
			assert_noop!(name(ALICE, 0, 0), E::DepositOverflow);
		});
}

#[test]
fn a_training_goes_with_its_version() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			assert_ok!(Models::name_trainer(signed(ALICE), 0, 0, BOB));
			assert_ok!(Models::attest(signed(BOB), 0, 0, attestation(1)));
			assert_ok!(Models::new_version(signed(ALICE), 0, inputs(&[0])));
			assert_ok!(Models::name_trainer(signed(ALICE), 0, 1, BOB));
			let before = held(ALICE);
			let training = Trainings::<Test>::get(0, 0).unwrap();
			run_to(30);
			assert_ok!(Models::remove_version(signed(ALICE), 0, 0));
			assert_eq!(Trainings::<Test>::iter_keys().collect::<Vec<_>>(), [(0, 1)]);
			assert_eq!(before - held(ALICE), version_deposit(1) + training.deposit);
		});
}
