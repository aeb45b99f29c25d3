//! Attacks, and what the attacker keeps.

use std::collections::BTreeSet;

use codec::Encode;
use frame_support::{assert_noop, assert_ok, traits::fungible::Mutate};
use openledger_primitives::traits::{AgentPool, DelegatedRewards, Offence, Performance};
use sp_runtime::Permill;

use super::E;
use crate::{mock::*, pool::MIN_SHARES, types::Status};

/// The agent, the attacker.
const AGENT: u32 = 1;
const ATTACKER: u32 = 2;
const VICTIM: u32 = 3;

#[test]
fn an_agent_that_runs_is_slashed_on_the_way() {
	// It leaves in the very block of the offence, which is reported as late as can be.
	ExtBuilder::default()
		.agent(AGENT, &[0], 10 * MIN_BOND)
		.build_and_execute(|| {
			assert_ok!(Agents::unbond(signed(AGENT), 9 * MIN_BOND));
			assert_ok!(Agents::deregister(signed(AGENT)));
			run(CHALLENGE);
			offend(AGENT, Offence::Equivocation);
			for _ in 0..2 * UNBONDING {
				let _ = Agents::withdraw_unbonded(signed(AGENT));
				run(1);
			}
			assert_eq!(
				wealth(AGENT),
				RICH - 10 * MIN_BOND,
				"it keeps nothing of it"
			);
			assert_eq!(wealth(TREASURY), RICH + 10 * MIN_BOND);
		});
}

#[test]
fn a_delegator_that_runs_is_slashed_on_the_way() {
	let keeps = |runs: bool| {
		ExtBuilder::default()
			.agent(AGENT, &[0], 10 * MIN_BOND)
			.delegation(ATTACKER, AGENT, MIN_BOND)
			.delegation(VICTIM, AGENT, MIN_BOND)
			.build_and_execute(|| {
				if runs {
					undelegate(ATTACKER, AGENT, u128::MAX);
				}
				offend(AGENT, Offence::WrongResult);
				run(CHALLENGE);
				if !runs {
					undelegate(ATTACKER, AGENT, u128::MAX);
				}
				undelegate(VICTIM, AGENT, u128::MAX);
				run(UNBONDING);
				withdraw(ATTACKER, AGENT);
				withdraw(VICTIM, AGENT);
				assert_eq!(wealth(VICTIM), RICH - MIN_BOND * 5 / 100);
				wealth(ATTACKER)
			})
	};
	assert_eq!(keeps(true), RICH - MIN_BOND * 5 / 100);
	assert_eq!(
		keeps(true),
		keeps(false),
		"running in the block gains nothing"
	);
}

#[test]
fn what_was_gone_before_the_offence_is_not_slashed() {
	ExtBuilder::default()
		.agent(AGENT, &[0], 10 * MIN_BOND)
		.delegation(VICTIM, AGENT, MIN_BOND)
		.build_and_execute(|| {
			undelegate(VICTIM, AGENT, u128::MAX);
			run(UNBONDING);
			withdraw(VICTIM, AGENT);
			offend(AGENT, Offence::Equivocation);
			run(DEFER);
			assert_eq!(wealth(VICTIM), RICH);
		});
}

#[test]
fn delegating_for_one_reward_earns_one_reward_per_unbonding_time() {
	ExtBuilder::default()
		.agent(AGENT, &[0], 10 * MIN_BOND)
		.delegation(VICTIM, AGENT, MIN_BOND)
		.build_and_execute(|| {
			let each = 2 * UNIT;
			let (start, rewards) = (now(), UNBONDING / 10);
			for at in 0..rewards {
				// The attacker is there for every reward for which it can be: its capital is one bond.
				let _ = Agents::withdraw_delegation(
					signed(ATTACKER),
					account(AGENT),
					account(ATTACKER),
				);
				let in_time = wealth(ATTACKER) >= RICH && {
					delegate(ATTACKER, AGENT, MIN_BOND);
					true
				};
				assert_eq!(in_time, at == 0, "its capital is bound");
				assert!(reward(AGENT, each));
				if in_time {
					undelegate(ATTACKER, AGENT, u128::MAX);
				}
				run(10);
			}
			assert_eq!(now() - start, UNBONDING);
			withdraw(ATTACKER, AGENT);
			let gain = wealth(ATTACKER) - RICH;
			assert_eq!(gain, each / 2, "its portion of one reward");
			let honest = worth(VICTIM, AGENT).0 - MIN_BOND;
			assert_eq!(honest, each / 2 + u128::from(rewards - 1) * each);
			// Half of all, as an honest delegator with as much, it would have earned ten times that.
			assert_eq!(u128::from(rewards) * each / 2, 10 * gain);
		});
}

