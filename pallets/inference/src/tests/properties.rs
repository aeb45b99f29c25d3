//! Random calls by random accounts break no invariant and make or lose no money.

use openledger_primitives::{Failure, Outcome, RequestId};
use proptest::prelude::*;

use crate::{mock::*, Event, NextRequest};

#[derive(Clone, Debug)]
enum Step {
	Ask {
		payer: u8,
		bytes: usize,
		lifetime: u32,
	},
	Commit {
		agent: u8,
		back: u64,
		outcome: u8,
	},
	Reveal {
		agent: u8,
		back: u64,
		outcome: u8,
	},
	Forget {
		payer: u8,
		back: u64,
	},
	Spend {
		payer: u8,
		amount: u128,
	},
	Deregister(u8),
	Withdraw(u8),
	Register(u8),
	Pause,
	Resume,
	Committee(u32),
	Blocks(u32),
}

fn step() -> impl Strategy<Value = Step> {
	let agent = || AGENT..AGENT + 4;
	let payer = || PAYER..=OTHER;
	prop_oneof![
		6 => (payer(), 0usize..256, MIN_LIFETIME - 1..MAX_LIFETIME + 2)
			.prop_map(|(payer, bytes, lifetime)| Step::Ask { payer, bytes, lifetime }),
		12 => (agent(), 0u64..4, 0u8..8)
			.prop_map(|(agent, back, outcome)| Step::Commit { agent, back, outcome }),
		12 => (agent(), 0u64..4, 0u8..8)
			.prop_map(|(agent, back, outcome)| Step::Reveal { agent, back, outcome }),
		3 => (payer(), 0u64..6).prop_map(|(payer, back)| Step::Forget { payer, back }),
		1 => (payer(), 0..RICH).prop_map(|(payer, amount)| Step::Spend { payer, amount }),
		1 => agent().prop_map(Step::Deregister),
		2 => agent().prop_map(Step::Withdraw),
		2 => agent().prop_map(Step::Register),
		1 => Just(Step::Pause),
		2 => Just(Step::Resume),
		1 => (1u32..5).prop_map(Step::Committee),
		4 => (1u32..COMMIT).prop_map(Step::Blocks),
	]
}

/// Mostly the one on which they can agree.
fn outcome(n: u8) -> Outcome {
	match n {
		0 => other(),
		1 => Outcome::Failed(Failure::OutOfTime),
		2 => answer(&[cite(LATER, 0, 5)]),
		_ => good(),
	}
}

fn recent(back: u64) -> RequestId {
	NextRequest::<Test>::get().saturating_sub(1 + back)
}

fn take(step: Step) {
	match step {
		Step::Ask {
			payer,
			bytes,
			lifetime,
		} => {
			let input = vec![b'x'; bytes].try_into().expect("short enough");
			let _ = Inference::request(signed(payer), MODEL, input, PRICE, lifetime);
		}
		Step::Commit {
			agent,
			back,
			outcome: n,
		} => {
			let _ = send(commit_call(agent, recent(back), &outcome(n)));
		}
		Step::Reveal {
			agent,
			back,
			outcome: n,
		} => {
			let _ = send(reveal_call(agent, recent(back), &outcome(n)));
		}
		Step::Forget { payer, back } => {
			let _ = Inference::forget(signed(payer), recent(back));
		}
		Step::Spend { payer, amount } => {
			let _ = Balances::transfer_allow_death(signed(payer), account(20), amount);
		}
		Step::Deregister(agent) => {
			let _ = Agents::deregister(signed(agent));
		}
		Step::Withdraw(agent) => {
			let _ = Agents::withdraw_unbonded(signed(agent));
		}
		Step::Register(agent) => {
			let _ = Agents::register(signed(agent), key(agent), text_models(&[MODEL]), BOND);
		}
		Step::Pause => {
			let _ = Models::pause(signed(OWNER), MODEL);
		}
		Step::Resume => {
			let _ = Models::resume(signed(OWNER), MODEL);
		}
		Step::Committee(size) => CommitteeSize::set(size),
		Step::Blocks(n) => run_to(now() + n),
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(48))]

	#[test]
	fn money_and_invariants_survive(steps in prop::collection::vec(step(), 1..120)) {
		ExtBuilder::default().agents(3).build_and_execute(|| {
			let issuance = Balances::total_issuance();
			for step in steps {
				take(step);
				check();
			}
			// In the end all is given back or divided, and nothing is left on the agenda.
			run_to(now() + MAX_LIFETIME + RETENTION + 64);
			check();
			prop_assert_eq!(crate::Requests::<Test>::iter().count(), 0);
			prop_assert_eq!(crate::Receipts::<Test>::iter().count(), 0);
			prop_assert_eq!(crate::Agenda::<Test>::iter().count(), 0);
			let answered = System::events()
				.iter()
				.filter(|record| {
					matches!(record.event, RuntimeEvent::Inference(Event::Answered { .. }))
				})
				.count() as u128;
			let burned = issuance - Balances::total_issuance();
			prop_assert!(burned.abs_diff(answered * (PRICE / 20)) <= answered);
			Ok(())
		})?;
	}
}
