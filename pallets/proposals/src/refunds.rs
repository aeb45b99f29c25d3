//! Giving money back, and removing what is over.

use frame_support::ensure;
use openledger_primitives::Balance;
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	money::{rest, take},
	pallet::{Backers, Config, Delivered, Error, Event, HoldReason, Pallet, ProposalOf, Proposals},
	types::{Backing, Exit, ProposalId, Stage},
};

impl<T: Config> Pallet<T> {
	/// With which milestone a backer left: the last one to which it objected, if that was paid for.
	/// `next` is the first that was not.
	pub(crate) fn exit(backing: &Backing, next: u32) -> Option<u32> {
		backing
			.vote
			.filter(|vote| !vote.approve && vote.milestone < next)
			.map(|vote| vote.milestone)
	}

	/// Takes a backer's rest off what a proposal keeps, and says how much that is. Fails if it cannot have it
	/// yet.
	pub(crate) fn settle(
		proposal: &mut ProposalOf<T>,
		backing: &Backing,
	) -> Result<Balance, DispatchError> {
		let goal = proposal.terms.goal;
		let amount = backing.amount;
		if let Some(milestone) = Self::exit(backing, Self::milestone(proposal)) {
			let at = usize::try_from(milestone).unwrap_or(usize::MAX);
			let paid = Self::cost_of(&proposal.terms, at)?;
			let rest = rest(amount, paid, goal).ok_or(Error::<T>::AmountOverflow)?;
			return proposal
				.exits
				.get_mut(at)
				.and_then(|exit| take(exit, amount, rest))
				.ok_or(Error::<T>::AmountOverflow.into());
		}
		ensure!(
			matches!(proposal.stage, Stage::Completed { .. } | Stage::Stopped),
			Error::<T>::NothingToRefund
		);
		let paid = Self::cost_of(&proposal.terms, proposal.exits.len())?;
		let rest = rest(amount, paid, goal).ok_or(Error::<T>::AmountOverflow)?;
		let mut pool = Exit {
			weight: proposal.weight,
			escrow: proposal.escrow,
		};
		let due = take(&mut pool, amount, rest).ok_or(Error::<T>::AmountOverflow)?;
		(proposal.weight, proposal.escrow) = (pool.weight, pool.escrow);
		Ok(due)
	}

	/// Whether a proposal was completed so recently that `who` is on record as long as it likes.
	fn is_on_record(proposal: &ProposalOf<T>, backing: &Backing) -> bool {
		let is_out = Self::exit(backing, Self::milestone(proposal)).is_some();
		match proposal.stage {
			Stage::Completed { until, .. } => !is_out && Self::now() < until,
			_ => false,
		}
	}

	pub(crate) fn do_refund(
		by: T::AccountId,
		id: ProposalId,
		backer: T::AccountId,
	) -> DispatchResult {
		let mut proposal = Self::known(id)?;
		let backing = Backers::<T>::get(id, &backer).ok_or(Error::<T>::UnknownBacker)?;
		ensure!(
			by == backer || !Self::is_on_record(&proposal, &backing),
			Error::<T>::OnRecord
		);
		let amount = Self::settle(&mut proposal, &backing)?;
		proposal.backers = proposal
			.backers
			.checked_sub(1)
			.ok_or(Error::<T>::AmountOverflow)?;
		// The deposit first: with it, the account takes any amount.
		Self::release(HoldReason::Deposit, &backer, backing.deposit)?;
		Self::pay_out(&backer, amount)?;

		Backers::<T>::remove(id, &backer);
		Proposals::<T>::insert(id, proposal);
		Self::deposit_event(Event::Refunded {
			proposal: id,
			who: backer,
			amount,
			of: backing.amount,
		});
		Ok(())
	}

	pub(crate) fn do_close(id: ProposalId) -> DispatchResult {
		let proposal = Self::known(id)?;
		let model = match proposal.stage {
			Stage::Stopped => None,
			Stage::Completed { model, until } => {
				// No proposal whose builder could deliver it too is open any longer.
				ensure!(Self::now() >= until, Error::<T>::NotDue);
				Some(model)
			}
			_ => return Err(Error::<T>::StillOpen.into()),
		};
		ensure!(proposal.backers == 0, Error::<T>::BackersLeft);
		Self::release(HoldReason::Deposit, &proposal.proposer, proposal.deposit)?;
		if let Some(model) = model {
			Delivered::<T>::remove(model);
		}
		Proposals::<T>::remove(id);
		Self::deposit_event(Event::Closed { proposal: id });
		Ok(())
	}
}
