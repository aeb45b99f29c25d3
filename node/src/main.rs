//! The node of the OpenLedger chain.

use std::process::ExitCode;

/// Gives memory back to the system. Compiling the runtime takes some 200 MB for a moment, of which
/// the C library's allocator would keep most for good.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
	match openledger_node::run() {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("Error: {error}");
			ExitCode::FAILURE
		}
	}
}
