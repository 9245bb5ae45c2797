import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { REVIVAL_MS } from '../../src/domain/life.ts';
import { newId } from '../../src/domain/id.ts';
import { newSecret } from '../../src/domain/secret.ts';
import { systemRandom } from '../../src/store/random.ts';
import { parseGithubKeys } from '../../src/http/leaks/parse-github-keys.ts';
import { openGateway } from '../support/gateway.ts';
import { listOf, openLeakWorld, type LeakWorld } from '../support/leak-world.ts';
import { expectInvariants } from '../support/invariants.ts';
import { mutationQuery } from '../support/mutation-query.ts';
import { StatementFaults, cutConnection } from '../support/statement-faults.ts';
import { waitFor } from '../support/wait-for.ts';

const faults = new StatementFaults(cutConnection);

/** The newest event of a key. */
async function lastEvent({ gateway }: LeakWorld, keyId: string) {
  return gateway.prisma.event.findFirstOrThrow({ where: { keyId }, orderBy: { position: 'desc' } });
}

test('leak: the key is held at once, and its event says who reported it, where it was found and where it was used', async () => {
  const leaks = await openLeakWorld();
  const { gateway, world, record, report, verify } = leaks;
  const { id, secret } = await world.key();
  expect(await verify(secret, 'ci')).toBe('VALID');
  gateway.clock.advance(DAY_MS);
  expect(await verify(secret, 'laptop')).toBe('VALID');
  const usedAt = gateway.clock.now().toISOString();
  gateway.clock.advance(60_000);
  const startedAt = performance.now();
  expect((await report(record(secret))).labels).toEqual(['true_positive']);
  expect(await verify(secret)).toBe('KEY_HELD');
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  expect(await lastEvent(leaks, id)).toMatchObject({
    type: 'KEY_HELD',
    at: gateway.clock.now(),
    actorKind: 'SYSTEM',
    actorId: null,
    actorName: 'github',
    reason: 'Its secret was reported as leaked by github.',
    data: {
      source: 'LEAK',
      generation: 1,
      reportedBy: 'github',
      url: 'https://github.com/octocat/Hello-World/blob/12345600b9cbe38a219f39a9941c9319b600c002/foo/bar.txt',
      foundIn: 'commit',
      lastUsedAt: usedAt,
      uses: [
        { consumer: 'laptop', lastUsedAt: usedAt },
        { consumer: 'ci', lastUsedAt: expect.any(String) },
      ],
    },
  });
  // Policy lifts no hold but its own; whoever manages the key does.
  await gateway.travel(DAY_MS);
  expect((await leaks.key(id)).state).toBe('HELD');
  const { token } = await gateway.person('stranger');
  await expect(world.mutate('resumeKey', { keyId: id }, 'key { id }', token)).rejects.toThrow('KEY_NOT_FOUND');
  await world.mutate('resumeKey', { keyId: id }, 'key { id }');
  expect((await leaks.key(id)).state).toBe('ACTIVE');
});

test('leak: a held key is rotated before it is resumed, and the finder of its secret gains nothing in between', async () => {
  const leaks = await openLeakWorld();
  const { gateway, world, record, report, verify } = leaks;
  const finderAsks = (secret: string) =>
    gateway.ask(mutationQuery('rotateKey', 'secret'), { input: { gracePeriod: 'P30D' } }, secret);
  // One as it was issued; and one that its finder has rotated already.
  const plain = await world.key();
  const taken = await world.key();
  const { secret: finders } = (await finderAsks(taken.secret)).data['rotateKey'];
  await report(record(plain.secret), record(taken.secret));
  const pending = world.mutate('rotateKey', { keyId: taken.id, gracePeriod: 'PT0S' }, 'secret');
  await expect(pending).rejects.toThrow('ROTATION_PENDING');
  await world.mutate('confirmRotation', { keyId: taken.id }, 'key { id }');
  for (const { id, found } of [
    { id: plain.id, found: [plain.secret] },
    { id: taken.id, found: [taken.secret, finders] },
  ]) {
    const { secret } = await world.mutate('rotateKey', { keyId: id, gracePeriod: 'PT0S' }, 'secret');
    expect((await leaks.key(id)).state).toBe('HELD');
    for (const one of found) expect((await finderAsks(one)).errors?.[0]?.extensions['outcome']).toBe('SECRET_RETIRED');
    await world.mutate('resumeKey', { keyId: id }, 'key { id }');
    for (const one of found) expect(await verify(one)).toBe('SECRET_RETIRED');
    expect(await verify(secret)).toBe('VALID');
  }
});

