import { expect, test } from 'vitest';
import { anonymous } from '../../src/domain/caller.ts';
import { DAY_MS } from '../../src/domain/duration.ts';
import { newSecret } from '../../src/domain/secret.ts';
import { Sensitive } from '../../src/domain/sensitive.ts';
import { holdKey } from '../../src/keys/hold.ts';
import { renewKey } from '../../src/keys/renew.ts';
import { revokeKey } from '../../src/keys/revoke.ts';
import { rotateKey } from '../../src/keys/rotate.ts';
import { verifyKey } from '../../src/keys/verify.ts';
import { failureOf, openKeyWorld, PUSH, success, textOf } from '../support/key-world.ts';

const purpose = { action: PUSH.action, resource: 'Acme.Core' };

test('verify: a key stops at the very millisecond of its expiry, with or without a review', async () => {
  const world = await openKeyWorld();
  const { secret } = await world.issue({ ask: { lifetimeMs: 2 * DAY_MS } });
  world.clock.advance(2 * DAY_MS - 1);
  expect(await world.probe(secret)).toBe('VALID');
  world.clock.advance(1);
  expect(await world.probe(secret)).toBe('KEY_EXPIRED');
  await world.reviewer.reviewDue();
  expect(await world.probe(secret)).toBe('KEY_EXPIRED');
});

test('verify: each failed use has its own code, and of several reasons the strongest is returned', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue({ ask: { lifetimeMs: 2 * DAY_MS } });
  const verify = (text: string, resource = 'Acme.Core') =>
    verifyKey(world, world.admin, { secret: text, purpose: { ...purpose, resource }, consumer: null });
  expect(await verify(secret)).toMatchObject({ outcome: 'VALID', scopeChecked: true, key: { id: keyId } });
  expect(await verify(secret, 'Other')).toMatchObject({ outcome: 'SCOPE_MISSING', key: { id: keyId } });
  success(await holdKey(world, world.owner, { keyId, reason: 'away' }));
  expect(await verify(secret, 'Other')).toMatchObject({ outcome: 'KEY_HELD', renewalDue: false });
  world.clock.advance(2 * DAY_MS);
  expect(await verify(secret)).toMatchObject({ outcome: 'KEY_EXPIRED' });
  success(await revokeKey(world, world.owner, { keyId, reason: 'gone' }));
  expect(await verify(secret)).toMatchObject({ outcome: 'KEY_REVOKED', key: { id: keyId } });
});

test('verify: without action and resource, scopes are not checked, and the answer says so', async () => {
  const world = await openKeyWorld();
  const { secret } = await world.issue();
  const answer = await verifyKey(world, world.admin, { secret, purpose: null, consumer: null });
  expect(answer).toMatchObject({ outcome: 'VALID', scopeChecked: false });
});

test('verify: unknown, malformed and other realms’ secrets get identical responses', async () => {
  const world = await openKeyWorld();
  const scopes = [{ action: 'keytide:verify', resource: '**' }];
  const verifier = await world.callerOf((await world.issue({ scopes }, world.admin)).secret);
  const { secret, keyId } = await world.issue();
  const ask = (text: string) => verifyKey(world, verifier, { secret: text, purpose, consumer: null });
  expect(await ask(secret)).toMatchObject({ outcome: 'VALID' });
  const elsewhere = await world.prisma.realm.findFirstOrThrow();
  await world.prisma.realm.create({
    data: { ...elsewhere, subjectCeilings: [], id: 'realm_elsewhere', slug: 'elsewhere' },
  });
  await world.prisma.key.update({ where: { id: keyId }, data: { realmId: 'realm_elsewhere' } });
  const answers = [await ask(secret), await ask(newSecret(world.random).reveal()), await ask('kt_nonsense')];
  expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toHaveLength(1);
  expect(answers[0]).toMatchObject({ outcome: 'KEY_UNKNOWN', key: null, stopsAt: null });
});

test('verify: only verifiers of the realm and administrators may verify', async () => {
  const world = await openKeyWorld();
  const { secret } = await world.issue();
  for (const caller of [anonymous, world.owner, await world.callerOf(secret)]) {
    const verify = async () => verifyKey(world, caller, { secret, purpose, consumer: null });
    await expect(verify()).rejects.toMatchObject({ code: 'FORBIDDEN' });
  }
});

test('verify: an accepted use counts, with its consumer, and a refused one does not', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  await verifyKey(world, world.admin, { secret, purpose: { ...purpose, resource: 'Other' }, consumer: 'ci' });
  await world.uses.flush();
  expect((await world.key(keyId)).lastUsedAt).toBeNull();
  await world.verify(secret, 'ci');
  world.clock.advance(1000);
  await world.verify(secret, 'ci');
  await world.verify(secret);
  const uses = await world.prisma.use.findMany({ orderBy: { consumer: 'asc' } });
  expect(uses.map(({ consumer, useCount }) => [consumer, useCount])).toEqual([
    ['', 1n],
    ['ci', 2n],
  ]);
  expect((await world.key(keyId)).lastUsedAt).toEqual(world.clock.now());
  expect(await world.eventTypes(keyId)).toEqual(['KEY_ISSUED', 'KEY_FIRST_USED']);
});

