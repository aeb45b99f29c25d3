//! From the proposal to its goal.

use alloc::collections::BTreeMap;
use frame_support::{dispatch_context::with_context, ensure, traits::Get};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{text, traits::ModelOwners, Balance};
use sp_runtime::{traits::CheckedAdd, DispatchError, DispatchResult};

use crate::{
	pallet::{
		Backers, Config, Error, Event, HoldReason, NextId, Pallet, ProposalOf, Proposals, TermsOf,
	},
	types::{Backing, Funding, Link, Proposal, ProposalId, Stage},
};

/// What accounts have offered in the present dispatch, by the limit that they have.
struct Offered<AccountId>(BTreeMap<(AccountId, Balance), Balance>);

// Derived it would ask for a default account.
impl<AccountId> Default for Offered<AccountId> {
	fn default() -> Self {
		Self(BTreeMap::new())
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn now() -> BlockNumberFor<T> {
		frame_system::Pallet::<T>::block_number()
	}

	pub(crate) fn after(
		from: BlockNumberFor<T>,
		blocks: BlockNumberFor<T>,
	) -> Result<BlockNumberFor<T>, DispatchError> {
		from.checked_add(&blocks)
			.ok_or(Error::<T>::PeriodTooLong.into())
	}

	pub(crate) fn known(id: ProposalId) -> Result<ProposalOf<T>, DispatchError> {
		Proposals::<T>::get(id).ok_or(Error::<T>::UnknownProposal.into())
	}

	pub(crate) fn is_link(link: &Link) -> bool {
		link.iter().all(u8::is_ascii_graphic)
	}

	fn check_periods(terms: &TermsOf<T>) -> DispatchResult {
		let within = || terms.milestones.iter().map(|milestone| milestone.within);
		ensure!(
			within()
				.chain([terms.funding, terms.voting])
				.all(|blocks| blocks >= T::MinPeriod::get()),
			Error::<T>::PeriodTooShort
		);
		ensure!(
			terms.funding <= T::MaxFunding::get(),
			Error::<T>::PeriodTooLong
		);
		within()
			.try_fold(BlockNumberFor::<T>::default(), |sum, blocks| {
				sum.checked_add(&blocks)?.checked_add(&terms.voting)
			})
			.filter(|sum| *sum <= T::MaxBuilding::get())
			.ok_or(Error::<T>::PeriodTooLong)?;
		Ok(())
	}

	/// Checks what is demanded of terms.
	pub(crate) fn check_terms(terms: &TermsOf<T>) -> DispatchResult {
		ensure!(text::is_name(&terms.title), Error::<T>::BadTitle);
		ensure!(Self::is_link(&terms.link), Error::<T>::BadLink);
		ensure!(!terms.milestones.is_empty(), Error::<T>::NoMilestones);
		ensure!(
			terms
				.milestones
				.iter()
				.all(|milestone| milestone.amount > 0),
			Error::<T>::EmptyMilestone
		);
		ensure!(
			Self::cost_of(terms, terms.milestones.len())? == terms.goal,
			Error::<T>::GoalMismatch
		);
		ensure!(
			terms.goal >= T::MinContribution::get(),
			Error::<T>::GoalTooLow
		);
		Self::check_periods(terms)
	}

	pub(crate) fn do_propose(
		proposer: T::AccountId,
		terms: TermsOf<T>,
		builder: Option<T::AccountId>,
	) -> DispatchResult {
		Self::check_terms(&terms)?;
		let id = NextId::<T>::get();
		let next = id.checked_add(1).ok_or(Error::<T>::IdsExhausted)?;
		let deposit = Self::deposit_for(&terms)?;
		Self::hold(HoldReason::Deposit, &proposer, deposit)?;

		NextId::<T>::put(next);
		let goal = terms.goal;
		let proposal = Proposal {
			proposer: proposer.clone(),
			terms,
			builder: builder.clone(),
			deposit,
			bond: 0,
			stage: Stage::Open,
			first_model: 0,
			weight: 0,
			escrow: 0,
			exits: Default::default(),
			backers: 0,
		};
		Proposals::<T>::insert(id, proposal);
		Self::deposit_event(Event::Proposed {
			proposal: id,
			proposer,
			goal,
			builder,
			deposit,
		});
		Ok(())
	}

	/// A proposal that waits for a builder.
	fn open(id: ProposalId) -> Result<ProposalOf<T>, DispatchError> {
		let proposal = Self::known(id)?;
		ensure!(proposal.stage == Stage::Open, Error::<T>::NotOpen);
		Ok(proposal)
	}

	fn opened_by(who: &T::AccountId, id: ProposalId) -> Result<ProposalOf<T>, DispatchError> {
		let proposal = Self::open(id)?;
		ensure!(proposal.proposer == *who, Error::<T>::NotProposer);
		Ok(proposal)
	}

	pub(crate) fn do_name_builder(
		who: T::AccountId,
		id: ProposalId,
		builder: Option<T::AccountId>,
	) -> DispatchResult {
		let mut proposal = Self::opened_by(&who, id)?;
		proposal.builder.clone_from(&builder);
		Proposals::<T>::insert(id, proposal);
		Self::deposit_event(Event::BuilderNamed {
			proposal: id,
			builder,
		});
		Ok(())
	}

	pub(crate) fn do_cancel(who: T::AccountId, id: ProposalId) -> DispatchResult {
		let proposal = Self::opened_by(&who, id)?;
		Self::release(HoldReason::Deposit, &who, proposal.deposit)?;
		Proposals::<T>::remove(id);
		Self::deposit_event(Event::Closed { proposal: id });
		Ok(())
	}

	pub(crate) fn do_accept(who: T::AccountId, id: ProposalId) -> DispatchResult {
		let mut proposal = Self::open(id)?;
		ensure!(
			proposal.builder.as_ref() == Some(&who),
			Error::<T>::NotBuilder
		);
		let until = Self::after(Self::now(), proposal.terms.funding)?;
		let bond = Self::bond_for(&proposal.terms);
		Self::hold(HoldReason::Bond, &who, bond)?;
		proposal.bond = bond;
		proposal.stage = Stage::Funding { until };
		Proposals::<T>::insert(id, proposal);
		Self::deposit_event(Event::Accepted {
			proposal: id,
			builder: who,
			bond,
			until,
		});
		Ok(())
	}

	/// Counts an offer against what its origin may give. All calls of one dispatch count together, or a
	/// batch would get around the limit.
	pub(crate) fn ensure_within(
		(who, most): &Funding<T::AccountId>,
		amount: Balance,
	) -> DispatchResult {
		let Some(most) = *most else { return Ok(()) };
		let within = |before: Balance| {
			before
				.checked_add(amount)
				.filter(|offered| *offered <= most)
				.ok_or(Error::<T>::AboveLimit)
		};
		with_context::<Offered<T::AccountId>, _>(|context| {
			let Offered(offered) = context.or_default();
			let before = offered.entry((who.clone(), most)).or_default();
			*before = within(*before)?;
			Ok(())
		})
		// Without a dispatch there is nothing to count together.
		.unwrap_or_else(|| within(0).map(drop))
		.map_err(Into::into)
	}

	pub(crate) fn do_back(who: T::AccountId, id: ProposalId, amount: Balance) -> DispatchResult {
		let mut proposal = Self::known(id)?;
		match proposal.stage {
			Stage::Funding { until } if Self::now() < until => {}
			_ => return Err(Error::<T>::NotFunding.into()),
		}
		let missing = proposal
			.terms
			.goal
			.checked_sub(proposal.escrow)
			.ok_or(Error::<T>::AmountOverflow)?;
		let amount = amount.min(missing);
		// What is left for the last one may be less.
		ensure!(
			amount >= T::MinContribution::get().min(missing),
			Error::<T>::TooLittle
		);
		let escrow = proposal
			.escrow
			.checked_add(amount)
			.ok_or(Error::<T>::AmountOverflow)?;
		let mut backing = match Backers::<T>::get(id, &who) {
			Some(backing) => backing,
			None => {
				let deposit = T::BackerDeposit::get();
				Self::hold(HoldReason::Deposit, &who, deposit)?;
				proposal.backers = proposal
					.backers
					.checked_add(1)
					.ok_or(Error::<T>::AmountOverflow)?;
				Backing {
					amount: 0,
					deposit,
					vote: None,
				}
			}
		};
		backing.amount = backing
			.amount
			.checked_add(amount)
			.ok_or(Error::<T>::AmountOverflow)?;
		Self::pay_in(&who, amount)?;

		(proposal.escrow, proposal.weight) = (escrow, escrow);
		Backers::<T>::insert(id, &who, backing);
		Self::deposit_event(Event::Backed {
			proposal: id,
			who,
			amount,
			raised: escrow,
		});
		if escrow == proposal.terms.goal {
			let until = Self::begin(&mut proposal, Self::now())?;
			proposal.first_model = T::Models::next_id();
			Self::deposit_event(Event::GoalReached {
				proposal: id,
				until,
			});
		}
		Proposals::<T>::insert(id, proposal);
		Ok(())
	}

	/// Has the builder begin with the next milestone. Returns until when it can be delivered.
	pub(crate) fn begin(
		proposal: &mut ProposalOf<T>,
		from: BlockNumberFor<T>,
	) -> Result<BlockNumberFor<T>, DispatchError> {
		let next = proposal
			.terms
			.milestones
			.get(proposal.exits.len())
			.ok_or(Error::<T>::NoMilestones)?;
		let until = Self::after(from, next.within)?;
		proposal.stage = Stage::Building { until };
		Ok(until)
	}
}
