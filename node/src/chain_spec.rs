//! The chains that this node knows by name, and how a chain spec file is read.

use openledger_runtime::{genesis_config_presets::get_preset, opaque::Block, WASM_BINARY};
use sc_chain_spec::{ChainSpecExtension, ChainType, Properties};
use serde::{Deserialize, Serialize};
use sp_genesis_builder::PresetId;
use std::path::PathBuf;

/// Name and chain id of the one-node chain behind `--dev`, and of the runtime's preset.
pub const DEVELOPMENT: &str = "development";

/// Name and chain id of the four-validator chain behind `--chain local`, and of the runtime's preset.
pub const LOCAL: &str = "local";

/// What a chain spec may hold besides genesis and network.
#[derive(Default, Clone, Serialize, Deserialize, ChainSpecExtension)]
#[serde(rename_all = "camelCase")]
pub struct Extensions {
	/// Blocks that must be on the chain: number and hash.
	pub fork_blocks: sc_client_api::ForkBlocks<Block>,
	/// Blocks that must never be imported.
	pub bad_blocks: sc_client_api::BadBlocks<Block>,
	/// Where a light client may start; filled in by the RPC method `sync_state_genSyncSpec`.
	pub light_sync_state: sc_sync_state_rpc::LightSyncStateExtension,
}

/// The chain spec of an OpenLedger chain.
pub type ChainSpec = sc_chain_spec::GenericChainSpec<Extensions>;

/// The chain spec for `id`: the name of a built-in chain, or the path of a JSON file.
///
/// Fails if there is no chain of that name and no such file, if the file is no chain spec, or if the
/// node was built without the runtime's WebAssembly.
pub fn load(id: &str) -> Result<ChainSpec, String> {
	match id {
		"dev" | DEVELOPMENT => built_in(
			"OpenLedger Development",
			DEVELOPMENT,
			ChainType::Development,
		),
		LOCAL => built_in("OpenLedger Local", LOCAL, ChainType::Local),
		"" => Err(
			"No chain given. Use --dev for a chain of your own, --chain local for a local \
			network, or --chain <FILE> with the spec of the network to join"
				.into(),
		),
		path => ChainSpec::from_json_file(PathBuf::from(path)).map_err(|error| {
			format!(
				"`{path}` is neither a built-in chain ({DEVELOPMENT}, {LOCAL}) nor a readable \
				 chain spec: {error}"
			)
		}),
	}
}

fn built_in(name: &str, id: &str, chain_type: ChainType) -> Result<ChainSpec, String> {
	let wasm = WASM_BINARY
		.ok_or("This node was built without its runtime (SKIP_WASM_BUILD), use --chain <FILE>")?;
	// Asked of the native code: asking the WebAssembly would compile it once more, for seconds.
	let preset = get_preset(&PresetId::from(id)).ok_or("The runtime has no such preset")?;
	let preset = serde_json::from_slice(&preset).map_err(|error| error.to_string())?;
	Ok(ChainSpec::builder(wasm, Extensions::default())
		.with_name(name)
		.with_id(id)
		.with_chain_type(chain_type)
		.with_protocol_id("openledger")
		.with_properties(properties())
		.with_genesis_config_patch(preset)
		.build())
}

/// How wallets show amounts and addresses.
fn properties() -> Properties {
	let mut properties = Properties::new();
	properties.insert("tokenSymbol".into(), "OPEN".into());
	properties.insert("tokenDecimals".into(), 12.into());
	properties.insert("ss58Format".into(), 42.into());
	properties
}
