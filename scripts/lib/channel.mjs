// Vouchers and receipts of payment channels, as in `primitives/src/voucher.rs` and `receipt.rs`. Amounts are
// BigInts in units of the token, hashes and keys bytes.

import { bnToU8a, stringToU8a, u8aConcat, u8aToHex } from '@polkadot/util';
import { blake2AsU8a, signatureVerify } from '@polkadot/util-crypto';

import { Earnings } from './earnings.mjs';
import { leaf, prove, root } from './merkle.mjs';

const OPEN = 10n ** 12n;

/** The most batches of data that a batch of calls can pay. */
const MAX_EARNERS = 1_000_000;

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
export const noTotals = (first) => ({
	first,
	calls: 0,
	fee: 0n,
	unattributed: 0n,
	earners: 0,
	earned: new Earnings().summary.hash,
});

/**
 * The totals after one more call, and what the data has earned then, `{ totals, earnings }`. `attribution` is a list of
 * `[batch, weight]`; throws if it has no place.
 */
export function addCall({ totals, earnings }, fee, attribution) {
	let { earners } = totals;
	let after = earnings;
	for (const [batch, weight] of attribution) {
		const more = fee * BigInt(weight);
		if (more > 0n && after.get(batch) === 0n) earners += 1;
		after = after.with(batch, more);
	}
	if (earners > MAX_EARNERS) throw new RangeError('one batch of data too many');
	const next = {
		first: totals.first,
		calls: totals.calls + 1,
		fee: totals.fee + fee,
		unattributed: totals.unattributed + (attribution.length === 0 ? fee : 0n),
		earners,
		earned: after.summary.hash,
	};
	return { totals: next, earnings: after };
}

/** Totals, encoded. */
export const encodeTotals = ({ first, calls, fee, unattributed, earners, earned }) =>
	u8aConcat(u64(first), u32(calls), u128(fee), u128(unattributed), u32(earners), earned);

/** The hash of totals that a receipt names. */
export const totalsHash = (totals) => tagged('openledger/totals', encodeTotals(totals));

/** The transaction that claims for a batch of data what it has earned by a channel's batch of calls. */
export const claimShare = (api, { channel, batch }, earnings, data) =>
	api.tx.attribution.claimShare({ Receipts: { channel, batch } }, data, earnings.show([data]));

/**
 * The receipts of a batch that is not posted yet, as the agent keeps them. `sign` is that of its operator key, and
 * `first` the index of the first call.
 */
export class ReceiptLog {
	#first;
	#state;
	#calls = [];
	#genesis;
	#channel;
	#sign;

	constructor({ genesis, channel, first = 0, sign }) {
		this.#first = first;
		this.#state = begin(first);
		this.#genesis = genesis;
		this.#channel = channel;
		this.#sign = sign;
	}

	/** The totals so far. */
	get totals() {
		return this.#state.totals;
	}

	/** What the data has earned so far. Once the batch is posted, all that it takes to claim its part. */
	get earnings() {
		return this.#state.earnings;
	}

	/** Takes in one more call and signs its receipt. `input` and `outcome` are hashes. Returns the signed receipt. */
	add({ version, input, outcome, fee, attribution }) {
		const index = this.#first + this.#calls.length;
		this.#state = addCall(this.#state, fee, attribution);
		const receipt = { channel: this.#channel, index, version, input, outcome, fee, totals: totalsHash(this.totals) };
		const signed = { receipt, signature: this.#sign(receiptMessage(this.#genesis, receipt)) };
		this.#calls.push({ signed, attribution, leaf: receiptLeaf(receipt, signed.signature) });
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
		return { calls, last: this.#proven(leaves, leaves.length - 1), totals: this.totals };
	}

	/** What discloses the call at a place of the batch, from 0, that had this outcome. */
	step(place, outcome) {
		const leaves = this.#leaves();
		const previous = place === 0 ? null : this.#proven(leaves, place - 1);
		const { totals, earnings } = this.#calls
			.slice(0, place)
			.reduce((state, { signed, attribution }) => addCall(state, signed.receipt.fee, attribution), begin(this.#first));
		const earned = earnings.show(this.#calls[place].attribution.map(([batch]) => batch));
		return { previous, before: totals, earned, receipt: this.#proven(leaves, place), outcome };
	}

	#proven(leaves, place) {
		return { signed: this.#calls[place].signed, proof: prove(leaves, place) };
	}
}

const begin = (first) => ({ totals: noTotals(first), earnings: new Earnings() });
