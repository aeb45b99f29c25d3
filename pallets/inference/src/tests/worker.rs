//! The off-chain worker against a service that keeps to its HTTP API.

use codec::Decode;
use frame_support::traits::Hooks;
use openledger_primitives::{
	protocol::{INFERENCE_TOKEN_KEY, INFERENCE_URL_KEY},
	traits::ModelRegistry,
	Failure, Outcome,
};
use serde_json::{json, Value};
use sp_core::offchain::{
	testing::{PoolState, TestOffchainExt, TestTransactionPoolExt},
	Externalities, HttpError, HttpRequestId, HttpRequestStatus, OffchainDbExt, OffchainWorkerExt,
	OpaqueNetworkState, StorageKind, Timestamp, TransactionPoolExt,
};
use sp_keystore::{testing::MemoryKeystore, Keystore, KeystoreExt};
use std::{
	collections::{BTreeMap, VecDeque},
	sync::{Arc, Mutex},
};

use crate::{mock::*, types::Phase, Call, Ending, Requests};

const URL: &str = "http://127.0.0.1:9955";
const TOKEN: &str = "sesame";

/// A call that the worker made.
#[derive(Clone, Debug, Default)]
struct Asked {
	method: String,
	uri: String,
	headers: BTreeMap<String, String>,
	body: Vec<u8>,
	answer: Option<(u16, Vec<u8>)>,
	read: usize,
}

impl Asked {
	fn json(&self) -> Value {
		serde_json::from_slice(&self.body).expect("a JSON body")
	}

	fn what(&self) -> String {
		let path = self.uri.strip_prefix(URL).expect("under the service's URL");
		let path = path.split('/').take(3).collect::<Vec<_>>().join("/");
		format!("{} {path}", self.method)
	}
}

/// The service, as far as the worker can tell.
struct Fake {
	down: bool,
	onnxruntime: Value,
	provider: &'static str,
	/// Corpora by id, and their state.
	corpora: BTreeMap<String, Value>,
	/// Jobs by id, and how many more times they are seen running.
	jobs: BTreeMap<String, u32>,
	/// How many times a new job is seen running.
	takes: u32,
	queue_full: bool,
	/// What comes of a job.
	result: Value,
	asked: Vec<Asked>,
}

impl Default for Fake {
	fn default() -> Self {
		Self {
			down: false,
			onnxruntime: json!("1.31.1"),
			provider: "cpu",
			corpora: BTreeMap::new(),
			jobs: BTreeMap::new(),
			takes: 1,
			queue_full: false,
			result: found(&[
				(FIRST, 3, 700_000),
				(SECOND, 8, 300_000),
				(SECOND, 0, 299_999),
			]),
			asked: Vec::new(),
		}
	}
}

fn found(citations: &[(u64, u32, u32)]) -> Value {
	let citations = citations
		.iter()
		.map(|(batch, row, score)| json!({"batch": batch, "row": row, "score": score}))
		.collect::<Vec<_>>();
	json!({"state": "done", "result": {"citations": citations}, "error": null, "run_ms": 7})
}

fn failed(code: &str) -> Value {
	json!({"state": "failed", "result": null, "error": {"code": code, "message": "oh"}, "run_ms": 1})
}

fn refusal(status: u16, code: &str) -> (u16, Value) {
	(status, json!({"error": {"code": code, "message": ""}}))
}

