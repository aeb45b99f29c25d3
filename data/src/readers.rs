//! Rows from files, one after the other, in bounded memory.

mod csv;
mod folder;
mod json_lines;
mod parquet;

use crate::{Error, MAX_ROW_BYTES};
use indicatif::ProgressBar;
use std::{
	fs::File,
	io::{BufReader, Read},
	path::{Path, PathBuf},
};

/// What an input is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub enum Format {
	/// One JSON object per line; rows stay as they are, byte for byte.
	#[value(name = "jsonl")]
	JsonLines,
	/// Comma-separated values with a header; each record becomes a JSON object of strings.
	Csv,
	/// Apache Parquet; each row becomes a JSON object.
	Parquet,
	/// A folder of text files; each becomes `{"path":…,"text":…}`, in the order of their paths.
	Folder,
}

impl Format {
	/// Guesses from what there is and how it is called.
	pub fn of(path: &Path) -> Result<Self, Error> {
		if path.is_dir() {
			return Ok(Self::Folder);
		}
		let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
		match extension.to_str() {
			Some("jsonl" | "ndjson") => Ok(Self::JsonLines),
			Some("csv") => Ok(Self::Csv),
			Some("parquet") => Ok(Self::Parquet),
			_ => Err(Error::file(
				path,
				"its name doesn't tell what it is; say so with --format",
			)),
		}
	}
}

/// A file that is not taken, and why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Skipped {
	/// The file, relative to the folder.
	pub path: PathBuf,
	/// Why.
	pub reason: String,
}

/// Yields rows.
pub trait RowReader {
	/// Appends the next row to `row`, without a newline; false at the end.
	fn read_row(&mut self, row: &mut Vec<u8>) -> Result<bool, Error>;

	/// The files that were left out so far.
	fn take_skipped(&mut self) -> Vec<Skipped> {
		Vec::new()
	}
}

/// Opens an input. `progress` moves as it is read.
pub fn open(
	path: &Path,
	format: Format,
	progress: &ProgressBar,
) -> Result<Box<dyn RowReader>, Error> {
	Ok(match format {
		Format::JsonLines => Box::new(json_lines::JsonLines::new(path, file(path, progress)?)),
		Format::Csv => Box::new(csv::Csv::new(path, file(path, progress)?)?),
		Format::Parquet => Box::new(parquet::Parquet::open(path, progress)?),
		Format::Folder => Box::new(folder::Folder::open(path, progress)?),
	})
}

type Input = BufReader<Box<dyn Read>>;

fn file(path: &Path, progress: &ProgressBar) -> Result<Input, Error> {
	let file = File::open(path).map_err(Error::io(path))?;
	let length = file.metadata().map_err(Error::io(path))?.len();
	progress.set_length(length);
	let input: Box<dyn Read> = Box::new(progress.wrap_read(file));
	Ok(BufReader::with_capacity(1 << 20, input))
}

fn too_long() -> String {
	format!("it is longer than {MAX_ROW_BYTES} bytes; split it into several rows")
}

/// Appends `"text"`, quoted and escaped.
fn push_string(row: &mut Vec<u8>, text: &str) {
	// Writing to memory doesn't fail.
	let _ = serde_json::to_writer(row, text);
}
