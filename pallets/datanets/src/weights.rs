//! What the calls weigh.
//!
//! The figures are estimates, made by hand from each call's reads and writes with a margin on top, and
//! stand until the calls have been benchmarked. None depends on how many batches there are, or how many
//! rows they have.

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::RocksDbWeight, RuntimeDbWeight, Weight},
};

/// The weights of the calls, and of what other pallets have done here.
pub trait WeightInfo {
	/// Creates a Datanet.
	fn create_datanet() -> Weight;
	/// Replaces a Datanet's metadata.
	fn update_metadata() -> Weight;
	/// Closes a Datanet.
	fn close_datanet() -> Weight;
	/// Adds a batch, the opening of its curation included.
	fn add_batch() -> Weight;
	/// Withdraws a batch, the end of its curation included.
	fn withdraw_batch() -> Weight;
	/// Proposes rules.
	fn propose_rules() -> Weight;
	/// Takes proposed rules back.
	fn cancel_rules() -> Weight;
	/// Lists a contributor.
	fn list_contributor() -> Weight;
	/// Takes a contributor off the list.
	fn unlist_contributor() -> Weight;
	/// Offers a Datanet.
	fn offer_ownership() -> Weight;
	/// Takes an offer back.
	fn cancel_offer() -> Weight;
	/// Takes a Datanet over.
	fn accept_ownership() -> Weight;
	/// Reserves a batch.
	fn reserve() -> Weight;
	/// Gives a reservation up.
	fn cancel_reservation() -> Weight;
	/// Claims a reserved batch.
	fn claim_batch() -> Weight;
	/// Claims a batch's income.
	fn claim_income() -> Weight;
	/// Shortens a batch's way to the head of its cluster.
	fn compress() -> Weight;
	/// For the pallet that judges: ends a batch's curation, points and reputation included.
	fn decide() -> Weight;
	/// For the pallet that judges: joins two clusters.
	fn link() -> Weight;
	/// For the pallet that sells access: pays into a pool.
	fn pay_contributors() -> Weight;
}

/// The proof of a record: its size, rounded up, and its path in the trie.
const PROOF_PER_READ: u64 = 4_096;

/// The time of a call, without the database.
const BASE: u64 = 60_000_000;

fn estimate(db: RuntimeDbWeight, reads: u64, writes: u64) -> Weight {
	Weight::from_parts(BASE, PROOF_PER_READ.saturating_mul(reads))
		.saturating_add(db.reads_writes(reads, writes))
}

/// Estimates on the database that the runtime names.
pub struct SubstrateWeight<T>(PhantomData<T>);

macro_rules! weights {
	($($call:ident: $reads:literal, $writes:literal;)*) => {
		impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
			$(fn $call() -> Weight {
				estimate(T::DbWeight::get(), $reads, $writes)
			})*
		}

		impl WeightInfo for () {
			$(fn $call() -> Weight {
				estimate(RocksDbWeight::get(), $reads, $writes)
			})*
		}
	};
}

// Reads and writes of each call, with what is touched. "Money" is an account and its holds.
weights! {
	// NextDatanetId, money; the Datanet, its description, its rules.
	create_datanet: 3, 6;
	// Datanet, description, money.
	update_metadata: 4, 4;
	// Datanet, money, pool, pot, total; description, rules.
	close_datanet: 6, 8;
	// Datanet, rules, list or qualification, root, content, NextBatchId, money, pool; batch, place.
	// Four more of each for the opening of the curation.
	add_batch: 13, 14;
	// Batch, Datanet, money, link, pool, pot, total, eight ancestors; place, root, content. Four more
	// of each for the end of the curation.
	withdraw_batch: 20, 22;
	// Datanet, rules.
	propose_rules: 2, 1;
	// Datanet, rules.
	cancel_rules: 2, 1;
	// Datanet, list, money.
	list_contributor: 4, 4;
	// Datanet, list, money.
	unlist_contributor: 4, 4;
	// Datanet.
	offer_ownership: 1, 1;
	// Datanet.
	cancel_offer: 1, 1;
	// Datanet, money of two.
	accept_ownership: 5, 5;
	// Reservation, money.
	reserve: 3, 3;
	// Reservation, money.
	cancel_reservation: 3, 3;
	// Batch, reservation, Datanet, rules, list or qualification, money of two, treasury.
	claim_batch: 10, 7;
	// Batch, link, pool, pot, total, account.
	claim_income: 6, 5;
	// Nine steps up, and eight ancestors written twice.
	compress: 18, 10;
	// Batch, Datanet, pool, money, treasury; place, root, content. Eight more of each for points and
	// reputation.
	decide: 14, 16;
	// Two batches, twice nine steps up, the later head, pool, pot, total, account.
	link: 26, 8;
	// Datanet, pool, total, pot, payer.
	pay_contributors: 5, 4;
}
