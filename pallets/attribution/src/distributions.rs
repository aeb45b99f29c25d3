//! Distributions: the data's part of a batch of calls, and the claims on it.

#[cfg(any(feature = "std", feature = "try-runtime"))]
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
#[cfg(any(feature = "std", feature = "try-runtime"))]
use frame_support::traits::fungible::InspectHold;
use frame_support::{
	defensive, ensure,
	traits::{
		fungible::{Mutate, MutateHold},
		tokens::{Precision, Preservation},
		Get,
	},
};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{
	earnings::{verify, Part, Summary},
	traits::{DataRegistry, ReputationSink, Run, Source},
	types::{Balance, BatchId},
};
use sp_runtime::{traits::Saturating, DispatchError, DispatchResult};

use crate::{
	pallet::{
		Claims, Config, Distributions, Error, Event, HoldReason, Pallet, TotalCredits,
		TotalSetApart,
	},
	payment::Payment,
	types::{Claim, Distribution, Role},
};

/// The most claims that one call removes of a distribution that has expired.
pub const MAX_REMOVED: u32 = 32;

/// A distribution of this runtime.
type DistributionOf<T> = Distribution<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

impl<T: Config> Pallet<T> {
	/// Opens a distribution of an amount that was counted among the credits. The first operator pays the
	/// deposit. Should it be unable to, it is opened all the same: the data is not to suffer.
	///
	/// - `payment`: what was paid, of which the amount is the data's part.
	/// - `lost`: the part of what the payer irrecoverably lost that the data will have earned.
	pub(crate) fn set_apart(
		run: &Run<'_, T::AccountId>,
		payment: Payment<T::AccountId>,
		earned: Summary,
		amount: Balance,
		lost: Balance,
	) {
		let source = run.source;
		TotalCredits::<T>::mutate(|total| *total = total.saturating_sub(amount));
		TotalSetApart::<T>::mutate(|total| *total = total.saturating_add(amount));
		let expires_at =
			frame_system::Pallet::<T>::block_number().saturating_add(T::ClaimPeriod::get());
		let held = T::DistributionDeposit::get();
		let deposit = run
			.operators
			.first()
			.filter(|who| T::Currency::hold(&HoldReason::Record.into(), who, held).is_ok())
			.map(|who| (who.clone(), held));
		Distributions::<T>::insert(
			source,
			Distribution {
				payment,
				earned,
				amount,
				claimed: 0,
				lost,
				claims: 0,
				expires_at,
				deposit,
			},
		);
		Self::deposit_event(Event::SetApart {
			source,
			earned,
			amount,
			expires_at,
		});
	}

	/// Adds what was paid for calls of the same batch that no data shaped, so that all of its fee can be proved.
	/// Without a distribution nothing is kept of them.
	pub(crate) fn add_to_distribution(source: Source, payment: &Payment<T::AccountId>) {
		let Some(mut distribution) = Distributions::<T>::get(source) else {
			return;
		};
		if !distribution.payment.add(payment) {
			defensive!("a batch of calls has one payer, one model and one agent");
			return;
		}
		Distributions::<T>::insert(source, distribution);
	}

	/// Counts a batch of data for its cluster, and credits the cluster's contributor with what it has got
	/// too little.
	pub(crate) fn do_claim_share(
		who: &T::AccountId,
		source: Source,
		batch: BatchId,
		proof: &[Part],
	) -> DispatchResult {
		let mut distribution =
			Distributions::<T>::get(source).ok_or(Error::<T>::UnknownDistribution)?;
		ensure!(!Self::has_expired(&distribution), Error::<T>::Expired);
		let value = verify(&distribution.earned, batch, proof).ok_or(Error::<T>::BadProof)?;
		let own = Claims::<T>::get(source, batch);
		ensure!(
			!own.is_some_and(|claim| claim.claimed),
			Error::<T>::AlreadyClaimed
		);
		let cluster = T::Data::cluster(batch);
		let contributor = T::Data::contributor(cluster).ok_or(Error::<T>::NobodyToPay)?;
		let counted = Claims::<T>::get(source, cluster).map_or(0, |claim| claim.counted);
		let more = |of: &dyn Fn(u128) -> Balance| of(value).saturating_sub(of(counted));
		let amount = more(&|value| distribution.due(value));
		ensure!(amount > 0, Error::<T>::NothingDue);
		let lost = more(&|value| distribution.merit(value));
		let Some(claimed) = distribution
			.claimed
			.checked_add(amount)
			.filter(|claimed| *claimed <= distribution.amount)
		else {
			defensive!("what is shown under a root is not more than its sum");
			return Err(Error::<T>::BadProof.into());
		};
		Self::note(&mut distribution, who, source, cluster, |claim| {
			claim.counted = value;
		})?;
		Self::note(&mut distribution, who, source, batch, |claim| {
			claim.claimed = true;
		})?;

		distribution.claimed = claimed;
		let is_payer = contributor == distribution.payment.payer;
		let payer = distribution.payment.payer.clone();
		Distributions::<T>::insert(source, distribution);
		TotalSetApart::<T>::mutate(|total| *total = total.saturating_sub(amount));
		TotalCredits::<T>::mutate(|total| *total = total.saturating_add(amount));
		Self::deposit_event(Event::ShareClaimed {
			source,
			batch,
			cluster,
			value,
		});
		Self::credit_account(source, Role::Data, contributor.clone(), amount);
		if !is_payer && lost > 0 {
			T::Reputation::earned(&contributor, &payer, lost);
		}
		Ok(())
	}

