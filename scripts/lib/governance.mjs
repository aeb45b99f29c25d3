// Referenda, step by step: proposed, decided by reputation, enacted, tidied up.
//
// `chain` is `{ api, sender, observer }`, such as `begin` in loop.mjs returns.

import { stringToU8a, u8aConcat } from '@polkadot/util';
import { blake2AsHex } from '@polkadot/util-crypto';

import { decodeError } from './chain.mjs';
import { snapshot, view } from './view.mjs';

const BILLION = 1_000_000_000;

/** The longest call that a referendum holds itself; longer ones are kept apart, as preimages. */
const MAX_INLINE = 128;

/** What can be said in a referendum. What a split leaves abstains. */
export const ballots = {
	aye: 'Aye',
	nay: 'Nay',
	abstain: 'Abstain',
	/** In billionths of what the voter weighs. */
	split: (aye, nay) => ({ Split: { aye, nay } })
};

const camel = (text) => text.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());

/** The tracks by their numbers, as they were when the connection was made. Periods are in blocks. */
export const tracks = (api) =>
	api.consts.referenda.tracks.map(([id, info]) => ({
		id: id.toNumber(),
		// Filled up with zeros on the chain.
		name: info.name.toString().replace(/\0+$/, ''),
		places: info.maxDeciding.toNumber(),
		deposit: info.decisionDeposit.toBigInt(),
		prepare: info.preparePeriod.toNumber(),
		decide: info.decisionPeriod.toNumber(),
		confirm: info.confirmPeriod.toNumber(),
		enact: info.minEnactmentPeriod.toNumber(),
		approval: line(info.minApproval),
		support: line(info.minSupport)
	}));

/** A falling line: what it asks for at the beginning and from a part of the decision period on. In billionths. */
function line(curve) {
	if (!curve.isLinearDecreasing) throw new Error(`a curve of the kind ${curve.type} is not known here`);
	const { length, floor, ceil } = curve.asLinearDecreasing;
	return { from: ceil.toNumber(), to: floor.toNumber(), length: length.toNumber() };
}

/** A track by its name or number. */
export function trackOf(api, wanted) {
	const all = tracks(api);
	const found = all.find(({ id, name }) => name === wanted || String(id) === String(wanted));
	if (!found) throw new Error(`there is no track ${wanted}; there are ${all.map(({ name }) => name).join(', ')}`);
	return found;
}

/** The origin with which a track's referenda call. */
export function originOf({ id, name }) {
	if (id === 0) return { system: 'Root' };
	return { Origins: camel(`_${name}`) };
}

/** Puts a call's bytes onto the chain, so that a referendum can refer to them. Returns `{ hash, len }`. */
export async function notePreimage({ api, sender }, signer, call) {
	const bytes = call.method.toHex();
	const noted = { hash: blake2AsHex(bytes), len: call.method.encodedLength };
	if (!(await api.query.preimage.requestStatusFor(noted.hash)).isSome) {
		await sender.send(signer, api.tx.preimage.notePreimage(bytes));
	}
	return noted;
}

/**
 * Submits a referendum on a track, which enacts `call` no earlier than `after` blocks after it was approved. A call
 * that is too long for the referendum itself is put onto the chain before, and so is any with `preimage`. Returns the
 * referendum's index.
 */
export async function submit(chain, signer, { track, call, after = 1, preimage = call.method.encodedLength > MAX_INLINE }) {
	const { api, sender } = chain;
	const proposal = preimage
		? { Lookup: await notePreimage(chain, signer, call) }
		: { Inline: call.method.toHex() };
	const origin = originOf(trackOf(api, track));
	const sent = await sender.send(signer, api.tx.referenda.submit(origin, proposal, { After: after }), { final: true });
	return sent.find('referenda.Submitted').index.toNumber();
}

/** Pays the deposit without which a referendum isn't decided. Anybody may. */
export const placeDeposit = ({ api, sender }, signer, index) =>
	sender.send(signer, api.tx.referenda.placeDecisionDeposit(index));

/** Submits a referendum and has `sponsor`, or the submitter, pay its deposit. Returns its index. */
export async function propose(chain, signer, { sponsor = signer, ...what }) {
	const index = await submit(chain, signer, what);
	await placeDeposit(chain, sponsor, index);
	return index;
}

/** Votes, or changes the vote. `ballot`: one of `ballots`. */
export const vote = ({ api, sender }, signer, index, ballot) =>
	sender.send(signer, api.tx.contributionVoting.vote(index, ballot));

/** Removes the signer's own vote. Of a referendum that is over the track has to be named. */
export const removeVote = ({ api, sender }, signer, index, track = null) =>
	sender.send(
		signer,
		api.tx.contributionVoting.removeVote(track === null ? null : trackOf(api, track).id, index)
	);

/** Removes somebody else's vote from a referendum that is over. */
export const removeOtherVote = ({ api, sender }, signer, target, index, track) =>
	sender.send(signer, api.tx.contributionVoting.removeOtherVote(target, trackOf(api, track).id, index));

