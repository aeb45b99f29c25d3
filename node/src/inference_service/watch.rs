//! Looks whether the service answers, and what it has done.

use super::LOG_TARGET;
use crate::{metrics::ServiceMetrics, operator::Endpoint};
use openledger_inference::service::stats::Stats;
use reqwest::{Client, StatusCode};
use serde::Deserialize;
use std::time::Duration;
use substrate_prometheus_endpoint::{register, Counter, Gauge, PrometheusError, Registry, U64};

/// Time between two looks at the service.
const PROBE_INTERVAL: Duration = Duration::from_secs(5);

/// Longest that an answer to a look may take.
const PROBE_TIMEOUT: Duration = Duration::from_secs(5);

/// Looks without an answer after which a child that answered before is ended and started again.
const HUNG_AFTER: u32 = 12;

/// Looks without an answer after which the log says that there is none yet.
const ABSENT_AFTER: u32 = 30;

/// What is known about the service from outside.
#[derive(Clone)]
pub struct Metrics {
	/// 1 if the service answered the last look, else 0.
	pub up: Gauge<U64>,
	/// How often the child ended and was started again.
	pub restarts: Counter<U64>,
	/// What the service says of itself.
	pub service: ServiceMetrics,
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
		let service = ServiceMetrics::new(registry)?;
		Ok(match registry {
			Some(registry) => Self {
				up: register(up, registry)?,
				restarts: register(restarts, registry)?,
				service,
			},
			None => Self {
				up,
				restarts,
				service,
			},
		})
	}
}

/// What `GET /health` says, as far as the node's log repeats it.
#[derive(Deserialize, PartialEq)]
struct Health {
	version: String,
	onnxruntime: Option<String>,
	provider: ProviderHealth,
}

#[derive(Deserialize, PartialEq)]
struct ProviderHealth {
	requested: String,
	in_use: String,
	fallback_reason: Option<String>,
}

/// Looks at the service again and again. Returns once a service that answered has stopped to.
pub(super) async fn watch(endpoint: &Endpoint, metrics: &Metrics) {
	let client = match Client::builder().timeout(PROBE_TIMEOUT).no_proxy().build() {
		Ok(client) => client,
		Err(error) => {
			log::error!(target: LOG_TARGET, "Can't watch the inference service: {error}");
			return std::future::pending().await;
		}
	};
	let url = format!("{}/health", endpoint.url);
	// What it said of itself last, and for how many looks it has not answered since.
	let mut known: Option<Health> = None;
	let mut missed = 0u32;
	let mut is_refused = false;
	loop {
		let answer = match client.get(&url).send().await {
			Ok(response) => response.json::<Health>().await,
			Err(error) => Err(error),
		};
		metrics.up.set(answer.is_ok().into());
		match answer {
			Ok(health) => {
				if known.as_ref() != Some(&health) {
					announce(&endpoint.url, &health);
				}
				known = Some(health);
				missed = 0;
				let refused = take_stats(&client, endpoint, metrics).await;
				if refused && !is_refused {
					log::warn!(
						target: LOG_TARGET,
						"The inference service at {} refuses the token, and with it every job: give \
						 its own with --inference-token-file",
						endpoint.url,
					);
				}
				is_refused = refused;
			}
			Err(_) => {
				metrics.service.gone();
				missed = missed.saturating_add(1);
				if known.is_some() && missed >= HUNG_AFTER {
					return;
				}
				// One of the node's own is started again, and said to be, when it ends.
				if known.is_none() && missed == ABSENT_AFTER {
					log::warn!(
						target: LOG_TARGET,
						"No inference service answers at {} yet: requests are missed until one does",
						endpoint.url,
					);
				}
			}
		}
		// A service that has just been started is looked at more often.
		let pause = if known.is_some() {
			PROBE_INTERVAL
		} else {
			Duration::from_secs(1)
		};
		tokio::time::sleep(pause).await;
	}
}

/// Takes over what the service has counted; whether it refuses the token.
async fn take_stats(client: &Client, endpoint: &Endpoint, metrics: &Metrics) -> bool {
	let url = format!("{}/v1/stats", endpoint.url);
	let answer = client.get(url).bearer_auth(&endpoint.token).send().await;
	let stats = match answer.and_then(|response| response.error_for_status()) {
		Ok(response) => response.json::<Stats>().await,
		Err(error) => Err(error),
	};
	match stats {
		Ok(stats) => {
			metrics.service.update(stats);
			false
		}
		Err(error) => {
			// An earlier version of the service has none.
			log::debug!(target: LOG_TARGET, "The inference service tells no figures: {error}");
			error.status() == Some(StatusCode::UNAUTHORIZED)
		}
	}
}

fn announce(url: &str, health: &Health) {
	let provider = &health.provider;
	let reason = provider.fallback_reason.as_deref();
	log::info!(
		target: LOG_TARGET,
		"🧠 Inference service {} is up at {url}, ONNX Runtime {} on {}{}",
		health.version,
		health.onnxruntime.as_deref().unwrap_or("not loaded"),
		provider.in_use,
		reason.map_or_else(String::new, |reason| format!(" ({reason})")),
	);
	if health.onnxruntime.is_none() {
		log::warn!(
			target: LOG_TARGET,
			"The inference service at {url} has no ONNX Runtime, and every job fails: install it and \
			 give its path with --onnxruntime or ORT_DYLIB_PATH",
		);
	} else if provider.requested == "cuda" && provider.in_use != "cuda" {
		log::warn!(
			target: LOG_TARGET,
			"The inference service at {url} was to use CUDA and runs on the CPU ({}): models whose \
			 policy asks for CUDA are not served. Mend the driver, or register the agent's profile \
			 as Cpu with agents.setProfile",
			reason.unwrap_or("no reason given"),
		);
	}
}
