//! The rules of Datanets, and how they change.

use frame_support::{ensure, traits::Get};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{traits::Curation, DatanetId};
use sp_runtime::{
	traits::{One, Saturating},
	DispatchError, DispatchResult, Percent,
};

use crate::{
	types::MIN_QUORUM, Config, Contributors, DatanetRules, Error, Event, Listed, Pallet, Proposal,
	Rules, RulesOf,
};

impl<T: Config> Pallet<T> {
	/// A Datanet's rules as they are now.
	pub(crate) fn rules_now(
		id: DatanetId,
	) -> Result<DatanetRules<BlockNumberFor<T>>, DispatchError> {
		let rules = RulesOf::<T>::get(id).ok_or(Error::<T>::UnknownDatanet)?;
		Ok(rules.at(frame_system::Pallet::<T>::block_number()))
	}

	/// Whether rules are within the bounds.
	pub(crate) fn ensure_permitted(rules: &Rules) -> DispatchResult {
		match rules.curation {
			Some(quorum) => ensure!(
				(MIN_QUORUM..=Percent::one()).contains(&quorum),
				Error::<T>::BadQuorum
			),
			None => ensure!(
				rules.contributors == Contributors::Listed,
				Error::<T>::CurationNeeded
			),
		}
		Self::ensure_payable(rules)?;
		ensure!(
			rules.access_price_per_day <= T::MaxAccessPrice::get(),
			Error::<T>::AccessPriceTooHigh
		);
		ensure!(
			rules.owner_share <= T::MaxOwnerShare::get(),
			Error::<T>::OwnerShareTooHigh
		);
		ensure!(
			rules.data_key.is_none_or(|key| key != [0; 32]),
			Error::<T>::BadDataKey
		);
		Ok(())
	}

	/// Whether an account may contribute.
	pub(crate) fn ensure_may_contribute(
		id: DatanetId,
		rules: &Rules,
		who: &T::AccountId,
	) -> DispatchResult {
		match rules.contributors {
			Contributors::Open => {}
			Contributors::Listed => {
				ensure!(Listed::<T>::contains_key(id, who), Error::<T>::NotListed)
			}
			Contributors::Qualified => {
				ensure!(T::Curation::is_qualified(id, who), Error::<T>::NotQualified)
			}
		}
		Ok(())
	}

	pub(crate) fn do_propose_rules(
		who: T::AccountId,
		id: DatanetId,
		rules: Rules,
	) -> DispatchResult {
		Self::owned(&who, id)?;
		Self::ensure_permitted(&rules)?;
		let mut record = Self::rules_now(id)?;
		let from = frame_system::Pallet::<T>::block_number().saturating_add(T::RulesNotice::get());
		record.proposed = Some(Proposal {
			rules: rules.clone(),
			from,
		});
		RulesOf::<T>::insert(id, record);
		Self::deposit_event(Event::RulesProposed {
			datanet: id,
			rules,
			from,
		});
		Ok(())
	}

	pub(crate) fn do_cancel_rules(who: T::AccountId, id: DatanetId) -> DispatchResult {
		Self::owned(&who, id)?;
		let mut record = Self::rules_now(id)?;
		ensure!(record.proposed.is_some(), Error::<T>::NoProposal);
		record.proposed = None;
		RulesOf::<T>::insert(id, record);
		Self::deposit_event(Event::RulesCancelled { datanet: id });
		Ok(())
	}

	/// What the runtime's constants must be for the rules' bounds to make sense.
	pub(crate) fn check_bounds() {
		assert!(
			T::MaxDepositFactor::get() > 0,
			"MaxDepositFactor leaves no deposit"
		);
		assert!(
			T::RulesNotice::get() >= One::one(),
			"rules would change without notice"
		);
		assert!(
			T::MaxOwnerShare::get() < Percent::one(),
			"MaxOwnerShare leaves nothing to the contributors"
		);
	}
}
