//! Vouchers: what a payer signs off-chain, call by call, for its agent to be paid from a payment channel.

use alloc::{format, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::H256;
use sp_runtime::traits::Verify;

use crate::types::{AccountId, Balance, Signature};

/// A payment channel: given out in ascending order from 0.
pub type ChannelId = u64;

/// How many units of the token make one OPEN.
const OPEN: Balance = 1_000_000_000_000;

/// A promise to pay. Vouchers are cumulative: a later one takes the place of all before it, and only the
/// highest need be kept.
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
pub struct Voucher {
	/// The channel that it is paid from.
	pub channel: ChannelId,
	/// What the channel's agent has earned in all since it was opened, in units of the token.
	pub spent: Balance,
}

impl Voucher {
	/// The text that is signed, for wallets to show: ASCII, four lines, the amount in OPEN with all twelve
	/// decimals.
	pub fn text(&self, genesis: &H256) -> Vec<u8> {
		let (whole, rest) = (self.spent / OPEN, self.spent % OPEN);
		format!(
			"OpenLedger payment voucher\nChain: {genesis:?}\nChannel: {}\nSpent in all: {whole}.{rest:012} OPEN",
			self.channel
		)
		.into_bytes()
	}

	/// What a signature covers: the text between `<Bytes>` and `</Bytes>`, as wallets wrap what is no
	/// transaction.
	pub fn message(&self, genesis: &H256) -> Vec<u8> {
		[b"<Bytes>", &self.text(genesis)[..], b"</Bytes>"].concat()
	}

	/// Whether `signer` signed it for the chain with this genesis hash.
	pub fn is_signed(&self, genesis: &H256, signature: &Signature, signer: &AccountId) -> bool {
		signature.verify(&self.message(genesis)[..], signer)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use sp_core::{ecdsa, ed25519, sr25519, Pair};
	use sp_runtime::{traits::IdentifyAccount, MultiSigner};

	const VOUCHER: Voucher = Voucher {
		channel: 7,
		spent: 1_500_000_000_001,
	};

	fn genesis() -> H256 {
		H256::repeat_byte(0xab)
	}

	fn account<P: Pair>(pair: &P) -> AccountId
	where
		MultiSigner: From<P::Public>,
	{
		MultiSigner::from(pair.public()).into_account()
	}

	#[test]
	fn a_wallet_shows_what_is_signed() {
		let expected = format!(
			"<Bytes>OpenLedger payment voucher\nChain: 0x{}\nChannel: 7\nSpent in all: 1.500000000001 OPEN</Bytes>",
			"ab".repeat(32)
		);
		assert_eq!(VOUCHER.message(&genesis()), expected.as_bytes());
		let largest = Voucher {
			channel: u64::MAX,
			spent: Balance::MAX,
		};
		let text = String::from_utf8(largest.text(&genesis())).unwrap();
		assert!(text.is_ascii());
		assert!(text.ends_with("Spent in all: 340282366920938463463374607.431768211455 OPEN"));
	}

	#[test]
	fn any_account_can_sign() {
		let message = VOUCHER.message(&genesis());
		let sr25519 = sr25519::Pair::from_seed(&[1; 32]);
		let ed25519 = ed25519::Pair::from_seed(&[2; 32]);
		let ecdsa = ecdsa::Pair::from_seed(&[3; 32]);
		let signed: [(Signature, AccountId); 3] = [
			(sr25519.sign(&message).into(), account(&sr25519)),
			(ed25519.sign(&message).into(), account(&ed25519)),
			(ecdsa.sign(&message).into(), account(&ecdsa)),
		];
		for (signature, signer) in &signed {
			assert!(VOUCHER.is_signed(&genesis(), signature, signer));
			assert!(!VOUCHER.is_signed(&H256::zero(), signature, signer));
		}
		assert!(!VOUCHER.is_signed(&genesis(), &signed[0].0, &signed[1].1));
	}

	#[test]
	fn it_is_good_for_nothing_else() {
		let pair = ed25519::Pair::from_seed(&[2; 32]);
		let signature = pair.sign(&VOUCHER.message(&genesis())).into();
		for other in [
			Voucher {
				channel: 8,
				..VOUCHER
			},
			Voucher {
				spent: VOUCHER.spent - 1,
				..VOUCHER
			},
			Voucher {
				spent: VOUCHER.spent + 1,
				..VOUCHER
			},
		] {
			assert!(!other.is_signed(&genesis(), &signature, &account(&pair)));
		}
		// Nor is the bare text.
		let signature = pair.sign(&VOUCHER.text(&genesis())).into();
		assert!(!VOUCHER.is_signed(&genesis(), &signature, &account(&pair)));
	}
}
