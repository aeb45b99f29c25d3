//! The work behind the calls, and earning points.

use alloc::vec::Vec;
use frame_support::{
	defensive, ensure,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::Preservation::Preserve,
		Get,
	},
};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{data::Merit, traits::PointsSink, Balance, DatanetId};
use sp_runtime::{
	traits::{AccountIdConversion, CheckedDiv, Saturating, UniqueSaturatedInto},
	DispatchError, DispatchResult, SaturatedConversion,
};

use crate::{
	pallet::{Config, Error, Event, Latest, Listed, Pallet, Points, Seasons, Top},
	types::{snapshot, Calendar, Conversion, Score, Season, SeasonIndex, AHEAD, MAX_MIN_POINTS},
};

impl<T: Config> Pallet<T> {
	/// The account that holds all pots.
	pub(crate) fn pot_account() -> T::AccountId {
		T::PalletId::get().into_account_truncating()
	}

	fn now() -> BlockNumberFor<T> {
		frame_system::Pallet::<T>::block_number()
	}

	/// The present season.
	pub(crate) fn current() -> SeasonIndex {
		Self::now()
			.checked_div(&T::SeasonLength::get())
			.unwrap_or_default()
			.unique_saturated_into()
	}

	/// When a season begins and ends. Blocks beyond the last possible one become that one.
	pub(crate) fn calendar(season: SeasonIndex) -> Calendar<BlockNumberFor<T>> {
		let start = |season: SeasonIndex| {
			BlockNumberFor::<T>::saturated_from(season).saturating_mul(T::SeasonLength::get())
		};
		let until = start(season.saturating_add(1));
		Calendar {
			season,
			from: start(season),
			until,
			claim_until: until.saturating_add(T::ClaimPeriod::get()),
		}
	}

	fn is_over(season: SeasonIndex) -> bool {
		season < Self::current()
	}

	fn season(season: SeasonIndex) -> Result<Season, DispatchError> {
		Seasons::<T>::get(season).ok_or(Error::<T>::UnknownSeason.into())
	}

	/// A season that can still be changed.
	fn open_season(season: SeasonIndex) -> Result<Season, DispatchError> {
		ensure!(!Self::is_over(season), Error::<T>::SeasonOver);
		ensure!(
			season <= Self::current().saturating_add(AHEAD),
			Error::<T>::TooFarAhead
		);
		Ok(Seasons::<T>::get(season).unwrap_or_default())
	}

	pub(crate) fn is_within_bounds(conversion: &Conversion) -> bool {
		(1..=T::MaxPerPoint::get()).contains(&conversion.per_point)
			&& (1..=T::MaxPot::get()).contains(&conversion.cap)
			&& conversion.min_points <= MAX_MIN_POINTS
	}

	pub(crate) fn do_set_conversion(id: SeasonIndex, conversion: Conversion) -> DispatchResult {
		let mut season = Self::open_season(id)?;
		ensure!(
			Self::is_within_bounds(&conversion),
			Error::<T>::ConversionOutOfBounds
		);
		season.conversion = Some(conversion);
		Seasons::<T>::insert(id, season);
		Self::deposit_event(Event::ConversionSet {
			season: id,
			conversion,
		});
		Ok(())
	}

	pub(crate) fn do_set_listed(
		id: SeasonIndex,
		who: T::AccountId,
		listed: bool,
	) -> DispatchResult {
		let mut season = Self::open_season(id)?;
		ensure!(
			Listed::<T>::contains_key(id, &who) != listed,
			Error::<T>::ListUnchanged
		);
		let points = Points::<T>::get(id, &who).map_or(0, |score| score.total());
		if listed {
			ensure!(season.listed < T::MaxListed::get(), Error::<T>::ListFull);
			season.listed = season.listed.saturating_add(1);
			season.listed_points = season.listed_points.saturating_add(points);
			Listed::<T>::insert(id, &who, ());
		} else {
			season.listed = season.listed.saturating_sub(1);
			season.listed_points = season.listed_points.saturating_sub(points);
			Listed::<T>::remove(id, &who);
		}
		Seasons::<T>::insert(id, season);
		Self::deposit_event(Event::ListChanged {
			season: id,
			who,
			listed,
		});
		Ok(())
	}

	pub(crate) fn do_fund(who: T::AccountId, id: SeasonIndex, amount: Balance) -> DispatchResult {
		let mut season = Self::open_season(id)?;
		ensure!(amount > 0, Error::<T>::NothingGiven);
		let pot = Self::pot_account();
		ensure!(
			T::Currency::balance(&pot) >= T::Currency::minimum_balance(),
			Error::<T>::PotMissing
		);
		season.funded = season
			.funded
			.checked_add(amount)
			.ok_or(Error::<T>::AmountOverflow)?;
		T::Currency::transfer(&who, &pot, amount, Preserve)?;
		Seasons::<T>::insert(id, season);
		Self::deposit_event(Event::Funded {
			season: id,
			who,
			amount,
		});
		Ok(())
	}

	/// Records a season's final standings, in the given sums too.
	fn close(id: SeasonIndex, season: &mut Season) {
		let hash = snapshot(id, season.points, season.accounts, &Top::<T>::get(id));
		season.snapshot = Some(hash);
		Self::deposit_event(Event::SeasonClosed {
			season: id,
			points: season.points,
			accounts: season.accounts,
			snapshot: hash,
		});
	}

