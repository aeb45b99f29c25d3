//! What holds for any order of calls.

use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::{assert_ok, traits::fungible::InspectHold};
use openledger_primitives::Balance;
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};

use crate::{
	mock::*, types::Vote, Backers, Delivered, Event, NextId, ProposalId, Proposals, Stage,
};

/// Proposals, and backers, are picked among those that there are.
#[derive(Clone, Debug)]
enum Step {
	Propose {
		amounts: Vec<Balance>,
		named: bool,
	},
	Name {
		pick: usize,
		builder: Option<AccountId>,
	},
	Cancel {
		pick: usize,
	},
	Accept {
		pick: usize,
		by: Option<AccountId>,
	},
	Back {
		pick: usize,
		who: AccountId,
		amount: Balance,
	},
	Deliver {
		pick: usize,
		/// Nothing else than what is due.
		due: bool,
	},
	Vote {
		pick: usize,
		who: AccountId,
		approve: bool,
	},
	Resolve {
		pick: usize,
	},
	Expire {
		pick: usize,
	},
	GiveUp {
		pick: usize,
	},
	Refund {
		pick: usize,
		who: AccountId,
		by: AccountId,
	},
	Close {
		pick: usize,
	},
	/// A model gets another owner.
	Sell {
		model: u32,
		to: AccountId,
	},
	Wait {
		blocks: u64,
	},
}

fn step() -> impl Strategy<Value = Step> {
	let who = || 1u64..8;
	let pick = || 0usize..100;
	let amounts = prop_oneof![
		5 => prop::collection::vec(1u128..1_000, 1..5),
		1 => prop::collection::vec(0u128..100, 0..9),
	];
	let mostly = || prop::bool::weighted(0.9);
	prop_oneof![
		3 => (amounts, mostly()).prop_map(|(amounts, named)| Step::Propose { amounts, named }),
		1 => (pick(), prop::option::of(who())).prop_map(|(pick, builder)| Step::Name { pick, builder }),
		1 => pick().prop_map(|pick| Step::Cancel { pick }),
		5 => (pick(), prop::option::weighted(0.1, who()))
			.prop_map(|(pick, by)| Step::Accept { pick, by }),
		16 => (pick(), who(), 1u128..1_500)
			.prop_map(|(pick, who, amount)| Step::Back { pick, who, amount }),
		10 => (pick(), mostly()).prop_map(|(pick, due)| Step::Deliver { pick, due }),
		14 => (pick(), who(), prop::bool::weighted(0.6))
			.prop_map(|(pick, who, approve)| Step::Vote { pick, who, approve }),
		10 => pick().prop_map(|pick| Step::Resolve { pick }),
		2 => pick().prop_map(|pick| Step::Expire { pick }),
		1 => pick().prop_map(|pick| Step::GiveUp { pick }),
		6 => (pick(), who(), who()).prop_map(|(pick, who, by)| Step::Refund { pick, who, by }),
		2 => pick().prop_map(|pick| Step::Close { pick }),
		1 => (0u32..4, who()).prop_map(|(model, to)| Step::Sell { model, to }),
		8 => prop_oneof![6 => 1u64..=VOTING, 1 => 1u64..=FUNDING]
			.prop_map(|blocks| Step::Wait { blocks }),
	]
}

fn some_proposal(pick: usize) -> ProposalId {
	let mut all: Vec<_> = Proposals::<Test>::iter_keys().collect();
	all.sort_unstable();
	pick.checked_rem(all.len())
		.map_or(NextId::<Test>::get(), |at| all[at])
}

fn everybody() -> impl Iterator<Item = AccountId> {
	(1..8).chain([TREASURY])
}

fn books() -> Vec<(Balance, Balance)> {
	everybody()
		.map(|who| (wealth(who), Balances::total_balance_on_hold(&who)))
		.collect()
}

fn builder_of(id: ProposalId) -> AccountId {
	Proposals::<Test>::get(id)
		.and_then(|proposal| proposal.builder)
		.unwrap_or(BUILDER)
}

fn proposer_of(id: ProposalId) -> AccountId {
	Proposals::<Test>::get(id).map_or(PROPOSER, |proposal| proposal.proposer)
}

