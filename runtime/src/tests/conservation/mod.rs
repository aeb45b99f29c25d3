//! Random calls of random accounts over the whole runtime. After each block:
//!
//! - what all accounts have is the issuance, and that has changed by exactly what was burnt;
//! - every pallet's invariants hold;
//! - no hold is without an owner: what is held for a reason is what that reason's pallet knows of.

mod callers;
mod calls;
mod channels;
mod checks;
mod driver;
mod operators;
mod proposals;
mod random;
mod scenarios;

pub(super) use driver::chain;

use proptest::prelude::*;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve, Ferdie};
use std::ops::Range;

const ACTORS: [Sr25519Keyring; 6] = [Alice, Bob, Charlie, Dave, Eve, Ferdie];

/// What an account does, or all operators, or nobody for a while. Numbers choose among what there is, and
/// beyond.
#[derive(Clone, Copy, Debug)]
struct Step {
	actor: usize,
	kind: u8,
	a: u16,
	b: u16,
}

/// Kinds of calls, see [`calls::call`].
const CALLS: u8 = 69;
/// Operators commit.
const COMMIT: u8 = CALLS;
/// Operators reveal.
const REVEAL: u8 = CALLS + 1;
/// Nothing happens for some blocks.
const IDLE: u8 = CALLS + 2;
/// Something happens in a payment channel.
const CHANNEL: u8 = CALLS + 3;
/// Something happens to a proposal.
const PROPOSAL: u8 = CALLS + 4;

/// Lists of so many random steps.
fn steps(count: Range<usize>) -> impl Strategy<Value = Vec<Step>> {
	let kind = prop_oneof![
		12 => 0..CALLS,
		2 => Just(18),
		// What needs a step before it to succeed, or one more than all others.
		8 => prop::sample::select(vec![3, 4, 12, 13, 17, 31, 32, 34, 35, 36, 40, 46, 51, 52, 54, 55]),
		// What is for sale or to let, and who takes it.
		4 => prop::sample::select(vec![57, 58, 59, 60, 62, 63]),
		3 => Just(COMMIT),
		3 => Just(REVEAL),
		6 => Just(CHANNEL),
		6 => Just(PROPOSAL),
		1 => Just(IDLE),
	];
	let step = (0..ACTORS.len(), kind, any::<u16>(), any::<u16>())
		.prop_map(|(actor, kind, a, b)| Step { actor, kind, a, b });
	prop::collection::vec(step, count)
}
