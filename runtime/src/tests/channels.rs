//! Calls by payment channel, challenged and not, with the real agents, models, data and committees: who
//! has what in the end, to the unit.

use super::{calls::Served, chain::Chain};
use crate::{
	configs::{
		channels::{BatchBond, ChallengeBlocks, ChallengeBond},
		money::TreasuryAccount,
		openledger::AgentSlashDefer,
	},
	constants::currency::{MILLI_UNIT, UNIT},
	genesis_config_presets::DEVELOPMENT,
	AccountId, Agents, Attribution, Balance, Balances, Channels, Inference, Runtime, RuntimeCall,
	RuntimeEvent, UncheckedExtrinsic,
};
use frame_support::{
	assert_noop, assert_ok,
	traits::fungible::{Inspect, InspectHold},
};
use frame_system::offchain::CreateAuthorizedTransaction;
use openledger_primitives::{
	answer::Entry,
	model::{Artifact, ArtifactKind, Policy, Profile, Provider, Sampler, Task},
	protocol,
	receipt::call_seed,
	split::{apportion, Shares},
	traits::{ModelRegistry, Offence, Source},
	Answer, ChannelId, ContentHash, Outcome, Output, RequestId,
};
use pallet_agents::types::Status;
use pallet_channels::{HoldReason, Stage};
use pallet_datanets::fixtures;
use pallet_inference::Phase;
use sp_core::{sr25519, Pair};
use sp_keyring::Sr25519Keyring::{
	self, AliceStash, Bob, BobStash, Charlie, CharlieStash, Dave, DaveStash, Eve, Ferdie,
};
use sp_runtime::{DispatchResult, Permill};
use std::collections::BTreeMap;

const OWNER: Sr25519Keyring = Bob;
const FIRST: Sr25519Keyring = Charlie;
const SECOND: Sr25519Keyring = Dave;
const PAYER: Sr25519Keyring = Eve;
const CHALLENGER: Sr25519Keyring = Ferdie;
const AGENT: Sr25519Keyring = AliceStash;
/// Those that run again what the agent has served.
const OTHERS: [Sr25519Keyring; 3] = [BobStash, CharlieStash, DaveStash];

const MODEL: u32 = 0;
const CHANNEL: ChannelId = 0;
const BOND: Balance = 1_000 * UNIT;
const DEPOSIT: Balance = 50 * UNIT;
/// What each call costs: more than the model asks for the smallest.
const FEE: Balance = UNIT;

/// The key with which an agent's node signs.
fn operator(agent: Sr25519Keyring) -> sr25519::Pair {
	sr25519::Pair::from_string(&format!("//{agent}//operator"), None).expect("a valid path")
}

/// A text that came of these parts of the two contributors' data, in percent.
fn answer(text: &str, first: u32, second: u32) -> Outcome {
	let entries = [(0, first), (1, second)]
		.into_iter()
		.filter(|(_, percent)| *percent > 0)
		.map(|(batch, percent)| Entry {
			batch,
			weight: percent * 10_000,
		});
	Outcome::Answered(Answer {
		output: Output::Inline(text.as_bytes().to_vec().try_into().expect("short")),
		attribution: entries.collect::<Vec<_>>().try_into().expect("few"),
		..Answer::default()
	})
}

fn right() -> Outcome {
	answer("Paris", 30, 70)
}

fn wrong() -> Outcome {
	answer("London", 30, 70)
}

/// A chain with a model that samples, four agents that serve it, and a channel at one of them; and what
/// transactions have cost whom.
struct Scene {
	chain: Chain,
	paid: BTreeMap<AccountId, Balance>,
	history: Vec<RuntimeEvent>,
}

impl Scene {
	fn new() -> Self {
		let mut scene = Self {
			chain: Chain::new(DEVELOPMENT),
			paid: BTreeMap::new(),
			history: Vec::new(),
		};
		scene.set_up().expect("the calls are valid");
		scene
	}

