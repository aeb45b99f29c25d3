// How much a development chain takes in of Ethereum's transactions, and how fast it answers Ethereum's calls, in one
// run. Not a test: it prints what it measures.

import { Agent, request } from 'node:http';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { ContractFactory, Interface, JsonRpcProvider, Wallet, dataSlice, id, parseEther, parseUnits } from 'ethers';

import { account, connect } from './lib/chain.mjs';
import { KEYS } from './lib/ethereum.mjs';
import { startNode } from './lib/node.mjs';
import { table } from './lib/report.mjs';
import { compile } from './lib/solidity.mjs';

const USAGE = `Usage: node scripts/ethereum-benchmark.mjs [--transfers N] [--clients N] [--seconds N] [--blocks N] [--folder DIR]

  --transfers N   transfers to send of each kind (default: 3000)
  --clients N     clients that call at the same time (default: 50)
  --seconds N     for how long they call (default: 30)
  --blocks N      over how many blocks logs are looked for; it is waited until there are so many (default: 10000)
  --folder DIR    goes on with the chain in this folder, and leaves it there (default: a new chain)
`;

const DEFAULTS = { transfers: '3000', clients: '50', seconds: '30', blocks: '10000' };
const ACCOUNTS = 40;
/** How often each query for logs is made. */
const QUERIES = 20;

function options(args) {
	const text = { type: 'string' };
	const numbers = Object.keys(DEFAULTS).map((name) => [name, text]);
	const known = { ...Object.fromEntries(numbers), folder: text, help: { type: 'boolean', short: 'h' } };
	try {
		const values = { ...DEFAULTS, ...parseArgs({ args, options: known }).values };
		if (Object.keys(DEFAULTS).every((name) => /^[1-9]\d*$/.test(values[name])) && !values.help) {
			return {
				folder: values.folder,
				...Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, Number(values[name])]))
			};
		}
		process.stderr.write(USAGE);
		process.exit(values.help ? 0 : 2);
	} catch (error) {
		process.stderr.write(`${error.message}\n\n${USAGE}`);
		process.exit(2);
	}
}

const say = (text = '') => process.stdout.write(`${text}\n`);
const percentile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];

/** Numbers as people read them: `1,234.5`. */
const number = (value, digits = 0) =>
	value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** How many transactions wait in the pool at most: two blocks of them. The pool loses some of many. */
const BACKLOG = 3_000;
/** After how many seconds without any what was sent is held to be lost, and sent again. */
const STALLED = 10;

/** Deals `count` things to the accounts in turn. */
const deal = (count) =>
	Array.from({ length: ACCOUNTS }, (_, index) => Math.floor((count + ACCOUNTS - 1 - index) / ACCOUNTS));

/** Signs `count` transactions of the accounts, with ascending nonces from their first ones. */
async function signed(provider, wallets, firsts, count, fields) {
	const { chainId } = await provider.getNetwork();
	const gasPrice = (await provider.getFeeData()).gasPrice * 2n;
	const gasLimit = ((await provider.estimateGas({ from: wallets[0].address, ...fields })) * 12n) / 10n;
	return Promise.all(
		wallets.map(async (wallet, index) => {
			const numbers = Array.from({ length: deal(count)[index] }, (_, each) => firsts[index] + each);
			return Promise.all(
				numbers.map((nonce) => wallet.signTransaction({ type: 0, chainId, gasPrice, gasLimit, nonce, ...fields }))
			);
		})
	);
}

/**
 * Sends the transactions of `queues`, in each account's order, and follows the chain until the last is final. `countIn(hash)`
 * says how many of them a block holds, `send(each)` sends one, `included(index)` says how many of an account's are in blocks.
 * Returns `{ count, blocks, most, included, finalized, again }`: how many, in how many blocks, the most in one, how many a
 * second by the chain's clock, until the last block and until that was final, and how many were sent again.
 */
