//! The invariants, checked.

use alloc::collections::BTreeMap;
use frame_support::ensure;
use sp_runtime::TryRuntimeError;

use crate::{
	pallet::{Accounts, Config, Pallet, Total},
	Points, Schedule,
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
		Self::check_pending(&Total::<T>::get(), now, &schedule)
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
