//! Random calls by random accounts break no invariant and make or lose no money.

use openledger_primitives::{receipt::Receipt, traits::Ruling, ChannelId};
use proptest::prelude::*;
use std::collections::BTreeMap;

use crate::{mock::*, Event, HoldReason, NextChannel};

#[derive(Clone, Debug)]
enum Step {
	Open {
		agent: u8,
		calls: u32,
	},
	TopUp {
		back: u64,
		amount: u128,
	},
	Close {
		back: u64,
		by_agent: bool,
	},
	Finalise(u64),
	/// Good calls, or ones without data.
	Post {
		back: u64,
		calls: u32,
		plain: bool,
	},
	/// Posts again what was posted last.
	Replay(u64),
	Challenge {
		who: u8,
		back: u64,
		place: u64,
	},
	Disclose {
		back: u64,
		right: bool,
	},
	/// A challenge with all that follows, up to the committee.
	Contest {
		who: u8,
		back: u64,
	},
	Rerun(u64),
	Rule {
		back: u64,
		ruling: u8,
	},
	Totals(u64),
	Double {
		back: u64,
		named: bool,
	},
	Leave(u8),
	Join(u8),
	SafeMode(bool),
	Committees(bool),
	Version,
	Room(u64),
	Blocks(u32),
}

fn step() -> impl Strategy<Value = Step> {
	let back = || 0u64..5;
	let agent = || AGENT..=SECOND_AGENT;
	prop_oneof![
		6 => (agent(), 1u32..40).prop_map(|(agent, calls)| Step::Open { agent, calls }),
		2 => (back(), 0u128..10 * FEE).prop_map(|(back, amount)| Step::TopUp { back, amount }),
		2 => (back(), any::<bool>()).prop_map(|(back, by_agent)| Step::Close { back, by_agent }),
		1 => back().prop_map(Step::Finalise),
		14 => (back(), 1u32..6, any::<bool>())
			.prop_map(|(back, calls, plain)| Step::Post { back, calls, plain }),
		1 => back().prop_map(Step::Replay),
		10 => (CHALLENGER..=FRIEND, back(), 0u64..40)
			.prop_map(|(who, back, place)| Step::Challenge { who, back, place }),
		10 => (back(), prop::bool::weighted(0.9)).prop_map(|(back, right)| Step::Disclose { back, right }),
		10 => back().prop_map(Step::Rerun),
		10 => (back(), 0u8..4).prop_map(|(back, ruling)| Step::Rule { back, ruling }),
		12 => (CHALLENGER..=FRIEND, back()).prop_map(|(who, back)| Step::Contest { who, back }),
		1 => back().prop_map(Step::Totals),
		1 => (back(), any::<bool>()).prop_map(|(back, named)| Step::Double { back, named }),
		1 => agent().prop_map(Step::Leave),
		3 => agent().prop_map(Step::Join),
		1 => prop::bool::weighted(0.3).prop_map(Step::SafeMode),
		1 => prop::bool::weighted(0.8).prop_map(Step::Committees),
		1 => Just(Step::Version),
		1 => (0u64..4).prop_map(Step::Room),
		12 => (1u32..5).prop_map(Step::Blocks),
		2 => Just(Step::Blocks(WINDOW)),
	]
}

/// What agents and payers know: the posted batches with their logs.
type Known = BTreeMap<(ChannelId, u32), Served>;

/// The batch that was posted so many before the last one, if it is not settled.
fn recent(known: &Known, back: u64) -> Option<(ChannelId, u32, Served)> {
	let open: Vec<_> = known.keys().filter(|(id, n)| is_open(*id, *n)).collect();
	let at = open.len().checked_sub(1 + back as usize)?;
	let (id, n) = *open[at];
	Some((id, n, known[&(id, n)].clone()))
}

