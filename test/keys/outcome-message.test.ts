import { expect, test } from 'vitest';
import { DAY_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { revokeKey } from '../../src/keys/revoke.ts';
import { rotateKey } from '../../src/keys/rotate.ts';
import { verifyKey } from '../../src/keys/verify.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { issue, mutate } from '../support/issue.ts';
import { openIssuerWorld } from '../support/issuer-world.ts';
import { openKeyWorld, success, type KeyWorld } from '../support/key-world.ts';
import { openLeakWorld } from '../support/leak-world.ts';
import { VERIFY_KEY } from '../support/operations.ts';

test('message: the holder of a held key is told who can resume it, by verifyKey and as a caller', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const olga = await gateway.person('olga');
  const messages = async (...holders: readonly string[]) => {
    const { id, secret } = await issue(gateway, olga.token);
    for (const by of holders) await mutate(gateway, by, 'holdKey', { keyId: id, reason: 'looking' });
    return holdMessages(gateway, admin, secret);
  };
  const byAdministrator = 'An administrator holds the key. Only an administrator can resume it: ask one.';
  expect(await messages(admin)).toEqual([byAdministrator, byAdministrator]);
  const byOwner = 'Its owner holds the key, and can resume it.';
  expect(await messages(olga.token)).toEqual([byOwner, byOwner]);
  // Of two holds the stricter one decides.
  expect(await messages(olga.token, admin)).toEqual([byAdministrator, byAdministrator]);
});

test('message: the holder of a leaked key is told to rotate it before it is resumed', async () => {
  const { gateway, report, record } = await openLeakWorld();
  const admin = await gateway.admin();
  const { secret } = await issue(gateway, (await gateway.person('olga')).token);
  await report(record(secret));
  const leaked =
    'The key is held because its secret leaked. Its owner should rotate it with a grace period of 0, then resume it.';
  expect(await holdMessages(gateway, admin, secret)).toEqual([leaked, leaked]);
});

test('message: the holder of an expired key is told until when its owner can renew it', async () => {
  const world = await openKeyWorld();
  const { secret } = await world.issue({ ask: { lifetimeMs: 2 * DAY_MS } });
  const endsAt = new Date(world.clock.now().getTime() + 2 * DAY_MS);
  const revivableUntil = new Date(endsAt.getTime() + 30 * DAY_MS);
  const found = `The key expired at ${endsAt.toISOString()}.`;
  world.clock.advance(2 * DAY_MS);
  const renewable = `${found} Its owner can sign in and renew it until ${revivableUntil.toISOString()}.`;
  expect(await verifiedMessage(world, secret)).toBe(renewable);
  await world.travel(30 * DAY_MS - 1);
  expect(await verifiedMessage(world, secret)).toBe(renewable);
  world.clock.advance(1);
  expect(await verifiedMessage(world, secret)).toBe(
    `${found} It is too late to renew it. Ask its owner for a new key.`,
  );
});

test('message: the holder of an unused key is told that a policy holds it, then that a policy ended it', async () => {
  const world = await openKeyWorld();
  const { secret } = await world.issue();
  await world.travel(366 * DAY_MS);
  await world.travel(30 * DAY_MS);
  expect(await verifiedMessage(world, secret)).toBe('A policy holds the key. Its owner can see why and resume it.');
  await world.travel(31 * DAY_MS);
  expect(await verifiedMessage(world, secret)).toMatch(
    /^The key expired at \S+Z by a policy; its owner can see why\. Its owner can sign in and renew it until \S+Z\.$/,
  );
});

test('message: the holder of a key from a token is told to exchange another token', async () => {
  const world = await openIssuerWorld();
  const { gateway } = world;
  const { secret } = await world.exchange(world.token());
  await gateway.travel(15 * MINUTE_MS);
  const { data } = await gateway.ask(VERIFY_KEY, { input: { secret } }, await gateway.admin());
  expect(data['verifyKey'].message).toMatch(
    /^The key expired at \S+Z\. It was issued in exchange for a token: exchange another token\.$/,
  );
});

test('message: the holder of a retired secret, or of a revoked key, is told since when', async () => {
  const world = await openKeyWorld();
  const { secret, keyId } = await world.issue();
  const now = world.clock.now().toISOString();
  success(await rotateKey(world, world.owner, { keyId, gracePeriodMs: 0, publicKey: null }));
  const retired = `This secret retired at ${now}: the key has another secret now. Deploy the current secret.`;
  expect(await verifiedMessage(world, secret)).toBe(retired);
  success(await revokeKey(world, world.owner, { keyId, reason: 'gone' }));
  const revoked = `The key was revoked at ${now} and will not work again. Ask its owner for a new key.`;
  expect(await verifiedMessage(world, secret)).toBe(revoked);
});

/** What verifyKey and the gateway itself say of a held key. */
async function holdMessages(gateway: Gateway, admin: string, secret: string): Promise<unknown[]> {
  const { data } = await gateway.ask(VERIFY_KEY, { input: { secret } }, admin);
  const called = await gateway.ask('{ viewer { __typename } }', {}, secret);
  expect([data['verifyKey'].outcome, called.status]).toEqual(['KEY_HELD', 401]);
  return [data['verifyKey'].message, called.errors?.[0]?.message];
}

async function verifiedMessage(world: KeyWorld, secret: string): Promise<string> {
  return (await verifyKey(world, world.admin, { secret, purpose: null, consumer: null })).message;
}
