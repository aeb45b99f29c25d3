//! The invariants, checked.

use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::{ensure, traits::fungible::hold::Inspect as _};
use openledger_primitives::Balance;
use sp_runtime::{traits::Zero, TryRuntimeError};

use crate::pallet::{
	Config, GrantOf, Grants, HoldReason, NextId, OpenRequests, Pallet, Records, Requests,
	StewardsOf,
};

/// What should be held from an account.
#[derive(Default)]
struct Held {
	price: Balance,
	records: Balance,
	stewards: Balance,
}

fn add(sum: &mut Balance, amount: Balance) -> Result<(), TryRuntimeError> {
	*sum = sum.checked_add(amount).ok_or("1: what is held overflows")?;
	Ok(())
}

impl<T: Config> Pallet<T> {
	/// Checks the invariants of the crate's documentation, by their numbers.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut held = BTreeMap::<T::AccountId, Held>::new();
		let mut open = BTreeMap::<T::AccountId, u32>::new();
		let mut ids = BTreeSet::new();
		let next = NextId::<T>::get();

		for (id, request) in Requests::<T>::iter() {
			ensure!(id < next, "3: a request with an id not given out");
			ensure!(
				Records::<T>::contains_key(request.datanet, id),
				"3: a request that its Datanet does not name"
			);
			ensure!(!request.term.is_zero(), "4: a request without a term");
			ids.insert(id);
			let count = open.entry(request.who.clone()).or_default();
			*count = count.saturating_add(1);
			let sums = held.entry(request.who).or_default();
			add(&mut sums.price, request.price)?;
			add(&mut sums.records, request.deposit)?;
		}
		for (id, grant) in Grants::<T>::iter() {
			ensure!(id < next, "3: a grant with an id not given out");
			ensure!(ids.insert(id), "3: a request and a grant in one");
			ensure!(
				Records::<T>::contains_key(grant.datanet, id),
				"3: a grant that its Datanet does not name"
			);
			ensure!(
				GrantOf::<T>::get(&grant.who, (grant.datanet, grant.purpose)) == Some(id),
				"2: a grant that its account does not name"
			);
			ensure!(grant.from < grant.until, "5: a grant without time");
			add(
				&mut held.entry(grant.who).or_default().records,
				grant.deposit,
			)?;
		}
		ensure!(
			GrantOf::<T>::iter().count() == Grants::<T>::iter_keys().count(),
			"2: an account with a grant that is none"
		);
		ensure!(
			Records::<T>::iter_keys().count() == ids.len(),
			"3: a Datanet with a record that is none"
		);
		ensure!(
			OpenRequests::<T>::iter().collect::<BTreeMap<_, _>>() == open,
			"4: an account's requests are miscounted"
		);

		for record in StewardsOf::<T>::iter_values() {
			let accounts: BTreeSet<_> = record.accounts.iter().collect();
			ensure!(!accounts.is_empty(), "6: no stewards");
			ensure!(
				accounts.len() == record.accounts.len(),
				"6: a steward twice"
			);
			add(
				&mut held.entry(record.by).or_default().stewards,
				record.deposit,
			)?;
		}

		for (who, sums) in held {
			let on_hold = |reason: HoldReason| T::Currency::balance_on_hold(&reason.into(), &who);
			ensure!(
				on_hold(HoldReason::Price) == sums.price,
				"1: the prices of requests are not what is held"
			);
			ensure!(
				on_hold(HoldReason::RecordDeposit) == sums.records,
				"1: the deposits for records are not what is held"
			);
			ensure!(
				on_hold(HoldReason::StewardDeposit) == sums.stewards,
				"1: the deposits for stewards are not what is held"
			);
		}
		Ok(())
	}
}
