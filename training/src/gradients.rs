//! The gradients of single texts, which attribution is computed from.
//!
//! A text's gradient is that of the mean loss of its tokens with respect to the adapter. All texts of a
//! pack go forwards and backwards at once; what each of them adds to the gradient of `A` and `B` follows
//! from its own tokens' inputs and output gradients.
//!
//! A layer's gradient is that of its projections in order, `A` then `B`, row by row. It is projected to
//! fewer dimensions by a count sketch: each component goes, with a random sign, to one of the `dim`
//! places. Inner products and norms keep their expectation, with a variance of at most
//! `(‖x‖²‖y‖² + ⟨x,y⟩²) / dim`. Place and sign of the components, in their order, are drawn from the
//! layer's stream of [`crate::random`]: `below(2 · dim)`, where the last bit is the sign (1: minus).
//!
//! A file of gradients is the eight bytes `OLGRADS1`, the length of the header (32 bits), the header
//! (JSON, see [`Header`]), and then, all little-endian:
//!
//! | part | for each text |
//! |---|---|
//! | rows | batch (32 bits), row (32 bits), leaf (32 bytes) |
//! | each layer, in the header's order | its gradient, as many floats of 32 bits as the header says |
//! | means | the mean last hidden state, `hidden` floats of 32 bits |

use std::{fs, path::Path};

use candle_core::{backprop::GradStore, DType, Tensor};
use serde::{Deserialize, Serialize};

use crate::{
	batch::Summary,
	hash::Hash256,
	lora::Adapter,
	model::{Run, Tap},
	random::{Purpose, Stream},
	text::RowId,
	train::{sum_of_losses, Corpus},
	Error, Result,
};

const MAGIC: &[u8; 8] = b"OLGRADS1";
const VERSION: u32 = 1;
/// The most bytes of a header: that of a model with thousands of layers.
const MAX_HEADER: usize = 1 << 20;

/// How gradients are projected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Projecting {
	/// Of the places and signs.
	pub seed: u64,
	/// Dimensions of a layer's gradient; 0 to leave gradients as they are.
	pub dim: u32,
}

/// One layer's part in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerHeader {
	/// The layer, from 0.
	pub layer: u32,
	/// How many components its gradient has.
	pub full: u32,
	/// How many there are in the file.
	pub dim: u32,
}

/// What a file of gradients is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
	/// The version of this format: 1.
	pub version: u32,
	/// SHA-256 of the base model's graph.
	pub graph: Hash256,
	/// SHA-256 of the file of the adapter's weights.
	pub adapter: Hash256,
	/// The batches that the texts are from.
	pub batches: Vec<Summary>,
	/// How many texts.
	pub examples: u32,
	/// Texts were cut to so many tokens.
	pub max_tokens: u32,
	/// How gradients are projected.
	pub projecting: Projecting,
	/// The layers.
	pub layers: Vec<LayerHeader>,
	/// Width of the hidden states.
	pub hidden: u32,
}

/// The gradients of some texts.
#[derive(Debug, Clone, PartialEq)]
pub struct Gradients {
	/// The layers: number and components of the whole gradient.
	layers: Vec<(usize, usize)>,
	/// Rows of the texts.
	pub rows: Vec<RowId>,
	/// For each layer the texts' gradients, one after another.
	gradients: Vec<Vec<f32>>,
	/// The texts' mean last hidden states.
	pub means: Vec<Vec<f32>>,
}

/// Computes the gradients of some texts.
pub fn compute(
	corpus: &Corpus<'_>,
	rows: &[usize],
	adapter: &Adapter,
	projecting: Projecting,
) -> Result<Gradients> {
	let layers = widths(adapter);
	let sketches: Vec<Sketch> = layers
		.iter()
		.map(|(layer, full)| Sketch::new(projecting, *layer, *full))
		.collect();
	let mut gradients = vec![Vec::new(); layers.len()];
	let mut means = Vec::with_capacity(rows.len());
	for pack in corpus.packs(rows) {
		let mut taps = Vec::new();
		let run = Run {
			adapter: Some(adapter),
			train: false,
			taps: Some(&mut taps),
		};
		let hidden = corpus.run(pack, run)?;
		let store = sum_of_losses(corpus, &hidden, pack)?.backward()?;
		means.extend(corpus.means_of(&hidden, pack)?);
		let mut start = 0;
		for example in corpus.of(pack) {
			let tokens = (start, example.tokens.len());
			start += example.tokens.len();
			for ((layer, _), (sketch, out)) in
				layers.iter().zip(sketches.iter().zip(&mut gradients))
			{
				let taps = taps.iter().filter(|tap| tap.layer == *layer);
				sketch.project(&of_one(adapter, taps, &store, tokens)?, out);
			}
		}
	}
	let rows = rows.iter().map(|row| corpus.examples[*row].id).collect();
	Ok(Gradients {
		layers,
		rows,
		gradients,
		means,
	})
}

