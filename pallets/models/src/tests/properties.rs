//! Random calls of random accounts.

use frame_support::assert_ok;
use openledger_primitives::{
	lineage::WHOLE, split::apportion, traits::ModelRegistry, Balance, BatchId, DatanetId, ModelId,
};
use proptest::prelude::*;
use sp_runtime::DispatchResult;

use crate::{mock::*, types::SHARES, Descent, Holders, Models as Records, Versions};

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
	Build(AccountId, u32, Descent),
	SetTerms(AccountId, ModelId, u32, bool),
	Admit(AccountId, ModelId, AccountId),
	Dismiss(AccountId, ModelId, AccountId),
	Deprecate(AccountId, ModelId),
	NameTrainer(AccountId, ModelId, u32, AccountId),
	Attest(AccountId, ModelId, u32),
	Divide(AccountId, ModelId, Vec<(AccountId, u32)>),
	TransferShares(AccountId, ModelId, AccountId, u32),
	Distribute(ModelId),
	Reunite(AccountId, ModelId),
	Earn(ModelId, Balance),
	AddBatch(DatanetId),
	WithdrawBatch(BatchId),
	Wait(u64),
}

fn action() -> impl Strategy<Value = Action> {
	let who = || ALICE..=PAUPER;
	let model = || 0..6u32;
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
		5 => (who(), 0..6_000u32, descent()).prop_map(|(w, r, d)| Action::Build(w, r, d)),
		1 => (who(), model(), 0..6_000u32, any::<bool>())
			.prop_map(|(w, m, r, open)| Action::SetTerms(w, m, r, open)),
		1 => (who(), model(), who()).prop_map(|(w, m, t)| Action::Admit(w, m, t)),
		1 => (who(), model(), who()).prop_map(|(w, m, t)| Action::Dismiss(w, m, t)),
		1 => (who(), 0..8u32).prop_map(|(w, m)| Action::Deprecate(w, m)),
		2 => (who(), model(), 0..3u32, who())
			.prop_map(|(w, m, v, t)| Action::NameTrainer(w, m, v, t)),
		2 => (who(), model(), 0..3u32).prop_map(|(w, m, v)| Action::Attest(w, m, v)),
		4 => (who(), model(), holders()).prop_map(|(w, m, h)| Action::Divide(w, m, h)),
		4 => (who(), model(), who(), 0..9_000u32)
			.prop_map(|(w, m, t, a)| Action::TransferShares(w, m, t, a)),
		2 => model().prop_map(Action::Distribute),
		2 => (who(), model()).prop_map(|(w, m)| Action::Reunite(w, m)),
		3 => (model(), 0..1_000u128).prop_map(|(m, a)| Action::Earn(m, a)),
		2 => (0..2u32).prop_map(Action::AddBatch),
		2 => (0..20u64).prop_map(Action::WithdrawBatch),
		3 => (1..30u64).prop_map(Action::Wait),
	]
}

fn descent() -> impl Strategy<Value = Descent> {
	let parts = prop::collection::vec((0..10u32, 0..4u32), 0..4);
	prop_oneof![
		1 => Just(Descent::Base),
		3 => (0..10u32).prop_map(on),
		3 => parts.prop_map(|parts| Descent::Merge { parts: parts.try_into().unwrap() }),
	]
}

/// Mostly all shares, held by up to four.
fn holders() -> impl Strategy<Value = Vec<(AccountId, u32)>> {
	prop_oneof![
		1 => Just(vec![(ALICE, SHARES)]),
		1 => Just(vec![(BOB, SHARES)]),
		3 => (100..9_900u32).prop_map(|part| vec![(ALICE, part), (BOB, SHARES - part)]),
		2 => (100..4_900u32, 100..5_000u32)
			.prop_map(|(a, b)| vec![(ALICE, a), (CAROL, b), (PAUPER, SHARES - a - b)]),
		1 => prop::collection::vec((ALICE..=PAUPER, 0..9_000u32), 0..4),
	]
}

fn result_of(result: frame_support::pallet_prelude::DispatchResultWithPostInfo) -> DispatchResult {
	result.map(|_| ()).map_err(|error| error.error)
}

/// All that was credited so far.
fn credited() -> Balance {
	Credited::get().values().sum()
}

fn run(action: Action) {
	let before = sp_io::storage::root(sp_runtime::StateVersion::V1);
	let credited_before = (!matches!(action, Action::Earn(..))).then(credited);
	let given = |datanets: Vec<_>| inputs(&datanets);
	let result = match action {
		Action::Register(who, datanets, price) => named(who, "MiniLM", given(datanets), price),
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
		Action::Accept(who, model, most) => {
			let divided = Holders::<Test>::contains_key(model);
			Models::accept_ownership(signed(who), model, most, divided)
		}
		Action::Retire(who, model) => result_of(Models::retire(signed(who), model)),
		Action::Build(who, royalty, descent) => build(who, takes(royalty), descent).map(|_| ()),
		Action::SetTerms(who, model, royalty, open) => {
			Models::set_terms(signed(who), model, royalty, open)
		}
		Action::Admit(who, model, builder) => Models::admit(signed(who), model, builder),
		Action::Dismiss(who, model, builder) => Models::dismiss(signed(who), model, builder),
		Action::Deprecate(who, model) => Models::deprecate(signed(who), model, None),
		Action::NameTrainer(who, model, version, trainer) => {
			Models::name_trainer(signed(who), model, version, trainer)
		}
		Action::Attest(who, model, version) => {
			Models::attest(signed(who), model, version, attestation(1))
		}
		Action::Divide(who, model, holders) => {
			Models::divide(signed(who), model, holders.try_into().unwrap())
		}
		Action::TransferShares(who, model, to, amount) => {
			result_of(Models::transfer_shares(signed(who), model, to, amount))
		}
		Action::Distribute(model) => result_of(Models::distribute(signed(CAROL), model)),
		Action::Reunite(who, model) => Models::reunite(signed(who), model),
		Action::Earn(model, amount) => {
			earn(model, amount);
			Ok(())
		}
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
	if let Some(credited_before) = credited_before {
		assert_eq!(
			credited(),
			credited_before,
			"shares only pass on what there is"
		);
	}
	if result.is_err() {
		assert_eq!(before, sp_io::storage::root(sp_runtime::StateVersion::V1));
	}
	try_state();
}

/// Credits those that share in a model's fees with an amount, to the unit.
fn earn(model: ModelId, amount: Balance) {
	let royalties = Models::royalties(model);
	let total: u32 = royalties.iter().map(|royalty| royalty.weight).sum();
	assert_eq!(total, if royalties.is_empty() { 0 } else { WHOLE });
	assert!(royalties.len() <= 8);
	let weights: Vec<_> = royalties
		.iter()
		.map(|royalty| royalty.weight.into())
		.collect();
	let before = credited();
	if let Some(parts) = apportion(amount, &weights) {
		for (royalty, part) in royalties.into_iter().zip(parts) {
			credit(royalty.taker, part);
		}
		assert_eq!(credited() - before, amount);
	}
}

/// Retires every model, descendants first, as its owner may once it has waited.
fn clean_up() {
	for model in (0..next_model()).rev() {
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
		assert_eq!(credit_of(Models::revenue_account(model)), 0);
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
