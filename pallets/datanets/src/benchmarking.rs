//! What the calls cost at their dearest: the longest texts and files, the deepest clusters, rules that
//! changed and were not written down since, money in the pool.
//!
//! Curation, points and reputation are those of the runtime, in a state in which they cost little: what
//! they cost at most is added where it counts, see [`WeightInfo`]. Who may contribute is looked up in the
//! list; a qualification is one record too.

use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{
		fungible::{Inspect, Mutate},
		EnsureOrigin, Get,
	},
	BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use openledger_primitives::{
	data::{Decision, Locator, Reason, Verdict, MAX_INLINE, MAX_SCORE},
	traits::{AccessRegistry, Submissions},
	Balance, BatchId, ContentHash, DatanetId, Hash,
};
use sp_runtime::{
	traits::{One, Saturating, StaticLookup},
	DispatchResult, Percent,
};

use crate::*;

/// Somebody who can pay for everything.
fn funded<T: Config>(name: &'static str) -> Result<T::AccountId, BenchmarkError> {
	let who = account(name, 0, 0);
	let plenty = T::Currency::minimum_balance().saturating_mul(1_000_000_000);
	T::Currency::mint_into(&who, plenty)?;
	Ok(who)
}

fn signed<T: Config>(who: &T::AccountId) -> T::RuntimeOrigin {
	RawOrigin::Signed(who.clone()).into()
}

fn wait<T: Config>(blocks: BlockNumberFor<T>) {
	let now = frame_system::Pallet::<T>::block_number();
	frame_system::Pallet::<T>::set_block_number(now.saturating_add(blocks));
}

/// As much of a pattern as there is room for.
fn longest<S: Get<u32>>(pattern: &[u8]) -> BoundedVec<u8, S> {
	BoundedVec::truncate_from(pattern.repeat(1_024))
}

/// The longest description.
pub fn description() -> DatanetDetails {
	let field = |last: u8| {
		let mut name = longest(b"a");
		name.iter_mut()
			.next_back()
			.into_iter()
			.for_each(|byte| *byte = last);
		Field {
			name,
			kind: FieldKind::Text,
		}
	};
	DatanetDetails {
		name: longest(b"a"),
		metadata: longest(b"a"),
		domain: longest(b"a"),
		content_type: BoundedVec::truncate_from([b"a/".to_vec(), b"a".repeat(1_024)].concat()),
		language: longest(b"aaaaaaaa-"),
		licence: longest(b"a"),
		fields: BoundedVec::truncate_from((b'a'..=b'z').map(field).collect()),
	}
}

/// The highest price and the largest part of it for the owner, at the lowest deposits. Whom the owner has
/// listed may contribute.
pub fn rules<T: Config>(curation: Option<Percent>) -> Rules {
	Rules {
		contributors: Contributors::Listed,
		curation,
		batch_deposit: T::BatchDeposit::get(),
		mebibyte_deposit: T::MebibyteDeposit::get(),
		access_price_per_day: T::MaxAccessPrice::get(),
		owner_share: T::MaxOwnerShare::get(),
		data_key: Some([1; 32]),
	}
}

/// The `n`th of batches that have nothing in common, as large as they come on the chain.
pub fn batch<T: Config>(n: u64) -> BatchDetails {
	let mut file = n.to_le_bytes().to_vec();
	file.extend(longest::<frame_support::traits::ConstU32<{ MAX_INLINE - 8 }>>(b"a"));
	BatchDetails {
		root: Hash::from_low_u64_be(n.saturating_add(1)),
		content: ContentHash::of(&file),
		rows: T::MaxRows::get(),
		bytes: MAX_INLINE.into(),
		locator: Locator::Inline(BoundedVec::truncate_from(file)),
		minhash: Some(Hash::repeat_byte(1)),
		encrypted: true,
	}
}

/// A Datanet, its owner, and a contributor that is on its list.
struct Scene<T: Config> {
	datanet: DatanetId,
	owner: T::AccountId,
	contributor: T::AccountId,
}

impl<T: Config> Scene<T> {
	/// Batches are judged.
	fn curated() -> Result<Self, BenchmarkError> {
		Self::with(Some(Percent::one()))
	}

	/// The owner vouches.
	fn vouched() -> Result<Self, BenchmarkError> {
		Self::with(None)
	}

	fn with(curation: Option<Percent>) -> Result<Self, BenchmarkError> {
		let (owner, contributor) = (funded::<T>("owner")?, funded::<T>("contributor")?);
		let datanet = NextDatanetId::<T>::get();
		let rules = rules::<T>(curation);
		Pallet::<T>::create_datanet(signed::<T>(&owner), description(), rules.clone())?;
		Pallet::<T>::propose_rules(signed::<T>(&owner), datanet, rules)?;
		wait::<T>(T::RulesNotice::get());
		let scene = Self {
			datanet,
			owner,
			contributor,
		};
		scene.list(&scene.contributor)?;
		Ok(scene)
	}

