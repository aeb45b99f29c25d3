// Juries, appeals and duplicates on the built node: who is right in the end, and who pays for it.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import { u8aToHex } from '@polkadot/util';
import { encodeAddress } from '@polkadot/util-crypto';

import { account } from '../lib/chain.mjs';
import { advance, decide, heldFor, judge, qualify } from '../lib/curation.mjs';
import { addBatch, begin, createDatanetCall, end, feesPaid, freeBalance, UNIT } from '../lib/loop.mjs';
import { nodeBinary, startNode } from '../lib/node.mjs';
import { bible, devil, foldoc, sample } from '../lib/texts.mjs';
import { view } from '../lib/view.mjs';

const run = promisify(execFile);
const MINUTES = 60_000;
const TREASURY = encodeAddress(Buffer.concat([Buffer.from('modlopn/trsy')], 32), 42);
const SOLUTION = [2, 0, 1, 1];
const CURATORS = Array.from({ length: 20 }, (_, index) => `Curator/${index + 1}`);
const [HONEST, FALSE] = CURATORS;
// Two seats each: whoever is wrong in a jury of three cannot fill more than three of the next seven.
const BOND = 20n * UNIT;
const SCORE = 70;
const accept = () => ({ Accept: { score: SCORE } });
const reject = (reason) => () => ({ Reject: { reason } });
const sum = (amounts) => amounts.reduce((total, amount) => total + amount, 0n);

