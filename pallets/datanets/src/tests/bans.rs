//! What governance takes out.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{
	data::Locator,
	traits::{DataRegistry, Submissions},
};
use sp_runtime::{DispatchError::BadOrigin, DispatchResult};

use crate::{
	mock::*, reservation_commitment, BatchAt, BatchOfRoot, BatchState, Batches,
	Datanets as Records, Event, Frozen, HoldReason, Links, Pools, TotalIncome,
};

fn ban(batch: u64) -> DispatchResult {
	Datanets::ban_batch(RuntimeOrigin::root(), batch)
}

fn freeze(datanet: u32, frozen: bool) -> DispatchResult {
	Datanets::set_frozen(RuntimeOrigin::root(), datanet, frozen)
}

fn claim(batch: u64) -> DispatchResult {
	Datanets::claim_income(signed(ALICE), batch)
}

fn income(batch: u64) -> u128 {
	Datanets::income_of(batch).unwrap()
}

#[test]
fn a_banned_batch_keeps_its_place_and_nothing_else() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(add(BOB, 0, 0));
		assert_ok!(add(CAROL, 0, 1));
		assert_ok!(ban(0));
		assert_eq!(
			last_event(),
			Event::BatchBanned {
				batch: 0,
				datanet: 0,
				index: 0,
				contributor: BOB,
				forfeited: BATCH_HELD,
				income: 0,
			}
			.into()
		);
		assert_eq!(wealth(BOB), RICH - BATCH_HELD);
		assert_eq!(held(HoldReason::BatchDeposit, BOB), 0);
		let record = Batches::<Test>::get(0).unwrap();
		assert_eq!(record.state, BatchState::Banned { index: 0 });
		assert_eq!((record.deposit, record.locator), (0, Locator::None));
		assert_eq!((record.root, record.rows), (batch(0).root, batch(0).rows));
		assert_eq!(BatchAt::<Test>::get(0, 0), Some(0));
		let datanet = Records::<Test>::get(0).unwrap();
		assert_eq!((datanet.batches, datanet.live), (2, 2));
		assert_eq!(Datanets::contributor(0), None, "nobody is paid for it");
		assert_eq!(Datanets::contributor(1), Some(CAROL));
		let info = <Datanets as DataRegistry<_>>::batch(0).unwrap();
		assert_eq!((info.index, info.locator), (0, Locator::None));
	});
}

#[test]
fn banning_is_refused() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(add(BOB, 0, 0));
		assert_ok!(submit(BOB, 0, 1));
		for who in [ALICE, BOB] {
			assert_noop!(Datanets::ban_batch(signed(who), 0), BadOrigin);
			assert_noop!(Datanets::set_frozen(signed(who), 0, true), BadOrigin);
		}
		assert_noop!(ban(1), E::NotAccepted);
		assert_noop!(ban(2), E::UnknownBatch);
		assert_ok!(ban(0));
		assert_noop!(ban(0), E::BatchBanned);
		assert_noop!(freeze(1, true), E::UnknownDatanet);
		assert_noop!(freeze(1, false), E::UnknownDatanet);
	});
}

#[test]
fn an_inline_file_leaves_the_state() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		let held_before = held(HoldReason::BatchDeposit, BOB);
		assert_ok!(Datanets::add_batch(signed(BOB), 0, inline(0)));
		assert_ok!(accept(0, SCORE));
		let deposit = held(HoldReason::BatchDeposit, BOB) - held_before;
		assert!(deposit > BATCH_HELD);
		assert_ok!(ban(0));
		assert_eq!(Batches::<Test>::get(0).unwrap().locator, Locator::None);
		assert_eq!(wealth(BOB), RICH - deposit);
	});
}

#[test]
fn what_it_earned_and_nobody_claimed_goes_to_the_others() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(add(BOB, 0, 0));
		assert_ok!(add(CAROL, 0, 1));
		assert_ok!(pay(ALICE, 0, 1_600));
		assert_eq!((income(0), income(1)), (800, 800));
		assert_ok!(claim(0));
		assert_ok!(pay(ALICE, 0, 160));
		assert_ok!(ban(0));
		assert!(matches!(
			last_event(),
			RuntimeEvent::Datanets(Event::BatchBanned { income: 80, .. })
		));
		assert_eq!((income(0), income(1)), (0, 880));
		assert_noop!(claim(0), E::NothingToClaim);
		assert_eq!(wealth(BOB), RICH - BATCH_HELD + 800, "paid is paid");
		let pool = Pools::<Test>::get(0);
		assert_eq!((pool.shares, pool.remainder), (SCORE.into(), 80));
		assert_ok!(pay(ALICE, 0, 80));
		assert_eq!((income(0), income(1)), (0, 1_040));
		assert_ok!(claim(1));
		assert_eq!(TotalIncome::<Test>::get(), 0);
	});
}

