//! # Access
//!
//! Who may read a Datanet's data, for what, and until when: requests, their answers, and grants that
//! stores off-chain verify.
//!
//! ## Terminology
//!
//! - **Request**: an account asks for a Datanet's data for one [purpose](Purpose), a price and a term.
//! - **Grant**: a request that was approved; it keeps the request's id. An account has at most one grant
//!   for a Datanet and a purpose.
//! - **Steward**: an account that answers requests in the owner's place. Stewards serve the owner that
//!   appointed them: when a Datanet changes hands, they are out of office.
//! - **Key**: an X25519 public key, known as an `age1…` recipient. The key that a Datanet's encrypted
//!   files have in common is *wrapped* to it: an `age` file that only the grantee can open.
//!
//! ## Lifecycle
//!
//! 1. [`request_access`](Pallet::request_access) holds the price, at least the Datanet's for the term
//!    unless the purpose is to curate, and a deposit for the record. What the licence forbids cannot be
//!    asked for, see [`licence`].
//! 2. Owner or steward [`approve`](Pallet::approve) or [`refuse`](Pallet::refuse) it. Approved, the price
//!    is paid at once: a share to the treasury; of the rest the owner's share to the owner; all that
//!    remains to the contributors. Refused, [cancelled](Pallet::cancel_request) or expired, everything
//!    returns.
//! 3. A store lets the grantee fetch files on its signature, see [`openledger_primitives::access`], as long as `may_read` says
//!    so. Encrypted data needs the wrapped key as well, from the approval or from
//!    [`hand_over_key`](Pallet::hand_over_key).
//! 4. A second request for the same Datanet and purpose, once approved, prolongs the grant: the new one
//!    takes its place, with the time and the price that were left added to its own.
//! 5. Owner or steward may [`revoke`](Pallet::revoke) a grant. Who does so pays the grantee the price of
//!    the time that is left. A grant that is over is removed by anybody's
//!    [`end_grant`](Pallet::end_grant). Both return the record's deposit to the grantee.
//!
//! ## Invariants
//!
//! Checked by `do_try_state`:
//!
//! 1. What this pallet holds from an account is, for each reason, what its requests, grants and
//!    appointed stewards say.
//! 2. [`GrantOf`] names every grant by its account, Datanet and purpose, and nothing else.
//! 3. [`Records`] names every request and every grant by its Datanet, and nothing else; their ids are
//!    below [`NextId`], and none is both.
//! 4. [`OpenRequests`] counts every account's requests, none of which has no term.
//! 5. Every grant begins before it ends.
//! 6. Nobody appoints no stewards, or one twice.
//!
//! ## Security considerations
//!
//! - A transaction is public before it takes effect, and also if it fails. A wrapped key that comes with
//!   the approval can be read by a requester who makes the approval fail: by cancelling the request in
//!   time, or by having its funds frozen. [`Pallet::approve`] without it and [`Pallet::hand_over_key`]
//!   once the approval is final leave no such gap; the key in the approval is for requesters that one
//!   trusts.
//! - Nothing on-chain can check a wrapped key, or take back what was read: revocation ends what stores
//!   serve from then on. Who wants to shut out a former grantee encrypts later batches to a new key.
//! - A revocation costs its maker the unused part of the whole price, although treasury and contributors
//!   keep theirs: to approve and revoke is always a loss. On the other side a grantee who contributed to
//!   the Datanet has a part of a price back already; so a price far above the Datanet's is a reason to
//!   refuse (`tests/attacks.rs` has the figures).
//! - A steward spends nothing of the owner's, but can give access at the Datanet's lowest price, to
//!   itself as well, and to curate for nothing.
//! - Every record is paid for by a deposit, and an account has at most `MaxRequestsPerAccount` requests
//!   open. No call looks at more than one record of each kind.

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
pub mod licence;
pub mod types;
pub mod weights;

mod impls;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
mod views;

use openledger_primitives::data::Purpose;

