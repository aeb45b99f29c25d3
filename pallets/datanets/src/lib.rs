//! # Datanets
//!
//! Community data with provenance. The chain keeps who gave which data to which Datanet, and enough to
//! check a copy of it; the data itself stays off-chain, but for small files.
//!
//! ## Terminology
//!
//! - **Datanet**: a named collection with a field of knowledge, a language, a licence, the fields of its
//!   rows, and *rules*: who may contribute, how batches are judged, what is held for them, what access
//!   costs.
//! - **Batch**: rows that one contributor adds at once, known by the Merkle root over the rows and by
//!   the SHA-256 of the batch file. Its id ascends over all Datanets, so that of two batches the smaller
//!   id was there first.
//! - **Pending**: a batch that waits for its jury. It has no place yet, and nothing is built on it.
//! - **Place**: an accepted batch's index in its Datanet, given out in the order of acceptance. A
//!   withdrawn batch leaves its place empty for good.
//! - **Pinned**: the first `pinned` places of a Datanet belong to something built on it, and keep their
//!   batches.
//! - **Cluster**: batches of a Datanet that duplicate each other, as juries or proofs found. Each but the
//!   *head*, the earliest, is linked to an earlier one. Only the head is paid.
//! - **Pool**: what is paid for access to a Datanet, less the owner's part. It is divided among the heads
//!   by their scores.
//! - **Reservation**: a commitment to a batch, made before the batch is shown to anybody.
//!
//! ## Lifecycle
//!
//! [`create_datanet`](Pallet::create_datanet) holds a deposit from the owner by the size of the
//! description. The owner can [propose](Pallet::propose_rules) other rules, which hold after
//! `RulesNotice` blocks and never for batches that are there already, and can
//! [offer](Pallet::offer_ownership) the Datanet to somebody who [accepts](Pallet::accept_ownership) it
//! with its deposits. Who may contribute then [adds](Pallet::add_batch) batches, which holds a deposit by
//! the size of the file. Curated batches are pending until a jury has
//! [decided](openledger_primitives::traits::Submissions::decide): an accepted one gets its place, a
//! rejected one is removed and its deposit is the treasury's. Where the owner vouches for those that are
//! listed, batches are accepted at once.
//!
//! A contributor may [withdraw](Pallet::withdraw_batch) a pending batch until a jury is drawn, and an
//! accepted one as long as nothing is built on it and nothing is linked to it. Other pallets pin what
//! they build on through [`DataRegistry::pin`](openledger_primitives::traits::DataRegistry::pin); that is
//! never undone, as answers that were paid for go on naming the batch. A Datanet that is empty and was
//! never pinned can be [closed](Pallet::close_datanet). Deposits come back in full.
//!
//! What turns out to be illegal, or stolen, governance [bans](Pallet::ban_batch), whether or not something is
//! built on it. A *banned* batch keeps its place, its links, its root and its content, so that snapshots
//! stay what they were and nobody adds it anew; but the chain does not say any longer where its file is,
//! or keep an inline one, and nobody is paid for it. What it earned and nobody claimed goes to the others
//! with the next payment. Its record stays for good, which its deposit pays for: the treasury gets it.
//! Duplicates that hang below it are not paid either; if it hangs below an earlier one, that one is, unless
//! it is banned too. A *frozen* Datanet takes no new batches, until governance
//! [says](Pallet::set_frozen) otherwise.
//!
//! A contributor who fears that others copy the batch out of the transaction pool
//! [reserves](Pallet::reserve) it in an earlier block. Should another one's copy be first, the contributor
//! [claims](Pallet::claim_batch) it, and the copier loses the deposit.
//!
//! ## Invariants
//!
//! Checked by `do_try_state`:
//!
//! 1. Every Datanet has a description and rules, and every description, rules, list, pool and freeze a Datanet;
//!    all ids are below [`NextDatanetId`]; none is offered to its owner.
//! 2. In every Datanet `live <= batches`, `pinned <= batches`, `batches + pending <=
//!    MaxBatchesPerDatanet` and `pending <= MaxPending`.
//! 3. Every batch has an id below [`NextBatchId`], and lies in a Datanet that exists; an accepted or
//!    banned one at a place below the Datanet's `batches` where [`BatchAt`] names it. Every entry of [`BatchAt`] names
//!    such a batch.
//! 4. A Datanet's `live` is the number of its accepted and banned batches, `pending` that of its pending ones,
//!    `listed` that of its listed contributors, and `list_deposit` the sum of their deposits.
//! 5. Every batch is in exactly one cluster: the walk from it along [`Links`] goes over ever smaller ids
//!    of accepted batches of its Datanet, and ends at the head in at most [`MAX_CLUSTER_DEPTH`] steps.
//!    Every link counts exactly what hangs directly below it, by height.
//! 6. [`BatchOfRoot`] and [`BatchOfContent`] name each batch by its root and its content, and nothing
//!    else: no root and no content exists twice.
//! 7. Every batch has rows, bytes, a root and a score within the bounds; so have all rules, present and
//!    proposed.
//! 8. The deposits recorded for an account's Datanets, batches and reservations are what this pallet
//!    holds from it, for each reason.
//! 9. A pool's `shares` are the scores of its Datanet's heads; its `balance` is what they can claim and
//!    the remainder; [`TotalIncome`] is the sum over all pools, and the pot holds that and its
//!    existential deposit.
//!
//! ## Security considerations
//!
//! - Nothing proves on-chain that a root, a content hash, a count and a size belong together, except for
//!   the content of an inline file. Curators, and those who use a batch, check its file against all four,
//!   and treat a mismatch as junk, or as data that is not there.
//! - An exact copy is refused whoever brings it, by root and by content. A file changed by one byte has
//!   another content hash and another root: that is what clusters are for.
//! - Whoever sees a batch in the transaction pool can send the same one first. A reservation made in an
//!   earlier block than the batch was added is proof that its maker had the batch before. For
//!   `WithdrawalDelay` blocks the copier cannot run away from the claim with the deposit. The claimant
//!   gets what the batch earned and nobody claimed; what the copier claimed or was credited before, the
//!   copier keeps: claim while the batch is pending. Who publishes the file only once the batch is in a
//!   block gives others nothing to serve, and nothing to change a little and give first; an inline file
//!   is published by its transaction. A reservation is a claim to be the first: for public data, the
//!   first to reserve wins, at a deposit for each guess, for `ReservationPeriod` blocks.
//! - `MaxPending` bounds what a spammer makes juries do and the chain keep. A spammer can fill it and
//!   take the batches back before a jury is drawn, which costs fees only; the owner's answer is a higher
//!   deposit, or a list.
//! - A batch accepted on an owner's word earns no points. It has shares in the pool, at the highest score:
//!   contributors to a Datanet whose owner vouches trust the owner not to dilute them.
//! - Someone who gives copies of a batch and has them linked to it keeps it from being withdrawn. It
//!   costs a deposit, and a jury that accepts the copy.
//! - Heads can only be joined while the later one's tree is less than [`MAX_CLUSTER_DEPTH`] high. Anybody
//!   can [`compress`](Pallet::compress) the way of the lowest batches to make room; what was found waits
//!   for that. A branch takes its maker as many batches and reports as it has steps, and who compresses it
//!   one call.
//! - A locator is an address that a stranger chose. Whoever fetches it does so with a limit on size and
//!   time, and not from a place where addresses of its own network mean something.
//! - What is in old blocks, archives and other people's stores no call takes away: a ban takes data out of the
//!   state, and money out of it. Whoever sees a ban coming claims the income first; any account may.
//! - Empty places are bounded by `MaxBatchesPerDatanet` alone, and each costs its maker two transactions.
//! - No call costs more for more batches.

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

