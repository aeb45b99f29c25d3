//! Creating, describing and closing Datanets.

use codec::Encode;
use frame_support::{assert_noop, assert_ok, traits::Hooks};
use sp_runtime::{DispatchError, TokenError};

use crate::{
	mock::*, Datanet, DatanetDetails, DatanetRules, Datanets as Records, Descriptions, Event,
	Field, FieldKind, HoldReason, Listed, RulesOf,
};

fn deposit(details: &DatanetDetails) -> u128 {
	1_000 + 2 * details.encoded_size() as u128
}

fn field(name: &str) -> Field {
	Field {
		name: text(name),
		kind: FieldKind::Text,
	}
}

#[test]
fn constants_fit_each_other() {
	ExtBuilder::default().build_and_execute(<Datanets as Hooks<u64>>::integrity_test);
}

#[test]
fn a_datanet_is_created_at_the_price_of_its_description() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(create(ALICE), Ok(0));
		let deposit = deposit(&details());
		assert_eq!(Datanets::datanet_deposit(details()), Some(deposit));
		assert_eq!(
			last_event(),
			Event::DatanetCreated {
				datanet: 0,
				owner: ALICE,
				rules: rules(),
				deposit
			}
			.into()
		);
		assert_eq!(
			Records::<Test>::get(0),
			Some(Datanet {
				owner: ALICE,
				offered_to: None,
				deposit,
				list_deposit: 0,
				listed: 0,
				batches: 0,
				live: 0,
				pinned: 0,
				pending: 0,
			})
		);
		assert_eq!(Descriptions::<Test>::get(0), Some(details()));
		assert_eq!(
			RulesOf::<Test>::get(0),
			Some(DatanetRules {
				current: rules(),
				proposed: None
			})
		);
		assert_eq!(held(HoldReason::DatanetDeposit, ALICE), deposit);
		assert_eq!(create(BOB), Ok(1), "ids ascend, names need not differ");
	});
}

#[test]
fn a_description_that_misleads_is_refused() {
	ExtBuilder::default().build_and_execute(|| {
		let cases = [
			(
				DatanetDetails {
					name: text(""),
					..details()
				},
				E::BadName,
			),
			(
				DatanetDetails {
					metadata: text("two words"),
					..details()
				},
				E::BadMetadata,
			),
			(
				DatanetDetails {
					domain: text("Law"),
					..details()
				},
				E::BadDomain,
			),
			(
				DatanetDetails {
					content_type: text("text"),
					..details()
				},
				E::BadContentType,
			),
			(
				DatanetDetails {
					language: text("english speech"),
					..details()
				},
				E::BadLanguage,
			),
			(
				DatanetDetails {
					licence: text("free for all"),
					..details()
				},
				E::BadLicence,
			),
			(
				DatanetDetails {
					fields: vec![field("word"), field("word ")].try_into().unwrap(),
					..details()
				},
				E::BadFields,
			),
			(
				DatanetDetails {
					fields: vec![field("word"), field("word")].try_into().unwrap(),
					..details()
				},
				E::BadFields,
			),
		];
		for (details, error) in cases {
			assert_noop!(
				Datanets::create_datanet(signed(ALICE), details, rules()),
				error
			);
		}
		let schema = DatanetDetails {
			fields: vec![field("word"), field("définition")].try_into().unwrap(),
			..details()
		};
		assert_ok!(Datanets::create_datanet(
			signed(ALICE),
			schema.clone(),
			rules()
		));
		assert_eq!(
			held(HoldReason::DatanetDeposit, ALICE),
			deposit(&schema),
			"the fields are paid for"
		);
	});
}

#[test]
fn every_call_needs_a_signature() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(add(ALICE, 0, 0));
		let root = RuntimeOrigin::root;
		for result in [
			Datanets::create_datanet(root(), details(), rules()),
			Datanets::propose_rules(root(), 0, rules()),
			Datanets::cancel_rules(root(), 0),
			Datanets::list_contributor(root(), 0, BOB),
			Datanets::unlist_contributor(root(), 0, BOB),
			Datanets::offer_ownership(root(), 0, BOB),
			Datanets::cancel_offer(root(), 0),
			Datanets::accept_ownership(root(), 0, RICH),
			Datanets::reserve(root(), Default::default()),
			Datanets::cancel_reservation(root(), Default::default()),
			Datanets::claim_batch(root(), 0, [0; 32]),
			Datanets::claim_income(root(), 0),
			Datanets::compress(root(), 0),
			Datanets::update_metadata(root(), 0, text("x")),
			Datanets::close_datanet(root(), 0),
			Datanets::add_batch(root(), 0, batch(1)),
			Datanets::withdraw_batch(root(), 0),
		] {
			assert_eq!(result, Err(DispatchError::BadOrigin));
		}
	});
}

