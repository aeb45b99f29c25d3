//! Random calls by random accounts break no invariant and make or lose no money.

use openledger_primitives::{
	data::{Reason, Verdict},
	traits::Curation as _,
};
use proptest::prelude::*;
use sp_runtime::Percent;

use crate::{mock::*, types::*, Exams, HoldReason, Reports, Rounds};

const RIGHT: [u8; 3] = [1, 2, 3];

#[derive(Clone, Debug)]
enum Step {
	Submit,
	/// A batch that was accepted without a round here.
	Accepted,
	/// All of a round's next phases, up to a finding.
	Judge {
		of: usize,
		verdict: u8,
	},
	/// A whole qualification round, in which some know the answers.
	Qualify {
		right: u8,
		solve: bool,
	},
	Abandon(usize),
	Advance(usize),
	Commit {
		n: u8,
		of: usize,
		verdict: u8,
	},
	Reveal {
		n: u8,
		of: usize,
		verdict: u8,
	},
	CommitAll {
		of: usize,
		verdict: u8,
	},
	RevealAll {
		of: usize,
		verdict: u8,
	},
	Appeal {
		n: u8,
		of: usize,
	},
	Report {
		n: u8,
		batch: usize,
		of: usize,
	},
	Challenge {
		n: u8,
		batch: usize,
		of: usize,
	},
	Show(usize),
	Withdraw(usize),
	Bond {
		n: u8,
		amount: u128,
	},
	Unbond(u8),
	WithdrawBond(u8),
	Retire(u8),
	Open,
	Answer {
		n: u8,
		right: bool,
	},
	ShowAnswer {
		n: u8,
		right: bool,
	},
	Solve,
	Claim(u8),
	Close,
	Drop(u8),
	Spend {
		n: u8,
		amount: u128,
	},
	Blocks(u64),
}

/// Curators, and a few that would like to be.
fn who() -> impl Strategy<Value = u8> {
	CURATOR..CURATOR + 12
}

fn step() -> impl Strategy<Value = Step> {
	let of = || 0usize..4;
	let verdict = || 0u8..6;
	let batch = || 0usize..12;
	prop_oneof![
		4 => Just(Step::Submit),
		4 => Just(Step::Accepted),
		16 => (of(), verdict()).prop_map(|(of, verdict)| Step::Judge { of, verdict }),
		2 => (2u8..5, any::<bool>()).prop_map(|(right, solve)| Step::Qualify { right, solve }),
		1 => of().prop_map(Step::Abandon),
		16 => of().prop_map(Step::Advance),
		4 => (who(), of(), verdict()).prop_map(|(n, of, verdict)| Step::Commit { n, of, verdict }),
		4 => (who(), of(), verdict()).prop_map(|(n, of, verdict)| Step::Reveal { n, of, verdict }),
		10 => (of(), verdict()).prop_map(|(of, verdict)| Step::CommitAll { of, verdict }),
		10 => (of(), verdict()).prop_map(|(of, verdict)| Step::RevealAll { of, verdict }),
		8 => (who(), of()).prop_map(|(n, of)| Step::Appeal { n, of }),
		6 => (who(), batch(), batch()).prop_map(|(n, batch, of)| Step::Report { n, batch, of }),
		3 => (who(), batch(), batch()).prop_map(|(n, batch, of)| Step::Challenge { n, batch, of }),
		4 => batch().prop_map(Step::Show),
		1 => batch().prop_map(Step::Withdraw),
		3 => (who(), 0..30 * SEAT).prop_map(|(n, amount)| Step::Bond { n, amount }),
		1 => who().prop_map(Step::Unbond),
		2 => who().prop_map(Step::WithdrawBond),
		1 => who().prop_map(Step::Retire),
		2 => Just(Step::Open),
		3 => (who(), any::<bool>()).prop_map(|(n, right)| Step::Answer { n, right }),
		3 => (who(), any::<bool>()).prop_map(|(n, right)| Step::ShowAnswer { n, right }),
		2 => Just(Step::Solve),
		3 => who().prop_map(Step::Claim),
		2 => Just(Step::Close),
		1 => who().prop_map(Step::Drop),
		1 => (who(), 0..RICH).prop_map(|(n, amount)| Step::Spend { n, amount }),
		10 => (1u64..15).prop_map(Step::Blocks),
	]
}

/// What juror `n` thinks when the others' opinion is this.
fn opinion(n: u8, verdict: u8) -> Verdict {
	match (verdict, n % 5) {
		(0, _) => bad(Reason::Licence),
		(1, 0) | (2, 0..=1) | (3, 0..=2) => bad(Reason::Junk),
		_ => good(n % 101),
	}
}

