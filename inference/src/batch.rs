//! Batch files: UTF-8 text, one row per line, each line ended by `\n`.
//!
//! A row's bytes are its line without the newline. The rows' Merkle root has the shape of RFC 6962 with
//! keccak-256: a leaf is `keccak(0x00 ‖ row)`, a node `keccak(0x01 ‖ left ‖ right)`, and the left subtree
//! holds the largest power of two of leaves that is less than all of them. Everything here reads a file
//! from front to back and keeps one row and one hash per level of the tree in memory.
//!
//! A row that can be retrieved is a JSON object with a string `text` (and, optionally, a string `title`).
//! Other rows count in `rows` and in the root, and are never found.

use std::io::{self, BufRead, Seek, SeekFrom};

use serde::Deserialize;
use sha2::{Digest, Sha256};
use sha3::Keccak256;

use crate::hash::Hash256;

/// The longest row, in bytes without its newline.
pub const MAX_ROW_BYTES: usize = 1 << 20;

/// What is wrong with a batch file.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
	/// The file can't be read.
	#[error("reading the batch: {0}")]
	Io(#[from] io::Error),
	/// A batch has at least one row.
	#[error("the batch has no rows")]
	Empty,
	/// The last line has no newline: the file may have been cut short.
	#[error("row {0} is not ended by a newline")]
	Unterminated(u32),
	/// A row is longer than [`MAX_ROW_BYTES`].
	#[error("row {0} is longer than {MAX_ROW_BYTES} bytes")]
	RowTooLong(u32),
	/// A row is not UTF-8.
	#[error("row {0} is not UTF-8")]
	NotUtf8(u32),
	/// More rows than a `u32` counts.
	#[error("the batch has more than {} rows", u32::MAX)]
	TooManyRows,
	/// The batch has fewer rows.
	#[error("no row {row}: the batch has {rows} rows")]
	NoSuchRow {
		/// The row asked for, counted from 0.
		row: u32,
		/// How many rows there are.
		rows: u32,
	},
}

/// What a batch is announced by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
	/// Merkle root over the rows, keccak-256.
	pub root: Hash256,
	/// Number of rows.
	pub rows: u32,
	/// Size of the file in bytes, newlines included.
	pub bytes: u64,
	/// SHA-256 of the file: its name in the content store.
	pub content: Hash256,
}

/// A row and what proves that it belongs to a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowProof {
	/// The row's index, counted from 0.
	pub row: u32,
	/// Number of rows in the batch.
	pub rows: u32,
	/// The row's bytes, without the newline.
	pub bytes: Vec<u8>,
	/// The siblings on the way to the root, from the leaf upwards (an RFC 6962 audit path).
	pub path: Vec<Hash256>,
	/// The batch's Merkle root.
	pub root: Hash256,
}

/// Reads a batch file row by row.
#[derive(Debug)]
pub struct Rows<R> {
	reader: R,
	line: Vec<u8>,
	next: u32,
	bytes: u64,
	hasher: Option<Sha256>,
}

impl<R: BufRead> Rows<R> {
	/// Starts at the reader's position with row 0.
	pub fn new(reader: R) -> Self {
		Self {
			reader,
			line: Vec::new(),
			next: 0,
			bytes: 0,
			hasher: None,
		}
	}

	/// Like [`Rows::new`], and hashes what it reads.
	pub fn hashing(reader: R) -> Self {
		Self {
			hasher: Some(Sha256::new()),
			..Self::new(reader)
		}
	}

	/// The next row's index and bytes, or `None` at the end of the file.
	pub fn next_row(&mut self) -> Result<Option<(u32, &[u8])>, BatchError> {
		self.line.clear();
		let row = self.next;
		let most = MAX_ROW_BYTES as u64 + 1;
		let read = io::Read::take(&mut self.reader, most).read_until(b'\n', &mut self.line)?;
		if read == 0 {
			return Ok(None);
		}
		if let Some(hasher) = self.hasher.as_mut() {
			hasher.update(&self.line);
		}
		self.bytes += read as u64;
		if self.line.pop() != Some(b'\n') {
			return Err(if read as u64 == most {
				BatchError::RowTooLong(row)
			} else {
				BatchError::Unterminated(row)
			});
		}
		if std::str::from_utf8(&self.line).is_err() {
			return Err(BatchError::NotUtf8(row));
		}
		self.next = row.checked_add(1).ok_or(BatchError::TooManyRows)?;
		Ok(Some((row, &self.line)))
	}

