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

/// Hides an outcome until it is revealed, and binds it to one operator and request, so that nobody
/// can copy another's commitment.
pub fn commitment(request: RequestId, operator: &OperatorKey, outcome: &H256, salt: &Salt) -> H256 {
	H256(blake2_256(
		&(b"openledger/commitment", request, operator, outcome, salt).encode(),
	))
}

/// The message that an operator signs to commit.
pub fn commit_message(genesis: &H256, request: RequestId, commitment: &H256) -> [u8; 32] {
	blake2_256(&(b"openledger/commit", genesis, request, commitment).encode())
}

/// The message that an operator signs to reveal.
pub fn reveal_message(genesis: &H256, request: RequestId, outcome: &H256, salt: &Salt) -> [u8; 32] {
	blake2_256(&(b"openledger/reveal", genesis, request, outcome, salt).encode())
}

/// The name under which a request's run is known to an inference service: the same request of the same
/// chain under the same model version is one job.
pub fn job_id(genesis: &H256, request: RequestId, model: &H256) -> H256 {
	H256(blake2_256(
		&(b"openledger/job", genesis, request, model).encode(),
	))
}
