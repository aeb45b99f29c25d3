//! Challenges, and what comes of them.

use frame_support::{
	defensive, ensure,
	traits::{
		fungible::{Balanced, BalancedHold, MutateHold},
		Get, Imbalance, OnUnbalanced,
	},
};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{
	receipt::{call_seed, SignedReceipt, Step, StepError},
	traits::{AgentPool, Contested, ModelRegistry, Offence, OnRuling, Recompute, Ruling},
	AccountId, Balance, ChannelId, Outcome, RequestId,
};
use sp_core::H256;
use sp_crypto_hashing::blake2_256;
use sp_runtime::{
	traits::{Saturating, Zero},
	DispatchResult, Weight,
};

use crate::{
	batches::{BatchOf, StageOf},
	channels::ChannelOf,
	types::{Challenge, Item, Stage},
	Batches, Config, Error, Event, ExcusedAt, HoldReason, InputOf, Pallet, Reruns, WeightInfo,
};

impl<T: Config> Pallet<T> {
	fn both(id: ChannelId, n: u32) -> Result<(ChannelOf<T>, BatchOf<T>), Error<T>> {
		let channel = Self::channel(id)?;
		let batch = Batches::<T>::get(id, n).ok_or(Error::<T>::UnknownBatch)?;
		Ok((channel, batch))
	}

	/// Until when a batch can be challenged, anew or for the first time.
	pub(crate) fn reopened_until(batch: &BatchOf<T>) -> BlockNumberFor<T> {
		let now = Self::now();
		let usual = batch.posted_at.saturating_add(T::ChallengeBlocks::get());
		let last = batch.posted_at.saturating_add(T::MaxChallengeBlocks::get());
		let again = now.saturating_add(T::ReopenBlocks::get()).min(last);
		usual.max(again).max(now.saturating_add(1u32.into()))
	}

	/// Whether transactions may have been kept out of blocks in the present stage.
	pub(crate) fn was_excused(batch: &BatchOf<T>) -> bool {
		ExcusedAt::<T>::get().is_some_and(|at| at >= batch.since)
	}

	pub(crate) fn do_challenge(
		who: AccountId,
		id: ChannelId,
		n: u32,
		index: u64,
	) -> DispatchResult {
		let (channel, mut batch) = Self::both(id, n)?;
		let is_payer = who == channel.payer;
		let (until, before) = match &batch.stage {
			Stage::Open { until } => (*until, None),
			Stage::Challenged { challenge, until }
			| Stage::Disclosed {
				challenge, until, ..
			} if is_payer && !batch.overtaken && challenge.challenger != who => {
				(*until, Some(challenge.clone()))
			}
			_ => return Err(Error::<T>::AlreadyChallenged.into()),
		};
		let now = Self::now();
		let kept = if is_payer {
			Zero::zero()
		} else {
			T::ReopenBlocks::get()
		};
		let last = batch
			.posted_at
			.saturating_add(T::MaxChallengeBlocks::get())
			.saturating_sub(kept);
		ensure!(now < until && now < last, Error::<T>::TooLate);
		ensure!(who != channel.agent, Error::<T>::OwnBatch);
		ensure!(batch.calls.place(index).is_some(), Error::<T>::NotInBatch);
		let bond = T::ChallengeBond::get();
		T::Currency::hold(&HoldReason::Challenge.into(), &who, bond)?;

		if let Some(Challenge {
			challenger, bond, ..
		}) = before
		{
			batch.overtaken = true;
			Self::give_back(HoldReason::Challenge, &challenger, bond);
			Self::deposit_event(Event::Overtaken {
				channel: id,
				batch: n,
				challenger,
			});
		}
		Self::unschedule(Item::Batch(id, n), until);
		let until = now.saturating_add(T::DiscloseBlocks::get());
		let challenge = Challenge {
			challenger: who.clone(),
			index,
			bond,
		};
		Self::enter(id, n, &mut batch, Stage::Challenged { challenge, until });
		Batches::<T>::insert(id, n, batch);
		Self::deposit_event(Event::Challenged {
			channel: id,
			batch: n,
			index,
			challenger: who,
			bond,
			until,
		});
		Ok(())
	}

