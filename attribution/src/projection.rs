//! Shorter gradients whose products are, on average, those of the long ones.
//!
//! A count sketch: each parameter is added, with a random sign, to one of the places of the projection.
//! The expected product of two projections is that of what they were made from, with a relative error of
//! about 1/√width. It needs no matrix and a single pass, so that it can be made while training.

use crate::Error;

/// Which parameter goes to which place. The same for all documents, queries and checkpoints of a layer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Projection {
	seed: u64,
	width: u32,
}

const fn mix(x: u64) -> u64 {
	let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
	let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
	x ^ (x >> 31)
}

impl Projection {
	/// A projection to `width` places, above zero. Give each layer a seed of its own, and commit them with
	/// the result: without them no query can be scored.
	pub fn new(seed: u64, width: u32) -> Result<Self, Error> {
		if width == 0 {
			return Err(Error::Shape {
				what: "places of a projection",
				found: 0,
				expected: 1,
			});
		}
		Ok(Self { seed, width })
	}

	/// Projects one gradient. Sums are in double precision and in the order of the parameters.
	pub fn apply(&self, gradient: &[f32]) -> Vec<f32> {
		let mut places = vec![0.0; self.width as usize];
		let mut state = self.seed;
		for value in gradient {
			// SplitMix64: the sign from the lowest bit, the place from the highest 32.
			state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
			let random = mix(state);
			let place = ((random >> 32) * u64::from(self.width)) >> 32;
			let sign = if random & 1 == 0 { 1.0 } else { -1.0 };
			places[place as usize] += sign * f64::from(*value);
		}
		places.into_iter().map(|sum| sum as f32).collect()
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::linear::dot;

	#[test]
	fn each_parameter_has_one_place_and_a_sign() {
		let projection = Projection::new(1, 4).unwrap();
		for at in 0..50 {
			let mut gradient = [0.0; 50];
			gradient[at] = 3.0;
			let places = projection.apply(&gradient);
			assert_eq!(places.iter().filter(|value| value.abs() == 3.0).count(), 1);
			assert_eq!(places.iter().filter(|value| **value == 0.0).count(), 3);
		}
	}

	#[test]
	fn products_are_kept_on_average() {
		let left: Vec<f32> = (0..300).map(|at| (at as f32).sin()).collect();
		let right: Vec<f32> = (0..300).map(|at| (at as f32).sin() + 0.5).collect();
		let exact = dot(&left, &right);
		let mean = (0..400)
			.map(|seed| Projection::new(seed, 32).unwrap())
			.map(|projection| dot(&projection.apply(&left), &projection.apply(&right)))
			.sum::<f64>()
			/ 400.0;
		assert!((mean - exact).abs() < 0.03 * exact, "{mean} {exact}");
	}

	#[test]
	fn no_places_no_projection() {
		assert!(Projection::new(1, 0).is_err());
		assert_eq!(Projection::new(1, 2).unwrap().apply(&[]), [0.0, 0.0]);
	}
}
