//! A runtime of balances and the real contracts. Requests are what tests say; the real ones are those of
//! `pallet-inference`, with which the runtime's own tests run callbacks.

use codec::{Decode, Encode};
use core::num::NonZero;
use frame_support::{
	derive_impl, parameter_types,
	traits::{fungible::hold::Inspect as _, tokens::imbalance::ResolveTo, ConstBool, Hooks},
	weights::Weight,
};
use frame_system::{EnsureSigned, RawOrigin};
use openledger_primitives::{
	traits::{Closing, OnEnd, Payers},
	Balance, RequestId,
};
use pallet_revive::{
	precompiles::{alloy, AddressMatcher, Error as PrecompileError, Ext, Precompile},
	AccountId32Mapper, AddressMapper, Code, ExecConfig, TransactionLimits,
};
use sp_core::{H160, H256};
use sp_runtime::{
	traits::{Convert, Dispatchable, IdentityLookup},
	AccountId32, BuildStorage, DispatchResult,
};
use std::collections::BTreeMap;

use crate::{Event, HoldReason, Report};

pub(crate) type AccountId = AccountId32;

pub(crate) const ALICE: AccountId = AccountId::new([1; 32]);
pub(crate) const BOB: AccountId = AccountId::new([2; 32]);
pub(crate) const PAUPER: AccountId = AccountId::new([3; 32]);
/// Gets what is paid for weight.
pub(crate) const AUTHOR: AccountId = AccountId::new([99; 32]);
pub(crate) const UNIT: Balance = 1_000_000_000_000;
pub(crate) const RICH: Balance = 1_000_000 * UNIT;
pub(crate) const ED: Balance = 1_000;
pub(crate) const DEPOSIT: Balance = 10_000;
pub(crate) const BUDGET: Balance = 1_000 * UNIT;
pub(crate) const MAX_WEIGHT: Weight = Weight::from_parts(50_000_000_000, 2_000_000);
pub(crate) const MAX_IDLE: Weight = Weight::from_parts(120_000_000_000, 4_500_000);
pub(crate) const MAX_CALLBACKS: u32 = 50;
/// Where contracts dispatch the runtime's calls.
pub(crate) const DISPATCHER: H160 = H160(*b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x90\x01\0\0");

/// Why something is frozen, whatever that is.
pub(crate) const FREEZE: RuntimeFreezeReason =
	RuntimeFreezeReason::Revive(pallet_revive::FreezeReason::PGasMinBalance);

pub(crate) type E = crate::Error<Test>;

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
	pub type Revive = pallet_revive;
	#[runtime::pallet_index(3)]
	pub type Callbacks = crate;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<Balance>;
	type OnNewAccount = pallet_revive::AutoMapper<Test>;
	type OnKilledAccount = pallet_revive::AutoMapper<Test>;
}

parameter_types! {
	pub const ExistentialDeposit: Balance = ED;
	pub const Author: AccountId = AUTHOR;
	pub const EntryDeposit: Balance = DEPOSIT;
	pub const MaxWeight: Weight = MAX_WEIGHT;
	pub const MaxIdleWeight: Weight = MAX_IDLE;
	pub const MaxCallbacks: u32 = MAX_CALLBACKS;
	/// Whether contracts may not run.
	pub static Paused: bool = false;
	/// The requests that are open, by whom they are paid for.
	pub static Opened: BTreeMap<RequestId, AccountId> = BTreeMap::new();
	/// The next request.
	pub static NextRequest: RequestId = 0;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ExistentialDeposit;
	type AccountStore = System;
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxFreezes = frame_support::traits::ConstU32<4>;
}

#[derive_impl(pallet_revive::config_preludes::TestDefaultConfig)]
impl pallet_revive::Config for Test {
	type Balance = Balance;
	type Currency = Balances;
	type AddressMapper = AccountId32Mapper<Test>;
	type AutoMap = ConstBool<true>;
	type Precompiles = (Dispatcher,);
	type UploadOrigin = EnsureSigned<AccountId>;
	type InstantiateOrigin = EnsureSigned<AccountId>;
}

alloy::sol! {
	interface IDispatcher {
		/// Dispatches an encoded call for the caller.
		function dispatch(bytes call) external;
		/// Opens a request that the caller pays for.
		function ask() external;
	}
}

/// Lets contracts do what accounts can.
pub struct Dispatcher;

impl Precompile for Dispatcher {
	type T = Test;
	type Interface = IDispatcher::IDispatcherCalls;
	const MATCHER: AddressMatcher = AddressMatcher::Fixed(NonZero::new(0x9001).unwrap());
	const HAS_CONTRACT_INFO: bool = false;

	fn call(
		_: &[u8; 20],
		input: &Self::Interface,
		env: &mut impl Ext<T = Test>,
	) -> Result<Vec<u8>, PrecompileError> {
		let who = env.caller().account_id()?.clone();
		match input {
			IDispatcher::IDispatcherCalls::ask(_) => {
				open(who);
			}
			IDispatcher::IDispatcherCalls::dispatch(encoded) => {
				RuntimeCall::decode(&mut &encoded.call[..])
					.expect("an encoded call")
					.dispatch(RuntimeOrigin::signed(who))
					.map_err(|error| PrecompileError::Error(error.error.into()))?;
			}
		}
		Ok(Vec::new())
	}
}

