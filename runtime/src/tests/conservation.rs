//! Random calls of random accounts over the whole runtime. After each block:
//!
//! - what all accounts have is the issuance, and that has changed by exactly what was burnt;
//! - every pallet's invariants hold;
//! - no hold is without an owner: what is held for a reason is what that reason's pallet knows of.

mod channels;
mod proposals;

use super::chain::Chain;
use crate::{
	configs::utility::{PreimageBaseDeposit, PreimageByteDeposit},
	constants::currency::{MILLI_UNIT, UNIT},
	genesis_config_presets::DEVELOPMENT,
	invariants, AccountId, Attribution, Balance, Balances, Datanets, Models, Runtime, RuntimeCall,
	RuntimeEvent, RuntimeHoldReason, UncheckedExtrinsic,
};
use codec::Encode;
use frame_support::{traits::tokens::IdAmount, BoundedVec};
use frame_system::offchain::CreateAuthorizedTransaction;
use openledger_primitives::{
	attribution::weigh,
	data::Purpose,
	model::{Artifact, ArtifactKind, Audience, ModelSpec, Policy, Profile, Provider, Task},
	protocol,
	traits::{DataRegistry, ModelRegistry, Source},
	Answer, Citation, ContentHash, Failure, Outcome, RequestId,
};
use pallet_datanets::fixtures;
use pallet_inference::Phase;
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use sp_core::{sr25519, Get, Pair, H256};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve, Ferdie};
use sp_runtime::{
	traits::{BlakeTwo256, Hash},
	Percent, Permill,
};
use std::{
	collections::{BTreeMap, BTreeSet},
	ops::Range,
};

const ACTORS: [Sr25519Keyring; 6] = [Alice, Bob, Charlie, Dave, Eve, Ferdie];

/// One block's worth of what accounts do. Numbers choose among what there is, and beyond.
#[derive(Clone, Copy, Debug)]
struct Step {
	actor: usize,
	kind: u8,
	a: u16,
	b: u16,
}

/// Kinds of calls, see [`call`].
const CALLS: u8 = 69;
/// Operators commit.
const COMMIT: u8 = CALLS;
/// Operators reveal.
const REVEAL: u8 = CALLS + 1;
/// Nothing happens for some blocks.
const IDLE: u8 = CALLS + 2;
/// Something happens in a payment channel.
const CHANNEL: u8 = CALLS + 3;
/// Something happens to a proposal.
const PROPOSAL: u8 = CALLS + 4;

/// Lists of so many random steps.
fn steps(count: Range<usize>) -> impl Strategy<Value = Vec<Step>> {
	let kind = prop_oneof![
		12 => 0..CALLS,
		2 => Just(18),
		// What needs a step before it to succeed, or one more than all others.
		8 => prop::sample::select(vec![3, 4, 12, 13, 17, 31, 32, 34, 35, 36, 40, 46, 51, 52, 54, 55]),
		// What is for sale or to let, and who takes it.
		4 => prop::sample::select(vec![57, 58, 59, 60, 62, 63]),
		3 => Just(COMMIT),
		3 => Just(REVEAL),
		6 => Just(CHANNEL),
		6 => Just(PROPOSAL),
		1 => Just(IDLE),
	];
	let step = (0..ACTORS.len(), kind, any::<u16>(), any::<u16>())
		.prop_map(|(actor, kind, a, b)| Step { actor, kind, a, b });
	prop::collection::vec(step, count)
}

fn text<S: Get<u32>>(text: &str) -> BoundedVec<u8, S> {
	text.as_bytes().to_vec().try_into().expect("short enough")
}

fn operator(actor: usize) -> sr25519::Pair {
	sr25519::Pair::from_seed(&[actor as u8 + 1; 32])
}

fn inputs(datanet: u32) -> pallet_models::SpecInputs {
	let artifact = |kind, name: &str| Artifact {
		kind,
		hash: ContentHash::of(name.as_bytes()),
	};
	pallet_models::SpecInputs {
		task: Task::Search { top_k: 5 },
		artifacts: vec![
			artifact(ArtifactKind::Graph, "graph"),
			artifact(ArtifactKind::Tokenizer, "tokenizer"),
		]
		.try_into()
		.expect("few"),
		policy: Policy::Exact {
			onnxruntime: [1, 31, 1],
		},
		datanets: vec![datanet].try_into().expect("few"),
	}
}

/// Rules of a Datanet: vouched for by its owner, or open and judged.
fn rules(vouched: bool) -> pallet_datanets::Rules {
	let rules = fixtures::vouched::<Runtime>();
	if vouched {
		return rules;
	}
	pallet_datanets::Rules {
		contributors: pallet_datanets::Contributors::Open,
		curation: Some(Percent::from_percent(50)),
		access_price_per_day: UNIT,
		owner_share: Percent::from_percent(20),
		..rules
	}
}

/// What every candidate answers, and what is right.
fn answers() -> pallet_curation::types::Answers {
	vec![1, 2, 3].try_into().expect("few")
}

/// One of the agents that there are; else an account that is none.
fn some_agent(number: u16) -> AccountId {
	let agents: Vec<_> = pallet_agents::Agents::<Runtime>::iter_keys().collect();
	agents
		.get(usize::from(number) % agents.len().max(1))
		.cloned()
		.unwrap_or_else(|| Ferdie.to_account_id())
}

