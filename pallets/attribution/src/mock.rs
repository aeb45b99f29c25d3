//! A runtime of balances, reputation, the real Datanets and models, and attribution.
//!
//! Where a test says so, royalties are laid over those of the models.

use alloc::collections::BTreeMap;
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{
		fungible::{Balanced, InspectHold},
		tokens::{Fortitude, Precision, Preservation},
		ConstU128, ConstU32, ConstU64, Get, Hooks, Imbalance, Nothing,
	},
	BoundedVec, PalletId,
};
use frame_system::{mocking::MockBlock, EnsureRoot};
use openledger_primitives::{
	earnings::{Earnings, Summary},
	model::{Artifact, ArtifactKind, ModelSpec, Policy, Task},
	split::Parts,
	traits::{
		DataRegistry, DelegatedRewards, Link, Links, ModelRegistry, Quote, Royalty, Run,
		Settlement, Source, Submissions,
	},
	Balance, BatchId, ContentHash, DatanetId, Entry, ModelId, RequestId,
};
use pallet_datanets::{fixtures, NextBatchId, MAX_CLUSTER_DEPTH};
use pallet_models::{Descent, SpecInputs, Terms};
use sp_runtime::{traits::IdentityLookup, BuildStorage, DispatchError, DispatchResult, Percent};

use crate::{impls::FeeOf, AttributionRecord, Distribution, Event, Records};

/// Long enough for the accounts that are derived from a pallet's name and a model's id.
pub(crate) type AccountId = u128;

pub(crate) const PAYER: AccountId = 1;
pub(crate) const OWNER: AccountId = 2;
pub(crate) const OPERATOR: AccountId = 3;
pub(crate) const SECOND_OPERATOR: AccountId = 4;
/// Claims what others have earned.
pub(crate) const CLAIMANT: AccountId = SECOND_OPERATOR;
pub(crate) const CONTRIBUTOR: AccountId = 5;
pub(crate) const SECOND_CONTRIBUTOR: AccountId = 6;
/// An account that does not exist.
pub(crate) const NOBODY: AccountId = 7;
/// Holds what the delegators have.
pub(crate) const POOLS: AccountId = 98;
pub(crate) const TREASURY: AccountId = 99;

pub(crate) const MODEL: ModelId = 0;
pub(crate) const RICH: Balance = 1_000_000_000;
pub(crate) const MINIMUM: Balance = 10;
pub(crate) const MATURITY: u64 = 300;
pub(crate) const BUCKET: u64 = 10;
pub(crate) const CLAIM_PERIOD: u64 = 50;
pub(crate) const DISTRIBUTION_DEPOSIT: Balance = 200;
pub(crate) const CLAIM_DEPOSIT: Balance = 30;

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
	pub type Reputation = pallet_reputation;
	#[runtime::pallet_index(3)]
	pub type Datanets = pallet_datanets;
	#[runtime::pallet_index(4)]
	pub type Models = pallet_models;
	#[runtime::pallet_index(5)]
	pub type Attribution = crate;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = MockBlock<Test>;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<MINIMUM>;
	type AccountStore = System;
}

/// The accounts of one party are linked to each other.
pub struct OneParty;

impl Links<AccountId> for OneParty {
	fn between(one: &AccountId, other: &AccountId) -> Option<Link> {
		let party = Party::get();
		(party.contains(one) && party.contains(other)).then_some(Link::Owner)
	}
}

impl pallet_reputation::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Links = OneParty;
	type Transfers = ();
	type Pots = Nothing;
	type TreasuryAccount = TreasuryAccount;
	type ContestOrigin = EnsureRoot<AccountId>;
	type HubOrigin = EnsureRoot<AccountId>;
	type ContestBond = Deposit;
	type ContestPeriod = ConstU64<140>;
	type MinFunding = Deposit;
	type FundingWindow = ConstU64<300>;
	type MaxEvents = ConstU32<0>;
	type MaxTransfers = ConstU32<0>;
	type Maturity = ConstU64<MATURITY>;
	type HalfLife = ConstU64<900>;
	type MinEarned = ConstU128<1>;
	type SweepLimit = ConstU32<4>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}

