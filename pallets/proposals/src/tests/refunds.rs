//! What goes back, and what is removed in the end.

use frame_support::{assert_noop, assert_ok};

use crate::{mock::*, Backers, Delivered, Event, HoldReason::*, Proposals, Stage};

#[test]
fn who_objects_to_what_others_pay_for_takes_its_rest() {
	ExtBuilder::default().build_and_execute(|| {
		let id = building();
		pay_silently(id);
		deliver(id, file());
		vote(id, BOB, 1, false);
		vote(id, ALICE, 1, true);
		assert_eq!(Escrow::refund_of(id, BOB), None);
		assert_noop!(Escrow::refund(signed(BOB), id, BOB), E::NothingToRefund);
		pass(VOTING);
		resolve(id);
		// Bob's 600 of the first milestone are spent; of the second he pays nothing.
		let event = Event::MilestonePaid {
			proposal: id,
			milestone: 1,
			amount: 2_100,
			left: 2_400,
		};
		assert_eq!(last_event(), event.into());
		assert_eq!(Escrow::refund_of(id, BOB), Some(2_400));
		let mut backers = Escrow::backers_of(id, None, 100);
		backers.sort_unstable();
		assert_eq!(backers, [(ALICE, 5_000), (CAROL, 2_000)]);
		// What he is due waits, whatever comes.
		let model = model(BUILDER);
		deliver(id, version(model));
		assert_noop!(Escrow::vote(signed(BOB), id, 2, true), E::BackerLeft);
		vote(id, ALICE, 2, true);
		vote(id, CAROL, 2, true);
		resolve(id);
		assert_eq!(wealth(BUILDER), RICH + 2_000 + 2_100 + 3_500);
		assert_eq!(pot(), 2_400);
		assert_eq!(Escrow::refund_of(id, BOB), Some(2_400));
		refund(id, BOB);
		let event = Event::Refunded {
			proposal: id,
			who: BOB,
			amount: 2_400,
			of: 3_000,
		};
		assert_eq!(last_event(), event.into());
		assert_eq!((wealth(BOB), pot()), (RICH - 600, 0));
	});
}

#[test]
fn rests_are_rounded_down_and_the_last_one_gets_what_is_left() {
	ExtBuilder::default().build_and_execute(|| {
		let id = funding(terms_of(&[100, 101]));
		back(id, ALICE, 67);
		back(id, BOB, 67);
		back(id, CAROL, 67);
		pay_silently(id);
		pass(WITHIN);
		assert_ok!(Escrow::expire(signed(STRANGER), id));
		// 67 × 101 ÷ 201 is 33⅔.
		for (who, rest) in [(CAROL, 33), (ALICE, 33), (BOB, 35)] {
			assert_eq!(Escrow::refund_of(id, who), Some(rest));
			refund(id, who);
			assert_eq!(wealth(who), RICH - 67 + rest);
		}
		assert_eq!(pot(), 0);
	});
}

#[test]
fn the_record_of_who_funded_a_model_stays_for_a_time() {
	ExtBuilder::default().build_and_execute(|| {
		let (id, model) = completed();
		let until = System::block_number() + MAX_BUILDING;
		assert_eq!(stage(id), Stage::Completed { model, until });
		assert_noop!(Escrow::refund(signed(STRANGER), id, ALICE), E::OnRecord);
		assert_ok!(Escrow::refund(signed(CAROL), id, CAROL));
		assert_eq!((wealth(CAROL), held(Deposit, CAROL)), (RICH - 2_000, 0));
		assert_eq!(Escrow::backers_of(id, None, 100).len(), 2);
		assert_noop!(Escrow::close(signed(STRANGER), id), E::NotDue);
		System::set_block_number(until);
		assert_noop!(Escrow::close(signed(STRANGER), id), E::BackersLeft);
		refund(id, ALICE);
		refund(id, BOB);
		assert_ok!(Escrow::close(signed(STRANGER), id));
		assert_eq!(last_event(), Event::Closed { proposal: id }.into());
		assert_eq!(Escrow::funded_by(model), None);
		assert_eq!(Proposals::<Test>::iter().count(), 0);
		assert_eq!(Backers::<Test>::iter().count(), 0);
		assert_eq!(Delivered::<Test>::iter().count(), 0);
		for who in 1..7 {
			assert_eq!(held(Deposit, who) + held(Bond, who), 0);
		}
	});
}

#[test]
fn nothing_is_removed_before_it_is_over() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(Escrow::close(signed(STRANGER), 0), E::UnknownProposal);
		assert_noop!(
			Escrow::refund(signed(STRANGER), 0, ALICE),
			E::UnknownProposal
		);
		let id = proposed(terms());
		assert_noop!(Escrow::close(signed(STRANGER), id), E::StillOpen);
		assert_noop!(
			Escrow::refund(signed(STRANGER), id, ALICE),
			E::UnknownBacker
		);
		assert_eq!(Escrow::refund_of(id, ALICE), None);
		let id = building();
		assert_noop!(Escrow::close(signed(STRANGER), id), E::StillOpen);
		deliver(id, file());
		assert_noop!(Escrow::close(signed(STRANGER), id), E::StillOpen);
	});
}

#[test]
fn backers_come_in_pages() {
	ExtBuilder::default().build_and_execute(|| {
		let id = building();
		let first = Escrow::backers_of(id, None, 2);
		let second = Escrow::backers_of(id, Some(first[1].0), 2);
		let mut all = [first, second].concat();
		all.sort_unstable();
		assert_eq!(all, [(ALICE, 5_000), (BOB, 3_000), (CAROL, 2_000)]);
		assert!(Escrow::backers_of(7, None, 2).is_empty());
	});
}
