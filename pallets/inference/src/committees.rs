//! Requests that other pallets make on an account's behalf.

use alloc::vec::Vec;
use frame_support::{ensure, traits::Get, BoundedVec};
use openledger_primitives::{
	traits::{Committees, Reply},
	Balance, ModelId, RequestId,
};
use sp_runtime::DispatchError;

use crate::{
	types::{Ending, Input},
	Config, Error, Pallet, Receipts, Requests,
};

impl<T: Config> Committees<T::AccountId> for Pallet<T> {
	fn ask(
		payer: &T::AccountId,
		model: ModelId,
		input: Vec<u8>,
		max_fee: Balance,
		min_committee: u32,
	) -> Result<RequestId, DispatchError> {
		ensure!(
			(1..=T::MaxCommittee::get()).contains(&min_committee),
			Error::<T>::CommitteeOutOfRange
		);
		let input = BoundedVec::try_from(input).map_err(|_| Error::<T>::InputTooLarge)?;
		let seats = T::CommitteeSize::get().max(min_committee);
		let committee = (min_committee, seats);
		let payer = payer.clone();
		Self::open(payer, model, None, Input::Inline(input), max_fee, committee)
	}

	fn reply(request: RequestId) -> Reply {
		if Requests::<T>::contains_key(request) {
			return Reply::Pending;
		}
		match Receipts::<T>::get(request).map(|receipt| receipt.ending) {
			Some(Ending::Answered(answer)) => Reply::Answered(answer.output),
			Some(_) => Reply::Unanswered,
			None => Reply::Unknown,
		}
	}
}
