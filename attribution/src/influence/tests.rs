use std::slice::from_ref;

use super::*;
use ndarray::{array, Array1};
use proptest::prelude::*;

fn layers(matrices: &[Array2<f32>]) -> Vec<Layer> {
	matrices.iter().cloned().map(Layer::new).collect()
}

fn scores(method: Method, documents: &[Layer], queries: &[Layer]) -> Array2<f64> {
	Scorer::new(method, documents)
		.unwrap()
		.scores(queries)
		.unwrap()
}

fn damping(gradients: &Array2<f64>, factor: f64) -> f64 {
	let squares: f64 = gradients.iter().map(|value| value * value).sum();
	factor * 0.1 * squares / gradients.len() as f64
}

/// DataInf as it is written.
fn written_out(gradients: &Array2<f64>, query: &Array1<f64>, factor: f64) -> Array1<f64> {
	let lambda = damping(gradients, factor);
	let documents = gradients.nrows() as f64;
	gradients
		.rows()
		.into_iter()
		.map(|g_k| {
			let sum: f64 = gradients
				.rows()
				.into_iter()
				.map(|g_i| {
					query.dot(&g_k) - query.dot(&g_i) * g_i.dot(&g_k) / (lambda + g_i.dot(&g_i))
				})
				.sum();
			sum / (documents * lambda)
		})
		.collect()
}

/// (λI + GᵀG/n)⁻¹ times each gradient, in the space of the parameters.
fn by_parameters(gradients: &Array2<f64>, query: &Array1<f64>, factor: f64) -> Array1<f64> {
	let lambda = damping(gradients, factor);
	let fisher = gradients.t().dot(gradients) / gradients.nrows() as f64;
	let matrix = fisher + Array2::<f64>::eye(gradients.ncols()) * lambda;
	let mut transformed = gradients.t().as_standard_layout().into_owned();
	solve(&matrix, &mut transformed).unwrap();
	query.dot(&transformed)
}

#[test]
fn several_methods_at_once_score_as_each_alone() {
	let documents = layers(&[array![[1.0, 0.5], [0.0, 2.0]], array![[1.0], [3.0]]]);
	let methods = [
		Method::Exact { factor: 10.0 },
		Method::GradientDot,
		Method::DataInf { factor: 1.0 },
		Method::Exact { factor: 1.0 },
	];
	let scorers = Scorer::each(&methods, &documents).unwrap();
	for (method, scorer) in methods.into_iter().zip(scorers) {
		let alone = scores(method, &documents, &documents);
		assert_eq!(scorer.scores(&documents).unwrap(), alone);
	}
	assert!(Scorer::each(&[], &documents).unwrap().is_empty());
	let bad = [Method::GradientDot, Method::Exact { factor: 0.0 }];
	assert!(Scorer::each(&bad, &documents).is_err());
}

#[test]
fn the_baseline_is_a_product() {
	let documents = layers(&[array![[1.0, 0.0], [0.0, 2.0]], array![[1.0], [3.0]]]);
	let queries = layers(&[array![[1.0, 1.0]], array![[-1.0]]]);
	assert_eq!(
		scores(Method::GradientDot, &documents, &queries),
		array![[0.0, -1.0]]
	);
}

#[test]
fn one_document_by_hand() {
	// mean(g²) = 4, λ = 0.4; with one document both methods are v·g / (λ + g²).
	let documents = layers(&[array![[2.0]]]);
	let queries = layers(&[array![[1.0]]]);
	for method in [
		Method::DataInf { factor: 1.0 },
		Method::Exact { factor: 1.0 },
	] {
		let score = scores(method, &documents, &queries)[(0, 0)];
		assert!((score - 2.0 / 4.4).abs() < 1e-12, "{method:?}");
	}
}

#[test]
fn two_documents_by_hand() {
	// g = 1, 2; mean(g²) = 2.5, λ = 0.25 with the factor 1; v = 1.
	let documents = layers(&[array![[1.0], [2.0]]]);
	let queries = layers(&[array![[1.0]]]);
	let exact = scores(Method::Exact { factor: 1.0 }, &documents, &queries);
	assert!((exact[(0, 0)] - 1.0 / 2.75).abs() < 1e-12);
	assert!((exact[(0, 1)] - 2.0 / 2.75).abs() < 1e-12);
	// 1/(2 · 0.25) · [2 − 1/1.25 − 4/4.25]
	let datainf = scores(Method::DataInf { factor: 1.0 }, &documents, &queries);
	let expected = 2.0 * (2.0 - 1.0 / 1.25 - 4.0 / 4.25);
	assert!((datainf[(0, 0)] - expected).abs() < 1e-12);
	assert!((datainf[(0, 1)] - 2.0 * expected).abs() < 1e-12);
}

