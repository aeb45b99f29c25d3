//! The chain's own part: Datanets, clusters and settlement by the real runtime, on the development preset.

use frame_support::{
	genesis_builder_helper::build_state,
	traits::{
		fungible::{Balanced, Inspect, Mutate},
		tokens::{Fortitude, Precision, Preservation},
	},
	BoundedVec,
};
use openledger_data::tree;
use openledger_primitives::{
	answer::Entry,
	data::Locator,
	model::{Artifact, ArtifactKind, Policy, Profile, Provider, Task},
	traits::{DataRegistry, Run, Settlement, Source, Submissions},
	Balance, BatchId, ContentHash, DatanetId, RequestId,
};
use openledger_runtime::{
	configs::utility::ProxyType,
	constants::currency::UNIT,
	genesis_config_presets::{get_preset, DEVELOPMENT},
	AccountId, Agents, Attribution, Balances, Datanets, Reputation, Runtime, RuntimeGenesisConfig,
	RuntimeOrigin, System,
};
use pallet_datanets::{fixtures, BatchDetails, Error};
use serde_json::Value;
use sp_core::{sr25519, Pair};
use sp_io::TestExternalities;
use sp_runtime::{DispatchError, Permill};

use crate::Failure;

/// What is paid for each answer.
pub(super) const FEE: Balance = 10 * UNIT;

/// Who has which part. Data is given by [`contributor`]s.
pub(super) const OWNER: [u8; 32] = [201; 32];
pub(super) const PAYER: [u8; 32] = [202; 32];
pub(super) const OPERATOR: [u8; 32] = [203; 32];

/// The account of the `n`th contributor.
pub(super) fn contributor(n: usize) -> AccountId {
	let mut account = [7; 32];
	account[..8].copy_from_slice(&(n as u64).to_le_bytes());
	account.into()
}

/// A chain with a Datanet and a model that is built on it.
pub(super) struct Chain {
	ext: TestExternalities,
	datanet: DatanetId,
	requests: RequestId,
}

/// Lays `patch` over `base`, as a node does with a preset and the default genesis.
fn merge(base: &mut Value, patch: Value) {
	match (base, patch) {
		(Value::Object(base), Value::Object(patch)) => {
			for (key, value) in patch {
				merge(base.entry(key).or_insert(Value::Null), value);
			}
		}
		(base, patch) => *base = patch,
	}
}

fn genesis() -> Result<Vec<u8>, Failure> {
	let mut genesis = serde_json::to_value(RuntimeGenesisConfig::default())?;
	let patch = get_preset(&DEVELOPMENT.into()).ok_or("there is no such preset")?;
	merge(&mut genesis, serde_json::from_slice(&patch)?);
	Ok(serde_json::to_vec(&genesis)?)
}

fn failed(error: DispatchError) -> Failure {
	format!("the chain refuses: {error:?}").into()
}

impl Chain {
	/// A chain after its genesis, on which the owner has created a Datanet and vouches for contributors.
	pub(super) fn new() -> Result<Self, Failure> {
		let mut ext = TestExternalities::new_empty();
		let genesis = genesis()?;
		ext.execute_with(|| build_state::<RuntimeGenesisConfig>(genesis))?;
		let datanet = ext.execute_with(|| {
			System::set_block_number(1);
			for who in [OWNER, PAYER, OPERATOR] {
				Balances::mint_into(&who.into(), 1_000_000 * UNIT)?;
			}
			let datanet = pallet_datanets::NextDatanetId::<Runtime>::get();
			let rules = fixtures::vouched::<Runtime>();
			Datanets::create_datanet(signed(OWNER), fixtures::details(), rules)?;
			Ok(datanet)
		});
		Ok(Self {
			ext,
			datanet: datanet.map_err(failed)?,
			requests: 0,
		})
	}

	/// Adds a batch of rows. `None` if the chain has the same batch already.
	pub(super) fn add_batch(
		&mut self,
		who: &AccountId,
		rows: &[String],
	) -> Result<Option<BatchId>, Failure> {
		let file: String = rows.iter().flat_map(|row| [row, "\n"]).collect();
		let leaves: Vec<_> = rows.iter().map(|row| tree::leaf(row.as_bytes())).collect();
		let details = BatchDetails {
			root: tree::root(&leaves).ok_or("a batch without rows")?,
			content: ContentHash::of(file.as_bytes()),
			rows: u32::try_from(rows.len())?,
			bytes: file.len() as u64,
			locator: Locator::Url(BoundedVec::truncate_from(b"https://example.org/b".to_vec())),
			minhash: None,
			encrypted: false,
		};
		let datanet = self.datanet;
		self.ext.execute_with(|| {
			if Balances::balance(who) < 10 * UNIT {
				Balances::mint_into(who, 100 * UNIT).map_err(failed)?;
			}
			let id = pallet_datanets::NextBatchId::<Runtime>::get();
			match fixtures::add_batch::<Runtime>(&OWNER.into(), who, datanet, details) {
				Ok(()) => Ok(Some(id)),
				Err(error) if error == Error::<Runtime>::DuplicateRoot.into() => Ok(None),
				Err(error) => Err(failed(error)),
			}
		})
	}

