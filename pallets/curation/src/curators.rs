//! Curators, their bonds and pools, and where money goes.

use frame_support::{
	defensive, ensure,
	traits::{
		fungible::{Balanced, BalancedHold, MutateHold},
		tokens::Precision,
		Get,
	},
};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{Balance, DatanetId};
use sp_core::H256;
use sp_runtime::{
	traits::{Saturating, Zero},
	DispatchResult,
};

use crate::{
	types::{weight, Curator, PoolMember, Status},
	Config, Curators, Error, Event, HoldReason, Pallet, PoolOf, Pools, Qualifications,
};

pub(crate) type CuratorOf<T> = Curator<BlockNumberFor<T>>;

impl<T: Config> Pallet<T> {
	pub(crate) fn now() -> BlockNumberFor<T> {
		frame_system::Pallet::<T>::block_number()
	}

	/// The hash that binds commitments to this chain.
	pub(crate) fn genesis() -> H256 {
		frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero())
	}

	/// Ends a hold in its owner's favour.
	pub(crate) fn give_back(reason: HoldReason, who: &T::AccountId, amount: Balance) {
		let released = T::Currency::release(&reason.into(), who, amount, Precision::BestEffort);
		if released != Ok(amount) {
			defensive!("what is recorded is held");
		}
	}

	/// Ends a hold in the treasury's favour.
	pub(crate) fn forfeit(reason: HoldReason, who: &T::AccountId, amount: Balance) {
		let (credit, missing) = T::Currency::slash(&reason.into(), who, amount);
		if !missing.is_zero() {
			defensive!("what is recorded is held");
		}
		// A treasury that cannot take it has the credit burned: an account has to exist.
		let _ = T::Currency::resolve(&T::TreasuryAccount::get(), credit);
	}

	pub(crate) fn do_bond(
		who: T::AccountId,
		datanet: DatanetId,
		amount: Balance,
	) -> DispatchResult {
		let now = Self::now();
		let record = Qualifications::<T>::get(datanet, &who)
			.filter(|record| now < record.until)
			.ok_or(Error::<T>::NotQualified)?;
		ensure!(amount > 0, Error::<T>::NothingToBond);
		let known = Curators::<T>::get(datanet, &who);
		let new = known.is_none();
		let mut curator = known.unwrap_or(Curator {
			bond: 0,
			accuracy: record.accuracy,
			seats: 0,
			failures: 0,
			status: Status::Active,
		});
		ensure!(curator.status == Status::Active, Error::<T>::Unbonding);
		curator.bond = curator
			.bond
			.checked_add(amount)
			.ok_or(Error::<T>::Overflow)?;
		ensure!(curator.bond >= T::SeatBond::get(), Error::<T>::BondTooLow);
		let mut pool = Pools::<T>::get(datanet);
		if new {
			let member = PoolMember {
				who: who.clone(),
				weight: 0,
				free: 0,
				since: now,
				until: record.until,
			};
			pool.try_push(member).map_err(|_| Error::<T>::PoolFull)?;
		}

		T::Currency::hold(&HoldReason::Bond.into(), &who, amount)?;
		if let Some(member) = Self::refresh(&mut pool, &who, &curator) {
			member.since = now;
		}
		let bond = curator.bond;
		Pools::<T>::insert(datanet, pool);
		Curators::<T>::insert(datanet, &who, curator);
		Self::deposit_event(Event::Bonded {
			datanet,
			who,
			amount,
			bond,
		});
		Ok(())
	}

	pub(crate) fn do_unbond(who: T::AccountId, datanet: DatanetId) -> DispatchResult {
		let mut curator = Self::active(datanet, &who)?;
		Self::retire_one(datanet, who, &mut curator);
		Ok(())
	}

	pub(crate) fn do_retire(who: T::AccountId, datanet: DatanetId) -> DispatchResult {
		let mut curator = Self::active(datanet, &who)?;
		ensure!(
			curator.bond < T::SeatBond::get() || !Self::qualified(datanet, &who),
			Error::<T>::StillFit
		);
		Self::retire_one(datanet, who, &mut curator);
		Ok(())
	}

	fn retire_one(datanet: DatanetId, who: T::AccountId, curator: &mut CuratorOf<T>) {
		let until = Pools::<T>::mutate(datanet, |pool| Self::leave(pool, &who, curator));
		Curators::<T>::insert(datanet, &who, curator);
		Self::deposit_event(Event::Unbonding {
			datanet,
			who,
			until,
		});
	}

	pub(crate) fn do_withdraw_unbonded(who: T::AccountId, datanet: DatanetId) -> DispatchResult {
		let curator = Curators::<T>::get(datanet, &who).ok_or(Error::<T>::NotCurator)?;
		let Status::Unbonding { until } = curator.status else {
			return Err(Error::<T>::NotUnbonding.into());
		};
		ensure!(Self::now() >= until, Error::<T>::StillUnbonding);
		ensure!(curator.seats == 0, Error::<T>::Seated);

		Curators::<T>::remove(datanet, &who);
		// Whoever comes back does so with the accuracy that it left with.
		Qualifications::<T>::mutate(datanet, &who, |record| {
			if let Some(record) = record {
				record.accuracy = curator.accuracy;
			}
		});
		Self::give_back(HoldReason::Bond, &who, curator.bond);
		Self::deposit_event(Event::Withdrawn {
			datanet,
			who,
			amount: curator.bond,
		});
		Ok(())
	}

	/// A curator that can be drawn.
	pub(crate) fn active(datanet: DatanetId, who: &T::AccountId) -> Result<CuratorOf<T>, Error<T>> {
		let curator = Curators::<T>::get(datanet, who).ok_or(Error::<T>::NotCurator)?;
		ensure!(curator.status == Status::Active, Error::<T>::Unbonding);
		Ok(curator)
	}

	pub(crate) fn qualified(datanet: DatanetId, who: &T::AccountId) -> bool {
		Qualifications::<T>::get(datanet, who).is_some_and(|record| Self::now() < record.until)
	}

	/// How many seats a curator's bond can stand for beyond those that it has.
	pub(crate) fn free_seats(curator: &CuratorOf<T>) -> u32 {
		let seats = curator
			.bond
			.checked_div(T::SeatBond::get())
			.unwrap_or_default();
		u32::try_from(seats)
			.unwrap_or(u32::MAX)
			.saturating_sub(curator.seats)
	}

	/// Brings a curator's entry in its pool up to date; `None` if it has none.
	pub(crate) fn refresh<'a>(
		pool: &'a mut PoolOf<T>,
		who: &T::AccountId,
		curator: &CuratorOf<T>,
	) -> Option<&'a mut PoolMember<T::AccountId, BlockNumberFor<T>>> {
		let member = pool.iter_mut().find(|member| member.who == *who)?;
		member.weight = weight(curator.bond, curator.accuracy);
		member.free = Self::free_seats(curator);
		Some(member)
	}

	/// Takes an active curator out of its pool, and says when its bond can be withdrawn.
	pub(crate) fn leave(
		pool: &mut PoolOf<T>,
		who: &T::AccountId,
		curator: &mut CuratorOf<T>,
	) -> BlockNumberFor<T> {
		pool.retain(|member| member.who != *who);
		let until = Self::now().saturating_add(T::UnbondingPeriod::get());
		curator.status = Status::Unbonding { until };
		until
	}
}
