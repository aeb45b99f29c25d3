//! What the weights are measured with: each function at its dearest.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::panic,
	clippy::unwrap_used,
	reason = "a benchmark that goes wrong has to stop"
)]

use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
	assert_ok,
	traits::{Get, Polling},
};
use frame_system::RawOrigin;
use sp_runtime::{traits::StaticLookup, Perbill};

use crate::{
	pallet::{Call, ClassOf, Config, Pallet, PollIndexOf, VotingFor},
	types::{AccountVote, Voting},
};

/// What the benchmarks need of the other pallets.
pub trait BenchmarkHelper<AccountId> {
	/// Makes an account's power what is said, in place of what it was.
	fn set_power(who: &AccountId, power: u128);
}

/// The power of those who vote: half of it suffices too.
fn power<T: Config>() -> u128 {
	T::MinPower::get().saturating_mul(1_000)
}

const SPLIT: AccountVote = AccountVote::Split {
	aye: Perbill::from_percent(60),
	nay: Perbill::from_percent(30),
};

fn class<T: Config>() -> ClassOf<T> {
	T::Polls::max_ongoing().0
}

fn powerful<T: Config>(name: &'static str) -> T::AccountId {
	let who = account(name, 0, 0);
	T::BenchmarkHelper::set_power(&who, power::<T>());
	who
}

fn caller<T: Config>() -> T::AccountId {
	let who = whitelisted_caller();
	T::BenchmarkHelper::set_power(&who, power::<T>());
	who
}

/// Running polls.
fn polls<T: Config>(count: u32) -> Vec<PollIndexOf<T>> {
	(0..count)
		.map(|_| T::Polls::create_ongoing(class::<T>()).unwrap())
		.collect()
}

fn cast<T: Config>(who: &T::AccountId, polls: &[PollIndexOf<T>]) {
	for poll in polls {
		assert_ok!(Pallet::<T>::vote(
			RawOrigin::Signed(who.clone()).into(),
			*poll,
			SPLIT
		));
	}
}

fn entrust<T: Config>(who: &T::AccountId, to: &T::AccountId) {
	assert_ok!(Pallet::<T>::delegate(
		RawOrigin::Signed(who.clone()).into(),
		class::<T>(),
		T::Lookup::unlookup(to.clone())
	));
}

fn ballots<T: Config>(who: &T::AccountId) -> usize {
	match VotingFor::<T>::get(who, class::<T>()) {
		Voting::Casting { votes, .. } => votes.len(),
		Voting::Delegating { .. } => 0,
	}
}

fn target<T: Config>(who: &T::AccountId) -> <T::Lookup as StaticLookup>::Source {
	T::Lookup::unlookup(who.clone())
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn vote_new() {
		let who = caller::<T>();
		let polls = polls::<T>(T::MaxVotes::get());
		let (last, others) = polls.split_last().unwrap();
		cast::<T>(&who, others);
		entrust::<T>(&powerful::<T>("delegator"), &who);
		#[extrinsic_call]
		vote(RawOrigin::Signed(who.clone()), *last, SPLIT);
		assert_eq!(ballots::<T>(&who), polls.len());
	}

	#[benchmark]
	fn vote_existing() {
		let who = caller::<T>();
		let polls = polls::<T>(T::MaxVotes::get());
		cast::<T>(&who, &polls);
		entrust::<T>(&powerful::<T>("delegator"), &who);
		#[extrinsic_call]
		vote(RawOrigin::Signed(who.clone()), polls[0], AccountVote::Aye);
		assert_eq!(ballots::<T>(&who), polls.len());
	}

	#[benchmark]
	fn delegate(r: Linear<0, { T::MaxVotes::get() }>) {
		let who = caller::<T>();
		let to = powerful::<T>("target");
		cast::<T>(&to, &polls::<T>(r));
		entrust::<T>(&powerful::<T>("delegator"), &to);
		#[extrinsic_call]
		delegate(
			RawOrigin::Signed(who.clone()),
			class::<T>(),
			target::<T>(&to),
		);
		assert_eq!(
			VotingFor::<T>::get(&to, class::<T>()).delegations().count,
			2
		);
	}

	#[benchmark]
	fn undelegate(r: Linear<0, { T::MaxVotes::get() }>) {
		let who = caller::<T>();
		let to = powerful::<T>("target");
		cast::<T>(&to, &polls::<T>(r));
		entrust::<T>(&powerful::<T>("delegator"), &to);
		entrust::<T>(&who, &to);
		#[extrinsic_call]
		undelegate(RawOrigin::Signed(who.clone()), class::<T>());
		assert_eq!(
			VotingFor::<T>::get(&to, class::<T>()).delegations().count,
			1
		);
	}

	#[benchmark]
	fn remove_vote() {
		let who = caller::<T>();
		let polls = polls::<T>(T::MaxVotes::get());
		cast::<T>(&who, &polls);
		// The class is looked up in the poll.
		#[extrinsic_call]
		remove_vote(RawOrigin::Signed(who.clone()), None, polls[0]);
		assert_eq!(ballots::<T>(&who), polls.len() - 1);
	}

	#[benchmark]
	fn remove_other_vote() {
		let who = caller::<T>();
		let voter = powerful::<T>("voter");
		let polls = polls::<T>(T::MaxVotes::get());
		cast::<T>(&voter, &polls);
		assert_ok!(T::Polls::end_ongoing(polls[0], false));
		#[extrinsic_call]
		remove_other_vote(
			RawOrigin::Signed(who),
			target::<T>(&voter),
			class::<T>(),
			polls[0],
		);
		assert_eq!(ballots::<T>(&voter), polls.len() - 1);
	}

	#[benchmark]
	fn reweigh_vote() {
		let who = caller::<T>();
		let voter = powerful::<T>("voter");
		let polls = polls::<T>(T::MaxVotes::get());
		cast::<T>(&voter, &polls);
		T::BenchmarkHelper::set_power(&voter, power::<T>() / 2);
		#[extrinsic_call]
		reweigh_vote(RawOrigin::Signed(who), target::<T>(&voter), polls[0]);
		let ballot = Pallet::<T>::running_ballot(&voter, polls[0]).unwrap();
		assert!(ballot.own < power::<T>());
	}

	#[benchmark]
	fn reweigh_delegation(r: Linear<0, { T::MaxVotes::get() }>) {
		let who = caller::<T>();
		let to = powerful::<T>("target");
		let delegator = powerful::<T>("delegator");
		cast::<T>(&to, &polls::<T>(r));
		entrust::<T>(&delegator, &to);
		T::BenchmarkHelper::set_power(&delegator, power::<T>() / 2);
		#[extrinsic_call]
		reweigh_delegation(
			RawOrigin::Signed(who),
			target::<T>(&delegator),
			class::<T>(),
		);
		assert!(Pallet::<T>::delegation(&delegator, &class::<T>()).is_ok());
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::Chain,
		crate::mock::Test,
		exec_name = execute
	);
}
