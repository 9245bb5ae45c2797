import { expect, test } from 'vitest';
import { DAY_MS, SECOND_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { dayOf } from '../../src/domain/usage-day.ts';
import { splitConsumers } from '../../src/domain/rotation.ts';
import { readKeyUsage, readRealmUsage } from '../../src/keys/read-usage.ts';
import { UseRecorder } from '../../src/keys/use-recorder.ts';
import { ReviewLoop } from '../../src/keys/review-loop.ts';
import { rotateKey } from '../../src/keys/rotate.ts';
import { verifyKey } from '../../src/keys/verify.ts';
import type { BindingCore } from '../../src/bindings/bind.ts';
import { openKeyWorld, PUSH, success, textOf, type KeyWorld } from '../support/key-world.ts';
import { waitFor } from '../support/wait-for.ts';

const purpose = { action: PUSH.action, resource: 'Acme.Core' };

/** A node of its own on the same database. Its writes fail while it is told so, or after so many. */
function node(world: KeyWorld) {
  const state = { isBroken: false, failsAfter: Infinity, failures: [] as unknown[], attemptCount: 0 };
  const prisma = new Proxy(world.prisma, {
    get(target, name, receiver) {
      if (name !== '$transaction') return Reflect.get(target, name, receiver);
      return (...args: Parameters<typeof target.$transaction>) => {
        state.attemptCount += 1;
        return state.isBroken || state.attemptCount > state.failsAfter
          ? Promise.reject(new Error('no database'))
          : target.$transaction(...args);
      };
    },
  });
  const core: BindingCore = { ...world, prisma };
  const uses = new UseRecorder(core, (error) => state.failures.push(error));
  const verify = async (secret: string, consumer: string | null = null) =>
    (await verifyKey({ ...core, uses, keyTable: world.keyTable }, world.admin, { secret, purpose, consumer })).outcome;
  return { state, core, uses, verify };
}

test('use: a secret’s first use is written at once, later use in batches of 5 s', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  const { uses, verify } = node(world);
  await verify(secret);
  await waitFor(async () => expect(await world.eventTypes(keyId)).toEqual(['KEY_ISSUED', 'KEY_FIRST_USED']));
  const first = world.clock.now();
  world.clock.advance(SECOND_MS);
  await verify(secret);
  world.clock.advance(5 * SECOND_MS - 1);
  expect((await world.key(keyId)).lastUsedAt).toEqual(first);
  world.clock.advance(1);
  await waitFor(async () => expect((await world.key(keyId)).lastUsedAt).toEqual(addMs(first, SECOND_MS)));
  await uses.flush();
});

test('use: use that could not be written stays pending, is written with the next batch, and counts once', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  const { state, uses, verify } = node(world);
  state.isBroken = true;
  const first = world.clock.now();
  await verify(secret, 'ci');
  await waitFor(() => expect(state.failures).toHaveLength(1));
  world.clock.advance(SECOND_MS);
  await verify(secret, 'ci');
  await verify(secret, 'laptop');
  await expect(uses.flush()).rejects.toThrow('no database');
  state.isBroken = false;
  world.clock.advance(5 * SECOND_MS);
  await uses.flush();
  const rows = await world.prisma.use.findMany({ orderBy: { consumer: 'asc' } });
  expect(rows).toMatchObject([
    { consumer: 'ci', useCount: 2n, firstUsedAt: first, lastUsedAt: addMs(first, SECOND_MS) },
    { consumer: 'laptop', useCount: 1n },
  ]);
  expect(await world.events(keyId)).toMatchObject([
    { type: 'KEY_ISSUED' },
    { type: 'KEY_FIRST_USED', at: first, data: { consumer: 'ci', generation: 1 } },
  ]);
});

