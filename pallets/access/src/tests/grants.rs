use crate::{mock::*, Event, GrantOf, Grants, HoldReason, Import};
use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{
	data::Purpose::{self, *},
	traits::AccessGrants,
};
use sp_runtime::{DispatchError::BadOrigin, TokenError};

fn may(who: AccountId, purpose: Purpose) -> bool {
	<Access as AccessGrants<_>>::may(&who, DATANET, purpose)
}

#[test]
fn a_grant_holds_for_its_purpose_and_its_time() {
	ExtBuilder.build_and_execute(|| {
		assert!(!may(TRAINER, Training));
		assert_eq!(Access::may_read(TRAINER, DATANET), None);
		let id = grant();
		assert!(may(TRAINER, Training));
		assert!(!may(TRAINER, Serving));
		assert!(!may(STRANGER, Training));
		let until = 1 + 10 * DAY;
		assert_eq!(Access::may_read(TRAINER, DATANET), Some(until));
		assert_eq!(Access::may_read(TRAINER, OTHER_DATANET), None);
		pass(10 * DAY - 1);
		assert!(may(TRAINER, Training));
		pass(1);
		assert!(!may(TRAINER, Training));
		assert_eq!(Access::may_read(TRAINER, DATANET), None);
		// It is there until it is removed.
		let (found, grant) = Access::grant_of(DATANET, TRAINER, Training).unwrap();
		assert_eq!((found, grant.until), (id, until));
	});
}

#[test]
fn a_store_reads_the_latest_end_of_all_purposes() {
	ExtBuilder.build_and_execute(|| {
		for (purpose, days) in [(Research, 3), (Curation, 7), (Serving, 1)] {
			approve(request_by(TRAINER, purpose, 10_000, days * DAY));
		}
		assert_eq!(Access::may_read(TRAINER, DATANET), Some(1 + 7 * DAY));
		assert!(may(TRAINER, Serving));
		pass(DAY);
		assert!(!may(TRAINER, Serving));
	});
}

#[test]
fn a_grant_is_ended_by_anybody_once_it_is_over() {
	ExtBuilder.build_and_execute(|| {
		let id = grant();
		pass(10 * DAY - 1);
		assert_noop!(Access::end_grant(signed(STRANGER), id), E::GrantNotOver);
		assert_noop!(Access::end_grant(signed(STRANGER), 77), E::UnknownGrant);
		assert_noop!(Access::end_grant(RuntimeOrigin::root(), id), BadOrigin);
		pass(1);
		assert_ok!(Access::end_grant(signed(STRANGER), id));
		assert_eq!(
			last_event(),
			Event::GrantEnded {
				grant: id,
				datanet: DATANET,
				who: TRAINER
			}
			.into()
		);
		assert_eq!(held(HoldReason::RecordDeposit, TRAINER), 0);
		assert_eq!(Access::grant_of(DATANET, TRAINER, Training), None);
		assert_noop!(Access::end_grant(signed(STRANGER), id), E::UnknownGrant);
	});
}

#[test]
fn a_revocation_refunds_the_time_that_is_left_rounded_up() {
	ExtBuilder.build_and_execute(|| {
		let id = request_by(TRAINER, Training, 10_001, 10 * DAY);
		approve(id);
		pass(3);
		// 10,001 × 997 / 1,000 is 9,970.997.
		assert_eq!(Access::refund_of(id), Some(9_971));
		let before = (wealth(OWNER), wealth(TRAINER));
		assert_noop!(Access::revoke(signed(TRAINER), id), E::NotOwnerOrSteward);
		assert_noop!(Access::revoke(RuntimeOrigin::root(), id), BadOrigin);
		assert_ok!(Access::revoke(signed(OWNER), id));
		assert_eq!(
			last_event(),
			Event::GrantRevoked {
				grant: id,
				datanet: DATANET,
				who: TRAINER,
				by: OWNER,
				refund: 9_971
			}
			.into()
		);
		assert_eq!(before.0 - wealth(OWNER), 9_971);
		assert_eq!(wealth(TRAINER) - before.1, 9_971);
		assert_eq!(held(HoldReason::RecordDeposit, TRAINER), 0);
		assert!(!may(TRAINER, Training));
		assert_eq!(Access::may_read(TRAINER, DATANET), None);
		assert_eq!(Access::refund_of(id), None);
		assert_noop!(Access::revoke(signed(OWNER), id), E::UnknownGrant);
	});
}

