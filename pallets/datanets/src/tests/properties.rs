//! Random calls of random accounts.

use std::collections::BTreeMap;

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{
	data::{Decision, Reason},
	traits::DataRegistry,
	Balance, DatanetId, Hash,
};
use proptest::{
	prelude::*,
	test_runner::{TestRng, TestRunner},
};
use sp_runtime::DispatchResult;

use crate::{
	mock::*, reservation_commitment, BatchOfRoot, BatchState, Batches, Datanets as Records,
	HoldReason, Links, Listed, NextBatchId, NextDatanetId, Pools, Reservations, TotalIncome,
};

/// What is called. Numbers pick among what there is; `stranger` calls in place of who may.
#[derive(Clone, Debug)]
struct Action {
	kind: Kind,
	who: AccountId,
	datanet: usize,
	batch: usize,
	other: usize,
	stranger: bool,
}

#[derive(Clone, Debug)]
enum Kind {
	Create { vouch: bool },
	Update { length: usize },
	Propose { deposit: Balance, vouch: bool },
	CancelRules,
	List,
	Unlist,
	Offer,
	AcceptOffer,
	Close,
	Add { n: u64, inline: bool },
	AddReserved,
	Decide { score: u8 },
	Withdraw,
	Link,
	Compress,
	Reserve { n: u64 },
	CancelReservation,
	Claim,
	Pay { amount: Balance },
	ClaimIncome,
	Pin { batches: u32 },
	Wait { blocks: u64 },
}

/// The batches that are ever added.
const BATCHES: u64 = 60;

fn kind() -> impl Strategy<Value = Kind> {
	use Kind::*;
	prop_oneof![
		1 => any::<bool>().prop_map(|vouch| Create { vouch }),
		1 => (0..100usize).prop_map(|length| Update { length }),
		1 => (90..1_100u128, any::<bool>())
			.prop_map(|(deposit, vouch)| Propose { deposit, vouch }),
		1 => Just(CancelRules),
		3 => Just(List),
		1 => Just(Unlist),
		1 => Just(Offer),
		2 => Just(AcceptOffer),
		1 => Just(Close),
		16 => (0..BATCHES, any::<bool>()).prop_map(|(n, inline)| Add { n, inline }),
		4 => Just(AddReserved),
		16 => (0..120u8).prop_map(|score| Decide { score }),
		4 => Just(Withdraw),
		12 => Just(Link),
		4 => Just(Compress),
		6 => (0..BATCHES).prop_map(|n| Reserve { n }),
		1 => Just(CancelReservation),
		6 => Just(Claim),
		8 => (0..5_000u128).prop_map(|amount| Pay { amount }),
		8 => Just(ClaimIncome),
		1 => (0..4u32).prop_map(|batches| Pin { batches }),
		4 => (1..30u64).prop_map(|blocks| Wait { blocks }),
	]
}

fn action() -> impl Strategy<Value = Action> {
	let pick = || 0..1_000usize;
	(
		kind(),
		ALICE..=PAUPER,
		pick(),
		pick(),
		pick(),
		prop::bool::weighted(0.1),
	)
		.prop_map(|(kind, who, datanet, batch, other, stranger)| Action {
			kind,
			who,
			datanet,
			batch,
			other,
			stranger,
		})
}

const SALT: [u8; 32] = [8; 32];

fn commitment(who: AccountId, n: u64) -> Hash {
	reservation_commitment(&who, &batch(n).root, &batch(n).content, &SALT)
}

/// Who has reserved the `n`th batch.
fn reservers(n: u64) -> Vec<AccountId> {
	(ALICE..=PAUPER)
		.filter(|who| Reservations::<Test>::contains_key(who, commitment(*who, n)))
		.collect()
}

fn pick<I: Ord + Copy + Default>(all: impl Iterator<Item = I>, at: usize) -> I {
	let mut all: Vec<_> = all.collect();
	all.sort();
	all.get(at % all.len().max(1)).copied().unwrap_or_default()
}

