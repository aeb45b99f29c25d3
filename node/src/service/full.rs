//! The whole node.

use super::{consensus::Consensus, new_partial, partial::Partial};
use crate::{
	content::{self, ContentParams},
	ethereum::Ethereum,
	inference_service::{self, InferenceParams},
	metrics, operator,
	rpc::create_full,
};
use openledger_runtime::opaque::Block;
use sc_client_api::Backend;
use sc_consensus_beefy::communication::{
	beefy_peers_set_config, request_response::BeefyJustifsRequestHandler,
};
use sc_network::{config::FullNetworkConfiguration, NetworkBackend};
use sc_network_sync::WarpSyncConfig;
use sc_service::{
	error::Error as ServiceError, ChainType, Configuration, PartialComponents, TaskManager,
};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_blockchain::HeaderBackend;
use sp_runtime::traits::Block as BlockT;
use std::sync::Arc;

/// The node's options that no Substrate node has.
#[derive(Debug, Clone)]
pub struct NodeOptions {
	/// Whether and where inference is served.
	pub inference: InferenceParams,
	/// The content store.
	pub content: ContentParams,
	/// Whether `--dev` was given: uploads to the content store then need no token.
	pub dev: bool,
}

/// Starts all parts of a node and returns the manager of its tasks.
pub fn new_full<N: NetworkBackend<Block, <Block as BlockT>::Hash>>(
	mut config: Configuration,
	options: NodeOptions,
) -> Result<TaskManager, ServiceError> {
	let PartialComponents {
		client,
		backend,
		mut task_manager,
		import_queue,
		keystore_container,
		select_chain,
		transaction_pool,
		other:
			Partial {
				block_import,
				babe_link,
				grandpa_link,
				beefy_links,
				shared_voter_state,
				rpc,
				mut telemetry,
			},
	} = new_partial(&mut config)?;

	let role = config.role;
	let registry = config.prometheus_registry().cloned();
	let keystore = keystore_container.keystore();
	let node_name = config.network.node_name.clone();
	let force_authoring = config.force_authoring;
	let grandpa_enabled = !config.disable_grandpa;
	let test_chain = config.chain_spec.chain_type() != ChainType::Live;
	if test_chain {
		// Upstream waits for three peers to compare, more than a network for tests may have.
		config.network.min_peers_to_start_warp_sync = Some(1);
	}
	let data_folder = config.base_path.path().to_path_buf();

	// Protocols of the network.
	let genesis_hash = client.info().genesis_hash;
	let notification_metrics = N::register_notification_metrics(registry.as_ref());
	let mut net_config =
		FullNetworkConfiguration::<_, _, N>::new(&config.network, registry.clone());
	let peer_store = net_config.peer_store_handle();

	let grandpa_protocol =
		sc_consensus_grandpa::protocol_standard_name(&genesis_hash, &config.chain_spec);
	let (protocol, grandpa_notifications) = sc_consensus_grandpa::grandpa_peers_set_config::<_, N>(
		grandpa_protocol.clone(),
		notification_metrics.clone(),
		peer_store.clone(),
	);
	net_config.add_notification_protocol(protocol);

	let beefy_protocol =
		sc_consensus_beefy::gossip_protocol_name(genesis_hash, config.chain_spec.fork_id());
	let (protocol, beefy_notifications) = beefy_peers_set_config::<_, N>(
		beefy_protocol.clone(),
		notification_metrics.clone(),
		peer_store,
	);
	net_config.add_notification_protocol(protocol);
	let (beefy_justifications, protocol) = BeefyJustifsRequestHandler::new::<_, N>(
		genesis_hash,
		config.chain_spec.fork_id(),
		client.clone(),
		registry.clone(),
	);
	net_config.add_request_response_protocol(protocol);

	let warp_sync = Arc::new(sc_consensus_grandpa::warp_proof::NetworkProvider::new(
		backend.clone(),
		grandpa_link.shared_authority_set().clone(),
		Vec::new(),
	));
	let (network, system_rpc_tx, tx_handler_controller, sync_service, _bitswap) =
		sc_service::build_network(sc_service::BuildNetworkParams {
			config: &config,
			net_config,
			client: client.clone(),
			transaction_pool: transaction_pool.clone(),
			spawn_handle: task_manager.spawn_handle(),
			spawn_essential_handle: task_manager.spawn_essential_handle(),
			import_queue,
			block_announce_validator_builder: None,
			warp_sync_config: Some(WarpSyncConfig::WithProvider(warp_sync)),
			block_relay: None,
			metrics: notification_metrics,
			gap_sync_body_policy: None,
		})?;

	// The operator's side. The endpoint has to be in the database before the first off-chain worker.
	if let Some(seed) = &config.dev_key_seed {
		operator::insert_dev_key(&*keystore, seed)
			.map_err(|error| ServiceError::Other(format!("operator key: {error}")))?;
	}
	let store = content::open(&data_folder, &options.content)?;
	let endpoint = inference_service::start(
		&options.inference,
		&data_folder,
		&store,
		registry.as_ref(),
		&task_manager.spawn_handle(),
	)?;
	let mut offchain_storage = backend
		.offchain_storage()
		.ok_or("The database has no offchain storage")?;
	operator::publish_endpoint(&mut offchain_storage, endpoint.as_ref());
	metrics::start(
		client.clone(),
		metrics::Operator {
			keystore: keystore.clone(),
			serves: endpoint.is_some(),
			models: options.inference.inference_models.clone(),
		},
		registry.as_ref(),
		&task_manager.spawn_handle(),
	)?;
	content::start(
		&options.content,
		options.dev,
		store,
		Arc::new(content::gate::ChainGate::new(client.clone())),
		registry.as_ref(),
		&task_manager.spawn_handle(),
	)?;

	if config.offchain_worker.enabled {
		let workers = sc_offchain::OffchainWorkers::new(sc_offchain::OffchainWorkerOptions {
			runtime_api_provider: client.clone(),
			keystore: Some(keystore.clone()),
			offchain_db: Some(offchain_storage),
			transaction_pool: Some(OffchainTransactionPoolFactory::new(
				transaction_pool.clone(),
			)),
			network_provider: Arc::new(network.clone()),
			is_validator: role.is_authority(),
			enable_http_requests: true,
			custom_extensions: |_| Vec::new(),
		})?;
		task_manager.spawn_handle().spawn(
			"offchain-workers-runner",
			Some("offchain-worker"),
			workers.run(client.clone(), task_manager.spawn_handle()),
		);
	}

	let ethereum = Ethereum::start(
		client.clone(),
		backend.clone(),
		transaction_pool.clone(),
		sync_service.clone(),
		&task_manager.spawn_handle(),
	);
	let public_addresses = config.network.public_addresses.clone();
	let publish_non_global_ips = config.network.allow_non_globals_in_dht;
	let network_folder = config.network.net_config_path.clone();
	let chain_spec = config.chain_spec.cloned_box();
	sc_service::spawn_tasks(sc_service::SpawnTasksParams {
		config,
		client: client.clone(),
		backend: backend.clone(),
		task_manager: &mut task_manager,
		keystore: keystore.clone(),
		transaction_pool: transaction_pool.clone(),
		rpc_builder: Box::new(move |executor| {
			create_full(rpc.clone(), &ethereum, chain_spec.cloned_box(), executor)
				.map_err(ServiceError::Application)
		}),
		network: network.clone(),
		system_rpc_tx,
		tx_handler_controller,
		sync_service: sync_service.clone(),
		telemetry: telemetry.as_mut(),
		tracing_execute_block: None,
	})?;

	let consensus = Consensus {
		task_manager: &task_manager,
		client,
		backend,
		transaction_pool,
		keystore,
		network,
		sync: sync_service,
		role,
		registry,
		telemetry: telemetry.as_ref().map(|telemetry| telemetry.handle()),
	};
	if role.is_authority() {
		consensus.start_babe(
			select_chain,
			block_import,
			babe_link,
			force_authoring,
			test_chain,
		)?;
		consensus.start_authority_discovery(
			public_addresses,
			publish_non_global_ips,
			network_folder,
		);
	}
	if grandpa_enabled {
		consensus.start_grandpa(
			grandpa_link,
			shared_voter_state,
			grandpa_notifications,
			grandpa_protocol,
			node_name,
		)?;
	}
	consensus.start_beefy(
		beefy_links,
		beefy_notifications,
		beefy_protocol,
		beefy_justifications,
	);
	consensus.start_mmr();

	Ok(task_manager)
}
