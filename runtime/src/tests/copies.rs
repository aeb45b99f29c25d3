//! A claim that an adapter was copied, with the real models, agents and committees: from the comparison to
//! what the original's owner gets of the copy's next fee, to the unit.

use super::chain::{signed, Chain};
use crate::{
	constants::currency::{MILLI_UNIT, UNIT},
	genesis_config_presets::DEVELOPMENT,
	AccountId, Attribution, Balance, Balances, Copies, Inference, Models, Runtime, RuntimeCall,
	UncheckedExtrinsic,
};
use frame_support::{assert_ok, traits::fungible::InspectHold};
use frame_system::offchain::CreateAuthorizedTransaction;
use openledger_primitives::{
	data::Locator,
	model::{Artifact, ArtifactKind, Policy, Profile, Provider, Sampler, Task},
	protocol,
	similarity::to_text,
	split::{apportion, Shares},
	Answer, ContentHash, ModelId, Outcome, Output, RequestId,
};
use pallet_copies::{Claims, Exhibit, HoldReason, Rules, Stage};
use pallet_inference::{Input, Phase};
use pallet_models::{fixtures, Descent, SpecInputs, Terms};
use sp_core::{sr25519, Pair};
use sp_keyring::Sr25519Keyring::{
	self, AliceStash, Bob, BobStash, Charlie, CharlieStash, Dave, Eve,
};
use sp_runtime::{DispatchResult, Permill};

/// Owns the base and the comparer.
const OWNER: Sr25519Keyring = Bob;
const ORIGINATOR: Sr25519Keyring = Charlie;
const THIEF: Sr25519Keyring = Dave;
const PAYER: Sr25519Keyring = Eve;
const AGENTS: [Sr25519Keyring; 3] = [AliceStash, BobStash, CharlieStash];

const BASE: ModelId = 0;
const COMPARER: ModelId = 1;
const ORIGINAL: ModelId = 2;
const COPY: ModelId = 3;
/// A quarter.
const ROYALTY: u32 = 2_500;

fn operator(agent: Sr25519Keyring) -> sr25519::Pair {
	sr25519::Pair::from_string(&format!("//{agent}//operator"), None).expect("a valid path")
}

fn inputs(task: Task, files: &[(ArtifactKind, &str)]) -> SpecInputs {
	let artifacts = files.iter().map(|(kind, name)| Artifact {
		kind: *kind,
		hash: ContentHash::of(name.as_bytes()),
	});
	SpecInputs {
		task,
		artifacts: artifacts.collect::<Vec<_>>().try_into().expect("few"),
		policy: Policy::Exact {
			onnxruntime: [1, 31, 1],
		},
		datanets: Default::default(),
	}
}

fn generator(adapter: Option<&str>) -> SpecInputs {
	let mut files = vec![
		(ArtifactKind::Graph, "graph"),
		(ArtifactKind::Tokenizer, "tokenizer"),
		(ArtifactKind::Generation, "generation"),
	];
	files.extend(adapter.map(|name| (ArtifactKind::Adapter, name)));
	let task = Task::Generate {
		max_tokens: 16,
		sampler: Sampler::Greedy,
	};
	inputs(task, &files)
}

fn register(
	chain: &mut Chain,
	by: Sr25519Keyring,
	inputs: SpecInputs,
	descent: Descent,
) -> DispatchResult {
	chain.call(
		by,
		pallet_models::Call::register {
			name: b"SmolLM2".to_vec().try_into().expect("short"),
			inputs,
			price_per_unit: MILLI_UNIT,
			terms: Terms {
				royalty: if descent == Descent::Base { 0 } else { ROYALTY },
				..fixtures::terms()
			},
			descent,
			max_royalty: 0,
		},
	)
}

/// A chain with an original, its copy, and agents that serve the copy and compare.
fn scene() -> Chain {
	let mut chain = Chain::new(DEVELOPMENT);
	let adapter = Descent::Adapter { base: BASE };
	for (by, inputs, descent) in [
		(OWNER, generator(None), Descent::Base),
		(OWNER, inputs(Task::Compare, &[]), Descent::Base),
		(ORIGINATOR, generator(Some("original")), adapter.clone()),
		(THIEF, generator(Some("copy")), adapter),
	] {
		assert_ok!(register(&mut chain, by, inputs, descent));
	}
	for agent in AGENTS {
		assert_ok!(chain.call(
			agent,
			pallet_agents::Call::register {
				operator_key: operator(agent).public(),
				profile: Profile {
					provider: Provider::Cpu,
					onnxruntime: [1, 31, 1],
					memory: 4_096,
				},
				endpoint: Default::default(),
				models: vec![COMPARER, COPY].try_into().expect("few"),
				bond: 1_000 * UNIT,
				commission: Permill::zero(),
			},
		));
	}
	let rules = Some(Rules {
		comparer: COMPARER,
		threshold: 900_000,
		min_committee: 3,
	});
	chain.execute(|| {
		assert_ok!(Copies::set_rules(crate::RuntimeOrigin::root(), rules));
	});
	chain
}

fn exhibit(model: ModelId) -> Exhibit {
	let url = b"https://example.org/adapter_model.safetensors".to_vec();
	Exhibit {
		model,
		version: 0,
		bytes: 1_000_000,
		locator: Locator::Url(url.try_into().expect("short")),
	}
}

