//! # Models
//!
//! The registry of models: what it takes to run each version, what a request costs, and who is paid for
//! the model.
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
//!
//! ## Lifecycle
//!
//! [`register`](Pallet::register) makes a model with version 0, holds a deposit from its owner and pins
//! its snapshots, so that the data can no longer be withdrawn. [`new_version`](Pallet::new_version)
//! takes effect at once, for requests made from then on; the version before it is kept until no request
//! can be open for it any more, and can then be [removed](Pallet::remove_version). A
//! [paused](Pallet::pause) model takes no new requests. Ownership passes in two steps, an
//! [offer](Pallet::transfer_ownership) and its [acceptance](Pallet::accept_ownership), as the new owner
//! takes over the deposits. A model that has been paused for long enough and has one version left can be
//! [retired](Pallet::retire). Deposits come back in full.
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
//! 6. A model's `held` is its deposit and those of its versions; the sum of it over an account's models
//!    is what this pallet holds from the account.
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
//!   the new owner names the most that it accepts.
//! - Nothing proves on-chain that a model was built on the data that it names.

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
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use types::{Model, Name, SpecInputs, Version};
pub use weights::WeightInfo;

#[allow(clippy::expect_used, reason = "FRAME's macros use it")]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible, StorageVersion},
	};
	use frame_system::pallet_prelude::*;
	use openledger_primitives::{
		model::{Sampler, Task, MAX_PASSAGES, MAX_TOKENS},
		traits::DataRegistry,
		Balance, Hash, ModelId,
	};
	use sp_runtime::traits::StaticLookup;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

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

		/// Held for a model, whatever its name.
		#[pallet::constant]
		type ModelDeposit: Get<Balance>;

		/// Held for each version of a model, whatever its size.
		#[pallet::constant]
		type VersionDeposit: Get<Balance>;

		/// Held for each byte of a model's name and of a version's encoded specification.
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

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A model was registered, with version 0.
		ModelRegistered {
			/// The model.
			model: ModelId,
			/// Its owner.
			owner: T::AccountId,
			/// Identifies version 0 to an inference service.
			spec_id: Hash,
			/// What a unit of compute costs.
			price_per_unit: Balance,
			/// What is held from the owner.
			deposit: Balance,
		},
		/// A version was added and is now the current one.
		VersionAdded {
			/// The model.
			model: ModelId,
			/// The version.
			version: u32,
			/// Identifies the version to an inference service.
			spec_id: Hash,
			/// What is held from the owner for the version.
			deposit: Balance,
		},
		/// A superseded version was removed.
		VersionRemoved {
			/// The model.
			model: ModelId,
			/// The version.
			version: u32,
			/// What was returned to the owner.
			deposit: Balance,
		},
		/// A model takes no requests from now on.
		ModelPaused {
			/// The model.
			model: ModelId,
		},
		/// A model takes requests again.
		ModelResumed {
			/// The model.
			model: ModelId,
		},
		/// A model has another price from now on.
		PriceSet {
			/// The model.
			model: ModelId,
			/// What a unit of compute costs.
			price_per_unit: Balance,
		},
		/// A model was offered to another account.
		OwnershipOffered {
			/// The model.
			model: ModelId,
			/// The account.
			to: T::AccountId,
		},
		/// An offer was taken back.
		OfferCancelled {
			/// The model.
			model: ModelId,
		},
		/// A model has another owner.
		OwnershipTransferred {
			/// The model.
			model: ModelId,
			/// The owner before, to whom the deposit was returned.
			from: T::AccountId,
			/// The owner from now on, from whom the deposit is held.
			to: T::AccountId,
			/// The deposit.
			deposit: Balance,
		},
		/// A model was retired.
		ModelRetired {
			/// The model.
			model: ModelId,
			/// Its owner.
			owner: T::AccountId,
			/// What was returned to the owner.
			deposit: Balance,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// No model has this id: look it up in `Models`.
		UnknownModel,
		/// The model has no such version, or it was removed: look it up in `Versions`.
		UnknownVersion,
		/// Only the owner of the model can do this: sign with its account.
		NotOwner,
		/// The model is not offered to the signer: its owner has to offer it first.
		NotOffered,
		/// The name is empty, not UTF-8, or has control characters or white space at its ends.
		BadName,
		/// A search returns at least 1 passage, and at most `MAX_TOP_K`; an answer is made from at least 1,
		/// and at most `MAX_PASSAGES`.
		BadTopK,
		/// A model generates at least 1 token, and at most `MAX_TOKENS`.
		BadMaxTokens,
		/// A sampler's temperature is at most `MAX_TEMPERATURE`, its `top_k` at most `MAX_SAMPLED`, its
		/// `top_p` at most one million, and none of them is zero.
		BadSampler,
		/// A search is compared bit by bit: give it the exact policy.
		NothingToCompare,
		/// The distance that the policy tolerates is zero or above `MAX_DISTANCE`: calibrate it, or take
		/// the exact policy.
		BadDistance,
		/// The files are not those of the task: a search takes one graph and one tokenizer, generation
		/// one file that describes it besides, and answers from passages one more graph and tokenizer, of
		/// the kinds `Retriever` and `RetrieverTokenizer`.
		WrongArtifacts,
		/// A file is named twice: leave one out.
		DuplicateArtifact,
		/// The task needs data: name at least one Datanet.
		NoDatanets,
		/// A Datanet is named twice: leave one out.
		DuplicateDatanet,
		/// One of the Datanets does not exist.
		UnknownDatanet,
		/// One of the Datanets has no batches yet.
		EmptyDatanet,
		/// The Datanets have more batches than `MaxSnapshotBatches`: name fewer of them.
		TooManyBatches,
		/// The price is below `MinPrice`.
		PriceTooLow,
		/// The price is above `MaxPrice`.
		PriceTooHigh,
		/// The model takes no requests at present: try again once its owner has resumed it.
		Paused,
		/// The model is not paused.
		NotPaused,
		/// The model is paused already.
		AlreadyPaused,
		/// The signer owns the model already.
		AlreadyOwner,
		/// The model is not offered to anybody.
		NoOffer,
		/// The version is the current one: add another first.
		VersionInUse,
		/// Requests may still be open: wait until `RemovalDelay` blocks have passed.
		TooEarly,
		/// The model has superseded versions: remove them first.
		OldVersionsLeft,
		/// The deposit to be taken over is above what the signer accepts.
		DepositTooHigh,
		/// The deposit is too large to be counted.
		DepositOverflow,
		/// The fee is too large to be counted.
		FeeOverflow,
		/// All ids, or all version numbers, were given out.
		IdsExhausted,
		/// The scores of an answer's citations are compared bit by bit, as they decide who is paid: give
		/// it the exact policy.
		ScoresNotTolerated,
	}

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
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register(inputs.datanets.len().try_into().unwrap_or(u32::MAX)))]
		pub fn register(
			origin: OriginFor<T>,
			name: Name,
			inputs: SpecInputs,
			price_per_unit: Balance,
		) -> DispatchResult {
			Self::do_register(ensure_signed(origin)?, name, inputs, price_per_unit)
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
		/// from now on, in place of the owner before; fails if they are above `max_deposit`.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::accept_ownership())]
		pub fn accept_ownership(
			origin: OriginFor<T>,
			model: ModelId,
			max_deposit: Balance,
		) -> DispatchResult {
			Self::do_accept_ownership(ensure_signed(origin)?, model, max_deposit)
		}

		/// Removes a model that has been paused for `RemovalDelay` blocks and has one version left. By
		/// its owner, who gets the deposits back. The id is not given out again.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::retire())]
		pub fn retire(origin: OriginFor<T>, model: ModelId) -> DispatchResult {
			Self::do_retire(ensure_signed(origin)?, model)
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

		/// What would be held for a model of such a name with such a version 0; `None` if that is too
		/// large to be counted. Whether the model would be taken is another matter.
		pub fn registration_deposit(name: Name, inputs: SpecInputs) -> Option<Balance> {
			Self::deposit_for_registration(&name, inputs).ok()
		}
	}
}
