//! The corpora and jobs that the service knows, shared by the HTTP handlers, the tasks that bring in
//! batch files, and the worker.

use std::{
	collections::{HashMap, VecDeque},
	sync::{
		atomic::{AtomicBool, Ordering},
		mpsc, Arc, Condvar, Mutex, MutexGuard, PoisonError,
	},
	time::{Duration, Instant},
};

use super::{
	stats::{resident_bytes, Stats},
	types::{
		CorpusHealth, CorpusReport, CorpusSpec, CorpusState, GenerationHealth, Health, JobReport,
		JobResult, JobSpec, JobState, QueueHealth,
	},
};
use crate::{
	batch::Summary,
	engine::{Engine, EngineConfig, InUse, ProviderStatus},
	error::Failure,
	hash::Hash256,
	index::{Citation, IndexFile, IndexKey},
};

/// How long a finished job can be asked for.
pub(crate) const KEEP: Duration = Duration::from_secs(15 * 60);
/// A corpus that failed so long ago is tried again by the next job for it: the file may be there by now.
const RETRY: Duration = Duration::from_secs(30);
/// How many finished jobs are kept. While so many are younger than [`KEEP`], no new ones are taken.
const MAX_FINISHED: usize = 10_000;
/// How many corpora are known at a time; beyond it the one unused for longest is forgotten.
const MAX_CORPORA: usize = 64;

/// A corpus whose batches are all indexed.
pub(crate) type Indexed = Arc<Vec<(u64, IndexFile)>>;

/// Why a request is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
	BadRequest(String),
	/// The id is taken by something else.
	Conflict(&'static str),
	UnknownCorpus,
	QueueFull,
	Closing,
}

/// How far a batch of a corpus is.
#[derive(Debug)]
enum Stage {
	/// The file is looked for, fetched, checked.
	Providing,
	/// The file is in the content store and is what was announced.
	Provided(Summary, IndexKey),
	Embedding(u32),
	Indexed(IndexFile),
}

#[derive(Debug)]
struct Corpus {
	spec: Arc<CorpusSpec>,
	stages: Vec<Stage>,
	ready: Option<Indexed>,
	failure: Option<(Instant, Failure)>,
	/// Counts the attempts, so that what is left of an earlier one is not taken for the present one.
	attempt: u64,
	used: u64,
}

impl Corpus {
	/// Begins to index it, or begins again.
	fn begin(&mut self, id: Hash256, number: u64) -> Begun {
		self.attempt = number;
		self.failure = None;
		self.stages = self.spec.batches.iter().map(|_| Stage::Providing).collect();
		if self.stages.is_empty() {
			self.ready = Some(Arc::default());
		}
		(Attempt { corpus: id, number }, self.spec.clone())
	}

	fn state(&self) -> CorpusState {
		if self.failure.is_some() {
			CorpusState::Failed
		} else if self.ready.is_some() {
			CorpusState::Ready
		} else {
			CorpusState::Indexing
		}
	}

	fn done(&self) -> u64 {
		self.stages
			.iter()
			.zip(&self.spec.batches)
			.map(|(stage, batch)| match stage {
				Stage::Providing | Stage::Provided(..) => 0,
				Stage::Embedding(done) => u64::from(*done),
				Stage::Indexed(_) => u64::from(batch.rows),
			})
			.sum()
	}

	fn report(&self, id: Hash256) -> CorpusReport {
		CorpusReport {
			id,
			state: self.state(),
			done: self.done(),
			total: self.spec.rows(),
			error: self.failure.as_ref().map(|(_, failure)| failure.clone()),
		}
	}
}

#[derive(Debug)]
enum Progress {
	Queued,
	Running,
	Done(JobResult),
	Failed(Failure),
}

#[derive(Debug)]
struct Job {
	spec: Arc<JobSpec>,
	/// The same with its input in place. `None` while that is fetched, and once it runs.
	to_run: Option<Arc<JobSpec>>,
	since: Instant,
	progress: Progress,
	run_ms: u32,
}

impl Job {
	fn report(&self) -> JobReport {
		let (state, result, error) = match &self.progress {
			Progress::Queued => (JobState::Queued, None, None),
			Progress::Running => (JobState::Running, None, None),
			Progress::Done(result) => (JobState::Done, Some(result.clone()), None),
			Progress::Failed(failure) => (JobState::Failed, None, Some(failure.clone())),
		};
		JobReport {
			id: self.spec.id(),
			state,
			result,
			error,
			run_ms: self.run_ms,
		}
	}
}

/// An attempt that was just begun: its files are to be provided.
pub(crate) type Begun = (Attempt, Arc<CorpusSpec>);

/// An attempt to index a corpus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attempt {
	pub(crate) corpus: Hash256,
	number: u64,
}

/// A batch to embed.
#[derive(Debug)]
pub(crate) struct ToIndex {
	pub(crate) attempt: Attempt,
	pub(crate) batch: usize,
	pub(crate) summary: Summary,
	pub(crate) key: IndexKey,
}

