//! What the weights are measured with: each function at its dearest.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::panic,
	clippy::unwrap_used,
	reason = "a benchmark that goes wrong has to stop"
)]

use frame_benchmarking::v2::*;
use frame_support::{
	assert_ok,
	traits::{
		fungible::{hold::Mutate as _, Mutate},
		ConstU32, Get,
	},
	BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, Pallet as System, RawOrigin};
use openledger_primitives::{
	data::Purpose,
	traits::{AccessGrants, AccessRegistry},
	Balance, DatanetId,
};

use crate::{
	pallet::{
		Call, Config, Event, Grants, HoldReason, NextId, OpenRequests, Pallet, Requests, StewardsOf,
	},
	types::{
		AccessId, AccessKey, Refusal, Stewards, WrappedKey, MAX_REFUSAL, MAX_STEWARDS,
		MAX_WRAPPED_KEY,
	},
};

/// What the benchmarks need of the Datanets.
pub trait BenchmarkHelper<AccountId> {
	/// Creates a Datanet of `owner`, an account with funds, for which all there is to be read and to be
	/// done has to be: the licence is the longest that permits everything, a day has a price, a part of
	/// it is the owner's, the rest is owed to contributors, and rules were proposed that apply by now.
	fn datanet(owner: &AccountId) -> DatanetId;
}

/// Enough for all prices and deposits of an account, in units of the token.
const PLENTY: Balance = 1_000_000_000_000_000_000_000_000;

const KEY: AccessKey = [7; 32];

type StewardList<T> = BoundedVec<<T as frame_system::Config>::AccountId, ConstU32<MAX_STEWARDS>>;

