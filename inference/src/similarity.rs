//! How much of one adapter is in another, from the files that PEFT writes.
//!
//! What an adapter does to a matrix of its base is ΔW = s·B·A, with a scale s that is not in its file. Two
//! adapters are compared matrix by matrix, by the cosine of the angle between their ΔW, in which s cancels:
//! so neither `lora_alpha`, nor a pattern of it, nor a sign changes anything, nor does writing the same
//! product as B·M and M⁻¹·A, at whatever rank. The similarity is the mean of these cosines' magnitudes over
//! the matrices of the first adapter, the earlier one, each by its part of the adapter's squared length, and
//! zero for those that the second leaves alone: who adds to a copy what the original did not touch gains
//! nothing by it.
//!
//! It is an integer that all machines agree on: sums run in one order, in double precision, and nothing of
//! the size of ΔW is ever formed.

use std::collections::BTreeMap;

use safetensors::{tensor::TensorView, Dtype, SafeTensors};

use crate::{
	engine::Limit,
	error::{ErrorCode, Failure},
};

/// The similarity of an adapter to itself.
pub const WHOLE: u32 = 1_000_000;

/// The most bytes of an adapter's file.
pub const MAX_ADAPTER_BYTES: u32 = 64 * 1_024 * 1_024;

/// The most bytes of what a file says about its tensors.
const MAX_HEADER: u64 = 4 * 1_024 * 1_024;

/// The most matrices that an adapter changes.
const MAX_MATRICES: usize = 4_096;

/// The highest rank.
const MAX_RANK: usize = 256;

/// The smallest part of its terms that a product may leave: below it the terms cancel each other, and what
/// is left is for the most part what rounding made.
const LEAST_REST: f64 = 1e-8;

/// What PEFT puts before the names of the base's modules.
const PREFIX: &str = "base_model.model.";

/// How the names of the two factors end, for layers and for embeddings.
const FACTORS: [(&str, &str); 2] = [
	(".lora_A.weight", ".lora_B.weight"),
	(".lora_embedding_A", ".lora_embedding_B"),
];

/// How much of the adapter `original` is in `other`, in millionths: 0 to [`WHOLE`]. Both are the bytes of an
/// `adapter_model.safetensors`, by whomever.
pub fn similarity(original: &[u8], other: &[u8], limit: &Limit) -> Result<u32, Failure> {
	let original = read(original).map_err(|why| bad(format!("the first adapter: {why}")))?;
	let other = read(other).map_err(|why| bad(format!("the second adapter: {why}")))?;
	let (mut shared, mut whole) = (0.0, 0.0);
	for (name, matrix) in &original {
		if limit.is_over() {
			return Err(Failure::new(
				ErrorCode::OutOfTime,
				"the comparison took longer than it may",
			));
		}
		let one = Factors::of(matrix).map_err(|why| bad(format!("{name}: {why}")))?;
		let length = one
			.square()
			.map_err(|why| bad(format!("{name} of the first adapter {why}")))?;
		whole += length;
		let Some(matrix) = other
			.get(name)
			.filter(|other| other.shape() == matrix.shape())
		else {
			continue;
		};
		let two = Factors::of(matrix).map_err(|why| bad(format!("{name}: {why}")))?;
		let square = two
			.square()
			.map_err(|why| bad(format!("{name} of the second adapter {why}")))?;
		if length > 0.0 && square > 0.0 {
			let cosine = one.product(&two) / (length.sqrt() * square.sqrt());
			shared += length * cosine.abs().min(1.0);
		}
	}
	if whole == 0.0 {
		return Err(bad("the first adapter changes nothing"));
	}
	// Between 0 and 1, so the cast only cuts off what is none of a whole number.
	Ok(((shared / whole * f64::from(WHOLE)).round() as u32).min(WHOLE))
}

fn bad(why: impl Into<String>) -> Failure {
	Failure::new(ErrorCode::BadInput, why)
}

/// The two factors of what an adapter does to a matrix, as they are in its file.
struct Matrix<'a> {
	/// `[rank, in]`.
	a: TensorView<'a>,
	/// `[out, rank]`.
	b: TensorView<'a>,
}

impl Matrix<'_> {
	/// Rows and columns of the product.
	fn shape(&self) -> (Option<usize>, Option<usize>) {
		(
			self.b.shape().first().copied(),
			self.a.shape().last().copied(),
		)
	}
}

/// The matrices that an adapter changes, by their names in the base. Tensors that are no factors do not
/// count.
fn read(file: &[u8]) -> Result<BTreeMap<String, Matrix<'_>>, String> {
	if file.len() > usize::try_from(MAX_ADAPTER_BYTES).unwrap_or(usize::MAX) {
		return Err(format!("it has more than {MAX_ADAPTER_BYTES} bytes"));
	}
	let header = file
		.first_chunk()
		.map(|length| u64::from_le_bytes(*length))
		.ok_or("it is too short")?;
	if header > MAX_HEADER {
		return Err(format!("its header has more than {MAX_HEADER} bytes"));
	}
	let file = SafeTensors::deserialize(file).map_err(|problem| problem.to_string())?;
	let mut lefts = BTreeMap::new();
	let mut rights = BTreeMap::new();
	for (name, tensor) in file.iter() {
		for (a, b) in FACTORS {
			if let Some(module) = name.strip_suffix(a) {
				rights.insert(module_of(module), tensor);
				break;
			} else if let Some(module) = name.strip_suffix(b) {
				lefts.insert(module_of(module), tensor);
				break;
			}
		}
	}
	if rights.len() > MAX_MATRICES {
		return Err(format!("it changes more than {MAX_MATRICES} matrices"));
	}
	if let Some(module) = lefts.keys().find(|module| !rights.contains_key(*module)) {
		return Err(format!("{module} has a factor B and no A"));
	}
	let matrices = rights.into_iter().map(|(module, a)| {
		let b = lefts
			.remove(&module)
			.ok_or_else(|| format!("{module} has a factor A and no B"))?;
		check(&a, &b).map_err(|why| format!("{module}: {why}"))?;
		Ok((module, Matrix { a, b }))
	});
	matrices.collect()
}