async function measure(api, queues, { send, countIn, included }) {
	const count = queues.reduce((sum, queue) => sum + queue.length, 0);
	const begun = (await api.rpc.chain.getHeader()).number.toNumber();
	const blocks = [];
	let [total, again] = [0, 0];
	const sent = queues.map(() => 0);
	const waiting = () => sent.reduce((sum, each) => sum + each, 0) - total;
	const sending = Promise.all(
		queues.map(async (queue, index) => {
			for (const each of queue) {
				while (waiting() > BACKLOG) await sleep(20);
				await send(each);
				sent[index] += 1;
			}
		})
	);
	const sendLost = async () => {
		for (const [index, queue] of queues.entries()) {
			for (const each of queue.slice(await included(index), sent[index])) {
				// What is still in the pool is refused.
				await send(each).then(
					() => (again += 1),
					() => {}
				);
			}
		}
	};
	for (let next = begun + 1, seen = Date.now(); total < count; await sleep(100)) {
		const best = (await api.rpc.chain.getHeader()).number.toNumber();
		for (; next <= best; next += 1) {
			const hash = await api.rpc.chain.getBlockHash(next);
			const found = await countIn(hash);
			if (found > 0) [total, seen] = [total + found, Date.now()];
			blocks.push({ number: next, hash, found });
		}
		if (Date.now() - seen > STALLED * 1_000) [, seen] = [await sendLost(), Date.now()];
		if (next - begun > 300) throw new Error(`of ${count} transactions ${count - total} are in no block`);
	}
	await sending;
	const full = blocks.filter(({ found }) => found > 0);
	const [first, last] = [full[0], full.at(-1)];
	while ((await api.rpc.chain.getHeader(await api.rpc.chain.getFinalizedHead())).number.toNumber() < last.number)
		await sleep(50);
	const finalAt = Date.now();
	const stamp = async (hash) => (await (await api.at(hash)).query.timestamp.now()).toNumber();
	const before = await stamp(await api.rpc.chain.getBlockHash(first.number - 1));
	const until = await stamp(last.hash);
	const rate = (time) => (count * 1_000) / (time - before);
	return {
		count,
		again,
		blocks: last.number - first.number + 1,
		most: Math.max(...full.map(({ found }) => found)),
		included: rate(until),
		finalized: rate(finalAt)
	};
}

/** The chain's own transfers, by Substrate's transactions. */
async function nativeTransfers(api, provider, count) {
	const payers = Array.from({ length: ACCOUNTS }, (_, index) => account(`payer/${index}`));
	const fund = payers.map(({ address }) => api.tx.balances.transferKeepAlive(address, 1_000n * 10n ** 12n));
	await included(api, api.tx.utility.batchAll(fund), account('Dave'));
	const to = account('Eve').address;
	const next = async ({ address }) => (await api.query.system.account(address)).nonce.toNumber();
	const firsts = await Promise.all(payers.map(next));
	const queues = await Promise.all(
		payers.map(async (payer, index) => {
			const first = firsts[index];
			const calls = Array.from({ length: deal(count)[index] }, (_, each) => first + each);
			return Promise.all(
				calls.map((nonce) => api.tx.balances.transferKeepAlive(to, 10n ** 12n).signAsync(payer, { nonce, era: 0 }))
			);
		})
	);
	const countIn = async (hash) => {
		const events = await (await api.at(hash)).query.system.events();
		return events.filter(({ event }) => api.events.balances.Transfer.is(event) && event.data[1].toString() === to)
			.length;
	};
	return measure(api, queues, {
		send: (each) => provider.send('author_submitExtrinsic', [each.toHex()]),
		countIn,
		included: async (index) => (await next(payers[index])) - firsts[index]
	});
}

const included = (api, call, signer) =>
	new Promise((resolve, reject) => {
		call
			.signAndSend(signer, ({ status, dispatchError }) => {
				if (dispatchError) reject(new Error(dispatchError.toString()));
				else if (status.isInBlock) resolve();
			})
			.catch(reject);
	});

