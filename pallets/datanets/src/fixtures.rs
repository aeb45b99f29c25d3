//! Datanets and batches for the tests of other pallets.

use crate::{BatchDetails, Config, Contributors, DatanetDetails, Error, Pallet, Rules};
use frame_support::{traits::Get, BoundedVec};
use frame_system::RawOrigin;
use openledger_primitives::{data::Locator, ContentHash, DatanetId, Hash};
use sp_runtime::{traits::StaticLookup, DispatchResult, Percent};

fn text<S: Get<u32>>(text: &str) -> BoundedVec<u8, S> {
	BoundedVec::truncate_from(text.as_bytes().to_vec())
}

/// A description.
pub fn details() -> DatanetDetails {
	DatanetDetails {
		name: text("FOLDOC"),
		metadata: text(""),
		domain: text("computing"),
		content_type: text("application/x-ndjson"),
		language: text("en"),
		licence: text("GFDL-1.1-or-later"),
		fields: Default::default(),
	}
}

/// Rules by which the owner vouches for those that are listed, at the lowest deposits.
pub fn vouched<T: Config>() -> Rules {
	Rules {
		contributors: Contributors::Listed,
		curation: None,
		batch_deposit: T::BatchDeposit::get(),
		mebibyte_deposit: T::MebibyteDeposit::get(),
		access_price_per_day: 0,
		owner_share: Percent::zero(),
		data_key: None,
	}
}

/// The `n`th of batches that have nothing in common.
pub fn batch(n: u64) -> BatchDetails {
	BatchDetails {
		root: Hash::from_low_u64_be(n.saturating_add(1)),
		content: ContentHash::of(&n.to_le_bytes()),
		rows: 10,
		bytes: 900,
		locator: Locator::Url(text("https://example.org/batch")),
		minhash: None,
		encrypted: false,
	}
}

/// Adds a batch to a Datanet with the rules of [`vouched`], whose owner lists the contributor before.
pub fn add_batch<T: Config>(
	owner: &T::AccountId,
	contributor: &T::AccountId,
	datanet: DatanetId,
	batch: BatchDetails,
) -> DispatchResult {
	let signed = |who: &T::AccountId| RawOrigin::Signed(who.clone()).into();
	let listed = Pallet::<T>::list_contributor(
		signed(owner),
		datanet,
		T::Lookup::unlookup(contributor.clone()),
	);
	match listed {
		Err(error) if error != Error::<T>::AlreadyListed.into() => return Err(error),
		_ => {}
	}
	Pallet::<T>::add_batch(signed(contributor), datanet, batch)
}
