//! What the calls, and earning points, cost at their dearest: full leaderboards, and seasons that nobody
//! has closed.

use frame_benchmarking::v2::*;
use frame_support::{
	traits::{
		fungible::{Inspect, Mutate},
		EnsureOrigin, Get,
	},
	BoundedVec,
};
use frame_system::RawOrigin;
use openledger_primitives::{data::Merit, traits::PointsSink, Balance};
use sp_runtime::traits::Saturating;

use crate::*;

/// The season in which points are earned.
const SEASON: SeasonIndex = 3;

/// A point more than anybody on a leaderboard has.
const POINTS: u64 = 1_000;

fn begin<T: Config>(season: SeasonIndex) {
	let from = T::SeasonLength::get().saturating_mul(season.into());
	frame_system::Pallet::<T>::set_block_number(from);
}

/// The first block in which a season is swept.
fn end_claims<T: Config>(season: SeasonIndex) {
	begin::<T>(season.saturating_add(1));
	let now = frame_system::Pallet::<T>::block_number();
	frame_system::Pallet::<T>::set_block_number(now.saturating_add(T::ClaimPeriod::get()));
}

fn money<T: Config>() -> Balance {
	T::Currency::minimum_balance().saturating_mul(1_000)
}

fn funded<T: Config>(name: &'static str) -> Result<T::AccountId, BenchmarkError> {
	let who = account(name, 0, 0);
	T::Currency::mint_into(&who, money::<T>().saturating_mul(1_000))?;
	Ok(who)
}

/// A leaderboard without a free place, on which nobody has [`POINTS`].
fn full<T: Config>() -> Leaderboard<T::AccountId> {
	let places = (0..LEADERBOARD).map(|n| {
		let points = POINTS.saturating_sub(1).saturating_sub(n.into());
		(account("leader", n, 0), points)
	});
	Leaderboard(BoundedVec::truncate_from(places.collect()))
}

fn credit<T: Config>(who: &T::AccountId) {
	<Pallet<T> as PointsSink<_>>::credit(who, 0, Merit::Contribution, POINTS);
}

fn conversion<T: Config>() -> Conversion {
	Conversion {
		per_point: T::MaxPerPoint::get(),
		cap: T::MaxPot::get(),
		min_points: 1,
		listed_only: true,
	}
}

fn governance<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)
}

/// A season with a pot, a conversion, and a listed account with points, after which the next season has
/// begun. Nobody has closed it.
fn past_season<T: Config>() -> Result<T::AccountId, BenchmarkError> {
	let (who, sponsor) = (funded::<T>("winner")?, funded::<T>("sponsor")?);
	begin::<T>(SEASON);
	Pallet::<T>::set_conversion(governance::<T>()?, SEASON, conversion::<T>())?;
	Pallet::<T>::set_listed(governance::<T>()?, SEASON, who.clone(), true)?;
	Pallet::<T>::fund(RawOrigin::Signed(sponsor).into(), SEASON, money::<T>())?;
	credit::<T>(&who);
	let mut top = full::<T>();
	top.rise(&who, POINTS);
	Top::<T>::insert(SEASON, top);
	begin::<T>(SEASON.saturating_add(1));
	Ok(who)
}

#[benchmarks]
mod benchmarks {
	use super::*;

	// The first points of a season, which close the one before, and a place on a full leaderboard: that
	// never happens at once, so this is more than either costs.
	#[benchmark]
	fn credit() -> Result<(), BenchmarkError> {
		let before = SEASON;
		past_season::<T>()?;
		let now = before.saturating_add(1);
		Top::<T>::insert(now, full::<T>());
		let who: T::AccountId = account("riser", 0, 0);
		Pallet::<T>::set_listed(governance::<T>()?, now, who.clone(), true)?;

		#[block]
		{
			super::credit::<T>(&who);
		}

		assert!(Pallet::<T>::totals(Some(before)).is_some_and(|season| season.snapshot.is_some()));
		assert_eq!(Top::<T>::get(now).0.first(), Some(&(who, POINTS)));
		Ok(())
	}

	#[benchmark]
	fn set_conversion() -> Result<(), BenchmarkError> {
		let origin = governance::<T>()?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, 1, conversion::<T>());

		let season = Pallet::<T>::totals(Some(1));
		assert_eq!(
			season.and_then(|season| season.conversion),
			Some(conversion::<T>())
		);
		Ok(())
	}

	#[benchmark]
	fn set_listed() -> Result<(), BenchmarkError> {
		let origin = governance::<T>()?;
		let who: T::AccountId = account("winner", 0, 0);
		super::credit::<T>(&who);
		let now = Pallet::<T>::current();

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, now, who, true);

		assert!(Pallet::<T>::totals(None).is_some_and(|season| season.listed_points == POINTS));
		Ok(())
	}

	#[benchmark]
	fn fund() -> Result<(), BenchmarkError> {
		let who = funded::<T>("sponsor")?;
		Pallet::<T>::set_conversion(governance::<T>()?, 1, conversion::<T>())?;

		#[extrinsic_call]
		_(RawOrigin::Signed(who), 1, money::<T>());

		assert!(Pallet::<T>::totals(Some(1)).is_some_and(|season| season.funded == money::<T>()));
		Ok(())
	}

	#[benchmark]
	fn close_season() -> Result<(), BenchmarkError> {
		let who = past_season::<T>()?;

		#[extrinsic_call]
		_(RawOrigin::Signed(who), SEASON);

		assert!(Pallet::<T>::totals(Some(SEASON)).is_some_and(|season| season.snapshot.is_some()));
		Ok(())
	}

	#[benchmark]
	fn claim_reward() -> Result<(), BenchmarkError> {
		let who = past_season::<T>()?;

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), SEASON);

		assert!(Pallet::<T>::points_of(who, Some(SEASON)).is_some_and(|score| score.claimed));
		Ok(())
	}

	// All but one of the records are of points, which cost more than those of the list; and both are
	// looked for in vain at last.
	#[benchmark]
	fn sweep_season(n: Linear<1, { T::MaxSweep::get() }>) -> Result<(), BenchmarkError> {
		let who = past_season::<T>()?;
		let season = SEASON;
		Points::<T>::remove(season, &who);
		for index in 1..n {
			let score = Score {
				contribution: POINTS,
				..Default::default()
			};
			Points::<T>::insert(season, account::<T::AccountId>("also", index, 0), score);
		}
		Seasons::<T>::mutate_extant(season, |sums| {
			sums.accounts = n.saturating_sub(1);
			sums.points = POINTS.saturating_mul(sums.accounts.into());
		});
		end_claims::<T>(season);
		let limit = n.saturating_add(1).min(T::MaxSweep::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(who), season, limit);

		let sums = Pallet::<T>::totals(Some(season)).unwrap_or_default();
		assert_eq!((sums.swept_accounts, sums.swept_listed), (sums.accounts, 1));
		assert!(sums.snapshot.is_some() && sums.returned == money::<T>());
		Ok(())
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder::default().build(),
		crate::mock::Test,
	);
}
