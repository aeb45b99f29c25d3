//! Runs embedding models and decoder language models by ONNX Runtime.
//!
//! A model is a graph and a tokenizer, each a file named by its SHA-256 in the models folder; the bytes
//! that are checked are the bytes that are loaded, save for weights in a file of their own, which is
//! checked and then mapped. [`generator`](Generator) describes language models; of the embedding ones, a
//! text becomes one vector: the mean of the last hidden
//! state over its tokens (at most [`MAX_TOKENS`]), scaled to length 1. Texts are run one by one, without
//! padding: a dynamically quantised graph takes its scales from the whole input, so a neighbour in the
//! same run would change the result.

mod decoder;
mod generator;
mod library;
mod likelihood;
mod sample;
mod tiny;
mod watchdog;
mod weights;

#[cfg(test)]
mod tests;

use std::{
	fs::{self, File},
	io::{self, ErrorKind},
	path::PathBuf,
	sync::{Arc, Mutex, PoisonError},
};

use ort::{
	session::{builder::SessionBuilder, RunOptions, Session, SessionInputValue},
	value::{Outlet, Tensor, TensorElementType},
};
use tokenizers::{Tokenizer, TruncationParams};

use self::{decoder::Decoder, generator::Settings, library::Library, watchdog::Watchdog};
pub use self::{
	generator::{
		Finish, Generated, Generator, GeneratorId, Grounded, Prompt, Question, Verified,
		MAX_NEW_TOKENS, MAX_OUTPUT_BYTES, MAX_PASSAGES, MAX_PASSAGE_TOKENS, MAX_PROMPT_TOKENS,
		MAX_QUESTION_TOKENS,
	},
	library::{InUse, Provider, ProviderStatus},
	sample::Sampler,
	watchdog::Limit,
};
use crate::{
	error::{ErrorCode, Failure},
	hash::Hash256,
};

/// A text is cut to so many tokens, the special ones included.
pub const MAX_TOKENS: usize = 256;

/// The way from a text to a vector, as part of the key under which vectors are kept. It changes whenever
/// the same text would become another vector.
const METHOD: &str = "mean-l2-256/1";

/// Weights of a language model of so many bytes or more stay in their file; smaller ones are repacked in
/// memory, which makes runs faster. It changes the order of sums, so it is part of what makes results equal.
const MAPPED: u64 = 256 << 20;

const INPUTS: [&str; 3] = ["input_ids", "attention_mask", "token_type_ids"];

/// Which files to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ModelId {
	/// SHA-256 of the ONNX graph.
	pub graph: Hash256,
	/// SHA-256 of the `tokenizer.json`.
	pub tokenizer: Hash256,
}

/// Where the library and the models are and how to run them.
#[derive(Debug, Clone)]
pub struct EngineConfig {
	/// ONNX Runtime's shared library. `None`: `ORT_DYLIB_PATH`, or wherever the system's loader finds it.
	pub library: Option<PathBuf>,
	/// The folder of model files, each named by its SHA-256.
	pub models: PathBuf,
	/// The execution provider to try.
	pub provider: Provider,
	/// Threads per run; at least 1.
	pub threads: usize,
}

/// ONNX Runtime, ready to load models.
#[derive(Debug)]
pub struct Engine {
	config: EngineConfig,
	library: Library,
	status: Mutex<ProviderStatus>,
}

impl Engine {
	/// Loads the library and finds out which provider works.
	pub fn start(config: EngineConfig) -> Result<Self, Failure> {
		let library = Library::load(config.library.as_deref())?;
		let status = Mutex::new(library.choose(config.provider));
		Ok(Self {
			config,
			library,
			status,
		})
	}

	/// ONNX Runtime's version, for example `1.31.1`.
	pub fn version(&self) -> &str {
		&self.library.version
	}

	/// The provider asked for and the one in use.
	pub fn provider(&self) -> ProviderStatus {
		self.status
			.lock()
			.unwrap_or_else(PoisonError::into_inner)
			.clone()
	}

