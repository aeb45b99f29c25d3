//! Opening, topping up, closing.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{model::Audience, AccountId};
use sp_runtime::TokenError;

use super::E;
use crate::{mock::*, Event, HoldReason, NextChannel};

fn open_with(agent: AccountId, model: u32, deposit: u128) -> sp_runtime::DispatchResult {
	Channels::open(signed(PAYER), agent, model, deposit, None)
}

#[test]
fn a_channel_holds_what_was_put_in() {
	execute(|| {
		let id = open();
		assert_eq!(held(HoldReason::Funds, PAYER), DEPOSIT);
		assert_eq!(held(HoldReason::Record, PAYER), CHANNEL_DEPOSIT);
		let opened = channel(id);
		assert_eq!(opened.signer, account(PAYER));
		assert_eq!(opened.floor, PRICE);
		assert_ne!(opened.seed, channel(open()).seed, "each has its own");

		assert_ok!(Channels::top_up(signed(PAYER), id, 7));
		assert_eq!(channel(id).deposit, DEPOSIT + 7);
		assert_eq!(channel(id).held, DEPOSIT + 7);
		assert_eq!(held(HoldReason::Funds, PAYER), 2 * DEPOSIT + 7);
	});
}

#[test]
fn what_cannot_be_opened() {
	execute(|| {
		assert_noop!(open_with(account(OTHER), MODEL, DEPOSIT), E::NotServed);
		assert_noop!(open_with(account(AGENT), 1, DEPOSIT), E::NotServed);
		assert_noop!(
			open_with(account(AGENT), MODEL, PRICE - 1),
			E::DepositTooLow
		);
		assert_noop!(
			open_with(account(AGENT), MODEL, 2 * RICH),
			TokenError::FundsUnavailable
		);
		assert_ok!(Models::pause(signed(OWNER), MODEL));
		assert_noop!(
			open_with(account(AGENT), MODEL, DEPOSIT),
			pallet_models::Error::<Test>::Paused
		);
		assert_eq!(NextChannel::<Test>::get(), 0);
	});
}

#[test]
fn who_may_top_up() {
	execute(|| {
		let id = open();
		assert_noop!(Channels::top_up(signed(OTHER), id, 1), E::NotPayer);
		assert_noop!(Channels::top_up(signed(PAYER), id, 0), E::DepositTooLow);
		assert_noop!(Channels::top_up(signed(PAYER), id, u128::MAX), E::Overflow);
		assert_noop!(
			Channels::top_up(signed(PAYER), id + 1, 1),
			E::UnknownChannel
		);
		assert_ok!(Channels::close(signed(PAYER), id));
		assert_noop!(Channels::top_up(signed(PAYER), id, 1), E::Closing);
	});
}

#[test]
fn a_model_for_tenants_is_opened_and_funded_by_tenants() {
	execute(|| {
		let before = open();
		let refused = || pallet_models::Error::<Test>::TenantsOnly;
		assert_ok!(Models::set_audience(
			signed(OWNER),
			MODEL,
			Audience::Tenants
		));
		assert_noop!(open_with(account(AGENT), MODEL, DEPOSIT), refused());
		assert_noop!(Channels::top_up(signed(PAYER), before, 1), refused());
		Renter::set(Some(account(PAYER)));
		assert_ok!(open_with(account(AGENT), MODEL, DEPOSIT));
		assert_ok!(Channels::top_up(signed(PAYER), before, 1));
	});
}

#[test]
fn an_agent_closes_at_once() {
	execute(|| {
		let id = open();
		assert_ok!(Channels::close(signed(AGENT), id));
		assert_eq!(wealth(PAYER), free(PAYER), "nothing is held");
		assert_eq!(wealth(PAYER), RICH);
		assert_noop!(Channels::close(signed(AGENT), id), E::UnknownChannel);
		assert!(events().contains(&Event::Closed {
			channel: id,
			payer: account(PAYER),
			refunded: DEPOSIT,
		}));
	});
}

#[test]
fn a_payer_gives_notice() {
	execute(|| {
		let id = open();
		assert_noop!(Channels::close(signed(OTHER), id), E::NotParty);
		assert_noop!(Channels::finalise(signed(OTHER), id), E::NotOver);
		assert_ok!(Channels::close(signed(PAYER), id));
		assert_noop!(Channels::close(signed(PAYER), id), E::Closing);
		let until = now() + CLOSING;
		run_to(until - 1);
		check();
		assert_noop!(Channels::finalise(signed(OTHER), id), E::NotOver);
		assert_eq!(channel(id).closing, Some(until));
		run_to(until);
		assert_eq!(free(PAYER), RICH, "it ends by itself");
	});
}

#[test]
fn an_agent_need_not_wait_for_the_notice() {
	execute(|| {
		let id = open();
		assert_ok!(Channels::close(signed(PAYER), id));
		run(3);
		assert_ok!(Channels::close(signed(AGENT), id));
		assert_eq!(free(PAYER), RICH);
		run(CLOSING);
	});
}

#[test]
fn pending_batches_keep_a_channel() {
	execute(|| {
		let id = open();
		let first = posted(id, 3);
		run(2);
		posted(id, 2);
		assert_ok!(Channels::close(signed(AGENT), id));
		assert_noop!(Channels::finalise(signed(OTHER), id), E::BatchesPending);
		assert_noop!(first.post(), E::Over);
		run(WINDOW - 2);
		assert!(!is_open(id, 0) && is_open(id, 1));
		check();
		run(2);
		assert_eq!(free(PAYER), RICH - 5 * FEE, "with the last one it ends");
	});
}

#[test]
fn a_busy_chain_is_no_reason_to_wait() {
	execute(|| {
		let id = open();
		assert_ok!(Channels::close(signed(PAYER), id));
		// No room for anything but looking.
		DueWeight::set(frame_support::weights::Weight::zero());
		run(CLOSING + 5);
		assert!(crate::Channels::<Test>::contains_key(id));
		check();
		assert_ok!(Channels::finalise(signed(OTHER), id));
		assert_eq!(free(PAYER), RICH);
		DueWeight::set(frame_support::weights::Weight::MAX);
		run(2);
	});
}

#[test]
fn another_account_can_sign_for_the_payer() {
	execute(|| {
		assert_ok!(Channels::open(
			signed(PAYER),
			account(AGENT),
			MODEL,
			DEPOSIT,
			Some(account(HOT_KEY))
		));
		let served = serve(0, 2);
		assert_noop!(served.post(), E::BadVoucher);
		let signature = voucher(HOT_KEY, 0, served.spent());
		assert_ok!(served.post_with(served.spent(), signature));
		assert_eq!(held(HoldReason::Funds, HOT_KEY), 0);
	});
}

#[test]
fn an_unpaid_call_begins_the_next_batch() {
	execute(|| {
		let id = open();
		let served = serve(id, 3);
		let unpaid = served.step(2).receipt.signed;
		// The payer has paid for two of three calls, and the agent posts these.
		posted(id, 2);
		// Paid for later, the third is signed anew, on top of nothing: no contradiction.
		let next = posted(id, 1);
		let signed_anew = next.step(2).receipt.signed;
		assert_ne!(unpaid.receipt.totals, signed_anew.receipt.totals);
		assert_noop!(
			Channels::report_double(signed(OTHER), id, unpaid, signed_anew, Some(1)),
			E::NoEquivocation
		);
		run(WINDOW);
		assert_eq!(channel(id).held, DEPOSIT - 3 * FEE);
	});
}