	/// How many rows have been read.
	pub fn rows(&self) -> u32 {
		self.next
	}

	/// How many bytes have been read.
	pub fn bytes(&self) -> u64 {
		self.bytes
	}

	/// The SHA-256 of what has been read, if the reader was made by [`Rows::hashing`].
	pub fn content(&self) -> Option<Hash256> {
		self.hasher
			.as_ref()
			.map(|hasher| Hash256(hasher.clone().finalize().into()))
	}
}

/// Counts, hashes and checks a whole batch file.
pub fn summarise(reader: impl BufRead) -> Result<Summary, BatchError> {
	let mut rows = Rows::hashing(reader);
	let mut tree = RootBuilder::default();
	while let Some((_, row)) = rows.next_row()? {
		tree.push(leaf(row));
	}
	let root = tree.finish().ok_or(BatchError::Empty)?;
	Ok(Summary {
		root,
		rows: rows.rows(),
		bytes: rows.bytes(),
		content: rows.content().unwrap_or_default(),
	})
}

/// Makes the proof that row `row`, counted from 0, is in the batch. Reads the file twice: to count the
/// rows, and to hash them.
pub fn prove(mut reader: impl BufRead + Seek, row: u32) -> Result<RowProof, BatchError> {
	let start = reader.stream_position()?;
	let mut counting = Rows::new(&mut reader);
	while counting.next_row()?.is_some() {}
	let rows = counting.rows();
	if row >= rows {
		return Err(BatchError::NoSuchRow { row, rows });
	}
	reader.seek(SeekFrom::Start(start))?;
	let mut walk = Walk {
		rows: Rows::new(reader),
		target: row,
		found: Vec::new(),
		path: Vec::new(),
	};
	let root = walk.subtree(0, rows)?;
	Ok(RowProof {
		row,
		rows,
		bytes: walk.found,
		path: walk.path,
		root,
	})
}

/// Whether `path` proves that `bytes` are row `row` of the batch of `rows` rows whose root is `root`.
pub fn verify(bytes: &[u8], row: u32, rows: u32, path: &[Hash256], root: &Hash256) -> bool {
	if row >= rows {
		return false;
	}
	// Index of the node and of the last node on its level; a last node without a sibling moves up as it is.
	let (mut index, mut last) = (row, rows - 1);
	let mut hash = leaf(bytes);
	for sibling in path {
		if last == 0 {
			return false;
		}
		if index % 2 == 1 || index == last {
			hash = node(sibling, &hash);
			while index % 2 == 0 && index != 0 {
				index >>= 1;
				last >>= 1;
			}
		} else {
			hash = node(&hash, sibling);
		}
		index >>= 1;
		last >>= 1;
	}
	last == 0 && hash == *root
}

/// The hash of a row.
pub fn leaf(row: &[u8]) -> Hash256 {
	Hash256(
		Keccak256::new()
			.chain_update([0])
			.chain_update(row)
			.finalize()
			.into(),
	)
}

/// The hash of an inner node.
pub fn node(left: &Hash256, right: &Hash256) -> Hash256 {
	Hash256(
		Keccak256::new()
			.chain_update([1])
			.chain_update(left.0)
			.chain_update(right.0)
			.finalize()
			.into(),
	)
}

/// What is embedded for a row: its `text`, headed by `title: ` if it has one. `None` if the row can't be
/// retrieved.
pub fn passage(row: &[u8]) -> Option<String> {
	#[derive(Deserialize)]
	struct Fields {
		text: String,
		#[serde(default)]
		title: serde_json::Value,
	}
	let fields: Fields = serde_json::from_slice(row).ok()?;
	if fields.text.trim().is_empty() {
		return None;
	}
	match fields
		.title
		.as_str()
		.filter(|title| !title.trim().is_empty())
	{
		Some(title) => Some(format!("{title}: {}", fields.text)),
		None => Some(fields.text),
	}
}

