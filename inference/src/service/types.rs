//! What goes over the wire, and what is remembered of it.

use serde::{Deserialize, Serialize};

use crate::{
	engine::{ModelId, ProviderStatus},
	error::Failure,
	hash::Hash256,
	index::Citation,
};

/// Most batches in a corpus.
pub const MAX_BATCHES: usize = 4_096;
/// Most citations that a job may ask for.
pub const MAX_TOP_K: u32 = 32;
/// Longest locator in bytes: a file of a kilobyte in hexadecimal digits, and what says that it is one.
pub const MAX_LOCATOR_BYTES: usize = 2_100;

/// A batch of a corpus, as it is announced on the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchSpec {
	/// The caller's number for it, given back in citations.
	pub batch: u64,
	/// SHA-256 of the batch file.
	pub content: Hash256,
	/// Merkle root over its rows.
	pub root: Hash256,
	/// Number of rows.
	pub rows: u32,
	/// Size of the file in bytes.
	pub bytes: u64,
	/// Where to fetch the file, if it is not in the content store. May be empty.
	#[serde(default)]
	pub locator: String,
}

/// A model and the batches that it searches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorpusSpec {
	/// SHA-256 of the ONNX graph.
	pub graph: Hash256,
	/// SHA-256 of the tokenizer.
	pub tokenizer: Hash256,
	/// What to search, each batch number once.
	pub batches: Vec<BatchSpec>,
}

impl CorpusSpec {
	pub(crate) fn model(&self) -> ModelId {
		ModelId {
			graph: self.graph,
			tokenizer: self.tokenizer,
		}
	}

	pub(crate) fn rows(&self) -> u64 {
		self.batches.iter().map(|batch| u64::from(batch.rows)).sum()
	}

	/// What is wrong with the request, as a sentence.
	pub(crate) fn check(&self) -> Result<(), String> {
		if self.batches.len() > MAX_BATCHES {
			return Err(format!("more than {MAX_BATCHES} batches"));
		}
		let mut numbers: Vec<_> = self.batches.iter().map(|batch| batch.batch).collect();
		numbers.sort_unstable();
		if let Some(twice) = numbers.windows(2).find(|pair| pair[0] == pair[1]) {
			return Err(format!("batch {} is there twice", twice[0]));
		}
		for batch in &self.batches {
			if batch.locator.len() > MAX_LOCATOR_BYTES {
				return Err(format!("the locator of batch {} is too long", batch.batch));
			}
		}
		Ok(())
	}
}

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
	/// The passages of a corpus that are closest to a query.
	Search,
}

/// A job, as it is submitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobSpec {
	/// The caller's name for it: one name, one run.
	pub id: Hash256,
	/// What to do.
	pub kind: JobKind,
	/// SHA-256 of the ONNX graph; the one of the corpus.
	pub graph: Hash256,
	/// SHA-256 of the tokenizer; the one of the corpus.
	pub tokenizer: Hash256,
	/// The corpus to search.
	pub corpus: Hash256,
	/// The query: UTF-8, in hexadecimal.
	#[serde(with = "hex_bytes")]
	pub input: Vec<u8>,
	/// Most citations in the result, 1 to [`MAX_TOP_K`].
	pub top_k: u32,
	/// Time limit of the run in milliseconds, waiting not counted.
	pub max_run_ms: u32,
}

impl JobSpec {
	pub(crate) fn check(&self) -> Result<(), String> {
		if !(1..=MAX_TOP_K).contains(&self.top_k) {
			return Err(format!("top_k is not in 1..={MAX_TOP_K}"));
		}
		if self.max_run_ms == 0 {
			return Err("max_run_ms is zero".into());
		}
		Ok(())
	}
}

mod hex_bytes {
	use serde::{de::Error, Deserialize, Deserializer, Serializer};

	pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
		serializer.serialize_str(&hex::encode(bytes))
	}

	pub(super) fn deserialize<'de, D: Deserializer<'de>>(
		deserializer: D,
	) -> Result<Vec<u8>, D::Error> {
		let text = String::deserialize(deserializer)?;
		hex::decode(text).map_err(|_| D::Error::custom("expected hexadecimal digits"))
	}
}

/// How far a corpus is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CorpusState {
	/// Files are being fetched, checked and embedded.
	Indexing,
	/// Jobs are being served.
	Ready,
	/// See the error; putting the corpus again tries again.
	Failed,
}

/// A corpus, as it is reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorpusReport {
	/// The caller's id.
	pub id: Hash256,
	/// How far it is.
	pub state: CorpusState,
	/// Rows dealt with.
	pub done: u64,
	/// Rows in all batches.
	pub total: u64,
	/// Why it failed.
	pub error: Option<Failure>,
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
	/// Waits for its turn or for its corpus.
	Queued,
	/// Runs.
	Running,
	/// Has a result.
	Done,
	/// Has an error.
	Failed,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobResult {
	/// By score descending, then batch, then row ascending.
	pub citations: Vec<Citation>,
}

/// A job, as it is reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobReport {
	/// The caller's id.
	pub id: Hash256,
	/// How far it is.
	pub state: JobState,
	/// What it found, once it is done.
	pub result: Option<JobResult>,
	/// Why it failed.
	pub error: Option<Failure>,
	/// How long it ran, in milliseconds.
	pub run_ms: u32,
}

/// The state of the service, for people and monitors.
#[derive(Debug, Clone, Serialize)]
pub struct Health {
	/// This crate's version.
	pub version: &'static str,
	/// ONNX Runtime's version; `None` while it can't be loaded.
	pub onnxruntime: Option<String>,
	/// The execution provider asked for and in use.
	pub provider: ProviderStatus,
	/// Threads per run.
	pub threads: usize,
	/// Jobs that wait.
	pub queue: QueueHealth,
	/// All corpora that are known.
	pub corpora: Vec<CorpusHealth>,
	/// Jobs since the start.
	pub jobs: JobCounts,
}

/// How full the queue is.
#[derive(Debug, Clone, Serialize)]
pub struct QueueHealth {
	/// Jobs that wait.
	pub depth: usize,
	/// How many may.
	pub capacity: usize,
}

/// A corpus in [`Health`].
#[derive(Debug, Clone, Serialize)]
pub struct CorpusHealth {
	/// The caller's id.
	pub id: Hash256,
	/// How far it is.
	pub state: CorpusState,
	/// Rows dealt with.
	pub done: u64,
	/// Rows in all batches.
	pub total: u64,
}

/// How jobs ended since the start.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct JobCounts {
	/// With a result.
	pub done: u64,
	/// With an error.
	pub failed: u64,
}
