//! What view functions return.

use alloc::vec::Vec;
use openledger_primitives::{Balance, ModelId};

use crate::{
	pallet::{Backers, Config, Delivered, Pallet, Proposals},
	types::{ProposalId, Stage, MAX_PAGE},
};

impl<T: Config> Pallet<T> {
	/// The completed proposal by which a model was built.
	pub(crate) fn funding_of(model: ModelId) -> Option<ProposalId> {
		let id = Delivered::<T>::get(model)?;
		let proposal = Proposals::<T>::get(id)?;
		matches!(proposal.stage, Stage::Completed { .. }).then_some(id)
	}

	/// A page of the backers of a proposal that have not left it.
	pub(crate) fn page_of(
		id: ProposalId,
		after: Option<T::AccountId>,
		limit: u32,
	) -> Vec<(T::AccountId, Balance)> {
		let Some(proposal) = Proposals::<T>::get(id) else {
			return Vec::new();
		};
		let next = Self::milestone(&proposal);
		let backers = match after {
			Some(after) => {
				Backers::<T>::iter_prefix_from(id, Backers::<T>::hashed_key_for(id, after))
			}
			None => Backers::<T>::iter_prefix(id),
		};
		backers
			.filter(|(_, backing)| Self::exit(backing, next).is_none())
			.map(|(who, backing)| (who, backing.amount))
			.take(usize::try_from(limit.min(MAX_PAGE)).unwrap_or(0))
			.collect()
	}

	/// What a backer would get back now.
	pub(crate) fn due_to(id: ProposalId, who: &T::AccountId) -> Option<Balance> {
		let mut proposal = Proposals::<T>::get(id)?;
		let backing = Backers::<T>::get(id, who)?;
		Self::settle(&mut proposal, &backing).ok()
	}
}
