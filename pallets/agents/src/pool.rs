//! A pool of money whose owners hold shares: a slash or a reward changes one number, however many they
//! are. Pure arithmetic, in units of the token.
//!
//! What is rounded is rounded against who comes or goes, so that a pool never owes more than it has.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use openledger_primitives::Balance;
use scale_info::TypeInfo;
use sp_runtime::{helpers_128bit::multiply_by_rational_with_rounding, Permill, Rounding};

/// The fewest shares of a pool of delegations that anybody gets or keeps, if any. Who comes loses less
/// than the price of one share to rounding: less than a billionth of what it brings, and than a
/// billionth of what whoever drove up that price has in the pool.
pub const MIN_SHARES: Balance = 1_000_000_000;

/// A pool that is worth less than one unit for so many shares is slashed whole: with ever more shares
/// for a unit, they could not be counted any more.
pub const MAX_SHARES_PER_UNIT: Balance = 1_000_000_000;

/// Money that belongs to the holders of shares, in proportion.
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
pub struct Pool {
	/// How often it was emptied by a slash: shares of an earlier generation are worth nothing.
	pub generation: u32,
	/// The money. Zero if and only if there are no shares.
	pub balance: Balance,
	/// All shares of this generation.
	pub shares: Balance,
}

impl Pool {
	/// What so many shares are worth, rounded down; zero without shares.
	pub fn worth(&self, shares: Balance) -> Balance {
		scale(shares, self.balance, self.shares, Rounding::Down).unwrap_or_default()
	}

	/// How many shares have to go to get at least `amount` out; `None` if that cannot be counted.
	pub fn shares_for(&self, amount: Balance) -> Option<Balance> {
		scale(amount, self.shares, self.balance, Rounding::Up)
	}

	/// Puts `amount` in, and says for how many shares; `None`, and nothing changes, if that cannot be
	/// counted.
	pub fn join(&mut self, amount: Balance) -> Option<Balance> {
		let minted = match self.shares {
			0 => amount,
			shares => scale(amount, shares, self.balance, Rounding::Down)?,
		};
		let shares = self.shares.checked_add(minted)?;
		let balance = self.balance.checked_add(amount)?;
		if minted == 0 {
			return None;
		}
		(self.balance, self.shares) = (balance, shares);
		Some(minted)
	}

	/// Takes out what so many shares are worth; `None`, and nothing changes, if there are fewer.
	pub fn leave(&mut self, shares: Balance) -> Option<Balance> {
		let amount = self.worth(shares);
		let rest = self.shares.checked_sub(shares)?;
		self.balance = self.balance.checked_sub(amount)?;
		self.shares = rest;
		Some(amount)
	}

	/// Adds `amount` to what the shares are worth. Whether it could: not without shares.
	pub fn reward(&mut self, amount: Balance) -> bool {
		match self.balance.checked_add(amount) {
			Some(balance) if self.shares > 0 => {
				self.balance = balance;
				true
			}
			_ => false,
		}
	}

	/// Takes a part, rounded down, out of what the shares are worth, and says how much.
	pub fn slash(&mut self, part: Permill) -> Balance {
		let taken = part.mul_floor(self.balance);
		let left = self.balance.saturating_sub(taken);
		if left.saturating_mul(MAX_SHARES_PER_UNIT) >= self.shares {
			self.balance = left;
			return taken;
		}
		let all = self.balance;
		*self = Self {
			generation: self.generation.wrapping_add(1),
			..Self::default()
		};
		all
	}
}

/// `a × b / c`; `None` if `c` is zero or the result is too large.
fn scale(a: Balance, b: Balance, c: Balance, rounding: Rounding) -> Option<Balance> {
	multiply_by_rational_with_rounding(a, b, c, rounding)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn shares_follow_the_money() {
		let mut pool = Pool::default();
		assert_eq!(pool.join(1_000), Some(1_000), "the first pay one for one");
		assert!(pool.reward(500));
		assert_eq!(pool.worth(1_000), 1_500);
		assert_eq!(pool.join(100), Some(66), "100 / 1.5, rounded down");
		assert_eq!(pool.shares_for(100), Some(67), "rounded up");
		assert_eq!(pool.slash(Permill::from_percent(25)), 400);
		assert_eq!(pool.balance, 1_200);
		assert_eq!(pool.leave(1_000), Some(1_125), "1000 × 1200 / 1066");
		assert_eq!(
			pool.leave(66),
			Some(75),
			"the last one takes what was rounded off"
		);
		assert_eq!(pool, Pool::default());
		assert!(!pool.reward(1), "nobody is there to have it");
	}

	#[test]
	fn a_pool_that_is_slashed_away_begins_anew() {
		let mut pool = Pool::default();
		pool.join(MIN_SHARES).expect("counted");
		assert_eq!(pool.slash(Permill::one()), MIN_SHARES);
		assert_eq!((pool.generation, pool.balance, pool.shares), (1, 0, 0));
		assert_eq!(pool.join(7), Some(7), "old shares have no part in it");
	}

	#[test]
	fn a_worn_out_pool_is_taken_whole() {
		let mut pool = Pool {
			generation: 3,
			balance: 1_000,
			shares: 900 * MAX_SHARES_PER_UNIT,
		};
		assert_eq!(pool.slash(Permill::from_percent(10)), 100);
		assert_eq!(pool.generation, 3);
		assert_eq!(pool.slash(Permill::from_percent(10)), 900);
		assert_eq!((pool.generation, pool.balance, pool.shares), (4, 0, 0));
	}

	#[test]
	fn nothing_is_taken_that_is_not_there() {
		let mut pool = Pool::default();
		assert_eq!(pool.leave(1), None);
		assert_eq!(pool.join(0), None);
		pool.join(10).expect("counted");
		assert_eq!(pool.leave(11), None);
		assert_eq!(pool.join(Balance::MAX), None);
		assert_eq!((pool.balance, pool.shares), (10, 10));
	}

	proptest! {
		#[test]
		fn nobody_gains_by_coming_and_going(
			balance in 1..1u128 << 60,
			shares in 1..1u128 << 60,
			amount in 1..1u128 << 60,
		) {
			let before = Pool { generation: 0, balance, shares };
			let mut pool = before;
			let Some(minted) = pool.join(amount) else { return Ok(()) };
			let out = pool.leave(minted).expect("just minted");
			prop_assert!(out <= amount);
			prop_assert_eq!(pool.balance + out, balance + amount);
			prop_assert!(pool.worth(shares) >= balance);
			// The loss is below what one share is worth afterwards.
			let all = shares + minted;
			prop_assert!((amount - out) * all <= balance + amount + all, "and one unit");
		}

		#[test]
		fn enough_shares_go(
			balance in 1..u128::from(u64::MAX),
			shares in 1..u128::from(u64::MAX),
			amount in 1..u128::from(u64::MAX),
		) {
			let amount = amount.min(balance);
			let pool = Pool { generation: 0, balance, shares };
			let needed = pool.shares_for(amount).expect("counted");
			prop_assert!(needed <= shares);
			prop_assert!(pool.worth(needed) >= amount);
			prop_assert!(needed == 0 || pool.worth(needed - 1) < amount);
		}
	}
}