/** Transfers by Ethereum's transactions, of which only successful ones count. */
async function ethereumTransfers(api, provider, wallets, count, fields) {
	const next = ({ address }) => provider.getTransactionCount(address, 'latest');
	const firsts = await Promise.all(wallets.map(next));
	const queues = await signed(provider, wallets, firsts, count, fields);
	const countIn = async (hash) => {
		const number = (await api.rpc.chain.getHeader(hash)).number.toNumber();
		const receipts = await settled(provider, number);
		return receipts.filter(({ status, to }) => status === '0x1' && to === fields.to.toLowerCase()).length;
	};
	return measure(api, queues, {
		send: (each) => provider.send('eth_sendRawTransaction', [each]),
		countIn,
		included: async (index) => (await next(wallets[index])) - firsts[index]
	});
}

/** A block's receipts, which the node has a moment after the block. */
async function settled(provider, number) {
	for (;;) {
		const receipts = await provider.send('eth_getBlockReceipts', [`0x${number.toString(16)}`]).catch(() => null);
		if (receipts) return receipts;
		await sleep(50);
	}
}

/** One call over a connection that stays open. Returns the answer's result. */
function call(url, agent, method, params) {
	const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
	const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
	return new Promise((resolve, reject) => {
		const sent = request(url, { method: 'POST', agent, headers }, (response) => {
			const parts = [];
			response.on('data', (part) => parts.push(part));
			response.on('end', () => {
				const { result, error } = JSON.parse(Buffer.concat(parts));
				if (error) reject(new Error(`${method}: ${error.message}`));
				else resolve(result);
			});
		});
		sent.on('error', reject);
		sent.end(body);
	});
}

/** Clients that each ask for a balance, again and again. Returns how long each call took, in milliseconds, sorted. */
async function latencies(url, clients, seconds, token, holder) {
	const data = new Interface(['function balanceOf(address)']).encodeFunctionData('balanceOf', [holder]);
	const times = [];
	const until = Date.now() + seconds * 1_000;
	const client = async () => {
		const agent = new Agent({ keepAlive: true, maxSockets: 1 });
		while (Date.now() < until) {
			const begun = performance.now();
			await call(url, agent, 'eth_call', [{ to: token, data }, 'latest']);
			times.push(performance.now() - begun);
		}
		agent.destroy();
	};
	await Promise.all(Array.from({ length: clients }, client));
	return times.sort((a, b) => a - b);
}

/** Looks for logs over the last `blocks` blocks, several times. Returns how many there are and the times, sorted. */
async function logs(provider, url, blocks, filter) {
	const last = await provider.getBlockNumber();
	const range = { fromBlock: `0x${(last - blocks + 1).toString(16)}`, toBlock: `0x${last.toString(16)}` };
	const agent = new Agent({ keepAlive: true, maxSockets: 1 });
	const times = [];
	let found;
	for (let query = 0; query < QUERIES; query += 1) {
		const begun = performance.now();
		found = (await call(url, agent, 'eth_getLogs', [{ ...range, ...filter }])).length;
		times.push(performance.now() - begun);
	}
	agent.destroy();
	return { found, times: times.sort((a, b) => a - b) };
}

/** Waits for the chain to be so long. */
async function grown(provider, blocks) {
	for (let told = 0; ; await sleep(1_000)) {
		const length = await provider.getBlockNumber();
		if (length >= blocks) return;
		if (Date.now() - told > 600_000) {
			say(`  the chain has ${number(length)} of ${number(blocks)} blocks …`);
			told = Date.now();
		}
	}
}

