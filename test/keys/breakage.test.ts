import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../src/domain/duration.ts';
import { confirmRotation } from '../../src/keys/confirm-rotation.ts';
import { holdKey } from '../../src/keys/hold.ts';
import { rotateKey } from '../../src/keys/rotate.ts';
import { UseRecorder } from '../../src/keys/use-recorder.ts';
import { verifyKey } from '../../src/keys/verify.ts';
import { openKeyWorld, PUSH, success, textOf, type KeyWorld } from '../support/key-world.ts';

const purpose = { action: PUSH.action, resource: 'Acme.Core' };

async function broken(world: KeyWorld, keyId: string) {
  return (await world.events(keyId)).filter(({ type }) => type === 'KEY_BROKE_CONSUMER');
}

test('breakage: a consumer of an expired key is recorded once a day (UTC), with since when it worked', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue({ ask: { lifetimeMs: 30 * DAY_MS } });
  const firstUsedAt = world.clock.now().toISOString();
  await world.verify(secret, 'ci');
  await world.travel(20 * DAY_MS);
  const lastUsedAt = world.clock.now().toISOString();
  await world.verify(secret, 'ci');
  await world.verify(secret, 'laptop');
  await world.travel(11 * DAY_MS);
  const first = world.clock.now();
  for (const consumer of ['ci', 'ci', 'a stranger', null])
    expect(await world.verify(secret, consumer)).toBe('KEY_EXPIRED');
  await world.travel(HOUR_MS);
  await world.verify(secret, 'ci');
  const data = { consumer: 'ci', outcome: 'KEY_EXPIRED', generation: 1, firstUsedAt, lastUsedAt };
  const expected = { at: first, keyId, realmId: world.realmId, ownerId: world.owner.id, actorKind: 'SYSTEM', data };
  expect(await broken(world, keyId)).toMatchObject([expected]);
  await world.travel(DAY_MS);
  const second = world.clock.now();
  await world.verify(secret, 'ci');
  await world.verify(secret, 'laptop');
  expect((await broken(world, keyId)).map(({ at, data }) => [at, (data as typeof expected.data).consumer])).toEqual([
    [first, 'ci'],
    [second, 'ci'],
    [second, 'laptop'],
  ]);
  expect(await world.prisma.breakage.count()).toBe(3);
});

test('breakage: two nodes that write the same refusal at once record one event', async () => {
  const world = await openKeyWorld({ poolSize: 10 });
  const keys = await Promise.all(Array.from({ length: 8 }, () => world.issue({ ask: { lifetimeMs: 30 * DAY_MS } })));
  for (const { secret } of keys) await world.verify(secret, 'ci');
  await world.travel(31 * DAY_MS);
  const failures: unknown[] = [];
  const nodes = [0, 1, 2].map(() => new UseRecorder(world, (error) => failures.push(error)));
  for (const [index, uses] of nodes.entries())
    for (const { secret } of index === 0 ? keys : keys.toReversed())
      await verifyKey({ ...world, uses }, world.admin, { secret, purpose, consumer: 'ci' });
  await Promise.all(nodes.map((uses) => uses.flush()));
  expect(failures).toEqual([]);
  for (const { keyId } of keys) expect(await broken(world, keyId)).toHaveLength(1);
  expect(await world.prisma.refusal.findMany()).toMatchObject(keys.map(() => ({ count: 3n })));
});

test('breakage: a key that policies hold breaks its consumers, and one that a person holds as well does not', async () => {
  const world = await openKeyWorld();
  const keys = [await world.issue(), await world.issue()];
  for (const { secret } of keys) await world.verify(secret, 'ci');
  await world.travel(396 * DAY_MS);
  success(await holdKey(world, world.owner, { keyId: keys[1]!.keyId, reason: 'an incident' }));
  for (const { secret } of keys) expect(await world.verify(secret, 'ci')).toBe('KEY_HELD');
  expect(await broken(world, keys[0]!.keyId)).toMatchObject([{ data: { outcome: 'KEY_HELD' } }]);
  expect(await broken(world, keys[1]!.keyId)).toEqual([]);
});

