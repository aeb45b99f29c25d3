//! Why calls fail.

use frame_support::pallet_macros::pallet_section;

/// The errors, as a section of the pallet.
#[pallet_section]
mod errors {
	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// No Datanet has this id: look it up in `Datanets`.
		UnknownDatanet,
		/// No batch has this id, or it was withdrawn or rejected: look it up in `Batches`.
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
		/// Two fields have one name, or a field's name is not what a Datanet's may be.
		BadFields,
		/// The quorum is below 50 % or above 100 %.
		BadQuorum,
		/// Only for listed contributors can the owner vouch: name a quorum, or list contributors.
		CurationNeeded,
		/// A deposit for batches is below the runtime's, or more than `MaxDepositFactor` times it.
		BadDeposit,
		/// A day of access may cost `MaxAccessPrice` at most.
		AccessPriceTooHigh,
		/// The owner's share may be `MaxOwnerShare` at most.
		OwnerShareTooHigh,
		/// The data key is zero, which is nobody's: give an X25519 public key, or none.
		BadDataKey,
		/// No rules wait: none were proposed, or they hold already.
		NoProposal,
		/// The contributor is on the list already.
		AlreadyListed,
		/// The account is not on the Datanet's list: its owner has to list it.
		NotListed,
		/// The account has not passed the Datanet's qualification: pass it first.
		NotQualified,
		/// The Datanet is the signer's already: offer it to somebody else.
		AlreadyOwner,
		/// The Datanet is not offered to anybody.
		NoOffer,
		/// The Datanet is not offered to the signer: its owner has to offer it first.
		NotOffered,
		/// The Datanet's deposits are above what the signer accepts: accept more.
		DepositTooHigh,
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
		/// The locator leads nowhere: not an `http` or `https` address in visible ASCII, not a binary
		/// content identifier, or empty.
		BadLocator,
		/// The inline file is not the one that size and content hash speak of.
		InlineMismatch,
		/// The Datanet takes no encrypted batches: its rules name no key.
		NoDataKey,
		/// A batch with the same rows exists already, see `BatchOfRoot`: add only what is new, or claim
		/// what was reserved.
		DuplicateRoot,
		/// A batch with the same file exists already, see `BatchOfContent`: add only what is new, or claim
		/// what was reserved.
		DuplicateContent,
		/// The Datanet has no place left: use another Datanet.
		DatanetFull,
		/// Too many of the Datanet's batches wait for their curation: try again when some are through.
		TooManyPending,
		/// The batch does not wait for its curation.
		NotPending,
		/// Only accepted batches can be linked or banned: wait for their curation.
		NotAccepted,
		/// Only batches of one Datanet can be linked.
		OtherDatanet,
		/// The batches are in one cluster already.
		AlreadyLinked,
		/// The later batch's cluster is too deep to be linked: compress its lowest batches first.
		ClusterTooDeep,
		/// The batch is the head of its cluster, or linked to it directly.
		NothingToCompress,
		/// Other batches are linked to the batch: it has to stay.
		HasDuplicates,
		/// The Datanet still has batches: they must be gone before it can be closed.
		DatanetNotEmpty,
		/// Something is built on the Datanet: it has to stay.
		DatanetInUse,
		/// The Datanet's list still has entries: remove them before it can be closed.
		ListNotEmpty,
		/// Something is built on the batch: it has to stay, and stays its contributor's.
		BatchInUse,
		/// Governance banned the batch: it stays, and is worth nothing to anybody.
		BatchBanned,
		/// Governance froze the Datanet: use another one.
		DatanetFrozen,
		/// The batch was added less than `WithdrawalDelay` blocks ago: try again later.
		TooEarly,
		/// The Datanet has fewer batches than are to be pinned.
		TooFewBatches,
		/// All batches of the Datanet were withdrawn: there is nothing to build on.
		NothingToPin,
		/// The signer has made this reservation already.
		AlreadyReserved,
		/// The signer has made no such reservation: check account, root, content and salt.
		NoReservation,
		/// The reservation was not made before the block in which the batch was added.
		ReservedTooLate,
		/// The reservation is older than `ReservationPeriod`.
		ReservationExpired,
		/// The batch is the signer's already: give the reservation up instead.
		AlreadyContributor,
		/// Nobody can be paid: the Datanet has no accepted batch with a score.
		NoContributors,
		/// The batch earned nothing since its contributor was last paid.
		NothingToClaim,
		/// The pot's account lacks its existential deposit: send it that, then try again.
		PotUnfunded,
		/// The income is too large to be counted.
		IncomeOverflow,
		/// The deposit is too large to be counted.
		DepositOverflow,
		/// All ids were given out.
		IdsExhausted,
	}
}
