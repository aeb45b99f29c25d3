//! Points of one account, or of all accounts together: what is pending, what has matured, and what
//! is left of it. Pure arithmetic, with time in blocks. And what is kept of contests and of funding.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use openledger_primitives::{
	decay::{decay, grow},
	types::{Balance, ContentHash},
};
use scale_info::TypeInfo;
use sp_runtime::{traits::Saturating, Percent};

/// How many buckets the time to maturity is divided into.
pub const BUCKETS: u32 = 30;

/// The most buckets that can be pending at a time: the one that is being filled, and all those that
/// were filled within the time to maturity.
pub const MAX_PENDING: u32 = 31;

/// When points mature and how fast they decay.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Schedule {
	/// How many blocks' points are kept together: a thirtieth of the time to maturity.
	pub bucket: u64,
	/// After how many blocks half is left.
	pub half_life: u64,
}

impl Schedule {
	/// The bucket of what is earned in block `now`.
	pub fn bucket_of(&self, now: u64) -> u64 {
		now.checked_div(self.bucket).unwrap_or(0)
	}

	/// The block from which a bucket's points count: the time to maturity after the bucket's end, so
	/// that none of them counts too early, and all of them at most one bucket's length too late.
	pub fn matures_at(&self, bucket: u64) -> u64 {
		bucket
			.saturating_add(BUCKETS.into())
			.saturating_add(1)
			.saturating_mul(self.bucket)
	}

	/// The half-life that `block` falls into, counted from genesis.
	fn epoch_of(&self, block: u64) -> u64 {
		block.checked_div(self.half_life).unwrap_or(0)
	}

	/// How far into its half-life `block` is.
	fn age_in_epoch(&self, block: u64) -> u64 {
		block.checked_rem(self.half_life).unwrap_or(0)
	}
}

/// Points that were earned within one bucket and have not matured yet.
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
pub struct Pending {
	/// The bucket, counted from genesis.
	pub bucket: u64,
	/// How many points.
	pub amount: u128,
}

/// The points of one account, or of all accounts together.
///
/// Matured points are kept as what they were worth at the start of a half-life (an *epoch*), the same
/// for all accounts: a new epoch halves them, which is a shift, and shifts compose exactly. So it does
/// not matter when a record was last written, and the points of two accounts can be added.
#[derive(
	Clone,
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
pub struct Points {
	/// Matured points, as what they were worth at the start of `epoch`.
	pub matured: u128,
	/// The half-life, counted from genesis, that `matured` refers to.
	pub epoch: u64,
	/// Points that do not count yet, ascending by bucket.
	pub pending: BoundedVec<Pending, ConstU32<MAX_PENDING>>,
}

impl Points {
	fn halve_until(&mut self, epoch: u64) {
		let halvings = u32::try_from(epoch.saturating_sub(self.epoch)).ok();
		self.matured = halvings
			.and_then(|halvings| self.matured.checked_shr(halvings))
			.unwrap_or(0);
		self.epoch = self.epoch.max(epoch);
	}

	/// Brings the record up to block `now`. What it is worth does not change by it.
	pub fn advance(&mut self, now: u64, schedule: &Schedule) {
		let mut later = Vec::new();
		for pending in core::mem::take(&mut self.pending) {
			let at = schedule.matures_at(pending.bucket);
			if at > now {
				later.push(pending);
				continue;
			}
			self.halve_until(schedule.epoch_of(at));
			let grown = grow(
				pending.amount,
				schedule.age_in_epoch(at),
				schedule.half_life,
			);
			self.matured = self.matured.saturating_add(grown.unwrap_or(u128::MAX));
		}
		self.pending = BoundedVec::truncate_from(later);
		self.halve_until(schedule.epoch_of(now));
	}

	/// What matured points are worth in block `now`. Rounded down.
	pub fn worth(&self, now: u64, schedule: &Schedule) -> u128 {
		let mut points = self.clone();
		points.advance(now, schedule);
		decay(
			points.matured,
			schedule.age_in_epoch(now),
			schedule.half_life,
		)
	}

	/// The points that do not count yet in block `now`.
	pub fn pending(&self, now: u64, schedule: &Schedule) -> u128 {
		self.pending
			.iter()
			.filter(|pending| schedule.matures_at(pending.bucket) > now)
			.fold(0, |sum: u128, pending| sum.saturating_add(pending.amount))
	}

	/// Adds points that are earned in block `now`; the record must have been advanced to it. `None`,
	/// and nothing changed, if there is no room, which the bounds of [`Self::room`] rule out.
	#[must_use]
	pub fn earn(&mut self, amount: u128, now: u64, schedule: &Schedule) -> Option<()> {
		let bucket = schedule.bucket_of(now);
		match self.pending.last_mut() {
			Some(last) if last.bucket == bucket => {
				last.amount = last.amount.checked_add(amount)?;
				Some(())
			}
			_ => self.pending.try_push(Pending { bucket, amount }).ok(),
		}
	}

	/// How many points an advanced record can take so that no later sum exceeds `u128`: growing back
	/// to the start of an epoch at most doubles what is pending.
	pub fn room(&self) -> u128 {
		let pending = self
			.pending
			.iter()
			.fold(0u128, |sum, pending| sum.saturating_add(pending.amount));
		(u128::MAX.saturating_sub(self.matured) >> 1).saturating_sub(pending)
	}

	/// Takes a part, rounded up, of the matured and of each bucket's pending points, and returns what
	/// was taken. The record must have been advanced.
	pub fn take(&mut self, part: Percent) -> Self {
		let mut taken = self.clone();
		let rest = Percent::one().saturating_sub(part);
		self.matured = rest.mul_floor(self.matured);
		self.pending
			.iter_mut()
			.for_each(|pending| pending.amount = rest.mul_floor(pending.amount));
		self.pending.retain(|pending| pending.amount > 0);
		taken.subtract(self);
		taken
	}

