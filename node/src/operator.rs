//! What an operator's off-chain worker needs from the node: its key in the keystore, and where the
//! inference service is.

use openledger_primitives::protocol::{INFERENCE_TOKEN_KEY, INFERENCE_URL_KEY, OPERATOR_KEY_TYPE};
use sp_core::offchain::{OffchainStorage, STORAGE_PREFIX};
use sp_keystore::Keystore;
use std::fmt;

/// Where an inference service listens and what it wants to see.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
	/// Base URL without a trailing slash.
	pub url: String,
	/// Bearer token.
	pub token: String,
}

/// Without the token, which is in no log.
impl fmt::Debug for Endpoint {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Endpoint")
			.field("url", &self.url)
			.finish_non_exhaustive()
	}
}

/// Puts the operator key of a development account (`//Alice`) into the keystore.
pub fn insert_dev_key(keystore: &dyn Keystore, seed: &str) -> Result<(), sp_keystore::Error> {
	keystore
		.sr25519_generate_new(OPERATOR_KEY_TYPE, Some(seed))
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
