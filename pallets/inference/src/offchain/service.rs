//! The client of the local inference service: JSON over HTTP, with the host functions that every node
//! gives to off-chain workers.

use alloc::{format, string::String, vec::Vec};
use core::fmt;
use openledger_primitives::{
	model::Sampler,
	protocol::{INFERENCE_TOKEN_KEY, INFERENCE_URL_KEY},
};
use serde::{de::DeserializeOwned, Deserialize, Serialize};
use sp_core::{
	offchain::{Duration, StorageKind},
	H256,
};
use sp_runtime::offchain::http::{Method, Request};

/// How long a call to the service may take.
const TIMEOUT: Duration = Duration::from_millis(800);

/// The most that the service's answers are read of.
const MAX_RESPONSE: usize = 256 * 1024;

/// The inference service of this node.
pub(crate) struct Service {
	url: String,
	token: String,
}

/// Why a call to the service failed.
#[derive(Debug)]
pub(crate) enum ServiceError {
	/// No answer in time, or none at all.
	Unreachable,
	/// An answer that is not what was asked for.
	Malformed,
	/// It said no.
	Refused {
		/// The HTTP status.
		status: u16,
		/// The error's code, empty if there was none.
		code: String,
		/// The error's message, empty if there was none.
		message: String,
	},
}

impl ServiceError {
	/// Whether the service refused with this code.
	pub(crate) fn is(&self, expected: &str) -> bool {
		matches!(self, Self::Refused { code, .. } if code == expected)
	}

	/// Whether the service knows nothing of what was asked for.
	pub(crate) fn is_unknown(&self) -> bool {
		matches!(self, Self::Refused { status: 404, .. })
	}
}

impl fmt::Display for ServiceError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Unreachable => write!(f, "it does not answer"),
			Self::Malformed => write!(f, "it answers what cannot be understood"),
			Self::Refused {
				status,
				code,
				message,
			} => {
				write!(f, "it refuses with {status} {code}: {message}")
			}
		}
	}
}

/// An error as the service words it.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Problem {
	/// For machines.
	#[serde(default)]
	pub(crate) code: String,
	/// For people.
	#[serde(default)]
	pub(crate) message: String,
}

#[derive(Default, Deserialize)]
struct Refusal {
	#[serde(default)]
	error: Problem,
}

/// What the service runs on.
#[derive(Debug, Deserialize)]
pub(crate) struct Health {
	/// The version of ONNX Runtime; none if its library is missing.
	pub(crate) onnxruntime: Option<String>,
	/// Where it computes.
	#[serde(default)]
	pub(crate) provider: Provider,
}

/// Where the service computes.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Provider {
	/// `cpu` or `cuda`.
	pub(crate) in_use: Option<String>,
}

/// A batch of a corpus.
#[derive(Serialize)]
pub(crate) struct CorpusBatch {
	/// Its id on the chain.
	pub(crate) batch: u64,
	/// SHA-256 of its file, hex.
	pub(crate) content: String,
	/// The root over its rows, hex.
	pub(crate) root: String,
	/// How many rows.
	pub(crate) rows: u32,
	/// How many bytes.
	pub(crate) bytes: u64,
	/// Where to fetch it; may be empty.
	pub(crate) locator: String,
}

/// The data of a model's version.
#[derive(Serialize)]
pub(crate) struct CorpusSpec {
	/// SHA-256 of the graph that embeds it, hex.
	pub(crate) graph: String,
	/// SHA-256 of the tokenizer, hex.
	pub(crate) tokenizer: String,
	/// The batches.
	pub(crate) batches: Vec<CorpusBatch>,
	/// Whether their texts are needed too, and not only what they were embedded to.
	pub(crate) texts: bool,
}

/// How far a corpus is.
#[derive(Debug, Deserialize)]
pub(crate) struct Corpus {
	/// `indexing`, `ready` or `failed`.
	pub(crate) state: String,
	/// Why it failed.
	#[serde(default)]
	pub(crate) error: Option<Problem>,
}

/// A job.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum JobSpec {
	/// A search.
	Search(SearchSpec),
	/// Generation.
	Generate(GenerateSpec),
	/// An answer from passages.
	Answer(AnswerSpec),
	/// A comparison of adapters.
	Compare(CompareSpec),
}

/// What a job's model is given.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum InputSpec {
	/// The bytes, hex.
	Inline(String),
	/// What the service is to fetch.
	Linked(FileSpec),
}

