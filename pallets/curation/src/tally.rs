//! From verdicts to a jury's finding, and from findings to points. Pure integer functions.

use alloc::vec::Vec;
use openledger_primitives::data::{Reason, Verdict};
use sp_runtime::Percent;

use crate::types::{Juror, Ppm, ONE};

/// Whether a verdict is to accept.
pub fn accepts(verdict: &Verdict) -> bool {
	matches!(verdict, Verdict::Accept { .. })
}

/// How many of the jurors' seats are behind what `of` selects.
pub fn seats<AccountId>(
	jurors: &[Juror<AccountId>],
	of: impl Fn(&Juror<AccountId>) -> bool,
) -> u32 {
	jurors
		.iter()
		.filter(|juror| of(juror))
		.fold(0, |sum, juror| sum.saturating_add(juror.seats.into()))
}

/// How many seats revealed a verdict to accept, and one to reject.
pub fn sides<AccountId>(jurors: &[Juror<AccountId>]) -> (u32, u32) {
	let side = |accept| {
		seats(jurors, |juror| {
			juror.verdict.as_ref().is_some_and(|v| accepts(v) == accept)
		})
	};
	(side(true), side(false))
}

/// What a jury finds; `None` without the quorum, or if its sides are even.
///
/// The score is the lower median of the accepting seats', the reason the one with most rejecting seats
/// behind it, of equals the first of [`Reason`].
pub fn finding<AccountId>(jurors: &[Juror<AccountId>], quorum: Percent) -> Option<Verdict> {
	let (accept, reject) = sides(jurors);
	let revealed = accept.saturating_add(reject);
	if revealed == 0 || revealed < quorum.mul_ceil(seats(jurors, |_| true)) {
		return None;
	}
	if accept > reject {
		median(jurors, accept).map(|score| Verdict::Accept { score })
	} else if reject > accept {
		plurality(jurors).map(|reason| Verdict::Reject { reason })
	} else {
		None
	}
}

fn median<AccountId>(jurors: &[Juror<AccountId>], total: u32) -> Option<u8> {
	let mut scores: Vec<(u8, u32)> = jurors
		.iter()
		.filter_map(|juror| match juror.verdict {
			Some(Verdict::Accept { score }) => Some((score, juror.seats.into())),
			_ => None,
		})
		.collect();
	scores.sort_unstable();
	let mut below = 0u32;
	scores.into_iter().find_map(|(score, seats)| {
		below = below.saturating_add(seats);
		(below.saturating_mul(2) >= total).then_some(score)
	})
}

fn plurality<AccountId>(jurors: &[Juror<AccountId>]) -> Option<Reason> {
	let behind = |reason| {
		seats(jurors, |juror| {
			juror.verdict == Some(Verdict::Reject { reason })
		})
	};
	jurors
		.iter()
		.filter_map(|juror| match juror.verdict {
			Some(Verdict::Reject { reason }) => Some(reason),
			_ => None,
		})
		.max_by_key(|reason| (behind(*reason), core::cmp::Reverse(*reason)))
}

/// How hard a jury's question was, in hundredths: 100 for each level (1, 2, 3), and up to 200 for the
/// share of the revealed seats that the final verdict found against it, rounded down.
pub fn difficulty(level: u32, against: u32, revealed: u32) -> u32 {
	let disputed = against
		.saturating_mul(200)
		.checked_div(revealed)
		.unwrap_or_default();
	level.saturating_mul(100).saturating_add(disputed)
}

