//! What a model is to those that run it.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{bounded::BoundedVec, ConstU32, H256};
use sp_crypto_hashing::blake2_256;

use crate::types::{ContentHash, DatanetId};

/// The most files that a model version consists of.
pub const MAX_ARTIFACTS: u32 = 8;

/// The most Datanets that a model version is built on.
pub const MAX_SNAPSHOTS: u32 = 8;

/// The most passages that a search model may return.
pub const MAX_TOP_K: u32 = crate::answer::MAX_CITATIONS;

/// The most passages that an answer may be made from: each is one more run of the model.
pub const MAX_PASSAGES: u32 = 8;

/// The most tokens that a request may generate: some two thousand words.
pub const MAX_TOKENS: u32 = 2_048;

/// What a file of a model is for.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub enum ArtifactKind {
	/// The ONNX graph, with its weights unless these are a file of their own.
	Graph,
	/// Weights that the graph refers to.
	Weights,
	/// The tokenizer, in the `tokenizer.json` format.
	Tokenizer,
	/// How to generate with the graph: its shapes, its prompt's form, and where it stops.
	Generation,
	/// The adapter alone, as PEFT writes it to `adapter_model.safetensors`: evidence of what was trained.
	/// Operators do not need it, the graph has its weights merged.
	Adapter,
	/// The ONNX graph that embeds passages and questions, where the one that generates is another.
	Retriever,
	/// The tokenizer of that graph, in the `tokenizer.json` format.
	RetrieverTokenizer,
}

/// A file of a model.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub struct Artifact {
	/// What it is for.
	pub kind: ArtifactKind,
	/// SHA-256 of the file.
	pub hash: ContentHash,
}

/// What a model does with a request's input.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub enum Task {
	/// Semantic search: the input is a UTF-8 query, the answer the `top_k` (1 to [`MAX_TOP_K`]) passages
	/// of the model's Datanets that lie nearest to it.
	Search {
		/// How many passages.
		top_k: u32,
	},
	/// Generation: the input is a UTF-8 prompt, the answer the text that continues it.
	Generate {
		/// The most tokens that are generated, 1 to [`MAX_TOKENS`].
		max_tokens: u32,
		/// How tokens are chosen.
		sampler: Sampler,
	},
	/// A question answered from data: the input is a UTF-8 question, the answer the text that a language
	/// model generates from the `top_k` (1 to [`MAX_PASSAGES`]) passages of the model's Datanets that lie
	/// nearest to it, with those passages cited that the text rests on.
	Answer {
		/// How many passages at most.
		top_k: u32,
		/// The most tokens that are generated, 1 to [`MAX_TOKENS`].
		max_tokens: u32,
		/// How tokens are chosen.
		sampler: Sampler,
	},
	/// A comparison: the input is a [`Comparison`](crate::similarity::Comparison) of two adapters, the answer
	/// how much of the one is in the other. It takes no file of a model: operators' software computes it.
	Compare,
}

/// Kinds of models that are priced apart, as their units of compute are not the same work.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub enum ModelClass {
	/// Those that search, or compare.
	Search,
	/// Those that generate, with or without passages to go by.
	Generate,
}

impl ModelClass {
	/// All of them, in the order of their numbers.
	pub const ALL: [Self; 2] = [Self::Search, Self::Generate];
}

impl Task {
	/// Whether the same input always has the same answer: not if tokens are chosen at random.
	pub fn is_repeatable(&self) -> bool {
		match self {
			Self::Search { .. } | Self::Compare => true,
			Self::Generate { sampler, .. } | Self::Answer { sampler, .. } => {
				*sampler == Sampler::Greedy
			}
		}
	}

	/// The kind of the file that embeds the model's passages, and that of its tokenizer, where the task
	/// looks for passages.
	pub fn retriever(&self) -> Option<(ArtifactKind, ArtifactKind)> {
		match self {
			Self::Search { .. } => Some((ArtifactKind::Graph, ArtifactKind::Tokenizer)),
			Self::Generate { .. } | Self::Compare => None,
			Self::Answer { .. } => {
				Some((ArtifactKind::Retriever, ArtifactKind::RetrieverTokenizer))
			}
		}
	}

