//! What holds for any order of events.

use crate::mock::*;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
	Earn { who: u64, payer: u64, amount: u128 },
	Forfeit { who: u64, percent: u8 },
	Wait { blocks: u64 },
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
		1 => Just(Step::Idle),
	]
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
}
