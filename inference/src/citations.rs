//! From what a search finds to what an answer is made from, and from what that did for it to its citations,
//! in integers.

use std::collections::BTreeMap;

use crate::index::{distinct, Citation};

/// So many times more passages than an answer is made from are looked at, as some may be copies of others.
pub const SPARE: usize = 4;

/// A passage is shown to the model if it is at least four fifths as near to the question as the nearest.
const LEAST_NEARNESS: (u64, u64) = (4, 5);

/// The nearest counts as no nearer than this, in millionths. A passage that is nothing but the question is
/// as near as can be; without this bound it would keep all others from being shown.
const MOST_NEARNESS: u32 = 750_000;

/// A passage is cited if without it the answer is less likely by this much, in thousandths of a nat: what
/// passages change that the answer does not rest on, by standing there, is of this size.
pub const LEAST_DROP: u32 = 1_000;

/// And by at least one part in so many of what the passage does that does most.
pub const LEAST_PART: u32 = 4;

/// A drop of so many thousandths of a nat, or more, counts in full.
pub const MOST_DROP: u32 = 1_000_000;

/// What an answer is made from, at most `count` of what a search `found`, nearest first: late copies are left
/// out (`vectors` has the passages' vectors by batch and row), and what is far from the question beside the
/// nearest. A small model takes its words from what it is shown, whatever it is about.
pub fn choose(
	found: Vec<Citation>,
	vectors: &BTreeMap<(u64, u32), Vec<f32>>,
	count: usize,
) -> Vec<Citation> {
	let mut chosen = distinct(found, vectors);
	let nearest = chosen.first().map_or(0, |citation| citation.score);
	let (part, whole) = LEAST_NEARNESS;
	let least = (u64::from(nearest.min(MOST_NEARNESS)) * part).div_ceil(whole);
	chosen.retain(|citation| u64::from(citation.score) >= least);
	chosen.truncate(count);
	chosen
}

/// The citations of an answer: of the passages that it was made from, `found`, those that the answer rests on,
/// by what leaving them out does to it, `drops`, in the same order. The score is the product of relevance and
/// drop, as a part of [`MOST_DROP`], rounded down. By score descending, then batch, then row ascending.
pub fn cite(found: &[Citation], drops: &[u32]) -> Vec<Citation> {
	let most = drops.iter().copied().max().unwrap_or_default();
	let least = LEAST_DROP.max(most.div_ceil(LEAST_PART));
	let mut citations: Vec<_> = found
		.iter()
		.zip(drops)
		.filter(|(_, drop)| **drop >= least)
		.map(|(citation, drop)| Citation {
			score: score(citation.score, *drop),
			..*citation
		})
		.filter(|citation| citation.score > 0)
		.collect();
	citations.sort_by_key(|c| (std::cmp::Reverse(c.score), c.batch, c.row));
	citations
}

fn score(relevance: u32, drop: u32) -> u32 {
	let product = u64::from(relevance) * u64::from(drop.min(MOST_DROP));
	u32::try_from(product / u64::from(MOST_DROP)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
	use proptest::prelude::*;

	use super::*;

	fn found(relevances: &[u32]) -> Vec<Citation> {
		(0..)
			.zip(relevances)
			.map(|(row, score)| Citation {
				batch: 7,
				row,
				score: *score,
			})
			.collect()
	}

	fn scores(relevances: &[u32], drops: &[u32]) -> Vec<(u32, u32)> {
		let cited = cite(&found(relevances), drops);
		cited.iter().map(|c| (c.row, c.score)).collect()
	}

	fn chosen(relevances: &[u32], count: usize) -> Vec<u32> {
		let chosen = choose(found(relevances), &BTreeMap::new(), count);
		chosen.iter().map(|c| c.score).collect()
	}

	#[test]
	fn what_is_far_beside_the_nearest_is_not_shown() {
		assert_eq!(chosen(&[], 3), [0; 0]);
		assert_eq!(chosen(&[1], 3), [1]);
		assert_eq!(chosen(&[600_000, 480_000, 479_999], 3), [600_000, 480_000]);
		assert_eq!(chosen(&[600_000, 480_000], 1), [600_000]);
		// Rounded up: 480,000 is less than four fifths of 600,001.
		assert_eq!(chosen(&[600_001, 480_000], 3), [600_001]);
	}

	#[test]
	fn the_question_itself_does_not_keep_others_from_being_shown() {
		assert_eq!(
			chosen(&[1_000_000, 600_000, 599_999], 3),
			[1_000_000, 600_000]
		);
	}

	#[test]
	fn late_copies_are_not_shown_and_take_no_place() {
		let vectors = BTreeMap::from([
			((7, 0), vec![1.0, 0.0]),
			((7, 1), vec![0.99, 0.14]),
			((7, 2), vec![0.0, 1.0]),
		]);
		let chosen = choose(found(&[900_000, 890_000, 700_000]), &vectors, 2);
		assert_eq!(chosen.iter().map(|c| c.row).collect::<Vec<_>>(), [0, 2]);
	}

	#[test]
	fn relevance_times_ablation() {
		assert_eq!(
			scores(&[900_000, 600_000], &[20_000, 80_000]),
			[(1, 48_000), (0, 18_000)]
		);
		// Equal ones stand as they were found.
		assert_eq!(
			scores(&[500_000, 500_000], &[10_000, 10_000]),
			[(0, 5_000), (1, 5_000)]
		);
	}

	#[test]
	fn what_does_nothing_is_not_cited() {
		assert_eq!(scores(&[], &[]), []);
		assert_eq!(scores(&[900_000, 800_000], &[0, 0]), []);
		assert_eq!(scores(&[900_000], &[LEAST_DROP - 1]), []);
		assert_eq!(scores(&[900_000], &[LEAST_DROP]), [(0, 900)]);
		// As near as can be, and far less of use than another.
		assert_eq!(
			scores(&[1_000_000, 400_000], &[19_999, 80_000]),
			[(1, 32_000)]
		);
		assert_eq!(scores(&[1_000_000, 400_000], &[20_000, 80_000]).len(), 2);
		// Of no relevance to speak of; and not shown.
		assert_eq!(scores(&[1], &[500_000]), []);
		assert_eq!(scores(&[500_000, 400_000], &[80_000]).len(), 1);
	}

	#[test]
	fn scores_saturate() {
		assert_eq!(scores(&[1_000_000], &[u32::MAX]), [(0, 1_000_000)]);
		assert_eq!(scores(&[300_000], &[MOST_DROP]), [(0, 300_000)]);
	}

	proptest! {
		#[test]
		fn citations_are_what_the_chain_accepts(
			passages in prop::collection::vec((1u32..=1_000_000, any::<u32>()), 0..9),
		) {
			let (relevances, drops): (Vec<_>, Vec<_>) = passages.into_iter().unzip();
			let cited = cite(&found(&relevances), &drops);
			prop_assert!(cited.iter().all(|c| (1..=1_000_000).contains(&c.score)));
			prop_assert!(cited.iter().all(|c| c.score <= relevances[c.row as usize]));
			let rank = |c: &Citation| (std::cmp::Reverse(c.score), c.batch, c.row);
			prop_assert!(cited.is_sorted_by_key(rank));
		}
	}
}
