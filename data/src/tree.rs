//! Files of leaves: the hash of each row of a batch, so that proofs are made without the rows.
//!
//! A file is the eight bytes `OLLEAVES`, then 32 bytes for each row in order. What is in it is checked
//! against the batch's root when it is read.

use crate::{
	output::{Output, Sealed},
	Error, Hash, MAX_BATCH_ROWS,
};
use openledger_primitives::merkle;
use sha3::{Digest, Keccak256};
use std::{
	fs::File,
	io::{Read, Write},
	path::Path,
};

const MAGIC: &[u8; 8] = b"OLLEAVES";

/// Below so many leaves a second thread isn't worth it.
const PARALLEL: usize = 4_096;

/// The leaf of some bytes: [`merkle::leaf`] without a copy.
pub fn leaf(bytes: &[u8]) -> Hash {
	let hash = Keccak256::new().chain_update([0]).chain_update(bytes);
	Hash::from_slice(&hash.finalize())
}

/// The root over leaves, as [`merkle::root`], on all cores. `None` if there are none.
pub fn root(leaves: &[Hash]) -> Option<Hash> {
	if leaves.len() <= PARALLEL {
		return merkle::root(leaves);
	}
	let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
	let (left, right) = rayon::join(|| root(left), || root(right));
	Some(merkle::node(&left?, &right?))
}

/// Writes a file of leaves.
pub fn write(path: &Path, leaves: &[Hash]) -> Result<(), Error> {
	seal(path, leaves)?.publish()
}

pub(crate) fn seal(path: &Path, leaves: &[Hash]) -> Result<Sealed, Error> {
	let mut output = Output::create(path)?;
	let mut put = |bytes: &[u8]| output.write_all(bytes).map_err(Error::io(path));
	put(MAGIC)?;
	leaves.iter().try_for_each(|leaf| put(leaf.as_bytes()))?;
	output.seal()
}

/// Reads a file of leaves.
pub fn read(path: &Path) -> Result<Vec<Hash>, Error> {
	let mut file = File::open(path).map_err(Error::io(path))?;
	let length = file.metadata().map_err(Error::io(path))?.len();
	let mut magic = [0; 8];
	let headed = file.read_exact(&mut magic).is_ok() && magic == *MAGIC;
	let most = u64::from(MAX_BATCH_ROWS) * 32 + 8;
	if !headed || length % 32 != 8 || length > most {
		return Err(Error::file(
			path,
			"this is no file of leaves, as \"prepare\" writes beside a batch",
		));
	}
	let mut bytes = Vec::new();
	file.read_to_end(&mut bytes).map_err(Error::io(path))?;
	Ok(bytes.chunks_exact(32).map(Hash::from_slice).collect())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_fast_ways_agree_with_the_chain() {
		assert_eq!(leaf(b"a row"), merkle::leaf(b"a row"));
		for count in [0u32, 1, 2, 4_096, 4_097, 8_192, 10_001] {
			let leaves: Vec<_> = (0..count).map(|i| leaf(&i.to_le_bytes())).collect();
			assert_eq!(root(&leaves), merkle::root(&leaves), "{count}");
		}
	}

	#[test]
	fn a_file_comes_back_and_a_damaged_one_does_not() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("a.tree");
		let leaves = [leaf(b"a"), leaf(b"b")];
		write(&path, &leaves).unwrap();
		assert_eq!(read(&path).unwrap(), leaves);
		// It is not written over.
		assert!(write(&path, &leaves).is_err());

		let bytes = std::fs::read(&path).unwrap();
		for wrong in [&bytes[..7], &bytes[..71], b"OLLEAVEX", b""] {
			std::fs::write(&path, wrong).unwrap();
			assert!(read(&path).is_err());
		}
	}
}
