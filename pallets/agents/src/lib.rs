//! # Agents
//!
//! Operators stake a bond, name the key with which their node signs, and say which models they serve.
//! Requests draw their committees from here, weighted by bond.
//!
//! ## Terminology
//!
//! - **Agent**: an account with a bond and an operator key.
//! - **Operator key**: an sr25519 key in the keystore of the agent's node (key type `oper`). It signs
//!   commits and reveals, and nothing else: it holds no funds.
//! - **Assignment**: a seat in the committee of an open request. An agent with one cannot take its
//!   bond and cannot change its key.
//! - **Record**: how an agent's assignments ended. The ground on which bonds are slashed.
//!
//! ## Lifecycle
//!
//! [`register`](Pallet::register) → active → [`deregister`](Pallet::deregister) → unbonding, never
//! drawn again, but bound to finish what it was assigned → after [`Config::UnbondingBlocks`] and with
//! no assignment open [`withdraw_unbonded`](Pallet::withdraw_unbonded) → gone.
//!
//! While active, an agent may change what it serves, add to its bond, and change its key. Serving no
//! model at all is how it takes a break without unbonding.
//!
//! ## The draw
//!
//! Without replacement, each remaining agent with a chance in proportion to its bond: for the `r`-th
//! seat BLAKE2b-256 of `(seed, r)`, read as a number of 256 bits, modulo the sum of the remaining
//! bonds. As that sum is below 2^128, no agent's chance is off by more than 2^-128.
//!
//! ## Invariants
//!
//! 1. What is held for [`HoldReason::Bond`] on an agent's account is its recorded bond.
//! 2. [`Keys`] and [`Agents`] mirror each other: every agent's key leads to it, and to no other.
//! 3. An active agent stands in [`Servers`] of each model that it serves, once, and nowhere else; an
//!    unbonding one stands nowhere.
//! 4. An agent serves no model twice.
//! 5. An active agent's bond is not below what [`Config::MinBond`] was when it registered, so above
//!    zero.
//!
//! ## Security considerations
//!
//! Weighting by bond makes splitting a bond over many accounts worth nothing. The list of a model's
//! servers is bounded, so that a draw is; filling it with idle agents costs the minimum bond a seat,
//! and an agent that does not answer is on record as absent. A draw is as good as its seed: it must
//! be fixed before what it selects is known.

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

mod impls;
pub mod types;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use types::{Agent, Record, Status};
pub use weights::WeightInfo;

