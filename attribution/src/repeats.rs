//! Which batches say what an earlier one has said: they are left out of training, and so get no scores.
//!
//! A document that is learned from six times shapes a model more than one that is learned from once, and no
//! rule of pay can take back what is real. So what was given before is not trained on again:
//!
//! - rows that are equal to an earlier row, in whichever batch;
//! - all rows of a batch that repeats an earlier one. Two batches are compared row by row, each row with at most
//!   one of the other's: what many documents of one subject have in common makes few such pairs, a copy that was
//!   changed a little many. The later one repeats the earlier one if at least a share of its rows are in pairs.
//!
//! Rows are alike by MinHash ([`MINHASH_SHARE`]), which anybody can show to the chain, or by their gradients at
//! the base model ([`cosine`] from [`ALIKE`] on, [`GRADIENT_SHARE`]), which who has the model finds. The thresholds lie
//! between the batches of honest contributors and copies of which every tenth token is another, on the seeds 101
//! to 103 of [`crate::synthetic`].
//!
//! What this does not find: copies that are rewritten so far that they are no nearer to the original than other
//! documents of the same subject are; and rows of several batches, mixed.
//!
//! [`cosine`]: crate::baselines::cosine

use std::collections::{BTreeMap, BTreeSet};

use ndarray::Array2;

use crate::{baselines::cosine, influence::Layer, Error};

/// From this cosine of their gradients on, two rows are alike.
pub const ALIKE: f64 = 0.5;

/// The share of rows that are alike by gradient, from which on a batch repeats another.
pub const GRADIENT_SHARE: f64 = 0.6;

/// The share of rows that are alike by MinHash, from which on a batch repeats another.
pub const MINHASH_SHARE: f64 = 0.35;

/// For each later batch that repeats an earlier one, that one; of several, the earliest.
///
/// `batches` names each row's batch, the smaller the earlier. A batch that repeats another is not one that others
/// can repeat: chains of small changes do not join what has little in common.
pub fn repeated(
	batches: &[u64],
	share: f64,
	alike: impl Fn(usize, usize) -> bool,
) -> BTreeMap<u64, u64> {
	let mut rows = BTreeMap::<u64, Vec<usize>>::new();
	for (row, batch) in batches.iter().enumerate() {
		rows.entry(*batch).or_default().push(row);
	}
	let mut found = BTreeMap::new();
	for (later, of_later) in &rows {
		let least = (share * of_later.len() as f64).ceil() as usize;
		let original = rows
			.range(..later)
			.filter(|(earlier, _)| !found.contains_key(*earlier))
			.find(|(_, of_earlier)| pairs(of_later, of_earlier, &alike) >= least.max(1));
		if let Some((earlier, _)) = original {
			found.insert(*later, *earlier);
		}
	}
	found
}

/// As [`repeated`], by the rows' gradients at the base model, with all layers.
///
/// Fails if layers have different numbers of rows.
pub fn repeated_by_gradient(
	batches: &[u64],
	gradients: &[Layer],
) -> Result<BTreeMap<u64, u64>, Error> {
	let width = gradients.iter().map(|layer| layer.gradients.ncols()).sum();
	let mut all = Array2::<f32>::zeros((batches.len(), width));
	let mut start = 0;
	for layer in gradients {
		let rows = layer.gradients.nrows();
		if rows != batches.len() {
			return Err(Error::Shape {
				what: "gradients of a layer",
				found: rows,
				expected: batches.len(),
			});
		}
		let end = start + layer.gradients.ncols();
		all.slice_mut(ndarray::s![.., start..end])
			.assign(&layer.gradients);
		start = end;
	}
	let similar = cosine(all.view(), all.view());
	Ok(repeated(batches, GRADIENT_SHARE, |one, other| {
		similar[(one, other)] >= ALIKE
	}))
}

/// Which rows are trained on: not those of batches that repeat others, nor those equal to an earlier row.
pub fn kept<R: Ord>(rows: &[R], batches: &[u64], repeated: &BTreeMap<u64, u64>) -> Vec<bool> {
	let mut seen = BTreeSet::new();
	rows.iter()
		.zip(batches)
		.map(|(row, batch)| !repeated.contains_key(batch) && seen.insert(row))
		.collect()
}

