import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';

import { hexToU8a, stringToU8a, u8aToHex } from '@polkadot/util';
import { blake2AsHex, cryptoWaitReady } from '@polkadot/util-crypto';

import * as channel from './channel.mjs';
import { Earnings, encodeParts } from './earnings.mjs';
import { root, verify } from './merkle.mjs';

const vectors = JSON.parse(
	readFileSync(new URL('../../primitives/vectors/channel.json', import.meta.url), 'utf8'),
);
const genesis = hexToU8a(vectors.genesis);
const first = vectors.calls[0].index;

const receiptOf = (call) => ({
	channel: vectors.channel,
	index: call.index,
	version: call.version,
	input: hexToU8a(call.inputHash),
	outcome: hexToU8a(call.outcomeHash),
	fee: BigInt(call.fee),
	totals: hexToU8a(call.totals.hash),
});

const listed = (earnings) => earnings.entries().map(([batch, value]) => [batch.toString(), value.toString()]);

/** Each batch has earned what the vectors say, and is shown by the same proof. */
function assertClaims(earnings, claims) {
	assert.equal(earnings.entries().length, claims.length);
	for (const { batch, value, proof } of claims) {
		assert.equal(earnings.get(BigInt(batch)).toString(), value);
		assert.equal(u8aToHex(encodeParts(earnings.show([batch]))), proof);
	}
}

before(cryptoWaitReady);

test('vouchers read and verify as in the chain', () => {
	for (const { spent, message, signature } of vectors.vouchers) {
		const voucher = { channel: vectors.channel, spent: BigInt(spent) };
		assert.equal(channel.voucherMessage(genesis, voucher), message);
		assert.ok(channel.isVoucher(genesis, voucher, signature, vectors.payer));
		const more = { ...voucher, spent: voucher.spent + 1n };
		assert.equal(channel.isVoucher(genesis, more, signature, vectors.payer), false);
		assert.equal(channel.isVoucher(genesis, { ...voucher, channel: 8 }, signature, vectors.payer), false);
		assert.equal(channel.isVoucher(new Uint8Array(32), voucher, signature, vectors.payer), false);
		assert.equal(channel.isVoucher(genesis, voucher, signature, vectors.operator), false);
	}
});

test('receipts are signed and their totals follow', () => {
	let state = { totals: channel.noTotals(first), earnings: new Earnings() };
	for (const call of vectors.calls) {
		assert.equal(u8aToHex(channel.callSeed(hexToU8a(vectors.channelSeed), call.index)), call.seed);
		assert.equal(blake2AsHex(stringToU8a(call.input)), call.inputHash);
		assert.equal(blake2AsHex(hexToU8a(call.outcome)), call.outcomeHash);
		const before = state.earnings.show(call.attribution.map(([batch]) => batch));
		assert.equal(u8aToHex(encodeParts(before)), call.earnedBefore);
		state = channel.addCall(state, BigInt(call.fee), call.attribution);
		const { totals, earnings } = state;
		assert.deepEqual(listed(earnings), call.totals.earnings);
		assert.equal(totals.unattributed.toString(), call.totals.unattributed);
		assert.equal(totals.earners, call.totals.earners);
		assert.equal(u8aToHex(totals.earned), call.totals.earned);
		assert.equal(u8aToHex(channel.encodeTotals(totals)), call.totals.encoded);
		assert.equal(u8aToHex(channel.totalsHash(totals)), call.totals.hash);

		const receipt = receiptOf(call);
		assert.equal(u8aToHex(channel.receiptMessage(genesis, receipt)), call.message);
		assert.ok(channel.isReceipt(genesis, receipt, call.signature, vectors.operator));
		const dearer = { ...receipt, fee: receipt.fee + 1n };
		assert.equal(channel.isReceipt(genesis, dearer, call.signature, vectors.operator), false);
		assert.equal(u8aToHex(channel.receiptLeaf(receipt, hexToU8a(call.signature))), call.leaf);
	}
	assertClaims(state.earnings, vectors.claims);
});

test('a batch is the tree over its receipts', () => {
	const leaves = vectors.calls.map((call) => hexToU8a(call.leaf));
	assert.equal(u8aToHex(root(leaves)), vectors.root);
	assert.equal(u8aToHex(channel.batchRoot(leaves)), vectors.root);
	vectors.calls.forEach((call, place) => {
		const bytes = new Uint8Array([
			...channel.encodeReceipt(receiptOf(call)),
			...hexToU8a(call.signature),
		]);
		const proof = call.proof.map((sibling) => hexToU8a(sibling));
		for (let claimed = 0; claimed < leaves.length; claimed += 1) {
			const holds = verify(root(leaves), bytes, claimed, leaves.length, proof);
			assert.equal(holds, claimed === place);
		}
	});
});

test('a map is the same tree as in the chain', () => {
	const { earnings: list, hash, sum, claims } = vectors.map;
	const earnings = Earnings.of([...list].reverse());
	assert.equal(u8aToHex(earnings.summary.hash), hash);
	assert.equal(earnings.summary.sum.toString(), sum);
	assert.deepEqual(listed(earnings), list);
	assertClaims(earnings, claims);
	assert.throws(() => earnings.with(1, 2n ** 128n - 1n), RangeError);
});

test('a log discloses each of its calls, whatever number of batches of data they name', () => {
	const log = new channel.ReceiptLog({ genesis, channel: 7, first, sign: () => new Uint8Array(64) });
	for (let place = 0; place < 3; place += 1) {
		const attribution = Array.from({ length: 64 }, (_, n) => [place * 64 + n, 15_625]);
		log.add({ version: 0, input: genesis, outcome: genesis, fee: 10n, attribution });
	}
	const { calls, totals } = log.batch();
	assert.deepEqual([calls.first, calls.count, totals.earners], [first, 3, 192]);
	const step = log.step(2, 'Failed');
	assert.deepEqual([step.before.calls, step.before.earners], [2, 128]);
	assert.equal(step.receipt.signed.receipt.index, first + 2);
	assert.equal(log.earnings.get(191), 156_250n);
	assert.equal(log.earnings.get(192), 0n);
});
