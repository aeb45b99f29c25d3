//! Operators whose results are near each other.

use openledger_primitives::{
	answer::Entries,
	traits::{Offence, Performance},
	Entry, Outcome,
};

use crate::{mock::*, Ending, Event};

/// Text with a fingerprint that lies so many billionths from that with none.
fn off_by(billionths: i32) -> Outcome {
	said("Paris", &[1_000_000_000 + billionths, -999_999])
}

fn build(agents: u8) -> ExtBuilder {
	ExtBuilder::default().agents(agents).generates(TOLERANT)
}

#[test]
fn near_results_agree_and_the_middle_one_is_the_answer() {
	build(3).build_and_execute(|| {
		let id = drawn();
		let outcomes = [off_by(-700), off_by(0), off_by(700)];
		run_committee(id, &(AGENT..).zip(outcomes).collect::<Vec<_>>());
		let Outcome::Answered(middle) = off_by(0) else {
			unreachable!("it is an answer")
		};
		assert_eq!(ending(id), Ending::Answered(middle));
		assert!(has_event(Event::Answered {
			request: id,
			payer: account(PAYER),
			model: MODEL,
			version: 0,
			fee: crate::Receipts::<Test>::get(id).expect("ended").fee,
			outcome: off_by(0).hash(),
			operators: committee(id)
				.into_iter()
				.map(account)
				.collect::<Vec<_>>()
				.try_into()
				.expect("three"),
		}));
		for n in AGENT..AGENT + 3 {
			assert_eq!(released(n), agreed(0));
			assert!(credit(n) > 0);
		}
		assert!(Offences::get().is_empty());
	});
}

#[test]
fn another_model_is_told_by_its_fingerprint() {
	build(3).build_and_execute(|| {
		let id = drawn();
		// The same words, of a tiny adapter: 1.7e-4 away.
		let outcomes = [off_by(0), off_by(170_000), off_by(300)];
		run_committee(id, &(AGENT..).zip(outcomes).collect::<Vec<_>>());
		run_to(now() + DELAY);
		assert!(matches!(ending(id), Ending::Answered(_)));
		assert_eq!(released(AGENT + 1), Performance::Disagreed);
		assert_eq!(Offences::get(), [(AGENT + 1, Offence::WrongResult, None)]);
		assert_eq!(credit(AGENT + 1), 0);
	});
}

#[test]
fn other_words_do_not_agree_however_near() {
	build(3).build_and_execute(|| {
		let id = drawn();
		let outcomes = [
			off_by(0),
			said("paris", &[1_000_000_000, -999_999]),
			off_by(1),
		];
		run_committee(id, &(AGENT..).zip(outcomes).collect::<Vec<_>>());
		run_to(now() + DELAY);
		assert_eq!(Offences::get(), [(AGENT + 1, Offence::WrongResult, None)]);
	});
}

#[test]
fn the_median_attribution_is_paid() {
	build(3).build_and_execute(|| {
		let id = drawn();
		let attributed = |first: u32| {
			let Outcome::Answered(mut answer) = off_by(0) else {
				unreachable!("it is an answer")
			};
			let entry = |batch, weight| Entry { batch, weight };
			answer.attribution =
				Entries::try_from(vec![entry(FIRST, first), entry(SECOND, 1_000_000 - first)])
					.expect("few");
			Outcome::Answered(answer)
		};
		// The last one would have its friend's data weigh more.
		let outcomes = [
			attributed(500_000),
			attributed(502_000),
			attributed(509_000),
		];
		run_committee(id, &(AGENT..).zip(outcomes).collect::<Vec<_>>());
		assert!(matches!(ending(id), Ending::Answered(_)));
		let record = pallet_attribution::Records::<Test>::get(id).expect("settled");
		let weights: Vec<_> = record.clusters.iter().map(|paid| paid.weight).collect();
		assert_eq!(weights, [502_000, 498_000]);
	});
}

#[test]
fn without_attribution_the_datas_part_goes_to_the_treasury() {
	build(1).build_and_execute(|| {
		let issuance = Balances::total_issuance();
		let id = drawn();
		run_committee(id, &[(AGENT, off_by(0))]);
		let fee = crate::Receipts::<Test>::get(id).expect("ended").fee;
		// 16 tokens make a unit, and the input one.
		assert_eq!(fee, 5 * FEE);
		let treasury = free(TREASURY) - RICH;
		assert!(treasury.abs_diff(fee * 45 / 100) <= 2, "{treasury}");
		let burned = issuance - Balances::total_issuance();
		assert_eq!(burned + treasury + credit(OWNER) + credit(AGENT), fee);
	});
}
