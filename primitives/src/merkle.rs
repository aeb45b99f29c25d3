//! The Merkle tree over a batch's rows: the shape of RFC 6962, section 2.1, with Keccak-256.
//!
//! A leaf is `keccak(0x00 ‖ row)`, an inner node `keccak(0x01 ‖ left ‖ right)`; the two prefixes keep
//! an inner node from being passed off as a row. Over `n > 1` leaves the left subtree takes the
//! largest power of two below `n`. No leaf is ever duplicated, so a root fits one list of rows only. For
//! a given number of rows a proof binds row and index to the root; that number must come from the
//! chain, since a proof may also pass for another one. Keccak makes it cheap to check in a Solidity
//! contract. A tree without leaves has no root: an empty batch does not exist.

use alloc::vec::Vec;
use sp_core::H256;
use sp_crypto_hashing::keccak_256;

/// The most siblings that a proof can have: rows are counted by a `u32`.
pub const MAX_PROOF_LEN: usize = 32;

/// The hash of one row.
pub fn leaf(row: &[u8]) -> H256 {
	let mut data = Vec::with_capacity(row.len().saturating_add(1));
	data.push(0);
	data.extend_from_slice(row);
	H256(keccak_256(&data))
}

/// The hash of two subtrees.
pub fn node(left: &H256, right: &H256) -> H256 {
	let mut data = [0u8; 65];
	data[0] = 1;
	data[1..33].copy_from_slice(&left.0);
	data[33..].copy_from_slice(&right.0);
	H256(keccak_256(&data))
}

/// Builds a root row by row in memory that grows with the logarithm of their number.
#[derive(Clone, Debug, Default)]
pub struct RootBuilder {
	/// Roots of complete subtrees, largest first, each with its number of leaves.
	subtrees: Vec<(u64, H256)>,
}

impl RootBuilder {
	/// Adds the next row's leaf.
	pub fn push(&mut self, leaf: H256) {
		let (mut size, mut root) = (1u64, leaf);
		while let Some((_, left)) = self.subtrees.pop_if(|(s, _)| *s == size) {
			root = node(&left, &root);
			size = size.saturating_mul(2);
		}
		self.subtrees.push((size, root));
	}

	/// The root of all rows so far; `None` if there are none.
	pub fn root(&self) -> Option<H256> {
		let mut subtrees = self.subtrees.iter().rev().map(|(_, root)| *root);
		let last = subtrees.next()?;
		Some(subtrees.fold(last, |right, left| node(&left, &right)))
	}
}

/// The root over `leaves`; `None` if there are none.
pub fn root(leaves: &[H256]) -> Option<H256> {
	let mut builder = RootBuilder::default();
	leaves.iter().for_each(|leaf| builder.push(*leaf));
	builder.root()
}

/// The largest power of two below `n`, for `n > 1`.
fn split_point(n: usize) -> usize {
	n.checked_next_power_of_two().map_or(0, |p| p >> 1)
}

/// The siblings from the leaf at `index` up to the root; `None` if there is no such leaf.
pub fn prove(leaves: &[H256], index: usize) -> Option<Vec<H256>> {
	if index >= leaves.len() {
		return None;
	}
	let (mut range, mut index, mut path) = (leaves, index, Vec::new());
	while range.len() > 1 {
		let (left, right) = range.split_at(split_point(range.len()));
		if index < left.len() {
			path.extend(root(right));
			range = left;
		} else {
			path.extend(root(left));
			index = index.saturating_sub(left.len());
			range = right;
		}
	}
	path.reverse();
	Some(path)
}

/// Whether `leaf` is the one at `index` among `count` leaves under `root`, shown by `proof`, the
/// siblings from the leaf upwards (RFC 9162, section 2.1.3.2).
pub fn verify(root: &H256, leaf: &H256, index: u32, count: u32, proof: &[H256]) -> bool {
	if index >= count || proof.len() > MAX_PROOF_LEN {
		return false;
	}
	let (mut position, mut last) = (index, count.saturating_sub(1));
	let mut hash = *leaf;
	for sibling in proof {
		if last == 0 {
			return false;
		}
		if position & 1 == 1 || position == last {
			hash = node(sibling, &hash);
			while position & 1 == 0 && position != 0 {
				position >>= 1;
				last >>= 1;
			}
		} else {
			hash = node(&hash, sibling);
		}
		position >>= 1;
		last >>= 1;
	}
	last == 0 && hash == *root
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn leaves(n: usize) -> Vec<H256> {
		(0..n).map(|i| leaf(&(i as u64).to_le_bytes())).collect()
	}

	/// The definition of RFC 6962, word for word.
	fn naive_root(leaves: &[H256]) -> H256 {
		match leaves {
			[one] => *one,
			many => {
				let mut k = 1;
				while k * 2 < many.len() {
					k *= 2;
				}
				node(&naive_root(&many[..k]), &naive_root(&many[k..]))
			}
		}
	}

	#[test]
	fn no_rows_have_no_root() {
		assert_eq!(root(&[]), None);
		assert_eq!(prove(&[], 0), None);
	}

	#[test]
	fn every_leaf_of_small_trees_is_proved_and_no_other_place_is() {
		for n in 1..40 {
			let leaves = leaves(n);
			let root = root(&leaves).unwrap();
			assert_eq!(root, naive_root(&leaves));
			for i in 0..n {
				let proof = prove(&leaves, i).unwrap();
				for claimed in 0..n as u32 {
					let ok = verify(&root, &leaves[i], claimed, n as u32, &proof);
					assert_eq!(ok, claimed == i as u32, "leaf {i} of {n} as {claimed}");
				}
			}
			assert_eq!(prove(&leaves, n), None);
		}
	}

	#[test]
	fn an_inner_node_is_not_a_row() {
		let leaves = leaves(4);
		let root = root(&leaves).unwrap();
		let inner = node(&leaves[0], &leaves[1]);
		let sibling = node(&leaves[2], &leaves[3]);
		assert_eq!(node(&inner, &sibling), root);
		// The bytes of an inner node, offered as a row, hash with the leaf's prefix.
		let mut bytes = leaves[0].0.to_vec();
		bytes.extend_from_slice(&leaves[1].0);
		assert!(!verify(&root, &leaf(&bytes), 0, 2, &[sibling]));
	}

	#[test]
	fn an_overlong_proof_is_refused() {
		let leaves = leaves(2);
		let root = root(&leaves).unwrap();
		let mut proof = prove(&leaves, 0).unwrap();
		proof.resize(MAX_PROOF_LEN + 1, H256::zero());
		assert!(!verify(&root, &leaves[0], 0, 2, &proof));
	}

	proptest! {
		#[test]
		fn proofs_hold_and_any_change_breaks_them(n in 1usize..600, pick: usize, flip in 0usize..256) {
			let leaves = leaves(n);
			let root = root(&leaves).unwrap();
			prop_assert_eq!(root, naive_root(&leaves));
			let i = pick % n;
			let proof = prove(&leaves, i).unwrap();
			prop_assert!(verify(&root, &leaves[i], i as u32, n as u32, &proof));
			let mut other = leaves[i];
			other.0[flip / 8] ^= 1 << (flip % 8);
			prop_assert!(!verify(&root, &other, i as u32, n as u32, &proof));
			if !proof.is_empty() {
				let mut bad = proof.clone();
				let at = pick % bad.len();
				bad[at].0[flip / 8] ^= 1 << (flip % 8);
				prop_assert!(!verify(&root, &leaves[i], i as u32, n as u32, &bad));
				prop_assert!(!verify(&root, &leaves[i], i as u32, n as u32, &proof[1..]));
			}
		}
	}
}
