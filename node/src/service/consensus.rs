//! The tasks that make and finalise blocks: BABE, GRANDPA, BEEFY, the MMR gadget and authority
//! discovery.

use super::{
	partial::inherents, BabeBlockImport, BeefyLinks, FullBackend, FullClient, FullSelectChain,
	GrandpaLink, TransactionPool,
};
use futures::StreamExt;
use mmr_gadget::MmrGadget;
use openledger_runtime::opaque::Block;
use sc_consensus_babe::{BabeLink, SlotProportion};
use sc_consensus_beefy::communication::request_response::BeefyJustifsRequestHandler;
use sc_consensus_grandpa::{
	BeforeBestBlockBy, SharedVoterState, ThreeQuartersOfTheUnfinalizedChain, VotingRulesBuilder,
};
use sc_consensus_slots::BackoffAuthoringOnFinalizedHeadLagging;
use sc_network::{
	service::traits::NetworkService, Event, Multiaddr, NetworkEventStream, NotificationService,
	ProtocolName,
};
use sc_network_sync::SyncingService;
use sc_service::{error::Error as ServiceError, Role, TaskManager};
use sc_telemetry::TelemetryHandle;
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_consensus_beefy::{ecdsa_crypto::AuthorityId as BeefyId, mmr::MmrRootProvider};
use sp_keystore::KeystorePtr;
use std::{path::PathBuf, sync::Arc, time::Duration};
use substrate_prometheus_endpoint::Registry;

/// How long a GRANDPA voter waits for messages of others. A round takes some four times this, which
/// has to stay below a slot for finality to keep up with 2 s blocks.
const GRANDPA_GOSSIP_DURATION: Duration = Duration::from_millis(333);

/// How far below the best block GRANDPA votes: deep enough that most forks have ended, and one less
/// than upstream's, so that finality is never far behind blocks of 2 s.
const GRANDPA_VOTE_DEPTH: u32 = 1;

/// Fewest blocks between two BEEFY commitments.
const BEEFY_MIN_BLOCK_DELTA: u32 = 4;

/// Part of a slot that may be spent on making a block; the rest is for it to reach the others.
const PROPOSAL_PORTION: f32 = 0.5;

/// On chains without value: author at least every so many slots however far finality is behind, so
/// that a test network that was interrupted recovers quickly.
const TEST_MAX_BACKOFF_SLOTS: u32 = 10;

/// What all consensus tasks share.
pub(super) struct Consensus<'a> {
	/// Where tasks are spawned.
	pub(super) task_manager: &'a TaskManager,
	/// The client.
	pub(super) client: Arc<FullClient>,
	/// The database.
	pub(super) backend: Arc<FullBackend>,
	/// The transaction pool.
	pub(super) transaction_pool: Arc<TransactionPool>,
	/// The keys of this node.
	pub(super) keystore: KeystorePtr,
	/// The network.
	pub(super) network: Arc<dyn NetworkService>,
	/// Block synchronisation.
	pub(super) sync: Arc<SyncingService<Block>>,
	/// Whether this node is a validator.
	pub(super) role: Role,
	/// Metrics.
	pub(super) registry: Option<Registry>,
	/// Connection to telemetry servers.
	pub(super) telemetry: Option<TelemetryHandle>,
}

