//! The options that say whether and where inference is served.

use openledger_inference::{service::TOKEN_VARIABLE, Provider};
use sc_service::error::Error as ServiceError;
use std::{fs, path::PathBuf};

/// Whether and where inference is served.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Inference")]
pub struct InferenceParams {
	/// Serve inference with the models in this folder.
	///
	/// The files are named by their SHA-256. The node starts the inference service as a process of
	/// its own, keeps it alive, and ends it with itself.
	#[arg(long, value_name = "DIR", conflicts_with = "inference_url")]
	pub inference_models: Option<PathBuf>,

	/// Port of the started service on 127.0.0.1 [default: 9750, or a free one if that is taken].
	#[arg(long, value_name = "PORT", requires = "inference_models")]
	pub inference_port: Option<u16>,

	/// What to run models on. With `auto` a GPU is used if there is one.
	#[arg(
		long,
		value_name = "PROVIDER",
		value_enum,
		default_value_t = Provider::Auto,
		requires = "inference_models"
	)]
	pub inference_provider: Provider,

	/// Threads for one run of a model [default: decided by the service].
	#[arg(long, value_name = "COUNT", requires = "inference_models")]
	pub inference_threads: Option<usize>,

	/// ONNX Runtime's shared library [default: the environment variable ORT_DYLIB_PATH].
	#[arg(long, value_name = "FILE", requires = "inference_models")]
	pub onnxruntime: Option<PathBuf>,

	/// Let batches be fetched from private addresses, such as 127.0.0.1 or 10.0.0.1.
	///
	/// Locators are written by strangers: with this, they can make the service send requests into
	/// your network. For tests.
	#[arg(long, requires = "inference_models")]
	pub inference_allow_private_locators: bool,

	/// HTTP gateway to IPFS, such as http://127.0.0.1:8080: for batch files with such a locator.
	#[arg(long, value_name = "URL", requires = "inference_models")]
	pub ipfs_gateway: Option<reqwest::Url>,

	/// Proxy to EigenDA, such as http://127.0.0.1:3100: for batch files with such a locator.
	#[arg(long, value_name = "URL", requires = "inference_models")]
	pub eigenda_proxy: Option<reqwest::Url>,

	/// Use the inference service at this address in place of one of the node's own.
	#[arg(long, value_name = "URL")]
	pub inference_url: Option<String>,

	/// File with the token of the service at --inference-url
	/// [default: the environment variable OPENLEDGER_INFERENCE_TOKEN].
	#[arg(long, value_name = "FILE", requires = "inference_url")]
	pub inference_token_file: Option<PathBuf>,
}

impl InferenceParams {
	/// Whether this node serves inference.
	pub fn is_given(&self) -> bool {
		self.inference_models.is_some() || self.inference_url.is_some()
	}
}

/// The URL without a trailing slash.
pub(super) fn checked_url(url: &str) -> Result<String, ServiceError> {
	let parsed = reqwest::Url::parse(url)
		.ok()
		.filter(|parsed| matches!(parsed.scheme(), "http" | "https") && parsed.has_host());
	match parsed {
		Some(_) => Ok(url.trim_end_matches('/').into()),
		None => Err(ServiceError::Other(format!(
			"--inference-url: `{url}` is no http or https URL"
		))),
	}
}

/// The token of a service elsewhere.
pub(super) fn given_token(params: &InferenceParams) -> Result<String, ServiceError> {
	let token = match &params.inference_token_file {
		Some(file) => fs::read_to_string(file).map_err(|error| {
			ServiceError::Other(format!(
				"--inference-token-file {}: {error}",
				file.display()
			))
		})?,
		None => std::env::var(TOKEN_VARIABLE).map_err(|_| {
			ServiceError::Other(format!(
				"--inference-url needs a token: give --inference-token-file or set {TOKEN_VARIABLE}"
			))
		})?,
	};
	let token = token.trim();
	if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
		return Err(ServiceError::Other(
			"The token of the inference service has to be one line of visible ASCII".into(),
		));
	}
	Ok(token.into())
}
