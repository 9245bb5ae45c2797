import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { holdKey } from '../../src/keys/hold.ts';
import { resumeKey } from '../../src/keys/resume.ts';
import { revokeKey } from '../../src/keys/revoke.ts';
import { failureOf, openKeyWorld, success } from '../support/key-world.ts';

test('hold: suspends a key at once and records by whom and why; resume lifts it', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  success(await holdKey(world, world.owner, { keyId, reason: 'on leave' }));
  expect(await world.probe(secret)).toBe('KEY_HELD');
  await expect(world.callerOf(secret)).rejects.toMatchObject({ details: { outcome: 'KEY_HELD' } });
  expect((await world.key(keyId)).holds).toMatchObject([
    { source: 'OWNER', sourceId: world.owner.id, reason: 'on leave', since: world.clock.now() },
  ]);
  success(await resumeKey(world, world.owner, { keyId, reason: 'back' }));
  expect(await world.probe(secret)).toBe('VALID');
  const [, held, resumed] = await world.events(keyId);
  expect(held).toMatchObject({ type: 'KEY_HELD', reason: 'on leave', actorId: world.owner.id });
  expect(resumed).toMatchObject({ type: 'KEY_RESUMED', reason: 'back', data: { sources: ['OWNER'] } });
});

test('hold: a second hold from the same source changes nothing', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue();
  for (const reason of ['first', 'second']) success(await holdKey(world, world.owner, { keyId, reason }));
  expect((await world.key(keyId)).holds).toMatchObject([{ reason: 'first' }]);
  expect(await world.eventTypes(keyId)).toEqual(['KEY_ISSUED', 'KEY_HELD']);
});

test('hold: an owner never lifts an administrator’s hold; an administrator lifts all', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  success(await holdKey(world, world.admin, { keyId, reason: 'abuse' }));
  expect(failureOf(await resumeKey(world, world.owner, { keyId }))).toBe('HoldNotYours');
  success(await holdKey(world, world.owner, { keyId, reason: 'on leave' }));
  success(await resumeKey(world, world.owner, { keyId }));
  expect(await world.probe(secret)).toBe('KEY_HELD');
  expect((await world.events(keyId)).at(-1)?.data).toEqual({ sources: ['OWNER'], isStillHeld: true });
  success(await holdKey(world, world.owner, { keyId, reason: 'on leave again' }));
  success(await resumeKey(world, world.admin, { keyId }));
  expect(await world.probe(secret)).toBe('VALID');
  expect(failureOf(await resumeKey(world, world.admin, { keyId }))).toBe('KeyNotHeld');
});

test('resume: counts as activity: a key that dormancy held works on for a year', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  await world.travel(396 * DAY_MS);
  expect(await world.probe(secret)).toBe('KEY_HELD');
  success(await resumeKey(world, world.owner, { keyId }));
  expect(await world.key(keyId)).toMatchObject({
    standing: 'ACTIVE',
    activeAt: world.clock.now(),
    lastUsedAt: null,
    stopsAt: addMs(world.clock.now(), 395 * DAY_MS),
  });
  await world.travel(394 * DAY_MS);
  expect(await world.probe(secret)).toBe('VALID');
  expect((await world.key(keyId)).standing).toBe('WARNED');
});

test('hold: dormancy passes under a person’s hold, and a review does not lift it', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue();
  success(await holdKey(world, world.owner, { keyId, reason: 'on leave' }));
  await world.travel(396 * DAY_MS);
  expect((await world.key(keyId)).holds.map(({ source }) => source).sort()).toEqual(['OWNER', 'POLICY']);
  success(await resumeKey(world, world.owner, { keyId }));
  expect((await world.key(keyId)).holds).toEqual([]);
});

test('hold: an ended key is neither held nor resumed', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue({ ask: { lifetimeMs: 2 * DAY_MS } });
  success(await holdKey(world, world.owner, { keyId, reason: 'on leave' }));
  world.clock.advance(2 * DAY_MS);
  for (const state of ['EXPIRED', 'REVOKED']) {
    expect(await holdKey(world, world.admin, { keyId, reason: 'x' })).toMatchObject({ details: { state } });
    expect(await resumeKey(world, world.owner, { keyId })).toMatchObject({ details: { state } });
    success(await revokeKey(world, world.owner, { keyId, reason: 'gone' }));
  }
  expect(await world.eventTypes(keyId)).toEqual(['KEY_ISSUED', 'KEY_HELD', 'KEY_EXPIRED', 'KEY_REVOKED']);
});
