//! Files that prove a row to anyone who knows its batch's root and number of rows.

use crate::{output, tree, Error, Hash};
use openledger_primitives::merkle;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The most bytes of a proof without its row, with the most rows that a batch has.
pub const MAX_PROOF: usize = 2_000;

const VERSION: u32 = 1;

/// The most bytes of a file with a proof and its row, escaped as JSON.
const MAX_FILE: u64 = 8 << 20;

/// That a row is in a batch.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RowProof {
	/// The version of this format: 1.
	pub version: u32,
	/// The batch's Merkle root.
	pub root: Hash,
	/// How many rows the batch has.
	pub rows: u32,
	/// Which row it is, counted from 0.
	pub row: u32,
	/// `keccak(0x00 ‖ row)`.
	pub leaf: Hash,
	/// The siblings from the leaf upwards.
	pub path: Vec<Hash>,
	/// The row itself.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	pub text: Option<String>,
}

impl RowProof {
	/// Makes the proof of a row; `text` is the row, to be put in.
	pub fn new(leaves: &[Hash], row: u32, text: Option<String>) -> Result<Self, Error> {
		let rows = u32::try_from(leaves.len()).unwrap_or(u32::MAX);
		let index = row as usize;
		let found = leaves
			.get(index)
			.zip(merkle::prove(leaves, index))
			.zip(tree::root(leaves));
		let Some(((leaf, path), root)) = found else {
			let problem = format!("there is no row {row}: the batch has {rows}, counted from 0");
			return Err(Error::Request(problem));
		};
		Ok(Self {
			version: VERSION,
			root,
			rows,
			row,
			leaf: *leaf,
			path,
			text,
		})
	}

	/// Reads a proof. It isn't checked yet.
	pub fn read(path: &Path) -> Result<Self, Error> {
		output::read_json(path, MAX_FILE)
	}

	/// Writes the proof to a new file.
	pub fn write(&self, path: &Path) -> Result<(), Error> {
		output::write_json(path, self)
	}

	/// Checks the proof for a batch with this root and number of rows, which must come from the chain;
	/// and that the row, if it is there, is the proved one.
	pub fn verify(&self, root: Hash, rows: u32) -> Result<(), Error> {
		let refuted = |problem: &str| Err(Error::Refuted(problem.to_owned()));
		if self.version != VERSION {
			return refuted("the proof is of a version that this tool doesn't know");
		}
		if self.root != root || self.rows != rows {
			return refuted("the proof is for another batch: its root or number of rows differs");
		}
		if !merkle::verify(&root, &self.leaf, self.row, rows, &self.path) {
			return refuted("the proof does not hold: its path doesn't lead to the root");
		}
		match &self.text {
			Some(text) if tree::leaf(text.as_bytes()) != self.leaf => {
				refuted("the row in the file is not the one that is proved")
			}
			_ => Ok(()),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::MAX_BATCH_ROWS;

	#[test]
	fn a_proof_of_the_largest_batch_is_below_two_kilobytes() {
		let leaves: Vec<_> = (0..MAX_BATCH_ROWS)
			.map(|i| tree::leaf(&i.to_le_bytes()))
			.collect();
		let root = tree::root(&leaves).unwrap();
		for row in [0, 1, 777_777, MAX_BATCH_ROWS - 1] {
			let proof = RowProof::new(&leaves, row, None).unwrap();
			assert_eq!(proof.path.len(), 20);
			let file = serde_json::to_vec(&proof).unwrap();
			assert!(file.len() < MAX_PROOF, "{}", file.len());
			let back: RowProof = serde_json::from_slice(&file).unwrap();
			back.verify(root, MAX_BATCH_ROWS).unwrap();
		}
	}

	#[test]
	fn whatever_is_changed_breaks_a_proof() {
		let leaves = [&b"a"[..], b"b", b"c"].map(tree::leaf);
		let root = tree::root(&leaves).unwrap();
		let proof = RowProof::new(&leaves, 1, Some("b".into())).unwrap();
		proof.verify(root, 3).unwrap();
		assert!(RowProof::new(&leaves, 3, None).is_err());

		assert!(proof.verify(leaves[0], 3).is_err());
		assert!(proof.verify(root, 4).is_err());
		let changes: [fn(&mut RowProof); 7] = [
			|proof| proof.version = 2,
			|proof| proof.root.0[0] ^= 1,
			|proof| proof.rows = 4,
			|proof| proof.row = 0,
			|proof| proof.leaf.0[31] ^= 1,
			|proof| proof.path[0].0[0] ^= 1,
			|proof| proof.text = Some("B".into()),
		];
		for change in changes {
			let mut changed = proof.clone();
			change(&mut changed);
			let refuted = matches!(changed.verify(root, 3), Err(Error::Refuted(_)));
			assert!(refuted, "{changed:?}");
		}
	}
}