impl Fake {
	fn answer(&mut self, asked: &Asked) -> (u16, Value) {
		let path = asked
			.uri
			.strip_prefix(URL)
			.expect("under the service's URL");
		let parts: Vec<_> = path.split('/').skip(1).collect();
		let authorized = asked
			.headers
			.get("Authorization")
			.is_some_and(|value| value == "Bearer sesame");
		match (asked.method.as_str(), parts.as_slice()) {
			("GET", ["health"]) => (
				200,
				json!({
					"version": "0.1.0",
					"onnxruntime": self.onnxruntime,
					"provider": {
						"requested": "auto", "in_use": self.provider, "fallback_reason": null
					},
					"threads": 1,
					"queue": {"depth": 0, "capacity": 8},
					"corpora": [],
					"jobs": {"done": 0, "failed": 0},
				}),
			),
			_ if !authorized => refusal(401, "unauthorized"),
			("PUT", ["v1", "corpora", id]) => {
				let state = self.corpora.entry(id.to_string()).or_insert(json!("ready"));
				(
					202,
					json!({"id": id, "state": state, "done": 0, "total": 2, "error": null}),
				)
			}
			("GET", ["v1", "corpora", id]) => match self.corpora.get(*id) {
				Some(state) if state == "failed" => (
					200,
					json!({
						"id": id, "state": "failed", "done": 0, "total": 2,
						"error": {"code": "data_unavailable", "message": "no rows"}
					}),
				),
				Some(state) => (
					200,
					json!({"id": id, "state": state, "done": 2, "total": 2, "error": null}),
				),
				None => refusal(404, "unknown_corpus"),
			},
			("POST", ["v1", "jobs"]) => {
				let job = asked.json();
				let id = job["id"].as_str().expect("an id").to_string();
				if !self
					.corpora
					.contains_key(job["corpus"].as_str().expect("a corpus"))
				{
					return refusal(404, "unknown_corpus");
				}
				if self.queue_full {
					return refusal(429, "queue_full");
				}
				let takes = self.takes;
				self.jobs.entry(id.clone()).or_insert(takes);
				(202, self.state_of(&id))
			}
			("GET", ["v1", "jobs", id]) => match self.jobs.get(*id) {
				Some(_) => (200, self.state_of(id)),
				None => refusal(404, "unknown_job"),
			},
			other => panic!("no such call: {other:?}"),
		}
	}

	fn state_of(&mut self, id: &str) -> Value {
		let left = self.jobs.get_mut(id).expect("there is");
		if *left == 0 {
			let mut state = self.result.clone();
			state["id"] = json!(id);
			state
		} else {
			*left -= 1;
			json!({"id": id, "state": "running", "result": null, "error": null, "run_ms": 0})
		}
	}
}

/// The host functions of an off-chain worker, with the service behind them.
#[derive(Clone)]
struct Host {
	rest: TestOffchainExt,
	service: Arc<Mutex<Fake>>,
}

impl Host {
	fn service(&self) -> std::sync::MutexGuard<'_, Fake> {
		self.service.lock().expect("not poisoned")
	}
}

impl Externalities for Host {
	fn is_validator(&self) -> bool {
		true
	}
	fn network_state(&self) -> Result<OpaqueNetworkState, ()> {
		self.rest.network_state()
	}
	fn timestamp(&mut self) -> Timestamp {
		self.rest.timestamp()
	}
	fn sleep_until(&mut self, deadline: Timestamp) {
		self.rest.sleep_until(deadline)
	}
	fn random_seed(&mut self) -> [u8; 32] {
		self.rest.random_seed()
	}
	fn http_request_start(
		&mut self,
		method: &str,
		uri: &str,
		_: &[u8],
	) -> Result<HttpRequestId, ()> {
		let mut service = self.service();
		service.asked.push(Asked {
			method: method.into(),
			uri: uri.into(),
			..Default::default()
		});
		Ok(HttpRequestId(service.asked.len() as u16 - 1))
	}
	fn http_request_add_header(
		&mut self,
		id: HttpRequestId,
		name: &str,
		value: &str,
	) -> Result<(), ()> {
		self.service().asked[usize::from(id.0)]
			.headers
			.insert(name.into(), value.into());
		Ok(())
	}
	fn http_request_write_body(
		&mut self,
		id: HttpRequestId,
		chunk: &[u8],
		deadline: Option<Timestamp>,
	) -> Result<(), HttpError> {
		assert!(deadline.is_some(), "nothing may block");
		let mut service = self.service();
		let place = usize::from(id.0);
		service.asked[place].body.extend(chunk);
		if chunk.is_empty() && !service.down {
			let asked = service.asked[place].clone();
			let (status, body) = service.answer(&asked);
			let body = serde_json::to_vec(&body).expect("a value");
			service.asked[place].answer = Some((status, body));
		}
		Ok(())
	}
	fn http_response_wait(
		&mut self,
		ids: &[HttpRequestId],
		deadline: Option<Timestamp>,
	) -> Vec<HttpRequestStatus> {
		assert!(deadline.is_some(), "nothing may block");
		let service = self.service();
		ids.iter()
			.map(|id| match &service.asked[usize::from(id.0)].answer {
				Some((status, _)) => HttpRequestStatus::Finished(*status),
				None => HttpRequestStatus::DeadlineReached,
			})
			.collect()
	}
	fn http_response_headers(&mut self, _: HttpRequestId) -> Vec<(Vec<u8>, Vec<u8>)> {
		Vec::new()
	}
	fn http_response_read_body(
		&mut self,
		id: HttpRequestId,
		buffer: &mut [u8],
		deadline: Option<Timestamp>,
	) -> Result<usize, HttpError> {
		assert!(deadline.is_some(), "nothing may block");
		let mut service = self.service();
		let asked = &mut service.asked[usize::from(id.0)];
		let (_, body) = asked.answer.as_ref().expect("answered");
		let rest = &body[asked.read..];
		let read = rest.len().min(buffer.len());
		buffer[..read].copy_from_slice(&rest[..read]);
		asked.read += read;
		Ok(read)
	}
	fn set_authorized_nodes(&mut self, _: Vec<sp_core::OpaquePeerId>, _: bool) {
		unreachable!("no worker sets peers")
	}
}

