//! Units, times and fee levels.

#![warn(missing_docs)]

/// The token and what state costs.
pub mod currency {
	use crate::Balance;

	/// One OPEN: 12 decimals on this side of the chain, 18 on the Ethereum side
	/// ([`NATIVE_TO_ETH_RATIO`]).
	pub const UNIT: Balance = 1_000_000_000_000;
	/// A thousandth of an OPEN.
	pub const MILLI_UNIT: Balance = UNIT / 1_000;
	/// A millionth of an OPEN.
	pub const MICRO_UNIT: Balance = MILLI_UNIT / 1_000;

	/// What an account must hold to exist.
	pub const EXISTENTIAL_DEPOSIT: Balance = MILLI_UNIT;

	/// Ethereum's unit (wei) per native unit: 10^18 wei and 10^12 units are both one OPEN.
	pub const NATIVE_TO_ETH_RATIO: u32 = 1_000_000;

	/// The refundable deposit for `items` storage entries of `bytes` bytes together: 20 milli-OPEN
	/// per entry and 0.1 milli-OPEN per byte, so that a gigabyte of state locks 100,000 OPEN.
	pub const fn deposit(items: u32, bytes: u32) -> Balance {
		items as Balance * 20 * MILLI_UNIT + bytes as Balance * 100 * MICRO_UNIT
	}
}

/// Block, epoch and era times.
///
/// BABE reads its epoch length as a constant of the runtime and can't change it on a running chain
/// without skipping epochs, so it is not a matter of presets or storage. These are the lengths of
/// development and test networks, where one wants to see epochs, elections and unbonding within a
/// working day. A public network sets its own (hours, not minutes) before its genesis.
pub mod time {
	use crate::{BlockNumber, Moment};

	/// Milliseconds per slot; each slot has a block when all goes well.
	pub const SLOT_DURATION_MS: Moment = 2_000;

	/// Blocks per minute.
	pub const MINUTES: BlockNumber = 30;
	/// Blocks per hour.
	pub const HOURS: BlockNumber = MINUTES * 60;
	/// Blocks per day.
	pub const DAYS: BlockNumber = HOURS * 24;

	/// Slots per epoch, which is also a session: 2 minutes. The block that starts one counts as full and
	/// takes no transactions.
	pub const EPOCH_DURATION_IN_SLOTS: u64 = 60;
	/// Sessions per era, at the end of which validators are elected and rewarded: 12 minutes.
	pub const SESSIONS_PER_ERA: u32 = 6;
	/// Eras until unbonded stake is free: 5.6 hours. Offences can be reported for as long.
	pub const BONDING_DURATION_ERAS: u32 = 28;
	/// Eras between an offence and its slash, in which it may be cancelled: 1.4 hours.
	pub const SLASH_DEFER_DURATION_ERAS: u32 = 7;
	/// Eras for which rewards can be claimed: 16.8 hours.
	pub const HISTORY_DEPTH_ERAS: u32 = 84;

	/// The chance that a slot has at least one primary author. The others are filled by the secondary
	/// author, so that every slot has one.
	pub const PRIMARY_PROBABILITY: (u64, u64) = (1, 4);
}

/// What transactions cost.
pub mod fee {
	use crate::Balance;

	/// Native units per picosecond of execution, as a ratio. At one to one, a balance transfer costs
	/// some 0.6 milli-OPEN, and a block full of transactions 0.75 OPEN.
	pub const REF_TIME_NUMERATOR: u128 = 1;
	/// See [`REF_TIME_NUMERATOR`].
	pub const REF_TIME_DENOMINATOR: u128 = 1;
	/// Native units per byte of a transaction.
	pub const PER_BYTE: Balance = super::currency::MICRO_UNIT;
	/// Gas is weight divided by this, so that a plain transfer by an Ethereum wallet needs some 20,000
	/// gas, as its users and tools expect. The price of gas is multiplied by it.
	pub const GAS_SCALE: u32 = 50_000;
}

/// The chain id that Ethereum wallets sign for: "open" in ASCII, until one is registered.
pub const ETH_CHAIN_ID: u64 = 0x6f70_656e;
