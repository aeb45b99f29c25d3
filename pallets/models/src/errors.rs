//! Why calls fail.

use frame_support::pallet_macros::pallet_section;

/// The pallet's errors: a section of it.
#[pallet_section]
mod errors {
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
		/// A search or a comparison is compared bit by bit: give it the exact policy.
		NothingToCompare,
		/// The distance that the policy tolerates is zero or above `MAX_DISTANCE`: calibrate it, or take
		/// the exact policy.
		BadDistance,
		/// The files are not those of the task: a search takes one graph and one tokenizer, generation
		/// one file that describes it besides, and answers from passages one more graph and tokenizer, of
		/// the kinds `Retriever` and `RetrieverTokenizer`; a comparison takes none. An adapter's file is for a model that is an adapter on another.
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
		/// The model answers only its owner and those that rent it: rent it in the market.
		TenantsOnly,
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
		/// The licence is not an SPDX identifier.
		BadLicence,
		/// A royalty is above `MAX_ROYALTY`.
		RoyaltyTooHigh,
		/// A model that is built on takes more than the signer accepts: look at its terms.
		RoyaltyAboveLimit,
		/// A merge names at least one adapter, none of them twice, each with a weight above zero.
		BadParts,
		/// A merge is made of adapters, and one of the models is none.
		NotAnAdapter,
		/// The adapters of a merge are on different models.
		DifferentBases,
		/// The model would have more than `MAX_DEPTH` generations: build on an earlier one.
		LineageTooDeep,
		/// More than `MAX_LINEAGE` models would share in the model's fees: build on fewer.
		LineageTooLong,
		/// Nothing new is built on a deprecated model: see whether it has a successor.
		Deprecated,
		/// The model is not open, and its owner has not admitted the account.
		NotAdmitted,
		/// The account is admitted already.
		AlreadyAdmitted,
		/// The model has as many admitted builders as it can have: dismiss one, or open it.
		TooManyBuilders,
		/// A model is not its own successor.
		OwnSuccessor,
		/// Other models are built on the model: it cannot be retired before they are. It can be deprecated.
		HasDescendants,
		/// Only the trainer that the owner has named for the version can attest.
		NotTrainer,
		/// The version's trainer has attested, and neither can be changed.
		AlreadyAttested,
		/// A training's log has at least one line.
		EmptyLog,
		/// Shares in the model are held already.
		AlreadyDivided,
		/// The model is not divided.
		NotDivided,
		/// The model was divided or reunited since it was offered: see who holds its shares, if anybody.
		SharesChanged,
		/// The holders are not all different, or their shares not at least `MIN_SHARES` each and `SHARES` in
		/// all.
		BadShares,
		/// The signer does not hold so many shares.
		NotEnoughShares,
		/// Somebody would be left with fewer than `MIN_SHARES`: transfer more, or less.
		TooFewShares,
		/// No shares, or to the signer itself.
		NothingToTransfer,
		/// A model's revenue account holds no shares in it.
		OwnShares,
		/// The scores of an answer's citations are compared bit by bit, as they decide who is paid: give
		/// it the exact policy.
		ScoresNotTolerated,
		/// A comparison uses no data: name no Datanet.
		DataUnused,
		/// The model is in the other's lineage already.
		AlreadyAncestor,
		/// The model, or one that it is built on, is built on the other one: it cannot be its ancestor too.
		BuiltOnCopy,
	}
}
