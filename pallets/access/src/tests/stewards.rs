use crate::{mock::*, Event, HoldReason, StewardsOf};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{DispatchError::BadOrigin, TokenError};

#[test]
fn stewards_answer_in_the_owner_s_place() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(appoint(DATANET, OWNER, &[STEWARD, STRANGER]));
		assert_eq!(
			last_event(),
			Event::StewardsSet {
				datanet: DATANET,
				by: OWNER,
				stewards: vec![STEWARD, STRANGER],
				deposit: 2 * PER_STEWARD,
			}
			.into()
		);
		assert_eq!(held(HoldReason::StewardDeposit, OWNER), 2 * PER_STEWARD);
		assert_eq!(Access::stewards_of(DATANET), [STEWARD, STRANGER]);
		let (first, second) = (request(), request());
		assert_ok!(Access::approve(signed(STEWARD), first, None));
		assert_ok!(Access::refuse(signed(STRANGER), second, bytes(b"")));
		assert_ok!(Access::hand_over_key(signed(STEWARD), first, bytes(b"age")));
		// The owner's share is the owner's, a revocation the steward's expense.
		assert_eq!(wealth(OWNER) - RICH, 1_900);
		assert_ok!(Access::revoke(signed(STEWARD), first));
		assert_eq!(RICH - wealth(STEWARD), 10_000);
	});
}

#[test]
fn appointing_replaces_all_and_the_deposit_follows() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(appoint(DATANET, OWNER, &[STEWARD, STRANGER]));
		assert_ok!(appoint(DATANET, OWNER, &[TRAINER]));
		assert_eq!(held(HoldReason::StewardDeposit, OWNER), PER_STEWARD);
		assert_eq!(Access::stewards_of(DATANET), [TRAINER]);
		assert_ok!(appoint(DATANET, OWNER, &[]));
		assert_eq!(
			last_event(),
			Event::StewardsDismissed {
				datanet: DATANET,
				by: OWNER
			}
			.into()
		);
		assert_eq!(held(HoldReason::StewardDeposit, OWNER), 0);
		assert_noop!(appoint(DATANET, OWNER, &[]), E::NoStewards);
	});
}

#[test]
fn appointing_has_rules() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(appoint(77, OWNER, &[STEWARD]), E::UnknownDatanet);
		assert_noop!(appoint(DATANET, STEWARD, &[STEWARD]), E::NotOwner);
		assert_noop!(
			appoint(DATANET, OWNER, &[STEWARD, TRAINER, STEWARD]),
			E::DuplicateSteward
		);
		assert_noop!(
			Access::set_stewards(RuntimeOrigin::root(), DATANET, Default::default()),
			BadOrigin
		);
		change(DATANET, |given| given.terms.owner = PAUPER);
		assert_noop!(
			appoint(DATANET, PAUPER, &[STEWARD, TRAINER]),
			TokenError::FundsUnavailable
		);
		StewardDeposit::set(u128::MAX);
		assert_noop!(
			appoint(DATANET, PAUPER, &[STEWARD, TRAINER]),
			E::AmountOverflow
		);
		StewardDeposit::set(PER_STEWARD);
	});
}

#[test]
fn stewards_leave_with_the_owner_who_appointed_them() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(appoint(DATANET, OWNER, &[STEWARD]));
		let id = request();
		change(DATANET, |given| given.terms.owner = OTHER_OWNER);
		assert!(Access::stewards_of(DATANET).is_empty());
		assert_noop!(
			Access::approve(signed(STEWARD), id, None),
			E::NotOwnerOrSteward
		);
		// The new owner's stewards take their place, and the old owner's deposit returns.
		assert_ok!(appoint(DATANET, OTHER_OWNER, &[STRANGER]));
		assert_eq!(held(HoldReason::StewardDeposit, OWNER), 0);
		assert_eq!(held(HoldReason::StewardDeposit, OTHER_OWNER), PER_STEWARD);
		assert_ok!(Access::approve(signed(STRANGER), id, None));
	});
}

#[test]
fn who_appointed_stewards_gets_the_deposit_back_owner_or_not() {
	ExtBuilder.build_and_execute(|| {
		let dismiss = |who| Access::dismiss_stewards(signed(who), DATANET);
		assert_noop!(dismiss(OWNER), E::NoStewards);
		assert_ok!(appoint(DATANET, OWNER, &[STEWARD]));
		assert_noop!(dismiss(STEWARD), E::NotAppointer);
		assert_noop!(
			Access::dismiss_stewards(RuntimeOrigin::root(), DATANET),
			BadOrigin
		);
		change(DATANET, |given| given.terms.owner = OTHER_OWNER);
		assert_ok!(dismiss(OWNER));
		assert_eq!(balance(OWNER), RICH);
		// So does the present owner for them.
		change(DATANET, |given| given.terms.owner = OWNER);
		assert_ok!(appoint(DATANET, OWNER, &[STEWARD]));
		change(DATANET, |given| given.terms.owner = OTHER_OWNER);
		assert_ok!(dismiss(OTHER_OWNER));
		assert_eq!(balance(OWNER), RICH);
		// And of a Datanet that is no more.
		change(DATANET, |given| given.terms.owner = OWNER);
		assert_ok!(appoint(DATANET, OWNER, &[STEWARD]));
		close(DATANET);
		assert_noop!(dismiss(OTHER_OWNER), E::NotAppointer);
		assert_ok!(dismiss(OWNER));
		assert!(StewardsOf::<Test>::get(DATANET).is_none());
	});
}
