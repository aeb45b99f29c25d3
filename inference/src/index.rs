//! The vectors of batch files: made once, kept on disk, searched exactly.
//!
//! One file per batch content, model and way of embedding. A search reads it from front to back, so
//! memory use doesn't grow with a corpus; the page cache makes it fast.
//!
//! Layout, little-endian: magic, key (32), root (32), content (32), rows `u32`, bytes `u64`, dimension
//! `u32`; then for every row with a passage its index `u32` and `dimension` × `f32`; then the number of
//! these entries `u32` and the SHA-256 of all before. While it is being made it has the suffix `.part` and
//! no end; what is there of it is used again after a restart.

use std::{
	collections::{BTreeMap, BTreeSet},
	fs::{self, File, OpenOptions, TryLockError},
	io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write},
	path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
	batch::{self, Rows, Summary},
	content::sync_folder,
	engine::{out_of_time, Embedder, Limit, ModelId},
	error::{ErrorCode, Failure},
	hash::Hash256,
};

const MAGIC: &[u8; 8] = b"OLINDEX1";
const HEADER: usize = 8 + 32 + 32 + 32 + 4 + 8 + 4;
const TRAILER: usize = 4 + 32;
/// Rows without a passage that one step may pass over.
const SKIP: u32 = 1_000;

/// A retrieved passage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
	/// The batch, by the caller's number.
	pub batch: u64,
	/// The row in it, counted from 0.
	pub row: u32,
	/// What a search finds: cosine similarity in millionths. What an answer rests on: see
	/// [`cite`](crate::citations::cite). 1 to 1,000,000.
	pub score: u32,
}

/// The `k` best citations: by score descending, then batch, then row ascending.
#[derive(Debug)]
pub struct Best {
	k: usize,
	found: Vec<Citation>,
}

impl Best {
	/// None yet.
	pub fn new(k: usize) -> Self {
		Self {
			k,
			found: Vec::with_capacity(k + 1),
		}
	}

	/// Takes a row by its cosine similarity, unless others are better. What is not similar at all is not taken.
	pub fn offer(&mut self, batch: u64, row: u32, similarity: f64) {
		let Some(score) = millionths(similarity) else {
			return;
		};
		let rank = |c: &Citation| (std::cmp::Reverse(c.score), c.batch, c.row);
		let citation = Citation { batch, row, score };
		let place = self
			.found
			.partition_point(|other| rank(other) < rank(&citation));
		if place < self.k {
			self.found.insert(place, citation);
			self.found.truncate(self.k);
		}
	}

	/// The best of all that were offered.
	pub fn into_citations(self) -> Vec<Citation> {
		self.found
	}
}

/// Rounds to the nearest millionth, half away from zero. `None` if that is not above zero.
fn millionths(similarity: f64) -> Option<u32> {
	let score = (similarity * 1_000_000.0).round();
	// A NaN fails the comparison; `min` would make it the best of all. Then the conversion is exact.
	(score >= 1.0).then(|| score.min(1_000_000.0) as u32)
}

/// Passages whose vectors are as similar as this say the same, at most in other words for a part.
const SAME: f64 = 0.95;

/// Whether passages with these vectors say the same.
pub fn same(one: &[f32], other: &[f32]) -> bool {
	let products = one.iter().zip(other);
	let similarity: f64 = products.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
	similarity >= SAME
}

/// Those of the found that are not the same as another one of an earlier batch, or of an earlier row of
/// theirs: what is copied is found where it was first. In the order that they were found in.
pub(crate) fn distinct(
	found: Vec<Citation>,
	vectors: &BTreeMap<(u64, u32), Vec<f32>>,
) -> Vec<Citation> {
	let place = |citation: &Citation| (citation.batch, citation.row);
	let are_same = |one: &Citation, other: &Citation| {
		let pair = vectors.get(&place(one)).zip(vectors.get(&place(other)));
		pair.is_some_and(|(one, other)| same(one, other))
	};
	let is_copy = |citation: &Citation| {
		let earlier = found.iter().filter(|other| place(other) < place(citation));
		earlier.into_iter().any(|other| are_same(citation, other))
	};
	let originals = found.iter().filter(|citation| !is_copy(citation));
	originals.copied().collect()
}

