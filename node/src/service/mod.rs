//! The running node: which types it is made of, and how its parts are put together.

mod consensus;
mod full;
mod partial;

pub use full::{new_full, NodeOptions};
pub use partial::{new_chain_ops, new_partial, ChainOps, Partial};

use openledger_runtime::{opaque::Block, RuntimeApi};
use sp_consensus_beefy::ecdsa_crypto::AuthorityId as BeefyId;

/// Runs the runtime's WebAssembly, with the host functions of every Substrate node and no others.
pub type RuntimeExecutor = sc_executor::WasmExecutor<sp_io::SubstrateHostFunctions>;

/// The client.
pub type FullClient = sc_service::TFullClient<Block, RuntimeApi, RuntimeExecutor>;

/// The database.
pub type FullBackend = sc_service::TFullBackend<Block>;

/// The rule that picks the best chain.
pub type FullSelectChain = sc_consensus::LongestChain<FullBackend, Block>;

/// The transaction pool.
pub type TransactionPool = sc_transaction_pool::TransactionPoolHandle<Block, FullClient>;

type GrandpaBlockImport =
	sc_consensus_grandpa::GrandpaBlockImport<FullBackend, Block, FullClient, FullSelectChain>;

type BeefyBlockImport = sc_consensus_beefy::import::BeefyBlockImport<
	Block,
	FullBackend,
	FullClient,
	GrandpaBlockImport,
	BeefyId,
>;

type BabeBlockImport = sc_consensus_babe::BabeBlockImport<
	Block,
	FullClient,
	BeefyBlockImport,
	sp_consensus_babe::inherents::BabeCreateInherentDataProviders<Block>,
	FullSelectChain,
>;

type GrandpaLink = sc_consensus_grandpa::LinkHalf<Block, FullClient, FullSelectChain>;

type BeefyLinks = sc_consensus_beefy::BeefyVoterLinks<Block, BeefyId>;

/// Blocks between two GRANDPA justifications that are stored, apart from those at an authority change.
const GRANDPA_JUSTIFICATION_PERIOD: u32 = 512;