	pub(crate) fn do_disclose(
		id: ChannelId,
		n: u32,
		step: Step,
		input: InputOf<T>,
	) -> DispatchResult {
		let (channel, mut batch) = Self::both(id, n)?;
		let Stage::Challenged { challenge, until } = batch.stage.clone() else {
			return Err(Error::<T>::NotChallenged.into());
		};
		ensure!(Self::now() < until, Error::<T>::TooLate);
		let receipt = step.receipt.signed.receipt;
		ensure!(receipt.index == challenge.index, Error::<T>::OtherCall);
		ensure!(
			H256(blake2_256(&input)) == receipt.input,
			Error::<T>::OtherInput
		);
		let right = Self::check_step(id, &channel, &batch, &step)?;
		let possible = T::Recompute::is_possible(channel.model, receipt.version, &step.outcome);

		Self::unschedule(Item::Batch(id, n), until);
		let reporter = Some(challenge.challenger.clone());
		if !possible {
			Self::convict(id, n, channel, batch, Offence::WrongResult, reporter);
		} else if !right {
			Self::convict(id, n, channel, batch, Offence::FalseAttribution, reporter);
		} else {
			let until = Self::now().saturating_add(T::RerunBlocks::get());
			let stage = Stage::Disclosed {
				challenge,
				receipt,
				until,
			};
			Self::enter(id, n, &mut batch, stage);
			Batches::<T>::insert(id, n, batch);
			Self::deposit_event(Event::Disclosed {
				channel: id,
				batch: n,
				receipt,
				until,
			});
		}
		Ok(())
	}

	fn check_step(
		id: ChannelId,
		channel: &ChannelOf<T>,
		batch: &BatchOf<T>,
		step: &Step,
	) -> Result<bool, Error<T>> {
		step.is_right(&Self::genesis(), &channel.operator, id, &batch.calls)
			.map_err(|error| match error {
				StepError::NotInBatch => Error::<T>::NotInBatch,
				StepError::BadSignature => Error::<T>::BadSignature,
				StepError::OtherTotals => Error::<T>::OtherTotals,
				StepError::OtherOutcome => Error::<T>::OtherOutcome,
				StepError::OtherEarnings => Error::<T>::OtherEarnings,
			})
	}

	pub(crate) fn do_rerun(
		who: AccountId,
		id: ChannelId,
		n: u32,
		input: InputOf<T>,
		outcome: Outcome,
		max_fee: Balance,
	) -> DispatchResult {
		let (channel, mut batch) = Self::both(id, n)?;
		let Stage::Disclosed {
			challenge,
			receipt,
			until,
		} = batch.stage.clone()
		else {
			return Err(Error::<T>::NotDisclosed.into());
		};
		ensure!(challenge.challenger == who, Error::<T>::NotChallenger);
		ensure!(Self::now() < until, Error::<T>::TooLate);
		ensure!(
			H256(blake2_256(&input)) == receipt.input,
			Error::<T>::OtherInput
		);
		ensure!(outcome.hash() == receipt.outcome, Error::<T>::OtherOutcome);
		let contested = Contested {
			model: channel.model,
			version: receipt.version,
			seed: call_seed(&channel.seed, receipt.index),
			input: input.into_inner(),
			said: &outcome,
			excluded: &[channel.agent, who.clone()],
		};
		let (request, fee) = T::Recompute::rerun(&who, contested, max_fee)?;

		Self::unschedule(Item::Batch(id, n), until);
		Reruns::<T>::insert(request, (id, n));
		let stage = Stage::Rerunning {
			challenge,
			request,
			fee,
		};
		Self::enter(id, n, &mut batch, stage);
		Batches::<T>::insert(id, n, batch);
		Self::deposit_event(Event::Rerun {
			channel: id,
			batch: n,
			request,
			fee,
		});
		Ok(())
	}

	pub(crate) fn do_report_totals(
		who: AccountId,
		id: ChannelId,
		n: u32,
		step: Step,
	) -> DispatchResult {
		let (channel, batch) = Self::both(id, n)?;
		let right = Self::check_step(id, &channel, &batch, &step)?;
		ensure!(!right, Error::<T>::StepIsRight);
		Self::convict(id, n, channel, batch, Offence::FalseAttribution, Some(who));
		Ok(())
	}