#[test]
fn where_all_are_banned_nobody_can_be_paid() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(add(BOB, 0, 0));
		assert_ok!(pay(ALICE, 0, 800));
		assert_ok!(ban(0));
		assert_noop!(pay(ALICE, 0, 800), E::NoContributors);
		assert_noop!(
			Datanets::close_datanet(signed(ALICE), 0),
			E::DatanetNotEmpty
		);
		assert_ok!(add(CAROL, 0, 1));
		assert_ok!(pay(ALICE, 0, 80));
		assert_eq!(income(1), 880);
	});
}

#[test]
fn what_is_pinned_is_banned_and_stays_pinned() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(add(BOB, 0, 0));
		assert_ok!(add(BOB, 0, 1));
		assert_ok!(Datanets::pin(0, 2));
		assert_ok!(ban(1));
		assert_eq!(Datanets::batch_count(0), Some(2));
		assert_eq!(Datanets::batch_at(0, 1), Some(1));
		assert_eq!(
			Datanets::verify_row(1, 0, leaves(1)[0], Vec::new()),
			Some(false),
			"its root is still there to check against"
		);
		assert_eq!(Datanets::batches_of(0, 0, 10).len(), 2);
	});
}

#[test]
fn in_a_cluster_the_head_alone_is_paid_banned_or_not() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		for n in 0..4 {
			assert_ok!(add(BOB, 0, n));
		}
		assert_ok!(link(1, 2));
		// A copy below the head: the head goes on.
		assert_ok!(ban(2));
		assert_eq!(Pools::<Test>::get(0).shares, 3 * u64::from(SCORE));
		// The head: nobody steps into its place.
		assert_ok!(ban(1));
		assert_eq!(Pools::<Test>::get(0).shares, 2 * u64::from(SCORE));
		assert_eq!(<Datanets as DataRegistry<_>>::cluster(2), 1);
		assert_eq!(Datanets::contributor(1), None);
		// A duplicate that is found later is not paid any more, an earlier head is.
		assert_ok!(link(3, 1));
		assert_eq!(Pools::<Test>::get(0).shares, u64::from(SCORE));
		assert_ok!(link(0, 1));
		assert_eq!(<Datanets as Submissions<_>>::cluster(3), Some(0));
		assert_eq!(Pools::<Test>::get(0).shares, u64::from(SCORE));
		assert_eq!(Links::<Test>::get(1).parent, Some(0));
		assert_ok!(pay(ALICE, 0, 80));
		assert_eq!(income(0), 80);
	});
}

#[test]
fn attack_a_banned_batch_is_withdrawn_and_added_anew() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(create(CAROL));
		assert_ok!(add(BOB, 0, 0));
		assert_ok!(ban(0));
		assert_noop!(withdraw(BOB, 0), E::BatchBanned);
		for datanet in [0, 1] {
			assert_noop!(submit(BOB, datanet, 0), E::DuplicateRoot);
			assert_noop!(submit(CAROL, datanet, 0), E::DuplicateRoot);
		}
		assert_eq!(BatchOfRoot::<Test>::get(batch(0).root), Some(0));
	});
}

#[test]
fn attack_a_banned_batch_is_claimed_by_a_reservation() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		let salt = [7; 32];
		let details = batch(0);
		let commitment = reservation_commitment(&CAROL, &details.root, &details.content, &salt);
		assert_ok!(Datanets::reserve(signed(CAROL), commitment));
		System::set_block_number(2);
		assert_ok!(add(BOB, 0, 0));
		assert_ok!(ban(0));
		assert_noop!(
			Datanets::claim_batch(signed(CAROL), 0, salt),
			E::BatchBanned
		);
		assert_ok!(Datanets::cancel_reservation(signed(CAROL), commitment));
		assert_eq!(wealth(CAROL), RICH);
	});
}

#[test]
fn a_frozen_datanet_takes_no_new_batches() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(create(ALICE));
		assert_ok!(submit(BOB, 0, 0));
		assert_ok!(freeze(0, true));
		assert_eq!(
			last_event(),
			Event::FrozenSet {
				datanet: 0,
				frozen: true
			}
			.into()
		);
		assert_ok!(freeze(0, true));
		assert_noop!(submit(BOB, 0, 1), E::DatanetFrozen);
		assert_noop!(submit(ALICE, 0, 1), E::DatanetFrozen);
		assert_ok!(submit(BOB, 1, 1));
		assert_ok!(accept(0, SCORE));
		assert_ok!(pay(ALICE, 0, 80));
		assert_ok!(claim(0));
		assert_ok!(withdraw(BOB, 0));
		assert_ok!(freeze(0, false));
		assert_ok!(submit(BOB, 0, 0));
	});
}

#[test]
fn a_frozen_datanet_that_is_closed_leaves_nothing_behind() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(freeze(0, true));
		assert_ok!(Datanets::close_datanet(signed(ALICE), 0));
		assert_eq!(Frozen::<Test>::iter().count(), 0);
	});
}