/// Passages to be found for an answer.
#[derive(Debug)]
pub(crate) struct ToFind {
	pub(crate) spec: Arc<JobSpec>,
	pub(crate) corpus: Indexed,
	/// To whom they go.
	pub(crate) asker: mpsc::Sender<(Result<Passages, Failure>, Duration)>,
}

/// Passages with their places and similarities, nearest first.
pub(crate) type Passages = Vec<(Citation, String)>;

/// What the worker for searches is to do next.
#[derive(Debug)]
pub(crate) enum Work {
	Job(Arc<JobSpec>, Result<Indexed, Failure>),
	/// For the other worker, which waits for it.
	Find(ToFind),
	/// Start with this batch.
	Index(Box<ToIndex>),
	/// Go on with the batch in hand.
	GoOn,
	Stop,
}

/// A job for a language model, with its corpus if it has one.
type LanguageJob = (Arc<JobSpec>, Option<Result<Indexed, Failure>>);

/// What the worker for language models is to do next.
#[derive(Debug)]
pub(crate) enum LanguageWork {
	/// With the corpus, if it has one.
	Job(Arc<JobSpec>, Option<Result<Indexed, Failure>>),
	/// Nothing has come for a while.
	Rest,
	Stop,
}

#[derive(Debug, Default)]
struct Inner {
	corpora: HashMap<Hash256, Corpus>,
	jobs: HashMap<Hash256, Job>,
	queue: VecDeque<Hash256>,
	/// What the language models' worker waits for: one at most.
	to_find: Option<ToFind>,
	finished: VecDeque<(Instant, Hash256)>,
	stats: Stats,
	/// The graph of the language model that is loaded.
	loaded: Option<Hash256>,
	clock: u64,
	closing: bool,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct State {
	inner: Mutex<Inner>,
	wake: Condvar,
	engine: Mutex<Option<Arc<Engine>>>,
	engine_config: EngineConfig,
	capacity: usize,
	/// Ends the run that is under way.
	pub(crate) cancelled: Arc<AtomicBool>,
}

impl State {
	pub(crate) fn new(engine_config: EngineConfig, capacity: usize) -> Self {
		let inner = Inner {
			stats: Stats::new(),
			..Inner::default()
		};
		Self {
			inner: Mutex::new(inner),
			wake: Condvar::new(),
			engine: Mutex::new(None),
			engine_config,
			capacity,
			cancelled: Arc::default(),
		}
	}

	fn lock(&self) -> MutexGuard<'_, Inner> {
		self.inner.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// The engine; started now if it is not, so that a library that was missing can be put in place later.
	pub(crate) fn engine(&self) -> Result<Arc<Engine>, Failure> {
		let mut engine = self.engine.lock().unwrap_or_else(PoisonError::into_inner);
		match engine.as_ref() {
			Some(engine) => Ok(engine.clone()),
			None => Ok(engine
				.insert(Arc::new(Engine::start(self.engine_config.clone())?))
				.clone()),
		}
	}

	pub(crate) fn close(&self) {
		self.cancelled.store(true, Ordering::Relaxed);
		let mut inner = self.lock();
		inner.closing = true;
		// Nobody waits for what won't come.
		inner.to_find = None;
		drop(inner);
		self.wake.notify_all();
	}

	/// The engine, if it is started.
	fn started(&self) -> Option<Arc<Engine>> {
		let engine = self.engine.lock();
		engine.unwrap_or_else(PoisonError::into_inner).clone()
	}

	pub(crate) fn health(&self) -> Health {
		let engine = self.started();
		let provider = engine
			.as_ref()
			.map(|engine| engine.provider())
			.unwrap_or(ProviderStatus {
				requested: self.engine_config.provider,
				in_use: InUse::Cpu,
				fallback_reason: Some("ONNX Runtime is not loaded".into()),
			});
		let inner = self.lock();
		let mut corpora: Vec<_> = inner
			.corpora
			.iter()
			.map(|(id, corpus)| CorpusHealth {
				id: *id,
				state: corpus.state(),
				done: corpus.done(),
				total: corpus.spec.rows(),
			})
			.collect();
		corpora.sort_by_key(|corpus| corpus.id);
		Health {
			version: env!("CARGO_PKG_VERSION"),
			onnxruntime: engine.map(|engine| engine.version().to_owned()),
			provider,
			threads: self.engine_config.threads,
			queue: QueueHealth {
				depth: inner.queue.len(),
				capacity: self.capacity,
			},
			corpora,
			jobs: inner.stats.job_counts(),
			generation: GenerationHealth {
				loaded: inner.loaded,
				prompt_tokens: inner.stats.generation.prompt_tokens,
				tokens: inner.stats.generation.tokens,
				run_ms: inner.stats.generation.run_us / 1_000,
			},
		}
	}

