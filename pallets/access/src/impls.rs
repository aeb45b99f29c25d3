//! The work behind the calls.

use frame_support::{
	ensure,
	traits::{
		fungible::{hold::Mutate as _, Mutate as _},
		tokens::{Precision::Exact, Preservation::Preserve},
		ConstU32, Get,
	},
	BoundedVec,
};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{
	data::Purpose,
	traits::{AccessGrants, AccessRegistry, AccessTerms},
	Balance, DatanetId,
};
use sp_runtime::{
	helpers_128bit::multiply_by_rational_with_rounding,
	traits::{CheckedAdd, CheckedSub, SaturatedConversion, Zero},
	DispatchError, DispatchResult, Rounding,
};

use crate::{
	licence,
	pallet::{
		Config, Error, Event, GrantFor, GrantOf, Grants, HoldReason, NextId, OpenRequests, Pallet,
		Records, RequestOf, Requests, StewardsOf,
	},
	types::{AccessId, AccessKey, Grant, Refusal, Request, Stewards, WrappedKey, MAX_STEWARDS},
};

impl<T: Config> Pallet<T> {
	pub(crate) fn now() -> BlockNumberFor<T> {
		frame_system::Pallet::<T>::block_number()
	}

	fn hold(reason: HoldReason, who: &T::AccountId, amount: Balance) -> DispatchResult {
		if amount == 0 {
			return Ok(());
		}
		T::Currency::hold(&reason.into(), who, amount)
	}

	fn release(reason: HoldReason, who: &T::AccountId, amount: Balance) -> DispatchResult {
		if amount == 0 {
			return Ok(());
		}
		T::Currency::release(&reason.into(), who, amount, Exact).map(|_| ())
	}

	fn pay(from: &T::AccountId, to: &T::AccountId, amount: Balance) -> DispatchResult {
		if amount == 0 {
			return Ok(());
		}
		T::Currency::transfer(from, to, amount, Preserve).map(|_| ())
	}

	fn terms(datanet: DatanetId) -> Result<AccessTerms<T::AccountId>, DispatchError> {
		T::Data::terms(datanet).ok_or(Error::<T>::UnknownDatanet.into())
	}

	/// The terms of a Datanet whose requests and grants `who` may decide on.
	fn administered(
		who: &T::AccountId,
		datanet: DatanetId,
	) -> Result<AccessTerms<T::AccountId>, DispatchError> {
		let terms = Self::terms(datanet)?;
		let is_steward = || {
			StewardsOf::<T>::get(datanet)
				.is_some_and(|record| record.by == terms.owner && record.accounts.contains(who))
		};
		ensure!(
			terms.owner == *who || is_steward(),
			Error::<T>::NotOwnerOrSteward
		);
		Ok(terms)
	}

	/// `part` of `whole` blocks' share in `amount`.
	fn pro_rata(
		amount: Balance,
		part: BlockNumberFor<T>,
		whole: BlockNumberFor<T>,
		rounding: Rounding,
	) -> Option<Balance> {
		multiply_by_rational_with_rounding(
			amount,
			part.saturated_into(),
			whole.saturated_into(),
			rounding,
		)
	}

	fn price_for(
		terms: &AccessTerms<T::AccountId>,
		purpose: Purpose,
		term: BlockNumberFor<T>,
	) -> Result<Balance, DispatchError> {
		ensure!(
			licence::permits(&terms.licence, purpose),
			Error::<T>::LicenceForbids
		);
		// Curators must see what they judge, and earn nothing by it; owner or steward still decide.
		if purpose == Purpose::Curation {
			return Ok(0);
		}
		Self::pro_rata(
			terms.price_per_day,
			term,
			T::BlocksPerDay::get(),
			Rounding::Up,
		)
		.ok_or(Error::<T>::AmountOverflow.into())
	}

	/// The lowest price of a Datanet's data.
	pub(crate) fn lowest(
		datanet: DatanetId,
		purpose: Purpose,
		term: BlockNumberFor<T>,
	) -> Result<Balance, DispatchError> {
		Self::price_for(&Self::terms(datanet)?, purpose, term)
	}

