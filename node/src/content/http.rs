//! The content store over HTTP.
//!
//! | request | answer |
//! |---|---|
//! | `GET /content/{sha256}` | the file, or the long answer that the inference service keeps beside the files |
//! | `GET /content/{sha256}/rows/{n}` | `{row, rows, text, proof, root}` of row `n`, counted from 0 |
//! | `PUT /content` | takes the body; `{sha256, bytes, rows, root}`, the last two `null` unless it is a batch |
//! | `PUT /content/{sha256}` | the same, refused unless the body has that hash |
//!
//! A file of a Datanet that asks for payment goes to those that the chain lets read it, who show it by
//! `Authorization: OpenLedger <proof>`, see [`super::gate`].
//!
//! An error is `{"error": {code, message}}`. Hashes are lower-case hexadecimal without a prefix.

use super::gate::{Gate, Passage, Refused};
use axum::{
	body::{Body, Bytes},
	extract::{Path, State},
	http::{header, HeaderMap, StatusCode},
	response::{IntoResponse, Response},
	routing::{get, put},
	Json, Router,
};
use futures::StreamExt;
use openledger_inference::{
	batch::{self, BatchError},
	content::{ContentStore, StoreError, Stored},
	hash::{Hash256, ParseHashError},
	outputs::Outputs,
};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::{io::BufReader, sync::Arc, time::Duration};
use tokio::sync::{mpsc, Semaphore};
use tokio_util::io::ReaderStream;

/// Longest pause of an upload.
const UPLOAD_PAUSE: Duration = Duration::from_secs(30);

/// Uploads at the same time.
const UPLOADS: usize = 8;

/// Row proofs made at the same time: each reads its whole file.
const PROOFS: usize = 4;

/// Who may upload.
#[derive(Debug, Clone)]
pub enum Uploads {
	/// Nobody.
	Refused,
	/// Who shows this token, as `Authorization: Bearer <token>`.
	WithToken(String),
	/// Everybody who reaches the port.
	Open,
}

#[derive(Clone)]
struct Server {
	store: ContentStore,
	outputs: Outputs,
	uploads: Uploads,
	gate: Arc<dyn Gate>,
	upload_slots: Arc<Semaphore>,
	proof_slots: Arc<Semaphore>,
}

/// The routes of a content store and of the long answers beside it. All goes out through `gate`.
pub fn router(store: ContentStore, uploads: Uploads, gate: Arc<dyn Gate>) -> Router {
	let server = Server {
		outputs: Outputs::beside(&store),
		store,
		uploads,
		gate,
		upload_slots: Arc::new(Semaphore::new(UPLOADS)),
		proof_slots: Arc::new(Semaphore::new(PROOFS)),
	};
	Router::new()
		.route("/content", put(upload))
		.route("/content/{sha256}", get(download).put(upload_expected))
		.route("/content/{sha256}/rows/{row}", get(row_with_proof))
		.with_state(server)
}

/// An answer that is no success.
#[derive(Debug)]
struct Refusal {
	status: StatusCode,
	code: &'static str,
	message: String,
}

impl Refusal {
	fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
		Self {
			status,
			code,
			message: message.into(),
		}
	}

	fn internal(error: impl std::fmt::Display) -> Self {
		log::warn!(target: super::LOG_TARGET, "Request failed: {error}");
		Self::new(
			StatusCode::INTERNAL_SERVER_ERROR,
			"internal",
			"internal error, see the node's log",
		)
	}
}

impl IntoResponse for Refusal {
	fn into_response(self) -> Response {
		let body = json!({ "error": { "code": self.code, "message": self.message } });
		(self.status, Json(body)).into_response()
	}
}

impl From<StoreError> for Refusal {
	fn from(error: StoreError) -> Self {
		let (status, code) = match &error {
			StoreError::NotFound(_) => (StatusCode::NOT_FOUND, "not_found"),
			StoreError::QuotaExceeded { .. } => (StatusCode::INSUFFICIENT_STORAGE, "over_quota"),
			StoreError::WrongHash { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "wrong_hash"),
			StoreError::Io(error) => return Self::internal(error),
		};
		Self::new(status, code, error.to_string())
	}
}