	pub(crate) fn do_report_double(
		who: AccountId,
		id: ChannelId,
		first: SignedReceipt,
		second: SignedReceipt,
		n: Option<u32>,
	) -> DispatchResult {
		let mut channel = Self::channel(id)?;
		// Who came first may not have named the batch.
		let new = !channel.equivocated;
		ensure!(new || n.is_some(), Error::<T>::AlreadyReported);
		let index = first.receipt.index;
		ensure!(
			first.receipt.channel == id && first.receipt.contradicts(&second.receipt),
			Error::<T>::NoEquivocation
		);
		let genesis = Self::genesis();
		ensure!(
			[&first, &second]
				.iter()
				.all(|signed| signed.is_signed(&genesis, &channel.operator)),
			Error::<T>::BadSignature
		);
		let batch = n
			.map(|n| {
				let batch = Batches::<T>::get(id, n).ok_or(Error::<T>::UnknownBatch)?;
				ensure!(batch.calls.place(index).is_some(), Error::<T>::NotInBatch);
				Ok::<_, Error<T>>((n, batch))
			})
			.transpose()?;

		channel.equivocated = true;
		if new {
			Self::offend(id, &channel, Offence::Equivocation, Some(who));
		}
		match batch {
			Some((n, batch)) => Self::uphold(id, n, channel, batch),
			None => {
				Self::break_off(id, &mut channel);
				Self::keep(id, channel);
			}
		}
		Ok(())
	}

	/// The call was not disclosed in time: as grave as a wrong one, or whoever is wrong would keep silent.
	pub(crate) fn undisclosed(id: ChannelId, n: u32, channel: ChannelOf<T>, batch: BatchOf<T>) {
		let Some(challenge) = batch.stage.challenge().cloned() else {
			return;
		};
		if Self::was_excused(&batch) {
			Self::drop_challenge(id, n, batch, challenge);
		} else {
			let reporter = Some(challenge.challenger);
			Self::convict(id, n, channel, batch, Offence::WrongResult, reporter);
		}
	}

	/// The call was not run again in time. That is the challenger's fault if it could have been, and
	/// the agent's if the version is gone: it has to post in time what it ran with an old one.
	pub(crate) fn not_rerun(id: ChannelId, n: u32, channel: ChannelOf<T>, batch: BatchOf<T>) {
		let Stage::Disclosed {
			challenge, receipt, ..
		} = batch.stage.clone()
		else {
			return;
		};
		if T::Models::spec(channel.model, receipt.version).is_none() {
			let reporter = Some(challenge.challenger);
			Self::convict(id, n, channel, batch, Offence::WrongResult, reporter);
		} else if Self::was_excused(&batch)
			|| !T::Recompute::is_available(channel.model, receipt.version, 2)
		{
			Self::drop_challenge(id, n, batch, challenge);
		} else {
			Self::reject(id, n, &channel, batch, challenge);
		}
	}

	/// Nobody was right: everything is given back, and the batch can be challenged for a while yet.
	fn drop_challenge(id: ChannelId, n: u32, batch: BatchOf<T>, challenge: Challenge<AccountId>) {
		Self::give_back(HoldReason::Challenge, &challenge.challenger, challenge.bond);
		let until = Self::reopen(id, n, batch);
		Self::deposit_event(Event::Dropped {
			channel: id,
			batch: n,
			challenger: challenge.challenger,
			until,
		});
	}

	/// The challenger was wrong, or gave up: half of its bond is the agent's, for the delay. Not all of
	/// it, or else friends of the agent could keep others from challenging for nothing.
	fn reject(
		id: ChannelId,
		n: u32,
		channel: &ChannelOf<T>,
		batch: BatchOf<T>,
		challenge: Challenge<AccountId>,
	) {
		let (lost, _) = T::Currency::slash(
			&HoldReason::Challenge.into(),
			&challenge.challenger,
			challenge.bond,
		);
		let half = lost.peek() / 2;
		let (for_agent, rest) = lost.split(half);
		if let Err(refused) = T::Currency::resolve(&channel.agent, for_agent) {
			T::Penalties::on_unbalanced(refused);
		}
		T::Penalties::on_unbalanced(rest);
		let until = Self::reopen(id, n, batch);
		Self::deposit_event(Event::Rejected {
			channel: id,
			batch: n,
			challenger: challenge.challenger,
			lost: challenge.bond,
			until,
		});
	}

