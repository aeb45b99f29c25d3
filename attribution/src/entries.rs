//! From the scores of documents to the entries that an answer is attributed by.
//!
//! 1. **Netting.** The scores of all documents of an evidence cluster are added up with their signs. A
//!    cluster is what the chain pays once: a batch with its near-duplicates.
//! 2. **Positive only.** Clusters whose sum is not above zero get nothing.
//! 3. **The strongest.** At most [`MAX_ENTRIES`] clusters are kept, on a tie the lower ids.
//! 4. **Largest remainder.** [`TOTAL_WEIGHT`] is divided in proportion: each part is rounded down, and the
//!    units left over go to the largest remainders, on a tie to the lower id. What rounds to zero is left
//!    out.
//!
//! Netting comes first, because copies and junk spread influence over many documents by chance, with
//! either sign: to pay each positive document, and not to count the negative ones, pays for that spread.
//! How a cluster's score is divided among copies has no effect. What netting does not undo: that a model
//! which was trained on copies is shaped by them the more, which is why [`crate::repeats`] leaves them out; and
//! that documents which are netted in several clusters are paid for the positive ones alone, which is why
//! [`crate::window`] nets each row by itself before, over many answers. What comes from there is above zero.
//!
//! Steps 3 and 4 are those of the chain's `openledger_primitives::attribution::weigh`; with scores that
//! are not negative and each batch in a cluster of its own, the result is the same. An entry names its
//! cluster by the batch that the cluster is named by, so that the chain, which keeps the largest of the
//! entries of one cluster, finds one.

use std::{cmp::Reverse, collections::BTreeMap};

use serde::{Deserialize, Serialize};

use crate::Error;

/// The most entries of an answer.
pub const MAX_ENTRIES: usize = 64;

/// The sum of an answer's weights.
pub const TOTAL_WEIGHT: u32 = 1_000_000;

/// A document's score for an answer.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Scored {
	/// The evidence cluster of the document's batch: the id of the cluster's earliest batch.
	pub cluster: u64,
	/// In millionths, see [`crate::integer`].
	pub score: i64,
}

/// The part of an answer that one cluster shaped.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Entry {
	/// The batch that names the cluster.
	pub batch: u64,
	/// In millionths of the whole; above zero.
	pub weight: u32,
}

/// The entries for an answer: ascending by batch, their weights summing up to [`TOTAL_WEIGHT`]; none if no
/// cluster is above zero.
///
/// Fails with [`Error::Overflow`] if a sum times [`TOTAL_WEIGHT`] is beyond 128 bits, which takes more than
/// 2⁴³ documents.
pub fn entries(scores: &[Scored]) -> Result<Vec<Entry>, Error> {
	let mut clusters: Vec<_> = net(scores)?
		.into_iter()
		.filter_map(|(cluster, sum)| Some((cluster, u128::try_from(sum).ok()?)))
		.filter(|(_, sum)| *sum > 0)
		.collect();
	// Stable: of equal sums the lower ids stay first.
	clusters.sort_by_key(|(_, sum)| Reverse(*sum));
	clusters.truncate(MAX_ENTRIES);
	clusters.sort_unstable();
	let sums: Vec<_> = clusters.iter().map(|(_, sum)| *sum).collect();
	let weights = apportion(&sums).ok_or(Error::Overflow)?;
	Ok(clusters
		.into_iter()
		.zip(weights)
		.map(|((batch, _), weight)| Entry { batch, weight })
		.filter(|entry| entry.weight > 0)
		.collect())
}

/// The sum of each cluster's scores, ascending by cluster. Fails with [`Error::Overflow`] beyond 128 bits.
pub fn net(scores: &[Scored]) -> Result<BTreeMap<u64, i128>, Error> {
	let mut clusters = BTreeMap::<u64, i128>::new();
	for scored in scores {
		let sum = clusters.entry(scored.cluster).or_default();
		*sum = sum
			.checked_add(scored.score.into())
			.ok_or(Error::Overflow)?;
	}
	Ok(clusters)
}