test('use: nothing is decided about a key while its use cannot be written', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  await world.verify(secret);
  const { state, core, uses, verify } = node(world);
  const reviewer = new ReviewLoop(
    { ...core, uses, channels: [] },
    { mayReview: () => true, onReviewed: () => undefined, onFailure: () => undefined },
  );
  world.clock.advance(394 * DAY_MS);
  state.isBroken = true;
  expect(await verify(secret)).toBe('VALID');
  world.clock.advance(2 * DAY_MS);
  await expect(reviewer.reviewDue()).rejects.toThrow('no database');
  expect(await world.probe(secret)).toBe('VALID');
  state.isBroken = false;
  await reviewer.reviewDue();
  expect(await world.probe(secret)).toBe('VALID');
  expect(await world.eventTypes(keyId)).not.toContain('KEY_HELD');
});

test('use: a use that another node writes late lifts a hold that came too early', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  await world.verify(secret);
  const { state, uses, verify } = node(world);
  world.clock.advance(394 * DAY_MS);
  state.isBroken = true;
  expect(await verify(secret)).toBe('VALID');
  await world.travel(2 * DAY_MS);
  expect(await world.probe(secret)).toBe('KEY_HELD');
  state.isBroken = false;
  await uses.flush();
  await world.reviewer.reviewDue();
  expect(await world.probe(secret)).toBe('VALID');
  expect((await world.eventTypes(keyId)).slice(-2)).toEqual(['KEY_STOP_CHANGED', 'KEY_RESUMED']);
});

test('use: the event of a first use names the first consumer', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  const { state, uses, verify } = node(world);
  state.isBroken = true;
  for (const consumer of ['ci', 'laptop']) {
    await verify(secret, consumer);
    world.clock.advance(1);
  }
  await waitFor(() => expect(state.failures.length).toBeGreaterThan(0));
  state.isBroken = false;
  await uses.flush();
  expect((await world.events(keyId)).at(-1)).toMatchObject({ type: 'KEY_FIRST_USED', data: { consumer: 'ci' } });
});

test('use: nodes that write use of the same keys at once do not deadlock, and count all', async () => {
  const world = await openKeyWorld({ poolSize: 10 });
  const secrets: string[] = [];
  for (let index = 0; index < 20; index += 1) secrets.push((await world.issue()).secret);
  const nodes = [node(world), node(world), node(world)];
  const rounds = 5;
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { verify }] of nodes.entries()) {
      const order = index === 0 ? secrets : secrets.toReversed();
      for (const secret of order) await verify(secret, `consumer ${index % 2}`);
    }
    await Promise.all([...nodes.map(({ uses }) => uses.flush()), world.reviewer.reviewDue()]);
  }
  expect(nodes.flatMap(({ state }) => state.failures)).toEqual([]);
  const { _sum } = await world.prisma.use.aggregate({ _sum: { useCount: true } });
  expect(_sum.useCount).toBe(BigInt(nodes.length * rounds * secrets.length));
  expect(await world.prisma.event.count({ where: { type: 'KEY_FIRST_USED' } })).toBe(secrets.length);
});

test('use: a retired secret that is presented without end costs two writes in 5 s: its reuse and its refusals', async () => {
  const world = await openKeyWorld();
  const { secret } = await world.issue();
  await world.prisma.secret.updateMany({ data: { retiresAt: world.clock.now() } });
  const { state, uses, verify } = node(world);
  for (let attempt = 0; attempt < 50; attempt += 1) expect(await verify(secret)).toBe('SECRET_RETIRED');
  expect(state.attemptCount).toBe(0);
  world.clock.advance(5 * SECOND_MS);
  await uses.flush();
  expect(state.attemptCount).toBe(2);
  expect(await world.prisma.event.count({ where: { type: 'KEY_SECRET_REUSED' } })).toBe(1);
  expect(await world.prisma.refusal.findMany()).toMatchObject([
    { outcome: 'SECRET_RETIRED', consumer: '', count: 50n },
  ]);
});

