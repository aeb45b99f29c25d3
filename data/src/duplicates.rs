//! Which rows of a new batch are in older ones, exactly or nearly, with the evidence for it.
//!
//! The new batch is kept in memory by its leaves and signatures: some 500 MB for a million rows. The
//! older ones pass by row after row, so that there may be any number of them.
//!
//! Near-duplicates are found by locality-sensitive hashing: a signature's 64 places are 32 bands of
//! two, and two rows are compared if they agree in a band. With similarity `s` that happens with
//! probability `1 - (1 - s²)³²`: 0.97 at 0.3, and above 0.9999 at 0.5.

use crate::{
	batch::scan,
	chunk::text,
	filter::Filter,
	minhash::{Signature, PLACES},
	proof::RowProof,
	tree, Error, Hash,
};
use serde::Serialize;
use std::{
	collections::{BTreeMap, BTreeSet},
	path::{Path, PathBuf},
};

/// From this estimated similarity on, two rows are near-duplicates by default. A row with 5 % of its
/// words changed has about 0.6, a row about the same subject less than 0.1.
pub const DEFAULT_THRESHOLD: f64 = 0.35;

const BAND: usize = 2;
const BANDS: usize = PLACES / BAND;

/// After so many rows that agree in a band and nevertheless are not alike, a band is given up: the rows
/// share a phrase there that says nothing. They still meet in other bands.
const MAX_MISSES: usize = 1_024;

/// What is compared, and how much is told.
#[derive(Clone, Debug)]
pub struct Search {
	/// The new batch file, in plain.
	pub new: PathBuf,
	/// The older ones, earliest first: batch files in plain, or files of leaves (`*.tree`) where only
	/// exact duplicates are looked for.
	pub old: Vec<PathBuf>,
	/// An index of more old rows; see [`Filter`].
	pub filter: Option<PathBuf>,
	/// From which similarity on rows are near-duplicates, from 0 to 1.
	pub threshold: f64,
	/// The most pairs that are listed.
	pub pairs: usize,
	/// The most pairs, the first ones, that come with proofs of both rows.
	pub samples: usize,
	/// Rows of the new batch that come with proofs in place of the first ones: those that the chain
	/// has drawn.
	pub rows: Vec<u32>,
}

/// A batch that was compared.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Compared {
	/// The file, as it was given.
	pub file: PathBuf,
	/// The root over its rows.
	pub root: Hash,
	/// How many there are.
	pub rows: u32,
}

/// A new row and the old row that it is most like; of several, the earliest.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pair {
	/// The new row, counted from 0.
	pub row: u32,
	/// The old batch, by its place in the list.
	pub old: u32,
	/// Its row.
	pub old_row: u32,
	/// Whether the rows are the same, byte for byte.
	pub exact: bool,
	/// The estimated Jaccard similarity of their shingles.
	pub similarity: f64,
}

/// A pair with proofs that its rows are in their batches.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
	/// The pair.
	#[serde(flatten)]
	pub pair: Pair,
	/// The new row's proof.
	pub new_proof: RowProof,
	/// The old row's proof.
	pub old_proof: RowProof,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
	/// The version of this format: 1.
	pub version: u32,
	/// The new batch.
	pub new: Compared,
	/// The old batches, in the order of the list.
	pub old: Vec<Compared>,
	/// The threshold.
	pub threshold: f64,
	/// How many new rows are in an old batch, byte for byte.
	pub exact: u32,
	/// How many others are like an old row.
	pub near: u32,
	/// The part of new rows that are one or the other.
	pub share: f64,
	/// How many new rows may be in the batches behind the filter, by it alone.
	pub possible: Option<u32>,
	/// Pairs, by new row.
	pub pairs: Vec<Pair>,
	/// Pairs with proofs.
	pub evidence: Vec<Evidence>,
}

/// The best match of a new row so far.
#[derive(Clone, Copy)]
struct Match {
	exact: bool,
	equal: u8,
	old: u32,
	old_row: u32,
}

