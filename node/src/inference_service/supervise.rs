//! Keeps a process alive.

use super::{
	watch::{watch, Metrics},
	LOG_TARGET,
};
use crate::operator::Endpoint;
use std::{
	ffi::OsString,
	path::PathBuf,
	process::Stdio,
	time::{Duration, Instant},
};
use tokio::process::Command;

/// How long to wait before a child that ended is started again.
#[derive(Debug, Clone)]
pub struct Backoff {
	/// The first wait. Each further one is twice as long.
	pub first: Duration,
	/// The longest wait.
	pub longest: Duration,
	/// A child that ran so long counts as healthy: the waits start over.
	pub forget_after: Duration,
	/// The next wait, `None` before the first.
	pub next: Option<Duration>,
}

impl Default for Backoff {
	fn default() -> Self {
		Self {
			first: Duration::from_secs(1),
			longest: Duration::from_secs(60),
			forget_after: Duration::from_secs(60),
			next: None,
		}
	}
}

impl Backoff {
	/// The wait after a child that ran for `ran`.
	pub fn wait(&mut self, ran: Duration) -> Duration {
		let wait = match self.next {
			Some(wait) if ran < self.forget_after => wait,
			_ => self.first,
		};
		self.next = Some(wait.saturating_mul(2).min(self.longest));
		wait
	}
}

/// A process to keep alive.
#[derive(Debug, Clone)]
pub struct Child {
	/// The program.
	pub program: PathBuf,
	/// Its arguments.
	pub arguments: Vec<OsString>,
	/// Variables added to the node's environment.
	pub environment: Vec<(OsString, OsString)>,
	/// How long to wait before it is started again.
	pub backoff: Backoff,
	/// Where the service is that the process offers, to look whether it answers.
	pub health: Option<Endpoint>,
}

/// Runs the child and starts it again whenever it ends. Never returns; dropping the future kills the
/// child.
pub async fn supervise(mut child: Child, metrics: Metrics) {
	loop {
		let started = Instant::now();
		let ended = run_once(&child, &metrics).await;
		metrics.up.set(0);
		metrics.service.gone();
		metrics.restarts.inc();
		let wait = child.backoff.wait(started.elapsed());
		log::warn!(
			target: LOG_TARGET,
			"Inference service {ended}; starting it again in {:.1} s",
			wait.as_secs_f32(),
		);
		tokio::time::sleep(wait).await;
	}
}

/// Runs the child until it ends or hangs, and says which.
async fn run_once(child: &Child, metrics: &Metrics) -> String {
	let mut command = Command::new(&child.program);
	command
		.args(&child.arguments)
		.envs(child.environment.iter().cloned())
		.stdin(Stdio::piped())
		// What it prints there is for people who run it by hand; its log is on the standard error.
		.stdout(Stdio::null())
		.kill_on_drop(true);
	// Ctrl-C in a terminal goes to the whole process group. The child shall end after the node has
	// stopped asking it, not before.
	#[cfg(unix)]
	command.process_group(0);
	let mut process = match command.spawn() {
		Ok(process) => process,
		Err(error) => return format!("could not be started: {error}"),
	};
	let _parent_lives = process.stdin.take();
	let hung = async {
		match &child.health {
			Some(endpoint) => watch(endpoint, metrics).await,
			None => std::future::pending().await,
		}
	};
	tokio::select! {
		status = process.wait() => match status {
			Ok(status) => format!("ended with {status}"),
			Err(error) => format!("was lost: {error}"),
		},
		() = hung => {
			let _ = process.kill().await;
			"no longer answered and was ended".into()
		},
	}
}
