//! Inputs that are fetched for a job, and long answers.

use super::{generate::*, *};
use crate::outputs::Outputs;

const QUESTION: &str = "How is program text turned into instructions for the processor?";

/// A job with a fetched input in place of its own.
fn linked(mut job: Value, input: &[u8], locator: &str) -> Value {
	job["input"] = json!({
		"content": Hash256::sha256(input), "bytes": input.len(), "locator": locator,
	});
	job
}

async fn start(folder: &Path) -> Running {
	Running::start(&InferenceArgs {
		allow_private_locators: true,
		..args(folder)
	})
	.await
}

fn files(folder: &Path) -> usize {
	fs::read_dir(folder.join("content"))
		.unwrap()
		.filter(|entry| {
			!entry
				.as_ref()
				.unwrap()
				.file_name()
				.to_string_lossy()
				.starts_with('.')
		})
		.count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fetched_input_gives_the_same_result_and_is_not_kept() {
	let folder = tempfile::tempdir().unwrap();
	let service = start(folder.path()).await;
	let corpus = service.ready("corpus", &batch_file(&ROWS)).await;
	let (url, asked) = locator(vec![
		("question", QUESTION.as_bytes().to_vec()),
		("capital", CAPITAL.as_bytes().to_vec()),
	])
	.await;
	let before = files(folder.path());

	let inline = service.outcome(&job("inline", corpus, QUESTION)).await;
	let from = |name: &str, text: &str, place: &str| {
		linked(
			job(name, corpus, ""),
			text.as_bytes(),
			&format!("{url}/{place}"),
		)
	};
	let asked_for = from("linked", QUESTION, "question");
	let report = service.outcome(&asked_for).await;
	assert_eq!(report["state"], "done", "{report}");
	assert_eq!(report["result"], inline["result"]);
	assert_eq!(report["result"]["citations"][0]["row"], 4);
	// One name, one run, one fetch.
	let (status, again) = service.post(&asked_for).await;
	assert_eq!((status, &again), (StatusCode::OK, &report));
	assert_eq!(asked.load(Ordering::SeqCst), 1);
	let (status, body) = service.post(&from("linked", QUESTION, "elsewhere")).await;
	assert_eq!((status.as_u16(), code(&body)), (409, "conflict"));

	// A prompt, and one in the locator itself.
	let by_url = linked(
		prompt("by url", ""),
		CAPITAL.as_bytes(),
		&format!("{url}/capital"),
	);
	let itself = format!("data:;hex,{}", hex::encode(CAPITAL));
	let by_itself = linked(prompt("by itself", ""), CAPITAL.as_bytes(), &itself);
	for (name, job) in [("by url", by_url), ("by itself", by_itself)] {
		let report = service.outcome_of(name, &job).await;
		assert_eq!(
			text(&report["result"]),
			"The capital of France is Paris.",
			"{report}"
		);
	}
	assert_eq!(files(folder.path()), before, "nothing is kept");
	service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_input_that_is_not_what_was_announced_is_unavailable() {
	let folder = tempfile::tempdir().unwrap();
	let service = start(folder.path()).await;
	let corpus = service.ready("corpus", &batch_file(&ROWS)).await;
	let (url, _) = locator(vec![
		("other", QUESTION.replace("How", "Why").into_bytes()),
		("longer", format!("{QUESTION}?").into_bytes()),
		("shorter", QUESTION.as_bytes()[1..].to_vec()),
	])
	.await;
	for place in ["other", "longer", "shorter", "absent"] {
		let job = linked(
			job(place, corpus, ""),
			QUESTION.as_bytes(),
			&format!("{url}/{place}"),
		);
		let report = service.outcome(&job).await;
		assert_eq!(code(&report), "input_unavailable", "{report}");
		assert_eq!(report["state"], "failed");
	}
	for (name, place) in [
		("none", ""),
		("nonsense", "nonsense"),
		("ipfs", "ipfs://f01551200"),
	] {
		let report = service
			.outcome(&linked(job(name, corpus, ""), QUESTION.as_bytes(), place))
			.await;
		assert_eq!(code(&report), "input_unavailable", "{report}");
	}
	// What is fetched as announced and is no question is the question's fault.
	let (url, _) = locator(vec![("bytes", vec![0xFF, 0x00])]).await;
	let bytes = linked(
		job("bytes", corpus, ""),
		&[0xFF, 0x00],
		&format!("{url}/bytes"),
	);
	assert_eq!(code(&service.outcome(&bytes).await), "bad_input");

	let good = linked(
		job("good", corpus, ""),
		QUESTION.as_bytes(),
		"https://example.org/",
	);
	for (key, value) in [
		("bytes", json!((256 << 10) + 1)),
		("bytes", json!(-1)),
		("content", json!("ab")),
		("locator", json!("x".repeat(2_101))),
		("token", json!("x")),
	] {
		let mut bad = good.clone();
		bad["input"][key] = value;
		let (status, body) = service.post(&bad).await;
		assert_eq!(
			(status.as_u16(), code(&body)),
			(400, "bad_request"),
			"{key}: {body}"
		);
	}
	service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_input_is_not_read_out_of_the_content_store() {
	let folder = tempfile::tempdir().unwrap();
	let service = start(folder.path()).await;
	// A batch that others pay for; its hash is on the chain.
	let secret = b"Repeat after me: the secret is forty-two.";
	service.store.put(&secret[..], None).unwrap();
	for (name, locator) in [("nowhere", ""), ("refused", "http://127.0.0.1:1/content")] {
		let report = service
			.outcome_of(name, &linked(prompt(name, ""), secret, locator))
			.await;
		assert_eq!(code(&report), "input_unavailable", "{report}");
	}
	service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn inputs_do_not_lead_into_the_operators_network() {
	let folder = tempfile::tempdir().unwrap();
	let service = Running::start(&args(folder.path())).await;
	let corpus = service.ready("corpus", &batch_file(&ROWS)).await;
	let (url, asked) = locator(vec![("question", QUESTION.as_bytes().to_vec())]).await;
	for place in [
		format!("{url}/question"),
		format!("{}/question", url.replace("127.0.0.1", "localhost")),
		"http://169.254.169.254/latest/meta-data".to_owned(),
		"file:///etc/hostname".to_owned(),
	] {
		let report = service
			.outcome(&linked(
				job(&place, corpus, ""),
				QUESTION.as_bytes(),
				&place,
			))
			.await;
		assert_eq!(code(&report), "input_unavailable", "{place}: {report}");
	}
	assert_eq!(asked.load(Ordering::SeqCst), 0);
	service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locator_that_keeps_operators_waiting_makes_nobody_late() {
	let folder = tempfile::tempdir().unwrap();
	let service = start(folder.path()).await;
	let corpus = service.ready("corpus", &batch_file(&ROWS)).await;
	let (url, silent) = silence().await;
	let waiting = |n: u32| linked(job(&format!("w{n}"), corpus, ""), QUESTION.as_bytes(), &url);
	let begun = Instant::now();
	// A quarter of the eight places, and no more.
	for n in 0..2 {
		let (status, report) = service.post(&waiting(n)).await;
		assert_eq!(
			(status.as_u16(), report["state"].as_str()),
			(202, Some("queued"))
		);
	}
	let (status, body) = service.post(&waiting(2)).await;
	assert_eq!((status.as_u16(), code(&body)), (429, "queue_full"));
	let inline = service.outcome(&job("inline", corpus, QUESTION)).await;
	assert_eq!(inline["state"], "done", "others are served meanwhile");
	assert!(begun.elapsed() < Duration::from_secs(5));
	for n in 0..2 {
		let report = service
			.settled(&format!("/v1/jobs/{}", id(&format!("w{n}"))))
			.await;
		assert_eq!(code(&report), "input_unavailable", "{report}");
	}
	let took = begun.elapsed();
	assert!(took < Duration::from_secs(15), "{took:?}");
	let (_, health) = service.call(Method::GET, "/health", None).await;
	assert_eq!(health["queue"]["depth"], 0);
	silent.abort();
	service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_answer_is_kept_to_be_handed_out() {
	let folder = tempfile::tempdir().unwrap();
	let service = Running::start(&InferenceArgs {
		max_run_ms: 600_000,
		..args(folder.path())
	})
	.await;
	let mut story = prompt("story", "Write a very long story about a dragon.");
	story["max_tokens"] = json!(1_100);
	story["max_run_ms"] = json!(600_000);
	let report = service.outcome_of("story", &story).await;
	assert_eq!(report["state"], "done", "{report}");
	let output = &report["result"]["output"];
	assert!(output["bytes"].as_u64().unwrap() > 4_096, "{report}");
	let content: Hash256 = output["content"].as_str().unwrap().parse().unwrap();
	assert!(!service.store.has(&content), "it takes no batch's place");
	let (file, bytes) = Outputs::beside(&service.store)
		.store()
		.get(&content)
		.unwrap();
	assert_eq!(output["bytes"], bytes);
	let kept = io::read_to_string(file).unwrap();
	assert_eq!(Hash256::sha256(kept.as_bytes()), content);
	assert!(kept.contains("dragon"), "{kept}");
	assert_eq!(
		report["result"]["fingerprint"].as_array().unwrap().len(),
		28 * 32
	);
	service.stop().await;
}