/// The call that an account makes in a step.
fn call(Step { actor, kind, a, b }: Step) -> RuntimeCall {
	let other = ACTORS[usize::from(b) % ACTORS.len()].to_account_id();
	let amount = Balance::from(a) * MILLI_UNIT;
	// One of those that there are, or the next, which there is not.
	let datanet = u32::from(b) % (pallet_datanets::NextDatanetId::<Runtime>::get() + 1);
	let model = u32::from(b) % (pallet_models::NextModelId::<Runtime>::get() + 1);
	let batch_id = u64::from(b) % (pallet_datanets::NextBatchId::<Runtime>::get() + 1);
	let request = u64::from(b) % (pallet_inference::NextRequest::<Runtime>::get() + 1);
	let access = u64::from(b) % (pallet_access::NextId::<Runtime>::get() + 1);
	match kind {
		0 => pallet_balances::Call::transfer_allow_death {
			dest: other.into(),
			value: amount,
		}
		.into(),
		1 => pallet_balances::Call::burn {
			value: amount,
			keep_alive: true,
		}
		.into(),
		2 => pallet_datanets::Call::create_datanet {
			details: pallet_datanets::DatanetDetails {
				metadata: text(&"m".repeat(usize::from(a % 200))),
				..fixtures::details()
			},
			rules: rules(a % 3 > 0),
		}
		.into(),
		3 => pallet_datanets::Call::add_batch {
			datanet,
			details: fixtures::batch(u64::from(a % 256)),
		}
		.into(),
		4 => pallet_datanets::Call::withdraw_batch { batch: batch_id }.into(),
		5 => pallet_datanets::Call::close_datanet { datanet }.into(),
		6 => pallet_datanets::Call::update_metadata {
			datanet,
			metadata: text(&"n".repeat(usize::from(a % 200))),
		}
		.into(),
		7 => pallet_models::Call::register {
			name: text("MiniLM"),
			inputs: inputs(datanet),
			price_per_unit: 1_000_000 + amount,
			terms: pallet_models::Terms {
				royalty: u32::from(a % 5_001),
				..pallet_models::fixtures::terms()
			},
			descent: match a % 3 {
				0 => pallet_models::Descent::Adapter {
					base: u32::from(a / 3 % 4),
				},
				_ => pallet_models::Descent::Base,
			},
			max_royalty: 10_000,
		}
		.into(),
		8 => pallet_models::Call::new_version {
			model,
			inputs: inputs(u32::from(a % 4)),
		}
		.into(),
		9 => pallet_models::Call::pause { model }.into(),
		10 => pallet_models::Call::resume { model }.into(),
		11 => pallet_models::Call::set_price {
			model,
			price_per_unit: 1_000_000 + amount,
		}
		.into(),
		12 => pallet_models::Call::transfer_ownership {
			model,
			new_owner: other.into(),
		}
		.into(),
		13 => pallet_models::Call::accept_ownership {
			model,
			max_deposit: 100 * UNIT,
			divided: pallet_models::Holders::<Runtime>::contains_key(model),
		}
		.into(),
		14 => pallet_models::Call::cancel_transfer { model }.into(),
		15 => pallet_agents::Call::register {
			operator_key: operator(actor).public(),
			profile: Profile {
				provider: Provider::Cpu,
				onnxruntime: [1, 31, 1],
				memory: 4_096,
			},
			endpoint: Default::default(),
			models: (0..u32::from(a % 4))
				.collect::<Vec<_>>()
				.try_into()
				.expect("few"),
			bond: 1_000 * UNIT + amount,
			commission: Permill::from_percent(10),
		}
		.into(),
		16 => pallet_agents::Call::bond_more { amount }.into(),
		17 => pallet_agents::Call::deregister {}.into(),
		18 => pallet_inference::Call::request {
			model,
			input: pallet_inference::Input::Inline(
				vec![b'?'; usize::from(a % 600) + 1]
					.try_into()
					.expect("not too long"),
			),
			max_fee: 1_000 * UNIT,
			min_committee: 1 + u32::from(a % 7) / 5,
		}
		.into(),
		19 => pallet_inference::Call::forget { request }.into(),
		20 => pallet_attribution::Call::claim {}.into(),
		21 => pallet_attribution::Call::claim_for { who: other }.into(),
		22 => pallet_staking::Call::bond {
			value: 500 * UNIT + amount,
			payee: pallet_staking::RewardDestination::Staked,
		}
		.into(),
		23 => pallet_staking::Call::nominate {
			targets: vec![Alice.to_account_id().into()],
		}
		.into(),
		24 => pallet_staking::Call::unbond { value: amount }.into(),
		25 => pallet_preimage::Call::note_preimage {
			bytes: vec![0; usize::from(b % 2) * 100],
		}
		.into(),
		26 => {
			let hash = BlakeTwo256::hash(&vec![0; usize::from(b % 2) * 100]);
			pallet_preimage::Call::unnote_preimage { hash }.into()
		}
		27 => pallet_proxy::Call::add_proxy {
			delegate: other.into(),
			proxy_type: crate::configs::utility::ProxyType::Any,
			delay: 0,
		}
		.into(),
		28 => pallet_proxy::Call::remove_proxies {}.into(),
		29 => pallet_datanets::Call::list_contributor {
			datanet: u32::from(a) % (pallet_datanets::NextDatanetId::<Runtime>::get() + 1),
			who: other.into(),
		}
		.into(),
		30 => pallet_datanets::Call::propose_rules {
			datanet,
			rules: rules(a % 2 > 0),
		}
		.into(),
		31 => pallet_datanets::Call::reserve {
			commitment: H256::repeat_byte((a % 4) as u8),
		}
		.into(),
		32 => pallet_datanets::Call::cancel_reservation {
			commitment: H256::repeat_byte((a % 4) as u8),
		}
		.into(),
		33 => pallet_datanets::Call::claim_income { batch: batch_id }.into(),
		34 => pallet_access::Call::request_access {
			datanet,
			purpose: Purpose::Research,
			price: UNIT + amount,
			term: 43_200,
			key: [7; 32],
		}
		.into(),
		35 => pallet_access::Call::approve {
			request: access,
			wrapped_key: None,
		}
		.into(),
		36 => pallet_access::Call::revoke { grant: access }.into(),
		37 => pallet_access::Call::cancel_request { request: access }.into(),
		38 => pallet_seasons::Call::fund { season: 0, amount }.into(),
		39 => pallet_curation::Call::open_qualification {
			datanet,
			tasks: ContentHash::of(b"tasks"),
			count: 3,
			commitment: H256::repeat_byte(1),
			pass_mark: Percent::from_percent(50),
		}
		.into(),
		40 => pallet_curation::Call::commit_answers {
			datanet,
			commitment: H256::repeat_byte(2),
		}
		.into(),
		41 => pallet_curation::Call::close_qualification { datanet }.into(),
		42 => pallet_curation::Call::reveal_answers {
			datanet,
			answers: answers(),
			salt: [0; 32],
		}
		.into(),
		43 => pallet_curation::Call::bond { datanet, amount }.into(),
		44 => pallet_curation::Call::challenge_rows {
			batch: batch_id,
			earlier: u64::from(a % 4),
		}
		.into(),
		45 => pallet_curation::Call::advance {
			subject: pallet_curation::Subject::Batch(batch_id),
		}
		.into(),
		46 => pallet_agents::Call::delegate {
			agent: some_agent(b),
			amount: UNIT + amount,
		}
		.into(),
		47 => pallet_agents::Call::undelegate {
			agent: some_agent(b),
			amount,
		}
		.into(),
		48 => pallet_agents::Call::withdraw_delegation {
			agent: some_agent(b),
			delegator: other,
		}
		.into(),
		49 => pallet_agents::Call::unbond { amount }.into(),
		54 => pallet_models::Call::divide {
			model,
			holders: vec![(ACTORS[actor].to_account_id(), 6_000), (other, 4_000)]
				.try_into()
				.expect("few"),
		}
		.into(),
		55 => pallet_models::Call::transfer_shares {
			model,
			to: other.into(),
			amount: u32::from(a % 6_001),
		}
		.into(),
		56 => pallet_models::Call::distribute { model }.into(),
		57 => pallet_market::Call::list {
			model,
			price: amount + 1,
			buyer: (a % 8 == 0).then_some(other),
			until: (a % 8 == 1).then_some(u32::from(a)),
		}
		.into(),
		58 => pallet_market::Call::buy {
			model: pallet_market::Listings::<Runtime>::iter_keys()
				.next()
				.unwrap_or(model),
			max_price: 100 * UNIT,
			max_deposit: 100 * UNIT,
			divided: a % 2 > 0,
		}
		.into(),
		59 => pallet_market::Call::list_shares {
			model: pallet_models::Holders::<Runtime>::iter_keys()
				.next()
				.unwrap_or(model),
			amount: u32::from(a % 5_001),
			price: MILLI_UNIT,
			until: None,
		}
		.into(),
		60 => {
			let listed = pallet_market::ShareListings::<Runtime>::iter_keys().next();
			let (model, seller) = listed.unwrap_or((model, other));
			pallet_market::Call::buy_shares {
				model,
				seller,
				amount: u32::from(a % 5_001),
				max_price: UNIT,
			}
			.into()
		}
		61 => pallet_market::Call::set_terms {
			model,
			price_per_day: UNIT + amount,
			max_days: u32::from(a % 366),
		}
		.into(),
		62 => pallet_market::Call::rent {
			model,
			days: 1 + u32::from(a % 3),
			max_price: 1_000 * UNIT,
		}
		.into(),
		63 => {
			let rented = pallet_market::Rentals::<Runtime>::iter_keys().next();
			let (model, tenant) = rented.unwrap_or((model, other));
			pallet_market::Call::collect { model, tenant }.into()
		}
		64 => pallet_market::Call::end_rental { model }.into(),
		65 => pallet_models::Call::set_audience {
			model,
			audience: if a % 3 == 0 {
				Audience::Everyone
			} else {
				Audience::Tenants
			},
		}
		.into(),
		66 => pallet_market::Call::unlist { model }.into(),
		67 => pallet_market::Call::clear_terms { model }.into(),
		68 => pallet_market::Call::unlist_shares {
			model,
			seller: other,
		}
		.into(),
		// Possible in the same block only.
		50 => pallet_utility::Call::batch_all {
			calls: vec![
				call(Step {
					actor,
					kind: 18,
					a,
					b,
				}),
				pallet_inference::Call::cancel {
					request: pallet_inference::NextRequest::<Runtime>::get(),
				}
				.into(),
			],
		}
		.into(),
		51 => pallet_inference::Call::commit_canary {
			canary: H256::repeat_byte((a % 4) as u8),
		}
		.into(),
		52 => pallet_inference::Call::drop_canary {
			canary: pallet_inference::Canaries::<Runtime>::iter_keys()
				.next()
				.map_or_else(H256::zero, |(_, canary)| canary),
		}
		.into(),
		_ => pallet_utility::Call::batch_all {
			calls: vec![
				pallet_balances::Call::transfer_allow_death {
					dest: other.into(),
					value: amount,
				}
				.into(),
				pallet_attribution::Call::claim {}.into(),
			],
		}
		.into(),
	}
}

