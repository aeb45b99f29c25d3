//! The state of a block, as far as a proof shows it.

use codec::{Decode, DecodeAll};
use openledger_runtime::Hash;
use sp_core::Bytes;
use sp_runtime::traits::BlakeTwo256;
use sp_state_machine::{
	create_proof_check_backend, read_proof_check_on_proving_backend, MemoryDB, StorageProof,
	TrieBackend,
};
use std::fmt::Display;

/// The values that a proof leads to.
pub(super) struct State(TrieBackend<MemoryDB<BlakeTwo256>, BlakeTwo256>);

impl State {
	/// Takes the nodes of a trie. Fails if the root is not among them.
	pub(super) fn new(root: Hash, nodes: &[Bytes]) -> Result<Self, String> {
		let proof = StorageProof::new(nodes.iter().map(|node| node.to_vec()));
		create_proof_check_backend(root, proof)
			.map(Self)
			.map_err(astray)
	}

	/// A value; `None` if it was proved that there is none.
	pub(super) fn get<T: Decode>(&self, key: Vec<u8>) -> Result<Option<T>, String> {
		read_proof_check_on_proving_backend(&self.0, &key)
			.map_err(astray)?
			.map(|bytes| T::decode_all(&mut &bytes[..]))
			.transpose()
			.map_err(|error| {
				format!("the state is not what this program knows, take that of the chain's version: {error}")
			})
	}
}

fn astray(error: impl Display) -> String {
	format!("the proof does not lead to the block's state: {error}")
}
