//! The one rule by which scores become integers, before they leave an operator.
//!
//! A score is multiplied by 1,000,000 and rounded to the nearest integer, halves away from zero: both
//! steps are exact operations of IEEE 754, so that equal scores give equal integers on every machine, and
//! opposite scores opposite ones. Negative zero is zero. What is beyond 64 bits becomes the largest
//! integer of its sign, [`MAX`] or −[`MAX`].
//!
//! What is not a number, or infinite, is refused and not set to zero: it comes from a computation that
//! failed. A trainer should refuse a document whose gradient is not finite, or else that one document
//! keeps all others from being paid.

use crate::Error;

/// How many integer units a score of 1 has.
pub const UNIT: f64 = 1e6;

/// The largest magnitude.
pub const MAX: i64 = i64::MAX;

/// A score in millionths. Fails with [`Error::NotFinite`].
pub fn millionths(score: f64) -> Result<i64, Error> {
	if !score.is_finite() {
		return Err(Error::NotFinite("a score"));
	}
	// The conversion saturates; the least integer has no opposite.
	Ok(((score * UNIT).round() as i64).max(-MAX))
}

/// All scores in millionths. Fails with [`Error::NotFinite`] if one of them is not finite.
pub fn all<'a>(scores: impl IntoIterator<Item = &'a f64>) -> Result<Vec<i64>, Error> {
	scores.into_iter().map(|score| millionths(*score)).collect()
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn halves_go_away_from_zero() {
		// 2⁻⁷ is 7812.5 millionths.
		assert_eq!(millionths(0.007_812_5), Ok(7_813));
		assert_eq!(millionths(-0.007_812_5), Ok(-7_813));
		assert_eq!(millionths(0.000_000_4), Ok(0));
		assert_eq!(millionths(-0.0), Ok(0));
		assert_eq!(millionths(1.5), Ok(1_500_000));
	}

	#[test]
	fn the_largest_saturate() {
		assert_eq!(millionths(1e13), Ok(MAX));
		assert_eq!(millionths(-1e13), Ok(-MAX));
		assert_eq!(millionths(f64::MAX), Ok(MAX), "infinite after scaling");
		assert_eq!(millionths(f64::MIN), Ok(-MAX));
		assert_eq!(millionths(9e12), Ok(9_000_000_000_000_000_000));
	}

	#[test]
	fn what_is_not_finite_is_refused() {
		for score in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
			assert!(millionths(score).is_err());
			assert!(all(&[1.0, score]).is_err());
		}
		assert_eq!(all(&[]), Ok(vec![]));
		assert_eq!(all(&[1.0, -2.0]), Ok(vec![1_000_000, -2_000_000]));
	}

	proptest! {
		#[test]
		fn opposite_scores_are_opposite(score in prop::num::f64::NORMAL) {
			prop_assert_eq!(millionths(-score), millionths(score).map(|value| -value));
		}

		#[test]
		fn the_order_is_kept(a in -1e14f64..1e14, b in -1e14f64..1e14) {
			let (low, high) = (a.min(b), a.max(b));
			prop_assert!(millionths(low).unwrap() <= millionths(high).unwrap());
		}
	}
}
