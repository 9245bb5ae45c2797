import { expect, test } from 'vitest';
import { anonymous, type AccountCaller, type Caller } from '../../src/domain/caller.ts';
import { DAY_MS, YEAR_MS } from '../../src/domain/duration.ts';
import { isFailure } from '../../src/domain/failure.ts';
import { explainInactiveKey } from '../../src/domain/inactive-key.ts';
import { Sensitive } from '../../src/domain/sensitive.ts';
import { confirmRotation } from '../../src/keys/confirm-rotation.ts';
import { holdKey } from '../../src/keys/hold.ts';
import { issueKey } from '../../src/keys/issue.ts';
import { renewKey } from '../../src/keys/renew.ts';
import { revokeKey } from '../../src/keys/revoke.ts';
import { rotateKey } from '../../src/keys/rotate.ts';
import { updateKey } from '../../src/keys/update.ts';
import { updateRealm } from '../../src/realms/update-realm.ts';
import { openBindingWorld } from '../support/binding-world.ts';
import { openKeyWorld, PUSH, success, type KeyWorld } from '../support/key-world.ts';

test('remedy: a held key says who can resume it, to the caller who can and to the caller who cannot', async () => {
  const world = await openKeyWorld();
  const { admin, owner } = world;
  const held = async (...holders: readonly AccountCaller[]) => {
    const { keyId } = await world.issue();
    for (const by of holders) success(await holdKey(world, by, { keyId, reason: 'looking' }));
    return keyId;
  };
  const byOwner = await held(owner);
  const resumable = 'Its owner holds the key. Resume it first.';
  expect([await renewal(world, owner, byOwner), await renewal(world, admin, byOwner)]).toEqual([resumable, resumable]);
  const byAdministrator = await held(admin, owner);
  expect(await renewal(world, owner, byAdministrator)).toBe(
    'An administrator holds the key. Only an administrator can resume it: ask one.',
  );
  expect(await renewal(world, admin, byAdministrator)).toBe('An administrator holds the key. Resume it first.');
  // Siblings: the other mutations of a key that is not active.
  expect(messageOf(await rotateKey(world, owner, { keyId: byOwner, gracePeriodMs: DAY_MS }))).toBe(resumable);
});

test('remedy: an unused key that a policy held, and then ended, says that its explanation tells why', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue();
  await world.travel(366 * DAY_MS);
  await world.travel(30 * DAY_MS);
  expect(await renewal(world, world.owner, keyId)).toBe(
    'A policy holds the key; its explanation says why. Resume it first.',
  );
  await world.travel(31 * DAY_MS);
  expect(messageOf(await holdKey(world, world.owner, { keyId, reason: 'away' }))).toMatch(
    /^The key expired at \S+Z by a policy; its explanation says why\. To use it again, renew it before \S+Z\.$/,
  );
});

test('remedy: an expired key can be renewed until a moment, after which only a new key helps', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue({ ask: { lifetimeMs: 2 * DAY_MS } });
  const endsAt = new Date(world.clock.now().getTime() + 2 * DAY_MS).toISOString();
  const until = new Date(world.clock.now().getTime() + 32 * DAY_MS).toISOString();
  await world.travel(2 * DAY_MS);
  const renewable = `The key expired at ${endsAt}. To use it again, renew it before ${until}.`;
  expect(messageOf(await confirmRotation(world, world.owner, { keyId }))).toBe(renewable);
  expect(messageOf(await updateKey(world, world.owner, { keyId, name: 'other' }))).toBe(renewable);
  await world.travel(30 * DAY_MS);
  expect(await renewal(world, world.owner, keyId)).toBe(
    `The key expired at ${endsAt}. It is too late to renew it: issue a new key.`,
  );
});

test('remedy: a revoked key and a retired secret have one remedy each', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  const now = world.clock.now().toISOString();
  success(await rotateKey(world, world.owner, { keyId, gracePeriodMs: 0 }));
  expect(messageOf(await revokeKey(world, anonymous, { secret: new Sensitive(secret), reason: 'leaked' }))).toBe(
    `This secret retired at ${now} and can no longer revoke its key. Send the newer secret, or let its owner sign in and revoke the key.`,
  );
  success(await revokeKey(world, world.owner, { keyId, reason: 'gone' }));
  expect(await renewal(world, world.owner, keyId)).toBe(`The key was revoked at ${now}, for good. Issue a new key.`);
});

