//! `openledger-node data`, as a process.

use openledger_inference::{batch, hash::Hash256};
use serde_json::Value;
use std::{
	path::Path,
	process::{Command, Output},
};

const BATCH: &str = "{\"text\":\"one\"}\n{\"text\":\"two\"}\n";

fn data(base: &Path, arguments: &[&str]) -> Output {
	Command::new(env!("CARGO_BIN_EXE_openledger-node"))
		.arg("data")
		.args(arguments)
		.arg("--base-path")
		.arg(base)
		.output()
		.unwrap()
}

#[test]
fn put_get_ls() {
	let folder = tempfile::tempdir().unwrap();
	let (base, file) = (folder.path().join("base"), folder.path().join("batch"));
	std::fs::write(&file, BATCH).unwrap();
	let summary = batch::summarise(BATCH.as_bytes()).unwrap();
	let hash = summary.content.to_string();

	let output = data(&base, &["put", file.to_str().unwrap(), "--json"]);
	assert!(
		output.status.success(),
		"{}",
		String::from_utf8_lossy(&output.stderr)
	);
	let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
	assert_eq!(printed["sha256"], hash);
	assert_eq!(printed["bytes"], summary.bytes);
	assert_eq!(printed["rows"], summary.rows);
	assert_eq!(printed["root"], summary.root.to_string());
	assert_eq!(printed["new"], true);

	let output = data(&base, &["put", file.to_str().unwrap()]);
	let printed = String::from_utf8(output.stdout).unwrap();
	assert!(
		printed.contains(&hash) && printed.contains("rows    2"),
		"{printed}"
	);

	assert_eq!(data(&base, &["get", &hash]).stdout, BATCH.as_bytes());
	let copy = folder.path().join("copy");
	assert!(data(&base, &["get", &hash, "-o", copy.to_str().unwrap()])
		.status
		.success());
	assert_eq!(std::fs::read_to_string(copy).unwrap(), BATCH);

	let printed: Value = serde_json::from_slice(&data(&base, &["ls", "--json"]).stdout).unwrap();
	assert_eq!(printed.as_array().unwrap().len(), 1);
	assert_eq!(printed[0]["sha256"], hash);
}

#[test]
fn errors_are_told() {
	let folder = tempfile::tempdir().unwrap();
	let stderr = |arguments: &[&str]| {
		let output = data(folder.path(), arguments);
		assert!(!output.status.success());
		String::from_utf8(output.stderr).unwrap()
	};
	let unknown = Hash256::sha256(b"unknown").to_string();
	assert!(stderr(&["get", &unknown]).contains("not in the content store"));
	assert!(stderr(&["get", "abc"]).contains("64 lower-case"));
	assert!(stderr(&["put", "no-such-file"]).contains("no-such-file"));

	let file = folder.path().join("file");
	std::fs::write(&file, vec![0u8; 2 << 20]).unwrap();
	let error = stderr(&["put", file.to_str().unwrap(), "--content-quota", "1"]);
	assert!(error.contains("quota"), "{error}");

	// A file that has changed on disk is noticed when it is got.
	let output = data(folder.path(), &["put", file.to_str().unwrap()]);
	assert!(output.status.success());
	let hash = Hash256::sha256(&vec![0u8; 2 << 20]);
	std::fs::write(
		folder.path().join("content").join(hash.to_string()),
		b"changed",
	)
	.unwrap();
	assert!(stderr(&["get", &hash.to_string()]).contains("damaged"));
}
