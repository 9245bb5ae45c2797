import { array, assert, asyncProperty, boolean, constantFrom, integer, nat, record } from 'fast-check';
import { expect, test } from 'vitest';
import type { KeyCaller } from '../../src/domain/caller.ts';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { isFailure } from '../../src/domain/failure.ts';
import { expiredAt, addMs } from '../../src/domain/key.ts';
import { REVIVAL_MS } from '../../src/domain/life.ts';
import { RequestError } from '../../src/domain/request-error.ts';
import { includesScope, type Scope } from '../../src/domain/scope.ts';
import { holdKey } from '../../src/keys/hold.ts';
import { issueKey } from '../../src/keys/issue.ts';
import { renewKey } from '../../src/keys/renew.ts';
import { resumeKey } from '../../src/keys/resume.ts';
import { revokeKey } from '../../src/keys/revoke.ts';
import { rotateKey } from '../../src/keys/rotate.ts';
import { scopesOf } from '../../src/keys/key-row.ts';
import { transferKey } from '../../src/keys/transfer.ts';
import { updateKey } from '../../src/keys/update.ts';
import { failureOf, openKeyWorld, PUSH, success, textOf, type Issued, type KeyWorld } from '../support/key-world.ts';

const isLong = process.env['KEYTIDE_TEST_LONG'] !== undefined;

const ISSUE = { action: 'keytide:issue', resource: '**' };

async function family(world: KeyWorld, lifetimeMs: number | null = null) {
  const ask = lifetimeMs === null ? null : { lifetimeMs };
  const parent = await world.issue({ scopes: [PUSH, ISSUE], ask });
  const caller = await world.callerOf(parent.secret);
  const child = await world.issue({ scopes: [{ ...PUSH, resource: 'Acme.Core' }] }, caller);
  return { parent, caller, child };
}

test('child: gets no scope that its parent lacks', async () => {
  const world = await openKeyWorld();
  const { caller } = await family(world);
  const give = (scope: Scope) =>
    issueKey(world, caller, { realm: 'default', name: 'child', scopes: [scope], labels: [], ask: null });
  success(await give(PUSH));
  for (const wider of [
    { ...PUSH, resource: '**' },
    { action: 'package:unlist', resource: 'Acme.Core' },
    { action: 'keytide:verify', resource: '**' },
    { action: 'keytide:read', resource: '**' },
  ]) {
    expect(failureOf(await give(wider))).toBe('ScopeNotAllowed');
  }
});

test('child: lives no longer than its parent: as long by default, and a longer life is refused', async () => {
  const world = await openKeyWorld();
  const { parent, caller, child } = await family(world, 10 * DAY_MS);
  const end = addMs(world.clock.now(), 10 * DAY_MS);
  expect((await world.key(child.keyId)).expiresAt).toEqual(end);
  const ask = { lifetimeMs: 10 * DAY_MS + 1 };
  const answer = await issueKey(world, caller, { realm: 'default', name: 'c', scopes: [PUSH], labels: [], ask });
  expect(answer).toMatchObject({ failure: 'ExpiryOutOfBounds', details: { latest: end } });
  await world.travel(DAY_MS);
  const renewal = { keyId: child.keyId, ask: { expiresAt: addMs(end, 1) }, accept: ['EXTEND'] as const };
  expect(failureOf(await renewKey(world, world.owner, renewal))).toBe('ExpiryOutOfBounds');
  success(await renewKey(world, world.owner, { keyId: parent.keyId, ask: null, accept: ['EXTEND'] }));
  success(await renewKey(world, world.owner, renewal));
});

test('child: is not renewed once its parent has ended', async () => {
  const world = await openKeyWorld();
  const { parent, child } = await family(world);
  success(await revokeKey(world, world.owner, { keyId: parent.keyId, reason: 'leaked' }));
  expect(await world.probe(child.secret)).toBe('VALID');
  const renewal = { keyId: child.keyId, ask: null, accept: ['EXTEND'] as const };
  expect(failureOf(await renewKey(world, world.owner, renewal))).toBe('RenewalNotAllowed');
  const other = await family(world, 2 * DAY_MS);
  await world.travel(3 * DAY_MS);
  const revival = { keyId: other.child.keyId, ask: null, accept: ['EXTEND'] as const };
  expect(failureOf(await renewKey(world, world.owner, revival))).toBe('RenewalNotAllowed');
  expect(await world.probe(other.child.secret)).toBe('KEY_EXPIRED');
});

