// Ethereum's JSON-RPC of the built node: by hand, and by the libraries that wallets and tools are made of.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { Contract, ContractFactory, JsonRpcProvider, Wallet, WebSocketProvider } from 'ethers';
import {
	BaseError,
	ContractFunctionRevertedError,
	createPublicClient,
	createWalletClient,
	decodeErrorResult,
	encodeDeployData,
	encodeFunctionData,
	getContractAddress,
	http,
	keccak256,
	parseAbi,
	webSocket
} from 'viem';

import { ACCOUNTS, ask, batch, CHAIN_ID, chainOf, KEYS } from '../lib/ethereum.mjs';
import { begin, end } from '../lib/loop.mjs';
import { startNode } from '../lib/node.mjs';
import { compile } from '../lib/solidity.mjs';

const ABI = [
	'constructor(uint256 value) payable',
	'event Noted(address indexed by, uint256 indexed key, string note)',
	'error TooMuch(uint256 given, uint256 most)',
	'function first() view returns (uint256)',
	'function values(uint256 key) view returns (uint256)',
	'function note(uint256 key, uint256 value, string text) payable returns (uint256 before)',
	'function refuse() payable',
	'function limit(uint256 given) pure returns (uint256)'
];
const abi = parseAbi(ABI);
const NOTED = keccak256('0x' + Buffer.from('Noted(address,uint256,string)').toString('hex'));
const LIMIT = { refTime: 500_000_000_000n, proofSize: 2_000_000n };
const hex = (number) => `0x${BigInt(number).toString(16)}`;