/// The account that may make a call; `None` if anyone may, or nobody.
fn rightful(call: &RuntimeCall) -> Option<AccountId> {
	use pallet_agents::Call as A;
	use pallet_datanets::Call as D;
	use pallet_market::Call as K;
	use pallet_models::Call as M;
	let owner = |datanet| Some(pallet_datanets::Datanets::<Runtime>::get(datanet)?.owner);
	let model = pallet_models::Models::<Runtime>::get;
	match call {
		RuntimeCall::Datanets(D::withdraw_batch { batch }) => {
			Some(pallet_datanets::Batches::<Runtime>::get(batch)?.contributor)
		}
		RuntimeCall::Datanets(
			D::close_datanet { datanet }
			| D::update_metadata { datanet, .. }
			| D::list_contributor { datanet, .. }
			| D::propose_rules { datanet, .. },
		)
		| RuntimeCall::Curation(pallet_curation::Call::open_qualification { datanet, .. }) => {
			owner(datanet)
		}
		RuntimeCall::Access(pallet_access::Call::approve { request, .. }) => {
			owner(&pallet_access::Requests::<Runtime>::get(request)?.datanet)
		}
		RuntimeCall::Access(pallet_access::Call::revoke { grant }) => {
			owner(&pallet_access::Grants::<Runtime>::get(grant)?.datanet)
		}
		RuntimeCall::Models(M::accept_ownership { model: id, .. }) => model(id)?.offered_to,
		RuntimeCall::Models(
			M::new_version { model: id, .. }
			| M::pause { model: id }
			| M::resume { model: id }
			| M::set_price { model: id, .. }
			| M::transfer_ownership { model: id, .. }
			| M::divide { model: id, .. }
			| M::set_audience { model: id, .. }
			| M::cancel_transfer { model: id },
		)
		| RuntimeCall::Market(
			K::list { model: id, .. }
			| K::unlist { model: id }
			| K::set_terms { model: id, .. }
			| K::clear_terms { model: id },
		) => Some(model(id)?.owner),
		RuntimeCall::Market(K::list_shares { model: id, .. }) => {
			let holders = pallet_models::Holders::<Runtime>::get(id)?.holders;
			holders.keys().next().cloned()
		}
		RuntimeCall::Market(K::end_rental { model: id }) => {
			pallet_market::Rentals::<Runtime>::iter_key_prefix(id).next()
		}
		RuntimeCall::Models(M::transfer_shares { model: id, .. }) => {
			let holders = pallet_models::Holders::<Runtime>::get(id)?.holders;
			holders.keys().next().cloned()
		}
		RuntimeCall::Agents(A::bond_more { .. } | A::deregister {} | A::unbond { .. }) => {
			pallet_agents::Agents::<Runtime>::iter_keys().next()
		}
		RuntimeCall::Agents(A::undelegate { agent, .. }) => {
			pallet_agents::Delegations::<Runtime>::iter()
				.find(|(whose, _, _)| whose == agent)
				.map(|(_, delegator, _)| delegator)
		}
		RuntimeCall::Inference(pallet_inference::Call::drop_canary { .. }) => {
			pallet_inference::Canaries::<Runtime>::iter_keys()
				.next()
				.map(|(owner, _)| owner)
		}
		RuntimeCall::Inference(pallet_inference::Call::forget { request }) => {
			Some(pallet_inference::Receipts::<Runtime>::get(request)?.payer)
		}
		RuntimeCall::Attribution(pallet_attribution::Call::claim {}) => {
			pallet_attribution::Credits::<Runtime>::iter_keys().next()
		}
		RuntimeCall::Preimage(pallet_preimage::Call::unnote_preimage { hash }) => {
			match pallet_preimage::RequestStatusFor::<Runtime>::get(hash)? {
				pallet_preimage::RequestStatus::Unrequested {
					ticket: (who, _), ..
				} => Some(who),
				_ => None,
			}
		}
		_ => None,
	}
}

