//! Agents come, say what they do, pause, and leave.

use frame_support::{assert_noop, assert_ok, traits::Hooks};
use openledger_primitives::{
	protocol::OperatorKey,
	traits::{AgentPool, Offence, Performance},
	ModelId,
};
use sp_runtime::{Permill, TokenError};

use super::E;
use crate::{
	mock::*,
	types::{PauseCause, MAX_OLD_KEYS},
	Agents as Store, Event, HoldReason, Keys, Servers,
};

const TEN: Permill = Permill::from_percent(10);

fn try_register(
	n: u32,
	operator_key: OperatorKey,
	list: &[ModelId],
	bond: u128,
) -> sp_runtime::DispatchResult {
	Agents::register(
		signed(n),
		operator_key,
		CPU,
		endpoint("https://agent.example"),
		models(list),
		bond,
		TEN,
	)
}

#[test]
fn registering_holds_the_bond_and_lists_the_agent() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(try_register(1, key(1), &[0, 3], MIN_BOND));
		assert_eq!(held(HoldReason::Bond, 1), MIN_BOND);
		assert_eq!(held(HoldReason::Record, 1), AGENT_DEPOSIT);
		assert_eq!(Agents::agent_of(&key(1)), Some(account(1)));
		assert_eq!(Agents::operator_key(&account(1)), Some(key(1)));
		assert_eq!(Agents::served(&account(1)), vec![0, 3]);
		assert_eq!(Agents::servers_of(0), vec![account(1)]);
		assert!(Agents::servers_of(1).is_empty());
		assert_eq!(Agents::active(), 1);
		System::assert_last_event(
			Event::Registered {
				agent: account(1),
				operator_key: key(1),
				profile: CPU,
				models: models(&[0, 3]),
				bond: MIN_BOND,
				commission: TEN,
			}
			.into(),
		);
	});
}

#[test]
fn registering_is_refused() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.build_and_execute(|| {
			let refused = |n, k, list: &[ModelId], bond, error: E| {
				assert_noop!(try_register(n, key(k), list, bond), error);
			};
			refused(1, 2, &[0], MIN_BOND, E::AlreadyRegistered);
			refused(2, 1, &[0], MIN_BOND, E::KeyInUse);
			refused(2, 2, &[0], MIN_BOND - 1, E::BondTooLow);
			refused(2, 2, &[0, MODELS], MIN_BOND, E::UnknownModel);
			refused(2, 2, &[0, 1, 0], MIN_BOND, E::DuplicateModel);
			assert_noop!(
				try_register(2, key(2), &[0], RICH),
				TokenError::FundsUnavailable
			);
			let other = |text: &str, percent| {
				Agents::register(
					signed(2),
					key(2),
					CPU,
					endpoint(text),
					models(&[0]),
					MIN_BOND,
					Permill::from_percent(percent),
				)
			};
			assert_noop!(other("agent.example", 10), E::BadEndpoint);
			assert_noop!(other("", 31), E::CommissionTooHigh);
			assert_ok!(other("", 30));
		});
}

#[test]
fn a_models_servers_are_bounded() {
	let builder = (1..=5).fold(ExtBuilder::default(), |b, n| b.agent(n, &[0], MIN_BOND));
	builder.agent(7, &[1], MIN_BOND).build_and_execute(|| {
		assert_noop!(try_register(6, key(6), &[1, 0], MIN_BOND), E::ModelFull);
		assert_noop!(Agents::set_models(signed(7), models(&[1, 0])), E::ModelFull);
		assert_ok!(Agents::pause(signed(2)));
		assert_ok!(Agents::set_models(signed(7), models(&[1, 0])));
		assert_noop!(Agents::resume(signed(2)), E::ModelFull);
		assert_ok!(Agents::deregister(signed(3)));
		assert_ok!(Agents::resume(signed(2)));
	});
}

#[test]
fn an_agent_changes_what_it_serves() {
	ExtBuilder::default()
		.agent(1, &[0, 1], MIN_BOND)
		.build_and_execute(|| {
			assert_ok!(Agents::set_models(signed(1), models(&[1, 2])));
			assert!(
				!Servers::<Test>::contains_key(0),
				"an empty list leaves no entry"
			);
			assert_eq!(Agents::servers_of(1), vec![account(1)]);
			assert_eq!(Agents::servers_of(2), vec![account(1)]);
			assert_ok!(Agents::set_models(signed(1), models(&[])));
			assert!(assign(1, 1, 0).is_empty());

			assert_noop!(
				Agents::set_models(signed(2), models(&[1])),
				E::NotRegistered
			);
			assert_noop!(
				Agents::set_models(signed(1), models(&[1, 1])),
				E::DuplicateModel
			);
			assert_noop!(
				Agents::set_models(signed(1), models(&[MODELS])),
				E::UnknownModel
			);
		});
}

