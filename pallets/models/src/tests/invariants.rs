//! Each invariant is noticed when it is broken.

use std::collections::BTreeMap;

use frame_support::{assert_ok, traits::tokens::fungible::hold::Mutate, BoundedVec};
use openledger_primitives::model::Task;
use sp_runtime::DispatchError;

use crate::{
	mock::*, Builders, HoldReason, Holders, Models as Records, NextModelId, Trainings, Versions,
};

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

/// The same with a model 1 that is an adapter on it, divided, closed, and trained by Bob.
fn broken_kin(invariant: &str, break_it: impl FnOnce()) {
	broken(invariant, || {
		assert_ok!(build(ALICE, takes(1_000), on(0)));
		assert_ok!(Models::admit(signed(ALICE), 1, BOB));
		assert_ok!(Models::name_trainer(signed(ALICE), 1, 0, BOB));
		let holders = vec![(ALICE, 5_000), (BOB, 5_000)];
		assert_ok!(Models::divide(
			signed(ALICE),
			1,
			holders.try_into().unwrap()
		));
		assert_ok!(Models::do_try_state());
		break_it();
	});
}

fn kin(change: impl FnOnce(&mut crate::Model<AccountId, u64>)) {
	Records::<Test>::mutate(1, |model| change(model.as_mut().unwrap()));
}

fn holdings(change: impl FnOnce(&mut BTreeMap<AccountId, u32>)) {
	Holders::<Test>::mutate(1, |record| {
		let record = record.as_mut().unwrap();
		let mut holders = record.holders.clone().into_inner();
		change(&mut holders);
		record.holders = holders.try_into().unwrap();
	});
}

#[test]
fn one_terms() {
	broken("1:", || model(|model| model.terms.royalty = 5_001));
	broken("1:", || model(|model| model.terms.licence = text("")));
}

#[test]
fn six_deposits_of_all_kinds() {
	broken_kin("6", || {
		Holders::<Test>::mutate(1, |record| record.as_mut().unwrap().deposit += 1)
	});
	broken_kin("6", || {
		Builders::<Test>::mutate(1, |list| list[0].deposit += 1)
	});
	broken_kin("6", || {
		Trainings::<Test>::mutate(1, 0, |record| record.as_mut().unwrap().deposit += 1)
	});
}

#[test]
fn seven_lineages() {
	broken_kin("7", || kin(|model| model.lineage[0].1 -= 1));
	broken_kin("7", || kin(|model| model.lineage[0].0 = 0));
	broken_kin("7", || kin(|model| model.lineage[1].0 = 1));
	broken_kin("7", || {
		kin(|model| model.lineage = vec![(1, 1_000_000)].try_into().unwrap())
	});
	broken_kin("7", || kin(|model| model.descent = on(9)));
	broken_kin("7", || kin(|model| model.depth = 1));
	broken_kin("7", || kin(|model| model.descendants = 1));
	broken_kin("7", || model(|model| model.descendants = 0));
}

#[test]
fn eight_shares() {
	broken_kin("8", || kin(|model| model.divided = false));
	broken_kin("8", || Holders::<Test>::remove(1));
	broken_kin("8", || {
		holdings(|holders| {
			holders.insert(ALICE, 5_001);
		})
	});
	broken_kin("8", || {
		holdings(|holders| {
			holders.insert(ALICE, 4_999);
			holders.insert(CAROL, 1);
		})
	});
	broken_kin("8", || {
		holdings(|holders| {
			holders.remove(&ALICE);
			holders.insert(Models::revenue_account(1), 5_000);
		})
	});
	broken_kin("8", || {
		let record = Holders::<Test>::get(1).unwrap();
		Holders::<Test>::insert(9, record);
	});
}

#[test]
fn nine_builders() {
	broken_kin("9", || {
		Builders::<Test>::mutate(1, |list| {
			let again = list[0].clone();
			list.try_push(again).unwrap();
		})
	});
	broken_kin("9", || Builders::<Test>::insert(0, BoundedVec::default()));
	broken_kin("9", || {
		let list = Builders::<Test>::get(1);
		Builders::<Test>::insert(9, list);
	});
}

#[test]
fn ten_trainings() {
	broken_kin("10:", || {
		let record = Trainings::<Test>::get(1, 0).unwrap();
		Trainings::<Test>::insert(1, 7, record);
	});
	broken_kin("10:", || {
		Trainings::<Test>::mutate(1, 0, |record| {
			record.as_mut().unwrap().attestation = Some(attestation(0))
		})
	});
	broken_kin("10:", || {
		let record = Trainings::<Test>::get(1, 0).unwrap();
		Trainings::<Test>::insert(9, 0, record);
	});
}