test('use: 200 consumers of a secret are recorded separately, all others as one', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  await world.verify(secret);
  const { uses, verify } = node(world);
  const name = (index: number) => `consumer ${String(index).padStart(3, '0')}`;
  for (const count of [150, 250]) {
    for (let index = 0; index < count; index += 1) await verify(secret, name(index));
    await uses.flush();
  }
  const rows = await world.prisma.use.findMany({ orderBy: { consumer: 'asc' } });
  const apart = Array.from({ length: 200 }, (_, index) => [name(index), index < 150 ? 2n : 1n]);
  expect(rows.map(({ consumer, useCount }) => [consumer, useCount])).toEqual([['', 1n], ['(others)', 50n], ...apart]);

  // Others are never known to have moved.
  const rotated = success(await rotateKey(world, world.owner, { keyId, gracePeriodMs: DAY_MS }));
  const next = textOf(rotated.delivery);
  for (let index = 0; index < 250; index += 1) await verify(next, name(index));
  await uses.flush();
  const { secrets } = await world.prisma.key.findUniqueOrThrow({
    where: { id: keyId },
    include: { secrets: { include: { uses: true } } },
  });
  const [older, newer] = secrets.toSorted((a, b) => a.generation - b.generation).map((one) => one.uses);
  const { moved, notMoved } = splitConsumers(older ?? [], newer ?? [], null, world.clock.now());
  expect([moved.length, notMoved]).toEqual([200, ['(others)']]);
});

test('use: a retired secret with ever new consumers is recorded at most 201 times', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  await world.prisma.secret.updateMany({ data: { retiresAt: world.clock.now() } });
  const { uses, verify } = node(world);
  for (let index = 0; index < 300; index += 1) {
    expect(await verify(secret, `consumer ${index}`)).toBe('SECRET_RETIRED');
    if (index % 100 === 0) await uses.flush();
  }
  await uses.flush();
  const told = (await world.eventTypes(keyId)).filter((type) => type === 'KEY_SECRET_REUSED');
  expect(told).toHaveLength(201);
  expect(await world.prisma.use.count()).toBe(201);
});

test('use: many uses are written in parts of 1,000, and a part that fails stays pending with the rest', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  const { state, uses } = node(world);
  const { secretId } = await world.callerOf(secret);
  const note = (count: number) => {
    const at = world.clock.now();
    for (let index = 0; index < count; index += 1) uses.record({ id: keyId, secretId }, `consumer ${index}`, at);
  };
  note(2_500);
  state.failsAfter = 1;
  await expect(uses.flush()).rejects.toThrow('no database');
  expect(state.attemptCount).toBe(2);
  const useCount = async () => (await world.prisma.use.aggregate({ _sum: { useCount: true } }))._sum.useCount;
  expect(await useCount()).toBe(1_000n);
  state.failsAfter = Infinity;
  await uses.flush();
  expect(state.attemptCount).toBe(4);
  expect(await useCount()).toBe(2_500n);
});

test('use: 10,000 consumers are pending separately, and further ones count as others', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  const { state, uses } = node(world);
  const { secretId } = await world.callerOf(secret);
  const at = world.clock.now();
  state.isBroken = true;
  for (let index = 0; index < 50_000; index += 1) {
    uses.record({ id: keyId, secretId }, `consumer ${index}`, at);
    if (index % 20_000 === 0) await uses.flush().catch(() => undefined);
  }
  state.isBroken = false;
  const failedCount = state.attemptCount;
  await uses.flush();
  expect(state.attemptCount - failedCount).toBe(11);
  expect((await world.prisma.use.aggregate({ _sum: { useCount: true } }))._sum.useCount).toBe(50_000n);
  expect(await world.prisma.use.count()).toBe(201);
});

