//! Where values lie in a plot, and which are written beside it.

use super::figures::short;

/// A scale from one place to another, in pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Axis {
	low: f64,
	high: f64,
	logarithm: bool,
	from: i32,
	to: i32,
}

impl Axis {
	/// From `low` to `high`, which must differ; by the logarithm both must be above zero.
	pub(crate) fn new((low, high): (f64, f64), logarithm: bool, (from, to): (i32, i32)) -> Self {
		Self {
			low,
			high,
			logarithm,
			from,
			to,
		}
	}

	fn scaled(&self, value: f64) -> f64 {
		if self.logarithm {
			value.log10()
		} else {
			value
		}
	}

	/// Where a value lies.
	pub(crate) fn place(&self, value: f64) -> i32 {
		let [value, low, high] = [value, self.low, self.high].map(|value| self.scaled(value));
		let part = (value - low) / (high - low);
		self.from + (part * f64::from(self.to - self.from)).round() as i32
	}

	/// What is written, with where it lies.
	pub(crate) fn ticks(&self) -> Vec<(i32, String)> {
		let values = if self.logarithm {
			self.powers()
		} else {
			self.steps()
		};
		values
			.into_iter()
			.map(|value| (self.place(value), short(value)))
			.collect()
	}

	fn steps(&self) -> Vec<f64> {
		let step = nice((self.high - self.low) / 5.0);
		let first = (self.low / step - 1e-9).ceil() as i64;
		let last = (self.high / step + 1e-9).floor() as i64;
		(first..=last).map(|at| at as f64 * step).collect()
	}

	fn powers(&self) -> Vec<f64> {
		let first = (self.low.log10() - 1e-9).ceil() as i32;
		let last = (self.high.log10() + 1e-9).floor() as i32;
		(first..=last).map(|power| 10f64.powi(power)).collect()
	}
}

/// 1, 2 or 5 times a power of ten, the next above.
fn nice(step: f64) -> f64 {
	let power = 10f64.powf(step.log10().floor());
	let times = [1.0, 2.0, 5.0]
		.into_iter()
		.find(|times| step <= times * power * 1.000_001);
	times.unwrap_or(10.0) * power
}

#[cfg(test)]
mod tests {
	use super::*;

	fn texts(axis: &Axis) -> Vec<String> {
		axis.ticks().into_iter().map(|(_, text)| text).collect()
	}

	#[test]
	fn values_lie_between_the_ends() {
		let axis = Axis::new((0.0, 2.0), false, (100, 300));
		assert_eq!(
			[0.0, 0.5, 2.0].map(|value| axis.place(value)),
			[100, 150, 300]
		);
		let downwards = Axis::new((1.0, 100.0), true, (200, 0));
		assert_eq!(
			[1.0, 10.0, 100.0].map(|value| downwards.place(value)),
			[200, 100, 0]
		);
	}

	#[test]
	fn ticks_are_round() {
		let axis = Axis::new((0.0, 1.05), false, (0, 100));
		assert_eq!(texts(&axis), ["0", "0.5", "1"]);
		let axis = Axis::new((0.0, 1.0), false, (0, 100));
		assert_eq!(texts(&axis), ["0", "0.2", "0.4", "0.6", "0.8", "1"]);
		let axis = Axis::new((-0.1, 0.42), false, (0, 100));
		assert_eq!(texts(&axis), ["0", "0.2", "0.4"]);
		let axis = Axis::new((0.08, 1_200.0), true, (0, 100));
		assert_eq!(texts(&axis), ["0.1", "1", "10", "100", "1,000"]);
	}
}
