//! What falls due, how much of it fits, and that nothing gets lost.

use frame_support::{assert_ok, traits::Hooks, weights::Weight};

use crate::{
	mock::*,
	types::{Phase, Queue},
	Agenda, Cursors, Ending, HoldReason, OpenRequests, Receipts, Requests, WeightInfo,
};

type Weights = <Test as crate::Config>::WeightInfo;

/// Room for so many items of the dearest kind.
fn room_for(items: u64) -> Weight {
	let item = <Inference as openledger_pallet_support::agenda::Keeper>::max_item_weight();
	Weights::agenda_base()
		.saturating_add(Weights::agenda_block().saturating_mul(2))
		.saturating_add(item.saturating_mul(items))
}

#[test]
fn each_request_has_one_deadline_and_then_its_receipt_has() {
	ExtBuilder::default().build_and_execute(|| {
		let due = || {
			Agenda::<Test>::iter()
				.map(|((queue, block), _, _)| (queue, block))
				.collect::<Vec<_>>()
		};
		let id = ask();
		assert_eq!(due(), [(Queue::Deadlines, 1 + DELAY)]);
		run_to(1 + DELAY);
		assert_eq!(due(), [(Queue::Deadlines, now() + COMMIT)]);
		run_to(now() + 1);
		commit(AGENT, id, &good());
		assert_eq!(due(), [(Queue::Deadlines, now() + REVEAL)]);
		reveal(AGENT, id, &good());
		assert_eq!(due(), [(Queue::Receipts, now() + RETENTION)]);
		forget(id);
		assert_eq!(due(), []);
	});
}

#[test]
fn a_block_spends_no_more_than_it_may() {
	ExtBuilder::default().agents(3).build_and_execute(|| {
		let before = free(PAYER);
		let ids: Vec<_> = (0..8).map(|_| ask()).collect();
		run_to(now() + DELAY);
		// Half of them can still be answered.
		for id in &ids[..4] {
			commit(AGENT, *id, &good());
			commit(AGENT + 1, *id, &good());
		}
		let limit = room_for(1);
		DueWeight::set(limit);
		let committing_until = now() + COMMIT;
		let mut served = 0;
		for block in now() + 1..=now() + COMMIT + DELAY + 16 {
			System::set_block_number(block);
			let spent = Inference::on_initialize(block).saturating_sub(Weights::begin_block());
			assert!(spent.all_lte(limit), "{spent:?} > {limit:?}");
			let committing = Requests::<Test>::iter_values()
				.filter(|request| request.phase == Phase::Commit)
				.count();
			let now_served = ids.len() - committing;
			if block == committing_until {
				assert!((1..8).contains(&now_served), "no more fit");
				assert_eq!(
					Cursors::<Test>::get(Queue::Deadlines),
					Some(block),
					"it goes on from here"
				);
			}
			assert!(now_served >= served);
			served = now_served;
			for (id, request) in Requests::<Test>::iter() {
				if request.phase == Phase::Reveal && request.until > block {
					reveal(AGENT, id, &good());
					reveal(AGENT + 1, id, &good());
				}
			}
			check();
		}
		assert_eq!(served, ids.len());
		assert_eq!(Requests::<Test>::iter().count(), 0);
		let answered = Receipts::<Test>::iter_values()
			.filter(|receipt| matches!(receipt.ending, Ending::Answered(_)))
			.count();
		assert_eq!(
			answered, 4,
			"a late start of the reveals leaves time to reveal"
		);
		run_to(now() + EVIDENCE);
		for id in ids {
			assert_ok!(Inference::forget(signed(PAYER), id));
		}
		assert_eq!(free(PAYER), before - 4 * FEE);
	});
}

#[test]
fn receipts_never_delay_deadlines() {
	ExtBuilder::default().build_and_execute(|| {
		let ids: Vec<_> = (0..200).map(|_| ask()).collect();
		run_to(1 + DELAY);
		for id in ids {
			run_committee(id, &[(AGENT, good())]);
		}
		// All receipts fall due in one block, and a draw.
		let forget_at = now() + RETENTION;
		run_to(forget_at - DELAY);
		let id = ask();
		run_to(forget_at - 1);
		DueWeight::set(room_for(1));
		run_to(forget_at);
		assert_eq!(committee(id), [AGENT]);
		assert!(Receipts::<Test>::iter().count() > 0, "they wait instead");
		run_to(forget_at + COMMIT);
		DueWeight::set(Weight::MAX);
		run_to(now() + 1);
		assert_eq!(Receipts::<Test>::iter().count(), 0);
	});
}

#[test]
fn ten_thousand_requests_come_to_their_end() {
	ExtBuilder::default().agents(3).build_and_execute(|| {
		const MANY: u32 = 10_000;
		let before = free(PAYER);
		MaxOpen::set(MANY);
		(0..MANY).for_each(|_| {
			ask();
		});
		assert!(Inference::request(signed(PAYER), MODEL, inline("x"), FEE, 1).is_err());
		let limit = room_for(50);
		DueWeight::set(limit);
		let longest = Inference::longest_life();
		assert!(longest < 2_000, "{longest}");
		let (mut blocks, mut most) = (0, 0);
		while OpenRequests::<Test>::get() > 0 {
			let block = now() + 1;
			System::set_block_number(block);
			System::reset_events();
			let spent = Inference::on_initialize(block).saturating_sub(Weights::begin_block());
			assert!(spent.all_lte(limit), "{spent:?} > {limit:?}");
			blocks += 1;
			most = most.max(spent.ref_time());
			assert!(blocks <= longest, "every request has its end in time");
		}
		assert!(most > limit.ref_time() / 2, "there was something to do");
		check();
		assert_eq!(held(HoldReason::Fee, PAYER), 0);
		DueWeight::set(Weight::MAX);
		run_to(now() + longest + RETENTION);
		assert_eq!(Receipts::<Test>::iter().count(), 0);
		assert_eq!(Agenda::<Test>::iter().count(), 0);
		assert_eq!(free(PAYER), before, "to the last unit");
	});
}

#[test]
fn a_chain_that_had_no_agenda_begins_with_the_present() {
	ExtBuilder::default().build_and_execute(|| {
		Cursors::<Test>::remove(Queue::Deadlines);
		Cursors::<Test>::remove(Queue::Receipts);
		System::set_block_number(1_000_000);
		let spent = Inference::on_initialize(1_000_000);
		assert!(spent.all_lte(Weight::from_parts(2_000_000_000, 1_000_000)));
		for queue in [Queue::Deadlines, Queue::Receipts] {
			assert_eq!(Cursors::<Test>::get(queue), Some(1_000_001));
		}
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
