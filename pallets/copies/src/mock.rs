//! A runtime of balances, the real Datanets and models, and committees that say what they are told to.

use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{
		fungible::hold::Inspect,
		tokens::{fungible::Mutate as _, imbalance::ResolveTo},
		Get,
	},
	BoundedVec, PalletId,
};
use openledger_primitives::{
	data::Locator,
	model::{Artifact, ArtifactKind, Policy, Sampler, Task},
	similarity::{to_text, Comparison},
	traits::{Committees, Reply, RewardCredits},
	Balance, ContentHash, ModelId, Output, RequestId,
};
use pallet_models::{Descent, SpecInputs, Terms};
use sp_runtime::{
	traits::{ConstU32, IdentityLookup},
	BuildStorage, DispatchError, DispatchResult,
};
use std::collections::BTreeMap;

use crate::{ClaimId, Error, Exhibit, HoldReason, NextClaim, Rules};

pub(crate) type AccountId = u128;

/// Owns the base and the comparer.
pub(crate) const OWNER: AccountId = 1;
/// Owns what is copied.
pub(crate) const ALICE: AccountId = 2;
/// Copies.
pub(crate) const THIEF: AccountId = 3;
pub(crate) const BOB: AccountId = 4;
pub(crate) const PAUPER: AccountId = 5;
pub(crate) const TREASURY: AccountId = 99;
pub(crate) const RICH: Balance = 10_000_000;
pub(crate) const BOND: Balance = 5_000;
pub(crate) const GRACE: u64 = 10;
pub(crate) const ROYALTY: u32 = 2_500;

/// The base of all adapters, and the model that compares.
pub(crate) const BASE: ModelId = 0;
pub(crate) const COMPARER: ModelId = 1;

pub(crate) type E = Error<Test>;
pub(crate) type ModelError = pallet_models::Error<Test>;

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
	pub type Copies = crate;
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
	pub const Deposit: Balance = 100;
	pub const ByteDeposit: Balance = 1;
	pub const MinPrice: Balance = 1;
	pub const MaxPrice: Balance = 1_000;
	pub const BytesPerUnit: u32 = 256;
	pub const MaxSnapshotBatches: u32 = 12;
	pub const RemovalDelay: u64 = 20;
	pub const Pot: PalletId = PalletId(*b"tst/modl");
	pub const Bond: Balance = BOND;
	pub const Grace: u64 = GRACE;
	/// Who asked which model for what, of how many.
	pub static Asked: Vec<(AccountId, ModelId, Comparison, u32)> = Vec::new();
	/// What committees have said.
	pub static Said: BTreeMap<RequestId, Reply> = BTreeMap::new();
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ExistentialDeposit;
	type AccountStore = System;
}

#[derive_impl(pallet_datanets::config_preludes::TestDefaultConfig)]
impl pallet_datanets::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type TreasuryAccount = TreasuryAccount;
}

/// Nobody has shares here.
pub struct NoCredits;

impl RewardCredits<AccountId> for NoCredits {
	fn divide(_: &AccountId, _: &[(AccountId, u32)]) -> Result<Balance, DispatchError> {
		Ok(0)
	}
}

impl pallet_models::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Data = Datanets;
	type Credits = NoCredits;
	type PalletId = Pot;
	type ModelDeposit = Deposit;
	type VersionDeposit = Deposit;
	type ByteDeposit = ByteDeposit;
	type MinPrice = MinPrice;
	type MaxPrice = MaxPrice;
	type BytesPerUnit = BytesPerUnit;
	type MaxSnapshotBatches = MaxSnapshotBatches;
	type RemovalDelay = RemovalDelay;
	type Tenants = ();
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Scene;
}

/// Committees whose answers are set by tests. The real ones are tested in `pallet-inference`.
pub struct Court;

impl Committees<AccountId> for Court {
	fn ask(
		payer: &AccountId,
		model: ModelId,
		input: Vec<u8>,
		max_fee: Balance,
		min_committee: u32,
	) -> Result<RequestId, DispatchError> {
		if max_fee == 0 {
			return Err(DispatchError::Other("the fee is above its cap"));
		}
		let comparison = Comparison::parse(&input).ok_or(DispatchError::Other("no comparison"))?;
		Asked::mutate(|asked| {
			asked.push((*payer, model, comparison, min_committee));
			Ok(asked.len() as RequestId - 1)
		})
	}

