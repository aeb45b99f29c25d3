//! Comparisons of adapters, over HTTP.

use super::*;
use crate::similarity::tests::{adapter, file, refactorised, Numbers};

/// A comparison of two files at these locators.
fn comparison(name: &str, files: [(&[u8], &str); 2]) -> Value {
	let [original, other] = files.map(|(file, locator)| {
		json!({ "content": Hash256::sha256(file), "bytes": file.len(), "locator": locator })
	});
	json!({
		"id": id(name), "kind": "compare", "original": original, "other": other, "max_run_ms": 30_000,
	})
}

async fn start(folder: &Path) -> Running {
	Running::start(&InferenceArgs {
		allow_private_locators: true,
		// No library of ONNX Runtime is needed.
		onnxruntime: Some(folder.join("none")),
		..args(folder)
	})
	.await
}

#[tokio::test(flavor = "multi_thread")]
async fn adapters_are_fetched_and_compared() {
	let original = adapter(&mut Numbers(1), 8, 8);
	let copy = file(&refactorised(&original));
	let (original, other) = (file(&original), file(&adapter(&mut Numbers(2), 8, 8)));
	let mut results = Vec::new();
	for _ in 0..2 {
		let folder = tempfile::tempdir().unwrap();
		let service = start(folder.path()).await;
		let (url, asked) = locator(vec![
			("original", original.clone()),
			("copy", copy.clone()),
			("other", other.clone()),
		])
		.await;
		let at = |name: &str| format!("{url}/{name}");
		let (first, second, third) = (at("original"), at("copy"), at("other"));
		let job = comparison("copy", [(&original, &first), (&copy, &second)]);
		let report = service.outcome(&job).await;
		assert_eq!(report["state"], "done", "{report}");
		assert_eq!(report["result"], json!({ "similarity": 1_000_000 }));
		// One name, one run.
		let (status, again) = service.post(&job).await;
		assert_eq!((status, &again), (StatusCode::OK, &report));
		assert_eq!(asked.load(Ordering::SeqCst), 2);
		let job = comparison("other", [(&original, &first), (&other, &third)]);
		let report = service.outcome(&job).await;
		let similarity = report["result"]["similarity"].as_u64().unwrap();
		assert!(similarity < 60_000, "{report}");
		results.push(report["result"].clone());
		let (_, stats) = service.call(Method::GET, "/v1/stats", None).await;
		let compared = &stats["jobs"]["compare"];
		assert_eq!(
			(&compared["done"], &compared["running"]),
			(&json!(2), &json!(0))
		);
		service.stop().await;
	}
	assert_eq!(results[0], results[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn adapters_that_are_not_what_was_announced_are_not_compared() {
	let folder = tempfile::tempdir().unwrap();
	let service = start(folder.path()).await;
	let good = file(&adapter(&mut Numbers(1), 2, 4));
	let (url, _) = locator(vec![
		("good", good.clone()),
		("other", file(&adapter(&mut Numbers(2), 2, 4))),
		("nonsense", b"nonsense, and no adapter".to_vec()),
	])
	.await;
	let at = |name: &str| format!("{url}/{name}");
	for place in [at("other"), at("absent"), String::new(), "nonsense".into()] {
		for (n, files) in [
			[(&good[..], &place[..]), (&good[..], &at("good")[..])],
			[(&good[..], &at("good")[..]), (&good[..], &place[..])],
		]
		.into_iter()
		.enumerate()
		{
			let report = service
				.outcome(&comparison(&format!("{place}{n}"), files))
				.await;
			assert_eq!(code(&report), "input_unavailable", "{report}");
		}
	}
	let nonsense = b"nonsense, and no adapter";
	let files = [
		(&good[..], &at("good")[..]),
		(nonsense, &at("nonsense")[..]),
	];
	let report = service.outcome(&comparison("nonsense", files)).await;
	assert_eq!(code(&report), "bad_input", "{report}");

	let place = at("good");
	let files = [(&good[..], &place[..]); 2];
	for (part, key, value) in [
		("original", "bytes", json!((64 << 20) + 1)),
		("other", "locator", json!("x".repeat(2_101))),
		("other", "name", json!("x")),
	] {
		let mut bad = comparison("bad", files);
		bad[part][key] = value;
		let (status, body) = service.post(&bad).await;
		assert_eq!(
			(status.as_u16(), code(&body)),
			(400, "bad_request"),
			"{body}"
		);
	}
	service.stop().await;
}
