//! The node of the OpenLedger chain.

use std::process::ExitCode;

/// Gives memory back to the system. Compiling the runtime takes some 200 MB for a moment, of which
/// the C library's allocator would keep most for good.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
	disable_huge_pages();
	match openledger_node::run() {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("Error: {error}");
			ExitCode::FAILURE
		}
	}
}

/// The allocator marks its memory as fit for huge pages. In the course of minutes the kernel would then make
/// many a page with one byte in use one of two mebibytes: an idle node would grow threefold.
#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "the call to the system")]
fn disable_huge_pages() {
	// SAFETY: changes no memory's content. A kernel without the option says so, and nothing is lost.
	unsafe { libc::prctl(libc::PR_SET_THP_DISABLE, 1, 0, 0, 0) };
}

#[cfg(not(target_os = "linux"))]
fn disable_huge_pages() {}
