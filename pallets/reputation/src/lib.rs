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
//! - **Contest**: a claim, with evidence and a bond, that pending points were not earned from strangers.
//!   The contested points are **set apart** until it is decided.
//! - **Link**: what the chain knows two accounts to have in common, see [`Link`].
//! - **Funding**: a transfer of at least [`Config::MinFunding`] that is more than all else the receiver has
//!   at the end of the block. It links for [`Config::FundingWindow`].
//! - **Hub**: an account that funds strangers, such as an exchange, and links nobody.
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
//! What a linked payer pays adds nothing to the account that it is linked to ([`Event::LinkedPayment`]);
//! whoever else is paid by the same payment keeps its points.
//!
//! A record is opened by at least [`Config::MinEarned`] points, which somebody paid for, and removed in
//! `on_idle` once nothing is pending and its power is below that again: each pass over all accounts
//! begins with a new bucket and looks at no more than [`Config::SweepLimit`] accounts a block. So the
//! size of the state is bounded by what was paid over the last half-lives. Points below the minimum are
//! ignored only where there is no record yet.
//!
//! Before anybody has paid anything there would be nobody to vote. So genesis grants points
//! ([`GenesisConfig`]): they count from the first block on, in account and total alike, and decay like any
//! others. No call grants any.
//!
//! ## Contests
//!
//! Once a bucket is no longer filled, and until it matures, anybody may [`contest`](Pallet::contest) points
//! of it. They are taken out of the account's record and the total, so that they neither mature nor
//! count. [`Config::ContestOrigin`] decides within [`Config::ContestPeriod`]:
//!
//! | verdict | points | bond |
//! |---|---|---|
//! | upheld | forfeited | given back |
//! | rejected | given back | to the treasury |
//! | undecided, and [closed](Pallet::close) by anybody | given back | given back |
//!
//! Points that are given back are pending if their bucket is; if not, they are worth what they would be,
//! had they matured in time and decayed since. Account and total get the same number. It is rounded apart
//! from the rest of the bucket, which takes two units from the account at most.
//!
//! There is no reward. The only money there is has been paid by the payer and cannot come back: paid out
//! for contests, it would come back to those who contest their own points, and make them cheaper.
//!
//! A contest takes at least a quarter of a bucket's points, those that are contested already included, or
//! all that is left: [`MAX_PER_BUCKET`] contests at a time are enough for all of it, and nobody can use
//! them up by contesting next to nothing. What an account forfeits is taken from contested points too, so
//! that nobody shelters points by contesting them.
//!
//! What a payer's payments added to a bucket is in the events and not in the state, as it would take a
//! record for each pair of accounts. So links that come about later are evidence for a contest, and no
//! call proves them without a judge.
//!
//! ## Who funded whom
//!
//! At the end of each block its [`Config::Transfers`] are looked at, however they came about: by a call, a
//! batch, a proxy, a multisig, a contract. Those of a block from one account to another are added up; parts
//! of less than an eighth of [`Config::MinFunding`] are left aside. The last funding replaces the one
//! before. If it came from a hub, or from one of [`Config::Pots`], where everybody gets what is theirs, it
//! leaves nothing behind: no longer is the larger part of what the account has somebody's. What is over
//! is removed in `on_idle`.
//!
//! No more than [`Config::MaxEvents`] events and [`Config::MaxTransfers`] pairs of accounts are looked at in
//! a block, and fewer events if others made large ones. What lies beyond links nobody ([`Event::Overlooked`]): whoever fills a block to hide a funding
//! pays more than for one more account in between, which is not seen either.
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
//! 4. What is set apart belongs to exactly the open contests, of buckets that are over, no more than
//!    [`MAX_PER_BUCKET`] of one, and sums up to [`ContestedTotal`]. Contests are below [`NextContest`].
//! 5. What is held for [`HoldReason::Contest`] on an account is the sum of the bonds of its contests.
//! 6. No account is noted as funded by itself.
//!
//! ## Security considerations
//!
//! - What a payer pays to itself, or to whom it is linked, earns nothing. Who is not known to be linked loses
//!   one unit for each point, at the least; that price is the protection, links and contests are on top.
//! - A link must not be forced on others, or it would strip them of what they earn. A funding costs whoever
//!   forces it more than its victim has, and two victims have to be funded to be linked. Dust links
//!   nobody.
//! - Funding through an account in between, by fiat, on another chain, or before the window is not seen.
//! - A contest that comes to nothing costs its bond, the contested account only time. While nobody decides,
//!   contests are free: [`Config::ContestOrigin`] has to reject what is frivolous. Each can be contested
//!   until its bucket matures, so nothing is withheld for longer than that and one
//!   [`Config::ContestPeriod`].
//! - A contest is about the points, not about who brought it: it can be upheld on the evidence of others.
//!   So a friend's contest is no shelter.
//! - Power is linear in points: splitting an identity gains nothing, and loses what rounding takes.
//! - [`Config::Maturity`] and [`Config::HalfLife`] give the stored numbers their meaning: changing
//!   either on a live chain needs a migration.
//!
//! [`Link`]: openledger_primitives::traits::Link
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
mod contests;
pub mod funding;
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
pub use types::{
	Claim, Contest, ContestId, Contested, Evidence, Funding, Pending, Points, Schedule, SetApart,
	Sweep, Verdict, BUCKETS, MAX_CONTESTS, MAX_LOCATOR, MAX_PENDING, MAX_PER_BUCKET,
};
pub use weights::WeightInfo;

