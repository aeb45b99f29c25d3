//! The node of the OpenLedger chain.

use std::process::ExitCode;

/// Gives memory back to the system. Compiling the runtime takes some 200 MB for a moment, of which
/// the C library's allocator would keep most for good.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The number of mimalloc's option `purge_delay`, in milliseconds, in both of its versions.
const PURGE_DELAY: i32 = 15;

fn main() -> ExitCode {
	give_memory_back_at_once();
	match openledger_node::run() {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("Error: {error}");
			ExitCode::FAILURE
		}
	}
}

/// By default the allocator waits for a second, in which so much is allocated anew that many pages never
/// go back.
#[allow(
	unsafe_code,
	reason = "options of the allocator are set through its C interface"
)]
fn give_memory_back_at_once() {
	// SAFETY: not safe beside other threads, of which there are none yet.
	unsafe { libmimalloc_sys::mi_option_set(PURGE_DELAY, 0) };
}
