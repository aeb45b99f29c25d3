//! Who named an adapter first, models that compare, and lineages that are corrected.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{
	lineage::MAX_ROYALTY,
	model::{ArtifactKind, Task},
	traits::{ModelRegistry, NamedAdapter, Originals},
	ContentHash, ModelId,
};

use crate::{mock::*, types::UNITS_PER_COMPARISON, Adapters, Event, Models as Records, SpecInputs};

fn comparer() -> SpecInputs {
	SpecInputs {
		task: Task::Compare,
		artifacts: Default::default(),
		..inputs(&[])
	}
}

/// A version with an adapter's file.
fn with(file: &str) -> SpecInputs {
	let mut inputs = generator(16);
	let adapter = artifact(ArtifactKind::Adapter, file);
	inputs.artifacts.try_push(adapter).unwrap();
	inputs
}

/// Registers an adapter on a model, with that file and royalty.
fn adapter(owner: AccountId, base: ModelId, file: &str, royalty: u32) -> ModelId {
	let id = next_model();
	let (name, inputs) = (text("SmolLM2"), with(file));
	let terms = takes(royalty);
	assert_ok!(Models::register(
		signed(owner),
		name,
		inputs,
		PRICE,
		terms,
		on(base),
		10_000
	));
	id
}

fn named(model: ModelId, version: u32) -> Option<(ContentHash, u64, u32)> {
	let NamedAdapter {
		content,
		order,
		royalty,
	} = <Models as Originals<_>>::adapter(model, version)?;
	Some((content, order, royalty))
}

fn base() -> ModelId {
	build(CAROL, takes(0), crate::Descent::Base).unwrap()
}

#[test]
fn a_comparison_takes_no_files_and_no_data() {
	ExtBuilder::default().datanet(1).build_and_execute(|| {
		assert_ok!(register(ALICE, comparer()));
		assert_eq!(
			Models::quote(0, 700).unwrap().units,
			3 + UNITS_PER_COMPARISON
		);
		let files = SpecInputs {
			artifacts: inputs(&[]).artifacts,
			..comparer()
		};
		assert_noop!(register(ALICE, files), E::WrongArtifacts);
		let data = SpecInputs {
			datanets: inputs(&[0]).datanets,
			..comparer()
		};
		assert_noop!(register(ALICE, data), E::DataUnused);
		let tolerant = SpecInputs {
			policy: tolerance(1_000),
			..comparer()
		};
		assert_noop!(register(ALICE, tolerant), E::NothingToCompare);
	});
}

#[test]
fn the_first_naming_counts_for_as_long_as_a_version_has_the_file() {
	ExtBuilder::default().build_and_execute(|| {
		let base = base();
		let (first, second) = (
			adapter(ALICE, base, "a", 1_000),
			adapter(BOB, base, "a", 2_000),
		);
		let a = ContentHash::of(b"a");
		assert_eq!(named(first, 0), Some((a, 0, 1_000)));
		assert_eq!(named(second, 0), Some((a, 1, 2_000)));
		assert_eq!((named(base, 0), named(first, 1)), (None, None));
		// Another file, and the first again.
		assert_ok!(Models::new_version(signed(ALICE), first, with("b")));
		assert_ok!(Models::new_version(signed(ALICE), first, with("a")));
		assert_eq!(named(first, 1), Some((ContentHash::of(b"b"), 2, 1_000)));
		assert_eq!(named(first, 2), Some((a, 0, 1_000)));
		run_to(30);
		assert_ok!(Models::remove_version(signed(ALICE), first, 0));
		assert_eq!(named(first, 2), Some((a, 0, 1_000)));
		// Once none has it any more it is named anew.
		assert_ok!(Models::new_version(signed(ALICE), first, with("c")));
		run_to(60);
		assert_ok!(Models::remove_version(signed(ALICE), first, 2));
		assert!(!Adapters::<Test>::contains_key(first, a));
		assert_ok!(Models::new_version(signed(ALICE), first, with("a")));
		assert_eq!(named(first, 4), Some((a, 4, 1_000)));
	});
}

