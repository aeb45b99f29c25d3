//! Who funded whom, as the transfers of each block tell.

use alloc::collections::BTreeMap;
use frame_support::traits::{fungible::Inspect, Contains, Get};
use openledger_primitives::{traits::Link, types::Balance};
use sp_runtime::traits::Saturating;

use crate::{
	pallet::{Config, Event, Fundings, Hubs, Pallet},
	Funding,
};

/// Into how many parts a funding can be cut within one block and still be seen: with more, the transfers
/// cost more than the way through another account, which is not seen either.
pub const MAX_PARTS: u32 = 8;

/// A transfer of the token from one account to another.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Transfer<AccountId> {
	/// Who paid.
	pub from: AccountId,
	/// Who was paid.
	pub to: AccountId,
	/// How much.
	pub amount: Balance,
}

/// The transfers of the present block, however they came about.
pub trait Transfers<AccountId> {
	/// Shows those among the block's first `events` events, or fewer if these are too large to be looked at, in their
	/// order. Returns how many events come after these.
	fn show(events: u32, see: impl FnMut(Transfer<AccountId>)) -> u32;
}

/// There are none.
impl<AccountId> Transfers<AccountId> for () {
	fn show(_: u32, _: impl FnMut(Transfer<AccountId>)) -> u32 {
		0
	}
}

/// The transfers that matter, added up by who paid whom.
struct Sums<AccountId> {
	sums: BTreeMap<(AccountId, AccountId), Balance>,
	/// How many pairs there can be.
	limit: usize,
	/// How many transfers of further pairs there were.
	overlooked: u32,
}

impl<AccountId: Ord> Sums<AccountId> {
	fn add(&mut self, Transfer { from, to, amount }: Transfer<AccountId>) {
		let is_full = self.sums.len() >= self.limit;
		let pair = (from, to);
		match self.sums.get_mut(&pair) {
			Some(sum) => *sum = sum.saturating_add(amount),
			None if is_full => self.overlooked.saturating_inc(),
			None => {
				self.sums.insert(pair, amount);
			}
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Notes who was funded by whom in the present block.
	pub(crate) fn observe() {
		let (hubs, minimum) = (Hubs::<T>::get(), T::MinFunding::get());
		let least = minimum
			.checked_div(MAX_PARTS.into())
			.unwrap_or(minimum)
			.max(1);
		let mut seen = Sums {
			sums: BTreeMap::new(),
			limit: usize::try_from(T::MaxTransfers::get()).unwrap_or(usize::MAX),
			overlooked: 0,
		};
		let events = T::Transfers::show(T::MaxEvents::get(), |transfer| {
			let Transfer { from, to, amount } = &transfer;
			if *amount >= least && from != to && !T::Pots::contains(to) {
				seen.add(transfer);
			}
		});
		for ((from, to), amount) in seen.sums {
			if amount < minimum || !Self::is_larger_part(&to, amount) {
				continue;
			}
			if hubs.contains(&from) || T::Pots::contains(&from) {
				Fundings::<T>::remove(&to);
			} else {
				Self::note_funding(from, to);
			}
		}
		let transfers = seen.overlooked;
		if transfers > 0 || events > 0 {
			Self::deposit_event(Event::Overlooked { transfers, events });
		}
	}

	/// Whether an amount is more than all else that an account has.
	fn is_larger_part(of: &T::AccountId, amount: Balance) -> bool {
		amount > T::Currency::total_balance(of).saturating_sub(amount)
	}

	/// Notes that `to` was funded by `by`.
	fn note_funding(by: T::AccountId, to: T::AccountId) {
		let until =
			frame_system::Pallet::<T>::block_number().saturating_add(T::FundingWindow::get());
		Fundings::<T>::insert(
			&to,
			Funding {
				by: by.clone(),
				until,
			},
		);
		Self::deposit_event(Event::Funded { who: to, by, until });
	}

	/// Who funded an account lately.
	pub(crate) fn funder(who: &T::AccountId) -> Option<T::AccountId> {
		let now = frame_system::Pallet::<T>::block_number();
		Fundings::<T>::get(who)
			.filter(|funding| funding.until >= now)
			.map(|funding| funding.by)
	}

	/// Whether one account funded the other, or the same one funded both.
	pub(crate) fn funding_link(one: &T::AccountId, other: &T::AccountId) -> Option<Link> {
		let (by, of) = (Self::funder(one), Self::funder(other));
		let is_linked =
			by.as_ref() == Some(other) || of.as_ref() == Some(one) || (by.is_some() && by == of);
		is_linked.then_some(Link::Funding)
	}

	/// Forgets a funding that links nobody any more.
	pub(crate) fn remove_if_over(who: &T::AccountId) {
		let now = frame_system::Pallet::<T>::block_number();
		if Fundings::<T>::get(who).is_some_and(|funding| funding.until < now) {
			Fundings::<T>::remove(who);
		}
	}
}
