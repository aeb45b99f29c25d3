//! Where money goes.

use frame_support::{
	defensive,
	traits::{
		fungible::{Balanced, BalancedHold, Credit, MutateHold},
		tokens::{Fortitude, Precision, Preservation},
		Get, Imbalance,
	},
};
use openledger_primitives::Balance;
use sp_runtime::traits::AccountIdConversion;

use crate::{Config, Event, HoldReason, Pallet, TreasuryDue};

/// Money, on its way.
pub(crate) type CreditOf<T> =
	Credit<<T as frame_system::Config>::AccountId, <T as Config>::Currency>;

impl<T: Config> Pallet<T> {
	/// The account that holds what is delegated.
	pub(crate) fn pot_account() -> T::AccountId {
		T::PalletId::get().into_account_truncating()
	}

	/// Ends a hold in its owner's favour.
	pub(crate) fn give_back(reason: HoldReason, who: &T::AccountId, amount: Balance) {
		let released = T::Currency::release(&reason.into(), who, amount, Precision::BestEffort);
		if released != Ok(amount) {
			defensive!("what is recorded is held");
		}
	}

	/// Takes held money from who has lost it.
	pub(crate) fn from_bond(who: &T::AccountId, amount: Balance) -> CreditOf<T> {
		if amount == 0 {
			return CreditOf::<T>::zero();
		}
		let (credit, missing) = T::Currency::slash(&HoldReason::Bond.into(), who, amount);
		if missing > 0 {
			defensive!("what is recorded is held");
		}
		credit
	}

	/// Takes money out of the pot.
	pub(crate) fn from_pot(amount: Balance) -> CreditOf<T> {
		if amount == 0 {
			return CreditOf::<T>::zero();
		}
		T::Currency::withdraw(
			&Self::pot_account(),
			amount,
			Precision::Exact,
			Preservation::Preserve,
			Fortitude::Polite,
		)
		.unwrap_or_else(|_| {
			defensive!("the pot holds what is recorded");
			CreditOf::<T>::zero()
		})
	}

	/// Pays the reporter's share of a slash, if it can take it, and says how much; the rest goes to the
	/// treasury.
	pub(crate) fn pay_slashed(slashed: CreditOf<T>, reporter: Option<&T::AccountId>) -> Balance {
		let share = T::ReporterShare::get().mul_floor(slashed.peek());
		let (reward, mut rest) = slashed.split(share);
		let paid = match reporter {
			Some(reporter) => T::Currency::resolve(reporter, reward),
			None => Err(reward),
		};
		let paid = match paid {
			Ok(()) => share,
			Err(refused) => {
				rest.subsume(refused);
				0
			}
		};
		Self::pay_treasury(rest);
		paid
	}

	/// Pays the treasury, with what it is due from before. What its account cannot take (an account
	/// cannot hold less than the existential deposit) waits in the pot.
	pub(crate) fn pay_treasury(mut credit: CreditOf<T>) {
		let due = TreasuryDue::<T>::take();
		if due > 0 {
			credit.subsume(Self::from_pot(due));
		}
		if credit.peek() == 0 {
			return;
		}
		let Err(refused) = T::Currency::resolve(&T::TreasuryAccount::get(), credit) else {
			return;
		};
		let amount = refused.peek();
		match T::Currency::resolve(&Self::pot_account(), refused) {
			Ok(()) => TreasuryDue::<T>::put(amount),
			// Without a pot nobody has delegated: dropped, it is taken out of the issuance.
			Err(lost) => drop(lost),
		}
		Self::deposit_event(Event::TreasuryUnreachable { amount });
	}
}
