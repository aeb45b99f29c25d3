//! What the off-chain worker finds.

use openledger_node::operator::{insert_dev_key, publish_endpoint, Endpoint};
use openledger_primitives::protocol::{INFERENCE_TOKEN_KEY, INFERENCE_URL_KEY, OPERATOR_KEY_TYPE};
use sp_core::{
	offchain::{storage::InMemOffchainStorage, OffchainStorage, STORAGE_PREFIX},
	sr25519, Pair,
};
use sp_keystore::Keystore;

#[test]
fn the_dev_key_is_the_seeds_own() {
	let keystore = sc_keystore::LocalKeystore::in_memory();
	insert_dev_key(&keystore, "//Bob").unwrap();
	let bob = sr25519::Pair::from_string("//Bob", None).unwrap().public();
	assert_eq!(keystore.sr25519_public_keys(OPERATOR_KEY_TYPE), vec![bob]);
}

#[test]
fn the_endpoint_is_published_and_cleared() {
	let mut storage = InMemOffchainStorage::default();
	let endpoint = Endpoint {
		url: "http://127.0.0.1:9750".into(),
		token: "secret".into(),
	};
	publish_endpoint(&mut storage, Some(&endpoint));
	assert_eq!(
		storage.get(STORAGE_PREFIX, INFERENCE_URL_KEY).unwrap(),
		endpoint.url.as_bytes()
	);
	assert_eq!(
		storage.get(STORAGE_PREFIX, INFERENCE_TOKEN_KEY).unwrap(),
		b"secret"
	);
	publish_endpoint(&mut storage, None);
	assert_eq!(storage.get(STORAGE_PREFIX, INFERENCE_URL_KEY), None);
	assert_eq!(storage.get(STORAGE_PREFIX, INFERENCE_TOKEN_KEY), None);
}
