//! What honest users pay, day by day, by the arithmetic of the chain.

use openledger_primitives::Balance;
use openledger_runtime::{
	constants::{currency::UNIT, time::DAYS},
	Runtime,
};
use pallet_reputation::{Config, Points, Schedule, BUCKETS};

use crate::Failure;

/// What honest users lose a day where nothing else is said, by burn and treasury share: a tenth of fees of
/// 1,000 OPEN.
pub(super) const DAILY: Balance = 100 * UNIT;

/// When points mature and how fast they decay on the chain.
pub(super) fn schedule() -> Schedule {
	let maturity: u32 = <Runtime as Config>::Maturity::get();
	Schedule {
		bucket: u64::from(maturity / BUCKETS),
		half_life: u64::from(<Runtime as Config>::HalfLife::get()),
	}
}

/// The first block of a day.
pub(super) fn block(day: u64) -> u64 {
	day * u64::from(DAYS)
}

/// How what honest users lose develops.
pub(super) struct Path {
	pub(super) name: &'static str,
	/// What they lose on a day, as a multiple of [`DAILY`].
	pub(super) on: fn(f64) -> f64,
}

/// What may come: the order is that of the values in the results.
pub(super) const PATHS: [Path; 5] = [
	Path {
		name: "steady",
		on: |_| 1.0,
	},
	Path {
		name: "doubling each 90 days",
		on: |day| (day / 90.0).exp2(),
	},
	Path {
		name: "doubling each 30 days in the first year, steady after",
		on: |day| (day.min(360.0) / 30.0).exp2(),
	},
	Path {
		name: "steady for a year, then halving each 30 days",
		on: |day| (-(day - 360.0).max(0.0) / 30.0).exp2(),
	},
	Path {
		name: "seasons: between a fifth and nine fifths, in turns of half a year",
		on: |day| 1.0 + 0.8 * (day * std::f64::consts::TAU / 180.0).sin(),
	},
];

/// How many days are looked at.
pub(super) const HORIZON: u64 = 720;

/// The reputation of all honest accounts together, on each day of the horizon.
pub(super) struct Honest {
	/// What was lost on each day.
	pub(super) lost: Vec<Balance>,
	/// What counts at the start of each day.
	pub(super) power: Vec<u128>,
}

impl Honest {
	pub(super) fn new(path: &Path) -> Result<Self, Failure> {
		let schedule = schedule();
		let mut points = Points::default();
		let (mut lost, mut power) = (Vec::new(), Vec::new());
		for day in 0..HORIZON {
			let now = block(day);
			points.advance(now, &schedule);
			power.push(points.worth(now, &schedule));
			let amount = ((path.on)(day as f64) * DAILY as f64) as Balance;
			points
				.earn(amount, now, &schedule)
				.ok_or("no room for a day's points")?;
			lost.push(amount);
		}
		Ok(Self { lost, power })
	}

	/// What was lost in the `days` before a day.
	pub(super) fn lost_in(&self, day: u64, days: u64) -> Balance {
		(day.saturating_sub(days)..day)
			.filter_map(|day| self.lost.get(day as usize))
			.sum()
	}
}