/// Compares batches.
pub fn search(search: &Search) -> Result<Report, Error> {
	if !(0.0..=1.0).contains(&search.threshold) {
		return Err(Error::Request(
			"the threshold is a number from 0 to 1".to_owned(),
		));
	}
	let near = search.old.iter().any(|path| !is_tree(path));
	let index = Index::read(&search.new, near)?;
	let least = ((search.threshold * PLACES as f64).ceil() as usize).max(1);
	let mut matches: Vec<Option<Match>> = vec![None; index.leaves.len()];
	let mut old = Vec::new();
	for (number, path) in (0u32..).zip(&search.old) {
		let mut note = |row: u32, exact: bool, equal: usize, old_row: u32| {
			let best = &mut matches[row as usize];
			let rank = (exact, equal as u8);
			if best.is_none_or(|best| (best.exact, best.equal) < rank) {
				*best = Some(Match {
					exact,
					equal: rank.1,
					old: number,
					old_row,
				});
			}
		};
		old.push(if is_tree(path) {
			index.pass_leaves(path, &mut note)?
		} else {
			index.pass_rows(path, least, &mut note)?
		});
	}
	index.spread(&mut matches);
	let possible = match &search.filter {
		None => None,
		Some(path) => {
			let filter = Filter::read(path)?;
			let found = index
				.leaves
				.iter()
				.filter(|leaf| filter.may_contain(leaf))
				.count();
			Some(u32::try_from(found).unwrap_or(u32::MAX))
		}
	};
	let pairs: Vec<Pair> = (0u32..)
		.zip(&matches)
		.filter_map(|(row, found)| {
			found.map(|found| Pair {
				row,
				old: found.old,
				old_row: found.old_row,
				exact: found.exact,
				similarity: f64::from(found.equal) / PLACES as f64,
			})
		})
		.collect();
	let exact = pairs.iter().filter(|pair| pair.exact).count();
	let chosen: Vec<Pair> = if search.rows.is_empty() {
		pairs.iter().take(search.samples).copied().collect()
	} else {
		let wanted: BTreeSet<_> = search.rows.iter().collect();
		pairs
			.iter()
			.filter(|pair| wanted.contains(&pair.row))
			.copied()
			.collect()
	};
	let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
	Ok(Report {
		version: 1,
		new: compared(&search.new, &index.leaves),
		old,
		threshold: search.threshold,
		exact: count(exact),
		near: count(pairs.len() - exact),
		share: pairs.len() as f64 / index.leaves.len() as f64,
		possible,
		evidence: prove(search, &chosen)?,
		pairs: pairs.into_iter().take(search.pairs).collect(),
	})
}

fn is_tree(path: &Path) -> bool {
	path.extension()
		.is_some_and(|extension| extension == "tree")
}

fn compared(path: &Path, leaves: &[Hash]) -> Compared {
	Compared {
		file: path.to_owned(),
		root: tree::root(leaves).unwrap_or_default(),
		rows: u32::try_from(leaves.len()).unwrap_or(u32::MAX),
	}
}

const NOBODY: u32 = u32::MAX;

/// For each row, the first one with the same signature.
fn first_of_each(signatures: &[Signature]) -> Vec<u32> {
	let mut rows: Vec<u32> = (0u32..).take(signatures.len()).collect();
	let of = |row: &u32| &signatures[*row as usize].0;
	rows.sort_unstable_by(|a, b| of(a).cmp(of(b)).then(a.cmp(b)));
	let mut first = vec![NOBODY; rows.len()];
	for group in rows.chunk_by(|a, b| of(a) == of(b)) {
		group.iter().for_each(|row| first[*row as usize] = group[0]);
	}
	first
}

/// The new batch, to be asked for rows like others.
struct Index {
	leaves: Vec<Hash>,
	/// The rows by their leaves.
	by_leaf: Vec<u32>,
	/// By row; empty if only exact duplicates are looked for.
	signatures: Vec<Signature>,
	/// For each row, the first one with its signature; only that one is in the bands.
	first: Vec<u32>,
	/// For each band and slot, a row that is in it.
	heads: Vec<u32>,
	/// For each band and row, another row in the same slot.
	next: Vec<u32>,
	/// The number of slots of a band, as a power of two.
	slots: u32,
}

impl Index {
	fn read(path: &Path, near: bool) -> Result<Self, Error> {
		let (mut leaves, mut signatures) = (Vec::new(), Vec::new());
		scan(path, |first, chunk| {
			let found = chunk.map(0..chunk.len(), |row| {
				let text = text(row)?;
				Ok::<_, String>((tree::leaf(row), near.then(|| Signature::of(text))))
			});
			for (row, found) in (u64::from(first) + 1..).zip(found) {
				let (leaf, signature) = found.map_err(|problem| Error::row(path, row, problem))?;
				leaves.push(leaf);
				signatures.extend(signature);
			}
			Ok(())
		})?;
		let mut by_leaf: Vec<u32> = (0u32..).take(leaves.len()).collect();
		by_leaf.sort_unstable_by_key(|row| (leaves[*row as usize], *row));
		let slots = leaves.len().next_power_of_two().trailing_zeros();
		let mut index = Self {
			heads: vec![NOBODY; if near { BANDS << slots } else { 0 }],
			next: vec![NOBODY; BANDS * signatures.len()],
			leaves,
			by_leaf,
			first: first_of_each(&signatures),
			signatures,
			slots,
		};
		// From the last row to the first, so that the first ones are at the heads.
		for row in (0..index.signatures.len()).rev() {
			if index.first[row] as usize != row {
				continue;
			}
			for band in 0..BANDS {
				let slot = index.slot(band, &index.signatures[row]);
				let head = std::mem::replace(&mut index.heads[slot], row as u32);
				index.next[band * index.leaves.len() + row] = head;
			}
		}
		Ok(index)
	}

	/// Gives the match of the first row with a signature to the others that have none.
	fn spread(&self, matches: &mut [Option<Match>]) {
		for (row, first) in self.first.iter().enumerate() {
			if matches[row].is_none() {
				let found = matches[*first as usize];
				matches[row] = found.map(|found| Match {
					exact: false,
					..found
				});
			}
		}
	}

