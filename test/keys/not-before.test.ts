import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { issueKey } from '../../src/keys/issue.ts';
import { renewKey } from '../../src/keys/renew.ts';
import { holdKey } from '../../src/keys/hold.ts';
import { resumeKey } from '../../src/keys/resume.ts';
import { updateKey } from '../../src/keys/update.ts';
import { failureOf, openKeyWorld, PUSH, success } from '../support/key-world.ts';

test('notBefore: the key is refused before that moment, works from it on, and its lifetime counts from it', async () => {
  const world = await openKeyWorld();
  const notBefore = addMs(world.clock.now(), 30 * DAY_MS);
  const { keyId, secret } = await world.issue({ notBefore, ask: { lifetimeMs: 30 * DAY_MS } });
  expect(await world.key(keyId)).toMatchObject({
    notBefore,
    activeAt: notBefore,
    expiresAt: addMs(notBefore, 30 * DAY_MS),
    lifetimeMs: BigInt(30 * DAY_MS),
  });
  await world.travel(30 * DAY_MS - 1);
  expect(await world.probe(secret)).toBe('NOT_YET_VALID');
  await expect(world.callerOf(secret)).rejects.toMatchObject({
    code: 'UNAUTHENTICATED',
    message: expect.stringContaining(`not valid before ${notBefore.toISOString()}`),
    details: { outcome: 'NOT_YET_VALID' },
  });
  // 30 days before its end, the key of 30 days is not warned: its life has not begun.
  expect(await world.eventTypes(keyId)).toEqual(['KEY_ISSUED']);
  await world.travel(1);
  expect(await world.verify(secret)).toBe('VALID');
  await world.travel(16 * DAY_MS);
  expect(await world.eventTypes(keyId)).toEqual(['KEY_ISSUED', 'KEY_FIRST_USED', 'KEY_EXPIRING']);
  await world.travel(14 * DAY_MS);
  expect(await world.probe(secret)).toBe('KEY_EXPIRED');
});

test('notBefore: a key that is never used counts as active at that moment', async () => {
  const world = await openKeyWorld();
  const notBefore = addMs(world.clock.now(), 300 * DAY_MS);
  const { keyId, secret } = await world.issue({ notBefore });
  const plain = await world.key((await world.issue()).keyId);
  // A stop of the same kind as any other key's, 300 days later.
  expect((await world.key(keyId)).stopsAt).toEqual(addMs(plain.stopsAt!, 300 * DAY_MS));
  await world.travel(400 * DAY_MS);
  expect(await world.probe(secret)).toBe('VALID');
});

test('notBefore: what is done to the key before that moment moves nothing to before it', async () => {
  const world = await openKeyWorld();
  const now = world.clock.now();
  const notBefore = addMs(now, 60 * DAY_MS);
  const { keyId } = await world.issue({ notBefore, ask: { lifetimeMs: 90 * DAY_MS } });
  const stopsAt = addMs(notBefore, 90 * DAY_MS);
  success(await holdKey(world, world.owner, { keyId, reason: 'too early' }));
  success(await resumeKey(world, world.owner, { keyId }));
  expect(await world.key(keyId)).toMatchObject({ activeAt: notBefore, stopsAt });
  success(await renewKey(world, world.owner, { keyId, ask: null, accept: ['EXTEND'] }));
  expect(await world.key(keyId)).toMatchObject({ activeAt: notBefore, stopsAt });
  const longest = addMs(notBefore, 365 * DAY_MS);
  const renew = (expiresAt: Date) => renewKey(world, world.owner, { keyId, ask: { expiresAt }, accept: ['EXTEND'] });
  expect(failureOf(await renew(addMs(longest, 1)))).toBe('ExpiryOutOfBounds');
  success(await renew(longest));
  const shorten = (expiresAt: Date) => updateKey(world, world.owner, { keyId, expiresAt });
  expect(failureOf(await shorten(notBefore))).toBe('ExpiryOutOfBounds');
  success(await shorten(addMs(notBefore, DAY_MS)));
  expect(await world.key(keyId)).toMatchObject({ stopsAt: addMs(notBefore, DAY_MS) });
});

test('notBefore: it is at most 365 days ahead, and for a child before its parent ends', async () => {
  const world = await openKeyWorld();
  const now = world.clock.now();
  const input = { realm: 'default', name: 'later', scopes: [PUSH], labels: [], ask: null };
  const far = addMs(now, 365 * DAY_MS);
  await expect(issueKey(world, world.owner, { ...input, notBefore: addMs(far, 1) })).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
    message: expect.stringContaining(`expected at the latest ${far.toISOString()}, 365 days ahead`),
  });
  success(await issueKey(world, world.owner, { ...input, notBefore: far }));
  const past = await world.issue({ notBefore: addMs(now, -DAY_MS), ask: { lifetimeMs: DAY_MS } });
  expect(await world.probe(past.secret)).toBe('VALID');
  expect((await world.key(past.keyId)).expiresAt).toEqual(addMs(now, DAY_MS));

  const scopes = [PUSH, { action: 'keytide:issue', resource: '**' }];
  const parent = await world.issue({ scopes, ask: { lifetimeMs: 10 * DAY_MS } });
  const caller = await world.callerOf(parent.secret);
  const child = (days: number) => world.issue({ notBefore: addMs(now, days * DAY_MS) }, caller);
  await expect(child(10)).rejects.toMatchObject({ message: expect.stringContaining('when the calling key ends') });
  expect(await world.key((await child(9)).keyId)).toMatchObject({ expiresAt: addMs(now, 10 * DAY_MS) });
});