/** Lets another account vote for the signer on a track. */
export const delegate = ({ api, sender }, signer, target, track) =>
	sender.send(signer, api.tx.contributionVoting.delegate(trackOf(api, track).id, target));

/** Takes a delegation back. */
export const undelegate = ({ api, sender }, signer, track) =>
	sender.send(signer, api.tx.contributionVoting.undelegate(trackOf(api, track).id));

/** Lowers somebody's ballot to the reputation that is left after a loss. */
export const reweighVote = ({ api, sender }, signer, target, index) =>
	sender.send(signer, api.tx.contributionVoting.reweighVote(target, index));

/** What an account would vote with on a track now, with what is delegated to it; what of that is its own; and all there is. */
export async function powerOf({ api }, who, track) {
	const at = await snapshot(api);
	const [all, own, total] = await Promise.all([
		view(at, 'contributionVoting.powerOf', who, trackOf(api, track).id),
		view(at, 'reputation.power', who),
		view(at, 'reputation.total')
	]);
	return { all: all.toBigInt(), own: own.toBigInt(), total: total.toBigInt() };
}

/** What an account does on a track: `{ ballots, delegated }`, or `{ target, weight }` of who delegates. */
export async function votingOf({ api }, who, track) {
	const voting = await api.query.contributionVoting.votingFor(who, trackOf(api, track).id);
	if (voting.isDelegating) {
		const { target, weight } = voting.asDelegating;
		return { target: target.toString(), weight: weight.toBigInt() };
	}
	const { votes, delegations } = voting.asCasting;
	return {
		ballots: votes.map(([index, { vote: said, own, delegated }]) => ({
			index: index.toNumber(),
			vote: said,
			own: own.toBigInt(),
			delegated: delegated.toBigInt()
		})),
		delegated: { weight: delegations.weight.toBigInt(), count: delegations.count.toNumber() }
	};
}

/**
 * How a running referendum stands: `{ ayes, nays, support, total }` in present points, and the shares `approval` and
 * `supportPart` in billionths. Nothing of one that is over.
 */
export async function standing({ api }, index) {
	const found = await view(api, 'contributionVoting.standingOf', index);
	if (found.isNone) return undefined;
	const { ayes, nays, support, total, approval, supportPart } = found.unwrap();
	return {
		...Object.fromEntries(
			Object.entries({ ayes, nays, support, total }).map(([name, points]) => [name, points.toBigInt()])
		),
		approval: approval.toNumber(),
		supportPart: supportPart.toNumber()
	};
}

/** A referendum's tally as it is kept: `{ ayes, nays, support }`, in points at the start of its period. */
export function plainTally({ ayes, nays, support }) {
	return { ayes: ayes.toBigInt(), nays: nays.toBigInt(), support: support.toBigInt() };
}

/** What of a decision period is over, at the most all of it. */
export const progress = (status, number) => Math.min(1, Math.max(0, (number - status.since) / status.track.decide));

/** What a track's `approval` or `support` asks for after a part of the decision period. In billionths. */
export const asked = ({ from, to, length }, part) =>
	Math.round(from - (from - to) * Math.min(1, (part * BILLION) / length));

/**
 * Where a referendum is: `{ index, state, track, … }`. States are those of `until`, and besides `preparing`, `queued`
 * and `undeposited`, which waits for somebody to pay its deposit.
 */
export async function statusOf({ api }, index) {
	const found = await api.query.referenda.referendumInfoFor(index);
	if (found.isNone) throw new Error(`there is no referendum ${index}`);
	const info = found.unwrap();
	if (!info.isOngoing) {
		const ended = info.value[0] ?? info.value;
		const [submission, decision] = info.isKilled ? [] : [info.value[1], info.value[2]];
		return {
			index,
			state: info.type.replace(/^\w/, (letter) => letter.toLowerCase()),
			at: ended.toNumber(),
			deposits: { submission: depositOf(submission), decision: depositOf(decision) }
		};
	}
	const ongoing = info.asOngoing;
	const deciding = ongoing.deciding.unwrapOr(undefined);
	const confirming = deciding?.confirming.unwrapOr(undefined);
	let state = 'preparing';
	if (confirming) state = 'confirming';
	else if (deciding) state = 'deciding';
	else if (ongoing.inQueue.isTrue) state = 'queued';
	else if (ongoing.decisionDeposit.isNone) state = 'undeposited';
	const track = trackOf(api, ongoing.track.toNumber());
	return {
		index,
		state,
		track,
		origin: ongoing.origin,
		proposal: ongoing.proposal,
		submitted: ongoing.submitted.toNumber(),
		submitter: ongoing.submissionDeposit.who.toString(),
		since: deciding?.since.toNumber(),
		confirmed: confirming?.toNumber(),
		tally: plainTally(ongoing.tally)
	};
}

function depositOf(option) {
	if (!option || option.isNone) return undefined;
	const { who, amount } = option.unwrap();
	return { who: who.toString(), amount: amount.toBigInt() };
}

