import { expect, test } from 'vitest';
import { anonymous } from '../../src/domain/caller.ts';
import { DAY_MS } from '../../src/domain/duration.ts';
import { newSecret } from '../../src/domain/secret.ts';
import { Sensitive } from '../../src/domain/sensitive.ts';
import { renewKey } from '../../src/keys/renew.ts';
import { revokeKey } from '../../src/keys/revoke.ts';
import { rotateKey } from '../../src/keys/rotate.ts';
import { failureOf, openKeyWorld, success, textOf } from '../support/key-world.ts';

test('revoke: ends a key for good, with both of its secrets, and stays with its first reason', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  const next = textOf(success(await rotateKey(world, world.owner, { keyId })).delivery);
  success(await revokeKey(world, world.owner, { keyId, reason: 'leaked' }));
  for (const one of [secret, next]) expect(await world.probe(one)).toBe('KEY_REVOKED');
  success(await revokeKey(world, world.admin, { keyId, reason: 'again' }));
  expect(failureOf(await renewKey(world, world.admin, { keyId, ask: null, accept: ['EXTEND'] }))).toBe('KeyNotActive');
  await world.travel(1000 * DAY_MS);
  for (const one of [secret, next]) expect(await world.probe(one)).toBe('KEY_REVOKED');
  const told = await world.events(keyId);
  expect(told.map(({ type }) => type)).toEqual(['KEY_ISSUED', 'KEY_ROTATION_STARTED', 'KEY_REVOKED']);
  expect(told.at(-1)).toMatchObject({ reason: 'leaked', actorId: world.owner.id });
});

test('revoke: a key may end itself, by any secret that has not retired', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  success(await rotateKey(world, world.owner, { keyId }));
  success(await revokeKey(world, await world.callerOf(secret), { reason: 'found in a log' }));
  expect(await world.probe(secret)).toBe('KEY_REVOKED');
  expect((await world.events(keyId)).at(-1)).toMatchObject({ actorKind: 'KEY', actorId: keyId });
});

test('revoke: the holder of a whole secret may revoke its key without signing in', async () => {
  const world = await openKeyWorld();
  const { secret } = await world.issue();
  success(await revokeKey(world, anonymous, { secret: new Sensitive(secret), reason: 'found in a repository' }));
  expect(await world.probe(secret)).toBe('KEY_REVOKED');
  for (const text of ['kt_nonsense', newSecret(world.random).reveal()]) {
    const answer = await revokeKey(world, anonymous, { secret: new Sensitive(text), reason: 'found' });
    expect(answer).toMatchObject({ failure: 'KeyNotFound', path: ['input', 'secret'] });
  }
});

test('revoke: a retired secret revokes nothing, and its use is recorded once', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  const early = await world.callerOf(secret);
  success(await rotateKey(world, world.owner, { keyId, gracePeriodMs: 0 }));
  for (let round = 0; round < 2; round += 1) {
    const answer = await revokeKey(world, anonymous, { secret: new Sensitive(secret), reason: 'mine' });
    expect(failureOf(answer)).toBe('KeyNotActive');
  }
  await expect(revokeKey(world, early, { reason: 'mine' })).rejects.toMatchObject({
    details: { outcome: 'SECRET_RETIRED' },
  });
  expect((await world.key(keyId)).revokedAt).toBeNull();
  expect((await world.eventTypes(keyId)).filter((type) => type === 'KEY_SECRET_REUSED')).toHaveLength(1);
});

test('revoke: an expiry that no review has recorded is recorded before the revocation', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue({ ask: { lifetimeMs: 2 * DAY_MS } });
  world.clock.advance(3 * DAY_MS);
  success(await revokeKey(world, anonymous, { secret: new Sensitive(secret), reason: 'found' }));
  expect(await world.eventTypes(keyId)).toEqual(['KEY_ISSUED', 'KEY_EXPIRED', 'KEY_REVOKED']);
});
