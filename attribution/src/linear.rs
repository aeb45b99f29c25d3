//! The little linear algebra that scoring needs.
//!
//! Every sum is taken in one fixed order, in double precision and without fused operations, so that
//! the same input gives the same bits on every machine; the kernels of general libraries choose their
//! order by the processor that they find.

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use crate::Error;

/// Sums that are kept side by side: what the compiler makes vector instructions of.
const LANES: usize = 8;

/// Rows or columns that are worked on together.
const BLOCK: usize = 32;

/// The sum of products, in the fixed order.
#[inline]
pub(crate) fn dot<T: Copy + Into<f64>>(left: &[T], right: &[T]) -> f64 {
	let mut lanes = [0.0; LANES];
	let (left_chunks, right_chunks) = (left.chunks_exact(LANES), right.chunks_exact(LANES));
	let rest: f64 = left_chunks
		.remainder()
		.iter()
		.zip(right_chunks.remainder())
		.fold(0.0, |sum, (l, r)| sum + (*l).into() * (*r).into());
	for (left, right) in left_chunks.zip(right_chunks) {
		for lane in 0..LANES {
			lanes[lane] += left[lane].into() * right[lane].into();
		}
	}
	lanes.iter().sum::<f64>() + rest
}

/// The rows of a matrix as slices.
fn rows<T: Copy>(matrix: ArrayView2<'_, T>) -> Vec<Vec<T>> {
	matrix
		.rows()
		.into_iter()
		.map(|row| row.iter().copied().collect())
		.collect()
}

/// The products of each row of `left` with each row of `right`: `left · rightᵀ`.
pub(crate) fn gram<T>(left: ArrayView2<'_, T>, right: ArrayView2<'_, T>) -> Array2<f64>
where
	T: Copy + Into<f64> + Send + Sync,
{
	let shape = (left.nrows(), right.nrows());
	let (left, right) = (rows(left), rows(right));
	// A few rows at a time, so that each row of the other side is fetched from memory once for all of
	// them.
	let products: Vec<Vec<f64>> = left
		.par_chunks(BLOCK)
		.map(|left| {
			let mut products = Vec::with_capacity(left.len() * right.len());
			for right in &right {
				products.extend(left.iter().map(|left| dot(left, right)));
			}
			products
		})
		.collect();
	Array2::from_shape_fn(shape, |(row, column)| {
		let (block, width) = (row / BLOCK, BLOCK.min(shape.0 - row / BLOCK * BLOCK));
		products[block][column * width + row % BLOCK]
	})
}

/// Replaces each column of `right` by the solution x of `matrix · x = column`, by Cholesky's factors of
/// the symmetric positive definite `matrix`.
///
/// Fails with [`Error::NotFinite`] if the matrix is not positive definite, which rounding can bring about
/// if it is scaled beyond what double precision holds.
pub(crate) fn solve(matrix: &Array2<f64>, right: &mut Array2<f64>) -> Result<(), Error> {
	let factor = cholesky(matrix)?;
	right
		.axis_chunks_iter_mut(Axis(1), BLOCK)
		.into_par_iter()
		.for_each(|mut columns| {
			let mut solved = columns.as_standard_layout().into_owned();
			if let Some(flat) = solved.as_slice_mut().filter(|flat| !flat.is_empty()) {
				substitute(&factor, flat, columns.ncols());
			}
			columns.assign(&solved);
		});
	Ok(())
}

/// Solves for columns that lie together, by rows. Rows are eliminated from one another, first downwards,
/// then upwards.
fn substitute(factor: &[Vec<f64>], flat: &mut [f64], columns: usize) {
	for (row, line) in factor.iter().enumerate() {
		let (done, rest) = flat.split_at_mut(row * columns);
		let coefficients = line.iter().copied();
		eliminate(&mut rest[..columns], done.chunks(columns).zip(coefficients));
		scale(&mut rest[..columns], line[row]);
	}
	for row in (0..factor.len()).rev() {
		let (before, done) = flat.split_at_mut((row + 1) * columns);
		let coefficients = factor[row + 1..].iter().map(|below| below[row]);
		let current = &mut before[row * columns..];
		eliminate(current, done.chunks(columns).zip(coefficients));
		scale(current, factor[row][row]);
	}
}

