//! A runtime with nothing but balances and agents.

use frame_support::{
	derive_impl, parameter_types,
	sp_runtime::{traits::IdentityLookup, BuildStorage},
	traits::{ConstU128, ConstU32, ConstU64},
};
use openledger_primitives::{
	model::ModelSpec,
	protocol::OperatorKey,
	traits::{ModelRegistry, Quote},
	AccountId, Balance, DatanetId, ModelId,
};
use sp_runtime::DispatchError;

use crate::{HoldReason, ServedModels};

pub(crate) const UNIT: Balance = 1_000_000_000_000;
pub(crate) const MIN_BOND: Balance = 100 * UNIT;
pub(crate) const INITIAL: Balance = 1_000_000 * UNIT;
pub(crate) const UNBONDING: u64 = 20;
pub(crate) const MODELS: ModelId = 6;

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

parameter_types! {
	pub const MinBond: Balance = MIN_BOND;
}

/// The models below [`MODELS`] exist. The registry itself is tested where agents meet requests.
pub struct Registry;

impl ModelRegistry<AccountId> for Registry {
	fn quote(_: ModelId, _: u32) -> Result<Quote, DispatchError> {
		Err(DispatchError::Unavailable)
	}
	fn current_version(model: ModelId) -> Option<u32> {
		(model < MODELS).then_some(0)
	}
	fn spec(_: ModelId, _: u32) -> Option<ModelSpec> {
		None
	}
	fn is_built_on(_: ModelId, _: u32, _: DatanetId, _: u32) -> bool {
		false
	}
	fn royalties(_: ModelId) -> Vec<(AccountId, u32)> {
		Vec::new()
	}
}

impl crate::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Models = Registry;
	type MinBond = MinBond;
	type UnbondingBlocks = ConstU64<UNBONDING>;
	type MaxModels = ConstU32<4>;
	type MaxAgentsPerModel = ConstU32<5>;
	type WeightInfo = crate::weights::SubstrateWeight<Test>;
}

pub(crate) fn account(n: u8) -> AccountId {
	AccountId::new([n; 32])
}

pub(crate) fn key(n: u8) -> OperatorKey {
	OperatorKey::from_raw([n; 32])
}

pub(crate) fn models(list: &[ModelId]) -> ServedModels<Test> {
	list.to_vec().try_into().expect("short enough")
}

pub(crate) fn bond_of(who: &AccountId) -> Balance {
	use frame_support::traits::fungible::InspectHold;
	Balances::balance_on_hold(&HoldReason::Bond.into(), who)
}

#[derive(Default)]
pub(crate) struct ExtBuilder {
	agents: Vec<(u8, Vec<ModelId>, Balance)>,
}

impl ExtBuilder {
	/// With an agent whose account and key are made of `n`.
	pub(crate) fn agent(mut self, n: u8, models: &[ModelId], bond: Balance) -> Self {
		self.agents.push((n, models.to_vec(), bond));
		self
	}

	pub(crate) fn build_and_execute<R>(self, test: impl FnOnce() -> R) -> R {
		let mut storage = frame_system::GenesisConfig::<Test>::default()
			.build_storage()
			.expect("valid");
		pallet_balances::GenesisConfig::<Test> {
			balances: (1..=20).map(|n| (account(n), INITIAL)).collect(),
			..Default::default()
		}
		.assimilate_storage(&mut storage)
		.expect("valid");
		let mut ext = sp_io::TestExternalities::from(storage);
		ext.execute_with(|| {
			System::set_block_number(1);
			for (n, list, bond) in self.agents {
				Agents::register(
					RuntimeOrigin::signed(account(n)),
					key(n),
					models(&list),
					bond,
				)
				.expect("the builder's agents are valid");
			}
			let result = test();
			Agents::do_try_state().expect("the invariants hold");
			result
		})
	}
}
