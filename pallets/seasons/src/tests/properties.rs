//! What holds for any order of calls.

use crate::{mock::*, Conversion, Points};
use openledger_primitives::{data::Merit, traits::PointsSink, Balance};
use proptest::prelude::*;

const ACCOUNTS: u64 = 130;

#[derive(Clone, Debug)]
enum Step {
	Credit {
		who: AccountId,
		merit: Merit,
		points: u64,
	},
	Convert {
		ahead: u32,
		conversion: Conversion,
	},
	List {
		ahead: u32,
		who: AccountId,
		listed: bool,
	},
	Fund {
		ahead: u32,
		amount: Balance,
	},
	Wait {
		blocks: u64,
	},
	Close {
		back: u32,
	},
	/// By one of those who have points in the season.
	Claim {
		back: u32,
		pick: usize,
	},
	ClaimAll {
		back: u32,
	},
	Sweep {
		back: u32,
		limit: u32,
	},
}

fn account() -> impl Strategy<Value = AccountId> {
	prop_oneof![4 => 1u64..6, 1 => 1..ACCOUNTS]
}

fn step() -> impl Strategy<Value = Step> {
	let points = prop_oneof![0u64..5, 1u64..1_000, u64::MAX / 8..u64::MAX / 2];
	let merit = prop_oneof![Just(Merit::Contribution), Just(Merit::Curation)];
	let conversion = (
		1..=MAX_PER_POINT,
		1..=MAX_POT,
		prop_oneof![3 => 0u64..3, 1 => 0u64..20],
		proptest::bool::weighted(0.3),
	)
		.prop_map(|(per_point, cap, min_points, listed_only)| Conversion {
			per_point,
			cap,
			min_points,
			listed_only,
		});
	prop_oneof![
		12 => (account(), merit, points)
			.prop_map(|(who, merit, points)| Step::Credit { who, merit, points }),
		4 => (0u32..2, conversion)
			.prop_map(|(ahead, conversion)| Step::Convert { ahead, conversion }),
		3 => (0u32..3, account(), proptest::bool::ANY)
			.prop_map(|(ahead, who, listed)| Step::List { ahead, who, listed }),
		4 => (0u32..2, 0u128..2 * MAX_POT).prop_map(|(ahead, amount)| Step::Fund { ahead, amount }),
		3 => (1u64..2 * LENGTH).prop_map(|blocks| Step::Wait { blocks }),
		1 => (0u32..5).prop_map(|back| Step::Close { back }),
		6 => (prop_oneof![6 => 1u32..3, 1 => 0u32..5], 0usize..100).prop_map(|(back, pick)| Step::Claim { back, pick }),
		1 => (0u32..5).prop_map(|back| Step::ClaimAll { back }),
		2 => (prop_oneof![3 => 3u32..6, 1 => 0u32..7], 0u32..MAX_SWEEP + 2).prop_map(|(back, limit)| Step::Sweep { back, limit }),
	]
}

fn apply(step: Step) {
	let now = Seasons::season_now().season;
	let root = RuntimeOrigin::root;
	// Some of these fail, and must leave everything as it was.
	let _ = match step {
		Step::Credit { who, merit, points } => {
			<Seasons as PointsSink<_>>::credit(&who, 0, merit, points);
			Ok(())
		}
		Step::Convert { ahead, conversion } => {
			Seasons::set_conversion(root(), now + ahead, conversion)
		}
		Step::List { ahead, who, listed } => Seasons::set_listed(root(), now + ahead, who, listed),
		Step::Fund { ahead, amount } => Seasons::fund(signed(SPONSOR), now + ahead, amount),
		Step::Wait { blocks } => {
			System::set_block_number(System::block_number() + blocks);
			Ok(())
		}
		Step::Close { back } => Seasons::close_season(signed(BOB), now.saturating_sub(back)),
		Step::Claim { back, pick } => {
			let season = now.saturating_sub(back);
			let mut all: Vec<_> = Points::<Test>::iter_key_prefix(season).collect();
			all.sort_unstable();
			let who = pick.checked_rem(all.len()).map_or(ALICE, |at| all[at]);
			let expected = Seasons::reward_of(who, season);
			let before = balance(who);
			let result = Seasons::claim_reward(signed(who), season);
			let gained = balance(who) - before;
			assert_eq!(gained, if result.is_ok() { expected.unwrap() } else { 0 });
			result
		}
		Step::ClaimAll { back } => {
			let season = now.saturating_sub(back);
			for who in 1..ACCOUNTS {
				let _ = Seasons::claim_reward(signed(who), season);
			}
			Ok(())
		}
		Step::Sweep { back, limit } => {
			let season = now.saturating_sub(back);
			Seasons::sweep_season(signed(BOB), season, limit)
				.map(|_| ())
				.map_err(|error| error.error)
		}
	};
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(200))]

	#[test]
	fn nothing_breaks_the_invariants(steps in prop::collection::vec(step(), 1..150)) {
		ExtBuilder::default().build_and_execute(|| {
			for step in steps {
				apply(step);
				check();
			}
			// In the end everything is paid, returned or swept away.
			let last = Seasons::season_now().season + 3;
			go_to(last + 1, CLAIM);
			for season in 0..=last {
				while Seasons::sweep_season(signed(BOB), season, MAX_SWEEP).is_ok() {
					check();
				}
			}
			assert_eq!(Points::<Test>::iter().count(), 0);
			assert_eq!(balance(Seasons::pot()), MINIMUM);
		});
	}
}
