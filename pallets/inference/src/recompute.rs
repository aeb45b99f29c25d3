//! Calls of the optimistic tier that are in doubt: an ordinary request, at the cost of who doubts, answers
//! each again.

use alloc::vec::Vec;
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{traits::Get, weights::Weight, BoundedVec};
use openledger_primitives::{
	model::ModelClass,
	traits::{AgentPool, Contested, ModelRegistry, Offence, OnRuling, Recompute, Ruling},
	Balance, ModelId, Outcome, RequestId,
};
use scale_info::TypeInfo;
use sp_core::{ConstU32, H256};
use sp_runtime::DispatchError;

use crate::{
	ending::Verdict, tally::apart, types::Input, Config, Error, Pallet, Recomputations, Requests,
	Reruns,
};

/// The most agents that are left out of a committee: who is accused, and who accuses.
pub const MAX_EXCLUDED: u32 = 2;

/// What an open request runs again.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Recomputation<AccountId> {
	/// With what a seeded sampler begins: as it did in the call, whatever the committee is drawn by.
	pub seed: H256,
	/// The outcome that is in doubt.
	pub said: Outcome,
	/// Who must not be in the committee.
	pub excluded: BoundedVec<AccountId, ConstU32<MAX_EXCLUDED>>,
}

impl Verdict {
	/// What a committee says about an outcome. It has to have an answer itself, by as many as it takes to
	/// hold another one to be wrong.
	fn ruling(&self, said: &Outcome, class: ModelClass, quorum: u32) -> Ruling {
		let (Some(policy), Some((agreement, right))) = (self.policy, self.agreed()) else {
			return Ruling::Undecided;
		};
		let enough = u32::try_from(agreement.members).is_ok_and(|members| members >= quorum);
		let (Outcome::Answered(answer), Outcome::Answered(doubted), true) = (right, said, enough)
		else {
			return Ruling::Undecided;
		};
		if apart(&policy, right, said).is_some() {
			return Ruling::Confirmed;
		}
		match self.offence(class, answer, doubted) {
			Offence::FalseAttribution => Ruling::FalseAttribution,
			_ => Ruling::WrongResult,
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Whether a request decides about others.
	pub(crate) fn decides(id: RequestId) -> bool {
		Reruns::<T>::contains_key(id) || Recomputations::<T>::contains_key(id)
	}

	/// Who must not be drawn for a request, besides those that have been.
	pub(crate) fn barred(id: RequestId) -> Vec<T::AccountId> {
		let canary = Reruns::<T>::get(id).map(|rerun| rerun.excluded.into_inner());
		let contested = Recomputations::<T>::get(id).map(|again| again.excluded.into_inner());
		canary.or(contested).unwrap_or_default()
	}

	/// Tells who asked for it what a request that was opened by [`Recompute::rerun`] has come to; nothing
	/// if it was another. Returns what that weighed.
	pub(crate) fn rule(id: RequestId, class: ModelClass, verdict: Option<&Verdict>) -> Weight {
		let Some(again) = Recomputations::<T>::take(id) else {
			return Weight::zero();
		};
		let ruling = verdict.map_or(Ruling::Undecided, |verdict| {
			verdict.ruling(&again.said, class, T::SlashQuorum::get())
		});
		T::Rulings::ruled(id, ruling);
		T::Rulings::weight()
	}
}

impl<T: Config> Recompute<T::AccountId> for Pallet<T> {
	fn is_possible(model: ModelId, version: u32, outcome: &Outcome) -> bool {
		matches!(outcome, Outcome::Answered(_))
			&& Self::check_outcome(model, version, outcome).is_ok()
	}

	fn is_available(model: ModelId, version: u32, excluded: u32) -> bool {
		let least = T::SlashQuorum::get().saturating_add(excluded);
		T::Models::spec(model, version)
			.is_some_and(|spec| T::Agents::available(model, &spec.policy, least) >= least)
	}

	fn price(model: ModelId, version: u32) -> Option<Balance> {
		let quote = T::Models::quote_rerun(model, version, T::MaxInput::get()).ok()?;
		let (_, fee) = Self::price_of(&quote, T::MaxCommittee::get()).ok()?;
		Some(fee)
	}

	/// At the present price of the compute alone, by as large a committee as there can be.
	fn rerun(
		payer: &T::AccountId,
		contested: Contested<'_, T::AccountId>,
		max_fee: Balance,
	) -> Result<(RequestId, Balance), DispatchError> {
		let input = BoundedVec::try_from(contested.input).map_err(|_| Error::<T>::InputTooLarge)?;
		let excluded = BoundedVec::try_from(contested.excluded.to_vec())
			.map_err(|_| Error::<T>::CommitteeOutOfRange)?;
		let id = Self::open(
			payer.clone(),
			contested.model,
			Some(contested.version),
			Input::Inline(input),
			max_fee,
			(T::SlashQuorum::get(), T::MaxCommittee::get()),
		)?;
		let fee = Requests::<T>::get(id)
			.ok_or(Error::<T>::UnknownRequest)?
			.fee;
		Recomputations::<T>::insert(
			id,
			Recomputation {
				seed: contested.seed,
				said: contested.said.clone(),
				excluded,
			},
		);
		Ok((id, fee))
	}
}