/// The most pairs of rows that are alike, each row in one at most.
fn pairs(left: &[usize], right: &[usize], alike: &impl Fn(usize, usize) -> bool) -> usize {
	let edges: Vec<Vec<usize>> = left
		.iter()
		.map(|row| {
			(0..right.len())
				.filter(|other| alike(*row, right[*other]))
				.collect()
		})
		.collect();
	let mut partner = vec![None; right.len()];
	(0..left.len())
		.filter(|row| augment(*row, &edges, &mut vec![false; right.len()], &mut partner))
		.count()
}

/// Finds a partner for a row, by giving others another one if need be.
fn augment(
	row: usize,
	edges: &[Vec<usize>],
	tried: &mut [bool],
	partner: &mut [Option<usize>],
) -> bool {
	for other in &edges[row] {
		if std::mem::replace(&mut tried[*other], true) {
			continue;
		}
		if partner[*other].is_none_or(|taken| augment(taken, edges, tried, partner)) {
			partner[*other] = Some(row);
			return true;
		}
	}
	false
}

#[cfg(test)]
mod tests {
	use super::*;
	use ndarray::array;
	use proptest::prelude::*;

	fn equal(rows: &[u32]) -> impl Fn(usize, usize) -> bool + '_ {
		|one, other| rows[one] == rows[other]
	}

	#[test]
	fn the_earliest_is_named_and_chains_are_not_made() {
		let batches = [3, 3, 1, 1, 2, 2, 4, 4];
		// 2 has half of 1, 3 the other half of 2, 4 all of 3.
		let rows = [20, 30, 1, 10, 10, 20, 20, 30];
		let found = repeated(&batches, 0.5, equal(&rows));
		assert_eq!(found, [(2, 1), (4, 3)].into());
		assert!(repeated(&batches, 0.51, equal(&rows)) == [(4, 3)].into());
	}

	#[test]
	fn what_is_said_again_and_again_makes_one_pair() {
		let batches = [1, 1, 1, 1, 2, 2, 2, 2];
		let rows = [7, 1, 2, 3, 7, 7, 7, 7];
		assert!(repeated(&batches, 0.5, equal(&rows)).is_empty());
		assert_eq!(repeated(&batches, 0.25, equal(&rows)), [(2, 1)].into());
	}

	#[test]
	fn rows_take_another_partner_if_need_be() {
		let alike = |one: usize, other: usize| matches!((one, other), (0, 2 | 3) | (1, 2));
		assert_eq!(pairs(&[0, 1], &[2, 3], &alike), 2);
	}

	#[test]
	fn nothing_in_common_repeats_nothing_even_at_a_share_of_none() {
		assert!(repeated(&[1, 2], 0.0, |_, _| false).is_empty());
		assert!(repeated(&[], 0.5, |_, _| true).is_empty());
	}

	#[test]
	fn gradients_that_are_parallel_are_alike_over_all_layers() {
		let layers = [
			Layer::new(array![[1.0, 0.0], [0.0, 1.0], [2.0, 0.1], [0.0, 1.0]]),
			Layer::new(array![[0.0], [1.0], [0.0], [-9.0]]),
		];
		let found = repeated_by_gradient(&[1, 2, 3, 4], &layers).unwrap();
		assert_eq!(found, [(3, 1)].into());
		assert!(matches!(
			repeated_by_gradient(&[1, 2], &layers),
			Err(Error::Shape { found: 4, .. })
		));
	}

	#[test]
	fn one_of_equal_rows_is_kept() {
		let kept = kept(
			&["a", "b", "a", "c", "d"],
			&[1, 1, 2, 2, 3],
			&[(3, 1)].into(),
		);
		assert_eq!(kept, [true, true, false, true, false]);
	}

	proptest! {
		/// However copies are ordered, and in however many batches they are: the training set is that of
		/// the honest.
		#[test]
		fn copies_are_not_trained_on(
			honest in prop::collection::vec((1u64..6, any::<u8>()), 1..40),
			copies in prop::collection::vec((6u64..30, any::<prop::sample::Index>()), 0..60)
		) {
			let (mut batches, mut rows): (Vec<_>, Vec<_>) = honest.iter().copied().unzip();
			let before = kept(&rows, &batches, &BTreeMap::new());
			for (batch, index) in copies {
				batches.push(batch);
				rows.push(rows[index.index(honest.len())]);
			}
			let after = kept(&rows, &batches, &BTreeMap::new());
			prop_assert_eq!(&after[..honest.len()], before);
			prop_assert!(after[honest.len()..].iter().all(|kept| !kept));
		}
	}
}
