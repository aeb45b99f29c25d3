//! Who is drawn, and what becomes of it.

use alloc::vec::Vec;
use codec::Encode;
use frame_support::{
	defensive,
	traits::{Defensive, Get},
	weights::Weight,
};
use openledger_primitives::{
	model::Policy,
	protocol::OperatorKey,
	traits::{AgentPool, ModelRegistry, Offence, Performance},
	ModelId,
};
use sp_core::{H256, U256};
use sp_runtime::{traits::Saturating, PerThing, Permill, SaturatedConversion};

use crate::{
	score::{self, LEAST_SCORE},
	types::{Agent, Status},
	ActiveAgents, Agents, Config, Keys, Pallet, Servers, WeightInfo,
};

/// An agent's weight in a draw: its stake times its score in parts per million.
fn weight<T: Config>(agent: &Agent<T>) -> U256 {
	let score = agent.score.max(LEAST_SCORE).deconstruct();
	U256::from(agent.stake()).saturating_mul(score.into())
}

/// A number below `total` that `seed` and `round` determine; zero if `total` is.
fn pick(seed: &H256, round: u32, total: U256) -> U256 {
	let hash = sp_crypto_hashing::blake2_256(&(seed, round).encode());
	U256::from_big_endian(&hash)
		.checked_rem(total)
		.unwrap_or_default()
}

fn sum<'a, A: 'a>(pool: impl IntoIterator<Item = &'a (A, U256)>) -> U256 {
	pool.into_iter()
		.fold(U256::zero(), |sum, (_, weight)| sum.saturating_add(*weight))
}

impl<T: Config> Pallet<T> {
	/// The weight of [`AgentPool::assign`] with `n` seats at most, and with none of
	/// [`AgentPool::available`]. For the pallet that draws.
	pub fn assign_weight(n: u32) -> Weight {
		T::WeightInfo::assign(T::MaxAgentsPerModel::get(), n)
	}

	/// The weight of [`AgentPool::release`]. For the pallet that draws.
	pub fn release_weight() -> Weight {
		T::WeightInfo::release()
	}

	/// The weight of [`AgentPool::offend`] at most. For the pallet that reports.
	pub fn offend_weight() -> Weight {
		T::WeightInfo::offend()
	}

	/// The weight of finding out the delegators' part of a reward and paying it. For the pallet that
	/// pays.
	pub fn reward_weight() -> Weight {
		T::WeightInfo::reward_delegators()
	}

	/// The active ones that serve a model and can meet its policy, in the order in which they began to serve it.
	fn candidates(
		model: ModelId,
		policy: &Policy,
	) -> impl Iterator<Item = (T::AccountId, Agent<T>)> + '_ {
		let policy = *policy;
		Servers::<T>::get(model)
			.into_iter()
			.filter_map(|who| Agents::<T>::get(&who).defensive().map(|agent| (who, agent)))
			.filter(move |(_, agent)| {
				agent.status == Status::Active && policy.admits(&agent.profile)
			})
	}

	pub(crate) fn first_chance(who: &T::AccountId, model: ModelId) -> Option<Permill> {
		let spec = T::Models::spec(model, T::Models::current_version(model)?)?;
		let pool: Vec<_> = Self::candidates(model, &spec.policy)
			.map(|(who, agent)| (who, weight(&agent)))
			.collect();
		let own = sum(pool.iter().filter(|(other, _)| other == who));
		let parts = own
			.saturating_mul(Permill::ACCURACY.into())
			.checked_div(sum(&pool))
			.unwrap_or_default();
		Some(Permill::from_parts(parts.saturated_into()))
	}
}

impl<T: Config> AgentPool<T::AccountId> for Pallet<T> {
	fn assign(
		model: ModelId,
		policy: &Policy,
		n: u32,
		excluded: &[T::AccountId],
		seed: H256,
	) -> Vec<T::AccountId> {
		let mut pool: Vec<(T::AccountId, U256)> = Self::candidates(model, policy)
			.filter(|(who, _)| !excluded.contains(who))
			.map(|(who, agent)| (who, weight(&agent)))
			.collect();
		let mut drawn = Vec::new();
		for round in 0..n {
			let mut at = pick(&seed, round, sum(&pool));
			let found = pool
				.iter()
				.position(|(_, weight)| match at.checked_sub(*weight) {
					Some(rest) => {
						at = rest;
						false
					}
					None => true,
				});
			let Some(found) = found else { break };
			let (who, _) = pool.remove(found);
			Agents::<T>::mutate(&who, |agent| {
				if let Some(agent) = agent {
					agent.open.saturating_inc();
				}
			});
			drawn.push(who);
		}
		drawn
	}

	fn available(model: ModelId, policy: &Policy, limit: u32) -> u32 {
		Self::candidates(model, policy)
			.take(limit.saturated_into())
			.count()
			.saturated_into()
	}

	fn active() -> u32 {
		ActiveAgents::<T>::get()
	}

	fn release(who: &T::AccountId, performance: Performance) {
		Agents::<T>::mutate(who, |agent| {
			let Some(agent) = agent else {
				defensive!("an assigned agent cannot be forgotten");
				return;
			};
			agent.open = agent.open.checked_sub(1).defensive_unwrap_or_default();
			agent.score = score::next(agent.score, performance);
			let count = match performance {
				Performance::Agreed { .. } => &mut agent.record.agreed,
				Performance::Disagreed => &mut agent.record.disagreed,
				Performance::Absent => &mut agent.record.absent,
				Performance::Released => &mut agent.record.released,
			};
			count.saturating_inc();
		});
	}

	fn offend(who: &T::AccountId, offence: Offence, reporter: Option<&T::AccountId>) {
		Self::do_offend(who, offence, reporter);
	}

	fn operator_key(who: &T::AccountId) -> Option<OperatorKey> {
		Agents::<T>::get(who).map(|agent| agent.operator_key)
	}

	fn agent_of(key: &OperatorKey) -> Option<T::AccountId> {
		Keys::<T>::get(key)
			.filter(|owner| owner.until.is_none_or(|until| Self::now() < until))
			.map(|owner| owner.agent)
	}

	fn served(who: &T::AccountId) -> Vec<ModelId> {
		Agents::<T>::get(who)
			.filter(|agent| !matches!(agent.status, Status::Unbonding { .. }))
			.map(|agent| agent.models.into_inner())
			.unwrap_or_default()
	}

	fn is_bonded(who: &T::AccountId) -> bool {
		Agents::<T>::get(who).is_some_and(|agent| {
			let safe = match agent.status {
				Status::Active => true,
				// Slashes that would take all are told apart from others in active agents only.
				Status::Paused => agent.pending == 0,
				Status::Suspended { .. } | Status::Unbonding { .. } => false,
			};
			safe && agent.bond >= T::MinBond::get()
		})
	}
}
