//! Weights of the calls, the hooks, and the functions that other pallets call. The runtime has the
//! measured figures.

use frame_support::weights::Weight;

/// Weights of the calls, the hooks, and the functions that other pallets call.
pub trait WeightInfo {
	/// Finding out whether there is something to remove: constant, each block.
	fn sweep_base() -> Weight;
	/// Looking at one account, and removing it.
	fn sweep_account() -> Weight;
	/// One account earning points.
	fn earned() -> Weight;
	/// One account losing a part of its points.
	fn forfeit() -> Weight;
	/// Reading one account's power, or the total.
	fn power() -> Weight;
	/// Contesting points.
	fn contest() -> Weight;
	/// Deciding a contest.
	fn decide() -> Weight;
	/// Ending one that nobody decided.
	fn close() -> Weight;
	/// Saying whether an account funds strangers.
	fn set_hub() -> Weight;
	/// Looking at a block's first `events` events, among them the fundings of `transfers` accounts.
	fn observe(events: u32, transfers: u32) -> Weight;
	/// Finding out whether there are fundings that may be over: constant, each block.
	fn prune_base() -> Weight;
	/// Looking at one, and removing it.
	fn prune_funding() -> Weight;
}

/// For tests.
impl WeightInfo for () {
	fn sweep_base() -> Weight {
		Weight::from_parts(5_000_000, 5_000)
	}

	fn sweep_account() -> Weight {
		Weight::from_parts(25_000_000, 5_000)
	}

	fn earned() -> Weight {
		Weight::from_parts(40_000_000, 5_000)
	}

	fn forfeit() -> Weight {
		Weight::from_parts(60_000_000, 5_000)
	}

	fn power() -> Weight {
		Weight::from_parts(15_000_000, 5_000)
	}

	fn contest() -> Weight {
		Weight::from_parts(90_000_000, 15_000)
	}

	fn decide() -> Weight {
		Weight::from_parts(120_000_000, 20_000)
	}

	fn close() -> Weight {
		Weight::from_parts(100_000_000, 15_000)
	}

	fn set_hub() -> Weight {
		Weight::from_parts(12_000_000, 5_000)
	}

	fn observe(events: u32, transfers: u32) -> Weight {
		let event = Weight::from_parts(500_000, 0);
		let transfer = Weight::from_parts(20_000_000, 5_000);
		Weight::from_parts(20_000_000, 5_000)
			.saturating_add(event.saturating_mul(events.into()))
			.saturating_add(transfer.saturating_mul(transfers.into()))
	}

	fn prune_base() -> Weight {
		Weight::from_parts(5_000_000, 5_000)
	}

	fn prune_funding() -> Weight {
		Weight::from_parts(10_000_000, 5_000)
	}
}
