//! Lines of JSON, taken as they are.

use super::{too_long, Input, RowReader};
use crate::{Error, MAX_ROW_BYTES};
use std::{
	io::{BufRead, Read},
	path::{Path, PathBuf},
};

pub(super) struct JsonLines {
	path: PathBuf,
	input: Input,
	rows: u64,
}

impl JsonLines {
	pub(super) fn new(path: &Path, input: Input) -> Self {
		Self {
			path: path.to_owned(),
			input,
			rows: 0,
		}
	}
}

impl RowReader for JsonLines {
	fn read_row(&mut self, row: &mut Vec<u8>) -> Result<bool, Error> {
		let most = MAX_ROW_BYTES as u64 + 1;
		let start = row.len();
		let read = Read::take(&mut self.input, most)
			.read_until(b'\n', row)
			.map_err(Error::io(&self.path))?;
		if read == 0 {
			return Ok(false);
		}
		self.rows += 1;
		if row.last() == Some(&b'\n') {
			row.pop();
		} else if row.len() - start > MAX_ROW_BYTES {
			return Err(Error::row(&self.path, self.rows, too_long()));
		}
		Ok(true)
	}
}
