//! An agent's own bond.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::traits::Offence;
use sp_runtime::TokenError;

use super::E;
use crate::{
	mock::*,
	types::{Chunk, MAX_CHUNKS},
	Event, HoldReason,
};

#[test]
fn an_agent_adds_to_its_bond() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.build_and_execute(|| {
			assert_ok!(Agents::bond_more(signed(1), 5));
			assert_eq!(held(HoldReason::Bond, 1), MIN_BOND + 5);
			System::assert_last_event(
				Event::Bonded {
					agent: account(1),
					amount: 5,
					bond: MIN_BOND + 5,
				}
				.into(),
			);
			assert_noop!(Agents::bond_more(signed(1), 0), E::ZeroAmount);
			assert_noop!(Agents::bond_more(signed(2), 1), E::NotRegistered);
			assert_noop!(Agents::bond_more(signed(1), u128::MAX), E::Overflow);
			assert_noop!(
				Agents::bond_more(signed(1), RICH),
				TokenError::FundsUnavailable
			);
			offend(1, Offence::NoReveal);
			assert_noop!(Agents::bond_more(signed(1), 1), E::SlashPending);
			assert_ok!(Agents::deregister(signed(1)));
			assert_noop!(Agents::bond_more(signed(1), 1), E::Unbonding);
		});
}

#[test]
fn an_agent_takes_back_a_part_of_its_bond() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND + 10 * UNIT)
		.build_and_execute(|| {
			assert_noop!(Agents::unbond(signed(1), 0), E::ZeroAmount);
			assert_noop!(Agents::unbond(signed(2), 1), E::NotRegistered);
			assert_noop!(Agents::unbond(signed(1), 10 * UNIT + 1), E::BondTooLow);
			assert_noop!(Agents::unbond(signed(1), u128::MAX), E::BondTooLow);
			assert_ok!(Agents::unbond(signed(1), 4 * UNIT));
			System::assert_last_event(
				Event::Unbonded {
					agent: account(1),
					amount: 4 * UNIT,
					until: 1 + UNBONDING,
				}
				.into(),
			);
			run(10);
			assert_ok!(Agents::unbond(signed(1), 5 * UNIT));
			assert_ok!(Agents::unbond(signed(1), UNIT));
			assert_eq!(agent(1).bond, MIN_BOND);
			assert_eq!(
				agent(1).unbonding.to_vec(),
				[
					Chunk {
						amount: 4 * UNIT,
						until: 1 + UNBONDING
					},
					Chunk {
						amount: 6 * UNIT,
						until: 11 + UNBONDING
					},
				]
			);
			assert_eq!(held(HoldReason::Bond, 1), MIN_BOND + 10 * UNIT);

			run_to(UNBONDING);
			assert_noop!(Agents::withdraw_unbonded(signed(1)), E::NothingUnbonded);
			run_to(UNBONDING + 1);
			assert_ok!(Agents::withdraw_unbonded(signed(1)));
			System::assert_last_event(
				Event::Withdrawn {
					agent: account(1),
					amount: 4 * UNIT,
				}
				.into(),
			);
			assert_eq!(held(HoldReason::Bond, 1), MIN_BOND + 6 * UNIT);
			run(10);
			assert_ok!(Agents::withdraw_unbonded(signed(1)));
			assert_eq!(held(HoldReason::Bond, 1), MIN_BOND);
		});
}

#[test]
fn what_unbonds_is_bounded_and_does_not_count() {
	ExtBuilder::default()
		.agent(1, &[0], 2 * MIN_BOND)
		.build_and_execute(|| {
			for _ in 0..MAX_CHUNKS {
				assert_ok!(Agents::unbond(signed(1), UNIT));
				run(1);
			}
			assert_noop!(Agents::unbond(signed(1), UNIT), E::TooManyChunks);
			assert_eq!(
				agent(1).stake(),
				2 * MIN_BOND - u128::from(MAX_CHUNKS) * UNIT
			);
			run(UNBONDING);
			assert_ok!(Agents::withdraw_unbonded(signed(1)));
			assert_ok!(Agents::unbond(signed(1), UNIT));
			assert_ok!(Agents::deregister(signed(1)));
			assert_noop!(Agents::unbond(signed(1), UNIT), E::Unbonding);
			run(UNBONDING);
			assert_ok!(Agents::withdraw_unbonded(signed(1)));
			assert_eq!(Balances::free_balance(account(1)), RICH);
		});
}
