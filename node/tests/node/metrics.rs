//! What monitors see and operators are told: of real state and events of the runtime, and of the real
//! inference service.

use codec::Encode;
use frame_support::{assert_ok, storage::storage_prefix, traits::fungible::Mutate};
use openledger_inference::{
	service::{Service, ServiceError},
	InferenceArgs, Provider as Requested,
};
use openledger_node::{
	inference_service::{supervise, Child, Metrics},
	metrics::{Notice, Operator, StateAt, Unreadable, Watch},
	operator::{insert_dev_key, Endpoint},
};
use openledger_primitives::{
	model::{
		Artifact, ArtifactKind, Audience, ModelSpec, Policy, Profile, Provider, Sampler, Task,
	},
	protocol::OPERATOR_KEY_TYPE,
	traits::{AgentPool, Offence, Performance, Source},
	ContentHash, RequestId,
};
use openledger_runtime::{
	constants::currency::UNIT, AccountId, Agents, Balances, Runtime, RuntimeEvent, RuntimeOrigin,
	System,
};
use pallet_inference::Event;
use serde_json::json;
use sp_core::{sr25519, Pair, H256};
use sp_io::TestExternalities;
use sp_keystore::{Keystore, KeystorePtr};
use sp_runtime::Percent;
use std::{
	cell::RefCell,
	path::Path,
	sync::Arc,
	time::{Duration, Instant},
};
use substrate_prometheus_endpoint::{prometheus::proto::MetricFamily, Registry};
use tokio::{sync::oneshot, task::JoinHandle};

/// The metric of that name with those labels and no others.
fn find<'a>(
	families: &'a [MetricFamily],
	name: &str,
	labels: &[(&str, &str)],
) -> Option<&'a substrate_prometheus_endpoint::prometheus::proto::Metric> {
	let family = families.iter().find(|family| family.get_name() == name)?;
	family.get_metric().iter().find(|metric| {
		metric.get_label().len() == labels.len()
			&& metric
				.get_label()
				.iter()
				.all(|label| labels.contains(&(label.get_name(), label.get_value())))
	})
}

/// The value of a counter or gauge.
fn value(registry: &Registry, name: &str, labels: &[(&str, &str)]) -> f64 {
	let families = registry.gather();
	let metric = find(&families, name, labels)
		.unwrap_or_else(|| panic!("there is no {name} with {labels:?}"));
	// One of them is there, the other is zero.
	metric.get_counter().get_value() + metric.get_gauge().get_value()
}

/// Count and sum of a histogram.
fn observed(registry: &Registry, name: &str, labels: &[(&str, &str)]) -> (u64, f64) {
	let families = registry.gather();
	let metric = find(&families, name, labels)
		.unwrap_or_else(|| panic!("there is no {name} with {labels:?}"));
	let histogram = metric.get_histogram();
	(histogram.get_sample_count(), histogram.get_sample_sum())
}

/// A chain's state.
struct State(RefCell<TestExternalities>);

impl StateAt for State {
	fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Unreadable> {
		let mut ext = self.0.borrow_mut();
		Ok(ext.execute_with(|| sp_io::storage::get(key).map(|value| value.to_vec())))
	}
}

/// A chain and a node that follows it.
struct Scene {
	state: State,
	watch: Watch,
	registry: Registry,
	keystore: KeystorePtr,
	number: u32,
}

impl Scene {
	fn new(serves: bool, models: Option<&Path>) -> Self {
		let keystore: KeystorePtr = Arc::new(sc_keystore::LocalKeystore::in_memory());
		insert_dev_key(&*keystore, "//Alice").unwrap();
		let registry = Registry::new();
		let operator = Operator {
			keystore: keystore.clone(),
			serves,
			models: models.map(Into::into),
		};
		Self {
			state: State(RefCell::new(TestExternalities::new_empty())),
			watch: Watch::new(operator, Some(&registry)).unwrap(),
			registry,
			keystore,
			number: 0,
		}
	}

	/// Makes a block in which that happens, and has the node look at it.
	fn block(&mut self, happens: impl FnOnce()) -> Vec<Notice> {
		self.number += 1;
		self.state.0.borrow_mut().execute_with(|| {
			System::reset_events();
			System::set_block_number(self.number);
			happens();
		});
		self.watch.block(self.number, &self.state)
	}

	fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
		value(&self.registry, name, labels)
	}
}

fn warnings(notices: &[Notice]) -> Vec<&str> {
	notices
		.iter()
		.filter(|notice| notice.level == log::Level::Warn)
		.map(|notice| notice.text.as_str())
		.collect()
}

fn seed(name: &str) -> sr25519::Public {
	sr25519::Pair::from_string(&format!("//{name}"), None)
		.unwrap()
		.public()
}

fn account(name: &str) -> AccountId {
	AccountId::new(seed(name).0)
}

/// An agent of that account, whose operator key is that of another name.
fn register(name: &str, key: &str) {
	let who = account(name);
	Balances::set_balance(&who, 1_000_000 * UNIT);
	let profile = Profile {
		provider: Provider::Cpu,
		onnxruntime: [1, 31, 1],
		memory: 1_024,
	};
	assert_ok!(Agents::register(
		RuntimeOrigin::signed(who),
		seed(key),
		profile,
		Default::default(),
		Default::default(),
		2 * minimum(),
		Default::default(),
	));
}

fn minimum() -> u128 {
	<Runtime as pallet_agents::Config>::MinBond::get()
}

fn tell(event: Event<Runtime>) {
	System::deposit_event(RuntimeEvent::Inference(event));
}

fn drawn(request: RequestId, names: &[&str]) {
	let committee = names.iter().map(|name| account(name)).collect::<Vec<_>>();
	tell(Event::Drawn {
		request,
		question: H256::zero(),
		seed: H256::zero(),
		committee: committee.try_into().unwrap(),
		commit_until: 100,
	});
}

fn committed(request: RequestId, name: &str) {
	let agent = account(name);
	let commitment = H256::zero();
	tell(Event::Committed {
		request,
		agent,
		commitment,
	});
}

fn revealed(request: RequestId, name: &str) {
	let agent = account(name);
	let outcome = H256::zero();
	tell(Event::Revealed {
		request,
		agent,
		outcome,
	});
}

fn offended(request: RequestId, name: &str, offence: Offence) {
	tell(Event::Offended {
		request,
		agent: account(name),
		offence,
		reporter: None,
	});
}

fn offended_in_channel(name: &str, offence: Offence) {
	let event = pallet_channels::Event::Offended {
		channel: 7,
		agent: account(name),
		offence,
		reporter: Some(account("Eve")),
	};
	System::deposit_event(RuntimeEvent::Channels(event));
}

