//! # The runtime of the OpenLedger chain
//!
//! Composition only: which pallets there are, at which index, and how they are set up. What the
//! project adds itself lives in `pallets/`.
//!
//! - `lib.rs`: types, transaction extensions and the list of pallets;
//! - [`configs`]: the settings of each pallet, by subject;
//! - [`apis`]: what a node may ask of the runtime;
//! - `migrations`: what changes the state when a new runtime takes over;
//! - `invariants`: what must hold of the state, checked natively;
//! - [`genesis_config_presets`]: the chains that can be started from this code;
//! - [`governance`]: what is decided by whom, and by what majority;
//! - [`constants`]: units, times and fees;
//! - [`weights`]: what calls cost, as measured by `scripts/benchmark.sh`.
//!
//! Pallet indices are part of the transaction format. They come in groups with room to grow: system
//! 0–9, consensus 10–29, money, utilities and
//! governance 30–49, emergency brakes 50–59, EVM 60–69, the project's
//! own 70 and up. Pallets are initialised in the order of their indices, which matters within the
//! consensus group.

#![cfg_attr(not(feature = "std"), no_std)]
#![allow(
	missing_docs,
	reason = "the macros that compose a runtime generate undocumented items"
)]
// The aggregated enums nest deeply.
#![recursion_limit = "512"]

#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

extern crate alloc;

pub mod apis;
#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarks;
pub mod configs;
pub mod constants;
pub mod content_access;
pub mod ethereum;
pub mod genesis_config_presets;
pub mod governance;
#[cfg(feature = "std")]
pub mod invariants;
pub mod migrations;
#[cfg(test)]
mod tests;
pub mod weights;

pub use apis::RuntimeApi;
use apis::RUNTIME_API_VERSIONS;
pub use frame_system::Call as SystemCall;
pub use pallet_balances::Call as BalancesCall;
pub use pallet_timestamp::Call as TimestampCall;

// The macros below name it.
use alloc::vec::Vec;
use governance::origins as pallet_origins;
use pallet_revive::evm::runtime::EthExtra;
use pallet_session::historical as pallet_session_historical;
use sp_runtime::{
	generic, impl_opaque_keys,
	traits::{BlakeTwo256, IdentifyAccount, InvalidVersion, Verify},
	MultiAddress, MultiSignature,
};
use sp_version::{runtime_version, RuntimeVersion};

/// Any of the signature schemes that accounts may use.
pub type Signature = MultiSignature;
/// What signs for an account.
pub type AccountPublic = <Signature as Verify>::Signer;
/// An account: a public key, or the hash of one.
pub type AccountId = <AccountPublic as IdentifyAccount>::AccountId;
/// An amount of OPEN in its smallest unit, of which 10^12 make one.
pub type Balance = u128;
/// How many transactions an account has sent.
pub type Nonce = u32;
/// A block's height.
pub type BlockNumber = u32;
/// A block's hash, or that of anything else on this side of the chain.
pub type Hash = sp_core::H256;
/// Milliseconds since 1970.
pub type Moment = u64;
/// How transactions name accounts.
pub type Address = MultiAddress<AccountId, ()>;
/// A block's header.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;
/// A block with its signature data.
pub type SignedBlock = generic::SignedBlock<Block>;
/// A block's hash or height.
pub type BlockId = generic::BlockId<Block>;

/// Types for a node that doesn't look into transactions.
pub mod opaque {
	pub use sp_runtime::OpaqueExtrinsic as UncheckedExtrinsic;

	/// See [`crate::Header`].
	pub type Header = crate::Header;
	/// A block whose transactions are bytes.
	pub type Block = sp_runtime::generic::Block<Header, UncheckedExtrinsic>;
	/// See [`crate::BlockId`].
	pub type BlockId = sp_runtime::generic::BlockId<Block>;
}