#[test]
fn nobody_is_robbed_by_the_price_of_a_share() {
	ExtBuilder::default()
		.agent(AGENT, &[0], 10 * MIN_BOND)
		.build_and_execute(|| {
			// The attacker is alone in the pool, has all rewards, and makes its shares as few as it can.
			delegate(ATTACKER, AGENT, MIN_DELEGATION);
			assert!(reward(AGENT, 100_000 * UNIT));
			let all = worth(ATTACKER, AGENT).0;
			assert_noop!(
				Agents::undelegate(signed(ATTACKER), account(AGENT), all - MIN_DELEGATION + 1),
				E::DelegationTooLow
			);
			let price = 10_001;
			undelegate(ATTACKER, AGENT, all - MIN_SHARES * price);
			let shares = delegation(ATTACKER, AGENT).shares;
			assert_eq!(shares, MIN_SHARES);
			assert_noop!(
				Agents::undelegate(signed(ATTACKER), account(AGENT), price),
				E::DelegationTooLow
			);

			// It drives up their price.
			assert!(reward(AGENT, 500_000 * UNIT));
			let before = worth(ATTACKER, AGENT).0;
			assert_noop!(
				Agents::delegate(signed(VICTIM), account(AGENT), 400_000 * UNIT),
				E::TooFewShares
			);
			let amount = 600_000 * UNIT - 1;
			delegate(VICTIM, AGENT, amount);
			let lost = amount - worth(VICTIM, AGENT).0;
			let gained = worth(ATTACKER, AGENT).0 - before;
			assert!(gained <= lost);
			assert!(
				lost * MIN_SHARES <= before,
				"less than a billionth of what the attacker has in the pool: {lost}"
			);
			assert!(lost < UNIT / 1_000, "{lost}");
		});
}

#[test]
fn money_sent_to_the_pot_moves_no_price() {
	ExtBuilder::default()
		.agent(AGENT, &[0], MIN_BOND)
		.delegation(ATTACKER, AGENT, MIN_DELEGATION)
		.build_and_execute(|| {
			assert_ok!(Balances::transfer_keep_alive(
				signed(ATTACKER),
				Agents::pot(),
				1_000 * UNIT
			));
			assert_eq!(worth(ATTACKER, AGENT).0, MIN_DELEGATION);
			delegate(VICTIM, AGENT, MIN_DELEGATION);
			assert_eq!(worth(VICTIM, AGENT).0, MIN_DELEGATION);
			// The tests' end wants the pot to the unit.
			assert_ok!(Balances::transfer_keep_alive(
				RuntimeOrigin::signed(Agents::pot()),
				account(ATTACKER),
				1_000 * UNIT
			));
		});
}

#[test]
fn joining_after_a_slash_is_announced_dilutes_nobody() {
	ExtBuilder::default()
		.agent(AGENT, &[0], 10 * MIN_BOND)
		.delegation(VICTIM, AGENT, MIN_BOND)
		.build_and_execute(|| {
			offend(AGENT, Offence::WrongResult);
			assert_noop!(
				Agents::delegate(signed(ATTACKER), account(AGENT), MIN_DELEGATION),
				E::SlashPending
			);
			run(DEFER);
			delegate(ATTACKER, AGENT, MIN_DELEGATION);
			assert_eq!(
				worth(ATTACKER, AGENT).0,
				MIN_DELEGATION - 1,
				"rounded against who comes"
			);
			assert_eq!(worth(VICTIM, AGENT).0, 95 * UNIT);
		});
}

