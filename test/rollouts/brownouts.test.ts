import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { renewKey } from '../../src/keys/renew.ts';
import { answerRollout } from '../../src/rollouts/answer.ts';
import { pauseRollout, resumeRollout } from '../../src/rollouts/pause.ts';
import { LIFE } from '../support/binding-world.ts';
import { success } from '../support/key-world.ts';
import { openRolloutWorld, stage, type RolloutWorld } from '../support/rollout-world.ts';

const enrolment = {
  kind: 'ENROLL' as const,
  owner: null,
  text: null,
  isPublic: false,
  keyIds: [],
  until: null,
  takesBrownouts: true,
  consumers: ['ci'],
};

/** A world with a key whose stop rollouts will move, and the moment of a brownout. */
async function openEnrolledWorld() {
  const world = await openRolloutWorld();
  const key = await world.issue();
  await world.reviewer.reviewDue();
  const at = addMs(world.clock.now(), 32 * DAY_MS).getTime();
  return { world, at, ...key };
}

/** Proposes a rollout with a stage BROWNOUT of these windows, in which the owner of the keys is enrolled. */
async function enroll(world: RolloutWorld, policy: string, windows: readonly number[]): Promise<string> {
  const stages = [stage('WARN'), stage('BROWNOUT', { windows, atLeastMs: 60 * DAY_MS }), stage('ENFORCED')];
  const { id: rolloutId } = await world.propose({ policy, stages });
  success(await answerRollout(world, world.owner, { ...enrolment, rolloutId }));
  return rolloutId;
}

async function announcedOn(world: RolloutWorld, keyId: string) {
  const { warnings, brownouts } = await world.key(keyId);
  return {
    codes: ((warnings ?? []) as { code: string }[]).map(({ code }) => code),
    starts: ((brownouts ?? []) as { from: number }[]).map(({ from }) => from),
  };
}

test('brownout: a key that two rollouts touch is refused twice a day, and windows that are over count', async () => {
  const { world, at, keyId } = await openEnrolledWorld();
  await world.write('other-life', LIFE.replace("'life'", "'other-life'"));
  await enroll(world, 'life', [at, at + 2 * HOUR_MS]);
  await enroll(world, 'other-life', [at + HOUR_MS, at + DAY_MS]);
  await world.pass(2 * DAY_MS);
  expect((await announcedOn(world, keyId)).starts).toEqual([at, at + HOUR_MS, at + DAY_MS]);
  world.clock.advance(at + 1.5 * HOUR_MS - world.clock.now().getTime());
  await world.prisma.key.updateMany({ data: { reviewAt: world.clock.now() } });
  await world.pass(0);
  expect((await announcedOn(world, keyId)).starts).toEqual([at + DAY_MS]);
});

test('brownout: from a pause on no warning of a brownout is left, in any stage; a resumed rollout warns again', async () => {
  const { world, at, keyId } = await openEnrolledWorld();
  const rolloutId = await enroll(world, 'life', [at]);
  for (const ms of [0, 2 * DAY_MS]) {
    await world.pass(ms);
    expect((await announcedOn(world, keyId)).codes).toEqual(['WILL_STOP_SOONER', 'BROWNOUT_AHEAD']);
    success(await pauseRollout(world, world.admin, { rolloutId }));
    expect(await announcedOn(world, keyId)).toEqual({ codes: ['WILL_STOP_SOONER'], starts: [] });
    await world.pass(HOUR_MS);
    expect(await announcedOn(world, keyId)).toEqual({ codes: ['WILL_STOP_SOONER'], starts: [] });
    success(await resumeRollout(world, world.admin, { rolloutId }));
    await world.pass(0);
    expect((await announcedOn(world, keyId)).codes).toEqual(['WILL_STOP_SOONER', 'BROWNOUT_AHEAD']);
  }
});

test('warn: the warning of a renewed key is that of its new life, without a review', async () => {
  const { world, keyId, secret } = await openEnrolledWorld();
  const change = { policy: 'unused-expires', config: { idle: 'P60D', holdAfter: 'P10D', expireAfter: 'P20D' } };
  await world.propose({ ...change, stages: [stage('WARN', { atLeastMs: 60 * DAY_MS }), stage('ENFORCED')] });
  await world.pass(0);
  const warned = async () => ((await world.key(keyId)).warnings as { code: string; from: number }[])[0];
  const before = await warned();
  expect(before?.code).toMatch(/^WILL_STOP/);
  world.clock.advance(20 * DAY_MS);
  success(await renewKey(world, await world.callerOf(secret), { ask: null, accept: ['EXTEND'] }));
  const after = await warned();
  expect(after).toEqual({ code: before?.code, from: (before?.from ?? 0) + 20 * DAY_MS });
  await world.pass(0);
  expect(await warned()).toEqual(after);
});
