//! What is stored of seasons, and what view functions return.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use openledger_primitives::{data::Merit, Balance, Hash};
use scale_info::TypeInfo;
use sp_crypto_hashing::blake2_256;
use sp_runtime::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};

/// A season: the number of full season's lengths before it, from 0.
pub type SeasonIndex = u32;

/// How many accounts a leaderboard has.
pub const LEADERBOARD: u32 = 100;

/// How many seasons ahead of the present one can be prepared.
pub const AHEAD: SeasonIndex = 4;

/// The most points that can be demanded of an account for a reward: a thousand batches of the highest
/// score. Beyond that a season would reward nobody, and should have no conversion.
pub const MAX_MIN_POINTS: u64 = 100_000;

/// What an account earned in a season.
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
pub struct Score {
	/// Points for batches that were accepted.
	pub contribution: u64,
	/// Points for verdicts that became a jury's.
	pub curation: u64,
	/// Whether the reward was paid.
	pub claimed: bool,
}

impl Score {
	/// All points. A season's points are bounded by `u64`, and so are an account's.
	pub fn total(&self) -> u64 {
		self.contribution.saturating_add(self.curation)
	}

	pub(crate) fn add(&mut self, merit: Merit, points: u64) {
		let sum = match merit {
			Merit::Contribution => &mut self.contribution,
			Merit::Curation => &mut self.curation,
		};
		*sum = sum.saturating_add(points);
	}
}

/// How a season's points become rewards.
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
pub struct Conversion {
	/// The most units of the token for a point.
	pub per_point: Balance,
	/// The most units of the token for all accounts together.
	pub cap: Balance,
	/// With how many points an account is rewarded, at most [`MAX_MIN_POINTS`]. The points of those with fewer count in the whole
	/// all the same: what would be theirs is nobody's.
	pub min_points: u64,
	/// Whether only listed accounts are rewarded; then only their points count in the whole.
	pub listed_only: bool,
}

/// A season's sums.
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
pub struct Season {
	/// The points of all accounts.
	pub points: u64,
	/// How many accounts have points.
	pub accounts: u32,
	/// The points of listed accounts.
	pub listed_points: u64,
	/// How many accounts are listed.
	pub listed: u32,
	/// How points become rewards; without it, they don't.
	pub conversion: Option<Conversion>,
	/// What was put into the season's pot, in units of the token.
	pub funded: Balance,
	/// What was paid out of it as rewards.
	pub paid: Balance,
	/// What was left of it and went to the treasury.
	pub returned: Balance,
	/// The hash of the final standings, once the season is closed, see [`snapshot`].
	pub snapshot: Option<Hash>,
	/// The points of accounts that were swept away.
	pub swept_points: u64,
	/// How many accounts were swept away.
	pub swept_accounts: u32,
	/// How many accounts on the list were swept away.
	pub swept_listed: u32,
}

impl Season {
	/// What is left in the pot.
	pub fn rest(&self) -> Balance {
		self.funded
			.saturating_sub(self.paid)
			.saturating_sub(self.returned)
	}

	/// The reward of an account with so many points, rounded down: `per_point` for each, but no more
	/// than the points' part of the pot, up to its cap. So the rewards of all accounts never exceed the
	/// pot. `None` if there is no conversion, or the account is not one that is rewarded.
	pub fn reward(&self, points: u64, is_listed: bool) -> Option<Balance> {
		let conversion = self.conversion?;
		let whole = if conversion.listed_only {
			self.listed_points
		} else {
			self.points
		};
		if points < conversion.min_points.max(1)
			|| points > whole
			|| (conversion.listed_only && !is_listed)
		{
			return None;
		}
		let pot = self.funded.min(conversion.cap);
		let part =
			multiply_by_rational_with_rounding(pot, points.into(), whole.into(), Rounding::Down)?;
		// What is beyond `u128` is beyond the pot.
		Some(
			conversion
				.per_point
				.checked_mul(points.into())
				.map_or(part, |most| most.min(part)),
		)
	}
}

/// The accounts with the most points of a season, the first one first. Of accounts with as many points,
/// the one that had them first stands first.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Leaderboard<AccountId>(pub BoundedVec<(AccountId, u64), ConstU32<LEADERBOARD>>);

impl<AccountId> Default for Leaderboard<AccountId> {
	fn default() -> Self {
		Self(BoundedVec::new())
	}
}

