//! Files that appear when they are complete, or not at all.

use crate::Error;
use serde::{de::DeserializeOwned, Serialize};
use std::{
	fs::{self, File, OpenOptions},
	io::{self, BufWriter, Write},
	path::{Path, PathBuf},
};

/// A file that is being written under a name of its own. Without [`Sealed::publish`] it vanishes.
pub(crate) struct Output {
	writer: BufWriter<File>,
	sealed: Sealed,
}

impl Output {
	/// Begins a file; there must be none yet.
	pub(crate) fn create(path: &Path) -> Result<Self, Error> {
		Self::open(
			path,
			OpenOptions::new().write(true).create(true).truncate(true),
		)
	}

	/// Begins a file that only its owner can read.
	pub(crate) fn create_secret(path: &Path) -> Result<Self, Error> {
		Self::open(path, &secret())
	}

	fn open(path: &Path, options: &OpenOptions) -> Result<Self, Error> {
		refuse_existing(path)?;
		let mut name = path.file_name().unwrap_or_default().to_owned();
		name.push(".partial");
		let temporary = path.with_file_name(name);
		let file = options.open(&temporary).map_err(Error::io(&temporary))?;
		Ok(Self {
			writer: BufWriter::with_capacity(1 << 18, file),
			sealed: Sealed {
				temporary,
				path: path.to_owned(),
			},
		})
	}

	/// Ends the writing.
	pub(crate) fn seal(mut self) -> Result<Sealed, Error> {
		self.writer
			.flush()
			.map_err(Error::io(&self.sealed.temporary))?;
		Ok(self.sealed)
	}

	/// Ends the writing and gives the file its name.
	pub(crate) fn finish(self) -> Result<(), Error> {
		self.seal()?.publish()
	}
}

impl Write for Output {
	fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
		self.writer.write(bytes)
	}

	fn flush(&mut self) -> io::Result<()> {
		self.writer.flush()
	}
}

/// A file that is complete and doesn't have its name yet.
pub(crate) struct Sealed {
	temporary: PathBuf,
	path: PathBuf,
}

impl Sealed {
	/// Where the bytes are until then.
	pub(crate) fn temporary(&self) -> &Path {
		&self.temporary
	}

	/// Gives the file its name.
	pub(crate) fn publish(self) -> Result<(), Error> {
		fs::rename(&self.temporary, &self.path).map_err(Error::io(&self.path))
	}
}

impl Drop for Sealed {
	fn drop(&mut self) {
		// It is there only if it was not published; nothing is left to say if it can't be removed.
		let _ = fs::remove_file(&self.temporary);
	}
}

pub(crate) fn refuse_existing(path: &Path) -> Result<(), Error> {
	if path.exists() {
		return Err(exists(path));
	}
	Ok(())
}

fn exists(path: &Path) -> Error {
	Error::file(
		path,
		"there is such a file already; move it away or choose another name",
	)
}

/// How a new file is opened that only its owner can read.
fn secret() -> OpenOptions {
	let mut options = OpenOptions::new();
	options.write(true).create_new(true);
	#[cfg(unix)]
	std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
	options
}

/// Writes a secret to a new file that only its owner can read; when this returns, it is on the disk. An old
/// file stays as it is, and that is an error: it may be the only copy of another secret.
pub fn write_secret(path: &Path, text: &str) -> Result<(), Error> {
	let mut file = secret().open(path).map_err(|error| match error.kind() {
		io::ErrorKind::AlreadyExists => exists(path),
		_ => Error::io(path)(error),
	})?;
	let written = file
		.write_all(text.as_bytes())
		.and_then(|()| file.sync_all());
	written.map_err(|error| {
		// Half a file opens nothing. If even that can't be removed, the error is the same.
		let _ = fs::remove_file(path);
		Error::io(path)(error)
	})
}

/// Writes a value as one line of JSON.
pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), Error> {
	seal_json(path, value)?.publish()
}

/// Writes a value as one line of JSON, without its name yet.
pub(crate) fn seal_json(path: &Path, value: &impl Serialize) -> Result<Sealed, Error> {
	let mut output = Output::create(path)?;
	serde_json::to_writer(&mut output, value).map_err(|error| Error::file(path, error))?;
	output.write_all(b"\n").map_err(Error::io(path))?;
	output.seal()
}

/// Reads a value from JSON, of at most `most` bytes.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path, most: u64) -> Result<T, Error> {
	let length = fs::metadata(path).map_err(Error::io(path))?.len();
	if length > most {
		return Err(Error::file(
			path,
			format!("it has {length} bytes, and no such file has more than {most}"),
		));
	}
	let text = fs::read(path).map_err(Error::io(path))?;
	serde_json::from_slice(&text).map_err(|error| Error::file(path, error))
}
