//! Appeals to larger juries.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::data::{Decision, Reason};
use sp_runtime::TokenError;

use super::E;
use crate::{mock::*, types::*, Event, HoldReason, Rounds};

fn appeal(n: u8, subject: Subject) {
	assert_ok!(Curation::appeal(signed(n), subject));
}

#[test]
fn an_appeal_that_is_right_costs_nothing() {
	ExtBuilder::default()
		.curators(40, 5 * SEAT)
		.build_and_execute(|| {
			let batch = submit();
			let subject = Subject::Batch(batch);
			judge(subject, |_| Some(good(90)));
			let first = jury(subject);
			appeal(STRANGER, subject);
			assert_eq!(held(HoldReason::Appeal, STRANGER), 7 * APPEAL_DEPOSIT);
			judge(subject, |_| Some(bad(Reason::Licence)));
			let second = jury(subject);
			assert_eq!(second.iter().map(|(_, seats)| seats).sum::<u8>(), 7);
			finish(subject);
			assert_eq!(decision(batch), Some(Decision::Found(bad(Reason::Licence))));
			assert_eq!(wealth(STRANGER), RICH);
			assert_eq!(held(HoldReason::Appeal, STRANGER), 0);
			// The first jury is settled by the final side too.
			for (n, seats) in first {
				let again = second.iter().any(|(other, _)| *other == n);
				let lost = MINORITY * (SEAT * u128::from(seats));
				assert_eq!(curator(n).bond, 5 * SEAT - lost);
				assert_eq!(points(n) > 0, again);
			}
			System::assert_has_event(
				Event::AppealReturned {
					subject,
					who: account(STRANGER),
					deposit: 7 * APPEAL_DEPOSIT,
				}
				.into(),
			);
		});
}

#[test]
fn an_appeal_in_vain_costs_its_deposit() {
	ExtBuilder::default()
		.curators(40, 5 * SEAT)
		.build_and_execute(|| {
			let batch = submit();
			let subject = Subject::Batch(batch);
			judge(subject, |_| Some(good(90)));
			appeal(STRANGER, subject);
			// Another score is not another side.
			judge(subject, |_| Some(good(10)));
			appeal(CONTRIBUTOR, subject);
			assert_eq!(held(HoldReason::Appeal, CONTRIBUTOR), 15 * APPEAL_DEPOSIT);
			judge(subject, |_| Some(good(20)));
			let jury = jury(subject);
			assert_eq!(jury.iter().map(|(_, seats)| seats).sum::<u8>(), 15);
			assert_noop!(Curation::appeal(signed(STRANGER), subject), E::Final);
			advance(subject);
			assert_eq!(decision(batch), Some(Decision::Found(good(20))));
			assert_eq!(wealth(STRANGER), RICH - 7 * APPEAL_DEPOSIT);
			assert_eq!(wealth(CONTRIBUTOR), RICH - 15 * APPEAL_DEPOSIT);
			assert_eq!(wealth(TREASURY), RICH + 22 * APPEAL_DEPOSIT);
			System::assert_has_event(
				Event::AppealLost {
					subject,
					who: account(STRANGER),
					deposit: 7 * APPEAL_DEPOSIT,
				}
				.into(),
			);
		});
}

#[test]
fn each_appeal_is_measured_by_the_final_side() {
	ExtBuilder::default()
		.curators(40, 5 * SEAT)
		.build_and_execute(|| {
			let batch = submit();
			let subject = Subject::Batch(batch);
			// Accepted, rejected, accepted: the first appeal was in vain in the end, the second was right.
			judge(subject, |_| Some(good(90)));
			appeal(STRANGER, subject);
			judge(subject, |_| Some(bad(Reason::Junk)));
			appeal(CONTRIBUTOR, subject);
			judge(subject, |_| Some(good(60)));
			advance(subject);
			assert_eq!(decision(batch), Some(Decision::Found(good(60))));
			assert_eq!(wealth(STRANGER), RICH - 7 * APPEAL_DEPOSIT);
			assert_eq!(wealth(CONTRIBUTOR), RICH);
		});
}

#[test]
fn appeals_have_their_time_and_price() {
	ExtBuilder::default()
		.curators(40, 5 * SEAT)
		.build_and_execute(|| {
			let batch = submit();
			let subject = Subject::Batch(batch);
			let try_it = |n: u8| Curation::appeal(signed(n), subject);
			assert_noop!(
				Curation::appeal(signed(STRANGER), Subject::Batch(99)),
				E::UnknownRound
			);
			assert_noop!(try_it(STRANGER), E::NotAppealable);
			draw_jury(subject);
			assert_noop!(try_it(STRANGER), E::NotAppealable);
			vote(subject, |_| Some(good(1)));
			assert_ok!(Balances::transfer_allow_death(
				signed(STRANGER),
				account(CONTRIBUTOR),
				RICH - 7 * APPEAL_DEPOSIT
			));
			assert_noop!(try_it(STRANGER), TokenError::FundsUnavailable);
			run(APPEAL);
			assert_noop!(try_it(CONTRIBUTOR), E::TooLate);
			finish(subject);
		});
}

#[test]
fn an_appeal_that_is_never_heard_comes_back_and_the_finding_stands() {
	ExtBuilder::default()
		.curators(3, SEAT)
		.build_and_execute(|| {
			let batch = submit();
			let subject = Subject::Batch(batch);
			judge(subject, |_| Some(bad(Reason::Duplicate)));
			appeal(STRANGER, subject);
			while Rounds::<Test>::contains_key(subject) {
				let Phase::Draw { at, .. } = round(subject).phase else {
					panic!("three seats are no jury of seven")
				};
				run_to(at);
				advance(subject);
			}
			assert_eq!(
				decision(batch),
				Some(Decision::Found(bad(Reason::Duplicate)))
			);
			assert_eq!(wealth(STRANGER), RICH);
		});
}

#[test]
fn an_appealed_finding_without_another_one_ends_undecided() {
	ExtBuilder::default()
		.curators(40, 5 * SEAT)
		.build_and_execute(|| {
			let batch = submit();
			let subject = Subject::Batch(batch);
			judge(subject, |_| Some(good(1)));
			appeal(STRANGER, subject);
			judge(subject, |_| None);
			judge(subject, |_| None);
			advance(subject);
			assert_eq!(decision(batch), Some(Decision::Undecided));
			assert_eq!(wealth(STRANGER), RICH, "what was appealed did not stand");
		});
}
