//! The content store: files named by the SHA-256 of what is in them.
//!
//! A folder, a quota in bytes, and one promise: a name that is visible has the content that it names.
//! Files are written under a temporary name in the same folder and renamed once the hash is known, so
//! a reader never meets a half-written one. Memory use doesn't grow with the files' size. Several
//! processes may share a folder: admission is decided under a file lock.

use std::{
	fs::{self, File, OpenOptions},
	io::{self, Read, Write},
	path::{Path, PathBuf},
	process,
	sync::atomic::{AtomicU64, Ordering},
	time::{Duration, SystemTime},
};

use sha2::{Digest, Sha256};

use crate::hash::Hash256;

const TEMPORARY: &str = ".incoming-";
const LOCK: &str = ".lock";
/// An upload that has not been written to for so long was left behind by a process that died.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);

/// Why the store refused.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
	/// The file system failed. Look at the folder's permissions and free space.
	#[error("content store: {0}")]
	Io(#[from] io::Error),
	/// No file of that hash is here. Put it, or fetch it from its locator.
	#[error("{0} is not in the content store")]
	NotFound(Hash256),
	/// The file does not fit. Remove something or raise the quota. All values in bytes.
	#[error("over quota: {needed} bytes more than the {used} in use exceed the limit of {quota}")]
	QuotaExceeded {
		/// The store's limit.
		quota: u64,
		/// In use before this file.
		used: u64,
		/// What this file would have added, as far as it had been read.
		needed: u64,
	},
	/// What was written is not what was announced. Nothing was kept.
	#[error("wrong hash: expected {expected}, found {found}")]
	WrongHash {
		/// The announced hash.
		expected: Hash256,
		/// The hash of what was written.
		found: Hash256,
	},
}

/// A file that has been put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
	/// The SHA-256 of the content: the name to get it by.
	pub hash: Hash256,
	/// Its size in bytes.
	pub bytes: u64,
	/// Whether it was not there before.
	pub new: bool,
}

/// A file in the store, as [`ContentStore::ls`] lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
	/// The SHA-256 of the content.
	pub hash: Hash256,
	/// Its size in bytes.
	pub bytes: u64,
	/// When it was put.
	pub modified: SystemTime,
}

/// A folder of files by hash. Cheap to clone; all methods block on the file system.
#[derive(Debug, Clone)]
pub struct ContentStore {
	folder: PathBuf,
	quota: u64,
}

impl ContentStore {
	/// Opens the store in `folder`, which is created if need be. `quota` limits the sum of all files, in
	/// bytes; a folder already above it stays readable.
	pub fn open(folder: impl Into<PathBuf>, quota: u64) -> Result<Self, StoreError> {
		let store = Self {
			folder: folder.into(),
			quota,
		};
		fs::create_dir_all(&store.folder)?;
		store.sweep()?;
		Ok(store)
	}

	/// A store in a folder within this one's, with a quota of its own: neither sees the other's files. The
	/// folder need not be there.
	pub(crate) fn inner(&self, name: &str, quota: u64) -> Self {
		Self {
			folder: self.folder.join(name),
			quota,
		}
	}

	/// The same store, opened anew.
	pub(crate) fn reopen(&self) -> Result<Self, StoreError> {
		Self::open(&self.folder, self.quota)
	}

	/// The limit on the sum of all files, in bytes.
	pub fn quota(&self) -> u64 {
		self.quota
	}

	/// Where the content of that hash is, or would be.
	pub fn path(&self, hash: &Hash256) -> PathBuf {
		self.folder.join(hash.to_string())
	}

	/// Whether the content of that hash is here.
	pub fn has(&self, hash: &Hash256) -> bool {
		self.path(hash).is_file()
	}

	/// Opens the content of that hash for reading; also its size in bytes.
	pub fn get(&self, hash: &Hash256) -> Result<(File, u64), StoreError> {
		let file = File::open(self.path(hash)).map_err(|e| match e.kind() {
			io::ErrorKind::NotFound => StoreError::NotFound(*hash),
			_ => e.into(),
		})?;
		let bytes = file.metadata()?.len();
		Ok((file, bytes))
	}

