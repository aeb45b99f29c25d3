//! What the weights are measured with: each call at its dearest, on models with the longest names and
//! versions with as many files and Datanets as there can be.

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
use frame_support::{assert_ok, traits::Get};
use frame_system::{pallet_prelude::BlockNumberFor, Pallet as System, RawOrigin};
use openledger_primitives::{
	model::{
		Artifact, ArtifactKind, Policy, Provider, Sampler, Task, MAX_ARTIFACTS, MAX_SNAPSHOTS,
		MAX_TOKENS,
	},
	Balance, ContentHash, DatanetId, ModelId,
};
use sp_runtime::traits::StaticLookup;

use crate::{
	types::{MAX_DISTANCE, MAX_NAME, MAX_SAMPLED, MAX_TEMPERATURE, ONE},
	*,
};

/// What the benchmarks need of the Datanets, and of money.
pub trait BenchmarkHelper<AccountId> {
	/// Gives an account enough for all deposits.
	fn fund(who: &AccountId);

	/// Creates a Datanet with a batch that no model is built on.
	fn datanet() -> DatanetId;
}

/// For the mocks of other pallets, in which these benchmarks are not run.
impl<AccountId> BenchmarkHelper<AccountId> for () {
	fn fund(_: &AccountId) {}

	fn datanet() -> DatanetId {
		0
	}
}

type Helper<T> = <T as Config>::BenchmarkHelper;

fn rich<T: Config>(name: &'static str) -> T::AccountId {
	let who = account(name, 0, 0);
	Helper::<T>::fund(&who);
	who
}

/// The account that signs.
fn caller<T: Config>() -> T::AccountId {
	let who = whitelisted_caller();
	Helper::<T>::fund(&who);
	who
}

fn pass<T: Config>(blocks: BlockNumberFor<T>) {
	System::<T>::set_block_number(System::<T>::block_number() + blocks);
}

/// The longest name.
pub fn name() -> Name {
	Name::truncate_from(vec![b'a'; usize::try_from(MAX_NAME).unwrap()])
}

/// A version with as many files as there can be.
pub fn inputs(datanets: Vec<DatanetId>) -> SpecInputs {
	let kinds = [
		ArtifactKind::Graph,
		ArtifactKind::Tokenizer,
		ArtifactKind::Generation,
	];
	let artifacts = (0..MAX_ARTIFACTS).map(|n| Artifact {
		kind: kinds
			.get(usize::try_from(n).unwrap())
			.copied()
			.unwrap_or(ArtifactKind::Weights),
		hash: ContentHash::of(&n.to_le_bytes()),
	});
	SpecInputs {
		task: Task::Generate {
			max_tokens: MAX_TOKENS,
			sampler: Sampler::Seeded {
				temperature: MAX_TEMPERATURE,
				top_k: MAX_SAMPLED,
				top_p: ONE,
			},
		},
		artifacts: artifacts.collect::<Vec<_>>().try_into().unwrap(),
		policy: Policy::Tolerance {
			onnxruntime: [1, 0, 0],
			provider: Provider::Cuda,
			max_distance: MAX_DISTANCE,
		},
		datanets: datanets.try_into().unwrap(),
	}
}

/// A version built on so many Datanets, on which no other is.
fn built_on<T: Config>(datanets: u32) -> SpecInputs {
	inputs((0..datanets).map(|_| Helper::<T>::datanet()).collect())
}

/// Registers a model.
fn model<T: Config>(owner: &T::AccountId) -> ModelId {
	let id = NextModelId::<T>::get();
	assert_ok!(Pallet::<T>::do_register(
		owner.clone(),
		name(),
		built_on::<T>(MAX_SNAPSHOTS),
		T::MinPrice::get(),
	));
	id
}

fn get<T: Config>(id: ModelId) -> Model<T::AccountId, BlockNumberFor<T>> {
	Models::<T>::get(id).unwrap()
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// From each Datanet the first snapshot.
	#[benchmark]
	fn register(d: Linear<0, MAX_SNAPSHOTS>) {
		let owner = caller::<T>();
		let inputs = built_on::<T>(d);
		let id = NextModelId::<T>::get();

		#[extrinsic_call]
		_(
			RawOrigin::Signed(owner.clone()),
			name(),
			inputs,
			T::MaxPrice::get(),
		);

		assert_eq!(get::<T>(id).owner, owner);
	}

	/// From each Datanet the first snapshot.
	#[benchmark]
	fn new_version(d: Linear<0, MAX_SNAPSHOTS>) {
		let owner = caller::<T>();
		let id = model::<T>(&owner);
		let inputs = built_on::<T>(d);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), id, inputs);

		assert_eq!(get::<T>(id).current_version, 1);
	}

	#[benchmark]
	fn remove_version() {
		let owner = caller::<T>();
		let id = model::<T>(&owner);
		assert_ok!(Pallet::<T>::do_new_version(
			owner.clone(),
			id,
			built_on::<T>(0)
		));
		pass::<T>(T::RemovalDelay::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), id, 0);

		assert!(!Versions::<T>::contains_key(id, 0));
	}

	#[benchmark]
	fn pause() {
		let owner = caller::<T>();
		let id = model::<T>(&owner);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), id);

		assert!(get::<T>(id).paused_since.is_some());
	}

	#[benchmark]
	fn resume() {
		let owner = caller::<T>();
		let id = model::<T>(&owner);
		assert_ok!(Pallet::<T>::do_pause(owner.clone(), id));

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), id);

		assert!(get::<T>(id).paused_since.is_none());
	}

	#[benchmark]
	fn set_price() {
		let owner = caller::<T>();
		let id = model::<T>(&owner);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), id, T::MaxPrice::get());

		assert_eq!(get::<T>(id).price_per_unit, T::MaxPrice::get());
	}

	#[benchmark]
	fn transfer_ownership() {
		let (owner, heir) = (caller::<T>(), rich::<T>("heir"));
		let id = model::<T>(&owner);
		let other = rich::<T>("other");
		assert_ok!(Pallet::<T>::do_transfer_ownership(owner.clone(), id, other));

		#[extrinsic_call]
		_(
			RawOrigin::Signed(owner),
			id,
			T::Lookup::unlookup(heir.clone()),
		);

		assert_eq!(get::<T>(id).offered_to, Some(heir));
	}

	#[benchmark]
	fn cancel_transfer() {
		let (owner, heir) = (caller::<T>(), rich::<T>("heir"));
		let id = model::<T>(&owner);
		assert_ok!(Pallet::<T>::do_transfer_ownership(owner.clone(), id, heir));

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), id);

		assert_eq!(get::<T>(id).offered_to, None);
	}

	#[benchmark]
	fn accept_ownership() {
		let (owner, heir) = (rich::<T>("owner"), caller::<T>());
		let id = model::<T>(&owner);
		assert_ok!(Pallet::<T>::do_transfer_ownership(owner, id, heir.clone()));

		#[extrinsic_call]
		_(RawOrigin::Signed(heir.clone()), id, Balance::MAX);

		assert_eq!(get::<T>(id).owner, heir);
	}

	#[benchmark]
	fn retire() {
		let owner = caller::<T>();
		let id = model::<T>(&owner);
		assert_ok!(Pallet::<T>::do_pause(owner.clone(), id));
		pass::<T>(T::RemovalDelay::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), id);

		assert!(!Models::<T>::contains_key(id));
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder::default(),
		crate::mock::Test,
		exec_name = build_and_execute
	);
}
