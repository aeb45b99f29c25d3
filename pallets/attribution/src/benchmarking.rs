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
use frame_support::traits::{
	fungible::{Balanced, MutateHold},
	EnsureOrigin, Get,
};
use frame_system::RawOrigin;
use openledger_primitives::{
	answer::{Entry, MAX_ENTRIES, TOTAL_WEIGHT},
	earnings::{Earnings, MAX_PROOF_PARTS},
	lineage::MAX_LINEAGE,
	model::MAX_SNAPSHOTS,
	split::Shares,
	traits::{Rent, Run, Settlement, Source},
	types::{Balance, BatchId, ModelId, RequestId},
};

use crate::*;

/// What the benchmarks need of the other pallets.
pub trait BenchmarkHelper<AccountId> {
	/// Registers a model whose lineage has as many models as there are owners, one of each, and all of which
	/// share in its part of fees. The first is the base's, the last the model's.
	fn lineage(owners: &[AccountId]) -> ModelId;

	/// Adds a version to a model of `owner`, built on so many Datanets with contributors to pay.
	fn build_on(owner: &AccountId, model: ModelId, datanets: u32);

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

	fn build_on(_: &AccountId, _: ModelId, _: u32) {}

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

/// A batch of calls.
const CALLS: Source = Source::Receipts {
	channel: 0,
	batch: 0,
};

/// What a batch has earned, and another one beside it at each of so many steps of its way.
fn earnings(batch: BatchId, steps: u32) -> Earnings {
	let beside = (0..steps).map(|step| batch ^ 1 << step);
	Earnings::of(beside.chain([batch]).map(|batch| (batch, 1_000))).unwrap()
}

/// An account with all that it can pay for.
fn rich<T: Config>(who: T::AccountId) -> T::AccountId {
	assert!(T::Currency::resolve(&who, T::Currency::issue(FEE)).is_ok());
	who
}

/// Settles a batch of calls, paid by a payer and served by an agent.
fn distribute<T: Config>(earned: &Earnings) {
	let (payer, operator) = (account("payer", 0, 0), rich::<T>(account("operator", 0, 0)));
	let run = Run {
		source: CALLS,
		payer: &payer,
		model: ModelId::MAX,
		operators: &[operator],
		attribution: &[],
	};
	Pallet::<T>::settle_by_root(run, earned.summary(), T::Currency::issue(FEE));
}

/// So many accounts.
fn named<T: Config>(name: &'static str, count: u32) -> Vec<T::AccountId> {
	(0..count).map(|n| account(name, n, 0)).collect()
}

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
		let (owners, operators, contributors) = (
			named::<T>("owner", m),
			named::<T>("operator", o),
			named::<T>("contributor", e),
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
		let size = |count: u32| usize::try_from(count).unwrap();
		assert_eq!(record.clusters.len(), size(e));
		assert_eq!(record.payment.operators.len(), size(o));
		assert_eq!(record.payment.models.len(), size(m));
		assert!(record
			.clusters
			.iter()
			.zip(&scene.attribution)
			.all(|(paid, entry)| { paid.contributor.is_some() && paid.cluster < entry.batch }));
	}

	/// Owners along a lineage, and operators with delegators, of which the first pays for the record.
	#[benchmark]
	fn settle_by_root(o: Linear<1, OPERATORS>, m: Linear<1, MAX_LINEAGE>) {
		let (owners, operators) = (named::<T>("owner", m), named::<T>("operator", o));
		operators.iter().for_each(Helper::<T>::agent);
		rich::<T>(operators[0].clone());
		let payer = account("payer", 0, 0);
		let model = Helper::<T>::lineage(&owners);
		Helper::<T>::reputation(&[owners, operators.clone()].concat());
		let earned = earnings(0, 0).summary();

		#[block]
		{
			let run = Run {
				source: CALLS,
				payer: &payer,
				model,
				operators: &operators,
				attribution: &[],
			};
			Pallet::<T>::settle_by_root(run, earned, T::Currency::issue(FEE));
		}

		assert!(Distributions::<T>::get(CALLS).is_some_and(|it| it.deposit.is_some()));
	}

	/// Owners along a lineage, and Datanets with contributors.
	#[benchmark]
	fn settle_rent(m: Linear<1, MAX_LINEAGE>, d: Linear<0, MAX_SNAPSHOTS>) {
		let owners = named::<T>("owner", m);
		let tenant = account("tenant", 0, 0);
		let model = Helper::<T>::lineage(&owners);
		Helper::<T>::build_on(&owners[owners.len() - 1], model, d);
		Helper::<T>::reputation(&owners);

		#[block]
		{
			let rent = Rent {
				rental: 0,
				tenant: &tenant,
				model,
				version: 1,
			};
			Pallet::<T>::settle_rent(rent, T::Currency::issue(FEE));
		}

		assert!(owners.iter().all(Credits::<T>::contains_key));
	}

	/// Of a duplicate, many steps from what it duplicates: two records.
	#[benchmark]
	fn claim_share(p: Linear<1, MAX_PROOF_PARTS>) {
		let contributor: T::AccountId = account("contributor", 0, 0);
		let batch = Helper::<T>::batch(&contributor);
		Helper::<T>::reputation(&[contributor.clone()]);
		let earned = earnings(batch, p / 2);
		let proof = earned.prove(batch).unwrap();
		assert_eq!(proof.len(), usize::try_from(p / 2 * 2 + 1).unwrap());
		distribute::<T>(&earned);
		let caller = rich::<T>(whitelisted_caller());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), CALLS, batch, proof);

		assert!(Credits::<T>::contains_key(contributor));
		assert_eq!(Distributions::<T>::get(CALLS).unwrap().claims, 2);
	}

	/// Each claim by another account.
	#[benchmark]
	fn close_distribution(n: Linear<0, MAX_REMOVED>) {
		distribute::<T>(&earnings(0, 0));
		for batch in 0..n {
			let depositor = rich::<T>(account("claimant", batch, 0));
			let deposit = T::ClaimDeposit::get();
			T::Currency::hold(&HoldReason::Record.into(), &depositor, deposit).unwrap();
			let record = Claim {
				counted: 0,
				claimed: true,
				depositor,
				deposit,
			};
			Claims::<T>::insert(CALLS, BatchId::from(batch), record);
		}
		Distributions::<T>::mutate(CALLS, |it| it.as_mut().unwrap().claims = n);
		let expires_at = Distributions::<T>::get(CALLS).unwrap().expires_at;
		frame_system::Pallet::<T>::set_block_number(expires_at);

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), CALLS);

		assert!(!Distributions::<T>::contains_key(CALLS));
		assert_eq!(TotalSetApart::<T>::get(), 0);
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