	/// Takes back an account's points from the total's. Both must have been advanced to the same block.
	pub fn subtract(&mut self, other: &Self) {
		self.matured = self.matured.saturating_sub(other.matured);
		for lost in &other.pending {
			self.pending
				.iter_mut()
				.filter(|pending| pending.bucket == lost.bucket)
				.for_each(|pending| {
					pending.amount = pending.amount.saturating_sub(lost.amount);
				});
		}
		self.pending.retain(|pending| pending.amount > 0);
	}

	/// The points of one bucket that do not count yet. The record must have been advanced.
	pub fn pending_in(&self, bucket: u64) -> u128 {
		self.pending
			.iter()
			.find(|pending| pending.bucket == bucket)
			.map_or(0, |pending| pending.amount)
	}

	/// A record of nothing but one bucket's points, in block `now`: pending, or matured in its time and
	/// decayed since.
	pub fn of(pending: Pending, now: u64, schedule: &Schedule) -> Self {
		let mut points = Self {
			pending: BoundedVec::truncate_from(alloc::vec![pending]),
			..Self::default()
		};
		points.advance(now, schedule);
		points.pending.retain(|pending| pending.amount > 0);
		points
	}

	/// A record of points that count in block `now`; `None` if they cannot be counted. Exact at the start
	/// of a half-life, as at genesis.
	pub fn granted(amount: u128, now: u64, schedule: &Schedule) -> Option<Self> {
		Some(Self {
			matured: grow(amount, schedule.age_in_epoch(now), schedule.half_life)?,
			epoch: schedule.epoch_of(now),
			..Self::default()
		})
	}

	/// Adds another record's points. Both must have been advanced to the same block: so there is room for
	/// all buckets, as no more than [`MAX_PENDING`] are pending at a time. `None`, and nothing changed, if
	/// there is not.
	#[must_use]
	pub fn add(&mut self, other: &Self) -> Option<()> {
		let mut sum = self.clone();
		sum.matured = sum.matured.checked_add(other.matured)?;
		for more in &other.pending {
			let place = sum
				.pending
				.binary_search_by_key(&more.bucket, |pending| pending.bucket);
			match place {
				Ok(place) => {
					let pending = sum.pending.get_mut(place)?;
					pending.amount = pending.amount.checked_add(more.amount)?;
				}
				Err(place) => sum.pending.try_insert(place, *more).ok()?,
			}
		}
		*self = sum;
		Some(())
	}

	/// Whether there is nothing, neither matured nor pending.
	pub fn is_empty(&self) -> bool {
		self.matured == 0 && self.pending.is_empty()
	}
}

/// Names a contest.
pub type ContestId = u64;

/// In how many contests the points of one bucket of one account can be at a time. Each takes no less than
/// this part of them, or the rest: so small ones cannot keep others from contesting what is left.
pub const MAX_PER_BUCKET: u32 = 4;

/// In how many contests an account's points can be at a time: all buckets that can be pending, and as many
/// that have matured since. What is longer undecided can be closed by anybody.
pub const MAX_CONTESTS: u32 = 248;

/// The most bytes of an evidence's locator.
pub const MAX_LOCATOR: u32 = 256;

/// What is wrong with how points were earned.
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
pub enum Claim {
	/// Who paid and who was paid are in the same hands.
	SameHands,
	/// The payer was funded by who was paid, or for it, in a way that the chain does not see.
	Funded,
	/// The payers were paid to pay, or paid each other in turn.
	Traded,
	/// The work was not the account's own: data, a model or answers of somebody else.
	NotItsWork,
}

/// What supports a contest. The chain keeps it and does not look into it.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Evidence {
	/// What it is to prove.
	pub claim: Claim,
	/// The SHA-256 of the document that says which payments, and how one knows.
	pub hash: ContentHash,
	/// Where the document can be fetched: an address in ASCII.
	pub locator: BoundedVec<u8, ConstU32<MAX_LOCATOR>>,
}

/// Points that are set apart until a contest is decided.
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
pub struct SetApart {
	/// The contest.
	pub contest: ContestId,
	/// The bucket that they were earned in.
	pub bucket: u64,
	/// How many points: what was contested, less what the account has forfeited since.
	pub amount: u128,
}

/// What is set apart of one account's points, ascending by contest.
pub type Contested = BoundedVec<SetApart, ConstU32<MAX_CONTESTS>>;

/// A contest that is not decided.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Contest<AccountId, BlockNumber> {
	/// Whose points are contested.
	pub who: AccountId,
	/// Who contests them.
	pub by: AccountId,
	/// What is held from whoever contests them.
	pub bond: Balance,
	/// Why.
	pub evidence: Evidence,
	/// The last block in which it can be decided.
	pub until: BlockNumber,
}

/// How a contest ended.
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
pub enum Verdict {
	/// The points are forfeited, the bond is given back.
	Upheld,
	/// The points are given back, the bond goes to the treasury.
	Rejected,
	/// Nobody decided in time: points and bond are given back.
	Undecided,
}

/// Who funded an account lately.
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
pub struct Funding<AccountId, BlockNumber> {
	/// From whom the larger part of what the account had came.
	pub by: AccountId,
	/// The last block in which that links the two.
	pub until: BlockNumber,
}

/// How far a pass over all accounts of a map has come.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Sweep<AccountId> {
	/// The bucket in which this pass over all accounts began.
	pub bucket: u64,
	/// The account that was looked at last.
	pub last: Option<AccountId>,
	/// Whether the pass is over; the next one begins with the next bucket.
	pub done: bool,
}
