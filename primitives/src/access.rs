//! How a grantee shows a store off-chain that it may fetch a file.
//!
//! The grantee signs [`access_message`] with its account and sends an [`AccessProof`] along with its
//! request, SCALE-encoded. The store checks it with [`AccessProof::check`], and asks the chain whether
//! the account may read the file. The signature binds the chain, the Datanet, the file and a time, so
//! that whoever sees it can fetch the same file for a short time, and nothing else; a store that must
//! not even allow that is asked over TLS.

use crate::types::{AccountId, ContentHash, DatanetId, Hash, Signature};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_crypto_hashing::blake2_256;
use sp_runtime::traits::Verify;

/// How far ahead a proof's end may lie, in milliseconds: one hour.
pub const MAX_VALIDITY_MS: u64 = 60 * 60 * 1_000;

/// The message that a grantee signs to fetch the file `content` of a Datanet, until `expires_at_ms` in
/// milliseconds since the Unix epoch.
pub fn access_message(
	genesis: &Hash,
	datanet: DatanetId,
	content: &ContentHash,
	expires_at_ms: u64,
) -> [u8; 32] {
	blake2_256(
		&(
			b"openledger/access",
			genesis,
			datanet,
			content,
			expires_at_ms,
		)
			.encode(),
	)
}

/// Who asks a store for what.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct AccessProof {
	/// The account that has a grant.
	pub who: AccountId,
	/// The Datanet.
	pub datanet: DatanetId,
	/// SHA-256 of the file.
	pub content: ContentHash,
	/// Until when the proof holds, in milliseconds since the Unix epoch.
	pub expires_at_ms: u64,
	/// The account's signature of [`access_message`], or of the same between `<Bytes>` and `</Bytes>`,
	/// as wallets in browsers sign.
	pub signature: Signature,
}

/// Why a store turns a proof down.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ProofError {
	/// Its time is over: sign a new one.
	Expired,
	/// It would hold for longer than [`MAX_VALIDITY_MS`]: sign one that ends sooner.
	TooLong,
	/// It is not signed by the account for this chain, Datanet, file and time.
	BadSignature,
}

impl AccessProof {
	/// Checks time and signature, at `now_ms` in milliseconds since the Unix epoch. Whether the account
	/// has a grant, only the chain knows.
	pub fn check(&self, genesis: &Hash, now_ms: u64) -> Result<(), ProofError> {
		let left = self
			.expires_at_ms
			.checked_sub(now_ms)
			.filter(|left| *left > 0)
			.ok_or(ProofError::Expired)?;
		if left > MAX_VALIDITY_MS {
			return Err(ProofError::TooLong);
		}
		let message = access_message(genesis, self.datanet, &self.content, self.expires_at_ms);
		let wrapped = [b"<Bytes>".as_slice(), &message, b"</Bytes>"].concat();
		let signed = |message: &[u8]| self.signature.verify(message, &self.who);
		if signed(&message) || signed(&wrapped) {
			Ok(())
		} else {
			Err(ProofError::BadSignature)
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use sp_core::{ed25519, sr25519, Pair};
	use sp_runtime::{traits::IdentifyAccount, MultiSigner};

	const NOW: u64 = 1_800_000_000_000;

	fn genesis() -> Hash {
		Hash::repeat_byte(7)
	}

	fn proof(expires_at_ms: u64) -> AccessProof {
		let pair = sr25519::Pair::from_seed(&[1; 32]);
		let content = ContentHash::of(b"rows");
		let message = access_message(&genesis(), 3, &content, expires_at_ms);
		AccessProof {
			who: MultiSigner::from(pair.public()).into_account(),
			datanet: 3,
			content,
			expires_at_ms,
			signature: pair.sign(&message).into(),
		}
	}

	#[test]
	fn holds_for_its_time() {
		let proof = proof(NOW + MAX_VALIDITY_MS);
		assert_eq!(proof.check(&genesis(), NOW), Ok(()));
		assert_eq!(proof.check(&genesis(), NOW + MAX_VALIDITY_MS - 1), Ok(()));
		assert_eq!(
			proof.check(&genesis(), NOW + MAX_VALIDITY_MS),
			Err(ProofError::Expired)
		);
		assert_eq!(proof.check(&genesis(), NOW - 1), Err(ProofError::TooLong));
	}

	#[test]
	fn survives_its_encoding() {
		let proof = proof(NOW + 1);
		let decoded = AccessProof::decode(&mut &proof.encode()[..]).unwrap();
		assert_eq!(decoded.check(&genesis(), NOW), Ok(()));
	}

	#[test]
	fn a_wallet_in_a_browser_signs_between_tags() {
		let mut proof = proof(NOW + 1);
		let pair = ed25519::Pair::from_seed(&[2; 32]);
		let message = access_message(&genesis(), 3, &proof.content, NOW + 1);
		proof.who = MultiSigner::from(pair.public()).into_account();
		proof.signature = pair
			.sign(&[b"<Bytes>".as_slice(), &message, b"</Bytes>"].concat())
			.into();
		assert_eq!(proof.check(&genesis(), NOW), Ok(()));
	}

	#[test]
	fn is_good_for_nothing_else() {
		let good = proof(NOW + 1);
		let refused = |proof: AccessProof| {
			assert_eq!(proof.check(&genesis(), NOW), Err(ProofError::BadSignature))
		};
		assert_eq!(
			good.check(&Hash::zero(), NOW),
			Err(ProofError::BadSignature)
		);
		refused(AccessProof {
			datanet: 4,
			..good.clone()
		});
		refused(AccessProof {
			content: ContentHash::of(b"other rows"),
			..good.clone()
		});
		refused(AccessProof {
			expires_at_ms: NOW + 2,
			..good.clone()
		});
		refused(AccessProof {
			who: AccountId::new([9; 32]),
			..good
		});
	}

	/// What other implementations, in wallets and stores, are tested against.
	#[test]
	fn the_message_is_fixed() {
		let preimage = [
			b"openledger/access".as_slice(),
			&[7; 32],
			&3u32.to_le_bytes(),
			&ContentHash::of(b"rows").0,
			&NOW.to_le_bytes(),
		]
		.concat();
		assert_eq!(
			access_message(&genesis(), 3, &ContentHash::of(b"rows"), NOW),
			blake2_256(&preimage)
		);
	}
}
