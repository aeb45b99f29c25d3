//! The tracks: what a referendum of each kind takes.
//!
//! # Life of a referendum
//! It is *prepared*, so that it can be read before votes count. Once somebody has paid the decision deposit and
//! there is a place, it is *decided*: within the decision period *approval* (ayes of ayes and nays) and *support*
//! (ayes and abstentions of all reputation there is) have to reach the track's curves, which fall over the period,
//! and stay there for the *confirmation* period. Then it is enacted after the enactment period at the earliest.
//! Periods are those of a public chain, divided by the chain's [pace](super::origins::Pace).
//!
//! # Majorities
//! All reputation is a good measure of who could vote: it halves every 90 days, so what is left of those who went
//! away is soon little. It is no measure of who will: many contributors never look at governance, though they
//! can delegate once and forget it. So support begins where only a mobilised majority passes at once, and falls to
//! what an awake minority can muster. What a curve falls to is what a group has to own that nobody opposes; where
//! everybody is awake, approval decides.
//!
//! - **34 %** of all reputation must not stop what matters: no approval asks for more than 60 % at the end, so 34 %
//!   are outvoted where the others agree.
//! - **51 %** must not be able to replace the runtime while the others are awake: Root, and the urgent calls, which run
//!   as Root, need 60 % of approval to the end. Where half of the others sleep, and 51 stand against 25, they pass. This
//!   is why Root takes weeks, for the others to wake up.
//! - **A tenth** passes nothing against a tenth that disagrees, and unopposed only what the code bounds: a parameter
//!   between its bounds, a spend below a cap. Root asks for a quarter of all reputation at the least.
//! - No curve ends at 50 %: a tie fails.
//!
//! # Urgency
//! - A contest of reputation lapses after 14 days: [`DATANET_ADMIN`] decides within 8.
//! - A slash of an agent waits for four days: [`AGENT_ADMIN`] takes little more than two of them.
//! - A bad referendum is cancelled in little more than two days: long before few can confirm one of Root's or a big spend.
//! - An urgent call of Root: the committee shortens weeks to days, and an hour's preparation and confirmation where a
//!   majority is there at once. The curves are Root's: it doesn't make anything easier to pass.
//!
//! # A young chain
//! While there is little reputation, little money buys a lot of it. Below [`ROOT_FLOOR`] Root's decision period is
//! doubled, and with it the time for which support is asked for in full. The period is looked at whenever a referendum is:
//! one that is being decided when the floor is passed ends earlier, in the worst case it fails and is repeated.

use super::{origins::Origin, paced};
use crate::{
	constants::{
		currency::UNIT,
		time::{DAYS, HOURS, MINUTES},
	},
	AccountId, Balance, BlockNumber, OriginCaller, Reputation,
};
use alloc::borrow::Cow;
use frame_system::RawOrigin;
use openledger_primitives::traits::VotingPower;
use pallet_referenda::{Curve, Track, TrackInfo, TracksInfo};
use sp_runtime::Perbill;

/// Bytes of a track's name, which is filled up with zeros.
const MAX_NAME: usize = 25;

/// A track's number.
pub type TrackId = u16;

/// Root: replaces the runtime, and anything else.
pub const ROOT: TrackId = 0;
/// Urgent calls as Root, which the technical committee has to have whitelisted.
pub const WHITELISTED_CALLER: TrackId = 1;
/// Bounded parameters.
pub const PARAMETER_ADMIN: TrackId = 10;
/// Agents: their slashes, and whether they stay.
pub const AGENT_ADMIN: TrackId = 11;
/// Data: contests of reputation, batches, seasons.
pub const DATANET_ADMIN: TrackId = 12;
/// Models that the treasury pays for.
pub const MODEL_FUNDER: TrackId = 13;
/// Referenda that are to stop, without blame.
pub const REFERENDUM_CANCELLER: TrackId = 20;
/// Referenda that are to stop, and cost their deposits.
pub const REFERENDUM_KILLER: TrackId = 21;
/// Spends up to [`SMALL_SPEND`].
pub const SMALL_SPENDER: TrackId = 30;
/// Spends up to [`MEDIUM_SPEND`].
pub const MEDIUM_SPENDER: TrackId = 31;
/// Spends up to [`BIG_SPEND`].
pub const BIG_SPENDER: TrackId = 32;

/// The most that a small spend takes of the treasury.
pub const SMALL_SPEND: Balance = 1_000 * UNIT;
/// The most that a medium one does.
pub const MEDIUM_SPEND: Balance = 20_000 * UNIT;
/// The most that a big one does. Beyond it there is Root.
pub const BIG_SPEND: Balance = 250_000 * UNIT;

/// The most that the treasury gives for models by a referendum on their track, all that its call offers counted.
pub const MODEL_FUNDING: Balance = 50_000 * UNIT;

/// Below this total of reputation Root takes [longer](self#a-young-chain): what was burned and paid to the treasury
/// in fees.
pub const ROOT_FLOOR: u128 = 100_000 * UNIT;

