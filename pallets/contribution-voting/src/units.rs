//! In what weights are counted: points at the start of a half-life period.
//!
//! Reputation decays all the time, and all of it alike. Counted as what it would have been at one moment,
//! weights need not be touched as time passes, and what they sum up to is exact. From one period's start to
//! the next a weight is halved; only such steps are rounded.

use openledger_primitives::decay;

/// A half-life period, counted from block 0. Periods are as long as a half-life.
pub type Period = u32;

/// The present moment, in blocks.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
	/// The present block.
	pub now: u64,
	/// Blocks in which half of all reputation is gone. Above zero.
	pub half_life: u64,
}

impl Clock {
	/// The present period.
	pub fn period(&self) -> Period {
		self.now
			.checked_div(self.half_life)
			.and_then(|period| period.try_into().ok())
			.unwrap_or(Period::MAX)
	}

	fn since(&self, period: Period) -> u64 {
		self.now
			.saturating_sub(self.half_life.saturating_mul(period.into()))
	}

	/// What present power weighs in points at the start of a period, rounded down; `None` beyond all bounds.
	pub fn weigh(&self, power: u128, period: Period) -> Option<u128> {
		decay::grow(power, self.since(period), self.half_life)
	}

	/// What a weight at the start of a period is worth now, rounded down.
	pub fn worth(&self, weight: u128, period: Period) -> u128 {
		decay::decay(weight, self.since(period), self.half_life)
	}
}

/// A weight at the start of `from`, at the start of `to`: rounded down; `None` beyond all bounds.
pub fn floor(weight: u128, from: Period, to: Period) -> Option<u128> {
	match to.checked_sub(from) {
		Some(halvings) => Some(weight.checked_shr(halvings).unwrap_or(0)),
		None => double(weight, from.saturating_sub(to)),
	}
}

/// Like [`floor`], rounded up.
pub fn ceil(weight: u128, from: Period, to: Period) -> Option<u128> {
	let floor = floor(weight, from, to)?;
	let is_rounded = to > from && double(floor, to.saturating_sub(from)) != Some(weight);
	floor.checked_add(is_rounded.into())
}

fn double(weight: u128, times: u32) -> Option<u128> {
	if weight == 0 {
		return Some(0);
	}
	weight
		.checked_shl(times)
		.filter(|doubled| doubled.checked_shr(times) == Some(weight))
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn weights_are_halved_from_period_to_period() {
		assert_eq!(floor(13, 2, 2), Some(13));
		assert_eq!(floor(13, 2, 4), Some(3));
		assert_eq!(ceil(13, 2, 4), Some(4));
		assert_eq!(ceil(12, 2, 4), Some(3));
		assert_eq!(floor(13, 4, 2), Some(52));
		assert_eq!(ceil(13, 4, 2), Some(52));
		assert_eq!(floor(1, 0, 128), Some(0));
		assert_eq!(ceil(1, 0, 128), Some(1));
		assert_eq!(ceil(0, 0, 128), Some(0));
		assert_eq!(floor(1, 128, 0), None);
		assert_eq!(floor(0, 128, 0), Some(0));
		assert_eq!(floor(3, 127, 0), None);
	}

	#[test]
	fn a_period_begins_with_its_first_block() {
		let at = |now| Clock { now, half_life: 90 };
		assert_eq!(at(0).period(), 0);
		assert_eq!(at(89).period(), 0);
		assert_eq!(at(90).period(), 1);
		assert_eq!(at(90).weigh(7, 1), Some(7));
		assert_eq!(at(90).weigh(7, 0), Some(14));
		assert_eq!(at(90).worth(15, 0), 7);
	}

	proptest! {
		#[test]
		fn what_is_weighed_is_never_worth_more(
			power in 0u128..1 << 100,
			now in 0u64..1_000,
			back in 0u32..5,
		) {
			let clock = Clock { now, half_life: 90 };
			let period = clock.period().saturating_sub(back);
			let worth = clock.worth(clock.weigh(power, period).unwrap(), period);
			prop_assert!(worth == power || worth + 1 == power);
		}

		#[test]
		fn rounding_down_and_up_differ_by_one_at_most(
			weight in 0u128..1 << 100,
			from in 0u32..20,
			to in 0u32..20,
		) {
			let (down, up) = (floor(weight, from, to).unwrap(), ceil(weight, from, to).unwrap());
			prop_assert!(up == down || up == down + 1);
			prop_assert!(to <= from || (down << (to - from)) <= weight);
			prop_assert!(to <= from || weight <= (up << (to - from)));
		}
	}
}
