//! Numbers of a fixed width in bits, one after the other.

/// A vector of numbers, each of the same number of bits, 1 to 32.
#[derive(Clone, Debug)]
pub(crate) struct Packed {
	bits: usize,
	len: usize,
	/// One word more than needed, so that a number can be read from two words always.
	words: Vec<u64>,
}

impl Packed {
	/// Packs `values`, none of them above `max`.
	pub(crate) fn new(values: impl ExactSizeIterator<Item = u32>, max: u32) -> Self {
		let bits = (u32::BITS - max.leading_zeros()).max(1) as usize;
		let len = values.len();
		let mut words = vec![0u64; (len * bits).div_ceil(64) + 1];
		for (index, value) in values.enumerate() {
			debug_assert!(value <= max);
			let (word, shift) = (index * bits / 64, index * bits % 64);
			words[word] |= u64::from(value) << shift;
			if shift + bits > 64 {
				words[word + 1] = u64::from(value) >> (64 - shift);
			}
		}
		Self { bits, len, words }
	}

	/// The number at `index`. Panics beyond the end.
	#[inline]
	pub(crate) fn get(&self, index: usize) -> u32 {
		debug_assert!(index < self.len);
		let (word, shift) = (index * self.bits / 64, index * self.bits % 64);
		let both = u128::from(self.words[word]) | u128::from(self.words[word + 1]) << 64;
		((both >> shift) as u64 & ((1 << self.bits) - 1)) as u32
	}

	/// How many numbers there are.
	pub(crate) fn len(&self) -> usize {
		self.len
	}

	/// The memory that they take, in bytes.
	pub(crate) fn bytes(&self) -> usize {
		self.words.len() * 8
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn nothing_and_zeros_are_packed() {
		assert_eq!(Packed::new([].into_iter(), 0).len(), 0);
		let zeros = Packed::new([0; 70].into_iter(), 0);
		assert_eq!((zeros.get(69), zeros.bytes()), (0, 24));
	}

	proptest! {
		#[test]
		fn what_is_packed_is_read(
			bits in 1u32..=32,
			values in prop::collection::vec(any::<u32>(), 0..200)
		) {
			let max = u32::MAX >> (32 - bits);
			let values: Vec<u32> = values.into_iter().map(|value| value & max).collect();
			let packed = Packed::new(values.iter().copied(), max);
			let read: Vec<u32> = (0..packed.len()).map(|index| packed.get(index)).collect();
			prop_assert_eq!(read, values);
		}
	}
}
