//! The supervision of the inference service's process, with real processes.

use openledger_node::inference_service::{supervise, Backoff, Child, Metrics};
use std::{
	path::Path,
	time::{Duration, Instant},
};

fn backoff(first_ms: u64, longest_ms: u64) -> Backoff {
	Backoff {
		first: Duration::from_millis(first_ms),
		longest: Duration::from_millis(longest_ms),
		..Default::default()
	}
}

fn shell(script: &str, backoff: Backoff) -> Child {
	Child {
		program: "/bin/sh".into(),
		arguments: vec!["-c".into(), script.into()],
		environment: Vec::new(),
		backoff,
		health: None,
	}
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
	let started = Instant::now();
	while !holds() {
		assert!(
			started.elapsed() < Duration::from_secs(20),
			"{what}: did not happen"
		);
		tokio::time::sleep(Duration::from_millis(20)).await;
	}
}

fn alive(pid: &str) -> bool {
	// A zombie still has a folder, but no memory.
	std::fs::read_to_string(format!("/proc/{pid}/status"))
		.is_ok_and(|status| status.contains("VmSize"))
}

async fn pid_in(file: &Path) -> String {
	let read = || {
		std::fs::read_to_string(file)
			.unwrap_or_default()
			.trim()
			.to_owned()
	};
	until("the child writes its id", || !read().is_empty()).await;
	read()
}

#[test]
fn waits_double_up_to_a_limit_and_start_over() {
	let mut backoff = Backoff::default();
	let quick = Duration::from_millis(1);
	let waits: Vec<u64> = (0..8).map(|_| backoff.wait(quick).as_secs()).collect();
	assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
	assert_eq!(backoff.wait(backoff.forget_after).as_secs(), 1);
	assert_eq!(backoff.wait(quick).as_secs(), 2);
}

#[tokio::test]
async fn a_child_that_fails_is_started_again_with_growing_waits() {
	let metrics = Metrics::new(None).unwrap();
	let child = shell("exit 3", backoff(50, 10_000));
	let started = Instant::now();
	let supervisor = tokio::spawn(supervise(child, metrics.clone()));
	until("four starts", || metrics.restarts.get() >= 4).await;
	// Three waits lie between four ends: 50, 100 and 200 ms.
	assert!(
		started.elapsed() >= Duration::from_millis(350),
		"{:?}",
		started.elapsed()
	);
	assert_eq!(metrics.up.get(), 0);
	supervisor.abort();
}

#[tokio::test]
async fn the_real_service_with_nonsense_arguments_is_retried() {
	let metrics = Metrics::new(None).unwrap();
	let child = Child {
		program: env!("CARGO_BIN_EXE_openledger-node").into(),
		arguments: vec!["inference".into(), "--no-such-option".into()],
		environment: Vec::new(),
		backoff: backoff(50, 50),
		health: None,
	};
	let supervisor = tokio::spawn(supervise(child, metrics.clone()));
	until("two starts", || metrics.restarts.get() >= 2).await;
	supervisor.abort();
}

#[tokio::test]
async fn a_program_that_is_missing_is_retried() {
	let metrics = Metrics::new(None).unwrap();
	let mut child = shell("", backoff(20, 20));
	child.program = "/no/such/program".into();
	let supervisor = tokio::spawn(supervise(child, metrics.clone()));
	until("three tries", || metrics.restarts.get() >= 3).await;
	supervisor.abort();
}

#[tokio::test]
async fn the_child_is_killed_with_the_supervisor() {
	let folder = tempfile::tempdir().unwrap();
	let file = folder.path().join("pid");
	let script = format!("echo $$ > {}; exec sleep 600", file.display());
	let supervisor = tokio::spawn(supervise(
		shell(&script, backoff(50, 50)),
		Metrics::new(None).unwrap(),
	));
	let pid = pid_in(&file).await;
	assert!(alive(&pid));
	supervisor.abort();
	until("the child ends", || !alive(&pid)).await;
}

#[tokio::test]
async fn a_killed_child_comes_back() {
	let folder = tempfile::tempdir().unwrap();
	let file = folder.path().join("pid");
	let script = format!("echo $$ > {}; exec sleep 600", file.display());
	let metrics = Metrics::new(None).unwrap();
	let supervisor = tokio::spawn(supervise(shell(&script, backoff(20, 20)), metrics.clone()));
	let first = pid_in(&file).await;
	let killed = std::process::Command::new("kill")
		.args(["-9", &first])
		.status()
		.unwrap();
	assert!(killed.success());
	until("another child", || {
		std::fs::read_to_string(&file)
			.is_ok_and(|pid| !pid.trim().is_empty() && pid.trim() != first)
	})
	.await;
	assert_eq!(metrics.restarts.get(), 1);
	supervisor.abort();
}

#[tokio::test]
async fn the_child_sees_its_standard_input_close_only_at_the_end() {
	let folder = tempfile::tempdir().unwrap();
	let file = folder.path().join("out");
	// Reading waits while the supervisor holds the pipe.
	let script = format!("read line; echo closed > {}", file.display());
	let metrics = Metrics::new(None).unwrap();
	let supervisor = tokio::spawn(supervise(shell(&script, backoff(20, 20)), metrics.clone()));
	tokio::time::sleep(Duration::from_millis(300)).await;
	assert!(!file.exists());
	assert_eq!(metrics.restarts.get(), 0);
	supervisor.abort();
}

#[tokio::test]
async fn the_token_is_in_the_environment() {
	let folder = tempfile::tempdir().unwrap();
	let file = folder.path().join("token");
	let mut child = shell(
		&format!("echo $TOKEN > {}; read line", file.display()),
		backoff(20, 20),
	);
	child.environment.push(("TOKEN".into(), "secret".into()));
	let supervisor = tokio::spawn(supervise(child, Metrics::new(None).unwrap()));
	until("the token", || {
		std::fs::read_to_string(&file).is_ok_and(|text| text == "secret\n")
	})
	.await;
	supervisor.abort();
}
