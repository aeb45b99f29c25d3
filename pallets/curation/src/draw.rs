//! The draw of a jury, and of rows. Pure integer functions.

use alloc::vec::Vec;
use codec::Encode;
use sp_core::{H256, U256};
use sp_crypto_hashing::blake2_256;

use crate::types::MAX_ROWS;

/// A curator that can be drawn.
#[derive(Clone, Copy, Debug)]
pub struct Eligible<'a, AccountId> {
	/// Its account.
	pub who: &'a AccountId,
	/// Its weight: with none it is never drawn.
	pub weight: u64,
	/// How many seats it can take.
	pub free: u32,
}

/// The fractional bits of [`surprise`].
const FRACTION: u32 = 40;

/// `-log2(x / 2^64)` with [`FRACTION`] fractional bits, rounded up; zero counts as one. Below 2^47.
fn surprise(x: u64) -> u64 {
	let x = x.max(1);
	let zeros = x.leading_zeros();
	// The mantissa, from 1 up to below 2, with 63 fractional bits. Squaring it yields the logarithm's
	// bits from the highest on.
	let mut mantissa = u128::from(x.wrapping_shl(zeros));
	let mut fraction = 0u64;
	for _ in 0..FRACTION {
		mantissa = mantissa.saturating_mul(mantissa) >> 63;
		fraction <<= 1;
		if mantissa >> 64 != 0 {
			mantissa >>= 1;
			fraction |= 1;
		}
	}
	let whole = u64::from(zeros).saturating_add(1) << FRACTION;
	whole.saturating_sub(fraction)
}

