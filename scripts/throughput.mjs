// How much a development chain takes in: plain transfers, committee requests and vouchers, in one run.
// Not a test: it prints what it measures, as ratios to the transfers.

import process from 'node:process';
import { parseArgs } from 'node:util';

import { stringToU8a, u8aToHex } from '@polkadot/util';
import { blake2AsU8a } from '@polkadot/util-crypto';

import { account } from './lib/chain.mjs';
import { claimShare, ReceiptLog, voucherMessage } from './lib/channel.mjs';
import { ask, begin, develop, end, request, serve, smallDatanet, UNIT } from './lib/loop.mjs';
import { indexed, startNode } from './lib/node.mjs';
import { table } from './lib/report.mjs';

const USAGE = `Usage: node scripts/throughput.mjs [--transfers N] [--request-blocks N] [--vouchers N] [--calls N] [--settled]

  --transfers N        plain transfers to send (default: 4000)
  --request-blocks N   for how many blocks as much is asked as the market takes (default: 30)
  --vouchers N         vouchers to post (default: 400)
  --calls N            calls that each of them pays for (default: 250)
  --settled            wait until the vouchers are paid, after the time in which they can be challenged: an hour
`;

const DEFAULTS = { transfers: '4000', 'request-blocks': '30', vouchers: '400', calls: '250' };

function options(args) {
	const numbers = Object.entries(DEFAULTS).map(([name, value]) => [name, { type: 'string', default: value }]);
	const known = { ...Object.fromEntries(numbers), settled: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } };
	try {
		const { values } = parseArgs({ args, options: known });
		const isValid = Object.keys(DEFAULTS).every((name) => /^\d+$/.test(values[name]));
		if (isValid && !values.help) {
			const [transfers, requestBlocks, vouchers, calls] = Object.keys(DEFAULTS).map((name) => Number(values[name]));
			return { transfers, requestBlocks, vouchers, calls, settled: values.settled ?? false };
		}
		process.stderr.write(USAGE);
		process.exit(values.help ? 0 : 2);
	} catch (error) {
		process.stderr.write(`${error.message}\n\n${USAGE}`);
		process.exit(2);
	}
}

const say = (text = '') => process.stdout.write(`${text}\n`);
const ENDINGS = ['Answered', 'Unanswered', 'Disputed', 'RunFailed', 'NotDrawn'].map((name) => `inference.${name}`);
const OPERATORS = ['Alice', 'Bob', 'Charlie'];
const payers = Array.from({ length: 40 }, (_, index) => account(`payer/${index}`));

/** Signs calls with ascending nonces of their signers, without sending them. */
async function signed(api, calls) {
	const nonces = new Map();
	const transactions = [];
	for (const { signer, call } of calls) {
		const nonce = nonces.get(signer.address) ?? (await api.rpc.system.accountNextIndex(signer.address)).toNumber();
		nonces.set(signer.address, nonce + 1);
		transactions.push(await call.signAsync(signer, { nonce, era: 0 }));
	}
	return transactions;
}

/** Sends transactions as fast as the node takes them. */
async function sendAll({ api }, transactions) {
	const queue = [...transactions];
	const sender = async () => {
		for (let next = queue.shift(); next; next = queue.shift()) await api.rpc.author.submitExtrinsic(next);
	};
	await Promise.all(Array.from({ length: 20 }, sender));
}

/** Sends again what the pool has lost: the account's next number says so. */
async function sendAgain({ api }, transactions) {
	const next = new Map();
	for (const { signer } of transactions) {
		const address = signer.toString();
		if (!next.has(address)) next.set(address, (await api.rpc.system.accountNextIndex(address)).toNumber());
	}
	const lost = transactions.filter(({ signer, nonce }) => nonce.toNumber() >= next.get(signer.toString()));
	if (lost.length > 0) say(`  the pool lost ${lost.length} of them, which are sent again`);
	// In order, each by itself: a gap is what loses those after it.
	for (const each of lost) await api.rpc.author.submitExtrinsic(each);
}

/** For how many blocks nothing may come of what was sent before it is held to be lost. */
const STALLED = 4;

/**
 * Waits until so many events that pass the test are there since a block. Returns them by block, in order. If none
 * come any more, `sent` is sent again as far as it is lost.
 */
