//! What the weights are measured with: each function at its dearest, on agents whose records are as long
//! as they get, in lists without a free place.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::panic,
	clippy::unwrap_used,
	reason = "a benchmark that goes wrong has to stop"
)]

use alloc::vec::Vec;
use codec::Encode;
use frame_benchmarking::v2::*;
use frame_support::{
	assert_ok,
	traits::{
		fungible::{Balanced, Inspect},
		EnsureOrigin, Get, Hooks, Imbalance,
	},
};
use frame_system::{pallet_prelude::BlockNumberFor, Pallet as System, RawOrigin};
use openledger_primitives::{
	model::{Policy, Profile, Provider},
	protocol::OperatorKey,
	traits::{AgentPool, DelegatedRewards, Offence, Performance},
	Balance, ModelId,
};
use sp_core::H256;
use sp_crypto_hashing::blake2_256;
use sp_runtime::{traits::One, Percent, Permill};

use crate::*;

/// What the benchmarks need of the models.
pub trait BenchmarkHelper {
	/// Registers one more model.
	fn model() -> ModelId;
}

/// For the mocks of other pallets, in which these benchmarks are not run.
impl BenchmarkHelper for () {
	fn model() -> ModelId {
		0
	}
}

/// Enough for all bonds and delegations of an account, in units of the token.
const PLENTY: Balance = 1_000_000_000_000_000_000_000;

/// The seats up to which a draw is measured.
const SEATS: u32 = 8;

/// A part of a bond that unbonds: enough that a slash takes something of it.
const PART: Balance = 1_000_000;

const PROFILE: Profile = Profile {
	provider: Provider::Cpu,
	onnxruntime: [1, 0, 0],
	memory: 1,
};

/// What [`PROFILE`] meets.
const POLICY: Policy = Policy::Exact {
	onnxruntime: PROFILE.onnxruntime,
};

fn fund<T: Config>(who: &T::AccountId) {
	assert!(T::Currency::resolve(who, T::Currency::issue(PLENTY)).is_ok());
}

fn rich<T: Config>(name: &'static str, n: u32) -> T::AccountId {
	let who = account(name, n, 0);
	fund::<T>(&who);
	who
}

/// The account that signs.
fn caller<T: Config>() -> T::AccountId {
	let who = whitelisted_caller();
	fund::<T>(&who);
	who
}

fn pass<T: Config>(blocks: BlockNumberFor<T>) {
	System::<T>::set_block_number(Pallet::<T>::now() + blocks);
}

/// The `n`th key of an agent.
fn key<T: Config>(who: &T::AccountId, n: u32) -> OperatorKey {
	OperatorKey::from_raw(blake2_256(&(who, n).encode()))
}

fn endpoint() -> Endpoint {
	let rest = alloc::vec![b'a'; usize::try_from(MAX_ENDPOINT).unwrap()];
	Endpoint::truncate_from([b"https://".to_vec(), rest].concat())
}

fn join<T: Config>(who: &T::AccountId, models: &ServedModels<T>, bond: Balance) {
	assert_ok!(Pallet::<T>::do_register(
		who.clone(),
		key::<T>(who, 0),
		PROFILE,
		endpoint(),
		models.clone(),
		bond,
		Permill::zero(),
	));
}

/// New models that so many agents serve already.
fn served<T: Config>(models: u32, agents: u32) -> ServedModels<T> {
	let models: Vec<_> = (0..models).map(|_| T::BenchmarkHelper::model()).collect();
	let models = ServedModels::<T>::try_from(models).unwrap();
	if let Some(first) = models.first() {
		for n in 0..agents {
			let who = account("server", n, *first);
			fund::<T>(&who);
			join::<T>(&who, &models, T::MinBond::get());
		}
	}
	models
}

/// New models with room for one more agent.
fn nearly_full<T: Config>(models: u32) -> ServedModels<T> {
	served::<T>(models, T::MaxAgentsPerModel::get() - 1)
}

/// Makes an account an agent that has changed its key as often as is remembered, and of whose bond only
/// the minimum does not unbond, in all parts but one.
fn enrol<T: Config>(who: &T::AccountId, models: &ServedModels<T>) {
	let parts = MAX_CHUNKS - 1;
	// One part more, for the benchmark to unbond.
	let bond = T::MinBond::get() + Balance::from(MAX_CHUNKS) * PART;
	join::<T>(who, models, bond);
	for n in 1..=MAX_OLD_KEYS {
		assert_ok!(Pallet::<T>::do_set_operator_key(
			who.clone(),
			key::<T>(who, n)
		));
	}
	for _ in 0..parts {
		assert_ok!(Pallet::<T>::do_unbond(who.clone(), PART));
		pass::<T>(One::one());
	}
}

