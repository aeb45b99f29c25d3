//! Brings a corpus's batch files into the content store, and to jobs the inputs that they name, and checks
//! both against what was announced.

use std::{io::BufReader, sync::Arc, time::Duration};

use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

use super::{
	state::{Attempt, State},
	types::{BatchSpec, CorpusSpec, LinkedInput},
};
use crate::{
	batch::{self, Summary},
	content::{ContentStore, StoreError},
	error::{ErrorCode, Failure},
	fetch::Fetcher,
	hash::Hash256,
	index::{IndexCache, IndexFile, IndexKey},
};

/// How long an input is waited for, from the time that its job was submitted: as operators have a minute for
/// an answer, whoever serves it can't make them late.
pub(super) const INPUT: Duration = Duration::from_secs(10);

/// Corpora that are provided at the same time. A slow locator holds up one of them.
const AT_A_TIME: usize = 8;

/// Comparisons of adapters at the same time: each has two files in memory.
const COMPARISONS: usize = 2;

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Supplier {
	pub(crate) state: Arc<State>,
	pub(crate) store: ContentStore,
	pub(crate) cache: Arc<IndexCache>,
	pub(super) fetcher: Fetcher,
	max_batch_bytes: u64,
	pub(super) max_run: Duration,
	places: Arc<Semaphore>,
	pub(super) comparisons: Arc<Semaphore>,
}

enum Found {
	Index(IndexFile),
	File(Summary, IndexKey),
	/// Has to be fetched first.
	Nothing,
}

impl Supplier {
	pub(crate) fn new(
		state: Arc<State>,
		store: ContentStore,
		cache: Arc<IndexCache>,
		fetcher: Fetcher,
		max_batch_bytes: u64,
		max_run: Duration,
	) -> Self {
		Self {
			state,
			store,
			cache,
			fetcher,
			max_batch_bytes,
			max_run,
			places: Arc::new(Semaphore::new(AT_A_TIME)),
			comparisons: Arc::new(Semaphore::new(COMPARISONS)),
		}
	}

	/// Provides all batches of `spec`, one after another. Stops at the first that can't be had.
	pub(crate) async fn provide(self, attempt: Attempt, spec: Arc<CorpusSpec>) {
		let Ok(_place) = self.places.clone().acquire_owned().await else {
			return;
		};
		for index in 0..spec.batches.len() {
			if !self.state.is_wanted(&attempt) {
				return;
			}
			if let Err(mut failure) = self.batch(&attempt, &spec, index).await {
				if let Some(batch) = spec.batches.get(index) {
					failure.message = format!("batch {}: {}", batch.batch, failure.message);
				}
				self.state.fail_corpus(&attempt, failure);
				return;
			}
		}
	}

	/// Fetches the input of a job. It is never taken from the content store: a stranger who knows the hash of
	/// a file there that not everybody may read would have it read out.
	pub(crate) async fn fetch_input(self, job: Hash256, input: LinkedInput) {
		let fetched = self
			.fetcher
			.read(&input.locator, input.content, input.bytes.into());
		let fetched = match timeout(INPUT, fetched).await {
			Ok(fetched) => fetched.map_err(|failure| failure.message),
			Err(_) => Err(format!("{} did not come in {INPUT:?}", input.content)),
		};
		let unavailable = |why| Failure::new(ErrorCode::InputUnavailable, why);
		self.state.input_fetched(&job, fetched.map_err(unavailable));
	}

	async fn batch(
		&self,
		attempt: &Attempt,
		spec: &Arc<CorpusSpec>,
		index: usize,
	) -> Result<(), Failure> {
		let Some(batch) = spec.batches.get(index) else {
			return Ok(());
		};
		let mut found = self.look(spec, index).await?;
		if matches!(found, Found::Nothing) {
			if batch.locator.is_empty() {
				return Err(Failure::new(
					ErrorCode::DataUnavailable,
					format!(
						"{} is not in the content store and has no locator",
						batch.content
					),
				));
			}
			if batch.bytes > self.max_batch_bytes {
				return Err(Failure::new(
					ErrorCode::DataUnavailable,
					format!(
						"{} has {} bytes; this operator fetches at most {}",
						batch.content, batch.bytes, self.max_batch_bytes
					),
				));
			}
			self.fetcher
				.fetch(&self.store, &batch.locator, batch.content, batch.bytes)
				.await?;
			found = self.look(spec, index).await?;
		}
		match found {
			Found::Index(file) => self.state.indexed(attempt, index, file),
			Found::File(summary, key) => self.state.provided(attempt, index, summary, key),
			Found::Nothing => {
				return Err(Failure::internal(
					"a batch file is gone right after it was fetched",
				))
			}
		}
		Ok(())
	}

	async fn look(&self, spec: &Arc<CorpusSpec>, index: usize) -> Result<Found, Failure> {
		let (this, spec) = (self.clone(), spec.clone());
		spawn_blocking(move || this.look_now(&spec, index))
			.await
			.map_err(Failure::internal)?
	}

	fn look_now(&self, spec: &CorpusSpec, index: usize) -> Result<Found, Failure> {
		let Some(batch) = spec.batches.get(index) else {
			return Ok(Found::Nothing);
		};
		let key = IndexKey {
			model: spec.model(),
			tag: self.state.engine()?.tag(),
			content: batch.content,
		};
		if let Some(file) = self.cache.find(&key).map_err(Failure::internal)? {
			compare(batch, file.summary())?;
			return Ok(if spec.texts && !self.store.has(&batch.content) {
				Found::Nothing
			} else {
				Found::Index(file)
			});
		}
		let file = match self.store.get(&batch.content) {
			Ok((file, _)) => file,
			Err(StoreError::NotFound(_)) => return Ok(Found::Nothing),
			Err(e) => return Err(Failure::internal(e)),
		};
		let summary = batch::summarise(BufReader::with_capacity(64 * 1024, file))
			.map_err(|e| Failure::new(ErrorCode::DataMismatch, e.to_string()))?;
		compare(batch, &summary)?;
		Ok(Found::File(summary, key))
	}
}

fn compare(batch: &BatchSpec, found: &Summary) -> Result<(), Failure> {
	let differs = |what: &str, announced: &dyn std::fmt::Display, found: &dyn std::fmt::Display| {
		Err(Failure::new(
			ErrorCode::DataMismatch,
			format!("announced {what} {announced}, found {found}"),
		))
	};
	if batch.content != found.content {
		return differs("hash", &batch.content, &found.content);
	}
	if batch.bytes != found.bytes {
		return differs("bytes", &batch.bytes, &found.bytes);
	}
	if batch.rows != found.rows {
		return differs("rows", &batch.rows, &found.rows);
	}
	if batch.root != found.root {
		return differs("root", &batch.root, &found.root);
	}
	Ok(())
}