/// The pallet.
#[allow(clippy::expect_used, reason = "FRAME's macros use it")]
#[frame_support::pallet]
pub mod pallet {
	use crate::{types::Agent, weights::WeightInfo};
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::fungible::{Inspect, InspectHold, MutateHold},
	};
	use frame_system::pallet_prelude::*;
	use openledger_primitives::{protocol::OperatorKey, traits::ModelRegistry, Balance, ModelId};

	/// The models that an agent serves.
	pub type ServedModels<T> = BoundedVec<ModelId, <T as Config>::MaxModels>;

	/// What the pallet needs from the runtime.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The token in which bonds are held.
		type Currency: Inspect<Self::AccountId, Balance = Balance>
			+ InspectHold<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ MutateHold<Self::AccountId>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;

		/// The models that can be served.
		type Models: ModelRegistry<Self::AccountId>;

		/// The smallest bond, in units of the token. Above zero.
		#[pallet::constant]
		type MinBond: Get<Balance>;

		/// For how many blocks a bond stays held after its agent has deregistered. Longer than any
		/// request can be open or challenged.
		#[pallet::constant]
		type UnbondingBlocks: Get<BlockNumberFor<Self>>;

		/// The most models that one agent serves.
		#[pallet::constant]
		type MaxModels: Get<u32>;

		/// The most agents that serve one model: the bound of a draw.
		#[pallet::constant]
		type MaxAgentsPerModel: Get<u32>;

		/// The weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// The pallet's handle.
	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// Why funds are held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// An agent's bond.
		Bond,
	}

	/// The agents, by account.
	#[pallet::storage]
	pub type Agents<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Agent<T>>;

	/// Whose an operator key is.
	#[pallet::storage]
	pub type Keys<T: Config> = StorageMap<_, Blake2_128Concat, OperatorKey, T::AccountId>;

	/// The active agents that serve a model, in the order in which they began to.
	#[pallet::storage]
	pub type Servers<T: Config> = StorageMap<
		_,
		Twox64Concat,
		ModelId,
		BoundedVec<T::AccountId, T::MaxAgentsPerModel>,
		ValueQuery,
	>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An agent registered and can be drawn from now on.
		Registered {
			/// The agent.
			agent: T::AccountId,
			/// The key with which its node signs.
			operator_key: OperatorKey,
			/// What it serves.
			models: ServedModels<T>,
			/// Its bond, in units of the token.
			bond: Balance,
		},
		/// An agent changed what it serves.
		ModelsSet {
			/// The agent.
			agent: T::AccountId,
			/// What it serves now.
			models: ServedModels<T>,
		},
		/// An agent added to its bond.
		Bonded {
			/// The agent.
			agent: T::AccountId,
			/// What it added, in units of the token.
			amount: Balance,
			/// Its bond now, in units of the token.
			bond: Balance,
		},
		/// An agent's node signs with another key from now on.
		OperatorKeySet {
			/// The agent.
			agent: T::AccountId,
			/// The new key.
			operator_key: OperatorKey,
		},
		/// An agent left: it is not drawn any more, its bond stays held for now.
		Deregistered {
			/// The agent.
			agent: T::AccountId,
			/// The first block in which its bond can be withdrawn.
			until: BlockNumberFor<T>,
		},
		/// An agent took its bond back and is forgotten.
		Withdrawn {
			/// The agent.
			agent: T::AccountId,
			/// What it took, in units of the token.
			amount: Balance,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// The account is an agent already, if only an unbonding one. Change it by the other calls, or
		/// withdraw its bond first.
		AlreadyRegistered,
		/// The account is not an agent. Register it.
		NotRegistered,
		/// The agent has deregistered. Wait, withdraw, and register again.
		Unbonding,
		/// The agent is active. Deregister it first.
		NotUnbonding,
		/// The bond stays held for some more blocks: the agent's status says until when.
		StillUnbonding,
		/// The agent sits in the committee of an open request. Wait until it has ended.
		Assigned,
		/// The bond is below the minimum. Offer more.
		BondTooLow,
		/// The amount is zero.
		NothingToBond,
		/// The bond would exceed what can be counted. Offer less.
		Overflow,
		/// Another agent, or this one, has the key already. Generate another.
		KeyInUse,
		/// There is no such model. Check its id.
		UnknownModel,
		/// The list names a model twice.
		DuplicateModel,
		/// As many agents as can serve one of the models already do. Serve another one.
		ModelFull,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(T::MinBond::get() > 0, "a free seat invites sybils");
			assert!(T::MaxModels::get() > 0, "agents serve models");
			assert!(
				T::MaxAgentsPerModel::get() > 0,
				"models are served by agents"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight = T::WeightInfo)]
	impl<T: Config> Pallet<T> {
		/// Makes the caller an agent that serves `models`, and holds its bond.
		///
		/// - `operator_key`: the sr25519 key with which its node signs, not in use by another agent.
		/// - `models`: what it serves, without repetition; may be empty for now.
		/// - `bond`: in units of the token, at least [`Config::MinBond`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register(models.len().try_into().unwrap_or(u32::MAX)))]
		pub fn register(
			origin: OriginFor<T>,
			operator_key: OperatorKey,
			models: ServedModels<T>,
			bond: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_register(who, operator_key, models, bond)
		}

		/// Changes what the caller's agent serves. Requests that it is assigned to stay with it.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::set_models(
			models.len().try_into().unwrap_or(u32::MAX).saturating_add(T::MaxModels::get())
		))]
		pub fn set_models(origin: OriginFor<T>, models: ServedModels<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_models(who, models)
		}

		/// Adds `amount` units of the token to the bond of the caller's agent.
		#[pallet::call_index(2)]
		pub fn bond_more(origin: OriginFor<T>, amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_bond_more(who, amount)
		}

		/// Changes the key with which the node of the caller's agent signs. Not while it sits in a
		/// committee.
		#[pallet::call_index(3)]
		pub fn set_operator_key(origin: OriginFor<T>, operator_key: OperatorKey) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_operator_key(who, operator_key)
		}

		/// Ends the service of the caller's agent: it is never drawn again, and its bond can be
		/// withdrawn after [`Config::UnbondingBlocks`].
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::deregister(T::MaxModels::get()))]
		pub fn deregister(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_deregister(who)
		}

		/// Gives the caller its bond back once it is unbonded and no request depends on its agent, and
		/// forgets the agent.
		#[pallet::call_index(5)]
		pub fn withdraw_unbonded(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw_unbonded(who)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The agents that a request for `model` may be assigned to.
		pub fn servers_of(model: ModelId) -> Vec<T::AccountId> {
			Servers::<T>::get(model).into_inner()
		}
	}
}
