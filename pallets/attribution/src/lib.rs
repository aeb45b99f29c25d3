//! # Attribution
//!
//! Divides the fee of a run among all who made its answer possible, keeps a record of what was paid on
//! which grounds, and pays out what is credited.
//!
//! ## Terminology
//!
//! - **Run**: a request that operators have answered and agreed on, or a batch of calls through a payment
//!   channel that nobody proved wrong.
//! - **Shares**: how a fee is divided among burn, treasury, model, operators and data. Governance moves
//!   them within the bounds of `Shares::MIN` and `Shares::MAX`.
//! - **Cluster**: a batch and its duplicates, named by the earliest of them. It is paid once, to the
//!   contributor of the earliest, and counts with the largest weight of its batches, not with their
//!   sum: a fifth copy adds nothing.
//! - **Royalty**: what a model of the lineage of the one that ran gets of the model's part. Its *taker* is
//!   credited with it: the model's owner, or the account that gathers the revenue of a model in which shares
//!   are held. Its *author*, who registered the model, earns the reputation.
//! - **Credit**: what an account may claim. All credited money is in the **pot**, an account of the
//!   pallet's own.
//!
//! ## Lifecycle
//!
//! [`Settlement::settle`] takes the fee as an imbalance and cannot fail. It
//!
//! 1. splits it by the shares; divides the model's part by royalty, the operators' part evenly, the
//!    data's part by the clusters' weights, each to the last unit (largest remainder);
//! 2. adds to the treasury's part what finds no taker: the part of a model without owners, of a run
//!    without operators, of data that nobody is paid for (no entries, malformed ones, unknown or
//!    withdrawn batches) – it never falls to another role;
//! 3. pays the delegators of the operators what [`Config::Delegation`] says is theirs, moves the credited
//!    sum to the pot, drops the burn's part, and pays the treasury the rest;
//! 4. tells [`Config::Reputation`] what the payer irrecoverably lost, apportioned over all whose work was
//!    paid for, by what was credited for it: that is an operator before its delegators' part, and the author
//!    of a model, whoever takes its royalty. The payer's own portion, as an author or as a taker, is left
//!    out;
//! 5. keeps an [`AttributionRecord`] of a request until [`Settlement::forget`]: who got how much of the fee,
//!    model by model, operator by operator, cluster by cluster. Who has proved it from a block's state has
//!    proved where each unit went.
//!
//! [`Pallet::claim`] pays out the caller's credit, [`Pallet::claim_for`] anybody else's to that account.
//! [`RewardCredits::divide`] passes the credit of an account without a key on to others, within the pot: no
//! existential deposit is needed for it, and no unit is lost.
//!
//! ## Distributions
//!
//! What data has earned by a batch of calls the chain knows by the root of a map alone
//! ([`openledger_primitives::earnings`]), so that it costs the same to settle for one contributor as for a
//! million ([`Settlement::settle_by_root`]). The data's part is set apart in the pot, as a **distribution**,
//! with the part of the payer's loss that the data will have earned.
//!
//! - [`Pallet::claim_share`], by anybody: shows by a proof what a batch has earned. The contributor of its
//!   cluster is credited with that part of the whole, rounded down, and earns that part of the loss. Of a
//!   cluster the largest value counts, in whichever order its batches are claimed: a later, larger one is
//!   paid the difference. Each batch counts once, for the cluster that it is in when it is claimed.
//! - [`Pallet::close_distribution`], by anybody after [`Config::ClaimPeriod`]: what nobody has claimed (the
//!   part of unknown and withdrawn batches, what duplicates would have got, what was lost by rounding)
//!   goes to the treasury.
//!
//! A distribution also has the batch's [`Payment`]: the whole fee, with the calls that no data shaped, and what
//! each model and operator got of it. Of a batch without any data there is no distribution, and events alone
//! tell what was paid.
//!
//! A distribution's record is paid for by a deposit of the operator that posted the batch, each claim's by
//! one of who claims; both are given back when it is closed, so that both have a reason to.
//!
//! ## Rent
//!
//! What tenants pay for a model ([`Settlement::settle_rent`]) is divided like a fee without operators: burn and
//! treasury get what they do of a fee, model and data the rest in the proportion of their shares. There are no
//! entries to say which data shaped what, so the data's part goes to the contributors of the Datanets that the
//! version that was rented is built on (the current one, if that was removed), in proportion to how many of their
//! batches it takes, and from there by the scores of the batches ([`AccessRegistry::pay_contributors`]). What a Datanet cannot take, and all of the
//! part if the model is built on no data, goes to the treasury.
//!
//! ## The existential deposit
//!
//! An account cannot hold less than the existential deposit, so the pot owns one of its own, apart from
//! all credits: genesis puts it there (a runtime that adds the pallet later transfers it), and no claim
//! can touch it. So the pot can take any amount, down to one unit. As long as it is missing, nothing is
//! credited and what would be goes to the treasury. Should the treasury's account be unable to take its
//! part, that is credited to it in the pot as to anybody else; only if the pot is missing as well is it
//! burned. Each of these shows in the events, and the parts of [`Event::Settled`] always say where the
//! money really went.
//!
//! ## Invariants
//!
//! 1. [`TotalCredits`] is the sum of all [`Credits`], none of which is zero.
//! 2. The pot holds [`TotalCredits`], [`TotalSetApart`] and its existential deposit, or it owes nothing. It
//!    may hold more: anybody can transfer to it.
//! 3. A record's parts sum up to its fee, and what models, operators and contributors got to the parts of
//!    their roles. No operator's delegators got more than it. The clusters ascend.
//! 4. The shares are within their bounds.
//! 5. [`TotalSetApart`] is the sum of what is not claimed of all [`Distributions`].
//! 6. A distribution counts its [`Claims`]. What was claimed of it is the sum of what is due for their counted
//!    values, as long as none was removed, and never more than there was.
//! 7. What is held for [`HoldReason::Record`] on an account is the sum of its deposits for distributions and
//!    claims.
//! 8. The parts of a distribution's payment sum up to its fee, what models and operators got to the parts of
//!    their roles, and the data's part is its amount.
//!
//! ## Security considerations
//!
//! - Settling a fee lowers the total issuance by exactly `parts.burn`.
//! - Self-dealing loses burn and treasury shares each time and earns no reputation: see `tests/attacks.rs`.
//! - Entries are taken as the operators agreed on them; whether a batch belongs to the model's data is
//!   checked by who calls.
//! - Ownership of a model and shares in it can be bought. Reputation is a vote, and stays with the author.
//! - Anybody may claim for an account without a key. So what is divided is its balance and its credit.
//! - A distribution's root is taken as nobody has challenged it. Even a forged one pays out no more than was set
//!   apart: what is shown under a root is not more than its sum. It lies with the challenges whether it pays
//!   the right data.
//! - Proofs come from who has the whole map: the agent, the payer, and whoever has all receipts. What none of
//!   them gives out cannot be claimed; none of them gains by that.
//! - Of rent, the contributors earn no reputation: their pools know nothing of payers. The part of the loss that
//!   would be theirs is nobody's, and the authors get no more by it.
//! - Should the treasury itself pay for a run, what returns to it does not count as lost.
//!
//! [`AccessRegistry::pay_contributors`]: openledger_primitives::traits::AccessRegistry::pay_contributors
//! [`Settlement::settle_rent`]: openledger_primitives::traits::Settlement::settle_rent
//! [`RewardCredits::divide`]: openledger_primitives::traits::RewardCredits::divide
//! [`Settlement::settle_by_root`]: openledger_primitives::traits::Settlement::settle_by_root
//! [`Settlement::settle`]: openledger_primitives::traits::Settlement::settle
//! [`Settlement::forget`]: openledger_primitives::traits::Settlement::forget

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
mod distributions;
mod impls;
mod payment;
mod rent;
mod types;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use distributions::MAX_REMOVED;
pub use pallet::*;
pub use payment::{PaidModel, PaidModels, PaidOperator, PaidOperators, Payment};
pub use types::{AttributionRecord, Claim, Distribution, PaidCluster, PaidClusters, Role};
pub use weights::WeightInfo;

