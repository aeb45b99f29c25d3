//! What a model is asked, where it is too long to be put on the chain.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::H256;
use sp_crypto_hashing::{blake2_256, sha2_256};

use crate::{data::Locator, types::ContentHash};

/// An input of which the chain knows the hash: operators fetch it.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct LinkedInput {
	/// SHA-256 of the input.
	pub content: ContentHash,
	/// How many bytes it has.
	pub bytes: u32,
	/// Where it can be fetched, until an answer is agreed on.
	pub locator: Locator,
}

impl LinkedInput {
	/// What stands for the input in what operators sign: SHA-256 over its hash and size. The locator does
	/// not count, for it does not change the answer.
	///
	/// No input on the chain has it: those have a BLAKE2b-256, see [`inline_digest`].
	pub fn digest(&self) -> H256 {
		H256(sha2_256(
			&(b"openledger/linked-input", self.content, self.bytes).encode(),
		))
	}
}

/// What stands for an input on the chain in what operators sign: BLAKE2b-256 of its bytes.
pub fn inline_digest(input: &[u8]) -> H256 {
	H256(blake2_256(input))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_linked_input_is_its_hash_and_size_and_never_an_inline_one() {
		let linked = |text: &[u8], bytes, locator| LinkedInput {
			content: ContentHash::of(text),
			bytes,
			locator,
		};
		let url = Locator::Url(b"https://example.org/a".to_vec().try_into().unwrap());
		let digest = linked(b"What is a bit?", 14, Locator::None).digest();
		assert_eq!(linked(b"What is a bit?", 14, url).digest(), digest);
		assert_ne!(
			linked(b"What is a bit?", 15, Locator::None).digest(),
			digest
		);
		assert_ne!(
			linked(b"What is a byte", 14, Locator::None).digest(),
			digest
		);
		// What is hashed for a linked input can be an inline one, and is hashed differently then.
		let mut preimage = b"openledger/linked-input".to_vec();
		preimage.extend(ContentHash::of(b"What is a bit?").0);
		preimage.extend(14u32.to_le_bytes());
		assert_eq!(H256(sha2_256(&preimage)), digest);
		assert_ne!(inline_digest(&preimage), digest);
	}
}
