//! Agents of whom a pending slash will take all.

use std::collections::BTreeSet;

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{
	traits::{AgentPool, Offence, Performance},
	ModelId,
};
use sp_runtime::Permill;

use super::E;
use crate::{
	mock::*,
	types::{PauseCause, Status},
	ActiveAgents, Agents as Store, Event, Servers,
};

const FIVE: Permill = Permill::from_percent(5);

/// Whether an agent has a place among those that serve a model, active or not.
fn has_place(n: u32, model: ModelId) -> bool {
	Servers::<Test>::get(model).contains(&account(n))
}

fn status(n: u32) -> Status<u64> {
	agent(n).status
}

fn suspended(slashes: u32) -> Status<u64> {
	Status::Suspended { slashes }
}

fn paused(n: u32, cause: PauseCause) -> RuntimeEvent {
	Event::Paused {
		agent: account(n),
		cause,
	}
	.into()
}

#[test]
fn it_keeps_its_places_until_the_slash_is_applied() {
	let builder = (1..=5).fold(ExtBuilder::default(), |b, n| b.agent(n, &[0, 3], MIN_BOND));
	builder.build_and_execute(|| {
		offend(2, Offence::Equivocation);
		System::assert_has_event(Event::Suspended { agent: account(2) }.into());
		assert_eq!(status(2), suspended(1));
		let info = Agents::info_of(account(2)).expect("registered");
		assert_eq!((info.status, info.pending), (suspended(1), 1));
		assert!(has_place(2, 0) && has_place(2, 3));
		assert_eq!(Agents::servers_of(0), [1, 3, 4, 5].map(account));
		assert_eq!(Agents::available(0, &EXACT, 9), 4);
		assert_eq!(Agents::active(), 4);
		assert_eq!(
			Agents::chance_of(account(1), 0),
			Some(Permill::from_percent(25))
		);
		let newcomer = || {
			Agents::register(
				signed(6),
				key(6),
				CPU,
				endpoint(""),
				models(&[3]),
				MIN_BOND,
				FIVE,
			)
		};
		assert_noop!(newcomer(), E::ModelFull);

		run(DEFER - 1);
		assert_eq!(status(2), suspended(1));
		run(1);
		assert_eq!((status(2), agent(2).bond), (Status::Paused, 0));
		System::assert_has_event(paused(2, PauseCause::BelowMinimum));
		assert!(!has_place(2, 0) && !has_place(2, 3));
		assert_eq!(Agents::active(), 4);
		assert_ok!(newcomer());
		assert_noop!(Agents::resume(signed(2)), E::BondTooLow);
		assert_ok!(Agents::bond_more(signed(2), MIN_BOND));
		assert_noop!(Agents::resume(signed(2)), E::ModelFull);
		assert_ok!(Agents::set_models(signed(2), models(&[0])));
		assert_ok!(Agents::resume(signed(2)));
		assert_eq!(Agents::active(), 6);
	});
}

#[test]
fn it_is_drawn_again_at_once_if_the_slash_is_cancelled() {
	let builder = (1..=5).fold(ExtBuilder::default(), |b, n| b.agent(n, &[0], MIN_BOND));
	builder.build_and_execute(|| {
		offend(2, Offence::Equivocation);
		run(DEFER - 1);
		assert_ok!(Agents::cancel_slash(root(), 0));
		System::assert_has_event(Event::Resumed { agent: account(2) }.into());
		assert_eq!(status(2), Status::Active);
		assert_eq!(Agents::servers_of(0), [1, 2, 3, 4, 5].map(account));
		assert_eq!(Agents::active(), 5);
		assert_eq!(assign(0, 5, 0).len(), 5);
		run(UNBONDING);
		assert_eq!(agent(2).bond, MIN_BOND);
	});
}

