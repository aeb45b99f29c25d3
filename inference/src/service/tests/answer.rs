//! Questions answered from passages, over HTTP.

use super::{generate::text, *};

const QUESTION: &str = "What is a router?";

fn question(name: &str, corpus: Hash256, text: &str) -> Value {
	json!({
		"id": id(name), "kind": "answer", "graph": real::LANGUAGE_GRAPH,
		"tokenizer": real::LANGUAGE_TOKENIZER, "generation": real::GENERATION,
		"retriever": real::GRAPH, "retriever_tokenizer": real::TOKENIZER, "corpus": corpus,
		"input": hex::encode(text), "top_k": 3, "max_tokens": 24, "sampler": { "kind": "greedy" },
		"max_run_ms": 60_000,
	})
}

fn with(mut value: Value, key: &str, new: Value) -> Value {
	value[key] = new;
	value
}

fn texts_of(batches: Vec<BatchSpec>) -> CorpusSpec {
	CorpusSpec {
		texts: true,
		..corpus_of(batches)
	}
}

impl Running {
	/// As `ready`, with texts.
	async fn texts(&self, name: &str, file: &[u8]) -> Hash256 {
		self.store.put(file, None).unwrap();
		self.put(id(name), &texts_of(vec![spec_of(7, file, "")]))
			.await;
		let report = self.corpus(id(name)).await;
		assert_eq!(report["state"], "ready", "{report}");
		id(name)
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_names_the_row_that_it_rests_on_and_two_services_agree_to_the_byte() {
	let mut results = Vec::new();
	for _ in 0..2 {
		let folder = tempfile::tempdir().unwrap();
		let service = Running::start(&args(folder.path())).await;
		let corpus = service.texts("corpus", &batch_file(&ROWS)).await;
		let report = service.outcome(&question("ask", corpus, QUESTION)).await;
		assert_eq!(report["state"], "done", "{report}");
		let result = &report["result"];
		assert!(text(result).contains("networks"), "{report}");
		let citations = result["citations"].as_array().unwrap();
		assert_eq!(citations[0]["batch"], 7);
		assert_eq!(citations[0]["row"], 6, "{report}");
		let passages = result["passages"].as_array().unwrap();
		assert!((1..=3).contains(&passages.len()), "{report}");
		assert_eq!(passages[0]["row"], 6);
		let (relevance, drop) = (&passages[0]["relevance"], &passages[0]["drop"]);
		assert_eq!(
			citations[0]["score"].as_u64().unwrap(),
			relevance.as_u64().unwrap() * drop.as_u64().unwrap() / 1_000_000
		);
		assert!(report["run_ms"].as_u64().unwrap() > 0);
		results.push(serde_json::to_vec(result).unwrap());

		// Searches of the same corpus go on as they do.
		let report = service.outcome(&job("search", corpus, QUESTION)).await;
		assert_eq!(report["result"]["citations"][0]["row"], 6);
		service.stop().await;
	}
	assert_eq!(results[0], results[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_copy_takes_nothing_from_the_original() {
	let folder = tempfile::tempdir().unwrap();
	let service = Running::start(&args(folder.path())).await;
	let original = batch_file(&ROWS);
	// The same words in another dress, five times over, and another row.
	let copies: Vec<_> = (0..5)
		.map(|n| ROWS[6].replacen(".\"", &format!(".{}\"", " ".repeat(n)), 1))
		.collect();
	let mut rows: Vec<_> = copies.iter().map(String::as_str).collect();
	rows.push(ROWS[7]);
	let copied = batch_file(&rows);
	for file in [&original, &copied] {
		service.store.put(&file[..], None).unwrap();
	}
	let spec = texts_of(vec![spec_of(9, &copied, ""), spec_of(7, &original, "")]);
	service.put(id("both"), &spec).await;
	service.corpus(id("both")).await;
	let alone = service.texts("alone", &original).await;
	let honest = service.outcome(&question("alone", alone, QUESTION)).await;
	let both = service
		.outcome(&question("both", id("both"), QUESTION))
		.await;
	assert_eq!(both["state"], "done", "{both}");
	assert_eq!(both["result"]["citations"], honest["result"]["citations"]);
	service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_questions() {
	let folder = tempfile::tempdir().unwrap();
	let service = Running::start(&args(folder.path())).await;
	let corpus = service.texts("corpus", &batch_file(&ROWS)).await;
	let vectors = service.ready("vectors", &batch_file(&ROWS)).await;
	let good = question("good", corpus, QUESTION);
	for bad in [
		with(good.clone(), "top_k", json!(0)),
		with(good.clone(), "top_k", json!(9)),
		with(good.clone(), "max_tokens", json!(0)),
		with(good.clone(), "max_tokens", json!(2_049)),
		with(good.clone(), "max_run_ms", json!(0)),
		with(good.clone(), "sampler", json!({ "kind": "best" })),
		with(good.clone(), "retriever", json!(real::LANGUAGE_GRAPH)),
		with(good.clone(), "unknown", json!(1)),
		question("no texts", vectors, QUESTION),
	] {
		let (status, body) = service.post(&bad).await;
		assert_eq!(
			(status.as_u16(), code(&body)),
			(400, "bad_request"),
			"{bad} {body}"
		);
	}
	let (status, body) = service.post(&question("x", id("unknown"), QUESTION)).await;
	assert_eq!((status.as_u16(), code(&body)), (404, "unknown_corpus"));

	let long = "word ".repeat(300);
	for (name, job, why) in [
		("empty", question("empty", corpus, " "), "bad_input"),
		(
			"bytes",
			with(question("bytes", corpus, ""), "input", json!("ff")),
			"bad_input",
		),
		("long", question("long", corpus, &long), "bad_input"),
		(
			"time",
			with(question("time", corpus, QUESTION), "max_run_ms", json!(150)),
			"out_of_time",
		),
		(
			"none",
			with(
				question("none", corpus, QUESTION),
				"graph",
				json!(id("none")),
			),
			"model_not_found",
		),
		("poison", question("poison", corpus, POISON), "internal"),
	] {
		let report = service.outcome(&job).await;
		assert_eq!(
			(report["state"].as_str(), code(&report)),
			(Some("failed"), why),
			"{name} {report}"
		);
	}
	let (_, stats) = service.call(Method::GET, "/v1/stats", None).await;
	let answers = &stats["jobs"]["answer"];
	assert_eq!(answers["failed"]["bad_input"], 3, "{stats}");
	assert_eq!(
		(&answers["done"], &answers["running"]),
		(&json!(0), &json!(0))
	);
	service.stop().await;
}

/// What is indexed is no use for answers without its file: it is fetched anew.
#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_gone_are_fetched_again() {
	let folder = tempfile::tempdir().unwrap();
	let args = InferenceArgs {
		allow_private_locators: true,
		..args(folder.path())
	};
	let service = Running::start(&args).await;
	let file = batch_file(&ROWS);
	let served = file.clone();
	let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
	let url = format!("http://{}/batch", listener.local_addr().unwrap());
	let router = Router::new().route("/batch", get(async move || served.clone()));
	let server = tokio::spawn(axum::serve(listener, router).into_future());

	service.ready("vectors", &file).await;
	let content = Hash256::sha256(&file);
	assert!(service.store.remove(&content).unwrap());
	let spec = texts_of(vec![spec_of(7, &file, &url)]);
	service.put(id("corpus"), &spec).await;
	assert_eq!(service.corpus(id("corpus")).await["state"], "ready");
	assert!(service.store.has(&content));
	let ask = |name| question(name, id("corpus"), QUESTION);
	let report = service.outcome(&ask("first")).await;
	assert_eq!(report["state"], "done", "{report}");

	// Gone once more: the job that finds out fails, and then it is there again.
	assert!(service.store.remove(&content).unwrap());
	let report = service.outcome(&ask("second")).await;
	assert_eq!(code(&report), "data_unavailable");
	assert_eq!(service.corpus(id("corpus")).await["state"], "failed");
	service.put(id("corpus"), &spec).await;
	assert_eq!(service.corpus(id("corpus")).await["state"], "ready");
	let report = service.outcome(&ask("third")).await;
	assert_eq!(report["state"], "done", "{report}");
	service.stop().await;
	server.abort();
}