	/// All that vectors depend on besides model and text: vectors with different tags don't mix.
	pub fn tag(&self) -> String {
		format!(
			"{METHOD} onnxruntime/{} {}",
			self.version(),
			self.provider().in_use
		)
	}

	/// Loads a model: checks both files' hashes and the graph's inputs and outputs.
	///
	/// If the graph doesn't load under CUDA, the reason is logged, and this engine goes on on the CPU.
	pub fn load(&self, model: ModelId) -> Result<Embedder, Failure> {
		let tokenizer = self.tokenizer(&model.tokenizer)?;
		let graph = self.read(&model.graph, "graph")?;
		let session = self.session(&model.graph, |mut builder| {
			builder
				.commit_from_memory(&graph)
				.map_err(|e| e.to_string())
		})?;
		let shape = Shape::of(&session)
			.map_err(|e| bad_model(format!("graph {} does not fit: {e}", model.graph)))?;
		let watchdog = Watchdog::start().map_err(Failure::internal)?;
		Ok(Embedder {
			session,
			tokenizer,
			shape,
			watchdog,
		})
	}

	/// Loads a language model: checks its files' hashes and the graph's inputs and outputs.
	///
	/// Its provider is chosen as in [`load`](Self::load).
	pub fn load_generator(&self, model: GeneratorId) -> Result<Generator, Failure> {
		let tokenizer =
			Tokenizer::from_bytes(self.read(&model.tokenizer, "tokenizer")?).map_err(|e| {
				bad_model(format!(
					"tokenizer {} can't be loaded: {e}",
					model.tokenizer
				))
			})?;
		let generation = self.read(&model.generation, "settings for generation")?;
		let settings = Settings::parse(&generation).map_err(|e| {
			bad_model(format!(
				"settings for generation {} can't be used: {e}",
				model.generation
			))
		})?;
		let graph = self.read(&model.graph, "graph")?;
		let unusable = |e| bad_model(format!("graph {} can't be loaded: {e}", model.graph));
		let mut bytes = 0;
		for hash in weights::files(&graph).map_err(unusable)? {
			bytes += self.check(&hash, "weights")?;
		}
		let session = self.session(&model.graph, |builder| {
			let builder = builder
				.with_prepacking(bytes < MAPPED)
				.map_err(|e| e.to_string())?;
			let mut builder = builder
				.with_config_entry(
					"session.model_external_initializers_file_folder_path",
					self.config.models.to_string_lossy(),
				)
				.map_err(|e| e.to_string())?;
			builder
				.commit_from_memory(&graph)
				.map_err(|e| e.to_string())
		})?;
		let decoder = Decoder::new(session, settings.sizes())?;
		Generator::new(decoder, tokenizer, settings)
	}

	/// A session of the graph `hash` on the provider in use, or on the CPU if it fails there.
	fn session(
		&self,
		hash: &Hash256,
		commit: impl Fn(SessionBuilder) -> Result<Session, String>,
	) -> Result<Session, Failure> {
		let commit = |provider| commit(self.library.builder(provider, self.config.threads.max(1))?);
		let in_use = self.provider().in_use;
		match commit(in_use) {
			Err(reason) if in_use == InUse::Cuda => {
				let session = commit(InUse::Cpu);
				if session.is_ok() {
					library::announce_fallback(self.config.provider, &reason);
					let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
					status.in_use = InUse::Cpu;
					status.fallback_reason = Some(reason);
				}
				session
			}
			other => other,
		}
		.map_err(|e| bad_model(format!("graph {hash} can't be loaded: {e}")))
	}

	fn tokenizer(&self, hash: &Hash256) -> Result<Tokenizer, Failure> {
		let unusable =
			|e: tokenizers::Error| bad_model(format!("tokenizer {hash} can't be loaded: {e}"));
		let mut tokenizer =
			Tokenizer::from_bytes(self.read(hash, "tokenizer")?).map_err(unusable)?;
		tokenizer.with_padding(None);
		tokenizer
			.with_truncation(Some(TruncationParams {
				max_length: MAX_TOKENS,
				..TruncationParams::default()
			}))
			.map_err(unusable)?;
		Ok(tokenizer)
	}

