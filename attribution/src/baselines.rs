//! What any method is shown beside: similarity of representations, BM25, and chance.
//!
//! The fourth, the gradients' product, is [`crate::influence::Method::GradientDot`].

use std::collections::{BTreeMap, BTreeSet};

use ndarray::{Array2, ArrayView2};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::linear::gram;

/// How fast a term's repetitions saturate.
const K1: f64 = 1.2;

/// How much long documents are held back.
const B: f64 = 0.75;

/// The cosine between each query's and each document's representation: queries in rows, documents in
/// columns. Zero where either is a zero vector. Both need the same number of columns.
pub fn cosine(queries: ArrayView2<'_, f32>, documents: ArrayView2<'_, f32>) -> Array2<f64> {
	let norms = |matrix: ArrayView2<'_, f32>| -> Vec<f64> {
		let square = |row: ndarray::ArrayView1<'_, f32>| {
			row.iter()
				.map(|value| f64::from(*value).powi(2))
				.sum::<f64>()
		};
		matrix
			.rows()
			.into_iter()
			.map(|row| square(row).sqrt())
			.collect()
	};
	let (of_queries, of_documents) = (norms(queries), norms(documents));
	let mut scores = gram(queries, documents);
	for ((query, document), score) in scores.indexed_iter_mut() {
		let norm = of_queries[query] * of_documents[document];
		*score = if norm > 0.0 { *score / norm } else { 0.0 };
	}
	scores
}

/// Documents by their tokens, to be ranked by Okapi BM25 with k₁ = 1.2 and b = 0.75.
#[derive(Clone, Debug)]
pub struct Bm25 {
	/// Of each token, the documents that have it, with the score that one occurrence in a query gives.
	postings: BTreeMap<u32, Vec<(usize, f64)>>,
	documents: usize,
}

impl Bm25 {
	/// Takes the documents' tokens. A token's weight is ln (1 + (n − df + ½) / (df + ½)), never below zero.
	pub fn new<Document: AsRef<[u32]>>(documents: &[Document]) -> Self {
		let tokens: usize = documents.iter().map(|tokens| tokens.as_ref().len()).sum();
		let mean = tokens as f64 / documents.len().max(1) as f64;
		let mut postings = BTreeMap::<u32, Vec<(usize, f64)>>::new();
		for (document, tokens) in documents.iter().enumerate() {
			let tokens = tokens.as_ref();
			let mut counts = BTreeMap::<u32, f64>::new();
			for token in tokens {
				*counts.entry(*token).or_default() += 1.0;
			}
			let length = 1.0 - B + B * tokens.len() as f64 / mean;
			for (token, count) in counts {
				let saturated = count * (K1 + 1.0) / (count + K1 * length);
				postings
					.entry(token)
					.or_default()
					.push((document, saturated));
			}
		}
		let all = documents.len() as f64;
		for posting in postings.values_mut() {
			let having = posting.len() as f64;
			let weight = (1.0 + (all - having + 0.5) / (having + 0.5)).ln();
			posting.iter_mut().for_each(|(_, score)| *score *= weight);
		}
		Self {
			postings,
			documents: documents.len(),
		}
	}

	/// The scores of all documents for a query. A token counts once, however often the query has it.
	pub fn scores(&self, query: &[u32]) -> Vec<f64> {
		let mut scores = vec![0.0; self.documents];
		for token in query.iter().collect::<BTreeSet<_>>() {
			for (document, score) in self.postings.get(token).into_iter().flatten() {
				scores[*document] += score;
			}
		}
		scores
	}
}

/// Scores that know nothing: uniform between 0 and 1, by the seed.
pub fn random(seed: u64, queries: usize, documents: usize) -> Array2<f64> {
	let mut random = ChaCha8Rng::seed_from_u64(seed);
	Array2::from_shape_simple_fn((queries, documents), || random.gen())
}

#[cfg(test)]
mod tests {
	use super::*;
	use ndarray::array;

	#[test]
	fn cosines_by_hand() {
		let queries = array![[3.0, 4.0], [0.0, 0.0]];
		let documents = array![[6.0, 8.0], [-4.0, 3.0], [0.0, -1.0], [0.0, 0.0]];
		assert_eq!(
			cosine(queries.view(), documents.view()),
			array![[1.0, 0.0, -0.8, 0.0], [0.0; 4]]
		);
	}

	#[test]
	fn bm25_by_hand() {
		let index = Bm25::new(&[vec![1, 1, 2], vec![2, 3], vec![3, 4, 5, 6]]);
		let scores = index.scores(&[1, 1, 9]);
		// Token 1: df 1 of 3, ln (1 + 2.5/1.5); the document has the mean length 3 and two occurrences.
		let expected = (1.0f64 + 2.5 / 1.5).ln() * (2.0 * 2.2) / (2.0 + 1.2);
		assert!((scores[0] - expected).abs() < 1e-12);
		assert_eq!(scores[1..], [0.0, 0.0]);
		let scores = index.scores(&[2]);
		assert!(scores[1] > scores[0], "the shorter document");
	}

	#[test]
	fn nothing_has_no_score() {
		assert!(Bm25::new::<Vec<u32>>(&[]).scores(&[1]).is_empty());
		assert_eq!(Bm25::new(&[vec![], vec![]]).scores(&[1]), [0.0, 0.0]);
		assert_eq!(Bm25::new(&[vec![1]]).scores(&[]), [0.0]);
	}

	#[test]
	fn chance_follows_the_seed() {
		assert_eq!(random(1, 2, 3), random(1, 2, 3));
		assert_ne!(random(1, 2, 3), random(2, 2, 3));
		assert!(random(1, 9, 9)
			.iter()
			.all(|score| (0.0..1.0).contains(score)));
	}
}
