//! The inference service as the node sees it: a child process that is kept alive, or a service
//! elsewhere.
//!
//! It is a process of its own so that a crash of the inference runtime or of a GPU driver takes no
//! validator down. The child gets its token by the environment, where other users can't see it, and
//! a pipe as standard input, which the system closes however the node ends: the child then ends too.

mod params;
mod supervise;
mod watch;

pub use params::InferenceParams;
pub use supervise::{supervise, Backoff, Child};
pub use watch::Metrics;

use crate::{content, operator::Endpoint};
use openledger_inference::{content::ContentStore, service::TOKEN_VARIABLE};
use params::{checked_url, given_token};
use rand::RngCore;
use sc_service::{error::Error as ServiceError, SpawnTaskHandle};
use std::{
	ffi::OsString,
	io,
	net::{Ipv4Addr, TcpListener},
	path::Path,
};
use substrate_prometheus_endpoint::Registry;
use watch::watch;

const LOG_TARGET: &str = "inference";

/// Port of the child unless another is given or this one is taken.
const DEFAULT_PORT: u16 = 9750;

/// Starts or finds the inference service and watches over it.
///
/// Returns where it is, `None` if the node serves no inference. Fails if a given token, address or
/// port can't be used; that the service itself doesn't start is only logged and retried.
pub fn start(
	params: &InferenceParams,
	data_folder: &Path,
	store: &ContentStore,
	registry: Option<&Registry>,
	spawner: &SpawnTaskHandle,
) -> Result<Option<Endpoint>, ServiceError> {
	if let Some(models) = &params.inference_models {
		let port = choose_port(params.inference_port)
			.map_err(|error| ServiceError::Other(format!("inference service: {error}")))?;
		let endpoint = Endpoint {
			url: format!("http://127.0.0.1:{port}"),
			token: random_token(),
		};
		let child = Child {
			program: std::env::current_exe()?,
			arguments: child_arguments(params, models, data_folder, store, port),
			environment: vec![(TOKEN_VARIABLE.into(), endpoint.token.clone().into())],
			backoff: Backoff::default(),
			health: Some(endpoint.clone()),
		};
		let metrics = Metrics::new(registry)?;
		spawner.spawn(
			"inference-service",
			Some("inference"),
			supervise(child, metrics),
		);
		return Ok(Some(endpoint));
	}
	if let Some(url) = &params.inference_url {
		let endpoint = Endpoint {
			url: checked_url(url)?,
			token: given_token(params)?,
		};
		let metrics = Metrics::new(registry)?;
		let watched = endpoint.clone();
		spawner.spawn("inference-watch", Some("inference"), async move {
			loop {
				watch(&watched, &metrics).await;
				let url = &watched.url;
				log::warn!(
					target: LOG_TARGET,
					"Inference service at {url} no longer answers: requests are missed until it does. \
					 See whether it runs, and whether this machine reaches it",
				);
			}
		});
		return Ok(Some(endpoint));
	}
	Ok(None)
}

fn child_arguments(
	params: &InferenceParams,
	models: &Path,
	data_folder: &Path,
	store: &ContentStore,
	port: u16,
) -> Vec<OsString> {
	let mut arguments: Vec<OsString> = vec![
		"inference".into(),
		"--models".into(),
		models.into(),
		"--content".into(),
		content::folder(data_folder).into(),
		"--content-quota".into(),
		store.quota().to_string().into(),
		"--cache".into(),
		data_folder.join("inference-cache").into(),
		"--listen".into(),
		format!("127.0.0.1:{port}").into(),
		"--provider".into(),
		params.inference_provider.to_string().into(),
		"--exit-with-parent".into(),
	];
	if let Some(threads) = params.inference_threads {
		arguments.extend(["--threads".into(), threads.to_string().into()]);
	}
	if let Some(library) = &params.onnxruntime {
		arguments.extend(["--onnxruntime".into(), library.into()]);
	}
	if let Some(gateway) = &params.ipfs_gateway {
		arguments.extend(["--ipfs-gateway".into(), gateway.as_str().into()]);
	}
	if let Some(proxy) = &params.eigenda_proxy {
		arguments.extend(["--eigenda-proxy".into(), proxy.as_str().into()]);
	}
	if params.inference_allow_private_locators {
		arguments.push("--allow-private-locators".into());
	}
	arguments
}

/// The port for the child. It is let go before the child takes it; should another process come in
/// between, the child says so and is started again.
fn choose_port(given: Option<u16>) -> io::Result<u16> {
	let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port))?.local_addr();
	let address = match given {
		Some(port) => bind(port),
		None => bind(DEFAULT_PORT).or_else(|_| bind(0)),
	};
	address.map(|address| address.port()).map_err(|error| {
		io::Error::new(
			error.kind(),
			format!("port {}: {error}", given.unwrap_or_default()),
		)
	})
}

fn random_token() -> String {
	let mut bytes = [0u8; 32];
	rand::rngs::OsRng.fill_bytes(&mut bytes);
	hex::encode(bytes)
}
