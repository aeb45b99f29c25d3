//! A runtime with what a channel meets: Datanets, models, attribution, reputation; a pool of agents that
//! writes down what it is told, and committees that rule as the tests will.

use codec::Encode;
use frame_support::{
	derive_impl, parameter_types,
	traits::{
		fungible::{Credit, Inspect, InspectHold, Mutate},
		tokens::{imbalance::ResolveTo, Preservation},
		ConstU128, ConstU32, Get, Hooks, IntegrityTest, Randomness,
	},
	weights::Weight,
	BoundedVec, PalletId,
};
use frame_system::EnsureRoot;
use openledger_primitives::{
	answer::Entries,
	model::{Artifact, ArtifactKind, Policy, Task},
	protocol::OperatorKey,
	receipt::{Commitment, ProvenReceipt, Receipt, ReceiptLog, SignedReceipt, Step, Totals},
	traits::{
		AgentPool, Contested, DelegatedRewards, ModelRegistry, Offence, OnRuling, Performance,
		Recompute, Ruling, Source, Tenancies,
	},
	voucher::Voucher,
	AccountId, Answer, Balance, BatchId, BlockNumber, ChannelId, ContentHash, Entry, ModelId,
	Outcome, RequestId, Signature,
};
use pallet_datanets::fixtures;
use sp_core::{ed25519, sr25519, Pair, H256};
use sp_runtime::{
	traits::IdentityLookup, BuildStorage, DispatchError, DispatchResult, MultiSigner,
};

use crate::{types::Channel, Batch, HoldReason, Stage};

pub(crate) const UNIT: Balance = 1_000_000_000_000;
pub(crate) const RICH: Balance = 1_000_000 * UNIT;
/// What the model asks for the smallest call: no round number, so that rounding shows.
pub(crate) const PRICE: Balance = 999_999_937;
/// What the tests' calls cost.
pub(crate) const FEE: Balance = PRICE + 4;
pub(crate) const DEPOSIT: Balance = 100 * UNIT;
pub(crate) const CHANNEL_DEPOSIT: Balance = UNIT;
pub(crate) const BATCH_DEPOSIT: Balance = 2 * UNIT;
pub(crate) const DISTRIBUTION_DEPOSIT: Balance = UNIT / 4;
pub(crate) const BATCH_BOND: Balance = 20 * UNIT;
pub(crate) const CHALLENGE_BOND: Balance = 5 * UNIT + 1;
pub(crate) const RERUN_FEE: Balance = 3 * UNIT;

pub(crate) const CLOSING: BlockNumber = 30;
pub(crate) const WINDOW: BlockNumber = 20;
pub(crate) const REOPEN: BlockNumber = 8;
pub(crate) const MAX_WINDOW: BlockNumber = 50;
pub(crate) const DISCLOSE: BlockNumber = 5;
pub(crate) const RERUN: BlockNumber = 4;
pub(crate) const RECOMPUTE: BlockNumber = 12;

pub(crate) const MODEL: ModelId = 0;
/// Two batches of the Datanet that the model is built on.
pub(crate) const FIRST: BatchId = 0;
pub(crate) const SECOND: BatchId = 1;

pub(crate) type Block = frame_system::mocking::MockBlockU32<Test>;

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
	pub type Datanets = pallet_datanets;
	#[runtime::pallet_index(3)]
	pub type Models = pallet_models;
	#[runtime::pallet_index(6)]
	pub type Attribution = pallet_attribution;
	#[runtime::pallet_index(7)]
	pub type Channels = crate;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<1_000_000>;
	type AccountStore = System;
	type RuntimeHoldReason = RuntimeHoldReason;
}

#[derive_impl(pallet_datanets::config_preludes::TestDefaultConfig)]
impl pallet_datanets::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type TreasuryAccount = TreasuryAccount;
	type DatanetDeposit = ConstU128<UNIT>;
	type BatchDeposit = ConstU128<UNIT>;
}

parameter_types! {
	/// Who rents the models.
	pub static Renter: Option<AccountId> = None;
}

/// At most one tenant, of every model.
pub struct Renters;

impl Tenancies<AccountId> for Renters {
	fn is_tenant(_: ModelId, who: &AccountId) -> bool {
		Renter::get().as_ref() == Some(who)
	}
}

