//! The invariants that the pallet's documentation numbers.

use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::{
	ensure,
	traits::{fungible::Inspect, Get},
};
use openledger_pallet_support::holds::{self, add};
use openledger_primitives::Balance;
use sp_runtime::TryRuntimeError;

use crate::{
	pool::{Pool, MIN_SHARES},
	types::Status,
	ActiveAgents, Agents, Config, Delegations, FirstSlash, HoldReason, Keys, NextSlash, Pallet,
	Servers, Slashes, SlashingParameters, TreasuryDue,
};

type Sums<T> = holds::Sums<<T as frame_system::Config>::AccountId, Balance>;

impl<T: Config> Pallet<T> {
	/// Checks the invariants that the pallet's documentation numbers.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_holds()?;
		Self::check_keys()?;
		Self::check_lists()?;
		Self::check_pools()?;
		Self::check_pot()?;
		Self::check_slashes()?;
		ensure!(
			SlashingParameters::<T>::get().is_valid(T::UnbondingBlocks::get()),
			"9: what offences cost is out of its bounds"
		);
		Ok(())
	}

	fn check_holds() -> Result<(), TryRuntimeError> {
		let (mut bonds, mut deposits) = (Sums::<T>::new(), Sums::<T>::new());
		for (who, agent) in Agents::<T>::iter() {
			add(&mut bonds, &who, agent.held())?;
			add(&mut deposits, &who, agent.deposit)?;
		}
		for (who, _, delegation) in Delegations::<T>::iter() {
			add(&mut deposits, &who, delegation.deposit)?;
		}
		holds::check::<T, T::Currency>(
			HoldReason::Bond,
			bonds,
			"1: the bonds held are not those recorded",
		)?;
		holds::check::<T, T::Currency>(
			HoldReason::Record,
			deposits,
			"1: the deposits held are not those recorded",
		)
	}

	fn check_keys() -> Result<(), TryRuntimeError> {
		let mut keys = 0usize;
		for (who, agent) in Agents::<T>::iter() {
			keys = keys.saturating_add(agent.old_keys.len()).saturating_add(1);
			let present = (agent.operator_key, None);
			let former = agent.old_keys.iter().map(|old| (old.key, Some(old.until)));
			for (key, until) in former.chain([present]) {
				ensure!(
					Keys::<T>::get(key)
						.is_some_and(|owner| owner.agent == who && owner.until == until),
					"2: an agent's key does not lead to it"
				);
			}
		}
		ensure!(
			Keys::<T>::iter_keys().count() == keys,
			"2: a key without its agent"
		);
		Ok(())
	}

	fn check_lists() -> Result<(), TryRuntimeError> {
		let (mut active, mut listings) = (0u32, 0usize);
		for (who, agent) in Agents::<T>::iter() {
			let distinct: BTreeSet<_> = agent.models.iter().collect();
			ensure!(
				distinct.len() == agent.models.len(),
				"4: an agent serves a model twice"
			);
			ensure!(
				agent.commission <= T::MaxCommission::get(),
				"4: a commission is too high"
			);
			if agent.status == Status::Active {
				active = active.saturating_add(1);
			}
			if !agent.status.is_listed() {
				continue;
			}
			listings = listings.saturating_add(agent.models.len());
			for model in &agent.models {
				let times = Servers::<T>::get(model)
					.iter()
					.filter(|server| **server == who)
					.count();
				ensure!(
					times == 1,
					"3: an active or suspended agent is not listed once under its model"
				);
			}
		}
		let listed = Servers::<T>::iter_values()
			.map(|list| list.len())
			.sum::<usize>();
		ensure!(
			listed == listings,
			"3: a listing without an active or suspended agent that serves the model"
		);
		ensure!(
			ActiveAgents::<T>::get() == active,
			"3: the active agents are miscounted"
		);
		Ok(())
	}

	fn check_pools() -> Result<(), TryRuntimeError> {
		let (mut shares, mut leaving) = (Sums::<T>::new(), Sums::<T>::new());
		let mut records = BTreeMap::<T::AccountId, u32>::new();
		for (_, to, mut delegation) in Delegations::<T>::iter() {
			let agent = Agents::<T>::get(&to).ok_or("5: a delegation to nobody")?;
			delegation.sync(&agent.delegated, &agent.leaving);
			ensure!(
				delegation.shares == 0 || delegation.shares >= MIN_SHARES,
				"5: a delegation has too few shares"
			);
			add(&mut shares, &to, delegation.shares)?;
			for chunk in &delegation.leaving {
				ensure!(chunk.amount > 0, "5: nothing unbonds");
				add(&mut leaving, &to, chunk.amount)?;
			}
			let count = records.entry(to).or_default();
			*count = count.saturating_add(1);
		}
		for (who, agent) in Agents::<T>::iter() {
			check_pool(&agent.delegated, shares.remove(&who))?;
			check_pool(&agent.leaving, leaving.remove(&who))?;
			ensure!(
				agent.leaving.balance <= agent.leaving.shares,
				"5: a share of what leaves is worth more than a unit"
			);
			ensure!(
				records.remove(&who).unwrap_or_default() == agent.delegators,
				"5: an agent miscounts its delegators"
			);
		}
		Ok(())
	}

	fn check_pot() -> Result<(), TryRuntimeError> {
		let mut sum = TreasuryDue::<T>::get();
		for agent in Agents::<T>::iter_values() {
			for amount in [
				agent.delegated.balance,
				agent.leaving.balance,
				agent.set_aside,
			] {
				sum = sum
					.checked_add(amount)
					.ok_or("6: the pools exceed a balance")?;
			}
		}
		let needed = sum.saturating_add(T::Currency::minimum_balance());
		ensure!(
			sum == 0 || T::Currency::balance(&Self::pot_account()) >= needed,
			"6: the pot does not cover the pools"
		);
		Ok(())
	}

	fn check_slashes() -> Result<(), TryRuntimeError> {
		let (first, next) = (FirstSlash::<T>::get(), NextSlash::<T>::get());
		// Of each agent: all, and those that take all.
		let mut counts = BTreeMap::<T::AccountId, (u32, u32)>::new();
		for (id, slash) in Slashes::<T>::iter() {
			ensure!(first <= id && id < next, "7: a slash out of the queue");
			ensure!(!slash.part.is_zero(), "7: a slash of nothing");
			let (all, whole) = counts.entry(slash.agent).or_default();
			*all = all.saturating_add(1);
			*whole = whole.saturating_add(slash.part.is_one().into());
		}
		for (who, agent) in Agents::<T>::iter() {
			let (all, whole) = counts.remove(&who).unwrap_or_default();
			ensure!(all == agent.pending, "7: an agent miscounts its slashes");
			ensure!(
				match agent.status {
					Status::Active => whole == 0,
					Status::Suspended { slashes } => whole == slashes && slashes > 0,
					Status::Paused | Status::Unbonding { .. } => true,
				},
				"8: an agent is not suspended by the slashes that take all"
			);
			ensure!(
				agent.pending > 0 || agent.set_aside == 0,
				"7: rewards are set aside without a slash"
			);
		}
		ensure!(counts.is_empty(), "7: a slash of nobody");
		Ok(())
	}
}

fn check_pool(pool: &Pool, shares: Option<Balance>) -> Result<(), TryRuntimeError> {
	ensure!(
		shares.unwrap_or_default() == pool.shares,
		"5: a pool's shares are not those of its delegations"
	);
	ensure!(
		(pool.shares == 0) == (pool.balance == 0),
		"5: a pool has money without shares, or shares without money"
	);
	Ok(())
}