	/// Puts all that `reader` yields. With `expected` given, content of another hash is refused; and if
	/// that content is here already, nothing is read.
	pub fn put(
		&self,
		mut reader: impl Read,
		expected: Option<Hash256>,
	) -> Result<Stored, StoreError> {
		if let Some(hash) = expected.filter(|hash| self.has(hash)) {
			return Ok(Stored {
				hash,
				bytes: self.get(&hash)?.1,
				new: false,
			});
		}
		let mut writer = self.writer()?;
		let mut buffer = vec![0u8; 64 * 1024];
		loop {
			match reader.read(&mut buffer) {
				Ok(0) => return writer.commit(expected),
				Ok(n) => writer.push(&buffer[..n])?,
				Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
				Err(e) => return Err(e.into()),
			}
		}
	}

	/// Starts an upload in pieces. It becomes visible by [`Writer::commit`] and leaves nothing behind if
	/// it is dropped before.
	pub fn writer(&self) -> Result<Writer, StoreError> {
		static COUNTER: AtomicU64 = AtomicU64::new(0);
		let used = self.used()?;
		let name = format!(
			"{TEMPORARY}{}-{}",
			process::id(),
			COUNTER.fetch_add(1, Ordering::Relaxed)
		);
		let path = self.folder.join(name);
		let file = OpenOptions::new()
			.write(true)
			.create_new(true)
			.open(&path)?;
		Ok(Writer {
			store: self.clone(),
			path,
			file: Some(file),
			hasher: Sha256::new(),
			written: 0,
			used,
		})
	}

	/// Every file in the store, ordered by hash.
	pub fn ls(&self) -> Result<Vec<Entry>, StoreError> {
		let mut entries = Vec::new();
		for entry in fs::read_dir(&self.folder)? {
			let entry = entry?;
			let Some(hash) = entry
				.file_name()
				.to_str()
				.and_then(|name| name.parse().ok())
			else {
				continue;
			};
			// A file may go while we look: it is then not in the store.
			let metadata = match entry.metadata() {
				Ok(metadata) if metadata.is_file() => metadata,
				Ok(_) => continue,
				Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
				Err(e) => return Err(e.into()),
			};
			entries.push(Entry {
				hash,
				bytes: metadata.len(),
				modified: metadata.modified()?,
			});
		}
		entries.sort_by_key(|entry| entry.hash);
		Ok(entries)
	}

	/// The sum of all files, in bytes. Uploads under way don't count until they are committed.
	pub fn used(&self) -> Result<u64, StoreError> {
		Ok(self.ls()?.iter().map(|entry| entry.bytes).sum())
	}

	/// Removes the content of that hash; whether it was there.
	pub fn remove(&self, hash: &Hash256) -> Result<bool, StoreError> {
		match fs::remove_file(self.path(hash)) {
			Ok(()) => Ok(true),
			Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
			Err(e) => Err(e.into()),
		}
	}

	fn over_quota(&self, used: u64, needed: u64) -> Result<(), StoreError> {
		if used.saturating_add(needed) > self.quota {
			return Err(StoreError::QuotaExceeded {
				quota: self.quota,
				used,
				needed,
			});
		}
		Ok(())
	}

	fn lock(&self) -> io::Result<File> {
		let lock = OpenOptions::new()
			.create(true)
			.truncate(false)
			.write(true)
			.open(self.folder.join(LOCK))?;
		lock.lock()?;
		Ok(lock)
	}

	fn sweep(&self) -> io::Result<()> {
		for entry in fs::read_dir(&self.folder)? {
			let entry = entry?;
			if !entry.file_name().to_string_lossy().starts_with(TEMPORARY) {
				continue;
			}
			let age = entry
				.metadata()
				.and_then(|m| m.modified())
				.ok()
				.and_then(|modified| SystemTime::now().duration_since(modified).ok());
			if age.is_some_and(|age| age > STALE) {
				// Losing the race against another process that sweeps is as good as winning it.
				let _ = fs::remove_file(entry.path());
			}
		}
		Ok(())
	}
}

