//! Offences, and what they cost in the end.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::traits::{AgentPool, Offence, Performance};
use sp_runtime::{DispatchError, Permill};

use super::E;
use crate::{
	mock::*,
	types::{PauseCause, Status},
	Agents as Store, Delegations, Event, FirstSlash, HoldReason, NextSlash, Slashes, Slashing,
	SlashingParameters, TreasuryDue, MAX_SLASHES_PER_BLOCK,
};

const REPORTER: u32 = 50;

/// What an account beyond the rich ones has.
const NOBODY: u32 = 1_000;

#[test]
fn a_slash_takes_its_part_of_everything_to_the_unit() {
	ExtBuilder::default()
		.agent(1, &[0], 1_000 * UNIT + 7)
		.delegation(2, 1, 300 * UNIT + 3)
		.delegation(3, 1, 100 * UNIT)
		.build_and_execute(|| {
			assert_ok!(Agents::unbond(signed(1), 200 * UNIT + 19));
			undelegate(3, 1, u128::MAX);
			offend_reported(1, Offence::WrongResult, REPORTER);
			let base = 1_400 * UNIT + 10;
			System::assert_last_event(
				Event::SlashDeferred {
					id: 0,
					agent: account(1),
					offence: Offence::WrongResult,
					part: Permill::from_percent(5),
					base,
					due: 1 + DEFER,
				}
				.into(),
			);
			run_to(DEFER);
			assert_eq!(held(HoldReason::Bond, 1), 1_000 * UNIT + 7, "not yet");
			run_to(1 + DEFER);

			// 5 % of 800 UNIT - 12, of 200 UNIT + 19, of 300 UNIT + 3, of 100 UNIT, each rounded down.
			let own = (40 * UNIT - 1) + 10 * UNIT;
			let delegated = 15 * UNIT + 5 * UNIT;
			assert_eq!(agent(1).bond, 800 * UNIT - 12 - (40 * UNIT - 1));
			assert_eq!(agent(1).unbonding[0].amount, 190 * UNIT + 19);
			assert_eq!(held(HoldReason::Bond, 1), 1_000 * UNIT + 7 - own);
			assert_eq!(worth(2, 1).0, 285 * UNIT + 3);
			assert_eq!(worth(3, 1).1, 95 * UNIT);
			let reporters = (own + delegated) / 10;
			assert_eq!(wealth(REPORTER), RICH + reporters);
			assert_eq!(wealth(TREASURY), RICH + own + delegated - reporters);
			System::assert_last_event(
				Event::Slashed {
					id: 0,
					agent: account(1),
					offence: Offence::WrongResult,
					own,
					delegated,
					reporter: Some(account(REPORTER)),
					reward: reporters,
				}
				.into(),
			);
			assert_eq!(Slashes::<Test>::iter().count(), 0);
		});
}

#[test]
fn each_offence_costs_more_than_the_last() {
	ExtBuilder::default()
		.agent(1, &[0], 100 * MIN_BOND)
		.delegation(2, 1, MIN_BOND)
		.build_and_execute(|| {
			let (mut bond, mut stake) = (100 * MIN_BOND, MIN_BOND);
			for percent in [5, 25, 100] {
				offend(1, Offence::FalseAttribution);
				run(DEFER);
				bond -= bond * percent / 100;
				stake -= stake * percent / 100;
				assert_eq!((agent(1).bond, worth(2, 1).0), (bond, stake));
			}
			assert_eq!(
				wealth(TREASURY),
				RICH + 101 * MIN_BOND,
				"without a reporter it has all"
			);
		});
}

#[test]
fn absences_cost_little_at_first_and_never_all() {
	ExtBuilder::default()
		.agent(1, &[0], 100 * MIN_BOND)
		.build_and_execute(|| {
			let mut bond = 100 * MIN_BOND;
			for percent in [1, 5, 25, 25] {
				offend(1, Offence::NoCommit);
				run(DEFER);
				bond -= bond * percent / 100;
				assert_eq!(agent(1).bond, bond);
			}
			// Four windows of good behaviour, and it begins anew.
			run(4 * 4 * UNBONDING);
			offend(1, Offence::NoReveal);
			run(DEFER);
			assert_eq!(agent(1).bond, bond - bond / 100);
		});
}

