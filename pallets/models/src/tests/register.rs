//! Registering models.

use frame_support::{assert_noop, assert_ok, traits::Hooks};
use openledger_primitives::{
	lineage::WHOLE,
	model::{ArtifactKind, Audience, ModelSpec, Sampler, Snapshot, Task},
	traits::ModelRegistry,
	DatanetId,
};
use sp_runtime::{DispatchError, TokenError};

use crate::{
	fixtures::terms, mock::*, Descent, Event, Model, Models as Records, NextModelId, SpecInputs,
	Version, Versions,
};

fn with_artifacts(artifacts: &[(ArtifactKind, &str)]) -> SpecInputs {
	let artifacts = artifacts
		.iter()
		.map(|(kind, name)| artifact(*kind, name))
		.collect::<Vec<_>>();
	SpecInputs {
		artifacts: artifacts.try_into().unwrap(),
		..inputs(&[0])
	}
}

fn with_top_k(top_k: u32) -> SpecInputs {
	SpecInputs {
		task: Task::Search { top_k },
		..inputs(&[0])
	}
}

#[test]
fn constants_fit_each_other() {
	ExtBuilder::default().build_and_execute(<Models as Hooks<u64>>::integrity_test);
}

#[test]
fn a_model_is_registered_on_what_its_datanets_have_now() {
	ExtBuilder::default()
		.datanet(3)
		.datanet(2)
		.build_and_execute(|| {
			assert_ok!(register(ALICE, inputs(&[1, 0])));
			let SpecInputs {
				task,
				artifacts,
				policy,
				..
			} = inputs(&[]);
			let spec = ModelSpec {
				task,
				artifacts,
				policy,
				snapshots: vec![
					Snapshot {
						datanet: 1,
						batches: 2,
					},
					Snapshot {
						datanet: 0,
						batches: 3,
					},
				]
				.try_into()
				.unwrap(),
			};
			let deposit = MODEL_DEPOSIT + version_deposit(2);
			assert_eq!(
				last_event(),
				Event::ModelRegistered {
					model: 0,
					owner: ALICE,
					spec_id: spec.id(),
					price_per_unit: PRICE,
					lineage: vec![(0, WHOLE)].try_into().unwrap(),
					deposit,
				}
				.into()
			);
			assert_eq!(
				Records::<Test>::get(0),
				Some(Model {
					owner: ALICE,
					author: ALICE,
					offered_to: None,
					name: text("MiniLM"),
					terms: terms(),
					descent: Descent::Base,
					lineage: vec![(0, WHOLE)].try_into().unwrap(),
					depth: 1,
					descendants: 0,
					divided: false,
					deprecated: None,
					price_per_unit: PRICE,
					audience: Audience::Everyone,
					current_version: 0,
					versions: 1,
					paused_since: None,
					deposit: MODEL_DEPOSIT,
					held: deposit,
				})
			);
			assert_eq!(
				Versions::<Test>::get(0, 0),
				Some(Version {
					spec,
					deposit: version_deposit(2),
					superseded_at: None
				})
			);
			assert_eq!(held(ALICE), deposit);
			assert_eq!(pallet_datanets::Datanets::<Test>::get(0).unwrap().pinned, 3);
			assert_eq!(pallet_datanets::Datanets::<Test>::get(1).unwrap().pinned, 2);
		});
}

#[test]
fn the_deposit_can_be_asked_for_beforehand() {
	ExtBuilder::default().datanet(1).build_and_execute(|| {
		let licence = terms().licence;
		let deposit = Models::registration_deposit(text("MiniLM"), inputs(&[0]), licence);
		assert_ok!(register(ALICE, inputs(&[0])));
		assert_eq!(deposit, Some(held(ALICE)));
	});
}

