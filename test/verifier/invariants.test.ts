import * as fc from 'fast-check';
import { test } from 'vitest';
import { assertProperty } from '../laws/assert-property.ts';
import { openFollowWorld } from './follow-world.ts';
import { FollowHistory, steps } from './history.ts';

const isLong = process.env['KEYTIDE_TEST_LONG'] !== undefined;

test(
  'verifier: no answer is ever better than the truth at its stated age, whatever changes, is cut, stalls or passes',
  { timeout: isLong ? 900_000 : 180_000 },
  async () => {
    const world = await openFollowWorld();
    await assertProperty(
      fc.asyncProperty(steps, (all) => new FollowHistory(world).run(all)),
      { numRuns: isLong ? 300 : 12, minRuns: 3, timeLimitMs: isLong ? 600_000 : 60_000 },
    );
  },
);
