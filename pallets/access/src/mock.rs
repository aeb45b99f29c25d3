//! A runtime of balances and access, over Datanets that are given: their terms, and contributors among
//! whom money is divided for real.

use alloc::collections::BTreeMap;
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{
		fungible::{hold::Inspect as _, Inspect, Mutate},
		tokens::Preservation,
		Get, Hooks,
	},
	BoundedVec,
};
use openledger_primitives::{
	data::Purpose,
	split::apportion,
	traits::{AccessRegistry, AccessTerms},
	Balance, DatanetId,
};
use sp_runtime::{traits::IdentityLookup, BuildStorage, DispatchError, DispatchResult, Percent};

use crate::{AccessId, AccessKey, Error, HoldReason, NextId};

pub(crate) type AccountId = u64;

pub(crate) const OWNER: AccountId = 1;
pub(crate) const OTHER_OWNER: AccountId = 2;
pub(crate) const STEWARD: AccountId = 3;
pub(crate) const TRAINER: AccountId = 4;
pub(crate) const CONTRIBUTOR: AccountId = 5;
pub(crate) const SECOND_CONTRIBUTOR: AccountId = 6;
pub(crate) const STRANGER: AccountId = 7;
pub(crate) const PAUPER: AccountId = 8;
pub(crate) const TREASURY: AccountId = 99;

/// Of `OWNER`, with two contributors.
pub(crate) const DATANET: DatanetId = 0;
/// Of `OTHER_OWNER`, with one contributor.
pub(crate) const OTHER_DATANET: DatanetId = 1;
/// Of `OWNER`, with no contributors.
pub(crate) const EMPTY_DATANET: DatanetId = 2;

pub(crate) const RICH: Balance = 1_000_000;
pub(crate) const DAY: u64 = 100;
pub(crate) const MAX_TERM: u64 = 30 * DAY;
pub(crate) const PERIOD: u64 = 50;
pub(crate) const RECORD: Balance = 40;
pub(crate) const PER_STEWARD: Balance = 15;
pub(crate) const KEY: AccessKey = [7; 32];

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
	pub type Access = crate;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

/// A Datanet as this pallet sees it: its terms, and its contributors with their weights.
#[derive(Clone)]
pub(crate) struct Given {
	pub(crate) terms: AccessTerms<AccountId>,
	pub(crate) contributors: Vec<(AccountId, u128)>,
}

parameter_types! {
	pub const ExistentialDeposit: Balance = 10;
	pub const TreasuryAccount: AccountId = TREASURY;
	pub const TreasuryShare: Percent = Percent::from_percent(5);
	pub const RecordDeposit: Balance = RECORD;
	pub static StewardDeposit: Balance = PER_STEWARD;
	pub const BlocksPerDay: u64 = DAY;
	pub const MaxTerm: u64 = MAX_TERM;
	pub const RequestPeriod: u64 = PERIOD;
	pub const MaxRequestsPerAccount: u32 = 4;
	pub(crate) static Datanets: BTreeMap<DatanetId, Given> = BTreeMap::new();
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ExistentialDeposit;
	type AccountStore = System;
}

/// The Datanets that a test gives.
pub struct Data;

impl AccessRegistry<AccountId> for Data {
	fn terms(datanet: DatanetId) -> Option<AccessTerms<AccountId>> {
		Datanets::get()
			.get(&datanet)
			.map(|given| given.terms.clone())
	}