/// What is delivered for a milestone, or what should not be.
fn evidence(id: ProposalId, due: bool) -> crate::Evidence {
	let is_last = Proposals::<Test>::get(id)
		.is_some_and(|proposal| proposal.exits.len() + 1 == proposal.terms.milestones.len());
	match (is_last, due) {
		(true, true) => version(model(builder_of(id))),
		(true, false) => version(0),
		_ => file(),
	}
}

/// What somebody paid for proposals is known without looking at the pot: its part of each milestone that was paid
/// for before it objected to one.
#[derive(Default)]
struct Shadow {
	/// What each has given, and what came back, by proposal.
	given: BTreeMap<(ProposalId, AccountId), (Balance, Option<Balance>)>,
	/// What builders got, by proposal.
	paid: BTreeMap<ProposalId, Balance>,
	/// The least that each is to get back.
	due: BTreeMap<(ProposalId, AccountId), Balance>,
	/// What has happened.
	seen: BTreeSet<&'static str>,
}

impl Shadow {
	/// Before a refund: the backer's fair part, rounded down.
	fn expect(&mut self, id: ProposalId, who: AccountId) {
		let (Some(proposal), Some(backing)) =
			(Proposals::<Test>::get(id), Backers::<Test>::get(id, who))
		else {
			return;
		};
		let next = proposal.exits.len() as u32;
		let paid_for = match backing.vote {
			Some(Vote {
				milestone,
				approve: false,
			}) if milestone < next => milestone,
			_ => next,
		};
		let rest: Balance = proposal
			.terms
			.milestones
			.iter()
			.skip(paid_for as usize)
			.map(|milestone| milestone.amount)
			.sum();
		let fair = backing.amount * rest / proposal.terms.goal;
		self.due.insert((id, who), fair);
	}

	/// Takes note of what events say.
	fn note(&mut self) {
		for record in System::events() {
			self.seen.extend(seen(&record.event));
			match record.event {
				RuntimeEvent::Escrow(Event::Backed {
					proposal,
					who,
					amount,
					..
				}) => self.given.entry((proposal, who)).or_default().0 += amount,
				RuntimeEvent::Escrow(Event::Refunded {
					proposal,
					who,
					amount,
					of,
				}) => {
					let record = self.given.get_mut(&(proposal, who)).unwrap();
					assert_eq!(record.0, of);
					assert_eq!(record.1.replace(amount), None, "refunded twice");
					let fair = self.due[&(proposal, who)];
					assert!(fair <= amount && amount <= fair + 8, "{amount} for {fair}");
				}
				RuntimeEvent::Escrow(Event::MilestonePaid {
					proposal, amount, ..
				}) => *self.paid.entry(proposal).or_default() += amount,
				_ => {}
			}
		}
		System::reset_events();
	}

	/// In the end each unit that was given has gone back or to the builder.
	fn balance(&self) {
		let mut sums = BTreeMap::<ProposalId, (Balance, Balance)>::new();
		for ((id, _), (given, back)) in &self.given {
			let sum = sums.entry(*id).or_default();
			sum.0 += given;
			sum.1 += back.expect("everybody was refunded");
		}
		for (id, (given, back)) in sums {
			let paid = self.paid.get(&id).copied().unwrap_or(0);
			assert_eq!(given, back + paid);
		}
	}
}

fn apply(step: Step, shadow: &mut Shadow) {
	let before = books();
	let id = |pick| some_proposal(pick);
	let result = match step.clone() {
		Step::Propose { amounts, named } => Escrow::propose(
			signed(PROPOSER),
			terms_of(&amounts),
			named.then_some(BUILDER),
		),
		Step::Name { pick, builder } => {
			Escrow::name_builder(signed(proposer_of(id(pick))), id(pick), builder)
		}
		Step::Cancel { pick } => Escrow::cancel(signed(proposer_of(id(pick))), id(pick)),
		Step::Accept { pick, by } => {
			let by = by.unwrap_or(builder_of(id(pick)));
			Escrow::accept(signed(by), id(pick))
		}
		Step::Back { pick, who, amount } => Escrow::back(signed(who), id(pick), amount),
		Step::Deliver { pick, due } => {
			let id = id(pick);
			Escrow::deliver(signed(builder_of(id)), id, evidence(id, due))
		}
		Step::Vote { pick, who, approve } => {
			let id = id(pick);
			let milestone =
				Proposals::<Test>::get(id).map_or(0, |proposal| proposal.exits.len() as u32);
			Escrow::vote(signed(who), id, milestone, approve)
		}
		Step::Resolve { pick } => Escrow::resolve(signed(STRANGER), id(pick)),
		Step::Expire { pick } => Escrow::expire(signed(STRANGER), id(pick)),
		Step::GiveUp { pick } => Escrow::give_up(signed(builder_of(id(pick))), id(pick)),
		Step::Refund { pick, who, by } => {
			shadow.expect(id(pick), who);
			Escrow::refund(signed(by), id(pick), who)
		}
		Step::Close { pick } => Escrow::close(signed(STRANGER), id(pick)),
		Step::Sell { model, to } => {
			Owners::mutate(|owners| {
				owners.entry(model).and_modify(|owner| *owner = to);
			});
			Ok(())
		}
		Step::Wait { blocks } => {
			pass(blocks);
			Ok(())
		}
	};
	if result.is_err() {
		assert_eq!(before, books(), "{step:?} failed and moved money");
	}
	shadow.note();
}