	fn reply(request: RequestId) -> Reply {
		let said = Said::get().get(&request).cloned();
		said.unwrap_or(if request < Asked::get().len() as RequestId {
			Reply::Pending
		} else {
			Reply::Unknown
		})
	}
}

impl crate::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Models = Models;
	type Committees = Court;
	type AdminOrigin = frame_system::EnsureRoot<AccountId>;
	type Bond = Bond;
	type Grace = Grace;
	type Penalties = ResolveTo<TreasuryAccount, Balances>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Scene;
}

/// Sets what benchmarks need.
#[cfg(feature = "runtime-benchmarks")]
pub struct Scene;

#[cfg(feature = "runtime-benchmarks")]
impl pallet_models::benchmarking::BenchmarkHelper<AccountId> for Scene {
	fn fund(who: &AccountId) {
		assert_ok!(Balances::mint_into(who, RICH));
	}

	fn datanet() -> openledger_primitives::DatanetId {
		unreachable!("the models have none")
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::benchmarking::BenchmarkHelper<AccountId> for Scene {
	fn fund(who: &AccountId) {
		assert_ok!(Balances::mint_into(who, RICH));
	}

	fn comparer() -> ModelId {
		Self::fund(&OWNER);
		register(OWNER, 0, Descent::Base, &comparer()).unwrap()
	}

	fn pair(owner: &AccountId, other: &AccountId) -> (ModelId, ModelId) {
		let base = register(OWNER, 0, Descent::Base, &generator(None)).unwrap();
		let original = adapter_on(base, *owner, "original");
		(original, adapter_on(base, *other, "copy"))
	}

	fn answer(request: RequestId, similarity: u32) {
		say(request, similarity);
	}
}

/// An empty chain.
pub(crate) fn new_test_ext() -> sp_io::TestExternalities {
	frame_system::GenesisConfig::<Test>::default()
		.build_storage()
		.unwrap()
		.into()
}

/// Runs a test on a chain with a base, a comparer and rules, then checks the invariants.
pub(crate) fn run(test: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		System::set_block_number(1);
		Asked::set(Vec::new());
		Said::set(BTreeMap::new());
		for who in [OWNER, ALICE, THIEF, BOB, TREASURY] {
			assert_ok!(Balances::mint_into(&who, RICH));
		}
		assert_ok!(Balances::mint_into(&PAUPER, 10_000));
		assert_eq!(
			register(OWNER, 0, Descent::Base, &generator(None)),
			Ok(BASE)
		);
		assert_eq!(register(OWNER, 0, Descent::Base, &comparer()), Ok(COMPARER));
		assert_ok!(Copies::set_rules(RuntimeOrigin::root(), Some(rules())));
		test();
		try_state();
	});
}

pub(crate) fn try_state() {
	Models::do_try_state().unwrap();
	Copies::do_try_state().unwrap();
}

pub(crate) fn rules() -> Rules {
	Rules {
		comparer: COMPARER,
		threshold: 900_000,
		min_committee: 3,
	}
}

pub(crate) fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

pub(crate) fn bytes<S: Get<u32>>(text: &str) -> BoundedVec<u8, S> {
	BoundedVec::try_from(text.as_bytes().to_vec()).unwrap()
}

/// A model that compares.
pub(crate) fn comparer() -> SpecInputs {
	SpecInputs {
		task: Task::Compare,
		artifacts: BoundedVec::new(),
		policy: Policy::Exact {
			onnxruntime: [1, 31, 1],
		},
		datanets: BoundedVec::new(),
	}
}

