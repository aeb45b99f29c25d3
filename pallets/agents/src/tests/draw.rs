//! Who is drawn, and what becomes of it.

use openledger_primitives::{
	model::{Policy, Provider},
	traits::{AgentPool, Performance},
	AccountId,
};
use sp_runtime::{Percent, Permill};

use crate::{mock::*, score::LEAST_SCORE};

const TOLERANT: Policy = Policy::Tolerance {
	onnxruntime: CUDA.onnxruntime,
	provider: Provider::Cuda,
	max_distance: 10,
};

/// Which accounts are drawn for model 0 by policy, without those excluded.
fn draw(policy: &Policy, n: u32, excluded: &[AccountId], at: u64) -> Vec<u32> {
	Agents::assign(0, policy, n, excluded, seed(at))
		.iter()
		.map(number)
		.collect()
}

/// How often each of the accounts from 0 to 9 has the first seat of so many draws.
fn first_seats(draws: u64) -> [u32; 10] {
	let mut counts = [0; 10];
	for at in 0..draws {
		let drawn = assign(0, 1, at);
		counts[drawn[0] as usize] += 1;
	}
	counts
}

fn set_score(n: u32, score: Permill) {
	crate::Agents::<Test>::mutate(account(n), |agent| {
		agent.as_mut().expect("registered").score = score;
	});
}

#[test]
fn the_draw_follows_the_stake() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.agent(2, &[0], MIN_BOND)
		.agent(3, &[0], 5 * MIN_BOND)
		.agent(4, &[1], 100 * MIN_BOND)
		.delegation(9, 2, MIN_BOND)
		.build_and_execute(|| {
			let counts = first_seats(4_000);
			assert_eq!(counts[4], 0, "it serves another model");
			// Expected 500, 1000, 2500; five standard deviations are 105, 137, 153.
			assert!((395..605).contains(&counts[1]), "{counts:?}");
			assert!((863..1137).contains(&counts[2]), "{counts:?}");
			assert!((2347..2653).contains(&counts[3]), "{counts:?}");
		});
}

#[test]
fn the_draw_follows_the_score() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.agent(2, &[0], MIN_BOND)
		.agent(3, &[0], MIN_BOND)
		.build_and_execute(|| {
			set_score(1, Permill::from_percent(90));
			set_score(2, Permill::from_percent(5));
			set_score(3, Permill::zero());
			let counts = first_seats(4_000);
			// Expected 3600, 200, 200: nobody is below the least. Five standard deviations are 95, 69.
			assert!((3505..3695).contains(&counts[1]), "{counts:?}");
			assert!((131..269).contains(&counts[2]), "{counts:?}");
			assert!((131..269).contains(&counts[3]), "{counts:?}");
			assert_eq!(LEAST_SCORE, Permill::from_percent(5));
		});
}

#[test]
fn only_those_are_drawn_that_can_meet_the_policy() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.agent(2, &[0], MIN_BOND)
		.agent(3, &[0], MIN_BOND)
		.build_and_execute(|| {
			Agents::set_profile(signed(2), CUDA).expect("not assigned");
			let mut old = CPU;
			old.onnxruntime = [1, 22, 0];
			Agents::set_profile(signed(3), old).expect("not assigned");
			assert_eq!(draw(&EXACT, 3, &[], 0), [1]);
			assert_eq!(draw(&TOLERANT, 3, &[], 0), [2]);
			assert_eq!(Agents::available(0, &EXACT, 5), 1);
			assert_eq!(Agents::available(0, &TOLERANT, 5), 1);
			assert_eq!(Agents::available(0, &TOLERANT, 0), 0);
			assert_eq!(Agents::available(1, &EXACT, 5), 0);
		});
}

#[test]
fn nobody_is_drawn_who_is_excluded_and_nobody_twice() {
	let builder = (1..=5).fold(ExtBuilder::default(), |b, n| b.agent(n, &[0], MIN_BOND));
	builder.build_and_execute(|| {
		assert_eq!(Agents::available(0, &EXACT, 9), 5);
		assert_eq!(Agents::available(0, &EXACT, 3), 3);
		let out = [account(2), account(4), account(77)];
		for at in 0..50 {
			let mut drawn = draw(&EXACT, 4, &[], at);
			assert_eq!(
				drawn,
				draw(&EXACT, 4, &[], at),
				"the same seed, the same seats"
			);
			drawn.sort();
			drawn.dedup();
			assert_eq!(drawn.len(), 4);
			let mut rest = draw(&EXACT, 4, &out, at);
			rest.sort();
			assert_eq!(rest, [1, 3, 5], "fewer if there are fewer");
		}
	});
}

#[test]
fn the_largest_stakes_do_not_overflow() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.agent(2, &[0], MIN_BOND)
		.build_and_execute(|| {
			let bonds = [1, 2].map(|n| agent(n).bond);
			let set = |n, bond| {
				crate::Agents::<Test>::mutate(account(n), |agent| {
					agent.as_mut().expect("registered").bond = bond;
				})
			};
			set(1, u128::MAX);
			set(2, u128::MAX);
			let counts = first_seats(1_000);
			// Expected 500 each; five standard deviations are 79.
			assert!((421..579).contains(&counts[1]), "{counts:?}");
			set(1, bonds[0]);
			set(2, bonds[1]);
		});
}

#[test]
fn the_record_and_the_score_are_kept() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.build_and_execute(|| {
			for performance in [
				Performance::Agreed {
					lateness: Percent::zero(),
				},
				Performance::Agreed {
					lateness: Percent::one(),
				},
				Performance::Disagreed,
				Performance::Absent,
				Performance::Released,
			] {
				assign(0, 1, 0);
				Agents::release(&account(1), performance);
			}
			let agent = agent(1);
			assert_eq!(agent.open, 0);
			let record = agent.record;
			assert_eq!(
				(
					record.agreed,
					record.disagreed,
					record.absent,
					record.released
				),
				(2, 1, 1, 1)
			);
			// 500000 → 531250 → 529297 (down towards 50 %) → 496216 → 465203.
			assert_eq!(agent.score, Permill::from_parts(465_203));
		});
}