	fn pay_contributors(datanet: DatanetId, payer: &AccountId, amount: Balance) -> DispatchResult {
		let datanets = Datanets::get();
		let given = datanets
			.get(&datanet)
			.ok_or(DispatchError::Other("no such Datanet"))?;
		let weights: Vec<_> = given
			.contributors
			.iter()
			.map(|(_, weight)| *weight)
			.collect();
		let parts = apportion(amount, &weights).ok_or(DispatchError::Other("nobody to pay"))?;
		for ((who, _), part) in given.contributors.iter().zip(parts) {
			Balances::transfer(payer, who, part, Preservation::Preserve)?;
		}
		Ok(())
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::benchmarking::BenchmarkHelper<AccountId> for Data {
	fn datanet(owner: &AccountId) -> DatanetId {
		let id = 3;
		let given = Given {
			terms: terms(*owner),
			contributors: vec![(CONTRIBUTOR, 1)],
		};
		Datanets::mutate(|datanets| datanets.insert(id, given));
		id
	}
}

impl crate::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Data = Data;
	type TreasuryAccount = TreasuryAccount;
	type TreasuryShare = TreasuryShare;
	type RecordDeposit = RecordDeposit;
	type StewardDeposit = StewardDeposit;
	type BlocksPerDay = BlocksPerDay;
	type MaxTerm = MaxTerm;
	type RequestPeriod = RequestPeriod;
	type MaxRequestsPerAccount = MaxRequestsPerAccount;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Data;
}

pub(crate) struct ExtBuilder;

impl ExtBuilder {
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
			balances: (1..8)
				.chain([TREASURY])
				.map(|who| (who, RICH))
				.chain([(PAUPER, 30)])
				.collect(),
			..Default::default()
		}
		.assimilate_storage(&mut storage)
		.unwrap();
		let given = |owner, contributors: &[(AccountId, u128)]| Given {
			terms: terms(owner),
			contributors: contributors.to_vec(),
		};
		Datanets::set(BTreeMap::from([
			(
				DATANET,
				given(OWNER, &[(CONTRIBUTOR, 3), (SECOND_CONTRIBUTOR, 1)]),
			),
			(OTHER_DATANET, given(OTHER_OWNER, &[(CONTRIBUTOR, 1)])),
			(EMPTY_DATANET, given(OWNER, &[])),
		]));
		let mut ext = sp_io::TestExternalities::new(storage);
		ext.execute_with(|| {
			System::set_block_number(1);
			Access::integrity_test();
		});
		ext
	}
}

fn terms(owner: AccountId) -> AccessTerms<AccountId> {
	AccessTerms {
		owner,
		price_per_day: 1_000,
		licence: b"CC-BY-4.0".to_vec(),
		owner_share: Percent::from_percent(20),
	}
}

/// Checks the invariants.
pub(crate) fn check() {
	Access::do_try_state().unwrap();
}

pub(crate) fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

pub(crate) fn bytes<S: Get<u32>>(bytes: &[u8]) -> BoundedVec<u8, S> {
	bytes.to_vec().try_into().unwrap()
}

/// Changes what a Datanet is.
pub(crate) fn change(datanet: DatanetId, change: impl FnOnce(&mut Given)) {
	Datanets::mutate(|datanets| change(datanets.get_mut(&datanet).unwrap()));
}

pub(crate) fn set_licence(datanet: DatanetId, licence: &str) {
	change(datanet, |given| {
		given.terms.licence = licence.as_bytes().to_vec()
	});
}

pub(crate) fn close(datanet: DatanetId) {
	Datanets::mutate(|datanets| datanets.remove(&datanet));
}

/// The trainer asks to train on `DATANET` for ten days at the lowest price, 10,000.
pub(crate) fn request() -> AccessId {
	request_by(TRAINER, Purpose::Training, 10_000, 10 * DAY)
}

pub(crate) fn request_by(who: AccountId, purpose: Purpose, price: Balance, term: u64) -> AccessId {
	let id = NextId::<Test>::get();
	assert_ok!(Access::request_access(
		signed(who),
		DATANET,
		purpose,
		price,
		term,
		KEY
	));
	id
}

/// The trainer's grant of ten days for 10,000.
pub(crate) fn grant() -> AccessId {
	let id = request();
	approve(id);
	id
}

pub(crate) fn approve(id: AccessId) {
	assert_ok!(Access::approve(signed(OWNER), id, None));
}

pub(crate) fn appoint(
	datanet: DatanetId,
	owner: AccountId,
	stewards: &[AccountId],
) -> DispatchResult {
	Access::set_stewards(
		signed(owner),
		datanet,
		stewards.to_vec().try_into().unwrap(),
	)
}

pub(crate) fn pass(blocks: u64) {
	System::set_block_number(System::block_number() + blocks);
}

/// What an account can dispose of.
pub(crate) fn balance(who: AccountId) -> Balance {
	Balances::balance(&who)
}

/// What an account has, on hold or not.
pub(crate) fn wealth(who: AccountId) -> Balance {
	Balances::total_balance(&who)
}

pub(crate) fn held(reason: HoldReason, who: AccountId) -> Balance {
	Balances::balance_on_hold(&reason.into(), &who)
}

pub(crate) fn last_event() -> RuntimeEvent {
	System::events().pop().unwrap().event
}

pub(crate) type E = Error<Test>;
