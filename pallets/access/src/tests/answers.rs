use crate::{mock::*, Event, Grants, HoldReason, OpenRequests, Requests};
use frame_support::{assert_noop, assert_ok};
use openledger_primitives::data::Purpose::*;
use sp_runtime::{
	DispatchError::{BadOrigin, Other},
	Percent,
};

#[test]
fn an_approval_divides_the_price_to_the_last_unit() {
	ExtBuilder.build_and_execute(|| {
		let id = request_by(TRAINER, Training, 10_003, 10 * DAY);
		pass(5);
		assert_ok!(Access::approve(signed(OWNER), id, Some(bytes(b"age"))));
		// 5 % and a fifth of the rest, rounded down; 7,603 by three to one.
		assert_eq!(wealth(TREASURY) - RICH, 500);
		assert_eq!(wealth(OWNER) - RICH, 1_900);
		assert_eq!(wealth(CONTRIBUTOR) - RICH, 5_702);
		assert_eq!(wealth(SECOND_CONTRIBUTOR) - RICH, 1_901);
		assert_eq!(RICH - wealth(TRAINER), 10_003);
		assert_eq!(held(HoldReason::Price, TRAINER), 0);
		assert_eq!(held(HoldReason::RecordDeposit, TRAINER), RECORD);
		assert_eq!(
			last_event(),
			Event::AccessGranted {
				grant: id,
				datanet: DATANET,
				who: TRAINER,
				purpose: Training,
				by: OWNER,
				treasury: 500,
				owner: 1_900,
				contributors: 7_603,
				until: 6 + 10 * DAY,
				replaces: None,
			}
			.into()
		);
		let grant = Grants::<Test>::get(id).unwrap();
		assert_eq!(
			(grant.from, grant.until, grant.price),
			(6, 6 + 10 * DAY, 10_003)
		);
		assert_eq!(grant.wrapped_key, Some(bytes(b"age")));
		assert_eq!(grant.key, KEY);
		assert!(Requests::<Test>::get(id).is_none());
		assert_eq!(OpenRequests::<Test>::get(TRAINER), 0);
	});
}

#[test]
fn the_owner_may_take_all_but_the_treasury_s_part() {
	ExtBuilder.build_and_execute(|| {
		// Even with nobody else to pay.
		change(EMPTY_DATANET, |given| {
			given.terms.owner_share = Percent::one()
		});
		assert_ok!(Access::request_access(
			signed(TRAINER),
			EMPTY_DATANET,
			Training,
			1_000,
			DAY,
			KEY
		));
		assert_ok!(Access::approve(signed(OWNER), 0, None));
		assert_eq!(wealth(OWNER) - RICH, 950);
		assert_eq!(wealth(TREASURY) - RICH, 50);
	});
}

#[test]
fn free_data_needs_no_contributors() {
	ExtBuilder.build_and_execute(|| {
		change(EMPTY_DATANET, |given| given.terms.price_per_day = 0);
		assert_ok!(Access::request_access(
			signed(TRAINER),
			EMPTY_DATANET,
			Training,
			0,
			DAY,
			KEY
		));
		assert_ok!(Access::approve(signed(OWNER), 0, None));
		assert_eq!(wealth(TRAINER), RICH);
	});
}

#[test]
fn if_a_part_cannot_be_paid_nothing_moves() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(Access::request_access(
			signed(TRAINER),
			EMPTY_DATANET,
			Training,
			1_000,
			DAY,
			KEY
		));
		assert_noop!(
			Access::approve(signed(OWNER), 0, None),
			Other("nobody to pay")
		);
		assert_eq!(held(HoldReason::Price, TRAINER), 1_000);
		assert_ok!(Access::cancel_request(signed(TRAINER), 0));
	});
}

#[test]
fn approvals_have_rules() {
	ExtBuilder.build_and_execute(|| {
		let id = request();
		let approve = |who, id| Access::approve(signed(who), id, None);
		assert_noop!(approve(OWNER, 77), E::UnknownRequest);
		assert_noop!(approve(TRAINER, id), E::NotOwnerOrSteward);
		assert_noop!(approve(OTHER_OWNER, id), E::NotOwnerOrSteward);
		assert_noop!(Access::approve(RuntimeOrigin::root(), id, None), BadOrigin);
		assert_noop!(
			Access::approve(signed(OWNER), id, Some(bytes(b""))),
			E::NoKey
		);
		set_licence(DATANET, "CC-BY-NC-4.0");
		assert_noop!(approve(OWNER, id), E::LicenceForbids);
		set_licence(DATANET, "CC0-1.0");
		assert_ok!(approve(OWNER, id));
		assert_noop!(approve(OWNER, id), E::UnknownRequest);
	});
}

#[test]
fn a_refusal_returns_everything() {
	ExtBuilder.build_and_execute(|| {
		let id = request();
		let refuse = |who, id| Access::refuse(signed(who), id, bytes(b"too cheap"));
		assert_noop!(refuse(OWNER, 77), E::UnknownRequest);
		assert_noop!(refuse(TRAINER, id), E::NotOwnerOrSteward);
		assert_noop!(
			Access::refuse(RuntimeOrigin::root(), id, bytes(b"")),
			BadOrigin
		);
		assert_ok!(refuse(OWNER, id));
		assert_eq!(
			last_event(),
			Event::RequestRefused {
				request: id,
				datanet: DATANET,
				who: TRAINER,
				by: OWNER,
				reason: bytes(b"too cheap"),
			}
			.into()
		);
		assert_eq!(balance(TRAINER), RICH);
		assert_noop!(refuse(OWNER, id), E::UnknownRequest);
	});
}

#[test]
fn a_closed_datanet_leaves_requests_to_their_makers() {
	ExtBuilder.build_and_execute(|| {
		let id = request();
		close(DATANET);
		assert_noop!(Access::approve(signed(OWNER), id, None), E::UnknownDatanet);
		assert_noop!(
			Access::refuse(signed(OWNER), id, bytes(b"")),
			E::UnknownDatanet
		);
		assert_ok!(Access::cancel_request(signed(TRAINER), id));
		assert_eq!(balance(TRAINER), RICH);
	});
}

#[test]
fn the_new_owner_answers_after_a_transfer() {
	ExtBuilder.build_and_execute(|| {
		let id = request();
		change(DATANET, |given| given.terms.owner = OTHER_OWNER);
		assert_noop!(
			Access::approve(signed(OWNER), id, None),
			E::NotOwnerOrSteward
		);
		assert_ok!(Access::approve(signed(OTHER_OWNER), id, None));
		assert_eq!(wealth(OTHER_OWNER) - RICH, 1_900);
	});
}