#[test]
fn a_grant_that_is_over_is_not_revoked() {
	ExtBuilder.build_and_execute(|| {
		let id = grant();
		pass(10 * DAY);
		assert_eq!(Access::refund_of(id), None);
		assert_noop!(Access::revoke(signed(OWNER), id), E::GrantOver);
	});
}

#[test]
fn who_cannot_pay_does_not_revoke() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(appoint(DATANET, OWNER, &[PAUPER]));
		let id = grant();
		assert_noop!(
			Access::revoke(signed(PAUPER), id),
			TokenError::FundsUnavailable
		);
		assert!(may(TRAINER, Training));
	});
}

#[test]
fn a_second_approval_prolongs_a_grant() {
	ExtBuilder.build_and_execute(|| {
		let first = request();
		assert_ok!(Access::approve(signed(OWNER), first, Some(bytes(b"age"))));
		pass(4 * DAY);
		let second = request_by(TRAINER, Training, 5_000, 2 * DAY);
		approve(second);
		assert_eq!(
			GrantOf::<Test>::get(TRAINER, (DATANET, Training)),
			Some(second)
		);
		assert!(Grants::<Test>::get(first).is_none());
		let grant = Grants::<Test>::get(second).unwrap();
		// Six days for 6,000 are left, and two for 5,000 come on top.
		assert_eq!(grant.from, 1 + 4 * DAY);
		assert_eq!(grant.until, 1 + 12 * DAY);
		assert_eq!(grant.price, 11_000);
		assert_eq!(Access::refund_of(second), Some(11_000));
		// The key is the same, and what was wrapped to it stays.
		assert_eq!(grant.wrapped_key, Some(bytes(b"age")));
		assert_eq!(held(HoldReason::RecordDeposit, TRAINER), RECORD);
		let Event::AccessGranted { replaces, .. } = last_granted() else {
			panic!("no approval")
		};
		assert_eq!(replaces, Some(first));
	});
}

fn last_granted() -> Event<Test> {
	match last_event() {
		RuntimeEvent::Access(event) => event,
		other => panic!("{other:?}"),
	}
}

#[test]
fn another_key_needs_another_wrapping() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(Access::approve(
			signed(OWNER),
			request(),
			Some(bytes(b"age"))
		));
		assert_ok!(Access::request_access(
			signed(TRAINER),
			DATANET,
			Training,
			1_000,
			DAY,
			[8; 32]
		));
		approve(1);
		assert_eq!(Grants::<Test>::get(1).unwrap().wrapped_key, None);
	});
}

#[test]
fn a_grant_that_is_over_is_replaced_and_leaves_nothing() {
	ExtBuilder.build_and_execute(|| {
		let first = request();
		assert_ok!(Access::approve(signed(OWNER), first, Some(bytes(b"age"))));
		pass(20 * DAY);
		let second = grant();
		assert!(Grants::<Test>::get(first).is_none());
		let grant = Grants::<Test>::get(second).unwrap();
		assert_eq!(grant.price, 10_000);
		assert_eq!(grant.until, 1 + 30 * DAY);
		assert_eq!(grant.wrapped_key, None);
		assert_eq!(held(HoldReason::RecordDeposit, TRAINER), RECORD);
	});
}