impl Action {
	/// Calls. `None` if nothing was there to be called upon.
	fn call(&self) -> DispatchResult {
		use Kind::*;
		let datanet = pick(Records::<Test>::iter_keys(), self.datanet);
		let record = Records::<Test>::get(datanet);
		let right = |who: Option<AccountId>| match who {
			Some(who) if !self.stranger => signed(who),
			_ => signed(self.who),
		};
		let owner = || right(record.as_ref().map(|datanet| datanet.owner));
		let batches = |pending: bool, datanet: Option<DatanetId>| {
			Batches::<Test>::iter()
				.filter(move |(_, batch)| {
					(batch.state == BatchState::Pending) == pending
						&& datanet.is_none_or(|datanet| datanet == batch.datanet)
				})
				.map(|(id, _)| id)
		};
		let any = pick(Batches::<Test>::iter_keys(), self.batch);
		let accepted = pick(batches(false, None), self.batch);
		let rules_of = |vouch: bool| if vouch { vouched() } else { rules() };
		match self.kind {
			Create { vouch } => create_with(self.who, rules_of(vouch)).map(|_| ()),
			Update { length } => {
				Datanets::update_metadata(owner(), datanet, text(&"m".repeat(length)))
			}
			Propose { deposit, vouch } => {
				let rules = crate::Rules {
					batch_deposit: deposit,
					..rules_of(vouch)
				};
				Datanets::propose_rules(owner(), datanet, rules)
			}
			CancelRules => Datanets::cancel_rules(owner(), datanet),
			List => Datanets::list_contributor(owner(), datanet, self.who),
			Unlist => Datanets::unlist_contributor(owner(), datanet, self.who),
			Offer => Datanets::offer_ownership(owner(), datanet, self.who),
			AcceptOffer => {
				let offered = record.as_ref().and_then(|datanet| datanet.offered_to);
				Datanets::accept_ownership(right(offered), datanet, RICH)
			}
			Close => Datanets::close_datanet(owner(), datanet),
			Add { n, inline: true } => Datanets::add_batch(signed(self.who), datanet, inline(n)),
			Add { n, .. } => Datanets::add_batch(signed(self.who), datanet, batch(n)),
			AddReserved => {
				let reserved = (0..BATCHES).filter(|n| !reservers(*n).is_empty());
				let n = pick(reserved, self.batch);
				Datanets::add_batch(signed(self.who), datanet, batch(n))
			}
			Decide { score } => {
				let waiting = pick(batches(true, None), self.batch);
				match score {
					0..10 => reject(waiting, Reason::Junk),
					10..15 => decide(waiting, Decision::Undecided),
					_ => accept(waiting, score),
				}
			}
			Withdraw => {
				let contributor = Batches::<Test>::get(any).map(|batch| batch.contributor);
				Datanets::withdraw_batch(right(contributor), any)
			}
			Link => {
				let beside = Batches::<Test>::get(accepted)
					.filter(|_| !self.stranger)
					.map(|batch| batch.datanet);
				link(accepted, pick(batches(false, beside), self.other))
			}
			Compress => {
				let linked = Links::<Test>::iter()
					.filter(|(_, link)| link.parent.is_some())
					.map(|(id, _)| id);
				Datanets::compress(signed(self.who), pick(linked, self.batch))
			}
			Reserve { n } => Datanets::reserve(signed(self.who), commitment(self.who, n)),
			CancelReservation => {
				let (who, commitment) = pick(Reservations::<Test>::iter_keys(), self.batch);
				Datanets::cancel_reservation(right(Some(who)), commitment)
			}
			Claim => {
				let reserved: Vec<_> = (0..BATCHES)
					.filter_map(|n| Some((BatchOfRoot::<Test>::get(batch(n).root)?, reservers(n))))
					.flat_map(|(id, who)| who.into_iter().map(move |who| (id, who)))
					.collect();
				let (id, who) = pick(reserved.into_iter(), self.batch);
				Datanets::claim_batch(right(Some(who)), id, SALT)
			}
			Pay { amount } => pay(self.who, datanet, amount),
			ClaimIncome => Datanets::claim_income(signed(self.who), accepted),
			Pin { batches } => <Datanets as DataRegistry<_>>::pin(datanet, batches),
			Wait { blocks } => {
				System::set_block_number(System::block_number() + blocks);
				Ok(())
			}
		}
	}
}

/// Calls, and checks all invariants, and that what fails changes nothing.
fn run(action: Action) {
	let before = sp_io::storage::root(sp_runtime::StateVersion::V1);
	let result = action.call();
	Calls::mutate(|calls| {
		let name = format!("{:?}", action.kind);
		let name = name.split(' ').next().unwrap_or_default().to_owned();
		*calls.entry((name, result.is_ok())).or_default() += 1;
	});
	if result.is_err() {
		assert_eq!(before, sp_io::storage::root(sp_runtime::StateVersion::V1));
	}
	Datanets::do_try_state().unwrap();
}

