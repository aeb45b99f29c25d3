//! The command-line tool, as a process, on the real model.

use std::{
	path::Path,
	process::{Command, Output},
};

use openledger_training::gradients::Gradients;
use serde_json::Value;

fn tool(folder: &Path, arguments: &str) -> Output {
	Command::new(env!("CARGO_BIN_EXE_openledger-train"))
		.args(arguments.split_whitespace())
		.current_dir(folder)
		.output()
		.expect("the tool")
}

fn found(output: &Output) -> Value {
	let errors = String::from_utf8_lossy(&output.stderr);
	assert!(output.status.success(), "{errors}");
	serde_json::from_slice(&output.stdout).expect("JSON")
}

fn refused(folder: &Path, arguments: &str, problem: &str) {
	let output = tool(folder, arguments);
	let errors = String::from_utf8_lossy(&output.stderr);
	assert!(
		!output.status.success() && errors.contains(problem),
		"{arguments}: {errors}"
	);
}

const ROWS: &str = "{\"text\":\"A committee keeps minutes and wastes hours.\"}\n\
	{\"note\":\"nothing to learn here\"}\n\
	{\"title\":\"Bread\",\"text\":\"The staff of life, on which one leans at breakfast.\"}\n\
	{\"prompt\":\"What is a ledger?\",\"answer\":\"A book that remembers who owes what.\"}\n";

#[test]
fn a_run_from_data_to_gradients() {
	let folder = tempfile::tempdir().expect("a folder");
	let folder = folder.path();
	std::fs::write(folder.join("rows"), ROWS).expect("rows");
	let run =
		"run --data rows --held-out rows --layers 28..30 --batch 2 --steps 3 --checkpoint-every 2 \
		--learning-rate 0.01 --out run";
	let trained = found(&tool(folder, run));
	assert_eq!(
		(&trained["texts"], &trained["steps"]),
		(&3.into(), &3.into())
	);
	let perplexity = |part: &str| trained[part]["perplexity"].as_f64().expect("a number");
	assert!(perplexity("held_out_after") < perplexity("held_out_before"));
	refused(folder, run, "log.jsonl");

	let verified = found(&tool(folder, "verify run --data rows --retrain"));
	assert_eq!(verified["log"], trained["log"]);
	assert_eq!(
		(&verified["steps"], &verified["checkpoints"]),
		(&3.into(), &2.into())
	);

	let gradients = "gradients --adapter run/checkpoints/2 --data rows --dim 64 --out gradients";
	assert_eq!(found(&tool(folder, gradients))["layers"], 2);
	let (header, gradients) = Gradients::read(&folder.join("gradients")).expect("gradients");
	assert_eq!((header.examples, gradients.rows[1].row), (3, 2));
	let layers: Vec<_> = gradients
		.layers()
		.map(|(layer, dim, _)| (layer, dim))
		.collect();
	assert_eq!(layers, [(28, 64), (29, 64)]);

	std::fs::write(folder.join("other"), ROWS.replace("hours", "weeks")).expect("rows");
	refused(folder, "verify run --data other", "is not the one given");
	let log = folder.join("run/log.jsonl");
	let text = std::fs::read_to_string(&log).expect("a log");
	std::fs::write(&log, text.replace("\"norm\":\"", "\"norm\":\"-")).expect("a log");
	refused(folder, "verify run", "the log was changed");
}

#[test]
fn errors_say_what_to_do() {
	let folder = tempfile::tempdir().expect("a folder");
	let folder = folder.path();
	std::fs::write(folder.join("rows"), "plain text\n").expect("rows");
	for (arguments, problem) in [
		(
			"run --data rows --out run",
			"rows are JSON objects with a string \"text\"",
		),
		("run --data nothing --out run", "nothing"),
		("run --data rows --out run --layers 3..3", "such as 22..30"),
		(
			"run --data rows --out run --projections q,x",
			"there are q, k, v, o, gate, up and down",
		),
		("run --data rows --out run --models nowhere", "nowhere"),
		("verify run", "run/log.jsonl"),
		("verify run --retrain", "--data"),
		(
			"evaluate --data rows --graph 12",
			"64 lower-case hexadecimal digits",
		),
	] {
		refused(folder, arguments, problem);
	}
	assert!(tool(folder, "run --help").status.success());
}
