//! What user interfaces read.

use openledger_primitives::data::Verdict;

use crate::{mock::*, types::*};

#[test]
fn a_client_finds_its_seat() {
	ExtBuilder::default()
		.curators(20, SEAT)
		.build_and_execute(|| {
			let subject = Subject::Batch(submit());
			assert_eq!(Curation::seat_of(subject, account(CURATOR)), None);
			assert!(matches!(
				Curation::round_of(subject).expect("open").phase,
				Phase::Draw { .. }
			));
			let (n, seats) = draw_jury(subject)[0];
			let view = |commitment, verdict: Option<Verdict>| {
				Some(SeatView {
					level: 0,
					seats,
					commitment,
					verdict,
				})
			};
			assert_eq!(Curation::seat_of(subject, account(n)), view(None, None));
			let sealed = seal(subject, n, &good(5));
			commit(subject, n, good(5));
			assert_eq!(
				Curation::seat_of(subject, account(n)),
				view(Some(sealed), None)
			);
			run(COMMIT);
			advance(subject);
			reveal(subject, n, good(5));
			assert_eq!(
				round(subject).phase,
				Phase::Draw {
					at: now() + DELAY,
					since: now()
				},
				"one of three is no quorum"
			);
			assert_eq!(
				Curation::seat_of(subject, account(n)),
				view(Some(sealed), Some(good(5)))
			);
			assert_eq!(Curation::seat_of(subject, account(STRANGER)), None);
			draw_jury(subject);
			assert_eq!(level(subject), 1);
		});
}

#[test]
fn pools_rounds_and_reports_can_be_read() {
	ExtBuilder::default()
		.curators(4, SEAT)
		.build_and_execute(|| {
			assert_eq!(Curation::curators_of(DATANET).len(), 4);
			assert!(Curation::curators_of(OTHER_DATANET).is_empty());
			assert_eq!(Curation::qualification_of(DATANET), None);
			assert_eq!(Curation::round_of(Subject::Batch(0)), None);
			assert_eq!(Curation::report_of(0), None);
			assert_eq!(Curation::rows_to_show(0), None);
		});
}
