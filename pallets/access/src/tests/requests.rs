use crate::{mock::*, Event, HoldReason, NextId, OpenRequests, Request, Requests};
use frame_support::{assert_noop, assert_ok};
use openledger_primitives::data::Purpose::*;
use sp_runtime::{DispatchError::BadOrigin, TokenError};

#[test]
fn a_request_holds_price_and_deposit() {
	ExtBuilder.build_and_execute(|| {
		let id = request();
		assert_eq!(held(HoldReason::Price, TRAINER), 10_000);
		assert_eq!(held(HoldReason::RecordDeposit, TRAINER), RECORD);
		assert_eq!(
			Requests::<Test>::get(id),
			Some(Request {
				datanet: DATANET,
				who: TRAINER,
				purpose: Training,
				key: KEY,
				price: 10_000,
				term: 10 * DAY,
				deposit: RECORD,
				expires_at: 1 + PERIOD,
			})
		);
		assert_eq!(
			last_event(),
			Event::AccessRequested {
				request: id,
				datanet: DATANET,
				who: TRAINER,
				purpose: Training,
				key: KEY,
				price: 10_000,
				term: 10 * DAY,
				deposit: RECORD,
				expires_at: 1 + PERIOD,
			}
			.into()
		);
		assert_eq!(OpenRequests::<Test>::get(TRAINER), 1);
	});
}

#[test]
fn the_lowest_price_is_by_the_day_rounded_up() {
	ExtBuilder.build_and_execute(|| {
		let lowest = |term| Access::lowest_price(DATANET, Training, term);
		assert_eq!(lowest(DAY), Some(1_000));
		change(DATANET, |given| given.terms.price_per_day = 7);
		assert_eq!(lowest(1), Some(1));
		assert_eq!(lowest(DAY + 1), Some(8));
		assert_eq!(lowest(3 * DAY), Some(21));
		let ask =
			|price| Access::request_access(signed(TRAINER), DATANET, Training, price, DAY + 1, KEY);
		assert_noop!(ask(7), E::PriceTooLow);
		assert_ok!(ask(8));
		change(DATANET, |given| given.terms.price_per_day = u128::MAX);
		assert_noop!(ask(u128::MAX), E::AmountOverflow);
		assert_eq!(lowest(DAY + 1), None);
		assert_eq!(Access::lowest_price(77, Training, DAY), None);
	});
}

#[test]
fn curators_need_not_pay() {
	ExtBuilder.build_and_execute(|| {
		assert_eq!(Access::lowest_price(DATANET, Curation, DAY), Some(0));
		let id = request_by(TRAINER, Curation, 0, DAY);
		assert_eq!(held(HoldReason::Price, TRAINER), 0);
		approve(id);
		assert_eq!(wealth(TRAINER), RICH);
		assert!(Access::may_read(TRAINER, DATANET).is_some());
	});
}

#[test]
fn requests_have_rules() {
	ExtBuilder.build_and_execute(|| {
		let ask = |who, datanet, price, term, key| {
			Access::request_access(signed(who), datanet, Training, price, term, key)
		};
		assert_noop!(ask(TRAINER, 77, 1_000, DAY, KEY), E::UnknownDatanet);
		assert_noop!(ask(TRAINER, DATANET, 1_000, 0, KEY), E::NoTerm);
		assert_noop!(ask(TRAINER, DATANET, 1_000, DAY, [0; 32]), E::BadKey);
		assert_noop!(
			ask(TRAINER, DATANET, 500_000, MAX_TERM + 1, KEY),
			E::TermTooLong
		);
		assert_noop!(ask(TRAINER, DATANET, 999, DAY, KEY), E::PriceTooLow);
		assert_noop!(
			ask(PAUPER, DATANET, 1_000, DAY, KEY),
			TokenError::FundsUnavailable
		);
		assert_noop!(
			Access::request_access(RuntimeOrigin::root(), DATANET, Training, 1_000, DAY, KEY),
			BadOrigin
		);
		assert_ok!(ask(TRAINER, DATANET, 30_000, MAX_TERM, KEY));
		NextId::<Test>::put(u64::MAX);
		assert_noop!(ask(TRAINER, DATANET, 1_000, DAY, KEY), E::IdsExhausted);
	});
}

