//! Measures how well attribution works and what capturing governance costs, and writes the reports.
//!
//! Each part measures one thing and leaves what it found as a file of JSON ([`results`]); `report` makes the
//! page and its plots from these files, so that a part can be measured again alone.

mod parts;
mod report;
mod results;

use std::{error::Error, path::PathBuf};

use clap::{Parser, Subcommand};

use report::{Page, CAPTURE, PAGES, QUALITY};

/// What went wrong, from whatever thread.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// Measures how well attribution works and what capturing governance costs, and writes the reports.
#[derive(Parser)]
#[command(version)]
struct Args {
	/// Where pages are kept, and beside each a folder of its results and plots.
	#[arg(long, value_name = "DIR", global = true, default_value = "docs")]
	docs: PathBuf,

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
	/// Measure what it costs strangers who pay each other to gain a part of all reputation.
	Capture(parts::capture::Options),
	/// Write the pages and their plots from what was measured.
	Report,
}

fn main() -> Result<(), Failure> {
	let args = Args::parse();
	let results = |page: &Page| page.results(&args.docs);
	match &args.command {
		Command::Influence(options) => parts::influence::run(options, &results(&QUALITY)),
		Command::Texts(options) => parts::texts::run(options, &results(&QUALITY)),
		Command::Manipulation(options) => parts::manipulation::run(options, &results(&QUALITY)),
		Command::Citations(options) => parts::citations::run(options, &results(&QUALITY)),
		Command::Spans(options) => parts::spans::run(options, &results(&QUALITY)),
		Command::Capture(options) => parts::capture::run(options, &results(&CAPTURE)),
		Command::Report => PAGES
			.into_iter()
			.try_for_each(|page| page.write(&args.docs)),
	}
}
