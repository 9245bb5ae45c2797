import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../src/domain/duration.ts';
import { earliest, addMs } from '../../src/domain/key.ts';
import { rotateKey } from '../../src/keys/rotate.ts';
import { updateKey } from '../../src/keys/update.ts';
import { openKeyWorld, success, type Issued, type KeyWorld } from '../support/key-world.ts';

const told = async (world: KeyWorld, keyId: string) =>
  (await world.events(keyId)).map(({ type, at }) => [type, at.toISOString().slice(0, 19)]);

test('review: an unused key is warned after 365 days, held after 395, expired after 425, each with its event', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  await world.travel(365 * DAY_MS - 1);
  expect(await world.key(keyId)).toMatchObject({ standing: 'ACTIVE' });
  await world.travel(1);
  expect(await world.key(keyId)).toMatchObject({ standing: 'WARNED' });
  await world.travel(30 * DAY_MS);
  expect(await world.probe(secret)).toBe('VALID');
  await world.travel(30 * SECOND_MS);
  expect(await world.probe(secret)).toBe('KEY_HELD');
  expect((await world.key(keyId)).holds).toMatchObject([
    { source: 'POLICY', sourceId: expect.stringMatching(/^binding_/) },
  ]);
  await world.travel(30 * DAY_MS);
  expect(await world.probe(secret)).toBe('KEY_EXPIRED');
  expect(await told(world, keyId)).toEqual([
    ['KEY_ISSUED', '2026-11-23T12:00:00'],
    ['KEY_DORMANCY_WARNED', '2027-11-23T12:00:00'],
    ['KEY_EXPIRING', '2027-11-23T12:00:00'],
    ['KEY_HELD', '2027-12-23T12:00:30'],
    ['KEY_EXPIRED', '2028-01-22T12:00:30'],
  ]);
  const expired = (await world.events(keyId)).at(-1);
  expect(expired).toMatchObject({ actorKind: 'POLICY', data: { basis: 'BY_USE', code: 'NEVER_USED' } });
});

test('review: a stop by use waits for a review; time alone ends no such key', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  world.clock.advance(5000 * DAY_MS);
  expect(await world.probe(secret)).toBe('VALID');
  success(await updateKey(world, world.owner, { keyId, name: 'still here' }));
  expect(await world.probe(secret)).toBe('VALID');
  await world.reviewer.reviewDue();
  expect(await world.probe(secret)).toBe('KEY_EXPIRED');
  expect((await world.key(keyId)).expiredAt).toEqual(world.clock.now());
});

test('review: a key in use is never warned, and its stop moves with its use', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  for (let year = 0; year < 4; year += 1) {
    await world.travel(364 * DAY_MS);
    expect(await world.verify(secret)).toBe('VALID');
  }
  await world.reviewer.reviewDue();
  expect(await world.eventTypes(keyId)).not.toContain('KEY_DORMANCY_WARNED');
  expect((await world.key(keyId)).stopsAt?.getTime()).toBeGreaterThan(addMs(world.clock.now(), 29 * DAY_MS).getTime());
});

test('review: a use while warned brings the key back at once', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  await world.travel(380 * DAY_MS);
  expect(await world.key(keyId)).toMatchObject({ standing: 'WARNED' });
  expect(await world.verify(secret)).toBe('VALID');
  await world.reviewer.reviewDue();
  expect(await world.key(keyId)).toMatchObject({
    standing: 'ACTIVE',
    stopsAt: addMs(world.clock.now(), 395 * DAY_MS),
  });
  expect((await world.eventTypes(keyId)).at(-1)).toBe('KEY_STOP_CHANGED');
});

test('review: notices are given 30, 14, 7 and 1 day ahead, each once', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue({ ask: { lifetimeMs: 90 * DAY_MS } });
  const start = world.clock.now().getTime();
  for (let day = 0; day < 180; day += 1) await world.travel(DAY_MS / 2);
  const notices = (await world.events(keyId)).filter(({ type }) => type === 'KEY_EXPIRING');
  expect(notices.map(({ at, data }) => [(at.getTime() - start) / DAY_MS, (data as any).threshold])).toEqual([
    [60, 'P30D'],
    [76, 'P14D'],
    [83, 'P7D'],
    [89, 'P1D'],
  ]);
  expect(await world.prisma.notice.count({ where: { keyId } })).toBe(4);
});

test('review: a notice longer than the life is skipped, and of several missed ones the nearest is sent', async () => {
  const world = await openKeyWorld();
  const short = await world.issue({ ask: { lifetimeMs: 10 * DAY_MS } });
  const long = await world.issue({ ask: { lifetimeMs: 60 * DAY_MS } });
  world.clock.advance(9 * DAY_MS + HOUR_MS);
  await world.reviewer.reviewDue();
  world.clock.advance(45 * DAY_MS);
  await world.reviewer.reviewDue();
  const thresholds = async (keyId: string) =>
    (await world.events(keyId)).flatMap(({ type, data }) => (type === 'KEY_EXPIRING' ? [(data as any).threshold] : []));
  expect(await thresholds(short.keyId)).toEqual(['P1D']);
  expect(await thresholds(long.keyId)).toEqual(['P7D']);
});