#[test]
fn slashes_of_one_time_follow_each_other() {
	ExtBuilder::default()
		.agent(1, &[0], 100 * MIN_BOND)
		.build_and_execute(|| {
			offend(1, Offence::WrongResult);
			offend(1, Offence::WrongResult);
			assert_eq!(Agents::pending_slashes(account(1)).len(), 2);
			run(DEFER);
			assert_eq!(
				agent(1).bond,
				100 * MIN_BOND * 95 / 100 * 75 / 100,
				"the second one takes its part of what the first one left"
			);
		});
}

#[test]
fn governance_cancels_a_slash() {
	ExtBuilder::default()
		.agent(1, &[0], 10 * MIN_BOND)
		.delegation(2, 1, MIN_BOND)
		.build_and_execute(|| {
			offend_reported(1, Offence::WrongResult, REPORTER);
			assert_noop!(Agents::cancel_slash(signed(1), 0), DispatchError::BadOrigin);
			assert_noop!(Agents::cancel_slash(root(), 1), E::UnknownSlash);
			run(DEFER - 1);
			assert_ok!(Agents::cancel_slash(root(), 0));
			System::assert_last_event(
				Event::SlashCancelled {
					id: 0,
					agent: account(1),
				}
				.into(),
			);
			assert_noop!(Agents::cancel_slash(root(), 0), E::UnknownSlash);
			run(DEFER);
			assert_eq!(agent(1).bond, 10 * MIN_BOND);
			assert_eq!(wealth(REPORTER), RICH);
			offend(1, Offence::WrongResult);
			assert_eq!(
				Agents::pending_slashes(account(1))[0].1.part,
				Permill::from_percent(5),
				"it is off the record"
			);
			run(DEFER);
			assert_noop!(Agents::cancel_slash(root(), 1), E::UnknownSlash);
		});
}

#[test]
fn while_a_slash_is_pending_nothing_goes_out() {
	ExtBuilder::default()
		.agent(1, &[0], 2 * MIN_BOND)
		.delegation(2, 1, MIN_BOND)
		.build_and_execute(|| {
			assert_ok!(Agents::unbond(signed(1), UNIT));
			undelegate(2, 1, 20 * UNIT);
			run(UNBONDING);
			offend(1, Offence::WrongResult);
			assert_noop!(Agents::withdraw_unbonded(signed(1)), E::SlashPending);
			assert_noop!(
				Agents::withdraw_delegation(signed(2), account(1), account(2)),
				E::SlashPending
			);
			// Out of the stake, but not out of reach.
			assert_ok!(Agents::unbond(signed(1), UNIT));
			undelegate(2, 1, u128::MAX);
			run(DEFER);
			assert_eq!(held(HoldReason::Bond, 1), 190 * UNIT);
			assert_eq!(worth(2, 1), (0, 95 * UNIT));
			assert_ok!(Agents::withdraw_unbonded(signed(1)));
			withdraw(2, 1);
			assert_eq!(wealth(2), RICH - 81 * UNIT, "20 of 100, less 5 %");
		});
}

#[test]
fn rewards_wait_for_a_slash_to_be_over() {
	ExtBuilder::default()
		.agent(1, &[0], 10 * MIN_BOND)
		.delegation(2, 1, MIN_BOND)
		.build_and_execute(|| {
			offend(1, Offence::WrongResult);
			assert!(reward(1, 7 * UNIT));
			System::assert_last_event(
				Event::Rewarded {
					agent: account(1),
					amount: 7 * UNIT,
					set_aside: true,
				}
				.into(),
			);
			run(1);
			offend(1, Offence::NoCommit);
			assert_eq!(worth(2, 1).0, MIN_BOND);
			run(DEFER - 1);
			assert_eq!(worth(2, 1).0, MIN_BOND * 95 / 100);
			assert!(reward(1, UNIT));
			assert_eq!(agent(1).set_aside, 8 * UNIT);
			assert_ok!(Agents::cancel_slash(root(), 1));
			assert_eq!(
				worth(2, 1).0,
				MIN_BOND * 95 / 100 + 8 * UNIT,
				"what came later was not slashed"
			);
		});
}

