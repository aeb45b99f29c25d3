//! When strangers who pay each other lose how much, and what it counts for.

use openledger_attribution::synthetic::random::source;
use openledger_primitives::{split::apportion, Balance};
use pallet_reputation::Points;
use rand::Rng;
use sp_core::U256;

use super::honest::{block, schedule};
use crate::Failure;

/// A payment: in which block, and what is lost by it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paid {
	pub(super) at: u64,
	pub(super) lost: Balance,
}

/// What all payments before a vote are worth in it, to so many accounts that share each of them.
pub(super) fn worth(paid: &[Paid], vote: u64, accounts: u32) -> Result<u128, Failure> {
	let schedule = schedule();
	let mut records = vec![Points::default(); accounts as usize];
	for Paid { at, lost } in paid.iter().filter(|paid| paid.at <= vote) {
		let parts = apportion(*lost, &vec![1; records.len()]).ok_or("nobody to pay")?;
		for (record, part) in records.iter_mut().zip(parts) {
			record.advance(*at, &schedule);
			if part > 0 {
				record
					.earn(part, *at, &schedule)
					.ok_or("no room for points")?;
			}
		}
	}
	Ok(records
		.iter()
		.map(|record| record.worth(vote, &schedule))
		.sum())
}

/// All that is lost.
pub(super) fn cost(paid: &[Paid]) -> Balance {
	paid.iter().map(|paid| paid.lost).sum()
}

/// A way to spread payments over the time before a vote.
pub(super) struct Strategy {
	pub(super) name: &'static str,
	/// The accounts that share in each payment.
	pub(super) accounts: u32,
	/// Payments that come to about a given loss, for a vote in a block, by one of the parameters that are tried.
	pub(super) plan: fn(lost: Balance, vote: u64, parameter: u64) -> Vec<Paid>,
	/// How many parameters are tried, from 0.
	pub(super) parameters: u64,
}

fn days_before(vote: u64, days: u64) -> u64 {
	vote.saturating_sub(block(days))
}

fn evenly(lost: Balance, blocks: &[u64]) -> Vec<Paid> {
	let each = lost / blocks.len().max(1) as Balance;
	let at = |at: &u64| Paid {
		at: *at,
		lost: each,
	};
	blocks.iter().map(at).collect()
}

/// Up to a dozen bursts at random, in the 45 or 400 days before the vote.
fn at_random(lost: Balance, vote: u64, seed: u64) -> Vec<Paid> {
	let mut random = source(seed, 20);
	let bursts = random.gen_range(1..=12);
	let weights: Vec<(u64, u64)> = (0..bursts)
		.map(|_| {
			let latest = if random.gen_bool(0.5) { 45 } else { 400 };
			let back = random.gen_range(0..block(latest));
			(
				vote.saturating_sub(back),
				random.gen_range(1..=1_000_000u64),
			)
		})
		.collect();
	let sum: u64 = weights.iter().map(|(_, weight)| weight).sum();
	let mut plan: Vec<Paid> = weights
		.into_iter()
		.map(|(at, weight)| Paid {
			at,
			lost: lost * Balance::from(weight) / Balance::from(sum),
		})
		.collect();
	plan.sort_by_key(|paid| paid.at);
	plan
}

/// What is tried. The parameter is a number of days, if nothing else is said.
pub(super) const STRATEGIES: [Strategy; 7] = [
	Strategy {
		name: "all at once, some days before",
		accounts: 1,
		plan: |lost, vote, days| evenly(lost, &[days_before(vote, days)]),
		parameters: 120,
	},
	Strategy {
		name: "all at once, in the last block of a bucket",
		accounts: 1,
		plan: |lost, vote, days| {
			let bucket = schedule().bucket;
			let start = days_before(vote, days) / bucket * bucket;
			evenly(lost, &[start.saturating_sub(1)])
		},
		parameters: 120,
	},
	Strategy {
		name: "steadily, until the last day that matures",
		accounts: 1,
		plan: |lost, vote, days| {
			let at: Vec<u64> = (31..=31 + days)
				.rev()
				.map(|day| days_before(vote, day))
				.collect();
			evenly(lost, &at)
		},
		parameters: 180,
	},
	Strategy {
		name: "at the turns of half-lives",
		accounts: 1,
		plan: |lost, vote, blocks| {
			let turn = vote / schedule().half_life * schedule().half_life;
			let early = turn.saturating_sub(block(31)) + blocks;
			evenly(lost, &[early.saturating_sub(30)])
		},
		parameters: 60,
	},
	Strategy {
		name: "a thousand small payments on a day",
		accounts: 1,
		plan: |lost, vote, days| {
			let start = days_before(vote, days);
			let at: Vec<u64> = (0..1_000).map(|payment| start + payment).collect();
			evenly(lost, &at)
		},
		parameters: 60,
	},
	Strategy {
		name: "shared by a hundred accounts",
		accounts: 100,
		plan: |lost, vote, days| evenly(lost, &[days_before(vote, days)]),
		parameters: 60,
	},
	Strategy {
		name: "bursts at random (the parameter is a seed)",
		accounts: 1,
		plan: at_random,
		parameters: 2_000,
	},
];

/// The least that a strategy with a parameter loses to have `needed` in a vote; `None` if what it pays does not
/// count by then.
pub(super) fn least(
	strategy: &Strategy,
	parameter: u64,
	vote: u64,
	needed: u128,
) -> Result<Option<Balance>, Failure> {
	let weighed = |lost: Balance| {
		let plan = (strategy.plan)(lost, vote, parameter);
		worth(&plan, vote, strategy.accounts).map(|worth| (worth, cost(&plan)))
	};
	let (probe, _) = weighed(needed)?;
	if probe < needed / 1_000_000 {
		return Ok(None);
	}
	// Worth is proportional to what is lost, up to rounding.
	let scaled = U256::from(needed) * U256::from(needed) / U256::from(probe);
	let mut lost = Balance::try_from(scaled)?;
	loop {
		let (worth, cost) = weighed(lost)?;
		if worth >= needed {
			return Ok(Some(cost));
		}
		lost += (needed - worth).max(lost / 1_000_000_000) + 1;
	}
}