	/// An account's grant, over or not.
	pub(crate) fn grant(
		who: &T::AccountId,
		datanet: DatanetId,
		purpose: Purpose,
	) -> Option<(AccessId, GrantFor<T>)> {
		let id = GrantOf::<T>::get(who, (datanet, purpose))?;
		Some((id, Grants::<T>::get(id)?))
	}

	/// How many blocks a grant has left; `None` if it is over.
	pub(crate) fn left(grant: &GrantFor<T>) -> Option<BlockNumberFor<T>> {
		grant
			.until
			.checked_sub(&Self::now())
			.filter(|left| !left.is_zero())
	}

	/// The price of the time that a grant has left; zero if it is over.
	pub(crate) fn unused(
		grant: &GrantFor<T>,
		rounding: Rounding,
	) -> Result<Balance, DispatchError> {
		let whole = grant
			.until
			.checked_sub(&grant.from)
			.ok_or(Error::<T>::AmountOverflow)?;
		let left = Self::left(grant).unwrap_or_default();
		Self::pro_rata(grant.price, left, whole, rounding).ok_or(Error::<T>::AmountOverflow.into())
	}

	/// Until when a term lasts that begins now, or where a live grant ends.
	fn end_of(
		term: BlockNumberFor<T>,
		live: Option<&GrantFor<T>>,
	) -> Result<BlockNumberFor<T>, DispatchError> {
		let left = live.and_then(Self::left).unwrap_or_default();
		let term = left
			.checked_add(&term)
			.filter(|term| *term <= T::MaxTerm::get())
			.ok_or(Error::<T>::TermTooLong)?;
		Self::now()
			.checked_add(&term)
			.ok_or(Error::<T>::TermTooLong.into())
	}

	pub(crate) fn do_request(
		who: T::AccountId,
		datanet: DatanetId,
		purpose: Purpose,
		price: Balance,
		term: BlockNumberFor<T>,
		key: AccessKey,
	) -> DispatchResult {
		ensure!(!term.is_zero(), Error::<T>::NoTerm);
		ensure!(key != AccessKey::default(), Error::<T>::BadKey);
		let terms = Self::terms(datanet)?;
		let lowest = Self::price_for(&terms, purpose, term)?;
		ensure!(price >= lowest, Error::<T>::PriceTooLow);
		let live = Self::grant(&who, datanet, purpose).map(|(_, grant)| grant);
		Self::end_of(term, live.as_ref())?;
		let open = OpenRequests::<T>::get(&who);
		ensure!(
			open < T::MaxRequestsPerAccount::get(),
			Error::<T>::TooManyRequests
		);
		let open = open.checked_add(1).ok_or(Error::<T>::TooManyRequests)?;
		let id = NextId::<T>::get();
		let next = id.checked_add(1).ok_or(Error::<T>::IdsExhausted)?;
		let expires_at = Self::now()
			.checked_add(&T::RequestPeriod::get())
			.ok_or(Error::<T>::AmountOverflow)?;
		let deposit = T::RecordDeposit::get();
		Self::hold(HoldReason::Price, &who, price)?;
		Self::hold(HoldReason::RecordDeposit, &who, deposit)?;

		NextId::<T>::put(next);
		OpenRequests::<T>::insert(&who, open);
		Records::<T>::insert(datanet, id, ());
		let request = Request {
			datanet,
			who: who.clone(),
			purpose,
			key,
			price,
			term,
			deposit,
			expires_at,
		};
		Requests::<T>::insert(id, request);
		Self::deposit_event(Event::AccessRequested {
			request: id,
			datanet,
			who,
			purpose,
			key,
			price,
			term,
			deposit,
			expires_at,
		});
		Ok(())
	}

	fn request(id: AccessId) -> Result<RequestOf<T>, DispatchError> {
		Requests::<T>::get(id).ok_or(Error::<T>::UnknownRequest.into())
	}

	/// Takes a request out of the list, and its price out of the hold. The deposit stays on hold.
	fn close_request(id: AccessId, request: &RequestOf<T>) -> DispatchResult {
		Self::release(HoldReason::Price, &request.who, request.price)?;
		Requests::<T>::remove(id);
		OpenRequests::<T>::mutate_exists(&request.who, |open| {
			*open = open
				.and_then(|open| open.checked_sub(1))
				.filter(|open| *open > 0)
		});
		Ok(())
	}

