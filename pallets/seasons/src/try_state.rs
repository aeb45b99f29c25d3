//! The invariants, checked.

use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::{ensure, traits::fungible::Inspect};
use openledger_primitives::Balance;
use sp_runtime::TryRuntimeError;

use crate::{
	pallet::{Config, Listed, Pallet, Points, Seasons, Top},
	types::{snapshot, Season, SeasonIndex, AHEAD, LEADERBOARD},
};

fn sum(mut points: impl Iterator<Item = u64>) -> Option<u64> {
	points.try_fold(0u64, |sum, points| sum.checked_add(points))
}

impl<T: Config> Pallet<T> {
	/// Checks the invariants of the crate's documentation, by their numbers.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let current = Self::current();
		let mut pots: Balance = 0;
		let mut ids = BTreeSet::new();
		for (id, season) in Seasons::<T>::iter() {
			ids.insert(id);
			Self::check_season(id, &season)?;
			let spent = season.paid.checked_add(season.returned);
			ensure!(
				spent.is_some_and(|spent| spent <= season.funded),
				"4: a season spent more than its pot"
			);
			ensure!(
				season.paid == 0
					|| season
						.conversion
						.is_some_and(|conversion| season.paid <= conversion.cap),
				"4: a season paid more than its cap"
			);
			pots = pots
				.checked_add(season.rest())
				.ok_or("4: the pots overflow")?;
			ensure!(
				season
					.conversion
					.is_none_or(|conversion| Self::is_within_bounds(&conversion)),
				"6: a conversion out of bounds"
			);
			ensure!(
				id <= current.saturating_add(AHEAD),
				"7: a season too far ahead"
			);
			ensure!(
				id <= current || season.points == 0,
				"7: points in a season to come"
			);
		}
		let minimum = T::Currency::minimum_balance();
		ensure!(
			pots == 0
				|| pots
					.checked_add(minimum)
					.is_some_and(|needed| T::Currency::balance(&Self::pot_account()) >= needed),
			"4: the pots are not covered"
		);
		ensure!(
			Points::<T>::iter_keys().all(|(id, _)| ids.contains(&id))
				&& Top::<T>::iter_keys().all(|id| ids.contains(&id)),
			"1: points in a season without sums"
		);
		ensure!(
			Listed::<T>::iter_keys().all(|(id, _)| ids.contains(&id)),
			"2: a list in a season without sums"
		);
		Ok(())
	}

	fn check_season(id: SeasonIndex, season: &Season) -> Result<(), TryRuntimeError> {
		let scores: BTreeMap<_, _> = Points::<T>::iter_prefix(id)
			.map(|(who, score)| (who, score.total()))
			.collect();
		ensure!(
			scores.values().all(|points| *points > 0),
			"1: an account without points"
		);
		ensure!(
			sum(scores.values().copied().chain([season.swept_points])) == Some(season.points),
			"1: points do not sum up to the season's"
		);
		ensure!(
			u32::try_from(scores.len())
				.ok()
				.and_then(|left| left.checked_add(season.swept_accounts))
				== Some(season.accounts),
			"1: the accounts are miscounted"
		);

		let listed: BTreeSet<_> = Listed::<T>::iter_key_prefix(id).collect();
		ensure!(
			u32::try_from(listed.len())
				.ok()
				.and_then(|left| left.checked_add(season.swept_listed))
				== Some(season.listed),
			"2: the list is miscounted"
		);
		let points = listed.iter().filter_map(|who| scores.get(who)).copied();
		ensure!(
			season.swept_accounts > 0
				|| season.swept_listed > 0
				|| sum(points) == Some(season.listed_points),
			"2: the list's points do not sum up"
		);

		let top = Top::<T>::get(id);
		if season.swept_accounts == 0 {
			let places = usize::try_from(LEADERBOARD).map_err(|_| "3: too many places")?;
			ensure!(
				top.0.len() == scores.len().min(places),
				"3: a leaderboard of the wrong length"
			);
			ensure!(
				top.0
					.iter()
					.all(|(who, points)| scores.get(who) == Some(points)),
				"3: a leaderboard with other points"
			);
			let named: BTreeSet<_> = top.0.iter().map(|(who, _)| who).collect();
			ensure!(named.len() == top.0.len(), "3: an account at two places");
			let last = top.0.last().map_or(0, |(_, points)| *points);
			ensure!(
				scores
					.iter()
					.all(|(who, points)| named.contains(who) || *points <= last),
				"3: an account that belongs onto the leaderboard"
			);
		}
		ensure!(
			top.0
				.iter()
				.zip(top.0.iter().skip(1))
				.all(|((_, left), (_, right))| left >= right),
			"3: a leaderboard out of order"
		);

		if let Some(hash) = season.snapshot {
			ensure!(id < Self::current(), "5: a snapshot before the end");
			ensure!(
				hash == snapshot(id, season.points, season.accounts, &top),
				"5: a snapshot of other standings"
			);
		}
		Ok(())
	}
}
