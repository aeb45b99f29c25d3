use openledger_attribution::synthetic::random::normal;
use openledger_training::{
	base::{Layer, Shape},
	candle_core::{Device, Tensor},
	hash::Hash256,
	lora::Projection,
	model::Run,
	text::Example,
};
use rand_chacha::ChaCha8Rng;

use super::*;

const SHAPE: Shape = Shape {
	layers: 2,
	hidden: 12,
	feed_forward: 20,
	heads: 4,
	kv_heads: 2,
	head_size: 4,
	vocabulary: 23,
	context: 16,
	epsilon: 1e-5,
};

fn tensor(random: &mut ChaCha8Rng, dimensions: &[usize]) -> Tensor {
	let values = normal(random, dimensions.iter().product(), 0.4);
	Tensor::from_vec(values, dimensions, &Device::Cpu).unwrap()
}

/// A model that knows nothing, and turns nothing by its position.
fn tiny() -> Base {
	let random = &mut source(1, 2);
	let ones = |dimensions: &[usize]| {
		let count = dimensions.iter().product();
		Tensor::from_vec(vec![1f32; count], dimensions, &Device::Cpu).unwrap()
	};
	let layers = (0..SHAPE.layers).map(|_| Layer {
		attention_norm: ones(&[SHAPE.hidden]),
		feed_forward_norm: ones(&[SHAPE.hidden]),
		projections: Projection::ALL
			.into_iter()
			.map(|projection| {
				let (inner, outer) = SHAPE.of(projection);
				(projection, tensor(random, &[outer, inner]))
			})
			.collect(),
	});
	let layers = layers.collect();
	let cos = ones(&[SHAPE.context, SHAPE.head_size / 2]);
	Base {
		shape: SHAPE,
		graph: Hash256::default(),
		weights: Hash256::default(),
		embedding: tensor(random, &[SHAPE.vocabulary, SHAPE.hidden]),
		layers,
		norm: ones(&[SHAPE.hidden]),
		sin: cos.zeros_like().unwrap(),
		cos,
	}
}

/// Six contributors with three documents each. Each first one is asked for by its own tokens, and by
/// others.
fn task() -> Task {
	let text = |number: usize| {
		let tokens = (0..9).map(|place| (number * 31 + place * place * 7 + place * number) % 23);
		Example::new(tokens.map(|token| token as u32).collect(), 1)
	};
	let documents: Vec<_> = (0..18).map(text).collect();
	let queries: Vec<_> = (0..12)
		.map(|query| match query % 2 {
			0 => documents[query / 2 * 3].clone(),
			_ => text(100 + query),
		})
		.collect();
	Task {
		owners: (0..18).map(|document| document / 3).collect(),
		words: queries.iter().map(|query| query.tokens.clone()).collect(),
		held_out: (0..12).map(|query| query % 2 == 1).collect(),
		documents,
		queries,
	}
}

#[test]
fn what_is_predicted_comes_true_and_is_kept() {
	let (base, task) = (tiny(), task());
	let bench = Bench::new(&base, &task, settings(3, SHAPE.layers)).unwrap();
	let mut found = Found::default();
	found.measure(&bench, 3, 12).unwrap();
	let folder = tempfile::tempdir().unwrap();
	found.part().unwrap().write(folder.path(), "texts").unwrap();

	let part = Part::read(folder.path(), "texts").unwrap().unwrap();
	assert_eq!(part.seeds, [3]);
	for measure in [0, 3] {
		let measure = &part.measures[measure];
		let mean = |method: &str| {
			let score = measure.scores.iter().find(|score| score.method == method);
			score.unwrap().mean
		};
		println!("{}: {:?}", measure.name, measure.scores);
		assert!(measure.scores[0].paid && measure.goal.is_some());
		let product = mean("gradient dot, all");
		assert!(product > 0.5, "{}: {product}", measure.name);
		assert!(product > mean("random") + 0.3, "{}", measure.name);
	}
}

#[test]
fn a_narrower_model_has_the_same_logits() {
	let base = tiny();
	let mut task = task();
	for text in task.documents.iter_mut().chain(&mut task.queries) {
		let even = text.tokens.iter().map(|token| token / 2 * 2).collect();
		*text = Example::new(even, 1);
	}
	task.words = vec![vec![1, 2, 22, 5]];
	let before = task.documents[0].tokens.clone();
	let narrow = task.narrow(&base).unwrap();
	assert_eq!(narrow.shape.vocabulary, 12);
	assert_eq!(task.words, [[1, 11]]);

	let logits = |base: &Base, tokens: &[u32]| {
		let hidden = base.embed(tokens).unwrap();
		let hidden = base.run(&hidden, &[9], 0..2, Run::default()).unwrap();
		let logits = base.logits(&base.finish(&hidden).unwrap()).unwrap();
		logits.to_vec2::<f32>().unwrap()
	};
	let wide = logits(&base, &before);
	let narrow = logits(&narrow, &task.documents[0].tokens);
	for (wide, narrow) in wide.iter().zip(&narrow) {
		for (token, logit) in narrow.iter().enumerate() {
			assert!((wide[2 * token] - logit).abs() < 1e-5);
		}
	}
}

#[test]
fn training_differs_by_what_is_left_out_only() {
	let (base, task) = (tiny(), task());
	let bench = Bench::new(&base, &task, settings(3, SHAPE.layers)).unwrap();
	let all = vec![true; 18];
	let mut without = all.clone();
	without[0] = false;
	let found = bench.retrained(&[all.clone(), without, all]).unwrap();
	assert_eq!(found.column(0), found.column(2));
	// The first question is about the first document.
	assert!(found[(0, 1)] < found[(0, 0)], "{found}");
}

#[test]
fn contributors_are_in_with_all_they_have() {
	let task = task();
	let [by_contributor, by_document] = subsets_of(&task, 5, 20);
	let split = |subset: &Vec<bool>| {
		let mut owners = subset.chunks(3);
		owners.any(|own| own.iter().any(|inside| *inside != own[0]))
	};
	assert!(!by_contributor.iter().any(split));
	assert!(by_document.iter().any(split));
	for subset in by_contributor.iter().chain(&by_document) {
		assert_eq!(subset.iter().filter(|inside| **inside).count(), 9);
	}
}

#[test]
fn verdicts_follow_from_the_figures() {
	let verdict = |values: &[f64]| verdict(&Score::new("x", true, values.to_vec()).unwrap(), 0.6);
	assert!(verdict(&[0.5, 0.6]).unwrap().starts_with("**Not met**"));
	assert!(verdict(&[0.5, 0.9]).unwrap().starts_with("Met by the mean"));
	assert_eq!(verdict(&[0.7, 0.9]), None);
}
