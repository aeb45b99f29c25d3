//! Referenda, who votes on them, and the committee that can hurry them. What they decide, and by what majorities:
//! [`crate::governance`].

use super::{money::TreasuryAccount, openledger::HalfLife, system::RuntimeBlockWeights};
use crate::{
	constants::{
		currency::{MILLI_UNIT, UNIT},
		time::DAYS,
	},
	governance::{
		origins::{ReferendumCanceller, ReferendumKiller, WhitelistedCaller},
		paced,
		tracks::Tracks,
		RootOr,
	},
	AccountId, Balance, Balances, BlockNumber, Preimage, Referenda, Reputation, Runtime,
	RuntimeCall, RuntimeEvent, RuntimeOrigin, Scheduler, System,
};
use frame_support::{
	parameter_types,
	traits::{AsEnsureOriginWithArg, ConstU32, OnUnbalanced},
	weights::Weight,
};
use frame_system::{EnsureRoot, EnsureSigned};
use pallet_balances::NegativeImbalance;
use pallet_collective::{DefaultVote, EnsureProportionAtLeast, MemberCount};
use sp_runtime::Perbill;

parameter_types! {
	/// For a referendum's record, which stays; and enough more that nobody submits them by the hundred. It is lost
	/// where the referendum fails.
	pub const SubmissionDeposit: Balance = 5 * UNIT;
	/// Blocks in which a referendum has to come to be decided: four weeks.
	pub UndecidingTimeout: BlockNumber = paced(28 * DAYS);
	/// The least reputation that a ballot needs: what an account earns by OPEN of fees, not by dust.
	pub const MinPower: u128 = 100 * MILLI_UNIT;
	/// Blocks in which the committee votes on a motion.
	pub MotionPeriod: BlockNumber = paced(3 * DAYS);
	/// Blocks for which a whitelisted call that could not be dispatched waits to be.
	pub DispatchExpiration: BlockNumber = paced(28 * DAYS);
	/// What a motion of the committee weighs at most. To whitelist a call weighs far less.
	pub MaxMotionWeight: Weight = Perbill::from_percent(10) * RuntimeBlockWeights::get().max_block;
}

/// Gives deposits that were lost to the treasury. What it can't hold is burnt.
pub struct LostToTreasury;

impl OnUnbalanced<NegativeImbalance<Runtime>> for LostToTreasury {
	fn on_nonzero_unbalanced(lost: NegativeImbalance<Runtime>) {
		use frame_support::traits::Currency;
		Balances::resolve_creating(&TreasuryAccount::get(), lost);
	}
}

impl pallet_referenda::Config for Runtime {
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_referenda::weights::SubstrateWeight<Runtime>;
	type Scheduler = Scheduler;
	type Currency = Balances;
	type SubmitOrigin = AsEnsureOriginWithArg<EnsureSigned<AccountId>>;
	type CancelOrigin = RootOr<ReferendumCanceller>;
	type KillOrigin = RootOr<ReferendumKiller>;
	type Slash = LostToTreasury;
	// Reputation, in units of 10^-12 OPEN.
	type Votes = u128;
	type Tally = pallet_contribution_voting::Tally<Runtime>;
	type SubmissionDeposit = SubmissionDeposit;
	type MaxQueued = ConstU32<100>;
	type UndecidingTimeout = UndecidingTimeout;
	type AlarmInterval = ConstU32<1>;
	type Tracks = Tracks;
	type Preimages = Preimage;
	type BlockNumberProvider = System;
}

impl pallet_contribution_voting::Config for Runtime {
	type Polls = Referenda;
	type Power = Reputation;
	type HalfLife = HalfLife;
	type MaxVotes = ConstU32<100>;
	type MinPower = MinPower;
	type WeightInfo = crate::weights::pallet_contribution_voting::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::Setting;
}

/// The technical committee, among collectives.
pub type TechnicalInstance = pallet_collective::Instance1;

/// Whoever is silent has not agreed.
pub struct SilenceIsNo;

impl DefaultVote for SilenceIsNo {
	fn default_vote(_: Option<bool>, _: MemberCount, _: MemberCount, _: MemberCount) -> bool {
		false
	}
}

// Nothing but `Whitelist` takes the origin of the committee or of its members.
impl pallet_collective::Config<TechnicalInstance> for Runtime {
	type RuntimeOrigin = RuntimeOrigin;
	type Proposal = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type MotionDuration = MotionPeriod;
	type MaxProposals = ConstU32<20>;
	type MaxMembers = ConstU32<20>;
	type DefaultVote = SilenceIsNo;
	type WeightInfo = pallet_collective::weights::SubstrateWeight<Runtime>;
	type SetMembersOrigin = EnsureRoot<AccountId>;
	type MaxProposalWeight = MaxMotionWeight;
	type DisapproveOrigin = EnsureRoot<AccountId>;
	type KillOrigin = EnsureRoot<AccountId>;
	type Consideration = ();
}

impl pallet_whitelist::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type WhitelistOrigin = EnsureProportionAtLeast<AccountId, TechnicalInstance, 2, 3>;
	type DispatchWhitelistedOrigin = RootOr<WhitelistedCaller>;
	type Preimages = Preimage;
	type DeferredDispatchExpiration = DispatchExpiration;
	type BlockNumberProvider = System;
	type WeightInfo = pallet_whitelist::weights::SubstrateWeight<Runtime>;
}

impl crate::governance::origins::Config for Runtime {}
