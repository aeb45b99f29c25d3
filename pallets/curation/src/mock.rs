//! A runtime with balances, curation, and a ledger of batches in place of the Datanets.

use std::{cell::RefCell, collections::BTreeMap};

use codec::Encode;
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	sp_runtime::{traits::IdentityLookup, BuildStorage},
	traits::{fungible::InspectHold, ConstU128, ConstU32, ConstU64, Hooks, Randomness},
	weights::Weight,
};
use openledger_primitives::{
	data::{Decision, Merit, Reason, Verdict},
	merkle,
	traits::{Curation as _, PointsSink, Submission, Submissions},
	AccountId, Balance, BatchId, ContentHash, DatanetId,
};
use sp_core::H256;
use sp_crypto_hashing::blake2_256;
use sp_runtime::{DispatchError, DispatchResult, Percent};

use crate::{types::*, Curators, HoldReason, Qualifications, Rounds};

pub(crate) const UNIT: Balance = 1_000_000_000_000;
pub(crate) const RICH: Balance = 1_000_000 * UNIT;
pub(crate) const SEAT: Balance = 100 * UNIT;
pub(crate) const MINORITY: Percent = Percent::from_percent(20);
pub(crate) const ABSENCE: Percent = Percent::from_percent(5);
pub(crate) const QUORUM: Percent = Percent::from_percent(60);
pub(crate) const MAX_FAILURES: u32 = 4;
pub(crate) const UNBONDING: u64 = 100;
pub(crate) const DELAY: u64 = 3;
pub(crate) const TIMEOUT: u64 = 40;
pub(crate) const WINDOW: u64 = 30;
pub(crate) const COMMIT: u64 = 10;
pub(crate) const REVEAL: u64 = 8;
pub(crate) const APPEAL: u64 = 12;
pub(crate) const APPEAL_DEPOSIT: Balance = 10 * UNIT;
pub(crate) const REPORT_BOND: Balance = 50 * UNIT;
pub(crate) const PROOF: u64 = 20;
pub(crate) const PHASE: u64 = 5;
pub(crate) const QUALIFIED: u64 = 1_000_000;
pub(crate) const EXAM_DEPOSIT: Balance = 30 * UNIT;
pub(crate) const CANDIDATE_DEPOSIT: Balance = 2 * UNIT;

pub(crate) const DATANET: DatanetId = 7;
pub(crate) const OTHER_DATANET: DatanetId = 8;
pub(crate) const OWNER: u8 = 1;
pub(crate) const CONTRIBUTOR: u8 = 2;
pub(crate) const STRANGER: u8 = 3;
pub(crate) const TREASURY: u8 = 99;
/// The first curator.
pub(crate) const CURATOR: u8 = 100;

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
	pub type Curation = crate;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type AccountData = pallet_balances::AccountData<Balance>;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<UNIT>;
	type AccountStore = System;
	type RuntimeHoldReason = RuntimeHoldReason;
}

/// Each block's seed, from a number that a test can choose.
pub struct Seed;

impl Randomness<H256, u64> for Seed {
	fn random(subject: &[u8]) -> (H256, u64) {
		let now = System::block_number();
		let seed = CHANCE.with_borrow(|chance| (*chance, now, subject).encode());
		(H256(blake2_256(&seed)), now)
	}
}

/// A batch in the ledger.
#[derive(Clone)]
pub(crate) struct Entry {
	pub(crate) submission: Submission<AccountId>,
	pub(crate) cluster: BatchId,
}

thread_local! {
	static CHANCE: RefCell<u64> = const { RefCell::new(0) };
	static OWNERS: RefCell<BTreeMap<DatanetId, AccountId>> = const { RefCell::new(BTreeMap::new()) };
	static LEDGER: RefCell<BTreeMap<BatchId, Entry>> = const { RefCell::new(BTreeMap::new()) };
	static DECISIONS: RefCell<BTreeMap<BatchId, Decision>> = const { RefCell::new(BTreeMap::new()) };
	static POINTS: RefCell<BTreeMap<AccountId, u64>> = const { RefCell::new(BTreeMap::new()) };
	static FULL: RefCell<bool> = const { RefCell::new(false) };
	static DEEP: RefCell<bool> = const { RefCell::new(false) };
}

/// The ledger of batches: it does what [`Submissions`] says, and no more.
pub struct Ledger;

impl Submissions<AccountId> for Ledger {
	fn owner(datanet: DatanetId) -> Option<AccountId> {
		OWNERS.with_borrow(|owners| owners.get(&datanet).cloned())
	}

	fn submission(batch: BatchId) -> Option<Submission<AccountId>> {
		LEDGER.with_borrow(|ledger| ledger.get(&batch).map(|entry| entry.submission.clone()))
	}

