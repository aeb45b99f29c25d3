//! A claim's life.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{
	data::Locator,
	traits::{ModelRegistry, Reply},
	ContentHash, ModelId, Output,
};
use sp_runtime::{DispatchError, TokenError};

use crate::{mock::*, Claims, Event, NextClaim, Pairs, Stage};

fn two() -> (ModelId, ModelId) {
	(adapter(ALICE, "original"), adapter(THIEF, "copy"))
}

#[test]
fn who_was_copied_shares_from_then_on() {
	run(|| {
		let (original, copy) = two();
		assert_eq!(lineage(copy), [(copy, 1_000_000), (BASE, 0)]);
		let id = claimed(ALICE, original, copy);
		assert_eq!(
			last_event(),
			Event::Claimed {
				claim: id,
				claimant: ALICE,
				original,
				copy,
				request: 0,
				bond: BOND
			}
			.into()
		);
		assert_eq!(held(ALICE), BOND);
		assert_eq!(Copies::claims_against(copy), [id]);
		// The chain names the files, and the model.
		let (payer, model, comparison, committee) = Asked::get().pop().unwrap();
		assert_eq!((payer, model, committee), (ALICE, COMPARER, 3));
		assert_eq!(
			(comparison.original.content, comparison.other.content),
			(ContentHash::of(b"original"), ContentHash::of(b"copy"))
		);
		assert_eq!(comparison.other.bytes, 1_000);

		assert_noop!(Copies::decide(signed(BOB), id), E::NotOver);
		assert_noop!(Copies::enforce(signed(BOB), id), E::NotUpheld);
		say(0, 900_000);
		assert_ok!(Copies::decide(signed(BOB), id));
		let enforce_at = System::block_number() + GRACE;
		let upheld = Event::Upheld {
			claim: id,
			similarity: 900_000,
			enforce_at,
		};
		assert_eq!(last_event(), upheld.into());
		assert_noop!(Copies::decide(signed(BOB), id), E::AlreadyDecided);
		pass(GRACE - 1);
		assert_noop!(Copies::enforce(signed(BOB), id), E::TooEarly);
		pass(1);
		assert_ok!(Copies::enforce(signed(BOB), id));
		let enforced = Event::Enforced {
			claim: id,
			original,
			copy,
			royalty: ROYALTY,
		};
		assert_eq!(last_event(), enforced.into());
		assert_eq!(
			lineage(copy),
			[(copy, 750_000), (BASE, 0), (original, 250_000)]
		);
		let takers: Vec<_> = Models::royalties(copy)
			.into_iter()
			.map(|royalty| (royalty.taker, royalty.weight))
			.collect();
		assert_eq!(takers, [(THIEF, 750_000), (ALICE, 250_000)]);
		assert_eq!((held(ALICE), Balances::free_balance(TREASURY)), (0, RICH));
		assert!(!Claims::<Test>::contains_key(id));
		assert_noop!(Copies::enforce(signed(BOB), id), E::UnknownClaim);
		assert_noop!(claim(ALICE, original, copy), ModelError::AlreadyAncestor);
	});
}

#[test]
fn a_claim_that_is_not_borne_out_costs_its_bond() {
	run(|| {
		let (original, copy) = two();
		let id = claimed(ALICE, original, copy);
		say(0, 899_999);
		assert_ok!(Copies::decide(signed(BOB), id));
		let rejected = Event::Rejected {
			claim: id,
			similarity: Some(899_999),
			forfeited: BOND,
		};
		assert_eq!(last_event(), rejected.into());
		assert_eq!(held(ALICE), 0);
		assert_eq!(Balances::free_balance(TREASURY), RICH + BOND);
		assert_eq!(lineage(copy), [(copy, 1_000_000), (BASE, 0)]);
		assert_eq!(Pairs::<Test>::iter().count(), 0);
		assert_eq!(claimed(ALICE, original, copy), id + 1, "at another bond");
	});
}