test('leak: in a realm with leakResponse REVOKE the key is revoked; its children live on and are named', async () => {
  const leaks = await openLeakWorld();
  const { gateway, world, record, report } = leaks;
  const changed = await world.mutate(
    'updateRealm',
    { realm: 'default', leakResponse: 'REVOKE' },
    'realm { leakResponse }',
  );
  expect(changed.realm).toEqual({ leakResponse: 'REVOKE' });
  const scopes = [
    { action: 'keytide:issue', resource: '**' },
    { action: 'package:push', resource: 'Acme.*' },
  ];
  const parent = await world.mutate('issueKey', { realm: 'default', name: 'parent', scopes }, 'key { id } secret');
  const input = { realm: 'default', name: 'child', scopes: [scopes[1]] };
  const child = await world.mutate('issueKey', input, 'key { id } secret', parent.secret);
  expect((await report(record(parent.secret))).labels).toEqual(['true_positive']);
  expect(await lastEvent(leaks, parent.key.id)).toMatchObject({
    type: 'KEY_REVOKED',
    data: { source: 'LEAK', children: [child.key.id] },
  });
  expect((await leaks.key(parent.key.id)).state).toBe('REVOKED');
  expect(await leaks.verify(child.secret)).toBe('VALID');

  const query = '{ realm(slug: "default") { leakResponse } }';
  expect((await gateway.ask(query, {}, await gateway.admin())).data['realm']).toEqual({ leakResponse: 'REVOKE' });
  const [updated] = await gateway.prisma.event.findMany({ where: { type: 'REALM_UPDATED' } });
  expect(updated?.data).toEqual({
    changed: ['leakResponse'],
    before: { leakResponse: 'HOLD' },
    after: { leakResponse: 'REVOKE' },
  });
});

test('leak: a secret that a person has replaced retires alone; if it was rotated with itself its key is held', async () => {
  const leaks = await openLeakWorld();
  const { world, record, report, verify } = leaks;
  const byPerson = await world.rotatingKey();
  expect((await report(record(byPerson.oldSecret))).labels).toEqual(['true_positive']);
  expect(await lastEvent(leaks, byPerson.id)).toMatchObject({
    type: 'KEY_ROTATION_COMPLETED',
    actorName: 'github',
    data: { generation: 1, by: 'LEAKED', reportedBy: 'github' },
  });
  expect(await verify(byPerson.oldSecret)).toBe('SECRET_RETIRED');
  expect(await verify(byPerson.secret)).toBe('VALID');

  // Whoever found the secret may have the new one.
  const byItself = await world.key();
  const { secret } = await world.mutate('rotateKey', {}, 'secret', byItself.secret);
  expect((await report(record(byItself.secret))).labels).toEqual(['true_positive']);
  expect(await verify(secret)).toBe('KEY_HELD');

  // The newer one of a rotation is the key's own.
  const newer = await world.rotatingKey();
  await report(record(newer.secret));
  expect([await verify(newer.secret), await verify(newer.oldSecret)]).toEqual(['KEY_HELD', 'KEY_HELD']);
});