	/// Links a batch to an earlier one, as a jury's finding does.
	pub(super) fn link(&mut self, later: BatchId, earlier: BatchId) -> Result<(), Failure> {
		self.ext
			.execute_with(|| <Datanets as Submissions<AccountId>>::link(later, earlier))
			.map_err(failed)
	}

	/// The cluster of a batch.
	pub(super) fn cluster(&mut self, batch: BatchId) -> BatchId {
		self.ext
			.execute_with(|| <Datanets as DataRegistry<AccountId>>::cluster(batch))
	}

	/// Registers a model that is built on the Datanet, which its batches are pinned by. Its id.
	pub(super) fn register_model(&mut self, owner: &AccountId) -> Result<u32, Failure> {
		let artifact = |kind, name: &str| Artifact {
			kind,
			hash: ContentHash::of(name.as_bytes()),
		};
		let datanet = self.datanet;
		let registered = self.ext.execute_with(|| {
			let id = pallet_models::NextModelId::<Runtime>::get();
			let inputs = pallet_models::SpecInputs {
				task: Task::Search { top_k: 5 },
				artifacts: BoundedVec::truncate_from(vec![
					artifact(ArtifactKind::Graph, "graph"),
					artifact(ArtifactKind::Tokenizer, "tokenizer"),
				]),
				policy: Policy::Exact {
					onnxruntime: [1, 31, 1],
				},
				datanets: BoundedVec::truncate_from(vec![datanet]),
			};
			let name = BoundedVec::truncate_from(b"adapter".to_vec());
			pallet_models::fixtures::register::<Runtime>(owner.clone(), name, inputs, 1_000_000)?;
			Ok(id)
		});
		registered.map_err(failed)
	}

	/// Registers an agent that serves a model.
	pub(super) fn register_agent(&mut self, who: &AccountId, model: u32) -> Result<(), Failure> {
		let registered = self.ext.execute_with(|| {
			Agents::register(
				RuntimeOrigin::signed(who.clone()),
				sr25519::Pair::from_seed(&[9; 32]).public(),
				Profile {
					provider: Provider::Cpu,
					onnxruntime: [1, 31, 1],
					memory: 4_096,
				},
				Default::default(),
				BoundedVec::truncate_from(vec![model]),
				1_000 * UNIT,
				Permill::from_percent(10),
			)
		});
		registered.map_err(failed)
	}

	/// Lets the same account do everything for another, which the chain takes for a link.
	pub(super) fn add_proxy(
		&mut self,
		of: &AccountId,
		delegate: &AccountId,
	) -> Result<(), Failure> {
		let added = self.ext.execute_with(|| {
			pallet_proxy::Pallet::<Runtime>::add_proxy(
				RuntimeOrigin::signed(of.clone()),
				delegate.clone().into(),
				ProxyType::Any,
				0,
			)
		});
		added.map_err(failed)
	}

	/// Pays for an answer with the payer's own money.
	pub(super) fn settle(
		&mut self,
		payer: &AccountId,
		operator: &AccountId,
		model: u32,
		entries: &[Entry],
		fee: Balance,
	) -> Result<(), Failure> {
		let request = self.requests;
		self.requests += 1;
		self.ext.execute_with(|| {
			let fee = Balances::withdraw(
				payer,
				fee,
				Precision::Exact,
				Preservation::Preserve,
				Fortitude::Polite,
			)
			.map_err(failed)?;
			let operators = [operator.clone()];
			let run = Run {
				source: Source::Request(request),
				payer,
				model,
				operators: &operators,
				attribution: entries,
			};
			Attribution::settle(run, fee);
			Ok(())
		})
	}

	/// What an account may claim.
	pub(super) fn credit(&mut self, who: &AccountId) -> Balance {
		self.ext.execute_with(|| Attribution::credit(who.clone()))
	}

	/// What an account has, what it may claim included.
	pub(super) fn wealth(&mut self, who: &AccountId) -> Balance {
		self.ext
			.execute_with(|| Balances::total_balance(who) + Attribution::credit(who.clone()))
	}

	/// The reputation that an account has earned, and that has not matured yet.
	pub(super) fn reputation(&mut self, who: &AccountId) -> u128 {
		self.ext.execute_with(|| Reputation::pending(who.clone()))
	}

	/// Checks that the pot has what it owes.
	pub(super) fn check(&mut self) -> Result<(), Failure> {
		let checked = self.ext.execute_with(|| {
			Attribution::do_try_state()?;
			Datanets::do_try_state()
		});
		checked.map_err(|error| format!("an invariant does not hold: {error:?}").into())
	}
}

fn signed(who: [u8; 32]) -> RuntimeOrigin {
	RuntimeOrigin::signed(who.into())
}
