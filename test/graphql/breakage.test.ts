import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { VERIFY_KEY } from '../support/operations.ts';
import { openTown, PUSH } from '../support/town.ts';
import { waitFor } from '../support/wait-for.ts';

const FIELDS = `breakageCount ownerCount consumerCount keyCount days { day breakageCount }
  breakages(first: 10) { edges { node { consumer outcome generation at firstUsedAt lastUsedAt key { id } } } }`;
const OF_REALM = `query ($from: DateTime) { realm(slug: "default") { breakage(from: $from) { ${FIELDS} } } }`;
const OF_ALL = `query ($from: DateTime) { breakage(from: $from) { ${FIELDS} } }`;
const OF_KEY = 'query ($id: ID!) { key(id: $id) { usage { breakages { consumer at } } } }';

test('breakage: each caller sees that of the keys it may see, in a realm and in all; the metric counts by realm', async () => {
  const town = await openTown();
  const { gateway, olga, gus, admin } = town;
  const verifier = await town.issue(admin.token, { scopes: [{ action: 'keytide:verify', resource: '**' }] });
  const verify = async (secret: string, consumer: string) => {
    const input = { secret, action: PUSH.action, resource: 'Acme.Core', consumer };
    return (await gateway.ask(VERIFY_KEY, { input }, verifier.secret)).data['verifyKey'].outcome;
  };
  const own = await town.issue(olga.token, { lifetime: 'P30D' });
  const others = await town.issue(gus.token, { lifetime: 'P30D' });
  const workedAt = gateway.clock.now().toISOString();
  for (const { secret } of [own, others]) expect(await verify(secret, 'ci')).toBe('VALID');
  await gateway.services.uses.flush();
  await gateway.travel(31 * DAY_MS);
  const from = gateway.clock.now();
  const brokenAt = from.toISOString();
  for (const { secret } of [own, others]) expect(await verify(secret, 'ci')).toBe('KEY_EXPIRED');
  await gateway.services.uses.flush();

  const row = {
    consumer: 'ci',
    outcome: 'KEY_EXPIRED',
    generation: 1,
    at: brokenAt,
    firstUsedAt: workedAt,
    lastUsedAt: workedAt,
  };
  const one = (id: string) => ({
    ...{ breakageCount: 1, ownerCount: 1, consumerCount: 1, keyCount: 1 },
    days: [{ day: brokenAt.slice(0, 10), breakageCount: 1 }],
    breakages: { edges: [{ node: { ...row, key: { id } } }] },
  });
  const nothing = {
    breakageCount: 0,
    ownerCount: 0,
    consumerCount: 0,
    keyCount: 0,
    days: [],
    breakages: { edges: [] },
  };
  const seen = async (token: string, variables = {}) => {
    const inRealm = (await gateway.ask(OF_REALM, variables, token)).data['realm'].breakage;
    expect((await gateway.ask(OF_ALL, variables, token)).data['breakage']).toEqual(inRealm);
    return inRealm;
  };
  expect(await seen(await gateway.session(olga.id))).toEqual(one(own.id));
  expect(await seen(await gateway.session(gus.id))).toEqual(one(others.id));
  expect(await seen(await gateway.session(town.eve.id))).toEqual(nothing);
  expect(await seen(verifier.secret)).toEqual(nothing);
  const token = await gateway.admin();
  expect(await seen(token)).toMatchObject({ breakageCount: 2, ownerCount: 2, consumerCount: 2, keyCount: 2 });
  expect(await seen(token, { from: new Date(from.getTime() + DAY_MS).toISOString() }).catch(() => null)).toBeNull();

  expect((await gateway.ask(OF_KEY, { id: own.id }, await gateway.session(olga.id))).data['key'].usage).toEqual({
    breakages: [{ consumer: 'ci', at: brokenAt }],
  });
  expect((await gateway.ask(OF_KEY, { id: own.id }, await gateway.session(gus.id))).data['key']).toBeNull();

  await gateway.services.follower.catchUp();
  const readMetrics = async () => (await fetch(`${gateway.url}/metrics`)).text();
  await waitFor(async () => expect(await readMetrics()).toContain('keytide_breakages_total{realm="default"} 2'));
});

test('breakage: a realm without any has zeros and no days', async () => {
  const town = await openTown();
  const { data } = await town.gateway.ask(OF_REALM, {}, town.admin.token);
  expect(data['realm'].breakage).toMatchObject({ breakageCount: 0, days: [], breakages: { edges: [] } });
});
