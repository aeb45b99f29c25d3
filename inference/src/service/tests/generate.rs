//! Language models over HTTP.

use super::*;

pub(super) const CAPITAL: &str = "What is the capital of France?";

pub(super) fn prompt(name: &str, text: &str) -> Value {
	json!({
		"id": id(name), "kind": "generate", "graph": real::LANGUAGE_GRAPH,
		"tokenizer": real::LANGUAGE_TOKENIZER, "generation": real::GENERATION,
		"input": hex::encode(text), "max_tokens": 24, "sampler": { "kind": "greedy" },
		"max_run_ms": 60_000,
	})
}

fn with(mut value: Value, key: &str, new: Value) -> Value {
	value[key] = new;
	value
}

/// The check of what `asked` was answered, as a job of that name.
fn check(name: &str, asked: &Value, answer: &Value) -> Value {
	let mut generate = with(asked.clone(), "id", json!(id(name)));
	generate.as_object_mut().unwrap().remove("kind");
	json!({
		"kind": "verify", "generate": generate, "tokens": answer["tokens"],
		"fingerprint": answer["fingerprint"],
	})
}

pub(super) fn text(result: &Value) -> String {
	String::from_utf8(hex::decode(result["output"].as_str().unwrap()).unwrap()).unwrap()
}

