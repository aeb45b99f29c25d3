//! The node's content store: files by hash, in `content` below the data folder, shared by all chains
//! of that folder.

mod cli;
pub mod gate;
pub mod http;
mod submit;

pub use cli::{DataCmd, StoreArgs};

use gate::Gate;
use openledger_inference::content::ContentStore;
use sc_service::{error::Error as ServiceError, SpawnTaskHandle};
use std::{
	fs,
	net::{Ipv4Addr, SocketAddr, TcpListener},
	path::{Path, PathBuf},
	sync::Arc,
	time::Duration,
};
use substrate_prometheus_endpoint::{register, Gauge, Registry, U64};

const LOG_TARGET: &str = "content";

/// Time between two updates of the metrics.
const METRICS_INTERVAL: Duration = Duration::from_secs(30);

/// Options of the content store.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Content store")]
pub struct ContentParams {
	/// Most that all files together may take. In MiB. Long answers of models may take a tenth as much beside
	/// them.
	#[arg(long, value_name = "MiB", default_value_t = 10_240)]
	pub content_quota: u64,

	/// Serve the store over HTTP on this port of 127.0.0.1.
	///
	/// `GET /content/{sha256}` gives a file, `GET /content/{sha256}/rows/{n}` a row of a batch with
	/// its Merkle proof, `PUT /content` takes an upload.
	#[arg(long, value_name = "PORT")]
	pub content_port: Option<u16>,

	/// Serve it to other machines too. Operators of models that write long answers do: these are fetched
	/// from the endpoints of their agents.
	#[arg(long, requires = "content_port")]
	pub content_external: bool,

	/// File with the token that uploads have to show. Without it there are no uploads, except with
	/// --dev, where they need no token.
	#[arg(long, value_name = "FILE", requires = "content_port")]
	pub content_upload_token_file: Option<PathBuf>,
}

/// Where the store is, below a node's data folder.
pub fn folder(data_folder: &Path) -> PathBuf {
	data_folder.join("content")
}

/// Opens the store of the node with that data folder.
pub fn open(data_folder: &Path, params: &ContentParams) -> Result<ContentStore, ServiceError> {
	ContentStore::open(folder(data_folder), quota_bytes(params.content_quota))
		.map_err(|error| ServiceError::Other(error.to_string()))
}

fn quota_bytes(mib: u64) -> u64 {
	mib.saturating_mul(1 << 20)
}

/// Starts the metrics of the store and, if asked for, its HTTP server.
///
/// Fails if the token can't be read or the port can't be had.
pub fn start(
	params: &ContentParams,
	dev: bool,
	store: ContentStore,
	gate: Arc<dyn Gate>,
	registry: Option<&Registry>,
	spawner: &SpawnTaskHandle,
) -> Result<(), ServiceError> {
	if let Some(port) = params.content_port {
		let uploads = match &params.content_upload_token_file {
			Some(file) => http::Uploads::WithToken(read_token(file)?),
			None if dev => http::Uploads::Open,
			None => http::Uploads::Refused,
		};
		let ip = if params.content_external {
			Ipv4Addr::UNSPECIFIED
		} else {
			Ipv4Addr::LOCALHOST
		};
		let listener = listen(SocketAddr::from((ip, port)))
			.map_err(|error| ServiceError::Other(format!("--content-port {port}: {error}")))?;
		log::info!(target: LOG_TARGET, "📦 Content store on http://{ip}:{port}/content");
		let router = http::router(store.clone(), uploads, gate);
		spawner.spawn("content-http", Some("content"), async move {
			if let Err(error) = axum::serve(listener, router).await {
				log::error!(target: LOG_TARGET, "The content store's HTTP server ended: {error}");
			}
		});
	}

	if let Some(registry) = registry {
		let bytes = register(
			Gauge::<U64>::new(
				"openledger_content_store_bytes",
				"Size of all files in the content store",
			)?,
			registry,
		)?;
		let quota = register(
			Gauge::<U64>::new(
				"openledger_content_store_quota_bytes",
				"Most that the files in the content store may take",
			)?,
			registry,
		)?;
		quota.set(store.quota());
		spawner.spawn("content-metrics", Some("content"), async move {
			loop {
				let store = store.clone();
				if let Ok(Ok(used)) = tokio::task::spawn_blocking(move || store.used()).await {
					bytes.set(used);
				}
				tokio::time::sleep(METRICS_INTERVAL).await;
			}
		});
	}
	Ok(())
}

fn listen(address: SocketAddr) -> std::io::Result<tokio::net::TcpListener> {
	let listener = TcpListener::bind(address)?;
	listener.set_nonblocking(true)?;
	tokio::net::TcpListener::from_std(listener)
}

fn read_token(file: &Path) -> Result<String, ServiceError> {
	let refuse = |reason: String| {
		ServiceError::Other(format!(
			"--content-upload-token-file {}: {reason}",
			file.display()
		))
	};
	let token = fs::read_to_string(file).map_err(|error| refuse(error.to_string()))?;
	match token.trim() {
		"" => Err(refuse("the file is empty".into())),
		token => Ok(token.into()),
	}
}
