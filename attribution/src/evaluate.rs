//! How good scores are, against what is known.

use std::cmp::Ordering;

use ndarray::{Array2, Axis};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::Error;

/// The ranks of `values` from 1; equal ones share the mean of their ranks. Values must not be NaN.
fn ranks(values: &[f64]) -> Vec<f64> {
	let mut order: Vec<usize> = (0..values.len()).collect();
	order.sort_by(|a, b| {
		values[*a]
			.partial_cmp(&values[*b])
			.unwrap_or(Ordering::Equal)
	});
	let mut ranks = vec![0.0; values.len()];
	let mut first = 0;
	for group in order.chunk_by(|a, b| values[*a] == values[*b]) {
		let rank = first as f64 + (group.len() as f64 + 1.0) / 2.0;
		group.iter().for_each(|index| ranks[*index] = rank);
		first += group.len();
	}
	ranks
}

/// Spearman's rank correlation of two lists of equal length, with equal values at the mean of their
/// ranks.
///
/// `None` if it is not defined: fewer than two pairs, lists of different lengths, one of them constant, or
/// a value that is NaN.
pub fn spearman(left: &[f64], right: &[f64]) -> Option<f64> {
	let known = left.iter().chain(right).all(|value| !value.is_nan());
	if left.len() != right.len() || left.len() < 2 || !known {
		return None;
	}
	let middle = (left.len() as f64 + 1.0) / 2.0;
	let (left, right) = (ranks(left), ranks(right));
	let product = |a: &[f64], b: &[f64]| -> f64 {
		a.iter()
			.zip(b)
			.map(|(a, b)| (a - middle) * (b - middle))
			.sum()
	};
	let squares = product(&left, &left) * product(&right, &right);
	(squares > 0.0).then(|| product(&left, &right) / squares.sqrt())
}

/// What scores predict for subsets: queries in rows, in each column the sum over the documents of one
/// subset.
///
/// Fails if a subset does not tell of each document whether it is in.
pub fn predictions(scores: &Array2<f64>, subsets: &[Vec<bool>]) -> Result<Array2<f64>, Error> {
	for subset in subsets {
		if subset.len() != scores.ncols() {
			return Err(Error::Shape {
				what: "documents of a subset",
				found: subset.len(),
				expected: scores.ncols(),
			});
		}
	}
	let sum = |query: usize, subset: &[bool]| {
		scores
			.row(query)
			.iter()
			.zip(subset)
			.filter(|(_, inside)| **inside)
			.map(|(score, _)| score)
			.sum::<f64>()
	};
	Ok(Array2::from_shape_fn(
		(scores.nrows(), subsets.len()),
		|(query, subset)| sum(query, &subsets[subset]),
	))
}

/// The linear datamodelling score (Park and others 2023): for each query the rank correlation over subsets
/// between what is predicted and what came out after training on the subset, averaged over the queries
/// where it is defined. Queries in rows, subsets in columns; higher must mean better in both.
///
/// `None` if it is defined for no query, or if the shapes differ.
pub fn lds(predicted: &Array2<f64>, actual: &Array2<f64>) -> Option<f64> {
	if predicted.dim() != actual.dim() {
		return None;
	}
	let correlations: Vec<f64> = predicted
		.axis_iter(Axis(0))
		.zip(actual.axis_iter(Axis(0)))
		.filter_map(|(predicted, actual)| spearman(&predicted.to_vec(), &actual.to_vec()))
		.collect();
	mean(&correlations)
}

/// The area under the receiver operating characteristic: how likely a random positive has a higher score
/// than a random negative, equal scores counting half.
///
/// `None` without a positive or without a negative, with lists of different lengths or with NaN.
pub fn auc(scores: &[f64], positive: &[bool]) -> Option<f64> {
	if scores.len() != positive.len() || scores.iter().any(|score| score.is_nan()) {
		return None;
	}
	let count = positive.iter().filter(|positive| **positive).count() as f64;
	let others = positive.len() as f64 - count;
	if count == 0.0 || others == 0.0 {
		return None;
	}
	let sum: f64 = ranks(scores)
		.iter()
		.zip(positive)
		.filter(|(_, positive)| **positive)
		.map(|(rank, _)| rank)
		.sum();
	Some((sum - count * (count + 1.0) / 2.0) / (count * others))
}

