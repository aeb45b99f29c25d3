//! The contributors' pool: what is paid for access, divided by the scores of the batches.

use frame_support::{
	ensure,
	traits::{
		fungible::{Inspect as _, Mutate as _},
		tokens::Preservation::Preserve,
		Get,
	},
};
use openledger_primitives::{Balance, BatchId, DatanetId};
use sp_runtime::{traits::AccountIdConversion, DispatchError, DispatchResult};

use crate::{
	BatchOf, BatchState, Batches, Config, Datanets, Error, Event, Links, Pallet, Pool, Pools,
	TotalIncome,
};

impl<T: Config> Pallet<T> {
	/// The account that holds what was paid for access and not yet claimed. The runtime gives it its
	/// existential deposit.
	pub fn pot_account() -> T::AccountId {
		T::PalletId::get().into_account_truncating()
	}

	/// A batch's shares while it heads its cluster.
	pub(crate) fn shares(batch: &BatchOf<T>) -> u64 {
		match batch.state {
			BatchState::Pending | BatchState::Banned { .. } => 0,
			BatchState::Accepted { score, .. } => score.into(),
		}
	}

	/// What a batch's shares got since it was last paid, while it heads its cluster.
	pub(crate) fn owed(pool: &Pool, batch: &BatchOf<T>) -> Result<Balance, DispatchError> {
		pool.per_share
			.checked_sub(batch.paid)
			.and_then(|each| each.checked_mul(Self::shares(batch).into()))
			.ok_or(Error::<T>::IncomeOverflow.into())
	}

	/// What a batch's contributor can claim.
	pub(crate) fn income(id: BatchId) -> Option<Balance> {
		let batch = Batches::<T>::get(id)?;
		if Links::<T>::get(id).parent.is_some() {
			return Some(0);
		}
		Self::owed(&Pools::<T>::get(batch.datanet), &batch).ok()
	}

	/// Gives an accepted batch its shares of what is paid from now on.
	pub(crate) fn join_pool(batch: &mut BatchOf<T>, score: u8) -> DispatchResult {
		let mut pool = Pools::<T>::get(batch.datanet);
		pool.shares = pool
			.shares
			.checked_add(score.into())
			.ok_or(Error::<T>::IncomeOverflow)?;
		batch.paid = pool.per_share;
		Pools::<T>::insert(batch.datanet, pool);
		Ok(())
	}

	/// Pays what a head's shares got so far, and takes them out of the pool.
	pub(crate) fn leave_pool(id: BatchId, batch: &mut BatchOf<T>) -> DispatchResult {
		let mut pool = Pools::<T>::get(batch.datanet);
		Self::pay_out(id, batch, &mut pool)?;
		pool.shares = pool
			.shares
			.checked_sub(Self::shares(batch))
			.ok_or(Error::<T>::IncomeOverflow)?;
		Pools::<T>::insert(batch.datanet, pool);
		Ok(())
	}

	/// Takes a head's shares out of the pool without paying what they got so far, and says how much that
	/// is: it is divided with the next payment.
	pub(crate) fn strip(batch: &mut BatchOf<T>) -> Result<Balance, DispatchError> {
		let mut pool = Pools::<T>::get(batch.datanet);
		let amount = Self::owed(&pool, batch)?;
		pool.remainder = pool
			.remainder
			.checked_add(amount)
			.ok_or(Error::<T>::IncomeOverflow)?;
		pool.shares = pool
			.shares
			.checked_sub(Self::shares(batch))
			.ok_or(Error::<T>::IncomeOverflow)?;
		batch.paid = pool.per_share;
		Pools::<T>::insert(batch.datanet, pool);
		Ok(amount)
	}

	/// Pays what a head's shares got so far.
	fn pay_out(
		id: BatchId,
		batch: &mut BatchOf<T>,
		pool: &mut Pool,
	) -> Result<Balance, DispatchError> {
		let amount = Self::owed(pool, batch)?;
		pool.balance = pool
			.balance
			.checked_sub(amount)
			.ok_or(Error::<T>::IncomeOverflow)?;
		Self::take_out(&batch.contributor, amount)?;
		batch.paid = pool.per_share;
		if amount > 0 {
			Self::deposit_event(Event::IncomePaid {
				batch: id,
				who: batch.contributor.clone(),
				amount,
			});
		}
		Ok(amount)
	}

	/// Moves money out of the pot to somebody from whom a deposit is held, so that the account exists.
	pub(crate) fn take_out(to: &T::AccountId, amount: Balance) -> DispatchResult {
		if amount == 0 {
			return Ok(());
		}
		let total = TotalIncome::<T>::get()
			.checked_sub(amount)
			.ok_or(Error::<T>::IncomeOverflow)?;
		T::Currency::transfer(&Self::pot_account(), to, amount, Preserve)?;
		TotalIncome::<T>::put(total);
		Ok(())
	}

	pub(crate) fn do_claim_income(id: BatchId) -> DispatchResult {
		let mut batch = Self::known_batch(id)?;
		ensure!(
			Links::<T>::get(id).parent.is_none(),
			Error::<T>::NothingToClaim
		);
		let mut pool = Pools::<T>::get(batch.datanet);
		let amount = Self::pay_out(id, &mut batch, &mut pool)?;
		ensure!(amount > 0, Error::<T>::NothingToClaim);
		Pools::<T>::insert(batch.datanet, pool);
		Batches::<T>::insert(id, batch);
		Ok(())
	}

	pub(crate) fn do_pay_contributors(
		id: DatanetId,
		payer: &T::AccountId,
		amount: Balance,
	) -> DispatchResult {
		ensure!(Datanets::<T>::contains_key(id), Error::<T>::UnknownDatanet);
		let mut pool = Pools::<T>::get(id);
		let shares = Balance::from(pool.shares);
		ensure!(shares > 0, Error::<T>::NoContributors);
		let overflow = Error::<T>::IncomeOverflow;
		let total = TotalIncome::<T>::get();
		let divided = pool.remainder.checked_add(amount).ok_or(overflow)?;
		let each = divided.checked_div(shares).unwrap_or_default();
		pool.remainder = divided.checked_rem(shares).unwrap_or_default();
		pool.per_share = pool
			.per_share
			.checked_add(each)
			.ok_or(Error::<T>::IncomeOverflow)?;
		pool.balance = pool
			.balance
			.checked_add(amount)
			.ok_or(Error::<T>::IncomeOverflow)?;
		let covered = total
			.checked_add(T::Currency::minimum_balance())
			.is_some_and(|needed| T::Currency::balance(&Self::pot_account()) >= needed);
		ensure!(covered, Error::<T>::PotUnfunded);
		let total = total
			.checked_add(amount)
			.ok_or(Error::<T>::IncomeOverflow)?;
		T::Currency::transfer(payer, &Self::pot_account(), amount, Preserve)?;

		TotalIncome::<T>::put(total);
		Pools::<T>::insert(id, pool);
		Self::deposit_event(Event::ContributorsPaid {
			datanet: id,
			payer: payer.clone(),
			amount,
		});
		Ok(())
	}
}
