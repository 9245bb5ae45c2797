import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { holdKey } from '../../src/keys/hold.ts';
import { renewKey, type RenewKeyInput } from '../../src/keys/renew.ts';
import { revokeKey } from '../../src/keys/revoke.ts';
import { rotateKey } from '../../src/keys/rotate.ts';
import { updateKey } from '../../src/keys/update.ts';
import { failureOf, openKeyWorld, success, textOf } from '../support/key-world.ts';

const extend = { ask: null, accept: ['EXTEND'] } satisfies RenewKeyInput;

test('renew: without a requested expiry a key gets its last lifetime, counted from now', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue({ ask: { lifetimeMs: 45 * DAY_MS } });
  await world.travel(10 * DAY_MS);
  success(await renewKey(world, await world.callerOf(secret), extend));
  expect(await world.key(keyId)).toMatchObject({
    expiresAt: addMs(world.clock.now(), 45 * DAY_MS),
    stopsAt: addMs(world.clock.now(), 45 * DAY_MS),
    stopsBasis: 'HARD',
    grantedAt: world.clock.now(),
  });
  const [, told] = await world.events(keyId);
  expect(told).toMatchObject({ type: 'KEY_RENEWED', actorKind: 'KEY', actorId: keyId, data: { mode: 'EXTEND' } });
  expect(await world.probe(secret)).toBe('VALID');
});

test('renew: a life never becomes shorter', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue({ ask: { lifetimeMs: 90 * DAY_MS } });
  const before = await world.key(keyId);
  await world.travel(DAY_MS);
  success(await renewKey(world, world.owner, { ...extend, keyId, ask: { lifetimeMs: 2 * DAY_MS } }));
  expect(await world.key(keyId)).toMatchObject({ expiresAt: before.expiresAt, grantedAt: before.grantedAt });
});

test('renew: an expiry out of bounds is refused with the bounds, and nothing changes', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue({ ask: { lifetimeMs: 30 * DAY_MS } });
  const before = await world.key(keyId);
  const now = world.clock.now();
  const bounds = { earliest: addMs(now, DAY_MS), latest: addMs(now, 365 * DAY_MS) };
  for (const ask of [{ lifetimeMs: 365 * DAY_MS + 1 }, { lifetimeMs: DAY_MS - 1 }, { expiresAt: addMs(now, -1) }]) {
    const answer = await renewKey(world, world.owner, { ...extend, keyId, ask });
    expect(answer).toMatchObject({ failure: 'ExpiryOutOfBounds', details: bounds });
  }
  for (const lifetimeMs of [DAY_MS, 365 * DAY_MS]) {
    success(await renewKey(world, world.owner, { ...extend, keyId, ask: { lifetimeMs } }));
  }
  expect(before.expiresAt).toEqual(addMs(now, 30 * DAY_MS));
  expect(await world.eventTypes(keyId)).toEqual(['KEY_ISSUED', 'KEY_RENEWED', 'KEY_RENEWED']);
});

test('renew: a key without a chosen expiry keeps none, and counts as active', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue();
  await world.travel(300 * DAY_MS);
  success(await renewKey(world, world.owner, { ...extend, keyId, ask: { lifetimeMs: 30 * DAY_MS } }));
  expect(await world.key(keyId)).toMatchObject({
    chosenExpiresAt: null,
    expiresAt: null,
    stopsAt: addMs(world.clock.now(), 395 * DAY_MS),
    stopsBasis: 'BY_USE',
  });
});

test('renew: an old secret may not renew its key, not even one that retires during the request', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue({ ask: { lifetimeMs: 30 * DAY_MS } });
  const early = await world.callerOf(secret);
  success(await rotateKey(world, world.owner, { keyId }));
  const late = await world.callerOf(secret);
  const before = await world.key(keyId);
  for (const caller of [early, late]) {
    const answer = await renewKey(world, caller, { ...extend, ask: { lifetimeMs: 90 * DAY_MS } });
    expect(answer).toMatchObject({ failure: 'RenewalNotAllowed', details: { allowedAt: null } });
  }
  await world.travel(DAY_MS);
  await expect(renewKey(world, late, extend)).rejects.toMatchObject({
    code: 'UNAUTHENTICATED',
    details: { outcome: 'SECRET_RETIRED' },
  });
  expect(await world.key(keyId)).toMatchObject({ expiresAt: before.expiresAt });
});

test('renew: by ROTATE, which the caller must accept, the secret is replaced too', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue({ ask: { lifetimeMs: 45 * DAY_MS } });
  await world.travel(HOUR_MS);
  const answer = success(
    await renewKey(world, world.owner, { keyId, ask: null, accept: ['ROTATE'], gracePeriodMs: HOUR_MS }),
  );
  expect(answer.previousRetiresAt).toEqual(addMs(world.clock.now(), HOUR_MS));
  expect(await world.probe(textOf(answer.delivery))).toBe('VALID');
  expect(await world.probe(secret)).toBe('VALID');
  expect(await world.eventTypes(keyId)).toEqual(['KEY_ISSUED', 'KEY_RENEWED', 'KEY_ROTATION_STARTED']);
});

