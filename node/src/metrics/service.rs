//! What the inference service counted, as monitors see it: its counters begin anew whenever it is
//! started, the node's go on.

use super::{Made, Maker};
use openledger_inference::service::stats::{JobKind, Stats, Times};
use std::{
	collections::{BTreeMap, HashMap},
	sync::{Arc, Mutex, PoisonError},
};
use substrate_prometheus_endpoint::{
	prometheus::{
		core::{Collector, Desc},
		proto,
	},
	Counter, CounterVec, Gauge, GaugeVec, Registry, F64, U64,
};

const MICROSECONDS: f64 = 1e6;

/// The service's metrics.
#[derive(Clone)]
pub struct ServiceMetrics {
	info: GaugeVec<U64>,
	resident: Gauge<U64>,
	queued: GaugeVec<U64>,
	capacity: Gauge<U64>,
	running: GaugeVec<U64>,
	jobs: CounterVec<U64>,
	refused: CounterVec<U64>,
	waited: TimesMetric,
	ran: TimesMetric,
	prompt_tokens: Counter<U64>,
	tokens: Counter<U64>,
	generating: Counter<F64>,
	speed: Gauge<F64>,
	loaded: GaugeVec<U64>,
	loads: CounterVec<U64>,
	loading: CounterVec<F64>,
	corpora: GaugeVec<U64>,
	/// What the service said last.
	last: Arc<Mutex<Stats>>,
}

impl ServiceMetrics {
	/// Creates the metrics and registers them if there is a registry.
	pub fn new(registry: Option<&Registry>) -> Made<Self> {
		let maker = Maker(registry);
		let kind = ["kind"];
		Ok(Self {
			info: maker.gauges(
				"openledger_inference_info",
				"1 for what the inference service runs on",
				&["version", "onnxruntime", "provider"],
			)?,
			resident: maker.gauge(
				"openledger_inference_resident_bytes",
				"Memory of the inference service",
			)?,
			queued: maker.gauges("openledger_inference_queue_length", "Jobs that wait", &kind)?,
			capacity: maker.gauge("openledger_inference_queue_capacity", "Jobs that may wait")?,
			running: maker.gauges("openledger_inference_jobs_running", "Jobs that run", &kind)?,
			jobs: maker.counters(
				"openledger_inference_jobs_total",
				"Jobs that ended: done, or by the code of their failure",
				&["kind", "outcome"],
			)?,
			refused: maker.counters(
				"openledger_inference_jobs_refused_total",
				"Jobs that were turned away because the queue was full",
				&kind,
			)?,
			waited: maker.registered(TimesMetric::new(
				"openledger_inference_job_wait_seconds",
				"Time from a job's submission to the start of its run",
			)?)?,
			ran: maker.registered(TimesMetric::new(
				"openledger_inference_job_run_seconds",
				"Time of a job's run, without loading a language model",
			)?)?,
			prompt_tokens: maker.counter(
				"openledger_inference_prompt_tokens_total",
				"Tokens of prompts that were answered",
			)?,
			tokens: maker.counter(
				"openledger_inference_generated_tokens_total",
				"Tokens of answers",
			)?,
			generating: maker.counter(
				"openledger_inference_generating_seconds_total",
				"Time spent on prompts and their answers",
			)?,
			speed: maker.gauge(
				"openledger_inference_tokens_per_second",
				"Tokens of the latest answer by the time for it and its prompt",
			)?,
			loaded: maker.gauges(
				"openledger_inference_models_loaded",
				"Models in memory",
				&["sort"],
			)?,
			loads: maker.counters(
				"openledger_inference_model_loads_total",
				"How often a model was loaded",
				&["sort"],
			)?,
			loading: maker.counters(
				"openledger_inference_model_loading_seconds_total",
				"Time spent on loading models",
				&["sort"],
			)?,
			corpora: maker.gauges(
				"openledger_inference_corpora",
				"Corpora, by how far they are",
				&["state"],
			)?,
			last: Arc::default(),
		})
	}

	/// Takes over what the service says.
	pub fn update(&self, stats: Stats) {
		let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
		// Another one was started since: what it counts comes on top.
		if last.started_ms != stats.started_ms {
			*last = Stats::default();
			self.info.reset();
		}
		if last.onnxruntime != stats.onnxruntime || last.provider != stats.provider {
			self.info.reset();
		}
		let runtime = stats.onnxruntime.as_deref().unwrap_or("none");
		self.info
			.with_label_values(&[&stats.version, runtime, &stats.provider])
			.set(1);
		self.resident.set(stats.resident_bytes.unwrap_or_default());
		self.capacity.set(stats.queue_capacity);
		for kind in JobKind::ALL {
			self.update_jobs(kind, &stats, &last);
		}

		let (now, then) = (&stats.generation, &last.generation);
		self.prompt_tokens
			.inc_by(now.prompt_tokens.saturating_sub(then.prompt_tokens));
		self.tokens.inc_by(now.tokens.saturating_sub(then.tokens));
		self.generating.inc_by(seconds(now.run_us, then.run_us));
		if now.last_run_us > 0 {
			let speed = now.last_tokens as f64 * MICROSECONDS / now.last_run_us as f64;
			self.speed.set(speed);
		}

		for (sort, now, then) in [
			("embedder", &stats.embedders, &last.embedders),
			("language", &stats.language_models, &last.language_models),
		] {
			let sort = &[sort];
			self.loaded.with_label_values(sort).set(now.loaded);
			self.loads
				.with_label_values(sort)
				.inc_by(now.loads.saturating_sub(then.loads));
			self.loading
				.with_label_values(sort)
				.inc_by(seconds(now.load_us, then.load_us));
		}
		for (state, count) in [
			("indexing", stats.corpora.indexing),
			("ready", stats.corpora.ready),
			("failed", stats.corpora.failed),
		] {
			self.corpora.with_label_values(&[state]).set(count);
		}
		*last = stats;
	}