	fn list(&self, who: &T::AccountId) -> DispatchResult {
		let who = T::Lookup::unlookup(who.clone());
		Pallet::<T>::list_contributor(signed::<T>(&self.owner), self.datanet, who)
	}

	fn add(&self) -> Result<BatchId, BenchmarkError> {
		let id = NextBatchId::<T>::get();
		let details = batch::<T>(id);
		Pallet::<T>::add_batch(signed::<T>(&self.contributor), self.datanet, details)?;
		Ok(id)
	}

	/// Adds batches of which each hangs below the one before; the last one's way to the head is that
	/// many steps long.
	fn add_chain(&self, steps: usize) -> Result<Vec<BatchId>, BenchmarkError> {
		let batches = (0..=steps)
			.map(|_| self.add())
			.collect::<Result<Vec<_>, _>>()?;
		for pair in batches.windows(2).rev() {
			if let [earlier, later] = pair {
				Pallet::<T>::link(*later, *earlier)?;
			}
		}
		Ok(batches)
	}

	fn pay(&self, amount: Balance) -> DispatchResult {
		Pallet::<T>::pay_contributors(self.datanet, &self.owner, amount)
	}
}

/// Enough for each share to get something.
fn income<T: Config>() -> Balance {
	T::Currency::minimum_balance().saturating_mul(10_000)
}