frame_support::parameter_types! {
	/// How often which call succeeded and failed.
	static Calls: BTreeMap<(String, bool), u32> = BTreeMap::new();
}

/// Takes back all that can be taken back, the latest first, as duplicates hang below earlier ones.
fn clean_up() {
	for (who, commitment, _) in Reservations::<Test>::iter().collect::<Vec<_>>() {
		assert_ok!(Datanets::cancel_reservation(signed(who), commitment));
	}
	for id in (0..NextBatchId::<Test>::get()).rev() {
		let Some(batch) = Batches::<Test>::get(id) else {
			continue;
		};
		let pinned = Records::<Test>::get(batch.datanet).unwrap().pinned;
		match batch.state {
			BatchState::Accepted { index, .. } if index < pinned => {
				assert_noop!(withdraw(batch.contributor, id), E::BatchInUse);
			}
			_ if !Links::<Test>::get(id).is_leaf() => {
				assert_noop!(withdraw(batch.contributor, id), E::HasDuplicates);
			}
			_ => {
				assert_ok!(withdraw(batch.contributor, id));
			}
		}
	}
	for (datanet, who, _) in Listed::<Test>::iter().collect::<Vec<_>>() {
		let owner = Records::<Test>::get(datanet).unwrap().owner;
		assert_ok!(Datanets::unlist_contributor(signed(owner), datanet, who));
	}
	for id in 0..NextDatanetId::<Test>::get() {
		let Some(datanet) = Records::<Test>::get(id) else {
			continue;
		};
		let closed = Datanets::close_datanet(signed(datanet.owner), id);
		assert_eq!(closed.is_ok(), datanet.pinned == 0);
	}
}

fn all_held(who: AccountId) -> Balance {
	[
		HoldReason::DatanetDeposit,
		HoldReason::BatchDeposit,
		HoldReason::Reservation,
	]
	.into_iter()
	.map(|reason| held(reason, who))
	.sum()
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
	prop::collection::vec(action(), 50..150)
}

/// Runs a property over many sequences of calls, from a fixed seed, and then demands that every call
/// has succeeded and failed in one of them: a property over calls that all fail says nothing.
fn over_many(pin: bool, property: impl Fn()) {
	MaxBatchesPerDatanet::set(20);
	Calls::take();
	let config = ProptestConfig::with_cases(128);
	let rng = TestRng::deterministic_rng(config.rng_algorithm);
	let actions = actions();
	TestRunner::new_with_rng(config, rng)
		.run(&actions, |actions| {
			let all = ExtBuilder::default().datanet(ALICE).datanet(BOB);
			all.build_and_execute(|| {
				actions
					.into_iter()
					.filter(|action| pin || !matches!(action.kind, Kind::Pin { .. }))
					.for_each(run);
				clean_up();
				property();
			});
			Ok(())
		})
		.unwrap();
	MaxBatchesPerDatanet::set(6);
	let calls = Calls::take();
	println!("{calls:?}");
	let kinds = if pin { 22 } else { 21 };
	assert_eq!(calls.keys().filter(|(_, ok)| *ok).count(), kinds);
	let never = ["Wait", "Create"];
	let failed = calls
		.keys()
		.filter(|(name, ok)| !ok && !never.contains(&name.as_str()));
	assert_eq!(failed.count(), kinds - never.len());
}

#[test]
fn invariants_hold_and_deposits_come_back() {
	over_many(true, || {
		let left = Records::<Test>::iter()
			.map(|(_, datanet)| datanet.deposit)
			.sum::<u128>()
			+ Batches::<Test>::iter()
				.map(|(_, batch)| batch.deposit)
				.sum::<u128>();
		assert!(Records::<Test>::iter().all(|(_, datanet)| datanet.pinned > 0));
		assert_eq!((ALICE..=PAUPER).map(all_held).sum::<u128>(), left);
	});
}

#[test]
fn without_pins_every_deposit_and_all_income_comes_out() {
	over_many(false, || {
		assert_eq!((ALICE..=PAUPER).map(all_held).sum::<u128>(), 0);
		assert_eq!(Batches::<Test>::iter().count(), 0);
		assert_eq!(Records::<Test>::iter().count(), 0);
		assert_eq!(Links::<Test>::iter().count(), 0);
		assert_eq!(Pools::<Test>::iter().count(), 0);
		assert_eq!(TotalIncome::<Test>::get(), 0);
		assert_eq!(wealth(Datanets::pot_account()), MINIMUM, "the pot is empty");
	});
}