#[test]
fn every_call_needs_a_signature() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			let root = RuntimeOrigin::root;
			for result in [
				Models::register(
					root(),
					text("MiniLM"),
					inputs(&[0]),
					PRICE,
					terms(),
					Descent::Base,
					0,
				),
				Models::new_version(root(), 0, inputs(&[0])),
				Models::remove_version(root(), 0, 0),
				Models::pause(root(), 0),
				Models::resume(root(), 0),
				Models::set_price(root(), 0, PRICE),
				Models::transfer_ownership(root(), 0, BOB),
				Models::cancel_transfer(root(), 0),
				Models::accept_ownership(root(), 0, RICH, false),
				Models::set_terms(root(), 0, 0, true),
				Models::admit(root(), 0, BOB),
				Models::dismiss(root(), 0, BOB),
				Models::deprecate(root(), 0, None),
				Models::name_trainer(root(), 0, 0, BOB),
				Models::attest(root(), 0, 0, attestation(1)),
				Models::divide(root(), 0, Default::default()),
				Models::reunite(root(), 0),
			] {
				assert_eq!(result, Err(DispatchError::BadOrigin));
			}
			for result in [
				Models::retire(root(), 0),
				Models::transfer_shares(root(), 0, BOB, 100),
				Models::distribute(root(), 0),
			] {
				assert_eq!(result.unwrap_err().error, DispatchError::BadOrigin);
			}
		});
}

#[test]
fn registering_needs_the_deposit() {
	ExtBuilder::default().datanet(1).build_and_execute(|| {
		assert_noop!(register(PAUPER, inputs(&[0])), TokenError::FundsUnavailable);
	});
}

#[test]
fn deposits_and_fees_that_cannot_be_counted_are_told() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			BytesPerUnit::set(0);
			assert_noop!(Models::quote(0, 1), E::FeeOverflow);
			ByteDeposit::set(u128::MAX);
			assert_noop!(register(ALICE, inputs(&[0])), E::DepositOverflow);
			assert_noop!(
				Models::new_version(signed(ALICE), 0, inputs(&[0])),
				E::DepositOverflow
			);
			assert_eq!(
				Models::registration_deposit(text("MiniLM"), inputs(&[0]), terms().licence),
				None
			);
		});
}

#[test]
fn names_are_for_people() {
	ExtBuilder::default().datanet(1).build_and_execute(|| {
		for name in ["", " MiniLM", "Mini\nLM"] {
			assert_noop!(named(ALICE, name, inputs(&[0]), PRICE), E::BadName);
		}
	});
}

#[test]
fn prices_have_bounds() {
	ExtBuilder::default().datanet(1).build_and_execute(|| {
		let register = |price| named(ALICE, "MiniLM", inputs(&[0]), price);
		assert_noop!(register(9), E::PriceTooLow);
		assert_noop!(register(1_001), E::PriceTooHigh);
		assert_ok!(register(10));
		assert_ok!(register(1_000));
	});
}

#[test]
fn a_search_returns_between_one_and_all_passages_that_can_be_cited() {
	ExtBuilder::default().datanet(1).build_and_execute(|| {
		assert_noop!(register(ALICE, with_top_k(0)), E::BadTopK);
		assert_noop!(register(ALICE, with_top_k(33)), E::BadTopK);
		assert_ok!(register(ALICE, with_top_k(1)));
		assert_ok!(register(ALICE, with_top_k(32)));
	});
}

#[test]
fn a_search_takes_one_graph_and_one_tokenizer() {
	use ArtifactKind::*;
	ExtBuilder::default().datanet(1).build_and_execute(|| {
		let wrong: [&[_]; 5] = [
			&[],
			&[(Graph, "g")],
			&[(Tokenizer, "t")],
			&[(Graph, "g"), (Graph, "h"), (Tokenizer, "t")],
			&[(Graph, "g"), (Tokenizer, "t"), (Tokenizer, "u")],
		];
		for artifacts in wrong {
			assert_noop!(
				register(ALICE, with_artifacts(artifacts)),
				E::WrongArtifacts
			);
		}
		let twice = with_artifacts(&[(Graph, "g"), (Tokenizer, "t"), (Weights, "g")]);
		assert_noop!(register(ALICE, twice), E::DuplicateArtifact);
		let with_weights = with_artifacts(&[
			(Weights, "w"),
			(Tokenizer, "t"),
			(Weights, "x"),
			(Graph, "g"),
		]);
		assert_ok!(register(ALICE, with_weights));
	});
}