/// The adapted layers, and how many components the gradient of each has.
fn widths(adapter: &Adapter) -> Vec<(usize, usize)> {
	let mut widths: Vec<(usize, usize)> = Vec::new();
	for module in adapter.modules() {
		let count = module.a.elem_count() + module.b.elem_count();
		match widths.last_mut() {
			Some((layer, width)) if *layer == module.layer => *width += count,
			_ => widths.push((module.layer, count)),
		}
	}
	widths
}

/// The gradient of one text for the projections of a layer. Projections run in another order than they
/// stand in an adapter.
fn of_one<'a>(
	adapter: &Adapter,
	taps: impl Iterator<Item = &'a Tap>,
	store: &GradStore,
	(start, length): (usize, usize),
) -> Result<Vec<f32>> {
	let mut taps: Vec<&Tap> = taps.collect();
	taps.sort_by_key(|tap| tap.projection);
	let mut out = Vec::new();
	for tap in taps {
		let module = adapter.get(tap.layer, tap.projection);
		let (Some(module), Some(gradient)) = (module, store.get(&tap.output)) else {
			return Err(Error::settings("an adapted layer has no part in the loss"));
		};
		let input = tap.input.narrow(0, start, length)?;
		let gradient = (gradient.narrow(0, start, length)? * module.scale)?;
		let to_a = gradient
			.matmul(&module.b.as_detached_tensor())?
			.t()?
			.matmul(&input)?;
		let low = input.matmul(&module.a.as_detached_tensor().t()?)?;
		let to_b = gradient.t()?.matmul(&low)?;
		for part in [to_a, to_b] {
			out.extend(flat(&part)?);
		}
	}
	Ok(out)
}

fn flat(tensor: &Tensor) -> Result<Vec<f32>> {
	Ok(tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?)
}

/// The projection of a layer's gradients.
#[derive(Debug)]
struct Sketch {
	dim: usize,
	/// Twice the place, and 1 for minus; none if nothing is projected.
	places: Vec<u64>,
}

impl Sketch {
	fn new(projecting: Projecting, layer: usize, full: usize) -> Self {
		let dim = u64::from(projecting.dim);
		let mut stream = Stream::new(projecting.seed, Purpose::Projection(layer as u32));
		let places = match dim {
			0 => Vec::new(),
			_ => (0..full).map(|_| stream.below(2 * dim)).collect(),
		};
		Self {
			dim: dim as usize,
			places,
		}
	}

	/// Adds the projection of a gradient to a list of them.
	fn project(&self, gradient: &[f32], out: &mut Vec<f32>) {
		if self.dim == 0 {
			out.extend(gradient);
			return;
		}
		let mut sums = vec![0f64; self.dim];
		for (value, place) in gradient.iter().zip(&self.places) {
			let value = f64::from(*value);
			sums[(place / 2) as usize] += if place % 2 == 1 { -value } else { value };
		}
		out.extend(sums.into_iter().map(|sum| sum as f32));
	}
}

impl Gradients {
	/// The layers: number, dimensions, and the texts' gradients, one after another.
	pub fn layers(&self) -> impl Iterator<Item = (usize, usize, &[f32])> {
		let texts = self.rows.len().max(1);
		let layers = self.layers.iter().zip(&self.gradients);
		layers.map(move |((layer, _), values)| (*layer, values.len() / texts, &values[..]))
	}

