//! What an operator's off-chain worker needs from the node: its key in the keystore, and where the
//! inference service is.

use sp_core::{
	crypto::KeyTypeId,
	offchain::{OffchainStorage, STORAGE_PREFIX},
};
use sp_keystore::Keystore;

/// Type of the sr25519 key that signs an operator's commitments and results.
pub const OPERATOR_KEY: KeyTypeId = KeyTypeId(*b"oper");

/// Persistent off-chain storage key of the inference service's base URL, raw UTF-8.
pub const INFERENCE_URL_KEY: &[u8] = b"openledger::inference::url";

/// Persistent off-chain storage key of the inference service's token, raw UTF-8.
pub const INFERENCE_TOKEN_KEY: &[u8] = b"openledger::inference::token";

/// Where an inference service listens and what it wants to see.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
	/// Base URL without a trailing slash.
	pub url: String,
	/// Bearer token.
	pub token: String,
}

/// Puts the operator key of a development account (`//Alice`) into the keystore.
pub fn insert_dev_key(keystore: &dyn Keystore, seed: &str) -> Result<(), sp_keystore::Error> {
	keystore
		.sr25519_generate_new(OPERATOR_KEY, Some(seed))
		.map(drop)
}

/// Tells the off-chain worker where the inference service is, or, with `None`, that there is none.
///
/// The database survives the node, so a node without a service must clear what an earlier run left.
pub fn publish_endpoint(storage: &mut impl OffchainStorage, endpoint: Option<&Endpoint>) {
	match endpoint {
		Some(Endpoint { url, token }) => {
			storage.set(STORAGE_PREFIX, INFERENCE_URL_KEY, url.as_bytes());
			storage.set(STORAGE_PREFIX, INFERENCE_TOKEN_KEY, token.as_bytes());
		}
		None => {
			storage.remove(STORAGE_PREFIX, INFERENCE_URL_KEY);
			storage.remove(STORAGE_PREFIX, INFERENCE_TOKEN_KEY);
		}
	}
}
