//! What commands that are no node need: to wait for what they asked for, and to print it.

use std::{
	future::Future,
	io::{self, Write},
};

/// Waits for a command's work.
pub(crate) fn block_on(
	work: impl Future<Output = Result<String, String>>,
) -> Result<String, String> {
	tokio::runtime::Runtime::new()
		.map_err(|error| error.to_string())?
		.block_on(work)
}

/// Prints what a command has to say.
pub(crate) fn write_out(bytes: &[u8]) -> Result<(), String> {
	match io::stdout().write_all(bytes) {
		// Whoever reads has seen enough.
		Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
		result => result.map_err(|error| error.to_string()),
	}
}