	fn set_up(&mut self) -> DispatchResult {
		let chain = &mut self.chain;
		chain.call(
			OWNER,
			pallet_datanets::Call::create_datanet {
				details: fixtures::details(),
				rules: fixtures::vouched::<Runtime>(),
			},
		)?;
		for (n, who) in [FIRST, SECOND].into_iter().enumerate() {
			chain.call(
				OWNER,
				pallet_datanets::Call::list_contributor {
					datanet: 0,
					who: who.to_account_id().into(),
				},
			)?;
			chain.call(
				who,
				pallet_datanets::Call::add_batch {
					datanet: 0,
					details: fixtures::batch(n as u64),
				},
			)?;
		}
		chain.call(
			OWNER,
			pallet_models::Call::register {
				name: b"SmolLM2".to_vec().try_into().expect("short"),
				inputs: inputs(),
				price_per_unit: MILLI_UNIT + 7,
				terms: pallet_models::fixtures::terms(),
				descent: pallet_models::Descent::Base,
				max_royalty: 0,
			},
		)?;
		for agent in [AGENT].into_iter().chain(OTHERS) {
			chain.call(
				agent,
				pallet_agents::Call::register {
					operator_key: operator(agent).public(),
					profile: Profile {
						provider: Provider::Cpu,
						onnxruntime: [1, 31, 1],
						memory: 4_096,
					},
					endpoint: Default::default(),
					models: vec![MODEL].try_into().expect("few"),
					bond: BOND,
					commission: Permill::zero(),
				},
			)?;
		}
		chain.call(
			PAYER,
			pallet_channels::Call::open {
				agent: AGENT.to_account_id(),
				model: MODEL,
				deposit: DEPOSIT,
				signer: None,
			},
		)
	}

	fn call(&mut self, by: Sr25519Keyring, call: impl Into<RuntimeCall>) -> DispatchResult {
		self.chain.call(by, call)
	}

	/// The agent serves these calls and posts them, with the payer's voucher.
	fn post(&mut self, outcomes: &[Outcome]) -> Served {
		let (served, post) = self.chain.execute(|| {
			let mut served = Served::begin(CHANNEL, 0);
			for (n, outcome) in outcomes.iter().enumerate() {
				let input = format!("What is the capital of the {n}th country?");
				served.call(&operator(AGENT), input.as_bytes(), outcome.clone(), FEE);
			}
			let post = served.post(PAYER);
			(served, post)
		});
		assert_ok!(self.call(AGENT, post));
		served
	}

	/// A call is challenged, disclosed by who paid for it, and given to a committee.
	fn contest(&mut self, served: &Served, place: u32) -> RequestId {
		assert_ok!(self.call(CHALLENGER, served.challenge(0, place)));
		assert_ok!(self.call(PAYER, served.disclose(0, place)));
		assert_ok!(self.call(CHALLENGER, served.rerun(0, place)));
		match self.stage() {
			Stage::Rerunning { request, .. } => request,
			stage => panic!("not run again: {stage:?}"),
		}
	}

	fn stage(&mut self) -> Stage<AccountId, u32> {
		self.chain
			.execute(|| pallet_channels::Batches::<Runtime>::get(CHANNEL, 0))
			.expect("not settled")
			.stage
	}

	/// The committee of a request is drawn, commits and reveals.
	fn judge(
		&mut self,
		request: RequestId,
		outcome: &Outcome,
	) -> pallet_inference::Receipt<Runtime> {
		for _ in 0..30 {
			let Some(open) = self
				.chain
				.execute(|| pallet_inference::Requests::<Runtime>::get(request))
			else {
				let receipt = self
					.chain
					.execute(|| pallet_inference::Receipts::<Runtime>::get(request));
				return receipt.expect("it has ended");
			};
			let seats = open.committee.iter().map(|seat| seat.agent.clone());
			let agent = AGENT.to_account_id();
			assert!(
				seats.clone().all(|who| who != agent),
				"nobody judges itself"
			);
			self.chain.block(|| turns(request, &open, outcome));
		}
		panic!("operators were not slow");
	}