	pub(crate) fn do_close(id: SeasonIndex) -> DispatchResult {
		ensure!(Self::is_over(id), Error::<T>::SeasonNotOver);
		let mut season = Self::season(id)?;
		ensure!(season.snapshot.is_none(), Error::<T>::AlreadyClosed);
		Self::close(id, &mut season);
		Seasons::<T>::insert(id, season);
		Ok(())
	}

	/// An account's points in a season, and its reward if the season ended as it is.
	pub(crate) fn reward(
		who: &T::AccountId,
		id: SeasonIndex,
	) -> Result<(Score, Balance), DispatchError> {
		let season = Self::season(id)?;
		let score = Points::<T>::get(id, who).ok_or(Error::<T>::NoPoints)?;
		ensure!(!score.claimed, Error::<T>::AlreadyClaimed);
		let amount = season
			.reward(score.total(), Listed::<T>::contains_key(id, who))
			.filter(|amount| *amount > 0)
			.ok_or(Error::<T>::NoReward)?;
		Ok((score, amount))
	}

	pub(crate) fn do_claim(who: T::AccountId, id: SeasonIndex) -> DispatchResult {
		ensure!(Self::is_over(id), Error::<T>::SeasonNotOver);
		ensure!(
			Self::now() < Self::calendar(id).claim_until,
			Error::<T>::ClaimOver
		);
		let (mut score, amount) = Self::reward(&who, id)?;
		let mut season = Self::season(id)?;
		season.paid = season
			.paid
			.checked_add(amount)
			.ok_or(Error::<T>::AmountOverflow)?;
		T::Currency::transfer(&Self::pot_account(), &who, amount, Preserve)?;
		score.claimed = true;
		Points::<T>::insert(id, &who, score);
		Seasons::<T>::insert(id, season);
		Self::deposit_event(Event::RewardClaimed {
			season: id,
			who,
			points: score.total(),
			amount,
		});
		Ok(())
	}

	/// Sweeps a season, and says how many records it removed.
	pub(crate) fn do_sweep(id: SeasonIndex, limit: u32) -> Result<u32, DispatchError> {
		ensure!(
			(1..=T::MaxSweep::get()).contains(&limit),
			Error::<T>::BadLimit
		);
		let mut season = Self::season(id)?;
		ensure!(
			Self::is_over(id) && Self::now() >= Self::calendar(id).claim_until,
			Error::<T>::ClaimNotOver
		);
		let returned = season.rest();
		let left = usize::try_from(limit).unwrap_or(0);
		let scores: Vec<_> = Points::<T>::iter_prefix(id).take(left).collect();
		let left = left.saturating_sub(scores.len());
		let listed: Vec<_> = Listed::<T>::iter_key_prefix(id).take(left).collect();
		ensure!(
			returned > 0 || !scores.is_empty() || !listed.is_empty(),
			Error::<T>::NothingToSweep
		);
		if returned > 0 {
			let treasury = T::TreasuryAccount::get();
			T::Currency::transfer(&Self::pot_account(), &treasury, returned, Preserve)?;
			season.returned = season.returned.saturating_add(returned);
		}
		if season.snapshot.is_none() {
			Self::close(id, &mut season);
		}
		let mut removed = 0u32;
		for (who, score) in scores {
			Points::<T>::remove(id, who);
			season.swept_points = season.swept_points.saturating_add(score.total());
			season.swept_accounts = season.swept_accounts.saturating_add(1);
			removed = removed.saturating_add(1);
		}
		for who in listed {
			Listed::<T>::remove(id, who);
			season.swept_listed = season.swept_listed.saturating_add(1);
			removed = removed.saturating_add(1);
		}
		let done = season.swept_accounts == season.accounts && season.swept_listed == season.listed;
		Seasons::<T>::insert(id, season);
		Self::deposit_event(Event::SeasonSwept {
			season: id,
			returned,
			removed,
			done,
		});
		Ok(removed)
	}

	/// Closes the last season with points, if it is not this one. What is due when a season's first
	/// points come in.
	fn roll_over(id: SeasonIndex) {
		let latest = Latest::<T>::get();
		if latest == Some(id) {
			return;
		}
		Latest::<T>::put(id);
		let Some(before) = latest else {
			return;
		};
		match Seasons::<T>::get(before) {
			Some(mut season) if season.snapshot.is_none() => {
				Self::close(before, &mut season);
				Seasons::<T>::insert(before, season);
			}
			Some(_) => {}
			None => {
				defensive!("a season with points has sums");
			}
		}
	}
}

impl<T: Config> PointsSink<T::AccountId> for Pallet<T> {
	fn credit(who: &T::AccountId, datanet: DatanetId, merit: Merit, points: u64) {
		let id = Self::current();
		let mut season = Seasons::<T>::get(id).unwrap_or_default();
		// No work that is done one by one comes near this bound; beyond it points are cut off, not
		// wrapped.
		let points = points.min(u64::MAX.saturating_sub(season.points));
		if points == 0 {
			return;
		}
		Self::roll_over(id);
		let mut score = Points::<T>::get(id, who).unwrap_or_else(|| {
			season.accounts = season.accounts.saturating_add(1);
			Score::default()
		});
		score.add(merit, points);
		season.points = season.points.saturating_add(points);
		if Listed::<T>::contains_key(id, who) {
			season.listed_points = season.listed_points.saturating_add(points);
		}
		Top::<T>::mutate(id, |top| top.rise(who, score.total()));
		Points::<T>::insert(id, who, score);
		Seasons::<T>::insert(id, season);
		Self::deposit_event(Event::PointsEarned {
			season: id,
			who: who.clone(),
			datanet,
			merit,
			points,
		});
	}
}
