//! Weights of the calls, and of settling. The runtime has the measured figures.

use frame_support::weights::Weight;

/// Weights of the calls, and of settling.
pub trait WeightInfo {
	/// Paying out one credit.
	fn claim() -> Weight;
	/// Moving the shares.
	fn set_shares() -> Weight;
	/// Settling a run with `entries` attribution entries by so many `operators`, of a model in whose part so
	/// many `models` of its lineage share. Includes what it calls in the registries and for reputation.
	fn settle(entries: u32, operators: u32, models: u32) -> Weight;
	/// Forgetting a record.
	fn forget() -> Weight;
}

/// For tests.
impl WeightInfo for () {
	fn claim() -> Weight {
		Weight::from_parts(70_000_000, 16_000)
	}

	fn set_shares() -> Weight {
		Weight::from_parts(12_000_000, 4_000)
	}

	fn settle(entries: u32, operators: u32, models: u32) -> Weight {
		let entry = Weight::from_parts(50_000_000, 36_000);
		let taker = Weight::from_parts(90_000_000, 24_000);
		Weight::from_parts(120_000_000, 32_000)
			.saturating_add(entry.saturating_mul(entries.into()))
			.saturating_add(taker.saturating_mul(operators.saturating_add(models).into()))
	}

	fn forget() -> Weight {
		Weight::from_parts(8_000_000, 8_000)
	}
}
