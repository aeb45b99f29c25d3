//! Reports of duplicates.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{data::Reason, merkle, BatchId};
use sp_runtime::{DispatchError, Percent};

use super::E;
use crate::{mock::*, types::*, Event, HoldReason, Reports, Rounds};

fn evidence() -> DuplicateEvidence {
	DuplicateEvidence {
		similarity: Percent::from_percent(93),
		content: content(3),
	}
}

fn report(n: u8, batch: BatchId, of: BatchId) -> Subject {
	assert_ok!(Curation::report_duplicate(signed(n), batch, of, evidence()));
	Subject::Duplicate { batch, of }
}

fn end(batch: BatchId, of: BatchId, n: u8, end: ReportEnd) {
	System::assert_has_event(
		Event::ReportClosed {
			batch,
			of,
			reporter: account(n),
			end,
		}
		.into(),
	);
	assert!(!Reports::<Test>::contains_key(batch));
	assert_eq!(held(HoldReason::Report, n), 0);
}

/// Proofs of the drawn rows of `later`, as far as `earlier` has them.
fn proofs(batch: BatchId, later: &[u32], earlier: &[u32]) -> RowProofs {
	let (leaves, others) = (leaves(later), leaves(earlier));
	let drawn = Curation::rows_to_show(batch).expect("drawn");
	drawn
		.into_iter()
		.map(|row| {
			let content = later[row as usize];
			let other = earlier.iter().position(|row| *row == content).unwrap_or(0);
			RowProof {
				row,
				leaf: leaves[row as usize],
				proof: merkle::prove(&leaves, row as usize)
					.expect("there")
					.try_into()
					.expect("short"),
				other_row: other as u32,
				other_proof: merkle::prove(&others, other)
					.expect("there")
					.try_into()
					.expect("short"),
			}
		})
		.collect::<Vec<_>>()
		.try_into()
		.expect("at most 16")
}

#[test]
fn a_true_report_links_the_batches() {
	ExtBuilder::default()
		.curators(10, 5 * SEAT)
		.build_and_execute(|| {
			let (of, batch) = (accepted(&[1]), accepted(&[2]));
			let subject = report(CURATOR, batch, of);
			assert_eq!(held(HoldReason::Report, CURATOR), REPORT_BOND);
			draw_jury(subject);
			assert!(
				jury(subject).iter().all(|(n, _)| *n != CURATOR),
				"the reporter does not judge"
			);
			vote(subject, |_| Some(good(0)));
			finish(subject);
			assert_eq!(cluster(batch), Some(of));
			assert_eq!(points(CURATOR), crate::REPORT_POINTS);
			assert_eq!(wealth(CURATOR), RICH);
			end(batch, of, CURATOR, ReportEnd::Confirmed);
			assert_noop!(
				Curation::report_duplicate(signed(CURATOR), batch, of, evidence()),
				E::AlreadyLinked
			);
		});
}

#[test]
fn a_false_report_costs_its_bond() {
	ExtBuilder::default()
		.curators(10, 5 * SEAT)
		.build_and_execute(|| {
			let (of, batch) = (accepted(&[1]), accepted(&[2]));
			let subject = report(CURATOR, batch, of);
			judge(subject, |_| Some(bad(Reason::Junk)));
			finish(subject);
			assert_eq!(cluster(batch), Some(batch));
			assert_eq!(points(CURATOR), 0);
			assert_eq!(wealth(CURATOR), RICH - REPORT_BOND);
			assert_eq!(wealth(TREASURY), RICH + REPORT_BOND);
			end(batch, of, CURATOR, ReportEnd::Refuted);
			// It can be reported again, for another bond.
			report(CURATOR, batch, of);
		});
}

#[test]
fn a_report_without_a_majority_or_without_a_batch_is_moot() {
	ExtBuilder::default()
		.curators(40, 5 * SEAT)
		.build_and_execute(|| {
			let (of, batch) = (accepted(&[1]), accepted(&[2]));
			let subject = report(CURATOR, batch, of);
			for _ in 0..3 {
				judge(subject, |_| None);
			}
			advance(subject);
			end(batch, of, CURATOR, ReportEnd::Moot);
			assert_eq!(held(HoldReason::Report, CURATOR), 0);

			let subject = report(CURATOR, batch, of);
			judge(subject, |_| Some(good(1)));
			remove(of);
			finish(subject);
			end(batch, of, CURATOR, ReportEnd::Moot);
			assert_eq!(cluster(batch), Some(batch));
			assert_eq!(points(CURATOR), 0);
		});
}

