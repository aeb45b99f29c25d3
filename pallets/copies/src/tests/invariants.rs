//! That broken state is found.

use frame_support::traits::{fungible::hold::Mutate, tokens::Precision::Exact};

use crate::{mock::*, Claim, Claims, CurrentRules, HoldReason, NextClaim, Pairs, Stage};

type Record = Claim<AccountId, u64>;

/// Breaks the state of a chain with a claim, and says which invariant that violates.
fn broken(number: &str, breaking: impl FnOnce()) {
	run(|| {
		let (original, copy) = (adapter(ALICE, "a"), adapter(THIEF, "b"));
		upheld(ALICE, original, copy);
		let root = frame_support::storage::with_transaction(|| {
			breaking();
			let found = Copies::do_try_state();
			frame_support::storage::TransactionOutcome::Rollback(
				Ok::<_, sp_runtime::DispatchError>(found),
			)
		});
		let found = format!("{:?}", root.unwrap().unwrap_err());
		assert!(found.contains(&format!("\"{number}: ")), "{found}");
	});
}

fn change(change: impl FnOnce(&mut Record)) {
	Claims::<Test>::mutate(0, |claim| change(claim.as_mut().unwrap()));
}

#[test]
fn one_claims_and_pairs() {
	broken("1", || NextClaim::<Test>::put(0));
	broken("1", || Pairs::<Test>::remove(3, 2));
	broken("1", || Pairs::<Test>::insert(7, 8, 0));
	broken("1", || change(|claim| claim.original = 1));
}

#[test]
fn two_bonds() {
	broken("2", || change(|claim| claim.bond -= 1));
	broken("2", || {
		Balances::release(&HoldReason::Bond.into(), &ALICE, 1, Exact).unwrap();
	});
}

#[test]
fn two_bonds_without_a_claim() {
	broken("2", || {
		Balances::hold(&HoldReason::Bond.into(), &BOB, 1).unwrap();
	});
	broken("2", || {
		Claims::<Test>::remove(0);
		Pairs::<Test>::remove(3, 2);
	});
}

#[test]
fn three_bounds() {
	broken("3", || change(|claim| claim.threshold = 1));
	broken("3", || {
		CurrentRules::<Test>::mutate(|rules| rules.as_mut().unwrap().min_committee = 1);
	});
}

#[test]
fn four_verdicts() {
	broken("4", || {
		change(|claim| {
			claim.stage = Stage::Upheld {
				similarity: claim.threshold - 1,
				enforce_at: 1,
			}
		});
	});
}
