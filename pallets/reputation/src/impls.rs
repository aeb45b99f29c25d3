//! Earning, reading and removing points.

use alloc::vec::Vec;
use frame_support::{
	defensive,
	traits::Get,
	weights::{Weight, WeightMeter},
};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{
	traits::{Links, ReputationSink, VotingPower},
	types::Balance,
};
use sp_runtime::{traits::UniqueSaturatedInto, Percent, SaturatedConversion};

use crate::{
	pallet::{Accounts, Config, ContestedTotal, Event, Fundings, Pallet, Pruning, Sweeping, Total},
	Points, Schedule, Sweep, WeightInfo, BUCKETS,
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

	/// Opens a record with points that count at once: for genesis alone. `None`, and nothing changed, if
	/// there is a record already, if the points would not be worth one, or if all together could not be
	/// counted any more.
	#[must_use]
	pub(crate) fn grant(who: &T::AccountId, amount: u128) -> Option<()> {
		let (now, schedule) = (Self::now(), Self::schedule());
		if Accounts::<T>::contains_key(who) || amount < T::MinEarned::get().max(1) {
			return None;
		}
		let mut total = Total::<T>::get();
		total.advance(now, &schedule);
		let granted = Points::granted(amount, now, &schedule)?;
		total.add(&granted)?;
		Accounts::<T>::insert(who, granted);
		Total::<T>::put(total);
		Some(())
	}

	/// Removes accounts whose points have decayed, as many as limit and weight allow.
	pub(crate) fn sweep(meter: &mut WeightMeter) {
		if meter.try_consume(T::WeightInfo::sweep_base()).is_err() {
			return;
		}
		let Some(mut sweep) = Self::next_pass(Sweeping::<T>::get()) else {
			return;
		};
		let keys = match &sweep.last {
			Some(last) => Accounts::<T>::iter_keys_from(Accounts::<T>::hashed_key_for(last)),
			None => Accounts::<T>::iter_keys(),
		};
		let weight = T::WeightInfo::sweep_account();
		Self::go_on(&mut sweep, keys, weight, meter, Self::remove_if_decayed);
		Sweeping::<T>::put(sweep);
	}

	/// Removes fundings that are over, as many as limit and weight allow.
	pub(crate) fn prune(meter: &mut WeightMeter) {
		if meter.try_consume(T::WeightInfo::prune_base()).is_err() {
			return;
		}
		let Some(mut sweep) = Self::next_pass(Pruning::<T>::get()) else {
			return;
		};
		let keys = match &sweep.last {
			Some(last) => Fundings::<T>::iter_keys_from(Fundings::<T>::hashed_key_for(last)),
			None => Fundings::<T>::iter_keys(),
		};
		let weight = T::WeightInfo::prune_funding();
		Self::go_on(&mut sweep, keys, weight, meter, Self::remove_if_over);
		Pruning::<T>::put(sweep);
	}

	/// The pass that is to be gone on with: the last one, or a new one with each bucket.
	fn next_pass(sweep: Option<Sweep<T::AccountId>>) -> Option<Sweep<T::AccountId>> {
		let bucket = Self::schedule().bucket_of(Self::now());
		match sweep {
			Some(sweep) if sweep.done && sweep.bucket == bucket => None,
			Some(sweep) if !sweep.done => Some(sweep),
			_ => Some(Sweep {
				bucket,
				last: None,
				done: false,
			}),
		}
	}

	/// Goes on with a pass over `keys`, as far as limit and weight allow.
	fn go_on(
		sweep: &mut Sweep<T::AccountId>,
		mut keys: impl Iterator<Item = T::AccountId>,
		weight: Weight,
		meter: &mut WeightMeter,
		visit: fn(&T::AccountId),
	) {
		let mut looked_at = Vec::new();
		for _ in 0..T::SweepLimit::get() {
			if meter.try_consume(weight).is_err() {
				break;
			}
			let Some(who) = keys.next() else {
				sweep.done = true;
				break;
			};
			looked_at.push(who);
		}
		looked_at.iter().for_each(visit);
		sweep.last = if sweep.done {
			None
		} else {
			looked_at.pop().or(sweep.last.take())
		};
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
		let link = T::Links::between(payer, who).or_else(|| Self::funding_link(payer, who));
		if let Some(link) = link {
			Self::deposit_event(Event::LinkedPayment {
				who: who.clone(),
				payer: payer.clone(),
				amount: earned,
				link,
			});
			return;
		}
		let mut total = Total::<T>::get();
		points.advance(now, &schedule);
		total.advance(now, &schedule);
		// No supply of tokens comes near this bound; beyond it points are cut off, not wrapped.
		let room = total.room().saturating_sub(ContestedTotal::<T>::get());
		let amount = earned.min(room);
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
		let (now, schedule) = (Self::now(), Self::schedule());
		let contested = Self::forfeit_contested(who, part);
		let mut points = Accounts::<T>::get(who).unwrap_or_default();
		let mut total = Total::<T>::get();
		points.advance(now, &schedule);
		total.advance(now, &schedule);
		let taken = points.take(part);
		if taken.is_empty() && contested == 0 {
			return;
		}
		total.subtract(&taken);
		Total::<T>::put(total);
		Self::set(who, points);
		Self::deposit_event(Event::Forfeited {
			who: who.clone(),
			power: taken.worth(now, &schedule),
			pending: taken.pending(now, &schedule),
			contested,
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