test('child: lives on when its parent is revoked, and the event names the live children', async () => {
  const world = await openKeyWorld();
  const { parent, caller, child } = await family(world);
  const give = async (lifetimeMs: number | null = null) =>
    (await world.issue({ ask: lifetimeMs === null ? null : { lifetimeMs } }, caller)).keyId;
  const [held, revoked] = [await give(), await give(), await give(DAY_MS)];
  success(await holdKey(world, world.owner, { keyId: held, reason: 'away' }));
  success(await revokeKey(world, world.owner, { keyId: revoked, reason: 'gone' }));
  world.clock.advance(DAY_MS);
  success(await revokeKey(world, world.owner, { keyId: parent.keyId, reason: 'leaked' }));
  const told = async (keyId: string) => (await world.events(keyId)).at(-1)?.data;
  expect(await told(parent.keyId)).toEqual({ children: [child.keyId, held].sort() });
  expect(await world.probe(child.secret)).toBe('VALID');
  success(await revokeKey(world, world.owner, { keyId: child.keyId, reason: 'leaked' }));
  expect(await told(child.keyId)).toEqual({});
});

test('child: the event of a revocation names at most a hundred live children', async () => {
  const world = await openKeyWorld();
  const { parent, child } = await family(world);
  const {
    id: _,
    metadata: _metadata,
    warnings: _warnings,
    brownouts: _brownouts,
    ...row
  } = await world.prisma.key.findUniqueOrThrow({ where: { id: child.keyId } });
  const more = Array.from({ length: 120 }, (_, index) => ({ ...row, id: `key_${index}`, scopes: [] }));
  await world.prisma.key.createMany({ data: more });
  success(await revokeKey(world, world.owner, { keyId: parent.keyId, reason: 'leaked' }));
  const [told] = (await world.events(parent.keyId)).filter(({ type }) => type === 'KEY_REVOKED');
  expect(new Set((told?.data as { children?: string[] } | undefined)?.children).size).toBe(100);
});

test('child: a parent is not narrowed or shortened below its child; the failure names the child', async () => {
  const world = await openKeyWorld();
  const { parent, child } = await family(world);
  const update = (input: object) => updateKey(world, world.owner, { keyId: parent.keyId, ...input });
  const expiresAt = addMs(world.clock.now(), 30 * DAY_MS);
  const narrow = [{ ...PUSH, resource: 'Acme.Other' }, ISSUE];
  for (const [input, failure] of [
    [{ scopes: narrow }, 'ScopeNotAllowed'],
    [{ expiresAt }, 'ExpiryOutOfBounds'],
  ] as const) {
    const answer = await update(input);
    expect(failureOf(answer)).toBe(failure);
    expect(answer).toMatchObject({ message: expect.stringContaining(child.keyId) });
  }
  success(await update({ scopes: [{ ...PUSH, resource: 'Acme.Core' }, ISSUE] }));
  success(await updateKey(world, world.owner, { keyId: child.keyId, expiresAt }));
  success(await update({ expiresAt }));
  success(await revokeKey(world, world.owner, { keyId: child.keyId, reason: 'gone' }));
  success(await update({ scopes: [ISSUE], expiresAt: addMs(world.clock.now(), DAY_MS) }));
});

test('child: is limited by what its parent has now, not by what it had when it was authenticated', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue({ scopes: [PUSH, ISSUE] });
  const proved = await world.callerOf(secret);
  const give = (caller: KeyCaller) =>
    issueKey(world, caller, { realm: 'default', name: 'child', scopes: [PUSH], labels: [], ask: null });
  success(await updateKey(world, world.owner, { keyId, scopes: [{ ...PUSH, resource: 'Acme.Core' }, ISSUE] }));
  expect(failureOf(await give(proved))).toBe('ScopeNotAllowed');
  success(await holdKey(world, world.owner, { keyId, reason: 'away' }));
  await expect(give(proved)).rejects.toMatchObject({ details: { outcome: 'KEY_HELD' } });
  success(await resumeKey(world, world.owner, { keyId }));
  success(await rotateKey(world, world.owner, { keyId, gracePeriodMs: 0 }));
  await expect(give(proved)).rejects.toMatchObject({ details: { outcome: 'SECRET_RETIRED' } });
});

test('child: no changes at the same time leave it wider or longer than its parent', async () => {
  const world = await openKeyWorld();
  for (let round = 0; round < (isLong ? 40 : 4); round += 1) {
    const { parent, caller, child } = await family(world, 10 * DAY_MS);
    success(await updateKey(world, world.owner, { keyId: child.keyId, expiresAt: addMs(world.clock.now(), DAY_MS) }));
    const shorter = addMs(world.clock.now(), 5 * DAY_MS);
    await Promise.all([
      updateKey(world, world.owner, { keyId: parent.keyId, expiresAt: shorter }),
      renewKey(world, world.owner, { keyId: child.keyId, ask: { lifetimeMs: 9 * DAY_MS }, accept: ['EXTEND'] }),
      issueKey(world, caller, { realm: 'default', name: 'c', scopes: [PUSH], labels: [], ask: null }),
      updateKey(world, world.owner, { keyId: parent.keyId, scopes: [{ ...PUSH, resource: 'Acme.Core' }, ISSUE] }),
    ]);
    await expectWithin(world, [parent]);
  }
});