	/// What an account has, free, held and credited, and what its transactions have cost it: that
	/// changes only by what else it pays and gets.
	fn worth(&mut self, who: &AccountId) -> Balance {
		for event in self.chain.take_events() {
			if let RuntimeEvent::TransactionPayment(
				pallet_transaction_payment::Event::TransactionFeePaid {
					who, actual_fee, ..
				},
			) = &event
			{
				*self.paid.entry(who.clone()).or_default() += actual_fee;
			}
			self.history.push(event);
		}
		let paid = self.paid.get(who).copied().unwrap_or_default();
		paid + self
			.chain
			.execute(|| Balances::total_balance(who) + Attribution::credit(who.clone()))
	}

	/// What all have that take part.
	fn worths(&mut self) -> BTreeMap<String, Balance> {
		let people = [OWNER, FIRST, SECOND, PAYER, CHALLENGER, AGENT]
			.into_iter()
			.chain(OTHERS)
			.map(|who| (who.to_string(), who.to_account_id()));
		people
			.chain([("treasury".into(), TreasuryAccount::get())])
			.map(|(name, who)| (name, self.worth(&who)))
			.collect()
	}

	/// Who has more or less than before, and by how much.
	fn changes(&mut self, before: &BTreeMap<String, Balance>) -> BTreeMap<String, i128> {
		self.worths()
			.into_iter()
			.map(|(name, now)| {
				let change = now as i128 - before[&name] as i128;
				(name, change)
			})
			.filter(|(_, change)| *change != 0)
			.collect()
	}

	/// Whether anything is held from anybody by the pallet.
	fn holds_nothing(&mut self) -> bool {
		let reasons = [
			HoldReason::Funds,
			HoldReason::Record,
			HoldReason::Bond,
			HoldReason::Challenge,
		];
		self.chain.execute(|| {
			[PAYER, AGENT, CHALLENGER].into_iter().all(|who| {
				reasons.iter().all(|reason| {
					Balances::balance_on_hold(&(*reason).into(), &who.to_account_id()) == 0
				})
			})
		})
	}

	fn check(&mut self) {
		self.chain.execute(|| {
			Channels::do_try_state().expect("Channels");
			Inference::do_try_state().expect("Inference");
			Agents::do_try_state().expect("Agents");
			Attribution::do_try_state().expect("Attribution");
		});
	}
}

/// A model whose answers depend on a seed, built on the data of both contributors.
fn inputs() -> pallet_models::SpecInputs {
	let kinds = [
		ArtifactKind::Graph,
		ArtifactKind::Tokenizer,
		ArtifactKind::Generation,
	];
	let artifacts = kinds.map(|kind| Artifact {
		kind,
		hash: ContentHash::of(format!("{kind:?}").as_bytes()),
	});
	pallet_models::SpecInputs {
		task: Task::Generate {
			max_tokens: 32,
			sampler: Sampler::Seeded {
				temperature: 700,
				top_k: 40,
				top_p: 950_000,
			},
		},
		artifacts: artifacts.to_vec().try_into().expect("few"),
		policy: Policy::Exact {
			onnxruntime: [1, 31, 1],
		},
		datanets: vec![0].try_into().expect("few"),
	}
}

