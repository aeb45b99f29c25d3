//! MinHash: short signatures of rows that are as alike as the rows are.
//!
//! The part of equal places in two signatures estimates the Jaccard similarity of the rows' sets of
//! shingles: the size of their intersection over that of their union. How a signature is made, with
//! all arithmetic on 64 bits modulo 2⁶⁴:
//!
//! 1. **Words.** The row's JSON is stripped of object keys, its strings are decoded; what isn't JSON is
//!    taken as it stands. Words are the longest runs of alphabetic and numeric characters (Unicode), in
//!    lower case.
//! 2. **Shingles.** Each five consecutive words; all words if there are fewer; the row's bytes, as one
//!    word, if there are none.
//! 3. **Hash.** Of a word, `h`: 64-bit FNV-1a of its UTF-8 bytes. Of a shingle: start with `x = 0`, and
//!    for each word `x = mix(x ^ h)`, where `mix` is the finaliser of SplitMix64: `x ^= x >> 30`,
//!    `x *= 0xbf58476d1ce4e5b9`, `x ^= x >> 27`, `x *= 0x94d049bb133111eb`, `x ^= x >> 31`; first of
//!    all, `x += 0x9e3779b97f4a7c15`.
//! 4. **Places.** A shingle falls into place `x >> 58` of 64 with the value `x mod 2³²`; a place keeps
//!    the least value (one-permutation hashing, Li, Owen, Zhang 2012).
//! 5. **Densification.** A place `p` that got no value takes the one of the nearest place that did,
//!    upwards (`p + 1`, `p + 2`, …, 63, 0, …) if bit `p` of [`DIRECTIONS`] is set, else downwards
//!    (Shrivastava, Li 2014). A value tells by itself from which place it comes: no offset is added.
//!
//! 6. **Signature.** The lowest 16 bits of each place's value, little-endian: 128 bytes (b-bit minwise
//!    hashing, Li, König 2010). Two values that differ agree in them once in 65,536 times.
//!
//! The leaf of a signature is `keccak(0x00 ‖ signature)`, one block of Keccak, and the root over the
//! leaves of all rows, in the shape of the batch's own tree, is the batch's MinHash root.

use crate::{
	text::{self, Words},
	tree, Hash,
};

/// The places of a signature.
pub const PLACES: usize = 64;

/// The words of a shingle.
pub const SHINGLE: usize = 5;

/// A row's signature.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Signature(pub [u16; PLACES]);

const fn mix(x: u64) -> u64 {
	let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
	let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
	let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
	x ^ (x >> 31)
}

const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;

const fn fnv1a(hash: u64, byte: u8) -> u64 {
	(hash ^ byte as u64).wrapping_mul(0x0000_0100_0000_01b3)
}

/// In which direction an empty place looks for a value: 64 random bits, `mix(64)`.
pub const DIRECTIONS: u64 = mix(PLACES as u64);

impl Signature {
	/// The signature of a row.
	pub fn of(row: &str) -> Self {
		let mut shingles = Shingles::default();
		text::read(row, &mut shingles);
		shingles.finish(row)
	}

	/// The part of equal places: the estimated similarity of two rows.
	pub fn similarity(&self, other: &Self) -> f64 {
		let equal = self.0.iter().zip(&other.0).filter(|(a, b)| a == b).count();
		equal as f64 / PLACES as f64
	}

	/// The 128 bytes of the signature.
	pub fn to_bytes(&self) -> [u8; PLACES * 2] {
		let mut bytes = [0; PLACES * 2];
		for (two, value) in bytes.chunks_exact_mut(2).zip(&self.0) {
			two.copy_from_slice(&value.to_le_bytes());
		}
		bytes
	}

	/// The signature's leaf in the tree under the MinHash root.
	pub fn leaf(&self) -> Hash {
		tree::leaf(&self.to_bytes())
	}
}

/// The shingles of a row, while they fall into places.
struct Shingles {
	/// The hash of the current word so far.
	word: u64,
	/// The hashes of the words before it, as a ring.
	last: [u64; SHINGLE],
	/// How many words there were.
	words: usize,
	values: [u32; PLACES],
	/// Which places have a value, bit by bit.
	filled: u64,
}