#[test]
fn all_slashes_that_take_all_have_to_be_cancelled_and_no_others() {
	ExtBuilder::default()
		.agent(1, &[0], 10 * MIN_BOND)
		.build_and_execute(|| {
			offend(1, Offence::Equivocation);
			offend(1, Offence::WrongResult);
			offend(1, Offence::Equivocation);
			let parts = Agents::pending_slashes(account(1));
			let percents: Vec<_> = parts.iter().map(|(_, slash)| slash.part).collect();
			let quarter = Permill::from_percent(25);
			assert_eq!(percents, [Permill::one(), quarter, Permill::one()]);
			assert_eq!((status(1), Agents::active()), (suspended(2), 0));
			let suspensions = events()
				.iter()
				.filter(|event| matches!(event, Event::Suspended { .. }))
				.count();
			assert_eq!(suspensions, 1);

			assert_ok!(Agents::cancel_slash(root(), 2));
			assert_eq!((status(1), Agents::active()), (suspended(1), 0));
			assert!(assign(0, 1, 0).is_empty());
			assert_ok!(Agents::cancel_slash(root(), 0));
			assert_eq!((status(1), Agents::active()), (Status::Active, 1));
			assert_eq!(assign(0, 1, 0), [1], "a lesser one may be pending");
			run(DEFER);
			assert_eq!(agent(1).bond, 10 * MIN_BOND * 3 / 4);
			assert_eq!(status(1), Status::Active);
		});
}

#[test]
fn cancelling_a_lesser_slash_is_not_enough() {
	ExtBuilder::default()
		.agent(1, &[0], 10 * MIN_BOND)
		.build_and_execute(|| {
			offend(1, Offence::WrongResult);
			offend(1, Offence::Equivocation);
			assert_ok!(Agents::cancel_slash(root(), 0));
			assert_eq!(status(1), suspended(1));
			run(DEFER);
			assert_eq!((status(1), agent(1).bond), (Status::Paused, 0));
		});
}

#[test]
fn the_first_that_takes_all_leaves_nothing_for_the_next() {
	ExtBuilder::default()
		.agent(1, &[0], 10 * MIN_BOND)
		.build_and_execute(|| {
			offend(1, Offence::Equivocation);
			run(1);
			offend(1, Offence::Equivocation);
			run(DEFER - 1);
			assert_eq!((status(1), agent(1).pending), (Status::Paused, 1));
			assert_noop!(Agents::resume(signed(1)), E::SlashPending);
			assert_noop!(Agents::bond_more(signed(1), MIN_BOND), E::SlashPending);
			run(1);
			assert_eq!(wealth(TREASURY), RICH + 10 * MIN_BOND);
			assert_ok!(Agents::bond_more(signed(1), MIN_BOND));
			assert_ok!(Agents::resume(signed(1)));
			assert_eq!(Agents::active(), 1);
		});
}

#[test]
fn a_lesser_slash_pauses_it_below_the_minimum() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.build_and_execute(|| {
			offend(1, Offence::NoCommit);
			run(1);
			offend(1, Offence::Equivocation);
			run(DEFER - 1);
			assert_eq!(agent(1).bond, MIN_BOND - UNIT);
			System::assert_has_event(paused(1, PauseCause::BelowMinimum));
			assert!(!has_place(1, 0));
			assert_eq!((status(1), Agents::active()), (Status::Paused, 0));
			assert_ok!(Agents::cancel_slash(root(), 1));
			assert_eq!(
				(status(1), Agents::active()),
				(Status::Paused, 0),
				"the bond still speaks against it"
			);
			assert_noop!(Agents::resume(signed(1)), E::BondTooLow);
			assert_ok!(Agents::bond_more(signed(1), UNIT));
			assert_ok!(Agents::resume(signed(1)));
			assert_eq!((status(1), Agents::active()), (Status::Active, 1));
		});
}

