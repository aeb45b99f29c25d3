//! What it costs strangers who pay each other to gain a part of all reputation.

mod honest;
mod plans;
#[cfg(test)]
mod tests;

use std::path::Path as FilePath;

use openledger_primitives::Balance;
use openledger_runtime::constants::currency::UNIT;
use rayon::prelude::*;

use crate::{
	parts::manipulation::self_dealing::{deal, Dealt},
	results::{Curve, Goal, Line, Measure, Part, Score},
	Failure,
};
use honest::{block, Honest, DAILY, HORIZON, PATHS};
use plans::{least, Strategy, STRATEGIES};

/// What is measured.
#[derive(clap::Args)]
pub(crate) struct Options {
	/// How many of a strategy's parameters are tried: of each so many, evenly spread.
	#[arg(long, default_value_t = 2_000)]
	tries: u64,
}

/// The parts of all reputation that are to be gained, in per cent.
const SHARES: [u128; 3] = [10, 34, 51];

/// The days of the votes: after half a year, then each 60 days.
fn votes() -> impl Iterator<Item = u64> {
	(180..HORIZON).step_by(60)
}

/// Fees by which the real settlement is tried, in units of the token.
const FEES: [(&str, Balance, Balance); 3] = [
	(
		"ordinary fees, by strangers",
		1_000_000,
		100_000_000_000_000,
	),
	("the smallest fees, by strangers", 1, 1_000),
	("small fees, by strangers", 1_000, 1_000_000),
];

/// How many times the real settlement is tried.
const DEALS: u64 = PATHS.len() as u64;

/// The cheapest that a strategy does on a path, of all days and parameters; infinite if nothing that it pays ever
/// counts.
#[derive(Clone, Copy)]
struct Cheapest {
	/// What is lost for a unit of what weighs as much.
	ratio: f64,
	/// What is lost, to the same part of what honest users lost in the 90 days before.
	recent: f64,
}

/// Measures what capture costs.
pub(crate) fn run(options: &Options, results: &FilePath) -> Result<(), Failure> {
	part(options)?.write(results, "capture")
}

/// What has to weigh against the honest, to be a part in per cent of the whole.
fn needed(honest: u128, share: u128) -> u128 {
	(honest * share).div_ceil(100 - share)
}

/// Searches a strategy's parameters and the day of the vote for what costs least.
fn search(
	strategy: &Strategy,
	honest: &Honest,
	share: u128,
	tries: u64,
) -> Result<Cheapest, Failure> {
	let step = strategy.parameters.div_ceil(tries).max(1) as usize;
	let mut cheapest = Cheapest {
		ratio: f64::INFINITY,
		recent: f64::INFINITY,
	};
	for vote in votes() {
		let power = honest.power[vote as usize];
		let needed = needed(power, share);
		for parameter in (0..strategy.parameters).step_by(step) {
			let Some(lost) = least(strategy, parameter, block(vote), needed)? else {
				continue;
			};
			let weighed = lost as f64 / needed as f64;
			let recently = honest.lost_in(vote, 90) as f64 / power as f64;
			cheapest.ratio = cheapest.ratio.min(weighed);
			cheapest.recent = cheapest.recent.min(weighed / recently);
		}
	}
	Ok(cheapest)
}

/// By strategy, then by path.
type Found = Vec<Vec<Cheapest>>;

fn found(share: u128, tries: u64) -> Result<Found, Failure> {
	let honest = PATHS
		.iter()
		.map(Honest::new)
		.collect::<Result<Vec<_>, _>>()?;
	STRATEGIES
		.par_iter()
		.map(|strategy| {
			honest
				.par_iter()
				.map(|honest| search(strategy, honest, share, tries))
				.collect()
		})
		.collect()
}

/// The cheapest of all strategies, by path.
fn best(found: &Found, of: fn(&Cheapest) -> f64) -> Vec<f64> {
	(0..PATHS.len())
		.map(|path| {
			found
				.iter()
				.map(|strategy| of(&strategy[path]))
				.fold(f64::INFINITY, f64::min)
		})
		.collect()
}

fn measures(share: u128, found: &Found) -> Result<[Measure; 2], Failure> {
	let mut scores = vec![Score::new(
		"the cheapest of all",
		true,
		best(found, |cheapest| cheapest.ratio),
	)?];
	for (strategy, by_path) in STRATEGIES.iter().zip(found) {
		let values = by_path.iter().map(|cheapest| cheapest.ratio).collect();
		scores.push(Score::new(strategy.name, false, values)?);
	}
	let recent = Score::new(
		"the cheapest of all",
		true,
		best(found, |cheapest| cheapest.recent),
	)?;
	Ok([
		Measure {
			name: format!("Cost of {share} %, to honest losses that weigh as much"),
			goal: Some(Goal::AtLeast(1.0)),
			scores,
			note: None,
		},
		Measure {
			name: format!("Cost of {share} %, to what honest users lost in 90 days for as much"),
			goal: None,
			scores: vec![recent],
			note: Some(NOTE_RECENT.into()),
		},
	])
}

