import { compactDecrypt, exportJWK, generateKeyPair } from 'jose';
import { expect, test } from 'vitest';
import { anonymous } from '../../src/domain/caller.ts';
import { DAY_MS, YEAR_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { issueKey, type IssueKeyInput } from '../../src/keys/issue.ts';
import { failureOf, openKeyWorld, PUSH, success, textOf } from '../support/key-world.ts';

const input = { realm: 'default', name: 'release', scopes: [PUSH], labels: [], ask: null } satisfies IssueKeyInput;

test('issue: without a requested expiry a key has none, and lives while it is used', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  const now = world.clock.now();
  expect(secret).toMatch(/^kt_[0-9A-Za-z]{49}$/);
  expect(await world.key(keyId)).toMatchObject({
    accountId: world.owner.id,
    issuedById: world.owner.id,
    chosenExpiresAt: null,
    expiresAt: null,
    stopsAt: addMs(now, 395 * DAY_MS),
    stopsBasis: 'BY_USE',
    // Use may have moved it by then.
    reviewAt: (await world.key(keyId)).renewalDueAt,
  });
  expect(await world.events(keyId)).toMatchObject([{ type: 'KEY_ISSUED', at: now, actorId: world.owner.id }]);
  expect(await world.probe(secret)).toBe('VALID');
});

test('issue: an expiry may be from 1 day to 365 days ahead; what is out of bounds is refused with the bounds', async () => {
  const world = await openKeyWorld();
  const now = world.clock.now();
  for (const ms of [DAY_MS, YEAR_MS]) {
    for (const ask of [{ lifetimeMs: ms }, { expiresAt: addMs(now, ms) }]) {
      const { keyId } = await world.issue({ ask });
      expect(await world.key(keyId)).toMatchObject({ expiresAt: addMs(now, ms), stopsBasis: 'HARD' });
    }
  }
  for (const lifetimeMs of [DAY_MS - 1, YEAR_MS + 1, 0]) {
    expect(await issueKey(world, world.owner, { ...input, ask: { lifetimeMs } })).toMatchObject({
      failure: 'ExpiryOutOfBounds',
      details: { earliest: addMs(now, DAY_MS), latest: addMs(now, YEAR_MS) },
    });
  }
});

test('issue: the realm’s bounds bind as well', async () => {
  const world = await openKeyWorld();
  const bounds = { shortestLifetimeMs: BigInt(2 * DAY_MS), longestLifetimeMs: BigInt(30 * DAY_MS) };
  await world.prisma.realm.update({ where: { id: world.realmId }, data: bounds });
  for (const lifetimeMs of [2 * DAY_MS - 1, 30 * DAY_MS + 1]) {
    expect(failureOf(await issueKey(world, world.owner, { ...input, ask: { lifetimeMs } }))).toBe('ExpiryOutOfBounds');
  }
  await world.issue({ ask: { lifetimeMs: 30 * DAY_MS } });
});

test('issue: scopes must be in the catalogue, reserved ones only from those who may give them', async () => {
  const world = await openKeyWorld();
  const give = (caller: typeof world.owner, action: string) =>
    issueKey(world, caller, { ...input, scopes: [{ action, resource: '**' }] });
  expect(failureOf(await give(world.owner, 'package:delete'))).toBe('ScopeNotAllowed');
  expect(failureOf(await give(world.owner, 'keytide:verify'))).toBe('ScopeNotAllowed');
  success(await give(world.owner, 'keytide:read'));
  success(await give(world.admin, 'keytide:verify'));
  await world.prisma.action.updateMany({ where: { name: 'package:unlist' }, data: { retiredAt: world.clock.now() } });
  expect(failureOf(await give(world.owner, 'package:unlist'))).toBe('ScopeNotAllowed');
  for (const scopes of [[], [{ action: 'package:*', resource: '**' }], [{ action: 'keytide:all', resource: '**' }]]) {
    await expect(issueKey(world, world.owner, { ...input, scopes })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  }
});

test('issue: an account gives no more than the ceiling of its role', async () => {
  const world = await openKeyWorld();
  const { id: owner, member } = await world.organization({ member: 'MEMBER' });
  await world.prisma.ceiling.create({ data: { realmId: world.realmId, role: 'MEMBER', ...PUSH } });
  const give = (resource: string) =>
    issueKey(world, member, { ...input, owner, scopes: [{ action: PUSH.action, resource }] });
  success(await give('Acme.Core'));
  expect(failureOf(await give('**'))).toBe('ScopeNotAllowed');
});

test('issue: for oneself, or an organization that the caller belongs to', async () => {
  const world = await openKeyWorld();
  const { id: acme, member } = await world.organization({ member: 'MEMBER' });
  const { keyId } = await world.issue({ owner: acme }, member);
  expect(await world.key(keyId)).toMatchObject({ accountId: null, organizationId: acme, issuedById: member.id });
  for (const owner of [world.owner.id, 'organization_00000000000000000000000000', 'nonsense']) {
    expect(failureOf(await issueKey(world, member, { ...input, owner }))).toBe('OwnerNotFound');
  }
  await world.issue({ owner: world.owner.id }, world.admin);
  await world.prisma.account.update({ where: { id: world.owner.id }, data: { disabledAt: world.clock.now() } });
  expect(failureOf(await issueKey(world, world.admin, { ...input, owner: world.owner.id }))).toBe('OwnerNotActive');
  expect(failureOf(await issueKey(world, world.owner, { ...input, realm: 'elsewhere' }))).toBe('RealmNotFound');
  expect(failureOf(await issueKey(world, anonymous, input))).toBe('RealmNotFound');
});

test('issue: the secret is sealed to a public key', async () => {
  const world = await openKeyWorld();
  const { publicKey, privateKey } = await generateKeyPair('ECDH-ES', { crv: 'P-256', extractable: true });
  const jwk = JSON.stringify(await exportJWK(publicKey));
  const issued = success(await issueKey(world, world.owner, { ...input, publicKey: jwk }));
  const { plaintext } = await compactDecrypt(textOf(issued.delivery), privateKey);
  expect(await world.probe(new TextDecoder().decode(plaintext))).toBe('VALID');
  const privateJwk = JSON.stringify(await exportJWK(privateKey));
  for (const wrong of ['', '[]', '{"kty":"RSA"}', privateJwk]) {
    expect(failureOf(await issueKey(world, world.owner, { ...input, publicKey: wrong }))).toBe('PublicKeyInvalid');
  }
});
