//! Rent: divided like a fee, but that nobody ran anything for it and no entries say which data shaped what.
//!
//! The data's part goes to those that gave the data which the version that was rented is built on, as far as it names
//! any: among its Datanets by how many of their batches it takes, and in each by the scores of the batches that it
//! has, as what is paid for access to it. So nobody can go round the contributors by letting a model, nor by adding
//! a version on other data before the rent is divided.

use alloc::vec::Vec;
use frame_support::{
	defensive,
	storage::with_storage_layer,
	traits::{
		fungible::Balanced,
		tokens::{Fortitude, Precision, Preservation},
		Imbalance,
	},
	weights::Weight,
};
use openledger_primitives::{
	lineage::MAX_LINEAGE,
	model::MAX_SNAPSHOTS,
	split::{apportion, Parts},
	traits::{AccessRegistry, ModelRegistry, Rent, Source},
	types::{Balance, DatanetId, ModelId},
};
use sp_runtime::DispatchResult;

use crate::{
	impls::{len, FeeOf},
	pallet::{Config, Event, FeeShares, Pallet},
	types::{PaidClusters, Plan},
	WeightInfo,
};

impl<T: Config> Pallet<T> {
	/// The Datanets that a version of a model is built on, with how many of their batches it takes. If it was
	/// removed, those of the current one.
	fn datanets_of(model: ModelId, version: u32) -> Vec<(DatanetId, u128)> {
		T::Models::spec(model, version)
			.or_else(|| T::Models::spec(model, T::Models::current_version(model)?))
			.map(|spec| {
				let snapshots = spec.snapshots.into_iter();
				snapshots
					.map(|snapshot| (snapshot.datanet, snapshot.batches.into()))
					.collect()
			})
			.unwrap_or_default()
	}

	/// Pays a Datanet's contributors out of what is paid, by way of the pot. Whether it could; if not, what is
	/// paid is as it was.
	fn pay_contributors(datanet: DatanetId, part: Balance, rent: &mut FeeOf<T>) -> bool {
		// A pot that does not cover what it owes is not to be emptied by this.
		if Self::total_with(part).is_none() {
			return false;
		}
		let pot = Self::pot_account();
		if let Err(refused) = T::Currency::resolve(&pot, rent.extract(part)) {
			rent.subsume(refused);
			return false;
		}
		let pay = || -> DispatchResult { T::Data::pay_contributors(datanet, &pot, part) };
		if with_storage_layer(pay).is_ok() {
			return true;
		}
		let (exact, keep) = (Precision::Exact, Preservation::Preserve);
		match T::Currency::withdraw(&pot, part, exact, keep, Fortitude::Polite) {
			Ok(returned) => rent.subsume(returned),
			Err(_) => {
				defensive!("the pot has what it has just got");
			}
		}
		false
	}

	/// Divides the data's part among Datanets. Returns how much of it was paid.
	fn pay_data(datanets: &[(DatanetId, u128)], total: Balance, rent: &mut FeeOf<T>) -> Balance {
		let weights: Vec<_> = datanets.iter().map(|(_, batches)| *batches).collect();
		let parts = apportion(total, &weights).unwrap_or_default();
		let mut paid: Balance = 0;
		for ((datanet, _), part) in datanets.iter().zip(parts).filter(|(_, part)| *part > 0) {
			if Self::pay_contributors(*datanet, part, rent) {
				paid = paid.saturating_add(part);
			}
		}
		paid
	}

	pub(crate) fn do_settle_rent(rent: Rent<'_, T::AccountId>, mut amount: FeeOf<T>) -> Weight {
		let Rent {
			rental,
			tenant,
			model,
			version,
		} = rent;
		let (source, held) = (Source::Rental(rental), amount.peek());
		let royalties = T::Models::royalties(model);
		let models = len(&royalties);
		let all = Parts {
			treasury: held,
			..Parts::default()
		};
		let owed = FeeShares::<T>::get()
			.split_without_operators(held)
			.unwrap_or(all);
		let datanets = Self::datanets_of(model, version);
		let paid = Self::pay_data(&datanets, owed.data, &mut amount);

		// What data got is gone from the amount; what it did not get finds no taker here.
		let rest = Parts {
			data: owed.data.saturating_sub(paid),
			..owed
		};
		let clusters = PaidClusters::default();
		let mut plan = Plan::new(rest, royalties, tenant, &[], clusters);
		let kept = plan.credited();
		if !Self::fund_pot(&mut amount, kept) {
			plan = plan.diverted_whole();
			plan.authors.clear();
		}
		let worked = plan.by_work();
		// Dropping a credit takes it out of the total issuance.
		drop(amount.extract(plan.parts.burn));
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
		if amount.peek() != parts.treasury {
			defensive!("what is left is the treasury's part");
		}
		Self::pay_treasury(source, amount, &mut parts);
		// The contributors' part of the loss earns nobody anything: who gets how much is not known yet.
		Self::report(tenant, &parts, worked, paid);
		parts.data = paid;
		Self::deposit_event(Event::Settled {
			source,
			payer: tenant.clone(),
			model,
			fee: held,
			parts,
		});
		T::WeightInfo::settle_rent(models, len(&datanets))
	}

	pub(crate) fn max_weight_of_rent() -> Weight {
		T::WeightInfo::settle_rent(MAX_LINEAGE, MAX_SNAPSHOTS)
	}
}
