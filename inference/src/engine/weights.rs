//! Which files a graph takes its weights from.
//!
//! They are named in the graph, by their SHA-256, so the graph's hash stands for them too. Only this much
//! of `onnx.proto` is read; ONNX Runtime reads the rest.

use std::collections::BTreeSet;

use crate::hash::Hash256;

const MODEL_GRAPH: u64 = 7;
const GRAPH_INITIALIZER: u64 = 5;
const TENSOR_EXTERNAL_DATA: u64 = 13;
const ENTRY_KEY: u64 = 1;
const ENTRY_VALUE: u64 = 2;

/// The files that the initializers of a graph are in. An error if one is not named by a hash.
pub(super) fn files(model: &[u8]) -> Result<BTreeSet<Hash256>, String> {
	let mut files = BTreeSet::new();
	for graph in fields(model, MODEL_GRAPH) {
		for tensor in fields(graph?, GRAPH_INITIALIZER) {
			for entry in fields(tensor?, TENSOR_EXTERNAL_DATA) {
				let entry = entry?;
				if first(entry, ENTRY_KEY)? != b"location" {
					continue;
				}
				let location = String::from_utf8_lossy(first(entry, ENTRY_VALUE)?);
				let hash = location.parse().map_err(|_| {
					format!("weights are in a file called {location:?} instead of its SHA-256")
				})?;
				files.insert(hash);
			}
		}
	}
	Ok(files)
}

fn first(message: &[u8], field: u64) -> Result<&[u8], String> {
	fields(message, field).next().unwrap_or(Ok(&[]))
}

/// The fields of that number whose content is bytes.
fn fields(message: &[u8], field: u64) -> impl Iterator<Item = Result<&[u8], String>> {
	let mut rest = Some(message);
	std::iter::from_fn(move || loop {
		let mut message = rest.filter(|rest| !rest.is_empty())?;
		match next(&mut message) {
			Some((number, content)) => {
				rest = Some(message);
				match content {
					Some(content) if number == field => return Some(Ok(content)),
					_ => {}
				}
			}
			None => {
				rest = None;
				return Some(Err("it is not a protobuf message".into()));
			}
		}
	})
}

/// Takes the next field off: its number, and its content if that is bytes.
fn next<'a>(message: &mut &'a [u8]) -> Option<(u64, Option<&'a [u8]>)> {
	let tag = varint(message)?;
	let length = match tag & 7 {
		0 => {
			varint(message)?;
			return Some((tag >> 3, None));
		}
		1 => 8,
		2 => usize::try_from(varint(message)?).ok()?,
		5 => 4,
		_ => return None,
	};
	let (content, rest) = message.split_at_checked(length)?;
	*message = rest;
	Some((tag >> 3, (tag & 7 == 2).then_some(content)))
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
mod tests {
	use super::{super::tiny, *};

	#[test]
	fn locations_are_hashes() {
		let hash = Hash256::sha256(b"weights");
		let text = hash.to_string();
		assert_eq!(files(&tiny::identity()), Ok(BTreeSet::new()));
		assert_eq!(files(&tiny::external(&[&text, &text])), Ok([hash].into()));
		for bad in ["weights.bin", "../secrets", ""] {
			let error = files(&tiny::external(&[&text, bad])).unwrap_err();
			assert!(error.contains(&format!("{bad:?}")), "{error}");
		}
		let whole = tiny::external(&[&text]);
		for length in 1..whole.len() {
			// Cut anywhere, it is an error or lacks the file, and nothing worse.
			if let Ok(found) = files(&whole[..length]) {
				assert!(found.len() <= 1);
			}
		}
		assert!(files(&[0xff; 40]).is_err());
	}
}
