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
use frame_support::{
	traits::{EnsureOrigin, Get, Hooks},
	weights::WeightMeter,
	BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, Pallet as System, RawOrigin};
use openledger_primitives::{
	traits::{ReputationSink, VotingPower},
	Balance, ContentHash,
};
use sp_runtime::Percent;

use crate::*;

/// What the benchmarks need of the other pallets.
pub trait BenchmarkHelper<AccountId> {
	/// Gives an account as many tokens as it needs.
	fn fund(who: &AccountId);

	/// Transfers tokens of a funded account.
	fn transfer(from: &AccountId, to: &AccountId, amount: Balance);

	/// Has an account declare as much as it can of who belongs to it, without linking it to another of these.
	fn entangle(who: &AccountId);
}

/// For the mocks of other pallets, in which these benchmarks are not run.
impl<AccountId> BenchmarkHelper<AccountId> for () {
	fn fund(_: &AccountId) {}

	fn transfer(_: &AccountId, _: &AccountId, _: Balance) {}

	fn entangle(_: &AccountId) {}
}

type Helper<T> = <T as Config>::BenchmarkHelper;

/// Events up to which looking at them is measured.
const EVENTS: u32 = 10_000;

/// Fundings up to which looking at them is measured.
const FUNDINGS: u32 = 128;

/// Points at a time: so many that they take long to compute with, so few that thousands of accounts can
/// earn them.
const POINTS: Balance = Balance::MAX >> 24;

/// Half-lives after which nothing is left of any points.
const FOREVER: u32 = Balance::BITS;

fn pass<T: Config>(blocks: BlockNumberFor<T>) {
	System::<T>::set_block_number(System::<T>::block_number() + blocks);
}

fn payer<T: Config>() -> T::AccountId {
	account("payer", 0, 0)
}

fn earn<T: Config>(who: &T::AccountId) {
	Pallet::<T>::earned(who, &payer::<T>(), POINTS);
}

/// Makes looking up the links of accounts and their payer, who is called so, as dear as it can be.
pub fn entangle<T: Config>(accounts: &[T::AccountId]) {
	let payer = payer::<T>();
	for (n, who) in (0..).zip(accounts.iter().chain([&payer])) {
		Helper::<T>::entangle(who);
		let funding = Funding {
			by: account("funder", n, 0),
			until: BlockNumberFor::<T>::from(u32::MAX),
		};
		Fundings::<T>::insert(who, funding);
	}
}

/// An account that has points in as many buckets as can be pending, is in as many contests as it can be but
/// one, and can be contested for what it earned in the bucket that is returned.
fn contestable<T: Config>() -> (T::AccountId, u64) {
	let who: T::AccountId = account("earner", 0, 0);
	let bucket = T::Maturity::get() / BUCKETS.into();
	let contests = u64::from(MAX_CONTESTS) - 1;
	let apart = (0..contests).map(|contest| SetApart {
		contest,
		bucket: contest / u64::from(MAX_PER_BUCKET),
		amount: 1,
	});
	ContestedPoints::<T>::insert(&who, Contested::truncate_from(apart.collect()));
	for contest in 0..contests {
		let details = Contest {
			who: who.clone(),
			by: who.clone(),
			bond: 0,
			evidence: evidence(),
			until: BlockNumberFor::<T>::from(u32::MAX),
		};
		Contests::<T>::insert(contest, details);
	}
	ContestedTotal::<T>::put(u128::from(contests));
	NextContest::<T>::put(contests);
	pass::<T>(bucket * (MAX_CONTESTS / MAX_PER_BUCKET).into());
	for _ in 0..MAX_PENDING {
		earn::<T>(&who);
		pass::<T>(bucket);
	}
	let present = Pallet::<T>::schedule().bucket_of(Pallet::<T>::now());
	// The oldest that has not matured.
	(who, present - u64::from(BUCKETS))
}

fn evidence() -> Evidence {
	Evidence {
		claim: Claim::SameHands,
		hash: ContentHash::default(),
		locator: BoundedVec::truncate_from(alloc::vec![b'a'; MAX_LOCATOR as usize]),
	}
}

