//! The invariants, checked.

use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{ensure, traits::fungible::Inspect as _};
use openledger_pallet_support::holds::{self, Sums};
use openledger_primitives::{Balance, ModelId};
use sp_runtime::TryRuntimeError;

use crate::{
	money::{kept, rest},
	pallet::{Backers, Config, Delivered, HoldReason, NextId, Pallet, ProposalOf, Proposals},
	types::{Exit, ProposalId, Stage},
};

/// What the records of a proposal's backers add up to.
#[derive(Default)]
struct Counted {
	backers: u32,
	/// Gave, and are to get back at least, by how they left; the last one is of those who did not.
	groups: Vec<Exit>,
	approvals: Balance,
	objections: Balance,
}

fn add(sum: &mut Balance, amount: Balance) -> Result<(), TryRuntimeError> {
	*sum = sum.checked_add(amount).ok_or("a sum overflows")?;
	Ok(())
}

impl<T: Config> Pallet<T> {
	/// Checks the invariants of the crate's documentation, by their numbers.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut deposits = Sums::<T::AccountId, Balance>::new();
		let mut bonds = Sums::<T::AccountId, Balance>::new();
		let mut delivered = BTreeMap::<ModelId, ProposalId>::new();
		let mut owed = T::Currency::minimum_balance();
		let mut backers = 0usize;

		for (id, proposal) in Proposals::<T>::iter() {
			ensure!(id < NextId::<T>::get(), "3: an id that was not given out");
			holds::add(&mut deposits, &proposal.proposer, proposal.deposit)?;
			if let Some(builder) = &proposal.builder {
				holds::add(&mut bonds, builder, proposal.bond)?;
			}
			add(&mut owed, proposal.escrow)?;
			for exit in &proposal.exits {
				add(&mut owed, exit.escrow)?;
			}
			Self::check_proposal(&proposal)?;
			let model = match &proposal.stage {
				Stage::Judging { evidence, .. } => evidence.model(),
				Stage::Completed { model, .. } => Some(*model),
				_ => None,
			};
			if let Some(model) = model {
				ensure!(
					delivered.insert(model, id).is_none(),
					"7: a model delivered twice"
				);
			}
			let counted = Self::count(id, &proposal, &mut deposits)?;
			backers =
				backers.saturating_add(usize::try_from(counted.backers).unwrap_or(usize::MAX));
			Self::check_counted(&proposal, &counted)?;
		}
		ensure!(
			Backers::<T>::iter_keys().count() == backers,
			"4: a backer of no proposal"
		);
		ensure!(
			Delivered::<T>::iter().collect::<BTreeMap<_, _>>() == delivered,
			"7: what was delivered is not on record"
		);
		// Anybody may give to the pot. A runtime that adds the pallet later has no pot yet.
		let pot = T::Currency::balance(&Self::pot_account());
		ensure!(
			pot >= owed || (pot == 0 && owed == T::Currency::minimum_balance()),
			"2: the pot does not cover what it owes"
		);
		holds::check::<T, T::Currency>(
			HoldReason::Deposit,
			deposits,
			"1: the deposits are not what is held",
		)?;
		holds::check::<T, T::Currency>(HoldReason::Bond, bonds, "1: the bonds are not what is held")
	}

	fn check_proposal(proposal: &ProposalOf<T>) -> Result<(), TryRuntimeError> {
		ensure!(
			Self::check_terms(&proposal.terms).is_ok(),
			"3: terms that would be refused"
		);
		let works = matches!(
			proposal.stage,
			Stage::Funding { .. } | Stage::Building { .. } | Stage::Judging { .. }
		);
		ensure!(
			works == (proposal.bond > 0),
			"8: a bond without work, or work without a bond"
		);
		ensure!(
			proposal.builder.is_some() || proposal.stage == Stage::Open,
			"8: nobody builds"
		);
		let goal = proposal.terms.goal;
		let all = proposal.terms.milestones.len();
		let paid = Self::cost_of(&proposal.terms, proposal.exits.len())?;
		let is_kept = || kept(proposal.weight, paid, goal) == Some(proposal.escrow);
		let fits = match proposal.stage {
			Stage::Open => proposal.weight == 0 && proposal.exits.is_empty(),
			Stage::Funding { .. } => {
				proposal.weight < goal && proposal.exits.is_empty() && is_kept()
			}
			Stage::Building { .. } | Stage::Judging { .. } => {
				proposal.exits.len() < all && is_kept()
			}
			Stage::Completed { .. } => proposal.exits.len() == all && is_kept(),
			Stage::Stopped => proposal.exits.len() < all,
		};
		ensure!(fits, "5: what is kept is not what is left");
		Ok(())
	}

	/// Adds up what the backers of a proposal have on record.
	fn count(
		id: ProposalId,
		proposal: &ProposalOf<T>,
		deposits: &mut Sums<T::AccountId, Balance>,
	) -> Result<Counted, TryRuntimeError> {
		let next = Self::milestone(proposal);
		let mut counted = Counted {
			groups: proposal
				.exits
				.iter()
				.map(|_| Exit::default())
				.chain([Exit::default()])
				.collect(),
			..Default::default()
		};
		for (who, backing) in Backers::<T>::iter_prefix(id) {
			counted.backers = counted.backers.saturating_add(1);
			holds::add(deposits, &who, backing.deposit)?;
			ensure!(backing.amount > 0, "4: a backer that gave nothing");
			let exit = Self::exit(&backing, next);
			let at = usize::try_from(exit.unwrap_or(next)).unwrap_or(usize::MAX);
			let paid = Self::cost_of(&proposal.terms, at)?;
			let rest = rest(backing.amount, paid, proposal.terms.goal).ok_or("6: no rest")?;
			let group = counted.groups.get_mut(at).ok_or("4: a vote on nothing")?;
			add(&mut group.weight, backing.amount)?;
			add(&mut group.escrow, rest)?;
			match backing.vote.filter(|vote| vote.milestone == next) {
				Some(vote) if vote.approve => add(&mut counted.approvals, backing.amount)?,
				Some(_) => add(&mut counted.objections, backing.amount)?,
				None => {}
			}
		}
		Ok(counted)
	}

	fn check_counted(proposal: &ProposalOf<T>, counted: &Counted) -> Result<(), TryRuntimeError> {
		ensure!(
			proposal.backers == counted.backers,
			"4: a proposal's backers are miscounted"
		);
		let present = Exit {
			weight: proposal.weight,
			escrow: proposal.escrow,
		};
		for (kept, due) in proposal.exits.iter().chain([&present]).zip(&counted.groups) {
			ensure!(kept.weight == due.weight, "4: a weight is miscounted");
			ensure!(kept.escrow >= due.escrow, "6: somebody's rest is missing");
			ensure!(
				kept.weight > 0 || kept.escrow == 0,
				"6: something is kept for nobody"
			);
		}
		if let Stage::Judging {
			approvals,
			objections,
			..
		} = proposal.stage
		{
			ensure!(
				(approvals, objections) == (counted.approvals, counted.objections),
				"4: votes are miscounted"
			);
		}
		Ok(())
	}
}
