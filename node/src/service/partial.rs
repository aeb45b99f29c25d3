//! The parts that the node and the commands on its database have in common: database, client,
//! transaction pool, import queue.

use super::{
	BabeBlockImport, BeefyLinks, FullBackend, FullClient, FullSelectChain, GrandpaLink,
	RuntimeExecutor, TransactionPool, GRANDPA_JUSTIFICATION_PERIOD,
};
use crate::rpc::{BeefyDeps, FullDeps, GrandpaDeps};
use openledger_runtime::opaque::Block;
use sc_consensus_babe::BabeLink;
use sc_consensus_grandpa::{FinalityProofProvider, GrandpaPruningFilter, SharedVoterState};
use sc_service::{error::Error as ServiceError, Configuration, PartialComponents, TaskManager};
use sc_telemetry::{Telemetry, TelemetryWorker};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_consensus_babe::{
	inherents::{BabeCreateInherentDataProviders, InherentDataProvider as BabeInherent},
	SlotDuration,
};
use std::sync::Arc;

/// What [`new_partial`] gives besides the usual components.
pub struct Partial {
	/// Imports blocks that this node authors.
	pub(super) block_import: BabeBlockImport,
	/// Joins BABE's import to its authoring.
	pub(super) babe_link: BabeLink<Block>,
	/// Joins GRANDPA's import to its voter.
	pub(super) grandpa_link: GrandpaLink,
	/// Joins BEEFY's import to its voter.
	pub(super) beefy_links: BeefyLinks,
	/// State of the GRANDPA voter, read by RPC.
	pub(super) shared_voter_state: SharedVoterState,
	/// What the RPC methods read.
	pub(super) rpc: FullDeps,
	/// Connection to telemetry servers.
	pub(super) telemetry: Option<Telemetry>,
}

type Components = PartialComponents<
	FullClient,
	FullBackend,
	FullSelectChain,
	sc_consensus::DefaultImportQueue<Block>,
	TransactionPool,
	Partial,
>;

/// What a command on the database works with. The node's tasks end with an error when what they
/// serve goes, so all of it is here.
pub struct ChainOps {
	/// The client.
	pub client: Arc<FullClient>,
	/// The database.
	pub backend: Arc<FullBackend>,
	/// The queue that verifies and imports blocks, until it is taken.
	pub import_queue: Option<sc_consensus::DefaultImportQueue<Block>>,
	task_manager: TaskManager,
	_transaction_pool: Arc<TransactionPool>,
	_partial: Partial,
}

impl ChainOps {
	/// Ends the node's tasks, then closes the database.
	pub fn close(self) {
		let Self { task_manager, .. } = self;
		drop(task_manager);
	}
}

/// Opens the database and builds what a command on it needs.
pub fn new_chain_ops(config: &mut Configuration) -> Result<ChainOps, ServiceError> {
	config.keystore = sc_service::config::KeystoreConfig::InMemory;
	let PartialComponents {
		client,
		backend,
		import_queue,
		task_manager,
		transaction_pool,
		other,
		..
	} = new_partial(config)?;
	Ok(ChainOps {
		client,
		backend,
		import_queue: Some(import_queue),
		task_manager,
		_transaction_pool: transaction_pool,
		_partial: other,
	})
}

