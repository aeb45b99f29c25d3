//! A base model's weights, as they come out of the files that `scripts/setup.sh` puts into the cache.
//!
//! The ONNX graph says where in the file of weights each tensor is, and is named by its SHA-256 as the
//! file of weights is. In memory, all is laid out as in Hugging Face's models: matrices `[out, in]`, and
//! the rows of queries and keys in the order in which rotary embeddings turn halves of heads. In the
//! graphs' weights those rows stand side by side, as llama.cpp's converter has put them.

use std::{
	collections::BTreeMap,
	fs::{self, File},
	io::{BufReader, Read},
	path::Path,
};

use candle_core::{DType, Device, Tensor};
use sha2::{Digest, Sha256};

use crate::{
	hash::Hash256,
	lora::{Adapter, Projection},
	onnx::{Graph, Weights},
	Error, Result,
};

/// The dimensions of a model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
	/// How many layers there are.
	pub layers: usize,
	/// Width of the hidden states.
	pub hidden: usize,
	/// Width inside the feed-forward networks.
	pub feed_forward: usize,
	/// Heads of queries.
	pub heads: usize,
	/// Heads of keys and values.
	pub kv_heads: usize,
	/// Width of a head.
	pub head_size: usize,
	/// How many tokens there are.
	pub vocabulary: usize,
	/// Most tokens of a text.
	pub context: usize,
	/// What keeps norms from dividing by zero.
	pub epsilon: f64,
}

impl Shape {
	/// Inputs and outputs of a projection.
	pub fn of(&self, projection: Projection) -> (usize, usize) {
		let queries = self.heads * self.head_size;
		let keys = self.kv_heads * self.head_size;
		match projection {
			Projection::Q => (self.hidden, queries),
			Projection::K | Projection::V => (self.hidden, keys),
			Projection::O => (queries, self.hidden),
			Projection::Gate | Projection::Up => (self.hidden, self.feed_forward),
			Projection::Down => (self.feed_forward, self.hidden),
		}
	}
}

/// The weights of one layer.
#[derive(Debug, Clone)]
pub struct Layer {
	/// Of the norm before attention, `[hidden]`.
	pub attention_norm: Tensor,
	/// Of the norm before the feed-forward network, `[hidden]`.
	pub feed_forward_norm: Tensor,
	/// The projections, `[out, in]`.
	pub projections: BTreeMap<Projection, Tensor>,
}

/// A base model.
#[derive(Debug, Clone)]
pub struct Base {
	/// Its dimensions.
	pub shape: Shape,
	/// SHA-256 of the ONNX graph; zeros if the model was not read from one.
	pub graph: Hash256,
	/// SHA-256 of the file of weights; zeros if there is none.
	pub weights: Hash256,
	/// `[vocabulary, hidden]`; the same weights make the logits.
	pub embedding: Tensor,
	/// The layers, from the first.
	pub layers: Vec<Layer>,
	/// Of the last norm, `[hidden]`.
	pub norm: Tensor,
	/// Cosines of the angles of each position, `[context, head_size / 2]`.
	pub cos: Tensor,
	/// Sines of the same.
	pub sin: Tensor,
}

impl Base {
	/// Reads the model whose graph has the hash `graph`, and whose files, named by their SHA-256, are in
	/// `folder`. Checks both hashes.
	pub fn load(folder: &Path, graph: Hash256) -> Result<Self> {
		let path = folder.join(graph.to_string());
		let bytes = fs::read(&path).map_err(Error::io(&path))?;
		if Hash256::sha256(&bytes) != graph {
			let problem = "it has other content than its name says: run scripts/setup.sh again";
			return Err(Error::file(&path, problem));
		}
		let parsed = Graph::parse(&bytes).map_err(|problem| Error::file(&path, problem))?;
		let Some(weights) = parsed.weights.first().map(|first| first.file) else {
			return Err(Error::file(&path, "it names no file of 32-bit weights"));
		};
		let tensors = read_weights(folder, weights, &parsed.weights)?;
		Parts { tensors, parsed }
			.assemble(graph, weights)
			.map_err(|problem| Error::file(&path, problem))
	}

	/// The same model with an adapter added to its weights.
	pub fn merged(&self, adapter: &Adapter) -> Result<Self> {
		let mut merged = self.clone();
		(merged.graph, merged.weights) = Default::default();
		for module in adapter.modules() {
			let layer = merged.layers.get_mut(module.layer);
			let weights = layer.and_then(|layer| layer.projections.get_mut(&module.projection));
			let weights = weights.ok_or_else(|| {
				Error::settings(format!("the model has no layer {}", module.layer))
			})?;
			*weights = (&*weights + module.delta()?)?;
		}
		Ok(merged)
	}

