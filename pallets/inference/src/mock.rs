//! A runtime with what a request meets: Datanets, models, attribution, reputation; and a pool of agents
//! that writes down what it is told.

use codec::{Decode, Encode};
use frame_support::{
	derive_impl,
	dispatch::GetDispatchInfo,
	parameter_types,
	traits::{
		fungible::{Credit, InspectHold},
		tokens::imbalance::ResolveTo,
		ConstU128, ConstU32, Get, Hooks, IntegrityTest, Randomness,
	},
	weights::Weight,
	BoundedVec, PalletId,
};
use frame_system::{
	offchain::{CreateAuthorizedTransaction, CreateTransaction, CreateTransactionBase},
	EnsureRoot,
};
use openledger_primitives::{
	attribution::weigh,
	data::Locator,
	input::LinkedInput,
	model::{Artifact, ArtifactKind, Policy, Profile, Provider, Sampler, Task},
	protocol::{self, OperatorKey, OPERATOR_KEY_TYPE},
	traits::{
		AgentPool, Closing, DelegatedRewards, Offence, OnEnd, OnRuling, Performance, Ruling,
		Tenancies,
	},
	AccountId, Answer, Balance, BatchId, BlockNumber, Citation, ContentHash, Failure, ModelId,
	Outcome, Output, RequestId, Signature,
};
use pallet_datanets::fixtures;
use sp_core::{sr25519, Pair, H256};
use sp_runtime::{
	generic,
	traits::{Applyable, BlakeTwo256, Checkable, IdentityLookup},
	transaction_validity::{TransactionSource, TransactionValidityError, ValidTransaction},
	BuildStorage, DispatchResult, Percent,
};

use crate::{Ending, HoldReason, Input, Receipts, Requests, Seat};

pub(crate) const UNIT: Balance = 1_000_000_000_000;
pub(crate) const RICH: Balance = 1_000_000 * UNIT;
/// What the model asks for a unit of compute; the tests' inputs take one.
pub(crate) const PRICE: Balance = 999_999_999_937;
pub(crate) const MIN_BASE: Balance = 1_000_000;
pub(crate) const MAX_BASE: Balance = 1_000 * UNIT;
/// What a request costs while the base price is at its lowest.
pub(crate) const FEE: Balance = PRICE + MIN_BASE;
pub(crate) const RECORD: Balance = UNIT;
pub(crate) const PER_BYTE: Balance = 1_000;
pub(crate) const CANARY: Balance = 50 * UNIT;
pub(crate) const MAX_LINKED: u32 = 65_536;

pub(crate) const DELAY: BlockNumber = 4;
pub(crate) const COMMIT: BlockNumber = 10;
pub(crate) const REVEAL: BlockNumber = 4;
pub(crate) const EVIDENCE: BlockNumber = 5;
pub(crate) const RETENTION: BlockNumber = 40;

pub(crate) const MODEL: ModelId = 0;
pub(crate) const TOP_K: u32 = 3;
/// Two batches of the Datanet that the model is built on, and one that came later.
pub(crate) const FIRST: BatchId = 0;
pub(crate) const SECOND: BatchId = 1;
pub(crate) const LATER: BatchId = 2;
pub(crate) const ROWS: u32 = 9;

pub(crate) type Header = generic::Header<BlockNumber, BlakeTwo256>;
pub(crate) type TxExtension = (frame_system::AuthorizeCall<Test>,);
pub(crate) type UncheckedExtrinsic =
	generic::UncheckedExtrinsic<AccountId, RuntimeCall, Signature, TxExtension>;
pub(crate) type Block = generic::Block<Header, UncheckedExtrinsic>;

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
	pub type Models = pallet_models;
	#[runtime::pallet_index(6)]
	pub type Attribution = pallet_attribution;
	#[runtime::pallet_index(7)]
	pub type Inference = crate;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<1_000_000>;
	type AccountStore = System;
	type RuntimeHoldReason = RuntimeHoldReason;
}

