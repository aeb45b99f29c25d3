//! A runtime with all that a request meets: Datanets, models, agents, attribution, reputation.

use codec::{Decode, Encode};
use frame_support::{
	derive_impl,
	dispatch::GetDispatchInfo,
	parameter_types,
	traits::{fungible::InspectHold, ConstU128, ConstU32, Get, Hooks, IntegrityTest, Randomness},
	weights::Weight,
	BoundedVec, PalletId,
};
use frame_system::{
	offchain::{CreateAuthorizedTransaction, CreateTransaction, CreateTransactionBase},
	EnsureRoot,
};
use openledger_primitives::{
	attribution::weigh,
	model::{Artifact, ArtifactKind, Policy, Task},
	protocol::{self, OperatorKey, OPERATOR_KEY_TYPE},
	AccountId, Answer, Balance, BatchId, BlockNumber, Citation, ContentHash, ModelId, Outcome,
	RequestId, Signature,
};
use pallet_datanets::fixtures;
use sp_core::{sr25519, Pair, H256};
use sp_runtime::{
	generic,
	traits::{Applyable, BlakeTwo256, Checkable, IdentityLookup},
	transaction_validity::{TransactionSource, TransactionValidityError, ValidTransaction},
	BuildStorage, DispatchResult,
};

use crate::{Ending, HoldReason, Receipts, Requests};

pub(crate) const UNIT: Balance = 1_000_000_000_000;
pub(crate) const RICH: Balance = 1_000_000 * UNIT;
pub(crate) const BOND: Balance = 100 * UNIT;
/// A unit of compute costs so much; the tests' inputs take one.
pub(crate) const PRICE: Balance = 999_999_999_937;
pub(crate) const RECORD: Balance = UNIT;
pub(crate) const PER_BYTE: Balance = 1_000;

pub(crate) const COMMIT: BlockNumber = 10;
pub(crate) const REVEAL: BlockNumber = 4;
pub(crate) const MIN_LIFETIME: BlockNumber = 6;
pub(crate) const MAX_LIFETIME: BlockNumber = 60;
pub(crate) const RETENTION: BlockNumber = 40;
pub(crate) const UNBONDING: BlockNumber = 8;
pub(crate) const MAX_DUE: u32 = 8;

pub(crate) const MODEL: ModelId = 0;
pub(crate) const TOP_K: u32 = 3;
/// Two batches of the Datanet that the model is built on, and one that came later.
pub(crate) const FIRST: BatchId = 0;
pub(crate) const SECOND: BatchId = 1;
pub(crate) const LATER: BatchId = 2;
pub(crate) const ROWS: u32 = 9;

pub(crate) type Header = generic::Header<BlockNumber, BlakeTwo256>;
pub(crate) type TxExtension = (frame_system::AuthorizeCall<Test>,);
pub(crate) type UncheckedExtrinsic =
	generic::UncheckedExtrinsic<AccountId, RuntimeCall, Signature, TxExtension>;
pub(crate) type Block = generic::Block<Header, UncheckedExtrinsic>;

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
	#[runtime::pallet_index(4)]
	pub type Agents = pallet_agents;
	#[runtime::pallet_index(5)]
	pub type Reputation = pallet_reputation;
	#[runtime::pallet_index(6)]
	pub type Attribution = pallet_attribution;
	#[runtime::pallet_index(7)]
	pub type Inference = crate;
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

impl pallet_models::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Data = Datanets;
	type ModelDeposit = ConstU128<UNIT>;
	type VersionDeposit = ConstU128<UNIT>;
	type ByteDeposit = ConstU128<1>;
	type MinPrice = ConstU128<1>;
	type MaxPrice = ConstU128<RICH>;
	type BytesPerUnit = ConstU32<256>;
	type MaxSnapshotBatches = ConstU32<100>;
	type RemovalDelay = ConstU32<200>;
	type WeightInfo = ();
}

impl pallet_agents::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Models = Models;
	type MinBond = ConstU128<BOND>;
	type UnbondingBlocks = ConstU32<UNBONDING>;
	type MaxModels = ConstU32<4>;
	type MaxAgentsPerModel = ConstU32<8>;
	type WeightInfo = pallet_agents::weights::SubstrateWeight<Test>;
}

