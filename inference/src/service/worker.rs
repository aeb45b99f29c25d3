//! The one thread that indexes and searches.

use std::{
	any::Any,
	collections::{BTreeMap, BTreeSet},
	io::BufReader,
	panic::{catch_unwind, AssertUnwindSafe},
	sync::Arc,
	time::{Duration, Instant},
};

use super::{
	state::{Indexed, Passages, State, ToIndex, Work},
	types::{AnswerSpec, JobResult, JobSpec},
};
use crate::{
	batch::{self, Rows},
	citations::{choose, SPARE},
	content::{ContentStore, StoreError},
	engine::{Embedder, Limit, ModelId},
	error::{ErrorCode, Failure},
	index::{Best, Citation, IndexBuilder, IndexCache},
};

/// Models kept loaded. A session of the smallest takes some 60 MB.
const MAX_LOADED: usize = 2;
/// For one passage, while indexing.
const PASSAGE: Duration = Duration::from_secs(120);

pub(crate) struct Worker {
	pub(crate) state: Arc<State>,
	pub(crate) store: ContentStore,
	pub(crate) cache: Arc<IndexCache>,
	pub(crate) max_run: Duration,
	/// Loaded models, the one used last at the end.
	pub(crate) models: Vec<(ModelId, Embedder)>,
}

impl Worker {
	/// Works until the state is closed. A panic ends the job or the corpus that it happened in, and the
	/// sessions with it: nobody knows in what state they are.
	pub(crate) fn run(mut self) {
		let mut in_hand: Option<(Box<ToIndex>, IndexBuilder)> = None;
		let mut after_a_job = false;
		loop {
			in_hand = in_hand.filter(|(work, _)| self.state.is_wanted(&work.attempt));
			let work = self.state.next(in_hand.is_some(), after_a_job);
			after_a_job = matches!(work, Work::Job(..) | Work::Find(_));
			match work {
				Work::Stop => return,
				Work::Job(spec, corpus) => {
					let start = Instant::now();
					let outcome = self.guarded(|worker| worker.job(&spec, corpus));
					self.state.finish_job(&spec.id(), outcome, start.elapsed());
				}
				Work::Find(to_find) => {
					let start = Instant::now();
					let mut loading = Duration::ZERO;
					let found = self.guarded(|worker| {
						let JobSpec::Answer(spec) = &*to_find.spec else {
							return Err(Failure::internal("only answers need passages"));
						};
						let query = query(spec.input.bytes()?)?;
						worker.load(spec.embedder())?;
						loading = start.elapsed();
						worker.passages(spec, query, &to_find.corpus)
					});
					let took = start.elapsed().saturating_sub(loading);
					// Unless it stopped meanwhile.
					let _ = to_find.asker.send((found, took));
				}
				Work::Index(work) => match self.guarded(|worker| worker.start(&work)) {
					Ok(Some(builder)) => {
						self.state
							.embedded(&work.attempt, work.batch, builder.done());
						in_hand = Some((work, builder));
					}
					Ok(None) => {}
					Err(failure) => self.state.fail_corpus(&work.attempt, failure),
				},
				Work::GoOn => {
					let Some((work, mut builder)) = in_hand.take() else {
						continue;
					};
					match self.guarded(|worker| worker.step(&work, &mut builder)) {
						Ok(true) => in_hand = Some((work, builder)),
						Ok(false) => {}
						Err(failure) => self.state.fail_corpus(&work.attempt, failure),
					}
				}
			}
		}
	}

	fn guarded<T>(
		&mut self,
		work: impl FnOnce(&mut Self) -> Result<T, Failure>,
	) -> Result<T, Failure> {
		catch_unwind(AssertUnwindSafe(|| work(self))).unwrap_or_else(|panic| {
			self.models.clear();
			self.state.embedders_unloaded();
			let message = what_panicked(panic.as_ref());
			tracing::error!("the worker panicked and goes on with fresh sessions: {message}");
			Err(Failure::internal(format!("the worker panicked: {message}")))
		})
	}

	fn job(
		&mut self,
		spec: &JobSpec,
		corpus: Result<Indexed, Failure>,
	) -> Result<JobResult, Failure> {
		let JobSpec::Search(spec) = spec else {
			return Err(Failure::internal("only searches are work here"));
		};
		let corpus = corpus?;
		let query = query(spec.input.bytes()?)?;
		// Loading doesn't count: it is owed to this service's memory, not to the job.
		self.load(spec.model())?;
		let limit = self.limit(spec.max_run_ms);
		let count = usize::try_from(spec.top_k).unwrap_or_default();
		let citations = self.nearest(spec.model(), &corpus, query, count, &limit)?;
		Ok(JobResult::Found { citations })
	}

	fn limit(&self, max_run_ms: u32) -> Limit {
		let time = Duration::from_millis(u64::from(max_run_ms)).min(self.max_run);
		Limit::new(time, self.state.cancelled.clone())
	}

	/// The passages that lie nearest to a query, so many of them at most.
	fn nearest(
		&mut self,
		model: ModelId,
		corpus: &Indexed,
		query: &str,
		count: usize,
		limit: &Limit,
	) -> Result<Vec<Citation>, Failure> {
		let query = self.load(model)?.embed(query, limit)?;
		let mut best = Best::new(count);
		for (batch, index) in corpus.iter() {
			index.search(&query, limit, |row, similarity| {
				best.offer(*batch, row, similarity)
			})?;
		}
		Ok(best.into_citations())
	}

