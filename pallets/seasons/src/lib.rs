//! # Seasons
//!
//! Points for accepted contributions and right verdicts, counted by season; leaderboards; and rewards
//! for points out of pots that anybody can fill.
//!
//! ## Terminology
//!
//! - **Season**: [`Config::SeasonLength`] blocks, counted from genesis. The present block says which one
//!   it is; nothing runs when it changes.
//! - **Points**: what other pallets credit through
//!   [`PointsSink`](openledger_primitives::traits::PointsSink), always to the present season.
//! - **Leaderboard**: the [`LEADERBOARD`] accounts with the most points of a season. Of equals, the
//!   earlier stands first.
//! - **Conversion**: how points become rewards, set by governance within bounds.
//! - **List**: the accounts that a conversion may restrict rewards to.
//! - **Pot**: what was given for a season's rewards. All pots are in one account of the pallet's own.
//!
//! ## Lifecycle
//!
//! 1. Until a season ends, governance sets its [conversion](Pallet::set_conversion) and
//!    [list](Pallet::set_listed), and anybody [funds](Pallet::fund) its pot.
//! 2. When it ends, points, list, conversion and pot stay as they are. The first points of a later
//!    season, or anybody's [`close_season`](Pallet::close_season), record the [`snapshot`], the
//!    hash of the final standings.
//! 3. For [`Config::ClaimPeriod`] blocks every account with points can
//!    [claim](Pallet::claim_reward) its reward: [`Conversion::per_point`] for each point, but no more
//!    than the points' part of the pot or, if less, of [`Conversion::cap`].
//! 4. After that anybody may [sweep](Pallet::sweep_season): what is left of the pot goes to the treasury,
//!    and the accounts' records are removed, some with each call. Sums, snapshot and leaderboard stay.
//!
//! ## Invariants
//!
//! Checked by `do_try_state`:
//!
//! 1. In each season the accounts' points, and those swept away, sum up to the season's, and so does
//!    the number of accounts; none has no points.
//! 2. In each season the listed accounts, and their points, sum up to the season's, until it is swept.
//! 3. A leaderboard has the accounts with the most points, in order, with the points that they have; it
//!    is full, or has all.
//! 4. No season has paid out and returned more than was put into its pot, or paid more than the
//!    conversion's cap; the pallet's account holds what is left in all pots and its existential
//!    deposit, or there is nothing in any. It may hold more: anybody can transfer to it.
//! 5. A season with a snapshot is over, and has the standings of which it is the hash.
//! 6. Every conversion is within its bounds.
//! 7. No season is further ahead than [`AHEAD`], and none has points before it begins.
//!
//! ## Security considerations
//!
//! - Rewards are linear in points and rounded down: splitting them over accounts gains nothing, and
//!   loses what falls below [`Conversion::min_points`].
//! - What points are worth is decided before the season ends, and could follow from who has them. The
//!   bounds limit what governance can give away: a pot, which somebody gave for it.
//! - A credit costs the same however many accounts have points. Each account's record is the outcome of
//!   accepted work, and is swept away in time.
//! - The pot's account owns its existential deposit apart from all pots, so that any pot can be paid
//!   down to nothing: genesis puts it there (a runtime that adds the pallet later transfers it). While
//!   it is missing, no pot can be funded.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
	not(test),
	deny(
		clippy::arithmetic_side_effects,
		clippy::expect_used,
		clippy::indexing_slicing,
		clippy::panic,
		clippy::unwrap_used
	)
)]

extern crate alloc;

pub mod types;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod impls;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;

pub use pallet::*;
pub use types::{
	snapshot, Calendar, Conversion, Leaderboard, Place, Score, Season, SeasonIndex, AHEAD,
	LEADERBOARD, MAX_MIN_POINTS,
};
pub use weights::WeightInfo;

