// The chain through the polkadot-js API.

import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';
import { cryptoWaitReady } from '@polkadot/util-crypto';

/** Connects to a node. */
export async function connect(ws) {
	await cryptoWaitReady();
	const provider = new WsProvider(ws, 1_000);
	const api = await ApiPromise.create({ provider, noInitWarn: true });
	api.registry.setChainProperties(
		api.registry.createType('ChainProperties', { ss58Format: 42, tokenDecimals: [12], tokenSymbol: ['OPEN'] })
	);
	return api;
}

const keyring = () => new Keyring({ type: 'sr25519', ss58Format: 42 });

/** The well-known development account of that name: `account('Alice')`. */
export const account = (name) => keyring().addFromUri(`//${name}`, { name });

/** A call that was included in a block and failed there, or one that the node refused. */
export class CallError extends Error {
	constructor(name, docs) {
		super(docs ? `${name}: ${docs}` : name);
		/** `pallet.Error`, such as `datanets.UnknownDatanet`. */
		this.error = name;
	}
}

/** The error behind a `DispatchError` of the chain. */
export function decodeError(api, error) {
	if (error.isModule) {
		const { section, name, docs } = api.registry.findMetaError(error.asModule);
		return new CallError(`${section}.${name}`, docs.join(' ').trim());
	}
	if (error.isToken) return new CallError(`token.${error.asToken.type}`);
	if (error.isArithmetic) return new CallError(`arithmetic.${error.asArithmetic.type}`);
	return new CallError(error.type ?? error.toString());
}

/** An event as plain data: `{ name: 'pallet.Event', data: { field: value } }`. */
function plain({ event, phase }) {
	const names = event.data.names;
	const data = Object.fromEntries(event.data.map((value, index) => [names?.[index] ?? index, value]));
	return {
		name: `${event.section}.${event.method}`,
		data,
		extrinsic: phase.isApplyExtrinsic ? phase.asApplyExtrinsic.toNumber() : undefined
	};
}

/** Gives each signer's transactions ascending nonces, also while earlier ones wait for a block. */
export class Sender {
	#api;
	#nonces = new Map();
	#queue = Promise.resolve();

	constructor(api) {
		this.#api = api;
	}

	/**
	 * Signs and sends a call and waits until it is in a block, one that is `final` if that is asked for: what others
	 * are to build on might else be missing, or have another number, in a fork. Returns
	 * `{ number, hash, events, find }`, the events being the call's own, or throws a `CallError`.
	 */
	async send(signer, call, { final = false } = {}) {
		// One after the other up to the node's answer, so that nonces reach it in order.
		const sent = this.#queue.then(() => this.#submit(signer, call, final));
		this.#queue = sent.catch(() => {});
		return (await sent).included;
	}

	async #submit(signer, call, final) {
		const api = this.#api;
		const { address } = signer;
		const nonce = this.#nonces.get(address) ?? (await api.rpc.system.accountNextIndex(address)).toNumber();
		this.#nonces.set(address, nonce + 1);
		let settle;
		const included = new Promise((resolve, reject) => (settle = { resolve, reject }));
		// Whoever awaits it sees the error; before that it must not count as unhandled.
		included.catch(() => {});
		let unsubscribe = () => {};
		const finish = async (result) => {
			try {
				const { events, dispatchError, status } = result;
				if (dispatchError) throw decodeError(api, dispatchError);
				const hash = status.isInBlock ? status.asInBlock : status.asFinalized;
				const header = await api.rpc.chain.getHeader(hash);
				const list = events.map(plain);
				settle.resolve({
					number: header.number.toNumber(),
					hash: hash.toHex(),
					events: list,
					find: (name) => list.find((event) => event.name === name)?.data
				});
			} catch (error) {
				settle.reject(error);
			}
			unsubscribe();
		};
		try {
			unsubscribe = await call.signAndSend(signer, { nonce }, (result) => {
				if (final ? result.isFinalized : result.isInBlock) finish(result);
				else if (result.isError) {
					this.#nonces.delete(address);
					settle.reject(new CallError(`transaction.${result.status.type}`));
				}
			});
		} catch (error) {
			this.#nonces.delete(address);
			throw new CallError('transaction.Refused', error.message);
		}
		return { included };
	}
}

