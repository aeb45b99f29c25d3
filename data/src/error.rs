//! What can go wrong, said to the user.

use std::{
	io,
	path::{Path, PathBuf},
};

/// An error. Its text is a sentence that says what is wrong and, where it isn't plain, what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// A file can't be read or written.
	#[error("{}: {error}", path.display())]
	Io {
		/// Which file.
		path: PathBuf,
		/// What the system says.
		error: io::Error,
	},
	/// A row of an input isn't one.
	#[error("{}, row {row}: {problem}", path.display())]
	Row {
		/// The input.
		path: PathBuf,
		/// The row, counted from 1 as editors count lines.
		row: u64,
		/// What is wrong with it.
		problem: String,
	},
	/// A file isn't what it should be.
	#[error("{}: {problem}", path.display())]
	File {
		/// Which file.
		path: PathBuf,
		/// What is wrong with it.
		problem: String,
	},
	/// A request that makes no sense.
	#[error("{0}")]
	Request(String),
	/// A proof that does not hold, or a key that does not fit.
	#[error("{0}")]
	Refuted(String),
}

impl Error {
	/// Says of which file an I/O error is.
	pub(crate) fn io(path: &Path) -> impl Fn(io::Error) -> Self + '_ {
		move |error| Self::Io {
			path: path.to_owned(),
			error,
		}
	}

	pub(crate) fn file(path: &Path, problem: impl ToString) -> Self {
		Self::File {
			path: path.to_owned(),
			problem: problem.to_string(),
		}
	}

	pub(crate) fn row(path: &Path, row: u64, problem: impl ToString) -> Self {
		Self::Row {
			path: path.to_owned(),
			row,
			problem: problem.to_string(),
		}
	}
}