#[derive_impl(pallet_datanets::config_preludes::TestDefaultConfig)]
impl pallet_datanets::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type TreasuryAccount = TreasuryAccount;
	type DatanetDeposit = ConstU128<UNIT>;
	type BatchDeposit = ConstU128<UNIT>;
}

parameter_types! {
	/// Who rents the models.
	pub static Renter: Option<AccountId> = None;
}

/// At most one tenant, of every model.
pub struct Renters;

impl Tenancies<AccountId> for Renters {
	fn is_tenant(_: ModelId, who: &AccountId) -> bool {
		Renter::get().as_ref() == Some(who)
	}
}

impl pallet_models::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Data = Datanets;
	type Credits = Attribution;
	type Tenants = Renters;
	type PalletId = ModelsPot;
	type ModelDeposit = ConstU128<UNIT>;
	type VersionDeposit = ConstU128<UNIT>;
	type ByteDeposit = ConstU128<1>;
	type MinPrice = ConstU128<1>;
	type MaxPrice = ConstU128<RICH>;
	type BytesPerUnit = ConstU32<256>;
	type MaxSnapshotBatches = ConstU32<100>;
	type RemovalDelay = ConstU32<200>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}

parameter_types! {
	pub const Pot: PalletId = PalletId(*b"ol/attri");
	pub const ModelsPot: PalletId = PalletId(*b"ol/model");
	pub TreasuryAccount: AccountId = account(TREASURY);
	pub static CommitteeSize: u32 = 1;
	pub static MaxCommittee: u32 = 7;
	pub static TargetUnits: u32 = 1_000_000;
	pub static MaxOpen: u32 = 20_000;
	/// Whether operators cannot send transactions.
	pub static SafeMode: bool = false;
	/// Changes what is drawn.
	pub static Luck: u64 = 0;
	/// Who is there to be drawn.
	pub(crate) static Listed: Vec<Agent> = Vec::new();
	/// What the pool was told: how assignments ended.
	pub static Released: Vec<(u8, Performance)> = Vec::new();
	/// What the pool was told: who did what, and who proved it.
	pub static Offences: Vec<(u8, Offence, Option<u8>)> = Vec::new();
	/// What came of calls that were run again.
	pub static Ruled: Vec<(RequestId, Ruling)> = Vec::new();
	/// What was heard of the end of requests.
	pub static Ended: Vec<(RequestId, Closing, H256)> = Vec::new();
	pub static DueWeight: Weight = Weight::MAX;
}

impl pallet_attribution::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Data = Datanets;
	type Models = Models;
	type Delegation = Agents;
	type Reputation = ();
	type TreasuryAccount = TreasuryAccount;
	type SharesOrigin = EnsureRoot<AccountId>;
	type PalletId = Pot;
	type ClaimPeriod = ConstU32<200>;
	type DistributionDeposit = ConstU128<UNIT>;
	type ClaimDeposit = ConstU128<UNIT>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}

/// Randomness that the tests know: of the block and their luck.
pub struct Seed;

impl Randomness<H256, BlockNumber> for Seed {
	fn random(subject: &[u8]) -> (H256, BlockNumber) {
		let seed = (subject, System::block_number(), Luck::get());
		(H256(sp_crypto_hashing::blake2_256(&seed.encode())), 0)
	}
}

/// An agent of the mocked pool.
#[derive(Clone)]
pub(crate) struct Agent {
	pub n: u8,
	pub models: Vec<ModelId>,
	pub profile: Profile,
	pub active: bool,
	/// How many open requests it is assigned to.
	pub open: u32,
}

/// The agents: drawn by nothing but the seed, and never slashed.
pub struct Agents;

impl Agents {
	/// Has an agent drawn no more, or again.
	pub(crate) fn set_active(n: u8, active: bool) {
		Listed::mutate(|list| {
			for agent in list.iter_mut().filter(|agent| agent.n == n) {
				agent.active = active;
			}
		});
	}

	/// Gives an agent another profile.
	pub(crate) fn set_profile(n: u8, profile: Profile) {
		Listed::mutate(|list| {
			for agent in list.iter_mut().filter(|agent| agent.n == n) {
				agent.profile = profile;
			}
		});
	}

