import { expect, test } from 'vitest';
import type { Caller } from '../../src/domain/caller.ts';
import { DAY_MS } from '../../src/domain/duration.ts';
import { isFailure } from '../../src/domain/failure.ts';
import { addMs } from '../../src/domain/key.ts';
import { issueKey } from '../../src/keys/issue.ts';
import { readIssueBounds } from '../../src/keys/issue-bounds.ts';
import { openBindingWorld } from '../support/binding-world.ts';
import { countStatements } from '../support/count-statements.ts';
import { failureOf, openKeyWorld, PUSH, success, type KeyWorld } from '../support/key-world.ts';

const asked = { realm: 'default', owner: null, notBefore: null };

async function boundsFor(world: KeyWorld, caller: Caller, more: Partial<Parameters<typeof readIssueBounds>[2]> = {}) {
  return success(await readIssueBounds(world, caller, { ...asked, ...more }));
}

/** Issues a key that asks for an expiry, as the reader of the bounds would. */
function issue(world: KeyWorld, caller: Caller, expiresAt: Date | null, notBefore: Date | null = null) {
  const ask = expiresAt === null ? null : { expiresAt };
  return issueKey(world, caller, { realm: 'default', name: 'k', scopes: [PUSH], labels: [], ask, notBefore });
}

/** Checks that exactly the expiries within the bounds are issued, refused with the same reasons, and the default given. */
async function expectSame(world: KeyWorld, caller: Caller, notBefore: Date | null = null): Promise<void> {
  const bounds = await boundsFor(world, caller, { notBefore });
  const { earliest, latest, earliestReason, latestReason, defaultExpiresAt, stop } = bounds;
  for (const [at, reason] of [
    [addMs(earliest, -1), earliestReason],
    [addMs(latest, 1), latestReason],
  ] as const) {
    const refused = await issue(world, caller, at, notBefore);
    expect(refused).toMatchObject({ failure: 'ExpiryOutOfBounds', details: { earliest, latest } });
    if (isFailure(refused)) expect(refused.message).toContain(reason);
  }
  for (const at of [earliest, latest]) success(await issue(world, caller, at, notBefore));
  const { keyId } = success(await issue(world, caller, null, notBefore));
  const key = await world.key(keyId);
  expect([key.chosenExpiresAt, key.stopsAt, key.stopsBasis]).toEqual([defaultExpiresAt, stop.stopsAt, stop.stopsBasis]);
}

test('issue bounds: exactly what an issue accepts, with the reasons of its refusals, and the default that it gives', async () => {
  const world = await openBindingWorld();
  await expectSame(world, world.owner);
  await world.bind({ policy: 'bounded-lifetime', config: { shortest: 'P2D', longest: 'P60D', default: 'P30D' } });
  await expectSame(world, world.owner);
  await expectSame(world, world.owner, addMs(world.clock.now(), 10 * DAY_MS));
  await world.bind({ policy: 'renewal-window', config: {} });
  await expectSame(world, world.owner);
  const { defaultExpiresAt, stopReason, renewal, latestReason } = await boundsFor(world, world.owner);
  expect(defaultExpiresAt).toEqual(addMs(world.clock.now(), 30 * DAY_MS));
  expect([stopReason, renewal.isAllowed]).toEqual([null, true]);
  expect(renewal.window).not.toBeNull();
  expect(latestReason).toMatch(/^The latest is set by policy bounded-lifetime \(binding_\w+\)\.$/);
});

test('issue bounds: of a key that issues others, its own end', async () => {
  const world = await openKeyWorld();
  const scopes = [PUSH, { action: 'keytide:issue', resource: '**' }];
  const parent = await world.issue({ scopes, ask: { lifetimeMs: 20 * DAY_MS } });
  const caller = await world.callerOf(parent.secret);
  await expectSame(world, caller);
  const { latest, latestReason } = await boundsFor(world, caller);
  expect(latest).toEqual(addMs(world.clock.now(), 20 * DAY_MS));
  expect(latestReason).toContain(`key ${parent.keyId}, which issued this key`);
});

test('issue bounds: are read without a lock or a write, for whom the caller may issue keys', async () => {
  const world = await openKeyWorld();
  const { result, statements } = await countStatements(() => boundsFor(world, world.owner));
  expect(result.defaultExpiresAt).toBeNull();
  expect(result.stop.stopsBasis).toBe('BY_USE');
  expect(result.stopReason).toMatch(/This is decided by policy/);
  expect(statements.filter((text) => /FOR (SHARE|NO KEY UPDATE)|^(BEGIN|INSERT|UPDATE|DELETE)/.test(text))).toEqual([]);
  expect(statements.length).toBeLessThanOrEqual(8);
  const read = (owner: string | null, realm = 'default') =>
    readIssueBounds(world, world.owner, { ...asked, owner, realm });
  expect(failureOf(await read(world.stranger.id))).toBe('OwnerNotFound');
  expect(failureOf(await read(null, 'nowhere'))).toBe('RealmNotFound');
  const { secret } = await world.issue();
  await expect(boundsFor(world, await world.callerOf(secret))).rejects.toMatchObject({ code: 'FORBIDDEN' });
});
