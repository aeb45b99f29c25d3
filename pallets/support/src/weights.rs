//! Weights for tests.

/// Implements a pallet's `WeightInfo` for `()`, so that in its tests everything weighs the same. That trait and
/// [`Weight`](frame_support::weights::Weight) have to be in scope.
#[macro_export]
macro_rules! equal_weights {
	($weight:expr; $($call:ident($($count:ident),*))*) => {
		/// For tests, in which everything weighs the same.
		impl WeightInfo for () {
			$(fn $call($($count: u32),*) -> Weight {
				$weight
			})*
		}
	};
}
