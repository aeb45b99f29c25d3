//! What is stored of agents, delegations and slashes, and what clients see of them.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	traits::{ConstU32, Get},
	BoundedVec, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound,
};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{
	model::Profile, protocol::OperatorKey, traits::Offence, Balance, ModelId,
};
use scale_info::TypeInfo;
use sp_runtime::{Permill, SaturatedConversion};

use crate::{ladder::Offences, pool::Pool, Config, ServedModels};

/// The longest endpoint in bytes.
pub const MAX_ENDPOINT: u32 = 256;

/// The most parts of a bond, or of a delegation, that unbond at a time.
pub const MAX_CHUNKS: u32 = 8;

/// The most former keys of an agent that are still attributed to it.
pub const MAX_OLD_KEYS: u32 = 4;

/// A slash that waits, given out in ascending order from 0.
pub type SlashId = u64;

/// Where an agent can be reached: an `http` or `https` URL in visible ASCII, or nothing.
pub type Endpoint = BoundedVec<u8, ConstU32<MAX_ENDPOINT>>;

/// Whether an endpoint is empty or begins like a URL and has visible ASCII characters only.
pub fn is_endpoint(text: &[u8]) -> bool {
	let host = text
		.strip_prefix(b"https://")
		.or_else(|| text.strip_prefix(b"http://"));
	text.is_empty()
		|| host.is_some_and(|host| !host.is_empty() && host.iter().all(u8::is_ascii_graphic))
}

/// Whether an agent takes part.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub enum Status<BlockNumber> {
	/// It is drawn for the models that it serves.
	Active,
	/// It is not drawn, but stays bound. It may resume.
	Paused,
	/// It has deregistered and is never drawn again.
	Unbonding {
		/// The first block in which its bond, and all that was delegated to it, can be withdrawn.
		until: BlockNumber,
	},
	/// A pending slash will take all. It is not drawn, but keeps its places until the slash is applied,
	/// which pauses it, or cancelled, which makes it active again.
	Suspended {
		/// How many such slashes are pending: all of them have to be cancelled. Above zero.
		slashes: u32,
	},
}

impl<BlockNumber> Status<BlockNumber> {
	/// Whether it has a place in [`Servers`](crate::Servers) of each model that it serves.
	pub fn is_listed(&self) -> bool {
		matches!(self, Self::Active | Self::Suspended { .. })
	}
}

/// Why an agent is paused.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub enum PauseCause {
	/// It wanted to.
	Chosen,
	/// A slash left its bond below the minimum.
	BelowMinimum,
}

/// How an agent's assignments ended.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Default,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub struct Record {
	/// It took part in the agreement.
	pub agreed: u64,
	/// It revealed something else than the others agreed on.
	pub disagreed: u64,
	/// It never committed, or committed and never revealed.
	pub absent: u64,
	/// The request ended for a reason that is not the operator's.
	pub released: u64,
}

/// A part of a bond (`amount` in units of the token) or of a delegation (`amount` in shares of the pool
/// of what leaves) that unbonds.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub struct Chunk<BlockNumber> {
	/// How much.
	pub amount: Balance,
	/// The first block in which it can be withdrawn.
	pub until: BlockNumber,
}

/// What unbonds, the earliest first.
pub type Chunks<BlockNumber> = BoundedVec<Chunk<BlockNumber>, ConstU32<MAX_CHUNKS>>;

/// A key with which an agent's node signed before.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct OldKey<BlockNumber> {
	/// The key.
	pub key: OperatorKey,
	/// The first block in which it is not attributed to the agent any more.
	pub until: BlockNumber,
}

/// Whose a key is.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct KeyOwner<AccountId, BlockNumber> {
	/// The agent.
	pub agent: AccountId,
	/// For a former key, the first block in which it is not attributed to the agent any more.
	pub until: Option<BlockNumber>,
}

