//! What the weights are measured with.

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
	traits::{fungible::Mutate, Get},
	weights::Weight,
};
use frame_system::RawOrigin;
use openledger_primitives::{
	traits::{Closing, OnEnd},
	Balance, RequestId,
};
use pallet_revive::{Code, ExecConfig, TransactionLimits};
use sp_core::{H160, H256};

use crate::{Call, Callbacks, Config, Due, Head, Pallet, Tail};

/// What the benchmarks need of requests.
pub trait BenchmarkHelper<AccountId> {
	/// Opens a request of an account with funds.
	fn request(payer: &AccountId) -> RequestId;
}

type Helper<T> = <T as Config>::BenchmarkHelper;

/// Deploys code of one byte: STOP.
const STOP: [u8; 5] = [0x60, 0x01, 0x60, 0x00, 0xf3];

/// A contract that does nothing.
fn contract<T: Config>(owner: &T::AccountId) -> H160 {
	let limits = TransactionLimits::WeightAndDeposit {
		weight_limit: Weight::from_parts(u64::MAX / 2, u64::MAX / 2),
		deposit_limit: Balance::MAX / 2,
	};
	pallet_revive::Pallet::<T>::bare_instantiate(
		RawOrigin::Signed(owner.clone()).into(),
		Default::default(),
		limits,
		Code::Upload(STOP.to_vec()),
		vec![],
		None,
		&ExecConfig::new_substrate_tx(),
	)
	.result
	.expect("it deploys")
	.addr
}

/// A payer with an open request, and a contract to call.
fn case<T: Config>() -> (T::AccountId, RequestId, H160) {
	let payer: T::AccountId = whitelisted_caller();
	let request = Helper::<T>::request(&payer);
	let contract = contract::<T>(&payer);
	(payer, request, contract)
}

fn registered<T: Config>() -> RequestId {
	let (payer, request, contract) = case::<T>();
	let budget = T::EntryDeposit::get();
	T::Currency::mint_into(&payer, budget * 4).expect("there is room");
	assert_ok!(Pallet::<T>::do_register(
		payer,
		request,
		contract,
		T::MaxWeight::get(),
		budget,
		Balance::MAX
	));
	request
}

fn due<T: Config>() {
	let request = registered::<T>();
	<Pallet<T> as OnEnd>::ended(request, Closing::Answered, H256::repeat_byte(1));
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn register() {
		let (payer, request, contract) = case::<T>();
		let budget = T::EntryDeposit::get();

		#[extrinsic_call]
		_(
			RawOrigin::Signed(payer),
			request,
			contract,
			T::MaxWeight::get(),
			budget,
			Balance::MAX,
		);

		assert!(Callbacks::<T>::contains_key(request));
	}

	#[benchmark]
	fn ended() {
		let request = registered::<T>();

		#[block]
		{
			<Pallet<T> as OnEnd>::ended(request, Closing::Answered, H256::repeat_byte(1));
		}

		assert_eq!(Tail::<T>::get(), 1);
	}

	/// At one that does not fit.
	#[benchmark]
	fn look() {
		due::<T>();
		let left = <<T as Config>::WeightInfo as crate::WeightInfo>::look();

		#[block]
		{
			Pallet::<T>::run_due(left);
		}

		assert_eq!(Head::<T>::get(), 0);
	}

	/// Of a contract that does nothing.
	#[benchmark]
	fn run() {
		due::<T>();

		#[block]
		{
			Pallet::<T>::run_due(Weight::MAX);
		}

		assert_eq!((Head::<T>::get(), Due::<T>::get(0)), (1, None));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