impl_opaque_keys! {
	/// The keys with which a validator takes part in a session.
	pub struct SessionKeys {
		/// Votes for finality.
		pub grandpa: Grandpa,
		/// Produces blocks.
		pub babe: Babe,
		/// Signs what the bridge to Ethereum verifies.
		pub beefy: Beefy,
		/// Publishes the validator's network address.
		pub authority_discovery: AuthorityDiscovery,
	}
}

/// What runs before, around and after each transaction's call.
pub type TxExtension = (
	// First: it turns the origin of a call that authorises itself into an accepted one.
	frame_system::AuthorizeCall<Runtime>,
	frame_system::CheckNonZeroSender<Runtime>,
	frame_system::CheckSpecVersion<Runtime>,
	frame_system::CheckTxVersion<Runtime>,
	frame_system::CheckGenesis<Runtime>,
	frame_system::CheckMortality<Runtime>,
	frame_system::CheckNonce<Runtime>,
	frame_system::CheckWeight<Runtime>,
	pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
	frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
	// After everything that relies on a signed origin.
	pallet_revive::evm::tx_extension::SetOrigin<Runtime>,
	// Last: it gives back the weight that the call and the extensions before it didn't use.
	frame_system::WeightReclaim<Runtime>,
);

/// The extensions of a transaction that was signed by an Ethereum wallet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EthExtraImpl;

impl EthExtra for EthExtraImpl {
	type Config = Runtime;
	type ExtensionV0 = TxExtension;
	type ExtensionOtherVersions = InvalidVersion;

	fn get_eth_extension(nonce: Nonce, tip: Balance) -> Self::ExtensionV0 {
		configs::transactions::extension(
			generic::Era::Immortal,
			nonce,
			tip,
			pallet_revive::evm::tx_extension::SetOrigin::new_from_eth_transaction(),
		)
	}
}

/// A transaction: signed with one of [`Signature`]'s schemes, by an Ethereum wallet, or an inherent.
pub type UncheckedExtrinsic =
	pallet_revive::evm::runtime::UncheckedExtrinsic<Address, Signature, EthExtraImpl>;
/// What is signed.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;
/// What applies blocks.
pub type Executive = frame_executive::Executive<
	Runtime,
	Block,
	frame_system::ChainContext<Runtime>,
	Runtime,
	AllPalletsWithSystem,
>;

// A macro, because the version must stand there in digits: it also becomes a section of the WebAssembly.
macro_rules! version {
	($spec_version:tt) => {
		/// The version of this runtime. Raise `spec_version` with any change in what it does, and
		/// `transaction_version` with any change in how a transaction is encoded.
		#[runtime_version]
		pub const VERSION: RuntimeVersion = RuntimeVersion {
			spec_name: alloc::borrow::Cow::Borrowed("openledger"),
			impl_name: alloc::borrow::Cow::Borrowed("openledger-node"),
			authoring_version: 1,
			spec_version: $spec_version,
			impl_version: 1,
			apis: RUNTIME_API_VERSIONS,
			transaction_version: 1,
			system_version: 1,
		};
	};
}

#[cfg(not(feature = "rehearsal"))]
version!(101);
// One above the release, so that a chain of the release can be upgraded to it.
#[cfg(feature = "rehearsal")]
version!(102);

// A node that has it in itself would start chains with it.
#[cfg(all(feature = "rehearsal", feature = "std"))]
compile_error!("the rehearsal is WebAssembly only: no node is built with it");

