//! What holds for any order of events.

use crate::{mock::*, Accounts, Contests};
use frame_support::assert_ok;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
	Earn { who: u64, payer: u64, amount: u128 },
	Forfeit { who: u64, percent: u8 },
	Wait { blocks: u64 },
	Contest { who: u64, back: u64, part: u128 },
	End { contest: u64, upheld: bool },
	Idle,
}

fn step() -> impl Strategy<Value = Step> {
	let amount = prop_oneof![
		1u128..1_000,
		1_000_000u128..1_000_000_000_000_000,
		(1u128 << 90)..(1 << 100),
	];
	let blocks = prop_oneof![1u64..30, 1..2 * HALF_LIFE];
	prop_oneof![
		4 => (0u64..6, 0u64..6, amount)
			.prop_map(|(who, payer, amount)| Step::Earn { who, payer, amount }),
		1 => (0u64..6, 0u8..=100).prop_map(|(who, percent)| Step::Forfeit { who, percent }),
		3 => blocks.prop_map(|blocks| Step::Wait { blocks }),
		2 => (0u64..6, 0u64..35, 1u128..=4)
			.prop_map(|(who, back, part)| Step::Contest { who, back, part }),
		1 => (0u64..20, any::<bool>()).prop_map(|(contest, upheld)| Step::End { contest, upheld }),
		1 => Just(Step::Idle),
	]
}

/// Contests a part of what an account earned so many buckets ago, if it did; of the last bucket in which it
/// did, if `back` is 0.
fn contest_part(who: u64, back: u64, part: u128) {
	let present = System::block_number() / DAY;
	let Some(points) = Accounts::<Test>::get(who) else {
		return;
	};
	let last = points.pending.iter().rev().find(|it| it.bucket < present);
	let bucket = match back {
		0 => last.map_or(0, |it| it.bucket),
		_ => present.saturating_sub(back),
	};
	let free = points
		.pending
		.iter()
		.find(|it| it.bucket == bucket)
		.map_or(1, |it| it.amount);
	let _ = try_contest(who, bucket, free.div_ceil(part));
}

/// Decides one of the open contests, or closes it if it is too late.
fn end(contest: u64, upheld: bool) {
	let Some(id) = Contests::<Test>::iter_keys().nth(contest as usize) else {
		return;
	};
	if Reputation::decide(RuntimeOrigin::root(), id, upheld).is_err() {
		assert_ok!(Reputation::close(RuntimeOrigin::signed(1), id));
	}
}

fn powers() -> u128 {
	(0..6).map(Reputation::power).sum()
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(300))]

	#[test]
	fn powers_never_exceed_the_total_and_stay_close_to_it(
		steps in prop::collection::vec(step(), 1..120)
	) {
		build_and_execute(|| {
			// What an account's rounding can add up to, and it is below the threshold that a removed
			// account leaves nothing of.
			let drift = 6 * 2 * u128::from(HALF_LIFE / DAY + 2);
			for step in steps {
				match step {
					Step::Earn { who, payer, amount } => earn(who, payer, amount),
					Step::Forfeit { who, percent } => forfeit(who, percent),
					Step::Wait { blocks } => go_to(System::block_number() + blocks),
					Step::Contest { who, back, part } => contest_part(who, back, part),
					Step::End { contest, upheld } => end(contest, upheld),
					Step::Idle => {
						idle();
					}
				}
				check();
				let (sum, total) = (powers(), Reputation::total());
				assert!(sum <= total, "{sum} exceeds {total}");
				assert!(total - sum <= drift, "{total} drifts from {sum}");
			}
		});
	}

	#[test]
	fn reading_and_writing_in_between_changes_nothing(
		earned in prop::collection::vec((1u64..2_000, 1u128..1 << 80), 1..40),
		later in 2_000u64..4_000
	) {
		let mut earned = earned;
		earned.sort_unstable();
		let run = |with_dust: bool| {
			let mut power = 0;
			build_and_execute(|| {
				for (block, amount) in &earned {
					go_to(*block);
					earn(1, 2, MIN_EARNED + amount);
					if with_dust {
						// Writes the total and others' records without adding to this account's.
						earn(3, 2, MIN_EARNED);
						idle();
					}
				}
				go_to(later);
				power = Reputation::power(1);
			});
			power
		};
		prop_assert_eq!(run(false), run(true));
	}

	#[test]
	fn without_new_points_power_never_rises(
		earned in prop::collection::vec((1u64..1_000, 1u128..1 << 100), 1..20),
		waits in prop::collection::vec(1u64..400, 1..40)
	) {
		build_and_execute(|| {
			let mut earned = earned;
			earned.sort_unstable();
			for (block, amount) in earned {
				go_to(block);
				earn(1, 2, MIN_EARNED + amount);
			}
			go_to(System::block_number() + MATURITY + DAY);
			let (mut power, mut total) = (Reputation::power(1), Reputation::total());
			for wait in waits {
				go_to(System::block_number() + wait);
				assert!(Reputation::power(1) <= power);
				assert!(Reputation::total() <= total);
				(power, total) = (Reputation::power(1), Reputation::total());
			}
		});
	}

	#[test]
	fn points_never_exceed_what_was_paid(
		earned in prop::collection::vec((1u64..3_000, 0u64..6, 0u64..6, 1u128..1 << 90), 1..60)
	) {
		build_and_execute(|| {
			let mut earned = earned;
			earned.sort_unstable();
			let mut paid = 0u128;
			for (block, who, payer, amount) in earned {
				go_to(block);
				earn(who, payer, amount);
				paid += amount;
				let pending: u128 = (0..6).map(Reputation::pending).sum();
				assert!(pending + Reputation::total() <= paid);
			}
		});
	}

	#[test]
	fn rejected_contests_change_nothing_but_two_units_each(
		earned in prop::collection::vec((1u64..300, 1u128..1 << 90), 1..20),
		contests in prop::collection::vec((0u64..30, 1u128..=4, 0u64..PERIOD), 1..20),
		later in 500u64..4_000
	) {
		let run = |contested: bool| {
			let mut powers = (0, 0);
			build_and_execute(|| {
				let mut earned = earned.clone();
				earned.sort_unstable();
				for (block, amount) in earned {
					go_to(block);
					earn(1, 2, MIN_EARNED + amount);
				}
				go_to(300);
				let mut open = Vec::new();
				for (bucket, part, wait) in contests.iter().filter(|_| contested) {
					let before = Contests::<Test>::iter_keys().count();
					contest_part(1, 30 - bucket, *part);
					if Contests::<Test>::iter_keys().count() > before {
						open.push((300 + wait, crate::NextContest::<Test>::get() - 1));
					}
				}
				open.sort_unstable();
				for (block, id) in open {
					go_to(block);
					decide(id, false);
					check();
				}
				go_to(later);
				powers = (Reputation::power(1), Reputation::total());
			});
			powers
		};
		let (with, without) = (run(true), run(false));
		let most = 2 * contests.len() as u128;
		prop_assert!(with.0 <= without.0 && without.0 - with.0 <= most);
		prop_assert!(with.1 <= without.1 && without.1 - with.1 <= most);
		prop_assert!(with.0 <= with.1);
	}
}
