//! Posting batches of receipts, and settling them.

use frame_support::{
	defensive, ensure,
	traits::{
		fungible::{BalancedHold, MutateHold},
		Get, Imbalance,
	},
	weights::Weight,
};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{
	data::Locator,
	earnings::Summary,
	receipt::{Commitment, ProvenReceipt, Totals},
	traits::{AgentPool, Recompute, Run, Settlement, Source},
	voucher::Voucher,
	AccountId, Balance, ChannelId, Signature,
};
use sp_runtime::{traits::Saturating, DispatchResult};

use crate::{
	channels::ChannelOf,
	types::{Batch, CreditOf, Item, Stage},
	Batches, Channels, Config, Error, Event, HoldReason, OpenBatches, Pallet, WeightInfo,
};

/// How many re-runs a batch's bond pays for, at the price at which it was posted: prices may have risen when a
/// call is run again.
pub const RERUNS_PER_BOND: Balance = 2;

/// A batch of this runtime.
pub(crate) type BatchOf<T> = Batch<AccountId, BlockNumberFor<T>>;

/// How far a batch of this runtime is.
pub(crate) type StageOf<T> = Stage<AccountId, BlockNumberFor<T>>;

impl<T: Config> Pallet<T> {
	#[allow(clippy::too_many_arguments, reason = "as many as the call has")]
	pub(crate) fn do_post(
		who: AccountId,
		id: ChannelId,
		spent: Balance,
		signature: Signature,
		calls: Commitment,
		last: ProvenReceipt,
		totals: Totals,
		locator: Locator,
	) -> DispatchResult {
		let mut channel = Self::channel(id)?;
		Self::check_batch(&who, id, &channel, spent, &calls, &last, &totals)?;
		let genesis = Self::genesis();
		ensure!(
			last.signed.is_signed(&genesis, &channel.operator),
			Error::<T>::BadSignature
		);
		let voucher = Voucher { channel: id, spent };
		ensure!(
			voucher.is_signed(&genesis, &signature, &channel.signer),
			Error::<T>::BadVoucher
		);
		let open = OpenBatches::<T>::get()
			.checked_add(1)
			.filter(|open| *open <= T::MaxBatches::get())
			.ok_or(Error::<T>::Busy)?;
		let n = channel.batches;
		let batches = n.checked_add(1).ok_or(Error::<T>::Overflow)?;
		let end = channel
			.calls
			.checked_add(calls.count.into())
			.ok_or(Error::<T>::Overflow)?;
		let locked = channel
			.locked
			.checked_add(totals.fee)
			.ok_or(Error::<T>::Overflow)?;
		let version = last.signed.receipt.version;
		let rerun = T::Recompute::price(channel.model, version).unwrap_or_default();
		let bond = T::BatchBond::get().max(rerun.saturating_mul(RERUNS_PER_BOND));
		let deposit = T::BatchDeposit::get();
		T::Currency::hold(&HoldReason::Record.into(), &who, deposit)?;
		T::Currency::hold(&HoldReason::Bond.into(), &who, bond)?;

		OpenBatches::<T>::put(open);
		channel.spent = spent;
		channel.locked = locked;
		channel.calls = end;
		channel.batches = batches;
		channel.pending.saturating_inc();
		let now = Self::now();
		let until = now.saturating_add(T::ChallengeBlocks::get());
		Self::deposit_event(Event::Posted {
			channel: id,
			batch: n,
			calls,
			fee: totals.fee,
			locator,
			until,
		});
		let mut batch = Batch {
			calls,
			totals,
			deposit,
			bond,
			posted_at: now,
			since: now,
			stage: Stage::Open { until },
			overtaken: false,
		};
		Self::enter(id, n, &mut batch, Stage::Open { until });
		Batches::<T>::insert(id, n, batch);
		Channels::<T>::insert(id, channel);
		Ok(())
	}

	/// All that can be seen without a signature.
	fn check_batch(
		who: &AccountId,
		id: ChannelId,
		channel: &ChannelOf<T>,
		spent: Balance,
		calls: &Commitment,
		last: &ProvenReceipt,
		totals: &Totals,
	) -> Result<(), Error<T>> {
		ensure!(channel.agent == *who, Error::<T>::NotAgent);
		ensure!(!channel.is_over(Self::now()), Error::<T>::Over);
		// Who has left may be free of its bond before the batch is settled.
		ensure!(T::Agents::is_bonded(who), Error::<T>::NotBonded);
		ensure!(calls.first == channel.calls, Error::<T>::NotNext);
		ensure!(
			(1..=T::MaxReceipts::get()).contains(&calls.count),
			Error::<T>::BatchSize
		);
		ensure!(spent <= channel.deposit, Error::<T>::Overspent);
		ensure!(
			totals.first == calls.first && totals.calls == calls.count && totals.add_up(),
			Error::<T>::BadTotals
		);
		ensure!(
			spent.checked_sub(channel.spent) == Some(totals.fee),
			Error::<T>::NotPaid
		);
		ensure!(
			channel
				.floor
				.checked_mul(calls.count.into())
				.is_some_and(|least| totals.fee >= least),
			Error::<T>::BelowFloor
		);
		let receipt = &last.signed.receipt;
		let is_last = calls.place(receipt.index) == calls.count.checked_sub(1);
		ensure!(is_last && last.is_in(id, calls), Error::<T>::NotInBatch);
		ensure!(receipt.totals == totals.hash(), Error::<T>::OtherTotals);
		Ok(())
	}