#[test]
fn rewards_that_nobody_is_left_for_go_to_the_treasury() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.delegation(2, 1, MIN_BOND)
		.build_and_execute(|| {
			offend(1, Offence::Equivocation);
			assert!(reward(1, 7 * UNIT));
			run(DEFER);
			System::assert_has_event(
				Event::RewardForfeited {
					agent: account(1),
					amount: 7 * UNIT,
				}
				.into(),
			);
			assert_eq!(wealth(TREASURY), RICH + 2 * MIN_BOND + 7 * UNIT);
		});
}

#[test]
fn a_slash_below_the_minimum_pauses() {
	ExtBuilder::default()
		.agent(1, &[0, 1], MIN_BOND)
		.agent(2, &[0], 2 * MIN_BOND)
		.build_and_execute(|| {
			offend(1, Offence::NoCommit);
			offend(2, Offence::NoCommit);
			assert_eq!(Agents::active(), 2, "both are drawn meanwhile");
			run(DEFER);
			assert_eq!(agent(1).status, Status::Paused);
			assert_eq!(agent(2).status, Status::Active);
			System::assert_has_event(
				Event::Paused {
					agent: account(1),
					cause: PauseCause::BelowMinimum,
				}
				.into(),
			);
			assert_eq!(Agents::servers_of(0), vec![account(2)]);
			assert_noop!(Agents::resume(signed(1)), E::BondTooLow);
			assert_ok!(Agents::bond_more(signed(1), UNIT));
			assert_ok!(Agents::resume(signed(1)));
		});
}

#[test]
fn who_has_lost_all_is_forgotten_once_it_has_left() {
	ExtBuilder::default()
		.agent(1, &[0], 10 * MIN_BOND)
		.build_and_execute(|| {
			offend_reported(1, Offence::Equivocation, REPORTER);
			run(DEFER);
			assert_eq!(agent(1).bond, 0);
			assert_eq!(wealth(REPORTER), RICH + MIN_BOND);
			assert_ok!(Agents::deregister(signed(1)));
			run(UNBONDING);
			assert_ok!(Agents::withdraw_unbonded(signed(1)));
			assert!(!Store::<Test>::contains_key(account(1)), "forgotten");
			assert_eq!(wealth(1), RICH - 10 * MIN_BOND);
		});
}

#[test]
fn who_has_left_is_slashed_until_it_has_withdrawn() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.build_and_execute(|| {
			assert_ok!(Agents::deregister(signed(1)));
			run(UNBONDING);
			offend(1, Offence::Equivocation);
			assert_noop!(Agents::withdraw_unbonded(signed(1)), E::SlashPending);
			run(DEFER);
			assert_eq!(wealth(TREASURY), RICH + MIN_BOND);
			assert_ok!(Agents::withdraw_unbonded(signed(1)));
			let (next, before) = (NextSlash::<Test>::get(), events().len());
			offend(1, Offence::Equivocation);
			assert_eq!(
				NextSlash::<Test>::get(),
				next,
				"nothing happens to who is gone"
			);
			assert_eq!(events().len(), before);
		});
}

#[test]
fn a_block_applies_a_bounded_number_and_none_is_lost() {
	let builder = (1..=3).fold(ExtBuilder::default(), |b, n| {
		b.agent(n, &[n], 1_000 * MIN_BOND)
	});
	builder.build_and_execute(|| {
		for at in 0..30 {
			offend(1 + at % 3, Offence::NoCommit);
		}
		// A gap is a place of the queue, but is passed over as soon as it is the first.
		for id in [0, 3, 4, 29] {
			assert_ok!(Agents::cancel_slash(root(), id));
		}
		run(DEFER);
		let left = |n: u64| {
			assert_eq!(FirstSlash::<Test>::get(), n);
			Slashes::<Test>::iter().count()
		};
		assert_eq!(left(1 + u64::from(MAX_SLASHES_PER_BLOCK)), 20);
		assert_noop!(Agents::bond_more(signed(1), 1), E::SlashPending);
		run(1);
		assert_eq!(left(17), 12);
		run(1);
		assert_eq!(left(25), 4);
		run(1);
		assert_eq!(left(30), 0);
		let applied = events()
			.iter()
			.filter(|event| matches!(event, Event::Slashed { .. }))
			.count();
		assert_eq!(applied, 26);
		assert!((1..=3).all(|n| agent(n).pending == 0));
		offend(1, Offence::NoCommit);
		run(DEFER);
		assert_eq!(left(31), 0, "and the queue goes on");
	});
}