/// What an index file is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IndexKey {
	pub(crate) model: ModelId,
	/// See [`crate::engine::Engine::tag`].
	pub(crate) tag: String,
	pub(crate) content: Hash256,
}

impl IndexKey {
	fn hash(&self) -> Hash256 {
		let mut hasher = Sha256::new();
		hasher.update(self.model.graph.0);
		hasher.update(self.model.tokenizer.0);
		hasher.update(self.content.0);
		hasher.update(self.tag.as_bytes());
		Hash256(hasher.finalize().into())
	}
}

/// The folder of index files. One process at a time.
#[derive(Debug)]
pub(crate) struct IndexCache {
	folder: PathBuf,
	_lock: File,
}

impl IndexCache {
	pub(crate) fn open(folder: impl Into<PathBuf>) -> io::Result<Self> {
		let folder = folder.into();
		fs::create_dir_all(&folder)?;
		let lock = OpenOptions::new()
			.create(true)
			.truncate(false)
			.write(true)
			.open(folder.join(".lock"))?;
		lock.try_lock().map_err(|e| match e {
			TryLockError::WouldBlock => io::Error::new(
				io::ErrorKind::WouldBlock,
				format!(
					"{} is in use by another inference service",
					folder.display()
				),
			),
			TryLockError::Error(e) => e,
		})?;
		Ok(Self {
			folder,
			_lock: lock,
		})
	}

	fn path(&self, key: &IndexKey, suffix: &str) -> PathBuf {
		self.folder.join(format!("{}.{suffix}", key.hash()))
	}

	/// The finished index of `key`, if there is one and it is whole. A damaged one is removed.
	pub(crate) fn find(&self, key: &IndexKey) -> io::Result<Option<IndexFile>> {
		let path = self.path(key, "index");
		match IndexFile::open(&path, &key.hash()) {
			Ok(index) => Ok(Some(index)),
			Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
			Err(e) if e.kind() == io::ErrorKind::InvalidData => {
				tracing::warn!(
					"the index {} is damaged and will be made anew: {e}",
					path.display()
				);
				fs::remove_file(&path)?;
				Ok(None)
			}
			Err(e) => Err(e),
		}
	}

	/// Starts, or goes on with, the index of the batch file `content`, which `summary` describes.
	pub(crate) fn build(
		&self,
		key: &IndexKey,
		dimension: usize,
		content: File,
		summary: Summary,
	) -> io::Result<IndexBuilder> {
		let part = self.path(key, "part");
		let header = Header {
			key: key.hash(),
			summary,
			dimension,
		};
		let mut file = OpenOptions::new()
			.create(true)
			.truncate(false)
			.read(true)
			.write(true)
			.open(&part)?;
		let kept = keep_whole_entries(&mut file, &header)?;
		file.set_len(kept.length)?;
		file.seek(SeekFrom::Start(kept.length))?;
		let mut writer = BufWriter::new(file);
		let mut hasher = kept.hasher;
		if kept.length == 0 {
			let encoded = header.encode();
			hasher.update(&encoded);
			writer.write_all(&encoded)?;
		}
		Ok(IndexBuilder {
			rows: Rows::hashing(BufReader::with_capacity(64 * 1024, content)),
			header,
			key: key.clone(),
			writer,
			hasher,
			entries: kept.entries,
			resume: kept.next_row,
			part,
			target: self.path(key, "index"),
			folder: self.folder.clone(),
		})
	}
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Header {
	key: Hash256,
	summary: Summary,
	dimension: usize,
}

impl Header {
	fn encode(&self) -> Vec<u8> {
		let mut out = Vec::with_capacity(HEADER);
		out.extend_from_slice(MAGIC);
		out.extend_from_slice(&self.key.0);
		out.extend_from_slice(&self.summary.root.0);
		out.extend_from_slice(&self.summary.content.0);
		out.extend_from_slice(&self.summary.rows.to_le_bytes());
		out.extend_from_slice(&self.summary.bytes.to_le_bytes());
		out.extend_from_slice(&(self.dimension as u32).to_le_bytes());
		out
	}

