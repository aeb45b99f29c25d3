//! Ballots, delegations, and how they are kept.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	pallet_prelude::{BoundedVec, Get},
	CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound,
};
use scale_info::TypeInfo;
use sp_runtime::{traits::CheckedAdd, Perbill};

use crate::units::{self, Clock, Period};

/// What an account says in a poll.
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
pub enum AccountVote {
	/// For it, with all that it weighs.
	Aye,
	/// Against it.
	Nay,
	/// Neither, but that enough take part.
	Abstain,
	/// In part for and in part against it; the rest abstains.
	Split {
		/// The part that is for it.
		aye: Perbill,
		/// The part that is against it. Both together are at most the whole.
		nay: Perbill,
	},
}

impl AccountVote {
	/// Whether its parts are at most the whole.
	pub fn is_valid(&self) -> bool {
		match self {
			Self::Split { aye, nay } => aye.checked_add(nay).is_some(),
			_ => true,
		}
	}
}

/// What a ballot adds to its poll's tally, in points at the start of the poll's period.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Contribution {
	/// For it.
	pub ayes: u128,
	/// Against it.
	pub nays: u128,
	/// For it, or abstaining.
	pub support: u128,
}

#[cfg(any(feature = "std", feature = "try-runtime"))]
impl Contribution {
	/// The sum of two; `None` beyond all bounds.
	pub(crate) fn plus(self, other: Self) -> Option<Self> {
		Some(Self {
			ayes: self.ayes.checked_add(other.ayes)?,
			nays: self.nays.checked_add(other.nays)?,
			support: self.support.checked_add(other.support)?,
		})
	}
}

/// An account's vote in a poll, with what it weighs, in points at the start of the poll's period.
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
pub struct Ballot {
	/// What it says.
	pub vote: AccountVote,
	/// What the voter's own reputation weighed when it voted.
	pub own: u128,
	/// What was delegated to the voter weighs.
	pub delegated: u128,
}

impl Ballot {
	/// All that it weighs; `None` beyond all bounds.
	pub fn weight(&self) -> Option<u128> {
		self.own.checked_add(self.delegated)
	}

	/// What it adds to the tally: parts of a split are rounded down, and what that leaves abstains.
	/// `None` beyond all bounds.
	pub fn contribution(&self) -> Option<Contribution> {
		let weight = self.weight()?;
		Some(match self.vote {
			AccountVote::Aye => Contribution {
				ayes: weight,
				nays: 0,
				support: weight,
			},
			AccountVote::Nay => Contribution {
				ayes: 0,
				nays: weight,
				support: 0,
			},
			AccountVote::Abstain => Contribution {
				ayes: 0,
				nays: 0,
				support: weight,
			},
			AccountVote::Split { aye, nay } => {
				let (ayes, nays) = (aye.mul_floor(weight), nay.mul_floor(weight));
				Contribution {
					ayes,
					nays,
					support: weight.checked_sub(nays)?,
				}
			}
		})
	}
}

/// What others have delegated to an account in a class, in points at the start of a period.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Default,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub struct Delegations {
	/// How much, at most what it is worth.
	pub weight: u128,
	/// The period.
	pub period: Period,
	/// How many delegate.
	pub count: u32,
}

impl Delegations {
	/// What they weigh at the start of a period, rounded down; `None` beyond all bounds.
	pub fn at(&self, period: Period) -> Option<u128> {
		units::floor(self.weight, self.period, period)
	}

	/// What they are worth now, rounded down.
	pub(crate) fn worth(&self, clock: &Clock) -> u128 {
		clock.worth(self.weight, self.period)
	}

	/// With one more of `weight`, at the start of `period`, which is not before theirs.
	pub(crate) fn plus(&self, weight: u128, period: Period) -> Option<Self> {
		Some(Self {
			weight: self.at(period)?.checked_add(weight)?,
			period,
			count: self.count.checked_add(1)?,
		})
	}

	/// Without one of `weight` at the start of `since`, brought to the start of `period`. What leaves is
	/// rounded up, so that what stays is never more than it is worth.
	pub(crate) fn minus(&self, weight: u128, since: Period, period: Period) -> Option<Self> {
		let count = self.count.checked_sub(1)?;
		let leaving = units::ceil(weight, since, period)?;
		Some(Self {
			weight: if count == 0 {
				0
			} else {
				self.at(period)?.saturating_sub(leaving)
			},
			period,
			count,
		})
	}
}

/// What an account does in a class of polls.
#[derive(
	CloneNoBound,
	DebugNoBound,
	Decode,
	DecodeWithMemTracking,
	Encode,
	EqNoBound,
	MaxEncodedLen,
	PartialEqNoBound,
	TypeInfo,
)]
#[scale_info(skip_type_params(MaxVotes))]
#[codec(mel_bound(AccountId: MaxEncodedLen, PollIndex: MaxEncodedLen))]
pub enum Voting<AccountId, PollIndex, MaxVotes>
where
	AccountId: Clone + core::fmt::Debug + Eq,
	PollIndex: Clone + core::fmt::Debug + Eq,
	MaxVotes: Get<u32>,
{
	/// It votes itself.
	Casting {
		/// Its ballots, by their polls' indices, ascending.
		votes: BoundedVec<(PollIndex, Ballot), MaxVotes>,
		/// What others have delegated to it.
		delegations: Delegations,
	},
	/// Somebody else votes for it.
	Delegating {
		/// Who.
		target: AccountId,
		/// What its reputation weighed when it delegated, in points at the start of `period`.
		weight: u128,
		/// The period in which it delegated.
		period: Period,
		/// What others have delegated to it, which weighs nothing meanwhile.
		delegations: Delegations,
	},
}

impl<AccountId, PollIndex, MaxVotes> Default for Voting<AccountId, PollIndex, MaxVotes>
where
	AccountId: Clone + core::fmt::Debug + Eq,
	PollIndex: Clone + core::fmt::Debug + Eq,
	MaxVotes: Get<u32>,
{
	fn default() -> Self {
		Self::Casting {
			votes: Default::default(),
			delegations: Default::default(),
		}
	}
}

impl<AccountId, PollIndex, MaxVotes> Voting<AccountId, PollIndex, MaxVotes>
where
	AccountId: Clone + core::fmt::Debug + Eq,
	PollIndex: Clone + core::fmt::Debug + Eq,
	MaxVotes: Get<u32>,
{
	/// What others have delegated to the account.
	pub fn delegations(&self) -> &Delegations {
		match self {
			Self::Casting { delegations, .. } | Self::Delegating { delegations, .. } => delegations,
		}
	}

	pub(crate) fn set_delegations(&mut self, new: Delegations) {
		match self {
			Self::Casting { delegations, .. } | Self::Delegating { delegations, .. } => {
				*delegations = new;
			}
		}
	}

	/// Whether there is nothing in it.
	pub fn is_empty(&self) -> bool {
		match self {
			Self::Casting { votes, delegations } => votes.is_empty() && delegations.count == 0,
			Self::Delegating { .. } => false,
		}
	}
}
