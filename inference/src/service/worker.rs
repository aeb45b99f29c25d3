//! The one thread that indexes and searches.

use std::{
	any::Any,
	panic::{catch_unwind, AssertUnwindSafe},
	sync::Arc,
	time::{Duration, Instant},
};

use super::{
	state::{Indexed, State, ToIndex, Work},
	types::{JobResult, JobSpec},
};
use crate::{
	content::{ContentStore, StoreError},
	engine::{Embedder, Limit, ModelId},
	error::{ErrorCode, Failure},
	index::{Best, IndexBuilder, IndexCache},
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
			after_a_job = matches!(work, Work::Job(..));
			match work {
				Work::Stop => return,
				Work::Job(spec, corpus) => {
					let start = Instant::now();
					let outcome = self.guarded(|worker| worker.job(&spec, corpus));
					self.state.finish_job(&spec.id(), outcome, start.elapsed());
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
		let query = std::str::from_utf8(spec.input.bytes()?)
			.map_err(|_| Failure::new(ErrorCode::BadInput, "the query is not UTF-8"))?;
		if query.trim().is_empty() {
			return Err(Failure::new(ErrorCode::BadInput, "the query is empty"));
		}
		#[cfg(test)]
		assert!(query != super::tests::POISON, "poisoned");
		let model = ModelId {
			graph: spec.graph,
			tokenizer: spec.tokenizer,
		};
		// Loading doesn't count: it is owed to this service's memory, not to the job.
		self.load(model)?;
		let time = Duration::from_millis(u64::from(spec.max_run_ms)).min(self.max_run);
		let limit = Limit::new(time, self.state.cancelled.clone());
		let query = self.load(model)?.embed(query, &limit)?;
		let mut best = Best::new(usize::try_from(spec.top_k).unwrap_or_default());
		for (batch, index) in corpus.iter() {
			index.search(&query, &limit, |row, similarity| {
				best.offer(*batch, row, similarity)
			})?;
		}
		Ok(JobResult::Found {
			citations: best.into_citations(),
		})
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

pub(super) fn what_panicked(panic: &(dyn Any + Send)) -> &str {
	panic
		.downcast_ref::<&str>()
		.copied()
		.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
		.unwrap_or("no message")
}
