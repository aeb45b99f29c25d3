//! What must hold of the state between blocks, as the project's own pallets say it.
//!
//! Natively only: the WebAssembly of a validator has none of this. The tests run it on what they have done to a
//! chain, and `openledger-node check-state` on the state of a live one.

use crate::{
	Access, Agents, Attribution, Callbacks, Channels, ContributionVoting, Copies, Curation,
	Datanets, Inference, Market, Models, Origins, Proposals, Reputation, Runtime, Seasons,
};
use alloc::vec::Vec;
use sp_runtime::TryRuntimeError;

/// What a pallet says of its state.
type Check = fn() -> Result<(), TryRuntimeError>;

/// Each of the project's own pallets, by the name that it has in the runtime, with its invariants.
const CHECKS: &[(&str, Check)] = &[
	("ContributionVoting", ContributionVoting::do_try_state),
	("Origins", Origins::do_try_state),
	("Datanets", Datanets::do_try_state),
	("Models", Models::do_try_state),
	("Agents", Agents::do_try_state),
	("Inference", Inference::do_try_state),
	("Attribution", Attribution::do_try_state),
	("Reputation", Reputation::do_try_state),
	("Curation", Curation::do_try_state),
	("Access", Access::do_try_state),
	("Seasons", Seasons::do_try_state),
	("Channels", Channels::do_try_state),
	("Market", Market::do_try_state),
	("Copies", Copies::do_try_state),
	("Proposals", Proposals::do_try_state),
	("Callbacks", Callbacks::do_try_state),
];

/// What came of the invariants of one pallet.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
	/// The pallet, by the name that it has in the runtime.
	pub pallet: &'static str,
	/// The number and the words of the invariant that doesn't hold, if one doesn't.
	pub broken: Option<&'static str>,
}

/// Checks the state that is at hand, each pallet even if one before it is broken. Must be called with
/// externalities. Reads the whole storage of the pallets.
pub fn check() -> Vec<Finding> {
	CHECKS
		.iter()
		.map(|(pallet, check)| Finding {
			pallet,
			broken: check().err().map(|error| error.into()),
		})
		.collect()
}

/// The version of the runtime that last made a block on the state that is at hand. The invariants are those of
/// [`crate::VERSION`].
pub fn version_of_state() -> Option<u32> {
	frame_system::LastRuntimeUpgrade::<Runtime>::get().map(|info| info.spec_version.0)
}
