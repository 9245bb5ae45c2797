import { expect, test } from 'vitest';
import { bindPolicy } from '../../src/bindings/bind.ts';
import { DAY_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { explainKey } from '../../src/keys/explain.ts';
import { explanationSelect } from '../../src/keys/explained-key.ts';
import { holdKey } from '../../src/keys/hold.ts';
import { revokeKey } from '../../src/keys/revoke.ts';
import { LIFE, openBindingWorld, type BindingWorld } from '../support/binding-world.ts';
import { success } from '../support/key-world.ts';

async function summaryOf({ prisma, clock }: BindingWorld, id: string, seesPolicies = true): Promise<string> {
  const key = await prisma.key.findUniqueOrThrow({ where: { id }, select: explanationSelect });
  return explainKey(key, clock.now(), seesPolicies).summary;
}

test('summary: says that a use moves a BY_USE cap, and does not say so of a dormancy stop', async () => {
  const world = await openBindingWorld();
  const { keyId } = await world.issue();
  expect(await summaryOf(world, keyId)).toMatch(/^It stops at \S+Z, unless policy decides otherwise by then: /);
  await world.bind({ policy: 'active-never-expires', config: { idle: 'P40D' } });
  await world.reviewer.reviewDue();
  expect(await summaryOf(world, keyId)).toMatch(/^It stops at \S+Z, unless it is used before: /);
});

test('summary: begins with a hold, an expiry or a revocation', async () => {
  const world = await openBindingWorld();
  const chosen = { ask: { lifetimeMs: 2 * DAY_MS } };
  const [held, expired, revoked, unused] = await Promise.all([
    world.issue(),
    world.issue(chosen),
    world.issue(chosen),
    world.issue(),
  ]);
  success(await holdKey(world, world.owner, { keyId: held.keyId, reason: 'an incident' }));
  success(await revokeKey(world, world.owner, { keyId: revoked.keyId, reason: 'over' }));
  expect(await summaryOf(world, held.keyId)).toMatch(/^It is held since \S+Z by .+: an incident\. It stops at /);
  expect(await summaryOf(world, held.keyId, false)).toMatch(
    /^It is held since \S+Z by the owner: an incident\. It stops /,
  );
  const at = world.clock.now();
  expect(await summaryOf(world, revoked.keyId)).toBe(`It was revoked at ${at.toISOString()}, for good.`);
  await world.travel(3 * DAY_MS);
  const end = addMs(at, 2 * DAY_MS).toISOString();
  expect(await summaryOf(world, expired.keyId)).toBe(`It expired at ${end}: that expiry was chosen for it.`);
  await world.travel(400 * DAY_MS);
  expect(await summaryOf(world, unused.keyId)).toMatch(/^It is held since \S+Z by [^:]+: [^:]+\.$/);
});

test('summary: contains announced changes, and a stop that waits behind a brake', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const ids = await world.issueMany(30);
  const effectiveAt = addMs(world.clock.now(), 20 * DAY_MS);
  const stopsAt = addMs(world.clock.now(), 60 * DAY_MS).toISOString();
  const life = { realm: 'default', policy: 'life', config: { life: 'P60D' }, effectiveAt };
  success(await bindPolicy(world, world.admin, life));
  await world.reviewer.reviewDue();
  expect(await summaryOf(world, ids[0]!)).toContain(
    ` So long and no longer is announced for ${effectiveAt.toISOString()} and would stop it at ${stopsAt}: It is as`,
  );
  expect(await summaryOf(world, ids[0]!, false)).not.toContain('announced');
  await world.travel(21 * DAY_MS);
  for (const id of ids) expect(await summaryOf(world, id, false)).not.toMatch(/brake|announced/);
  const summaries = await Promise.all(ids.map((id) => summaryOf(world, id)));
  expect(summaries.filter((summary) => summary.includes('is announced'))).toEqual([]);
  const waiting = summaries.filter((summary) =>
    summary.includes(` An earlier stop, at ${stopsAt}, waits behind a brake: `),
  );
  expect(waiting.length).toBe(await world.prisma.waitingStop.count());
  expect(waiting.length).toBeGreaterThan(0);
});
