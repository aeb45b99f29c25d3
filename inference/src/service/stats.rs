//! What the service counts for monitors: `GET /v1/stats`.

use std::{
	collections::BTreeMap,
	fs,
	time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

use super::types::{JobCounts, JobResult, JobSpec};
use crate::error::{ErrorCode, Failure};

/// Upper bounds of the buckets that times are sorted into, in milliseconds.
pub const BOUNDS_MS: [u64; 13] = [
	5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000,
];

/// What a job is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
	/// Finding passages.
	Search,
	/// Answering a prompt.
	Generate,
	/// Checking an answer.
	Verify,
	/// Answering a question from passages.
	Answer,
	/// Comparing two adapters.
	Compare,
}

impl JobKind {
	/// All of them.
	pub const ALL: [Self; 5] = [
		Self::Search,
		Self::Generate,
		Self::Verify,
		Self::Answer,
		Self::Compare,
	];

	/// The kind as it is spelled in JSON.
	pub fn as_str(&self) -> &'static str {
		match self {
			Self::Search => "search",
			Self::Generate => "generate",
			Self::Verify => "verify",
			Self::Answer => "answer",
			Self::Compare => "compare",
		}
	}
}

impl From<&JobSpec> for JobKind {
	fn from(spec: &JobSpec) -> Self {
		match spec {
			JobSpec::Search(_) => Self::Search,
			JobSpec::Generate(_) => Self::Generate,
			JobSpec::Verify(_) => Self::Verify,
			JobSpec::Answer(_) => Self::Answer,
			JobSpec::Compare(_) => Self::Compare,
		}
	}
}

/// How long something took, each time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
	/// Upper bounds of the buckets, ascending, in milliseconds.
	pub bounds_ms: Vec<u64>,
	/// How many took longer than the bound before and at most this one; one more at the end, for those
	/// that took longer than the last bound.
	pub counts: Vec<u64>,
	/// All of them together, in microseconds.
	pub sum_us: u64,
}

impl Default for Times {
	fn default() -> Self {
		Self {
			bounds_ms: BOUNDS_MS.to_vec(),
			counts: vec![0; BOUNDS_MS.len() + 1],
			sum_us: 0,
		}
	}
}

impl Times {
	/// Takes note of one more.
	pub fn add(&mut self, time: Duration) {
		let place = self
			.bounds_ms
			.partition_point(|bound| Duration::from_millis(*bound) < time);
		if let Some(count) = self.counts.get_mut(place) {
			*count += 1;
		}
		self.sum_us += micros(time);
	}

	/// How many there are.
	pub fn count(&self) -> u64 {
		self.counts.iter().sum()
	}
}

/// The jobs of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct JobStats {
	/// How many wait now.
	pub queued: u64,
	/// How many run now.
	pub running: u64,
	/// How many were turned away because the queue was full.
	pub refused: u64,
	/// How many ended with a result.
	pub done: u64,
	/// How many ended with an error, by its code.
	pub failed: BTreeMap<String, u64>,
	/// From submission to the start of the run.
	pub waited: Times,
	/// From the start of the run to its end, without loading a language model.
	pub ran: Times,
}

/// The work of language models on prompts that they answered: those that are answered from passages are
/// not among them, as their runs are for the most part not generation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GenerationStats {
	/// Tokens of prompts.
	pub prompt_tokens: u64,
	/// Tokens of answers.
	pub tokens: u64,
	/// For both, in microseconds.
	pub run_us: u64,
	/// Tokens of the latest answer.
	pub last_tokens: u64,
	/// For it and its prompt, in microseconds.
	pub last_run_us: u64,
}

/// Models of one sort.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelStats {
	/// How many are loaded now.
	pub loaded: u64,
	/// How often one was loaded.
	pub loads: u64,
	/// For that, in microseconds.
	pub load_us: u64,
}

/// How many corpora are how far now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CorpusCounts {
	/// Files are being fetched, checked and embedded.
	pub indexing: u64,
	/// Jobs are being served.
	pub ready: u64,
	/// They could not be indexed.
	pub failed: u64,
}

/// What happened since the start of the service, and how it stands now. New fields may come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stats {
	/// When the service started, in milliseconds since 1970. If it is another moment than before, all
	/// that is counted began anew.
	pub started_ms: u64,
	/// This crate's version.
	pub version: String,
	/// ONNX Runtime's version; `None` while it can't be loaded.
	pub onnxruntime: Option<String>,
	/// The execution provider in use: `cpu` or `cuda`.
	pub provider: String,
	/// The process's memory, in bytes; `None` where the system doesn't say.
	pub resident_bytes: Option<u64>,
	/// How many jobs may wait.
	pub queue_capacity: u64,
	/// The jobs, by kind.
	pub jobs: BTreeMap<JobKind, JobStats>,
	/// What was generated.
	pub generation: GenerationStats,
	/// Models that embed texts.
	pub embedders: ModelStats,
	/// Models that generate.
	pub language_models: ModelStats,
	/// The corpora.
	pub corpora: CorpusCounts,
}

impl Stats {
	/// Of a service that starts now. What can be counted is there from the start, with zero: monitors
	/// see an increase only of what they have seen before.
	pub(super) fn new() -> Self {
		let codes = ErrorCode::ALL.map(|code| (code.as_str().to_owned(), 0));
		let job = JobStats {
			failed: codes.into(),
			..JobStats::default()
		};
		let now = SystemTime::now().duration_since(UNIX_EPOCH);
		Self {
			started_ms: now.map_or(0, |now| micros(now) / 1_000),
			version: env!("CARGO_PKG_VERSION").into(),
			jobs: JobKind::ALL.map(|kind| (kind, job.clone())).into(),
			..Self::default()
		}
	}

