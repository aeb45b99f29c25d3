//! A runtime of real referenda, with a power that tests give and that decays as reputation does.
//!
//! Tests begin with a half-life period: until time passes, points are power.

use alloc::{borrow::Cow, collections::BTreeMap};
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{
		ConstU128, ConstU32, ConstU64, EqualPrivilegeOnly, Hooks, Polling, StorePreimage, VoteTally,
	},
	weights::Weight,
};
use frame_system::{EnsureRoot, EnsureSigned, RawOrigin};
use openledger_primitives::{decay, traits::VotingPower, Balance};
use pallet_referenda::{Curve, ReferendumInfo, ReferendumInfoFor, Track, TrackInfo, TracksInfo};
use sp_runtime::{str_array as s, traits::IdentityLookup, BuildStorage, Perbill};

use crate::{
	types::Voting, AccountVote, Ballot, Contribution, Error, Tally, VotingFor, WeightInfo,
};

pub(crate) type AccountId = u64;
pub(crate) type E = Error<Test>;

pub(crate) const ALICE: AccountId = 1;
pub(crate) const BOB: AccountId = 2;
pub(crate) const CAROL: AccountId = 3;
pub(crate) const DAVE: AccountId = 4;
pub(crate) const STRANGER: AccountId = 8;
/// Has more than half of all tokens.
pub(crate) const WHALE: AccountId = 9;
/// Submits referenda.
pub(crate) const PROPOSER: AccountId = 10;
/// A call that referenda make gives it tokens.
pub(crate) const GIFTED: AccountId = 42;
pub(crate) const GIFT: Balance = 77;

pub(crate) const ROOT: u8 = 0;
pub(crate) const SMALL: u8 = 1;

pub(crate) const HALF_LIFE: u64 = 900;
pub(crate) const MAX_VOTES: u32 = 5;
pub(crate) const MIN_POWER: u128 = 100;
pub(crate) const PREPARE: u64 = 2;
pub(crate) const DECISION: u64 = 40;
pub(crate) const CONFIRM: u64 = 3;

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
	pub type Preimage = pallet_preimage;
	#[runtime::pallet_index(3)]
	pub type Scheduler = pallet_scheduler;
	#[runtime::pallet_index(4)]
	pub type Referenda = pallet_referenda;
	#[runtime::pallet_index(5)]
	pub type Votes = crate;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<1>;
	type AccountStore = System;
}

impl pallet_preimage::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = ();
	type Currency = Balances;
	type ManagerOrigin = EnsureRoot<AccountId>;
	type Consideration = ();
}

parameter_types! {
	pub const MaximumWeight: Weight = Weight::from_parts(2_000_000_000_000, u64::MAX);
	/// Points at block 0.
	pub static Points: BTreeMap<AccountId, u128> = BTreeMap::new();
	/// What `DAVE` has besides, more than points can come to.
	pub static Boundless: u128 = 0;
}

impl pallet_scheduler::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeOrigin = RuntimeOrigin;
	type PalletsOrigin = OriginCaller;
	type RuntimeCall = RuntimeCall;
	type MaximumWeight = MaximumWeight;
	type ScheduleOrigin = EnsureRoot<AccountId>;
	type MaxScheduledPerBlock = ConstU32<500>;
	type WeightInfo = ();
	type OriginPrivilegeCmp = EqualPrivilegeOnly;
	type Preimages = Preimage;
	type BlockNumberProvider = System;
}

const fn track(id: u8, name: &str, floor: u32) -> Track<u8, Balance, u64> {
	Track {
		id,
		info: TrackInfo {
			name: s(name),
			max_deciding: 10,
			decision_deposit: 10,
			prepare_period: PREPARE,
			decision_period: DECISION,
			confirm_period: CONFIRM,
			min_enactment_period: 1,
			min_approval: Curve::LinearDecreasing {
				length: Perbill::from_percent(100),
				floor: Perbill::from_percent(50),
				ceil: Perbill::from_percent(100),
			},
			min_support: Curve::LinearDecreasing {
				length: Perbill::from_percent(100),
				floor: Perbill::from_percent(floor),
				ceil: Perbill::from_percent(50),
			},
		},
	}
}

/// A track for Root, and one for signed origins with less support.
pub struct Tracks;

impl TracksInfo<Balance, u64> for Tracks {
	type Id = u8;
	type RuntimeOrigin = OriginCaller;