#[test]
fn the_least_royalty_counts_that_was_asked() {
	ExtBuilder::default().build_and_execute(|| {
		let id = adapter(ALICE, base(), "a", 1_000);
		let royalty = || named(id, 0).unwrap().2;
		assert_ok!(Models::set_terms(signed(ALICE), id, 3_000, true));
		assert_eq!(royalty(), 1_000);
		assert_ok!(Models::set_terms(signed(ALICE), id, 500, true));
		assert_eq!(royalty(), 500);
	});
}

#[test]
fn namings_end_with_their_model() {
	ExtBuilder::default().build_and_execute(|| {
		let id = adapter(ALICE, base(), "a", 1_000);
		let with_file = held(ALICE);
		assert_ok!(Models::pause(signed(ALICE), id));
		run_to(30);
		assert_ok!(Models::retire(signed(ALICE), id));
		assert_eq!((Adapters::<Test>::iter().count(), held(ALICE)), (0, 0));
		build(ALICE, takes(0), on(0)).unwrap();
		// The file in the version, and the record of its naming: 16 bytes at 2 each.
		let (file, record) = (2 * 33, 2 * 16);
		assert_eq!(with_file, held(ALICE) + file + record);
	});
}

#[test]
fn an_imposed_ancestor_shares_and_stays() {
	ExtBuilder::default().build_and_execute(|| {
		let base = base();
		let (copy, original) = (
			adapter(BOB, base, "copy", 0),
			adapter(ALICE, base, "original", 2_000),
		);
		assert_ok!(Models::ensure_imposable(original, copy));
		assert_ok!(<Models as Originals<_>>::impose(original, copy, 2_000));
		let model = Records::<Test>::get(copy).unwrap();
		assert_eq!(
			model.lineage.to_vec(),
			[(copy, 800_000), (base, 0), (original, 200_000)]
		);
		assert_eq!(
			last_event(),
			Event::AncestorImposed {
				ancestor: original,
				model: copy,
				lineage: model.lineage
			}
			.into()
		);
		assert_eq!(Records::<Test>::get(original).unwrap().descendants, 1);
		assert_eq!(Records::<Test>::get(base).unwrap().descendants, 2);
		assert_noop!(
			<Models as Originals<_>>::impose(original, copy, 2_000),
			E::AlreadyAncestor
		);
		assert_ok!(Models::pause(signed(ALICE), original));
		run_to(30);
		assert_noop!(Models::retire(signed(ALICE), original), E::HasDescendants);
	});
}

#[test]
fn what_is_no_ancestor_is_not_imposed() {
	ExtBuilder::default().build_and_execute(|| {
		let base = base();
		let parent = adapter(BOB, base, "parent", 0);
		let child = adapter(ALICE, parent, "child", 0);
		let impose = <Models as Originals<AccountId>>::impose;
		assert_noop!(impose(child, child, 0), E::AlreadyAncestor);
		assert_noop!(impose(parent, child, 0), E::AlreadyAncestor);
		assert_noop!(impose(child, parent, 0), E::BuiltOnCopy);
		assert_noop!(impose(99, child, 0), E::UnknownModel);
		assert_noop!(impose(child, 99, 0), E::UnknownModel);
		let other = adapter(CAROL, base, "other", 0);
		assert_noop!(impose(other, child, MAX_ROYALTY + 1), E::RoyaltyTooHigh);
		for n in 0..5 {
			let next = adapter(CAROL, base, &format!("{n}"), 0);
			assert_ok!(impose(next, child, 0));
		}
		assert_noop!(impose(other, child, 0), E::LineageTooLong);
		assert_noop!(Models::ensure_imposable(other, child), E::LineageTooLong);
	});
}
