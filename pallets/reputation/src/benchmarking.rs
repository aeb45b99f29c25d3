//! What the weights are measured with: each function at its dearest, on records that hold as much as
//! they can and have to be brought up to date, that of all accounts together too.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::panic,
	clippy::unwrap_used,
	reason = "a benchmark that goes wrong has to stop"
)]

use frame_benchmarking::v2::*;
use frame_support::{traits::Get, weights::WeightMeter};
use frame_system::{pallet_prelude::BlockNumberFor, Pallet as System};
use openledger_primitives::{
	traits::{ReputationSink, VotingPower},
	Balance,
};
use sp_runtime::Percent;

use crate::*;

/// Points at a time: so many that they take long to compute with, so few that thousands of accounts can
/// earn them.
const POINTS: Balance = Balance::MAX >> 24;

/// Half-lives after which nothing is left of any points.
const FOREVER: u32 = Balance::BITS;

fn pass<T: Config>(blocks: BlockNumberFor<T>) {
	System::<T>::set_block_number(System::<T>::block_number() + blocks);
}

fn earn<T: Config>(who: &T::AccountId) {
	Pallet::<T>::earned(who, &account("payer", 0, 0), POINTS);
}

/// Has accounts earn points in as many buckets as can be pending, and lets all of them mature: whatever
/// touches a record next finds the most to do.
pub fn ripen<T: Config>(accounts: &[T::AccountId]) {
	for _ in 0..MAX_PENDING {
		accounts.iter().for_each(earn::<T>);
		pass::<T>(T::Maturity::get() / BUCKETS.into());
	}
	pass::<T>(T::Maturity::get());
}

/// An account with such a record.
fn ripe<T: Config>() -> T::AccountId {
	let who = account("earner", 0, 0);
	ripen::<T>(core::slice::from_ref(&who));
	assert!(get::<T>(&who).pending.is_full());
	who
}

fn get<T: Config>(who: &T::AccountId) -> Points {
	Accounts::<T>::get(who).unwrap()
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// It finds that the pass is over.
	#[benchmark]
	fn sweep_base() {
		let last = account("last", 0, 0);
		Sweeping::<T>::put(Sweep {
			bucket: 0,
			last: Some(last),
			done: false,
		});
		let mut meter = WeightMeter::new();

		#[block]
		{
			Pallet::<T>::sweep(&mut meter);
		}

		assert!(Sweeping::<T>::get().is_some_and(|sweep| sweep.done));
	}

	/// It is removed.
	#[benchmark]
	fn sweep_account() {
		let who = ripe::<T>();
		pass::<T>(T::HalfLife::get() * FOREVER.into());
		let found;

		#[block]
		{
			found = Accounts::<T>::iter_keys().next().unwrap();
			Pallet::<T>::remove_if_decayed(&found);
		}

		assert_eq!(found, who);
		assert!(!Accounts::<T>::contains_key(who));
	}

	#[benchmark]
	fn earned() {
		let who = ripe::<T>();

		#[block]
		{
			earn::<T>(&who);
		}

		assert_eq!(get::<T>(&who).pending.len(), 1);
	}

	#[benchmark]
	fn forfeit() {
		let who = ripe::<T>();
		let before = Pallet::<T>::power_of(&who);

		#[block]
		{
			Pallet::<T>::forfeit(&who, Percent::from_percent(50));
		}

		assert!(Pallet::<T>::power_of(&who) < before);
	}

	#[benchmark]
	fn power() {
		let who = ripe::<T>();
		let worth;

		#[block]
		{
			worth = <Pallet<T> as VotingPower<_>>::power(&who);
		}

		assert!(worth > 0);
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::Chain,
		crate::mock::Test,
		exec_name = execute
	);
}