	fn decode(bytes: &[u8; HEADER]) -> Option<Self> {
		let mut rest = bytes.strip_prefix(MAGIC)?;
		let mut hash = || {
			let (head, tail) = rest.split_first_chunk::<32>()?;
			rest = tail;
			Some(Hash256(*head))
		};
		let (key, root, content) = (hash()?, hash()?, hash()?);
		let (rows, rest) = rest.split_first_chunk::<4>()?;
		let (bytes, rest) = rest.split_first_chunk::<8>()?;
		let (dimension, _) = rest.split_first_chunk::<4>()?;
		Some(Self {
			key,
			summary: Summary {
				root,
				rows: u32::from_le_bytes(*rows),
				bytes: u64::from_le_bytes(*bytes),
				content,
			},
			dimension: usize::try_from(u32::from_le_bytes(*dimension)).ok()?,
		})
	}

	fn entry_bytes(&self) -> usize {
		4 + 4 * self.dimension
	}
}

/// What of an unfinished index can be used again.
struct Kept {
	length: u64,
	entries: u32,
	next_row: u32,
	hasher: Sha256,
}

fn keep_whole_entries(file: &mut File, header: &Header) -> io::Result<Kept> {
	let nothing = || Kept {
		length: 0,
		entries: 0,
		next_row: 0,
		hasher: Sha256::new(),
	};
	let mut reader = BufReader::new(file);
	let mut found = [0u8; HEADER];
	match reader.read_exact(&mut found) {
		Ok(()) if Header::decode(&found) == Some(*header) => {}
		Ok(()) => return Ok(nothing()),
		Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(nothing()),
		Err(e) => return Err(e),
	}
	let mut kept = nothing();
	kept.length = HEADER as u64;
	kept.hasher.update(found);
	let mut entry = vec![0u8; header.entry_bytes()];
	loop {
		match reader.read_exact(&mut entry) {
			Ok(()) => {}
			Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(kept),
			Err(e) => return Err(e),
		}
		let (row, vector) = split_entry(&entry);
		// Blocks that a power cut left as zeros are neither in order nor of length 1.
		if row < kept.next_row
			|| row >= header.summary.rows
			|| !is_unit(vector.iter().map(|v| f64::from(f32::from_le_bytes(*v))))
		{
			return Ok(kept);
		}
		kept.hasher.update(&entry);
		kept.length += entry.len() as u64;
		kept.entries += 1;
		kept.next_row = row + 1;
	}
}

fn is_unit(vector: impl Iterator<Item = f64>) -> bool {
	(0.999..1.001).contains(&vector.map(|v| v * v).sum::<f64>())
}

fn split_entry(entry: &[u8]) -> (u32, &[[u8; 4]]) {
	match entry.as_chunks::<4>().0.split_first() {
		Some((row, vector)) => (u32::from_le_bytes(*row), vector),
		None => (0, &[]),
	}
}

/// An index being made, row by row.
#[derive(Debug)]
pub(crate) struct IndexBuilder {
	rows: Rows<BufReader<File>>,
	header: Header,
	key: IndexKey,
	writer: BufWriter<File>,
	hasher: Sha256,
	entries: u32,
	resume: u32,
	part: PathBuf,
	target: PathBuf,
	folder: PathBuf,
}

impl IndexBuilder {
	pub(crate) fn key(&self) -> &IndexKey {
		&self.key
	}

	/// How many rows have been dealt with.
	pub(crate) fn done(&self) -> u32 {
		self.rows.rows()
	}

	/// Embeds at most one passage. The finished index after the last one.
	pub(crate) fn step(
		&mut self,
		embedder: &mut Embedder,
		limit: &Limit,
	) -> Result<Option<IndexFile>, Failure> {
		for _ in 0..SKIP {
			let Some((row, bytes)) = self.rows.next_row().map_err(changed)? else {
				return self.finish().map(Some);
			};
			if row < self.resume {
				continue;
			}
			let Some(passage) = batch::passage(bytes) else {
				continue;
			};
			let vector = embedder.embed(&passage, limit).map_err(|mut failure| {
				failure.message = format!("row {row}: {}", failure.message);
				failure
			})?;
			let mut entry = Vec::with_capacity(self.header.entry_bytes());
			entry.extend_from_slice(&row.to_le_bytes());
			for value in vector {
				entry.extend_from_slice(&value.to_le_bytes());
			}
			self.hasher.update(&entry);
			self.writer.write_all(&entry).map_err(Failure::internal)?;
			self.entries += 1;
			break;
		}
		Ok(None)
	}

