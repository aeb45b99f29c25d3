//! Identifiers and the chain's basic types.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::H256;
use sp_runtime::{
	traits::{IdentifyAccount, Verify},
	MultiSignature,
};

/// A signature by any of the supported schemes.
pub type Signature = MultiSignature;

/// An account: 32 bytes, the public key or its hash.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;

/// An amount of OPEN in its smallest unit, 10^-12.
pub type Balance = u128;

/// A block's height.
pub type BlockNumber = u32;

/// The number of transactions that an account has sent.
pub type Nonce = u32;

/// A hash of the chain's own data (BLAKE2b-256).
pub type Hash = H256;

/// A Datanet: given out in ascending order from 0.
pub type DatanetId = u32;

/// A batch of rows, unique over all Datanets: given out in ascending order from 0, so that the
/// smaller of two ids is the earlier commitment.
pub type BatchId = u64;

/// A model: given out in ascending order from 0.
pub type ModelId = u32;

/// An inference request: given out in ascending order from 0.
pub type RequestId = u64;

/// A rental of a model: given out in ascending order from 0.
pub type RentalId = u64;

/// SHA-256 of a file that is kept off-chain: a batch's rows, a model's graph, a tokenizer.
///
/// SHA-256, and not one of the chain's own hashes, so that `sha256sum` checks it anywhere.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	Hash,
	MaxEncodedLen,
	Ord,
	PartialEq,
	PartialOrd,
	TypeInfo,
)]
pub struct ContentHash(pub [u8; 32]);

impl ContentHash {
	/// The hash of `content`.
	pub fn of(content: &[u8]) -> Self {
		Self(sp_crypto_hashing::sha2_256(content))
	}
}

impl AsRef<[u8]> for ContentHash {
	fn as_ref(&self) -> &[u8] {
		&self.0
	}
}
