//! Fingerprints of generated answers: by them operators agree whose results are not bit-equal.
//!
//! The answer's tokens are taken by eights, those of an answer of more than 256 tokens by sixteens, of more
//! than 512 by twenty-fours, and so on; the last ones may be fewer. Of each such segment, the last hidden
//! states that the tokens were sampled from (after the final norm, before the logits) give their
//! [`VALUES`] largest magnitudes, in descending order, in units of 2^-20. What is compared is how large
//! the values are, not where they stand: that agrees even for other models. Signs are dropped, for
//! values of nearly the same magnitude change places from one machine to the next, and with them their
//! signs would.

/// Tokens of a segment, in an answer of up to [`MAX_SEGMENTS`] segments; a multiple of it in a longer one.
pub const SEGMENT: usize = 8;
/// Most segments.
pub const MAX_SEGMENTS: usize = 32;
/// Values per segment.
pub const VALUES: usize = 32;
/// Most values of a fingerprint.
pub const MAX_VALUES: usize = MAX_SEGMENTS * VALUES;
/// A value of 1.
const ONE: f64 = (1u32 << 20) as f64;

/// The fingerprint of an answer: `hidden` holds a state of `dimension` values for each of its tokens.
pub fn fingerprint(hidden: &[f32], dimension: usize) -> Vec<i32> {
	let mut values = Vec::new();
	let unit = SEGMENT.saturating_mul(dimension).max(1);
	let segment = unit.saturating_mul(hidden.len().div_ceil(unit).div_ceil(MAX_SEGMENTS).max(1));
	for segment in hidden.chunks(segment) {
		let mut magnitudes: Vec<f32> = segment.iter().map(|value| value.abs()).collect();
		magnitudes.sort_unstable_by(|a, b| b.total_cmp(a));
		// Beyond 2,047 it saturates.
		let fixed = magnitudes
			.into_iter()
			.take(VALUES)
			.map(|value| (f64::from(value) * ONE).round() as i32);
		values.extend(fixed);
	}
	values
}

/// How far two fingerprints lie from each other, in billionths: the sum of the values' differences over
/// the mean of the sums of their magnitudes, rounded down. At most 2,000,000,000. `None` if their lengths
/// differ.
pub fn distance(left: &[i32], right: &[i32]) -> Option<u32> {
	if left.len() != right.len() {
		return None;
	}
	let mut difference = 0u128;
	let mut total = 0u128;
	for (left, right) in left.iter().zip(right) {
		difference += u128::from(left.abs_diff(*right));
		total += u128::from(left.unsigned_abs()) + u128::from(right.unsigned_abs());
	}
	match total {
		0 => Some(0),
		_ => u32::try_from(difference * 2_000_000_000 / total).ok(),
	}
}

#[cfg(test)]
mod tests {
	use proptest::prelude::*;

	use super::*;

	#[test]
	fn vectors() {
		// A segment of fewer than eight tokens, then the cut after eight.
		let mut hidden = vec![0.25f32, -0.5, 1.0];
		assert_eq!(fingerprint(&hidden, 3), [1 << 20, 1 << 19, 1 << 18]);
		hidden.resize(3 * SEGMENT, 0.125);
		hidden.extend([-3.0, 2.0, f32::MAX]);
		let found = fingerprint(&hidden, 3);
		assert_eq!(found.len(), 24 + 3);
		assert_eq!(found[..4], [1 << 20, 1 << 19, 1 << 18, 1 << 17]);
		assert_eq!(found[24..], [i32::MAX, 3 << 20, 2 << 20]);
		assert_eq!(fingerprint(&[1.0; 8 * 40], 40), [1 << 20; VALUES]);
		assert_eq!(fingerprint(&[1.0; 256 * 40], 40).len(), 1_024);
		// A longer answer has longer segments: 17 of 16 tokens, the last one of one.
		let long = fingerprint(&[1.0; 257 * 40], 40);
		assert_eq!(long.len(), 17 * VALUES);
		assert_eq!(fingerprint(&[1.0; 2_048 * 40], 40).len(), 1_024);
		let mut hidden = vec![0.0; 257];
		hidden[15] = 1.0;
		hidden[16] = 2.0;
		let found = fingerprint(&hidden, 1);
		assert_eq!((found[0], found[16]), (1 << 20, 2 << 20));
		assert!(fingerprint(&[], 40).is_empty());
		// Half a unit is rounded away from zero.
		assert_eq!(fingerprint(&[1.5 / (1 << 20) as f32], 1), [2]);

		assert_eq!(distance(&[], &[]), Some(0));
		assert_eq!(distance(&[0, 0], &[0, 0]), Some(0));
		assert_eq!(distance(&[1], &[1, 1]), None);
		assert_eq!(distance(&[1_000_000], &[999_999]), Some(1_000));
		assert_eq!(
			distance(&[1_000_000, -999_999], &[1_000_000, -1_000_001]),
			Some(1_000)
		);
		assert_eq!(distance(&[7], &[-7]), Some(2_000_000_000));
		assert_eq!(distance(&[5], &[0]), Some(2_000_000_000));
		assert_eq!(
			distance(&[i32::MIN; 1_024], &[i32::MAX; 1_024]),
			Some(2_000_000_000)
		);
	}

	proptest! {
		#[test]
		fn a_small_change_of_the_states_is_a_small_change_of_the_fingerprint(
			hidden in prop::collection::vec((-8.0f32..8.0, -1e-4f32..1e-4), 1..400),
		) {
			let (one, other): (Vec<_>, Vec<_>) = hidden.iter().map(|(v, d)| (*v, v + d)).unzip();
			let (one, other) = (fingerprint(&one, 16), fingerprint(&other, 16));
			// Whatever change places, no value moves farther than the farthest moved.
			for (one, other) in one.iter().zip(&other) {
				prop_assert!(one.abs_diff(*other) <= 107);
			}
			prop_assert_eq!(distance(&one, &other), distance(&other, &one));
			prop_assert_eq!(distance(&one, &one), Some(0));
		}
	}
}
