// Several runs share the tests of the same files. Each writes what comes of them to a file, a test a line.

const { appendFileSync } = require('node:fs');

const write = (report, test, fields) => {
	const line = { file: test.file, title: test.fullTitle(), ...fields };
	appendFileSync(report, `${JSON.stringify(line)}\n`);
};

const testsOf = (suite) => [...suite.tests, ...suite.suites.flatMap(testsOf)];

/** A hook before all tests that leaves each `shards`th of them, beginning with the one of that index. */
function keepShard(shard, shards, report) {
	return function () {
		const root = this.test.parent;
		const kept = new Set(testsOf(root).filter((_, index) => index % shards === shard));
		const prune = (suite) => {
			suite.tests = suite.tests.filter((test) => kept.has(test));
			suite.suites.forEach(prune);
		};
		prune(root);
		// If a hook fails, Mocha says nothing of the tests that it was for.
		kept.forEach((test) => write(report, test, { state: 'planned' }));
	};
}

/** Mocha's reporter. */
class Lines {
	constructor(runner, { reporterOptions: { output } }) {
		runner.on('pass', (test) => write(output, test, { state: 'passed', ms: test.duration }));
		runner.on('pending', (test) => write(output, test, { state: 'skipped' }));
		runner.on('fail', (test, { message, stack }) => {
			const hook = test.type === 'hook' ? { hook: test.ctx?.currentTest?.fullTitle() ?? test.parent.fullTitle() } : {};
			write(output, test, { state: 'failed', ...hook, message, stack });
		});
	}
}

module.exports = { keepShard, Lines };
