//! Settling and claiming.

use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{
	defensive, ensure,
	traits::{
		fungible::{Balanced, Credit, Inspect, Mutate},
		tokens::{DepositConsequence, Fortitude, Preservation, Provenance},
		Get, Imbalance,
	},
	weights::Weight,
};
use openledger_primitives::{
	answer::{Entry, MAX_ENTRIES},
	attribution::is_well_formed,
	earnings::Summary,
	lineage::MAX_LINEAGE,
	split::{apportion, Parts},
	traits::{
		DataRegistry, DelegatedRewards, ModelRegistry, Rent, ReputationSink, RewardCredits,
		Royalty, Run, Settlement, Source,
	},
	types::{Balance, BatchId, RequestId},
};
use sp_runtime::{traits::AccountIdConversion, DispatchError, DispatchResult};

use crate::{
	pallet::{
		Config, Credits, Distributions, Error, Event, FeeShares, Pallet, Records, TotalCredits,
		TotalSetApart,
	},
	payment::Payment,
	types::{AttributionRecord, PaidCluster, PaidClusters, Plan, Role},
	WeightInfo,
};

/// A fee, on its way.
pub(crate) type FeeOf<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::Currency>;

impl<T: Config> Pallet<T> {
	/// The account that holds all credited money.
	pub(crate) fn pot_account() -> T::AccountId {
		T::PalletId::get().into_account_truncating()
	}

	pub(crate) fn do_claim(who: T::AccountId) -> DispatchResult {
		let amount = Credits::<T>::get(&who);
		ensure!(amount > 0, Error::<T>::NothingToClaim);
		match T::Currency::can_deposit(&who, amount, Provenance::Extant) {
			DepositConsequence::Success => {}
			DepositConsequence::BelowMinimum | DepositConsequence::CannotCreate => {
				return Err(Error::<T>::BelowMinimum.into())
			}
			DepositConsequence::Overflow => return Err(Error::<T>::Overflow.into()),
			other => return other.into_result(),
		}
		T::Currency::transfer(&Self::pot_account(), &who, amount, Preservation::Preserve)?;
		Credits::<T>::remove(&who);
		TotalCredits::<T>::mutate(|total| *total = total.saturating_sub(amount));
		Self::deposit_event(Event::Claimed { who, amount });
		Ok(())
	}

	/// Decides where `fee` units go, without paying anything.
	fn plan(
		run: &Run<'_, T::AccountId>,
		royalties: Vec<Royalty<T::AccountId>>,
		fee: Balance,
	) -> Plan<T::AccountId> {
		let parts = FeeShares::<T>::get().split(fee).unwrap_or(Parts {
			treasury: fee,
			..Parts::default()
		});
		let clusters = Self::clusters(run.attribution);
		Plan::new(parts, royalties, run.payer, run.operators, clusters)
	}

	/// Nets entries by cluster. A batch that nobody is paid for is a cluster of its own: its weight is
	/// not divided among the others.
	fn clusters(entries: &[Entry]) -> PaidClusters<T::AccountId> {
		let bounded = u32::try_from(entries.len()).is_ok_and(|entries| entries <= MAX_ENTRIES);
		if !bounded || !is_well_formed(entries) {
			return PaidClusters::default();
		}
		let mut clusters = BTreeMap::<BatchId, PaidCluster<T::AccountId>>::new();
		for entry in entries {
			let cluster = T::Data::cluster(entry.batch);
			clusters
				.entry(cluster)
				.and_modify(|paid| paid.weight = paid.weight.max(entry.weight))
				.or_insert_with(|| PaidCluster {
					cluster,
					weight: entry.weight,
					amount: 0,
					contributor: T::Data::contributor(cluster),
				});
		}
		PaidClusters::truncate_from(clusters.into_values().collect())
	}

	/// What all credits are once `amount` more is in the pot; `None` if the pot cannot take it.
	pub(crate) fn total_with(amount: Balance) -> Option<Balance> {
		let credited = TotalCredits::<T>::get();
		let needed = credited
			.checked_add(TotalSetApart::<T>::get())?
			.checked_add(T::Currency::minimum_balance())?;
		let covered = T::Currency::balance(&Self::pot_account()) >= needed;
		credited.checked_add(amount).filter(|_| covered)
	}

	/// Moves `amount` of a fee to the pot. Whether it could; if not, the fee is as it was.
	pub(crate) fn fund_pot(fee: &mut FeeOf<T>, amount: Balance) -> bool {
		if amount == 0 {
			return true;
		}
		let Some(total) = Self::total_with(amount) else {
			return false;
		};
		match T::Currency::resolve(&Self::pot_account(), fee.extract(amount)) {
			Ok(()) => {
				TotalCredits::<T>::put(total);
				true
			}
			Err(refused) => {
				fee.subsume(refused);
				false
			}
		}
	}

