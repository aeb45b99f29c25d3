//! The whole service over HTTP, with the real library and model.

mod answer;
mod compare;
mod generate;
mod linked;
mod stats;

use std::{
	fs,
	path::Path,
	sync::{
		atomic::{AtomicUsize, Ordering},
		Arc,
	},
	time::{Duration, Instant},
};

use axum::{extract::Path as UrlPath, http::StatusCode as Status, routing::get, Router};
use reqwest::{Client, Method, StatusCode};
use serde_json::{json, Value};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use super::{
	types::{BatchSpec, CorpusSpec},
	*,
};
use crate::{batch, engine, real, Provider as Requested};

/// A query that makes the worker panic, in tests only.
pub(super) const POISON: &str = "poison";

const TOKEN: &str = "a token for tests, long enough";

/// Genesis and Job (King James Bible), Bierce's Devil's Dictionary, and definitions of computing.
const ROWS: [&str; 9] = [
	r#"{"title":"Genesis 1:1","text":"In the beginning God created the heaven and the earth."}"#,
	r#"{"title":"Genesis 1:3","text":"And God said, Let there be light: and there was light."}"#,
	r#"{"title":"Job 1:21","text":"Naked came I out of my mother's womb, and naked shall I return thither: the LORD gave, and the LORD hath taken away."}"#,
	"this row is not JSON and is never found",
	r#"{"title":"compiler","text":"A program that translates source code in one language into machine code."}"#,
	r#"{"title":"garbage collection","text":"The automatic reclaiming of memory that a program no longer uses."}"#,
	r#"{"title":"router","text":"A device that forwards packets between computer networks."}"#,
	r#"{"title":"ABSURDITY","text":"A statement or belief manifestly inconsistent with one's own opinion."}"#,
	r#"{"title":"BORE","text":"A person who talks when you wish him to listen."}"#,
];

fn batch_file(rows: &[&str]) -> Vec<u8> {
	rows.iter()
		.flat_map(|row| format!("{row}\n").into_bytes())
		.collect()
}

fn spec_of(batch: u64, file: &[u8], locator: &str) -> BatchSpec {
	let summary = batch::summarise(file).unwrap();
	BatchSpec {
		batch,
		content: summary.content,
		root: summary.root,
		rows: summary.rows,
		bytes: summary.bytes,
		locator: locator.to_owned(),
	}
}

fn corpus_of(batches: Vec<BatchSpec>) -> CorpusSpec {
	CorpusSpec {
		graph: real::graph(),
		tokenizer: real::tokenizer(),
		batches,
		texts: false,
	}
}

fn id(name: &str) -> Hash256 {
	Hash256::sha256(name.as_bytes())
}

fn job(name: &str, corpus: Hash256, query: &str) -> Value {
	json!({
		"id": id(name), "kind": "search", "graph": real::GRAPH, "tokenizer": real::TOKENIZER,
		"corpus": corpus, "input": hex::encode(query), "top_k": 3, "max_run_ms": 30_000,
	})
}

fn args(folder: &Path) -> InferenceArgs {
	let token_file = folder.join("token");
	fs::write(&token_file, format!("{TOKEN}\n")).unwrap();
	InferenceArgs {
		listen: "127.0.0.1:0".parse().unwrap(),
		models: real::models(),
		content: folder.join("content"),
		content_quota: 1 << 30,
		cache: folder.join("cache"),
		onnxruntime: Some(real::library()),
		provider: Requested::Cpu,
		threads: Some(1),
		token_file: Some(token_file),
		queue: 8,
		max_run_ms: 60_000,
		unload_after_s: 120,
		max_batch_bytes: 1 << 20,
		ipfs_gateway: None,
		eigenda_proxy: None,
		allow_private_locators: false,
		exit_with_parent: false,
	}
}

struct Running {
	url: String,
	client: Client,
	store: ContentStore,
	stop: oneshot::Sender<()>,
	served: JoinHandle<Result<(), ServiceError>>,
}

impl Running {
	async fn start(args: &InferenceArgs) -> Self {
		let service = Service::bind(args).await.unwrap();
		let url = format!("http://{}", service.local_addr());
		let (stop, stopped) = oneshot::channel();
		let served = tokio::spawn(service.run(async {
			let _ = stopped.await;
		}));
		let store = ContentStore::open(&args.content, args.content_quota).unwrap();
		Self {
			url,
			client: Client::new(),
			store,
			stop,
			served,
		}
	}

	async fn stop(self) {
		self.stop.send(()).unwrap();
		self.served.await.unwrap().unwrap();
	}

