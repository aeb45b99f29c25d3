//! What holds for any order of calls.

use crate::{mock::*, AccessId, Grants, HoldReason, NextId, Requests};
use frame_support::traits::fungible::InspectHold;
use openledger_primitives::{
	data::Purpose::{self, *},
	traits::AccessGrants,
	Balance, DatanetId,
};
use proptest::prelude::*;

/// Who acts: mostly who may.
#[derive(Clone, Debug)]
enum Actor {
	Owner,
	Steward,
	Anybody(AccountId),
}

impl Actor {
	fn account(&self, datanet: DatanetId) -> AccountId {
		let owner = || {
			Datanets::get()
				.get(&datanet)
				.map_or(OWNER, |given| given.terms.owner)
		};
		match self {
			Self::Owner => owner(),
			Self::Steward => Access::stewards_of(datanet)
				.first()
				.copied()
				.unwrap_or(STEWARD),
			Self::Anybody(who) => *who,
		}
	}
}

/// A request or grant is picked among those that there are, and one that is not among none.
#[derive(Clone, Debug)]
enum Step {
	Request {
		who: AccountId,
		datanet: DatanetId,
		purpose: Purpose,
		/// In percent of the lowest price.
		price: u32,
		term: u64,
		key: u8,
	},
	Approve {
		by: Actor,
		pick: usize,
		key: bool,
	},
	Refuse {
		by: Actor,
		pick: usize,
	},
	Cancel {
		by: Option<AccountId>,
		pick: usize,
	},
	HandOver {
		by: Actor,
		pick: usize,
	},
	Revoke {
		by: Actor,
		pick: usize,
	},
	End {
		pick: usize,
	},
	Appoint {
		by: Actor,
		datanet: DatanetId,
		stewards: Vec<AccountId>,
	},
	Dismiss {
		by: Actor,
		datanet: DatanetId,
	},
	Transfer {
		datanet: DatanetId,
		to: AccountId,
	},
	Wait {
		blocks: u64,
	},
}

fn step() -> impl Strategy<Value = Step> {
	let who = || 1u64..9;
	let by = || {
		prop_oneof![
			5 => Just(Actor::Owner),
			2 => Just(Actor::Steward),
			1 => who().prop_map(Actor::Anybody),
		]
	};
	let pick = || 0usize..100;
	let purpose = prop_oneof![
		4 => Just(Training),
		1 => Just(Research),
		1 => Just(Serving),
		1 => Just(Curation)
	];
	let price = prop_oneof![5 => 100u32..300, 1 => 0u32..100];
	let term = prop_oneof![1u64..DAY, DAY..10 * DAY, DAY..31 * DAY];
	let stewards = prop::collection::vec(who(), 0..4);
	prop_oneof![
		8 => (who(), 0u32..4, purpose, price, term, 0u8..3).prop_map(
			|(who, datanet, purpose, price, term, key)| Step::Request {
				who, datanet, purpose, price, term, key
			}
		),
		6 => (by(), pick(), proptest::bool::ANY)
			.prop_map(|(by, pick, key)| Step::Approve { by, pick, key }),
		1 => (by(), pick()).prop_map(|(by, pick)| Step::Refuse { by, pick }),
		2 => (prop::option::of(who()), pick()).prop_map(|(by, pick)| Step::Cancel { by, pick }),
		1 => (by(), pick()).prop_map(|(by, pick)| Step::HandOver { by, pick }),
		2 => (by(), pick()).prop_map(|(by, pick)| Step::Revoke { by, pick }),
		2 => pick().prop_map(|pick| Step::End { pick }),
		2 => (by(), 0u32..4, stewards)
			.prop_map(|(by, datanet, stewards)| Step::Appoint { by, datanet, stewards }),
		1 => (by(), 0u32..4).prop_map(|(by, datanet)| Step::Dismiss { by, datanet }),
		1 => (0u32..3, OWNER..=OTHER_OWNER)
			.prop_map(|(datanet, to)| Step::Transfer { datanet, to }),
		3 => prop_oneof![3 => 1u64..PERIOD, 1 => 1u64..20 * DAY]
			.prop_map(|blocks| Step::Wait { blocks }),
	]
}

fn nth<R>(
	records: impl Iterator<Item = (AccessId, R)>,
	pick: usize,
	datanet: impl Fn(&R) -> DatanetId,
) -> (AccessId, DatanetId) {
	let mut all: Vec<_> = records.map(|(id, record)| (id, datanet(&record))).collect();
	all.sort_unstable();
	let at = pick.checked_rem(all.len());
	at.map_or((NextId::<Test>::get(), DATANET), |at| all[at])
}

fn request_at(pick: usize) -> (AccessId, DatanetId) {
	nth(Requests::<Test>::iter(), pick, |request| request.datanet)
}

fn grant_at(pick: usize) -> (AccessId, DatanetId) {
	nth(Grants::<Test>::iter(), pick, |grant| grant.datanet)
}

fn everybody() -> impl Iterator<Item = AccountId> {
	(1..9).chain([TREASURY])
}

