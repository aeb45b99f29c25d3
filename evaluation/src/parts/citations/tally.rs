//! How ways to cite do over a set of questions.

use std::collections::BTreeSet;

use openledger_inference::Citation;

/// What one way to cite did.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Tally {
	questions: u32,
	/// Citations, and those of a right row.
	cited: u32,
	hits: u32,
	/// Questions with a citation of a right row.
	answered: u32,
	/// The sum of the right rows' parts of the weight.
	weight: f64,
}

impl Tally {
	/// What one answer cites, where one of `right` is to be cited.
	pub(super) fn add(&mut self, cited: &[Citation], right: &BTreeSet<u32>) {
		let (mut all, mut hit) = (0u64, 0u64);
		let before = self.hits;
		for citation in cited {
			all += u64::from(citation.score);
			self.cited += 1;
			if right.contains(&citation.row) {
				hit += u64::from(citation.score);
				self.hits += 1;
			}
		}
		self.questions += 1;
		self.answered += u32::from(self.hits > before);
		self.weight += hit as f64 / all.max(1) as f64;
	}

	/// The right ones' part of all citations; 0 if there are none.
	pub(super) fn precision(&self) -> f64 {
		part(self.hits, self.cited)
	}

	/// The part of the questions whose row is cited.
	pub(super) fn recall(&self) -> f64 {
		part(self.answered, self.questions)
	}

	/// The right rows' part of the weight, in the mean over the questions; none where nothing is cited.
	pub(super) fn weight(&self) -> f64 {
		self.weight / f64::from(self.questions.max(1))
	}
}

fn part(of: u32, all: u32) -> f64 {
	f64::from(of) / f64::from(all.max(1))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn precision_recall_and_weight() {
		let cite = |row, score| Citation {
			batch: 0,
			row,
			score,
		};
		let right = BTreeSet::from([1, 4]);
		let mut tally = Tally::default();
		assert_eq!(
			(tally.precision(), tally.recall(), tally.weight()),
			(0.0, 0.0, 0.0)
		);
		tally.add(&[cite(1, 300), cite(2, 100)], &right);
		tally.add(&[], &right);
		tally.add(&[cite(3, 7)], &right);
		tally.add(&[cite(4, 9)], &right);
		assert_eq!(tally.precision(), 0.5);
		assert_eq!(tally.recall(), 0.5);
		assert_eq!(tally.weight(), 1.75 / 4.0);
	}
}
