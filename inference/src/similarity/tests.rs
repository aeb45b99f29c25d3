use super::*;

/// Numbers that look random, the same ones each time.
#[derive(Clone)]
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
	/// The next one: evenly between -1 and 1.
	fn next(&mut self) -> f32 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut z = self.0;
		z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		((z ^ (z >> 31)) >> 40) as f32 / (1u32 << 23) as f32 - 1.0
	}
}

/// What an adapter does to one matrix.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lora {
	pub(crate) name: String,
	pub(crate) rank: usize,
	/// Row by row: `[rank, in]`.
	pub(crate) a: Vec<f32>,
	/// Row by row: `[out, rank]`.
	pub(crate) b: Vec<f32>,
}

const ROWS: usize = 48;
const COLUMNS: usize = 32;

/// An adapter of `matrices` matrices of 48 by 32, of that rank.
pub(crate) fn adapter(numbers: &mut Numbers, matrices: usize, rank: usize) -> Vec<Lora> {
	let module = |n| Lora {
		name: format!("model.layers.{n}.self_attn.q_proj"),
		rank,
		a: (0..rank * COLUMNS).map(|_| numbers.next()).collect(),
		b: (0..rank * ROWS).map(|_| numbers.next()).collect(),
	};
	(0..matrices).map(module).collect()
}

/// The file that PEFT would write.
pub(crate) fn file(adapter: &[Lora]) -> Vec<u8> {
	let bytes = |numbers: &[f32]| -> Vec<u8> {
		numbers
			.iter()
			.flat_map(|number| number.to_le_bytes())
			.collect()
	};
	let tensors: Vec<_> = adapter
		.iter()
		.flat_map(|module| {
			let Lora { name, rank, a, b } = module;
			let of = |matrix| format!("{PREFIX}{name}.lora_{matrix}.weight");
			[
				(of("A"), vec![*rank, a.len() / rank], bytes(a)),
				(of("B"), vec![b.len() / rank, *rank], bytes(b)),
			]
		})
		.collect();
	raw(&tensors, Dtype::F32)
}

fn raw(tensors: &[(String, Vec<usize>, Vec<u8>)], dtype: Dtype) -> Vec<u8> {
	let views = tensors.iter().map(|(name, shape, bytes)| {
		let view = TensorView::new(dtype, shape.clone(), bytes).unwrap();
		(name.clone(), view)
	});
	safetensors::serialize(views, None).unwrap()
}

fn hour() -> Limit {
	Limit::within(std::time::Duration::from_secs(3_600))
}

fn compare(one: &[Lora], other: &[Lora]) -> u32 {
	similarity(&file(one), &file(other), &hour()).unwrap()
}

fn refused(one: &[u8], other: &[u8]) -> String {
	let failure = similarity(one, other, &hour()).unwrap_err();
	assert_eq!(failure.code, ErrorCode::BadInput);
	failure.message
}

/// The same products as B·M and M⁻¹·A: rank by rank scaled and turned by shears, which have simple inverses.
pub(crate) fn refactorised(adapter: &[Lora]) -> Vec<Lora> {
	let mut copy = adapter.to_vec();
	for (n, module) in copy.iter_mut().enumerate() {
		let (rank, columns) = (module.rank, module.a.len() / module.rank);
		for (i, j) in (0..rank).zip((0..rank).rev()).filter(|(i, j)| i != j) {
			// Column j of B takes in column i, so row i of A gives row j away.
			for row in module.b.chunks_mut(rank) {
				row[j] += 0.5 * row[i];
			}
			for column in 0..columns {
				module.a[i * columns + column] -= 0.5 * module.a[j * columns + column];
			}
		}
		// A scale and a sign for each matrix, which `alpha_pattern` takes back.
		let scale = if n % 2 == 0 { 3.0 } else { -0.125 };
		module.a.iter_mut().for_each(|number| *number *= scale);
	}
	copy
}

/// The same products at a higher rank: one more that does nothing, and one split in two.
fn padded(adapter: &[Lora]) -> Vec<Lora> {
	let widen = |module: &Lora| {
		let columns = module.a.len() / module.rank;
		let mut a = module.a.clone();
		a.extend(a[..columns].to_vec());
		a.extend((0..columns).map(|n| n as f32));
		let b = module
			.b
			.chunks(module.rank)
			.flat_map(|row| {
				let mut row = row.to_vec();
				let half = row[0] / 2.0;
				row[0] = half;
				row.extend([half, 0.0]);
				row
			})
			.collect();
		Lora {
			rank: module.rank + 2,
			a,
			b,
			..module.clone()
		}
	};
	adapter.iter().map(widen).collect()
}

