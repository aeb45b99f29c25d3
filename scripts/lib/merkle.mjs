// The Merkle tree over a batch's rows: RFC 6962's shape with Keccak-256, as in `primitives/src/merkle.rs`.

import { u8aConcat, u8aEq, u8aToHex } from '@polkadot/util';
import { keccakAsU8a } from '@polkadot/util-crypto';

const LEAF = new Uint8Array([0]);
const NODE = new Uint8Array([1]);

/** The hash of one row (bytes). */
export const leaf = (row) => keccakAsU8a(u8aConcat(LEAF, row));

/** The hash of two subtrees. */
export const node = (left, right) => keccakAsU8a(u8aConcat(NODE, left, right));

/** The largest power of two below `n`, for `n > 1`. */
const splitPoint = (n) => 2 ** Math.ceil(Math.log2(n) - 1);

/** The root over leaves, of which there must be at least one. */
export function root(leaves) {
	if (leaves.length === 0) throw new RangeError('a tree without leaves has no root');
	if (leaves.length === 1) return leaves[0];
	const split = splitPoint(leaves.length);
	return node(root(leaves.slice(0, split)), root(leaves.slice(split)));
}

/** The siblings from the leaf at `index` up to the root. */
export function prove(leaves, index) {
	if (index < 0 || index >= leaves.length) throw new RangeError('there is no such leaf');
	if (leaves.length === 1) return [];
	const split = splitPoint(leaves.length);
	return index < split
		? [...prove(leaves.slice(0, split), index), root(leaves.slice(split))]
		: [...prove(leaves.slice(split), index - split), root(leaves.slice(0, split))];
}

/**
 * Whether `row` is the one at `index` among `count` rows under `expected`, shown by the siblings from
 * the leaf upwards (RFC 9162, section 2.1.3.2).
 */
export function verify(expected, row, index, count, proof) {
	if (index < 0 || index >= count) return false;
	let position = index;
	let last = count - 1;
	let hash = leaf(row);
	for (const sibling of proof) {
		if (last === 0) return false;
		if (position % 2 === 1 || position === last) {
			hash = node(sibling, hash);
			while (position % 2 === 0 && position !== 0) {
				position = Math.floor(position / 2);
				last = Math.floor(last / 2);
			}
		} else {
			hash = node(hash, sibling);
		}
		position = Math.floor(position / 2);
		last = Math.floor(last / 2);
	}
	return last === 0 && u8aEq(hash, expected);
}

/** The root as a hexadecimal string with `0x`. */
export const rootHex = (rows) => u8aToHex(root(rows.map(leaf)));
