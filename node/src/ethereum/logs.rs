//! Which logs are wanted, and looking for them.

use super::{
	blocks::Kept,
	chain::Chain,
	error::Error,
	types::{BlockId, Filter, Log, OneOrMany},
};
use ethbloom::{Bloom, Input};
use sp_core::{H160, H256};

/// The most blocks that one query looks through.
pub(super) const MAX_BLOCKS: u64 = 100_000;
/// The most logs that one query answers with.
pub(super) const MAX_LOGS: usize = 10_000;
/// The most contracts, and alternatives of a topic, that a filter names.
const MAX_ALTERNATIVES: usize = 1_000;

/// Which contracts and topics are wanted.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
	address: Option<OneOrMany<H160>>,
	topics: Vec<Option<OneOrMany<H256>>>,
	/// The same, as Bloom filters are asked.
	sets: Vec<Vec<Bloom>>,
}

impl Wanted {
	/// From a filter. Fails if it is longer than any contract's logs or than is reasonable.
	pub(super) fn new(filter: &Filter) -> Result<Self, Error> {
		if filter.topics.len() > 4 {
			return Err(Error::Params("a log has at most four topics".into()));
		}
		let addresses = filter.address.iter().map(|each| each.as_slice().len());
		let topics = filter
			.topics
			.iter()
			.flatten()
			.map(|each| each.as_slice().len());
		if addresses
			.chain(topics)
			.any(|count| count > MAX_ALTERNATIVES)
		{
			return Err(Error::Limit(format!(
				"a filter names at most {MAX_ALTERNATIVES} contracts or topics in a place"
			)));
		}
		let contracts = filter.address.iter().map(blooms);
		let topics = filter.topics.iter().flatten().map(blooms);
		let sets = contracts.chain(topics).collect();
		Ok(Self {
			address: filter.address.clone(),
			topics: filter.topics.clone(),
			sets,
		})
	}

	fn matches(&self, address: &H160, topics: &[H256]) -> bool {
		let mut places = self.topics.iter().enumerate();
		self.address
			.as_ref()
			.is_none_or(|wanted| wanted.contains(address))
			&& places.all(|(place, wanted)| match wanted {
				// A place that may hold anything has to be there all the same.
				None => place < topics.len(),
				Some(wanted) => topics
					.get(place)
					.is_some_and(|topic| wanted.contains(topic)),
			})
	}

	/// The logs of a block that are wanted.
	pub(super) fn of_block(&self, block: &Kept, removed: bool) -> Vec<Log> {
		if !block.may_hold(&self.sets) {
			return Vec::new();
		}
		block.logs(removed, |_, log| self.matches(&log.address, &log.topics))
	}
}

/// What of a Bloom filter each of the alternatives sets.
fn blooms<T: AsRef<[u8]> + PartialEq>(wanted: &OneOrMany<T>) -> Vec<Bloom> {
	let items = wanted.as_slice().iter();
	items
		.map(|item| Bloom::from(Input::Raw(item.as_ref())))
		.collect()
}

/// The blocks that a filter names, first and last.
pub(super) fn range(chain: &Chain, filter: &Filter) -> Result<(u64, u64), Error> {
	let number = |id: Option<BlockId>| match id.unwrap_or_default() {
		// A number beyond the newest is no error: there are no logs yet.
		BlockId::Number(number) => Ok(number),
		id => chain
			.find(id)?
			.map(|at| at.number)
			.ok_or_else(|| Error::unknown_block(id)),
	};
	Ok((number(filter.from_block)?, number(filter.to_block)?))
}

/// The logs that a filter names.
pub(super) fn query(chain: &Chain, filter: &Filter) -> Result<Vec<Log>, Error> {
	let wanted = Wanted::new(filter)?;
	if let Some(hash) = filter.block_hash {
		if filter.from_block.is_some() || filter.to_block.is_some() {
			return Err(Error::Params(
				"blockHash can't go together with fromBlock or toBlock".into(),
			));
		}
		let id = BlockId::Hash(hash, false);
		let block = chain.block(id)?.ok_or_else(|| Error::unknown_block(id))?;
		return Ok(wanted.of_block(&block, false));
	}
	let (first, last) = range(chain, filter)?;
	between(chain, &wanted, first, last)
}

/// The logs of the best chain from a block to another.
pub(super) fn between(
	chain: &Chain,
	wanted: &Wanted,
	first: u64,
	last: u64,
) -> Result<Vec<Log>, Error> {
	if first > last {
		return Err(Error::Params(format!(
			"fromBlock {first} is behind toBlock {last}"
		)));
	}
	let last = last.min(chain.best().number);
	if last.saturating_sub(first) >= MAX_BLOCKS {
		return Err(Error::Limit(format!(
			"block range too large: {first} to {last} are more than {MAX_BLOCKS} blocks; ask for fewer at a time"
		)));
	}
	let mut found = Vec::new();
	for number in first..=last {
		let Some(hash) = chain.blocks.by_number(number)? else {
			break;
		};
		found.extend(wanted.of_block(&chain.blocks.read(hash)?, false));
		if found.len() > MAX_LOGS {
			return Err(Error::Limit(format!(
				"query returned more than {MAX_LOGS} results: ask for fewer blocks at a time, up to {number}"
			)));
		}
	}
	Ok(found)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn wanted(address: Option<OneOrMany<H160>>, topics: &[Option<OneOrMany<H256>>]) -> Wanted {
		Wanted::new(&Filter {
			address,
			topics: topics.to_vec(),
			..Default::default()
		})
		.expect("within the limits")
	}

	#[test]
	fn logs_are_matched_place_by_place() {
		let (address, other) = (H160::repeat_byte(1), H160::repeat_byte(2));
		let [a, b, c] = [1, 2, 3].map(H256::repeat_byte);
		let one = |topic| Some(OneOrMany::One(topic));
		let log = [a, b];
		for (topics, expected) in [
			(vec![], true),
			(vec![one(a)], true),
			(vec![one(b)], false),
			(vec![None, one(b)], true),
			(vec![one(a), None], true),
			// The place has to be there.
			(vec![one(a), None, None], false),
			(vec![Some(OneOrMany::Many(vec![c, a]))], true),
			(vec![Some(OneOrMany::Many(vec![b, c]))], false),
			// Any of none is whatever.
			(vec![Some(OneOrMany::Many(vec![]))], true),
		] {
			let got = wanted(Some(OneOrMany::One(address)), &topics).matches(&address, &log);
			assert_eq!(got, expected, "{topics:?}");
			assert!(!wanted(Some(OneOrMany::One(other)), &topics).matches(&address, &log));
		}
	}

	#[test]
	fn filters_are_bounded() {
		let many = vec![H256::zero(); MAX_ALTERNATIVES + 1];
		let filter = |topics| Filter {
			topics,
			..Default::default()
		};
		assert!(matches!(
			Wanted::new(&filter(vec![Some(OneOrMany::Many(many))])),
			Err(Error::Limit(_))
		));
		assert!(matches!(
			Wanted::new(&filter(vec![None; 5])),
			Err(Error::Params(_))
		));
	}
}
