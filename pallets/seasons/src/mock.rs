//! A runtime of balances and seasons, with seasons of 100 blocks.

use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{fungible::Inspect, Get, Hooks},
	PalletId,
};
use frame_system::EnsureRoot;
use openledger_primitives::{data::Merit, traits::PointsSink, Balance};
use sp_runtime::{traits::IdentityLookup, BuildStorage, DispatchResult};

use crate::{Conversion, Error, Score, Season, SeasonIndex};

pub(crate) type AccountId = u64;

pub(crate) const ALICE: AccountId = 1;
pub(crate) const BOB: AccountId = 2;
pub(crate) const CAROL: AccountId = 3;
pub(crate) const SPONSOR: AccountId = 4;
pub(crate) const TREASURY: AccountId = 99;

pub(crate) const RICH: Balance = 1_000_000_000;
pub(crate) const MINIMUM: Balance = 10;
pub(crate) const LENGTH: u64 = 100;
pub(crate) const CLAIM: u64 = 250;
pub(crate) const MAX_PER_POINT: Balance = 1_000;
pub(crate) const MAX_POT: Balance = 1_000_000;
pub(crate) const MAX_LISTED: u32 = 4;
pub(crate) const MAX_SWEEP: u32 = 10;

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
	pub type Seasons = crate;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

parameter_types! {
	pub const ExistentialDeposit: Balance = MINIMUM;
	pub const Pot: PalletId = PalletId(*b"ol/seaso");
	pub const TreasuryAccount: AccountId = TREASURY;
	pub const SeasonLength: u64 = LENGTH;
	pub const ClaimPeriod: u64 = CLAIM;
	pub const MaxPerPoint: Balance = MAX_PER_POINT;
	pub const MaxPot: Balance = MAX_POT;
	pub const MaxListed: u32 = MAX_LISTED;
	pub const MaxSweep: u32 = MAX_SWEEP;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ExistentialDeposit;
	type AccountStore = System;
}

impl crate::Config for Test {
	type Currency = Balances;
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type TreasuryAccount = TreasuryAccount;
	type PalletId = Pot;
	type SeasonLength = SeasonLength;
	type ClaimPeriod = ClaimPeriod;
	type MaxPerPoint = MaxPerPoint;
	type MaxPot = MaxPot;
	type MaxListed = MaxListed;
	type MaxSweep = MaxSweep;
	type WeightInfo = ();
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

	/// The state that a test begins with.
	pub(crate) fn build(self) -> sp_io::TestExternalities {
		let mut storage = frame_system::GenesisConfig::<Test>::default()
			.build_storage()
			.unwrap();
		pallet_balances::GenesisConfig::<Test> {
			balances: [ALICE, BOB, CAROL, SPONSOR, TREASURY]
				.map(|who| (who, RICH))
				.to_vec(),
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
		ext.execute_with(|| System::set_block_number(1));
		ext
	}

	/// Runs a test, then checks the invariants, and that no unit of the token was lost or made.
	pub(crate) fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			Seasons::integrity_test();
			let issuance = Balances::total_issuance();
			test();
			check();
			assert_eq!(Balances::total_issuance(), issuance);
		});
	}
}

/// Checks the invariants.
pub(crate) fn check() {
	Seasons::do_try_state().unwrap();
}

pub(crate) fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

/// Sets the present block to the `block`th of a season.
pub(crate) fn go_to(season: SeasonIndex, block: u64) {
	System::set_block_number(u64::from(season) * LENGTH + block);
}

pub(crate) fn contribute(who: AccountId, points: u64) {
	<Seasons as PointsSink<_>>::credit(&who, 7, Merit::Contribution, points);
}

pub(crate) fn curate(who: AccountId, points: u64) {
	<Seasons as PointsSink<_>>::credit(&who, 7, Merit::Curation, points);
}

pub(crate) fn conversion(per_point: Balance, cap: Balance) -> Conversion {
	Conversion {
		per_point,
		cap,
		min_points: 1,
		listed_only: false,
	}
}

pub(crate) fn convert(season: SeasonIndex, conversion: Conversion) {
	assert_ok!(Seasons::set_conversion(
		RuntimeOrigin::root(),
		season,
		conversion
	));
}

pub(crate) fn list(season: SeasonIndex, who: AccountId, listed: bool) -> DispatchResult {
	Seasons::set_listed(RuntimeOrigin::root(), season, who, listed)
}

pub(crate) fn fund(season: SeasonIndex, amount: Balance) {
	assert_ok!(Seasons::fund(signed(SPONSOR), season, amount));
}

/// Claims, and says what came in.
pub(crate) fn claim(who: AccountId, season: SeasonIndex) -> Balance {
	let before = balance(who);
	let _ = Seasons::claim_reward(signed(who), season);
	balance(who) - before
}

pub(crate) fn balance(who: AccountId) -> Balance {
	Balances::balance(&who)
}

pub(crate) fn totals(season: SeasonIndex) -> Season {
	Seasons::totals(Some(season)).unwrap_or_default()
}

pub(crate) fn score(contribution: u64, curation: u64) -> Score {
	Score {
		contribution,
		curation,
		claimed: false,
	}
}

pub(crate) fn last_event() -> RuntimeEvent {
	System::events().pop().unwrap().event
}

pub(crate) fn treasury() -> AccountId {
	<TreasuryAccount as Get<AccountId>>::get()
}

pub(crate) type E = Error<Test>;
