//! What a part found, as it is kept.

use std::{fs, path::Path};

use openledger_attribution::evaluate::bootstrap;
use serde::{Deserialize, Serialize};

use crate::Failure;

/// What one part found.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Part {
	/// Its heading in the report.
	pub(crate) title: String,
	/// How it was measured, in Markdown: data, models, what was fixed when.
	pub(crate) setting: String,
	/// What each value of a score belongs to: a seed, or what else was drawn anew.
	pub(crate) seeds: Vec<u64>,
	/// What was measured.
	pub(crate) measures: Vec<Measure>,
	/// What is drawn beside them.
	pub(crate) curves: Vec<Curve>,
}

/// One thing that was measured, by several methods.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Measure {
	/// What it is.
	pub(crate) name: String,
	/// What is to be reached by the method that [is paid by](Score::paid).
	pub(crate) goal: Option<Goal>,
	/// The methods, each beside the others.
	pub(crate) scores: Vec<Score>,
	/// What has to be said about it, in Markdown.
	pub(crate) note: Option<String>,
}

/// What is to be reached.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Goal {
	/// Not less.
	AtLeast(f64),
	/// Not more.
	AtMost(f64),
}

/// How one method did.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Score {
	/// The method.
	pub(crate) method: String,
	/// Whether it is the one that money follows; all others are baselines.
	pub(crate) paid: bool,
	/// The mean over the seeds.
	pub(crate) mean: f64,
	/// Where its 95 % bootstrap interval begins.
	pub(crate) low: f64,
	/// Where it ends.
	pub(crate) high: f64,
	/// One value for each seed, in their order.
	pub(crate) values: Vec<f64>,
}

impl Score {
	/// Fails without values, or with one that is no number.
	pub(crate) fn new(method: &str, paid: bool, values: Vec<f64>) -> Result<Self, Failure> {
		let interval = bootstrap(&values, 0)
			.ok_or_else(|| format!("{method}: {values:?} have no mean to be shown"))?;
		Ok(Self {
			method: method.into(),
			paid,
			mean: interval.mean,
			low: interval.low,
			high: interval.high,
			values,
		})
	}
}

/// Lines in one plot.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Curve {
	/// Its title.
	pub(crate) title: String,
	/// What is to the right, with its unit.
	pub(crate) x: String,
	/// Whether that is drawn by its logarithm.
	pub(crate) log_x: bool,
	/// What is upwards, with its unit.
	pub(crate) y: String,
	/// Where the goal lies, if there is one.
	pub(crate) goal: Option<f64>,
	/// The lines.
	pub(crate) lines: Vec<Line>,
}

/// A line of a plot.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line {
	/// What it shows.
	pub(crate) name: String,
	/// Its points, from the left to the right.
	pub(crate) points: Vec<(f64, f64)>,
}

impl Part {
	/// Keeps it as `name`.json.
	pub(crate) fn write(&self, results: &Path, name: &str) -> Result<(), Failure> {
		fs::create_dir_all(results)?;
		let path = results.join(name).with_extension("json");
		let text = serde_json::to_string_pretty(self)? + "\n";
		fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
		Ok(())
	}

	/// Reads what was kept as `name`.json; `None` if there is none.
	pub(crate) fn read(results: &Path, name: &str) -> Result<Option<Self>, Failure> {
		let path = results.join(name).with_extension("json");
		if !path.exists() {
			return Ok(None);
		}
		let part = serde_json::from_str(&fs::read_to_string(&path)?)
			.map_err(|error| format!("{}: {error}", path.display()))?;
		Ok(Some(part))
	}
}
