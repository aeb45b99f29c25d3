//! How much an offence costs: more with each one that an agent has on record.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use openledger_primitives::traits::Offence;
use scale_info::TypeInfo;
use sp_runtime::{traits::AtLeast32BitUnsigned, Permill, SaturatedConversion};

/// The most windows of [`Config::UnbondingBlocks`](crate::Config::UnbondingBlocks) for which an offence
/// stays on record.
pub const MAX_WINDOWS: u32 = 100;

/// What offences cost. See [`Slashing::MIN`] and [`Slashing::MAX`] for the bounds of the parts.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub struct Slashing<BlockNumber> {
	/// The rungs, in ascending order: parts of all that backs the agent. An absence enters at the first
	/// and never goes beyond the third, a wrong result or a false attribution enters at the second, an
	/// equivocation at the last.
	pub rungs: [Permill; 4],
	/// The blocks without another offence of the same severity after which one of them is forgotten.
	pub window: BlockNumber,
}

impl<BlockNumber> Slashing<BlockNumber> {
	/// The least that each rung may be.
	pub const MIN: [Permill; 4] = [
		Permill::from_percent(0),
		Permill::from_percent(1),
		Permill::from_percent(10),
		Permill::from_percent(50),
	];

	/// The most that each rung may be.
	pub const MAX: [Permill; 4] = [
		Permill::from_percent(2),
		Permill::from_percent(10),
		Permill::from_percent(50),
		Permill::from_percent(100),
	];

	/// The rungs with which a chain begins: 1 %, 5 %, 25 %, 100 %.
	pub const FIRST: [Permill; 4] = [
		Permill::from_percent(1),
		Permill::from_percent(5),
		Permill::from_percent(25),
		Permill::from_percent(100),
	];
}

impl<BlockNumber: AtLeast32BitUnsigned + Copy> Slashing<BlockNumber> {
	/// Whether all is within its bounds: the rungs ascend, and the window is `least` blocks or up to
	/// [`MAX_WINDOWS`] times as many.
	pub fn is_valid(&self, least: BlockNumber) -> bool {
		let bounded = self
			.rungs
			.iter()
			.zip(Self::MIN.iter().zip(&Self::MAX))
			.all(|(rung, (min, max))| min <= rung && rung <= max);
		let [first, second, third, last] = self.rungs;
		bounded
			&& first <= second
			&& second <= third
			&& third <= last
			&& self.window >= least
			&& self.window <= least.saturating_mul(MAX_WINDOWS.into())
	}
}

/// How grave an offence is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Severity {
	Absence,
	Fault,
	Fraud,
}

impl Severity {
	fn of(offence: Offence) -> Self {
		match offence {
			Offence::NoCommit | Offence::NoReveal => Self::Absence,
			Offence::WrongResult | Offence::FalseAttribution => Self::Fault,
			Offence::Equivocation => Self::Fraud,
		}
	}

	/// The rungs at which it enters and beyond which it does not go.
	fn rungs(self) -> (u32, u32) {
		match self {
			Self::Absence => (0, 2),
			Self::Fault => (1, 3),
			Self::Fraud => (3, 3),
		}
	}
}

/// Offences of one severity.
#[derive(Clone, Copy, Debug, Decode, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Count<BlockNumber> {
	/// How many were on record after the last one.
	pub count: u32,
	/// The block of the last one.
	pub last: BlockNumber,
}

impl<BlockNumber: AtLeast32BitUnsigned + Copy> Count<BlockNumber> {
	/// How many are on record in block `now`: one less for each window since the last one.
	fn at(&self, now: BlockNumber, window: BlockNumber) -> u32 {
		let windows = now
			.saturating_sub(self.last)
			.checked_div(&window)
			.map_or(0, SaturatedConversion::saturated_into);
		self.count.saturating_sub(windows)
	}
}

/// An agent's offences, by severity.
#[derive(Clone, Copy, Debug, Decode, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Offences<BlockNumber> {
	/// Of commits and reveals that did not come.
	pub absences: Count<BlockNumber>,
	/// Of wrong results and false attributions.
	pub faults: Count<BlockNumber>,
	/// Of equivocations.
	pub frauds: Count<BlockNumber>,
}

impl<BlockNumber: AtLeast32BitUnsigned + Copy> Offences<BlockNumber> {
	fn of(&mut self, severity: Severity) -> &mut Count<BlockNumber> {
		match severity {
			Severity::Absence => &mut self.absences,
			Severity::Fault => &mut self.faults,
			Severity::Fraud => &mut self.frauds,
		}
	}