/** The call that a referendum proposes; nothing if its preimage is not on the chain. */
export async function callOf({ api }, proposal) {
	if (proposal.isInline) return api.registry.createType('Call', proposal.asInline.toU8a(true));
	const [hash, len] = proposal.isLookup
		? [proposal.asLookup.hash_ ?? proposal.asLookup.get('hash'), proposal.asLookup.len]
		: [proposal.asLegacy.hash_ ?? proposal.asLegacy.get('hash'), undefined];
	if (!len) return undefined;
	const bytes = await api.query.preimage.preimageFor([hash, len]);
	return bytes.isSome ? api.registry.createType('Call', bytes.unwrap().toU8a(true)) : undefined;
}

/** By what name the scheduler knows the enactment of a referendum. */
export const enactmentOf = (api, index) =>
	blake2AsHex(
		u8aConcat(
			stringToU8a('assembly'),
			api.registry.createType('Text', 'enactment').toU8a(),
			api.registry.createType('u32', index).toU8a()
		)
	);

const REACHED = {
	deciding: 'referenda.DecisionStarted',
	confirming: 'referenda.ConfirmStarted',
	approved: 'referenda.Confirmed',
	rejected: 'referenda.Rejected',
	cancelled: 'referenda.Cancelled',
	killed: 'referenda.Killed',
	timedOut: 'referenda.TimedOut'
};

/** Ends of a referendum, after which only an approved one comes to anything. */
const ENDS = ['approved', 'rejected', 'cancelled', 'killed', 'timedOut'];

/** What `until` waits for, in words. */
const WAITING = {
	deciding: 'its preparation to end and a place on its track',
	confirming: 'approval and support to reach what the track asks for',
	approved: 'the confirmation period to end',
	enacted: 'its enactment'
};

/**
 * Waits until a referendum reaches a state: `deciding`, `confirming`, `approved`, `enacted`, or one of the ends
 * `rejected`, `cancelled`, `killed` and `timedOut`. Fails at once if it ends in another way. What was reached before
 * the chain's observer began counts where the chain still knows of it, which it does not of an enactment. Calls
 * `tell(text)` with what it waits for.
 *
 * Returns the event: `{ number, hash, name, data }`. An enactment whose call failed throws that call's error.
 */
export async function until(chain, index, state, { seconds = 600, tell = () => {} } = {}) {
	const { api, observer } = chain;
	const task = state === 'enacted' ? enactmentOf(api, index) : undefined;
	const isWanted = ({ name, data }) =>
		task
			? name.startsWith('scheduler.') && data.id?.isSome && data.id.unwrap().toHex() === task && name !== 'scheduler.Scheduled'
			: name === REACHED[state] && data.index.toNumber() === index;
	if (!task && !REACHED[state]) throw new Error(`a referendum is never ${state}`);
	const endOf = ({ name, data }) =>
		ENDS.find((end) => REACHED[end] === name && data.index.toNumber() === index);
	// What is approved may still be enacted.
	const isOver = (event) => {
		const end = endOf(event);
		return end !== undefined && end !== state && !(task && end === 'approved');
	};

	const known = observer.all(REACHED[state]).some(isWanted);
	if (!known && !task) {
		const now = await statusOf(chain, index);
		const order = ['deciding', 'confirming', 'approved'];
		const [is, wants] = [order.indexOf(now.state), order.indexOf(state)];
		if (now.state === state || (wants >= 0 && is > wants)) return { number: now.at ?? observer.best, status: now };
		if (ENDS.includes(now.state) && now.state !== state) throw new Error(`referendum ${index} was ${now.state}`);
	}
	const what = WAITING[state] ?? `it to be ${state}`;
	tell(`referendum ${index} at block ${observer.best}: waits for ${what}`);
	const event = await observer.until((each) => isWanted(each) || isOver(each), {
		seconds,
		what: `referendum ${index} to be ${state}`
	});
	if (isOver(event)) {
		throw new Error(`referendum ${index} was ${endOf(event)} in block ${event.number}, before it was ${state}`);
	}
	if (!task) return event;
	if (event.name !== 'scheduler.Dispatched') {
		throw new Error(`referendum ${index} was approved, but its call was not: ${event.name}`);
	}
	if (event.data.result.isErr) throw decodeError(api, event.data.result.asErr);
	return event;
}

/**
 * Gives back the deposits of a referendum that is over, to whoever paid them. That for the submission comes back where
 * the referendum was approved or cancelled. Returns the amounts by kind.
 */
export async function refund(chain, signer, index) {
	const { api, sender } = chain;
	const { state, deposits = {} } = await statusOf(chain, index);
	const refunds = {};
	if (deposits.decision) {
		const sent = await sender.send(signer, api.tx.referenda.refundDecisionDeposit(index));
		refunds.decision = sent.find('referenda.DecisionDepositRefunded').amount.toBigInt();
	}
	if (deposits.submission && ['approved', 'cancelled'].includes(state)) {
		const sent = await sender.send(signer, api.tx.referenda.refundSubmissionDeposit(index));
		refunds.submission = sent.find('referenda.SubmissionDepositRefunded').amount.toBigInt();
	}
	return refunds;
}
