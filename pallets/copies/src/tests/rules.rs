//! By what claims are decided.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::ModelId;
use sp_runtime::DispatchError::BadOrigin;

use crate::{
	mock::*,
	types::{MAX_COMMITTEE, MAX_THRESHOLD, MIN_COMMITTEE, MIN_THRESHOLD},
	CurrentRules, Event, Rules,
};

fn set(change: impl FnOnce(&mut Rules)) -> sp_runtime::DispatchResult {
	let mut rules = rules();
	change(&mut rules);
	Copies::set_rules(RuntimeOrigin::root(), Some(rules))
}

#[test]
fn the_admin_sets_them_within_bounds() {
	run(|| {
		assert_noop!(Copies::set_rules(signed(ALICE), Some(rules())), BadOrigin);
		for threshold in [0, MIN_THRESHOLD - 1, MAX_THRESHOLD + 1, u32::MAX] {
			assert_noop!(
				set(|rules| rules.threshold = threshold),
				E::ThresholdOutOfRange
			);
		}
		for committee in [0, MIN_COMMITTEE - 1, MAX_COMMITTEE + 1, u32::MAX] {
			assert_noop!(
				set(|rules| rules.min_committee = committee),
				E::CommitteeOutOfRange
			);
		}
		for committee in [MIN_COMMITTEE, MAX_COMMITTEE] {
			assert_ok!(set(|rules| rules.min_committee = committee));
		}
		assert_noop!(set(|rules| rules.comparer = 77), E::UnknownModel);
		assert_noop!(set(|rules| rules.comparer = BASE), E::NotAComparer);
		for threshold in [MIN_THRESHOLD, MAX_THRESHOLD] {
			assert_ok!(set(|rules| rules.threshold = threshold));
			let rules = CurrentRules::<Test>::get();
			assert_eq!(last_event(), Event::RulesSet { rules }.into());
			assert_eq!(rules.unwrap().threshold, threshold);
		}
	});
}

#[test]
fn none_are_taken_without() {
	run(|| {
		let (original, copy) = (adapter(ALICE, "a"), adapter(THIEF, "b"));
		assert_ok!(Copies::set_rules(RuntimeOrigin::root(), None));
		assert_noop!(claim(ALICE, original, copy), E::NoRules);
	});
}

#[test]
fn others_do_not_change_a_claim_that_was_made() {
	run(|| {
		let (original, copy) = (adapter(ALICE, "a"), adapter(THIEF, "b"));
		let id = claimed(ALICE, original, copy);
		assert_ok!(set(|rules| rules.threshold = MAX_THRESHOLD));
		say(0, 900_000);
		assert_ok!(Copies::decide(signed(BOB), id));
		assert_ok!(enforced(id));
	});
}

#[test]
fn a_comparer_whose_owner_has_it_do_something_else_is_not_asked() {
	run(|| {
		let (original, copy): (ModelId, _) = (adapter(ALICE, "a"), adapter(THIEF, "b"));
		let other = generator(None);
		assert_ok!(Models::new_version(signed(OWNER), COMPARER, other));
		assert_noop!(claim(ALICE, original, copy), E::NotAComparer);
	});
}