#[test]
fn reporting_oneself_is_a_loss() {
	ExtBuilder::default()
		.agent(AGENT, &[0], 10 * MIN_BOND)
		.delegation(VICTIM, AGENT, 40 * MIN_BOND)
		.build_and_execute(|| {
			// Even a hundredth of all, with as many delegators as count.
			offend_reported(AGENT, Offence::Equivocation, ATTACKER);
			run(DEFER);
			assert_eq!(wealth(ATTACKER) - RICH, 5 * MIN_BOND);
			assert!(wealth(ATTACKER) - RICH < RICH - wealth(AGENT));
		});
}

#[test]
fn keeping_delegators_waiting_costs_the_bond() {
	ExtBuilder::default()
		.agent(AGENT, &[0], 10 * MIN_BOND)
		.delegation(VICTIM, AGENT, MIN_BOND)
		.build_and_execute(|| {
			undelegate(VICTIM, AGENT, u128::MAX);
			run(UNBONDING);
			let mut waits = 0;
			while agent(AGENT).status == Status::Active {
				offend(AGENT, Offence::NoCommit);
				assert_noop!(
					Agents::withdraw_delegation(signed(VICTIM), account(AGENT), account(VICTIM)),
					E::SlashPending
				);
				run(DEFER);
				waits += 1;
			}
			assert_eq!(waits, 10, "1 %, 5 %, then a quarter each time");
			assert!(agent(AGENT).bond < MIN_BOND);
			withdraw(VICTIM, AGENT);
		});
}

#[test]
fn a_ruined_agent_works_and_runs_no_more() {
	ExtBuilder::default()
		.agent(AGENT, &[0, 1], 10 * MIN_BOND)
		.agent(VICTIM, &[0], MIN_BOND)
		.delegation(ATTACKER, AGENT, 20 * MIN_BOND)
		.build_and_execute(|| {
			// Some of what backs it is on its way out, and ready to be taken.
			assert_ok!(Agents::unbond(signed(AGENT), 4 * MIN_BOND));
			undelegate(ATTACKER, AGENT, 10 * MIN_BOND);
			run(UNBONDING);
			offend(AGENT, Offence::Equivocation);

			for block in 0..DEFER {
				// It tries all that might bring it back.
				for attempt in [
					Agents::resume(signed(AGENT)),
					Agents::set_models(signed(AGENT), models(&[2])),
					Agents::bond_more(signed(AGENT), MIN_BOND),
				] {
					let refused = attempt == Err(E::SlashPending.into());
					assert!(refused || block > 10, "{attempt:?}");
				}
				// And all that might bring money out.
				assert_noop!(Agents::withdraw_unbonded(signed(AGENT)), E::SlashPending);
				assert_noop!(
					Agents::withdraw_delegation(
						signed(ATTACKER),
						account(AGENT),
						account(ATTACKER),
					),
					E::SlashPending
				);
				let _ = Agents::set_operator_key(signed(AGENT), key(100 + block as u8));
				let _ = Agents::unbond(signed(AGENT), MIN_BOND);
				let _ = Agents::undelegate(signed(ATTACKER), account(AGENT), MIN_BOND);
				if block == 10 {
					assert_ok!(Agents::pause(signed(AGENT)));
				}
				if block == 15 {
					assert_ok!(Agents::deregister(signed(AGENT)));
				}
				assert_eq!(assign(0, 2, block), [VICTIM], "in block {block}");
				Agents::release(&account(VICTIM), Performance::Released);
				assert!(assign(1, 1, block).is_empty() && assign(2, 1, block).is_empty());
				assert_eq!(Agents::available(0, &EXACT, 9), 1);
				assert_eq!(Agents::available(1, &EXACT, 9), 0);
				assert_eq!(Agents::active(), 1);
				assert_eq!(Agents::chance_of(account(AGENT), 0), Some(Permill::zero()));
				run(1);
			}
			assert_eq!(
				wealth(AGENT),
				RICH - 10 * MIN_BOND,
				"it keeps nothing of it"
			);
			run(2 * UNBONDING);
			withdraw(ATTACKER, AGENT);
			assert_noop!(Agents::withdraw_unbonded(signed(AGENT)), E::NotRegistered);
			assert_eq!(wealth(AGENT), RICH - 10 * MIN_BOND);
			assert_eq!(wealth(ATTACKER), RICH - 20 * MIN_BOND);
			assert_eq!(wealth(TREASURY), RICH + 30 * MIN_BOND);
		});
}

