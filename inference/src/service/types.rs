//! What goes over the wire, and what is remembered of it.

use serde::{Deserialize, Serialize};

use crate::{
	engine::{Finish, GeneratorId, ModelId, ProviderStatus, Sampler, MAX_NEW_TOKENS, MAX_PASSAGES},
	error::Failure,
	fingerprint::MAX_VALUES,
	hash::Hash256,
	index::Citation,
	similarity::MAX_ADAPTER_BYTES,
};

/// Most batches in a corpus.
pub const MAX_BATCHES: usize = 4_096;
/// Most citations that a job may ask for.
pub const MAX_TOP_K: u32 = 32;
/// Most bytes of an input that is fetched.
pub const MAX_LINKED_INPUT: u32 = 256 << 10;
/// Most bytes of an answer that is given back itself and not by its hash.
pub const MAX_INLINE_OUTPUT: usize = 4_096;
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
	/// Whether the passages are read too, as answers need it, so that the files have to be there and not
	/// only their vectors.
	#[serde(default)]
	pub texts: bool,
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

/// What a job's model is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Input {
	/// The input itself: UTF-8, in hexadecimal.
	Inline(#[serde(with = "hex_bytes")] Vec<u8>),
	/// What has to be fetched first.
	Linked(LinkedInput),
}

impl Input {
	/// What has to be fetched, if it has.
	pub(crate) fn linked(&self) -> Option<&LinkedInput> {
		match self {
			Self::Inline(_) => None,
			Self::Linked(linked) => Some(linked),
		}
	}

	/// The input itself. It is there by the time that the job runs.
	pub(crate) fn bytes(&self) -> Result<&[u8], Failure> {
		match self {
			Self::Inline(bytes) => Ok(bytes),
			Self::Linked(linked) => Err(Failure::internal(format!(
				"{} was not fetched before the run",
				linked.content
			))),
		}
	}
}

/// An input that is to be fetched, for one job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkedInput {
	/// SHA-256 of the input.
	pub content: Hash256,
	/// Its size in bytes, at most [`MAX_LINKED_INPUT`].
	pub bytes: u32,
	/// Where it is.
	pub locator: String,
}

impl LinkedInput {
	/// What is wrong with the request, as a sentence.
	fn check(&self) -> Result<(), String> {
		if self.bytes > MAX_LINKED_INPUT {
			return Err(format!("the input has more than {MAX_LINKED_INPUT} bytes"));
		}
		if self.locator.len() > MAX_LOCATOR_BYTES {
			return Err("the locator of the input is too long".into());
		}
		Ok(())
	}
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum JobSpec {
	/// The passages of a corpus that are closest to a query.
	Search(SearchSpec),
	/// An answer by a language model.
	Generate(GenerateSpec),
	/// Whether an answer may be a language model's.
	Verify(VerifySpec),
	/// An answer by a language model from passages of a corpus.
	Answer(AnswerSpec),
	/// How much of one adapter is in another.
	Compare(CompareSpec),
}

impl JobSpec {
	/// The caller's name for it: one name, one run.
	pub fn id(&self) -> Hash256 {
		match self {
			Self::Search(search) => search.id,
			Self::Generate(generate) => generate.id,
			Self::Verify(verify) => verify.generate.id,
			Self::Answer(answer) => answer.id,
			Self::Compare(compare) => compare.id,
		}
	}

	/// The corpus that it searches.
	pub(crate) fn corpus(&self) -> Option<&Hash256> {
		match self {
			Self::Search(search) => Some(&search.corpus),
			Self::Answer(answer) => Some(&answer.corpus),
			_ => None,
		}
	}

	/// What has to have embedded that corpus.
	pub(crate) fn embedder(&self) -> Option<ModelId> {
		match self {
			Self::Search(search) => Some(search.model()),
			Self::Answer(answer) => Some(answer.embedder()),
			_ => None,
		}
	}

	/// Whether a language model runs it.
	pub(crate) fn is_language(&self) -> bool {
		!matches!(self, Self::Search(_) | Self::Compare(_))
	}

