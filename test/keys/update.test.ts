import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { renewKey } from '../../src/keys/renew.ts';
import { revokeKey } from '../../src/keys/revoke.ts';
import { updateKey } from '../../src/keys/update.ts';
import { failureOf, openKeyWorld, PUSH, success, type KeyWorld } from '../support/key-world.ts';

async function labelsOf({ prisma }: KeyWorld, keyId: string): Promise<string[]> {
  const labels = await prisma.label.findMany({ where: { keyId }, orderBy: { name: 'asc' } });
  return labels.map(({ name, value }) => `${name}=${value}`);
}

test('update: a person may set an earlier expiry, without notice, never a later one', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue({ ask: { lifetimeMs: 90 * DAY_MS } });
  const now = world.clock.now();
  const set = (expiresAt: Date) => updateKey(world, world.owner, { keyId, expiresAt });
  expect(failureOf(await set(addMs(now, 90 * DAY_MS + 1)))).toBe('ExpiryOutOfBounds');
  expect(failureOf(await set(now))).toBe('ExpiryOutOfBounds');
  success(await set(addMs(now, 1)));
  expect(await world.probe(secret)).toBe('VALID');
  await world.travel(1);
  expect(await world.probe(secret)).toBe('KEY_EXPIRED');
  const [, updated, expired] = await world.events(keyId);
  expect(updated).toMatchObject({
    type: 'KEY_UPDATED',
    data: { from: addMs(now, 90 * DAY_MS).toISOString(), stopsAt: addMs(now, 1).toISOString(), basis: 'HARD' },
  });
  expect(expired).toMatchObject({ type: 'KEY_EXPIRED', at: addMs(now, 1) });
});

test('update: a key without an expiry can be given one, and then is renewed like any other', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue();
  success(await updateKey(world, world.owner, { keyId, expiresAt: addMs(world.clock.now(), 20 * DAY_MS) }));
  expect(await world.key(keyId)).toMatchObject({ stopsBasis: 'HARD', lifetimeMs: BigInt(20 * DAY_MS) });
  await world.travel(10 * DAY_MS);
  success(await renewKey(world, world.owner, { keyId, ask: null, accept: ['EXTEND'] }));
  expect((await world.key(keyId)).expiresAt).toEqual(addMs(world.clock.now(), 20 * DAY_MS));
});

test('update: scopes become fewer or narrower, never wider', async () => {
  const world = await openKeyWorld();
  const unlist = { action: 'package:unlist', resource: 'Acme.Old' };
  const { keyId } = await world.issue({ scopes: [PUSH, unlist] });
  const set = (...scopes: (typeof PUSH)[]) => updateKey(world, world.owner, { keyId, scopes });
  for (const wider of [
    { ...PUSH, resource: '**' },
    { ...unlist, resource: 'Acme.*' },
    { ...PUSH, resource: 'B' },
  ]) {
    expect(failureOf(await set(wider))).toBe('ScopeNotAllowed');
  }
  success(await set({ ...PUSH, resource: 'Acme.Core' }));
  const narrower = [{ action: 'package:push', resource: 'Acme.Core' }];
  expect((await world.key(keyId)).scopes).toEqual(narrower);
  expect((await world.events(keyId)).at(-1)?.data).toEqual({
    changed: ['scopes'],
    before: { scopes: [PUSH, unlist] },
    after: { scopes: narrower },
  });
  expect(failureOf(await set(PUSH))).toBe('ScopeNotAllowed');
});