fn module_of(name: &str) -> String {
	name.strip_prefix(PREFIX).unwrap_or(name).to_owned()
}

fn check(a: &TensorView<'_>, b: &TensorView<'_>) -> Result<(), String> {
	let (&[rank, columns], &[rows, width]) = (a.shape(), b.shape()) else {
		return Err("its factors are no matrices".into());
	};
	if rank != width {
		return Err(format!(
			"A has the rank {rank} and B the rank {width}: they have no product"
		));
	}
	if !(1..=MAX_RANK).contains(&rank) || columns == 0 || rows == 0 {
		return Err(format!(
			"the rank {rank} of a {rows} by {columns} matrix is not in 1..={MAX_RANK}, or it is empty"
		));
	}
	Ok(())
}

/// The two factors as numbers, both with the rank as the inner dimension.
struct Factors {
	rank: usize,
	a: Vec<f64>,
	b: Vec<f64>,
}

impl Factors {
	fn of(matrix: &Matrix<'_>) -> Result<Self, String> {
		let rank = matrix.a.shape().first().copied().unwrap_or_default();
		let columns = matrix.a.shape().last().copied().unwrap_or_default();
		let rows = numbers(&matrix.a)?;
		let mut a = Vec::with_capacity(rows.len());
		for column in 0..columns {
			a.extend(rows.iter().skip(column).step_by(columns.max(1)));
		}
		Ok(Self {
			rank,
			a,
			b: numbers(&matrix.b)?,
		})
	}

	/// The inner product of two products of factors: of `B₁ᵀB₂` and `A₁A₂ᵀ`, which have the size of the ranks.
	fn product(&self, other: &Self) -> f64 {
		let left = gram((&self.b, self.rank), (&other.b, other.rank));
		let right = gram((&self.a, self.rank), (&other.a, other.rank));
		left.iter().zip(&right).map(|(b, a)| b * a).sum()
	}

	/// The squared length of the product, zero for one that changes nothing.
	fn square(&self) -> Result<f64, String> {
		let left = gram((&self.b, self.rank), (&self.b, self.rank));
		let right = gram((&self.a, self.rank), (&self.a, self.rank));
		let square: f64 = left.iter().zip(&right).map(|(b, a)| b * a).sum();
		// The lengths of what each rank adds.
		let diagonal = (0..self.rank).map(|i| i * (self.rank + 1));
		let terms: f64 = diagonal
			.filter_map(|place| Some((left.get(place)? * right.get(place)?).sqrt()))
			.sum();
		if terms == 0.0 {
			return Ok(0.0);
		}
		if square < LEAST_REST * terms * terms {
			return Err("has parts that cancel each other".into());
		}
		Ok(square)
	}
}

/// The sums over the outer dimension of products of all pairs of ranks, row by row.
fn gram((one, ranks): (&[f64], usize), (other, others): (&[f64], usize)) -> Vec<f64> {
	let mut sums = vec![0.0; ranks * others];
	for (one, other) in one.chunks_exact(ranks).zip(other.chunks_exact(others)) {
		for (row, left) in sums.chunks_exact_mut(others).zip(one) {
			for (sum, right) in row.iter_mut().zip(other) {
				*sum += left * right;
			}
		}
	}
	sums
}

fn numbers(tensor: &TensorView<'_>) -> Result<Vec<f64>, String> {
	let numbers: Vec<f64> = match tensor.dtype() {
		Dtype::F32 => tensor
			.data()
			.as_chunks()
			.0
			.iter()
			.map(|bytes| f32::from_le_bytes(*bytes).into())
			.collect(),
		Dtype::BF16 => tensor
			.data()
			.as_chunks()
			.0
			.iter()
			.map(|bytes| f32::from_bits(u32::from(u16::from_le_bytes(*bytes)) << 16).into())
			.collect(),
		Dtype::F16 => tensor
			.data()
			.as_chunks()
			.0
			.iter()
			.map(|bytes| half(u16::from_le_bytes(*bytes)))
			.collect(),
		other => return Err(format!("its numbers are {other:?}: none of F32, F16, BF16")),
	};
	if numbers.iter().any(|number| !number.is_finite()) {
		return Err("not all its numbers are finite".into());
	}
	Ok(numbers)
}

/// An IEEE 754 number of 16 bits.
fn half(bits: u16) -> f64 {
	let sign = if bits >> 15 == 0 { 1.0 } else { -1.0 };
	let exponent = i32::from(bits >> 10 & 0x1f);
	let fraction = f64::from(bits & 0x3ff);
	sign * match exponent {
		0 => fraction * 2f64.powi(-24),
		0x1f if fraction == 0.0 => f64::INFINITY,
		0x1f => f64::NAN,
		_ => (1_024.0 + fraction) * 2f64.powi(exponent - 25),
	}
}

#[cfg(test)]
pub(crate) mod tests;