	/// Writes the weights with the names that Hugging Face's Llama models give them.
	pub fn write(&self, path: &Path) -> Result<()> {
		let mut tensors = vec![
			("model.embed_tokens.weight".to_owned(), &self.embedding),
			("model.norm.weight".to_owned(), &self.norm),
		];
		for (number, layer) in self.layers.iter().enumerate() {
			let name = |part: &str| format!("model.layers.{number}.{part}.weight");
			tensors.push((name("input_layernorm"), &layer.attention_norm));
			tensors.push((name("post_attention_layernorm"), &layer.feed_forward_norm));
			for (projection, weights) in &layer.projections {
				tensors.push((name(projection.path()), weights));
			}
		}
		let metadata = Some([("format".to_owned(), "pt".to_owned())].into());
		safetensors::serialize_to_file(tensors, metadata, path)
			.map_err(|problem| Error::file(path, problem))
	}

	pub(crate) fn dtype(&self) -> DType {
		self.embedding.dtype()
	}
}

/// Reads tensors out of a file from front to back, and checks the file's hash on the way.
fn read_weights(
	folder: &Path,
	file: Hash256,
	wanted: &[Weights],
) -> Result<BTreeMap<String, Tensor>> {
	let path = folder.join(file.to_string());
	let mut wanted: Vec<&Weights> = wanted.iter().collect();
	wanted.sort_by_key(|weights| weights.offset);
	let mut hashing = Hashing {
		reader: BufReader::with_capacity(1 << 20, File::open(&path).map_err(Error::io(&path))?),
		hasher: Sha256::new(),
		at: 0,
	};
	let mut tensors = BTreeMap::new();
	for Weights {
		name,
		shape,
		offset,
		length,
		file: in_file,
	} in wanted
	{
		let gap = offset.checked_sub(hashing.at).filter(|_| *in_file == file);
		let gap = gap
			.and_then(|gap| usize::try_from(gap).ok())
			.ok_or_else(|| {
				Error::file(
					&path,
					format!("{name} overlaps another tensor, or is in another file"),
				)
			})?;
		hashing.take(gap).map_err(Error::io(&path))?;
		let bytes = hashing.take(*length).map_err(Error::io(&path))?;
		let values = bytes
			.chunks_exact(4)
			.map(|value| f32::from_le_bytes([value[0], value[1], value[2], value[3]]))
			.collect();
		let tensor = Tensor::from_vec::<_, f32>(values, shape.as_slice(), &Device::Cpu)?;
		tensors.insert(name.clone(), tensor);
	}
	if hashing.finish().map_err(Error::io(&path))? != file {
		let problem = "it has other content than its name says: run scripts/setup.sh again";
		return Err(Error::file(&path, problem));
	}
	Ok(tensors)
}

struct Hashing<R> {
	reader: R,
	hasher: Sha256,
	at: u64,
}

impl<R: Read> Hashing<R> {
	fn take(&mut self, length: usize) -> std::io::Result<Vec<u8>> {
		let mut bytes = vec![0; length];
		self.reader.read_exact(&mut bytes)?;
		self.hasher.update(&bytes);
		self.at += length as u64;
		Ok(bytes)
	}

	fn finish(mut self) -> std::io::Result<Hash256> {
		let mut rest = Vec::new();
		self.reader.read_to_end(&mut rest)?;
		self.hasher.update(&rest);
		Ok(Hash256(self.hasher.finalize().into()))
	}
}

/// The tensors of a graph, by the names that `scripts/models/llama.py` gives them.
struct Parts {
	tensors: BTreeMap<String, Tensor>,
	parsed: Graph,
}

