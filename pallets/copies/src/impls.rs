//! What the calls do.

use codec::Encode;
use frame_support::{
	ensure,
	traits::{
		fungible::{BalancedHold, MutateHold},
		tokens::Precision::Exact,
		Get, Imbalance, OnUnbalanced,
	},
};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{
	input::LinkedInput,
	model::Task,
	similarity::{from_text, Comparison},
	traits::{Committees, ModelRegistry, NamedAdapter, Originals, Reply},
	Balance, ModelId, Output,
};
use sp_runtime::{traits::Saturating, DispatchError, DispatchResult};

use crate::{
	types::{MAX_COMMITTEE, MAX_THRESHOLD, MIN_COMMITTEE, MIN_THRESHOLD},
	Claim, ClaimId, Claims, Config, CurrentRules, Error, Event, Exhibit, HoldReason, NextClaim,
	Pairs, Pallet, Rules, Stage,
};

/// A claim of a runtime.
pub(crate) type ClaimOf<T> = Claim<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

impl<T: Config> Pallet<T> {
	fn now() -> BlockNumberFor<T> {
		frame_system::Pallet::<T>::block_number()
	}

	fn known(id: ClaimId) -> Result<ClaimOf<T>, DispatchError> {
		Claims::<T>::get(id).ok_or(Error::<T>::UnknownClaim.into())
	}

	pub(crate) fn ensure_threshold(threshold: u32) -> DispatchResult {
		ensure!(
			(MIN_THRESHOLD..=MAX_THRESHOLD).contains(&threshold),
			Error::<T>::ThresholdOutOfRange
		);
		Ok(())
	}

	pub(crate) fn ensure_rules(rules: &Rules) -> DispatchResult {
		Self::ensure_threshold(rules.threshold)?;
		ensure!(
			(MIN_COMMITTEE..=MAX_COMMITTEE).contains(&rules.min_committee),
			Error::<T>::CommitteeOutOfRange
		);
		Ok(())
	}

	/// Whether a model compares now: its owner may add versions that do something else.
	fn ensure_comparer(model: ModelId) -> DispatchResult {
		let version = T::Models::current_version(model).ok_or(Error::<T>::UnknownModel)?;
		let spec = T::Models::spec(model, version).ok_or(Error::<T>::UnknownModel)?;
		ensure!(spec.task == Task::Compare, Error::<T>::NotAComparer);
		Ok(())
	}

	pub(crate) fn do_set_rules(rules: Option<Rules>) -> DispatchResult {
		if let Some(rules) = &rules {
			Self::ensure_rules(rules)?;
			Self::ensure_comparer(rules.comparer)?;
		}
		CurrentRules::<T>::set(rules);
		Self::deposit_event(Event::RulesSet { rules });
		Ok(())
	}

	/// The adapter of an exhibit.
	fn adapter(exhibit: &Exhibit) -> Result<NamedAdapter, DispatchError> {
		T::Models::adapter(exhibit.model, exhibit.version).ok_or(Error::<T>::NoAdapter.into())
	}

	pub(crate) fn do_claim(
		claimant: T::AccountId,
		original: Exhibit,
		copy: Exhibit,
		max_fee: Balance,
	) -> DispatchResult {
		let rules = CurrentRules::<T>::get().ok_or(Error::<T>::NoRules)?;
		let pair = (original.model, copy.model);
		let owner = T::Models::owner(pair.0).ok_or(Error::<T>::UnknownModel)?;
		let accused = T::Models::owner(pair.1).ok_or(Error::<T>::UnknownModel)?;
		ensure!(owner == claimant, Error::<T>::NotOwner);
		ensure!(accused != claimant, Error::<T>::OwnModel);
		let (first, second) = (Self::adapter(&original)?, Self::adapter(&copy)?);
		ensure!(first.order < second.order, Error::<T>::NotEarlier);
		ensure!(
			!Pairs::<T>::contains_key(pair.1, pair.0),
			Error::<T>::AlreadyClaimed
		);
		T::Models::ensure_imposable(pair.0, pair.1)?;
		Self::ensure_comparer(rules.comparer)?;
		let id = NextClaim::<T>::get();
		let next = id.checked_add(1).ok_or(Error::<T>::IdsExhausted)?;
		let comparison = Comparison {
			original: file(first, original),
			other: file(second, copy),
		};
		let bond = T::Bond::get();
		T::Currency::hold(&HoldReason::Bond.into(), &claimant, bond)?;
		let request = T::Committees::ask(
			&claimant,
			rules.comparer,
			comparison.encode(),
			max_fee,
			rules.min_committee,
		)?;

		NextClaim::<T>::put(next);
		Pairs::<T>::insert(pair.1, pair.0, id);
		Claims::<T>::insert(
			id,
			Claim {
				claimant: claimant.clone(),
				original: pair.0,
				copy: pair.1,
				royalty: first.royalty,
				threshold: rules.threshold,
				bond,
				stage: Stage::Comparing { request },
			},
		);
		Self::deposit_event(Event::Claimed {
			claim: id,
			claimant,
			original: pair.0,
			copy: pair.1,
			request,
			bond,
		});
		Ok(())
	}