	/// Begins a stage of a batch that is on no agenda.
	pub(crate) fn enter(id: ChannelId, n: u32, batch: &mut BatchOf<T>, stage: StageOf<T>) {
		if let Some(until) = stage.due() {
			Self::schedule(Item::Batch(id, n), until);
		}
		batch.since = Self::now();
		batch.stage = stage;
	}

	/// Returns what it weighed.
	pub(crate) fn batch_due(id: ChannelId, n: u32) -> Weight {
		let (Some(channel), Some(batch)) = (Channels::<T>::get(id), Batches::<T>::get(id, n))
		else {
			defensive!("a batch leaves the agenda when it ends");
			return T::WeightInfo::batch_due();
		};
		match batch.stage {
			Stage::Open { .. } => return Self::window_over(id, n, channel, batch),
			Stage::Challenged { .. } => Self::undisclosed(id, n, channel, batch),
			Stage::Disclosed { .. } => Self::not_rerun(id, n, channel, batch),
			Stage::Rerunning { .. } => {
				defensive!("what a committee runs is on no agenda");
			}
		}
		T::WeightInfo::batch_due()
	}

	/// Settles a batch, unless transactions were kept out of blocks: then it can be challenged for a
	/// while yet. Returns what it weighed.
	fn window_over(id: ChannelId, n: u32, channel: ChannelOf<T>, mut batch: BatchOf<T>) -> Weight {
		let until = Self::reopened_until(&batch);
		if Self::was_excused(&batch) && until > Self::now().saturating_add(1u32.into()) {
			Self::enter(id, n, &mut batch, Stage::Open { until });
			Batches::<T>::insert(id, n, batch);
			T::WeightInfo::batch_due()
		} else {
			Self::settle(id, n, channel, batch)
		}
	}

	fn settle(id: ChannelId, n: u32, mut channel: ChannelOf<T>, batch: BatchOf<T>) -> Weight {
		let fee = batch.totals.fee;
		// First of all, so that the agent can pay for what it takes to keep the data's part.
		Self::give_back(HoldReason::Bond, &channel.agent, batch.bond);
		let (mut credit, missing) =
			T::Currency::slash(&HoldReason::Funds.into(), &channel.payer, fee);
		if missing > 0 {
			defensive!("what is locked is held");
		}
		channel.held = channel.held.saturating_sub(fee);
		// What no data shaped is paid for apart, so that its data's part goes to the treasury.
		let unattributed = credit.extract(batch.totals.unattributed);
		let earned = batch.totals.earnings().unwrap_or_default();
		let dividing = Self::pay(id, n, &channel, earned, credit).saturating_add(Self::pay(
			id,
			n,
			&channel,
			Summary::EMPTY,
			unattributed,
		));
		Self::deposit_event(Event::Settled {
			channel: id,
			batch: n,
			fee,
			unattributed: batch.totals.unattributed,
		});
		Self::remove(id, n, channel, batch);
		T::WeightInfo::settle().saturating_add(dividing)
	}

	/// Pays for what was `earned` by data, as the root says. Returns what it weighed.
	fn pay(
		id: ChannelId,
		n: u32,
		channel: &ChannelOf<T>,
		earned: Summary,
		fee: CreditOf<T>,
	) -> Weight {
		if fee.peek() == 0 {
			return Weight::zero();
		}
		let run = Run {
			source: Source::Receipts {
				channel: id,
				batch: n,
			},
			payer: &channel.payer,
			model: channel.model,
			operators: core::slice::from_ref(&channel.agent),
			attribution: &[],
		};
		T::Settlement::settle_by_root(run, earned, fee)
	}

	/// Removes a batch that is on no agenda and whose money has gone its way, or is unlocked by it.
	pub(crate) fn remove(id: ChannelId, n: u32, mut channel: ChannelOf<T>, batch: BatchOf<T>) {
		Self::unlock(id, n, &mut channel, batch);
		Self::keep(id, channel);
	}

	pub(crate) fn unlock(id: ChannelId, n: u32, channel: &mut ChannelOf<T>, batch: BatchOf<T>) {
		Batches::<T>::remove(id, n);
		OpenBatches::<T>::mutate(|open| *open = open.saturating_sub(1));
		channel.locked = channel.locked.saturating_sub(batch.totals.fee);
		channel.pending = channel.pending.saturating_sub(1);
		Self::give_back(HoldReason::Record, &channel.agent, batch.deposit);
	}
}
