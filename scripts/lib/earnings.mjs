// What batches of data have earned by a batch of calls: a map with a root, as in `primitives/src/earnings.rs`. Ids and
// amounts are BigInts, hashes bytes. What a function returns shares what it has in common with what it was given.

import { bnToU8a, compactToU8a, u8aConcat } from '@polkadot/util';
import { keccakAsU8a } from '@polkadot/util-crypto';

const NOTHING = { hash: new Uint8Array(32), sum: 0n };
const MAX_U128 = 2n ** 128n - 1n;

const u64 = (value) => bnToU8a(value, { bitLength: 64 });
const u128 = (value) => bnToU8a(value, { bitLength: 128 });
const summarized = ({ hash, sum }) => u8aConcat(hash, u128(sum));

/** Whether a batch is on the right side of a node at this depth. */
const isRight = (batch, depth) => ((batch >> BigInt(depth)) & 1n) === 1n;

// A tree is null, a leaf `{ batch, value, hash, sum }`, or a node `{ left, right, hash, sum }`.

function leaf(batch, value) {
	if (value > MAX_U128) throw new RangeError('a sum overflows');
	const hash = keccakAsU8a(u8aConcat(new Uint8Array([0]), u64(batch), u128(value)));
	return { batch, value, hash, sum: value };
}

function node(left, right) {
	const [one, other] = [left ?? NOTHING, right ?? NOTHING];
	const sum = one.sum + other.sum;
	if (sum > MAX_U128) throw new RangeError('a sum overflows');
	const hash = keccakAsU8a(u8aConcat(new Uint8Array([1]), summarized(one), summarized(other)));
	return { left, right, hash, sum };
}

/** Two leaves under the node where their ways part. */
function fork(depth, one, other) {
	const sides = [one, other].map(({ batch }) => isRight(batch, depth));
	if (sides[0] !== sides[1]) return sides[0] ? node(other, one) : node(one, other);
	const below = fork(depth + 1, one, other);
	return sides[0] ? node(null, below) : node(below, null);
}

function add(tree, depth, batch, more) {
	if (tree === null) return leaf(batch, more);
	if (tree.batch === batch) return leaf(batch, tree.value + more);
	if (tree.batch !== undefined) return fork(depth, tree, leaf(batch, more));
	return isRight(batch, depth)
		? node(tree.left, add(tree.right, depth + 1, batch, more))
		: node(add(tree.left, depth + 1, batch, more), tree.right);
}

function* shown(tree, depth, batches) {
	if (tree === null) yield 'Empty';
	else if (tree.batch !== undefined) yield { Leaf: { batch: tree.batch, value: tree.value } };
	else if (batches.length === 0) yield { Hidden: { hash: tree.hash, sum: tree.sum } };
	else {
		yield 'Node';
		yield* shown(tree.left, depth + 1, batches.filter((batch) => !isRight(batch, depth)));
		yield* shown(tree.right, depth + 1, batches.filter((batch) => isRight(batch, depth)));
	}
}

function* leaves(tree) {
	if (tree === null) return;
	if (tree.batch !== undefined) yield [tree.batch, tree.value];
	else {
		yield* leaves(tree.left);
		yield* leaves(tree.right);
	}
}

/** What batches of data have earned, in millionths of a unit of the token. Never changes. */
export class Earnings {
	#tree;

	constructor(tree = null) {
		this.#tree = tree;
	}

	/** Of a list of `[batch, value]`. */
	static of(list) {
		return list.reduce((earnings, [batch, value]) => earnings.with(batch, value), new Earnings());
	}

	/** What stands for it, `{ hash, sum }`. */
	get summary() {
		const { hash, sum } = this.#tree ?? NOTHING;
		return { hash, sum };
	}

	/** What a batch has earned: nothing if it is not there. */
	get(batch) {
		let tree = this.#tree;
		for (let depth = 0; tree !== null && tree.batch === undefined; depth += 1) {
			tree = isRight(BigInt(batch), depth) ? tree.right : tree.left;
		}
		return tree?.batch === BigInt(batch) ? tree.value : 0n;
	}

	/** The same when a batch has earned more. */
	with(batch, more) {
		return BigInt(more) === 0n ? this : new Earnings(add(this.#tree, 0, BigInt(batch), BigInt(more)));
	}

	/** All that have earned something, `[batch, value]`, ascending. */
	entries() {
		return [...leaves(this.#tree)].sort(([left], [right]) => (left < right ? -1 : 1));
	}

	/** Shows these batches, as the chain's calls take it. With a single one it is the proof for its claim. */
	show(batches) {
		return [...shown(this.#tree, 0, batches.map(BigInt))];
	}
}

/** Parts of a tree, encoded. */
export const encodeParts = (parts) =>
	u8aConcat(
		compactToU8a(parts.length),
		...parts.map((part) => {
			if (part === 'Empty') return new Uint8Array([0]);
			if (part === 'Node') return new Uint8Array([2]);
			return part.Leaf
				? u8aConcat(new Uint8Array([1]), u64(part.Leaf.batch), u128(part.Leaf.value))
				: u8aConcat(new Uint8Array([3]), summarized(part.Hidden));
		}),
	);
