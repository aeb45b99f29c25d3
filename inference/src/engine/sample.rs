//! How a token is chosen from its logits, so that all who have the same logits choose the same.
//!
//! *Greedy* takes the largest logit, of equal ones that of the smallest token.
//!
//! *Seeded* computes in integers from the logits on. A logit becomes a level, the nearest multiple of
//! 2^-16, half away from zero. Tokens are ranked by level descending, then by number. Of the first `top_k`,
//! each has the weight 2^32 · e^((level - highest) / temperature), rounded down at every step; those stay
//! that are needed to reach `top_p` of the sum of the weights. The draw for token number n of the answer
//! (from 0) is the first 8 bytes, little-endian, of SHA-256 over `openledger/draw`, the seed and n as
//! 4 bytes little-endian. That draw, as a part of 2^64, of the sum of the weights that stay falls on one
//! token, as they lie side by side by number.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::hash::Hash256;

/// How far the difference of two logits may differ among honest runs, in levels: 2^-5. One prefill against
/// many decoding steps differs by 10^-4 with 32-bit weights and activations, and by half of this with 8 and
/// 16 bits, where a last digit decides which way an activation is rounded.
pub(super) const NEAR: i64 = 2_048;
/// How many more candidates than can be chosen are looked at for ties with the last of them.
const TIED: usize = 64;
/// Parts of a sum are compared in billionths.
const BILLION: u128 = 1_000_000_000;

/// How many levels there are to a logit.
const LEVELS: f64 = 65_536.0;
/// The weight of the highest logit.
pub(super) const ONE: u64 = 1 << 32;
/// The binary logarithm of e in units of 2^-32.
const LOG2_E: u128 = 6_196_328_019;
/// 2^(-1/2), 2^(-1/4), 2^(-1/8) and so on in units of 2^-32.
const ROOTS: [u64; 32] = {
	let mut roots = [0; 32];
	let mut root = ONE / 2;
	let mut i = 0;
	while i < roots.len() {
		root = (root << 32).isqrt();
		roots[i] = root;
		i += 1;
	}
	roots
};

/// How tokens are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Sampler {
	/// The most likely one.
	Greedy,
	/// At random, by a stream of numbers that everybody can repeat.
	Seeded {
		/// Begins the stream.
		seed: Hash256,
		/// What the logits are divided by, in thousandths, 1 to 100,000.
		temperature: u32,
		/// How many of the most likely tokens can be chosen, at least 1.
		top_k: u32,
		/// Of these only so many of the most likely as have this probability together, in millionths, 1 to
		/// 1,000,000.
		top_p: u32,
	},
}

/// Whether a token is what a sampler takes from recomputed logits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
	/// It is.
	Exact,
	/// It would be if the logits were different by no more than honest runs differ.
	Near,
	/// It isn't.
	None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Candidate {
	token: u32,
	level: i64,
	weight: u64,
}

impl Sampler {
	/// What is wrong with the settings, as a sentence.
	pub fn check(&self) -> Result<(), String> {
		let Self::Seeded {
			temperature,
			top_k,
			top_p,
			..
		} = self
		else {
			return Ok(());
		};
		if !(1..=100_000).contains(temperature) {
			return Err("temperature is not in 1..=100000 thousandths".into());
		}
		if *top_k == 0 {
			return Err("top_k is zero".into());
		}
		if !(1..=1_000_000).contains(top_p) {
			return Err("top_p is not in 1..=1000000 millionths".into());
		}
		Ok(())
	}

	/// Token number `index` of an answer. `logits` has one for each token, at least one.
	pub fn take(&self, logits: &[f32], index: u32) -> u32 {
		match self {
			Self::Greedy => highest(logits),
			Self::Seeded { seed, .. } => {
				let mut ranked = self.ranked(logits, 0);
				ranked.truncate(self.stay(&ranked));
				on_draw(ranked, draw(seed, index))
			}
		}
	}

	/// Whether `token` is what [`take`](Self::take) gives, or might give on another machine.
	pub fn agrees(&self, logits: &[f32], index: u32, token: u32) -> Agreement {
		if self.take(logits, index) == token {
			return Agreement::Exact;
		}
		let near = match self {
			Self::Greedy => logits
				.get(usize::try_from(token).unwrap_or(usize::MAX))
				.is_some_and(|logit| {
					level(*logit) + NEAR >= level(logits[highest(logits) as usize])
				}),
			Self::Seeded { seed, .. } => self.is_near(logits, draw(seed, index), token),
		};
		if near {
			Agreement::Near
		} else {
			Agreement::None
		}
	}

