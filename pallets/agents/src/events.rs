//! What the pallet tells.

use frame_support::pallet_macros::pallet_section;

/// The pallet's events: a section of it.
#[pallet_section]
mod events {
	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An agent registered and can be drawn from now on.
		Registered {
			/// The agent.
			agent: T::AccountId,
			/// The key with which its node signs.
			operator_key: OperatorKey,
			/// On what it runs models.
			profile: Profile,
			/// What it serves.
			models: ServedModels<T>,
			/// Its bond, in units of the token.
			bond: Balance,
			/// The part of its delegators' rewards that it keeps.
			commission: Permill,
		},
		/// An agent changed what it serves.
		ModelsSet {
			/// The agent.
			agent: T::AccountId,
			/// What it serves now.
			models: ServedModels<T>,
		},
		/// An agent changed on what it runs models.
		ProfileSet {
			/// The agent.
			agent: T::AccountId,
			/// On what it does now.
			profile: Profile,
		},
		/// An agent changed where it can be reached.
		EndpointSet {
			/// The agent.
			agent: T::AccountId,
			/// Where it can be reached now.
			endpoint: Endpoint,
		},
		/// An agent's node signs with another key from now on.
		OperatorKeySet {
			/// The agent.
			agent: T::AccountId,
			/// The new key.
			operator_key: OperatorKey,
			/// The first block in which the old one is not attributed to it any more.
			old_until: BlockNumberFor<T>,
		},
		/// An agent changed its commission.
		CommissionSet {
			/// The agent.
			agent: T::AccountId,
			/// The part of its delegators' rewards that it keeps now.
			commission: Permill,
		},
		/// An agent is not drawn any more, until it resumes.
		Paused {
			/// The agent.
			agent: T::AccountId,
			/// Why.
			cause: PauseCause,
		},
		/// An agent is not drawn any more: a pending slash will take all, unless governance cancels it.
		Suspended {
			/// The agent.
			agent: T::AccountId,
		},
		/// An agent is drawn again.
		Resumed {
			/// The agent.
			agent: T::AccountId,
		},
		/// An agent added to its bond.
		Bonded {
			/// The agent.
			agent: T::AccountId,
			/// What it added, in units of the token.
			amount: Balance,
			/// Its bond now, in units of the token.
			bond: Balance,
		},
		/// An agent takes back a part of its bond.
		Unbonded {
			/// The agent.
			agent: T::AccountId,
			/// What it takes, in units of the token.
			amount: Balance,
			/// The first block in which it can be withdrawn.
			until: BlockNumberFor<T>,
		},
		/// An agent left: it is not drawn any more, its bond stays held for now.
		Deregistered {
			/// The agent.
			agent: T::AccountId,
			/// The first block in which its bond can be withdrawn.
			until: BlockNumberFor<T>,
		},
		/// An agent's service was ended against its will.
		Ejected {
			/// The agent.
			agent: T::AccountId,
			/// The first block in which its bond can be withdrawn.
			until: BlockNumberFor<T>,
		},
		/// An agent took what was unbonded.
		Withdrawn {
			/// The agent.
			agent: T::AccountId,
			/// What it took, in units of the token.
			amount: Balance,
		},
		/// Nothing is left of an agent, and it is forgotten.
		Forgotten {
			/// The agent.
			agent: T::AccountId,
		},
		/// An account delegated to an agent.
		Delegated {
			/// The agent.
			agent: T::AccountId,
			/// The delegator.
			delegator: T::AccountId,
			/// How much, in units of the token.
			amount: Balance,
			/// The shares of the agent's pool that it got for it.
			shares: Balance,
		},
		/// An account takes back what it has delegated.
		Undelegated {
			/// The agent.
			agent: T::AccountId,
			/// The delegator.
			delegator: T::AccountId,
			/// How much, in units of the token.
			amount: Balance,
			/// The first block in which it can be withdrawn.
			until: BlockNumberFor<T>,
		},
		/// What an account had delegated was paid out to it.
		DelegationWithdrawn {
			/// The agent.
			agent: T::AccountId,
			/// The delegator.
			delegator: T::AccountId,
			/// How much, in units of the token.
			amount: Balance,
		},
		/// An agent's delegators earned.
		Rewarded {
			/// The agent.
			agent: T::AccountId,
			/// How much, in units of the token.
			amount: Balance,
			/// Whether it waits for a pending slash to be over.
			set_aside: bool,
		},
		/// What was set aside found no delegator any more, and went to the treasury.
		RewardForfeited {
			/// The agent.
			agent: T::AccountId,
			/// How much, in units of the token.
			amount: Balance,
		},
		/// An agent is to be slashed for an offence.
		SlashDeferred {
			/// The slash.
			id: SlashId,
			/// The agent.
			agent: T::AccountId,
			/// What it did.
			offence: Offence,
			/// The part of all that backs it.
			part: Permill,
			/// What that is now, in units of the token.
			base: Balance,
			/// The first block in which it is applied.
			due: BlockNumberFor<T>,
		},
		/// Governance cancelled a slash.
		SlashCancelled {
			/// The slash.
			id: SlashId,
			/// The agent.
			agent: T::AccountId,
		},
		/// An agent was slashed, and its delegators with it.
		Slashed {
			/// The slash.
			id: SlashId,
			/// The agent.
			agent: T::AccountId,
			/// What it did.
			offence: Offence,
			/// What its own bond lost, unbonding parts included, in units of the token.
			own: Balance,
			/// What its delegators lost, unbonding parts included, in units of the token.
			delegated: Balance,
			/// Who reported it.
			reporter: Option<T::AccountId>,
			/// What of both together the reporter got, in units of the token.
			reward: Balance,
		},
		/// The treasury's account could not take what it is due: the pot keeps it until the next slash.
		TreasuryUnreachable {
			/// What it is due, in units of the token.
			amount: Balance,
		},
		/// What offences cost was changed.
		SlashingSet {
			/// What they cost from now on.
			slashing: Slashing<BlockNumberFor<T>>,
		},
	}
}
