//! The methods `net_…` and `web3_…`.

use jsonrpsee::{core::RpcResult, proc_macros::rpc};
use openledger_runtime::opaque;
use pallet_revive::evm::Bytes;
use sc_network_sync::SyncingService;
use sp_core::{H256, U256};
use sp_io::hashing::keccak_256;
use std::sync::Arc;

/// `net_…`
#[rpc(server, namespace = "net")]
pub(super) trait Net {
	/// The chain id, in decimal digits.
	#[method(name = "version")]
	fn version(&self) -> RpcResult<String>;

	/// Whether the node listens for others: it always does.
	#[method(name = "listening")]
	fn listening(&self) -> RpcResult<bool>;

	/// How many other nodes it is connected to.
	#[method(name = "peerCount")]
	fn peer_count(&self) -> RpcResult<U256>;
}

/// `web3_…`
#[rpc(server, namespace = "web3")]
pub(super) trait Web3 {
	/// What this is.
	#[method(name = "clientVersion")]
	fn client_version(&self) -> RpcResult<String>;

	/// Keccak-256.
	#[method(name = "sha3")]
	fn sha3(&self, input: Bytes) -> RpcResult<H256>;
}

/// Answers `net_…`.
pub(super) struct NetRpc {
	/// The number by which signatures are bound to this chain.
	pub(super) chain_id: u64,
	/// What the node knows of others.
	pub(super) sync: Arc<SyncingService<opaque::Block>>,
}

impl NetServer for NetRpc {
	fn version(&self) -> RpcResult<String> {
		Ok(self.chain_id.to_string())
	}

	fn listening(&self) -> RpcResult<bool> {
		Ok(true)
	}

	fn peer_count(&self) -> RpcResult<U256> {
		Ok(self.sync.num_connected_peers().into())
	}
}

/// Answers `web3_…`.
pub(super) struct Web3Rpc;

impl Web3Server for Web3Rpc {
	fn client_version(&self) -> RpcResult<String> {
		Ok(format!("openledger-node/v{}", env!("CARGO_PKG_VERSION")))
	}

	fn sha3(&self, Bytes(input): Bytes) -> RpcResult<H256> {
		Ok(keccak_256(&input).into())
	}
}
