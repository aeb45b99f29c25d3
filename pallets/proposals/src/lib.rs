//! # Proposals
//!
//! The community proposes models to be built, and pays for them out of an escrow, milestone by milestone.
//! Who does not like what was delivered takes back what is left of its money.
//!
//! ## Terminology
//!
//! - **Terms**: what a proposal says: the goal, the milestones into which it is divided to the unit, and all
//!   periods. They never change; who wants others makes another proposal.
//! - **Backer**: an account that put money in. Its vote weighs by all that it gave to this proposal.
//! - **Rest**: of what a backer gave, the part of the goal that was not paid out yet.
//! - **Objection**: a vote against a milestone. Who objects does not pay for it, nor for later ones.
//!
//! ## Lifecycle
//!
//! 1. Anybody [proposes](Pallet::propose), with a deposit. Until a builder has accepted, the proposer may
//!    [name another one](Pallet::name_builder) or [cancel](Pallet::cancel), and nobody can put money in.
//! 2. The builder [accepts](Pallet::accept) with a bond. From then on nothing can be changed, so that backers know
//!    what they pay for, and whom. They [back](Pallet::back) it until the goal is reached, and no further, or until
//!    the time for it is over: then everybody gets everything back, the builder its bond too.
//! 3. The builder [delivers](Pallet::deliver) the milestones in their order: files first, a registered model in the
//!    end. Who has to own that is in the terms; it must be newer than the moment in which the goal was reached, and
//!    not be delivered for another proposal.
//! 4. Backers [vote](Pallet::vote). Then anybody [resolves](Pallet::resolve) it:
//!    - if those who object gave more than half of what all present backers gave, the proposal stops, at once; the same
//!      when the time is over if they gave at least a quarter, and more than those who approve;
//!    - else the builder is paid, when the time is over or as soon as all have voted. Silence is consent: a builder
//!      is not to depend on backers who have lost interest. Those who objected are out, with their rests.
//! 5. A missed deadline [ends](Pallet::expire) a proposal, and the builder may [give up](Pallet::give_up) at any
//!    time. Whatever stops it once the goal was reached costs the builder its bond, which goes to the treasury:
//!    neither builder nor backers are to gain by a failure.
//! 6. Anybody may have a backer's rest [refunded](Pallet::refund), at once to who is out, to all if the proposal has
//!    stopped. With the last milestone the bond returns. Backers of a completed proposal stay on record for
//!    `MaxBuilding` blocks, as long as they like; after that anybody may take them off.
//! 7. A proposal without backers is [closed](Pallet::close), and its deposit returned.
//!
//! ## Invariants
//!
//! Checked by `do_try_state`:
//!
//! 1. What this pallet holds from an account is, for each reason, what its proposals and backings say.
//! 2. The pot has its existential deposit, and all that is kept for proposals and those who left them.
//! 3. Every proposal has an id below [`NextId`] and terms that would be accepted; its milestones sum up to the goal.
//! 4. A proposal's `backers`, `weight`, exits and tallies are the sums of its backers' records, each of which has an
//!    amount and belongs to a proposal.
//! 5. Until it is stopped, what is kept of a proposal's `weight` is the part of the goal that was not paid out,
//!    rounded up: before the first payment all of it, in the end nothing.
//! 6. Kept is at least the sum of the rests, for those who are in as for those who left with each milestone; and
//!    nothing for nobody.
//! 7. [`Delivered`] names every model that is voted on, or by which a proposal was completed, and nothing else.
//! 8. A bond is held while, and only while, a proposal is funded, built or voted on.
//!
//! ## Security considerations
//!
//! - A builder that backs itself through other accounts can outvote everybody and be paid for nothing, with its own
//!   money: whoever objects in time keeps its rest, also of the milestone that is paid. What others can lose
//!   is what they gave for milestones on which they kept silent. Weights are linear, so that splitting gains nothing.
//! - Objecting is free, for a good milestone too, and who objects to the last one has a model for which others paid.
//!   The terms are the remedy: what a builder cannot afford to lose belongs in an early milestone. Objections of
//!   less than half cannot stop a builder whom the others approve of. Half of the money can, and has to be locked up
//!   for it until then; that costs the builder its bond, and brings nobody anything.
//! - What was paid for is never taken back, and the chain does not know whether a file or a model is any good.
//! - What a referendum may have the treasury give is bounded by its origin, and a batch of calls counts as one.
//!   Several referenda can give more: each needs its own majority.
//! - The shorter the time to vote, the easier backers miss it. It is in the terms before anybody pays.
//! - No call looks at more than one backer. Many small ones bind their own deposits and cost nobody else
//!   more than a refund each, which anybody may send.

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
pub mod types;
pub mod weights;