test('update: labels are replaced whole; those under policy/ only by administrators', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue({ labels: [{ name: 'repo', value: 'acme' }] });
  const policy = { name: 'policy/tier', value: 'gold' };
  const update = { keyId, labels: [policy, { name: 'team', value: 'core' }] };
  await expect(updateKey(world, world.owner, update)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  success(await updateKey(world, world.admin, update));
  const labels = await world.prisma.label.findMany({ where: { keyId }, orderBy: { name: 'asc' } });
  expect(labels.map(({ name, value }) => [name, value])).toEqual([
    ['policy/tier', 'gold'],
    ['team', 'core'],
  ]);
  success(await updateKey(world, world.owner, { keyId, labels: [] }));
  expect(await labelsOf(world, keyId)).toEqual(['policy/tier=gold']);
  success(await updateKey(world, world.owner, { keyId, labels: [policy] }));
  const silver = { keyId, labels: [{ ...policy, value: 'silver' }] };
  await expect(updateKey(world, world.owner, silver)).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

test('update: labels are set and removed by name, and each caller changes only its own', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue({ labels: [{ name: 'repo', value: 'acme' }] });
  const byAdmin = { keyId, setLabels: [{ name: 'policy/team', value: 'core' }] };
  const byOwner = { keyId, setLabels: [{ name: 'repo', value: 'acme/core' }], removeLabels: ['gone'] };
  success(await updateKey(world, world.admin, byAdmin));
  success(await updateKey(world, world.owner, byOwner));
  expect(await labelsOf(world, keyId)).toEqual(['policy/team=core', 'repo=acme/core']);
  expect((await world.events(keyId)).at(-1)?.data).toMatchObject({
    changed: ['labels'],
    before: {
      labels: [
        { name: 'policy/team', value: 'core' },
        { name: 'repo', value: 'acme' },
      ],
    },
    after: {
      labels: [
        { name: 'policy/team', value: 'core' },
        { name: 'repo', value: 'acme/core' },
      ],
    },
  });

  // At the same time, by name: no change is lost.
  const names = Array.from({ length: 6 }, (_, index) => `env/${index}`);
  const add = (name: string) => updateKey(world, world.owner, { keyId, setLabels: [{ name, value: 'on' }] });
  for (const answer of await Promise.all(names.map(add))) success(answer);
  expect(await labelsOf(world, keyId)).toEqual([
    ...names.map((name) => `${name}=on`),
    'policy/team=core',
    'repo=acme/core',
  ]);
  success(await updateKey(world, world.owner, { keyId, removeLabels: names }));

  for (const input of [{ setLabels: [{ name: 'policy/team', value: 'other' }] }, { removeLabels: ['policy/team'] }]) {
    await expect(updateKey(world, world.owner, { keyId, ...input })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  }
  const many = Array.from({ length: 49 }, (_, index) => ({ name: `n${index}`, value: '' }));
  for (const input of [
    { labels: [], removeLabels: ['repo'] },
    { setLabels: [{ name: 'repo', value: 'x' }], removeLabels: ['repo'] },
    { setLabels: many },
    { labels: [...many, { name: 'one more', value: '' }] },
    { removeLabels: [''] },
  ]) {
    await expect(updateKey(world, world.owner, { keyId, ...input })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  }
  expect(await labelsOf(world, keyId)).toEqual(['policy/team=core', 'repo=acme/core']);
});

test('update: one change is one event, and no change is none', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue();
  success(await updateKey(world, world.owner, { keyId }));
  success(await updateKey(world, world.owner, { keyId, name: 'another', labels: [], scopes: [PUSH] }));
  const told = await world.events(keyId);
  expect(told.map(({ type }) => type)).toEqual(['KEY_ISSUED', 'KEY_UPDATED']);
  expect(told.at(-1)?.data).toEqual({
    changed: ['name', 'labels', 'scopes'],
    before: { name: 'release', labels: [], scopes: [PUSH] },
    after: { name: 'another', labels: [], scopes: [PUSH] },
  });
});

test('update: a key that has ended is not changed', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue({ ask: { lifetimeMs: 2 * DAY_MS } });
  world.clock.advance(2 * DAY_MS);
  expect(await updateKey(world, world.owner, { keyId, name: 'x' })).toMatchObject({ details: { state: 'EXPIRED' } });
  success(await revokeKey(world, world.owner, { keyId, reason: 'gone' }));
  expect(await updateKey(world, world.owner, { keyId, name: 'x' })).toMatchObject({ details: { state: 'REVOKED' } });
});

test('update: a notice that an earlier expiry makes due is sent', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue({ ask: { lifetimeMs: 300 * DAY_MS } });
  await world.travel(100 * DAY_MS);
  success(await updateKey(world, world.owner, { keyId, expiresAt: addMs(world.clock.now(), 10 * DAY_MS) }));
  await world.travel(1000);
  const told = await world.events(keyId);
  expect(told.map(({ type }) => type)).toEqual(['KEY_ISSUED', 'KEY_UPDATED', 'KEY_EXPIRING']);
  expect(told[2]).toMatchObject({ at: told[1]?.at, data: { threshold: 'P14D' } });
});