fn eliminate<'a>(target: &mut [f64], rows: impl Iterator<Item = (&'a [f64], f64)>) {
	for (row, coefficient) in rows {
		for (target, value) in target.iter_mut().zip(row) {
			*target -= coefficient * value;
		}
	}
}

fn scale(target: &mut [f64], divisor: f64) {
	for value in target {
		*value /= divisor;
	}
}

/// The rows of the lower factor, each up to its diagonal.
fn cholesky(matrix: &Array2<f64>) -> Result<Vec<Vec<f64>>, Error> {
	let mut factor: Vec<Vec<f64>> = Vec::with_capacity(matrix.nrows());
	for row in 0..matrix.nrows() {
		let mut current = Vec::with_capacity(row + 1);
		for column in 0..row {
			let above = &factor[column];
			let sum = matrix[(row, column)] - dot(&current[..column], &above[..column]);
			current.push(sum / above[column]);
		}
		let rest = matrix[(row, row)] - dot(&current, &current);
		if !(rest > 0.0 && rest.is_finite()) {
			return Err(Error::NotFinite("the inverse"));
		}
		current.push(rest.sqrt());
		factor.push(current);
	}
	Ok(factor)
}

#[cfg(test)]
mod tests {
	use super::*;
	use ndarray::array;
	use proptest::prelude::*;

	#[test]
	fn products_of_rows() {
		let left = array![[1.0f32, 2.0], [0.0, -1.0]];
		let right = array![[3.0f32, 4.0], [1.0, 0.0], [0.5, 0.5]];
		assert_eq!(
			gram(left.view(), right.view()),
			array![[11.0, 1.0, 1.5], [-4.0, 0.0, -0.5]]
		);
		let transposed = array![[1.0f32, 0.0], [2.0, -1.0]];
		assert_eq!(
			gram(transposed.t(), right.view()),
			gram(left.view(), right.view()),
			"in whatever order it lies in memory"
		);
	}

	#[test]
	fn a_system_by_hand() {
		let mut right = array![[10.0, 4.0], [8.0, 3.0]];
		solve(&array![[4.0, 2.0], [2.0, 3.0]], &mut right).unwrap();
		let expected = array![[1.75, 0.75], [1.5, 0.5]];
		assert!((right - expected).iter().all(|error| error.abs() < 1e-12));
	}

	#[test]
	fn what_is_not_positive_definite_is_refused() {
		let mut right = array![[1.0], [1.0]];
		assert!(solve(&array![[1.0, 2.0], [2.0, 1.0]], &mut right).is_err());
		assert!(solve(&array![[f64::NAN, 0.0], [0.0, 1.0]], &mut right).is_err());
	}

	#[test]
	fn nothing_is_solved() {
		let mut right = Array2::zeros((2, 0));
		assert!(solve(&array![[1.0, 0.0], [0.0, 1.0]], &mut right).is_ok());
	}

	#[test]
	fn large_matrices_are_worked_on_in_blocks() {
		let left = Array2::from_shape_fn((BLOCK + 3, 5), |(row, column)| (row * 5 + column) as f64);
		let right = Array2::from_shape_fn((2, 5), |(row, column)| (row + column) as f64);
		assert_eq!(gram(left.view(), right.view()), left.dot(&right.t()));
		let mut columns =
			Array2::from_shape_fn((2, BLOCK + 3), |(row, column)| 2.0 * (row + column) as f64);
		solve(&array![[4.0, 0.0], [0.0, 4.0]], &mut columns).unwrap();
		assert_eq!(columns[(1, BLOCK + 2)], (BLOCK + 3) as f64 / 2.0);
	}

	proptest! {
		#[test]
		fn solutions_solve(
			values in prop::collection::vec(-3.0f64..3.0, 25),
			right in prop::collection::vec(-3.0f64..3.0, 10)
		) {
			let factor = Array2::from_shape_vec((5, 5), values).unwrap();
			let matrix = factor.dot(&factor.t()) + Array2::<f64>::eye(5) * 0.1;
			let right = Array2::from_shape_vec((5, 2), right).unwrap();
			let mut solved = right.clone();
			solve(&matrix, &mut solved).unwrap();
			let error = matrix.dot(&solved) - right;
			prop_assert!(error.iter().all(|error| error.abs() < 1e-9));
		}
	}
}