/// What the operators of a request send in its present phase, if they all have this outcome.
fn turns(
	request: RequestId,
	open: &pallet_inference::Request<Runtime>,
	outcome: &Outcome,
) -> Vec<UncheckedExtrinsic> {
	let Some(question) = open.question else {
		return Vec::new();
	};
	let (hash, salt) = (outcome.hash(), [7; 32]);
	let waits = |seat: &pallet_inference::Seat<AccountId>| match open.phase {
		Phase::Draw => false,
		Phase::Commit => seat.commitment.is_none(),
		Phase::Reveal => seat.revealed.is_none(),
	};
	let call = |seat: &pallet_inference::Seat<AccountId>| {
		let key = OTHERS
			.map(operator)
			.into_iter()
			.find(|key| key.public() == seat.operator)
			.expect("one of the others");
		let operator = key.public();
		if open.phase == Phase::Commit {
			let commitment = protocol::commitment(&question.hash, &operator, &hash, &salt);
			let message = protocol::commit_message(&question.hash, &commitment);
			pallet_inference::Call::commit {
				request,
				operator,
				commitment,
				signature: key.sign(&message),
			}
		} else {
			let message = protocol::reveal_message(&question.hash, &hash, &salt);
			pallet_inference::Call::reveal {
				request,
				operator,
				outcome: outcome.clone(),
				salt,
				signature: key.sign(&message),
			}
		}
	};
	open.committee
		.iter()
		.filter(|seat| waits(seat))
		.map(|seat| {
			<Runtime as CreateAuthorizedTransaction<pallet_inference::Call<Runtime>>>::create_authorized_transaction(
				call(seat).into(),
			)
		})
		.collect()
}

/// What a run that answered what is right pays to whom.
fn run_pays(run: &pallet_inference::Receipt<Runtime>) -> BTreeMap<String, i128> {
	let parts = Shares::default()
		.split(run.fee)
		.expect("the shares are valid");
	let data = apportion(parts.data, &[30, 70]).expect("small");
	let operators = apportion(parts.operators, &[1, 1, 1]).expect("small");
	let names = run.committee.iter().map(|seat| {
		let seated = |who: &Sr25519Keyring| who.to_account_id() == seat.agent;
		OTHERS.into_iter().find(seated).expect("one of the others")
	});
	[(OWNER, parts.model), (FIRST, data[0]), (SECOND, data[1])]
		.into_iter()
		.chain(names.zip(operators))
		.map(|(who, amount)| (who.to_string(), amount as i128))
		.chain([("treasury".into(), parts.treasury as i128)])
		.collect()
}

/// The same, and what else accounts pay or get.
fn with(mut changes: BTreeMap<String, i128>, more: &[(&str, i128)]) -> BTreeMap<String, i128> {
	for (who, amount) in more {
		*changes.entry((*who).into()).or_default() += amount;
	}
	changes.retain(|_, change| *change != 0);
	changes
}

#[test]
fn a_batch_that_nobody_doubts_is_divided_to_the_last_unit() {
	let mut scene = Scene::new();
	let start = scene.worths();
	// 65 % and 35 % of what is attributed, a third of the whole is not.
	let served = scene.post(&[answer("a", 100, 0), right(), answer("c", 0, 0)]);
	assert_ok!(scene.call(AGENT, pallet_channels::Call::close { channel: CHANNEL }));
	let Stage::Open { until } = scene.stage() else {
		panic!("it is challenged");
	};
	let now = scene.chain.execute(crate::System::block_number);
	assert!(
		now + ChallengeBlocks::get() <= until + 4,
		"it was just posted"
	);
	scene.chain.blocks(until - now - 1);
	let mut waiting = scene.changes(&start);
	// Eras have ended meanwhile: what the validator does not get is the treasury's.
	waiting.remove("treasury");
	assert_eq!(waiting, BTreeMap::new());

	let before = scene.worths();
	let issuance = scene.chain.execute(Balances::total_issuance);
	scene.chain.blocks(1);
	let (fee, percent) = (3 * FEE as i128, FEE as i128 / 100);
	assert_eq!(
		scene.changes(&before),
		[
			(PAYER.to_string(), -fee),
			(AGENT.to_string(), 3 * 25 * percent),
			(OWNER.to_string(), 3 * 25 * percent),
			("treasury".into(), (3 * 5 + 40) * percent),
		]
		.into()
	);
	let burnt = issuance - scene.chain.execute(Balances::total_issuance);
	assert_eq!(burnt as i128, 3 * 5 * percent);
	assert!(
		scene.holds_nothing(),
		"the channel ends with its last batch"
	);
	scene.check();

	// The data's part is claimed, by whomever.
	let before = scene.worths();
	assert_ok!(scene.call(SECOND, served.claim(0, 1)));
	let changes = scene.changes(&before);
	assert_eq!(
		changes.get(&SECOND.to_string()),
		Some(&(70 * 40 * percent / 100))
	);
	assert_eq!(changes.get(&FIRST.to_string()), None);
	assert_ok!(scene.call(SECOND, served.claim(0, 0)));
	assert_eq!(
		scene.changes(&before).get(&FIRST.to_string()),
		Some(&(130 * 40 * percent / 100))
	);
	assert!(scene.call(FIRST, served.claim(0, 0)).is_err());
	scene.check();
}

