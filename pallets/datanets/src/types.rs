//! What the pallet keeps, and what its calls take.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use openledger_primitives::{data::Locator, Balance, BatchId, ContentHash, DatanetId, Hash};
use scale_info::TypeInfo;
use sp_runtime::Percent;

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

/// The most fields of a row.
pub const MAX_FIELDS: u32 = 16;

/// The most bytes of a field's name.
pub const MAX_FIELD_NAME: u32 = 32;

/// The most places of a Datanet that one page of batches covers.
pub const MAX_PAGE: u32 = 100;

/// The most steps from a batch to the head of its cluster: each is read again whenever somebody asks for
/// the head.
///
/// How long the way gets is a matter of the order of reports. A batch alone is linked to the head itself, so
/// that copies which are reported one by one are all one step away. The way of a batch grows by a step each
/// time that the head of its cluster is found to duplicate a still earlier one.
pub const MAX_CLUSTER_DEPTH: usize = 4;

/// The lowest quorum of a curated Datanet.
pub const MIN_QUORUM: Percent = Percent::from_percent(50);

/// Where a Datanet's longer description is to be found: a locator or a hash.
pub type Metadata = BoundedVec<u8, ConstU32<MAX_METADATA>>;

/// What a field holds.
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
pub enum FieldKind {
	/// UTF-8.
	Text,
	/// A whole number.
	Integer,
	/// A number.
	Number,
	/// True or false.
	Boolean,
	/// Any JSON value.
	Json,
	/// Bytes.
	Binary,
}

/// A field of a Datanet's rows.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Field {
	/// Its name: as a Datanet's, and no two fields have the same.
	pub name: BoundedVec<u8, ConstU32<MAX_FIELD_NAME>>,
	/// What it holds.
	pub kind: FieldKind,
}

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
	/// The fields of its rows; empty if rows have none, or any.
	pub fields: BoundedVec<Field, ConstU32<MAX_FIELDS>>,
}

/// Who may contribute to a Datanet.
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
pub enum Contributors {
	/// Anybody.
	Open,
	/// Whom the owner has listed.
	Listed,
	/// Who has passed the Datanet's qualification.
	Qualified,
}

/// A Datanet's rules.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Rules {
	/// Who may contribute.
	pub contributors: Contributors,
	/// The part of a jury's weight that has to reveal a verdict, from [`MIN_QUORUM`] to all of it.
	/// `None`: there are no juries, the owner vouches for those that are listed.
	pub curation: Option<Percent>,
	/// Held for a batch, at least `BatchDeposit` and at most `MaxDepositFactor` times that.
	pub batch_deposit: Balance,
	/// Held for each MiB, begun or full, of a batch file: at least `MebibyteDeposit` and at most
	/// `MaxDepositFactor` times that.
	pub mebibyte_deposit: Balance,
	/// The lowest price of a day of access, at most `MaxAccessPrice`.
	pub access_price_per_day: Balance,
	/// The owner's part of what is paid for access, at most `MaxOwnerShare`; the rest goes to the
	/// contributors.
	pub owner_share: Percent,
	/// The X25519 public key to which contributors encrypt, as an `age` recipient. `None`: batches are
	/// not encrypted.
	pub data_key: Option<[u8; 32]>,
}

/// Rules that wait.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Proposal<BlockNumber> {
	/// What will hold.
	pub rules: Rules,
	/// The block from which it does.
	pub from: BlockNumber,
}

/// A Datanet's rules, those to come included.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct DatanetRules<BlockNumber> {
	/// What held when this was written.
	pub current: Rules,
	/// What holds from a block on.
	pub proposed: Option<Proposal<BlockNumber>>,
}

impl<BlockNumber: PartialOrd> DatanetRules<BlockNumber> {
	/// The rules as they are at a block: a proposal that took effect is no proposal any more.
	pub fn at(self, now: BlockNumber) -> Self {
		match self.proposed {
			Some(proposal) if proposal.from <= now => Self {
				current: proposal.rules,
				proposed: None,
			},
			_ => self,
		}
	}
}

/// What a contributor says about a batch.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct BatchDetails {
	/// The Merkle root over its rows, see [`openledger_primitives::merkle`]; not zero.
	pub root: Hash,
	/// SHA-256 of the batch file, as it is fetched: of the ciphertext if it is encrypted.
	pub content: ContentHash,
	/// How many rows it has, at least 1.
	pub rows: u32,
	/// The size of the batch file in bytes, at least 1.
	pub bytes: u64,
	/// Where the batch file is to be fetched.
	pub locator: Locator,
	/// The Merkle root over the MinHash signatures of its rows, if they were made.
	pub minhash: Option<Hash>,
	/// Whether the file is encrypted to the Datanet's key.
	pub encrypted: bool,
}

