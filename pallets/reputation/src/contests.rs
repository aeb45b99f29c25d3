//! Contesting points that do not count yet.

use frame_support::{
	defensive, ensure,
	traits::{
		fungible::hold::Mutate as _,
		tokens::{
			Fortitude::Force,
			Precision::{BestEffort, Exact},
			Restriction::Free,
		},
		Get,
	},
};
use openledger_primitives::types::Balance;
use sp_runtime::{traits::Saturating, DispatchError, DispatchResult, Percent};

use crate::{
	pallet::{
		Accounts, Config, ContestedPoints, ContestedTotal, Contests, Error, Event, HoldReason,
		NextContest, Pallet, Total,
	},
	Contest, ContestId, Evidence, Pending, Points, SetApart, Verdict, MAX_PER_BUCKET,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_contest(
		by: T::AccountId,
		who: T::AccountId,
		Pending { bucket, amount }: Pending,
		evidence: Evidence,
	) -> DispatchResult {
		let (now, schedule) = (Self::now(), Self::schedule());
		ensure!(bucket < schedule.bucket_of(now), Error::<T>::BucketOpen);
		let mut points = Accounts::<T>::get(&who).ok_or(Error::<T>::NothingPending)?;
		points.advance(now, &schedule);
		let free = points.pending_in(bucket);
		ensure!(free > 0, Error::<T>::NothingPending);
		ensure!(amount <= free, Error::<T>::TooManyPoints);
		let mut contested = ContestedPoints::<T>::get(&who);
		let least = Self::least(free, bucket, &contested)?;
		ensure!(amount >= least, Error::<T>::TooFewPoints);

		let contest = NextContest::<T>::get();
		let next = contest.checked_add(1).ok_or(Error::<T>::Overflow)?;
		let sum = ContestedTotal::<T>::get()
			.checked_add(amount)
			.ok_or(Error::<T>::Overflow)?;
		contested
			.try_push(SetApart {
				contest,
				bucket,
				amount,
			})
			.map_err(|_| Error::<T>::TooManyContests)?;
		let bond = T::ContestBond::get();
		T::Currency::hold(&HoldReason::Contest.into(), &by, bond)?;

		let taken = Points::of(Pending { bucket, amount }, now, &schedule);
		points.subtract(&taken);
		Self::set(&who, points);
		Total::<T>::mutate(|total| {
			total.advance(now, &schedule);
			total.subtract(&taken);
		});
		let until =
			frame_system::Pallet::<T>::block_number().saturating_add(T::ContestPeriod::get());
		NextContest::<T>::put(next);
		ContestedTotal::<T>::put(sum);
		ContestedPoints::<T>::insert(&who, contested);
		Contests::<T>::insert(
			contest,
			Contest {
				who: who.clone(),
				by: by.clone(),
				bond,
				evidence,
				until,
			},
		);
		Self::deposit_event(Event::Contested {
			contest,
			who,
			by,
			bucket,
			amount,
			until,
		});
		Ok(())
	}

	/// How many of a bucket's `free` points have to be contested at the least.
	fn least(free: u128, bucket: u64, contested: &[SetApart]) -> Result<u128, DispatchError> {
		let others = contested.iter().filter(|apart| apart.bucket == bucket);
		let (count, all) = others.fold((0u32, free), |(count, sum), apart| {
			(count.saturating_add(1), sum.saturating_add(apart.amount))
		});
		ensure!(count < MAX_PER_BUCKET, Error::<T>::TooManyContests);
		Ok(all.div_ceil(MAX_PER_BUCKET.into()).min(free))
	}

	/// Decides a contest in time.
	pub(crate) fn do_decide(id: ContestId, verdict: Verdict) -> DispatchResult {
		let contest = Contests::<T>::get(id).ok_or(Error::<T>::UnknownContest)?;
		let now = frame_system::Pallet::<T>::block_number();
		ensure!(now <= contest.until, Error::<T>::TooLate);
		Self::end(id, contest.who, contest.by, contest.bond, verdict)
	}

	/// Ends a contest that nobody decided in time.
	pub(crate) fn do_close(id: ContestId) -> DispatchResult {
		let contest = Contests::<T>::get(id).ok_or(Error::<T>::UnknownContest)?;
		let now = frame_system::Pallet::<T>::block_number();
		ensure!(now > contest.until, Error::<T>::TooEarly);
		Self::end(
			id,
			contest.who,
			contest.by,
			contest.bond,
			Verdict::Undecided,
		)
	}

	fn end(
		contest: ContestId,
		who: T::AccountId,
		by: T::AccountId,
		bond: Balance,
		verdict: Verdict,
	) -> DispatchResult {
		let reason = HoldReason::Contest.into();
		if verdict == Verdict::Rejected {
			let treasury = T::TreasuryAccount::get();
			T::Currency::transfer_on_hold(&reason, &by, &treasury, bond, BestEffort, Free, Force)?;
		} else {
			T::Currency::release(&reason, &by, bond, Exact)?;
		}
		Contests::<T>::remove(contest);
		let apart = Self::take_apart(contest, &who);
		let amount = apart.map_or(0, |apart| apart.amount);
		ContestedTotal::<T>::mutate(|sum| sum.saturating_reduce(amount));
		if let (Some(apart), true) = (apart, verdict != Verdict::Upheld) {
			Self::give_back(&who, apart);
		}
		Self::deposit_event(Event::ContestEnded {
			contest,
			who,
			by,
			verdict,
			amount,
		});
		Ok(())
	}

	/// Takes a contest's points from those that are set apart.
	fn take_apart(contest: ContestId, who: &T::AccountId) -> Option<SetApart> {
		let mut contested = ContestedPoints::<T>::get(who);
		let place = contested.binary_search_by_key(&contest, |apart| apart.contest);
		let Ok(place) = place else {
			defensive!("an open contest's points are set apart");
			return None;
		};
		let apart = contested.remove(place);
		if contested.is_empty() {
			ContestedPoints::<T>::remove(who);
		} else {
			ContestedPoints::<T>::insert(who, contested);
		}
		Some(apart)
	}

	/// Gives an account back what was set apart, in the state in which it would be: pending, or matured in
	/// its time and decayed since. The total gets the very same.
	fn give_back(who: &T::AccountId, SetApart { bucket, amount, .. }: SetApart) {
		let (now, schedule) = (Self::now(), Self::schedule());
		let back = Points::of(Pending { bucket, amount }, now, &schedule);
		let mut points = Accounts::<T>::get(who).unwrap_or_default();
		let mut total = Total::<T>::get();
		points.advance(now, &schedule);
		total.advance(now, &schedule);
		if points.add(&back).is_none() || total.add(&back).is_none() {
			defensive!("room was kept for what is contested");
			return;
		}
		Self::set(who, points);
		Total::<T>::put(total);
	}

	/// Stores an account's record, or removes an empty one.
	pub(crate) fn set(who: &T::AccountId, points: Points) {
		if points.is_empty() {
			Accounts::<T>::remove(who);
		} else {
			Accounts::<T>::insert(who, points);
		}
	}

	/// Takes a part, rounded up, of what is set apart of an account's points, and returns how many points
	/// these were.
	pub(crate) fn forfeit_contested(who: &T::AccountId, part: Percent) -> u128 {
		let mut contested = ContestedPoints::<T>::get(who);
		if contested.is_empty() {
			return 0;
		}
		let rest = Percent::one().saturating_sub(part);
		let mut lost = 0u128;
		for apart in &mut contested {
			let left = rest.mul_floor(apart.amount);
			lost = lost.saturating_add(apart.amount.saturating_sub(left));
			apart.amount = left;
		}
		ContestedPoints::<T>::insert(who, contested);
		ContestedTotal::<T>::mutate(|sum| sum.saturating_reduce(lost));
		lost
	}
}
