//! A text to ask about: its passages, and which of them have a title that says which is meant.

use std::{
	collections::{BTreeMap, BTreeSet},
	fs::File,
	io::BufReader,
	path::Path,
};

use openledger_inference::{
	batch::{passage, Rows},
	citations::{choose, SPARE},
	engine::{Embedder, Limit},
	same, Best, Citation,
};
use serde::Deserialize;

use crate::Failure;

/// The number of the only batch.
const BATCH: u64 = 0;

/// The passages that are searched.
pub(super) struct Text {
	rows: Vec<Row>,
	/// Places of the rows whose title no other row of the whole text has.
	unmistakable: Vec<u32>,
}

struct Row {
	title: String,
	passage: String,
	vector: Vec<f32>,
}

/// What a search finds for a question.
pub(super) struct Found {
	/// What an answer is made from.
	pub(super) shown: Vec<Citation>,
	/// The nearest, so many as could be shown, late copies among them.
	pub(super) nearest: Vec<Citation>,
}

impl Text {
	/// Reads a batch file whose rows have titles, and takes `passages` that lie evenly in it.
	pub(super) fn read(
		path: &Path,
		passages: usize,
		embedder: &mut Embedder,
		limit: &Limit,
	) -> Result<Self, Failure> {
		#[derive(Deserialize)]
		struct Titled {
			title: String,
		}
		let file = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
		let mut reader = Rows::new(BufReader::new(file));
		let mut all = Vec::new();
		let mut times = BTreeMap::<String, usize>::new();
		while let Some((_, bytes)) = reader.next_row()? {
			if let (Ok(Titled { title }), Some(passage)) =
				(serde_json::from_slice(bytes), passage(bytes))
			{
				*times.entry(title.to_lowercase()).or_default() += 1;
				all.push((title, passage));
			}
		}
		let mut rows = Vec::new();
		for place in spread(all.len(), passages, 50) {
			let (title, passage) = all[place].clone();
			let vector = embedder.embed(&passage, limit)?;
			rows.push(Row {
				title,
				passage,
				vector,
			});
		}
		let unmistakable = (0..)
			.zip(&rows)
			.filter(|(_, row)| times.get(&row.title.to_lowercase()) == Some(&1))
			.map(|(place, _)| place)
			.collect();
		Ok(Self { rows, unmistakable })
	}

	/// `count` rows to be asked for, which lie evenly among those with a title of their own, each `offset`
	/// hundredths into its part.
	pub(super) fn asked(&self, count: usize, offset: u8) -> Vec<u32> {
		let places = spread(self.unmistakable.len(), count, offset);
		places
			.iter()
			.map(|place| self.unmistakable[*place])
			.collect()
	}

	pub(super) fn title(&self, row: u32) -> &str {
		&self.rows[row as usize].title
	}

	/// The row that was asked for, and those that say the same: of these the earliest is cited.
	pub(super) fn right(&self, row: u32) -> BTreeSet<u32> {
		let asked = &self.rows[row as usize].vector;
		let are_same = (0..)
			.zip(&self.rows)
			.filter(|(_, other)| same(asked, &other.vector));
		are_same.map(|(place, _)| place).chain([row]).collect()
	}

	/// Searches as the service does.
	pub(super) fn find(&self, query: &[f32], top_k: usize) -> Found {
		let mut best = Best::new(top_k.saturating_mul(SPARE));
		let mut vectors = BTreeMap::new();
		for (row, Row { vector, .. }) in (0..).zip(&self.rows) {
			let pairs = query.iter().zip(vector);
			let similarity = pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
			best.offer(BATCH, row, similarity);
		}
		let found = best.into_citations();
		for citation in &found {
			let vector = self.rows[citation.row as usize].vector.clone();
			vectors.insert((citation.batch, citation.row), vector);
		}
		Found {
			nearest: found.iter().take(top_k).copied().collect(),
			shown: choose(found, &vectors, top_k),
		}
	}

	pub(super) fn passages(&self, shown: &[Citation]) -> Vec<String> {
		let rows = shown
			.iter()
			.map(|citation| &self.rows[citation.row as usize]);
		rows.map(|row| row.passage.clone()).collect()
	}
}

/// `count` places that lie evenly among `all`, each `offset` hundredths into its part.
fn spread(all: usize, count: usize, offset: u8) -> Vec<usize> {
	let count = count.min(all);
	(0..count)
		.map(|n| (n * 100 + usize::from(offset)) * all / (count * 100))
		.collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	fn text(rows: &[(&str, [f32; 2])]) -> Text {
		let rows: Vec<_> = rows
			.iter()
			.map(|(title, vector)| Row {
				title: (*title).into(),
				passage: format!("{title}: text"),
				vector: vector.to_vec(),
			})
			.collect();
		Text {
			unmistakable: (0..).take(rows.len()).collect(),
			rows,
		}
	}

	#[test]
	fn other_offsets_ask_for_other_rows() {
		assert_eq!(spread(400, 4, 5), [5, 105, 205, 305]);
		assert_eq!(spread(400, 4, 99), [99, 199, 299, 399]);
		assert_eq!(spread(3, 9, 0), [0, 1, 2]);
		assert_eq!(spread(0, 9, 50), [] as [usize; 0]);
	}

	#[test]
	fn a_copy_is_as_right_as_what_was_asked_for() {
		let text = text(&[("a", [1.0, 0.0]), ("b", [0.0, 1.0]), ("c", [0.99, 0.14])]);
		assert_eq!(text.right(2), BTreeSet::from([0, 2]));
		assert_eq!(text.right(1), BTreeSet::from([1]));
	}

	#[test]
	fn copies_and_what_is_far_are_found_and_not_shown() {
		let text = text(&[("a", [1.0, 0.0]), ("b", [0.1, 0.995]), ("c", [0.99, 0.14])]);
		let found = text.find(&[0.99, 0.14], 3);
		let rows = |found: &[Citation]| found.iter().map(|c| c.row).collect::<Vec<_>>();
		assert_eq!(rows(&found.nearest), [2, 0, 1]);
		assert_eq!(rows(&found.shown), [0]);
		assert_eq!(text.passages(&found.shown), ["a: text"]);
	}
}
