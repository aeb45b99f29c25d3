//! Opening, topping up, closing, and the money that moves with it.

use codec::Encode;
use frame_support::{
	defensive, ensure,
	traits::{fungible::MutateHold, tokens::Precision, Defensive, Get, Randomness},
};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{
	traits::{AgentPool, ModelRegistry},
	AccountId, Balance, ChannelId, ModelId,
};
use sp_core::H256;
use sp_crypto_hashing::blake2_256;
use sp_runtime::{
	traits::{Saturating, Zero},
	DispatchError, DispatchResult,
};

use crate::{
	types::{Channel, Item},
	Channels, Config, Error, Event, HoldReason, NextChannel, Pallet,
};

/// A channel of this runtime.
pub(crate) type ChannelOf<T> = Channel<AccountId, BlockNumberFor<T>>;

impl<T: Config> Pallet<T> {
	pub(crate) fn now() -> BlockNumberFor<T> {
		frame_system::Pallet::<T>::block_number()
	}

	/// The hash that binds what is signed off-chain to this chain.
	pub(crate) fn genesis() -> H256 {
		frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero())
	}

	pub(crate) fn channel(id: ChannelId) -> Result<ChannelOf<T>, Error<T>> {
		Channels::<T>::get(id).ok_or(Error::<T>::UnknownChannel)
	}

	pub(crate) fn give_back(reason: HoldReason, who: &AccountId, amount: Balance) -> Balance {
		T::Currency::release(&reason.into(), who, amount, Precision::Exact)
			.defensive_unwrap_or_default()
	}

	pub(crate) fn do_open(
		payer: AccountId,
		agent: AccountId,
		model: ModelId,
		deposit: Balance,
		signer: Option<AccountId>,
	) -> DispatchResult {
		let operator = T::Agents::operator_key(&agent).ok_or(Error::<T>::NotServed)?;
		ensure!(
			T::Agents::served(&agent).contains(&model) && T::Agents::is_bonded(&agent),
			Error::<T>::NotServed
		);
		T::Models::ensure_served(model, &payer)?;
		let floor = T::Models::quote(model, 1)?.fee;
		ensure!(deposit > 0 && deposit >= floor, Error::<T>::DepositTooLow);
		let record = T::ChannelDeposit::get();
		T::Currency::hold(&HoldReason::Funds.into(), &payer, deposit)?;
		T::Currency::hold(&HoldReason::Record.into(), &payer, record)?;

		let id = NextChannel::<T>::get();
		NextChannel::<T>::put(id.saturating_add(1));
		let (random, _) = T::Randomness::random(b"openledger/channel");
		let seed = H256(blake2_256(&(b"openledger/channel", random, id).encode()));
		let signer = signer.unwrap_or_else(|| payer.clone());
		Channels::<T>::insert(
			id,
			Channel {
				payer: payer.clone(),
				agent: agent.clone(),
				model,
				signer: signer.clone(),
				operator,
				seed,
				floor,
				deposit,
				held: deposit,
				spent: 0,
				locked: 0,
				calls: 0,
				batches: 0,
				pending: 0,
				record,
				closing: None,
				equivocated: false,
			},
		);
		Self::deposit_event(Event::Opened {
			channel: id,
			payer,
			agent,
			model,
			signer,
			operator,
			deposit,
			seed,
		});
		Ok(())
	}

	pub(crate) fn do_top_up(who: AccountId, id: ChannelId, amount: Balance) -> DispatchResult {
		let mut channel = Self::channel(id)?;
		ensure!(channel.payer == who, Error::<T>::NotPayer);
		ensure!(channel.closing.is_none(), Error::<T>::Closing);
		ensure!(amount > 0, Error::<T>::DepositTooLow);
		// A channel of a tenant runs on after the rental, as far as it is funded by then.
		T::Models::ensure_served(channel.model, &who)?;
		let deposit = channel
			.deposit
			.checked_add(amount)
			.ok_or(Error::<T>::Overflow)?;
		let held = channel
			.held
			.checked_add(amount)
			.ok_or(Error::<T>::Overflow)?;
		T::Currency::hold(&HoldReason::Funds.into(), &who, amount)?;

		(channel.deposit, channel.held) = (deposit, held);
		Channels::<T>::insert(id, channel);
		Self::deposit_event(Event::ToppedUp {
			channel: id,
			amount,
			deposit,
		});
		Ok(())
	}

	pub(crate) fn do_close(who: AccountId, id: ChannelId) -> DispatchResult {
		let mut channel = Self::channel(id)?;
		let now = Self::now();
		let until = if who == channel.agent {
			now
		} else {
			ensure!(who == channel.payer, Error::<T>::NotParty);
			now.saturating_add(T::ClosingBlocks::get())
		};
		ensure!(
			channel.closing.is_none_or(|before| until < before),
			Error::<T>::Closing
		);

		Self::end_at(id, &mut channel, until);
		Self::deposit_event(Event::Closing {
			channel: id,
			by: who,
			until,
		});
		Self::keep(id, channel);
		Ok(())
	}

	pub(crate) fn do_finalise(id: ChannelId) -> Result<(), DispatchError> {
		let channel = Self::channel(id)?;
		ensure!(channel.is_over(Self::now()), Error::<T>::NotOver);
		ensure!(channel.pending == 0, Error::<T>::BatchesPending);
		Self::remove_channel(id, channel);
		Ok(())
	}

	/// Has nothing posted any more from a block on, the present one or later.
	fn end_at(id: ChannelId, channel: &mut ChannelOf<T>, until: BlockNumberFor<T>) {
		if let Some(before) = channel.closing {
			Self::unschedule(Item::Channel(id), before);
		}
		channel.closing = Some(until);
		if until > Self::now() {
			Self::schedule(Item::Channel(id), until);
		}
	}

	/// Ends a channel whose agent was caught, and gives back at once what no batch is waiting for.
	pub(crate) fn break_off(id: ChannelId, channel: &mut ChannelOf<T>) {
		if !channel.is_over(Self::now()) {
			Self::end_at(id, channel, Self::now());
		}
		let free = channel.held.saturating_sub(channel.locked);
		if free > 0 {
			channel.held = channel.locked;
			Self::give_back(HoldReason::Funds, &channel.payer, free);
			Self::deposit_event(Event::Refunded {
				channel: id,
				payer: channel.payer.clone(),
				amount: free,
			});
		}
	}

	/// Stores a channel, or finalises it if it is over and nothing is pending.
	pub(crate) fn keep(id: ChannelId, channel: ChannelOf<T>) {
		if channel.is_over(Self::now()) && channel.pending == 0 {
			Self::remove_channel(id, channel);
		} else {
			Channels::<T>::insert(id, channel);
		}
	}

	pub(crate) fn channel_due(id: ChannelId) {
		if let Some(channel) = Channels::<T>::get(id).defensive() {
			Self::keep(id, channel);
		}
	}

	fn remove_channel(id: ChannelId, channel: ChannelOf<T>) {
		if channel.locked > 0 {
			defensive!("without batches nothing is locked");
		}
		if let Some(until) = channel.closing {
			Self::unschedule(Item::Channel(id), until);
		}
		Channels::<T>::remove(id);
		let refunded = Self::give_back(HoldReason::Funds, &channel.payer, channel.held);
		Self::give_back(HoldReason::Record, &channel.payer, channel.record);
		Self::deposit_event(Event::Closed {
			channel: id,
			payer: channel.payer,
			refunded,
		});
	}
}