/// A track, with the periods of a public chain.
struct Plan {
	id: TrackId,
	/// As wallets show it.
	name: &'static str,
	/// Referenda that are decided at a time.
	max_deciding: u32,
	/// Given back, unless the referendum is killed.
	decision_deposit: Balance,
	prepare: BlockNumber,
	decision: BlockNumber,
	confirm: BlockNumber,
	enactment: BlockNumber,
	/// In percent at the beginning and at the end of the decision period.
	approval: (u32, u32),
	/// The same.
	support: (u32, u32),
}

/// All tracks by their numbers. Places and deposits are such that nobody fills a track for fun: with a few hundred
/// OPEN in all, which the killer can take. They are such as a voter without wealth can find somebody to pay.
const PLANS: [Plan; 11] = [
	// The slowest, and the dearest: what it does has no bounds. Whoever fills the five places keeps others out for as
	// long as it takes to kill them.
	Plan {
		id: ROOT,
		name: "root",
		max_deciding: 5,
		decision_deposit: 500 * UNIT,
		prepare: DAYS,
		decision: 14 * DAYS,
		confirm: DAYS,
		enactment: DAYS,
		approval: (100, 60),
		support: (50, 25),
	},
	// Root's curves in a seventh of the time, on the committee's word.
	Plan {
		id: WHITELISTED_CALLER,
		name: "whitelisted_caller",
		max_deciding: 20,
		decision_deposit: 100 * UNIT,
		prepare: 30 * MINUTES,
		decision: 2 * DAYS,
		confirm: 30 * MINUTES,
		enactment: 5 * MINUTES,
		approval: (100, 60),
		support: (50, 25),
	},
	// Bounds are in the code; a wrong value within them costs money, not the chain. A day for users to see it coming.
	Plan {
		id: PARAMETER_ADMIN,
		name: "parameter_admin",
		max_deciding: 20,
		decision_deposit: 50 * UNIT,
		prepare: 6 * HOURS,
		decision: 7 * DAYS,
		confirm: 12 * HOURS,
		enactment: DAYS,
		approval: (100, 51),
		support: (50, 10),
	},
	// Has to be faster than the slash that it cancels. What it can do wrong is to let one agent off, or to send one away.
	Plan {
		id: AGENT_ADMIN,
		name: "agent_admin",
		max_deciding: 50,
		decision_deposit: 20 * UNIT,
		prepare: HOURS,
		decision: 2 * DAYS,
		confirm: 3 * HOURS,
		enactment: 10 * MINUTES,
		approval: (100, 51),
		support: (30, 10),
	},
	// Has to be faster than a contest lapses, with time to see that there is one. A ban of a batch has no way back, so more
	// have to agree than on a parameter.
	Plan {
		id: DATANET_ADMIN,
		name: "datanet_admin",
		max_deciding: 50,
		decision_deposit: 20 * UNIT,
		prepare: 2 * HOURS,
		decision: 6 * DAYS,
		confirm: 12 * HOURS,
		enactment: HOURS,
		approval: (100, 60),
		support: (40, 15),
	},
	// A spend, of which the backers' vote on what was delivered may bring all back.
	Plan {
		id: MODEL_FUNDER,
		name: "model_funder",
		max_deciding: 20,
		decision_deposit: 50 * UNIT,
		prepare: 12 * HOURS,
		decision: 7 * DAYS,
		confirm: DAYS,
		enactment: 12 * HOURS,
		approval: (100, 51),
		support: (40, 10),
	},
	// Faster than anything that can do harm without a committee, and easily undone by submitting again.
	Plan {
		id: REFERENDUM_CANCELLER,
		name: "referendum_canceller",
		max_deciding: 100,
		decision_deposit: 50 * UNIT,
		prepare: HOURS,
		decision: 2 * DAYS,
		confirm: 2 * HOURS,
		enactment: 10 * MINUTES,
		approval: (100, 51),
		support: (30, 10),
	},
	// Takes others' money: for plain abuse, on which most agree.
	Plan {
		id: REFERENDUM_KILLER,
		name: "referendum_killer",
		max_deciding: 100,
		decision_deposit: 50 * UNIT,
		prepare: HOURS,
		decision: 3 * DAYS,
		confirm: 6 * HOURS,
		enactment: 10 * MINUTES,
		approval: (100, 60),
		support: (50, 15),
	},
	// Little is at stake, so few need to look.
	Plan {
		id: SMALL_SPENDER,
		name: "small_spender",
		max_deciding: 50,
		decision_deposit: 10 * UNIT,
		prepare: 6 * HOURS,
		decision: 5 * DAYS,
		confirm: 12 * HOURS,
		enactment: 12 * HOURS,
		approval: (100, 51),
		support: (25, 5),
	},
	Plan {
		id: MEDIUM_SPENDER,
		name: "medium_spender",
		max_deciding: 20,
		decision_deposit: 50 * UNIT,
		prepare: 12 * HOURS,
		decision: 7 * DAYS,
		confirm: DAYS,
		enactment: 12 * HOURS,
		approval: (100, 51),
		support: (40, 10),
	},
	// A fair part of what the treasury takes in a year: as slow as Root, and nearly as hard.
	Plan {
		id: BIG_SPENDER,
		name: "big_spender",
		max_deciding: 10,
		decision_deposit: 200 * UNIT,
		prepare: DAYS,
		decision: 14 * DAYS,
		confirm: 2 * DAYS,
		enactment: DAYS,
		approval: (100, 60),
		support: (50, 15),
	},
];