impl pallet_models::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Data = Datanets;
	type Credits = Attribution;
	type Tenants = Renters;
	type PalletId = ModelsPot;
	type ModelDeposit = ConstU128<UNIT>;
	type VersionDeposit = ConstU128<UNIT>;
	type ByteDeposit = ConstU128<1>;
	type MinPrice = ConstU128<1>;
	type MaxPrice = ConstU128<RICH>;
	type BytesPerUnit = ConstU32<256>;
	type MaxSnapshotBatches = ConstU32<100>;
	type RemovalDelay = ConstU32<5>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}

parameter_types! {
	pub const Pot: PalletId = PalletId(*b"ol/attri");
	pub const ModelsPot: PalletId = PalletId(*b"ol/model");
	pub TreasuryAccount: AccountId = account(TREASURY);
	/// Whether transactions are kept out of blocks.
	pub static SafeMode: bool = false;
	pub static MaxBatches: u32 = 10_000;
	/// The agents that are bound, all of which serve the model.
	pub static Bound: Vec<u8> = Vec::new();
	/// What the pool was told: who did what, and who proved it.
	pub static Offences: Vec<(u8, Offence, Option<u8>)> = Vec::new();
	/// Whether committees can be had.
	pub static Committees: bool = true;
	/// What a re-run is said to cost when a batch is posted.
	pub static RerunPrice: Balance = RERUN_FEE;
	/// What is run again: by which account, and what. Its place is the request's id.
	pub(crate) static Asked: Vec<(u8, Asking)> = Vec::new();
	pub static DueWeight: Weight = Weight::MAX;
}

/// A call that is run again.
#[derive(Clone)]
pub(crate) struct Asking {
	pub version: u32,
	pub seed: H256,
	pub input: Vec<u8>,
	pub said: Outcome,
	pub excluded: Vec<u8>,
	pub fee: Balance,
}

impl pallet_attribution::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Data = Datanets;
	type Models = Models;
	type Delegation = Agents;
	type Reputation = ();
	type TreasuryAccount = TreasuryAccount;
	type SharesOrigin = EnsureRoot<AccountId>;
	type PalletId = Pot;
	type ClaimPeriod = ConstU32<100_000>;
	type DistributionDeposit = ConstU128<DISTRIBUTION_DEPOSIT>;
	type ClaimDeposit = ConstU128<UNIT>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}

/// Randomness that the tests know.
pub struct Seed;

impl Randomness<H256, BlockNumber> for Seed {
	fn random(subject: &[u8]) -> (H256, BlockNumber) {
		let seed = (subject, System::block_number());
		(H256(sp_crypto_hashing::blake2_256(&seed.encode())), 0)
	}
}

/// The agents: never drawn and never slashed.
pub struct Agents;

impl Agents {
	pub(crate) fn leave(n: u8) {
		Bound::mutate(|list| list.retain(|other| *other != n));
	}
}

impl AgentPool<AccountId> for Agents {
	fn assign(_: ModelId, _: &Policy, _: u32, _: &[AccountId], _: H256) -> Vec<AccountId> {
		unreachable!("channels draw nobody")
	}

	fn available(_: ModelId, _: &Policy, _: u32) -> u32 {
		unreachable!("channels draw nobody")
	}

	fn active() -> u32 {
		Bound::get().len() as u32
	}

	fn release(_: &AccountId, _: Performance) {
		unreachable!("channels draw nobody")
	}

	fn offend(agent: &AccountId, offence: Offence, reporter: Option<&AccountId>) {
		Offences::mutate(|list| list.push((number(agent), offence, reporter.map(number))));
	}

	fn operator_key(agent: &AccountId) -> Option<OperatorKey> {
		Some(operator(number(agent)).public())
	}

	fn agent_of(_: &OperatorKey) -> Option<AccountId> {
		unreachable!("channels know their agents")
	}

	fn served(agent: &AccountId) -> Vec<ModelId> {
		if Bound::get().contains(&number(agent)) {
			vec![MODEL]
		} else {
			Vec::new()
		}
	}

	fn is_bonded(agent: &AccountId) -> bool {
		Bound::get().contains(&number(agent))
	}
}

impl DelegatedRewards<AccountId> for Agents {
	type Reward = Credit<AccountId, Balances>;

	fn delegated_part(_: &AccountId, _: Balance) -> Balance {
		0
	}

	fn reward_delegators(_: &AccountId, reward: Self::Reward) -> Result<(), Self::Reward> {
		Err(reward)
	}
}

/// Committees, which are paid at once and rule when the tests have them rule.
pub struct Committee;

