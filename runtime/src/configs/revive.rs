//! Ethereum: contracts, and wallets that sign Ethereum transactions.

use super::money::TreasuryAccount;
use crate::{
	constants::{
		currency::{deposit, NATIVE_TO_ETH_RATIO},
		fee::GAS_SCALE,
		ETH_CHAIN_ID,
	},
	AccountId, Address, Balance, Balances, EthExtraImpl, Runtime, RuntimeCall, RuntimeEvent,
	RuntimeHoldReason, RuntimeOrigin, Signature, Timestamp,
};
use frame_support::{
	parameter_types,
	traits::{tokens::imbalance::ResolveTo, ConstBool, ConstU32, ConstU64},
};
use frame_system::EnsureSigned;
use pallet_revive::{evm::fees::Info as FeeInfo, AccountId32Mapper};
use sp_runtime::{FixedPointNumber, FixedU128, Perbill};

parameter_types! {
	/// A storage entry of a contract's code or account.
	pub const DepositPerItem: Balance = deposit(1, 0);
	/// An entry of a contract's own storage. Cheaper: a token has one per holder.
	pub const DepositPerChildTrieItem: Balance = deposit(1, 0) / 100;
	/// A byte of either.
	pub const DepositPerByte: Balance = deposit(0, 1);
	/// The part of a code's deposit that each contract of that code locks too.
	pub const CodeHashLockupDepositPercent: Perbill = Perbill::from_percent(30);
	/// The part of a transaction's possible weight that gas can buy.
	pub MaxEthExtrinsicWeight: FixedU128 = FixedU128::saturating_from_rational(9, 10);
}

impl pallet_revive::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type RuntimeOrigin = RuntimeOrigin;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Time = Timestamp;
	type Balance = Balance;
	type Currency = Balances;
	// What rounding gas to whole units of its price leaves over.
	type OnBurn = ResolveTo<TreasuryAccount, Balances>;
	type WeightInfo = pallet_revive::weights::SubstrateWeight<Runtime>;
	type Precompiles = ();
	type FindAuthor = <Runtime as pallet_authorship::Config>::FindAuthor;
	type DepositPerByte = DepositPerByte;
	type DepositPerItem = DepositPerItem;
	type DepositPerChildTrieItem = DepositPerChildTrieItem;
	type CodeHashLockupDepositPercent = CodeHashLockupDepositPercent;
	type AddressMapper = AccountId32Mapper<Self>;
	type AllowEVMBytecode = ConstBool<true>;
	type UploadOrigin = EnsureSigned<AccountId>;
	type InstantiateOrigin = EnsureSigned<AccountId>;
	type RuntimeMemory = ConstU32<{ 128 * 1024 * 1024 }>;
	type PVFMemory = ConstU32<{ 512 * 1024 * 1024 }>;
	type ChainId = ConstU64<ETH_CHAIN_ID>;
	type NativeToEthRatio = ConstU32<NATIVE_TO_ETH_RATIO>;
	type FeeInfo = FeeInfo<Address, Signature, EthExtraImpl>;
	type Deposit = ();
	type MaxEthExtrinsicWeight = MaxEthExtrinsicWeight;
	type DebugEnabled = ConstBool<false>;
	type AutoMap = ConstBool<true>;
	type GasScale = ConstU32<GAS_SCALE>;
}