async function collect(loop, since, test, count, { seconds = 600, sent = [] } = {}) {
	let [before, grown] = [0, loop.observer.best];
	for (const deadline = Date.now() + seconds * 1_000; Date.now() < deadline; ) {
		const blocks = [...loop.observer.blocks.values()]
			.filter(({ number }) => number > since)
			.sort((a, b) => a.number - b.number)
			.map(({ number, hash, events }) => ({ number, hash, count: events.filter(test).length }));
		const total = blocks.reduce((sum, block) => sum + block.count, 0);
		if (total >= count) return blocks;
		if (total > before) [before, grown] = [total, loop.observer.best];
		if (sent.length > 0 && loop.observer.best >= grown + STALLED) {
			await sendAgain(loop, sent);
			grown = loop.observer.best;
		}
		await loop.observer.reach(loop.observer.best + 1);
	}
	throw new Error(`after ${seconds} s there are not ${count} yet`);
}

/** The rate between the first and the last block that has some: by block, and by second of the chain's clock. */
async function rate({ api }, blocks) {
	const full = blocks.filter(({ count }) => count > 0);
	const [first, last] = [full[0], full.at(-1)];
	const stamp = async (hash) => (await (await api.at(hash)).query.timestamp.now()).toNumber();
	const before = await stamp((await api.rpc.chain.getBlockHash(first.number - 1)).toHex());
	const seconds = ((await stamp(last.hash)) - before) / 1_000;
	const count = full.reduce((sum, block) => sum + block.count, 0);
	const most = Math.max(...full.map((block) => block.count));
	return { count, perBlock: count / (last.number - first.number + 1), perSecond: count / seconds, most };
}

/** Accounts to pay with, and a search that three agents serve; the node signs for all of them. */
async function prepare(loop, node) {
	const { api, sender, accounts } = loop;
	const fund = payers.map(({ address }) => api.tx.balances.transferKeepAlive(address, 10_000n * UNIT));
	await sender.send(accounts.Dave, api.tx.utility.batchAll(fund));
	for (const name of OPERATORS) {
		await api.rpc.author.insertKey('oper', `//${name}`, u8aToHex(account(name).publicKey));
	}
	const datanet = await smallDatanet(loop);
	const model = await develop(loop, 'Eve', 'A search', [datanet]);
	for (const name of OPERATORS) await serve(loop, accounts[name], [model]);
	await indexed(node, 1);
	return model;
}

async function transfers(loop, count) {
	const { api, observer } = loop;
	const to = loop.accounts.Eve.address;
	const calls = Array.from({ length: count }, (_, index) => ({
		signer: payers[index % payers.length],
		call: api.tx.balances.transferKeepAlive(to, UNIT)
	}));
	const transactions = await signed(api, calls);
	const since = observer.best;
	await sendAll(loop, transactions);
	const isMine = ({ name, data }) => name === 'balances.Transfer' && data.to.toString() === to;
	return rate(loop, await collect(loop, since, isMine, count, { sent: transactions }));
}

/** Asks as much in each block as the market takes. What the committees answer is counted. */
async function requests(loop, model, blocks) {
	const { api, observer } = loop;
	const { searchUnitsPerAgent } = api.consts.inference;
	// A short question is one unit, and a block takes twice the units that it should.
	const room = 2 * searchUnitsPerAgent.toNumber() * OPERATORS.length;
	const since = observer.best;
	let asked = 0;
	for (let block = 0; block < blocks; block += 1) {
		const calls = Array.from({ length: room }, () => {
			asked += 1;
			const question = `What is a compiler? (${asked})`;
			const call = request(api, model, question, { cap: 100n * UNIT, committee: 3 });
			return { signer: payers[asked % payers.length], call };
		});
		await sendAll(loop, await signed(api, calls));
		await observer.reach(observer.best + 1);
	}
	await observer.reach(observer.best + 2);
	const taken = observer.all('inference.Requested').filter(({ number }) => number > since).length;
	// Operators that are given more than they can do in time leave some unanswered.
	await collect(loop, since, ({ name }) => ENDINGS.includes(name), taken);
	const isAnswer = ({ name }) => name === 'inference.Answered';
	return { ...(await rate(loop, await collect(loop, since, isAnswer, 1))), asked, taken };
}

/** Claims for all data what it has earned by a channel's first batch of calls, and checks it to the last unit. */
async function claimShares({ api, observer, sender, accounts }, channel, earnings) {
	const isOf = ({ data }) => data.source.isReceipts && data.source.asReceipts.channel.toNumber() === channel;
	const amount = BigInt(observer.all('attribution.SetApart').find(isOf).data.amount.toString());
	const { sum } = earnings.summary;
	for (const [data, value] of earnings.entries()) {
		const claimed = await sender.send(accounts.Ferdie, claimShare(api, { channel, batch: 0 }, earnings, data));
		const paid = BigInt(claimed.find('attribution.Credited').amount.toString());
		if (paid !== (amount * value) / sum) throw new Error(`batch ${data} was credited with ${paid}`);
	}
	say(`  ${earnings.entries().length} batches of data were paid by proofs`);
}