	async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
		let mut request = self
			.client
			.request(method, format!("{}{path}", self.url))
			.bearer_auth(TOKEN);
		if let Some(body) = body {
			request = request.json(body);
		}
		let response = request.send().await.unwrap();
		(response.status(), response.json().await.unwrap())
	}

	async fn put(&self, id: Hash256, spec: &CorpusSpec) -> (StatusCode, Value) {
		let body = serde_json::to_value(spec).unwrap();
		self.call(Method::PUT, &format!("/v1/corpora/{id}"), Some(&body))
			.await
	}

	async fn post(&self, job: &Value) -> (StatusCode, Value) {
		self.call(Method::POST, "/v1/jobs", Some(job)).await
	}

	/// Asks until the state is none of the unfinished ones.
	async fn settled(&self, path: &str) -> Value {
		let start = Instant::now();
		loop {
			let (status, report) = self.call(Method::GET, path, None).await;
			assert_eq!(status, StatusCode::OK, "{report}");
			if !["indexing", "queued", "running"].contains(&report["state"].as_str().unwrap()) {
				return report;
			}
			assert!(start.elapsed() < Duration::from_secs(120), "{report}");
			tokio::time::sleep(Duration::from_millis(20)).await;
		}
	}

	async fn corpus(&self, id: Hash256) -> Value {
		self.settled(&format!("/v1/corpora/{id}")).await
	}

	/// Submits and waits for the end.
	async fn outcome(&self, job: &Value) -> Value {
		let (status, report) = self.post(job).await;
		assert_eq!(status, StatusCode::ACCEPTED, "{report}");
		self.settled(&format!("/v1/jobs/{}", job["id"].as_str().unwrap()))
			.await
	}

	/// Puts the file and makes it a corpus of one batch, number 7.
	async fn ready(&self, name: &str, file: &[u8]) -> Hash256 {
		self.store.put(file, None).unwrap();
		let (status, _) = self
			.put(id(name), &corpus_of(vec![spec_of(7, file, "")]))
			.await;
		assert_eq!(status, StatusCode::ACCEPTED);
		let report = self.corpus(id(name)).await;
		assert_eq!(report["state"], "ready", "{report}");
		id(name)
	}
}