#[test]
fn creating_needs_the_deposit() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			Datanets::create_datanet(signed(PAUPER), details(), rules()),
			TokenError::FundsUnavailable
		);
	});
}

#[test]
fn ids_run_out_before_they_repeat() {
	ExtBuilder::default().build_and_execute(|| {
		crate::NextDatanetId::<Test>::put(u32::MAX);
		assert_noop!(
			Datanets::create_datanet(signed(ALICE), details(), rules()),
			E::IdsExhausted
		);
	});
}

#[test]
fn the_deposit_follows_the_metadata() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		for metadata in [
			"",
			"https://example.org/longer/than/before",
			"short",
			"other",
		] {
			assert_ok!(Datanets::update_metadata(signed(ALICE), 0, text(metadata)));
			let details = Descriptions::<Test>::get(0).unwrap();
			assert_eq!(details.metadata.as_slice(), metadata.as_bytes());
			let deposit = deposit(&details);
			assert_eq!(
				last_event(),
				Event::MetadataUpdated {
					datanet: 0,
					deposit
				}
				.into()
			);
			assert_eq!(held(HoldReason::DatanetDeposit, ALICE), deposit);
		}
	});
}

#[test]
fn metadata_is_the_owners() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_noop!(
			Datanets::update_metadata(signed(BOB), 0, text("x")),
			E::NotOwner
		);
		assert_noop!(
			Datanets::update_metadata(signed(ALICE), 1, text("x")),
			E::UnknownDatanet
		);
		assert_noop!(
			Datanets::update_metadata(signed(ALICE), 0, text("x y")),
			E::BadMetadata
		);
	});
}

#[test]
fn an_empty_datanet_is_closed_and_its_deposit_returned() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		let deposit = deposit(&details());
		assert_ok!(Datanets::close_datanet(signed(ALICE), 0));
		assert_eq!(
			last_event(),
			Event::DatanetClosed {
				datanet: 0,
				owner: ALICE,
				deposit,
				remainder: 0,
			}
			.into()
		);
		assert_eq!(Records::<Test>::get(0), None);
		assert_eq!(RulesOf::<Test>::get(0), None);
		assert_eq!(held(HoldReason::DatanetDeposit, ALICE), 0);
		assert_eq!(Balances::free_balance(ALICE), RICH);
		assert_eq!(create(ALICE), Ok(1), "its id is not given out again");
	});
}

#[test]
fn closing_waits_for_the_batches() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_noop!(Datanets::close_datanet(signed(ALICE), 1), E::UnknownDatanet);
		assert_noop!(Datanets::close_datanet(signed(BOB), 0), E::NotOwner);
		let batch = submit(BOB, 0, 0).unwrap();
		assert_noop!(
			Datanets::close_datanet(signed(ALICE), 0),
			E::DatanetNotEmpty
		);
		assert_ok!(accept(batch, SCORE));
		assert_noop!(
			Datanets::close_datanet(signed(ALICE), 0),
			E::DatanetNotEmpty
		);
		assert_ok!(withdraw(BOB, batch));
		assert_ok!(Datanets::list_contributor(signed(ALICE), 0, BOB));
		assert_noop!(Datanets::close_datanet(signed(ALICE), 0), E::ListNotEmpty);
		assert_ok!(Datanets::unlist_contributor(signed(ALICE), 0, BOB));
		assert_ok!(Datanets::close_datanet(signed(ALICE), 0));
	});
}