#[test]
fn without_an_answer_the_bond_comes_back() {
	run(|| {
		let (original, copy) = two();
		let free = Balances::free_balance(ALICE);
		let text = Output::Inline(b"0.9".to_vec().try_into().unwrap());
		let long = Output::Linked {
			content: ContentHash::of(b"900000"),
			bytes: 5_000,
		};
		let replies = [
			Reply::Unanswered,
			Reply::Answered(text),
			Reply::Answered(long),
		];
		for (request, said) in (0..).zip(replies) {
			let id = claimed(ALICE, original, copy);
			reply(request, said);
			assert_ok!(Copies::decide(signed(BOB), id));
			assert_eq!(last_event(), Event::Undecided { claim: id }.into());
			assert_eq!(Balances::free_balance(ALICE), free);
		}
	});
}

#[test]
fn the_admin_dismisses_what_was_upheld() {
	run(|| {
		let (original, copy) = two();
		let id = claimed(ALICE, original, copy);
		assert_noop!(Copies::dismiss(RuntimeOrigin::root(), id), E::NotUpheld);
		say(0, 1_000_000);
		assert_ok!(Copies::decide(signed(BOB), id));
		assert_noop!(Copies::dismiss(signed(THIEF), id), DispatchError::BadOrigin);
		// As long as it was not enforced, however late.
		pass(10 * GRACE);
		assert_ok!(Copies::dismiss(RuntimeOrigin::root(), id));
		assert_eq!(last_event(), Event::Dismissed { claim: id }.into());
		assert_eq!(held(ALICE), 0);
		assert_noop!(Copies::dismiss(RuntimeOrigin::root(), id), E::UnknownClaim);
		assert_noop!(Copies::enforce(signed(BOB), id), E::UnknownClaim);
	});
}

#[test]
fn the_claimant_withdraws_what_was_upheld() {
	run(|| {
		let (original, copy) = two();
		let id = claimed(ALICE, original, copy);
		// Else nobody would wait for a verdict that goes against it.
		assert_noop!(Copies::withdraw(signed(ALICE), id), E::NotUpheld);
		say(0, 950_000);
		assert_ok!(Copies::decide(signed(BOB), id));
		assert_noop!(Copies::withdraw(signed(THIEF), id), E::NotClaimant);
		assert_ok!(Copies::withdraw(signed(ALICE), id));
		assert_eq!(last_event(), Event::Withdrawn { claim: id }.into());
		assert_eq!(held(ALICE), 0);
		assert_noop!(Copies::withdraw(signed(ALICE), id), E::UnknownClaim);
	});
}

#[test]
fn what_is_no_claim_is_refused() {
	run(|| {
		let (original, copy) = two();
		let claim_by = |who, first, second| Copies::claim(signed(who), first, second, 100);
		let (first, second) = (exhibit(original, 0), exhibit(copy, 0));
		assert_noop!(claim(ALICE, original, 99), E::UnknownModel);
		assert_noop!(claim(ALICE, 99, copy), E::UnknownModel);
		assert_noop!(claim(BOB, original, copy), E::NotOwner);
		assert_noop!(claim(ALICE, original, BASE), E::NoAdapter);
		assert_noop!(claim(OWNER, BASE, copy), E::NoAdapter);
		let later = exhibit(copy, 1);
		assert_noop!(claim_by(ALICE, first.clone(), later), E::NoAdapter);
		let own = adapter(ALICE, "mine too");
		assert_noop!(claim(ALICE, original, own), E::OwnModel);
		assert_noop!(claim(ALICE, original, original), E::OwnModel);
		assert_noop!(
			Copies::claim(signed(ALICE), first.clone(), second.clone(), 0),
			DispatchError::Other("the fee is above its cap")
		);
		let nowhere = crate::Exhibit {
			locator: Locator::None,
			..second
		};
		assert_noop!(
			claim_by(ALICE, first, nowhere),
			DispatchError::Other("no comparison")
		);
		assert_ok!(claim(ALICE, original, copy));
		assert_noop!(claim(ALICE, original, copy), E::AlreadyClaimed);

		let poor = adapter(PAUPER, "of little value");
		let another = adapter(THIEF, "another");
		assert_ok!(Balances::force_set_balance(
			RuntimeOrigin::root(),
			PAUPER,
			10
		));
		assert_noop!(claim(PAUPER, poor, another), TokenError::FundsUnavailable);
		NextClaim::<Test>::put(u64::MAX);
		let copy = adapter(THIEF, "copied again");
		assert_noop!(claim(ALICE, original, copy), E::IdsExhausted);
	});
}

