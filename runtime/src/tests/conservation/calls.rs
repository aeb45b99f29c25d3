//! The call that a step stands for.

use super::{operators::operator, Step, ACTORS};
use crate::{
	configs::utility::ProxyType,
	constants::currency::{MILLI_UNIT, UNIT},
	AccountId, Balance, Runtime, RuntimeCall,
};
use frame_support::BoundedVec;
use openledger_primitives::{
	data::Purpose,
	model::{Artifact, ArtifactKind, Audience, Policy, Profile, Provider, Task},
	ContentHash,
};
use pallet_datanets::fixtures;
use sp_core::{Get, Pair, H256};
use sp_keyring::Sr25519Keyring::{Alice, Ferdie};
use sp_runtime::{
	traits::{BlakeTwo256, Hash},
	Percent, Permill,
};

pub(super) fn text<S: Get<u32>>(text: &str) -> BoundedVec<u8, S> {
	text.as_bytes().to_vec().try_into().expect("short enough")
}

pub(super) fn inputs(datanet: u32) -> pallet_models::SpecInputs {
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
pub(super) fn some_agent(number: u16) -> AccountId {
	let agents: Vec<_> = pallet_agents::Agents::<Runtime>::iter_keys().collect();
	agents
		.get(usize::from(number) % agents.len().max(1))
		.cloned()
		.unwrap_or_else(|| Ferdie.to_account_id())
}

/// The call that an account makes in a step.
pub(super) fn call(Step { actor, kind, a, b }: Step) -> RuntimeCall {
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
			proxy_type: ProxyType::Any,
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
