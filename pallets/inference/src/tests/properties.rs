//! Random calls by random accounts break no invariant and make or lose no money.

use openledger_primitives::{protocol::commit_message, Failure, Outcome, RequestId};
use proptest::prelude::*;
use sp_core::{Pair, H256};

use crate::{mock::*, types::Phase, Event, HoldReason, NextRequest, Requests, SignedCommitment};

#[derive(Clone, Debug)]
enum Step {
	Ask {
		payer: u8,
		bytes: usize,
		least: u32,
	},
	Cancel {
		payer: u8,
		back: u64,
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
	/// All that sit in a committee do what is their turn, once they are drawn.
	Together {
		back: u64,
	},
	Report {
		agent: u8,
		back: u64,
	},
	/// A canary that expects the good answer, or the other one.
	CommitCanary {
		owner: u8,
		good: bool,
	},
	DropCanary {
		owner: u8,
		good: bool,
	},
	RevealCanary {
		owner: u8,
		good: bool,
		back: u64,
	},
	Forget {
		payer: u8,
		back: u64,
	},
	Spend {
		payer: u8,
		amount: u128,
	},
	Leave(u8),
	Join(u8),
	Pause,
	Resume,
	SafeMode(bool),
	Committee(u32),
	Target(u32),
	Blocks(u32),
}

fn step() -> impl Strategy<Value = Step> {
	let agent = || AGENT..AGENT + 8;
	let payer = || PAYER..=OTHER;
	prop_oneof![
		8 => (payer(), 0usize..512, 0u32..9)
			.prop_map(|(payer, bytes, least)| Step::Ask { payer, bytes, least: least.min(3) }),
		1 => (payer(), 0u64..4).prop_map(|(payer, back)| Step::Cancel { payer, back }),
		12 => (agent(), 0u64..4, 0u8..8)
			.prop_map(|(agent, back, outcome)| Step::Commit { agent, back, outcome }),
		8 => (agent(), 0u64..4, 0u8..8)
			.prop_map(|(agent, back, outcome)| Step::Reveal { agent, back, outcome }),
		30 => (0u64..3).prop_map(|back| Step::Together { back }),
		2 => (agent(), 0u64..6).prop_map(|(agent, back)| Step::Report { agent, back }),
		3 => (payer(), any::<bool>())
			.prop_map(|(owner, good)| Step::CommitCanary { owner, good }),
		1 => (payer(), any::<bool>()).prop_map(|(owner, good)| Step::DropCanary { owner, good }),
		4 => (payer(), any::<bool>(), 0u64..6)
			.prop_map(|(owner, good, back)| Step::RevealCanary { owner, good, back }),
		3 => (payer(), 0u64..6).prop_map(|(payer, back)| Step::Forget { payer, back }),
		1 => (payer(), 0..RICH).prop_map(|(payer, amount)| Step::Spend { payer, amount }),
		1 => agent().prop_map(Step::Leave),
		2 => agent().prop_map(Step::Join),
		1 => Just(Step::Pause),
		2 => Just(Step::Resume),
		1 => any::<bool>().prop_map(Step::SafeMode),
		1 => (1u32..5).prop_map(Step::Committee),
		1 => (1u32..5).prop_map(Step::Target),
		8 => (1u32..4).prop_map(Step::Blocks),
		1 => Just(Step::Blocks(COMMIT)),
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

fn expected(right: bool) -> Outcome {
	if right {
		good()
	} else {
		other()
	}
}

fn canary(owner: u8, right: bool) -> H256 {
	let input = H256(sp_crypto_hashing::blake2_256(b"x"));
	let outcome = expected(right).hash();
	crate::canary_hash(&account(owner), MODEL, 0, &input, &outcome, &[owner; 32])
}

/// What the members of a committee think of a request: mostly the same.
fn opinions(request: RequestId) -> [Outcome; 7] {
	let seed = sp_crypto_hashing::blake2_256(&question(request).0);
	let mut seats = 0..7;
	[(); 7].map(|()| {
		let seat: usize = seats.next().expect("seven");
		match (seed[7] % 6, seat % 3) {
			(0, _) | (1, 2) => other(),
			(2, n) => outcome(n as u8),
			(3, 0) => Outcome::Failed(Failure::OutOfTime),
			// Refused where the input is on the chain.
			(5, n) if n > 0 => unavailable(),
			(4, _) if seat < 3 => outcome(seat as u8),
			_ => good(),
		}
	})
}

fn members(request: RequestId) -> Vec<u8> {
	if Requests::<Test>::contains_key(request) {
		committee(request)
	} else {
		Vec::new()
	}
}

fn take(step: Step) {
	match step {
		Step::Ask {
			payer,
			bytes,
			least,
		} => {
			// Mostly one byte, which is what canaries are about.
			let bytes = if bytes % 4 == 0 { bytes } else { 1 };
			let text = "x".repeat(bytes);
			let input = if least == 0 {
				linked(&text)
			} else {
				inline(&text)
			};
			let least = least.max(1);
			let _ = Inference::request(signed(payer), MODEL, input, u128::MAX, least);
		}
		Step::Cancel { payer, back } => {
			let _ = Inference::cancel(signed(payer), recent(back));
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
		Step::Together { back } => {
			let id = recent(back);
			let Some(request) = Requests::<Test>::get(id) else {
				return;
			};
			if request.phase == Phase::Draw {
				run_to(request.until);
			}
			for (n, outcome) in members(id).into_iter().zip(opinions(id)) {
				let _ = send(commit_call(n, id, &outcome));
			}
			for (n, outcome) in members(id).into_iter().zip(opinions(id)) {
				let _ = send(reveal_call(n, id, &outcome));
			}
		}
		Step::Report { agent, back } => {
			let request = recent(back);
			let signed_for = |byte| {
				let commitment = H256::repeat_byte(byte);
				let message = commit_message(&question(request), &commitment);
				SignedCommitment {
					commitment,
					signature: operator(agent).sign(&message),
				}
			};
			let _ = Inference::report_equivocation(
				signed(OTHER),
				request,
				key(agent),
				signed_for(1),
				signed_for(2),
			);
		}
		Step::CommitCanary { owner, good } => {
			let _ = Inference::commit_canary(signed(owner), canary(owner, good));
		}
		Step::DropCanary { owner, good } => {
			let _ = Inference::drop_canary(signed(owner), canary(owner, good));
		}
		Step::RevealCanary { owner, good, back } => {
			let _ = Inference::reveal_canary(
				signed(owner),
				recent(back),
				inline("x"),
				expected(good),
				[owner; 32],
				u128::MAX,
			);
		}
		Step::Forget { payer, back } => {
			let _ = Inference::forget(signed(payer), recent(back));
		}
		Step::Spend { payer, amount } => {
			let _ = Balances::transfer_allow_death(signed(payer), account(20), amount);
		}
		Step::Leave(agent) => Agents::set_active(agent, false),
		Step::Join(agent) => Agents::set_active(agent, true),
		Step::Pause => {
			let _ = Models::pause(signed(OWNER), MODEL);
		}
		Step::Resume => {
			let _ = Models::resume(signed(OWNER), MODEL);
		}
		Step::SafeMode(on) => SafeMode::set(on),
		Step::Committee(size) => CommitteeSize::set(size),
		Step::Target(units) => TargetUnits::set(units),
		Step::Blocks(n) => run_to(now() + n),
	}
}

/// What all requests that were answered cost.
fn divided() -> (u128, u128) {
	System::events()
		.iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::Inference(Event::Answered { fee, .. }) => Some(fee),
			_ => None,
		})
		.fold((0, 0), |(count, sum), fee| (count + 1, sum + fee))
}

/// The deposits of canaries that were wrong, and the fees for inputs that not all could fetch.
fn lost() -> u128 {
	System::events()
		.iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::Inference(Event::CanaryLost { deposit, .. }) => Some(deposit),
			RuntimeEvent::Inference(Event::Forfeited { forfeited, .. }) => Some(forfeited),
			_ => None,
		})
		.sum()
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	#[test]
	fn money_and_invariants_survive(steps in prop::collection::vec(step(), 1..160)) {
		ExtBuilder::default().agents(8).committee(3).build_and_execute(|| {
			let issuance = Balances::total_issuance();
			for step in steps {
				take(step);
				check();
			}
			// In the end all is given back or divided, and nothing is left on the agenda.
			run_to(now() + 2 * (DELAY + COMMIT + REVEAL) + RETENTION + 1);
			check();
			prop_assert_eq!(Requests::<Test>::iter().count(), 0);
			prop_assert_eq!(crate::Receipts::<Test>::iter().count(), 0);
			prop_assert_eq!(crate::Agenda::<Test>::iter().count(), 0);
			let (answered, fees) = divided();
			let burned = issuance - Balances::total_issuance();
			prop_assert!(burned.abs_diff(fees / 20) <= answered);
			// Each fee's burn, treasury's part and credits sum up to it: so do all of them.
			let credits: u128 = pallet_attribution::Credits::<Test>::iter_values().sum();
			prop_assert_eq!(burned + (free(TREASURY) - RICH) + credits, fees + lost());
			for n in [PAYER, OTHER] {
				prop_assert_eq!(held(HoldReason::Fee, n) + held(HoldReason::Record, n), 0);
			}
			prop_assert_eq!(crate::Reruns::<Test>::iter().count(), 0);
			Ok(())
		})?;
	}
}
