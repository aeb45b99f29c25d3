//! The weights of the calls and of what falls due. The runtime has the measured figures.

use frame_support::weights::Weight;

/// What the calls, their authorization, and the items of the agenda cost.
pub trait WeightInfo {
	/// Of [`request`](crate::Pallet::request) with an input of which the chain keeps `i` bytes.
	fn request(i: u32) -> Weight;
	/// Of [`cancel`](crate::Pallet::cancel), without [`OnEnd`](crate::Config::OnEnd).
	fn cancel() -> Weight;
	/// Of [`commit`](crate::Pallet::commit).
	fn commit() -> Weight;
	/// Of checking that a [`commit`](crate::Pallet::commit) is authorized.
	fn authorize_commit() -> Weight;
	/// Of [`reveal`](crate::Pallet::reveal) of an outcome that takes `c` look-ups of batches to check, if
	/// the request stays open.
	fn reveal(c: u32) -> Weight;
	/// Of checking that a [`reveal`](crate::Pallet::reveal) with `c` look-ups is authorized.
	fn authorize_reveal(c: u32) -> Weight;
	/// Of [`report_equivocation`](crate::Pallet::report_equivocation).
	fn report_equivocation() -> Weight;
	/// Of [`commit_canary`](crate::Pallet::commit_canary).
	fn commit_canary() -> Weight;
	/// Of [`drop_canary`](crate::Pallet::drop_canary).
	fn drop_canary() -> Weight;
	/// Of [`reveal_canary`](crate::Pallet::reveal_canary) with an input of which the chain keeps `i` bytes,
	/// and `c` look-ups.
	fn reveal_canary(i: u32, c: u32) -> Weight;
	/// Of the end of a request, without what is done by [`Settlement`](crate::Config::Settlement),
	/// [`Rulings`](crate::Config::Rulings) and [`OnEnd`](crate::Config::OnEnd); or of having its committee
	/// widened.
	fn end() -> Weight;
	/// Of [`forget`](crate::Pallet::forget), or of the same when it falls due.
	fn forget() -> Weight;
	/// Of what every block begins with, without its agenda.
	fn begin_block() -> Weight;
	/// Of looking at the agenda at all.
	fn agenda_base() -> Weight;
	/// Of a block's agenda, nothing being on it.
	fn agenda_block() -> Weight;
	/// Of a draw that falls due, if it does not end the request.
	fn draw() -> Weight;
	/// Of the end of a commit phase that falls due, if it does not end the request.
	fn end_commit() -> Weight;
}

openledger_pallet_support::equal_weights! {
	Weight::from_parts(100_000_000, 4_096);
	request(_i) cancel() commit() authorize_commit() reveal(_c) authorize_reveal(_c)
	report_equivocation() commit_canary() drop_canary() reveal_canary(_i, _c) end() forget()
	begin_block() agenda_base() agenda_block() draw() end_commit()
}
