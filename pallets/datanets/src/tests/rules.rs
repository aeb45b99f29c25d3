//! Rules: their bounds, and how they change.

use frame_support::{assert_noop, assert_ok};
use sp_runtime::Percent;

use crate::{mock::*, Batches, Contributors, DatanetRules, Event, Proposal, Rules, RulesOf};

#[test]
fn rules_out_of_bounds_are_refused() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		let percent = Percent::from_percent;
		let quorum = |part| Rules {
			curation: Some(percent(part)),
			..rules()
		};
		let deposit = |deposit| Rules {
			batch_deposit: deposit,
			..rules()
		};
		let mebibyte = |deposit| Rules {
			mebibyte_deposit: deposit,
			..rules()
		};
		let price = |price| Rules {
			access_price_per_day: price,
			..rules()
		};
		let share = |part| Rules {
			owner_share: percent(part),
			..rules()
		};
		let key = |key| Rules {
			data_key: Some(key),
			..rules()
		};
		let vouched_for = |contributors| Rules {
			contributors,
			..vouched()
		};
		for (rules, error) in [
			(quorum(49), E::BadQuorum),
			(quorum(0), E::BadQuorum),
			(vouched_for(Contributors::Open), E::CurationNeeded),
			(vouched_for(Contributors::Qualified), E::CurationNeeded),
			(deposit(99), E::BadDeposit),
			(deposit(1_001), E::BadDeposit),
			(mebibyte(6), E::BadDeposit),
			(mebibyte(71), E::BadDeposit),
			(price(5_001), E::AccessPriceTooHigh),
			(share(31), E::OwnerShareTooHigh),
			(key([0; 32]), E::BadDataKey),
		] {
			let error = sp_runtime::DispatchError::from(error);
			assert_noop!(
				Datanets::create_datanet(signed(ALICE), details(), rules.clone()),
				error
			);
			assert_noop!(Datanets::propose_rules(signed(ALICE), 0, rules), error);
		}
		for rules in [
			quorum(50),
			quorum(100),
			vouched(),
			deposit(1_000),
			mebibyte(70),
			price(5_000),
			price(0),
			share(30),
			key([1; 32]),
		] {
			assert_ok!(Datanets::propose_rules(signed(ALICE), 0, rules));
		}
	});
}

#[test]
fn a_proposal_waits_for_its_notice_and_takes_effect_by_itself() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		let dear = Rules {
			batch_deposit: 1_000,
			..rules()
		};
		assert_ok!(Datanets::propose_rules(signed(ALICE), 0, dear.clone()));
		assert_eq!(
			last_event(),
			Event::RulesProposed {
				datanet: 0,
				rules: dear.clone(),
				from: 21
			}
			.into()
		);
		System::set_block_number(20);
		let waiting = DatanetRules {
			current: rules(),
			proposed: Some(Proposal {
				rules: dear.clone(),
				from: 21,
			}),
		};
		assert_eq!(Datanets::rules_of(0), Some(waiting.clone()));
		assert_eq!(Datanets::batch_deposit(0, 1, false), Some(107));
		System::set_block_number(21);
		assert_eq!(
			Datanets::rules_of(0),
			Some(DatanetRules {
				current: dear,
				proposed: None
			})
		);
		assert_eq!(
			RulesOf::<Test>::get(0),
			Some(waiting),
			"nothing was written"
		);
		assert_eq!(Datanets::batch_deposit(0, 1, false), Some(1_007));
		assert_eq!(Datanets::rules_of(1), None);
	});
}

#[test]
fn a_new_proposal_replaces_one_that_waits_and_keeps_one_that_holds() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		let at = |deposit| Rules {
			batch_deposit: deposit,
			..rules()
		};
		assert_ok!(Datanets::propose_rules(signed(ALICE), 0, at(200)));
		System::set_block_number(20);
		assert_ok!(Datanets::propose_rules(signed(ALICE), 0, at(300)));
		System::set_block_number(21);
		assert_eq!(Datanets::rules_of(0).unwrap().current, rules());
		System::set_block_number(40);
		assert_eq!(Datanets::rules_of(0).unwrap().current, at(300));
		assert_ok!(Datanets::propose_rules(signed(ALICE), 0, at(400)));
		assert_eq!(Datanets::rules_of(0).unwrap().current, at(300));
		assert_ok!(Datanets::cancel_rules(signed(ALICE), 0));
		System::set_block_number(100);
		assert_eq!(Datanets::rules_of(0).unwrap().current, at(300));
	});
}

#[test]
fn a_proposal_is_the_owners_to_make_and_to_take_back() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_noop!(
			Datanets::propose_rules(signed(BOB), 0, rules()),
			E::NotOwner
		);
		assert_noop!(
			Datanets::propose_rules(signed(BOB), 1, rules()),
			E::UnknownDatanet
		);
		assert_noop!(Datanets::cancel_rules(signed(BOB), 0), E::NotOwner);
		assert_noop!(Datanets::cancel_rules(signed(ALICE), 0), E::NoProposal);
		assert_ok!(Datanets::propose_rules(signed(ALICE), 0, vouched()));
		assert_ok!(Datanets::cancel_rules(signed(ALICE), 0));
		assert_eq!(last_event(), Event::RulesCancelled { datanet: 0 }.into());
		assert_noop!(Datanets::cancel_rules(signed(ALICE), 0), E::NoProposal);
		change(ALICE, 0, vouched());
		assert_noop!(Datanets::cancel_rules(signed(ALICE), 0), E::NoProposal);
	});
}

#[test]
fn a_batch_keeps_what_held_when_it_was_added() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		let other = Rules {
			curation: Some(Percent::from_percent(90)),
			batch_deposit: 1_000,
			mebibyte_deposit: 70,
			contributors: Contributors::Listed,
			..rules()
		};
		assert_ok!(Datanets::propose_rules(signed(ALICE), 0, other));
		System::set_block_number(20);
		assert_ok!(submit(BOB, 0, 0));
		System::set_block_number(21);
		assert_ok!(Datanets::list_contributor(signed(ALICE), 0, CAROL));
		assert_ok!(submit(CAROL, 0, 1));
		let terms = |id| {
			let batch = Batches::<Test>::get(id).unwrap();
			(batch.deposit, batch.quorum.unwrap().deconstruct())
		};
		assert_eq!(terms(0), (BATCH_HELD, 60));
		assert_eq!(terms(1), (1_140, 90));
		assert_ok!(accept(0, SCORE));
		assert_ok!(withdraw(BOB, 0));
		assert_eq!(wealth(BOB), RICH);
	});
}
