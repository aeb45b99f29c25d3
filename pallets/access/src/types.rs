//! What is stored of requests and grants, and what view functions return.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use openledger_primitives::{data::Purpose, Balance, DatanetId};
use scale_info::TypeInfo;

/// The most bytes of an `age` file that wraps a key.
pub const MAX_WRAPPED_KEY: u32 = 1_024;

/// The most bytes of why a request is refused.
pub const MAX_REFUSAL: u32 = 128;

/// The most stewards of a Datanet.
pub const MAX_STEWARDS: u32 = 8;

/// The most entries that a view function returns.
pub const MAX_PAGE: u32 = 100;

/// A request for access, and the grant that it becomes: given out in ascending order from 0.
pub type AccessId = u64;

/// An X25519 public key: the 32 bytes of an `age1…` recipient.
pub type AccessKey = [u8; 32];

/// An `age` file, in its binary form, that wraps a Datanet's key to a grantee's.
pub type WrappedKey = BoundedVec<u8, ConstU32<MAX_WRAPPED_KEY>>;

/// Why a request is refused, in UTF-8.
pub type Refusal = BoundedVec<u8, ConstU32<MAX_REFUSAL>>;

/// A request for access that waits for its answer.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Request<AccountId, BlockNumber> {
	/// The Datanet.
	pub datanet: DatanetId,
	/// Who asks.
	pub who: AccountId,
	/// What for.
	pub purpose: Purpose,
	/// To what the Datanet's key is to be wrapped.
	pub key: AccessKey,
	/// What is held for the access, in units of the token.
	pub price: Balance,
	/// For how many blocks.
	pub term: BlockNumber,
	/// What is held for the record, in units of the token.
	pub deposit: Balance,
	/// The first block in which it cannot be approved any more.
	pub expires_at: BlockNumber,
}

/// Access that was granted.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Grant<AccountId, BlockNumber> {
	/// The Datanet.
	pub datanet: DatanetId,
	/// Who has it.
	pub who: AccountId,
	/// What for.
	pub purpose: Purpose,
	/// To what the Datanet's key is wrapped.
	pub key: AccessKey,
	/// What was paid for the time from `from` to `until`, in units of the token.
	pub price: Balance,
	/// The block in which it was approved.
	pub from: BlockNumber,
	/// The first block in which it is over.
	pub until: BlockNumber,
	/// What is held from the grantee for the record, in units of the token.
	pub deposit: Balance,
	/// The Datanet's key, wrapped; `None` if it needs none, or has not been handed over.
	pub wrapped_key: Option<WrappedKey>,
}

/// Who may answer requests in the owner's place.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Stewards<AccountId> {
	/// The owner that appointed them: they serve as long as it is the owner.
	pub by: AccountId,
	/// Who they are.
	pub accounts: BoundedVec<AccountId, ConstU32<MAX_STEWARDS>>,
	/// What is held from `by`, in units of the token.
	pub deposit: Balance,
}

/// A Datanet that an account may train on.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct Import<BlockNumber> {
	/// The Datanet.
	pub datanet: DatanetId,
	/// The grant.
	pub grant: AccessId,
	/// The first block in which it is over.
	pub until: BlockNumber,
}
