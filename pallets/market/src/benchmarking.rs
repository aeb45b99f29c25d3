//! What the weights are measured with: each function at its dearest, without dividing rent, which the pallet that
//! does it measures.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::panic,
	clippy::unwrap_used,
	reason = "a benchmark that goes wrong has to stop"
)]

use frame_benchmarking::v2::*;
use frame_support::{
	assert_ok,
	traits::{fungible::Mutate, Get},
};
use frame_system::{Pallet as System, RawOrigin};
use openledger_primitives::{
	traits::{ModelOwnership, Tenancies},
	Balance, ModelId,
};

use crate::pallet::{Call, Config, Listings, Pallet, Rentals, ShareListings, Terms};

/// What the benchmarks need of the models.
pub trait BenchmarkHelper<AccountId> {
	/// Registers a model of an account with funds, that answers its tenants only.
	fn model(owner: &AccountId) -> ModelId;

	/// Registers a model of an account with funds that is divided among so many holders, of whom its owner is
	/// one, and has something to distribute.
	fn divided(owner: &AccountId, holders: u32) -> ModelId;

	/// Pauses a model.
	fn pause(owner: &AccountId, model: ModelId);
}

type Helper<T> = <T as Config>::BenchmarkHelper;

/// Enough for all prices and deposits of an account, in units of the token.
const PLENTY: Balance = 1_000_000_000_000_000_000_000_000;

/// What everything costs, in units of the token: worth an account.
const PRICE: Balance = 1_000_000_000_000;

/// Holders of shares up to which buying some is measured.
const HOLDERS: u32 = 100;

fn rich<T: Config>(name: &'static str) -> T::AccountId {
	let who = account(name, 0, 0);
	assert_ok!(T::Currency::mint_into(&who, PLENTY));
	who
}

/// The account that signs.
fn caller<T: Config>() -> T::AccountId {
	let who = whitelisted_caller();
	assert_ok!(T::Currency::mint_into(&who, PLENTY));
	who
}

/// Passes a model on.
fn pass_on<T: Config>(model: ModelId, from: &T::AccountId, to: &T::AccountId) {
	assert_ok!(T::Models::pass(model, from, to, Balance::MAX, false));
}

/// Lets a model of `owner` at the price of the benchmarks.
fn let_out<T: Config>(owner: &T::AccountId) -> ModelId {
	let model = Helper::<T>::model(owner);
	assert_ok!(Pallet::<T>::do_set_terms(owner.clone(), model, PRICE, 1));
	model
}

