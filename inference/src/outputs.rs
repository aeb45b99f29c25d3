//! Long answers, which the chain knows by their hash: kept here to be handed out.
//!
//! A folder of its own in that of the content store, with a quota of its own, so that answers and batch
//! files never take each other's place. Anybody may read them, as anybody may read short answers on the
//! chain; so nothing else is put here.

use std::{
	fs::File,
	time::{Duration, SystemTime},
};

use crate::content::{ContentStore, Entry, StoreError, Stored};

/// For how long answers are kept at least, unless more come than there is room for: the receipts on the chain
/// that name them stay for a week, and requests are open for hours before.
pub const KEEP: Duration = Duration::from_secs(8 * 24 * 60 * 60);

/// The part of the content store's quota that answers may take.
const SHARE: u64 = 10;

/// See the module. Cheap to clone; all methods block on the file system.
#[derive(Debug, Clone)]
pub struct Outputs {
	store: ContentStore,
}

impl Outputs {
	/// Those beside the files of a content store.
	pub fn beside(content: &ContentStore) -> Self {
		Self {
			store: content.inner("outputs", content.quota() / SHARE),
		}
	}

	/// The store that they are in: to hand them out.
	pub fn store(&self) -> &ContentStore {
		&self.store
	}

	/// Keeps an answer for [`KEEP`] from now on. What is older goes; and should there be no room, the oldest
	/// goes first.
	pub fn keep(&self, text: &str) -> Result<Stored, StoreError> {
		let store = self.store.reopen()?;
		let needed = u64::try_from(text.len()).unwrap_or(u64::MAX);
		let quota = store.quota();
		if needed > quota {
			return Err(StoreError::QuotaExceeded {
				quota,
				used: 0,
				needed,
			});
		}
		let now = SystemTime::now();
		let mut entries = store.ls()?;
		entries.sort_by_key(|entry| entry.modified);
		let mut used: u64 = entries.iter().map(|entry| entry.bytes).sum();
		for Entry {
			hash,
			bytes,
			modified,
		} in entries
		{
			let over = now.duration_since(modified).is_ok_and(|age| age > KEEP);
			if !over && used.saturating_add(needed) <= quota {
				break;
			}
			if !over {
				tracing::warn!(
					"{quota} bytes of long answers leave no room for another: the oldest goes before its \
					 time; give the node a larger --content-quota"
				);
			}
			store.remove(&hash)?;
			used -= bytes;
		}
		let stored = store.put(text.as_bytes(), None)?;
		if !stored.new {
			File::open(store.path(&stored.hash))?.set_modified(now)?;
		}
		Ok(stored)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::hash::Hash256;

	fn outputs(quota: u64) -> (tempfile::TempDir, ContentStore, Outputs) {
		let folder = tempfile::tempdir().unwrap();
		let content = ContentStore::open(folder.path(), quota * SHARE).unwrap();
		let outputs = Outputs::beside(&content);
		(folder, content, outputs)
	}

	fn made(outputs: &Outputs, text: &str, ago: Duration) {
		let file = File::open(outputs.store().path(&hash(text))).unwrap();
		file.set_modified(SystemTime::now() - ago).unwrap();
	}

	fn hash(text: &str) -> Hash256 {
		Hash256::sha256(text.as_bytes())
	}

	#[test]
	fn answers_and_files_are_kept_apart() {
		let (_folder, content, outputs) = outputs(10);
		let stored = outputs.keep("a story").unwrap();
		assert_eq!((stored.hash, stored.bytes), (hash("a story"), 7));
		assert!(outputs.store().has(&stored.hash));
		assert!(!content.has(&stored.hash));
		assert!(content.ls().unwrap().is_empty() && content.used().unwrap() == 0);
		content.put(&b"a file"[..], None).unwrap();
		assert!(!outputs.store().has(&hash("a file")));
	}

	#[test]
	fn answers_go_when_their_time_is_over_or_there_is_no_room() {
		let (_folder, _, outputs) = outputs(10);
		let hour = Duration::from_secs(3_600);
		for (text, ago) in [
			("old", KEEP + hour),
			("late", KEEP - hour),
			("again", KEEP - hour),
		] {
			outputs.keep(text).unwrap();
			made(&outputs, text, ago);
			if text == "late" {
				// The next one has only just room, now that the first has gone.
				assert!(outputs.store().has(&hash("late")));
			}
		}
		assert!(!outputs.store().has(&hash("old")));
		// The same answer once more is kept from now on.
		outputs.keep("again").unwrap();
		// Now there is too little room: the oldest goes, and no more than need be.
		outputs.keep("new").unwrap();
		let has = |text| outputs.store().has(&hash(text));
		assert!(!has("late") && has("again") && has("new"));
		// What would never fit drives nothing out.
		assert!(matches!(
			outputs.keep("far too long for it"),
			Err(StoreError::QuotaExceeded { .. })
		));
		assert!(has("again") && has("new"));
	}
}
