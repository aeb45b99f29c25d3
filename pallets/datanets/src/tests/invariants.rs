//! Each invariant is noticed when it is broken.

use frame_support::{assert_ok, traits::tokens::fungible::hold::Mutate};
use openledger_primitives::{ContentHash, Hash};
use sp_runtime::DispatchError;

use crate::{
	mock::*, types::MAX_CLUSTER_DEPTH, BatchAt, BatchOf, BatchOfContent, BatchOfRoot, BatchState,
	Batches, Datanets as Records, Descriptions, HoldReason, Link, Links, Listed, NextBatchId,
	NextDatanetId, Pools, Reservations, RulesOf, TotalIncome,
};

/// Breaks a state of four batches, the first pinned, the third linked to it, the last pending, with a
/// paid pool, a list and a reservation, and expects the invariant to be named.
fn broken(invariant: &str, break_it: impl FnOnce()) {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(add(BOB, 0, 0));
		assert_ok!(add(CAROL, 0, 1));
		assert_ok!(add(CAROL, 0, 2));
		assert_ok!(submit(CAROL, 0, 3));
		assert_ok!(link(0, 2));
		assert_ok!(pay(ALICE, 0, 1_000));
		assert_ok!(Datanets::list_contributor(signed(ALICE), 0, BOB));
		assert_ok!(Datanets::reserve(signed(BOB), Hash::zero()));
		Records::<Test>::mutate(0, |datanet| datanet.as_mut().unwrap().pinned = 1);
		assert_ok!(Datanets::do_try_state());
		let checked = frame_support::storage::with_transaction_unchecked(|| {
			break_it();
			sp_runtime::TransactionOutcome::Rollback(Datanets::do_try_state())
		});
		match checked {
			Err(DispatchError::Other(message)) => {
				assert!(
					message.starts_with(invariant),
					"{message}, in place of {invariant}"
				)
			}
			other => panic!("{other:?}, in place of {invariant}"),
		}
	});
}

fn datanet(change: impl FnOnce(&mut crate::Datanet<AccountId>)) {
	Records::<Test>::mutate(0, |datanet| change(datanet.as_mut().unwrap()));
}

fn batch_one(change: impl FnOnce(&mut BatchOf<Test>)) {
	Batches::<Test>::mutate(1, |batch| change(batch.as_mut().unwrap()));
}

fn batch_one_at(index: u32) {
	batch_one(|batch| {
		batch.state = BatchState::Accepted {
			index,
			score: SCORE,
		}
	});
}

fn link_of(batch: u64, change: impl FnOnce(&mut Link)) {
	Links::<Test>::mutate(batch, change);
}

#[test]
fn one_descriptions_rules_and_ids() {
	broken("1", || Descriptions::<Test>::remove(0));
	broken("1", || Descriptions::<Test>::insert(7, details()));
	broken("1", || NextDatanetId::<Test>::put(0));
	broken("1", || RulesOf::<Test>::remove(0));
	broken("1", || {
		RulesOf::<Test>::insert(7, RulesOf::<Test>::get(0).unwrap())
	});
	broken("1", || Listed::<Test>::insert(7, BOB, 0));
	broken("1", || Pools::<Test>::insert(7, crate::Pool::default()));
	broken("1", || datanet(|datanet| datanet.offered_to = Some(ALICE)));
}

#[test]
fn two_counters() {
	broken("2", || datanet(|datanet| datanet.live = 4));
	broken("2", || datanet(|datanet| datanet.pinned = 4));
	broken("2", || datanet(|datanet| datanet.batches = 6));
	broken("2", || {
		datanet(|datanet| {
			datanet.batches = 0;
			datanet.live = 0;
			datanet.pinned = 0;
			datanet.pending = 4;
		});
		for batch in 0..3 {
			Links::<Test>::remove(batch);
			Batches::<Test>::remove(batch);
			BatchAt::<Test>::remove(0, batch as u32);
			BatchOfRoot::<Test>::remove(crate::mock::batch(batch).root);
			BatchOfContent::<Test>::remove(crate::mock::batch(batch).content);
		}
	});
}

#[test]
fn three_places() {
	broken("3", || NextBatchId::<Test>::put(1));
	broken("3", || batch_one(|batch| batch.datanet = 7));
	broken("3", || batch_one_at(3));
	broken("3", || batch_one_at(0));
	broken("3", || batch_one(|batch| batch.state = BatchState::Pending));
	broken("3", || BatchAt::<Test>::insert(7, 0, 1));
	broken("3", || BatchAt::<Test>::insert(0, 9, 3));
	broken("3", || BatchAt::<Test>::insert(7, 0, 9));
}

