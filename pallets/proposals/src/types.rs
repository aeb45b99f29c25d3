//! What is stored of proposals, and what their calls take.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use openledger_primitives::{data::MAX_URL, Balance, ContentHash, ModelId};
use scale_info::TypeInfo;
use sp_runtime::traits::Morph;

/// The most milestones of a proposal.
pub const MAX_MILESTONES: u32 = 8;

/// The most bytes of a title.
pub const MAX_TITLE: u32 = 64;

/// The most entries that a view function returns.
pub const MAX_PAGE: u32 = 100;

/// Of the money that is at stake, the part (one in so many) without which objections stop nothing.
pub const QUORUM: Balance = 4;

/// A proposal: given out in ascending order from 0.
pub type ProposalId = u32;

/// A title: UTF-8 without control characters, not empty, no white space at its ends.
pub type Title = BoundedVec<u8, ConstU32<MAX_TITLE>>;

/// Where a file is to be fetched, such as an address or `ipfs://…`, in visible ASCII; may be empty.
pub type Link = BoundedVec<u8, ConstU32<MAX_URL>>;

/// Whose money is put in, and the most that may be offered in a call and those that are made together with
/// it; `None` if there is no limit.
pub type Funding<AccountId> = (AccountId, Option<Balance>);

/// What accounts themselves may put in: all that they have.
pub struct Unlimited;

impl<AccountId> Morph<AccountId> for Unlimited {
	type Outcome = Funding<AccountId>;

	fn morph(who: AccountId) -> Self::Outcome {
		(who, None)
	}
}

/// A part of the work, which is paid for by itself.
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
pub struct Milestone<BlockNumber> {
	/// What the builder gets for it, in units of the token. Above zero.
	pub amount: Balance,
	/// In how many blocks it has to be delivered, from the goal's being reached or from the end of the vote on
	/// the milestone before.
	pub within: BlockNumber,
	/// SHA-256 of its description.
	pub description: ContentHash,
}

/// What is proposed. Nothing of it ever changes.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Terms<AccountId, BlockNumber> {
	/// What it is called.
	pub title: Title,
	/// SHA-256 of the description.
	pub description: ContentHash,
	/// Where the descriptions are.
	pub link: Link,
	/// What it costs: the sum of the milestones, in units of the token.
	pub goal: Balance,
	/// What is to be done, in this order. The last one delivers the model.
	pub milestones: BoundedVec<Milestone<BlockNumber>, ConstU32<MAX_MILESTONES>>,
	/// For how many blocks it can be backed, from the builder's acceptance.
	pub funding: BlockNumber,
	/// For how many blocks backers can vote on a delivery.
	pub voting: BlockNumber,
	/// Who has to own the model when it is delivered and paid for; the builder if `None`.
	pub owner: Option<AccountId>,
}

/// What a builder delivers.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub enum Evidence {
	/// A file: for all milestones but the last.
	File {
		/// Its SHA-256.
		content: ContentHash,
		/// Where it is.
		link: Link,
	},
	/// A version of a registered model: for the last milestone.
	Model {
		/// The model.
		model: ModelId,
		/// The version.
		version: u32,
	},
}

impl Evidence {
	/// The model that is delivered, if one is.
	pub(crate) fn model(&self) -> Option<ModelId> {
		match self {
			Self::File { .. } => None,
			Self::Model { model, .. } => Some(*model),
		}
	}
}

/// How far a proposal has come. Something can be done *until* a block if that block is yet to come.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub enum Stage<BlockNumber> {
	/// It waits for a builder.
	Open,
	/// It can be backed.
	Funding {
		/// Until when.
		until: BlockNumber,
	},
	/// The builder works on the next milestone.
	Building {
		/// Until when it can be delivered.
		until: BlockNumber,
	},
	/// A milestone was delivered, and backers vote on it.
	Judging {
		/// Until when.
		until: BlockNumber,
		/// What was delivered.
		evidence: Evidence,
		/// What those gave who approve.
		approvals: Balance,
		/// What those gave who object.
		objections: Balance,
	},
	/// All was delivered and paid.
	Completed {
		/// The model that was built.
		model: ModelId,
		/// Until when nobody but themselves can take backers off the record.
		until: BlockNumber,
	},
	/// It was stopped, and what is left goes back.
	Stopped,
}

/// Backers who objected to a milestone that was paid for by the others.
#[derive(Clone, Copy, Debug, Decode, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Exit {
	/// What those of them gave who have not got their rest yet, in units of the token.
	pub weight: Balance,
	/// What is kept for them, in units of the token.
	pub escrow: Balance,
}

/// A proposal.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Proposal<AccountId, BlockNumber> {
	/// Who made it.
	pub proposer: AccountId,
	/// What is proposed.
	pub terms: Terms<AccountId, BlockNumber>,
	/// Who is to build it. It never changes once it can be backed.
	pub builder: Option<AccountId>,
	/// What is held from the proposer, in units of the token.
	pub deposit: Balance,
	/// What is held from the builder, in units of the token.
	pub bond: Balance,
	/// How far it has come.
	pub stage: Stage<BlockNumber>,
	/// The id below which models were registered before the goal was reached.
	pub first_model: ModelId,
	/// What all gave who back it now, in units of the token. Their votes weigh by it.
	pub weight: Balance,
	/// What is left of that, in units of the token.
	pub escrow: Balance,
	/// For each milestone that was paid for, who did not pay for it nor for later ones.
	pub exits: BoundedVec<Exit, ConstU32<MAX_MILESTONES>>,
	/// How many accounts are on the record as backers, those included that are to get their rest.
	pub backers: u32,
}

/// What a backer says of a milestone.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Vote {
	/// Which one, from 0.
	pub milestone: u32,
	/// Whether it should be paid for.
	pub approve: bool,
}

/// What an account has put into a proposal.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Backing {
	/// How much, in units of the token.
	pub amount: Balance,
	/// What is held from it for this record, in units of the token.
	pub deposit: Balance,
	/// Its last vote.
	pub vote: Option<Vote>,
}
