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
	lineage::{MAX_LINEAGE, MAX_ROYALTY},
	model::{
		Artifact, ArtifactKind, Audience, Policy, Provider, Sampler, Task, MAX_ARTIFACTS,
		MAX_SNAPSHOTS, MAX_TOKENS,
	},
	Balance, ContentHash, DatanetId, Hash, ModelId,
};
use sp_runtime::traits::StaticLookup;

use crate::{
	types::{
		Licence, MAX_BUILDERS, MAX_DISTANCE, MAX_HOLDERS, MAX_LICENCE, MAX_NAME, MAX_SAMPLED,
		MAX_TEMPERATURE, MIN_SHARES, ONE, SHARES,
	},
	*,
};

/// What the benchmarks need of the Datanets, and of money.
pub trait BenchmarkHelper<AccountId> {
	/// Gives an account enough for all deposits, and more than it had.
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

/// The most models that one can descend from.
const MAX_ANCESTORS: u32 = MAX_LINEAGE - 1;

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

/// The longest terms, at which anybody may build and pays the most.
pub fn terms() -> Terms {
	Terms {
		licence: Licence::truncate_from(vec![b'a'; usize::try_from(MAX_LICENCE).unwrap()]),
		royalty: MAX_ROYALTY,
		open: true,
	}
}

/// Registers a model.
pub fn registered<T: Config>(
	owner: &T::AccountId,
	inputs: SpecInputs,
	descent: Descent,
) -> ModelId {
	let id = NextModelId::<T>::get();
	assert_ok!(Pallet::<T>::do_register(
		owner.clone(),
		name(),
		inputs,
		T::MinPrice::get(),
		terms(),
		descent,
		MAX_ROYALTY,
	));
	id
}

/// What a model is built on that has these ancestors besides: a base, and adapters on it.
fn descent_from(ancestors: &[ModelId]) -> Descent {
	match ancestors {
		[] => Descent::Base,
		[base] => Descent::Adapter { base: *base },
		[_, adapters @ ..] => Descent::Merge {
			parts: adapters
				.iter()
				.map(|adapter| (*adapter, 1))
				.collect::<Vec<_>>()
				.try_into()
				.unwrap(),
		},
	}
}

/// The ancestors of a model that is to be registered: of each of the owners one.
fn ancestors<T: Config>(owners: &[T::AccountId]) -> Vec<ModelId> {
	let mut ids = Vec::new();
	for owner in owners {
		let descent = descent_from(ids.get(..1).unwrap_or_default());
		ids.push(registered::<T>(owner, inputs(Vec::new()), descent));
	}
	ids
}

/// Registers a model in whose part of fees one model of each of the owners shares, the last its own.
pub fn lineage<T: Config>(owners: &[T::AccountId]) -> ModelId {
	let (owner, others) = owners.split_last().unwrap();
	let descent = descent_from(&ancestors::<T>(others));
	registered::<T>(owner, inputs(Vec::new()), descent)
}

/// So many owners, all different.
fn owners<T: Config>(count: u32) -> Vec<T::AccountId> {
	(0..count)
		.map(|n| {
			let who = account("owner", n, 0);
			Helper::<T>::fund(&who);
			who
		})
		.collect()
}

/// Registers a model on no other, built on as much data as there can be.
fn model<T: Config>(owner: &T::AccountId) -> ModelId {
	registered::<T>(owner, built_on::<T>(MAX_SNAPSHOTS), Descent::Base)
}

/// As many holders of shares as said, of whom `last` is one.
fn holders<T: Config>(count: u32, last: &T::AccountId) -> Vec<(T::AccountId, u32)> {
	let rest = SHARES - MIN_SHARES * (count - 1);
	(1..count)
		.map(|n| (account("holder", n, 0), MIN_SHARES))
		.chain([(last.clone(), rest)])
		.collect()
}

/// Registers a model that is divided among so many holders, and has something to distribute.
pub fn divided<T: Config>(owner: &T::AccountId, count: u32) -> ModelId {
	let id = model::<T>(owner);
	let holders = holders::<T>(count, owner).try_into().unwrap();
	assert_ok!(Pallet::<T>::do_divide(owner.clone(), id, holders));
	Helper::<T>::fund(&Pallet::<T>::revenue_account(id));
	id
}

/// Admits as many builders as there can be.
fn crowd<T: Config>(owner: &T::AccountId, id: ModelId, count: u32) {
	for n in 0..count {
		let builder = account("builder", n, 0);
		assert_ok!(Pallet::<T>::do_admit(owner.clone(), id, builder));
	}
}

/// What a trainer says.
fn attestation() -> Attestation {
	Attestation {
		data_root: Hash::repeat_byte(1),
		log_root: Hash::repeat_byte(2),
		log_lines: u32::MAX,
		hyperparameters: ContentHash::of(b"{}"),
	}
}

fn get<T: Config>(id: ModelId) -> Model<T::AccountId, BlockNumberFor<T>> {
	Models::<T>::get(id).unwrap()
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// From each Datanet the first snapshot, and on models that are not open, of different owners who have
	/// admitted as many as they can, the signer last.
	#[benchmark]
	fn register(d: Linear<0, MAX_SNAPSHOTS>, a: Linear<0, MAX_ANCESTORS>) {
		let owner = caller::<T>();
		let owners = owners::<T>(a);
		let ancestors = ancestors::<T>(&owners);
		for (other, ancestor) in owners.iter().zip(&ancestors) {
			crowd::<T>(other, *ancestor, MAX_BUILDERS - 1);
			assert_ok!(Pallet::<T>::do_admit(
				other.clone(),
				*ancestor,
				owner.clone()
			));
			let royalty = get::<T>(*ancestor).terms.royalty;
			assert_ok!(Pallet::<T>::do_set_terms(
				other.clone(),
				*ancestor,
				royalty,
				false
			));
		}
		let inputs = built_on::<T>(d);
		let id = NextModelId::<T>::get();

		#[extrinsic_call]
		_(
			RawOrigin::Signed(owner.clone()),
			name(),
			inputs,
			T::MaxPrice::get(),
			terms(),
			descent_from(&ancestors),
			MAX_ROYALTY,
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

	/// One whose training is attested.
	#[benchmark]
	fn remove_version() {
		let owner = caller::<T>();
		let id = model::<T>(&owner);
		assert_ok!(Pallet::<T>::do_name_trainer(
			owner.clone(),
			id,
			0,
			owner.clone()
		));
		assert_ok!(Pallet::<T>::do_attest(owner.clone(), id, 0, attestation()));
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
	fn set_audience() {
		let owner = caller::<T>();
		let id = model::<T>(&owner);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), id, Audience::Tenants);

		assert_eq!(get::<T>(id).audience, Audience::Tenants);
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
		_(RawOrigin::Signed(heir.clone()), id, Balance::MAX, false);

		assert_eq!(get::<T>(id).owner, heir);
	}

	#[benchmark]
	fn retire(a: Linear<0, MAX_ANCESTORS>, h: Linear<1, MAX_HOLDERS>) {
		let owner = caller::<T>();
		let descent = descent_from(&ancestors::<T>(&owners::<T>(a)));
		let id = registered::<T>(&owner, built_on::<T>(MAX_SNAPSHOTS), descent);
		let holders = holders::<T>(h, &owner).try_into().unwrap();
		assert_ok!(Pallet::<T>::do_divide(owner.clone(), id, holders));
		Helper::<T>::fund(&Pallet::<T>::revenue_account(id));
		crowd::<T>(&owner, id, MAX_BUILDERS);
		assert_ok!(Pallet::<T>::do_pause(owner.clone(), id));
		pass::<T>(T::RemovalDelay::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), id);

		assert!(!Models::<T>::contains_key(id));
	}

	#[benchmark]
	fn set_terms() {
		let owner = caller::<T>();
		let id = model::<T>(&owner);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), id, 0, false);