#[test]
fn what_the_licence_forbids_cannot_be_asked_for() {
	ExtBuilder.build_and_execute(|| {
		let ask =
			|purpose| Access::request_access(signed(TRAINER), DATANET, purpose, 1_000, DAY, KEY);
		set_licence(DATANET, "CC-BY-NC-4.0");
		assert_noop!(ask(Training), E::LicenceForbids);
		assert_noop!(ask(Serving), E::LicenceForbids);
		assert_ok!(ask(Research));
		assert_eq!(Access::lowest_price(DATANET, Training, DAY), None);
		set_licence(DATANET, "CC-BY-ND-4.0");
		assert_noop!(ask(Training), E::LicenceForbids);
		assert_ok!(ask(Serving));
		set_licence(DATANET, "LicenseRef-Ours");
		assert_ok!(ask(Training));
	});
}

#[test]
fn an_account_has_so_many_requests_open() {
	ExtBuilder.build_and_execute(|| {
		let first = request();
		for _ in 1..4 {
			request();
		}
		assert_noop!(
			Access::request_access(signed(TRAINER), DATANET, Training, 10_000, 10 * DAY, KEY),
			E::TooManyRequests
		);
		// Others have their own count.
		request_by(STRANGER, Training, 1_000, DAY);
		assert_ok!(Access::cancel_request(signed(TRAINER), first));
		request();
	});
}

#[test]
fn its_maker_cancels_a_request_at_any_time() {
	ExtBuilder.build_and_execute(|| {
		let id = request();
		assert_noop!(Access::cancel_request(signed(OWNER), id), E::NotRequester);
		assert_noop!(Access::cancel_request(RuntimeOrigin::root(), id), BadOrigin);
		assert_ok!(Access::cancel_request(signed(TRAINER), id));
		assert_eq!(
			last_event(),
			Event::RequestCancelled {
				request: id,
				datanet: DATANET,
				who: TRAINER
			}
			.into()
		);
		assert_eq!(balance(TRAINER), RICH);
		assert!(!OpenRequests::<Test>::contains_key(TRAINER));
		assert_noop!(
			Access::cancel_request(signed(TRAINER), id),
			E::UnknownRequest
		);
	});
}

#[test]
fn anybody_removes_an_expired_request() {
	ExtBuilder.build_and_execute(|| {
		let id = request();
		pass(PERIOD - 1);
		assert_noop!(
			Access::cancel_request(signed(STRANGER), id),
			E::NotRequester
		);
		pass(1);
		assert_noop!(Access::approve(signed(OWNER), id, None), E::RequestExpired);
		assert_ok!(Access::cancel_request(signed(STRANGER), id));
		assert_eq!(balance(TRAINER), RICH);
	});
}

#[test]
fn requests_are_paged_completely() {
	ExtBuilder.build_and_execute(|| {
		for who in [TRAINER, STRANGER, CONTRIBUTOR] {
			for _ in 0..4 {
				request_by(who, Research, 1_000, DAY);
			}
		}
		// Answered ones are no requests any more.
		approve(5);
		assert_ok!(Access::refuse(signed(OWNER), 6, bytes(b"no")));
		let (mut seen, mut after) = (Vec::new(), None);
		loop {
			let page = Access::requests_of(DATANET, after, 3);
			let Some((last, _)) = page.last() else { break };
			after = Some(*last);
			seen.extend(page.iter().map(|(id, _)| *id));
		}
		seen.sort_unstable();
		assert_eq!(seen, [0, 1, 2, 3, 4, 7, 8, 9, 10, 11]);
		assert_eq!(Access::requests_of(OTHER_DATANET, None, 100), []);
		assert_eq!(Access::requests_of(DATANET, None, 0), []);
		let grants = Access::grants_of(DATANET, None, 100);
		assert_eq!(grants.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [5]);
	});
}
