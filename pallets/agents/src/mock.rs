//! A runtime with nothing but balances and agents.

use frame_support::{
	assert_ok, derive_impl, parameter_types,
	sp_runtime::{traits::IdentityLookup, BuildStorage},
	traits::{
		fungible::{Balanced, Inspect, InspectHold},
		tokens::{Fortitude, Precision, Preservation},
		ConstU128, ConstU32, ConstU64, Hooks,
	},
	PalletId,
};
use frame_system::EnsureRoot;
use openledger_primitives::{
	model::{ModelSpec, Policy, Profile, Provider, Task},
	protocol::OperatorKey,
	traits::{AgentPool, DelegatedRewards, ModelRegistry, Offence, Quote, Royalty},
	AccountId, Balance, DatanetId, ModelId,
};
use sp_core::H256;
use sp_runtime::{DispatchError, DispatchResult, Percent, Permill};

use crate::{types::Agent, Delegations, Event, HoldReason, ServedModels, TreasuryDue};

pub(crate) const UNIT: Balance = 1_000_000_000_000;
pub(crate) const MIN_BOND: Balance = 100 * UNIT;
pub(crate) const MIN_DELEGATION: Balance = 10 * UNIT;
pub(crate) const RICH: Balance = 1_000_000 * UNIT;
pub(crate) const AGENT_DEPOSIT: Balance = 3 * UNIT;
pub(crate) const DELEGATION_DEPOSIT: Balance = UNIT;
pub(crate) const FACTOR: u32 = 4;
pub(crate) const DEFER: u64 = 20;
pub(crate) const CHALLENGE: u64 = 50;
pub(crate) const UNBONDING: u64 = 100;
pub(crate) const PERIOD: u64 = 30;
pub(crate) const MODELS: ModelId = 6;

pub(crate) const TREASURY: u32 = 99;
/// Pays rewards.
pub(crate) const BANK: u32 = 98;
pub(crate) const STRANGER: u32 = 97;
/// The accounts from 1 to this one are rich.
pub(crate) const ACCOUNTS: u32 = 100;

pub(crate) const CPU: Profile = Profile {
	provider: Provider::Cpu,
	onnxruntime: [1, 23, 0],
	memory: 8_192,
};
pub(crate) const CUDA: Profile = Profile {
	provider: Provider::Cuda,
	..CPU
};
/// What a CPU can meet.
pub(crate) const EXACT: Policy = Policy::Exact {
	onnxruntime: CPU.onnxruntime,
};

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
	pub type Agents = crate;
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

/// The models below [`ModelCount`] exist, all exact. The registry itself is tested where agents meet
/// requests.
pub struct Registry;

