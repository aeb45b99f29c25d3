//! The command line.

use crate::{
	attribution::AttributionCmd, chain_spec, check_state::CheckStateCmd, content::ContentParams,
	content::DataCmd, inference_service::InferenceParams,
};
use clap::{Arg, Command, Parser};
use sc_cli::{ChainSpec, SubstrateCli};

/// The command line of `openledger-node`.
#[derive(Debug, Parser)]
pub struct Cli {
	/// What to do instead of running a node.
	#[command(subcommand)]
	pub subcommand: Option<Subcommand>,

	/// Options that every Substrate node has.
	#[command(flatten)]
	pub run: sc_cli::RunCmd,

	/// Whether and where inference is served.
	#[command(flatten)]
	pub inference: InferenceParams,

	/// The content store.
	#[command(flatten)]
	pub content: ContentParams,
}

/// Commands besides running a node.
#[derive(Debug, clap::Subcommand)]
pub enum Subcommand {
	/// Generate, inspect and insert keys.
	///
	/// An operator's key goes in with `key insert --key-type oper --scheme sr25519`.
	#[command(subcommand)]
	Key(sc_cli::KeySubcommand),

	/// Make batches for Datanets, prove their rows, and keep them in the content store.
	///
	/// `prepare` makes batches of your files, `put` stores one for the node to serve, `submit` announces
	/// it on the chain. The store is in the data folder of a node, running or not.
	#[command(subcommand)]
	Data(DataCmd),

	/// Tell and prove what shaped an answer, and who was paid for it.
	#[command(subcommand)]
	Attribution(AttributionCmd),

	/// Run the inference service alone, without a node.
	///
	/// A node with `--inference-models` starts this by itself. Run it by hand to keep it on another
	/// machine, for one with a GPU say, and point nodes to it with `--inference-url`.
	Inference(openledger_inference::InferenceArgs),

	/// Write the spec of a built-in chain, plain or raw.
	ExportChainSpec(sc_cli::ExportChainSpecCmd),

	/// Print best and finalised block of the database.
	ChainInfo(sc_cli::ChainInfoCmd),

	/// Import a block again, to see whether it is valid.
	CheckBlock(sc_cli::CheckBlockCmd),

	/// Write blocks to a file.
	ExportBlocks(sc_cli::ExportBlocksCmd),

	/// Import blocks from a file.
	ImportBlocks(sc_cli::ImportBlocksCmd),

	/// Write the state of a block as a chain spec.
	ExportState(sc_cli::ExportStateCmd),

	/// Check the state of a block against the invariants of the project's own pallets.
	///
	/// Prints each pallet's result, and fails if one is broken. The node must not be running.
	CheckState(CheckStateCmd),

	/// Take the last blocks off the chain again.
	Revert(sc_cli::RevertCmd),

	/// Remove the chain's database. Keys and the content store stay.
	PurgeChain(sc_cli::PurgeChainCmd),
}

const EXAMPLES: &str = "\
Examples:
  openledger-node --dev                          A chain of one's own, gone when it stops
  openledger-node --dev --inference-models DIR   The same, and it answers questions
  openledger-node --chain local --alice          First of four validators of a local network
  openledger-node data prepare passages.csv      Make a batch for a Datanet
  openledger-node data put passages-000.jsonl    Store it, print its hash and root

RPC is on 9944, metrics on 9615.";

/// Most that the trie cache may take. Upstream's 1 GiB is for state far beyond this chain's.
const TRIE_CACHE_BYTES: &str = "67108864";

impl SubstrateCli for Cli {
	fn impl_name() -> String {
		"OpenLedger Node".into()
	}

	fn impl_version() -> String {
		env!("SUBSTRATE_CLI_IMPL_VERSION").into()
	}

	fn executable_name() -> String {
		"openledger-node".into()
	}

	fn description() -> String {
		"The node of the OpenLedger chain, where data, models and inference are paid for".into()
	}

	fn author() -> String {
		"the OpenLedger developers".into()
	}

	fn support_url() -> String {
		"the issue tracker of the OpenLedger repository".into()
	}

	fn copyright_start_year() -> i32 {
		2026
	}

	fn load_spec(&self, id: &str) -> Result<Box<dyn ChainSpec>, String> {
		Ok(Box::new(chain_spec::load(id)?))
	}

