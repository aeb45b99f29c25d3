//! The HTTP interface; `README.md` describes it.

use std::sync::Arc;

use axum::{
	body::Bytes,
	extract::{rejection::BytesRejection, DefaultBodyLimit, Path, Request, State as Shared},
	http::{header, StatusCode},
	middleware::{self, Next},
	response::{IntoResponse, Response},
	routing::{get, post, put},
	Json, Router,
};
use serde::de::DeserializeOwned;
use serde_json::json;
use subtle::ConstantTimeEq;

use super::{
	provide::Supplier,
	state::{Begun, Refusal},
	types::{CorpusReport, CorpusSpec, JobReport, JobSpec},
};
use crate::hash::Hash256;

const CORPUS_BYTES: usize = 4 << 20;
const JOB_BYTES: usize = 64 << 10;

/// What the handlers share.
#[derive(Debug, Clone)]
pub(crate) struct Context {
	pub(crate) supplier: Supplier,
	/// SHA-256 of the token.
	pub(crate) token: Hash256,
}

pub(crate) fn router(context: Context) -> Router {
	let context = Arc::new(context);
	Router::new()
		.route(
			"/v1/corpora/{id}",
			put(put_corpus).layer(DefaultBodyLimit::max(CORPUS_BYTES)),
		)
		.route("/v1/corpora/{id}", get(get_corpus))
		.route(
			"/v1/jobs",
			post(post_job).layer(DefaultBodyLimit::max(JOB_BYTES)),
		)
		.route("/v1/jobs/{id}", get(get_job))
		.route("/v1/stats", get(stats))
		.route_layer(middleware::from_fn_with_state(context.clone(), authorised))
		.route("/health", get(health))
		.fallback(|| async { Refused::new(StatusCode::NOT_FOUND, "not_found", "no such path") })
		.method_not_allowed_fallback(|| async {
			Refused::new(
				StatusCode::METHOD_NOT_ALLOWED,
				"not_found",
				"no such method here",
			)
		})
		.with_state(context)
}

/// An answer that is an error.
#[derive(Debug)]
struct Refused {
	status: StatusCode,
	code: &'static str,
	message: String,
}

impl Refused {
	fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
		Self {
			status,
			code,
			message: message.into(),
		}
	}

	fn bad_request(message: impl Into<String>) -> Self {
		Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
	}
}

impl IntoResponse for Refused {
	fn into_response(self) -> Response {
		let body = json!({ "error": { "code": self.code, "message": self.message } });
		(self.status, Json(body)).into_response()
	}
}

impl From<Refusal> for Refused {
	fn from(refusal: Refusal) -> Self {
		match refusal {
			Refusal::BadRequest(message) => Self::bad_request(message),
			Refusal::Conflict(message) => Self::new(StatusCode::CONFLICT, "conflict", message),
			Refusal::UnknownCorpus => Self::new(
				StatusCode::NOT_FOUND,
				"unknown_corpus",
				"put the corpus and submit the job again",
			),
			Refusal::QueueFull => Self::new(
				StatusCode::TOO_MANY_REQUESTS,
				"queue_full",
				"try again later",
			),
			Refusal::Closing => Self::new(
				StatusCode::SERVICE_UNAVAILABLE,
				"stopping",
				"the service is about to stop; try again later",
			),
		}
	}
}

async fn authorised(
	Shared(context): Shared<Arc<Context>>,
	request: Request,
	next: Next,
) -> Response {
	let given = request
		.headers()
		.get(header::AUTHORIZATION)
		.and_then(|value| value.as_bytes().strip_prefix(b"Bearer "))
		.map(Hash256::sha256);
	// Hashes have one length and nothing to guess from, so the comparison tells nothing of the token.
	if given.is_some_and(|given| bool::from(given.0.ct_eq(&context.token.0))) {
		next.run(request).await
	} else {
		Refused::new(
			StatusCode::UNAUTHORIZED,
			"unauthorised",
			"the bearer token is missing or wrong",
		)
		.into_response()
	}
}

fn parse_id(id: &str) -> Result<Hash256, Refused> {
	id.parse()
		.map_err(|e| Refused::bad_request(format!("id: {e}")))
}

fn parse<T: DeserializeOwned>(body: Result<Bytes, BytesRejection>) -> Result<T, Refused> {
	let body = body.map_err(|rejection| {
		Refused::new(rejection.status(), "bad_request", rejection.body_text())
	})?;
	serde_json::from_slice(&body).map_err(|e| Refused::bad_request(e.to_string()))
}

async fn put_corpus(
	Shared(context): Shared<Arc<Context>>,
	Path(id): Path<String>,
	body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<CorpusReport>), Refused> {
	let id = parse_id(&id)?;
	let spec: CorpusSpec = parse(body)?;
	spec.check().map_err(Refused::bad_request)?;
	let (report, begun) = context.supplier.state.put_corpus(id, spec)?;
	provide(&context, begun);
	Ok((StatusCode::ACCEPTED, Json(report)))
}

fn provide(context: &Context, begun: Option<Begun>) {
	if let Some((attempt, spec)) = begun {
		tokio::spawn(context.supplier.clone().provide(attempt, spec));
	}
}

async fn get_corpus(
	Shared(context): Shared<Arc<Context>>,
	Path(id): Path<String>,
) -> Result<Json<CorpusReport>, Refused> {
	let id = parse_id(&id)?;
	context
		.supplier
		.state
		.corpus(&id)
		.map(Json)
		.ok_or(Refusal::UnknownCorpus.into())
}

async fn post_job(
	Shared(context): Shared<Arc<Context>>,
	body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<JobReport>), Refused> {
	let spec: JobSpec = parse(body)?;
	spec.check().map_err(Refused::bad_request)?;
	let (id, linked) = (spec.id(), spec.linked().cloned());
	let compare = match &spec {
		JobSpec::Compare(compare) => Some(compare.clone()),
		_ => None,
	};
	let (new, report, begun) = context.supplier.state.submit(spec)?;
	provide(&context, begun);
	if let Some(linked) = linked.filter(|_| new) {
		tokio::spawn(context.supplier.clone().fetch_input(id, linked));
	}
	if let Some(compare) = compare.filter(|_| new) {
		tokio::spawn(context.supplier.clone().compare(compare));
	}
	Ok((
		if new {
			StatusCode::ACCEPTED
		} else {
			StatusCode::OK
		},
		Json(report),
	))
}

async fn get_job(
	Shared(context): Shared<Arc<Context>>,
	Path(id): Path<String>,
) -> Result<Json<JobReport>, Refused> {
	let id = parse_id(&id)?;
	context
		.supplier
		.state
		.job(&id)
		.map(Json)
		.ok_or_else(|| Refused::new(StatusCode::NOT_FOUND, "unknown_job", "submit the job again"))
}

async fn health(Shared(context): Shared<Arc<Context>>) -> Response {
	Json(context.supplier.state.health()).into_response()
}

async fn stats(Shared(context): Shared<Arc<Context>>) -> Response {
	Json(context.supplier.state.stats()).into_response()
}