#[test]
fn who_pauses_meanwhile_stays_paused() {
	ExtBuilder::default()
		.agent(1, &[0], 2 * MIN_BOND)
		.build_and_execute(|| {
			offend(1, Offence::Equivocation);
			assert_ok!(Agents::pause(signed(1)));
			System::assert_last_event(paused(1, PauseCause::Chosen));
			assert_eq!((status(1), Agents::active()), (Status::Paused, 0));
			assert!(!has_place(1, 0));
			assert_noop!(Agents::pause(signed(1)), E::NotActive);
			assert_noop!(Agents::resume(signed(1)), E::SlashPending);
			assert_ok!(Agents::set_models(signed(1), models(&[1])));
			offend(1, Offence::Equivocation);
			assert_eq!(status(1), Status::Paused);
			assert_ok!(Agents::cancel_slash(root(), 0));
			assert_ok!(Agents::cancel_slash(root(), 1));
			assert_eq!((status(1), Agents::active()), (Status::Paused, 0));
			assert_ok!(Agents::resume(signed(1)));
			assert_eq!((status(1), Agents::active()), (Status::Active, 1));
			assert!(has_place(1, 1) && !has_place(1, 0));
		});
}

#[test]
fn who_was_paused_before_is_not_suspended() {
	ExtBuilder::default()
		.agent(1, &[0], 2 * MIN_BOND)
		.build_and_execute(|| {
			assert_ok!(Agents::pause(signed(1)));
			offend(1, Offence::Equivocation);
			assert_eq!(status(1), Status::Paused);
			assert_noop!(Agents::resume(signed(1)), E::SlashPending);
			assert_ok!(Agents::cancel_slash(root(), 0));
			assert_eq!(status(1), Status::Paused);
		});
}

#[test]
fn who_deregisters_meanwhile_has_left_for_good() {
	for cancelled in [false, true] {
		ExtBuilder::default()
			.agent(1, &[0, 1], 2 * MIN_BOND)
			.build_and_execute(|| {
				offend(1, Offence::Equivocation);
				assert_ok!(Agents::deregister(signed(1)));
				let unbonding = Status::Unbonding {
					until: 1 + UNBONDING,
				};
				assert_eq!((status(1), Agents::active()), (unbonding, 0));
				assert!(!has_place(1, 0) && !has_place(1, 1));
				if cancelled {
					assert_ok!(Agents::cancel_slash(root(), 0));
				}
				run(DEFER);
				assert_eq!((status(1), Agents::active()), (unbonding, 0));
				run_to(1 + UNBONDING);
				assert_ok!(Agents::withdraw_unbonded(signed(1)));
				assert!(!Store::<Test>::contains_key(account(1)));
				let kept = if cancelled { 2 * MIN_BOND } else { 0 };
				assert_eq!(wealth(1), RICH - 2 * MIN_BOND + kept);
			});
	}
}

#[test]
fn what_it_can_and_cannot_change() {
	ExtBuilder::default()
		.agent(1, &[0], 2 * MIN_BOND)
		.delegation(2, 1, MIN_BOND)
		.build_and_execute(|| {
			assert_noop!(Agents::resume(signed(1)), E::NotPaused);
			offend(1, Offence::NoCommit);
			assert_noop!(Agents::resume(signed(1)), E::NotPaused);
			offend(1, Offence::Equivocation);
			for list in [&[][..], &[0], &[0, 1]] {
				assert_noop!(Agents::set_models(signed(1), models(list)), E::SlashPending);
			}
			assert_noop!(Agents::resume(signed(1)), E::SlashPending);
			assert_noop!(Agents::bond_more(signed(1), UNIT), E::SlashPending);
			assert_noop!(Agents::withdraw_unbonded(signed(1)), E::SlashPending);
			assert_noop!(
				Agents::delegate(signed(3), account(1), MIN_BOND),
				E::SlashPending
			);

			// None of this brings it back, or its money out of reach.
			assert_ok!(Agents::set_profile(signed(1), CUDA));
			assert_ok!(Agents::set_profile(signed(1), CPU));
			assert_ok!(Agents::set_endpoint(signed(1), endpoint("http://a")));
			assert_ok!(Agents::set_operator_key(signed(1), key(9)));
			assert_ok!(Agents::set_commission(signed(1), FIVE));
			assert_ok!(Agents::unbond(signed(1), MIN_BOND));
			undelegate(2, 1, u128::MAX);
			assert_eq!((status(1), Agents::active()), (suspended(1), 0));
			assert!(assign(0, 1, 0).is_empty());
			run(DEFER);
			assert_eq!(agent(1).held(), 0);
			assert_eq!(worth(2, 1), (0, 0));
			assert_eq!(wealth(TREASURY), RICH + 3 * MIN_BOND);
		});
}