	pub(crate) fn do_decide(id: ClaimId) -> DispatchResult {
		let claim = Self::known(id)?;
		let Stage::Comparing { request } = claim.stage else {
			return Err(Error::<T>::AlreadyDecided.into());
		};
		match T::Committees::reply(request) {
			Reply::Pending => Err(Error::<T>::NotOver.into()),
			Reply::Unknown => Self::reject(id, claim, None),
			Reply::Answered(Output::Inline(text)) => match from_text(&text) {
				Some(similarity) if similarity >= claim.threshold => {
					Self::uphold(id, claim, similarity);
					Ok(())
				}
				Some(similarity) => Self::reject(id, claim, Some(similarity)),
				None => Self::leave_undecided(id, claim),
			},
			Reply::Answered(Output::Linked { .. }) | Reply::Unanswered => {
				Self::leave_undecided(id, claim)
			}
		}
	}

	fn uphold(id: ClaimId, mut claim: ClaimOf<T>, similarity: u32) {
		let enforce_at = Self::now().saturating_add(T::Grace::get());
		claim.stage = Stage::Upheld {
			similarity,
			enforce_at,
		};
		Claims::<T>::insert(id, claim);
		Self::deposit_event(Event::Upheld {
			claim: id,
			similarity,
			enforce_at,
		});
	}

	fn reject(id: ClaimId, claim: ClaimOf<T>, similarity: Option<u32>) -> DispatchResult {
		let (forfeited, _) =
			T::Currency::slash(&HoldReason::Bond.into(), &claim.claimant, claim.bond);
		let amount = forfeited.peek();
		T::Penalties::on_unbalanced(forfeited);
		Self::remove(id, &claim);
		Self::deposit_event(Event::Rejected {
			claim: id,
			similarity,
			forfeited: amount,
		});
		Ok(())
	}

	fn leave_undecided(id: ClaimId, claim: ClaimOf<T>) -> DispatchResult {
		Self::close(id, &claim)?;
		Self::deposit_event(Event::Undecided { claim: id });
		Ok(())
	}

	pub(crate) fn do_enforce(id: ClaimId) -> DispatchResult {
		let claim = Self::known(id)?;
		let Stage::Upheld { enforce_at, .. } = claim.stage else {
			return Err(Error::<T>::NotUpheld.into());
		};
		ensure!(Self::now() >= enforce_at, Error::<T>::TooEarly);
		T::Models::impose(claim.original, claim.copy, claim.royalty)?;
		Self::close(id, &claim)?;
		Self::deposit_event(Event::Enforced {
			claim: id,
			original: claim.original,
			copy: claim.copy,
			royalty: claim.royalty,
		});
		Ok(())
	}

	/// A claim that was upheld.
	fn upheld(id: ClaimId) -> Result<ClaimOf<T>, DispatchError> {
		let claim = Self::known(id)?;
		ensure!(
			matches!(claim.stage, Stage::Upheld { .. }),
			Error::<T>::NotUpheld
		);
		Ok(claim)
	}

	pub(crate) fn do_dismiss(id: ClaimId) -> DispatchResult {
		let claim = Self::upheld(id)?;
		Self::close(id, &claim)?;
		Self::deposit_event(Event::Dismissed { claim: id });
		Ok(())
	}

	pub(crate) fn do_withdraw(who: T::AccountId, id: ClaimId) -> DispatchResult {
		ensure!(Self::known(id)?.claimant == who, Error::<T>::NotClaimant);
		let claim = Self::upheld(id)?;
		Self::close(id, &claim)?;
		Self::deposit_event(Event::Withdrawn { claim: id });
		Ok(())
	}

	/// Ends a claim and gives the bond back.
	fn close(id: ClaimId, claim: &ClaimOf<T>) -> DispatchResult {
		let reason = HoldReason::Bond.into();
		T::Currency::release(&reason, &claim.claimant, claim.bond, Exact)?;
		Self::remove(id, claim);
		Ok(())
	}

	fn remove(id: ClaimId, claim: &ClaimOf<T>) {
		Claims::<T>::remove(id);
		Pairs::<T>::remove(claim.copy, claim.original);
	}
}

/// What operators are to fetch.
fn file(adapter: NamedAdapter, exhibit: Exhibit) -> LinkedInput {
	LinkedInput {
		content: adapter.content,
		bytes: exhibit.bytes,
		locator: exhibit.locator,
	}
}
