//! What models are built on, on which terms, and who shares in their fees.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{
	lineage::{MAX_PARTS, WHOLE},
	model::ArtifactKind,
	traits::{ModelRegistry, Royalty},
	ModelId,
};

use crate::{
	fixtures::terms, mock::*, Builders, Descent, Event, Model, Models as Records, SpecInputs, Terms,
};

fn record(model: ModelId) -> Model<AccountId, u64> {
	Records::<Test>::get(model).unwrap()
}

fn lineage(model: ModelId) -> Vec<(ModelId, u32)> {
	record(model).lineage.into_inner()
}

fn closed() -> Terms {
	Terms {
		open: false,
		..terms()
	}
}

/// A base of Alice's that takes a fifth, and two adapters on it, of Bob's and Carol's, that take a half and a
/// tenth.
fn family() {
	assert_eq!(build(ALICE, takes(2_000), Descent::Base), Ok(0));
	assert_eq!(build(BOB, takes(5_000), on(0)), Ok(1));
	assert_eq!(build(CAROL, takes(1_000), on(0)), Ok(2));
}

#[test]
fn an_adapter_passes_a_royalty_on_to_its_base() {
	ExtBuilder::default().build_and_execute(|| {
		family();
		assert_eq!(lineage(0), [(0, WHOLE)]);
		assert_eq!(lineage(1), [(1, 800_000), (0, 200_000)]);
		assert_eq!((record(0).descendants, record(1).descendants), (2, 0));
		assert_eq!((record(0).depth, record(1).depth), (1, 2));
		assert_eq!(
			Models::royalties(1),
			[
				Royalty {
					model: 1,
					taker: BOB,
					author: BOB,
					weight: 800_000
				},
				Royalty {
					model: 0,
					taker: ALICE,
					author: ALICE,
					weight: 200_000
				},
			]
		);
	});
}

#[test]
fn a_merge_passes_royalties_on_by_the_weights_of_its_parts() {
	ExtBuilder::default().build_and_execute(|| {
		family();
		let descent = Descent::Merge {
			parts: vec![(1, 3), (2, 1)].try_into().unwrap(),
		};
		assert_eq!(build(PAUPER, takes(0), descent.clone()), Err(broke()));
		assert_eq!(build(DATA, takes(0), descent), Ok(3));
		// Bob's adapter takes half of three quarters, Carol's a tenth of one quarter; both pass a fifth of
		// that on to the base.
		assert_eq!(
			lineage(3),
			[(3, 600_000), (0, 80_000), (1, 300_000), (2, 20_000)]
		);
		assert_eq!(record(3).depth, 3);
		let descendants: Vec<_> = (0..4).map(|model| record(model).descendants).collect();
		assert_eq!(descendants, [3, 1, 1, 0]);

		assert_eq!(build(ALICE, takes(0), on(3)), Ok(4));
		assert_eq!(record(4).depth, 4);
		assert_eq!(
			lineage(4),
			[(4, WHOLE), (0, 0), (1, 0), (2, 0), (3, 0)],
			"who takes nothing is still an ancestor"
		);
		assert_eq!(Models::takers(4), [(ALICE, WHOLE)]);
		assert_eq!(record(0).descendants, 4);
	});
}

fn broke() -> sp_runtime::DispatchError {
	sp_runtime::TokenError::FundsUnavailable.into()
}

#[test]
fn a_lineage_is_not_deeper_than_four_generations() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(build(ALICE, takes(1), Descent::Base));
		for base in 0..3 {
			assert_ok!(build(ALICE, takes(1), on(base)));
		}
		assert_noop!(build(ALICE, takes(1), on(3)), E::LineageTooDeep);
	});
}

#[test]
fn no_more_than_eight_models_share_in_a_fee() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(build(ALICE, takes(1), Descent::Base));
		for _ in 0..MAX_PARTS {
			assert_ok!(build(ALICE, takes(1), on(0)));
		}
		let parts: Vec<_> = (1..=MAX_PARTS).collect();
		let merge = build(ALICE, takes(1), merge_of(&parts)).unwrap();
		assert_eq!(lineage(merge).len(), 8);
		assert_noop!(build(ALICE, takes(1), on(merge)), E::LineageTooLong);
		assert_ok!(build(ALICE, takes(1), merge_of(&parts[1..])));
	});
}

#[test]
fn what_is_built_on_has_to_be_there() {
	ExtBuilder::default().build_and_execute(|| {
		family();
		assert_noop!(build(ALICE, takes(0), on(3)), E::UnknownModel);
		assert_noop!(build(ALICE, takes(0), merge_of(&[1, 3])), E::UnknownModel);
	});
}

