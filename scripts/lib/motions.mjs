// Motions of the technical committee, which can say that a call is urgent, and nothing else.

import { decodeError } from './chain.mjs';

/**
 * Has members of the committee agree on a call: the first one moves it, all vote for it, and it is closed. Returns
 * the error with which the call failed, if it did.
 */
export async function agree({ api, sender }, members, call) {
	const { encodedLength } = call.method;
	const moved = await sender.send(
		members[0],
		api.tx.technicalCommittee.propose(members.length, call, encodedLength)
	);
	const { proposalHash, proposalIndex } = moved.find('technicalCommittee.Proposed');
	await Promise.all(
		members.map((member) =>
			sender.send(member, api.tx.technicalCommittee.vote(proposalHash, proposalIndex, true))
		)
	);
	const { weight } = await call.paymentInfo(members[0].address);
	const closed = await sender.send(
		members[0],
		api.tx.technicalCommittee.close(proposalHash, proposalIndex, weight, encodedLength)
	);
	const executed = closed.find('technicalCommittee.Executed');
	if (!executed) throw new Error('the committee did not agree');
	return executed.result.isErr ? decodeError(api, executed.result.asErr) : undefined;
}
