//! Who may read which files: what a content store asks the chain.

use crate::{Access, AccountId, Curation, Datanets, Runtime};
use codec::{Decode, Encode};
use openledger_primitives::{traits::AccessRegistry, ContentHash, DatanetId};
use pallet_curation::Subject;
use scale_info::TypeInfo;

/// The chain's word on a file.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub enum Readers {
	/// Anybody may read it: it is no batch, or of a Datanet that asks nothing for access.
	Anybody,
	/// It is a batch, and who asks may read it.
	Granted,
	/// It is a batch of this Datanet, and only those with a grant may read it.
	Grantees(DatanetId),
}

sp_api::decl_runtime_apis! {
	/// Who may read which files.
	pub trait ContentAccess {
		/// Who may read the file with this SHA-256, asked for by `who`, or by a stranger.
		fn readers(content: ContentHash, who: Option<AccountId>) -> Readers;
	}
}

/// See [`ContentAccess`]. Owners, contributors and jurors read without a grant what is theirs or theirs
/// to judge.
pub(crate) fn readers(content: ContentHash, who: Option<AccountId>) -> Readers {
	let batch = pallet_datanets::BatchOfContent::<Runtime>::get(content);
	let Some((id, batch)) =
		batch.and_then(|id| Some((id, pallet_datanets::Batches::<Runtime>::get(id)?)))
	else {
		return Readers::Anybody;
	};
	let terms = Datanets::terms(batch.datanet).filter(|terms| terms.price_per_day > 0);
	let (Some(terms), datanet) = (terms, batch.datanet) else {
		return Readers::Anybody;
	};
	let may = |who: &AccountId| {
		terms.owner == *who
			|| batch.contributor == *who
			|| Curation::seat_of(Subject::Batch(id), who.clone()).is_some()
			|| Access::may_read(who.clone(), datanet).is_some()
	};
	match who {
		Some(who) if may(&who) => Readers::Granted,
		_ => Readers::Grantees(datanet),
	}
}
