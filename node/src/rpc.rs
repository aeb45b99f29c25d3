//! The RPC methods that the node adds to those of every Substrate node.

use crate::{
	ethereum::Ethereum,
	service::{FullBackend, FullClient, FullSelectChain, TransactionPool},
};
use jsonrpsee::RpcModule;
use mmr_rpc::{Mmr, MmrApiServer};
use openledger_runtime::{opaque::Block, Hash};
use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
use sc_client_api::Backend;
use sc_consensus_babe::BabeWorkerHandle;
use sc_consensus_babe_rpc::{Babe, BabeApiServer};
use sc_consensus_beefy::communication::notification::{
	BeefyBestBlockStream, BeefyVersionedFinalityProofStream,
};
use sc_consensus_beefy_rpc::{Beefy, BeefyApiServer};
use sc_consensus_grandpa::{
	FinalityProofProvider, GrandpaJustificationStream, SharedAuthoritySet, SharedVoterState,
};
use sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer};
use sc_rpc::SubscriptionTaskExecutor;
use sc_sync_state_rpc::{SyncState, SyncStateApiServer};
use sp_consensus_beefy::ecdsa_crypto::AuthorityId as BeefyId;
use sp_keystore::KeystorePtr;
use sp_runtime::traits::{Block as BlockT, NumberFor};
use std::{error::Error, sync::Arc};
use substrate_frame_rpc_system::{System, SystemApiServer};

/// What the GRANDPA methods read.
#[derive(Clone)]
pub struct GrandpaDeps {
	/// State of the voter's current round.
	pub shared_voter_state: SharedVoterState,
	/// The authorities, past and present.
	pub shared_authority_set: SharedAuthoritySet<<Block as BlockT>::Hash, NumberFor<Block>>,
	/// Justifications as they are imported.
	pub justification_stream: GrandpaJustificationStream<Block>,
	/// Proofs that a block is final.
	pub finality_provider: Arc<FinalityProofProvider<FullBackend, Block>>,
}

/// What the BEEFY methods read.
#[derive(Clone)]
pub struct BeefyDeps {
	/// Signed commitments as they are made.
	pub finality_proof_stream: BeefyVersionedFinalityProofStream<Block, BeefyId>,
	/// The best block that BEEFY has finalised.
	pub best_block_stream: BeefyBestBlockStream<Block>,
}

/// What all methods read.
#[derive(Clone)]
pub struct FullDeps {
	/// The client.
	pub client: Arc<FullClient>,
	/// The database.
	pub backend: Arc<FullBackend>,
	/// The transaction pool.
	pub pool: Arc<TransactionPool>,
	/// The rule that picks the best chain.
	pub select_chain: FullSelectChain,
	/// The keys of this node.
	pub keystore: KeystorePtr,
	/// Requests to the BABE worker.
	pub babe_worker_handle: BabeWorkerHandle<Block>,
	/// What the GRANDPA methods read.
	pub grandpa: GrandpaDeps,
	/// What the BEEFY methods read.
	pub beefy: BeefyDeps,
}

/// Builds the module with all additional methods.
///
/// Fails if the chain spec has no `lightSyncState` extension or the database no offchain storage.
pub fn create_full(
	deps: FullDeps,
	ethereum: &Ethereum,
	chain_spec: Box<dyn sc_chain_spec::ChainSpec>,
	executor: SubscriptionTaskExecutor,
) -> Result<RpcModule<()>, Box<dyn Error + Send + Sync>> {
	let FullDeps {
		client,
		backend,
		pool,
		select_chain,
		keystore,
		babe_worker_handle,
		..
	} = deps;
	let GrandpaDeps {
		shared_voter_state,
		shared_authority_set,
		justification_stream,
		finality_provider,
	} = deps.grandpa;
	let BeefyDeps {
		finality_proof_stream,
		best_block_stream,
	} = deps.beefy;
	let offchain_storage = backend
		.offchain_storage()
		.ok_or("The database has no offchain storage")?;

	let mut module = RpcModule::new(());
	module.merge(ethereum.methods(executor.clone())?)?;
	module.merge(System::new(client.clone(), pool).into_rpc())?;
	module.merge(TransactionPayment::new(client.clone()).into_rpc())?;
	module.merge(Mmr::<_, (Block, Hash), _>::new(client.clone(), offchain_storage).into_rpc())?;
	module.merge(
		Babe::new(
			client.clone(),
			babe_worker_handle.clone(),
			keystore,
			select_chain,
		)
		.into_rpc(),
	)?;
	module.merge(
		Grandpa::new(
			executor.clone(),
			shared_authority_set.clone(),
			shared_voter_state,
			justification_stream,
			finality_provider,
		)
		.into_rpc(),
	)?;
	module.merge(
		Beefy::<Block, BeefyId>::new(finality_proof_stream, best_block_stream, executor)?
			.into_rpc(),
	)?;
	module.merge(
		SyncState::new(chain_spec, client, shared_authority_set, babe_worker_handle)?.into_rpc(),
	)?;
	Ok(module)
}
