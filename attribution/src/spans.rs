//! Which parts of an answer stand verbatim in a Datanet, and where.
//!
//! The [`Index`] is a suffix array over all documents' tokens. For each place of an answer it finds the
//! longest run of tokens that occurs in some document; of these, the maximal ones are kept: those that
//! are not part of another. Runs never cross the end of a document.
//!
//! # Memory
//!
//! Tokens are renumbered without gaps, and both they and the suffix array are packed to as many bits as
//! their largest value needs: at 10 million tokens of 50,000 kinds 16 + 24 bits, 5 bytes a token. Each
//! distinct token takes 8 bytes more and each document 4 and a separator. Up to 2²⁴ tokens, the index
//! stays below 7 bytes a token if there are at most 65,535 kinds, at least 16 tokens a kind and at least
//! 8 tokens a document. While it is built it takes some 12 bytes a token more.
//!
//! # Time
//!
//! A query takes at most m searches of log₂ n comparisons of at most ℓ tokens each, where m is the length
//! of the answer and ℓ that of its longest span; a corpus of one token repeated, with an answer of the
//! same, is the worst case. The bound on [places](Rules::max_places) is what keeps common spans cheap.
//!
//! # Rarity
//!
//! Spans are ranked by their *surprise*, Σ log₂ (n / count of the token): the negated unigram
//! log-probability by which OLMoTrace selects spans. How often the span itself occurs would be the
//! wrong measure: in a Datanet of ordinary size, almost every run of six common words is unique, and yet
//! says nothing about where it comes from. [`Index::chance`] tells the surprise from which on a span
//! is not to be expected by chance.
//!
//! Surprise is a fixed-point number made by integer arithmetic only, because floating-point logarithms
//! differ between platforms.

use std::{cmp::Ordering, collections::BTreeMap, ops::Range};

use libsais::SuffixArrayConstruction;
use serde::{Deserialize, Serialize};

use crate::{packed::Packed, Error};

/// One bit of surprise.
pub const BIT: u64 = 1 << FRACTION;

/// The fractional bits of a surprise.
const FRACTION: u32 = 16;

/// What separates documents.
const SEPARATOR: u32 = 0;

/// A token of an answer that is in no document: larger than any of the index's.
const UNKNOWN: u32 = u32::MAX;

/// Where a span occurs.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Place {
	/// The document, counted from 0 in the order in which they were indexed.
	pub document: u32,
	/// Its first token in the document, from 0.
	pub offset: u32,
}

/// A run of an answer's tokens that occurs in at least one document.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Span {
	/// Its first token in the answer, from 0.
	pub start: usize,
	/// How many tokens it has.
	pub tokens: usize,
	/// How unlikely its tokens are, in 2⁻¹⁶ bits (see [`BIT`]).
	pub surprise: u64,
	/// How often it occurs, in all documents together.
	pub count: usize,
	/// Where: all places, ascending, or as many as were asked for.
	pub places: Vec<Place>,
}

/// Which spans are wanted.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Rules {
	/// The least surprise, in 2⁻¹⁶ bits. See [`Index::chance`].
	pub min_surprise: u64,
	/// The most spans: the rarest are kept.
	pub max_spans: usize,
	/// The most places of each span. If it occurs more often, places are taken at equal distances from
	/// the suffix array: by no chance, and without favour to what follows on the span.
	pub max_places: usize,
}

impl Rules {
	/// All spans with all their places.
	pub const ALL: Self = Self {
		min_surprise: 0,
		max_spans: usize::MAX,
		max_places: usize::MAX,
	};
}

/// The tokens of a Datanet, to search for spans.
#[derive(Clone, Debug)]
pub struct Index {
	/// The distinct tokens, ascending. A token's number is its place here, from 1.
	vocabulary: Vec<u32>,
	/// Where the suffixes that begin with each token start in `suffixes`; at last its length.
	starts: Vec<u32>,
	/// All documents, each followed by a separator.
	text: Packed,
	/// The suffixes in their order, without those that begin with a separator.
	suffixes: Packed,
	/// Where each document starts in `text`.
	documents: Vec<u32>,
}