/// Three months later nothing is left of what nobody has claimed, and all deposits are back.
#[test]
fn what_nobody_claims_of_a_batch_is_the_treasurys_in_the_end() {
	let mut scene = Scene::new();
	let served = scene.post(&[right()]);
	let Stage::Open { until } = scene.stage() else {
		panic!("it is challenged");
	};
	let now = scene.chain.execute(crate::System::block_number);
	scene.chain.blocks(until - now);
	assert_ok!(scene.call(FIRST, served.claim(0, 0)));
	scene.chain.execute(|| {
		let source = Source::Receipts {
			channel: CHANNEL,
			batch: 0,
		};
		let open = Attribution::distribution(source).expect("the data's part is set apart");
		let data = Shares::default().split(FEE).expect("valid").data;
		assert_eq!((open.amount, open.claimed), (data, data * 3 / 10));
		// Of the calls that were paid for, data shaped only some.
		assert_eq!(open.payment.payer, PAYER.to_account_id());
		assert!(open.payment.adds_up() && open.payment.fee >= FEE);
		assert_eq!(open.payment.operators[0].operator, AGENT.to_account_id());
		let held = |who: Sr25519Keyring| {
			let reason = pallet_attribution::HoldReason::Record.into();
			Balances::balance_on_hold(&reason, &who.to_account_id())
		};
		assert!(held(AGENT) > 0 && held(FIRST) > 0);
		let treasury = Balances::balance(&TreasuryAccount::get());
		crate::System::set_block_number(open.expires_at);
		let by = crate::RuntimeOrigin::signed(PAYER.to_account_id());
		assert_ok!(Attribution::close_distribution(by, source));
		let left = data - data * 3 / 10;
		assert_eq!(Balances::balance(&TreasuryAccount::get()) - treasury, left);
		assert_eq!(held(AGENT) + held(FIRST), 0);
		Attribution::do_try_state().expect("Attribution");
	});
}

#[test]
fn who_served_what_a_committee_finds_wrong_pays_for_it() {
	let mut scene = Scene::new();
	let before = scene.worths();
	let served = scene.post(&[right(), wrong(), right()]);
	let request = scene.contest(&served, 1);

	let issuance = scene.chain.execute(Balances::total_issuance);
	let run = scene.judge(request, &right());
	let pay = Shares::default()
		.split(run.fee)
		.expect("the shares are valid");
	let burnt = issuance - scene.chain.execute(Balances::total_issuance);
	assert_eq!(burnt, pay.burn);
	// The agent's bond pays for the run, and the rest of it is the treasury's. The challenger and the payer
	// have what they had.
	let bond = BatchBond::get() as i128;
	let paid = with(
		run_pays(&run),
		&[
			(&AGENT.to_string(), -bond),
			("treasury", bond - run.fee as i128),
		],
	);
	assert_eq!(scene.changes(&before), paid);
	assert!(scene.holds_nothing(), "the channel has ended");
	let slash = scene
		.chain
		.execute(|| pallet_agents::Slashes::<Runtime>::get(0))
		.expect("it is deferred");
	assert_eq!(
		(slash.agent, slash.offence, slash.part, slash.base),
		(
			AGENT.to_account_id(),
			Offence::WrongResult,
			Permill::from_percent(5),
			BOND
		)
	);
	assert_eq!(slash.reporter, Some(CHALLENGER.to_account_id()));

	let defer = scene.chain.execute(AgentSlashDefer::get);
	scene.chain.blocks(defer);
	let mut changes = scene.changes(&before);
	// Of which eras have brought some.
	changes.remove("treasury");
	let lost = (BOND / 20) as i128;
	let mut expected = with(
		paid,
		&[
			(&AGENT.to_string(), -lost),
			(&CHALLENGER.to_string(), lost / 10),
		],
	);
	expected.remove("treasury");
	assert_eq!(changes, expected);
	scene.check();
}

