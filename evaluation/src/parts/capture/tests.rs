use proptest::prelude::*;

use super::{
	honest::Honest,
	plans::{cost, worth, Paid},
	*,
};

#[test]
fn no_strategy_is_cheaper_than_what_weighs_as_much() {
	for share in SHARES {
		let found = found(share, 12).unwrap();
		for ratio in best(&found, |cheapest| cheapest.ratio) {
			assert!(ratio >= 1.0, "{share} %: {ratio}");
			assert!(
				ratio < 1.02,
				"{share} %: the search finds nothing near the bound: {ratio}"
			);
		}
	}
}

#[test]
fn what_is_paid_in_the_last_month_does_not_count() {
	let vote = block(400);
	let late = |days| {
		[Paid {
			at: vote - block(days),
			lost: UNIT,
		}]
	};
	assert_eq!(worth(&late(29), vote, 1).unwrap(), 0);
	assert!(worth(&late(31), vote, 1).unwrap() > 0);
}

#[test]
fn steady_volume_weighs_as_much_as_130_days_of_it() {
	let honest = Honest::new(&PATHS[0]).unwrap();
	let days = *honest.power.last().unwrap() as f64 / DAILY as f64;
	assert!((128.0..131.0).contains(&days), "{days}");
}

proptest! {
	#[test]
	fn nothing_that_is_paid_ever_counts_for_more(
		payments in prop::collection::vec((0u64..block(400), 0u128..1 << 80), 1..20),
		accounts in 1u32..5,
		vote in 0u64..block(600),
	) {
		let mut plan: Vec<Paid> = payments.into_iter().map(|(at, lost)| Paid { at, lost }).collect();
		plan.sort_by_key(|paid| paid.at);
		prop_assert!(worth(&plan, vote, accounts).unwrap() <= cost(&plan));
	}

	#[test]
	fn a_part_of_the_whole_costs_at_least_what_it_weighs(
		payments in prop::collection::vec((0u64..block(400), 1u128..1 << 80), 1..10),
		path in 0usize..PATHS.len(),
		day in 60u64..HORIZON,
	) {
		let mut plan: Vec<Paid> = payments.into_iter().map(|(at, lost)| Paid { at, lost }).collect();
		plan.sort_by_key(|paid| paid.at);
		let honest = Honest::new(&PATHS[path]).unwrap().power[day as usize];
		let own = worth(&plan, block(day), 1).unwrap();
		for share in SHARES {
			if own * (100 - share) >= honest * share {
				prop_assert!(cost(&plan) >= needed(honest, share));
			}
		}
	}
}