	/// What the model is given, where there is one.
	fn input(&self) -> Option<&Input> {
		match self {
			Self::Search(search) => Some(&search.input),
			Self::Generate(generate) => Some(&generate.input),
			Self::Verify(verify) => Some(&verify.generate.input),
			Self::Answer(answer) => Some(&answer.input),
			Self::Compare(_) => None,
		}
	}

	/// The input that has to be fetched, if it has.
	pub(crate) fn linked(&self) -> Option<&LinkedInput> {
		self.input().and_then(Input::linked)
	}

	/// Whether something has to be fetched for it alone.
	pub(crate) fn fetches(&self) -> bool {
		self.linked().is_some() || matches!(self, Self::Compare(_))
	}

	/// The same job with its input in place.
	pub(crate) fn with_input(&self, input: Vec<u8>) -> Self {
		let mut spec = self.clone();
		let place = match &mut spec {
			Self::Search(search) => &mut search.input,
			Self::Generate(generate) => &mut generate.input,
			Self::Verify(verify) => &mut verify.generate.input,
			Self::Answer(answer) => &mut answer.input,
			Self::Compare(_) => return spec,
		};
		*place = Input::Inline(input);
		spec
	}

	/// What is wrong with the request, as a sentence.
	pub(crate) fn check(&self) -> Result<(), String> {
		if let Some(linked) = self.linked() {
			linked.check()?;
		}
		let max_run_ms = match self {
			Self::Search(search) => {
				if !(1..=MAX_TOP_K).contains(&search.top_k) {
					return Err(format!("top_k is not in 1..={MAX_TOP_K}"));
				}
				search.max_run_ms
			}
			Self::Generate(generate) => generate.check()?,
			Self::Verify(verify) => {
				if !(1..=verify.generate.tokens()).contains(&verify.tokens.len()) {
					return Err("tokens is empty or longer than max_tokens".into());
				}
				if verify.fingerprint.len() > MAX_VALUES {
					return Err(format!("fingerprint has more than {MAX_VALUES} values"));
				}
				verify.generate.check()?
			}
			Self::Answer(answer) => answer.check()?,
			Self::Compare(compare) => compare.check()?,
		};
		if max_run_ms == 0 {
			return Err("max_run_ms is zero".into());
		}
		Ok(())
	}
}

/// A search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchSpec {
	/// The caller's name for it: one name, one run.
	pub id: Hash256,
	/// SHA-256 of the ONNX graph; the one of the corpus.
	pub graph: Hash256,
	/// SHA-256 of the tokenizer; the one of the corpus.
	pub tokenizer: Hash256,
	/// The corpus to search.
	pub corpus: Hash256,
	/// The query.
	pub input: Input,
	/// Most citations in the result, 1 to [`MAX_TOP_K`].
	pub top_k: u32,
	/// Time limit of the run in milliseconds, waiting not counted.
	pub max_run_ms: u32,
}

impl SearchSpec {
	pub(crate) fn model(&self) -> ModelId {
		ModelId {
			graph: self.graph,
			tokenizer: self.tokenizer,
		}
	}
}

/// A prompt for a language model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenerateSpec {
	/// The caller's name for it: one name, one run.
	pub id: Hash256,
	/// SHA-256 of the ONNX graph, which names the file of its weights.
	pub graph: Hash256,
	/// SHA-256 of the tokenizer.
	pub tokenizer: Hash256,
	/// SHA-256 of the settings for generation.
	pub generation: Hash256,
	/// The prompt, one message of a user.
	pub input: Input,
	/// Most tokens of the answer, 1 to [`MAX_NEW_TOKENS`].
	pub max_tokens: u32,
	/// How tokens are chosen.
	pub sampler: Sampler,
	/// Time limit of the run in milliseconds, waiting and loading not counted.
	pub max_run_ms: u32,
}

impl GenerateSpec {
	pub(crate) fn model(&self) -> GeneratorId {
		GeneratorId {
			graph: self.graph,
			tokenizer: self.tokenizer,
			generation: self.generation,
		}
	}

	/// `max_tokens` as a size.
	pub(crate) fn tokens(&self) -> usize {
		usize::try_from(self.max_tokens).unwrap_or(usize::MAX)
	}

