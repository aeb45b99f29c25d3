//! Rows by the thousand, so that all cores have work.

use crate::{
	readers::{RowReader, Skipped},
	Error, MAX_ROW_BYTES,
};
use rayon::prelude::*;
use std::{ops::Range, path::Path, sync::mpsc::SyncSender};

const CHUNK_BYTES: usize = 1 << 20;

/// Some rows as they stand in a batch file: each ended by a newline.
#[derive(Default)]
pub(crate) struct Chunk {
	bytes: Vec<u8>,
	/// Where each row ends, its newline included.
	ends: Vec<usize>,
}

impl Chunk {
	/// Reads rows until there are enough for a chunk, or no more. Without rows, `None`.
	pub(crate) fn read(
		path: &Path,
		from: &mut dyn RowReader,
		first: u64,
	) -> Result<Option<Self>, Error> {
		let mut chunk = Self {
			bytes: Vec::with_capacity(CHUNK_BYTES + CHUNK_BYTES / 4),
			ends: Vec::with_capacity(CHUNK_BYTES / 64),
		};
		while chunk.bytes.len() < CHUNK_BYTES {
			let start = chunk.bytes.len();
			if !from.read_row(&mut chunk.bytes)? {
				break;
			}
			let length = chunk.bytes.len() - start;
			if length > MAX_ROW_BYTES {
				let row = first + chunk.ends.len() as u64 + 1;
				let problem =
					format!("it has {length} bytes as JSON, and the most is {MAX_ROW_BYTES}");
				return Err(Error::row(path, row, problem));
			}
			chunk.bytes.push(b'\n');
			chunk.ends.push(chunk.bytes.len());
		}
		Ok((!chunk.ends.is_empty()).then_some(chunk))
	}

	pub(crate) fn len(&self) -> usize {
		self.ends.len()
	}

	fn start(&self, row: usize) -> usize {
		row.checked_sub(1).map_or(0, |before| self.ends[before])
	}

	/// A row without its newline.
	pub(crate) fn row(&self, row: usize) -> &[u8] {
		&self.bytes[self.start(row)..self.ends[row] - 1]
	}

	/// The lines of some rows.
	pub(crate) fn lines(&self, rows: Range<usize>) -> &[u8] {
		&self.bytes[self.start(rows.start)..self.start(rows.end)]
	}

	/// How many rows from `start` on are together at most `rows`, with at most `bytes`.
	pub(crate) fn fitting(&self, start: usize, rows: usize, bytes: u64) -> usize {
		let most = self.ends.len().min(start.saturating_add(rows));
		let begin = self.start(start) as u64;
		self.ends[start..most].partition_point(|end| *end as u64 - begin <= bytes)
	}

	/// What `of` says of each row in `rows`, in order, computed on all cores.
	pub(crate) fn map<T: Send>(
		&self,
		rows: Range<usize>,
		of: impl Fn(&[u8]) -> T + Sync + Send,
	) -> Vec<T> {
		rows.into_par_iter()
			.with_min_len(64)
			.map(|row| of(self.row(row)))
			.collect()
	}
}

/// Reads all of an input and hands it on in chunks, until nobody takes them any more.
pub(crate) fn send_all(
	path: &Path,
	mut reader: Box<dyn RowReader>,
	chunks: &SyncSender<Chunk>,
) -> Result<Vec<Skipped>, Error> {
	let mut rows = 0;
	while let Some(chunk) = Chunk::read(path, reader.as_mut(), rows)? {
		rows += chunk.len() as u64;
		if chunks.send(chunk).is_err() {
			break;
		}
	}
	Ok(reader.take_skipped())
}

/// A row as text.
pub(crate) fn text(row: &[u8]) -> Result<&str, String> {
	std::str::from_utf8(row).map_err(|_| "it is not UTF-8".to_owned())
}