	/// Where in `heads` a signature's band is.
	fn slot(&self, band: usize, signature: &Signature) -> usize {
		let places = &signature.0[band * BAND..][..BAND];
		let key = places
			.iter()
			.fold(0u64, |key, place| (key << 16) | u64::from(*place));
		let mixed = u128::from(key.wrapping_mul(0x9e37_79b9_7f4a_7c15));
		(band << self.slots) + ((mixed << self.slots) >> 64) as usize
	}

	/// The rows with this leaf.
	fn equal(&self, leaf: &Hash) -> impl Iterator<Item = u32> + '_ {
		let leaf = *leaf;
		let at = |row: &u32| self.leaves[*row as usize];
		let start = self.by_leaf.partition_point(|row| at(row) < leaf);
		self.by_leaf[start..]
			.iter()
			.copied()
			.take_while(move |row| at(row) == leaf)
	}

	/// The rows with at least so many places in common with a signature, and how many.
	fn alike(&self, signature: &Signature, least: usize) -> Vec<(u32, usize)> {
		let common = |other: &Signature| {
			let places = other.0.iter().zip(&signature.0);
			places.filter(|(a, b)| a == b).count()
		};
		let mut found = Vec::new();
		for band in 0..BANDS {
			let mut row = self.heads[self.slot(band, signature)];
			let mut misses = 0;
			while let Some(other) = self.signatures.get(row as usize) {
				let equal = common(other);
				if equal >= least {
					found.push((row, equal));
				} else if misses < MAX_MISSES {
					misses += 1;
				} else {
					break;
				}
				row = self.next[band * self.leaves.len() + row as usize];
			}
		}
		found.sort_unstable();
		found.dedup();
		found
	}

	/// Compares with a file of leaves.
	fn pass_leaves(
		&self,
		path: &Path,
		note: &mut impl FnMut(u32, bool, usize, u32),
	) -> Result<Compared, Error> {
		let leaves = tree::read(path)?;
		for (old_row, leaf) in (0u32..).zip(&leaves) {
			self.equal(leaf)
				.for_each(|row| note(row, true, PLACES, old_row));
		}
		Ok(compared(path, &leaves))
	}

	/// Compares with a batch file.
	fn pass_rows(
		&self,
		path: &Path,
		least: usize,
		note: &mut impl FnMut(u32, bool, usize, u32),
	) -> Result<Compared, Error> {
		let mut leaves = Vec::new();
		scan(path, |first, chunk| {
			let found = chunk.map(0..chunk.len(), |row| {
				let alike = self.alike(&Signature::of(text(row)?), least);
				Ok::<_, String>((tree::leaf(row), alike))
			});
			for (old_row, found) in (first..).zip(found) {
				let (leaf, alike) =
					found.map_err(|problem| Error::row(path, u64::from(old_row) + 1, problem))?;
				leaves.push(leaf);
				self.equal(&leaf)
					.for_each(|row| note(row, true, PLACES, old_row));
				alike
					.iter()
					.for_each(|(row, equal)| note(*row, false, *equal, old_row));
			}
			Ok(())
		})?;
		Ok(compared(path, &leaves))
	}
}

/// Proves both rows of each pair.
fn prove(search: &Search, pairs: &[Pair]) -> Result<Vec<Evidence>, Error> {
	if pairs.is_empty() {
		return Ok(Vec::new());
	}
	let mut new = proofs(&search.new, pairs.iter().map(|pair| pair.row).collect())?;
	let mut old: BTreeMap<u32, BTreeMap<u32, RowProof>> = BTreeMap::new();
	for (number, path) in (0u32..).zip(&search.old) {
		let of = pairs.iter().filter(|pair| pair.old == number);
		let rows: BTreeSet<_> = of.map(|pair| pair.old_row).collect();
		if !rows.is_empty() {
			old.insert(number, proofs(path, rows)?);
		}
	}
	let proved = pairs.iter().filter_map(|pair| {
		Some(Evidence {
			pair: *pair,
			new_proof: new.remove(&pair.row)?,
			old_proof: old.get(&pair.old)?.get(&pair.old_row)?.clone(),
		})
	});
	Ok(proved.collect())
}

/// The proofs of some rows of a batch, with the rows if they are in the file.
fn proofs(path: &Path, rows: BTreeSet<u32>) -> Result<BTreeMap<u32, RowProof>, Error> {
	let (mut leaves, mut texts) = (Vec::new(), BTreeMap::new());
	if is_tree(path) {
		leaves = tree::read(path)?;
	} else {
		scan(path, |first, chunk| {
			leaves.extend(chunk.map(0..chunk.len(), tree::leaf));
			let end = first + chunk.len() as u32;
			for row in rows.range(first..end) {
				let text = chunk.row((row - first) as usize).to_vec();
				texts.insert(*row, String::from_utf8(text).ok());
			}
			Ok(())
		})?;
	}
	rows.into_iter()
		.map(|row| {
			let text = texts.remove(&row).flatten();
			Ok((row, RowProof::new(&leaves, row, text)?))
		})
		.collect()
}