/// The points of a juror that agreed with the final verdict: seats × difficulty × accuracy, rounded
/// down.
pub fn points(seats: u8, difficulty: u32, accuracy: Ppm) -> u64 {
	u64::from(seats)
		.saturating_mul(difficulty.into())
		.saturating_mul(accuracy.into())
		.checked_div(ONE.into())
		.unwrap_or_default()
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn accept(score: u8) -> Option<Verdict> {
		Some(Verdict::Accept { score })
	}

	fn reject(reason: Reason) -> Option<Verdict> {
		Some(Verdict::Reject { reason })
	}

	fn jury(verdicts: &[(u8, Option<Verdict>)]) -> Vec<Juror<usize>> {
		verdicts
			.iter()
			.enumerate()
			.map(|(who, (seats, verdict))| Juror {
				who,
				seats: *seats,
				commitment: None,
				verdict: *verdict,
			})
			.collect()
	}

	fn found(verdicts: &[(u8, Option<Verdict>)]) -> Option<Verdict> {
		finding(&jury(verdicts), Percent::from_percent(60))
	}

	#[test]
	fn the_heavier_side_wins() {
		use Reason::*;
		assert_eq!(found(&[(2, accept(10)), (1, reject(Junk))]), accept(10));
		assert_eq!(
			found(&[(1, accept(10)), (2, reject(Harmful))]),
			reject(Harmful)
		);
	}

	#[test]
	fn a_tie_or_too_few_find_nothing() {
		use Reason::*;
		assert_eq!(
			found(&[(1, accept(10)), (1, reject(Junk)), (1, None)]),
			None
		);
		assert_eq!(found(&[(2, accept(10)), (1, None)]), accept(10), "2 of 1.8");
		assert_eq!(found(&[(1, accept(10)), (2, None)]), None);
		assert_eq!(found(&[(4, accept(10)), (3, None)]), None, "4 of 4.2");
		assert_eq!(found(&[(3, None)]), None);
		let silent = finding(&jury(&[(3, None)]), Percent::zero());
		assert_eq!(silent, None, "no quorum is needed, but a verdict");
	}

	#[test]
	fn the_score_is_the_lower_median_by_seats() {
		assert_eq!(found(&[(1, accept(1)), (1, accept(2))]), accept(1));
		assert_eq!(
			found(&[(1, accept(90)), (1, accept(2)), (1, accept(50))]),
			accept(50)
		);
		assert_eq!(found(&[(2, accept(90)), (1, accept(2))]), accept(90));
	}

	#[test]
	fn the_reason_is_the_plurality_and_of_equals_the_first() {
		use Reason::*;
		assert_eq!(
			found(&[(1, reject(Harmful)), (1, reject(Licence))]),
			reject(Licence)
		);
		assert_eq!(
			found(&[(1, reject(Junk)), (2, reject(Harmful))]),
			reject(Harmful)
		);
		// Seats on the accepting side say nothing about the reason.
		assert_eq!(
			found(&[(2, reject(Duplicate)), (1, reject(Junk)), (2, accept(100))]),
			reject(Duplicate)
		);
	}

	#[test]
	fn disputed_questions_are_harder() {
		assert_eq!(difficulty(1, 0, 3), 100);
		assert_eq!(difficulty(1, 1, 3), 166);
		assert_eq!(difficulty(3, 15, 15), 500);
		assert_eq!(difficulty(2, 0, 0), 200);
		assert_eq!(points(2, 166, 500_000), 166);
		assert_eq!(points(1, 100, 999_999), 99);
	}

	/// Even for who has all seats: what the others gain by a seat that is given up is bounded.
	#[test]
	fn a_seat_given_up_makes_less_than_200_points() {
		for (level, size) in (1u32..).zip(crate::JURY_SIZES) {
			let of = |against: u32| {
				let right = size - u8::try_from(against).unwrap();
				points(right, difficulty(level, against, size.into()), ONE)
			};
			for against in 1..=u32::from(size) / 2 {
				assert!(of(against) < of(0) + u64::from(against) * 200);
			}
		}
	}

	fn verdict() -> impl Strategy<Value = Option<Verdict>> {
		use Reason::*;
		prop_oneof![
			Just(None),
			(0u8..=100).prop_map(accept),
			prop_oneof![Just(Junk), Just(Duplicate), Just(Licence), Just(Harmful)].prop_map(reject),
		]
	}

	proptest! {
		/// Splitting a juror's seats over many accounts changes no finding.
		#[test]
		fn only_seats_count(verdicts in prop::collection::vec((1u8..4, verdict()), 1..8), quorum in 0u8..=100) {
			let split: Vec<_> = verdicts
				.iter()
				.flat_map(|(seats, verdict)| (0..*seats).map(|_| (1, *verdict)))
				.collect();
			let quorum = Percent::from_percent(quorum);
			prop_assert_eq!(finding(&jury(&verdicts), quorum), finding(&jury(&split), quorum));
		}

		/// One more seat for a side never turns the finding away from it.
		#[test]
		fn findings_are_monotonic(verdicts in prop::collection::vec((1u8..4, verdict()), 1..8)) {
			let quorum = Percent::from_percent(50);
			let side = |jurors: &[Juror<usize>]| finding(jurors, quorum).map(|found| accepts(&found));
			let jurors = jury(&verdicts);
			let before = side(&jurors);
			let mut more = jurors;
			more.push(Juror { who: 99, seats: 1, commitment: None, verdict: accept(50) });
			if before == Some(true) {
				prop_assert_eq!(side(&more), Some(true));
			} else {
				prop_assert!(before.is_none() || side(&more) != Some(true) || sides(&more).0 > sides(&more).1);
			}
		}
	}
}
