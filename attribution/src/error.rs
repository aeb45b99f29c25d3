//! What can go wrong.

/// An error. Its text says what is wrong with the input.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Error {
	/// A score, a gradient or a damping that is no finite number: it stands for a computation that
	/// failed, and no weight can be given to it.
	#[error("{0} is not a finite number")]
	NotFinite(&'static str),
	/// The damping factor is not above zero: without damping there is no inverse.
	#[error("the damping factor must be above zero")]
	NoDamping,
	/// Matrices that do not belong together.
	#[error("{what}: {found} where {expected} are needed")]
	Shape {
		/// What does not fit.
		what: &'static str,
		/// How many there are.
		found: usize,
		/// How many there should be.
		expected: usize,
	},
	/// More tokens and documents than an index holds: together at most 2³¹ − 1. Make one index for each
	/// part of the Datanet.
	#[error("{0} tokens and documents are too many for one index")]
	TooLong(usize),
	/// The library that sorts suffixes failed.
	#[error("sorting suffixes failed: {0}")]
	Sort(String),
	/// Scores whose sum is out of bounds.
	#[error("the sum of the scores is out of bounds")]
	Overflow,
}