	fn reopen(id: ChannelId, n: u32, mut batch: BatchOf<T>) -> BlockNumberFor<T> {
		let until = Self::reopened_until(&batch);
		Self::enter(id, n, &mut batch, Stage::Open { until });
		Batches::<T>::insert(id, n, batch);
		until
	}

	/// The agent was wrong: it is reported, and the batch undone.
	fn convict(
		id: ChannelId,
		n: u32,
		channel: ChannelOf<T>,
		batch: BatchOf<T>,
		offence: Offence,
		reporter: Option<AccountId>,
	) {
		Self::offend(id, &channel, offence, reporter);
		Self::uphold(id, n, channel, batch);
	}

	/// Undoes a batch: the channel ends, and the agent's bond for the batch pays for the re-run. Other
	/// batches of the channel go their own ways: what each of them costs was fixed when it was posted.
	fn uphold(id: ChannelId, n: u32, mut channel: ChannelOf<T>, batch: BatchOf<T>) {
		if let Some(until) = batch.stage.due() {
			Self::unschedule(Item::Batch(id, n), until);
		}
		let (mut lost, _) =
			T::Currency::slash(&HoldReason::Bond.into(), &channel.agent, batch.bond);
		if let Some(challenge) = batch.stage.challenge() {
			Self::give_back(HoldReason::Challenge, &challenge.challenger, challenge.bond);
		}
		let mut compensated = 0;
		if let Stage::Rerunning {
			challenge,
			request,
			fee,
		} = &batch.stage
		{
			Reruns::<T>::remove(request);
			let due = lost.extract(*fee);
			compensated = due.peek();
			if let Err(refused) = T::Currency::resolve(&challenge.challenger, due) {
				compensated = 0;
				T::Penalties::on_unbalanced(refused);
			}
		}
		T::Penalties::on_unbalanced(lost);
		Self::deposit_event(Event::Upheld {
			channel: id,
			batch: n,
			unlocked: batch.totals.fee,
			lost: batch.bond,
			compensated,
		});
		Self::unlock(id, n, &mut channel, batch);
		Self::break_off(id, &mut channel);
		Self::keep(id, channel);
	}

	fn offend(
		id: ChannelId,
		channel: &ChannelOf<T>,
		offence: Offence,
		reporter: Option<AccountId>,
	) {
		T::Agents::offend(&channel.agent, offence, reporter.as_ref());
		Self::deposit_event(Event::Offended {
			channel: id,
			agent: channel.agent.clone(),
			offence,
			reporter,
		});
	}
}

impl<T: Config> OnRuling for Pallet<T> {
	/// Of a challenge that is not there any more, as the batch was undone for another reason, nothing is
	/// left to be decided.
	fn ruled(request: RequestId, ruling: Ruling) {
		let Some((id, n)) = Reruns::<T>::take(request) else {
			return;
		};
		let Ok((channel, batch)) = Self::both(id, n) else {
			defensive!("what is run again belongs to a batch");
			return;
		};
		let StageOf::<T>::Rerunning { challenge, .. } = batch.stage.clone() else {
			defensive!("the batch of what is run again waits for it");
			return;
		};
		let reporter = Some(challenge.challenger.clone());
		match ruling {
			Ruling::Confirmed => Self::reject(id, n, &channel, batch, challenge),
			Ruling::Undecided => Self::drop_challenge(id, n, batch, challenge),
			Ruling::WrongResult => {
				Self::convict(id, n, channel, batch, Offence::WrongResult, reporter)
			}
			Ruling::FalseAttribution => {
				Self::convict(id, n, channel, batch, Offence::FalseAttribution, reporter)
			}
		}
	}

	fn weight() -> Weight {
		T::WeightInfo::ruled()
	}
}
