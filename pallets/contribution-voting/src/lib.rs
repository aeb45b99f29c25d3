//! # Contribution voting
//!
//! Votes in polls, weighted by reputation: by what others paid for the voter's work, and not by what the voter
//! owns. The polls are those of `pallet-referenda`. Calls, events and storage have the shape of
//! `pallet-conviction-voting`, without balances, convictions and locks: no token is held for a vote, and none
//! adds to it.
//!
//! ## Terminology
//!
//! - **Poll** and **class**: a referendum, and its track.
//! - **Power**: an account's present reputation, from [`Config::Power`].
//! - **Ballot**: an account's vote in a poll, with its weight.
//! - **Period**: a half-life, counted from block 0. See [`units`].
//! - **Delegation**: an account lets another one vote for it, in one class.
//!
//! ## What a ballot weighs
//!
//! The voter's power at the time of the vote, and what was delegated to it in the poll's class. A ballot does not
//! grow when its voter earns more: voting again takes the present power. All weights are in points at the start
//! of the period in which the poll was submitted. So a ballot decays with all other reputation and keeps its
//! part of the total, nothing has to be brought up to date, and the tally is the sum of the ballots, exactly.
//!
//! *Support* is the part of all present reputation that is for a proposal or abstains, *approval* the part of
//! those who take sides that is for it.
//!
//! A voter may lose reputation after its vote, by what it had done. Then anybody may have the ballot weighed
//! anew ([`Pallet::reweigh_vote`]), which only ever lowers it.
//!
//! ## Delegation
//!
//! A delegation weighs what its delegator's power was when it was made, decayed since; to renew it, undelegate
//! and delegate again. It is added to the target's running ballots at once, and to those it casts later. It is
//! not passed on: what an account has been delegated weighs nothing while it delegates itself. Who delegates in
//! a class does not vote in it, and who has ballots in a class has to remove them before it delegates.
//!
//! ## Rounding
//!
//! Power becomes weight rounded down. Weights are halved from one period to a later one: rounded down where
//! they are added, and up where they are taken away. So delegations never weigh more than they are worth, and
//! less by under one unit for each time that they were brought to a later period, and each delegator that left.
//! Splitting an account's power among several gains nothing and loses at most a unit of power for each. Parts of
//! a whole, support and approval too, are rounded down.
//!
//! ## Clean-up
//!
//! Nothing is held for what is stored: it takes [`Config::MinPower`], which somebody has paid for, to store
//! anything. There are at most [`Config::MaxVotes`] ballots of an account in a class. Once a poll is over,
//! anybody may remove its ballots ([`Pallet::remove_other_vote`]), and once a delegator's power is below
//! [`Config::MinPower`], anybody may remove its delegation ([`Pallet::reweigh_delegation`]).
//!
//! ## Invariants
//!
//! 1. The tally of a running poll is the sum of what its ballots contribute.
//! 2. Ballots of an account are in the order of their polls, without duplicates, and of the class they are kept
//!    for if the poll is running. No split is above the whole.
//! 3. Of each account and class, as many delegate to it as its record counts, and nobody to itself.
//! 4. What is delegated to an account weighs at most what its delegators' weights sum up to, each rounded up. So
//!    does the delegated part of each running ballot.
//! 5. No record is empty, and no record or poll is of a period to come.
//!
//! ## Security considerations
//!
//! - Reputation cannot be moved, so no reputation votes twice: not by voting, delegating and voting again, nor
//!   through several accounts.
//! - A delegation is added to all running ballots of its target: these are bounded, and weighed by their number.
//! - Delegating takes no consent of the target. It cannot harm it: delegations weigh on its own ballots only.
//! - [`Config::HalfLife`] gives stored weights their meaning: it must be that of the reputation, and changing it
//!   takes a migration.

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
mod delegations;
mod tally;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
mod types;
pub mod units;
mod views;
mod votes;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use tally::Tally;
pub use types::{AccountVote, Ballot, Contribution, Delegations, Voting};
pub use views::Standing;
pub use weights::WeightInfo;