#[test]
fn an_agents_state_is_shown_and_what_is_wrong_is_said_once() {
	let mut scene = Scene::new(true, None);
	let alice = account("Alice").to_string();
	let notices = scene.block(|| ());
	let [foreign] = warnings(&notices)[..] else {
		panic!("{notices:?}")
	};
	assert!(foreign.contains(&hex::encode(seed("Alice"))), "{foreign}");
	assert!(foreign.contains("agents.register"), "{foreign}");
	assert_eq!(scene.block(|| ()), [], "once");

	let notices = scene.block(|| register("Alice", "Alice"));
	assert_eq!(warnings(&notices), [""; 0]);
	assert!(notices[0].text.contains(&alice), "{notices:?}");
	let of_alice = [("agent", alice.as_str())];
	let status = |status| [of_alice[0], ("status", status)];
	let bond = (2 * minimum() / UNIT) as f64;
	assert_eq!(scene.value("openledger_agent_bond_open", &of_alice), bond);
	assert_eq!(
		scene.value("openledger_agent_status", &status("active")),
		1.0
	);
	assert_eq!(
		scene.value("openledger_agent_status", &status("paused")),
		0.0
	);
	assert_eq!(scene.value("openledger_chain_active_agents", &[]), 1.0);
	let score = scene.value("openledger_agent_score", &of_alice);
	assert!(score > 0.0 && score < 1.0, "{score}");

	// How assignments ended is the chain's own count.
	scene.block(|| {
		for performance in [
			Performance::Agreed {
				lateness: Percent::zero(),
			},
			Performance::Agreed {
				lateness: Percent::zero(),
			},
			Performance::Absent,
		] {
			pallet_agents::Agents::<Runtime>::mutate(account("Alice"), |agent| {
				agent.as_mut().unwrap().open += 1
			});
			<Agents as AgentPool<AccountId>>::release(&account("Alice"), performance);
		}
	});
	for (how, count) in [("agreed", 2.0), ("absent", 1.0), ("disagreed", 0.0)] {
		let labels = [of_alice[0], ("how", how)];
		assert_eq!(
			scene.value("openledger_agent_assignments_ended", &labels),
			count,
			"{how}"
		);
	}

	// Offences of the real pallet: the events are its own.
	let notices = scene.block(|| {
		<Agents as AgentPool<AccountId>>::offend(&account("Alice"), Offence::Equivocation, None)
	});
	let words = warnings(&notices).join("\n");
	assert!(words.contains("to be slashed 100 %"), "{words}");
	assert!(words.contains("agents.cancelSlash"), "{words}");
	assert!(words.contains("a pending slash will take all"), "{words}");
	let deferred = [of_alice[0], ("state", "deferred")];
	assert_eq!(
		scene.value("openledger_agent_slashes_total", &deferred),
		1.0
	);
	assert_eq!(
		scene.value("openledger_agent_pending_slashes", &of_alice),
		1.0
	);
	assert_eq!(
		scene.value("openledger_agent_status", &status("suspended")),
		1.0
	);
	assert_eq!(
		scene.value("openledger_agent_status", &status("active")),
		0.0
	);
	assert_eq!(scene.value("openledger_chain_active_agents", &[]), 0.0);

	// Governance takes it back: the agent goes on.
	let notices = scene.block(|| {
		assert_ok!(Agents::cancel_slash(RuntimeOrigin::root(), 0));
	});
	assert_eq!(warnings(&notices), [""; 0]);
	assert!(
		notices
			.iter()
			.any(|notice| notice.text.contains("gets requests again")),
		"{notices:?}"
	);
	let cancelled = [of_alice[0], ("state", "cancelled")];
	assert_eq!(
		scene.value("openledger_agent_slashes_total", &cancelled),
		1.0
	);
	assert_eq!(
		scene.value("openledger_agent_status", &status("active")),
		1.0
	);

	// A key of an agent whose present one is elsewhere.
	let notices = scene.block(|| {
		assert_ok!(Agents::set_operator_key(
			RuntimeOrigin::signed(account("Alice")),
			seed("Elsewhere"),
		));
	});
	let words = warnings(&notices).join("\n");
	assert!(words.contains("a former operator key"), "{words}");
	assert!(words.contains(&hex::encode(seed("Elsewhere"))), "{words}");
	scene
		.keystore
		.sr25519_generate_new(OPERATOR_KEY_TYPE, Some("//Elsewhere"))
		.unwrap();
	assert_eq!(scene.block(|| ()), []);

	// What is gone is not shown.
	scene.block(|| {
		pallet_agents::Keys::<Runtime>::remove(seed("Alice"));
		pallet_agents::Keys::<Runtime>::remove(seed("Elsewhere"));
	});
	let families = scene.registry.gather();
	assert!(find(&families, "openledger_agent_bond_open", &of_alice).is_none());
	assert!(find(&families, "openledger_agent_slashes_total", &deferred).is_some());
}

#[test]
fn an_agent_without_a_service_or_with_too_small_a_bond_is_told() {
	let mut scene = Scene::new(false, None);
	// Nobody asked for the key of a development account.
	assert_eq!(scene.block(|| ()), []);
	let notices = scene.block(|| register("Alice", "Alice"));
	let words = warnings(&notices).join("\n");
	assert!(words.contains("--inference-models"), "{words}");

	let notices = scene.block(|| {
		assert_ok!(Agents::pause(RuntimeOrigin::signed(account("Alice"))));
		pallet_agents::Agents::<Runtime>::mutate(account("Alice"), |agent| {
			agent.as_mut().unwrap().bond = minimum() - UNIT
		});
	});
	let words = warnings(&notices).join("\n");
	assert!(
		words.contains("agents.bondMore, then agents.resume"),
		"{words}"
	);
	assert!(
		words.contains(&format!("{} OPEN", minimum() / UNIT - 1)),
		"{words}"
	);
}

