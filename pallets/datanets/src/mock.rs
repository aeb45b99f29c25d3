//! A runtime of balances and Datanets. The pallets that judge, count points and keep reputation are
//! scripted.

use std::collections::BTreeSet;

use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{
		fungible::{hold::Inspect, Mutate},
		Get,
	},
	BoundedVec, PalletId,
};
use openledger_primitives::{
	data::{Decision, Locator, Merit, Reason, Verdict},
	merkle,
	traits::{Curation, PointsSink, ReputationSink, Submissions},
	Balance, BatchId, ContentHash, DatanetId, Hash,
};
use sp_runtime::{traits::IdentityLookup, BuildStorage, DispatchError, DispatchResult, Percent};

use crate::{
	BatchDetails, Contributors, DatanetDetails, Error, HoldReason, NextBatchId, NextDatanetId,
	Rules,
};

pub(crate) type AccountId = u64;

pub(crate) const ALICE: AccountId = 1;
pub(crate) const BOB: AccountId = 2;
pub(crate) const CAROL: AccountId = 3;
pub(crate) const PAUPER: AccountId = 4;
pub(crate) const TREASURY: AccountId = 99;
pub(crate) const RICH: Balance = 1_000_000;
pub(crate) const MINIMUM: Balance = 10;
pub(crate) const MEBIBYTE: u64 = 1024 * 1024;

/// The score of the batches that [`add`] has accepted.
pub(crate) const SCORE: u8 = 80;

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
	pub const ExistentialDeposit: Balance = MINIMUM;
	pub const TreasuryAccount: AccountId = TREASURY;
	pub const Pot: PalletId = PalletId(*b"opn/data");
	pub static DatanetDeposit: Balance = 1_000;
	pub static ByteDeposit: Balance = 2;
	pub static BatchDeposit: Balance = 100;
	pub static MebibyteDeposit: Balance = 7;
	pub const MaxDepositFactor: u32 = 10;
	pub static ListingDeposit: Balance = 50;
	pub static ReservationDeposit: Balance = 30;
	pub const ReservationPeriod: u64 = 100;
	pub static WithdrawalDelay: u64 = 0;
	pub const RulesNotice: u64 = 20;
	pub const MaxAccessPrice: Balance = 5_000;
	pub const MaxOwnerShare: Percent = Percent::from_percent(30);
	pub const RejectionForfeit: Percent = Percent::from_percent(25);
	pub const MaxRows: u32 = 1_000;
	pub const MaxBytes: u64 = 4 * MEBIBYTE;
	pub static MaxBatchesPerDatanet: u32 = 6;
	pub static MaxPending: u32 = 3;

	/// The batches whose curation is open.
	pub static Opened: BTreeSet<BatchId> = BTreeSet::new();
	/// Those of them for which a jury was drawn.
	pub static Drawn: BTreeSet<BatchId> = BTreeSet::new();
	/// Who has passed which Datanet's qualification.
	pub static Qualifications: BTreeSet<(DatanetId, AccountId)> = BTreeSet::new();
	/// The points that were credited.
	pub static Points: Vec<(AccountId, DatanetId, Merit, u64)> = vec![];
	/// The reputation that was forfeited.
	pub static Forfeits: Vec<(AccountId, Percent)> = vec![];
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ExistentialDeposit;
	type AccountStore = System;
}

/// Juries that find what the test says.
pub struct Juries;

impl Curation<AccountId> for Juries {
	fn open(batch: BatchId) -> DispatchResult {
		assert!(Datanets::submission(batch).is_some_and(|batch| batch.pending));
		Opened::mutate(|opened| assert!(opened.insert(batch)));
		Ok(())
	}

	fn abandon(batch: BatchId) -> DispatchResult {
		if Drawn::get().contains(&batch) {
			return Err(DispatchError::Other("a jury was drawn"));
		}
		Opened::mutate(|opened| assert!(opened.remove(&batch)));
		Ok(())
	}

