//! Exponential decay in integer arithmetic: the same on every machine.

use sp_core::U256;

/// `2^(-i/64)` for `i` in `0..=64`, as fractions of 2^64, rounded down; the first is 2^64 - 1.
///
/// From one of these points to the next the value falls by 1.1 %; in between it is interpolated
/// linearly, with an error of under 0.002 %.
const STEPS: [u64; 65] = steps();

/// The integer square root of a `u128`, rounded down.
const fn isqrt(n: u128) -> u128 {
	let (mut low, mut high) = (0u128, 1u128 << 64);
	while high - low > 1 {
		let mid = low + (high - low) / 2;
		// `mid` is below 2^64, so its square cannot overflow.
		if mid * mid <= n {
			low = mid;
		} else {
			high = mid;
		}
	}
	low
}

/// Builds [`STEPS`] by repeated square roots: 2^(-1/2), 2^(-1/4), … and products of these.
const fn steps() -> [u64; 65] {
	// roots[k] = 2^(-1/2^(k+1)) × 2^64
	let mut roots = [0u128; 6];
	let mut root: u128 = 1 << 63;
	let mut k = 0;
	while k < 6 {
		root = isqrt(root << 64);
		roots[k] = root;
		k += 1;
	}
	let mut table = [0u64; 65];
	let mut i = 0;
	while i < 65 {
		let mut value: u128 = if i == 64 { 1 << 63 } else { u64::MAX as u128 };
		let mut bit = 0;
		while bit < 6 {
			// Bit 5 of i stands for a half, bit 4 for a quarter, and so on.
			if i != 64 && (i >> (5 - bit)) & 1 == 1 {
				value = (value * roots[bit]) >> 64;
			}
			bit += 1;
		}
		table[i] = value as u64;
		i += 1;
	}
	table
}

/// What is left of `value` after `elapsed`, when half is left after each `half_life`. Both in the
/// same unit of time. Rounded down, so it never grows; a half-life of zero leaves nothing.
pub fn decay(value: u128, elapsed: u64, half_life: u64) -> u128 {
	if elapsed == 0 {
		return value;
	}
	let Some(halvings) = elapsed
		.checked_div(half_life)
		.and_then(|n| u32::try_from(n).ok())
	else {
		return 0;
	};
	let Some(halved) = value.checked_shr(halvings) else {
		return 0;
	};
	match factor(elapsed, half_life) {
		None => halved,
		// The product is below 2^192.
		Some(factor) => {
			u128::try_from(U256::from(halved).saturating_mul(factor.into()) >> 64).unwrap_or(0)
		}
	}
}

/// What must have been there `elapsed` ago for `value` to be left now: undoes [`decay`]. Rounded
/// down, so decaying it again gives `value` or one less, never more.
///
/// `None` beyond `u128`, or if the half-life is zero.
pub fn grow(value: u128, elapsed: u64, half_life: u64) -> Option<u128> {
	if elapsed == 0 || value == 0 {
		return Some(value);
	}
	let doublings = u32::try_from(elapsed.checked_div(half_life)?).ok()?;
	let grown = match factor(elapsed, half_life) {
		None => U256::from(value),
		Some(factor) => (U256::from(value) << 64).checked_div(factor.into())?,
	};
	let grown = u128::try_from(grown).ok()?;
	// A shift that loses bits is beyond `u128`.
	grown
		.checked_shl(doublings)
		.filter(|doubled| doubled >> doublings == grown)
}

