//! What falls due, how much of it fits, and that nothing gets lost.

use frame_support::{assert_noop, assert_ok, traits::Hooks, weights::Weight};

use super::E;
use crate::{
	mock::*, types::Phase, weights::SubstrateWeight, Agenda, Cursor, HoldReason, Receipts,
	Requests, WeightInfo, AGENDA_TRIES,
};

type Weights = SubstrateWeight<Test>;

#[test]
fn a_full_block_passes_on_to_the_next() {
	ExtBuilder::default().build_and_execute(|| {
		for _ in 0..MAX_DUE {
			ask();
		}
		let id = ask();
		let request = Requests::<Test>::get(id).expect("open");
		assert_eq!(request.commit_until, 1 + COMMIT + 1);
		assert_eq!(request.reveal_until, 1 + COMMIT + 1 + REVEAL);
		run_to(1 + COMMIT);
		assert_eq!(Requests::<Test>::iter().count(), 1);
		run_to(1 + COMMIT + 1);
		assert_eq!(Requests::<Test>::iter().count(), 0);
	});
}

#[test]
fn no_request_is_taken_that_could_not_end() {
	ExtBuilder::default().build_and_execute(|| {
		let ask = |n| Inference::request(signed(n), MODEL, text("x"), PRICE, MAX_LIFETIME);
		let taken = (0..).take_while(|_| ask(PAYER).is_ok()).count();
		// All blocks in which the first phase could end, less what the second ends there.
		let room = (MAX_DUE * AGENDA_TRIES) as usize;
		assert!(taken >= room / 2 && taken <= room, "{taken} of {room}");
		assert_noop!(ask(OTHER), E::Busy);
		check();
		assert_ok!(Inference::request(
			signed(OTHER),
			MODEL,
			text("x"),
			PRICE,
			MIN_LIFETIME
		));
		run_to(1 + COMMIT + AGENDA_TRIES);
		assert_eq!(Requests::<Test>::iter().count(), 0);
		assert_eq!(held(HoldReason::Fee, PAYER), 0);
		run_to(1 + COMMIT + REVEAL + RETENTION + 2 * AGENDA_TRIES);
		assert_eq!(Receipts::<Test>::iter().count(), 0);
		assert_eq!(free(PAYER), RICH);
		assert_eq!(Agenda::<Test>::iter().count(), 0);
	});
}

#[test]
fn what_is_done_is_off_the_agenda() {
	ExtBuilder::default().build_and_execute(|| {
		let id = ask();
		let due = || {
			Agenda::<Test>::iter()
				.map(|(_, list)| list.len())
				.sum::<usize>()
		};
		assert_eq!(due(), 3);
		commit(AGENT, id, &good());
		assert_eq!(due(), 2);
		reveal(AGENT, id, &good());
		assert_eq!(due(), 1);
		assert_ok!(Inference::forget(signed(PAYER), id));
		assert_eq!(Agenda::<Test>::iter().count(), 0);
	});
}

#[test]
fn a_block_spends_no_more_than_it_may() {
	ExtBuilder::default().agents(3).build_and_execute(|| {
		let before = free(PAYER);
		let ids: Vec<_> = (0..MAX_DUE).map(|_| ask()).collect();
		// Half of them can still be answered.
		for id in &ids[..4] {
			commit(AGENT, *id, &good());
			commit(AGENT + 1, *id, &good());
		}
		let limit = Weights::agenda_base()
			.saturating_add(Weights::agenda_block())
			.saturating_add(Weights::end_commit().saturating_mul(3));
		DueWeight::set(limit);
		let mut served = 0;
		for block in 2..=1 + COMMIT + 2 * MAX_DUE {
			System::set_block_number(block);
			let spent = Inference::on_initialize(block);
			assert!(spent.all_lte(limit), "{spent:?} > {limit:?}");
			let committing = Requests::<Test>::iter_values()
				.filter(|request| request.phase == Phase::Commit)
				.count();
			let now_served = ids.len() - committing;
			if block == 1 + COMMIT {
				assert_eq!(now_served, 3, "no more fit");
				assert_eq!(Cursor::<Test>::get(), Some(block), "it goes on from here");
			}
			assert!(now_served >= served);
			served = now_served;
			for (id, request) in Requests::<Test>::iter() {
				if request.phase == Phase::Reveal && request.reveal_until > block {
					reveal(AGENT, id, &good());
					reveal(AGENT + 1, id, &good());
				}
			}
			check();
		}
		assert_eq!(served, ids.len());
		assert_eq!(Requests::<Test>::iter().count(), 0);
		let answered = Receipts::<Test>::iter_values()
			.filter(|receipt| matches!(receipt.ending, crate::Ending::Answered(_)))
			.count();
		assert_eq!(
			answered, 4,
			"a late start of the reveals leaves time to reveal"
		);
		for id in ids {
			assert_ok!(Inference::forget(signed(PAYER), id));
		}
		assert_eq!(free(PAYER), before - 4 * PRICE);
	});
}

#[test]
fn a_chain_that_had_no_agenda_begins_with_the_present() {
	ExtBuilder::default().build_and_execute(|| {
		System::set_block_number(1_000_000);
		let spent = Inference::on_initialize(1_000_000);
		assert!(spent.all_lte(Weight::from_parts(1_000_000_000, 1_000_000)));
		assert_eq!(Cursor::<Test>::get(), Some(1_000_001));
	});
}

#[test]
#[should_panic(expected = "what falls due must fit into a block")]
fn too_small_a_share_of_the_block_is_told() {
	ExtBuilder::default().build_and_execute(|| {
		DueWeight::set(Weight::from_parts(1, 1));
		Inference::integrity_test();
	});
}