	fn is_qualified(datanet: DatanetId, who: &AccountId) -> bool {
		Qualifications::get().contains(&(datanet, *who))
	}
}

pub struct Ledger;

impl PointsSink<AccountId> for Ledger {
	fn credit(who: &AccountId, datanet: DatanetId, merit: Merit, points: u64) {
		Points::mutate(|all| all.push((*who, datanet, merit, points)));
	}
}

impl ReputationSink<AccountId> for Ledger {
	fn earned(_: &AccountId, _: &AccountId, _: Balance) {
		unreachable!("nothing is earned by giving data");
	}

	fn forfeit(who: &AccountId, part: Percent) {
		Forfeits::mutate(|all| all.push((*who, part)));
	}
}

impl crate::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Curation = Juries;
	type Points = Ledger;
	type Reputation = Ledger;
	type TreasuryAccount = TreasuryAccount;
	type AdminOrigin = frame_system::EnsureRoot<AccountId>;
	type PalletId = Pot;
	type DatanetDeposit = DatanetDeposit;
	type ByteDeposit = ByteDeposit;
	type BatchDeposit = BatchDeposit;
	type MebibyteDeposit = MebibyteDeposit;
	type MaxDepositFactor = MaxDepositFactor;
	type ListingDeposit = ListingDeposit;
	type ReservationDeposit = ReservationDeposit;
	type ReservationPeriod = ReservationPeriod;
	type WithdrawalDelay = WithdrawalDelay;
	type RulesNotice = RulesNotice;
	type MaxAccessPrice = MaxAccessPrice;
	type MaxOwnerShare = MaxOwnerShare;
	type RejectionForfeit = RejectionForfeit;
	type MaxRows = MaxRows;
	type MaxBytes = MaxBytes;
	type MaxBatchesPerDatanet = MaxBatchesPerDatanet;
	type MaxPending = MaxPending;
	type AbandonWeight = ();
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

	/// The state that a test begins with.
	pub(crate) fn build(self) -> sp_io::TestExternalities {
		Opened::take();
		Drawn::take();
		Qualifications::take();
		Points::take();
		Forfeits::take();
		let mut storage = frame_system::GenesisConfig::<Test>::default()
			.build_storage()
			.unwrap();
		pallet_balances::GenesisConfig::<Test> {
			balances: vec![
				(ALICE, RICH),
				(BOB, RICH),
				(CAROL, RICH),
				(PAUPER, 50),
				(Datanets::pot_account(), MINIMUM),
			],
			..Default::default()
		}
		.assimilate_storage(&mut storage)
		.unwrap();
		let mut ext = sp_io::TestExternalities::new(storage);
		ext.execute_with(|| {
			System::set_block_number(1);
			for owner in self.datanets {
				create(owner).unwrap();
			}
		});
		ext
	}

	/// Runs a test, then checks the invariants.
	pub(crate) fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			let issued = Balances::total_issuance();
			test();
			Datanets::do_try_state().unwrap();
			assert_eq!(Balances::total_issuance(), issued, "money was made or lost");
		});
	}

	/// Runs a benchmark, with room for the largest clusters, then checks the invariants.
	#[cfg(feature = "runtime-benchmarks")]
	pub(crate) fn benchmark(self, test: impl FnOnce()) {
		MaxBatchesPerDatanet::set(100);
		self.build().execute_with(|| {
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
		fields: Default::default(),
	}
}

/// Anybody may contribute, and is judged.
pub(crate) fn rules() -> Rules {
	Rules {
		contributors: Contributors::Open,
		curation: Some(Percent::from_percent(60)),
		batch_deposit: BatchDeposit::get(),
		mebibyte_deposit: MebibyteDeposit::get(),
		access_price_per_day: 100,
		owner_share: Percent::from_percent(10),
		data_key: None,
	}
}

/// Those that are listed may contribute, and the owner vouches for them.
pub(crate) fn vouched() -> Rules {
	Rules {
		contributors: Contributors::Listed,
		curation: None,
		..rules()
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
		locator: Locator::Url(text("https://example.org/batch")),
		minhash: None,
		encrypted: false,
	}
}

/// The `n`th batch of a test, kept on the chain.
pub(crate) fn inline(n: u64) -> BatchDetails {
	let file = rows(n).concat();
	BatchDetails {
		bytes: file.len() as u64,
		locator: Locator::Inline(file.try_into().unwrap()),
		..batch(n)
	}
}

/// The deposit of [`batch`]: two MiB begun.
pub(crate) const BATCH_HELD: Balance = 100 + 2 * 7;

pub(crate) fn create(owner: AccountId) -> Result<DatanetId, DispatchError> {
	create_with(owner, rules())
}

pub(crate) fn create_with(owner: AccountId, rules: Rules) -> Result<DatanetId, DispatchError> {
	let id = NextDatanetId::<Test>::get();
	Datanets::create_datanet(signed(owner), details(), rules).map(|_| id)
}

/// Has rules hold at once.
pub(crate) fn change(owner: AccountId, datanet: DatanetId, rules: Rules) {
	assert_ok!(Datanets::propose_rules(signed(owner), datanet, rules));
	System::set_block_number(System::block_number() + RulesNotice::get());
}

/// Adds a batch that waits for its curation.
pub(crate) fn submit(who: AccountId, datanet: DatanetId, n: u64) -> Result<BatchId, DispatchError> {
	let id = NextBatchId::<Test>::get();
	Datanets::add_batch(signed(who), datanet, batch(n)).map(|_| id)
}

/// Adds a batch that is accepted.
pub(crate) fn add(who: AccountId, datanet: DatanetId, n: u64) -> Result<BatchId, DispatchError> {
	let batch = submit(who, datanet, n)?;
	accept(batch, SCORE).map(|_| batch)
}

pub(crate) fn decide(batch: BatchId, decision: Decision) -> DispatchResult {
	<Datanets as Submissions<_>>::decide(batch, decision)?;
	Opened::mutate(|opened| assert!(opened.remove(&batch)));
	Drawn::mutate(|drawn| drawn.remove(&batch));
	Ok(())
}

pub(crate) fn accept(batch: BatchId, score: u8) -> DispatchResult {
	decide(batch, Decision::Found(Verdict::Accept { score }))
}

pub(crate) fn reject(batch: BatchId, reason: Reason) -> DispatchResult {
	decide(batch, Decision::Found(Verdict::Reject { reason }))
}

pub(crate) fn link(batch: BatchId, other: BatchId) -> DispatchResult {
	<Datanets as Submissions<_>>::link(batch, other)
}

pub(crate) fn withdraw(who: AccountId, batch: BatchId) -> DispatchResult {
	Datanets::withdraw_batch(signed(who), batch)
}

/// Pays for access.
pub(crate) fn pay(payer: AccountId, datanet: DatanetId, amount: Balance) -> DispatchResult {
	use openledger_primitives::traits::AccessRegistry;
	<Datanets as AccessRegistry<_>>::pay_contributors(datanet, &payer, amount)
}

pub(crate) fn held(reason: HoldReason, who: AccountId) -> Balance {
	Balances::balance_on_hold(&reason.into(), &who)
}

/// All that an account has, held or not.
pub(crate) fn wealth(who: AccountId) -> Balance {
	use frame_support::traits::fungible::Inspect;
	Balances::total_balance(&who)
}

/// Gives an account money out of nowhere, before a test measures anything.
pub(crate) fn endow(who: AccountId, amount: Balance) {
	assert_ok!(Balances::mint_into(&who, amount));
}

pub(crate) fn last_event() -> RuntimeEvent {
	System::events().pop().unwrap().event
}

pub(crate) type E = Error<Test>;