	/// What was counted, with how it stands now.
	pub(crate) fn stats(&self) -> Stats {
		let engine = self.started();
		let provider = engine
			.as_ref()
			.map_or(InUse::Cpu, |engine| engine.provider().in_use);
		let inner = self.lock();
		let mut stats = inner.stats.clone();
		stats.onnxruntime = engine.map(|engine| engine.version().to_owned());
		stats.provider = provider.to_string();
		stats.resident_bytes = resident_bytes();
		stats.queue_capacity = self.capacity as u64;
		for job in inner.queue.iter().filter_map(|id| inner.jobs.get(id)) {
			stats
				.jobs
				.entry(job.spec.as_ref().into())
				.or_default()
				.queued += 1;
		}
		for corpus in inner.corpora.values() {
			*match corpus.state() {
				CorpusState::Indexing => &mut stats.corpora.indexing,
				CorpusState::Ready => &mut stats.corpora.ready,
				CorpusState::Failed => &mut stats.corpora.failed,
			} += 1;
		}
		stats
	}

	/// Notes a corpus. What is returned besides the report is the attempt to start, if one is due.
	pub(crate) fn put_corpus(
		&self,
		id: Hash256,
		spec: CorpusSpec,
	) -> Result<(CorpusReport, Option<Begun>), Refusal> {
		let mut guard = self.lock();
		let inner = &mut *guard;
		if inner.closing {
			return Err(Refusal::Closing);
		}
		inner.clock += 1;
		let now = inner.clock;
		if !inner.corpora.contains_key(&id) && inner.corpora.len() >= MAX_CORPORA {
			inner.forget_a_corpus().ok_or(Refusal::QueueFull)?;
		}
		let corpus = inner.corpora.entry(id).or_insert_with(|| Corpus {
			spec: Arc::new(spec.clone()),
			stages: Vec::new(),
			ready: None,
			failure: None,
			attempt: 0,
			used: now,
		});
		if *corpus.spec != spec {
			return Err(Refusal::Conflict("a corpus with this id has other content"));
		}
		corpus.used = now;
		let due = corpus.attempt == 0 || corpus.failure.is_some();
		let begun = due.then(|| corpus.begin(id, now));
		Ok((corpus.report(id), begun))
	}

	pub(crate) fn corpus(&self, id: &Hash256) -> Option<CorpusReport> {
		self.lock().corpora.get(id).map(|corpus| corpus.report(*id))
	}

	/// Whether `attempt` is still the one that counts.
	pub(crate) fn is_wanted(&self, attempt: &Attempt) -> bool {
		let mut inner = self.lock();
		!inner.closing && inner.attempt(attempt).is_some()
	}

	/// Batch number `batch` of the attempt is there to be embedded.
	pub(crate) fn provided(
		&self,
		attempt: &Attempt,
		batch: usize,
		summary: Summary,
		key: IndexKey,
	) {
		self.set_stage(attempt, batch, Stage::Provided(summary, key));
	}

	pub(crate) fn embedded(&self, attempt: &Attempt, batch: usize, rows: u32) {
		self.set_stage(attempt, batch, Stage::Embedding(rows));
	}

	pub(crate) fn indexed(&self, attempt: &Attempt, batch: usize, index: IndexFile) {
		self.set_stage(attempt, batch, Stage::Indexed(index));
	}

	fn set_stage(&self, attempt: &Attempt, batch: usize, stage: Stage) {
		let mut inner = self.lock();
		let Some(corpus) = inner.attempt(attempt) else {
			return;
		};
		let Some(place) = corpus.stages.get_mut(batch) else {
			return;
		};
		let wakes = !matches!(stage, Stage::Embedding(_));
		*place = stage;
		let indexed: Option<Vec<_>> = corpus
			.stages
			.iter()
			.zip(&corpus.spec.batches)
			.map(|(stage, batch)| match stage {
				Stage::Indexed(index) => Some((batch.batch, index.clone())),
				_ => None,
			})
			.collect();
		if let Some(indexed) = indexed {
			tracing::info!(
				"corpus {} is ready: {} batches, {} rows",
				attempt.corpus,
				corpus.spec.batches.len(),
				corpus.spec.rows()
			);
			corpus.ready = Some(Arc::new(indexed));
		}
		if wakes {
			self.wake.notify_all();
		}
	}

	pub(crate) fn fail_corpus(&self, attempt: &Attempt, failure: Failure) {
		let mut inner = self.lock();
		let Some(corpus) = inner.attempt(attempt) else {
			return;
		};
		match failure.code.advice() {
			Some(advice) => tracing::warn!("corpus {} failed: {failure}; {advice}", attempt.corpus),
			None => tracing::warn!("corpus {} failed: {failure}", attempt.corpus),
		}
		corpus.failure = Some((Instant::now(), failure));
		self.wake.notify_all();
	}