/// A file that the service is to fetch.
#[derive(Serialize)]
pub(crate) struct FileSpec {
	/// SHA-256, hex.
	pub(crate) content: String,
	/// How many bytes.
	pub(crate) bytes: u32,
	/// Where.
	pub(crate) locator: String,
}

/// What is searched for.
#[derive(Serialize)]
pub(crate) struct SearchSpec {
	/// The job's id, hex.
	pub(crate) id: String,
	/// SHA-256 of the graph, hex.
	pub(crate) graph: String,
	/// SHA-256 of the tokenizer, hex.
	pub(crate) tokenizer: String,
	/// The corpus to be searched, hex.
	pub(crate) corpus: String,
	/// The query.
	pub(crate) input: InputSpec,
	/// How many passages.
	pub(crate) top_k: u32,
	/// How long it may run, in milliseconds.
	pub(crate) max_run_ms: u32,
}

/// What is generated.
#[derive(Serialize)]
pub(crate) struct GenerateSpec {
	/// The job's id, hex.
	pub(crate) id: String,
	/// SHA-256 of the graph, hex.
	pub(crate) graph: String,
	/// SHA-256 of the tokenizer, hex.
	pub(crate) tokenizer: String,
	/// SHA-256 of the file that says how to generate with the graph, hex.
	pub(crate) generation: String,
	/// The prompt.
	pub(crate) input: InputSpec,
	/// How many tokens at most.
	pub(crate) max_tokens: u32,
	/// How they are chosen.
	pub(crate) sampler: SamplerSpec,
	/// How long it may run, in milliseconds.
	pub(crate) max_run_ms: u32,
}

/// What is answered from passages.
#[derive(Serialize)]
pub(crate) struct AnswerSpec {
	/// The job's id, hex.
	pub(crate) id: String,
	/// SHA-256 of the graph that generates, hex.
	pub(crate) graph: String,
	/// SHA-256 of its tokenizer, hex.
	pub(crate) tokenizer: String,
	/// SHA-256 of the file that says how to generate with the graph, hex.
	pub(crate) generation: String,
	/// SHA-256 of the graph that embeds, hex.
	pub(crate) retriever: String,
	/// SHA-256 of its tokenizer, hex.
	pub(crate) retriever_tokenizer: String,
	/// The corpus with the passages, hex.
	pub(crate) corpus: String,
	/// The question.
	pub(crate) input: InputSpec,
	/// How many passages at most.
	pub(crate) top_k: u32,
	/// How many tokens at most.
	pub(crate) max_tokens: u32,
	/// How they are chosen.
	pub(crate) sampler: SamplerSpec,
	/// How long it may run, in milliseconds.
	pub(crate) max_run_ms: u32,
}

/// Which adapters are compared.
#[derive(Serialize)]
pub(crate) struct CompareSpec {
	/// The job's id, hex.
	pub(crate) id: String,
	/// The one that is looked for.
	pub(crate) original: FileSpec,
	/// The one that it is looked for in.
	pub(crate) other: FileSpec,
	/// How long it may run, in milliseconds.
	pub(crate) max_run_ms: u32,
}

/// How tokens are chosen, see [`Sampler`].
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum SamplerSpec {
	/// The most likely one.
	Greedy,
	/// At random.
	Seeded {
		/// With what the stream of random numbers begins, hex.
		seed: String,
		/// In thousandths.
		temperature: u32,
		/// How many tokens.
		top_k: u32,
		/// In millionths.
		top_p: u32,
	},
}

impl SamplerSpec {
	/// A sampler, with the seed of a request.
	pub(crate) fn new(sampler: Sampler, seed: &H256) -> Self {
		match sampler {
			Sampler::Greedy => Self::Greedy,
			Sampler::Seeded {
				temperature,
				top_k,
				top_p,
			} => Self::Seeded {
				seed: hex_of(seed),
				temperature,
				top_k,
				top_p,
			},
		}
	}
}

/// How far a job is.
#[derive(Debug, Deserialize)]
pub(crate) struct Job {
	/// `queued`, `running`, `done` or `failed`.
	pub(crate) state: String,
	/// What came of it.
	#[serde(default)]
	pub(crate) result: Option<JobResult>,
	/// Why it failed.
	#[serde(default)]
	pub(crate) error: Option<Problem>,
}