	fn eligible(model: ModelId, policy: &Policy, excluded: &[AccountId]) -> Vec<u8> {
		Listed::get()
			.iter()
			.filter(|agent| agent.active && agent.models.contains(&model))
			.filter(|agent| policy.admits(&agent.profile))
			.map(|agent| agent.n)
			.filter(|n| !excluded.contains(&account(*n)))
			.collect()
	}
}

impl AgentPool<AccountId> for Agents {
	fn assign(
		model: ModelId,
		policy: &Policy,
		n: u32,
		excluded: &[AccountId],
		seed: H256,
	) -> Vec<AccountId> {
		let mut drawn = Self::eligible(model, policy, excluded);
		drawn.sort_by_key(|n| sp_crypto_hashing::blake2_256(&(seed, n).encode()));
		drawn.truncate(n as usize);
		Listed::mutate(|list| {
			for agent in list.iter_mut().filter(|agent| drawn.contains(&agent.n)) {
				agent.open += 1;
			}
		});
		drawn.into_iter().map(account).collect()
	}

	fn available(model: ModelId, policy: &Policy, limit: u32) -> u32 {
		(Self::eligible(model, policy, &[]).len() as u32).min(limit)
	}

	fn active() -> u32 {
		Listed::get().iter().filter(|agent| agent.active).count() as u32
	}

	fn release(agent: &AccountId, performance: Performance) {
		let n = number(agent);
		Listed::mutate(|list| {
			let agent = list.iter_mut().find(|agent| agent.n == n).expect("there");
			agent.open = agent.open.checked_sub(1).expect("it was assigned");
		});
		Released::mutate(|list| list.push((n, performance)));
	}

	fn offend(agent: &AccountId, offence: Offence, reporter: Option<&AccountId>) {
		Offences::mutate(|list| list.push((number(agent), offence, reporter.map(number))));
	}

	fn operator_key(agent: &AccountId) -> Option<OperatorKey> {
		let n = number(agent);
		Listed::get()
			.iter()
			.any(|agent| agent.n == n)
			.then(|| key(n))
	}

	fn agent_of(operator: &OperatorKey) -> Option<AccountId> {
		Listed::get()
			.iter()
			.find(|agent| key(agent.n) == *operator)
			.map(|agent| account(agent.n))
	}

	fn served(agent: &AccountId) -> Vec<ModelId> {
		let n = number(agent);
		Listed::get()
			.into_iter()
			.find(|agent| agent.n == n)
			.map(|agent| agent.models)
			.unwrap_or_default()
	}

	fn is_bonded(_: &AccountId) -> bool {
		unreachable!("requests draw whoever is active")
	}
}

impl DelegatedRewards<AccountId> for Agents {
	type Reward = Credit<AccountId, Balances>;

	fn delegated_part(_: &AccountId, _: Balance) -> Balance {
		0
	}

	fn reward_delegators(_: &AccountId, reward: Self::Reward) -> Result<(), Self::Reward> {
		Err(reward)
	}
}

/// Who has calls run again, and writes down what comes of them.
pub struct Judge;

impl OnRuling for Judge {
	fn ruled(request: RequestId, ruling: Ruling) {
		Ruled::mutate(|list| list.push((request, ruling)));
	}

	fn weight() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
}

/// Hears of the end of requests.
pub struct Listener;

impl OnEnd for Listener {
	fn ended(request: RequestId, closing: Closing, outcome: H256) {
		assert!(
			!crate::Requests::<Test>::contains_key(request),
			"it is told when all is done"
		);
		Ended::mutate(|list| list.push((request, closing, outcome)));
	}

	fn weight() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
}

