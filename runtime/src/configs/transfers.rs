//! The transfers of the present block, read from its events: so it does not matter whether a call, a batch,
//! a proxy, a multisig or a contract made them.

use crate::{AccountId, Hash, Runtime, RuntimeEvent};
use alloc::{boxed::Box, vec, vec::Vec};
use codec::{Compact, Decode, Error, Input};
use frame_support::storage::storage_prefix;
use frame_system::EventRecord;
use pallet_reputation::funding::{Transfer, Transfers};

/// Bytes of the events that are read at first: all of most blocks.
const FIRST: usize = 256 * 1024;

/// Bytes of the events that are looked at: more than those of a block that is full of transfers. Each read copies all
/// events outside of the runtime, however large they are. So there are two of them at most.
pub(crate) const MOST: usize = 4 * 1024 * 1024;

/// The beginning of a value of the state, read in two pieces.
struct Chunks {
	key: [u8; 32],
	/// The bytes that were read last.
	chunk: Vec<u8>,
	/// How many of these were used.
	used: usize,
	/// Where the next bytes begin.
	offset: usize,
	/// How many are to be read next.
	next: usize,
}

impl Chunks {
	fn new(key: [u8; 32]) -> Self {
		Self {
			key,
			chunk: Vec::new(),
			used: 0,
			offset: 0,
			next: FIRST,
		}
	}

	/// Reads on, if there is more that may be read.
	fn fill(&mut self) -> Result<(), Error> {
		let mut chunk = vec![0; self.next];
		let offset = u32::try_from(self.offset).map_err(|_| "there is an end to what is read")?;
		let left = match self.next {
			0 => 0,
			_ => sp_io::storage::read(&self.key, &mut chunk, offset).unwrap_or(0),
		};
		let left = usize::try_from(left).unwrap_or(usize::MAX);
		chunk.truncate(left);
		if chunk.is_empty() {
			return Err("nothing is left".into());
		}
		self.offset = self.offset.saturating_add(chunk.len());
		let rest = left.saturating_sub(chunk.len());
		self.next = rest.min(MOST.saturating_sub(self.offset));
		(self.chunk, self.used) = (chunk, 0);
		Ok(())
	}

	/// Whether as much was read as may be.
	fn is_spent(&self) -> bool {
		self.offset >= MOST
	}
}

impl Input for Chunks {
	fn remaining_len(&mut self) -> Result<Option<usize>, Error> {
		Ok(None)
	}

	fn read(&mut self, mut into: &mut [u8]) -> Result<(), Error> {
		while !into.is_empty() {
			let unread = match self.chunk.get(self.used..) {
				Some(unread) if !unread.is_empty() => unread,
				_ => {
					self.fill()?;
					continue;
				}
			};
			let count = unread.len().min(into.len());
			let (now, later) = core::mem::take(&mut into).split_at_mut(count);
			now.copy_from_slice(unread.get(..count).ok_or("counted above")?);
			self.used = self.used.saturating_add(count);
			into = later;
		}
		Ok(())
	}
}

/// The transfers among the events of the present block.
pub struct BlockTransfers;

impl Transfers<AccountId> for BlockTransfers {
	fn show(events: u32, mut see: impl FnMut(Transfer<AccountId>)) -> u32 {
		let mut input = Chunks::new(storage_prefix(b"System", b"Events"));
		// Without any event there is no value.
		let all = Compact::<u32>::decode(&mut input).map_or(0, |count| count.0);
		let mut seen = 0u32;
		for _ in 0..events.min(all) {
			let record = Box::<EventRecord<RuntimeEvent, Hash>>::decode(&mut input);
			let Ok(record) = record else {
				if !input.is_spent() {
					log::error!("an event of this block cannot be decoded");
				}
				break;
			};
			seen = seen.saturating_add(1);
			if let RuntimeEvent::Balances(pallet_balances::Event::<Runtime>::Transfer {
				from,
				to,
				amount,
			}) = record.event
			{
				see(Transfer { from, to, amount });
			}
		}
		all.saturating_sub(seen)
	}
}
