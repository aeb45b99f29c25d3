//! # Copies
//!
//! Claims that one model's adapter is a copy of another's. A committee compares the two files; who is found to
//! have been copied becomes an ancestor of the copy, with the royalty that was asked.
//!
//! ## Terminology
//!
//! - **Original** and **copy**: a model with an adapter's file, and another one that named its own later, as the
//!   registry of models counts ([`Originals`](openledger_primitives::traits::Originals)): whichever model is
//!   older, and however often either added versions since.
//! - **Exhibit**: a version's adapter, and where its file is.
//! - **Comparer**: the model of [`Task::Compare`](openledger_primitives::model::Task::Compare) that the admin
//!   has named. Operators' own software compares, so that who owns the model has no say in it.
//! - **Similarity**: how much of the original is in the copy, in millionths; see
//!   [`openledger_primitives::similarity`].
//!
//! ## Lifecycle
//!
//! 1. The original's owner makes a [`claim`](Pallet::claim) and names both files. A bond is held, and a request
//!    to the comparer is opened at its cost: by a committee of the size that the [`Rules`] demand.
//! 2. Once that is over, anybody has the claim [decided](Pallet::decide). If the committee agreed on a similarity
//!    of at least the threshold, the claim is *upheld*; if on less, the bond is forfeited; if on none, as when a
//!    file could not be fetched, the bond is given back and the claim is over.
//! 3. For [`Config::Grace`] the copy's owner can answer, and the admin may [dismiss](Pallet::dismiss) the claim:
//!    two adapters that both go back to a third one are alike, and neither is the other's original.
//! 4. After it anybody has the claim [enforced](Pallet::enforce): the original is in the copy's lineage from then
//!    on, and the bond is given back.
//!
//! The claimant may [withdraw](Pallet::withdraw) a claim that was upheld, as when the copy's lineage is full.
//!
//! ## Invariants
//!
//! Checked by `do_try_state`:
//!
//! 1. Every claim has an id below [`NextClaim`], and [`Pairs`] leads to it and to no other.
//! 2. What is held on an account is the sum of the bonds of its claims.
//! 3. The rules, and the threshold of every claim, are within their bounds.
//! 4. A claim that was upheld has a similarity of at least its threshold.
//!
//! ## Security considerations
//!
//! - A claim opens its own request, with an input that the chain writes. So no request of another model, about
//!   other files, or of another claim is evidence, and nobody asks committee after committee until one says what
//!   it likes: each costs a bond.
//! - Whoever cancels the request, or lets its receipt go before the claim is decided, loses the bond.
//! - The royalty is the least of what the original asked when it named its adapter and when it claims: nobody
//!   raises it after finding a copy.
//! - The measure is not moved by how a product is written: ranks, scales, signs. It is by changes that spoil a
//!   copy as well. An adapter whose file was never published cannot be compared.
//! - Who names a file first is not always who made it. That is what the grace period and the admin are for.
//! - The copy's owner may remove the version during a claim: the claim is on the model, and goes on. A model that
//!   was retired earns nothing that could be shared.

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

mod impls;
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod try_state;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use types::{Claim, ClaimId, Exhibit, Rules, Stage, MAX_COMMITTEE};
pub use weights::WeightInfo;

