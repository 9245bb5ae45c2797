import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { countStatements } from '../support/count-statements.ts';
import { openRolloutWorld, stage, type RolloutWorld } from '../support/rollout-world.ts';

/** Counts the statements of a review of all keys that changes nothing. */
async function countReview(world: RolloutWorld): Promise<number> {
  await world.reviewer.reviewDue();
  await world.prisma.key.updateMany({ data: { reviewAt: world.clock.now() } });
  const { result, statements } = await countStatements(() => world.reviewer.reviewDue());
  expect(result).toBe(10);
  return statements.length;
}

test('rollouts: a review of keys in a rollout sends as many statements as one outside', async () => {
  const world = await openRolloutWorld();
  await world.issueMany(10);
  const outside = await countReview(world);
  await world.propose({
    config: { life: 'P300D' },
    stages: [
      stage('COMMENT', { atLeastMs: 0 }),
      stage('COHORT', { share: 0.5, atLeastMs: 100 * DAY_MS }),
      stage('ENFORCED'),
    ],
  });
  await world.pass(0);
  expect(await countReview(world)).toBe(outside);
});