describe('curation on the built node', { timeout: 20 * MINUTES }, () => {
	let folder;
	let node;
	let loop;
	let api;
	let datanet;
	/** Batches by name: what the tool made, and their id. */
	const batches = {};
	/** All that accounts had at the beginning, held or not, by name. */
	const wealth = {};
	/** What jurors have to lose for their verdicts, by name. */
	const faults = {};

	const tool = async (...args) => (await run(nodeBinary(), ['data', ...args.map(String)], { cwd: folder })).stdout;
	const send = (name, call) => loop.sender.send(loop.accounts[name], call);
	const held = (name, reason) => heldFor(loop, name, 'curation', reason);
	const clusterOf = async (name) => (await view(api, 'datanets.clusterOf', batches[name].id)).unwrap().toNumber();
	const about = (name) => ({ Batch: batches[name].id });
	const duplicate = (name, of) => ({ Duplicate: { batch: batches[name].id, of: batches[of].id } });
	const report = (name) => api.query.curation.reports(batches[name].id);

	const wealthOf = async (name) => {
		const { free, reserved } = (await api.query.system.account(loop.accounts[name].address)).data;
		return free.toBigInt() + reserved.toBigInt();
	};

	/** What an account has lost since the beginning, beside the fees of its transactions. */
	const lost = async (name) => {
		await loop.observer.reach((await api.rpc.chain.getHeader()).number.toNumber());
		return wealth[name] - feesPaid(loop, loop.accounts[name].address) - (await wealthOf(name));
	};

	/** What a call brought to the treasury. */
	const toTreasury = ({ events }) => {
		const to = { 'balances.Deposit': 'who', 'balances.TransferOnHold': 'dest' };
		const mine = events.filter(({ name, data }) => name in to && data[to[name]].toString() === TREASURY);
		return sum(mine.map(({ data }) => data.amount.toBigInt()));
	};

	/** Makes a batch of passages and has `name` add it. */
	const contribute = async (name, batch, passages) => {
		await writeFile(join(folder, `${batch}.jsonl`), passages.map((passage) => `${JSON.stringify(passage)}\n`).join(''));
		await tool('prepare', `${batch}.jsonl`, '--fields', 'title:text,text:text');
		const made = JSON.parse(await readFile(join(folder, `${batch}-000.batch.json`), 'utf8'));
		const added = await send(name, addBatch(api, datanet, { ...made, sha256: made.content.slice(2) }));
		const { batch: id, deposit } = added.find('datanets.BatchAdded');
		batches[batch] = { ...made, id: id.toNumber(), deposit: deposit.toBigInt() };
	};

	/** Compares two batches by the tool. Returns its report and the file's bytes. */
	const compare = async (batch, of, { old = `${of}-000.jsonl`, rows = [], output }) => {
		const drawn = rows.length > 0 ? ['--rows', rows.join()] : [];
		await tool('duplicates', '--new', `${batch}-000.jsonl`, '--old', old, ...drawn, '--output', output);
		const bytes = await readFile(join(folder, output));
		return { bytes, ...JSON.parse(bytes.toString()) };
	};

	/** Commits by the tool, which keeps the secret in a file. What is revealed comes from there. */
	const commitByTool = async (name, what, args) => {
		const file = `${name.replace('/', '-')}-${what}.json`;
		const { address } = loop.accounts[name];
		const printed = await tool('commit', ...args, '--who', address, '--output', file, '--url', node.http);
		const { call, commitment, arguments: kept } = JSON.parse(await readFile(join(folder, file), 'utf8'));
		assert.ok(printed.includes(commitment) && printed.includes(kept.salt) && printed.includes(call));
		return { commitment, ...kept };
	};

	/** The same for a verdict. */
	const verdictByTool = ({ name, subject, verdict, level }) => {
		const { Batch, Duplicate } = subject;
		const batch = Batch ?? Duplicate.batch;
		const which = ['--batch', batch, ...(Duplicate ? ['--duplicate-of', Duplicate.of] : [])];
		const says = verdict.Accept ? ['--accept', verdict.Accept.score] : ['--reject', verdict.Reject.reason.toLowerCase()];
		const what = `${Object.keys(subject)[0]}-${batch}-${level}`;
		return commitByTool(name, what, ['verdict', ...which, ...says]);
	};

	/** What being outvoted by `right` costs the jurors of a round, to be compared with what they lost. */
	const blame = (juries, right) => {
		for (const { name, seats, verdict } of juries.flatMap(({ jurors }) => jurors)) {
			if (Object.keys(verdict)[0] !== right) faults[name] = (faults[name] ?? 0n) + BigInt(seats) * UNIT;
		}
	};

	before(async () => {
		folder = await mkdtemp(join(tmpdir(), 'openledger-curation-'));
		node = await startNode({ inference: false });
		loop = await begin(node);
		api = loop.api;
		for (const name of [...CURATORS, 'Mallory']) loop.accounts[name] = account(name);
		const fund = [...CURATORS, 'Mallory'].map((name) =>
			api.tx.balances.transferKeepAlive(loop.accounts[name].address, 200n * UNIT)
		);
		await send('Alice', api.tx.utility.batchAll(fund));
		for (const name of Object.keys(loop.accounts)) wealth[name] = await wealthOf(name);
		const rules = { contributors: 'Open', curation: 60 };
		const call = createDatanetCall(api, { name: 'Words', domain: 'dictionaries', licence: 'CC0-1.0', rules });
		datanet = (await send('Alice', call)).find('datanets.DatanetCreated').datanet.toNumber();
	});

	after(async () => {
		if (loop) await end(loop);
		if (node) await node.stop();
		if (folder) await rm(folder, { recursive: true, force: true });
	});

	test('curators qualify and bond', async () => {
		assert.equal(api.consts.curation.seatBond.toBigInt(), 10n * UNIT);
		assert.equal(api.consts.curation.minoritySlash.toNumber(), 10, 'a tenth of a seat is one unit');
		const given = Object.fromEntries(CURATORS.map((name) => [name, SOLUTION]));
		const commit = ({ name, answers }) =>
			commitByTool(name, 'answers', ['answers', '--datanet', datanet, '--answers', answers.join()]);
		await qualify(loop, { datanet, solution: SOLUTION, given, tasks: `0x${'11'.repeat(32)}`, commit });
		await assert.rejects(commit({ name: HONEST, answers: SOLUTION }), /there is such a file already/);
		await assert.rejects(commit({ name: 'Bob', answers: [1] }), /4 tasks and 1 answers/);
		await Promise.all(
			CURATORS.map((name) =>
				send(name, api.tx.utility.batchAll([api.tx.curation.claimQualification(datanet), api.tx.curation.bond(datanet, BOND)]))
			)
		);
		assert.equal((await view(api, 'curation.curatorsOf', datanet)).length, CURATORS.length);
		assert.equal(await held(HONEST, 'Bond'), BOND);
	});

	/** Rounds about batches, by name: their juries. */
	const juries = {};

	test('juries of three accept what is good, but for one, and two findings are appealed', async () => {
		// Long enough that every passage has a word or more in twenty.
		const words = (await foldoc()).filter(({ text }) => text.length >= 250);
		const half = words.length / 2;
		const original = sample(words.slice(0, half), 200);
		let count = 0;
		const strange = original.flatMap(({ text }) => text.split(' ')).reverse();
		const changed = (text) =>
			text
				.split(' ')
				.map((word) => (++count % 20 === 0 ? strange[count] : word))
				.join(' ');
		const noise = Array.from({ length: 50 }, (_, row) => {
			const hex = createHash('sha512').update(`${row}`).digest('hex');
			return { title: hex.slice(0, 8), text: hex };
		});
		// The tool needs no chain, and one account's calls go in their order: only the earliest has to be first.
		await contribute('Bob', 'original', original);
		await Promise.all([
			contribute('Charlie', 'near', original.map(({ title, text }) => ({ title, text: changed(text) }))),
			contribute('Dave', 'shuffled', original.slice(0, 150).reverse()),
			contribute('Eve', 'verses', sample(await bible(), 200)),
			contribute('Eve', 'others', sample(words.slice(half), 200)),
			contribute('Ferdie', 'good', sample(await devil(), 200)),
			contribute('Mallory', 'noise', noise)
		]);
		assert.equal(batches.original.id, Math.min(...Object.values(batches).map(({ id }) => id)));
		const verdicts = {
			...Object.fromEntries(['original', 'near', 'shuffled', 'verses', 'others'].map((name) => [name, accept])),
			good: reject('Junk'),
			noise: reject('Junk')
		};
		await Promise.all(
			Object.entries(verdicts).map(async ([name, verdictOf]) => {
				juries[name] = [await judge(loop, about(name), verdictOf, { commit: verdictByTool })];
				const [{ level, jurors, finding }] = juries[name];
				assert.equal(level, 0);
				assert.equal(jurors.reduce((seats, juror) => seats + juror.seats, 0), 3);
				const expected = verdictOf();
				assert.equal(finding.unwrap().type, Object.keys(expected)[0]);
			})
		);

		const late = { name: 'Bob', subject: about('good'), verdict: accept(), level: 0 };
		await assert.rejects(verdictByTool(late), /nobody commits to a verdict now/);

		// Ferdie's is good, Mallory's is not; both appeal, with 5 OPEN for each of seven seats.
		for (const [name, batch] of [['Ferdie', 'good'], ['Mallory', 'noise']]) {
			const free = await freeBalance(loop, loop.accounts[name].address);
			const appealed = await send(name, api.tx.curation.appeal(about(batch)));
			assert.equal(appealed.find('curation.Appealed').deposit.toBigInt(), 35n * UNIT);
			assert.equal(await held(name, 'Appeal'), 35n * UNIT);
			const fee = appealed.find('transactionPayment.TransactionFeePaid').actualFee.toBigInt();
			assert.equal(free - (await freeBalance(loop, loop.accounts[name].address)), 35n * UNIT + fee);
		}
	});

	test('juries of seven hear the appeals, and what nobody appealed is accepted', async () => {
		const wrong = new Set(juries.good[0].jurors.map(({ name }) => name));
		const hear = async (batch, verdictOf) => {
			const jury = await judge(loop, about(batch), verdictOf, { commit: verdictByTool });
			assert.equal(jury.level, 1);
			assert.equal(jury.jurors.reduce((seats, juror) => seats + juror.seats, 0), 7);
			juries[batch].push(jury);
			return jury.finding.unwrap();
		};
		const [good, noise] = await Promise.all([
			// Who was wrong stands by it.
			hear('good', (name) => (wrong.has(name) ? reject('Junk') : accept)()),
			hear('noise', reject('Junk'))
		]);
		assert.equal(good.asAccept.score.toNumber(), SCORE);
		assert.ok(noise.asReject.reason.isJunk);
		await Promise.all(
			['original', 'near', 'shuffled', 'verses', 'others'].map(async (name) => {
				const decided = await decide(loop, about(name));
				assert.equal(decided.find('datanets.BatchAccepted').score.toNumber(), SCORE);
				assert.equal(toTreasury(decided), 0n, 'nobody was wrong');
				assert.equal(await clusterOf(name), batches[name].id, 'a cluster of its own');
			})
		);
	});

	test('jurors check the evidence of near-duplicates for themselves', async () => {
		const found = await compare('near', 'original', { output: 'near.json' });
		assert.equal(found.exact, 0);
		assert.ok(found.share > 0.95, `one word in twenty is changed, and ${found.share} of the rows are found`);
		const none = await compare('verses', 'original', { output: 'verses.json' });
		assert.ok(none.share < 0.01, `${none.share} of the rows of other texts are found`);

		await Promise.all(
			[
				[HONEST, 'near', found, Math.floor(found.share * 100)],
				[FALSE, 'verses', none, 90]
			].map(async ([name, batch, { bytes }, similarity]) => {
				const content = createHash('sha256').update(bytes).digest('hex');
				const stored = await fetch(`${node.content}/content`, { method: 'PUT', body: bytes });
				assert.equal((await stored.json()).sha256, content);
				const evidence = { similarity, content: `0x${content}` };
				const call = api.tx.curation.reportDuplicate(batches[batch].id, batches.original.id, evidence);
				assert.ok((await send(name, call)).find('curation.DuplicateReported'));
				assert.equal(await held(name, 'Report'), 20n * UNIT);

				/** What a juror finds who fetches the evidence and makes it again from the batches. */
				const check = async (juror) => {
					assert.notEqual(juror, name, 'who reports does not judge');
					const { similarity: claimed, content: hash } = (await report(batch)).unwrap().ground.asSimilar;
					const told = await (await fetch(`${node.content}/content/${hash.toHex().slice(2)}`)).json();
					const output = `${juror.replace('/', '-')}-${batch}.json`;
					const { share, exact, near } = await compare(batch, 'original', { output });
					const honest = told.exact === exact && told.near === near && share * 100 >= claimed.toNumber();
					return honest && share > 0.5 ? accept() : reject('Junk')();
				};
				juries[batch].push(await judge(loop, duplicate(batch, 'original'), check, { commit: verdictByTool }));
			})
		);
		assert.ok(juries.near.at(-1).finding.unwrap().isAccept);
		assert.ok(juries.verses.at(-1).finding.unwrap().isReject);
	});

	test('rows that are in an earlier batch link the later one without a jury', async () => {
		const [batch, of] = ['shuffled', 'original'].map((name) => batches[name].id);
		const challenged = await send('Bob', api.tx.curation.challengeRows(batch, of));
		assert.equal(await held('Bob', 'Report'), 20n * UNIT);
		await loop.observer.reach(challenged.find('curation.RowsChallenged').drawAt.toNumber());
		const drawn = (await view(api, 'curation.rowsToShow', batch)).unwrap().map((row) => row.toNumber());
		assert.equal(drawn.length, 16);

		const options = { old: 'original-000.tree', rows: drawn, output: 'rows.json' };
		const { evidence } = await compare('shuffled', 'original', options);
		const byRow = new Map(evidence.map((each) => [each.row, each]));
		const shown = drawn.map((row) => {
			const { oldRow, newProof, oldProof } = byRow.get(row);
			return { row, leaf: newProof.leaf, proof: newProof.path, otherRow: oldRow, otherProof: oldProof.path };
		});
		const prove = (proofs) => send('Bob', api.tx.curation.proveRows(batch, proofs));
		await assert.rejects(prove(shown.slice(1)), { error: 'curation.WrongRows' });
		const wrongPlace = shown.map((each) => ({ ...each, otherRow: (each.otherRow + 1) % 200 }));
		await assert.rejects(prove(wrongPlace), { error: 'curation.NotInEarlier' });
		const proved = await prove(shown);
		assert.ok(proved.find('curation.ReportClosed').end.isConfirmed);
		const joined = proved.find('datanets.ClustersJoined');
		assert.deepEqual([joined.cluster.toNumber(), joined.into.toNumber()], [batch, of]);
		assert.equal(proved.find('seasons.PointsEarned').points.toNumber(), 300);
		assert.equal(await clusterOf('shuffled'), of);
		assert.equal(await held('Bob', 'Report'), 0n);
		assert.equal(await lost('Bob'), 0n);
		await assert.rejects(send('Bob', api.tx.curation.challengeRows(batch, of)), { error: 'curation.AlreadyLinked' });
	});

	test('a challenge whose rows are not shown in time costs its bond', async () => {
		const [batch, of] = ['others', 'original'].map((name) => batches[name].id);
		const challenged = await send('Mallory', api.tx.curation.challengeRows(batch, of));
		const { drawAt, until } = challenged.find('curation.RowsChallenged');
		assert.equal(until.toNumber() - drawAt.toNumber(), api.consts.curation.proofPeriod.toNumber());
		await loop.observer.reach(drawAt.toNumber());
		const drawn = (await view(api, 'curation.rowsToShow', batch)).unwrap().map((row) => row.toNumber());
		const options = { old: 'original-000.tree', rows: drawn, output: 'no-rows.json' };
		assert.deepEqual((await compare('others', 'original', options)).evidence, [], 'there is nothing to show');
		const forged = drawn.map((row) => ({ row, leaf: batches.others.root, proof: [], otherRow: row, otherProof: [] }));
		await assert.rejects(send('Mallory', api.tx.curation.proveRows(batch, forged)), { error: 'curation.NotInBatch' });
		const subject = duplicate('others', 'original');
		const lapse = () => send('Alice', api.tx.curation.advance(subject));
		await assert.rejects(lapse(), { error: 'curation.NotDue' });

		// The period is an hour. Root moves its end, the last field of the record, up to this block.
		const record = (await report('others')).unwrap().toU8a();
		new DataView(record.buffer, record.byteOffset).setUint32(record.length - 4, loop.observer.best, true);
		const moved = [[api.query.curation.reports.key(batch), u8aToHex(record)]];
		const root = await send('Alice', api.tx.sudo.sudo(api.tx.system.setStorage(moved)));
		assert.ok(root.find('sudo.Sudid').sudoResult.isOk);
		await assert.rejects(send('Mallory', api.tx.curation.proveRows(batch, forged)), { error: 'curation.TooLate' });
		const lapsed = await lapse();
		assert.ok(lapsed.find('curation.ReportClosed').end.isRefuted);
		assert.equal(toTreasury(lapsed), 20n * UNIT);
		assert.equal(await held('Mallory', 'Report'), 0n);
		assert.equal(await lost('Mallory'), 20n * UNIT);
		assert.equal(await clusterOf('others'), batch, 'a cluster of its own still');
	});

	test('the appeal that was right has the batch accepted, and those who were wrong pay', async () => {
		const free = await freeBalance(loop, loop.accounts.Ferdie.address);
		const decided = await decide(loop, about('good'));
		assert.equal(decided.find('datanets.BatchAccepted').score.toNumber(), SCORE);
		assert.equal(decided.find('curation.AppealReturned').deposit.toBigInt(), 35n * UNIT);
		assert.equal((await freeBalance(loop, loop.accounts.Ferdie.address)) - free, 35n * UNIT);
		assert.equal(await held('Ferdie', 'Appeal'), 0n);
		assert.equal(await lost('Ferdie'), 0n, 'but for fees');

		const before = await api.at((await api.rpc.chain.getHeader(decided.hash)).parentHash);
		const [first, second] = juries.good;
		const against = second.jurors.filter(({ verdict }) => verdict.Reject).reduce((total, { seats }) => total + seats, 0);
		const wrongSeats = 3 + against;
		assert.equal(toTreasury(decided), BigInt(wrongSeats) * UNIT);
		const slashed = decided.events.filter(({ name }) => name === 'curation.Slashed');
		assert.equal(sum(slashed.map(({ data }) => data.amount.toBigInt())), BigInt(wrongSeats) * UNIT);
		blame(juries.good, 'Accept');
		assert.equal(new Set(first.jurors.map(({ name }) => name)).size, Object.keys(faults).length, 'the first jury alone');

		// Seats, times 200 for the second jury and up to 200 for the dissent, in hundredths, times the accuracy.
		const difficulty = 200 + Math.floor((200 * against) / 7);
		for (const { name, seats, verdict } of second.jurors.filter(({ verdict: each }) => each.Accept)) {
			assert.equal(verdict.Accept.score, SCORE);
			const { address } = loop.accounts[name];
			const accuracy = (await before.query.curation.curators(datanet, address)).unwrap().accuracy.toNumber();
			const isTheirs = ({ name: event, data }) => event === 'seasons.PointsEarned' && data.who.toString() === address;
			const earned = decided.events.find(isTheirs);
			assert.equal(earned.data.points.toNumber(), Math.floor((seats * difficulty * accuracy) / 1_000_000), name);
		}
	});

	test('the appeal that was in vain loses its deposit, and the batch its own', async () => {
		const decided = await decide(loop, about('noise'));
		assert.equal(decided.find('curation.AppealLost').deposit.toBigInt(), 35n * UNIT);
		const { forfeited, reason } = decided.find('datanets.BatchRejected');
		assert.ok(reason.isJunk);
		assert.equal(forfeited.toBigInt(), batches.noise.deposit);
		assert.equal(toTreasury(decided), 35n * UNIT + batches.noise.deposit);
		assert.equal(await held('Mallory', 'Appeal'), 0n);
		assert.equal(await lost('Mallory'), 20n * UNIT + 35n * UNIT + batches.noise.deposit);
	});

	test('a confirmed report links the near-copy, a false one costs its bond', async () => {
		const [right, wrong] = await Promise.all(
			['near', 'verses'].map((name) => decide(loop, duplicate(name, 'original')))
		);
		assert.ok(right.find('curation.ReportClosed').end.isConfirmed);
		const joined = right.find('datanets.ClustersJoined');
		assert.deepEqual([joined.cluster.toNumber(), joined.into.toNumber()], [batches.near.id, batches.original.id]);
		const reward = right.events.filter(({ name, data }) =>
			name === 'seasons.PointsEarned' && data.who.toString() === loop.accounts[HONEST].address
		);
		assert.deepEqual(reward.map(({ data }) => data.points.toNumber()), [300]);
		assert.equal(toTreasury(right), 0n);
		assert.equal(await clusterOf('near'), batches.original.id);
		assert.equal(await clusterOf('original'), batches.original.id);

		assert.ok(wrong.find('curation.ReportClosed').end.isRefuted);
		assert.equal(toTreasury(wrong), 20n * UNIT);
		assert.equal(await clusterOf('verses'), batches.verses.id);
		assert.equal(await held(HONEST, 'Report'), 0n);
		assert.equal(await held(FALSE, 'Report'), 0n);
	});

	test('in the end everybody has lost what it was wrong about, to the unit', async () => {
		faults[FALSE] = (faults[FALSE] ?? 0n) + 20n * UNIT;
		for (const name of CURATORS) {
			assert.equal(await lost(name), faults[name] ?? 0n, name);
			const curator = (await api.query.curation.curators(datanet, loop.accounts[name].address)).unwrap();
			assert.equal(curator.bond.toBigInt(), await held(name, 'Bond'), name);
			assert.equal(curator.seats.toNumber(), 0, name);
		}
		for (const name of ['Bob', 'Charlie', 'Dave', 'Eve', 'Ferdie']) assert.equal(await lost(name), 0n, name);
		assert.equal((await api.query.curation.rounds.keys()).length, 0);
		assert.equal((await api.query.curation.reports.keys()).length, 0);
	});
});
