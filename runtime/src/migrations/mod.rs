//! # Migrations
//!
//! What changes the state when this runtime takes over from an older one. It runs once, before anything else
//! in the first block of the new runtime, and can't be refused: what doesn't fit into a block stops the chain.
//!
//! ## How to add one
//!
//! 1. Raise `STORAGE_VERSION` of the pallet by one, and write the change as an
//!    [`UncheckedOnRuntimeUpgrade`](frame_support::traits::UncheckedOnRuntimeUpgrade) in the pallet's
//!    `src/migrations/v<N>.rs`. The old types stand there too, as `storage_alias`.
//! 2. Wrap it in a [`VersionedMigration`](frame_support::migrations::VersionedMigration) from the old version to
//!    the new one, so that it runs once, whoever applies the runtime, and however often.
//! 3. Bound it: it must say how many records it touches at most, and return the weight of those that it did. What
//!    may outgrow a block goes through the pallet's `on_idle` with a cursor.
//! 4. Test it on the old state: each record afterwards, that a second run changes nothing, and the invariants
//!    ([`crate::invariants`]).
//! 5. Put it into [`Unreleased`], and raise `spec_version`. After the release, empty the list again when all
//!    networks have passed it.
//!
//! `rehearsal` is such a migration, which is never released: with it, a whole upgrade is tried on a live chain.

#[cfg(any(feature = "rehearsal", test))]
pub mod rehearsal;

/// The migrations of this release. None.
#[cfg(not(feature = "rehearsal"))]
pub type Unreleased = ();

/// The migrations of a rehearsal.
#[cfg(feature = "rehearsal")]
pub type Unreleased = rehearsal::RecordPowers;