#[test]
fn files_that_are_missing_are_named() {
	let folder = tempfile::tempdir().unwrap();
	let hashes = [[1; 32], [2; 32]].map(ContentHash);
	std::fs::write(folder.path().join(hex::encode(hashes[0])), "a graph").unwrap();
	let mut scene = Scene::new(true, Some(folder.path()));
	let notices = scene.block(|| {
		register("Alice", "Alice");
		let artifacts = [
			(ArtifactKind::Graph, hashes[0]),
			(ArtifactKind::Tokenizer, hashes[1]),
		];
		let artifacts = artifacts
			.map(|(kind, hash)| Artifact { kind, hash })
			.to_vec();
		pallet_models::Models::<Runtime>::insert(
			7,
			pallet_models::Model {
				owner: account("Eve"),
				author: account("Eve"),
				offered_to: None,
				name: b"a model".to_vec().try_into().unwrap(),
				terms: pallet_models::fixtures::terms(),
				descent: pallet_models::Descent::Base,
				lineage: Default::default(),
				depth: 1,
				descendants: 0,
				divided: false,
				deprecated: None,
				price_per_unit: 1,
				current_version: 3,
				versions: 1,
				paused_since: None,
				audience: Audience::Everyone,
				deposit: 0,
				held: 0,
			},
		);
		pallet_models::Versions::<Runtime>::insert(
			7,
			3,
			pallet_models::Version {
				spec: ModelSpec {
					task: Task::Generate {
						max_tokens: 16,
						sampler: Sampler::Greedy,
					},
					artifacts: artifacts.try_into().unwrap(),
					policy: Policy::Exact {
						onnxruntime: [1, 31, 1],
					},
					snapshots: Default::default(),
				},
				deposit: 0,
				superseded_at: None,
			},
		);
		pallet_agents::Agents::<Runtime>::mutate(account("Alice"), |agent| {
			agent.as_mut().unwrap().models = vec![7].try_into().unwrap()
		});
	});
	let [missing] = warnings(&notices)[..] else {
		panic!("{notices:?}")
	};
	assert!(missing.contains("its tokenizer"), "{missing}");
	assert!(missing.contains(&hex::encode(hashes[1])), "{missing}");
	assert!(
		missing.contains(folder.path().to_str().unwrap()),
		"{missing}"
	);

	// It is looked for again, and said again should it be lost again.
	let file = folder.path().join(hex::encode(hashes[1]));
	std::fs::write(&file, "a tokenizer").unwrap();
	for _ in 0..20 {
		assert_eq!(scene.block(|| ()), []);
	}
	std::fs::remove_file(&file).unwrap();
	let told: usize = (0..20).map(|_| warnings(&scene.block(|| ())).len()).sum();
	assert_eq!(told, 1);
}

