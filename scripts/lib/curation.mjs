// Curation from a script: commitments as in `pallets/curation/src/commitments.rs`, qualification, juries.

import { blake2AsHex, randomAsHex } from '@polkadot/util-crypto';

import { nameOf } from './loop.mjs';
import { view } from './view.mjs';

const hashOf = (api, ...parts) =>
	blake2AsHex(Buffer.concat(parts.map(([type, value]) => Buffer.from(api.createType(type, value).toU8a()))));

/** A juror's commitment to a verdict. `subject` and `verdict` are values of the chain's types. */
export function verdictCommitment(api, { subject, level, who, verdict, salt }) {
	const types = api.tx.curation.revealVerdict.meta.args;
	return hashOf(
		api,
		['Text', 'openledger/verdict'],
		['Hash', api.genesisHash],
		[types[0].type.toString(), subject],
		['u8', level],
		['AccountId', who],
		[types[1].type.toString(), verdict],
		['[u8; 32]', salt]
	);
}

/** A candidate's commitment to its answers, for a round opened in block `opened`. */
export const answersCommitment = (api, { datanet, opened, who, answers, salt }) =>
	hashOf(
		api,
		['Text', 'openledger/answers'],
		['Hash', api.genesisHash],
		['u32', datanet],
		['u32', opened],
		['AccountId', who],
		['Bytes', `0x${Buffer.from(answers).toString('hex')}`],
		['[u8; 32]', salt]
	);

/** An owner's commitment to the solution of a qualification. */
export const solutionCommitment = (api, { datanet, owner, answers, salt }) =>
	hashOf(
		api,
		['Text', 'openledger/solution'],
		['Hash', api.genesisHash],
		['u32', datanet],
		['AccountId', owner],
		['Bytes', `0x${Buffer.from(answers).toString('hex')}`],
		['[u8; 32]', salt]
	);

// Each of these commits: with a salt of its own, to what `commitment` makes of it.
const salted = (api, commitment) => async (what) => {
	const salt = randomAsHex(32);
	return { commitment: commitment(api, { ...what, salt }), salt };
};

/**
 * Holds a qualification round of Alice's Datanet up to its solution: what everybody answers is `given`, by
 * name. Everybody can claim then. `commit` makes candidates' commitments and salts, and what else they reveal.
 */
export async function qualify(loop, { datanet, solution, given, passMark = 60, tasks, commit }) {
	const { api, sender, accounts, observer } = loop;
	const send = (name, call) => sender.send(accounts[name], call);
	const owner = accounts.Alice.address;
	const right = await salted(api, solutionCommitment)({ datanet, owner, answers: solution });
	const opened = await send(
		'Alice',
		api.tx.curation.openQualification(datanet, tasks, solution.length, right.commitment, passMark)
	);
	const { commitUntil, revealUntil } = opened.find('curation.QualificationOpened');
	const commitTo = commit ?? salted(api, answersCommitment);
	const candidates = await Promise.all(
		Object.entries(given).map(async ([name, answers]) => {
			const who = accounts[name].address;
			const { commitment, ...kept } = await commitTo({ name, datanet, opened: opened.number, who, answers });
			await send(name, api.tx.curation.commitAnswers(datanet, commitment));
			return { name, answers, ...kept };
		})
	);
	await observer.reach(commitUntil.toNumber() - 1);
	await Promise.all(
		candidates.map(({ name, answers, salt }) => send(name, api.tx.curation.revealAnswers(datanet, answers, salt)))
	);
	await observer.reach(revealUntil.toNumber() - 1);
	await send('Alice', api.tx.curation.revealSolution(datanet, solution, right.salt));
}

/** Takes a round's next step as soon as it is due. Returns the call's block and events. */
export async function advance(loop, subject) {
	const { phase } = (await view(loop.api, 'curation.roundOf', subject)).unwrap();
	const due = phase.isDraw ? phase.asDraw.at : phase.value.until;
	await loop.observer.reach(due.toNumber() - 1);
	return loop.sender.send(loop.accounts.Alice, loop.api.tx.curation.advance(subject));
}

/**
 * Draws a subject's next jury and has it judge: `verdictOf(name, seats)` is what each juror says. `commit`
 * makes their commitments and salts, and what else they reveal. Returns `{ level, jurors, finding }`, the
 * jurors with name, seats and verdict.
 */
export async function judge(loop, subject, verdictOf, { commit } = {}) {
	const { api, sender, accounts } = loop;
	let drawn;
	while (!drawn) drawn = (await advance(loop, subject)).find('curation.JuryDrawn');
	const level = drawn.level.toNumber();
	const commitTo = commit ?? salted(api, verdictCommitment);
	const jurors = await Promise.all(
		drawn.jurors.map(async ([account, count]) => {
			const [name, seats] = [nameOf(loop, account), count.toNumber()];
			const verdict = await verdictOf(name, seats);
			const who = accounts[name].address;
			const { commitment, ...kept } = await commitTo({ name, subject, level, who, verdict });
			await sender.send(accounts[name], api.tx.curation.commitVerdict(subject, commitment));
			return { name, seats, verdict, ...kept };
		})
	);
	const revealed = await Promise.all(
		jurors.map(({ name, verdict, salt }) =>
			sender.send(accounts[name], api.tx.curation.revealVerdict(subject, verdict, salt))
		)
	);
	const found = revealed.map(({ find }) => find('curation.Found')).find(Boolean);
	return { level, jurors, finding: found.finding };
}

/** Waits until nobody can appeal any more and has the finding decided. Returns the block and its events. */
export async function decide(loop, subject) {
	let decided;
	while (!decided?.find('curation.Decided')) decided = await advance(loop, subject);
	return decided;
}

/** What is held on an account for a reason, such as `('curation', 'Bond')`. */
export async function heldFor(loop, name, pallet, reason) {
	const holds = await loop.api.query.balances.holds(loop.accounts[name].address);
	const wanted = ({ id }) => id.type.toLowerCase() === pallet && id.value.type === reason;
	return holds.find(wanted)?.amount.toBigInt() ?? 0n;
}