impl pallet_reputation::Config for Test {
	type Maturity = ConstU32<300>;
	type HalfLife = ConstU32<900>;
	type MinEarned = ConstU128<1>;
	type SweepLimit = ConstU32<4>;
	type WeightInfo = ();
}

parameter_types! {
	pub const Pot: PalletId = PalletId(*b"ol/attri");
	pub TreasuryAccount: AccountId = account(TREASURY);
	pub static CommitteeSize: u32 = 1;
	pub static DueWeight: Weight = Weight::MAX;
	pub SettleWeight: Weight = Attribution::settle_weight(8);
}

impl pallet_attribution::Config for Test {
	type Currency = Balances;
	type Data = Datanets;
	type Models = Models;
	type Reputation = Reputation;
	type TreasuryAccount = TreasuryAccount;
	type SharesOrigin = EnsureRoot<AccountId>;
	type PalletId = Pot;
	type WeightInfo = ();
}

/// Randomness that the tests know.
pub struct Seed;

impl Randomness<H256, BlockNumber> for Seed {
	fn random(subject: &[u8]) -> (H256, BlockNumber) {
		(H256(sp_crypto_hashing::blake2_256(subject)), 0)
	}
}

impl crate::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Models = Models;
	type Data = Datanets;
	type Agents = Agents;
	type Settlement = Attribution;
	type SettleWeight = SettleWeight;
	type Randomness = Seed;
	type CommitteeSize = CommitteeSize;
	type MaxCommittee = ConstU32<7>;
	type CommitBlocks = ConstU32<COMMIT>;
	type RevealBlocks = ConstU32<REVEAL>;
	type MinLifetime = ConstU32<MIN_LIFETIME>;
	type MaxLifetime = ConstU32<MAX_LIFETIME>;
	type Retention = ConstU32<RETENTION>;
	type MaxInput = ConstU32<256>;
	type RecordDeposit = ConstU128<RECORD>;
	type ByteDeposit = ConstU128<PER_BYTE>;
	type MaxDuePerBlock = ConstU32<MAX_DUE>;
	type MaxDueWeight = DueWeight;
	type MaxRunMs = ConstU32<10_000>;
	type WeightInfo = crate::weights::SubstrateWeight<Test>;
}

impl<LocalCall> CreateTransactionBase<LocalCall> for Test
where
	RuntimeCall: From<LocalCall>,
{
	type Extrinsic = UncheckedExtrinsic;
	type RuntimeCall = RuntimeCall;
}

impl<LocalCall> CreateTransaction<LocalCall> for Test
where
	RuntimeCall: From<LocalCall>,
{
	type Extension = TxExtension;

	fn create_transaction(call: RuntimeCall, extension: TxExtension) -> UncheckedExtrinsic {
		UncheckedExtrinsic::new_transaction(call, extension)
	}
}

impl<LocalCall> CreateAuthorizedTransaction<LocalCall> for Test
where
	RuntimeCall: From<LocalCall>,
{
	fn create_extension() -> TxExtension {
		(frame_system::AuthorizeCall::new(),)
	}
}

// Who is who.

pub(crate) const PAYER: u8 = 1;
pub(crate) const OTHER: u8 = 2;
pub(crate) const OWNER: u8 = 3;
pub(crate) const CONTRIBUTOR: u8 = 4;
pub(crate) const SECOND_CONTRIBUTOR: u8 = 5;
pub(crate) const TREASURY: u8 = 99;
/// Agents have the accounts from here on.
pub(crate) const AGENT: u8 = 10;

pub(crate) fn account(n: u8) -> AccountId {
	AccountId::new([n; 32])
}

pub(crate) fn signed(n: u8) -> RuntimeOrigin {
	RuntimeOrigin::signed(account(n))
}

/// The operator key of an agent.
pub(crate) fn operator(n: u8) -> sr25519::Pair {
	sr25519::Pair::from_seed(&[n; 32])
}

pub(crate) fn key(n: u8) -> OperatorKey {
	operator(n).public()
}