fn subjects() -> Vec<Subject> {
	let mut list: Vec<_> = Rounds::<Test>::iter_keys().collect();
	list.extend(
		Reports::<Test>::iter().map(|(batch, report)| Subject::Duplicate {
			batch,
			of: report.of,
		}),
	);
	list.sort();
	list.dedup();
	list
}

fn nth(of: usize) -> Subject {
	let list = subjects();
	list.get(of % list.len().max(1))
		.copied()
		.unwrap_or(Subject::Batch(1_000))
}

fn drawn(subject: Subject) -> bool {
	Rounds::<Test>::get(subject).is_some_and(|round| !round.juries.is_empty())
}

fn answers(right: bool) -> Answers {
	let mut list = RIGHT.to_vec();
	if !right {
		list[0] = 0;
	}
	list.try_into().expect("short")
}

fn take(step: Step) {
	match step {
		Step::Submit => {
			submit();
		}
		Step::Accepted => {
			accepted(&[1, 2, 3]);
		}
		Step::Judge { of, verdict } => {
			let subject = nth(of);
			let Some(Phase::Draw { at, .. }) =
				Rounds::<Test>::get(subject).map(|round| round.phase)
			else {
				return;
			};
			run_to(at);
			let _ = Curation::advance(signed(STRANGER), subject);
			for n in CURATOR..CURATOR + 12 {
				// Some are away.
				if drawn(subject) && (n + verdict) % 6 != 0 {
					let seal = seal(subject, n, &opinion(n, verdict));
					let _ = Curation::commit_verdict(signed(n), subject, seal);
				}
			}
			if !matches!(
				Rounds::<Test>::get(subject).map(|round| round.phase),
				Some(Phase::Reveal { .. })
			) {
				run(COMMIT);
				let _ = Curation::advance(signed(STRANGER), subject);
			}
			for n in CURATOR..CURATOR + 12 {
				let _ = Curation::reveal_verdict(signed(n), subject, opinion(n, verdict), [n; 32]);
			}
		}
		Step::Qualify { right, solve } => {
			let right = |n: u8| n.is_multiple_of(right);
			take(Step::Open);
			let all = || CURATOR..CURATOR + 12;
			all().for_each(|n| take(Step::Answer { n, right: right(n) }));
			run(PHASE);
			all().for_each(|n| take(Step::ShowAnswer { n, right: right(n) }));
			run(PHASE);
			if solve {
				take(Step::Solve);
			}
		}
		Step::Abandon(of) => {
			if let Subject::Batch(batch) = nth(of) {
				if Curation::abandon(batch).is_ok() {
					remove(batch);
				}
			}
		}
		Step::Advance(of) => {
			let _ = Curation::advance(signed(STRANGER), nth(of));
		}
		Step::Commit { n, of, verdict } => {
			let subject = nth(of);
			if drawn(subject) {
				let seal = seal(subject, n, &opinion(n, verdict));
				let _ = Curation::commit_verdict(signed(n), subject, seal);
			}
		}
		Step::Reveal { n, of, verdict } => {
			let _ = Curation::reveal_verdict(signed(n), nth(of), opinion(n, verdict), [n; 32]);
		}
		Step::CommitAll { of, verdict } => {
			for n in CURATOR..CURATOR + 12 {
				take(Step::Commit { n, of, verdict });
			}
		}
		Step::RevealAll { of, verdict } => {
			for n in CURATOR..CURATOR + 12 {
				take(Step::Reveal { n, of, verdict });
			}
		}
		Step::Appeal { n, of } => {
			let _ = Curation::appeal(signed(n), nth(of));
		}
		Step::Report { n, batch, of } => {
			let evidence = DuplicateEvidence {
				similarity: Percent::one(),
				content: content(n),
			};
			let (batch, of) = pair(batch, of);
			let _ = Curation::report_duplicate(signed(n), batch, of, evidence);
		}
		Step::Challenge { n, batch, of } => {
			let (batch, of) = pair(batch, of);
			let _ = Curation::challenge_rows(signed(n), batch, of);
		}
		Step::Show(of) => show(of),
		Step::Withdraw(batch) => {
			let batch = known(batch);
			if !Rounds::<Test>::contains_key(Subject::Batch(batch)) {
				remove(batch);
			}
		}
		Step::Bond { n, amount } => {
			let _ = Curation::bond(signed(n), DATANET, amount);
		}
		Step::Unbond(n) => {
			let _ = Curation::unbond(signed(n), DATANET);
		}
		Step::WithdrawBond(n) => {
			let _ = Curation::withdraw_unbonded(signed(n), DATANET);
		}
		Step::Retire(n) => {
			let _ = Curation::retire(signed(STRANGER), DATANET, account(n));
		}
		Step::Open => {
			let seal = crate::solution_commitment(
				&Curation::genesis(),
				DATANET,
				&account(OWNER),
				&RIGHT,
				&[0; 32],
			);
			let _ = Curation::open_qualification(
				signed(OWNER),
				DATANET,
				content(0),
				3,
				seal,
				Percent::from_percent(70),
			);
		}
		Step::Answer { n, right } => {
			if let Some(exam) = Exams::<Test>::get(DATANET) {
				let seal = crate::answers_commitment(
					&Curation::genesis(),
					DATANET,
					&exam.opened,
					&account(n),
					&answers(right),
					&[n; 32],
				);
				let _ = Curation::commit_answers(signed(n), DATANET, seal);
			}
		}
		Step::ShowAnswer { n, right } => {
			let _ = Curation::reveal_answers(signed(n), DATANET, answers(right), [n; 32]);
		}
		Step::Solve => {
			let _ = Curation::reveal_solution(signed(OWNER), DATANET, answers(true), [0; 32]);
		}
		Step::Claim(n) => {
			let _ = Curation::claim_qualification(signed(n), DATANET);
		}
		Step::Close => {
			let _ = Curation::close_qualification(signed(STRANGER), DATANET);
		}
		Step::Drop(n) => {
			let _ = Curation::drop_qualification(signed(n), DATANET);
		}
		Step::Spend { n, amount } => {
			let _ = Balances::transfer_allow_death(signed(n), account(STRANGER), amount);
		}
		Step::Blocks(n) => run(n),
	}
}