#[test]
fn it_finishes_what_it_was_assigned() {
	ExtBuilder::default()
		.agent(1, &[0], 10 * MIN_BOND)
		.build_and_execute(|| {
			assert_eq!(assign(0, 1, 0), [1]);
			assert_eq!(assign(0, 1, 1), [1]);
			offend(1, Offence::Equivocation);
			assert_eq!(
				Agents::served(&account(1)),
				[0],
				"its node keeps its models"
			);
			assert!(!Agents::is_bonded(&account(1)), "nothing that is its own");
			assert_eq!(Agents::agent_of(&key(1)), Some(account(1)));
			assert_eq!(Agents::operator_key(&account(1)), Some(key(1)));
			assert_noop!(Agents::set_profile(signed(1), CUDA), E::Assigned);
			Agents::release(&account(1), Performance::Disagreed);
			offend(1, Offence::Equivocation);
			assert_eq!((status(1), agent(1).open), (suspended(2), 1));
			run(DEFER);
			Agents::release(&account(1), Performance::Released);
			assert_eq!((status(1), agent(1).open), (Status::Paused, 0));
		});
}

/// The keys that an offence that costs all writes, of an agent that serves so many models.
fn written(served: u32) -> BTreeSet<Vec<u8>> {
	let list: Vec<_> = (0..served).collect();
	let mut ext = ExtBuilder::default().agent(1, &list, MIN_BOND).build();
	ext.commit_all().expect("nothing is open");
	ext.execute_with(|| {
		offend(1, Offence::Equivocation);
		System::reset_events();
	});
	ext.overlayed_changes()
		.changes()
		.map(|(key, _)| key.clone())
		.collect()
}

#[test]
fn an_offence_costs_the_same_however_many_models() {
	let (none, four) = (written(0), written(4));
	assert_eq!(none, four);
	assert!(none.contains(&ActiveAgents::<Test>::hashed_key()[..]));
}

#[test]
fn the_invariants_notice_a_wrong_suspension() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.agent(2, &[0], MIN_BOND)
		.build_and_execute(|| {
			offend(1, Offence::Equivocation);
			let set = |n, status| {
				Store::<Test>::mutate(account(n), |agent| {
					agent.as_mut().expect("registered").status = status;
				})
			};
			let wrong = |active: u32| {
				ActiveAgents::<Test>::put(active);
				let found = Agents::do_try_state();
				ActiveAgents::<Test>::put(1);
				found.is_err()
			};
			assert!(wrong(2), "a suspended agent counts");
			for (status, active) in [
				(Status::Active, 2),
				(suspended(0), 1),
				(suspended(2), 1),
				(Status::Paused, 1),
			] {
				set(1, status);
				assert!(wrong(active), "{status:?}");
			}
			set(1, suspended(1));
			set(2, suspended(1));
			assert!(wrong(0), "suspended for nothing");
			set(2, Status::Active);
		});
}

#[test]
fn who_is_bonded_has_something_to_lose() {
	ExtBuilder::default()
		.agent(1, &[0], 10 * MIN_BOND)
		.agent(2, &[0], MIN_BOND)
		.build_and_execute(|| {
			let bonded = |n| Agents::is_bonded(&account(n));
			assert!(bonded(1) && bonded(2) && !bonded(3));
			offend(1, Offence::WrongResult);
			assert!(bonded(1), "a part is not all");
			assert_ok!(Agents::pause(signed(1)));
			assert!(!bonded(1), "whatever is pending");
			assert_ok!(Agents::cancel_slash(RuntimeOrigin::root(), 0));
			assert!(bonded(1));
			offend(2, Offence::WrongResult);
			run(DEFER);
			assert!(!bonded(2), "less than the minimum is left");
		});
}
