//! What the pallet keeps, and what its calls take.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use openledger_primitives::{
	model::{Artifact, ArtifactKind, ModelSpec, Policy, Task, MAX_ARTIFACTS, MAX_SNAPSHOTS},
	Balance, DatanetId,
};
use scale_info::TypeInfo;

/// The most bytes of a model's name.
pub const MAX_NAME: u32 = 64;

/// How many tokens that may be generated make a unit of compute.
pub const TOKENS_PER_UNIT: u32 = 16;

/// How many tokens of an answer that are only read, to find out how likely they are, make a unit of compute:
/// reading takes an eighth of the time of generating.
pub const READ_PER_UNIT: u32 = 128;

/// The units of compute of a prompt with passages, which is read once with all of them and once without each.
pub const UNITS_PER_PROMPT: u32 = 4;

/// The files that a model needs that answers from passages, one of each.
pub(crate) const ANSWER_ARTIFACTS: [ArtifactKind; 5] = [
	ArtifactKind::Graph,
	ArtifactKind::Tokenizer,
	ArtifactKind::Generation,
	ArtifactKind::Retriever,
	ArtifactKind::RetrieverTokenizer,
];

/// The largest distance of fingerprints that a policy may tolerate, in billionths. Below that of the
/// smallest adapter from none, so that no policy lets another model pass.
pub const MAX_DISTANCE: u32 = 100_000;

/// The highest temperature of a sampler, in thousandths.
pub const MAX_TEMPERATURE: u32 = 10_000;

/// The most tokens that a sampler may choose from.
pub const MAX_SAMPLED: u32 = 1_024;

/// The whole, of which a sampler's probabilities are parts.
pub const ONE: u32 = 1_000_000;

/// A model's name: UTF-8 without control characters, not empty, no white space at its ends. Names are
/// not unique: the id is.
pub type Name = BoundedVec<u8, ConstU32<MAX_NAME>>;

/// What a developer says about a version. The chain makes a [`ModelSpec`] of it by taking a snapshot
/// of each Datanet.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct SpecInputs {
	/// What the version does.
	pub task: Task,
	/// Its files, none of them twice.
	pub artifacts: BoundedVec<Artifact, ConstU32<MAX_ARTIFACTS>>,
	/// What must agree among operators.
	pub policy: Policy,
	/// The Datanets that it is built on, none of them twice, with all the batches that they have now.
	pub datanets: BoundedVec<DatanetId, ConstU32<MAX_SNAPSHOTS>>,
}

/// A model.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Model<AccountId, BlockNumber> {
	/// Who decides on it, and gets the model's share of fees.
	pub owner: AccountId,
	/// To whom the owner has offered it.
	pub offered_to: Option<AccountId>,
	/// Its name.
	pub name: Name,
	/// What a unit of compute costs.
	pub price_per_unit: Balance,
	/// The version that new requests run.
	pub current_version: u32,
	/// How many versions are kept, the current one included.
	pub versions: u32,
	/// Since when it takes no requests; `None` if it takes them.
	pub paused_since: Option<BlockNumber>,
	/// The deposit for this record.
	pub deposit: Balance,
	/// What is held from the owner: `deposit` and the deposits of all versions kept.
	pub held: Balance,
}

/// A version of a model.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Version<BlockNumber> {
	/// What it takes to run it.
	pub spec: ModelSpec,
	/// The deposit for this record.
	pub deposit: Balance,
	/// When a later version took its place; `None` if it is the current one.
	pub superseded_at: Option<BlockNumber>,
}
