//! The service as a process: what it says, and when it ends. The test starts itself as the service.

mod common;

use std::{
	io::{BufRead, BufReader, Read},
	path::Path,
	process::{Child, Command, Stdio},
	time::{Duration, Instant},
};

use clap::Parser;
use openledger_inference::InferenceArgs;

const ARGUMENTS: &str = "SERVICE_ARGUMENTS";

#[derive(Parser)]
struct CommandLine {
	#[command(flatten)]
	args: InferenceArgs,
}

/// Not a test: what the others start.
#[tokio::test(flavor = "multi_thread")]
#[ignore]
async fn service() {
	let Ok(arguments) = std::env::var(ARGUMENTS) else {
		return;
	};
	let line = CommandLine::parse_from(arguments.lines());
	openledger_inference::run(line.args).await.unwrap();
}

fn start(folder: &Path, extra: &[&str], token: &str) -> Child {
	let text = |path: &Path| path.to_str().unwrap().to_owned();
	let mut arguments = vec![
		"inference".to_owned(),
		"--listen=127.0.0.1:0".into(),
		format!("--models={}", text(&common::models())),
		format!("--content={}", text(&folder.join("content"))),
		format!("--cache={}", text(&folder.join("cache"))),
		format!("--onnxruntime={}", text(&common::library())),
		"--threads=1".into(),
	];
	arguments.extend(extra.iter().map(|s| s.to_string()));
	Command::new(std::env::current_exe().unwrap())
		.args(["--ignored", "--exact", "service", "--nocapture"])
		.env(ARGUMENTS, arguments.join("\n"))
		.env("OPENLEDGER_INFERENCE_TOKEN", token)
		.env("RUST_LOG", "info")
		.stdin(Stdio::piped())
		.stdout(Stdio::piped())
		.stderr(Stdio::piped())
		.spawn()
		.unwrap()
}

fn banner(child: &mut Child) -> String {
	let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
	let banner = lines
		.by_ref()
		.map(|line| line.unwrap())
		.find(|line| line.contains("inference service on"))
		.unwrap();
	// Nobody reads on: the service must not mind.
	drop(lines);
	banner
}

/// The log, once it has ended.
fn ends(child: &mut Child) -> (bool, String) {
	let start = Instant::now();
	let status = loop {
		if let Some(status) = child.try_wait().unwrap() {
			break status;
		}
		if start.elapsed() > Duration::from_secs(20) {
			child.kill().unwrap();
			panic!("it goes on");
		}
		std::thread::sleep(Duration::from_millis(50));
	};
	let mut log = String::new();
	child
		.stderr
		.take()
		.unwrap()
		.read_to_string(&mut log)
		.unwrap();
	(status.success(), log)
}

#[test]
fn ends_with_its_parent_only_if_told_to() {
	let folder = tempfile::tempdir().unwrap();
	let token = "a token for tests, long enough";
	let mut child = start(
		folder.path(),
		&["--exit-with-parent", "--provider=cuda"],
		token,
	);
	let line = banner(&mut child);
	assert!(line.contains("http://127.0.0.1:"), "{line}");
	assert!(line.contains("ONNX Runtime 1.31.1"), "{line}");
	assert!(
		line.contains("provider c") && line.contains("1 thread"),
		"{line}"
	);
	assert!(child.try_wait().unwrap().is_none());
	drop(child.stdin.take());
	let (_, log) = ends(&mut child);
	assert!(log.contains("the parent is gone"), "{log}");
	assert!(log.contains("has stopped"), "{log}");

	let mut child = start(folder.path(), &[], token);
	banner(&mut child);
	drop(child.stdin.take());
	std::thread::sleep(Duration::from_millis(500));
	assert!(child.try_wait().unwrap().is_none());
	let terminated = Command::new("kill")
		.arg(child.id().to_string())
		.status()
		.unwrap();
	assert!(terminated.success());
	let (_, log) = ends(&mut child);
	assert!(
		log.contains("terminated") && log.contains("has stopped"),
		"{log}"
	);
}

#[test]
fn refuses_to_start_without_a_token() {
	let folder = tempfile::tempdir().unwrap();
	let mut child = start(folder.path(), &[], "");
	let (success, log) = ends(&mut child);
	assert!(!success);
	assert!(log.contains("NoToken"), "{log}");
}
