//! What the weights are measured with: each function at its dearest.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::panic,
	clippy::unwrap_used,
	reason = "a benchmark that goes wrong has to stop"
)]

use alloc::vec;
use frame_benchmarking::v2::*;
use frame_support::{
	assert_ok,
	traits::{EnsureOrigin, Get},
	BoundedVec,
};
use frame_system::{Pallet as System, RawOrigin};
use openledger_primitives::{
	data::{Locator, MAX_URL},
	Balance, ModelId, RequestId,
};

use crate::{
	types::{MIN_COMMITTEE, MIN_THRESHOLD},
	Call, ClaimId, Claims, Config, CurrentRules, Exhibit, NextClaim, Pallet, Rules, Stage,
};

/// What the benchmarks need of the models and committees.
pub trait BenchmarkHelper<AccountId> {
	/// Gives an account funds.
	fn fund(who: &AccountId);

	/// Registers a model that compares, served by as many agents as there can be.
	fn comparer() -> ModelId;

	/// Registers a model of `owner` with an adapter, and after it one of `other`: together they have as long a
	/// lineage as there can be, and only what they have to in common.
	fn pair(owner: &AccountId, other: &AccountId) -> (ModelId, ModelId);

	/// Ends a request with an answer that states this similarity.
	fn answer(request: RequestId, similarity: u32);
}

type Helper<T> = <T as Config>::BenchmarkHelper;

/// The account that signs, and what it claims.
struct Case<AccountId> {
	claimant: AccountId,
	original: Exhibit,
	copy: Exhibit,
}

fn exhibit(model: ModelId) -> Exhibit {
	let url = vec![b'a'; usize::try_from(MAX_URL).unwrap()];
	Exhibit {
		model,
		version: 0,
		bytes: 1,
		locator: Locator::Url(BoundedVec::truncate_from(url)),
	}
}

fn rules<T: Config>() -> Rules {
	Rules {
		comparer: Helper::<T>::comparer(),
		threshold: MIN_THRESHOLD,
		min_committee: MIN_COMMITTEE,
	}
}

fn case<T: Config>() -> Case<T::AccountId> {
	let claimant: T::AccountId = whitelisted_caller();
	let thief: T::AccountId = account("thief", 0, 0);
	Helper::<T>::fund(&claimant);
	Helper::<T>::fund(&thief);
	CurrentRules::<T>::put(rules::<T>());
	let (original, copy) = Helper::<T>::pair(&claimant, &thief);
	Case {
		claimant,
		original: exhibit(original),
		copy: exhibit(copy),
	}
}

/// A claim on which a committee has said something.
fn claimed<T: Config>(similarity: u32) -> (T::AccountId, ClaimId) {
	let case = case::<T>();
	let id = NextClaim::<T>::get();
	let claimant = case.claimant;
	let (original, copy) = (case.original, case.copy);
	assert_ok!(Pallet::<T>::do_claim(
		claimant.clone(),
		original,
		copy,
		Balance::MAX
	));
	if let Stage::Comparing { request } = Claims::<T>::get(id).unwrap().stage {
		Helper::<T>::answer(request, similarity);
	}
	(claimant, id)
}

fn upheld<T: Config>() -> (T::AccountId, ClaimId) {
	let (claimant, id) = claimed::<T>(MIN_THRESHOLD);
	assert_ok!(Pallet::<T>::do_decide(id));
	(claimant, id)
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn set_rules() -> Result<(), BenchmarkError> {
		let origin =
			T::AdminOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;
		let rules = Some(rules::<T>());

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, rules);

		assert_eq!(CurrentRules::<T>::get(), rules);
		Ok(())
	}

	#[benchmark]
	fn claim() {
		let case = case::<T>();
		let id = NextClaim::<T>::get();

		#[extrinsic_call]
		_(
			RawOrigin::Signed(case.claimant),
			case.original,
			case.copy,
			Balance::MAX,
		);

		assert!(Claims::<T>::contains_key(id));
	}

	/// One whose bond is forfeited.
	#[benchmark]
	fn decide() {
		let (claimant, id) = claimed::<T>(0);

		#[extrinsic_call]
		_(RawOrigin::Signed(claimant), id);

		assert!(!Claims::<T>::contains_key(id));
	}

	#[benchmark]
	fn enforce() {
		let (claimant, id) = upheld::<T>();
		System::<T>::set_block_number(System::<T>::block_number() + T::Grace::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(claimant), id);

		assert!(!Claims::<T>::contains_key(id));
	}

	#[benchmark]
	fn dismiss() -> Result<(), BenchmarkError> {
		let origin =
			T::AdminOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;
		let (_, id) = upheld::<T>();

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, id);

		assert!(!Claims::<T>::contains_key(id));
		Ok(())
	}

	#[benchmark]
	fn withdraw() {
		let (claimant, id) = upheld::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(claimant), id);

		assert!(!Claims::<T>::contains_key(id));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
