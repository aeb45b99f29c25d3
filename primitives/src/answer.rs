//! What an operator returns for a request.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{bounded::BoundedVec, ConstU32, H256};
use sp_crypto_hashing::blake2_256;

use crate::{
	fingerprint::Fingerprint,
	types::{BatchId, ContentHash},
};

/// The most passages that an answer cites.
pub const MAX_CITATIONS: u32 = 32;

/// The most batches that an answer attributes itself to.
pub const MAX_ENTRIES: u32 = 64;

/// The most operators that agree on an answer, and share in its fee.
pub const MAX_OPERATORS: u32 = 7;

/// The most bytes of generated output that an answer carries inline.
pub const MAX_OUTPUT: u32 = 4_096;

/// The most bytes of generated output at all: longer text is cut between two characters.
pub const MAX_LINKED_OUTPUT: u32 = 256 * 1_024;

/// The most batches that are looked up to check an answer, see [`Outcome::lookups`].
pub const MAX_LOOKUPS: u32 = MAX_CITATIONS + MAX_ENTRIES;

/// The sum of an answer's attribution weights.
pub const TOTAL_WEIGHT: u32 = 1_000_000;

/// A passage that the answer rests on.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub struct Citation {
	/// The batch that holds the passage.
	pub batch: BatchId,
	/// The passage's row in the batch, from 0.
	pub row: u32,
	/// What it is for the answer, 1 to 1,000,000. Of a search: how relevant it is to the request, in
	/// millionths, which is cosine similarity × 1,000,000. Of a question answered from passages: the same
	/// times how much less likely the answer is without the passage, in millionths of 1,000 nats.
	pub score: u32,
}

/// The part of an answer that one batch shaped.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub struct Entry {
	/// The batch.
	pub batch: BatchId,
	/// Its weight, in millionths of the whole.
	pub weight: u32,
}

/// Attribution entries: ascending by batch, weights above zero that sum up to [`TOTAL_WEIGHT`], or
/// none at all.
pub type Entries = BoundedVec<Entry, ConstU32<MAX_ENTRIES>>;

/// Generated text. It has one form: inline where it fits, so that operators agree bit for bit.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub enum Output {
	/// The text: UTF-8.
	Inline(BoundedVec<u8, ConstU32<MAX_OUTPUT>>),
	/// Longer text, which the operators that agreed on it hand out at `{endpoint}/content/{sha256}`.
	Linked {
		/// SHA-256 of the text.
		content: ContentHash,
		/// How many bytes it has: above [`MAX_OUTPUT`], at most [`MAX_LINKED_OUTPUT`].
		bytes: u32,
	},
}

impl Default for Output {
	fn default() -> Self {
		Self::Inline(BoundedVec::new())
	}
}

impl Output {
	/// Whether there is no text.
	pub fn is_empty(&self) -> bool {
		matches!(self, Self::Inline(text) if text.is_empty())
	}

	/// Whether it can be the output of an operator that keeps to the rules: text where it can be seen, a
	/// size that does not fit inline where not.
	pub fn is_well_formed(&self) -> bool {
		match self {
			Self::Inline(text) => core::str::from_utf8(text).is_ok(),
			Self::Linked { bytes, .. } => *bytes > MAX_OUTPUT && *bytes <= MAX_LINKED_OUTPUT,
		}
	}
}

/// An answer. Two operators that ran the same request agree if their answers' bytes are equal.
#[derive(
	Clone,
	Debug,
	Default,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub struct Answer {
	/// Generated output; empty where the passages found are the answer.
	pub output: Output,
	/// The passages that it rests on, best first.
	pub citations: BoundedVec<Citation, ConstU32<MAX_CITATIONS>>,
	/// Which batches shaped it, and by how much.
	pub attribution: Entries,
	/// Of the activations, where the model's policy compares them; empty otherwise.
	pub fingerprint: Fingerprint,
}

/// Why a run failed. The operator's log has the details.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub enum Failure {
	/// The operator has no ONNX Runtime library that can be loaded.
	MissingLibrary,
	/// The operator does not have a file with the model's hash.
	ModelNotFound,
	/// A file of the model does not have the hash that the chain names.
	WrongHash,
	/// The graph cannot be loaded, or its inputs and outputs are not those of its task.
	BadModel,
	/// The request's input is not what the model's task takes.
	BadInput,
	/// The run took longer than it may.
	OutOfTime,
	/// A batch's rows are neither in the content store nor at their locator.
	DataUnavailable,
	/// A batch's rows do not match its hash, count, size or root.
	DataMismatch,
	/// Something else: a fault of the operator's software or machine.
	Internal,
	/// An input that is not on the chain is not at its locator, or has another hash or size.
	InputUnavailable,
}

/// What came of a request at one operator.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub enum Outcome {
	/// It was answered.
	Answered(Answer),
	/// It could not be answered.
	Failed(Failure),
}

impl Outcome {
	/// What operators commit to and must agree on: BLAKE2b-256 of the encoded outcome.
	pub fn hash(&self) -> H256 {
		H256(blake2_256(&self.encode()))
	}

	/// How many batches are looked up, at most, to check it: one for each citation and entry.
	pub fn lookups(&self) -> u32 {
		match self {
			Self::Answered(answer) => {
				let lookups = answer
					.citations
					.len()
					.saturating_add(answer.attribution.len());
				lookups.try_into().unwrap_or(u32::MAX)
			}
			Self::Failed(_) => 0,
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn an_output_has_one_form() {
		let inline = |text: &[u8]| Output::Inline(text.to_vec().try_into().unwrap());
		let linked = |bytes| Output::Linked {
			content: ContentHash::of(b"a long text"),
			bytes,
		};
		assert!(Output::default().is_empty() && Output::default().is_well_formed());
		assert!(inline(&[b'x'; MAX_OUTPUT as usize]).is_well_formed());
		assert!(!inline(&[0xC3, 0x28]).is_well_formed());
		for (bytes, good) in [
			(0, false),
			(MAX_OUTPUT, false),
			(MAX_OUTPUT + 1, true),
			(MAX_LINKED_OUTPUT, true),
			(MAX_LINKED_OUTPUT + 1, false),
		] {
			assert_eq!(linked(bytes).is_well_formed(), good, "{bytes}");
			assert!(!linked(bytes).is_empty());
		}
	}
}
