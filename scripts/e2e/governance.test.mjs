// Who decides on a live network of four: reputation, and neither tokens nor the committee.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { ApiPromise, WsProvider } from '@polkadot/api';

import { account } from '../lib/chain.mjs';
import {
	ballots,
	delegate,
	placeDeposit,
	powerOf,
	propose,
	refund,
	removeOtherVote,
	removeVote,
	reweighVote,
	standing,
	statusOf,
	submit,
	tracks,
	undelegate,
	until,
	vote,
	votingOf
} from '../lib/governance.mjs';
import { ask, begin, develop, end, serve, smallDatanet, UNIT } from '../lib/loop.mjs';
import { agree } from '../lib/motions.mjs';
import { startNetwork, VALIDATORS } from '../lib/network.mjs';
import { indexed } from '../lib/node.mjs';
import { view } from '../lib/view.mjs';

const MINUTES = 60_000;
/** A day of governance takes three blocks. */
const PACE = 14_400;
const BILLION = 1_000_000_000n;

const NAMES = [
	...['root', 'whitelisted_caller', 'parameter_admin', 'agent_admin', 'datanet_admin', 'model_funder'],
	...['referendum_canceller', 'referendum_killer', 'small_spender', 'medium_spender', 'big_spender']
];

/** Who has reputation at genesis, in OPEN: 10,000 in all. Nobody hears of the rest again. */
const GRANTS = {
	Major: 6_000,
	Whole: 800,
	...{ Part1: 200, Part2: 200, Part3: 200, Part4: 200 },
	Target: 500,
	Delegator: 400,
	Splitter: 300,
	Abstainer: 200,
	Absent: 1_000
};

/** Amounts in a genesis are numbers. */
const units = (amount) => amount * Number(UNIT);

/** Who has reputation gets the fee for its transactions, and the whale more than all others together. */
function genesis(patch) {
	const { balances } = patch.balances;
	const others = balances.reduce((sum, [, amount]) => sum + amount, 0);
	// A million more than half: 51 % and a bit.
	balances.push([account('Whale').address, others + units(1_000_000)]);
	balances.push(...Object.keys(GRANTS).map((name) => [account(name).address, units(1)]));
	patch.origins = { pace: PACE };
	patch.reputation = { grants: Object.entries(GRANTS).map(([name, amount]) => [account(name).address, units(amount)]) };
}

const NEW_SHARES = { burn: 500, treasury: 500, model: 2_400, operators: 2_500, data: 4_100 };

/** That two amounts, each rounded down once, are in the proportion of `a` to `b`. */
function assertProportion(left, right, a, b) {
	const apart = left * b - right * a;
	assert.ok(apart <= a && -apart <= b, `${left} to ${right} is not ${a} to ${b}`);
}

/** What ballots add up to. */
function sumUp(all) {
	const tally = { ayes: 0n, nays: 0n, support: 0n };
	for (const { vote: said, own, delegated } of all) {
		const weight = own + delegated;
		const part = (share) => (weight * share.toBigInt()) / BILLION;
		let [ayes, nays] = [0n, 0n];
		if (said.isAye) ayes = weight;
		else if (said.isNay) nays = weight;
		else if (said.isSplit) [ayes, nays] = [part(said.asSplit.aye), part(said.asSplit.nay)];
		tally.ayes += ayes;
		tally.nays += nays;
		tally.support += weight - nays;
	}
	return tally;
}