impl Recompute<AccountId> for Committee {
	/// The seventh batch is foreign to the model.
	fn is_possible(model: ModelId, version: u32, outcome: &Outcome) -> bool {
		let Outcome::Answered(answer) = outcome else {
			return false;
		};
		Models::spec(model, version).is_some()
			&& answer.attribution.iter().all(|entry| entry.batch != 7)
	}

	fn is_available(_: ModelId, _: u32, _: u32) -> bool {
		Committees::get()
	}

	fn price(_: ModelId, _: u32) -> Option<Balance> {
		Some(RerunPrice::get())
	}

	fn rerun(
		payer: &AccountId,
		contested: Contested<'_, AccountId>,
		max_fee: Balance,
	) -> Result<(RequestId, Balance), DispatchError> {
		if !Committees::get() || max_fee < RERUN_FEE {
			return Err(DispatchError::Unavailable);
		}
		Balances::transfer(
			payer,
			&account(COMMITTEE),
			RERUN_FEE,
			Preservation::Preserve,
		)?;
		let asking = Asking {
			version: contested.version,
			seed: contested.seed,
			input: contested.input,
			said: contested.said.clone(),
			excluded: contested.excluded.iter().map(number).collect(),
			fee: RERUN_FEE,
		};
		Asked::mutate(|list| list.push((number(payer), asking)));
		Ok((Asked::get().len() as RequestId - 1, RERUN_FEE))
	}
}

/// The committee has come to something. If that is nothing, it is not paid.
pub(crate) fn rule(request: RequestId, ruling: Ruling) {
	let (payer, asking) = Asked::get()[request as usize].clone();
	if ruling == Ruling::Undecided {
		let (from, to) = (account(COMMITTEE), account(payer));
		Balances::transfer(&from, &to, asking.fee, Preservation::Preserve).expect("it has it");
	}
	Channels::ruled(request, ruling);
}

impl crate::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Models = Models;
	type Agents = Agents;
	type Settlement = Attribution;
	type Recompute = Committee;
	type RecomputeBlocks = ConstU32<RECOMPUTE>;
	type Randomness = Seed;
	type Excuse = SafeMode;
	type Penalties = ResolveTo<TreasuryAccount, Balances>;
	type ClosingBlocks = ConstU32<CLOSING>;
	type ChallengeBlocks = ConstU32<WINDOW>;
	type ReopenBlocks = ConstU32<REOPEN>;
	type MaxChallengeBlocks = ConstU32<MAX_WINDOW>;
	type DiscloseBlocks = ConstU32<DISCLOSE>;
	type RerunBlocks = ConstU32<RERUN>;
	type MaxReceipts = ConstU32<1_000>;
	type MaxBatches = MaxBatches;
	type MaxInput = ConstU32<512>;
	type ChannelDeposit = ConstU128<CHANNEL_DEPOSIT>;
	type BatchDeposit = ConstU128<BATCH_DEPOSIT>;
	type BatchBond = ConstU128<BATCH_BOND>;
	type ChallengeBond = ConstU128<CHALLENGE_BOND>;
	type MaxDueWeight = DueWeight;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Others;
}

// Who is who.

pub(crate) const OTHER: u8 = 2;
pub(crate) const OWNER: u8 = 3;
pub(crate) const CONTRIBUTOR: u8 = 4;
pub(crate) const SECOND_CONTRIBUTOR: u8 = 5;
pub(crate) const CHALLENGER: u8 = 6;
pub(crate) const FRIEND: u8 = 7;
pub(crate) const COMMITTEE: u8 = 8;
pub(crate) const AGENT: u8 = 10;
pub(crate) const SECOND_AGENT: u8 = 11;
/// Its account is that of its key, which signs vouchers.
pub(crate) const PAYER: u8 = 50;
pub(crate) const HOT_KEY: u8 = 51;
pub(crate) const TREASURY: u8 = 99;

/// The key of who signs vouchers.
pub(crate) fn signer(n: u8) -> ed25519::Pair {
	ed25519::Pair::from_seed(&[n; 32])
}

pub(crate) fn account(n: u8) -> AccountId {
	use sp_runtime::traits::IdentifyAccount;
	match n {
		PAYER | HOT_KEY => MultiSigner::from(signer(n).public()).into_account(),
		_ => AccountId::new([n; 32]),
	}
}

pub(crate) fn number(of: &AccountId) -> u8 {
	[PAYER, HOT_KEY]
		.into_iter()
		.find(|n| account(*n) == *of)
		.unwrap_or(AsRef::<[u8]>::as_ref(of)[0])
}