/// A Datanet's owner and counters.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Datanet<AccountId> {
	/// Who may change and close it.
	pub owner: AccountId,
	/// To whom the owner offers it.
	pub offered_to: Option<AccountId>,
	/// What is held from the owner for the Datanet and its description.
	pub deposit: Balance,
	/// What is held from the owner for all listed contributors.
	pub list_deposit: Balance,
	/// How many contributors are listed.
	pub listed: u32,
	/// How many places it has given out; withdrawn batches leave theirs empty.
	pub batches: u32,
	/// How many of the places hold a batch.
	pub live: u32,
	/// How many places, from the first, belong to something built on the Datanet.
	pub pinned: u32,
	/// How many batches wait for their curation.
	pub pending: u32,
}

/// How far a batch has come.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub enum BatchState {
	/// It waits for its curation.
	Pending,
	/// It belongs to the Datanet.
	Accepted {
		/// Its place in the Datanet, from 0.
		index: u32,
		/// How good it was found, from 0 to 100.
		score: u8,
	},
	/// Governance banned it: nobody is paid for it.
	Banned {
		/// Its place in the Datanet, which it keeps.
		index: u32,
	},
}

impl BatchState {
	/// Its place in the Datanet, if it has one.
	pub fn index(&self) -> Option<u32> {
		match self {
			Self::Pending => None,
			Self::Accepted { index, .. } | Self::Banned { index } => Some(*index),
		}
	}
}

/// A batch.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Batch<AccountId, BlockNumber> {
	/// Its Datanet.
	pub datanet: DatanetId,
	/// Who gave it, and is paid for it.
	pub contributor: AccountId,
	/// The block in which it was added.
	pub added: BlockNumber,
	/// The Merkle root over its rows.
	pub root: Hash,
	/// SHA-256 of the batch file.
	pub content: ContentHash,
	/// How many rows it has.
	pub rows: u32,
	/// The size of the batch file in bytes.
	pub bytes: u64,
	/// Where the batch file is to be fetched.
	pub locator: Locator,
	/// The Merkle root over the MinHash signatures of its rows.
	pub minhash: Option<Hash>,
	/// Whether the file is encrypted.
	pub encrypted: bool,
	/// What is held from the contributor for it.
	pub deposit: Balance,
	/// The quorum of its juries, as it was when the batch was added; `None` if the owner vouched.
	pub quorum: Option<Percent>,
	/// How far it has come.
	pub state: BatchState,
	/// The pool's `per_share` up to which the contributor has been paid.
	pub paid: Balance,
}

/// A batch in a cluster of several. A batch that is alone has none.
#[derive(Clone, Debug, Decode, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Link {
	/// The earlier batch that it is linked to; `None` for the head of the cluster.
	pub parent: Option<BatchId>,
	/// How many batches are linked to it, by the height of what hangs below them: first those that
	/// have nothing below.
	pub children: [u32; MAX_CLUSTER_DEPTH],
}

impl Link {
	/// How many steps it takes at most from a batch below.
	pub fn height(&self) -> usize {
		self.children
			.iter()
			.rposition(|children| *children > 0)
			.map_or(0, |below| below.saturating_add(1))
	}

	/// Whether nothing is linked to it.
	pub fn is_leaf(&self) -> bool {
		self.children.iter().all(|children| *children == 0)
	}

	/// Whether it links nothing.
	pub fn is_alone(&self) -> bool {
		self.parent.is_none() && self.is_leaf()
	}
}

/// What is paid for access to a Datanet, on its way to the contributors.
///
/// A batch's shares are its score. What is paid is divided by all shares into whole units per share;
/// what is left over is divided with the next payment, so that nothing is lost to rounding.
#[derive(Clone, Debug, Decode, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Pool {
	/// The shares of all accepted batches that head their cluster.
	pub shares: u64,
	/// What one share has got since the Datanet was created.
	pub per_share: Balance,
	/// What is not divided yet.
	pub remainder: Balance,
	/// What the pot holds for this Datanet: all that can be claimed, and the remainder.
	pub balance: Balance,
}

/// A commitment to a batch that is still to be shown.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Reservation<BlockNumber> {
	/// The block in which it was made.
	pub since: BlockNumber,
	/// What is held for it.
	pub deposit: Balance,
}