	/// The bytes of a model file, after checking that they have the hash that is its name.
	fn read(&self, hash: &Hash256, what: &str) -> Result<Vec<u8>, Failure> {
		let bytes = fs::read(self.path(hash)).map_err(|e| unreadable(hash, what, &e))?;
		right_hash(hash, what, Hash256::sha256(&bytes))?;
		Ok(bytes)
	}

	/// Checks that a model file has the hash that is its name, in bounded memory. Its size.
	fn check(&self, hash: &Hash256, what: &str) -> Result<u64, Failure> {
		let (found, bytes) = File::open(self.path(hash))
			.and_then(Hash256::sha256_of)
			.map_err(|e| unreadable(hash, what, &e))?;
		right_hash(hash, what, found)?;
		Ok(bytes)
	}

	fn path(&self, hash: &Hash256) -> PathBuf {
		self.config.models.join(hash.to_string())
	}
}

fn unreadable(hash: &Hash256, what: &str, error: &io::Error) -> Failure {
	match error.kind() {
		ErrorKind::NotFound => Failure::new(
			ErrorCode::ModelNotFound,
			format!("{what} {hash} is not in the models folder"),
		),
		_ => Failure::internal(format!("{what} {hash} can't be read: {error}")),
	}
}

fn right_hash(hash: &Hash256, what: &str, found: Hash256) -> Result<(), Failure> {
	if found != *hash {
		return Err(Failure::new(
			ErrorCode::WrongHash,
			format!("{what} file has the wrong content: expected {hash}, found {found}"),
		));
	}
	Ok(())
}

/// A loaded model. One run at a time.
#[derive(Debug)]
pub struct Embedder {
	session: Session,
	tokenizer: Tokenizer,
	shape: Shape,
	watchdog: Watchdog,
}

impl Embedder {
	/// The length of the vectors.
	pub fn dimension(&self) -> usize {
		self.shape.dimension
	}

	/// The vector of `text`, of length 1.
	///
	/// Pooling and scaling are done in `f64`, in the order of the tokens, and rounded once at the end.
	pub fn embed(&mut self, text: &str, limit: &Limit) -> Result<Vec<f32>, Failure> {
		let encoding = self
			.tokenizer
			.encode_fast(text, true)
			.map_err(|e| bad_model(format!("the tokenizer failed: {e}")))?;
		let tokens = encoding.len();
		if tokens == 0 {
			return Err(Failure::new(ErrorCode::BadInput, "the text has no tokens"));
		}
		if limit.is_over() {
			return Err(out_of_time());
		}
		let widen = |values: &[u32]| values.iter().map(|v| i64::from(*v)).collect::<Vec<_>>();
		let mut inputs = Vec::with_capacity(self.shape.inputs.len());
		for name in &self.shape.inputs {
			let values = match *name {
				"input_ids" => widen(encoding.get_ids()),
				"attention_mask" => widen(encoding.get_attention_mask()),
				_ => widen(encoding.get_type_ids()),
			};
			let tensor = Tensor::from_array(([1, tokens], values)).map_err(Failure::internal)?;
			inputs.push((*name, SessionInputValue::from(tensor)));
		}

		let options = Arc::new(RunOptions::new().map_err(Failure::internal)?);
		let guard = self.watchdog.guard(limit, options.clone());
		let outputs = self.session.run_with_options(inputs, &options);
		drop(guard);
		let outputs = outputs.map_err(|e| {
			if limit.is_over() {
				out_of_time()
			} else {
				bad_model(format!("the graph failed: {e}"))
			}
		})?;
		if limit.is_over() {
			return Err(out_of_time());
		}

		let state = outputs
			.get(&self.shape.output)
			.ok_or_else(|| bad_model(format!("the graph gave no {}", self.shape.output)))?;
		let (shape, state) = state
			.try_extract_tensor::<f32>()
			.map_err(|e| bad_model(e.to_string()))?;
		let dimension = self.shape.dimension;
		if state.len() != tokens * dimension || shape.len() != 3 {
			return Err(bad_model(format!(
				"{} has the shape {shape:?} for {tokens} tokens instead of [1, {tokens}, {dimension}]",
				self.shape.output
			)));
		}
		pool(state, encoding.get_attention_mask(), dimension)
			.ok_or_else(|| bad_model("the graph's output is zero or not a number"))
	}
}