/// Makes an account an agent with as many models as there can be.
fn agent<T: Config>(who: &T::AccountId) {
	enrol::<T>(who, &served::<T>(T::MaxModels::get(), 0));
}

/// Makes an account with enough money such an agent, with a delegator.
pub fn backed<T: Config>(who: &T::AccountId) {
	agent::<T>(who);
	back::<T>(&rich::<T>("delegator", 0), who, T::MinDelegation::get());
}

fn get<T: Config>(who: &T::AccountId) -> Agent<T> {
	Agents::<T>::get(who).unwrap()
}

fn back<T: Config>(who: &T::AccountId, to: &T::AccountId, amount: Balance) {
	assert_ok!(Pallet::<T>::do_delegate(who.clone(), to.clone(), amount));
}

fn reward<T: Config>(who: &T::AccountId) {
	let reward = T::Currency::issue(T::MinDelegation::get());
	assert!(Pallet::<T>::reward_delegators(who, reward).is_ok());
}

/// Has an agent offend, and earn a reward meanwhile, whose delegator does not wait for it: with the end
/// of the slash the treasury gets it.
fn accuse<T: Config>(who: &T::AccountId, n: u32, offence: Offence) {
	let (delegator, reporter) = (rich::<T>("delegator", n), rich::<T>("reporter", n));
	back::<T>(&delegator, who, T::MinDelegation::get());
	Pallet::<T>::offend(who, offence, Some(&reporter));
	reward::<T>(who);
	assert_ok!(Pallet::<T>::do_undelegate(
		delegator,
		who.clone(),
		Balance::MAX
	));
	assert!(get::<T>(who).set_aside > 0);
}

