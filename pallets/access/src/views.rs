//! What view functions return.

use alloc::vec::Vec;
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{data::Purpose, traits::AccessRegistry, Balance, DatanetId};
use sp_runtime::Rounding;

use crate::{
	pallet::{Config, GrantOf, Grants, Pallet, Records, StewardsOf},
	types::{AccessId, Import, MAX_PAGE},
};

const PURPOSES: [Purpose; 4] = [
	Purpose::Research,
	Purpose::Training,
	Purpose::Serving,
	Purpose::Curation,
];

/// A view's limit as a number of entries.
fn entries(limit: u32) -> usize {
	usize::try_from(limit.min(MAX_PAGE)).unwrap_or(0)
}

impl<T: Config> Pallet<T> {
	/// A page of a Datanet's records of one kind, which `read` tells from the others.
	pub(crate) fn page_of<R>(
		datanet: DatanetId,
		after: Option<AccessId>,
		limit: u32,
		read: impl Fn(AccessId) -> Option<R>,
	) -> Vec<(AccessId, R)> {
		let ids = match after {
			Some(after) => Records::<T>::iter_key_prefix_from(
				datanet,
				Records::<T>::hashed_key_for(datanet, after),
			),
			None => Records::<T>::iter_key_prefix(datanet),
		};
		ids.filter_map(|id| Some((id, read(id)?)))
			.take(entries(limit))
			.collect()
	}

	/// The latest end of an account's live grants for a Datanet.
	pub(crate) fn readable_until(
		who: &T::AccountId,
		datanet: DatanetId,
	) -> Option<BlockNumberFor<T>> {
		PURPOSES
			.into_iter()
			.filter_map(|purpose| Self::grant(who, datanet, purpose))
			.filter(|(_, grant)| Self::left(grant).is_some())
			.map(|(_, grant)| grant.until)
			.max()
	}

	/// A page of the Datanets that an account may train on.
	pub(crate) fn imports(
		who: &T::AccountId,
		after: Option<DatanetId>,
		limit: u32,
	) -> Vec<Import<BlockNumberFor<T>>> {
		let grants = match after {
			Some(after) => GrantOf::<T>::iter_prefix_from(
				who,
				GrantOf::<T>::hashed_key_for(who, (after, Purpose::Training)),
			),
			None => GrantOf::<T>::iter_prefix(who),
		};
		grants
			.filter(|((_, purpose), _)| *purpose == Purpose::Training)
			.filter_map(|((datanet, _), id)| {
				let grant = Grants::<T>::get(id)?;
				Self::left(&grant)?;
				Some(Import {
					datanet,
					grant: id,
					until: grant.until,
				})
			})
			.take(entries(limit))
			.collect()
	}

	/// What it would cost to revoke a grant now.
	pub(crate) fn refund(id: AccessId) -> Option<Balance> {
		let grant = Grants::<T>::get(id)?;
		Self::left(&grant)?;
		Self::unused(&grant, Rounding::Up).ok()
	}

	/// The stewards that serve a Datanet's present owner.
	pub(crate) fn stewards(datanet: DatanetId) -> Vec<T::AccountId> {
		T::Data::terms(datanet)
			.zip(StewardsOf::<T>::get(datanet))
			.filter(|(terms, record)| record.by == terms.owner)
			.map_or_else(Vec::new, |(_, record)| record.accounts.into_inner())
	}
}