	/// Whether the draw might fall on the token, with or without those of which it isn't certain that they
	/// stay.
	fn is_near(&self, logits: &[f32], draw: u64, token: u32) -> bool {
		let Self::Seeded {
			temperature, top_p, ..
		} = self
		else {
			return false;
		};
		let ranked = self.ranked(logits, TIED);
		let stay = self.stay(&ranked);
		let slack = slack(*temperature);
		let wanted = u128::from(*top_p) * 1_000;
		let all = sum(&ranked[..self.most(&ranked)]).max(1);
		let cut = ranked[stay - 1].level;
		let mut before = 0;
		let mut possible: Vec<(Candidate, bool)> = Vec::new();
		for (place, candidate) in ranked.iter().enumerate() {
			let tied = candidate.level.abs_diff(cut) <= NEAR.unsigned_abs();
			let reached = (before * BILLION / all).abs_diff(wanted) <= slack;
			if place < stay || tied || reached {
				possible.push((*candidate, place < stay && !tied && !reached));
			}
			before += u128::from(candidate.weight);
		}
		possible.sort_unstable_by_key(|(candidate, _)| candidate.token);

		// As far down and as far up as the token can lie.
		let (mut least, mut most) = (0, 0);
		let mut found = None;
		for (candidate, certain) in possible {
			let weight = u128::from(candidate.weight);
			if candidate.token == token {
				found = Some((least, most + weight));
			}
			most += weight;
			if certain || candidate.token == token {
				least += weight;
			}
		}
		let Some((start, end)) = found else {
			return false;
		};
		let place = (u128::from(draw) * BILLION) >> 64;
		let part = |of: u128, sum: u128| of * BILLION / sum.max(1);
		place + slack >= part(start, most) && place <= part(end, least) + slack
	}

	/// Those that `top_k` lets through, and `more`, by rank.
	fn ranked(&self, logits: &[f32], more: usize) -> Vec<Candidate> {
		let (temperature, top_k) = match self {
			Self::Greedy => (1_000, 1),
			Self::Seeded {
				temperature, top_k, ..
			} => (*temperature, *top_k),
		};
		let mut ranked: Vec<_> = (0u32..)
			.zip(logits)
			.map(|(token, logit)| Candidate {
				token,
				level: level(*logit),
				weight: 0,
			})
			.collect();
		let rank = |candidate: &Candidate| (Reverse(candidate.level), candidate.token);
		let count = usize::try_from(top_k)
			.unwrap_or(usize::MAX)
			.saturating_add(more)
			.min(ranked.len());
		if count < ranked.len() {
			ranked.select_nth_unstable_by_key(count, rank);
			ranked.truncate(count);
		}
		ranked.sort_unstable_by_key(rank);
		let highest = ranked.first().map_or(0, |first| first.level);
		for candidate in &mut ranked {
			candidate.weight = weight(highest.abs_diff(candidate.level), temperature);
		}
		ranked
	}

	/// How many of the ranked `top_k` lets through.
	fn most(&self, ranked: &[Candidate]) -> usize {
		match self {
			Self::Greedy => 1,
			Self::Seeded { top_k, .. } => usize::try_from(*top_k)
				.unwrap_or(usize::MAX)
				.min(ranked.len()),
		}
	}

	/// How many of the ranked stay, at least one.
	fn stay(&self, ranked: &[Candidate]) -> usize {
		let most = self.most(ranked);
		let Self::Seeded { top_p, .. } = self else {
			return most;
		};
		let wanted = sum(&ranked[..most]) * u128::from(*top_p);
		let mut reached = 0;
		for (place, candidate) in ranked[..most].iter().enumerate() {
			reached += u128::from(candidate.weight) * 1_000_000;
			if reached >= wanted {
				return place + 1;
			}
		}
		most
	}
}

/// By how much a part of the sum of the weights may differ among honest runs, in billionths.
fn slack(temperature: u32) -> u128 {
	let near = u128::from(NEAR.unsigned_abs()) * BILLION / 65_536;
	(near * 1_000 / u128::from(temperature.max(1))).min(BILLION)
}

fn sum(candidates: &[Candidate]) -> u128 {
	candidates
		.iter()
		.map(|candidate| u128::from(candidate.weight))
		.sum()
}