/// The share of the relevant documents that are among the `k` with the highest scores. If the k-th score
/// is shared, documents that have it count by their chance of being drawn.
///
/// `None` if nothing is relevant, with lists of different lengths or with NaN.
pub fn recall(scores: &[f64], relevant: &[bool], k: usize) -> Option<f64> {
	let all = relevant.iter().filter(|relevant| **relevant).count();
	if scores.len() != relevant.len() || all == 0 || scores.iter().any(|score| score.is_nan()) {
		return None;
	}
	let mut sorted: Vec<f64> = scores.to_vec();
	sorted.sort_by(|a, b| b.partial_cmp(a).unwrap_or(Ordering::Equal));
	let Some(least) = k
		.checked_sub(1)
		.map(|last| sorted[last.min(sorted.len() - 1)])
	else {
		return Some(0.0);
	};
	let above = sorted.iter().filter(|score| **score > least).count();
	let tied = sorted.iter().filter(|score| **score == least).count();
	let chance = ((k.min(sorted.len()) - above) as f64) / tied as f64;
	let found: f64 = scores
		.iter()
		.zip(relevant)
		.filter(|(_, relevant)| **relevant)
		.map(|(score, _)| match score.partial_cmp(&least) {
			Some(Ordering::Greater) => 1.0,
			Some(Ordering::Equal) => chance,
			_ => 0.0,
		})
		.sum();
	Some(found / all as f64)
}

/// A mean and the interval that it lies in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
	/// The lower end.
	pub low: f64,
	/// The mean of the sample.
	pub mean: f64,
	/// The upper end.
	pub high: f64,
}

/// How many samples a bootstrap draws.
const ROUNDS: usize = 2_000;

/// The mean of `values` with its 95 % confidence interval, by the percentile bootstrap with 2,000 rounds:
/// from the 50th to the 1,950th of the means of samples drawn with replacement.
///
/// One value gives an interval of no width. Few values give one that is too narrow: at five, expect it to
/// cover the truth in about 85 % of the cases. `None` without values or with one that is not finite.
pub fn bootstrap(values: &[f64], seed: u64) -> Option<Interval> {
	if !values.iter().all(|value| value.is_finite()) {
		return None;
	}
	let mean = mean(values)?;
	let mut random = ChaCha8Rng::seed_from_u64(seed);
	let mut draw = || values[random.gen_range(0..values.len())];
	let mut means: Vec<f64> = (0..ROUNDS)
		.map(|_| values.iter().map(|_| draw()).sum::<f64>() / values.len() as f64)
		.collect();
	means.sort_by(f64::total_cmp);
	Some(Interval {
		low: means[ROUNDS / 40 - 1],
		mean,
		high: means[ROUNDS - ROUNDS / 40 - 1],
	})
}

