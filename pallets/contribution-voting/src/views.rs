//! What is told to those who ask.

use codec::{Decode, Encode};
use frame_support::traits::{Polling, VoteTally};
use openledger_primitives::traits::VotingPower;
use scale_info::TypeInfo;
use sp_runtime::Perbill;

use crate::{
	pallet::{ClassOf, Config, Pallet, PollIndexOf, VotingFor},
	types::{Ballot, Voting},
};

/// How a poll stands.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct Standing {
	/// For it, in present points.
	pub ayes: u128,
	/// Against it, in present points.
	pub nays: u128,
	/// For it or abstaining, in present points.
	pub support: u128,
	/// All reputation, in present points.
	pub total: u128,
	/// The part of those who take sides that is for it.
	pub approval: Perbill,
	/// The part of all reputation that is for it or abstains.
	pub support_part: Perbill,
}

impl<T: Config> Pallet<T> {
	pub(crate) fn present_power(who: &T::AccountId, class: &ClassOf<T>) -> u128 {
		match VotingFor::<T>::get(who, class) {
			Voting::Casting { delegations, .. } => {
				T::Power::power(who).saturating_add(delegations.worth(&Self::clock()))
			}
			Voting::Delegating { .. } => 0,
		}
	}

	pub(crate) fn running_ballot(who: &T::AccountId, poll_index: PollIndexOf<T>) -> Option<Ballot> {
		let (_, class) = T::Polls::as_ongoing(poll_index)?;
		let Voting::Casting { votes, .. } = VotingFor::<T>::get(who, class) else {
			return None;
		};
		votes
			.into_iter()
			.find_map(|(index, ballot)| (index == poll_index).then_some(ballot))
	}

	pub(crate) fn standing(poll_index: PollIndexOf<T>) -> Option<Standing> {
		let (tally, class) = T::Polls::as_ongoing(poll_index)?;
		let clock = Self::clock();
		let present = |weight| clock.worth(weight, tally.period);
		Some(Standing {
			ayes: present(tally.ayes),
			nays: present(tally.nays),
			support: present(tally.support),
			total: T::Power::total(),
			approval: tally.approval(class.clone()),
			support_part: tally.support(class),
		})
	}
}