	fn cluster(batch: BatchId) -> Option<BatchId> {
		LEDGER.with_borrow(|ledger| ledger.get(&batch).map(|entry| entry.cluster))
	}

	fn decide(batch: BatchId, decision: Decision) -> DispatchResult {
		let accepted = matches!(decision, Decision::Found(Verdict::Accept { .. }));
		if accepted && FULL.with_borrow(|full| *full) {
			return Err(DispatchError::Exhausted);
		}
		LEDGER.with_borrow_mut(|ledger| {
			let entry = ledger.get_mut(&batch).ok_or(DispatchError::CannotLookup)?;
			if !entry.submission.pending {
				return Err(DispatchError::CannotLookup);
			}
			entry.submission.pending = false;
			if !accepted {
				ledger.remove(&batch);
			}
			Ok(())
		})?;
		DECISIONS.with_borrow_mut(|decisions| decisions.insert(batch, decision));
		Ok(())
	}

	fn link(batch: BatchId, other: BatchId) -> DispatchResult {
		if DEEP.with_borrow(|deep| *deep) {
			return Err(DispatchError::Exhausted);
		}
		LEDGER.with_borrow_mut(|ledger| {
			let cluster = |id| {
				ledger
					.get(&id)
					.map(|entry| entry.cluster)
					.ok_or(DispatchError::CannotLookup)
			};
			let (one, two) = (cluster(batch)?, cluster(other)?);
			if one == two {
				return Err(DispatchError::CannotLookup);
			}
			for entry in ledger.values_mut() {
				if entry.cluster == one || entry.cluster == two {
					entry.cluster = one.min(two);
				}
			}
			Ok(())
		})
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::benchmarking::BenchmarkHelper<AccountId> for Ledger {
	fn max_rows() -> u32 {
		u32::MAX
	}

	fn datanet(owner: &AccountId) -> DatanetId {
		OWNERS.with_borrow_mut(|owners| {
			let id = owners.last_key_value().map_or(0, |(last, _)| last + 1);
			owners.insert(id, owner.clone());
			id
		})
	}

	fn pending(datanet: DatanetId, contributor: &AccountId) -> BatchId {
		add_batch(Submission {
			datanet,
			contributor: contributor.clone(),
			rows: 1,
			root: H256::zero(),
			pending: true,
			quorum: QUORUM,
		})
	}

	fn accepted(datanet: DatanetId, contributor: &AccountId, root: H256, rows: u32) -> BatchId {
		add_batch(Submission {
			datanet,
			contributor: contributor.clone(),
			rows,
			root,
			pending: false,
			quorum: QUORUM,
		})
	}

	// The ledger knows each batch's head: there is no way to it.
	fn deepest(datanet: DatanetId, contributor: &AccountId) -> BatchId {
		Self::accepted(datanet, contributor, H256::zero(), 1)
	}
}

/// A book of points.
pub struct Points;

impl PointsSink<AccountId> for Points {
	fn credit(who: &AccountId, _: DatanetId, merit: Merit, points: u64) {
		assert_eq!(merit, Merit::Curation);
		POINTS.with_borrow_mut(|book| *book.entry(who.clone()).or_default() += points);
	}
}

parameter_types! {
	pub const MinoritySlash: Percent = MINORITY;
	pub const AbsenceSlash: Percent = ABSENCE;
	pub TreasuryAccount: AccountId = account(TREASURY);
	pub const NoWeight: Weight = Weight::zero();
	pub storage MaxCurators: u32 = 128;
	pub storage MaxCandidates: u32 = 64;
}

impl crate::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Data = Ledger;
	type Points = Points;
	type Randomness = Seed;
	type TreasuryAccount = TreasuryAccount;
	type DecideWeight = NoWeight;
	type CreditWeight = NoWeight;
	type SeatBond = ConstU128<SEAT>;
	type MinoritySlash = MinoritySlash;
	type AbsenceSlash = AbsenceSlash;
	type MaxFailures = ConstU32<MAX_FAILURES>;
	type MaxCurators = MaxCurators;
	type UnbondingPeriod = ConstU64<UNBONDING>;
	type DrawDelay = ConstU64<DELAY>;
	type DrawTimeout = ConstU64<TIMEOUT>;
	type SeedWindow = ConstU64<WINDOW>;
	type CommitPeriod = ConstU64<COMMIT>;
	type RevealPeriod = ConstU64<REVEAL>;
	type AppealPeriod = ConstU64<APPEAL>;
	type AppealDeposit = ConstU128<APPEAL_DEPOSIT>;
	type ReportBond = ConstU128<REPORT_BOND>;
	type ProofPeriod = ConstU64<PROOF>;
	type QualificationPhase = ConstU64<PHASE>;
	type QualificationPeriod = ConstU64<QUALIFIED>;
	type QualificationDeposit = ConstU128<EXAM_DEPOSIT>;
	type CandidateDeposit = ConstU128<CANDIDATE_DEPOSIT>;
	type MaxCandidates = MaxCandidates;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Ledger;
}

pub(crate) fn account(n: u8) -> AccountId {
	AccountId::new([n; 32])
}

pub(crate) fn signed(n: u8) -> RuntimeOrigin {
	RuntimeOrigin::signed(account(n))
}

pub(crate) fn now() -> u64 {
	System::block_number()
}

pub(crate) fn run_to(block: u64) {
	while now() < block {
		System::set_block_number(now() + 1);
		Curation::on_initialize(now());
	}
}

pub(crate) fn run(blocks: u64) {
	run_to(now() + blocks);
}

/// Makes all seeds from here on other ones.
pub(crate) fn set_chance(n: u64) {
	CHANCE.set(n);
}

/// From here on the Datanets take no batch.
pub(crate) fn set_full() {
	FULL.set(true);
}

/// Whether clusters are too deep to be joined.
pub(crate) fn set_deep(deep: bool) {
	DEEP.set(deep);
}

pub(crate) fn held(reason: HoldReason, n: u8) -> Balance {
	Balances::balance_on_hold(&reason.into(), &account(n))
}

pub(crate) fn free(n: u8) -> Balance {
	Balances::free_balance(account(n))
}

/// All that an account has, held or not.
pub(crate) fn wealth(n: u8) -> Balance {
	use frame_support::traits::fungible::Inspect;
	Balances::total_balance(&account(n))
}

pub(crate) fn points(n: u8) -> u64 {
	POINTS.with_borrow(|book| book.get(&account(n)).copied().unwrap_or_default())
}

pub(crate) fn decision(batch: BatchId) -> Option<Decision> {
	DECISIONS.with_borrow(|decisions| decisions.get(&batch).copied())
}

pub(crate) fn cluster(batch: BatchId) -> Option<BatchId> {
	Ledger::cluster(batch)
}

pub(crate) fn leaves(rows: &[u32]) -> Vec<H256> {
	rows.iter().map(|row| merkle::leaf(&row.encode())).collect()
}

/// Puts a batch with these rows into the ledger.
pub(crate) fn add_rows(datanet: DatanetId, pending: bool, rows: &[u32]) -> BatchId {
	add_batch(Submission {
		datanet,
		contributor: account(CONTRIBUTOR),
		rows: rows.len() as u32,
		root: merkle::root(&leaves(rows)).expect("there are rows"),
		pending,
		quorum: QUORUM,
	})
}

fn add_batch(submission: Submission<AccountId>) -> BatchId {
	LEDGER.with_borrow_mut(|ledger| {
		let id = ledger.last_key_value().map_or(0, |(last, _)| last + 1)
			+ DECISIONS.with_borrow(|d| d.len() as u64);
		ledger.insert(
			id,
			Entry {
				submission,
				cluster: id,
			},
		);
		id
	})
}

/// An accepted batch.
pub(crate) fn accepted(rows: &[u32]) -> BatchId {
	add_rows(DATANET, false, rows)
}

/// Takes a batch out of the ledger, as its contributor may.
pub(crate) fn remove(batch: BatchId) {
	LEDGER.with_borrow_mut(|ledger| ledger.remove(&batch));
}

/// A pending batch whose round is open.
pub(crate) fn submit() -> BatchId {
	let id = add_rows(DATANET, true, &[1, 2, 3]);
	assert_ok!(Curation::open(id));
	id
}

/// All batches, to be put back by [`set_ledger`].
pub(crate) fn ledger() -> BTreeMap<BatchId, Entry> {
	LEDGER.with_borrow(Clone::clone)
}

pub(crate) fn set_ledger(ledger: BTreeMap<BatchId, Entry>) {
	LEDGER.set(ledger);
}

pub(crate) fn good(score: u8) -> Verdict {
	Verdict::Accept { score }
}

pub(crate) fn bad(reason: Reason) -> Verdict {
	Verdict::Reject { reason }
}

/// Records that an account has passed, as if by a round with this score.
pub(crate) fn qualify(datanet: DatanetId, n: u8, accuracy: Ppm) {
	use frame_support::traits::fungible::MutateHold;
	let who = account(n);
	assert_ok!(Balances::hold(
		&HoldReason::Qualification.into(),
		&who,
		CANDIDATE_DEPOSIT
	));
	Qualifications::<Test>::insert(
		datanet,
		&who,
		Qualification {
			until: now() + QUALIFIED,
			accuracy,
			deposit: CANDIDATE_DEPOSIT,
		},
	);
}

pub(crate) fn curator(n: u8) -> Curator<u64> {
	Curators::<Test>::get(DATANET, account(n)).expect("a curator")
}

pub(crate) fn round(subject: Subject) -> Round<AccountId, u64> {
	Rounds::<Test>::get(subject).expect("open")
}

pub(crate) fn advance(subject: Subject) {
	assert_ok!(Curation::advance(signed(STRANGER), subject));
}

/// Draws the next jury, and says who sits in it with how many seats.
pub(crate) fn draw_jury(subject: Subject) -> Vec<(u8, u8)> {
	if let Phase::Draw { at, .. } = round(subject).phase {
		run_to(at);
	}
	advance(subject);
	jury(subject)
}

/// The present jury.
pub(crate) fn jury(subject: Subject) -> Vec<(u8, u8)> {
	let round = round(subject);
	let jury = round.juries.last().expect("drawn");
	jury.jurors
		.iter()
		.map(|juror| (<[u8; 32]>::from(juror.who.clone())[0], juror.seats))
		.collect()
}

pub(crate) fn level(subject: Subject) -> u8 {
	round(subject).juries.len() as u8 - 1
}

pub(crate) fn seal(subject: Subject, n: u8, verdict: &Verdict) -> H256 {
	crate::verdict_commitment(
		&Curation::genesis(),
		&subject,
		level(subject),
		&account(n),
		verdict,
		&[n; 32],
	)
}

pub(crate) fn commit(subject: Subject, n: u8, verdict: Verdict) {
	let seal = seal(subject, n, &verdict);
	assert_ok!(Curation::commit_verdict(signed(n), subject, seal));
}

pub(crate) fn reveal(subject: Subject, n: u8, verdict: Verdict) {
	assert_ok!(Curation::reveal_verdict(
		signed(n),
		subject,
		verdict,
		[n; 32]
	));
}

/// The present jury commits and reveals; who has no verdict is absent.
pub(crate) fn vote(subject: Subject, verdict: impl Fn(u8) -> Option<Verdict>) {
	let voters: Vec<_> = jury(subject)
		.into_iter()
		.filter_map(|(n, _)| verdict(n).map(|verdict| (n, verdict)))
		.collect();
	for (n, verdict) in &voters {
		commit(subject, *n, *verdict);
	}
	if let Phase::Commit { until } = round(subject).phase {
		run_to(until);
		advance(subject);
	}
	for (n, verdict) in &voters {
		reveal(subject, *n, *verdict);
	}
}

/// Draws a jury and has it vote.
pub(crate) fn judge(subject: Subject, verdict: impl Fn(u8) -> Option<Verdict>) {
	draw_jury(subject);
	vote(subject, verdict);
}

/// Waits until the finding cannot be appealed any more, and ends the round.
pub(crate) fn finish(subject: Subject) {
	if let Phase::Found { until } = round(subject).phase {
		run_to(until);
	}
	advance(subject);
	assert!(!Rounds::<Test>::contains_key(subject), "it has ended");
}

pub(crate) fn content(n: u8) -> ContentHash {
	ContentHash([n; 32])
}

#[derive(Default)]
pub(crate) struct ExtBuilder {
	curators: Vec<(u8, Balance)>,
}

impl ExtBuilder {
	/// With curators from [`CURATOR`] on, all with this bond.
	pub(crate) fn curators(mut self, count: u8, bond: Balance) -> Self {
		let first = CURATOR + self.curators.len() as u8;
		self.curators
			.extend((first..first + count).map(|n| (n, bond)));
		self
	}

