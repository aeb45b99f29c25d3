//! What the pallet keeps, and what its calls take.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use openledger_primitives::{Balance, ContentHash, DatanetId, Hash};
use scale_info::TypeInfo;

/// The most bytes of a Datanet's name.
pub const MAX_NAME: u32 = 64;

/// The most bytes of a Datanet's metadata.
pub const MAX_METADATA: u32 = 256;

/// The most bytes of a Datanet's domain.
pub const MAX_DOMAIN: u32 = 32;

/// The most bytes of a media type.
pub const MAX_CONTENT_TYPE: u32 = 64;

/// The most bytes of a language tag: what RFC 5646 asks implementations to make room for.
pub const MAX_LANGUAGE: u32 = 35;

/// The most bytes of a licence's identifier.
pub const MAX_LICENCE: u32 = 64;

/// The most bytes of a batch's locator.
pub const MAX_LOCATOR: u32 = 256;

/// The most places of a Datanet that one page of batches covers.
pub const MAX_PAGE: u32 = 100;

/// Where a Datanet's longer description is to be found: a locator or a hash.
pub type Metadata = BoundedVec<u8, ConstU32<MAX_METADATA>>;

/// Where a batch file is to be fetched.
pub type Locator = BoundedVec<u8, ConstU32<MAX_LOCATOR>>;

/// What a Datanet says about itself.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct DatanetDetails {
	/// Its name: UTF-8 without control characters, not empty, no white space at its ends. Names are
	/// not unique: the id is.
	pub name: BoundedVec<u8, ConstU32<MAX_NAME>>,
	/// A locator or hash of a longer description: printable ASCII without spaces; may be empty.
	pub metadata: Metadata,
	/// The field of knowledge: lower-case ASCII letters, digits and hyphens, such as `computing`.
	pub domain: BoundedVec<u8, ConstU32<MAX_DOMAIN>>,
	/// The media type of its batch files, in lower case and without parameters, such as
	/// `application/x-ndjson`.
	pub content_type: BoundedVec<u8, ConstU32<MAX_CONTENT_TYPE>>,
	/// The BCP 47 tag of its language, such as `en-GB`; `und` if undetermined.
	pub language: BoundedVec<u8, ConstU32<MAX_LANGUAGE>>,
	/// The SPDX identifier of the licence under which its batches are given, such as `CC0-1.0`.
	pub licence: BoundedVec<u8, ConstU32<MAX_LICENCE>>,
}

/// What a contributor says about a batch.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct BatchDetails {
	/// The Merkle root over its rows, see [`openledger_primitives::merkle`]; not zero.
	pub root: Hash,
	/// SHA-256 of the batch file.
	pub content: ContentHash,
	/// How many rows it has, at least 1.
	pub rows: u32,
	/// The size of the batch file in bytes, at least 1.
	pub bytes: u64,
	/// Where the batch file is to be fetched: empty, or an `http` or `https` address.
	pub locator: Locator,
}

/// A Datanet's owner and counters.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Datanet<AccountId> {
	/// Who may change and close it.
	pub owner: AccountId,
	/// What is held from the owner for it.
	pub deposit: Balance,
	/// How many places it has given out; withdrawn batches leave theirs empty.
	pub batches: u32,
	/// How many of the places hold a batch.
	pub live: u32,
	/// How many places, from the first, belong to something built on the Datanet.
	pub pinned: u32,
}

/// A batch.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Batch<AccountId> {
	/// Its Datanet.
	pub datanet: DatanetId,
	/// Its place in the Datanet, from 0.
	pub index: u32,
	/// Who gave it, and is paid for it.
	pub contributor: AccountId,
	/// The Merkle root over its rows.
	pub root: Hash,
	/// SHA-256 of the batch file.
	pub content: ContentHash,
	/// How many rows it has.
	pub rows: u32,
	/// The size of the batch file in bytes.
	pub bytes: u64,
	/// Where the batch file is to be fetched; may be empty.
	pub locator: Locator,
	/// What is held from the contributor for it.
	pub deposit: Balance,
}
