//! Delegations, and what the delegators earn.

use frame_support::{
	defensive, ensure,
	traits::{
		fungible::{Balanced, Credit, Inspect, Mutate, MutateHold},
		tokens::Preservation,
		Get, Imbalance,
	},
};
use openledger_primitives::{traits::DelegatedRewards, Balance};
use sp_runtime::{
	helpers_128bit::multiply_by_rational_with_rounding,
	traits::{Saturating, Zero},
	DispatchResult, Rounding,
};

use crate::{
	pool::MIN_SHARES,
	types::{add_chunk, take_matured, Agent, Status},
	Agents, Config, DelegationOf, Delegations, Error, Event, HoldReason, Pallet,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_delegate(
		who: T::AccountId,
		to: T::AccountId,
		amount: Balance,
	) -> DispatchResult {
		ensure!(who != to, Error::<T>::SelfDelegation);
		let mut agent = Self::bound(&to)?;
		ensure!(agent.pending == 0, Error::<T>::SlashPending);
		ensure!(
			amount >= T::MinDelegation::get(),
			Error::<T>::DelegationTooLow
		);
		let pot = Self::pot_account();
		ensure!(
			!T::Currency::balance(&pot).is_zero(),
			Error::<T>::PotMissing
		);
		let known = Delegations::<T>::get(&who, &to);
		let new = known.is_none();
		let mut delegation = known.unwrap_or_else(|| DelegationOf::<T> {
			deposit: T::DelegationDeposit::get(),
			..Default::default()
		});
		delegation.sync(&agent.delegated, &agent.leaving);
		let minted = agent.delegated.join(amount).unwrap_or_default();
		ensure!(minted >= MIN_SHARES, Error::<T>::TooFewShares);
		delegation.shares = delegation
			.shares
			.checked_add(minted)
			.ok_or(Error::<T>::Overflow)?;
		if new {
			agent.delegators = agent
				.delegators
				.checked_add(1)
				.ok_or(Error::<T>::Overflow)?;
			T::Currency::hold(&HoldReason::Record.into(), &who, delegation.deposit)?;
		}

		T::Currency::transfer(&who, &pot, amount, Preservation::Preserve)?;
		Delegations::<T>::insert(&who, &to, delegation);
		Agents::<T>::insert(&to, agent);
		Self::deposit_event(Event::Delegated {
			agent: to,
			delegator: who,
			amount,
			shares: minted,
		});
		Ok(())
	}

	pub(crate) fn do_undelegate(
		who: T::AccountId,
		from: T::AccountId,
		amount: Balance,
	) -> DispatchResult {
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		let (mut agent, mut delegation) = Self::delegation(&who, &from)?;
		ensure!(delegation.shares > 0, Error::<T>::NotDelegated);
		let shares = agent
			.delegated
			.shares_for(amount)
			.map_or(delegation.shares, |shares| shares.min(delegation.shares));
		let worth = agent
			.delegated
			.leave(shares)
			.ok_or(Error::<T>::NotDelegated)?;
		delegation.shares = delegation.shares.saturating_sub(shares);
		ensure!(
			delegation.shares == 0
				|| delegation.shares >= MIN_SHARES
					&& agent.delegated.worth(delegation.shares) >= T::MinDelegation::get(),
			Error::<T>::DelegationTooLow
		);
		let until = match agent.status {
			Status::Unbonding { until } => until,
			_ => Self::now().saturating_add(T::UnbondingBlocks::get()),
		};
		if worth > 0 {
			let leaving = agent.leaving.join(worth).ok_or(Error::<T>::Overflow)?;
			ensure!(
				add_chunk(&mut delegation.leaving, leaving, until),
				Error::<T>::TooManyChunks
			);
		}

		Delegations::<T>::insert(&who, &from, delegation);
		Agents::<T>::insert(&from, agent);
		Self::deposit_event(Event::Undelegated {
			agent: from,
			delegator: who,
			amount: worth,
			until,
		});
		Ok(())
	}

	pub(crate) fn do_withdraw_delegation(who: T::AccountId, from: T::AccountId) -> DispatchResult {
		let (mut agent, mut delegation) = Self::delegation(&who, &from)?;
		ensure!(agent.pending == 0, Error::<T>::SlashPending);
		let now = Self::now();
		let (mut shares, mut leaving) = (0, take_matured(&mut delegation.leaving, &now));
		if matches!(agent.status, Status::Unbonding { until } if until <= now) {
			shares = core::mem::take(&mut delegation.shares);
			let rest = core::mem::take(&mut delegation.leaving);
			leaving = rest
				.iter()
				.fold(leaving, |sum, chunk| sum.saturating_add(chunk.amount));
		}
		ensure!(
			shares > 0 || leaving > 0 || delegation.is_empty(),
			Error::<T>::NothingUnbonded
		);
		let amount = agent
			.delegated
			.leave(shares)
			.zip(agent.leaving.leave(leaving))
			.and_then(|(one, other)| one.checked_add(other))
			.ok_or(Error::<T>::Overflow)?;

		if amount > 0 {
			let pot = Self::pot_account();
			T::Currency::transfer(&pot, &who, amount, Preservation::Preserve)?;
		}
		if delegation.is_empty() {
			Delegations::<T>::remove(&who, &from);
			Self::give_back(HoldReason::Record, &who, delegation.deposit);
			agent.delegators = agent.delegators.saturating_sub(1);
		} else {
			Delegations::<T>::insert(&who, &from, delegation);
		}
		Self::store_or_forget(from.clone(), agent);
		Self::deposit_event(Event::DelegationWithdrawn {
			agent: from,
			delegator: who,
			amount,
		});
		Ok(())
	}

	/// A delegation, without shares that are worth nothing, and its agent.
	fn delegation(
		who: &T::AccountId,
		to: &T::AccountId,
	) -> Result<(Agent<T>, DelegationOf<T>), Error<T>> {
		let mut delegation = Delegations::<T>::get(who, to).ok_or(Error::<T>::NotDelegated)?;
		let agent = Agents::<T>::get(to).ok_or(Error::<T>::NotRegistered)?;
		delegation.sync(&agent.delegated, &agent.leaving);
		Ok((agent, delegation))
	}

	/// Shares out what was set aside, once no slash is pending any more; what finds no delegator goes to
	/// the treasury.
	pub(crate) fn share_out(who: &T::AccountId, agent: &mut Agent<T>) {
		if agent.pending > 0 || agent.set_aside == 0 {
			return;
		}
		let amount = core::mem::take(&mut agent.set_aside);
		if !agent.delegated.reward(amount) {
			Self::pay_treasury(Self::from_pot(amount));
			Self::deposit_event(Event::RewardForfeited {
				agent: who.clone(),
				amount,
			});
		}
	}
}