fn code(report: &Value) -> &str {
	report["error"]["code"].as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_find_their_passages_and_two_services_agree_to_the_byte() {
	let file = batch_file(&ROWS);
	let questions = [
		("How did the world begin?", 0),
		(
			"How is program text turned into instructions for the processor?",
			4,
		),
		("What frees memory that is no longer needed?", 5),
		("someone who never stops talking", 8),
	];
	let mut answers = Vec::new();
	for _ in 0..2 {
		let folder = tempfile::tempdir().unwrap();
		let service = Running::start(&args(folder.path())).await;
		let corpus = service.ready("corpus", &file).await;
		let mut results = Vec::new();
		for (n, (question, row)) in questions.into_iter().enumerate() {
			let job = job(&format!("job {n}"), corpus, question);
			let report = service.outcome(&job).await;
			assert_eq!(report["state"], "done", "{report}");
			assert_eq!(report["error"], Value::Null);
			let citations = report["result"]["citations"].as_array().unwrap();
			assert!(!citations.is_empty() && citations.len() <= 3);
			assert_eq!(citations[0]["row"], row, "{question}: {report}");
			assert!(citations.iter().all(|c| c["batch"] == 7 && c["row"] != 3));
			let scores: Vec<_> = citations
				.iter()
				.map(|c| c["score"].as_u64().unwrap())
				.collect();
			assert!(scores.is_sorted_by(|a, b| a >= b) && scores.iter().all(|s| *s > 0));

			// The row is what its proof says.
			let (content, _) = service.store.get(&Hash256::sha256(&file)).unwrap();
			let proof = batch::prove(io::BufReader::new(content), row).unwrap();
			let root = spec_of(7, &file, "").root;
			assert!(batch::verify(
				&proof.bytes,
				row,
				proof.rows,
				&proof.path,
				&root
			));
			assert_eq!(proof.bytes, ROWS[row as usize].as_bytes());

			// Once more: the same job, not another run.
			let (status, again) = service.post(&job).await;
			assert_eq!((status, &again), (StatusCode::OK, &report));
			results.push(serde_json::to_vec(&report["result"]).unwrap());
		}
		let (_, health) = service.call(Method::GET, "/health", None).await;
		assert_eq!(health["jobs"], json!({ "done": 4, "failed": 0 }));
		assert_eq!(health["corpora"][0]["done"], 9);
		service.stop().await;
		answers.push(results);
	}
	assert_eq!(answers[0], answers[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_batches_are_one_ranking() {
	let folder = tempfile::tempdir().unwrap();
	let service = Running::start(&args(folder.path())).await;
	let (front, back) = (batch_file(&ROWS[..5]), batch_file(&ROWS[5..]));
	for file in [&front, &back] {
		service.store.put(&file[..], None).unwrap();
	}
	let whole = service.ready("whole", &batch_file(&ROWS)).await;
	let split = corpus_of(vec![spec_of(20, &back, ""), spec_of(10, &front, "")]);
	service.put(id("split"), &split).await;
	assert_eq!(service.corpus(id("split")).await["total"], 9);
	let question = "What is it that God made?";
	let one = service.outcome(&job("one", whole, question)).await;
	let two = service.outcome(&job("two", id("split"), question)).await;
	let flat = |report: &Value, offset: fn(u64) -> u64| -> Vec<(u64, u64)> {
		let citations = report["result"]["citations"].as_array().unwrap();
		let number = |c: &Value, key: &str| c[key].as_u64().unwrap();
		citations
			.iter()
			.map(|c| {
				(
					number(c, "row") + offset(number(c, "batch")),
					number(c, "score"),
				)
			})
			.collect()
	};
	assert_eq!(
		flat(&one, |_| 0),
		flat(&two, |batch| if batch == 20 { 5 } else { 0 })
	);
	service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_is_asked_for() {
	let folder = tempfile::tempdir().unwrap();
	let service = Running::start(&args(folder.path())).await;
	let url = |path: &str| format!("{}{path}", service.url);
	let job_path = format!("/v1/jobs/{}", id("x"));
	for (token, status) in [
		(None, 401),
		(Some("Bearer "), 401),
		(Some("Bearer another token, long enough"), 401),
		(Some(TOKEN), 401),
		(Some("Bearer a token for tests, long enough"), 404),
	] {
		let mut request = service.client.get(url(&job_path));
		if let Some(token) = token {
			request = request.header("Authorization", token);
		}
		let response = request.send().await.unwrap();
		assert_eq!(response.status().as_u16(), status, "{token:?}");
		let body: Value = response.json().await.unwrap();
		assert!(body["error"]["message"].is_string(), "{body}");
	}
	let unauthorised = service.client.put(url(&format!("/v1/corpora/{}", id("x"))));
	assert_eq!(unauthorised.body("{}").send().await.unwrap().status(), 401);

	let health: Value = service
		.client
		.get(url("/health"))
		.send()
		.await
		.unwrap()
		.json()
		.await
		.unwrap();
	assert_eq!(health["onnxruntime"], "1.31.1");
	assert_eq!(
		health["provider"],
		json!({ "requested": "cpu", "in_use": "cpu", "fallback_reason": null })
	);
	assert_eq!(health["queue"], json!({ "depth": 0, "capacity": 8 }));
	assert_eq!(health["threads"], 1);
	service.stop().await;
}

#[tokio::test]
async fn no_service_without_a_token() {
	let folder = tempfile::tempdir().unwrap();
	let args = args(folder.path());
	let token_file = args.token_file.clone().unwrap();
	fs::write(&token_file, " \n").unwrap();
	assert!(matches!(
		Service::bind(&args).await,
		Err(ServiceError::NoToken)
	));
	fs::write(&token_file, "short").unwrap();
	assert!(matches!(
		Service::bind(&args).await,
		Err(ServiceError::WeakToken)
	));
	fs::remove_file(&token_file).unwrap();
	assert!(matches!(
		Service::bind(&args).await,
		Err(ServiceError::Path { .. })
	));
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_requests() {
	let folder = tempfile::tempdir().unwrap();
	let service = Running::start(&args(folder.path())).await;
	let corpus = service.ready("corpus", &batch_file(&ROWS)).await;

	let (status, body) = service.post(&job("a", id("unknown"), "x")).await;
	assert_eq!((status.as_u16(), code(&body)), (404, "unknown_corpus"));

	let good = job("b", corpus, "x");
	for (key, value) in [
		("top_k", json!(0)),
		("top_k", json!(33)),
		("max_run_ms", json!(0)),
		("max_run_ms", json!(-1)),
		("input", json!("zz")),
		("input", json!("123")),
		("kind", json!("generate")),
		("id", json!("0x12")),
		("graph", json!(real::TOKENIZER)),
		("tokenizer", json!(real::GRAPH)),
		("unknown", json!(1)),
	] {
		let mut bad = good.clone();
		bad[key] = value;
		let (status, body) = service.post(&bad).await;
		assert_eq!(
			(status.as_u16(), code(&body)),
			(400, "bad_request"),
			"{key}: {body}"
		);
	}

	service.outcome(&good).await;
	let mut other = good.clone();
	other["top_k"] = json!(2);
	let (status, body) = service.post(&other).await;
	assert_eq!((status.as_u16(), code(&body)), (409, "conflict"));

	let (status, body) = service.put(corpus, &corpus_of(Vec::new())).await;
	assert_eq!((status.as_u16(), code(&body)), (409, "conflict"));
	let twice = spec_of(1, &batch_file(&ROWS), "");
	let (status, body) = service
		.put(id("twice"), &corpus_of(vec![twice.clone(), twice]))
		.await;
	assert_eq!((status.as_u16(), code(&body)), (400, "bad_request"));

	let (status, body) = service
		.call(Method::GET, "/v1/corpora/nonsense", None)
		.await;
	assert_eq!((status.as_u16(), code(&body)), (400, "bad_request"));
	let (status, body) = service
		.call(Method::GET, &format!("/v1/corpora/{}", id("unknown")), None)
		.await;
	assert_eq!((status.as_u16(), code(&body)), (404, "unknown_corpus"));
	let (status, body) = service
		.call(Method::GET, &format!("/v1/jobs/{}", id("unknown")), None)
		.await;
	assert_eq!((status.as_u16(), code(&body)), (404, "unknown_job"));
	let (status, body) = service.call(Method::GET, "/elsewhere", None).await;
	assert_eq!((status.as_u16(), code(&body)), (404, "not_found"));
	let (status, _) = service.call(Method::DELETE, "/v1/jobs", None).await;
	assert_eq!(status.as_u16(), 405);

	let (status, body) = service
		.post(&job("big", corpus, &"x".repeat(64 << 10)))
		.await;
	assert_eq!((status.as_u16(), code(&body)), (413, "bad_request"));
	service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_in_a_run_is_reported() {
	let folder = tempfile::tempdir().unwrap();
	let service = Running::start(&args(folder.path())).await;
	let corpus = service.ready("corpus", &batch_file(&ROWS)).await;

	let mut not_text = job("not text", corpus, "");
	not_text["input"] = json!("ff00");
	for bad in [
		job("empty", corpus, ""),
		job("blank", corpus, " \n"),
		not_text,
	] {
		let report = service.outcome(&bad).await;
		assert_eq!(
			(report["state"].as_str(), code(&report)),
			(Some("failed"), "bad_input")
		);
		assert_eq!(report["result"], Value::Null);
	}

	let mut slow = job("slow", corpus, &"word ".repeat(300));
	slow["max_run_ms"] = json!(1);
	assert_eq!(code(&service.outcome(&slow).await), "out_of_time");

	// A panic costs its own job and nothing else.
	let report = service.outcome(&job("poison", corpus, POISON)).await;
	assert_eq!(code(&report), "internal");
	assert!(
		report["error"]["message"]
			.as_str()
			.unwrap()
			.contains("poisoned"),
		"{report}"
	);
	let report = service
		.outcome(&job("after", corpus, "How did the world begin?"))
		.await;
	assert_eq!(report["state"], "done");
	assert!(report["run_ms"].as_u64().unwrap() > 0);

	let (_, health) = service.call(Method::GET, "/health", None).await;
	assert_eq!(health["jobs"], json!({ "done": 1, "failed": 5 }));
	service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn models_that_fail_fail_their_corpus_and_its_jobs() {
	let folder = tempfile::tempdir().unwrap();
	let models = folder.path().join("models");
	fs::create_dir(&models).unwrap();
	fs::copy(
		real::models().join(real::TOKENIZER),
		models.join(real::TOKENIZER),
	)
	.unwrap();
	let wrong = id("a graph with another content");
	fs::write(models.join(wrong.to_string()), "tampered").unwrap();
	let service = Running::start(&InferenceArgs {
		models,
		..args(folder.path())
	})
	.await;
	let file = batch_file(&ROWS);
	service.store.put(&file[..], None).unwrap();
	for (graph, expected) in [
		(wrong, "wrong_hash"),
		(id("absent"), "model_not_found"),
		(real::tokenizer(), "bad_model"),
	] {
		let spec = CorpusSpec {
			graph,
			..corpus_of(vec![spec_of(1, &file, "")])
		};
		service.put(graph, &spec).await;
		let report = service.corpus(graph).await;
		assert_eq!(
			(report["state"].as_str(), code(&report)),
			(Some("failed"), expected)
		);
		let mut job = job(expected, graph, "x");
		job["graph"] = json!(graph);
		assert_eq!(code(&service.outcome(&job).await), expected);
	}
	service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn announcements_that_the_file_does_not_keep() {
	let folder = tempfile::tempdir().unwrap();
	let service = Running::start(&args(folder.path())).await;
	let file = batch_file(&ROWS);
	service.store.put(&file[..], None).unwrap();
	let good = spec_of(1, &file, "");
	let cases = [
		(
			"rows",
			BatchSpec {
				rows: 8,
				..good.clone()
			},
			"data_mismatch",
		),
		(
			"bytes",
			BatchSpec {
				bytes: good.bytes + 1,
				..good.clone()
			},
			"data_mismatch",
		),
		(
			"root",
			BatchSpec {
				root: id("another"),
				..good.clone()
			},
			"data_mismatch",
		),
		(
			"absent",
			BatchSpec {
				content: id("absent"),
				..good.clone()
			},
			"data_unavailable",
		),
	];
	let check = async |suffix: &str| {
		for (what, batch, expected) in &cases {
			let corpus = id(&format!("{what} {suffix}"));
			service.put(corpus, &corpus_of(vec![batch.clone()])).await;
			let report = service.corpus(corpus).await;
			assert_eq!(
				(report["state"].as_str(), code(&report)),
				(Some("failed"), *expected)
			);
			let message = report["error"]["message"].as_str().unwrap();
			assert!(message.contains("batch 1: "), "{message}");
			let outcome = service
				.outcome(&job(&format!("{what} {suffix}"), corpus, "x"))
				.await;
			assert_eq!(code(&outcome), *expected);
		}
	};
	check("before the index exists").await;
	service.ready("good", &file).await;
	check("after it does").await;

	let text = b"one row without an end".to_vec();
	let stored = service.store.put(&text[..], None).unwrap();
	let bad = BatchSpec {
		content: stored.hash,
		bytes: stored.bytes,
		rows: 1,
		..good
	};
	service.put(id("text"), &corpus_of(vec![bad])).await;
	assert_eq!(code(&service.corpus(id("text")).await), "data_mismatch");

	// Once the file is there, the same corpus put again gets ready.
	let late = batch_file(&ROWS[..2]);
	let spec = corpus_of(vec![spec_of(1, &late, "")]);
	service.put(id("late"), &spec).await;
	assert_eq!(code(&service.corpus(id("late")).await), "data_unavailable");
	service.store.put(&late[..], None).unwrap();
	let (status, report) = service.put(id("late"), &spec).await;
	assert_eq!(
		(status.as_u16(), report["state"].as_str()),
		(202, Some("indexing"))
	);
	assert_eq!(service.corpus(id("late")).await["state"], "ready");
	service.stop().await;
}

/// Serves files on this machine and counts requests.
async fn locator(files: Vec<(&'static str, Vec<u8>)>) -> (String, Arc<AtomicUsize>) {
	let asked = Arc::new(AtomicUsize::new(0));
	let count = asked.clone();
	let router = Router::new().route(
		"/{name}",
		get(move |UrlPath(name): UrlPath<String>| async move {
			count.fetch_add(1, Ordering::SeqCst);
			match files.iter().find(|(known, _)| *known == name) {
				Some((_, content)) => (Status::OK, content.clone()),
				None => (Status::NOT_FOUND, Vec::new()),
			}
		}),
	);
	let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
	let url = format!("http://{}", listener.local_addr().unwrap());
	tokio::spawn(axum::serve(listener, router).into_future());
	(url, asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_fetched_from_their_locators() {
	let folder = tempfile::tempdir().unwrap();
	let allowed = InferenceArgs {
		allow_private_locators: true,
		..args(folder.path())
	};
	let service = Running::start(&allowed).await;
	let file = batch_file(&ROWS);
	let mut changed = file.clone();
	changed[20] ^= 1;
	let longer = [&file[..], b"{}\n"].concat();
	let shorter = file[..file.len() - 1].to_vec();
	let (url, asked) = locator(vec![
		("changed", changed),
		("longer", longer),
		("shorter", shorter),
		("good", file.clone()),
	])
	.await;
	for (name, expected) in [
		("changed", "data_mismatch"),
		("longer", "data_mismatch"),
		("shorter", "data_mismatch"),
		("absent", "data_unavailable"),
	] {
		let spec = corpus_of(vec![spec_of(1, &file, &format!("{url}/{name}"))]);
		service.put(id(name), &spec).await;
		let report = service.corpus(id(name)).await;
		assert_eq!(code(&report), expected, "{name}: {report}");
		assert!(service.store.ls().unwrap().is_empty(), "{name}");
	}
	let spec = corpus_of(vec![spec_of(1, &file, &format!("{url}/good"))]);
	service.put(id("good"), &spec).await;
	assert_eq!(service.corpus(id("good")).await["state"], "ready");
	assert!(service.store.has(&Hash256::sha256(&file)));
	let before = asked.load(Ordering::SeqCst);

	// Known by now, so nobody is asked again.
	service
		.put(
			id("again"),
			&corpus_of(vec![spec_of(2, &file, &format!("{url}/good"))]),
		)
		.await;
	assert_eq!(service.corpus(id("again")).await["state"], "ready");
	assert_eq!(asked.load(Ordering::SeqCst), before);

	let huge = BatchSpec {
		bytes: (1 << 20) + 1,
		content: id("huge"),
		..spec_of(1, &file, &url)
	};
	service.put(id("huge"), &corpus_of(vec![huge])).await;
	let report = service.corpus(id("huge")).await;
	assert_eq!(code(&report), "data_unavailable");
	assert!(
		report["error"]["message"]
			.as_str()
			.unwrap()
			.contains("at most"),
		"{report}"
	);
	service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn locators_don_t_lead_into_the_operators_network() {
	let folder = tempfile::tempdir().unwrap();
	let service = Running::start(&args(folder.path())).await;
	let file = batch_file(&ROWS);
	let (url, asked) = locator(vec![("good", file.clone())]).await;
	let by_name = url.replace("127.0.0.1", "localhost");
	for (n, locator) in [
		format!("{url}/good"),
		format!("{by_name}/good"),
		"http://169.254.169.254/latest/meta-data".to_owned(),
		"file:///etc/hostname".to_owned(),
		"nonsense".to_owned(),
	]
	.iter()
	.enumerate()
	{
		let corpus = id(&n.to_string());
		service
			.put(corpus, &corpus_of(vec![spec_of(1, &file, locator)]))
			.await;
		let report = service.corpus(corpus).await;
		assert_eq!(code(&report), "data_unavailable", "{locator}: {report}");
	}
	assert_eq!(asked.load(Ordering::SeqCst), 0);
	service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_come_through_gateways_and_from_the_locator_itself() {
	let folder = tempfile::tempdir().unwrap();
	let (cid, commitment) = ("01551200", "02f90aff");
	let (on_ipfs, on_eigenda) = (batch_file(&ROWS[..1]), batch_file(&ROWS[..2]));
	let serve = |path: &'static str, wanted: String, file: Vec<u8>| async move {
		let router = Router::new().route(
			path,
			get(move |uri: axum::http::Uri| async move {
				if uri.path_and_query().is_some_and(|given| *given == wanted) {
					(Status::OK, file)
				} else {
					(Status::NOT_FOUND, Vec::new())
				}
			}),
		);
		let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
		let url = format!("http://{}", listener.local_addr().unwrap());
		tokio::spawn(axum::serve(listener, router).into_future());
		url.parse().unwrap()
	};
	let gateway = serve("/ipfs/{cid}", format!("/ipfs/f{cid}"), on_ipfs.clone()).await;
	let proxy = serve(
		"/get/{commitment}",
		format!("/get/0x{commitment}?commitment_mode=standard"),
		on_eigenda.clone(),
	)
	.await;
	// Private addresses are for the operator's own gateways, not for strangers' locators.
	let service = Running::start(&InferenceArgs {
		ipfs_gateway: Some(gateway),
		eigenda_proxy: Some(proxy),
		..args(folder.path())
	})
	.await;
	let inline = batch_file(&ROWS[1..2]);
	let cases = [
		("ipfs", &on_ipfs, format!("ipfs://f{cid}")),
		("eigenda", &on_eigenda, format!("eigenda:0x{commitment}")),
		(
			"inline",
			&inline,
			format!("data:;hex,{}", hex::encode(&inline)),
		),
	];
	for (name, file, locator) in &cases {
		service
			.put(id(name), &corpus_of(vec![spec_of(1, file, locator)]))
			.await;
		let report = service.corpus(id(name)).await;
		assert_eq!(report["state"], "ready", "{name}: {report}");
		assert!(service.store.has(&Hash256::sha256(file)), "{name}");
	}
	// Whoever serves it, a file that is not what was announced is refused.
	let other = batch_file(&ROWS[..3]);
	for (name, (_, _, locator)) in ["a", "b", "c"].iter().zip(&cases) {
		service
			.put(id(name), &corpus_of(vec![spec_of(1, &other, locator)]))
			.await;
		let report = service.corpus(id(name)).await;
		assert_eq!(code(&report), "data_mismatch", "{locator}: {report}");
	}
	service.stop().await;
}

/// A locator that takes connections and never answers.
async fn silence() -> (String, JoinHandle<()>) {
	let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
	let url = format!("http://{}/x", listener.local_addr().unwrap());
	let silent = tokio::spawn(async move {
		let mut open = Vec::new();
		while let Ok((connection, _)) = listener.accept().await {
			open.push(connection);
		}
	});
	(url, silent)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_and_a_corpus_that_keeps_jobs_waiting() {
	let folder = tempfile::tempdir().unwrap();
	let args = InferenceArgs {
		allow_private_locators: true,
		queue: 4,
		..args(folder.path())
	};
	let service = Running::start(&args).await;
	let (url, silent) = silence().await;
	let waiting = id("waiting");
	let file = batch_file(&ROWS[..1]);
	let (_, report) = service
		.put(waiting, &corpus_of(vec![spec_of(1, &file, &url)]))
		.await;
	assert_eq!(
		report,
		json!({ "id": waiting, "state": "indexing", "done": 0, "total": 1, "error": null })
	);
	for n in 0..2 {
		let (status, report) = service.post(&job(&format!("w{n}"), waiting, "x")).await;
		assert_eq!(
			(status.as_u16(), report["state"].as_str()),
			(202, Some("queued"))
		);
	}
	let (status, body) = service.post(&job("w2", waiting, "x")).await;
	assert_eq!((status.as_u16(), code(&body)), (429, "queue_full"));
	// Others are served meanwhile.
	let ready = service.ready("ready", &batch_file(&ROWS)).await;
	assert_eq!(
		service.outcome(&job("served", ready, "Who talks?")).await["state"],
		"done"
	);
	let (_, report) = service
		.call(Method::GET, &format!("/v1/jobs/{}", id("w0")), None)
		.await;
	assert_eq!(report["state"], "queued");
	let (_, health) = service.call(Method::GET, "/health", None).await;
	assert_eq!(health["queue"], json!({ "depth": 2, "capacity": 4 }));
	// Stopping doesn't wait for the locator.
	let start = Instant::now();
	service.stop().await;
	assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
	silent.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_served_while_another_corpus_is_indexed() {
	let folder = tempfile::tempdir().unwrap();
	let service = Running::start(&args(folder.path())).await;
	let ready = service.ready("ready", &batch_file(&ROWS)).await;
	let many: Vec<String> = (0..5_000)
		.map(|n| format!(r#"{{"text":"Passage number {n} of a rather large batch of passages."}}"#))
		.collect();
	let many: Vec<&str> = many.iter().map(String::as_str).collect();
	let large = batch_file(&many);
	service.store.put(&large[..], None).unwrap();
	service
		.put(id("large"), &corpus_of(vec![spec_of(1, &large, "")]))
		.await;
	let path = format!("/v1/corpora/{}", id("large"));
	let mut done = 0;
	for n in 0..5 {
		let report = service
			.outcome(&job(&n.to_string(), ready, "Let there be light"))
			.await;
		assert_eq!(report["result"]["citations"][0]["row"], 1);
		let (_, report) = service.call(Method::GET, &path, None).await;
		assert_eq!(report["state"], "indexing", "{report}");
		let now = report["done"].as_u64().unwrap();
		assert!(now >= done);
		done = now;
	}
	// Both go on: there is progress, too.
	let start = Instant::now();
	loop {
		let (_, report) = service.call(Method::GET, &path, None).await;
		if report["done"].as_u64().unwrap() > done {
			break;
		}
		assert!(start.elapsed() < Duration::from_secs(20), "{report}");
		tokio::time::sleep(Duration::from_millis(20)).await;
	}
	service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_finds_what_was_indexed() {
	let folder = tempfile::tempdir().unwrap();
	let args = args(folder.path());
	let file = batch_file(&ROWS);
	let service = Running::start(&args).await;
	let corpus = service.ready("corpus", &file).await;
	let question = job("question", corpus, "How did the world begin?");
	let first = service.outcome(&question).await["result"].clone();
	service.stop().await;

	// Even without the file: the index knows what it was made from.
	let service = Running::start(&args).await;
	service.store.remove(&Hash256::sha256(&file)).unwrap();
	let (status, body) = service.post(&question).await;
	assert_eq!((status.as_u16(), code(&body)), (404, "unknown_corpus"));
	let spec = corpus_of(vec![spec_of(7, &file, "")]);
	service.put(corpus, &spec).await;
	assert_eq!(service.corpus(corpus).await["state"], "ready");
	assert_eq!(service.outcome(&question).await["result"], first);
	service.stop().await;

	// A damaged index is noticed and made anew.
	let index = fs::read_dir(&args.cache)
		.unwrap()
		.map(|entry| entry.unwrap().path())
		.find(|path| path.extension().is_some_and(|e| e == "index"))
		.unwrap();
	let good = fs::read(&index).unwrap();
	let mut bad = good.clone();
	bad[500] ^= 1;
	fs::write(&index, bad).unwrap();
	let service = Running::start(&args).await;
	service.put(corpus, &spec).await;
	assert_eq!(code(&service.corpus(corpus).await), "data_unavailable");
	service.store.put(&file[..], None).unwrap();
	service.put(corpus, &spec).await;
	assert_eq!(service.corpus(corpus).await["state"], "ready");
	assert_eq!(service.outcome(&question).await["result"], first);
	assert_eq!(fs::read(&index).unwrap(), good);
	service.stop().await;
}

#[test]
fn an_index_that_was_interrupted_is_the_same_in_the_end() {
	use crate::index::{IndexCache, IndexKey};

	let folder = tempfile::tempdir().unwrap();
	let file = batch_file(&ROWS);
	let path = folder.path().join("batch");
	fs::write(&path, &file).unwrap();
	let summary = batch::summarise(&file[..]).unwrap();
	let engine = engine::Engine::start(EngineConfig {
		library: Some(real::library()),
		models: real::models(),
		provider: Requested::Cpu,
		threads: 1,
	})
	.unwrap();
	let model = engine::ModelId {
		graph: real::graph(),
		tokenizer: real::tokenizer(),
	};
	let key = IndexKey {
		model,
		tag: engine.tag(),
		content: summary.content,
	};
	let mut embedder = engine.load(model).unwrap();
	let limit = engine::Limit::within(Duration::from_secs(60));
	let mut make = |cache: &Path, interruptions: &[(usize, usize)]| {
		let cache_folder = cache;
		let cache = IndexCache::open(cache_folder).unwrap();
		for (steps, cut) in interruptions {
			let content = fs::File::open(&path).unwrap();
			let mut builder = cache.build(&key, 384, content, summary).unwrap();
			for _ in 0..*steps {
				assert!(builder.step(&mut embedder, &limit).unwrap().is_none());
			}
			drop(builder);
			let part = fs::read_dir(cache_folder)
				.unwrap()
				.map(|entry| entry.unwrap().path())
				.find(|path| path.extension().is_some_and(|e| e == "part"))
				.unwrap();
			let length = fs::metadata(&part).unwrap().len();
			let part = fs::OpenOptions::new().write(true).open(part).unwrap();
			// As after a crash: an entry cut short, or a block that was never written.
			part.set_len(length.saturating_sub(*cut as u64)).unwrap();
			if *cut == 0 {
				part.set_len(length + 4096).unwrap();
			}
		}
		let content = fs::File::open(&path).unwrap();
		let mut builder = cache.build(&key, 384, content, summary).unwrap();
		while builder.step(&mut embedder, &limit).unwrap().is_none() {}
		assert!(cache.find(&key).unwrap().is_some());
		let index = fs::read_dir(cache_folder)
			.unwrap()
			.map(|entry| entry.unwrap().path())
			.find(|path| path.extension().is_some_and(|e| e == "index"))
			.unwrap();
		fs::read(index).unwrap()
	};
	let whole = make(&folder.path().join("whole"), &[]);
	assert_eq!(
		make(&folder.path().join("cut"), &[(3, 100), (2, 1), (1, 0)]),
		whole
	);
	assert_eq!(make(&folder.path().join("header"), &[(1, 1600)]), whole);

	// And a file that changes meanwhile is not taken for what it was.
	let cache = IndexCache::open(folder.path().join("changed")).unwrap();
	fs::write(&path, batch_file(&ROWS[..2])).unwrap();
	let content = fs::File::open(&path).unwrap();
	let mut builder = cache.build(&key, 384, content, summary).unwrap();
	let failure = loop {
		match builder.step(&mut embedder, &limit) {
			Ok(None) => {}
			Ok(Some(_)) => panic!("taken"),
			Err(failure) => break failure,
		}
	};
	assert_eq!(failure.code, crate::error::ErrorCode::DataMismatch);
	assert!(cache.find(&key).unwrap().is_none());
}
