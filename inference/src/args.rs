//! The command line of `openledger-node inference`.

use std::{net::SocketAddr, path::PathBuf, thread};

use reqwest::Url;

use crate::{engine::Provider, fetch::Gateways};

/// Run the inference service: it loads ONNX models by hash and serves jobs over HTTP.
///
/// The node starts one by itself when it is given `--inference-models`. Requests need a token, taken
/// from the environment variable OPENLEDGER_INFERENCE_TOKEN or from a file.
#[derive(Debug, Clone, clap::Args)]
pub struct InferenceArgs {
	/// Address and port to listen on.
	///
	/// The connection is not encrypted: keep it on this machine or behind something that encrypts.
	#[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9750")]
	pub listen: SocketAddr,

	/// Folder of model files, each named by its SHA-256.
	#[arg(long, value_name = "DIR")]
	pub models: PathBuf,

	/// Folder of the content store, shared with the node.
	#[arg(long, value_name = "DIR")]
	pub content: PathBuf,

	/// Most bytes that the content store may hold. Long answers may take a tenth as much beside it.
	#[arg(long, value_name = "BYTES", default_value_t = 10 << 30)]
	pub content_quota: u64,

	/// Folder for the vectors of what has been indexed. One service at a time.
	#[arg(long, value_name = "DIR")]
	pub cache: PathBuf,

	/// ONNX Runtime's shared library [default: ORT_DYLIB_PATH, or where the system finds it].
	#[arg(long, value_name = "FILE")]
	pub onnxruntime: Option<PathBuf>,

	/// What to run models on. Where CUDA doesn't work, the reason is logged and the CPU is used.
	#[arg(long, value_enum, value_name = "PROVIDER", default_value_t = Provider::Auto)]
	pub provider: Provider,

	/// Threads per run [default: half of the cores, at least 1].
	#[arg(long, value_name = "N")]
	pub threads: Option<usize>,

	/// File that holds the token.
	#[arg(long, value_name = "FILE")]
	pub token_file: Option<PathBuf>,

	/// Most jobs that wait.
	#[arg(long, value_name = "N", default_value_t = 64)]
	pub queue: usize,

	/// Longest time for a run in milliseconds, whatever the job says.
	#[arg(long, value_name = "MS", default_value_t = 60_000)]
	pub max_run_ms: u32,

	/// Unload a language model that was not used for so many seconds.
	#[arg(long, value_name = "SECONDS", default_value_t = 120)]
	pub unload_after_s: u32,

	/// Largest batch file to fetch from a locator.
	#[arg(long, value_name = "BYTES", default_value_t = 256 << 20)]
	pub max_batch_bytes: u64,

	/// HTTP gateway to IPFS, such as http://127.0.0.1:8080: for what has such a locator.
	#[arg(long, value_name = "URL")]
	pub ipfs_gateway: Option<Url>,

	/// Proxy to EigenDA, such as http://127.0.0.1:3100: for what has such a locator.
	#[arg(long, value_name = "URL")]
	pub eigenda_proxy: Option<Url>,

	/// Fetch batch files and inputs from this machine and local networks too.
	///
	/// Locators are written by strangers: allow it on development chains only.
	#[arg(long)]
	pub allow_private_locators: bool,

	/// Stop when the standard input ends, so as not to outlive the process that holds its other end.
	#[arg(long)]
	pub exit_with_parent: bool,
}

impl InferenceArgs {
	pub(crate) fn gateways(&self) -> Gateways {
		Gateways {
			ipfs: self.ipfs_gateway.clone(),
			eigenda: self.eigenda_proxy.clone(),
		}
	}

	/// Threads per run.
	pub fn threads(&self) -> usize {
		self.threads
			.unwrap_or_else(|| thread::available_parallelism().map_or(1, |n| n.get() / 2))
			.max(1)
	}
}
