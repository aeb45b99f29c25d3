//! Says how much of one adapter is in another, as a committee would.

use std::{fs, path::PathBuf, process::ExitCode, time::Duration};

use clap::Parser;
use openledger_inference::{
	engine::Limit,
	similarity::{similarity, WHOLE},
};

/// Says how much of one adapter is in another, from 0 to 1, as the committee of a claim would.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
	/// The earlier adapter's `adapter_model.safetensors`.
	original: PathBuf,

	/// The other's.
	other: PathBuf,

	/// Seconds that the comparison may take.
	#[arg(long, value_name = "S", default_value_t = 600)]
	max_run_s: u64,
}

fn main() -> ExitCode {
	match run(&Args::parse()) {
		Ok(found) => {
			println!("{:.6}", f64::from(found) / f64::from(WHOLE));
			ExitCode::SUCCESS
		}
		Err(why) => {
			eprintln!("error: {why}");
			ExitCode::FAILURE
		}
	}
}

fn run(args: &Args) -> Result<u32, String> {
	let read = |path: &PathBuf| fs::read(path).map_err(|why| format!("{}: {why}", path.display()));
	let limit = Limit::within(Duration::from_secs(args.max_run_s));
	similarity(&read(&args.original)?, &read(&args.other)?, &limit)
		.map_err(|failure| failure.to_string())
}