/// The roots of the full subtrees to the left of what is still to come, largest first.
#[derive(Debug, Default)]
struct RootBuilder {
	subtrees: Vec<(u32, Hash256)>,
}

impl RootBuilder {
	fn push(&mut self, leaf: Hash256) {
		let (mut level, mut hash) = (0, leaf);
		while let Some((below, left)) = self.subtrees.last() {
			if *below != level {
				break;
			}
			hash = node(left, &hash);
			level += 1;
			self.subtrees.pop();
		}
		self.subtrees.push((level, hash));
	}

	fn finish(mut self) -> Option<Hash256> {
		let (_, mut hash) = self.subtrees.pop()?;
		while let Some((_, left)) = self.subtrees.pop() {
			hash = node(&left, &hash);
		}
		Some(hash)
	}
}

/// Hashes a tree of known size from a reader of its leaves, and notes the siblings of one of them.
struct Walk<R> {
	rows: Rows<R>,
	target: u32,
	found: Vec<u8>,
	path: Vec<Hash256>,
}

impl<R: BufRead> Walk<R> {
	fn subtree(&mut self, start: u32, size: u32) -> Result<Hash256, BatchError> {
		if size == 1 {
			// The file was counted before, so it can only end here if it has been cut meanwhile.
			let Some((row, bytes)) = self.rows.next_row()? else {
				return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
			};
			if row == self.target {
				self.found = bytes.to_vec();
			}
			return Ok(leaf(bytes));
		}
		let split = 1u32 << (31 - (size - 1).leading_zeros());
		let left = self.subtree(start, split)?;
		let right = self.subtree(start + split, size - split)?;
		let inside = self.target.wrapping_sub(start);
		if inside < split {
			self.path.push(right);
		} else if inside < size {
			self.path.push(left);
		}
		Ok(node(&left, &right))
	}
}

#[cfg(test)]
mod tests {
	use std::io::Cursor;

	use proptest::prelude::*;

	use super::*;

	/// The definition, as RFC 6962 gives it.
	fn naive_root(rows: &[Vec<u8>]) -> Hash256 {
		match rows {
			[row] => leaf(row),
			_ => {
				let split = naive_split(rows.len());
				node(&naive_root(&rows[..split]), &naive_root(&rows[split..]))
			}
		}
	}

	fn naive_split(n: usize) -> usize {
		let mut split = 1;
		while split * 2 < n {
			split *= 2;
		}
		split
	}

	fn naive_path(row: usize, rows: &[Vec<u8>]) -> Vec<Hash256> {
		if rows.len() == 1 {
			return Vec::new();
		}
		let split = naive_split(rows.len());
		let (mut path, sibling) = if row < split {
			(naive_path(row, &rows[..split]), naive_root(&rows[split..]))
		} else {
			(
				naive_path(row - split, &rows[split..]),
				naive_root(&rows[..split]),
			)
		};
		path.push(sibling);
		path
	}

	fn file(rows: &[Vec<u8>]) -> Vec<u8> {
		rows.iter()
			.flat_map(|row| row.iter().copied().chain([b'\n']))
			.collect()
	}

	proptest! {
		#[test]
		fn root_and_proofs_follow_the_definition(
			rows in prop::collection::vec("[^\n]{0,12}".prop_map(String::into_bytes), 1..70),
			pick in any::<prop::sample::Index>(),
			other in any::<prop::sample::Index>(),
		) {
			let file = file(&rows);
			let summary = summarise(Cursor::new(&file)).unwrap();
			prop_assert_eq!(summary.root, naive_root(&rows));
			prop_assert_eq!(summary.rows as usize, rows.len());
			prop_assert_eq!(summary.bytes as usize, file.len());
			prop_assert_eq!(summary.content, Hash256::sha256(&file));

			let row = pick.index(rows.len());
			let proof = prove(Cursor::new(&file), row as u32).unwrap();
			prop_assert_eq!(&proof.bytes, &rows[row]);
			prop_assert_eq!(proof.root, summary.root);
			prop_assert_eq!(proof.rows, summary.rows);
			prop_assert_eq!(&proof.path, &naive_path(row, &rows));
			let holds = |bytes: &[u8], row: u32, rows: u32, path: &[Hash256]| {
				verify(bytes, row, rows, path, &summary.root)
			};
			prop_assert!(holds(&proof.bytes, proof.row, proof.rows, &proof.path));

			let mut changed = proof.bytes.clone();
			changed.push(b'!');
			prop_assert!(!holds(&changed, proof.row, proof.rows, &proof.path));
			let other = other.index(rows.len());
			if other != row && rows[other] != rows[row] {
				prop_assert!(!holds(&rows[other], proof.row, proof.rows, &proof.path));
			}
			prop_assert!(!holds(&proof.bytes, proof.rows, proof.rows, &proof.path));
			let mut longer = proof.path.clone();
			longer.push(Hash256::default());
			prop_assert!(!holds(&proof.bytes, proof.row, proof.rows, &longer));
			if let Some((_, shorter)) = proof.path.split_last() {
				prop_assert!(!holds(&proof.bytes, proof.row, proof.rows, shorter));
			}
		}
	}

