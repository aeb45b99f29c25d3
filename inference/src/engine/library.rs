//! ONNX Runtime's shared library: loaded once per process, and the execution provider chosen.

use std::{
	ffi::CStr,
	fmt,
	path::{Path, PathBuf},
	str::FromStr,
	sync::{Mutex, PoisonError},
};

use ort::{
	environment::Environment,
	ep,
	logging::LogLevel,
	session::{builder::SessionBuilder, Session},
};
use serde::Serialize;

use crate::error::{ErrorCode, Failure};

/// Which execution provider is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
	/// CUDA where it works, else the CPU.
	#[default]
	Auto,
	/// The CPU.
	Cpu,
	/// CUDA; if it doesn't work, a warning and the CPU.
	Cuda,
}

impl fmt::Display for Provider {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::Auto => "auto",
			Self::Cpu => "cpu",
			Self::Cuda => "cuda",
		})
	}
}

impl FromStr for Provider {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, Self::Err> {
		<Self as clap::ValueEnum>::from_str(text, false)
	}
}

/// The execution provider that runs the models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InUse {
	/// The CPU.
	Cpu,
	/// CUDA.
	Cuda,
}

impl fmt::Display for InUse {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::Cpu => "cpu",
			Self::Cuda => "cuda",
		})
	}
}

/// What was asked for, what runs, and why they differ if they do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProviderStatus {
	/// As configured.
	pub requested: Provider,
	/// As it runs.
	pub in_use: InUse,
	/// Why CUDA was asked for and is not in use.
	pub fallback_reason: Option<String>,
}

/// The loaded library.
#[derive(Debug, Clone)]
pub(super) struct Library {
	pub(super) environment: Environment,
	/// As the library says it, for example `1.31.1`.
	pub(super) version: String,
	path: PathBuf,
}

/// The library and its environment live as long as the process: there can be only one of each, and
/// sessions refer to them.
static LOADED: Mutex<Option<Library>> = Mutex::new(None);

impl Library {
	/// Loads the library, or hands out the one that is loaded. A failed attempt can be repeated, so a
	/// library that is installed later is found without a restart.
	pub(super) fn load(configured: Option<&Path>) -> Result<Self, Failure> {
		let path = configured.map_or_else(default_path, Path::to_path_buf);
		let missing = |why: &dyn fmt::Display| {
			Failure::new(
				ErrorCode::MissingLibrary,
				format!(
					"ONNX Runtime can't be loaded from {}: {why}",
					path.display()
				),
			)
		};
		let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
		if let Some(library) = loaded.as_ref() {
			if library.path != path {
				return Err(missing(&format!(
					"this process already runs the one of {}",
					library.path.display()
				)));
			}
			return Ok(library.clone());
		}
		let environment = ort::init_from(&path)
			.map_err(|e| missing(&e))?
			.with_name("openledger-inference")
			.with_telemetry(false)
			.build()
			.map_err(|e| missing(&e))?;
		environment.set_log_level(LogLevel::Warning);
		let version = version(&path).map_err(|e| missing(&e))?;
		warn_of_inexact_cpu();
		Ok(loaded
			.insert(Library {
				environment,
				version,
				path: path.clone(),
			})
			.clone())
	}

	/// Tries what is asked for and says what works. The reason for a fallback is logged here, once.
	pub(super) fn choose(&self, requested: Provider) -> ProviderStatus {
		if requested == Provider::Cpu {
			return ProviderStatus {
				requested,
				in_use: InUse::Cpu,
				fallback_reason: None,
			};
		}
		match self.try_cuda() {
			Ok(()) => ProviderStatus {
				requested,
				in_use: InUse::Cuda,
				fallback_reason: None,
			},
			Err(reason) => {
				announce_fallback(requested, &reason);
				ProviderStatus {
					requested,
					in_use: InUse::Cpu,
					fallback_reason: Some(reason),
				}
			}
		}
	}

	/// Registering CUDA loads its libraries; only a session finds out whether there is a device.
	fn try_cuda(&self) -> Result<(), String> {
		self.builder(InUse::Cuda, 1)?
			.commit_from_memory(&super::tiny::identity())
			.map(drop)
			.map_err(|e| e.to_string())
	}

	/// A session builder that fails rather than run on another provider than `provider`.
	pub(super) fn builder(
		&self,
		provider: InUse,
		threads: usize,
	) -> Result<SessionBuilder, String> {
		let cpu = || ep::CPU::default().build().error_on_failure();
		let providers = match provider {
			InUse::Cpu => vec![cpu()],
			InUse::Cuda => vec![ep::CUDA::default().build().error_on_failure(), cpu()],
		};
		Session::builder(&self.environment)
			.map_err(|e| e.to_string())?
			.with_execution_providers(providers)
			.map_err(|e| e.to_string())?
			.with_intra_threads(threads)
			.map_err(|e| e.to_string())?
			// It keeps a plan of buffers for each length of input that it has seen.
			.with_memory_pattern(false)
			.map_err(|e| e.to_string())?
			// Spinning would keep the cores of an idle validator busy.
			.with_intra_op_spinning(false)
			.map_err(|e| e.to_string())
	}
}

pub(super) fn announce_fallback(requested: Provider, reason: &str) {
	if requested == Provider::Cuda {
		tracing::warn!("CUDA was asked for and is not to be had; going on on the CPU: {reason}");
	} else {
		tracing::info!("no CUDA; going on on the CPU: {reason}");
	}
}

fn default_path() -> PathBuf {
	match std::env::var_os("ORT_DYLIB_PATH") {
		Some(path) if !path.is_empty() => path.into(),
		_ => "libonnxruntime.so".into(),
	}
}

/// The library's full version: `ort` itself looks only at the minor one and doesn't hand it out.
#[allow(unsafe_code)]
fn version(path: &Path) -> Result<String, libloading::Error> {
	// SAFETY: `ort` has loaded this library before and checked that it is ONNX Runtime, whose C interface
	// fixes the signature of `OrtGetApiBase`. It returns a static table or null, and the table's
	// `GetVersionString` a static C string.
	unsafe {
		let library = libloading::Library::new(path)?;
		let base = library
			.get::<unsafe extern "C" fn() -> *const ort::sys::OrtApiBase>(b"OrtGetApiBase")?(
		);
		Ok(match base.as_ref() {
			Some(base) => CStr::from_ptr((base.GetVersionString)())
				.to_string_lossy()
				.into_owned(),
			None => String::new(),
		})
	}
}

/// Results are bit-equal between machines with AVX2 and FMA only.
fn warn_of_inexact_cpu() {
	#[cfg(target_arch = "x86_64")]
	let exact = std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma");
	#[cfg(not(target_arch = "x86_64"))]
	let exact = false;
	if !exact {
		tracing::warn!(
			"this CPU lacks AVX2 or FMA: results can differ from those of other operators"
		);
	}
}