/// The requests that tests have opened.
pub struct Requests;

impl Payers<AccountId> for Requests {
	fn payer(request: RequestId) -> Option<AccountId> {
		Opened::get().get(&request).cloned()
	}
}

/// A unit of the token for a unit of time.
pub struct Price;

impl Convert<Weight, Balance> for Price {
	fn convert(weight: Weight) -> Balance {
		weight.ref_time().into()
	}
}

impl crate::Config for Test {
	type Requests = Requests;
	type WeightPrice = Price;
	type Fees = ResolveTo<Author, Balances>;
	type Paused = Paused;
	type EntryDeposit = EntryDeposit;
	type MaxWeight = MaxWeight;
	type MaxIdleWeight = MaxIdleWeight;
	type MaxCallbacks = MaxCallbacks;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Requests;
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::benchmarking::BenchmarkHelper<AccountId> for Requests {
	fn request(payer: &AccountId) -> RequestId {
		use frame_support::traits::fungible::Mutate as _;

		Balances::set_balance(payer, RICH);
		open(payer.clone())
	}
}

pub(crate) fn new_test_ext() -> sp_io::TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default()
		.build_storage()
		.unwrap();
	pallet_balances::GenesisConfig::<Test> {
		balances: vec![
			(ALICE, RICH),
			(BOB, RICH),
			(PAUPER, 2 * ED),
			(AUTHOR, ED),
			(Revive::account_id(), ED),
		],
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.unwrap();
	let mut ext = sp_io::TestExternalities::new(storage);
	ext.execute_with(|| {
		Opened::take();
		NextRequest::take();
		Paused::take();
		System::set_block_number(1);
	});
	ext
}

/// Runs a test, and checks the invariants after it.
pub(crate) fn test<R>(test: impl FnOnce() -> R) -> R {
	new_test_ext().execute_with(|| {
		let result = test();
		Callbacks::do_try_state().expect("the invariants hold");
		result
	})
}

/// Opens a request.
pub(crate) fn open(payer: AccountId) -> RequestId {
	let id = NextRequest::get();
	NextRequest::set(id + 1);
	Opened::mutate(|opened| opened.insert(id, payer));
	id
}

/// Ends a request with an answer.
pub(crate) fn end(request: RequestId) {
	end_as(request, Closing::Answered);
}

pub(crate) fn end_as(request: RequestId, closing: Closing) {
	Opened::mutate(|opened| opened.remove(&request)).expect("it was open");
	<Callbacks as OnEnd>::ended(request, closing, outcome(request));
}

/// What is agreed on in a request.
pub(crate) fn outcome(request: RequestId) -> H256 {
	H256::from_low_u64_be(request + 7_000)
}

/// Lets a block be idle. Returns what callbacks used of it.
pub(crate) fn idle() -> Weight {
	idle_with(Weight::MAX)
}

pub(crate) fn idle_with(left: Weight) -> Weight {
	System::set_block_number(System::block_number() + 1);
	let used = <Callbacks as Hooks<u64>>::on_idle(System::block_number(), left);
	assert!(used.all_lte(left.min(MAX_IDLE)));
	Callbacks::do_try_state().expect("the invariants hold");
	used
}

pub(crate) fn register_for(
	who: AccountId,
	request: RequestId,
	contract: H160,
	budget: Balance,
) -> DispatchResult {
	Callbacks::register(
		RuntimeOrigin::signed(who),
		request,
		contract,
		MAX_WEIGHT,
		budget,
		Balance::MAX,
	)
}

/// Alice asks, and has a contract told.
pub(crate) fn registered(contract: H160) -> RequestId {
	let id = open(ALICE);
	register_for(ALICE, id, contract, BUDGET).expect("it is registered");
	id
}

/// Alice's contract is told, in an idle block. How that went.
pub(crate) fn told(contract: H160) -> Report {
	let id = registered(contract);
	end(id);
	idle();
	report(id).expect("an idle block has room for it")
}

/// How the callback of a request went.
pub(crate) fn report(id: RequestId) -> Option<Report> {
	System::events()
		.into_iter()
		.find_map(|record| match record.event {
			RuntimeEvent::Callbacks(Event::Called {
				request, report, ..
			}) if request == id => Some(report),
			_ => None,
		})
}

/// What a contract has of a callback's money.
pub(crate) fn locked(contract: H160) -> Balance {
	let account = <Test as pallet_revive::Config>::AddressMapper::to_account_id(&contract);
	let reason = pallet_revive::HoldReason::StorageDepositReserve.into();
	Balances::balance_on_hold(&reason, &account)
}

pub(crate) fn held(who: &AccountId) -> Balance {
	Balances::balance_on_hold(&HoldReason::Callback.into(), who)
}

/// Deploys code, by Bob.
pub(crate) fn deploy(code: &[u8]) -> H160 {
	let [high, low] = u16::try_from(code.len()).unwrap().to_be_bytes();
	// CODECOPY(0, 14, length), RETURN(0, length).
	let mut init = vec![
		0x61, high, low, 0x60, 14, 0x60, 0, 0x39, 0x61, high, low, 0x60, 0, 0xf3,
	];
	init.extend_from_slice(code);
	// As a transaction does.
	System::inc_account_nonce(BOB);
	let limits = TransactionLimits::WeightAndDeposit {
		weight_limit: Weight::from_parts(1_000_000_000_000, 100_000_000),
		deposit_limit: RICH,
	};
	let deployed = Revive::bare_instantiate(
		RawOrigin::Signed(BOB).into(),
		Default::default(),
		limits,
		Code::Upload(init),
		Vec::new(),
		None,
		&ExecConfig::new_substrate_tx(),
	);
	deployed.result.expect("it deploys").addr
}

/// A word of a contract's storage.
pub(crate) fn word(contract: H160, slot: u8) -> [u8; 32] {
	let mut key = [0; 32];
	key[31] = slot;
	let value = Revive::get_storage(contract, key).expect("a contract");
	value.map_or([0; 32], |value| value.try_into().expect("a word"))
}

/// Code that reverts.
pub(crate) const REVERT: [u8; 5] = [0x60, 0, 0x60, 0, 0xfd];
/// Code that never ends.
pub(crate) const BURN: [u8; 4] = [0x5b, 0x60, 0, 0x56];
/// Code that calls itself: CALL(GAS, ADDRESS, 0, 0, 0, 0, 0).
pub(crate) const RECURSE: [u8; 14] = [
	0x60, 0, 0x60, 0, 0x60, 0, 0x60, 0, 0x60, 0, 0x30, 0x5a, 0xf1, 0x00,
];
/// Code that destroys itself, for the good of its caller.
pub(crate) const DESTROY: [u8; 2] = [0x33, 0xff];
/// Code that fills storage without end: with a counter at the top of the stack, SSTORE(counter, 1).
pub(crate) const FILL: [u8; 14] = [
	0x60, 0, 0x5b, 0x60, 1, 0x81, 0x55, 0x60, 1, 0x01, 0x60, 2, 0x56, 0x00,
];
/// Code that writes down who calls with what: slot 0 is the sender, then the selector and the arguments.
pub(crate) const RECORD: [u8; 30] = [
	0x33, 0x60, 0, 0x55, // CALLER
	0x60, 0, 0x35, 0x60, 224, 0x1c, 0x60, 1, 0x55, // CALLDATALOAD(0) >> 224
	0x60, 4, 0x35, 0x60, 2, 0x55, 0x60, 36, 0x35, 0x60, 3, 0x55, // the request, the ending
	0x60, 68, 0x35, 0x60, 4, // the outcome
];

/// [`RECORD`] to its end.
pub(crate) fn record() -> Vec<u8> {
	[&RECORD[..], &[0x55, 0x00]].concat()
}

/// Code that makes calls, one after the other, and writes in a slot for each whether it succeeded.
pub(crate) fn calls(calls: &[(H160, Vec<u8>)]) -> Vec<u8> {
	const EACH: usize = 47;
	let mut offset = calls.len() * EACH + 1;
	let mut code = Vec::new();
	for (slot, (to, data)) in calls.iter().enumerate() {
		let [length_high, length_low] = u16::try_from(data.len()).unwrap().to_be_bytes();
		let [high, low] = u16::try_from(offset).unwrap().to_be_bytes();
		let start = code.len();
		// CODECOPY(0, offset, length).
		code.extend([
			0x61,
			length_high,
			length_low,
			0x61,
			high,
			low,
			0x60,
			0,
			0x39,
		]);
		// CALL(GAS, to, 0, 0, length, 0, 0).
		code.extend([
			0x60,
			0,
			0x60,
			0,
			0x61,
			length_high,
			length_low,
			0x60,
			0,
			0x60,
			0,
			0x73,
		]);
		code.extend(to.as_bytes());
		code.extend([0x5a, 0xf1]);
		// SSTORE(slot, whether it succeeded).
		code.extend([0x60, u8::try_from(slot).unwrap(), 0x55]);
		assert_eq!(code.len() - start, EACH - 1);
		code.push(0x5b);
		offset += data.len();
	}
	code.push(0x00);
	code.extend(calls.iter().flat_map(|(_, data)| data));
	code
}

/// Calldata with which a contract dispatches a call.
pub(crate) fn dispatching(call: impl Into<RuntimeCall>) -> (H160, Vec<u8>) {
	use alloy::sol_types::SolCall;

	let call = call.into().encode().into();
	let data = IDispatcher::dispatchCall { call }.abi_encode();
	(DISPATCHER, data)
}

/// Calldata with which a contract asks.
pub(crate) fn asking() -> (H160, Vec<u8>) {
	use alloy::sol_types::SolCall;

	(DISPATCHER, IDispatcher::askCall {}.abi_encode())
}