	/// The header of a file of these.
	pub fn header(
		&self,
		graph: Hash256,
		adapter: Hash256,
		batches: &[Summary],
		max_tokens: u32,
		projecting: Projecting,
	) -> Header {
		let layers = self.layers.iter().map(|(layer, full)| LayerHeader {
			layer: *layer as u32,
			full: *full as u32,
			dim: match projecting.dim {
				0 => *full as u32,
				dim => dim,
			},
		});
		Header {
			version: VERSION,
			graph,
			adapter,
			batches: batches.to_vec(),
			examples: self.rows.len() as u32,
			max_tokens,
			projecting,
			layers: layers.collect(),
			hidden: self.means.first().map_or(0, |mean| mean.len() as u32),
		}
	}

	/// Writes a file and gives its SHA-256.
	pub fn write(&self, path: &Path, header: &Header) -> Result<Hash256> {
		let text = serde_json::to_value(header).map_err(|problem| Error::file(path, problem))?;
		let text = crate::log::canonical(&text);
		let mut bytes = MAGIC.to_vec();
		bytes.extend((text.len() as u32).to_le_bytes());
		bytes.extend(text.as_bytes());
		for row in &self.rows {
			bytes.extend(row.batch.to_le_bytes());
			bytes.extend(row.row.to_le_bytes());
			bytes.extend(row.leaf.0);
		}
		for values in self.gradients.iter().chain(&self.means) {
			bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
		}
		fs::write(path, &bytes).map_err(Error::io(path))?;
		Ok(Hash256::sha256(&bytes))
	}

	/// Reads a file.
	pub fn read(path: &Path) -> Result<(Header, Self)> {
		let bytes = fs::read(path).map_err(Error::io(path))?;
		Self::parse(&bytes).map_err(|problem| Error::file(path, problem))
	}

	fn parse(bytes: &[u8]) -> Result<(Header, Self), String> {
		let mut rest = bytes;
		let mut take = |length: usize| -> Result<&[u8], String> {
			let (taken, left) = rest.split_at_checked(length).ok_or("it is cut short")?;
			rest = left;
			Ok(taken)
		};
		if take(MAGIC.len()).ok() != Some(&MAGIC[..]) {
			return Err("it is no file of gradients".into());
		}
		let length = number(take(4)?) as usize;
		if length > MAX_HEADER {
			return Err("its header is too long".into());
		}
		let header: Header =
			serde_json::from_slice(take(length)?).map_err(|problem| problem.to_string())?;
		if header.version != VERSION {
			return Err(format!(
				"its version is not {VERSION}; use the tool that made it"
			));
		}
		let count = header.examples as usize;
		let rows = (0..count)
			.map(|_| {
				let (batch, row) = (number(take(4)?), number(take(4)?));
				let leaf = Hash256(take(32)?.try_into().map_err(|_| "it is cut short")?);
				Ok(RowId { batch, row, leaf })
			})
			.collect::<Result<_, String>>()?;
		let mut floats = |count: usize, each: u32| -> Result<Vec<f32>, String> {
			let length = count
				.checked_mul(each as usize)
				.and_then(|n| n.checked_mul(4));
			let bytes = take(length.ok_or("it is cut short")?)?;
			Ok(bytes
				.chunks_exact(4)
				.map(|value| f32::from_bits(number(value)))
				.collect())
		};
		let layers = header.layers.iter();
		let gradients = layers
			.map(|layer| floats(count, layer.dim))
			.collect::<Result<Vec<_>, _>>()?;
		let means = (0..count)
			.map(|_| floats(1, header.hidden))
			.collect::<Result<Vec<_>, _>>()?;
		if !rest.is_empty() {
			return Err("it goes on after its end".into());
		}
		let layers = header
			.layers
			.iter()
			.map(|layer| (layer.layer as usize, layer.full as usize));
		let found = Self {
			layers: layers.collect(),
			rows,
			gradients,
			means,
		};
		Ok((header, found))
	}
}