#[test]
fn a_paused_agent_changes_what_it_will_serve() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.build_and_execute(|| {
			assert_ok!(Agents::pause(signed(1)));
			assert_ok!(Agents::set_models(signed(1), models(&[4])));
			assert!(Agents::servers_of(4).is_empty());
			assert_ok!(Agents::resume(signed(1)));
			assert_eq!(Agents::servers_of(4), vec![account(1)]);
			assert!(Agents::servers_of(0).is_empty());
		});
}

#[test]
fn an_agent_changes_on_what_it_runs() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.build_and_execute(|| {
			assert_ok!(Agents::set_profile(signed(1), CUDA));
			assert_eq!(agent(1).profile, CUDA);
			System::assert_last_event(
				Event::ProfileSet {
					agent: account(1),
					profile: CUDA,
				}
				.into(),
			);
			assert_ok!(Agents::set_profile(signed(1), CPU));
			assert_eq!(assign(0, 1, 0), vec![1]);
			assert_noop!(Agents::set_profile(signed(1), CUDA), E::Assigned);
			assert_noop!(Agents::set_profile(signed(2), CUDA), E::NotRegistered);
		});
}

#[test]
fn an_agent_moves() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.build_and_execute(|| {
			let there = endpoint("http://10.0.0.1:8080");
			assert_ok!(Agents::set_endpoint(signed(1), there.clone()));
			assert_eq!(agent(1).endpoint, there);
			System::assert_last_event(
				Event::EndpointSet {
					agent: account(1),
					endpoint: there,
				}
				.into(),
			);
			assert_ok!(Agents::set_endpoint(signed(1), endpoint("")));
			assert_noop!(
				Agents::set_endpoint(signed(1), endpoint("ftp://x")),
				E::BadEndpoint
			);
			assert_noop!(
				Agents::set_endpoint(signed(2), endpoint("")),
				E::NotRegistered
			);
		});
}

#[test]
fn a_former_key_stays_its_agents_for_a_while() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.agent(2, &[1], MIN_BOND)
		.build_and_execute(|| {
			let set = |n, k| Agents::set_operator_key(signed(n), key(k));
			assert_noop!(set(1, 2), E::KeyInUse);
			assert_noop!(set(1, 1), E::KeyInUse);
			assert_noop!(set(3, 3), E::NotRegistered);
			assert_eq!(assign(0, 1, 0), vec![1], "a busy agent can change it too");
			assert_ok!(set(1, 9));
			System::assert_last_event(
				Event::OperatorKeySet {
					agent: account(1),
					operator_key: key(9),
					old_until: 1 + UNBONDING,
				}
				.into(),
			);
			assert_eq!(Agents::operator_key(&account(1)), Some(key(9)));
			assert_eq!(Agents::agent_of(&key(9)), Some(account(1)));
			assert_eq!(Agents::agent_of(&key(1)), Some(account(1)));
			assert_noop!(set(2, 1), E::KeyInUse);

			run_to(UNBONDING);
			assert_eq!(Agents::agent_of(&key(1)), Some(account(1)));
			run_to(1 + UNBONDING);
			assert_eq!(Agents::agent_of(&key(1)), None);
			assert_ok!(set(1, 10));
			assert!(!Keys::<Test>::contains_key(key(1)), "it is cleaned up");
			assert_eq!(Agents::agent_of(&key(9)), Some(account(1)));
		});
}

#[test]
fn former_keys_are_bounded() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.build_and_execute(|| {
			for k in 0..MAX_OLD_KEYS as u8 {
				assert_ok!(Agents::set_operator_key(signed(1), key(100 + k)));
			}
			assert_noop!(
				Agents::set_operator_key(signed(1), key(200)),
				E::TooManyKeys
			);
			run(UNBONDING);
			assert_ok!(Agents::set_operator_key(signed(1), key(200)));
			assert_eq!(agent(1).old_keys.len(), 1);
		});
}

#[test]
fn a_paused_agent_is_not_drawn_but_stays_bound() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.build_and_execute(|| {
			assert_noop!(Agents::resume(signed(1)), E::NotPaused);
			assert_noop!(Agents::pause(signed(2)), E::NotRegistered);
			assert_ok!(Agents::pause(signed(1)));
			System::assert_last_event(
				Event::Paused {
					agent: account(1),
					cause: PauseCause::Chosen,
				}
				.into(),
			);
			assert_noop!(Agents::pause(signed(1)), E::NotActive);
			assert!(assign(0, 1, 0).is_empty());
			assert_eq!(Agents::active(), 0);
			assert_eq!(held(HoldReason::Bond, 1), MIN_BOND);
			assert_eq!(
				Agents::served(&account(1)),
				vec![0],
				"its node keeps its models"
			);
			assert_ok!(Agents::resume(signed(1)));
			System::assert_last_event(Event::Resumed { agent: account(1) }.into());
			assert_eq!(assign(0, 1, 0), vec![1]);
			assert_eq!(Agents::active(), 1);
			offend(1, Offence::NoCommit);
			assert_ok!(Agents::pause(signed(1)));
			assert_noop!(Agents::resume(signed(1)), E::SlashPending);
			run(DEFER);
			assert_noop!(Agents::resume(signed(1)), E::BondTooLow);
			assert_ok!(Agents::bond_more(signed(1), UNIT));
			assert_ok!(Agents::resume(signed(1)));
		});
}