impl ModelRegistry<AccountId> for Registry {
	fn quote(_: ModelId, _: u32) -> Result<Quote, DispatchError> {
		Err(DispatchError::Unavailable)
	}
	fn quote_rerun(_: ModelId, _: u32, _: u32) -> Result<Quote, DispatchError> {
		Err(DispatchError::Unavailable)
	}
	fn current_version(model: ModelId) -> Option<u32> {
		(model < ModelCount::get()).then_some(0)
	}
	fn spec(_: ModelId, _: u32) -> Option<ModelSpec> {
		Some(ModelSpec {
			task: Task::Search { top_k: 1 },
			artifacts: Default::default(),
			policy: EXACT,
			snapshots: Default::default(),
		})
	}
	fn is_built_on(_: ModelId, _: u32, _: DatanetId, _: u32) -> bool {
		false
	}
	fn royalties(_: ModelId) -> Vec<Royalty<AccountId>> {
		Vec::new()
	}
	fn ensure_served(_: ModelId, _: &AccountId) -> DispatchResult {
		Ok(())
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::benchmarking::BenchmarkHelper for Registry {
	fn model() -> ModelId {
		let id = ModelCount::get();
		ModelCount::set(&(id + 1));
		id
	}
}

parameter_types! {
	pub TreasuryAccount: AccountId = account(TREASURY);
	pub const PotId: PalletId = PalletId(*b"opn/agen");
	pub const ReporterShare: Percent = Percent::from_percent(10);
	pub const MaxCommission: Permill = Permill::from_percent(30);
	pub const MaxCommissionStep: Permill = Permill::from_percent(5);
	pub storage MaxAgentsPerModel: u32 = 5;
	pub storage ModelCount: ModelId = MODELS;
}

impl crate::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Models = Registry;
	type TreasuryAccount = TreasuryAccount;
	type AdminOrigin = EnsureRoot<AccountId>;
	type CancelOrigin = EnsureRoot<AccountId>;
	type EjectOrigin = EnsureRoot<AccountId>;
	type PalletId = PotId;
	type MinBond = ConstU128<MIN_BOND>;
	type MinDelegation = ConstU128<MIN_DELEGATION>;
	type MaxDelegationFactor = ConstU32<FACTOR>;
	type AgentDeposit = ConstU128<AGENT_DEPOSIT>;
	type DelegationDeposit = ConstU128<DELEGATION_DEPOSIT>;
	type UnbondingBlocks = ConstU64<UNBONDING>;
	type SlashDeferBlocks = ConstU64<DEFER>;
	type ChallengeBlocks = ConstU64<CHALLENGE>;
	type ReporterShare = ReporterShare;
	type MaxCommission = MaxCommission;
	type MaxCommissionStep = MaxCommissionStep;
	type CommissionPeriod = ConstU64<PERIOD>;
	type MaxModels = ConstU32<4>;
	type MaxAgentsPerModel = MaxAgentsPerModel;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Registry;
}

pub(crate) fn account(n: u32) -> AccountId {
	let mut bytes = [0xac; 32];
	bytes[..4].copy_from_slice(&n.to_be_bytes());
	AccountId::new(bytes)
}

/// The number of which an account is made.
pub(crate) fn number(who: &AccountId) -> u32 {
	let bytes: &[u8; 32] = who.as_ref();
	u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

pub(crate) fn signed(n: u32) -> RuntimeOrigin {
	RuntimeOrigin::signed(account(n))
}

pub(crate) fn root() -> RuntimeOrigin {
	RuntimeOrigin::root()
}

pub(crate) fn key(n: u8) -> OperatorKey {
	OperatorKey::from_raw([n; 32])
}

pub(crate) fn seed(n: u64) -> H256 {
	H256::from_low_u64_be(n)
}

pub(crate) fn models(list: &[ModelId]) -> ServedModels<Test> {
	list.to_vec().try_into().expect("short enough")
}

pub(crate) fn endpoint(text: &str) -> crate::Endpoint {
	text.as_bytes().to_vec().try_into().expect("short enough")
}

pub(crate) fn agent(n: u32) -> Agent<Test> {
	crate::Agents::<Test>::get(account(n)).expect("registered")
}

pub(crate) fn delegation(n: u32, to: u32) -> crate::Delegation<u64> {
	Delegations::<Test>::get(account(n), account(to)).expect("delegated")
}

/// What a delegation is worth, leaving parts included.
pub(crate) fn worth(n: u32, to: u32) -> (Balance, Balance) {
	Agents::delegations_of(account(n))
		.into_iter()
		.find(|info| info.agent == account(to))
		.map_or((0, 0), |info| {
			(
				info.amount,
				info.leaving.iter().map(|(amount, _)| amount).sum(),
			)
		})
}

pub(crate) fn held(reason: HoldReason, n: u32) -> Balance {
	Balances::balance_on_hold(&reason.into(), &account(n))
}

/// All that an account has, held or not.
pub(crate) fn wealth(n: u32) -> Balance {
	Balances::total_balance(&account(n))
}

pub(crate) fn pot() -> Balance {
	Balances::total_balance(&Agents::pot())
}

pub(crate) fn now() -> u64 {
	System::block_number()
}

pub(crate) fn run_to(block: u64) {
	while now() < block {
		System::set_block_number(now() + 1);
		Agents::on_initialize(now());
	}
}

pub(crate) fn run(blocks: u64) {
	run_to(now() + blocks);
}

pub(crate) fn delegate(n: u32, to: u32, amount: Balance) {
	assert_ok!(Agents::delegate(signed(n), account(to), amount));
}

pub(crate) fn undelegate(n: u32, to: u32, amount: Balance) {
	assert_ok!(Agents::undelegate(signed(n), account(to), amount));
}

pub(crate) fn withdraw(n: u32, to: u32) {
	assert_ok!(Agents::withdraw_delegation(
		signed(STRANGER),
		account(to),
		account(n)
	));
}

pub(crate) fn offend(n: u32, offence: Offence) {
	<Agents as AgentPool<AccountId>>::offend(&account(n), offence, None);
}

pub(crate) fn offend_reported(n: u32, offence: Offence, reporter: u32) {
	<Agents as AgentPool<AccountId>>::offend(&account(n), offence, Some(&account(reporter)));
}

/// The bank pays an agent's delegators. Whether somebody was there to have it.
pub(crate) fn reward(n: u32, amount: Balance) -> bool {
	let credit = <Balances as Balanced<AccountId>>::withdraw(
		&account(BANK),
		amount,
		Precision::Exact,
		Preservation::Preserve,
		Fortitude::Polite,
	)
	.expect("the bank is rich");
	match Agents::reward_delegators(&account(n), credit) {
		Ok(()) => true,
		Err(refused) => {
			assert!(<Balances as Balanced<AccountId>>::resolve(&account(BANK), refused).is_ok());
			false
		}
	}
}

pub(crate) fn assign(model: ModelId, n: u32, seed_number: u64) -> Vec<u32> {
	<Agents as AgentPool<AccountId>>::assign(model, &EXACT, n, &[], seed(seed_number))
		.iter()
		.map(number)
		.collect()
}

/// The pallet's own events, the latest last.
pub(crate) fn events() -> Vec<Event<Test>> {
	System::events()
		.into_iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::Agents(event) => Some(event),
			_ => None,
		})
		.collect()
}

