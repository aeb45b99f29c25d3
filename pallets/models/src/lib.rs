//! # Models
//!
//! The registry of models: what it takes to run each version, what a request costs, what the model is built
//! on, and who is paid for it.
//!
//! ## Terminology
//!
//! - **Version**: files, a task, a policy on what must agree, and the data that the version is built
//!   on. It never changes; a change is a new version.
//! - **Snapshot**: the batches that a Datanet had when the version was registered.
//! - **Unit of compute**: what a fee counts. An input of so many bytes takes
//!   `1 + bytes / BytesPerUnit` units, rounded down; a model that generates takes
//!   `max_tokens / TOKENS_PER_UNIT` more, rounded up; one that answers from up to `top_k` passages, for
//!   each of `top_k + 1` runs that find out what the passages did, `UNITS_PER_PROMPT` and
//!   `max_tokens / READ_PER_UNIT`, rounded up, besides; whatever the answer.
//! - **Superseded**: said of a version after which a later one was added. Requests made before run it
//!   to their end.
//! - **Descent**: what a model is built on: nothing (a *base*), another model with an adapter, or a *merge* of
//!   several adapters on one model. Each is a model of its own that operators can run; a version of an adapter
//!   may name the adapter's file besides.
//! - **Lineage**: all models that share in a model's part of a fee, with weights that sum up to the whole:
//!   the model and those that it descends from. See [`openledger_primitives::lineage`].
//! - **Royalty**: what a model takes of those that are built on it directly, a part of what they get. Its
//!   bounds are in code: at most [`MAX_ROYALTY`](openledger_primitives::lineage::MAX_ROYALTY), over at most
//!   [`MAX_DEPTH`](openledger_primitives::lineage::MAX_DEPTH) generations and
//!   [`MAX_LINEAGE`](openledger_primitives::lineage::MAX_LINEAGE) models.
//! - **Author**: who registered a model. Reputation goes to the author, whoever owns the model.
//! - **Shares**: a divided model's revenue belongs to its holders by [`SHARES`](types::SHARES). They decide
//!   nothing: price, versions, terms and retirement are the owner's, whoever holds shares.
//! - **Audience**: whom a model answers: everyone, or its owner and those that rent it
//!   ([`Config::Tenants`]).
//! - **Naming**: that a model has a version with an adapter's file. Of two models that name the same file, or
//!   files that turn out to be alike, the original is the one that named its own first, whichever of the models
//!   is older. A model's naming of a file lasts for as long as it keeps a version with it.
//! - **Attestation**: what a trainer says of how a version was trained.
//!
//! ## Lifecycle
//!
//! [`register`](Pallet::register) makes a model with version 0, holds a deposit from its owner and pins
//! its snapshots, so that the data can no longer be withdrawn. [`new_version`](Pallet::new_version)
//! takes effect at once, for requests made from then on; the version before it is kept until no request
//! can be open for it any more, and can then be [removed](Pallet::remove_version). A
//! [paused](Pallet::pause) model takes no new requests. Ownership passes in two steps, an
//! [offer](Pallet::transfer_ownership) and its [acceptance](Pallet::accept_ownership), as the new owner
//! takes over the deposits. A model that has been paused for long enough, has one version left and no
//! descendants can be [retired](Pallet::retire). Deposits come back in full.
//!
//! Whoever registers a model on others needs their consent: they are open, its own, or their owner has
//! [admitted](Pallet::admit) it. Descent, lineage and royalties are fixed in that moment; other
//! [terms](Pallet::set_terms) hold for what is registered later. A [deprecated](Pallet::deprecate) model still
//! answers, and nothing new is built on it.
//!
//! The owner may [name](Pallet::name_trainer) who trained a version, who then may
//! [attest](Pallet::attest) how, once.
//!
//! [`divide`](Pallet::divide) gives a model's revenue to holders of shares, who may
//! [transfer](Pallet::transfer_shares) them. What the model earns from then on is credited to its *revenue
//! account*, which has no key; [`distribute`](Pallet::distribute), by anybody, divides that among the holders,
//! who claim it as any other credit. An owner that holds all shares may [reunite](Pallet::reunite) the model.
//!
//! Whose adapter is found to be a copy of another model's has that one as its ancestor from then on, with the
//! royalty that was asked (see `Originals`, used by `pallet-copies`). Models that are built on the copy
//! already keep the lineage that they have.
//!
//! ## Invariants
//!
//! Checked by `do_try_state`:
//!
//! 1. Every model has an id below [`NextModelId`], a name and a price within the bounds, and is not
//!    offered to its owner.
//! 2. Every version belongs to a model and is not above the model's current one; a model's `versions`
//!    counts those that are kept.
//! 3. The current version of every model is kept and not superseded; every other one is superseded, at a
//!    block that has been.
//! 4. Every version satisfies what [`register`](Pallet::register) demands of its task, its policy, its
//!    files and its Datanets.
//! 5. Every snapshot lies within its Datanet, and all snapshots of a version together within
//!    `MaxSnapshotBatches`.
//! 6. A model's `held` is its deposit and those of its versions, trainings, shares and admitted builders; the
//!    sum of it over an account's models is what this pallet holds from the account.
//! 7. The weights of a lineage sum up to the whole. It begins with its model, whose ancestors have smaller
//!    ids than its own, but for those that were imposed later, ascend, are there, and include all that it
//!    descends from. `depth` is one above the deepest of what it is built on and within its bound; `descendants` counts the other lineages that a model is in.
//! 8. A model is divided if and only if shares in it are held: all of them, at least `MIN_SHARES` by each
//!    holder, none by its own revenue account.
//! 9. A list of admitted builders is not empty, belongs to a model, and has nobody twice.
//! 10. A training belongs to a version that is kept; an attested log has lines.
//! 11. A model's naming of an adapter counts its versions that have that file, one at least, and no two
//!     namings have the same place, all below [`NextNaming`].
//!
//! ## Security considerations
//!
//! - An owner may change the price or the version between a payer's signature and the request's block.
//!   The payer is safe by the fee cap of the request.
//! - `RemovalDelay` must not be below the longest life of a request, from its block to its settlement:
//!   the runtime asserts it. Then the version that a request fixed is there for as long as it is needed.
//! - A snapshot pins batches for good, also those of contributors who would rather withdraw: giving
//!   data to an open Datanet is giving it to be built on.
//! - The owner may add versions while an offer is open, which raises what the new owner takes over; so
//!   the new owner names the most that it accepts. It also says whether the model is divided, as an owner
//!   that kept the shares would sell nothing.
//! - Nothing proves on-chain that a model was built on the data that it names, nor that it was built on no
//!   model but those that it names: a descendant that leaves its base out pays it nothing, until it is shown
//!   that the one's adapter is in the other's.
//! - Who names a file first need not have made it: whoever publishes an adapter before naming it here can be
//!   forestalled. Neither a removed version nor a later royalty counts for anything.
//! - Models could be imposed on each other's relatives in a circle, over several copies. Then none of them can
//!   be retired; what they get of fees is not touched.
//! - An attestation proves only that its trainer said so: the trainer signs it itself, for a version whose
//!   owner named it. It commits both to files that can be checked later.
//! - An ancestor's owner can change nothing for descendants that are there, and takes of new ones no more
//!   than they accept (`max_royalty`). It cannot retire either, for as long as they live; who wants to stay
//!   free to does not open the model, or deprecates it. Blocking it costs a descendant's owner its deposits.
//! - Shares and ownership can be bought, reputation not: the registry names authors apart from takers.
//! - Whatever a revenue account has is divided before shares move, so that neither a buyer nor a seller
//!   gains by who distributes first. Fees of runs that are not settled yet are the buyer's.
//! - A model that is closed to all but its [tenants](openledger_primitives::model::Audience) still finishes what
//!   was begun: open requests, and calls through channels that were opened before, as far as these are funded.
//! - A holder has at least a hundredth, so that nobody can fill the list of holders at no cost.

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
#[cfg(feature = "std")]
pub mod fixtures;
pub mod types;
pub mod weights;