	/// Takes a job. Whether it is new, how far it is, and the attempt to start, if its corpus is due for one.
	pub(crate) fn submit(
		&self,
		spec: JobSpec,
	) -> Result<(bool, JobReport, Option<Begun>), Refusal> {
		let mut guard = self.lock();
		let inner = &mut *guard;
		inner.expire(Instant::now());
		let id = spec.id();
		if let Some(job) = inner.jobs.get(&id) {
			if *job.spec != spec {
				return Err(Refusal::Conflict("a job with this id has other content"));
			}
			return Ok((false, job.report(), None));
		}
		if inner.closing {
			return Err(Refusal::Closing);
		}
		inner.clock += 1;
		let now = inner.clock;
		// Inputs that are slow to come keep no others waiting.
		let fetching = if spec.fetches() { inner.fetching() } else { 0 };
		let mut corpus = None;
		let mut indexing = false;
		if let (Some(id), Some(embedder)) = (spec.corpus(), spec.embedder()) {
			let found = inner.corpora.get_mut(id).ok_or(Refusal::UnknownCorpus)?;
			if found.spec.model() != embedder {
				return Err(Refusal::BadRequest(
					"the corpus is indexed by another graph or tokenizer than the job's".into(),
				));
			}
			if matches!(spec, JobSpec::Answer(_)) && !found.spec.texts {
				return Err(Refusal::BadRequest(
					"the corpus has no texts: put one that has".into(),
				));
			}
			found.used = now;
			indexing = found.state() == CorpusState::Indexing;
			corpus = Some((*id, found));
		}
		let half = self.capacity.div_ceil(2);
		let waiting = |likewise: &dyn Fn(&JobSpec) -> bool| {
			let jobs = inner.queue.iter().filter_map(|id| inner.jobs.get(id));
			jobs.filter(|job| likewise(&job.spec)).count()
		};
		// Jobs that wait for one corpus, or for the language model, leave room for others.
		let for_a_corpus =
			indexing && waiting(&|other: &JobSpec| other.corpus() == spec.corpus()) >= half;
		let for_a_model = !indexing
			&& spec.is_language()
			&& waiting(&|other: &JobSpec| other.is_language()) >= half;
		if inner.queue.len() >= self.capacity
			|| for_a_corpus
			|| for_a_model
			|| inner.finished.len() >= MAX_FINISHED
			|| fetching >= self.capacity.div_ceil(4)
		{
			inner.stats.refused((&spec).into());
			return Err(Refusal::QueueFull);
		}
		let begun = corpus.and_then(|(id, corpus)| {
			corpus
				.failure
				.as_ref()
				.is_some_and(|(when, _)| when.elapsed() >= RETRY)
				.then(|| corpus.begin(id, now))
		});
		let fetches = spec.fetches();
		let spec = Arc::new(spec);
		let job = Job {
			to_run: (!fetches).then(|| spec.clone()),
			spec,
			since: Instant::now(),
			progress: Progress::Queued,
			run_ms: 0,
		};
		let report = job.report();
		inner.jobs.insert(id, job);
		inner.queue.push_back(id);
		self.wake.notify_all();
		Ok((true, report, begun))
	}

	pub(crate) fn job(&self, id: &Hash256) -> Option<JobReport> {
		let mut inner = self.lock();
		inner.expire(Instant::now());
		inner.jobs.get(id).map(Job::report)
	}

	/// A job runs from now on that no worker takes off the queue.
	pub(crate) fn begin(&self, id: &Hash256) {
		let mut inner = self.lock();
		if let Some(place) = inner.queue.iter().position(|queued| queued == id) {
			inner.start(place);
		}
	}

	/// The input of a job is there, or can't be had.
	pub(crate) fn input_fetched(&self, id: &Hash256, input: Result<Vec<u8>, Failure>) {
		let input = match input {
			Ok(input) => input,
			Err(failure) => {
				self.begin(id);
				return self.finish_job(id, Err(failure), Duration::ZERO);
			}
		};
		if let Some(job) = self.lock().jobs.get_mut(id) {
			job.to_run = Some(Arc::new(job.spec.with_input(input)));
		}
		self.wake.notify_all();
	}

	pub(crate) fn finish_job(
		&self,
		id: &Hash256,
		outcome: Result<JobResult, Failure>,
		took: Duration,
	) {
		let mut guard = self.lock();
		let inner = &mut *guard;
		let Some(job) = inner.jobs.get_mut(id) else {
			return;
		};
		job.run_ms = u32::try_from(took.as_millis()).unwrap_or(u32::MAX);
		inner.stats.ended(job.spec.as_ref().into(), &outcome, took);
		job.progress = match outcome {
			Ok(result) => {
				tracing::debug!("job {id} is done in {} ms", job.run_ms);
				Progress::Done(result)
			}
			Err(failure) => {
				match failure.code.advice() {
					Some(advice) => tracing::warn!("job {id} failed: {failure}; {advice}"),
					None => tracing::warn!("job {id} failed: {failure}"),
				}
				Progress::Failed(failure)
			}
		};
		inner.finished.push_back((Instant::now(), *id));
	}

	/// Waits for something to do. What the other worker waits for comes first, then jobs whose corpus is
	/// ready; but after one of them indexing has a turn, so that neither stops the other. `in_hand`: a batch is being indexed.
	pub(crate) fn next(&self, in_hand: bool, after_a_job: bool) -> Work {
		let mut inner = self.lock();
		loop {
			if inner.closing {
				return Work::Stop;
			}
			if after_a_job {
				if let Some(work) = inner.next_index(in_hand) {
					return work;
				}
			}
			if let Some(to_find) = inner.to_find.take() {
				return Work::Find(to_find);
			}
			if let Some(work) = inner.next_job() {
				return work;
			}
			if let Some(work) = inner.next_index(in_hand) {
				return work;
			}
			inner = self
				.wake
				.wait(inner)
				.unwrap_or_else(PoisonError::into_inner);
		}
	}