test('leak: an expired key that may be revived is held after its renewal, or revoked now', async () => {
  const leaks = await openLeakWorld();
  const { gateway, world, record, report, verify } = leaks;
  const last = await world.key();
  gateway.clock.advance(DAY_MS);
  const held = await world.key();
  gateway.clock.advance(45 * DAY_MS + REVIVAL_MS - DAY_MS - 1);
  // The one a moment before it is over for good, the other a day before.
  expect((await report(record(last.secret), record(held.secret))).labels).toEqual(Array(2).fill('true_positive'));
  expect(await verify(held.secret)).toBe('KEY_EXPIRED');
  for (const { id } of [last, held]) expect((await leaks.eventsOf(id)).slice(-2)).toEqual(['KEY_EXPIRED', 'KEY_HELD']);
  await world.mutate('renewKey', { keyId: held.id, lifetime: 'P30D' }, 'key { id }');
  expect(await verify(held.secret)).toBe('KEY_HELD');
  await world.mutate('rotateKey', { keyId: held.id, gracePeriod: 'PT0S' }, 'key { id }');
  await world.mutate('resumeKey', { keyId: held.id }, 'key { id }');
  expect(await verify(held.secret)).toBe('SECRET_RETIRED');

  await world.mutate('updateRealm', { realm: 'default', leakResponse: 'REVOKE' }, 'realm { id }');
  const revoked = await world.key();
  gateway.clock.advance(46 * DAY_MS);
  await report(record(revoked.secret));
  expect((await leaks.eventsOf(revoked.id)).slice(-2)).toEqual(['KEY_EXPIRED', 'KEY_REVOKED']);
  expect(await verify(revoked.secret)).toBe('KEY_REVOKED');
});

test('leak: a key is held although the use of other keys cannot be written', async () => {
  const leaks = await openLeakWorld();
  const { gateway, world, record, report, verify } = leaks;
  const other = await world.key();
  // Keys are locked in the order of their ids, which begin with the moment that they were made at.
  gateway.clock.advance(1);
  const [first, second] = [await world.key(), await world.key()];
  for (const { secret } of [other, first, second]) expect(await verify(secret)).toBe('VALID');
  await gateway.services.uses.flush();
  const client = new Client({ connectionString: gateway.database });
  await client.connect();
  onTestFinished(() => client.end());
  await client.query('BEGIN');
  await client.query('SELECT 1 FROM "Key" WHERE id = $1 FOR UPDATE', [other.id]);
  const used = async () => {
    gateway.clock.advance(1_000);
    for (const { secret } of [other, first, second]) await verify(secret, 'laptop');
    return gateway.clock.now().toISOString();
  };

  // Before the batch of all uses has come due it waits for nothing, and tells the last use.
  const usedAt = await used();
  expect((await report(record(first.secret))).labels).toEqual(['true_positive']);
  expect(await lastEvent(leaks, first.id)).toMatchObject({ type: 'KEY_HELD', data: { lastUsedAt: usedAt } });

  // Behind that batch it waits for 200 ms.
  gateway.clock.advance(5_000);
  const done = report(record(second.secret));
  let isDone = false;
  void done.then(() => (isDone = true));
  await waitFor(() => {
    gateway.clock.advance(200);
    expect(isDone).toBe(true);
  });
  expect(await verify(second.secret)).toBe('KEY_HELD');

  await client.query('COMMIT');
  await gateway.services.uses.flush();
  const written = await gateway.prisma.key.findMany({ where: { id: { in: [other.id, second.id] } } });
  expect(written.map(({ lastUsedAt }) => lastUsedAt?.toISOString())).toEqual([usedAt, usedAt]);
});

test('leak: a key that a person holds already is held for the leak too', async () => {
  const leaks = await openLeakWorld();
  const { world, record, report } = leaks;
  const { id, secret } = await world.key();
  await world.mutate('holdKey', { keyId: id, reason: 'looked at' }, 'key { id }');
  expect((await report(record(secret))).labels).toEqual(['true_positive']);
  expect((await leaks.key(id)).holds.map(({ source }) => source).sort()).toEqual([
    'Administrator',
    'github (leak report)',
  ]);
});

