//! What the calls do, and the draw.

use alloc::{collections::BTreeSet, vec::Vec};
use codec::Encode;
use frame_support::{
	defensive, ensure,
	traits::{
		fungible::{InspectHold, MutateHold},
		tokens::Precision,
		Defensive, Get,
	},
};
use openledger_primitives::{
	protocol::OperatorKey,
	traits::{AgentPool, ModelRegistry, Performance},
	Balance, ModelId,
};
use sp_core::{H256, U256};
use sp_runtime::{traits::Saturating, DispatchResult};

use crate::{
	types::{Agent, Record, Status},
	Agents, Config, Error, Event, HoldReason, Keys, Pallet, ServedModels, Servers,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_register(
		who: T::AccountId,
		operator_key: OperatorKey,
		models: ServedModels<T>,
		bond: Balance,
	) -> DispatchResult {
		ensure!(
			!Agents::<T>::contains_key(&who),
			Error::<T>::AlreadyRegistered
		);
		ensure!(!Keys::<T>::contains_key(operator_key), Error::<T>::KeyInUse);
		ensure!(bond >= T::MinBond::get(), Error::<T>::BondTooLow);
		Self::check_models(&models)?;

		T::Currency::hold(&HoldReason::Bond.into(), &who, bond)?;
		for model in &models {
			Self::enlist(&who, *model)?;
		}
		Keys::<T>::insert(operator_key, &who);
		Agents::<T>::insert(
			&who,
			Agent {
				operator_key,
				bond,
				models: models.clone(),
				status: Status::Active,
				since: frame_system::Pallet::<T>::block_number(),
				open: 0,
				record: Record::default(),
			},
		);
		Self::deposit_event(Event::Registered {
			agent: who,
			operator_key,
			models,
			bond,
		});
		Ok(())
	}

	pub(crate) fn do_set_models(who: T::AccountId, models: ServedModels<T>) -> DispatchResult {
		let mut agent = Self::active(&who)?;
		Self::check_models(&models)?;

		for model in agent.models.iter().filter(|model| !models.contains(model)) {
			Self::delist(&who, *model);
		}
		for model in models.iter().filter(|model| !agent.models.contains(model)) {
			Self::enlist(&who, *model)?;
		}
		agent.models = models.clone();
		Agents::<T>::insert(&who, agent);
		Self::deposit_event(Event::ModelsSet { agent: who, models });
		Ok(())
	}

	pub(crate) fn do_bond_more(who: T::AccountId, amount: Balance) -> DispatchResult {
		let mut agent = Self::active(&who)?;
		ensure!(amount > 0, Error::<T>::NothingToBond);
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

	pub(crate) fn do_set_operator_key(
		who: T::AccountId,
		operator_key: OperatorKey,
	) -> DispatchResult {
		let mut agent = Self::active(&who)?;
		ensure!(agent.open == 0, Error::<T>::Assigned);
		ensure!(!Keys::<T>::contains_key(operator_key), Error::<T>::KeyInUse);

		Keys::<T>::remove(agent.operator_key);
		Keys::<T>::insert(operator_key, &who);
		agent.operator_key = operator_key;
		Agents::<T>::insert(&who, agent);
		Self::deposit_event(Event::OperatorKeySet {
			agent: who,
			operator_key,
		});
		Ok(())
	}

	pub(crate) fn do_deregister(who: T::AccountId) -> DispatchResult {
		let mut agent = Self::active(&who)?;
		let until =
			frame_system::Pallet::<T>::block_number().saturating_add(T::UnbondingBlocks::get());

		for model in &agent.models {
			Self::delist(&who, *model);
		}
		agent.status = Status::Unbonding { until };
		Agents::<T>::insert(&who, agent);
		Self::deposit_event(Event::Deregistered { agent: who, until });
		Ok(())
	}

	pub(crate) fn do_withdraw_unbonded(who: T::AccountId) -> DispatchResult {
		let agent = Agents::<T>::get(&who).ok_or(Error::<T>::NotRegistered)?;
		let Status::Unbonding { until } = agent.status else {
			return Err(Error::<T>::NotUnbonding.into());
		};
		let now = frame_system::Pallet::<T>::block_number();
		ensure!(now >= until, Error::<T>::StillUnbonding);
		ensure!(agent.open == 0, Error::<T>::Assigned);

		let amount =
			T::Currency::release(&HoldReason::Bond.into(), &who, agent.bond, Precision::Exact)?;
		Keys::<T>::remove(agent.operator_key);
		Agents::<T>::remove(&who);
		Self::deposit_event(Event::Withdrawn { agent: who, amount });
		Ok(())
	}

	fn active(who: &T::AccountId) -> Result<Agent<T>, Error<T>> {
		let agent = Agents::<T>::get(who).ok_or(Error::<T>::NotRegistered)?;
		ensure!(agent.status == Status::Active, Error::<T>::Unbonding);
		Ok(agent)
	}

	fn check_models(models: &[ModelId]) -> Result<(), Error<T>> {
		let distinct: BTreeSet<_> = models.iter().collect();
		ensure!(distinct.len() == models.len(), Error::<T>::DuplicateModel);
		ensure!(
			models
				.iter()
				.all(|model| T::Models::current_version(*model).is_some()),
			Error::<T>::UnknownModel
		);
		Ok(())
	}

	fn enlist(who: &T::AccountId, model: ModelId) -> Result<(), Error<T>> {
		Servers::<T>::try_append(model, who).map_err(|()| Error::<T>::ModelFull)
	}

	fn delist(who: &T::AccountId, model: ModelId) {
		Servers::<T>::mutate_exists(model, |servers| {
			let Some(list) = servers else {
				defensive!("an active agent is listed under each of its models");
				return;
			};
			list.retain(|server| server != who);
			if list.is_empty() {
				*servers = None;
			}
		});
	}

	/// Checks the invariants that the pallet's documentation numbers.
	#[cfg(any(feature = "try-runtime", feature = "std"))]
	pub fn do_try_state() -> Result<(), sp_runtime::TryRuntimeError> {
		let mut agents = 0usize;
		let mut listings = 0usize;
		for (who, agent) in Agents::<T>::iter() {
			agents = agents.saturating_add(1);
			ensure!(
				T::Currency::balance_on_hold(&HoldReason::Bond.into(), &who) == agent.bond,
				"1: the recorded bond is not what is held"
			);
			ensure!(
				Keys::<T>::get(agent.operator_key).as_ref() == Some(&who),
				"2: an agent's key does not lead to it"
			);
			let distinct: BTreeSet<_> = agent.models.iter().collect();
			ensure!(
				distinct.len() == agent.models.len(),
				"4: an agent serves a model twice"
			);
			ensure!(agent.bond > 0, "5: an agent without a bond");
			if agent.status == Status::Active {
				listings = listings.saturating_add(agent.models.len());
				for model in &agent.models {
					let times = Servers::<T>::get(model)
						.iter()
						.filter(|server| **server == who)
						.count();
					ensure!(
						times == 1,
						"3: an active agent is not listed once under its model"
					);
				}
			}
		}
		ensure!(
			Keys::<T>::iter_keys().count() == agents,
			"2: a key without its agent"
		);
		let listed = Servers::<T>::iter_values()
			.map(|list| list.len())
			.sum::<usize>();
		ensure!(
			listed == listings,
			"3: a listing without an active agent that serves the model"
		);
		Ok(())
	}
}

/// A number below `total` that `seed` and `round` determine; zero if `total` is.
fn pick(seed: &H256, round: u32, total: Balance) -> Balance {
	let hash = sp_crypto_hashing::blake2_256(&(seed, round).encode());
	U256::from_big_endian(&hash)
		.checked_rem(U256::from(total))
		.and_then(|rest| Balance::try_from(rest).ok())
		.unwrap_or_default()
}

impl<T: Config> AgentPool<T::AccountId> for Pallet<T> {
	fn assign(model: ModelId, n: u32, seed: H256) -> Vec<T::AccountId> {
		let mut pool: Vec<(T::AccountId, Agent<T>)> = Servers::<T>::get(model)
			.into_iter()
			.filter_map(|who| Agents::<T>::get(&who).defensive().map(|agent| (who, agent)))
			.collect();
		let mut drawn = Vec::new();
		for round in 0..n {
			let total = pool
				.iter()
				.fold(0, |sum: Balance, (_, agent)| sum.saturating_add(agent.bond));
			let mut at = pick(&seed, round, total);
			let found = pool
				.iter()
				.position(|(_, agent)| match at.checked_sub(agent.bond) {
					Some(rest) => {
						at = rest;
						false
					}
					None => true,
				});
			let Some(found) = found else { break };
			let (who, mut agent) = pool.remove(found);
			agent.open = agent.open.saturating_add(1);
			Agents::<T>::insert(&who, agent);
			drawn.push(who);
		}
		drawn
	}

	fn release(who: &T::AccountId, performance: Performance) {
		Agents::<T>::mutate(who, |agent| {
			let Some(agent) = agent else {
				defensive!("an assigned agent cannot be forgotten");
				return;
			};
			agent.open = agent.open.checked_sub(1).defensive_unwrap_or_default();
			let count = match performance {
				Performance::Agreed => &mut agent.record.agreed,
				Performance::Disagreed => &mut agent.record.disagreed,
				Performance::Absent => &mut agent.record.absent,
				Performance::Released => &mut agent.record.released,
			};
			count.saturating_inc();
		});
	}

	fn operator_key(who: &T::AccountId) -> Option<OperatorKey> {
		Agents::<T>::get(who).map(|agent| agent.operator_key)
	}

	fn agent_of(key: &OperatorKey) -> Option<T::AccountId> {
		Keys::<T>::get(key)
	}

	fn served(who: &T::AccountId) -> Vec<ModelId> {
		Agents::<T>::get(who)
			.filter(|agent| agent.status == Status::Active)
			.map(|agent| agent.models.into_inner())
			.unwrap_or_default()
	}
}
