import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { assertProperty } from './assert-property.ts';
import { MOODY } from './policy-steps.ts';
import { examples, runSteps, step } from './rollout-history.ts';
import { nothingSeen } from './rollout-laws.ts';
import { openRolloutWorld } from '../support/rollout-world.ts';
import { seededBytes } from '../support/seeded-random.ts';

const isLong = process.env['KEYTIDE_TEST_LONG'] !== undefined;

test(
  'rollouts: whatever owners answer, persons do and nodes suffer, no stage begins with a gate open, each stop has its notice, exceptions hold to their end, and undo restores every stop',
  { timeout: isLong ? 3_600_000 : 180_000 },
  async () => {
    const world = await openRolloutWorld(null, { random: seededBytes(2016) });
    await world.write('moody', MOODY);
    const seen = nothingSeen();
    await assertProperty(
      fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: isLong ? 50 : 24 }), (steps) =>
        runSteps(world, steps, seen),
      ),
      {
        numRuns: isLong ? 200 : 8,
        minRuns: isLong ? 50 : Object.keys(examples).length + 1,
        timeLimitMs: isLong ? 3_000_000 : 90_000,
        examples: Object.values(examples),
      },
    );
    for (const [what, count] of Object.entries(seen)) if (what !== 'halted') expect(count, what).toBeGreaterThan(0);
    expect(world.failures).toEqual([]);
  },
);