/// Leaves in the pot what the treasury could not take.
fn owe_treasury<T: Config>() {
	let due = T::Currency::minimum_balance();
	assert!(T::Currency::resolve(&Pallet::<T>::pot_account(), T::Currency::issue(due)).is_ok());
	TreasuryDue::<T>::put(due);
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// Each slash leaves an agent below the minimum, which is taken off full lists of its own. One that
	/// takes all does so too, but its agent does not count as active any more.
	#[benchmark]
	fn on_initialize(n: Linear<0, MAX_SLASHES_PER_BLOCK>) {
		let agents: Vec<_> = (0..n).map(|n| rich::<T>("agent", n)).collect();
		for who in &agents {
			enrol::<T>(who, &nearly_full::<T>(T::MaxModels::get()));
			assert_ok!(Pallet::<T>::do_unbond(who.clone(), PART));
		}
		for (n, who) in (0..n).zip(&agents) {
			accuse::<T>(who, n, Offence::WrongResult);
		}
		owe_treasury::<T>();
		pass::<T>(T::SlashDeferBlocks::get());

		#[block]
		{
			Pallet::<T>::on_initialize(Pallet::<T>::now());
		}

		assert_eq!(FirstSlash::<T>::get(), SlashId::from(n));
		assert_eq!(TreasuryDue::<T>::exists(), n == 0);
		assert!(agents
			.iter()
			.map(get::<T>)
			.all(|agent| agent.status == Status::Paused && agent.set_aside == 0));
	}

	#[benchmark]
	fn register(m: Linear<0, { T::MaxModels::get() }>) {
		let (who, models) = (caller::<T>(), nearly_full::<T>(m));

		#[extrinsic_call]
		_(
			RawOrigin::Signed(who.clone()),
			key::<T>(&who, 0),
			PROFILE,
			endpoint(),
			models.clone(),
			T::MinBond::get(),
			T::MaxCommission::get(),
		);

		assert_eq!(get::<T>(&who).models, models);
	}

	#[benchmark]
	fn set_models(o: Linear<0, { T::MaxModels::get() }>, n: Linear<0, { T::MaxModels::get() }>) {
		let who = caller::<T>();
		let (old, new) = (nearly_full::<T>(o), nearly_full::<T>(n));
		enrol::<T>(&who, &old);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), new.clone());

		assert_eq!(get::<T>(&who).models, new);
		assert!(old
			.iter()
			.all(|model| !Servers::<T>::get(model).contains(&who)));
	}

	#[benchmark]
	fn set_profile() {
		let who = caller::<T>();
		agent::<T>(&who);
		let profile = Profile {
			memory: PROFILE.memory + 1,
			..PROFILE
		};

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), profile);

		assert_eq!(get::<T>(&who).profile, profile);
	}

	#[benchmark]
	fn set_endpoint() {
		let who = caller::<T>();
		agent::<T>(&who);
		assert_ok!(Pallet::<T>::do_set_endpoint(
			who.clone(),
			Endpoint::default()
		));

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), endpoint());

		assert_eq!(get::<T>(&who).endpoint, endpoint());
	}

	/// All former keys have lapsed.
	#[benchmark]
	fn set_operator_key() {
		let who = caller::<T>();
		agent::<T>(&who);
		pass::<T>(T::UnbondingBlocks::get());
		let new = key::<T>(&who, MAX_OLD_KEYS + 1);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), new);

		let agent = get::<T>(&who);
		assert_eq!((agent.operator_key, agent.old_keys.len()), (new, 1));
	}

	#[benchmark]
	fn set_commission() {
		let who = caller::<T>();
		agent::<T>(&who);
		pass::<T>(T::CommissionPeriod::get());
		let commission = T::MaxCommissionStep::get();

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), commission);

		assert_eq!(get::<T>(&who).commission, commission);
	}

	#[benchmark]
	fn pause(m: Linear<0, { T::MaxModels::get() }>) {
		let who = caller::<T>();
		enrol::<T>(&who, &nearly_full::<T>(m));

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));

		assert_eq!(get::<T>(&who).status, Status::Paused);
	}

	#[benchmark]
	fn resume(m: Linear<0, { T::MaxModels::get() }>) {
		let who = caller::<T>();
		enrol::<T>(&who, &nearly_full::<T>(m));
		assert_ok!(Pallet::<T>::do_pause(who.clone()));

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));

		assert_eq!(get::<T>(&who).status, Status::Active);
	}

	#[benchmark]
	fn bond_more() {
		let who = caller::<T>();
		agent::<T>(&who);
		let before = get::<T>(&who).bond;

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), PART);

		assert_eq!(get::<T>(&who).bond, before + PART);
	}

	/// The last part that there is room for.
	#[benchmark]
	fn unbond() {
		let who = caller::<T>();
		agent::<T>(&who);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), PART);

		assert!(get::<T>(&who).unbonding.is_full());
	}

	/// All of it, after which the agent is forgotten.
	#[benchmark]
	fn withdraw_unbonded() {
		let who = caller::<T>();
		agent::<T>(&who);
		assert_ok!(Pallet::<T>::do_deregister(who.clone()));
		pass::<T>(T::UnbondingBlocks::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));

		assert!(!Agents::<T>::contains_key(who));
	}

	#[benchmark]
	fn deregister(m: Linear<0, { T::MaxModels::get() }>) {
		let who = caller::<T>();
		enrol::<T>(&who, &nearly_full::<T>(m));

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));

		assert!(matches!(get::<T>(&who).status, Status::Unbonding { .. }));
	}

	/// For the first time, to a pool whose shares have another price than those of a new one.
	#[benchmark]
	fn delegate() {
		let (who, to) = (caller::<T>(), rich::<T>("agent", 0));
		backed::<T>(&to);
		reward::<T>(&to);
		let amount = T::MinDelegation::get() * 2;

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), to.clone(), amount);

		assert!(Delegations::<T>::contains_key(who, to));
	}

	/// In the last part that there is room for.
	#[benchmark]
	fn undelegate() {
		let (who, from) = (caller::<T>(), rich::<T>("agent", 0));
		agent::<T>(&from);
		let part = T::MinDelegation::get();
		let delegated = part * Balance::from(MAX_CHUNKS + 1);
		back::<T>(&who, &from, delegated);
		reward::<T>(&from);
		for _ in 1..MAX_CHUNKS {
			assert_ok!(Pallet::<T>::do_undelegate(who.clone(), from.clone(), part));
			pass::<T>(One::one());
		}

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), from.clone(), part);

		let delegation = Delegations::<T>::get(who, from).unwrap();
		assert!(delegation.shares > 0 && delegation.leaving.is_full());
	}

	/// The last of an agent that has gone, which is forgotten with it.
	#[benchmark]
	fn withdraw_delegation() {
		let (who, from) = (rich::<T>("delegator", 0), rich::<T>("agent", 0));
		agent::<T>(&from);
		let part = T::MinDelegation::get();
		back::<T>(&who, &from, part * Balance::from(MAX_CHUNKS + 1));
		for _ in 0..MAX_CHUNKS {
			assert_ok!(Pallet::<T>::do_undelegate(who.clone(), from.clone(), part));
			pass::<T>(One::one());
		}
		assert_ok!(Pallet::<T>::do_deregister(from.clone()));
		pass::<T>(T::UnbondingBlocks::get());
		assert_ok!(Pallet::<T>::do_withdraw_unbonded(from.clone()));

		#[extrinsic_call]
		_(RawOrigin::Signed(caller::<T>()), from.clone(), who.clone());

		assert!(!Delegations::<T>::contains_key(who, &from));
		assert!(!Agents::<T>::contains_key(from));
	}

	#[benchmark]
	fn set_slashing() -> Result<(), BenchmarkError> {
		let origin =
			T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let slashing = Slashing {
			rungs: Slashing::<BlockNumberFor<T>>::MAX,
			window: T::UnbondingBlocks::get(),
		};

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, slashing);

		assert_eq!(SlashingParameters::<T>::get(), slashing);
		Ok(())
	}

	/// One that would take all, so that its agent is drawn again.
	#[benchmark]
	fn cancel_slash() -> Result<(), BenchmarkError> {
		let origin =
			T::CancelOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let who = rich::<T>("agent", 0);
		agent::<T>(&who);
		accuse::<T>(&who, 0, Offence::Equivocation);
		owe_treasury::<T>();

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, 0);

		let agent = get::<T>(&who);
		assert_eq!((agent.pending, agent.set_aside), (0, 0));
		assert_eq!(agent.status, Status::Active);
		assert!(!TreasuryDue::<T>::exists());
		Ok(())
	}

	#[benchmark]
	fn eject(m: Linear<0, { T::MaxModels::get() }>) -> Result<(), BenchmarkError> {
		let origin =
			T::EjectOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let who = rich::<T>("agent", 0);
		enrol::<T>(&who, &nearly_full::<T>(m));

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, who.clone());

		assert!(matches!(get::<T>(&who).status, Status::Unbonding { .. }));
		Ok(())
	}

	#[benchmark]
	fn assign(s: Linear<SEATS, { T::MaxAgentsPerModel::get() }>, n: Linear<0, SEATS>) {
		let models = served::<T>(T::MaxModels::get(), 0);
		for n in 0..s {
			enrol::<T>(&rich::<T>("agent", n), &models);
		}
		let excluded: Vec<_> = (0..SEATS).map(|n| account("excluded", n, 0)).collect();
		let drawn;

		#[block]
		{
			drawn = Pallet::<T>::assign(models[0], &POLICY, n, &excluded, H256::repeat_byte(1));
		}

		assert_eq!(drawn.len(), usize::try_from(n).unwrap());
		assert!(drawn.iter().all(|who| get::<T>(who).open == 1));
	}

	#[benchmark]
	fn release() {
		let who = rich::<T>("agent", 0);
		agent::<T>(&who);
		let model = get::<T>(&who).models[0];
		Pallet::<T>::assign(model, &POLICY, 1, &[], H256::repeat_byte(1));

		#[block]
		{
			Pallet::<T>::release(
				&who,
				Performance::Agreed {
					lateness: Percent::from_percent(50),
				},
			);
		}

		let agent = get::<T>(&who);
		assert_eq!((agent.open, agent.record.agreed), (0, 1));
	}

	/// One that costs all, so that the agent is suspended.
	#[benchmark]
	fn offend() {
		let (who, reporter) = (rich::<T>("agent", 0), rich::<T>("reporter", 0));
		backed::<T>(&who);

		#[block]
		{
			Pallet::<T>::offend(&who, Offence::Equivocation, Some(&reporter));
		}

		assert!(Slashes::<T>::contains_key(0));
		assert_eq!(get::<T>(&who).status, Status::Suspended { slashes: 1 });
	}

	#[benchmark]
	fn reward_delegators() {
		let who = rich::<T>("agent", 0);
		backed::<T>(&who);
		let before = get::<T>(&who).delegated.balance;
		let earned = T::MinBond::get();
		let mut reward = T::Currency::issue(earned);
		let part;

		#[block]
		{
			part = Pallet::<T>::delegated_part(&who, earned);
			assert!(Pallet::<T>::reward_delegators(&who, reward.extract(part)).is_ok());
		}

		assert!(part > 0);
		assert_eq!(get::<T>(&who).delegated.balance, before + part);
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder::default(),
		crate::mock::Test,
		exec_name = benchmark
	);
}