/// A node with an agent's key and a service.
struct Node {
	host: Host,
	pool: Box<dyn Fn() -> VecDeque<Vec<u8>>>,
}

impl Node {
	fn service(&self) -> std::sync::MutexGuard<'_, Fake> {
		self.host.service()
	}

	/// What was asked of the service since the last look.
	fn asked(&self) -> Vec<String> {
		self.calls().iter().map(Asked::what).collect()
	}

	fn calls(&self) -> Vec<Asked> {
		let asked = self.service().asked.clone();
		self.service().asked.clear();
		asked
	}

	/// Runs the worker after the present block.
	fn work(&self) {
		Inference::offchain_worker(now());
	}

	/// What the worker sent to the pool since the last look.
	fn sent(&self) -> Vec<Call<Test>> {
		(self.pool)()
			.into_iter()
			.map(|bytes| {
				let transaction = UncheckedExtrinsic::decode(&mut &bytes[..]).expect("one");
				match transaction.function {
					RuntimeCall::Inference(call) => call,
					other => panic!("not ours: {other:?}"),
				}
			})
			.collect()
	}

	/// The next block, with all that was sent, and the worker after it.
	fn block(&self) {
		let sent = self.sent();
		run_to(now() + 1);
		for call in sent {
			let (_, result) = send(call).expect("the worker sends what is valid");
			result.expect("and can be dispatched");
		}
		self.work();
	}
}

fn on_node<R>(agents: u8, keys: &[u8], test: impl FnOnce(&Node) -> R) -> R {
	let mut ext = ExtBuilder::default().agents(agents).build();
	let (rest, state) = TestOffchainExt::new();
	state.write().seed = [42; 32];
	let host = Host {
		rest: rest.clone(),
		service: Arc::default(),
	};
	let (pool, pool_state) = TestTransactionPoolExt::new();
	let keystore = MemoryKeystore::new();
	for n in keys {
		keystore
			.insert(KEY_TYPE, &format!("0x{}", hex::encode([*n; 32])), &key(*n))
			.expect("a key");
	}
	ext.register_extension(OffchainDbExt::new(rest));
	ext.register_extension(OffchainWorkerExt::new(host.clone()));
	ext.register_extension(TransactionPoolExt::new(pool));
	ext.register_extension(KeystoreExt::new(keystore));
	let node = Node {
		host,
		pool: Box::new(move || {
			let mut state = pool_state.write();
			let state: &mut PoolState = &mut state;
			std::mem::take(&mut state.transactions).into()
		}),
	};
	ext.execute_with(|| {
		set_text(INFERENCE_URL_KEY, URL);
		set_text(INFERENCE_TOKEN_KEY, TOKEN);
		let result = test(&node);
		check();
		result
	})
}