#[test]
fn a_copy_shares_with_the_exact_inverse() {
	let one = layers(&[array![[1.0, 0.0], [0.0, 1.0]]]);
	let copied = layers(&[array![[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 0.0]]]);
	let queries = layers(&[array![[1.0, 0.0]]]);
	let method = Method::Exact { factor: 0.01 };
	// The scores are per unit of a document's share in training: times 1/n they are comparable.
	let before = scores(method, &one, &queries)[(0, 0)] / 2.0;
	let after = scores(method, &copied, &queries);
	let all = (after[(0, 0)] + after[(0, 2)] + after[(0, 3)]) / 4.0;
	assert!((all - before).abs() < 0.01, "{before} {all}");
	let product = scores(Method::GradientDot, &copied, &queries);
	assert_eq!(product, array![[1.0, 0.0, 1.0, 1.0]]);
}

#[test]
fn projected_gradients_are_damped_as_the_whole() {
	let of = |parameters| {
		let layer = Layer {
			gradients: array![[2.0f32]],
			parameters,
		};
		scores(
			Method::Exact { factor: 1.0 },
			&[layer],
			&layers(&[array![[1.0]]]),
		)[(0, 0)]
	};
	assert!((of(1) - 2.0 / 4.4).abs() < 1e-12);
	assert!((of(4) - 2.0 / 4.1).abs() < 1e-12);
}

#[test]
fn layers_without_gradients_score_nothing() {
	let documents = layers(&[array![[0.0], [0.0]], Array2::zeros((2, 0))]);
	let queries = layers(&[array![[1.0]], Array2::zeros((1, 0))]);
	for method in [
		Method::GradientDot,
		Method::DataInf { factor: 1.0 },
		Method::Exact { factor: 1.0 },
	] {
		assert_eq!(scores(method, &documents, &queries), array![[0.0, 0.0]]);
		let nothing = Scorer::new(method, &[]).unwrap();
		assert!(nothing.scores(&[]).unwrap().is_empty());
	}
}

#[test]
fn what_does_not_fit_is_refused() {
	let documents = layers(&[array![[1.0, 2.0]]]);
	let made = |factor, documents: &[Layer]| {
		Scorer::new(Method::DataInf { factor }, documents).map(|_| ())
	};
	assert_eq!(made(0.0, &documents), Err(Error::NoDamping));
	assert_eq!(made(-1.0, &documents), Err(Error::NoDamping));
	assert_eq!(
		made(f64::NAN, &documents),
		Err(Error::NotFinite("the damping factor"))
	);
	assert_eq!(
		made(1.0, &layers(&[array![[f32::INFINITY]]])),
		Err(Error::NotFinite("a gradient"))
	);
	assert!(matches!(
		made(1.0, &layers(&[array![[1.0]], array![[1.0], [1.0]]])),
		Err(Error::Shape { .. })
	));
	let scorer = Scorer::new(Method::GradientDot, &documents).unwrap();
	for queries in [
		layers(&[]),
		layers(&[array![[1.0]]]),
		layers(&[array![[1.0, f32::NAN]]]),
	] {
		assert!(scorer.scores(&queries).is_err());
	}
}

fn gradients(rows: usize, columns: usize) -> impl Strategy<Value = Array2<f32>> {
	prop::collection::vec(-4.0f32..4.0, rows * columns)
		.prop_map(move |values| Array2::from_shape_vec((rows, columns), values).unwrap())
}

proptest! {
	#[test]
	fn as_it_is_written(
		documents in gradients(7, 4),
		query in gradients(1, 4),
		factor in 0.01f64..100.0
	) {
		let (wide, row) = (documents.mapv(f64::from), query.row(0).mapv(f64::from));
		let (documents, queries) = (layers(&[documents]), layers(&[query]));
		for (method, expected) in [
			(Method::DataInf { factor }, written_out(&wide, &row, factor)),
			(Method::Exact { factor }, by_parameters(&wide, &row, factor)),
		] {
			let found = scores(method, &documents, &queries);
			for (found, expected) in found.iter().zip(&expected) {
				prop_assert!((found - expected).abs() <= 1e-8 * (1.0 + expected.abs()));
			}
		}
	}

	#[test]
	fn the_scale_of_gradients_is_of_no_account(
		documents in gradients(6, 3),
		query in gradients(2, 3)
	) {
		let method = Method::Exact { factor: 1.0 };
		let small = scores(method, &layers(from_ref(&documents)), &layers(from_ref(&query)));
		let large = scores(method, &layers(&[documents * 64.0]), &layers(&[query * 64.0]));
		for (small, large) in small.iter().zip(&large) {
			prop_assert!((small - large).abs() <= 1e-9 * (1.0 + small.abs()));
		}
	}
}