#[test]
fn blocking_places_by_a_suspension_costs_the_whole_bond() {
	// The attacker takes all places of a model, and has all its agents suspended.
	let builder = (1..=5).fold(ExtBuilder::default(), |b, n| b.agent(n, &[0], MIN_BOND));
	builder.build_and_execute(|| {
		let join = || {
			Agents::register(
				signed(50),
				key(50),
				CPU,
				endpoint(""),
				models(&[0]),
				MIN_BOND,
				Permill::zero(),
			)
		};
		for n in 1..=5 {
			offend(n, Offence::Equivocation);
		}
		let start = now();
		while join().is_err() {
			run(1);
		}
		assert_eq!(now() - start, DEFER, "the others wait for an era");
		let lost: u128 = (1..=5).map(|n| RICH - wealth(n)).sum();
		assert_eq!(lost, 5 * MIN_BOND, "all that it had there");
		assert_eq!(assign(0, 5, 0), [50]);
	});
}

#[test]
fn an_old_bad_record_is_left_behind_no_sooner_than_the_bond() {
	ExtBuilder::default()
		.agent(AGENT, &[0], 10 * MIN_BOND)
		.build_and_execute(|| {
			offend(AGENT, Offence::WrongResult);
			run(DEFER);
			assert_ok!(Agents::deregister(signed(AGENT)));
			let start = now();
			while Agents::withdraw_unbonded(signed(AGENT)).is_err() {
				run(1);
			}
			assert_eq!(now() - start, UNBONDING);
			register(AGENT, &[0], MIN_BOND);
		});
}

/// What a slash and a reward write, and how large the proof of what they read is, if so many of a
/// thousand delegate to the agent, and the others to another one.
fn cost(delegators: u32) -> (usize, usize) {
	let mut ext = ExtBuilder::default()
		.agent(AGENT, &[0], 1_000 * MIN_BOND)
		.agent(9, &[0], 1_000 * MIN_BOND)
		.build();
	ext.execute_with(|| {
		for n in 0..1_000 {
			let (who, to) = (10_000 + n, if n < delegators { AGENT } else { 9 });
			assert_ok!(Balances::mint_into(&account(who), 100 * UNIT));
			delegate(who, to, 20 * UNIT);
			undelegate(who, to, 5 * UNIT);
		}
		offend_reported(AGENT, Offence::WrongResult, ATTACKER);
		run(DEFER - 1);
		System::reset_events();
	});
	ext.commit_all().expect("nothing is open");
	let (_, proof) = ext.execute_and_prove(|| {
		run(1);
		assert!(reward(AGENT, UNIT));
	});
	let written: BTreeSet<_> = ext
		.overlayed_changes()
		.changes()
		.map(|(key, _)| key.clone())
		.collect();
	ext.execute_with(|| {
		let each = 15 * UNIT * 95 / 100 + UNIT / u128::from(delegators);
		assert_eq!(worth(10_000, AGENT).0, each, "everybody has a part in it");
		assert_eq!(worth(10_000 + delegators - 1, AGENT).0, each);
		Agents::do_try_state().expect("the invariants hold");
	});
	(written.len(), proof.encoded_size())
}

#[test]
fn slash_and_reward_cost_the_same_for_ten_and_for_a_thousand() {
	let (few, many) = (cost(10), cost(1_000));
	assert_eq!(few.0, many.0, "entries written");
	assert!(many.1.abs_diff(few.1) < 16, "bytes read: {few:?} {many:?}");
}