impl Parts {
	fn assemble(mut self, graph: Hash256, weights: Hash256) -> Result<Base, String> {
		let embedding = self.matrix("embedding.weight")?;
		let cos = self.matrix("rotary.cos")?;
		let sin = self.matrix("rotary.sin")?;
		let norm = self.take("hidden_states.weight")?;
		let layers = (0..)
			.take_while(|number| {
				let name = format!("layer.{number}.qkv.weight");
				self.tensors.contains_key(&name)
			})
			.count();
		let width = |tensor: &Tensor, dimension| tensor.dims()[dimension];
		let head_size = 2 * width(&cos, 1);
		let dimensions = |name: &str| match self.tensors.get(name).map(Tensor::dims) {
			Some([rows, columns]) => Ok((*rows, *columns)),
			_ => Err(format!("it has no matrix {name}")),
		};
		let (queries, hidden) = dimensions("layer.0.attention_out.weight")?;
		let (_, all) = dimensions("layer.0.qkv.weight")?;
		let (_, both) = dimensions("layer.0.gate_up.weight")?;
		let shape = Shape {
			layers,
			hidden,
			feed_forward: both / 2,
			heads: queries / head_size.max(1),
			kv_heads: all.saturating_sub(queries) / (2 * head_size).max(1),
			head_size,
			vocabulary: width(&embedding, 0),
			context: width(&cos, 0),
			epsilon: f64::from(self.parsed.epsilon),
		};
		if shape.kv_heads == 0 || !shape.heads.is_multiple_of(shape.kv_heads) {
			return Err(format!("its heads don't fit together: {shape:?}"));
		}
		let layers = (0..layers)
			.map(|number| self.layer(number, &shape))
			.collect::<Result<Vec<_>, _>>()?;
		Ok(Base {
			shape,
			graph,
			weights,
			embedding,
			layers,
			norm,
			cos,
			sin,
		})
	}

	fn take(&mut self, name: &str) -> Result<Tensor, String> {
		let tensor = self.tensors.remove(name);
		tensor.ok_or_else(|| format!("it has no tensor {name}"))
	}

	fn matrix(&mut self, name: &str) -> Result<Tensor, String> {
		let tensor = self.take(name)?;
		match tensor.rank() {
			2 => Ok(tensor),
			_ => Err(format!("{name} is no matrix")),
		}
	}

	fn layer(&mut self, number: usize, shape: &Shape) -> Result<Layer, String> {
		let mut take = |part: &str| self.take(&format!("layer.{number}.{part}.weight"));
		let attention_norm = take("attention_norm")?;
		let feed_forward_norm = take("feed_forward_norm")?;
		let fused = [
			(
				take("qkv")?,
				&[Projection::Q, Projection::K, Projection::V][..],
			),
			(take("attention_out")?, &[Projection::O]),
			(take("gate_up")?, &[Projection::Gate, Projection::Up]),
			(take("down")?, &[Projection::Down]),
		];
		let mut projections = BTreeMap::new();
		for (weights, parts) in fused {
			self.split(&weights, parts, shape, &mut projections)
				.map_err(|problem| format!("layer {number}: {problem}"))?;
		}
		Ok(Layer {
			attention_norm,
			feed_forward_norm,
			projections,
		})
	}

	/// Splits `[in, out of all]` into `[out, in]` for each.
	fn split(
		&self,
		weights: &Tensor,
		parts: &[Projection],
		shape: &Shape,
		into: &mut BTreeMap<Projection, Tensor>,
	) -> candle_core::Result<()> {
		let mut at = 0;
		for part in parts {
			let (inner, outer) = shape.of(*part);
			let mut rows = weights.narrow(1, at, outer)?.t()?;
			let heads = match part {
				Projection::Q => shape.heads,
				Projection::K => shape.kv_heads,
				_ => 0,
			};
			if heads > 0 && self.parsed.interleaved {
				rows = to_halves(&rows, heads)?;
			}
			into.insert(*part, rows.reshape((outer, inner))?.contiguous()?);
			at += outer;
		}
		Ok(())
	}
}

/// Puts rows `[heads * size, …]` whose pairs stand side by side in the order of Hugging Face, where they
/// are half a head apart.
pub fn to_halves(rows: &Tensor, heads: usize) -> candle_core::Result<Tensor> {
	regroup(rows, heads, |size| vec![heads, size / 2, 2])
}

/// The reverse of [`to_halves`]: what an engine whose rotary embeddings are interleaved needs of the rows
/// of `lora_B` of queries and keys.
pub fn to_pairs(rows: &Tensor, heads: usize) -> candle_core::Result<Tensor> {
	regroup(rows, heads, |size| vec![heads, 2, size / 2])
}

fn regroup(
	rows: &Tensor,
	heads: usize,
	form: impl Fn(usize) -> Vec<usize>,
) -> candle_core::Result<Tensor> {
	let (count, width) = rows.dims2()?;
	let mut form = form(count / heads);
	form.push(width);
	let regrouped = rows.contiguous()?.reshape(form)?.transpose(1, 2)?;
	regrouped.contiguous()?.reshape((count, width))
}

