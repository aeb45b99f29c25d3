//! Numbers as they are written, in the page and in the plots.

use crate::results::{Goal, Score};

/// With three digits that count, or those before the point if there are more: 0.760, 14.2, 14,700.
pub(crate) fn figure(value: f64) -> String {
	let size = value.abs();
	let decimals = match size {
		_ if size < 9.9995 => 3,
		_ if size < 99.995 => 2,
		_ if size < 999.95 => 1,
		_ => 0,
	};
	let text = if size > 0.0 && size < 0.000_5 {
		format!("{size:.0e}")
	} else {
		thousands(&format!("{size:.decimals$}"))
	};
	if value < 0.0 {
		format!("−{text}")
	} else {
		text
	}
}

/// Without the zeros at the end: 0.75, 20, 1,000.
pub(crate) fn short(value: f64) -> String {
	let text = figure(value);
	if text.contains('.') {
		text.trim_end_matches('0').trim_end_matches('.').into()
	} else {
		text
	}
}

/// Puts commas between groups of three digits before the point.
fn thousands(number: &str) -> String {
	let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
	let mut grouped = String::new();
	for (at, digit) in whole.chars().enumerate() {
		if at > 0 && (whole.len() - at).is_multiple_of(3) {
			grouped.push(',');
		}
		grouped.push(digit);
	}
	grouped + rest
}

/// `0.760 [0.730, 0.781]`
pub(crate) fn with_interval(score: &Score) -> String {
	let [mean, low, high] = [score.mean, score.low, score.high].map(figure);
	format!("{mean} [{low}, {high}]")
}

impl Goal {
	/// What is to be reached.
	pub(crate) fn value(self) -> f64 {
		match self {
			Self::AtLeast(value) | Self::AtMost(value) => value,
		}
	}

	/// Whether a value reaches it.
	pub(crate) fn is_reached(self, value: f64) -> bool {
		match self {
			Self::AtLeast(least) => value >= least,
			Self::AtMost(most) => value <= most,
		}
	}

	/// `≥ 0.75`
	pub(crate) fn text(self) -> String {
		match self {
			Self::AtLeast(value) => format!("≥ {}", short(value)),
			Self::AtMost(value) => format!("≤ {}", short(value)),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn figures_have_the_digits_that_count() {
		for (value, text) in [
			(0.0, "0.000"),
			(0.760_4, "0.760"),
			(-0.028, "−0.028"),
			(0.000_12, "1e-4"),
			(9.999_6, "10.00"),
			(14.216, "14.22"),
			(99.996, "100.0"),
			(999.96, "1,000"),
			(14_700.4, "14,700"),
			(1_234_567.0, "1,234,567"),
			(-1_234.0, "−1,234"),
		] {
			assert_eq!(figure(value), text);
		}
	}

	#[test]
	fn goals_are_short() {
		assert_eq!(Goal::AtLeast(0.75).text(), "≥ 0.75");
		assert_eq!(Goal::AtMost(20.0).text(), "≤ 20");
		assert_eq!(Goal::AtMost(1.0).text(), "≤ 1");
		assert_eq!(short(1_000.0), "1,000");
		assert_eq!(short(0.0), "0");
	}

	#[test]
	fn a_goal_is_reached_at_its_value() {
		assert!(Goal::AtLeast(0.75).is_reached(0.75) && !Goal::AtLeast(0.75).is_reached(0.7499));
		assert!(Goal::AtMost(1.0).is_reached(1.0) && !Goal::AtMost(1.0).is_reached(1.0001));
	}
}
