//! Callbacks of contracts when requests have ended.

use super::{
	money::ToAuthor,
	openledger::{are_silenced, MaxOpenRequests},
	system::RuntimeBlockWeights,
};
use crate::{
	constants::currency::deposit, Balance, Inference, Revive, Runtime, TransactionPayment,
};
use frame_support::{
	parameter_types,
	weights::{constants::WEIGHT_REF_TIME_PER_MILLIS, Weight},
};
use sp_runtime::Perbill;

parameter_types! {
	/// For a callback with its place in the queue, and the existential deposit that is lent to the caller.
	pub const CallbackDeposit: Balance = deposit(2, 256);
	/// What a contract may use when it is called: enough to write a few dozen words and to ask again.
	pub const MaxCallbackWeight: Weight =
		Weight::from_parts(50 * WEIGHT_REF_TIME_PER_MILLIS, 4 * 1024 * 1024);
	/// What callbacks use of a block that transactions leave free. Nobody's transaction waits for them, but the
	/// next author does.
	pub MaxCallbacksWeight: Weight = Perbill::from_percent(20) * RuntimeBlockWeights::get().max_block;
	/// Whether contracts may not be called.
	pub ContractsSilenced: bool = are_silenced::<Revive>(&["call"]);
}

impl pallet_callbacks::Config for Runtime {
	type Requests = Inference;
	type WeightPrice = TransactionPayment;
	type Fees = ToAuthor;
	type Paused = ContractsSilenced;
	type EntryDeposit = CallbackDeposit;
	type MaxWeight = MaxCallbackWeight;
	type MaxIdleWeight = MaxCallbacksWeight;
	type MaxCallbacks = MaxOpenRequests;
	type WeightInfo = crate::weights::pallet_callbacks::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::Setting;
}
