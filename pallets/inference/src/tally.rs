//! On what a committee agrees. Pure functions of what was revealed.

use alloc::{collections::BTreeMap, vec::Vec};
use core::cmp::Reverse;
use openledger_primitives::{
	answer::{Entries, Entry, MAX_ENTRIES, TOTAL_WEIGHT},
	fingerprint::distance,
	model::Policy,
	split::apportion,
	Answer, BatchId, Outcome,
};
use sp_core::H256;

/// The largest sum of the differences of two attributions' weights that counts as agreement where a
/// policy tolerates anything, in millionths: a hundredth of the weight lies elsewhere.
pub const MAX_WEIGHT_DISTANCE: u64 = 20_000;

/// What the members of a majority have in common.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Agreement {
	/// The hashes of the outcomes that agree.
	pub outcomes: Vec<H256>,
	/// The one that lies in the middle of them: it is what was agreed on.
	pub leader: H256,
	/// How many agree.
	pub members: usize,
}

impl Agreement {
	/// Whether an outcome is of those that agree.
	pub fn includes(&self, outcome: &H256) -> bool {
		self.outcomes.contains(outcome)
	}
}

/// Whether more than half of `of` are `count`.
pub fn is_majority(count: usize, of: usize) -> bool {
	count.saturating_mul(2) > of
}

/// How far two outcomes lie from each other, `None` if they do not agree: bit for bit under the exact
/// policy; else output and citations must be equal, fingerprints and attributions near each other.
pub fn apart(policy: &Policy, left: &Outcome, right: &Outcome) -> Option<u32> {
	if left == right {
		return Some(0);
	}
	let Policy::Tolerance { max_distance, .. } = policy else {
		return None;
	};
	let (Outcome::Answered(left), Outcome::Answered(right)) = (left, right) else {
		return None;
	};
	let equal = left.output == right.output && left.citations == right.citations;
	let near = weights_apart(&left.attribution, &right.attribution) <= MAX_WEIGHT_DISTANCE;
	distance(&left.fingerprint, &right.fingerprint)
		.filter(|apart| equal && near && apart <= max_distance)
}

/// Whether two answers have the same output, of the same run, whatever they attribute it to.
pub fn is_same_result(policy: &Policy, left: &Answer, right: &Answer) -> bool {
	let near = match policy {
		Policy::Exact { .. } => left.fingerprint == right.fingerprint,
		Policy::Tolerance { max_distance, .. } => distance(&left.fingerprint, &right.fingerprint)
			.is_some_and(|apart| apart <= *max_distance),
	};
	left.output == right.output && near
}

fn weights_apart(left: &[Entry], right: &[Entry]) -> u64 {
	let mut weights = BTreeMap::<BatchId, (u32, u32)>::new();
	for entry in left {
		weights.entry(entry.batch).or_default().0 = entry.weight;
	}
	for entry in right {
		weights.entry(entry.batch).or_default().1 = entry.weight;
	}
	weights
		.values()
		.map(|(left, right)| u64::from(left.abs_diff(*right)))
		.sum()
}

/// The largest set of votes that all agree with one of them, if any was cast. `votes` are outcomes with
/// their hashes, one for each operator.
///
/// Of equally large sets it is that whose middle has the smallest distances, then that with the smaller
/// hash: the order of the votes does not matter.
pub fn largest(policy: &Policy, votes: &[(H256, &Outcome)]) -> Option<Agreement> {
	let mut counts = BTreeMap::<H256, (&Outcome, usize)>::new();
	for (hash, outcome) in votes {
		let (_, count) = counts.entry(*hash).or_insert((outcome, 0));
		*count = count.saturating_add(1);
	}
	counts
		.iter()
		.map(|(leader, (middle, _))| {
			let mut sum = 0u64;
			let mut members = 0usize;
			let mut outcomes = Vec::new();
			for (hash, (outcome, count)) in &counts {
				if let Some(apart) = apart(policy, middle, outcome) {
					let times = u64::try_from(*count).unwrap_or(u64::MAX);
					sum = sum.saturating_add(u64::from(apart).saturating_mul(times));
					members = members.saturating_add(*count);
					outcomes.push(*hash);
				}
			}
			let agreement = Agreement {
				outcomes,
				leader: *leader,
				members,
			};
			((Reverse(members), sum, *leader), agreement)
		})
		.min_by_key(|(rank, _)| *rank)
		.map(|(_, agreement)| agreement)
}