/**
 * Posts vouchers, each with the receipts of as many calls, that are signed before the clock starts; and waits, if it is
 * to, for what nobody has challenged to be paid.
 */
async function vouchers(loop, model, { vouchers: count, calls, settled }) {
	const { api, observer, sender, accounts } = loop;
	const alice = account('Alice');
	const genesis = api.genesisHash.toU8a();
	const question = 'What is a compiler?';
	const answer = await ask(loop, 'Ferdie', model, question, { committee: 3 });
	const call = {
		version: answer.receipt.version.toNumber(),
		input: blake2AsU8a(stringToU8a(question)),
		outcome: Buffer.from(answer.outcome.slice(2), 'hex'),
		fee: 2n * UNIT,
		attribution: answer.receipt.ending.asAnswered.attribution.map(({ batch, weight }) => [batch.toNumber(), weight.toNumber()])
	};
	const spent = call.fee * BigInt(calls);
	const begun = Date.now();
	/** What the data has earned, by channel. */
	const earned = new Map();
	const post = async (index) => {
		const payer = payers[index % payers.length];
		const opened = await sender.send(payer, api.tx.channels.open(alice.address, model, spent, null));
		const channel = opened.find('channels.Opened').channel.toNumber();
		const log = new ReceiptLog({ genesis, channel, sign: (message) => alice.sign(message) });
		for (let each = 0; each < calls; each += 1) log.add(call);
		earned.set(channel, log.earnings);
		const { calls: committed, last, totals } = log.batch();
		const signature = { Sr25519: payer.sign(voucherMessage(genesis, { channel, spent })) };
		return { signer: accounts.Alice, call: api.tx.channels.post(channel, spent, signature, committed, last, totals, 'None') };
	};
	const posts = await Promise.all(Array.from({ length: count }, (_, index) => post(index)));
	say(`  ${count} channels opened and ${count * calls} receipts signed in ${Math.round((Date.now() - begun) / 1_000)} s`);
	const transactions = await signed(api, posts);
	const since = observer.best;
	await sendAll(loop, transactions);
	const posted = await rate(loop, await collect(loop, since, ({ name }) => name === 'channels.Posted', count, { sent: transactions }));
	if (!settled) return { posted };
	const until = since + api.consts.channels.challengeBlocks.toNumber();
	say(`  they can be challenged until block ${until} …`);
	while (observer.best < until) await observer.reach(observer.best + 1);
	const paid = await collect(loop, since, ({ name }) => name === 'channels.Settled', count);
	const [[channel, earnings]] = earned;
	await claimShares(loop, channel, earnings);
	return { posted, settled: await rate(loop, paid) };
}

const chosen = options(process.argv.slice(2));
const node = await startNode();
const loop = await begin(node);
try {
	const model = await prepare(loop, node);
	say('Plain transfers …');
	const plain = await transfers(loop, chosen.transfers);
	say('Committee requests …');
	const answered = await requests(loop, model, chosen.requestBlocks);
	say('Vouchers …');
	const { posted, settled } = await vouchers(loop, model, chosen);
	const row = (what, { count, perBlock, perSecond, most }, times = 1) => [
		what,
		`${count * times}`,
		(perBlock * times).toFixed(1),
		`${most * times}`,
		(perSecond * times).toFixed(1),
		((perSecond * times) / plain.perSecond).toFixed(3)
	];
	say();
	say(
		table(
			[
				{ title: 'what' },
				{ title: 'in all', right: true },
				{ title: 'per block', right: true },
				{ title: 'at most', right: true },
				{ title: 'per second', right: true },
				{ title: 'to transfers', right: true }
			],
			[
				row('plain transfers', plain),
				row('requests answered by a committee of 3', answered),
				row('vouchers posted', posted),
				row(`calls that they pay for, ${chosen.calls} each`, posted, chosen.calls),
				...(settled
					? [row('vouchers settled', settled), row(`calls that they settle, ${chosen.calls} each`, settled, chosen.calls)]
					: [])
			]
		)
	);
	say(
		`\nOf ${answered.asked} requests sent, the market had room for ${answered.taken}, ` +
			`and ${answered.count} were answered in time.`
	);
} catch (error) {
	process.stderr.write(`${error.stack}\n\nThe end of the node’s log:\n${await node.log()}\n`);
	process.exitCode = 1;
} finally {
	await end(loop);
	await node.stop();
}