impl<AccountId: Clone + PartialEq> Leaderboard<AccountId> {
	/// Notes that an account has so many points from now on, more than before.
	pub(crate) fn rise(&mut self, who: &AccountId, points: u64) {
		let list = &mut self.0;
		if let Some(at) = list.iter().position(|(other, _)| other == who) {
			list.remove(at);
		}
		let at = list.partition_point(|(_, other)| *other >= points);
		// Beyond the last place there is none; on a full list the last one leaves.
		if at < usize::try_from(LEADERBOARD).unwrap_or(0) {
			if list.is_full() {
				list.pop();
			}
			let _ = list.try_insert(at, (who.clone(), points));
		}
	}
}

/// The hash of a season's final standings: BLAKE2b-256 of the SCALE encoding of
/// `("openledger/season", season, points, accounts, leaderboard)`, the text without a length.
pub fn snapshot<AccountId: Encode>(
	season: SeasonIndex,
	points: u64,
	accounts: u32,
	leaderboard: &Leaderboard<AccountId>,
) -> Hash {
	Hash::from(blake2_256(
		&(b"openledger/season", season, points, accounts, leaderboard).encode(),
	))
}

/// A place on the leaderboard.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct Place<AccountId> {
	/// The place, from 1.
	pub rank: u32,
	/// The account.
	pub who: AccountId,
	/// Its points.
	pub points: u64,
}

/// When a season begins and ends.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct Calendar<BlockNumber> {
	/// The season.
	pub season: SeasonIndex,
	/// Its first block.
	pub from: BlockNumber,
	/// The first block of the next season, from which rewards can be claimed.
	pub until: BlockNumber,
	/// The first block in which they cannot be claimed any more.
	pub claim_until: BlockNumber,
}

/// A leaderboard as a list of places, no more than `limit` of them.
pub(crate) fn places<AccountId>(
	leaderboard: Leaderboard<AccountId>,
	limit: u32,
) -> Vec<Place<AccountId>> {
	(1..=limit)
		.zip(leaderboard.0)
		.map(|(rank, (who, points))| Place { rank, who, points })
		.collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	fn season(points: u64, funded: Balance, per_point: Balance, cap: Balance) -> Season {
		Season {
			points,
			funded,
			conversion: Some(Conversion {
				per_point,
				cap,
				min_points: 0,
				listed_only: false,
			}),
			..Default::default()
		}
	}

	#[test]
	fn a_reward_is_the_lowest_of_three() {
		// By points, by pot, by cap.
		assert_eq!(season(10, 1_000, 3, 1_000).reward(4, false), Some(12));
		assert_eq!(season(10, 101, 1_000, 1_000).reward(4, false), Some(40));
		assert_eq!(season(10, 1_000, 1_000, 99).reward(4, false), Some(39));
	}

	#[test]
	fn rewards_are_exact_at_the_largest_numbers() {
		let most = season(u64::MAX, u128::MAX, u128::MAX, u128::MAX);
		assert_eq!(most.reward(u64::MAX, false), Some(u128::MAX));
		// u128::MAX is (2^64 − 1) × (2^64 + 1).
		assert_eq!(most.reward(1, false), Some((1 << 64) + 1));
		assert_eq!(
			most.reward(u64::MAX - 1, false),
			Some(u128::MAX - (1 << 64) - 1)
		);
	}

	#[test]
	fn no_reward_without_points_or_beyond_the_whole() {
		assert_eq!(season(10, 100, 1, 100).reward(0, false), None);
		assert_eq!(season(10, 100, 1, 100).reward(11, false), None);
		assert_eq!(Season::default().reward(1, true), None);
	}

	#[test]
	fn the_earlier_of_two_equals_stands_first_and_stays_on_a_full_list() {
		let mut board = Leaderboard::default();
		for who in 0..100u64 {
			board.rise(&who, 5);
		}
		board.rise(&100, 5);
		assert!(board.0.iter().map(|(who, _)| *who).eq(0..100));
		board.rise(&100, 6);
		board.rise(&50, 6);
		assert_eq!(
			board.0.iter().take(3).copied().collect::<Vec<_>>(),
			[(100, 6), (50, 6), (0, 5)]
		);
		assert_eq!(board.0.last(), Some(&(98, 5)));
		assert_eq!(board.0.len(), 100);
	}
}