test('verify: a key that verifies its own secret is not in use by that', async () => {
  const world = await openKeyWorld();
  const scopes = [{ action: 'keytide:verify', resource: '**' }];
  const { keyId, secret } = await world.issue({ scopes }, world.admin);
  const verifier = await world.callerOf(secret);
  const verify = async (text: string) => {
    const { outcome } = await verifyKey(world, verifier, { secret: text, purpose: null, consumer: 'itself' });
    await world.uses.flush();
    return outcome;
  };
  expect(await verify(secret)).toBe('VALID');
  expect(await world.key(keyId)).toMatchObject({ lastUsedAt: null, secrets: [{ firstUsedAt: null }] });
  expect(await verify((await world.issue()).secret)).toBe('VALID');
  expect((await world.key(keyId)).lastUsedAt).toEqual(world.clock.now());
});

test('verify: the reuse of a retired secret is recorded once per consumer, and stops nothing', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  expect(await world.verify(secret, 'ci')).toBe('VALID');
  const rotated = success(await rotateKey(world, world.owner, { keyId, gracePeriodMs: 0 }));
  const retiredAt = world.clock.now().toISOString();
  world.clock.advance(DAY_MS);
  expect(await world.verify(textOf(rotated.delivery), 'laptop')).toBe('VALID');
  const { lastUsedAt } = await world.key(keyId);
  for (const consumer of ['ci', 'ci', 'laptop', 'elsewhere', null, null]) {
    expect(await world.verify(secret, consumer)).toBe('SECRET_RETIRED');
  }
  const told = (await world.events(keyId)).filter(({ type }) => type === 'KEY_SECRET_REUSED');
  expect(told.map(({ data }) => data)).toEqual([
    { generation: 1, consumer: 'ci', isNewConsumer: false, retiredAt },
    { generation: 1, consumer: 'laptop', isNewConsumer: false, retiredAt },
    { generation: 1, consumer: 'elsewhere', isNewConsumer: true, retiredAt },
    { generation: 1, consumer: null, isNewConsumer: true, retiredAt },
  ]);
  expect(await world.key(keyId)).toMatchObject({ revokedAt: null, holds: [], lastUsedAt });
});

test('verify: the reuse of a retired secret of an ended key is not recorded, until the key is renewed', async () => {
  const world = await openKeyWorld();
  const issue = async () => {
    const { keyId, secret } = await world.issue({ ask: { lifetimeMs: 2 * DAY_MS } });
    success(await rotateKey(world, world.owner, { keyId, gracePeriodMs: 0 }));
    return { keyId, secret };
  };
  const [expired, revoked] = [await issue(), await issue()];
  const isTold = async ({ keyId }: { keyId: string }) => (await world.eventTypes(keyId)).includes('KEY_SECRET_REUSED');
  success(await revokeKey(world, world.owner, { keyId: revoked.keyId, reason: 'gone' }));
  const bySecret = { secret: new Sensitive(revoked.secret), reason: 'found' };
  expect(failureOf(await revokeKey(world, anonymous, bySecret))).toBe('KeyNotActive');
  expect(await isTold(revoked)).toBe(false);

  world.clock.advance(2 * DAY_MS);
  // Before a review has recorded that it expired, and after.
  for (let look = 0; look < 2; look += 1) {
    expect(await world.verify(expired.secret)).toBe('SECRET_RETIRED');
    expect(await isTold(expired)).toBe(false);
    await world.reviewer.reviewDue();
  }
  const renewal = { keyId: expired.keyId, ask: null, accept: ['EXTEND'] as const };
  success(await renewKey(world, world.owner, renewal));
  expect(await world.verify(expired.secret)).toBe('SECRET_RETIRED');
  expect(await isTold(expired)).toBe(true);
});

test('verify: says when a renewal is due: late in a chosen life, or in a time without use', async () => {
  const world = await openKeyWorld();
  const chosen = await world.issue({ ask: { lifetimeMs: 90 * DAY_MS } });
  const used = await world.issue();
  const isDue = async ({ secret }: { secret: string }) => {
    const { renewalDue } = await verifyKey(world, world.admin, { secret, purpose, consumer: null });
    await world.uses.flush();
    return renewalDue;
  };
  const seen: boolean[] = [];
  for (let day = 0; day < 90; day += 3) {
    seen.push(await isDue(chosen));
    expect(await isDue(used)).toBe(false);
    await world.travel(3 * DAY_MS);
  }
  // Due from some day of the last third on, and then to the end.
  expect(seen.indexOf(true)).toBeGreaterThanOrEqual(20);
  expect(seen.slice(seen.indexOf(true))).not.toContain(false);
  await world.travel(360 * DAY_MS);
  expect(await isDue(used)).toBe(true);
});

test('verify: a retired secret used as a credential is refused and recorded as well', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  success(await rotateKey(world, world.owner, { keyId, gracePeriodMs: 0 }));
  const retiredAt = world.clock.now().toISOString();
  world.clock.advance(DAY_MS);
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await expect(world.callerOf(secret)).rejects.toMatchObject({ details: { outcome: 'SECRET_RETIRED' } });
  }
  await world.uses.flush();
  const told = (await world.events(keyId)).filter(({ type }) => type === 'KEY_SECRET_REUSED');
  expect(told.map(({ data }) => data)).toEqual([{ generation: 1, consumer: null, isNewConsumer: true, retiredAt }]);
});
