import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { isOpenRollout } from '../../src/domain/rollout.ts';
import { holdKey } from '../../src/keys/hold.ts';
import { transferKey } from '../../src/keys/transfer.ts';
import { advanceRollout } from '../../src/rollouts/advance.ts';
import { pauseRollout, resumeRollout } from '../../src/rollouts/pause.ts';
import { undoRollout } from '../../src/rollouts/undo.ts';
import { openRolloutWorld, stage, type RolloutWorld } from '../support/rollout-world.ts';
import { seededDraw } from '../support/seeded-random.ts';

const NOTICE_MS = 30 * DAY_MS;

const stages = [
  stage('COMMENT', { atLeastMs: DAY_MS }),
  stage('SHADOW', { atLeastMs: DAY_MS }),
  stage('COHORT', { share: 0.3, atLeastMs: 20 * DAY_MS }),
  stage('COHORT', { share: 0.7, atLeastMs: 20 * DAY_MS }),
  stage('ENFORCED', { atLeastMs: 60 * DAY_MS }),
];

/** Issues a key for each of some new owners. */
async function issueForOwners(world: RolloutWorld, count: number) {
  const keys = [];
  for (let index = 0; index < count; index += 1) {
    const owner = await world.account(`owner${index}`);
    keys.push({ ...(await world.issue({}, owner)), owner });
  }
  return keys;
}

/** Fails unless each event that makes a stop earlier announces it the notice period ahead (law 3). */
async function expectNotice({ prisma }: RolloutWorld): Promise<number> {
  const events = await prisma.event.findMany({ where: { type: 'KEY_STOP_CHANGED' } });
  const shortened = events.filter(({ data }) => {
    const { from, to } = data as { from: string | null; to: string | null };
    return to !== null && (from === null || to < from);
  });
  for (const { at, data } of shortened) {
    const { to } = data as { to: string };
    expect(new Date(to).getTime() - at.getTime()).toBeGreaterThanOrEqual(NOTICE_MS);
  }
  return shortened.length;
}

test.each([1, 2, 3])(
  'rollouts: over history %i each stop has its notice, and undo restores every stop',
  async (seed) => {
    const world = await openRolloutWorld();
    const { admin, prisma } = world;
    const draw = seededDraw(seed);
    const keys = await issueForOwners(world, 8);
    await world.travel(100 * DAY_MS);
    const { id: rolloutId } = await world.propose({ stages, budget: { owners: 100, share: null } });
    const acts = [
      async () => world.verify(keys[draw.below(8)]!.secret, 'ci'),
      async () => world.verify(keys[draw.below(8)]!.secret, 'ci'),
      async () => pauseRollout(world, admin, { rolloutId }),
      async () => resumeRollout(world, admin, { rolloutId }),
      async () => advanceRollout(world, admin, { rolloutId }),
      async () => advanceRollout(world, admin, { rolloutId }),
      async () =>
        transferKey(world, admin, { keyId: keys[draw.below(8)]!.keyId, owner: keys[draw.below(8)]!.owner.id }),
      async () => holdKey(world, admin, { keyId: keys[7]!.keyId, reason: 'a break' }),
      async () => prisma.key.updateMany({ data: { reviewAt: world.clock.now() } }),
    ];
    for (let step = 0; step < 25; step += 1) {
      await draw.pick(acts)();
      await world.pass(draw.pick([HOUR_MS, DAY_MS, 5 * DAY_MS, 10 * DAY_MS]));
      if (!isOpenRollout(await world.rollout(rolloutId))) break;
    }
    await expectNotice(world);
    if (isOpenRollout(await world.rollout(rolloutId))) {
      await undoRollout(world, admin, { rolloutId });
      await world.pass(0);
      for (const { keyId } of keys) {
        const { expiredAt, stopsBasis, activeAt, stopsAt } = await world.key(keyId);
        // Without the rollout a key stops by use alone, far beyond the life that the rollout gave it.
        expect([keyId, expiredAt, stopsBasis]).toEqual([keyId, null, 'BY_USE']);
        expect(stopsAt!.getTime()).toBeGreaterThanOrEqual(addMs(activeAt, 365 * DAY_MS).getTime());
      }
      await expectNotice(world);
    }
    expect(world.failures).toEqual([]);
  },
);
