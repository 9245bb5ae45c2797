import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { assertProperty } from './assert-property.ts';
import { checkPolicyLaws, observe } from './policy-laws.ts';
import { MOODY, policyStep, takePolicyStep, type PolicyStep } from './policy-steps.ts';
import { openBindingWorld, LIFE, type BindingWorld } from '../support/binding-world.ts';

const isLong = process.env['KEYTIDE_TEST_LONG'] !== undefined;
const KEYS = 12;

test(
  'laws 2, 3, 4, 6, 9 and 11: whatever is bound, changed, lost or broken, no stop is shortened past its notice or comes early, no more than the brake’s share at once, renewals only lengthen, and unused keys end',
  { timeout: isLong ? 3_600_000 : 120_000 },
  async () => {
    const world = await openBindingWorld();
    await world.write('life', LIFE);
    await world.write('moody', MOODY);
    await assertProperty(
      fc.asyncProperty(fc.array(policyStep, { minLength: 4, maxLength: isLong ? 40 : 14 }), (steps) =>
        runSteps(world, steps),
      ),
      { numRuns: isLong ? 300 : 8, minRuns: isLong ? 75 : 3, timeLimitMs: isLong ? 3_000_000 : 60_000 },
    );
    expect(world.failures).toEqual([]);
  },
);

/** Runs one history, in a realm with the default bindings only. */
async function runSteps(world: BindingWorld, steps: readonly PolicyStep[]): Promise<void> {
  await resetWorld(world);
  const keys = [];
  for (let index = 0; index < KEYS; index += 1) {
    const issued = await world.issue(index % 3 === 0 ? { ask: { lifetimeMs: 200 * DAY_MS } } : {});
    keys.push({ ...issued, owner: world.owner });
    world.clock.advance(HOUR_MS);
  }
  await world.reviewer.reviewDue();
  for (const one of steps) {
    const before = await observe(world);
    const byPerson = await takePolicyStep(world, one, keys);
    await world.reviewer.reviewDue();
    await checkPolicyLaws(world, before, byPerson);
  }
  await endUnused(world);
}

/** Checks that unused keys, also never used ones, end after their notices by the default bindings. */
async function endUnused(world: BindingWorld): Promise<void> {
  for (let passed = 0; passed < 11; passed += 1) {
    world.clock.advance(50 * DAY_MS);
    await world.reviewer.reviewDue();
  }
  expect(await world.prisma.key.count({ where: { revokedAt: null, expiredAt: null } })).toBe(0);
}

/** Ends the keys and bindings of an earlier history. */
async function resetWorld({ prisma, clock }: BindingWorld): Promise<void> {
  const now = clock.now();
  await prisma.waitingStop.deleteMany();
  await prisma.nearing.deleteMany();
  await prisma.key.updateMany({ where: { revokedAt: null }, data: { revokedAt: now, reviewAt: null } });
  const fresh = await prisma.binding.findMany({ orderBy: { id: 'asc' }, take: 3, select: { id: true } });
  await prisma.binding.updateMany({
    where: { id: { notIn: fresh.map(({ id }) => id) } },
    data: { unboundAt: now, sweepCursor: null },
  });
}
