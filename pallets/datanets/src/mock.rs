//! A runtime of balances and Datanets.

use frame_support::{
	derive_impl, parameter_types,
	traits::{fungible::hold::Inspect, Get},
	BoundedVec,
};
use openledger_primitives::{merkle, Balance, BatchId, ContentHash, DatanetId, Hash};
use sp_runtime::{traits::IdentityLookup, BuildStorage, DispatchResult};

use crate::{BatchDetails, DatanetDetails, Error, HoldReason, NextBatchId, NextDatanetId};

pub(crate) type AccountId = u64;

pub(crate) const ALICE: AccountId = 1;
pub(crate) const BOB: AccountId = 2;
pub(crate) const CAROL: AccountId = 3;
pub(crate) const PAUPER: AccountId = 4;
pub(crate) const RICH: Balance = 1_000_000;
pub(crate) const MEBIBYTE: u64 = 1024 * 1024;

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
	pub type Datanets = crate;
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
	pub const DatanetDeposit: Balance = 1_000;
	pub static ByteDeposit: Balance = 2;
	pub const BatchDeposit: Balance = 100;
	pub static MebibyteDeposit: Balance = 7;
	pub const MaxRows: u32 = 1_000;
	pub const MaxBytes: u64 = 4 * MEBIBYTE;
	pub const MaxBatchesPerDatanet: u32 = 6;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ExistentialDeposit;
	type AccountStore = System;
}

impl crate::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type DatanetDeposit = DatanetDeposit;
	type ByteDeposit = ByteDeposit;
	type BatchDeposit = BatchDeposit;
	type MebibyteDeposit = MebibyteDeposit;
	type MaxRows = MaxRows;
	type MaxBytes = MaxBytes;
	type MaxBatchesPerDatanet = MaxBatchesPerDatanet;
	type WeightInfo = ();
}

#[derive(Default)]
pub(crate) struct ExtBuilder {
	datanets: Vec<AccountId>,
}

impl ExtBuilder {
	/// Begins with a Datanet of `owner`.
	pub(crate) fn datanet(mut self, owner: AccountId) -> Self {
		self.datanets.push(owner);
		self
	}

	/// Runs a test, then checks the invariants.
	pub(crate) fn build_and_execute(self, test: impl FnOnce()) {
		let mut storage = frame_system::GenesisConfig::<Test>::default()
			.build_storage()
			.unwrap();
		pallet_balances::GenesisConfig::<Test> {
			balances: vec![(ALICE, RICH), (BOB, RICH), (CAROL, RICH), (PAUPER, 50)],
			..Default::default()
		}
		.assimilate_storage(&mut storage)
		.unwrap();
		sp_io::TestExternalities::new(storage).execute_with(|| {
			System::set_block_number(1);
			for owner in self.datanets {
				create(owner).unwrap();
			}
			test();
			Datanets::do_try_state().unwrap();
		});
	}
}

pub(crate) fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

pub(crate) fn text<S: Get<u32>>(text: &str) -> BoundedVec<u8, S> {
	BoundedVec::try_from(text.as_bytes().to_vec()).unwrap()
}

pub(crate) fn details() -> DatanetDetails {
	DatanetDetails {
		name: text("Devil's Dictionary"),
		metadata: text("https://example.org/devil"),
		domain: text("satire"),
		content_type: text("application/x-ndjson"),
		language: text("en"),
		licence: text("CC0-1.0"),
	}
}

/// The rows of the `n`th batch of a test.
pub(crate) fn rows(n: u64) -> Vec<Vec<u8>> {
	(0..5u64)
		.map(|row| format!("row {row} of {n}").into_bytes())
		.collect()
}

pub(crate) fn leaves(n: u64) -> Vec<Hash> {
	rows(n).iter().map(|row| merkle::leaf(row)).collect()
}

/// The `n`th batch of a test: what it says is true of [`rows`], but for its size.
pub(crate) fn batch(n: u64) -> BatchDetails {
	let rows = rows(n);
	BatchDetails {
		root: merkle::root(&leaves(n)).unwrap(),
		content: ContentHash::of(&rows.concat()),
		rows: rows.len() as u32,
		bytes: MEBIBYTE + 1,
		locator: text("https://example.org/batch"),
	}
}

/// The deposit of [`batch`]: two MiB begun.
pub(crate) const BATCH_DEPOSIT: Balance = 100 + 2 * 7;

pub(crate) fn create(owner: AccountId) -> Result<DatanetId, sp_runtime::DispatchError> {
	let id = NextDatanetId::<Test>::get();
	Datanets::create_datanet(signed(owner), details()).map(|_| id)
}

pub(crate) fn add(
	who: AccountId,
	datanet: DatanetId,
	n: u64,
) -> Result<BatchId, sp_runtime::DispatchError> {
	let id = NextBatchId::<Test>::get();
	Datanets::add_batch(signed(who), datanet, batch(n)).map(|_| id)
}

pub(crate) fn withdraw(who: AccountId, batch: BatchId) -> DispatchResult {
	Datanets::withdraw_batch(signed(who), batch)
}

pub(crate) fn held(reason: HoldReason, who: AccountId) -> Balance {
	Balances::balance_on_hold(&reason.into(), &who)
}

pub(crate) fn last_event() -> RuntimeEvent {
	System::events().pop().unwrap().event
}

pub(crate) type E = Error<Test>;