	fn finish(&mut self) -> Result<IndexFile, Failure> {
		// The file was checked before; this is about someone changing it in between.
		if self.rows.content() != Some(self.header.summary.content) {
			let _ = fs::remove_file(&self.part);
			return Err(changed("its hash is another one now"));
		}
		let end = self.entries.to_le_bytes();
		self.hasher.update(end);
		let mut write = || {
			self.writer.write_all(&end)?;
			self.writer.write_all(&self.hasher.clone().finalize())?;
			self.writer.flush()?;
			self.writer.get_ref().sync_all()?;
			fs::rename(&self.part, &self.target)?;
			sync_folder(&self.folder)
		};
		write().map_err(Failure::internal)?;
		Ok(IndexFile {
			path: self.target.clone(),
			header: self.header,
			entries: self.entries,
		})
	}
}

fn changed(why: impl std::fmt::Display) -> Failure {
	Failure::new(
		ErrorCode::DataMismatch,
		format!("a batch file changed in the content store while it was read: {why}"),
	)
}

/// A finished index.
#[derive(Debug, Clone)]
pub(crate) struct IndexFile {
	path: PathBuf,
	header: Header,
	entries: u32,
}

impl IndexFile {
	fn open(path: &Path, key: &Hash256) -> io::Result<Self> {
		let invalid = |why: &str| io::Error::new(io::ErrorKind::InvalidData, why.to_owned());
		let mut file = File::open(path)?;
		let length = file.metadata()?.len();
		let body = length
			.checked_sub(TRAILER as u64)
			.filter(|body| *body >= HEADER as u64)
			.ok_or_else(|| invalid("too short"))?;

		let mut head = [0u8; HEADER];
		file.read_exact(&mut head)?;
		let header = Header::decode(&head)
			.filter(|header| header.key == *key)
			.ok_or_else(|| invalid("another header"))?;
		file.seek(SeekFrom::Start(body))?;
		let mut end = [0u8; 4];
		file.read_exact(&mut end)?;
		let entries = u32::from_le_bytes(end);
		let mut checksum = [0u8; 32];
		file.read_exact(&mut checksum)?;
		if body != HEADER as u64 + u64::from(entries) * header.entry_bytes() as u64 {
			return Err(invalid("another length"));
		}
		file.rewind()?;
		if Hash256::sha256_of(file.take(body + 4))?.0 .0 != checksum {
			return Err(invalid("another checksum"));
		}
		Ok(Self {
			path: path.to_owned(),
			header,
			entries,
		})
	}

	/// What the batch file was that this is an index of.
	pub(crate) fn summary(&self) -> &Summary {
		&self.header.summary
	}

	/// Compares `query` with every passage: dot products, summed in `f64` in the order of the index.
	pub(crate) fn search(
		&self,
		query: &[f32],
		limit: &Limit,
		mut found: impl FnMut(u32, f64),
	) -> Result<(), Failure> {
		if query.len() != self.header.dimension {
			return Err(Failure::internal(format!(
				"the index has {} dimensions and the query {}",
				self.header.dimension,
				query.len()
			)));
		}
		let query: Vec<f64> = query.iter().map(|v| f64::from(*v)).collect();
		self.read(limit, |row, vector| {
			let mut dot = 0f64;
			for (q, v) in query.iter().zip(vector) {
				dot += q * f64::from(f32::from_le_bytes(*v));
			}
			found(row, dot);
		})
	}

	/// The vectors of these rows, of those that have one.
	pub(crate) fn vectors(
		&self,
		rows: &BTreeSet<u32>,
		limit: &Limit,
	) -> Result<BTreeMap<u32, Vec<f32>>, Failure> {
		let mut vectors = BTreeMap::new();
		self.read(limit, |row, vector| {
			if rows.contains(&row) {
				let vector = vector.iter().map(|v| f32::from_le_bytes(*v)).collect();
				vectors.insert(row, vector);
			}
		})?;
		Ok(vectors)
	}