	fn tracks() -> impl Iterator<Item = Cow<'static, Track<u8, Balance, u64>>> {
		static TRACKS: [Track<u8, Balance, u64>; 2] =
			[track(ROOT, "root", 10), track(SMALL, "small", 1)];
		TRACKS.iter().map(Cow::Borrowed)
	}

	fn track_for(origin: &OriginCaller) -> Result<u8, ()> {
		match origin {
			OriginCaller::system(RawOrigin::Root) => Ok(ROOT),
			OriginCaller::system(RawOrigin::Signed(_)) => Ok(SMALL),
			_ => Err(()),
		}
	}
}

impl pallet_referenda::Config for Test {
	type WeightInfo = ();
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type Scheduler = Scheduler;
	type Currency = Balances;
	type SubmitOrigin = EnsureSigned<AccountId>;
	type CancelOrigin = EnsureRoot<AccountId>;
	type KillOrigin = EnsureRoot<AccountId>;
	type Slash = ();
	type Votes = u128;
	type Tally = Tally<Test>;
	type SubmissionDeposit = ConstU128<2>;
	type MaxQueued = ConstU32<20>;
	type UndecidingTimeout = ConstU64<100_000>;
	type AlarmInterval = ConstU64<1>;
	type Tracks = Tracks;
	type Preimages = Preimage;
	type BlockNumberProvider = System;
}

/// What [`Points`] are worth. As with reputation, the total is rounded once and so never below the sum.
pub struct Power;

impl VotingPower<AccountId> for Power {
	fn power(who: &AccountId) -> u128 {
		let points = Points::get().get(who).copied().unwrap_or(0);
		let boundless = if *who == DAVE { Boundless::get() } else { 0 };
		decay::decay(points, System::block_number(), HALF_LIFE) + boundless
	}

	fn total() -> u128 {
		let points = Points::get().values().sum();
		decay::decay(points, System::block_number(), HALF_LIFE) + Boundless::get()
	}
}

/// Weights that tell for which call and how many ballots they are.
pub struct Weights;

