//! What the pallet tells.

use frame_support::pallet_macros::pallet_section;

/// The pallet's events: a section of it.
#[pallet_section]
mod events {
	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A model was registered, with version 0.
		ModelRegistered {
			/// The model.
			model: ModelId,
			/// Its owner and author.
			owner: T::AccountId,
			/// Identifies version 0 to an inference service.
			spec_id: Hash,
			/// What a unit of compute costs.
			price_per_unit: Balance,
			/// Who shares in its part of fees from now on.
			lineage: Lineage,
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
		/// A model became an ancestor of another one after that one was registered.
		AncestorImposed {
			/// The model.
			ancestor: ModelId,
			/// The other one.
			model: ModelId,
			/// Who shares in the other's part of fees from now on.
			lineage: Lineage,
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
		/// A model answers others from now on.
		AudienceSet {
			/// The model.
			model: ModelId,
			/// Whom it answers.
			audience: Audience,
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
		/// A model can be built on on other terms from now on.
		TermsSet {
			/// The model.
			model: ModelId,
			/// What it takes of those that are built on it, in basis points of their part.
			royalty: u32,
			/// Whether anybody may.
			open: bool,
		},
		/// An account may build on a model.
		BuilderAdmitted {
			/// The model.
			model: ModelId,
			/// The account.
			builder: T::AccountId,
		},
		/// An account may no longer build on a model, unless that is open.
		BuilderDismissed {
			/// The model.
			model: ModelId,
			/// The account.
			builder: T::AccountId,
		},
		/// A model should not be used for anything new.
		ModelDeprecated {
			/// The model.
			model: ModelId,
			/// What is recommended in its place.
			successor: Option<ModelId>,
		},
		/// The owner of a model said who trained a version.
		TrainerNamed {
			/// The model.
			model: ModelId,
			/// The version.
			version: u32,
			/// The trainer.
			trainer: T::AccountId,
		},
		/// A trainer said how it trained a version.
		TrainingAttested {
			/// The model.
			model: ModelId,
			/// The version.
			version: u32,
			/// The trainer.
			trainer: T::AccountId,
			/// What it says.
			attestation: Attestation,
		},
		/// A model's revenue belongs to holders of shares from now on.
		ModelDivided {
			/// The model.
			model: ModelId,
			/// Who holds how many shares.
			holders: BoundedVec<(T::AccountId, u32), ConstU32<MAX_HOLDERS>>,
		},
		/// Shares in a model passed to another account.
		SharesTransferred {
			/// The model.
			model: ModelId,
			/// Who held them.
			from: T::AccountId,
			/// Who holds them now.
			to: T::AccountId,
			/// How many.
			amount: u32,
		},
		/// What a divided model had earned was credited to its holders.
		Distributed {
			/// The model.
			model: ModelId,
			/// How much it was.
			amount: Balance,
		},
		/// A model's revenue is its owner's again.
		ModelReunited {
			/// The model.
			model: ModelId,
		},
	}
}