	/// The class of the models that do it.
	pub fn class(&self) -> ModelClass {
		match self {
			Self::Search { .. } | Self::Compare => ModelClass::Search,
			Self::Generate { .. } | Self::Answer { .. } => ModelClass::Generate,
		}
	}
}

/// How a generated token is chosen from the model's logits.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub enum Sampler {
	/// The most likely one; of equally likely ones that with the smallest number.
	Greedy,
	/// At random, from the stream that the request's seed begins.
	Seeded {
		/// What the logits are divided by, in thousandths, above zero.
		temperature: u32,
		/// How many of the most likely tokens can be chosen, above zero.
		top_k: u32,
		/// Of these only so many of the most likely as have this probability together, in millionths,
		/// above zero.
		top_p: u32,
	},
}

/// What computes a model's runs.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub enum Provider {
	/// ONNX Runtime's own kernels for processors with AVX2 and FMA.
	Cpu,
	/// CUDA.
	Cuda,
}

/// On what an operator runs models, as it declares.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub struct Profile {
	/// What computes.
	pub provider: Provider,
	/// ONNX Runtime's major, minor and patch version.
	pub onnxruntime: [u16; 3],
	/// The memory for models, in MiB: of the graphics card where that computes.
	pub memory: u32,
}

/// What must agree among operators.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub enum Policy {
	/// Bit-equal outcomes: run on the CPU class, with this version of ONNX Runtime.
	Exact {
		/// ONNX Runtime's major, minor and patch version.
		onnxruntime: [u16; 3],
	},
	/// Equal output, and fingerprints of the activations that lie near each other: for providers that do
	/// not compute bit for bit alike.
	Tolerance {
		/// ONNX Runtime's major, minor and patch version.
		onnxruntime: [u16; 3],
		/// What computes: the distances of one provider say nothing about another.
		provider: Provider,
		/// The largest [distance](crate::fingerprint::distance) of honest runs, in billionths.
		max_distance: u32,
	},
}

impl Policy {
	/// Whether an operator with this profile can meet the policy.
	pub fn admits(&self, profile: &Profile) -> bool {
		let (wanted_version, wanted_provider) = match *self {
			Self::Exact { onnxruntime } => (onnxruntime, Provider::Cpu),
			Self::Tolerance {
				onnxruntime,
				provider,
				..
			} => (onnxruntime, provider),
		};
		profile.onnxruntime == wanted_version && profile.provider == wanted_provider
	}
}

/// Whom a model answers.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Default,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub enum Audience {
	/// Everybody who pays the fee.
	#[default]
	Everyone,
	/// Its owner, and those that rent it, who pay the fee of each request all the same.
	Tenants,
}

/// The first `batches` batches of a Datanet: what it held when a model was built on it.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub struct Snapshot {
	/// The Datanet.
	pub datanet: DatanetId,
	/// How many of its batches belong, counted from the first. Withdrawn ones count but are empty.
	pub batches: u32,
}

/// All that an operator needs to run a version of a model.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct ModelSpec {
	/// What it does.
	pub task: Task,
	/// Its files.
	pub artifacts: BoundedVec<Artifact, ConstU32<MAX_ARTIFACTS>>,
	/// What must agree.
	pub policy: Policy,
	/// The data that it is built on.
	pub snapshots: BoundedVec<Snapshot, ConstU32<MAX_SNAPSHOTS>>,
}

impl ModelSpec {
	/// The hash of the first file of a kind.
	pub fn artifact(&self, kind: ArtifactKind) -> Option<ContentHash> {
		self.artifacts
			.iter()
			.find(|artifact| artifact.kind == kind)
			.map(|artifact| artifact.hash)
	}

	/// Identifies the version to an inference service: BLAKE2b-256 of its encoding.
	pub fn id(&self) -> H256 {
		H256(blake2_256(&self.encode()))
	}
}
