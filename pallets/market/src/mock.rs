//! A runtime of balances, reputation, the real Datanets, models and attribution, and the market.

use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{
		fungible::{Balanced, Credit, Inspect, InspectHold},
		tokens::{Fortitude, Precision, Preservation},
		ConstU128, ConstU32, ConstU64, Get, Hooks, Nothing,
	},
	BoundedVec, PalletId,
};
use frame_system::{mocking::MockBlock, EnsureRoot};
use openledger_primitives::{
	model::{Artifact, ArtifactKind, Audience, Policy, Sampler, Task},
	split::Parts,
	traits::{DelegatedRewards, Link, Links, Run, Settlement, Source},
	Balance, ContentHash, DatanetId, ModelId,
};
use pallet_datanets::fixtures;
use pallet_models::{Descent, SpecInputs};
use sp_runtime::{traits::IdentityLookup, BuildStorage};

use crate::{Error, HoldReason};

/// Long enough for the accounts that are derived from a pallet's name and a model's id.
pub(crate) type AccountId = u128;

pub(crate) const OWNER: AccountId = 1;
pub(crate) const BUYER: AccountId = 2;
pub(crate) const TENANT: AccountId = 3;
pub(crate) const STRANGER: AccountId = 4;
pub(crate) const CONTRIBUTOR: AccountId = 5;
pub(crate) const SECOND_CONTRIBUTOR: AccountId = 6;
pub(crate) const PAUPER: AccountId = 7;
pub(crate) const TREASURY: AccountId = 99;

/// Built on both Datanets.
pub(crate) const MODEL: ModelId = 0;
/// Built on no data.
pub(crate) const BARE: ModelId = 1;

pub(crate) const RICH: Balance = 1_000_000_000;
pub(crate) const MINIMUM: Balance = 10;
pub(crate) const LISTING: Balance = 40;
pub(crate) const RENTAL: Balance = 60;
pub(crate) const DAY: u64 = 100;
pub(crate) const MAX_DAYS: u32 = 30;
pub(crate) const REMOVAL_DELAY: u64 = 20;
/// What a day costs in the tests.
pub(crate) const PER_DAY: Balance = 10_000;
pub(crate) const PLENTY: Balance = Balance::MAX;

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
	pub type Attribution = pallet_attribution;
	#[runtime::pallet_index(6)]
	pub type Market = crate;
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

parameter_types! {
	pub const Pot: PalletId = PalletId(*b"ol/attri");
	pub const ModelsPot: PalletId = PalletId(*b"ol/model");
	pub const TreasuryAccount: AccountId = TREASURY;
	pub const Deposit: Balance = 100;
	pub const ByteDeposit: Balance = 1;
	/// The accounts that are known to belong together.
	pub static Party: Vec<AccountId> = Vec::new();
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
	type Maturity = ConstU64<300>;
	type HalfLife = ConstU64<900>;
	type MinEarned = ConstU128<1>;
	type SweepLimit = ConstU32<4>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}

#[derive_impl(pallet_datanets::config_preludes::TestDefaultConfig)]
impl pallet_datanets::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type TreasuryAccount = TreasuryAccount;
}

impl pallet_models::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Data = Datanets;
	type Credits = Attribution;
	type Tenants = Market;
	type PalletId = ModelsPot;
	type ModelDeposit = Deposit;
	type VersionDeposit = Deposit;
	type ByteDeposit = ByteDeposit;
	type MinPrice = ConstU128<1>;
	type MaxPrice = ConstU128<1_000>;
	type BytesPerUnit = ConstU32<256>;
	type MaxSnapshotBatches = ConstU32<1_000>;
	type RemovalDelay = ConstU64<REMOVAL_DELAY>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}

/// Nobody delegates.
pub struct NoPools;

impl DelegatedRewards<AccountId> for NoPools {
	type Reward = Credit<AccountId, Balances>;

	fn delegated_part(_: &AccountId, _: Balance) -> Balance {
		0
	}

	fn reward_delegators(_: &AccountId, reward: Self::Reward) -> Result<(), Self::Reward> {
		Err(reward)
	}
}

impl pallet_attribution::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Data = Datanets;
	type Models = Models;
	type Delegation = NoPools;
	type Reputation = Reputation;
	type TreasuryAccount = TreasuryAccount;
	type SharesOrigin = EnsureRoot<AccountId>;
	type PalletId = Pot;
	type ClaimPeriod = ConstU64<50>;
	type DistributionDeposit = Deposit;
	type ClaimDeposit = Deposit;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}

impl crate::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Models = Models;
	type Settlement = Attribution;
	type ListingDeposit = ConstU128<LISTING>;
	type RentalDeposit = ConstU128<RENTAL>;
	type BlocksPerDay = ConstU64<DAY>;
	type MaxDays = ConstU32<MAX_DAYS>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Registry;
}