	/// Waits for a job for a language model; no longer than `patience`, if that is given.
	pub(crate) fn next_language(&self, patience: Option<Duration>) -> LanguageWork {
		let deadline = patience.and_then(|patience| Instant::now().checked_add(patience));
		let mut inner = self.lock();
		loop {
			if inner.closing {
				return LanguageWork::Stop;
			}
			if let Some((spec, corpus)) = inner.next_language_job() {
				return LanguageWork::Job(spec, corpus);
			}
			inner = match deadline {
				None => self
					.wake
					.wait(inner)
					.unwrap_or_else(PoisonError::into_inner),
				Some(deadline) => {
					let left = deadline.saturating_duration_since(Instant::now());
					if left.is_zero() {
						return LanguageWork::Rest;
					}
					self.wake
						.wait_timeout(inner, left)
						.unwrap_or_else(PoisonError::into_inner)
						.0
				}
			};
		}
	}

	/// Has the worker for searches find the passages for an answer, and waits for them. Also how long that
	/// took.
	pub(crate) fn passages(
		&self,
		spec: &Arc<JobSpec>,
		corpus: Indexed,
	) -> (Result<Passages, Failure>, Duration) {
		let found = {
			// If nobody takes the question, it is dropped here, and there is nothing to wait for.
			let (asker, found) = mpsc::channel();
			let mut inner = self.lock();
			if !inner.closing {
				inner.to_find = Some(ToFind {
					spec: spec.clone(),
					corpus,
					asker,
				});
			}
			found
		};
		self.wake.notify_all();
		found.recv().unwrap_or_else(|_| {
			let failure = Failure::internal("the service stopped before the passages were found");
			(Err(failure), Duration::ZERO)
		})
	}

	/// A file of a corpus that was ready is gone: it is to be provided again.
	pub(crate) fn lost(&self, corpus: &Hash256, failure: &Failure) {
		let mut inner = self.lock();
		if let Some(corpus) = inner.corpora.get_mut(corpus) {
			corpus.ready = None;
			corpus.failure = Some((Instant::now(), failure.clone()));
		}
		self.wake.notify_all();
	}

	/// Notes that a language model was loaded in place of any other, and how long that took.
	pub(crate) fn language_model_loaded(&self, graph: Hash256, took: Duration) {
		let mut inner = self.lock();
		inner.loaded = Some(graph);
		inner.stats.language_models.load(1, took);
	}

	/// Notes that no language model is loaded.
	pub(crate) fn language_model_unloaded(&self) {
		let mut inner = self.lock();
		inner.loaded = None;
		inner.stats.language_models.loaded = 0;
	}

	/// Notes that a model that embeds was loaded, how many are now, and how long it took.
	pub(crate) fn embedder_loaded(&self, loaded: usize, took: Duration) {
		self.lock().stats.embedders.load(loaded, took);
	}

	/// Notes that no model that embeds is loaded.
	pub(crate) fn embedders_unloaded(&self) {
		self.lock().stats.embedders.loaded = 0;
	}
}

impl Inner {
	fn attempt(&mut self, attempt: &Attempt) -> Option<&mut Corpus> {
		self.corpora.get_mut(&attempt.corpus).filter(|corpus| {
			corpus.attempt == attempt.number && corpus.failure.is_none() && corpus.ready.is_none()
		})
	}

	/// The next search.
	fn next_job(&mut self) -> Option<Work> {
		let (place, corpus) = self.runnable(|spec| !spec.is_language())?;
		let corpus = corpus?;
		Some(Work::Job(self.start(place)?, corpus))
	}

	fn next_language_job(&mut self) -> Option<LanguageJob> {
		let (place, corpus) = self.runnable(JobSpec::is_language)?;
		Some((self.start(place)?, corpus))
	}

	/// The place in the queue of the first such job that waits for nothing, with its corpus, if it has one.
	fn runnable(
		&self,
		such: impl Fn(&JobSpec) -> bool,
	) -> Option<(usize, Option<Result<Indexed, Failure>>)> {
		self.queue.iter().enumerate().find_map(|(place, id)| {
			let job = self.jobs.get(id).filter(|job| job.to_run.is_some())?;
			if !such(&job.spec) {
				return None;
			}
			let Some(corpus) = job.spec.corpus() else {
				return Some((place, None));
			};
			let corpus = match self.corpora.get(corpus) {
				Some(Corpus {
					failure: Some((_, failure)),
					..
				}) => Err(failure.clone()),
				Some(Corpus {
					ready: Some(indexed),
					..
				}) => Ok(indexed.clone()),
				Some(_) => return None,
				None => Err(Failure::internal("the corpus has been forgotten")),
			};
			Some((place, Some(corpus)))
		})
	}

	/// How many jobs wait for their inputs.
	fn fetching(&self) -> usize {
		self.queue
			.iter()
			.filter_map(|id| self.jobs.get(id))
			.filter(|job| job.to_run.is_none())
			.count()
	}