pub(crate) fn signed(n: u8) -> RuntimeOrigin {
	RuntimeOrigin::signed(account(n))
}

/// The operator key of an agent.
pub(crate) fn operator(n: u8) -> sr25519::Pair {
	sr25519::Pair::from_seed(&[n; 32])
}

pub(crate) fn held(reason: HoldReason, n: u8) -> Balance {
	Balances::balance_on_hold(&reason.into(), &account(n))
}

pub(crate) fn free(n: u8) -> Balance {
	Balances::free_balance(account(n))
}

/// What an account has: free, held, and credited.
pub(crate) fn wealth(n: u8) -> Balance {
	<Balances as Inspect<_>>::total_balance(&account(n)) + credit(n)
}

pub(crate) fn credit(n: u8) -> Balance {
	pallet_attribution::Credits::<Test>::get(account(n))
}

pub(crate) fn text<S: Get<u32>>(text: &str) -> BoundedVec<u8, S> {
	BoundedVec::try_from(text.as_bytes().to_vec()).expect("short enough")
}

/// A chain with a Datanet, a model on it, and two agents that serve it.
pub(crate) fn new_test_ext() -> sp_io::TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default()
		.build_storage()
		.expect("valid");
	pallet_balances::GenesisConfig::<Test> {
		balances: (2..=20)
			.chain([PAYER, HOT_KEY, TREASURY])
			.map(|n| (account(n), RICH))
			.collect(),
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.expect("valid");
	pallet_attribution::GenesisConfig::<Test>::default()
		.assimilate_storage(&mut storage)
		.expect("valid");
	let mut ext = sp_io::TestExternalities::from(storage);
	ext.execute_with(|| {
		SafeMode::set(false);
		MaxBatches::set(10_000);
		Bound::set(vec![AGENT, SECOND_AGENT]);
		Offences::set(Vec::new());
		Committees::set(true);
		Asked::set(Vec::new());
		DueWeight::set(Weight::MAX);
		<AllPalletsWithoutSystem as IntegrityTest>::integrity_test();
		System::set_block_number(1);
		Channels::on_initialize(1);
		set_up().expect("the calls are valid");
	});
	ext
}

/// Runs a test, then checks the invariants of all pallets.
pub(crate) fn execute<R>(test: impl FnOnce() -> R) -> R {
	new_test_ext().execute_with(|| {
		let result = test();
		check();
		result
	})
}

fn set_up() -> DispatchResult {
	Datanets::create_datanet(
		signed(OWNER),
		fixtures::details(),
		fixtures::vouched::<Test>(),
	)?;
	for (who, id) in [(CONTRIBUTOR, FIRST), (SECOND_CONTRIBUTOR, SECOND)] {
		fixtures::add_batch::<Test>(&account(OWNER), &account(who), 0, fixtures::batch(id))?;
	}
	pallet_models::fixtures::register::<Test>(account(OWNER), text("Model"), spec("graph"), PRICE)
}

/// What a model is registered with.
pub(crate) fn spec(graph: &str) -> pallet_models::SpecInputs {
	let artifact = |kind, name: &str| Artifact {
		kind,
		hash: ContentHash::of(name.as_bytes()),
	};
	pallet_models::SpecInputs {
		task: Task::Search { top_k: 3 },
		artifacts: vec![
			artifact(ArtifactKind::Graph, graph),
			artifact(ArtifactKind::Tokenizer, "tokenizer"),
		]
		.try_into()
		.expect("few"),
		policy: Policy::Exact {
			onnxruntime: [1, 31, 1],
		},
		datanets: vec![0].try_into().expect("few"),
	}
}

/// Checks the invariants of the pallets, and what holds between them.
pub(crate) fn check() {
	Attribution::do_try_state().expect("the invariants of attribution hold");
	Channels::do_try_state().expect("the invariants of channels hold");
	let all: Balance = frame_system::Account::<Test>::iter_values()
		.map(|account| account.data.free + account.data.reserved)
		.sum();
	assert_eq!(all, Balances::total_issuance());
}

// What the tests do.

pub(crate) fn now() -> BlockNumber {
	System::block_number()
}

/// Begins blocks up to `to`.
pub(crate) fn run_to(to: BlockNumber) {
	while now() < to {
		System::set_block_number(now() + 1);
		Channels::on_initialize(now());
	}
}

/// Begins so many blocks.
pub(crate) fn run(blocks: BlockNumber) {
	run_to(now() + blocks);
}