/// The attribution that is paid for: each batch's median weight, the lower one of two, brought to
/// [`TOTAL_WEIGHT`] by largest remainder. Equal attributions come out as they are.
pub fn median(attributions: &[&[Entry]]) -> Entries {
	let Some((first, rest)) = attributions.split_first() else {
		return Entries::new();
	};
	if rest.iter().all(|other| other == first) {
		return Entries::truncate_from(first.to_vec());
	}
	let mut weights = BTreeMap::<BatchId, Vec<u32>>::new();
	for entry in attributions.iter().flat_map(|entries| entries.iter()) {
		weights.entry(entry.batch).or_default().push(entry.weight);
	}
	let mut medians = weights
		.into_iter()
		.filter_map(|(batch, mut weights)| {
			weights.resize(attributions.len(), 0);
			weights.sort_unstable();
			let middle = weights.len().saturating_sub(1) / 2;
			let weight = weights.get(middle).copied().filter(|weight| *weight > 0)?;
			Some((batch, u128::from(weight)))
		})
		.collect::<Vec<_>>();
	medians.sort_by_key(|(_, weight)| Reverse(*weight));
	medians.truncate(usize::try_from(MAX_ENTRIES).unwrap_or(usize::MAX));
	medians.sort_unstable();
	let (batches, weights): (Vec<_>, Vec<_>) = medians.into_iter().unzip();
	let weights = apportion(TOTAL_WEIGHT.into(), &weights).unwrap_or_default();
	let entries = batches
		.into_iter()
		.zip(weights)
		.filter_map(|(batch, weight)| {
			let weight = u32::try_from(weight).ok().filter(|weight| *weight > 0)?;
			Some(Entry { batch, weight })
		})
		.collect::<Vec<_>>();
	Entries::truncate_from(entries)
}

#[cfg(test)]
mod tests {
	use super::*;
	use openledger_primitives::{
		attribution::is_well_formed, fingerprint::Fingerprint, model::Provider, Failure, Output,
	};
	use proptest::prelude::*;

	const EXACT: Policy = Policy::Exact {
		onnxruntime: [1, 31, 1],
	};

	const TOLERANT: Policy = Policy::Tolerance {
		onnxruntime: [1, 31, 1],
		provider: Provider::Cuda,
		max_distance: 1_000,
	};

	fn entries(list: &[(BatchId, u32)]) -> Entries {
		let list = list
			.iter()
			.map(|(batch, weight)| Entry {
				batch: *batch,
				weight: *weight,
			})
			.collect::<Vec<_>>();
		Entries::try_from(list).unwrap()
	}

	fn said(output: &str, fingerprint: &[i32]) -> Outcome {
		Outcome::Answered(Answer {
			output: Output::Inline(output.as_bytes().to_vec().try_into().unwrap()),
			fingerprint: Fingerprint::try_from(fingerprint.to_vec()).unwrap(),
			..Answer::default()
		})
	}

	fn agreement(policy: &Policy, outcomes: &[Outcome]) -> Option<Agreement> {
		let votes: Vec<_> = outcomes.iter().map(|o| (o.hash(), o)).collect();
		largest(policy, &votes)
	}

	#[test]
	fn equal_outcomes_agree_under_any_policy() {
		let outcomes = [
			said("Paris", &[7]),
			said("Lyon", &[7]),
			said("Paris", &[7]),
			Outcome::Failed(Failure::Internal),
		];
		for policy in [EXACT, TOLERANT] {
			let agreed = agreement(&policy, &outcomes).unwrap();
			assert_eq!((agreed.members, agreed.leader), (2, outcomes[0].hash()));
			assert_eq!(agreed.outcomes, [outcomes[0].hash()]);
		}
		assert_eq!(agreement(&EXACT, &[]), None);
	}

