//! Registration, the draw, unbonding.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::traits::{AgentPool, Performance};
use proptest::prelude::*;
use sp_core::H256;
use sp_runtime::TokenError;

use crate::{mock::*, types::Status, Agents as Store, Error, Event, Keys, Servers};

fn signed(n: u8) -> RuntimeOrigin {
	RuntimeOrigin::signed(account(n))
}

fn seed(n: u64) -> H256 {
	H256::from_low_u64_be(n)
}

#[test]
fn registering_holds_the_bond_and_lists_the_agent() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Agents::register(
			signed(1),
			key(1),
			models(&[0, 3]),
			MIN_BOND
		));
		assert_eq!(bond_of(&account(1)), MIN_BOND);
		assert_eq!(Agents::agent_of(&key(1)), Some(account(1)));
		assert_eq!(Agents::operator_key(&account(1)), Some(key(1)));
		assert_eq!(Agents::served(&account(1)), vec![0, 3]);
		assert_eq!(Agents::servers_of(0), vec![account(1)]);
		assert!(Agents::servers_of(1).is_empty());
		System::assert_last_event(
			Event::Registered {
				agent: account(1),
				operator_key: key(1),
				models: models(&[0, 3]),
				bond: MIN_BOND,
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
			assert_noop!(
				Agents::register(signed(1), key(2), models(&[0]), MIN_BOND),
				Error::<Test>::AlreadyRegistered
			);
			assert_noop!(
				Agents::register(signed(2), key(1), models(&[0]), MIN_BOND),
				Error::<Test>::KeyInUse
			);
			assert_noop!(
				Agents::register(signed(2), key(2), models(&[0]), MIN_BOND - 1),
				Error::<Test>::BondTooLow
			);
			assert_noop!(
				Agents::register(signed(2), key(2), models(&[0, MODELS]), MIN_BOND),
				Error::<Test>::UnknownModel
			);
			assert_noop!(
				Agents::register(signed(2), key(2), models(&[0, 1, 0]), MIN_BOND),
				Error::<Test>::DuplicateModel
			);
			assert_noop!(
				Agents::register(signed(2), key(2), models(&[0]), INITIAL),
				TokenError::FundsUnavailable
			);
		});
}

#[test]
fn a_models_servers_are_bounded() {
	let builder = (1..=5).fold(ExtBuilder::default(), |b, n| b.agent(n, &[0], MIN_BOND));
	builder.agent(7, &[1], MIN_BOND).build_and_execute(|| {
		assert_noop!(
			Agents::register(signed(6), key(6), models(&[1, 0]), MIN_BOND),
			Error::<Test>::ModelFull
		);
		assert_noop!(
			Agents::set_models(signed(7), models(&[1, 0])),
			Error::<Test>::ModelFull
		);
		assert_ok!(Agents::deregister(signed(2)));
		assert_ok!(Agents::set_models(signed(7), models(&[1, 0])));
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
			assert!(Agents::assign(1, 1, seed(0)).is_empty());

			assert_noop!(
				Agents::set_models(signed(2), models(&[1])),
				Error::<Test>::NotRegistered
			);
			assert_noop!(
				Agents::set_models(signed(1), models(&[1, 1])),
				Error::<Test>::DuplicateModel
			);
			assert_noop!(
				Agents::set_models(signed(1), models(&[MODELS])),
				Error::<Test>::UnknownModel
			);
		});
}

#[test]
fn an_agent_adds_to_its_bond() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.build_and_execute(|| {
			assert_ok!(Agents::bond_more(signed(1), 5));
			assert_eq!(bond_of(&account(1)), MIN_BOND + 5);
			assert_noop!(
				Agents::bond_more(signed(1), 0),
				Error::<Test>::NothingToBond
			);
			assert_noop!(
				Agents::bond_more(signed(2), 1),
				Error::<Test>::NotRegistered
			);
			assert_noop!(
				Agents::bond_more(signed(1), u128::MAX),
				Error::<Test>::Overflow
			);
			assert_noop!(
				Agents::bond_more(signed(1), INITIAL),
				TokenError::FundsUnavailable
			);
			assert_ok!(Agents::deregister(signed(1)));
			assert_noop!(Agents::bond_more(signed(1), 1), Error::<Test>::Unbonding);
		});
}

