//! The invariants.

use alloc::collections::BTreeMap;
use frame_support::{
	ensure,
	traits::{
		fungible::{hold::Inspect as _, Inspect as _},
		Get,
	},
};
use openledger_primitives::{data::MAX_SCORE, Balance, BatchId, DatanetId};
use sp_runtime::TryRuntimeError;

use crate::{
	types::MAX_CLUSTER_DEPTH, BatchAt, BatchOf, BatchOfContent, BatchOfRoot, BatchState, Batches,
	Config, Datanets, Descriptions, Frozen, HoldReason, Link, Links, Listed, NextBatchId,
	NextDatanetId, Pallet, Pools, Reservations, RulesOf, TotalIncome,
};

/// What the batches of a Datanet add up to.
#[derive(Default)]
struct Sums {
	live: u32,
	pending: u32,
	shares: u64,
	owed: Balance,
}

/// The deposits recorded for an account, by reason.
#[derive(Default)]
struct Deposits {
	datanets: Balance,
	batches: Balance,
	reservations: Balance,
}

fn add(sum: &mut Balance, amount: Balance) -> Result<(), TryRuntimeError> {
	*sum = sum.checked_add(amount).ok_or("8: deposits overflow")?;
	Ok(())
}

impl<T: Config> Pallet<T> {
	/// Checks the invariants of the crate's documentation, by their numbers.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut held = BTreeMap::<T::AccountId, Deposits>::new();
		let mut sums = BTreeMap::<DatanetId, Sums>::new();
		Self::check_batches(&mut held, &mut sums)?;
		Self::check_clusters()?;
		Self::check_datanets(&mut held, &sums)?;
		Self::check_pools(&sums)?;
		for (who, _, reservation) in Reservations::<T>::iter() {
			add(
				&mut held.entry(who).or_default().reservations,
				reservation.deposit,
			)?;
		}
		for (who, deposits) in held {
			let on_hold = |reason: HoldReason| T::Currency::balance_on_hold(&reason.into(), &who);
			ensure!(
				on_hold(HoldReason::DatanetDeposit) == deposits.datanets,
				"8: the deposits for Datanets are not what is held"
			);
			ensure!(
				on_hold(HoldReason::BatchDeposit) == deposits.batches,
				"8: the deposits for batches are not what is held"
			);
			ensure!(
				on_hold(HoldReason::Reservation) == deposits.reservations,
				"8: the deposits for reservations are not what is held"
			);
		}
		Ok(())
	}

	fn check_batches(
		held: &mut BTreeMap<T::AccountId, Deposits>,
		sums: &mut BTreeMap<DatanetId, Sums>,
	) -> Result<(), TryRuntimeError> {
		let next = NextBatchId::<T>::get();
		let (mut batches, mut accepted) = (0usize, 0usize);
		for (id, batch) in Batches::<T>::iter() {
			batches = batches.saturating_add(1);
			ensure!(id < next, "3: a batch with an id not given out");
			let datanet =
				Datanets::<T>::get(batch.datanet).ok_or("3: a batch without a Datanet")?;
			let sum = sums.entry(batch.datanet).or_default();
			match batch.state.index() {
				None => sum.pending = sum.pending.saturating_add(1),
				Some(index) => {
					accepted = accepted.saturating_add(1);
					sum.live = sum.live.saturating_add(1);
					ensure!(
						index < datanet.batches,
						"3: a batch beyond the places given out"
					);
					ensure!(
						BatchAt::<T>::get(batch.datanet, index) == Some(id),
						"3: a batch that is not at its place"
					);
					ensure!(
						Self::shares(&batch) <= MAX_SCORE.into(),
						"7: a score out of bounds"
					);
					Self::check_shares(id, &batch, sum)?;
				}
			}
			ensure!(
				BatchOfRoot::<T>::get(batch.root) == Some(id),
				"6: a batch that its root does not name"
			);
			ensure!(
				BatchOfContent::<T>::get(batch.content) == Some(id),
				"6: a batch that its content does not name"
			);
			ensure!(
				!batch.root.is_zero()
					&& (1..=T::MaxRows::get()).contains(&batch.rows)
					&& (1..=T::MaxBytes::get()).contains(&batch.bytes),
				"7: a batch out of bounds"
			);
			add(
				&mut held.entry(batch.contributor).or_default().batches,
				batch.deposit,
			)?;
		}
		// Each accepted batch is at a place, and each batch under a root and a content: as there are no
		// more of these than batches, none names anything else.
		ensure!(
			BatchAt::<T>::iter().count() == accepted,
			"3: a place that names no accepted batch of its own"
		);
		ensure!(
			BatchOfRoot::<T>::iter().count() == batches,
			"6: a root of no batch"
		);
		ensure!(
			BatchOfContent::<T>::iter().count() == batches,
			"6: a content of no batch"
		);
		Ok(())
	}

	fn check_shares(
		id: BatchId,
		batch: &BatchOf<T>,
		sum: &mut Sums,
	) -> Result<(), TryRuntimeError> {
		if Links::<T>::get(id).parent.is_some() {
			return Ok(());
		}
		let owed = Self::owed(&Pools::<T>::get(batch.datanet), batch)
			.map_err(|_| "9: a batch was paid for what is yet to come")?;
		sum.shares = sum.shares.saturating_add(Self::shares(batch));
		sum.owed = sum.owed.saturating_add(owed);
		Ok(())
	}

	fn check_clusters() -> Result<(), TryRuntimeError> {
		let mut counted = BTreeMap::<BatchId, [u32; MAX_CLUSTER_DEPTH]>::new();
		for (id, link) in Links::<T>::iter() {
			let batch = Batches::<T>::get(id).ok_or("5: a link of no batch")?;
			ensure!(
				batch.state != BatchState::Pending,
				"5: a pending batch in a cluster"
			);
			ensure!(!link.is_alone(), "5: a link that links nothing");
			ensure!(
				Self::head(id).is_some(),
				"5: a cluster that is too deep, or has no head"
			);
			let Link {
				parent: Some(parent),
				..
			} = link
			else {
				continue;
			};
			ensure!(parent < id, "5: a batch linked to a later one");
			let above = Batches::<T>::get(parent).ok_or("5: a batch linked to none")?;
			ensure!(
				above.datanet == batch.datanet,
				"5: a cluster over two Datanets"
			);
			let children = counted.entry(parent).or_default();
			let child = children
				.get_mut(link.height())
				.ok_or("5: a cluster that is too deep, or has no head")?;
			*child = child.saturating_add(1);
		}
		for (id, link) in Links::<T>::iter() {
			ensure!(
				counted.remove(&id).unwrap_or_default() == link.children,
				"5: children are miscounted"
			);
		}
		ensure!(counted.is_empty(), "5: children are miscounted");
		Ok(())
	}

	fn check_datanets(
		held: &mut BTreeMap<T::AccountId, Deposits>,
		sums: &BTreeMap<DatanetId, Sums>,
	) -> Result<(), TryRuntimeError> {
		let next = NextDatanetId::<T>::get();
		let none = Sums::default();
		for (id, datanet) in Datanets::<T>::iter() {
			ensure!(
				Descriptions::<T>::contains_key(id),
				"1: a Datanet without a description"
			);
			let rules = RulesOf::<T>::get(id).ok_or("1: a Datanet without rules")?;
			ensure!(id < next, "1: a Datanet with an id not given out");
			ensure!(
				datanet.offered_to.as_ref() != Some(&datanet.owner),
				"1: a Datanet offered to its owner"
			);
			let proposed = rules.proposed.map(|proposal| proposal.rules);
			ensure!(
				core::iter::once(rules.current)
					.chain(proposed)
					.all(|rules| Self::ensure_permitted(&rules).is_ok()),
				"7: rules out of bounds"
			);
			ensure!(
				datanet.live <= datanet.batches,
				"2: more batches than places"
			);
			ensure!(
				datanet.pinned <= datanet.batches,
				"2: more places pinned than given out"
			);
			ensure!(
				datanet
					.batches
					.checked_add(datanet.pending)
					.is_some_and(|taken| taken <= T::MaxBatchesPerDatanet::get()),
				"2: more places than a Datanet may have"
			);
			ensure!(
				datanet.pending <= T::MaxPending::get(),
				"2: more batches pending than may be"
			);
			let sum = sums.get(&id).unwrap_or(&none);
			ensure!(datanet.live == sum.live, "4: `live` is miscounted");
			ensure!(datanet.pending == sum.pending, "4: `pending` is miscounted");
			let (mut listed, mut list_deposit) = (0u32, 0);
			for (_, deposit) in Listed::<T>::iter_prefix(id) {
				listed = listed.saturating_add(1);
				add(&mut list_deposit, deposit)?;
			}
			ensure!(datanet.listed == listed, "4: `listed` is miscounted");
			ensure!(
				datanet.list_deposit == list_deposit,
				"4: `list_deposit` is not the sum over the list"
			);
			let deposits = held.entry(datanet.owner).or_default();
			add(&mut deposits.datanets, datanet.deposit)?;
			add(&mut deposits.datanets, datanet.list_deposit)?;
		}
		let known = Datanets::<T>::contains_key;
		ensure!(
			Descriptions::<T>::iter_keys().all(known),
			"1: a description without a Datanet"
		);
		ensure!(
			RulesOf::<T>::iter_keys().all(known),
			"1: rules without a Datanet"
		);
		ensure!(
			Frozen::<T>::iter_keys().all(known),
			"1: a frozen Datanet that does not exist"
		);
		ensure!(
			Listed::<T>::iter_keys().all(|(id, _)| known(id)),
			"1: a list without a Datanet"
		);
		Ok(())
	}

	fn check_pools(sums: &BTreeMap<DatanetId, Sums>) -> Result<(), TryRuntimeError> {
		let none = Sums::default();
		let mut total: Balance = 0;
		for (id, pool) in Pools::<T>::iter() {
			ensure!(
				Datanets::<T>::contains_key(id),
				"1: a pool without a Datanet"
			);
			let sum = sums.get(&id).unwrap_or(&none);
			ensure!(pool.shares == sum.shares, "9: shares are miscounted");
			ensure!(
				sum.owed.checked_add(pool.remainder) == Some(pool.balance),
				"9: a pool is not what can be claimed and the remainder"
			);
			total = total
				.checked_add(pool.balance)
				.ok_or("9: pools exceed a balance")?;
		}
		ensure!(
			sums.iter()
				.all(|(id, sum)| sum.shares == 0 || Pools::<T>::contains_key(id)),
			"9: shares are miscounted"
		);
		ensure!(
			total == TotalIncome::<T>::get(),
			"9: the total is not the sum of all pools"
		);
		let needed = total.saturating_add(T::Currency::minimum_balance());
		ensure!(
			total == 0 || T::Currency::balance(&Self::pot_account()) >= needed,
			"9: the pot does not cover the pools"
		);
		Ok(())
	}
}