fn number(bytes: &[u8]) -> u32 {
	bytes
		.iter()
		.rev()
		.fold(0, |all, byte| all << 8 | u32::from(*byte))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		base::tests::tiny,
		model::tests::{adapter, examples},
		text::Example,
	};

	fn whole() -> Projecting {
		Projecting { seed: 1, dim: 0 }
	}

	/// The same, by the gradients that training takes.
	fn by_training(corpus: &Corpus<'_>, row: usize, adapter: &Adapter) -> Vec<f32> {
		let run = Run {
			adapter: Some(adapter),
			train: true,
			taps: None,
		};
		let hidden = corpus.run(&[row], run).unwrap();
		let store = sum_of_losses(corpus, &hidden, &[row])
			.unwrap()
			.backward()
			.unwrap();
		let gradients = adapter.variables();
		gradients
			.iter()
			.flat_map(|v| flat(store.get(v).unwrap()).unwrap())
			.collect()
	}

	#[test]
	fn each_text_has_its_own_gradient() {
		let (base, examples, adapter) = (tiny(DType::F64), examples(), adapter(DType::F64));
		let corpus = Corpus::new(&base, &examples, 1).unwrap();
		let found = compute(&corpus, &corpus.rows(), &adapter, whole()).unwrap();
		for row in corpus.rows() {
			let expected = by_training(&corpus, row, &adapter);
			let mut all: Vec<f32> = Vec::new();
			for ((_, width), gradients) in found.layers.iter().zip(&found.gradients) {
				all.extend(&gradients[row * width..][..*width]);
			}
			assert_eq!(all.len(), expected.len());
			for (found, expected) in all.iter().zip(&expected) {
				assert!((found - expected).abs() < 1e-6, "{found} {expected}");
			}
		}
		let alone = corpus.means(&[2], Some(&adapter)).unwrap();
		for (a, b) in alone[0].iter().zip(&found.means[2]) {
			assert!((a - b).abs() < 1e-6);
		}
	}

	#[test]
	fn sketches_keep_inner_products() {
		let mut stream = Stream::new(4, Purpose::Adapter);
		let mut random = || -> Vec<f32> { (0..500).map(|_| stream.symmetric() as f32).collect() };
		let (x, mut y) = (random(), random());
		y.iter_mut().zip(&x).for_each(|(y, x)| *y = 0.5 * *y + x);
		let product =
			|x: &[f32], y: &[f32]| -> f64 { x.iter().zip(y).map(|(x, y)| f64::from(x * y)).sum() };
		let (dim, seeds) = (64u32, 400);
		let products: Vec<f64> = (0..seeds)
			.map(|seed| {
				let sketch = Sketch::new(Projecting { seed, dim }, 0, 500);
				let mut both = Vec::new();
				sketch.project(&x, &mut both);
				sketch.project(&y, &mut both);
				product(&both[..64], &both[64..])
			})
			.collect();
		let mean = products.iter().sum::<f64>() / seeds as f64;
		let variance = products.iter().map(|p| (p - mean).powi(2)).sum::<f64>() / seeds as f64;
		let exact = product(&x, &y);
		let bound = (product(&x, &x) * product(&y, &y) + exact * exact) / f64::from(dim);
		assert!(
			(mean - exact).abs() < 4.0 * (bound / seeds as f64).sqrt(),
			"{mean} {exact}"
		);
		assert!(variance < 1.3 * bound, "{variance} {bound}");
	}

	#[test]
	fn files_are_read_as_written() {
		let (base, adapter) = (tiny(DType::F32), adapter(DType::F32));
		let mut examples = examples();
		examples.push(Example::new(vec![1, 2, 3], 1));
		let corpus = Corpus::new(&base, &examples, 1).unwrap();
		let projecting = Projecting { seed: 2, dim: 16 };
		let gradients = compute(&corpus, &[3, 1], &adapter, projecting).unwrap();
		let zero = Hash256::default();
		let header = gradients.header(zero, Hash256::sha256(b"adapter"), &[], 32, projecting);
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("gradients");
		let hash = gradients.write(&path, &header).unwrap();
		assert_eq!(Gradients::read(&path).unwrap(), (header.clone(), gradients));
		assert_eq!(header.layers[0].dim, 16);

		let bytes = fs::read(&path).unwrap();
		assert_eq!(hash, Hash256::sha256(&bytes));
		for length in 0..bytes.len() {
			Gradients::parse(&bytes[..length]).unwrap_err();
		}
		let longer = [&bytes[..], b"x"].concat();
		assert!(Gradients::parse(&longer)
			.unwrap_err()
			.contains("after its end"));
	}
}
