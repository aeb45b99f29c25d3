//! Settings for the mocks of other pallets, to be taken over by `derive_impl`.

use crate::pallet::DefaultConfig;
use frame_support::{
	derive_impl,
	pallet_prelude::inject_runtime_type,
	parameter_types,
	traits::{ConstU128, ConstU32, ConstU64, NeverEnsureOrigin},
	PalletId,
};
use sp_runtime::Percent;

parameter_types! {
	/// The pot's name.
	pub const Pot: PalletId = PalletId(*b"tst/data");
	/// Blocks, whatever counts them.
	pub const ReservationPeriod: u32 = 100;
	/// No blocks.
	pub const WithdrawalDelay: u32 = 0;
	/// Blocks, whatever counts them.
	pub const RulesNotice: u32 = 10;
	/// Owners' part.
	pub const MaxOwnerShare: Percent = Percent::from_percent(30);
	/// What a rejected batch costs in reputation.
	pub const RejectionForfeit: Percent = Percent::from_percent(10);
}

/// Small deposits, no waiting, and nobody who judges.
pub struct TestDefaultConfig;

#[derive_impl(frame_system::config_preludes::TestDefaultConfig, no_aggregated_types)]
impl frame_system::DefaultConfig for TestDefaultConfig {}

#[frame_support::register_default_impl(TestDefaultConfig)]
impl DefaultConfig for TestDefaultConfig {
	type Curation = ();
	type Points = ();
	type Reputation = ();
	type AdminOrigin = NeverEnsureOrigin<()>;
	type PalletId = Pot;
	type DatanetDeposit = ConstU128<1_000>;
	type ByteDeposit = ConstU128<1>;
	type BatchDeposit = ConstU128<100>;
	type MebibyteDeposit = ConstU128<7>;
	type MaxDepositFactor = ConstU32<10>;
	type ListingDeposit = ConstU128<1>;
	type ReservationDeposit = ConstU128<10>;
	type ReservationPeriod = ReservationPeriod;
	type WithdrawalDelay = WithdrawalDelay;
	type RulesNotice = RulesNotice;
	type MaxAccessPrice = ConstU128<1_000_000>;
	type MaxOwnerShare = MaxOwnerShare;
	type RejectionForfeit = RejectionForfeit;
	type MaxRows = ConstU32<1_000>;
	type MaxBytes = ConstU64<1_048_576>;
	type MaxBatchesPerDatanet = ConstU32<1_000>;
	type MaxPending = ConstU32<10>;
	type AbandonWeight = ();
	type WeightInfo = ();
}