/// Who makes the call of a step: in three of four cases the one who may.
fn caller(step: Step, call: &RuntimeCall) -> Sr25519Keyring {
	rightful(call)
		.filter(|_| !step.a.is_multiple_of(4))
		.and_then(|who| {
			ACTORS
				.into_iter()
				.find(|actor| actor.to_account_id() == who)
		})
		.unwrap_or(ACTORS[step.actor])
}

/// What operators have committed to.
type Commitments = BTreeMap<(RequestId, sr25519::Public), Outcome>;

/// What an operator makes of a request: an answer from the data it may cite, an empty one, or a
/// failure.
fn outcome(spec: &ModelSpec, step: Step) -> Outcome {
	let batches = spec.snapshots.iter().flat_map(|snapshot| {
		(0..snapshot.batches).filter_map(|index| Datanets::batch_at(snapshot.datanet, index))
	});
	let citations: Vec<Citation> = match step.a % 4 {
		0 => return Outcome::Failed(Failure::OutOfTime),
		1 => Vec::new(),
		_ => batches
			.take(5)
			.enumerate()
			.map(|(place, batch)| Citation {
				batch,
				row: u32::from(step.b % 10),
				score: 900_000 - 100_000 * place as u32 - u32::from(step.a % 7),
			})
			.collect(),
	};
	Outcome::Answered(Answer {
		output: Default::default(),
		attribution: weigh(&citations),
		citations: citations.try_into().expect("few"),
		fingerprint: Default::default(),
	})
}

