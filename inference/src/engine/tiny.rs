//! Minimal ONNX graphs, encoded by hand: to find out whether a provider can run anything at all.
//!
//! Field numbers are those of `onnx.proto`.

/// One float in, the same float out.
pub(super) fn identity() -> Vec<u8> {
	unary("x", "y", FLOAT, &[Some(1)])
}

pub(super) const FLOAT: u64 = 1;
#[cfg(test)]
pub(super) const INT64: u64 = 7;

/// A graph that hands its input on; a dimension of `None` is dynamic.
pub(super) fn unary(input: &str, output: &str, element: u64, shape: &[Option<u64>]) -> Vec<u8> {
	let mut node = Vec::new();
	bytes(&mut node, 1, input.as_bytes());
	bytes(&mut node, 2, output.as_bytes());
	bytes(&mut node, 4, b"Identity");
	let mut graph = Vec::new();
	bytes(&mut graph, 1, &node);
	bytes(&mut graph, 2, b"tiny");
	bytes(&mut graph, 11, &value_info(input, element, shape));
	bytes(&mut graph, 12, &value_info(output, element, shape));

	let mut opset = Vec::new();
	integer(&mut opset, 2, 17);
	let mut model = Vec::new();
	integer(&mut model, 1, 8);
	bytes(&mut model, 7, &graph);
	bytes(&mut model, 8, &opset);
	model
}

/// A graph whose initializers are in those files.
#[cfg(test)]
pub(super) fn external(locations: &[&str]) -> Vec<u8> {
	let mut graph = Vec::new();
	for location in locations {
		let mut tensor = Vec::new();
		bytes(&mut tensor, 8, b"weights");
		for (key, value) in [("offset", "0"), ("location", location)] {
			let mut entry = Vec::new();
			bytes(&mut entry, 1, key.as_bytes());
			bytes(&mut entry, 2, value.as_bytes());
			bytes(&mut tensor, 13, &entry);
		}
		bytes(&mut graph, 5, &tensor);
	}
	let mut model = Vec::new();
	integer(&mut model, 1, 8);
	bytes(&mut model, 7, &graph);
	model
}

fn value_info(name: &str, element: u64, shape: &[Option<u64>]) -> Vec<u8> {
	let mut dimensions = Vec::new();
	for (i, dimension) in shape.iter().enumerate() {
		let mut encoded = Vec::new();
		match dimension {
			Some(size) => integer(&mut encoded, 1, *size),
			None => bytes(&mut encoded, 2, format!("d{i}").as_bytes()),
		}
		bytes(&mut dimensions, 1, &encoded);
	}
	let mut tensor = Vec::new();
	integer(&mut tensor, 1, element);
	bytes(&mut tensor, 2, &dimensions);
	let mut kind = Vec::new();
	bytes(&mut kind, 1, &tensor);
	let mut info = Vec::new();
	bytes(&mut info, 1, name.as_bytes());
	bytes(&mut info, 2, &kind);
	info
}

fn integer(out: &mut Vec<u8>, field: u64, value: u64) {
	varint(out, field << 3);
	varint(out, value);
}

fn bytes(out: &mut Vec<u8>, field: u64, value: &[u8]) {
	varint(out, field << 3 | 2);
	varint(out, value.len() as u64);
	out.extend_from_slice(value);
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
	while value >= 0x80 {
		out.push((value & 0x7f) as u8 | 0x80);
		value >>= 7;
	}
	out.push(value as u8);
}
