// Stands between OpenZeppelin's tests, which are written for Hardhat's own chain, and a chain with blocks of its own.
//
// Hardhat's chain makes a block of each transaction before it answers, and a block or an hour on demand. Here a
// transaction is answered once a block has it, and blocks and hours are waited for. What else Hardhat's chain can do
// and no other can, fails with a message that begins with the method's name.

/** Stands for gas that is estimated when the transaction's turn comes, after those before it. */
const lazyGas = 0x1f_ffff_ffff_ffff;

/** The longest that is waited for what Hardhat's chain would jump over. */
const PATIENCE_SECONDS = 240;
const POLL_MS = 300;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

class WaitingProvider {
	#inner;
	#turn = Promise.resolve();
	/** Whether blocks were waited for since the last transaction. */
	#jumped = false;
	/** What this process has sent. */
	#sent = new Set();

	constructor(inner) {
		this.#inner = inner;
		// What is not asked for here, such as events, is the inner provider's.
		return new Proxy(this, {
			get: (target, key) => {
				if (key === 'request') return (call) => target.#request(call);
				if (key === 'send') return (method, params) => target.#request({ method, params });
				const value = inner[key];
				return typeof value === 'function' ? value.bind(inner) : value;
			}
		});
	}

	#ask(method, params = []) {
		return this.#inner.request({ method, params });
	}

	async #request({ method, params = [] }) {
		switch (method) {
			// Their helpers ask this first, and refuse to work on another chain.
			case 'web3_clientVersion':
				return `HardhatNetwork/${await this.#ask(method)}`;
			case 'eth_sendTransaction':
				return this.#inTurn(async () => this.#ask(method, [await this.#withGas(params[0])]));
			case 'eth_sendRawTransaction':
				return this.#inTurn(() => this.#ask(method, params));
			case 'eth_getBlockByHash':
			case 'eth_getBlockByNumber':
				return this.#withOwn(await this.#ask(method, params));
			case 'hardhat_mine':
				return this.#mine(Number(params[0] ?? 1));
			case 'evm_mine':
				return this.#mine(1);
			case 'evm_setNextBlockTimestamp':
				return this.#reachTime(Number(params[0]));
			case 'evm_increaseTime':
				return this.#reachTime((await this.#now()) + Number(params[0]));
		}
		if (/^(hardhat|evm)_/.test(method)) throw new Error(`${method}: only Hardhat's chain has it`);
		return this.#ask(method, params);
	}

	/** Sends a transaction after all before it are in blocks, and returns when it is in one. */
	#inTurn(send) {
		const sent = this.#turn.then(async () => {
			const hash = await send();
			this.#sent.add(hash);
			await this.#receipt(hash);
			return hash;
		});
		this.#turn = sent.catch(() => {});
		return sent;
	}

	/** A block without what the other processes have sent: tests expect to be alone. */
	#withOwn(block) {
		const isOwn = (transaction) => this.#sent.has(transaction.hash ?? transaction);
		return block && { ...block, transactions: block.transactions.filter(isOwn) };
	}

	async #receipt(hash) {
		for (const deadline = Date.now() + PATIENCE_SECONDS * 1_000; Date.now() < deadline; ) {
			const receipt = await this.#ask('eth_getTransactionReceipt', [hash]);
			if (receipt) return receipt;
			await sleep(POLL_MS);
		}
		throw new Error(`no block took ${hash} within ${PATIENCE_SECONDS} s`);
	}

	/**
	 * An estimate runs in the newest block, and the transaction in one after it. Where a test has just waited for a block,
	 * what it sends is meant for the one after.
	 */
	async #withGas(transaction) {
		if (Number(transaction.gas) !== lazyGas) return transaction;
		if (this.#jumped) await this.#mine(1);
		this.#jumped = false;
		const { gas, ...rest } = transaction;
		return { ...rest, gas: await this.#ask('eth_estimateGas', [rest]) };
	}

	async #now() {
		const { timestamp } = await this.#ask('eth_getBlockByNumber', ['latest', false]);
		return Number(timestamp);
	}

	async #mine(blocks) {
		const from = Number(await this.#ask('eth_blockNumber'));
		await this.#wait(
			`${blocks} blocks`,
			blocks * 2,
			async () => Number(await this.#ask('eth_blockNumber')) >= from + blocks
		);
		return true;
	}

	async #reachTime(time) {
		const seconds = time - (await this.#now());
		await this.#wait(`${seconds} s`, seconds, async () => (await this.#now()) >= time);
		return `0x${time.toString(16)}`;
	}

	async #wait(what, seconds, isOver) {
		if (seconds > PATIENCE_SECONDS) throw new Error(`waiting: ${what} are more than the tests wait for`);
		while (!(await isOver())) await sleep(POLL_MS);
		this.#jumped = true;
	}
}

module.exports = { lazyGas, WaitingProvider };
