//! What users type.

use clap::CommandFactory;
use openledger_node::cli::{Cli, Subcommand};
use sc_cli::{CliConfiguration, SubstrateCli};

fn parse(arguments: &str) -> Result<Cli, clap::Error> {
	Cli::try_from_iter(std::iter::once("openledger-node").chain(arguments.split_whitespace()))
}

fn help() -> String {
	parse("--help").unwrap_err().to_string()
}

#[test]
fn the_definition_is_consistent() {
	Cli::setup_command(Cli::command()).debug_assert();
}

#[test]
fn substrate_users_find_what_they_know() {
	for arguments in [
		"--dev",
		"--dev --tmp --rpc-port 9955 --port 30444",
		"--chain local --alice --base-path x --sync warp",
		"--validator --name me --rpc-cors all --rpc-external --prometheus-external",
		"key generate --scheme sr25519",
		"key generate-node-key --file x",
		"key inspect //Alice",
		"key insert --key-type oper --scheme sr25519 --suri //Alice --chain local",
		"export-chain-spec --chain development --raw",
		"chain-info --dev",
		"check-block 1 --chain local",
		"export-blocks --chain local --from 1 --to 2 x",
		"import-blocks --chain local x",
		"export-state --chain local",
		"check-state --chain local --base-path x --at 5",
		"revert --chain local 5",
		"purge-chain --chain local -y",
		"data put x --json",
		"data get ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad -o y",
		"data ls -d x",
		"data prepare x.csv --out y --fields id:integer,text:text",
		"data prove --batch x.batch.json --row 3 -o y",
		"data duplicates --new x.jsonl --old y.jsonl z.tree",
		"data keygen -o x",
		"data commit verdict --batch 7 --accept 80 --who 5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY -o x",
		"data submit x.batch.json --datanet 0 --suri-file y --locator ipfs://bafy",
	] {
		if let Err(error) = parse(arguments) {
			panic!("{arguments}: {error}");
		}
	}
}

#[test]
fn a_node_key_needs_a_chain_only_in_a_data_folder() {
	assert!(parse("key generate-node-key --base-path x").is_err());
	assert!(parse("key generate-node-key --base-path x --chain local").is_ok());
	let output = std::process::Command::new(env!("CARGO_BIN_EXE_openledger-node"))
		.args(["key", "generate-node-key"])
		.output()
		.unwrap();
	assert!(
		output.status.success(),
		"{}",
		String::from_utf8_lossy(&output.stderr)
	);
	assert_eq!(String::from_utf8(output.stdout).unwrap().trim().len(), 64);
}

#[test]
fn child_and_remote_service_exclude_each_other() {
	assert!(parse("--dev --inference-models m --inference-url http://x").is_err());
	assert!(parse("--dev --inference-port 9751").is_err());
	assert!(parse("--dev --inference-token-file t").is_err());
	assert!(parse("--dev --content-external").is_err());
	let cli = parse(
		"--dev --inference-models m --inference-provider cpu --inference-threads 2 \
		--onnxruntime lib.so --inference-port 9751 --inference-allow-private-locators",
	)
	.unwrap();
	assert!(cli.inference.is_given());
	assert!(
		parse("--dev --inference-url http://x --inference-token-file t")
			.unwrap()
			.inference
			.is_given()
	);
	assert!(!parse("--dev").unwrap().inference.is_given());
}

#[test]
fn defaults_fit_the_machines_that_run_it() {
	let cli = parse("--dev").unwrap();
	assert_eq!(
		cli.run.import_params.trie_cache_maximum_size(),
		Some(64 << 20)
	);
	assert_eq!(cli.content.content_quota, 10_240);
	assert_eq!(cli.content.content_port, None);
	assert_eq!(
		cli.run.dev_key_seed(true).unwrap().as_deref(),
		Some("//Alice")
	);
	// RocksDB is not compiled in, so it can't be asked for.
	assert!(parse("--dev --database rocksdb").is_err());
	assert!(parse("--dev --database paritydb").is_ok());
	let Some(Subcommand::ImportBlocks(import)) = parse("import-blocks x").unwrap().subcommand
	else {
		panic!("another command")
	};
	assert_eq!(
		import.import_params.trie_cache_maximum_size(),
		Some(64 << 20)
	);
}

#[test]
fn help_is_grouped_and_silent_about_what_has_no_effect() {
	let help = help();
	for heading in ["Node:", "Inference:", "Content store:", "RPC:", "Network:"] {
		assert!(help.contains(heading), "{heading} is missing:\n{help}");
	}
	for hidden in ["--execution-syncing", "--enable-offchain-indexing"] {
		assert!(!help.contains(hidden), "{hidden} is shown");
	}
	// A new option of upstream's that has found no heading shows up here.
	let stray: Vec<_> = Cli::setup_command(Cli::command())
		.get_arguments()
		.filter(|arg| arg.get_help_heading().is_none() && !arg.is_hide_set())
		.map(|arg| arg.get_id().to_string())
		.collect();
	assert!(stray.is_empty(), "without a heading: {stray:?}");
}

#[test]
fn a_chain_has_to_be_named() {
	let cli = parse("--validator").unwrap();
	let error = cli.load_spec("").err().unwrap();
	assert!(error.contains("--dev"), "{error}");
	let error = cli.load_spec("no/such/spec.json").err().unwrap();
	assert!(error.contains("no/such/spec.json"), "{error}");
}
