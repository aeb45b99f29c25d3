//! A chain on which steps get somewhere, and the run of a list of them.

use super::{
	callers::caller,
	calls::call,
	channels,
	checks::{burnt, check},
	operators::{operators, Commitments},
	proposals, Step, ACTORS, CHANNEL, COMMIT, IDLE, PROPOSAL, REVEAL,
};
use crate::{
	constants::currency::UNIT, genesis_config_presets::DEVELOPMENT, tests::chain::Chain, Balances,
	RuntimeEvent,
};
use openledger_primitives::model::Audience;
use sp_keyring::Sr25519Keyring::{Bob, Eve, Ferdie};

/// A chain with a Datanet, a model, an agent and a channel, so that random steps get somewhere.
pub(in crate::tests) fn chain() -> Chain {
	let mut chain = Chain::new(DEVELOPMENT);
	let step = |actor, kind, a, b| Step { actor, kind, a, b };
	for step in [
		step(1, 2, 10, 0),
		// Bob lists Charlie and Dave, who contribute.
		step(1, 29, 0, 2),
		step(1, 29, 0, 3),
		step(2, 3, 60, 0),
		step(3, 3, 61, 0),
		step(1, 7, 2_000, 0),
		step(4, 15, 1, 0),
		// Another Datanet, open and with juries.
		step(4, 2, 9, 0),
	] {
		let call = chain.execute(|| call(step));
		chain
			.call(ACTORS[step.actor], call)
			.expect("the set-up is valid");
	}
	let open = pallet_channels::Call::open {
		agent: Eve.to_account_id(),
		model: 0,
		deposit: 10 * UNIT,
		signer: None,
	};
	chain.call(Ferdie, open).expect("Eve serves the model");
	to_let(&mut chain);
	chain
}

/// Bob lets another model.
fn to_let(chain: &mut Chain) {
	let register = Step {
		actor: 1,
		kind: 7,
		a: 2_000,
		b: 0,
	};
	let register = chain.execute(|| call(register));
	chain.call(Bob, register).expect("as the first one");
	let audience = Audience::Tenants;
	let close = pallet_models::Call::set_audience { model: 1, audience };
	chain.call(Bob, close).expect("it is his");
	let terms = pallet_market::Call::set_terms {
		model: 1,
		price_per_day: 100 * UNIT,
		max_days: 30,
	};
	chain.call(Bob, terms).expect("it is his");
}

pub(super) fn run(steps: &[Step]) -> (Chain, Vec<RuntimeEvent>) {
	let mut chain = chain();
	let mut issuance = chain.execute(Balances::total_issuance);
	let mut commitments = Commitments::new();
	let mut posted = channels::Posted::new();
	let mut history = chain.take_events();
	chain.execute(|| check(issuance));
	for step in steps {
		match step.kind {
			COMMIT | REVEAL => {
				let results = chain.block(|| operators(*step, &mut commitments));
				for result in results {
					match result {
						// The block started a session. They try again.
						Err(full) if full.exhausted_resources() => {}
						result => result
							.expect("what operators send is valid")
							.expect("and successful"),
					}
				}
			}
			IDLE => {
				chain.blocks(u32::from(step.a % 6));
			}
			CHANNEL => {
				if let Some((who, call)) = chain.execute(|| channels::call(*step, &mut posted)) {
					let _ = chain.call(who, call);
				}
			}
			PROPOSAL => {
				if let Some((who, call)) = chain.execute(|| proposals::call(*step)) {
					let _ = chain.call(who, call);
				}
			}
			_ => {
				// Most random calls fail. They must do so without a trace.
				let (who, call) = chain.execute(|| {
					let call = call(*step);
					(caller(*step, &call), call)
				});
				let _ = chain.call(who, call);
			}
		}
		let events = chain.take_events();
		issuance -= burnt(&events);
		history.extend(events);
		chain.execute(|| check(issuance));
	}
	(chain, history)
}
