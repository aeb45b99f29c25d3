//! The chain's state at a block, as the node reads it without the runtime's help.

use codec::DecodeAll;
use frame_support::storage::storage_prefix;
use frame_system::EventRecord;
use openledger_runtime::{opaque::Block, Hash, RuntimeEvent};
use sc_client_api::{Backend, StorageProvider};
use sp_core::storage::StorageKey;
use std::{marker::PhantomData, sync::Arc};

/// Something in the state can't be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
	/// The database doesn't have it.
	#[error("the state can't be read: {0}")]
	Database(String),
	/// It is of another form than this node knows.
	#[error("{0} is of another form than this node knows: the runtime is newer, update the node")]
	Unknown(&'static str),
}

/// The state at a block.
pub trait StateAt {
	/// What is stored under a key.
	fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Unreadable>;
}

/// Reads what is stored under a key; `what` names it in an error.
pub(super) fn read<T: DecodeAll>(
	state: &dyn StateAt,
	key: impl AsRef<[u8]>,
	what: &'static str,
) -> Result<Option<T>, Unreadable> {
	state
		.get(key.as_ref())?
		.map(|bytes| T::decode_all(&mut &bytes[..]).map_err(|_| Unreadable::Unknown(what)))
		.transpose()
}

/// The events of a block, in their order.
pub(super) fn events(state: &dyn StateAt) -> Result<Vec<RuntimeEvent>, Unreadable> {
	let records: Option<Vec<EventRecord<RuntimeEvent, Hash>>> =
		read(state, storage_prefix(b"System", b"Events"), "an event")?;
	Ok(records
		.unwrap_or_default()
		.into_iter()
		.map(|record| record.event)
		.collect())
}

/// The state of a block in the node's database.
pub(super) struct DatabaseState<C, B> {
	client: Arc<C>,
	block: Hash,
	backend: PhantomData<B>,
}

impl<C, B> DatabaseState<C, B> {
	pub(super) fn new(client: Arc<C>, block: Hash) -> Self {
		Self {
			client,
			block,
			backend: PhantomData,
		}
	}
}

impl<C: StorageProvider<Block, B>, B: Backend<Block>> StateAt for DatabaseState<C, B> {
	fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Unreadable> {
		self.client
			.storage(self.block, &StorageKey(key.to_vec()))
			.map(|value| value.map(|value| value.0))
			.map_err(|error| Unreadable::Database(error.to_string()))
	}
}