test('use: a busy node writes every 20 s, and consumers of any text count', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  const { state, uses } = node(world);
  const { secretId } = await world.callerOf(secret);
  const consumers = ['a"b', String.raw`a\b`, 'a,b', '{a}', 'null', 'ä ß 本', ' ', "it's"];
  for (const consumer of consumers) uses.record({ id: keyId, secretId }, consumer, world.clock.now());
  for (let index = 0; index < 1_000; index += 1) {
    uses.record({ id: `key_${index}`, secretId: `secret_${index}` }, '', world.clock.now());
  }
  world.clock.advance(5 * SECOND_MS);
  world.clock.advance(15 * SECOND_MS - 1);
  expect(state.attemptCount).toBe(0);
  uses.record({ id: keyId, secretId }, 'a,b', world.clock.now());
  world.clock.advance(1);
  await waitFor(() => expect(state.attemptCount).toBe(1));
  // No key has these ids: the batch fails, and the uses of the known key stay pending with it.
  await waitFor(() => expect(state.failures).toHaveLength(1));
  await uses.flushSecrets(new Set([secretId]));
  const rows = await world.prisma.use.findMany();
  expect(new Map(rows.map(({ consumer, useCount }) => [consumer, useCount]))).toEqual(
    new Map(consumers.map((consumer) => [consumer, consumer === 'a,b' ? 2n : 1n])),
  );
});

test('use: accepted and refused uses count on their day (UTC), whenever they are written', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  const { state, uses, verify } = node(world);
  world.clock.advance(DAY_MS - (world.clock.now().getTime() % DAY_MS) - 1);
  const day = dayOf(world.clock.now().getTime());
  state.isBroken = true;
  const ask = async () => {
    await verify(secret, 'ci');
    await verifyKey({ ...world, uses }, world.admin, {
      secret,
      purpose: { ...purpose, resource: 'X' },
      consumer: 'ci',
    });
  };
  await ask();
  world.clock.advance(1);
  await ask();
  await ask();
  await expect(uses.flush()).rejects.toThrow('no database');
  world.clock.advance(3 * DAY_MS);
  state.isBroken = false;
  await uses.flush();
  const usage = await readKeyUsage(world.prisma, [keyId], { from: day, to: day + 5 });
  const counted = usage.get(keyId)?.days.map((of) => [of.day - day, of.outcome, of.count]);
  expect(counted).toEqual([
    [0, 'SCOPE_MISSING', 1],
    [0, 'VALID', 1],
    [1, 'SCOPE_MISSING', 2],
    [1, 'VALID', 2],
  ]);
  expect(await readRealmUsage(world.prisma, world.realmId, { from: day, to: day })).toMatchObject([
    { outcome: 'SCOPE_MISSING', count: 1 },
    { outcome: 'VALID', count: 1 },
  ]);
  expect(await world.prisma.useDays.findMany()).toEqual([{ keyId, days: [day, day + 1] }]);
});

test('use: refusals of a consumer that has used the key are counted apart, of others 20 a day, and memory is bounded', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  const { state, uses, verify } = node(world);
  await verify(secret, 'zebra');
  await uses.flush();
  await world.prisma.secret.updateMany({ data: { retiresAt: world.clock.now() } });
  for (const from of [0, 15]) {
    for (let index = from; index < from + 15; index += 1) await verify(secret, `consumer ${index}`);
    await uses.flush();
  }
  await verify(secret, 'zebra');
  await uses.flush();
  const rows = await world.prisma.refusal.findMany();
  expect(rows.every((row) => row.outcome === 'SECRET_RETIRED' && row.generation === 1 && !row.heldByPolicy)).toBe(true);
  const counts = new Map(rows.map(({ consumer, count }) => [consumer, count]));
  expect([counts.size, counts.get('(others)'), counts.get('zebra')]).toEqual([22, 10n, 1n]);
  // A flood of keys while the database is away.
  state.isBroken = true;
  const kind = { outcome: 'KEY_EXPIRED', heldByPolicy: false } as const;
  for (let index = 0; index < 60_000; index += 1) {
    uses.recordRefusal({ id: keyId, secretId: `secret_${index}` }, kind, '', world.clock.now());
  }
  expect(uses.pendingCount).toBe(50_000);
});