pub(crate) fn register(n: u32, list: &[ModelId], bond: Balance) {
	assert_ok!(Agents::register(
		signed(n),
		key(n as u8),
		CPU,
		endpoint(""),
		models(list),
		bond,
		Permill::from_percent(10),
	));
}

/// That the pot has what it must, to the unit: nobody transfers to it in these tests.
pub(crate) fn check_pot() {
	let pools = crate::Agents::<Test>::iter_values()
		.map(|agent| agent.delegated.balance + agent.leaving.balance + agent.set_aside)
		.sum::<Balance>();
	assert_eq!(pot(), UNIT + pools + TreasuryDue::<Test>::get());
}

#[derive(Default)]
pub(crate) struct ExtBuilder {
	agents: Vec<(u32, Vec<ModelId>, Balance)>,
	delegations: Vec<(u32, u32, Balance)>,
	poor_treasury: bool,
}

impl ExtBuilder {
	/// With an agent whose account and key are made of `n`, and a commission of 10 %.
	pub(crate) fn agent(mut self, n: u32, models: &[ModelId], bond: Balance) -> Self {
		self.agents.push((n, models.to_vec(), bond));
		self
	}

	/// With a delegation of `n` to the agent `to`.
	pub(crate) fn delegation(mut self, n: u32, to: u32, amount: Balance) -> Self {
		self.delegations.push((n, to, amount));
		self
	}

	/// With a treasury whose account does not exist.
	pub(crate) fn poor_treasury(mut self) -> Self {
		self.poor_treasury = true;
		self
	}

	pub(crate) fn build(self) -> sp_io::TestExternalities {
		let mut storage = frame_system::GenesisConfig::<Test>::default()
			.build_storage()
			.expect("valid");
		pallet_balances::GenesisConfig::<Test> {
			balances: (1..=ACCOUNTS)
				.filter(|n| !self.poor_treasury || *n != TREASURY)
				.map(|n| (account(n), RICH))
				.collect(),
			..Default::default()
		}
		.assimilate_storage(&mut storage)
		.expect("valid");
		crate::GenesisConfig::<Test>::default()
			.assimilate_storage(&mut storage)
			.expect("valid");
		let mut ext = sp_io::TestExternalities::from(storage);
		ext.execute_with(|| {
			run_to(1);
			for (n, list, bond) in self.agents {
				register(n, &list, bond);
			}
			for (n, to, amount) in self.delegations {
				delegate(n, to, amount);
			}
		});
		ext
	}

	/// Runs a benchmark, with room for a committee, then checks the invariants: it issues what it needs.
	#[cfg(feature = "runtime-benchmarks")]
	pub(crate) fn benchmark(self, test: impl FnOnce()) {
		let mut ext = self.build();
		ext.execute_with(|| MaxAgentsPerModel::set(&10));
		// Each value of a benchmark's components begins with what was committed.
		ext.commit_all().expect("nothing is open");
		ext.execute_with(|| {
			test();
			Agents::do_try_state().expect("the invariants hold");
			check_pot();
		});
	}

	pub(crate) fn build_and_execute<R>(self, test: impl FnOnce() -> R) -> R {
		self.build().execute_with(|| {
			let issuance = Balances::total_issuance();
			let result = test();
			Agents::do_try_state().expect("the invariants hold");
			check_pot();
			assert_eq!(Balances::total_issuance(), issuance, "nothing is burned");
			result
		})
	}
}
