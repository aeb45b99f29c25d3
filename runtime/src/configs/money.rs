//! Balances, fees and the treasury.

use crate::{
	constants::{
		currency::EXISTENTIAL_DEPOSIT,
		fee::{PER_BYTE, REF_TIME_DENOMINATOR, REF_TIME_NUMERATOR},
		time::DAYS,
	},
	governance::{
		origins::{BigSpender, MediumSpender, SmallSpender},
		tracks::{BIG_SPEND, MEDIUM_SPEND, SMALL_SPEND},
		RootOr,
	},
	AccountId, Authorship, Balance, Balances, BlockNumber, Runtime, RuntimeEvent,
	RuntimeFreezeReason, RuntimeHoldReason, System, Treasury,
};
use frame_support::{
	parameter_types,
	traits::{
		fungible::{Balanced, Credit},
		tokens::{imbalance::ResolveTo, PayFromAccount, UnityAssetBalanceConversion},
		ConstU32, EitherOf, OnUnbalanced, VariantCountOf,
	},
	weights::ConstantMultiplier,
	PalletId,
};
use frame_system::{EnsureRootWithSuccess, EnsureWithSuccess};
use pallet_revive::evm::fees::BlockRatioFee;
use pallet_transaction_payment::{FungibleAdapter, Multiplier, TargetedFeeAdjustment};
use sp_runtime::{
	traits::{Bounded, IdentityLookup, One},
	FixedPointNumber, Permill, Perquintill,
};

parameter_types! {
	/// See [`EXISTENTIAL_DEPOSIT`].
	pub const ExistentialDeposit: Balance = EXISTENTIAL_DEPOSIT;
	/// See [`PER_BYTE`].
	pub const TransactionByteFee: Balance = PER_BYTE;
	/// Above this part of a block's room for transactions fees rise, below it they fall.
	pub const TargetBlockFullness: Perquintill = Perquintill::from_percent(25);
	/// How fast fees follow: at most some 2 % in a minute of full blocks.
	pub AdjustmentVariable: Multiplier = Multiplier::saturating_from_rational(75, 1_000_000);
	/// Fees never fall below what the work costs, so that an idle chain is not a cheap one to fill.
	pub MinimumMultiplier: Multiplier = Multiplier::one();
	/// Nothing holds back the price of a chain that stays full.
	pub MaximumMultiplier: Multiplier = Bounded::max_value();
	/// The treasury's account is derived from it.
	pub const TreasuryPalletId: PalletId = PalletId(*b"opn/trsy");
	/// The treasury's account.
	pub TreasuryAccount: AccountId = Treasury::account_id();
	/// How long a spend can be claimed after it was approved.
	pub const PayoutPeriod: BlockNumber = 30 * DAYS;
	/// How often the treasury burns; it burns nothing (see [`Burn`]).
	pub const SpendPeriod: BlockNumber = 24 * DAYS;
	/// The part of unspent funds burnt in each period.
	pub const Burn: Permill = Permill::zero();
	/// Root may spend what it likes.
	pub const MaxTreasurySpend: Balance = Balance::MAX;
	/// See [`SMALL_SPEND`].
	pub const SmallSpend: Balance = SMALL_SPEND;
	/// See [`MEDIUM_SPEND`].
	pub const MediumSpend: Balance = MEDIUM_SPEND;
	/// See [`BIG_SPEND`].
	pub const BigSpend: Balance = BIG_SPEND;
}

impl pallet_balances::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeHoldReason = RuntimeHoldReason;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type WeightInfo = pallet_balances::weights::SubstrateWeight<Runtime>;
	type Balance = Balance;
	// Not burnt, so that the issuance only changes where something burns or mints on purpose.
	type DustRemoval = ResolveTo<TreasuryAccount, Balances>;
	type ExistentialDeposit = ExistentialDeposit;
	type AccountStore = System;
	type ReserveIdentifier = [u8; 8];
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxLocks = ConstU32<50>;
	type MaxReserves = ConstU32<50>;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
	type DoneSlashHandler = ();
}

/// Pays a transaction's fee and tip to the block's author, who did the work and can refuse it. What
/// the protocol itself earns comes from inference, not from transactions. Without an author (outside a
/// block) the treasury gets it; what its receiver can't hold, because it is less than the existential
/// deposit of a new account, is burnt.
pub struct ToAuthor;

impl OnUnbalanced<Credit<AccountId, Balances>> for ToAuthor {
	fn on_nonzero_unbalanced(credit: Credit<AccountId, Balances>) {
		let receiver = Authorship::author().unwrap_or_else(TreasuryAccount::get);
		// Dropping what is left burns it.
		let _ = Balances::resolve(&receiver, credit);
	}
}

impl pallet_transaction_payment::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type OnChargeTransaction = FungibleAdapter<Balances, ToAuthor>;
	type WeightToFee = BlockRatioFee<REF_TIME_NUMERATOR, REF_TIME_DENOMINATOR, Self, Balance>;
	type LengthToFee = ConstantMultiplier<Balance, TransactionByteFee>;
	type FeeMultiplierUpdate = TargetedFeeAdjustment<
		Self,
		TargetBlockFullness,
		AdjustmentVariable,
		MinimumMultiplier,
		MaximumMultiplier,
	>;
	type OperationalFeeMultiplier = frame_support::traits::ConstU8<5>;
	type WeightInfo = pallet_transaction_payment::weights::SubstrateWeight<Runtime>;
}

/// Who spends what the treasury has, and how much at a time.
pub type Spender = EitherOf<
	EnsureRootWithSuccess<AccountId, MaxTreasurySpend>,
	EitherOf<
		EnsureWithSuccess<SmallSpender, AccountId, SmallSpend>,
		EitherOf<
			EnsureWithSuccess<MediumSpender, AccountId, MediumSpend>,
			EnsureWithSuccess<BigSpender, AccountId, BigSpend>,
		>,
	>,
>;

impl pallet_treasury::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Currency = Balances;
	type RejectOrigin = RootOr<BigSpender>;
	type SpendOrigin = Spender;
	type SpendPeriod = SpendPeriod;
	type Burn = Burn;
	type BurnDestination = ();
	type SpendFunds = ();
	type PalletId = TreasuryPalletId;
	type MaxApprovals = ConstU32<100>;
	type AssetKind = ();
	type Beneficiary = AccountId;
	type BeneficiaryLookup = IdentityLookup<AccountId>;
	type Paymaster = PayFromAccount<Balances, TreasuryAccount>;
	type BalanceConverter = UnityAssetBalanceConversion;
	type PayoutPeriod = PayoutPeriod;
	type BlockNumberProvider = System;
	type WeightInfo = pallet_treasury::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}