#[test]
fn four_counts() {
	broken("4", || datanet(|datanet| datanet.live = 1));
	broken("4", || datanet(|datanet| datanet.pending = 0));
	broken("4", || datanet(|datanet| datanet.listed = 0));
	broken("4", || datanet(|datanet| datanet.list_deposit += 1));
}

#[test]
fn five_clusters() {
	let to = |parent| Link {
		parent: Some(parent),
		..Link::default()
	};
	broken("5", || Links::<Test>::insert(9, to(0)));
	broken("5", || Links::<Test>::insert(3, to(0)));
	broken("5", || Links::<Test>::insert(1, Link::default()));
	broken("5", || link_of(2, |link| link.children[0] = 1));
	broken("5", || link_of(0, |link| link.children[0] = 2));
	broken("5", || Links::<Test>::remove(0));
	broken("5", || link_of(0, |link| link.parent = Some(0)));
	broken("5", || {
		link_of(0, |link| link.children[MAX_CLUSTER_DEPTH - 1] = 1)
	});
	// A batch below a later one, with nothing miscounted.
	broken("5", || {
		Links::<Test>::insert(0, to(1));
		link_of(1, |link| link.children[1] = 1);
		link_of(0, |link| link.children[0] = 1);
		// The shares of both have to be right for the check to come this far.
		Pools::<Test>::mutate(0, |pool| {
			pool.shares -= u64::from(SCORE);
			pool.balance -= Datanets::income_of(1).unwrap();
		});
	});
}

#[test]
fn six_roots_and_contents() {
	broken("6", || BatchOfRoot::<Test>::remove(batch(1).root));
	broken("6", || BatchOfRoot::<Test>::insert(Hash::repeat_byte(9), 1));
	broken("6", || BatchOfContent::<Test>::remove(batch(1).content));
	broken("6", || {
		BatchOfContent::<Test>::insert(ContentHash::of(b"?"), 1)
	});
}

#[test]
fn seven_bounds() {
	broken("7", || batch_one(|batch| batch.rows = 0));
	broken("7", || batch_one(|batch| batch.bytes = u64::MAX));
	broken("7", || {
		batch_one(|batch| {
			batch.state = BatchState::Accepted {
				index: 1,
				score: 101,
			}
		})
	});
	broken("7", || {
		RulesOf::<Test>::mutate(0, |rules| rules.as_mut().unwrap().current.batch_deposit = 1)
	});
	broken("7", || {
		RulesOf::<Test>::mutate(0, |record| {
			let rules = crate::Rules {
				access_price_per_day: u128::MAX,
				..rules()
			};
			record.as_mut().unwrap().proposed = Some(crate::Proposal { rules, from: 9 });
		})
	});
}

#[test]
fn eight_deposits() {
	broken("8", || datanet(|datanet| datanet.deposit += 1));
	broken("8", || batch_one(|batch| batch.deposit -= 1));
	broken("8", || Reservations::<Test>::remove(BOB, Hash::zero()));
	broken("8", || {
		Reservations::<Test>::mutate(BOB, Hash::zero(), |reservation| {
			reservation.as_mut().unwrap().deposit += 1
		})
	});
	broken("8", || {
		assert_ok!(Balances::hold(&HoldReason::BatchDeposit.into(), &BOB, 1));
	});
}

#[test]
fn nine_pools() {
	broken("9", || Pools::<Test>::mutate(0, |pool| pool.shares += 1));
	broken("9", || Pools::<Test>::mutate(0, |pool| pool.balance += 1));
	broken("9", || Pools::<Test>::mutate(0, |pool| pool.remainder += 1));
	broken("9", || Pools::<Test>::mutate(0, |pool| pool.per_share += 1));
	broken("9", || Pools::<Test>::remove(0));
	broken("9", || batch_one(|batch| batch.paid = u128::MAX));
	broken("9", || TotalIncome::<Test>::mutate(|total| *total += 1));
	broken("9", || {
		assert_ok!(Balances::force_set_balance(
			RuntimeOrigin::root(),
			Datanets::pot_account(),
			1_009
		));
	});
	broken("9", || {
		Pools::<Test>::take(0);
		for batch in 0..3 {
			Batches::<Test>::mutate(batch, |batch| batch.as_mut().unwrap().paid = 0);
		}
		TotalIncome::<Test>::put(0);
	});
}
