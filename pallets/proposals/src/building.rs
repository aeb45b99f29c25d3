//! From the goal to the model: deliveries, votes, payments, and how all of it can stop.

use frame_support::{ensure, traits::Get};
use openledger_primitives::{traits::ModelOwners, ModelId};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	money::{kept, rest},
	pallet::{Backers, Config, Delivered, Error, Event, Failure, Pallet, ProposalOf, Proposals},
	types::{Evidence, Exit, ProposalId, Stage, Vote, QUORUM},
};

/// What a vote has come to.
enum Outcome {
	Paid,
	Rejected,
}

impl<T: Config> Pallet<T> {
	/// Which milestone is next, from 0, or was delivered and is voted on.
	pub(crate) fn milestone(proposal: &ProposalOf<T>) -> u32 {
		u32::try_from(proposal.exits.len()).unwrap_or(u32::MAX)
	}

	fn is_last(proposal: &ProposalOf<T>) -> bool {
		proposal.exits.len().saturating_add(1) >= proposal.terms.milestones.len()
	}

	/// Whether a version of a model is there, and is whose it has to be.
	fn is_owned(proposal: &ProposalOf<T>, model: ModelId, version: u32) -> bool {
		let due = proposal.terms.owner.as_ref().or(proposal.builder.as_ref());
		due.is_some() && T::Models::owner(model, version).as_ref() == due
	}

	fn check_evidence(proposal: &ProposalOf<T>, evidence: &Evidence) -> DispatchResult {
		match evidence {
			Evidence::File { link, .. } => {
				ensure!(!Self::is_last(proposal), Error::<T>::ModelExpected);
				ensure!(Self::is_link(link), Error::<T>::BadLink);
			}
			Evidence::Model { model, version } => {
				ensure!(Self::is_last(proposal), Error::<T>::FileExpected);
				ensure!(
					Self::is_owned(proposal, *model, *version),
					Error::<T>::ModelNotOwned
				);
				ensure!(*model >= proposal.first_model, Error::<T>::ModelTooOld);
				ensure!(
					!Delivered::<T>::contains_key(model),
					Error::<T>::ModelDelivered
				);
			}
		}
		Ok(())
	}

	fn ensure_builder(proposal: &ProposalOf<T>, who: &T::AccountId) -> DispatchResult {
		ensure!(
			proposal.builder.as_ref() == Some(who),
			Error::<T>::NotBuilder
		);
		Ok(())
	}

	pub(crate) fn do_deliver(
		who: T::AccountId,
		id: ProposalId,
		evidence: Evidence,
	) -> DispatchResult {
		let mut proposal = Self::known(id)?;
		Self::ensure_builder(&proposal, &who)?;
		let Stage::Building { until } = proposal.stage else {
			return Err(Error::<T>::NotBuilding.into());
		};
		ensure!(Self::now() < until, Error::<T>::TooLate);
		Self::check_evidence(&proposal, &evidence)?;
		let until = Self::after(Self::now(), proposal.terms.voting)?;

		if let Some(model) = evidence.model() {
			Delivered::<T>::insert(model, id);
		}
		let milestone = Self::milestone(&proposal);
		proposal.stage = Stage::Judging {
			until,
			evidence: evidence.clone(),
			approvals: 0,
			objections: 0,
		};
		Proposals::<T>::insert(id, proposal);
		Self::deposit_event(Event::MilestoneDelivered {
			proposal: id,
			milestone,
			evidence,
			until,
		});
		Ok(())
	}

	pub(crate) fn do_vote(
		who: T::AccountId,
		id: ProposalId,
		milestone: u32,
		approve: bool,
	) -> DispatchResult {
		let mut proposal = Self::known(id)?;
		let current = Self::milestone(&proposal);
		let Stage::Judging {
			until,
			approvals,
			objections,
			..
		} = &mut proposal.stage
		else {
			return Err(Error::<T>::NotJudging.into());
		};
		ensure!(Self::now() < *until, Error::<T>::TooLate);
		ensure!(milestone == current, Error::<T>::WrongMilestone);
		let mut backing = Backers::<T>::get(id, &who).ok_or(Error::<T>::UnknownBacker)?;
		let old = backing.vote.filter(|vote| vote.milestone == current);
		ensure!(
			Self::exit(&backing, current).is_none(),
			Error::<T>::BackerLeft
		);
		if let Some(old) = old {
			let tally = if old.approve {
				&mut *approvals
			} else {
				&mut *objections
			};
			*tally = tally
				.checked_sub(backing.amount)
				.ok_or(Error::<T>::AmountOverflow)?;
		}
		let tally = if approve { approvals } else { objections };
		*tally = tally
			.checked_add(backing.amount)
			.ok_or(Error::<T>::AmountOverflow)?;
		backing.vote = Some(Vote { milestone, approve });
		let weight = backing.amount;
		Backers::<T>::insert(id, &who, backing);
		Proposals::<T>::insert(id, proposal);
		Self::deposit_event(Event::Voted {
			proposal: id,
			milestone,
			who,
			approve,
			weight,
		});
		Ok(())
	}