test('review: records what time made true while no review ran, at its moment', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue({ ask: { lifetimeMs: 10 * DAY_MS } });
  success(await rotateKey(world, world.owner, { keyId, gracePeriodMs: 2 * DAY_MS }));
  world.clock.advance(400 * DAY_MS);
  await world.reviewer.reviewDue();
  expect(await told(world, keyId)).toEqual([
    ['KEY_ISSUED', '2026-11-23T12:00:00'],
    ['KEY_ROTATION_STARTED', '2026-11-23T12:00:00'],
    ['KEY_ROTATION_COMPLETED', '2026-11-25T12:00:00'],
    ['KEY_EXPIRED', '2026-12-03T12:00:00'],
  ]);
  const [, , , expired] = await world.events(keyId);
  expect(expired?.recordedAt).toEqual(world.clock.now());
});

test('review: a rotation ends with its key when dormancy expires the key', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  await world.travel(394 * DAY_MS);
  success(await rotateKey(world, world.owner, { keyId, gracePeriodMs: 30 * DAY_MS }));
  for (const ms of [2 * DAY_MS, 28 * DAY_MS - SECOND_MS, 2 * DAY_MS]) await world.travel(ms);
  const types = await world.eventTypes(keyId);
  expect(types.slice(-3)).toEqual(['KEY_ROTATION_STALLED', 'KEY_ROTATION_COMPLETED', 'KEY_EXPIRED']);
  expect(await world.probe(secret)).toBe('SECRET_RETIRED');
});

test('review: review loops that run at once record each change once', async () => {
  const world = await openKeyWorld();
  const keys = [];
  for (let index = 0; index < 30; index += 1) keys.push(await world.issue({ ask: { lifetimeMs: 2 * DAY_MS } }));
  world.clock.advance(2 * DAY_MS);
  await Promise.all(Array.from({ length: 6 }, () => world.reviewer.reviewDue()));
  await world.reviewer.reviewDue();
  const events = await world.prisma.event.findMany({ where: { type: 'KEY_EXPIRED' } });
  expect(events.map(({ keyId }) => keyId).sort()).toEqual(keys.map(({ keyId }) => keyId).sort());
});

test('review: a key whose review fails is reported and postponed for an hour, and all others go on', async () => {
  const world = await openKeyWorld();
  const keys = [];
  for (let index = 0; index < 5; index += 1) keys.push(await world.issue({ ask: { lifetimeMs: 2 * DAY_MS } }));
  const [, , { keyId: broken }] = keys as [Issued, Issued, Issued];
  // By hand: a rotation of which no secret stays.
  await world.prisma.key.update({ where: { id: broken }, data: { rotationStartedAt: world.clock.now() } });
  await world.prisma.secret.updateMany({ where: { keyId: broken }, data: { retiresAt: world.clock.now() } });
  await world.travel(2 * DAY_MS);
  const expired = await world.prisma.event.findMany({ where: { type: 'KEY_EXPIRED' } });
  const others = keys.map(({ keyId }) => keyId).filter((keyId) => keyId !== broken);
  expect(expired.map(({ keyId }) => keyId).sort()).toEqual(others.sort());
  expect(world.failures).toMatchObject([
    { message: `review of key ${broken} failed; retry in an hour`, cause: expect.any(Error) },
  ]);
  expect(await world.key(broken)).toMatchObject({ expiredAt: null, reviewAt: addMs(world.clock.now(), HOUR_MS) });
  expect(await world.reviewer.reviewDue()).toBe(0);

  await world.prisma.secret.updateMany({ where: { keyId: broken }, data: { retiresAt: null } });
  await world.travel(HOUR_MS);
  expect((await world.eventTypes(broken)).at(-1)).toBe('KEY_EXPIRED');
  expect(world.failures).toHaveLength(1);
});

test('review: keys that are not due are not reviewed', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue({ ask: { lifetimeMs: 90 * DAY_MS } });
  expect(await world.reviewer.reviewDue()).toBe(0);
  world.clock.advance(60 * DAY_MS);
  expect(await world.reviewer.reviewDue()).toBe(1);
  expect(await world.reviewer.reviewDue()).toBe(0);
  // The next notice, or the moment at which it is best renewed.
  const { reviewAt, renewalDueAt } = await world.key(keyId);
  expect(reviewAt).toEqual(earliest(renewalDueAt, addMs(world.clock.now(), 16 * DAY_MS)));
});
