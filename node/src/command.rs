//! Carries out what the command line asks for.

use crate::{
	cli::{Cli, Subcommand},
	service::{new_chain_ops, new_full, ChainOps, FullClient, NodeOptions},
};
use openledger_inference::InferenceArgs;
use openledger_runtime::opaque::Block;
use sc_cli::{CliConfiguration, KeySubcommand, OffchainWorkerEnabled, Result, SubstrateCli};
use sc_consensus::DefaultImportQueue;
use sc_network::{config::NetworkBackendType, Litep2pNetworkBackend, NetworkWorker};
use sc_service::{Configuration, Error as ServiceError, TaskManager};
use sp_runtime::traits::Block as BlockT;
use std::{future::Future, sync::Arc};

/// Parses the process's arguments and runs the node or the command.
pub fn run() -> Result<()> {
	let cli = Cli::from_args();
	match &cli.subcommand {
		None => run_node(&cli),
		// A key that is printed or goes to a file of its own belongs to no chain.
		Some(Subcommand::Key(KeySubcommand::GenerateNodeKey(cmd))) if cmd.chain.is_none() => {
			cmd.common.run()
		}
		Some(Subcommand::Key(cmd)) => cmd.run(&cli),
		Some(Subcommand::Data(cmd)) => cmd.run().map_err(application),
		Some(Subcommand::Attribution(cmd)) => cmd.run().map_err(application),
		Some(Subcommand::Inference(args)) => run_inference(args.clone()),
		Some(Subcommand::ExportChainSpec(cmd)) => cmd.run(cli.load_spec(&cmd.chain)?),
		Some(Subcommand::ChainInfo(cmd)) => cli
			.create_runner(cmd)?
			.sync_run(|config| cmd.run::<Block>(&config)),
		Some(Subcommand::PurgeChain(cmd)) => cli
			.create_runner(cmd)?
			.sync_run(|config| cmd.run(config.database)),
		Some(Subcommand::CheckBlock(cmd)) => on_chain(&cli, cmd, |chain, _| {
			Ok(cmd.run(chain.client.clone(), take_import_queue(chain)?))
		}),
		Some(Subcommand::ImportBlocks(cmd)) => on_chain(&cli, cmd, |chain, _| {
			Ok(cmd.run(chain.client.clone(), take_import_queue(chain)?))
		}),
		Some(Subcommand::ExportBlocks(cmd)) => on_chain(&cli, cmd, |chain, config| {
			Ok(cmd.run(chain.client.clone(), config.database))
		}),
		Some(Subcommand::ExportState(cmd)) => on_chain(&cli, cmd, |chain, config| {
			Ok(cmd.run(chain.client.clone(), config.chain_spec))
		}),
		Some(Subcommand::CheckState(cmd)) => {
			on_chain(&cli, cmd, |chain, _| Ok(cmd.run(chain.client.clone())))
		}
		Some(Subcommand::Revert(cmd)) => on_chain(&cli, cmd, |chain, _| {
			// What BABE and GRANDPA keep beside the chain has to go back with it.
			let revert_consensus = Box::new(|client: Arc<FullClient>, backend, blocks| {
				sc_consensus_babe::revert(client.clone(), backend, blocks)?;
				sc_consensus_grandpa::revert(client, blocks)?;
				Ok(())
			});
			Ok(cmd.run(
				chain.client.clone(),
				chain.backend.clone(),
				Some(revert_consensus),
			))
		}),
	}
}

/// A command's sentence for the user.
fn application(error: String) -> sc_cli::Error {
	sc_cli::Error::Application(error.into())
}

/// Opens the database, runs a command on it and closes it again.
fn on_chain<F: Future<Output = Result<()>>>(
	cli: &Cli,
	cmd: &impl CliConfiguration,
	work: impl FnOnce(&mut ChainOps, Configuration) -> Result<F>,
) -> Result<()> {
	cli.create_runner(cmd)?.async_run(|mut config| {
		let mut chain = new_chain_ops(&mut config)?;
		// The tasks of the chain end with `chain`, not with this one, which has none.
		let task_manager = TaskManager::new(config.tokio_handle.clone(), None)
			.map_err(|error| ServiceError::Application(error.into()))?;
		let work = work(&mut chain, config)?;
		let work = async move {
			let result = work.await;
			chain.close();
			result
		};
		Ok((work, task_manager))
	})
}

fn take_import_queue(chain: &mut ChainOps) -> Result<DefaultImportQueue<Block>> {
	chain
		.import_queue
		.take()
		.ok_or_else(|| "The import queue is in use".into())
}

fn run_inference(args: InferenceArgs) -> Result<()> {
	let runtime = tokio::runtime::Builder::new_multi_thread()
		.worker_threads(2)
		.enable_all()
		.build()?;
	let result = runtime.block_on(openledger_inference::run(args));
	// A run of a model can't be interrupted and must not hold up the end of the process.
	runtime.shutdown_background();
	result.map_err(|error| sc_cli::Error::Application(error.into()))
}

fn run_node(cli: &Cli) -> Result<()> {
	let options = NodeOptions {
		inference: cli.inference.clone(),
		content: cli.content.clone(),
		dev: cli.run.is_dev()?,
	};
	let serves_inference = options.inference.is_given();
	let workers = cli.run.offchain_worker_params.enabled.clone();
	if serves_inference && matches!(workers, OffchainWorkerEnabled::Never) {
		return Err(sc_cli::Error::Input(
			"Off-chain workers hand the jobs to the inference service: --offchain-worker never \
			 and --inference-models or --inference-url exclude each other"
				.into(),
		));
	}

	cli.create_runner(&cli.run)?
		.run_node_until_exit(|mut config| async move {
			// An operator need not be a validator.
			config.offchain_worker.enabled |= serves_inference;
			let task_manager = match config.network.network_backend {
				NetworkBackendType::Libp2p => {
					new_full::<NetworkWorker<Block, <Block as BlockT>::Hash>>(config, options)
				}
				NetworkBackendType::Litep2p => new_full::<Litep2pNetworkBackend>(config, options),
			};
			task_manager.map_err(sc_cli::Error::Service)
		})
}
