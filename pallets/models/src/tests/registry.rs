//! What other pallets see through `ModelRegistry`.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{
	model::ModelClass,
	traits::{ModelOwners, ModelRegistry, Quote},
};

use crate::mock::*;

#[test]
fn a_fee_counts_units_of_compute() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			for (bytes, units) in [
				(0, 1),
				(1, 1),
				(255, 1),
				(256, 2),
				(511, 2),
				(512, 3),
				(u32::MAX, 1 << 24),
			] {
				let fee = PRICE * u128::from(units);
				let quote = Quote {
					version: 0,
					class: ModelClass::Search,
					units,
					fee,
				};
				assert_eq!(Models::quote(0, bytes), Ok(quote));
				assert_eq!(Models::fee(0, bytes), Some((0, fee)));
			}
		});
}

#[test]
fn tokens_that_may_be_generated_count_too() {
	ExtBuilder::default().build_and_execute(|| {
		for (max_tokens, units) in [(1, 1), (16, 1), (17, 2), (256, 16)] {
			let model = next_model();
			assert_ok!(register(ALICE, generator(max_tokens)));
			for (bytes, more) in [(0, 1), (256, 2)] {
				let units = units + more;
				let quote = Quote {
					version: 0,
					class: ModelClass::Generate,
					units,
					fee: PRICE * u128::from(units),
				};
				assert_eq!(Models::quote(model, bytes), Ok(quote));
			}
		}
	});
}

#[test]
fn what_passages_did_is_found_out_for_a_fee() {
	ExtBuilder::default().datanet(1).build_and_execute(|| {
		// Generated, and read once more with all passages and without each.
		for (top_k, max_tokens, units) in [
			(1, 1, 1 + 2 * 5),
			(3, 48, 3 + 4 * 5),
			(8, 129, 9 + 9 * 6),
			(8, 2_048, 128 + 9 * 20),
		] {
			let model = next_model();
			assert_ok!(register(ALICE, answerer(top_k, max_tokens)));
			for (bytes, more) in [(0, 1), (256, 2)] {
				let units = units + more;
				let quote = Quote {
					version: 0,
					class: ModelClass::Generate,
					units,
					fee: PRICE * u128::from(units),
				};
				assert_eq!(Models::quote(model, bytes), Ok(quote));
			}
		}
	});
}

#[test]
fn an_unknown_model_is_not_quoted() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			assert_noop!(Models::quote(1, 0), E::UnknownModel);
			assert_eq!(Models::fee(1, 0), None);
			assert_eq!(Models::current_version(1), None);
			assert_eq!(Models::spec(1, 0), None);
			assert_eq!(Models::spec(0, 1), None);
			assert_eq!(Models::takers(1), []);
		});
}

#[test]
fn a_version_is_built_on_its_snapshot_and_nothing_else() {
	ExtBuilder::default()
		.datanet(2)
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			add_batch(0);
			assert_ok!(Models::new_version(signed(ALICE), 0, inputs(&[1, 0])));
			for (version, datanet, index, built_on) in [
				(0, 0, 0, true),
				(0, 0, 1, true),
				(0, 0, 2, false),
				(0, 1, 0, false),
				(1, 0, 2, true),
				(1, 0, 3, false),
				(1, 1, 0, true),
				(1, 1, 1, false),
				(1, 2, 0, false),
				(2, 0, 0, false),
			] {
				assert_eq!(
					Models::is_built_on(0, version, datanet, index),
					built_on,
					"version {version}, Datanet {datanet}, place {index}"
				);
			}
			assert!(!Models::is_built_on(1, 0, 0, 0));
		});
}

#[test]
fn owners_are_known_by_versions_that_are_kept() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			let owner = |version| <Models as ModelOwners<_>>::owner(0, version);
			assert_eq!((owner(0), owner(1)), (Some(ALICE), None));
			let next = <Models as ModelOwners<_>>::next_id();
			assert_eq!((next, next_model()), (1, 1));
			assert_eq!(<Models as ModelOwners<_>>::owner(next, 0), None);
		});
}
