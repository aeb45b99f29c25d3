//! # Datanets
//!
//! Community data with provenance. The chain keeps who gave which data to which Datanet, and enough to
//! check a copy of it; the data itself stays off-chain.
//!
//! ## Terminology
//!
//! - **Datanet**: a named collection with a field of knowledge, a language and a licence.
//! - **Batch**: rows that one contributor adds at once, known by the Merkle root over the rows and by
//!   the SHA-256 of the batch file. Its id ascends over all Datanets, so that of two batches the smaller
//!   id was there first.
//! - **Place**: a batch's index in its Datanet, given out in ascending order. A withdrawn batch leaves
//!   its place empty for good.
//! - **Pinned**: the first `pinned` places of a Datanet belong to something built on it, and keep their
//!   batches.
//!
//! ## Lifecycle
//!
//! [`create_datanet`](Pallet::create_datanet) holds a deposit from the owner by the size of the
//! description. Anybody may then [`add_batch`](Pallet::add_batch), which holds a deposit by the size of
//! the batch file, and may [`withdraw_batch`](Pallet::withdraw_batch) as long as nothing is built on the
//! batch. Other pallets pin what they build on through
//! [`DataRegistry::pin`](openledger_primitives::traits::DataRegistry::pin); that is never undone, as
//! answers that were paid for go on naming the batch. A Datanet that is empty and was never pinned can
//! be [closed](Pallet::close_datanet). Deposits come back in full.
//!
//! ## Invariants
//!
//! Checked by `do_try_state`:
//!
//! 1. Every Datanet has a description, and every description a Datanet; all ids are below
//!    [`NextDatanetId`].
//! 2. In every Datanet `live <= batches`, `pinned <= batches` and `batches <= MaxBatchesPerDatanet`.
//! 3. Every batch has an id below [`NextBatchId`], and lies in a Datanet that exists, at a place below
//!    the Datanet's `batches` where [`BatchAt`] names it; every entry of [`BatchAt`] names a batch.
//! 4. A Datanet's `live` is the number of its batches.
//! 5. Of two batches in a Datanet the one with the smaller id has the smaller place.
//! 6. [`BatchOfRoot`] and [`BatchOfContent`] name each batch by its root and its content, and nothing
//!    else: no root and no content exists twice.
//! 7. Every batch has rows, bytes and a root, within the bounds.
//! 8. The deposits recorded for an account's Datanets and batches are what this pallet holds from it,
//!    for each reason.
//!
//! ## Security considerations
//!
//! - Nothing proves on-chain that a root, a content hash, a count and a size belong together. Those who
//!   use a batch check its file against all four, and treat a mismatch as data that is not there.
//! - An exact copy is refused whoever brings it, by root and by content. A file changed by one byte has
//!   another content hash and another root: near-duplicates are not told here.
//! - Whoever sees a batch in the transaction pool can send the same one first. A contributor who
//!   publishes the file only once the batch is in a block gives others nothing to serve.
//! - A locator is an address that a stranger chose. Whoever fetches it does so with a limit on size and
//!   time, and not from a place where addresses of its own network mean something.
//! - Empty places are bounded by `MaxBatchesPerDatanet` alone, and each costs its maker two transactions.
//! - Pinning costs the same for any number of batches.

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

pub mod types;
pub mod weights;

mod impls;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
mod text;

