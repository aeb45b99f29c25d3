//! What the pallet keeps, and what its calls take.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedBTreeMap, BoundedVec};
use openledger_primitives::{
	lineage::{MAX_LINEAGE, MAX_PARTS},
	model::{
		Artifact, ArtifactKind, Audience, ModelSpec, Policy, Task, MAX_ARTIFACTS, MAX_SNAPSHOTS,
	},
	Balance, ContentHash, DatanetId, Hash, ModelId,
};
use scale_info::TypeInfo;

/// The most bytes of a model's name.
pub const MAX_NAME: u32 = 64;

/// The most bytes of a licence's identifier.
pub const MAX_LICENCE: u32 = 64;

/// The most accounts that an owner lets build on a model that is not open.
pub const MAX_BUILDERS: u32 = 32;

/// The shares that a divided model has.
pub const SHARES: u32 = 10_000;

/// The fewest shares that a holder has: a hundredth, so that nobody fills the list of holders with shares
/// that are worth nothing, and keeps others from selling theirs.
pub const MIN_SHARES: u32 = 100;

/// The most accounts that hold shares in a model.
pub const MAX_HOLDERS: u32 = SHARES / MIN_SHARES;

/// How many tokens that may be generated make a unit of compute.
pub const TOKENS_PER_UNIT: u32 = 16;

/// How many tokens of an answer that are only read, to find out how likely they are, make a unit of compute:
/// reading takes an eighth of the time of generating.
pub const READ_PER_UNIT: u32 = 128;

/// The units of compute of a prompt with passages, which is read once with all of them and once without each.
pub const UNITS_PER_PROMPT: u32 = 4;

/// The units of compute of a comparison of two adapters: fetching and multiplying them takes as long as so many
/// searches.
pub const UNITS_PER_COMPARISON: u32 = 16;

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

/// The SPDX identifier of a licence, or a `LicenseRef-`.
pub type Licence = BoundedVec<u8, ConstU32<MAX_LICENCE>>;

/// What a model is built on. It never changes.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub enum Descent {
	/// On no other model.
	Base,
	/// It is another model with the weights of an adapter merged into it.
	Adapter {
		/// The other model.
		base: ModelId,
	},
	/// It is another model with several adapters merged into it, which are registered as models on that one.
	Merge {
		/// The adapters, none of them twice, and how much each counts, above zero.
		parts: BoundedVec<(ModelId, u32), ConstU32<MAX_PARTS>>,
	},
}

/// On what terms others use a model and build on it.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Terms {
	/// The licence. It never changes: what was given under it stays given.
	pub licence: Licence,
	/// What it takes of those that are registered as built on it from now on: ten-thousandths of their part
	/// of a fee, at most [`MAX_ROYALTY`](openledger_primitives::lineage::MAX_ROYALTY).
	pub royalty: u32,
	/// Whether anybody may build on it, or only its owner and whom the owner lets.
	pub open: bool,
}

/// The models that share in a model's part of a fee, with their weights, which sum up to
/// [`WHOLE`](openledger_primitives::lineage::WHOLE): first the model itself, then those that it descends
/// from, by their ids. An ancestor that takes nothing is there with no weight.
pub type Lineage = BoundedVec<(ModelId, u32), ConstU32<MAX_LINEAGE>>;

/// That a model should not be used for anything new.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Deprecation<BlockNumber> {
	/// Since when.
	pub since: BlockNumber,
	/// What its owner recommends in its place.
	pub successor: Option<ModelId>,
}

/// An account that an owner lets build on a model.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Builder<AccountId> {
	/// The account.
	pub who: AccountId,
	/// What is held from the owner for this entry.
	pub deposit: Balance,
}

/// How a model's revenue is shared.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Holdings<AccountId: Ord> {
	/// Who holds how many of the [`SHARES`], each at least [`MIN_SHARES`].
	pub holders: BoundedBTreeMap<AccountId, u32, ConstU32<MAX_HOLDERS>>,
	/// What is held from the owner for this record, at its longest.
	pub deposit: Balance,
}

/// What a trainer says of how it made a version. Nothing of it is checked on the chain: it is what can be
/// held against the trainer by whoever has the files.
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
pub struct Attestation {
	/// Names the data: the [Merkle root](openledger_primitives::merkle) whose leaves' contents are the 32
	/// bytes of the roots of the batches that were trained on, in the order of the version's snapshots and
	/// in each of them by place.
	pub data_root: Hash,
	/// The Merkle root over the lines of the training's log, without their line ends: as over a batch's rows.
	pub log_root: Hash,
	/// How many lines the log has, above zero.
	pub log_lines: u32,
	/// SHA-256 of the hyperparameters as canonical JSON, as the log begins with it: no white space, and the keys
	/// of objects sorted by their UTF-8.
	pub hyperparameters: ContentHash,
}

/// Who trained a version, and what it says about that.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Training<AccountId> {
	/// Whom the owner has named.
	pub trainer: AccountId,
	/// What the trainer says; `None` until it has.
	pub attestation: Option<Attestation>,
	/// What is held from the owner for this record.
	pub deposit: Balance,
}

/// A model.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Model<AccountId, BlockNumber> {
	/// Who decides on it, and gets its share of fees unless it is divided.
	pub owner: AccountId,
	/// Who registered it, and earns the reputation for it. It never changes.
	pub author: AccountId,
	/// To whom the owner has offered it.
	pub offered_to: Option<AccountId>,
	/// Its name.
	pub name: Name,
	/// On what terms others use it and build on it.
	pub terms: Terms,
	/// What it is built on.
	pub descent: Descent,
	/// Who shares in its part of fees.
	pub lineage: Lineage,
	/// How many generations its lineage has.
	pub depth: u32,
	/// How many models have it in their lineage, itself not counted.
	pub descendants: u32,
	/// Whether shares in it are held.
	pub divided: bool,
	/// That it should not be used for anything new; `None` unless its owner says so.
	pub deprecated: Option<Deprecation<BlockNumber>>,
	/// What a unit of compute costs.
	pub price_per_unit: Balance,
	/// Whom it answers.
	pub audience: Audience,
	/// The version that new requests run.
	pub current_version: u32,
	/// How many versions are kept, the current one included.
	pub versions: u32,
	/// Since when it takes no requests; `None` if it takes them.
	pub paused_since: Option<BlockNumber>,
	/// The deposit for this record.
	pub deposit: Balance,
	/// What is held from the owner: `deposit` and the deposits of all that is kept for the model, such as its
	/// versions.
	pub held: Balance,
}

/// That a model has versions that name an adapter's file.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Naming {
	/// The place of the first of them among all namings of adapters.
	pub order: u64,
	/// What the model asked of those that are built on it when it named the file, in basis points.
	pub royalty: u32,
	/// How many versions that are kept name it, above zero.
	pub versions: u32,
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