fn set_text(key: &[u8], value: &str) {
	sp_io::offchain::local_storage_set(StorageKind::PERSISTENT, key, value.as_bytes());
}

fn corpus_id() -> String {
	hex::encode(Models::spec(MODEL, 0).expect("there is").id())
}

#[test]
fn from_question_to_settlement() {
	on_node(1, &[AGENT], |node| {
		// Ahead of any request, the data are handed over.
		node.work();
		let calls = node.calls();
		assert_eq!(
			calls.iter().map(Asked::what).collect::<Vec<_>>(),
			["GET /health", "PUT /v1/corpora"]
		);
		let put = &calls[1];
		assert_eq!(put.uri, format!("{URL}/v1/corpora/{}", corpus_id()));
		assert_eq!(put.headers["Authorization"], "Bearer sesame");
		assert_eq!(put.headers["Content-Type"], "application/json");
		let body = put.json();
		assert_eq!(
			body["graph"],
			hex::encode(sp_crypto_hashing::sha2_256(b"graph"))
		);
		assert_eq!(
			body["tokenizer"],
			hex::encode(sp_crypto_hashing::sha2_256(b"tokenizer"))
		);
		assert_eq!(
			body["batches"].as_array().expect("a list").len(),
			2,
			"not the later one"
		);
		assert_eq!(
			body["batches"][1],
			json!({
				"batch": SECOND,
				"content": hex::encode(sp_crypto_hashing::sha2_256(&SECOND.to_le_bytes())),
				"root": format!("{:064x}", SECOND + 1),
				"rows": ROWS,
				"bytes": 900,
				"locator": "https://example.org/batch",
			})
		);

		node.block();
		assert!(node.asked().is_empty(), "once is enough");

		let asked_at = now();
		let id = ask();
		node.work();
		let calls = node.calls();
		assert_eq!(
			calls.iter().map(Asked::what).collect::<Vec<_>>(),
			["GET /health", "POST /v1/jobs", "GET /v1/jobs"]
		);
		let job = calls[1].json();
		assert_eq!(job["kind"], "search");
		assert_eq!(job["corpus"], corpus_id());
		assert_eq!(
			job["graph"],
			hex::encode(sp_crypto_hashing::sha2_256(b"graph"))
		);
		assert_eq!(
			job["tokenizer"],
			hex::encode(sp_crypto_hashing::sha2_256(b"tokenizer"))
		);
		assert_eq!(job["input"], hex::encode("What is a bit?"));
		assert_eq!(job["top_k"], TOP_K);
		assert_eq!(job["max_run_ms"], 10_000);
		assert_eq!(job["id"].as_str().map(str::len), Some(64));

		node.block();
		assert_eq!(
			Requests::<Test>::get(id).expect("open").phase,
			Phase::Reveal
		);
		node.block();
		let Outcome::Answered(expected) = good() else {
			unreachable!("it is an answer")
		};
		assert_eq!(ending(id), Ending::Answered(expected));
		assert!(
			now() - asked_at <= 2,
			"settled in the second block after the request's"
		);
		assert!(node.asked().is_empty(), "nothing is left to ask");
	});
}

#[test]
fn a_slow_answer_is_collected_later() {
	on_node(1, &[AGENT], |node| {
		node.service().takes = 7;
		node.work();
		let id = ask();
		for _ in 0..2 {
			node.block();
			assert!(node.sent().is_empty());
		}
		for _ in 0..3 {
			node.block();
		}
		assert!(matches!(ending(id), Ending::Answered(_)));
		assert_eq!(
			node.service().jobs.len(),
			1,
			"one job, asked for again and again"
		);
	});
}

#[test]
fn a_service_that_restarted_is_told_again() {
	on_node(1, &[AGENT], |node| {
		node.work();
		node.service().corpora.clear();
		ask();
		node.asked();
		node.work();
		assert_eq!(
			node.asked(),
			[
				"GET /health",
				"POST /v1/jobs",
				"PUT /v1/corpora",
				"POST /v1/jobs",
				"GET /v1/jobs"
			]
		);
		assert_eq!(node.sent().len(), 1);

		// Without a request it is found out in time.
		node.service().corpora.clear();
		for _ in 0..10 {
			node.block();
		}
		assert_eq!(node.service().corpora.len(), 1);
	});
}

