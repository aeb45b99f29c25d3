//! What is stored of listings and rentals, and what view functions return.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use openledger_primitives::{Balance, RentalId};
use scale_info::TypeInfo;

/// The most entries that a view function returns.
pub const MAX_PAGE: u32 = 100;

/// A model that is for sale.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Listing<AccountId, BlockNumber> {
	/// Who sells it: its owner, or the listing has lapsed.
	pub seller: AccountId,
	/// What it costs, in units of the token.
	pub price: Balance,
	/// The only account that may buy it; `None` if anybody may.
	pub buyer: Option<AccountId>,
	/// The first block in which it cannot be bought any more; `None` if there is none.
	pub until: Option<BlockNumber>,
	/// What is held from the seller for this record, in units of the token.
	pub deposit: Balance,
}

/// Shares in a model that are for sale.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct ShareListing<BlockNumber> {
	/// How many, above zero.
	pub amount: u32,
	/// What each costs, in units of the token.
	pub price: Balance,
	/// The first block in which they cannot be bought any more; `None` if there is none.
	pub until: Option<BlockNumber>,
	/// What is held from the seller for this record, in units of the token.
	pub deposit: Balance,
}

/// On what terms a model is let.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct LettingTerms<AccountId> {
	/// Who lets it: its owner, or the terms have lapsed.
	pub owner: AccountId,
	/// What a day costs, in units of the token.
	pub price_per_day: Balance,
	/// For how many days ahead one tenant may rent it at most.
	pub max_days: u32,
	/// What is held from the owner for this record, in units of the token.
	pub deposit: Balance,
}

/// A model that is let to somebody.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Rental<BlockNumber> {
	/// Its id, under which the rent is divided.
	pub id: RentalId,
	/// The version that the model ran when it was rented or prolonged last: the data that it is built on is paid.
	pub version: u32,
	/// What is held from the tenant and will be earned from `since` to `until`, in units of the token.
	pub rent: Balance,
	/// The block up to which the rent was earned and divided.
	pub since: BlockNumber,
	/// The first block in which it is over.
	pub until: BlockNumber,
	/// What is held from the tenant for this record, in units of the token.
	pub deposit: Balance,
}
