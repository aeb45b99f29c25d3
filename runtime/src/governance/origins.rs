//! # Origins
//!
//! What a referendum that was approved calls with: one origin for each kind of decision, so that the tracks
//! can differ in what they ask for. None of them is signed by anybody, and none can be had but by a referendum
//! on its track (or by Root, which can act as any).
//!
//! Beside them the pace of governance is kept here: it is set at genesis, and no call changes it.
//!
//! ## Invariants
//!
//! 1. The pace is at least 1.

use crate::{AccountId, OriginCaller, RuntimeOrigin};
use frame_support::traits::EnsureOrigin;
use frame_system::RawOrigin;

pub use pallet::*;

#[frame_support::pallet]
pub mod pallet {
	use frame_support::pallet_prelude::*;

	/// The settings: there are none.
	#[pallet::config]
	pub trait Config: frame_system::Config {}

	/// See [the module](super).
	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// By what all periods of governance are divided, so that a test network sees a referendum through in minutes.
	/// On a public chain it is 1.
	#[pallet::storage]
	pub type Pace<T> = StorageValue<_, u32, ValueQuery, ConstU32<1>>;

	/// How fast governance is.
	#[pallet::genesis_config]
	pub struct GenesisConfig<T> {
		/// See [`Pace`]. Not 0.
		pub pace: u32,
		/// Nothing.
		#[serde(skip)]
		pub _config: core::marker::PhantomData<T>,
	}

	impl<T> Default for GenesisConfig<T> {
		fn default() -> Self {
			Self {
				pace: 1,
				_config: Default::default(),
			}
		}
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			assert!(self.pace > 0, "time can be divided by 1 or more");
			Pace::<T>::put(self.pace);
		}
	}

	#[cfg(feature = "std")]
	impl<T: Config> Pallet<T> {
		/// Checks the invariants.
		pub fn do_try_state() -> Result<(), sp_runtime::TryRuntimeError> {
			ensure!(Pace::<T>::get() > 0, "1: the pace is 0");
			Ok(())
		}
	}

	/// What was decided on which track.
	#[pallet::origin]
	#[derive(
		Clone,
		Copy,
		Debug,
		PartialEq,
		Eq,
		Encode,
		Decode,
		DecodeWithMemTracking,
		MaxEncodedLen,
		TypeInfo,
	)]
	pub enum Origin {
		/// Calls, as Root, a call which the technical committee found urgent.
		WhitelistedCaller,
		/// Sets parameters within the bounds that the code sets them.
		ParameterAdmin,
		/// Cancels slashes of agents, and ejects agents.
		AgentAdmin,
		/// Judges contested reputation, and looks after Datanets and their seasons.
		DatanetAdmin,
		/// Funds proposals of models from the treasury.
		ModelFunder,
		/// Cancels referenda. Deposits go back.
		ReferendumCanceller,
		/// Kills referenda. Deposits are lost.
		ReferendumKiller,
		/// Spends little of the treasury at a time.
		SmallSpender,
		/// Spends more.
		MediumSpender,
		/// Spends much, and rejects what others spend.
		BigSpender,
	}
}

/// For each origin what accepts it and nothing else.
macro_rules! only {
	($($name:ident),*) => {$(
		#[doc = concat!("Accepts [`Origin::", stringify!($name), "`] and nothing else.")]
		pub struct $name;

		impl EnsureOrigin<RuntimeOrigin> for $name {
			type Success = ();

			fn try_origin(origin: RuntimeOrigin) -> Result<(), RuntimeOrigin> {
				match origin.caller {
					OriginCaller::Origins(Origin::$name) => Ok(()),
					_ => Err(origin),
				}
			}

			#[cfg(feature = "runtime-benchmarks")]
			fn try_successful_origin() -> Result<RuntimeOrigin, ()> {
				Ok(Origin::$name.into())
			}
		}
	)*};
}

only!(
	WhitelistedCaller,
	ParameterAdmin,
	AgentAdmin,
	DatanetAdmin,
	ModelFunder,
	ReferendumCanceller,
	ReferendumKiller,
	SmallSpender,
	MediumSpender,
	BigSpender
);

/// Which origin may touch what another has scheduled: itself, and Root what anybody has.
pub struct RootOverOthers;

impl frame_support::traits::PrivilegeCmp<OriginCaller> for RootOverOthers {
	fn cmp_privilege(left: &OriginCaller, right: &OriginCaller) -> Option<core::cmp::Ordering> {
		use core::cmp::Ordering::{Equal, Greater, Less};
		let is_root = |caller: &OriginCaller| {
			matches!(caller, OriginCaller::system(RawOrigin::<AccountId>::Root))
		};
		match (is_root(left), is_root(right)) {
			_ if left == right => Some(Equal),
			(true, _) => Some(Greater),
			(_, true) => Some(Less),
			_ => None,
		}
	}
}