/// Opens the database and builds everything below networking.
///
/// Turns offchain indexing on whatever the configuration says: the MMR pallet writes its leaves by
/// it, and leaves of a block that was imported without it are lost to this node for good.
pub fn new_partial(config: &mut Configuration) -> Result<Components, ServiceError> {
	config.offchain_worker.indexing_enabled = true;

	let telemetry = connect_telemetry(config)?;
	let telemetry_handle = telemetry.as_ref().map(|(_, telemetry)| telemetry.handle());
	let executor: RuntimeExecutor = sc_service::new_wasm_executor(&config.executor);
	// A node that prunes blocks keeps those that prove a change of authorities, without which it
	// could not serve warp sync.
	let (client, backend, keystore_container, task_manager) = sc_service::new_full_parts(
		config,
		telemetry_handle.clone(),
		executor,
		vec![Arc::new(GrandpaPruningFilter)],
	)?;
	let client: Arc<FullClient> = Arc::new(client);
	let telemetry = telemetry.map(|(worker, telemetry)| {
		task_manager
			.spawn_handle()
			.spawn("telemetry", None, worker.run());
		telemetry
	});

	let select_chain = sc_consensus::LongestChain::new(backend.clone());
	let transaction_pool = Arc::new(
		sc_transaction_pool::Builder::new(
			task_manager.spawn_essential_handle(),
			client.clone(),
			config.role.is_authority().into(),
		)
		.with_options(config.transaction_pool.clone())
		.with_prometheus(config.prometheus_registry())
		.build(),
	);

	// A block passes BABE, then BEEFY, then GRANDPA, then the client.
	let (grandpa_import, grandpa_link) = sc_consensus_grandpa::block_import(
		client.clone(),
		GRANDPA_JUSTIFICATION_PERIOD,
		&client.clone(),
		select_chain.clone(),
		telemetry_handle.clone(),
	)?;
	let (beefy_import, beefy_links, beefy_rpc) = sc_consensus_beefy::beefy_block_import_and_links(
		grandpa_import.clone(),
		backend.clone(),
		client.clone(),
		config.prometheus_registry().cloned(),
	);
	let babe_config = sc_consensus_babe::configuration(&*client)?;
	let slot_duration = babe_config.slot_duration();
	let (block_import, babe_link) = sc_consensus_babe::block_import(
		babe_config,
		beefy_import,
		client.clone(),
		Arc::new(move |_, _| async move { Ok(inherents(slot_duration)) })
			as BabeCreateInherentDataProviders<Block>,
		select_chain.clone(),
		OffchainTransactionPoolFactory::new(transaction_pool.clone()),
	)?;
	let (import_queue, babe_worker_handle) =
		sc_consensus_babe::import_queue(sc_consensus_babe::ImportQueueParams {
			link: babe_link.clone(),
			block_import: block_import.clone(),
			justification_import: Some(Box::new(grandpa_import)),
			client: client.clone(),
			slot_duration,
			spawner: &task_manager.spawn_essential_handle(),
			registry: config.prometheus_registry(),
			telemetry: telemetry_handle,
		})?;

	let shared_authority_set = grandpa_link.shared_authority_set().clone();
	let shared_voter_state = SharedVoterState::empty();
	let rpc = FullDeps {
		client: client.clone(),
		backend: backend.clone(),
		pool: transaction_pool.clone(),
		select_chain: select_chain.clone(),
		keystore: keystore_container.keystore(),
		babe_worker_handle,
		grandpa: GrandpaDeps {
			shared_voter_state: shared_voter_state.clone(),
			shared_authority_set: shared_authority_set.clone(),
			justification_stream: grandpa_link.justification_stream(),
			finality_provider: FinalityProofProvider::new_for_service(
				backend.clone(),
				Some(shared_authority_set),
			),
		},
		beefy: BeefyDeps {
			finality_proof_stream: beefy_rpc.from_voter_justif_stream,
			best_block_stream: beefy_rpc.from_voter_best_beefy_stream,
		},
	};

	let other = Partial {
		block_import,
		babe_link,
		grandpa_link,
		beefy_links,
		shared_voter_state,
		rpc,
		telemetry,
	};
	Ok(PartialComponents {
		client,
		backend,
		task_manager,
		keystore_container,
		select_chain,
		import_queue,
		transaction_pool,
		other,
	})
}

/// The inherents of a block authored now: its slot and its time.
pub(super) fn inherents(
	slot_duration: SlotDuration,
) -> (BabeInherent, sp_timestamp::InherentDataProvider) {
	let timestamp = sp_timestamp::InherentDataProvider::from_system_time();
	let slot = BabeInherent::from_timestamp_and_slot_duration(*timestamp, slot_duration);
	(slot, timestamp)
}

fn connect_telemetry(
	config: &Configuration,
) -> Result<Option<(TelemetryWorker, Telemetry)>, sc_telemetry::Error> {
	let endpoints = config
		.telemetry_endpoints
		.clone()
		.filter(|endpoints| !endpoints.is_empty());
	endpoints
		.map(|endpoints| {
			let worker = TelemetryWorker::new(16)?;
			let telemetry = worker.handle().new_telemetry(endpoints);
			Ok((worker, telemetry))
		})
		.transpose()
}
