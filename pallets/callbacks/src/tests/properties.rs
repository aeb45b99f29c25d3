//! Whatever happens in whichever order, no money is lost or made.

use frame_support::traits::fungible::Inspect;
use openledger_primitives::{traits::Closing, Balance};
use proptest::prelude::*;
use sp_core::H160;

use crate::{mock::*, Callbacks as Registered, Due, Event};

/// What can happen.
#[derive(Clone, Debug)]
enum Step {
	/// A payer asks, and may have one of the contracts told with a budget.
	Ask {
		by_bob: bool,
		contract: usize,
		budget: Balance,
		weight: u64,
	},
	/// One of the open requests ends.
	End { which: usize, cancelled: bool },
	/// A block has so much left, in thousandths of what callbacks may use.
	Idle { left: u64 },
	/// Somebody sends something to the account that calls.
	Gift { amount: Balance },
}

fn step() -> impl Strategy<Value = Step> {
	prop_oneof![
		3 => (any::<bool>(), any::<usize>(), 0..3 * UNIT, 0..=1_000u64).prop_map(
			|(by_bob, contract, budget, weight)| Step::Ask { by_bob, contract, budget, weight }
		),
		3 => (any::<usize>(), any::<bool>()).prop_map(|(which, cancelled)| Step::End {
			which,
			cancelled
		}),
		2 => (0..=1_100u64).prop_map(|left| Step::Idle { left }),
		1 => (ED..10 * ED).prop_map(|amount| Step::Gift { amount }),
	]
}

fn contracts() -> Vec<H160> {
	let mut all: Vec<_> = [&record()[..], &REVERT, &BURN, &RECURSE, &FILL]
		.into_iter()
		.map(deploy)
		.collect();
	all.push(H160::repeat_byte(9));
	all
}

fn take(step: &Step, contracts: &[H160]) {
	match *step {
		Step::Ask {
			by_bob,
			contract,
			budget,
			weight,
		} => {
			let who = if by_bob { BOB } else { ALICE };
			let id = open(who.clone());
			// Refused where there are too many: that is a part of it.
			let _ = Callbacks::register(
				RuntimeOrigin::signed(who),
				id,
				contracts[contract % contracts.len()],
				MAX_WEIGHT * weight / 1_000,
				budget,
				Balance::MAX,
			);
		}
		Step::End { which, cancelled } => {
			let ids: Vec<_> = Opened::get().into_keys().collect();
			if let Some(id) = ids.get(which % ids.len().max(1)) {
				let closing = if cancelled {
					Closing::Cancelled
				} else {
					Closing::Answered
				};
				end_as(*id, closing);
			}
		}
		Step::Idle { left } => {
			idle_with(MAX_IDLE * left / 1_000);
		}
		Step::Gift { amount } => {
			frame_support::assert_ok!(Balances::transfer_keep_alive(
				RuntimeOrigin::signed(BOB),
				Callbacks::caller(),
				amount
			));
		}
	}
	Callbacks::do_try_state().expect("the invariants hold");
}

/// What was paid for weight, sent to the caller, held, and what came back, by the events.
fn fees_and_losses() -> (Balance, Balance) {
	System::events()
		.into_iter()
		.fold((0, 0), |(fees, lost), record| match record.event {
			RuntimeEvent::Callbacks(Event::Registered { fee, held, .. }) => {
				(fees + fee, lost + held)
			}
			RuntimeEvent::Callbacks(Event::Called { returned, .. }) => (fees, lost - returned),
			_ => (fees, lost),
		})
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 60, ..Default::default() })]

	#[test]
	fn no_money_is_lost_or_made(steps in prop::collection::vec(step(), 1..60)) {
		new_test_ext().execute_with(|| {
			let contracts = contracts();
			let stored = || contracts.iter().map(|contract| locked(*contract)).sum::<Balance>();
			let wealth = || Balances::total_balance(&ALICE) + Balances::total_balance(&BOB);
			let gifts: Balance = steps.iter().map(|step| match step {
				Step::Gift { amount } => *amount,
				_ => 0,
			}).sum();
			let (issuance, before, stored_before) =
				(Balances::total_issuance(), wealth(), stored());
			System::reset_events();
			for step in &steps {
				take(step, &contracts);
			}
			// Then all that has been registered runs.
			for id in Opened::get().into_keys() {
				end(id);
			}
			while Due::<Test>::iter().next().is_some() {
				idle();
			}
			let (fees, lost) = fees_and_losses();
			let growth = stored() - stored_before;
			assert_eq!(Balances::total_issuance(), issuance);
			assert_eq!((held(&ALICE), held(&BOB)), (0, 0));
			assert_eq!(Registered::<Test>::iter().count(), 0);
			assert_eq!(lost, growth, "what does not come back is in the contracts' storage");
			assert_eq!(Balances::free_balance(AUTHOR), ED + fees);
			assert_eq!(Balances::free_balance(Callbacks::caller()), gifts);
			assert_eq!(wealth(), before - fees - growth - gifts);
			Callbacks::do_try_state().expect("the invariants hold");
		});
	}
}
