//! The content store's HTTP server, over a real socket.

use openledger_inference::{batch, content::ContentStore, hash::Hash256, outputs::Outputs};
use openledger_node::content::{
	gate::{Gate, Passage, Refused},
	http::{router, Uploads},
};
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;
use std::sync::Arc;
use tempfile::TempDir;

const BATCH: &str = "{\"text\":\"one\"}\n{\"text\":\"two\"}\n{\"text\":\"three ☃\"}\n";

struct Fixture {
	_folder: TempDir,
	store: ContentStore,
	url: String,
	client: Client,
}

/// A chain on which the file of three bytes is for who shows "grantee".
struct Chain;

const PAID: &[u8] = b"{}\n";

impl Gate for Chain {
	fn pass(&self, content: &Hash256, proof: Option<&str>) -> Result<Passage, Refused> {
		match proof {
			_ if *content != Hash256::sha256(PAID) => Ok(Passage::Public),
			None => Err(Refused::NoProof(7)),
			Some("grantee") => Ok(Passage::Private),
			Some("stranger") => Err(Refused::NoGrant {
				who: [1; 32].into(),
				datanet: 7,
			}),
			Some(_) => Err(Refused::BadProof("the proof is not good".into())),
		}
	}
}

async fn serve(quota: u64, uploads: Uploads) -> Fixture {
	let folder = tempfile::tempdir().unwrap();
	let store = ContentStore::open(folder.path(), quota).unwrap();
	let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
	let url = format!("http://{}/content", listener.local_addr().unwrap());
	let router = router(store.clone(), uploads, Arc::new(Chain));
	tokio::spawn(async move { axum::serve(listener, router).await });
	let client = Client::builder().no_proxy().build().unwrap();
	Fixture {
		_folder: folder,
		store,
		url,
		client,
	}
}

impl Fixture {
	async fn get(&self, path: &str) -> Response {
		self.client
			.get(format!("{}{path}", self.url))
			.send()
			.await
			.unwrap()
	}

	async fn put(
		&self,
		path: &str,
		token: Option<&str>,
		body: impl Into<reqwest::Body>,
	) -> Response {
		let mut request = self.client.put(format!("{}{path}", self.url)).body(body);
		if let Some(token) = token {
			request = request.bearer_auth(token);
		}
		request.send().await.unwrap()
	}
}