		assert_eq!(get::<T>(id).terms.royalty, 0);
	}

	#[benchmark]
	fn admit() {
		let (owner, builder) = (caller::<T>(), account::<T::AccountId>("last", 0, 0));
		let id = model::<T>(&owner);
		crowd::<T>(&owner, id, MAX_BUILDERS - 1);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), id, T::Lookup::unlookup(builder));

		assert!(Builders::<T>::get(id).is_full());
	}

	#[benchmark]
	fn dismiss() {
		let owner = caller::<T>();
		let id = model::<T>(&owner);
		crowd::<T>(&owner, id, MAX_BUILDERS);
		let last = Builders::<T>::get(id).last().unwrap().who.clone();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), id, T::Lookup::unlookup(last));

		assert!(!Builders::<T>::get(id).is_full());
	}

	#[benchmark]
	fn deprecate() {
		let owner = caller::<T>();
		let (id, successor) = (model::<T>(&owner), model::<T>(&owner));

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), id, Some(successor));

		assert!(get::<T>(id).deprecated.is_some());
	}

	#[benchmark]
	fn name_trainer() {
		let (owner, trainer) = (caller::<T>(), account::<T::AccountId>("trainer", 0, 0));
		let id = model::<T>(&owner);

		#[extrinsic_call]
		_(
			RawOrigin::Signed(owner),
			id,
			0,
			T::Lookup::unlookup(trainer),
		);

		assert!(Trainings::<T>::contains_key(id, 0));
	}

	#[benchmark]
	fn attest() {
		let (owner, trainer) = (rich::<T>("owner"), caller::<T>());
		let id = model::<T>(&owner);
		assert_ok!(Pallet::<T>::do_name_trainer(owner, id, 0, trainer.clone()));

		#[extrinsic_call]
		_(RawOrigin::Signed(trainer), id, 0, attestation());

		assert!(Trainings::<T>::get(id, 0).unwrap().attestation.is_some());
	}

	#[benchmark]
	fn divide(h: Linear<1, MAX_HOLDERS>) {
		let owner = caller::<T>();
		let id = model::<T>(&owner);
		let holders = holders::<T>(h, &owner).try_into().unwrap();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), id, holders);

		assert!(get::<T>(id).divided);
	}

	/// All of the signer's, to somebody who has none.
	#[benchmark]
	fn transfer_shares(h: Linear<1, MAX_HOLDERS>) {
		let (owner, buyer) = (caller::<T>(), account::<T::AccountId>("buyer", 0, 0));
		let id = divided::<T>(&owner, h);
		let shares = SHARES - MIN_SHARES * (h - 1);

		#[extrinsic_call]
		_(
			RawOrigin::Signed(owner),
			id,
			T::Lookup::unlookup(buyer.clone()),
			shares,
		);

		let holders = Holders::<T>::get(id).unwrap().holders;
		assert_eq!(holders.get(&buyer), Some(&shares));
	}

	#[benchmark]
	fn distribute(h: Linear<1, MAX_HOLDERS>) {
		let owner = rich::<T>("owner");
		let id = divided::<T>(&owner, h);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller::<T>()), id);

		assert!(Holders::<T>::contains_key(id));
	}

	#[benchmark]
	fn reunite() {
		let owner = caller::<T>();
		let id = divided::<T>(&owner, 1);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), id);

		assert!(!get::<T>(id).divided);
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder::default(),
		crate::mock::Test,
		exec_name = build_and_execute
	);
}