/// The pallet's definition: configuration, storage, events, calls and view functions.
#[allow(clippy::expect_used, reason = "FRAME's macros use it")]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::{pallet_prelude::*, traits::Polling};
	use frame_system::pallet_prelude::*;
	use openledger_primitives::traits::VotingPower;
	use sp_runtime::traits::{StaticLookup, UniqueSaturatedInto};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	/// How an account is named in a call.
	type LookupOf<T> = <<T as frame_system::Config>::Lookup as StaticLookup>::Source;

	/// A poll's index.
	pub type PollIndexOf<T> = <<T as Config>::Polls as Polling<Tally<T>>>::Index;

	/// A class of polls.
	pub type ClassOf<T> = <<T as Config>::Polls as Polling<Tally<T>>>::Class;

	/// What an account does in a class, as this runtime stores it.
	pub type VotingOf<T> =
		Voting<<T as frame_system::Config>::AccountId, PollIndexOf<T>, <T as Config>::MaxVotes>;

	/// The pallet.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the pallet needs to know of its runtime.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The polls.
		type Polls: Polling<Tally<Self>, Votes = u128, Moment = BlockNumberFor<Self>>;

		/// What weighs votes.
		type Power: VotingPower<Self::AccountId>;

		/// Blocks after which half of all power is left: as [`Config::Power`] has it. Above zero.
		#[pallet::constant]
		type HalfLife: Get<BlockNumberFor<Self>>;

		/// The most ballots of an account in a class. Above zero.
		#[pallet::constant]
		type MaxVotes: Get<u32>;

		/// The least power that an account votes with, with what is delegated to it, or delegates: what it takes
		/// to have a record stored. Above zero.
		#[pallet::constant]
		type MinPower: Get<u128>;

		/// Weights of the calls.
		type WeightInfo: WeightInfo;

		/// What the benchmarks need of the other pallets.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::benchmarking::BenchmarkHelper<Self::AccountId>;
	}

	/// What each account does in each class.
	#[pallet::storage]
	pub type VotingFor<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		T::AccountId,
		Twox64Concat,
		ClassOf<T>,
		VotingOf<T>,
		ValueQuery,
	>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An account lets another one vote for it.
		Delegated {
			/// The account.
			who: T::AccountId,
			/// Who votes for it.
			target: T::AccountId,
			/// In which class.
			class: ClassOf<T>,
			/// The power that it delegates.
			power: u128,
		},
		/// An account votes for itself again.
		Undelegated {
			/// The account.
			who: T::AccountId,
			/// Who voted for it.
			target: T::AccountId,
			/// In which class.
			class: ClassOf<T>,
		},
		/// An account voted, in place of what it had voted in this poll before.
		Voted {
			/// The account.
			who: T::AccountId,
			/// What it says.
			vote: AccountVote,
			/// In which poll.
			poll_index: PollIndexOf<T>,
			/// What its ballot weighs, in points at the start of the poll's period.
			weight: u128,
		},
		/// A vote was removed.
		VoteRemoved {
			/// Whose.
			who: T::AccountId,
			/// What it said.
			vote: AccountVote,
			/// In which poll.
			poll_index: PollIndexOf<T>,
		},
		/// The voter's own part of a ballot weighs less, as the voter has lost reputation.
		VoteReweighed {
			/// Whose.
			who: T::AccountId,
			/// In which poll.
			poll_index: PollIndexOf<T>,
			/// What that part weighs now, in points at the start of the poll's period.
			own: u128,
		},
		/// A delegation weighs less, as its delegator has lost reputation.
		DelegationReweighed {
			/// Whose.
			who: T::AccountId,
			/// Who votes for it.
			target: T::AccountId,
			/// In which class.
			class: ClassOf<T>,
			/// The power that is left.
			power: u128,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// The poll is over, or there is none of this index.
		NotOngoing,
		/// The account has no ballot in this poll. Check the class: a ballot is kept for that of its poll.
		NotVoter,
		/// The vote is somebody else's and the poll is running: only the voter can remove it.
		NoPermission,
		/// The account delegates in this class. Undelegate first.
		AlreadyDelegating,
		/// The account has ballots in this class. Remove them first, those in polls that are over too.
		AlreadyVoting,
		/// The account does not delegate in this class.
		NotDelegating,
		/// Nobody can delegate to itself.
		SelfDelegation,
		/// The account has as many ballots in this class as it can have. Remove those in polls that are over.
		MaxVotesReached,
		/// The poll is over, so its class has to be named.
		ClassNeeded,
		/// There is no such class.
		BadClass,
		/// The parts of a split are more than the whole.
		BadSplit,
		/// The account has too little reputation, with what is delegated to it. It is earned by work that
		/// others pay for, and counts after some time.
		TooLittlePower,
		/// The account has not lost reputation since.
		NothingLost,
		/// A number is beyond all bounds.
		Overflow,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Votes in a running poll, or changes the vote. The ballot weighs what the caller's power is now, and
		/// what is delegated to it in the poll's class.
		///
		/// Fails with [`Error::NotOngoing`], [`Error::BadSplit`], [`Error::AlreadyDelegating`],
		/// [`Error::TooLittlePower`], [`Error::MaxVotesReached`] or [`Error::Overflow`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::vote_new().max(T::WeightInfo::vote_existing()))]
		pub fn vote(
			origin: OriginFor<T>,
			#[pallet::compact] poll_index: PollIndexOf<T>,
			vote: AccountVote,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_vote(who, poll_index, vote)
		}

		/// Lets another account vote for the caller in the polls of a class, with what the caller's power is
		/// now.
		///
		/// Fails with [`Error::BadClass`], [`Error::SelfDelegation`], [`Error::TooLittlePower`],
		/// [`Error::AlreadyDelegating`], [`Error::AlreadyVoting`] or [`Error::Overflow`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::delegate(T::MaxVotes::get()))]
		pub fn delegate(
			origin: OriginFor<T>,
			class: ClassOf<T>,
			to: LookupOf<T>,
		) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			let to = T::Lookup::lookup(to)?;
			let ballots = Self::do_delegate(who, class, to)?;
			Ok(Some(T::WeightInfo::delegate(ballots)).into())
		}

		/// Takes back a delegation: it no longer counts in polls that are running.
		///
		/// Fails with [`Error::NotDelegating`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::undelegate(T::MaxVotes::get()))]
		pub fn undelegate(origin: OriginFor<T>, class: ClassOf<T>) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			let ballots = Self::do_undelegate(who, class)?;
			Ok(Some(T::WeightInfo::undelegate(ballots)).into())
		}

		/// Removes the caller's vote from a poll, which may be over: then `class` has to be given.
		///
		/// Fails with [`Error::ClassNeeded`] or [`Error::NotVoter`].
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::remove_vote())]
		pub fn remove_vote(
			origin: OriginFor<T>,
			class: Option<ClassOf<T>>,
			index: PollIndexOf<T>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_remove_vote(who, class, index, true)
		}

		/// Removes the vote of another account from a poll that is over.
		///
		/// Fails with [`Error::NotVoter`] or [`Error::NoPermission`].
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::remove_other_vote())]
		pub fn remove_other_vote(
			origin: OriginFor<T>,
			target: LookupOf<T>,
			class: ClassOf<T>,
			index: PollIndexOf<T>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let target = T::Lookup::lookup(target)?;
			let is_own = who == target;
			Self::do_remove_vote(target, Some(class), index, is_own)
		}

		/// Lowers an account's own part of a running ballot to what its power is now, where it has lost
		/// reputation since it voted, by more than a thousandth. By anybody.
		///
		/// Fails with [`Error::NotOngoing`], [`Error::NotVoter`] or [`Error::NothingLost`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::reweigh_vote())]
		pub fn reweigh_vote(
			origin: OriginFor<T>,
			target: LookupOf<T>,
			#[pallet::compact] index: PollIndexOf<T>,
		) -> DispatchResult {
			ensure_signed(origin)?;
			let target = T::Lookup::lookup(target)?;
			Self::do_reweigh_vote(target, index)
		}

		/// Lowers an account's delegation to what its power is now, where it has lost reputation since it
		/// delegated, by more than a thousandth; removes it if its power is below [`Config::MinPower`]. By
		/// anybody.
		///
		/// Fails with [`Error::NotDelegating`] or [`Error::NothingLost`].
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::reweigh_delegation(T::MaxVotes::get()))]
		pub fn reweigh_delegation(
			origin: OriginFor<T>,
			target: LookupOf<T>,
			class: ClassOf<T>,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let target = T::Lookup::lookup(target)?;
			let ballots = Self::do_reweigh_delegation(target, class)?;
			Ok(Some(T::WeightInfo::reweigh_delegation(ballots)).into())
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			let half_life: u64 = T::HalfLife::get().unique_saturated_into();
			assert!(half_life > 0, "HalfLife must be above zero");
			assert!(T::MaxVotes::get() > 0, "MaxVotes must be above zero");
			assert!(T::MinPower::get() > 0, "MinPower must be above zero");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// What an account would vote with now in a class, with what is delegated to it. Zero while it delegates.
		pub fn power_of(who: T::AccountId, class: ClassOf<T>) -> u128 {
			Self::present_power(&who, &class)
		}

		/// An account's ballot in a running poll.
		pub fn ballot_of(who: T::AccountId, poll_index: PollIndexOf<T>) -> Option<Ballot> {
			Self::running_ballot(&who, poll_index)
		}

		/// How a running poll stands, in present points and in parts.
		pub fn standing_of(poll_index: PollIndexOf<T>) -> Option<Standing> {
			Self::standing(poll_index)
		}
	}
}
