//! Governance ends an agent's service.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::traits::{AgentPool, Offence, Performance};
use sp_runtime::{DispatchError, DispatchResult, Permill};

use super::E;
use crate::{mock::*, Agents as Store, Event, HoldReason, Keys, Status};

const HALF: u128 = MIN_BOND / 2;

fn eject(n: u32) {
	assert_ok!(Agents::eject(root(), account(n)));
}

fn try_register(n: u32, k: u8) -> DispatchResult {
	Agents::register(
		signed(n),
		key(k),
		CPU,
		endpoint(""),
		models(&[0]),
		MIN_BOND,
		Permill::zero(),
	)
}

#[test]
fn ejecting_ends_the_service_at_once() {
	ExtBuilder::default()
		.agent(1, &[0, 1], MIN_BOND)
		.agent(2, &[0], MIN_BOND)
		.build_and_execute(|| {
			eject(1);
			System::assert_last_event(
				Event::Ejected {
					agent: account(1),
					until: 1 + UNBONDING,
				}
				.into(),
			);
			assert_eq!(
				agent(1).status,
				Status::Unbonding {
					until: 1 + UNBONDING
				}
			);
			assert_eq!(Agents::active(), 1);
			assert_eq!(Agents::servers_of(0), vec![account(2)]);
			assert!(Agents::servers_of(1).is_empty());
			assert!((0..20).all(|n| assign(0, 2, n) == vec![2]));
			assert_noop!(Agents::resume(signed(1)), E::Unbonding);
			assert_noop!(Agents::bond_more(signed(1), 1), E::Unbonding);
			assert_noop!(Agents::set_models(signed(1), models(&[0])), E::Unbonding);
			assert_noop!(
				Agents::delegate(signed(3), account(1), MIN_DELEGATION),
				E::Unbonding
			);
			assert_eq!(held(HoldReason::Bond, 1), MIN_BOND, "nothing is taken");
		});
}

#[test]
fn ejecting_is_refused() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.agent(2, &[0], MIN_BOND)
		.build_and_execute(|| {
			for origin in [signed(1), signed(STRANGER)] {
				assert_noop!(Agents::eject(origin, account(1)), DispatchError::BadOrigin);
			}
			assert_noop!(Agents::eject(root(), account(3)), E::NotRegistered);
			eject(1);
			assert_noop!(Agents::eject(root(), account(1)), E::Unbonding);
			assert_noop!(Agents::deregister(signed(1)), E::Unbonding);
			assert_ok!(Agents::deregister(signed(2)));
			run(10);
			assert_noop!(Agents::eject(root(), account(2)), E::Unbonding);
			assert_eq!(
				agent(2).status,
				Status::Unbonding {
					until: 1 + UNBONDING
				},
				"who has left already is not kept any longer"
			);
		});
}

#[test]
fn who_is_paused_or_suspended_is_ejected_too() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.agent(2, &[0], MIN_BOND)
		.build_and_execute(|| {
			assert_ok!(Agents::pause(signed(1)));
			offend(2, Offence::Equivocation);
			assert_eq!(agent(2).status, Status::Suspended { slashes: 1 });
			eject(1);
			eject(2);
			assert_eq!(Agents::active(), 0);
			assert!(Agents::servers_of(0).is_empty());
			assert_ok!(Agents::cancel_slash(root(), 0));
			assert!(
				matches!(agent(2).status, Status::Unbonding { .. }),
				"no pardon brings it back"
			);
		});
}

#[test]
fn the_delegators_of_an_ejected_agent_leave_with_all_they_have() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.delegation(2, 1, MIN_DELEGATION)
		.delegation(3, 1, 2 * MIN_DELEGATION)
		.build_and_execute(|| {
			undelegate(3, 1, MIN_DELEGATION);
			eject(1);
			undelegate(2, 1, MIN_DELEGATION);
			run(UNBONDING);
			withdraw(2, 1);
			withdraw(3, 1);
			assert_eq!((wealth(2), wealth(3)), (RICH, RICH));
			assert_ok!(Agents::withdraw_unbonded(signed(1)));
			assert_eq!(Balances::free_balance(account(1)), RICH);
			assert!(!Store::<Test>::contains_key(account(1)));
			assert_eq!(Keys::<Test>::iter().count(), 0);
		});
}

