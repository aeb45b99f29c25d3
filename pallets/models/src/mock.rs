//! A runtime of balances, the real Datanets and models.

use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{fungible::hold::Inspect, Get},
	BoundedVec, PalletId,
};
use openledger_primitives::{
	model::{Artifact, ArtifactKind, Policy, Provider, Sampler, Task},
	split::apportion,
	traits::{RewardCredits, Tenancies},
	Balance, BatchId, ContentHash, DatanetId, Hash, ModelId,
};
use pallet_datanets::fixtures;
use sp_runtime::{traits::IdentityLookup, BuildStorage, DispatchError, DispatchResult};
use std::collections::BTreeMap;

use crate::{
	fixtures::terms, Attestation, Descent, Error, HoldReason, NextModelId, SpecInputs, Terms,
};

/// Long enough for the accounts that are derived from a pallet's name and a model's id.
pub(crate) type AccountId = u128;

pub(crate) const ALICE: AccountId = 1;
pub(crate) const BOB: AccountId = 2;
pub(crate) const CAROL: AccountId = 3;
pub(crate) const PAUPER: AccountId = 4;
/// Owns the Datanets and gives the batches.
pub(crate) const DATA: AccountId = 5;
pub(crate) const RICH: Balance = 1_000_000;
pub(crate) const PRICE: Balance = 50;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(2)]
	pub type Datanets = pallet_datanets;
	#[runtime::pallet_index(3)]
	pub type Models = crate;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

parameter_types! {
	pub const ExistentialDeposit: Balance = 10;
	pub const TreasuryAccount: AccountId = 99;
	pub const ModelDeposit: Balance = 500;
	pub const VersionDeposit: Balance = 300;
	pub static ByteDeposit: Balance = 2;
	pub const MinPrice: Balance = 10;
	pub const MaxPrice: Balance = 1_000;
	pub static BytesPerUnit: u32 = 256;
	pub const MaxSnapshotBatches: u32 = 12;
	pub const RemovalDelay: u64 = 20;
	pub const Pot: PalletId = PalletId(*b"tst/modl");
	/// Who rents model 0.
	pub static Renter: Option<AccountId> = None;
	/// What accounts are credited with.
	pub static Credited: BTreeMap<AccountId, Balance> = BTreeMap::new();
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ExistentialDeposit;
	type AccountStore = System;
}

#[derive_impl(pallet_datanets::config_preludes::TestDefaultConfig)]
impl pallet_datanets::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type TreasuryAccount = TreasuryAccount;
}

/// At most one tenant, of model 0.
pub struct Renters;

impl Tenancies<AccountId> for Renters {
	fn is_tenant(model: ModelId, who: &AccountId) -> bool {
		model == 0 && Renter::get() == Some(*who)
	}
}

/// Credits without the money behind them. The real ones are tested in `pallet-attribution`.
pub struct Ledger;

impl RewardCredits<AccountId> for Ledger {
	fn divide(account: &AccountId, among: &[(AccountId, u32)]) -> Result<Balance, DispatchError> {
		let amount = credit_of(*account);
		let weights: Vec<_> = among.iter().map(|(_, weight)| (*weight).into()).collect();
		let parts = apportion(amount, &weights).ok_or(DispatchError::Unavailable)?;
		Credited::mutate(|credited| {
			credited.remove(account);
			for ((who, _), part) in among.iter().zip(parts) {
				*credited.entry(*who).or_default() += part;
			}
		});
		Ok(amount)
	}
}

/// Credits an account.
pub(crate) fn credit(who: AccountId, amount: Balance) {
	Credited::mutate(|credited| *credited.entry(who).or_default() += amount);
}

/// What an account may claim.
pub(crate) fn credit_of(who: AccountId) -> Balance {
	Credited::get().get(&who).copied().unwrap_or_default()
}

impl crate::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Data = Datanets;
	type Credits = Ledger;
	type Tenants = Renters;
	type PalletId = Pot;
	type ModelDeposit = ModelDeposit;
	type VersionDeposit = VersionDeposit;
	type ByteDeposit = ByteDeposit;
	type MinPrice = MinPrice;
	type MaxPrice = MaxPrice;
	type BytesPerUnit = BytesPerUnit;
	type MaxSnapshotBatches = MaxSnapshotBatches;
	type RemovalDelay = RemovalDelay;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Data;
}

