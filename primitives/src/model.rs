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