#[test]
fn a_merge_is_of_different_adapters_with_weights() {
	ExtBuilder::default().build_and_execute(|| {
		family();
		let weightless = Descent::Merge {
			parts: vec![(1, 1), (2, 0)].try_into().unwrap(),
		};
		for descent in [merge_of(&[]), merge_of(&[1, 1]), weightless] {
			assert_noop!(build(ALICE, takes(0), descent), E::BadParts);
		}
		assert_noop!(build(ALICE, takes(0), merge_of(&[0])), E::NotAnAdapter);
		let merge = build(ALICE, takes(0), merge_of(&[1])).unwrap();
		assert_noop!(
			build(ALICE, takes(0), merge_of(&[1, merge])),
			E::NotAnAdapter
		);
	});
}

#[test]
fn the_adapters_of_a_merge_are_on_one_base() {
	ExtBuilder::default().build_and_execute(|| {
		family();
		let other = build(ALICE, takes(0), Descent::Base).unwrap();
		let stranger = build(ALICE, takes(0), on(other)).unwrap();
		assert_noop!(
			build(ALICE, takes(0), merge_of(&[1, stranger])),
			E::DifferentBases
		);
		// An adapter on an adapter is none on that one's base.
		let second = build(ALICE, takes(0), on(1)).unwrap();
		assert_noop!(
			build(ALICE, takes(0), merge_of(&[1, second])),
			E::DifferentBases
		);
	});
}

#[test]
fn terms_have_bounds() {
	ExtBuilder::default().build_and_execute(|| {
		let licensed = |licence| Terms {
			licence: text(licence),
			..terms()
		};
		for licence in ["", "free for all"] {
			assert_noop!(
				build(ALICE, licensed(licence), Descent::Base),
				E::BadLicence
			);
		}
		assert_noop!(build(ALICE, takes(5_001), Descent::Base), E::RoyaltyTooHigh);
		assert_ok!(build(ALICE, takes(5_000), Descent::Base));
		assert_noop!(
			Models::set_terms(signed(ALICE), 0, 5_001, true),
			E::RoyaltyTooHigh
		);
		assert_noop!(
			Models::set_terms(signed(ALICE), 1, 0, true),
			E::UnknownModel
		);
		assert_noop!(Models::set_terms(signed(BOB), 0, 0, true), E::NotOwner);
	});
}

#[test]
fn terms_hold_for_what_is_built_from_then_on() {
	ExtBuilder::default().build_and_execute(|| {
		family();
		assert_ok!(Models::set_terms(signed(ALICE), 0, 4_000, true));
		assert_eq!(
			last_event(),
			Event::TermsSet {
				model: 0,
				royalty: 4_000,
				open: true
			}
			.into()
		);
		assert_eq!(lineage(1), [(1, 800_000), (0, 200_000)]);
		let later = build(BOB, takes(0), on(0)).unwrap();
		assert_eq!(lineage(later), [(later, 600_000), (0, 400_000)]);
	});
}

#[test]
fn building_on_a_closed_model_takes_its_owners_consent() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(build(ALICE, closed(), Descent::Base));
		assert_noop!(build(BOB, terms(), on(0)), E::NotAdmitted);
		assert_ok!(build(ALICE, terms(), on(0)));

		let before = held(ALICE);
		assert_ok!(Models::admit(signed(ALICE), 0, BOB));
		assert_eq!(
			last_event(),
			Event::BuilderAdmitted {
				model: 0,
				builder: BOB
			}
			.into()
		);
		assert_eq!(held(ALICE) - before, 2 * (16 + 16));
		assert_ok!(build(BOB, terms(), on(0)));
		assert_noop!(build(CAROL, terms(), on(0)), E::NotAdmitted);

		assert_ok!(Models::dismiss(signed(ALICE), 0, BOB));
		assert_eq!(
			last_event(),
			Event::BuilderDismissed {
				model: 0,
				builder: BOB
			}
			.into()
		);
		assert_eq!(held(ALICE), before);
		assert_noop!(build(BOB, terms(), on(0)), E::NotAdmitted);
		assert!(!Builders::<Test>::contains_key(0));

		assert_ok!(Models::set_terms(signed(ALICE), 0, 0, true));
		assert_ok!(build(CAROL, terms(), on(0)));
	});
}

#[test]
fn a_merge_takes_the_consent_of_every_parts_owner() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(build(ALICE, terms(), Descent::Base));
		assert_ok!(build(ALICE, terms(), on(0)));
		assert_ok!(build(BOB, closed(), on(0)));
		assert_noop!(build(CAROL, terms(), merge_of(&[1, 2])), E::NotAdmitted);
		assert_ok!(Models::admit(signed(BOB), 2, CAROL));
		assert_ok!(build(CAROL, terms(), merge_of(&[1, 2])));
	});
}