/// The pallet's definition: configuration, storage, calls, events, errors and view functions.
#[allow(clippy::expect_used, reason = "FRAME's macros use it")]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use core::marker::PhantomData;
	use frame_support::{
		pallet_prelude::*,
		traits::fungible::{Balanced, Credit, Inspect, InspectHold, Mutate, MutateHold},
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use openledger_primitives::{
		earnings::{Proof, Summary},
		split::{Parts, Shares},
		traits::{
			AccessRegistry, DataRegistry, DelegatedRewards, ModelRegistry, ReputationSink, Source,
		},
		types::{Balance, BatchId, ModelId, RequestId},
	};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	/// The pallet.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the pallet needs to know of its runtime.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The token in which fees are paid.
		type Currency: Inspect<Self::AccountId, Balance = Balance>
			+ Mutate<Self::AccountId>
			+ Balanced<Self::AccountId>
			+ InspectHold<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ MutateHold<Self::AccountId>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;

		/// Who is paid for a batch, and for a Datanet.
		type Data: DataRegistry<Self::AccountId> + AccessRegistry<Self::AccountId>;

		/// Who is paid for a model.
		type Models: ModelRegistry<Self::AccountId>;

		/// Shares what operators earn with those that delegated to them.
		type Delegation: DelegatedRewards<
			Self::AccountId,
			Reward = Credit<Self::AccountId, Self::Currency>,
		>;

		/// Takes note of what others paid for somebody's work.
		type Reputation: ReputationSink<Self::AccountId>;

		/// The treasury's account.
		type TreasuryAccount: Get<Self::AccountId>;

		/// Who may move the shares.
		type SharesOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Names the pot's account.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// For how many blocks a distribution can be claimed.
		#[pallet::constant]
		type ClaimPeriod: Get<BlockNumberFor<Self>>;

		/// The deposit for a distribution's record, in units of the token: from who posted the batch of calls.
		#[pallet::constant]
		type DistributionDeposit: Get<Balance>;

		/// The deposit for what is written down of a batch in a distribution, in units of the token: from who
		/// claims. A claim of a duplicate takes up to two.
		#[pallet::constant]
		type ClaimDeposit: Get<Balance>;

		/// Weights of the calls, and of settling.
		type WeightInfo: WeightInfo;

		/// What the benchmarks need of the other pallets.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::benchmarking::BenchmarkHelper<Self::AccountId>;
	}

	/// Why funds are held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The deposit for a distribution's record, or a claim's.
		Record,
	}

	/// How fees are divided.
	#[pallet::storage]
	pub type FeeShares<T: Config> = StorageValue<_, Shares, ValueQuery>;

	/// What each account may claim, in units of the token. Never zero.
	#[pallet::storage]
	pub type Credits<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, Balance, ValueQuery>;

	/// The sum of all credits.
	#[pallet::storage]
	pub type TotalCredits<T: Config> = StorageValue<_, Balance, ValueQuery>;

	/// What was paid for each run that is not forgotten.
	#[pallet::storage]
	pub type Records<T: Config> =
		StorageMap<_, Twox64Concat, RequestId, AttributionRecord<T::AccountId>>;

	/// What is set apart of batches of calls, to be claimed.
	#[pallet::storage]
	pub type Distributions<T: Config> =
		StorageMap<_, Twox64Concat, Source, Distribution<T::AccountId, BlockNumberFor<T>>>;

	/// What is written down of batches of data in a distribution.
	#[pallet::storage]
	pub type Claims<T: Config> =
		StorageDoubleMap<_, Twox64Concat, Source, Twox64Concat, BatchId, Claim<T::AccountId>>;

	/// The sum of what is not claimed of all distributions.
	#[pallet::storage]
	pub type TotalSetApart<T: Config> = StorageValue<_, Balance, ValueQuery>;

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
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A fee was divided: `fee` is the sum of `parts`.
		Settled {
			/// What was paid for.
			source: Source,
			/// Who paid.
			payer: T::AccountId,
			/// The model that ran.
			model: ModelId,
			/// What was paid.
			fee: Balance,
			/// Where it went. The treasury's part includes what found no taker, the data's what is set apart.
			parts: Parts,
		},
		/// An account was credited with its part of a fee.
		Credited {
			/// What was paid for.
			source: Source,
			/// The account.
			who: T::AccountId,
			/// What it is paid for.
			role: Role,
			/// How much.
			amount: Balance,
		},
		/// The delegators of an operator got their part of what it earned, in its pool.
		Delegated {
			/// What was paid for.
			source: Source,
			/// The operator.
			agent: T::AccountId,
			/// How much.
			amount: Balance,
		},
		/// A role's part, or some of it, found no taker and went to the treasury.
		Diverted {
			/// What was paid for.
			source: Source,
			/// The role that it was meant for.
			role: Role,
			/// How much.
			amount: Balance,
		},
		/// Neither the treasury's account nor the pot could take the treasury's part: it was burned.
		TreasuryUnreachable {
			/// What was paid for.
			source: Source,
			/// How much was burned in place of being paid.
			amount: Balance,
		},
		/// What an account had was credited to another one: one event for each that gets a part.
		PassedOn {
			/// The account that had it.
			from: T::AccountId,
			/// The account that may claim it now.
			who: T::AccountId,
			/// How much.
			amount: Balance,
		},
		/// An account's credit was paid out to it.
		Claimed {
			/// The account.
			who: T::AccountId,
			/// How much.
			amount: Balance,
		},
		/// The data's part of a batch of calls can be claimed.
		SetApart {
			/// What was paid for.
			source: Source,
			/// What the data has earned: the root to which proofs lead, and the sum that gets all.
			earned: Summary,
			/// The data's part.
			amount: Balance,
			/// The first block in which nothing can be claimed any more.
			expires_at: BlockNumberFor<T>,
		},
		/// What a batch of data has earned was counted. Who is credited with how much says
		/// [`Event::Credited`].
		ShareClaimed {
			/// What was paid for.
			source: Source,
			/// The batch of data.
			batch: BatchId,
			/// Its cluster.
			cluster: BatchId,
			/// What it has earned, in millionths of a unit of the token.
			value: u128,
		},
		/// A distribution has expired and is gone.
		DistributionClosed {
			/// What was paid for.
			source: Source,
			/// What nobody has claimed, which went to the treasury.
			unclaimed: Balance,
		},
		/// The shares were moved.
		SharesSet {
			/// How fees were divided before.
			old: Shares,
			/// How they are divided from now on.
			new: Shares,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// The account has no credit. It may have been claimed for it already.
		NothingToClaim,
		/// The credit is below the existential deposit and the account does not exist: let more be
		/// credited, or send the account some tokens first. The credit stays.
		BelowMinimum,
		/// The account cannot hold that much more. The credit stays.
		Overflow,
		/// A share is out of its bounds, or they do not sum up to the whole.
		SharesOutOfBounds,
		/// What is to be divided among others has no taker.
		NobodyToCredit,
		/// The pot has no existential deposit of its own yet: somebody has to transfer it.
		PotMissing,
		/// There is no such distribution, or it was closed.
		UnknownDistribution,
		/// The distribution has expired: what is left goes to the treasury.
		Expired,
		/// The distribution can still be claimed. Wait until it has expired.
		NotExpired,
		/// The proof does not show that the batch has earned anything. It must be of this very distribution.
		BadProof,
		/// The batch was counted before.
		AlreadyClaimed,
		/// The batch is unknown or was withdrawn: its part goes to the treasury.
		NobodyToPay,
		/// A duplicate has earned as much and was counted, or the part rounds to nothing.
		NothingDue,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Pays out the caller's whole credit.
		///
		/// Fails with [`Error::NothingToClaim`] or [`Error::BelowMinimum`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::claim())]
		pub fn claim(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_claim(who)
		}

		/// Pays out the whole credit of `who` to that account. Anybody may call it, and pays for the
		/// transaction.
		///
		/// Fails with [`Error::NothingToClaim`] or [`Error::BelowMinimum`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::claim())]
		pub fn claim_for(origin: OriginFor<T>, who: T::AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_claim(who)
		}

		/// Moves the shares by which fees are divided from now on. By [`Config::SharesOrigin`].
		///
		/// Fails with [`Error::SharesOutOfBounds`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::set_shares())]
		pub fn set_shares(origin: OriginFor<T>, shares: Shares) -> DispatchResult {
			T::SharesOrigin::ensure_origin(origin)?;
			ensure!(shares.is_valid(), Error::<T>::SharesOutOfBounds);
			let old = FeeShares::<T>::get();
			FeeShares::<T>::put(shares);
			Self::deposit_event(Event::SharesSet { old, new: shares });
			Ok(())
		}

		/// Credits the contributor of a batch's cluster with what the batch has earned by a batch of calls,
		/// less what the cluster has got. By anybody, for a deposit of [`Config::ClaimDeposit`] for each record
		/// that it takes.
		///
		/// - `source`: the batch of calls.
		/// - `batch`: the batch of data.
		/// - `proof`: shows what it has earned.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::claim_share(proof.len().try_into().unwrap_or(u32::MAX)))]
		pub fn claim_share(
			origin: OriginFor<T>,
			source: Source,
			batch: BatchId,
			proof: Proof,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_claim_share(&who, source, batch, &proof)
		}

		/// Closes a distribution that has expired: gives back deposits, and gives the treasury what nobody has
		/// claimed. By anybody. Removes up to [`MAX_REMOVED`] claims; has to be called again if there are more.
		///
		/// Fails with [`Error::UnknownDistribution`] or [`Error::NotExpired`].
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::close_distribution(MAX_REMOVED))]
		pub fn close_distribution(
			origin: OriginFor<T>,
			source: Source,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let removed = Self::do_close(source)?;
			Ok(Some(T::WeightInfo::close_distribution(removed)).into())
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(
				Self::pot_account() != T::TreasuryAccount::get(),
				"pot and treasury must be two accounts"
			);
			assert!(
				T::ClaimPeriod::get() > BlockNumberFor::<T>::from(0u32),
				"there must be a block to claim in"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// What an account may claim.
		pub fn credit(who: T::AccountId) -> Balance {
			Credits::<T>::get(who)
		}

		/// How fees are divided.
		pub fn shares() -> Shares {
			FeeShares::<T>::get()
		}

		/// What was paid for a run; `None` if it is unknown or forgotten.
		pub fn record(request: RequestId) -> Option<AttributionRecord<T::AccountId>> {
			Records::<T>::get(request)
		}

		/// What can be claimed of a batch of calls; `None` if its data's part was not set apart, or it is
		/// closed.
		pub fn distribution(
			source: Source,
		) -> Option<Distribution<T::AccountId, BlockNumberFor<T>>> {
			Distributions::<T>::get(source)
		}

		/// Whether a batch of data was counted in a distribution.
		pub fn is_claimed(source: Source, batch: BatchId) -> bool {
			Claims::<T>::get(source, batch).is_some_and(|claim| claim.claimed)
		}

		/// The account that holds all credited money, and what is set apart.
		pub fn pot() -> T::AccountId {
			Self::pot_account()
		}
	}
}
