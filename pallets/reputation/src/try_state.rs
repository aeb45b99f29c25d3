//! The invariants, checked.

use alloc::collections::BTreeMap;
use frame_support::ensure;
use openledger_pallet_support::holds;
use sp_runtime::TryRuntimeError;

use crate::{
	pallet::{
		Accounts, Config, ContestedPoints, ContestedTotal, Contests, Fundings, HoldReason,
		NextContest, Pallet, Total,
	},
	Points, Schedule, MAX_PER_BUCKET,
};

impl<T: Config> Pallet<T> {
	/// Checks the invariants of the pallet's documentation.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let (now, schedule) = (Self::now(), Self::schedule());
		let mut total = Total::<T>::get();
		total.advance(now, &schedule);

		let mut pending = BTreeMap::<u64, u128>::new();
		let (mut matured, mut power) = (0u128, 0u128);
		for (_, stored) in Accounts::<T>::iter() {
			ensure!(
				stored.matured > 0 || !stored.pending.is_empty(),
				"3: an account's record is empty"
			);
			Self::check_pending(&stored, now, &schedule)?;
			let mut points = stored;
			points.advance(now, &schedule);
			matured = matured
				.checked_add(points.matured)
				.ok_or("2: matured points exceed u128")?;
			power = power
				.checked_add(points.worth(now, &schedule))
				.ok_or("2: powers exceed u128")?;
			for bucket in points.pending {
				let sum = pending.entry(bucket.bucket).or_default();
				*sum = sum
					.checked_add(bucket.amount)
					.ok_or("1: pending points exceed u128")?;
			}
		}
		let of_total: BTreeMap<_, _> = total
			.pending
			.iter()
			.map(|pending| (pending.bucket, pending.amount))
			.collect();
		ensure!(pending == of_total, "1: pending points are not the total's");
		ensure!(
			matured <= total.matured,
			"2: matured points exceed the total's"
		);
		ensure!(
			power <= total.worth(now, &schedule),
			"2: powers exceed the total"
		);
		Self::check_pending(&Total::<T>::get(), now, &schedule)?;
		Self::check_contests(schedule.bucket_of(now))?;
		ensure!(
			Fundings::<T>::iter().all(|(who, funding)| who != funding.by),
			"6: an account is funded by itself"
		);
		Ok(())
	}

	fn check_contests(present: u64) -> Result<(), TryRuntimeError> {
		let mut bonds = holds::Sums::new();
		let mut open = BTreeMap::new();
		for (id, contest) in Contests::<T>::iter() {
			ensure!(
				id < NextContest::<T>::get(),
				"4: a contest is of the future"
			);
			holds::add(&mut bonds, &contest.by, contest.bond)?;
			open.insert(id, contest.who);
		}
		let mut sum = 0u128;
		for (who, contested) in ContestedPoints::<T>::iter() {
			ensure!(!contested.is_empty(), "4: a list of nothing set apart");
			let mut counts = BTreeMap::<u64, u32>::new();
			for apart in &contested {
				ensure!(
					open.remove(&apart.contest).as_ref() == Some(&who),
					"4: points are set apart for no contest"
				);
				ensure!(
					apart.bucket < present,
					"4: a bucket is contested while it is filled"
				);
				let count = counts.entry(apart.bucket).or_default();
				*count = count.saturating_add(1);
				sum = sum
					.checked_add(apart.amount)
					.ok_or("4: contested points exceed u128")?;
			}
			ensure!(
				counts.values().all(|count| *count <= MAX_PER_BUCKET),
				"4: a bucket is in too many contests"
			);
			ensure!(
				contested
					.iter()
					.zip(contested.iter().skip(1))
					.all(|(left, right)| left.contest < right.contest),
				"4: contests do not ascend"
			);
		}
		ensure!(open.is_empty(), "4: a contest has nothing set apart");
		ensure!(
			sum == ContestedTotal::<T>::get(),
			"4: the sum of what is set apart is wrong"
		);
		holds::check::<T, T::Currency>(
			HoldReason::Contest,
			bonds,
			"5: what is held is not the bonds of contests",
		)
	}

	fn check_pending(
		points: &Points,
		now: u64,
		schedule: &Schedule,
	) -> Result<(), TryRuntimeError> {
		let buckets = &points.pending;
		ensure!(
			buckets
				.iter()
				.zip(buckets.iter().skip(1))
				.all(|(left, right)| left.bucket < right.bucket),
			"3: pending buckets do not ascend"
		);
		ensure!(
			buckets.iter().all(|pending| pending.amount > 0),
			"3: a pending bucket is empty"
		);
		ensure!(
			buckets
				.iter()
				.all(|pending| pending.bucket <= schedule.bucket_of(now)),
			"3: a pending bucket is of the future"
		);
		Ok(())
	}
}