/// The models of this runtime.
#[cfg(feature = "runtime-benchmarks")]
pub struct Registry;

#[cfg(feature = "runtime-benchmarks")]
impl crate::benchmarking::BenchmarkHelper<AccountId> for Registry {
	fn model(owner: &AccountId) -> ModelId {
		let model = pallet_models::NextModelId::<Test>::get();
		register(*owner, model_inputs(&[0]));
		set_audience(*owner, model, Audience::Tenants);
		model
	}

	fn divided(owner: &AccountId, holders: u32) -> ModelId {
		let model = Self::model(owner);
		let rest = 10_000 - 100 * (holders - 1);
		let others = (1..holders).map(|n| (AccountId::from(n) << 64, 100));
		let holders: Vec<_> = others.chain([(*owner, rest)]).collect();
		assert_ok!(Models::divide(
			signed(*owner),
			model,
			holders.try_into().unwrap()
		));
		model
	}

	fn pause(owner: &AccountId, model: ModelId) {
		assert_ok!(Models::pause(signed(*owner), model));
	}
}

pub(crate) struct ExtBuilder;

impl ExtBuilder {
	/// Runs a test with two Datanets, of one and of three batches, and two models of `OWNER`, then checks the
	/// invariants of all that is involved.
	pub(crate) fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			check();
		});
	}

	/// As a test, but for benchmarks: they issue what they need.
	#[cfg(feature = "runtime-benchmarks")]
	pub(crate) fn benchmark(self, test: impl FnOnce()) {
		self.build_and_execute(test);
	}

	pub(crate) fn build(self) -> sp_io::TestExternalities {
		let mut storage = frame_system::GenesisConfig::<Test>::default()
			.build_storage()
			.unwrap();
		pallet_balances::GenesisConfig::<Test> {
			balances: (OWNER..=SECOND_CONTRIBUTOR)
				.map(|who| (who, RICH))
				.chain([
					(PAUPER, 500),
					(TREASURY, MINIMUM),
					(Datanets::pot_account(), MINIMUM),
				])
				.collect(),
			..Default::default()
		}
		.assimilate_storage(&mut storage)
		.unwrap();
		pallet_attribution::GenesisConfig::<Test>::default()
			.assimilate_storage(&mut storage)
			.unwrap();
		let mut ext = sp_io::TestExternalities::new(storage);
		ext.execute_with(|| {
			System::set_block_number(1);
			Market::integrity_test();
			Party::set(Vec::new());
			for contributors in [
				&[CONTRIBUTOR][..],
				&[CONTRIBUTOR, SECOND_CONTRIBUTOR, SECOND_CONTRIBUTOR],
			] {
				datanet(contributors);
			}
			register(OWNER, model_inputs(&[0, 1]));
			register(OWNER, model_inputs(&[]));
			System::reset_events();
		});
		ext
	}
}

/// Checks the invariants of all that is involved, and that no unit is unaccounted for.
pub(crate) fn check() {
	Market::do_try_state().unwrap();
	Attribution::do_try_state().unwrap();
	Reputation::do_try_state().unwrap();
	Datanets::do_try_state().unwrap();
	Models::do_try_state().unwrap();
	let all: Balance = frame_system::Account::<Test>::iter_values()
		.map(|account| account.data.free + account.data.reserved)
		.sum();
	assert_eq!(all, Balances::total_issuance());
}

pub(crate) fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

pub(crate) fn text<S: Get<u32>>(text: &str) -> BoundedVec<u8, S> {
	text.as_bytes().to_vec().try_into().unwrap()
}

/// Opens a Datanet of `STRANGER`, with a batch of each of these.
pub(crate) fn datanet(contributors: &[AccountId]) -> DatanetId {
	let datanet = pallet_datanets::NextDatanetId::<Test>::get();
	assert_ok!(Datanets::create_datanet(
		signed(STRANGER),
		fixtures::details(),
		fixtures::vouched::<Test>()
	));
	for contributor in contributors {
		let batch = fixtures::batch(pallet_datanets::NextBatchId::<Test>::get());
		assert_ok!(fixtures::add_batch::<Test>(
			&STRANGER,
			contributor,
			datanet,
			batch
		));
	}
	datanet
}

/// A model that generates, built on Datanets.
pub(crate) fn model_inputs(datanets: &[DatanetId]) -> SpecInputs {
	let artifact = |kind, name: &str| Artifact {
		kind,
		hash: ContentHash::of(name.as_bytes()),
	};
	SpecInputs {
		task: Task::Generate {
			max_tokens: 16,
			sampler: Sampler::Greedy,
		},
		artifacts: vec![
			artifact(ArtifactKind::Graph, "graph"),
			artifact(ArtifactKind::Tokenizer, "tokenizer"),
			artifact(ArtifactKind::Generation, "generation"),
		]
		.try_into()
		.unwrap(),
		policy: Policy::Exact {
			onnxruntime: [1, 31, 1],
		},
		datanets: datanets.to_vec().try_into().unwrap(),
	}
}