fn said(text: Vec<u8>) -> Outcome {
	Outcome::Answered(Answer {
		output: Output::Inline(text.try_into().expect("short")),
		..Answer::default()
	})
}

/// What the operators do next in a request.
fn turns(
	id: RequestId,
	open: &pallet_inference::Request<Runtime>,
	outcome: &Outcome,
) -> Vec<UncheckedExtrinsic> {
	let Some(question) = open.question else {
		return Vec::new();
	};
	let (hash, salt) = (outcome.hash(), [7; 32]);
	let call = |seat: &pallet_inference::Seat<AccountId>| {
		let mut keys = AGENTS.map(operator).into_iter();
		let key = keys.find(|key| key.public() == seat.operator)?;
		let operator = key.public();
		let call = match open.phase {
			Phase::Commit if seat.commitment.is_none() => {
				let commitment = protocol::commitment(&question.hash, &operator, &hash, &salt);
				let message = protocol::commit_message(&question.hash, &commitment);
				pallet_inference::Call::commit {
					request: id,
					operator,
					commitment,
					signature: key.sign(&message),
				}
			}
			Phase::Reveal if seat.revealed.is_none() => {
				let message = protocol::reveal_message(&question.hash, &hash, &salt);
				pallet_inference::Call::reveal {
					request: id,
					operator,
					outcome: outcome.clone(),
					salt,
					signature: key.sign(&message),
				}
			}
			_ => return None,
		};
		Some(<Runtime as CreateAuthorizedTransaction<
			pallet_inference::Call<Runtime>,
		>>::create_authorized_transaction(call.into()))
	};
	open.committee.iter().filter_map(call).collect()
}

/// The committee of a request is drawn, commits and reveals.
fn run(chain: &mut Chain, id: RequestId, outcome: &Outcome) {
	for _ in 0..30 {
		let open = chain.execute(|| pallet_inference::Requests::<Runtime>::get(id));
		let Some(open) = open else {
			return;
		};
		chain.block(|| turns(id, &open, outcome));
	}
	panic!("operators were not slow");
}

fn credit(chain: &mut Chain, who: Sr25519Keyring) -> Balance {
	chain.execute(|| Attribution::credit(who.to_account_id()))
}

/// Somebody asks the copy. Returns the fee.
fn ask(chain: &mut Chain) -> Balance {
	let id = chain.execute(pallet_inference::NextRequest::<Runtime>::get);
	assert_ok!(chain.call(
		PAYER,
		pallet_inference::Call::request {
			model: COPY,
			input: Input::Inline(b"Hello?".to_vec().try_into().expect("short")),
			max_fee: 100 * UNIT,
			min_committee: 3,
		},
	));
	run(chain, id, &said(b"Good morning.".to_vec()));
	let receipt = chain.execute(|| pallet_inference::Receipts::<Runtime>::get(id));
	receipt.expect("it was answered").fee
}

#[test]
fn a_copied_adapter_pays_its_original() {
	let mut chain = scene();
	ask(&mut chain);
	assert_eq!(credit(&mut chain, ORIGINATOR), 0, "nobody knows yet");

	let request = chain.execute(pallet_inference::NextRequest::<Runtime>::get);
	assert_ok!(chain.call(
		ORIGINATOR,
		pallet_copies::Call::claim {
			original: exhibit(ORIGINAL),
			copy: exhibit(COPY),
			max_fee: 100 * UNIT,
		},
	));
	let open = chain.execute(|| pallet_inference::Requests::<Runtime>::get(request));
	assert_eq!(open.expect("the claim asks").model, COMPARER);
	run(&mut chain, request, &said(to_text(987_654)));
	assert_ok!(chain.call(PAYER, pallet_copies::Call::decide { claim: 0 }));
	chain.execute(|| {
		// Two weeks later.
		Claims::<Runtime>::mutate(0, |claim| {
			match claim.as_mut().map(|claim| &mut claim.stage) {
				Some(Stage::Upheld {
					similarity: 987_654,
					enforce_at,
				}) => *enforce_at = 0,
				stage => panic!("not upheld: {stage:?}"),
			}
		});
	});
	assert_ok!(chain.call(PAYER, pallet_copies::Call::enforce { claim: 0 }));

	let before = [ORIGINATOR, THIEF].map(|who| credit(&mut chain, who));
	let fee = ask(&mut chain);
	let model = Shares::default()
		.split(fee)
		.expect("the shares are valid")
		.model;
	let parts = apportion(model, &[7_500, 2_500]).expect("small");
	let after = [ORIGINATOR, THIEF].map(|who| credit(&mut chain, who));
	assert_eq!(
		after[0] - before[0],
		parts[1],
		"a quarter of the model's part"
	);
	assert_eq!(after[1] - before[1], parts[0]);
	chain.execute(|| {
		let who = ORIGINATOR.to_account_id();
		let bond = HoldReason::Bond.into();
		assert_eq!(Balances::balance_on_hold(&bond, &who), 0);
		Copies::do_try_state().expect("Copies");
		Models::do_try_state().expect("Models");
		Inference::do_try_state().expect("Inference");
		Attribution::do_try_state().expect("Attribution");
	});
}

#[test]
fn rules_are_set_by_governance_alone() {
	let mut chain = scene();
	let call = RuntimeCall::from(pallet_copies::Call::set_rules { rules: None });
	let results = chain.block(|| vec![signed(THIEF, call)]);
	assert!(results[0].expect("valid").is_err());
}
