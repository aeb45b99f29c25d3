//! The weights of the calls, and of what other pallets call. The runtime has the measured figures.

use frame_support::weights::Weight;

/// What the calls cost.
pub trait WeightInfo {
	/// Of the start of a block that serves `n` places of the queue of slashes.
	fn on_initialize(n: u32) -> Weight;
	/// Of [`register`](crate::Pallet::register) with `m` models.
	fn register(m: u32) -> Weight;
	/// Of [`set_models`](crate::Pallet::set_models) with `n` new models in place of `o` others.
	fn set_models(o: u32, n: u32) -> Weight;
	/// Of [`set_profile`](crate::Pallet::set_profile).
	fn set_profile() -> Weight;
	/// Of [`set_endpoint`](crate::Pallet::set_endpoint).
	fn set_endpoint() -> Weight;
	/// Of [`set_operator_key`](crate::Pallet::set_operator_key).
	fn set_operator_key() -> Weight;
	/// Of [`set_commission`](crate::Pallet::set_commission).
	fn set_commission() -> Weight;
	/// Of [`pause`](crate::Pallet::pause) with `m` models.
	fn pause(m: u32) -> Weight;
	/// Of [`resume`](crate::Pallet::resume) with `m` models.
	fn resume(m: u32) -> Weight;
	/// Of [`bond_more`](crate::Pallet::bond_more).
	fn bond_more() -> Weight;
	/// Of [`unbond`](crate::Pallet::unbond).
	fn unbond() -> Weight;
	/// Of [`withdraw_unbonded`](crate::Pallet::withdraw_unbonded).
	fn withdraw_unbonded() -> Weight;
	/// Of [`deregister`](crate::Pallet::deregister) with `m` models.
	fn deregister(m: u32) -> Weight;
	/// Of [`delegate`](crate::Pallet::delegate).
	fn delegate() -> Weight;
	/// Of [`undelegate`](crate::Pallet::undelegate).
	fn undelegate() -> Weight;
	/// Of [`withdraw_delegation`](crate::Pallet::withdraw_delegation).
	fn withdraw_delegation() -> Weight;
	/// Of [`set_slashing`](crate::Pallet::set_slashing).
	fn set_slashing() -> Weight;
	/// Of [`cancel_slash`](crate::Pallet::cancel_slash).
	fn cancel_slash() -> Weight;
	/// Of [`eject`](crate::Pallet::eject) of an agent with `m` models.
	fn eject(m: u32) -> Weight;
	/// Of a draw of `n` seats among `s` agents.
	fn assign(s: u32, n: u32) -> Weight;
	/// Of the end of an assignment.
	fn release() -> Weight;
	/// Of an offence.
	fn offend() -> Weight;
	/// Of finding out the delegators' part of a reward, and paying it.
	fn reward_delegators() -> Weight;
}

openledger_pallet_support::equal_weights! {
	Weight::from_parts(100_000_000, 4_096);
	on_initialize(_n) register(_m) set_models(_o, _n) set_profile() set_endpoint()
	set_operator_key() set_commission() pause(_m) resume(_m) bond_more() unbond()
	withdraw_unbonded() deregister(_m) delegate() undelegate() withdraw_delegation()
	set_slashing() cancel_slash() eject(_m) assign(_s, _n) release() offend() reward_delegators()
}
