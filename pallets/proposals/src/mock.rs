//! A runtime of balances and proposals, over models that are given.

use alloc::collections::BTreeMap;
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{
		fungible::{hold::Inspect as _, Inspect},
		tokens::imbalance::ResolveTo,
		EitherOf, Hooks, MapSuccess,
	},
	PalletId,
};
use frame_system::{EnsureRootWithSuccess, EnsureSigned};
use openledger_primitives::{traits::ModelOwners, Balance, ContentHash, ModelId};
use sp_runtime::{
	traits::{AccountIdConversion, IdentityLookup},
	BuildStorage, Percent,
};

use crate::{
	types::Title, Error, Evidence, Funding, HoldReason, Milestone, NextId, Proposal, ProposalId,
	Proposals, Stage, Terms, Unlimited,
};

pub(crate) type AccountId = u64;

pub(crate) const PROPOSER: AccountId = 1;
pub(crate) const BUILDER: AccountId = 2;
pub(crate) const ALICE: AccountId = 3;
pub(crate) const BOB: AccountId = 4;
pub(crate) const CAROL: AccountId = 5;
pub(crate) const STRANGER: AccountId = 6;
pub(crate) const PAUPER: AccountId = 7;
pub(crate) const TREASURY: AccountId = 99;

pub(crate) const RICH: Balance = 1_000_000;
pub(crate) const GOAL: Balance = 10_000;
pub(crate) const BOND: Balance = 500;
pub(crate) const DEPOSIT: Balance = 20;
pub(crate) const LEAST: Balance = 50;
pub(crate) const MIN_PERIOD: u64 = 5;
pub(crate) const MAX_FUNDING: u64 = 100;
pub(crate) const MAX_BUILDING: u64 = 400;
pub(crate) const FUNDING: u64 = 40;
pub(crate) const VOTING: u64 = 10;
pub(crate) const WITHIN: u64 = 20;

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
	pub type Escrow = crate;
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
	pub const TreasuryAccount: AccountId = TREASURY;
	/// What the treasury may give in a call.
	pub static Limit: Option<Balance> = Some(GOAL);
	pub TreasuryFunding: Funding<AccountId> = (TREASURY, Limit::get());
	pub const PotId: PalletId = PalletId(*b"ol/props");
	pub const ProposalDeposit: Balance = 100;
	pub const ByteDeposit: Balance = 1;
	pub const BackerDeposit: Balance = DEPOSIT;
	pub const MinContribution: Balance = LEAST;
	pub const BondShare: Percent = Percent::from_percent(5);
	pub const MinBond: Balance = 60;
	pub const MinPeriod: u64 = MIN_PERIOD;
	pub const MaxFunding: u64 = MAX_FUNDING;
	pub const MaxBuilding: u64 = MAX_BUILDING;
	/// The models' owners, by id: each has version 0 alone.
	pub(crate) static Owners: BTreeMap<ModelId, AccountId> = BTreeMap::new();
	pub(crate) static NextModel: ModelId = 0;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ExistentialDeposit;
	type AccountStore = System;
}

/// The models that a test gives.
pub struct Models;

impl ModelOwners<AccountId> for Models {
	fn owner(model: ModelId, version: u32) -> Option<AccountId> {
		Owners::get().get(&model).copied().filter(|_| version == 0)
	}

	fn next_id() -> ModelId {
		NextModel::get()
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::benchmarking::BenchmarkHelper<AccountId> for Models {
	fn model(owner: &AccountId) -> (ModelId, u32) {
		(model(*owner), 0)
	}
}

impl crate::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Funder = EitherOf<
		MapSuccess<EnsureSigned<AccountId>, Unlimited>,
		EnsureRootWithSuccess<AccountId, TreasuryFunding>,
	>;
	type Models = Models;
	type Penalties = ResolveTo<TreasuryAccount, Balances>;
	type PalletId = PotId;
	type ProposalDeposit = ProposalDeposit;
	type ByteDeposit = ByteDeposit;
	type BackerDeposit = BackerDeposit;
	type MinContribution = MinContribution;
	type BondShare = BondShare;
	type MinBond = MinBond;
	type MinPeriod = MinPeriod;
	type MaxFunding = MaxFunding;
	type MaxBuilding = MaxBuilding;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Models;
}

pub(crate) struct ExtBuilder {
	pot: bool,
}

impl Default for ExtBuilder {
	fn default() -> Self {
		Self { pot: true }
	}
}

impl ExtBuilder {
	/// Begins without the pot's existential deposit, as a runtime that adds the pallet later.
	pub(crate) fn without_pot(mut self) -> Self {
		self.pot = false;
		self
	}

	/// Runs a test, then checks the invariants, and that no unit of the token was lost or made.
	pub(crate) fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			let issuance = Balances::total_issuance();
			test();
			check();
			assert_eq!(Balances::total_issuance(), issuance);
		});
	}

	/// As a test, but for benchmarks: they issue what they need.
	#[cfg(feature = "runtime-benchmarks")]
	pub(crate) fn benchmark(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			check();
		});
	}

	fn build(self) -> sp_io::TestExternalities {
		let mut storage = frame_system::GenesisConfig::<Test>::default()
			.build_storage()
			.unwrap();
		pallet_balances::GenesisConfig::<Test> {
			balances: (1..7)
				.chain([TREASURY])
				.map(|who| (who, RICH))
				.chain([(PAUPER, 30)])
				.collect(),
			..Default::default()
		}
		.assimilate_storage(&mut storage)
		.unwrap();
		if self.pot {
			crate::GenesisConfig::<Test>::default()
				.assimilate_storage(&mut storage)
				.unwrap();
		}
		Owners::set(BTreeMap::new());
		NextModel::set(0);
		Limit::set(Some(GOAL));
		let mut ext = sp_io::TestExternalities::new(storage);
		ext.execute_with(|| {
			System::set_block_number(1);
			Escrow::integrity_test();
		});
		ext
	}
}