impl crate::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Models = Models;
	type Data = Datanets;
	type Agents = Agents;
	type Settlement = Attribution;
	type Rulings = Judge;
	type OnEnd = Listener;
	type Randomness = Seed;
	type Excuse = SafeMode;
	type CommitteeSize = CommitteeSize;
	type MaxCommittee = MaxCommittee;
	type SlashQuorum = ConstU32<2>;
	type DrawDelay = ConstU32<DELAY>;
	type CommitBlocks = ConstU32<COMMIT>;
	type RevealBlocks = ConstU32<REVEAL>;
	type EvidenceBlocks = ConstU32<EVIDENCE>;
	type Retention = ConstU32<RETENTION>;
	type MaxInput = ConstU32<512>;
	type MaxLinkedInput = ConstU32<MAX_LINKED>;
	type MaxOpen = MaxOpen;
	type SearchUnitsPerAgent = TargetUnits;
	type GenerateUnitsPerAgent = TargetUnits;
	type MinBasePrice = ConstU128<MIN_BASE>;
	type MaxBasePrice = ConstU128<MAX_BASE>;
	type RecordDeposit = ConstU128<RECORD>;
	type ByteDeposit = ConstU128<PER_BYTE>;
	type CanaryDeposit = ConstU128<CANARY>;
	type Penalties = ResolveTo<TreasuryAccount, Balances>;
	type MaxDueWeight = DueWeight;
	type MaxRunMs = ConstU32<10_000>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Others;
}

impl<LocalCall> CreateTransactionBase<LocalCall> for Test
where
	RuntimeCall: From<LocalCall>,
{
	type Extrinsic = UncheckedExtrinsic;
	type RuntimeCall = RuntimeCall;
}

impl<LocalCall> CreateTransaction<LocalCall> for Test
where
	RuntimeCall: From<LocalCall>,
{
	type Extension = TxExtension;

	fn create_transaction(call: RuntimeCall, extension: TxExtension) -> UncheckedExtrinsic {
		UncheckedExtrinsic::new_transaction(call, extension)
	}
}

impl<LocalCall> CreateAuthorizedTransaction<LocalCall> for Test
where
	RuntimeCall: From<LocalCall>,
{
	fn create_extension() -> TxExtension {
		(frame_system::AuthorizeCall::new(),)
	}
}

// Who is who.

pub(crate) const PAYER: u8 = 1;
pub(crate) const OTHER: u8 = 2;
pub(crate) const OWNER: u8 = 3;
pub(crate) const CONTRIBUTOR: u8 = 4;
pub(crate) const SECOND_CONTRIBUTOR: u8 = 5;
pub(crate) const TREASURY: u8 = 99;
/// Agents have the accounts from here on.
pub(crate) const AGENT: u8 = 10;

pub(crate) fn account(n: u8) -> AccountId {
	AccountId::new([n; 32])
}

pub(crate) fn number(account: &AccountId) -> u8 {
	AsRef::<[u8]>::as_ref(account)[0]
}

pub(crate) fn signed(n: u8) -> RuntimeOrigin {
	RuntimeOrigin::signed(account(n))
}

/// The operator key of an agent.
pub(crate) fn operator(n: u8) -> sr25519::Pair {
	sr25519::Pair::from_seed(&[n; 32])
}

pub(crate) fn key(n: u8) -> OperatorKey {
	operator(n).public()
}

pub(crate) fn held(reason: HoldReason, n: u8) -> Balance {
	Balances::balance_on_hold(&reason.into(), &account(n))
}

pub(crate) fn free(n: u8) -> Balance {
	Balances::free_balance(account(n))
}

pub(crate) fn text<S: Get<u32>>(text: &str) -> BoundedVec<u8, S> {
	BoundedVec::try_from(text.as_bytes().to_vec()).expect("short enough")
}

pub(crate) fn inline(input: &str) -> Input<Test> {
	Input::Inline(text(input))
}

/// The same input, kept where only operators look for it.
pub(crate) fn linked(input: &str) -> Input<Test> {
	Input::Linked(LinkedInput {
		content: ContentHash::of(input.as_bytes()),
		bytes: input.len() as u32,
		locator: Locator::Url(text("https://example.org/input")),
	})
}

/// A chain with a Datanet, a model on it, and agents that serve it.
pub(crate) struct ExtBuilder {
	agents: u8,
	committee: Option<u32>,
	task: Task,
	policy: Policy,
}

impl Default for ExtBuilder {
	fn default() -> Self {
		Self {
			agents: 1,
			committee: None,
			task: Task::Search { top_k: TOP_K },
			policy: EXACT,
		}
	}
}