/// The pallet's definition: configuration, storage, events, hooks and view functions.
#[allow(clippy::expect_used, reason = "FRAME's macros use it")]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use crate::funding::Transfers;
	use alloc::{collections::BTreeSet, vec::Vec};
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible, Contains},
		weights::WeightMeter,
	};
	use frame_system::pallet_prelude::*;
	use openledger_primitives::{
		traits::{Link, Links},
		types::Balance,
	};
	use sp_runtime::traits::UniqueSaturatedInto;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	/// The most hubs that there can be.
	pub const MAX_HUBS: u32 = 64;

	/// A contest, as this runtime stores it.
	pub type ContestOf<T> = Contest<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

	/// A funding, as this runtime stores it.
	pub type FundingOf<T> = Funding<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

	/// The pallet.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the pallet needs to know of its runtime.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The token in which bonds are held, and whose transfers are looked at.
		type Currency: fungible::hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ fungible::Inspect<Self::AccountId, Balance = Balance>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;

		/// Which accounts belong together.
		type Links: Links<Self::AccountId>;

		/// The transfers of the present block.
		type Transfers: Transfers<Self::AccountId>;

		/// The accounts from which everybody gets what is theirs: they fund nobody.
		type Pots: Contains<Self::AccountId>;

		/// The treasury's account.
		type TreasuryAccount: Get<Self::AccountId>;

		/// Who decides contests.
		type ContestOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Who says which accounts fund strangers.
		type HubOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// What is held from whoever contests points: what it costs to be wrong. It also pays for the record.
		/// At least what an account needs.
		#[pallet::constant]
		type ContestBond: Get<Balance>;

		/// For how many blocks a contest can be decided. Above zero, and not above [`Config::Maturity`].
		#[pallet::constant]
		type ContestPeriod: Get<BlockNumberFor<Self>>;

		/// The least that funds an account. So much that nobody fills the state with fundings.
		#[pallet::constant]
		type MinFunding: Get<Balance>;

		/// For how many blocks a funding links.
		#[pallet::constant]
		type FundingWindow: Get<BlockNumberFor<Self>>;

		/// The most events that are looked at in a block. [`Config::Transfers`] bounds their bytes.
		#[pallet::constant]
		type MaxEvents: Get<u32>;

		/// The most pairs of accounts whose transfers are looked at in a block.
		#[pallet::constant]
		type MaxTransfers: Get<u32>;

		/// How many blocks it takes until points count. A multiple of [`BUCKETS`], above zero.
		#[pallet::constant]
		type Maturity: Get<BlockNumberFor<Self>>;

		/// After how many blocks half of the matured points is left. Above zero.
		#[pallet::constant]
		type HalfLife: Get<BlockNumberFor<Self>>;

		/// How many points open a record, and below how much power it is removed.
		#[pallet::constant]
		type MinEarned: Get<Balance>;

		/// How many accounts a block looks at in search of decayed ones, and how many fundings in search of
		/// those that are over. Above zero.
		#[pallet::constant]
		type SweepLimit: Get<u32>;

		/// Weights of the calls, the hooks, and the functions that other pallets call.
		type WeightInfo: WeightInfo;

		/// What the benchmarks need of the other pallets.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::benchmarking::BenchmarkHelper<Self::AccountId>;
	}

	/// Why funds are held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The bond of a contest, until it ends.
		Contest,
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

	/// The contests that are not decided.
	#[pallet::storage]
	pub type Contests<T: Config> = StorageMap<_, Twox64Concat, ContestId, ContestOf<T>>;

	/// The id of the next contest.
	#[pallet::storage]
	pub type NextContest<T: Config> = StorageValue<_, ContestId, ValueQuery>;

	/// What is set apart of each account's points.
	#[pallet::storage]
	pub type ContestedPoints<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, Contested, ValueQuery>;

	/// How many points are set apart in all.
	#[pallet::storage]
	pub type ContestedTotal<T: Config> = StorageValue<_, u128, ValueQuery>;

	/// Who was funded by whom lately. Some may be over.
	#[pallet::storage]
	pub type Fundings<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, FundingOf<T>>;

	/// How far the removal of fundings that are over has come.
	#[pallet::storage]
	pub type Pruning<T: Config> = StorageValue<_, Sweep<T::AccountId>>;

	/// The accounts that fund strangers.
	#[pallet::storage]
	pub type Hubs<T: Config> =
		StorageValue<_, BoundedBTreeSet<T::AccountId, ConstU32<MAX_HUBS>>, ValueQuery>;

	/// Who has a vote before anybody has earned one.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Points that are matured in the first block, by account: each account once, each with at least
		/// [`Config::MinEarned`] and one.
		pub grants: Vec<(T::AccountId, u128)>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			for (who, amount) in &self.grants {
				assert!(
					Pallet::<T>::grant(who, *amount).is_some(),
					"a grant is of a new account, of at least the minimum, and all of them can be counted"
				);
			}
		}
	}

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
			/// How many points it lost that were contested.
			contested: u128,
		},
		/// Somebody paid for the work of an account that it is linked to. That adds nothing.
		LinkedPayment {
			/// Whose work was paid for.
			who: T::AccountId,
			/// Who paid.
			payer: T::AccountId,
			/// How many points are not earned.
			amount: Balance,
			/// What links them.
			link: Link,
		},
		/// Points were contested, and set apart.
		Contested {
			/// The contest.
			contest: ContestId,
			/// Whose points.
			who: T::AccountId,
			/// Who contests them.
			by: T::AccountId,
			/// The bucket that they were earned in.
			bucket: u64,
			/// How many.
			amount: u128,
			/// The last block in which it can be decided.
			until: BlockNumberFor<T>,
		},
		/// A contest ended.
		ContestEnded {
			/// The contest.
			contest: ContestId,
			/// Whose points.
			who: T::AccountId,
			/// Who had contested them.
			by: T::AccountId,
			/// How it ended.
			verdict: Verdict,
			/// How many points were set apart in the end.
			amount: u128,
		},
		/// An account was funded by another: the two are linked, and each with whom the other funds.
		Funded {
			/// The account.
			who: T::AccountId,
			/// Who funded it.
			by: T::AccountId,
			/// The last block in which that links them.
			until: BlockNumberFor<T>,
		},
		/// A block held more than could be looked at: some may have been funded without a trace.
		Overlooked {
			/// How many transfers there were between more accounts than are looked at.
			transfers: u32,
			/// How many events came after those that were looked at.
			events: u32,
		},
		/// It was said whether an account funds strangers.
		HubSet {
			/// The account.
			who: T::AccountId,
			/// Whether it does.
			is_hub: bool,
		},
		/// An account's points had decayed, and its record was removed.
		Removed {
			/// The account.
			who: T::AccountId,
			/// The power that it still had, below [`Config::MinEarned`].
			power: u128,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// The bucket is still being filled. Contest it when it is over.
		BucketOpen,
		/// The account has no points in this bucket that are pending and not contested.
		NothingPending,
		/// The account has fewer points in this bucket that are pending and not contested.
		TooManyPoints,
		/// A contest takes a quarter of a bucket's points, or what is left of them.
		TooFewPoints,
		/// The bucket's, or the account's, points are in as many contests as they can be. Close those that
		/// are over, or wait for a verdict.
		TooManyContests,
		/// There is no such contest, or it has ended.
		UnknownContest,
		/// The contest can no longer be decided. Close it.
		TooLate,
		/// The contest can still be decided. Close it when it cannot.
		TooEarly,
		/// There are as many hubs as there can be. Remove one first.
		TooManyHubs,
		/// A number is beyond all bounds.
		Overflow,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Contests `amount` points of `who` that were earned in `bucket` and do not count yet. They are set
		/// apart until [`Config::ContestOrigin`] has decided, and [`Config::ContestBond`] is held.
		///
		/// Fails with [`Error::BucketOpen`], [`Error::NothingPending`], [`Error::TooManyPoints`],
		/// [`Error::TooFewPoints`], [`Error::TooManyContests`] or [`Error::Overflow`], or if the caller
		/// cannot pay the bond.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::contest())]
		pub fn contest(
			origin: OriginFor<T>,
			who: T::AccountId,
			bucket: u64,
			amount: u128,
			evidence: Evidence,
		) -> DispatchResult {
			let by = ensure_signed(origin)?;
			Self::do_contest(by, who, Pending { bucket, amount }, evidence)
		}

		/// Decides a contest. By [`Config::ContestOrigin`].
		///
		/// Fails with [`Error::UnknownContest`] or [`Error::TooLate`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::decide())]
		pub fn decide(origin: OriginFor<T>, contest: ContestId, upheld: bool) -> DispatchResult {
			T::ContestOrigin::ensure_origin(origin)?;
			let verdict = if upheld {
				Verdict::Upheld
			} else {
				Verdict::Rejected
			};
			Self::do_decide(contest, verdict)
		}

		/// Ends a contest that was not decided in time. By anybody.
		///
		/// Fails with [`Error::UnknownContest`] or [`Error::TooEarly`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::close())]
		pub fn close(origin: OriginFor<T>, contest: ContestId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_close(contest)
		}

		/// Says whether an account funds strangers, as exchanges, bridges and faucets do. By
		/// [`Config::HubOrigin`]. What is noted already stays until it is over.
		///
		/// Fails with [`Error::TooManyHubs`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::set_hub())]
		pub fn set_hub(origin: OriginFor<T>, who: T::AccountId, is_hub: bool) -> DispatchResult {
			T::HubOrigin::ensure_origin(origin)?;
			Hubs::<T>::try_mutate(|hubs| {
				if is_hub {
					hubs.try_insert(who.clone())
						.map_err(|_| Error::<T>::TooManyHubs)?;
				} else {
					hubs.remove(&who);
				}
				Ok::<_, Error<T>>(())
			})?;
			Self::deposit_event(Event::HubSet { who, is_hub });
			Ok(())
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Reserves what [`Self::on_finalize`] takes at most.
		fn on_initialize(_now: BlockNumberFor<T>) -> Weight {
			T::WeightInfo::observe(T::MaxEvents::get(), T::MaxTransfers::get())
		}

		fn on_finalize(_now: BlockNumberFor<T>) {
			Self::observe();
		}

		fn on_idle(_now: BlockNumberFor<T>, remaining: Weight) -> Weight {
			let mut meter = WeightMeter::with_limit(remaining);
			Self::sweep(&mut meter);
			Self::prune(&mut meter);
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
			let period = T::ContestPeriod::get();
			assert!(
				period > BlockNumberFor::<T>::default() && period <= T::Maturity::get(),
				"ContestPeriod must be above zero and no longer than Maturity"
			);
			assert!(
				T::ContestBond::get()
					>= <T::Currency as fungible::Inspect<T::AccountId>>::minimum_balance(),
				"ContestBond must be enough for the treasury's account"
			);
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

		/// What is set apart of an account's points, by contest.
		pub fn contested(who: T::AccountId) -> Contested {
			ContestedPoints::<T>::get(who)
		}

		/// A contest; `None` if it is unknown or has ended.
		pub fn contest_of(contest: ContestId) -> Option<ContestOf<T>> {
			Contests::<T>::get(contest)
		}

		/// Who funded an account lately, and is linked to it by that.
		pub fn funded_by(who: T::AccountId) -> Option<T::AccountId> {
			Self::funder(&who)
		}

		/// The accounts that fund strangers.
		pub fn hubs() -> BTreeSet<T::AccountId> {
			Hubs::<T>::get().into_inner()
		}
	}
}
