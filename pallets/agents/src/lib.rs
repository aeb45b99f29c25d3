//! # Agents
//!
//! Operators stake a bond, others delegate to them, and what they do wrong costs both. Requests draw
//! their committees from here, weighted by stake and score.
//!
//! ## Terminology
//!
//! - **Agent**: an account with a bond and an operator key.
//! - **Operator key**: an sr25519 key in the keystore of the agent's node (key type `oper`). It signs
//!   commits and reveals, and nothing else: it holds no funds. A former key is attributed to its agent
//!   for another [`Config::UnbondingBlocks`].
//! - **Delegation**: shares of an agent's *pool*. Who takes a delegation back has, until it can be
//!   withdrawn, shares of a second pool, of what *leaves*. The money of all pools is in the **pot**, an
//!   account of the pallet's own.
//! - **Stake**: an agent's own bond with its delegations, which count up to
//!   [`Config::MaxDelegationFactor`] times the bond.
//! - **Assignment**: a seat in the committee of an open request.
//! - **Score**: an exponential average of how assignments ended, see [`score`].
//! - **Pending slash**: what an offence will cost, see [`ladder`], unless governance cancels it.
//!
//! ## Lifecycle
//!
//! *Agents.* [`register`](Pallet::register) → active ⇄ paused → [`deregister`](Pallet::deregister) →
//! unbonding, never drawn again, but bound to finish what it was assigned → after
//! [`Config::UnbondingBlocks`] [`withdraw_unbonded`](Pallet::withdraw_unbonded) → gone as soon as the
//! last delegator has withdrawn too, which anybody may do for it. A part of the bond comes back by
//! [`unbond`](Pallet::unbond) meanwhile. A bond below [`Config::MinBond`] pauses its agent until it is
//! topped up.
//!
//! *Ejection.* [`eject`](Pallet::eject) by [`Config::EjectOrigin`] ends an agent's service as if it had
//! deregistered, against its will: not one unit is taken, for that there are slashes, and those that are
//! pending reach it. Until it can be withdrawn and is, neither the account nor any of its keys can be
//! registered. There is no longer bar: accounts and keys cost nothing, so it would only be a list of those
//! who did not care to make new ones. What an ejection costs whoever comes back under other names at once
//! is a second bond while the first one is bound, the delegators and the score.
//!
//! *Delegations.* [`delegate`](Pallet::delegate) → [`undelegate`](Pallet::undelegate) → after
//! [`Config::UnbondingBlocks`] [`withdraw_delegation`](Pallet::withdraw_delegation). What the delegators
//! earn, less the agent's commission, raises what each share is worth. A commission rises by
//! [`Config::MaxCommissionStep`] per [`Config::CommissionPeriod`] at most, and falls at will.
//!
//! *Slashes.* [`AgentPool::offend`] puts a slash into a queue. At the start of the block that is
//! [`Config::SlashDeferBlocks`] later it takes its part of the bond, of all that unbonds, of the pool, and of
//! what leaves it: [`Config::ReporterShare`] goes to the reporter, the rest to the treasury. A block
//! applies [`MAX_SLASHES_PER_BLOCK`]; more wait for the next one, in their order.
//!
//! *Suspension.* Of whom a pending slash will take all, active until then, is suspended: not drawn, but
//! still in the lists of those that serve its models, so that an offence costs little to put on record
//! however many models there are. If the slash is applied, the agent leaves the lists and is paused,
//! without a bond. If it is cancelled, and no other one would take all, the agent is active again at once
//! and has its places. An operator who does not want that pauses the agent meanwhile; it can also
//! deregister. Either takes it off the lists, and the slash reaches it all the same.
//!
//! ## What a slash reaches
//!
//! The part is of what backed the agent when the offence was reported, to the unit: while a slash is
//! pending nothing comes in (no delegation, no bond; rewards are set aside until it is over) and nothing
//! goes out (no withdrawal), so that what is there when it is applied is what was there, less earlier
//! slashes. What unbonds moves only from one reach of the slash to the other. What was withdrawn before
//! had left the stake longer ago than [`Config::UnbondingBlocks`], which is longer than it takes to report
//! ([`Config::ChallengeBlocks`]) and to apply.
//!
//! An agent can keep its delegators' money waiting by one offence after the other, but each one costs a
//! higher rung of the ladder, and soon its bond falls below the minimum and it is not drawn any more.
//!
//! ## The draw
//!
//! Without replacement, each remaining agent with a chance in proportion to its stake times its score
//! (at least [`score::LEAST_SCORE`]): for the `r`-th seat BLAKE2b-256 of `(seed, r)`, read as a number of
//! 256 bits, modulo the sum of the remaining weights. As that sum is below 2^160, no agent's chance is off
//! by more than 2^-96.
//!
//! ## Invariants
//!
//! 1. What is held for [`HoldReason::Bond`] on an account is its agent's bond and what of it unbonds; what
//!    is held for [`HoldReason::Record`] is the deposits of its agent and its delegations.
//! 2. [`Keys`] and [`Agents`] mirror each other: an agent's present and former keys lead to it, and no
//!    other key does.
//! 3. An active or suspended agent stands in [`Servers`] of each model that it serves, once, and nowhere
//!    else; a paused or unbonding one stands nowhere. [`ActiveAgents`] counts the active ones.
//! 4. An agent serves no model twice; its commission is at most [`Config::MaxCommission`].
//! 5. The shares of a pool are those of its delegations, of its generation; it has money if and only if it
//!    has shares. A share of what leaves is worth at most one unit: no reward goes there. Each agent counts
//!    the records of delegations to it, and there is none to anybody else.
//! 6. The pot holds the money of all pools, what is set aside, what it owes the treasury, and its
//!    existential deposit. It may hold more: anybody can transfer to it.
//! 7. Each pending slash is in the queue, is counted by its agent, and takes something; nothing is set
//!    aside for an agent without one.
//! 8. No pending slash takes all of an active agent; of a suspended one, as many do as its status says,
//!    at least one.
//! 9. What offences cost is within its bounds.
//!
//! ## Security considerations
//!
//! - **Splitting** a bond over accounts changes no chance of the first seat. As the draw is without
//!   replacement, who owns several of a model's agents can have several seats of one committee, and who
//!   owns one cannot: the minimum bond is what an account costs, and committees have to be small against
//!   the number of agents. A draw is as good as its seed: it must be fixed before what it selects is
//!   known.
//! - **Places.** The list of a model's servers is bounded, so that a draw is; filling it costs the minimum
//!   bond a place. A suspended agent keeps its places until its slash is applied, but gets no new ones:
//!   to block one by a suspension costs the whole bond and lasts [`Config::SlashDeferBlocks`]. An agent
//!   that never answers blocks it longer for less.
//! - **Share prices.** Only rewards raise one, and every delegation has at least [`pool::MIN_SHARES`]: see
//!   there. A transfer to the pot raises none.
//! - **Rewards.** Who delegates for one reward alone gets its portion, and then waits for
//!   [`Config::UnbondingBlocks`], earning nothing and within reach of slashes.
//! - **Reporters** get less than half of a slash, so that reporting oneself is a loss.
//! - **A bad record** can be left behind by unbonding and registering anew, with a score in the middle: it
//!   costs the unbonding time.
//!
//! [`AgentPool::offend`]: openledger_primitives::traits::AgentPool::offend

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
	not(test),
	deny(
		clippy::arithmetic_side_effects,
		clippy::expect_used,
		clippy::indexing_slicing,
		clippy::panic,
		clippy::unwrap_used
	)
)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
mod bonds;
mod delegations;
mod draw;
mod events;
pub mod ladder;
mod money;
pub mod pool;
mod registration;
pub mod score;
mod slashes;
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod try_state;
pub mod types;
mod views;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