#[test]
fn generation_has_a_budget_of_tokens() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(register(ALICE, generator(0)), E::BadMaxTokens);
		assert_noop!(register(ALICE, generator(2_049)), E::BadMaxTokens);
		assert_ok!(register(ALICE, generator(1)));
		assert_ok!(register(ALICE, generator(2_048)));
	});
}

#[test]
fn a_sampler_leaves_a_choice() {
	ExtBuilder::default().build_and_execute(|| {
		let with = |temperature, top_k, top_p| {
			let task = Task::Generate {
				max_tokens: 64,
				sampler: Sampler::Seeded {
					temperature,
					top_k,
					top_p,
				},
			};
			register(
				ALICE,
				SpecInputs {
					task,
					..generator(64)
				},
			)
		};
		for (temperature, top_k, top_p) in [
			(0, 1, 1),
			(1, 0, 1),
			(1, 1, 0),
			(10_001, 1, 1),
			(1, 1_025, 1),
			(1, 1, 1_000_001),
		] {
			assert_noop!(with(temperature, top_k, top_p), E::BadSampler);
		}
		assert_ok!(with(1, 1, 1));
		assert_ok!(with(10_000, 1_024, 1_000_000));
	});
}

#[test]
fn generation_takes_a_graph_a_tokenizer_and_a_description() {
	use ArtifactKind::*;
	ExtBuilder::default().datanet(1).build_and_execute(|| {
		let with = |artifacts: &[_]| SpecInputs {
			artifacts: with_artifacts(artifacts).artifacts,
			..generator(64)
		};
		let wrong: [&[_]; 4] = [
			&[(Graph, "g"), (Tokenizer, "t")],
			&[(Graph, "g"), (Generation, "d")],
			&[(Tokenizer, "t"), (Generation, "d")],
			&[
				(Graph, "g"),
				(Tokenizer, "t"),
				(Generation, "d"),
				(Generation, "e"),
			],
		];
		for artifacts in wrong {
			assert_noop!(register(ALICE, with(artifacts)), E::WrongArtifacts);
		}
		assert_ok!(register(
			ALICE,
			with(&[
				(Generation, "d"),
				(Weights, "w"),
				(Graph, "g"),
				(Tokenizer, "t")
			])
		));
		let on_data = SpecInputs {
			datanets: inputs(&[0]).datanets,
			..generator(64)
		};
		assert_ok!(register(ALICE, on_data));
	});
}

#[test]
fn an_answer_has_bounds_and_needs_data() {
	ExtBuilder::default().datanet(1).build_and_execute(|| {
		for (top_k, max_tokens, error) in [
			(0, 64, E::BadTopK),
			(9, 64, E::BadTopK),
			(4, 0, E::BadMaxTokens),
			(4, 2_049, E::BadMaxTokens),
		] {
			assert_noop!(register(ALICE, answerer(top_k, max_tokens)), error);
		}
		let sampler = Sampler::Seeded {
			temperature: 0,
			top_k: 1,
			top_p: 1,
		};
		let task = Task::Answer {
			top_k: 4,
			max_tokens: 64,
			sampler,
		};
		let bad_sampler = SpecInputs {
			task,
			..answerer(4, 64)
		};
		assert_noop!(register(ALICE, bad_sampler), E::BadSampler);
		let nothing = SpecInputs {
			datanets: Default::default(),
			..answerer(4, 64)
		};
		assert_noop!(register(ALICE, nothing), E::NoDatanets);
		assert_ok!(register(ALICE, answerer(1, 1)));
		assert_ok!(register(ALICE, answerer(8, 2_048)));
	});
}