	/// The time limit, if nothing is wrong.
	fn check(&self) -> Result<u32, String> {
		if !(1..=MAX_NEW_TOKENS).contains(&self.tokens()) {
			return Err(format!("max_tokens is not in 1..={MAX_NEW_TOKENS}"));
		}
		self.sampler.check()?;
		Ok(self.max_run_ms)
	}
}

/// A question for a language model, to be answered from passages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerSpec {
	/// The caller's name for it: one name, one run.
	pub id: Hash256,
	/// SHA-256 of the language model's ONNX graph, which names the file of its weights.
	pub graph: Hash256,
	/// SHA-256 of its tokenizer.
	pub tokenizer: Hash256,
	/// SHA-256 of the settings for generation.
	pub generation: Hash256,
	/// SHA-256 of the ONNX graph that embeds; the one of the corpus.
	pub retriever: Hash256,
	/// SHA-256 of its tokenizer; the one of the corpus.
	pub retriever_tokenizer: Hash256,
	/// The corpus to answer from, with its texts.
	pub corpus: Hash256,
	/// The question.
	pub input: Input,
	/// Most passages to answer from, 1 to [`MAX_PASSAGES`].
	pub top_k: u32,
	/// Most tokens of the answer, 1 to [`MAX_NEW_TOKENS`].
	pub max_tokens: u32,
	/// How tokens are chosen.
	pub sampler: Sampler,
	/// Time limit of the run in milliseconds, from the search to the last passage's weight, waiting and
	/// loading not counted.
	pub max_run_ms: u32,
}

impl AnswerSpec {
	pub(crate) fn model(&self) -> GeneratorId {
		GeneratorId {
			graph: self.graph,
			tokenizer: self.tokenizer,
			generation: self.generation,
		}
	}

	pub(crate) fn embedder(&self) -> ModelId {
		ModelId {
			graph: self.retriever,
			tokenizer: self.retriever_tokenizer,
		}
	}

	/// `max_tokens` as a size.
	pub(crate) fn tokens(&self) -> usize {
		usize::try_from(self.max_tokens).unwrap_or(usize::MAX)
	}

	/// The time limit, if nothing is wrong.
	fn check(&self) -> Result<u32, String> {
		if !usize::try_from(self.top_k).is_ok_and(|k| (1..=MAX_PASSAGES).contains(&k)) {
			return Err(format!("top_k is not in 1..={MAX_PASSAGES}"));
		}
		if !(1..=MAX_NEW_TOKENS).contains(&self.tokens()) {
			return Err(format!("max_tokens is not in 1..={MAX_NEW_TOKENS}"));
		}
		self.sampler.check()?;
		Ok(self.max_run_ms)
	}
}

/// A file that is to be fetched, for one job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkedFile {
	/// SHA-256 of the file.
	pub content: Hash256,
	/// Its size in bytes.
	pub bytes: u32,
	/// Where it is.
	pub locator: String,
}

/// Two adapters to be compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompareSpec {
	/// The caller's name for it: one name, one run.
	pub id: Hash256,
	/// The adapter that is looked for, at most [`MAX_ADAPTER_BYTES`].
	pub original: LinkedFile,
	/// The adapter that it is looked for in, at most [`MAX_ADAPTER_BYTES`].
	pub other: LinkedFile,
	/// Time limit of the run in milliseconds, fetching not counted.
	pub max_run_ms: u32,
}

impl CompareSpec {
	/// The time limit, if nothing is wrong.
	fn check(&self) -> Result<u32, String> {
		for file in [&self.original, &self.other] {
			if file.bytes > MAX_ADAPTER_BYTES {
				return Err(format!(
					"an adapter has more than {MAX_ADAPTER_BYTES} bytes"
				));
			}
			if file.locator.len() > MAX_LOCATOR_BYTES {
				return Err("the locator of an adapter is too long".into());
			}
		}
		Ok(self.max_run_ms)
	}
}

/// An answer to be checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifySpec {
	/// What was asked for, but with this job's id.
	pub generate: GenerateSpec,
	/// The answer's tokens.
	pub tokens: Vec<u32>,
	/// The fingerprint that was given with them. May be empty.
	#[serde(default)]
	pub fingerprint: Vec<i32>,
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