impl<T: Config> DelegatedRewards<T::AccountId> for Pallet<T> {
	type Reward = Credit<T::AccountId, T::Currency>;

	// What does not count in a draw earns nothing: it dilutes the delegators, not their agent.
	fn delegated_part(who: &T::AccountId, amount: Balance) -> Balance {
		let Some(agent) = Agents::<T>::get(who) else {
			return 0;
		};
		let part = multiply_by_rational_with_rounding(
			amount,
			agent.counted(),
			agent.stake(),
			Rounding::Down,
		)
		.unwrap_or_default();
		part.saturating_sub(agent.commission.mul_ceil(part))
	}

	fn reward_delegators(who: &T::AccountId, reward: Self::Reward) -> Result<(), Self::Reward> {
		let amount = reward.peek();
		let Some(mut agent) = Agents::<T>::get(who) else {
			return Err(reward);
		};
		// Even if it is to be set aside, somebody must be there to have it.
		let mut pool = agent.delegated;
		let set_aside = agent.set_aside.saturating_add(amount);
		if !pool.reward(set_aside) {
			return Err(reward);
		}
		if amount == 0 {
			return Ok(());
		}
		T::Currency::resolve(&Self::pot_account(), reward)?;
		let waits = agent.pending > 0;
		if waits {
			agent.set_aside = set_aside;
		} else {
			if agent.set_aside > 0 {
				defensive!("nothing is set aside without a pending slash");
			}
			agent.delegated.reward(amount);
		}
		Agents::<T>::insert(who, agent);
		Self::deposit_event(Event::Rewarded {
			agent: who.clone(),
			amount,
			set_aside: waits,
		});
		Ok(())
	}
}