pub use pallet::*;
pub use types::{Batch, BatchDetails, Datanet, DatanetDetails, Locator, Metadata};
pub use weights::WeightInfo;

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
	use openledger_primitives::{Balance, BatchId, ContentHash, DatanetId, Hash};

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

		/// Held for a Datanet, whatever its description.
		#[pallet::constant]
		type DatanetDeposit: Get<Balance>;

		/// Held for each byte of a Datanet's encoded description.
		#[pallet::constant]
		type ByteDeposit: Get<Balance>;

		/// Held for a batch: pays for its record at its largest.
		#[pallet::constant]
		type BatchDeposit: Get<Balance>;

		/// Held for each MiB, begun or full, of a batch file.
		#[pallet::constant]
		type MebibyteDeposit: Get<Balance>;

		/// The most rows of a batch.
		#[pallet::constant]
		type MaxRows: Get<u32>;

		/// The most bytes of a batch file.
		#[pallet::constant]
		type MaxBytes: Get<u64>;

		/// The most places of a Datanet, empty ones included.
		#[pallet::constant]
		type MaxBatchesPerDatanet: Get<u32>;

		/// What the calls weigh.
		type WeightInfo: WeightInfo;
	}

	/// Why funds are held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// For a Datanet, until it is closed.
		DatanetDeposit,
		/// For a batch, until it is withdrawn.
		BatchDeposit,
	}

	/// The id of the next Datanet.
	#[pallet::storage]
	pub type NextDatanetId<T: Config> = StorageValue<_, DatanetId, ValueQuery>;

	/// The id of the next batch.
	#[pallet::storage]
	pub type NextBatchId<T: Config> = StorageValue<_, BatchId, ValueQuery>;

	/// The Datanets: owners and counters.
	#[pallet::storage]
	pub type Datanets<T: Config> =
		StorageMap<_, Twox64Concat, DatanetId, Datanet<T::AccountId>, OptionQuery>;

	/// What the Datanets say about themselves. Apart from the counters, which each batch changes.
	#[pallet::storage]
	pub type Descriptions<T: Config> =
		StorageMap<_, Twox64Concat, DatanetId, DatanetDetails, OptionQuery>;

	/// The batches of all Datanets.
	#[pallet::storage]
	pub type Batches<T: Config> =
		StorageMap<_, Twox64Concat, BatchId, Batch<T::AccountId>, OptionQuery>;

	/// The batch at a place of a Datanet.
	#[pallet::storage]
	pub type BatchAt<T: Config> =
		StorageDoubleMap<_, Twox64Concat, DatanetId, Twox64Concat, u32, BatchId, OptionQuery>;

	/// The batch with a Merkle root.
	#[pallet::storage]
	pub type BatchOfRoot<T: Config> = StorageMap<_, Blake2_128Concat, Hash, BatchId, OptionQuery>;

	/// The batch with a content hash.
	#[pallet::storage]
	pub type BatchOfContent<T: Config> =
		StorageMap<_, Blake2_128Concat, ContentHash, BatchId, OptionQuery>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A Datanet was created.
		DatanetCreated {
			/// The Datanet.
			datanet: DatanetId,
			/// Its owner.
			owner: T::AccountId,
			/// What is held from the owner.
			deposit: Balance,
		},
		/// A Datanet's metadata was replaced.
		MetadataUpdated {
			/// The Datanet.
			datanet: DatanetId,
			/// What is held from the owner from now on.
			deposit: Balance,
		},
		/// A Datanet was closed.
		DatanetClosed {
			/// The Datanet.
			datanet: DatanetId,
			/// Its owner.
			owner: T::AccountId,
			/// What was returned to the owner.
			deposit: Balance,
		},
		/// A batch was added.
		BatchAdded {
			/// The batch.
			batch: BatchId,
			/// Its Datanet.
			datanet: DatanetId,
			/// Its place in the Datanet.
			index: u32,
			/// Who added it.
			contributor: T::AccountId,
			/// The Merkle root over its rows.
			root: Hash,
			/// SHA-256 of the batch file.
			content: ContentHash,
			/// How many rows it has.
			rows: u32,
			/// The size of the batch file in bytes.
			bytes: u64,
			/// What is held from the contributor.
			deposit: Balance,
		},
		/// A batch was withdrawn.
		BatchWithdrawn {
			/// The batch.
			batch: BatchId,
			/// Its Datanet.
			datanet: DatanetId,
			/// The place that it leaves empty.
			index: u32,
			/// Who had added it.
			contributor: T::AccountId,
			/// What was returned to the contributor.
			deposit: Balance,
		},
		/// More of a Datanet's batches are built on, and cannot be withdrawn any more.
		BatchesPinned {
			/// The Datanet.
			datanet: DatanetId,
			/// How many places, from the first, are pinned from now on.
			batches: u32,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// No Datanet has this id: look it up in `Datanets`.
		UnknownDatanet,
		/// No batch has this id, or it was withdrawn: look it up in `Batches`.
		UnknownBatch,
		/// Only the owner of the Datanet can do this: sign with its account.
		NotOwner,
		/// Only the contributor of the batch can do this: sign with its account.
		NotContributor,
		/// The name is empty, not UTF-8, or has control characters or white space at its ends.
		BadName,
		/// The metadata has characters other than visible ASCII.
		BadMetadata,
		/// The domain is not made of lower-case letters and digits, joined by single hyphens.
		BadDomain,
		/// The content type is not a media type in lower case without parameters.
		BadContentType,
		/// The language is not a BCP 47 tag.
		BadLanguage,
		/// The licence is not an SPDX identifier.
		BadLicence,
		/// The root is zero: give the Merkle root over the rows.
		NoRoot,
		/// A batch needs at least one row.
		NoRows,
		/// More rows than `MaxRows`: split the batch.
		TooManyRows,
		/// A batch file has at least one byte.
		NoBytes,
		/// More bytes than `MaxBytes`: split the batch.
		TooManyBytes,
		/// The locator is neither empty nor an `http` or `https` address in visible ASCII.
		BadLocator,
		/// A batch with the same rows exists already, see `BatchOfRoot`: add only what is new.
		DuplicateRoot,
		/// A batch with the same file exists already, see `BatchOfContent`: add only what is new.
		DuplicateContent,
		/// The Datanet has given out all its places: use another Datanet.
		DatanetFull,
		/// The Datanet still has batches: they must be withdrawn before it can be closed.
		DatanetNotEmpty,
		/// Something is built on the Datanet: it has to stay.
		DatanetInUse,
		/// Something is built on the batch: it has to stay.
		BatchInUse,
		/// The Datanet has fewer batches than are to be pinned.
		TooFewBatches,
		/// All batches of the Datanet were withdrawn: there is nothing to build on.
		NothingToPin,
		/// The deposit is too large to be counted.
		DepositOverflow,
		/// All ids were given out.
		IdsExhausted,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(T::MaxRows::get() > 0, "MaxRows leaves no batch");
			assert!(T::MaxBytes::get() > 0, "MaxBytes leaves no batch");
			assert!(
				T::MaxBatchesPerDatanet::get() > 0,
				"MaxBatchesPerDatanet leaves no batch"
			);
			assert!(
				Self::deposit_for_batch(T::MaxBytes::get()).is_ok(),
				"the deposit of the largest batch overflows"
			);
			assert!(
				Self::deposit_for_length(DatanetDetails::max_encoded_len()).is_ok(),
				"the deposit of the longest description overflows"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Creates a Datanet, owned by the signer, from whom its deposit is held.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::create_datanet())]
		pub fn create_datanet(origin: OriginFor<T>, details: DatanetDetails) -> DispatchResult {
			Self::do_create_datanet(ensure_signed(origin)?, details)
		}

		/// Replaces a Datanet's metadata. By its owner, whose deposit follows the size.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::update_metadata())]
		pub fn update_metadata(
			origin: OriginFor<T>,
			datanet: DatanetId,
			metadata: Metadata,
		) -> DispatchResult {
			Self::do_update_metadata(ensure_signed(origin)?, datanet, metadata)
		}

		/// Closes a Datanet that holds no batch and on which nothing was ever built. By its owner, who
		/// gets the deposit back.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::close_datanet())]
		pub fn close_datanet(origin: OriginFor<T>, datanet: DatanetId) -> DispatchResult {
			Self::do_close_datanet(ensure_signed(origin)?, datanet)
		}

		/// Adds a batch to a Datanet. By anybody, from whom the batch's deposit is held and who will be
		/// paid for it.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::add_batch())]
		pub fn add_batch(
			origin: OriginFor<T>,
			datanet: DatanetId,
			details: BatchDetails,
		) -> DispatchResult {
			Self::do_add_batch(ensure_signed(origin)?, datanet, details)
		}

		/// Withdraws a batch on which nothing is built. By its contributor, who gets the deposit back.
		/// Its place stays empty; its rows may be added anew.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::withdraw_batch())]
		pub fn withdraw_batch(origin: OriginFor<T>, batch: BatchId) -> DispatchResult {
			Self::do_withdraw_batch(ensure_signed(origin)?, batch)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The batches at a Datanet's places from `from`, at most `limit` places and never more than
		/// 100 of them. Empty places are left out, so that the next page starts at `from + limit`,
		/// whatever came back.
		pub fn batches_of(
			datanet: DatanetId,
			from: u32,
			limit: u32,
		) -> Vec<(BatchId, Batch<T::AccountId>)> {
			Self::page(datanet, from, limit)
		}

		/// Whether `leaf` is the hash of a batch's row, counted from 0, as `proof`, the siblings from
		/// the leaf upwards, shows. `None` if there is no such batch.
		pub fn verify_row(batch: BatchId, row: u32, leaf: Hash, proof: Vec<Hash>) -> Option<bool> {
			Self::includes(batch, row, leaf, proof)
		}

		/// What would be held for a Datanet; `None` if that is too large to be counted.
		pub fn datanet_deposit(details: DatanetDetails) -> Option<Balance> {
			Self::deposit_for_datanet(&details).ok()
		}

		/// What would be held for a batch with a file of so many bytes; `None` if that is too large to
		/// be counted.
		pub fn batch_deposit(bytes: u64) -> Option<Balance> {
			Self::deposit_for_batch(bytes).ok()
		}
	}
}