pub use pallet::*;
pub use types::{AccessId, AccessKey, Grant, Import, Refusal, Request, Stewards, WrappedKey};
pub use weights::WeightInfo;

/// The pallet's definition: configuration, storage, calls, events, errors and view functions.
#[allow(clippy::expect_used, reason = "FRAME's macros use it")]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible, StorageVersion},
	};
	use frame_system::pallet_prelude::*;
	use openledger_primitives::{traits::AccessRegistry, Balance, DatanetId};
	use sp_runtime::{traits::Zero, Percent};

	use crate::types::MAX_STEWARDS;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	/// A request, as this runtime stores it.
	pub type RequestOf<T> = Request<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

	/// A grant, as this runtime stores it.
	pub type GrantFor<T> = Grant<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

	/// The pallet.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the runtime decides.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The token in which prices are paid and deposits held.
		type Currency: fungible::hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ fungible::Mutate<Self::AccountId>
			+ fungible::Inspect<Self::AccountId, Balance = Balance>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;

		/// The Datanets: their terms, and how their contributors are paid.
		type Data: AccessRegistry<Self::AccountId>;

		/// The treasury's account.
		type TreasuryAccount: Get<Self::AccountId>;

		/// The part of every price that goes to the treasury, rounded down.
		#[pallet::constant]
		type TreasuryShare: Get<Percent>;

		/// Held from the requester for a request, and for the grant that it becomes, at its largest.
		#[pallet::constant]
		type RecordDeposit: Get<Balance>;

		/// Held from the owner for each steward.
		#[pallet::constant]
		type StewardDeposit: Get<Balance>;

		/// How many blocks a day has: what prices per day refer to. Above zero.
		#[pallet::constant]
		type BlocksPerDay: Get<BlockNumberFor<Self>>;

		/// The most blocks that a grant lasts from its approval.
		#[pallet::constant]
		type MaxTerm: Get<BlockNumberFor<Self>>;

		/// For how many blocks a request can be answered.
		#[pallet::constant]
		type RequestPeriod: Get<BlockNumberFor<Self>>;

		/// The most open requests of an account.
		#[pallet::constant]
		type MaxRequestsPerAccount: Get<u32>;

		/// What the calls weigh.
		type WeightInfo: WeightInfo;

		/// What the benchmarks need of the Datanets.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::benchmarking::BenchmarkHelper<Self::AccountId>;
	}

	/// Why funds are held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The price of a request, until it is answered.
		Price,
		/// For a request or a grant, until it is removed.
		RecordDeposit,
		/// For stewards, until they are dismissed.
		StewardDeposit,
	}

	/// The id of the next request.
	#[pallet::storage]
	pub type NextId<T: Config> = StorageValue<_, AccessId, ValueQuery>;

	/// The requests that wait for an answer, and those that expired and were not removed.
	#[pallet::storage]
	pub type Requests<T: Config> = StorageMap<_, Twox64Concat, AccessId, RequestOf<T>, OptionQuery>;

	/// The grants that were not removed, by the ids of their requests.
	#[pallet::storage]
	pub type Grants<T: Config> = StorageMap<_, Twox64Concat, AccessId, GrantFor<T>, OptionQuery>;

	/// The requests and grants of each Datanet.
	#[pallet::storage]
	pub type Records<T: Config> =
		StorageDoubleMap<_, Twox64Concat, DatanetId, Twox64Concat, AccessId, (), OptionQuery>;

	/// An account's grant for a Datanet and a purpose.
	#[pallet::storage]
	pub type GrantOf<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		T::AccountId,
		Twox64Concat,
		(DatanetId, Purpose),
		AccessId,
		OptionQuery,
	>;

	/// How many requests an account has open. Never zero.
	#[pallet::storage]
	pub type OpenRequests<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, u32, ValueQuery>;

	/// Who answers requests in the owner's place.
	#[pallet::storage]
	pub type StewardsOf<T: Config> =
		StorageMap<_, Twox64Concat, DatanetId, Stewards<T::AccountId>, OptionQuery>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An account asked for access.
		AccessRequested {
			/// The request.
			request: AccessId,
			/// The Datanet.
			datanet: DatanetId,
			/// Who asks.
			who: T::AccountId,
			/// What for.
			purpose: Purpose,
			/// To what the Datanet's key is to be wrapped.
			key: AccessKey,
			/// What is held for the access.
			price: Balance,
			/// For how many blocks.
			term: BlockNumberFor<T>,
			/// What is held for the record.
			deposit: Balance,
			/// The first block in which it cannot be approved any more.
			expires_at: BlockNumberFor<T>,
		},
		/// A request was approved and paid: the price is the sum of the three parts.
		AccessGranted {
			/// The request, and the grant from now on.
			grant: AccessId,
			/// The Datanet.
			datanet: DatanetId,
			/// Who has access.
			who: T::AccountId,
			/// What for.
			purpose: Purpose,
			/// The owner or steward that approved it.
			by: T::AccountId,
			/// What the treasury got.
			treasury: Balance,
			/// What the owner got.
			owner: Balance,
			/// What the contributors got.
			contributors: Balance,
			/// The first block in which it is over.
			until: BlockNumberFor<T>,
			/// The grant whose place it takes.
			replaces: Option<AccessId>,
		},
		/// A request was refused, and everything returned.
		RequestRefused {
			/// The request.
			request: AccessId,
			/// The Datanet.
			datanet: DatanetId,
			/// Who had asked.
			who: T::AccountId,
			/// The owner or steward that refused it.
			by: T::AccountId,
			/// Why, in UTF-8.
			reason: Refusal,
		},
		/// A request was cancelled by its maker, or removed because it had expired, and everything
		/// returned.
		RequestCancelled {
			/// The request.
			request: AccessId,
			/// The Datanet.
			datanet: DatanetId,
			/// Who had asked.
			who: T::AccountId,
		},
		/// A Datanet's key was wrapped to a grantee's.
		KeyHandedOver {
			/// The grant.
			grant: AccessId,
			/// The Datanet.
			datanet: DatanetId,
			/// The owner or steward that did it.
			by: T::AccountId,
		},
		/// A grant was revoked.
		GrantRevoked {
			/// The grant.
			grant: AccessId,
			/// The Datanet.
			datanet: DatanetId,
			/// Who had it.
			who: T::AccountId,
			/// The owner or steward that revoked it.
			by: T::AccountId,
			/// What `by` paid `who` for the time that was left.
			refund: Balance,
		},
		/// A grant was over and was removed.
		GrantEnded {
			/// The grant.
			grant: AccessId,
			/// The Datanet.
			datanet: DatanetId,
			/// Who had it.
			who: T::AccountId,
		},
		/// A Datanet's owner appointed stewards, in place of all that it had.
		StewardsSet {
			/// The Datanet.
			datanet: DatanetId,
			/// Its owner.
			by: T::AccountId,
			/// Who they are.
			stewards: Vec<T::AccountId>,
			/// What is held from the owner.
			deposit: Balance,
		},
		/// A Datanet has no stewards any more.
		StewardsDismissed {
			/// The Datanet.
			datanet: DatanetId,
			/// Who had appointed them, and got the deposit back.
			by: T::AccountId,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// No Datanet has this id: it may have been closed.
		UnknownDatanet,
		/// No request has this id, or it was answered or cancelled: look it up in `Requests`.
		UnknownRequest,
		/// No grant has this id, or it was revoked, replaced or ended: look it up in `Grants`.
		UnknownGrant,
		/// The Datanet has no stewards.
		NoStewards,
		/// Only the owner of the Datanet can do this: sign with its account.
		NotOwner,
		/// Only the Datanet's owner and its stewards can do this: sign with such an account.
		NotOwnerOrSteward,
		/// Only its maker can cancel a request before it expires.
		NotRequester,
		/// Only the owner and who appointed them can dismiss stewards.
		NotAppointer,
		/// Access needs a term of at least one block.
		NoTerm,
		/// The term, with what is left of a grant that it prolongs, is beyond `MaxTerm`: ask for less,
		/// or later.
		TermTooLong,
		/// The key is zero: give the X25519 public key of an `age1…` recipient.
		BadKey,
		/// The price is below the Datanet's for the term: see `lowest_price`.
		PriceTooLow,
		/// The Datanet's licence forbids the purpose: ask for another purpose, or its contributors for
		/// another licence.
		LicenceForbids,
		/// The account has `MaxRequestsPerAccount` requests open: cancel one, or wait for an answer.
		TooManyRequests,
		/// The request has expired: it can be cancelled, and made anew.
		RequestExpired,
		/// A wrapped key has at least one byte.
		NoKey,
		/// The grant is over: it can only be ended.
		GrantOver,
		/// The grant is not over yet: wait, or revoke it.
		GrantNotOver,
		/// An account is named twice as a steward.
		DuplicateSteward,
		/// The price or the deposit is too large to be counted.
		AmountOverflow,
		/// All ids were given out.
		IdsExhausted,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(
				!T::BlocksPerDay::get().is_zero(),
				"BlocksPerDay must not be zero"
			);
			assert!(!T::MaxTerm::get().is_zero(), "MaxTerm leaves no grant");
			assert!(
				!T::RequestPeriod::get().is_zero(),
				"RequestPeriod leaves no time for an answer"
			);
			assert!(
				T::MaxRequestsPerAccount::get() > 0,
				"MaxRequestsPerAccount leaves no request"
			);
			assert!(
				T::StewardDeposit::get()
					.checked_mul(MAX_STEWARDS.into())
					.is_some(),
				"the deposit of all stewards overflows"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Asks for a Datanet's data for `purpose`, for `term` blocks from the approval on. Holds `price`,
		/// at least the Datanet's price for the term unless the purpose is to curate, and a deposit.
		/// `key` is the X25519 public key to which the Datanet's key is to be wrapped.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::request_access())]
		pub fn request_access(
			origin: OriginFor<T>,
			datanet: DatanetId,
			purpose: Purpose,
			#[pallet::compact] price: Balance,
			term: BlockNumberFor<T>,
			key: AccessKey,
		) -> DispatchResult {
			Self::do_request(ensure_signed(origin)?, datanet, purpose, price, term, key)
		}

		/// Approves a request, which is paid at once and becomes a grant. By the Datanet's owner or a
		/// steward. Fails, and nothing moves, if a part of the price goes to contributors and there are
		/// none.
		///
		/// `wrapped_key` is public as soon as the transaction is sent: leave it out, and hand it over
		/// once the approval is final, if the requester might cancel in between.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::approve())]
		pub fn approve(
			origin: OriginFor<T>,
			request: AccessId,
			wrapped_key: Option<WrappedKey>,
		) -> DispatchResult {
			Self::do_approve(ensure_signed(origin)?, request, wrapped_key)
		}

		/// Refuses a request, which returns everything to the requester. By the Datanet's owner or a
		/// steward.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::refuse())]
		pub fn refuse(origin: OriginFor<T>, request: AccessId, reason: Refusal) -> DispatchResult {
			Self::do_refuse(ensure_signed(origin)?, request, reason)
		}

		/// Removes a request and returns everything to its maker. By its maker; by anybody once it has
		/// expired.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::cancel_request())]
		pub fn cancel_request(origin: OriginFor<T>, request: AccessId) -> DispatchResult {
			Self::do_cancel(ensure_signed(origin)?, request)
		}

		/// Hands the Datanet's key over to a grantee, in place of what was handed over before. By the
		/// Datanet's owner or a steward.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::hand_over_key())]
		pub fn hand_over_key(
			origin: OriginFor<T>,
			grant: AccessId,
			wrapped_key: WrappedKey,
		) -> DispatchResult {
			Self::do_hand_over(ensure_signed(origin)?, grant, wrapped_key)
		}

		/// Ends a grant at once. By the Datanet's owner or a steward, who pays the grantee the price of
		/// the time that is left, rounded up: see `refund_of`.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::revoke())]
		pub fn revoke(origin: OriginFor<T>, grant: AccessId) -> DispatchResult {
			Self::do_revoke(ensure_signed(origin)?, grant)
		}

		/// Removes a grant that is over, and returns its deposit to the grantee. By anybody.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::end_grant())]
		pub fn end_grant(origin: OriginFor<T>, grant: AccessId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_end(grant)
		}

		/// Appoints a Datanet's stewards in place of all that it had, and holds a deposit for each. By
		/// its owner. With none, it only dismisses.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::set_stewards())]
		pub fn set_stewards(
			origin: OriginFor<T>,
			datanet: DatanetId,
			stewards: BoundedVec<T::AccountId, ConstU32<MAX_STEWARDS>>,
		) -> DispatchResult {
			Self::do_set_stewards(ensure_signed(origin)?, datanet, stewards)
		}

		/// Dismisses a Datanet's stewards, and returns the deposit to who appointed them. By the owner,
		/// or by who appointed them, owner or not.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::dismiss_stewards())]
		pub fn dismiss_stewards(origin: OriginFor<T>, datanet: DatanetId) -> DispatchResult {
			Self::do_dismiss_stewards(ensure_signed(origin)?, datanet)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// A Datanet's requests, in no particular order: at most `limit` and never more than 100, after
		/// the one that came last on the page before. Expired ones are among them until removed.
		pub fn requests_of(
			datanet: DatanetId,
			after: Option<AccessId>,
			limit: u32,
		) -> Vec<(AccessId, RequestOf<T>)> {
			Self::page_of(datanet, after, limit, Requests::<T>::get)
		}

		/// A Datanet's grants, in no particular order: at most `limit` and never more than 100, after the
		/// one that came last on the page before. Those that are over are among them until removed.
		pub fn grants_of(
			datanet: DatanetId,
			after: Option<AccessId>,
			limit: u32,
		) -> Vec<(AccessId, GrantFor<T>)> {
			Self::page_of(datanet, after, limit, Grants::<T>::get)
		}

		/// An account's grant for a Datanet and a purpose, over or not.
		pub fn grant_of(
			datanet: DatanetId,
			who: T::AccountId,
			purpose: Purpose,
		) -> Option<(AccessId, GrantFor<T>)> {
			Self::grant(&who, datanet, purpose)
		}

		/// The first block in which `who` may not read a Datanet's data any more, for whatever purpose;
		/// `None` if it may not now. What a store asks before it serves.
		pub fn may_read(who: T::AccountId, datanet: DatanetId) -> Option<BlockNumberFor<T>> {
			Self::readable_until(&who, datanet)
		}

		/// The Datanets that `who` may train on now, in no particular order: at most `limit` and never
		/// more than 100, after the one that came last on the page before.
		pub fn imports_of(
			who: T::AccountId,
			after: Option<DatanetId>,
			limit: u32,
		) -> Vec<Import<BlockNumberFor<T>>> {
			Self::imports(&who, after, limit)
		}

		/// The lowest price of a Datanet's data for a purpose and so many blocks; `None` if there is no
		/// such Datanet, its licence forbids the purpose, or the price is too large to be counted.
		pub fn lowest_price(
			datanet: DatanetId,
			purpose: Purpose,
			term: BlockNumberFor<T>,
		) -> Option<Balance> {
			Self::lowest(datanet, purpose, term).ok()
		}

		/// What it would cost to revoke a grant now; `None` if there is none or it is over.
		pub fn refund_of(grant: AccessId) -> Option<Balance> {
			Self::refund(grant)
		}

		/// Who answers requests in the owner's place now.
		pub fn stewards_of(datanet: DatanetId) -> Vec<T::AccountId> {
			Self::stewards(datanet)
		}
	}
}
