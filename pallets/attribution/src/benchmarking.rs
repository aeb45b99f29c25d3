//! What the weights are measured with: each function at its dearest, with all that the registries, the
//! pools and the reputation of those that are paid do for it.

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
use frame_support::traits::{fungible::Balanced, EnsureOrigin};
use frame_system::RawOrigin;
use openledger_primitives::{
	answer::{Entry, MAX_ENTRIES, TOTAL_WEIGHT},
	lineage::MAX_LINEAGE,
	split::Shares,
	traits::{Run, Settlement, Source},
	types::{Balance, BatchId, ModelId, RequestId},
};

use crate::*;

/// What the benchmarks need of the other pallets.
pub trait BenchmarkHelper<AccountId> {
	/// Registers a model whose lineage has as many models as there are owners, one of each, and all of which
	/// share in its part of fees. The first is the base's, the last the model's.
	fn lineage(owners: &[AccountId]) -> ModelId;

	/// Makes an account an agent, with delegators.
	fn agent(operator: &AccountId);

	/// Adds an accepted batch as far below the head of its cluster as a batch can be, and the batches
	/// between them, all of `contributor`. The clusters of two such batches are different, and a later
	/// one has a larger id.
	fn batch(contributor: &AccountId) -> BatchId;

	/// Gives accounts the reputation that takes the most to add to.
	fn reputation(of: &[AccountId]);
}

/// For the mocks of other pallets, in which these benchmarks are not run.
impl<AccountId> BenchmarkHelper<AccountId> for () {
	fn lineage(_: &[AccountId]) -> ModelId {
		0
	}

	fn agent(_: &AccountId) {}

	fn batch(_: &AccountId) -> BatchId {
		0
	}

	fn reputation(_: &[AccountId]) {}
}

type Helper<T> = <T as Config>::BenchmarkHelper;

/// Operators up to which settling is measured.
const OPERATORS: u32 = 7;

/// What is paid: enough that each part of it is worth an account.
const FEE: Balance = 1_000_000_000_000_000_000;

const REQUEST: RequestId = 1;

/// The entries of an answer to which all of the batches contributed alike.
fn entries(batches: Vec<BatchId>) -> Vec<Entry> {
	let count = u32::try_from(batches.len()).unwrap();
	let rest = TOTAL_WEIGHT.checked_rem(count).unwrap_or_default();
	let weights = (0..count).map(|n| TOTAL_WEIGHT / count + u32::from(n < rest));
	batches
		.into_iter()
		.zip(weights)
		.map(|(batch, weight)| Entry { batch, weight })
		.collect()
}

/// Who takes part in a run, none of them twice.
struct Scene<T: Config> {
	payer: T::AccountId,
	model: ModelId,
	operators: Vec<T::AccountId>,
	attribution: Vec<Entry>,
}

impl<T: Config> Scene<T> {
	fn settle(&self) {
		let run = Run {
			source: Source::Request(REQUEST),
			payer: &self.payer,
			model: self.model,
			operators: &self.operators,
			attribution: &self.attribution,
		};
		Pallet::<T>::settle(run, T::Currency::issue(FEE));
	}

	/// A run of which nobody knows the model or the data.
	fn unknown(operators: Vec<T::AccountId>) -> Self {
		Self {
			payer: account("payer", 0, 0),
			model: ModelId::MAX,
			operators,
			attribution: entries(
				(0..MAX_ENTRIES)
					.map(|n| BatchId::MAX - u64::from(MAX_ENTRIES - n))
					.collect(),
			),
		}
	}
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// To an account that does not exist yet.
	#[benchmark]
	fn claim() {
		let who: T::AccountId = account("operator", 0, 0);
		Scene::<T>::unknown([who.clone()].into()).settle();
		assert!(Credits::<T>::contains_key(&who));

		#[extrinsic_call]
		claim_for(RawOrigin::Signed(whitelisted_caller()), who.clone());

		assert!(!Credits::<T>::contains_key(who));
	}

	#[benchmark]
	fn set_shares() -> Result<(), BenchmarkError> {
		let origin =
			T::SharesOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let shares = Shares::default();

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, shares);

		assert_eq!(FeeShares::<T>::try_get(), Ok(shares));
		Ok(())
	}

	/// Owners along a lineage, and operators with delegators; each entry is a duplicate, many steps from what it
	/// duplicates, and somebody else's.
	#[benchmark]
	fn settle(e: Linear<0, MAX_ENTRIES>, o: Linear<0, OPERATORS>, m: Linear<1, MAX_LINEAGE>) {
		let named = |name: &'static str, count| -> Vec<T::AccountId> {
			(0..count).map(|n| account(name, n, 0)).collect()
		};
		let (owners, operators, contributors) = (
			named("owner", m),
			named("operator", o),
			named("contributor", e),
		);
		operators.iter().for_each(Helper::<T>::agent);
		let scene = Scene::<T> {
			payer: account("payer", 0, 0),
			model: Helper::<T>::lineage(&owners),
			attribution: entries(contributors.iter().map(Helper::<T>::batch).collect()),
			operators: operators.clone(),
		};
		let credited = [owners, operators, contributors].concat();
		Helper::<T>::reputation(&credited);

		#[block]
		{
			scene.settle();
		}

		assert!(credited.iter().all(Credits::<T>::contains_key));
		let record = Records::<T>::get(REQUEST).unwrap();
		assert_eq!(record.clusters.len(), usize::try_from(e).unwrap());
		assert!(record
			.clusters
			.iter()
			.zip(&scene.attribution)
			.all(|(paid, entry)| { paid.contributor.is_some() && paid.cluster < entry.batch }));
	}

	#[benchmark]
	fn forget() {
		Scene::<T>::unknown(Vec::new()).settle();
		assert!(Records::<T>::get(REQUEST).is_some_and(|record| record.clusters.is_full()));

		#[block]
		{
			<Pallet<T> as Settlement<_>>::forget(REQUEST);
		}

		assert!(!Records::<T>::contains_key(REQUEST));
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder::default(),
		crate::mock::Test,
		exec_name = benchmark
	);
}
