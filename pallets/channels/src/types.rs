//! What is stored of channels.

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::traits::fungible::Credit;
use openledger_primitives::{
	protocol::OperatorKey,
	receipt::{Commitment, Receipt, Totals},
	Balance, ChannelId, ModelId, RequestId,
};
use scale_info::TypeInfo;
use sp_core::H256;

use crate::Config;

/// Money that is on its way.
pub type CreditOf<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::Currency>;

/// A payment channel.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Channel<AccountId, BlockNumber> {
	/// Who pays.
	pub payer: AccountId,
	/// Who serves.
	pub agent: AccountId,
	/// The model that is called.
	pub model: ModelId,
	/// Whose vouchers count.
	pub signer: AccountId,
	/// With what the agent signs receipts: its key when the channel was opened, whichever it has later.
	pub operator: OperatorKey,
	/// From which the [seed](openledger_primitives::receipt::call_seed) of each call follows.
	pub seed: H256,
	/// The least that a call costs on average, in units of the token: what the model asked for the
	/// smallest one when the channel was opened.
	pub floor: Balance,
	/// What the payer has put in, in all.
	pub deposit: Balance,
	/// What is held of it yet.
	pub held: Balance,
	/// What the vouchers that were posted amount to.
	pub spent: Balance,
	/// What is held for batches that are not settled.
	pub locked: Balance,
	/// How many calls were posted.
	pub calls: u64,
	/// How many batches were posted.
	pub batches: u32,
	/// How many of them are not settled.
	pub pending: u32,
	/// What is held from the payer for this record.
	pub record: Balance,
	/// The first block in which nothing can be posted any more, once that is known.
	pub closing: Option<BlockNumber>,
	/// Whether the agent was shown to have signed two receipts for one call.
	pub equivocated: bool,
}

impl<AccountId, BlockNumber: Copy + PartialOrd> Channel<AccountId, BlockNumber> {
	/// Whether nothing can be posted any more.
	pub(crate) fn is_over(&self, now: BlockNumber) -> bool {
		self.closing.is_some_and(|until| until <= now)
	}
}

/// Somebody's claim that a call of a batch is wrong.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Challenge<AccountId> {
	/// Who says so.
	pub challenger: AccountId,
	/// Which call of the channel.
	pub index: u64,
	/// What is held from the challenger.
	pub bond: Balance,
}

/// How far a batch is.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub enum Stage<AccountId, BlockNumber> {
	/// It can be challenged.
	Open {
		/// The block at whose start it is settled.
		until: BlockNumber,
	},
	/// The call is to be disclosed.
	Challenged {
		/// By whom, and which call.
		challenge: Challenge<AccountId>,
		/// The block at whose start the challenge is upheld.
		until: BlockNumber,
	},
	/// The challenger is to have the call run again.
	Disclosed {
		/// By whom, and which call.
		challenge: Challenge<AccountId>,
		/// The call's receipt.
		receipt: Receipt,
		/// The block at whose start the challenge is given up.
		until: BlockNumber,
	},
	/// A committee runs the call again.
	Rerunning {
		/// By whom, and which call.
		challenge: Challenge<AccountId>,
		/// The committee's request.
		request: RequestId,
		/// What the challenger pays for it.
		fee: Balance,
	},
}

impl<AccountId, BlockNumber: Copy> Stage<AccountId, BlockNumber> {
	/// When it is on the agenda.
	pub(crate) fn due(&self) -> Option<BlockNumber> {
		match self {
			Self::Open { until }
			| Self::Challenged { until, .. }
			| Self::Disclosed { until, .. } => Some(*until),
			Self::Rerunning { .. } => None,
		}
	}

	/// The challenge that is under way.
	pub fn challenge(&self) -> Option<&Challenge<AccountId>> {
		match self {
			Self::Open { .. } => None,
			Self::Challenged { challenge, .. }
			| Self::Disclosed { challenge, .. }
			| Self::Rerunning { challenge, .. } => Some(challenge),
		}
	}
}

/// A batch of calls that is not settled.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Batch<AccountId, BlockNumber> {
	/// Which calls, and their receipts' root.
	pub calls: Commitment,
	/// What they amount to.
	pub totals: Totals,
	/// What is held from the agent for this record.
	pub deposit: Balance,
	/// What is held from the agent for its word.
	pub bond: Balance,
	/// The block in which it was posted.
	pub posted_at: BlockNumber,
	/// The block in which the stage began.
	pub since: BlockNumber,
	/// How far it is.
	pub stage: Stage<AccountId, BlockNumber>,
	/// Whether the payer's challenge has taken the place of somebody else's.
	pub overtaken: bool,
}

/// What is served apart, so that one cannot be put off by many of the other.
#[derive(
	Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, Ord, PartialEq, PartialOrd, TypeInfo,
)]
pub enum Queue {
	/// Batches' deadlines.
	Batches,
	/// The ends of channels.
	Channels,
}

/// What falls due.
#[derive(
	Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, Ord, PartialEq, PartialOrd, TypeInfo,
)]
pub enum Item {
	/// The end of a batch's stage.
	Batch(ChannelId, u32),
	/// The end of a channel.
	Channel(ChannelId),
}

impl Item {
	/// Where it is queued.
	pub(crate) fn queue(self) -> Queue {
		match self {
			Self::Batch(..) => Queue::Batches,
			Self::Channel(_) => Queue::Channels,
		}
	}
}