/// An upload under way; see [`ContentStore::writer`].
#[derive(Debug)]
pub struct Writer {
	store: ContentStore,
	path: PathBuf,
	file: Option<File>,
	hasher: Sha256,
	written: u64,
	used: u64,
}

impl Writer {
	/// Bytes written so far.
	pub fn written(&self) -> u64 {
		self.written
	}

	/// Appends `bytes`, or says why not: the file system, or the quota.
	pub fn push(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
		let needed = self.written.saturating_add(bytes.len() as u64);
		self.store.over_quota(self.used, needed)?;
		let Some(file) = self.file.as_mut() else {
			return Err(io::Error::other("the upload is closed").into());
		};
		file.write_all(bytes)?;
		self.hasher.update(bytes);
		self.written = needed;
		Ok(())
	}

	/// Ends the upload and makes it visible under its hash. With `expected` given, content of another
	/// hash is refused and nothing is kept.
	pub fn commit(mut self, expected: Option<Hash256>) -> Result<Stored, StoreError> {
		let found = Hash256(self.hasher.clone().finalize().into());
		if let Some(expected) = expected.filter(|expected| *expected != found) {
			return Err(StoreError::WrongHash { expected, found });
		}
		let bytes = self.written;
		if let Some(file) = self.file.take() {
			file.sync_all()?;
		}
		let _lock = self.store.lock()?;
		let target = self.store.path(&found);
		if target.is_file() {
			return Ok(Stored {
				hash: found,
				bytes,
				new: false,
			});
		}
		self.store.over_quota(self.store.used()?, bytes)?;
		fs::rename(&self.path, &target)?;
		sync_folder(&self.store.folder)?;
		Ok(Stored {
			hash: found,
			bytes,
			new: true,
		})
	}
}

impl Write for Writer {
	fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
		self.push(bytes).map_err(|e| match e {
			StoreError::Io(e) => e,
			quota @ StoreError::QuotaExceeded { .. } => {
				io::Error::new(io::ErrorKind::QuotaExceeded, quota)
			}
			other => io::Error::other(other),
		})?;
		Ok(bytes.len())
	}

	fn flush(&mut self) -> io::Result<()> {
		self.file.as_mut().map_or(Ok(()), Write::flush)
	}
}

impl Drop for Writer {
	fn drop(&mut self) {
		// After a commit the temporary name is gone already.
		let _ = fs::remove_file(&self.path);
	}
}

pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
	File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
	use super::*;

	fn store(quota: u64) -> (tempfile::TempDir, ContentStore) {
		let folder = tempfile::tempdir().unwrap();
		let store = ContentStore::open(folder.path().join("content"), quota).unwrap();
		(folder, store)
	}

	fn leftovers(store: &ContentStore) -> usize {
		fs::read_dir(&store.folder)
			.unwrap()
			.filter(|e| {
				e.as_ref()
					.unwrap()
					.file_name()
					.to_string_lossy()
					.starts_with(TEMPORARY)
			})
			.count()
	}

	#[test]
	fn put_get_ls_remove() {
		let (_folder, store) = store(100);
		let stored = store.put(&b"hello"[..], None).unwrap();
		assert_eq!(
			stored,
			Stored {
				hash: Hash256::sha256(b"hello"),
				bytes: 5,
				new: true
			}
		);
		assert!(!store.put(&b"hello"[..], Some(stored.hash)).unwrap().new);

		let (mut file, bytes) = store.get(&stored.hash).unwrap();
		let mut text = String::new();
		file.read_to_string(&mut text).unwrap();
		assert_eq!((text.as_str(), bytes), ("hello", 5));

		let listed = store.ls().unwrap();
		assert_eq!(listed.len(), 1);
		assert_eq!((listed[0].hash, listed[0].bytes), (stored.hash, 5));
		assert_eq!(store.used().unwrap(), 5);

		assert!(store.remove(&stored.hash).unwrap());
		assert!(!store.remove(&stored.hash).unwrap());
		assert!(
			matches!(store.get(&stored.hash), Err(StoreError::NotFound(h)) if h == stored.hash)
		);
	}

	#[test]
	fn wrong_hash_is_never_visible() {
		let (_folder, store) = store(100);
		let expected = Hash256::sha256(b"something else");
		let result = store.put(&b"hello"[..], Some(expected));
		let found = Hash256::sha256(b"hello");
		assert!(matches!(
			result,
			Err(StoreError::WrongHash { expected: e, found: f }) if e == expected && f == found
		));
		assert!(!store.has(&expected) && !store.has(&found));
		assert!(store.ls().unwrap().is_empty());
		assert_eq!(leftovers(&store), 0);
	}

	#[test]
	fn quota_is_exact() {
		let (_folder, store) = store(10);
		store.put(&b"123456"[..], None).unwrap();
		store.put(&b"7890"[..], None).unwrap();
		let error = store.put(&b"x"[..], None).unwrap_err();
		assert!(matches!(
			error,
			StoreError::QuotaExceeded {
				quota: 10,
				used: 10,
				needed: 1
			}
		));
		assert_eq!(leftovers(&store), 0);
		// What is there already costs nothing.
		assert!(store.put(&b""[..], None).unwrap().new);
		store.remove(&Hash256::sha256(b"7890")).unwrap();
		assert!(store.put(&b"abcd"[..], None).unwrap().new);
	}

	#[test]
	fn quota_holds_between_uploads_at_the_same_time() {
		let (_folder, store) = store(10);
		let mut first = store.writer().unwrap();
		let mut second = store.writer().unwrap();
		first.push(b"123456").unwrap();
		second.push(b"abcdef").unwrap();
		first.commit(None).unwrap();
		assert!(matches!(
			second.commit(None),
			Err(StoreError::QuotaExceeded {
				used: 6,
				needed: 6,
				..
			})
		));
		assert_eq!(store.used().unwrap(), 6);
		assert_eq!(leftovers(&store), 0);
	}

	#[test]
	fn a_dropped_upload_leaves_nothing() {
		let (_folder, store) = store(10);
		let mut writer = store.writer().unwrap();
		writer.write_all(b"12345").unwrap();
		assert_eq!(writer.written(), 5);
		assert_eq!(leftovers(&store), 1);
		assert!(store.ls().unwrap().is_empty());
		let error = writer.write_all(b"678901").unwrap_err();
		assert_eq!(error.kind(), io::ErrorKind::QuotaExceeded);
		drop(writer);
		assert_eq!(leftovers(&store), 0);
	}

	#[test]
	fn uploads_left_by_a_crash_are_swept() {
		let (_folder, store) = store(10);
		let old = store.folder.join(format!("{TEMPORARY}1-1"));
		let file = File::create(&old).unwrap();
		file.set_modified(SystemTime::now() - STALE - Duration::from_secs(1))
			.unwrap();
		let young = store.folder.join(format!("{TEMPORARY}1-2"));
		File::create(&young).unwrap();
		ContentStore::open(store.folder.clone(), 10).unwrap();
		assert!(!old.exists() && young.exists());
	}

	#[test]
	fn many_threads_one_content() {
		let (_folder, store) = store(1 << 20);
		let news = std::thread::scope(|scope| {
			let threads: Vec<_> = (0..8)
				.map(|_| scope.spawn(|| store.put(&[7u8; 100_000][..], None).unwrap().new))
				.collect();
			threads
				.into_iter()
				.map(|t| t.join().unwrap())
				.filter(|new| *new)
				.count()
		});
		assert_eq!(news, 1);
		assert_eq!(store.used().unwrap(), 100_000);
	}
}