#[test]
fn a_copy_is_a_copy_however_it_is_written() {
	let numbers = &mut Numbers(1);
	let original = adapter(numbers, 6, 8);
	assert_eq!(compare(&original, &original), WHOLE);
	for copy in [
		refactorised(&original),
		padded(&original),
		padded(&refactorised(&padded(&original))),
	] {
		assert_ne!(copy, original);
		assert_eq!(compare(&original, &copy), WHOLE);
		assert_eq!(compare(&copy, &original), WHOLE);
	}
	// Changes of what the original does not touch hide nothing.
	let mut more = adapter(numbers, 60, 8);
	more[..6].clone_from_slice(&refactorised(&original));
	assert_eq!(compare(&original, &more), WHOLE);
}

#[test]
fn independent_adapters_are_not_alike() {
	let numbers = &mut Numbers(2);
	let original = adapter(numbers, 6, 8);
	let other = adapter(numbers, 6, 8);
	// A cosine of two random directions among 8 × (48 + 32): some hundredths.
	let similarity = compare(&original, &other);
	assert!(similarity < 60_000, "{similarity}");
	// Other matrices, or the same names in another shape, have nothing in common at all.
	let mut elsewhere = original.clone();
	for module in &mut elsewhere {
		module.name = module.name.replace("q_proj", "v_proj");
	}
	assert_eq!(compare(&original, &elsewhere), 0);
	let mut shorter = original.clone();
	for module in &mut shorter {
		module.b.truncate((ROWS - 1) * module.rank);
	}
	assert_eq!(compare(&original, &shorter), 0);
	// All that counts is the part of the original that is there.
	let half = compare(&original, &original[..3]);
	assert!((400_000..600_000).contains(&half), "{half}");
	assert_eq!(compare(&original[..3], &original), WHOLE);
}

#[test]
fn noise_hides_a_copy_as_far_as_it_spoils_it() {
	let numbers = &mut Numbers(3);
	let original = adapter(numbers, 6, 8);
	let noise = adapter(numbers, 6, 8);
	// Of as much noise as of the original by length, in percent, and the similarity in millionths.
	let curve: Vec<_> = [0, 10, 25, 50, 75, 100, 200, 400]
		.into_iter()
		.map(|percent| {
			let noisy: Vec<_> = original
				.iter()
				.zip(&noise)
				.map(|(module, noise)| {
					let a = [&module.a[..], &noise.a[..]].concat();
					let scale = percent as f32 / 100.0;
					let b = module.b.chunks(8).zip(noise.b.chunks(8));
					let b = b.flat_map(|(row, noise)| {
						let noise = noise.iter().map(move |number| number * scale);
						row.iter().copied().chain(noise)
					});
					Lora {
						rank: 16,
						a,
						b: b.collect(),
						..module.clone()
					}
				})
				.collect();
			(percent, compare(&original, &noisy))
		})
		.collect();
	println!("{curve:?}");
	for (percent, similarity) in curve {
		let ratio = f64::from(percent) / 100.0;
		let expected = 1e6 / (1.0 + ratio * ratio).sqrt();
		let off = (f64::from(similarity) - expected).abs();
		assert!(off < 40_000.0, "{percent} %: {similarity}, not {expected}");
	}
}

#[test]
fn all_kinds_of_numbers_are_read() {
	assert_eq!(half(0x3c00), 1.0);
	assert_eq!(half(0xc000), -2.0);
	assert_eq!(half(0x7bff), 65_504.0);
	assert_eq!(half(0x0001), 2f64.powi(-24));
	assert_eq!(half(0x0400), 2f64.powi(-14));
	assert!(half(0x7c00).is_infinite() && half(0x7e00).is_nan());
	// In bfloat16, without what PEFT puts before the names: fewer digits, and still nearly all of it.
	let original = adapter(&mut Numbers(4), 2, 4);
	let tensors: Vec<_> = original
		.iter()
		.flat_map(|module| {
			[("A", &module.a), ("B", &module.b)].map(|(factor, numbers)| {
				let size = numbers.len() / module.rank;
				let bytes = numbers
					.iter()
					.flat_map(|number| ((number.to_bits() >> 16) as u16).to_le_bytes());
				let shape = match factor {
					"A" => vec![module.rank, size],
					_ => vec![size, module.rank],
				};
				let name = format!("{}.lora_{factor}.weight", module.name);
				(name, shape, bytes.collect::<Vec<u8>>())
			})
		})
		.collect();
	let short = raw(&tensors, Dtype::BF16);
	let similarity = similarity(&file(&original), &short, &hour()).unwrap();
	assert!((999_000..WHOLE).contains(&similarity), "{similarity}");
}