#[test]
fn a_treasury_that_cannot_take_it_gets_it_later() {
	ExtBuilder::default()
		.poor_treasury()
		.agent(1, &[0], MIN_BOND)
		.agent(2, &[0], 30 * MIN_BOND)
		.build_and_execute(|| {
			// 1 % of 60 is below the existential deposit.
			SlashingParameters::<Test>::mutate(|slashing| {
				slashing.rungs[0] = Permill::from_parts(9_000);
			});
			offend(1, Offence::NoCommit);
			run(DEFER);
			let first = MIN_BOND * 9 / 1_000;
			System::assert_has_event(Event::TreasuryUnreachable { amount: first }.into());
			assert_eq!(TreasuryDue::<Test>::get(), first);
			assert_eq!(pot(), UNIT + first);
			offend(2, Offence::NoCommit);
			run(DEFER);
			assert_eq!(TreasuryDue::<Test>::get(), 0);
			assert_eq!(wealth(TREASURY), 31 * first);
		});
}

#[test]
fn a_reporter_that_cannot_take_its_part_leaves_it_to_the_treasury() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.agent(2, &[0], 10 * MIN_BOND)
		.build_and_execute(|| {
			offend_reported(1, Offence::NoCommit, NOBODY);
			run(DEFER);
			assert_eq!(wealth(NOBODY), 0);
			assert_eq!(wealth(TREASURY), RICH + UNIT);
			offend_reported(2, Offence::WrongResult, NOBODY);
			run(DEFER);
			assert_eq!(wealth(NOBODY), 5 * UNIT, "enough for a new account");
		});
}

#[test]
fn governance_moves_what_offences_cost_within_bounds() {
	ExtBuilder::default()
		.agent(1, &[0], 2 * MIN_BOND)
		.build_and_execute(|| {
			let with = |percents: [u32; 4], window| Slashing {
				rungs: percents.map(Permill::from_percent),
				window,
			};
			let lenient = with([0, 1, 10, 50], UNBONDING);
			assert_noop!(
				Agents::set_slashing(signed(1), lenient),
				DispatchError::BadOrigin
			);
			for bad in [
				with([3, 5, 25, 100], UNBONDING),
				with([1, 11, 25, 100], UNBONDING),
				with([1, 5, 51, 100], UNBONDING),
				with([1, 5, 25, 49], UNBONDING),
				with([2, 1, 25, 100], UNBONDING),
				with([1, 5, 25, 100], UNBONDING - 1),
				with([1, 5, 25, 100], 100 * UNBONDING + 1),
			] {
				assert_noop!(Agents::set_slashing(root(), bad), E::OutOfBounds);
			}
			assert_ok!(Agents::set_slashing(root(), lenient));
			System::assert_last_event(Event::SlashingSet { slashing: lenient }.into());
			assert_eq!(Agents::slashing(), lenient);

			offend(1, Offence::NoCommit);
			assert_eq!(agent(1).pending, 0, "free of charge");
			assert_eq!(Slashes::<Test>::iter().count(), 0);
			offend(1, Offence::NoCommit);
			assert_eq!(
				Agents::pending_slashes(account(1))[0].1.part,
				Permill::from_percent(1),
				"but on record"
			);
		});
}

