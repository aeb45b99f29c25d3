//! Comma-separated values: records become objects of strings under the header's names.

use super::{push_string, Input, RowReader};
use crate::Error;
use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord};
use std::{
	collections::BTreeSet,
	path::{Path, PathBuf},
};

pub(super) struct Csv {
	path: PathBuf,
	reader: Reader<Input>,
	/// What stands before each value: a brace or a comma, the quoted name, a colon.
	names: Vec<Vec<u8>>,
	record: StringRecord,
	rows: u64,
}

impl Csv {
	pub(super) fn new(path: &Path, input: Input) -> Result<Self, Error> {
		let mut reader = ReaderBuilder::new().from_reader(input);
		let header = reader.headers().map_err(|error| explain(path, 0, error))?;
		let distinct: BTreeSet<_> = header.iter().collect();
		if distinct.len() != header.len() || distinct.contains("") {
			return Err(Error::file(
				path,
				"each column needs a name of its own in the first line",
			));
		}
		let mut names = Vec::new();
		for name in header {
			let mut quoted = vec![if names.is_empty() { b'{' } else { b',' }];
			push_string(&mut quoted, name);
			quoted.push(b':');
			names.push(quoted);
		}
		Ok(Self {
			path: path.to_owned(),
			reader,
			names,
			record: StringRecord::new(),
			rows: 0,
		})
	}
}

impl RowReader for Csv {
	fn read_row(&mut self, row: &mut Vec<u8>) -> Result<bool, Error> {
		self.rows += 1;
		let found = self
			.reader
			.read_record(&mut self.record)
			.map_err(|error| explain(&self.path, self.rows, error))?;
		if found {
			for (name, value) in self.names.iter().zip(&self.record) {
				row.extend_from_slice(name);
				push_string(row, value);
			}
			row.push(b'}');
		}
		Ok(found)
	}
}

fn explain(path: &Path, row: u64, error: csv::Error) -> Error {
	let problem = match error.kind() {
		ErrorKind::Io(_) => {
			if let ErrorKind::Io(error) = error.into_kind() {
				return Error::io(path)(error);
			}
			String::new()
		}
		ErrorKind::Utf8 { .. } => "it is not UTF-8; convert the file first".to_owned(),
		ErrorKind::UnequalLengths {
			expected_len, len, ..
		} => format!("it has {len} values, and the header has {expected_len} names"),
		_ => error.to_string(),
	};
	Error::row(path, row, problem)
}
