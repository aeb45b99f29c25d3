//! What wallets expect of any chain: batches, multisigs, proxies, identities, scheduled calls.

use crate::{
	constants::{currency::deposit, time::DAYS},
	governance::origins::RootOverOthers,
	AccountId, AccountPublic, Balance, Balances, BlockNumber, OriginCaller, Preimage, Runtime,
	RuntimeCall, RuntimeEvent, RuntimeHoldReason, RuntimeOrigin, Signature, System,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	parameter_types,
	traits::{fungible::HoldConsideration, ConstU32, InstanceFilter, LinearStoragePrice},
	weights::Weight,
};
use frame_system::EnsureRoot;
use scale_info::TypeInfo;
use sp_runtime::{traits::BlakeTwo256, Perbill};

impl pallet_utility::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type PalletsOrigin = OriginCaller;
	type WeightInfo = pallet_utility::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
	/// A pending multisig call: one entry of 88 bytes.
	pub const MultisigDepositBase: Balance = deposit(1, 88);
	/// An approval of it: one more account.
	pub const MultisigDepositFactor: Balance = deposit(0, 32);
	/// An account's list of proxies: one entry of 8 bytes.
	pub const ProxyDepositBase: Balance = deposit(1, 8);
	/// A proxy in it: account, type and delay.
	pub const ProxyDepositFactor: Balance = deposit(0, 37);
	/// A proxy's list of announced calls.
	pub const AnnouncementDepositBase: Balance = deposit(1, 8);
	/// A call in it: account, hash and block.
	pub const AnnouncementDepositFactor: Balance = deposit(0, 68);
	/// An identity: one entry of some 258 bytes.
	pub const IdentityBasicDeposit: Balance = deposit(1, 258);
	/// Each byte of an identity beyond that.
	pub const IdentityByteDeposit: Balance = deposit(0, 1);
	/// A user name, which is kept both ways.
	pub const UsernameDeposit: Balance = deposit(2, 64);
	/// A sub-account, which is kept both ways.
	pub const SubAccountDeposit: Balance = deposit(2, 85);
	/// How long an account has to accept a user name.
	pub const PendingUsernameExpiration: BlockNumber = 7 * DAYS;
	/// How long a user name that its authority takes back stays in use.
	pub const UsernameGracePeriod: BlockNumber = 30 * DAYS;
	/// A noted preimage: its entry and its status.
	pub const PreimageBaseDeposit: Balance = deposit(2, 64);
	/// Each of its bytes.
	pub const PreimageByteDeposit: Balance = deposit(0, 1);
	/// Under what the deposit for a preimage is held.
	pub const PreimageHoldReason: RuntimeHoldReason =
		RuntimeHoldReason::Preimage(pallet_preimage::HoldReason::Preimage);
	/// Scheduled calls may take most of a block, so that a runtime upgrade fits into it.
	pub MaximumSchedulerWeight: Weight =
		Perbill::from_percent(80) * super::system::RuntimeBlockWeights::get().max_block;
}

impl pallet_multisig::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type Currency = Balances;
	type DepositBase = MultisigDepositBase;
	type DepositFactor = MultisigDepositFactor;
	type MaxSignatories = ConstU32<100>;
	type BlockNumberProvider = System;
	type WeightInfo = pallet_multisig::weights::SubstrateWeight<Runtime>;
}

/// What a proxy may do for an account. New kinds are added at the end: their numbers are in storage.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum ProxyType {
	/// Everything.
	#[default]
	Any,
	/// Nothing that moves tokens out of the account.
	NonTransfer,
	/// Staking and session keys.
	Staking,
	/// Vetoing what another, delayed proxy has announced.
	CancelProxy,
	/// Running agents: bonds, keys, models served. Not delegating to those of others.
	Agents,
	/// Looking after data and models: Datanets, batches, versions, prices.
	Publishing,
	/// Having a say: votes, delegations, referenda that the account submits, and motions of the committee.
	Governance,
}