	fn setup_command(command: Command) -> Command {
		command
			.name(Self::executable_name())
			.version(Self::impl_version())
			.about(Self::description())
			.long_about(Self::description())
			.after_help(EXAMPLES)
			.propagate_version(true)
			.args_conflicts_with_subcommands(true)
			.subcommand_negates_reqs(true)
			.mut_args(arrange)
			.mut_subcommands(|subcommand| subcommand.mut_args(arrange))
			.mut_subcommand("key", |key| {
				// A data folder has one folder for each chain.
				key.mut_subcommand("generate-node-key", |generate| {
					generate
						.mut_arg("base_path", |arg| arg.requires("chain"))
						.mut_arg("default_base_path", |arg| arg.requires("chain"))
				})
			})
	}
}

/// Puts an argument under its heading, hides what has no effect, and corrects what upstream's help
/// says about other chains.
fn arrange(arg: Arg) -> Arg {
	let id = arg.get_id().as_str();
	let (is_execution, id) = (id.starts_with("execution"), id.to_owned());
	let arg = match id.as_str() {
		// Deprecated upstream or, in the case of indexing, always on here.
		"indexing_enabled" => arg.hide(true),
		_ if is_execution => arg.hide(true),
		"trie_cache_size" => arg.default_value(TRIE_CACHE_BYTES),
		"chain" => {
			let help = "Chain to work on: `development`, `local`, or the path of a chain spec";
			arg.help(help).long_help(help)
		}
		"dev" => arg.help("Run or work on the development chain").long_help(
			"Run or work on the development chain.\n\n\
				 One validator, Alice, makes a block every 2 seconds and finalises it. Implies \
				 `--chain development`, `--alice`, `--force-authoring`, `--rpc-cors all`, and \
				 `--tmp` unless `--base-path` is given.",
		),
		_ => arg,
	};
	let arg = match NODE_ORDER.iter().position(|name| *name == id) {
		Some(place) => arg.display_order(place),
		None => arg,
	};
	match heading(&id) {
		Some(heading) if arg.get_help_heading().is_none() => arg.help_heading(heading),
		_ => arg,
	}
}

/// The order of the options that are listed first. Others follow as upstream has them.
const NODE_ORDER: [&str; 9] = [
	"dev",
	"chain",
	"base_path",
	"tmp",
	"name",
	"validator",
	"sync",
	"force_authoring",
	"no_grandpa",
];

/// The heading under which an argument of upstream's is listed.
fn heading(id: &str) -> Option<&'static str> {
	Some(match id {
		"chain" | "dev" | "base_path" | "tmp" | "sync" | "validator" | "name"
		| "force_authoring" | "no_grandpa" => "Node",
		"alice" | "bob" | "charlie" | "dave" | "eve" | "ferdie" | "one" | "two" => {
			"Development accounts"
		}
		"keystore_path" | "password_interactive" | "password" | "password_filename" => "Keystore",
		"log"
		| "detailed_log_output"
		| "disable_log_color"
		| "enable_log_reloading"
		| "tracing_targets"
		| "tracing_receiver" => "Logging",
		"no_telemetry"
		| "telemetry_endpoints"
		| "prometheus_port"
		| "prometheus_external"
		| "no_prometheus" => "Metrics and telemetry",
		"state_pruning"
		| "blocks_pruning"
		| "database"
		| "database_cache_size"
		| "trie_cache_size"
		| "warm_up_trie_cache" => "Database",
		"wasm_method"
		| "wasmtime_instantiation_strategy"
		| "wasm_runtime_overrides"
		| "max_runtime_instances"
		| "runtime_cache_size"
		| "enabled" => "Runtime",
		"pool_limit" | "pool_kbytes" | "tx_ban_seconds" | "pool_type" | "pool_best_blocks_only" => {
			"Transaction pool"
		}
		"bootnodes"
		| "reserved_nodes"
		| "reserved_only"
		| "public_addr"
		| "listen_addr"
		| "force_enable_webrtc"
		| "port"
		| "no_private_ip"
		| "allow_private_ip"
		| "out_peers"
		| "in_peers"
		| "in_peers_light"
		| "no_mdns"
		| "max_parallel_downloads"
		| "node_key"
		| "node_key_type"
		| "node_key_file"
		| "unsafe_force_node_key_generation"
		| "discover_local"
		| "kademlia_disjoint_query_paths"
		| "kademlia_replication_factor"
		| "ipfs_server"
		| "ipfs_bootnodes"
		| "max_blocks_per_request"
		| "network_backend" => "Network",
		"unsafe_rpc_external" | "experimental_rpc_endpoint" => "RPC",
		_ if id.starts_with("rpc_") => "RPC",
		_ => return None,
	})
}
