//! Attacks on access, and what the attacker keeps.

use crate::{mock::*, Grants, HoldReason, Records};
use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};
use openledger_primitives::{
	data::Purpose::{self, *},
	traits::AccessGrants,
};
use sp_runtime::Percent;

fn may(who: AccountId, purpose: Purpose) -> bool {
	<Access as AccessGrants<_>>::may(&who, DATANET, purpose)
}

#[test]
fn approving_twice_pays_once() {
	ExtBuilder.build_and_execute(|| {
		let id = request();
		approve(id);
		let before = (wealth(OWNER), wealth(TRAINER));
		for who in [OWNER, OTHER_OWNER] {
			assert!(Access::approve(signed(who), id, None).is_err());
			assert!(Access::refuse(signed(who), id, bytes(b"")).is_err());
		}
		assert!(Access::cancel_request(signed(TRAINER), id).is_err());
		assert_eq!((wealth(OWNER), wealth(TRAINER)), before);
	});
}

/// What owner and contributors together gain by approving and revoking at once, by the owner's share.
#[test]
fn approving_to_revoke_is_a_loss() {
	for owner_share in [0, 20, 100] {
		ExtBuilder.build_and_execute(|| {
			change(DATANET, |given| {
				given.terms.owner_share = Percent::from_percent(owner_share);
				// The owner is the only contributor as well.
				given.contributors = vec![(OWNER, 1)];
			});
			for _ in 0..5 {
				let id = grant();
				assert_ok!(Access::revoke(signed(OWNER), id));
			}
			// The treasury's part of each is the owner's loss; the grantee has everything back.
			assert_eq!(RICH - wealth(OWNER), 5 * 500);
			assert_eq!(wealth(TRAINER), RICH);
		});
	}
}

#[test]
fn prolonging_and_revoking_refunds_no_more_than_was_paid() {
	ExtBuilder.build_and_execute(|| {
		let mut paid = 0;
		let mut id = 0;
		for (price, days) in [(9_999, 3), (1_001, 1), (25_007, 7), (3_333, 2)] {
			id = request_by(TRAINER, Training, price, days * DAY);
			paid += price;
			approve(id);
			pass(37);
		}
		let refund = Access::refund_of(id).unwrap();
		assert!(refund < paid);
		assert_ok!(Access::revoke(signed(OWNER), id));
		assert_eq!(RICH - wealth(TRAINER), paid - refund);
	});
}

/// What it costs to revoke a grantee who is also the Datanet's main contributor, and what the grantee
/// makes of it: the reason to refuse what is offered far above the price.
#[test]
fn a_contributor_who_overbids_makes_its_revocation_dear() {
	ExtBuilder.build_and_execute(|| {
		change(DATANET, |given| given.contributors = vec![(TRAINER, 1)]);
		let overbid = 100_000;
		let id = request_by(TRAINER, Training, overbid, 10 * DAY);
		approve(id);
		assert_ok!(Access::revoke(signed(OWNER), id));
		// 5 % is the treasury's, a fifth of the rest the owner's, 76 % came back to the contributor.
		assert_eq!(RICH - wealth(OWNER), overbid - 19_000);
		assert_eq!(wealth(TRAINER) - RICH, 76_000);
		// At the Datanet's price the same costs a tenth of that; to refuse costs nothing.
		let before = wealth(OWNER);
		let id = grant();
		assert_ok!(Access::revoke(signed(OWNER), id));
		assert_eq!(before - wealth(OWNER), 8_100);
		let before = wealth(OWNER);
		let id = request_by(TRAINER, Training, overbid, 10 * DAY);
		assert_ok!(Access::refuse(signed(OWNER), id, bytes(b"too dear")));
		assert_eq!(wealth(OWNER), before);
	});
}

#[test]
fn a_grant_that_is_over_is_good_for_nothing() {
	ExtBuilder.build_and_execute(|| {
		let id = grant();
		pass(10 * DAY);
		assert!(!may(TRAINER, Training));
		assert_eq!(Access::may_read(TRAINER, DATANET), None);
		assert_eq!(Access::imports_of(TRAINER, None, 100), []);
		// Neither money nor a key is to be had for it, although its record is there.
		assert!(Grants::<Test>::contains_key(id));
		assert_noop!(Access::revoke(signed(OWNER), id), E::GrantOver);
		assert_noop!(
			Access::hand_over_key(signed(OWNER), id, bytes(b"age")),
			E::GrantOver
		);
	});
}