pub(super) fn highest(logits: &[f32]) -> u32 {
	let mut best = (0, f32::NEG_INFINITY);
	for (token, logit) in (0u32..).zip(logits) {
		if *logit > best.1 {
			best = (token, *logit);
		}
	}
	best.0
}

/// The nearest multiple of 2^-16, half away from zero.
pub(super) fn level(logit: f32) -> i64 {
	// Far inside of i64, so that differences don't overflow.
	((f64::from(logit) * LEVELS).round() as i64).clamp(-(1 << 48), 1 << 48)
}

/// 2^32 · e^(-below / temperature), with `below` in levels and `temperature` in thousandths.
pub(super) fn weight(below: u64, temperature: u32) -> u64 {
	let halvings = ((u128::from(below) * 1_000 * LOG2_E) / u128::from(temperature.max(1))) >> 16;
	let Ok(whole) = u32::try_from(halvings >> 32) else {
		return 0;
	};
	if whole > 32 {
		return 0;
	}
	let mut weight = ONE;
	for (place, root) in ROOTS.iter().enumerate() {
		if halvings & (1 << (31 - place)) != 0 {
			weight = (weight * root) >> 32;
		}
	}
	weight >> whole
}

fn draw(seed: &Hash256, index: u32) -> u64 {
	let mut hasher = Sha256::new();
	hasher.update(b"openledger/draw");
	hasher.update(seed.0);
	hasher.update(index.to_le_bytes());
	let hash: [u8; 32] = hasher.finalize().into();
	let mut first = [0; 8];
	first.copy_from_slice(&hash[..8]);
	u64::from_le_bytes(first)
}

/// The token that the draw falls on.
fn on_draw(mut candidates: Vec<Candidate>, draw: u64) -> u32 {
	let place = (u128::from(draw) * sum(&candidates)) >> 64;
	candidates.sort_unstable_by_key(|candidate| candidate.token);
	let mut end = 0;
	for candidate in &candidates {
		end += u128::from(candidate.weight);
		if place < end {
			return candidate.token;
		}
	}
	// There always is one: the place is less than the sum, and the highest weighs more than nothing.
	0
}

#[cfg(test)]
mod tests {
	use proptest::prelude::*;

	use super::*;

	fn seeded(temperature: u32, top_k: u32, top_p: u32) -> Sampler {
		Sampler::Seeded {
			seed: Hash256([7; 32]),
			temperature,
			top_k,
			top_p,
		}
	}

	#[test]
	fn greedy_takes_the_first_of_the_largest() {
		let logits = [2.96, 3.0, 3.0, 2.97];
		assert_eq!(Sampler::Greedy.take(&logits, 0), 1);
		assert_eq!(Sampler::Greedy.agrees(&logits, 0, 1), Agreement::Exact);
		assert_eq!(Sampler::Greedy.agrees(&logits, 0, 2), Agreement::Near);
		assert_eq!(Sampler::Greedy.agrees(&logits, 0, 3), Agreement::Near);
		assert_eq!(Sampler::Greedy.agrees(&logits, 0, 0), Agreement::None);
		assert_eq!(Sampler::Greedy.agrees(&logits, 0, 99), Agreement::None);
	}

	#[test]
	fn weights_are_exponentials() {
		assert_eq!(ROOTS[0], 3_037_000_499);
		assert_eq!(weight(0, 1_000), ONE);
		for (below, temperature) in [
			(1, 1_000),
			(65_536, 1_000),
			(300_000, 700),
			(65_536, 5_000),
			(1 << 20, 900),
		] {
			let exact =
				ONE as f64 * (-(below as f64) / 65_536.0 * 1_000.0 / f64::from(temperature)).exp();
			let found = weight(below, temperature) as f64;
			assert!(
				(found - exact).abs() < 40.0,
				"{below} {temperature}: {found} {exact}"
			);
		}
		assert_eq!(weight(1 << 40, 1), 0);
		assert_eq!(weight(1 << 49, 1), 0);
	}