pub(crate) fn held(reason: HoldReason, n: u8) -> Balance {
	Balances::balance_on_hold(&reason.into(), &account(n))
}

pub(crate) fn free(n: u8) -> Balance {
	Balances::free_balance(account(n))
}

pub(crate) fn text<S: Get<u32>>(text: &str) -> BoundedVec<u8, S> {
	BoundedVec::try_from(text.as_bytes().to_vec()).expect("short enough")
}

/// A chain with a Datanet, a model on it, and agents that serve it.
pub(crate) struct ExtBuilder {
	agents: u8,
}

impl Default for ExtBuilder {
	fn default() -> Self {
		Self { agents: 1 }
	}
}

impl ExtBuilder {
	/// With so many agents that serve the model, and committees of so many.
	pub(crate) fn agents(mut self, agents: u8) -> Self {
		self.agents = agents;
		self
	}

	pub(crate) fn build(self) -> sp_io::TestExternalities {
		let mut storage = frame_system::GenesisConfig::<Test>::default()
			.build_storage()
			.expect("valid");
		pallet_balances::GenesisConfig::<Test> {
			balances: (1..=20)
				.chain([TREASURY])
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
			CommitteeSize::set(self.agents.clamp(1, 7).into());
			DueWeight::set(Weight::MAX);
			<AllPalletsWithoutSystem as IntegrityTest>::integrity_test();
			System::set_block_number(1);
			set_up(self.agents).expect("the builder's calls are valid");
		});
		ext
	}

	/// Runs a test, then checks the invariants of all pallets.
	pub(crate) fn build_and_execute<R>(self, test: impl FnOnce() -> R) -> R {
		self.build().execute_with(|| {
			let result = test();
			check();
			result
		})
	}
}

fn set_up(agents: u8) -> DispatchResult {
	Datanets::create_datanet(
		signed(OWNER),
		fixtures::details(),
		fixtures::vouched::<Test>(),
	)?;
	add_batch(CONTRIBUTOR, FIRST)?;
	add_batch(SECOND_CONTRIBUTOR, SECOND)?;
	Models::register(signed(OWNER), text("MiniLM"), inputs(), PRICE)?;
	add_batch(CONTRIBUTOR, LATER)?;
	for n in 0..agents {
		let n = AGENT + n;
		Agents::register(signed(n), key(n), text_models(&[MODEL]), BOND)?;
	}
	Ok(())
}

pub(crate) fn text_models(list: &[ModelId]) -> pallet_agents::ServedModels<Test> {
	list.to_vec().try_into().expect("short enough")
}

