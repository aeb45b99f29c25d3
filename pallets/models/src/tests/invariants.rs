//! Each invariant is noticed when it is broken.

use frame_support::{assert_ok, traits::tokens::fungible::hold::Mutate};
use openledger_primitives::model::Task;
use sp_runtime::DispatchError;

use crate::{mock::*, HoldReason, Models as Records, NextModelId, Versions};

/// Breaks a state of a model with two versions, and expects the invariant to be named.
fn broken(invariant: &str, break_it: impl FnOnce()) {
	ExtBuilder::default()
		.datanet(2)
		.model(ALICE)
		.build_and_execute(|| {
			assert_ok!(Models::new_version(signed(ALICE), 0, inputs(&[0])));
			assert_ok!(Models::do_try_state());
			let checked = frame_support::storage::with_transaction_unchecked(|| {
				break_it();
				sp_runtime::TransactionOutcome::Rollback(Models::do_try_state())
			});
			match checked {
				Err(DispatchError::Other(message)) => {
					assert!(
						message.starts_with(invariant),
						"{message}, in place of {invariant}"
					)
				}
				other => panic!("{other:?}, in place of {invariant}"),
			}
		});
}

fn model(change: impl FnOnce(&mut crate::Model<AccountId, u64>)) {
	Records::<Test>::mutate(0, |model| change(model.as_mut().unwrap()));
}

fn version(number: u32, change: impl FnOnce(&mut crate::Version<u64>)) {
	Versions::<Test>::mutate(0, number, |version| change(version.as_mut().unwrap()));
}

#[test]
fn one_models() {
	broken("1", || NextModelId::<Test>::put(0));
	broken("1", || model(|model| model.name = text("")));
	broken("1", || model(|model| model.price_per_unit = 0));
	broken("1", || model(|model| model.offered_to = Some(ALICE)));
}

#[test]
fn two_versions_of_models() {
	broken("2", || model(|model| model.versions = 1));
	broken("2", || {
		let record = Versions::<Test>::get(0, 0).unwrap();
		Versions::<Test>::insert(0, 2, record);
	});
	broken("2", || {
		let record = Versions::<Test>::get(0, 0).unwrap();
		Versions::<Test>::insert(7, 0, record);
	});
}

#[test]
fn three_the_current_version() {
	broken("3", || {
		version(1, |version| version.superseded_at = Some(1))
	});
	broken("3", || version(0, |version| version.superseded_at = None));
	broken("3", || {
		version(0, |version| version.superseded_at = Some(9))
	});
	broken("3", || {
		Versions::<Test>::remove(0, 1);
		model(|model| model.versions = 1);
	});
}

#[test]
fn four_what_can_run() {
	broken("4", || {
		version(0, |version| version.spec.task = Task::Search { top_k: 0 })
	});
	broken("4", || version(0, |version| version.spec.artifacts.clear()));
	broken("4", || version(0, |version| version.spec.snapshots.clear()));
}

#[test]
fn five_snapshots() {
	broken("5", || {
		version(0, |version| version.spec.snapshots[0].batches = 3)
	});
	broken("5", || {
		version(0, |version| version.spec.snapshots[0].batches = 0)
	});
	broken("5", || {
		version(0, |version| version.spec.snapshots[0].datanet = 1)
	});
	broken("5", || {
		pallet_datanets::Datanets::<Test>::mutate(0, |d| d.as_mut().unwrap().batches = 13);
		version(0, |version| version.spec.snapshots[0].batches = 13);
	});
}

#[test]
fn six_deposits() {
	broken("6", || model(|model| model.held += 1));
	broken("6", || {
		model(|model| {
			model.deposit += 1;
			model.held += 1;
		})
	});
	broken("6", || {
		assert_ok!(Balances::hold(&HoldReason::ModelDeposit.into(), &ALICE, 1));
	});
}