impl ExtBuilder {
	/// With so many agents that serve the model, and committees of so many.
	pub(crate) fn agents(mut self, agents: u8) -> Self {
		self.agents = agents;
		self
	}

	/// With smaller committees than there are agents.
	pub(crate) fn committee(mut self, size: u32) -> Self {
		self.committee = Some(size);
		self
	}

	/// With a model that generates, compared by a policy.
	pub(crate) fn generates(mut self, policy: Policy) -> Self {
		self.task = Task::Generate {
			max_tokens: MAX_TOKENS,
			sampler: SAMPLER,
		};
		self.policy = policy;
		self
	}

	/// With a model that answers from passages.
	pub(crate) fn answers(mut self, sampler: Sampler) -> Self {
		self.task = Task::Answer {
			top_k: TOP_K,
			max_tokens: MAX_TOKENS,
			sampler,
		};
		self
	}

	/// With a model that compares adapters.
	pub(crate) fn compares(mut self) -> Self {
		self.task = Task::Compare;
		self
	}

	pub(crate) fn build(self) -> sp_io::TestExternalities {
		let mut storage = frame_system::GenesisConfig::<Test>::default()
			.build_storage()
			.expect("valid");
		pallet_balances::GenesisConfig::<Test> {
			balances: (1..=20)
				.chain([TREASURY])
				.map(|n| (account(n), RICH))
				.collect(),
			..Default::default()
		}
		.assimilate_storage(&mut storage)
		.expect("valid");
		pallet_attribution::GenesisConfig::<Test>::default()
			.assimilate_storage(&mut storage)
			.expect("valid");
		let mut ext = sp_io::TestExternalities::from(storage);
		ext.execute_with(|| {
			let usual = u32::from(self.agents).clamp(1, 7);
			CommitteeSize::set(self.committee.unwrap_or(usual));
			MaxCommittee::set(7);
			TargetUnits::set(1_000_000);
			MaxOpen::set(20_000);
			SafeMode::set(false);
			Luck::set(0);
			Released::set(Vec::new());
			Offences::set(Vec::new());
			Ruled::set(Vec::new());
			Ended::set(Vec::new());
			DueWeight::set(Weight::MAX);
			<AllPalletsWithoutSystem as IntegrityTest>::integrity_test();
			System::set_block_number(1);
			Inference::on_initialize(1);
			set_up(self.task, self.policy).expect("the builder's calls are valid");
			let profile = Profile {
				provider: match self.policy {
					Policy::Exact { .. } => Provider::Cpu,
					Policy::Tolerance { provider, .. } => provider,
				},
				onnxruntime: [1, 31, 1],
				memory: 1_024,
			};
			let listed = (0..self.agents).map(|n| Agent {
				n: AGENT + n,
				models: vec![MODEL],
				profile,
				active: true,
				open: 0,
			});
			Listed::set(listed.collect());
		});
		ext
	}

	/// Runs a benchmark on a chain with a keystore, then checks the invariants of the pallet: it issues what it
	/// needs.
	#[cfg(feature = "runtime-benchmarks")]
	pub(crate) fn benchmark(self, test: impl FnOnce()) {
		use sp_keystore::{testing::MemoryKeystore, KeystoreExt};
		let mut ext = self.build();
		ext.register_extension(KeystoreExt::new(MemoryKeystore::new()));
		// Each value of a benchmark's components begins with what was committed.
		ext.commit_all().expect("nothing is open");
		ext.execute_with(|| {
			test();
			Inference::do_try_state().expect("the invariants hold");
		});
	}

	/// Runs a test, then checks the invariants of all pallets.
	pub(crate) fn build_and_execute<R>(self, test: impl FnOnce() -> R) -> R {
		self.build().execute_with(|| {
			let result = test();
			check();
			result
		})
	}
}

fn set_up(task: Task, policy: Policy) -> DispatchResult {
	Datanets::create_datanet(
		signed(OWNER),
		fixtures::details(),
		fixtures::vouched::<Test>(),
	)?;
	add_batch(CONTRIBUTOR, FIRST)?;
	add_batch(SECOND_CONTRIBUTOR, SECOND)?;
	register_model(inputs(task, policy))?;
	add_batch(CONTRIBUTOR, LATER)
}

