//! # Callbacks
//!
//! Tells contracts that requests have ended. A contract that asks a model gets no answer in the same transaction:
//! a committee has yet to run it. Instead of looking again and again, its payer registers a callback.
//!
//! ## Terminology
//!
//! - **Callback**: one call of a contract when a request has ended, with [`SELECTOR`] and what is in
//!   [`encode`](abi::encode): which request, how it ended, and the hash of what was agreed on.
//! - **Caller**: the account that callbacks come from, at the address [`CALLER`]. Nobody has a key for it: a
//!   contract that checks `msg.sender` against it knows that the chain calls.
//! - **Budget**: what the contract may lock for storage while it is called, in units of the token.
//!
//! ## Lifecycle
//!
//! 1. The payer of an open request [registers](Pallet::register) a callback, one for each request. It pays for the
//!    weight at once, at the present fee; what the contract does not use is not given back. Budget and deposit
//!    are held.
//! 2. When the request ends, in whichever way, the callback is [due](Due). The request is done with by then: its
//!    receipt is written, its money has gone its way.
//! 3. Due callbacks run in what is left of a block, in the order in which they fell due, each within its own
//!    limits. Whatever the contract does (it reverts, runs out of gas, is not there), deposit and unused budget go
//!    back to the payer, and [`Event::Called`] says how it went. It is not tried again: what came of the
//!    request can be read from the chain.
//!
//! ## Where the budget goes
//!
//! A contract's storage deposit is taken from who calls, so the caller gets the budget before it calls and gives back
//! what is left. It gets an existential deposit with it, so that it may spend the whole budget, and is gone
//! afterwards, unless somebody has sent it something. What a contract frees of its storage during a callback is
//! the payer's too.
//!
//! ## Invariants
//!
//! Checked by `do_try_state`:
//!
//! 1. What is held on an account is the sum of the deposits and budgets of its callbacks, registered or due.
//! 2. A registered callback is that of an open request, and registered by its payer.
//! 3. A due callback is that of a request that is not open. [`Due`] has an entry for each place from [`Head`] up to
//!    before [`Tail`], and no other.
//! 4. [`Count`] counts the callbacks, at most [`Config::MaxCallbacks`].
//! 5. No callback has a weight limit beyond [`Config::MaxWeight`].
//!
//! ## Security considerations
//!
//! - Contracts are run by a hook, so none can do it from inside another contract, and none is inside another
//!   callback. An entry is removed before its contract runs: it finds the pallet's state done with, and may
//!   register the callback of its next request.
//! - What a contract does is undone if it fails. Its money is kept apart from that.
//! - Callbacks get no more of a block than [`Config::MaxIdleWeight`], and only what transactions have left. One
//!   that does not fit waits for the next block, and those after it with it: so a large one is not passed over
//!   for ever, and all fit into an idle block, by `integrity_test`.
//! - Who fills the queue has paid for all the weight in it.
//! - The caller owns nothing but a budget while it calls, and no contract can spend more of that than the limit.
//!   Code that a contract uploads by creating others during a callback belongs to the caller: if it is
//!   removed some day, its deposit goes there, and no further.
//! - No contract runs while [`Config::Paused`] says so, as in safe mode.

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

pub mod abi;
#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
pub mod types;
pub mod weights;

mod impls;
mod running;
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod try_state;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use abi::{CALLER, SELECTOR};
pub use pallet::*;
pub use types::{Callback, DueCallback, Report};
pub use weights::WeightInfo;