#[test]
fn only_pairs_that_can_be_duplicates_are_reported() {
	ExtBuilder::default()
		.curators(10, 5 * SEAT)
		.build_and_execute(|| {
			let (of, batch) = (accepted(&[1]), accepted(&[2]));
			let elsewhere = add_rows(OTHER_DATANET, false, &[1]);
			let pending = submit();
			let near =
				|n: u8, batch, of| Curation::report_duplicate(signed(n), batch, of, evidence());
			let rows = |batch, of| Curation::challenge_rows(signed(STRANGER), batch, of);
			for (later, earlier, error) in [
				(of, batch, E::NotEarlier),
				(of, of, E::NotEarlier),
				(99, of, E::UnknownBatch),
				(pending, 50, E::NotEarlier),
				(elsewhere, of, E::OtherDatanet),
				(pending, of, E::NotAccepted),
			] {
				assert_noop!(near(CURATOR, later, earlier), error);
			}
			assert_noop!(rows(of, batch), E::NotEarlier);
			assert_noop!(rows(99, of), E::UnknownBatch);
			assert_noop!(rows(elsewhere, of), E::OtherDatanet);
			assert_noop!(rows(pending, of), E::NotAccepted);
			assert_noop!(near(STRANGER, batch, of), E::NotCurator);
			assert_ok!(Curation::unbond(signed(CURATOR + 1), DATANET));
			assert_noop!(near(CURATOR + 1, batch, of), E::Unbonding);
			let poor = CURATOR + 2;
			assert_ok!(Balances::transfer_allow_death(
				signed(poor),
				account(STRANGER),
				free(poor) - REPORT_BOND
			));
			assert_noop!(
				near(poor, batch, of),
				sp_runtime::TokenError::FundsUnavailable
			);
			report(CURATOR, batch, of);
			assert_noop!(near(CURATOR, batch, of), E::AlreadyReported);
			assert_noop!(rows(batch, of), E::AlreadyReported);
		});
}

#[test]
fn shown_rows_link_without_a_jury() {
	for count in [1u32, 5, 16, 17, 300] {
		ExtBuilder::default().build_and_execute(|| {
			// The earlier batch has the same rows in another order, and more.
			let later: Vec<_> = (0..count).collect();
			let earlier: Vec<_> = (0..count + 40).rev().collect();
			let (of, batch) = (accepted(&earlier), accepted(&later));
			assert_ok!(Curation::challenge_rows(signed(STRANGER), batch, of));
			assert_eq!(held(HoldReason::Report, STRANGER), REPORT_BOND);
			assert_eq!(Curation::rows_to_show(batch), None);
			run(DELAY);
			let proofs = proofs(batch, &later, &earlier);
			assert_eq!(proofs.len() as u32, count.min(16));
			assert_ok!(Curation::prove_rows(signed(STRANGER), batch, proofs));
			assert_eq!(cluster(batch), Some(of));
			assert_eq!(points(STRANGER), crate::REPORT_POINTS);
			assert_eq!(wealth(STRANGER), RICH);
			end(batch, of, STRANGER, ReportEnd::Confirmed);
		});
	}
}

#[test]
fn what_is_found_waits_for_clusters_that_are_too_deep() {
	ExtBuilder::default()
		.curators(10, 5 * SEAT)
		.build_and_execute(|| {
			let (of, batch, other) = (accepted(&[1]), accepted(&[1]), accepted(&[1]));
			let subject = report(CURATOR, batch, of);
			judge(subject, |_| Some(good(1)));
			assert_ok!(Curation::challenge_rows(signed(STRANGER), other, of));
			run(APPEAL.max(DELAY));
			let proofs = proofs(other, &[1], &[1]);
			let show = || Curation::prove_rows(signed(STRANGER), other, proofs.clone());

			set_deep(true);
			let end_it = || Curation::advance(signed(STRANGER), subject);
			assert_noop!(end_it(), DispatchError::Exhausted);
			assert_noop!(show(), DispatchError::Exhausted);
			assert_eq!(held(HoldReason::Report, CURATOR), REPORT_BOND);

			set_deep(false);
			assert_ok!(end_it());
			end(batch, of, CURATOR, ReportEnd::Confirmed);
			assert_ok!(show());
			end(other, of, STRANGER, ReportEnd::Confirmed);
			for batch in [batch, other] {
				assert_eq!(cluster(batch), Some(of));
			}
		});
}

#[test]
fn what_is_found_of_a_batch_that_went_waits_for_nothing() {
	ExtBuilder::default()
		.curators(10, 5 * SEAT)
		.build_and_execute(|| {
			let (of, batch) = (accepted(&[1]), accepted(&[1]));
			let subject = report(CURATOR, batch, of);
			judge(subject, |_| Some(good(1)));
			set_deep(true);
			remove(batch);
			finish(subject);
			end(batch, of, CURATOR, ReportEnd::Moot);
		});
}

