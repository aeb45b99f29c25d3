//! # Market
//!
//! Where models and shares in them are sold at a price, and models let for a term.
//!
//! ## Terminology
//!
//! - **Listing**: a model that its owner sells, at a price, to anybody or to one account.
//! - **Share listing**: shares in a divided model that a holder sells, at a price for each.
//! - **Letting terms**: what a day costs, and for how many days ahead a tenant may rent at most. They are for
//!   models that answer [tenants only](openledger_primitives::model::Audience): others need not be rented.
//! - **Rental**: a model that is let to a *tenant*, who may ask it during the term. The fee of each request comes
//!   on top, as it is for everybody.
//! - **Rent**: what the tenant pays for the term. It is held from the start and earned block by block.
//! - **Lapsed**: said of a listing or of terms once their maker does not own the model, or the shares, any more.
//!   Nobody can buy or rent by them, and anybody may remove them.
//!
//! ## Lifecycle
//!
//! 1. An owner [`list`](Pallet::list)s a model; a second call changes the listing. [`buy`](Pallet::buy) pays the
//!    price to the seller, and passes ownership and the deposits in the same call. [`unlist`](Pallet::unlist)
//!    takes the listing back.
//! 2. A holder [lists shares](Pallet::list_shares). Others [buy](Pallet::buy_shares) all or some of them; what
//!    the model has earned is distributed before, by the registry's rule.
//! 3. An owner [publishes terms](Pallet::set_terms), which can be changed and [taken back](Pallet::clear_terms)
//!    at any time for those that rent later. A tenant [`rent`](Pallet::rent)s for some days, and prolongs the
//!    rental by the same call: then what is left of the old rent and the new one are earned evenly over all that
//!    is left of both terms.
//! 4. Anybody [`collect`](Pallet::collect)s what has been earned of a rent, whenever they like. It is divided
//!    like a fee without operators: burn, treasury, the model's lineage, and the contributors of the data that
//!    it is built on. Once the term is over, the same call removes the rental and returns its deposit.
//! 5. No owner can end a rental, or change what was agreed, and a new owner takes it over. The tenant may
//!    [end it](Pallet::end_rental) if it is of no use any more: the model is paused, retired, or answers
//!    everyone. What is not earned by then returns.
//!
//! While a model is paused nothing is earned. Where the tenant does not end the rental and the model is resumed
//! within the term, the rent is earned as if it had never been paused; where it is still paused when the term
//! ends, the rent from the pause on returns.
//!
//! ## Invariants
//!
//! Checked by `do_try_state`:
//!
//! 1. What is held from an account for [`HoldReason::Record`] is the sum of the deposits of its listings, share
//!    listings, terms and rentals.
//! 2. What is held from an account for [`HoldReason::Rent`] is the sum of what its rentals have not earned.
//! 3. Every listing has a price, and is not for its seller alone; every share listing has a price and shares.
//! 4. Letting terms have a price, and a longest term of at least a day and at most [`Config::MaxDays`].
//! 5. The ids of rentals are below [`NextRental`], and no two are the same.
//! 6. Every rental has a rent and a time that are not earned, and none is earned ahead of its time.
//!
//! ## Security considerations
//!
//! - A seller may change a listing, the model and its shares between a buyer's signature and the block. The
//!   buyer says the highest price, the highest deposit (which versions raise), and whether the model is divided:
//!   an owner that kept the shares would sell nothing but decisions. A deprecated model cannot be sold here, as
//!   that cannot be undone either.
//! - A buyer of a model takes over its rentals. What of their rents was not collected before is divided when it
//!   is, and goes to who owns the model then: a seller collects first.
//! - Nobody is kept from letting for a low price and taking the rest off the chain. It buys nothing: each request
//!   still costs its fee, of which the contributors have their part.
//! - Who rents from itself loses burn and treasury shares, and earns no reputation.
//! - Rent pays the data of the version that was rented, so that none that is added later takes it from its
//!   contributors. That version can be removed once it has been superseded for as long as the registry demands, a
//!   day: in that time anybody can collect for them. Later rent is for what the model runs then.
//! - Retiring a model ends what its rentals earn. It takes a day of pause before, in which anybody can collect
//!   for the contributors.
//! - A channel that a tenant has opened runs on after the term, as far as it is funded; it cannot be topped up. Nor
//!   are channels touched that were opened before a model was closed to all but tenants. Who serves them
//!   decides whether to go on.
//! - What a tenant can lose is what is earned until it ends the rental of a paused model that is resumed: it has
//!   all of the pause to do so.

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