use frame_support::pallet_macros::import_section;

pub use ladder::Slashing;
pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

/// The most slashes that one block applies.
pub const MAX_SLASHES_PER_BLOCK: u32 = 8;

/// The most delegations that [`Pallet::delegations_of`] lists.
pub const MAX_LISTED: usize = 256;

/// The pallet.
#[import_section(events::events)]
#[allow(clippy::expect_used, reason = "FRAME's macros use it")]
#[frame_support::pallet]
pub mod pallet {
	use crate::{ladder::Slashing, pool::MIN_SHARES, types::*, weights::WeightInfo};
	use alloc::vec::Vec;
	use core::marker::PhantomData;
	use frame_support::{
		pallet_prelude::*,
		traits::fungible::{Balanced, BalancedHold, Inspect, InspectHold, Mutate, MutateHold},
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use openledger_primitives::{
		model::Profile,
		protocol::OperatorKey,
		traits::{ModelRegistry, Offence},
		Balance, ModelId,
	};
	use sp_runtime::{
		traits::{Saturating, Zero},
		Percent, Permill,
	};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	/// The models that an agent serves.
	pub type ServedModels<T> = BoundedVec<ModelId, <T as Config>::MaxModels>;

	/// A delegation as it is stored.
	pub type DelegationOf<T> = Delegation<BlockNumberFor<T>>;

	/// A pending slash as it is stored.
	pub type SlashOf<T> = PendingSlash<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

	/// What the pallet needs from the runtime.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The token in which bonds are held.
		type Currency: Inspect<Self::AccountId, Balance = Balance>
			+ Mutate<Self::AccountId>
			+ InspectHold<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ MutateHold<Self::AccountId>
			+ Balanced<Self::AccountId>
			+ BalancedHold<Self::AccountId>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;

		/// The models that can be served.
		type Models: ModelRegistry<Self::AccountId>;

		/// Who gets what is slashed.
		type TreasuryAccount: Get<Self::AccountId>;

		/// Who says what offences cost.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Who cancels slashes.
		type CancelOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Who ejects agents.
		type EjectOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Names the pot's account.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// The smallest bond, in units of the token. Above zero.
		#[pallet::constant]
		type MinBond: Get<Balance>;

		/// The smallest delegation, in units of the token, at least [`MIN_SHARES`].
		#[pallet::constant]
		type MinDelegation: Get<Balance>;

		/// How many times its own bond an agent's delegations count.
		#[pallet::constant]
		type MaxDelegationFactor: Get<u32>;

		/// The deposit for the record of an agent, in units of the token.
		#[pallet::constant]
		type AgentDeposit: Get<Balance>;

		/// The deposit for the record of a delegation, in units of the token.
		#[pallet::constant]
		type DelegationDeposit: Get<Balance>;

		/// For how many blocks a bond or a delegation can still be slashed after it was taken back.
		/// Longer than slashes are deferred and offences can be reported together.
		#[pallet::constant]
		type UnbondingBlocks: Get<BlockNumberFor<Self>>;

		/// How many blocks after its report a slash is applied: the time to cancel it.
		#[pallet::constant]
		type SlashDeferBlocks: Get<BlockNumberFor<Self>>;

		/// How many blocks after an assignment an offence in it is reported at the latest.
		#[pallet::constant]
		type ChallengeBlocks: Get<BlockNumberFor<Self>>;

		/// The part of a slash that goes to its reporter, below a half.
		#[pallet::constant]
		type ReporterShare: Get<Percent>;

		/// The highest commission.
		#[pallet::constant]
		type MaxCommission: Get<Permill>;

		/// By how much a commission rises at most at a time.
		#[pallet::constant]
		type MaxCommissionStep: Get<Permill>;

		/// How many blocks lie between two rises of a commission, at least.
		#[pallet::constant]
		type CommissionPeriod: Get<BlockNumberFor<Self>>;

		/// The most models that one agent serves.
		#[pallet::constant]
		type MaxModels: Get<u32>;

		/// The most agents that serve one model: the bound of a draw.
		#[pallet::constant]
		type MaxAgentsPerModel: Get<u32>;

		/// The weights of the calls.
		type WeightInfo: WeightInfo;

		/// What the benchmarks need of the models.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::benchmarking::BenchmarkHelper;
	}