/// Divides [`TOTAL_WEIGHT`] in proportion to `scores`, all above zero. `None` on overflow.
fn apportion(scores: &[u128]) -> Option<Vec<u32>> {
	let sum = scores
		.iter()
		.try_fold(0u128, |sum, score| sum.checked_add(*score))?;
	let mut weights = Vec::with_capacity(scores.len());
	let mut remainders = Vec::with_capacity(scores.len());
	for (index, score) in scores.iter().enumerate() {
		let product = score.checked_mul(TOTAL_WEIGHT.into())?;
		weights.push(u32::try_from(product / sum).ok()?);
		remainders.push((Reverse(product % sum), index));
	}
	if scores.is_empty() {
		return Some(weights);
	}
	let given: u32 = weights.iter().sum();
	let left = usize::try_from(TOTAL_WEIGHT - given).ok()?;
	remainders.sort_unstable();
	for (_, index) in remainders.into_iter().take(left) {
		weights[index] += 1;
	}
	Some(weights)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn of(scores: &[(u64, i64)]) -> Vec<(u64, u32)> {
		let scores: Vec<_> = scores
			.iter()
			.map(|(cluster, score)| Scored {
				cluster: *cluster,
				score: *score,
			})
			.collect();
		entries(&scores)
			.unwrap()
			.into_iter()
			.map(|entry| (entry.batch, entry.weight))
			.collect()
	}

	#[test]
	fn clusters_are_netted_before_they_are_paid() {
		// 7: 300 − 100 = 200; 2: 600; 3: 900 − 950, below zero.
		let scores = [(7, 300), (2, 600), (7, -100), (3, 900), (3, -950)];
		assert_eq!(of(&scores), [(2, 750_000), (7, 250_000)]);
	}

	#[test]
	fn nothing_positive_gives_nothing() {
		assert!(of(&[]).is_empty());
		assert!(of(&[(1, 0)]).is_empty());
		assert!(of(&[(1, -5), (2, 3), (2, -3)]).is_empty());
	}

	#[test]
	fn the_last_unit_goes_to_the_largest_remainder() {
		assert_eq!(
			of(&[(5, 1), (1, 1), (3, 1)]),
			[(1, 333_334), (3, 333_333), (5, 333_333)]
		);
		assert_eq!(
			of(&[(1, 1), (2, 2), (3, 3)]),
			[(1, 166_667), (2, 333_333), (3, 500_000)]
		);
	}

	#[test]
	fn the_strongest_are_kept_and_what_rounds_to_zero_is_left_out() {
		let weak_first: Vec<_> = (0..70)
			.map(|cluster| (cluster, if cluster < 6 { 1 } else { 2 }))
			.collect();
		let kept = of(&weak_first);
		assert_eq!(kept.len(), MAX_ENTRIES);
		assert!(kept.iter().all(|(batch, _)| *batch >= 6));
		let equal: Vec<_> = (0..70).map(|cluster| (cluster, 1)).collect();
		assert!(of(&equal).iter().all(|(batch, _)| *batch < 64));
		assert_eq!(of(&[(1, 1), (2, 10_000_000)]), [(2, 1_000_000)]);
	}

	#[test]
	fn the_extremes_do_not_overflow() {
		let scores = vec![(1, i64::MAX); 1_000];
		assert_eq!(of(&scores), [(1, 1_000_000)]);
		assert_eq!(of(&[(1, i64::MIN), (2, 1)]), [(2, 1_000_000)]);
	}

	/// As the chain's `weigh` does for citations, with its own steps: each batch for itself.
	fn weigh(citations: &[(u64, u32)]) -> Vec<(u64, u32)> {
		let mut scores = BTreeMap::<u64, u128>::new();
		for (batch, score) in citations {
			*scores.entry(*batch).or_default() += u128::from(*score);
		}
		let mut scores: Vec<_> = scores.into_iter().collect();
		scores.sort_by_key(|(_, score)| Reverse(*score));
		scores.truncate(64);
		scores.sort_unstable();
		let sum: u128 = scores.iter().map(|(_, score)| score).sum();
		if sum == 0 {
			return vec![];
		}
		let floor = |score: u128| score * 1_000_000 / sum;
		let mut order: Vec<usize> = (0..scores.len()).collect();
		order.sort_by_key(|index| Reverse(scores[*index].1 * 1_000_000 % sum));
		let left = 1_000_000 - scores.iter().map(|(_, score)| floor(*score)).sum::<u128>();
		let mut weights: Vec<_> = scores
			.iter()
			.map(|(batch, score)| (*batch, floor(*score) as u32))
			.collect();
		order
			.into_iter()
			.take(left as usize)
			.for_each(|index| weights[index].1 += 1);
		weights.retain(|(_, weight)| *weight > 0);
		weights
	}

	/// What `cluster` is paid in millionths.
	fn paid(scores: &[(u64, i64)], cluster: u64) -> u32 {
		of(scores)
			.iter()
			.find(|(batch, _)| *batch == cluster)
			.map_or(0, |(_, weight)| *weight)
	}

	proptest! {
		#[test]
		fn weights_sum_up_and_follow_the_order_of_documents_in_no_way(
			mut scores in prop::collection::vec((0u64..100, any::<i64>()), 0..300)
		) {
			let entries = of(&scores);
			let sum: u32 = entries.iter().map(|(_, weight)| weight).sum();
			prop_assert!(entries.is_empty() || sum == TOTAL_WEIGHT);
			prop_assert!(entries.len() <= MAX_ENTRIES);
			prop_assert!(entries.iter().all(|(_, weight)| *weight > 0));
			prop_assert!(entries.windows(2).all(|pair| pair[0].0 < pair[1].0));
			scores.reverse();
			prop_assert_eq!(entries, of(&scores));
		}

		#[test]
		fn as_the_chain_weighs_citations(
			citations in prop::collection::vec((0u64..100, any::<u32>()), 0..200)
		) {
			let scores: Vec<_> = citations.iter().map(|(b, s)| (*b, i64::from(*s))).collect();
			prop_assert_eq!(of(&scores), weigh(&citations));
		}

		/// Influence that is spread over copies, however unevenly and with whatever signs, is paid as it
		/// would be without them, as long as the copies are in the cluster.
		#[test]
		fn copies_in_a_cluster_gain_nothing(
			scores in prop::collection::vec((0u64..8, -1_000_000i64..1_000_000), 1..60),
			spread in prop::collection::vec(-5_000_000i64..5_000_000, 0..20),
			copied in any::<prop::sample::Index>()
		) {
			let copied = copied.index(scores.len());
			let mut with_copies = scores.clone();
			for moved in spread {
				with_copies[copied].1 -= moved;
				with_copies.push((scores[copied].0, moved));
			}
			prop_assert_eq!(of(&with_copies), of(&scores));
		}

		/// Documents that harm an answer lower what their cluster is paid.
		#[test]
		fn harm_is_never_rewarded(
			scores in prop::collection::vec((0u64..8, -1_000_000i64..1_000_000), 1..60),
			harm in prop::collection::vec(-1_000_000i64..=0, 1..10)
		) {
			let cluster = scores[0].0;
			let mut worse = scores.clone();
			worse.extend(harm.into_iter().map(|score| (cluster, score)));
			prop_assert!(paid(&worse, cluster) <= paid(&scores, cluster));
		}
	}
}