	#[test]
	fn every_small_tree() {
		for n in 1..=33usize {
			let rows: Vec<Vec<u8>> = (0..n).map(|i| format!("row {i}").into_bytes()).collect();
			let file = file(&rows);
			let root = naive_root(&rows);
			for row in 0..n {
				let proof = prove(Cursor::new(&file), row as u32).unwrap();
				assert_eq!(
					(proof.root, &proof.path),
					(root, &naive_path(row, &rows)),
					"{row}/{n}"
				);
				assert!(
					verify(&rows[row], row as u32, n as u32, &proof.path, &root),
					"{row}/{n}"
				);
				// The same row claimed at another place must fail.
				for claimed in (0..n).filter(|claimed| *claimed != row) {
					assert!(!verify(
						&rows[row],
						claimed as u32,
						n as u32,
						&proof.path,
						&root
					));
				}
			}
			assert!(matches!(
				prove(Cursor::new(&file), n as u32),
				Err(BatchError::NoSuchRow { rows, .. }) if rows as usize == n
			));
		}
	}

	#[test]
	fn known_root() {
		// keccak256(0x01 ‖ keccak256(0x00 ‖ "a") ‖ keccak256(0x00 ‖ "b")), computed apart from this crate.
		assert_eq!(
			summarise(&b"a\nb\n"[..]).unwrap().root.to_string(),
			KNOWN_ROOT
		);
	}

	const KNOWN_ROOT: &str = "00d25e3ecfd5a8430c58b5562d4a00f53ce3e76001e3683df8496c541fecb9da";

	#[test]
	fn malformed_files() {
		assert!(matches!(summarise(&b""[..]), Err(BatchError::Empty)));
		assert!(matches!(
			summarise(&b"a\nb"[..]),
			Err(BatchError::Unterminated(1))
		));
		assert!(matches!(
			summarise(&b"a\n\xff\n"[..]),
			Err(BatchError::NotUtf8(1))
		));
		let mut long = vec![b'x'; MAX_ROW_BYTES];
		long.push(b'\n');
		assert_eq!(summarise(&long[..]).unwrap().rows, 1);
		long.insert(0, b'x');
		assert!(matches!(
			summarise(&long[..]),
			Err(BatchError::RowTooLong(0))
		));
		// An empty line is a row, and a carriage return is part of one.
		assert_eq!(summarise(&b"\n\n"[..]).unwrap().rows, 2);
		assert_ne!(
			summarise(&b"a\r\n"[..]).unwrap().root,
			summarise(&b"a\n"[..]).unwrap().root
		);
	}

	#[test]
	fn what_is_embedded() {
		let some = |text: &str| Some(text.to_owned());
		assert_eq!(passage(br#"{"text":"b"}"#), some("b"));
		assert_eq!(
			passage(br#"{"title":"a","text":"b","more":[1]}"#),
			some("a: b")
		);
		assert_eq!(passage(br#"{"title":"","text":"b"}"#), some("b"));
		assert_eq!(passage(br#"{"title":7,"text":"b"}"#), some("b"));
		for row in [
			&b"plain"[..],
			b"",
			b"[]",
			b"{}",
			br#"{"text":1}"#,
			br#"{"text":" "}"#,
			br#"{"text":null}"#,
		] {
			assert_eq!(passage(row), None, "{}", String::from_utf8_lossy(row));
		}
	}
}
