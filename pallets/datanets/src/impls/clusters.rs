//! Clusters of duplicates: trees of batches in which each hangs below an earlier one.
//!
//! The earliest is the head, so trees cannot be balanced by size. Instead every batch counts what hangs
//! directly below it by height, which keeps the height of each tree known and bounded: nothing is linked
//! that would make a walk longer than [`MAX_CLUSTER_DEPTH`], and [`compress`](Pallet::compress) makes
//! room. Trees grow high where the earliest batches are reported last, see [`MAX_CLUSTER_DEPTH`].

use frame_support::ensure;
use openledger_primitives::BatchId;
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	types::MAX_CLUSTER_DEPTH, BatchState, Batches, Config, Error, Event, Link, Links, Pallet,
};

impl<T: Config> Pallet<T> {
	/// The head of a batch's cluster. `None` if a walk does not end within the bound, which the
	/// invariants exclude.
	pub(crate) fn head(batch: BatchId) -> Option<BatchId> {
		let mut head = batch;
		for _ in 0..=MAX_CLUSTER_DEPTH {
			match Links::<T>::get(head).parent {
				Some(parent) => head = parent,
				None => return Some(head),
			}
		}
		None
	}

	/// The earliest batch that a batch duplicates; itself if none.
	pub(crate) fn cluster(batch: BatchId) -> Option<BatchId> {
		Batches::<T>::contains_key(batch)
			.then(|| Self::head(batch))
			.flatten()
	}

	fn put_link(id: BatchId, link: Link) {
		if link.is_alone() {
			Links::<T>::remove(id);
		} else {
			Links::<T>::insert(id, link);
		}
	}

	/// Tells a batch's ancestors, from its parent upwards, that what hangs below the parent changed its
	/// height; `None` stands for not hanging there.
	fn rehang(
		mut parent: Option<BatchId>,
		mut before: Option<usize>,
		mut after: Option<usize>,
	) -> DispatchResult {
		while let Some(id) = parent.filter(|_| before != after) {
			let mut link = Links::<T>::get(id);
			let height = link.height();
			for (at, by) in [(before, -1), (after, 1)] {
				let Some(at) = at else { continue };
				let children = link
					.children
					.get_mut(at)
					.ok_or(Error::<T>::ClusterTooDeep)?;
				*children = children
					.checked_add_signed(by)
					.ok_or(Error::<T>::ClusterTooDeep)?;
			}
			(parent, before, after) = (link.parent, Some(height), Some(link.height()));
			Self::put_link(id, link);
		}
		Ok(())
	}

	/// Takes a batch that nothing is linked to out of its cluster.
	pub(crate) fn unlink(id: BatchId, link: Link) -> DispatchResult {
		Self::rehang(link.parent, Some(link.height()), None)?;
		Links::<T>::remove(id);
		Ok(())
	}

	fn head_of(id: BatchId) -> Result<BatchId, DispatchError> {
		Self::head(id).ok_or(Error::<T>::ClusterTooDeep.into())
	}

	pub(crate) fn do_link(batch: BatchId, other: BatchId) -> DispatchResult {
		let (one, two) = (Self::known_batch(batch)?, Self::known_batch(other)?);
		ensure!(one.datanet == two.datanet, Error::<T>::OtherDatanet);
		ensure!(
			one.state != BatchState::Pending && two.state != BatchState::Pending,
			Error::<T>::NotAccepted
		);
		let (one, two) = (Self::head_of(batch)?, Self::head_of(other)?);
		ensure!(one != two, Error::<T>::AlreadyLinked);
		let (head, later) = (one.min(two), one.max(two));
		let mut link = Links::<T>::get(later);
		let height = link.height();
		ensure!(height < MAX_CLUSTER_DEPTH, Error::<T>::ClusterTooDeep);
		let mut record = Self::known_batch(later)?;
		Self::leave_pool(later, &mut record)?;

		Batches::<T>::insert(later, record);
		link.parent = Some(head);
		Self::put_link(later, link);
		Self::rehang(Some(head), None, Some(height))?;
		Self::deposit_event(Event::ClustersJoined {
			cluster: later,
			into: head,
		});
		Ok(())
	}

	pub(crate) fn do_compress(id: BatchId) -> DispatchResult {
		let cluster = Self::head_of(id)?;
		let mut link = Links::<T>::get(id);
		let parent = link.parent.ok_or(Error::<T>::NothingToCompress)?;
		ensure!(parent != cluster, Error::<T>::NothingToCompress);
		let height = link.height();
		Self::rehang(Some(parent), Some(height), None)?;
		Self::rehang(Some(cluster), None, Some(height))?;
		link.parent = Some(cluster);
		Self::put_link(id, link);
		Self::deposit_event(Event::ClusterCompressed { batch: id, cluster });
		Ok(())
	}
}