/// Checks the invariants.
pub(crate) fn check() {
	Escrow::do_try_state().unwrap();
}

pub(crate) fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

pub(crate) fn pass(blocks: u64) {
	System::set_block_number(System::block_number() + blocks);
}

/// What an account has, on hold or not.
pub(crate) fn wealth(who: AccountId) -> Balance {
	Balances::total_balance(&who)
}

pub(crate) fn held(reason: HoldReason, who: AccountId) -> Balance {
	Balances::balance_on_hold(&reason.into(), &who)
}

/// What the pot has beyond its existential deposit.
pub(crate) fn pot() -> Balance {
	let account: AccountId = PotId::get().into_account_truncating();
	Balances::total_balance(&account) - ExistentialDeposit::get()
}

pub(crate) fn milestone(amount: Balance) -> Milestone<u64> {
	Milestone {
		amount,
		within: WITHIN,
		description: ContentHash::of(b"what is to be done"),
	}
}

/// Terms with milestones of these amounts.
pub(crate) fn terms_of(amounts: &[Balance]) -> Terms<AccountId, u64> {
	let milestones: Vec<_> = amounts.iter().map(|amount| milestone(*amount)).collect();
	Terms {
		title: Title::truncate_from(b"A model of tides".to_vec()),
		description: ContentHash::of(b"why"),
		link: b"https://tides.example/".to_vec().try_into().unwrap(),
		goal: amounts.iter().sum(),
		milestones: milestones.try_into().unwrap(),
		funding: FUNDING,
		voting: VOTING,
		owner: None,
	}
}

/// Three milestones: a fifth, three tenths, and half of the goal.
pub(crate) fn terms() -> Terms<AccountId, u64> {
	terms_of(&[2_000, 3_000, 5_000])
}

/// A proposal that waits for `BUILDER`.
pub(crate) fn proposed(terms: Terms<AccountId, u64>) -> ProposalId {
	let id = NextId::<Test>::get();
	assert_ok!(Escrow::propose(signed(PROPOSER), terms, Some(BUILDER)));
	id
}

/// A proposal that can be backed.
pub(crate) fn funding(terms: Terms<AccountId, u64>) -> ProposalId {
	let id = proposed(terms);
	assert_ok!(Escrow::accept(signed(BUILDER), id));
	id
}

pub(crate) fn back(id: ProposalId, who: AccountId, amount: Balance) {
	assert_ok!(Escrow::back(signed(who), id, amount));
}

/// A proposal whose goal was reached: 5,000 from Alice, 3,000 from Bob, 2,000 from Carol.
pub(crate) fn building() -> ProposalId {
	let id = funding(terms());
	back(id, ALICE, 5_000);
	back(id, BOB, 3_000);
	back(id, CAROL, 2_000);
	id
}

pub(crate) fn file() -> Evidence {
	Evidence::File {
		content: ContentHash::of(b"what was done"),
		link: b"ipfs://f01".to_vec().try_into().unwrap(),
	}
}

/// Registers a model.
pub(crate) fn model(owner: AccountId) -> ModelId {
	let id = NextModel::get();
	NextModel::set(id + 1);
	Owners::mutate(|owners| owners.insert(id, owner));
	id
}

pub(crate) fn version(model: ModelId) -> Evidence {
	Evidence::Model { model, version: 0 }
}

pub(crate) fn deliver(id: ProposalId, evidence: Evidence) {
	assert_ok!(Escrow::deliver(signed(BUILDER), id, evidence));
}

pub(crate) fn vote(id: ProposalId, who: AccountId, milestone: u32, approve: bool) {
	assert_ok!(Escrow::vote(signed(who), id, milestone, approve));
}

pub(crate) fn resolve(id: ProposalId) {
	assert_ok!(Escrow::resolve(signed(STRANGER), id));
}

pub(crate) fn refund(id: ProposalId, who: AccountId) {
	assert_ok!(Escrow::refund(signed(STRANGER), id, who));
}

/// Delivers a file, to which nobody says anything, and has it paid.
pub(crate) fn pay_silently(id: ProposalId) {
	deliver(id, file());
	pass(VOTING);
	resolve(id);
}

/// A proposal that was completed in silence, and its model.
pub(crate) fn completed() -> (ProposalId, ModelId) {
	let id = building();
	pay_silently(id);
	pay_silently(id);
	let model = model(BUILDER);
	deliver(id, version(model));
	pass(VOTING);
	resolve(id);
	(id, model)
}

pub(crate) fn proposal(id: ProposalId) -> Proposal<AccountId, u64> {
	Proposals::<Test>::get(id).unwrap()
}

pub(crate) fn stage(id: ProposalId) -> Stage<u64> {
	proposal(id).stage
}

pub(crate) fn last_event() -> RuntimeEvent {
	System::events().pop().unwrap().event
}

pub(crate) type E = Error<Test>;