/// An answer that names this data.
pub(crate) fn answer(entries: &[(BatchId, u32)]) -> Outcome {
	let entries: Vec<_> = entries
		.iter()
		.map(|(batch, weight)| Entry {
			batch: *batch,
			weight: *weight,
		})
		.collect();
	Outcome::Answered(Answer {
		attribution: Entries::try_from(entries).expect("few"),
		..Answer::default()
	})
}

/// An answer that 30 % of one batch and 70 % of another shaped.
pub(crate) fn good() -> Outcome {
	answer(&[(FIRST, 300_000), (SECOND, 700_000)])
}

/// The payer opens a channel at the agent.
pub(crate) fn open() -> ChannelId {
	open_by(PAYER, AGENT, DEPOSIT)
}

pub(crate) fn open_by(payer: u8, agent: u8, deposit: Balance) -> ChannelId {
	let id = crate::NextChannel::<Test>::get();
	Channels::open(signed(payer), account(agent), MODEL, deposit, None).expect("it can be opened");
	id
}

pub(crate) fn channel(id: ChannelId) -> Channel<AccountId, BlockNumber> {
	crate::Channels::<Test>::get(id).expect("open")
}

pub(crate) fn batch(id: ChannelId, n: u32) -> Batch<AccountId, BlockNumber> {
	crate::Batches::<Test>::get(id, n).expect("not settled")
}

pub(crate) fn is_open(id: ChannelId, n: u32) -> bool {
	crate::Batches::<Test>::contains_key(id, n)
}

/// The request that runs a call of a batch again.
pub(crate) fn request_of(id: ChannelId, n: u32) -> RequestId {
	match batch(id, n).stage {
		Stage::Rerunning { request, .. } => request,
		stage => panic!("not run again: {stage:?}"),
	}
}

pub(crate) fn voucher(who: u8, channel: ChannelId, spent: Balance) -> Signature {
	let message = Voucher { channel, spent }.message(&Channels::genesis());
	signer(who).sign(&message).into()
}

/// What an agent has of the calls that it is going to post.
#[derive(Clone)]
pub(crate) struct Served {
	pub id: ChannelId,
	pub agent: u8,
	pub before: Balance,
	pub log: ReceiptLog,
	pub outcomes: Vec<Outcome>,
}

impl Served {
	/// Nothing yet, after what was posted.
	pub(crate) fn begin(id: ChannelId) -> Self {
		let channel = channel(id);
		let agent = number(&channel.agent);
		Self {
			id,
			agent,
			before: channel.spent,
			log: ReceiptLog::new(
				Channels::genesis(),
				id,
				channel.operator,
				channel.calls,
				1_000_000,
			),
			outcomes: Vec::new(),
		}
	}

	/// The agent serves a call.
	pub(crate) fn call(&mut self, outcome: Outcome, fee: Balance) -> &mut Self {
		let index = self.log.totals().first + self.outcomes.len() as u64;
		let receipt = self
			.log
			.next(0, &input(index), &outcome, fee)
			.expect("it fits");
		self.log
			.push(sign(self.agent, receipt), &outcome)
			.expect("it is right");
		self.outcomes.push(outcome);
		self
	}

	/// What the vouchers amount to.
	pub(crate) fn spent(&self) -> Balance {
		self.before + self.log.totals().fee
	}

	pub(crate) fn calls(&self) -> Commitment {
		self.log.commitment().expect("there are calls")
	}

	pub(crate) fn last(&self) -> ProvenReceipt {
		self.log.last().expect("there are calls")
	}

	pub(crate) fn step(&self, index: u64) -> Step {
		let place = (index - self.log.totals().first) as usize;
		self.log
			.step(index, self.outcomes[place].clone())
			.expect("there is such a call")
	}

	/// Posts them with a voucher of the payer.
	pub(crate) fn post(&self) -> DispatchResult {
		let signature = voucher(PAYER, self.id, self.spent());
		self.post_with(self.spent(), signature)
	}

	pub(crate) fn post_with(&self, spent: Balance, signature: Signature) -> DispatchResult {
		self.post_all(
			spent,
			signature,
			self.calls(),
			self.last(),
			*self.log.totals(),
		)
	}

	pub(crate) fn post_all(
		&self,
		spent: Balance,
		signature: Signature,
		calls: Commitment,
		last: ProvenReceipt,
		totals: Totals,
	) -> DispatchResult {
		Channels::post(
			signed(self.agent),
			self.id,
			spent,
			signature,
			calls,
			last,
			totals,
			Default::default(),
		)
	}

