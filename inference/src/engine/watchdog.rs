//! Ends runs that take too long.

use std::{
	fmt,
	sync::{
		atomic::{AtomicBool, Ordering},
		Arc, Condvar, Mutex, PoisonError,
	},
	thread,
	time::{Duration, Instant},
};

use ort::session::{NoSelectedOutputs, RunOptions};

/// How long a run may go on after it was told to end. A kernel that is stuck in a driver never looks at
/// the flag; then nothing but a new process helps.
const GRACE: Duration = Duration::from_secs(60);

/// When a run has to be over, and who else may end it.
#[derive(Debug, Clone)]
pub struct Limit {
	deadline: Instant,
	cancelled: Arc<AtomicBool>,
}

impl Limit {
	/// `time` from now, unless `cancelled` becomes true before.
	pub fn new(time: Duration, cancelled: Arc<AtomicBool>) -> Self {
		let now = Instant::now();
		// A time beyond what the clock can tell is as good as a year.
		let deadline = now
			.checked_add(time)
			.unwrap_or(now + Duration::from_secs(365 * 24 * 60 * 60));
		Self {
			deadline,
			cancelled,
		}
	}

	/// `time` from now.
	pub fn within(time: Duration) -> Self {
		Self::new(time, Arc::default())
	}

	/// Whether the time is up or the run was cancelled.
	pub fn is_over(&self) -> bool {
		self.cancelled.load(Ordering::Relaxed) || Instant::now() >= self.deadline
	}
}

type Options = Arc<RunOptions<NoSelectedOutputs>>;

/// A thread that watches one run at a time.
pub(super) struct Watchdog {
	shared: Arc<(Mutex<Watched>, Condvar)>,
}

impl fmt::Debug for Watchdog {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("Watchdog")
	}
}

#[derive(Default)]
struct Watched {
	run: Option<(Limit, Options)>,
	told: Option<Instant>,
	closed: bool,
}

impl Watchdog {
	pub(super) fn start() -> std::io::Result<Self> {
		let shared = Arc::new((Mutex::new(Watched::default()), Condvar::new()));
		let watched = shared.clone();
		thread::Builder::new()
			.name("run-watchdog".into())
			.spawn(move || watch(&watched))?;
		Ok(Self { shared })
	}

	/// Watches the run under `options` until what is returned is dropped.
	pub(super) fn guard(&self, limit: &Limit, options: Options) -> Guard<'_> {
		self.set(Some((limit.clone(), options)));
		Guard(self)
	}

	fn set(&self, run: Option<(Limit, Options)>) {
		let (watched, wake) = &*self.shared;
		let mut watched = watched.lock().unwrap_or_else(PoisonError::into_inner);
		watched.run = run;
		watched.told = None;
		wake.notify_one();
	}
}

impl Drop for Watchdog {
	fn drop(&mut self) {
		let (watched, wake) = &*self.shared;
		watched
			.lock()
			.unwrap_or_else(PoisonError::into_inner)
			.closed = true;
		wake.notify_one();
	}
}

/// The run is being watched.
#[derive(Debug)]
pub(super) struct Guard<'a>(&'a Watchdog);

impl Drop for Guard<'_> {
	fn drop(&mut self) {
		self.0.set(None);
	}
}

fn watch(shared: &(Mutex<Watched>, Condvar)) {
	// Cancelling doesn't wake this thread, so it looks from time to time.
	const LOOK: Duration = Duration::from_millis(100);
	let (watched, wake) = shared;
	let mut watched = watched.lock().unwrap_or_else(PoisonError::into_inner);
	while !watched.closed {
		let Some((limit, options)) = watched.run.as_ref() else {
			watched = wake.wait(watched).unwrap_or_else(PoisonError::into_inner);
			continue;
		};
		let wait = match watched.told {
			Some(told) if told.elapsed() > GRACE => {
				tracing::error!(
					"a run did not end within {GRACE:?} after it was told to; ending the process"
				);
				std::process::exit(70);
			}
			Some(_) => LOOK,
			None if limit.is_over() => {
				if let Err(e) = options.terminate() {
					tracing::error!("a run can't be told to end: {e}");
				}
				watched.told = Some(Instant::now());
				LOOK
			}
			None => limit
				.deadline
				.saturating_duration_since(Instant::now())
				.min(LOOK),
		};
		watched = wake
			.wait_timeout(watched, wait)
			.unwrap_or_else(PoisonError::into_inner)
			.0;
	}
}
