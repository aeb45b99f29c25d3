//! Requests whose answers somebody knows beforehand, and what comes of an answer that is another.

use codec::Encode;
use frame_support::{
	ensure,
	traits::{
		fungible::{BalancedHold, MutateHold},
		Get, OnUnbalanced,
	},
	BoundedVec,
};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{
	model::Policy,
	protocol::Salt,
	traits::{ModelRegistry, Offence},
	Balance, ModelId, Outcome, RequestId,
};
use sp_core::H256;
use sp_crypto_hashing::blake2_256;
use sp_runtime::DispatchResult;

use crate::{
	tally::apart,
	types::{Canary, Ending, Input, Receipt, Rerun},
	Canaries, Config, Error, Event, HoldReason, Pallet, Receipts, Reruns,
};

/// Hides a canary until it is revealed: that `owner` expects this outcome of `model` for this input.
///
/// - `input`: what stands for the input, see [`Input::digest`].
/// - `expected`: the hash of the outcome.
pub fn canary_hash<AccountId: Encode>(
	owner: &AccountId,
	model: ModelId,
	version: u32,
	input: &H256,
	expected: &H256,
	salt: &Salt,
) -> H256 {
	H256(blake2_256(
		&(
			b"openledger/canary",
			owner,
			model,
			version,
			input,
			expected,
			salt,
		)
			.encode(),
	))
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_commit_canary(who: T::AccountId, hash: H256) -> DispatchResult {
		ensure!(
			!Canaries::<T>::contains_key(&who, hash),
			Error::<T>::CanaryKnown
		);
		let deposit = T::CanaryDeposit::get();
		T::Currency::hold(&HoldReason::Canary.into(), &who, deposit)?;
		let at = Self::now();
		Canaries::<T>::insert(&who, hash, Canary { at, deposit });
		Self::deposit_event(Event::CanaryCommitted {
			owner: who,
			canary: hash,
			deposit,
		});
		Ok(())
	}

	pub(crate) fn do_drop_canary(who: T::AccountId, hash: H256) -> DispatchResult {
		let canary = Canaries::<T>::take(&who, hash).ok_or(Error::<T>::UnknownCanary)?;
		Self::return_canary(who, hash, canary.deposit);
		Ok(())
	}

	fn return_canary(owner: T::AccountId, canary: H256, deposit: Balance) {
		let deposit = Self::give_back(HoldReason::Canary, &owner, deposit);
		Self::deposit_event(Event::CanaryReturned {
			owner,
			canary,
			deposit,
		});
	}

	pub(crate) fn do_reveal_canary(
		who: T::AccountId,
		id: RequestId,
		input: Input<T>,
		expected: Outcome,
		salt: Salt,
		max_fee: Balance,
	) -> DispatchResult {
		let receipt = Receipts::<T>::get(id).ok_or(Error::<T>::UnknownReceipt)?;
		let Ending::Answered(answer) = &receipt.ending else {
			return Err(Error::<T>::NotAnswered.into());
		};
		let found = Outcome::Answered(answer.clone());
		let hash = canary_hash(
			&who,
			receipt.model,
			receipt.version,
			&input.digest(),
			&expected.hash(),
			&salt,
		);
		let canary = Canaries::<T>::get(&who, hash).ok_or(Error::<T>::UnknownCanary)?;
		ensure!(input.digest() == receipt.input_hash, Error::<T>::OtherInput);
		ensure!(canary.at < receipt.made_at, Error::<T>::CanaryTooLate);
		let spec = T::Models::spec(receipt.model, receipt.version).ok_or(Error::<T>::Superseded)?;
		ensure!(spec.task.is_repeatable(), Error::<T>::NotRepeatable);

		if apart(&spec.policy, &expected, &found).is_some() {
			Canaries::<T>::remove(&who, hash);
			Self::return_canary(who, hash, canary.deposit);
			return Ok(());
		}
		Self::contest(who, id, receipt, input, (hash, canary), expected, max_fee)
	}

	/// Has a request run again by others than those that answered it.
	fn contest(
		who: T::AccountId,
		id: RequestId,
		mut receipt: Receipt<T>,
		input: Input<T>,
		(hash, canary): (H256, Canary<BlockNumberFor<T>>),
		expected: Outcome,
		max_fee: Balance,
	) -> DispatchResult {
		ensure!(!receipt.contested, Error::<T>::AlreadyContested);
		ensure!(
			matches!(expected, Outcome::Answered(_)),
			Error::<T>::MalformedAnswer
		);
		Self::check_outcome(receipt.model, receipt.version, &expected)?;
		let least = u32::try_from(receipt.committee.len())
			.unwrap_or(u32::MAX)
			.max(T::SlashQuorum::get());
		let rerun = Self::open(
			who.clone(),
			receipt.model,
			Some(receipt.version),
			input,
			max_fee,
			(least, T::MaxCommittee::get()),
		)?;
		let agents = |accused: bool| {
			let seats = receipt.committee.iter();
			BoundedVec::truncate_from(
				seats
					.filter(|seat| !accused || seat.agreed)
					.map(|seat| seat.agent.clone())
					.collect(),
			)
		};
		let Ending::Answered(answer) = &receipt.ending else {
			return Err(Error::<T>::NotAnswered.into());
		};
		Reruns::<T>::insert(
			rerun,
			Rerun {
				of: id,
				canary: hash,
				deposit: canary.deposit,
				accused: agents(true),
				excluded: agents(false),
				expected,
				found: Outcome::Answered(answer.clone()),
			},
		);
		Canaries::<T>::remove(&who, hash);
		receipt.contested = true;
		Receipts::<T>::insert(id, receipt);
		Self::deposit_event(Event::Contested {
			request: id,
			owner: who,
			canary: hash,
			rerun,
		});
		Ok(())
	}

	/// What becomes of a canary and of those that it accuses, if a request was a re-run: they are
	/// reported if at least as many agree on what was expected; its owner loses the deposit if the re-run
	/// agrees with them; and nothing happens otherwise.
	///
	/// - `agreed`: what the re-run agrees on, and how many do.
	pub(crate) fn decide(
		id: RequestId,
		owner: &T::AccountId,
		policy: Option<Policy>,
		agreed: Option<(&Outcome, usize)>,
	) {
		let Some(rerun) = Reruns::<T>::take(id) else {
			return;
		};
		let says = |outcome: &Outcome| {
			policy
				.zip(agreed)
				.is_some_and(|(policy, (agreed, _))| apart(&policy, agreed, outcome).is_some())
		};
		match (says(&rerun.found), says(&rerun.expected)) {
			(true, false) => {
				let (lost, _) =
					T::Currency::slash(&HoldReason::Canary.into(), owner, rerun.deposit);
				T::Penalties::on_unbalanced(lost);
				Self::deposit_event(Event::CanaryLost {
					owner: owner.clone(),
					canary: rerun.canary,
					deposit: rerun.deposit,
				});
				return;
			}
			(false, true) if agreed.is_some_and(|(_, members)| members >= rerun.accused.len()) => {
				for agent in &rerun.accused {
					Self::offend(rerun.of, agent, Offence::WrongResult, Some(owner));
				}
			}
			_ => {}
		}
		Self::return_canary(owner.clone(), rerun.canary, rerun.deposit);
	}
}
