//! The little of `onnx.proto` that a base model's weights are found by.

use crate::hash::Hash256;

const MODEL_GRAPH: u64 = 7;
const GRAPH_NODE: u64 = 1;
const GRAPH_INITIALIZER: u64 = 5;
const NODE_OPERATOR: u64 = 4;
const NODE_ATTRIBUTE: u64 = 5;
const ATTRIBUTE_NAME: u64 = 1;
const ATTRIBUTE_FLOAT: u64 = 2;
const ATTRIBUTE_INTEGER: u64 = 3;
const TENSOR_DIMENSION: u64 = 1;
const TENSOR_TYPE: u64 = 2;
const TENSOR_NAME: u64 = 8;
const TENSOR_EXTERNAL_DATA: u64 = 13;
const ENTRY_KEY: u64 = 1;
const ENTRY_VALUE: u64 = 2;

/// `TensorProto.DataType.FLOAT`.
const FLOAT: u64 = 1;

/// A tensor of 32-bit numbers in a file of weights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Weights {
	pub(crate) name: String,
	pub(crate) shape: Vec<usize>,
	/// The file, by its SHA-256.
	pub(crate) file: Hash256,
	/// Where it begins in the file, and how many bytes it has.
	pub(crate) offset: u64,
	pub(crate) length: usize,
}

/// What is read of a graph.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Graph {
	pub(crate) weights: Vec<Weights>,
	/// That of all norms.
	pub(crate) epsilon: f32,
	/// Whether what rotary embeddings turn together stands side by side.
	pub(crate) interleaved: bool,
}

impl Graph {
	pub(crate) fn parse(model: &[u8]) -> Result<Self, String> {
		let graph = bytes(model, MODEL_GRAPH)?.ok_or("it is not an ONNX model")?;
		let (mut weights, mut epsilons, mut layouts) = (Vec::new(), Vec::new(), Vec::new());
		for field in Fields(graph) {
			match field? {
				(GRAPH_INITIALIZER, Value::Bytes(tensor)) => weights.extend(external(tensor)?),
				(GRAPH_NODE, Value::Bytes(node)) => match bytes(node, NODE_OPERATOR)? {
					Some(b"SimplifiedLayerNormalization") => {
						epsilons.push(attribute(node, b"epsilon")?.float()?);
					}
					Some(b"RotaryEmbedding") => {
						layouts.push(attribute(node, b"interleaved")?.integer()?);
					}
					_ => {}
				},
				_ => {}
			}
		}
		Ok(Self {
			weights,
			epsilon: only(&epsilons).ok_or("its norms have not one and the same epsilon")?,
			interleaved: only(&layouts).ok_or("its rotary embeddings have not one layout")? != 0,
		})
	}
}

fn only<T: Copy + PartialEq>(values: &[T]) -> Option<T> {
	let first = values.first()?;
	values.iter().all(|value| value == first).then_some(*first)
}

/// The tensor, if it is one of 32-bit numbers in a file.
fn external(tensor: &[u8]) -> Result<Option<Weights>, String> {
	let (mut name, mut shape, mut kind) = (String::new(), Vec::new(), 0);
	let (mut file, mut offset, mut length) = (None, 0, None);
	for field in Fields(tensor) {
		match field? {
			(TENSOR_NAME, Value::Bytes(value)) => name = String::from_utf8_lossy(value).into(),
			(TENSOR_TYPE, Value::Integer(value)) => kind = value,
			(TENSOR_DIMENSION, Value::Integer(value)) => shape.push(size(value)?),
			(TENSOR_DIMENSION, Value::Bytes(mut packed)) => {
				while !packed.is_empty() {
					shape.push(size(varint(&mut packed).ok_or("a shape is cut short")?)?);
				}
			}
			(TENSOR_EXTERNAL_DATA, Value::Bytes(entry)) => {
				let text = |field| bytes(entry, field).map(|text| text.unwrap_or_default());
				let value = String::from_utf8_lossy(text(ENTRY_VALUE)?).into_owned();
				let number = || {
					value
						.parse()
						.map_err(|_| format!("{name}: {value:?} is no number"))
				};
				match text(ENTRY_KEY)? {
					b"location" => {
						let hash = value.parse();
						file = Some(hash.map_err(|_| {
							format!("weights are in a file called {value:?} instead of its SHA-256")
						})?);
					}
					b"offset" => offset = number()?,
					b"length" => length = Some(size(number()?)?),
					_ => {}
				}
			}
			_ => {}
		}
	}
	let Some(file) = file.filter(|_| kind == FLOAT) else {
		return Ok(None);
	};
	let elements = shape.iter().try_fold(4usize, |all, n| all.checked_mul(*n));
	match length {
		Some(length) if Some(length) == elements => Ok(Some(Weights {
			name,
			shape,
			file,
			offset,
			length,
		})),
		_ => Err(format!(
			"{name} has not as many bytes as its shape {shape:?} needs"
		)),
	}
}