impl Index {
	/// Indexes `documents`.
	///
	/// Suffixes are sorted by libsais' entry for integer alphabets, of 32 bits: the one that takes
	/// vocabularies above 65,536, and half the memory of the one of 64. Fails with
	/// [`Error::TooLong`] above 2³¹ − 1 tokens and documents.
	pub fn new<Document: AsRef<[u32]>>(documents: &[Document]) -> Result<Self, Error> {
		let tokens = || documents.iter().flat_map(|document| document.as_ref());
		let length = tokens().count() + documents.len();
		if i32::try_from(length).is_err() {
			return Err(Error::TooLong(length));
		}
		let vocabulary = distinct(tokens().copied().collect());
		let mut starts = vec![0u32; vocabulary.len() + 1];
		let mut text = Vec::with_capacity(length);
		let mut firsts = Vec::with_capacity(documents.len());
		for document in documents {
			firsts.push(text.len() as u32);
			for token in document.as_ref() {
				let number = number(&vocabulary, *token);
				starts[number as usize] += 1;
				text.push(number as i32);
			}
			text.push(SEPARATOR as i32);
		}
		for index in 1..starts.len() {
			starts[index] += starts[index - 1];
		}
		let sorted = sort(&mut text)?;
		Ok(Self {
			suffixes: Packed::new(
				sorted[documents.len()..].iter().map(|at| *at as u32),
				length as u32,
			),
			text: Packed::new(
				text.iter().map(|number| *number as u32),
				vocabulary.len() as u32,
			),
			vocabulary,
			starts,
			documents: firsts,
		})
	}

	/// How many tokens are indexed.
	pub fn tokens(&self) -> usize {
		self.suffixes.len()
	}

	/// The memory that the index takes, in bytes.
	pub fn bytes(&self) -> usize {
		let words = self.vocabulary.len() + self.starts.len() + self.documents.len();
		self.text.bytes() + self.suffixes.bytes() + words * 4
	}

	/// The surprise from which on less than one span is to be expected by chance between this index and
	/// an answer of that many tokens, if both were drawn token by token: log₂ (tokens × answer), in
	/// 2⁻¹⁶ bits.
	pub fn chance(&self, answer: usize) -> u64 {
		log2(self.tokens().max(1) as u64) + log2(answer.max(1) as u64)
	}

	/// The maximal spans of `answer` that occur in the documents and keep to `rules`, rarest first; of
	/// equally rare ones, the earlier first.
	pub fn spans(&self, answer: &[u32], rules: &Rules) -> Vec<Span> {
		let answer: Vec<u32> = answer
			.iter()
			.map(|token| number(&self.vocabulary, *token))
			.collect();
		let surprises = self.surprises(&answer);
		let mut spans: Vec<_> = self
			.maximal(&answer)
			.into_iter()
			.map(|span| (surprises[span.end] - surprises[span.start], span))
			.filter(|(surprise, _)| *surprise >= rules.min_surprise)
			.collect();
		spans.sort_by_key(|(surprise, span)| (std::cmp::Reverse(*surprise), span.start));
		spans.truncate(rules.max_spans);
		spans
			.into_iter()
			.map(|(surprise, span)| {
				let found = self.range(&answer[span.clone()]);
				Span {
					start: span.start,
					tokens: span.len(),
					surprise,
					count: found.len(),
					places: self.places(found, rules.max_places),
				}
			})
			.collect()
	}

	/// The surprise of each beginning of the answer, from none of it to the whole. Unknown tokens have
	/// none: they are in no span.
	fn surprises(&self, answer: &[u32]) -> Vec<u64> {
		let all = log2(self.tokens().max(1) as u64);
		let mut sum = 0;
		let mut sums = vec![0];
		for number in answer {
			let count = self.bucket(*number).len() as u64;
			if count > 0 {
				sum += all - log2(count);
			}
			sums.push(sum);
		}
		sums
	}

	fn maximal(&self, answer: &[u32]) -> Vec<Range<usize>> {
		let mut spans = Vec::new();
		let mut covered = 0;
		for start in 0..answer.len() {
			let end = start + self.longest(&answer[start..]);
			if end > covered.max(start) {
				spans.push(start..end);
				covered = end;
			}
		}
		spans
	}

	/// The part of the suffix array that begins with a token.
	fn bucket(&self, number: u32) -> Range<usize> {
		if number == UNKNOWN {
			return 0..0;
		}
		self.starts[number as usize - 1] as usize..self.starts[number as usize] as usize
	}