/// The pallet's definition: configuration, storage, calls, events, errors and view functions.
#[allow(clippy::expect_used, reason = "FRAME's macros use it")]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use core::marker::PhantomData;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{Inspect, Mutate},
			StorageVersion,
		},
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use openledger_primitives::{data::Merit, Balance, DatanetId, Hash};
	use sp_runtime::traits::Zero;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	/// The pallet.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the runtime decides.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The token in which rewards are paid.
		type Currency: Inspect<Self::AccountId, Balance = Balance> + Mutate<Self::AccountId>;

		/// Who sets conversions and lists.
		type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The treasury's account.
		type TreasuryAccount: Get<Self::AccountId>;

		/// Names the account of the pots.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// How many blocks a season has. Above zero; to change it on a live chain needs a migration.
		#[pallet::constant]
		type SeasonLength: Get<BlockNumberFor<Self>>;

		/// For how many blocks after a season's end its rewards can be claimed. Above zero.
		#[pallet::constant]
		type ClaimPeriod: Get<BlockNumberFor<Self>>;

		/// The highest [`Conversion::per_point`].
		#[pallet::constant]
		type MaxPerPoint: Get<Balance>;

		/// The highest [`Conversion::cap`].
		#[pallet::constant]
		type MaxPot: Get<Balance>;

		/// The most accounts on a season's list.
		#[pallet::constant]
		type MaxListed: Get<u32>;

		/// The most records that one call sweeps away. Above zero.
		#[pallet::constant]
		type MaxSweep: Get<u32>;

		/// What the calls, and earning points, weigh.
		type WeightInfo: WeightInfo;
	}

	/// The sums of each season.
	#[pallet::storage]
	pub type Seasons<T: Config> = StorageMap<_, Twox64Concat, SeasonIndex, Season, OptionQuery>;

	/// The points of each account in each season, until they are swept away.
	#[pallet::storage]
	pub type Points<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		SeasonIndex,
		Blake2_128Concat,
		T::AccountId,
		Score,
		OptionQuery,
	>;

	/// The leaderboard of each season.
	#[pallet::storage]
	pub type Top<T: Config> =
		StorageMap<_, Twox64Concat, SeasonIndex, Leaderboard<T::AccountId>, ValueQuery>;

	/// The accounts on each season's list, until they are swept away.
	#[pallet::storage]
	pub type Listed<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		SeasonIndex,
		Blake2_128Concat,
		T::AccountId,
		(),
		OptionQuery,
	>;

	/// The latest season in which points were earned.
	#[pallet::storage]
	pub type Latest<T: Config> = StorageValue<_, SeasonIndex, OptionQuery>;

	/// Nothing to choose: genesis gives the account of the pots its existential deposit.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		#[serde(skip)]
		#[allow(missing_docs, reason = "holds nothing")]
		pub _config: PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			let (pot, minimum) = (Pallet::<T>::pot_account(), T::Currency::minimum_balance());
			let missing = minimum.saturating_sub(T::Currency::balance(&pot));
			if missing > 0 {
				assert!(
					T::Currency::mint_into(&pot, missing).is_ok(),
					"the pot takes its existential deposit"
				);
			}
		}
	}

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An account earned points.
		PointsEarned {
			/// The season.
			season: SeasonIndex,
			/// The account.
			who: T::AccountId,
			/// The Datanet that it did something for.
			datanet: DatanetId,
			/// What it did.
			merit: Merit,
			/// How many points.
			points: u64,
		},
		/// A season's final standings were recorded.
		SeasonClosed {
			/// The season.
			season: SeasonIndex,
			/// The points of all accounts.
			points: u64,
			/// How many accounts have points.
			accounts: u32,
			/// The hash of the standings.
			snapshot: Hash,
		},
		/// Governance decided how a season's points become rewards.
		ConversionSet {
			/// The season.
			season: SeasonIndex,
			/// How.
			conversion: Conversion,
		},
		/// An account was put on a season's list, or taken off.
		ListChanged {
			/// The season.
			season: SeasonIndex,
			/// The account.
			who: T::AccountId,
			/// Whether it is on the list from now on.
			listed: bool,
		},
		/// A season's pot was added to.
		Funded {
			/// The season.
			season: SeasonIndex,
			/// Who gave.
			who: T::AccountId,
			/// How much.
			amount: Balance,
		},
		/// A reward was paid.
		RewardClaimed {
			/// The season.
			season: SeasonIndex,
			/// To whom.
			who: T::AccountId,
			/// For how many points.
			points: u64,
			/// How much.
			amount: Balance,
		},
		/// What is left of a season was cleared away, or some of it.
		SeasonSwept {
			/// The season.
			season: SeasonIndex,
			/// What was left in the pot and went to the treasury.
			returned: Balance,
			/// How many records were removed.
			removed: u32,
			/// Whether there are none left.
			done: bool,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// Nothing is known of this season: there are no points, no pot and no list.
		UnknownSeason,
		/// The season is over: what counts in it cannot be changed any more.
		SeasonOver,
		/// The season is not over yet: wait for its end, see `season_now`.
		SeasonNotOver,
		/// The season is further ahead than can be prepared.
		TooFarAhead,
		/// The season is closed already.
		AlreadyClosed,
		/// `per_point` or `cap` is zero or beyond its bound.
		ConversionOutOfBounds,
		/// The account is on the list already, or was never on it.
		ListUnchanged,
		/// The list has `MaxListed` accounts: take one off first.
		ListFull,
		/// Give more than nothing.
		NothingGiven,
		/// The account of the pots lacks its own existential deposit: somebody has to transfer it first.
		PotMissing,
		/// The pot is too large to be counted.
		AmountOverflow,
		/// The account has no points in the season.
		NoPoints,
		/// The reward was paid already.
		AlreadyClaimed,
		/// There is no reward: no conversion was set, the account has too few points or is not on the
		/// list, or the pot is empty.
		NoReward,
		/// The time to claim is over, and what was left went or goes to the treasury.
		ClaimOver,
		/// The time to claim is not over: nothing can be swept away yet.
		ClaimNotOver,
		/// Give a number of records from 1 to `MaxSweep`.
		BadLimit,
		/// The season has been swept already.
		NothingToSweep,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(
				!T::SeasonLength::get().is_zero(),
				"SeasonLength must not be zero"
			);
			assert!(
				!T::ClaimPeriod::get().is_zero(),
				"ClaimPeriod leaves no time to claim"
			);
			assert!(T::MaxPerPoint::get() > 0, "MaxPerPoint leaves no reward");
			assert!(T::MaxPot::get() > 0, "MaxPot leaves no reward");
			assert!(T::MaxSweep::get() > 0, "MaxSweep must not be zero");
			assert!(
				Self::pot_account() != T::TreasuryAccount::get(),
				"pot and treasury must be two accounts"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Decides how a season's points become rewards, in place of what was decided before. By
		/// [`Config::GovernanceOrigin`], until the season ends.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::set_conversion())]
		pub fn set_conversion(
			origin: OriginFor<T>,
			season: SeasonIndex,
			conversion: Conversion,
		) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_set_conversion(season, conversion)
		}

		/// Puts an account on a season's list, or takes it off. By [`Config::GovernanceOrigin`], until
		/// the season ends.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::set_listed())]
		pub fn set_listed(
			origin: OriginFor<T>,
			season: SeasonIndex,
			who: T::AccountId,
			listed: bool,
		) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_set_listed(season, who, listed)
		}

		/// Gives to a season's pot, for good, until the season ends. By anybody.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::fund())]
		pub fn fund(
			origin: OriginFor<T>,
			season: SeasonIndex,
			#[pallet::compact] amount: Balance,
		) -> DispatchResult {
			Self::do_fund(ensure_signed(origin)?, season, amount)
		}

		/// Records the final standings of a season that is over. By anybody.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::close_season())]
		pub fn close_season(origin: OriginFor<T>, season: SeasonIndex) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_close(season)
		}

		/// Pays the signer its reward for a season that is over, once, until the time to claim ends.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::claim_reward())]
		pub fn claim_reward(origin: OriginFor<T>, season: SeasonIndex) -> DispatchResult {
			Self::do_claim(ensure_signed(origin)?, season)
		}

		/// After the time to claim: closes the season if nobody has, pays what is left of its pot to the
		/// treasury, and removes up to `limit` records of its accounts. By anybody, again until all are
		/// removed.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::sweep_season((*limit).min(T::MaxSweep::get())))]
		pub fn sweep_season(
			origin: OriginFor<T>,
			season: SeasonIndex,
			limit: u32,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let removed = Self::do_sweep(season, limit)?;
			Ok(Some(T::WeightInfo::sweep_season(removed)).into())
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The present season.
		pub fn season_now() -> Calendar<BlockNumberFor<T>> {
			Self::calendar(Self::current())
		}

		/// When a season begins and ends.
		pub fn season_at(season: SeasonIndex) -> Calendar<BlockNumberFor<T>> {
			Self::calendar(season)
		}

		/// The accounts with the most points of a season, the present one if none is named: at most
		/// `limit` and never more than 100.
		pub fn leaderboard(season: Option<SeasonIndex>, limit: u32) -> Vec<Place<T::AccountId>> {
			types::places(
				Top::<T>::get(season.unwrap_or_else(Self::current)),
				limit.min(LEADERBOARD),
			)
		}

		/// What an account earned in a season, the present one if none is named; `None` if nothing, or
		/// it was swept away.
		pub fn points_of(who: T::AccountId, season: Option<SeasonIndex>) -> Option<Score> {
			Points::<T>::get(season.unwrap_or_else(Self::current), who)
		}

		/// A season's sums.
		pub fn totals(season: Option<SeasonIndex>) -> Option<Season> {
			Seasons::<T>::get(season.unwrap_or_else(Self::current))
		}

		/// What an account could claim for a season if it ended as it is; `None` if nothing, or it was
		/// claimed.
		pub fn reward_of(who: T::AccountId, season: SeasonIndex) -> Option<Balance> {
			Self::reward(&who, season).ok().map(|(_, amount)| amount)
		}

		/// The account that holds all pots.
		pub fn pot() -> T::AccountId {
			Self::pot_account()
		}
	}
}