#[test]
fn leaving_takes_the_unbonding_time() {
	ExtBuilder::default()
		.agent(1, &[0, 1], MIN_BOND)
		.build_and_execute(|| {
			assert_noop!(Agents::withdraw_unbonded(signed(1)), E::NothingUnbonded);
			assert_noop!(Agents::deregister(signed(2)), E::NotRegistered);
			assert_noop!(Agents::withdraw_unbonded(signed(2)), E::NotRegistered);
			assert_ok!(Agents::set_operator_key(signed(1), key(2)));
			assert_ok!(Agents::deregister(signed(1)));
			assert_noop!(Agents::deregister(signed(1)), E::Unbonding);
			assert_noop!(Agents::set_models(signed(1), models(&[0])), E::Unbonding);
			assert_noop!(Agents::set_operator_key(signed(1), key(5)), E::Unbonding);
			assert_noop!(Agents::set_profile(signed(1), CUDA), E::Unbonding);
			assert_noop!(Agents::set_endpoint(signed(1), endpoint("")), E::Unbonding);
			assert_noop!(Agents::set_commission(signed(1), TEN), E::Unbonding);
			assert_noop!(Agents::pause(signed(1)), E::Unbonding);
			assert_noop!(Agents::resume(signed(1)), E::Unbonding);
			assert_noop!(
				Agents::delegate(signed(3), account(1), MIN_DELEGATION),
				E::Unbonding
			);
			assert!(assign(0, 1, 0).is_empty(), "never drawn again");
			assert!(Agents::served(&account(1)).is_empty());
			assert!(!Agents::is_bonded(&account(1)));
			assert_eq!(held(HoldReason::Bond, 1), MIN_BOND);
			assert_noop!(
				try_register(1, key(9), &[0], MIN_BOND),
				E::AlreadyRegistered
			);

			run_to(UNBONDING);
			assert_noop!(Agents::withdraw_unbonded(signed(1)), E::NothingUnbonded);
			run_to(1 + UNBONDING);
			assert_ok!(Agents::withdraw_unbonded(signed(1)));
			assert_eq!(Balances::free_balance(account(1)), RICH);
			assert_eq!(Keys::<Test>::iter().count(), 0);
			assert!(!Store::<Test>::contains_key(account(1)));
			assert_ok!(try_register(1, key(1), &[0], MIN_BOND));
		});
}

#[test]
fn an_assigned_agent_cannot_run_with_its_bond() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.build_and_execute(|| {
			assert_eq!(assign(0, 3, 7), vec![1], "fewer if there are fewer");
			assert_ok!(Agents::deregister(signed(1)));
			run_to(10 * UNBONDING);
			assert_noop!(Agents::withdraw_unbonded(signed(1)), E::Assigned);
			assert_eq!(
				Agents::agent_of(&key(1)),
				Some(account(1)),
				"it can still answer"
			);
			Agents::release(&account(1), Performance::Absent);
			assert_ok!(Agents::withdraw_unbonded(signed(1)));
		});
}

#[test]
fn an_agent_is_kept_until_its_last_delegator_has_left() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.delegation(2, 1, MIN_DELEGATION)
		.delegation(3, 1, MIN_DELEGATION)
		.build_and_execute(|| {
			assert_ok!(Agents::deregister(signed(1)));
			assert_noop!(
				Agents::withdraw_delegation(signed(1), account(1), account(2)),
				E::NothingUnbonded
			);
			run(UNBONDING);
			assert_ok!(Agents::withdraw_unbonded(signed(1)));
			assert_eq!(held(HoldReason::Bond, 1), 0);
			assert_noop!(Agents::withdraw_unbonded(signed(1)), E::NothingUnbonded);
			withdraw(2, 1);
			assert_eq!(wealth(2), RICH);
			assert!(Store::<Test>::contains_key(account(1)));
			withdraw(3, 1);
			assert_eq!(wealth(3), RICH);
			System::assert_has_event(Event::Forgotten { agent: account(1) }.into());
			assert!(!Store::<Test>::contains_key(account(1)));
			assert_eq!(Balances::free_balance(account(1)), RICH);
		});
}

#[test]
fn the_configuration_is_sound() {
	ExtBuilder::default().build_and_execute(Agents::integrity_test);
}