#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
#[cfg(feature = "std")]
pub mod config_preludes;
#[cfg(feature = "std")]
pub mod fixtures;

mod errors;
mod events;
mod impls;
mod locator;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
mod text;

use frame_support::pallet_macros::import_section;

pub use impls::reservations::{reservation_commitment, RESERVATION_DOMAIN};
pub use pallet::*;
pub use types::{
	Batch, BatchDetails, BatchState, Contributors, Datanet, DatanetDetails, DatanetRules, Field,
	FieldKind, Link, Metadata, Pool, Proposal, Reservation, Rules, MAX_CLUSTER_DEPTH,
};
pub use weights::WeightInfo;

/// A batch of a runtime.
pub type BatchOf<T> =
	Batch<<T as frame_system::Config>::AccountId, frame_system::pallet_prelude::BlockNumberFor<T>>;

#[allow(clippy::expect_used, reason = "FRAME's macros use it")]
#[import_section(errors::errors)]
#[import_section(events::events)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{self, Inspect as _},
			StorageVersion,
		},
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use openledger_primitives::{
		data::{Reason, MAX_INLINE},
		traits::{Curation, PointsSink, ReputationSink},
		Balance, BatchId, ContentHash, DatanetId, Hash,
	};
	use sp_runtime::{traits::StaticLookup, Percent};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// The pallet.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the runtime decides.
	#[pallet::config(with_default)]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The token in which deposits are held and access is paid.
		#[pallet::no_default]
		type Currency: fungible::hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ fungible::Mutate<Self::AccountId, Balance = Balance>;

		/// The runtime's reasons for holds.
		#[pallet::no_default]
		type RuntimeHoldReason: From<HoldReason>;

		/// Who judges batches.
		#[pallet::no_default_bounds]
		type Curation: Curation<Self::AccountId>;

		/// Takes note of accepted batches.
		#[pallet::no_default_bounds]
		type Points: PointsSink<Self::AccountId>;

		/// Where contributors of rejected batches lose standing.
		#[pallet::no_default_bounds]
		type Reputation: ReputationSink<Self::AccountId>;

		/// The treasury's account: gets the deposits of rejected and of claimed batches.
		#[pallet::no_default]
		type TreasuryAccount: Get<Self::AccountId>;

		/// Who bans batches and freezes Datanets.
		#[pallet::no_default_bounds]
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Names the pot's account, which holds what was paid for access and not yet claimed.
		/// Genesis gives it its existential deposit.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// Held for a Datanet, whatever its description.
		#[pallet::constant]
		type DatanetDeposit: Get<Balance>;

		/// Held for each byte of a Datanet's encoded description, and of an inline batch file.
		#[pallet::constant]
		type ByteDeposit: Get<Balance>;

		/// The lowest deposit for a batch: pays for its record at its largest, without an inline file,
		/// and for its place in a cluster. At least the existential deposit.
		#[pallet::constant]
		type BatchDeposit: Get<Balance>;

		/// The lowest deposit for each MiB, begun or full, of a batch file.
		#[pallet::constant]
		type MebibyteDeposit: Get<Balance>;

		/// By how much a Datanet's rules may raise the deposits for batches.
		#[pallet::constant]
		type MaxDepositFactor: Get<u32>;

		/// Held from the owner for each listed contributor.
		#[pallet::constant]
		type ListingDeposit: Get<Balance>;

		/// Held for a reservation.
		#[pallet::constant]
		type ReservationDeposit: Get<Balance>;

		/// For how many blocks a reservation can be used.
		#[pallet::no_default_bounds]
		#[pallet::constant]
		type ReservationPeriod: Get<BlockNumberFor<Self>>;

		/// How many blocks after it was added a batch can be withdrawn at the earliest: time for who
		/// reserved it to claim it. Longer than it takes to answer a block with a transaction.
		#[pallet::no_default_bounds]
		#[pallet::constant]
		type WithdrawalDelay: Get<BlockNumberFor<Self>>;

		/// After how many blocks proposed rules take effect. Longer than a transaction is valid.
		#[pallet::no_default_bounds]
		#[pallet::constant]
		type RulesNotice: Get<BlockNumberFor<Self>>;

		/// The highest price of a day of access.
		#[pallet::constant]
		type MaxAccessPrice: Get<Balance>;

		/// The largest part of an access fee that goes to a Datanet's owner.
		#[pallet::constant]
		type MaxOwnerShare: Get<Percent>;

		/// The part of its reputation that the contributor of a rejected batch loses.
		#[pallet::constant]
		type RejectionForfeit: Get<Percent>;

		/// The most rows of a batch.
		#[pallet::constant]
		type MaxRows: Get<u32>;

		/// The most bytes of a batch file.
		#[pallet::constant]
		type MaxBytes: Get<u64>;

		/// The most places of a Datanet, empty ones included.
		#[pallet::constant]
		type MaxBatchesPerDatanet: Get<u32>;

		/// The most batches of a Datanet that wait for their curation.
		#[pallet::constant]
		type MaxPending: Get<u32>;

		/// What [`Curation::abandon`] weighs at most, whether or not it succeeds.
		type AbandonWeight: Get<Weight>;

		/// What the calls weigh.
		type WeightInfo: WeightInfo;
	}

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
			use fungible::{Inspect as _, Mutate as _};
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

	/// Why funds are held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// For a Datanet, until it is closed, and for each listed contributor.
		DatanetDeposit,
		/// For a batch, until it is withdrawn or found undecided.
		BatchDeposit,
		/// For a reservation, until it is used or given up.
		Reservation,
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

	/// The Datanets' rules, present and proposed. A proposal holds from its block on, whether or not
	/// this was written since: see `rules_of`.
	#[pallet::storage]
	pub type RulesOf<T: Config> =
		StorageMap<_, Twox64Concat, DatanetId, DatanetRules<BlockNumberFor<T>>, OptionQuery>;

	/// The contributors that the owners have listed, and what is held for each.
	#[pallet::storage]
	pub type Listed<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		DatanetId,
		Blake2_128Concat,
		T::AccountId,
		Balance,
		OptionQuery,
	>;

	/// The batches of all Datanets, pending and accepted.
	#[pallet::storage]
	pub type Batches<T: Config> = StorageMap<_, Twox64Concat, BatchId, BatchOf<T>, OptionQuery>;

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

	/// The Datanets that take no new batches.
	#[pallet::storage]
	pub type Frozen<T: Config> = StorageMap<_, Twox64Concat, DatanetId, (), OptionQuery>;

	/// The batches in clusters of several, and how they hang together.
	#[pallet::storage]
	pub type Links<T: Config> = StorageMap<_, Twox64Concat, BatchId, Link, ValueQuery>;

	/// What was paid for access and not yet claimed, by Datanet.
	#[pallet::storage]
	pub type Pools<T: Config> = StorageMap<_, Twox64Concat, DatanetId, Pool, ValueQuery>;

	/// The sum over all pools.
	#[pallet::storage]
	pub type TotalIncome<T: Config> = StorageValue<_, Balance, ValueQuery>;

	/// The reservations, by who made them and the commitment.
	#[pallet::storage]
	pub type Reservations<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		T::AccountId,
		Blake2_128Concat,
		Hash,
		Reservation<BlockNumberFor<T>>,
		OptionQuery,
	>;

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(T::MaxRows::get() > 0, "MaxRows leaves no batch");
			assert!(T::MaxBytes::get() > 0, "MaxBytes leaves no batch");
			assert!(
				T::MaxBatchesPerDatanet::get() > 0,
				"MaxBatchesPerDatanet leaves no batch"
			);
			assert!(T::MaxPending::get() > 0, "MaxPending leaves no batch");
			assert!(
				T::BatchDeposit::get() >= T::Currency::minimum_balance(),
				"a treasury that is empty could not take the deposit of a rejected batch"
			);
			Self::check_bounds();
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
		pub fn create_datanet(
			origin: OriginFor<T>,
			details: DatanetDetails,
			rules: Rules,
		) -> DispatchResult {
			Self::do_create_datanet(ensure_signed(origin)?, details, rules)
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

		/// Closes a Datanet that holds no batch, has nobody listed, and on which nothing was ever built.
		/// By its owner, who gets the deposit back, and what was too little to divide among
		/// contributors.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::close_datanet())]
		pub fn close_datanet(origin: OriginFor<T>, datanet: DatanetId) -> DispatchResult {
			Self::do_close_datanet(ensure_signed(origin)?, datanet)
		}

		/// Adds a batch to a Datanet. By whom its rules admit, from whom the batch's deposit is held and
		/// who will be paid for it. The batch is pending until a jury has decided, or accepted at once
		/// if the owner vouches.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::add_batch())]
		pub fn add_batch(
			origin: OriginFor<T>,
			datanet: DatanetId,
			details: BatchDetails,
		) -> DispatchResult {
			Self::do_add_batch(ensure_signed(origin)?, datanet, details)
		}

		/// Withdraws a batch for which no jury was drawn, or an accepted one on which nothing is built
		/// and to which nothing is linked, once `WithdrawalDelay` blocks have passed. By its contributor,
		/// who gets the deposit back, and what the batch earned. Its place stays empty; its rows may be
		/// added anew.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::withdraw_pending()
			.saturating_add(T::AbandonWeight::get())
			.max(T::WeightInfo::withdraw_accepted()))]
		pub fn withdraw_batch(origin: OriginFor<T>, batch: BatchId) -> DispatchResult {
			Self::do_withdraw_batch(ensure_signed(origin)?, batch)
		}

		/// Proposes rules, in place of any that wait. They hold for batches added once `RulesNotice`
		/// blocks have passed. By the Datanet's owner.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::propose_rules())]
		pub fn propose_rules(
			origin: OriginFor<T>,
			datanet: DatanetId,
			rules: Rules,
		) -> DispatchResult {
			Self::do_propose_rules(ensure_signed(origin)?, datanet, rules)
		}

		/// Takes back rules that wait. By the Datanet's owner.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::cancel_rules())]
		pub fn cancel_rules(origin: OriginFor<T>, datanet: DatanetId) -> DispatchResult {
			Self::do_cancel_rules(ensure_signed(origin)?, datanet)
		}

		/// Puts an account on the list of those who may contribute. By the Datanet's owner, from whom a
		/// deposit is held.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::list_contributor())]
		pub fn list_contributor(
			origin: OriginFor<T>,
			datanet: DatanetId,
			who: <T::Lookup as StaticLookup>::Source,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_list_contributor(owner, datanet, T::Lookup::lookup(who)?)
		}

		/// Takes an account off the list; its batches stay. By the Datanet's owner, who gets the deposit
		/// back.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::unlist_contributor())]
		pub fn unlist_contributor(
			origin: OriginFor<T>,
			datanet: DatanetId,
			who: <T::Lookup as StaticLookup>::Source,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_unlist_contributor(owner, datanet, T::Lookup::lookup(who)?)
		}

		/// Offers a Datanet to another account, in place of any offer before. By its owner, who stays
		/// the owner until the offer is accepted.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::offer_ownership())]
		pub fn offer_ownership(
			origin: OriginFor<T>,
			datanet: DatanetId,
			to: <T::Lookup as StaticLookup>::Source,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_offer_ownership(owner, datanet, T::Lookup::lookup(to)?)
		}

		/// Takes back the offer of a Datanet. By its owner.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::cancel_offer())]
		pub fn cancel_offer(origin: OriginFor<T>, datanet: DatanetId) -> DispatchResult {
			Self::do_cancel_offer(ensure_signed(origin)?, datanet)
		}

		/// Takes a Datanet over. By the account that it is offered to, from whom its deposits are held
		/// from now on, if they are at most `max_deposit`; the owner before gets its own back. Rules
		/// that wait go on waiting.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::accept_ownership())]
		pub fn accept_ownership(
			origin: OriginFor<T>,
			datanet: DatanetId,
			max_deposit: Balance,
		) -> DispatchResult {
			Self::do_accept_ownership(ensure_signed(origin)?, datanet, max_deposit)
		}

		/// Reserves a batch by a commitment, see [`reservation_commitment`]. By anybody, from whom a
		/// deposit is held. Add the batch in a later block.
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::reserve())]
		pub fn reserve(origin: OriginFor<T>, commitment: Hash) -> DispatchResult {
			Self::do_reserve(ensure_signed(origin)?, commitment)
		}

		/// Gives a reservation up. By who made it, who gets the deposit back.
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::cancel_reservation())]
		pub fn cancel_reservation(origin: OriginFor<T>, commitment: Hash) -> DispatchResult {
			Self::do_cancel_reservation(ensure_signed(origin)?, commitment)
		}

		/// Takes over a batch that somebody else added after the signer had reserved it, and on which
		/// nothing is built yet. The batch's deposit is held from the signer; the one of who added it
		/// goes to the treasury; the reservation ends and its deposit comes back.
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::claim_batch())]
		pub fn claim_batch(origin: OriginFor<T>, batch: BatchId, salt: [u8; 32]) -> DispatchResult {
			Self::do_claim_batch(ensure_signed(origin)?, batch, salt)
		}

		/// Pays a batch's contributor what the batch's shares got so far. By anybody.
		#[pallet::call_index(15)]
		#[pallet::weight(T::WeightInfo::claim_income())]
		pub fn claim_income(origin: OriginFor<T>, batch: BatchId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_claim_income(batch)
		}

		/// Links a batch directly to the head of its cluster. By anybody.
		#[pallet::call_index(16)]
		#[pallet::weight(T::WeightInfo::compress())]
		pub fn compress(origin: OriginFor<T>, batch: BatchId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_compress(batch)
		}

		/// Bans an accepted batch, pinned or not. By [`Config::AdminOrigin`]. There is no way back.
		#[pallet::call_index(17)]
		#[pallet::weight(T::WeightInfo::ban_batch())]
		pub fn ban_batch(origin: OriginFor<T>, batch: BatchId) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_ban_batch(batch)
		}

		/// Says whether a Datanet takes no new batches. By [`Config::AdminOrigin`]. What is there already
		/// goes its way, pending batches too.
		#[pallet::call_index(18)]
		#[pallet::weight(T::WeightInfo::set_frozen())]
		pub fn set_frozen(
			origin: OriginFor<T>,
			datanet: DatanetId,
			frozen: bool,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_frozen(datanet, frozen)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The batches at a Datanet's places from `from`, at most `limit` places and never more than
		/// 100 of them. Empty places are left out, so that the next page starts at `from + limit`,
		/// whatever came back.
		pub fn batches_of(datanet: DatanetId, from: u32, limit: u32) -> Vec<(BatchId, BatchOf<T>)> {
			Self::page(datanet, from, limit)
		}

		/// A batch, pending or accepted.
		pub fn batch_of(batch: BatchId) -> Option<BatchOf<T>> {
			Batches::<T>::get(batch)
		}

		/// A Datanet's rules as they are now, and those that wait.
		pub fn rules_of(datanet: DatanetId) -> Option<DatanetRules<BlockNumberFor<T>>> {
			Self::rules_now(datanet).ok()
		}

		/// What a batch's contributor can claim. `None` if there is no such batch.
		pub fn income_of(batch: BatchId) -> Option<Balance> {
			Self::income(batch)
		}

		/// The earliest batch that a batch duplicates, itself if none. `None` if there is no such batch.
		pub fn cluster_of(batch: BatchId) -> Option<BatchId> {
			Self::cluster(batch)
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

		/// What would be held now for a batch of a Datanet with a file of so many bytes, kept on the
		/// chain if `inline`. `None` if there is no such Datanet, the file is too large to be kept, or
		/// the deposit to be counted.
		pub fn batch_deposit(datanet: DatanetId, bytes: u64, inline: bool) -> Option<Balance> {
			let rules = Self::rules_now(datanet).ok()?.current;
			let kept = if inline {
				usize::try_from(bytes)
					.ok()
					.filter(|_| bytes <= MAX_INLINE.into())?
			} else {
				0
			};
			Self::deposit_for_batch(&rules, bytes, kept).ok()
		}
	}
}
