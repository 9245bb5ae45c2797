import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { migrate } from '../../src/store/migrate.ts';
import { ManualClock } from '../support/clock.ts';
import { silent } from '../support/embedded-process.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { mutationQuery } from '../support/mutation-query.ts';
import { VERIFY_KEY } from '../support/operations.ts';
import { recorded, restoreRecorded } from './recorded-database.ts';

interface Upgraded {
  readonly gateway: Gateway;
  perform(mutation: string, input: object, selection: string, credential?: string): Promise<any>;
  query(query: string, variables?: object): Promise<any>;
  verify(secret: string): Promise<string>;
}

/** The recorded database, migrated, under a node of this checkout; its clock stands where the recording ended. */
async function openUpgraded(): Promise<Upgraded> {
  const database = await restoreRecorded();
  await migrate(database, { log: silent });
  const gateway = await openGateway({ database, clock: new ManualClock(new Date(recorded.at)) });
  const token = await gateway.session(recorded.olga.id);
  const query = async (text: string, variables: object = {}, credential = token) => {
    const { data, errors } = await gateway.ask(text, variables, credential);
    expect(errors).toBeUndefined();
    return data;
  };
  return {
    gateway,
    query,
    perform: async (mutation, input, selection, credential) =>
      (await query(mutationQuery(mutation, selection), { input }, credential))[mutation],
    async verify(secret) {
      const input = { secret, action: 'package:push', resource: 'Acme.Core', consumer: 'acme/core' };
      return (await query(VERIFY_KEY, { input }, await gateway.admin()))['verifyKey'].outcome;
    },
  };
}

const keyNamed = (name: string) => recorded.keys[name]!;

const outcomes = {
  ACTIVE: 'VALID',
  WITHOUT_EXPIRY: 'VALID',
  EXPIRES_SOON: 'VALID',
  EXPIRED: 'KEY_EXPIRED',
  HELD: 'KEY_HELD',
  HELD_BY_POLICY: 'KEY_HELD',
  REVOKED: 'KEY_REVOKED',
  ROTATED: 'VALID',
  ROTATING: 'VALID',
};

test('upgrade: keys in every state verify as before, and old secrets through their grace period alone', async () => {
  const { verify } = await openUpgraded();
  const found: Record<string, string> = {};
  for (const name of Object.keys(outcomes)) found[name] = await verify(keyNamed(name).secret);
  expect(found).toEqual(outcomes);
  expect(Object.keys(recorded.keys).toSorted()).toEqual(Object.keys(outcomes).toSorted());
  expect(await verify(keyNamed('ROTATING').oldSecret!)).toBe('VALID');
  expect(await verify(keyNamed('ROTATED').oldSecret!)).toBe('SECRET_RETIRED');
});

test('upgrade: a rotation repeated under its idempotency key gives the secret that the release before made', async () => {
  const { perform, verify } = await openUpgraded();
  const { id, secret } = keyNamed('ROTATING');
  const input = { keyId: id, gracePeriod: 'P7D', idempotencyKey: 'rotate once' };
  const selection = 'secret secretUnavailable previousRetiresAt';
  expect(await perform('rotateKey', input, selection)).toMatchObject({ secret, secretUnavailable: false });
  expect(await verify(secret)).toBe('VALID');
});

test('upgrade: stored verdicts explain every key', async () => {
  const { query } = await openUpgraded();
  const explain = /* GraphQL */ `
    query ($id: ID!) {
      key(id: $id) {
        stopsAt
        explanation {
          summary
          decidedBy {
            sentence
          }
          verdicts {
            binding {
              mode
            }
          }
        }
      }
    }
  `;
  for (const { id } of Object.values(recorded.keys)) {
    const { key } = await query(explain, { id });
    expect(key.explanation.summary).toMatch(/\w/);
    expect(key.explanation.verdicts.length).toBeGreaterThan(1);
  }
  const { key } = await query(explain, { id: keyNamed('WITHOUT_EXPIRY').id });
  expect(key.explanation.decidedBy.sentence).toMatch(/\w/);
});

test('upgrade: reviews of all keys shorten nothing, and a key renews', async () => {
  const { gateway, perform } = await openUpgraded();
  const readStops = () => gateway.prisma.key.findMany({ select: { id: true, stopsAt: true }, orderBy: { id: 'asc' } });
  const stops = await readStops();
  await gateway.prisma.key.updateMany({ data: { reviewAt: gateway.clock.now() } });
  await gateway.node.reviewer.reviewDue();
  expect(await readStops()).toEqual(stops);
  expect(stops.length).toBeGreaterThan(9);

  const renewed = await perform('renewKey', { keyId: keyNamed('ACTIVE').id }, 'key { expiresAt }');
  expect(new Date(renewed.key.expiresAt).getTime()).toBe(gateway.clock.now().getTime() + 90 * DAY_MS);
});

test('upgrade: the reviewer reads from the log whether each key renews itself', async () => {
  const { gateway } = await openUpgraded();
  const read = async () => {
    const rows = await gateway.prisma.key.findMany({ select: { isSelfRenewing: true } });
    return new Set(rows.map(({ isSelfRenewing }) => isSelfRenewing));
  };
  expect(await read()).toEqual(new Set([null]));
  await gateway.node.reviewer.reviewDue();
  expect(await read()).toEqual(new Set([false]));
});

test('upgrade: a held key resumes, a rotation is undone, an engaged brake is released, and a webhook is still there', async () => {
  const { gateway, perform, query, verify } = await openUpgraded();
  const { id, secret } = keyNamed('HELD');
  await perform('resumeKey', { keyId: id }, 'key { id }');
  expect(await verify(secret)).toBe('VALID');
  const rotating = keyNamed('ROTATING');
  await perform('undoRotation', { keyId: rotating.id }, 'key { id }');
  expect(await verify(rotating.secret)).toBe('SECRET_RETIRED');
  expect(await verify(rotating.oldSecret!)).toBe('VALID');
  const release = { brakeId: recorded.brake.brakeId, reason: 'as intended' };
  const released = await perform('releaseBrake', release, 'brake { id }', await gateway.admin());
  expect(released).toMatchObject({ brake: { id: recorded.brake.brakeId } });
  const { viewer } = await query('{ viewer { ... on Account { webhooks { edges { node { id } } } } } }');
  expect(viewer.webhooks.edges).toEqual([{ node: { id: recorded.webhook.webhook.id } }]);
});

test('upgrade: the history of every key is read', async () => {
  const { query } = await openUpgraded();
  const { keys } = await query(
    '{ keys(first: 20) { edges { node { id events(first: 20) { edges { node { type data } } } } } } }',
  );
  expect(keys.edges).toHaveLength(Object.keys(recorded.keys).length);
  for (const { node } of keys.edges) expect(node.events.edges[0].node.type).toBe('KEY_ISSUED');
});