#[test]
fn who_doubts_what_is_right_pays_for_it() {
	let mut scene = Scene::new();
	let before = scene.worths();
	let served = scene.post(&[right()]);
	let request = scene.contest(&served, 0);
	let run = scene.judge(request, &right());

	let bond = ChallengeBond::get() as i128;
	let paid = with(
		run_pays(&run),
		&[
			(&CHALLENGER.to_string(), -bond - run.fee as i128),
			(&AGENT.to_string(), bond / 2),
			("treasury", bond / 2),
		],
	);
	assert_eq!(scene.changes(&before), paid);
	let Stage::Open { until } = scene.stage() else {
		panic!("it is open again");
	};
	assert!(until > scene.chain.execute(crate::System::block_number));
	assert!(scene
		.chain
		.execute(|| pallet_agents::Slashes::<Runtime>::iter().next().is_none()));
	scene.check();
}

#[test]
fn a_call_is_run_again_with_the_seed_that_it_was_run_with() {
	let mut scene = Scene::new();
	let served = scene.post(&[right(), right(), right()]);
	let request = scene.contest(&served, 2);
	scene.chain.blocks(3);
	scene.chain.execute(|| {
		let seed = pallet_channels::Channels::<Runtime>::get(CHANNEL)
			.expect("open")
			.seed;
		let open = pallet_inference::Requests::<Runtime>::get(request).expect("open");
		let question = open.question.expect("drawn");
		assert_eq!(question.seed, call_seed(&seed, 2));
		assert_ne!(question.seed, call_seed(&seed, 1));
		let spec = crate::Models::spec(MODEL, 0).expect("registered");
		assert_eq!(
			question.hash,
			protocol::question(
				&crate::System::block_hash(0),
				request,
				&spec.id(),
				&call_seed(&seed, 2),
				&open.input.digest(),
			)
		);
	});
	assert_eq!(served.count(), 3);
	scene.check();
}

#[test]
fn who_leaves_after_posting_is_slashed_all_the_same() {
	let mut scene = Scene::new();
	let before = scene.worths();
	let served = scene.post(&[wrong()]);
	assert_ok!(scene.call(AGENT, pallet_agents::Call::deregister {}));
	let request = scene.contest(&served, 0);
	scene.judge(request, &right());

	let agent = AGENT.to_account_id();
	let (status, slash) = scene.chain.execute(|| {
		let status = pallet_agents::Agents::<Runtime>::get(&agent).map(|agent| agent.status);
		(status, pallet_agents::Slashes::<Runtime>::get(0))
	});
	let slash = slash.expect("it is deferred");
	let Some(Status::Unbonding { until }) = status else {
		panic!("it has left: {status:?}");
	};
	assert!(slash.due < until, "its bond is held until then");
	scene.chain.execute(|| {
		assert_noop!(
			Agents::withdraw_unbonded(crate::RuntimeOrigin::signed(agent)),
			pallet_agents::Error::<Runtime>::SlashPending
		);
	});

	let defer = scene.chain.execute(AgentSlashDefer::get);
	scene.chain.blocks(defer);
	let lost = BatchBond::get() + BOND / 20;
	assert_eq!(
		scene.changes(&before)[&AGENT.to_string()],
		-(lost as i128),
		"of the batch's bond and of its own"
	);
	scene.check();
}
