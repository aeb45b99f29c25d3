//! What the weights are measured with: each function at its dearest.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::panic,
	clippy::unwrap_used,
	reason = "a benchmark that goes wrong has to stop"
)]

use alloc::{vec, vec::Vec};
use frame_benchmarking::v2::*;
use frame_support::{
	assert_ok,
	traits::{
		fungible::{Inspect, Mutate},
		Get,
	},
	BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, Pallet as System, RawOrigin};
use openledger_primitives::{data::MAX_URL, Balance, ContentHash, ModelId};

use crate::{
	pallet::{Backers, Call, Config, NextId, Pallet, Proposals, TermsOf},
	types::{
		Evidence, Link, Milestone, ProposalId, Stage, Terms, Title, MAX_MILESTONES, MAX_TITLE,
	},
};

/// What the benchmarks need of the models.
pub trait BenchmarkHelper<AccountId> {
	/// Registers a model of `owner`, an account with funds. Returns it with its version.
	fn model(owner: &AccountId) -> (ModelId, u32);
}

/// Enough for all that an account has to give, in units of the token.
const PLENTY: Balance = 1_000_000_000_000_000_000_000_000;

fn fund<T: Config>(who: &T::AccountId) {
	assert_ok!(T::Currency::mint_into(who, PLENTY));
}

fn rich<T: Config>(name: &'static str) -> T::AccountId {
	let who = account(name, 0, 0);
	fund::<T>(&who);
	who
}

/// The account that signs.
fn caller<T: Config>() -> T::AccountId {
	let who = whitelisted_caller();
	fund::<T>(&who);
	who
}

fn pass<T: Config>(blocks: BlockNumberFor<T>) {
	System::<T>::set_block_number(Pallet::<T>::now() + blocks);
}

fn filled(byte: u8, length: u32) -> Vec<u8> {
	vec![byte; usize::try_from(length).unwrap()]
}

fn link() -> Link {
	Link::truncate_from(filled(b'l', MAX_URL))
}

fn file() -> Evidence {
	Evidence::File {
		content: ContentHash::of(b"file"),
		link: link(),
	}
}

/// The longest terms.
fn terms<T: Config>(owner: &T::AccountId) -> TermsOf<T> {
	let milestone = Milestone {
		amount: T::MinContribution::get() * 4,
		within: T::MinPeriod::get(),
		description: ContentHash::of(b"milestone"),
	};
	let milestones = (0..MAX_MILESTONES).map(|_| milestone).collect();
	Terms {
		title: Title::truncate_from(filled(b't', MAX_TITLE)),
		description: ContentHash::of(b"description"),
		link: link(),
		goal: milestone.amount * Balance::from(MAX_MILESTONES),
		milestones: BoundedVec::truncate_from(milestones),
		funding: T::MinPeriod::get(),
		voting: T::MinPeriod::get(),
		owner: Some(owner.clone()),
	}
}

/// A proposal with a builder.
fn proposed<T: Config>(proposer: &T::AccountId, builder: &T::AccountId) -> ProposalId {
	let pot = Pallet::<T>::pot_account();
	if T::Currency::balance(&pot) < T::Currency::minimum_balance() {
		assert_ok!(T::Currency::mint_into(&pot, T::Currency::minimum_balance()));
	}
	let id = NextId::<T>::get();
	assert_ok!(Pallet::<T>::do_propose(
		proposer.clone(),
		terms::<T>(builder),
		Some(builder.clone())
	));
	id
}

/// A proposal of which all but the least that can be given is there.
fn funding<T: Config>(builder: &T::AccountId, backer: &T::AccountId) -> ProposalId {
	let id = proposed::<T>(&rich::<T>("proposer"), builder);
	assert_ok!(Pallet::<T>::do_accept(builder.clone(), id));
	let amount = Proposals::<T>::get(id).unwrap().terms.goal - T::MinContribution::get();
	assert_ok!(Pallet::<T>::do_back(backer.clone(), id, amount));
	id
}

/// A proposal with two backers whose goal was reached.
fn building<T: Config>(builder: &T::AccountId, backer: &T::AccountId) -> ProposalId {
	let id = funding::<T>(builder, backer);
	let amount = T::MinContribution::get();
	assert_ok!(Pallet::<T>::do_back(rich::<T>("other backer"), id, amount));
	id
}

fn resolve<T: Config>(id: ProposalId) {
	pass::<T>(T::MinPeriod::get());
	assert_ok!(Pallet::<T>::do_resolve(id));
}

/// A proposal of which the model alone is missing.
fn nearly_done<T: Config>(builder: &T::AccountId, backer: &T::AccountId) -> ProposalId {
	let id = building::<T>(builder, backer);
	for _ in 1..MAX_MILESTONES {
		assert_ok!(Pallet::<T>::do_deliver(builder.clone(), id, file()));
		resolve::<T>(id);
	}
	id
}

