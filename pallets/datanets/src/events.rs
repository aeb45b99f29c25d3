//! What the pallet tells.

use frame_support::pallet_macros::pallet_section;

/// The events, as a section of the pallet.
#[pallet_section]
mod events {
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
			/// Its rules.
			rules: Rules,
			/// What is held from the owner.
			deposit: Balance,
		},
		/// A Datanet's metadata was replaced.
		MetadataUpdated {
			/// The Datanet.
			datanet: DatanetId,
			/// What is held from the owner from now on, without the list.
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
			/// What was too little to divide among contributors, and went to the owner.
			remainder: Balance,
		},
		/// Rules were proposed.
		RulesProposed {
			/// The Datanet.
			datanet: DatanetId,
			/// What will hold.
			rules: Rules,
			/// The block from which it does.
			from: BlockNumberFor<T>,
		},
		/// Proposed rules were taken back.
		RulesCancelled {
			/// The Datanet.
			datanet: DatanetId,
		},
		/// A contributor was listed.
		ContributorListed {
			/// The Datanet.
			datanet: DatanetId,
			/// The contributor.
			who: T::AccountId,
			/// What is held from the owner for it.
			deposit: Balance,
		},
		/// A contributor was taken off the list.
		ContributorUnlisted {
			/// The Datanet.
			datanet: DatanetId,
			/// The contributor.
			who: T::AccountId,
			/// What was returned to the owner.
			deposit: Balance,
		},
		/// A Datanet was offered to another account.
		OwnershipOffered {
			/// The Datanet.
			datanet: DatanetId,
			/// To whom.
			to: T::AccountId,
		},
		/// An offer was taken back.
		OfferCancelled {
			/// The Datanet.
			datanet: DatanetId,
		},
		/// A Datanet has a new owner.
		OwnershipTransferred {
			/// The Datanet.
			datanet: DatanetId,
			/// The owner before.
			from: T::AccountId,
			/// The new owner.
			to: T::AccountId,
			/// What was returned to the one and is held from the other.
			deposit: Balance,
		},
		/// A batch was added.
		BatchAdded {
			/// The batch.
			batch: BatchId,
			/// Its Datanet.
			datanet: DatanetId,
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
			/// Whether the file is encrypted.
			encrypted: bool,
			/// The quorum of its juries; `None` if the owner vouches.
			quorum: Option<Percent>,
			/// What is held from the contributor.
			deposit: Balance,
		},
		/// A batch was accepted.
		BatchAccepted {
			/// The batch.
			batch: BatchId,
			/// Its Datanet.
			datanet: DatanetId,
			/// Its place in the Datanet.
			index: u32,
			/// Who is paid for it.
			contributor: T::AccountId,
			/// How good it was found.
			score: u8,
		},
		/// A batch was rejected, and removed.
		BatchRejected {
			/// The batch.
			batch: BatchId,
			/// Its Datanet.
			datanet: DatanetId,
			/// Who had added it.
			contributor: T::AccountId,
			/// Why.
			reason: Reason,
			/// What went from its deposit to the treasury.
			forfeited: Balance,
		},
		/// No jury came to a finding on a batch, and it was removed.
		BatchUndecided {
			/// The batch.
			batch: BatchId,
			/// Its Datanet.
			datanet: DatanetId,
			/// Who had added it.
			contributor: T::AccountId,
			/// What was returned to the contributor.
			deposit: Balance,
		},
		/// A batch was withdrawn.
		BatchWithdrawn {
			/// The batch.
			batch: BatchId,
			/// Its Datanet.
			datanet: DatanetId,
			/// The place that it leaves empty; `None` if it was pending.
			index: Option<u32>,
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
		/// Two clusters became one.
		ClustersJoined {
			/// The later head, which is paid no more.
			cluster: BatchId,
			/// The earlier head, which is the head of both.
			into: BatchId,
		},
		/// A batch was linked directly to the head of its cluster.
		ClusterCompressed {
			/// The batch.
			batch: BatchId,
			/// The head.
			cluster: BatchId,
		},
		/// A batch was reserved.
		Reserved {
			/// By whom.
			who: T::AccountId,
			/// The commitment.
			commitment: Hash,
			/// What is held.
			deposit: Balance,
			/// The last block in which the reservation can be used.
			until: BlockNumberFor<T>,
		},
		/// A reservation was used or given up.
		ReservationEnded {
			/// Who had made it.
			who: T::AccountId,
			/// The commitment.
			commitment: Hash,
			/// What was returned.
			deposit: Balance,
		},
		/// A batch went to who had reserved it.
		BatchClaimed {
			/// The batch.
			batch: BatchId,
			/// Who had added it, and lost the deposit to the treasury.
			from: T::AccountId,
			/// Who is paid for it from now on.
			to: T::AccountId,
			/// What the one lost and is held from the other.
			deposit: Balance,
		},
		/// Access to a Datanet was paid.
		ContributorsPaid {
			/// The Datanet.
			datanet: DatanetId,
			/// By whom.
			payer: T::AccountId,
			/// What its contributors share.
			amount: Balance,
		},
		/// A contributor got what a batch earned by access to its Datanet.
		IncomePaid {
			/// The batch.
			batch: BatchId,
			/// The contributor.
			who: T::AccountId,
			/// What it got.
			amount: Balance,
		},
		/// Governance banned a batch: nobody is paid for it any more, and it stays on record without a
		/// locator.
		BatchBanned {
			/// The batch.
			batch: BatchId,
			/// Its Datanet.
			datanet: DatanetId,
			/// Its place, which it keeps.
			index: u32,
			/// Who had given it.
			contributor: T::AccountId,
			/// The deposit, which went to the treasury.
			forfeited: Balance,
			/// What it had earned and nobody had claimed: it is divided with the next payment.
			income: Balance,
		},
		/// Governance said whether a Datanet takes new batches.
		FrozenSet {
			/// The Datanet.
			datanet: DatanetId,
			/// Whether it takes none.
			frozen: bool,
		},
	}
}