	/// The part of each operator's credit that is its delegators', above zero.
	fn delegated(plan: &Plan<T::AccountId>) -> Vec<(T::AccountId, Balance)> {
		plan.credits
			.iter()
			.filter(|(role, _, _)| *role == Role::Operator)
			.map(|(_, who, amount)| {
				let part = T::Delegation::delegated_part(who, *amount);
				(who.clone(), part.min(*amount))
			})
			.filter(|(_, part)| *part > 0)
			.collect()
	}

	/// Pays a part of an operator's credit to its delegators, and takes it out of the credit. What they
	/// cannot take stays with the operator; only if the pot cannot take that does it go to the treasury.
	fn pay_delegators(
		source: Source,
		agent: T::AccountId,
		part: Balance,
		fee: &mut FeeOf<T>,
		plan: &mut Plan<T::AccountId>,
	) {
		match T::Delegation::reward_delegators(&agent, fee.extract(part)) {
			Ok(()) => {
				plan.delegate(&agent, part);
				Self::deposit_event(Event::Delegated {
					source,
					agent,
					amount: part,
				});
			}
			Err(refused) => {
				fee.subsume(refused);
				if !Self::fund_pot(fee, part) {
					plan.divert_from_operator(&agent, part);
				}
			}
		}
	}

	/// Notes a credit whose money is in the pot.
	pub(crate) fn credit_account(source: Source, role: Role, who: T::AccountId, amount: Balance) {
		Credits::<T>::mutate(&who, |credit| *credit = credit.saturating_add(amount));
		Self::deposit_event(Event::Credited {
			source,
			who,
			role,
			amount,
		});
	}

	/// Pays the treasury what is left of a fee, and corrects `parts` if that must be burned.
	pub(crate) fn pay_treasury(source: Source, rest: FeeOf<T>, parts: &mut Parts) {
		if rest.peek() == 0 {
			return;
		}
		let treasury = T::TreasuryAccount::get();
		let Err(mut refused) = T::Currency::resolve(&treasury, rest) else {
			return;
		};
		let amount = refused.peek();
		if Self::fund_pot(&mut refused, amount) {
			Self::credit_account(source, Role::Treasury, treasury, amount);
			return;
		}
		drop(refused);
		parts.burn = parts.burn.saturating_add(amount);
		parts.treasury = parts.treasury.saturating_sub(amount);
		Self::deposit_event(Event::TreasuryUnreachable { source, amount });
	}

	/// Tells who earned what by the payer's loss, in proportion to what their work was paid with. Returns what
	/// of it falls to those that an amount is set apart for.
	pub(crate) fn report(
		payer: &T::AccountId,
		parts: &Parts,
		worked: BTreeMap<T::AccountId, Balance>,
		set_apart: Balance,
	) -> Balance {
		let lost = if *payer == T::TreasuryAccount::get() {
			parts.burn
		} else {
			parts.burn.saturating_add(parts.treasury)
		};
		let weights: Vec<_> = worked.values().copied().chain([set_apart]).collect();
		let mut earned = apportion(lost, &weights).unwrap_or_default();
		let later = earned.pop().unwrap_or_default();
		for (who, earned) in worked.keys().zip(earned) {
			if who != payer && earned > 0 {
				T::Reputation::earned(who, payer, earned);
			}
		}
		later
	}

	/// Checks the invariants of the pallet's documentation.
	#[cfg(any(feature = "std", feature = "try-runtime"))]
	pub fn do_try_state() -> Result<(), sp_runtime::TryRuntimeError> {
		let mut total: Balance = 0;
		for credit in Credits::<T>::iter_values() {
			ensure!(credit > 0, "1: a credit is zero");
			total = total
				.checked_add(credit)
				.ok_or("1: credits exceed a balance")?;
		}
		ensure!(
			total == TotalCredits::<T>::get(),
			"1: the total is not the sum of all credits"
		);
		let owed = total.saturating_add(TotalSetApart::<T>::get());
		let needed = owed.saturating_add(T::Currency::minimum_balance());
		ensure!(
			owed == 0 || T::Currency::balance(&Self::pot_account()) >= needed,
			"2: the pot does not cover what it owes"
		);
		for record in Records::<T>::iter_values() {
			ensure!(
				record.adds_up(),
				"3: what a record says was paid does not sum up to its fee"
			);
			let clusters = &record.clusters;
			ensure!(
				clusters
					.iter()
					.zip(clusters.iter().skip(1))
					.all(|(left, right)| left.cluster < right.cluster),
				"3: a record's clusters do not ascend"
			);
		}
		ensure!(
			FeeShares::<T>::get().is_valid(),
			"4: the shares are out of bounds"
		);
		Self::check_distributions()
	}

