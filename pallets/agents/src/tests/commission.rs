//! What agents keep of their delegators' rewards.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::traits::DelegatedRewards;
use sp_runtime::Permill;

use super::E;
use crate::{mock::*, Event};

fn set(percent: u32) -> sp_runtime::DispatchResult {
	Agents::set_commission(signed(1), Permill::from_percent(percent))
}

#[test]
fn a_commission_rises_slowly_and_falls_at_will() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.build_and_execute(|| {
			assert_noop!(set(11), E::CommissionPeriod);
			run_to(PERIOD);
			assert_noop!(set(11), E::CommissionPeriod);
			run_to(1 + PERIOD);
			assert_noop!(set(16), E::CommissionStep);
			assert_ok!(set(15));
			System::assert_last_event(
				Event::CommissionSet {
					agent: account(1),
					commission: Permill::from_percent(15),
				}
				.into(),
			);
			assert_ok!(set(3));
			assert_noop!(set(4), E::CommissionPeriod);
			run(PERIOD);
			assert_noop!(set(9), E::CommissionStep);
			assert_ok!(set(8));
			assert_noop!(set(31), E::CommissionTooHigh);
			assert_noop!(
				Agents::set_commission(signed(2), Permill::zero()),
				E::NotRegistered
			);
		});
}

#[test]
fn no_way_up_is_faster_than_a_step_a_period() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.build_and_execute(|| {
			let mut highest = vec![10];
			for block in 2..10 * PERIOD {
				run_to(block);
				// It tries whatever it can, from the highest on.
				let reached = (0..=30).rev().find(|percent| set(*percent).is_ok());
				highest.push(reached.expect("the same one is always in order"));
			}
			for (block, percent) in highest.iter().enumerate() {
				let earlier = block.saturating_sub(PERIOD as usize - 1);
				assert!(percent - highest[earlier] <= 5, "block {block}");
			}
			assert_eq!(highest.last(), Some(&30), "and not above the highest");
		});
}

#[test]
fn rewards_are_parted_by_stake_less_the_commission() {
	ExtBuilder::default()
		.agent(1, &[0], MIN_BOND)
		.agent(2, &[0], MIN_BOND)
		.delegation(3, 1, 3 * MIN_BOND)
		.build_and_execute(|| {
			let part = |n, amount| Agents::delegated_part(&account(n), amount);
			assert_eq!(part(1, 1_000), 675, "three quarters less 10 %");
			assert_eq!(part(1, 7), 4, "5.25 less 0.5, rounded against them");
			assert_eq!(part(1, 1), 0);
			assert_eq!(part(2, 1_000), 0, "nobody has delegated");
			assert_eq!(part(9, 1_000), 0, "nobody is there");
			delegate(4, 1, 7 * MIN_BOND);
			assert_eq!(
				part(1, 1_000),
				720,
				"four times the bond count, which is four fifths"
			);
			assert_eq!(part(1, u128::MAX / 2), {
				let whole = u128::MAX / 2 / 5 * 4 + 1;
				whole - Permill::from_percent(10).mul_ceil(whole)
			});
		});
}