	#[test]
	fn vectors() {
		// What another implementation has to give as well.
		let logits: Vec<f32> = (0..1_000).map(|n| ((n * 37) % 101) as f32 / 16.0).collect();
		let taken = |sampler: Sampler| (0..8).map(|n| sampler.take(&logits, n)).collect::<Vec<_>>();
		assert_eq!(draw(&Hash256([7; 32]), 0), 6_713_775_581_483_652_150);
		assert_eq!(
			taken(seeded(1_000, 1_000, 1_000_000)),
			[363, 600, 139, 733, 900, 453, 139, 98]
		);
		assert_eq!(
			taken(seeded(700, 40, 950_000)),
			[333, 565, 131, 696, 898, 434, 131, 90]
		);
		assert_eq!(
			taken(seeded(300, 5, 500_000)),
			[131, 131, 30, 232, 232, 131, 30, 30]
		);
	}

	#[test]
	fn tokens_come_as_often_as_they_are_likely() {
		// e^2 : e^1 : 1, and one that is never let through.
		let logits = [0.0, 2.0, -1.0, 1.0];
		let sampler = seeded(1_000, 3, 1_000_000);
		let mut counts = [0f64; 4];
		for n in 0..20_000 {
			counts[sampler.take(&logits, n) as usize] += 1.0;
		}
		assert_eq!(counts[2], 0.0);
		let all = 2f64.exp() + 1f64.exp() + 1.0;
		for (token, likely) in [(0, 1.0), (1, 2f64.exp()), (3, 1f64.exp())] {
			let expected = 20_000.0 * likely / all;
			assert!(
				(counts[token] - expected).abs() < 4.0 * expected.sqrt(),
				"{counts:?}"
			);
		}
		// 0.665 + 0.245 of the probability: the third isn't needed for 0.9, and is for 0.92.
		let reaches = |top_p| (0..2_000).any(|n| seeded(1_000, 3, top_p).take(&logits, n) == 0);
		assert!(!reaches(900_000) && reaches(920_000));
		// The first alone.
		assert!((0..2_000).all(|n| seeded(1_000, 3, 1).take(&logits, n) == 1));
		assert!((0..2_000).all(|n| seeded(1_000, 1, 1_000_000).take(&logits, n) == 1));
		// Cold is greedy.
		assert!((0..2_000).all(|n| seeded(1, 3, 1_000_000).take(&logits, n) == 1));
	}

	#[test]
	fn settings_have_bounds() {
		assert_eq!(Sampler::Greedy.check(), Ok(()));
		assert_eq!(seeded(1, 1, 1).check(), Ok(()));
		assert_eq!(seeded(100_000, u32::MAX, 1_000_000).check(), Ok(()));
		for bad in [
			seeded(0, 1, 1),
			seeded(100_001, 1, 1),
			seeded(1, 0, 1),
			seeded(1, 1, 0),
			seeded(1, 1, 1_000_001),
		] {
			assert!(bad.check().is_err());
		}
	}

	#[test]
	fn odd_logits_are_no_trouble() {
		for logits in [
			vec![f32::NAN; 4],
			vec![f32::NEG_INFINITY; 4],
			vec![f32::INFINITY, f32::MIN, f32::MAX, f32::NAN],
		] {
			for sampler in [
				Sampler::Greedy,
				seeded(1, 2, 500_000),
				seeded(100_000, 9, 1_000_000),
			] {
				assert!(sampler.take(&logits, 3) < 4);
				for token in 0..5 {
					sampler.agrees(&logits, 3, token);
				}
			}
		}
	}

	proptest! {
		/// Another machine's logits, no more different than is allowed, never make an honest token look
		/// wrong; and a token that is unlikely by far always does.
		#[test]
		fn honest_tokens_agree_and_others_do_not(
			logits in prop::collection::vec((-12.0f32..12.0, -0.015f32..0.015), 8..300),
			temperature in 200u32..2_000,
			top_k in 1u32..60,
			top_p in 100_000u32..=1_000_000,
			index in 0u32..1_000,
		) {
			let (one, other): (Vec<f32>, Vec<f32>) = logits.iter().map(|(l, d)| (*l, l + d)).unzip();
			for sampler in [Sampler::Greedy, seeded(temperature, top_k, top_p)] {
				let token = sampler.take(&one, index);
				prop_assert_eq!(sampler.agrees(&one, index, token), Agreement::Exact);
				prop_assert_ne!(sampler.agrees(&other, index, token), Agreement::None);
				let worst = (0u32..).zip(&one).min_by(|a, b| a.1.total_cmp(b.1)).unwrap();
				if one[highest(&one) as usize] - worst.1 > 15.0 && top_k < 8 && one.len() > 80 {
					prop_assert_eq!(sampler.agrees(&other, index, worst.0), Agreement::None);
				}
			}
		}
	}
}