mod checks;
mod control;
mod errors;
mod events;
mod lineage;
mod originals;
mod ownership;
mod registration;
mod registry;
mod shares;
mod training;
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod try_state;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

use frame_support::pallet_macros::import_section;

pub use pallet::*;
pub use types::{Attestation, Descent, Model, Name, SpecInputs, Terms, Version};
pub use weights::WeightInfo;

#[allow(clippy::expect_used, reason = "FRAME's macros use it")]
#[import_section(errors::errors)]
#[import_section(events::events)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use frame_support::{
		dispatch::PostDispatchInfo,
		pallet_prelude::*,
		traits::{fungible, StorageVersion},
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use openledger_primitives::{
		lineage::MAX_LINEAGE,
		model::{Audience, Sampler, Task, MAX_PASSAGES, MAX_TOKENS},
		traits::{DataRegistry, ModelRegistry, RewardCredits, Tenancies},
		Balance, ContentHash, Hash, ModelId,
	};
	use sp_runtime::traits::StaticLookup;
	use types::{Builder, Holdings, Licence, Lineage, Naming, Training, MAX_BUILDERS, MAX_HOLDERS};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(2);

	/// The most models that one can descend from.
	const MAX_ANCESTORS: u32 = MAX_LINEAGE - 1;

	/// The pallet.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the runtime decides.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The token in which deposits are held.
		type Currency: fungible::hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ fungible::Inspect<Self::AccountId, Balance = Balance>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;

		/// The data that models are built on.
		type Data: DataRegistry<Self::AccountId>;

		/// What accounts are credited with for their part of fees.
		type Credits: RewardCredits<Self::AccountId>;

		/// Who rents models.
		type Tenants: Tenancies<Self::AccountId>;

		/// Names the revenue accounts of divided models.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// Held for a model, whatever its name.
		#[pallet::constant]
		type ModelDeposit: Get<Balance>;

		/// Held for each version of a model, whatever its size.
		#[pallet::constant]
		type VersionDeposit: Get<Balance>;

		/// Held for each byte of a model's name and licence, of a version's encoded specification, and of what is
		/// kept for trainings, shares and admitted builders.
		#[pallet::constant]
		type ByteDeposit: Get<Balance>;

		/// The lowest price of a unit of compute.
		#[pallet::constant]
		type MinPrice: Get<Balance>;

		/// The highest price of a unit of compute.
		#[pallet::constant]
		type MaxPrice: Get<Balance>;

		/// How many bytes of input make a unit of compute.
		#[pallet::constant]
		type BytesPerUnit: Get<u32>;

		/// The most batches that a version is built on, over all its Datanets, withdrawn ones included.
		#[pallet::constant]
		type MaxSnapshotBatches: Get<u32>;

		/// For how many blocks a version must have been superseded before it can be removed, and a model
		/// paused before it can be retired. Not below the longest life of a request.
		#[pallet::constant]
		type RemovalDelay: Get<BlockNumberFor<Self>>;

		/// What the calls weigh.
		type WeightInfo: WeightInfo;

		/// What the benchmarks need of the Datanets.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::benchmarking::BenchmarkHelper<Self::AccountId>;
	}

	/// Why funds are held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// For models and their versions, until they are removed or pass to another owner.
		ModelDeposit,
	}

	/// The id of the next model.
	#[pallet::storage]
	pub type NextModelId<T: Config> = StorageValue<_, ModelId, ValueQuery>;

	/// The models.
	#[pallet::storage]
	pub type Models<T: Config> =
		StorageMap<_, Twox64Concat, ModelId, Model<T::AccountId, BlockNumberFor<T>>, OptionQuery>;

	/// The versions of the models, counted from 0.
	#[pallet::storage]
	pub type Versions<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		ModelId,
		Twox64Concat,
		u32,
		Version<BlockNumberFor<T>>,
		OptionQuery,
	>;

	/// Who holds shares in the models that are divided.
	#[pallet::storage]
	pub type Holders<T: Config> =
		StorageMap<_, Twox64Concat, ModelId, Holdings<T::AccountId>, OptionQuery>;

	/// Who may build on models that are not open, besides their owners.
	#[pallet::storage]
	pub type Builders<T: Config> = StorageMap<
		_,
		Twox64Concat,
		ModelId,
		BoundedVec<Builder<T::AccountId>, ConstU32<MAX_BUILDERS>>,
		ValueQuery,
	>;

	/// Who trained versions of models, and what they say about it.
	#[pallet::storage]
	pub type Trainings<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		ModelId,
		Twox64Concat,
		u32,
		Training<T::AccountId>,
		OptionQuery,
	>;

	/// How many namings of adapters there were: the place of the next one.
	#[pallet::storage]
	pub type NextNaming<T: Config> = StorageValue<_, u64, ValueQuery>;

	/// The adapters' files that models' versions name.
	#[pallet::storage]
	pub type Adapters<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		ModelId,
		Blake2_128Concat,
		ContentHash,
		Naming,
		OptionQuery,
	>;

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(
				T::MinPrice::get() <= T::MaxPrice::get(),
				"MinPrice is above MaxPrice"
			);
			assert!(T::BytesPerUnit::get() > 0, "BytesPerUnit divides");
			assert!(
				T::MaxSnapshotBatches::get() > 0,
				"MaxSnapshotBatches leaves no batch"
			);
			let dearest = Task::Answer {
				top_k: MAX_PASSAGES,
				max_tokens: MAX_TOKENS,
				sampler: Sampler::Greedy,
			};
			assert!(
				Self::units_of(dearest, u32::MAX)
					.and_then(|units| T::MaxPrice::get().checked_mul(units.into()))
					.is_some(),
				"the fee of the longest input at MaxPrice overflows"
			);
			assert!(
				Self::deposit_for(T::VersionDeposit::get(), Version::<u64>::max_encoded_len())
					.is_ok(),
				"the deposit of the largest version overflows"
			);
			assert!(
				Self::deposit_for_bytes::<Holdings<T::AccountId>>().is_ok(),
				"the deposit for shares overflows"
			);
			assert!(
				Self::revenue_account(0) != Self::revenue_account(ModelId::MAX),
				"models share a revenue account: account ids are too short"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Registers a model, owned by the signer, from whom its deposits are held. Takes a snapshot of
		/// each Datanet, from which no batch can be withdrawn from now on.
		///
		/// `terms` are for those that build on it, `descent` says what it is built on itself, for good; none of
		/// these models may take more than `max_royalty`, in basis points.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register(
			inputs.datanets.len().try_into().unwrap_or(u32::MAX),
			if *descent == Descent::Base { 0 } else { MAX_ANCESTORS },
		))]
		pub fn register(
			origin: OriginFor<T>,
			name: Name,
			inputs: SpecInputs,
			price_per_unit: Balance,
			terms: Terms,
			descent: Descent,
			max_royalty: u32,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_register(
				who,
				name,
				inputs,
				price_per_unit,
				terms,
				descent,
				max_royalty,
			)
		}

		/// Adds a version to a model, which runs it from now on. By its owner, from whom the version's
		/// deposit is held. Takes new snapshots.
		#[pallet::call_index(1)]
		#[pallet::weight(
			T::WeightInfo::new_version(inputs.datanets.len().try_into().unwrap_or(u32::MAX))
		)]
		pub fn new_version(
			origin: OriginFor<T>,
			model: ModelId,
			inputs: SpecInputs,
		) -> DispatchResult {
			Self::do_new_version(ensure_signed(origin)?, model, inputs)
		}

		/// Removes a version that has been superseded for `RemovalDelay` blocks. By the owner, who gets
		/// its deposit back.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::remove_version())]
		pub fn remove_version(
			origin: OriginFor<T>,
			model: ModelId,
			version: u32,
		) -> DispatchResult {
			Self::do_remove_version(ensure_signed(origin)?, model, version)
		}

		/// Stops taking requests for a model. By its owner. Open requests are not touched.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::pause())]
		pub fn pause(origin: OriginFor<T>, model: ModelId) -> DispatchResult {
			Self::do_pause(ensure_signed(origin)?, model)
		}

		/// Takes requests for a paused model again. By its owner.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::resume())]
		pub fn resume(origin: OriginFor<T>, model: ModelId) -> DispatchResult {
			Self::do_resume(ensure_signed(origin)?, model)
		}

		/// Sets what a unit of compute costs in requests made from now on. By the owner.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::set_price())]
		pub fn set_price(
			origin: OriginFor<T>,
			model: ModelId,
			price_per_unit: Balance,
		) -> DispatchResult {
			Self::do_set_price(ensure_signed(origin)?, model, price_per_unit)
		}

		/// Offers a model to another account, in place of any offer before. By its owner, who stays the
		/// owner until the offer is accepted.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::transfer_ownership())]
		pub fn transfer_ownership(
			origin: OriginFor<T>,
			model: ModelId,
			new_owner: <T::Lookup as StaticLookup>::Source,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_transfer_ownership(who, model, T::Lookup::lookup(new_owner)?)
		}

		/// Takes back the offer of a model. By its owner.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::cancel_transfer())]
		pub fn cancel_transfer(origin: OriginFor<T>, model: ModelId) -> DispatchResult {
			Self::do_cancel_transfer(ensure_signed(origin)?, model)
		}

		/// Takes a model over. By the account that it is offered to, from whom its deposits are held
		/// from now on, in place of the owner before; fails if they are above `max_deposit`, or the model
		/// is divided in shares, or not, other than the signer says.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::accept_ownership())]
		pub fn accept_ownership(
			origin: OriginFor<T>,
			model: ModelId,
			max_deposit: Balance,
			divided: bool,
		) -> DispatchResult {
			Self::do_accept_ownership(ensure_signed(origin)?, model, max_deposit, divided)
		}

		/// Removes a model that has been paused for `RemovalDelay` blocks, has one version left and no
		/// descendants. By its owner, who gets the deposits back. What a divided model has earned is
		/// distributed, and its shares end. The id is not given out again.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::retire(MAX_ANCESTORS, MAX_HOLDERS))]
		pub fn retire(origin: OriginFor<T>, model: ModelId) -> DispatchResultWithPostInfo {
			let (ancestors, holders) = Self::do_retire(ensure_signed(origin)?, model)?;
			Ok(weighed(T::WeightInfo::retire(ancestors, holders)))
		}

		/// Sets on what terms a model is built on from now on. By its owner. Models that are built on it
		/// already pay what they did.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::set_terms())]
		pub fn set_terms(
			origin: OriginFor<T>,
			model: ModelId,
			royalty: u32,
			open: bool,
		) -> DispatchResult {
			Self::do_set_terms(ensure_signed(origin)?, model, royalty, open)
		}

		/// Lets an account build on a model, also while it is not open. By its owner, from whom a deposit is
		/// held for the entry.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::admit())]
		pub fn admit(
			origin: OriginFor<T>,
			model: ModelId,
			builder: <T::Lookup as StaticLookup>::Source,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_admit(who, model, T::Lookup::lookup(builder)?)
		}

		/// Takes an account from the list of those that may build on a model. By its owner, who gets the
		/// deposit for the entry back.
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::dismiss())]
		pub fn dismiss(
			origin: OriginFor<T>,
			model: ModelId,
			builder: <T::Lookup as StaticLookup>::Source,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_dismiss(who, model, T::Lookup::lookup(builder)?)
		}

		/// Says that a model should not be used for anything new: it still answers, and nothing is built on it
		/// from now on. By its owner, who may name another model to be used in its place, and change that
		/// later. It cannot be undone.
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::deprecate())]
		pub fn deprecate(
			origin: OriginFor<T>,
			model: ModelId,
			successor: Option<ModelId>,
		) -> DispatchResult {
			Self::do_deprecate(ensure_signed(origin)?, model, successor)
		}

		/// Says who trained a version, who may then attest. By the model's owner, from whom a deposit is held,
		/// and who may name another one until there is an attestation.
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::name_trainer())]
		pub fn name_trainer(
			origin: OriginFor<T>,
			model: ModelId,
			version: u32,
			trainer: <T::Lookup as StaticLookup>::Source,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_name_trainer(who, model, version, T::Lookup::lookup(trainer)?)
		}

		/// Says how a version was trained. By the trainer that its owner has named, once and for good.
		#[pallet::call_index(15)]
		#[pallet::weight(T::WeightInfo::attest())]
		pub fn attest(
			origin: OriginFor<T>,
			model: ModelId,
			version: u32,
			attestation: Attestation,
		) -> DispatchResult {
			Self::do_attest(ensure_signed(origin)?, model, version, attestation)
		}

		/// Gives a model's revenue from now on to holders of shares. By its owner, from whom a deposit is held.
		#[pallet::call_index(16)]
		#[pallet::weight(T::WeightInfo::divide(holders.len().try_into().unwrap_or(u32::MAX)))]
		pub fn divide(
			origin: OriginFor<T>,
			model: ModelId,
			holders: BoundedVec<(T::AccountId, u32), ConstU32<MAX_HOLDERS>>,
		) -> DispatchResult {
			Self::do_divide(ensure_signed(origin)?, model, holders)
		}

		/// Passes shares on. By who holds them. What the model has earned is distributed before.
		#[pallet::call_index(17)]
		#[pallet::weight(T::WeightInfo::transfer_shares(MAX_HOLDERS))]
		pub fn transfer_shares(
			origin: OriginFor<T>,
			model: ModelId,
			to: <T::Lookup as StaticLookup>::Source,
			amount: u32,
		) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			let holders = Self::do_transfer_shares(who, model, T::Lookup::lookup(to)?, amount)?;
			Ok(weighed(T::WeightInfo::transfer_shares(holders)))
		}

		/// Divides what a model has earned among the holders of its shares. Anybody may call it, and pays for
		/// the transaction.
		#[pallet::call_index(18)]
		#[pallet::weight(T::WeightInfo::distribute(MAX_HOLDERS))]
		pub fn distribute(origin: OriginFor<T>, model: ModelId) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let holders = Self::do_distribute(model)?;
			Ok(weighed(T::WeightInfo::distribute(holders)))
		}

		/// Ends the shares in a model, whose revenue is its owner's from now on. By its owner, who must hold all
		/// of them and gets the deposit back.
		#[pallet::call_index(19)]
		#[pallet::weight(T::WeightInfo::reunite())]
		pub fn reunite(origin: OriginFor<T>, model: ModelId) -> DispatchResult {
			Self::do_reunite(ensure_signed(origin)?, model)
		}

		/// Sets whom a model answers in requests and channels that are opened from now on. By its owner.
		#[pallet::call_index(20)]
		#[pallet::weight(T::WeightInfo::set_audience())]
		pub fn set_audience(
			origin: OriginFor<T>,
			model: ModelId,
			audience: Audience,
		) -> DispatchResult {
			Self::do_set_audience(ensure_signed(origin)?, model, audience)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The version that a request would run, and what the model costs, without the compute, for an
		/// input of so many bytes; `None` if the model is unknown or paused.
		pub fn fee(model: ModelId, input_bytes: u32) -> Option<(u32, Balance)> {
			Self::quoted(model, input_bytes)
				.ok()
				.map(|quote| (quote.version, quote.fee))
		}

		/// What would be held for a model of such a name and licence with such a version 0; `None` if that is
		/// too large to be counted. Whether the model would be taken is another matter.
		pub fn registration_deposit(
			name: Name,
			inputs: SpecInputs,
			licence: Licence,
		) -> Option<Balance> {
			Self::deposit_for_registration(&name, inputs, &licence).ok()
		}

		/// Who shares in a model's part of fees, each with its weight; empty if the model is unknown. A divided
		/// model's is its revenue account.
		pub fn takers(model: ModelId) -> Vec<(T::AccountId, u32)> {
			<Self as ModelRegistry<_>>::royalties(model)
				.into_iter()
				.map(|royalty| (royalty.taker, royalty.weight))
				.collect()
		}

		/// The account that is credited with a model's part of fees while it is divided.
		pub fn revenue_account_of(model: ModelId) -> T::AccountId {
			Self::revenue_account(model)
		}
	}

	/// What a call weighed.
	fn weighed(weight: Weight) -> PostDispatchInfo {
		Some(weight).into()
	}
}