parameter_types! {
	pub const Pot: PalletId = PalletId(*b"ol/attri");
	pub const ModelsPot: PalletId = PalletId(*b"ol/model");
	pub const TreasuryAccount: AccountId = TREASURY;
	pub const Deposit: Balance = 100;
	pub const MaxBatches: u32 = 1_000;
	pub const MinPrice: Balance = 1;
	pub const MaxPrice: Balance = 1_000;
	pub const BytesPerUnit: u32 = 256;
	pub const RemovalDelay: u64 = 20;
	/// Which part of what an operator earns is its delegators'.
	pub static DelegatedPercent: BTreeMap<AccountId, Percent> = BTreeMap::new();
	/// Whether pools take rewards.
	pub static PoolsOpen: bool = true;
	/// The accounts that are known to belong together.
	pub static Party: Vec<AccountId> = Vec::new();
	/// Who shares in model 0, as the author of what is paid for, in place of its owner.
	pub static Lineage: Option<Vec<(AccountId, u32)>> = None;
}

#[derive_impl(pallet_datanets::config_preludes::TestDefaultConfig)]
impl pallet_datanets::Config for Test {
	type AdminOrigin = frame_system::EnsureRoot<AccountId>;
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type TreasuryAccount = TreasuryAccount;
}

impl pallet_models::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Data = Datanets;
	type Credits = Attribution;
	type Tenants = ();
	type PalletId = ModelsPot;
	type ModelDeposit = Deposit;
	type VersionDeposit = Deposit;
	type ByteDeposit = Deposit;
	type MinPrice = MinPrice;
	type MaxPrice = MaxPrice;
	type BytesPerUnit = BytesPerUnit;
	type MaxSnapshotBatches = MaxBatches;
	type RemovalDelay = RemovalDelay;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}

/// Models, with any royalties.
pub struct ModelsWithLineage;

impl ModelRegistry<AccountId> for ModelsWithLineage {
	fn quote(model: ModelId, input_bytes: u32) -> Result<Quote, DispatchError> {
		<Models as ModelRegistry<_>>::quote(model, input_bytes)
	}

	fn quote_rerun(model: ModelId, version: u32, input_bytes: u32) -> Result<Quote, DispatchError> {
		<Models as ModelRegistry<_>>::quote_rerun(model, version, input_bytes)
	}

	fn current_version(model: ModelId) -> Option<u32> {
		Models::current_version(model)
	}

	fn spec(model: ModelId, version: u32) -> Option<ModelSpec> {
		<Models as ModelRegistry<_>>::spec(model, version)
	}

	fn is_built_on(model: ModelId, version: u32, datanet: DatanetId, index: u32) -> bool {
		Models::is_built_on(model, version, datanet, index)
	}

	fn ensure_served(model: ModelId, who: &AccountId) -> DispatchResult {
		Models::ensure_served(model, who)
	}

	fn royalties(model: ModelId) -> Vec<Royalty<AccountId>> {
		match Lineage::get().filter(|_| model == MODEL) {
			Some(shares) => shares
				.into_iter()
				.zip(0..)
				.map(|((who, weight), model)| Royalty {
					model,
					taker: who,
					author: who,
					weight,
				})
				.collect(),
			None => Models::royalties(model),
		}
	}
}

/// Delegators whose money is all in one account.
pub struct Pools;

impl DelegatedRewards<AccountId> for Pools {
	type Reward = FeeOf<Test>;

	fn delegated_part(agent: &AccountId, amount: Balance) -> Balance {
		DelegatedPercent::get()
			.get(agent)
			.map_or(0, |percent| percent.mul_floor(amount))
	}

	fn reward_delegators(_: &AccountId, reward: FeeOf<Test>) -> Result<(), FeeOf<Test>> {
		if PoolsOpen::get() {
			Balances::resolve(&POOLS, reward)
		} else {
			Err(reward)
		}
	}
}

impl crate::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Data = Datanets;
	type Models = ModelsWithLineage;
	type Delegation = Pools;
	type Reputation = Reputation;
	type TreasuryAccount = TreasuryAccount;
	type SharesOrigin = EnsureRoot<AccountId>;
	type PalletId = Pot;
	type ClaimPeriod = ConstU64<CLAIM_PERIOD>;
	type DistributionDeposit = ConstU128<DISTRIBUTION_DEPOSIT>;
	type ClaimDeposit = ConstU128<CLAIM_DEPOSIT>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Others;
}

