//! Random numbers by a seed.

use rand::{seq::SliceRandom, Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A source for one purpose: two purposes of one seed have nothing in common.
pub fn source(seed: u64, purpose: u64) -> ChaCha8Rng {
	let mut random = ChaCha8Rng::seed_from_u64(seed);
	random.set_stream(purpose);
	random
}

/// Normally distributed values with the standard deviation `deviation`, by Box and Muller.
pub fn normal(random: &mut ChaCha8Rng, count: usize, deviation: f64) -> Vec<f32> {
	(0..count)
		.map(|_| {
			let radius = (-2.0 * (1.0 - random.gen::<f64>()).ln()).sqrt();
			let angle = std::f64::consts::TAU * random.gen::<f64>();
			(deviation * radius * angle.cos()) as f32
		})
		.collect()
}

/// The numbers below `count` in a random order.
pub fn order(random: &mut ChaCha8Rng, count: usize) -> Vec<usize> {
	let mut order: Vec<usize> = (0..count).collect();
	order.shuffle(random);
	order
}

/// Subsets that each have half of `count` (rounded down), drawn at random.
pub fn halves(random: &mut ChaCha8Rng, count: usize, subsets: usize) -> Vec<Vec<bool>> {
	(0..subsets)
		.map(|_| {
			let mut inside = vec![false; count];
			order(random, count)[..count / 2]
				.iter()
				.for_each(|index| inside[*index] = true);
			inside
		})
		.collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn normal_values_have_their_moments() {
		let values = normal(&mut source(1, 0), 20_000, 2.0);
		let mean = values.iter().sum::<f32>() / 20_000.0;
		let variance = values.iter().map(|value| value * value).sum::<f32>() / 20_000.0;
		assert!(mean.abs() < 0.06, "{mean}");
		assert!((variance - 4.0).abs() < 0.16, "{variance}");
	}

	#[test]
	fn purposes_differ_and_seeds_repeat() {
		let of = |seed, purpose| normal(&mut source(seed, purpose), 4, 1.0);
		assert_eq!(of(1, 2), of(1, 2));
		assert_ne!(of(1, 2), of(1, 3));
		assert_ne!(of(1, 2), of(2, 2));
	}

	#[test]
	fn halves_are_halves() {
		for half in halves(&mut source(1, 0), 13, 5) {
			assert_eq!(half.iter().filter(|inside| **inside).count(), 6);
		}
	}
}