	pub(crate) fn build_and_execute<R>(self, test: impl FnOnce() -> R) -> R {
		self.build().execute_with(|| {
			let issuance = Balances::total_issuance();
			let result = test();
			Curation::do_try_state().expect("the invariants hold");
			assert_eq!(Balances::total_issuance(), issuance, "nothing is burned");
			result
		})
	}

	/// As a test, but for benchmarks: they issue what they need.
	#[cfg(feature = "runtime-benchmarks")]
	pub(crate) fn benchmark(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			Curation::do_try_state().expect("the invariants hold");
		});
	}

	fn build(self) -> sp_io::TestExternalities {
		OWNERS.set(
			[DATANET, OTHER_DATANET]
				.map(|id| (id, account(OWNER)))
				.into(),
		);
		LEDGER.take();
		DECISIONS.take();
		POINTS.take();
		FULL.set(false);
		DEEP.set(false);
		CHANCE.set(0);
		let mut storage = frame_system::GenesisConfig::<Test>::default()
			.build_storage()
			.expect("valid");
		pallet_balances::GenesisConfig::<Test> {
			balances: (1..=200).map(|n| (account(n), RICH)).collect(),
			..Default::default()
		}
		.assimilate_storage(&mut storage)
		.expect("valid");
		let mut ext = sp_io::TestExternalities::from(storage);
		ext.execute_with(|| {
			run_to(1);
			for (n, bond) in self.curators {
				qualify(DATANET, n, ONE);
				assert_ok!(Curation::bond(signed(n), DATANET, bond));
			}
		});
		ext
	}
}
