//! What the pallet keeps, and what its calls take.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use openledger_primitives::{data::Locator, Balance, ModelId, RequestId};
use scale_info::TypeInfo;

/// Identifies a claim.
pub type ClaimId = u64;

/// The lowest threshold, in millionths: below it there is more of something else in the copy than of the
/// original.
pub const MIN_THRESHOLD: u32 = 700_000;

/// The highest threshold: a copy with numbers of half the precision is well above it.
pub const MAX_THRESHOLD: u32 = 990_000;

/// The smallest committee: of fewer no majority proves anything.
pub const MIN_COMMITTEE: u32 = 3;

/// The largest committee that can be demanded: as many as answer one request at most, or no claim would ever
/// be decided.
pub const MAX_COMMITTEE: u32 = 7;

/// By what claims are decided.
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
pub struct Rules {
	/// The model that compares adapters.
	pub comparer: ModelId,
	/// The least similarity at which a claim is upheld, in millionths: [`MIN_THRESHOLD`] to [`MAX_THRESHOLD`].
	pub threshold: u32,
	/// The fewest agents that compare: [`MIN_COMMITTEE`] to [`MAX_COMMITTEE`].
	pub min_committee: u32,
}

/// A version's adapter, and where its file is.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Exhibit {
	/// The model.
	pub model: ModelId,
	/// Its version, one that is kept.
	pub version: u32,
	/// How many bytes the adapter's file has.
	pub bytes: u32,
	/// Where it can be fetched, until the committee has answered.
	pub locator: Locator,
}

/// How far a claim is.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub enum Stage<BlockNumber> {
	/// A committee compares.
	Comparing {
		/// In answer to this request.
		request: RequestId,
	},
	/// It found the original in the copy.
	Upheld {
		/// How much of it, in millionths.
		similarity: u32,
		/// From which block on the claim can be enforced.
		enforce_at: BlockNumber,
	},
}

/// A claim that is not over.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Claim<AccountId, BlockNumber> {
	/// Who made it.
	pub claimant: AccountId,
	/// The model that was copied.
	pub original: ModelId,
	/// The model that is said to be a copy.
	pub copy: ModelId,
	/// What the original will take of the copy's part of fees, in basis points.
	pub royalty: u32,
	/// The least similarity at which it is upheld, in millionths.
	pub threshold: u32,
	/// What is held from the claimant.
	pub bond: Balance,
	/// How far it is.
	pub stage: Stage<BlockNumber>,
}