impl Default for Shingles {
	fn default() -> Self {
		Self {
			word: FNV_START,
			last: [0; SHINGLE],
			words: 0,
			values: [u32::MAX; PLACES],
			filled: 0,
		}
	}
}

impl Words for Shingles {
	#[inline]
	fn push(&mut self, character: char) {
		if character.is_ascii() {
			self.word = fnv1a(self.word, character as u8);
		} else {
			let mut bytes = [0; 4];
			let bytes = character.encode_utf8(&mut bytes).bytes();
			self.word = bytes.fold(self.word, fnv1a);
		}
	}

	#[inline]
	fn end(&mut self) {
		// One step of FNV-1a is a bijection, so that a word's hash might be the start again: one word
		// in 2⁶⁴, which then is none.
		if self.word == FNV_START {
			return;
		}
		self.last[self.words % SHINGLE] = std::mem::replace(&mut self.word, FNV_START);
		self.words += 1;
		if self.words >= SHINGLE {
			self.add(SHINGLE);
		}
	}
}

impl Shingles {
	/// Adds the shingle of the last `count` words.
	#[inline]
	fn add(&mut self, count: usize) {
		let start = self.words - count;
		let hash = (start..self.words).fold(0, |hash, word| mix(hash ^ self.last[word % SHINGLE]));
		self.fill(hash);
	}

	#[inline]
	fn fill(&mut self, hash: u64) {
		let value = &mut self.values[(hash >> 58) as usize];
		*value = (*value).min(hash as u32);
		self.filled |= 1 << (hash >> 58);
	}

	fn finish(mut self, row: &str) -> Signature {
		match self.words {
			0 => self.fill(mix(row.bytes().fold(FNV_START, fnv1a))),
			1..SHINGLE => self.add(self.words),
			_ => {}
		}
		let mut values = [0; PLACES];
		let nearest = |place: usize| {
			let place = place as u32;
			let distance = if DIRECTIONS >> place & 1 == 1 {
				self.filled.rotate_right(place).trailing_zeros()
			} else {
				self.filled
					.rotate_right((place + 1) % 64)
					.leading_zeros()
					.wrapping_neg()
			};
			(place.wrapping_add(distance) % 64) as usize
		};
		for (place, value) in values.iter_mut().enumerate() {
			*value = self.values[nearest(place)] as u16;
		}
		Signature(values)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	/// Shingles, places and densification once more, word for word.
	fn plain(row: &str) -> Signature {
		struct List(Vec<u64>, Vec<u8>);
		impl Words for List {
			fn push(&mut self, character: char) {
				self.1.extend(character.to_string().bytes());
			}
			fn end(&mut self) {
				if !self.1.is_empty() {
					self.0.push(self.1.drain(..).fold(FNV_START, fnv1a));
				}
			}
		}
		let mut list = List(Vec::new(), Vec::new());
		text::read(row, &mut list);
		if list.0.is_empty() {
			list.0.push(row.bytes().fold(FNV_START, fnv1a));
		}
		let mut places = [None; PLACES];
		for shingle in list.0.windows(SHINGLE.min(list.0.len())) {
			let hash = shingle.iter().fold(0, |hash, word| mix(hash ^ word));
			let place: &mut Option<u32> = &mut places[(hash >> 58) as usize];
			*place = Some(place.map_or(hash as u32, |value| value.min(hash as u32)));
		}
		Signature(std::array::from_fn(|place| {
			let step = if DIRECTIONS >> place & 1 == 1 {
				1
			} else {
				PLACES - 1
			};
			let mut way = (0..PLACES).map(|far| places[(place + far * step) % PLACES]);
			way.find_map(|value| value).unwrap() as u16
		}))
	}

	#[test]
	fn parts_of_the_hash_are_the_published_ones() {
		// FNV-1a of the authors' test suite; SplitMix64 from seed 0, its first output.
		assert_eq!(
			b"foobar".iter().copied().fold(FNV_START, fnv1a),
			0x8594_4171_f739_67e8
		);
		assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf);
	}

