//! Delegations, and what the delegators earn.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::traits::Offence;
use sp_runtime::TokenError;

use super::E;
use crate::{mock::*, types::MAX_CHUNKS, Delegations, Event, HoldReason};

#[test]
fn delegating_moves_money_to_the_pot() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.build_and_execute(|| {
			delegate(2, 1, 50 * UNIT);
			System::assert_last_event(
				Event::Delegated {
					agent: account(1),
					delegator: account(2),
					amount: 50 * UNIT,
					shares: 50 * UNIT,
				}
				.into(),
			);
			assert_eq!(wealth(2), RICH - 50 * UNIT);
			assert_eq!(held(HoldReason::Record, 2), DELEGATION_DEPOSIT);
			assert_eq!(pot(), 51 * UNIT);
			delegate(2, 1, MIN_DELEGATION);
			assert_eq!(held(HoldReason::Record, 2), DELEGATION_DEPOSIT, "once");
			assert_eq!(worth(2, 1), (60 * UNIT, 0));
			assert_eq!(agent(1).delegators, 1);
			assert_eq!(agent(1).stake(), MIN_BOND + 60 * UNIT);
		});
}

#[test]
fn delegating_is_refused() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.build_and_execute(|| {
			let attempt = |n, to, amount| Agents::delegate(signed(n), account(to), amount);
			assert_noop!(attempt(1, 1, MIN_DELEGATION), E::SelfDelegation);
			assert_noop!(attempt(2, 3, MIN_DELEGATION), E::NotRegistered);
			assert_noop!(attempt(2, 1, MIN_DELEGATION - 1), E::DelegationTooLow);
			assert_noop!(attempt(2, 1, RICH), TokenError::FundsUnavailable);
			delegate(2, 1, MIN_DELEGATION);
			assert_noop!(attempt(2, 1, u128::MAX), E::TooFewShares);
			offend(1, Offence::NoCommit);
			assert_noop!(attempt(2, 1, MIN_DELEGATION), E::SlashPending);
		});
}

#[test]
fn nobody_delegates_into_a_missing_pot() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.build_and_execute(|| {
			// As on a chain that got the pallet after its genesis.
			assert_ok!(Balances::transfer_allow_death(
				RuntimeOrigin::signed(Agents::pot()),
				account(STRANGER),
				UNIT
			));
			assert_noop!(
				Agents::delegate(signed(2), account(1), MIN_DELEGATION),
				E::PotMissing
			);
			assert_ok!(Balances::transfer_keep_alive(
				signed(STRANGER),
				Agents::pot(),
				UNIT
			));
			delegate(2, 1, MIN_DELEGATION);
		});
}

#[test]
fn a_delegation_comes_back_after_the_unbonding_time() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.delegation(2, 1, 50 * UNIT)
		.build_and_execute(|| {
			let attempt = |n, amount| Agents::undelegate(signed(n), account(1), amount);
			let take = |n| Agents::withdraw_delegation(signed(n), account(1), account(n));
			assert_noop!(attempt(2, 0), E::ZeroAmount);
			assert_noop!(attempt(3, 1), E::NotDelegated);
			assert_noop!(attempt(2, 41 * UNIT), E::DelegationTooLow);
			assert_noop!(take(2), E::NothingUnbonded);
			assert_noop!(take(3), E::NotDelegated);
			assert_ok!(attempt(2, 20 * UNIT));
			System::assert_last_event(
				Event::Undelegated {
					agent: account(1),
					delegator: account(2),
					amount: 20 * UNIT,
					until: 1 + UNBONDING,
				}
				.into(),
			);
			assert_eq!(agent(1).stake(), MIN_BOND + 30 * UNIT, "it counts no more");
			run(1);
			assert_ok!(attempt(2, u128::MAX));
			assert_eq!(worth(2, 1), (0, 50 * UNIT));
			assert_noop!(attempt(2, 1), E::NotDelegated);

			run_to(UNBONDING);
			assert_noop!(take(2), E::NothingUnbonded);
			run_to(1 + UNBONDING);
			assert_ok!(take(2));
			System::assert_last_event(
				Event::DelegationWithdrawn {
					agent: account(1),
					delegator: account(2),
					amount: 20 * UNIT,
				}
				.into(),
			);
			assert_noop!(take(2), E::NothingUnbonded);
			run(1);
			withdraw(2, 1);
			assert_eq!(Balances::free_balance(account(2)), RICH);
			assert!(!Delegations::<Test>::contains_key(account(2), account(1)));
			assert_eq!(agent(1).delegators, 0);
		});
}

