//! What holds for any order of calls.

use crate::{mock::*, HoldReason, Listings, Rentals, ShareListings, Terms};
use frame_support::storage::with_storage_layer;
use openledger_primitives::{model::Audience, Balance, ModelId};
use proptest::prelude::*;
use sp_runtime::DispatchError;

#[derive(Clone, Debug)]
enum Step {
	List {
		price: Balance,
		buyer: Option<AccountId>,
		life: Option<u64>,
	},
	Unlist,
	Buy {
		divided: bool,
	},
	ListShares {
		amount: u32,
		price: Balance,
		life: Option<u64>,
	},
	UnlistShares {
		seller: AccountId,
	},
	BuyShares {
		seller: AccountId,
		amount: u32,
	},
	SetTerms {
		price: Balance,
		days: u32,
	},
	ClearTerms,
	Rent {
		days: u32,
	},
	Collect {
		tenant: AccountId,
	},
	EndRental,
	Offer {
		to: AccountId,
	},
	Accept,
	Divide {
		other: AccountId,
	},
	Audience {
		tenants: bool,
	},
	Pause,
	Resume,
	Retire,
	NewVersion {
		data: bool,
	},
	Wait {
		blocks: u64,
	},
}

/// Who acts on which model: mostly its owner.
#[derive(Clone, Debug)]
struct Turn {
	who: AccountId,
	as_owner: bool,
	model: ModelId,
	step: Step,
}

fn turn() -> impl Strategy<Value = Turn> {
	let who = || 1u128..8;
	let life = || prop::option::of(0u64..500);
	let price = || prop_oneof![4 => 1u128..2_000, 1 => 0u128..3, 1 => 0u128..RICH];
	let owners = prop_oneof![
		3 => (price(), prop::option::of(who()), life())
			.prop_map(|(price, buyer, life)| Step::List { price, buyer, life }),
		3 => (price(), 1u32..40).prop_map(|(price, days)| Step::SetTerms { price, days }),
		1 => Just(Step::ClearTerms),
		2 => who().prop_map(|to| Step::Offer { to }),
		2 => who().prop_map(|other| Step::Divide { other }),
		3 => prop::bool::weighted(0.8).prop_map(|tenants| Step::Audience { tenants }),
		2 => Just(Step::Pause),
		3 => Just(Step::Resume),
		1 => Just(Step::Retire),
		1 => any::<bool>().prop_map(|data| Step::NewVersion { data }),
	];
	let anybodys = prop_oneof![
		1 => Just(Step::Unlist),
		3 => any::<bool>().prop_map(|divided| Step::Buy { divided }),
		3 => (0u32..6_000, price(), life())
			.prop_map(|(amount, price, life)| Step::ListShares { amount, price, life }),
		1 => who().prop_map(|seller| Step::UnlistShares { seller }),
		3 => (who(), 0u32..6_000).prop_map(|(seller, amount)| Step::BuyShares { seller, amount }),
		6 => (0u32..12).prop_map(|days| Step::Rent { days }),
		5 => who().prop_map(|tenant| Step::Collect { tenant }),
		2 => Just(Step::EndRental),
		2 => Just(Step::Accept),
		4 => prop_oneof![3 => 1u64..DAY, 1 => DAY..20 * DAY]
			.prop_map(|blocks| Step::Wait { blocks }),
	];
	prop_oneof![
		(who(), 0u32..2, prop::bool::weighted(0.9), owners).prop_map(
			|(who, model, as_owner, step)| Turn {
				who,
				as_owner,
				model,
				step
			}
		),
		(who(), 0u32..2, anybodys).prop_map(|(who, model, step)| Turn {
			who,
			as_owner: false,
			model,
			step
		}),
	]
}

/// What everybody has, by account, on hold or not.
fn books() -> Vec<(AccountId, Balance)> {
	let mut books: Vec<_> = frame_system::Account::<Test>::iter_keys()
		.map(|who| (who, wealth(who)))
		.collect();
	books.sort_unstable();
	books
}