async fn refused(response: Response, status: StatusCode, code: &str) {
	assert_eq!(response.status(), status);
	let body: Value = response.json().await.unwrap();
	assert_eq!(body["error"]["code"], code, "{body}");
	assert!(!body["error"]["message"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn put_then_get() {
	let fixture = serve(1 << 20, Uploads::WithToken("secret".into())).await;
	let hash = Hash256::sha256(BATCH.as_bytes());

	let response = fixture.put("", Some("secret"), BATCH).await;
	assert_eq!(response.status(), StatusCode::CREATED);
	let body: Value = response.json().await.unwrap();
	let summary = batch::summarise(BATCH.as_bytes()).unwrap();
	assert_eq!(body["sha256"], hash.to_string());
	assert_eq!(body["bytes"], BATCH.len());
	assert_eq!(body["rows"], 3);
	assert_eq!(body["root"], summary.root.to_string());

	assert_eq!(
		fixture.put("", Some("secret"), BATCH).await.status(),
		StatusCode::OK
	);
	let expected = format!("/{hash}");
	assert_eq!(
		fixture.put(&expected, Some("secret"), BATCH).await.status(),
		StatusCode::OK
	);

	let response = fixture.get(&expected).await;
	assert_eq!(response.status(), StatusCode::OK);
	assert_eq!(response.content_length(), Some(BATCH.len() as u64));
	assert_eq!(response.headers()["etag"], format!("\"{hash}\""));
	assert_eq!(response.text().await.unwrap(), BATCH);
}

#[tokio::test]
async fn a_large_file_goes_through_in_pieces() {
	let fixture = serve(64 << 20, Uploads::Open).await;
	let piece = vec![0xABu8; 1 << 20];
	let whole = piece.repeat(24);
	let pieces =
		futures::stream::iter((0..24).map(move |_| Ok::<_, std::io::Error>(piece.clone())));
	let response = fixture
		.put("", None, reqwest::Body::wrap_stream(pieces))
		.await;
	assert_eq!(response.status(), StatusCode::CREATED);
	let body: Value = response.json().await.unwrap();
	assert_eq!(body["rows"], Value::Null);
	assert_eq!(body["sha256"], Hash256::sha256(&whole).to_string());
	let hash = body["sha256"].as_str().unwrap().to_owned();
	assert!(
		fixture
			.get(&format!("/{hash}"))
			.await
			.bytes()
			.await
			.unwrap() == whole
	);
}

#[tokio::test]
async fn long_answers_are_handed_out_to_anybody() {
	let fixture = serve(1 << 20, Uploads::Refused).await;
	let outputs = Outputs::beside(&fixture.store);
	let path = |text: &[u8]| format!("/{}", Hash256::sha256(text));
	let story = "a long story ☃".repeat(400);
	refused(
		fixture.get(&path(story.as_bytes())).await,
		StatusCode::NOT_FOUND,
		"not_found",
	)
	.await;
	outputs.keep(&story).unwrap();
	let response = fixture.get(&path(story.as_bytes())).await;
	assert_eq!(response.status(), StatusCode::OK);
	assert_eq!(response.text().await.unwrap(), story);
	// They are no files of the store, and take none of its place.
	assert_eq!(fixture.store.used().unwrap(), 0);

	// A model that repeats what others pay for does not make it public.
	outputs.keep(std::str::from_utf8(PAID).unwrap()).unwrap();
	refused(
		fixture.get(&path(PAID)).await,
		StatusCode::UNAUTHORIZED,
		"no_proof",
	)
	.await;
}

#[tokio::test]
async fn rows_come_with_a_proof() {
	let fixture = serve(1 << 20, Uploads::Open).await;
	let stored = fixture.store.put(BATCH.as_bytes(), None).unwrap();
	let summary = batch::summarise(BATCH.as_bytes()).unwrap();
	for (row, text) in BATCH.lines().enumerate() {
		let response = fixture.get(&format!("/{}/rows/{row}", stored.hash)).await;
		assert_eq!(response.status(), StatusCode::OK);
		let body: Value = response.json().await.unwrap();
		assert_eq!(body["text"], text);
		assert_eq!(body["row"], row);
		assert_eq!(body["rows"], 3);
		let root: Hash256 = serde_json::from_value(body["root"].clone()).unwrap();
		assert_eq!(root, summary.root);
		let proof: Vec<Hash256> = serde_json::from_value(body["proof"].clone()).unwrap();
		assert!(batch::verify(text.as_bytes(), row as u32, 3, &proof, &root));
	}
	let path = |row: &str| format!("/{}/rows/{row}", stored.hash);
	refused(
		fixture.get(&path("3")).await,
		StatusCode::NOT_FOUND,
		"no_such_row",
	)
	.await;
	refused(
		fixture.get(&path("-1")).await,
		StatusCode::BAD_REQUEST,
		"bad_row",
	)
	.await;

	let other = fixture.store.put(&b"no newline"[..], None).unwrap();
	let response = fixture.get(&format!("/{}/rows/0", other.hash)).await;
	refused(response, StatusCode::UNPROCESSABLE_ENTITY, "not_a_batch").await;
}

#[tokio::test]
async fn unknown_and_malformed_hashes() {
	let fixture = serve(1 << 20, Uploads::Open).await;
	let unknown = Hash256::sha256(b"unknown").to_string();
	refused(
		fixture.get(&format!("/{unknown}")).await,
		StatusCode::NOT_FOUND,
		"not_found",
	)
	.await;
	let rows = format!("/{unknown}/rows/0");
	refused(fixture.get(&rows).await, StatusCode::NOT_FOUND, "not_found").await;
	for bad in [
		"abc",
		&unknown.to_uppercase(),
		"..%2f..%2fetc%2fpasswd",
		".lock",
	] {
		let response = fixture.get(&format!("/{bad}")).await;
		refused(response, StatusCode::BAD_REQUEST, "bad_hash").await;
	}
}

#[tokio::test]
async fn uploads_need_the_token() {
	let fixture = serve(1 << 20, Uploads::WithToken("secret".into())).await;
	for token in [None, Some("Secret"), Some(""), Some("secret2")] {
		let response = fixture.put("", token, BATCH).await;
		refused(response, StatusCode::UNAUTHORIZED, "wrong_token").await;
	}
	assert!(fixture.store.ls().unwrap().is_empty());

	let fixture = serve(1 << 20, Uploads::Refused).await;
	let response = fixture.put("", Some(""), BATCH).await;
	refused(response, StatusCode::FORBIDDEN, "uploads_off").await;
	assert!(fixture.store.ls().unwrap().is_empty());
}

#[tokio::test]
async fn an_upload_over_quota_leaves_nothing() {
	let fixture = serve(100, Uploads::Open).await;
	assert_eq!(
		fixture.put("", None, vec![1u8; 60]).await.status(),
		StatusCode::CREATED
	);
	let response = fixture.put("", None, vec![2u8; 41]).await;
	refused(response, StatusCode::INSUFFICIENT_STORAGE, "over_quota").await;
	assert_eq!(fixture.store.used().unwrap(), 60);
	assert_eq!(
		fixture.put("", None, vec![3u8; 40]).await.status(),
		StatusCode::CREATED
	);
}

#[tokio::test]
async fn an_upload_of_another_content_is_refused() {
	let fixture = serve(1 << 20, Uploads::Open).await;
	let announced = format!("/{}", Hash256::sha256(b"announced"));
	let response = fixture.put(&announced, None, "delivered").await;
	refused(response, StatusCode::UNPROCESSABLE_ENTITY, "wrong_hash").await;
	assert!(fixture.store.ls().unwrap().is_empty());
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
	let fixture = serve(1 << 20, Uploads::Open).await;
	let pieces = futures::stream::iter([
		Ok("first".to_string()),
		Err(std::io::Error::other("the uploader goes away")),
	]);
	let result = fixture
		.client
		.put(&fixture.url)
		.body(reqwest::Body::wrap_stream(pieces))
		.send()
		.await;
	assert!(result.is_err() || !result.unwrap().status().is_success());
	for _ in 0..50 {
		let left = std::fs::read_dir(fixture._folder.path()).unwrap().count();
		if left == 0 {
			return;
		}
		tokio::time::sleep(std::time::Duration::from_millis(100)).await;
	}
	panic!("the broken upload is still there");
}

#[tokio::test]
async fn what_is_paid_for_goes_to_grantees_alone() {
	let fixture = serve(1_000, Uploads::Refused).await;
	let paid = fixture.store.put(PAID, None).unwrap().hash;
	let free = fixture.store.put(BATCH.as_bytes(), None).unwrap().hash;
	let get = |path: String, shown: Option<&'static str>| {
		let mut request = fixture.client.get(format!("{}{path}", fixture.url));
		if let Some(shown) = shown {
			request = request.header("authorization", shown);
		}
		async { request.send().await.unwrap() }
	};
	for path in [format!("/{paid}"), format!("/{paid}/rows/0")] {
		for (shown, status, code) in [
			(None, StatusCode::UNAUTHORIZED, "no_proof"),
			(Some("Bearer x"), StatusCode::UNAUTHORIZED, "bad_proof"),
			(Some("OpenLedger x"), StatusCode::UNAUTHORIZED, "bad_proof"),
			(
				Some("OpenLedger stranger"),
				StatusCode::FORBIDDEN,
				"no_grant",
			),
		] {
			refused(get(path.clone(), shown).await, status, code).await;
		}
		let response = get(path, Some("OpenLedger grantee")).await;
		assert_eq!(response.status(), StatusCode::OK);
		let cache = response.headers()["cache-control"].to_str().unwrap();
		assert!(cache.starts_with("private"), "{cache}");
	}
	let response = get(format!("/{free}"), None).await;
	let cache = response.headers()["cache-control"].to_str().unwrap();
	assert!(cache.starts_with("public"), "{cache}");
}