#[test]
fn what_leaves_is_bounded() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.delegation(2, 1, 50 * UNIT)
		.build_and_execute(|| {
			for _ in 0..MAX_CHUNKS {
				undelegate(2, 1, UNIT);
				undelegate(2, 1, UNIT);
				run(1);
			}
			assert_noop!(
				Agents::undelegate(signed(2), account(1), UNIT),
				E::TooManyChunks
			);
			run(UNBONDING);
			withdraw(2, 1);
			undelegate(2, 1, UNIT);
			assert_eq!(wealth(2), RICH - 34 * UNIT);
		});
}

#[test]
fn rewards_are_shared_in_proportion() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.delegation(2, 1, 30 * UNIT)
		.delegation(3, 1, 10 * UNIT)
		.build_and_execute(|| {
			assert!(reward(1, 4 * UNIT));
			System::assert_last_event(
				Event::Rewarded {
					agent: account(1),
					amount: 4 * UNIT,
					set_aside: false,
				}
				.into(),
			);
			assert_eq!((worth(2, 1).0, worth(3, 1).0), (33 * UNIT, 11 * UNIT));
			delegate(4, 1, 44 * UNIT);
			assert_eq!(worth(4, 1).0, 44 * UNIT, "to the unit");
			assert!(reward(1, 8 * UNIT));
			assert_eq!(
				[2, 3, 4].map(|n| worth(n, 1).0),
				[36 * UNIT, 12 * UNIT, 48 * UNIT]
			);
			// What unbonds earns nothing.
			undelegate(2, 1, u128::MAX);
			assert!(reward(1, 5 * UNIT));
			assert_eq!(worth(2, 1), (0, 36 * UNIT));
			assert_eq!([3, 4].map(|n| worth(n, 1).0), [13 * UNIT, 52 * UNIT]);
			for n in [3, 4] {
				undelegate(n, 1, u128::MAX);
			}
			run(UNBONDING);
			for n in [2, 3, 4] {
				withdraw(n, 1);
			}
			assert_eq!(pot(), UNIT, "all but the existential deposit is paid out");
			assert_eq!(wealth(2), RICH + 6 * UNIT);
		});
}

#[test]
fn rewards_need_delegators() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.build_and_execute(|| {
			assert!(!reward(1, UNIT));
			assert!(!reward(2, UNIT), "nobody");
			delegate(2, 1, MIN_DELEGATION);
			assert!(reward(1, 1), "down to the last unit");
			assert!(reward(1, 0));
			undelegate(2, 1, u128::MAX);
			assert!(!reward(1, UNIT), "all have left");
			assert_eq!(wealth(BANK), RICH - 1);
		});
}

#[test]
fn odd_sums_are_rounded_against_who_comes_and_goes() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.delegation(2, 1, 10 * UNIT)
		.delegation(3, 1, 20 * UNIT)
		.build_and_execute(|| {
			assert!(reward(1, 7));
			delegate(4, 1, 10 * UNIT + 1);
			assert!(worth(4, 1).0 <= 10 * UNIT + 1);
			assert!(worth(4, 1).0 >= 10 * UNIT - 1);
			for n in [2, 3, 4] {
				undelegate(n, 1, u128::MAX);
			}
			run(UNBONDING);
			let due = [2, 3, 4].map(|n| worth(n, 1).1);
			for n in [2, 3, 4] {
				withdraw(n, 1);
			}
			assert_eq!(pot(), UNIT, "no dust stays behind");
			let got = wealth(2) + wealth(3) + wealth(4);
			assert_eq!(got, 3 * RICH + 7, "and none is made");
			assert!(due.iter().sum::<u128>() <= 40 * UNIT + 8);
		});
}

#[test]
fn a_retired_agents_delegators_wait_no_longer_than_it_does() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.delegation(2, 1, 50 * UNIT)
		.delegation(3, 1, 50 * UNIT)
		.build_and_execute(|| {
			run_to(50);
			assert_ok!(Agents::deregister(signed(1)));
			run_to(100);
			undelegate(2, 1, u128::MAX);
			run_to(50 + UNBONDING);
			withdraw(2, 1);
			// Who does nothing has all paid out at once, and undelegating then changes nothing.
			undelegate(3, 1, 20 * UNIT);
			withdraw(3, 1);
			assert_eq!(wealth(2), RICH);
			assert_eq!(wealth(3), RICH);
		});
}

#[test]
fn a_delegation_counts_up_to_a_multiple_of_the_bond() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.delegation(2, 1, 3 * MIN_BOND)
		.build_and_execute(|| {
			assert_eq!(agent(1).stake(), 4 * MIN_BOND);
			delegate(3, 1, 3 * MIN_BOND);
			assert_eq!(agent(1).stake(), 5 * MIN_BOND);
			assert_ok!(Agents::bond_more(signed(1), MIN_BOND));
			assert_eq!(agent(1).stake(), 8 * MIN_BOND, "a larger bond makes room");
		});
}