#[test]
fn commits_reveals_and_offences_are_counted_for_all_and_for_ones_own() {
	let mut scene = Scene::new(true, None);
	let alice = account("Alice").to_string();
	let of_alice = [("agent", alice.as_str())];
	scene.block(|| register("Alice", "Alice"));
	// Zero is shown before anything happens, so that the first increase is seen.
	assert_eq!(
		scene.value("openledger_agent_commits_total", &of_alice),
		0.0
	);
	assert_eq!(
		scene.value(
			"openledger_chain_offences_total",
			&[("offence", "no_reveal")]
		),
		0.0
	);

	// The first request: all is well, but Bob keeps silent and Charlie could not run the model.
	scene.block(|| {
		drawn(1, &["Alice", "Bob", "Charlie"]);
		drawn(2, &["Alice"]);
	});
	scene.block(|| committed(1, "Alice"));
	scene.block(|| committed(1, "Charlie"));
	scene.block(|| revealed(1, "Alice"));
	let notices = scene.block(|| {
		revealed(1, "Charlie");
		offended(1, "Bob", Offence::NoCommit);
		offended(1, "Charlie", Offence::NoCommit);
		tell(Event::Disputed {
			request: 1,
			payer: account("Eve"),
			refunded: 5,
		});
	});
	assert_eq!(notices, [], "none is ours");
	// The second one: Alice misses her commit, then her reveal, and so on.
	let mut told = Vec::new();
	for (request, offence) in [
		(2, Offence::NoCommit),
		(3, Offence::NoReveal),
		(4, Offence::WrongResult),
		(5, Offence::Equivocation),
		(6, Offence::FalseAttribution),
	] {
		let notices = scene.block(|| offended(request, "Alice", offence));
		let [words] = warnings(&notices)[..] else {
			panic!("{notices:?}")
		};
		assert!(words.contains(&format!("request {request}")), "{words}");
		told.push(words.to_owned());
	}
	assert!(told[0].contains("missed its commit"), "{told:?}");
	assert!(told[1].contains("missed its reveal"), "{told:?}");
	assert!(told[3].contains("agents.setOperatorKey"), "{told:?}");

	let chain = |name: &str, labels: &[(&str, &str)]| {
		value(&scene.registry, &format!("openledger_chain_{name}"), labels)
	};
	let own = |name: &str, labels: &[(&str, &str)]| {
		let labels = [&of_alice, labels].concat();
		value(
			&scene.registry,
			&format!("openledger_agent_{name}"),
			&labels,
		)
	};
	assert_eq!(
		(
			chain("seats_drawn_total", &[]),
			own("seats_drawn_total", &[])
		),
		(4.0, 2.0)
	);
	assert_eq!(
		(chain("commits_total", &[]), own("commits_total", &[])),
		(2.0, 1.0)
	);
	assert_eq!(
		(chain("reveals_total", &[]), own("reveals_total", &[])),
		(2.0, 1.0)
	);
	let no_commit = [("offence", "no_commit")];
	assert_eq!(
		(
			chain("offences_total", &no_commit),
			own("offences_total", &no_commit)
		),
		(3.0, 1.0)
	);
	// Charlie was blamed and had committed.
	let commit = [("what", "commit")];
	assert_eq!(
		(chain("missed_total", &commit), own("missed_total", &commit)),
		(2.0, 1.0)
	);
	assert_eq!(chain("missed_total", &[("what", "reveal")]), 1.0);
	assert_eq!(
		chain("requests_ended_total", &[("ending", "disputed")]),
		1.0
	);
	assert_eq!(
		chain("requests_ended_total", &[("ending", "answered")]),
		0.0
	);
	assert_eq!(chain("counted_block", &[]), f64::from(scene.number));
	// Alice committed one block after the draw, Charlie two; they revealed after three and four.
	let latency = |name, labels: &[_]| observed(&scene.registry, name, labels);
	assert_eq!(
		latency("openledger_chain_commit_latency_blocks", &[]),
		(2, 3.0)
	);
	assert_eq!(
		latency("openledger_agent_commit_latency_blocks", &of_alice),
		(1, 1.0)
	);
	assert_eq!(
		latency("openledger_chain_reveal_latency_blocks", &[]),
		(2, 7.0)
	);
	assert_eq!(
		latency("openledger_agent_reveal_latency_blocks", &of_alice),
		(1, 3.0)
	);
}

#[test]
fn offences_in_payment_channels_count_like_those_in_requests() {
	let mut scene = Scene::new(true, None);
	let alice = account("Alice").to_string();
	scene.block(|| register("Alice", "Alice"));
	let mut told = Vec::new();
	for offence in [
		Offence::WrongResult,
		Offence::FalseAttribution,
		Offence::Equivocation,
	] {
		let notices = scene.block(|| offended_in_channel("Alice", offence));
		let [words] = warnings(&notices)[..] else {
			panic!("{notices:?}")
		};
		assert!(words.contains("channel 7"), "{words}");
		told.push(words.to_owned());
	}
	assert!(told[0].contains("not posted or disclosed"), "{told:?}");
	assert!(told[1].contains("other data"), "{told:?}");
	assert!(told[2].contains("agents.setOperatorKey"), "{told:?}");
	let notices = scene.block(|| {
		offended(1, "Bob", Offence::WrongResult);
		offended_in_channel("Bob", Offence::WrongResult);
	});
	assert_eq!(notices, [], "none is ours");

	for (offence, all, own) in [
		("wrong_result", 3.0, 1.0),
		("false_attribution", 1.0, 1.0),
		("equivocation", 1.0, 1.0),
		("no_commit", 0.0, 0.0),
	] {
		let label = ("offence", offence);
		let of_alice = [("agent", alice.as_str()), label];
		let counted = (
			scene.value("openledger_chain_offences_total", &[label]),
			scene.value("openledger_agent_offences_total", &of_alice),
		);
		assert_eq!(counted, (all, own), "{offence}");
	}
}