/// Lets a model to a tenant, pauses it at once, and waits for the end of the term: nothing is earned.
fn paused<T: Config>(tenant: &T::AccountId) -> ModelId {
	let owner = rich::<T>("owner");
	let model = let_out::<T>(&owner);
	assert_ok!(Pallet::<T>::do_rent(tenant.clone(), model, 1, PRICE));
	Helper::<T>::pause(&owner, model);
	System::<T>::set_block_number(System::<T>::block_number() + T::BlocksPerDay::get());
	model
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// In place of a listing of the owner before.
	#[benchmark]
	fn list() {
		let (former, owner) = (rich::<T>("former"), caller::<T>());
		let model = Helper::<T>::model(&former);
		assert_ok!(Pallet::<T>::do_list(
			former.clone(),
			model,
			PRICE,
			None,
			None
		));
		pass_on::<T>(model, &former, &owner);
		let buyer: T::AccountId = account("buyer", 0, 0);

		#[extrinsic_call]
		_(
			RawOrigin::Signed(owner.clone()),
			model,
			PRICE,
			Some(buyer),
			Some(u32::MAX.into()),
		);

		assert_eq!(Listings::<T>::get(model).unwrap().seller, owner);
	}

	/// By somebody else, once it has lapsed.
	#[benchmark]
	fn unlist() {
		let (former, owner) = (rich::<T>("former"), rich::<T>("owner"));
		let model = Helper::<T>::model(&former);
		assert_ok!(Pallet::<T>::do_list(
			former.clone(),
			model,
			PRICE,
			None,
			None
		));
		pass_on::<T>(model, &former, &owner);

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), model);

		assert!(!Listings::<T>::contains_key(model));
	}

	#[benchmark]
	fn buy() {
		let (owner, buyer) = (rich::<T>("owner"), caller::<T>());
		let model = Helper::<T>::model(&owner);
		let only = Some(buyer.clone());
		let until = Some(u32::MAX.into());
		assert_ok!(Pallet::<T>::do_list(owner, model, PRICE, only, until));

		#[extrinsic_call]
		_(
			RawOrigin::Signed(buyer.clone()),
			model,
			PRICE,
			Balance::MAX,
			false,
		);

		assert_eq!(T::Models::standing(model).unwrap().owner, buyer);
	}

	/// In place of those that were listed before.
	#[benchmark]
	fn list_shares() {
		let owner = caller::<T>();
		let model = Helper::<T>::divided(&owner, HOLDERS);
		let amount = T::Models::shares(model, &owner);
		assert_ok!(Pallet::<T>::do_list_shares(
			owner.clone(),
			model,
			amount,
			PRICE,
			None
		));

		#[extrinsic_call]
		_(
			RawOrigin::Signed(owner.clone()),
			model,
			amount,
			1,
			Some(u32::MAX.into()),
		);

		assert_eq!(ShareListings::<T>::get(model, owner).unwrap().price, 1);
	}

	/// By somebody else, once they have expired.
	#[benchmark]
	fn unlist_shares() {
		let owner = rich::<T>("owner");
		let model = Helper::<T>::divided(&owner, HOLDERS);
		let amount = T::Models::shares(model, &owner);
		let until = Pallet::<T>::now() + 1u32.into();
		assert_ok!(Pallet::<T>::do_list_shares(
			owner.clone(),
			model,
			amount,
			PRICE,
			Some(until)
		));
		System::<T>::set_block_number(until);

		#[extrinsic_call]
		_(
			RawOrigin::Signed(whitelisted_caller()),
			model,
			owner.clone(),
		);

		assert!(!ShareListings::<T>::contains_key(model, owner));
	}

	/// All that the seller has.
	#[benchmark]
	fn buy_shares(h: Linear<1, HOLDERS>) {
		let (owner, buyer) = (rich::<T>("owner"), caller::<T>());
		let model = Helper::<T>::divided(&owner, h);
		let amount = T::Models::shares(model, &owner);
		assert_ok!(Pallet::<T>::do_list_shares(
			owner.clone(),
			model,
			amount,
			PRICE,
			None
		));

		#[extrinsic_call]
		_(
			RawOrigin::Signed(buyer.clone()),
			model,
			owner.clone(),
			amount,
			PRICE,
		);

		assert_eq!(T::Models::shares(model, &buyer), amount);
	}

	/// In place of those of the owner before.
	#[benchmark]
	fn set_terms() {
		let (former, owner) = (rich::<T>("former"), caller::<T>());
		let model = let_out::<T>(&former);
		pass_on::<T>(model, &former, &owner);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner.clone()), model, PRICE, 1);

		assert_eq!(Terms::<T>::get(model).unwrap().owner, owner);
	}

	/// By somebody else, once they have lapsed.
	#[benchmark]
	fn clear_terms() {
		let (former, owner) = (rich::<T>("former"), rich::<T>("owner"));
		let model = let_out::<T>(&former);
		pass_on::<T>(model, &former, &owner);

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), model);

		assert!(!Terms::<T>::contains_key(model));
	}

	/// For a first term.
	#[benchmark]
	fn rent() {
		let (owner, tenant) = (rich::<T>("owner"), caller::<T>());
		let model = let_out::<T>(&owner);

		#[extrinsic_call]
		_(RawOrigin::Signed(tenant.clone()), model, 1, PRICE);

		assert_eq!(Rentals::<T>::get(model, tenant).unwrap().rent, PRICE);
	}

	/// By somebody else, once the term is over.
	#[benchmark]
	fn collect() {
		let tenant = rich::<T>("tenant");
		let model = paused::<T>(&tenant);

		#[extrinsic_call]
		_(
			RawOrigin::Signed(whitelisted_caller()),
			model,
			tenant.clone(),
		);

		assert!(!Rentals::<T>::contains_key(model, tenant));
	}

	#[benchmark]
	fn end_rental() {
		let tenant = caller::<T>();
		let model = paused::<T>(&tenant);

		#[extrinsic_call]
		_(RawOrigin::Signed(tenant.clone()), model);

		assert!(!Rentals::<T>::contains_key(model, tenant));
	}

	#[benchmark]
	fn is_tenant() {
		let (owner, tenant) = (rich::<T>("owner"), rich::<T>("tenant"));
		let model = let_out::<T>(&owner);
		assert_ok!(Pallet::<T>::do_rent(tenant.clone(), model, 1, PRICE));
		let rents;

		#[block]
		{
			rents = <Pallet<T> as Tenancies<_>>::is_tenant(model, &tenant);
		}

		assert!(rents);
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder,
		crate::mock::Test,
		exec_name = benchmark
	);
}