#[test]
fn the_list_of_builders_is_the_owners_and_bounded() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(build(ALICE, closed(), Descent::Base));
		assert_noop!(Models::admit(signed(ALICE), 1, BOB), E::UnknownModel);
		assert_noop!(Models::admit(signed(BOB), 0, BOB), E::NotOwner);
		assert_noop!(Models::dismiss(signed(BOB), 0, BOB), E::NotOwner);
		assert_noop!(Models::dismiss(signed(ALICE), 1, BOB), E::UnknownModel);
		assert_noop!(Models::dismiss(signed(ALICE), 0, BOB), E::NotAdmitted);
		for who in 0..32 {
			assert_ok!(Models::admit(signed(ALICE), 0, 100 + who));
		}
		assert_noop!(Models::admit(signed(ALICE), 0, 100), E::AlreadyAdmitted);
		assert_noop!(Models::admit(signed(ALICE), 0, BOB), E::TooManyBuilders);
		ByteDeposit::set(u128::MAX);
		assert_noop!(Models::admit(signed(ALICE), 0, BOB), E::DepositOverflow);
		ByteDeposit::set(2);
	});
}

#[test]
fn a_deprecated_model_answers_and_is_built_on_no_more() {
	ExtBuilder::default().build_and_execute(|| {
		family();
		run_to(5);
		assert_ok!(Models::deprecate(signed(ALICE), 0, None));
		assert_eq!(
			last_event(),
			Event::ModelDeprecated {
				model: 0,
				successor: None
			}
			.into()
		);
		assert_ok!(Models::quote(0, 1));
		assert_noop!(build(ALICE, terms(), on(0)), E::Deprecated);
		assert_ok!(build(ALICE, terms(), merge_of(&[1, 2])));
		assert_ok!(Models::deprecate(signed(CAROL), 2, Some(1)));
		assert_noop!(build(ALICE, terms(), merge_of(&[1, 2])), E::Deprecated);

		run_to(9);
		assert_ok!(Models::deprecate(signed(ALICE), 0, Some(1)));
		let deprecated = record(0).deprecated.unwrap();
		assert_eq!((deprecated.since, deprecated.successor), (5, Some(1)));
		assert_noop!(
			Models::deprecate(signed(ALICE), 0, Some(0)),
			E::OwnSuccessor
		);
		assert_noop!(
			Models::deprecate(signed(ALICE), 0, Some(9)),
			E::UnknownModel
		);
		assert_noop!(Models::deprecate(signed(ALICE), 9, None), E::UnknownModel);
		assert_noop!(Models::deprecate(signed(BOB), 0, None), E::NotOwner);
	});
}

#[test]
fn an_ancestor_stays_for_as_long_as_it_has_descendants() {
	ExtBuilder::default().build_and_execute(|| {
		family();
		for (who, model) in [(ALICE, 0), (BOB, 1), (CAROL, 2)] {
			assert_ok!(Models::pause(signed(who), model));
		}
		run_to(30);
		assert_noop!(Models::retire(signed(ALICE), 0), E::HasDescendants);
		assert_ok!(Models::retire(signed(BOB), 1));
		assert_noop!(Models::retire(signed(ALICE), 0), E::HasDescendants);
		assert_ok!(Models::retire(signed(CAROL), 2));
		assert_eq!(record(0).descendants, 0);
		assert_ok!(Models::admit(signed(ALICE), 0, BOB));
		assert_ok!(Models::name_trainer(signed(ALICE), 0, 0, BOB));
		assert_ok!(Models::retire(signed(ALICE), 0));
		assert_eq!(held(ALICE) + held(BOB) + held(CAROL), 0);
	});
}

#[test]
fn the_author_stays_when_the_owner_changes() {
	ExtBuilder::default().build_and_execute(|| {
		family();
		assert_ok!(Models::transfer_ownership(signed(ALICE), 0, BOB));
		assert_ok!(Models::accept_ownership(signed(BOB), 0, RICH, false));
		assert_eq!(
			Models::royalties(1).last(),
			Some(&Royalty {
				model: 0,
				taker: BOB,
				author: ALICE,
				weight: 200_000
			})
		);
	});
}

#[test]
fn an_adapters_file_is_for_adapters() {
	ExtBuilder::default().build_and_execute(|| {
		family();
		let with = |count: u32| {
			let mut artifacts = generator(16).artifacts;
			for n in 0..count {
				let file = artifact(ArtifactKind::Adapter, &format!("adapter {n}"));
				artifacts.try_push(file).unwrap();
			}
			SpecInputs {
				artifacts,
				..generator(16)
			}
		};
		assert_noop!(
			Models::new_version(signed(ALICE), 0, with(1)),
			E::WrongArtifacts
		);
		assert_noop!(register(ALICE, with(1)), E::WrongArtifacts);
		assert_noop!(
			Models::new_version(signed(BOB), 1, with(2)),
			E::WrongArtifacts
		);
		assert_ok!(Models::new_version(signed(BOB), 1, with(1)));
	});
}