	/// Made by another program, after the description above.
	#[test]
	fn test_vectors() {
		let starts_with = |row: &str, digits: &str| {
			let signature = hex::encode(Signature::of(row).to_bytes());
			assert!(signature.starts_with(digits), "{row}: {signature}");
		};
		assert_eq!(DIRECTIONS, 0xd696_7248_fbe6_8cc3);
		starts_with(
			r#"{"text":"The quick brown fox jumps over the lazy dog."}"#,
			"d862d862bf86bf86d862d862aabbaabbd862d862aabbaabbd862d862d862aabb\
			 aabb177d177daabbaabb177d177d177d177d177daabb177d177d177d177d177d\
			 aabbaabbaabb177daabbaabb177daabb177dfd74177d177dfd74fd74fd74fd74\
			 fd74bf86d862bf86d862bf86bf86d862bf86d862d862bf86d862bf86d862d862",
		);
		starts_with(r#"{"a":"Ärger","b":42}"#, "f022f022f022f022");
		starts_with(r#"{"a":"!"}"#, "1585158515851585");
	}

	#[test]
	fn a_signature_depends_on_words_only() {
		let row = r#"{"text":"The quick brown fox jumps over the lazy dog."}"#;
		for same in [
			r#"{"text": "the QUICK brown - fox jumps, over the lazy dog"}"#,
			r#"{"body":"the quick brown\tfox\njumps over the \u006cazy dog"}"#,
			"the quick brown fox jumps over the lazy dog",
		] {
			assert_eq!(Signature::of(same), Signature::of(row), "{same}");
		}
		let other = r#"{"text":"The quick brown fox jumps over the lazy cat."}"#;
		let similarity = Signature::of(other).similarity(&Signature::of(row));
		assert!(similarity > 0.3 && similarity < 1.0, "{similarity}");
		for distinct in ["a", "a b", "b a", "a b c d", "!", "?"] {
			for other in ["b", "a b c", "a b c d e", "!!"] {
				assert_eq!(
					Signature::of(distinct).similarity(&Signature::of(other)),
					0.0
				);
			}
		}
	}

	/// The exact value that signatures estimate.
	fn jaccard(a: &[u32], b: &[u32]) -> f64 {
		use std::collections::BTreeSet;
		let set = |words: &[u32]| -> BTreeSet<Vec<u32>> {
			words.windows(SHINGLE).map(<[u32]>::to_vec).collect()
		};
		let (a, b) = (set(a), set(b));
		a.intersection(&b).count() as f64 / a.union(&b).count() as f64
	}

	#[test]
	fn the_estimate_is_unbiased() {
		use rand::{rngs::StdRng, Rng, SeedableRng};
		let mut rng = StdRng::seed_from_u64(3);
		for length in [12usize, 40, 200, 1_000] {
			let (mut error, mut squares, rounds) = (0.0, 0.0, 400);
			for _ in 0..rounds {
				let a: Vec<u32> = (0..length).map(|_| rng.gen_range(0..100_000)).collect();
				let mut b = a.clone();
				for word in &mut b {
					if rng.gen_bool(0.05) {
						*word = rng.gen_range(0..100_000);
					}
				}
				let row = |words: &[u32]| {
					let text: Vec<_> = words.iter().map(|word| format!("w{word}")).collect();
					Signature::of(&text.join(" "))
				};
				let off = row(&a).similarity(&row(&b)) - jaccard(&a, &b);
				error += off / rounds as f64;
				squares += off * off / rounds as f64;
			}
			assert!(error.abs() < 0.02, "bias {error} at {length} words");
			assert!(
				squares.sqrt() < 0.12,
				"deviation {} at {length} words",
				squares.sqrt()
			);
		}
	}

	proptest! {
		#[test]
		fn any_row_has_a_signature_and_is_like_itself(row: String) {
			let signature = Signature::of(&row);
			prop_assert_eq!(signature.similarity(&Signature::of(&row)), 1.0);
			prop_assert_eq!(signature, plain(&row));
		}

		#[test]
		fn the_fast_way_is_the_published_one(
			words in proptest::collection::vec("[a-zA-Zäß0-9]{1,4}", 0..80),
		) {
			let row = words.join(" ");
			prop_assert_eq!(Signature::of(&row), plain(&row));
		}
	}
}