/// An agent.
#[derive(
	CloneNoBound, DebugNoBound, Decode, Encode, EqNoBound, MaxEncodedLen, PartialEqNoBound, TypeInfo,
)]
#[scale_info(skip_type_params(T))]
pub struct Agent<T: Config> {
	/// The key with which its node signs.
	pub operator_key: OperatorKey,
	/// The keys with which it signed before, and for which it can still be slashed.
	pub old_keys: BoundedVec<OldKey<BlockNumberFor<T>>, ConstU32<MAX_OLD_KEYS>>,
	/// Where it can be reached.
	pub endpoint: Endpoint,
	/// On what it runs models, as it declares.
	pub profile: Profile,
	/// What it serves, or served until it deregistered.
	pub models: ServedModels<T>,
	/// What is held on its account for this record, in units of the token.
	pub deposit: Balance,
	/// Its own bond, held on its account, in units of the token.
	pub bond: Balance,
	/// Parts of its bond that unbond, held on its account too.
	pub unbonding: Chunks<BlockNumberFor<T>>,
	/// What is delegated to it.
	pub delegated: Pool,
	/// What was delegated to it and unbonds.
	pub leaving: Pool,
	/// What its delegators earned while a slash was pending, in units of the token: it goes to
	/// `delegated` when none is any more.
	pub set_aside: Balance,
	/// How many accounts have a record of a delegation to it.
	pub delegators: u32,
	/// The part of its delegators' rewards that it keeps.
	pub commission: Permill,
	/// The block in which it registered or last raised its commission.
	pub commission_since: BlockNumberFor<T>,
	/// How well it does, see [`score`](crate::score).
	pub score: Permill,
	/// Whether it takes part.
	pub status: Status<BlockNumberFor<T>>,
	/// The block in which it registered.
	pub since: BlockNumberFor<T>,
	/// How many open requests it is assigned to.
	pub open: u32,
	/// How its assignments ended.
	pub record: Record,
	/// Its offences.
	pub offences: Offences<BlockNumberFor<T>>,
	/// How many slashes are pending.
	pub pending: u32,
}

impl<T: Config> Agent<T> {
	/// What of its delegations counts, in units of the token: at most
	/// [`Config::MaxDelegationFactor`] times its own bond.
	pub fn counted(&self) -> Balance {
		let most = self
			.bond
			.saturating_mul(T::MaxDelegationFactor::get().into());
		self.delegated.balance.min(most)
	}

	/// What backs it in a draw, in units of the token.
	pub fn stake(&self) -> Balance {
		self.bond.saturating_add(self.counted())
	}

	/// Its own bond with what of it unbonds: what is held on its account beside the deposit.
	pub fn held(&self) -> Balance {
		self.unbonding
			.iter()
			.fold(self.bond, |sum, chunk| sum.saturating_add(chunk.amount))
	}
}

/// What an account has delegated to an agent.
#[derive(Clone, Debug, Decode, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Delegation<BlockNumber> {
	/// What is held on the account for this record, in units of the token.
	pub deposit: Balance,
	/// The generation of the agent's pool of delegations to which the shares belong.
	pub generation: u32,
	/// Its shares of that pool.
	pub shares: Balance,
	/// The generation of the agent's pool of what leaves to which the chunks belong.
	pub leaving_generation: u32,
	/// Its shares of that pool.
	pub leaving: Chunks<BlockNumber>,
}

impl<BlockNumber> Delegation<BlockNumber> {
	/// Forgets shares that a slash has made worthless.
	pub fn sync(&mut self, delegated: &Pool, leaving: &Pool) {
		if self.generation != delegated.generation {
			(self.generation, self.shares) = (delegated.generation, 0);
		}
		if self.leaving_generation != leaving.generation {
			self.leaving_generation = leaving.generation;
			self.leaving = Chunks::default();
		}
	}

	/// Whether there is nothing to keep a record of.
	pub fn is_empty(&self) -> bool {
		self.shares == 0 && self.leaving.is_empty()
	}
}

/// A slash that waits for its block, or for governance to cancel it.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct PendingSlash<AccountId, BlockNumber> {
	/// Who is slashed.
	pub agent: AccountId,
	/// For what.
	pub offence: Offence,
	/// The part of all that backs it, and of all that unbonds.
	pub part: Permill,
	/// What that was when the offence was reported, in units of the token.
	pub base: Balance,
	/// Who gets a part of it.
	pub reporter: Option<AccountId>,
	/// The first block in which it is applied.
	pub due: BlockNumber,
}