impl From<Refused> for Refusal {
	fn from(refused: Refused) -> Self {
		let (status, code) = match &refused {
			Refused::NoProof(_) => (StatusCode::UNAUTHORIZED, "no_proof"),
			Refused::BadProof(_) => (StatusCode::UNAUTHORIZED, "bad_proof"),
			Refused::NoGrant { .. } => (StatusCode::FORBIDDEN, "no_grant"),
			Refused::Chain(error) => return Self::internal(error),
		};
		Self::new(status, code, refused.to_string())
	}
}

impl From<BatchError> for Refusal {
	fn from(error: BatchError) -> Self {
		let (status, code) = match &error {
			BatchError::NoSuchRow { .. } => (StatusCode::NOT_FOUND, "no_such_row"),
			BatchError::Io(error) => return Self::internal(error),
			_ => (StatusCode::UNPROCESSABLE_ENTITY, "not_a_batch"),
		};
		Self::new(status, code, error.to_string())
	}
}

fn parse_hash(text: &str) -> Result<Hash256, Refusal> {
	text.parse().map_err(|error: ParseHashError| {
		Refusal::new(StatusCode::BAD_REQUEST, "bad_hash", error.to_string())
	})
}

/// Content never changes under its name; nobody may pass on what is not public.
fn cache_headers(hash: &Hash256, passage: Passage) -> [(header::HeaderName, String); 4] {
	let scope = match passage {
		Passage::Public => "public",
		Passage::Private => "private",
	};
	[
		(header::ETAG, format!("\"{hash}\"")),
		(
			header::CACHE_CONTROL,
			format!("{scope}, max-age=31536000, immutable"),
		),
		(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*".into()),
		(header::X_CONTENT_TYPE_OPTIONS, "nosniff".into()),
	]
}

/// Asks the chain whether a file may go out.
async fn pass(server: &Server, hash: Hash256, headers: &HeaderMap) -> Result<Passage, Refusal> {
	let shown = match headers.get(header::AUTHORIZATION) {
		None => None,
		Some(value) => {
			let proof = value
				.to_str()
				.ok()
				.and_then(|value| value.strip_prefix("OpenLedger "));
			Some(
				proof
					.ok_or_else(|| {
						Refusal::new(
							StatusCode::UNAUTHORIZED,
							"bad_proof",
							"readers show `Authorization: OpenLedger <proof>`",
						)
					})?
					.to_owned(),
			)
		}
	};
	let gate = server.gate.clone();
	blocking(move || gate.pass(&hash, shown.as_deref()))
		.await?
		.map_err(Refusal::from)
}

async fn download(
	State(server): State<Server>,
	Path(hash): Path<String>,
	headers: HeaderMap,
) -> Result<Response, Refusal> {
	let hash = parse_hash(&hash)?;
	let passage = pass(&server, hash, &headers).await?;
	let (file, bytes) = blocking(move || match server.store.get(&hash) {
		Err(StoreError::NotFound(_)) => server.outputs.store().get(&hash),
		found => found,
	})
	.await??;
	let body = Body::from_stream(ReaderStream::new(tokio::fs::File::from_std(file)));
	let headers = [
		(header::CONTENT_TYPE, "application/octet-stream".to_string()),
		(header::CONTENT_LENGTH, bytes.to_string()),
	];
	Ok((cache_headers(&hash, passage), headers, body).into_response())
}

async fn row_with_proof(
	State(server): State<Server>,
	Path((hash, row)): Path<(String, String)>,
	headers: HeaderMap,
) -> Result<Response, Refusal> {
	let hash = parse_hash(&hash)?;
	let passage = pass(&server, hash, &headers).await?;
	let row: u32 = row.parse().map_err(|_| {
		Refusal::new(
			StatusCode::BAD_REQUEST,
			"bad_row",
			"a row is a number, counted from 0",
		)
	})?;
	let _slot = server
		.proof_slots
		.acquire()
		.await
		.map_err(Refusal::internal)?;
	let proof = blocking(move || -> Result<_, Refusal> {
		let (file, _) = server.store.get(&hash)?;
		Ok(batch::prove(BufReader::new(file), row)?)
	})
	.await??;
	// A row that is proved is UTF-8: the reader refuses others.
	let text = String::from_utf8(proof.bytes).map_err(Refusal::internal)?;
	let body = json!({
		"row": proof.row,
		"rows": proof.rows,
		"text": text,
		"proof": proof.path,
		"root": proof.root,
	});
	Ok((cache_headers(&hash, passage), Json(body)).into_response())
}

async fn upload(
	State(server): State<Server>,
	headers: HeaderMap,
	body: Body,
) -> Result<Response, Refusal> {
	accept(server, headers, body, None).await
}

async fn upload_expected(
	State(server): State<Server>,
	Path(hash): Path<String>,
	headers: HeaderMap,
	body: Body,
) -> Result<Response, Refusal> {
	let expected = parse_hash(&hash)?;
	accept(server, headers, body, Some(expected)).await
}

async fn accept(
	server: Server,
	headers: HeaderMap,
	body: Body,
	expected: Option<Hash256>,
) -> Result<Response, Refusal> {
	authorise(&server.uploads, &headers)?;
	let _slot = server.upload_slots.try_acquire().map_err(|_| {
		Refusal::new(
			StatusCode::SERVICE_UNAVAILABLE,
			"busy",
			"too many uploads, try again later",
		)
	})?;
	let stored = receive(server.store.clone(), body, expected).await?;
	let store = server.store.clone();
	let summary = blocking(move || -> Result<_, StoreError> {
		let (file, _) = store.get(&stored.hash)?;
		Ok(batch::summarise(BufReader::new(file)).ok())
	})
	.await??;
	let status = if stored.new {
		StatusCode::CREATED
	} else {
		StatusCode::OK
	};
	let body = json!({
		"sha256": stored.hash,
		"bytes": stored.bytes,
		"rows": summary.map(|summary| summary.rows),
		"root": summary.map(|summary| summary.root),
	});
	Ok((status, Json(body)).into_response())
}

fn authorise(uploads: &Uploads, headers: &HeaderMap) -> Result<(), Refusal> {
	let token = match uploads {
		Uploads::Open => return Ok(()),
		Uploads::Refused => {
			return Err(Refusal::new(
				StatusCode::FORBIDDEN,
				"uploads_off",
				"this node takes no uploads: it runs without --content-upload-token-file",
			))
		}
		Uploads::WithToken(token) => token,
	};
	let shown = headers
		.get(header::AUTHORIZATION)
		.and_then(|value| value.to_str().ok())
		.and_then(|value| value.strip_prefix("Bearer "))
		.unwrap_or_default();
	// Hashes are compared, so that the time taken says nothing about the token.
	if Sha256::digest(shown) == Sha256::digest(token) {
		return Ok(());
	}
	Err(Refusal::new(
		StatusCode::UNAUTHORIZED,
		"wrong_token",
		"uploads need `Authorization: Bearer <token>`",
	))
}

enum Piece {
	Bytes(Bytes),
	End,
}

/// Writes the body to the store as it comes in. Whatever ends it before its end leaves nothing behind.
async fn receive(
	store: ContentStore,
	body: Body,
	expected: Option<Hash256>,
) -> Result<Stored, Refusal> {
	let (sender, mut receiver) = mpsc::channel(8);
	let writing = tokio::task::spawn_blocking(move || -> Result<Option<Stored>, StoreError> {
		let mut writer = store.writer()?;
		while let Some(piece) = receiver.blocking_recv() {
			match piece {
				Piece::Bytes(bytes) => writer.push(&bytes)?,
				Piece::End => return writer.commit(expected).map(Some),
			}
		}
		Ok(None)
	});
	let reading = forward(body, sender).await;
	match writing.await.map_err(Refusal::internal)?? {
		Some(stored) => Ok(stored),
		None => Err(reading
			.err()
			.unwrap_or_else(|| Refusal::internal("the upload was lost"))),
	}
}

async fn forward(body: Body, sender: mpsc::Sender<Piece>) -> Result<(), Refusal> {
	let broken = |message: &str| Refusal::new(StatusCode::BAD_REQUEST, "broken_upload", message);
	let mut pieces = body.into_data_stream();
	loop {
		let piece = match tokio::time::timeout(UPLOAD_PAUSE, pieces.next()).await {
			Ok(Some(Ok(bytes))) => Piece::Bytes(bytes),
			Ok(Some(Err(error))) => return Err(broken(&error.to_string())),
			Ok(None) => Piece::End,
			Err(_) => return Err(broken("nothing came for 30 seconds")),
		};
		let end = matches!(piece, Piece::End);
		// A closed channel means that writing has failed; its error is the one to tell.
		if sender.send(piece).await.is_err() || end {
			return Ok(());
		}
	}
}

async fn blocking<T: Send + 'static>(
	work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
	tokio::task::spawn_blocking(work)
		.await
		.map_err(Refusal::internal)
}