	/// What the votes have come to; `None` as long as others could change it.
	fn outcome(proposal: &ProposalOf<T>) -> Result<Option<Outcome>, DispatchError> {
		let Stage::Judging {
			until,
			ref evidence,
			approvals,
			objections,
		} = proposal.stage
		else {
			return Err(Error::<T>::NotJudging.into());
		};
		let weight = proposal.weight;
		let others = weight
			.checked_sub(objections)
			.ok_or(Error::<T>::AmountOverflow)?;
		if objections > others {
			return Ok(Some(Outcome::Rejected));
		}
		if Self::now() < until && approvals < others {
			return Ok(None);
		}
		let is_there = match evidence {
			Evidence::File { .. } => true,
			// It may have changed hands since it was delivered.
			Evidence::Model { model, version } => Self::is_owned(proposal, *model, *version),
		};
		let is_rejected = objections >= weight.div_ceil(QUORUM) && objections > approvals;
		Ok(Some(if is_rejected || !is_there {
			Outcome::Rejected
		} else {
			Outcome::Paid
		}))
	}

	pub(crate) fn do_resolve(id: ProposalId) -> DispatchResult {
		let proposal = Self::known(id)?;
		match Self::outcome(&proposal)?.ok_or(Error::<T>::VoteOpen)? {
			Outcome::Paid => Self::pay_milestone(id, proposal),
			Outcome::Rejected => Self::stop(id, proposal, Failure::Rejected),
		}
	}

	/// Pays a milestone out of what those have left who did not object to it. Those who did are out, with all
	/// that they have left.
	fn pay_milestone(id: ProposalId, mut proposal: ProposalOf<T>) -> DispatchResult {
		let Stage::Judging {
			until,
			ref evidence,
			objections,
			..
		} = proposal.stage
		else {
			return Err(Error::<T>::NotJudging.into());
		};
		let model = evidence.model();
		let milestone = Self::milestone(&proposal);
		let goal = proposal.terms.goal;
		let before = Self::cost_of(&proposal.terms, proposal.exits.len())?;
		let after = Self::cost_of(&proposal.terms, proposal.exits.len().saturating_add(1))?;

		let out = rest(objections, before, goal).ok_or(Error::<T>::AmountOverflow)?;
		let weight = proposal
			.weight
			.checked_sub(objections)
			.ok_or(Error::<T>::AmountOverflow)?;
		let escrow = kept(weight, after, goal).ok_or(Error::<T>::AmountOverflow)?;
		let paid = proposal
			.escrow
			.checked_sub(out)
			.and_then(|left| left.checked_sub(escrow))
			.ok_or(Error::<T>::AmountOverflow)?;
		let builder = proposal.builder.clone().ok_or(Error::<T>::NotBuilder)?;
		Self::pay_out(&builder, paid)?;

		let exit = Exit {
			weight: objections,
			escrow: out,
		};
		proposal
			.exits
			.try_push(exit)
			.map_err(|_| Error::<T>::NotJudging)?;
		(proposal.weight, proposal.escrow) = (weight, escrow);
		Self::deposit_event(Event::MilestonePaid {
			proposal: id,
			milestone,
			amount: paid,
			left: out,
		});
		match model {
			Some(model) => {
				Self::return_bond(&mut proposal)?;
				let until = Self::after(Self::now(), T::MaxBuilding::get())?;
				proposal.stage = Stage::Completed { model, until };
				Self::deposit_event(Event::Completed {
					proposal: id,
					model,
				});
			}
			// The time goes on from when the vote was over, whoever noticed it when.
			None => {
				Self::begin(&mut proposal, Self::now().min(until))?;
			}
		}
		Proposals::<T>::insert(id, proposal);
		Ok(())
	}

	/// Stops a proposal that has a builder. Nothing of what is left goes to anybody but the backers.
	fn stop(id: ProposalId, mut proposal: ProposalOf<T>, failure: Failure) -> DispatchResult {
		let forfeited = if let Stage::Funding { .. } = proposal.stage {
			Self::return_bond(&mut proposal)?;
			0
		} else {
			Self::forfeit_bond(&mut proposal)
		};
		if let Stage::Judging { evidence, .. } = &proposal.stage {
			if let Some(model) = evidence.model() {
				Delivered::<T>::remove(model);
			}
		}
		proposal.stage = Stage::Stopped;
		let left = proposal.escrow;
		Proposals::<T>::insert(id, proposal);
		Self::deposit_event(Event::Stopped {
			proposal: id,
			failure,
			left,
			forfeited,
		});
		Ok(())
	}

	pub(crate) fn do_expire(id: ProposalId) -> DispatchResult {
		let proposal = Self::known(id)?;
		let (until, failure) = match proposal.stage {
			Stage::Funding { until } => (until, Failure::GoalMissed),
			Stage::Building { until } => (until, Failure::TooLate),
			_ => return Err(Error::<T>::NoDeadline.into()),
		};
		ensure!(Self::now() >= until, Error::<T>::NotDue);
		Self::stop(id, proposal, failure)
	}

	pub(crate) fn do_give_up(who: T::AccountId, id: ProposalId) -> DispatchResult {
		let proposal = Self::known(id)?;
		Self::ensure_builder(&proposal, &who)?;
		ensure!(
			matches!(
				proposal.stage,
				Stage::Funding { .. } | Stage::Building { .. } | Stage::Judging { .. }
			),
			Error::<T>::NotBuilding
		);
		Self::stop(id, proposal, Failure::GivenUp)
	}
}
