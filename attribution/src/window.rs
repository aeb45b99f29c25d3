//! From the scores of rows to what batches are paid, in such a way that how rows are grouped has no effect.
//!
//! Who nets batches pays for each batch that is positive by chance: who splits one into several is not held liable
//! for those below zero. Who nets nothing pays for each row that is positive by chance, which is what junk lives
//! on. So each row is netted by itself, but over many answers: over a fixed window of validation queries, the same
//! for everybody, and the answer that is paid for.
//!
//! 1. The scores for each query are scaled so that their magnitudes sum up to [`ONE`]: each query weighs the same.
//! 2. A row's *standing* is its mean over the window. Rows without a standing above zero get nothing.
//! 3. A row's score for an answer is [`WEIGHT`] times its standing, and its scaled score for this answer. If that
//!    is above zero, the row's batch has it added to what it is paid by ([`crate::entries`]).
//!
//! A row's score depends on no other row's batch or account: splitting, joining and ordering gain exactly nothing,
//! but for what rounds to zero and the limit of 64 entries, by which who splits can only lose. Nor is
//! there a short unit that pays off, because there is none shorter. What shapes a row, such as the length of
//! documents, is the trainer's rule and not undone here.
//!
//! The window must reach every subject of the Datanet: what helps none of its queries is not paid.

use crate::{entries::Scored, Error};

/// What the magnitudes of a query's scores are scaled to sum up to.
pub const ONE: i64 = 1_000_000_000_000;

/// How much more than the answer itself the window weighs. Chosen on the seeds 101 to 103 of
/// [`crate::synthetic`].
pub const WEIGHT: i64 = 3;

/// The rows' standing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Window {
	standing: Vec<i64>,
}

impl Window {
	/// Takes the scores for each validation query, all rows in one order, in millionths.
	///
	/// Without queries nobody has a standing. Fails with [`Error::Shape`] if queries have scores for different
	/// numbers of rows, with [`Error::Overflow`] beyond some two million queries.
	pub fn new(rows: usize, queries: &[Vec<i64>]) -> Result<Self, Error> {
		let mut sums = vec![0i64; rows];
		for query in queries {
			for (sum, score) in sums.iter_mut().zip(scaled(rows, query)?) {
				*sum = sum.checked_add(score).ok_or(Error::Overflow)?;
			}
		}
		let count = i64::try_from(queries.len().max(1)).map_err(|_| Error::Overflow)?;
		Ok(Self {
			standing: sums.into_iter().map(|sum| sum / count).collect(),
		})
	}

	/// What each row is paid by for an answer: of those that are, their batches' clusters with scores above
	/// zero.
	///
	/// Fails with [`Error::Shape`] if there is not a score and a cluster for each row.
	pub fn scored(&self, clusters: &[u64], scores: &[i64]) -> Result<Vec<Scored>, Error> {
		let scaled = scaled(self.standing.len(), scores)?;
		fits(clusters.len(), self.standing.len())?;
		let rows = self.standing.iter().zip(scaled).zip(clusters);
		Ok(rows
			.filter(|((standing, _), _)| **standing > 0)
			.map(|((standing, score), cluster)| Scored {
				cluster: *cluster,
				// Both are within ONE.
				score: WEIGHT * standing + score,
			})
			.filter(|scored| scored.score > 0)
			.collect())
	}
}

fn fits(found: usize, expected: usize) -> Result<(), Error> {
	if found == expected {
		Ok(())
	} else {
		Err(Error::Shape {
			what: "scores of rows",
			found,
			expected,
		})
	}
}

/// Scores scaled to [`ONE`], rounded towards zero; all zero if they are.
fn scaled(rows: usize, scores: &[i64]) -> Result<Vec<i64>, Error> {
	fits(scores.len(), rows)?;
	let sum: i128 = scores.iter().map(|score| i128::from(*score).abs()).sum();
	Ok(scores
		.iter()
		.map(|score| {
			let scaled = i128::from(*score) * i128::from(ONE) / sum.max(1);
			i64::try_from(scaled).unwrap_or_default()
		})
		.collect())
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::entries::entries;
	use proptest::prelude::*;

	#[test]
	fn each_query_weighs_the_same() {
		let window = Window::new(2, &[vec![30, -10], vec![-1, 1], vec![0, 0]]).unwrap();
		assert_eq!(window.standing, [ONE / 12, ONE / 12]);
	}

	#[test]
	fn a_row_needs_a_standing_and_a_score() {
		let window = Window::new(4, &[vec![4, 2, -4, 0]]).unwrap();
		assert_eq!(
			window.standing,
			[4 * ONE / 10, 2 * ONE / 10, -4 * ONE / 10, 0]
		);
		// 3 × 0.4 − 0.1; 3 × 0.2 − 0.7 is below zero; the others have no standing.
		let scored = window.scored(&[7, 8, 9, 10], &[-1, -7, 1, 1]).unwrap();
		let expected = Scored {
			cluster: 7,
			score: 11 * ONE / 10,
		};
		assert_eq!(scored, [expected]);
	}

	#[test]
	fn without_queries_nobody_is_paid() {
		let window = Window::new(2, &[]).unwrap();
		assert!(window.scored(&[1, 2], &[5, 5]).unwrap().is_empty());
	}

	#[test]
	fn what_does_not_fit_is_refused() {
		let shape = |found| {
			Err(Error::Shape {
				what: "scores of rows",
				found,
				expected: 2,
			})
		};
		assert_eq!(
			Window::new(2, &[vec![1]]),
			shape(1).map(|()| unreachable!())
		);
		let window = Window::new(2, &[vec![1, 1]]).unwrap();
		assert_eq!(
			window.scored(&[1], &[1, 1]),
			shape(1).map(|()| unreachable!())
		);
		assert_eq!(
			window.scored(&[1, 2], &[1]),
			shape(1).map(|()| unreachable!())
		);
	}

	#[test]
	fn the_extremes_do_not_overflow() {
		let window = Window::new(2, &[vec![i64::MAX, 0], vec![i64::MAX, i64::MIN]]).unwrap();
		let scored = window.scored(&[1, 2], &[i64::MAX, i64::MIN]).unwrap();
		assert_eq!(scored.len(), 1);
		assert!(scored[0].score > 2 * ONE);
	}

	proptest! {
		/// However a contributor groups rows into batches and accounts, the others are paid what they were,
		/// and it is paid what it was, to the millionths that rounding moves.
		#[test]
		fn grouping_gains_nothing(
			rows in prop::collection::vec((0u64..6, -1_000i64..1_000, -1_000i64..1_000), 1..60),
			groups in prop::collection::vec(0u64..40, 60),
		) {
			let validation: Vec<_> = rows.iter().map(|(_, score, _)| *score).collect();
			let scores: Vec<_> = rows.iter().map(|(_, _, score)| *score).collect();
			let honest: Vec<_> = rows.iter().map(|(batch, ..)| *batch).collect();
			let split: Vec<_> = honest
				.iter()
				.zip(groups)
				.map(|(batch, group)| if *batch == 5 { 5 + group } else { *batch })
				.collect();
			let window = Window::new(rows.len(), &[validation]).unwrap();
			let paid = |batches: &[u64], own: bool| -> i64 {
				entries(&window.scored(batches, &scores).unwrap())
					.unwrap()
					.iter()
					.filter(|entry| (entry.batch >= 5) == own)
					.map(|entry| i64::from(entry.weight))
					.sum()
			};
			prop_assert!((paid(&split, true) - paid(&honest, true)).abs() <= 40);
			prop_assert!((paid(&split, false) - paid(&honest, false)).abs() <= 40);
		}
	}
}