#[test]
fn a_requester_who_withdraws_in_time_gets_no_key_if_it_is_handed_over_later() {
	ExtBuilder.build_and_execute(|| {
		// It sees the approval in the pool, and cancels first.
		let id = request_by(TRAINER, Training, 500_000, 10 * DAY);
		assert_ok!(Access::cancel_request(signed(TRAINER), id));
		assert_noop!(Access::approve(signed(OWNER), id, None), E::UnknownRequest);
		assert_noop!(
			Access::hand_over_key(signed(OWNER), id, bytes(b"age")),
			E::UnknownGrant
		);
		// What it keeps is what it had; the overbid bound nobody.
		assert_eq!(balance(TRAINER), RICH);
		assert!(!may(TRAINER, Training));
	});
}

#[test]
fn a_requester_cannot_spend_what_it_has_bid() {
	ExtBuilder.build_and_execute(|| {
		let id = request_by(TRAINER, Training, 900_000, 10 * DAY);
		assert!(Balances::transfer_allow_death(signed(TRAINER), STRANGER, 200_000).is_err());
		assert!(
			Access::request_access(signed(TRAINER), DATANET, Research, 200_000, DAY, KEY).is_err()
		);
		approve(id);
		assert_eq!(RICH - wealth(TRAINER), 900_000);
	});
}

#[test]
fn a_steward_of_another_datanet_decides_nothing() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(appoint(OTHER_DATANET, OTHER_OWNER, &[STEWARD]));
		let (id, open) = (grant(), request());
		for who in [STEWARD, OTHER_OWNER] {
			assert_noop!(
				Access::approve(signed(who), open, None),
				E::NotOwnerOrSteward
			);
			assert_noop!(
				Access::refuse(signed(who), open, bytes(b"")),
				E::NotOwnerOrSteward
			);
			assert_noop!(Access::revoke(signed(who), id), E::NotOwnerOrSteward);
			assert_noop!(
				Access::hand_over_key(signed(who), id, bytes(b"bad key")),
				E::NotOwnerOrSteward
			);
		}
		// Nor does a steward appoint others.
		assert_noop!(appoint(OTHER_DATANET, STEWARD, &[STRANGER]), E::NotOwner);
	});
}

#[test]
fn the_licence_is_not_passed_by() {
	ExtBuilder.build_and_execute(|| {
		// Asked for under one licence, answered under another.
		let id = request();
		set_licence(DATANET, "CC-BY-NC-ND-4.0");
		assert_noop!(Access::approve(signed(OWNER), id, None), E::LicenceForbids);
		// A spelling that means the same.
		set_licence(DATANET, "cc-BY-nc-ND-4.0");
		assert_noop!(
			Access::request_access(signed(TRAINER), DATANET, Serving, 10_000, DAY, KEY),
			E::LicenceForbids
		);
		// A grant for what is allowed does not allow the rest.
		approve(request_by(TRAINER, Research, 1_000, DAY));
		assert!(may(TRAINER, Research));
		assert!(!may(TRAINER, Training));
		assert_eq!(Access::imports_of(TRAINER, None, 100), []);
	});
}

#[test]
fn spam_is_bounded_by_account_and_paid_for() {
	ExtBuilder.build_and_execute(|| {
		change(DATANET, |given| given.terms.price_per_day = 0);
		let mut made = 0u32;
		for who in [TRAINER, STRANGER] {
			for _ in 0..100 {
				let request = Access::request_access(signed(who), DATANET, Training, 0, DAY, KEY);
				made += u32::from(request.is_ok());
			}
			assert_eq!(Balances::total_balance_on_hold(&who), 4 * RECORD);
		}
		assert_eq!(made, 8);
		// Once they have expired, anybody clears them away.
		pass(PERIOD);
		for id in 0..8 {
			assert_ok!(Access::cancel_request(signed(OWNER), id));
		}
		assert_eq!(Records::<Test>::iter().count(), 0);
		assert_eq!(held(HoldReason::RecordDeposit, TRAINER), 0);
	});
}

#[test]
fn a_steward_gives_away_no_more_than_the_lowest_price_allows() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(appoint(DATANET, OWNER, &[STEWARD]));
		let id = request_by(STEWARD, Training, 1_000, DAY);
		assert_ok!(Access::approve(signed(STEWARD), id, None));
		assert_eq!(RICH - wealth(STEWARD), 1_000);
		assert_eq!(wealth(OWNER) - RICH, 190);
		assert_noop!(
			Access::request_access(signed(STEWARD), DATANET, Serving, 999, DAY, KEY),
			E::PriceTooLow
		);
	});
}