	/// Writes down something of a batch in a distribution. Who makes the chain keep it pays the deposit.
	fn note(
		distribution: &mut DistributionOf<T>,
		who: &T::AccountId,
		source: Source,
		batch: BatchId,
		change: impl FnOnce(&mut Claim<T::AccountId>),
	) -> DispatchResult {
		let mut claim = match Claims::<T>::get(source, batch) {
			Some(claim) => claim,
			None => {
				let deposit = T::ClaimDeposit::get();
				T::Currency::hold(&HoldReason::Record.into(), who, deposit)?;
				distribution.claims = distribution
					.claims
					.checked_add(1)
					.ok_or(Error::<T>::Overflow)?;
				Claim {
					counted: 0,
					claimed: false,
					depositor: who.clone(),
					deposit,
				}
			}
		};
		change(&mut claim);
		Claims::<T>::insert(source, batch, claim);
		Ok(())
	}

	/// Removes up to [`MAX_REMOVED`] claims of a distribution that has expired, and it as well if none is
	/// left. Returns how many.
	pub(crate) fn do_close(source: Source) -> Result<u32, DispatchError> {
		let mut distribution =
			Distributions::<T>::get(source).ok_or(Error::<T>::UnknownDistribution)?;
		ensure!(Self::has_expired(&distribution), Error::<T>::NotExpired);
		let most = usize::try_from(MAX_REMOVED).unwrap_or(usize::MAX);
		let claims: Vec<_> = Claims::<T>::iter_prefix(source).take(most).collect();
		let mut removed = 0u32;
		for (batch, claim) in claims {
			Claims::<T>::remove(source, batch);
			Self::give_back(&claim.depositor, claim.deposit);
			removed.saturating_inc();
		}
		distribution.claims = distribution.claims.saturating_sub(removed);
		if distribution.claims > 0 {
			Distributions::<T>::insert(source, distribution);
			return Ok(removed);
		}
		Distributions::<T>::remove(source);
		if let Some((who, deposit)) = &distribution.deposit {
			Self::give_back(who, *deposit);
		}
		let unclaimed = distribution.left();
		TotalSetApart::<T>::mutate(|total| *total = total.saturating_sub(unclaimed));
		Self::deposit_event(Event::DistributionClosed { source, unclaimed });
		Self::return_to_treasury(source, unclaimed);
		Ok(removed)
	}

	/// Moves an amount that is nobody's any more out of the pot. What the treasury's account cannot take is
	/// credited to it.
	fn return_to_treasury(source: Source, amount: Balance) {
		if amount == 0 {
			return;
		}
		let (pot, treasury) = (Self::pot_account(), T::TreasuryAccount::get());
		if T::Currency::transfer(&pot, &treasury, amount, Preservation::Preserve).is_err() {
			TotalCredits::<T>::mutate(|total| *total = total.saturating_add(amount));
			Self::credit_account(source, Role::Treasury, treasury, amount);
		}
	}

	fn has_expired(distribution: &DistributionOf<T>) -> bool {
		frame_system::Pallet::<T>::block_number() >= distribution.expires_at
	}

	fn give_back(who: &T::AccountId, deposit: Balance) {
		let released = T::Currency::release(
			&HoldReason::Record.into(),
			who,
			deposit,
			Precision::BestEffort,
		);
		if released != Ok(deposit) {
			defensive!("a deposit is held until it is given back");
		}
	}

	/// Checks what the pallet's documentation says of distributions.
	#[cfg(any(feature = "std", feature = "try-runtime"))]
	pub(crate) fn check_distributions() -> Result<(), sp_runtime::TryRuntimeError> {
		let mut deposits = BTreeMap::<T::AccountId, Balance>::new();
		let mut add = |who: &T::AccountId, amount: Balance| {
			let sum = deposits.entry(who.clone()).or_default();
			*sum = sum.saturating_add(amount);
		};
		let (mut set_apart, mut claims): (Balance, usize) = (0, 0);
		for (source, distribution) in Distributions::<T>::iter() {
			let (mut count, mut due): (u32, Balance) = (0, 0);
			for claim in Claims::<T>::iter_prefix_values(source) {
				ensure!(
					claim.claimed || claim.counted > 0,
					"6: a claim says nothing"
				);
				add(&claim.depositor, claim.deposit);
				due = due.saturating_add(distribution.due(claim.counted));
				count = count.saturating_add(1);
			}
			ensure!(
				count == distribution.claims,
				"6: a distribution's claims are miscounted"
			);
			let is_closing = Self::has_expired(&distribution) && due <= distribution.claimed;
			ensure!(
				due == distribution.claimed || is_closing,
				"6: what was claimed is not what was due"
			);
			ensure!(
				distribution.claimed <= distribution.amount,
				"6: more was claimed than there was"
			);
			let payment = &distribution.payment;
			ensure!(
				payment.adds_up() && payment.parts.data == distribution.amount,
				"8: what a distribution says was paid does not sum up to its fee"
			);
			if let Some((who, deposit)) = &distribution.deposit {
				add(who, *deposit);
			}
			set_apart = set_apart
				.checked_add(distribution.left())
				.ok_or("5: what is set apart exceeds a balance")?;
			claims = claims.saturating_add(usize::try_from(count).unwrap_or(usize::MAX));
		}
		ensure!(
			Claims::<T>::iter_keys().count() == claims,
			"6: a claim is on no distribution"
		);
		ensure!(
			set_apart == TotalSetApart::<T>::get(),
			"5: the total is not the sum of what is set apart"
		);
		for who in frame_system::Account::<T>::iter_keys() {
			let held = T::Currency::balance_on_hold(&HoldReason::Record.into(), &who);
			ensure!(
				held == deposits.remove(&who).unwrap_or_default(),
				"7: the deposits held are not those of distributions and claims"
			);
		}
		ensure!(
			deposits.values().all(|deposit| *deposit == 0),
			"7: a deposit is held from nobody"
		);
		Ok(())
	}
}
