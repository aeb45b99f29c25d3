//! Offences, and what they cost in the end.

use frame_support::{
	defensive, ensure,
	traits::{Get, Imbalance},
};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{traits::Offence, Balance};
use sp_runtime::{traits::Saturating, DispatchResult, Permill};

use crate::{
	types::{Agent, PauseCause, PendingSlash, SlashId, Status},
	ActiveAgents, Agents, Config, Error, Event, FirstSlash, NextSlash, Pallet, SlashOf, Slashes,
	SlashingParameters, MAX_SLASHES_PER_BLOCK,
};

impl<T: Config> Pallet<T> {
	/// Puts an offence on record, and its slash into the queue.
	pub(crate) fn do_offend(who: &T::AccountId, offence: Offence, reporter: Option<&T::AccountId>) {
		let Some(mut agent) = Agents::<T>::get(who) else {
			return;
		};
		let now = Self::now();
		let part = agent
			.offences
			.add(offence, now, &SlashingParameters::<T>::get());
		if !part.is_zero() {
			agent.pending.saturating_inc();
			if part.is_one() {
				Self::suspend(who, &mut agent);
			}
			let id = NextSlash::<T>::mutate(|next| {
				let id = *next;
				next.saturating_inc();
				id
			});
			let base = agent
				.held()
				.saturating_add(agent.delegated.balance)
				.saturating_add(agent.leaving.balance);
			let due = now.saturating_add(T::SlashDeferBlocks::get());
			Slashes::<T>::insert(
				id,
				PendingSlash {
					agent: who.clone(),
					offence,
					part,
					base,
					reporter: reporter.cloned(),
					due,
				},
			);
			Self::deposit_event(Event::SlashDeferred {
				id,
				agent: who.clone(),
				offence,
				part,
				base,
				due,
			});
		}
		Agents::<T>::insert(who, agent);
	}

	pub(crate) fn do_cancel_slash(id: SlashId) -> DispatchResult {
		let slash = Slashes::<T>::take(id).ok_or(Error::<T>::UnknownSlash)?;
		let mut agent = Agents::<T>::get(&slash.agent).ok_or(Error::<T>::NotRegistered)?;
		ensure!(agent.pending > 0, Error::<T>::UnknownSlash);

		agent.pending = agent.pending.saturating_sub(1);
		agent.offences.forgive(slash.offence);
		if slash.part.is_one() {
			Self::reinstate(&slash.agent, &mut agent);
		}
		Self::share_out(&slash.agent, &mut agent);
		Agents::<T>::insert(&slash.agent, agent);
		Self::deposit_event(Event::SlashCancelled {
			id,
			agent: slash.agent,
		});
		Ok(())
	}

	/// Applies what is due, and says how many places of the queue that took. All are deferred by the
	/// same time, so that the first one is due first.
	pub(crate) fn apply_due(now: BlockNumberFor<T>) -> u32 {
		let (first, next) = (FirstSlash::<T>::get(), NextSlash::<T>::get());
		let mut id = first;
		let mut served: u32 = 0;
		while id < next && served < MAX_SLASHES_PER_BLOCK {
			if let Some(slash) = Slashes::<T>::get(id) {
				if slash.due > now {
					break;
				}
				Slashes::<T>::remove(id);
				Self::apply(id, slash);
			}
			id.saturating_inc();
			served.saturating_inc();
		}
		if served > 0 {
			FirstSlash::<T>::put(id);
		}
		served
	}

	fn apply(id: SlashId, slash: SlashOf<T>) {
		let PendingSlash {
			agent: who,
			offence,
			part,
			reporter,
			..
		} = slash;
		let Some(mut agent) = Agents::<T>::get(&who) else {
			defensive!("an agent with a pending slash is not forgotten");
			return;
		};
		let own = Self::slash_own(&mut agent, part);
		let delegated = agent
			.delegated
			.slash(part)
			.saturating_add(agent.leaving.slash(part));
		let mut slashed = Self::from_bond(&who, own);
		slashed.subsume(Self::from_pot(delegated));
		let reward = Self::pay_slashed(slashed, reporter.as_ref());

		agent.pending = agent.pending.saturating_sub(1);
		if agent.bond < T::MinBond::get() {
			Self::halt(&who, &mut agent, PauseCause::BelowMinimum);
		}
		Self::share_out(&who, &mut agent);
		Agents::<T>::insert(&who, agent);
		Self::deposit_event(Event::Slashed {
			id,
			agent: who,
			offence,
			own,
			delegated,
			reporter,
			reward,
		});
	}

	/// Has an agent not drawn while a slash that takes all is pending. It stays on the lists of its models:
	/// the end of one request may blame many agents, and has to be cheap.
	fn suspend(who: &T::AccountId, agent: &mut Agent<T>) {
		match &mut agent.status {
			Status::Active => {
				agent.status = Status::Suspended { slashes: 1 };
				ActiveAgents::<T>::mutate(Saturating::saturating_dec);
				Self::deposit_event(Event::Suspended { agent: who.clone() });
			}
			Status::Suspended { slashes } => slashes.saturating_inc(),
			Status::Paused | Status::Unbonding { .. } => {}
		}
	}

	/// Has a suspended agent drawn again, if the cancelled slash was the last one that would take all.
	/// Nothing else can speak against it: a bond below the minimum would have paused it.
	fn reinstate(who: &T::AccountId, agent: &mut Agent<T>) {
		let Status::Suspended { slashes } = &mut agent.status else {
			return;
		};
		*slashes = slashes.saturating_sub(1);
		if *slashes == 0 {
			agent.status = Status::Active;
			ActiveAgents::<T>::mutate(Saturating::saturating_inc);
			Self::deposit_event(Event::Resumed { agent: who.clone() });
		}
	}

	/// Takes a part of an agent's bond and of each part of it that unbonds, and says how much.
	fn slash_own(agent: &mut Agent<T>, part: Permill) -> Balance {
		let before = agent.held();
		agent.bond = agent.bond.saturating_sub(part.mul_floor(agent.bond));
		for chunk in agent.unbonding.iter_mut() {
			chunk.amount = chunk.amount.saturating_sub(part.mul_floor(chunk.amount));
		}
		agent.unbonding.retain(|chunk| chunk.amount > 0);
		before.saturating_sub(agent.held())
	}
}