#[test]
fn attack_an_ejected_agent_takes_its_bond_away_early() {
	ExtBuilder::default()
		.agent(1, &[0], 2 * MIN_BOND)
		.build_and_execute(|| {
			assert_ok!(Agents::unbond(signed(1), HALF));
			run(10);
			eject(1);
			assert_noop!(Agents::unbond(signed(1), 1), E::Unbonding);
			assert_noop!(Agents::withdraw_unbonded(signed(1)), E::NothingUnbonded);
			run_to(1 + UNBONDING);
			assert_ok!(Agents::withdraw_unbonded(signed(1)));
			assert_eq!(
				held(HoldReason::Bond, 1),
				2 * MIN_BOND - HALF,
				"what unbonded before, and no more"
			);
			run_to(10 + UNBONDING);
			assert_noop!(Agents::withdraw_unbonded(signed(1)), E::NothingUnbonded);
			run_to(11 + UNBONDING);
			assert_ok!(Agents::withdraw_unbonded(signed(1)));
			assert_eq!(Balances::free_balance(account(1)), RICH);
		});
}

#[test]
fn attack_an_ejected_agent_escapes_its_slash() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.delegation(2, 1, MIN_DELEGATION)
		.build_and_execute(|| {
			run_to(UNBONDING);
			eject(1);
			// Reported as late as can be.
			run(CHALLENGE);
			offend(1, Offence::Equivocation);
			assert_eq!(agent(1).pending, 1);
			run(UNBONDING - CHALLENGE - 1);
			assert_eq!(agent(1).held(), 0, "applied before it could be withdrawn");
			run(1);
			assert_noop!(Agents::withdraw_unbonded(signed(1)), E::NothingUnbonded);
			withdraw(2, 1);
			assert_eq!(wealth(2), RICH - MIN_DELEGATION);
			assert_eq!(wealth(1), RICH - MIN_BOND);
			assert!(!Store::<Test>::contains_key(account(1)));
		});
}

#[test]
fn attack_an_ejected_agent_leaves_a_committee() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.build_and_execute(|| {
			assert_eq!(assign(0, 1, 7), vec![1]);
			eject(1);
			assert_eq!(
				Agents::agent_of(&key(1)),
				Some(account(1)),
				"it can still answer"
			);
			run(2 * UNBONDING);
			assert_noop!(Agents::withdraw_unbonded(signed(1)), E::Assigned);
			Agents::release(&account(1), Performance::Absent);
			assert_eq!(agent(1).record.absent, 1);
			assert_ok!(Agents::withdraw_unbonded(signed(1)));
		});
}

#[test]
fn attack_an_ejected_agent_registers_again() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.delegation(2, 1, MIN_DELEGATION)
		.build_and_execute(|| {
			assert_ok!(Agents::set_operator_key(signed(1), key(11)));
			run(10);
			eject(1);
			let (mine, others) = (E::AlreadyRegistered, E::KeyInUse);
			assert_noop!(try_register(1, 12), mine);
			assert_noop!(try_register(3, 11), others);
			run(UNBONDING - 1);
			assert_noop!(try_register(1, 12), E::AlreadyRegistered);
			assert_noop!(try_register(3, 11), E::KeyInUse);
			run(1);
			assert_noop!(try_register(1, 12), E::AlreadyRegistered);
			assert_ok!(Agents::withdraw_unbonded(signed(1)));
			assert_noop!(try_register(3, 11), E::KeyInUse);
			withdraw(2, 1);
			assert_ok!(try_register(1, 12));
			assert_ok!(try_register(3, 11));
		});
}

#[test]
fn under_other_names_it_costs_a_second_bond() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.build_and_execute(|| {
			eject(1);
			assert_ok!(try_register(3, 12));
			assert_eq!(
				held(HoldReason::Bond, 1) + held(HoldReason::Bond, 3),
				2 * MIN_BOND
			);
			assert_eq!(agent(3).score, crate::score::FIRST_SCORE);
		});
}
