// One identity on both sides of the chain. `node scripts/accounts.mjs --help` says what it does.

import process from 'node:process';
import { parseArgs } from 'node:util';

import { createPublicClient, createWalletClient, formatUnits, getAddress, parseUnits, webSocket } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';

import { accountOf, ethereumAccount, ethereumAddress, isAccount, isEthereum } from './lib/addresses.mjs';
import { CallError, Sender } from './lib/chain.mjs';
import { Mistake, reach, secretIn, signerOf } from './lib/cli.mjs';
import { chainOf } from './lib/ethereum.mjs';

const USAGE = `Usage: node scripts/accounts.mjs <command> [options]

  show <account>        an account's two names, and what is there. Give an address of the chain (5…) or of
                        Ethereum (0x…)
  send <amount> <to>    sends OPEN, such as 1.5, to either kind of address. Signed with --suri-file, or with
                        --key-file by an Ethereum key
  recover               moves what was sent to the Ethereum address of the signer while the chain did not know whose
                        that is, to the signer's account. With --suri-file

Options:
  --ws <url>            the node (default: ws://127.0.0.1:9944)
  --suri <secret>       the secret that signs: a phrase, or //Alice on a test network. Others on this machine
                        can see it while the command runs
  --suri-file <path>    a file that holds it
  --key-file <path>     a file that holds an Ethereum private key (0x…)
  --help                this text
`;

const OPTIONS = {
	ws: { type: 'string', default: 'ws://127.0.0.1:9944' },
	suri: { type: 'string' },
	'suri-file': { type: 'string' },
	'key-file': { type: 'string' },
	help: { type: 'boolean', short: 'h', default: false }
};

/** Where Ethereum transactions call the chain's own pallets. */
const PALLETS = '0x6d6f646c70792f70616464720000000000000000';
const DECIMALS = 12;

const say = (text) => process.stdout.write(`${text}\n`);
const shown = (amount) => `${formatUnits(amount, DECIMALS)} OPEN`;
const freeOf = async (api, account) => (await api.query.system.account(account)).data.free.toBigInt();

/** The account that somebody means. */
async function meant(api, text) {
	if (isEthereum(text)) return accountOf(api, text);
	if (isAccount(text)) return text;
	throw new Mistake(`this needs an address, 5… of this chain or 0x… of Ethereum, not ${text ?? 'nothing'}`);
}

function amountOf(text) {
	if (!/^\d+(\.\d{1,12})?$/.test(text ?? '')) {
		throw new Mistake('this needs an amount of OPEN, such as 1.5, with at most twelve decimals');
	}
	return parseUnits(text, DECIMALS);
}

async function keyIn(file) {
	const key = await secretIn(file);
	try {
		return privateKeyToAccount(key);
	} catch {
		throw new Mistake(`${file} holds no Ethereum private key: 0x and 64 hexadecimal digits`);
	}
}

async function show({ api }, [given]) {
	const account = await meant(api, given);
	const address = isEthereum(given) ? given : ethereumAddress(account);
	say(`account           ${account}`);
	say(`Ethereum address  ${getAddress(address)}`);
	say(`free              ${shown(await freeOf(api, account))}`);
	const fallback = ethereumAccount(address);
	if (fallback === account) return;
	const lost = await freeOf(api, fallback);
	const known = (await api.query.revive.originalAccount(address)).isSome;
	if (!known) say('The account has nothing yet, so the chain does not know that the address is its: fund it by the account first.');
	if (lost > 0n) say(`sent to the address before the account was there: ${shown(lost)}; \`recover\` moves it here`);
}

/** Calls a pallet by an Ethereum transaction. */
async function callByKey({ ws }, signer, call) {
	const socket = webSocket(ws, { keepAlive: false, reconnect: false });
	const chain = chainOf({ ws, http: ws });
	const wallet = createWalletClient({ account: signer, chain, transport: socket });
	const client = createPublicClient({ chain, transport: socket });
	try {
		const hash = await wallet.sendTransaction({ to: PALLETS, data: call.method.toHex() });
		const receipt = await client.waitForTransactionReceipt({ hash });
		if (receipt.status !== 'success') throw new Mistake(`the transaction ${hash} failed`);
		return receipt.blockNumber;
	} catch (error) {
		throw new Mistake(error.shortMessage ?? error.message);
	}
}

async function send({ api, sender }, [given, to], options) {
	const amount = amountOf(given);
	const account = await meant(api, to);
	// To the account itself: whether or not the chain knows its Ethereum address, nothing goes astray.
	const call = api.tx.balances.transferKeepAlive(account, amount);
	const key = options['key-file'];
	const number = key
		? await callByKey(options, await keyIn(key), call)
		: (await sender.send(await signerOf(options), call)).number;
	say(`sent ${shown(amount)} to ${account} in block ${number}`);
}

async function recover({ api, sender }, _, options) {
	const signer = await signerOf(options);
	const fallback = ethereumAccount(ethereumAddress(signer.address));
	const amount = await freeOf(api, fallback);
	if (amount === 0n) {
		say(`nothing was sent to ${getAddress(ethereumAddress(signer.address))} before the chain knew whose it is`);
		return;
	}
	const all = api.tx.balances.transferAll(signer.address, false);
	const { number } = await sender.send(signer, api.tx.revive.dispatchAsFallbackAccount(all));
	say(`moved ${shown(amount - (await freeOf(api, fallback)))} to ${signer.address} in block ${number}`);
}

const commands = { show, send, recover };

async function main(args) {
	let options;
	let positionals;
	try {
		({ values: options, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true }));
	} catch (error) {
		throw new Mistake(`${error.message}. See --help.`);
	}
	const [command, ...rest] = positionals;
	if (options.help || command === undefined) {
		process.stdout.write(USAGE);
		return options.help ? 0 : 2;
	}
	if (!Object.hasOwn(commands, command)) throw new Mistake(`there is no command ${command}. See --help.`);
	const api = await reach(options.ws);
	await commands[command]({ api, sender: new Sender(api) }, rest, options);
	return 0;
}

let status = 1;
try {
	status = await main(process.argv.slice(2));
} catch (error) {
	if (!(error instanceof Mistake || error instanceof CallError)) throw error;
	process.stderr.write(`${error.message}\n`);
}
// The connection, or attempts at one, would keep the process.
process.exit(status);
