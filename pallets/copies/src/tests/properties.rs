//! Random calls of random accounts.

use openledger_primitives::{
	lineage::WHOLE,
	traits::{Originals, Reply},
	Balance, ModelId,
};
use proptest::prelude::*;

use crate::{mock::*, ClaimId};

#[derive(Clone, Debug)]
enum Action {
	Register(AccountId, ModelId, u8),
	AddVersion(AccountId, ModelId, u8),
	RemoveVersion(AccountId, ModelId, u32),
	Pause(AccountId, ModelId),
	Retire(AccountId, ModelId),
	SetRoyalty(AccountId, ModelId, u32),
	Offer(AccountId, ModelId, AccountId),
	Claim(AccountId, (ModelId, u32), (ModelId, u32)),
	Say(u64, u32),
	Lose(u64),
	Fail(u64),
	Decide(ClaimId),
	Enforce(ClaimId),
	Dismiss(ClaimId),
	Withdraw(AccountId, ClaimId),
	Wait(u64),
}

fn action() -> impl Strategy<Value = Action> {
	let who = || ALICE..=PAUPER;
	let model = || 2..9u32;
	let claim = || 0..8u64;
	let exhibit = || (2..9u32, (0..4u32).prop_map(|n| n / 3));
	prop_oneof![
		6 => (who(), 0..9u32, any::<u8>()).prop_map(|(w, b, f)| Action::Register(w, b, f)),
		4 => (who(), model(), any::<u8>()).prop_map(|(w, m, f)| Action::AddVersion(w, m, f)),
		2 => (who(), model(), 0..3u32).prop_map(|(w, m, v)| Action::RemoveVersion(w, m, v)),
		1 => (who(), model()).prop_map(|(w, m)| Action::Pause(w, m)),
		1 => (who(), model()).prop_map(|(w, m)| Action::Retire(w, m)),
		1 => (who(), model(), 0..=5_000u32).prop_map(|(w, m, r)| Action::SetRoyalty(w, m, r)),
		1 => (who(), model(), who()).prop_map(|(w, m, t)| Action::Offer(w, m, t)),
		16 => (who(), exhibit(), exhibit()).prop_map(|(w, o, c)| Action::Claim(w, o, c)),
		6 => (claim(), 850_000..=1_000_000u32).prop_map(|(c, s)| Action::Say(c, s)),
		1 => claim().prop_map(Action::Lose),
		1 => claim().prop_map(Action::Fail),
		8 => claim().prop_map(Action::Decide),
		8 => claim().prop_map(Action::Enforce),
		1 => claim().prop_map(Action::Dismiss),
		1 => (who(), claim()).prop_map(|(w, c)| Action::Withdraw(w, c)),
		4 => (1..30u64).prop_map(Action::Wait),
	]
}

fn file(n: u8) -> String {
	format!("file {}", n % 16)
}

fn perform(action: Action) {
	// Most fail, as they should: what counts is what holds afterwards.
	let _ = match action {
		Action::Register(who, base, name) => register(
			who,
			ROYALTY,
			pallet_models::Descent::Adapter { base },
			&generator(Some(&file(name))),
		)
		.map(drop),
		Action::AddVersion(who, model, name) => {
			Models::new_version(signed(who), model, generator(Some(&file(name))))
		}
		Action::RemoveVersion(who, model, version) => {
			Models::remove_version(signed(who), model, version)
		}
		Action::Pause(who, model) => Models::pause(signed(who), model),
		Action::Retire(who, model) => Models::retire(signed(who), model)
			.map(drop)
			.map_err(|failed| failed.error),
		Action::SetRoyalty(who, model, royalty) => {
			Models::set_terms(signed(who), model, royalty, true)
		}
		Action::Offer(who, model, to) => Models::transfer_ownership(signed(who), model, to)
			.and_then(|()| Models::accept_ownership(signed(to), model, RICH, false)),
		// By the original's owner for the most part.
		Action::Claim(who, original, copy) => Copies::claim(
			signed(match <Models as Originals<_>>::owner(original.0) {
				Some(owner) if who != PAUPER => owner,
				_ => who,
			}),
			exhibit(original.0, original.1),
			exhibit(copy.0, copy.1),
			100,
		),
		Action::Say(request, similarity) => {
			say(request, similarity);
			Ok(())
		}
		Action::Lose(request) => {
			reply(request, Reply::Unknown);
			Ok(())
		}
		Action::Fail(request) => {
			reply(request, Reply::Unanswered);
			Ok(())
		}
		Action::Decide(claim) => Copies::decide(signed(BOB), claim),
		Action::Enforce(claim) => Copies::enforce(signed(BOB), claim),
		Action::Dismiss(claim) => Copies::dismiss(RuntimeOrigin::root(), claim),
		Action::Withdraw(who, claim) => Copies::withdraw(signed(who), claim),
		Action::Wait(blocks) => {
			pass(blocks);
			Ok(())
		}
	};
}

fn issued() -> Balance {
	pallet_balances::TotalIssuance::<Test>::get()
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(128))]

	#[test]
	fn whatever_is_called_the_invariants_hold(actions in prop::collection::vec(action(), 1..120)) {
		run(|| {
			for (n, who) in (0..).zip([ALICE, THIEF, BOB, ALICE, THIEF]) {
				adapter(who, &file(n));
			}
			let before = issued();
			for action in actions {
				perform(action);
				try_state();
				assert_eq!(issued(), before, "nothing is made or lost");
			}
			for (id, model) in pallet_models::Models::<Test>::iter() {
				let whole: u32 = model.lineage.iter().map(|(_, weight)| weight).sum();
				assert_eq!(whole, WHOLE);
				assert_eq!(model.lineage[0].0, id);
			}
		});
	}
}