#[test]
fn each_bound_of_what_offences_cost_holds_to_the_millionth() {
	ExtBuilder::default().build_and_execute(|| {
		let set = |rungs, window| Agents::set_slashing(root(), Slashing { rungs, window });
		let (least, most) = (Slashing::<u64>::MIN, Slashing::<u64>::MAX);
		for (rungs, window) in [(least, UNBONDING), (most, 100 * UNBONDING)] {
			assert_ok!(set(rungs, window));
		}
		for at in 0..4 {
			let with = |mut rungs: [Permill; 4], parts| {
				rungs[at] = Permill::from_parts(parts);
				rungs
			};
			// More than all cannot be said.
			if !most[at].is_one() {
				let above = most[at].deconstruct() + 1;
				assert_noop!(set(with(most, above), UNBONDING), E::OutOfBounds);
			}
			// Nor can less than nothing.
			if let Some(below) = least[at].deconstruct().checked_sub(1) {
				assert_noop!(set(with(least, below), UNBONDING), E::OutOfBounds);
			}
		}
		for window in [0, UNBONDING - 1, 100 * UNBONDING + 1, u64::MAX] {
			assert_noop!(set(least, window), E::OutOfBounds);
		}
	});
}

#[test]
fn after_all_was_lost_newcomers_have_their_own() {
	ExtBuilder::default()
		.agent(1, &[0], 10 * MIN_BOND)
		.delegation(2, 1, 50 * UNIT)
		.delegation(3, 1, 50 * UNIT)
		.build_and_execute(|| {
			undelegate(2, 1, 20 * UNIT);
			offend(1, Offence::Equivocation);
			run(DEFER);
			assert_eq!(worth(2, 1), (0, 0));
			assert_ok!(Agents::bond_more(signed(1), MIN_BOND));
			delegate(4, 1, 40 * UNIT);
			delegate(3, 1, 10 * UNIT);
			assert_eq!(worth(4, 1).0, 40 * UNIT, "nothing of it is swallowed");
			assert_eq!(worth(3, 1).0, 10 * UNIT, "and old shares add nothing");
			assert!(reward(1, 5 * UNIT));
			assert_eq!((worth(4, 1).0, worth(3, 1).0), (44 * UNIT, 11 * UNIT));
			assert_noop!(
				Agents::undelegate(signed(2), account(1), 1),
				E::NotDelegated
			);

			// What is left of the others is the deposit, and comes back at once.
			withdraw(2, 1);
			assert_eq!(Balances::free_balance(account(2)), RICH - 50 * UNIT);
			assert!(!Delegations::<Test>::contains_key(account(2), account(1)));
			undelegate(3, 1, u128::MAX);
			undelegate(4, 1, u128::MAX);
			run(UNBONDING);
			withdraw(3, 1);
			withdraw(4, 1);
			assert_eq!(wealth(4), RICH + 4 * UNIT);
			assert_eq!(wealth(3), RICH - 50 * UNIT + UNIT);
			assert_eq!(pot(), UNIT);
			assert_eq!(delegators(), 0);
		});
}

fn delegators() -> u32 {
	agent(1).delegators
}

#[test]
fn dust_is_neither_lost_nor_made() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND + 1)
		.delegation(2, 1, MIN_DELEGATION + 1)
		.delegation(3, 1, MIN_DELEGATION + 2)
		.build_and_execute(|| {
			undelegate(2, 1, 1);
			undelegate(3, 1, 1);
			for _ in 0..3 {
				offend_reported(1, Offence::NoReveal, REPORTER);
				run(DEFER);
				assert!(reward(1, 1));
			}
			for n in [2, 3] {
				assert_ok!(Agents::undelegate(signed(n), account(1), u128::MAX));
			}
			assert_ok!(Agents::deregister(signed(1)));
			run(UNBONDING);
			assert_ok!(Agents::withdraw_unbonded(signed(1)));
			withdraw(2, 1);
			withdraw(3, 1);
			assert_eq!(pot(), UNIT);
			let all = [1, 2, 3, REPORTER, TREASURY, BANK].map(wealth);
			assert_eq!(all.iter().sum::<u128>(), 6 * RICH);
		});
}

#[test]
fn a_released_assignment_outlives_the_slash() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.build_and_execute(|| {
			assign(0, 1, 0);
			offend(1, Offence::Equivocation);
			run(DEFER);
			Agents::release(&account(1), Performance::Disagreed);
			assert_eq!(agent(1).open, 0);
		});
}