/// The mean; `None` without values.
pub fn mean(values: &[f64]) -> Option<f64> {
	(!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
	use super::*;
	use ndarray::array;
	use proptest::prelude::*;

	#[test]
	fn rank_correlations_by_hand() {
		let near = |found: Option<f64>, expected: f64| {
			assert!((found.unwrap() - expected).abs() < 1e-12, "{found:?}")
		};
		near(spearman(&[1.0, 2.0, 3.0], &[10.0, 20.0, 90.0]), 1.0);
		near(spearman(&[1.0, 2.0, 3.0], &[3.0, 2.0, -1.0]), -1.0);
		// Ranks 1 2 3 4 5 and 2 1 4 3 5: 1 − 6 · 4 / (5 · 24).
		near(
			spearman(&[1.0, 2.0, 3.0, 4.0, 5.0], &[2.0, 1.0, 4.0, 3.0, 5.0]),
			0.8,
		);
		// Ranks 1 2.5 2.5 4 and 1 2 3 4: 4.5 / √(4.5 · 5).
		near(
			spearman(&[1.0, 2.0, 2.0, 3.0], &[1.0, 2.0, 3.0, 4.0]),
			0.9f64.sqrt(),
		);
	}

	#[test]
	fn correlations_that_are_not_defined() {
		assert_eq!(spearman(&[], &[]), None);
		assert_eq!(spearman(&[1.0], &[1.0]), None);
		assert_eq!(spearman(&[1.0, 1.0], &[1.0, 2.0]), None);
		assert_eq!(spearman(&[1.0, 2.0], &[1.0]), None);
		assert_eq!(spearman(&[1.0, f64::NAN], &[1.0, 2.0]), None);
		assert!(spearman(&[1.0, f64::INFINITY], &[1.0, 2.0]).is_some());
	}

	#[test]
	fn the_datamodelling_score_by_hand() {
		let scores = array![[1.0, 2.0, -4.0], [0.0, 0.0, 0.0]];
		let subsets = [
			vec![true, true, false],
			vec![true, false, true],
			vec![false, true, true],
		];
		let predicted = predictions(&scores, &subsets).unwrap();
		assert_eq!(predicted, array![[3.0, -3.0, -2.0], [0.0, 0.0, 0.0]]);
		// The second query's prediction is constant: it does not count.
		let actual = array![[9.0, 1.0, 2.0], [1.0, 2.0, 3.0]];
		assert_eq!(lds(&predicted, &actual), Some(1.0));
		assert_eq!(lds(&predicted, &array![[1.0]]), None);
		assert_eq!(lds(&Array2::zeros((2, 3)), &actual), None);
		assert!(predictions(&scores, &[vec![true]]).is_err());
	}

	#[test]
	fn areas_by_hand() {
		let positive = [true, false, true, false];
		assert_eq!(auc(&[0.9, 0.1, 0.8, 0.2], &positive), Some(1.0));
		assert_eq!(auc(&[0.1, 0.9, 0.2, 0.8], &positive), Some(0.0));
		assert_eq!(auc(&[1.0; 4], &positive), Some(0.5));
		// Of four pairs: three won, one tied.
		assert_eq!(auc(&[0.9, 0.5, 0.5, 0.2], &positive), Some(0.875));
		assert_eq!(auc(&[1.0, 2.0], &[true, true]), None);
		assert_eq!(auc(&[1.0, 2.0], &[false, false]), None);
		assert_eq!(auc(&[], &[]), None);
		assert_eq!(auc(&[f64::NAN, 1.0], &[true, false]), None);
		assert_eq!(auc(&[1.0], &[true, false]), None);
	}

	#[test]
	fn recall_by_hand() {
		let relevant = [true, false, true, false];
		assert_eq!(recall(&[4.0, 3.0, 2.0, 1.0], &relevant, 2), Some(0.5));
		assert_eq!(recall(&[4.0, 3.0, 2.0, 1.0], &relevant, 3), Some(1.0));
		assert_eq!(recall(&[4.0, 3.0, 2.0, 1.0], &relevant, 9), Some(1.0));
		assert_eq!(recall(&[4.0, 3.0, 2.0, 1.0], &relevant, 0), Some(0.0));
		// Two of four equal ones are drawn: each of the relevant ones with the chance 1/2.
		assert_eq!(recall(&[1.0; 4], &relevant, 2), Some(0.5));
		assert_eq!(recall(&[5.0, 1.0, 1.0, 1.0], &relevant, 2), Some(2.0 / 3.0));
		assert_eq!(recall(&[1.0], &[false], 1), None);
		assert_eq!(recall(&[], &[], 1), None);
		assert_eq!(recall(&[f64::NAN], &[true], 1), None);
	}

	#[test]
	fn intervals_hold_the_mean_and_follow_the_seed() {
		let values = [1.0, 2.0, 3.0, 4.0, 5.0];
		let interval = bootstrap(&values, 1).unwrap();
		assert_eq!(interval.mean, 3.0);
		// The standard error is √2/√5 ≈ 0.63: an interval of about ± 1.24.
		assert!((interval.low - 1.8).abs() <= 0.3, "{interval:?}");
		assert!((interval.high - 4.2).abs() <= 0.3, "{interval:?}");
		assert_eq!(bootstrap(&values, 1), Some(interval));
		let one = bootstrap(&[7.0], 3).unwrap();
		assert_eq!((one.low, one.mean, one.high), (7.0, 7.0, 7.0));
		assert_eq!(bootstrap(&[], 1), None);
		assert_eq!(bootstrap(&[f64::NAN], 1), None);
	}

	proptest! {
		#[test]
		fn only_the_order_counts(values in prop::collection::vec((-9i32..9, -9i32..9), 2..40)) {
			let (left, right): (Vec<f64>, Vec<f64>) = values
				.iter()
				.map(|(l, r)| (f64::from(*l), f64::from(*r)))
				.unzip();
			let cubed: Vec<f64> = left.iter().map(|value| value.powi(3)).collect();
			let rho = spearman(&left, &right);
			prop_assert_eq!(rho, spearman(&cubed, &right));
			prop_assert_eq!(rho, spearman(&right, &left));
			prop_assert!(rho.is_none_or(|rho| rho.abs() <= 1.0 + 1e-12));
			let positive: Vec<bool> = right.iter().map(|value| *value > 0.0).collect();
			prop_assert_eq!(auc(&left, &positive), auc(&cubed, &positive));
		}
	}
}