	/// Removes a request and returns everything.
	fn drop_request(id: AccessId, request: &RequestOf<T>) -> DispatchResult {
		Self::close_request(id, request)?;
		Self::release(HoldReason::RecordDeposit, &request.who, request.deposit)?;
		Records::<T>::remove(request.datanet, id);
		Ok(())
	}

	/// Removes a grant and returns its deposit.
	fn drop_grant(id: AccessId, grant: &GrantFor<T>) -> DispatchResult {
		Self::release(HoldReason::RecordDeposit, &grant.who, grant.deposit)?;
		Grants::<T>::remove(id);
		GrantOf::<T>::remove(&grant.who, (grant.datanet, grant.purpose));
		Records::<T>::remove(grant.datanet, id);
		Ok(())
	}

	pub(crate) fn do_approve(
		by: T::AccountId,
		id: AccessId,
		wrapped_key: Option<WrappedKey>,
	) -> DispatchResult {
		let request = Self::request(id)?;
		let terms = Self::administered(&by, request.datanet)?;
		let now = Self::now();
		ensure!(now < request.expires_at, Error::<T>::RequestExpired);
		// The licence may have become stricter since.
		ensure!(
			licence::permits(&terms.licence, request.purpose),
			Error::<T>::LicenceForbids
		);
		ensure!(
			wrapped_key.as_ref().is_none_or(|key| !key.is_empty()),
			Error::<T>::NoKey
		);
		let Request {
			datanet,
			who,
			purpose,
			key,
			price,
			term,
			deposit,
			..
		} = request.clone();
		let old = Self::grant(&who, datanet, purpose);
		let until = Self::end_of(term, old.as_ref().map(|(_, grant)| grant))?;
		let mut grant = Grant {
			datanet,
			who: who.clone(),
			purpose,
			key,
			price,
			from: now,
			until,
			deposit,
			wrapped_key,
		};
		if let Some((_, old)) = old.as_ref().filter(|(_, old)| Self::left(old).is_some()) {
			// Rounded down: what was paid is never worth more by being carried over.
			grant.price = Self::unused(old, Rounding::Down)?
				.checked_add(price)
				.ok_or(Error::<T>::AmountOverflow)?;
			if grant.wrapped_key.is_none() && old.key == key {
				grant.wrapped_key.clone_from(&old.wrapped_key);
			}
		}
		let treasury = T::TreasuryShare::get().mul_floor(price);
		let rest = price
			.checked_sub(treasury)
			.ok_or(Error::<T>::AmountOverflow)?;
		let owner = terms.owner_share.mul_floor(rest);
		let contributors = rest.checked_sub(owner).ok_or(Error::<T>::AmountOverflow)?;

		Self::close_request(id, &request)?;
		Self::pay(&who, &T::TreasuryAccount::get(), treasury)?;
		Self::pay(&who, &terms.owner, owner)?;
		if contributors > 0 {
			T::Data::pay_contributors(datanet, &who, contributors)?;
		}
		if let Some((old_id, old)) = &old {
			Self::drop_grant(*old_id, old)?;
		}
		GrantOf::<T>::insert(&who, (datanet, purpose), id);
		Grants::<T>::insert(id, grant);
		Self::deposit_event(Event::AccessGranted {
			grant: id,
			datanet,
			who,
			purpose,
			by,
			treasury,
			owner,
			contributors,
			until,
			replaces: old.map(|(old_id, _)| old_id),
		});
		Ok(())
	}

	pub(crate) fn do_refuse(by: T::AccountId, id: AccessId, reason: Refusal) -> DispatchResult {
		let request = Self::request(id)?;
		Self::administered(&by, request.datanet)?;
		Self::drop_request(id, &request)?;
		Self::deposit_event(Event::RequestRefused {
			request: id,
			datanet: request.datanet,
			who: request.who,
			by,
			reason,
		});
		Ok(())
	}

	pub(crate) fn do_cancel(by: T::AccountId, id: AccessId) -> DispatchResult {
		let request = Self::request(id)?;
		ensure!(
			request.who == by || Self::now() >= request.expires_at,
			Error::<T>::NotRequester
		);
		Self::drop_request(id, &request)?;
		Self::deposit_event(Event::RequestCancelled {
			request: id,
			datanet: request.datanet,
			who: request.who,
		});
		Ok(())
	}

