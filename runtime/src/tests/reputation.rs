//! Contests with this chain's money and times.

use super::chain::Chain;
use crate::{
	configs::{
		money::TreasuryAccount,
		openledger::{ContestBond, ContestPeriod, Maturity},
		system::RuntimeBlockWeights,
	},
	constants::{currency::UNIT, time::DAYS},
	genesis_config_presets::DEVELOPMENT,
	AccountId, Balances, Reputation, RuntimeOrigin, System,
};
use frame_support::{
	assert_noop, assert_ok,
	traits::{fungible::Inspect, Hooks},
};
use openledger_primitives::{traits::ReputationSink, ContentHash};
use pallet_reputation::{Claim, Evidence};
use sp_keyring::Sr25519Keyring::{Bob, Charlie, Ferdie};
use sp_runtime::{traits::BadOrigin, Perbill};

fn evidence() -> Evidence {
	Evidence {
		claim: Claim::Traded,
		hash: ContentHash::of(b"who paid whom"),
		locator: Default::default(),
	}
}

#[test]
fn contested_points_wait_for_governance_and_no_longer_than_it_may_take() {
	Chain::new(DEVELOPMENT).execute(|| {
		let [bob, charlie, ferdie] = [Bob, Charlie, Ferdie].map(|key| key.to_account_id());
		System::set_block_number(1);
		Reputation::earned(&bob, &charlie, 100 * UNIT);
		System::set_block_number(DAYS);
		let money = |who: &AccountId| Balances::total_balance(who);
		let (before, treasury) = (money(&ferdie), money(&TreasuryAccount::get()));
		let contest = |amount| {
			let ferdie = RuntimeOrigin::signed(ferdie.clone());
			Reputation::contest(ferdie, bob.clone(), 0, amount, evidence())
		};
		for amount in [25, 25, 50] {
			assert_ok!(contest(amount * UNIT));
		}
		assert_eq!(Reputation::pending(bob.clone()), 0);
		let signed = || RuntimeOrigin::signed(bob.clone());
		assert_noop!(Reputation::decide(signed(), 0, false), BadOrigin);
		assert_ok!(Reputation::decide(RuntimeOrigin::root(), 0, true));
		assert_ok!(Reputation::decide(RuntimeOrigin::root(), 1, false));
		assert_eq!(Reputation::pending(bob.clone()), 25 * UNIT);
		assert_eq!(money(&ferdie), before - ContestBond::get());
		assert_eq!(
			money(&TreasuryAccount::get()),
			treasury + ContestBond::get()
		);
		System::set_block_number(DAYS + ContestPeriod::get() + 1);
		assert_ok!(Reputation::close(signed(), 2));
		assert_eq!(Reputation::pending(bob.clone()), 75 * UNIT);
		System::set_block_number(DAYS + Maturity::get());
		assert!(Reputation::power(bob.clone()) >= 75 * UNIT - 2);
		Reputation::do_try_state().expect("Reputation");
	});
}

#[test]
fn looking_at_transfers_takes_a_small_part_of_a_block() {
	Chain::new(DEVELOPMENT).execute(|| {
		let reserved = Reputation::on_initialize(1);
		let most = Perbill::from_percent(3) * RuntimeBlockWeights::get().max_block;
		assert!(reserved.all_lte(most), "{reserved}");
	});
}