mod building;
mod funding;
#[cfg(test)]
mod mock;
mod money;
mod refunds;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
mod views;

pub use pallet::*;
pub use types::{Evidence, Funding, Milestone, Proposal, ProposalId, Stage, Terms, Unlimited};
pub use weights::WeightInfo;

/// The pallet's definition: configuration, storage, calls, events, errors and view functions.
#[allow(clippy::expect_used, reason = "FRAME's macros use it")]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{self, Mutate as _},
			OnUnbalanced, StorageVersion,
		},
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use openledger_primitives::{traits::ModelOwners, Balance, ModelId};
	use sp_runtime::{
		traits::{CheckedMul, SaturatedConversion, Zero},
		Percent,
	};

	use crate::types::{Backing, MAX_MILESTONES};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	/// A proposal, as this runtime stores it.
	pub type ProposalOf<T> = Proposal<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

	/// The terms of a proposal, as this runtime stores them.
	pub type TermsOf<T> = Terms<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

	/// What a builder has lost.
	pub type CreditOf<T> =
		fungible::Credit<<T as frame_system::Config>::AccountId, <T as Config>::Currency>;

	/// Why a proposal was stopped.
	#[derive(
		Clone,
		Copy,
		Debug,
		Decode,
		DecodeWithMemTracking,
		Encode,
		Eq,
		MaxEncodedLen,
		PartialEq,
		TypeInfo,
	)]
	pub enum Failure {
		/// The goal was not reached in time.
		GoalMissed,
		/// A milestone was not delivered in time.
		TooLate,
		/// Backers rejected a milestone, or its model is not any longer whose it has to be.
		Rejected,
		/// The builder gave up.
		GivenUp,
	}

	/// The pallet.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the runtime decides.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The token that is put in.
		type Currency: fungible::hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ fungible::hold::Balanced<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ fungible::Mutate<Self::AccountId>
			+ fungible::Inspect<Self::AccountId, Balance = Balance>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;

		/// Who backs proposals and votes on them: any account ([`Unlimited`]), and the treasury by
		/// referendum. With the most that it may give in a call, if there is such a limit.
		type Funder: EnsureOrigin<Self::RuntimeOrigin, Success = Funding<Self::AccountId>>;

		/// The models that can be delivered.
		type Models: ModelOwners<Self::AccountId>;

		/// Where bonds go that builders lose.
		type Penalties: OnUnbalanced<CreditOf<Self>>;

		/// Names the account that holds what backers gave.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// Held for a proposal, whatever its terms.
		#[pallet::constant]
		type ProposalDeposit: Get<Balance>;

		/// Held for each byte of a proposal's encoded terms.
		#[pallet::constant]
		type ByteDeposit: Get<Balance>;

		/// Held from a backer for its record.
		#[pallet::constant]
		type BackerDeposit: Get<Balance>;

		/// The least that a backer gives at a time, unless less is missing.
		#[pallet::constant]
		type MinContribution: Get<Balance>;

		/// What a builder stakes, as a part of the goal, rounded up.
		#[pallet::constant]
		type BondShare: Get<Percent>;

		/// What a builder stakes at least.
		#[pallet::constant]
		type MinBond: Get<Balance>;

		/// The fewest blocks of any period.
		#[pallet::constant]
		type MinPeriod: Get<BlockNumberFor<Self>>;

		/// The most blocks in which a proposal can be backed.
		#[pallet::constant]
		type MaxFunding: Get<BlockNumberFor<Self>>;

		/// The most blocks from the goal's being reached to the last vote's end.
		#[pallet::constant]
		type MaxBuilding: Get<BlockNumberFor<Self>>;

		/// What the calls weigh.
		type WeightInfo: WeightInfo;

		/// What the benchmarks need of the models.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::benchmarking::BenchmarkHelper<Self::AccountId>;
	}

	/// Why funds are held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// For proposals and backers' records, until they are removed.
		Deposit,
		/// From builders, until they have delivered all.
		Bond,
	}

	/// The id of the next proposal.
	#[pallet::storage]
	pub type NextId<T: Config> = StorageValue<_, ProposalId, ValueQuery>;

	/// The proposals.
	#[pallet::storage]
	pub type Proposals<T: Config> =
		StorageMap<_, Twox64Concat, ProposalId, ProposalOf<T>, OptionQuery>;

	/// What accounts have put into proposals.
	#[pallet::storage]
	pub type Backers<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		ProposalId,
		Blake2_128Concat,
		T::AccountId,
		Backing,
		OptionQuery,
	>;

	/// For which proposals models were delivered.
	#[pallet::storage]
	pub type Delivered<T: Config> = StorageMap<_, Twox64Concat, ModelId, ProposalId, OptionQuery>;

	/// Nothing to choose: genesis gives the pot its existential deposit.
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
			use frame_support::traits::fungible::Inspect as _;

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
		/// A model was proposed.
		Proposed {
			/// The proposal.
			proposal: ProposalId,
			/// Who made it.
			proposer: T::AccountId,
			/// What it costs.
			goal: Balance,
			/// Who is to build it, if that is known.
			builder: Option<T::AccountId>,
			/// What is held from the proposer.
			deposit: Balance,
		},
		/// The proposer named another builder, or none.
		BuilderNamed {
			/// The proposal.
			proposal: ProposalId,
			/// Who is to build it.
			builder: Option<T::AccountId>,
		},
		/// The builder accepted. The proposal can be backed.
		Accepted {
			/// The proposal.
			proposal: ProposalId,
			/// The builder.
			builder: T::AccountId,
			/// What is held from it.
			bond: Balance,
			/// The first block in which the proposal cannot be backed any more.
			until: BlockNumberFor<T>,
		},
		/// An account put money in.
		Backed {
			/// The proposal.
			proposal: ProposalId,
			/// The backer.
			who: T::AccountId,
			/// What was taken: less than offered if less was missing.
			amount: Balance,
			/// What all have given.
			raised: Balance,
		},
		/// The goal was reached, and the builder begins.
		GoalReached {
			/// The proposal.
			proposal: ProposalId,
			/// The first block in which the first milestone cannot be delivered any more.
			until: BlockNumberFor<T>,
		},
		/// A milestone was delivered.
		MilestoneDelivered {
			/// The proposal.
			proposal: ProposalId,
			/// Which one, from 0.
			milestone: u32,
			/// What was delivered.
			evidence: Evidence,
			/// The first block in which nobody can vote on it any more.
			until: BlockNumberFor<T>,
		},
		/// A backer voted, or changed its vote.
		Voted {
			/// The proposal.
			proposal: ProposalId,
			/// The milestone.
			milestone: u32,
			/// The backer.
			who: T::AccountId,
			/// Whether the milestone should be paid for.
			approve: bool,
			/// What the vote weighs: what the backer gave.
			weight: Balance,
		},
		/// A milestone was paid for.
		MilestonePaid {
			/// The proposal.
			proposal: ProposalId,
			/// The milestone.
			milestone: u32,
			/// What the builder got.
			amount: Balance,
			/// What is kept for those who objected, and are out.
			left: Balance,
		},
		/// All was delivered and paid, and the builder has its bond back.
		Completed {
			/// The proposal.
			proposal: ProposalId,
			/// The model that was built.
			model: ModelId,
		},
		/// A proposal was stopped.
		Stopped {
			/// The proposal.
			proposal: ProposalId,
			/// Why.
			failure: Failure,
			/// What goes back to those who back it.
			left: Balance,
			/// What the builder lost of its bond.
			forfeited: Balance,
		},
		/// A backer is off the record, and has its rest and its deposit back.
		Refunded {
			/// The proposal.
			proposal: ProposalId,
			/// The backer.
			who: T::AccountId,
			/// What it got.
			amount: Balance,
			/// What it had given.
			of: Balance,
		},
		/// A proposal was removed, and its deposit returned.
		Closed {
			/// The proposal.
			proposal: ProposalId,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// No proposal has this id, or it was closed: look it up in `Proposals`.
		UnknownProposal,
		/// The account does not back the proposal, or had its refund: look it up in `Backers`.
		UnknownBacker,
		/// A title is UTF-8, not empty, without control characters or white space at its ends.
		BadTitle,
		/// A link is visible ASCII.
		BadLink,
		/// A proposal has at least one milestone, the model itself.
		NoMilestones,
		/// Every milestone is paid for: give it an amount, or join it to another.
		EmptyMilestone,
		/// The milestones do not sum up to the goal.
		GoalMismatch,
		/// The goal is below `MinContribution`.
		GoalTooLow,
		/// A period is below `MinPeriod`.
		PeriodTooShort,
		/// The time for funding is beyond `MaxFunding`, or building and voting together are beyond
		/// `MaxBuilding`.
		PeriodTooLong,
		/// A builder has accepted: what was proposed stands.
		NotOpen,
		/// Only its proposer can do this: sign with that account.
		NotProposer,
		/// Only the proposal's builder can do this: sign with that account, or have it named.
		NotBuilder,
		/// The proposal cannot be backed: no builder has accepted yet, the goal is reached, or the time is over.
		NotFunding,
		/// Give at least `MinContribution`.
		TooLittle,
		/// The origin may not offer so much, in this call and those that are made together with it. Offer
		/// less, or have the call made by an origin with a higher limit.
		AboveLimit,
		/// The pot lacks its existential deposit: transfer it there.
		PotMissing,
		/// Nothing is being built: the goal is not reached yet, a delivery is voted on, or it is over.
		NotBuilding,
		/// The time for this is over.
		TooLate,
		/// The last milestone delivers a model.
		ModelExpected,
		/// A milestone before the last delivers a file.
		FileExpected,
		/// There is no such version of a model, or its owner is not who has to own it by the terms.
		ModelNotOwned,
		/// The model was registered before the goal was reached: what is paid for is a new one.
		ModelTooOld,
		/// The model was delivered for a proposal already.
		ModelDelivered,
		/// Nothing is voted on.
		NotJudging,
		/// The vote is on another milestone.
		WrongMilestone,
		/// The account objected to a milestone that was paid for, and is out: have its rest refunded.
		BackerLeft,
		/// The vote is not decided: wait for its end, or for those who have not voted.
		VoteOpen,
		/// There is no deadline to be missed: nothing is awaited, or the vote has to be resolved.
		NoDeadline,
		/// The time is not over yet: wait.
		NotDue,
		/// The backer's money is at work: who wants out objects to the next milestone.
		NothingToRefund,
		/// Only the backer itself can leave the record of a proposal that was completed, for now.
		OnRecord,
		/// The proposal is not over yet: wait until it is completed or stopped.
		StillOpen,
		/// There are backers on record: refund them first.
		BackersLeft,
		/// An amount is too large to be counted.
		AmountOverflow,
		/// All ids were given out.
		IdsExhausted,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			use frame_support::traits::fungible::Inspect as _;

			let minimum = T::Currency::minimum_balance();
			assert!(
				T::MinBond::get() >= minimum && T::BackerDeposit::get() >= minimum,
				"who is paid must exist"
			);
			assert!(T::MinContribution::get() > 0, "MinContribution is nothing");
			assert!(!T::MinPeriod::get().is_zero(), "MinPeriod is no time");
			assert!(
				T::MinPeriod::get() <= T::MaxFunding::get(),
				"MaxFunding leaves no time"
			);
			let periods = BlockNumberFor::<T>::saturated_from(MAX_MILESTONES.saturating_mul(2));
			assert!(
				T::MinPeriod::get()
					.checked_mul(&periods)
					.is_some_and(|least| least <= T::MaxBuilding::get()),
				"MaxBuilding leaves no time for all milestones"
			);
			assert!(
				Balance::try_from(TermsOf::<T>::max_encoded_len())
					.ok()
					.and_then(|bytes| T::ByteDeposit::get().checked_mul(bytes))
					.and_then(|bytes| T::ProposalDeposit::get().checked_add(bytes))
					.is_some(),
				"the deposit of the longest terms overflows"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Proposes a model to be built. Holds a deposit. `builder` is who is to build it, if that is known; it has to
		/// [accept](Self::accept).
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::propose())]
		pub fn propose(
			origin: OriginFor<T>,
			terms: TermsOf<T>,
			builder: Option<T::AccountId>,
		) -> DispatchResult {
			Self::do_propose(ensure_signed(origin)?, terms, builder)
		}

		/// Names who is to build, in place of whoever was named. By the proposer, until a builder has accepted.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::name_builder())]
		pub fn name_builder(
			origin: OriginFor<T>,
			proposal: ProposalId,
			builder: Option<T::AccountId>,
		) -> DispatchResult {
			Self::do_name_builder(ensure_signed(origin)?, proposal, builder)
		}

		/// Takes a proposal back. By the proposer, until a builder has accepted.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::cancel())]
		pub fn cancel(origin: OriginFor<T>, proposal: ProposalId) -> DispatchResult {
			Self::do_cancel(ensure_signed(origin)?, proposal)
		}

		/// Accepts to build what is proposed, as it stands. By the named builder, from which a bond is held. The
		/// proposal can be backed from now on.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::accept())]
		pub fn accept(origin: OriginFor<T>, proposal: ProposalId) -> DispatchResult {
			Self::do_accept(ensure_signed(origin)?, proposal)
		}

		/// Puts money in: `amount`, or what is missing if that is less. Holds a deposit, once. When the goal is
		/// reached the builder begins.
		///
		/// Where [`Config::Funder`] sets a limit, all that is offered by calls that are made together, as in a
		/// batch, counts against it, whether it is taken or not.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::back())]
		pub fn back(
			origin: OriginFor<T>,
			proposal: ProposalId,
			#[pallet::compact] amount: Balance,
		) -> DispatchResult {
			let funding = T::Funder::ensure_origin(origin)?;
			Self::ensure_within(&funding, amount)?;
			Self::do_back(funding.0, proposal, amount)
		}

		/// Delivers the next milestone. By the builder, in time.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::deliver())]
		pub fn deliver(
			origin: OriginFor<T>,
			proposal: ProposalId,
			evidence: Evidence,
		) -> DispatchResult {
			Self::do_deliver(ensure_signed(origin)?, proposal, evidence)
		}

		/// Votes on a milestone that was delivered, from 0, in place of what was voted on it before. By a backer. Who
		/// objects pays nothing for it, whatever comes of the vote.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::vote())]
		pub fn vote(
			origin: OriginFor<T>,
			proposal: ProposalId,
			milestone: u32,
			approve: bool,
		) -> DispatchResult {
			let (who, _) = T::Funder::ensure_origin(origin)?;
			Self::do_vote(who, proposal, milestone, approve)
		}

		/// Has done what the vote has come to: the builder is paid, or the proposal stopped. By anybody, once nothing
		/// can change it.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::resolve())]
		pub fn resolve(origin: OriginFor<T>, proposal: ProposalId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_resolve(proposal)
		}

		/// Stops a proposal whose goal was not reached in time, or whose builder did not deliver in time. By anybody.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::expire())]
		pub fn expire(origin: OriginFor<T>, proposal: ProposalId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_expire(proposal)
		}

		/// Gives up building. By the builder. Once the goal was reached it loses its bond.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::give_up())]
		pub fn give_up(origin: OriginFor<T>, proposal: ProposalId) -> DispatchResult {
			Self::do_give_up(ensure_signed(origin)?, proposal)
		}

		/// Pays a backer what it is to get back, with its deposit, and takes it off the record: if the proposal was
		/// stopped or completed, or the backer has left it. By anybody; for `MaxBuilding` blocks after a proposal was
		/// completed, by the backer itself.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::refund())]
		pub fn refund(
			origin: OriginFor<T>,
			proposal: ProposalId,
			backer: T::AccountId,
		) -> DispatchResult {
			Self::do_refund(ensure_signed(origin)?, proposal, backer)
		}

		/// Removes a proposal that is over and has no backers on record, and returns its deposit. By anybody; not
		/// before `MaxBuilding` blocks after it was completed.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::close())]
		pub fn close(origin: OriginFor<T>, proposal: ProposalId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_close(proposal)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The completed proposal by which a model was built; `None` if there is none on record.
		pub fn funded_by(model: ModelId) -> Option<ProposalId> {
			Self::funding_of(model)
		}

		/// Who backs a proposal and what they gave, in no particular order: at most `limit` and never more than 100,
		/// after the one that came last on the page before.
		pub fn backers_of(
			proposal: ProposalId,
			after: Option<T::AccountId>,
			limit: u32,
		) -> Vec<(T::AccountId, Balance)> {
			Self::page_of(proposal, after, limit)
		}

		/// What a backer would get back now, its deposit not counted; `None` if it cannot have it yet, or backs
		/// nothing.
		pub fn refund_of(proposal: ProposalId, backer: T::AccountId) -> Option<Balance> {
			Self::due_to(proposal, &backer)
		}

		/// What a builder has to stake to accept a proposal; `None` if there is no such proposal.
		pub fn bond_of(proposal: ProposalId) -> Option<Balance> {
			Proposals::<T>::get(proposal).map(|proposal| Self::bond_for(&proposal.terms))
		}

		/// The account that holds what backers gave.
		pub fn pot() -> T::AccountId {
			Self::pot_account()
		}
	}
}
