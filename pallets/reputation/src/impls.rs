//! Earning, reading and removing points.

use alloc::vec::Vec;
use frame_support::{defensive, traits::Get, weights::WeightMeter};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{
	traits::{ReputationSink, VotingPower},
	types::Balance,
};
use sp_runtime::{traits::UniqueSaturatedInto, Percent, SaturatedConversion};

use crate::{
	pallet::{Accounts, Config, Event, Pallet, Sweeping, Total},
	Schedule, Sweep, WeightInfo, BUCKETS,
};

impl<T: Config> Pallet<T> {
	/// The present block.
	pub(crate) fn now() -> u64 {
		frame_system::Pallet::<T>::block_number().unique_saturated_into()
	}

	/// When points mature and how fast they decay.
	pub(crate) fn schedule() -> Schedule {
		let maturity: u64 = T::Maturity::get().unique_saturated_into();
		Schedule {
			bucket: maturity.checked_div(BUCKETS.into()).unwrap_or(0),
			half_life: T::HalfLife::get().unique_saturated_into(),
		}
	}

	pub(crate) fn power_of(who: &T::AccountId) -> u128 {
		Accounts::<T>::get(who).map_or(0, |points| points.worth(Self::now(), &Self::schedule()))
	}

	pub(crate) fn total_power() -> u128 {
		Total::<T>::get().worth(Self::now(), &Self::schedule())
	}

	/// Removes accounts whose points have decayed, as many as limit and weight allow.
	pub(crate) fn sweep(meter: &mut WeightMeter) {
		if meter.try_consume(T::WeightInfo::sweep_base()).is_err() {
			return;
		}
		let bucket = Self::schedule().bucket_of(Self::now());
		let mut sweep = match Sweeping::<T>::get() {
			Some(sweep) if sweep.done && sweep.bucket == bucket => return,
			Some(sweep) if !sweep.done => sweep,
			_ => Sweep {
				bucket,
				last: None,
				done: false,
			},
		};
		let mut keys = match &sweep.last {
			Some(last) => Accounts::<T>::iter_keys_from(Accounts::<T>::hashed_key_for(last)),
			None => Accounts::<T>::iter_keys(),
		};
		let mut looked_at = Vec::new();
		for _ in 0..T::SweepLimit::get() {
			if meter.try_consume(T::WeightInfo::sweep_account()).is_err() {
				break;
			}
			let Some(who) = keys.next() else {
				sweep.done = true;
				break;
			};
			looked_at.push(who);
		}
		looked_at.iter().for_each(Self::remove_if_decayed);
		sweep.last = if sweep.done {
			None
		} else {
			looked_at.pop().or(sweep.last)
		};
		Sweeping::<T>::put(sweep);
	}

	pub(crate) fn remove_if_decayed(who: &T::AccountId) {
		let (now, schedule) = (Self::now(), Self::schedule());
		let Some(mut points) = Accounts::<T>::get(who) else {
			return;
		};
		points.advance(now, &schedule);
		let power = points.worth(now, &schedule);
		if !points.pending.is_empty() || power >= T::MinEarned::get().max(1) {
			return;
		}
		let mut total = Total::<T>::get();
		total.advance(now, &schedule);
		total.subtract(&points);
		Total::<T>::put(total);
		Accounts::<T>::remove(who);
		Self::deposit_event(Event::Removed {
			who: who.clone(),
			power,
		});
	}
}

impl<T: Config> ReputationSink<T::AccountId> for Pallet<T> {
	fn earned(who: &T::AccountId, payer: &T::AccountId, earned: Balance) {
		if who == payer || earned == 0 {
			return;
		}
		let (now, schedule) = (Self::now(), Self::schedule());
		let mut points = match Accounts::<T>::get(who) {
			Some(points) => points,
			None if earned < T::MinEarned::get() => return,
			None => Default::default(),
		};
		let mut total = Total::<T>::get();
		points.advance(now, &schedule);
		total.advance(now, &schedule);
		// No supply of tokens comes near this bound; beyond it points are cut off, not wrapped.
		let amount = earned.min(total.room());
		if amount == 0 {
			return;
		}
		if points.earn(amount, now, &schedule).is_none()
			|| total.earn(amount, now, &schedule).is_none()
		{
			defensive!("an advanced record has room for the present bucket");
			return;
		}
		Accounts::<T>::insert(who, points);
		Total::<T>::put(total);
		let matures_at: BlockNumberFor<T> = schedule
			.matures_at(schedule.bucket_of(now))
			.saturated_into();
		Self::deposit_event(Event::Earned {
			who: who.clone(),
			payer: payer.clone(),
			amount,
			matures_at,
		});
	}

	fn forfeit(who: &T::AccountId, part: Percent) {
		let Some(mut points) = Accounts::<T>::get(who) else {
			return;
		};
		let (now, schedule) = (Self::now(), Self::schedule());
		let mut total = Total::<T>::get();
		points.advance(now, &schedule);
		total.advance(now, &schedule);
		let taken = points.take(part);
		if taken.is_empty() {
			return;
		}
		total.subtract(&taken);
		Total::<T>::put(total);
		if points.is_empty() {
			Accounts::<T>::remove(who);
		} else {
			Accounts::<T>::insert(who, points);
		}
		Self::deposit_event(Event::Forfeited {
			who: who.clone(),
			power: taken.worth(now, &schedule),
			pending: taken.pending(now, &schedule),
		});
	}
}

impl<T: Config> VotingPower<T::AccountId> for Pallet<T> {
	fn power(who: &T::AccountId) -> u128 {
		Self::power_of(who)
	}

	fn total() -> u128 {
		Self::total_power()
	}
}