/// What is left of 2^64 after the part of `elapsed` that goes beyond whole half-lives; `None` if
/// nothing does, or the half-life is zero. From 2^63 to below 2^64, never rising with `elapsed`.
fn factor(elapsed: u64, half_life: u64) -> Option<u128> {
	let rest = elapsed.checked_rem(half_life).filter(|rest| *rest > 0)?;
	// Position within the half-life in 64ths, and within that step as a fraction of `half_life`.
	let scaled = u128::from(rest).saturating_mul(64);
	let step = scaled.checked_div(half_life.into())?;
	let fraction = scaled.checked_rem(half_life.into())?;
	let at = |i: u128| {
		usize::try_from(i)
			.ok()
			.and_then(|i| STEPS.get(i))
			.copied()
			.unwrap_or(0)
	};
	let (upper, lower) = (u128::from(at(step)), u128::from(at(step.saturating_add(1))));
	let fall = upper
		.saturating_sub(lower)
		.saturating_mul(fraction)
		.checked_div(half_life.into())?;
	Some(upper.saturating_sub(fall))
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn whole_half_lives_halve_exactly() {
		assert_eq!(decay(1_000, 0, 90), 1_000);
		assert_eq!(decay(1_000, 90, 90), 500);
		assert_eq!(decay(1_000, 180, 90), 250);
		assert_eq!(decay(u128::MAX, 90 * 127, 90), 1);
		assert_eq!(decay(u128::MAX, 90 * 128, 90), 0);
		assert_eq!(decay(u128::MAX, u64::MAX, 1), 0);
		assert_eq!(decay(5, 1, 0), 0);
	}

	#[test]
	fn between_half_lives_it_follows_the_curve() {
		let value = 10u128.pow(24);
		for elapsed in 1..900u64 {
			let expected = 1e24 * 0.5f64.powf(elapsed as f64 / 300.0);
			let error = (decay(value, elapsed, 300) as f64 - expected).abs() / expected;
			assert!(error < 2e-5, "{elapsed}: off by {error}");
		}
	}

	#[test]
	fn growing_undoes_decay() {
		assert_eq!(grow(1_000, 0, 90), Some(1_000));
		assert_eq!(grow(1_000, 90, 90), Some(2_000));
		assert_eq!(grow(1_000, 180, 90), Some(4_000));
		assert_eq!(grow(707, 45, 90), Some(999));
		assert_eq!(grow(1, 90 * 127, 90), Some(1 << 127));
		assert_eq!(grow(1, 90 * 128, 90), None);
		assert_eq!(grow(2, 90 * 127, 90), None);
		assert_eq!(grow(u128::MAX, 1, 90), None);
		assert_eq!(grow(0, u64::MAX, 1), Some(0));
		assert_eq!(grow(5, 1, 0), None);
	}

	proptest! {
		#[test]
		fn growing_and_decaying_loses_one_at_most(
			value in 0u128..1 << 100,
			elapsed in 0u64..2_000,
			half_life in 90u64..100_000_000
		) {
			let grown = grow(value, elapsed, half_life).unwrap();
			let back = decay(grown, elapsed, half_life);
			prop_assert!(back == value || back.checked_add(1) == Some(value));
		}

		#[test]
		fn splitting_a_value_gains_nothing(
			a in 0u128..1 << 120,
			b in 0u128..1 << 120,
			elapsed in 0u64..1_000,
			half_life in 300u64..100_000_000
		) {
			let decayed = |value| decay(value, elapsed, half_life);
			prop_assert!(decayed(a) + decayed(b) <= decayed(a + b));
			let grown = |value| grow(value, elapsed, half_life).unwrap();
			prop_assert!(grown(a) + grown(b) <= grown(a + b));
		}

		#[test]
		fn it_never_grows_with_time(value: u128, a: u64, b: u64, half_life: u64) {
			let (early, late) = (a.min(b), a.max(b));
			prop_assert!(decay(value, late, half_life) <= decay(value, early, half_life));
			prop_assert!(decay(value, early, half_life) <= value);
		}

		#[test]
		fn it_keeps_the_order_of_values(a: u128, b: u128, elapsed: u64, half_life: u64) {
			let (small, large) = (a.min(b), a.max(b));
			prop_assert!(decay(small, elapsed, half_life) <= decay(large, elapsed, half_life));
		}
	}
}