fn authorized(call: pallet_inference::Call<Runtime>) -> UncheckedExtrinsic {
	<Runtime as CreateAuthorizedTransaction<pallet_inference::Call<Runtime>>>::create_authorized_transaction(call.into())
}

/// Commits or reveals of all operators that can.
fn operators(step: Step, commitments: &mut Commitments) -> Vec<UncheckedExtrinsic> {
	let salt = [7; 32];
	let mut transactions = Vec::new();
	for (id, request) in pallet_inference::Requests::<Runtime>::iter() {
		let spec = Models::spec(request.model, request.version).expect("kept while it is asked");
		let Some(question) = request.question.map(|question| question.hash) else {
			continue;
		};
		for seat in &request.committee {
			let key = (0..ACTORS.len())
				.map(operator)
				.find(|key| key.public() == seat.operator);
			let key = key.expect("all agents are actors");
			let place = (id, seat.operator);
			match request.phase {
				Phase::Commit
					if step.kind == COMMIT
						&& seat.commitment.is_none()
						&& seat.absence.is_none() =>
				{
					let outcome = outcome(&spec, step);
					let commitment =
						protocol::commitment(&question, &seat.operator, &outcome.hash(), &salt);
					let message = protocol::commit_message(&question, &commitment);
					commitments.insert(place, outcome);
					transactions.push(authorized(pallet_inference::Call::commit {
						request: id,
						operator: seat.operator,
						commitment,
						signature: key.sign(&message),
					}));
				}
				Phase::Reveal
					if step.kind == REVEAL
						&& seat.commitment.is_some()
						&& seat.revealed.is_none()
						&& seat.absence.is_none() =>
				{
					let outcome = commitments[&place].clone();
					let message = protocol::reveal_message(&question, &outcome.hash(), &salt);
					transactions.push(authorized(pallet_inference::Call::reveal {
						request: id,
						operator: seat.operator,
						outcome,
						salt,
						signature: key.sign(&message),
					}));
				}
				_ => {}
			}
		}
	}
	transactions
}

/// What is held, by reason.
fn held() -> BTreeMap<Vec<u8>, Balance> {
	let mut sums = BTreeMap::new();
	for holds in pallet_balances::Holds::<Runtime>::iter_values() {
		for IdAmount { id, amount } in holds {
			*sums.entry(id.encode()).or_default() += amount;
		}
	}
	sums
}