impl WeightInfo for Weights {
	fn vote_new() -> Weight {
		Weight::from_parts(1_000, 0)
	}
	fn vote_existing() -> Weight {
		Weight::from_parts(1_000, 0)
	}
	fn delegate(r: u32) -> Weight {
		Weight::from_parts(2_000 + u64::from(r), 0)
	}
	fn undelegate(r: u32) -> Weight {
		Weight::from_parts(3_000 + u64::from(r), 0)
	}
	fn remove_vote() -> Weight {
		Weight::from_parts(4_000, 0)
	}
	fn remove_other_vote() -> Weight {
		Weight::from_parts(5_000, 0)
	}
	fn reweigh_vote() -> Weight {
		Weight::from_parts(6_000, 0)
	}
	fn reweigh_delegation(r: u32) -> Weight {
		Weight::from_parts(7_000 + u64::from(r), 0)
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::benchmarking::BenchmarkHelper<AccountId> for Power {
	fn set_power(who: &AccountId, power: u128) {
		set_power(*who, power);
	}
}

impl crate::Config for Test {
	type Polls = Referenda;
	type Power = Power;
	type HalfLife = ConstU64<HALF_LIFE>;
	type MaxVotes = ConstU32<MAX_VOTES>;
	type MinPower = ConstU128<MIN_POWER>;
	type WeightInfo = Weights;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Power;
}

/// Runs `test` from the start of a period on; the invariants must hold at its end.
pub(crate) fn build_and_execute(test: impl FnOnce()) {
	let mut storage = frame_system::GenesisConfig::<Test>::default()
		.build_storage()
		.unwrap();
	pallet_balances::GenesisConfig::<Test> {
		balances: (1..=8)
			.map(|who| (who, 1_000))
			.chain([(PROPOSER, 100_000), (WHALE, 1_000_000)])
			.collect(),
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.unwrap();
	Points::set(BTreeMap::new());
	Boundless::set(0);
	sp_io::TestExternalities::new(storage).execute_with(|| {
		go_to(HALF_LIFE);
		Votes::integrity_test();
		test();
		check();
	});
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

/// Checks the invariants, and that the tallies of polls without any ballot are empty: which the pallet
/// itself cannot look for.
pub(crate) fn check() {
	Votes::do_try_state().unwrap();
	let voted: Vec<_> = VotingFor::<Test>::iter_values()
		.filter_map(|voting| match voting {
			Voting::Casting { votes, .. } => Some(votes),
			Voting::Delegating { .. } => None,
		})
		.flatten()
		.map(|(index, _)| index)
		.collect();
	for (index, info) in ReferendumInfoFor::<Test>::iter() {
		if let ReferendumInfo::Ongoing(status) = info {
			let Tally {
				ayes,
				nays,
				support,
				..
			} = status.tally;
			assert!(voted.contains(&index) || (ayes, nays, support) == (0, 0, 0));
		}
	}
}

/// Makes an account's power what is said, exactly at the start of a period.
pub(crate) fn set_power(who: AccountId, power: u128) {
	let now = System::block_number();
	let grown = decay::grow(power, now, HALF_LIFE).unwrap();
	let is_short = decay::decay(grown, now, HALF_LIFE) < power;
	// The least step that is one unit more.
	let step = 1 << (now / HALF_LIFE);
	let points = if is_short { grown + step } else { grown };
	Points::mutate(|all| all.insert(who, points));
}

/// Takes a part of what an account has.
pub(crate) fn forfeit(who: AccountId, percent: u128) {
	Points::mutate(|all| {
		if let Some(points) = all.get_mut(&who) {
			*points -= *points / 100 * percent;
		}
	});
}

pub(crate) fn power(who: AccountId) -> u128 {
	Power::power(&who)
}

pub(crate) fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

/// Sets the present block, without running what is scheduled.
pub(crate) fn go_to(block: u64) {
	System::set_block_number(block);
}

pub(crate) fn pass(blocks: u64) {
	go_to(System::block_number() + blocks);
}

/// Lets blocks pass, and what is scheduled happen.
pub(crate) fn run(blocks: u64) {
	for _ in 0..blocks {
		pass(1);
		Scheduler::on_initialize(System::block_number());
	}
}

/// Submits a referendum.
pub(crate) fn submit(class: u8) -> u32 {
	let index = pallet_referenda::ReferendumCount::<Test>::get();
	let origin = match class {
		ROOT => RawOrigin::Root,
		_ => RawOrigin::Signed(PROPOSER),
	};
	let gift = RuntimeCall::Balances(pallet_balances::Call::force_set_balance {
		who: GIFTED,
		new_free: GIFT,
	});
	assert_ok!(Referenda::submit(
		signed(PROPOSER),
		Box::new(origin.into()),
		Preimage::bound(gift).unwrap(),
		frame_support::traits::schedule::DispatchTime::After(1),
	));
	index
}

/// Submits a referendum, which begins to be decided when it can.
pub(crate) fn submit_for_decision(class: u8) -> u32 {
	let index = submit(class);
	assert_ok!(Referenda::place_decision_deposit(signed(PROPOSER), index));
	index
}

/// Ends a poll.
pub(crate) fn end(index: u32) {
	assert_ok!(Referenda::cancel(RuntimeOrigin::root(), index));
}

pub(crate) fn vote(who: AccountId, index: u32, vote: AccountVote) {
	assert_ok!(Votes::vote(signed(who), index, vote));
}

pub(crate) fn delegate(who: AccountId, class: u8, to: AccountId) {
	assert_ok!(Votes::delegate(signed(who), class, to));
}

pub(crate) fn undelegate(who: AccountId, class: u8) {
	assert_ok!(Votes::undelegate(signed(who), class));
}

pub(crate) fn split(aye: u32, nay: u32) -> AccountVote {
	AccountVote::Split {
		aye: Perbill::from_percent(aye),
		nay: Perbill::from_percent(nay),
	}
}

pub(crate) fn tally(index: u32) -> Tally<Test> {
	Referenda::as_ongoing(index).unwrap().0
}

/// Ayes, nays and support of a running poll.
pub(crate) fn sums(index: u32) -> (u128, u128, u128) {
	let tally = tally(index);
	(tally.ayes, tally.nays, tally.support)
}

pub(crate) fn approval(index: u32) -> Perbill {
	tally(index).approval(ROOT)
}

pub(crate) fn support(index: u32) -> Perbill {
	tally(index).support(ROOT)
}

pub(crate) fn ballot(who: AccountId, index: u32) -> Ballot {
	Votes::ballot_of(who, index).unwrap()
}

pub(crate) fn contribution(ayes: u128, nays: u128, support: u128) -> Contribution {
	Contribution {
		ayes,
		nays,
		support,
	}
}

pub(crate) fn is_approved(index: u32) -> bool {
	matches!(
		ReferendumInfoFor::<Test>::get(index),
		Some(ReferendumInfo::Approved(..))
	)
}

pub(crate) fn is_rejected(index: u32) -> bool {
	matches!(
		ReferendumInfoFor::<Test>::get(index),
		Some(ReferendumInfo::Rejected(..))
	)
}

pub(crate) fn last_event() -> RuntimeEvent {
	System::events().pop().unwrap().event
}
