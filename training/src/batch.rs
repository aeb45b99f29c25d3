//! Batch files: UTF-8 text, one row per line, each line ended by `\n`.
//!
//! The rows' Merkle root has the shape of RFC 6962 with keccak-256, as everywhere on the chain: a leaf is
//! `keccak(0x00 ‖ row)`, a node `keccak(0x01 ‖ left ‖ right)`, and the left subtree holds the largest power
//! of two of leaves that is less than all of them. A training log has this form, too.

use std::{fs, path::Path};

use serde::{Deserialize, Serialize};
use sha3::{Digest, Keccak256};

use crate::{hash::Hash256, Error, Result};

/// The longest row, in bytes without its newline.
pub const MAX_ROW_BYTES: usize = 1 << 20;

/// What a batch is announced by on the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
	/// Merkle root over the rows, keccak-256.
	pub root: Hash256,
	/// Number of rows.
	pub rows: u32,
	/// Size of the file in bytes, newlines included.
	pub bytes: u64,
	/// SHA-256 of the file.
	pub content: Hash256,
}

/// A batch file in memory.
#[derive(Debug, Clone)]
pub struct Batch {
	text: String,
	/// What it is announced by.
	pub summary: Summary,
}

impl Batch {
	/// Reads a batch file.
	pub fn read(path: &Path) -> Result<Self> {
		Self::parse(fs::read(path).map_err(Error::io(path))?)
			.map_err(|problem| Error::file(path, problem))
	}

	/// Takes a batch file's bytes. If they are none, says why.
	pub fn parse(bytes: Vec<u8>) -> Result<Self, String> {
		let content = Hash256::sha256(&bytes);
		let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
		if text.is_empty() {
			return Err("it has no rows".into());
		}
		if !text.ends_with('\n') {
			return Err("its last row has no newline: it may have been cut short".into());
		}
		let leaves: Vec<Hash256> = lines(&text).map(|row| leaf(row.as_bytes())).collect();
		if let Some(row) = lines(&text).position(|row| row.len() > MAX_ROW_BYTES) {
			return Err(format!("row {row} is longer than {MAX_ROW_BYTES} bytes"));
		}
		let summary = Summary {
			root: root(&leaves),
			rows: u32::try_from(leaves.len()).map_err(|_| "it has too many rows")?,
			bytes: text.len() as u64,
			content,
		};
		Ok(Self { text, summary })
	}

	/// The rows, without their newlines.
	pub fn rows(&self) -> impl Iterator<Item = &str> {
		lines(&self.text)
	}
}

// Not `str::lines`, which takes a carriage return away.
fn lines(text: &str) -> impl Iterator<Item = &str> {
	text.strip_suffix('\n').unwrap_or(text).split('\n')
}

/// The hash of a row.
pub fn leaf(row: &[u8]) -> Hash256 {
	let hash = Keccak256::new().chain_update([0]).chain_update(row);
	Hash256(hash.finalize().into())
}

/// The Merkle root over leaves; that of none is all zeros.
pub fn root(leaves: &[Hash256]) -> Hash256 {
	match leaves {
		[] => Hash256::default(),
		[leaf] => *leaf,
		_ => {
			let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
			let node = Keccak256::new()
				.chain_update([1])
				.chain_update(root(left).0)
				.chain_update(root(right).0);
			Hash256(node.finalize().into())
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn summary(bytes: &[u8]) -> Result<Summary, String> {
		Batch::parse(bytes.to_vec()).map(|batch| batch.summary)
	}

	#[test]
	fn known_root() {
		// As in the inference crate: computed apart from both.
		let known = "00d25e3ecfd5a8430c58b5562d4a00f53ce3e76001e3683df8496c541fecb9da";
		assert_eq!(summary(b"a\nb\n").unwrap().root.to_string(), known);
	}

	#[test]
	fn odd_leaves_move_up() {
		let leaves = [b"a", b"b", b"c"].map(|row| leaf(row));
		let left = root(&leaves[..2]);
		let node = Keccak256::new()
			.chain_update([1])
			.chain_update(left.0)
			.chain_update(leaves[2].0);
		assert_eq!(root(&leaves), Hash256(node.finalize().into()));
		assert_eq!(root(&leaves[..1]), leaves[0]);
	}

	#[test]
	fn rows_are_lines() {
		let batch = Batch::parse(b"a\r\n\n b\n".to_vec()).unwrap();
		assert_eq!(batch.rows().collect::<Vec<_>>(), ["a\r", "", " b"]);
		assert_eq!((batch.summary.rows, batch.summary.bytes), (3, 7));
		for (bytes, problem) in [
			(&b""[..], "no rows"),
			(b"a\nb", "newline"),
			(b"\xff\n", "UTF-8"),
		] {
			assert!(summary(bytes).unwrap_err().contains(problem));
		}
		let mut long = vec![b'x'; MAX_ROW_BYTES + 1];
		long.push(b'\n');
		assert!(summary(&long).unwrap_err().contains("row 0 is longer"));
	}
}