impl Consensus<'_> {
	/// The keys to vote with: none unless this node is a validator.
	fn voter_keystore(&self) -> Option<KeystorePtr> {
		self.role.is_authority().then(|| self.keystore.clone())
	}

	fn pool_factory(&self) -> OffchainTransactionPoolFactory<Block> {
		OffchainTransactionPoolFactory::new(self.transaction_pool.clone())
	}

	/// Starts authoring blocks.
	pub(super) fn start_babe(
		&self,
		select_chain: FullSelectChain,
		block_import: BabeBlockImport,
		babe_link: BabeLink<Block>,
		force_authoring: bool,
		test_chain: bool,
	) -> Result<(), ServiceError> {
		let mut backoff = BackoffAuthoringOnFinalizedHeadLagging::default();
		if test_chain {
			backoff.max_interval = TEST_MAX_BACKOFF_SLOTS;
		}
		let env = sc_basic_authorship::ProposerFactory::new(
			self.task_manager.spawn_handle(),
			self.client.clone(),
			self.transaction_pool.clone(),
			self.registry.as_ref(),
			self.telemetry.clone(),
		);
		let slot_duration = babe_link.config().slot_duration();
		let babe = sc_consensus_babe::start_babe(sc_consensus_babe::BabeParams {
			keystore: self.keystore.clone(),
			client: self.client.clone(),
			select_chain,
			env,
			block_import,
			sync_oracle: self.sync.clone(),
			justification_sync_link: self.sync.clone(),
			create_inherent_data_providers: move |_, ()| async move { Ok(inherents(slot_duration)) },
			force_authoring,
			backoff_authoring_blocks: Some(backoff),
			babe_link,
			block_proposal_slot_portion: SlotProportion::new(PROPOSAL_PORTION),
			max_block_proposal_slot_portion: None,
			telemetry: self.telemetry.clone(),
		})?;
		self.task_manager.spawn_essential_handle().spawn_blocking(
			"babe-proposer",
			Some("block-authoring"),
			babe,
		);
		Ok(())
	}

	/// Starts the GRANDPA voter; on a node that is no validator it follows the votes of others.
	pub(super) fn start_grandpa(
		&self,
		link: GrandpaLink,
		shared_voter_state: SharedVoterState,
		notification_service: Box<dyn NotificationService>,
		protocol_name: ProtocolName,
		node_name: String,
	) -> Result<(), ServiceError> {
		let voter = sc_consensus_grandpa::run_grandpa_voter(sc_consensus_grandpa::GrandpaParams {
			config: sc_consensus_grandpa::Config {
				gossip_duration: GRANDPA_GOSSIP_DURATION,
				justification_generation_period: super::GRANDPA_JUSTIFICATION_PERIOD,
				name: Some(node_name),
				observer_enabled: false,
				keystore: self.voter_keystore(),
				local_role: self.role,
				telemetry: self.telemetry.clone(),
				protocol_name,
			},
			link,
			network: self.network.clone(),
			sync: self.sync.clone(),
			notification_service,
			voting_rule: VotingRulesBuilder::new()
				.add(BeforeBestBlockBy(GRANDPA_VOTE_DEPTH))
				.add(ThreeQuartersOfTheUnfinalizedChain)
				.build(),
			prometheus_registry: self.registry.clone(),
			shared_voter_state,
			telemetry: self.telemetry.clone(),
			offchain_tx_pool_factory: self.pool_factory(),
		})?;
		self.task_manager
			.spawn_essential_handle()
			.spawn_blocking("grandpa-voter", None, voter);
		Ok(())
	}

	/// Starts the BEEFY voter.
	pub(super) fn start_beefy(
		&self,
		links: BeefyLinks,
		notification_service: Box<dyn NotificationService>,
		gossip_protocol_name: ProtocolName,
		on_demand_justifications_handler: BeefyJustifsRequestHandler<Block, FullClient>,
	) {
		let justifications_protocol_name = on_demand_justifications_handler.protocol_name();
		let voter = sc_consensus_beefy::start_beefy_gadget::<_, _, _, _, _, _, _, BeefyId>(
			sc_consensus_beefy::BeefyParams {
				client: self.client.clone(),
				backend: self.backend.clone(),
				payload_provider: MmrRootProvider::new(self.client.clone()),
				runtime: self.client.clone(),
				key_store: self.voter_keystore(),
				network_params: sc_consensus_beefy::BeefyNetworkParams {
					network: Arc::new(self.network.clone()),
					sync: self.sync.clone(),
					notification_service,
					gossip_protocol_name,
					justifications_protocol_name,
					_phantom: Default::default(),
				},
				min_block_delta: BEEFY_MIN_BLOCK_DELTA,
				prometheus_registry: self.registry.clone(),
				links,
				on_demand_justifications_handler,
				is_authority: self.role.is_authority(),
			},
		);
		// Essential: a validator whose BEEFY stands still holds up the bridge, and has to notice.
		self.task_manager
			.spawn_essential_handle()
			.spawn_blocking("beefy-gadget", None, voter);
	}

	/// Starts the gadget that moves MMR leaves of finalised blocks to where proofs find them.
	pub(super) fn start_mmr(&self) {
		self.task_manager.spawn_essential_handle().spawn_blocking(
			"mmr-gadget",
			None,
			MmrGadget::start(
				self.client.clone(),
				self.backend.clone(),
				sp_mmr_primitives::INDEXING_PREFIX.to_vec(),
			),
		);
	}

	/// Starts publishing this validator's addresses and looking up those of the others.
	pub(super) fn start_authority_discovery(
		&self,
		public_addresses: Vec<Multiaddr>,
		publish_non_global_ips: bool,
		cache: Option<PathBuf>,
	) {
		let events = self
			.network
			.event_stream("authority-discovery")
			.filter_map(|event| async {
				match event {
					Event::Dht(event) => Some(event),
					_ => None,
				}
			});
		let (worker, _service) = sc_authority_discovery::new_worker_and_service_with_config(
			sc_authority_discovery::WorkerConfig {
				publish_non_global_ips,
				public_addresses,
				strict_record_validation: true,
				persisted_cache_directory: cache,
				..Default::default()
			},
			self.client.clone(),
			Arc::new(self.network.clone()),
			Box::pin(events),
			sc_authority_discovery::Role::PublishAndDiscover(self.keystore.clone()),
			self.registry.clone(),
			self.task_manager.spawn_handle(),
		);
		self.task_manager.spawn_handle().spawn(
			"authority-discovery-worker",
			Some("networking"),
			worker.run(),
		);
	}
}
