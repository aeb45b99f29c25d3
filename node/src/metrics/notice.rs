//! What an operator is told in the log, and what it can do about it.

use openledger_primitives::{traits::Offence, ChannelId, RequestId};
use openledger_runtime::{AccountId, Balance, BlockNumber};
use pallet_agents::{PauseCause, SlashId};
use sp_runtime::Permill;

const LOG_TARGET: &str = "operator";

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
	/// How much it matters: a warning asks for something to be done.
	pub level: log::Level,
	/// What happened, and what can be done.
	pub text: String,
}

impl Notice {
	pub(super) fn warn(text: String) -> Self {
		Self {
			level: log::Level::Warn,
			text,
		}
	}

	pub(super) fn info(text: String) -> Self {
		Self {
			level: log::Level::Info,
			text,
		}
	}

	/// Writes it to the log.
	pub(super) fn log(&self) {
		log::log!(target: LOG_TARGET, self.level, "{}", self.text);
	}
}

/// What an agent had done in a request when it was reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Progress {
	pub(super) committed: bool,
	pub(super) revealed: bool,
}

pub(super) fn offended(
	agent: &AccountId,
	request: RequestId,
	offence: Offence,
	progress: Progress,
) -> Notice {
	Notice::warn(match offence {
		Offence::NoCommit if progress.revealed => format!(
			"Agent {agent} reported for request {request} that it could not run the model, and others \
			 answered: see what the inference service said of the run"
		),
		Offence::NoCommit => format!(
			"Agent {agent} missed its commit for request {request}: see above whether the inference \
			 service was up, had the model, and was fast enough"
		),
		Offence::NoReveal => format!(
			"Agent {agent} committed to request {request} and missed its reveal: was this node \
			 stopped, or without peers?"
		),
		Offence::WrongResult => format!(
			"Agent {agent} gave another result for request {request} than the others, who agree: \
			 compare model files, ONNX Runtime's version and the provider with the model's policy"
		),
		Offence::FalseAttribution => format!(
			"Agent {agent} attributed the answer to request {request} to other data than the others, \
			 who agree: is this node's version that of the others?"
		),
		Offence::Equivocation => format!(
			"Agent {agent} signed two results for request {request}: stop all nodes but one that use \
			 its operator key; if there is none, the key is stolen, and agents.setOperatorKey sets \
			 another one"
		),
	})
}

pub(super) fn offended_in_channel(
	agent: &AccountId,
	channel: ChannelId,
	offence: Offence,
) -> Notice {
	Notice::warn(match offence {
		Offence::FalseAttribution => format!(
			"Agent {agent} reported for receipts of channel {channel}, which attribute a call to other data \
			 than a committee does, or whose totals are false: is what makes them of the others' version?"
		),
		Offence::Equivocation => format!(
			"Agent {agent} signed two receipts for one call of channel {channel}: make sure that only one \
			 process serves it; if only one does, the key is stolen, and agents.setOperatorKey sets \
			 another one"
		),
		Offence::WrongResult | Offence::NoCommit | Offence::NoReveal => format!(
			"Agent {agent} reported for a call of channel {channel}: a committee found another result, or \
			 it was not posted or disclosed in time. Keep all calls until their batch is settled, and \
			 compare model files, ONNX Runtime's version and the provider with the model's policy"
		),
	})
}

pub(super) fn slash_deferred(
	agent: &AccountId,
	id: SlashId,
	offence: Offence,
	part: Permill,
	base: Balance,
	due: BlockNumber,
) -> Notice {
	Notice::warn(format!(
		"Agent {agent} is to be slashed {} % of {} OPEN at block {due} for {offence:?} (slash {id}), \
		 unless governance cancels it with agents.cancelSlash; see docs/agents.md",
		f64::from(part.deconstruct()) / 10_000.0,
		super::open(base),
	))
}

pub(super) fn slash_cancelled(agent: &AccountId, id: SlashId) -> Notice {
	Notice::info(format!("Governance cancelled slash {id} of agent {agent}"))
}

pub(super) fn slashed(
	agent: &AccountId,
	id: SlashId,
	offence: Offence,
	own: Balance,
	delegated: Balance,
) -> Notice {
	Notice::warn(format!(
		"Agent {agent} was slashed for {offence:?} (slash {id}): {} OPEN of its own, {} OPEN of its \
		 delegators",
		super::open(own),
		super::open(delegated),
	))
}

pub(super) fn paused(agent: &AccountId, cause: PauseCause) -> Notice {
	match cause {
		PauseCause::Chosen => Notice::info(format!(
			"Agent {agent} is paused, as it wanted, and gets no requests until agents.resume"
		)),
		PauseCause::BelowMinimum => Notice::warn(format!(
			"Agent {agent} is paused and gets no requests: a slash left its bond below the minimum. \
			 Top up with agents.bondMore, then agents.resume"
		)),
	}
}

pub(super) fn suspended(agent: &AccountId) -> Notice {
	Notice::warn(format!(
		"Agent {agent} is suspended and gets no requests: a pending slash will take all. If governance \
		 cancels it, the agent gets requests again; else leave with agents.deregister"
	))
}
