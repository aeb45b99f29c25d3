//! Some chosen steps, of which it is known what comes of them.

use super::{driver::run, Step, COMMIT, IDLE, REVEAL};
use crate::{Attribution, Runtime, RuntimeEvent};
use openledger_primitives::traits::Source;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve};

#[test]
fn a_paid_answer_is_divided_to_the_last_unit() {
	let step = |actor, kind, a, b| Step { actor, kind, a, b };
	let (mut chain, events) = run(&[
		step(5, 18, 0, 0),
		// The committee is drawn.
		step(0, IDLE, 2, 0),
		step(0, COMMIT, 2, 1),
		step(0, REVEAL, 0, 0),
	]);
	let settled = events
		.iter()
		.filter(|event| {
			matches!(
				event,
				RuntimeEvent::Attribution(pallet_attribution::Event::Settled { .. })
			)
		})
		.count();
	assert_eq!(settled, 1);
	chain.execute(|| {
		for who in [Charlie, Dave, Bob, Eve] {
			assert!(
				Attribution::credit(who.to_account_id()) > 0,
				"{who} is paid"
			);
		}
	});
}

#[test]
fn rent_reaches_owner_and_contributors() {
	let step = |actor, kind, a, b| Step { actor, kind, a, b };
	let (mut chain, events) = run(&[step(5, 62, 0, 1), step(0, IDLE, 5, 0), step(0, 63, 0, 0)]);
	let parts = events.iter().find_map(|event| match event {
		RuntimeEvent::Attribution(pallet_attribution::Event::Settled {
			source: Source::Rental(_),
			parts,
			..
		}) => Some(*parts),
		_ => None,
	});
	let parts = parts.expect("rent was collected");
	assert!(parts.burn > 0 && parts.treasury > 0);
	chain.execute(|| {
		assert_eq!(Attribution::credit(Bob.to_account_id()), parts.model);
		assert_eq!(
			pallet_datanets::Pools::<Runtime>::get(0).balance,
			parts.data
		);
		assert!(parts.data > parts.model && parts.model > 0);
	});
}

#[test]
fn a_divided_models_part_reaches_its_holders() {
	let step = |actor, kind, a, b| Step { actor, kind, a, b };
	let (mut chain, events) = run(&[
		// Bob keeps six tenths of his model, Alice gets the rest.
		step(1, 54, 4, 0),
		step(5, 18, 0, 0),
		step(0, IDLE, 2, 0),
		step(0, COMMIT, 2, 1),
		step(0, REVEAL, 0, 0),
		step(0, 56, 0, 0),
	]);
	let distributed: Vec<_> = events
		.iter()
		.filter_map(|event| match event {
			RuntimeEvent::Models(pallet_models::Event::Distributed { amount, .. }) => Some(*amount),
			_ => None,
		})
		.collect();
	assert_eq!(distributed.len(), 1);
	chain.execute(|| {
		let credit = |who: Sr25519Keyring| Attribution::credit(who.to_account_id());
		assert!(credit(Alice) > 0 && credit(Bob) > credit(Alice));
		assert_eq!(credit(Bob) + credit(Alice), distributed[0]);
	});
}
