//! What the node tells monitors beside what every Substrate node does, and what it tells its operator in
//! the log: of the inference service, of the chain's requests, and of the agents whose keys it holds.
//!
//! Counters of the chain follow *finalised* blocks: each counts once, whatever is reorganised before, and
//! nobody is woken for an offence that a fork takes back. `docs/monitoring.md` lists all of it.

mod agents;
mod chain;
mod follow;
mod notice;
mod service;
mod state;

pub use agents::Operator;
pub use chain::ChainMetrics;
pub use follow::{start, Watch};
pub use notice::Notice;
pub use service::ServiceMetrics;
pub use state::{StateAt, Unreadable};

use substrate_prometheus_endpoint::{
	prometheus::core::{Atomic, Collector},
	register, Counter, CounterVec, Gauge, GaugeVec, HistogramOpts, HistogramVec, Opts,
	PrometheusError, Registry,
};

type Made<T> = Result<T, PrometheusError>;

/// Makes metrics, and registers them if there is a registry.
struct Maker<'a>(Option<&'a Registry>);

impl Maker<'_> {
	fn registered<T: Clone + Collector + 'static>(&self, metric: T) -> Made<T> {
		match self.0 {
			Some(registry) => register(metric, registry),
			None => Ok(metric),
		}
	}

	fn counter<P: Atomic + 'static>(&self, name: &str, help: &str) -> Made<Counter<P>> {
		self.registered(Counter::new(name, help)?)
	}

	fn counters<P: Atomic + 'static>(
		&self,
		name: &str,
		help: &str,
		labels: &[&str],
	) -> Made<CounterVec<P>> {
		self.registered(CounterVec::new(Opts::new(name, help), labels)?)
	}

	fn gauge<P: Atomic + 'static>(&self, name: &str, help: &str) -> Made<Gauge<P>> {
		self.registered(Gauge::new(name, help)?)
	}

	fn gauges<P: Atomic + 'static>(
		&self,
		name: &str,
		help: &str,
		labels: &[&str],
	) -> Made<GaugeVec<P>> {
		self.registered(GaugeVec::new(Opts::new(name, help), labels)?)
	}

	fn histograms(
		&self,
		name: &str,
		help: &str,
		labels: &[&str],
		buckets: &[f64],
	) -> Made<HistogramVec> {
		let opts = HistogramOpts::new(name, help).buckets(buckets.to_vec());
		self.registered(HistogramVec::new(opts, labels)?)
	}
}

/// An amount in OPEN, as near as a monitor needs it.
fn open(amount: openledger_runtime::Balance) -> f64 {
	amount as f64 / openledger_runtime::constants::currency::UNIT as f64
}