#[test]
fn what_is_no_adapter_is_refused() {
	let good = adapter(&mut Numbers(5), 2, 4);
	let bytes = file(&good);
	let nothing = file(&[]);
	assert!(refused(b"", &bytes).contains("too short"));
	assert!(refused(&bytes, b"not a file").contains("header has more"));
	assert!(refused(&bytes, &bytes[..bytes.len() - 1]).contains("second adapter"));
	assert!(refused(&nothing, &bytes).contains("changes nothing"));
	assert_eq!(similarity(&bytes, &nothing, &hour()), Ok(0));
	let large = vec![0; MAX_ADAPTER_BYTES as usize + 1];
	assert!(refused(&bytes, &large).contains("more than"));

	for number in [f32::NAN, f32::INFINITY] {
		let mut bad = good.clone();
		bad[1].b[5] = number;
		assert!(refused(&bytes, &file(&bad)).contains("finite"));
		assert!(refused(&file(&bad), &bytes).contains("finite"));
	}
	let mut zero = good.clone();
	zero.iter_mut().for_each(|module| module.b.fill(0.0));
	assert!(refused(&file(&zero), &bytes).contains("changes nothing"));
	assert_eq!(compare(&good, &zero), 0);

	let tensor = |name: &str, shape: &[usize]| {
		let bytes = vec![0; 4 * shape.iter().product::<usize>()];
		(name.to_owned(), shape.to_vec(), bytes)
	};
	let (a, b) = ("x.lora_A.weight", "x.lora_B.weight");
	for (tensors, why) in [
		(vec![tensor(a, &[4, 8])], "no B"),
		(vec![tensor(b, &[8, 4])], "no A"),
		(vec![tensor(a, &[4, 8]), tensor(b, &[8, 5])], "no product"),
		(
			vec![tensor(a, &[4, 8, 1]), tensor(b, &[8, 4])],
			"no matrices",
		),
		(
			vec![tensor(a, &[257, 8]), tensor(b, &[8, 257])],
			"not in 1..=256",
		),
		(vec![tensor(a, &[4, 0]), tensor(b, &[8, 4])], "is empty"),
	] {
		let message = refused(&bytes, &raw(&tensors, Dtype::F32));
		assert!(message.contains(why), "{message}");
	}
	let whole = [tensor(a, &[4, 8]), tensor(b, &[8, 4])];
	let message = refused(&raw(&whole, Dtype::I32), &bytes);
	assert!(message.contains("none of F32"), "{message}");
	// What is no factor is no concern of ours.
	let other = raw(&[tensor("x.bias", &[3])], Dtype::F32);
	assert_eq!(similarity(&bytes, &other, &hour()), Ok(0));
}

#[test]
fn parts_that_cancel_each_other_do_not_pass_for_noise() {
	let original = adapter(&mut Numbers(6), 2, 4);
	let huge = adapter(&mut Numbers(7), 2, 4);
	let hidden: Vec<_> = original
		.iter()
		.zip(&huge)
		.map(|(module, huge)| {
			let a = [&module.a[..], &huge.a[..], &huge.a[..]].concat();
			let b = module.b.chunks(4).zip(huge.b.chunks(4));
			let b = b.flat_map(|(row, huge)| {
				let more = huge.iter().map(|number| number * 1e9);
				let less = huge.iter().map(|number| number * -1e9);
				row.iter().copied().chain(more).chain(less)
			});
			Lora {
				rank: 12,
				a,
				b: b.collect(),
				..module.clone()
			}
		})
		.collect();
	assert!(refused(&file(&original), &file(&hidden)).contains("cancel each other"));
}

#[test]
fn a_comparison_ends_in_time() {
	let bytes = file(&adapter(&mut Numbers(8), 2, 4));
	let over = Limit::within(std::time::Duration::ZERO);
	let failure = similarity(&bytes, &bytes, &over).unwrap_err();
	assert_eq!(failure.code, ErrorCode::OutOfTime);
}
