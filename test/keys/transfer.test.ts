import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { holdKey } from '../../src/keys/hold.ts';
import { revokeKey } from '../../src/keys/revoke.ts';
import { transferKey } from '../../src/keys/transfer.ts';
import { failureOf, openKeyWorld, success } from '../support/key-world.ts';

test('transfer: a key goes to an organization that its owner belongs to, and goes on working', async () => {
  const world = await openKeyWorld();
  const { id: acme, founder } = await world.organization({ founder: 'OWNER' });
  const { keyId, secret } = await world.issue({}, founder);
  success(await transferKey(world, founder, { keyId, owner: acme, reason: 'for the team' }));
  expect(await world.probe(secret)).toBe('VALID');
  expect(await world.key(keyId)).toMatchObject({ accountId: null, organizationId: acme });
  expect((await world.events(keyId)).at(-1)).toMatchObject({
    type: 'KEY_TRANSFERRED',
    ownerId: acme,
    reason: 'for the team',
    data: { from: founder.id, to: acme },
  });
});

test('transfer: only to owners for whom the caller may issue keys, and never by a stranger', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue();
  for (const owner of [world.stranger.id, 'account_00000000000000000000000000', keyId]) {
    expect(failureOf(await transferKey(world, world.owner, { keyId, owner }))).toBe('OwnerNotFound');
  }
  const owner = world.stranger.id;
  expect(failureOf(await transferKey(world, world.stranger, { keyId, owner }))).toBe('KeyNotFound');
  success(await transferKey(world, world.admin, { keyId, owner }));
  expect(failureOf(await holdKey(world, world.owner, { keyId, reason: 'mine' }))).toBe('KeyNotFound');
});

test('transfer: to its own owner changes nothing; a revoked key cannot be transferred', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue();
  success(await transferKey(world, world.owner, { keyId, owner: world.owner.id }));
  expect(await world.eventTypes(keyId)).toEqual(['KEY_ISSUED']);
  success(await revokeKey(world, world.owner, { keyId, reason: 'gone' }));
  expect(failureOf(await transferKey(world, world.admin, { keyId, owner: world.stranger.id }))).toBe('KeyNotActive');
});

test('transfer: a held and an expired key can be transferred; a hold stays', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue({ ask: { lifetimeMs: 2 * DAY_MS } });
  success(await holdKey(world, world.owner, { keyId, reason: 'away' }));
  success(await transferKey(world, world.admin, { keyId, owner: world.stranger.id }));
  expect(await world.probe(secret)).toBe('KEY_HELD');
  await world.travel(3 * DAY_MS);
  success(await transferKey(world, world.admin, { keyId, owner: world.owner.id }));
  expect(await world.probe(secret)).toBe('KEY_EXPIRED');
});

test('transfer: a key keeps a retired action', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue();
  await world.prisma.action.updateMany({ where: { name: 'package:push' }, data: { retiredAt: world.clock.now() } });
  success(await transferKey(world, world.admin, { keyId, owner: world.stranger.id }));
});

test('transfer: not to a disabled account, nor beyond what the caller may give', async () => {
  const world = await openKeyWorld();
  const { id: acme, member } = await world.organization({ member: 'MEMBER' });
  const scopes = [{ action: 'keytide:read', resource: '**' }];
  const { keyId } = await world.issue({ scopes }, member);
  expect(failureOf(await transferKey(world, member, { keyId, owner: acme }))).toBe('ScopeNotAllowed');
  await world.prisma.account.update({ where: { id: world.owner.id }, data: { disabledAt: world.clock.now() } });
  expect(failureOf(await transferKey(world, world.admin, { keyId, owner: world.owner.id }))).toBe('OwnerNotActive');
});
