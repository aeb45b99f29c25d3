//! Random calls by random accounts break no invariant and make or lose no money.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{
	traits::{AgentPool, Offence, Performance},
	ModelId,
};
use proptest::prelude::*;
use sp_runtime::{DispatchResult, Percent, Permill};

use super::E;
use crate::{
	mock::*, types::Status, Agents as Store, Delegations, FirstSlash, HoldReason, NextSlash,
	Slashes, Slashing, TreasuryDue,
};

const OFFENCES: [Offence; 5] = [
	Offence::NoCommit,
	Offence::NoReveal,
	Offence::WrongResult,
	Offence::FalseAttribution,
	Offence::Equivocation,
];

/// Agents, and those that delegate to them; each also tries the other's calls.
const PEOPLE: u32 = 7;

#[derive(Clone, Debug)]
enum Step {
	Register(u32, u8, Vec<ModelId>, u128),
	SetModels(u32, Vec<ModelId>),
	SetProfile(u32, bool),
	SetKey(u32, u8),
	SetCommission(u32, u32),
	Pause(u32),
	Resume(u32),
	BondMore(u32, u128),
	Unbond(u32, u128),
	Withdraw(u32),
	Deregister(u32),
	Eject(u32),
	Delegate(u32, u32, u128),
	Undelegate(u32, u32, u128),
	WithdrawDelegation(u32, u32),
	Assign(ModelId, u32, u64),
	Release(usize, u8),
	Offend(u32, usize, Option<u32>),
	Cancel(u64),
	Reward(u32, u128),
	SetSlashing([u32; 4]),
	Blocks(u64),
}

fn step() -> impl Strategy<Value = Step> {
	let who = || 1..=PEOPLE;
	let agent = || 1..=3u32;
	let list = || prop::collection::vec(0..MODELS + 1, 0..4);
	prop_oneof![
		2 => (agent(), 1u8..12, list(), MIN_BOND - 1..20 * MIN_BOND)
			.prop_map(|(n, key, list, bond)| Step::Register(n, key, list, bond)),
		1 => (agent(), list()).prop_map(|(n, list)| Step::SetModels(n, list)),
		1 => (agent(), any::<bool>()).prop_map(|(n, cuda)| Step::SetProfile(n, cuda)),
		1 => (agent(), 1u8..12).prop_map(|(n, key)| Step::SetKey(n, key)),
		1 => (agent(), 0u32..400_000).prop_map(|(n, part)| Step::SetCommission(n, part)),
		1 => agent().prop_map(Step::Pause),
		1 => agent().prop_map(Step::Resume),
		2 => (agent(), 0..2 * MIN_BOND).prop_map(|(n, amount)| Step::BondMore(n, amount)),
		2 => (agent(), 0..5 * MIN_BOND).prop_map(|(n, amount)| Step::Unbond(n, amount)),
		2 => agent().prop_map(Step::Withdraw),
		1 => agent().prop_map(Step::Deregister),
		1 => agent().prop_map(Step::Eject),
		8 => (who(), agent(), MIN_DELEGATION - 1..10 * MIN_BOND)
			.prop_map(|(n, to, amount)| Step::Delegate(n, to, amount)),
		10 => (
			who(),
			agent(),
			prop_oneof![0..2 * MIN_BOND, 0..5u128, Just(u128::MAX)],
		)
			.prop_map(|(n, to, amount)| Step::Undelegate(n, to, amount)),
		10 => (who(), agent()).prop_map(|(n, to)| Step::WithdrawDelegation(n, to)),
		2 => (0..MODELS, 0u32..4, any::<u64>()).prop_map(|(m, n, s)| Step::Assign(m, n, s)),
		3 => (any::<prop::sample::Index>(), 0u8..4)
			.prop_map(|(at, how)| Step::Release(at.index(64), how)),
		3 => (
			agent(),
			prop_oneof![6 => 0..2usize, 3 => 2..4usize, 3 => Just(4)],
			prop::option::of(who()),
		)
			.prop_map(|(n, offence, reporter)| Step::Offend(n, offence, reporter)),
		2 => (0u64..4).prop_map(Step::Cancel),
		6 => (agent(), prop_oneof![0..3 * UNIT, 0..4u128, 0..50 * MIN_BOND])
			.prop_map(|(n, amount)| Step::Reward(n, amount)),
		1 => ([0u32..30_000, 0u32..120_000, 0u32..600_000, 0u32..1_000_001])
			.prop_map(Step::SetSlashing),
		8 => (1..UNBONDING).prop_map(Step::Blocks),
	]
}

fn performance(how: u8) -> Performance {
	match how {
		0 => Performance::Agreed {
			lateness: Percent::from_percent(40),
		},
		1 => Performance::Disagreed,
		2 => Performance::Absent,
		_ => Performance::Released,
	}
}

