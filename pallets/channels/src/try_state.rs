//! The invariants that the pallet's documentation numbers.

use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::{ensure, traits::Get};
use openledger_pallet_support::{
	agenda::was_passed_over,
	holds::{self, add},
};
use openledger_primitives::{AccountId, Balance, ChannelId};
use sp_runtime::TryRuntimeError;

use crate::{
	batches::BatchOf,
	types::{Item, Stage},
	Agenda, Batches, Channels, Config, HoldReason, NextChannel, OpenBatches, Pallet, Reruns,
};

/// What is to be held, by account.
type Sums = holds::Sums<AccountId, Balance>;

impl<T: Config> Pallet<T> {
	/// Checks the invariants that the pallet's documentation numbers.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let (mut funds, mut records) = (Sums::new(), Sums::new());
		let (mut bonds, mut challenges) = (Sums::new(), Sums::new());
		let mut due = BTreeSet::new();
		let mut reruns = BTreeSet::new();
		let mut batches = BTreeMap::<ChannelId, BTreeMap<u32, BatchOf<T>>>::new();
		let mut open = 0u32;

		for (id, n, batch) in Batches::<T>::iter() {
			let channel = Channels::<T>::get(id).ok_or("5: a batch has no channel")?;
			open = open.saturating_add(1);
			add(&mut records, &channel.agent, batch.deposit)?;
			add(&mut bonds, &channel.agent, batch.bond)?;
			if let Some(challenge) = batch.stage.challenge() {
				add(&mut challenges, &challenge.challenger, challenge.bond)?;
				ensure!(
					batch.calls.place(challenge.index).is_some(),
					"5: a call is challenged that is not in the batch"
				);
			}
			let item = Item::Batch(id, n);
			due.extend(batch.stage.due().map(|at| ((item.queue(), at), item)));
			if let Stage::Rerunning { request, .. } = batch.stage {
				reruns.insert((request, (id, n)));
			}
			batches.entry(id).or_default().insert(n, batch);
		}
		ensure!(
			open == OpenBatches::<T>::get() && open <= T::MaxBatches::get(),
			"9: the batches are miscounted, or too many"
		);
		let stored: BTreeSet<_> = Reruns::<T>::iter().collect();
		ensure!(
			stored == reruns,
			"8: the re-runs are not those that batches wait for"
		);

		let agenda: BTreeSet<_> = Agenda::<T>::iter()
			.map(|(at, item, ())| (at, item))
			.collect();
		ensure!(
			!was_passed_over::<Self>(),
			"7: something on the agenda was passed over"
		);
		for (id, channel) in Channels::<T>::iter() {
			ensure!(
				id < NextChannel::<T>::get(),
				"9: an id was not given out yet"
			);
			add(&mut funds, &channel.payer, channel.held)?;
			add(&mut records, &channel.payer, channel.record)?;
			let own = batches.remove(&id).unwrap_or_default();
			let mut end = 0;
			let mut locked: Balance = 0;
			for (n, batch) in &own {
				ensure!(
					*n < channel.batches && batch.calls.first >= end,
					"5: a channel's batches do not follow each other"
				);
				end = batch.calls.first.saturating_add(batch.calls.count.into());
				locked = locked.saturating_add(batch.totals.fee);
			}
			ensure!(end <= channel.calls, "5: a call was not counted");
			ensure!(
				locked == channel.locked
					&& own.len() == usize::try_from(channel.pending).unwrap_or(0),
				"5: a channel's locked amount or pending number is not its batches'"
			);
			ensure!(
				channel.locked <= channel.held && channel.spent <= channel.deposit,
				"6: a channel does not hold what it has locked"
			);
			let over = channel.is_over(Self::now());
			let rest = channel.deposit.saturating_sub(channel.spent);
			ensure!(
				over || channel.held.saturating_sub(channel.locked) == rest,
				"6: a channel does not hold what is not spent"
			);
			let item = Item::Channel(id);
			let listed = channel
				.closing
				.map(|until| ((item.queue(), until), item))
				.filter(|entry| agenda.contains(entry));
			ensure!(
				listed.is_some() || channel.closing.is_none() || (over && channel.pending > 0),
				"7: the end of a channel is not on the agenda"
			);
			due.extend(listed);
		}
		ensure!(agenda == due, "7: the agenda is not what is due");

		holds::check::<T, T::Currency>(
			HoldReason::Funds,
			funds,
			"1: the funds held are not the channels'",
		)?;
		holds::check::<T, T::Currency>(
			HoldReason::Record,
			records,
			"2: the deposits held are not the channels' and batches'",
		)?;
		holds::check::<T, T::Currency>(
			HoldReason::Bond,
			bonds,
			"3: the bonds held are not the batches'",
		)?;
		holds::check::<T, T::Currency>(
			HoldReason::Challenge,
			challenges,
			"4: the bonds held are not the challenges'",
		)
	}
}