#[test]
fn earnings_and_slashes_are_sums_in_open() {
	let mut scene = Scene::new(true, None);
	let alice = account("Alice").to_string();
	scene.block(|| register("Alice", "Alice"));
	scene.block(|| {
		for (name, role, amount) in [
			("Alice", pallet_attribution::Role::Operator, UNIT / 4),
			("Alice", pallet_attribution::Role::Data, UNIT),
			("Bob", pallet_attribution::Role::Operator, UNIT),
		] {
			System::deposit_event(RuntimeEvent::Attribution(
				pallet_attribution::Event::Credited {
					source: Source::Request(1),
					who: account(name),
					role,
					amount,
				},
			));
		}
		System::deposit_event(RuntimeEvent::Attribution(
			pallet_attribution::Event::Delegated {
				source: Source::Request(1),
				agent: account("Alice"),
				amount: UNIT / 2,
			},
		));
	});
	let labels = |whose| [("agent", alice.as_str()), ("whose", whose)];
	let name = "openledger_agent_earned_open_total";
	assert_eq!(scene.value(name, &labels("own")), 0.25);
	assert_eq!(scene.value(name, &labels("delegated")), 0.5);
	let all = scene.value("openledger_chain_earned_open_total", &[("whose", "own")]);
	assert_eq!(all, 1.25);

	let notices = scene.block(|| {
		System::deposit_event(RuntimeEvent::Agents(pallet_agents::Event::Slashed {
			id: 9,
			agent: account("Alice"),
			offence: Offence::WrongResult,
			own: 3 * UNIT,
			delegated: UNIT / 2,
			reporter: None,
			reward: 0,
		}));
	});
	let [words] = warnings(&notices)[..] else {
		panic!("{notices:?}")
	};
	assert!(words.contains("3 OPEN of its own, 0.5 OPEN"), "{words}");
	let name = "openledger_agent_slashed_open_total";
	assert_eq!(scene.value(name, &labels("own")), 3.0);
	assert_eq!(scene.value(name, &labels("delegated")), 0.5);
}

#[test]
fn a_block_counts_once_and_one_that_cannot_be_read_is_said_to() {
	let mut scene = Scene::new(true, None);
	scene.block(|| committed(1, "Bob"));
	// The same block again, and one before it.
	assert_eq!(scene.watch.block(1, &scene.state), []);
	assert_eq!(scene.watch.block(0, &scene.state), []);
	assert_eq!(scene.value("openledger_chain_commits_total", &[]), 1.0);

	let unknown = (1u32, [0xffu8; 40]).encode();
	let garble = || sp_io::storage::set(&storage_prefix(b"System", b"Events"), &unknown);
	let notices = scene.block(garble);
	let [words] = warnings(&notices)[..] else {
		panic!("{notices:?}")
	};
	assert!(words.contains("update the node"), "{words}");
	assert_eq!(scene.block(garble), [], "said once");
	assert_eq!(
		scene.value("openledger_chain_unread_blocks_total", &[]),
		2.0
	);
	assert_eq!(scene.value("openledger_chain_counted_block", &[]), 1.0);
	scene.block(|| committed(2, "Bob"));
	assert_eq!(scene.value("openledger_chain_commits_total", &[]), 2.0);
}

/// The real inference service, on a port.
struct Running {
	address: std::net::SocketAddr,
	stop: oneshot::Sender<()>,
	served: JoinHandle<Result<(), ServiceError>>,
}

const TOKEN: &str = "a token for tests, long enough";

impl Running {
	async fn start(folder: &Path, port: u16) -> Self {
		let token_file = folder.join("token");
		std::fs::write(&token_file, TOKEN).unwrap();
		let args = InferenceArgs {
			listen: ([127, 0, 0, 1], port).into(),
			models: folder.join("models"),
			content: folder.join("content"),
			content_quota: 1 << 20,
			cache: folder.join("cache"),
			onnxruntime: Some("/no/such/library.so".into()),
			provider: Requested::Cpu,
			threads: Some(1),
			token_file: Some(token_file),
			queue: 8,
			max_run_ms: 1_000,
			unload_after_s: 120,
			max_batch_bytes: 1 << 20,
			ipfs_gateway: None,
			eigenda_proxy: None,
			allow_private_locators: false,
			exit_with_parent: false,
		};
		let service = Service::bind(&args).await.unwrap();
		let address = service.local_addr();
		let (stop, stopped) = oneshot::channel();
		let served = tokio::spawn(service.run(async {
			let _ = stopped.await;
		}));
		Self {
			address,
			stop,
			served,
		}
	}

