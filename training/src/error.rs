//! What can go wrong, said so that the reader knows what to do.

use std::{
	io,
	path::{Path, PathBuf},
};

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// A file can't be read or written.
	#[error("{path}: {source}")]
	Io {
		/// The file.
		path: PathBuf,
		/// What the system says.
		source: io::Error,
	},
	/// A file is not what it should be.
	#[error("{path}: {problem}")]
	File {
		/// The file.
		path: PathBuf,
		/// What is wrong with it.
		problem: String,
	},
	/// A setting makes no sense, or settings don't fit together.
	#[error("{0}")]
	Settings(String),
	/// A tensor operation failed. Shapes are checked before, so this is a fault of this crate or a lack
	/// of memory.
	#[error("computing: {0}")]
	Compute(#[from] candle_core::Error),
}

impl Error {
	pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
		move |source| Self::Io {
			path: path.to_path_buf(),
			source,
		}
	}

	pub(crate) fn file(path: &Path, problem: impl ToString) -> Self {
		Self::File {
			path: path.to_path_buf(),
			problem: problem.to_string(),
		}
	}

	pub(crate) fn settings(problem: impl ToString) -> Self {
		Self::Settings(problem.to_string())
	}
}
