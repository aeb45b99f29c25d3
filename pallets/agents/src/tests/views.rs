//! What clients read.

use frame_support::assert_ok;
use openledger_primitives::traits::Offence;
use sp_runtime::Permill;

use crate::{
	mock::*,
	score::FIRST_SCORE,
	types::{DelegationInfo, PendingSlash, Status},
};

#[test]
fn an_agents_stake_is_split_up() {
	ExtBuilder::default()
		.agent(1, &[0, 2], MIN_BOND + 5 * UNIT)
		.delegation(2, 1, 5 * MIN_BOND)
		.build_and_execute(|| {
			assert_ok!(Agents::unbond(signed(1), 5 * UNIT));
			undelegate(2, 1, 50 * UNIT);
			assign(0, 1, 0);
			offend(1, Offence::NoCommit);
			let info = Agents::info_of(account(1)).expect("registered");
			assert_eq!(info.operator_key, key(1));
			assert_eq!(info.profile, CPU);
			assert_eq!(info.models, [0, 2]);
			assert_eq!(info.status, Status::Active);
			assert_eq!(info.bond, MIN_BOND);
			assert_eq!(info.unbonding[0].amount, 5 * UNIT);
			assert_eq!(info.delegated, 450 * UNIT);
			assert_eq!(info.counted, 400 * UNIT);
			assert_eq!(info.leaving, 50 * UNIT);
			assert_eq!(info.delegators, 1);
			assert_eq!(info.commission, Permill::from_percent(10));
			assert_eq!((info.score, info.open, info.pending), (FIRST_SCORE, 1, 1));
			assert_eq!(Agents::score_of(account(1)), Some(FIRST_SCORE));
			assert_eq!(Agents::info_of(account(2)), None);
			assert_eq!(Agents::score_of(account(2)), None);
		});
}

#[test]
fn an_accounts_delegations_are_listed() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.agent(2, &[0], MIN_BOND)
		.delegation(3, 1, 50 * UNIT)
		.delegation(3, 2, 60 * UNIT)
		.build_and_execute(|| {
			undelegate(3, 2, 20 * UNIT);
			let mut infos = Agents::delegations_of(account(3));
			infos.sort_by_key(|info| number(&info.agent));
			assert_eq!(
				infos,
				[
					DelegationInfo {
						agent: account(1),
						amount: 50 * UNIT,
						leaving: vec![]
					},
					DelegationInfo {
						agent: account(2),
						amount: 40 * UNIT,
						leaving: vec![(20 * UNIT, 1 + UNBONDING)]
					},
				]
			);
			assert!(Agents::delegations_of(account(4)).is_empty());
		});
}

#[test]
fn pending_slashes_are_listed_by_agent() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.agent(2, &[0], MIN_BOND)
		.build_and_execute(|| {
			offend(1, Offence::NoCommit);
			offend_reported(2, Offence::WrongResult, 5);
			offend(1, Offence::NoReveal);
			let ids: Vec<_> = Agents::pending_slashes(account(1))
				.into_iter()
				.map(|(id, _)| id)
				.collect();
			assert_eq!(ids, [0, 2]);
			assert_eq!(
				Agents::pending_slashes(account(2)),
				[(
					1,
					PendingSlash {
						agent: account(2),
						offence: Offence::WrongResult,
						part: Permill::from_percent(5),
						base: MIN_BOND,
						reporter: Some(account(5)),
						due: 1 + DEFER,
					}
				)]
			);
			assert!(Agents::pending_slashes(account(3)).is_empty());
		});
}

#[test]
fn chances_add_up() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.agent(2, &[0], 3 * MIN_BOND)
		.agent(3, &[1], MIN_BOND)
		.build_and_execute(|| {
			let chance = |n, model| Agents::chance_of(account(n), model);
			assert_eq!(chance(1, 0), Some(Permill::from_percent(25)));
			assert_eq!(chance(2, 0), Some(Permill::from_percent(75)));
			assert_eq!(chance(3, 0), Some(Permill::zero()));
			assert_eq!(chance(1, 4), Some(Permill::zero()), "nobody serves it");
			assert_eq!(chance(1, MODELS), None);
			assert_ok!(Agents::set_profile(signed(2), CUDA));
			assert_eq!(
				chance(1, 0),
				Some(Permill::one()),
				"the other one cannot meet the policy"
			);
		});
}
