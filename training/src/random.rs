//! Random numbers that are the same everywhere: ChaCha8 by seed and purpose, and nothing of another
//! library's choosing on top.

use rand_chacha::{
	rand_core::{RngCore, SeedableRng},
	ChaCha8Rng,
};

/// What a stream of random numbers is for. Streams of one seed are independent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
	/// The first values of an adapter.
	Adapter,
	/// The order of the rows in an epoch, counted from 0.
	Order(u32),
	/// The projection of a layer's gradients.
	Projection(u32),
}

/// A stream of random numbers.
#[derive(Debug, Clone)]
pub struct Stream(ChaCha8Rng);

impl Stream {
	/// The stream of a seed for a purpose.
	pub fn new(seed: u64, purpose: Purpose) -> Self {
		let mut rng = ChaCha8Rng::seed_from_u64(seed);
		rng.set_stream(match purpose {
			Purpose::Adapter => 1 << 32,
			Purpose::Order(epoch) => (2 << 32) | u64::from(epoch),
			Purpose::Projection(layer) => (3 << 32) | u64::from(layer),
		});
		Self(rng)
	}

	/// 64 random bits.
	pub fn bits(&mut self) -> u64 {
		self.0.next_u64()
	}

	/// A number below `bound`, which must not be 0, each as likely.
	pub fn below(&mut self, bound: u64) -> u64 {
		// What is above the last whole multiple of the bound would favour small numbers.
		let excess = (u64::MAX % bound + 1) % bound;
		loop {
			let bits = self.bits();
			if bits <= u64::MAX - excess {
				return bits % bound;
			}
		}
	}

	/// A number in `-1..1`, from 53 bits.
	pub fn symmetric(&mut self) -> f64 {
		(self.bits() >> 11) as f64 * (-52f64).exp2() - 1.0
	}

	/// `0..count` in random order (Fisher and Yates, from the end).
	pub fn permutation(&mut self, count: usize) -> Vec<usize> {
		let mut order: Vec<usize> = (0..count).collect();
		for last in (1..count).rev() {
			order.swap(last, self.below(last as u64 + 1) as usize);
		}
		order
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn permutations_are_known() {
		let order = |seed, epoch| Stream::new(seed, Purpose::Order(epoch)).permutation(8);
		assert_eq!(order(7, 0), order(7, 0));
		assert_ne!(order(7, 0), order(7, 1));
		assert_ne!(order(7, 0), order(8, 0));
		let mut sorted = order(7, 0);
		sorted.sort_unstable();
		assert_eq!(sorted, (0..8).collect::<Vec<_>>());
		assert!(Stream::new(0, Purpose::Order(0)).permutation(0).is_empty());
	}

	#[test]
	fn numbers_are_fair() {
		let mut stream = Stream::new(1, Purpose::Adapter);
		let mut counts = [0u32; 3];
		for _ in 0..3_000 {
			counts[stream.below(3) as usize] += 1;
		}
		assert!(counts.iter().all(|count| (900..1_100).contains(count)));
		let mean = (0..10_000).map(|_| stream.symmetric()).sum::<f64>() / 10_000.0;
		assert!(mean.abs() < 0.03, "{mean}");
		assert!((0..1_000).all(|_| (-1.0..1.0).contains(&stream.symmetric())));
	}
}
