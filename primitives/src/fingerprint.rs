//! Fingerprints of a run's activations: by them operators agree whose results are not bit-equal.
//!
//! For every eight generated tokens, or every sixteen where there are more than 256, and so on, the largest
//! magnitudes in the last hidden state, in descending order, in fixed point with 20 binary places. Magnitudes, since two nearly equal values of opposite signs that
//! change places would count as far apart; values rather than their places, which agree even where another
//! model ran.

use sp_core::{bounded::BoundedVec, ConstU32};

/// The most values of a fingerprint.
pub const MAX_VALUES: u32 = 1_024;

/// Values in units of 2^-20.
pub type Fingerprint = BoundedVec<i32, ConstU32<MAX_VALUES>>;

/// How far two fingerprints lie from each other, in billionths: the sum of the values' differences over
/// the mean of the sums of their magnitudes, so that the order does not matter. `None` if they have
/// not the same length; zero for two empty ones.
pub fn distance(left: &[i32], right: &[i32]) -> Option<u32> {
	if left.len() != right.len() {
		return None;
	}
	let magnitude = |values: &[i32]| -> u128 {
		values
			.iter()
			.map(|value| u128::from(value.unsigned_abs()))
			.sum()
	};
	let difference: u128 = left
		.iter()
		.zip(right)
		.map(|(left, right)| u128::from(left.abs_diff(*right)))
		.sum();
	if difference == 0 {
		return Some(0);
	}
	// Above zero where there is a difference. At most 2 × 2^31 × 2^32 × 10^9: far below 2^128.
	let total = magnitude(left).saturating_add(magnitude(right));
	let billionths = difference
		.saturating_mul(2_000_000_000)
		.checked_div(total)?;
	Some(u32::try_from(billionths).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn distances_are_relative_to_the_size_of_the_values() {
		assert_eq!(distance(&[], &[]), Some(0));
		assert_eq!(distance(&[0, 0], &[0, 0]), Some(0));
		assert_eq!(distance(&[1], &[1, 1]), None);
		assert_eq!(
			distance(&[1_000_000, -999_999], &[1_000_000, -1_000_001]),
			Some(1_000)
		);
		// Nothing is farther apart than opposites.
		assert_eq!(distance(&[7], &[-7]), Some(2_000_000_000));
		assert_eq!(
			distance(&[i32::MIN; 1_024], &[i32::MAX; 1_024]),
			Some(2_000_000_000)
		);
	}

	proptest! {
		#[test]
		fn distance_is_symmetric_and_zero_only_for_equals(
			pairs in proptest::collection::vec(any::<(i32, i32)>(), 1..64)
		) {
			let (left, right): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
			let there = distance(&left, &right).unwrap();
			prop_assert_eq!(Some(there), distance(&right, &left));
			prop_assert!(there <= 2_000_000_000);
			prop_assert_eq!(distance(&left, &left), Some(0));
		}
	}
}