fn take(step: Step, assigned: &mut Vec<u32>) -> DispatchResult {
	match step {
		Step::Register(n, k, list, bond) => Agents::register(
			signed(n),
			key(k),
			CPU,
			endpoint(""),
			models(&list),
			bond,
			Permill::from_percent(10),
		),
		Step::SetModels(n, list) => Agents::set_models(signed(n), models(&list)),
		Step::SetProfile(n, cuda) => Agents::set_profile(signed(n), if cuda { CUDA } else { CPU }),
		Step::SetKey(n, k) => Agents::set_operator_key(signed(n), key(k)),
		Step::SetCommission(n, part) => {
			Agents::set_commission(signed(n), Permill::from_parts(part))
		}
		Step::Pause(n) => Agents::pause(signed(n)),
		Step::Resume(n) => Agents::resume(signed(n)),
		Step::BondMore(n, amount) => Agents::bond_more(signed(n), amount),
		Step::Unbond(n, amount) => Agents::unbond(signed(n), amount),
		Step::Withdraw(n) => Agents::withdraw_unbonded(signed(n)),
		Step::Deregister(n) => Agents::deregister(signed(n)),
		Step::Eject(n) => Agents::eject(root(), account(n)),
		Step::Delegate(n, to, amount) => delegating(n, to, amount),
		Step::Undelegate(n, to, amount) => Agents::undelegate(signed(n), account(to), amount),
		Step::WithdrawDelegation(n, to) => {
			Agents::withdraw_delegation(signed(STRANGER), account(to), account(n))
		}
		Step::Assign(model, n, s) => {
			let drawn = assign(model, n, s);
			assert!(drawn.iter().all(|who| agent(*who).status == Status::Active));
			assigned.extend(drawn);
			Ok(())
		}
		Step::Release(at, how) => {
			if !assigned.is_empty() {
				let who = assigned.swap_remove(at % assigned.len());
				Agents::release(&account(who), performance(how));
			}
			Ok(())
		}
		Step::Offend(n, offence, reporter) => {
			match reporter {
				Some(reporter) => offend_reported(n, OFFENCES[offence], reporter),
				None => offend(n, OFFENCES[offence]),
			}
			Ok(())
		}
		Step::Cancel(at) => Agents::cancel_slash(root(), FirstSlash::<Test>::get() + at),
		Step::Reward(n, amount) => {
			reward(n, amount);
			Ok(())
		}
		Step::SetSlashing(parts) => Agents::set_slashing(
			root(),
			Slashing {
				rungs: parts.map(Permill::from_parts),
				window: 2 * UNBONDING,
			},
		),
		Step::Blocks(n) => {
			run(n);
			Ok(())
		}
	}
}

/// Checks that nobody is drawn of whom a pending slash will take all, and that nothing of it gets out.
fn check_ruined() {
	for slash in Slashes::<Test>::iter_values().filter(|slash| slash.part.is_one()) {
		let who = slash.agent;
		for model in 0..MODELS {
			assert!(!Agents::servers_of(model).contains(&who));
			assert_eq!(Agents::chance_of(who.clone(), model), Some(Permill::zero()));
		}
		assert_noop!(
			Agents::withdraw_unbonded(RuntimeOrigin::signed(who)),
			E::SlashPending
		);
	}
	for model in 0..MODELS {
		let servers = Agents::servers_of(model);
		let able = servers
			.iter()
			.filter(|who| agent(number(who)).profile == CPU);
		assert_eq!(
			Agents::available(model, &EXACT, u32::MAX) as usize,
			able.count()
		);
	}
	let active = Store::<Test>::iter_values().filter(|agent| agent.status == Status::Active);
	assert_eq!(Agents::active() as usize, active.count());
}

/// Delegates, and checks that nobody else's delegation lost by it, and that hardly anything of it is lost.
fn delegating(n: u32, to: u32, amount: u128) -> DispatchResult {
	let before: Vec<_> = (1..=PEOPLE).map(|other| worth(other, to).0).collect();
	Agents::delegate(signed(n), account(to), amount)?;
	for (other, before) in (1..=PEOPLE).zip(before) {
		let after = worth(other, to).0;
		let least = if other == n {
			before + amount - amount / 1_000_000_000 - 2
		} else {
			before
		};
		assert!(after >= least, "{other} loses by a delegation of {n}");
	}
	Ok(())
}

fn total_wealth() -> u128 {
	(1..=ACCOUNTS).map(wealth).sum::<u128>() + pot()
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(128))]

	#[test]
	fn money_and_invariants_survive(steps in prop::collection::vec(step(), 1..150)) {
		ExtBuilder::default()
			.agent(1, &[0], 10 * MIN_BOND)
			.agent(2, &[0, 1], 3 * MIN_BOND)
			.delegation(5, 1, MIN_BOND)
			.delegation(6, 1, MIN_BOND)
			.delegation(6, 2, MIN_DELEGATION)
			.build_and_execute(|| {
				let before = total_wealth();
				let mut assigned = Vec::new();
				for step in steps {
					let _ = take(step, &mut assigned);
					Agents::do_try_state().expect("the invariants hold");
					check_pot();
					check_ruined();
					prop_assert_eq!(total_wealth(), before, "what one loses another one has");
					for who in &assigned {
						let expected = assigned.iter().filter(|other| *other == who).count();
						prop_assert_eq!(agent(*who).open as usize, expected);
					}
				}

				// In the end everybody can leave, and nothing stays behind.
				for who in assigned.drain(..) {
					Agents::release(&account(who), Performance::Released);
				}
				for n in 1..=PEOPLE {
					let _ = Agents::deregister(signed(n));
				}
				run(2 * UNBONDING);
				prop_assert_eq!(FirstSlash::<Test>::get(), NextSlash::<Test>::get());
				for n in 1..=PEOPLE {
					let _ = Agents::withdraw_unbonded(signed(n));
				}
				let delegations: Vec<_> = Delegations::<Test>::iter_keys().collect();
				for (delegator, to) in delegations {
					assert_ok!(Agents::withdraw_delegation(signed(STRANGER), to, delegator));
				}
				prop_assert_eq!(Store::<Test>::iter().count(), 0);
				prop_assert_eq!(Delegations::<Test>::iter().count(), 0);
				prop_assert_eq!(pot(), UNIT + TreasuryDue::<Test>::get());
				for n in 1..=PEOPLE {
					prop_assert_eq!(held(HoldReason::Bond, n), 0);
					prop_assert_eq!(held(HoldReason::Record, n), 0);
				}
				prop_assert_eq!(total_wealth(), before);
				assert_noop!(Agents::withdraw_unbonded(signed(1)), E::NotRegistered);
				Ok(())
			})?;
	}
}