	/// Takes the job at that place off the queue to be run.
	fn start(&mut self, place: usize) -> Option<Arc<JobSpec>> {
		let id = self.queue.remove(place)?;
		let job = self.jobs.get_mut(&id)?;
		job.progress = Progress::Running;
		self.stats
			.started(job.spec.as_ref().into(), job.since.elapsed());
		job.to_run.take()
	}

	fn next_index(&mut self, in_hand: bool) -> Option<Work> {
		if in_hand {
			return Some(Work::GoOn);
		}
		let awaited: Vec<_> = self
			.queue
			.iter()
			.filter_map(|id| self.jobs.get(id))
			.filter_map(|job| job.spec.corpus().copied())
			.collect();
		self.corpora
			.iter()
			.filter(|(_, corpus)| corpus.state() == CorpusState::Indexing)
			.filter_map(|(id, corpus)| {
				corpus
					.stages
					.iter()
					.enumerate()
					.find_map(|(batch, stage)| match stage {
						Stage::Provided(summary, key) => Some((
							(!awaited.contains(id), corpus.attempt),
							ToIndex {
								attempt: Attempt {
									corpus: *id,
									number: corpus.attempt,
								},
								batch,
								summary: *summary,
								key: key.clone(),
							},
						)),
						_ => None,
					})
			})
			.min_by_key(|(rank, _)| *rank)
			.map(|(_, to_index)| Work::Index(Box::new(to_index)))
	}

	fn expire(&mut self, now: Instant) {
		while let Some((finished, id)) = self.finished.front() {
			if now.saturating_duration_since(*finished) < KEEP {
				break;
			}
			self.jobs.remove(id);
			self.finished.pop_front();
		}
	}

	/// Makes room by forgetting the corpus that has not been used for longest and that nothing waits for.
	fn forget_a_corpus(&mut self) -> Option<()> {
		let awaited: Vec<_> = self
			.queue
			.iter()
			.filter_map(|id| self.jobs.get(id))
			.filter_map(|job| job.spec.corpus().copied())
			.collect();
		let id = *self
			.corpora
			.iter()
			.filter(|(id, corpus)| corpus.state() != CorpusState::Indexing && !awaited.contains(id))
			.min_by_key(|(_, corpus)| corpus.used)?
			.0;
		self.corpora.remove(&id);
		Some(())
	}
}

#[cfg(test)]
mod tests {
	use std::path::PathBuf;

	use super::*;
	use crate::{
		engine::{Finish, Provider, Sampler},
		error::ErrorCode,
		service::types::{AnswerSpec, GenerateSpec, Input, Output, SearchSpec},
	};

	fn state(capacity: usize) -> State {
		let config = EngineConfig {
			library: None,
			models: PathBuf::new(),
			provider: Provider::Cpu,
			threads: 1,
		};
		State::new(config, capacity)
	}

	fn hash(n: u64) -> Hash256 {
		Hash256::sha256(&n.to_le_bytes())
	}

	fn spec(batches: usize) -> CorpusSpec {
		CorpusSpec {
			graph: hash(100),
			tokenizer: hash(101),
			batches: (0..batches)
				.map(|n| super::super::types::BatchSpec {
					batch: n as u64,
					content: hash(n as u64),
					root: hash(n as u64),
					rows: 1,
					bytes: 1,
					locator: String::new(),
				})
				.collect(),
			texts: true,
		}
	}

	fn job(id: u64, corpus: Hash256) -> JobSpec {
		JobSpec::Search(SearchSpec {
			id: hash(id),
			graph: hash(100),
			tokenizer: hash(101),
			corpus,
			input: Input::Inline(b"x".to_vec()),
			top_k: 1,
			max_run_ms: 1,
		})
	}

	#[test]
	fn a_corpus_that_is_waited_for_leaves_room_for_others() {
		let state = state(4);
		let (slow, quick) = (hash(1), hash(2));
		state.put_corpus(slow, spec(1)).unwrap();
		state.put_corpus(quick, spec(0)).unwrap();
		state.submit(job(10, slow)).unwrap();
		state.submit(job(11, slow)).unwrap();
		assert_eq!(state.submit(job(12, slow)).unwrap_err(), Refusal::QueueFull);
		state.submit(job(13, quick)).unwrap();
		state.submit(job(14, quick)).unwrap();
		assert_eq!(
			state.submit(job(15, quick)).unwrap_err(),
			Refusal::QueueFull
		);
		assert!(
			matches!(state.next(false, false), Work::Job(spec, Ok(_)) if spec.id() == hash(13))
		);
		// The known ones are answered even then.
		assert!(!state.submit(job(10, slow)).unwrap().0);
	}

