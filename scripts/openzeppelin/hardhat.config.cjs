// OpenZeppelin's own Hardhat configuration, changed as little as it takes to run their tests on a chain that is not
// Hardhat's. Run by run.mjs, which sets:
//
//   OPENZEPPELIN_CHECKOUT   the checkout, with its packages installed
//   OPENZEPPELIN_SOLC       the compiler, the package solc of the version that they ask for
//   OPENZEPPELIN_CHAIN      for tests: { url, mnemonic, accounts, shard, shards, report } as JSON

const { createRequire } = require('node:module');
const { join } = require('node:path');

const checkout = process.env.OPENZEPPELIN_CHECKOUT;
const solc = process.env.OPENZEPPELIN_SOLC;
const chain = JSON.parse(process.env.OPENZEPPELIN_CHAIN ?? 'null');

// Hardhat finds its plugins, and they Hardhat, from the working folder, which is the checkout.
const theirs = createRequire(join(checkout, 'hardhat.config.js'));
const config = theirs('./hardhat.config.js');
const { extendEnvironment, subtask } = theirs('hardhat/config');
const tasks = theirs('hardhat/builtin-tasks/task-names');
const { WaitingProvider, lazyGas } = require('./provider.cjs');
const { keepShard, Lines } = require('./shard.cjs');

// Hardhat would download the compiler.
subtask(tasks.TASK_COMPILE_SOLIDITY_GET_SOLC_BUILD).setAction(async ({ solcVersion }) => {
	const { version } = theirs(join(solc, 'package.json'));
	if (version !== solcVersion) throw new Error(`they ask for solc ${solcVersion}, and this is ${version}`);
	const longVersion = theirs(solc)
		.version()
		.replace(/\.Emscripten.*/, '');
	return { compilerPath: join(solc, 'soljson.js'), isSolcJs: true, version, longVersion };
});

// What the chosen tests deploy; the compiler adds what that imports.
const USED = /^contracts\/(token|access|governance|mocks\/(token|governance|docs|[^/]*\.sol)|utils\/introspection)/;
subtask(tasks.TASK_COMPILE_SOLIDITY_GET_SOURCE_NAMES).setAction(async (_, __, runSuper) =>
	(await runSuper()).filter((name) => !name.startsWith('contracts/') || USED.test(name))
);

config.paths = { ...config.paths, root: checkout };

if (chain) {
	const { url, mnemonic, accounts, shard, shards, report } = chain;
	// Under this name alone Hardhat's signers take the gas from here.
	config.networks = { localhost: { url, accounts: { mnemonic, ...accounts }, gas: lazyGas, timeout: 600_000 } };
	config.defaultNetwork = 'localhost';
	config.mocha = {
		timeout: 900_000,
		reporter: Lines,
		reporterOptions: { output: report },
		rootHooks: { beforeAll: keepShard(shard, shards, report) }
	};
	extendEnvironment((hre) => {
		// No transaction can put contracts at addresses of one's choice.
		hre.config.predeploy = {};
		// Outside of all that Hardhat does itself, such as signing with the account's next number.
		hre.network.provider = new WaitingProvider(hre.network.provider);
	});
	// Without snapshots, what a fixture makes is made anew for each test.
	theirs('@nomicfoundation/hardhat-network-helpers/dist/src/loadFixture').loadFixture = (fixture) => fixture();
}

module.exports = config;
