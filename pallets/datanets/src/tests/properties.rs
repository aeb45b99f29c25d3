//! Random calls of random accounts.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{traits::DataRegistry, BatchId, DatanetId};
use proptest::prelude::*;

use crate::{mock::*, Batches, Datanets as Records, HoldReason, NextBatchId, NextDatanetId};

#[derive(Clone, Debug)]
enum Action {
	Create(AccountId),
	Update(AccountId, DatanetId, usize),
	Close(AccountId, DatanetId),
	Add(AccountId, DatanetId, u64),
	Withdraw(AccountId, BatchId),
	Pin(DatanetId, u32),
}

fn action() -> impl Strategy<Value = Action> {
	let who = ALICE..=PAUPER;
	prop_oneof![
		2 => who.clone().prop_map(Action::Create),
		1 => (who.clone(), 0..4u32, 0..100usize).prop_map(|(w, d, n)| Action::Update(w, d, n)),
		1 => (who.clone(), 0..4u32).prop_map(|(w, d)| Action::Close(w, d)),
		6 => (who.clone(), 0..4u32, 0..12u64).prop_map(|(w, d, n)| Action::Add(w, d, n)),
		4 => (who, 0..20u64).prop_map(|(w, b)| Action::Withdraw(w, b)),
		1 => (0..4u32, 0..4u32).prop_map(|(d, n)| Action::Pin(d, n)),
	]
}

fn run(action: Action) {
	let before = sp_io::storage::root(sp_runtime::StateVersion::V1);
	let result = match action {
		Action::Create(who) => Datanets::create_datanet(signed(who), details()),
		Action::Update(who, datanet, length) => {
			Datanets::update_metadata(signed(who), datanet, text(&"m".repeat(length)))
		}
		Action::Close(who, datanet) => Datanets::close_datanet(signed(who), datanet),
		Action::Add(who, datanet, n) => Datanets::add_batch(signed(who), datanet, batch(n)),
		Action::Withdraw(who, batch) => withdraw(who, batch),
		Action::Pin(datanet, batches) => <Datanets as DataRegistry<_>>::pin(datanet, batches),
	};
	if result.is_err() {
		assert_eq!(before, sp_io::storage::root(sp_runtime::StateVersion::V1));
	}
	Datanets::do_try_state().unwrap();
}

/// Takes back all that can be taken back.
fn clean_up() {
	for id in 0..NextBatchId::<Test>::get() {
		let Some(batch) = Batches::<Test>::get(id) else {
			continue;
		};
		if batch.index < Records::<Test>::get(batch.datanet).unwrap().pinned {
			assert_noop!(withdraw(batch.contributor, id), E::BatchInUse);
		} else {
			assert_ok!(withdraw(batch.contributor, id));
		}
	}
	for id in 0..NextDatanetId::<Test>::get() {
		let Some(datanet) = Records::<Test>::get(id) else {
			continue;
		};
		let closed = Datanets::close_datanet(signed(datanet.owner), id);
		assert_eq!(closed.is_ok(), datanet.pinned == 0);
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	#[test]
	fn invariants_hold_and_deposits_come_back(
		actions in prop::collection::vec(action(), 1..60)
	) {
		ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
			actions.into_iter().for_each(run);
			clean_up();
			let pinned = Records::<Test>::iter().map(|(_, datanet)| datanet.deposit).sum::<u128>()
				+ Batches::<Test>::iter().map(|(_, batch)| batch.deposit).sum::<u128>();
			assert!(Records::<Test>::iter().all(|(_, datanet)| datanet.pinned > 0));
			let left = (ALICE..=PAUPER)
				.map(|who| {
					held(HoldReason::DatanetDeposit, who) + held(HoldReason::BatchDeposit, who)
				})
				.sum::<u128>();
			assert_eq!(left, pinned, "only what is built on is still held");
		});
	}

	#[test]
	fn without_pins_every_deposit_comes_back(
		actions in prop::collection::vec(action(), 1..60)
	) {
		ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
			actions
				.into_iter()
				.filter(|action| !matches!(action, Action::Pin(..)))
				.for_each(run);
			clean_up();
			for (who, balance) in [(ALICE, RICH), (BOB, RICH), (CAROL, RICH), (PAUPER, 50)] {
				assert_eq!(Balances::free_balance(who), balance);
			}
			assert_eq!(Batches::<Test>::iter().count(), 0);
			assert_eq!(Records::<Test>::iter().count(), 0);
		});
	}
}
