//! How models share with those that they are built on.
//!
//! A model passes a part of what it gets, its ancestor's *royalty*, on to each ancestor that it was built on
//! directly; that one divides it by its own lineage. So a lineage is the list of all that share, with weights
//! that sum up to the [`WHOLE`], and is computed once: when the model is registered.

use alloc::{collections::BTreeMap, vec::Vec};

use crate::{
	split::{apportion, BASIS_POINTS},
	types::ModelId,
};

/// What the weights of a lineage sum up to.
pub const WHOLE: u32 = 1_000_000;

/// The most models of a lineage, the model itself included: so many share in the model's part of each fee.
pub const MAX_LINEAGE: u32 = 8;

/// The most generations of a lineage, the model's own included: a base, an adapter on it, a merge of such,
/// and an adapter on that.
pub const MAX_DEPTH: u32 = 4;

/// The most adapters of a merge: with the merge itself and the base they must fit into a lineage.
pub const MAX_PARTS: u32 = MAX_LINEAGE - 2;

/// The most that a model takes of those that are built on it, in basis points of their part: half of it, so
/// that whoever builds keeps no less than all ancestors together get.
pub const MAX_ROYALTY: u32 = 5_000;

/// A model that another one is built on directly.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Parent<'a> {
	/// How much it counts among the parents.
	pub weight: u32,
	/// What it takes, in basis points of the part that falls to it by its weight.
	pub royalty: u32,
	/// Its own lineage.
	pub lineage: &'a [(ModelId, u32)],
}