fn apply(
	Turn {
		who,
		as_owner,
		model,
		step,
	}: &Turn,
) -> Result<(), DispatchError> {
	let (model, who) = (
		*model,
		if *as_owner {
			owner_of(*model).unwrap_or(*who)
		} else {
			*who
		},
	);
	let now = System::block_number();
	let origin = signed(who);
	let until = |life: &Option<u64>| life.map(|life| now + life);
	let weighed = |result: frame_support::dispatch::DispatchResultWithPostInfo| {
		result.map(drop).map_err(|failed| failed.error)
	};
	match step {
		Step::List { price, buyer, life } => {
			Market::list(origin, model, *price, *buyer, until(life))
		}
		Step::Unlist => Market::unlist(origin, model),
		Step::Buy { divided } => Market::buy(origin, model, PLENTY, PLENTY, *divided),
		Step::ListShares {
			amount,
			price,
			life,
		} => Market::list_shares(origin, model, *amount, *price, until(life)),
		Step::UnlistShares { seller } => Market::unlist_shares(origin, model, *seller),
		Step::BuyShares { seller, amount } => {
			weighed(Market::buy_shares(origin, model, *seller, *amount, PLENTY))
		}
		Step::SetTerms { price, days } => Market::set_terms(origin, model, *price, *days),
		Step::ClearTerms => Market::clear_terms(origin, model),
		Step::Rent { days } => weighed(Market::rent(origin, model, *days, PLENTY)),
		Step::Collect { tenant } => weighed(Market::collect(origin, model, *tenant)),
		Step::EndRental => {
			let tenant = Rentals::<Test>::iter_key_prefix(model).next();
			weighed(Market::end_rental(signed(tenant.unwrap_or(who)), model))
		}
		Step::Offer { to } => Models::transfer_ownership(origin, model, *to),
		Step::Accept => {
			let divided = pallet_models::Holders::<Test>::contains_key(model);
			Models::accept_ownership(origin, model, PLENTY, divided)
		}
		Step::Divide { other } => {
			let holders = vec![(who, 5_000), (*other, 5_000)].try_into().unwrap();
			Models::divide(origin, model, holders)
		}
		Step::Audience { tenants } => {
			let audience = if *tenants {
				Audience::Tenants
			} else {
				Audience::Everyone
			};
			Models::set_audience(origin, model, audience)
		}
		Step::Pause => Models::pause(origin, model),
		Step::Resume => Models::resume(origin, model),
		Step::Retire => weighed(Models::retire(origin, model)),
		Step::NewVersion { data } => {
			let datanets: &[_] = if *data { &[0, 1] } else { &[] };
			Models::new_version(origin, model, model_inputs(datanets))
		}
		Step::Wait { blocks } => {
			pass(*blocks);
			Ok(())
		}
	}
}

/// A step, as a transaction: one that fails leaves no trace, and only burning lowers the issuance.
fn run(turn: &Turn) {
	let (before, issuance, rents) = (books(), Balances::total_issuance(), settled().len());
	if with_storage_layer(|| apply(turn)).is_err() {
		assert_eq!(before, books(), "{turn:?} failed and moved money");
	}
	let burnt: Balance = settled().iter().skip(rents).map(|parts| parts.burn).sum();
	assert_eq!(issuance - Balances::total_issuance(), burnt);
	for parts in settled().iter().skip(rents) {
		assert_eq!(parts.operators, 0);
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(150))]

	#[test]
	fn nothing_breaks_the_invariants(turns in prop::collection::vec(turn(), 1..100)) {
		ExtBuilder.build_and_execute(|| {
			let_out(MODEL);
			for turn in &turns {
				run(turn);
				check();
			}
			// In the end all that was held for the market is released, by whom it concerns or by anybody.
			pass(DAY * u64::from(MAX_DAYS));
			for (model, tenant, _) in Rentals::<Test>::iter().collect::<Vec<_>>() {
				assert!(Market::collect(signed(STRANGER), model, tenant).is_ok());
			}
			for (model, listing) in Listings::<Test>::iter().collect::<Vec<_>>() {
				assert!(Market::unlist(signed(listing.seller), model).is_ok());
			}
			for (model, seller, _) in ShareListings::<Test>::iter().collect::<Vec<_>>() {
				assert!(Market::unlist_shares(signed(seller), model, seller).is_ok());
			}
			for (model, terms) in Terms::<Test>::iter().collect::<Vec<_>>() {
				assert!(Market::clear_terms(signed(terms.owner), model).is_ok());
			}
			for who in 1..8 {
				assert_eq!(held(HoldReason::Record, who), 0);
				assert_eq!(held(HoldReason::Rent, who), 0);
			}
		});
	}
}

/// That random steps get somewhere: otherwise the property above says little.
#[test]
fn random_steps_lead_somewhere() {
	use crate::Event as Mkt;
	use proptest::{strategy::ValueTree, test_runner::TestRunner};
	let mut runner = TestRunner::deterministic();
	let mut seen = std::collections::BTreeSet::new();
	for _ in 0..100 {
		let turns = prop::collection::vec(turn(), 100)
			.new_tree(&mut runner)
			.unwrap()
			.current();
		ExtBuilder.build_and_execute(|| {
			turns.iter().for_each(run);
			seen.extend(System::events().into_iter().filter_map(|record| {
				let RuntimeEvent::Market(event) = record.event else {
					return None;
				};
				Some(match event {
					Mkt::ModelSold { .. } => "a model sold",
					Mkt::SharesSold { .. } => "shares sold",
					Mkt::RentCollected { .. } => "rent collected",
					Mkt::RentalEnded { refunded: 0, .. } => "a term's end",
					Mkt::RentalEnded { .. } => "rent refunded",
					Mkt::Rented { .. } => "a rental",
					_ => return None,
				})
			}));
		});
		if seen.len() == 6 {
			return;
		}
	}
	panic!("{seen:?}");
}
