//! The weights of the calls and of what falls due. The runtime has the measured figures.

use frame_support::weights::Weight;

/// What the calls, and the items of the agenda, cost.
pub trait WeightInfo {
	/// Of [`open`](crate::Pallet::open).
	fn open() -> Weight;
	/// Of [`top_up`](crate::Pallet::top_up).
	fn top_up() -> Weight;
	/// Of [`close`](crate::Pallet::close), which may finalise.
	fn close() -> Weight;
	/// Of [`finalise`](crate::Pallet::finalise), or of the same when it falls due.
	fn finalise() -> Weight;
	/// Of [`post`](crate::Pallet::post).
	fn post() -> Weight;
	/// Of [`challenge`](crate::Pallet::challenge).
	fn challenge() -> Weight;
	/// Of [`disclose`](crate::Pallet::disclose), which may uphold, with an outcome that takes `c` look-ups of
	/// batches to check, and `p` parts that show what they had earned.
	fn disclose(c: u32, p: u32) -> Weight;
	/// Of [`rerun`](crate::Pallet::rerun), with what
	/// [`Recompute`](openledger_primitives::traits::Recompute) does.
	fn rerun() -> Weight;
	/// Of [`report_totals`](crate::Pallet::report_totals), with so many look-ups and parts.
	fn report_totals(c: u32, p: u32) -> Weight;
	/// Of [`report_double`](crate::Pallet::report_double).
	fn report_double() -> Weight;
	/// Of what every block begins with, without its agenda.
	fn begin_block() -> Weight;
	/// Of looking at the agenda at all.
	fn agenda_base() -> Weight;
	/// Of a block's agenda, nothing being on it.
	fn agenda_block() -> Weight;
	/// Of settling a batch that falls due, without what
	/// [`Settlement`](openledger_primitives::traits::Settlement) does.
	fn settle() -> Weight;
	/// Of another end of a batch's stage.
	fn batch_due() -> Weight;
	/// Of a ruling: at most of upholding.
	fn ruled() -> Weight;
}

openledger_pallet_support::equal_weights! {
	Weight::from_parts(100_000_000, 4_096);
	open() top_up() close() finalise() post() challenge() disclose(_c, _p) rerun() report_totals(_c, _p)
	report_double() begin_block() agenda_base() agenda_block() settle() batch_due() ruled()
}
