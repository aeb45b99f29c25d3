//! What is stored of an agent.

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{protocol::OperatorKey, Balance};
use scale_info::TypeInfo;

use crate::{Config, ServedModels};

/// Whether an agent takes part.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub enum Status<BlockNumber> {
	/// It is drawn for the models that it serves.
	Active,
	/// It has deregistered and is never drawn again.
	Unbonding {
		/// The first block in which its bond can be withdrawn.
		until: BlockNumber,
	},
}

/// How an agent's assignments ended.
#[derive(Clone, Copy, Debug, Decode, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Record {
	/// It took part in the agreement.
	pub agreed: u64,
	/// It revealed something else than the others agreed on.
	pub disagreed: u64,
	/// It never committed, or committed and never revealed.
	pub absent: u64,
	/// The request ended for a reason that is not the operator's.
	pub released: u64,
}

/// An agent.
#[derive(
	CloneNoBound, DebugNoBound, Decode, Encode, EqNoBound, MaxEncodedLen, PartialEqNoBound, TypeInfo,
)]
#[scale_info(skip_type_params(T))]
pub struct Agent<T: Config> {
	/// The key with which its node signs.
	pub operator_key: OperatorKey,
	/// What is held on its account, in units of the token.
	pub bond: Balance,
	/// What it serves, or served until it deregistered.
	pub models: ServedModels<T>,
	/// Whether it takes part.
	pub status: Status<BlockNumberFor<T>>,
	/// The block in which it registered.
	pub since: BlockNumberFor<T>,
	/// How many open requests it is assigned to.
	pub open: u32,
	/// How its assignments ended.
	pub record: Record,
}
