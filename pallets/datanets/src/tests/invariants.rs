//! Each invariant is noticed when it is broken.

use frame_support::{assert_ok, traits::tokens::fungible::hold::Mutate};
use openledger_primitives::{ContentHash, Hash};
use sp_runtime::DispatchError;

use crate::{
	mock::*, BatchAt, BatchOfContent, BatchOfRoot, Batches, Datanets as Records, Descriptions,
	HoldReason, NextBatchId, NextDatanetId,
};

/// Breaks a state of two batches, the first of them pinned, and expects the invariant to be named.
fn broken(invariant: &str, break_it: impl FnOnce()) {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(add(BOB, 0, 0));
		assert_ok!(add(CAROL, 0, 1));
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

fn batch_one(change: impl FnOnce(&mut crate::Batch<AccountId>)) {
	Batches::<Test>::mutate(1, |batch| change(batch.as_mut().unwrap()));
}

#[test]
fn one_descriptions_and_ids() {
	broken("1", || Descriptions::<Test>::remove(0));
	broken("1", || Descriptions::<Test>::insert(7, details()));
	broken("1", || NextDatanetId::<Test>::put(0));
}

#[test]
fn two_counters() {
	broken("2", || datanet(|datanet| datanet.live = 3));
	broken("2", || datanet(|datanet| datanet.pinned = 3));
	broken("2", || datanet(|datanet| datanet.batches = 7));
}

#[test]
fn three_places() {
	broken("3", || NextBatchId::<Test>::put(1));
	broken("3", || batch_one(|batch| batch.datanet = 7));
	broken("3", || batch_one(|batch| batch.index = 2));
	broken("3", || batch_one(|batch| batch.index = 0));
	broken("3", || BatchAt::<Test>::insert(7, 0, 1));
	broken("3", || BatchAt::<Test>::insert(7, 0, 9));
}

#[test]
fn four_and_five_live_batches_in_order() {
	broken("4", || datanet(|datanet| datanet.live = 1));
	broken("4", || BatchAt::<Test>::insert(0, 2, 9));
	broken("5", || {
		BatchAt::<Test>::insert(0, 0, 1);
		BatchAt::<Test>::insert(0, 1, 0);
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
}

#[test]
fn eight_deposits() {
	broken("8", || datanet(|datanet| datanet.deposit += 1));
	broken("8", || batch_one(|batch| batch.deposit -= 1));
	broken("8", || {
		assert_ok!(Balances::hold(&HoldReason::BatchDeposit.into(), &BOB, 1));
	});
}