	fn job(&mut self, kind: JobKind) -> &mut JobStats {
		self.jobs.entry(kind).or_default()
	}

	/// A job was turned away.
	pub(super) fn refused(&mut self, kind: JobKind) {
		self.job(kind).refused += 1;
	}

	/// A job begins to run.
	pub(super) fn started(&mut self, kind: JobKind, waited: Duration) {
		let job = self.job(kind);
		job.running += 1;
		job.waited.add(waited);
	}

	/// A job has run for `took`.
	pub(super) fn ended(
		&mut self,
		kind: JobKind,
		outcome: &Result<JobResult, Failure>,
		took: Duration,
	) {
		let job = self.job(kind);
		job.running = job.running.saturating_sub(1);
		job.ran.add(took);
		match outcome {
			Ok(result) => {
				job.done += 1;
				if let JobResult::Generated {
					prompt_tokens,
					tokens,
					..
				} = result
				{
					let generation = &mut self.generation;
					generation.last_tokens = tokens.len() as u64;
					generation.last_run_us = micros(took);
					generation.prompt_tokens += u64::from(*prompt_tokens);
					generation.tokens += generation.last_tokens;
					generation.run_us += generation.last_run_us;
				}
			}
			Err(failure) => *job.failed.entry(failure.code.as_str().into()).or_default() += 1,
		}
	}

	/// How jobs of all kinds ended.
	pub(super) fn job_counts(&self) -> JobCounts {
		JobCounts {
			done: self.jobs.values().map(|job| job.done).sum(),
			failed: self.jobs.values().flat_map(|job| job.failed.values()).sum(),
		}
	}
}

impl ModelStats {
	/// One was loaded, which took so long; `loaded` are now.
	pub(super) fn load(&mut self, loaded: usize, took: Duration) {
		self.loaded = loaded as u64;
		self.loads += 1;
		self.load_us += micros(took);
	}
}

/// This process's memory in bytes, where the system says it as Linux does.
pub(super) fn resident_bytes() -> Option<u64> {
	let status = fs::read_to_string("/proc/self/status").ok()?;
	let line = status
		.lines()
		.find_map(|line| line.strip_prefix("VmRSS:"))?;
	let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
	kibibytes.checked_mul(1_024)
}

fn micros(time: Duration) -> u64 {
	u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{engine::Finish, service::types::Output};

	#[test]
	fn times_are_in_the_bucket_that_they_do_not_exceed() {
		let mut times = Times::default();
		for ms in [0, 5, 6, 60_000, 60_001, 1_000_000] {
			times.add(Duration::from_millis(ms));
		}
		let mut expected = vec![0; BOUNDS_MS.len() + 1];
		expected[0] = 2;
		expected[1] = 1;
		expected[BOUNDS_MS.len() - 1] = 1;
		expected[BOUNDS_MS.len()] = 2;
		assert_eq!(times.counts, expected);
		assert_eq!(times.count(), 6);
		assert_eq!(times.sum_us, 1_120_012_000);
	}

	#[test]
	fn the_two_spellings_agree() {
		for kind in JobKind::ALL {
			assert_eq!(
				serde_json::to_string(&kind).unwrap(),
				format!("\"{}\"", kind.as_str())
			);
		}
	}

	#[test]
	fn jobs_are_counted_by_kind_and_code() {
		let mut stats = Stats::new();
		assert_eq!(stats.jobs.len(), JobKind::ALL.len());
		let codes = stats.jobs[&JobKind::Verify].failed.len();
		assert_eq!(codes, ErrorCode::ALL.len(), "each begins with zero");

		let second = Duration::from_secs(1);
		let answer = |tokens| {
			Ok(JobResult::Generated {
				output: Output::Inline(Vec::new()),
				tokens: vec![7; tokens],
				prompt_tokens: 30,
				finish: Finish::Length,
				fingerprint: Vec::new(),
			})
		};
		for outcome in [
			answer(20),
			answer(10),
			Err(Failure::new(ErrorCode::OutOfTime, "too slow")),
		] {
			stats.started(JobKind::Generate, second);
			assert_eq!(stats.jobs[&JobKind::Generate].running, 1);
			stats.ended(JobKind::Generate, &outcome, second);
		}
		stats.refused(JobKind::Search);

		let job = &stats.jobs[&JobKind::Generate];
		assert_eq!(
			(job.running, job.done, job.failed["out_of_time"]),
			(0, 2, 1)
		);
		assert_eq!((job.waited.count(), job.ran.count()), (3, 3));
		assert_eq!(job.ran.sum_us, 3_000_000);
		assert_eq!(stats.jobs[&JobKind::Search].refused, 1);
		let generation = GenerationStats {
			prompt_tokens: 60,
			tokens: 30,
			run_us: 2_000_000,
			last_tokens: 10,
			last_run_us: 1_000_000,
		};
		assert_eq!(stats.generation, generation);
		let counts = stats.job_counts();
		assert_eq!((counts.done, counts.failed), (2, 1));

		let text = serde_json::to_string(&stats).unwrap();
		assert_eq!(serde_json::from_str::<Stats>(&text).unwrap(), stats);
		// What a later service tells in addition is no obstacle, nor is what an earlier one does not tell.
		let other: Stats = serde_json::from_str(r#"{"started_ms": 5, "novelty": []}"#).unwrap();
		assert_eq!(other.started_ms, 5);
	}

	#[test]
	#[cfg(target_os = "linux")]
	fn this_process_has_a_size() {
		let bytes = resident_bytes().unwrap();
		assert!((1 << 20..1 << 40).contains(&bytes), "{bytes}");
	}
}
