// Vouchers and receipts of payment channels, as in `primitives/src/voucher.rs` and `receipt.rs`. Amounts are
// BigInts in units of the token, hashes and keys bytes.

import { bnToU8a, compactToU8a, stringToU8a, u8aConcat, u8aToHex } from '@polkadot/util';
import { blake2AsU8a, signatureVerify } from '@polkadot/util-crypto';

import { leaf, prove, root } from './merkle.mjs';

const OPEN = 10n ** 12n;

/** What makes up the whole of an attribution. */
const TOTAL_WEIGHT = 1_000_000n;

/** The most batches of data that a batch of calls can pay. */
const MAX_ENTRIES = 64;

const u32 = (value) => bnToU8a(value, { bitLength: 32 });
const u64 = (value) => bnToU8a(value, { bitLength: 64 });
const u128 = (value) => bnToU8a(value, { bitLength: 128 });
const tagged = (tag, ...parts) => blake2AsU8a(u8aConcat(stringToU8a(tag), ...parts));

/** What a payer signs: that the channel's agent has earned `spent` in all. Wallets show it, and wrap it so. */
export function voucherMessage(genesis, { channel, spent }) {
	const amount = `${spent / OPEN}.${(spent % OPEN).toString().padStart(12, '0')}`;
	const lines = [
		'OpenLedger payment voucher',
		`Chain: ${u8aToHex(genesis)}`,
		`Channel: ${channel}`,
		`Spent in all: ${amount} OPEN`,
	];
	return `<Bytes>${lines.join('\n')}</Bytes>`;
}

/** Whether `signer` (a public key or address) signed a voucher, by whichever scheme. */
export const isVoucher = (genesis, voucher, signature, signer) =>
	signatureVerify(voucherMessage(genesis, voucher), signature, signer).isValid;

/** With what a seeded sampler begins in a call. */
export const callSeed = (channelSeed, index) => tagged('openledger/call', channelSeed, u64(index));

/** A receipt, encoded. `input` and `outcome` are hashes, `totals` that of `totalsHash`. */
export const encodeReceipt = ({ channel, index, version, input, outcome, fee, totals }) =>
	u8aConcat(u64(channel), u64(index), u32(version), input, outcome, u128(fee), totals);

/** What an agent signs with its operator key. */
export const receiptMessage = (genesis, receipt) =>
	tagged('openledger/receipt', genesis, encodeReceipt(receipt));

/** Whether the agent with this operator key signed a receipt. */
export const isReceipt = (genesis, receipt, signature, operator) =>
	signatureVerify(receiptMessage(genesis, receipt), signature, operator).isValid;

/** A leaf of a batch. */
export const receiptLeaf = (receipt, signature) => leaf(u8aConcat(encodeReceipt(receipt), signature));

/** The root of a batch, from its leaves. */
export const batchRoot = root;

/** The totals of a batch that begins with this call, before it. */
export const noTotals = (first) => ({ first, calls: 0, fee: 0n, weights: [], unattributed: 0n });

/** The totals after one more call. `attribution` is a list of `[batch, weight]`; throws if it has no place. */
export function addCall(totals, fee, attribution) {
	const weights = new Map(totals.weights);
	for (const [batch, weight] of attribution) {
		weights.set(batch, (weights.get(batch) ?? 0n) + fee * BigInt(weight));
	}
	if (weights.size > MAX_ENTRIES) throw new RangeError('one batch of data too many');
	return {
		first: totals.first,
		calls: totals.calls + 1,
		fee: totals.fee + fee,
		weights: [...weights].sort(([left], [right]) => left - right),
		unattributed: totals.unattributed + (attribution.length === 0 ? fee : 0n),
	};
}

/** Totals, encoded. */
export const encodeTotals = ({ first, calls, fee, weights, unattributed }) =>
	u8aConcat(
		u64(first),
		u32(calls),
		u128(fee),
		compactToU8a(weights.length),
		...weights.flatMap(([batch, weight]) => [u64(batch), u128(weight)]),
		u128(unattributed),
	);

/** The hash of totals that a receipt names. */
export const totalsHash = (totals) => tagged('openledger/totals', encodeTotals(totals));

/** Whom the attributed part of a batch's fee is for: `[batch, weight]`, by largest remainder. */
export function entries({ weights }) {
	const sum = weights.reduce((total, [, weight]) => total + weight, 0n);
	if (sum === 0n) return [];
	const parts = weights.map(([batch, weight], at) => ({
		batch,
		at,
		part: (weight * TOTAL_WEIGHT) / sum,
		rest: (weight * TOTAL_WEIGHT) % sum,
	}));
	let left = TOTAL_WEIGHT - parts.reduce((total, { part }) => total + part, 0n);
	const byRest = [...parts].sort((a, b) => (a.rest === b.rest ? a.at - b.at : a.rest > b.rest ? -1 : 1));
	for (const each of byRest) {
		if (left === 0n) break;
		each.part += 1n;
		left -= 1n;
	}
	return parts.filter(({ part }) => part > 0n).map(({ batch, part }) => [batch, Number(part)]);
}

/**
 * The receipts of a batch that is not posted yet, as the agent keeps them. `sign` is that of its operator key, and
 * `first` the index of the first call.
 */
export class ReceiptLog {
	totals;
	#calls = [];
	#genesis;
	#channel;
	#sign;

	constructor({ genesis, channel, first = 0, sign }) {
		this.totals = noTotals(first);
		this.#genesis = genesis;
		this.#channel = channel;
		this.#sign = sign;
	}

	/** Takes in one more call and signs its receipt. `input` and `outcome` are hashes. Returns the signed receipt. */
	add({ version, input, outcome, fee, attribution }) {
		const before = this.totals;
		this.totals = addCall(before, fee, attribution);
		const index = before.first + before.calls;
		const receipt = { channel: this.#channel, index, version, input, outcome, fee, totals: totalsHash(this.totals) };
		const signed = { receipt, signature: this.#sign(receiptMessage(this.#genesis, receipt)) };
		this.#calls.push({ signed, before, leaf: receiptLeaf(receipt, signed.signature) });
		return signed;
	}

	#leaves() {
		return this.#calls.map((call) => call.leaf);
	}

	/** What is posted of it, beside the voucher: `{ calls, last, totals }`. */
	batch() {
		const leaves = this.#leaves();
		const { first, calls: count } = this.totals;
		const calls = { first, count, root: root(leaves) };
		return { calls, last: this.#proven(leaves, leaves.length - 1), totals: encodable(this.totals) };
	}

	/** What discloses the call at a place of the batch, from 0, that had this outcome. */
	step(place, outcome) {
		const leaves = this.#leaves();
		const previous = place === 0 ? null : this.#proven(leaves, place - 1);
		const before = encodable(this.#calls[place].before);
		return { previous, before, receipt: this.#proven(leaves, place), outcome };
	}

	#proven(leaves, place) {
		return { signed: this.#calls[place].signed, proof: prove(leaves, place) };
	}
}

/** Totals as the chain's calls take them. */
const encodable = ({ weights, ...rest }) => ({ ...rest, weights: weights.map(([batch, weight]) => ({ batch, weight })) });