fn take(step: Step, known: &mut Known) {
	let id_of = |back: u64| NextChannel::<Test>::get().saturating_sub(1 + back);
	match step {
		Step::Open { agent, calls } => {
			let deposit = u128::from(calls) * FEE;
			let _ = Channels::open(signed(PAYER), account(agent), MODEL, deposit, None);
		}
		Step::TopUp { back, amount } => {
			let _ = Channels::top_up(signed(PAYER), id_of(back), amount);
		}
		Step::Close { back, by_agent } => {
			let id = id_of(back);
			if let Some(channel) = crate::Channels::<Test>::get(id) {
				let who = if by_agent {
					channel.agent
				} else {
					channel.payer
				};
				let _ = Channels::close(RuntimeOrigin::signed(who), id);
			}
		}
		Step::Finalise(back) => {
			let _ = Channels::finalise(signed(OTHER), id_of(back));
		}
		Step::Post { back, calls, plain } => {
			let id = id_of(back);
			if let Some(channel) = crate::Channels::<Test>::get(id) {
				let mut served = Served::begin(id);
				for n in 0..calls {
					let outcome = if plain && n % 2 == 0 {
						answer(&[])
					} else {
						good()
					};
					served.call(outcome, FEE + u128::from(n));
				}
				if served.post().is_ok() {
					known.insert((id, channel.batches), served);
				}
			}
		}
		Step::Replay(back) => {
			if let Some((_, _, served)) = recent(known, back) {
				assert!(served.post().is_err());
			}
		}
		Step::Challenge { who, back, place } => {
			if let Some((id, n, served)) = recent(known, back) {
				let _ = challenge(who, id, n, served.calls().first + place % 6);
			}
		}
		Step::Disclose { back, right } => {
			if let Some((id, n, served)) = recent(known, back) {
				if let Some(challenge) = batch(id, n).stage.challenge() {
					let index = challenge.index + u64::from(!right);
					if served.calls().place(index).is_some() {
						let _ = served.disclose(n, index);
					}
				}
			}
		}
		Step::Rerun(back) => {
			if let Some((id, n, served)) = recent(known, back) {
				if let Some(challenge) = batch(id, n).stage.challenge() {
					let who = number(&challenge.challenger);
					let _ = rerun(who, &served, n, challenge.index);
				}
			}
		}
		Step::Contest { who, back } => {
			if let Some((id, n, served)) = recent(known, back) {
				let index = served.calls().first;
				let _ = challenge(who, id, n, index);
				if is_open(id, n) {
					let _ = served.disclose(n, index);
				}
				if is_open(id, n) {
					let _ = rerun(who, &served, n, index);
				}
			}
		}
		Step::Rule { back, ruling } => {
			let waiting: Vec<_> = crate::Reruns::<Test>::iter_keys().collect();
			if !waiting.is_empty() {
				let request = waiting[back as usize % waiting.len()];
				let ruling = [
					Ruling::Confirmed,
					Ruling::WrongResult,
					Ruling::FalseAttribution,
					Ruling::Undecided,
				][usize::from(ruling)];
				rule(request, ruling);
			}
		}
		Step::Totals(back) => {
			if let Some((id, n, served)) = recent(known, back) {
				let step = served.step(served.calls().first);
				assert!(Channels::report_totals(signed(OTHER), id, n, step).is_err());
			}
		}
		Step::Double { back, named } => {
			if let Some((id, n, served)) = recent(known, back) {
				let first = served.last().signed;
				let second = sign(
					served.agent,
					Receipt {
						version: 9,
						..first.receipt
					},
				);
				let n = named.then_some(n);
				let _ = Channels::report_double(signed(OTHER), id, first, second, n);
			}
		}
		Step::Leave(n) => Agents::leave(n),
		Step::Join(n) => Bound::mutate(|list| {
			list.retain(|other| *other != n);
			list.push(n);
		}),
		Step::SafeMode(on) => SafeMode::set(on),
		Step::Committees(on) => Committees::set(on),
		Step::Version => {
			let next = Models::new_version(signed(OWNER), MODEL, spec(&format!("{}", now())));
			let _ = (next, Models::remove_version(signed(OWNER), MODEL, 0));
		}
		Step::Room(items) => DueWeight::set(match items {
			0 => frame_support::weights::Weight::MAX,
			n => Channels::dearest_item().saturating_mul(n),
		}),
		Step::Blocks(n) => run(n),
	}
}

/// What was divided, and how much the agents and the challengers lost.
fn flows() -> (u128, u128, u128) {
	events()
		.iter()
		.fold((0, 0, 0), |(fees, bonds, challenges), event| match event {
			Event::Settled { fee, .. } => (fees + fee, bonds, challenges),
			Event::Upheld {
				lost, compensated, ..
			} => (fees, bonds + lost - compensated, challenges),
			Event::Rejected { lost, .. } => (fees, bonds, challenges + lost - lost / 2),
			_ => (fees, bonds, challenges),
		})
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	#[test]
	fn money_and_invariants_survive(steps in prop::collection::vec(step(), 1..160)) {
		execute(|| {
			let issuance = Balances::total_issuance();
			let treasury = free(TREASURY);
			let mut known = Known::new();
			for step in steps {
				take(step, &mut known);
				check();
			}
			// In the end all is settled or undone, and nothing is left.
			DueWeight::set(frame_support::weights::Weight::MAX);
			SafeMode::set(false);
			for request in crate::Reruns::<Test>::iter_keys().collect::<Vec<_>>() {
				rule(request, Ruling::Undecided);
			}
			for id in crate::Channels::<Test>::iter_keys().collect::<Vec<_>>() {
				let _ = Channels::close(signed(PAYER), id);
			}
			run(MAX_WINDOW + CLOSING + 2 * REOPEN);
			check();
			prop_assert_eq!(crate::Batches::<Test>::iter().count(), 0);
			prop_assert_eq!(crate::Channels::<Test>::iter().count(), 0);
			prop_assert_eq!(crate::Agenda::<Test>::iter().count(), 0);
			for n in [PAYER, AGENT, SECOND_AGENT, CHALLENGER, FRIEND] {
				for reason in [
					HoldReason::Funds,
					HoldReason::Record,
					HoldReason::Bond,
					HoldReason::Challenge,
				] {
					prop_assert_eq!(held(reason, n), 0);
				}
			}
			let (fees, bonds, challenges) = flows();
			let burned = issuance - Balances::total_issuance();
			let accounted = || {
				let credits: u128 = pallet_attribution::Credits::<Test>::iter_values().sum();
				let set_apart = pallet_attribution::TotalSetApart::<Test>::get();
				burned + credits + set_apart + (free(TREASURY) - treasury)
			};
			prop_assert_eq!(accounted(), fees + bonds + challenges);
			// What was set apart of those that were settled is claimed, all but what rounding leaves.
			let mut left = 0;
			for ((id, n), served) in &known {
				if set_apart(*id, *n) > 0 {
					for (data, _) in served.log.earnings().entries() {
						claim_share(served, *n, data).expect("it is known");
					}
					left += set_apart(*id, *n);
					prop_assert!(set_apart(*id, *n) < 2);
				}
			}
			check();
			prop_assert_eq!(pallet_attribution::TotalSetApart::<Test>::get(), left);
			prop_assert_eq!(accounted(), fees + bonds + challenges);
			prop_assert_eq!(wealth(PAYER), RICH - fees, "the payer pays what is settled, and no more");
			Ok(())
		})?;
	}
}