/// The Datanets of [`DATA`], and money from nowhere.
#[cfg(feature = "runtime-benchmarks")]
pub struct Data;

#[cfg(feature = "runtime-benchmarks")]
impl crate::benchmarking::BenchmarkHelper<AccountId> for Data {
	fn fund(who: &AccountId) {
		use frame_support::traits::fungible::Mutate;
		assert_ok!(Balances::mint_into(who, RICH));
	}

	fn datanet() -> DatanetId {
		let id = create_datanet();
		add_batch(id);
		id
	}
}

#[derive(Default)]
pub(crate) struct ExtBuilder {
	datanets: Vec<u64>,
	models: Vec<AccountId>,
}

impl ExtBuilder {
	/// Begins with one more Datanet, of so many batches.
	pub(crate) fn datanet(mut self, batches: u64) -> Self {
		self.datanets.push(batches);
		self
	}

	/// Begins with one more model of `owner`, built on Datanet 0.
	pub(crate) fn model(mut self, owner: AccountId) -> Self {
		self.models.push(owner);
		self
	}

	/// Runs a test, then checks the invariants.
	pub(crate) fn build_and_execute(self, test: impl FnOnce()) {
		let mut storage = frame_system::GenesisConfig::<Test>::default()
			.build_storage()
			.unwrap();
		pallet_balances::GenesisConfig::<Test> {
			balances: vec![
				(ALICE, RICH),
				(BOB, RICH),
				(CAROL, RICH),
				(PAUPER, 50),
				(DATA, RICH),
			],
			..Default::default()
		}
		.assimilate_storage(&mut storage)
		.unwrap();
		sp_io::TestExternalities::new(storage).execute_with(|| {
			System::set_block_number(1);
			Credited::set(BTreeMap::new());
			Renter::set(None);
			for batches in self.datanets {
				let datanet = create_datanet();
				(0..batches).for_each(|_| {
					add_batch(datanet);
				});
			}
			for owner in self.models {
				assert_ok!(register(owner, inputs(&[0])));
			}
			test();
			try_state();
		});
	}
}

pub(crate) fn try_state() {
	Datanets::do_try_state().unwrap();
	Models::do_try_state().unwrap();
}

pub(crate) fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

pub(crate) fn text<S: Get<u32>>(text: &str) -> BoundedVec<u8, S> {
	BoundedVec::try_from(text.as_bytes().to_vec()).unwrap()
}

pub(crate) fn create_datanet() -> DatanetId {
	let id = pallet_datanets::NextDatanetId::<Test>::get();
	assert_ok!(Datanets::create_datanet(
		signed(DATA),
		fixtures::details(),
		fixtures::vouched::<Test>()
	));
	id
}

pub(crate) fn add_batch(datanet: DatanetId) -> BatchId {
	let id = pallet_datanets::NextBatchId::<Test>::get();
	let batch = fixtures::batch(id);
	assert_ok!(fixtures::add_batch::<Test>(&DATA, &DATA, datanet, batch));
	id
}

pub(crate) fn artifact(kind: ArtifactKind, name: &str) -> Artifact {
	Artifact {
		kind,
		hash: ContentHash::of(name.as_bytes()),
	}
}

/// A search over Datanets.
pub(crate) fn inputs(datanets: &[DatanetId]) -> SpecInputs {
	SpecInputs {
		task: Task::Search { top_k: 5 },
		artifacts: vec![
			artifact(ArtifactKind::Graph, "graph"),
			artifact(ArtifactKind::Tokenizer, "tokenizer"),
		]
		.try_into()
		.unwrap(),
		policy: Policy::Exact {
			onnxruntime: [1, 31, 1],
		},
		datanets: datanets.to_vec().try_into().unwrap(),
	}
}

