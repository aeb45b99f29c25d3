//! An agent's own bond.

use frame_support::{
	ensure,
	traits::{fungible::MutateHold, Get},
};
use openledger_primitives::Balance;
use sp_runtime::{traits::Saturating, DispatchResult};

use crate::{
	types::{add_chunk, take_matured, Chunks, Status},
	Agents, Config, Error, Event, HoldReason, Pallet,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_bond_more(who: T::AccountId, amount: Balance) -> DispatchResult {
		let mut agent = Self::bound(&who)?;
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		ensure!(agent.pending == 0, Error::<T>::SlashPending);
		let bond = agent.bond.checked_add(amount).ok_or(Error::<T>::Overflow)?;

		T::Currency::hold(&HoldReason::Bond.into(), &who, amount)?;
		agent.bond = bond;
		Agents::<T>::insert(&who, agent);
		Self::deposit_event(Event::Bonded {
			agent: who,
			amount,
			bond,
		});
		Ok(())
	}

	pub(crate) fn do_unbond(who: T::AccountId, amount: Balance) -> DispatchResult {
		let mut agent = Self::bound(&who)?;
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		agent.bond = agent
			.bond
			.checked_sub(amount)
			.filter(|rest| *rest >= T::MinBond::get())
			.ok_or(Error::<T>::BondTooLow)?;
		let until = Self::now().saturating_add(T::UnbondingBlocks::get());
		ensure!(
			add_chunk(&mut agent.unbonding, amount, until),
			Error::<T>::TooManyChunks
		);

		Agents::<T>::insert(&who, agent);
		Self::deposit_event(Event::Unbonded {
			agent: who,
			amount,
			until,
		});
		Ok(())
	}

	pub(crate) fn do_withdraw_unbonded(who: T::AccountId) -> DispatchResult {
		let mut agent = Agents::<T>::get(&who).ok_or(Error::<T>::NotRegistered)?;
		ensure!(agent.pending == 0, Error::<T>::SlashPending);
		let now = Self::now();
		let over = matches!(agent.status, Status::Unbonding { until } if until <= now);
		ensure!(!over || agent.open == 0, Error::<T>::Assigned);
		let amount = if over {
			let all = agent.held();
			agent.bond = 0;
			agent.unbonding = Chunks::default();
			all
		} else {
			take_matured(&mut agent.unbonding, &now)
		};

		Self::give_back(HoldReason::Bond, &who, amount);
		let forgotten = Self::store_or_forget(who.clone(), agent);
		ensure!(amount > 0 || forgotten, Error::<T>::NothingUnbonded);
		if amount > 0 {
			Self::deposit_event(Event::Withdrawn { agent: who, amount });
		}
		Ok(())
	}
}