fn size(value: u64) -> Result<usize, String> {
	usize::try_from(value).map_err(|_| "a size is too large".into())
}

fn attribute<'a>(node: &'a [u8], name: &[u8]) -> Result<Attribute<'a>, String> {
	for field in Fields(node) {
		if let (NODE_ATTRIBUTE, Value::Bytes(attribute)) = field? {
			if bytes(attribute, ATTRIBUTE_NAME)? == Some(name) {
				return Ok(Attribute(attribute));
			}
		}
	}
	Err(format!(
		"an operator lacks {}",
		String::from_utf8_lossy(name)
	))
}

struct Attribute<'a>(&'a [u8]);

impl Attribute<'_> {
	fn float(&self) -> Result<f32, String> {
		for field in Fields(self.0) {
			if let (ATTRIBUTE_FLOAT, Value::Float(value)) = field? {
				return Ok(value);
			}
		}
		Err("an attribute is not a number".into())
	}

	/// Zero if it is left out, as protobuf does.
	fn integer(&self) -> Result<u64, String> {
		for field in Fields(self.0) {
			if let (ATTRIBUTE_INTEGER, Value::Integer(value)) = field? {
				return Ok(value);
			}
		}
		Ok(0)
	}
}

fn bytes(message: &[u8], wanted: u64) -> Result<Option<&[u8]>, String> {
	for field in Fields(message) {
		match field? {
			(number, Value::Bytes(value)) if number == wanted => return Ok(Some(value)),
			_ => {}
		}
	}
	Ok(None)
}

enum Value<'a> {
	Integer(u64),
	Float(f32),
	Bytes(&'a [u8]),
	Other,
}

/// The fields of a message.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
	type Item = Result<(u64, Value<'a>), String>;

	fn next(&mut self) -> Option<Self::Item> {
		if self.0.is_empty() {
			return None;
		}
		let field = self.field();
		if field.is_none() {
			self.0 = &[];
		}
		Some(field.ok_or_else(|| "it is not a protobuf message".into()))
	}
}

impl<'a> Fields<'a> {
	fn field(&mut self) -> Option<(u64, Value<'a>)> {
		let tag = varint(&mut self.0)?;
		let value = match tag & 7 {
			0 => Value::Integer(varint(&mut self.0)?),
			1 => {
				self.take(8)?;
				Value::Other
			}
			2 => {
				let length = varint(&mut self.0)?;
				Value::Bytes(self.take(usize::try_from(length).ok()?)?)
			}
			5 => Value::Float(f32::from_le_bytes(self.take(4)?.try_into().ok()?)),
			_ => return None,
		};
		Some((tag >> 3, value))
	}

	fn take(&mut self, length: usize) -> Option<&'a [u8]> {
		let (taken, rest) = self.0.split_at_checked(length)?;
		self.0 = rest;
		Some(taken)
	}
}

fn varint(message: &mut &[u8]) -> Option<u64> {
	let mut value = 0;
	for shift in (0..64).step_by(7) {
		let (byte, rest) = message.split_first()?;
		*message = rest;
		value |= u64::from(byte & 0x7f) << shift;
		if byte & 0x80 == 0 {
			return Some(value);
		}
	}
	None
}

#[cfg(test)]
pub(crate) mod tests {
	use super::*;

