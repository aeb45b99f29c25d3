//! Measures how well attribution works, and writes the report on it.
//!
//! Each part measures one thing and leaves what it found as a file of JSON ([`results`]); `report` makes the
//! page and its plots from these files, so that a part can be measured again alone.

mod parts;
mod report;
mod results;

use std::{error::Error, path::PathBuf};

use clap::{Parser, Subcommand};

/// What went wrong, from whatever thread.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// Measures how well attribution works, and writes the report on it.
#[derive(Parser)]
#[command(version)]
struct Args {
	/// Where results are kept, a file for each part.
	#[arg(
		long,
		value_name = "DIR",
		global = true,
		default_value = "docs/attribution-quality"
	)]
	results: PathBuf,

	#[command(subcommand)]
	command: Command,
}

#[derive(Subcommand)]
enum Command {
	/// Measure what influence scores predict and find, against models trained again.
	Influence(parts::influence::Options),
	/// Measure scores on a language model that is fine-tuned on real texts.
	Texts(parts::texts::Options),
	/// Measure what cheats gain, through the runtime's own settlement.
	Manipulation(parts::manipulation::Options),
	/// Measure whether the citations of answers name what the answers are known to come from.
	Citations(Box<parts::citations::Options>),
	/// Measure the index of verbatim spans: equality with brute force, time, size.
	Spans(parts::spans::Options),
	/// Write the page and its plots from what was measured.
	Report {
		/// The page; the plots go beside the results.
		#[arg(
			long,
			value_name = "FILE",
			default_value = "docs/attribution-quality.md"
		)]
		page: PathBuf,
	},
}

fn main() -> Result<(), Failure> {
	let args = Args::parse();
	match &args.command {
		Command::Influence(options) => parts::influence::run(options, &args.results),
		Command::Texts(options) => parts::texts::run(options, &args.results),
		Command::Manipulation(options) => parts::manipulation::run(options, &args.results),
		Command::Citations(options) => parts::citations::run(options, &args.results),
		Command::Spans(options) => parts::spans::run(options, &args.results),
		Command::Report { page } => report::write(&args.results, page),
	}
}