	/// The pallet's handle.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// Why funds are held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// An agent's bond, and what of it unbonds.
		Bond,
		/// The record of an agent or of a delegation.
		Record,
	}

	/// The agents, by account.
	#[pallet::storage]
	pub type Agents<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Agent<T>>;

	/// How many agents are active.
	#[pallet::storage]
	pub type ActiveAgents<T: Config> = StorageValue<_, u32, ValueQuery>;

	/// Whose an operator key is.
	#[pallet::storage]
	pub type Keys<T: Config> =
		StorageMap<_, Blake2_128Concat, OperatorKey, KeyOwner<T::AccountId, BlockNumberFor<T>>>;

	/// The active and suspended agents that serve a model, in the order in which they began to.
	#[pallet::storage]
	pub type Servers<T: Config> = StorageMap<
		_,
		Blake2_128Concat,
		ModelId,
		BoundedVec<T::AccountId, T::MaxAgentsPerModel>,
		ValueQuery,
	>;

	/// The delegations, by delegator and agent.
	#[pallet::storage]
	pub type Delegations<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		T::AccountId,
		Blake2_128Concat,
		T::AccountId,
		DelegationOf<T>,
	>;

	/// What offences cost.
	#[pallet::storage]
	pub type SlashingParameters<T: Config> =
		StorageValue<_, Slashing<BlockNumberFor<T>>, ValueQuery, FirstSlashing<T>>;

	/// What offences cost until governance says otherwise.
	#[pallet::type_value]
	pub fn FirstSlashing<T: Config>() -> Slashing<BlockNumberFor<T>> {
		Slashing {
			rungs: Slashing::<BlockNumberFor<T>>::FIRST,
			window: T::UnbondingBlocks::get().saturating_mul(4u32.into()),
		}
	}

	/// The slashes that are pending: a queue in the order of their ids, with gaps where one was
	/// cancelled.
	#[pallet::storage]
	pub type Slashes<T: Config> = StorageMap<_, Twox64Concat, SlashId, SlashOf<T>>;

	/// The first slash that may be pending.
	#[pallet::storage]
	pub type FirstSlash<T: Config> = StorageValue<_, SlashId, ValueQuery>;

	/// The id of the next slash.
	#[pallet::storage]
	pub type NextSlash<T: Config> = StorageValue<_, SlashId, ValueQuery>;

	/// What the treasury's account could not take, in units of the token: it gets it with the next
	/// slash.
	#[pallet::storage]
	pub type TreasuryDue<T: Config> = StorageValue<_, Balance, ValueQuery>;

	/// Nothing to choose: genesis gives the pot its existential deposit.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		#[serde(skip)]
		#[allow(missing_docs, reason = "holds nothing")]
		pub _config: PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			let (pot, minimum) = (Pallet::<T>::pot_account(), T::Currency::minimum_balance());
			let missing = minimum.saturating_sub(T::Currency::balance(&pot));
			if missing > 0 {
				assert!(
					T::Currency::mint_into(&pot, missing).is_ok(),
					"the pot takes its existential deposit"
				);
			}
		}
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// The account is an agent already, if only an unbonding one. Change it by the other calls, or
		/// withdraw all that is left of it first.
		AlreadyRegistered,
		/// The account is not an agent. Register it, or name another one.
		NotRegistered,
		/// The agent has deregistered, or was ejected. Withdraw, and register again.
		Unbonding,
		/// The agent is not active. Resume it first.
		NotActive,
		/// The agent is not paused. Nothing is to be done.
		NotPaused,
		/// The agent sits in the committee of an open request. Wait until it has ended.
		Assigned,
		/// A slash of the agent is pending. Wait until it has been applied or cancelled.
		SlashPending,
		/// The bond is, or would be, below the minimum. Offer or leave more.
		BondTooLow,
		/// The amount is zero.
		ZeroAmount,
		/// The amount exceeds what can be counted. Offer less.
		Overflow,
		/// Nothing can be withdrawn yet: see until when it unbonds.
		NothingUnbonded,
		/// Too many parts unbond. Withdraw those that can be, or wait until the first one can.
		TooManyChunks,
		/// An agent has the key already, or had it lately. Generate another.
		KeyInUse,
		/// The agent has changed its key too often lately. Wait until the oldest one is not attributed
		/// to it any more.
		TooManyKeys,
		/// The endpoint is neither empty nor an `http` or `https` URL in visible ASCII. Correct it.
		BadEndpoint,
		/// There is no such model. Check its id.
		UnknownModel,
		/// The list names a model twice.
		DuplicateModel,
		/// As many agents as can serve one of the models already do. Serve another one.
		ModelFull,
		/// The commission is above the highest one. Take less.
		CommissionTooHigh,
		/// The commission would rise by too much at a time. Raise it by less.
		CommissionStep,
		/// The commission has risen lately. Wait for the next period.
		CommissionPeriod,
		/// Agents cannot delegate to themselves. Add to the bond.
		SelfDelegation,
		/// The delegation is, or what stays would be, below the minimum. Delegate more, leave more, or
		/// take all.
		DelegationTooLow,
		/// The amount buys too few shares to be counted exactly. Delegate more, or to another agent.
		TooFewShares,
		/// The account has not delegated to the agent, or has taken all back.
		NotDelegated,
		/// The pot's account has no existential deposit. Who runs the chain has to transfer it.
		PotMissing,
		/// What offences cost is out of its bounds.
		OutOfBounds,
		/// There is no such slash, or no longer. Check its id.
		UnknownSlash,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(T::MinBond::get() > 0, "a free seat invites sybils");
			assert!(
				T::MinDelegation::get() >= MIN_SHARES,
				"the first delegation buys enough shares"
			);
			assert!(
				T::UnbondingBlocks::get()
					> T::SlashDeferBlocks::get().saturating_add(T::ChallengeBlocks::get()),
				"nobody runs from a slash"
			);
			assert!(
				!T::SlashDeferBlocks::get().is_zero(),
				"there is time to cancel a slash"
			);
			assert!(
				T::ReporterShare::get() < Percent::from_percent(50),
				"reporting oneself is a loss"
			);
			assert!(
				T::MaxCommissionStep::get() <= T::MaxCommission::get()
					&& !T::CommissionPeriod::get().is_zero(),
				"commissions rise slowly"
			);
			assert!(T::MaxModels::get() > 0, "agents serve models");
			assert!(
				T::MaxAgentsPerModel::get() > 0,
				"models are served by agents"
			);
			assert!(
				FirstSlashing::<T>::get().is_valid(T::UnbondingBlocks::get()),
				"offences cost what is within bounds"
			);
			assert!(
				Self::pot_account() != T::TreasuryAccount::get(),
				"pot and treasury must be two accounts"
			);
		}

		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			T::WeightInfo::on_initialize(Self::apply_due(now))
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight = T::WeightInfo)]
	impl<T: Config> Pallet<T> {
		/// Makes the caller an active agent, and holds its bond and the deposit for its record.
		///
		/// - `operator_key`: the sr25519 key with which its node signs, not in use by another agent.
		/// - `profile`: on what it runs models: decides which ones it can be assigned.
		/// - `endpoint`: where it can be reached; may be empty.
		/// - `models`: what it serves, without repetition; may be empty for now.
		/// - `bond`: in units of the token, at least [`Config::MinBond`].
		/// - `commission`: the part of its delegators' rewards that it keeps, at most
		///   [`Config::MaxCommission`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register(len(models)))]
		pub fn register(
			origin: OriginFor<T>,
			operator_key: OperatorKey,
			profile: Profile,
			endpoint: Endpoint,
			models: ServedModels<T>,
			bond: Balance,
			commission: Permill,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_register(
				who,
				operator_key,
				profile,
				endpoint,
				models,
				bond,
				commission,
			)
		}

		/// Changes what the caller's agent serves. Requests that it is assigned to stay with it. Not while
		/// it is suspended.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::set_models(T::MaxModels::get(), len(models)))]
		pub fn set_models(origin: OriginFor<T>, models: ServedModels<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_models(who, models)
		}

		/// Changes on what the caller's agent runs models. Not while it sits in a committee.
		#[pallet::call_index(2)]
		pub fn set_profile(origin: OriginFor<T>, profile: Profile) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_profile(who, profile)
		}

		/// Changes where the caller's agent can be reached; an empty endpoint takes it away.
		#[pallet::call_index(3)]
		pub fn set_endpoint(origin: OriginFor<T>, endpoint: Endpoint) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_endpoint(who, endpoint)
		}

		/// Changes the key with which the node of the caller's agent signs. Committees in which it sits
		/// already go on with the old one, and for that one it can be slashed for another
		/// [`Config::UnbondingBlocks`].
		#[pallet::call_index(4)]
		pub fn set_operator_key(origin: OriginFor<T>, operator_key: OperatorKey) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_operator_key(who, operator_key)
		}

		/// Changes the part of its delegators' rewards that the caller's agent keeps. It falls at will;
		/// it rises by [`Config::MaxCommissionStep`] at most, [`Config::CommissionPeriod`] after it last
		/// rose or the agent registered.
		#[pallet::call_index(5)]
		pub fn set_commission(origin: OriginFor<T>, commission: Permill) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_commission(who, commission)
		}

		/// Pauses the caller's agent: it is not drawn until it resumes. A suspended one is then not drawn
		/// by itself again if its slash is cancelled.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::pause(T::MaxModels::get()))]
		pub fn pause(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_pause(who)
		}

		/// Has the caller's agent drawn again. Not while a slash is pending, or below the minimum bond.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::resume(T::MaxModels::get()))]
		pub fn resume(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_resume(who)
		}

		/// Adds `amount` units of the token to the bond of the caller's agent. Not while a slash is
		/// pending.
		#[pallet::call_index(8)]
		pub fn bond_more(origin: OriginFor<T>, amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_bond_more(who, amount)
		}

		/// Takes `amount` units of the token out of the bond of the caller's agent, down to
		/// [`Config::MinBond`]: they can be withdrawn after [`Config::UnbondingBlocks`].
		#[pallet::call_index(9)]
		pub fn unbond(origin: OriginFor<T>, amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_unbond(who, amount)
		}

		/// Gives the caller what of its bond is unbonded; once its agent has deregistered and no request
		/// depends on it, all. Forgets an agent of which nothing is left. Not while a slash is pending.
		#[pallet::call_index(10)]
		pub fn withdraw_unbonded(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw_unbonded(who)
		}

		/// Ends the service of the caller's agent: it is never drawn again, and its bond can be
		/// withdrawn after [`Config::UnbondingBlocks`].
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::deregister(T::MaxModels::get()))]
		pub fn deregister(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_deregister(who)
		}

		/// Delegates `amount` units of the token, at least [`Config::MinDelegation`], to an agent, and
		/// holds a deposit for the record of it. Not while a slash of the agent is pending.
		#[pallet::call_index(12)]
		pub fn delegate(
			origin: OriginFor<T>,
			agent: T::AccountId,
			amount: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_delegate(who, agent, amount)
		}

		/// Takes back at least `amount` units of the token of what the caller has delegated to an agent,
		/// up to one share more; all of it if it is not more. What stays is at least
		/// [`Config::MinDelegation`]. It can be withdrawn after [`Config::UnbondingBlocks`], or when the
		/// agent can withdraw its own if it has deregistered.
		#[pallet::call_index(13)]
		pub fn undelegate(
			origin: OriginFor<T>,
			agent: T::AccountId,
			amount: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_undelegate(who, agent, amount)
		}

		/// Pays out to `delegator` what of its delegation is unbonded; if the agent has deregistered and
		/// its time is over, all. Gives its deposit back once nothing is left. Anybody may call it. Not
		/// while a slash of the agent is pending.
		#[pallet::call_index(14)]
		pub fn withdraw_delegation(
			origin: OriginFor<T>,
			agent: T::AccountId,
			delegator: T::AccountId,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_withdraw_delegation(delegator, agent)
		}

		/// Says what offences cost from now on. By [`Config::AdminOrigin`], within the bounds of
		/// [`Slashing`]. Pending slashes stay as they are.
		#[pallet::call_index(15)]
		pub fn set_slashing(
			origin: OriginFor<T>,
			slashing: Slashing<BlockNumberFor<T>>,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			ensure!(
				slashing.is_valid(T::UnbondingBlocks::get()),
				Error::<T>::OutOfBounds
			);
			SlashingParameters::<T>::put(slashing);
			Self::deposit_event(Event::SlashingSet { slashing });
			Ok(())
		}

		/// Cancels a pending slash, and takes the offence off the agent's record. If no other one suspends
		/// the agent, it is drawn again. By [`Config::CancelOrigin`].
		#[pallet::call_index(16)]
		pub fn cancel_slash(origin: OriginFor<T>, id: SlashId) -> DispatchResult {
			T::CancelOrigin::ensure_origin(origin)?;
			Self::do_cancel_slash(id)
		}

		/// Ends the service of an agent against its will: as if it had
		/// [deregistered](Pallet::deregister). By [`Config::EjectOrigin`].
		///
		/// Fails with [`Error::NotRegistered`] or [`Error::Unbonding`].
		#[pallet::call_index(17)]
		#[pallet::weight(T::WeightInfo::eject(T::MaxModels::get()))]
		pub fn eject(origin: OriginFor<T>, agent: T::AccountId) -> DispatchResult {
			T::EjectOrigin::ensure_origin(origin)?;
			Self::do_eject(agent)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The agents that a request for `model` may be assigned to.
		pub fn servers_of(model: ModelId) -> Vec<T::AccountId> {
			Self::active_servers(model)
		}

		/// An agent with its stake and its record.
		pub fn info_of(agent: T::AccountId) -> Option<AgentInfo<BlockNumberFor<T>>> {
			Self::agent_info(&agent)
		}

		/// How well an agent does: the score that weighs its stake.
		pub fn score_of(agent: T::AccountId) -> Option<Permill> {
			Agents::<T>::get(agent).map(|agent| agent.score)
		}

		/// The chance that a request's first seat goes to an agent, if it asks for `model` now; `None` if
		/// there is no such model.
		pub fn chance_of(agent: T::AccountId, model: ModelId) -> Option<Permill> {
			Self::first_chance(&agent, model)
		}

		/// What an account has delegated, to [`MAX_LISTED`](crate::MAX_LISTED) agents at most.
		pub fn delegations_of(
			delegator: T::AccountId,
		) -> Vec<DelegationInfo<T::AccountId, BlockNumberFor<T>>> {
			Self::delegation_infos(&delegator)
		}

		/// The slashes that an agent has pending, in the order in which they are applied.
		pub fn pending_slashes(agent: T::AccountId) -> Vec<(SlashId, SlashOf<T>)> {
			Self::slashes_of(&agent)
		}

		/// What offences cost.
		pub fn slashing() -> Slashing<BlockNumberFor<T>> {
			SlashingParameters::<T>::get()
		}

		/// The account that holds what is delegated.
		pub fn pot() -> T::AccountId {
			Self::pot_account()
		}
	}
}
