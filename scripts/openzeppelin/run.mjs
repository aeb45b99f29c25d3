// Runs OpenZeppelin's own tests of their contracts against a development chain, and reports which pass.
// Not a test of this repository: their code is not part of it.

import { execFile, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

import { KEYS } from '../lib/ethereum.mjs';
import { startNode } from '../lib/node.mjs';
import { table } from '../lib/report.mjs';
import { reasonFor } from './reasons.mjs';

const USAGE = `Usage: node scripts/openzeppelin/run.mjs <checkout> [--shards N] [--url URL] [--output FILE]
                                                 [--extensions] [--only NAME,…]

  <checkout>      openzeppelin-contracts at v5.7.0, with its packages: npm ci --ignore-scripts
  --shards N      processes that share the tests (default: 16)
  --url URL       a chain where Alith is endowed (default: a development node is started)
  --output FILE   where each test's result is written as JSON (default: not written)
  --extensions    also the tests of what extends the contracts
  --only NAME,…   of these contracts (default: ERC20, ERC721, ERC1155, AccessControl and Governor)
`;

/** Whose tests are run: the file of the contract itself, and where the files of its extensions are. */
const CONTRACTS = [
	{ name: 'ERC20', file: 'test/token/ERC20/ERC20.test.js', extensions: /^test\/token\/ERC20\/.*\/.*\.test\.js$/ },
	{ name: 'ERC721', file: 'test/token/ERC721/ERC721.test.js', extensions: /^test\/token\/ERC721\/.*\.test\.js$/ },
	{
		name: 'ERC1155',
		file: 'test/token/ERC1155/ERC1155.test.js',
		extensions: /^test\/token\/ERC1155\/.*\/.*\.test\.js$/
	},
	{
		name: 'AccessControl',
		file: 'test/access/AccessControl.test.js',
		extensions: /^test\/access\/extensions\/.*\.test\.js$/
	},
	{
		name: 'Governor',
		file: 'test/governance/Governor.test.js',
		extensions: /^test\/governance\/extensions\/.*\.test\.js$/
	}
];

/** The compiler that their configuration asks for. */
const SOLC = '0.8.35';
const MNEMONIC = 'test test test test test test test test test test test junk';
/** Accounts of each shard, as many as Hardhat's chain has, and what each is given, in OPEN. */
const ACCOUNTS = 20;
const ENDOWMENT = 500n;
/** The first of a shard deploys. */
const DEPLOYER_ENDOWMENT = 5_000n;

const here = fileURLToPath(new URL('.', import.meta.url));
const say = (text = '') => process.stdout.write(`${text}\n`);

function options(args) {
	const text = { type: 'string' };
	const known = {
		shards: text,
		url: text,
		output: text,
		only: text,
		extensions: { type: 'boolean' },
		help: { type: 'boolean', short: 'h' }
	};
	try {
		const { values, positionals } = parseArgs({ args, options: known, allowPositionals: true });
		const shards = Number(values.shards ?? 16);
		if (positionals.length === 1 && Number.isSafeInteger(shards) && shards > 0 && !values.help) {
			return { ...values, checkout: resolve(positionals[0]), shards };
		}
		process.stderr.write(USAGE);
		process.exit(values.help ? 0 : 2);
	} catch (error) {
		process.stderr.write(`${error.message}\n\n${USAGE}`);
		process.exit(2);
	}
}

/** Runs a program in the checkout, and fails with the end of what it wrote. */
function run(command, args, { cwd, env, logFile }) {
	return new Promise((done, fail) => {
		const log = createWriteStream(logFile, { flags: 'a' });
		const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
		child.stdout.pipe(log, { end: false });
		child.stderr.pipe(log, { end: false });
		child.on('error', fail);
		child.on('exit', (code) => {
			log.end();
			done(code);
		});
	});
}

/** Endows the accounts of all shards, but for those that have enough of an earlier run. */
async function endow(ethers, url, shards) {
	const provider = new ethers.JsonRpcProvider(url, undefined, { staticNetwork: true, cacheTimeout: -1 });
	const alith = new ethers.Wallet(KEYS.Alith, provider);
	const { chainId } = await provider.getNetwork();
	const root = ethers.HDNodeWallet.fromPhrase(MNEMONIC, '', "m/44'/60'/0'/0");
	const { maxFeePerGas, gasPrice } = await provider.getFeeData();
	const price = (maxFeePerGas ?? gasPrice) * 2n;
	let nonce = await alith.getNonce();
	const value = (index) => (index % ACCOUNTS === 0 ? DEPLOYER_ENDOWMENT : ENDOWMENT) * 10n ** 18n;
	const gasLimit = (await alith.estimateGas({ to: root.deriveChild(0).address, value: 1n })) * 2n;
	let last;
	for (let index = 0; index < shards * ACCOUNTS; index += 1) {
		const to = root.deriveChild(index).address;
		if ((await provider.getBalance(to)) >= value(index) / 2n) continue;
		const fields = { type: 0, chainId, nonce: nonce++, to, value: value(index), gasLimit, gasPrice: price };
		last = await provider.broadcastTransaction(await alith.signTransaction(fields));
	}
	await last?.wait();
	provider.destroy();
}

/** What came of each test, of what the shards wrote: `{ file, title, state, message, stack }`. */
function results(lines) {
	const byTest = new Map();
	const hooks = [];
	for (const line of lines) {
		const key = `${line.file}\n${line.title}`;
		if (line.hook !== undefined) hooks.push(line);
		// Two tests of a file may have one title.
		else if (line.state === 'planned') byTest.set(key, [...(byTest.get(key) ?? []), line]);
		else {
			const planned = byTest.get(key);
			planned[planned.findIndex(({ state }) => state === 'planned')] = line;
		}
	}
	const unfinished = (line) => {
		const hook = hooks.find(
			({ hook, file }) => file === line.file && (hook === line.title || line.title.startsWith(hook))
		);
		const behind = hooks.find(
			({ title, file }) =>
				file === line.file && line.title.startsWith(title.replace(/ "(before|after) (each|all)" hook.*$/, ''))
		);
		const cause = hook ?? behind;
		return { ...line, state: 'failed', message: cause ? cause.message : 'not run', stack: cause?.stack };
	};
	return [...byTest.values()].flat().map((line) => (line.state === 'planned' ? unfinished(line) : line));
}

/** The files of tests, with the contract that each is for. Those between chains need contracts that are not built. */
async function testFiles(checkout, only, withExtensions) {
	const entries = await readdir(join(checkout, 'test'), { recursive: true });
	const files = entries.map((entry) => `test/${entry}`).sort();
	const chosen = CONTRACTS.filter(({ name }) => !only || only.split(',').includes(name));
	return chosen.flatMap(({ name, file, extensions }) => [
		{ name, file },
		...files
			.filter((each) => withExtensions && each !== file && extensions.test(each) && !each.includes('Crosschain'))
			.map((each) => ({ name: `${name}: extensions`, file: each }))
	]);
}

async function main({ checkout, shards, url: given, output, only, extensions }) {
	const files = await testFiles(checkout, only, extensions);
	const scratch = await mkdtemp(join(tmpdir(), 'openzeppelin-'));
	const theirs = createRequire(join(checkout, 'package.json'));
	const node = given ? undefined : await startNode({ inference: false });
	const url = given ?? node.http;
	try {
		say(
			`${theirs('./package.json').name} ${theirs('./package.json').version}, ${shards} processes; logs in ${scratch}`
		);
		await promisify(execFile)('npm', ['install', '--prefix', scratch, '--no-audit', '--no-fund', `solc@${SOLC}`]);
		const env = { OPENZEPPELIN_CHECKOUT: checkout, OPENZEPPELIN_SOLC: join(scratch, 'node_modules', 'solc') };
		const hardhat = join(checkout, 'node_modules', '.bin', 'hardhat');
		const config = ['--config', join(here, 'hardhat.config.cjs')];
		const compiled = join(scratch, 'compile.log');
		say('Compiling …');
		if ((await run(hardhat, [...config, 'compile'], { cwd: checkout, env, logFile: compiled })) !== 0)
			throw new Error(await readFile(compiled, 'utf8'));
		say('Endowing the accounts …');
		await endow(theirs('ethers'), url, shards);
		say('Testing …');
		const began = Date.now();
		const reports = Array.from({ length: shards }, (_, shard) => join(scratch, `${shard}.jsonl`));
		await Promise.all(
			reports.map((report, shard) => {
				const accounts = { initialIndex: shard * ACCOUNTS, count: ACCOUNTS };
				const chain = { url, mnemonic: MNEMONIC, accounts, shard, shards, report };
				return run(hardhat, [...config, 'test', '--no-compile', ...files.map(({ file }) => file)], {
					cwd: checkout,
					env: { ...env, OPENZEPPELIN_CHAIN: JSON.stringify(chain) },
					logFile: join(scratch, `${shard}.log`)
				});
			})
		);
		const written = await Promise.all(reports.map((report) => readFile(report, 'utf8')));
		const lines = written.flatMap((text) =>
			text
				.trim()
				.split('\n')
				.map((line) => JSON.parse(line))
		);
		const all = results(lines).map((line) => ({ ...line, file: relative(checkout, line.file) }));
		say(`${all.length} tests in ${Math.round((Date.now() - began) / 1_000)} s\n`);
		report(all, files);
		if (output) await writeFile(output, `${JSON.stringify(all, null, '\t')}\n`);
	} finally {
		await node?.stop();
	}
}

const share = (part, whole) => `${((100 * part) / whole).toFixed(1)} %`;

/** Prints the share of passing tests by contract, and the failures by their reasons. */
function report(all, files) {
	const row = (name, tests) => {
		const [passed, failed, skipped] = ['passed', 'failed', 'skipped'].map(
			(state) => tests.filter((test) => test.state === state).length
		);
		return [name, `${tests.length}`, `${passed}`, `${failed}`, `${skipped}`, share(passed, passed + failed)];
	};
	const rows = [...new Set(files.map(({ name }) => name))].map((name) => {
		const own = new Set(files.filter((each) => each.name === name).map(({ file }) => file));
		return row(
			name,
			all.filter(({ file }) => own.has(file))
		);
	});
	const titles = ['tests of', 'in all', 'passed', 'failed', 'skipped', 'share'];
	say(
		table(
			titles.map((title, index) => ({ title, right: index > 0 })),
			[...rows, row('all', all)]
		)
	);
	const failed = all.filter(({ state }) => state === 'failed');
	const reasons = new Map();
	for (const test of failed) {
		const reason = reasonFor(test) ?? 'NOT EXPLAINED';
		reasons.set(reason, [...(reasons.get(reason) ?? []), test]);
	}
	for (const [reason, tests] of [...reasons].sort((a, b) => b[1].length - a[1].length)) {
		say(`\n${tests.length} × ${reason}`);
		for (const { title, message } of tests) say(`  - ${title}\n      ${message.split('\n')[0].slice(0, 200)}`);
	}
}

await main(options(process.argv.slice(2)));
