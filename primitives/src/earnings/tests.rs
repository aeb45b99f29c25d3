use super::*;
use crate::answer::MAX_ENTRIES;
use proptest::prelude::*;
use std::collections::BTreeMap;

type Naive = BTreeMap<BatchId, u128>;

/// The definition, word for word: what stands for the batches whose ids begin with the same `depth` bits.
fn naive(of: &Naive, depth: u32) -> Summary {
	let mut list = of.iter();
	match (list.next(), list.next()) {
		(None, _) => Summary::EMPTY,
		(Some((batch, value)), None) => {
			let bytes = [&[0][..], &batch.to_le_bytes(), &value.to_le_bytes()].concat();
			Summary {
				hash: H256(keccak_256(&bytes)),
				sum: *value,
			}
		}
		_ => {
			let side = |right: u64| -> Summary {
				let on_it = |batch: &u64| (batch >> depth) % 2 == right;
				let of = of.iter().filter(|(batch, _)| on_it(batch));
				naive(
					&of.map(|(batch, value)| (*batch, *value)).collect(),
					depth + 1,
				)
			};
			let (left, right) = (side(0), side(1));
			let bytes = [
				&[1][..],
				&left.hash.0,
				&left.sum.to_le_bytes(),
				&right.hash.0,
				&right.sum.to_le_bytes(),
			]
			.concat();
			Summary {
				hash: H256(keccak_256(&bytes)),
				sum: left.sum + right.sum,
			}
		}
	}
}

fn earnings(of: &Naive) -> Earnings {
	Earnings::of(of.iter().map(|(batch, value)| (*batch, *value))).unwrap()
}

#[test]
fn nothing_is_empty() {
	let none = Earnings::default();
	assert_eq!(none.summary(), Summary::EMPTY);
	assert_eq!(none.get(7), Ok(0));
	assert_eq!(none.entries(), []);
	assert_eq!(none.show(&[7]), [Part::Empty]);
	assert_eq!(none.prove(7), None);
	let (same, is_new) = none.with(7, 0).unwrap();
	assert_eq!((same.summary(), is_new), (Summary::EMPTY, false));
	assert_eq!(verify(&Summary::EMPTY, 7, &[Part::Empty]), None);
}

#[test]
fn a_sum_that_overflows_is_refused() {
	let most = Earnings::of([(1, u128::MAX)]).unwrap();
	for batch in [1, 2, 3] {
		assert_eq!(most.with(batch, 1), Err(EarningsError::Overflow));
	}
	assert_eq!(Earnings::of([(1, u128::MAX), (2, 1)]), None);
	// Nor can it be shown.
	let leaf = |batch| Part::Leaf {
		batch,
		value: u128::MAX,
	};
	assert_eq!(Earnings::from_parts(&[Part::Node, leaf(0), leaf(1)]), None);
}

#[test]
fn what_is_no_tree_is_refused() {
	let leaf = |batch| Part::Leaf { batch, value: 5 };
	let refused = |parts: &[Part]| assert_eq!(Earnings::from_parts(parts), None, "{parts:?}");
	refused(&[]);
	refused(&[Part::Node, leaf(0)]);
	refused(&[leaf(0), leaf(1)]);
	refused(&[Part::Leaf { batch: 0, value: 0 }]);
	// On the other's side, or twice.
	refused(&[Part::Node, leaf(1), leaf(0)]);
	refused(&[Part::Node, leaf(0), leaf(0)]);
	refused(&[Part::Node, Part::Node, leaf(2), leaf(0), Part::Empty]);
	// Deeper than an id has bits.
	let mut deep = vec![Part::Node; 65];
	deep.extend([Part::Empty; 66]);
	refused(&deep);
	deep.remove(0);
	deep.pop();
	assert!(Earnings::from_parts(&deep).is_some());
}

#[test]
fn neighbours_of_the_last_bit_are_told_apart() {
	let (one, other) = (3, 3 | 1 << 63);
	let both = Earnings::of([(one, 10), (other, 20)]).unwrap();
	assert_eq!((both.get(one), both.get(other)), (Ok(10), Ok(20)));
	let proof = both.prove(other).unwrap();
	assert_eq!(proof.len(), MAX_PROOF_PARTS as usize);
	assert_eq!(verify(&both.summary(), other, &proof), Some(20));
	assert_eq!(verify(&both.summary(), 5, &proof), None);
}

#[test]
fn no_witness_is_longer_than_can_be() {
	let low = u64::from(MAX_ENTRIES);
	let deep = Earnings::of((0..low).flat_map(|n| [(n, 1), (n | 1 << 63, 1)])).unwrap();
	let named: Vec<_> = (0..low).collect();
	let witness = deep.witness(&named).unwrap();
	assert_eq!(witness.len(), MAX_WITNESS_PARTS as usize);
}

#[test]
fn ids_in_order_make_short_proofs() {
	let many = Earnings::of((5_000..105_000).map(|batch| (batch, 7))).unwrap();
	let proof = many.prove(77_777).unwrap();
	// The way, what branches off, and the leaf.
	assert_eq!(proof.len(), 2 * 17 + 1);
	assert!(proof.encoded_size() < 900, "{}", proof.encoded_size());
	assert_eq!(verify(&many.summary(), 77_777, &proof), Some(7));
}