impl Running {
	pub(super) async fn outcome_of(&self, name: &str, job: &Value) -> Value {
		let (status, report) = self.post(job).await;
		assert_eq!(status, StatusCode::ACCEPTED, "{report}");
		self.settled(&format!("/v1/jobs/{}", id(name))).await
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_and_its_check() {
	let folder = tempfile::tempdir().unwrap();
	let mut args = args(folder.path());
	args.unload_after_s = 2;
	let service = Running::start(&args).await;
	let loaded = async || {
		let (_, health) = service.call(Method::GET, "/health", None).await;
		health["generation"].clone()
	};
	assert_eq!(
		loaded().await,
		json!({ "loaded": null, "prompt_tokens": 0, "tokens": 0, "run_ms": 0 })
	);

	let asked = prompt("ask", CAPITAL);
	let report = service.outcome_of("ask", &asked).await;
	assert_eq!(report["state"], "done", "{report}");
	let answer = &report["result"];
	assert_eq!(text(answer), "The capital of France is Paris.");
	assert_eq!(answer["finish"], "stop");
	assert_eq!(answer["prompt_tokens"], 37);
	assert_eq!(answer["tokens"].as_array().unwrap().len(), 8);
	assert_eq!(answer["fingerprint"].as_array().unwrap().len(), 32);
	let now = loaded().await;
	assert_eq!(now["loaded"], real::LANGUAGE_GRAPH);
	assert_eq!(
		(&now["tokens"], &now["prompt_tokens"]),
		(&json!(8), &json!(37))
	);
	assert!(now["run_ms"].as_u64().unwrap() > 0);

	// One name, one run.
	let (status, again) = service.post(&asked).await;
	assert_eq!(status, StatusCode::OK);
	assert_eq!(again, report);
	let (status, body) = service
		.post(&with(asked.clone(), "max_tokens", json!(23)))
		.await;
	assert_eq!((status.as_u16(), code(&body)), (409, "conflict"));

	let report = service
		.outcome_of("check", &check("check", &asked, answer))
		.await;
	let found = &report["result"];
	assert_eq!(found["tokens_agree"], true, "{report}");
	assert_eq!(
		(&found["exact"], &found["first_wrong"]),
		(&json!(8), &Value::Null)
	);
	assert!(found["distance"].as_u64().unwrap() < 1_000_000, "{report}");
	assert_eq!(text(found), text(answer));

	// Another answer than the one that was given.
	let mut wrong = answer.clone();
	wrong["tokens"][5] = json!(100);
	wrong["fingerprint"].as_array_mut().unwrap().pop();
	let report = service
		.outcome_of("wrong", &check("wrong", &asked, &wrong))
		.await;
	let found = &report["result"];
	assert_eq!(found["tokens_agree"], false, "{report}");
	assert_eq!(
		(&found["first_wrong"], &found["distance"]),
		(&json!(5), &Value::Null)
	);

	// Seeded, by two seeds and one of them twice.
	let mut texts = Vec::new();
	for (name, seed) in [("a", 1), ("b", 2), ("c", 1)] {
		let sampler = json!({
			"kind": "seeded", "seed": id(&seed.to_string()), "temperature": 1_000, "top_k": 50,
			"top_p": 950_000,
		});
		let asked = with(
			prompt(name, "Name an animal and describe it."),
			"sampler",
			sampler,
		);
		let report = service.outcome_of(name, &asked).await;
		assert_eq!(report["state"], "done", "{report}");
		texts.push(text(&report["result"]));
	}
	assert_eq!(texts[0], texts[2]);
	assert_ne!(texts[0], texts[1]);

	// Nothing is asked for any more.
	let start = Instant::now();
	while loaded().await["loaded"] != Value::Null {
		assert!(start.elapsed() < Duration::from_secs(30));
		tokio::time::sleep(Duration::from_millis(100)).await;
	}
	let report = service.outcome_of("later", &prompt("later", CAPITAL)).await;
	assert!(text(&report["result"]).contains("Paris"));
	service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_prompts() {
	let folder = tempfile::tempdir().unwrap();
	let service = Running::start(&args(folder.path())).await;
	let good = prompt("good", CAPITAL);
	let seeded = |key: &str, value: u32| {
		let sampler = json!({
			"kind": "seeded", "seed": id("seed"), "temperature": 1_000, "top_k": 50, "top_p": 1,
		});
		with(good.clone(), "sampler", with(sampler, key, json!(value)))
	};
	let answer = json!({ "tokens": [1, 2], "fingerprint": [] });
	for bad in [
		with(good.clone(), "max_tokens", json!(0)),
		with(good.clone(), "max_tokens", json!(2_049)),
		with(good.clone(), "max_run_ms", json!(0)),
		with(good.clone(), "corpus", json!(id("corpus"))),
		with(good.clone(), "kind", json!("dream")),
		with(good.clone(), "sampler", json!({ "kind": "best" })),
		seeded("temperature", 0),
		seeded("top_k", 0),
		seeded("top_p", 0),
		seeded("top_p", 1_000_001),
		check("v", &good, &with(answer.clone(), "tokens", json!([]))),
		check(
			"v",
			&good,
			&with(answer.clone(), "tokens", json!(vec![1; 25])),
		),
		check(
			"v",
			&good,
			&with(answer.clone(), "fingerprint", json!(vec![1; 1_025])),
		),
		with(check("v", &good, &answer), "salt", json!(1)),
	] {
		let (status, body) = service.post(&bad).await;
		assert_eq!(
			(status.as_u16(), code(&body)),
			(400, "bad_request"),
			"{bad} {body}"
		);
	}
	let failing = [
		("empty", prompt("empty", " "), "bad_input"),
		(
			"bytes",
			with(prompt("bytes", ""), "input", json!("ff")),
			"bad_input",
		),
		("long", prompt("long", &"word ".repeat(2_000)), "bad_input"),
		(
			"time",
			with(prompt("time", CAPITAL), "max_run_ms", json!(1)),
			"out_of_time",
		),
		(
			"none",
			with(prompt("none", CAPITAL), "graph", json!(id("none"))),
			"model_not_found",
		),
		(
			"kind",
			with(prompt("kind", CAPITAL), "graph", json!(real::GRAPH)),
			"bad_model",
		),
		("poison", prompt("poison", super::POISON), "internal"),
	];
	for (name, job, why) in failing {
		let report = service.outcome_of(name, &job).await;
		assert_eq!(report["state"], "failed", "{report}");
		assert_eq!(report["error"]["code"], why, "{report}");
	}
	let report = service.outcome_of("good", &good).await;
	assert!(text(&report["result"]).contains("Paris"));
	service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_go_on_while_an_answer_is_made() {
	let folder = tempfile::tempdir().unwrap();
	let service = Running::start(&args(folder.path())).await;
	let corpus = service.ready("corpus", &batch_file(&ROWS)).await;
	let long = with(
		prompt("long", "Tell me a long story about a dragon."),
		"max_tokens",
		json!(256),
	);
	let (status, _) = service.post(&long).await;
	assert_eq!(status, StatusCode::ACCEPTED);
	let report = service
		.outcome(&job("query", corpus, "Let there be light"))
		.await;
	assert_eq!(report["result"]["citations"][0]["row"], 1);
	let (_, report) = service
		.call(Method::GET, &format!("/v1/jobs/{}", id("long")), None)
		.await;
	assert_eq!(report["state"], "running", "{report}");
	// The service doesn't wait for the story to end.
	let start = Instant::now();
	service.stop().await;
	assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
}