/// A contest that is the dearest to end, and whose points have matured since.
fn contested<T: Config>() -> (T::AccountId, ContestId) {
	let (who, bucket) = contestable::<T>();
	let by: T::AccountId = whitelisted_caller();
	Helper::<T>::fund(&by);
	let id = NextContest::<T>::get();
	let origin = RawOrigin::Signed(by).into();
	Pallet::<T>::contest(origin, who.clone(), bucket, POINTS, evidence()).unwrap();
	pass::<T>(T::ContestPeriod::get());
	(who, id)
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
		entangle::<T>(core::slice::from_ref(&who));

		#[block]
		{
			earn::<T>(&who);
		}

		assert_eq!(get::<T>(&who).pending.len(), 1);
	}

	#[benchmark]
	fn forfeit() {
		let (who, _) = contestable::<T>();
		pass::<T>(T::Maturity::get());
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

	#[benchmark]
	fn contest() {
		let (who, bucket) = contestable::<T>();
		let by: T::AccountId = whitelisted_caller();
		Helper::<T>::fund(&by);
		let id = NextContest::<T>::get();

		#[extrinsic_call]
		_(RawOrigin::Signed(by), who, bucket, POINTS, evidence());

		assert!(Contests::<T>::contains_key(id));
	}

	/// It is rejected, which moves points and bond.
	#[benchmark]
	fn decide() -> Result<(), BenchmarkError> {
		let (who, id) = contested::<T>();
		let origin =
			T::ContestOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, id, false);

		assert!(!Contests::<T>::contains_key(id));
		assert!(Accounts::<T>::contains_key(who));
		Ok(())
	}

	#[benchmark]
	fn close() {
		let (who, id) = contested::<T>();
		pass::<T>(1u32.into());

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), id);

		assert!(!Contests::<T>::contains_key(id));
		assert!(Accounts::<T>::contains_key(who));
	}

	/// The last of all that there can be.
	#[benchmark]
	fn set_hub() -> Result<(), BenchmarkError> {
		let origin =
			T::HubOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		Hubs::<T>::mutate(|hubs| {
			for n in 1..MAX_HUBS {
				assert!(hubs.try_insert(account("hub", n, 0)).is_ok());
			}
		});
		let who: T::AccountId = account("hub", 0, 0);

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, who.clone(), true);

		assert!(Hubs::<T>::get().contains(&who));
		Ok(())
	}

	#[benchmark]
	fn observe(e: Linear<0, EVENTS>, t: Linear<0, FUNDINGS>) {
		pass::<T>(1u32.into());
		let from: T::AccountId = account("funder", 0, 0);
		Helper::<T>::fund(&from);
		System::<T>::reset_events();
		for n in 0..t {
			Helper::<T>::transfer(&from, &account("funded", n, 0), T::MinFunding::get());
		}
		// As large as all can be without any of them being left out.
		let topics = [T::Hash::default(); 3];
		for _ in 0..e {
			let event = frame_system::Event::<T>::CodeUpdated {
				hash: Default::default(),
			};
			System::<T>::deposit_event_indexed(&topics, event.into());
		}

		#[block]
		{
			Pallet::<T>::on_finalize(System::<T>::block_number());
		}

		let funded = Fundings::<T>::iter_keys().count();
		assert_eq!(
			funded,
			usize::try_from(t.min(T::MaxTransfers::get())).unwrap()
		);
	}

	/// It finds that the pass is over.
	#[benchmark]
	fn prune_base() {
		let last = account("last", 0, 0);
		Pruning::<T>::put(Sweep {
			bucket: 0,
			last: Some(last),
			done: false,
		});
		let mut meter = WeightMeter::new();

		#[block]
		{
			Pallet::<T>::prune(&mut meter);
		}

		assert!(Pruning::<T>::get().is_some_and(|sweep| sweep.done));
	}

	/// It is removed.
	#[benchmark]
	fn prune_funding() {
		let who: T::AccountId = account("funded", 0, 0);
		let funding = Funding {
			by: account("funder", 0, 0),
			until: System::<T>::block_number(),
		};
		Fundings::<T>::insert(&who, funding);
		pass::<T>(1u32.into());
		let found;

		#[block]
		{
			found = Fundings::<T>::iter_keys().next().unwrap();
			Pallet::<T>::remove_if_over(&found);
		}

		assert_eq!(found, who);
		assert!(!Fundings::<T>::contains_key(who));
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::Chain,
		crate::mock::Test,
		exec_name = execute
	);
}