	fn update_jobs(&self, kind: JobKind, stats: &Stats, last: &Stats) {
		let name = kind.as_str();
		let now = stats.jobs.get(&kind).cloned().unwrap_or_default();
		let then = last.jobs.get(&kind).cloned().unwrap_or_default();
		self.queued.with_label_values(&[name]).set(now.queued);
		self.running.with_label_values(&[name]).set(now.running);
		self.refused
			.with_label_values(&[name])
			.inc_by(now.refused.saturating_sub(then.refused));
		self.jobs
			.with_label_values(&[name, "done"])
			.inc_by(now.done.saturating_sub(then.done));
		for (code, count) in &now.failed {
			let before = then.failed.get(code).copied().unwrap_or_default();
			self.jobs
				.with_label_values(&[name, code])
				.inc_by(count.saturating_sub(before));
		}
		self.waited.add(name, &now.waited, &then.waited);
		self.ran.add(name, &now.ran, &then.ran);
	}

	/// The service does not answer: it has nothing now. What it counted stays.
	pub fn gone(&self) {
		self.info.reset();
		self.queued.reset();
		self.running.reset();
		self.loaded.reset();
		self.corpora.reset();
		self.resident.set(0);
	}
}

fn seconds(now_us: u64, then_us: u64) -> f64 {
	now_us.saturating_sub(then_us) as f64 / MICROSECONDS
}

/// A histogram by kinds of jobs that is taken over rather than observed.
#[derive(Clone)]
struct TimesMetric {
	desc: Desc,
	all: Arc<Mutex<BTreeMap<&'static str, Times>>>,
}

impl TimesMetric {
	fn new(name: &str, help: &str) -> Made<Self> {
		let desc = Desc::new(
			name.into(),
			help.into(),
			vec!["kind".into()],
			HashMap::new(),
		)?;
		Ok(Self {
			desc,
			all: Arc::default(),
		})
	}

	/// Adds what came between `then` and `now`.
	fn add(&self, kind: &'static str, now: &Times, then: &Times) {
		let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
		let sum = all.entry(kind).or_default();
		// Another version of the service may sort otherwise. Sums of both would mean nothing.
		if sum.bounds_ms != now.bounds_ms {
			*sum = Times {
				bounds_ms: now.bounds_ms.clone(),
				counts: vec![0; now.counts.len()],
				sum_us: 0,
			};
		}
		let same = then.bounds_ms == now.bounds_ms;
		let before = if same { then.counts.as_slice() } else { &[] };
		for (place, (sum, now)) in sum.counts.iter_mut().zip(&now.counts).enumerate() {
			let before = before.get(place).copied().unwrap_or_default();
			*sum = sum.saturating_add(now.saturating_sub(before));
		}
		let before = if same { then.sum_us } else { 0 };
		sum.sum_us = sum.sum_us.saturating_add(now.sum_us.saturating_sub(before));
	}
}

impl Collector for TimesMetric {
	fn desc(&self) -> Vec<&Desc> {
		vec![&self.desc]
	}

	fn collect(&self) -> Vec<proto::MetricFamily> {
		let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
		let metrics = all
			.iter()
			.map(|(kind, times)| {
				let mut so_far = 0;
				let buckets = times
					.bounds_ms
					.iter()
					.zip(&times.counts)
					.map(|(bound, count)| {
						so_far += count;
						let mut bucket = proto::Bucket::default();
						bucket.set_upper_bound(*bound as f64 / 1e3);
						bucket.set_cumulative_count(so_far);
						bucket
					})
					.collect();
				let mut histogram = proto::Histogram::default();
				histogram.set_bucket(buckets);
				histogram.set_sample_count(times.count());
				histogram.set_sample_sum(times.sum_us as f64 / MICROSECONDS);
				let mut label = proto::LabelPair::default();
				label.set_name("kind".into());
				label.set_value((*kind).into());
				let mut metric = proto::Metric::default();
				metric.set_label(vec![label]);
				metric.set_histogram(histogram);
				metric
			})
			.collect();
		let mut family = proto::MetricFamily::default();
		family.set_name(self.desc.fq_name.clone());
		family.set_help(self.desc.help.clone());
		family.set_field_type(proto::MetricType::HISTOGRAM);
		family.set_metric(metrics);
		vec![family]
	}
}