#[cfg(test)]
mod mock;
mod money;
mod rentals;
mod sales;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
mod views;

pub use pallet::*;
pub use types::{LettingTerms, Listing, Rental, ShareListing};
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
			fungible::{self, Credit},
			StorageVersion,
		},
	};
	use frame_system::pallet_prelude::*;
	use openledger_primitives::{
		traits::{ModelOwnership, Settlement, Tenancies},
		Balance, ModelId, RentalId,
	};
	use sp_runtime::traits::{CheckedMul, Zero};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	/// A listing of this runtime.
	pub type ListingOf<T> = Listing<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

	/// Letting terms of this runtime.
	pub type TermsOf<T> = LettingTerms<<T as frame_system::Config>::AccountId>;

	/// A rental of this runtime.
	pub type RentalOf<T> = Rental<BlockNumberFor<T>>;

	/// The pallet.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the runtime decides.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The token in which prices are paid, and rents and deposits held.
		type Currency: fungible::MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ fungible::BalancedHold<Self::AccountId>
			+ fungible::Mutate<Self::AccountId>
			+ fungible::Inspect<Self::AccountId, Balance = Balance>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;

		/// What is sold and let.
		type Models: ModelOwnership<Self::AccountId, BlockNumberFor<Self>>;

		/// Divides rents.
		type Settlement: Settlement<Self::AccountId, Fee = Credit<Self::AccountId, Self::Currency>>;

		/// Held for a listing of a model, or of shares, or for letting terms.
		#[pallet::constant]
		type ListingDeposit: Get<Balance>;

		/// Held from a tenant for a rental.
		#[pallet::constant]
		type RentalDeposit: Get<Balance>;

		/// How many blocks a day has. Above zero.
		#[pallet::constant]
		type BlocksPerDay: Get<BlockNumberFor<Self>>;

		/// The most days for which a model is let ahead.
		#[pallet::constant]
		type MaxDays: Get<u32>;

		/// What the calls weigh.
		type WeightInfo: WeightInfo;

		/// What the benchmarks need of the models.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::benchmarking::BenchmarkHelper<Self::AccountId>;
	}

	/// Why funds are held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// For listings, letting terms and rentals, until they are removed.
		Record,
		/// Rent that is not earned, or was not collected.
		Rent,
	}

	/// The models that are for sale.
	#[pallet::storage]
	pub type Listings<T: Config> = StorageMap<_, Twox64Concat, ModelId, ListingOf<T>, OptionQuery>;

	/// The shares that are for sale, by model and seller.
	#[pallet::storage]
	pub type ShareListings<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		ModelId,
		Blake2_128Concat,
		T::AccountId,
		ShareListing<BlockNumberFor<T>>,
		OptionQuery,
	>;

	/// On what terms models are let.
	#[pallet::storage]
	pub type Terms<T: Config> = StorageMap<_, Twox64Concat, ModelId, TermsOf<T>, OptionQuery>;

	/// Who rents what, by model and tenant; also those whose term is over and that were not removed.
	#[pallet::storage]
	pub type Rentals<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		ModelId,
		Blake2_128Concat,
		T::AccountId,
		RentalOf<T>,
		OptionQuery,
	>;

	/// The id of the next rental.
	#[pallet::storage]
	pub type NextRental<T: Config> = StorageValue<_, RentalId, ValueQuery>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A model is for sale, in place of any listing before.
		ModelListed {
			/// The model.
			model: ModelId,
			/// Who sells it.
			seller: T::AccountId,
			/// What it costs.
			price: Balance,
			/// The only account that may buy it, if not anybody may.
			buyer: Option<T::AccountId>,
			/// The first block in which it cannot be bought any more.
			until: Option<BlockNumberFor<T>>,
			/// What is held from the seller.
			deposit: Balance,
		},
		/// A model is not for sale any more.
		ModelUnlisted {
			/// The model.
			model: ModelId,
			/// Who had listed it, and got the deposit back.
			seller: T::AccountId,
		},
		/// A model was sold.
		ModelSold {
			/// The model.
			model: ModelId,
			/// Who owned it.
			seller: T::AccountId,
			/// Who owns it now.
			buyer: T::AccountId,
			/// What the buyer paid the seller.
			price: Balance,
		},
		/// Shares are for sale, in place of any that the seller had listed before.
		SharesListed {
			/// The model.
			model: ModelId,
			/// Who sells them.
			seller: T::AccountId,
			/// How many.
			amount: u32,
			/// What each costs.
			price: Balance,
			/// The first block in which they cannot be bought any more.
			until: Option<BlockNumberFor<T>>,
			/// What is held from the seller.
			deposit: Balance,
		},
		/// Shares are not for sale any more.
		SharesUnlisted {
			/// The model.
			model: ModelId,
			/// Who had listed them, and got the deposit back.
			seller: T::AccountId,
		},
		/// Shares were sold.
		SharesSold {
			/// The model.
			model: ModelId,
			/// Who held them.
			seller: T::AccountId,
			/// Who holds them now.
			buyer: T::AccountId,
			/// How many.
			amount: u32,
			/// What the buyer paid the seller for all of them.
			price: Balance,
		},
		/// A model can be rented on these terms.
		TermsSet {
			/// The model.
			model: ModelId,
			/// Its owner.
			owner: T::AccountId,
			/// What a day costs.
			price_per_day: Balance,
			/// For how many days ahead a tenant may rent it at most.
			max_days: u32,
			/// What is held from the owner.
			deposit: Balance,
		},
		/// A model cannot be rented any more.
		TermsCleared {
			/// The model.
			model: ModelId,
			/// Who had published the terms, and got the deposit back.
			owner: T::AccountId,
		},
		/// A model was rented, or a rental prolonged.
		Rented {
			/// The rental.
			rental: RentalId,
			/// The model.
			model: ModelId,
			/// Who rents it.
			tenant: T::AccountId,
			/// What is held for this term, besides what is left of an earlier one.
			price: Balance,
			/// The first block in which it is over.
			until: BlockNumberFor<T>,
			/// What is held for the record.
			deposit: Balance,
		},
		/// Rent was earned and divided.
		RentCollected {
			/// The rental.
			rental: RentalId,
			/// The model.
			model: ModelId,
			/// Who paid.
			tenant: T::AccountId,
			/// How much.
			amount: Balance,
		},
		/// A rental is over.
		RentalEnded {
			/// The rental.
			rental: RentalId,
			/// The model.
			model: ModelId,
			/// Who rented it, and got the deposit back.
			tenant: T::AccountId,
			/// What the tenant got back of the rent.
			refunded: Balance,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// No model has this id, or it was retired.
		UnknownModel,
		/// Only the owner of the model can do this.
		NotOwner,
		/// The model is not for sale.
		NotListed,
		/// The seller has no shares in the model for sale.
		SharesNotListed,
		/// The seller does not own the model, or any shares in it, any more; or the terms are not those of its
		/// owner. They can be removed.
		Lapsed,
		/// It could be bought until an earlier block.
		Expired,
		/// It would have expired before anybody could buy it: name a later block.
		ExpiresAtOnce,
		/// A deprecated model is not sold here: who wants it all the same is offered it.
		Deprecated,
		/// A price is above zero: what is given away needs no market.
		NoPrice,
		/// Only who has listed it can take it back before it expires or lapses.
		NotSeller,
		/// Nobody sells to itself.
		OwnListing,
		/// The listing is for another account alone.
		NotForSigner,
		/// The price is above what the signer accepts.
		PriceTooHigh,
		/// At least one share is sold.
		NoShares,
		/// There are not so many shares.
		NotEnoughShares,
		/// The model is not to let.
		NotToLet,
		/// The model answers everyone: it need not be rented.
		OpenToEveryone,
		/// The model takes no requests at present: rent it once its owner has resumed it.
		Paused,
		/// A model is let for at least a day.
		NoDays,
		/// With what is left of a rental before, the term is longer than the owner lets the model, or than the
		/// chain lets owners: rent for less, or later.
		TermTooLong,
		/// The account does not rent the model.
		UnknownRental,
		/// Nothing was earned since rent was last collected.
		NothingToCollect,
		/// The tenant is served as agreed, until the term is over.
		StillServed,
		/// The price is too large to be counted.
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
			assert!(T::MaxDays::get() > 0, "MaxDays leaves no rental");
			assert!(
				T::BlocksPerDay::get()
					.checked_mul(&T::MaxDays::get().into())
					.is_some(),
				"the longest rental overflows"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Offers a model for sale, in place of any listing before. By its owner, from whom a deposit is held.
		///
		/// - `price`: what the buyer pays the signer, in units of the token.
		/// - `buyer`: the only account that may buy it, if not anybody may.
		/// - `until`: the first block in which it cannot be bought any more, if there is one.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::list())]
		pub fn list(
			origin: OriginFor<T>,
			model: ModelId,
			price: Balance,
			buyer: Option<T::AccountId>,
			until: Option<BlockNumberFor<T>>,
		) -> DispatchResult {
			Self::do_list(ensure_signed(origin)?, model, price, buyer, until)
		}

		/// Takes a model off the market. By who has listed it; by anybody if the listing has expired or lapsed.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::unlist())]
		pub fn unlist(origin: OriginFor<T>, model: ModelId) -> DispatchResult {
			Self::do_unlist(ensure_signed(origin)?, model)
		}

		/// Buys a model: pays the seller, and takes ownership and deposits over. Fails if the price or the
		/// deposits are above what the signer accepts, or the model is divided in shares, or not, other than the
		/// signer says.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::buy())]
		pub fn buy(
			origin: OriginFor<T>,
			model: ModelId,
			max_price: Balance,
			max_deposit: Balance,
			divided: bool,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_buy(who, model, max_price, max_deposit, divided)
		}

		/// Offers shares in a model for sale, in place of those that the signer had listed before. A deposit is
		/// held.
		///
		/// - `amount`: how many, at most what the signer has.
		/// - `price`: what each costs, in units of the token.
		/// - `until`: the first block in which they cannot be bought any more, if there is one.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::list_shares())]
		pub fn list_shares(
			origin: OriginFor<T>,
			model: ModelId,
			amount: u32,
			price: Balance,
			until: Option<BlockNumberFor<T>>,
		) -> DispatchResult {
			Self::do_list_shares(ensure_signed(origin)?, model, amount, price, until)
		}

		/// Takes shares off the market. By who has listed them; by anybody if the listing has expired or lapsed.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::unlist_shares())]
		pub fn unlist_shares(
			origin: OriginFor<T>,
			model: ModelId,
			seller: T::AccountId,
		) -> DispatchResult {
			Self::do_unlist_shares(ensure_signed(origin)?, model, seller)
		}

		/// Buys some of the shares that `seller` has listed, at no more than `max_price` for each. What the model
		/// has earned is distributed before.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::buy_shares(T::Models::MAX_HOLDERS))]
		pub fn buy_shares(
			origin: OriginFor<T>,
			model: ModelId,
			seller: T::AccountId,
			amount: u32,
			max_price: Balance,
		) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			let holders = Self::do_buy_shares(who, model, seller, amount, max_price)?;
			Ok(Some(T::WeightInfo::buy_shares(holders)).into())
		}

		/// Publishes on what terms a model is let from now on. By its owner, from whom a deposit is held. It can
		/// be rented as long as it answers its tenants only, see `Models::set_audience`.
		///
		/// - `price_per_day`: in units of the token.
		/// - `max_days`: for how many days ahead one tenant may rent it.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::set_terms())]
		pub fn set_terms(
			origin: OriginFor<T>,
			model: ModelId,
			price_per_day: Balance,
			max_days: u32,
		) -> DispatchResult {
			Self::do_set_terms(ensure_signed(origin)?, model, price_per_day, max_days)
		}

		/// Stops letting a model. By who has published the terms; by anybody if they have lapsed. Those that rent
		/// it do so until their terms are over.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::clear_terms())]
		pub fn clear_terms(origin: OriginFor<T>, model: ModelId) -> DispatchResult {
			Self::do_clear_terms(ensure_signed(origin)?, model)
		}

		/// Rents a model for some days from now on, or from the end of the term for which the signer has rented it
		/// already. The rent is held, if it is not above `max_price`, and for a first term a deposit.
		#[pallet::call_index(8)]
		#[pallet::weight(
			T::WeightInfo::rent().saturating_add(T::Settlement::weight_of_rent())
		)]
		pub fn rent(
			origin: OriginFor<T>,
			model: ModelId,
			days: u32,
			max_price: Balance,
		) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			let divided = Self::do_rent(who, model, days, max_price)?;
			Ok(Some(T::WeightInfo::rent().saturating_add(divided)).into())
		}

		/// Divides what a rent has earned, and removes the rental if its term is over. Anybody may call it, and
		/// pays for the transaction.
		#[pallet::call_index(9)]
		#[pallet::weight(
			T::WeightInfo::collect().saturating_add(T::Settlement::weight_of_rent())
		)]
		pub fn collect(
			origin: OriginFor<T>,
			model: ModelId,
			tenant: T::AccountId,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let divided = Self::do_collect(model, tenant)?;
			Ok(Some(T::WeightInfo::collect().saturating_add(divided)).into())
		}

		/// Ends a rental that is of no use any more, as the model is paused, retired, or answers everyone. By the
		/// tenant, who gets back what is not earned.
		#[pallet::call_index(10)]
		#[pallet::weight(
			T::WeightInfo::end_rental().saturating_add(T::Settlement::weight_of_rent())
		)]
		pub fn end_rental(origin: OriginFor<T>, model: ModelId) -> DispatchResultWithPostInfo {
			let divided = Self::do_end_rental(ensure_signed(origin)?, model)?;
			Ok(Some(T::WeightInfo::end_rental().saturating_add(divided)).into())
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// At what a model can be bought now; `None` if it cannot.
		pub fn listing(model: ModelId) -> Option<ListingOf<T>> {
			Self::live_listing(model).ok()
		}

		/// The shares in a model that can be bought now, by their sellers in no particular order: from at most
		/// `limit` listings and never more than 100, after the seller at which the page before ended.
		pub fn shares_for_sale(
			model: ModelId,
			after: Option<T::AccountId>,
			limit: u32,
		) -> Vec<(T::AccountId, ShareListing<BlockNumberFor<T>>)> {
			Self::page_of_shares(model, after, limit)
		}

		/// On what terms a model can be rented now; `None` if it cannot.
		pub fn letting_terms(model: ModelId) -> Option<TermsOf<T>> {
			Self::live_terms(model).ok()
		}

		/// What it costs now to rent a model for so many days; `None` if it cannot be rented so.
		pub fn rent_for(model: ModelId, days: u32) -> Option<Balance> {
			Self::price_of(&Self::live_terms(model).ok()?, days).ok()
		}

		/// Whether an account rents a model now.
		pub fn is_tenant(model: ModelId, who: T::AccountId) -> bool {
			<Self as Tenancies<_>>::is_tenant(model, &who)
		}

		/// What an account has rented; also what is over and was not removed.
		pub fn rental(model: ModelId, who: T::AccountId) -> Option<RentalOf<T>> {
			Rentals::<T>::get(model, who)
		}

		/// The rentals of a model, in no particular order: at most `limit` and never more than 100, after the
		/// tenant that came last on the page before.
		pub fn rentals_of(
			model: ModelId,
			after: Option<T::AccountId>,
			limit: u32,
		) -> Vec<(T::AccountId, RentalOf<T>)> {
			Self::page_of_rentals(model, after, limit)
		}

		/// What [`Pallet::collect`] would divide of a rent now; `None` if the account does not rent the model.
		pub fn earned(model: ModelId, who: T::AccountId) -> Option<Balance> {
			let rental = Rentals::<T>::get(model, who)?;
			Some(Self::account_now(model, &rental).ok()?.earned)
		}
	}
}
