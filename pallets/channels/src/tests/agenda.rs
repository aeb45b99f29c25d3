//! What falls due, on a chain that has little time for it.

use frame_support::{assert_ok, weights::Weight};
use openledger_primitives::traits::Offence;

use crate::{mock::*, Agenda, Cursors, HoldReason, OpenBatches, Queue, Stage};

#[test]
fn thousands_of_deadlines_are_reached_in_bounded_blocks() {
	new_test_ext().execute_with(|| {
		const CHANNELS: u64 = 5_000;
		for id in 0..CHANNELS {
			open_by(PAYER, AGENT, 10 * FEE);
			posted(id, 1);
		}
		check();
		// A third is challenged, of that a half disclosed, a third is closing.
		for id in (0..CHANNELS).step_by(3) {
			assert_ok!(challenge(CHALLENGER, id, 0, 0));
		}
		for id in (1..CHANNELS).step_by(3) {
			assert_ok!(Channels::close(signed(PAYER), id));
		}
		assert_eq!(OpenBatches::<Test>::get(), CHANNELS as u32);

		let room = Channels::dearest_item().saturating_mul(2);
		DueWeight::set(room);
		let posted_at = now();
		let mut most = Weight::zero();
		while Agenda::<Test>::iter().next().is_some() {
			System::set_block_number(now() + 1);
			let spent = <Channels as frame_support::traits::Hooks<_>>::on_initialize(now());
			most = most.max(spent);
			assert!(
				now() < posted_at + Channels::longest_life(),
				"all is served"
			);
		}
		let begin = <Test as crate::Config>::WeightInfo::begin_block();
		use crate::WeightInfo;
		assert!(
			most.all_lte(room.saturating_add(begin)),
			"no block does more"
		);
		assert!(now() > posted_at + WINDOW + 50, "they took their turns");
		check();
		assert_eq!(OpenBatches::<Test>::get(), 0);
		let upheld = CHANNELS.div_ceil(3) as usize;
		assert_eq!(
			Offences::get(),
			vec![(AGENT, Offence::WrongResult, Some(CHALLENGER)); upheld]
		);
		assert_eq!(free(CHALLENGER), RICH);
		let left = (CHANNELS / 3) as u128;
		assert_eq!(held(HoldReason::Funds, PAYER), left * 9 * FEE);
	});
}

#[test]
fn channels_do_not_keep_batches_waiting() {
	execute(|| {
		for _ in 0..80 {
			let id = open();
			assert_ok!(Channels::close(signed(PAYER), id));
		}
		run(CLOSING - WINDOW);
		let id = open();
		posted(id, 1);
		// All fall due in one block, with room for a batch and what its settlement leaves.
		DueWeight::set(Channels::dearest_item());
		run(WINDOW);
		assert!(!is_open(id, 0));
		assert!(Agenda::<Test>::iter().count() > 0, "they wait instead");
		check();
		run(40);
		assert_eq!(Agenda::<Test>::iter().count(), 0);
	});
}

#[test]
fn nothing_is_passed_over() {
	execute(|| {
		let id = open();
		posted(id, 1);
		DueWeight::set(Weight::zero());
		run(WINDOW + 10);
		assert!(is_open(id, 0));
		assert!(Cursors::<Test>::get(Queue::Batches).expect("set") <= 1 + WINDOW);
		check();
		DueWeight::set(Weight::MAX);
		run(1);
		assert!(!is_open(id, 0));
	});
}

#[test]
fn a_life_has_a_bound() {
	execute(|| {
		let served = posted(open(), 2);
		let posted_at = now();
		// As late as can be, each time.
		run(WINDOW - 1);
		loop {
			if challenge(PAYER, served.id, 0, 0).is_err() {
				break;
			}
			run(DISCLOSE - 1);
			assert_ok!(served.disclose(0, 0));
			run(RERUN - 1);
			assert_ok!(rerun(PAYER, &served, 0, 0));
			run(RECOMPUTE);
			rule(
				request_of(served.id, 0),
				openledger_primitives::traits::Ruling::Confirmed,
			);
			if let Stage::Open { until } = batch(served.id, 0).stage {
				run_to(until - 1);
			}
		}
		run(2);
		assert!(!is_open(served.id, 0));
		assert!(now() > posted_at + MAX_WINDOW);
		assert!(now() < posted_at + Channels::longest_life());
	});
}
