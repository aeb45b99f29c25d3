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
	/// Measure whether the citations of answers name what the answers are known to come from.
	Citations(parts::citations::Options),
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
		Command::Citations(options) => parts::citations::run(options, &args.results),
		Command::Report { page } => report::write(&args.results, page),
	}
}
