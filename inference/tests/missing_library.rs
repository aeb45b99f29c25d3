//! A service without ONNX Runtime says so, and works once the library is put in place. A test of its own,
//! because a process loads the library once.

mod common;

use std::{fs, os::unix::fs::symlink, time::Duration};

use openledger_inference::{content::ContentStore, InferenceArgs, Provider, Service};
use serde_json::{json, Value};

const TOKEN: &str = "a token for tests, long enough";

#[tokio::test(flavor = "multi_thread")]
async fn missing_library() {
	let folder = tempfile::tempdir().unwrap();
	let library = folder.path().join("libonnxruntime.so");
	let token_file = folder.path().join("token");
	fs::write(&token_file, TOKEN).unwrap();
	let args = InferenceArgs {
		listen: "127.0.0.1:0".parse().unwrap(),
		models: common::models(),
		content: folder.path().join("content"),
		content_quota: 1 << 20,
		cache: folder.path().join("cache"),
		onnxruntime: Some(library.clone()),
		provider: Provider::Auto,
		threads: None,
		token_file: Some(token_file),
		queue: 8,
		max_run_ms: 60_000,
		unload_after_s: 120,
		max_batch_bytes: 1 << 20,
		ipfs_gateway: None,
		eigenda_proxy: None,
		allow_private_locators: false,
		exit_with_parent: false,
	};
	let service = Service::bind(&args).await.unwrap();
	assert!(
		service.banner().contains("without ONNX Runtime"),
		"{}",
		service.banner()
	);
	let url = format!("http://{}", service.local_addr());
	tokio::spawn(service.run(std::future::pending()));

	let client = reqwest::Client::new();
	let health = async || -> Value {
		client
			.get(format!("{url}/health"))
			.send()
			.await
			.unwrap()
			.json()
			.await
			.unwrap()
	};
	assert_eq!(health().await["onnxruntime"], Value::Null);

	let store = ContentStore::open(&args.content, args.content_quota).unwrap();
	let file = b"{\"text\":\"A compiler translates source code.\"}\n";
	let stored = store.put(&file[..], None).unwrap();
	let summary = openledger_inference::batch::summarise(&file[..]).unwrap();
	let id = stored.hash;
	let corpus = json!({
		"graph": common::graph(), "tokenizer": common::tokenizer(),
		"batches": [{
			"batch": 1, "content": id, "root": summary.root, "rows": 1, "bytes": stored.bytes,
			"locator": "",
		}],
	});
	let job = |name: u64| {
		json!({
			"id": format!("{name:064x}"), "kind": "search", "graph": common::graph(),
			"tokenizer": common::tokenizer(), "corpus": id, "input": "636f6d70696c6572",
			"top_k": 1, "max_run_ms": 10_000,
		})
	};
	let settled = async |path: String| -> Value {
		for _ in 0..500 {
			let request = client.get(format!("{url}{path}")).bearer_auth(TOKEN);
			let report: Value = request.send().await.unwrap().json().await.unwrap();
			let state = report["state"].as_str().unwrap();
			if ["ready", "done", "failed"].contains(&state) {
				return report;
			}
			tokio::time::sleep(Duration::from_millis(20)).await;
		}
		panic!("{path} takes too long");
	};
	let put = async || {
		let request = client
			.put(format!("{url}/v1/corpora/{id}"))
			.bearer_auth(TOKEN);
		assert_eq!(request.json(&corpus).send().await.unwrap().status(), 202);
		settled(format!("/v1/corpora/{id}")).await
	};
	let run = async |name: u64| {
		let request = client.post(format!("{url}/v1/jobs")).bearer_auth(TOKEN);
		assert_eq!(request.json(&job(name)).send().await.unwrap().status(), 202);
		settled(format!("/v1/jobs/{name:064x}")).await
	};

	for report in [put().await, run(1).await] {
		assert_eq!(report["state"], "failed");
		assert_eq!(report["error"]["code"], "missing_library");
		let message = report["error"]["message"].as_str().unwrap();
		assert!(message.contains("libonnxruntime.so"), "{message}");
	}

	symlink(common::library(), &library).unwrap();
	assert_eq!(put().await["state"], "ready");
	assert_eq!(run(2).await["state"], "done");
	assert_eq!(health().await["onnxruntime"], "1.31.1");
}