	/// The length of the longest beginning of `pattern` that occurs: what it shares with one of its two
	/// neighbours among the suffixes.
	fn longest(&self, pattern: &[u32]) -> usize {
		let Range {
			start: mut low,
			end: mut high,
		} = self.bucket(pattern[0]);
		let (mut below, mut above) = (0, 0);
		while low < high {
			let middle = low + (high - low) / 2;
			// All suffixes between two share what those two share with the pattern.
			let (shared, order) = self.compare(middle, pattern, below.min(above));
			match order {
				Ordering::Less => (low, below) = (middle + 1, shared),
				Ordering::Equal => return shared,
				Ordering::Greater => (high, above) = (middle, shared),
			}
		}
		below.max(above)
	}

	/// The part of the suffix array that begins with `pattern`, which occurs.
	fn range(&self, pattern: &[u32]) -> Range<usize> {
		let bucket = self.bucket(pattern[0]);
		let first = self.partition(bucket.clone(), |index| {
			self.compare(index, pattern, 1).1 == Ordering::Less
		});
		let end = self.partition(first..bucket.end, |index| {
			self.compare(index, pattern, 1).1 != Ordering::Greater
		});
		first..end
	}

	/// The first in `range` that is not `before`, given that none follows on it that is.
	fn partition(&self, range: Range<usize>, before: impl Fn(usize) -> bool) -> usize {
		let (mut low, mut high) = (range.start, range.end);
		while low < high {
			let middle = low + (high - low) / 2;
			if before(middle) {
				low = middle + 1;
			} else {
				high = middle;
			}
		}
		low
	}

	/// How many tokens a suffix shares with `pattern`, which is known of the first `known`, and its order
	/// towards it; equal if it begins with it.
	fn compare(&self, suffix: usize, pattern: &[u32], known: usize) -> (usize, Ordering) {
		let at = self.suffixes.get(suffix) as usize;
		for (index, number) in pattern.iter().enumerate().skip(known) {
			// Each text ends in a separator, which equals nothing in a pattern.
			let order = self.text.get(at + index).cmp(number);
			if order != Ordering::Equal {
				return (index, order);
			}
		}
		(pattern.len(), Ordering::Equal)
	}

	fn places(&self, found: Range<usize>, most: usize) -> Vec<Place> {
		let (count, taken) = (found.len() as u128, found.len().min(most));
		let mut places: Vec<_> = (0..taken)
			.map(|index| (index as u128 * count / taken as u128) as usize)
			.map(|index| self.place(self.suffixes.get(found.start + index)))
			.collect();
		places.sort_unstable();
		places
	}

	fn place(&self, at: u32) -> Place {
		let document = self.documents.partition_point(|first| *first <= at) - 1;
		Place {
			document: document as u32,
			offset: at - self.documents[document],
		}
	}
}

/// What each document shaped of an answer, by its spans: the surprise of a span is divided equally among
/// the documents among its places, in whole units, rounded down.
///
/// Equally, because nothing tells which of several equal passages a model has learned from.
pub fn document_scores(spans: &[Span]) -> BTreeMap<u32, u64> {
	let mut scores = BTreeMap::new();
	for span in spans {
		let documents = distinct(span.places.iter().map(|place| place.document).collect());
		for document in &documents {
			*scores.entry(*document).or_default() += span.surprise / documents.len() as u64;
		}
	}
	scores
}

fn distinct(mut values: Vec<u32>) -> Vec<u32> {
	values.sort_unstable();
	values.dedup();
	values
}

/// A token's number in the index.
fn number(vocabulary: &[u32], token: u32) -> u32 {
	vocabulary
		.binary_search(&token)
		.map_or(UNKNOWN, |index| index as u32 + 1)
}

fn sort(text: &mut [i32]) -> Result<Vec<i32>, Error> {
	if text.is_empty() {
		return Ok(Vec::new());
	}
	SuffixArrayConstruction::for_text_mut(text)
		.in_owned_buffer32()
		.single_threaded()
		.run()
		.map(|sorted| sorted.into_vec())
		.map_err(|error| Error::Sort(format!("{error:?}")))
}

/// The binary logarithm of `value`, above zero, in 2⁻¹⁶, rounded down.
fn log2(value: u64) -> u64 {
	let whole = value.ilog2();
	let mut mantissa = (value << (63 - whole)) >> 32;
	let mut log = u64::from(whole);
	for _ in 0..FRACTION {
		mantissa = (mantissa * mantissa) >> 31;
		let digit = mantissa >> 32;
		log = log << 1 | digit;
		mantissa >>= digit;
	}
	log
}

#[cfg(test)]
mod tests;