/// What the pallets know to be held, by reason.
fn owned() -> BTreeMap<Vec<u8>, Balance> {
	use pallet_datanets::HoldReason::{BatchDeposit, DatanetDeposit, Reservation};
	use pallet_inference::{HoldReason::*, Receipts, Requests};
	let requests = || Requests::<Runtime>::iter_values();
	let receipts = Receipts::<Runtime>::iter_values();
	let preimages =
		pallet_preimage::RequestStatusFor::<Runtime>::iter_values().map(|status| match status {
			pallet_preimage::RequestStatus::Unrequested { len, .. } => {
				PreimageBaseDeposit::get() + Balance::from(len) * PreimageByteDeposit::get()
			}
			other => panic!("nobody requests a preimage here: {other:?}"),
		});
	let channels = || pallet_channels::Channels::<Runtime>::iter_values();
	let batches = || pallet_channels::Batches::<Runtime>::iter_values();
	let sums: [(RuntimeHoldReason, Balance); 28] = [
		(
			DatanetDeposit.into(),
			pallet_datanets::Datanets::<Runtime>::iter_values()
				.map(|it| it.deposit + it.list_deposit)
				.sum(),
		),
		(
			Reservation.into(),
			pallet_datanets::Reservations::<Runtime>::iter_values()
				.map(|it| it.deposit)
				.sum(),
		),
		(
			pallet_curation::HoldReason::Bond.into(),
			pallet_curation::Curators::<Runtime>::iter_values()
				.map(|it| it.bond)
				.sum(),
		),
		(
			pallet_curation::HoldReason::Qualification.into(),
			pallet_curation::Exams::<Runtime>::iter_values()
				.map(|it| it.deposit)
				.chain(pallet_curation::Candidates::<Runtime>::iter_values().map(|it| it.deposit))
				.chain(
					pallet_curation::Qualifications::<Runtime>::iter_values().map(|it| it.deposit),
				)
				.sum(),
		),
		(
			pallet_curation::HoldReason::Report.into(),
			pallet_curation::Reports::<Runtime>::iter_values()
				.map(|it| it.bond)
				.sum(),
		),
		(
			pallet_access::HoldReason::Price.into(),
			pallet_access::Requests::<Runtime>::iter_values()
				.map(|it| it.price)
				.sum(),
		),
		(
			pallet_access::HoldReason::RecordDeposit.into(),
			pallet_access::Requests::<Runtime>::iter_values()
				.map(|it| it.deposit)
				.chain(pallet_access::Grants::<Runtime>::iter_values().map(|it| it.deposit))
				.sum(),
		),
		(
			pallet_curation::HoldReason::Appeal.into(),
			pallet_curation::Rounds::<Runtime>::iter_values()
				.flat_map(|it| it.appeals)
				.map(|it| it.deposit)
				.sum(),
		),
		(
			BatchDeposit.into(),
			pallet_datanets::Batches::<Runtime>::iter_values()
				.map(|it| it.deposit)
				.sum(),
		),
		(
			pallet_channels::HoldReason::Funds.into(),
			channels().map(|it| it.held).sum(),
		),
		(
			pallet_channels::HoldReason::Record.into(),
			channels()
				.map(|it| it.record)
				.chain(batches().map(|it| it.deposit))
				.sum(),
		),
		(
			pallet_channels::HoldReason::Bond.into(),
			batches().map(|it| it.bond).sum(),
		),
		(
			pallet_channels::HoldReason::Challenge.into(),
			batches()
				.filter_map(|it| it.stage.challenge().map(|challenge| challenge.bond))
				.sum(),
		),
		(
			pallet_copies::HoldReason::Bond.into(),
			pallet_copies::Claims::<Runtime>::iter_values()
				.map(|it| it.bond)
				.sum(),
		),
		(
			pallet_proposals::HoldReason::Deposit.into(),
			pallet_proposals::Proposals::<Runtime>::iter_values()
				.map(|it| it.deposit)
				.chain(pallet_proposals::Backers::<Runtime>::iter_values().map(|it| it.deposit))
				.sum(),
		),
		(
			pallet_proposals::HoldReason::Bond.into(),
			pallet_proposals::Proposals::<Runtime>::iter_values()
				.map(|it| it.bond)
				.sum(),
		),
		(
			pallet_attribution::HoldReason::Record.into(),
			pallet_attribution::Distributions::<Runtime>::iter_values()
				.filter_map(|it| it.deposit)
				.map(|(_, deposit)| deposit)
				.chain(pallet_attribution::Claims::<Runtime>::iter_values().map(|it| it.deposit))
				.sum(),
		),
		(
			pallet_market::HoldReason::Record.into(),
			pallet_market::Listings::<Runtime>::iter_values()
				.map(|it| it.deposit)
				.chain(pallet_market::ShareListings::<Runtime>::iter_values().map(|it| it.deposit))
				.chain(pallet_market::Terms::<Runtime>::iter_values().map(|it| it.deposit))
				.chain(pallet_market::Rentals::<Runtime>::iter_values().map(|it| it.deposit))
				.sum(),
		),
		(
			pallet_market::HoldReason::Rent.into(),
			pallet_market::Rentals::<Runtime>::iter_values()
				.map(|it| it.rent)
				.sum(),
		),
		(
			pallet_models::HoldReason::ModelDeposit.into(),
			pallet_models::Models::<Runtime>::iter_values()
				.map(|it| it.held)
				.sum(),
		),
		(
			pallet_agents::HoldReason::Bond.into(),
			pallet_agents::Agents::<Runtime>::iter_values()
				.map(|it| {
					it.bond
						+ it.unbonding
							.iter()
							.map(|chunk| chunk.amount)
							.sum::<Balance>()
				})
				.sum(),
		),
		(
			pallet_agents::HoldReason::Record.into(),
			pallet_agents::Agents::<Runtime>::iter_values()
				.map(|it| it.deposit)
				.chain(pallet_agents::Delegations::<Runtime>::iter_values().map(|it| it.deposit))
				.sum(),
		),
		(
			Canary.into(),
			pallet_inference::Canaries::<Runtime>::iter_values()
				.map(|it| it.deposit)
				.chain(pallet_inference::Reruns::<Runtime>::iter_values().map(|it| it.deposit))
				.sum(),
		),
		(Fee.into(), requests().map(|it| it.fee).sum()),
		(
			Record.into(),
			requests()
				.map(|it| it.deposit)
				.chain(receipts.map(|it| it.deposit))
				.sum(),
		),
		(
			pallet_staking::HoldReason::Staking.into(),
			pallet_staking::Ledger::<Runtime>::iter_values()
				.map(|it| it.total)
				.sum(),
		),
		(
			pallet_preimage::HoldReason::Preimage.into(),
			preimages.sum(),
		),
		(
			pallet_reputation::HoldReason::Contest.into(),
			pallet_reputation::Contests::<Runtime>::iter_values()
				.map(|it| it.bond)
				.sum(),
		),
	];
	sums.into_iter()
		.filter(|(_, sum)| *sum > 0)
		.map(|(reason, sum)| (reason.encode(), sum))
		.collect()
}

/// Checks all that must hold between blocks.
fn check(issuance: Balance) {
	for finding in invariants::check() {
		assert_eq!(finding.broken, None, "{}", finding.pallet);
	}
	let all: Balance = frame_system::Account::<Runtime>::iter_values()
		.map(|account| account.data.free + account.data.reserved)
		.sum();
	assert_eq!(
		all,
		Balances::total_issuance(),
		"what accounts have is the issuance"
	);
	assert_eq!(all, issuance, "the issuance changes only by what is burnt");
	assert_eq!(held(), owned(), "each hold has its owner");
}

/// What the events of a block say was burnt.
fn burnt(events: &[RuntimeEvent]) -> Balance {
	events
		.iter()
		.map(|event| match event {
			RuntimeEvent::Attribution(pallet_attribution::Event::Settled {
				fee, parts, ..
			}) => {
				let sum = parts.burn + parts.treasury + parts.model + parts.operators + parts.data;
				assert_eq!(*fee, sum, "the parts are the whole");
				parts.burn
			}
			RuntimeEvent::Balances(pallet_balances::Event::Burned { amount, .. }) => *amount,
			_ => 0,
		})
		.sum()
}

