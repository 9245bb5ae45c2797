import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { holdKey } from '../../src/keys/hold.ts';
import { rotateKey } from '../../src/keys/rotate.ts';
import { undoRollout } from '../../src/rollouts/undo.ts';
import { success, textOf } from '../support/key-world.ts';
import { openRolloutWorld, stage } from '../support/rollout-world.ts';

const stages = [stage('SHADOW', { atLeastMs: 0 }), stage('ENFORCED', { atLeastMs: 300 * DAY_MS })];

/** After 60 days without use a key is warned, ten days later held, and 35 days later it ends. */
const UNUSED = {
  policy: 'unused-expires',
  config: { idle: 'P60D', holdAfter: 'P10D', expireAfter: 'P35D' },
  stages,
};

test.each([
  ['holds', 31, 'KEY_HELD'],
  ['ends', 42, 'KEY_EXPIRED'],
] as const)(
  'rollouts: undo lifts the hold of a key that the rollout %s, and no hold of a person',
  async (_does, days, outcome) => {
    const world = await openRolloutWorld();
    const [unused, held] = [await world.issue(), await world.issue()];
    await world.travel(55 * DAY_MS);
    const { id } = await world.propose(UNUSED);
    await world.pass(HOUR_MS);
    expect(await world.rollout(id)).toMatchObject({ stage: 1 });
    success(await holdKey(world, world.admin, { keyId: held.keyId, reason: 'a break' }));
    for (let day = 0; day < days; day += 1) await world.pass(DAY_MS);
    expect(await world.probe(unused.secret)).toBe(outcome);

    success(await undoRollout(world, world.admin, { rolloutId: id }));
    await world.pass(0);
    expect(await world.key(unused.keyId)).toMatchObject({ expiredAt: null, standing: 'ACTIVE', stopsBasis: 'BY_USE' });
    expect(await world.probe(unused.secret)).toBe('VALID');
    expect(await world.eventTypes(unused.keyId)).toContain('KEY_RESUMED');
    expect(await world.probe(held.secret)).toBe('KEY_HELD');
    expect(await world.prisma.hold.findMany()).toMatchObject([{ keyId: held.keyId, source: 'ADMINISTRATOR' }]);
    expect(world.failures).toEqual([]);
  },
);

test('rollouts: a key that ended in a rotation works again with its new secret when a rollout is undone', async () => {
  const world = await openRolloutWorld();
  const { keyId, secret } = await world.issue();
  await world.travel(100 * DAY_MS);
  const { id } = await world.propose({ stages });
  await world.pass(0);
  await world.pass(30 * DAY_MS - HOUR_MS);
  const rotated = success(await rotateKey(world, await world.callerOf(secret), {}));
  const next = textOf(rotated.delivery);
  await world.pass(2 * HOUR_MS);
  // The rotation ended with the key.
  expect([await world.probe(secret), await world.probe(next)]).toEqual(['SECRET_RETIRED', 'KEY_EXPIRED']);

  success(await undoRollout(world, world.admin, { rolloutId: id }));
  for (const ms of [0, 2 * DAY_MS]) {
    await world.pass(ms);
    expect([await world.probe(secret), await world.probe(next)]).toEqual(['SECRET_RETIRED', 'VALID']);
  }
  expect(await world.key(keyId)).toMatchObject({ expiredAt: null, rotationStartedAt: null });
  success(await rotateKey(world, await world.callerOf(next), {}));
  expect(world.failures).toEqual([]);
});
