//! The page and its plots.

use std::path::Path;

use crate::Failure;

/// Writes the page from what was measured.
pub(crate) fn write(_results: &Path, _page: &Path) -> Result<(), Failure> {
	Err("not written yet".into())
}