	/// Reads all entries, in their order.
	fn read(
		&self,
		limit: &Limit,
		mut entry_read: impl FnMut(u32, &[[u8; 4]]),
	) -> Result<(), Failure> {
		let mut read = || -> io::Result<bool> {
			let mut reader = BufReader::with_capacity(256 * 1024, File::open(&self.path)?);
			reader.seek(SeekFrom::Start(HEADER as u64))?;
			let mut entry = vec![0u8; self.header.entry_bytes()];
			for i in 0..self.entries {
				if i % 1024 == 0 && limit.is_over() {
					return Ok(false);
				}
				reader.read_exact(&mut entry)?;
				let (row, vector) = split_entry(&entry);
				entry_read(row, vector);
			}
			Ok(true)
		};
		match read() {
			Ok(true) => Ok(()),
			Ok(false) => Err(out_of_time()),
			Err(e) => Err(Failure::internal(format!("an index can't be read: {e}"))),
		}
	}
}

#[cfg(test)]
mod tests {
	use proptest::prelude::*;

	use super::*;

	#[test]
	fn rounding() {
		assert_eq!(millionths(0.123_456_5), Some(123_457));
		assert_eq!(millionths(0.123_456_4), Some(123_456));
		assert_eq!(millionths(0.000_000_5), Some(1));
		assert_eq!(millionths(0.000_000_4), None);
		assert_eq!(millionths(-0.5), None);
		assert_eq!(millionths(0.0), None);
		assert_eq!(millionths(1.000_001), Some(1_000_000));
		assert_eq!(millionths(f64::NAN), None);
	}

	proptest! {
		#[test]
		fn the_best_are_the_head_of_the_sorted_list(
			offers in prop::collection::vec((0u64..4, 0u32..50, -20i32..20), 0..200),
			k in 1usize..=32,
		) {
			let mut best = Best::new(k);
			let mut all = Vec::new();
			let mut seen = std::collections::HashSet::new();
			for (batch, row, score) in offers {
				if !seen.insert((batch, row)) {
					continue;
				}
				best.offer(batch, row, f64::from(score) / 1_000_000.0);
				if score > 0 {
					all.push(Citation { batch, row, score: score as u32 });
				}
			}
			all.sort_by_key(|c| (std::cmp::Reverse(c.score), c.batch, c.row));
			all.truncate(k);
			prop_assert_eq!(best.into_citations(), all);
		}
	}

	#[test]
	fn what_is_copied_is_found_where_it_was_first() {
		let cite = |batch, row, score| Citation { batch, row, score };
		let found = vec![
			cite(9, 0, 900),
			cite(2, 5, 800),
			cite(2, 4, 700),
			cite(3, 1, 600),
		];
		let vectors = BTreeMap::from([
			((9, 0), vec![0.99, 0.14]),
			((2, 5), vec![1.0, 0.0]),
			((2, 4), vec![0.0, 1.0]),
			((3, 1), vec![0.6, 0.8]),
		]);
		let left = distinct(found.clone(), &vectors);
		assert_eq!(left, found[1..], "the nearest one is a late copy");
		assert_eq!(distinct(left.clone(), &vectors), left);
		assert_eq!(distinct(Vec::new(), &vectors), []);
	}

	#[test]
	fn header_round_trip() {
		let header = Header {
			key: Hash256::sha256(b"key"),
			summary: Summary {
				root: Hash256::sha256(b"root"),
				rows: 7,
				bytes: 1 << 40,
				content: Hash256::sha256(b"content"),
			},
			dimension: 384,
		};
		let encoded: [u8; HEADER] = header.encode().try_into().unwrap();
		assert_eq!(Header::decode(&encoded), Some(header));
		assert_eq!(Header::decode(&[0; HEADER]), None);
	}

	#[test]
	fn one_service_per_cache() {
		let folder = tempfile::tempdir().unwrap();
		let first = IndexCache::open(folder.path()).unwrap();
		let error = IndexCache::open(folder.path()).unwrap_err();
		assert!(
			error
				.to_string()
				.contains("in use by another inference service"),
			"{error}"
		);
		drop(first);
		IndexCache::open(folder.path()).unwrap();
	}
}
