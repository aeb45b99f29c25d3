//! What each batch of data has earned by a batch of calls: a map of any size, for which a root stands.
//!
//! A binary tree that branches by the bits of a batch's id, the lowest first: ids are given out in order, so
//! that a tree over `n` of them is about log2(n) deep, and no tree is deeper than an id has bits. A subtree
//! without earnings is [empty](Summary::EMPTY), one with a single batch is that leaf, however far up. So a
//! map has one root, in whichever order it was filled.
//!
//! A leaf is `keccak(0x00 ‖ batch ‖ value)`, an inner node `keccak(0x01 ‖ hash ‖ sum ‖ hash ‖ sum)` of its
//! left and its right side, numbers little-endian; the empty subtree's hash is zero. The two prefixes keep a
//! node from being passed off as a leaf, and the id in a leaf keeps it from standing in another one's place.
//! As each node commits to what its sides have earned, leaves that are shown under one root never have more
//! than the root's sum together, whoever made the tree and however.
//!
//! A part of the tree, which stands for the same root, is a list of [`Part`]s from the root downwards, left
//! before right. In it those batches can be looked up, and added to, to which it shows the way.

use alloc::{sync::Arc, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::slice::Iter;
use scale_info::TypeInfo;
use sp_core::{bounded::BoundedVec, ConstU32, H256};
use sp_crypto_hashing::keccak_256;

use crate::types::BatchId;

/// The most batches of data that one batch of calls can pay.
pub const MAX_EARNERS: u32 = 1_000_000;

/// The most parts that it takes to show one batch: the way to it, what branches off, and the batch.
pub const MAX_PROOF_PARTS: u32 = 2 * BatchId::BITS + 1;

/// The most parts that it takes to show as many batches as [one answer](crate::answer::MAX_ENTRIES) names:
/// 63 nodes in which the ways to 64 of them part, 58 on each of these ways, and a part beside each of them.
pub const MAX_WITNESS_PARTS: u32 = 2 * (63 + 64 * 58) + 1;

/// Shows what one batch has earned.
pub type Proof = BoundedVec<Part, ConstU32<MAX_PROOF_PARTS>>;

/// Shows what the batches have earned that one call adds to.
pub type Witness = BoundedVec<Part, ConstU32<MAX_WITNESS_PARTS>>;

/// What stands for a map, or for a part of it.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Default,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub struct Summary {
	/// The tree's hash.
	pub hash: H256,
	/// What all its batches have earned together, in millionths of a unit of the token.
	pub sum: u128,
}

impl Summary {
	/// Of nothing.
	pub const EMPTY: Self = Self {
		hash: H256::zero(),
		sum: 0,
	};

	fn of_leaf(batch: BatchId, value: u128) -> Self {
		let bytes = (0u8, batch, value).encode();
		Self {
			hash: H256(keccak_256(&bytes)),
			sum: value,
		}
	}

	/// `None` if the sum overflows.
	fn of_node(left: &Self, right: &Self) -> Option<Self> {
		let sum = left.sum.checked_add(right.sum)?;
		let bytes = (1u8, left, right).encode();
		Some(Self {
			hash: H256(keccak_256(&bytes)),
			sum,
		})
	}
}

/// A piece of a tree that is shown.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub enum Part {
	/// A subtree in which nothing has earned.
	Empty,
	/// A subtree with a single batch.
	Leaf {
		/// The batch of data.
		batch: BatchId,
		/// What it has earned, in millionths of a unit of the token. Above zero.
		value: u128,
	},
	/// An inner node. Its left side follows, then its right side.
	Node,
	/// A subtree that is not shown.
	Hidden(Summary),
}

/// Why something cannot be looked up or added.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EarningsError {
	/// The part of the tree does not show it.
	Hidden,
	/// The sum overflows.
	Overflow,
}

/// What batches of data have earned: all of it, or a part that stands for the same root. Copies share what
/// they have in common.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Earnings(Tree);

impl Earnings {
	/// Of these batches; one that comes twice has earned both. `None` if the sum overflows.
	pub fn of(list: impl IntoIterator<Item = (BatchId, u128)>) -> Option<Self> {
		list.into_iter()
			.try_fold(Self::default(), |earnings, (batch, value)| {
				Some(earnings.with(batch, value).ok()?.0)
			})
	}