/// BABE's settings in the first epoch. Secondary slots carry a VRF output too, so that every block
/// adds to the randomness from which committees are drawn.
pub const BABE_GENESIS_EPOCH_CONFIG: sp_consensus_babe::BabeEpochConfiguration =
	sp_consensus_babe::BabeEpochConfiguration {
		c: constants::time::PRIMARY_PROBABILITY,
		allowed_slots: sp_consensus_babe::AllowedSlots::PrimaryAndSecondaryVRFSlots,
	};

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
	pub struct Runtime;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Timestamp = pallet_timestamp;
	#[runtime::pallet_index(2)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(3)]
	pub type TransactionPayment = pallet_transaction_payment;
	#[runtime::pallet_index(9)]
	pub type Sudo = pallet_sudo;

	// Before `Session`, which takes the end of an epoch from it.
	#[runtime::pallet_index(10)]
	pub type Babe = pallet_babe;
	// Before `Session`, so that an author is noted in the session and era that the block belongs to.
	#[runtime::pallet_index(11)]
	pub type Authorship = pallet_authorship;
	// Before `Session`, whose genesis asks it for the first validators.
	#[runtime::pallet_index(12)]
	pub type Staking = pallet_staking;
	#[runtime::pallet_index(13)]
	pub type Offences = pallet_offences;
	#[runtime::pallet_index(14)]
	pub type Historical = pallet_session_historical;
	#[runtime::pallet_index(15)]
	pub type Session = pallet_session;
	#[runtime::pallet_index(16)]
	pub type Grandpa = pallet_grandpa;
	#[runtime::pallet_index(17)]
	pub type AuthorityDiscovery = pallet_authority_discovery;
	// After `Session`: a leaf of the MMR names the authorities of the session that the block starts.
	#[runtime::pallet_index(18)]
	pub type Beefy = pallet_beefy;
	#[runtime::pallet_index(19)]
	pub type Mmr = pallet_mmr;
	#[runtime::pallet_index(20)]
	pub type BeefyMmrLeaf = pallet_beefy_mmr;

	#[runtime::pallet_index(30)]
	pub type Utility = pallet_utility;
	#[runtime::pallet_index(31)]
	pub type Multisig = pallet_multisig;
	#[runtime::pallet_index(32)]
	pub type Proxy = pallet_proxy;
	#[runtime::pallet_index(33)]
	pub type Identity = pallet_identity;
	#[runtime::pallet_index(34)]
	pub type Preimage = pallet_preimage;
	#[runtime::pallet_index(35)]
	pub type Scheduler = pallet_scheduler;
	#[runtime::pallet_index(36)]
	pub type Treasury = pallet_treasury;

	#[runtime::pallet_index(40)]
	pub type Referenda = pallet_referenda;
	#[runtime::pallet_index(41)]
	pub type ContributionVoting = pallet_contribution_voting;
	#[runtime::pallet_index(42)]
	pub type Whitelist = pallet_whitelist;
	#[runtime::pallet_index(43)]
	pub type TechnicalCommittee = pallet_collective<Instance1>;
	#[runtime::pallet_index(44)]
	pub type Origins = pallet_origins;

	#[runtime::pallet_index(50)]
	pub type SafeMode = pallet_safe_mode;
	#[runtime::pallet_index(51)]
	pub type TxPause = pallet_tx_pause;

	#[runtime::pallet_index(60)]
	pub type Revive = pallet_revive;

	#[runtime::pallet_index(70)]
	pub type Datanets = pallet_datanets;
	#[runtime::pallet_index(71)]
	pub type Models = pallet_models;
	#[runtime::pallet_index(72)]
	pub type Agents = pallet_agents;
	#[runtime::pallet_index(73)]
	pub type Inference = pallet_inference;
	#[runtime::pallet_index(74)]
	pub type Attribution = pallet_attribution;
	#[runtime::pallet_index(75)]
	pub type Reputation = pallet_reputation;
	#[runtime::pallet_index(76)]
	pub type Curation = pallet_curation;
	#[runtime::pallet_index(77)]
	pub type Access = pallet_access;
	#[runtime::pallet_index(78)]
	pub type Seasons = pallet_seasons;
	#[runtime::pallet_index(79)]
	pub type Channels = pallet_channels;
	#[runtime::pallet_index(80)]
	pub type Market = pallet_market;
	#[runtime::pallet_index(81)]
	pub type Copies = pallet_copies;
	#[runtime::pallet_index(82)]
	pub type Proposals = pallet_proposals;
	// After all others: contracts get what the hooks before have left of a block.
	#[runtime::pallet_index(83)]
	pub type Callbacks = pallet_callbacks;
}