describe('governance of a network of four', { timeout: 15 * MINUTES }, () => {
	let folder;
	let network;
	let loop;
	let api;
	let failed = false;
	/** The whale's referenda by track. */
	const whales = new Map();
	let decided;

	const check = (name, body) =>
		test(name, { timeout: 6 * MINUTES }, async (context) => {
			try {
				await body(context);
			} catch (error) {
				failed = true;
				throw error;
			}
		});

	const who = (name) => loop.accounts[name];
	const refused = (sent, error) =>
		assert.rejects(sent, (found) => {
			assert.equal(found.error, error);
			return true;
		});
	/** Waits, and says for what. */
	const wait = (context, index, state) => until(loop, index, state, { tell: (text) => context.diagnostic(text) });
	const shares = async () => (await api.query.attribution.feeShares()).toJSON();
	/** An account's ballot in a referendum. */
	const ballotOf = async (name, index, track) =>
		(await votingOf(loop, who(name).address, track)).ballots.find((ballot) => ballot.index === index);
	const tallyOf = async (index) => (await statusOf(loop, index)).tally;
	/** That a running referendum's tally is the sum of what these have said. */
	const assertSum = async (index, track, names) => {
		const all = await Promise.all(names.map((name) => ballotOf(name, index, track)));
		assert.deepEqual(await tallyOf(index), sumUp(all));
	};

	before(
		async () => {
			folder = await mkdtemp(join(tmpdir(), 'openledger-governance-'));
			const tokenFile = join(folder, 'token');
			await writeFile(tokenFile, 'told-to-the-node', { mode: 0o600 });
			const serving = ['--inference-allow-private-locators', '--content-upload-token-file', tokenFile];
			network = await startNetwork({
				options: (name) => (name === 'alice' ? { args: serving } : { inference: false }),
				genesis
			});
			loop = await begin(network.nodes.alice);
			api = loop.api;
			for (const name of ['Whale', ...Object.keys(GRANTS)]) loop.accounts[name] = account(name);
			await loop.observer.reach(2);
		},
		{ timeout: 3 * MINUTES }
	);

	after(async () => {
		for (const name of failed && network ? VALIDATORS : []) {
			process.stderr.write(`The end of ${name}'s log:\n${await network.nodes[name].log(60)}\n`);
		}
		if (loop) await end(loop);
		if (network) await network.stop();
		if (folder) await rm(folder, { recursive: true, force: true });
	});

	check('the metadata say all about the tracks, to who has no types of its own', async () => {
		const plain = await ApiPromise.create({ provider: new WsProvider(network.nodes.bob.ws), noInitWarn: true });
		try {
			const found = tracks(plain);
			assert.deepEqual(found.map(({ name }) => name), NAMES);
			assert.deepEqual(found.map(({ id }) => id), [0, 1, 10, 11, 12, 13, 20, 21, 30, 31, 32]);
			for (const { name, deposit, prepare, decide, confirm, enact, approval, support } of found) {
				assert.ok(deposit > 0n && prepare > 0 && decide > 0 && confirm > 0 && enact > 0, name);
				assert.ok(approval.from === 1e9 && approval.to > 5e8 && support.from > support.to, name);
			}
			// The pace is that of this chain, and Root takes twice 14 days while there is little reputation.
			assert.equal(found[0].decide, 2 * 14 * 3);
			assert.equal(found[2].decide, 7 * 3);
			assert.equal((await plain.query.origins.pace()).toNumber(), PACE);
			// What the API itself could not name would be `Raw` or unknown.
			const { AccountVote, Tally } = Object.fromEntries(
				plain.registry.lookup.types.map(({ type }) => [type.path.at(-1)?.toString(), type])
			);
			assert.ok(AccountVote.def.isVariant && Tally.def.isComposite);
		} finally {
			await plain.disconnect();
		}
	});

	check('what the API derives works: the committee, the treasury, balances; nothing of referenda', async () => {
		const committee = await api.derive.technicalCommittee.members();
		const expected = ['Alice', 'Bob', 'Charlie'].map((name) => who(name).address).sort();
		assert.deepEqual(committee.map((member) => member.toString()).sort(), expected);
		assert.deepEqual(await api.derive.technicalCommittee.proposals(), []);
		assert.equal((await api.derive.technicalCommittee.proposalCount()).toNumber(), 0);
		assert.equal(await api.derive.technicalCommittee.prime(), null);
		const { proposals, approvals } = await api.derive.treasury.proposals();
		assert.deepEqual([proposals, approvals], [[], []]);
		const { freeBalance, votingBalance } = await api.derive.balances.account(who('Major').address);
		assert.equal(freeBalance.toBigInt(), UNIT);
		// A name of the API's: it is the free balance, which votes for nothing here.
		assert.equal(votingBalance.toBigInt(), UNIT);
		// There is none such, for any chain: who follows referenda reads storage and view functions.
		assert.equal(api.derive.referenda, undefined);
		assert.equal(api.derive.convictionVoting, undefined);
		assert.equal(api.derive.democracy, undefined);
	});

	check('more than half of all tokens ask for something on every track, and cannot vote for it', async () => {
		const whale = who('Whale');
		const { free, reserved } = (await api.query.system.account(whale.address)).data;
		const held = free.toBigInt() + reserved.toBigInt();
		const issued = (await api.query.balances.totalIssuance()).toBigInt();
		assert.ok(held * 100n > issued * 51n, `${held} of ${issued}`);

		const call = api.tx.treasury.spendLocal(UNIT, whale.address);
		const all = await Promise.all(NAMES.map((track) => submit(loop, whale, { track, call })));
		NAMES.forEach((track, place) => whales.set(track, all[place]));
		await Promise.all(all.map((index) => placeDeposit(loop, whale, index)));
		await Promise.all(
			all.map((index) => refused(vote(loop, whale, index, ballots.aye), 'contributionVoting.TooLittlePower'))
		);
		// Nor can it lend weight to somebody who can.
		await refused(delegate(loop, whale, who('Major').address, 'root'), 'contributionVoting.TooLittlePower');
	});

	check('60 % of the reputation, with tokens for the fee only, change a parameter', async (context) => {
		const major = who('Major');
		assert.equal((await api.query.system.account(major.address)).data.free.toBigInt(), UNIT);
		const { all, own, total } = await powerOf(loop, major.address, 'parameter_admin');
		assert.equal(all, own);
		assertProportion(own, total, 6n, 10n);

		const before = await shares();
		assert.notDeepEqual(before, NEW_SHARES);
		const call = api.tx.attribution.setShares(NEW_SHARES);
		// Somebody else pays the deposits, who has no say.
		decided = await propose(loop, who('Ferdie'), { track: 'parameter_admin', call, preimage: true });
		await refused(vote(loop, who('Ferdie'), decided, ballots.aye), 'contributionVoting.TooLittlePower');
		await vote(loop, major, decided, ballots.aye);
		const stands = await standing(loop, decided);
		assert.equal(stands.approval, 1e9);
		assert.ok(Math.abs(stands.supportPart - 6e8) < 10, `${stands.supportPart}`);

		await wait(context, decided, 'confirming');
		assert.deepEqual(await shares(), before);
		const approved = await wait(context, decided, 'approved');
		const { ayes, nays } = approved.data.tally;
		assert.ok(ayes.toBigInt() > 0n && nays.isZero());
		const enacted = await wait(context, decided, 'enacted');
		assert.deepEqual((await (await api.at(enacted.hash)).query.attribution.feeShares()).toJSON(), NEW_SHARES);

		const { enact } = tracks(api).find(({ name }) => name === 'parameter_admin');
		assert.ok(enacted.number - approved.number >= enact);
		const back = await refund(loop, who('Ferdie'), decided);
		assert.deepEqual(back, { decision: 50n * UNIT, submission: 5n * UNIT });
	});

	check('whoever likes tidies up votes when all is over, and not before', async () => {
		const { address } = who('Major');
		const running = await submit(loop, who('Ferdie'), { track: 'parameter_admin', call: api.tx.attribution.setShares(NEW_SHARES) });
		await vote(loop, who('Major'), running, ballots.nay);
		const tidy = (index) => removeOtherVote(loop, who('Ferdie'), address, index, 'parameter_admin');
		await refused(tidy(running), 'contributionVoting.NoPermission');
		await refused(reweighVote(loop, who('Ferdie'), address, running), 'contributionVoting.NothingLost');
		await tidy(decided);
		await refused(tidy(decided), 'contributionVoting.NotVoter');
		await removeVote(loop, who('Major'), running);
		assert.deepEqual(await tallyOf(running), { ayes: 0n, nays: 0n, support: 0n });
		// Nothing is left of it.
		assert.equal((await api.query.contributionVoting.votingFor.keys(address)).length, 0);
	});

	check('reputation split over accounts weighs what it weighs in one, to the unit that is rounded away', async () => {
		const index = await submit(loop, who('Ferdie'), { track: 'root', call: api.tx.system.setHeapPages(64) });
		const parts = ['Part1', 'Part2', 'Part3', 'Part4'];
		const say = (name) => vote(loop, who(name), index, name === 'Whole' ? ballots.aye : ballots.nay);
		// In one block, so that all decay alike.
		let blocks;
		for (let tries = 0; blocks?.size !== 1; tries += 1) {
			assert.ok(tries < 10, 'five votes never came into one block');
			const sent = await Promise.all(['Whole', ...parts].map(say));
			blocks = new Set(sent.map(({ number }) => number));
		}
		const { ayes, nays } = await tallyOf(index);
		assert.ok(nays <= ayes && ayes - nays < BigInt(2 * parts.length), `${nays} against ${ayes}`);
		await assertSum(index, 'root', ['Whole', ...parts]);
	});

	check('delegated, split, abstaining, changed and removed: the tally is always the sum', async () => {
		const index = await submit(loop, who('Ferdie'), { track: 'root', call: api.tx.system.setHeapPages(65) });
		const target = who('Target').address;
		await delegate(loop, who('Delegator'), target, 'root');
		assert.deepEqual((await powerOf(loop, who('Delegator').address, 'root')).all, 0n);
		await refused(vote(loop, who('Delegator'), index, ballots.aye), 'contributionVoting.AlreadyDelegating');

		// What is delegated adds to the ballot, four to five.
		await vote(loop, who('Target'), index, ballots.aye);
		const both = await ballotOf('Target', index, 'root');
		assertProportion(both.delegated, both.own, 4n, 5n);
		assert.deepEqual(await tallyOf(index), { ayes: both.own + both.delegated, nays: 0n, support: both.own + both.delegated });
		// On this track only.
		const elsewhere = await powerOf(loop, target, 'big_spender');
		assert.equal(elsewhere.all, elsewhere.own);

		// Six parts for, three against, one abstains.
		await vote(loop, who('Splitter'), index, ballots.split(600_000_000, 300_000_000));
		await refused(
			vote(loop, who('Splitter'), index, ballots.split(600_000_000, 400_000_001)),
			'contributionVoting.BadSplit'
		);
		const { support } = await tallyOf(index);
		await vote(loop, who('Abstainer'), index, ballots.abstain);
		const abstained = await ballotOf('Abstainer', index, 'root');
		assert.equal((await tallyOf(index)).support, support + abstained.own);
		await assertSum(index, 'root', ['Target', 'Splitter', 'Abstainer']);

		// Taken back, it leaves the running ballot at once.
		await undelegate(loop, who('Delegator'), 'root');
		assert.equal((await ballotOf('Target', index, 'root')).delegated, 0n);
		await assertSum(index, 'root', ['Target', 'Splitter', 'Abstainer']);

		await vote(loop, who('Target'), index, ballots.nay);
		const changed = await tallyOf(index);
		assert.ok(changed.nays > changed.ayes);
		await assertSum(index, 'root', ['Target', 'Splitter', 'Abstainer']);
		// Who has voted has to remove that before it delegates.
		await refused(delegate(loop, who('Target'), who('Whole').address, 'root'), 'contributionVoting.AlreadyVoting');
		for (const name of ['Target', 'Splitter']) await removeVote(loop, who(name), index);
		await assertSum(index, 'root', ['Abstainer']);
		await removeVote(loop, who('Abstainer'), index);
		assert.deepEqual(await tallyOf(index), { ayes: 0n, nays: 0n, support: 0n });
	});

	check('the committee makes an urgent call faster, and decides nothing', async (context) => {
		const members = [who('Alice'), who('Bob')];
		const pause = api.tx.txPause.pause(['Proposals', 'propose']);
		// What is kept for each of them is nothing but its key.
		const isPaused = async () => (await api.query.txPause.pausedCalls.keys()).length > 0;

		// It may agree on what it likes: nobody does what it says.
		assert.equal((await agree(loop, members, pause)).error, 'BadOrigin');
		const { hash } = pause.method;
		assert.equal(await agree(loop, members, api.tx.whitelist.whitelistCall(hash)), undefined);
		assert.equal((await api.query.whitelist.whitelistedCall.keys())[0].args[0].toHex(), hash.toHex());
		const urgent = api.tx.whitelist.dispatchWhitelistedCallWithPreimage(pause);
		await assert.rejects(loop.sender.send(who('Alice'), urgent));
		assert.equal((await agree(loop, members, urgent)).error, 'BadOrigin');
		assert.ok(!(await isPaused()));

		const from = loop.observer.best;
		const index = await propose(loop, who('Ferdie'), { track: 'whitelisted_caller', call: urgent });
		// Its members have no vote for being members.
		const alone = vote(loop, who('Alice'), index, ballots.aye);
		await Promise.all([
			refused(alone, 'contributionVoting.TooLittlePower'),
			vote(loop, who('Major'), index, ballots.aye)
		]);
		const enacted = await wait(context, index, 'enacted');
		const { events } = loop.observer.blocks.get(enacted.number);
		const dispatched = events.find(({ name }) => name === 'whitelist.WhitelistedCallDispatched');
		assert.ok(dispatched.data.result.isOk);
		assert.ok(await isPaused());
		const [root, fast] = tracks(api);
		assert.ok(fast.decide * 7 <= root.decide, 'the time for a decision');
		context.diagnostic(`${enacted.number - from} blocks from proposal to enactment`);
		assert.ok(enacted.number - from < root.decide / 4);
	});

	check('who pays for its own model and data earns no voice, unlike who is paid by others', async () => {
		const datanet = await smallDatanet(loop, 'told-to-the-node');
		const model = await develop(loop, 'Eve', 'Eve’s own', [datanet]);
		await serve(loop, who('Alice'), [model]);
		await indexed(network.nodes.alice, 1);
		await loop.observer.reach(loop.observer.best + 2);
		const pending = async (name) => (await view(api, 'reputation.pending', who(name).address)).toBigInt();

		const own = await ask(loop, 'Eve', model, 'What does a compiler do?');
		assert.equal(own.ending, 'Answered');
		const paid = own.credits.filter(({ role }) => role !== 'Operator');
		assert.deepEqual(paid.map(({ role }) => role).sort(), ['Data', 'Model']);
		assert.ok(paid.every((credit) => credit.who === who('Eve').address));
		assert.equal(await pending('Eve'), 0n);
		// The operator is somebody else.
		assert.ok((await pending('Alice')) > 0n);

		const others = await ask(loop, 'Ferdie', model, 'What does a compiler do?');
		assert.equal(others.ending, 'Answered');
		assert.ok((await pending('Eve')) > 0n);
		// What the payer loses for good bounds what all who are paid gain.
		assert.ok((await pending('Eve')) <= others.parts.burn + others.parts.treasury);
		assert.equal(await pending('Ferdie'), 0n);
		// It counts after 30 days only.
		assert.equal((await powerOf(loop, who('Eve').address, 'root')).all, 0n);
	});

	check('more than half of all tokens have passed nothing on any track', async (context) => {
		for (const [track, index] of whales) {
			const { data } = await wait(context, index, 'rejected');
			assert.ok(data.tally.ayes.isZero() && data.tally.nays.isZero() && data.tally.support.isZero(), track);
		}
		const indices = new Set(whales.values());
		const near = ['referenda.ConfirmStarted', 'referenda.Confirmed', 'referenda.Approved']
			.flatMap((name) => loop.observer.all(name))
			.filter(({ data }) => indices.has(data.index.toNumber()));
		assert.deepEqual(near, []);
		// And it cost the deposits for the submission, which are lost where nobody agrees.
		const back = await refund(loop, who('Whale'), whales.get('root'));
		assert.deepEqual(back, { decision: 500n * UNIT });
	});

	check('the network is sound after all this', async () => {
		const finalised = await api.rpc.chain.getHeader(await api.rpc.chain.getFinalizedHead());
		assert.ok(loop.observer.best - finalised.number.toNumber() <= 8);
		for (const name of VALIDATORS) {
			const log = await network.nodes[name].log(100_000);
			assert.deepEqual(log.split('\n').filter((line) => /\bERROR\b|panicked/.test(line)), [], name);
		}
	});
});