	pub(crate) fn disclose(&self, n: u32, index: u64) -> DispatchResult {
		Channels::disclose(
			signed(self.agent),
			self.id,
			n,
			self.step(index),
			text(&String::from_utf8(input(index)).expect("text")),
		)
	}
}

/// What a call asks.
pub(crate) fn input(index: u64) -> Vec<u8> {
	format!("Question {index}").into_bytes()
}

pub(crate) fn bounded_input(index: u64) -> BoundedVec<u8, ConstU32<512>> {
	input(index).try_into().expect("short")
}

pub(crate) fn sign(agent: u8, receipt: Receipt) -> SignedReceipt {
	SignedReceipt {
		receipt,
		signature: operator(agent).sign(&receipt.message(&Channels::genesis())),
	}
}

/// Somebody claims what a batch of data has earned by a batch of calls.
pub(crate) fn claim_share(served: &Served, n: u32, data: BatchId) -> DispatchResult {
	let proof = served.log.earnings().prove(data).expect("it has earned");
	let source = Source::Receipts {
		channel: served.id,
		batch: n,
	};
	Attribution::claim_share(signed(OTHER), source, data, proof)
}

/// What can be claimed of a batch of calls.
pub(crate) fn set_apart(id: ChannelId, n: u32) -> Balance {
	let source = Source::Receipts {
		channel: id,
		batch: n,
	};
	Attribution::distribution(source).map_or(0, |distribution| distribution.left())
}

/// So many good calls, not posted.
pub(crate) fn serve(id: ChannelId, calls: u32) -> Served {
	let mut served = Served::begin(id);
	for _ in 0..calls {
		served.call(good(), FEE);
	}
	served
}

/// So many good calls, posted.
pub(crate) fn posted(id: ChannelId, calls: u32) -> Served {
	let served = serve(id, calls);
	served.post().expect("it can be posted");
	served
}

pub(crate) fn challenge(who: u8, id: ChannelId, n: u32, index: u64) -> DispatchResult {
	Channels::challenge(signed(who), id, n, index)
}

pub(crate) fn rerun(who: u8, served: &Served, n: u32, index: u64) -> DispatchResult {
	let place = (index - served.log.totals().first) as usize;
	Channels::rerun(
		signed(who),
		served.id,
		n,
		bounded_input(index),
		served.outcomes[place].clone(),
		RERUN_FEE,
	)
}

/// A call of a batch is challenged, disclosed and run again.
pub(crate) fn contested(who: u8, served: &Served, n: u32, index: u64) -> RequestId {
	challenge(who, served.id, n, index).expect("it can be challenged");
	served.disclose(n, index).expect("it can be disclosed");
	rerun(who, served, n, index).expect("it can be run again");
	request_of(served.id, n)
}

pub(crate) fn events() -> Vec<crate::Event<Test>> {
	System::events()
		.into_iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::Channels(event) => Some(event),
			_ => None,
		})
		.collect()
}

/// A chain for benchmarks.
#[cfg(feature = "runtime-benchmarks")]
pub(crate) struct Benchmarks;

#[cfg(feature = "runtime-benchmarks")]
impl Benchmarks {
	/// Runs one on a chain with a keystore, then checks the invariants of the pallet: it issues what it needs.
	pub(crate) fn benchmark(self, test: impl FnOnce()) {
		use sp_keystore::{testing::MemoryKeystore, KeystoreExt};
		let mut ext = new_test_ext();
		ext.register_extension(KeystoreExt::new(MemoryKeystore::new()));
		// Each value of a benchmark's components begins with what was committed.
		ext.commit_all().expect("nothing is open");
		ext.execute_with(|| {
			test();
			Channels::do_try_state().expect("the invariants hold");
		});
	}
}

/// What benchmarks need, of the mocks.
#[cfg(feature = "runtime-benchmarks")]
pub struct Others;

#[cfg(feature = "runtime-benchmarks")]
impl crate::benchmarking::BenchmarkHelper for Others {
	fn fund(who: &AccountId) {
		use frame_support::traits::fungible::Mutate;
		Balances::mint_into(who, 10 * RICH).expect("it can be issued");
	}

	fn served(_: fn(u32) -> OperatorKey, batches: u32) -> (ModelId, AccountId, u32, Vec<BatchId>) {
		let batches = (0..batches.into()).map(|n| 1_000 + n).collect();
		(MODEL, account(AGENT), AGENT.into(), batches)
	}

	fn excuse() {
		SafeMode::set(true);
	}
}