test('remedy: a caller who manages no key is sent to its owner, in every state', () => {
  const now = new Date('2026-11-23T12:00:00.000Z');
  const day = (days: number) => new Date(now.getTime() + days * DAY_MS);
  const active = {
    expiresAt: null,
    expiryBasis: null,
    expiredAt: null,
    revokedAt: null,
    isHeld: false,
    holdSources: [] as string[],
    tokenRuleId: null,
  };
  const explain = (more: Partial<Parameters<typeof explainInactiveKey>[0]>, mayManage: boolean) =>
    explainInactiveKey({ ...active, ...more }, { mayManage, mayLiftAll: false }, now).remedy;
  const expired = { expiresAt: day(-1), expiryBasis: 'HARD' as const };
  const states: [Parameters<typeof explain>[0], string, string][] = [
    [{ revokedAt: now }, 'Issue a new key.', 'Ask its owner for a new key.'],
    [
      expired,
      'To use it again, renew it before 2026-12-22T12:00:00.000Z.',
      'Ask its owner to renew it before 2026-12-22T12:00:00.000Z.',
    ],
    [
      { ...expired, expiresAt: day(-30) },
      'It is too late to renew it: issue a new key.',
      'It is too late to renew it: ask its owner for a new key.',
    ],
    [
      { ...expired, tokenRuleId: 'rule_1' },
      'It was issued in exchange for a token and cannot be renewed: exchange another token.',
      'It was issued in exchange for a token and cannot be renewed: exchange another token.',
    ],
    [
      { isHeld: true, holdSources: ['OWNER', 'LEAK'] },
      'Rotate it with a grace period of 0, then resume it.',
      'Ask its owner to rotate it with a grace period of 0, then to resume it.',
    ],
    [{ isHeld: true, holdSources: ['POLICY'] }, 'Resume it first.', 'Ask its owner to resume it.'],
    [{ isHeld: true, holdSources: ['OWNER'] }, 'Resume it first.', 'Ask its owner to resume it.'],
    [
      { isHeld: true, holdSources: ['POLICY', 'ADMINISTRATOR'] },
      'Only an administrator can resume it: ask one.',
      'Only an administrator can resume it: ask one.',
    ],
  ];
  for (const [state, forManager, forOthers] of states) {
    expect([explain(state, true), explain(state, false)]).toEqual([forManager, forOthers]);
  }
});

test('remedy: an expiry out of bounds names the policy, the realm or the key that set the bound', async () => {
  const world = await openBindingWorld();
  const { keyId } = await world.issue({ ask: { lifetimeMs: 30 * DAY_MS } });
  const issue = async (lifetimeMs: number) =>
    messageOf(
      await issueKey(world, world.owner, {
        realm: 'default',
        name: 'k',
        scopes: [PUSH],
        labels: [],
        ask: { lifetimeMs },
      }),
    );
  expect(await issue(2 * YEAR_MS)).toContain(' The latest is set by realm default: longestLifetime P365D.');
  const { id } = await world.bind({ policy: 'bounded-lifetime', config: { longest: 'P60D', shortest: 'P10D' } });
  const byPolicy = `policy bounded-lifetime (${id}).`;
  expect(await issue(61 * DAY_MS)).toContain(` The latest is set by ${byPolicy}`);
  expect(await issue(9 * DAY_MS)).toContain(` The earliest is set by ${byPolicy}`);
  // The setting that was just changed is not the one that decides.
  success(await updateRealm(world, world.admin, { realm: 'default', longestLifetimeMs: 3 * YEAR_MS }));
  expect(await issue(61 * DAY_MS)).toContain(` The latest is set by ${byPolicy}`);
  const renewed = await renewKey(world, world.owner, { keyId, ask: { lifetimeMs: 61 * DAY_MS }, accept: ['EXTEND'] });
  expect(messageOf(renewed)).toContain(` The latest is set by ${byPolicy}`);
  const parent = await world.issue({
    scopes: [PUSH, { action: 'keytide:issue', resource: '**' }],
    ask: { lifetimeMs: 20 * DAY_MS },
  });
  const child = { realm: 'default', name: 'child', scopes: [PUSH], labels: [], ask: { lifetimeMs: 30 * DAY_MS } };
  expect(messageOf(await issueKey(world, await world.callerOf(parent.secret), child))).toContain(
    ` The latest is set by key ${parent.keyId}, which issued this key and expires then.`,
  );
});

async function renewal(world: KeyWorld, caller: Caller, keyId: string): Promise<string> {
  return messageOf(await renewKey(world, caller, { keyId, ask: null, accept: ['EXTEND'] }));
}

function messageOf(result: object): string {
  if (!isFailure(result)) throw new Error(`no failure: ${JSON.stringify(result)}`);
  return result.message;
}
