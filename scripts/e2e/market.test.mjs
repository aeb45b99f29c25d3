// The market on the built node: a model sold with its deposits, shares sold, a model let and its rent divided.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { begin, develop, end, feesPaid, request, smallDatanet, UNIT } from '../lib/loop.mjs';
import { startNode } from '../lib/node.mjs';
import { view } from '../lib/view.mjs';

const MINUTES = 60_000;
const PRICE = 7n * UNIT;
const PER_DAY = 1_000n * UNIT;
const big = (value) => BigInt(value.toString());

describe('the market on the built node', { timeout: 10 * MINUTES }, () => {
	let node;
	let loop;
	let api;
	let datanet;
	let model;

	const send = (name, call) => loop.sender.send(loop.accounts[name], call);
	const address = (name) => loop.accounts[name].address;
	const refused = (name, call, expected) =>
		assert.rejects(send(name, call), ({ error }) => {
			assert.equal(error, expected);
			return true;
		});
	const stored = async () => (await api.query.models.models(model)).unwrap();

	/** All that an account has, held or not, without the fees of its transactions. */
	const wealth = async (name) => {
		await loop.observer.reach((await api.rpc.chain.getHeader()).number.toNumber());
		const number = loop.observer.best;
		const at = await api.at(loop.observer.blocks.get(number).hash);
		const { free, reserved } = (await at.query.system.account(address(name))).data;
		return big(free) + big(reserved) + feesPaid(loop, address(name), { until: number });
	};

	before(async () => {
		node = await startNode({ inference: false });
		loop = await begin(node);
		api = loop.api;
		datanet = await smallDatanet(loop);
		model = await develop(loop, 'Bob', 'Search', [datanet]);
	});

	after(async () => {
		if (loop) await end(loop);
		if (node) await node.stop();
	});

	test('a model is sold with its deposits', async () => {
		await refused('Charlie', api.tx.market.list(model, PRICE, null, null), 'market.NotOwner');
		await send('Bob', api.tx.market.list(model, PRICE, null, null));
		const listing = (await view(api, 'market.listing', model)).unwrap();
		assert.equal(listing.seller.toString(), address('Bob'));
		const held = big((await stored()).held);
		const buy = (price, deposit, divided) => api.tx.market.buy(model, price, deposit, divided);
		await refused('Charlie', buy(PRICE - 1n, held, false), 'market.PriceTooHigh');
		await refused('Charlie', buy(PRICE, held - 1n, false), 'models.DepositTooHigh');
		await refused('Charlie', buy(PRICE, held, true), 'models.SharesChanged');
		const before = { Bob: await wealth('Bob'), Charlie: await wealth('Charlie') };
		await send('Charlie', buy(PRICE, held, false));
		assert.equal((await stored()).owner.toString(), address('Charlie'));
		assert.equal((await wealth('Bob')) - before.Bob, PRICE);
		assert.equal(before.Charlie - (await wealth('Charlie')), PRICE);
		assert.ok((await view(api, 'market.listing', model)).isNone);
	});

	test('shares are sold in parts', async () => {
		const holders = [[address('Charlie'), 10_000]];
		await send('Charlie', api.tx.models.divide(model, holders));
		await send('Charlie', api.tx.market.listShares(model, 4_000, UNIT / 1_000n, null));
		const before = await wealth('Dave');
		await send('Dave', api.tx.market.buyShares(model, address('Charlie'), 2_500, UNIT / 1_000n));
		assert.equal(before - (await wealth('Dave')), (2_500n * UNIT) / 1_000n);
		const [[seller, left]] = await view(api, 'market.sharesForSale', model, null, 10);
		assert.equal(seller.toString(), address('Charlie'));
		assert.equal(left.amount.toNumber(), 1_500);
		await send('Charlie', api.tx.market.unlistShares(model, address('Charlie')));
	});

	test('a model that is let answers its tenants, and rent goes to shares and data', async () => {
		const ask = request(api, model, 'What is a compiler?');
		await send('Charlie', api.tx.models.setAudience(model, 'Tenants'));
		await send('Charlie', api.tx.market.setTerms(model, PER_DAY, 30));
		await refused('Ferdie', ask, 'models.TenantsOnly');
		const price = big((await view(api, 'market.rentFor', model, 2)).unwrap());
		assert.equal(price, 2n * PER_DAY);
		await refused('Ferdie', api.tx.market.rent(model, 2, price - 1n), 'market.PriceTooHigh');
		await send('Ferdie', api.tx.market.rent(model, 2, price));
		assert.ok((await view(api, 'market.isTenant', model, address('Ferdie'))).isTrue);
		// Nobody serves it here, and that is all that is wrong now.
		await refused('Ferdie', ask, 'inference.NoOperator');
		await refused('Ferdie', api.tx.market.endRental(model), 'market.StillServed');

		const collected = await send('Eve', api.tx.market.collect(model, address('Ferdie')));
		const { fee, parts } = collected.find('attribution.Settled');
		const { burn, treasury, model: models, operators, data } = parts;
		assert.ok(big(fee) > 0n);
		assert.equal(big(burn) + big(treasury) + big(models) + big(data), big(fee));
		assert.equal(big(operators), 0n);
		const gap = big(data) * 25n - big(models) * 40n;
		assert.ok(gap < 65n && gap > -65n, 'data and model share as 40 to 25');
		await send('Eve', api.tx.models.distribute(model));
		const credits = await Promise.all(['Charlie', 'Dave'].map((name) => api.query.attribution.credits(address(name))));
		assert.equal(credits.reduce((sum, credit) => sum + big(credit), 0n), big(models));
		const [{ id }] = [...loop.batches.values()];
		const income = big((await view(api, 'datanets.incomeOf', id)).unwrap());
		assert.ok(income > 0n && income <= big(data));
	});

	test('the tenant of a paused model has the rest back', async () => {
		const before = await wealth('Ferdie');
		await send('Charlie', api.tx.models.pause(model));
		const ended = await send('Ferdie', api.tx.market.endRental(model));
		const refunded = big(ended.find('market.RentalEnded').refunded);
		const earned = big(ended.find('market.RentCollected').amount);
		assert.equal(before - (await wealth('Ferdie')), earned);
		assert.ok(refunded > PER_DAY);
		assert.ok((await view(api, 'market.isTenant', model, address('Ferdie'))).isFalse);
		assert.ok((await api.query.market.rentals(model, address('Ferdie'))).isNone);
	});
});