	/// What an answer is to be made from: the nearest passages, of those that were found,
	/// by the rule of [`choose`].
	fn passages(
		&mut self,
		spec: &AnswerSpec,
		query: &str,
		corpus: &Indexed,
	) -> Result<Passages, Failure> {
		let limit = self.limit(spec.max_run_ms);
		let count = usize::try_from(spec.top_k).unwrap_or_default();
		let more = count.saturating_mul(SPARE);
		let found = self.nearest(spec.embedder(), corpus, query, more, &limit)?;
		let mut vectors = BTreeMap::new();
		for (batch, index) in corpus.iter() {
			let rows = rows_of(&found, *batch);
			if rows.is_empty() {
				continue;
			}
			for (row, vector) in index.vectors(&rows, &limit)? {
				vectors.insert((*batch, row), vector);
			}
		}
		let found = choose(found, &vectors, count);

		let mut texts = BTreeMap::new();
		for (batch, index) in corpus.iter() {
			let rows = rows_of(&found, *batch);
			if rows.is_empty() {
				continue;
			}
			let content = index.summary().content;
			let (file, _) = self.store.get(&content).map_err(|e| {
				let failure = Failure::new(ErrorCode::DataUnavailable, e.to_string());
				self.state.lost(&spec.corpus, &failure);
				failure
			})?;
			let mut reader = Rows::new(BufReader::with_capacity(64 * 1024, file));
			while let Some((row, bytes)) = reader.next_row().map_err(Failure::internal)? {
				if !rows.contains(&row) {
					continue;
				}
				if let Some(passage) = batch::passage(bytes) {
					texts.insert((*batch, row), passage);
				}
				if rows.last() == Some(&row) {
					break;
				}
			}
		}
		found
			.into_iter()
			.map(|citation| {
				let text = texts.remove(&(citation.batch, citation.row));
				let text = text.ok_or_else(|| {
					Failure::internal(format!(
						"row {} of batch {} is indexed and has no passage",
						citation.row, citation.batch
					))
				})?;
				Ok((citation, text))
			})
			.collect()
	}

	/// Starts the index of a batch. `None` if it turned out to be there: another corpus has the same batch.
	fn start(&mut self, work: &ToIndex) -> Result<Option<IndexBuilder>, Failure> {
		if let Some(index) = self.cache.find(&work.key).map_err(Failure::internal)? {
			self.state.indexed(&work.attempt, work.batch, index);
			return Ok(None);
		}
		let (content, _) = self.store.get(&work.summary.content).map_err(|e| match e {
			StoreError::NotFound(_) => Failure::new(ErrorCode::DataUnavailable, e.to_string()),
			e => Failure::internal(e),
		})?;
		let dimension = self.load(work.key.model)?.dimension();
		self.cache
			.build(&work.key, dimension, content, work.summary)
			.map(Some)
			.map_err(Failure::internal)
	}

	/// One step; whether there are more.
	fn step(&mut self, work: &ToIndex, builder: &mut IndexBuilder) -> Result<bool, Failure> {
		let limit = Limit::new(PASSAGE, self.state.cancelled.clone());
		let embedder = self.load(builder.key().model)?;
		match builder.step(embedder, &limit)? {
			Some(index) => {
				self.state.indexed(&work.attempt, work.batch, index);
				Ok(false)
			}
			None => {
				self.state
					.embedded(&work.attempt, work.batch, builder.done());
				Ok(true)
			}
		}
	}

	fn load(&mut self, model: ModelId) -> Result<&mut Embedder, Failure> {
		let loaded = match self.models.iter().position(|(id, _)| *id == model) {
			Some(place) => self.models.remove(place),
			None => {
				if self.models.len() >= MAX_LOADED {
					self.models.remove(0);
				}
				let start = Instant::now();
				let embedder = self.state.engine()?.load(model)?;
				let took = start.elapsed();
				tracing::info!("loaded graph {} in {took:?}", model.graph);
				self.state.embedder_loaded(self.models.len() + 1, took);
				(model, embedder)
			}
		};
		self.models.push(loaded);
		match self.models.last_mut() {
			Some((_, embedder)) => Ok(embedder),
			None => Err(Failure::internal("no model is loaded")),
		}
	}
}

fn query(input: &[u8]) -> Result<&str, Failure> {
	let query = std::str::from_utf8(input)
		.map_err(|_| Failure::new(ErrorCode::BadInput, "the query is not UTF-8"))?;
	if query.trim().is_empty() {
		return Err(Failure::new(ErrorCode::BadInput, "the query is empty"));
	}
	#[cfg(test)]
	assert!(query != super::tests::POISON, "poisoned");
	Ok(query)
}

/// The rows of a batch among citations.
fn rows_of(found: &[Citation], batch: u64) -> BTreeSet<u32> {
	let of_batch = found.iter().filter(|citation| citation.batch == batch);
	of_batch.map(|citation| citation.row).collect()
}

pub(super) fn what_panicked(panic: &(dyn Any + Send)) -> &str {
	panic
		.downcast_ref::<&str>()
		.copied()
		.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
		.unwrap_or("no message")
}
