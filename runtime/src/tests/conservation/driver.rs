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
	constants::currency::UNIT,
	genesis_config_presets::DEVELOPMENT,
	tests::chain::{signed, Chain},
	Balance, Balances, RuntimeCall, RuntimeEvent,
};
use openledger_primitives::model::Audience;
use sp_keyring::Sr25519Keyring::{self, Bob, Eve, Ferdie};

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

/// A chain in the middle of a list of steps.
struct Run {
	chain: Chain,
	/// What the issuance must be.
	issuance: Balance,
	commitments: Commitments,
	posted: channels::Posted,
	history: Vec<RuntimeEvent>,
}

impl Run {
	fn begin() -> Self {
		let mut chain = chain();
		let issuance = chain.execute(Balances::total_issuance);
		let history = chain.take_events();
		chain.execute(|| check(issuance));
		Self {
			chain,
			issuance,
			commitments: Commitments::new(),
			posted: channels::Posted::new(),
			history,
		}
	}

	/// Checks the state, and what has happened since this was last done.
	fn check(&mut self) {
		let events = self.chain.take_events();
		self.issuance -= burnt(&events);
		self.history.extend(events);
		let issuance = self.issuance;
		self.chain.execute(|| check(issuance));
	}

	/// What operators send in a block.
	fn committees(&mut self, step: Step) {
		let commitments = &mut self.commitments;
		for result in self.chain.block(|| operators(step, commitments)) {
			match result {
				// The block started a session. They try again.
				Err(full) if full.exhausted_resources() => {}
				result => result
					.expect("what operators send is valid")
					.expect("and successful"),
			}
		}
	}

	/// A block with the calls of these steps, each made up when those before it have been executed; and
	/// more blocks for those that find no room. Most random calls fail. They must do so without a trace.
	fn calls(&mut self, mut steps: Vec<Step>) {
		// The block that starts a session has room for nothing but inherents; one after it has some.
		let mut tries = 2 * steps.len();
		while !steps.is_empty() {
			let mut sent = Vec::new();
			let posted = &mut self.posted;
			let transactions = steps.iter().filter_map(|step| {
				let (who, call) = made(*step, posted)?;
				sent.push(*step);
				Some(signed(who, call))
			});
			let results = self.chain.block(|| transactions);
			self.check();
			steps = sent
				.into_iter()
				.zip(results)
				.filter_map(|(step, result)| match result {
					Err(full) if full.exhausted_resources() => Some(step),
					result => {
						let _ = result.expect("valid");
						None
					}
				})
				.collect();
			assert!(tries > 0, "a call finds no room: {steps:?}");
			tries -= 1;
		}
	}
}

/// Who makes which call in a step; `None` if there is nothing to be done.
fn made(step: Step, posted: &mut channels::Posted) -> Option<(Sr25519Keyring, RuntimeCall)> {
	match step.kind {
		CHANNEL => channels::call(step, posted),
		PROPOSAL => proposals::call(step),
		_ => {
			let call = call(step);
			Some((caller(step, &call), call))
		}
	}
}

/// Whether a step and the one before it share a block, if both are calls: three do on average.
fn share(before: &Step, step: &Step) -> bool {
	let is_call = |step: &Step| !matches!(step.kind, COMMIT | REVEAL | IDLE);
	is_call(before) && is_call(step) && !(before.a ^ before.b).is_multiple_of(3)
}

/// Takes the steps, and checks after each block with calls, and after each time without.
pub(super) fn run(steps: &[Step]) -> (Chain, Vec<RuntimeEvent>) {
	let mut run = Run::begin();
	for block in steps.chunk_by(share) {
		match block {
			[step] if matches!(step.kind, COMMIT | REVEAL) => {
				run.committees(*step);
				run.check();
			}
			[step] if step.kind == IDLE => {
				run.chain.blocks(u32::from(step.a % 6));
				run.check();
			}
			calls => run.calls(calls.to_vec()),
		}
	}
	(run.chain, run.history)
}