	/// Puts an offence on record, and says what it costs: one rung more for each one of at least its
	/// severity that was there.
	pub fn add(
		&mut self,
		offence: Offence,
		now: BlockNumber,
		slashing: &Slashing<BlockNumber>,
	) -> Permill {
		let severity = Severity::of(offence);
		let before = [Severity::Absence, Severity::Fault, Severity::Fraud]
			.into_iter()
			.filter(|other| *other >= severity)
			.fold(0, |sum: u32, other| {
				sum.saturating_add(self.of(other).at(now, slashing.window))
			});
		let count = self.of(severity);
		*count = Count {
			count: count.at(now, slashing.window).saturating_add(1),
			last: now,
		};
		let (first, last) = severity.rungs();
		let rung = first.saturating_add(before).min(last);
		usize::try_from(rung)
			.ok()
			.and_then(|rung| slashing.rungs.get(rung))
			.copied()
			.unwrap_or_default()
	}

	/// Takes an offence off the record.
	pub fn forgive(&mut self, offence: Offence) {
		let count = self.of(Severity::of(offence));
		count.count = count.count.saturating_sub(1);
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const WINDOW: u64 = 100;

	fn slashing() -> Slashing<u64> {
		Slashing {
			rungs: Slashing::<u64>::FIRST,
			window: WINDOW,
		}
	}

	fn percents(list: &[(Offence, u64)]) -> Vec<u32> {
		let mut offences = Offences::default();
		list.iter()
			.map(|(offence, at)| offences.add(*offence, *at, &slashing()).deconstruct() / 10_000)
			.collect()
	}

	#[test]
	fn each_offence_climbs_its_ladder() {
		use Offence::*;
		assert_eq!(
			percents(&[(NoCommit, 1), (NoReveal, 2), (NoCommit, 3), (NoReveal, 4)]),
			[1, 5, 25, 25],
			"an absence never costs all"
		);
		assert_eq!(
			percents(&[(WrongResult, 1), (FalseAttribution, 2), (WrongResult, 3)]),
			[5, 25, 100]
		);
		assert_eq!(percents(&[(Equivocation, 1)]), [100]);
	}

	#[test]
	fn graver_offences_count_for_lighter_ones_alone() {
		use Offence::*;
		assert_eq!(
			percents(&[(WrongResult, 1), (NoCommit, 1)]),
			[5, 5],
			"a fault makes an absence graver"
		);
		assert_eq!(
			percents(&[(NoCommit, 1), (NoCommit, 1), (WrongResult, 1)]),
			[1, 5, 5],
			"absences do not make a fault graver"
		);
		assert_eq!(percents(&[(Equivocation, 1), (WrongResult, 1)]), [100, 25]);
	}

	#[test]
	fn one_is_forgotten_for_each_window() {
		use Offence::*;
		assert_eq!(
			percents(&[(WrongResult, 1), (WrongResult, WINDOW)]),
			[5, 25]
		);
		assert_eq!(
			percents(&[(WrongResult, 1), (WrongResult, WINDOW + 1)]),
			[5, 5]
		);
		assert_eq!(
			percents(&[(NoCommit, 1), (NoCommit, 1), (NoCommit, WINDOW + 1)]),
			[1, 5, 5]
		);
		assert_eq!(
			percents(&[(NoCommit, 1), (NoCommit, 1), (NoCommit, 2 * WINDOW + 1)]),
			[1, 5, 1]
		);
	}

	#[test]
	fn what_is_forgiven_makes_nothing_graver() {
		let mut offences = Offences::default();
		offences.add(Offence::WrongResult, 1, &slashing());
		offences.forgive(Offence::FalseAttribution);
		assert_eq!(
			offences.add(Offence::WrongResult, 2, &slashing()),
			Permill::from_percent(5)
		);
	}

	#[test]
	fn parameters_have_bounds() {
		let least = WINDOW / 10;
		assert!(slashing().is_valid(least));
		let with = |at: usize, percent| {
			let mut other = slashing();
			other.rungs[at] = Permill::from_percent(percent);
			other
		};
		for (at, (low, high)) in [(0, 2), (1, 10), (10, 50), (50, 100)]
			.into_iter()
			.enumerate()
		{
			assert!(with(at, low).is_valid(least));
			assert!(with(at, high).is_valid(least));
			assert_eq!(
				with(at, high + 1).is_valid(least),
				high == 100,
				"{at} above"
			);
			assert!(low == 0 || !with(at, low - 1).is_valid(least), "{at} below");
		}
		let mut flat = slashing();
		flat.rungs[0] = Permill::from_percent(2);
		flat.rungs[1] = Permill::from_percent(1);
		assert!(!flat.is_valid(least), "rungs ascend");
		for (window, valid) in [
			(least, true),
			(least - 1, false),
			(1_000, true),
			(1_001, false),
		] {
			assert_eq!(
				Slashing {
					window,
					..slashing()
				}
				.is_valid(least),
				valid
			);
		}
	}
}