/**
 * Follows the chain and keeps every block's events from the moment it was made, so that the money can
 * be reconciled without a gap.
 */
export class Observer {
	/** Blocks by height: `{ number, hash, events }`. */
	blocks = new Map();
	#api;
	#waiting = new Set();
	#unsubscribe;
	#queue = Promise.resolve();
	#failure;

	static async start(api) {
		const observer = new Observer();
		observer.#api = api;
		const first = await api.rpc.chain.getHeader();
		observer.first = first.number.toNumber();
		await observer.#read(first);
		observer.#unsubscribe = await api.rpc.chain.subscribeNewHeads((header) => {
			observer.#queue = observer.#queue
				.then(() => observer.#catchUp(header))
				.catch((error) => {
					observer.#failure ??= error;
					observer.#waiting.forEach((waiter) => waiter.reject(error));
				});
		});
		return observer;
	}

	/** The height up to which it has read. */
	get best() {
		return Math.max(...this.blocks.keys());
	}

	async #catchUp(header) {
		// Back to what is known already: heads may be skipped, or replaced by others.
		const missing = [];
		for (let at = header; ; at = await this.#api.rpc.chain.getHeader(at.parentHash)) {
			if (at.number.toNumber() <= this.first || this.blocks.get(at.number.toNumber())?.hash === at.hash.toHex()) break;
			missing.unshift(at);
		}
		// A better chain can be a shorter one.
		for (const number of this.blocks.keys()) if (number > header.number.toNumber()) this.blocks.delete(number);
		for (const at of missing) await this.#read(at);
	}

	async #read(header) {
		const hash = header.hash.toHex();
		const at = await this.#api.at(hash);
		const block = { number: header.number.toNumber(), hash, events: (await at.query.system.events()).map(plain) };
		this.blocks.set(block.number, block);
		for (const waiter of this.#waiting) {
			const event = block.events.find(waiter.test);
			if (event) waiter.resolve({ number: block.number, hash, ...event });
		}
	}

	/** All events of a name since the start, with their blocks. */
	all(name) {
		return [...this.blocks.values()]
			.sort((a, b) => a.number - b.number)
			.flatMap(({ number, hash, events }) =>
				events.filter((event) => event.name === name).map((event) => ({ number, hash, ...event }))
			);
	}

	/** Waits for the first event that passes the test, past blocks since the start included. */
	async until(test, { seconds = 60, what = 'an event' } = {}) {
		if (this.#failure) throw this.#failure;
		for (const block of this.blocks.values()) {
			const event = block.events.find(test);
			if (event) return { number: block.number, hash: block.hash, ...event };
		}
		let waiter;
		let timer;
		try {
			return await new Promise((resolve, reject) => {
				waiter = { test, resolve, reject };
				this.#waiting.add(waiter);
				timer = setTimeout(() => reject(new Error(`waited ${seconds} s in vain for ${what}`)), seconds * 1_000);
			});
		} finally {
			clearTimeout(timer);
			this.#waiting.delete(waiter);
		}
	}

	/** Waits until the block of a height has been read. */
	async reach(height) {
		while (this.best < height) {
			if (this.#failure) throw this.#failure;
			await new Promise((resolve) => setTimeout(resolve, 200));
		}
	}

	/** Waits until the block of a height is final, and returns it: no fork takes back what it says. */
	async settle(height) {
		const { chain } = this.#api.rpc;
		for (let final = -1; final < height; ) {
			if (this.#failure) throw this.#failure;
			final = (await chain.getHeader(await chain.getFinalizedHead())).number.toNumber();
			if (final < height) await new Promise((resolve) => setTimeout(resolve, 500));
		}
		const hash = (await chain.getBlockHash(height)).toHex();
		while (this.blocks.get(height)?.hash !== hash) {
			if (this.#failure) throw this.#failure;
			await new Promise((resolve) => setTimeout(resolve, 200));
		}
		return this.blocks.get(height);
	}

	stop() {
		this.#unsubscribe?.();
	}
}
