//! How well an agent does, as a number.

use openledger_primitives::traits::Performance;
use sp_runtime::{PerThing, Permill};

/// What an agent begins with.
pub const FIRST_SCORE: Permill = Permill::from_percent(50);

/// The score that counts in a draw at least, so that who failed can come back.
pub const LEAST_SCORE: Permill = Permill::from_percent(5);

/// The part of the way to what it was worth that one assignment moves a score.
const STEP: u32 = 16;

/// The score after one more assignment: an exponential average over some 16 of them.
///
/// An agreement is worth from 100 % for a commitment at once to 50 % for one at the last moment, a
/// disagreement or an absence nothing. What was not the operator's doing does not count.
pub fn next(score: Permill, performance: Performance) -> Permill {
	let (old, worth) = (
		score.deconstruct(),
		match performance {
			Performance::Agreed { lateness } => {
				let late = Permill::from_percent(lateness.deconstruct().into()).deconstruct();
				Permill::ACCURACY.saturating_sub(late / 2)
			}
			Performance::Disagreed | Performance::Absent => 0,
			Performance::Released => return score,
		},
	);
	let new = if worth > old {
		old.saturating_add(worth.saturating_sub(old) / STEP)
	} else {
		old.saturating_sub(old.saturating_sub(worth) / STEP)
	};
	Permill::from_parts(new)
}

#[cfg(test)]
mod tests {
	use super::*;
	use sp_runtime::Percent;

	fn after(n: u32, start: Permill, performance: Performance) -> u32 {
		(0..n)
			.fold(start, |score, _| next(score, performance))
			.deconstruct()
	}

	fn agreed(lateness: u8) -> Performance {
		Performance::Agreed {
			lateness: Percent::from_percent(lateness),
		}
	}

	#[test]
	fn one_step_to_the_part_per_million() {
		assert_eq!(after(1, FIRST_SCORE, agreed(0)), 531_250);
		assert_eq!(after(1, FIRST_SCORE, agreed(50)), 515_625);
		assert_eq!(after(1, FIRST_SCORE, agreed(100)), 500_000);
		assert_eq!(after(1, FIRST_SCORE, Performance::Disagreed), 468_750);
		assert_eq!(after(1, FIRST_SCORE, Performance::Absent), 468_750);
		assert_eq!(after(1, FIRST_SCORE, Performance::Released), 500_000);
	}

	#[test]
	fn the_average_goes_where_the_work_is() {
		assert!(after(200, Permill::zero(), agreed(0)) > 999_900);
		let late = after(200, Permill::one(), agreed(100));
		assert!((500_000..500_100).contains(&late));
		assert!(after(200, Permill::one(), Performance::Absent) < 100);
		assert_eq!(after(1, Permill::one(), agreed(0)), 1_000_000);
		assert_eq!(after(1, Permill::zero(), Performance::Absent), 0);
	}
}