fn last<Id: Copy>(batches: &[Id]) -> Result<Id, BenchmarkError> {
	batches
		.last()
		.copied()
		.ok_or(BenchmarkError::Stop("no batch was added"))
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn create_datanet() -> Result<(), BenchmarkError> {
		let owner = funded::<T>("owner")?;
		let id = NextDatanetId::<T>::get();

		#[extrinsic_call]
		_(
			RawOrigin::Signed(owner.clone()),
			description(),
			rules::<T>(None),
		);

		assert_eq!(Pallet::<T>::known(id)?.owner, owner);
		assert_eq!(Descriptions::<T>::get(id), Some(description()));
		Ok(())
	}

	#[benchmark]
	fn update_metadata() -> Result<(), BenchmarkError> {
		let scene = Scene::<T>::vouched()?;
		let (owner, id) = (scene.owner, scene.datanet);
		Pallet::<T>::update_metadata(signed::<T>(&owner), id, Metadata::default())?;

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), id, longest(b"a"));

		assert_eq!(Descriptions::<T>::get(id), Some(description()));
		Ok(())
	}

	#[benchmark]
	fn close_datanet() -> Result<(), BenchmarkError> {
		let scene = Scene::<T>::vouched()?;
		let batch = scene.add()?;
		// Too little to divide: it goes to the owner.
		scene.pay(1)?;
		wait::<T>(T::WithdrawalDelay::get());
		let Scene {
			datanet,
			owner,
			contributor,
		} = scene;
		Pallet::<T>::withdraw_batch(signed::<T>(&contributor), batch)?;
		let listed = T::Lookup::unlookup(contributor);
		Pallet::<T>::unlist_contributor(signed::<T>(&owner), datanet, listed)?;
		assert_eq!(Pools::<T>::get(datanet).balance, 1);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), datanet);

		assert!(!Datanets::<T>::contains_key(datanet));
		assert_eq!(TotalIncome::<T>::get(), 0);
		Ok(())
	}

	#[benchmark]
	fn add_curated_batch() -> Result<(), BenchmarkError> {
		let scene = Scene::<T>::curated()?;
		let id = NextBatchId::<T>::get();
		let details = batch::<T>(0);

		#[extrinsic_call]
		add_batch(RawOrigin::Signed(scene.contributor), scene.datanet, details);

		assert_eq!(Pallet::<T>::known_batch(id)?.state, BatchState::Pending);
		Ok(())
	}

	#[benchmark]
	fn add_vouched_batch() -> Result<(), BenchmarkError> {
		let scene = Scene::<T>::vouched()?;
		let id = NextBatchId::<T>::get();
		let details = batch::<T>(0);

		#[extrinsic_call]
		add_batch(RawOrigin::Signed(scene.contributor), scene.datanet, details);

		assert_eq!(BatchAt::<T>::get(scene.datanet, 0), Some(id));
		Ok(())
	}

	#[benchmark]
	fn withdraw_pending() -> Result<(), BenchmarkError> {
		let scene = Scene::<T>::curated()?;
		let batch = scene.add()?;
		wait::<T>(T::WithdrawalDelay::get());

		#[extrinsic_call]
		withdraw_batch(RawOrigin::Signed(scene.contributor), batch);

		assert!(!Batches::<T>::contains_key(batch));
		Ok(())
	}

	// Leaving the deepest cluster costs more than leaving the pool, which a head alone does.
	#[benchmark]
	fn withdraw_accepted() -> Result<(), BenchmarkError> {
		let scene = Scene::<T>::vouched()?;
		let batches = scene.add_chain(MAX_CLUSTER_DEPTH)?;
		let batch = last(&batches)?;
		wait::<T>(T::WithdrawalDelay::get());

		#[extrinsic_call]
		withdraw_batch(RawOrigin::Signed(scene.contributor), batch);

		assert!(!Batches::<T>::contains_key(batch));
		assert!(!Links::<T>::contains_key(batch));
		Ok(())
	}

	#[benchmark]
	fn propose_rules() -> Result<(), BenchmarkError> {
		let scene = Scene::<T>::vouched()?;
		let (owner, id) = (scene.owner, scene.datanet);
		Pallet::<T>::propose_rules(signed::<T>(&owner), id, rules::<T>(None))?;

		#[extrinsic_call]
		_(
			RawOrigin::Signed(owner),
			id,
			rules::<T>(Some(Percent::one())),
		);

		let proposed = Pallet::<T>::rules_now(id)?.proposed;
		assert!(proposed.is_some_and(|proposed| proposed.rules.curation.is_some()));
		Ok(())
	}

	#[benchmark]
	fn cancel_rules() -> Result<(), BenchmarkError> {
		let scene = Scene::<T>::vouched()?;
		let (owner, id) = (scene.owner, scene.datanet);
		Pallet::<T>::propose_rules(signed::<T>(&owner), id, rules::<T>(None))?;

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), id);

		assert_eq!(Pallet::<T>::rules_now(id)?.proposed, None);
		Ok(())
	}

	#[benchmark]
	fn list_contributor() -> Result<(), BenchmarkError> {
		let scene = Scene::<T>::vouched()?;
		let who: T::AccountId = account("friend", 0, 0);
		let listed = T::Lookup::unlookup(who.clone());

		#[extrinsic_call]
		_(RawOrigin::Signed(scene.owner), scene.datanet, listed);

		assert!(Listed::<T>::contains_key(scene.datanet, who));
		Ok(())
	}

	#[benchmark]
	fn unlist_contributor() -> Result<(), BenchmarkError> {
		let scene = Scene::<T>::vouched()?;
		let who = scene.contributor;
		let listed = T::Lookup::unlookup(who.clone());

		#[extrinsic_call]
		_(RawOrigin::Signed(scene.owner), scene.datanet, listed);

		assert!(!Listed::<T>::contains_key(scene.datanet, who));
		Ok(())
	}

	#[benchmark]
	fn offer_ownership() -> Result<(), BenchmarkError> {
		let scene = Scene::<T>::vouched()?;
		let to = scene.contributor;
		let heir = T::Lookup::unlookup(to.clone());

		#[extrinsic_call]
		_(RawOrigin::Signed(scene.owner), scene.datanet, heir);

		assert_eq!(Pallet::<T>::known(scene.datanet)?.offered_to, Some(to));
		Ok(())
	}

	#[benchmark]
	fn cancel_offer() -> Result<(), BenchmarkError> {
		let scene = Scene::<T>::vouched()?;
		let heir = T::Lookup::unlookup(scene.contributor);
		Pallet::<T>::offer_ownership(signed::<T>(&scene.owner), scene.datanet, heir)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(scene.owner), scene.datanet);

		assert_eq!(Pallet::<T>::known(scene.datanet)?.offered_to, None);
		Ok(())
	}

	#[benchmark]
	fn accept_ownership() -> Result<(), BenchmarkError> {
		let scene = Scene::<T>::vouched()?;
		let to = scene.contributor;
		let heir = T::Lookup::unlookup(to.clone());
		Pallet::<T>::offer_ownership(signed::<T>(&scene.owner), scene.datanet, heir)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(to.clone()), scene.datanet, Balance::MAX);

		assert_eq!(Pallet::<T>::known(scene.datanet)?.owner, to);
		Ok(())
	}

	#[benchmark]
	fn reserve() -> Result<(), BenchmarkError> {
		let who = funded::<T>("contributor")?;
		let commitment = Hash::repeat_byte(1);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), commitment);

		assert!(Reservations::<T>::contains_key(who, commitment));
		Ok(())
	}

	#[benchmark]
	fn cancel_reservation() -> Result<(), BenchmarkError> {
		let who = funded::<T>("contributor")?;
		let commitment = Hash::repeat_byte(1);
		Pallet::<T>::reserve(signed::<T>(&who), commitment)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), commitment);

		assert!(!Reservations::<T>::contains_key(who, commitment));
		Ok(())
	}

	#[benchmark]
	fn claim_batch() -> Result<(), BenchmarkError> {
		let scene = Scene::<T>::vouched()?;
		let who = funded::<T>("first")?;
		scene.list(&who)?;
		let (salt, BatchDetails { root, content, .. }) =
			([1; 32], batch::<T>(NextBatchId::<T>::get()));
		let commitment = reservation_commitment(&who, &root, &content, &salt);
		Pallet::<T>::reserve(signed::<T>(&who), commitment)?;
		wait::<T>(One::one());
		let batch = scene.add()?;

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), batch, salt);

		assert_eq!(Pallet::<T>::known_batch(batch)?.contributor, who);
		Ok(())
	}

	#[benchmark]
	fn claim_income() -> Result<(), BenchmarkError> {
		let scene = Scene::<T>::vouched()?;
		let batch = scene.add()?;
		scene.pay(income::<T>())?;

		#[extrinsic_call]
		_(RawOrigin::Signed(scene.owner), batch);

		assert_eq!(TotalIncome::<T>::get(), 0);
		Ok(())
	}

	#[benchmark]
	fn compress() -> Result<(), BenchmarkError> {
		let scene = Scene::<T>::vouched()?;
		let batches = scene.add_chain(MAX_CLUSTER_DEPTH)?;
		let batch = last(&batches)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(scene.owner), batch);

		assert_eq!(Links::<T>::get(batch).parent, batches.first().copied());
		Ok(())
	}

	// A head, whose shares leave the pool.
	#[benchmark]
	fn ban_batch() -> Result<(), BenchmarkError> {
		let origin =
			T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let scene = Scene::<T>::vouched()?;
		let batch = scene.add()?;
		scene.pay(income::<T>())?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, batch);

		let state = Batches::<T>::get(batch).map(|batch| batch.state);
		assert!(matches!(state, Some(BatchState::Banned { .. })));
		Ok(())
	}

	#[benchmark]
	fn set_frozen() -> Result<(), BenchmarkError> {
		let origin =
			T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let scene = Scene::<T>::vouched()?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, scene.datanet, true);

		assert!(Frozen::<T>::contains_key(scene.datanet));
		Ok(())
	}

	#[benchmark]
	fn decide_accepted() -> Result<(), BenchmarkError> {
		let scene = Scene::<T>::curated()?;
		let batch = scene.add()?;

		#[block]
		{
			let verdict = Verdict::Accept { score: MAX_SCORE };
			Pallet::<T>::decide(batch, Decision::Found(verdict))?;
		}

		assert_eq!(BatchAt::<T>::get(scene.datanet, 0), Some(batch));
		Ok(())
	}

	// A batch that is found undecided is removed too, and its deposit goes less far.
	#[benchmark]
	fn decide_rejected() -> Result<(), BenchmarkError> {
		let scene = Scene::<T>::curated()?;
		let batch = scene.add()?;

		#[block]
		{
			let verdict = Verdict::Reject {
				reason: Reason::Junk,
			};
			Pallet::<T>::decide(batch, Decision::Found(verdict))?;
		}

		assert!(!Batches::<T>::contains_key(batch));
		Ok(())
	}

	// From the ends of two clusters as deep as can be joined; the later head is owed something.
	#[benchmark]
	fn link() -> Result<(), BenchmarkError> {
		let scene = Scene::<T>::vouched()?;
		let earlier = scene.add_chain(MAX_CLUSTER_DEPTH)?;
		let later = scene.add_chain(MAX_CLUSTER_DEPTH.saturating_sub(1))?;
		scene.pay(income::<T>())?;
		let (one, two) = (last(&earlier)?, last(&later)?);

		#[block]
		{
			Pallet::<T>::link(one, two)?;
		}

		assert_eq!(Pallet::<T>::cluster(two), earlier.first().copied());
		assert!(TotalIncome::<T>::get() < income::<T>());
		Ok(())
	}

	#[benchmark]
	fn pay_contributors() -> Result<(), BenchmarkError> {
		let scene = Scene::<T>::vouched()?;
		scene.add()?;

		#[block]
		{
			scene.pay(income::<T>())?;
		}

		assert_eq!(TotalIncome::<T>::get(), income::<T>());
		Ok(())
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder::default(),
		crate::mock::Test,
		exec_name = benchmark
	);
}
