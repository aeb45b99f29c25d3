//! Values of all seeds, by what was measured and in which way.

use crate::{
	results::{Line, Score},
	Failure,
};

use super::ways::{Way, PAID};

/// In the order in which they were added first.
#[derive(Default)]
pub(crate) struct Collected(Vec<(&'static str, Way, Vec<f64>)>);

impl Collected {
	/// Adds one seed's value.
	pub(crate) fn add(&mut self, measure: &'static str, way: Way, value: f64) {
		match self
			.0
			.iter_mut()
			.find(|known| (known.0, known.1) == (measure, way))
		{
			Some((_, _, values)) => values.push(value),
			None => self.0.push((measure, way, vec![value])),
		}
	}

	fn of<'a>(&'a self, measure: &'a str) -> impl Iterator<Item = (Way, &'a [f64])> {
		let of_measure = self.0.iter().filter(move |(known, _, _)| *known == measure);
		of_measure.map(|(_, way, values)| (*way, values.as_slice()))
	}

	/// All ways beside each other, those with another damping than the usual one apart.
	pub(crate) fn scores(&self, measure: &str) -> Result<Vec<Score>, Failure> {
		self.of(measure)
			.filter(|(way, _)| way.is_usual())
			.map(|(way, values)| Score::new(&way.name(), way == PAID, values.to_vec()))
			.collect()
	}

	/// The mean over the seeds by the damping, a line for each method that has one.
	pub(crate) fn lines(&self, measure: &str) -> Vec<Line> {
		let mut lines = Vec::<Line>::new();
		for (way, values) in self.of(measure) {
			let Some(factor) = way.factor() else {
				continue;
			};
			let point = (factor, values.iter().sum::<f64>() / values.len() as f64);
			let name = way.name();
			match lines.iter_mut().find(|line| line.name == name) {
				Some(line) => line.points.push(point),
				None => lines.push(Line {
					name,
					points: vec![point],
				}),
			}
		}
		lines.retain(|line| line.points.len() > 1);
		lines
	}
}