/// A chain with a Datanet, a model, an agent and a channel, so that random steps get somewhere.
pub(super) fn chain() -> Chain {
	let mut chain = Chain::new(DEVELOPMENT);
	let step = |actor, kind, a, b| Step { actor, kind, a, b };
	for step in [
		step(1, 2, 10, 0),
		// Bob lists Charlie and Dave, who contribute.
		step(1, 29, 0, 2),
		step(1, 29, 0, 3),
		step(2, 3, 60, 0),
		step(3, 3, 61, 0),
		step(1, 7, 2_000, 0),
		step(4, 15, 1, 0),
		// Another Datanet, open and with juries.
		step(4, 2, 9, 0),
	] {
		let call = chain.execute(|| call(step));
		chain
			.call(ACTORS[step.actor], call)
			.expect("the set-up is valid");
	}
	let open = pallet_channels::Call::open {
		agent: Eve.to_account_id(),
		model: 0,
		deposit: 10 * UNIT,
		signer: None,
	};
	chain.call(Ferdie, open).expect("Eve serves the model");
	to_let(&mut chain);
	chain
}

/// Bob lets another model.
fn to_let(chain: &mut Chain) {
	let register = Step {
		actor: 1,
		kind: 7,
		a: 2_000,
		b: 0,
	};
	let register = chain.execute(|| call(register));
	chain.call(Bob, register).expect("as the first one");
	let audience = Audience::Tenants;
	let close = pallet_models::Call::set_audience { model: 1, audience };
	chain.call(Bob, close).expect("it is his");
	let terms = pallet_market::Call::set_terms {
		model: 1,
		price_per_day: 100 * UNIT,
		max_days: 30,
	};
	chain.call(Bob, terms).expect("it is his");
}

fn run(steps: &[Step]) -> (Chain, Vec<RuntimeEvent>) {
	let mut chain = chain();
	let mut issuance = chain.execute(Balances::total_issuance);
	let mut commitments = Commitments::new();
	let mut posted = channels::Posted::new();
	let mut history = chain.take_events();
	chain.execute(|| check(issuance));
	for step in steps {
		match step.kind {
			COMMIT | REVEAL => {
				let results = chain.block(|| operators(*step, &mut commitments));
				for result in results {
					match result {
						// The block started a session. They try again.
						Err(full) if full.exhausted_resources() => {}
						result => result
							.expect("what operators send is valid")
							.expect("and successful"),
					}
				}
			}
			IDLE => {
				chain.blocks(u32::from(step.a % 6));
			}
			CHANNEL => {
				if let Some((who, call)) = chain.execute(|| channels::call(*step, &mut posted)) {
					let _ = chain.call(who, call);
				}
			}
			PROPOSAL => {
				if let Some((who, call)) = chain.execute(|| proposals::call(*step)) {
					let _ = chain.call(who, call);
				}
			}
			_ => {
				// Most random calls fail. They must do so without a trace.
				let (who, call) = chain.execute(|| {
					let call = call(*step);
					(caller(*step, &call), call)
				});
				let _ = chain.call(who, call);
			}
		}
		let events = chain.take_events();
		issuance -= burnt(&events);
		history.extend(events);
		chain.execute(|| check(issuance));
	}
	(chain, history)
}

#[test]
fn a_paid_answer_is_divided_to_the_last_unit() {
	let step = |actor, kind, a, b| Step { actor, kind, a, b };
	let (mut chain, events) = run(&[
		step(5, 18, 0, 0),
		// The committee is drawn.
		step(0, IDLE, 2, 0),
		step(0, COMMIT, 2, 1),
		step(0, REVEAL, 0, 0),
	]);
	let settled = events
		.iter()
		.filter(|event| {
			matches!(
				event,
				RuntimeEvent::Attribution(pallet_attribution::Event::Settled { .. })
			)
		})
		.count();
	assert_eq!(settled, 1);
	chain.execute(|| {
		for who in [Charlie, Dave, Bob, Eve] {
			assert!(
				Attribution::credit(who.to_account_id()) > 0,
				"{who} is paid"
			);
		}
	});
}

#[test]
fn rent_reaches_owner_and_contributors() {
	let step = |actor, kind, a, b| Step { actor, kind, a, b };
	let (mut chain, events) = run(&[step(5, 62, 0, 1), step(0, IDLE, 5, 0), step(0, 63, 0, 0)]);
	let parts = events.iter().find_map(|event| match event {
		RuntimeEvent::Attribution(pallet_attribution::Event::Settled {
			source: Source::Rental(_),
			parts,
			..
		}) => Some(*parts),
		_ => None,
	});
	let parts = parts.expect("rent was collected");
	assert!(parts.burn > 0 && parts.treasury > 0);
	chain.execute(|| {
		assert_eq!(Attribution::credit(Bob.to_account_id()), parts.model);
		assert_eq!(
			pallet_datanets::Pools::<Runtime>::get(0).balance,
			parts.data
		);
		assert!(parts.data > parts.model && parts.model > 0);
	});
}