/// Registers a model on no other.
pub(crate) fn register(owner: AccountId, inputs: SpecInputs) {
	assert_ok!(pallet_models::fixtures::register::<Test>(
		owner,
		text("SmolLM2"),
		inputs,
		1
	));
}

/// Registers an adapter on `MODEL`, which takes half of what it gets. Returns its id.
pub(crate) fn adapter(owner: AccountId) -> ModelId {
	assert_ok!(Models::set_terms(signed(OWNER), MODEL, 5_000, true));
	let model = pallet_models::NextModelId::<Test>::get();
	assert_ok!(Models::register(
		signed(owner),
		text("adapter"),
		model_inputs(&[0]),
		1,
		pallet_models::fixtures::terms(),
		Descent::Adapter { base: MODEL },
		5_000,
	));
	model
}

pub(crate) fn set_audience(owner: AccountId, model: ModelId, audience: Audience) {
	assert_ok!(Models::set_audience(signed(owner), model, audience));
}

/// Lets a model to tenants only, at `PER_DAY`.
pub(crate) fn let_out(model: ModelId) {
	set_audience(OWNER, model, Audience::Tenants);
	assert_ok!(Market::set_terms(signed(OWNER), model, PER_DAY, MAX_DAYS));
}

pub(crate) fn rent(who: AccountId, model: ModelId, days: u32) {
	assert_ok!(Market::rent(signed(who), model, days, PLENTY));
}

/// Divides a model evenly.
pub(crate) fn divide(owner: AccountId, model: ModelId, holders: &[AccountId]) {
	let each = 10_000 / u32::try_from(holders.len()).unwrap();
	let holders: Vec<_> = holders.iter().map(|who| (*who, each)).collect();
	assert_ok!(Models::divide(
		signed(owner),
		model,
		holders.try_into().unwrap()
	));
}

pub(crate) fn owner_of(model: ModelId) -> Option<AccountId> {
	pallet_models::Models::<Test>::get(model).map(|model| model.owner)
}

pub(crate) fn deposit_of(model: ModelId) -> Balance {
	pallet_models::Models::<Test>::get(model).unwrap().held
}

pub(crate) fn shares_of(model: ModelId, who: AccountId) -> u32 {
	pallet_models::Holders::<Test>::get(model)
		.and_then(|holdings| holdings.holders.get(&who).copied())
		.unwrap_or_default()
}

pub(crate) fn pass(blocks: u64) {
	System::set_block_number(System::block_number() + blocks);
}

/// Retires a model, which takes a pause.
pub(crate) fn retire(model: ModelId) {
	assert_ok!(Models::pause(signed(OWNER), model));
	pass(REMOVAL_DELAY);
	assert_ok!(Models::retire(signed(OWNER), model));
}

/// What an account has, on hold or not.
pub(crate) fn wealth(who: AccountId) -> Balance {
	Balances::total_balance(&who)
}

pub(crate) fn held(reason: HoldReason, who: AccountId) -> Balance {
	Balances::balance_on_hold(&reason.into(), &who)
}

/// What an account may claim of its part of fees and rents.
pub(crate) fn credit(who: AccountId) -> Balance {
	Attribution::credit(who)
}

/// What the contributors of a Datanet have for access and rent, claimed or not.
pub(crate) fn income(datanet: DatanetId) -> Balance {
	pallet_datanets::Pools::<Test>::get(datanet).balance
}

/// What the reputation of an account will be once it has matured.
pub(crate) fn reputation(who: AccountId) -> Balance {
	Reputation::pending(who)
}

pub(crate) fn last_event() -> RuntimeEvent {
	System::events().pop().unwrap().event
}

/// Where the rents that were divided so far went.
pub(crate) fn settled() -> Vec<Parts> {
	System::events()
		.into_iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::Attribution(pallet_attribution::Event::Settled {
				source: Source::Rental(_),
				parts,
				..
			}) => Some(parts),
			_ => None,
		})
		.collect()
}

/// Has a fee settled that a payer pays for a run by nobody, with no data.
pub(crate) fn earn_fee(model: ModelId, payer: AccountId, fee: Balance) {
	let (exact, keep) = (Precision::Exact, Preservation::Preserve);
	let fee = Balances::withdraw(&payer, fee, exact, keep, Fortitude::Polite).unwrap();
	<Attribution as Settlement<_>>::settle(
		Run {
			source: Source::Request(1),
			payer: &payer,
			model,
			operators: &[],
			attribution: &[],
		},
		fee,
	);
}

pub(crate) type E = Error<Test>;