impl Plan {
	/// Blocks from submission to enactment at most, if there is a place for it at once.
	const fn takes(&self) -> BlockNumber {
		self.prepare
			.saturating_add(self.decision)
			.saturating_add(self.confirm)
			.saturating_add(self.enactment)
	}

	/// The decision period on this chain, at present.
	fn decision(&self) -> BlockNumber {
		let is_young =
			self.id == ROOT && <Reputation as VotingPower<AccountId>>::total() < ROOT_FLOOR;
		let factor = if is_young { 2 } else { 1 };
		paced(self.decision.saturating_mul(factor))
	}

	/// The track on this chain, at present.
	fn info(&self) -> TrackInfo<Balance, BlockNumber> {
		let mut name = [0; MAX_NAME];
		for (to, from) in name.iter_mut().zip(self.name.bytes()) {
			*to = from;
		}
		TrackInfo {
			name,
			max_deciding: self.max_deciding,
			decision_deposit: self.decision_deposit,
			prepare_period: paced(self.prepare),
			decision_period: self.decision(),
			confirm_period: paced(self.confirm),
			min_enactment_period: paced(self.enactment),
			min_approval: falling(self.approval),
			min_support: falling(self.support),
		}
	}
}

/// Falls evenly over the decision period, from one part to another, both in percent.
const fn falling((from, to): (u32, u32)) -> Curve {
	Curve::LinearDecreasing {
		length: Perbill::one(),
		floor: Perbill::from_percent(to),
		ceil: Perbill::from_percent(from),
	}
}

/// What the track takes at most from submission to enactment on a public chain. Nothing if there is no such track.
const fn takes(id: TrackId) -> BlockNumber {
	let mut plans: &[Plan] = &PLANS;
	while let [plan, rest @ ..] = plans {
		if plan.id == id {
			return plan.takes();
		}
		plans = rest;
	}
	0
}

/// What the agents' track takes at most from submission to enactment, if there is a place for it at once, on a public
/// chain. Their slashes wait longer than that.
pub const AGENT_ADMIN_TAKES: BlockNumber = takes(AGENT_ADMIN);
/// The same of the Datanets' track. Contests of reputation last longer.
pub const DATANET_ADMIN_TAKES: BlockNumber = takes(DATANET_ADMIN);
/// The same of the parameters' track. Claims that a model is a copy can be dismissed for longer.
pub const PARAMETER_ADMIN_TAKES: BlockNumber = takes(PARAMETER_ADMIN);

/// The tracks of this chain, as they are at present: with its pace, and the time that Root takes now. What metadata say
/// of them was so when they were made.
pub struct Tracks;

impl TracksInfo<Balance, BlockNumber> for Tracks {
	type Id = TrackId;
	type RuntimeOrigin = OriginCaller;

	fn tracks() -> impl Iterator<Item = Cow<'static, Track<TrackId, Balance, BlockNumber>>> {
		PLANS.iter().map(|plan| {
			Cow::Owned(Track {
				id: plan.id,
				info: plan.info(),
			})
		})
	}

	fn track_ids() -> impl Iterator<Item = TrackId> {
		PLANS.iter().map(|plan| plan.id)
	}

	fn info(id: TrackId) -> Option<Cow<'static, TrackInfo<Balance, BlockNumber>>> {
		let plan = PLANS.iter().find(|plan| plan.id == id)?;
		Some(Cow::Owned(plan.info()))
	}

	fn track_for(origin: &OriginCaller) -> Result<TrackId, ()> {
		match origin {
			OriginCaller::system(RawOrigin::Root) => Ok(ROOT),
			OriginCaller::Origins(origin) => Ok(match origin {
				Origin::WhitelistedCaller => WHITELISTED_CALLER,
				Origin::ParameterAdmin => PARAMETER_ADMIN,
				Origin::AgentAdmin => AGENT_ADMIN,
				Origin::DatanetAdmin => DATANET_ADMIN,
				Origin::ModelFunder => MODEL_FUNDER,
				Origin::ReferendumCanceller => REFERENDUM_CANCELLER,
				Origin::ReferendumKiller => REFERENDUM_KILLER,
				Origin::SmallSpender => SMALL_SPENDER,
				Origin::MediumSpender => MEDIUM_SPENDER,
				Origin::BigSpender => BIG_SPENDER,
			}),
			_ => Err(()),
		}
	}
}