/// A tree that nobody can have filled: whatever is shown under its root, it is not more than the root has.
#[test]
fn a_forged_root_shows_no_more_than_its_sum() {
	let whole = Summary {
		hash: Earnings::of([(0, 60), (1, 60)]).unwrap().summary().hash,
		sum: 100,
	};
	for batch in 0..2 {
		let forged = Earnings::of([(0, 60), (1, 60)]).unwrap();
		assert_eq!(verify(&whole, batch, &forged.prove(batch).unwrap()), None);
	}
	// A node that says that its sides have less than they do is another node.
	let side = |batch| Earnings::of([(batch, 60)]).unwrap().summary();
	let less = |batch| Summary {
		sum: 50,
		..side(batch)
	};
	let root = Summary::of_node(&less(0), &less(1)).unwrap();
	let shown = [
		Part::Node,
		Part::Leaf {
			batch: 0,
			value: 60,
		},
		Part::Hidden(less(1)),
	];
	assert_eq!(verify(&root, 0, &shown), None);
}

#[test]
fn a_node_is_no_leaf() {
	let both = Earnings::of([(2, 10), (4, 20)]).unwrap();
	let hidden = Part::Hidden(both.summary());
	assert_eq!(verify(&both.summary(), 2, &[hidden]), None);
	// Its bytes behind a leaf's prefix are longer than any leaf's.
	let bytes = (0u8, both.summary(), Summary::EMPTY).encode();
	assert_ne!(bytes.len(), (0u8, 0u64, 0u128).encode().len());
}

fn maps() -> impl Strategy<Value = Naive> {
	let id = prop_oneof![0u64..40, any::<u64>(), (0u64..4).prop_map(|n| n << 62)];
	prop::collection::btree_map(id, 1u128..1 << 100, 0..40)
}

proptest! {
	#[test]
	fn the_root_is_the_definitions_in_any_order(map in maps(), seed: u64) {
		let mut list: Vec<_> = map.iter().map(|(batch, value)| (*batch, *value)).collect();
		let expected = naive(&map, 0);
		prop_assert_eq!(earnings(&map).summary(), expected);
		list.sort_by_key(|(batch, _)| batch.wrapping_mul(seed | 1));
		// In two steps each.
		let halves = list.iter().map(|(batch, value)| (*batch, value / 2));
		let rest = list.iter().rev().map(|(batch, value)| (*batch, value - value / 2));
		let filled = Earnings::of(halves.chain(rest)).unwrap();
		prop_assert_eq!(filled.summary(), expected);
		prop_assert_eq!(filled.entries(), map.into_iter().collect::<Vec<_>>());
	}

	/// What is added to a part leads to the root to which it leads in the whole.
	#[test]
	fn a_part_does_as_the_whole(
		map in maps(),
		named in prop::collection::btree_map(prop_oneof![0u64..40, any::<u64>()], 1u128..1 << 60, 0..20),
	) {
		let whole = earnings(&map);
		let keys: Vec<_> = named.keys().copied().collect();
		let part = Earnings::from_parts(&whole.witness(&keys).unwrap()).unwrap();
		prop_assert_eq!(part.summary(), whole.summary());
		let (mut one, mut other) = (whole.clone(), part);
		for (batch, more) in &named {
			prop_assert_eq!(other.get(*batch), Ok(map.get(batch).copied().unwrap_or_default()));
			let is_new = !map.contains_key(batch);
			let (next, new) = one.with(*batch, *more).unwrap();
			prop_assert_eq!(new, is_new);
			one = next;
			let (next, new) = other.with(*batch, *more).unwrap();
			prop_assert_eq!(new, is_new);
			other = next;
		}
		prop_assert_eq!(one.summary(), other.summary());
		prop_assert_eq!(whole.summary(), naive(&map, 0));
	}

	#[test]
	fn proofs_hold_and_any_change_breaks_them(map in maps(), pick: usize, at: usize, flip in 0usize..128) {
		prop_assume!(!map.is_empty());
		let whole = earnings(&map);
		let (batch, value) = map.iter().nth(pick % map.len()).unwrap();
		let (batch, value) = (*batch, *value);
		let proof = whole.prove(batch).unwrap();
		let root = whole.summary();
		prop_assert_eq!(verify(&root, batch, &proof), Some(value));
		let more = Summary { sum: root.sum + 1, ..root };
		prop_assert_eq!(verify(&more, batch, &proof), None);
		for other in [batch ^ 1, batch ^ 1 << 63, batch.wrapping_add(1)] {
			let known = verify(&root, other, &proof);
			prop_assert!(known.is_none() || known == map.get(&other).copied());
		}
		let mut changed = proof.to_vec();
		let at = at % changed.len();
		match &mut changed[at] {
			Part::Leaf { value, .. } => *value ^= 1 << (flip % 128),
			Part::Hidden(summary) if flip % 2 == 0 => summary.hash.0[flip / 8] ^= 1 << (flip % 8),
			Part::Hidden(summary) => summary.sum ^= 1 << (flip % 128),
			part @ (Part::Empty | Part::Node) => *part = Part::Hidden(Summary::EMPTY),
		}
		let read = verify(&root, batch, &changed);
		// An empty subtree that is called hidden stands for the same.
		prop_assert!(read.is_none() || (proof[at] == Part::Empty && read == Some(value)));
		prop_assert_eq!(verify(&root, batch, &proof[1..]), None);
	}
}