/// The pallets of this runtime, and money from nowhere.
#[cfg(feature = "runtime-benchmarks")]
pub struct Others;

#[cfg(feature = "runtime-benchmarks")]
impl Others {
	fn fund(who: &AccountId) {
		assert!(Balances::resolve(who, Balances::issue(RICH)).is_ok());
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::benchmarking::BenchmarkHelper<AccountId> for Others {
	fn lineage(owners: &[AccountId]) -> ModelId {
		owners.iter().for_each(Self::fund);
		pallet_models::benchmarking::lineage::<Test>(owners)
	}

	fn build_on(owner: &AccountId, model: ModelId, datanets: u32) {
		let ids = (0..datanets).map(|_| {
			let id = pallet_datanets::NextDatanetId::<Test>::get();
			create_datanet();
			let batch = fixtures::batch(NextBatchId::<Test>::get());
			assert_ok!(fixtures::add_batch::<Test>(&OWNER, &CONTRIBUTOR, id, batch));
			id
		});
		let inputs = pallet_models::benchmarking::inputs(ids.collect());
		let origin = RuntimeOrigin::signed(*owner);
		assert_ok!(Models::new_version(origin, model, inputs));
	}

	fn agent(operator: &AccountId) {
		delegate(*operator, 50);
	}

	fn batch(contributor: &AccountId) -> BatchId {
		Self::fund(contributor);
		add_deepest(*contributor)
	}

	fn reputation(of: &[AccountId]) {
		pallet_reputation::benchmarking::ripen::<Test>(of);
	}
}

/// Builds the chain that a test begins with.
pub(crate) struct ExtBuilder {
	pot: bool,
	treasury: bool,
}

impl Default for ExtBuilder {
	fn default() -> Self {
		Self {
			pot: true,
			treasury: true,
		}
	}
}

impl ExtBuilder {
	/// Begins without the pot's existential deposit.
	pub(crate) fn without_pot(mut self) -> Self {
		self.pot = false;
		self
	}

	/// Begins without the treasury's account.
	pub(crate) fn without_treasury(mut self) -> Self {
		self.treasury = false;
		self
	}

	/// Runs a test with batches 0 and 1 of two contributors and a model of one owner, then checks the
	/// invariants.
	pub(crate) fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			check();
		});
	}

	/// The same for a benchmark.
	#[cfg(feature = "runtime-benchmarks")]
	pub(crate) fn benchmark(self, test: impl FnOnce()) {
		let mut ext = self.build();
		// Each value of a benchmark's components begins with what was committed.
		ext.commit_all().unwrap();
		ext.execute_with(|| {
			test();
			check();
		});
	}

	pub(crate) fn build(self) -> sp_io::TestExternalities {
		let mut storage = frame_system::GenesisConfig::<Test>::default()
			.build_storage()
			.unwrap();
		let mut balances: Vec<_> = (PAYER..=SECOND_CONTRIBUTOR)
			.map(|who| (who, RICH))
			.collect();
		balances.push((POOLS, MINIMUM));
		balances.push((Datanets::pot_account(), MINIMUM));
		if self.treasury {
			balances.push((TREASURY, MINIMUM));
		}
		pallet_balances::GenesisConfig::<Test> {
			balances,
			..Default::default()
		}
		.assimilate_storage(&mut storage)
		.unwrap();
		if self.pot {
			crate::GenesisConfig::<Test>::default()
				.assimilate_storage(&mut storage)
				.unwrap();
		}
		let mut ext = sp_io::TestExternalities::new(storage);
		ext.execute_with(|| {
			System::set_block_number(1);
			Attribution::integrity_test();
			Party::set(Vec::new());
			Lineage::set(None);
			DelegatedPercent::set(BTreeMap::new());
			PoolsOpen::set(true);
			create_datanet();
			assert_eq!(add_batch(CONTRIBUTOR), 0);
			assert_eq!(add_batch(SECOND_CONTRIBUTOR), 1);
			register_model(OWNER);
			System::reset_events();
		});
		ext
	}
}

