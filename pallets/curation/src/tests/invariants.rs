//! Each invariant is checked: what breaks it is found.

use frame_support::{assert_ok, storage::with_storage_layer};
use sp_runtime::{DispatchError, DispatchResult, TryRuntimeError};

use crate::{mock::*, types::*, Candidates, Curators, Exams, Pools, Reports, Rounds};

/// What the check says after `harm`, with a round open, a report and a qualification.
fn after(harm: impl FnOnce(Subject)) -> Result<(), TryRuntimeError> {
	let mut said = Ok(());
	ExtBuilder::default()
		.curators(20, 2 * SEAT)
		.build_and_execute(|| {
			let subject = Subject::Batch(submit());
			draw_jury(subject);
			commit(subject, jury(subject)[0].0, good(1));
			let (of, batch) = (accepted(&[1]), accepted(&[2]));
			assert_ok!(Curation::challenge_rows(signed(STRANGER), batch, of));
			assert_ok!(Curation::open_qualification(
				signed(OWNER),
				DATANET,
				content(1),
				2,
				Default::default(),
				sp_runtime::Percent::one(),
			));
			assert_ok!(Curation::commit_answers(
				signed(STRANGER),
				DATANET,
				Default::default()
			));
			assert_ok!(Curation::do_try_state());
			let ledger = ledger();
			let _ = with_storage_layer(|| -> DispatchResult {
				harm(subject);
				said = Curation::do_try_state();
				Err(DispatchError::Other("undo the harm"))
			});
			set_ledger(ledger);
		});
	said
}

#[track_caller]
fn breaks(number: char, harm: impl FnOnce(Subject)) {
	match after(harm) {
		Err(TryRuntimeError::Other(message)) => {
			assert!(message.starts_with(number), "{number}: {message}")
		}
		other => panic!("{number}: {other:?}"),
	}
}

fn member(n: u8, change: impl FnOnce(&mut Curator<u64>)) {
	Curators::<Test>::mutate(DATANET, account(n), |curator| {
		change(curator.as_mut().expect("there"))
	});
}

fn change_round(subject: Subject, change: impl FnOnce(&mut crate::RoundOf<Test>)) {
	Rounds::<Test>::mutate(subject, |round| change(round.as_mut().expect("open")));
}

#[test]
fn holds_are_what_is_recorded() {
	breaks('1', |_| {
		member(CURATOR, |curator| curator.bond += SEAT / 10);
		Pools::<Test>::mutate(DATANET, |pool| {
			pool[0].weight = weight(2 * SEAT + SEAT / 10, ONE)
		});
	});
	breaks('2', |_| {
		Exams::<Test>::mutate(DATANET, |exam| exam.as_mut().expect("open").deposit += 1)
	});
	breaks('3', |subject| {
		change_round(subject, |round| {
			round
				.appeals
				.try_push(Appeal {
					who: account(STRANGER),
					deposit: 1,
					accepted: true,
					jury: 1,
				})
				.expect("room")
		})
	});
	breaks('4', |_| {
		Reports::<Test>::translate_values(|mut report: Report<_, _>| {
			report.bond += 1;
			Some(report)
		})
	});
}

#[test]
fn seats_and_pools_are_what_is_recorded() {
	breaks('5', |_| member(CURATOR, |curator| curator.seats += 1));
	breaks('5', |subject| {
		let (n, _) = jury(subject)[0];
		Curators::<Test>::remove(DATANET, account(n));
	});
	breaks('6', |_| {
		Pools::<Test>::mutate(DATANET, |pool| pool[0].weight += 1)
	});
	breaks('6', |_| {
		Pools::<Test>::mutate(DATANET, |pool| pool[0].free += 1)
	});
	breaks('6', |_| {
		Pools::<Test>::mutate(DATANET, |pool| pool[0].until += 1)
	});
	breaks('6', |_| {
		Pools::<Test>::mutate(DATANET, |pool| {
			pool.remove(0);
		})
	});
	breaks('6', |_| {
		Pools::<Test>::mutate(DATANET, |pool| {
			let mut stranger = pool[0].clone();
			stranger.who = account(STRANGER);
			pool.try_push(stranger).expect("room")
		})
	});
}

#[test]
fn rounds_reports_and_qualifications_fit() {
	breaks('7', |subject| remove(subject_batch(subject)));
	breaks('7', |_| {
		Reports::<Test>::translate_values(|mut report: Report<_, _>| {
			report.of = 1_000;
			Some(report)
		})
	});
	breaks('8', |_| {
		Exams::<Test>::mutate(DATANET, |exam| exam.as_mut().expect("open").candidates += 1)
	});
	breaks('8', |_| {
		let candidate = Candidates::<Test>::get(DATANET, account(STRANGER)).expect("there");
		Candidates::<Test>::insert(OTHER_DATANET, account(STRANGER), candidate);
	});
	breaks('9', |subject| {
		change_round(subject, |round| round.juries[0].jurors[0].seats += 1)
	});
	breaks('9', |subject| {
		change_round(subject, |round| {
			round.juries[0].jurors[1].verdict = Some(good(1))
		})
	});
	breaks('9', |subject| {
		change_round(subject, |round| round.phase = Phase::Found { until: 0 })
	});
}

fn subject_batch(subject: Subject) -> u64 {
	match subject {
		Subject::Batch(batch) | Subject::Duplicate { batch, .. } => batch,
	}
}