/** Every key that any of these issued lies within it, and so on down. */
async function expectWithin(world: KeyWorld, parents: readonly Pick<Issued, 'keyId'>[]): Promise<void> {
  for (const { keyId } of parents) {
    const parent = await world.key(keyId);
    const children = await world.prisma.key.findMany({ where: { parentId: keyId, revokedAt: null } });
    for (const child of children) {
      const ended = expiredAt(child, world.clock.now());
      if (ended !== null && addMs(ended, REVIVAL_MS) <= world.clock.now()) continue; // it will not work again
      const label = `${child.id} within ${keyId}`;
      const isWithin = scopesOf(child).every((scope) => includesScope(scopesOf(parent), scope, { foldsCase: false }));
      expect(isWithin, label).toBe(true);
      const now = world.clock.now();
      if (parent.chosenExpiresAt === null || parent.revokedAt !== null) continue;
      const end = child.chosenExpiresAt?.getTime() ?? Infinity;
      expect(end <= Math.max(parent.chosenExpiresAt.getTime(), now.getTime()), label).toBe(true);
    }
    await expectWithin(
      world,
      children.map(({ id }) => ({ keyId: id })),
    );
  }
}

const resources = ['**', 'Acme.*', 'Acme.Core', 'Acme.C*', '*', 'a/**', 'a/*', 'a/b'];
const scopeArbitrary = record({
  action: constantFrom('package:push', 'package:unlist', 'keytide:issue', 'keytide:read'),
  resource: constantFrom(...resources),
});
const stepArbitrary = record({
  what: constantFrom(
    'issue',
    'issue',
    'issue',
    'narrow',
    'narrow',
    'shorten',
    'renew',
    'renew',
    'rotate',
    'transfer',
    'travel',
    'revoke',
    'hold',
  ),
  who: nat(8),
  scopes: array(scopeArbitrary, { minLength: 1, maxLength: 3 }),
  days: integer({ min: 1, max: 60 }),
  isItself: boolean(),
});

test('child: stays within its parent, in any sequence of changes', { timeout: isLong ? 600_000 : 30_000 }, async () => {
  const world = await openKeyWorld();
  const steps = array(stepArbitrary, { minLength: 5, maxLength: 30 });
  let issuedCount = 0;
  await assert(
    asyncProperty(steps, async (sequence) => {
      const wide = [PUSH.action, 'package:unlist', 'keytide:issue', 'keytide:read'];
      const root = await world.issue({ scopes: wide.map((action) => ({ action, resource: '**' })) });
      const keys = [root];
      for (const step of sequence) {
        const target = keys[step.who % keys.length] ?? root;
        const made = await takeStep(world, target, step).catch(refusal);
        if (made !== null) keys.push(made);
        issuedCount += made === null ? 0 : 1;
      }
      await expectWithin(world, [root]);
    }),
    { numRuns: isLong ? 500 : 20 },
  );
  // Most that are asked for are refused; enough are not.
  expect(issuedCount).toBeGreaterThan(10);
});

async function takeStep(
  world: KeyWorld,
  { keyId, secret }: Issued,
  { what, scopes, days, isItself }: { what: string; scopes: Scope[]; days: number; isItself: boolean },
): Promise<Issued | null> {
  const caller = isItself ? await world.callerOf(secret) : world.owner;
  const expiresAt = addMs(world.clock.now(), days * DAY_MS);
  switch (what) {
    case 'issue': {
      const parent = await world.callerOf(secret);
      const ask = days % 2 === 0 ? null : { expiresAt };
      const asked = isItself ? [...parent.scopes] : [...scopes, ISSUE];
      const input = { realm: 'default', name: 'child', scopes: asked, labels: [], ask };
      const answer = await issueKey(world, parent, input);
      return isFailure(answer) ? null : { keyId: answer.keyId, secret: textOf(answer.delivery) };
    }
    case 'narrow':
      await updateKey(world, world.owner, { keyId, scopes });
      return null;
    case 'shorten':
      await updateKey(world, world.owner, { keyId, expiresAt });
      return null;
    case 'renew':
      await renewKey(world, caller, { keyId, ask: isItself ? null : { expiresAt }, accept: ['EXTEND', 'ROTATE'] });
      return null;
    case 'rotate':
      await rotateKey(world, caller, { keyId, gracePeriodMs: 30 * DAY_MS });
      return null;
    case 'transfer':
      await transferKey(world, world.admin, { keyId, owner: days % 2 ? world.stranger.id : world.owner.id });
      return null;
    case 'hold':
      await holdKey(world, caller, { keyId, reason: 'a reason' });
      await resumeKey(world, world.admin, { keyId });
      return null;
    case 'revoke':
      if (days > 50) await revokeKey(world, caller, { keyId, reason: 'a reason' });
      return null;
    default:
      await world.travel(days % 3 === 0 ? days * DAY_MS : HOUR_MS);
      return null;
  }
}

function refusal(error: unknown): null {
  if (error instanceof RequestError) return null;
  throw error;
}