	/// Asks for an answer that there cannot be, without a library.
	async fn ask(&self, name: u8) {
		let hash = hex::encode([name; 32]);
		let job = json!({
			"id": hash, "kind": "generate", "graph": hash, "tokenizer": hash, "generation": hash,
			"input": hex::encode("Hello?"), "max_tokens": 8, "sampler": { "kind": "greedy" },
			"max_run_ms": 1_000,
		});
		let client = reqwest::Client::builder().no_proxy().build().unwrap();
		let url = format!("http://{}/v1/jobs", self.address);
		let answer = client.post(url).bearer_auth(TOKEN).json(&job).send().await;
		assert!(answer.unwrap().status().is_success());
	}

	async fn stop(self) {
		self.stop.send(()).unwrap();
		self.served.await.unwrap().unwrap();
	}
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
	let started = Instant::now();
	while !holds() {
		assert!(
			started.elapsed() < Duration::from_secs(60),
			"{what}: did not happen"
		);
		tokio::time::sleep(Duration::from_millis(50)).await;
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_real_service_counts_goes_on_when_it_is_started_again() {
	let folder = tempfile::tempdir().unwrap();
	let service = Running::start(folder.path(), 0).await;
	let address = service.address;
	service.ask(1).await;
	service.ask(2).await;

	let registry = Registry::new();
	let metrics = Metrics::new(Some(&registry)).unwrap();
	// The process that is supervised is another one: what counts is who answers.
	let child = Child {
		program: "/bin/sh".into(),
		arguments: vec!["-c".into(), "read line".into()],
		environment: Vec::new(),
		backoff: Default::default(),
		health: Some(Endpoint {
			url: format!("http://{address}"),
			token: TOKEN.into(),
		}),
	};
	let supervisor = tokio::spawn(supervise(child, metrics.clone()));
	let failed = [("kind", "generate"), ("outcome", "missing_library")];
	let jobs = || {
		let families = registry.gather();
		find(&families, "openledger_inference_jobs_total", &failed)
			.map(|metric| metric.get_counter().get_value())
	};
	until("two jobs", || jobs() == Some(2.0)).await;
	let done = [("kind", "search"), ("outcome", "done")];
	assert_eq!(
		value(&registry, "openledger_inference_jobs_total", &done),
		0.0
	);
	let kind = [("kind", "generate")];
	assert_eq!(
		observed(&registry, "openledger_inference_job_wait_seconds", &kind).0,
		2
	);
	assert_eq!(
		value(&registry, "openledger_inference_queue_capacity", &[]),
		8.0
	);
	assert_eq!(
		value(&registry, "openledger_inference_queue_length", &kind),
		0.0
	);
	assert!(value(&registry, "openledger_inference_resident_bytes", &[]) > 1e6);
	let families = registry.gather();
	let info = families
		.iter()
		.find(|family| family.get_name() == "openledger_inference_info")
		.unwrap();
	let [info] = info.get_metric() else {
		panic!("{info:?}")
	};
	let label = |name| {
		info.get_label()
			.iter()
			.find(|label| label.get_name() == name)
	};
	assert_eq!(label("onnxruntime").unwrap().get_value(), "none");

	service.stop().await;
	until("the service is missed", || metrics.up.get() == 0).await;
	assert_eq!(jobs(), Some(2.0), "what was counted stays");
	let families = registry.gather();
	assert!(find(&families, "openledger_inference_queue_length", &kind).is_none());
	let service = Running::start(folder.path(), address.port()).await;
	service.ask(1).await;
	until("a third job", || jobs() == Some(3.0)).await;
	assert_eq!(
		observed(&registry, "openledger_inference_job_run_seconds", &kind).0,
		3
	);
	supervisor.abort();
	service.stop().await;
}