	/// The tree of which these are the parts. `None` if they are not one tree, or a batch is where it does
	/// not belong.
	pub fn from_parts(parts: &[Part]) -> Option<Self> {
		let mut parts = parts.iter();
		let tree = Tree::read(&mut parts, 0, 0)?;
		parts.next().is_none().then_some(Self(tree))
	}

	/// What stands for it.
	pub fn summary(&self) -> Summary {
		self.0.summary()
	}

	/// What a batch has earned, in millionths of a unit of the token: zero if it is not there.
	pub fn get(&self, batch: BatchId) -> Result<u128, EarningsError> {
		let (mut tree, mut depth) = (&self.0, 0);
		loop {
			match tree {
				Tree::Empty => return Ok(0),
				Tree::Leaf { batch: it, value } => {
					return Ok(if *it == batch { *value } else { 0 });
				}
				Tree::Hidden(_) => return Err(EarningsError::Hidden),
				Tree::Node(node) => {
					tree = if bit(batch, depth) {
						&node.right
					} else {
						&node.left
					};
					depth = depth.saturating_add(1);
				}
			}
		}
	}

	/// The same when a batch has earned more, and whether it is a new one. Nothing more changes nothing.
	pub fn with(&self, batch: BatchId, more: u128) -> Result<(Self, bool), EarningsError> {
		if more == 0 {
			return Ok((self.clone(), false));
		}
		let (tree, is_new) = self.0.with(0, batch, more)?;
		Ok((Self(tree), is_new))
	}

	/// All batches that are shown, ascending, with what they have earned.
	pub fn entries(&self) -> Vec<(BatchId, u128)> {
		let mut entries = Vec::new();
		self.0.collect(&mut entries);
		entries.sort_unstable();
		entries
	}

	/// The part that shows these batches, whether they have earned or not.
	pub fn show(&self, batches: &[BatchId]) -> Vec<Part> {
		let mut parts = Vec::new();
		self.0.show(0, batches.to_vec(), &mut parts);
		parts
	}

	/// Shows what a batch has earned. `None` if that is nothing.
	pub fn prove(&self, batch: BatchId) -> Option<Proof> {
		self.get(batch).ok().filter(|value| *value > 0)?;
		Proof::try_from(self.show(&[batch])).ok()
	}

	/// Shows these batches. `None` if there are more than an answer can name.
	pub fn witness(&self, batches: &[BatchId]) -> Option<Witness> {
		Witness::try_from(self.show(batches)).ok()
	}
}

/// What a batch has earned by a map of which the summary is known, above zero. `None` if it is not proven.
pub fn verify(known: &Summary, batch: BatchId, proof: &[Part]) -> Option<u128> {
	let shown = Earnings::from_parts(proof).filter(|shown| shown.summary() == *known)?;
	shown.get(batch).ok().filter(|value| *value > 0)
}

/// A leaf is at the end of the way that its batch's bits lead, or above it. Its value is not zero.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
enum Tree {
	#[default]
	Empty,
	Leaf {
		batch: BatchId,
		value: u128,
	},
	Node(Arc<Node>),
	Hidden(Summary),
}

#[derive(Debug, Eq, PartialEq)]
struct Node {
	summary: Summary,
	left: Tree,
	right: Tree,
}

impl Tree {
	fn node(left: Self, right: Self) -> Option<Self> {
		let summary = Summary::of_node(&left.summary(), &right.summary())?;
		Some(Self::Node(Arc::new(Node {
			summary,
			left,
			right,
		})))
	}

	fn summary(&self) -> Summary {
		match self {
			Self::Empty => Summary::EMPTY,
			Self::Leaf { batch, value } => Summary::of_leaf(*batch, *value),
			Self::Node(node) => node.summary,
			Self::Hidden(summary) => *summary,
		}
	}