#[test]
fn an_agent_changes_its_key() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.agent(2, &[1], MIN_BOND)
		.build_and_execute(|| {
			assert_noop!(
				Agents::set_operator_key(signed(1), key(2)),
				Error::<Test>::KeyInUse
			);
			assert_noop!(
				Agents::set_operator_key(signed(1), key(1)),
				Error::<Test>::KeyInUse
			);
			assert_noop!(
				Agents::set_operator_key(signed(3), key(3)),
				Error::<Test>::NotRegistered
			);
			assert_ok!(Agents::set_operator_key(signed(1), key(9)));
			assert!(
				!Keys::<Test>::contains_key(key(1)),
				"the old key is free again"
			);
			assert_eq!(Agents::agent_of(&key(9)), Some(account(1)));

			assert_eq!(Agents::assign(0, 1, seed(0)), vec![account(1)]);
			assert_noop!(
				Agents::set_operator_key(signed(1), key(8)),
				Error::<Test>::Assigned
			);
		});
}

#[test]
fn leaving_takes_the_unbonding_time() {
	ExtBuilder::default()
		.agent(1, &[0, 1], MIN_BOND)
		.build_and_execute(|| {
			assert_noop!(
				Agents::withdraw_unbonded(signed(1)),
				Error::<Test>::NotUnbonding
			);
			assert_noop!(Agents::deregister(signed(2)), Error::<Test>::NotRegistered);
			assert_noop!(
				Agents::withdraw_unbonded(signed(2)),
				Error::<Test>::NotRegistered
			);
			assert_ok!(Agents::deregister(signed(1)));
			assert_noop!(Agents::deregister(signed(1)), Error::<Test>::Unbonding);
			assert_noop!(
				Agents::set_models(signed(1), models(&[0])),
				Error::<Test>::Unbonding
			);
			assert_noop!(
				Agents::set_operator_key(signed(1), key(5)),
				Error::<Test>::Unbonding
			);
			assert!(
				Agents::assign(0, 1, seed(0)).is_empty(),
				"never drawn again"
			);
			assert!(Agents::served(&account(1)).is_empty());
			assert_eq!(bond_of(&account(1)), MIN_BOND);
			assert_noop!(
				Agents::register(signed(1), key(2), models(&[0]), MIN_BOND),
				Error::<Test>::AlreadyRegistered
			);

			System::set_block_number(UNBONDING);
			assert_noop!(
				Agents::withdraw_unbonded(signed(1)),
				Error::<Test>::StillUnbonding
			);
			System::set_block_number(1 + UNBONDING);
			assert_ok!(Agents::withdraw_unbonded(signed(1)));
			assert_eq!(bond_of(&account(1)), 0);
			assert_eq!(Balances::free_balance(account(1)), INITIAL);
			assert!(!Keys::<Test>::contains_key(key(1)));
			assert_ok!(Agents::register(signed(1), key(1), models(&[0]), MIN_BOND));
		});
}

#[test]
fn an_assigned_agent_cannot_run_with_its_bond() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.build_and_execute(|| {
			assert_eq!(
				Agents::assign(0, 3, seed(7)),
				vec![account(1)],
				"fewer if there are fewer"
			);
			assert_ok!(Agents::deregister(signed(1)));
			System::set_block_number(10 * UNBONDING);
			assert_noop!(
				Agents::withdraw_unbonded(signed(1)),
				Error::<Test>::Assigned
			);
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
fn the_record_is_kept() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.build_and_execute(|| {
			for performance in [
				Performance::Agreed,
				Performance::Agreed,
				Performance::Disagreed,
				Performance::Absent,
				Performance::Released,
			] {
				Agents::assign(0, 1, seed(0));
				Agents::release(&account(1), performance);
			}
			let agent = Store::<Test>::get(account(1)).expect("registered");
			assert_eq!(agent.open, 0);
			assert_eq!(agent.status, Status::Active);
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
		});
}

#[test]
fn the_draw_follows_the_bonds() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.agent(2, &[0], 2 * MIN_BOND)
		.agent(3, &[0], 5 * MIN_BOND)
		.agent(4, &[1], 100 * MIN_BOND)
		.build_and_execute(|| {
			let draws = 4_000;
			let mut counts = [0u32; 5];
			for n in 0..draws {
				let drawn = Agents::assign(0, 1, seed(n));
				assert_eq!(drawn.len(), 1);
				counts[usize::from(AsRef::<[u8; 32]>::as_ref(&drawn[0])[0])] += 1;
			}
			assert_eq!(counts[4], 0, "it serves another model");
			// Expected 500, 1000, 2500; five standard deviations are 105, 137, 153.
			assert!((395..605).contains(&counts[1]), "{counts:?}");
			assert!((863..1137).contains(&counts[2]), "{counts:?}");
			assert!((2347..2653).contains(&counts[3]), "{counts:?}");
		});
}