pub(crate) fn inputs() -> pallet_models::SpecInputs {
	let artifact = |kind, name: &str| Artifact {
		kind,
		hash: ContentHash::of(name.as_bytes()),
	};
	pallet_models::SpecInputs {
		task: Task::Search { top_k: TOP_K },
		artifacts: vec![
			artifact(ArtifactKind::Graph, "graph"),
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

fn add_batch(who: u8, id: BatchId) -> DispatchResult {
	let batch = pallet_datanets::BatchDetails {
		rows: ROWS,
		..fixtures::batch(id)
	};
	fixtures::add_batch::<Test>(&account(OWNER), &account(who), 0, batch)
}

/// Checks the invariants of all pallets, and what holds between them.
pub(crate) fn check() {
	Datanets::do_try_state().expect("the invariants of Datanets hold");
	Models::do_try_state().expect("the invariants of models hold");
	Agents::do_try_state().expect("the invariants of agents hold");
	Inference::do_try_state().expect("the invariants of inference hold");
	for (who, agent) in pallet_agents::Agents::<Test>::iter() {
		let assigned = crate::Assignments::<Test>::iter_key_prefix(&who).count();
		assert_eq!(
			agent.open as usize, assigned,
			"an agent's open assignments are its requests"
		);
	}
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
		Inference::on_initialize(now());
	}
}

/// The payer asks the model a question.
pub(crate) fn ask() -> RequestId {
	let id = crate::NextRequest::<Test>::get();
	Inference::request(
		signed(PAYER),
		MODEL,
		text("What is a bit?"),
		PRICE,
		MAX_LIFETIME,
	)
	.expect("the model can be asked");
	id
}

pub(crate) fn cite(batch: BatchId, row: u32, score: u32) -> Citation {
	Citation { batch, row, score }
}

pub(crate) fn answer(citations: &[Citation]) -> Outcome {
	Outcome::Answered(Answer {
		output: BoundedVec::default(),
		citations: BoundedVec::try_from(citations.to_vec()).expect("few"),
		attribution: weigh(citations),
	})
}

/// An answer that the chain accepts.
pub(crate) fn good() -> Outcome {
	answer(&[
		cite(FIRST, 3, 700_000),
		cite(SECOND, 8, 300_000),
		cite(SECOND, 0, 299_999),
	])
}

/// Another one.
pub(crate) fn other() -> Outcome {
	answer(&[cite(SECOND, 1, 900_000)])
}

pub(crate) fn genesis() -> H256 {
	System::block_hash(0)
}

pub(crate) fn commit_call(n: u8, request: RequestId, outcome: &Outcome) -> crate::Call<Test> {
	let commitment = protocol::commitment(request, &key(n), &outcome.hash(), &[n; 32]);
	let message = protocol::commit_message(&genesis(), request, &commitment);
	crate::Call::commit {
		request,
		operator: key(n),
		commitment,
		signature: operator(n).sign(&message),
	}
}

pub(crate) fn reveal_call(n: u8, request: RequestId, outcome: &Outcome) -> crate::Call<Test> {
	let message = protocol::reveal_message(&genesis(), request, &outcome.hash(), &[n; 32]);
	crate::Call::reveal {
		request,
		operator: key(n),
		outcome: outcome.clone(),
		salt: [n; 32],
		signature: operator(n).sign(&message),
	}
}

/// What becomes of a call that authorizes itself: not valid, or dispatched.
pub(crate) type Applied = Result<(ValidTransaction, DispatchResult), TransactionValidityError>;

/// Sends a call as a node would: through the pool's check, into a block.
pub(crate) fn send(call: crate::Call<Test>) -> Applied {
	apply(
		<Test as CreateAuthorizedTransaction<crate::Call<Test>>>::create_authorized_transaction(
			call.into(),
		),
	)
}

pub(crate) fn apply(transaction: UncheckedExtrinsic) -> Applied {
	let bytes = transaction.encode();
	let transaction = UncheckedExtrinsic::decode(&mut &bytes[..]).expect("just encoded");
	let info = transaction.get_dispatch_info();
	let checked = Checkable::check(transaction, &frame_system::ChainContext::<Test>::default())?;
	let valid = checked.validate::<Test>(TransactionSource::External, &info, bytes.len())?;
	let result = checked.apply::<Test>(&info, bytes.len())?;
	Ok((valid, result.map(drop).map_err(|error| error.error)))
}

/// Commits, which must succeed.
pub(crate) fn commit(n: u8, request: RequestId, outcome: &Outcome) {
	send(commit_call(n, request, outcome))
		.expect("valid")
		.1
		.expect("dispatched");
}

/// Reveals, which must succeed.
pub(crate) fn reveal(n: u8, request: RequestId, outcome: &Outcome) {
	send(reveal_call(n, request, outcome))
		.expect("valid")
		.1
		.expect("dispatched");
}

/// The agents in a request's committee, by number.
pub(crate) fn committee(request: RequestId) -> Vec<u8> {
	Requests::<Test>::get(request)
		.expect("open")
		.committee
		.iter()
		.map(|seat| AsRef::<[u8]>::as_ref(&seat.agent)[0])
		.collect()
}

pub(crate) fn ending(request: RequestId) -> Ending {
	Receipts::<Test>::get(request).expect("it has ended").ending
}

pub(crate) fn has_event(event: crate::Event<Test>) -> bool {
	System::events()
		.iter()
		.any(|record| record.event == event.clone().into())
}

/// The type of the keys in a keystore.
pub(crate) const KEY_TYPE: sp_core::crypto::KeyTypeId = OPERATOR_KEY_TYPE;
