//! The validation gate: which clusters are let in to be paid at all.
//!
//! Netting alone leaves something to junk: of documents without any effect, the sum can be above zero by
//! chance. The gate looks at a fixed set of validation queries, apart from those
//! that are paid: a cluster is let in if its net score, averaged over them, is above zero by
//! [`DEVIATIONS`] standard errors. That was set once, at the usual two, and is not fitted to anything.
//!
//! The validation queries must reach every subject of the Datanet: what helps none of them is not let in.

/// By how many standard errors the mean must be above zero.
pub const DEVIATIONS: f64 = 2.0;

/// Whether a cluster is let in, by its net scores for each validation query.
///
/// Fewer than two queries let nothing in, nor does a score that is not finite.
pub fn admits(scores: &[f64]) -> bool {
	if scores.len() < 2 {
		return false;
	}
	let count = scores.len() as f64;
	let mean = scores.iter().sum::<f64>() / count;
	let squares: f64 = scores.iter().map(|score| (score - mean).powi(2)).sum();
	let error = (squares / (count - 1.0) / count).sqrt();
	mean > 0.0 && mean > DEVIATIONS * error && mean.is_finite()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_mean_must_be_clearly_above_zero() {
		// Mean 2; standard errors 1.04 and 0.87.
		assert!(!admits(&[0.2, 0.2, 3.8, 3.8]));
		assert!(admits(&[0.5, 3.5, 0.5, 3.5]));
		assert!(admits(&[1.0, 1.0]));
		assert!(!admits(&[-1.0, -1.0]));
		assert!(!admits(&[0.0, 0.0]));
		assert!(!admits(&[5.0, -4.0, 3.0, -2.0]));
	}

	#[test]
	fn what_is_not_known_is_not_let_in() {
		assert!(!admits(&[]));
		assert!(!admits(&[9.0]));
		assert!(!admits(&[9.0, f64::NAN]));
		assert!(!admits(&[9.0, f64::INFINITY]));
	}
}