	fn tagged(field: u64, content: &[u8]) -> Vec<u8> {
		let mut out = Vec::new();
		for mut number in [field << 3 | 2, content.len() as u64] {
			while number >= 0x80 {
				out.push(number as u8 | 0x80);
				number >>= 7;
			}
			out.push(number as u8);
		}
		out.extend(content);
		out
	}

	fn integer(field: u64, value: u8) -> Vec<u8> {
		vec![(field << 3) as u8, value]
	}

	fn tensor(name: &str, shape: &[u8], file: &str, offset: u64, length: u64) -> Vec<u8> {
		let mut tensor = tagged(TENSOR_NAME, name.as_bytes());
		tensor.extend(integer(TENSOR_TYPE, FLOAT as u8));
		shape
			.iter()
			.for_each(|n| tensor.extend(integer(TENSOR_DIMENSION, *n)));
		for (key, value) in [
			("location", file.to_owned()),
			("offset", offset.to_string()),
			("length", length.to_string()),
		] {
			let mut entry = tagged(ENTRY_KEY, key.as_bytes());
			entry.extend(tagged(ENTRY_VALUE, value.as_bytes()));
			tensor.extend(tagged(TENSOR_EXTERNAL_DATA, &entry));
		}
		tagged(GRAPH_INITIALIZER, &tensor)
	}

	fn node(operator: &str, attribute: &str, value: &[u8]) -> Vec<u8> {
		let mut inner = tagged(ATTRIBUTE_NAME, attribute.as_bytes());
		inner.extend(value);
		let mut node = tagged(NODE_OPERATOR, operator.as_bytes());
		node.extend(tagged(NODE_ATTRIBUTE, &inner));
		tagged(GRAPH_NODE, &node)
	}

	fn epsilon(value: f32) -> Vec<u8> {
		let mut bytes = vec![(ATTRIBUTE_FLOAT << 3 | 5) as u8];
		bytes.extend(value.to_le_bytes());
		node("SimplifiedLayerNormalization", "epsilon", &bytes)
	}

	fn rotary(interleaved: u8) -> Vec<u8> {
		node(
			"RotaryEmbedding",
			"interleaved",
			&integer(ATTRIBUTE_INTEGER, interleaved),
		)
	}

	#[test]
	fn finds_weights_and_settings() {
		let file = Hash256::sha256(b"weights");
		let parts = |length| {
			[
				epsilon(0.5),
				epsilon(0.5),
				rotary(1),
				tensor("a", &[2, 3], &file.to_string(), 4096, length),
			]
			.concat()
		};
		let model = tagged(MODEL_GRAPH, &parts(24));
		let graph = Graph::parse(&model).unwrap();
		assert!(graph.interleaved && graph.epsilon == 0.5);
		let expected = Weights {
			name: "a".into(),
			shape: vec![2, 3],
			file,
			offset: 4096,
			length: 24,
		};
		assert_eq!(graph.weights, [expected]);
		for length in 0..model.len() {
			assert!(Graph::parse(&model[..length]).is_err(), "{length}");
		}
		let error = Graph::parse(&tagged(MODEL_GRAPH, &parts(20))).unwrap_err();
		assert!(error.contains("shape [2, 3]"), "{error}");
	}

	#[test]
	fn refuses_what_it_cannot_stand_for() {
		let file = Hash256::sha256(b"").to_string();
		for (parts, problem) in [
			(vec![epsilon(1.0), epsilon(2.0), rotary(0)], "epsilon"),
			(vec![epsilon(1.0), rotary(0), rotary(1)], "layout"),
			(vec![epsilon(1.0)], "layout"),
			(
				vec![tensor("a", &[1], "../b", 0, 4)],
				"instead of its SHA-256",
			),
			(vec![tensor("a", &[1], &file, 0, 8)], "as many bytes"),
		] {
			let error = Graph::parse(&tagged(MODEL_GRAPH, &parts.concat())).unwrap_err();
			assert!(error.contains(problem), "{error}");
		}
		assert!(Graph::parse(b"").is_err() && Graph::parse(&[0xff; 30]).is_err());
	}
}