/** Accounts with OPEN, and a token that they have too. */
async function prepare(provider) {
	const alith = new Wallet(KEYS.Alith, provider);
	const wallets = Array.from({ length: ACCOUNTS }, (_, index) => new Wallet(id(`benchmark/${index}`), provider));
	let nonce = await alith.getNonce();
	const funding = [];
	for (const { address } of wallets)
		funding.push(await alith.sendTransaction({ to: address, value: parseEther('1000'), nonce: nonce++ }));
	await Promise.all(funding.map((sent) => sent.wait()));
	const abi = [
		'constructor(address[] holders, uint256 each)',
		'function transfer(address to, uint256 amount) returns (bool)'
	];
	const factory = new ContractFactory(
		abi,
		compile('scripts/e2e/contracts/BenchmarkToken.sol', 'BenchmarkToken'),
		alith
	);
	const token = await factory.deploy(
		wallets.map(({ address }) => address),
		parseUnits('1000000', 18)
	);
	await token.waitForDeployment();
	return { wallets, token };
}

async function main({ transfers, clients, seconds, blocks, folder }) {
	const node = await startNode({ inference: false, folder });
	const api = await connect(node.ws);
	const provider = new JsonRpcProvider(node.http, undefined, {
		staticNetwork: true,
		batchMaxCount: 1,
		cacheTimeout: -1
	});
	try {
		const { wallets, token } = await prepare(provider);
		const address = await token.getAddress();
		const [holder, fresh] = [wallets[0].address, dataSlice(id('benchmark/receiver'), 12)];
		say('Transfers of the chain’s own …');
		const native = await nativeTransfers(api, provider, transfers);
		say('Transfers by Ethereum’s transactions …');
		const ethereum = await ethereumTransfers(api, provider, wallets, transfers, {
			to: fresh,
			value: parseEther('0.01')
		});
		say('Transfers of a token …');
		const data = token.interface.encodeFunctionData('transfer', [fresh, 1n]);
		const erc20 = await ethereumTransfers(api, provider, wallets, transfers, { to: address, data });
		say('Calls …');
		const calls = await latencies(node.http, clients, seconds, address, holder);
		say('Logs …');
		await grown(provider, blocks);
		const topics = [id('Transfer(address,address,uint256)')];
		const none = await logs(provider, node.http, blocks, {
			address,
			topics: [...topics, null, `0x${'0'.repeat(63)}1`]
		});
		const all = await logs(provider, node.http, blocks, { address, topics });
		print({ native, ethereum, erc20, calls, seconds, clients, none, all, blocks });
	} catch (error) {
		process.stderr.write(`${error.stack}\n\nThe end of the node’s log:\n${await node.log()}\n`);
		process.exitCode = 1;
	} finally {
		provider.destroy();
		await api.disconnect();
		await node.stop();
	}
}

function print({ native, ethereum, erc20, calls, seconds, clients, none, all, blocks }) {
	const right = (titles) => titles.map((title, index) => ({ title, right: index > 0 }));
	const row = (what, { count, blocks, most, included, finalized }) => [
		what,
		number(count),
		number(blocks),
		number(most),
		number(included, 1),
		number(finalized, 1),
		number(included / native.included, 3)
	];
	const kinds = [
		row('the chain’s own transfers', native),
		row('OPEN, by Ethereum’s transactions', ethereum),
		row('an ERC-20', erc20)
	];
	say();
	say(table(right(['what', 'in all', 'blocks', 'at most', 'included/s', 'final/s', 'ratio']), kinds));
	const times = (what, sorted) => [
		what,
		number(sorted.length),
		number(percentile(sorted, 0.5), 1),
		number(percentile(sorted, 0.99), 1),
		number(sorted.at(-1), 1)
	];
	say();
	say(
		table(right(['what', 'times', 'p50 ms', 'p99 ms', 'at most']), [
			times(`eth_call, ${clients} clients`, calls),
			times(`eth_getLogs over ${number(blocks)} blocks, ${number(none.found)} found`, none.times),
			times(`eth_getLogs over ${number(blocks)} blocks, ${number(all.found)} found`, all.times)
		])
	);
	const again = native.again + ethereum.again + erc20.again;
	say(
		`\n${number(calls.length / seconds)} calls a second. ${number(again)} transactions were lost by the pool and sent again.`
	);
}

await main(options(process.argv.slice(2)));