/// What everybody has, on hold or not, and what is on hold.
fn books() -> Vec<(Balance, Balance)> {
	everybody()
		.map(|who| (wealth(who), Balances::total_balance_on_hold(&who)))
		.collect()
}

fn apply(step: Step) {
	let before = books();
	let result = match step.clone() {
		Step::Request {
			who,
			datanet,
			purpose,
			price,
			term,
			key,
		} => {
			let lowest = Access::lowest_price(datanet, purpose, term).unwrap_or(1);
			let price = lowest * Balance::from(price) / 100;
			Access::request_access(signed(who), datanet, purpose, price, term, [key; 32])
		}
		Step::Approve { by, pick, key } => {
			let (id, datanet) = request_at(pick);
			let key = key.then(|| bytes(b"age"));
			Access::approve(signed(by.account(datanet)), id, key)
		}
		Step::Refuse { by, pick } => {
			let (id, datanet) = request_at(pick);
			Access::refuse(signed(by.account(datanet)), id, bytes(b""))
		}
		Step::Cancel { by, pick } => {
			let (id, _) = request_at(pick);
			let maker = Requests::<Test>::get(id).map_or(TRAINER, |request| request.who);
			Access::cancel_request(signed(by.unwrap_or(maker)), id)
		}
		Step::HandOver { by, pick } => {
			let (id, datanet) = grant_at(pick);
			Access::hand_over_key(signed(by.account(datanet)), id, bytes(b"age"))
		}
		Step::Revoke { by, pick } => {
			let (id, datanet) = grant_at(pick);
			let (paid, refund) = (
				Grants::<Test>::get(id).map_or(0, |grant| grant.price),
				Access::refund_of(id),
			);
			assert!(refund.unwrap_or(0) <= paid);
			Access::revoke(signed(by.account(datanet)), id)
		}
		Step::End { pick } => Access::end_grant(signed(STRANGER), grant_at(pick).0),
		Step::Appoint {
			by,
			datanet,
			stewards,
		} => appoint(datanet, by.account(datanet), &stewards),
		Step::Dismiss { by, datanet } => {
			Access::dismiss_stewards(signed(by.account(datanet)), datanet)
		}
		Step::Transfer { datanet, to } => {
			change(datanet, |given| given.terms.owner = to);
			Ok(())
		}
		Step::Wait { blocks } => {
			pass(blocks);
			Ok(())
		}
	};
	let after = books();
	if result.is_err() {
		assert_eq!(before, after, "{step:?} failed and moved money");
	}
	let sum = |books: &[(Balance, Balance)]| books.iter().map(|(all, _)| *all).sum::<Balance>();
	assert_eq!(sum(&before), sum(&after));
	// Only approvals and revocations make anybody poorer.
	if !matches!(step, Step::Approve { .. } | Step::Revoke { .. }) {
		assert!(before.iter().zip(&after).all(|(old, new)| old.0 == new.0));
	}
}

/// What stores and tools are told agrees with the records.
fn check_views() {
	let now = System::block_number();
	for who in everybody() {
		for datanet in 0..3 {
			let live = |purpose| {
				Grants::<Test>::iter_values().any(|grant| {
					grant.who == who
						&& grant.datanet == datanet
						&& grant.purpose == purpose
						&& grant.until > now
				})
			};
			let purposes = [Research, Training, Serving, Curation];
			for purpose in purposes {
				assert_eq!(
					<Access as AccessGrants<_>>::may(&who, datanet, purpose),
					live(purpose)
				);
			}
			assert_eq!(
				Access::may_read(who, datanet).is_some(),
				purposes.into_iter().any(live)
			);
			let imports = Access::imports_of(who, None, 100);
			assert_eq!(
				imports.iter().any(|import| import.datanet == datanet),
				live(Training)
			);
		}
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(200))]

	#[test]
	fn nothing_breaks_the_invariants(steps in prop::collection::vec(step(), 1..100)) {
		ExtBuilder.build_and_execute(|| {
			for step in steps {
				apply(step);
				check();
			}
			check_views();
			// In the end every hold is released.
			pass(MAX_TERM + PERIOD);
			for id in 0..NextId::<Test>::get() {
				if Requests::<Test>::contains_key(id) {
					assert!(Access::cancel_request(signed(STRANGER), id).is_ok());
				} else if Grants::<Test>::contains_key(id) {
					assert!(Access::end_grant(signed(STRANGER), id).is_ok());
				}
			}
			for who in everybody() {
				assert_eq!(held(HoldReason::Price, who), 0);
				assert_eq!(held(HoldReason::RecordDeposit, who), 0);
			}
			for (datanet, owner) in [(0, OWNER), (0, OTHER_OWNER), (1, OWNER), (1, OTHER_OWNER), (2, OWNER), (2, OTHER_OWNER)] {
				let _ = Access::dismiss_stewards(signed(owner), datanet);
			}
			assert!(everybody().all(|who| Balances::total_balance_on_hold(&who) == 0));
		});
	}
}
