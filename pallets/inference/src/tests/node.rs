//! A node with an agent's key, an off-chain worker, and a service that keeps to its HTTP API.

use codec::Decode;
use frame_support::traits::Hooks;
use openledger_primitives::{
	protocol::{INFERENCE_TOKEN_KEY, INFERENCE_URL_KEY},
	traits::ModelRegistry,
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

use crate::{mock::*, Call};

pub(super) const URL: &str = "http://127.0.0.1:9955";
const TOKEN: &str = "sesame";

/// A call that the worker made.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
	pub(super) method: String,
	pub(super) uri: String,
	pub(super) headers: BTreeMap<String, String>,
	pub(super) body: Vec<u8>,
	pub(super) answer: Option<(u16, Vec<u8>)>,
	pub(super) read: usize,
}

impl Asked {
	pub(super) fn json(&self) -> Value {
		serde_json::from_slice(&self.body).expect("a JSON body")
	}

	pub(super) fn what(&self) -> String {
		let path = self.uri.strip_prefix(URL).expect("under the service's URL");
		let path = path.split('/').take(3).collect::<Vec<_>>().join("/");
		format!("{} {path}", self.method)
	}
}

/// The service, as far as the worker can tell.
pub(super) struct Fake {
	pub(super) down: bool,
	pub(super) onnxruntime: Value,
	pub(super) provider: &'static str,
	/// Corpora by id, and their state.
	pub(super) corpora: BTreeMap<String, Value>,
	/// Jobs by id, and how many more times they are seen running.
	pub(super) jobs: BTreeMap<String, u32>,
	/// How many times a new job is seen running.
	pub(super) takes: u32,
	pub(super) queue_full: bool,
	/// What comes of a job.
	pub(super) result: Value,
	pub(super) asked: Vec<Asked>,
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

pub(super) fn found(citations: &[(u64, u32, u32)]) -> Value {
	let citations = citations
		.iter()
		.map(|(batch, row, score)| json!({"batch": batch, "row": row, "score": score}))
		.collect::<Vec<_>>();
	json!({"state": "done", "result": {"citations": citations}, "error": null, "run_ms": 7})
}

pub(super) fn failed(code: &str) -> Value {
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
				let corpus = job["corpus"].as_str().unwrap_or_default();
				if job["kind"] == "search" && !self.corpora.contains_key(corpus) {
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
pub(super) struct Node {
	host: Host,
	pool: Box<dyn Fn() -> VecDeque<Vec<u8>>>,
}

impl Node {
	pub(super) fn service(&self) -> std::sync::MutexGuard<'_, Fake> {
		self.host.service()
	}

	/// What was asked of the service since the last look.
	pub(super) fn asked(&self) -> Vec<String> {
		self.calls().iter().map(Asked::what).collect()
	}

	pub(super) fn calls(&self) -> Vec<Asked> {
		let asked = self.service().asked.clone();
		self.service().asked.clear();
		asked
	}

	/// Runs the worker after the present block.
	pub(super) fn work(&self) {
		Inference::offchain_worker(now());
	}

	/// What the worker sent to the pool since the last look.
	pub(super) fn sent(&self) -> Vec<Call<Test>> {
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
	pub(super) fn block(&self) {
		let sent = self.sent();
		run_to(now() + 1);
		for call in sent {
			let (_, result) = send(call).expect("the worker sends what is valid");
			result.expect("and can be dispatched");
		}
		self.work();
	}
}

pub(super) fn on_node<R>(agents: u8, keys: &[u8], test: impl FnOnce(&Node) -> R) -> R {
	on_node_of(ExtBuilder::default().agents(agents), keys, test)
}

pub(super) fn on_node_of<R>(chain: ExtBuilder, keys: &[u8], test: impl FnOnce(&Node) -> R) -> R {
	let mut ext = chain.build();
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

pub(super) fn set_text(key: &[u8], value: &str) {
	sp_io::offchain::local_storage_set(StorageKind::PERSISTENT, key, value.as_bytes());
}

pub(super) fn corpus_id() -> String {
	hex::encode(Models::spec(MODEL, 0).expect("there is").id())
}