	pub(crate) fn do_hand_over(
		by: T::AccountId,
		id: AccessId,
		wrapped_key: WrappedKey,
	) -> DispatchResult {
		let mut grant = Grants::<T>::get(id).ok_or(Error::<T>::UnknownGrant)?;
		Self::administered(&by, grant.datanet)?;
		ensure!(Self::left(&grant).is_some(), Error::<T>::GrantOver);
		ensure!(!wrapped_key.is_empty(), Error::<T>::NoKey);
		let datanet = grant.datanet;
		grant.wrapped_key = Some(wrapped_key);
		Grants::<T>::insert(id, grant);
		Self::deposit_event(Event::KeyHandedOver {
			grant: id,
			datanet,
			by,
		});
		Ok(())
	}

	pub(crate) fn do_revoke(by: T::AccountId, id: AccessId) -> DispatchResult {
		let grant = Grants::<T>::get(id).ok_or(Error::<T>::UnknownGrant)?;
		Self::administered(&by, grant.datanet)?;
		ensure!(Self::left(&grant).is_some(), Error::<T>::GrantOver);
		let refund = Self::unused(&grant, Rounding::Up)?;
		Self::pay(&by, &grant.who, refund)?;
		Self::drop_grant(id, &grant)?;
		Self::deposit_event(Event::GrantRevoked {
			grant: id,
			datanet: grant.datanet,
			who: grant.who,
			by,
			refund,
		});
		Ok(())
	}

	pub(crate) fn do_end(id: AccessId) -> DispatchResult {
		let grant = Grants::<T>::get(id).ok_or(Error::<T>::UnknownGrant)?;
		ensure!(Self::left(&grant).is_none(), Error::<T>::GrantNotOver);
		Self::drop_grant(id, &grant)?;
		Self::deposit_event(Event::GrantEnded {
			grant: id,
			datanet: grant.datanet,
			who: grant.who,
		});
		Ok(())
	}

	pub(crate) fn do_set_stewards(
		by: T::AccountId,
		datanet: DatanetId,
		accounts: BoundedVec<T::AccountId, ConstU32<MAX_STEWARDS>>,
	) -> DispatchResult {
		ensure!(Self::terms(datanet)?.owner == by, Error::<T>::NotOwner);
		if accounts.is_empty() {
			return Self::do_dismiss_stewards(by, datanet);
		}
		ensure!(
			accounts
				.iter()
				.enumerate()
				.all(|(at, account)| !accounts.iter().take(at).any(|other| other == account)),
			Error::<T>::DuplicateSteward
		);
		let deposit = Balance::try_from(accounts.len())
			.ok()
			.and_then(|stewards| T::StewardDeposit::get().checked_mul(stewards))
			.ok_or(Error::<T>::AmountOverflow)?;
		if let Some(old) = StewardsOf::<T>::get(datanet) {
			Self::release(HoldReason::StewardDeposit, &old.by, old.deposit)?;
		}
		Self::hold(HoldReason::StewardDeposit, &by, deposit)?;
		let stewards = accounts.to_vec();
		StewardsOf::<T>::insert(
			datanet,
			Stewards {
				by: by.clone(),
				accounts,
				deposit,
			},
		);
		Self::deposit_event(Event::StewardsSet {
			datanet,
			by,
			stewards,
			deposit,
		});
		Ok(())
	}

	pub(crate) fn do_dismiss_stewards(who: T::AccountId, datanet: DatanetId) -> DispatchResult {
		let old = StewardsOf::<T>::get(datanet).ok_or(Error::<T>::NoStewards)?;
		let is_owner = || T::Data::terms(datanet).is_some_and(|terms| terms.owner == who);
		ensure!(old.by == who || is_owner(), Error::<T>::NotAppointer);
		Self::release(HoldReason::StewardDeposit, &old.by, old.deposit)?;
		StewardsOf::<T>::remove(datanet);
		Self::deposit_event(Event::StewardsDismissed {
			datanet,
			by: old.by,
		});
		Ok(())
	}
}

impl<T: Config> AccessGrants<T::AccountId> for Pallet<T> {
	fn may(who: &T::AccountId, datanet: DatanetId, purpose: Purpose) -> bool {
		Self::grant(who, datanet, purpose).is_some_and(|(_, grant)| Self::left(&grant).is_some())
	}
}
