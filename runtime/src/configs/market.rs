//! The market of models.

use crate::{
	constants::{currency::deposit, time::DAYS},
	weights, Attribution, Balance, Balances, BlockNumber, Models, Runtime, RuntimeHoldReason,
};
use frame_support::{parameter_types, traits::ConstU32};

parameter_types! {
	/// For a model or shares that are for sale, or the terms on which a model is let: at its largest.
	pub const ListingDeposit: Balance = deposit(1, 160);
	/// For a rental.
	pub const RentalDeposit: Balance = deposit(1, 120);
	/// What prices per day refer to.
	pub const BlocksPerDay: BlockNumber = DAYS;
}

impl pallet_market::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Models = Models;
	type Settlement = Attribution;
	type ListingDeposit = ListingDeposit;
	type RentalDeposit = RentalDeposit;
	type BlocksPerDay = BlocksPerDay;
	type MaxDays = ConstU32<365>;
	type WeightInfo = weights::pallet_market::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::Setting;
}
