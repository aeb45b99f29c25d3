//! # Reputation
//!
//! What others paid for an account's data, models or work, counted by the part that can never come
//! back to them. Reputation cannot be transferred; it weighs votes.
//!
//! ## Terminology
//!
//! - **Point**: one unit of the token that a payer irrecoverably lost (burned, or paid to the
//!   treasury) for the work of somebody else.
//! - **Pending**: points that are not old enough to count. They are kept in *buckets* of a thirtieth of
//!   [`Config::Maturity`], so that an account never has more than [`MAX_PENDING`] of them.
//! - **Matured**: points that count. Half of them is left after each [`Config::HalfLife`].
//! - **Power**: what an account's matured points are worth at present.
//!
//! ## Lifecycle
//!
//! [`ReputationSink::earned`] puts points into the bucket of the present block. A bucket matures
//! [`Config::Maturity`] after its end: no point counts too early, and none more than one bucket too
//! late. From then on it decays continuously (`openledger_primitives::decay`). Nothing runs for that:
//! a record is brought up to date when it is read or written.
//!
//! [`ReputationSink::forfeit`] takes a part of all that an account has, pending points included, for
//! instance when data that it gave is rejected.
//!
//! A record is opened by at least [`Config::MinEarned`] points, which somebody paid for, and removed in
//! `on_idle` once nothing is pending and its power is below that again: each pass over all accounts
//! begins with a new bucket and looks at no more than [`Config::SweepLimit`] accounts a block. So the
//! size of the state is bounded by what was paid over the last half-lives. Points below the minimum are
//! ignored only where there is no record yet.
//!
//! ## Rounding
//!
//! Every step on the way from points to power is monotone and rounded down, and total and accounts go
//! through the same steps at the same marks (the buckets' maturity, the starts of half-lives). As the
//! parts of a sum, each rounded down, never exceed the sum rounded down, the accounts' powers never
//! exceed the total's: this holds exactly, for any order of reads and writes. The total is above the
//! sum by less than one unit for each account, matured bucket and halving, each of these halved with
//! every half-life: below `2 × (half-life / bucket + 2)` units an account, 184 with the design's 30 and
//! 90 days.
//!
//! ## Invariants
//!
//! 1. For each bucket, the accounts' pending points sum up to the total's.
//! 2. The accounts' matured points sum up to no more than the total's, and so do their powers.
//! 3. No record is empty; pending buckets ascend, hold points, and are none of the future.
//!
//! ## Security considerations
//!
//! - What a payer pays to itself earns nothing. Strangers who pay each other lose one unit for each
//!   point, at the least; that price is the protection, not a rule about who is a stranger.
//! - Power is linear in points: splitting an identity gains nothing, and loses what rounding takes.
//! - [`Config::Maturity`] and [`Config::HalfLife`] give the stored numbers their meaning: changing
//!   either on a live chain needs a migration.
//!
//! [`ReputationSink::forfeit`]: openledger_primitives::traits::ReputationSink::forfeit
//! [`ReputationSink::earned`]: openledger_primitives::traits::ReputationSink::earned

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

#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
mod impls;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
mod types;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use types::{Pending, Points, Schedule, Sweep, BUCKETS, MAX_PENDING};
pub use weights::WeightInfo;

/// The pallet's definition: configuration, storage, events, hooks and view functions.
#[allow(clippy::expect_used, reason = "FRAME's macros use it")]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::{pallet_prelude::*, weights::WeightMeter};
	use frame_system::pallet_prelude::*;
	use openledger_primitives::types::Balance;
	use sp_runtime::traits::UniqueSaturatedInto;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	/// The pallet.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the pallet needs to know of its runtime.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// How many blocks it takes until points count. A multiple of [`BUCKETS`], above zero.
		#[pallet::constant]
		type Maturity: Get<BlockNumberFor<Self>>;

		/// After how many blocks half of the matured points is left. Above zero.
		#[pallet::constant]
		type HalfLife: Get<BlockNumberFor<Self>>;

		/// How many points open a record, and below how much power it is removed.
		#[pallet::constant]
		type MinEarned: Get<Balance>;

		/// How many accounts a block looks at in search of decayed ones. Above zero.
		#[pallet::constant]
		type SweepLimit: Get<u32>;

		/// Weights of the hook and of the functions that other pallets call.
		type WeightInfo: WeightInfo;
	}

	/// The points of each account that has any.
	#[pallet::storage]
	pub type Accounts<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Points>;

	/// The points of all accounts together.
	#[pallet::storage]
	pub type Total<T: Config> = StorageValue<_, Points, ValueQuery>;

	/// How far the removal of decayed accounts has come.
	#[pallet::storage]
	pub type Sweeping<T: Config> = StorageValue<_, Sweep<T::AccountId>>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An account earned points.
		Earned {
			/// Whose work was paid for.
			who: T::AccountId,
			/// Who paid.
			payer: T::AccountId,
			/// How many points.
			amount: Balance,
			/// The block from which they count.
			matures_at: BlockNumberFor<T>,
		},
		/// An account lost a part of its points, because of what it had done.
		Forfeited {
			/// The account.
			who: T::AccountId,
			/// How much power it lost.
			power: u128,
			/// How many points it lost that did not count yet.
			pending: u128,
		},
		/// An account's points had decayed, and its record was removed.
		Removed {
			/// The account.
			who: T::AccountId,
			/// The power that it still had, below [`Config::MinEarned`].
			power: u128,
		},
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_idle(_now: BlockNumberFor<T>, remaining: Weight) -> Weight {
			let mut meter = WeightMeter::with_limit(remaining);
			Self::sweep(&mut meter);
			meter.consumed()
		}

		fn integrity_test() {
			let schedule = Self::schedule();
			assert!(schedule.bucket > 0, "Maturity must not be below {BUCKETS}");
			assert_eq!(
				schedule.bucket.saturating_mul(BUCKETS.into()),
				UniqueSaturatedInto::<u64>::unique_saturated_into(T::Maturity::get()),
				"Maturity must be a multiple of {BUCKETS}"
			);
			assert!(schedule.half_life > 0, "HalfLife must not be zero");
			assert!(T::SweepLimit::get() > 0, "SweepLimit must not be zero");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// An account's present power.
		pub fn power(who: T::AccountId) -> u128 {
			Self::power_of(&who)
		}

		/// The sum of all accounts' present power, up to rounding never below it.
		pub fn total() -> u128 {
			Self::total_power()
		}

		/// An account's points that do not count yet.
		pub fn pending(who: T::AccountId) -> u128 {
			Accounts::<T>::get(who)
				.map_or(0, |points| points.pending(Self::now(), &Self::schedule()))
		}
	}
}