fn fund<T: Config>(who: &T::AccountId) {
	assert_ok!(T::Currency::mint_into(who, PLENTY));
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

/// A Datanet of somebody who left the answers to as many stewards as there can be, of which the caller
/// comes last.
fn stewarded<T: Config>() -> DatanetId {
	fund::<T>(&T::TreasuryAccount::get());
	let owner = rich::<T>("owner", 0);
	let datanet = T::BenchmarkHelper::datanet(&owner);
	let stewards = stewards::<T>(caller::<T>());
	assert_ok!(Pallet::<T>::do_set_stewards(owner, datanet, stewards));
	datanet
}

fn stewards<T: Config>(last: T::AccountId) -> StewardList<T> {
	let others = (1..MAX_STEWARDS).map(|n| account("steward", n, 0));
	BoundedVec::truncate_from(others.chain([last]).collect())
}

/// Records as many stewards as there can be that a Datanet's former owner appointed.
fn appoint_earlier<T: Config>(datanet: DatanetId) {
	let by = rich::<T>("former owner", 0);
	let deposit = T::StewardDeposit::get() * Balance::from(MAX_STEWARDS);
	let reason = HoldReason::StewardDeposit.into();
	assert_ok!(T::Currency::hold(&reason, &by, deposit));
	let record = Stewards {
		by,
		accounts: stewards::<T>(account("steward", MAX_STEWARDS, 0)),
		deposit,
	};
	StewardsOf::<T>::insert(datanet, record);
}

fn wrapped_key() -> WrappedKey {
	WrappedKey::truncate_from(alloc::vec![1; usize::try_from(MAX_WRAPPED_KEY).unwrap()])
}

/// Asks for a day, at the lowest price.
fn request_by<T: Config>(who: &T::AccountId, datanet: DatanetId) -> AccessId {
	let id = NextId::<T>::get();
	let price = price::<T>(datanet);
	let day = T::BlocksPerDay::get();
	assert_ok!(Pallet::<T>::do_request(
		who.clone(),
		datanet,
		Purpose::Training,
		price,
		day,
		KEY
	));
	id
}

/// The lowest price of a day.
fn price<T: Config>(datanet: DatanetId) -> Balance {
	let price = Pallet::<T>::lowest(datanet, Purpose::Training, T::BlocksPerDay::get());
	price.unwrap()
}

/// Gives an account a grant of a day with the longest wrapped key.
fn grant_to<T: Config>(who: &T::AccountId, datanet: DatanetId) -> AccessId {
	let id = request_by::<T>(who, datanet);
	let (steward, key) = (whitelisted_caller(), Some(wrapped_key()));
	assert_ok!(Pallet::<T>::do_approve(steward, id, key));
	id
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// By an account that has a grant and another request open.
	#[benchmark]
	fn request_access() {
		let datanet = stewarded::<T>();
		let who = caller::<T>();
		grant_to::<T>(&who, datanet);
		request_by::<T>(&who, datanet);
		let id = NextId::<T>::get();
		let price = price::<T>(datanet);

		#[extrinsic_call]
		_(
			RawOrigin::Signed(who.clone()),
			datanet,
			Purpose::Training,
			price,
			T::BlocksPerDay::get(),
			KEY,
		);

		assert!(Requests::<T>::contains_key(id));
		assert_eq!(OpenRequests::<T>::get(who), 2);
	}

	/// By the last steward, with the longest key. Treasury, owner and contributors are paid, and a grant
	/// that is not over is replaced.
	#[benchmark]
	fn approve() {
		let datanet = stewarded::<T>();
		let who = rich::<T>("requester", 0);
		let old = grant_to::<T>(&who, datanet);
		let id = request_by::<T>(&who, datanet);
		let by: T::AccountId = whitelisted_caller();
		let price = Requests::<T>::get(id).unwrap().price;
		let treasury = T::TreasuryShare::get().mul_floor(price);
		let terms = T::Data::terms(datanet).unwrap();
		let owner = terms.owner_share.mul_floor(price - treasury);
		let contributors = price - treasury - owner;
		assert!(treasury > 0 && owner > 0 && contributors > 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(by.clone()), id, Some(wrapped_key()));

		assert!(Grants::<T>::contains_key(id) && !Grants::<T>::contains_key(old));
		let event = Event::AccessGranted {
			grant: id,
			datanet,
			who,
			purpose: Purpose::Training,
			by,
			treasury,
			owner,
			contributors,
			until: Grants::<T>::get(id).unwrap().until,
			replaces: Some(old),
		};
		System::<T>::assert_last_event(event.into());
	}

	/// By the last steward, at length.
	#[benchmark]
	fn refuse() {
		let datanet = stewarded::<T>();
		let id = request_by::<T>(&rich::<T>("requester", 0), datanet);
		let reason =
			Refusal::truncate_from(alloc::vec![b'.'; usize::try_from(MAX_REFUSAL).unwrap()]);

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), id, reason);

		assert!(!Requests::<T>::contains_key(id));
	}

	/// By somebody else, once it has expired.
	#[benchmark]
	fn cancel_request() {
		let datanet = stewarded::<T>();
		let id = request_by::<T>(&rich::<T>("requester", 0), datanet);
		pass::<T>(T::RequestPeriod::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), id);

		assert!(!Requests::<T>::contains_key(id));
	}

	/// By the last steward: the longest key takes the place of one as long.
	#[benchmark]
	fn hand_over_key() {
		let datanet = stewarded::<T>();
		let id = grant_to::<T>(&rich::<T>("requester", 0), datanet);
		let mut key = wrapped_key();
		key[0] = 2;

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), id, key.clone());

		assert_eq!(Grants::<T>::get(id).unwrap().wrapped_key, Some(key));
	}

	/// By the last steward, who pays for the time that is left.
	#[benchmark]
	fn revoke() {
		let datanet = stewarded::<T>();
		let who = rich::<T>("requester", 0);
		let id = grant_to::<T>(&who, datanet);
		let refund = Pallet::<T>::refund(id).unwrap();
		assert!(refund > 0);
		let by: T::AccountId = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(by.clone()), id);

		let event = Event::GrantRevoked {
			grant: id,
			datanet,
			who,
			by,
			refund,
		};
		System::<T>::assert_last_event(event.into());
	}

	/// By somebody else.
	#[benchmark]
	fn end_grant() {
		let datanet = stewarded::<T>();
		let id = grant_to::<T>(&rich::<T>("requester", 0), datanet);
		pass::<T>(T::BlocksPerDay::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), id);

		assert!(!Grants::<T>::contains_key(id));
	}

	/// As many as there can be, in place of as many of another owner.
	#[benchmark]
	fn set_stewards() {
		let owner = caller::<T>();
		let datanet = T::BenchmarkHelper::datanet(&owner);
		appoint_earlier::<T>(datanet);
		let accounts = stewards::<T>(account("new steward", 0, 0));

		#[extrinsic_call]
		_(RawOrigin::Signed(owner.clone()), datanet, accounts.clone());

		let record = StewardsOf::<T>::get(datanet).unwrap();
		assert_eq!((record.by, record.accounts), (owner, accounts));
	}

	/// Those of another owner.
	#[benchmark]
	fn dismiss_stewards() {
		let owner = caller::<T>();
		let datanet = T::BenchmarkHelper::datanet(&owner);
		appoint_earlier::<T>(datanet);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), datanet);

		assert!(!StewardsOf::<T>::contains_key(datanet));
	}

	/// With a grant that has the longest key.
	#[benchmark]
	fn may() {
		let datanet = stewarded::<T>();
		let who = rich::<T>("requester", 0);
		grant_to::<T>(&who, datanet);
		let readable;

		#[block]
		{
			readable = <Pallet<T> as AccessGrants<_>>::may(&who, datanet, Purpose::Training);
		}

		assert!(readable);
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder,
		crate::mock::Test,
		exec_name = benchmark
	);
}