#[test]
fn no_grant_lasts_longer_than_the_longest_term() {
	ExtBuilder.build_and_execute(|| {
		// Both are asked for before the first is approved.
		let first = request_by(TRAINER, Training, 20_000, 20 * DAY);
		let second = request_by(TRAINER, Training, 20_000, 20 * DAY);
		approve(first);
		assert_noop!(Access::approve(signed(OWNER), second, None), E::TermTooLong);
		assert_noop!(
			Access::request_access(
				signed(TRAINER),
				DATANET,
				Training,
				10_010,
				10 * DAY + 1,
				KEY
			),
			E::TermTooLong
		);
		let third = request_by(TRAINER, Training, 10_000, 10 * DAY);
		approve(third);
		assert_eq!(Access::may_read(TRAINER, DATANET), Some(1 + MAX_TERM));
	});
}

#[test]
fn a_key_is_handed_over_after_the_approval_and_anew() {
	ExtBuilder.build_and_execute(|| {
		let id = grant();
		let hand_over = |who, id, key: &[u8]| Access::hand_over_key(signed(who), id, bytes(key));
		assert_eq!(Grants::<Test>::get(id).unwrap().wrapped_key, None);
		assert_noop!(hand_over(TRAINER, id, b"age"), E::NotOwnerOrSteward);
		assert_noop!(hand_over(OWNER, 77, b"age"), E::UnknownGrant);
		assert_noop!(hand_over(OWNER, id, b""), E::NoKey);
		assert_noop!(
			Access::hand_over_key(RuntimeOrigin::root(), id, bytes(b"age")),
			BadOrigin
		);
		assert_ok!(hand_over(OWNER, id, b"age"));
		assert_eq!(
			last_event(),
			Event::KeyHandedOver {
				grant: id,
				datanet: DATANET,
				by: OWNER
			}
			.into()
		);
		assert_ok!(hand_over(OWNER, id, b"age of another key"));
		assert_eq!(
			Grants::<Test>::get(id).unwrap().wrapped_key,
			Some(bytes(b"age of another key"))
		);
		pass(10 * DAY);
		assert_noop!(hand_over(OWNER, id, b"age"), E::GrantOver);
	});
}

#[test]
fn imports_are_what_may_be_trained_on_now() {
	ExtBuilder.build_and_execute(|| {
		grant();
		approve(request_by(TRAINER, Research, 1_000, DAY));
		assert_ok!(Access::request_access(
			signed(TRAINER),
			OTHER_DATANET,
			Training,
			1_000,
			DAY,
			KEY
		));
		assert_ok!(Access::approve(signed(OTHER_OWNER), 2, None));
		let import = |datanet, grant, days| Import {
			datanet,
			grant,
			until: 1 + days * DAY,
		};
		let mut imports = Access::imports_of(TRAINER, None, 100);
		imports.sort_by_key(|import| import.datanet);
		assert_eq!(
			imports,
			[import(DATANET, 0, 10), import(OTHER_DATANET, 2, 1)]
		);
		// One at a time, both come.
		let first = Access::imports_of(TRAINER, None, 1);
		let second = Access::imports_of(TRAINER, Some(first[0].datanet), 1);
		let third = Access::imports_of(TRAINER, Some(second[0].datanet), 1);
		assert_ne!(first[0].datanet, second[0].datanet);
		assert_eq!(third, []);
		assert_eq!(Access::imports_of(STRANGER, None, 100), []);
		pass(DAY);
		assert_eq!(
			Access::imports_of(TRAINER, None, 100),
			[import(DATANET, 0, 10)]
		);
	});
}

#[test]
fn the_grants_of_a_closed_datanet_run_out() {
	ExtBuilder.build_and_execute(|| {
		let id = grant();
		close(DATANET);
		assert_noop!(Access::revoke(signed(OWNER), id), E::UnknownDatanet);
		assert!(may(TRAINER, Training));
		pass(10 * DAY);
		assert_ok!(Access::end_grant(signed(STRANGER), id));
	});
}
