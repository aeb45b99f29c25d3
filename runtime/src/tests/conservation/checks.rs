//! What must hold between blocks.

use crate::{
	configs::utility::{PreimageBaseDeposit, PreimageByteDeposit},
	invariants, Balance, Balances, Runtime, RuntimeEvent, RuntimeHoldReason,
};
use codec::Encode;
use frame_support::traits::tokens::IdAmount;
use std::collections::BTreeMap;

/// What is held, by reason.
fn held() -> BTreeMap<Vec<u8>, Balance> {
	let mut sums = BTreeMap::new();
	for holds in pallet_balances::Holds::<Runtime>::iter_values() {
		for IdAmount { id, amount } in holds {
			*sums.entry(id.encode()).or_default() += amount;
		}
	}
	sums
}

/// What the pallets know to be held, by reason.
fn owned() -> BTreeMap<Vec<u8>, Balance> {
	use pallet_datanets::HoldReason::{BatchDeposit, DatanetDeposit, Reservation};
	use pallet_inference::{HoldReason::*, Receipts, Requests};
	let requests = || Requests::<Runtime>::iter_values();
	let receipts = Receipts::<Runtime>::iter_values();
	let preimages =
		pallet_preimage::RequestStatusFor::<Runtime>::iter_values().map(|status| match status {
			pallet_preimage::RequestStatus::Unrequested { len, .. } => {
				PreimageBaseDeposit::get() + Balance::from(len) * PreimageByteDeposit::get()
			}
			other => panic!("nobody requests a preimage here: {other:?}"),
		});
	let channels = || pallet_channels::Channels::<Runtime>::iter_values();
	let batches = || pallet_channels::Batches::<Runtime>::iter_values();
	let sums: [(RuntimeHoldReason, Balance); 29] = [
		(
			DatanetDeposit.into(),
			pallet_datanets::Datanets::<Runtime>::iter_values()
				.map(|it| it.deposit + it.list_deposit)
				.sum(),
		),
		(
			Reservation.into(),
			pallet_datanets::Reservations::<Runtime>::iter_values()
				.map(|it| it.deposit)
				.sum(),
		),
		(
			pallet_curation::HoldReason::Bond.into(),
			pallet_curation::Curators::<Runtime>::iter_values()
				.map(|it| it.bond)
				.sum(),
		),
		(
			pallet_curation::HoldReason::Qualification.into(),
			pallet_curation::Exams::<Runtime>::iter_values()
				.map(|it| it.deposit)
				.chain(pallet_curation::Candidates::<Runtime>::iter_values().map(|it| it.deposit))
				.chain(
					pallet_curation::Qualifications::<Runtime>::iter_values().map(|it| it.deposit),
				)
				.sum(),
		),
		(
			pallet_curation::HoldReason::Report.into(),
			pallet_curation::Reports::<Runtime>::iter_values()
				.map(|it| it.bond)
				.sum(),
		),
		(
			pallet_access::HoldReason::Price.into(),
			pallet_access::Requests::<Runtime>::iter_values()
				.map(|it| it.price)
				.sum(),
		),
		(
			pallet_access::HoldReason::RecordDeposit.into(),
			pallet_access::Requests::<Runtime>::iter_values()
				.map(|it| it.deposit)
				.chain(pallet_access::Grants::<Runtime>::iter_values().map(|it| it.deposit))
				.sum(),
		),
		(
			pallet_curation::HoldReason::Appeal.into(),
			pallet_curation::Rounds::<Runtime>::iter_values()
				.flat_map(|it| it.appeals)
				.map(|it| it.deposit)
				.sum(),
		),
		(
			BatchDeposit.into(),
			pallet_datanets::Batches::<Runtime>::iter_values()
				.map(|it| it.deposit)
				.sum(),
		),
		(
			pallet_channels::HoldReason::Funds.into(),
			channels().map(|it| it.held).sum(),
		),
		(
			pallet_channels::HoldReason::Record.into(),
			channels()
				.map(|it| it.record)
				.chain(batches().map(|it| it.deposit))
				.sum(),
		),
		(
			pallet_channels::HoldReason::Bond.into(),
			batches().map(|it| it.bond).sum(),
		),
		(
			pallet_channels::HoldReason::Challenge.into(),
			batches()
				.filter_map(|it| it.stage.challenge().map(|challenge| challenge.bond))
				.sum(),
		),
		(
			pallet_copies::HoldReason::Bond.into(),
			pallet_copies::Claims::<Runtime>::iter_values()
				.map(|it| it.bond)
				.sum(),
		),
		(
			pallet_callbacks::HoldReason::Callback.into(),
			pallet_callbacks::Callbacks::<Runtime>::iter_values()
				.chain(pallet_callbacks::Due::<Runtime>::iter_values().map(|it| it.callback))
				.map(|it| it.deposit + it.budget)
				.sum(),
		),
		(
			pallet_proposals::HoldReason::Deposit.into(),
			pallet_proposals::Proposals::<Runtime>::iter_values()
				.map(|it| it.deposit)
				.chain(pallet_proposals::Backers::<Runtime>::iter_values().map(|it| it.deposit))
				.sum(),
		),
		(
			pallet_proposals::HoldReason::Bond.into(),
			pallet_proposals::Proposals::<Runtime>::iter_values()
				.map(|it| it.bond)
				.sum(),
		),
		(
			pallet_attribution::HoldReason::Record.into(),
			pallet_attribution::Distributions::<Runtime>::iter_values()
				.filter_map(|it| it.deposit)
				.map(|(_, deposit)| deposit)
				.chain(pallet_attribution::Claims::<Runtime>::iter_values().map(|it| it.deposit))
				.sum(),
		),
		(
			pallet_market::HoldReason::Record.into(),
			pallet_market::Listings::<Runtime>::iter_values()
				.map(|it| it.deposit)
				.chain(pallet_market::ShareListings::<Runtime>::iter_values().map(|it| it.deposit))
				.chain(pallet_market::Terms::<Runtime>::iter_values().map(|it| it.deposit))
				.chain(pallet_market::Rentals::<Runtime>::iter_values().map(|it| it.deposit))
				.sum(),
		),
		(
			pallet_market::HoldReason::Rent.into(),
			pallet_market::Rentals::<Runtime>::iter_values()
				.map(|it| it.rent)
				.sum(),
		),
		(
			pallet_models::HoldReason::ModelDeposit.into(),
			pallet_models::Models::<Runtime>::iter_values()
				.map(|it| it.held)
				.sum(),
		),
		(
			pallet_agents::HoldReason::Bond.into(),
			pallet_agents::Agents::<Runtime>::iter_values()
				.map(|it| {
					it.bond
						+ it.unbonding
							.iter()
							.map(|chunk| chunk.amount)
							.sum::<Balance>()
				})
				.sum(),
		),
		(
			pallet_agents::HoldReason::Record.into(),
			pallet_agents::Agents::<Runtime>::iter_values()
				.map(|it| it.deposit)
				.chain(pallet_agents::Delegations::<Runtime>::iter_values().map(|it| it.deposit))
				.sum(),
		),
		(
			Canary.into(),
			pallet_inference::Canaries::<Runtime>::iter_values()
				.map(|it| it.deposit)
				.chain(pallet_inference::Reruns::<Runtime>::iter_values().map(|it| it.deposit))
				.sum(),
		),
		(Fee.into(), requests().map(|it| it.fee).sum()),
		(
			Record.into(),
			requests()
				.map(|it| it.deposit)
				.chain(receipts.map(|it| it.deposit))
				.sum(),
		),
		(
			pallet_staking::HoldReason::Staking.into(),
			pallet_staking::Ledger::<Runtime>::iter_values()
				.map(|it| it.total)
				.sum(),
		),
		(
			pallet_preimage::HoldReason::Preimage.into(),
			preimages.sum(),
		),
		(
			pallet_reputation::HoldReason::Contest.into(),
			pallet_reputation::Contests::<Runtime>::iter_values()
				.map(|it| it.bond)
				.sum(),
		),
	];
	sums.into_iter()
		.filter(|(_, sum)| *sum > 0)
		.map(|(reason, sum)| (reason.encode(), sum))
		.collect()
}

/// Checks all that must hold between blocks.
pub(super) fn check(issuance: Balance) {
	for finding in invariants::check() {
		assert_eq!(finding.broken, None, "{}", finding.pallet);
	}
	let all: Balance = frame_system::Account::<Runtime>::iter_values()
		.map(|account| account.data.free + account.data.reserved)
		.sum();
	assert_eq!(
		all,
		Balances::total_issuance(),
		"what accounts have is the issuance"
	);
	assert_eq!(all, issuance, "the issuance changes only by what is burnt");
	assert_eq!(held(), owned(), "each hold has its owner");
}

/// What the events of a block say was burnt.
pub(super) fn burnt(events: &[RuntimeEvent]) -> Balance {
	events
		.iter()
		.map(|event| match event {
			RuntimeEvent::Attribution(pallet_attribution::Event::Settled {
				fee, parts, ..
			}) => {
				let sum = parts.burn + parts.treasury + parts.model + parts.operators + parts.data;
				assert_eq!(*fee, sum, "the parts are the whole");
				parts.burn
			}
			RuntimeEvent::Balances(pallet_balances::Event::Burned { amount, .. }) => *amount,
			_ => 0,
		})
		.sum()
}