	#[test]
	fn prompts_wait_apart_from_searches() {
		let prompt = |id| {
			JobSpec::Generate(GenerateSpec {
				id: hash(id),
				graph: hash(200),
				tokenizer: hash(201),
				generation: hash(202),
				input: Input::Inline(b"x".to_vec()),
				max_tokens: 1,
				sampler: Sampler::Greedy,
				max_run_ms: 1,
			})
		};
		let state = state(4);
		state.put_corpus(hash(2), spec(0)).unwrap();
		assert!(state.submit(prompt(10)).unwrap().0);
		assert!(!state.submit(prompt(10)).unwrap().0);
		state.submit(prompt(11)).unwrap();
		assert_eq!(state.submit(prompt(12)).unwrap_err(), Refusal::QueueFull);
		state.submit(job(20, hash(2))).unwrap();
		assert!(matches!(state.next(false, false), Work::Job(spec, _) if spec.id() == hash(20)));
		for id in [10, 11] {
			let work = state.next_language(None);
			assert!(matches!(work, LanguageWork::Job(spec, None) if spec.id() == hash(id)));
			assert_eq!(state.job(&hash(id)).unwrap().state, JobState::Running);
		}
		let start = Instant::now();
		let work = state.next_language(Some(Duration::from_millis(50)));
		assert!(matches!(work, LanguageWork::Rest));
		assert!(start.elapsed() >= Duration::from_millis(50));
		let answer = JobResult::Generated {
			output: Output::Inline(Vec::new()),
			tokens: vec![1, 2, 3],
			prompt_tokens: 30,
			finish: Finish::Length,
			fingerprint: Vec::new(),
		};
		state.finish_job(&hash(10), Ok(answer), Duration::from_millis(40));
		let generation = state.health().generation;
		assert_eq!(
			(
				generation.tokens,
				generation.prompt_tokens,
				generation.run_ms
			),
			(3, 30, 40)
		);
		state.close();
		assert!(matches!(state.next_language(None), LanguageWork::Stop));
	}

	fn question(id: u64, corpus: Hash256) -> JobSpec {
		JobSpec::Answer(AnswerSpec {
			id: hash(id),
			graph: hash(200),
			tokenizer: hash(201),
			generation: hash(202),
			retriever: hash(100),
			retriever_tokenizer: hash(101),
			corpus,
			input: Input::Inline(b"x".to_vec()),
			top_k: 1,
			max_tokens: 1,
			sampler: Sampler::Greedy,
			max_run_ms: 1,
		})
	}

	#[test]
	fn questions_wait_for_their_corpus_and_for_the_language_model() {
		let state = state(6);
		let (slow, quick) = (hash(1), hash(2));
		let (_, begun) = state.put_corpus(slow, spec(1)).unwrap();
		state.put_corpus(quick, spec(0)).unwrap();
		for id in 10..13 {
			state.submit(question(id, slow)).unwrap();
		}
		// Others are not kept out by those that wait for the one corpus, unless they wait for it too.
		for spec in [question(13, slow), job(13, slow)] {
			assert_eq!(state.submit(spec).unwrap_err(), Refusal::QueueFull);
		}
		let rest = state.next_language(Some(Duration::ZERO));
		assert!(matches!(rest, LanguageWork::Rest));
		state.submit(job(14, quick)).unwrap();
		assert!(matches!(state.next(false, false), Work::Job(spec, _) if spec.id() == hash(14)));
		// The corpus fails, and so do its questions; a question for another one waits for its turn only.
		let failure = Failure::new(ErrorCode::DataUnavailable, "not there");
		state.fail_corpus(&begun.unwrap().0, failure);
		for id in 10..13 {
			let work = state.next_language(None);
			assert!(matches!(work, LanguageWork::Job(spec, Some(Err(_))) if spec.id() == hash(id)));
		}
		for id in 20..23 {
			state.submit(question(id, quick)).unwrap();
		}
		assert_eq!(
			state.submit(question(23, quick)).unwrap_err(),
			Refusal::QueueFull
		);
		let work = state.next_language(None);
		assert!(matches!(work, LanguageWork::Job(spec, Some(Ok(_))) if spec.id() == hash(20)));

		let vectors = CorpusSpec {
			texts: false,
			..spec(0)
		};
		state.put_corpus(hash(3), vectors).unwrap();
		assert!(matches!(
			state.submit(question(30, hash(3))),
			Err(Refusal::BadRequest(_))
		));
	}

	#[test]
	fn one_worker_finds_what_the_other_waits_for() {
		let state = state(4);
		state.put_corpus(hash(2), spec(0)).unwrap();
		state.submit(job(10, hash(2))).unwrap();
		let spec = Arc::new(question(11, hash(2)));
		let ask = || state.passages(&spec, Arc::default());
		std::thread::scope(|scope| {
			let asked = scope.spawn(ask);
			// Before the search that waited already; here it may be late.
			let to_find = loop {
				match state.next(true, false) {
					Work::Find(to_find) => break to_find,
					_ => continue,
				}
			};
			assert_eq!(to_find.spec, spec);
			let second = Duration::from_secs(1);
			to_find.asker.send((Ok(Vec::new()), second)).unwrap();
			assert_eq!(asked.join().unwrap(), (Ok(Vec::new()), second));
			// A worker that is gone, and one that will be.
			let asked = scope.spawn(ask);
			loop {
				if let Work::Find(to_find) = state.next(true, false) {
					drop(to_find);
					break;
				}
			}
			assert!(asked.join().unwrap().0.is_err());
			let asked = scope.spawn(ask);
			state.close();
			assert!(asked.join().unwrap().0.is_err());
		});
	}