#[test]
fn what_failed_to_be_indexed_is_tried_again() {
	on_node(1, &[AGENT], |node| {
		node.work();
		node.service().corpora.insert(corpus_id(), json!("failed"));
		node.asked();
		for _ in 0..10 {
			node.block();
		}
		assert_eq!(
			node.asked(),
			["GET /health", "GET /v1/corpora", "PUT /v1/corpora"]
		);
	});
}

#[test]
fn failures_reach_the_chain() {
	for (code, failure) in [
		("missing_library", Failure::MissingLibrary),
		("model_not_found", Failure::ModelNotFound),
		("wrong_hash", Failure::WrongHash),
		("bad_model", Failure::BadModel),
		("bad_input", Failure::BadInput),
		("out_of_time", Failure::OutOfTime),
		("data_unavailable", Failure::DataUnavailable),
		("data_mismatch", Failure::DataMismatch),
		("internal", Failure::Internal),
		("something new", Failure::Internal),
	] {
		on_node(1, &[AGENT], |node| {
			node.service().result = failed(code);
			let id = ask();
			node.work();
			node.block();
			node.block();
			assert_eq!(ending(id), Ending::Failed(failure), "{code}");
		});
	}
}

#[test]
fn a_missing_library_is_no_reason_to_be_silent() {
	on_node(1, &[AGENT], |node| {
		node.service().onnxruntime = Value::Null;
		node.service().result = failed("missing_library");
		let id = ask();
		node.work();
		node.block();
		node.block();
		assert_eq!(ending(id), Ending::Failed(Failure::MissingLibrary));
	});
}

#[test]
fn another_version_does_not_take_part() {
	on_node(1, &[AGENT], |node| {
		node.service().onnxruntime = json!("1.30.0");
		ask();
		node.work();
		assert_eq!(node.asked(), ["GET /health"]);
		assert!(node.sent().is_empty());
		run_to(1 + COMMIT);
	});
}

#[test]
fn another_provider_does_not_take_part() {
	on_node(1, &[AGENT], |node| {
		node.service().provider = "cuda";
		ask();
		node.work();
		assert_eq!(node.asked(), ["GET /health"]);
		assert!(node.sent().is_empty());
	});
}

#[test]
fn a_node_without_service_or_key_is_silent() {
	on_node(1, &[AGENT], |node| {
		ask();
		set_text(INFERENCE_URL_KEY, "");
		node.work();
		sp_io::offchain::local_storage_clear(StorageKind::PERSISTENT, INFERENCE_URL_KEY);
		node.work();
		assert!(node.asked().is_empty());
	});
	on_node(1, &[], |node| {
		ask();
		node.work();
		assert!(node.asked().is_empty());
	});
	// A key that is no agent's.
	on_node(1, &[AGENT + 1], |node| {
		ask();
		node.work();
		assert!(node.asked().is_empty());
	});
}

#[test]
fn a_service_that_is_down_is_asked_once_a_block() {
	on_node(1, &[AGENT], |node| {
		node.service().down = true;
		let ids = [ask(), ask()];
		for _ in 0..3 {
			node.block();
			assert_eq!(node.asked().len(), 1);
			assert!(node.sent().is_empty());
		}
		node.service().down = false;
		for _ in 0..3 {
			node.block();
		}
		for id in ids {
			assert!(matches!(ending(id), Ending::Answered(_)));
		}
	});
}

#[test]
fn a_full_queue_is_no_failure() {
	on_node(1, &[AGENT], |node| {
		node.work();
		node.service().queue_full = true;
		let id = ask();
		node.block();
		assert!(node.sent().is_empty());
		node.service().queue_full = false;
		for _ in 0..3 {
			node.block();
		}
		assert!(matches!(ending(id), Ending::Answered(_)));
	});
}

