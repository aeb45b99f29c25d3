//! Influence of training data: what it predicts, and what it finds.

mod collected;
mod finding;
mod lds;
mod ways;

use std::path::Path;

use clap::{value_parser, Args};

use crate::Failure;

/// What is measured.
#[derive(Args)]
pub(crate) struct Options {
	/// How many seeds.
	#[arg(long, default_value_t = 10, value_parser = value_parser!(u64).range(1..=1_000))]
	seeds: u64,
	/// The first of them. What could be tuned was tuned on 101 to 103.
	#[arg(long, default_value_t = 1, value_parser = value_parser!(u64).range(..1_000_000))]
	first: u64,
}

/// Measures it.
pub(crate) fn run(options: &Options, _results: &Path) -> Result<(), Failure> {
	for seed in options.first..options.first + options.seeds {
		lds::explore(seed)?;
	}
	Ok(())
}
