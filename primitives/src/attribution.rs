//! From citations to weights, in integers, so that a replay is equal to the last bit.

use alloc::{collections::BTreeMap, vec::Vec};
use core::cmp::Reverse;

use crate::{
	answer::{Citation, Entries, Entry, MAX_ENTRIES, TOTAL_WEIGHT},
	split::apportion,
	types::BatchId,
};

/// Divides [`TOTAL_WEIGHT`] among the cited batches by the sum of their passages' scores.
///
/// Largest remainder; on a tie the earlier batch comes first. Batches whose share rounds to zero are
/// left out, and so are the weakest beyond [`MAX_ENTRIES`]. No citations, or none with a score, give
/// no entries.
pub fn weigh(citations: &[Citation]) -> Entries {
	let mut scores = BTreeMap::<BatchId, u128>::new();
	for citation in citations {
		let score = scores.entry(citation.batch).or_default();
		*score = score.saturating_add(citation.score.into());
	}
	let mut scores: Vec<_> = scores.into_iter().collect();
	scores.sort_by_key(|(_, score)| Reverse(*score));
	scores.truncate(usize::try_from(MAX_ENTRIES).unwrap_or(usize::MAX));
	scores.sort_unstable();
	let (batches, scores): (Vec<_>, Vec<_>) = scores.into_iter().unzip();
	let weights = apportion(TOTAL_WEIGHT.into(), &scores).unwrap_or_default();
	let entries = batches
		.into_iter()
		.zip(weights)
		.filter_map(|(batch, weight)| {
			Some(Entry {
				batch,
				weight: u32::try_from(weight).ok()?,
			})
		})
		.filter(|entry| entry.weight > 0)
		.collect();
	Entries::truncate_from(entries)
}

/// Whether `entries` are well formed: ascending by batch without repetition, each weight above zero,
/// their sum [`TOTAL_WEIGHT`]; or none at all.
pub fn is_well_formed(entries: &[Entry]) -> bool {
	let ascending = entries
		.iter()
		.zip(entries.iter().skip(1))
		.all(|(left, right)| left.batch < right.batch);
	let sum: u64 = entries.iter().map(|entry| u64::from(entry.weight)).sum();
	entries.is_empty()
		|| (ascending
			&& entries.iter().all(|entry| entry.weight > 0)
			&& sum == u64::from(TOTAL_WEIGHT))
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn cite(batch: BatchId, score: u32) -> Citation {
		Citation {
			batch,
			row: 0,
			score,
		}
	}

	#[test]
	fn scores_of_one_batch_add_up() {
		let entries = weigh(&[cite(7, 300_000), cite(2, 600_000), cite(7, 300_000)]);
		assert_eq!(
			entries.into_inner(),
			[
				Entry {
					batch: 2,
					weight: 500_000
				},
				Entry {
					batch: 7,
					weight: 500_000
				}
			]
		);
	}

	#[test]
	fn no_score_no_entry() {
		assert!(weigh(&[]).is_empty());
		assert!(weigh(&[cite(1, 0)]).is_empty());
		let entries = weigh(&[cite(1, 0), cite(2, 5)]);
		assert_eq!(
			entries.into_inner(),
			[Entry {
				batch: 2,
				weight: TOTAL_WEIGHT
			}]
		);
	}

	#[test]
	fn the_strongest_batches_are_kept() {
		let batches = u64::from(MAX_ENTRIES) + 6;
		let citations: Vec<_> = (0..batches)
			.map(|batch| cite(batch, if batch < 6 { 1_000 } else { 2_000 }))
			.collect();
		let entries = weigh(&citations);
		assert_eq!(entries.len(), MAX_ENTRIES as usize);
		assert!(is_well_formed(&entries));
		assert!(entries.iter().all(|entry| entry.batch >= 6));
	}

	#[test]
	fn malformed_entries_are_told() {
		let entry = |batch, weight| Entry { batch, weight };
		assert!(is_well_formed(&[]));
		assert!(is_well_formed(&[entry(1, 1), entry(2, 999_999)]));
		assert!(
			!is_well_formed(&[entry(2, 1), entry(1, 999_999)]),
			"descending"
		);
		assert!(
			!is_well_formed(&[entry(1, 500_000), entry(1, 500_000)]),
			"twice"
		);
		assert!(!is_well_formed(&[entry(1, 0), entry(2, 1_000_000)]), "zero");
		assert!(!is_well_formed(&[entry(1, 999_999)]), "short");
		assert!(
			!is_well_formed(&[entry(1, u32::MAX), entry(2, u32::MAX)]),
			"over"
		);
	}

	proptest! {
		#[test]
		fn weights_are_well_formed_and_follow_the_order_of_citations_in_no_way(
			mut citations in prop::collection::vec((0u64..100, any::<u32>()), 0..200)
		) {
			let of = |list: &[(u64, u32)]| {
				weigh(&list.iter().map(|(b, s)| cite(*b, *s)).collect::<Vec<_>>())
			};
			let entries = of(&citations);
			prop_assert!(is_well_formed(&entries));
			citations.reverse();
			prop_assert_eq!(entries, of(&citations));
		}
	}
}