#[test]
fn rows_have_to_be_the_drawn_ones_and_in_both_batches() {
	ExtBuilder::default()
		.curators(3, 3 * SEAT)
		.build_and_execute(|| {
			let rows: Vec<_> = (0..100).collect();
			let (of, batch, near) = (accepted(&rows), accepted(&rows), accepted(&[7]));
			let subject = Subject::Duplicate { batch, of };
			let show =
				|n: u8, proofs: &RowProofs| Curation::prove_rows(signed(n), batch, proofs.clone());
			assert_noop!(show(STRANGER, &Default::default()), E::NotReported);
			assert_noop!(
				Curation::advance(signed(STRANGER), subject),
				E::UnknownRound
			);
			assert_ok!(Curation::challenge_rows(signed(STRANGER), batch, of));
			assert_noop!(show(STRANGER, &Default::default()), E::NotDrawn);
			run(DELAY);
			let right = proofs(batch, &rows, &rows);
			assert_noop!(show(CONTRIBUTOR, &right), E::NotReporter);

			let mut fewer = right.clone();
			fewer.pop();
			assert_noop!(show(STRANGER, &fewer), E::WrongRows);
			let mut swapped = right.clone();
			swapped.as_mut().swap(0, 1);
			assert_noop!(show(STRANGER, &swapped), E::WrongRows);
			let mut foreign = right.clone();
			foreign[3].leaf = merkle::leaf(b"something else");
			assert_noop!(show(STRANGER, &foreign), E::NotInBatch);
			let mut elsewhere = right.clone();
			elsewhere[15].other_row = (elsewhere[15].other_row + 1) % 100;
			assert_noop!(show(STRANGER, &elsewhere), E::NotInEarlier);

			assert_noop!(Curation::advance(signed(STRANGER), subject), E::NotDue);
			// A pair that is not at issue, and a report that needs no rows.
			let other = Subject::Duplicate { batch, of: 77 };
			assert_noop!(Curation::advance(signed(STRANGER), other), E::UnknownRound);
			report(CURATOR, near, of);
			assert_noop!(
				Curation::prove_rows(signed(CURATOR), near, Default::default()),
				E::NotChallenged
			);
			remove(of);
			assert_noop!(show(STRANGER, &right), E::UnknownBatch);
		});
}

#[test]
fn rows_that_are_not_shown_in_time_cost_the_bond() {
	ExtBuilder::default().build_and_execute(|| {
		let (of, batch) = (accepted(&[1, 2, 3]), accepted(&[4, 5, 6]));
		let subject = Subject::Duplicate { batch, of };
		assert_ok!(Curation::challenge_rows(signed(STRANGER), batch, of));
		run(DELAY + PROOF - 1);
		assert!(Curation::rows_to_show(batch).is_some(), "the seed is kept");
		run(1);
		assert_noop!(
			Curation::prove_rows(signed(STRANGER), batch, Default::default()),
			E::TooLate
		);
		assert_ok!(Curation::advance(signed(CONTRIBUTOR), subject));
		end(batch, of, STRANGER, ReportEnd::Refuted);
		assert_eq!(wealth(STRANGER), RICH - REPORT_BOND);
		assert_eq!(wealth(TREASURY), RICH + REPORT_BOND);
	});
}

#[test]
fn a_challenge_about_a_batch_that_went_is_moot() {
	ExtBuilder::default().build_and_execute(|| {
		let (of, batch) = (accepted(&[1]), accepted(&[1]));
		assert_ok!(Curation::challenge_rows(signed(STRANGER), batch, of));
		remove(batch);
		run(DELAY + PROOF);
		advance(Subject::Duplicate { batch, of });
		end(batch, of, STRANGER, ReportEnd::Moot);
		assert_eq!(wealth(STRANGER), RICH);
	});
}

#[test]
fn a_report_can_be_appealed() {
	ExtBuilder::default()
		.curators(40, 5 * SEAT)
		.build_and_execute(|| {
			let (of, batch) = (accepted(&[1]), accepted(&[2]));
			let subject = report(CURATOR, batch, of);
			judge(subject, |_| Some(bad(Reason::Junk)));
			assert_ok!(Curation::appeal(signed(CURATOR), subject));
			judge(subject, |_| Some(good(1)));
			finish(subject);
			assert_eq!(cluster(batch), Some(of));
			assert!(!Rounds::<Test>::contains_key(subject));
			end(batch, of, CURATOR, ReportEnd::Confirmed);
		});
}