#[test]
fn a_committee_has_no_member_twice() {
	let builder = (1..=5).fold(ExtBuilder::default(), |b, n| b.agent(n, &[0], MIN_BOND));
	builder.build_and_execute(|| {
		for n in 0..50 {
			let mut drawn = Agents::assign(0, 4, seed(n));
			assert_eq!(drawn, {
				for who in &drawn {
					Agents::release(who, Performance::Released);
				}
				Agents::assign(0, 4, seed(n))
			});
			drawn.sort();
			drawn.dedup();
			assert_eq!(drawn.len(), 4);
		}
	});
}

#[derive(Clone, Debug)]
enum Step {
	Register(u8, u8, Vec<u32>, u128),
	SetModels(u8, Vec<u32>),
	BondMore(u8, u128),
	SetKey(u8, u8),
	Deregister(u8),
	Withdraw(u8),
	Assign(u32, u32, u64),
	Release(usize, u8),
	Blocks(u64),
}

fn step() -> impl Strategy<Value = Step> {
	let list = || prop::collection::vec(0..MODELS + 1, 0..4);
	prop_oneof![
		(1u8..8, 1u8..10, list(), MIN_BOND - 1..3 * MIN_BOND)
			.prop_map(|(who, key, list, bond)| Step::Register(who, key, list, bond)),
		(1u8..8, list()).prop_map(|(who, list)| Step::SetModels(who, list)),
		(1u8..8, 0..MIN_BOND).prop_map(|(who, amount)| Step::BondMore(who, amount)),
		(1u8..8, 1u8..10).prop_map(|(who, key)| Step::SetKey(who, key)),
		(1u8..8).prop_map(Step::Deregister),
		(1u8..8).prop_map(Step::Withdraw),
		(0..MODELS, 0u32..4, any::<u64>()).prop_map(|(m, n, s)| Step::Assign(m, n, s)),
		(any::<prop::sample::Index>(), 0u8..4).prop_map(|(i, p)| Step::Release(i.index(64), p)),
		(1u64..UNBONDING).prop_map(Step::Blocks),
	]
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	#[test]
	fn no_sequence_of_calls_breaks_an_invariant(
		steps in prop::collection::vec(step(), 1..80)
	) {
		ExtBuilder::default().build_and_execute(|| {
			let issuance = Balances::total_issuance();
			let mut assigned = Vec::new();
			for step in steps {
				let _ = match step {
					Step::Register(who, k, list, bond) =>
						Agents::register(signed(who), key(k), models(&list), bond),
					Step::SetModels(who, list) => Agents::set_models(signed(who), models(&list)),
					Step::BondMore(who, amount) => Agents::bond_more(signed(who), amount),
					Step::SetKey(who, k) => Agents::set_operator_key(signed(who), key(k)),
					Step::Deregister(who) => Agents::deregister(signed(who)),
					Step::Withdraw(who) => Agents::withdraw_unbonded(signed(who)),
					Step::Assign(model, n, s) => {
						assigned.extend(Agents::assign(model, n, seed(s)));
						Ok(())
					},
					Step::Release(at, performance) => {
						if !assigned.is_empty() {
							let who = assigned.swap_remove(at % assigned.len());
							let performance = [
								Performance::Agreed,
								Performance::Disagreed,
								Performance::Absent,
								Performance::Released,
							][usize::from(performance)];
							Agents::release(&who, performance);
						}
						Ok(())
					},
					Step::Blocks(n) => {
						System::set_block_number(System::block_number() + n);
						Ok(())
					},
				};
				Agents::do_try_state().expect("the invariants hold");
				prop_assert_eq!(Balances::total_issuance(), issuance);
				for who in &assigned {
					let open = Store::<Test>::get(who).map_or(0, |agent| agent.open);
					let expected = assigned.iter().filter(|other| *other == who).count();
					prop_assert_eq!(open as usize, expected);
				}
			}
			Ok(())
		})?;
	}
}
