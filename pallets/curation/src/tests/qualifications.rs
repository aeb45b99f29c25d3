//! Qualification rounds.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::traits::Curation as _;
use sp_core::H256;
use sp_runtime::{Percent, TokenError};

use super::E;
use crate::{mock::*, types::*, Candidates, Event, Exams, HoldReason, Pools, Qualifications};

const RIGHT: [u8; 4] = [1, 2, 3, 4];
const SALT: [u8; 32] = [9; 32];

fn answers(list: &[u8]) -> Answers {
	list.to_vec().try_into().expect("short enough")
}

fn solution(list: &[u8]) -> H256 {
	crate::solution_commitment(&Curation::genesis(), DATANET, &account(OWNER), list, &SALT)
}

fn open() {
	assert_ok!(Curation::open_qualification(
		signed(OWNER),
		DATANET,
		content(1),
		4,
		solution(&RIGHT),
		Percent::from_percent(70),
	));
}

fn exam() -> ExamOf {
	Exams::<Test>::get(DATANET).expect("open")
}

type ExamOf = crate::ExamOf<Test>;

fn answer(n: u8, list: &[u8]) {
	let seal = crate::answers_commitment(
		&Curation::genesis(),
		DATANET,
		&exam().opened,
		&account(n),
		list,
		&[n; 32],
	);
	assert_ok!(Curation::commit_answers(signed(n), DATANET, seal));
}

fn show(n: u8, list: &[u8]) {
	assert_ok!(Curation::reveal_answers(
		signed(n),
		DATANET,
		answers(list),
		[n; 32]
	));
}

fn solve() {
	assert_ok!(Curation::reveal_solution(
		signed(OWNER),
		DATANET,
		answers(&RIGHT),
		SALT
	));
}

fn record(n: u8) -> Option<Qualification<u64>> {
	Qualifications::<Test>::get(DATANET, account(n))
}

#[test]
fn who_answers_rightly_is_qualified() {
	ExtBuilder::default().build_and_execute(|| {
		open();
		assert_eq!(held(HoldReason::Qualification, OWNER), EXAM_DEPOSIT);
		answer(10, &RIGHT);
		answer(11, &[1, 2, 3, 0]);
		answer(12, &[1, 2, 0, 0]);
		assert_eq!(held(HoldReason::Qualification, 10), CANDIDATE_DEPOSIT);
		run(PHASE);
		show(10, &RIGHT);
		show(11, &[1, 2, 3, 0]);
		show(12, &[1, 2, 0, 0]);
		run(PHASE);
		assert!(!Curation::is_qualified(DATANET, &account(10)));
		solve();
		for n in 10..13 {
			assert_ok!(Curation::claim_qualification(signed(n), DATANET));
		}

		let until = exam().solution_until + QUALIFIED;
		let passed = |accuracy| {
			Some(Qualification {
				until,
				accuracy,
				deposit: CANDIDATE_DEPOSIT,
			})
		};
		assert_eq!(record(10), passed(1_000_000));
		assert_eq!(record(11), passed(750_000));
		assert_eq!(record(12), None);
		assert!(Curation::is_qualified(DATANET, &account(11)));
		assert!(!Curation::is_qualified(DATANET, &account(12)));
		assert!(!Curation::is_qualified(OTHER_DATANET, &account(11)));
		assert_eq!(wealth(12), RICH);
		assert_eq!(held(HoldReason::Qualification, 12), 0);

		assert_ok!(Curation::close_qualification(signed(STRANGER), DATANET));
		assert_eq!(held(HoldReason::Qualification, OWNER), 0);
		assert_eq!(wealth(OWNER), RICH);
		System::assert_last_event(
			Event::QualificationClosed {
				datanet: DATANET,
				lost: 0,
			}
			.into(),
		);
		// The record's deposit comes back with the record.
		assert_ok!(Curation::drop_qualification(signed(10), DATANET));
		assert_eq!(held(HoldReason::Qualification, 10), 0);
		assert!(!Curation::is_qualified(DATANET, &account(10)));

		run_to(until - 1);
		assert!(Curation::is_qualified(DATANET, &account(11)));
		run_to(until);
		assert!(!Curation::is_qualified(DATANET, &account(11)));
	});
}