#[allow(clippy::expect_used, reason = "FRAME's macros use it")]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{hold, Credit, Inspect},
			OnUnbalanced, StorageVersion,
		},
	};
	use frame_system::pallet_prelude::*;
	use openledger_primitives::{
		traits::{Committees, ModelRegistry, Originals},
		Balance, ModelId, RequestId,
	};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	/// The pallet.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the runtime decides.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The token in which bonds are held.
		type Currency: hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ hold::Balanced<Self::AccountId>
			+ Inspect<Self::AccountId, Balance = Balance>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;

		/// The models, and who named which adapter first.
		type Models: ModelRegistry<Self::AccountId> + Originals<Self::AccountId>;

		/// Who compares.
		type Committees: Committees<Self::AccountId>;

		/// Who sets the rules, and may dismiss a claim that was upheld.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Held for a claim.
		#[pallet::constant]
		type Bond: Get<Balance>;

		/// For how many blocks a claim that was upheld can be dismissed before it is enforced.
		#[pallet::constant]
		type Grace: Get<BlockNumberFor<Self>>;

		/// Takes bonds that are forfeited.
		type Penalties: OnUnbalanced<Credit<Self::AccountId, Self::Currency>>;

		/// What the calls weigh.
		type WeightInfo: WeightInfo;

		/// What the benchmarks need of the models and committees.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::benchmarking::BenchmarkHelper<Self::AccountId>;
	}

	/// Why funds are held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// For a claim, until it is over.
		Bond,
	}

	/// By what claims are decided; `None` while none are taken.
	#[pallet::storage]
	pub type CurrentRules<T: Config> = StorageValue<_, Rules, OptionQuery>;

	/// The id of the next claim.
	#[pallet::storage]
	pub type NextClaim<T: Config> = StorageValue<_, ClaimId, ValueQuery>;

	/// The claims that are not over.
	#[pallet::storage]
	pub type Claims<T: Config> =
		StorageMap<_, Twox64Concat, ClaimId, Claim<T::AccountId, BlockNumberFor<T>>, OptionQuery>;

	/// The claims by what they are about: the copy, then the original.
	#[pallet::storage]
	pub type Pairs<T: Config> =
		StorageDoubleMap<_, Twox64Concat, ModelId, Twox64Concat, ModelId, ClaimId, OptionQuery>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// Claims are decided by other rules from now on, or none are taken.
		RulesSet {
			/// The rules.
			rules: Option<Rules>,
		},
		/// A model's owner claims that another one is a copy of it.
		Claimed {
			/// The claim.
			claim: ClaimId,
			/// Who claims, and pays for the comparison.
			claimant: T::AccountId,
			/// The model that was copied.
			original: ModelId,
			/// The model that is said to be a copy.
			copy: ModelId,
			/// The request in which the two are compared.
			request: RequestId,
			/// What is held from the claimant.
			bond: Balance,
		},
		/// The committee found the one in the other.
		Upheld {
			/// The claim.
			claim: ClaimId,
			/// How much of the original is in the copy, in millionths.
			similarity: u32,
			/// From which block on it can be enforced.
			enforce_at: BlockNumberFor<T>,
		},
		/// The committee did not find enough of the one in the other, or its answer is gone. The claim is over.
		Rejected {
			/// The claim.
			claim: ClaimId,
			/// How much of the original is in the copy, in millionths; `None` if that is not known any more.
			similarity: Option<u32>,
			/// What the claimant lost.
			forfeited: Balance,
		},
		/// The committee did not come to an answer. The claim is over, and the bond was given back.
		Undecided {
			/// The claim.
			claim: ClaimId,
		},
		/// A claim that was upheld was dismissed. It is over, and the bond was given back.
		Dismissed {
			/// The claim.
			claim: ClaimId,
		},
		/// A claim that was upheld was withdrawn. It is over, and the bond was given back.
		Withdrawn {
			/// The claim.
			claim: ClaimId,
		},
		/// The original is an ancestor of the copy from now on. The claim is over, and the bond was given back.
		Enforced {
			/// The claim.
			claim: ClaimId,
			/// The model that was copied.
			original: ModelId,
			/// The copy.
			copy: ModelId,
			/// What the original takes of the copy's part of fees, in basis points.
			royalty: u32,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// No claims are taken: wait until the admin has set rules.
		NoRules,
		/// A threshold is `MIN_THRESHOLD` to `MAX_THRESHOLD` millionths.
		ThresholdOutOfRange,
		/// A committee has `MIN_COMMITTEE` to `MAX_COMMITTEE` members.
		CommitteeOutOfRange,
		/// The model does not compare adapters: name one whose task is `Compare`.
		NotAComparer,
		/// One of the models does not exist.
		UnknownModel,
		/// Only the owner of the original can claim: sign with its account.
		NotOwner,
		/// The signer owns both models: an ancestor can be named when a model is registered.
		OwnModel,
		/// One of the versions is not kept, or names no adapter's file.
		NoAdapter,
		/// The other model named its adapter earlier: it is no copy of this one.
		NotEarlier,
		/// There is a claim on these two models already: wait until it is over.
		AlreadyClaimed,
		/// All ids were given out.
		IdsExhausted,
		/// No open claim has this id.
		UnknownClaim,
		/// The committee has not answered yet: wait.
		NotOver,
		/// The claim was decided already.
		AlreadyDecided,
		/// The claim was not upheld yet: have it decided.
		NotUpheld,
		/// The claim can still be dismissed: wait until the grace period is over.
		TooEarly,
		/// Only who made the claim can withdraw it.
		NotClaimant,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(T::Bond::get() > 0, "claims cost nothing");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Sets by what claims are decided that are made from now on; none are taken without. By the admin.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::set_rules())]
		pub fn set_rules(origin: OriginFor<T>, rules: Option<Rules>) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_rules(rules)
		}

		/// Claims that a model's adapter is a copy of another one's. By the owner of that one, from whom a bond
		/// is held, and the fee and deposit of the request in which a committee compares the two: at most
		/// `max_fee`, for the present price. The files must be where the exhibits say until it has.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::claim())]
		pub fn claim(
			origin: OriginFor<T>,
			original: Exhibit,
			copy: Exhibit,
			max_fee: Balance,
		) -> DispatchResult {
			Self::do_claim(ensure_signed(origin)?, original, copy, max_fee)
		}

		/// Decides a claim by what the committee has answered. Anybody may call it.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::decide())]
		pub fn decide(origin: OriginFor<T>, claim: ClaimId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_decide(claim)
		}

		/// Makes the original an ancestor of the copy, once the grace period of a claim that was upheld is over.
		/// Anybody may call it.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::enforce())]
		pub fn enforce(origin: OriginFor<T>, claim: ClaimId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_enforce(claim)
		}

		/// Ends a claim that was upheld and not enforced yet, without consequences. By the admin.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::dismiss())]
		pub fn dismiss(origin: OriginFor<T>, claim: ClaimId) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_dismiss(claim)
		}

		/// Takes back a claim that was upheld and not enforced yet. By who made it.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::withdraw())]
		pub fn withdraw(origin: OriginFor<T>, claim: ClaimId) -> DispatchResult {
			Self::do_withdraw(ensure_signed(origin)?, claim)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The claims that say that a model is a copy.
		pub fn claims_against(copy: ModelId) -> Vec<ClaimId> {
			Pairs::<T>::iter_prefix_values(copy).collect()
		}
	}
}
