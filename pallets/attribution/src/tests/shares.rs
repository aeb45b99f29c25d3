//! Moving the shares.

use crate::{mock::*, Error, Event};
use frame_support::{assert_noop, assert_ok};
use openledger_primitives::split::Shares;
use sp_runtime::DispatchError;

const OTHER: Shares = Shares {
	burn: 1_000,
	treasury: 1_000,
	model: 1_000,
	operators: 2_000,
	data: 5_000,
};

#[test]
fn new_shares_hold_from_the_next_run_on() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Attribution::set_shares(RuntimeOrigin::root(), OTHER));
		System::assert_last_event(
			Event::SharesSet {
				old: Shares::DEFAULT,
				new: OTHER,
			}
			.into(),
		);
		assert_eq!(Attribution::shares(), OTHER);
		let parts = TestRun::default().settle(1_000).payment.parts;
		assert_eq!(
			[
				parts.burn,
				parts.treasury,
				parts.model,
				parts.operators,
				parts.data
			],
			[100, 100, 100, 200, 500]
		);
	});
}

#[test]
fn only_its_origin_moves_the_shares() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			Attribution::set_shares(RuntimeOrigin::signed(PAYER), OTHER),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn shares_out_of_bounds_are_refused() {
	let (least, most) = (Shares::MIN, Shares::MAX);
	for shares in [
		// Not the whole.
		Shares {
			data: 5_001,
			..OTHER
		},
		// Burn and treasury are what self-dealing costs.
		Shares {
			burn: least.burn - 1,
			data: 5_901,
			..OTHER
		},
		Shares {
			treasury: least.treasury - 1,
			data: 5_901,
			..OTHER
		},
		Shares {
			burn: most.burn + 1,
			data: 3_999,
			..OTHER
		},
		Shares {
			operators: least.operators - 1,
			data: 6_001,
			..OTHER
		},
		Shares {
			data: least.data - 1,
			model: 4_001,
			..OTHER
		},
	] {
		ExtBuilder::default().build_and_execute(|| {
			assert_noop!(
				Attribution::set_shares(RuntimeOrigin::root(), shares),
				Error::<Test>::SharesOutOfBounds
			);
		});
	}
}