/// The same, with the model, on which is voted.
fn judging<T: Config>(builder: &T::AccountId, backer: &T::AccountId) -> ProposalId {
	let id = nearly_done::<T>(builder, backer);
	let (model, version) = T::BenchmarkHelper::model(builder);
	let evidence = Evidence::Model { model, version };
	assert_ok!(Pallet::<T>::do_deliver(builder.clone(), id, evidence));
	id
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn propose() {
		let who = caller::<T>();
		let terms = terms::<T>(&who);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), terms, Some(who.clone()));

		assert!(Proposals::<T>::contains_key(0));
	}

	#[benchmark]
	fn name_builder() {
		let who = caller::<T>();
		let id = proposed::<T>(&who, &rich::<T>("builder"));
		let builder: T::AccountId = account("another", 0, 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(who), id, Some(builder.clone()));

		assert_eq!(Proposals::<T>::get(id).unwrap().builder, Some(builder));
	}

	#[benchmark]
	fn cancel() {
		let who = caller::<T>();
		let id = proposed::<T>(&who, &rich::<T>("builder"));

		#[extrinsic_call]
		_(RawOrigin::Signed(who), id);

		assert!(!Proposals::<T>::contains_key(id));
	}

	#[benchmark]
	fn accept() {
		let who = caller::<T>();
		let id = proposed::<T>(&rich::<T>("proposer"), &who);

		#[extrinsic_call]
		_(RawOrigin::Signed(who), id);

		assert!(Proposals::<T>::get(id).unwrap().bond > 0);
	}

	/// By an account that has not backed it yet, which completes the sum.
	#[benchmark]
	fn back() {
		let id = funding::<T>(&rich::<T>("builder"), &rich::<T>("backer"));
		let who = caller::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(who), id, PLENTY);

		assert!(matches!(
			Proposals::<T>::get(id).unwrap().stage,
			Stage::Building { .. }
		));
	}

	/// The model.
	#[benchmark]
	fn deliver() {
		let who = caller::<T>();
		let id = nearly_done::<T>(&who, &rich::<T>("backer"));
		let (model, version) = T::BenchmarkHelper::model(&who);

		#[extrinsic_call]
		_(
			RawOrigin::Signed(who),
			id,
			Evidence::Model { model, version },
		);

		assert!(matches!(
			Proposals::<T>::get(id).unwrap().stage,
			Stage::Judging { .. }
		));
	}

	/// In place of another vote.
	#[benchmark]
	fn vote() {
		let who = caller::<T>();
		let id = judging::<T>(&rich::<T>("builder"), &who);
		let last = MAX_MILESTONES - 1;
		assert_ok!(Pallet::<T>::do_vote(who.clone(), id, last, true));

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), id, last, false);

		assert!(!Backers::<T>::get(id, who).unwrap().vote.unwrap().approve);
	}

	/// The last milestone is paid for, by all but one, and the bond returns.
	#[benchmark]
	fn resolve() {
		let id = judging::<T>(&rich::<T>("builder"), &rich::<T>("backer"));
		let other: T::AccountId = account("other backer", 0, 0);
		assert_ok!(Pallet::<T>::do_vote(other, id, MAX_MILESTONES - 1, false));
		pass::<T>(T::MinPeriod::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), id);

		let proposal = Proposals::<T>::get(id).unwrap();
		assert!(matches!(proposal.stage, Stage::Completed { .. }));
		assert!(proposal.exits.last().unwrap().escrow > 0);
	}

	/// The builder was late with the last milestone, and loses its bond.
	#[benchmark]
	fn expire() {
		let id = nearly_done::<T>(&rich::<T>("builder"), &rich::<T>("backer"));
		pass::<T>(T::MinPeriod::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), id);

		assert_eq!(Proposals::<T>::get(id).unwrap().stage, Stage::Stopped);
	}

	/// With the model delivered.
	#[benchmark]
	fn give_up() {
		let who = caller::<T>();
		let id = judging::<T>(&who, &rich::<T>("backer"));

		#[extrinsic_call]
		_(RawOrigin::Signed(who), id);

		assert_eq!(Proposals::<T>::get(id).unwrap().stage, Stage::Stopped);
	}

	/// By somebody else, for who objected to the last milestone.
	#[benchmark]
	fn refund() {
		let id = judging::<T>(&rich::<T>("builder"), &rich::<T>("backer"));
		let other: T::AccountId = account("other backer", 0, 0);
		assert_ok!(Pallet::<T>::do_vote(
			other.clone(),
			id,
			MAX_MILESTONES - 1,
			false
		));
		super::resolve::<T>(id);

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), id, other.clone());

		assert!(!Backers::<T>::contains_key(id, other));
	}

	/// Of a completed proposal.
	#[benchmark]
	fn close() {
		let backer = rich::<T>("backer");
		let id = judging::<T>(&rich::<T>("builder"), &backer);
		super::resolve::<T>(id);
		for who in [backer, account("other backer", 0, 0)] {
			assert_ok!(Pallet::<T>::do_refund(who.clone(), id, who));
		}
		pass::<T>(T::MaxBuilding::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), id);

		assert!(!Proposals::<T>::contains_key(id));
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder::default(),
		crate::mock::Test,
		exec_name = benchmark
	);
}