/// Draws `seats` seats, or nothing if the pool has not got as many that are free. Each drawn curator
/// comes once, with the number of its seats.
///
/// For each seat, each curator has a waiting time that its own account, the seed and the seat's number
/// fix: exponentially distributed, in inverse proportion to its weight. The shortest one wins. That is
/// a draw with replacement in proportion to weight, and
///
/// - a weight split over several accounts wins exactly as often: the shortest of two waiting times is
///   distributed as that of the sum of their weights;
/// - who comes or goes moves no seat between the others: nobody can shuffle a jury by changing the
///   pool.
pub fn draw<AccountId: Clone + Encode>(
	seed: &H256,
	seats: u8,
	pool: &[Eligible<'_, AccountId>],
) -> Option<Vec<(AccountId, u8)>> {
	let mut taken = alloc::vec![0u8; pool.len()];
	let mut order = Vec::new();
	for seat in 0..seats {
		let mut best: Option<(usize, u64, u64)> = None;
		for (index, (member, taken)) in pool.iter().zip(&taken).enumerate() {
			if member.weight == 0 || u32::from(*taken) >= member.free {
				continue;
			}
			let hash = U256::from_big_endian(&blake2_256(&(seed, seat, member.who).encode()));
			let wait = surprise(hash.low_u64());
			// wait / weight < best wait / best weight, without the divisions: below 2^47 times 2^64.
			let sooner = best.is_none_or(|(_, best_wait, best_weight)| {
				u128::from(wait).saturating_mul(best_weight.into())
					< u128::from(best_wait).saturating_mul(member.weight.into())
			});
			if sooner {
				best = Some((index, wait, member.weight));
			}
		}
		let (index, ..) = best?;
		let taken = taken.get_mut(index)?;
		if *taken == 0 {
			order.push(index);
		}
		*taken = taken.saturating_add(1);
	}
	order
		.into_iter()
		.map(|index| Some((pool.get(index)?.who.clone(), *taken.get(index)?)))
		.collect()
}

/// Which rows of a batch have to be shown: all if there are at most [`MAX_ROWS`], else as many drawn
/// with replacement.
pub fn draw_rows(seed: &H256, rows: u32) -> Vec<u32> {
	if rows <= MAX_ROWS {
		return (0..rows).collect();
	}
	(0..MAX_ROWS)
		.map(|n| {
			let hash = U256::from_big_endian(&blake2_256(&(seed, n).encode()));
			hash.checked_rem(rows.into())
				.map(|row| row.low_u32())
				.unwrap_or_default()
		})
		.collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn surprise_is_the_logarithm() {
		for x in [
			1,
			2,
			3,
			1 << 20,
			0x1234_5678_9abc_def0,
			u64::MAX / 3,
			u64::MAX,
		] {
			let exact = -((x as f64) / 2f64.powi(64)).log2();
			let got = surprise(x) as f64 / 2f64.powi(40);
			assert!((exact - got).abs() < 1e-9, "{x}: {exact} {got}");
		}
		assert_eq!(surprise(0), surprise(1));
		assert_eq!(surprise(1), 64 << FRACTION);
		assert_eq!(surprise(u64::MAX), 1, "never zero");
	}

	fn tally(pool: &[Eligible<'_, u32>], rounds: u32) -> Vec<u32> {
		let mut counts = vec![0; pool.len()];
		for n in 0..rounds {
			for (who, seats) in draw(&H256(blake2_256(&n.encode())), 15, pool).unwrap() {
				counts[pool.iter().position(|m| *m.who == who).unwrap()] += u32::from(seats);
			}
		}
		counts
	}

	#[test]
	fn seats_go_by_weight() {
		let ids = [0u32, 1, 2, 3];
		let weights = [1u64, 10, 100, 889];
		let pool: Vec<_> = ids
			.iter()
			.zip(weights)
			.map(|(who, weight)| Eligible {
				who,
				weight,
				free: 15,
			})
			.collect();
		let rounds = 4_000;
		let total = f64::from(15 * rounds);
		for (count, weight) in tally(&pool, rounds).into_iter().zip(weights) {
			let p = weight as f64 / 1_000.0;
			let deviation = (total * p * (1.0 - p)).sqrt();
			let off = (f64::from(count) - total * p).abs();
			assert!(off < 4.0 * deviation, "{weight}: {count} of {total}");
		}
	}

	#[test]
	fn the_full_and_the_weightless_are_passed_over() {
		let ids = [0u32, 1, 2];
		let pool = [(1_000_000, 1), (1, 20), (0, 20)]
			.iter()
			.zip(&ids)
			.map(|((weight, free), who)| Eligible {
				who,
				weight: *weight,
				free: *free,
			})
			.collect::<Vec<_>>();
		let jury = draw(&H256::zero(), 7, &pool).unwrap();
		assert!(jury.contains(&(0, 1)) && jury.contains(&(1, 6)), "{jury:?}");
		assert_eq!(draw(&H256::zero(), 1, &pool[2..]), None);
		assert_eq!(draw(&H256::zero(), 3, &pool[..1]), None, "too few are free");
		assert_eq!(draw::<u32>(&H256::zero(), 3, &[]), None);
	}

	#[test]
	fn who_goes_moves_no_seat_between_the_others() {
		let ids = (0..20u32).collect::<Vec<_>>();
		let pool = ids
			.iter()
			.map(|who| Eligible {
				who,
				weight: 5 + u64::from(*who),
				free: 15,
			})
			.collect::<Vec<_>>();
		for n in 0..200u32 {
			let seed = H256(blake2_256(&n.encode()));
			let before = draw(&seed, 7, &pool).unwrap();
			let after = draw(&seed, 7, &pool[1..]).unwrap();
			for (who, seats) in before.iter().filter(|(who, _)| *who != 0) {
				let now = after.iter().find(|(other, _)| other == who).unwrap().1;
				assert!(now >= *seats);
			}
		}
	}

	#[test]
	fn rows_are_all_or_sixteen() {
		assert_eq!(draw_rows(&H256::zero(), 3), vec![0, 1, 2]);
		assert_eq!(draw_rows(&H256::zero(), 16).len(), 16);
		let drawn = draw_rows(&H256::zero(), 1_000_000);
		assert_eq!(drawn.len(), 16);
		assert!(drawn.iter().all(|row| *row < 1_000_000));
		assert_ne!(drawn, draw_rows(&H256::repeat_byte(1), 1_000_000));
	}
}
