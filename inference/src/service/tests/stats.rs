//! What monitors are told, of real runs.

use super::{super::stats::JobKind, super::stats::Stats, *};

impl Running {
	async fn stats(&self) -> Stats {
		let (status, stats) = self.call(Method::GET, "/v1/stats", None).await;
		assert_eq!(status, StatusCode::OK, "{stats}");
		serde_json::from_value(stats).unwrap()
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_is_counted() {
	let folder = tempfile::tempdir().unwrap();
	let service = Running::start(&args(folder.path())).await;
	let before = service.stats().await;
	assert_eq!(before.onnxruntime.as_deref(), Some("1.31.1"));
	assert_eq!(before.provider, "cpu");
	assert_eq!(before.queue_capacity, 8);
	assert!(before.jobs.values().all(|job| job.done == 0));
	assert_eq!((before.corpora.ready, before.embedders.loaded), (0, 0));

	let corpus = service.ready("corpus", &batch_file(&ROWS)).await;
	for name in ["one", "two", "three"] {
		let report = service
			.outcome(&job(name, corpus, "How did the world begin?"))
			.await;
		assert_eq!(report["state"], "done", "{report}");
	}
	// One name, one run; and one that fails.
	service
		.post(&job("one", corpus, "How did the world begin?"))
		.await;
	assert_eq!(
		code(&service.outcome(&job("empty", corpus, "")).await),
		"bad_input"
	);
	let missing = json!({
		"id": id("missing"), "kind": "generate", "graph": id("nowhere"),
		"tokenizer": real::LANGUAGE_TOKENIZER, "generation": real::GENERATION,
		"input": hex::encode("Hello?"), "max_tokens": 8, "sampler": { "kind": "greedy" },
		"max_run_ms": 60_000,
	});
	assert_eq!(code(&service.outcome(&missing).await), "model_not_found");
	let mut prompt = missing;
	prompt["id"] = json!(id("prompt"));
	prompt["graph"] = json!(real::LANGUAGE_GRAPH);
	let report = service.outcome(&prompt).await;
	assert_eq!(report["state"], "done", "{report}");

	let after = service.stats().await;
	assert_eq!(after.started_ms, before.started_ms);
	let search = &after.jobs[&JobKind::Search];
	assert_eq!((search.done, search.failed["bad_input"]), (3, 1));
	assert_eq!((search.queued, search.running, search.refused), (0, 0, 0));
	assert_eq!((search.waited.count(), search.ran.count()), (4, 4));
	assert!(search.ran.sum_us > 0);
	let generate = &after.jobs[&JobKind::Generate];
	assert_eq!((generate.done, generate.failed["model_not_found"]), (1, 1));
	assert_eq!(after.jobs[&JobKind::Verify].ran.count(), 0);

	let generation = &after.generation;
	let tokens = report["result"]["tokens"].as_array().unwrap().len() as u64;
	assert_eq!(
		(generation.tokens, generation.last_tokens),
		(tokens, tokens)
	);
	assert_eq!(generation.prompt_tokens, report["result"]["prompt_tokens"]);
	assert_eq!(generation.run_us, generation.last_run_us);
	assert_eq!(generation.run_us / 1_000, report["run_ms"]);
	assert!(generation.run_us <= generate.ran.sum_us);

	assert_eq!((after.embedders.loaded, after.embedders.loads), (1, 1));
	assert_eq!(
		(after.language_models.loaded, after.language_models.loads),
		(1, 1)
	);
	assert!(after.language_models.load_us > 0);
	assert_eq!((after.corpora.ready, after.corpora.failed), (1, 0));
	#[cfg(target_os = "linux")]
	assert!(
		after.resident_bytes > before.resident_bytes,
		"a model is loaded"
	);

	// A panic ends its job, and the sessions.
	assert_eq!(
		code(&service.outcome(&job("poison", corpus, POISON)).await),
		"internal"
	);
	let stats = service.stats().await;
	assert_eq!(stats.jobs[&JobKind::Search].failed["internal"], 1);
	assert_eq!(stats.jobs[&JobKind::Search].running, 0);
	assert_eq!(stats.embedders.loaded, 0);
	service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_counted_and_strangers_are_told_nothing() {
	let folder = tempfile::tempdir().unwrap();
	let args = InferenceArgs {
		allow_private_locators: true,
		queue: 4,
		..args(folder.path())
	};
	let service = Running::start(&args).await;
	let stranger = service.client.get(format!("{}/v1/stats", service.url));
	assert_eq!(stranger.send().await.unwrap().status(), 401);

	let (url, silent) = silence().await;
	let batch = spec_of(1, &batch_file(&ROWS[..1]), &url);
	service.put(id("absent"), &corpus_of(vec![batch])).await;
	for n in 0..3 {
		service
			.post(&job(&format!("w{n}"), id("absent"), "x"))
			.await;
	}
	let first = service.stats().await;
	let search = &first.jobs[&JobKind::Search];
	assert_eq!((search.queued, search.refused, search.running), (2, 1, 0));
	assert_eq!((search.waited.count(), first.corpora.indexing), (0, 1));
	service.stop().await;
	silent.abort();

	tokio::time::sleep(Duration::from_millis(5)).await;
	// The task that fetches may still hold the other cache.
	let args = InferenceArgs {
		cache: folder.path().join("another cache"),
		..args
	};
	let service = Running::start(&args).await;
	let second = service.stats().await;
	assert!(second.started_ms > first.started_ms, "it counts anew");
	assert_eq!(second.jobs[&JobKind::Search].refused, 0);
	service.stop().await;
}
