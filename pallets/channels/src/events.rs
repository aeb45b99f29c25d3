//! What the pallet tells.

use frame_support::pallet_macros::pallet_section;

/// The pallet's events: a section of it.
#[pallet_section]
mod events {
	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A payer opened a channel.
		Opened {
			/// The channel.
			channel: ChannelId,
			/// Who pays.
			payer: AccountId,
			/// Who serves.
			agent: AccountId,
			/// The model that is called.
			model: ModelId,
			/// Whose vouchers count.
			signer: AccountId,
			/// With what the agent signs receipts.
			operator: OperatorKey,
			/// What is held for calls, in units of the token.
			deposit: Balance,
			/// From which the seed of each call follows.
			seed: H256,
		},
		/// A payer put more into a channel.
		ToppedUp {
			/// The channel.
			channel: ChannelId,
			/// How much more is held, in units of the token.
			amount: Balance,
			/// What was put in, in all.
			deposit: Balance,
		},
		/// A channel is going to end.
		Closing {
			/// The channel.
			channel: ChannelId,
			/// The payer or the agent.
			by: AccountId,
			/// The first block in which nothing can be posted any more.
			until: BlockNumberFor<T>,
		},
		/// The payer got back at once what was left when its agent was caught.
		Refunded {
			/// The channel.
			channel: ChannelId,
			/// Who pays.
			payer: AccountId,
			/// How much, in units of the token.
			amount: Balance,
		},
		/// A channel was removed.
		Closed {
			/// The channel.
			channel: ChannelId,
			/// Who paid.
			payer: AccountId,
			/// What was left and is given back, in units of the token, without the record's deposit.
			refunded: Balance,
		},
		/// An agent posted a batch of receipts with a voucher that pays for it.
		Posted {
			/// The channel.
			channel: ChannelId,
			/// Which of its batches, from 0.
			batch: u32,
			/// Which calls, and the root of their receipts.
			calls: Commitment,
			/// What they cost, in units of the token.
			fee: Balance,
			/// Where the receipts can be had. The chain does not look at it.
			locator: Locator,
			/// The first block in which it cannot be challenged any more, if it was not before.
			until: BlockNumberFor<T>,
		},
		/// A batch was paid for.
		Settled {
			/// The channel.
			channel: ChannelId,
			/// The batch.
			batch: u32,
			/// What was divided, in units of the token.
			fee: Balance,
			/// The part of it whose data's share went to the treasury.
			unattributed: Balance,
		},
		/// Somebody claims that a call is wrong.
		Challenged {
			/// The channel.
			channel: ChannelId,
			/// The batch.
			batch: u32,
			/// The call.
			index: u64,
			/// Who.
			challenger: AccountId,
			/// What is held from the challenger, in units of the token.
			bond: Balance,
			/// The first block in which the call cannot be disclosed any more.
			until: BlockNumberFor<T>,
		},
		/// A challenge was given back, with its bond: the payer's takes its place.
		Overtaken {
			/// The channel.
			channel: ChannelId,
			/// The batch.
			batch: u32,
			/// Who had challenged it.
			challenger: AccountId,
		},
		/// A challenged call was disclosed.
		Disclosed {
			/// The channel.
			channel: ChannelId,
			/// The batch.
			batch: u32,
			/// Its receipt.
			receipt: Receipt,
			/// The first block in which its challenger cannot have it run again any more.
			until: BlockNumberFor<T>,
		},
		/// A challenged call is run again.
		Rerun {
			/// The channel.
			channel: ChannelId,
			/// The batch.
			batch: u32,
			/// The request that does it.
			request: RequestId,
			/// What its challenger pays for it, in units of the token.
			fee: Balance,
		},
		/// A challenge came to nothing: its bond was given back.
		Dropped {
			/// The channel.
			channel: ChannelId,
			/// The batch.
			batch: u32,
			/// Who had challenged it.
			challenger: AccountId,
			/// The first block in which it cannot be challenged again.
			until: BlockNumberFor<T>,
		},
		/// A challenge was wrong, or given up: its bond was lost.
		Rejected {
			/// The channel.
			channel: ChannelId,
			/// The batch.
			batch: u32,
			/// Who had challenged it.
			challenger: AccountId,
			/// What it lost, in units of the token.
			lost: Balance,
			/// The first block in which it cannot be challenged again.
			until: BlockNumberFor<T>,
		},
		/// A batch was wrong and is undone; its channel ends.
		Upheld {
			/// The channel.
			channel: ChannelId,
			/// The batch.
			batch: u32,
			/// What is not to be paid, in units of the token.
			unlocked: Balance,
			/// What the agent lost of what was held for the batch, in units of the token.
			lost: Balance,
			/// The part of it that paid a challenger for the re-run.
			compensated: Balance,
		},
		/// An agent was reported for what it did in a channel.
		Offended {
			/// The channel.
			channel: ChannelId,
			/// The agent.
			agent: AccountId,
			/// What it did.
			offence: Offence,
			/// Who proved it.
			reporter: Option<AccountId>,
		},
	}
}
