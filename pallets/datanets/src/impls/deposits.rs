//! What is held, and how it moves.

use codec::Encode;
use frame_support::{
	ensure,
	traits::{
		fungible::hold::Mutate as _,
		tokens::{Fortitude, Precision::Exact, Restriction},
		Get,
	},
};
use openledger_primitives::{data::Locator, Balance};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{Config, DatanetDetails, Error, HoldReason, Pallet, Rules};

/// The step by which the size of a batch file counts.
const MEBIBYTE: u64 = 1 << 20;

impl<T: Config> Pallet<T> {
	/// The deposit for a Datanet's description.
	pub(crate) fn deposit_for_datanet(details: &DatanetDetails) -> Result<Balance, DispatchError> {
		Self::deposit_for_length(details.encoded_size())
	}

	/// The deposit for a description of so many bytes, encoded.
	pub(crate) fn deposit_for_length(length: usize) -> Result<Balance, DispatchError> {
		Self::deposit_for_bytes(length)
			.and_then(|bytes| T::DatanetDeposit::get().checked_add(bytes))
			.ok_or(Error::<T>::DepositOverflow.into())
	}

	/// The deposit for a batch with a file of so many bytes, of which each MiB counts as soon as it is
	/// begun, and so many of them on the chain.
	///
	/// The rules were within the bounds when they were proposed; should the runtime's minima have risen
	/// since, those hold.
	pub(crate) fn deposit_for_batch(
		rules: &Rules,
		bytes: u64,
		inline: usize,
	) -> Result<Balance, DispatchError> {
		let batch = rules.batch_deposit.max(T::BatchDeposit::get());
		let mebibyte = rules.mebibyte_deposit.max(T::MebibyteDeposit::get());
		mebibyte
			.checked_mul(bytes.div_ceil(MEBIBYTE).into())
			.and_then(|size| batch.checked_add(size))
			.and_then(|sum| sum.checked_add(Self::deposit_for_bytes(inline)?))
			.ok_or(Error::<T>::DepositOverflow.into())
	}

	fn deposit_for_bytes(length: usize) -> Option<Balance> {
		T::ByteDeposit::get().checked_mul(Balance::try_from(length).ok()?)
	}

	pub(crate) fn hold(reason: HoldReason, who: &T::AccountId, amount: Balance) -> DispatchResult {
		T::Currency::hold(&reason.into(), who, amount)
	}

	pub(crate) fn release(
		reason: HoldReason,
		who: &T::AccountId,
		amount: Balance,
	) -> DispatchResult {
		T::Currency::release(&reason.into(), who, amount, Exact).map(|_| ())
	}

	/// Brings what is held for a reason from one amount to another.
	pub(crate) fn adjust(
		reason: HoldReason,
		who: &T::AccountId,
		from: Balance,
		to: Balance,
	) -> DispatchResult {
		match to.checked_sub(from) {
			Some(0) => Ok(()),
			Some(more) => Self::hold(reason, who, more),
			None => Self::release(reason, who, from.saturating_sub(to)),
		}
	}

	/// Gives a batch's deposit to the treasury. At least `BatchDeposit`, and so at least what an account
	/// needs: the treasury can always take it.
	pub(crate) fn forfeit(who: &T::AccountId, amount: Balance) -> DispatchResult {
		T::Currency::transfer_on_hold(
			&HoldReason::BatchDeposit.into(),
			who,
			&T::TreasuryAccount::get(),
			amount,
			Exact,
			Restriction::Free,
			Fortitude::Force,
		)
		.map(|_| ())
	}

	/// How many bytes of a file the chain keeps.
	pub(crate) fn inline_bytes(locator: &Locator) -> usize {
		match locator {
			Locator::Inline(file) => file.len(),
			_ => 0,
		}
	}

	/// Whether what is held for a batch pays for what it makes the chain keep.
	pub(crate) fn ensure_payable(rules: &Rules) -> DispatchResult {
		let within = |value: Balance, least: Balance| {
			let most = least.saturating_mul(T::MaxDepositFactor::get().into());
			(least..=most).contains(&value)
		};
		ensure!(
			within(rules.batch_deposit, T::BatchDeposit::get())
				&& within(rules.mebibyte_deposit, T::MebibyteDeposit::get()),
			Error::<T>::BadDeposit
		);
		Ok(())
	}
}