#[test]
fn a_divided_models_part_reaches_its_holders() {
	let step = |actor, kind, a, b| Step { actor, kind, a, b };
	let (mut chain, events) = run(&[
		// Bob keeps six tenths of his model, Alice gets the rest.
		step(1, 54, 4, 0),
		step(5, 18, 0, 0),
		step(0, IDLE, 2, 0),
		step(0, COMMIT, 2, 1),
		step(0, REVEAL, 0, 0),
		step(0, 56, 0, 0),
	]);
	let distributed: Vec<_> = events
		.iter()
		.filter_map(|event| match event {
			RuntimeEvent::Models(pallet_models::Event::Distributed { amount, .. }) => Some(*amount),
			_ => None,
		})
		.collect();
	assert_eq!(distributed.len(), 1);
	chain.execute(|| {
		let credit = |who: Sr25519Keyring| Attribution::credit(who.to_account_id());
		assert!(credit(Alice) > 0 && credit(Bob) > credit(Alice));
		assert_eq!(credit(Bob) + credit(Alice), distributed[0]);
	});
}

/// How many kinds of events random steps should lead to, see [`name`].
const KINDS: usize = 39;

/// A kind of event that random steps should lead to.
fn name(event: &RuntimeEvent) -> Option<&'static str> {
	use pallet_access::Event as X;
	use pallet_agents::Event as A;
	use pallet_attribution::Event as P;
	use pallet_channels::Event as H;
	use pallet_curation::Event as C;
	use pallet_datanets::Event as D;
	use pallet_inference::Event as I;
	use pallet_market::Event as K;
	use pallet_models::Event as M;
	use pallet_proposals::Event as O;
	Some(match event {
		RuntimeEvent::Channels(H::ToppedUp { .. }) => "more put into a channel",
		RuntimeEvent::Channels(H::Posted { .. }) => "a batch of calls",
		RuntimeEvent::Channels(H::Challenged { .. }) => "a challenge",
		RuntimeEvent::Channels(H::Disclosed { .. }) => "a call disclosed",
		RuntimeEvent::Channels(H::Upheld { .. }) => "an agent caught",
		RuntimeEvent::Channels(H::Closed { .. }) => "a channel's end",
		RuntimeEvent::Proposals(O::MilestonePaid { .. }) => "a milestone paid",
		RuntimeEvent::Proposals(O::Stopped { .. }) => "a proposal stopped",
		RuntimeEvent::Proposals(O::Refunded { .. }) => "a backer refunded",
		RuntimeEvent::Datanets(D::BatchWithdrawn { .. }) => "a batch withdrawn",
		RuntimeEvent::Datanets(D::MetadataUpdated { .. }) => "metadata changed",
		RuntimeEvent::Datanets(D::ReservationEnded { .. }) => "a reservation given up",
		RuntimeEvent::Datanets(D::RulesProposed { .. }) => "rules proposed",
		RuntimeEvent::Curation(C::RoundOpened { .. }) => "a round opened",
		RuntimeEvent::Curation(C::AnswersCommitted { .. }) => "a candidate",
		RuntimeEvent::Access(X::AccessGranted { .. }) => "access granted",
		RuntimeEvent::Access(X::GrantRevoked { .. }) => "access revoked",
		RuntimeEvent::Models(M::VersionAdded { .. }) => "a new version",
		RuntimeEvent::Models(M::ModelDivided { .. }) => "a model divided",
		RuntimeEvent::Models(M::SharesTransferred { .. }) => "shares passed on",
		RuntimeEvent::Models(M::OwnershipTransferred { .. }) => "a model handed over",
		RuntimeEvent::Market(K::ModelSold { .. }) => "a model sold",
		RuntimeEvent::Market(K::SharesSold { .. }) => "shares sold",
		RuntimeEvent::Market(K::RentCollected { .. }) => "rent collected",
		RuntimeEvent::Agents(A::Deregistered { .. }) => "an agent leaving",
		RuntimeEvent::Agents(A::Delegated { .. }) => "a delegation",
		RuntimeEvent::Agents(A::Undelegated { .. }) => "a delegation taken back",
		RuntimeEvent::Attribution(P::Delegated { .. }) => "delegators rewarded",
		RuntimeEvent::Inference(I::Cancelled { .. }) => "a request taken back",
		RuntimeEvent::Inference(I::NotDrawn { .. }) => "too few operators",
		RuntimeEvent::Inference(I::CanaryReturned { .. }) => "a canary given up",
		RuntimeEvent::Inference(I::Answered { .. }) => "an answer",
		RuntimeEvent::Inference(I::RunFailed { .. }) => "a failure",
		RuntimeEvent::Inference(I::Unanswered { .. }) => "an expiry",
		RuntimeEvent::Attribution(P::Claimed { .. }) => "a claim",
		RuntimeEvent::Attribution(P::Diverted { .. }) => "a part without a taker",
		RuntimeEvent::Balances(pallet_balances::Event::Burned { .. }) => "tokens burnt",
		RuntimeEvent::Staking(pallet_staking::Event::Unbonded { .. }) => "stake unbonded",
		RuntimeEvent::Preimage(pallet_preimage::Event::Cleared { .. }) => "a preimage cleared",
		_ => return None,
	})
}

#[test]
fn random_steps_lead_somewhere() {
	let mut runner = TestRunner::deterministic();
	let mut seen = BTreeSet::new();
	// Long ones: many events take several steps before them.
	for _ in 0..300 {
		if seen.len() == KINDS {
			break;
		}
		let steps = steps(150..250)
			.new_tree(&mut runner)
			.expect("a list of steps")
			.current();
		seen.extend(run(&steps).1.iter().filter_map(name));
	}
	assert_eq!(seen.len(), KINDS, "{seen:?}");
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 100, max_shrink_iters: 200, ..Default::default() })]

	#[test]
	fn nothing_is_lost_or_made(steps in steps(1..90)) {
		run(&steps);
	}
}