#[cfg(test)]
pub(crate) mod tests {
	use super::*;
	use crate::random::{Purpose, Stream};

	pub(crate) const TINY: Shape = Shape {
		layers: 3,
		hidden: 12,
		feed_forward: 20,
		heads: 4,
		kv_heads: 2,
		head_size: 4,
		vocabulary: 23,
		context: 40,
		epsilon: 1e-5,
	};

	/// A model with random weights.
	pub(crate) fn tiny(dtype: DType) -> Base {
		let shape = TINY;
		let mut stream = Stream::new(5, Purpose::Adapter);
		let mut random = |dimensions: &[usize], middle: f64, spread: f64| {
			let count = dimensions.iter().product();
			let values: Vec<f64> = (0..count)
				.map(|_| middle + spread * stream.symmetric())
				.collect();
			Tensor::from_vec(values, dimensions, &Device::Cpu)
				.and_then(|tensor| tensor.to_dtype(dtype))
				.unwrap()
		};
		let layers = (0..shape.layers)
			.map(|_| Layer {
				attention_norm: random(&[shape.hidden], 1.0, 0.3),
				feed_forward_norm: random(&[shape.hidden], 1.0, 0.3),
				projections: Projection::ALL
					.iter()
					.map(|projection| {
						let (inner, outer) = shape.of(*projection);
						(*projection, random(&[outer, inner], 0.0, 0.6))
					})
					.collect(),
			})
			.collect();
		let angles = |function: fn(f64) -> f64| {
			let half = shape.head_size / 2;
			let values: Vec<f64> = (0..shape.context * half)
				.map(|n| {
					function((n / half) as f64 * 100f64.powf(-((n % half) as f64) / half as f64))
				})
				.collect();
			Tensor::from_vec(values, (shape.context, half), &Device::Cpu)
				.and_then(|tensor| tensor.to_dtype(dtype))
				.unwrap()
		};
		Base {
			shape,
			graph: Hash256::default(),
			weights: Hash256::default(),
			embedding: random(&[shape.vocabulary, shape.hidden], 0.0, 1.0),
			layers,
			norm: random(&[shape.hidden], 1.0, 0.3),
			cos: angles(f64::cos),
			sin: angles(f64::sin),
		}
	}

	#[test]
	fn orders_of_rows_undo_each_other() {
		let rows = Tensor::arange(0u32, 16, &Device::Cpu)
			.unwrap()
			.reshape((8, 2))
			.unwrap();
		let first = |rows: &Tensor| -> Vec<u32> {
			rows.to_vec2()
				.unwrap()
				.into_iter()
				.map(|row: Vec<u32>| row[0] / 2)
				.collect()
		};
		let halves = to_halves(&rows, 2).unwrap();
		assert_eq!(first(&halves), [0, 2, 1, 3, 4, 6, 5, 7]);
		assert_eq!(
			first(&to_pairs(&halves, 2).unwrap()),
			[0, 1, 2, 3, 4, 5, 6, 7]
		);
	}

	#[test]
	fn weights_are_written_under_their_usual_names() {
		let folder = tempfile::tempdir().unwrap();
		let (base, path) = (tiny(DType::F32), folder.path().join("model.safetensors"));
		base.write(&path).unwrap();
		let found = candle_core::safetensors::load(&path, &Device::Cpu).unwrap();
		assert_eq!(found.len(), 2 + 9 * TINY.layers);
		let values = |tensor: &Tensor| tensor.to_vec2::<f32>().unwrap();
		let down = &found["model.layers.2.mlp.down_proj.weight"];
		assert_eq!(
			values(down),
			values(&base.layers[2].projections[&Projection::Down])
		);
		assert_eq!(
			values(&found["model.embed_tokens.weight"]),
			values(&base.embedding)
		);
		assert!(found.contains_key("model.layers.0.post_attention_layernorm.weight"));
	}

	#[test]
	fn a_wrong_file_is_refused() {
		let folder = tempfile::tempdir().unwrap();
		let name = Hash256::sha256(b"something");
		let error = Base::load(folder.path(), name).unwrap_err().to_string();
		assert!(error.contains(&name.to_string()), "{error}");
		fs::write(folder.path().join(name.to_string()), b"else").unwrap();
		let error = Base::load(folder.path(), name).unwrap_err().to_string();
		assert!(error.contains("other content"), "{error}");
	}
}
