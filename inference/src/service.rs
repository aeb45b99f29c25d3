//! The local HTTP job service.

mod api;
mod compare;
mod language;
mod provide;
mod state;
pub mod stats;
pub mod types;
mod worker;

#[cfg(test)]
mod tests;

use std::{
	fs,
	future::{Future, IntoFuture},
	io::{self, IsTerminal, Read, Write},
	net::SocketAddr,
	path::PathBuf,
	sync::Arc,
	thread,
	time::Duration,
};

use tokio::{
	net::TcpListener,
	sync::oneshot,
	task::{spawn_blocking, JoinError},
	time::timeout,
};

use self::{
	api::Context, language::LanguageWorker, provide::Supplier, state::State, worker::Worker,
};
use crate::{
	args::InferenceArgs,
	content::{ContentStore, StoreError},
	engine::EngineConfig,
	fetch::Fetcher,
	hash::Hash256,
	index::IndexCache,
	outputs::Outputs,
};

/// The environment variable that holds the token, unless a file is given.
pub const TOKEN_VARIABLE: &str = "OPENLEDGER_INFERENCE_TOKEN";
/// A token shorter than this can be guessed.
const SHORTEST_TOKEN: usize = 16;
/// For open connections and the run under way, when the service stops.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why the service doesn't start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
	/// Requests are authorised by a token, and there is none.
	#[error("no token: set {TOKEN_VARIABLE} or give --token-file")]
	NoToken,
	/// The token can be guessed.
	#[error("the token has fewer than {SHORTEST_TOKEN} characters")]
	WeakToken,
	/// A file or folder can't be used.
	#[error("{}: {source}", path.display())]
	Path {
		/// Which one.
		path: PathBuf,
		/// Why not.
		source: io::Error,
	},
	/// The content store can't be opened.
	#[error(transparent)]
	Store(#[from] StoreError),
	/// The address can't be listened on.
	#[error("{address}: {source}")]
	Listen {
		/// Which one.
		address: SocketAddr,
		/// Why not.
		source: io::Error,
	},
	/// The HTTP client can't be set up.
	#[error("HTTP client: {0}")]
	Client(#[from] reqwest::Error),
	/// The machine refuses threads, tasks or signals.
	#[error("{0}")]
	Io(#[from] io::Error),
	/// A part of the service panicked; the log says where.
	#[error("{0}")]
	Panic(#[from] JoinError),
}

/// A service that listens and does not serve yet.
#[derive(Debug)]
pub struct Service {
	listener: TcpListener,
	address: SocketAddr,
	state: Arc<State>,
	context: Context,
	workers: [thread::JoinHandle<()>; 2],
}

impl Service {
	/// Opens the folders, loads ONNX Runtime, starts the workers and listens.
	///
	/// Without ONNX Runtime the service starts all the same: its jobs fail with `missing_library`, so that
	/// the chain learns of it too.
	pub async fn bind(args: &InferenceArgs) -> Result<Self, ServiceError> {
		let token = token(args)?;
		let store = ContentStore::open(&args.content, args.content_quota)?;
		let cache = IndexCache::open(&args.cache).map_err(|source| ServiceError::Path {
			path: args.cache.clone(),
			source,
		})?;
		let fetcher = Fetcher::new(args.gateways(), args.allow_private_locators)?;
		let listen = |source| ServiceError::Listen {
			address: args.listen,
			source,
		};
		let listener = TcpListener::bind(args.listen).await.map_err(listen)?;
		let address = listener.local_addr().map_err(listen)?;
		if !address.ip().is_loopback() {
			tracing::warn!("{address} is not a loopback address: the token goes over the network");
		}

		let engine = EngineConfig {
			library: args.onnxruntime.clone(),
			models: args.models.clone(),
			provider: args.provider,
			threads: args.threads(),
		};
		let state = Arc::new(State::new(engine, args.queue.max(1)));
		let starting = state.clone();
		if let Err(failure) = spawn_blocking(move || starting.engine().map(drop)).await? {
			let advice = failure.code.advice().unwrap_or_default();
			tracing::error!("{failure}; every job will fail: {advice}");
		}

		let cache = Arc::new(cache);
		let max_run = Duration::from_millis(u64::from(args.max_run_ms));
		let worker = Worker {
			state: state.clone(),
			store: store.clone(),
			cache: cache.clone(),
			max_run,
			models: Vec::new(),
		};
		let worker = thread::Builder::new()
			.name("inference".into())
			.spawn(move || worker.run())?;
		let language_worker = LanguageWorker {
			state: state.clone(),
			outputs: Outputs::beside(&store),
			max_run,
			patience: Duration::from_secs(u64::from(args.unload_after_s)),
			model: None,
		};
		let language_worker = thread::Builder::new()
			.name("generation".into())
			.spawn(move || language_worker.run())?;
		let supplier = Supplier::new(
			state.clone(),
			store,
			cache,
			fetcher,
			args.max_batch_bytes,
			max_run,
		);
		Ok(Self {
			listener,
			address,
			state,
			context: Context { supplier, token },
			workers: [worker, language_worker],
		})
	}

	/// Where it listens; the port is the system's choice if 0 was asked for.
	pub fn local_addr(&self) -> SocketAddr {
		self.address
	}

	/// One line that says what is running where.
	pub fn banner(&self) -> String {
		let health = self.state.health();
		let runtime = match health.onnxruntime {
			Some(version) => format!(
				"ONNX Runtime {version}, provider {}",
				health.provider.in_use
			),
			None => "without ONNX Runtime".into(),
		};
		let threads = if health.threads == 1 {
			"thread"
		} else {
			"threads"
		};
		format!(
			"inference service on http://{} – {runtime}, {} {threads}",
			self.address, health.threads
		)
	}

	/// Serves until `shutdown` completes; then ends the run under way and open connections.
	pub async fn run(self, shutdown: impl Future<Output = ()> + Send) -> Result<(), ServiceError> {
		let (stop, stopped) = oneshot::channel::<()>();
		let server = axum::serve(self.listener, api::router(self.context))
			.with_graceful_shutdown(async {
				let _ = stopped.await;
			})
			.into_future();
		let mut server = tokio::spawn(server);
		let early = tokio::select! {
			() = shutdown => None,
			result = &mut server => Some(result),
		};
		self.state.close();
		drop(stop);
		let served = match early {
			Some(result) => result?.map_err(Into::into),
			None => match timeout(PATIENCE, &mut server).await {
				Ok(result) => result?.map_err(Into::into),
				Err(_) => {
					server.abort();
					Ok(())
				}
			},
		};
		let workers = spawn_blocking(move || self.workers.map(thread::JoinHandle::join));
		match timeout(PATIENCE, workers).await {
			Ok(joined) => {
				if joined?.iter().any(Result::is_err) {
					tracing::error!("a worker panicked");
				}
			}
			Err(_) => tracing::warn!("a run did not end within {PATIENCE:?}"),
		}
		served
	}
}

/// Binds, says so in one line on the standard output, and serves until `shutdown` completes.
pub async fn serve(
	args: InferenceArgs,
	shutdown: impl Future<Output = ()> + Send,
) -> Result<(), ServiceError> {
	let service = Service::bind(&args).await?;
	// Whoever started us may have closed the pipe.
	let _ = writeln!(io::stdout(), "{}", service.banner());
	service.run(shutdown).await?;
	tracing::info!("the inference service has stopped");
	Ok(())
}

/// [`serve`] as a process: logs to the standard error if nothing else was set up, and stops on ctrl-c, on
/// SIGTERM and, with `--exit-with-parent`, when the standard input ends.
pub async fn run(args: InferenceArgs) -> Result<(), ServiceError> {
	let filter = tracing_subscriber::EnvFilter::try_from_default_env()
		.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info,ort=warn"));
	// Fails if there is a subscriber already, which is as well.
	let _ = tracing_subscriber::fmt()
		.with_env_filter(filter)
		.with_ansi(io::stderr().is_terminal())
		.with_writer(io::stderr)
		.try_init();

	let exit_with_parent = args.exit_with_parent;
	let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
	let parent = async move {
		if !exit_with_parent || end_of_input()?.await.is_err() {
			std::future::pending::<()>().await;
		}
		io::Result::Ok(())
	};
	serve(args, async move {
		tokio::select! {
			_ = tokio::signal::ctrl_c() => tracing::info!("interrupted: stopping"),
			_ = terminate.recv() => tracing::info!("terminated: stopping"),
			_ = parent => tracing::info!("the parent is gone: stopping"),
		}
	})
	.await
}

/// Completes when the standard input ends. A thread of its own reads it, for a blocked read can't be
/// given up; the process doesn't wait for it.
fn end_of_input() -> io::Result<oneshot::Receiver<()>> {
	let (ended, end) = oneshot::channel();
	thread::Builder::new()
		.name("parent-watch".into())
		.spawn(move || {
			let mut input = io::stdin().lock();
			let mut buffer = [0u8; 64];
			loop {
				match input.read(&mut buffer) {
					Ok(0) => break,
					Ok(_) => {}
					Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
					Err(_) => break,
				}
			}
			let _ = ended.send(());
		})?;
	Ok(end)
}

/// The hash of the token, from the file or the environment.
fn token(args: &InferenceArgs) -> Result<Hash256, ServiceError> {
	let token = match &args.token_file {
		Some(path) => fs::read_to_string(path).map_err(|source| ServiceError::Path {
			path: path.clone(),
			source,
		})?,
		None => std::env::var(TOKEN_VARIABLE).map_err(|_| ServiceError::NoToken)?,
	};
	match token.trim() {
		"" => Err(ServiceError::NoToken),
		token if token.len() < SHORTEST_TOKEN => Err(ServiceError::WeakToken),
		token => Ok(Hash256::sha256(token.as_bytes())),
	}
}