/// Generated text, inline where it fits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Output {
	/// UTF-8, in hexadecimal, at most [`MAX_INLINE_OUTPUT`] bytes.
	Inline(#[serde(with = "hex_bytes")] Vec<u8>),
	/// Longer text; see [`crate::outputs`].
	Linked {
		/// SHA-256 of the text.
		content: Hash256,
		/// Its size in bytes.
		bytes: u32,
	},
}

impl Output {
	/// The form of a text.
	pub(crate) fn of(text: &str) -> Result<Self, Failure> {
		if text.len() <= MAX_INLINE_OUTPUT {
			return Ok(Self::Inline(text.as_bytes().to_vec()));
		}
		Ok(Self::Linked {
			content: Hash256::sha256(text.as_bytes()),
			bytes: u32::try_from(text.len()).map_err(Failure::internal)?,
		})
	}
}

/// A passage that an answer was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
	/// Its batch.
	pub batch: u64,
	/// Its row.
	pub row: u32,
	/// Cosine similarity to the question in millionths.
	pub relevance: u32,
	/// By how much less likely the answer is without it, in thousandths of a nat; 0 if it is no less
	/// likely.
	pub drop: u32,
}

/// What came of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum JobResult {
	/// Of a question.
	Answered {
		/// The answer, at most [`MAX_OUTPUT_BYTES`](crate::engine::MAX_OUTPUT_BYTES).
		output: Output,
		/// The passages that it rests on, see [`cite`](crate::citations::cite).
		citations: Vec<Citation>,
		/// All that were shown to the model, nearest first.
		passages: Vec<Shown>,
		/// Its tokens, with the one that ended it.
		tokens: Vec<u32>,
		/// Tokens of the prompt, with those of the passages and those around it.
		prompt_tokens: u32,
		/// Why it ends.
		finish: Finish,
	},
	/// Of a search.
	Found {
		/// By score descending, then batch, then row ascending.
		citations: Vec<Citation>,
	},
	/// Of a prompt.
	Generated {
		/// The answer, at most [`MAX_OUTPUT_BYTES`](crate::engine::MAX_OUTPUT_BYTES).
		output: Output,
		/// Its tokens, with the one that ended it.
		tokens: Vec<u32>,
		/// Tokens of the prompt, those around it included.
		prompt_tokens: u32,
		/// Why it ends.
		finish: Finish,
		/// See [`crate::fingerprint`].
		fingerprint: Vec<i32>,
	},
	/// Of a comparison.
	Compared {
		/// How much of the one adapter is in the other, in millionths, see
		/// [`similarity`](crate::similarity::similarity).
		similarity: u32,
	},
	/// Of a check.
	Verified {
		/// Whether the tokens are those of an honest run: complete, and taken by the sampler, all but a
		/// few exactly.
		tokens_agree: bool,
		/// How many are exactly those that the sampler takes.
		exact: u32,
		/// How many it might take on another machine.
		near: u32,
		/// The place of the first that it doesn't take.
		first_wrong: Option<u32>,
		/// Whether the answer ends where it has to.
		complete: bool,
		/// From the fingerprint given to the recomputed one, in billionths. `None` if their lengths differ.
		distance: Option<u32>,
		/// The text of the tokens. To be compared with the answer's.
		output: Output,
		/// As recomputed.
		fingerprint: Vec<i32>,
	},
}

/// A job, as it is reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobReport {
	/// The caller's id.
	pub id: Hash256,
	/// How far it is.
	pub state: JobState,
	/// What came of it, once it is done.
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
	/// Of language models.
	pub generation: GenerationHealth,
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

/// The work of language models since the start. Tokens by time is their speed.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct GenerationHealth {
	/// The graph that is loaded; `None` while there is nothing to do.
	pub loaded: Option<Hash256>,
	/// Tokens of prompts.
	pub prompt_tokens: u64,
	/// Tokens of answers.
	pub tokens: u64,
	/// For both, in milliseconds.
	pub run_ms: u64,
}

/// How jobs ended since the start.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct JobCounts {
	/// With a result.
	pub done: u64,
	/// With an error.
	pub failed: u64,
}
