//! What a unit of compute costs: it moves with demand against capacity, block by block.

use frame_support::{ensure, traits::Get};
use openledger_primitives::{
	model::ModelClass,
	traits::{AgentPool, Quote},
	Balance,
};
use sp_runtime::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};

use crate::{types::Market, Config, Error, Markets, Pallet};

/// A block takes so many times the units that it should.
pub const ELASTICITY: u64 = 2;

/// A block that takes nothing lowers the price by one part in so many; one that takes all it can raises
/// it by as much.
pub const DAMPING: u128 = 8;

/// The price that follows `price` after a block in which `used` units were asked for while `target` were
/// wanted: the manner of EIP-1559. Rises are rounded down, but not to nothing; falls are rounded down.
///
/// Stays within `floor` and `ceiling`, and never moves by more than one part in [`DAMPING`] if the floor
/// is not below [`DAMPING`]. Without a target there is nothing to go by, and the price stays.
pub fn next_price(
	price: Balance,
	used: u64,
	target: u64,
	floor: Balance,
	ceiling: Balance,
) -> Balance {
	let price = price.clamp(floor, ceiling);
	let off = used.abs_diff(target).min(target);
	if target == 0 || off == 0 {
		return price;
	}
	let parts = u128::from(target).saturating_mul(DAMPING);
	let change = multiply_by_rational_with_rounding(price, off.into(), parts, Rounding::Down)
		.unwrap_or_default();
	let moved = if used > target {
		price.saturating_add(change.max(1))
	} else {
		price.saturating_sub(change)
	};
	moved.clamp(floor, ceiling)
}

fn place(class: ModelClass) -> usize {
	match class {
		ModelClass::Search => 0,
		ModelClass::Generate => 1,
	}
}

impl<T: Config> Pallet<T> {
	/// How many units of a class a block should take.
	fn target_units(class: ModelClass, agents: u32) -> u64 {
		let each = match class {
			ModelClass::Search => T::SearchUnitsPerAgent::get(),
			ModelClass::Generate => T::GenerateUnitsPerAgent::get(),
		};
		u64::from(each).saturating_mul(agents.into())
	}

	pub(crate) fn market(class: ModelClass) -> Market {
		Markets::<T>::get()
			.get(place(class))
			.copied()
			.unwrap_or_default()
	}

	/// The present price of a unit of a class.
	pub(crate) fn present_price(class: ModelClass) -> Balance {
		Self::market(class)
			.base_price
			.clamp(T::MinBasePrice::get(), T::MaxBasePrice::get())
	}

	/// Lets the prices follow the block that has passed. What was cancelled is set off: asking and
	/// cancelling again moves no price.
	pub(crate) fn move_prices() {
		let agents = T::Agents::active();
		Markets::<T>::mutate(|markets| {
			for class in [ModelClass::Search, ModelClass::Generate] {
				let Some(market) = markets.get_mut(place(class)) else {
					continue;
				};
				let target = Self::target_units(class, agents);
				let demand = market.used.saturating_sub(market.cancelled);
				market.base_price = next_price(
					market.base_price,
					demand,
					target,
					T::MinBasePrice::get(),
					T::MaxBasePrice::get(),
				);
				market.cancelled = market.cancelled.saturating_sub(market.used);
				market.used = 0;
			}
		});
	}

	/// The units and the whole fee of a request to a committee of so many seats: in proportion where they
	/// are not [`Config::CommitteeSize`], rounded up.
	pub(crate) fn price_of(quote: &Quote, seats: u32) -> Result<(u32, Balance), Error<T>> {
		let usual = T::CommitteeSize::get().max(1);
		let units = u64::from(quote.units)
			.checked_mul(seats.into())
			.and_then(|units| u32::try_from(units.div_ceil(usual.into())).ok())
			.ok_or(Error::<T>::Overflow)?;
		let fee = Self::present_price(quote.class)
			.checked_mul(quote.units.into())
			.and_then(|compute| compute.checked_add(quote.fee))
			.and_then(|fee| fee.checked_mul(seats.into()))
			.ok_or(Error::<T>::Overflow)?
			.div_ceil(usual.into());
		Ok((units, fee))
	}

	/// Counts units that are asked for, if the block has room for them. The first ones always have.
	pub(crate) fn take_units(class: ModelClass, units: u32) -> Result<(), Error<T>> {
		let most = Self::target_units(class, T::Agents::active()).saturating_mul(ELASTICITY);
		Markets::<T>::try_mutate(|markets| {
			let market = markets.get_mut(place(class)).ok_or(Error::<T>::Overflow)?;
			let used = market.used.saturating_add(units.into());
			ensure!(market.used == 0 || used <= most, Error::<T>::NoCapacity);
			market.used = used;
			Ok(())
		})
	}

	/// Sets off units that are not wanted any more.
	pub(crate) fn give_back_units(class: ModelClass, units: u32) {
		Markets::<T>::mutate(|markets| {
			if let Some(market) = markets.get_mut(place(class)) {
				market.cancelled = market.cancelled.saturating_add(units.into());
			}
		});
	}
}
