//! How unlikely a token is by its logits, in integers, so that all who have the same logits have the same
//! number: no library's exponential or logarithm has a say in it.
//!
//! A logit becomes a level, as [sampling](super::sample) describes it, and a token as many levels *surprise*
//! as its own is below the highest, and the logarithm of the sum of all weights in levels besides. A weight is
//! 2^32 · e^(level - highest), rounded down; tokens that are less likely than 2^-32 weigh nothing.

use std::sync::LazyLock;

use super::sample::{highest, level, weight};

/// The natural logarithm of 2 in units of 2^-32.
const LN_2: u128 = 2_977_044_471;
/// Low bits of a level that have a table of their own.
const LOW: u32 = 8;
/// Levels below the highest from which on nothing weighs anything: 32 halvings.
const FAR: u64 = 1_453_635;

/// The weights of multiples of 2^[`LOW`] levels, and of fewer levels. A product of two, rounded down, is what
/// a token weighs.
static TABLES: LazyLock<(Vec<u64>, Vec<u64>)> = LazyLock::new(|| {
	let of = |below: u64| weight(below, 1_000);
	(
		(0..=FAR >> LOW).map(|high| of(high << LOW)).collect(),
		(0..1 << LOW).map(of).collect(),
	)
});

/// How surprising `token` is, in levels of 2^-16 nats. A token without a logit is as surprising as can be.
pub(super) fn surprise(logits: &[f32], token: u32) -> u64 {
	let at = |token: u32| usize::try_from(token).ok().and_then(|at| logits.get(at));
	let (Some(top), Some(own)) = (at(highest(logits)), at(token)) else {
		return u64::MAX;
	};
	let top = level(*top);
	let (high, low) = &*TABLES;
	let weight = |logit: &f32| {
		let below = top.abs_diff(level(*logit));
		let of = |table: &[u64], place: u64| {
			let place = usize::try_from(place).unwrap_or(usize::MAX);
			table.get(place).map_or(0, |weight| u128::from(*weight))
		};
		(of(high, below >> LOW) * of(low, below & ((1 << LOW) - 1))) >> 32
	};
	let sum = logits.iter().map(weight).sum();
	top.abs_diff(level(*own)).saturating_add(logarithm(sum))
}

/// The natural logarithm of `sum` · 2^-32 in levels, rounded down; 0 if it is less than 1.
fn logarithm(sum: u128) -> u64 {
	let Some(whole) = (sum >> 32).checked_ilog2() else {
		return 0;
	};
	// The mantissa, 1 to 2, in units of 2^-62; its square loses what is below.
	let mut mantissa = (sum << 62) >> (whole + 32);
	let mut binary = u128::from(whole);
	for _ in 0..32 {
		mantissa = (mantissa * mantissa) >> 62;
		let more = mantissa >> 63;
		mantissa >>= more;
		binary = (binary << 1) | more;
	}
	u64::try_from((binary * LN_2) >> 48).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
	use proptest::prelude::*;

	use super::{super::sample::ONE, *};

	/// The same by floating-point numbers.
	fn exact(logits: &[f32], token: usize) -> f64 {
		let sum: f64 = logits.iter().map(|logit| f64::from(*logit).exp()).sum();
		sum.ln() - f64::from(logits[token])
	}

	fn nats(levels: u64) -> f64 {
		levels as f64 / 65_536.0
	}

	#[test]
	fn logarithms() {
		let one = u128::from(ONE);
		assert_eq!(logarithm(0), 0);
		assert_eq!(logarithm(one - 1), 0);
		assert_eq!(logarithm(one), 0);
		for times in [2u32, 3, 10, 999, 49_152, 1_000_000] {
			let found = nats(logarithm(one * u128::from(times)));
			assert!(
				(found - f64::from(times).ln()).abs() < 3e-5,
				"{times}: {found}"
			);
		}
	}

	#[test]
	fn vectors() {
		// What another implementation has to give as well.
		let logits: Vec<f32> = (0..1_000).map(|n| ((n * 37) % 101) as f32 / 16.0).collect();
		let found: Vec<_> = [0, 30, 131, 500, 999]
			.map(|token| surprise(&logits, token))
			.into();
		assert_eq!(found, [743_619, 334_019, 334_019, 673_987, 342_211]);
	}

	#[test]
	fn odd_logits_are_no_trouble() {
		for logits in [
			vec![],
			vec![f32::NAN; 4],
			vec![f32::NEG_INFINITY; 4],
			vec![f32::INFINITY, f32::MIN, f32::MAX, f32::NAN],
		] {
			for token in 0..5 {
				surprise(&logits, token);
			}
		}
		assert_eq!(surprise(&[0.0; 4], 4), u64::MAX);
	}

	proptest! {
		#[test]
		fn near_the_truth(logits in prop::collection::vec(-30.0f32..30.0, 1..500), place: usize) {
			let token = place % logits.len();
			let found = nats(surprise(&logits, token as u32));
			prop_assert!((found - exact(&logits, token)).abs() < 1e-4);
		}
	}
}
