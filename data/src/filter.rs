//! A small index of the rows of many batches: a Bloom filter over their leaves.
//!
//! A row that isn't in the filter is in none of the batches; one that is may still be in none: fewer
//! than 1 in 100. Certainty comes from the files of leaves. At 10 bits a row, a filter has 1/25 of their
//! size.
//!
//! The file: the eight bytes `OLFILTER`; the number of bits, `m`, a multiple of 64, as 64 bits,
//! little-endian; the bits, bit `i` being bit `i mod 8` of byte `i / 8`. A leaf, which is a hash, sets
//! seven bits `(a + i·b) mod 2⁶⁴ mod m` for `i` from 0 to 6, where `a` is its first eight bytes,
//! little-endian, and `b` the next eight.

use crate::{output::Output, Error, Hash};
use std::{
	fs::File,
	io::{Read, Write},
	path::Path,
};

const MAGIC: &[u8; 8] = b"OLFILTER";
const BITS_PER_ROW: u64 = 10;
const PROBES: u64 = 7;

/// The rows of some batches, nearly.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Filter {
	bits: Vec<u8>,
}

impl Filter {
	/// A filter with room for this many rows. More than that make it less certain.
	pub fn new(rows: u64) -> Self {
		let bits = rows.saturating_mul(BITS_PER_ROW).max(64).div_ceil(64) * 8;
		Self {
			bits: vec![0; usize::try_from(bits).unwrap_or(usize::MAX)],
		}
	}

	fn places(&self, leaf: &Hash) -> impl Iterator<Item = (usize, u8)> {
		let word = |from: usize| {
			let mut bytes = [0; 8];
			bytes.copy_from_slice(&leaf.as_bytes()[from..from + 8]);
			u64::from_le_bytes(bytes)
		};
		let (a, b, count) = (word(0), word(8), self.bits.len() as u64 * 8);
		(0..PROBES).map(move |i| {
			let bit = a.wrapping_add(i.wrapping_mul(b)) % count;
			((bit / 8) as usize, 1 << (bit % 8))
		})
	}

	/// Adds a row by its leaf.
	pub fn insert(&mut self, leaf: &Hash) {
		for (byte, bit) in self.places(leaf) {
			self.bits[byte] |= bit;
		}
	}

	/// Whether the row may be there; if not, it isn't.
	pub fn may_contain(&self, leaf: &Hash) -> bool {
		self.places(leaf)
			.all(|(byte, bit)| self.bits[byte] & bit != 0)
	}

	/// Writes the filter to a new file.
	pub fn write(&self, path: &Path) -> Result<(), Error> {
		let mut output = Output::create(path)?;
		let count = (self.bits.len() as u64 * 8).to_le_bytes();
		[&MAGIC[..], &count, &self.bits]
			.iter()
			.try_for_each(|part| output.write_all(part))
			.map_err(Error::io(path))?;
		output.finish()
	}

	/// Reads a filter.
	pub fn read(path: &Path) -> Result<Self, Error> {
		let mut file = File::open(path).map_err(Error::io(path))?;
		let (mut magic, mut count, mut bits) = ([0; 8], [0; 8], Vec::new());
		file.read_exact(&mut magic)
			.and_then(|()| file.read_exact(&mut count))
			.and_then(|()| file.read_to_end(&mut bits))
			.map_err(Error::io(path))?;
		let fits = u64::from_le_bytes(count) == bits.len() as u64 * 8;
		if magic != *MAGIC || !fits || bits.is_empty() || bits.len() % 8 != 0 {
			return Err(Error::file(path, "this is no filter, or a damaged one"));
		}
		Ok(Self { bits })
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::tree;

	#[test]
	fn rows_are_found_and_few_others() {
		let leaf = |i: u32| tree::leaf(&i.to_le_bytes());
		let mut filter = Filter::new(20_000);
		(0..20_000).for_each(|i| filter.insert(&leaf(i)));
		assert!((0..20_000).all(|i| filter.may_contain(&leaf(i))));
		let wrong = (20_000..60_000)
			.filter(|i| filter.may_contain(&leaf(*i)))
			.count();
		assert!(wrong < 400, "{wrong} of 40,000");

		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("x.filter");
		filter.write(&path).unwrap();
		assert_eq!(Filter::read(&path).unwrap(), filter);
		let bytes = std::fs::read(&path).unwrap();
		assert_eq!(bytes.len(), 16 + 25_000);
		for wrong in [&bytes[..bytes.len() - 8], &bytes[..16], &bytes[1..], b""] {
			std::fs::write(&path, wrong).unwrap();
			assert!(Filter::read(&path).is_err());
		}
	}

	#[test]
	fn the_bits_are_the_published_ones() {
		let mut filter = Filter::new(0);
		let mut leaf = Hash::zero();
		(leaf.0[0], leaf.0[8]) = (3, 10);
		filter.insert(&leaf);
		// 3, 13, 23 … 63.
		assert_eq!(filter.bits, [0x08, 0x20, 0x80, 0, 0x02, 0x08, 0x20, 0x80]);
	}
}
