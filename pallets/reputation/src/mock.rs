//! A runtime of balances and reputation, with thirty days of 10 blocks each.

use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{
		fungible::{hold::Inspect as _, Mutate},
		ConstU128, ConstU32, ConstU64, Contains, Hooks, OnIdle,
	},
	weights::Weight,
};
use frame_system::{mocking::MockBlock, EnsureRoot};
use openledger_primitives::{
	traits::{Link, Links, ReputationSink},
	Balance, ContentHash,
};
use sp_runtime::{traits::IdentityLookup, BuildStorage, DispatchResult, Percent};

use crate::{
	funding::{Transfer, Transfers},
	Claim, ContestId, Evidence, HoldReason, NextContest, BUCKETS,
};

pub(crate) type AccountId = u64;

/// Contests points.
pub(crate) const WATCHER: AccountId = 70;
/// Everybody gets what is theirs from it.
pub(crate) const POT: AccountId = 98;
pub(crate) const TREASURY: AccountId = 99;

/// A bucket's length.
pub(crate) const DAY: u64 = 10;
pub(crate) const MATURITY: u64 = DAY * BUCKETS as u64;
pub(crate) const HALF_LIFE: u64 = DAY * 90;
pub(crate) const MIN_EARNED: u128 = 100;
pub(crate) const SWEEP_LIMIT: u32 = 4;
pub(crate) const MINIMUM: Balance = 1;
pub(crate) const BOND: Balance = 500;
pub(crate) const PERIOD: u64 = 14 * DAY;
pub(crate) const MIN_FUNDING: Balance = 800;
pub(crate) const WINDOW: u64 = 30 * DAY;
pub(crate) const MAX_EVENTS: u32 = 50;
pub(crate) const MAX_TRANSFERS: u32 = 6;
/// What the watcher has.
pub(crate) const RICH: Balance = 1_000_000;

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
	pub type Reputation = crate;
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
	pub const TreasuryAccount: AccountId = TREASURY;
	/// Which accounts are linked by something else than funding.
	pub static Linked: Vec<(AccountId, AccountId)> = Vec::new();
}

/// What [`Linked`] says.
pub struct Declared;

impl Links<AccountId> for Declared {
	fn between(one: &AccountId, other: &AccountId) -> Option<Link> {
		let linked = Linked::get();
		let is_linked = linked.contains(&(*one, *other)) || linked.contains(&(*other, *one));
		is_linked.then_some(Link::Proxy)
	}
}

/// The transfers among the events.
pub struct OfBlock;

impl Transfers<AccountId> for OfBlock {
	fn show(events: u32, mut see: impl FnMut(Transfer<AccountId>)) -> u32 {
		let events = events as usize;
		for record in System::read_events_no_consensus().take(events) {
			if let RuntimeEvent::Balances(pallet_balances::Event::Transfer { from, to, amount }) =
				record.event
			{
				see(Transfer { from, to, amount });
			}
		}
		System::event_count().saturating_sub(events as u32)
	}
}

/// The pot.
pub struct Pots;

impl Contains<AccountId> for Pots {
	fn contains(who: &AccountId) -> bool {
		*who == POT
	}
}

impl crate::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Links = Declared;
	type Transfers = OfBlock;
	type Pots = Pots;
	type TreasuryAccount = TreasuryAccount;
	type ContestOrigin = EnsureRoot<AccountId>;
	type HubOrigin = EnsureRoot<AccountId>;
	type ContestBond = ConstU128<BOND>;
	type ContestPeriod = ConstU64<PERIOD>;
	type MinFunding = ConstU128<MIN_FUNDING>;
	type FundingWindow = ConstU64<WINDOW>;
	type MaxEvents = ConstU32<MAX_EVENTS>;
	type MaxTransfers = ConstU32<MAX_TRANSFERS>;
	type Maturity = ConstU64<MATURITY>;
	type HalfLife = ConstU64<HALF_LIFE>;
	type MinEarned = ConstU128<MIN_EARNED>;
	type SweepLimit = ConstU32<SWEEP_LIMIT>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Money;
}

/// Runs `test` from block 1 on; the invariants must hold at its end.
pub(crate) fn build_and_execute(test: impl FnOnce()) {
	build_with_grants(Vec::new(), test);
}

