//! The time to score 48 queries against 288 documents, with all checkpoints.
//!
//! `cargo bench -p openledger-attribution --bench influence`

use ndarray::Array2;
use openledger_attribution::influence::{Layer, Method, Scorer};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::{error::Error, hint::black_box, time::Instant};

const DOCUMENTS: usize = 288;
const QUERIES: usize = 48;
const CHECKPOINTS: usize = 8;
const LAYERS: usize = 4;
/// Places of a projection.
const WIDTH: usize = 128;
const ROUNDS: usize = 50;

fn layers(random: &mut ChaCha8Rng, rows: usize) -> Vec<Layer> {
	(0..CHECKPOINTS * LAYERS)
		.map(|_| {
			Layer::new(Array2::from_shape_simple_fn((rows, WIDTH), || {
				random.gen_range(-1.0..1.0)
			}))
		})
		.collect()
}

fn main() -> Result<(), Box<dyn Error>> {
	let mut random = ChaCha8Rng::seed_from_u64(1);
	let documents = layers(&mut random, DOCUMENTS);
	let queries = layers(&mut random, QUERIES);
	println!("{QUERIES} queries, {DOCUMENTS} documents, {CHECKPOINTS} checkpoints of {LAYERS} layers of {WIDTH}");
	for method in [
		Method::GradientDot,
		Method::DataInf { factor: 1.0 },
		Method::Exact { factor: 1.0 },
	] {
		let start = Instant::now();
		let scorer = Scorer::new(method, &documents)?;
		let prepared = start.elapsed();
		let mut times = Vec::new();
		for _ in 0..ROUNDS {
			let start = Instant::now();
			black_box(scorer.scores(black_box(&queries))?);
			times.push(start.elapsed());
		}
		times.sort_unstable();
		println!(
			"{method:?}: prepared once in {prepared:.1?}, queries scored in {:.2?} (p50), {:.2?} (p99)",
			times[ROUNDS / 2],
			times[(ROUNDS - 1) * 99 / 100]
		);
	}
	Ok(())
}
