//! What copiers and false claimants try.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::traits::Reply;

use crate::{mock::*, Event, NextClaim};

#[test]
fn a_copier_does_not_claim_against_the_original() {
	run(|| {
		let original = adapter(ALICE, "original");
		let copy = adapter(THIEF, "original, written otherwise");
		assert_noop!(claim(THIEF, copy, original), E::NotEarlier);
		// Nor with the very same file.
		let same = adapter(THIEF, "original");
		assert_noop!(claim(THIEF, same, original), E::NotEarlier);
		assert_ok!(claim(ALICE, original, same));
	});
}

#[test]
fn an_old_model_makes_no_copy_old() {
	run(|| {
		// The thief's model is older than the original, and has a version of its own.
		let old = adapter(THIEF, "something of its own");
		let original = adapter(ALICE, "original");
		add_version(THIEF, old, "original, written otherwise");
		let (copied, first) = (exhibit(old, 1), exhibit(original, 0));
		assert_noop!(
			Copies::claim(signed(THIEF), copied.clone(), first.clone(), 100),
			E::NotEarlier
		);
		// It is a copy all the same, and the original's id is above its own.
		let id = NextClaim::<Test>::get();
		assert_ok!(Copies::claim(signed(ALICE), first, copied, 100));
		say(0, 1_000_000);
		assert_ok!(Copies::decide(signed(ALICE), id));
		assert_ok!(enforced(id));
		assert_eq!(
			lineage(old),
			[(old, 750_000), (BASE, 0), (original, 250_000)]
		);
		// What it had before the original is no copy of it.
		let own = exhibit(old, 0);
		let later = exhibit(adapter(ALICE, "later"), 0);
		assert_ok!(Copies::claim(signed(THIEF), own, later, 100));
	});
}

#[test]
fn an_original_stays_one_when_its_file_is_named_again() {
	run(|| {
		let original = adapter(ALICE, "original");
		let copy = adapter(THIEF, "copy");
		// A later version with the same file, of which the first is removed.
		add_version(ALICE, original, "original");
		pass(20);
		assert_ok!(Models::remove_version(signed(ALICE), original, 0));
		assert_noop!(
			Copies::claim(signed(THIEF), exhibit(copy, 0), exhibit(original, 1), 100),
			E::NotEarlier
		);
		assert_ok!(Copies::claim(
			signed(ALICE),
			exhibit(original, 1),
			exhibit(copy, 0),
			100
		));
	});
}

#[test]
fn a_file_that_was_given_up_is_named_anew() {
	run(|| {
		let first = adapter(THIEF, "original");
		add_version(THIEF, first, "something else");
		pass(20);
		assert_ok!(Models::remove_version(signed(THIEF), first, 0));
		let original = adapter(ALICE, "original");
		add_version(THIEF, first, "original");
		assert_noop!(
			Copies::claim(signed(THIEF), exhibit(first, 2), exhibit(original, 0), 100),
			E::NotEarlier
		);
	});
}

#[test]
fn a_royalty_that_is_raised_for_a_copy_is_not_taken() {
	run(|| {
		let original = adapter(ALICE, "original");
		let copy = adapter(THIEF, "copy");
		assert_ok!(Models::set_terms(signed(ALICE), original, 5_000, true));
		assert_ok!(enforced(upheld(ALICE, original, copy)));
		assert_eq!(lineage(copy)[2], (original, 250_000));
		// One that was lowered is.
		let another = adapter(THIEF, "another copy");
		assert_ok!(Models::set_terms(signed(ALICE), original, 1_000, true));
		assert_ok!(enforced(upheld(ALICE, original, another)));
		assert_eq!(lineage(another)[2], (original, 100_000));
	});
}

#[test]
fn one_answer_decides_one_claim() {
	run(|| {
		let original = adapter(ALICE, "original");
		let (copy, other) = (adapter(THIEF, "copy"), adapter(THIEF, "no copy"));
		let first = claimed(ALICE, original, copy);
		let second = claimed(ALICE, original, other);
		say(0, 1_000_000);
		assert_noop!(Copies::decide(signed(ALICE), second), E::NotOver);
		assert_ok!(Copies::decide(signed(ALICE), first));
		assert_noop!(Copies::decide(signed(ALICE), first), E::AlreadyDecided);
		say(1, 0);
		assert_ok!(Copies::decide(signed(THIEF), second));
		assert_eq!(held(ALICE), BOND);
	});
}

#[test]
fn only_the_comparer_that_was_named_is_asked() {
	run(|| {
		// A comparer that whoever owns it could have served by friends alone.
		let own = register(ALICE, 0, pallet_models::Descent::Base, &comparer());
		assert!(own.is_ok());
		let original = adapter(ALICE, "original");
		let victim = adapter(BOB, "nothing like it");
		claimed(ALICE, original, victim);
		assert_eq!(Asked::get()[0].1, COMPARER);
	});
}

#[test]
fn who_has_the_evidence_vanish_loses_the_bond() {
	run(|| {
		let original = adapter(ALICE, "original");
		let other = adapter(BOB, "nothing like it");
		let id = claimed(ALICE, original, other);
		// It cancelled the request, or had the receipt forgotten.
		reply(0, Reply::Unknown);
		assert_ok!(Copies::decide(signed(BOB), id));
		let rejected = Event::Rejected {
			claim: id,
			similarity: None,
			forfeited: BOND,
		};
		assert_eq!(last_event(), rejected.into());
		assert_eq!(Balances::free_balance(TREASURY), RICH + BOND);
	});
}

#[test]
fn descendants_are_not_ancestors_too() {
	run(|| {
		let parent = adapter(BOB, "the parent's own");
		let child = adapter_on(parent, ALICE, "the child's");
		add_version(BOB, parent, "the child's, written otherwise");
		assert_noop!(
			Copies::claim(signed(ALICE), exhibit(child, 0), exhibit(parent, 1), 100),
			ModelError::BuiltOnCopy
		);
		// Nor after a copy of the child was found: two that share in each other could never be retired.
		let copy = adapter(THIEF, "the child's, once more");
		assert_ok!(enforced(upheld(ALICE, child, copy)));
		assert_eq!(lineage(copy).len(), 4);
		add_version(ALICE, child, "the copier's, written otherwise");
		assert_noop!(
			Copies::claim(signed(THIEF), exhibit(copy, 0), exhibit(child, 1), 100),
			ModelError::BuiltOnCopy
		);
	});
}
