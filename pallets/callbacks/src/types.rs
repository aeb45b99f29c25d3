//! What the pallet keeps.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::weights::Weight;
use openledger_primitives::{traits::Closing, Balance, RequestId};
use scale_info::TypeInfo;
use sp_core::{H160, H256};
use sp_runtime::DispatchError;

/// What is to be called when a request has ended.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Callback<AccountId> {
	/// Who pays for it, and for the request.
	pub payer: AccountId,
	/// The contract's address.
	pub contract: H160,
	/// What the contract may use. It is paid for.
	pub weight_limit: Weight,
	/// What is held for what the contract locks in storage, in units of the token.
	pub budget: Balance,
	/// What is held beside the budget, in units of the token: more than the existential deposit.
	pub deposit: Balance,
}

/// A callback whose request has ended.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct DueCallback<AccountId> {
	/// The request.
	pub request: RequestId,
	/// How it ended.
	pub closing: Closing,
	/// The hash of what its committee agreed on, zero if on nothing.
	pub outcome: H256,
	/// What is to be called.
	pub callback: Callback<AccountId>,
}

/// How a callback went.
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
pub enum Report {
	/// The contract returned.
	Returned,
	/// The contract reverted: nothing of what it did has stayed.
	Reverted,
	/// The contract was stopped, as by the end of its weight or budget: nothing of what it did has stayed.
	Failed(DispatchError),
	/// There is no contract at the address.
	NoContract,
	/// The budget could not be taken from the payer, though it was held: it is frozen as well. The contract was
	/// not called.
	Unfunded(DispatchError),
}