/// Brings everything to its end, as strangers could.
fn end(shadow: &mut Shadow) {
	pass(MAX_BUILDING);
	let ids: Vec<_> = Proposals::<Test>::iter_keys().collect();
	for id in ids {
		match stage(id) {
			Stage::Open => {
				assert_ok!(Escrow::cancel(signed(proposer_of(id)), id));
				continue;
			}
			Stage::Funding { .. } | Stage::Building { .. } => {
				assert_ok!(Escrow::expire(signed(STRANGER), id));
			}
			Stage::Judging { .. } => {
				resolve(id);
				if matches!(stage(id), Stage::Building { .. }) {
					assert_ok!(Escrow::expire(signed(STRANGER), id));
				}
			}
			Stage::Completed { .. } | Stage::Stopped => {}
		}
	}
	pass(MAX_BUILDING);
	let backers: Vec<_> = Backers::<Test>::iter_keys().collect();
	for (id, who) in backers {
		shadow.expect(id, who);
		refund(id, who);
		shadow.note();
	}
	check();
	let ids: Vec<_> = Proposals::<Test>::iter_keys().collect();
	for id in ids {
		assert_ok!(Escrow::close(signed(STRANGER), id));
	}
}

/// How far random steps come: what must be seen among a few hundred runs.
fn seen(event: &RuntimeEvent) -> Option<&'static str> {
	match event {
		RuntimeEvent::Escrow(Event::GoalReached { .. }) => Some("goal"),
		RuntimeEvent::Escrow(Event::MilestonePaid { left: 0, .. }) => Some("paid by all"),
		RuntimeEvent::Escrow(Event::MilestonePaid { .. }) => Some("paid by some"),
		RuntimeEvent::Escrow(Event::Completed { .. }) => Some("completed"),
		RuntimeEvent::Escrow(Event::Stopped { failure, .. }) => Some(match failure {
			crate::Failure::GoalMissed => "missed",
			crate::Failure::TooLate => "late",
			crate::Failure::Rejected => "rejected",
			crate::Failure::GivenUp => "given up",
		}),
		_ => None,
	}
}

#[test]
fn random_steps_lead_somewhere() {
	let mut runner = TestRunner::deterministic();
	let mut all = BTreeSet::new();
	for _ in 0..300 {
		let steps = prop::collection::vec(step(), 100);
		let steps = steps.new_tree(&mut runner).unwrap().current();
		ExtBuilder::default().build_and_execute(|| {
			let mut shadow = Shadow::default();
			for step in steps {
				apply(step, &mut shadow);
			}
			all.append(&mut shadow.seen);
		});
		if all.len() == 8 {
			return;
		}
	}
	panic!("{all:?}");
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(200))]

	#[test]
	fn nothing_breaks_the_invariants(steps in prop::collection::vec(step(), 1..150)) {
		ExtBuilder::default().build_and_execute(|| {
			let mut shadow = Shadow::default();
			for step in steps {
				apply(step, &mut shadow);
				check();
			}
			end(&mut shadow);
			shadow.balance();
			assert_eq!(pot(), 0);
			assert_eq!(Delivered::<Test>::iter().count(), 0);
			assert!(everybody().all(|who| Balances::total_balance_on_hold(&who) == 0));
		});
	}
}