/// The mean over the tokens that `mask` lets through, scaled to length 1. `None` if there is no such
/// vector.
fn pool(state: &[f32], mask: &[u32], dimension: usize) -> Option<Vec<f32>> {
	let mut sum = vec![0f64; dimension];
	for (token, _) in state
		.chunks_exact(dimension)
		.zip(mask)
		.filter(|(_, mask)| **mask != 0)
	{
		for (sum, value) in sum.iter_mut().zip(token) {
			*sum += f64::from(*value);
		}
	}
	// The mean differs from the sum by a factor, which scaling removes.
	let length = sum.iter().map(|v| v * v).sum::<f64>().sqrt();
	(length.is_finite() && length > 0.0).then(|| sum.iter().map(|v| (v / length) as f32).collect())
}

/// What of the graph is used.
#[derive(Debug)]
struct Shape {
	inputs: Vec<&'static str>,
	output: String,
	dimension: usize,
}

impl Shape {
	/// Accepts graphs from `input_ids`, `attention_mask` and maybe `token_type_ids` (int64, one row of any
	/// number of tokens) to a last hidden state (float32, one row, tokens, a fixed dimension).
	fn of(session: &Session) -> Result<Self, String> {
		let mut inputs = Vec::new();
		for input in session.inputs() {
			let Some(name) = INPUTS.into_iter().find(|name| *name == input.name()) else {
				return Err(format!("unknown input {}", describe(input)));
			};
			if !is_tensor(input, TensorElementType::Int64, &[&[-1, 1], &[-1]]) {
				return Err(format!(
					"input {} should be int64 of one row and any number of tokens",
					describe(input)
				));
			}
			inputs.push(name);
		}
		for name in &INPUTS[..2] {
			if !inputs.contains(name) {
				return Err(format!("no input {name}"));
			}
		}
		let fits = |output: &&Outlet| {
			is_tensor(output, TensorElementType::Float32, &[&[-1, 1], &[-1], &[]])
		};
		let output = session
			.outputs()
			.iter()
			.find(|output| output.name() == "last_hidden_state")
			.or_else(|| session.outputs().first())
			.filter(fits)
			.ok_or_else(|| {
				let found: Vec<_> = session.outputs().iter().map(describe).collect();
				format!(
					"no output of float32 with one row, tokens and a fixed dimension, but {}",
					found.join(", ")
				)
			})?;
		let dimension = output
			.dtype()
			.tensor_shape()
			.and_then(|shape| shape.last())
			.and_then(|last| usize::try_from(*last).ok())
			.unwrap_or_default();
		Ok(Self {
			inputs,
			output: output.name().to_owned(),
			dimension,
		})
	}
}

/// Whether `outlet` is a tensor of `element`s with one dimension for each of `allowed`, being one of the
/// sizes listed (-1: dynamic), or any fixed one where nothing is listed.
fn is_tensor(outlet: &Outlet, element: TensorElementType, allowed: &[&[i64]]) -> bool {
	outlet.dtype().tensor_type() == Some(element)
		&& outlet.dtype().tensor_shape().is_some_and(|shape| {
			shape.len() == allowed.len()
				&& shape
					.iter()
					.zip(allowed)
					.all(|(size, allowed)| match allowed {
						[] => (1..=1 << 16).contains(size),
						_ => allowed.contains(size),
					})
		})
}

fn describe(outlet: &Outlet) -> String {
	format!("{}: {}", outlet.name(), outlet.dtype())
}

fn bad_model(message: impl Into<String>) -> Failure {
	Failure::new(ErrorCode::BadModel, message)
}

pub(crate) fn out_of_time() -> Failure {
	Failure::new(ErrorCode::OutOfTime, "the run took longer than its limit")
}
