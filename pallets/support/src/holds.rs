//! What is held, against what is recorded: for the checks of `try_state`.

use alloc::collections::BTreeMap;
use frame_support::{ensure, traits::fungible::InspectHold};
use sp_runtime::{
	traits::{CheckedAdd, Zero},
	TryRuntimeError,
};

/// What is recorded, by account.
pub type Sums<AccountId, Balance> = BTreeMap<AccountId, Balance>;

/// Adds to what is recorded for an account.
pub fn add<AccountId: Ord + Clone, Balance: CheckedAdd + Default>(
	sums: &mut Sums<AccountId, Balance>,
	who: &AccountId,
	amount: Balance,
) -> Result<(), TryRuntimeError> {
	let sum = sums.entry(who.clone()).or_default();
	*sum = sum
		.checked_add(&amount)
		.ok_or("a sum of what is recorded overflows")?;
	Ok(())
}

/// Checks that what is held for a reason is what is recorded, of each account. `broken` says what is wrong
/// if it is not.
pub fn check<T, Currency>(
	reason: impl Into<Currency::Reason>,
	mut recorded: Sums<T::AccountId, Currency::Balance>,
	broken: &'static str,
) -> Result<(), TryRuntimeError>
where
	T: frame_system::Config,
	Currency: InspectHold<T::AccountId>,
{
	let reason = reason.into();
	for who in frame_system::Account::<T>::iter_keys() {
		ensure!(
			Currency::balance_on_hold(&reason, &who) == recorded.remove(&who).unwrap_or_default(),
			broken
		);
	}
	// Of whom there is no account, nothing can be held.
	ensure!(recorded.values().all(Zero::is_zero), broken);
	Ok(())
}

#[cfg(test)]
mod tests;