#[allow(clippy::expect_used, reason = "FRAME's macros use it")]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible::Inspect, OnUnbalanced, StorageVersion},
	};
	use frame_system::pallet_prelude::*;
	use openledger_primitives::{traits::Payers, Balance, RequestId};
	use pallet_revive::CreditOf;
	use sp_core::H160;
	use sp_runtime::traits::Convert;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	/// The pallet.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the runtime decides.
	#[pallet::config]
	pub trait Config:
		frame_system::Config<RuntimeEvent: From<Event<Self>>>
		+ pallet_revive::Config<Balance = Balance, RuntimeHoldReason: From<HoldReason>>
	{
		/// Who pays for which request.
		type Requests: Payers<Self::AccountId>;

		/// What weight costs at present, in units of the token.
		type WeightPrice: Convert<Weight, Balance>;

		/// Takes what is paid for weight.
		type Fees: OnUnbalanced<CreditOf<Self>>;

		/// Whether no contract may run now. Asked in each block.
		type Paused: Get<bool>;

		/// Held for a callback beside its budget, in units of the token: more than the existential deposit, which
		/// is lent to the caller.
		#[pallet::constant]
		type EntryDeposit: Get<Balance>;

		/// The most that a contract may use when it is called.
		#[pallet::constant]
		type MaxWeight: Get<Weight>;

		/// The most that callbacks use of a block.
		#[pallet::constant]
		type MaxIdleWeight: Get<Weight>;

		/// How many callbacks there may be, registered and due.
		#[pallet::constant]
		type MaxCallbacks: Get<u32>;

		/// What the calls weigh.
		type WeightInfo: crate::weights::WeightInfo;

		/// What the benchmarks need of requests.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::benchmarking::BenchmarkHelper<Self::AccountId>;
	}

	/// Why funds are held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// For a callback, with its budget, until it has run.
		Callback,
	}

	/// The callbacks of open requests.
	#[pallet::storage]
	pub type Callbacks<T: Config> =
		StorageMap<_, Twox64Concat, RequestId, Callback<T::AccountId>, OptionQuery>;

	/// The callbacks of requests that have ended, by their place in the queue.
	#[pallet::storage]
	pub type Due<T: Config> =
		StorageMap<_, Twox64Concat, u64, DueCallback<T::AccountId>, OptionQuery>;

	/// The place of the callback that is to run next.
	#[pallet::storage]
	pub type Head<T: Config> = StorageValue<_, u64, ValueQuery>;

	/// The place that the next callback to fall due gets.
	#[pallet::storage]
	pub type Tail<T: Config> = StorageValue<_, u64, ValueQuery>;

	/// How many callbacks there are, registered and due.
	#[pallet::storage]
	pub type Count<T: Config> = StorageValue<_, u32, ValueQuery>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A contract will be told when a request has ended.
		Registered {
			/// The request.
			request: RequestId,
			/// Who pays.
			payer: T::AccountId,
			/// The contract.
			contract: H160,
			/// What was paid for the weight.
			fee: Balance,
			/// What is held, the budget included.
			held: Balance,
		},
		/// A contract was told, or could not be. That is not tried again.
		Called {
			/// The request.
			request: RequestId,
			/// Who paid.
			payer: T::AccountId,
			/// The contract.
			contract: H160,
			/// How it went.
			report: Report,
			/// What the contract used of its weight limit.
			used: Weight,
			/// What went back to the payer: what was held, less what the contract locked in storage.
			returned: Balance,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// The request is not open: it has ended, and what came of it can be read; or there never was one.
		NotOpen,
		/// Only the payer of a request can have a contract called: sign with its account.
		NotPayer,
		/// The request has a callback already.
		AlreadyRegistered,
		/// The weight limit is beyond `MaxWeight`: no block would have room for it. Ask for less.
		WeightTooLarge,
		/// The weight costs more than `max_fee` at present. Wait, ask for less, or allow more.
		FeeTooHigh,
		/// There are as many callbacks as there may be. Try later.
		TooMany,
		/// The budget is beyond what there is of the token. Ask for less.
		BudgetTooLarge,
		/// All places of the queue were given out.
		PlacesExhausted,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_idle(_: BlockNumberFor<T>, left: Weight) -> Weight {
			Self::run_due(left)
		}

		fn integrity_test() {
			assert!(
				Self::dearest().all_lte(T::MaxIdleWeight::get()),
				"each callback must fit into an idle block: {:?} > {:?}",
				Self::dearest(),
				T::MaxIdleWeight::get(),
			);
			assert!(
				T::MaxIdleWeight::get().all_lte(T::BlockWeights::get().max_block),
				"callbacks get no more than a block has"
			);
			assert!(
				T::EntryDeposit::get() > T::Currency::minimum_balance(),
				"the caller is lent an existential deposit, and the payer keeps something"
			);
			assert!(T::MaxCallbacks::get() > 0, "some callback must be taken");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Has a contract called when a request has ended. By the payer of the request, once.
		///
		/// - `request`: an open request.
		/// - `contract`: the address of the contract. It need not be there yet.
		/// - `weight_limit`: what the contract may use: at most [`Config::MaxWeight`]. It is paid for now, with
		///   what it takes to call it, and nothing of that is given back.
		/// - `budget`: what the contract may lock for storage, in units of the token. It is held, with
		///   [`Config::EntryDeposit`].
		/// - `max_fee`: the most that the caller will pay for the weight, in units of the token.
		#[pallet::call_index(0)]
		#[pallet::weight(<T as Config>::WeightInfo::register())]
		pub fn register(
			origin: OriginFor<T>,
			request: RequestId,
			contract: H160,
			weight_limit: Weight,
			budget: Balance,
			max_fee: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_register(who, request, contract, weight_limit, budget, max_fee)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// What a callback with this weight limit costs at present, in units of the token, beside what is held.
		pub fn fee(weight_limit: Weight) -> Balance {
			Self::price(weight_limit)
		}
	}
}
