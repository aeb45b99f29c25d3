//! A folder of text files, each of them a row.

use super::{push_string, too_long, RowReader, Skipped};
use crate::{Error, MAX_ROW_BYTES};
use indicatif::ProgressBar;
use std::{
	fs::{self, File},
	io::Read,
	path::{Path, PathBuf},
	vec::IntoIter,
};

pub(super) struct Folder {
	root: PathBuf,
	/// Paths relative to the root, in the order of their bytes, so that every machine makes one batch.
	files: IntoIter<String>,
	skipped: Vec<Skipped>,
	progress: ProgressBar,
}

impl Folder {
	pub(super) fn open(root: &Path, progress: &ProgressBar) -> Result<Self, Error> {
		let (mut files, mut skipped) = (Vec::new(), Vec::new());
		let mut folders = vec![(root.to_owned(), String::new())];
		while let Some((folder, prefix)) = folders.pop() {
			for entry in fs::read_dir(&folder).map_err(Error::io(&folder))? {
				let entry = entry.map_err(Error::io(&folder))?;
				let kind = entry.file_type().map_err(Error::io(&entry.path()))?;
				let name = entry.file_name();
				let mut skip = |reason: &str| {
					skipped.push(Skipped {
						path: Path::new(&prefix).join(&name),
						reason: reason.to_owned(),
					});
				};
				match name.to_str() {
					None => skip("its name is not UTF-8"),
					Some(name) if kind.is_dir() => {
						folders.push((entry.path(), format!("{prefix}{name}/")));
					}
					Some(name) if kind.is_file() => files.push(format!("{prefix}{name}")),
					// A link might lead out of the folder, or round and round.
					Some(_) => skip("it is neither a file nor a folder"),
				}
			}
		}
		files.sort_unstable();
		progress.set_length(files.len() as u64);
		Ok(Self {
			root: root.to_owned(),
			files: files.into_iter(),
			skipped,
			progress: progress.clone(),
		})
	}
}

impl RowReader for Folder {
	fn read_row(&mut self, row: &mut Vec<u8>) -> Result<bool, Error> {
		let start = row.len();
		for name in self.files.by_ref() {
			self.progress.inc(1);
			let path = self.root.join(&name);
			let mut bytes = Vec::new();
			File::open(&path)
				.and_then(|file| file.take(MAX_ROW_BYTES as u64 + 1).read_to_end(&mut bytes))
				.map_err(Error::io(&path))?;
			let reason = if bytes.len() > MAX_ROW_BYTES {
				too_long()
			} else if let Ok(text) = std::str::from_utf8(&bytes) {
				row.extend_from_slice(b"{\"path\":");
				push_string(row, &name);
				row.extend_from_slice(b",\"text\":");
				push_string(row, text);
				row.push(b'}');
				if row.len() - start <= MAX_ROW_BYTES {
					return Ok(true);
				}
				row.truncate(start);
				too_long()
			} else {
				"it is not UTF-8 text".to_owned()
			};
			self.skipped.push(Skipped {
				path: name.into(),
				reason,
			});
		}
		Ok(false)
	}

	fn take_skipped(&mut self) -> Vec<Skipped> {
		std::mem::take(&mut self.skipped)
	}
}