	#[test]
	fn a_corpus_that_lost_a_file_is_begun_again() {
		let state = state(4);
		state.put_corpus(hash(2), spec(0)).unwrap();
		assert_eq!(state.corpus(&hash(2)).unwrap().state, CorpusState::Ready);
		let failure = Failure::new(ErrorCode::DataUnavailable, "gone");
		state.lost(&hash(2), &failure);
		let report = state.corpus(&hash(2)).unwrap();
		assert_eq!(
			(report.state, report.error),
			(CorpusState::Failed, Some(failure))
		);
		let (report, begun) = state.put_corpus(hash(2), spec(0)).unwrap();
		assert_eq!(report.state, CorpusState::Ready);
		assert!(begun.is_some());
	}

	#[test]
	fn indexing_has_a_turn_after_a_job() {
		let state = state(4);
		state.put_corpus(hash(2), spec(0)).unwrap();
		state.submit(job(10, hash(2))).unwrap();
		state.submit(job(11, hash(2))).unwrap();
		assert!(matches!(state.next(true, false), Work::Job(..)));
		assert!(matches!(state.next(true, true), Work::GoOn));
		assert!(matches!(state.next(true, false), Work::Job(..)));
		assert!(matches!(state.next(true, false), Work::GoOn));
		state.close();
		assert!(matches!(state.next(true, false), Work::Stop));
	}

	#[test]
	fn what_an_earlier_attempt_says_is_ignored() {
		let state = state(4);
		let (_, first) = state.put_corpus(hash(1), spec(1)).unwrap();
		let (first, _) = first.unwrap();
		assert!(state.put_corpus(hash(1), spec(1)).unwrap().1.is_none());
		state.fail_corpus(
			&first,
			Failure::new(ErrorCode::DataUnavailable, "not there"),
		);
		assert!(!state.is_wanted(&first));
		let report = state.corpus(&hash(1)).unwrap();
		assert_eq!(report.state, CorpusState::Failed);
		assert_eq!(report.error.unwrap().code, ErrorCode::DataUnavailable);

		let (report, second) = state.put_corpus(hash(1), spec(1)).unwrap();
		assert_eq!(report.state, CorpusState::Indexing);
		state.fail_corpus(&first, Failure::internal("late"));
		assert_eq!(state.corpus(&hash(1)).unwrap().state, CorpusState::Indexing);
		assert!(state.is_wanted(&second.unwrap().0));
		assert!(matches!(
			state.put_corpus(hash(1), spec(2)),
			Err(Refusal::Conflict(_))
		));
	}

	#[test]
	fn a_job_tries_a_corpus_again_that_failed_long_ago() {
		let state = state(8);
		let (_, begun) = state.put_corpus(hash(1), spec(1)).unwrap();
		state.fail_corpus(
			&begun.unwrap().0,
			Failure::new(ErrorCode::DataUnavailable, "not there"),
		);
		let (_, _, begun) = state.submit(job(10, hash(1))).unwrap();
		assert!(begun.is_none());
		assert!(matches!(state.next(false, false), Work::Job(_, Err(_))));

		let long_ago = Instant::now().checked_sub(RETRY).unwrap();
		state
			.lock()
			.corpora
			.get_mut(&hash(1))
			.unwrap()
			.failure
			.as_mut()
			.unwrap()
			.0 = long_ago;
		let (_, report, begun) = state.submit(job(11, hash(1))).unwrap();
		assert_eq!(report.state, JobState::Queued);
		assert!(state.is_wanted(&begun.unwrap().0));
		assert_eq!(state.corpus(&hash(1)).unwrap().state, CorpusState::Indexing);
	}

	#[test]
	fn the_corpus_unused_for_longest_is_forgotten_first() {
		let state = state(4);
		for n in 0..MAX_CORPORA as u64 {
			state.put_corpus(hash(n), spec(0)).unwrap();
		}
		state.submit(job(1000, hash(0))).unwrap();
		state.put_corpus(hash(2000), spec(0)).unwrap();
		assert!(state.corpus(&hash(0)).is_some());
		assert!(state.corpus(&hash(1)).is_none());
		assert_eq!(
			state.submit(job(1001, hash(1))).unwrap_err(),
			Refusal::UnknownCorpus
		);
	}

	#[test]
	fn finished_jobs_expire() {
		let state = state(4);
		state.put_corpus(hash(2), spec(0)).unwrap();
		state.submit(job(10, hash(2))).unwrap();
		assert!(matches!(state.next(false, false), Work::Job(..)));
		let found = JobResult::Found {
			citations: Vec::new(),
		};
		state.finish_job(&hash(10), Ok(found), Duration::from_millis(3));
		let report = state.job(&hash(10)).unwrap();
		assert_eq!((report.state, report.run_ms), (JobState::Done, 3));
		let now = Instant::now();
		state.lock().expire(now + KEEP - Duration::from_secs(1));
		assert!(state.job(&hash(10)).is_some());
		state.lock().expire(now + KEEP + Duration::from_secs(1));
		assert!(state.job(&hash(10)).is_none());
		// Long after, the same id is a new job.
		assert!(state.submit(job(10, hash(2))).unwrap().0);
	}
}