#[test]
fn only_the_owner_opens_a_round_and_one_at_a_time() {
	ExtBuilder::default().build_and_execute(|| {
		let open_as = |n: u8, datanet: u32, count: u8| {
			Curation::open_qualification(
				signed(n),
				datanet,
				content(1),
				count,
				H256::zero(),
				Percent::one(),
			)
		};
		assert_noop!(open_as(OWNER, 99, 4), E::UnknownDatanet);
		assert_noop!(open_as(STRANGER, DATANET, 4), E::NotOwner);
		assert_noop!(open_as(OWNER, DATANET, 0), E::TaskCount);
		assert_noop!(open_as(OWNER, DATANET, 65), E::TaskCount);
		assert_ok!(Balances::transfer_allow_death(
			signed(OWNER),
			account(STRANGER),
			RICH - EXAM_DEPOSIT
		));
		assert_noop!(open_as(OWNER, DATANET, 4), TokenError::FundsUnavailable);
		assert_ok!(Balances::transfer_allow_death(
			signed(STRANGER),
			account(OWNER),
			RICH / 2
		));
		assert_ok!(open_as(OWNER, DATANET, 64));
		assert_noop!(open_as(OWNER, DATANET, 4), E::QualificationOpen);
		assert_ok!(open_as(OWNER, OTHER_DATANET, 1));
	});
}

#[test]
fn each_phase_has_its_time() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			Curation::commit_answers(signed(10), DATANET, H256::zero()),
			E::NoQualification
		);
		open();
		answer(10, &RIGHT);
		assert_noop!(
			Curation::commit_answers(signed(10), DATANET, H256::zero()),
			E::AlreadyCandidate
		);
		let show = |n: u8, list: &[u8], salt: u8| {
			Curation::reveal_answers(signed(n), DATANET, answers(list), [salt; 32])
		};
		let solve =
			|n: u8, list: &[u8]| Curation::reveal_solution(signed(n), DATANET, answers(list), SALT);
		assert_noop!(show(10, &RIGHT, 10), E::WrongPhase);
		assert_noop!(solve(OWNER, &RIGHT), E::WrongPhase);

		run(PHASE);
		assert_noop!(
			Curation::commit_answers(signed(11), DATANET, H256::zero()),
			E::WrongPhase
		);
		assert_noop!(solve(OWNER, &RIGHT), E::WrongPhase);
		assert_noop!(show(11, &RIGHT, 11), E::NotCandidate);
		assert_noop!(show(10, &RIGHT[..3], 10), E::AnswerCount);
		assert_noop!(show(10, &RIGHT, 11), E::CommitmentMismatch);
		assert_noop!(show(10, &[1, 2, 3, 5], 10), E::CommitmentMismatch);
		assert_ok!(show(10, &RIGHT, 10));
		assert_noop!(show(10, &RIGHT, 10), E::AlreadyRevealed);
		assert_noop!(
			Curation::claim_qualification(signed(10), DATANET),
			E::WrongPhase
		);

		run(PHASE);
		assert_noop!(show(10, &RIGHT, 10), E::WrongPhase);
		assert_noop!(solve(10, &RIGHT), E::NotOwner);
		assert_noop!(solve(OWNER, &RIGHT[..3]), E::AnswerCount);
		assert_noop!(solve(OWNER, &[1, 2, 3, 5]), E::CommitmentMismatch);
		assert_noop!(
			Curation::close_qualification(signed(STRANGER), DATANET),
			E::WrongPhase
		);
		assert_ok!(solve(OWNER, &RIGHT));
		assert_noop!(solve(OWNER, &RIGHT), E::AlreadyRevealed);
		assert_noop!(
			Curation::claim_qualification(signed(11), DATANET),
			E::NotCandidate
		);
		assert_ok!(Curation::claim_qualification(signed(10), DATANET));
		assert_noop!(
			Curation::claim_qualification(signed(10), DATANET),
			E::NotCandidate
		);
		assert_noop!(
			Curation::drop_qualification(signed(11), DATANET),
			E::NotQualified
		);
	});
}

#[test]
fn the_number_of_candidates_is_bounded() {
	ExtBuilder::default().build_and_execute(|| {
		MaxCandidates::set(&2);
		open();
		answer(10, &RIGHT);
		answer(11, &RIGHT);
		assert_noop!(
			Curation::commit_answers(signed(12), DATANET, H256::zero()),
			E::TooManyCandidates
		);
	});
}

#[test]
fn who_does_not_reveal_loses_its_deposit() {
	ExtBuilder::default().build_and_execute(|| {
		open();
		answer(10, &RIGHT);
		run(2 * PHASE);
		solve();
		assert_ok!(Curation::close_qualification(signed(STRANGER), DATANET));
		assert_eq!(wealth(10), RICH - CANDIDATE_DEPOSIT);
		assert_eq!(wealth(TREASURY), RICH + CANDIDATE_DEPOSIT);
		assert_eq!(wealth(OWNER), RICH);
		assert_eq!(record(10), None);
	});
}

