//! The emergency brakes: stopping everything (safe-mode) and stopping single calls (tx-pause).

use crate::{
	constants::time::HOURS, AccountId, Balance, Balances, BlockNumber, Runtime, RuntimeCall,
	RuntimeEvent, RuntimeHoldReason, SafeMode, TxPause,
};
use frame_support::{
	parameter_types,
	traits::{ConstU32, Contains},
};
use frame_system::{EnsureRoot, EnsureRootWithSuccess};
use pallet_tx_pause::RuntimeCallNameOf;

/// Pallets of which no call may ever be stopped: without them there are no blocks, or no way out of
/// safe-mode. `Sudo` is harmless where it has no key. Referenda go on, with all that they need, since they
/// alone can end or prolong safe-mode and unpause a call.
const NEVER_STOPPED: [&str; 14] = [
	"System",
	"Timestamp",
	"Babe",
	"Grandpa",
	"Beefy",
	"Sudo",
	"SafeMode",
	"TxPause",
	"Preimage",
	"Scheduler",
	"Referenda",
	"ContributionVoting",
	"Whitelist",
	"TechnicalCommittee",
];

/// The calls of the pallets that must go on whatever happens.
pub struct Essential;

impl Contains<RuntimeCall> for Essential {
	fn contains(call: &RuntimeCall) -> bool {
		matches!(
			call,
			RuntimeCall::System(..)
				| RuntimeCall::Timestamp(..)
				| RuntimeCall::Babe(..)
				| RuntimeCall::Grandpa(..)
				| RuntimeCall::Beefy(..)
				| RuntimeCall::Sudo(..)
				| RuntimeCall::SafeMode(..)
				| RuntimeCall::TxPause(..)
				| RuntimeCall::Preimage(..)
				| RuntimeCall::Scheduler(..)
				| RuntimeCall::Referenda(..)
				| RuntimeCall::ContributionVoting(..)
				| RuntimeCall::Whitelist(..)
				| RuntimeCall::TechnicalCommittee(..)
		)
	}
}

impl Contains<RuntimeCallNameOf<Runtime>> for Essential {
	fn contains((pallet, _): &RuntimeCallNameOf<Runtime>) -> bool {
		NEVER_STOPPED
			.iter()
			.any(|name| name.as_bytes() == pallet.as_slice())
	}
}

/// The calls that pass in safe-mode: the essential ones, the verdicts of juries, and those in which a
/// multisig, a proxy or a batch wraps them, since whoever must end safe-mode may act through these.
/// What is wrapped is filtered too, so nothing else gets through.
pub struct AllowedInSafeMode;

impl Contains<RuntimeCall> for AllowedInSafeMode {
	fn contains(call: &RuntimeCall) -> bool {
		Essential::contains(call)
			|| matches!(
				call,
				RuntimeCall::Utility(..)
					| RuntimeCall::Multisig(..)
					| RuntimeCall::Proxy(..)
					// Jurors lose bonds by silence, and must not be silenced.
					| RuntimeCall::Curation(
						pallet_curation::Call::commit_verdict { .. }
							| pallet_curation::Call::reveal_verdict { .. }
					)
			)
	}
}

/// What accounts may call: what neither brake stops. Essential calls pass even if a genesis or a
/// migration paused them.
pub struct CallFilter;

impl Contains<RuntimeCall> for CallFilter {
	fn contains(call: &RuntimeCall) -> bool {
		Essential::contains(call) || (SafeMode::contains(call) && TxPause::contains(call))
	}
}

parameter_types! {
	/// Blocks for which safe-mode is entered at a time.
	pub const EnterDuration: BlockNumber = 4 * HOURS;
	/// Blocks by which it is prolonged at a time.
	pub const ExtendDuration: BlockNumber = 2 * HOURS;
	/// Nobody can enter safe-mode by a deposit: whoever has the money could stop the chain.
	pub const NoDeposit: Option<Balance> = None;
	/// There are no deposits that could be released.
	pub const NoRelease: Option<BlockNumber> = None;
}

// Root enters, prolongs and ends it: by a referendum that the committee found urgent within hours, or by any other.
// `WhitelistedCaller` itself doesn't, as anybody can submit on its track without the committee's word.
impl pallet_safe_mode::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type WhitelistedCalls = AllowedInSafeMode;
	type EnterDuration = EnterDuration;
	type ExtendDuration = ExtendDuration;
	type EnterDepositAmount = NoDeposit;
	type ExtendDepositAmount = NoDeposit;
	type ForceEnterOrigin = EnsureRootWithSuccess<AccountId, EnterDuration>;
	type ForceExtendOrigin = EnsureRootWithSuccess<AccountId, ExtendDuration>;
	type ForceExitOrigin = EnsureRoot<AccountId>;
	type ForceDepositOrigin = EnsureRoot<AccountId>;
	type Notify = ();
	type ReleaseDelay = NoRelease;
	type WeightInfo = pallet_safe_mode::weights::SubstrateWeight<Runtime>;
}

impl pallet_tx_pause::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type PauseOrigin = EnsureRoot<AccountId>;
	type UnpauseOrigin = EnsureRoot<AccountId>;
	type WhitelistedCalls = Essential;
	type MaxNameLen = ConstU32<64>;
	type WeightInfo = pallet_tx_pause::weights::SubstrateWeight<Runtime>;
}
