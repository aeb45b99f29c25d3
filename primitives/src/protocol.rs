//! What operators commit to and sign in a committee run, and where a node keeps what they need for it.

use codec::Encode;
use sp_core::{crypto::KeyTypeId, sr25519, H256};
use sp_crypto_hashing::blake2_256;

use crate::types::RequestId;

/// The keystore's type of operator keys: `key insert --key-type oper --scheme sr25519`.
pub const OPERATOR_KEY_TYPE: KeyTypeId = KeyTypeId(*b"oper");

/// Where the inference service listens, in the node's persistent off-chain storage: raw UTF-8, no slash
/// at the end.
pub const INFERENCE_URL_KEY: &[u8] = b"openledger::inference::url";

/// The token that the inference service asks for, in the node's persistent off-chain storage: raw UTF-8.
pub const INFERENCE_TOKEN_KEY: &[u8] = b"openledger::inference::token";

/// The public key with which an agent's node signs its commits and reveals.
pub type OperatorKey = sr25519::Public;

/// A signature of an operator key.
pub type OperatorSignature = sr25519::Signature;

/// What a commit's salt consists of.
pub type Salt = [u8; 32];

/// Hides an outcome until it is revealed, and binds it to one operator and [`question`], so that nobody
/// can copy another's commitment.
pub fn commitment(question: &H256, operator: &OperatorKey, outcome: &H256, salt: &Salt) -> H256 {
	H256(blake2_256(
		&(b"openledger/commitment", question, operator, outcome, salt).encode(),
	))
}

/// What exactly was asked: binds what operators sign to it, so that after a reorganisation of the chain a
/// commit counts for no other question that came to have the same id.
///
/// - `seed`: the seed by which the committee was drawn and with which a seeded sampler begins.
/// - `input`: what stands for the input, see [`crate::input`].
pub fn question(
	genesis: &H256,
	request: RequestId,
	model: &H256,
	seed: &H256,
	input: &H256,
) -> H256 {
	H256(blake2_256(
		&(b"openledger/question", genesis, request, model, seed, input).encode(),
	))
}

/// The message that an operator signs to commit to an outcome for a [`question`]. Signing two with different
/// commitments is an equivocation.
pub fn commit_message(question: &H256, commitment: &H256) -> [u8; 32] {
	blake2_256(&(b"openledger/commit", question, commitment).encode())
}

/// The message that an operator signs to reveal.
pub fn reveal_message(question: &H256, outcome: &H256, salt: &Salt) -> [u8; 32] {
	blake2_256(&(b"openledger/reveal", question, outcome, salt).encode())
}
