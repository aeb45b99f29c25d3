//! Agents come, say what they do, pause, and leave.

use alloc::collections::BTreeSet;
use frame_support::{
	defensive, ensure,
	traits::{fungible::MutateHold, Get},
};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{
	model::Profile, protocol::OperatorKey, traits::ModelRegistry, Balance, ModelId,
};
use sp_runtime::{traits::Saturating, DispatchResult, Permill};

use crate::{
	ladder::Offences,
	pool::Pool,
	score::FIRST_SCORE,
	types::{is_endpoint, Agent, Chunks, Endpoint, KeyOwner, OldKey, PauseCause, Record, Status},
	ActiveAgents, Agents, Config, Error, Event, HoldReason, Keys, Pallet, ServedModels, Servers,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn now() -> BlockNumberFor<T> {
		frame_system::Pallet::<T>::block_number()
	}

	/// An agent that has not deregistered.
	pub(crate) fn bound(who: &T::AccountId) -> Result<Agent<T>, Error<T>> {
		let agent = Agents::<T>::get(who).ok_or(Error::<T>::NotRegistered)?;
		ensure!(
			!matches!(agent.status, Status::Unbonding { .. }),
			Error::<T>::Unbonding
		);
		Ok(agent)
	}

	pub(crate) fn do_register(
		who: T::AccountId,
		operator_key: OperatorKey,
		profile: Profile,
		endpoint: Endpoint,
		models: ServedModels<T>,
		bond: Balance,
		commission: Permill,
	) -> DispatchResult {
		ensure!(
			!Agents::<T>::contains_key(&who),
			Error::<T>::AlreadyRegistered
		);
		ensure!(!Keys::<T>::contains_key(operator_key), Error::<T>::KeyInUse);
		ensure!(is_endpoint(&endpoint), Error::<T>::BadEndpoint);
		ensure!(bond >= T::MinBond::get(), Error::<T>::BondTooLow);
		ensure!(
			commission <= T::MaxCommission::get(),
			Error::<T>::CommissionTooHigh
		);
		Self::check_models(&models)?;
		let deposit = T::AgentDeposit::get();

		T::Currency::hold(&HoldReason::Record.into(), &who, deposit)?;
		T::Currency::hold(&HoldReason::Bond.into(), &who, bond)?;
		Self::enter(&who, &models)?;
		Self::own_key(&who, operator_key);
		let now = Self::now();
		Agents::<T>::insert(
			&who,
			Agent {
				operator_key,
				old_keys: Default::default(),
				endpoint,
				profile,
				models: models.clone(),
				deposit,
				bond,
				unbonding: Chunks::default(),
				delegated: Pool::default(),
				leaving: Pool::default(),
				set_aside: 0,
				delegators: 0,
				commission,
				commission_since: now,
				score: FIRST_SCORE,
				status: Status::Active,
				since: now,
				open: 0,
				record: Record::default(),
				offences: Offences::default(),
				pending: 0,
			},
		);
		Self::deposit_event(Event::Registered {
			agent: who,
			operator_key,
			profile,
			models,
			bond,
			commission,
		});
		Ok(())
	}

	pub(crate) fn do_set_models(who: T::AccountId, models: ServedModels<T>) -> DispatchResult {
		let mut agent = Self::bound(&who)?;
		// Who has nothing left to lose occupies no further place.
		ensure!(
			!matches!(agent.status, Status::Suspended { .. }),
			Error::<T>::SlashPending
		);
		Self::check_models(&models)?;

		if agent.status == Status::Active {
			for model in agent.models.iter().filter(|model| !models.contains(model)) {
				Self::delist(&who, *model);
			}
			for model in models.iter().filter(|model| !agent.models.contains(model)) {
				Self::enlist(&who, *model)?;
			}
		}
		agent.models = models.clone();
		Agents::<T>::insert(&who, agent);
		Self::deposit_event(Event::ModelsSet { agent: who, models });
		Ok(())
	}

	pub(crate) fn do_set_profile(who: T::AccountId, profile: Profile) -> DispatchResult {
		let mut agent = Self::bound(&who)?;
		ensure!(agent.open == 0, Error::<T>::Assigned);

		agent.profile = profile;
		Agents::<T>::insert(&who, agent);
		Self::deposit_event(Event::ProfileSet {
			agent: who,
			profile,
		});
		Ok(())
	}

	pub(crate) fn do_set_endpoint(who: T::AccountId, endpoint: Endpoint) -> DispatchResult {
		let mut agent = Self::bound(&who)?;
		ensure!(is_endpoint(&endpoint), Error::<T>::BadEndpoint);

		agent.endpoint = endpoint.clone();
		Agents::<T>::insert(&who, agent);
		Self::deposit_event(Event::EndpointSet {
			agent: who,
			endpoint,
		});
		Ok(())
	}

	pub(crate) fn do_set_operator_key(
		who: T::AccountId,
		operator_key: OperatorKey,
	) -> DispatchResult {
		let mut agent = Self::bound(&who)?;
		ensure!(!Keys::<T>::contains_key(operator_key), Error::<T>::KeyInUse);
		let now = Self::now();
		let until = now.saturating_add(T::UnbondingBlocks::get());
		let old = OldKey {
			key: agent.operator_key,
			until,
		};
		for lapsed in agent.old_keys.iter().filter(|old| old.until <= now) {
			Keys::<T>::remove(lapsed.key);
		}
		agent.old_keys.retain(|old| old.until > now);
		agent
			.old_keys
			.try_push(old)
			.map_err(|_| Error::<T>::TooManyKeys)?;

		Keys::<T>::insert(
			old.key,
			KeyOwner {
				agent: who.clone(),
				until: Some(until),
			},
		);
		Self::own_key(&who, operator_key);
		agent.operator_key = operator_key;
		Agents::<T>::insert(&who, agent);
		Self::deposit_event(Event::OperatorKeySet {
			agent: who,
			operator_key,
			old_until: until,
		});
		Ok(())
	}

	pub(crate) fn do_set_commission(who: T::AccountId, commission: Permill) -> DispatchResult {
		let mut agent = Self::bound(&who)?;
		ensure!(
			commission <= T::MaxCommission::get(),
			Error::<T>::CommissionTooHigh
		);
		if commission > agent.commission {
			let now = Self::now();
			ensure!(
				commission.saturating_sub(agent.commission) <= T::MaxCommissionStep::get(),
				Error::<T>::CommissionStep
			);
			let next = agent
				.commission_since
				.saturating_add(T::CommissionPeriod::get());
			ensure!(now >= next, Error::<T>::CommissionPeriod);
			agent.commission_since = now;
		}

		agent.commission = commission;
		Agents::<T>::insert(&who, agent);
		Self::deposit_event(Event::CommissionSet {
			agent: who,
			commission,
		});
		Ok(())
	}

	pub(crate) fn do_pause(who: T::AccountId) -> DispatchResult {
		let mut agent = Self::bound(&who)?;
		ensure!(agent.status.is_listed(), Error::<T>::NotActive);

		Self::halt(&who, &mut agent, PauseCause::Chosen);
		Agents::<T>::insert(&who, agent);
		Ok(())
	}

	pub(crate) fn do_resume(who: T::AccountId) -> DispatchResult {
		let mut agent = Self::bound(&who)?;
		ensure!(
			agent.pending == 0 || agent.status == Status::Active,
			Error::<T>::SlashPending
		);
		ensure!(agent.status == Status::Paused, Error::<T>::NotPaused);
		ensure!(agent.bond >= T::MinBond::get(), Error::<T>::BondTooLow);

		Self::enter(&who, &agent.models)?;
		agent.status = Status::Active;
		Agents::<T>::insert(&who, agent);
		Self::deposit_event(Event::Resumed { agent: who });
		Ok(())
	}

	/// Pauses an agent, if it is active or suspended.
	pub(crate) fn halt(who: &T::AccountId, agent: &mut Agent<T>, cause: PauseCause) {
		if !agent.status.is_listed() {
			return;
		}
		Self::exit(who, agent);
		agent.status = Status::Paused;
		Self::deposit_event(Event::Paused {
			agent: who.clone(),
			cause,
		});
	}

	pub(crate) fn do_deregister(who: T::AccountId) -> DispatchResult {
		let until = Self::end_service(&who)?;
		Self::deposit_event(Event::Deregistered { agent: who, until });
		Ok(())
	}

	pub(crate) fn do_eject(who: T::AccountId) -> DispatchResult {
		let until = Self::end_service(&who)?;
		Self::deposit_event(Event::Ejected { agent: who, until });
		Ok(())
	}

	/// Takes an agent out of service, and says when its bond is unbonded.
	fn end_service(who: &T::AccountId) -> Result<BlockNumberFor<T>, Error<T>> {
		let mut agent = Self::bound(who)?;
		let until = Self::now().saturating_add(T::UnbondingBlocks::get());

		Self::exit(who, &agent);
		agent.status = Status::Unbonding { until };
		Agents::<T>::insert(who, agent);
		Ok(until)
	}

	/// Stores an agent, or forgets one of which nothing is left. Whether it was forgotten.
	pub(crate) fn store_or_forget(who: T::AccountId, agent: Agent<T>) -> bool {
		let over = matches!(agent.status, Status::Unbonding { until } if until <= Self::now());
		let used = agent.held() > 0 || agent.delegators > 0 || agent.open > 0 || agent.pending > 0;
		if !over || used {
			Agents::<T>::insert(who, agent);
			return false;
		}
		Keys::<T>::remove(agent.operator_key);
		for old in &agent.old_keys {
			Keys::<T>::remove(old.key);
		}
		Agents::<T>::remove(&who);
		Self::give_back(HoldReason::Record, &who, agent.deposit);
		Self::deposit_event(Event::Forgotten { agent: who });
		true
	}

	fn own_key(who: &T::AccountId, key: OperatorKey) {
		Keys::<T>::insert(
			key,
			KeyOwner {
				agent: who.clone(),
				until: None,
			},
		);
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

	/// Lists an agent that becomes active.
	fn enter(who: &T::AccountId, models: &[ModelId]) -> Result<(), Error<T>> {
		for model in models {
			Self::enlist(who, *model)?;
		}
		ActiveAgents::<T>::mutate(Saturating::saturating_inc);
		Ok(())
	}

	/// Takes an agent off the lists, if it is there.
	fn exit(who: &T::AccountId, agent: &Agent<T>) {
		if !agent.status.is_listed() {
			return;
		}
		for model in &agent.models {
			Self::delist(who, *model);
		}
		if agent.status == Status::Active {
			ActiveAgents::<T>::mutate(Saturating::saturating_dec);
		}
	}

	fn enlist(who: &T::AccountId, model: ModelId) -> Result<(), Error<T>> {
		Servers::<T>::try_append(model, who).map_err(|()| Error::<T>::ModelFull)
	}

	fn delist(who: &T::AccountId, model: ModelId) {
		Servers::<T>::mutate_exists(model, |servers| {
			let Some(list) = servers else {
				defensive!("a listed agent is found under each of its models");
				return;
			};
			list.retain(|server| server != who);
			if list.is_empty() {
				*servers = None;
			}
		});
	}
}