	/// Divides a fee. The data's part of what is `earned` by a root is set apart. Returns how many models share
	/// in the model's part.
	fn do_settle(run: &Run<'_, T::AccountId>, earned: Summary, mut fee: FeeOf<T>) -> u32 {
		let royalties = T::Models::royalties(run.model);
		let models = len(&royalties);
		let (source, held) = (run.source, fee.peek());
		let mut plan = Self::plan(run, royalties, held);
		if earned.sum > 0 && !Distributions::<T>::contains_key(source) {
			plan.set_data_apart();
		}
		let delegated = Self::delegated(&plan);
		let kept = delegated
			.iter()
			.fold(plan.credited(), |sum, (_, part)| sum.saturating_sub(*part));
		let worked = if Self::fund_pot(&mut fee, kept) {
			// What delegators get counts as their agent's: it did the work.
			let worked = plan.by_work();
			for (agent, part) in delegated {
				Self::pay_delegators(source, agent, part, &mut fee, &mut plan);
			}
			worked
		} else {
			plan = plan.diverted_whole();
			BTreeMap::new()
		};
		// Dropping a credit takes it out of the total issuance.
		drop(fee.extract(plan.parts.burn));

		for (role, who, amount) in plan.credits {
			Self::credit_account(source, role, who, amount);
		}
		for (role, amount) in plan.diverted {
			Self::deposit_event(Event::Diverted {
				source,
				role,
				amount,
			});
		}
		let mut parts = plan.parts;
		if fee.peek() != parts.treasury {
			defensive!("what is left is the treasury's part");
		}
		Self::pay_treasury(source, fee, &mut parts);
		let later = Self::report(run.payer, &parts, worked, plan.set_apart);
		let payment = Payment {
			payer: run.payer.clone(),
			model: run.model,
			fee: held,
			parts,
			models: plan.models,
			operators: plan.operators,
		};
		if plan.set_apart > 0 {
			Self::set_apart(run, payment.clone(), earned, plan.set_apart, later);
		}
		match source {
			Source::Request(request) => Records::<T>::insert(
				request,
				AttributionRecord {
					payment: payment.clone(),
					clusters: plan.clusters,
				},
			),
			Source::Receipts { .. } if plan.set_apart == 0 => {
				Self::add_to_distribution(source, &payment);
			}
			Source::Receipts { .. } | Source::Rental(_) => {}
		}
		let Payment {
			payer, model, fee, ..
		} = payment;
		Self::deposit_event(Event::Settled {
			source,
			payer,
			model,
			fee,
			parts,
		});
		models
	}
}

impl<T: Config> Settlement<T::AccountId> for Pallet<T> {
	type Fee = FeeOf<T>;

	fn settle(run: Run<'_, T::AccountId>, fee: Self::Fee) -> Weight {
		let models = Self::do_settle(&run, Summary::EMPTY, fee);
		T::WeightInfo::settle(len(run.attribution), len(run.operators), models)
	}

	fn settle_by_root(run: Run<'_, T::AccountId>, earned: Summary, fee: Self::Fee) -> Weight {
		let run = Run {
			attribution: &[],
			..run
		};
		let models = Self::do_settle(&run, earned, fee);
		T::WeightInfo::settle_by_root(len(run.operators), models)
	}

	fn weight(operators: u32, entries: u32) -> Weight {
		T::WeightInfo::settle(entries, operators, MAX_LINEAGE)
	}

	fn weight_by_root(operators: u32) -> Weight {
		T::WeightInfo::settle_by_root(operators, MAX_LINEAGE)
	}

	fn settle_rent(rent: Rent<'_, T::AccountId>, amount: Self::Fee) -> Weight {
		Self::do_settle_rent(rent, amount)
	}

	fn weight_of_rent() -> Weight {
		Self::max_weight_of_rent()
	}

	fn forget(request: RequestId) {
		Records::<T>::remove(request);
	}
}

impl<T: Config> RewardCredits<T::AccountId> for Pallet<T> {
	fn divide(
		account: &T::AccountId,
		among: &[(T::AccountId, u32)],
	) -> Result<Balance, DispatchError> {
		let credit = Credits::<T>::get(account);
		let balance =
			T::Currency::reducible_balance(account, Preservation::Expendable, Fortitude::Polite);
		let amount = credit.checked_add(balance).ok_or(Error::<T>::Overflow)?;
		if amount == 0 {
			return Ok(0);
		}
		let weights: Vec<u128> = among.iter().map(|(_, weight)| (*weight).into()).collect();
		let parts = apportion(amount, &weights).ok_or(Error::<T>::NobodyToCredit)?;
		if balance > 0 {
			let total = Self::total_with(balance).ok_or(Error::<T>::PotMissing)?;
			let pot = Self::pot_account();
			T::Currency::transfer(account, &pot, balance, Preservation::Expendable)?;
			TotalCredits::<T>::put(total);
		}
		Credits::<T>::remove(account);
		for ((who, _), part) in among.iter().zip(parts).filter(|(_, part)| *part > 0) {
			Credits::<T>::mutate(who, |credit| *credit = credit.saturating_add(part));
			Self::deposit_event(Event::PassedOn {
				from: account.clone(),
				who: who.clone(),
				amount: part,
			});
		}
		Ok(amount)
	}
}

pub(crate) fn len<Item>(list: &[Item]) -> u32 {
	list.len().try_into().unwrap_or(u32::MAX)
}