describe('Ethereum’s side of a node', { timeout: 600_000 }, () => {
	let node;
	let loop;
	let client;
	let code;

	/** The result of a method; throws with the node's words if there is none. */
	const rpc = async (method, ...params) => {
		const { result, error } = await ask(node, method, ...params);
		if (error) throw new Error(`${method}: ${error.message}`);
		return result;
	};
	const refused = async (method, ...params) => {
		const { result, error } = await ask(node, method, ...params);
		assert.ok(error, `${method} gave ${JSON.stringify(result)}`);
		return error;
	};
	const wallet = (name, transport = http(node.http)) =>
		createWalletClient({ account: ACCOUNTS[name], chain: chainOf(node), transport });
	const included = (hash) => client.waitForTransactionReceipt({ hash, pollingInterval: 500 });
	const until = async (what, check) => {
		for (let tries = 0; tries < 240; tries += 1) {
			const found = await check();
			if (found) return found;
			await sleep(250);
		}
		throw new Error(`waited in vain for ${what}`);
	};
	/** Deploys the contract. Returns its address and the receipt. */
	const deploy = async (name, value = 0n) => {
		const hash = await wallet(name).deployContract({ abi, bytecode: code, args: [7n], value });
		const receipt = await included(hash);
		assert.equal(receipt.status, 'success');
		return { address: receipt.contractAddress, receipt };
	};

	before(async () => {
		code = compile('scripts/e2e/contracts/Notebook.sol', 'Notebook');
		node = await startNode({ inference: false });
		loop = await begin(node);
		client = createPublicClient({ chain: chainOf(node), transport: http(node.http) });
	});

	after(async () => {
		if (loop) await end(loop);
		if (node) await node.stop();
	});

	describe('by hand', { concurrency: true }, () => {
		test('the chain says who it is', async () => {
			const answers = await batch(node, [
				['eth_chainId'],
				['net_version'],
				['net_listening'],
				['net_peerCount'],
				['web3_clientVersion'],
				['web3_sha3', '0x68656c6c6f'],
				['eth_accounts'],
				['eth_syncing'],
				['eth_maxPriorityFeePerGas'],
				['eth_unheardOf']
			]);
			const results = answers.slice(0, -1).map(({ result }) => result);
			assert.match(results[4], /^openledger-node\/v\d/);
			results.splice(4, 1);
			const hello = '0x1c8aff950685c2ed4bc3174f3472287b56d9517b9c948127319a09a7a36deac8';
			assert.deepEqual(results, [hex(CHAIN_ID), String(CHAIN_ID), true, '0x0', hello, [], false, '0x0']);
			assert.equal(answers.at(-1).error.code, -32601);
		});

		test('blocks form a chain, by number, hash and tag', async () => {
			await loop.observer.reach(3);
			const first = await rpc('eth_getBlockByNumber', 'earliest', false);
			assert.equal(first.number, '0x0');
			let parent = first;
			for (const number of ['0x1', '0x2', '0x3']) {
				const block = await rpc('eth_getBlockByNumber', number, true);
				assert.equal(block.parentHash, parent.hash);
				assert.deepEqual(await rpc('eth_getBlockByHash', block.hash, true), block);
				assert.ok(BigInt(block.timestamp) > BigInt(parent.timestamp));
				assert.equal(await rpc('eth_getBlockTransactionCountByHash', block.hash), '0x0');
				parent = block;
			}
			const pending = await rpc('eth_getBlockByNumber', 'pending', false);
			assert.equal(pending.hash, null);
			const [latest, safe, finalized] = await Promise.all(
				['latest', 'safe', 'finalized'].map((tag) => rpc('eth_getBlockByNumber', tag, false))
			);
			assert.ok(BigInt(safe.number) <= BigInt(latest.number));
			assert.ok(BigInt(finalized.number) <= BigInt(latest.number));
			const ahead = hex(BigInt(latest.number) + 1_000n);
			assert.equal(await rpc('eth_getBlockByNumber', ahead, false), null);
			assert.equal(await rpc('eth_getBlockByHash', `0x${'11'.repeat(32)}`, false), null);
			assert.match((await refused('eth_getBalance', ACCOUNTS.Alith.address, ahead)).message, /not found/);
			const typo = await refused('eth_getBlockByNumber', 'newest', false);
			assert.equal(typo.code, -32602);
		});

		test('ranges of logs are bounded, and what is wrong with a filter is said', async () => {
			const tooLong = await refused('eth_getLogs', { fromBlock: '0x0', toBlock: '0x0', blockHash: `0x${'11'.repeat(32)}` });
			assert.match(tooLong.message, /can't go together/);
			assert.match((await refused('eth_getLogs', { fromBlock: '0x2', toBlock: '0x1' })).message, /behind/);
			assert.match((await refused('eth_getLogs', { adress: ACCOUNTS.Alith.address })).data, /unknown field/i);
			const unknown = await refused('eth_getFilterChanges', '0x1');
			assert.match(unknown.message, /filter not found/);
			assert.equal(await rpc('eth_uninstallFilter', '0x1'), false);
		});

		test('transactions that no block would take are refused with a reason', async () => {
			const account = ACCOUNTS.Ethan;
			const price = await client.getGasPrice();
			const usual = { to: ACCOUNTS.Alith.address, value: 1n, gas: 21_000n, nonce: 0, chainId: CHAIN_ID, gasPrice: price };
			const sent = async (changes) => refused('eth_sendRawTransaction', await account.signTransaction({ ...usual, ...changes }));
			assert.match((await sent({ chainId: 1 })).message, /invalid chain id/);
			assert.match((await sent({ gasPrice: price - 1n })).message, /less than block base fee/);
			assert.match((await sent({ value: 10n ** 30n })).message, /insufficient funds/);
			assert.match((await sent({ gas: 1n })).message, /gas too low/);
			assert.match((await refused('eth_sendRawTransaction', '0x1234')).message, /no signed transaction/);
			const delegating = await account.signTransaction({
				...usual,
				type: 'eip7702',
				gasPrice: undefined,
				maxFeePerGas: price,
				maxPriorityFeePerGas: 0n,
				authorizationList: [await account.signAuthorization({ address: usual.to, chainId: CHAIN_ID, nonce: 0 })]
			});
			assert.match((await refused('eth_sendRawTransaction', delegating)).message, /7702/);
		});
	});

	test('viem deploys, calls, reads logs, and every amount is exact', async () => {
		const { Alith, Dorothy } = ACCOUNTS;
		const { address, receipt } = await deploy('Alith', 10n ** 18n);
		assert.equal(receipt.contractAddress.toLowerCase(), getContractAddress({ from: Alith.address, nonce: 0n }).toLowerCase());
		assert.equal(await client.getBalance({ address }), 10n ** 18n);
		assert.ok((await client.getCode({ address })).length > 2);
		assert.equal(await client.getStorageAt({ address, slot: '0x1' }), `0x${'7'.padStart(64, '0')}`);
		assert.equal(await client.readContract({ address, abi, functionName: 'first' }), 7n);

		// A transaction as MetaMask makes it, and one of the old kind; each costs what its receipt says.
		const fees = await client.estimateFeesPerGas();
		assert.equal(fees.maxPriorityFeePerGas, 0n);
		for (const [type, options, key] of [
			['eip1559', {}, 1n],
			['legacy', { gasPrice: await client.getGasPrice() }, 2n]
		]) {
			const before = await client.getBalance({ address: Alith.address });
			const value = 10n ** 15n;
			const hash = await wallet('Alith').writeContract({
				address,
				abi,
				functionName: 'note',
				args: [key, 40n + key, `by a ${type} transaction`],
				value,
				...options
			});
			const done = await included(hash);
			assert.equal(done.status, 'success');
			assert.equal(done.type, type);
			const after = await client.getBalance({ address: Alith.address });
			assert.equal(before - after, value + done.gasUsed * done.effectiveGasPrice);
			const transaction = await client.getTransaction({ hash });
			assert.equal(transaction.from.toLowerCase(), Alith.address.toLowerCase());
			assert.equal(transaction.blockHash, done.blockHash);
			assert.equal(await client.readContract({ address, abi, functionName: 'values', args: [key] }), 40n + key);
			const block = await client.getBlock({ blockHash: done.blockHash, includeTransactions: true });
			assert.deepEqual(block.transactions[done.transactionIndex].hash, hash);
			assert.equal(block.gasUsed, done.cumulativeGasUsed);
			const [logs] = [await client.getLogs({ address, event: abi[1], args: { key }, blockHash: done.blockHash })];
			assert.deepEqual(logs.map(({ args }) => args), [{ by: Alith.address, key, note: `by a ${type} transaction` }]);
		}
		const all = await client.getContractEvents({ address, abi, fromBlock: 'earliest', toBlock: 'latest' });
		assert.deepEqual(all.map(({ args }) => args.key), [1n, 2n]);
		assert.deepEqual(await client.getContractEvents({ address: Dorothy.address, abi, fromBlock: 0n }), []);

		// What a call would change isn't changed, and the past can be asked.
		const simulated = await client.simulateContract({ account: Dorothy, address, abi, functionName: 'note', args: [1n, 5n, ''] });
		assert.equal(simulated.result, 41n);
		assert.equal(await client.readContract({ address, abi, functionName: 'values', args: [1n] }), 41n);
		const past = { address, abi, functionName: 'values', args: [1n], blockNumber: receipt.blockNumber };
		assert.equal(await client.readContract(past), 0n);
	});

	test('reverts reach the user with their reason, before and after they cost something', async () => {
		const { address } = await deploy('Baltathar');
		const reason = async (functionName, args = []) => {
			try {
				await client.simulateContract({ account: ACCOUNTS.Baltathar, address, abi, functionName, args });
			} catch (error) {
				assert.ok(error instanceof BaseError, error);
				return error.walk((each) => each instanceof ContractFunctionRevertedError);
			}
			return assert.fail(`${functionName} did not revert`);
		};
		assert.equal((await reason('refuse')).reason, 'not today');
		const { data } = await reason('limit', [11n]);
		assert.equal(data.errorName, 'TooMuch');
		assert.deepEqual(data.args, [11n, 10n]);
		const error = await refused('eth_call', { to: address, data: encodeFunctionData({ abi, functionName: 'limit', args: [12n] }) }, 'latest');
		assert.equal(error.code, 3);
		assert.deepEqual(decodeErrorResult({ abi, data: error.data }).args, [12n, 10n]);
		await assert.rejects(
			client.estimateContractGas({ account: ACCOUNTS.Baltathar, address, abi, functionName: 'refuse' }),
			/not today/
		);
		const hash = await wallet('Baltathar').writeContract({ address, abi, functionName: 'refuse', gas: 3_000_000n, value: 1_000_000n });
		const receipt = await included(hash);
		assert.equal(receipt.status, 'reverted');
		assert.deepEqual(receipt.logs, []);
		assert.equal(await client.getBalance({ address }), 0n);
		const trace = await rpc('debug_traceTransaction', hash, { tracer: 'callTracer' });
		assert.equal(trace.to, address.toLowerCase());
		assert.equal(trace.revertReason, 'not today');
	});

	test('ethers deploys, calls, estimates, listens', async () => {
		const provider = new JsonRpcProvider(node.http, undefined, { polling: true, pollingInterval: 500 });
		const sockets = new WebSocketProvider(node.ws);
		try {
			assert.equal((await provider.getNetwork()).chainId, BigInt(CHAIN_ID));
			const signer = new Wallet(KEYS.Charleth, provider);
			const deployed = await new ContractFactory(ABI, code, signer).deploy(9n);
			await deployed.waitForDeployment();
			const address = await deployed.getAddress();
			assert.equal(await deployed.first(), 9n);
			const heard = new Promise((resolve) => {
				new Contract(address, ABI, sockets).on('Noted', (by, key, note) => resolve({ by, key, note }));
			});
			const heads = new Promise((resolve) => sockets.on('block', resolve));
			const gas = await deployed.note.estimateGas(3n, 4n, 'hello');
			const sent = await deployed.note(3n, 4n, 'hello', { gasLimit: gas });
			const receipt = await sent.wait();
			assert.equal(receipt.status, 1);
			assert.ok(receipt.gasUsed <= gas);
			assert.deepEqual(await heard, { by: signer.address, key: 3n, note: 'hello' });
			assert.ok((await heads) > 0);
			const [log] = await deployed.queryFilter('Noted', receipt.blockNumber, receipt.blockNumber);
			assert.equal(log.args.note, 'hello');
			const old = await deployed.note(3n, 5n, 'again', { type: 0 });
			assert.equal((await old.wait()).type, 0);
			await assert.rejects(deployed.limit(11n), (error) => error.revert?.name === 'TooMuch');
			await assert.rejects(deployed.refuse(), (error) => error.reason === 'not today');
		} finally {
			provider.destroy();
			await sockets.destroy();
		}
	});

	test('what waits can be seen, replaced by what takes less, and is dropped then', async () => {
		const account = ACCOUNTS.Dorothy;
		const { address } = account;
		const nonce = await client.getTransactionCount({ address });
		const gasPrice = (await client.getGasPrice()) * 2n;
		const sign = (changes) =>
			account.signTransaction({
				to: ACCOUNTS.Alith.address,
				value: 1_000_000n,
				gas: 21_000n,
				chainId: CHAIN_ID,
				gasPrice,
				...changes
			});
		const send = async (signed) => rpc('eth_sendRawTransaction', signed);
		const waits = async (hash) => {
			const found = await rpc('eth_getTransactionByHash', hash);
			return found !== null && found.blockHash === null;
		};
		const arrivals = await rpc('eth_newPendingTransactionFilter');
		// Before its turn.
		const later = await send(await sign({ nonce: nonce + 1 }));
		assert.ok(await waits(later));
		assert.equal(await client.getTransactionCount({ address, blockTag: 'pending' }), nonce);
		// All of this between two blocks.
		const [large, dearer, small] = await Promise.all([
			sign({ nonce, gas: 500_000n }),
			sign({ nonce, gas: 500_000n, gasPrice: gasPrice * 2n }),
			sign({ nonce })
		]);
		const block = await rpc('eth_blockNumber');
		await until('the next block', async () => (await rpc('eth_blockNumber')) !== block);
		const answers = await batch(
			node,
			[large, large, dearer, small].map((signed) => ['eth_sendRawTransaction', signed])
		);
		assert.equal(answers[0].result, keccak256(large));
		assert.match(answers[1].error.message, /already known/);
		// There is no auction here: more for a unit of gas takes no precedence.
		assert.match(answers[2].error.message, /underpriced/);
		assert.equal(answers[3].result, keccak256(small));
		assert.equal(await rpc('eth_getTransactionByHash', keccak256(large)), null);
		const receipts = [await included(keccak256(small)), await included(later)];
		assert.deepEqual(
			receipts.map(({ status }) => status),
			['success', 'success']
		);
		assert.equal(await rpc('eth_getTransactionReceipt', keccak256(large)), null);
		const seen = await rpc('eth_getFilterChanges', arrivals);
		assert.ok([later, keccak256(large), keccak256(small)].every((each) => seen.includes(each)));
		assert.match((await refused('eth_sendRawTransaction', small)).message, /already known|nonce too low/);
		const late = await refused('eth_sendRawTransaction', await sign({ nonce, value: 2_000_000n }));
		assert.match(late.message, /nonce too low/);
	});

	test('logs of contracts that other wallets call appear, to filters and subscribers too', async () => {
		const { address } = await deploy('Ethan');
		const filter = await rpc('eth_newFilter', { address, topics: [NOTED] });
		const blocks = await rpc('eth_newBlockFilter');
		const socket = createPublicClient({ chain: chainOf(node), transport: webSocket(node.ws, { keepAlive: false, reconnect: false }) });
		const heard = [];
		const unwatch = socket.watchContractEvent({ address, abi, onLogs: (logs) => heard.push(...logs) });
		await sleep(500);
		const { api, sender, accounts } = loop;
		const data = encodeFunctionData({ abi, functionName: 'note', args: [5n, 6n, 'from polkadot-js'] });
		const done = await sender.send(accounts.Alice, api.tx.revive.call(address, 0n, LIMIT, 10n ** 15n, data));
		const found = await until('the log', async () => {
			const logs = await rpc('eth_getLogs', { address, fromBlock: hex(done.number), toBlock: hex(done.number) });
			return logs.length > 0 && logs;
		});
		assert.equal(found.length, 1);
		assert.equal(found[0].topics[0], NOTED);
		const receipt = await rpc('eth_getTransactionReceipt', found[0].transactionHash);
		assert.deepEqual(receipt.logs, found);
		const transaction = await rpc('eth_getTransactionByHash', found[0].transactionHash);
		assert.equal(transaction.from, `0x${Buffer.from(receipt.from.slice(2), 'hex').toString('hex')}`);
		assert.equal(transaction.blockHash, found[0].blockHash);
		assert.deepEqual(await until('the filter', async () => {
			const logs = await rpc('eth_getFilterChanges', filter);
			return logs.length > 0 && logs;
		}), found);
		assert.deepEqual(await rpc('eth_getFilterChanges', filter), []);
		const whole = await rpc('eth_newFilter', { address, fromBlock: '0x0' });
		assert.deepEqual(await rpc('eth_getFilterLogs', whole), found);
		assert.ok((await rpc('eth_getFilterChanges', blocks)).includes(found[0].blockHash));
		assert.equal(await rpc('eth_uninstallFilter', filter), true);
		await until('the subscriber', () => heard.length > 0);
		unwatch();
		(await socket.transport.getRpcClient()).close();
		assert.equal(heard[0].transactionHash, found[0].transactionHash);
		assert.equal(heard[0].args.note, 'from polkadot-js');
	});

	test('fees of the past are told', async () => {
		const history = await client.getFeeHistory({ blockCount: 3, rewardPercentiles: [25, 75] });
		assert.equal(history.baseFeePerGas.length, 4);
		assert.deepEqual(history.reward, [[0n, 0n], [0n, 0n], [0n, 0n]]);
		assert.equal((await refused('eth_feeHistory', '0x2', 'latest', [75, 25])).code, -32602);
	});
});