test('breakage: a retired secret breaks the consumers that have not moved, until they move', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  for (const consumer of ['moved', 'late']) await world.verify(secret, consumer);
  const { delivery } = success(await rotateKey(world, world.owner, { keyId, gracePeriodMs: DAY_MS }));
  const next = textOf(delivery);
  await world.verify(next, 'moved');
  success(await confirmRotation(world, world.owner, { keyId }));
  world.clock.advance(HOUR_MS);
  for (const consumer of ['moved', 'late']) expect(await world.verify(secret, consumer)).toBe('SECRET_RETIRED');
  expect((await broken(world, keyId)).map(({ data }) => data)).toMatchObject([{ consumer: 'late', generation: 1 }]);
  await world.verify(next, 'late');
  world.clock.advance(2 * DAY_MS);
  for (const consumer of ['moved', 'late']) await world.verify(secret, consumer);
  expect(await broken(world, keyId)).toHaveLength(1);
});

test('breakage: a request under way when a rotation without a grace period retires its secret is none', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  await world.verify(secret, 'ci');
  success(await rotateKey(world, world.owner, { keyId, gracePeriodMs: 0 }));
  world.clock.advance(9 * SECOND_MS);
  expect(await world.verify(secret, 'ci')).toBe('SECRET_RETIRED');
  expect(await broken(world, keyId)).toEqual([]);
  world.clock.advance(2 * SECOND_MS);
  const at = world.clock.now();
  await world.verify(secret, 'ci');
  expect(await broken(world, keyId)).toMatchObject([{ at }]);
});

test('breakage: labels that never succeeded with the key make none, however many are sent', async () => {
  const world = await openKeyWorld();
  const keys = [0, 1].map(() => world.issue({ ask: { lifetimeMs: 30 * DAY_MS } }));
  const [{ keyId, secret }, other] = await Promise.all([keys[0]!, keys[1]!]);
  await world.verify(secret, 'ci');
  await world.verify(other.secret, 'elsewhere');
  await world.travel(31 * DAY_MS);
  for (let index = 0; index < 100; index += 1)
    await verifyKey(world, world.admin, { secret, purpose, consumer: `made up ${index}` });
  for (const consumer of ['elsewhere', '', '(others)'])
    await verifyKey(world, world.admin, { secret, purpose, consumer });
  await world.uses.flush();
  expect(await broken(world, keyId)).toEqual([]);
  await world.verify(secret, 'ci');
  expect(await broken(world, keyId)).toHaveLength(1);
});

test('breakage: refusals that break no consumer cost no further statement', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue({ ask: { lifetimeMs: 30 * DAY_MS } });
  await world.verify(secret, 'ci');
  await world.travel(31 * DAY_MS);
  const { secretId } = (await world.prisma.secret.findMany({ select: { id: true } })).map(({ id }) => ({
    secretId: id,
  }))[0]!;
  const kind = { outcome: 'KEY_EXPIRED', heldByPolicy: false } as const;
  const count = async (consumer: string) => {
    let statements = 0;
    const prisma = new Proxy(world.prisma, {
      get(target, name, receiver) {
        if (name !== '$transaction') return Reflect.get(target, name, receiver);
        return (body: (tx: object) => Promise<unknown>, options: object) =>
          target.$transaction((tx) => {
            const counted = (method: object) =>
              new Proxy(method, {
                get: (model, member) => {
                  const value = Reflect.get(model, member);
                  return typeof value === 'function'
                    ? (...args: unknown[]) => ((statements += 1), Reflect.apply(value, model, args))
                    : value;
                },
              });
            return body(
              new Proxy(tx, {
                get: (own, member) => {
                  const value = Reflect.get(own, member);
                  if (typeof value === 'function')
                    return (...args: unknown[]) => ((statements += 1), Reflect.apply(value, own, args));
                  return typeof value === 'object' && value !== null ? counted(value) : value;
                },
              }),
            );
          }, options);
      },
    });
    const uses = new UseRecorder({ ...world, prisma }, (error) => world.failures.push(error));
    uses.recordRefusal({ id: keyId, secretId }, kind, consumer, world.clock.now());
    await uses.flush();
    return statements;
  };
  const strangers = await count('a stranger');
  expect(strangers).toBe(1);
  expect(await count('ci')).toBeGreaterThan(1);
  // Recorded once, a breakage costs nothing for the rest of the day.
  expect(await count('ci')).toBe(1);
  expect(world.failures).toEqual([]);
});