/// The lineage of `model`: itself, then the ancestors by their ids, each once, those that take nothing with
/// no weight. The weights sum up to [`WHOLE`] exactly (largest remainder, on a tie the first).
///
/// `None` if there are parents and all weights are zero, or one takes more than all.
pub fn lineage(model: ModelId, parents: &[Parent<'_>]) -> Option<Vec<(ModelId, u32)>> {
	let mut own = u128::from(parents.is_empty());
	let mut ancestors = BTreeMap::<ModelId, u128>::new();
	for parent in parents {
		let weight = u128::from(parent.weight);
		let kept = BASIS_POINTS.checked_sub(parent.royalty)?;
		own = weight
			.checked_mul(kept.into())?
			.checked_mul(WHOLE.into())?
			.checked_add(own)?;
		for (ancestor, part) in parent.lineage {
			let sum = ancestors.entry(*ancestor).or_default();
			*sum = weight
				.checked_mul(parent.royalty.into())?
				.checked_mul(u128::from(*part))?
				.checked_add(*sum)?;
		}
	}
	let (ids, weights): (Vec<_>, Vec<_>) = core::iter::once((model, own)).chain(ancestors).unzip();
	ids.into_iter()
		.zip(apportion(WHOLE.into(), &weights)?)
		.map(|(id, weight)| Some((id, u32::try_from(weight).ok()?)))
		.collect()
}

/// The lineage of a model that turns out to be built on another one besides, which takes `royalty` basis
/// points of all that falls to the model and those that it was known to descend from, and divides them by its
/// own lineage. The weights sum up to [`WHOLE`] exactly (largest remainder, on a tie the first).
///
/// `None` if the other takes more than all, or the model has no lineage.
pub fn with_ancestor(
	own: &[(ModelId, u32)],
	royalty: u32,
	ancestor: &[(ModelId, u32)],
) -> Option<Vec<(ModelId, u32)>> {
	let kept = u128::from(BASIS_POINTS.checked_sub(royalty)?);
	let ((model, first), others) = own.split_first()?;
	let mut ancestors = BTreeMap::<ModelId, u128>::new();
	for (id, weight) in others {
		ancestors.insert(*id, kept.checked_mul(u128::from(*weight))?);
	}
	for (id, weight) in ancestor {
		let sum = ancestors.entry(*id).or_default();
		*sum = u128::from(royalty)
			.checked_mul(u128::from(*weight))?
			.checked_add(*sum)?;
	}
	let first = kept.checked_mul(u128::from(*first))?;
	let (ids, weights): (Vec<_>, Vec<_>) =
		core::iter::once((*model, first)).chain(ancestors).unzip();
	ids.into_iter()
		.zip(apportion(WHOLE.into(), &weights)?)
		.map(|(id, weight)| Some((id, u32::try_from(weight).ok()?)))
		.collect()
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn parent(weight: u32, royalty: u32, lineage: &[(ModelId, u32)]) -> Parent<'_> {
		Parent {
			weight,
			royalty,
			lineage,
		}
	}

	#[test]
	fn a_base_has_all() {
		assert_eq!(lineage(7, &[]), Some(vec![(7, WHOLE)]));
	}

	#[test]
	fn royalties_are_passed_on_from_generation_to_generation() {
		let base = [(0, WHOLE)];
		let adapter = lineage(1, &[parent(1, 2_000, &base)]).unwrap();
		assert_eq!(adapter, [(1, 800_000), (0, 200_000)]);
		let next = lineage(2, &[parent(1, 5_000, &adapter)]).unwrap();
		assert_eq!(next, [(2, 500_000), (0, 100_000), (1, 400_000)]);
	}

	#[test]
	fn the_parts_of_a_merge_count_by_weight_and_the_base_once() {
		let first = [(1, 900_000), (0, 100_000)];
		let second = [(2, 500_000), (0, 500_000)];
		let merge = lineage(3, &[parent(3, 1_000, &first), parent(1, 4_000, &second)]).unwrap();
		// Three quarters pass a tenth on, one quarter two fifths.
		assert_eq!(merge, [(3, 825_000), (0, 57_500), (1, 67_500), (2, 50_000)]);
	}

	#[test]
	fn who_takes_nothing_is_still_named() {
		let adapter = lineage(1, &[parent(1, 0, &[(0, WHOLE)])]);
		assert_eq!(adapter, Some(vec![(1, WHOLE), (0, 0)]));
	}

	#[test]
	fn what_makes_no_lineage_is_told() {
		assert_eq!(lineage(1, &[parent(0, 1_000, &[(0, WHOLE)])]), None);
		assert_eq!(lineage(1, &[parent(1, 10_001, &[(0, WHOLE)])]), None);
	}

	#[test]
	fn an_ancestor_that_comes_late_takes_its_royalty_of_all() {
		let copy = [(3, 800_000), (0, 200_000)];
		let original = [(7, 800_000), (0, 200_000)];
		// A quarter for the original, of which a fifth is the base's.
		assert_eq!(
			with_ancestor(&copy, 2_500, &original),
			Some(vec![(3, 600_000), (0, 200_000), (7, 200_000)])
		);
		assert_eq!(
			with_ancestor(&copy, 0, &original),
			Some(vec![(3, 800_000), (0, 200_000), (7, 0)])
		);
		assert_eq!(with_ancestor(&copy, 10_001, &original), None);
		assert_eq!(with_ancestor(&[], 2_500, &original), None);
	}

	proptest! {
		#[test]
		fn a_late_ancestor_leaves_the_whole_whole(
			royalty in 0..=MAX_ROYALTY,
			own in 0..=WHOLE,
			taken in 0..=WHOLE,
		) {
			let made = with_ancestor(
				&[(3, own), (0, WHOLE - own)],
				royalty,
				&[(7, WHOLE - taken), (0, taken)],
			)
			.unwrap();
			prop_assert_eq!(made.iter().map(|(_, weight)| weight).sum::<u32>(), WHOLE);
			prop_assert!(made[0].1 + 3 >= own / 2);
		}

		#[test]
		fn weights_sum_up_and_the_model_keeps_half(
			generations in prop::collection::vec(
				prop::collection::vec((1u32.., 0..=MAX_ROYALTY), 0..5),
				1..6
			)
		) {
			let mut lineages: Vec<Vec<(ModelId, u32)>> = Vec::new();
			for (id, parents) in (0..).zip(generations) {
				// Of all that there are already, the later ones first.
				let parents: Vec<_> = parents
					.iter()
					.zip(lineages.iter().rev())
					.map(|((weight, royalty), lineage)| parent(*weight, *royalty, lineage))
					.collect();
				let made = lineage(id, &parents).unwrap();
				prop_assert_eq!(made.iter().map(|(_, weight)| weight).sum::<u32>(), WHOLE);
				prop_assert_eq!(made[0].0, id);
				// Less a unit for each that rounding may favour.
				prop_assert!(made[0].1 + made.len() as u32 >= WHOLE / 2);
				prop_assert!(made[1..].windows(2).all(|pair| pair[0].0 < pair[1].0));
				prop_assert!(made[1..].iter().all(|(ancestor, _)| *ancestor < id));
				lineages.push(made);
			}
		}
	}
}
