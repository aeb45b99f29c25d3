//! Reservations: who had a batch first, even if another one's transaction came first.

use codec::Encode;
use frame_support::{ensure, traits::Get};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{BatchId, ContentHash, Hash};
use sp_runtime::{
	traits::{BlakeTwo256, Hash as _, Saturating},
	DispatchResult,
};

use crate::{
	BatchState, Batches, Config, Error, Event, HoldReason, Pallet, Reservation, Reservations,
};

/// What sets the commitments of reservations apart from everything else that is hashed.
pub const RESERVATION_DOMAIN: &str = "openledger/reserve";

/// The commitment by which `who` reserves a batch: BLAKE2b-256 over the SCALE encoding of
/// [`RESERVATION_DOMAIN`], the account, the root, the content hash and 32 random bytes, in this order.
///
/// Without the salt whoever guesses the batch could tell who has it.
pub fn reservation_commitment<AccountId: Encode>(
	who: &AccountId,
	root: &Hash,
	content: &ContentHash,
	salt: &[u8; 32],
) -> Hash {
	let preimage = (RESERVATION_DOMAIN, who, root, content, salt).encode();
	BlakeTwo256::hash(&preimage)
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_reserve(who: T::AccountId, commitment: Hash) -> DispatchResult {
		ensure!(
			!Reservations::<T>::contains_key(&who, commitment),
			Error::<T>::AlreadyReserved
		);
		let deposit = T::ReservationDeposit::get();
		Self::hold(HoldReason::Reservation, &who, deposit)?;
		let since = frame_system::Pallet::<T>::block_number();
		Reservations::<T>::insert(&who, commitment, Reservation { since, deposit });
		Self::deposit_event(Event::Reserved {
			who,
			commitment,
			deposit,
			until: Self::expiry(since),
		});
		Ok(())
	}

	pub(crate) fn do_cancel_reservation(who: T::AccountId, commitment: Hash) -> DispatchResult {
		let Reservation { deposit, .. } =
			Reservations::<T>::get(&who, commitment).ok_or(Error::<T>::NoReservation)?;
		Self::end_reservation(who, commitment, deposit)
	}

	fn end_reservation(who: T::AccountId, commitment: Hash, deposit: u128) -> DispatchResult {
		Self::release(HoldReason::Reservation, &who, deposit)?;
		Reservations::<T>::remove(&who, commitment);
		Self::deposit_event(Event::ReservationEnded {
			who,
			commitment,
			deposit,
		});
		Ok(())
	}

	/// The last block in which a reservation can be used.
	fn expiry(since: BlockNumberFor<T>) -> BlockNumberFor<T> {
		since.saturating_add(T::ReservationPeriod::get())
	}

	pub(crate) fn do_claim_batch(who: T::AccountId, id: BatchId, salt: [u8; 32]) -> DispatchResult {
		let mut batch = Self::known_batch(id)?;
		ensure!(batch.contributor != who, Error::<T>::AlreadyContributor);
		ensure!(
			!matches!(batch.state, BatchState::Banned { .. }),
			Error::<T>::BatchBanned
		);
		let commitment = reservation_commitment(&who, &batch.root, &batch.content, &salt);
		let Reservation { since, deposit } =
			Reservations::<T>::get(&who, commitment).ok_or(Error::<T>::NoReservation)?;
		ensure!(since < batch.added, Error::<T>::ReservedTooLate);
		let now = frame_system::Pallet::<T>::block_number();
		ensure!(now <= Self::expiry(since), Error::<T>::ReservationExpired);
		ensure!(!Self::is_pinned(&batch), Error::<T>::BatchInUse);
		let rules = Self::rules_now(batch.datanet)?.current;
		Self::ensure_may_contribute(batch.datanet, &rules, &who)?;
		Self::hold(HoldReason::BatchDeposit, &who, batch.deposit)?;
		Self::forfeit(&batch.contributor, batch.deposit)?;
		Self::end_reservation(who.clone(), commitment, deposit)?;

		// What the batch's shares got and nobody claimed yet goes with the batch.
		let from = core::mem::replace(&mut batch.contributor, who.clone());
		let deposit = batch.deposit;
		Batches::<T>::insert(id, batch);
		Self::deposit_event(Event::BatchClaimed {
			batch: id,
			from,
			to: who,
			deposit,
		});
		Ok(())
	}
}