	/// Reads a subtree to which `path` leads, the first `depth` bits of the ids in it.
	fn read(parts: &mut Iter<'_, Part>, depth: u32, path: BatchId) -> Option<Self> {
		match parts.next()? {
			Part::Empty => Some(Self::Empty),
			Part::Leaf { batch, value } => {
				let (batch, value) = (*batch, *value);
				let belongs = batch & first_bits(depth) == path;
				(belongs && value > 0).then_some(Self::Leaf { batch, value })
			}
			Part::Hidden(summary) => Some(Self::Hidden(*summary)),
			Part::Node => {
				// Nothing branches any more where the bits are used up.
				let right = path | BatchId::from(1u8).checked_shl(depth)?;
				let depth = depth.saturating_add(1);
				Self::node(
					Self::read(parts, depth, path)?,
					Self::read(parts, depth, right)?,
				)
			}
		}
	}

	fn with(&self, depth: u32, batch: BatchId, more: u128) -> Result<(Self, bool), EarningsError> {
		let of = |left, right| Self::node(left, right).ok_or(EarningsError::Overflow);
		match self {
			Self::Empty => Ok((Self::Leaf { batch, value: more }, true)),
			Self::Leaf { batch: it, value } if *it == batch => {
				let value = value.checked_add(more).ok_or(EarningsError::Overflow)?;
				Ok((Self::Leaf { batch, value }, false))
			}
			Self::Leaf { batch: it, .. } => {
				let new = Self::Leaf { batch, value: more };
				let fork = Self::fork(depth, (*it, self.clone()), (batch, new));
				Ok((fork.ok_or(EarningsError::Overflow)?, true))
			}
			Self::Node(node) => {
				let below = depth.saturating_add(1);
				if bit(batch, depth) {
					let (right, is_new) = node.right.with(below, batch, more)?;
					Ok((of(node.left.clone(), right)?, is_new))
				} else {
					let (left, is_new) = node.left.with(below, batch, more)?;
					Ok((of(left, node.right.clone())?, is_new))
				}
			}
			Self::Hidden(_) => Err(EarningsError::Hidden),
		}
	}

	/// Two leaves under the node where their ways part, which is at this depth or below.
	fn fork(depth: u32, one: (BatchId, Self), other: (BatchId, Self)) -> Option<Self> {
		let below = depth.saturating_add(1);
		match (bit(one.0, depth), bit(other.0, depth)) {
			(false, true) => Self::node(one.1, other.1),
			(true, false) => Self::node(other.1, one.1),
			(false, false) => Self::node(Self::fork(below, one, other)?, Self::Empty),
			(true, true) => Self::node(Self::Empty, Self::fork(below, one, other)?),
		}
	}

	fn collect(&self, entries: &mut Vec<(BatchId, u128)>) {
		match self {
			Self::Empty | Self::Hidden(_) => {}
			Self::Leaf { batch, value } => entries.push((*batch, *value)),
			Self::Node(node) => {
				node.left.collect(entries);
				node.right.collect(entries);
			}
		}
	}

	/// A leaf is shown in any case: it is shorter than what would stand for it.
	fn show(&self, depth: u32, batches: Vec<BatchId>, parts: &mut Vec<Part>) {
		match self {
			Self::Empty => parts.push(Part::Empty),
			Self::Leaf { batch, value } => parts.push(Part::Leaf {
				batch: *batch,
				value: *value,
			}),
			Self::Node(node) if !batches.is_empty() => {
				parts.push(Part::Node);
				let (right, left) = batches.into_iter().partition(|batch| bit(*batch, depth));
				let depth = depth.saturating_add(1);
				node.left.show(depth, left, parts);
				node.right.show(depth, right, parts);
			}
			Self::Node(_) | Self::Hidden(_) => parts.push(Part::Hidden(self.summary())),
		}
	}
}

/// Whether a batch is on the right side of a node at this depth.
fn bit(batch: BatchId, depth: u32) -> bool {
	batch.checked_shr(depth).is_some_and(|rest| rest & 1 == 1)
}

/// So many ones, from the lowest bit on.
fn first_bits(count: u32) -> BatchId {
	BatchId::from(1u8)
		.checked_shl(count)
		.map_or(BatchId::MAX, |bit| bit.saturating_sub(1))
}

#[cfg(test)]
mod tests;
