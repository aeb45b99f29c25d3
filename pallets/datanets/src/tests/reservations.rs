//! Reservations.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{traits::DataRegistry, ContentHash, Hash};
use sp_runtime::TokenError;

use crate::{
	mock::*, reservation_commitment, Batches, Contributors, Event, HoldReason, Reservation,
	Reservations, Rules,
};

const SALT: [u8; 32] = [5; 32];

fn commitment(who: AccountId, n: u64) -> Hash {
	reservation_commitment(&who, &batch(n).root, &batch(n).content, &SALT)
}

fn reserve(who: AccountId, n: u64) {
	assert_ok!(Datanets::reserve(signed(who), commitment(who, n)));
}

fn claim(who: AccountId, batch: u64) -> sp_runtime::DispatchResult {
	Datanets::claim_batch(signed(who), batch, SALT)
}

fn at(block: u64) {
	System::set_block_number(block);
}

#[test]
fn a_commitment_is_what_clients_compute() {
	let (root, content) = (Hash::repeat_byte(1), ContentHash([2; 32]));
	// A string as SCALE has it: 18 bytes, the length times four in front.
	let mut preimage = vec![18 << 2];
	preimage.extend(b"openledger/reserve");
	preimage.extend(7u64.to_le_bytes());
	preimage.extend([1; 32]);
	preimage.extend([2; 32]);
	preimage.extend(SALT);
	assert_eq!(
		reservation_commitment(&7u64, &root, &content, &SALT).0,
		sp_io::hashing::blake2_256(&preimage)
	);
}

#[test]
fn a_reservation_is_paid_for_until_it_is_given_up() {
	ExtBuilder::default().build_and_execute(|| {
		let hash = commitment(BOB, 0);
		assert_ok!(Datanets::reserve(signed(BOB), hash));
		assert_eq!(
			last_event(),
			Event::Reserved {
				who: BOB,
				commitment: hash,
				deposit: 30,
				until: 101
			}
			.into()
		);
		assert_eq!(
			Reservations::<Test>::get(BOB, hash),
			Some(Reservation {
				since: 1,
				deposit: 30
			})
		);
		assert_eq!(held(HoldReason::Reservation, BOB), 30);
		assert_noop!(Datanets::reserve(signed(BOB), hash), E::AlreadyReserved);
		// Copying a commitment keeps nobody from reserving.
		assert_ok!(Datanets::reserve(signed(CAROL), hash));
		assert_noop!(
			Datanets::cancel_reservation(signed(PAUPER), hash),
			E::NoReservation
		);
		assert_ok!(Datanets::cancel_reservation(signed(BOB), hash));
		assert_eq!(
			last_event(),
			Event::ReservationEnded {
				who: BOB,
				commitment: hash,
				deposit: 30
			}
			.into()
		);
		assert_eq!(wealth(BOB), RICH);
		assert_eq!(held(HoldReason::Reservation, BOB), 0);
		assert_noop!(
			Datanets::cancel_reservation(signed(BOB), hash),
			E::NoReservation
		);
		assert_ok!(Datanets::reserve(signed(PAUPER), hash));
		assert_noop!(
			Datanets::reserve(signed(PAUPER), Hash::zero()),
			TokenError::FundsUnavailable
		);
	});
}

#[test]
fn who_reserved_before_gets_the_batch() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		reserve(BOB, 0);
		at(2);
		assert_ok!(submit(CAROL, 0, 0));
		assert_ok!(claim(BOB, 0));
		assert_eq!(
			last_event(),
			Event::BatchClaimed {
				batch: 0,
				from: CAROL,
				to: BOB,
				deposit: BATCH_HELD
			}
			.into()
		);
		assert_eq!(Batches::<Test>::get(0).unwrap().contributor, BOB);
		assert_eq!(wealth(CAROL), RICH - BATCH_HELD);
		assert_eq!(held(HoldReason::BatchDeposit, CAROL), 0);
		assert_eq!(wealth(TREASURY), BATCH_HELD);
		assert_eq!(wealth(BOB), RICH);
		assert_eq!(held(HoldReason::BatchDeposit, BOB), BATCH_HELD);
		assert_eq!(held(HoldReason::Reservation, BOB), 0);
		assert_eq!(Reservations::<Test>::iter().count(), 0);
		assert_ok!(accept(0, SCORE));
		assert_eq!(Points::get().first().unwrap().0, BOB);
	});
}

#[test]
fn what_makes_a_claim_fail() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(submit(CAROL, 0, 0));
		assert_noop!(claim(BOB, 9), E::UnknownBatch);
		assert_noop!(claim(CAROL, 0), E::AlreadyContributor);
		assert_noop!(claim(BOB, 0), E::NoReservation);
		reserve(BOB, 0);
		assert_noop!(
			Datanets::claim_batch(signed(BOB), 0, [6; 32]),
			E::NoReservation
		);
		assert_noop!(claim(BOB, 0), E::ReservedTooLate);
		reserve(BOB, 1);
		at(2);
		assert_noop!(claim(BOB, 0), E::ReservedTooLate);
		assert_ok!(submit(CAROL, 0, 1));
		at(102);
		assert_noop!(claim(BOB, 1), E::ReservationExpired);
		at(101);
		assert_ok!(accept(1, SCORE));
		assert_ok!(<Datanets as DataRegistry<_>>::pin(0, 1));
		assert_noop!(claim(BOB, 1), E::BatchInUse);
	});
}

#[test]
fn a_claim_lets_nobody_in_that_the_rules_keep_out() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		let listed = Rules {
			contributors: Contributors::Listed,
			..rules()
		};
		change(ALICE, 0, listed);
		assert_ok!(Datanets::list_contributor(signed(ALICE), 0, CAROL));
		reserve(BOB, 0);
		at(50);
		assert_ok!(submit(CAROL, 0, 0));
		assert_noop!(claim(BOB, 0), E::NotListed);
		assert_ok!(Datanets::list_contributor(signed(ALICE), 0, BOB));
		assert_ok!(claim(BOB, 0));
	});
}

#[test]
fn a_claim_needs_the_batchs_deposit() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		reserve(PAUPER, 0);
		at(2);
		assert_ok!(submit(CAROL, 0, 0));
		assert_noop!(claim(PAUPER, 0), TokenError::FundsUnavailable);
	});
}

#[test]
fn who_reserved_and_was_first_just_gives_the_reservation_up() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		reserve(BOB, 0);
		at(2);
		assert_ok!(submit(BOB, 0, 0));
		assert_noop!(claim(BOB, 0), E::AlreadyContributor);
		assert_ok!(Datanets::cancel_reservation(
			signed(BOB),
			commitment(BOB, 0)
		));
		assert_ok!(withdraw(BOB, 0));
		assert_eq!(wealth(BOB), RICH);
	});
}
