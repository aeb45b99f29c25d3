//! Random calls of random accounts.

use frame_support::assert_ok;
use openledger_primitives::{traits::ModelRegistry, Balance, BatchId, DatanetId, ModelId};
use proptest::prelude::*;

use crate::{mock::*, Models as Records, Versions};

#[derive(Clone, Debug)]
enum Action {
	Register(AccountId, Vec<DatanetId>, Balance),
	NewVersion(AccountId, ModelId, Vec<DatanetId>),
	RemoveVersion(AccountId, ModelId, u32),
	Pause(AccountId, ModelId),
	Resume(AccountId, ModelId),
	SetPrice(AccountId, ModelId, Balance),
	Offer(AccountId, ModelId, AccountId),
	Cancel(AccountId, ModelId),
	Accept(AccountId, ModelId, Balance),
	Retire(AccountId, ModelId),
	AddBatch(DatanetId),
	WithdrawBatch(BatchId),
	Wait(u64),
}

fn action() -> impl Strategy<Value = Action> {
	let who = || ALICE..=PAUPER;
	let model = || 0..4u32;
	let datanets = || prop::collection::vec(0..3u32, 0..3);
	prop_oneof![
		3 => (who(), datanets(), 5..1_100u128).prop_map(|(w, d, p)| Action::Register(w, d, p)),
		5 => (who(), model(), datanets()).prop_map(|(w, m, d)| Action::NewVersion(w, m, d)),
		4 => (who(), model(), 0..4u32).prop_map(|(w, m, v)| Action::RemoveVersion(w, m, v)),
		2 => (who(), model()).prop_map(|(w, m)| Action::Pause(w, m)),
		1 => (who(), model()).prop_map(|(w, m)| Action::Resume(w, m)),
		1 => (who(), model(), 5..1_100u128).prop_map(|(w, m, p)| Action::SetPrice(w, m, p)),
		2 => (who(), model(), who()).prop_map(|(w, m, t)| Action::Offer(w, m, t)),
		1 => (who(), model()).prop_map(|(w, m)| Action::Cancel(w, m)),
		4 => (who(), model(), 0..2_000u128).prop_map(|(w, m, d)| Action::Accept(w, m, d)),
		2 => (who(), model()).prop_map(|(w, m)| Action::Retire(w, m)),
		2 => (0..2u32).prop_map(Action::AddBatch),
		2 => (0..20u64).prop_map(Action::WithdrawBatch),
		3 => (1..30u64).prop_map(Action::Wait),
	]
}

fn run(action: Action) {
	let before = sp_io::storage::root(sp_runtime::StateVersion::V1);
	let given = |datanets: Vec<_>| inputs(&datanets);
	let result = match action {
		Action::Register(who, datanets, price) => {
			Models::register(signed(who), text("MiniLM"), given(datanets), price)
		}
		Action::NewVersion(who, model, datanets) => {
			Models::new_version(signed(who), model, given(datanets))
		}
		Action::RemoveVersion(who, model, version) => {
			Models::remove_version(signed(who), model, version)
		}
		Action::Pause(who, model) => Models::pause(signed(who), model),
		Action::Resume(who, model) => Models::resume(signed(who), model),
		Action::SetPrice(who, model, price) => Models::set_price(signed(who), model, price),
		Action::Offer(who, model, to) => Models::transfer_ownership(signed(who), model, to),
		Action::Cancel(who, model) => Models::cancel_transfer(signed(who), model),
		Action::Accept(who, model, most) => Models::accept_ownership(signed(who), model, most),
		Action::Retire(who, model) => Models::retire(signed(who), model),
		Action::AddBatch(datanet) => {
			add_batch(datanet);
			Ok(())
		}
		Action::WithdrawBatch(batch) => Datanets::withdraw_batch(signed(DATA), batch),
		Action::Wait(blocks) => {
			run_to(System::block_number() + blocks);
			Ok(())
		}
	};
	if result.is_err() {
		assert_eq!(before, sp_io::storage::root(sp_runtime::StateVersion::V1));
	}
	try_state();
}

/// Retires every model, as its owner may once it has waited.
fn clean_up() {
	for model in 0..next_model() {
		let Some(record) = Records::<Test>::get(model) else {
			continue;
		};
		let owner = signed(record.owner);
		if record.paused_since.is_none() {
			assert_ok!(Models::pause(owner.clone(), model));
		}
		run_to(System::block_number() + 20);
		for version in 0..record.current_version {
			if Versions::<Test>::contains_key(model, version) {
				assert_ok!(Models::remove_version(owner.clone(), model, version));
			}
		}
		assert_ok!(Models::retire(owner, model));
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	#[test]
	fn invariants_hold_and_every_deposit_comes_back(
		actions in prop::collection::vec(action(), 1..80)
	) {
		ExtBuilder::default().datanet(2).datanet(1).datanet(0).model(ALICE).model(BOB)
			.build_and_execute(|| {
				actions.into_iter().for_each(run);
				clean_up();
				for (who, balance) in [(ALICE, RICH), (BOB, RICH), (CAROL, RICH), (PAUPER, 50)] {
					assert_eq!(held(who), 0);
					assert_eq!(Balances::free_balance(who), balance);
				}
				assert_eq!(Records::<Test>::iter().count(), 0);
				assert_eq!(Versions::<Test>::iter().count(), 0);
			});
	}

	#[test]
	fn a_fee_grows_with_the_input(bytes: u32, more: u32) {
		ExtBuilder::default().datanet(1).model(ALICE).build_and_execute(|| {
			let fee = |bytes| Models::quote(0, bytes).unwrap().fee;
			let longer = bytes.saturating_add(more);
			assert!(fee(bytes) <= fee(longer));
			assert!(fee(bytes) >= PRICE * u128::from(bytes) / 256);
			assert!(fee(bytes) <= PRICE * (u128::from(bytes) / 256 + 1));
		});
	}
}