/// Whether a call looks after the access to a Datanet and pays nobody, as a request and a revocation do.
fn grants_access(call: &RuntimeCall) -> bool {
	use pallet_access::Call;
	matches!(
		call,
		RuntimeCall::Access(
			Call::approve { .. }
				| Call::refuse { .. }
				| Call::hand_over_key { .. }
				| Call::set_stewards { .. }
				| Call::dismiss_stewards { .. }
		)
	)
}

/// Whether a call runs an agent, or posts what it has served. Delegating does not: a proxy could have the
/// account back its own agent, and earn by having that one slashed.
fn runs_agent(call: &RuntimeCall) -> bool {
	use pallet_agents::Call::delegate;
	use pallet_channels::Call::{close, disclose, post};
	match call {
		RuntimeCall::Agents(call) => !matches!(call, delegate { .. }),
		RuntimeCall::Channels(call) => {
			matches!(call, post { .. } | disclose { .. } | close { .. })
		}
		_ => false,
	}
}

/// Whether a call looks after models and gives no shares in their revenue away.
fn tends_models(call: &RuntimeCall) -> bool {
	use pallet_models::Call::{divide, transfer_shares};
	match call {
		RuntimeCall::Models(call) => !matches!(call, divide { .. } | transfer_shares { .. }),
		_ => false,
	}
}

/// Whether a call looks after what is sold and let, and neither offers anything for sale nor pays anybody.
fn tends_market(call: &RuntimeCall) -> bool {
	use pallet_market::Call;
	matches!(
		call,
		RuntimeCall::Market(
			Call::unlist { .. }
				| Call::unlist_shares { .. }
				| Call::set_terms { .. }
				| Call::clear_terms { .. }
				| Call::collect { .. }
		)
	)
}

/// Whether a call builds what was proposed, without binding more of the account's own money.
fn builds(call: &RuntimeCall) -> bool {
	use pallet_proposals::Call;
	matches!(
		call,
		RuntimeCall::Proposals(
			Call::name_builder { .. }
				| Call::deliver { .. }
				| Call::resolve { .. }
				| Call::expire { .. }
				| Call::close { .. }
		)
	)
}

/// Whether a call looks after the account's part in proposals. A vote gives away no more than silence does, and a
/// refund goes to whose it is.
fn follows_proposals(call: &RuntimeCall) -> bool {
	use pallet_proposals::Call;
	builds(call)
		|| matches!(
			call,
			RuntimeCall::Proposals(Call::vote { .. } | Call::refund { .. })
		)
}

/// Whether a call takes part in governance. Of money it binds what a referendum is submitted with, and a preimage: a
/// proxy gains nothing by having that lost. Deposits for decisions are larger, and for the account to give.
fn governs(call: &RuntimeCall) -> bool {
	use pallet_preimage::Call::{note_preimage, unnote_preimage};
	use pallet_referenda::Call::place_decision_deposit;
	match call {
		RuntimeCall::ContributionVoting(..) | RuntimeCall::TechnicalCommittee(..) => true,
		RuntimeCall::Referenda(call) => !matches!(call, place_decision_deposit { .. }),
		RuntimeCall::Preimage(call) => {
			matches!(call, note_preimage { .. } | unnote_preimage { .. })
		}
		_ => false,
	}
}