#[test]
fn an_operator_does_not_contradict_itself() {
	on_node(1, &[AGENT], |node| {
		let id = ask();
		node.work();
		let first = node.sent();
		assert_eq!(first.len(), 1);
		// The transaction gets lost, the service forgets, and now says something else.
		node.service().jobs.clear();
		node.service().result = found(&[(SECOND, 1, 900_000)]);
		let mut again = Vec::new();
		for _ in 0..2 {
			assert!(
				again.is_empty(),
				"not before there is reason to believe that it is lost"
			);
			run_to(now() + 1);
			node.work();
			again = node.sent();
		}
		let commitment = |calls: &[Call<Test>]| match calls {
			[Call::commit {
				commitment,
				request,
				..
			}] if *request == id => *commitment,
			other => panic!("one commit: {other:?}"),
		};
		assert_eq!(commitment(&first), commitment(&again));

		// The same for the reveal.
		send(again.remove(0)).expect("valid").1.expect("dispatched");
		node.work();
		assert_eq!(node.sent().len(), 1, "lost as well");
		for _ in 0..2 {
			run_to(now() + 1);
			node.work();
		}
		node.block();
		let Outcome::Answered(expected) = good() else {
			unreachable!("it is an answer")
		};
		assert_eq!(ending(id), Ending::Answered(expected));
	});
}

#[test]
fn an_answer_that_the_chain_refuses_becomes_a_failure() {
	for result in [
		found(&[(LATER, 0, 5)]),
		found(&[(FIRST, ROWS, 5)]),
		found(&[(FIRST, 0, 0)]),
		json!({"state": "done", "result": null, "error": null, "run_ms": 1}),
	] {
		on_node(1, &[AGENT], |node| {
			node.service().result = result;
			let id = ask();
			node.work();
			node.block();
			node.block();
			assert_eq!(ending(id), Ending::Failed(Failure::Internal));
		});
	}
}

#[test]
fn rounding_above_one_is_put_right() {
	on_node(1, &[AGENT], |node| {
		node.service().result = found(&[(SECOND, 0, 1_000_001), (FIRST, 4, 1_000_000)]);
		let id = ask();
		node.work();
		node.block();
		node.block();
		let Ending::Answered(answer) = ending(id) else {
			panic!("{:?}", ending(id))
		};
		assert_eq!(
			answer.citations.to_vec(),
			[cite(FIRST, 4, 1_000_000), cite(SECOND, 0, 1_000_000)]
		);
	});
}

#[test]
fn two_keys_on_one_node_share_a_job() {
	on_node(2, &[AGENT, AGENT + 1], |node| {
		let id = ask();
		node.work();
		node.block();
		assert_eq!(node.service().jobs.len(), 1);
		node.block();
		assert!(matches!(ending(id), Ending::Answered(_)));
	});
}

#[test]
fn a_run_that_has_not_ended_is_not_disturbed() {
	use sp_runtime::offchain::{
		storage_lock::{StorageLock, Time},
		Duration,
	};
	on_node(1, &[AGENT], |node| {
		ask();
		let mut lock = StorageLock::<Time>::with_deadline(
			b"openledger::inference::lock",
			Duration::from_millis(10_000),
		);
		let guard = lock.try_lock().expect("free");
		node.work();
		assert!(node.asked().is_empty());
		drop(guard);
		node.work();
		assert!(!node.asked().is_empty());
	});
}

#[test]
fn a_run_is_forgotten_after_its_request() {
	on_node(1, &[AGENT], |node| {
		let runs = || {
			sp_io::offchain::local_storage_get(
				StorageKind::PERSISTENT,
				b"openledger::inference::runs",
			)
			.expect("stored")
		};
		let id = ask();
		node.work();
		let with_one = runs();
		node.block();
		node.block();
		assert!(matches!(ending(id), Ending::Answered(_)));
		for _ in 0..3 {
			node.block();
		}
		assert!(runs().len() >= with_one.len(), "the fork may not last");
		for _ in 0..256 {
			node.block();
		}
		assert_eq!(runs(), vec![0], "an empty list");
	});
}
