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
	/// Settling a batch of calls whose data's part is set apart, with so many operators and models. Includes
	/// what it calls in the registries and for reputation.
	fn settle_by_root(operators: u32, models: u32) -> Weight;
	/// Dividing the rent of a model in whose part so many `models` of its lineage share, built on so many
	/// `datanets`. Includes what it calls in the registries and for reputation.
	fn settle_rent(models: u32, datanets: u32) -> Weight;
	/// Claiming a share by a proof of so many parts.
	fn claim_share(parts: u32) -> Weight;
	/// Closing a distribution, or as many of its claims.
	fn close_distribution(claims: u32) -> Weight;
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

	fn settle_by_root(operators: u32, models: u32) -> Weight {
		Self::settle(0, operators, models).saturating_add(Weight::from_parts(70_000_000, 12_000))
	}

	fn settle_rent(models: u32, datanets: u32) -> Weight {
		let datanet = Weight::from_parts(90_000_000, 24_000);
		Self::settle(0, 0, models).saturating_add(datanet.saturating_mul(datanets.into()))
	}

	fn claim_share(parts: u32) -> Weight {
		let part = Weight::from_parts(2_000_000, 0);
		Weight::from_parts(220_000_000, 48_000).saturating_add(part.saturating_mul(parts.into()))
	}

	fn close_distribution(claims: u32) -> Weight {
		let claim = Weight::from_parts(60_000_000, 8_000);
		Weight::from_parts(120_000_000, 24_000).saturating_add(claim.saturating_mul(claims.into()))
	}

	fn forget() -> Weight {
		Weight::from_parts(8_000_000, 8_000)
	}
}
