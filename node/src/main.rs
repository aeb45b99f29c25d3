//! The node of the OpenLedger chain.

use std::process::ExitCode;

fn main() -> ExitCode {
	match openledger_node::run() {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("Error: {error}");
			ExitCode::FAILURE
		}
	}
}