/// What points cost through the real settlement.
fn settled() -> Result<Measure, Failure> {
	let dealt = |known: bool, from, to| -> Result<Vec<f64>, Failure> {
		(1..=DEALS)
			.map(|seed| deal(seed, known, from..to).map(|Dealt { reputation, .. }| reputation))
			.collect()
	};
	let mut scores = Vec::new();
	for (index, (name, from, to)) in FEES.into_iter().enumerate() {
		scores.push(Score::new(name, index == 0, dealt(false, from, to)?)?);
	}
	let (_, from, to) = FEES[0];
	scores.push(Score::new(
		"ordinary fees, by accounts that are known to belong together",
		false,
		dealt(true, from, to)?,
	)?);
	Ok(Measure {
		name: "Points for each unit that is lost, through the real settlement".into(),
		goal: Some(Goal::AtMost(1.0)),
		scores,
		note: Some(NOTE_SETTLED.into()),
	})
}

/// What the cheapest way costs by the day of the vote: all at once, 31 days before.
fn by_day(path: &honest::Path, share: u128) -> Result<Vec<(f64, f64)>, Failure> {
	let honest = Honest::new(path)?;
	(32..HORIZON)
		.step_by(12)
		.map(|day| {
			let needed = needed(honest.power[day as usize], share);
			let lost = if needed == 0 {
				None
			} else {
				least(&STRATEGIES[1], 30, block(day), needed)?
			};
			Ok((day as f64, lost.unwrap_or(0) as f64 / UNIT as f64))
		})
		.collect()
}

fn curves() -> Result<Vec<Curve>, Failure> {
	let mut curves = Vec::new();
	for path in &PATHS {
		let lines = SHARES
			.iter()
			.map(|share| {
				Ok(Line {
					name: format!("{share} %"),
					points: by_day(path, *share)?,
				})
			})
			.collect::<Result<_, Failure>>()?;
		curves.push(Curve {
			title: format!("Cost where honest volume is {}", path.name),
			x: "day of the vote".into(),
			log_x: false,
			y: "OPEN lost".into(),
			goal: None,
			lines,
		});
	}
	let honest = Honest::new(&PATHS[0])?;
	let vote = HORIZON - 1;
	let whole = needed(honest.power[vote as usize], 51);
	let points = (31..=120)
		.map(|days| {
			let lost = least(&STRATEGIES[0], days, block(vote), whole)?;
			Ok((days as f64, lost.unwrap_or(0) as f64 / whole as f64))
		})
		.collect::<Result<Vec<_>, Failure>>()?
		.into_iter()
		.filter(|(_, ratio)| *ratio > 0.0)
		.collect();
	curves.push(Curve {
		title: "Cost of 51 %, by how long before the vote it is paid".into(),
		x: "days before the vote".into(),
		log_x: false,
		y: "lost, to honest losses that weigh as much".into(),
		goal: Some(1.0),
		lines: vec![Line {
			name: "all at once".into(),
			points,
		}],
	});
	Ok(curves)
}

fn part(options: &Options) -> Result<Part, Failure> {
	let mut all = Vec::new();
	for share in SHARES {
		all.extend(measures(share, &found(share, options.tries)?)?);
	}
	all.push(settled()?);
	Ok(Part {
		title: "What capture costs".into(),
		setting: setting(),
		seeds: (1..=PATHS.len() as u64).collect(),
		measures: all,
		curves: curves()?,
	})
}

fn setting() -> String {
	let paths: Vec<String> = PATHS
		.iter()
		.enumerate()
		.map(|(index, path)| format!("{} {}", index + 1, path.name))
		.collect();
	format!(
		"{SETTING}\n\nHonest users lose {} OPEN a day at first, by burn and treasury share: a tenth of fees of {} \
		 OPEN. All figures in OPEN are proportional to that. What stands for seeds are the ways in which that \
		 develops: {}.",
		DAILY / UNIT,
		10 * DAILY / UNIT,
		paths.join("; ")
	)
}

const SETTING: &str = "Points mature and decay by the arithmetic of `pallet-reputation` itself \
	(`Points`, `Schedule`, with the runtime's constants), for two years of days. Strangers that nobody knows to \
	belong together pay each other for their own data, models and answers, and lose burn and treasury share; the rest of each \
	fee comes back to them and is not counted, nor are the fees of transactions, deposits and what it takes to be \
	served. Nobody contests any of it, which is the worst case. For each strategy, parameter and day of the vote \
	(from day 180 on, each 60 days) the least loss is searched for by which they have a part of all reputation in that vote. \
	*Honest losses that weigh as much* are what honest users would have to lose for the same weight on the day of the vote, at \
	the best time: the points themselves.";

const NOTE_RECENT: &str = "To the part of what honest users lost in the 90 days before the vote that would be the \
	same share of it, on the day that is best for the strangers. **Below one where honest volume grows**: what was \
	paid in the last 31 days does not count yet for anybody, so whoever pays 31 days ahead stands against the volume \
	of that time. With steady volume it rises from 0.99 after half a year to 1.44, as older payments still count.";

const NOTE_SETTLED: &str = "200 fees through the real runtime, payer, owner, contributor and operator in one hand. \
	Accounts that are linked earn nothing. At most one point for each unit: that is where the price comes from. Fees of less than \
	a hundred-thousandth of an OPEN earn nothing at all.";