#[test]
fn a_claim_that_cannot_be_enforced_is_withdrawn() {
	run(|| {
		let copy = adapter_on(BASE, THIEF, "late");
		let originals: Vec<_> = Vec::from([ALICE, BOB]);
		// The copy is added to an older model, so that all of these are earlier.
		let models: Vec<_> = (0..7)
			.map(|n| adapter(originals[n % 2], &format!("original {n}")))
			.collect();
		add_version(THIEF, copy, "copies of all");
		let claims: Vec<_> = models
			.iter()
			.enumerate()
			.map(|(n, original)| {
				let who = originals[n % 2];
				let id = NextClaim::<Test>::get();
				assert_ok!(Copies::claim(
					signed(who),
					exhibit(*original, 0),
					exhibit(copy, 1),
					100
				));
				say(n as u64, 950_000);
				assert_ok!(Copies::decide(signed(BOB), id));
				id
			})
			.collect();
		// With its base, six have room.
		for id in &claims[..6] {
			assert_ok!(enforced(*id));
		}
		assert_eq!(lineage(copy).len(), 8);
		assert_noop!(
			Copies::enforce(signed(BOB), claims[6]),
			ModelError::LineageTooLong
		);
		assert_ok!(Copies::withdraw(signed(ALICE), claims[6]));
		assert_eq!(held(ALICE), 0);
	});
}

#[test]
fn models_that_are_gone_have_nothing_to_share() {
	run(|| {
		let (original, copy) = two();
		let id = upheld(ALICE, original, copy);
		assert_ok!(Models::pause(signed(THIEF), copy));
		pass(20);
		assert_ok!(Models::retire(signed(THIEF), copy));
		assert_noop!(Copies::enforce(signed(BOB), id), ModelError::UnknownModel);
		assert_ok!(Copies::withdraw(signed(ALICE), id));

		let copy = adapter(THIEF, "copy");
		let id = upheld(ALICE, original, copy);
		assert_ok!(enforced(id));
		assert_ok!(Models::pause(signed(ALICE), original));
		pass(20);
		// Who gets a part of fees stays for as long as there are any.
		assert_noop!(
			Models::retire(signed(ALICE), original),
			ModelError::HasDescendants
		);
		assert_ok!(Models::pause(signed(THIEF), copy));
		pass(20);
		assert_ok!(Models::retire(signed(THIEF), copy));
		assert_ok!(Models::retire(signed(ALICE), original));
	});
}

#[test]
fn what_was_built_on_a_copy_keeps_its_lineage() {
	run(|| {
		let (original, copy) = two();
		let before = adapter_on(copy, BOB, "built before");
		assert_ok!(enforced(upheld(ALICE, original, copy)));
		assert_eq!(
			lineage(before),
			[(before, 750_000), (BASE, 0), (copy, 250_000)]
		);
		let after = adapter_on(copy, BOB, "built after");
		assert_eq!(
			lineage(after),
			[
				(after, 750_000),
				(BASE, 0),
				(original, 62_500),
				(copy, 187_500)
			]
		);
		let stage = Claims::<Test>::iter().next();
		assert!(stage.is_none_or(|(_, claim)| !matches!(claim.stage, Stage::Comparing { .. })));
	});
}
