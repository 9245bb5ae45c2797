import { expect, test } from 'vitest';
import { DAY_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { advanceRollout } from '../../src/rollouts/advance.ts';
import { openRolloutWorld, stage } from '../support/rollout-world.ts';

test('rollouts: while a node of an earlier release runs no stage begins, and when it has gone its reviews are made again', async () => {
  const world = await openRolloutWorld();
  await world.issueMany(30);
  const { id } = await world.propose({
    stages: [stage('SHADOW'), stage('COHORT', { share: 0.5 }), stage('ENFORCED', { atLeastMs: 90 * DAY_MS })],
  });
  const old = { id: 'node_old', hashes: [], current: [], formats: [], release: '0.1.0' };
  const beat = async () => {
    const seenAt = world.clock.now();
    await world.prisma.node.upsert({
      where: { id: old.id },
      create: { ...old, seenAt, startedAt: seenAt },
      update: { seenAt },
    });
  };
  world.clock.advance(DAY_MS);
  await beat();
  await world.pass(0);
  expect(await world.rollout(id)).toMatchObject({ state: 'RUNNING', stage: 0 });
  await expect(advanceRollout(world, world.admin, { rolloutId: id })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await world.pass(MINUTE_MS);
  expect(await world.rollout(id)).toMatchObject({ stage: 1 });
  await world.prisma.rolloutOwner.deleteMany();
  await world.prisma.rollout.update({ where: { id }, data: { threshold: 1 } });
  await world.prisma.key.updateMany({ data: { reviewAt: world.clock.now() } });
  await world.pass(0);
  const stopped = () => world.prisma.key.count({ where: { stopsBasis: 'HARD' } });
  expect([await stopped(), (await world.rollout(id)).brakeUsed]).toEqual([30, 30]);

  // The node returns, and reviews all keys under the revision before: none.
  await beat();
  await world.pass(0);
  const stopsAt = addMs(world.clock.now(), 400 * DAY_MS);
  await world.prisma.judgement.updateMany({ data: { verdicts: [], compact: null } });
  await world.prisma.key.updateMany({ data: { stopsAt, stopsBasis: 'BY_USE', expiresAt: null, expiryBasis: null } });
  await world.pass(MINUTE_MS);
  await world.pass(0);
  expect([await stopped(), await world.prisma.brake.count()]).toEqual([30, 0]);
  expect(world.failures).toEqual([]);
});
