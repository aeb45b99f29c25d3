//! Calls of the optimistic tier, as agents and payers make them off-chain.

use crate::{Runtime, System};
use openledger_primitives::{
	receipt::{ReceiptLog, SignedReceipt},
	traits::Source,
	voucher::Voucher,
	Balance, BatchId, ChannelId, Outcome,
};
use sp_core::{sr25519, Pair};
use sp_keyring::Sr25519Keyring;

/// What an agent has of a batch of calls.
#[derive(Clone)]
pub(crate) struct Served {
	id: ChannelId,
	/// The version of the model that ran.
	version: u32,
	/// What was spent before.
	before: Balance,
	log: ReceiptLog,
	/// What was asked, and what came of it.
	calls: Vec<(Vec<u8>, Outcome)>,
}

impl Served {
	/// No calls yet, after those that were posted.
	pub(crate) fn begin(id: ChannelId, version: u32) -> Self {
		let channel = pallet_channels::Channels::<Runtime>::get(id).expect("it is open");
		Self {
			id,
			version,
			before: channel.spent,
			log: ReceiptLog::new(
				System::block_hash(0),
				id,
				channel.operator,
				channel.calls,
				1_000,
			),
			calls: Vec::new(),
		}
	}

	/// The agent serves a call, and its key signs the receipt.
	pub(crate) fn call(
		&mut self,
		key: &sr25519::Pair,
		input: &[u8],
		outcome: Outcome,
		fee: Balance,
	) -> &mut Self {
		let receipt = self.log.next(self.version, input, &outcome, fee);
		let receipt = receipt.expect("there is room for it");
		let signature = key.sign(&receipt.message(&System::block_hash(0)));
		self.log
			.push(SignedReceipt { receipt, signature }, &outcome)
			.expect("the payer takes it");
		self.calls.push((input.to_vec(), outcome));
		self
	}

	/// How many there are.
	pub(crate) fn count(&self) -> u32 {
		self.log.totals().calls
	}

	/// Claims what a batch of data has earned by the channel's batch with this number.
	pub(crate) fn claim(&self, batch: u32, data: BatchId) -> pallet_attribution::Call<Runtime> {
		pallet_attribution::Call::claim_share {
			source: Source::Receipts {
				channel: self.id,
				batch,
			},
			batch: data,
			proof: self.log.earnings().prove(data).expect("it has earned"),
		}
	}

	/// Posts them with a voucher of the payer.
	pub(crate) fn post(&self, payer: Sr25519Keyring) -> pallet_channels::Call<Runtime> {
		let totals = *self.log.totals();
		let voucher = Voucher {
			channel: self.id,
			spent: self.before + totals.fee,
		};
		pallet_channels::Call::post {
			channel: self.id,
			spent: voucher.spent,
			signature: payer.sign(&voucher.message(&System::block_hash(0))).into(),
			calls: self.log.commitment().expect("there are calls"),
			last: self.log.last().expect("there are calls"),
			totals,
			locator: Default::default(),
		}
	}

	/// What the call in this place asked, and what came of it.
	fn at(&self, place: u32) -> (u64, &(Vec<u8>, Outcome)) {
		let call = &self.calls[place as usize];
		(self.log.totals().first + u64::from(place), call)
	}

	/// Challenges the call in this place, of the channel's batch with this number.
	pub(crate) fn challenge(&self, batch: u32, place: u32) -> pallet_channels::Call<Runtime> {
		pallet_channels::Call::challenge {
			channel: self.id,
			batch,
			index: self.at(place).0,
		}
	}

	/// Discloses it.
	pub(crate) fn disclose(&self, batch: u32, place: u32) -> pallet_channels::Call<Runtime> {
		let (index, (input, outcome)) = self.at(place);
		pallet_channels::Call::disclose {
			channel: self.id,
			batch,
			step: self
				.log
				.step(index, outcome.clone())
				.expect("it is in the log"),
			input: input.clone().try_into().expect("not too long"),
		}
	}

	/// Has it run again.
	pub(crate) fn rerun(&self, batch: u32, place: u32) -> pallet_channels::Call<Runtime> {
		let (_, (input, outcome)) = self.at(place);
		pallet_channels::Call::rerun {
			channel: self.id,
			batch,
			input: input.clone().try_into().expect("not too long"),
			outcome: outcome.clone(),
			max_fee: Balance::MAX,
		}
	}
}