pub(crate) const EXACT: Policy = Policy::Exact {
	onnxruntime: [1, 31, 1],
};

/// Tolerates a millionth.
pub(crate) const TOLERANT: Policy = Policy::Tolerance {
	onnxruntime: [1, 31, 1],
	provider: Provider::Cuda,
	max_distance: 1_000,
};

pub(crate) const MAX_TOKENS: u32 = 64;

pub(crate) const SAMPLER: Sampler = Sampler::Seeded {
	temperature: 700,
	top_k: 40,
	top_p: 950_000,
};

pub(crate) fn inputs(task: Task, policy: Policy) -> pallet_models::SpecInputs {
	let artifact = |kind, name: &str| Artifact {
		kind,
		hash: ContentHash::of(name.as_bytes()),
	};
	let mut artifacts = vec![
		artifact(ArtifactKind::Graph, "graph"),
		artifact(ArtifactKind::Tokenizer, "tokenizer"),
	];
	let mut datanets = vec![0];
	if task == Task::Compare {
		artifacts.clear();
		datanets.clear();
	}
	if let Task::Generate { .. } | Task::Answer { .. } = task {
		artifacts.push(artifact(ArtifactKind::Generation, "generation"));
	}
	if let Task::Answer { .. } = task {
		artifacts.push(artifact(ArtifactKind::Retriever, "retriever"));
		artifacts.push(artifact(
			ArtifactKind::RetrieverTokenizer,
			"retriever tokenizer",
		));
	}
	pallet_models::SpecInputs {
		task,
		artifacts: artifacts.try_into().expect("few"),
		policy,
		datanets: datanets.try_into().expect("few"),
	}
}

fn register_model(inputs: pallet_models::SpecInputs) -> DispatchResult {
	pallet_models::fixtures::register::<Test>(account(OWNER), text("Model"), inputs, PRICE)
}

fn add_batch(who: u8, id: BatchId) -> DispatchResult {
	let batch = pallet_datanets::BatchDetails {
		rows: ROWS,
		..fixtures::batch(id)
	};
	fixtures::add_batch::<Test>(&account(OWNER), &account(who), 0, batch)
}

/// Checks the invariants of all pallets, and what holds between them.
pub(crate) fn check() {
	Datanets::do_try_state().expect("the invariants of Datanets hold");
	Models::do_try_state().expect("the invariants of models hold");
	Attribution::do_try_state().expect("the invariants of attribution hold");
	Inference::do_try_state().expect("the invariants of inference hold");
	for agent in Listed::get() {
		let assigned = crate::Assignments::<Test>::iter_key_prefix(account(agent.n)).count();
		assert_eq!(
			agent.open as usize, assigned,
			"an agent's open assignments are its requests"
		);
	}
	let all: Balance = frame_system::Account::<Test>::iter_values()
		.map(|account| account.data.free + account.data.reserved)
		.sum();
	assert_eq!(all, Balances::total_issuance());
}

// What the tests do.

pub(crate) fn now() -> BlockNumber {
	System::block_number()
}

/// Begins blocks up to `to`.
pub(crate) fn run_to(to: BlockNumber) {
	while now() < to {
		System::set_block_number(now() + 1);
		Inference::on_initialize(now());
	}
}

/// The payer asks the model a question.
pub(crate) fn ask() -> RequestId {
	let id = crate::NextRequest::<Test>::get();
	Inference::request(
		signed(PAYER),
		MODEL,
		inline("What is a bit?"),
		Balance::MAX,
		1,
	)
	.expect("the model can be asked");
	id
}

/// The payer asks the model a question that operators have to fetch.
pub(crate) fn ask_linked() -> RequestId {
	let id = crate::NextRequest::<Test>::get();
	Inference::request(
		signed(PAYER),
		MODEL,
		linked("What is a bit?"),
		Balance::MAX,
		1,
	)
	.expect("the model can be asked");
	id
}