/// Checks the invariants of all that is involved, and that no unit is unaccounted for.
pub(crate) fn check() {
	Attribution::do_try_state().unwrap();
	Reputation::do_try_state().unwrap();
	Datanets::do_try_state().unwrap();
	Models::do_try_state().unwrap();
	let all: Balance = frame_system::Account::<Test>::iter_values()
		.map(|account| account.data.free + account.data.reserved)
		.sum();
	assert_eq!(all, Balances::total_issuance());
}

fn text<S: Get<u32>>(text: &str) -> BoundedVec<u8, S> {
	text.as_bytes().to_vec().try_into().unwrap()
}

fn create_datanet() {
	assert_ok!(Datanets::create_datanet(
		RuntimeOrigin::signed(OWNER),
		fixtures::details(),
		fixtures::vouched::<Test>()
	));
}

/// Registers a model on no other, built on the batches that are there.
fn register_model(owner: AccountId) {
	register_on(owner, pallet_models::fixtures::terms(), Descent::Base);
}

/// Registers a model on others, at whatever royalty. Returns its id.
pub(crate) fn register_on(owner: AccountId, terms: Terms, descent: Descent) -> ModelId {
	let model = pallet_models::NextModelId::<Test>::get();
	assert_ok!(try_register(owner, terms, descent));
	model
}

/// The same, which may fail.
pub(crate) fn try_register(owner: AccountId, terms: Terms, descent: Descent) -> DispatchResult {
	let artifact = |kind, name: &str| Artifact {
		kind,
		hash: ContentHash::of(name.as_bytes()),
	};
	let inputs = SpecInputs {
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
		datanets: vec![0].try_into().unwrap(),
	};
	Models::register(
		RuntimeOrigin::signed(owner),
		text("MiniLM"),
		inputs,
		1,
		terms,
		descent,
		10_000,
	)
}

/// Adds a batch of rows that no other has.
pub(crate) fn add_batch(contributor: AccountId) -> BatchId {
	let batch = NextBatchId::<Test>::get();
	assert_ok!(fixtures::add_batch::<Test>(
		&OWNER,
		&contributor,
		0,
		fixtures::batch(batch)
	));
	batch
}

/// Links a batch to one that it duplicates.
pub(crate) fn link(batch: BatchId, earlier: BatchId) {
	assert_ok!(Datanets::link(batch, earlier));
}

/// Adds a batch as far from the head of its cluster as one can be, and those between them.
pub(crate) fn add_deepest(contributor: AccountId) -> BatchId {
	let batches = [(); MAX_CLUSTER_DEPTH + 1].map(|()| add_batch(contributor));
	for pair in batches.windows(2).rev() {
		link(pair[1], pair[0]);
	}
	batches[MAX_CLUSTER_DEPTH]
}

/// Withdraws a batch that no model is built on.
pub(crate) fn withdraw_batch(batch: BatchId) {
	let contributor = Datanets::contributor(batch).unwrap();
	assert_ok!(Datanets::withdraw_batch(
		RuntimeOrigin::signed(contributor),
		batch
	));
}

/// Entries, from batches and weights.
pub(crate) fn entries<const N: usize>(list: [(BatchId, u32); N]) -> Vec<Entry> {
	list.into_iter()
		.map(|(batch, weight)| Entry { batch, weight })
		.collect()
}

/// What a test varies in a run.
pub(crate) struct TestRun {
	pub(crate) request: RequestId,
	pub(crate) payer: AccountId,
	pub(crate) model: ModelId,
	pub(crate) operators: Vec<AccountId>,
	pub(crate) attribution: Vec<Entry>,
}

impl Default for TestRun {
	fn default() -> Self {
		Self {
			request: 1,
			payer: PAYER,
			model: MODEL,
			operators: vec![OPERATOR],
			attribution: entries([(0, 1_000_000)]),
		}
	}
}

impl TestRun {
	/// Settles the run with a fee that the payer has.
	pub(crate) fn settle(&self, fee: Balance) -> AttributionRecord<AccountId> {
		let fee = Balances::withdraw(
			&self.payer,
			fee,
			Precision::Exact,
			Preservation::Preserve,
			Fortitude::Polite,
		)
		.unwrap();
		self.settle_with(fee)
	}