/// What came of a job.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum JobResult {
	/// Of a question. Before the others, which have a part of its fields.
	Answered {
		/// The text.
		output: Text,
		/// The passages that it rests on, best first.
		citations: Vec<Found>,
	},
	/// Of a search.
	Found {
		/// The passages, best first.
		citations: Vec<Found>,
	},
	/// Of a comparison.
	Compared {
		/// In millionths.
		similarity: u32,
	},
	/// Of generation.
	Generated {
		/// The text.
		output: Text,
		/// Of the activations.
		fingerprint: Vec<i32>,
	},
}

/// Generated text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Text {
	/// Its bytes, hex.
	Inline(String),
	/// What the service keeps and hands out.
	Linked {
		/// SHA-256, hex.
		content: String,
		/// How many bytes.
		bytes: u32,
	},
}

/// A passage that was found or that an answer rests on.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Found {
	/// The batch.
	pub(crate) batch: u64,
	/// The row.
	pub(crate) row: u32,
	/// Of a search: cosine similarity in millionths. Of an answer: what the passage did for it.
	pub(crate) score: u32,
}

/// As the service writes hashes.
pub(crate) fn hex_of(bytes: impl AsRef<[u8]>) -> String {
	hex::encode(bytes)
}

impl Service {
	/// The service that the node was told to use; none if it was told of none.
	pub(crate) fn configured() -> Option<Self> {
		let text = |key: &[u8]| {
			sp_io::offchain::local_storage_get(StorageKind::PERSISTENT, key)
				.and_then(|bytes| String::from_utf8(bytes).ok())
		};
		let url = text(INFERENCE_URL_KEY).filter(|url| !url.is_empty())?;
		Some(Self {
			url,
			token: text(INFERENCE_TOKEN_KEY).unwrap_or_default(),
		})
	}

	/// Where it is.
	pub(crate) fn url(&self) -> &str {
		&self.url
	}

	/// What it runs on.
	pub(crate) fn health(&self) -> Result<Health, ServiceError> {
		self.call(Method::Get, "/health", None)
	}

	/// Has a corpus indexed, if it isn't yet.
	pub(crate) fn put_corpus(&self, id: &H256, spec: &CorpusSpec) -> Result<Corpus, ServiceError> {
		self.call(
			Method::Put,
			&format!("/v1/corpora/{}", hex_of(id)),
			Some(body(spec)?),
		)
	}

	/// How far a corpus is.
	pub(crate) fn corpus(&self, id: &H256) -> Result<Corpus, ServiceError> {
		self.call(Method::Get, &format!("/v1/corpora/{}", hex_of(id)), None)
	}

	/// Submits a job, or asks how far it is if it was submitted before.
	pub(crate) fn submit(&self, job: &JobSpec) -> Result<Job, ServiceError> {
		self.call(Method::Post, "/v1/jobs", Some(body(job)?))
	}

	/// How far a job is.
	pub(crate) fn job(&self, id: &H256) -> Result<Job, ServiceError> {
		self.call(Method::Get, &format!("/v1/jobs/{}", hex_of(id)), None)
	}

	fn call<R: DeserializeOwned>(
		&self,
		method: Method,
		path: &str,
		body: Option<Vec<u8>>,
	) -> Result<R, ServiceError> {
		let url = format!("{}{}", self.url.trim_end_matches('/'), path);
		let deadline = sp_io::offchain::timestamp().add(TIMEOUT);
		let has_body = body.is_some();
		let mut request = Request::post(&url, body)
			.method(method)
			.deadline(deadline)
			.add_header("Authorization", &format!("Bearer {}", self.token));
		if has_body {
			request = request.add_header("Content-Type", "application/json");
		}
		let response = request
			.send()
			.ok()
			.and_then(|pending| pending.try_wait(deadline).ok())
			.and_then(Result::ok)
			.ok_or(ServiceError::Unreachable)?;
		let mut stream = response.body();
		stream.deadline(deadline);
		let bytes: Vec<u8> = stream.by_ref().take(MAX_RESPONSE).collect();
		if stream.error().is_some() {
			return Err(ServiceError::Unreachable);
		}
		if (200..300).contains(&response.code) {
			serde_json::from_slice(&bytes).map_err(|_| ServiceError::Malformed)
		} else {
			let refusal: Refusal = serde_json::from_slice(&bytes).unwrap_or_default();
			Err(ServiceError::Refused {
				status: response.code,
				code: refusal.error.code,
				message: refusal.error.message.chars().take(200).collect(),
			})
		}
	}
}

fn body(value: &impl Serialize) -> Result<Vec<u8>, ServiceError> {
	serde_json::to_vec(value).map_err(|_| ServiceError::Malformed)
}