impl InstanceFilter<RuntimeCall> for ProxyType {
	fn filter(&self, call: &RuntimeCall) -> bool {
		// The calls inside a batch are filtered one by one, so batches are safe in any kind.
		match self {
			ProxyType::Any => true,
			ProxyType::NonTransfer => {
				matches!(
					call,
					RuntimeCall::System(..)
						| RuntimeCall::Staking(..)
						| RuntimeCall::Session(..)
						| RuntimeCall::Utility(..)
						| RuntimeCall::Multisig(..)
						| RuntimeCall::Proxy(..)
						| RuntimeCall::Identity(..)
						| RuntimeCall::Datanets(..)
						| RuntimeCall::Curation(..)
						| RuntimeCall::Attribution(..)
				) || grants_access(call)
					|| runs_agent(call)
					|| tends_models(call)
					|| tends_market(call)
					|| follows_proposals(call)
					|| governs(call)
			}
			ProxyType::Staking => matches!(
				call,
				RuntimeCall::Staking(..) | RuntimeCall::Session(..) | RuntimeCall::Utility(..)
			),
			ProxyType::CancelProxy => {
				matches!(
					call,
					RuntimeCall::Proxy(pallet_proxy::Call::reject_announcement { .. })
				)
			}
			ProxyType::Agents => runs_agent(call) || matches!(call, RuntimeCall::Utility(..)),
			ProxyType::Publishing => {
				matches!(call, RuntimeCall::Datanets(..) | RuntimeCall::Utility(..))
					|| grants_access(call)
					|| tends_models(call)
					|| tends_market(call)
					|| builds(call)
			}
			ProxyType::Governance => governs(call) || matches!(call, RuntimeCall::Utility(..)),
		}
	}

	fn is_superset(&self, other: &Self) -> bool {
		match (self, other) {
			(one, another) if one == another => true,
			(ProxyType::Any, _) => true,
			(_, ProxyType::Any) => false,
			(ProxyType::NonTransfer, _) => true,
			_ => false,
		}
	}
}

impl pallet_proxy::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type Currency = Balances;
	type ProxyType = ProxyType;
	type ProxyDepositBase = ProxyDepositBase;
	type ProxyDepositFactor = ProxyDepositFactor;
	type MaxProxies = ConstU32<32>;
	type MaxPending = ConstU32<32>;
	type CallHasher = BlakeTwo256;
	type AnnouncementDepositBase = AnnouncementDepositBase;
	type AnnouncementDepositFactor = AnnouncementDepositFactor;
	type BlockNumberProvider = System;
	type WeightInfo = pallet_proxy::weights::SubstrateWeight<Runtime>;
}

impl pallet_identity::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Currency = Balances;
	type BasicDeposit = IdentityBasicDeposit;
	type ByteDeposit = IdentityByteDeposit;
	type UsernameDeposit = UsernameDeposit;
	type SubAccountDeposit = SubAccountDeposit;
	type MaxSubAccounts = ConstU32<100>;
	type IdentityInformation = pallet_identity::legacy::IdentityInfo<ConstU32<16>>;
	type MaxRegistrars = ConstU32<20>;
	type Slashed = ();
	type ForceOrigin = EnsureRoot<AccountId>;
	type RegistrarOrigin = EnsureRoot<AccountId>;
	type OffchainSignature = Signature;
	type SigningPublicKey = AccountPublic;
	type UsernameAuthorityOrigin = EnsureRoot<AccountId>;
	type PendingUsernameExpiration = PendingUsernameExpiration;
	type UsernameGracePeriod = UsernameGracePeriod;
	type MaxSuffixLength = ConstU32<7>;
	type MaxUsernameLength = ConstU32<32>;
	type WeightInfo = pallet_identity::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}

impl pallet_preimage::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Currency = Balances;
	type ManagerOrigin = EnsureRoot<AccountId>;
	type Consideration = HoldConsideration<
		AccountId,
		Balances,
		PreimageHoldReason,
		LinearStoragePrice<PreimageBaseDeposit, PreimageByteDeposit, Balance>,
	>;
	type WeightInfo = pallet_preimage::weights::SubstrateWeight<Runtime>;
}

impl pallet_scheduler::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeOrigin = RuntimeOrigin;
	type PalletsOrigin = OriginCaller;
	type RuntimeCall = RuntimeCall;
	type MaximumWeight = MaximumSchedulerWeight;
	type ScheduleOrigin = EnsureRoot<AccountId>;
	type OriginPrivilegeCmp = RootOverOthers;
	// Each referendum has an alarm, and nobody should be able to fill the block of another's.
	type MaxScheduledPerBlock = ConstU32<256>;
	type Preimages = Preimage;
	type BlockNumberProvider = System;
	type WeightInfo = pallet_scheduler::weights::SubstrateWeight<Runtime>;
}