/// The same, with points that genesis grants.
pub(crate) fn build_with_grants(grants: Vec<(AccountId, u128)>, test: impl FnOnce()) {
	let mut storage = frame_system::GenesisConfig::<Test>::default()
		.build_storage()
		.unwrap();
	pallet_balances::GenesisConfig::<Test> {
		balances: vec![(WATCHER, RICH), (POT, RICH)],
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.unwrap();
	crate::GenesisConfig::<Test> { grants }
		.assimilate_storage(&mut storage)
		.unwrap();
	sp_io::TestExternalities::new(storage).execute_with(|| {
		System::set_block_number(1);
		Linked::set(Vec::new());
		Reputation::integrity_test();
		test();
		check();
	});
}

/// Money from nowhere.
#[cfg(feature = "runtime-benchmarks")]
pub struct Money;

#[cfg(feature = "runtime-benchmarks")]
impl crate::benchmarking::BenchmarkHelper<AccountId> for Money {
	fn fund(who: &AccountId) {
		mint(*who, RICH);
	}

	fn transfer(from: &AccountId, to: &AccountId, amount: Balance) {
		transfer(*from, *to, amount);
	}

	fn entangle(_: &AccountId) {}
}

/// The same, as benchmarks are run.
#[cfg(feature = "runtime-benchmarks")]
pub(crate) struct Chain;

#[cfg(feature = "runtime-benchmarks")]
impl Chain {
	pub(crate) fn execute(self, test: impl FnOnce()) {
		build_and_execute(test);
	}
}

/// Checks the invariants.
pub(crate) fn check() {
	Reputation::do_try_state().unwrap();
}

/// `payer` irrecoverably pays `amount` for the work of `who`.
pub(crate) fn earn(who: AccountId, payer: AccountId, amount: u128) {
	<Reputation as ReputationSink<_>>::earned(&who, &payer, amount);
}

/// Takes `percent` of all that `who` has earned.
pub(crate) fn forfeit(who: AccountId, percent: u8) {
	<Reputation as ReputationSink<_>>::forfeit(&who, Percent::from_percent(percent));
}

/// Sets the present block, without running any hook.
pub(crate) fn go_to(block: u64) {
	System::set_block_number(block);
}

/// Runs the idle hook of the present block with `remaining` weight.
pub(crate) fn idle_with(remaining: Weight) -> Weight {
	<Reputation as OnIdle<u64>>::on_idle(System::block_number(), remaining)
}

/// Runs the idle hook of the present block with ample weight.
pub(crate) fn idle() -> Weight {
	idle_with(Weight::MAX)
}

/// Evidence of any kind.
pub(crate) fn evidence() -> Evidence {
	Evidence {
		claim: Claim::SameHands,
		hash: ContentHash::of(b"evidence"),
		locator: b"https://example.org/evidence".to_vec().try_into().unwrap(),
	}
}

/// The watcher tries to contest points.
pub(crate) fn try_contest(who: AccountId, bucket: u64, amount: u128) -> DispatchResult {
	Reputation::contest(
		RuntimeOrigin::signed(WATCHER),
		who,
		bucket,
		amount,
		evidence(),
	)
}

/// The watcher contests points.
pub(crate) fn contest(who: AccountId, bucket: u64, amount: u128) -> ContestId {
	let id = NextContest::<Test>::get();
	assert_ok!(try_contest(who, bucket, amount));
	id
}

/// A contest is decided.
pub(crate) fn decide(contest: ContestId, upheld: bool) {
	assert_ok!(Reputation::decide(RuntimeOrigin::root(), contest, upheld));
}

/// What is held for contests.
pub(crate) fn bonds(who: AccountId) -> Balance {
	Balances::balance_on_hold(&HoldReason::Contest.into(), &who)
}

/// Puts tokens into an account, from nowhere.
pub(crate) fn mint(who: AccountId, amount: Balance) {
	assert_ok!(Balances::mint_into(&who, amount));
}

/// Transfers tokens.
pub(crate) fn transfer(from: AccountId, to: AccountId, amount: Balance) {
	assert_ok!(Balances::transfer_allow_death(
		RuntimeOrigin::signed(from),
		to,
		amount
	));
}

/// Ends the present block, and begins the next.
pub(crate) fn end_block() {
	let now = System::block_number();
	Reputation::on_finalize(now);
	System::reset_events();
	System::set_block_number(now + 1);
	Reputation::on_initialize(now + 1);
}