#[test]
fn an_answer_takes_two_graphs_two_tokenizers_and_a_description() {
	ExtBuilder::default().datanet(1).build_and_execute(|| {
		let with = |kinds: &[ArtifactKind]| {
			let files = (0..).zip(kinds);
			let files: Vec<_> = files
				.map(|(n, kind)| artifact(*kind, &format!("{n}")))
				.collect();
			SpecInputs {
				artifacts: files.try_into().unwrap(),
				..answerer(4, 64)
			}
		};
		for left_out in ANSWER_KINDS {
			let mut kinds = ANSWER_KINDS.to_vec();
			kinds.retain(|kind| *kind != left_out);
			assert_noop!(register(ALICE, with(&kinds)), E::WrongArtifacts);
			let twice = [&ANSWER_KINDS[..], &[left_out]].concat();
			assert_noop!(register(ALICE, with(&twice)), E::WrongArtifacts);
		}
		let mut same = answerer(4, 64);
		same.artifacts[3].hash = same.artifacts[0].hash;
		assert_noop!(register(ALICE, same), E::DuplicateArtifact);
		let weights = [&ANSWER_KINDS[..], &[ArtifactKind::Weights; 3]].concat();
		assert_ok!(register(ALICE, with(&weights)));
	});
}

#[test]
fn what_an_answer_rests_on_is_compared_bit_by_bit() {
	ExtBuilder::default().datanet(1).build_and_execute(|| {
		let tolerant = SpecInputs {
			policy: tolerance(1),
			..answerer(4, 64)
		};
		assert_noop!(register(ALICE, tolerant), E::ScoresNotTolerated);
	});
}

#[test]
fn a_tolerance_lets_no_other_model_pass() {
	ExtBuilder::default().datanet(1).build_and_execute(|| {
		let with = |max_distance| SpecInputs {
			policy: tolerance(max_distance),
			..generator(64)
		};
		assert_noop!(register(ALICE, with(0)), E::BadDistance);
		assert_noop!(register(ALICE, with(100_001)), E::BadDistance);
		assert_ok!(register(ALICE, with(1)));
		assert_ok!(register(ALICE, with(100_000)));
		let search = SpecInputs {
			policy: tolerance(1),
			..inputs(&[0])
		};
		assert_noop!(register(ALICE, search), E::NothingToCompare);
	});
}

#[test]
fn a_search_needs_data_that_is_there() {
	ExtBuilder::default()
		.datanet(1)
		.datanet(0)
		.build_and_execute(|| {
			let cases: [(&[DatanetId], _); 4] = [
				(&[], E::NoDatanets),
				(&[0, 0], E::DuplicateDatanet),
				(&[0, 2], E::UnknownDatanet),
				(&[0, 1], E::EmptyDatanet),
			];
			for (datanets, error) in cases {
				assert_noop!(register(ALICE, inputs(datanets)), error);
			}
		});
}

#[test]
fn a_datanet_of_withdrawn_batches_is_nothing_to_build_on() {
	ExtBuilder::default().datanet(1).build_and_execute(|| {
		assert_ok!(Datanets::withdraw_batch(signed(DATA), 0));
		assert_noop!(
			register(ALICE, inputs(&[0])),
			pallet_datanets::Error::<Test>::NothingToPin
		);
		add_batch(0);
		assert_ok!(register(ALICE, inputs(&[0])));
	});
}

#[test]
fn snapshots_together_are_bounded() {
	ExtBuilder::default()
		.datanet(6)
		.datanet(6)
		.datanet(1)
		.build_and_execute(|| {
			assert_ok!(register(ALICE, inputs(&[0, 1])));
			assert_noop!(register(ALICE, inputs(&[0, 1, 2])), E::TooManyBatches);
		});
}

#[test]
fn ids_run_out_before_they_repeat() {
	ExtBuilder::default().datanet(1).build_and_execute(|| {
		NextModelId::<Test>::put(u32::MAX);
		assert_noop!(register(ALICE, inputs(&[0])), E::IdsExhausted);
	});
}