/// A model that generates, with an adapter's file if it is one.
pub(crate) fn generator(adapter: Option<&str>) -> SpecInputs {
	let mut artifacts: BoundedVec<_, ConstU32<8>> = BoundedVec::new();
	for (kind, name) in [
		(ArtifactKind::Graph, Some("graph")),
		(ArtifactKind::Tokenizer, Some("tokenizer")),
		(ArtifactKind::Generation, Some("generation")),
		(ArtifactKind::Adapter, adapter),
	] {
		if let Some(name) = name {
			let hash = ContentHash::of(name.as_bytes());
			artifacts.try_push(Artifact { kind, hash }).unwrap();
		}
	}
	SpecInputs {
		task: Task::Generate {
			max_tokens: 16,
			sampler: Sampler::Greedy,
		},
		artifacts,
		..comparer()
	}
}

pub(crate) fn register(
	owner: AccountId,
	royalty: u32,
	descent: Descent,
	inputs: &SpecInputs,
) -> Result<ModelId, DispatchError> {
	let id = pallet_models::NextModelId::<Test>::get();
	let terms = Terms {
		royalty,
		..pallet_models::fixtures::terms()
	};
	let (origin, inputs) = (signed(owner), inputs.clone());
	Models::register(origin, bytes("Model"), inputs, 10, terms, descent, 10_000)?;
	Ok(id)
}

/// Registers an adapter on a model, with that file.
pub(crate) fn adapter_on(base: ModelId, owner: AccountId, file: &str) -> ModelId {
	let descent = Descent::Adapter { base };
	register(owner, ROYALTY, descent, &generator(Some(file))).unwrap()
}

/// Registers an adapter on the base, with that file.
pub(crate) fn adapter(owner: AccountId, file: &str) -> ModelId {
	adapter_on(BASE, owner, file)
}

/// Adds a version with that file to an adapter.
pub(crate) fn add_version(owner: AccountId, model: ModelId, file: &str) {
	assert_ok!(Models::new_version(
		signed(owner),
		model,
		generator(Some(file))
	));
}

pub(crate) fn exhibit(model: ModelId, version: u32) -> Exhibit {
	Exhibit {
		model,
		version,
		bytes: 1_000,
		locator: Locator::Url(bytes("https://example.org/adapter")),
	}
}

/// Claims that one model's first version is a copy of another's.
pub(crate) fn claim(who: AccountId, original: ModelId, copy: ModelId) -> DispatchResult {
	Copies::claim(signed(who), exhibit(original, 0), exhibit(copy, 0), 100)
}

/// The same, if it is taken. Returns its id, which is that of the request too.
pub(crate) fn claimed(who: AccountId, original: ModelId, copy: ModelId) -> ClaimId {
	let id = NextClaim::<Test>::get();
	assert_ok!(claim(who, original, copy));
	id
}

/// Lets the committee agree on a similarity.
pub(crate) fn say(request: RequestId, similarity: u32) {
	let output = Output::Inline(to_text(similarity).try_into().unwrap());
	reply(request, Reply::Answered(output));
}

pub(crate) fn reply(request: RequestId, reply: Reply) {
	Said::mutate(|said| said.insert(request, reply));
}

/// A claim on which the committee has agreed.
pub(crate) fn upheld(who: AccountId, original: ModelId, copy: ModelId) -> ClaimId {
	let id = claimed(who, original, copy);
	say(Asked::get().len() as RequestId - 1, 990_000);
	assert_ok!(Copies::decide(signed(BOB), id));
	id
}

/// Lets the grace period pass, and has a claim enforced.
pub(crate) fn enforced(id: ClaimId) -> DispatchResult {
	pass(GRACE);
	Copies::enforce(signed(BOB), id)
}

pub(crate) fn pass(blocks: u64) {
	System::set_block_number(System::block_number() + blocks);
}

pub(crate) fn held(who: AccountId) -> Balance {
	Balances::balance_on_hold(&HoldReason::Bond.into(), &who)
}

/// What a model's part of fees is divided by.
pub(crate) fn lineage(model: ModelId) -> Vec<(ModelId, u32)> {
	pallet_models::Models::<Test>::get(model)
		.unwrap()
		.lineage
		.to_vec()
}

pub(crate) fn last_event() -> RuntimeEvent {
	System::events().pop().unwrap().event
}