	/// Settles the run and checks what must hold for each: all of the fee went somewhere, and the
	/// issuance fell by what was burned.
	pub(crate) fn settle_with(&self, fee: FeeOf<Test>) -> AttributionRecord<AccountId> {
		let (held, issuance) = (fee.peek(), Balances::total_issuance());
		<Attribution as Settlement<_>>::settle(
			Run {
				source: Source::Request(self.request),
				payer: &self.payer,
				model: self.model,
				operators: &self.operators,
				attribution: &self.attribution,
			},
			fee,
		);
		let record = Records::<Test>::get(self.request).unwrap();
		assert_eq!(record.payment.fee, held);
		assert!(record.adds_up());
		assert_eq!(
			issuance - Balances::total_issuance(),
			record.payment.parts.burn
		);
		record
	}
}

/// A batch of calls.
pub(crate) fn calls(n: u32) -> Source {
	Source::Receipts {
		channel: 3,
		batch: n,
	}
}

/// Settles a batch of calls by what its data has earned, and checks what must hold for each: all of the fee
/// went somewhere, and the issuance fell by what was burned.
pub(crate) fn settle_by_root(payer: AccountId, n: u32, earned: Summary, fee: FeeOf<Test>) -> Parts {
	let (held, issuance) = (fee.peek(), Balances::total_issuance());
	let run = Run {
		source: calls(n),
		payer: &payer,
		model: MODEL,
		operators: &[OPERATOR],
		attribution: &[],
	};
	let weight = <Attribution as Settlement<_>>::settle_by_root(run, earned, fee);
	assert!(weight.all_lte(<Attribution as Settlement<AccountId>>::weight_by_root(1)));
	let Some(Event::Settled { fee, parts, .. }) = events().pop() else {
		panic!("the last event says what went where");
	};
	assert_eq!((fee, parts.total()), (held, Some(held)));
	assert_eq!(issuance - Balances::total_issuance(), parts.burn);
	parts
}

/// The same with a fee that the payer has.
pub(crate) fn distribute(n: u32, earned: &Earnings, fee: Balance) -> Parts {
	let (exact, keep, polite) = (Precision::Exact, Preservation::Preserve, Fortitude::Polite);
	let fee = Balances::withdraw(&PAYER, fee, exact, keep, polite).unwrap();
	settle_by_root(PAYER, n, earned.summary(), fee)
}

/// What batches have earned, in a list.
pub(crate) fn earnings<const N: usize>(list: [(BatchId, u128); N]) -> Earnings {
	Earnings::of(list).unwrap()
}

/// Somebody claims what a batch has earned.
pub(crate) fn claim_share(n: u32, earned: &Earnings, batch: BatchId) -> DispatchResult {
	let proof = earned.prove(batch).unwrap();
	Attribution::claim_share(RuntimeOrigin::signed(CLAIMANT), calls(n), batch, proof)
}

/// The distribution of a batch of calls.
pub(crate) fn distribution(n: u32) -> Option<Distribution<AccountId, u64>> {
	Attribution::distribution(calls(n))
}

/// All distributions expire.
pub(crate) fn expire() {
	System::set_block_number(System::block_number() + CLAIM_PERIOD);
}

/// What is held from an account for records.
pub(crate) fn held(who: AccountId) -> Balance {
	Balances::balance_on_hold(&crate::HoldReason::Record.into(), &who)
}

/// The pallet's events so far, oldest first.
pub(crate) fn events() -> Vec<Event<Test>> {
	System::events()
		.into_iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::Attribution(event) => Some(event),
			_ => None,
		})
		.collect()
}

/// Gives a part of what an operator earns to its delegators.
pub(crate) fn delegate(operator: AccountId, percent: u8) {
	DelegatedPercent::mutate(|parts| parts.insert(operator, Percent::from_percent(percent)));
}

/// What the delegators have.
pub(crate) fn in_pools() -> Balance {
	Balances::free_balance(POOLS) - MINIMUM
}

/// What an account may claim.
pub(crate) fn credit(who: AccountId) -> Balance {
	Attribution::credit(who)
}