/// The payer asks, and the committee is drawn.
pub(crate) fn drawn() -> RequestId {
	let id = ask();
	run_to(now() + DELAY);
	id
}

pub(crate) fn cite(batch: BatchId, row: u32, score: u32) -> Citation {
	Citation { batch, row, score }
}

pub(crate) fn answer(citations: &[Citation]) -> Outcome {
	Outcome::Answered(Answer {
		citations: BoundedVec::try_from(citations.to_vec()).expect("few"),
		attribution: weigh(citations),
		..Answer::default()
	})
}

/// An input that is not where it should be.
pub(crate) fn unavailable() -> Outcome {
	Outcome::Failed(Failure::InputUnavailable)
}

/// Generated text with its fingerprint, attributed to nothing.
pub(crate) fn said(output: &str, fingerprint: &[i32]) -> Outcome {
	Outcome::Answered(Answer {
		output: Output::Inline(text(output)),
		fingerprint: BoundedVec::try_from(fingerprint.to_vec()).expect("few"),
		..Answer::default()
	})
}

/// Generated text that rests on passages.
pub(crate) fn grounded(output: &str, citations: &[Citation]) -> Outcome {
	let Outcome::Answered(answer) = answer(citations) else {
		unreachable!("it is an answer")
	};
	Outcome::Answered(Answer {
		output: Output::Inline(text(output)),
		..answer
	})
}

/// An answer that the chain accepts.
pub(crate) fn good() -> Outcome {
	answer(&[
		cite(FIRST, 3, 700_000),
		cite(SECOND, 8, 300_000),
		cite(SECOND, 0, 299_999),
	])
}

/// Another one.
pub(crate) fn other() -> Outcome {
	answer(&[cite(SECOND, 1, 900_000)])
}

/// What a request's operators sign for; nothing that anybody would, before they are drawn.
pub(crate) fn question(request: RequestId) -> H256 {
	Requests::<Test>::get(request)
		.and_then(|request| request.question)
		.or_else(|| Receipts::<Test>::get(request).and_then(|receipt| receipt.question))
		.map(|question| question.hash)
		.unwrap_or_default()
}

pub(crate) fn commit_call(n: u8, request: RequestId, outcome: &Outcome) -> crate::Call<Test> {
	let question = question(request);
	let commitment = protocol::commitment(&question, &key(n), &outcome.hash(), &[n; 32]);
	let message = protocol::commit_message(&question, &commitment);
	crate::Call::commit {
		request,
		operator: key(n),
		commitment,
		signature: operator(n).sign(&message),
	}
}

pub(crate) fn reveal_call(n: u8, request: RequestId, outcome: &Outcome) -> crate::Call<Test> {
	let message = protocol::reveal_message(&question(request), &outcome.hash(), &[n; 32]);
	crate::Call::reveal {
		request,
		operator: key(n),
		outcome: outcome.clone(),
		salt: [n; 32],
		signature: operator(n).sign(&message),
	}
}

/// What becomes of a call that authorizes itself: not valid, or dispatched.
pub(crate) type Applied = Result<(ValidTransaction, DispatchResult), TransactionValidityError>;

/// Sends a call as a node would: through the pool's check, into a block.
pub(crate) fn send(call: crate::Call<Test>) -> Applied {
	apply(
		<Test as CreateAuthorizedTransaction<crate::Call<Test>>>::create_authorized_transaction(
			call.into(),
		),
	)
}

pub(crate) fn apply(transaction: UncheckedExtrinsic) -> Applied {
	let bytes = transaction.encode();
	let transaction = UncheckedExtrinsic::decode(&mut &bytes[..]).expect("just encoded");
	let info = transaction.get_dispatch_info();
	let checked = Checkable::check(transaction, &frame_system::ChainContext::<Test>::default())?;
	let valid = checked.validate::<Test>(TransactionSource::External, &info, bytes.len())?;
	let result = checked.apply::<Test>(&info, bytes.len())?;
	Ok((valid, result.map(drop).map_err(|error| error.error)))
}

