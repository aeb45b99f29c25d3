//! Moving the shares.

use crate::{mock::*, Error, Event};
use frame_support::{assert_noop, assert_ok};
use openledger_primitives::split::{Shares, BASIS_POINTS};
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

/// The shares with the one at `at` as given, and the others as high as they may be from the first on, so
/// that all sum up to the whole.
fn with(at: usize, share: u32) -> Shares {
	let of = |shares: Shares| {
		[
			shares.burn,
			shares.treasury,
			shares.model,
			shares.operators,
			shares.data,
		]
	};
	let most = of(Shares::MAX);
	let mut shares = of(Shares::MIN);
	shares[at] = share;
	for (n, other) in shares.clone().into_iter().enumerate() {
		let missing = BASIS_POINTS - shares.iter().sum::<u32>();
		if n != at {
			shares[n] = most[n].min(other + missing);
		}
	}
	assert_eq!(shares.iter().sum::<u32>(), BASIS_POINTS);
	let [burn, treasury, model, operators, data] = shares;
	Shares {
		burn,
		treasury,
		model,
		operators,
		data,
	}
}

#[test]
fn each_share_is_taken_at_its_bounds_and_refused_one_beyond() {
	let bounds = [
		(Shares::MIN.burn, Shares::MAX.burn),
		(Shares::MIN.treasury, Shares::MAX.treasury),
		(Shares::MIN.model, Shares::MAX.model),
		(Shares::MIN.operators, Shares::MAX.operators),
		(Shares::MIN.data, Shares::MAX.data),
	];
	ExtBuilder::default().build_and_execute(|| {
		let set = |shares| Attribution::set_shares(RuntimeOrigin::root(), shares);
		for (at, (least, most)) in bounds.into_iter().enumerate() {
			for share in [least, most] {
				assert_ok!(set(with(at, share)));
			}
			for share in [0, least - 1, most + 1] {
				assert_noop!(set(with(at, share)), Error::<Test>::SharesOutOfBounds);
			}
		}
	});
}
