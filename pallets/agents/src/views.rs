//! What clients read.

use alloc::vec::Vec;
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::ModelId;
use sp_runtime::SaturatedConversion;

use crate::{
	types::{AgentInfo, DelegationInfo, SlashId, Status},
	Agents, Config, Delegations, FirstSlash, NextSlash, Pallet, Servers, SlashOf, Slashes,
	MAX_LISTED,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn active_servers(model: ModelId) -> Vec<T::AccountId> {
		Servers::<T>::get(model)
			.into_iter()
			.filter(|who| Agents::<T>::get(who).is_some_and(|agent| agent.status == Status::Active))
			.collect()
	}

	pub(crate) fn agent_info(who: &T::AccountId) -> Option<AgentInfo<BlockNumberFor<T>>> {
		let agent = Agents::<T>::get(who)?;
		let counted = agent.counted();
		Some(AgentInfo {
			operator_key: agent.operator_key,
			endpoint: agent.endpoint,
			profile: agent.profile,
			models: agent.models.into_inner(),
			status: agent.status,
			bond: agent.bond,
			unbonding: agent.unbonding,
			delegated: agent.delegated.balance,
			counted,
			leaving: agent.leaving.balance,
			delegators: agent.delegators,
			commission: agent.commission,
			score: agent.score,
			record: agent.record,
			open: agent.open,
			pending: agent.pending,
		})
	}

	pub(crate) fn delegation_infos(
		delegator: &T::AccountId,
	) -> Vec<DelegationInfo<T::AccountId, BlockNumberFor<T>>> {
		Delegations::<T>::iter_prefix(delegator)
			.take(MAX_LISTED)
			.filter_map(|(who, mut delegation)| {
				let agent = Agents::<T>::get(&who)?;
				delegation.sync(&agent.delegated, &agent.leaving);
				Some(DelegationInfo {
					agent: who,
					amount: agent.delegated.worth(delegation.shares),
					leaving: delegation
						.leaving
						.iter()
						.map(|chunk| (agent.leaving.worth(chunk.amount), chunk.until))
						.collect(),
				})
			})
			.collect()
	}

	pub(crate) fn slashes_of(who: &T::AccountId) -> Vec<(SlashId, SlashOf<T>)> {
		let pending = Agents::<T>::get(who).map_or(0, |agent| agent.pending);
		(FirstSlash::<T>::get()..NextSlash::<T>::get())
			.filter_map(|id| Slashes::<T>::get(id).map(|slash| (id, slash)))
			.filter(|(_, slash)| slash.agent == *who)
			.take(pending.saturated_into())
			.collect()
	}
}