/// A batch that is there.
fn known(of: usize) -> u64 {
	let ids: Vec<_> = ledger().into_keys().collect();
	ids.get(of % ids.len().max(1)).copied().unwrap_or(1_000)
}

/// Two batches, the later one first.
fn pair(one: usize, other: usize) -> (u64, u64) {
	let (one, other) = (known(one), known(other));
	(one.max(other), one.min(other))
}

/// Shows the drawn rows of a challenged batch: all batches of the test have the rows 1, 2 and 3.
fn show(of: usize) {
	let reported: Vec<_> = Reports::<Test>::iter().collect();
	let Some((batch, report)) = reported.get(of % reported.len().max(1)).cloned() else {
		return;
	};
	let Some(rows) = Curation::rows_to_show(batch) else {
		return;
	};
	let leaves = leaves(&[1, 2, 3]);
	let proofs: Vec<_> = rows
		.into_iter()
		.map(|row| {
			let proof: Proof = openledger_primitives::merkle::prove(&leaves, row as usize)
				.expect("there")
				.try_into()
				.expect("short");
			RowProof {
				row,
				leaf: leaves[row as usize],
				proof: proof.clone(),
				other_row: row,
				other_proof: proof,
			}
		})
		.collect();
	let proofs = proofs.try_into().expect("three");
	let _ = Curation::prove_rows(
		frame_system::RawOrigin::Signed(report.reporter).into(),
		batch,
		proofs,
	);
}

fn total_wealth() -> u128 {
	(1..=200).map(wealth).sum()
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	#[test]
	fn money_and_invariants_survive(steps in prop::collection::vec(step(), 1..250)) {
		ExtBuilder::default().curators(8, 6 * SEAT).build_and_execute(|| {
			let before = total_wealth();
			for step in steps {
				take(step);
				Curation::do_try_state().expect("the invariants hold");
				prop_assert_eq!(total_wealth(), before, "what one loses the treasury has");
			}

			// In the end all rounds end, and all comes back that was not lost.
			for _ in 0..60 {
				run(TIMEOUT);
				for subject in subjects() {
					let _ = Curation::advance(signed(STRANGER), subject);
				}
				let _ = Curation::close_qualification(signed(STRANGER), DATANET);
			}
			for subject in subjects() {
				// Only a first jury waits for as long as it takes.
				let round = Rounds::<Test>::get(subject).expect("no challenge is left");
				prop_assert!(round.juries.is_empty());
				if let Subject::Batch(batch) = subject {
					prop_assert!(Curation::abandon(batch).is_ok());
					remove(batch);
				}
			}
			prop_assert_eq!(Exams::<Test>::iter().count(), 0);
			for n in CURATOR..CURATOR + 12 {
				let _ = Curation::unbond(signed(n), DATANET);
			}
			run(UNBONDING);
			for n in CURATOR..CURATOR + 12 {
				let _ = Curation::withdraw_unbonded(signed(n), DATANET);
				let _ = Curation::drop_qualification(signed(n), DATANET);
			}
			for n in 1..=200 {
				for reason in [HoldReason::Bond, HoldReason::Qualification, HoldReason::Appeal] {
					prop_assert_eq!(held(reason, n), 0, "{} of {}", n, format!("{reason:?}"));
				}
			}
			prop_assert_eq!(total_wealth(), before);
			Ok(())
		})?;
	}
}
