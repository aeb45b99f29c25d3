//! Block production, finality, the MMR that Ethereum verifies, sessions and offences.

use crate::{
	constants::{
		currency::deposit,
		time::{
			BONDING_DURATION_ERAS, EPOCH_DURATION_IN_SLOTS, SESSIONS_PER_ERA, SLOT_DURATION_MS,
		},
	},
	AccountId, Babe, Balance, Balances, BeefyMmrLeaf, Historical, Moment, Offences, Runtime,
	RuntimeEvent, Session, SessionKeys, Staking,
};
use alloc::vec::Vec;
use frame_support::parameter_types;
use pallet_session::{
	disabling::UpToLimitWithReEnablingDisablingStrategy, historical::NoteHistoricalRoot,
};
use sp_consensus_beefy::{ecdsa_crypto::AuthorityId as BeefyId, mmr::MmrLeafVersion};
use sp_runtime::traits::{ConvertInto, Keccak256, OpaqueKeys};

/// Validators in a session at most. Each of them votes on each block.
pub const MAX_AUTHORITIES: u32 = 200;

parameter_types! {
	/// See [`EPOCH_DURATION_IN_SLOTS`].
	pub const EpochDuration: u64 = EPOCH_DURATION_IN_SLOTS;
	/// See [`SLOT_DURATION_MS`].
	pub const ExpectedBlockTime: Moment = SLOT_DURATION_MS;
	/// See [`MAX_AUTHORITIES`].
	pub const MaxAuthorities: u32 = MAX_AUTHORITIES;
	/// Sessions for which the set of finality voters is remembered: as long as stake can be slashed.
	pub const MaxSetIdSessionEntries: u64 = (BONDING_DURATION_ERAS * SESSIONS_PER_ERA) as u64;
	/// Slots for which an equivocation can be reported: as long as stake can be slashed.
	pub const ReportLongevity: u64 =
		(BONDING_DURATION_ERAS * SESSIONS_PER_ERA) as u64 * EPOCH_DURATION_IN_SLOTS;
	/// The version of the MMR leaf's format.
	pub LeafVersion: MmrLeafVersion = MmrLeafVersion::new(0, 0);
	/// The deposit for a validator's session keys: four keys with their owner index, 341 bytes of
	/// state.
	pub const KeyDeposit: Balance = deposit(5, 341);
}

impl pallet_babe::Config for Runtime {
	type EpochDuration = EpochDuration;
	type ExpectedBlockTime = ExpectedBlockTime;
	type EpochChangeTrigger = pallet_babe::ExternalTrigger;
	type DisabledValidators = Session;
	type WeightInfo = ();
	type MaxAuthorities = MaxAuthorities;
	type MaxNominators = super::staking::MaxExposurePageSize;
	type KeyOwnerProof = sp_session::MembershipProof;
	type EquivocationReportSystem =
		pallet_babe::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
}

impl pallet_authorship::Config for Runtime {
	type FindAuthor = pallet_session::FindAccountFromAuthorIndex<Self, Babe>;
	type EventHandler = Staking;
}

impl pallet_grandpa::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = ();
	type MaxAuthorities = MaxAuthorities;
	type MaxNominators = super::staking::MaxExposurePageSize;
	type MaxSetIdSessionEntries = MaxSetIdSessionEntries;
	type KeyOwnerProof = sp_session::MembershipProof;
	type EquivocationReportSystem =
		pallet_grandpa::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
}

impl pallet_beefy::Config for Runtime {
	type BeefyId = BeefyId;
	type MaxAuthorities = MaxAuthorities;
	type MaxNominators = super::staking::MaxExposurePageSize;
	type MaxSetIdSessionEntries = MaxSetIdSessionEntries;
	type OnNewValidatorSet = BeefyMmrLeaf;
	type AncestryHelper = BeefyMmrLeaf;
	type WeightInfo = ();
	type KeyOwnerProof = sp_session::MembershipProof;
	type EquivocationReportSystem =
		pallet_beefy::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
}

impl pallet_mmr::Config for Runtime {
	const INDEXING_PREFIX: &'static [u8] = sp_mmr_primitives::INDEXING_PREFIX;
	// What the EVM hashes cheaply.
	type Hashing = Keccak256;
	type LeafData = BeefyMmrLeaf;
	type OnNewRoot = pallet_beefy_mmr::DepositBeefyDigest<Runtime>;
	type BlockHashProvider = pallet_mmr::DefaultBlockHashProvider<Runtime>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}

impl pallet_beefy_mmr::Config for Runtime {
	type LeafVersion = LeafVersion;
	type BeefyAuthorityToMerkleLeaf = pallet_beefy_mmr::BeefyEcdsaToEthereum;
	// Bytes of any length, so that the root of outbound messages can join without a new leaf format.
	type LeafExtra = Vec<u8>;
	type BeefyDataProvider = ();
	type WeightInfo = ();
}

impl pallet_authority_discovery::Config for Runtime {
	type MaxAuthorities = MaxAuthorities;
}

impl pallet_session::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type ValidatorId = AccountId;
	type ValidatorIdOf = ConvertInto;
	type ShouldEndSession = Babe;
	type NextSessionRotation = Babe;
	type SessionManager = NoteHistoricalRoot<Self, Staking>;
	type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
	type Keys = SessionKeys;
	type DisablingStrategy = UpToLimitWithReEnablingDisablingStrategy;
	type WeightInfo = pallet_session::weights::SubstrateWeight<Runtime>;
	type Currency = Balances;
	type KeyDeposit = KeyDeposit;
}

impl pallet_session::historical::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	// Who backed an offender is looked up in `Staking`, so that proofs stay small.
	type FullIdentification = ();
	type FullIdentificationOf = pallet_staking::UnitIdentificationOf<Self>;
}

impl pallet_offences::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type IdentificationTuple = pallet_session::historical::IdentificationTuple<Self>;
	type OnOffenceHandler = Staking;
}