/// A model that generates, on no data.
pub(crate) fn generator(max_tokens: u32) -> SpecInputs {
	SpecInputs {
		task: Task::Generate {
			max_tokens,
			sampler: Sampler::Greedy,
		},
		artifacts: vec![
			artifact(ArtifactKind::Graph, "graph"),
			artifact(ArtifactKind::Tokenizer, "tokenizer"),
			artifact(ArtifactKind::Generation, "generation"),
		]
		.try_into()
		.unwrap(),
		..inputs(&[])
	}
}

/// The kinds of the files of a model that answers from passages.
pub(crate) const ANSWER_KINDS: [ArtifactKind; 5] = [
	ArtifactKind::Graph,
	ArtifactKind::Tokenizer,
	ArtifactKind::Generation,
	ArtifactKind::Retriever,
	ArtifactKind::RetrieverTokenizer,
];

/// A model that answers from passages of a Datanet.
pub(crate) fn answerer(top_k: u32, max_tokens: u32) -> SpecInputs {
	let artifacts = ANSWER_KINDS
		.iter()
		.map(|kind| artifact(*kind, &format!("{kind:?}")))
		.collect::<Vec<_>>();
	SpecInputs {
		task: Task::Answer {
			top_k,
			max_tokens,
			sampler: Sampler::Greedy,
		},
		artifacts: artifacts.try_into().unwrap(),
		..inputs(&[0])
	}
}

/// Tolerates so many billionths.
pub(crate) fn tolerance(max_distance: u32) -> Policy {
	Policy::Tolerance {
		onnxruntime: [1, 31, 1],
		provider: Provider::Cuda,
		max_distance,
	}
}

/// The deposit for a model named `MiniLM` with the licence of the fixtures.
pub(crate) const MODEL_DEPOSIT: Balance = 500 + 2 * (6 + 10);

/// The deposit for a version from [`inputs`]: task, files, policy and snapshots, encoded.
pub(crate) const fn version_deposit(datanets: u128) -> Balance {
	300 + 2 * (5 + 1 + 2 * 33 + 7 + 1 + 8 * datanets)
}

/// Registers a model on no other.
pub(crate) fn register(owner: AccountId, inputs: SpecInputs) -> DispatchResult {
	named(owner, "MiniLM", inputs, PRICE)
}

/// The same with any name and price.
pub(crate) fn named(
	owner: AccountId,
	name: &str,
	inputs: SpecInputs,
	price: Balance,
) -> DispatchResult {
	crate::fixtures::register::<Test>(owner, text(name), inputs, price)
}

/// Terms at which a model takes a royalty and anybody may build on it.
pub(crate) fn takes(royalty: u32) -> Terms {
	Terms { royalty, ..terms() }
}

/// Registers a model that generates, on no data, at whatever royalty its ancestors take. Returns its id.
pub(crate) fn build(
	owner: AccountId,
	terms: Terms,
	descent: Descent,
) -> Result<ModelId, DispatchError> {
	let id = next_model();
	let (name, inputs) = (text("SmolLM2"), generator(16));
	Models::register(signed(owner), name, inputs, PRICE, terms, descent, 10_000)?;
	Ok(id)
}

/// An adapter on a model.
pub(crate) fn on(base: ModelId) -> Descent {
	Descent::Adapter { base }
}

/// A merge of adapters that count alike.
pub(crate) fn merge_of(parts: &[ModelId]) -> Descent {
	let parts: Vec<_> = parts.iter().map(|part| (*part, 1)).collect();
	Descent::Merge {
		parts: parts.try_into().unwrap(),
	}
}

pub(crate) fn next_model() -> ModelId {
	NextModelId::<Test>::get()
}

pub(crate) fn run_to(block: u64) {
	System::set_block_number(block);
}

pub(crate) fn held(who: AccountId) -> Balance {
	Balances::balance_on_hold(&HoldReason::ModelDeposit.into(), &who)
}

pub(crate) fn last_event() -> RuntimeEvent {
	System::events().pop().unwrap().event
}

pub(crate) type E = Error<Test>;

/// What a trainer says of a log of so many lines.
pub(crate) fn attestation(log_lines: u32) -> Attestation {
	Attestation {
		data_root: Hash::repeat_byte(1),
		log_root: Hash::repeat_byte(2),
		log_lines,
		hyperparameters: ContentHash::of(b"{}"),
	}
}