/// An agent as clients see it.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct AgentInfo<BlockNumber> {
	/// The key with which its node signs.
	pub operator_key: OperatorKey,
	/// Where it can be reached.
	pub endpoint: Endpoint,
	/// On what it runs models, as it declares.
	pub profile: Profile,
	/// What it serves.
	pub models: Vec<ModelId>,
	/// Whether it takes part.
	pub status: Status<BlockNumber>,
	/// Its own bond, in units of the token.
	pub bond: Balance,
	/// What of its bond unbonds.
	pub unbonding: Chunks<BlockNumber>,
	/// What is delegated to it, in units of the token.
	pub delegated: Balance,
	/// What of that counts, in units of the token.
	pub counted: Balance,
	/// What was delegated to it and unbonds, in units of the token.
	pub leaving: Balance,
	/// How many accounts have a record of a delegation to it.
	pub delegators: u32,
	/// The part of its delegators' rewards that it keeps.
	pub commission: Permill,
	/// How well it does.
	pub score: Permill,
	/// How its assignments ended.
	pub record: Record,
	/// How many open requests it is assigned to.
	pub open: u32,
	/// How many slashes are pending.
	pub pending: u32,
}

/// A delegation as clients see it.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct DelegationInfo<AccountId, BlockNumber> {
	/// The agent.
	pub agent: AccountId,
	/// What is delegated, in units of the token.
	pub amount: Balance,
	/// What unbonds: each part in units of the token, and the first block in which it can be withdrawn.
	pub leaving: Vec<(Balance, BlockNumber)>,
}

/// Adds a part to what unbonds. Whether there is room: parts with the same end are one.
pub(crate) fn add_chunk<BlockNumber: PartialEq>(
	chunks: &mut Chunks<BlockNumber>,
	amount: Balance,
	until: BlockNumber,
) -> bool {
	match chunks.last_mut().filter(|last| last.until == until) {
		Some(last) => {
			last.amount = last.amount.saturating_add(amount);
			true
		}
		None => chunks.try_push(Chunk { amount, until }).is_ok(),
	}
}

/// Takes away what can be withdrawn in block `now`, and says how much that is.
pub(crate) fn take_matured<BlockNumber: PartialOrd>(
	chunks: &mut Chunks<BlockNumber>,
	now: &BlockNumber,
) -> Balance {
	let mut matured: Balance = 0;
	chunks.retain(|chunk| {
		let ripe = chunk.until <= *now;
		if ripe {
			matured = matured.saturating_add(chunk.amount);
		}
		!ripe
	});
	matured
}

/// The length of a list as calls are weighed by.
pub(crate) fn len(list: &[ModelId]) -> u32 {
	list.len().saturated_into()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn endpoints() {
		for good in ["", "https://agent.example", "http://10.0.0.1:8080/v1?x=%20"] {
			assert!(is_endpoint(good.as_bytes()), "{good:?} is refused");
		}
		for bad in [
			"agent.example",
			"https://",
			"ftp://x",
			"https://a b",
			"https://\u{fc}.de",
			" ",
		] {
			assert!(!is_endpoint(bad.as_bytes()), "{bad:?} is taken");
		}
	}

	#[test]
	fn chunks_with_one_end_are_one() {
		let mut chunks = Chunks::<u64>::default();
		assert!(add_chunk(&mut chunks, 1, 10));
		assert!(add_chunk(&mut chunks, 2, 10));
		assert!((11..=17).all(|until| add_chunk(&mut chunks, 1, until)));
		assert!(!add_chunk(&mut chunks, 1, 18), "no ninth one");
		assert!(add_chunk(&mut chunks, 1, 17));
		assert_eq!(take_matured(&mut chunks, &9), 0);
		assert_eq!(take_matured(&mut chunks, &11), 4);
		assert_eq!(chunks.len(), 6);
	}
}