#[test]
fn the_list_is_the_owners_and_paid_for() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		let deposit = deposit(&details());
		assert_noop!(Datanets::list_contributor(signed(BOB), 0, BOB), E::NotOwner);
		assert_noop!(
			Datanets::unlist_contributor(signed(BOB), 0, BOB),
			E::NotOwner
		);
		assert_noop!(
			Datanets::unlist_contributor(signed(ALICE), 0, BOB),
			E::NotListed
		);
		assert_ok!(Datanets::list_contributor(signed(ALICE), 0, BOB));
		assert_eq!(
			last_event(),
			Event::ContributorListed {
				datanet: 0,
				who: BOB,
				deposit: 50
			}
			.into()
		);
		assert_noop!(
			Datanets::list_contributor(signed(ALICE), 0, BOB),
			E::AlreadyListed
		);
		ListingDeposit::set(70);
		assert_ok!(Datanets::list_contributor(signed(ALICE), 0, CAROL));
		assert_eq!(held(HoldReason::DatanetDeposit, ALICE), deposit + 120);
		assert_eq!(Records::<Test>::get(0).unwrap().listed, 2);

		assert_ok!(Datanets::unlist_contributor(signed(ALICE), 0, BOB));
		assert_eq!(
			last_event(),
			Event::ContributorUnlisted {
				datanet: 0,
				who: BOB,
				deposit: 50
			}
			.into()
		);
		assert_eq!(
			held(HoldReason::DatanetDeposit, ALICE),
			deposit + 70,
			"what was held is what comes back"
		);
		ListingDeposit::set(u128::MAX);
		assert_noop!(
			Datanets::list_contributor(signed(ALICE), 0, BOB),
			E::DepositOverflow
		);
		ListingDeposit::set(RICH);
		assert_noop!(
			Datanets::list_contributor(signed(ALICE), 0, BOB),
			TokenError::FundsUnavailable
		);
		ListingDeposit::set(50);
	});
}

#[test]
fn ownership_passes_in_two_steps_with_all_deposits() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		let deposit = deposit(&details()) + 50;
		assert_ok!(Datanets::list_contributor(signed(ALICE), 0, CAROL));
		assert_noop!(
			Datanets::accept_ownership(signed(BOB), 0, RICH),
			E::NotOffered
		);
		assert_noop!(Datanets::cancel_offer(signed(ALICE), 0), E::NoOffer);
		assert_noop!(
			Datanets::offer_ownership(signed(ALICE), 0, ALICE),
			E::AlreadyOwner
		);
		assert_noop!(Datanets::offer_ownership(signed(BOB), 0, BOB), E::NotOwner);
		assert_ok!(Datanets::offer_ownership(signed(ALICE), 0, BOB));
		assert_eq!(
			last_event(),
			Event::OwnershipOffered {
				datanet: 0,
				to: BOB
			}
			.into()
		);
		assert_noop!(Datanets::cancel_offer(signed(BOB), 0), E::NotOwner);
		assert_ok!(Datanets::cancel_offer(signed(ALICE), 0));
		assert_eq!(last_event(), Event::OfferCancelled { datanet: 0 }.into());
		assert_noop!(
			Datanets::accept_ownership(signed(BOB), 0, RICH),
			E::NotOffered
		);

		assert_ok!(Datanets::offer_ownership(signed(ALICE), 0, PAUPER));
		assert_noop!(
			Datanets::accept_ownership(signed(PAUPER), 0, RICH),
			TokenError::FundsUnavailable
		);
		assert_ok!(Datanets::offer_ownership(signed(ALICE), 0, BOB));
		assert_noop!(
			Datanets::accept_ownership(signed(BOB), 0, deposit - 1),
			E::DepositTooHigh
		);
		assert_noop!(
			Datanets::accept_ownership(signed(CAROL), 0, deposit),
			E::NotOffered
		);
		assert_noop!(
			Datanets::accept_ownership(signed(BOB), 1, deposit),
			E::UnknownDatanet
		);
		assert_ok!(Datanets::accept_ownership(signed(BOB), 0, deposit));
		assert_eq!(
			last_event(),
			Event::OwnershipTransferred {
				datanet: 0,
				from: ALICE,
				to: BOB,
				deposit
			}
			.into()
		);
		assert_eq!(held(HoldReason::DatanetDeposit, ALICE), 0);
		assert_eq!(held(HoldReason::DatanetDeposit, BOB), deposit);
		assert_noop!(
			Datanets::update_metadata(signed(ALICE), 0, text("x")),
			E::NotOwner
		);
		assert_noop!(
			Datanets::accept_ownership(signed(BOB), 0, deposit),
			E::NotOffered
		);
		assert_eq!(Listed::<Test>::get(0, CAROL), Some(50));
	});
}
