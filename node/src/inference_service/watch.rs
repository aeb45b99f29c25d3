//! Looks whether the service answers.

use super::LOG_TARGET;
use serde::Deserialize;
use std::time::Duration;
use substrate_prometheus_endpoint::{register, Counter, Gauge, PrometheusError, Registry, U64};

/// Time between two looks at the service.
const PROBE_INTERVAL: Duration = Duration::from_secs(10);

/// Longest that an answer to a look may take.
const PROBE_TIMEOUT: Duration = Duration::from_secs(5);

/// Looks without an answer after which a child that answered before is ended and started again.
const HUNG_AFTER: u32 = 6;

/// What is known about the service from outside.
#[derive(Clone)]
pub struct Metrics {
	/// 1 if the service answered the last look, else 0.
	pub up: Gauge<U64>,
	/// How often the child ended and was started again.
	pub restarts: Counter<U64>,
}

impl Metrics {
	/// Creates the metrics and registers them if there is a registry.
	pub fn new(registry: Option<&Registry>) -> Result<Self, PrometheusError> {
		let up = Gauge::new(
			"openledger_inference_up",
			"Whether the inference service answered the last look",
		)?;
		let restarts = Counter::new(
			"openledger_inference_restarts_total",
			"How often the inference service ended and was started again",
		)?;
		Ok(match registry {
			Some(registry) => Self {
				up: register(up, registry)?,
				restarts: register(restarts, registry)?,
			},
			None => Self { up, restarts },
		})
	}
}

/// What `GET /health` says, as far as the node's log repeats it.
#[derive(Deserialize)]
struct Health {
	version: String,
	onnxruntime: Option<String>,
	provider: ProviderHealth,
}

#[derive(Deserialize)]
struct ProviderHealth {
	in_use: String,
	fallback_reason: Option<String>,
}

/// Looks at the service again and again. Returns once a service that answered has stopped to.
pub(super) async fn watch(url: &str, metrics: &Metrics) {
	let client = match reqwest::Client::builder()
		.timeout(PROBE_TIMEOUT)
		.no_proxy()
		.build()
	{
		Ok(client) => client,
		Err(error) => {
			log::error!(target: LOG_TARGET, "Can't watch the inference service: {error}");
			return std::future::pending().await;
		}
	};
	let health = format!("{url}/health");
	let mut answered = false;
	let mut missed = 0u32;
	loop {
		let answer = match client.get(&health).send().await {
			Ok(response) => response.json::<Health>().await,
			Err(error) => Err(error),
		};
		metrics.up.set(answer.is_ok().into());
		match answer {
			Ok(health) => {
				if !answered {
					announce(url, &health);
				}
				answered = true;
				missed = 0;
			}
			Err(_) if answered => {
				missed = missed.saturating_add(1);
				if missed >= HUNG_AFTER {
					return;
				}
			}
			Err(_) => {}
		}
		// A service that has just been started is looked at more often.
		let pause = if answered {
			PROBE_INTERVAL
		} else {
			Duration::from_secs(1)
		};
		tokio::time::sleep(pause).await;
	}
}

fn announce(url: &str, health: &Health) {
	log::info!(
		target: LOG_TARGET,
		"🧠 Inference service {} is up at {url}, ONNX Runtime {} on {}{}",
		health.version,
		health.onnxruntime.as_deref().unwrap_or("not loaded"),
		health.provider.in_use,
		match &health.provider.fallback_reason {
			Some(reason) => format!(" ({reason})"),
			None => String::new(),
		},
	);
}