	#[test]
	fn near_fingerprints_agree_if_the_policy_tolerates_it() {
		let million = |more| said("Paris", &[1_000_000_000 + more]);
		let outcomes = [million(0), million(900), million(-900)];
		assert_eq!(agreement(&EXACT, &outcomes).unwrap().members, 1);
		let agreed = agreement(&TOLERANT, &outcomes).unwrap();
		assert_eq!(agreed.members, 3, "the outer ones are near the middle one");
		assert_eq!(agreed.leader, outcomes[0].hash());
		let far = [million(0), million(2_000), million(4_000)];
		assert_eq!(agreement(&TOLERANT, &far).unwrap().members, 1);
		let lengths = [said("Paris", &[5]), said("Paris", &[5, 0])];
		assert_eq!(agreement(&TOLERANT, &lengths).unwrap().members, 1);
		let words = [said("Paris", &[5]), said("paris", &[5])];
		assert_eq!(agreement(&TOLERANT, &words).unwrap().members, 1);
	}

	#[test]
	fn near_attributions_agree_if_the_policy_tolerates_it() {
		let with = |list: &[(BatchId, u32)]| {
			Outcome::Answered(Answer {
				attribution: entries(list),
				..Answer::default()
			})
		};
		let left = with(&[(1, 500_000), (2, 500_000)]);
		let near = with(&[(1, 510_000), (2, 490_000)]);
		let far = with(&[(1, 510_001), (2, 489_999)]);
		let other = with(&[(1, 500_000), (3, 500_000)]);
		assert_eq!(apart(&TOLERANT, &left, &near), Some(0));
		assert_eq!(apart(&TOLERANT, &left, &far), None);
		assert_eq!(apart(&TOLERANT, &left, &other), None);
		assert_eq!(apart(&EXACT, &left, &near), None);
		let (Outcome::Answered(left), Outcome::Answered(far)) = (left, far) else {
			unreachable!("they are answers")
		};
		assert!(is_same_result(&TOLERANT, &left, &far));
	}

	#[test]
	fn the_median_is_paid() {
		assert!(median(&[]).is_empty());
		let odd = entries(&[(1, 333_333), (2, 666_667)]);
		assert_eq!(median(&[&odd, &odd]), odd);
		let greedy = entries(&[(1, 340_000), (2, 660_000)]);
		let stray = entries(&[(1, 330_000), (2, 660_000), (9, 10_000)]);
		// 333,333 and 660,000 of a million, and nothing for what only one has seen.
		assert_eq!(
			median(&[&odd, &greedy, &stray]),
			entries(&[(1, 335_570), (2, 664_430)])
		);
	}

	proptest! {
		#[test]
		fn the_order_of_votes_does_not_matter(
			mut values in prop::collection::vec(0i32..6, 1..8),
			turn in 0usize..8,
		) {
			let outcome = |value: &i32| said("x", &[1_000_000_000 + 400 * value]);
			let before: Vec<_> = values.iter().map(outcome).collect();
			let agreed = agreement(&TOLERANT, &before).unwrap();
			prop_assert!(agreed.outcomes.contains(&agreed.leader));
			let len = values.len();
			values.rotate_left(turn % len);
			let after: Vec<_> = values.iter().map(outcome).collect();
			prop_assert_eq!(agreement(&TOLERANT, &after).unwrap(), agreed);
		}

		#[test]
		fn medians_are_well_formed(
			scores in prop::collection::vec(prop::collection::vec(0u32..9, 100), 1..8)
		) {
			let lists: Vec<_> = scores
				.iter()
				.map(|scores| {
					let citations: Vec<_> = scores
						.iter()
						.zip(0u64..)
						.map(|(score, batch)| openledger_primitives::Citation { batch, row: 0, score: *score })
						.collect();
					openledger_primitives::attribution::weigh(&citations)
				})
				.collect();
			let slices: Vec<&[Entry]> = lists.iter().map(|list| &list[..]).collect();
			prop_assert!(is_well_formed(&median(&slices)));
		}
	}
}