/// Commits, which must succeed.
pub(crate) fn commit(n: u8, request: RequestId, outcome: &Outcome) {
	send(commit_call(n, request, outcome))
		.expect("valid")
		.1
		.expect("dispatched");
}

/// Reveals, which must succeed.
pub(crate) fn reveal(n: u8, request: RequestId, outcome: &Outcome) {
	send(reveal_call(n, request, outcome))
		.expect("valid")
		.1
		.expect("dispatched");
}

/// All of them commit, then reveal.
pub(crate) fn run_committee(request: RequestId, outcomes: &[(u8, Outcome)]) {
	for (n, outcome) in outcomes {
		commit(*n, request, outcome);
	}
	for (n, outcome) in outcomes {
		reveal(*n, request, outcome);
	}
}

/// The seats of a request's committee.
pub(crate) fn seats(request: RequestId) -> Vec<Seat<AccountId>> {
	Requests::<Test>::get(request)
		.map(|request| request.committee)
		.or_else(|| Receipts::<Test>::get(request).map(|receipt| receipt.committee))
		.expect("open or ended")
		.into_inner()
}

/// The agents in a request's committee, by number.
pub(crate) fn committee(request: RequestId) -> Vec<u8> {
	seats(request)
		.iter()
		.map(|seat| number(&seat.agent))
		.collect()
}

/// What the pool was told of an agent's last assignment.
pub(crate) fn released(n: u8) -> Performance {
	let list = Released::get();
	let last = list.iter().rev().find(|(other, _)| *other == n);
	last.expect("it was released").1
}

pub(crate) fn agreed(lateness: u8) -> Performance {
	Performance::Agreed {
		lateness: Percent::from_percent(lateness),
	}
}

pub(crate) fn credit(n: u8) -> Balance {
	pallet_attribution::Credits::<Test>::get(account(n))
}

/// The payer has the receipt forgotten, as soon as it may.
pub(crate) fn forget(request: RequestId) {
	run_to(now() + EVIDENCE);
	Inference::forget(signed(PAYER), request).expect("it is the payer's");
}

pub(crate) fn ending(request: RequestId) -> Ending {
	Receipts::<Test>::get(request).expect("it has ended").ending
}

pub(crate) fn has_event(event: crate::Event<Test>) -> bool {
	System::events()
		.iter()
		.any(|record| record.event == event.clone().into())
}

/// The type of the keys in a keystore.
pub(crate) const KEY_TYPE: sp_core::crypto::KeyTypeId = OPERATOR_KEY_TYPE;

/// What benchmarks need, of the mocks.
#[cfg(feature = "runtime-benchmarks")]
pub struct Others;

#[cfg(feature = "runtime-benchmarks")]
impl crate::benchmarking::BenchmarkHelper<AccountId> for Others {
	fn fund(who: &AccountId) {
		use frame_support::traits::fungible::Mutate;
		Balances::mint_into(who, 10 * RICH).expect("it can be issued");
	}

	fn served(of: fn(u32) -> OperatorKey, able: u32, batches: u32) -> (ModelId, Vec<BatchId>) {
		let first = pallet_datanets::NextBatchId::<Test>::get();
		let batches: Vec<_> = (first..first + BatchId::from(batches)).collect();
		for id in &batches {
			add_batch(CONTRIBUTOR, *id).expect("it can be added");
		}
		let task = Task::Generate {
			max_tokens: MAX_TOKENS,
			sampler: Sampler::Greedy,
		};
		let model = pallet_models::NextModelId::<Test>::get();
		let inputs = inputs(task, TOLERANT);
		register_model(inputs).expect("valid");
		for n in AGENT..AGENT + 20 {
			assert_eq!(of(n.into()), key(n));
		}
		let listed = (0..20).map(|n| Agent {
			n: AGENT + n,
			models: vec![model],
			profile: Profile {
				provider: if u32::from(n) < able {
					Provider::Cuda
				} else {
					Provider::Cpu
				},
				onnxruntime: [1, 31, 1],
				memory: 1_024,
			},
			active: true,
			open: 0,
		});
		Listed::set(listed.collect());
		(model, batches)
	}

	fn excuse() {
		SafeMode::set(true);
	}
}
