//! One party pays for its own model, data and agent.

use std::ops::Range;

use openledger_attribution::synthetic::random::source;
use openledger_primitives::{
	answer::{Entry, TOTAL_WEIGHT},
	Balance,
};
use openledger_runtime::AccountId;
use rand::Rng;

use super::chain::{contributor, Chain, OPERATOR, OWNER, PAYER};
use crate::Failure;

/// How many fees are paid.
const FEES: usize = 200;

/// What a party has after all fees, and what it had.
pub(crate) struct Dealt {
	/// The part of all fees that it has again.
	pub(crate) kept: f64,
	/// The reputation that it earned, for each unit that it has lost.
	pub(crate) reputation: f64,
}

/// Pays random fees of the given range. If the accounts are `known`, the same account may do everything for each of them.
pub(crate) fn deal(seed: u64, known: bool, range: Range<Balance>) -> Result<Dealt, Failure> {
	let mut random = source(seed, 10);
	let mut chain = Chain::new()?;
	let party: [AccountId; 4] = [PAYER.into(), OWNER.into(), OPERATOR.into(), contributor(0)];
	let [payer, owner, operator, data] = &party;
	let rows = [r#"{"text":"one's own"}"#.to_owned()];
	let batch = chain.add_batch(data, &rows)?.ok_or("the first batch")?;
	let model = chain.register_model(owner)?;
	chain.register_agent(operator, model)?;
	if known {
		for member in &party {
			chain.add_proxy(member, &contributor(1))?;
		}
	}
	let sum = |chain: &mut Chain, of: fn(&mut Chain, &AccountId) -> Balance| -> Balance {
		party.iter().map(|who| of(chain, who)).sum()
	};
	let before = sum(&mut chain, Chain::wealth);
	let mut fees: Balance = 0;
	for _ in 0..FEES {
		let fee = random.gen_range(range.clone());
		let entry = Entry {
			batch,
			weight: TOTAL_WEIGHT,
		};
		chain.settle(payer, operator, model, &[entry], fee)?;
		fees += fee;
	}
	chain.check()?;
	let lost = before - sum(&mut chain, Chain::wealth);
	let reputation = sum(&mut chain, Chain::reputation);
	Ok(Dealt {
		kept: (fees - lost) as f64 / fees as f64,
		reputation: reputation as f64 / lost as f64,
	})
}
