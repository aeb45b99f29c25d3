//! What the pallet tells.

use frame_support::pallet_macros::pallet_section;

/// The pallet's events: a section of it.
#[pallet_section]
mod events {
	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A payer asked a model.
		Requested {
			/// The request.
			request: RequestId,
			/// Who pays.
			payer: T::AccountId,
			/// The model.
			model: ModelId,
			/// The model's version that runs.
			version: u32,
			/// The fee that is held, in units of the token.
			fee: Balance,
			/// The deposit that is held for the record, in units of the token.
			deposit: Balance,
			/// The block at whose start the committee is drawn.
			draw_at: BlockNumberFor<T>,
		},
		/// A payer took a request back.
		Cancelled {
			/// The request.
			request: RequestId,
			/// Who has fee and deposit back.
			payer: T::AccountId,
			/// The fee that was given back, in units of the token.
			refunded: Balance,
			/// The deposit that was given back, in units of the token.
			deposit: Balance,
		},
		/// A request's committee was drawn, or further members of it.
		Drawn {
			/// The request.
			request: RequestId,
			/// What they answer, see [`question`](openledger_primitives::protocol::question).
			question: H256,
			/// With what a seeded sampler begins.
			seed: H256,
			/// The agents that were drawn.
			committee: BoundedVec<T::AccountId, T::MaxCommittee>,
			/// The first block in which they cannot commit any more.
			commit_until: BlockNumberFor<T>,
		},
		/// An operator committed to an outcome.
		Committed {
			/// The request.
			request: RequestId,
			/// The operator's agent.
			agent: T::AccountId,
			/// What it committed to.
			commitment: H256,
		},
		/// A request's operators can reveal from now on.
		RevealOpened {
			/// The request.
			request: RequestId,
			/// The first block in which they cannot any more.
			reveal_until: BlockNumberFor<T>,
		},
		/// An operator revealed what it had committed to.
		Revealed {
			/// The request.
			request: RequestId,
			/// The operator's agent.
			agent: T::AccountId,
			/// The hash of the outcome.
			outcome: H256,
		},
		/// A request's committee came to no agreement: further agents are drawn.
		Widened {
			/// The request.
			request: RequestId,
			/// The block at whose start they are drawn.
			draw_at: BlockNumberFor<T>,
		},
		/// A request was answered and its fee divided.
		Answered {
			/// The request.
			request: RequestId,
			/// Who paid.
			payer: T::AccountId,
			/// The model.
			model: ModelId,
			/// The model's version that ran.
			version: u32,
			/// The fee that was divided, in units of the token.
			fee: Balance,
			/// The hash of the outcome that was agreed on; the answer is in the receipt.
			outcome: H256,
			/// The agents that agreed, in the committee's order.
			operators: BoundedVec<T::AccountId, T::MaxCommittee>,
		},
		/// The operators agreed that the request cannot be answered; its fee was given back, unless it was
		/// forfeited.
		RunFailed {
			/// The request.
			request: RequestId,
			/// Who has the fee back.
			payer: T::AccountId,
			/// Why it cannot be answered.
			failure: Failure,
			/// What was given back, in units of the token.
			refunded: Balance,
		},
		/// Most operators, others that were asked then included, could not fetch a request's input, and some
		/// could: the fee is lost.
		Forfeited {
			/// The request.
			request: RequestId,
			/// Who paid, and served the input or had it served.
			payer: T::AccountId,
			/// What was lost, in units of the token.
			forfeited: Balance,
		},
		/// Fewer agents could be drawn for a request than its payer asked for; the fee was given back.
		NotDrawn {
			/// The request.
			request: RequestId,
			/// Who has the fee back.
			payer: T::AccountId,
			/// What was given back, in units of the token.
			refunded: Balance,
		},
		/// Too few operators committed or revealed in time; the fee was given back.
		Unanswered {
			/// The request.
			request: RequestId,
			/// Who has the fee back.
			payer: T::AccountId,
			/// What was given back, in units of the token.
			refunded: Balance,
		},
		/// The operators revealed different outcomes, none with a majority; the fee was given back.
		Disputed {
			/// The request.
			request: RequestId,
			/// Who has the fee back.
			payer: T::AccountId,
			/// What was given back, in units of the token.
			refunded: Balance,
		},
		/// A request's receipt was removed and its deposit given back.
		Forgotten {
			/// The request.
			request: RequestId,
			/// Who has the deposit back.
			payer: T::AccountId,
			/// What was given back, in units of the token.
			deposit: Balance,
		},
		/// Somebody claims to know an answer beforehand.
		CanaryCommitted {
			/// Who.
			owner: T::AccountId,
			/// The canary's hash.
			canary: H256,
			/// What is held for it, in units of the token.
			deposit: Balance,
		},
		/// A canary was right, or undecided, or given up: its deposit was given back.
		CanaryReturned {
			/// Whose it was.
			owner: T::AccountId,
			/// The canary's hash.
			canary: H256,
			/// What was given back, in units of the token.
			deposit: Balance,
		},
		/// A canary was wrong: its deposit was lost.
		CanaryLost {
			/// Whose it was.
			owner: T::AccountId,
			/// The canary's hash.
			canary: H256,
			/// What was lost, in units of the token.
			deposit: Balance,
		},
		/// An answer is not what a canary's owner expected: the request is run again.
		Contested {
			/// The request.
			request: RequestId,
			/// The canary's owner.
			owner: T::AccountId,
			/// The canary's hash.
			canary: H256,
			/// The request that runs it again.
			rerun: RequestId,
		},
		/// An agent was reported for what it did in a request.
		Offended {
			/// The request.
			request: RequestId,
			/// The agent.
			agent: T::AccountId,
			/// What it did.
			offence: Offence,
			/// Who proved it, if anybody did.
			reporter: Option<T::AccountId>,
		},
	}
}