test(
  'leak: a thousand leaked keys in one report are held within ten seconds, each with one event',
  { timeout: 180_000 },
  async () => {
    const leaks = await openLeakWorld();
    const { gateway, record, report } = leaks;
    const { id: keyId } = await leaks.world.key();
    const {
      metadata: _,
      warnings: _w,
      brownouts: _b,
      ...template
    } = await gateway.prisma.key.findUniqueOrThrow({ where: { id: keyId } });
    const now = gateway.clock.now();
    const made = Array.from({ length: 1_000 }, () => ({
      id: newId('key', now, systemRandom),
      secret: newSecret(systemRandom),
    }));
    await gateway.prisma.key.createMany({
      data: made.map(({ id }) => ({ ...template, id, scopes: template.scopes! })),
    });
    await gateway.prisma.secret.createMany({
      data: made.map(({ id, secret }) => ({
        id: newId('secret', now, systemRandom),
        keyId: id,
        generation: 1,
        digest: Buffer.from(secret.digest()),
        start: secret.start,
        createdAt: now,
      })),
    });
    const startedAt = performance.now();
    const { labels } = await report(...made.map(({ secret }) => record(secret.reveal())));
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect([labels.length, new Set(labels)]).toEqual([1_000, new Set(['true_positive'])]);
    expect(await gateway.prisma.event.count({ where: { type: 'KEY_HELD' } })).toBe(1_000);
    expect(await gateway.prisma.hold.count({ where: { source: 'LEAK' } })).toBe(1_000);
  },
);

test(
  'leak: a failure at any statement leaves nothing half done, and the repeated report takes effect once',
  { timeout: 180_000 },
  async () => {
    const leaks = await openLeakWorld();
    const { gateway, world, record, report } = leaks;
    for (const response of ['HOLD', 'REVOKE']) {
      await world.mutate('updateRealm', { realm: 'default', leakResponse: response }, 'realm { id }');
      const { id, secret } = await world.key();
      for (let at = 1; ; at += 1) {
        faults.arm({ at, when: 'BEFORE' });
        const { status } = await report(record(secret));
        if (faults.hit === null) {
          expect([status, at > 5]).toEqual([200, true]);
          break;
        }
        expect(status, String(faults.statements.at(-1))).toBeGreaterThanOrEqual(500);
        expect(await gateway.prisma.leak.count({ where: { secret: { keyId: id } } })).toBe(0);
        expect(await leaks.eventsOf(id)).toEqual(['KEY_ISSUED']);
      }
      expect(await leaks.eventsOf(id)).toEqual(['KEY_ISSUED', response === 'HOLD' ? 'KEY_HELD' : 'KEY_REVOKED']);
    }
    const client = new Client({ connectionString: gateway.database });
    await client.connect();
    onTestFinished(() => client.end());
    await expectInvariants(client);
  },
);

test('leak: when a batch fails, the response reaches every key for which it can succeed', async () => {
  const leaks = await openLeakWorld();
  const keys = [await leaks.world.key(), await leaks.world.key(), await leaks.world.key()];
  faults.arm({ at: 4, when: 'BEFORE' });
  const { status, labels } = await leaks.report(...keys.map(({ secret }) => leaks.record(secret)));
  expect(faults.hit).not.toBeNull();
  expect([status, labels]).toEqual([200, Array(3).fill('true_positive')]);
  for (const { id } of keys) expect(await leaks.eventsOf(id)).toEqual(['KEY_ISSUED', 'KEY_HELD']);
});

test('leak: of identical reports at once on two nodes, one takes effect', async () => {
  const leaks = await openLeakWorld();
  const { id, secret } = await leaks.world.key();
  const { gateway, github, record } = leaks;
  const keys = parseGithubKeys(listOf(github))!;
  const second = await openGateway({
    database: gateway.database,
    clock: gateway.clock,
    leaks: { githubKeys: { keys }, sources: [] },
    isClockTrusted: () => false,
  });
  const body = JSON.stringify([record(secret)]);
  const post = (url: string) => fetch(`${url}/leaks/github`, { method: 'POST', headers: github.headers(body), body });
  const answers = await Promise.all([1, 2, 3].flatMap(() => [gateway.url, second.url].map(post)));
  expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
  expect(await leaks.eventsOf(id)).toEqual(['KEY_ISSUED', 'KEY_HELD']);
});