test('renew: a ROTATE that cannot be carried out changes nothing at all', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue({ ask: { lifetimeMs: 45 * DAY_MS } });
  await world.travel(HOUR_MS);
  const before = await world.key(keyId);
  const rotate = { keyId, ask: null, accept: ['ROTATE'] } satisfies RenewKeyInput;
  const offCurve = { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA' };
  for (const publicKey of ['nonsense', '{}', JSON.stringify(offCurve)]) {
    expect(failureOf(await renewKey(world, world.owner, { ...rotate, publicKey }))).toBe('PublicKeyInvalid');
  }
  expect(failureOf(await renewKey(world, world.owner, { ...rotate, gracePeriodMs: 31 * DAY_MS }))).toBe(
    'GracePeriodOutOfBounds',
  );
  expect(await world.key(keyId)).toEqual(before);
  expect(await world.eventTypes(keyId)).toEqual(['KEY_ISSUED']);
});

test('renew: a held key and a revoked one are not renewed', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue({ ask: { lifetimeMs: 30 * DAY_MS } });
  success(await holdKey(world, world.owner, { keyId, reason: 'leaving' }));
  expect(await renewKey(world, world.owner, { ...extend, keyId })).toMatchObject({
    failure: 'KeyNotActive',
    details: { state: 'HELD' },
  });
  success(await revokeKey(world, world.owner, { keyId, reason: 'left' }));
  expect(await renewKey(world, world.admin, { ...extend, keyId })).toMatchObject({ details: { state: 'REVOKED' } });
});

test('renew: an expired key can be renewed only by a signed-in manager, within 30 days', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue({ ask: { lifetimeMs: 10 * DAY_MS } });
  const before = await world.callerOf(secret);
  await world.travel(10 * DAY_MS);
  expect(await world.probe(secret)).toBe('KEY_EXPIRED');
  expect(await renewKey(world, before, extend)).toMatchObject({
    failure: 'KeyNotActive',
    details: { state: 'EXPIRED' },
  });
  await world.travel(30 * DAY_MS - 1);
  success(await renewKey(world, world.owner, { ...extend, keyId }));
  expect(await world.probe(secret)).toBe('VALID');
  const { expiresAt } = await world.key(keyId);
  expect(expiresAt).toEqual(addMs(world.clock.now(), 10 * DAY_MS));

  await world.travel(40 * DAY_MS);
  expect(failureOf(await renewKey(world, world.owner, { ...extend, keyId }))).toBe('KeyNotActive');
});

test('renew: a revival is recorded after the expiry that it ends, even if no review recorded that', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue({ ask: { lifetimeMs: 10 * DAY_MS } });
  success(await rotateKey(world, world.owner, { keyId, gracePeriodMs: 30 * DAY_MS }));
  const expiry = addMs(world.clock.now(), 10 * DAY_MS);
  world.clock.advance(12 * DAY_MS);
  success(await renewKey(world, world.owner, { ...extend, keyId }));
  const told = (await world.events(keyId)).map(({ type, at }) => ({ type, at }));
  expect(told.slice(2)).toEqual([
    { type: 'KEY_ROTATION_COMPLETED', at: expiry },
    { type: 'KEY_EXPIRED', at: expiry },
    { type: 'KEY_RENEWED', at: world.clock.now() },
  ]);
  expect(await world.probe(secret)).toBe('SECRET_RETIRED');
  await world.travel(10 * DAY_MS);
  expect((await world.eventTypes(keyId)).filter((type) => type === 'KEY_ROTATION_COMPLETED')).toHaveLength(1);
  expect((await world.eventTypes(keyId)).filter((type) => type === 'KEY_EXPIRED')).toHaveLength(2);
});

test('renew: a key that dormancy held and expired works again once it is renewed', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  for (const days of [366, 30, 30]) await world.travel(days * DAY_MS);
  expect(await world.probe(secret)).toBe('KEY_EXPIRED');
  success(await renewKey(world, world.owner, { ...extend, keyId }));
  expect(await world.probe(secret)).toBe('VALID');
  expect(await world.key(keyId)).toMatchObject({ standing: 'ACTIVE', holds: [], expiresAt: null });
  expect((await world.eventTypes(keyId)).slice(-2)).toEqual(['KEY_RENEWED', 'KEY_RESUMED']);
});

test('renew: a key that a person held before it expired is still held after its revival', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue({ ask: { lifetimeMs: 10 * DAY_MS } });
  success(await holdKey(world, world.owner, { keyId, reason: 'to see who misses it' }));
  await world.travel(11 * DAY_MS);
  success(await renewKey(world, world.owner, { ...extend, keyId }));
  expect(await world.probe(secret)).toBe('KEY_HELD');
});

test('renew: starts from the earlier expiry that a person has set', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue({ ask: { lifetimeMs: 90 * DAY_MS } });
  success(await updateKey(world, world.owner, { keyId, expiresAt: addMs(world.clock.now(), DAY_MS) }));
  success(await renewKey(world, world.owner, { ...extend, keyId, ask: { lifetimeMs: 2 * DAY_MS } }));
  expect((await world.key(keyId)).expiresAt).toEqual(addMs(world.clock.now(), 2 * DAY_MS));
});