#[test]
fn closing_grades_a_bounded_number_at_a_time() {
	ExtBuilder::default().build_and_execute(|| {
		open();
		for n in 10..60 {
			answer(n, &RIGHT);
		}
		run(PHASE);
		for n in 10..60 {
			show(n, &RIGHT);
		}
		run(PHASE);
		solve();
		assert_ok!(Curation::close_qualification(signed(STRANGER), DATANET));
		assert_eq!(exam().candidates, 50 - crate::CLOSE_LIMIT);
		assert_eq!(
			Qualifications::<Test>::iter().count() as u32,
			crate::CLOSE_LIMIT
		);
		assert_ok!(Curation::close_qualification(signed(STRANGER), DATANET));
		assert!(!Exams::<Test>::contains_key(DATANET));
		assert_eq!(Candidates::<Test>::iter().count(), 0);
		assert_eq!(Qualifications::<Test>::iter().count(), 50);
	});
}

#[test]
fn a_curator_renews_its_qualification_and_keeps_its_accuracy() {
	ExtBuilder::default().build_and_execute(|| {
		qualify(DATANET, 10, 600_000);
		assert_ok!(Curation::bond(signed(10), DATANET, SEAT));
		run(10);
		open();
		answer(10, &RIGHT);
		run(PHASE);
		show(10, &RIGHT);
		run(PHASE);
		solve();
		assert_ok!(Curation::claim_qualification(signed(10), DATANET));
		assert_eq!(held(HoldReason::Qualification, 10), CANDIDATE_DEPOSIT);
		assert_eq!(curator(10).accuracy, 600_000);
		let until = exam().solution_until + QUALIFIED;
		assert_eq!(Pools::<Test>::get(DATANET)[0].until, until);
	});
}

#[test]
fn a_fake_round_costs_its_owner_the_deposit() {
	ExtBuilder::default().build_and_execute(|| {
		// The owner commits to nothing that it can open: it wants to choose once it sees the answers.
		assert_ok!(Curation::open_qualification(
			signed(OWNER),
			DATANET,
			content(1),
			4,
			H256::repeat_byte(7),
			Percent::from_percent(70),
		));
		answer(10, &RIGHT);
		answer(11, &RIGHT);
		run(PHASE);
		show(10, &RIGHT);
		run(PHASE);
		assert_noop!(
			Curation::reveal_solution(signed(OWNER), DATANET, answers(&RIGHT), SALT),
			E::CommitmentMismatch
		);
		run(PHASE);
		assert_noop!(
			Curation::reveal_solution(signed(OWNER), DATANET, answers(&RIGHT), SALT),
			E::WrongPhase
		);
		assert_ok!(Curation::claim_qualification(signed(10), DATANET));
		assert_ok!(Curation::close_qualification(signed(STRANGER), DATANET));
		assert_eq!(wealth(OWNER), RICH - EXAM_DEPOSIT);
		assert_eq!(wealth(TREASURY), RICH + EXAM_DEPOSIT);
		for n in [10, 11] {
			assert_eq!(wealth(n), RICH);
			assert_eq!(held(HoldReason::Qualification, n), 0);
			assert_eq!(record(n), None);
		}
	});
}

#[test]
fn nobody_copies_answers() {
	ExtBuilder::default().build_and_execute(|| {
		open();
		answer(10, &RIGHT);
		// The copier takes over the commitment, as the answers are not known before the phase ends.
		let copied = Candidates::<Test>::get(DATANET, account(10))
			.expect("there")
			.commitment;
		assert_ok!(Curation::commit_answers(signed(11), DATANET, copied));
		run(PHASE);
		show(10, &RIGHT);
		// Now it knows answers and salt, and can open nothing.
		assert_noop!(
			Curation::reveal_answers(signed(11), DATANET, answers(&RIGHT), [10; 32]),
			E::CommitmentMismatch
		);
		assert_noop!(
			Curation::commit_answers(signed(12), DATANET, copied),
			E::WrongPhase
		);
		run(PHASE);
		solve();
		assert_ok!(Curation::claim_qualification(signed(11), DATANET));
		assert_eq!(record(11), None);
		assert_eq!(wealth(11), RICH - CANDIDATE_DEPOSIT);
	});
}

#[test]
fn a_commitment_of_an_earlier_round_is_of_no_use() {
	ExtBuilder::default().build_and_execute(|| {
		open();
		answer(10, &RIGHT);
		let old = Candidates::<Test>::get(DATANET, account(10))
			.expect("there")
			.commitment;
		run(3 * PHASE);
		assert_ok!(Curation::close_qualification(signed(STRANGER), DATANET));
		open();
		assert_ok!(Curation::commit_answers(signed(10), DATANET, old));
		run(PHASE);
		assert_noop!(
			Curation::reveal_answers(signed(10), DATANET, answers(&RIGHT), [10; 32]),
			E::CommitmentMismatch
		);
	});
}