/// In how many of the seats of so many draws accounts from 100 on sit, and how often in more than half
/// of a draw's seats.
fn seats(draws: u64, n: u32) -> (usize, usize) {
	let per_draw = |at| {
		let drawn = assign(0, n, at);
		drawn.iter().filter(|who| **who >= 100).count()
	};
	let counts: Vec<_> = (0..draws).map(per_draw).collect();
	let majorities = counts.iter().filter(|own| **own * 2 > n as usize);
	(counts.iter().sum(), majorities.count())
}

/// Twenty honest agents with ten bonds each, and an attacker with a third of all, in so many accounts.
fn against_twenty<R>(accounts: u32, test: impl FnOnce() -> R) -> R {
	let builder = (1..=20).fold(ExtBuilder::default(), |b, n| b.agent(n, &[], 10 * MIN_BOND));
	builder.build_and_execute(|| {
		MaxAgentsPerModel::set(&64);
		for n in 1..=20 {
			assert_ok!(Agents::set_models(signed(n), models(&[0])));
		}
		for n in 100..100 + accounts {
			let bond = 100 * MIN_BOND / u128::from(accounts);
			// The account 100 has its money from the genesis.
			if n > ACCOUNTS {
				assert_ok!(Balances::transfer_keep_alive(
					signed(BANK),
					account(n),
					bond + AGENT_DEPOSIT + UNIT
				));
			}
			register(n, &[0], bond);
		}
		test()
	})
}

#[test]
fn splitting_a_bond_changes_no_chance_of_a_seat() {
	let chances = |accounts| {
		against_twenty(accounts, || {
			(100..100 + accounts)
				.map(|n| {
					Agents::chance_of(account(n), 0)
						.expect("there")
						.deconstruct()
				})
				.sum::<u32>()
		})
	};
	assert_eq!(chances(1), Permill::from_rational(1u32, 3).deconstruct());
	assert!(chances(1) - chances(10) < 10, "each rounded down");

	// Expected 1333 of 4000 each; five standard deviations are 149.
	let (whole, _) = against_twenty(1, || seats(4_000, 1));
	let (split, _) = against_twenty(10, || seats(4_000, 1));
	assert!((1_184..1_482).contains(&whole), "{whole}");
	assert!((1_184..1_482).contains(&split), "{split}");
}

#[test]
fn splitting_a_bond_gets_its_portion_of_a_committee_and_no_more() {
	// What the draw without replacement denies to one account it cannot deny to ten: a third of the stake
	// has a third of the seats, and a majority as often as chance has it. The whole can never have one.
	let draws = 4_000;
	let (whole, none) = against_twenty(1, || seats(draws, 3));
	let (split, majorities) = against_twenty(10, || seats(draws, 3));
	assert_eq!(none, 0);
	assert!(
		whole < 3_000,
		"at most one seat, in some 70 % of the draws: {whole}"
	);
	// Expected 4000 of 12000; five standard deviations are 250.
	assert!((3_750..4_250).contains(&split), "{split}");
	// Expected 25.1 %: C(10,2)·20 + C(10,3) of C(30,3); five standard deviations are 137.
	assert!((867..1_141).contains(&majorities), "{majorities}");
}

#[test]
fn a_large_delegation_to_a_small_bond_counts_little() {
	ExtBuilder::default()
		.agent(AGENT, &[0], MIN_BOND)
		.agent(VICTIM, &[0], 5 * MIN_BOND)
		.delegation(ATTACKER, AGENT, 1_000 * MIN_BOND)
		.build_and_execute(|| {
			assert_eq!(
				Agents::chance_of(account(AGENT), 0),
				Some(Permill::from_percent(50)),
				"little of its own at stake, no more than five bonds in the draw"
			);
			assert_eq!(
				Agents::delegated_part(&account(AGENT), 1_000),
				720,
				"and no more than that in rewards"
			);
			assert_eq!(Agents::active(), 2);
		});
}
