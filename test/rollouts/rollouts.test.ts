import { expect, test } from 'vitest';
import { unbindPolicy } from '../../src/bindings/unbind.ts';
import { updateBinding } from '../../src/bindings/update.ts';
import { cancelBrake } from '../../src/brakes/end-brake.ts';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { dayOf } from '../../src/domain/usage-day.ts';
import { transferKey } from '../../src/keys/transfer.ts';
import { parseStoredVerdicts } from '../../src/policies/stored-verdicts.ts';
import { advanceRollout } from '../../src/rollouts/advance.ts';
import { pauseRollout, resumeRollout } from '../../src/rollouts/pause.ts';
import { proposeRollout } from '../../src/rollouts/propose.ts';
import { undoRollout } from '../../src/rollouts/undo.ts';
import { failureOf, success } from '../support/key-world.ts';
import { makeManyKeys } from '../support/many-keys.ts';
import {
  openRolloutWorld,
  stage,
  STOPPING_STAGE_MS,
  usualStages,
  type RolloutWorld,
} from '../support/rollout-world.ts';

const atOnce = stage('COMMENT', { atLeastMs: 0 });

/** Issues a key for each of some new owners. */
async function issueForOwners(world: RolloutWorld, count: number) {
  const keys = [];
  for (let index = 0; index < count; index += 1) {
    const owner = await world.account(`owner${index}`);
    keys.push({ ...(await world.issue({}, owner)), owner });
  }
  return keys;
}

/** Places owners evenly in the cohorts of a rollout, in their order: half of them are in a cohort of a half. */
async function placeEvenly(world: RolloutWorld, rolloutId: string, keys: readonly { owner: { id: string } }[]) {
  await world.prisma.rolloutOwner.deleteMany({ where: { rolloutId } });
  const rows = keys.map(({ owner }, index) => ({ rolloutId, ownerId: owner.id, position: index / keys.length }));
  await world.prisma.rolloutOwner.createMany({ data: rows });
}

/** What the verdict of the rollout’s revision on a key says; null: there is none. */
async function verdictOf(world: RolloutWorld, keyId: string, bindingId: string) {
  const { judgement } = await world.key(keyId);
  return parseStoredVerdicts(judgement).find((verdict) => verdict.bindingId === bindingId) ?? null;
}

test('rollouts: a policy is proposed, shown, in force for a cohort, then for all; each key gets its notice', async () => {
  const world = await openRolloutWorld();
  const keys = await issueForOwners(world, 12);
  await world.travel(100 * DAY_MS);
  const { id, bindingId } = await world.propose();
  await placeEvenly(world, id, keys);
  await world.pass(0);
  const before = await Promise.all(keys.map(({ keyId }) => world.key(keyId)));
  expect(await world.rollout(id)).toMatchObject({ state: 'PROPOSED', stage: 0 });
  expect(await verdictOf(world, keys[0]!.keyId, bindingId)).toBeNull();

  await world.pass(DAY_MS);
  expect(await world.rollout(id)).toMatchObject({ state: 'RUNNING', stage: 1 });
  expect(await verdictOf(world, keys[0]!.keyId, bindingId)).toMatchObject({ counts: false, revision: 1 });
  expect((await world.key(keys[0]!.keyId)).stopsAt).toEqual(before[0]!.stopsAt);

  await world.pass(DAY_MS);
  const began = world.clock.now();
  expect(await world.rollout(id)).toMatchObject({ stage: 2, threshold: 0.5 });
  const cohort = keys.slice(0, 6);
  for (const { keyId } of keys) {
    const isReached = cohort.some((key) => key.keyId === keyId);
    const { stopsAt } = await world.key(keyId);
    // The keys are past their life: each gets the notice period.
    if (isReached) expect(stopsAt).toEqual(addMs(began, 30 * DAY_MS));
    else expect(stopsAt).toEqual(before.find((key) => key.id === keyId)!.stopsAt);
    expect(await verdictOf(world, keyId, bindingId)).toMatchObject({ counts: isReached });
  }
  for (const { secret } of cohort) expect(await world.verify(secret)).toBe('VALID');

  const applied = await world.prisma.event.findMany({
    where: { type: 'POLICY_APPLIED' },
    orderBy: { position: 'asc' },
  });
  const ofRollout = applied.filter(({ data }) => (data as { bindingId: string }).bindingId === bindingId);
  // The sweep of SHADOW, when the binding of the rollout has no revision yet, and that of the cohort.
  expect(ofRollout.map(({ data }) => (data as { revision: number }).revision)).toEqual([0, 1]);
  await world.pass(STOPPING_STAGE_MS);
  expect(await world.rollout(id)).toMatchObject({ state: 'RUNNING', stage: 3, threshold: 1 });
  const late = keys.filter((key) => !cohort.includes(key));
  const lateStop = addMs(began, STOPPING_STAGE_MS + 30 * DAY_MS);
  for (const { keyId } of late) expect((await world.key(keyId)).stopsAt).toEqual(lateStop);
  await world.pass(STOPPING_STAGE_MS);
  expect(await world.rollout(id)).toMatchObject({ state: 'DONE' });
  expect(await world.prisma.binding.findUniqueOrThrow({ where: { id: bindingId } })).toMatchObject({
    mode: 'ENFORCED',
    revision: 1,
  });
  expect(await world.rolloutEvents()).toEqual(['PROPOSED', 'STAGE_BEGAN', 'STAGE_BEGAN', 'STAGE_BEGAN', 'ENDED']);
  expect(world.failures).toEqual([]);
});

test('rollouts: undo restores the stops that a rollout moved, and the keys that ended under it', async () => {
  const world = await openRolloutWorld();
  const keys = await issueForOwners(world, 3);
  await world.travel(100 * DAY_MS);
  const { id, bindingId } = await world.propose({
    stages: [stage('SHADOW', { atLeastMs: 0 }), stage('ENFORCED', { atLeastMs: 300 * DAY_MS })],
  });
  await world.pass(HOUR_MS);
  expect(await world.rollout(id)).toMatchObject({ stage: 1 });
  for (const { keyId } of keys) expect((await world.key(keyId)).stopsBasis).toBe('HARD');
  // One key is revoked meanwhile, and the others expire.
  await world.pass(31 * DAY_MS);
  for (const { secret } of keys) expect(await world.probe(secret)).toBe('KEY_EXPIRED');

  success(await undoRollout(world, world.admin, { rolloutId: id, reason: 'It broke releases.' }));
  await world.pass(0);
  for (const { keyId, secret } of keys) {
    expect(await world.key(keyId)).toMatchObject({ expiredAt: null, stopsBasis: 'BY_USE' });
    expect(await world.probe(secret)).toBe('VALID');
    expect((await world.eventTypes(keyId)).slice(-2)).toEqual(['KEY_EXPIRED', 'KEY_RENEWED']);
    expect(await verdictOf(world, keyId, bindingId)).toBeNull();
  }
  expect(await world.rollout(id)).toMatchObject({ state: 'UNDONE', restoredCount: 3, restoreCursor: null });
  expect(await world.rolloutEvents()).toEqual(['PROPOSED', 'STAGE_BEGAN', 'STAGE_BEGAN', 'UNDONE', 'ENDED']);
  // To undo it again changes nothing.
  success(await undoRollout(world, world.admin, { rolloutId: id }));
  expect(world.failures).toEqual([]);
});

test('rollouts: what ended for another reason stays ended when a rollout is undone', async () => {
  const world = await openRolloutWorld();
  const chosen = await world.issue({ ask: { lifetimeMs: 40 * DAY_MS } });
  const revoked = await world.issue();
  await world.travel(DAY_MS);
  const { id } = await world.propose({
    config: { life: 'P50D' },
    stages: [stage('SHADOW', { atLeastMs: 0 }), stage('ENFORCED', { atLeastMs: 300 * DAY_MS })],
  });
  await world.pass(HOUR_MS);
  await world.prisma.key.update({ where: { id: revoked.keyId }, data: { revokedAt: world.clock.now() } });
  await world.pass(60 * DAY_MS);
  expect(await world.probe(chosen.secret)).toBe('KEY_EXPIRED');
  success(await undoRollout(world, world.admin, { rolloutId: id }));
  await world.pass(0);
  expect(await world.probe(chosen.secret)).toBe('KEY_EXPIRED');
  expect(await world.rollout(id)).toMatchObject({ restoredCount: 0 });
});

test('rollouts: a binding is changed; until the end its row has the revision before', async () => {
  const world = await openRolloutWorld();
  const { keyId } = await world.issue();
  const binding = await world.bind({ policy: 'life', config: { life: 'P365D' } });
  await world.reviewer.reviewDue();
  const issuedAt = (await world.key(keyId)).createdAt;
  const { id } = await world.propose({ bindingId: binding.id, config: { life: 'P90D' } });
  await world.pass(DAY_MS);
  expect((await world.key(keyId)).stopsAt).toEqual(addMs(issuedAt, 365 * DAY_MS));
  const busy = { bindingId: binding.id };
  expect(failureOf(await updateBinding(world, world.admin, { ...busy, mode: 'PAUSED' }))).toBe('BindingBusy');
  expect(failureOf(await unbindPolicy(world, world.admin, busy))).toBe('BindingBusy');
  for (const ms of [DAY_MS, STOPPING_STAGE_MS]) await world.pass(ms);
  const { state } = await world.rollout(id);
  // The owner’s only key is in no cohort of a half, or nobody used a key: a person decides.
  if (state === 'INCONCLUSIVE') success(await advanceRollout(world, world.admin, { rolloutId: id }));
  await world.pass(0);
  expect((await world.key(keyId)).stopsAt).toEqual(addMs(issuedAt, 90 * DAY_MS));
  await world.pass(STOPPING_STAGE_MS);
  expect(await world.rollout(id)).toMatchObject({ state: 'DONE', before: { revision: 1 } });
  expect(await world.prisma.binding.findUniqueOrThrow({ where: { id: binding.id } })).toMatchObject({
    revision: 2,
    config: { life: 'P90D' },
  });
  success(await updateBinding(world, world.admin, { ...busy, mode: 'PAUSED' }));
});

test('rollouts: a binding is removed for one cohort after the other', async () => {
  const world = await openRolloutWorld();
  const keys = await issueForOwners(world, 6);
  const life = { policy: 'life', config: { life: 'P365D' } };
  const binding = await world.bind({ ...life, previewToken: await world.token(life) });
  await world.reviewer.reviewDue();
  const { id } = await world.propose({
    bindingId: binding.id,
    remove: true,
    stages: [atOnce, stage('COHORT', { share: 0.5 }), stage('ENFORCED')],
  });
  await placeEvenly(world, id, keys);
  await world.pass(0);
  const capped = async () => {
    const rows = await Promise.all(keys.map(({ keyId }) => world.key(keyId)));
    return rows.filter(({ stopsBasis }) => stopsBasis === 'HARD').length;
  };
  expect(await capped()).toBe(3);
  for (const { secret } of keys) expect(await world.verify(secret)).toBe('VALID');
  await world.pass(DAY_MS);
  expect(await capped()).toBe(0);
  await world.pass(DAY_MS);
  expect(await world.rollout(id)).toMatchObject({ state: 'DONE' });
  expect((await world.prisma.binding.findUniqueOrThrow({ where: { id: binding.id } })).unboundAt).not.toBeNull();
});

test('rollouts: a transferred key stays in its cohort', async () => {
  const world = await openRolloutWorld();
  const keys = await issueForOwners(world, 8);
  const stages = [atOnce, stage('COHORT', { share: 0.5, atLeastMs: 100 * DAY_MS }), stage('ENFORCED')];
  const { id, bindingId } = await world.propose({ stages });
  await placeEvenly(world, id, keys);
  await world.pass(0);
  const [inside, outside] = [keys[0]!, keys[7]!];
  for (const [key, heir] of [
    [inside, outside],
    [outside, inside],
  ] as const) {
    const input = { keyId: key.keyId, owner: heir.owner.id };
    success(await transferKey(world, world.admin, input));
  }
  await world.pass(0);
  expect(await verdictOf(world, inside.keyId, bindingId)).toMatchObject({ counts: true });
  expect(await verdictOf(world, outside.keyId, bindingId)).toMatchObject({ counts: false });
});

test('rollouts: an exception keeps the revision before, and the stop after it is known at once', async () => {
  const world = await openRolloutWorld();
  const { keyId, secret } = await world.issue();
  const binding = await world.bind({ policy: 'life', config: { life: 'P365D' } });
  await world.travel(100 * DAY_MS);
  const { id } = await world.propose({
    bindingId: binding.id,
    stages: [stage('COMMENT'), stage('ENFORCED')],
  });
  const until = addMs(world.clock.now(), 80 * DAY_MS);
  await world.prisma.rolloutOwner.upsert({
    where: { rolloutId_ownerId: { rolloutId: id, ownerId: world.owner.id } },
    create: { rolloutId: id, ownerId: world.owner.id, exceptUntil: until },
    update: { exceptUntil: until },
  });
  await world.prisma.rollout.update({ where: { id }, data: { exceptionsUntil: until } });
  await world.pass(DAY_MS);
  expect(await world.rollout(id)).toMatchObject({ stage: 1 });
  expect(await world.key(keyId)).toMatchObject({ stopsAt: until, stopsBasis: 'HARD' });
  await world.pass(STOPPING_STAGE_MS);
  expect(await world.rollout(id)).toMatchObject({ state: 'DONE' });
  // The exception outlives the rollout, and no review moves its end.
  await world.prisma.key.updateMany({ data: { reviewAt: world.clock.now() } });
  await world.pass(40 * DAY_MS);
  expect((await world.key(keyId)).stopsAt).toEqual(until);
  expect(await world.probe(secret)).toBe('VALID');
  await world.pass(8 * DAY_MS);
  expect(await world.probe(secret)).toBe('KEY_EXPIRED');
  expect((await world.rollout(id)).exceptionsUntil).toBeNull();
});

test('rollouts: an objection holds its stage until it has a reply, or for 14 days', async () => {
  const world = await openRolloutWorld();
  await world.issue();
  const { id } = await world.propose();
  const answer = { id: 'answer_1', rolloutId: id, kind: 'OBJECT' as const, ownerId: world.owner.id };
  await world.prisma.rolloutAnswer.create({
    data: { ...answer, text: 'Not before March.', actorKind: 'ACCOUNT', createdAt: world.clock.now() },
  });
  await world.pass(3 * DAY_MS);
  expect(await world.rollout(id)).toMatchObject({ state: 'PROPOSED', stage: 0 });
  expect(failureOf(await advanceRollout(world, world.admin, { rolloutId: id }))).toBe('RolloutGateOpen');
  await world.pass(11 * DAY_MS);
  expect(await world.rollout(id)).toMatchObject({ stage: 1 });
});

test('rollouts: a stage without use is inconclusive until a person decides', async () => {
  const world = await openRolloutWorld();
  const keys = await issueForOwners(world, 8);
  const { id } = await world.propose({ stages: [atOnce, stage('COHORT', { share: 0.5 }), stage('ENFORCED')] });
  await placeEvenly(world, id, keys);
  await world.pass(0);
  await world.pass(STOPPING_STAGE_MS);
  expect(await world.rollout(id)).toMatchObject({ state: 'INCONCLUSIVE', stage: 1 });
  await world.pass(10 * DAY_MS);
  success(await resumeRollout(world, world.admin, { rolloutId: id }));
  expect(await world.rollout(id)).toMatchObject({ state: 'RUNNING', stage: 1 });
  await world.pass(STOPPING_STAGE_MS);
  expect(await world.rollout(id)).toMatchObject({ state: 'INCONCLUSIVE' });
  success(await advanceRollout(world, world.admin, { rolloutId: id, reason: 'Nobody releases in August.' }));
  expect(await world.rollout(id)).toMatchObject({ state: 'RUNNING', stage: 2 });
});

test('rollouts: a paused rollout begins no stage', async () => {
  const world = await openRolloutWorld();
  await world.issue();
  const { id } = await world.propose();
  success(await pauseRollout(world, world.admin, { rolloutId: id }));
  success(await pauseRollout(world, world.admin, { rolloutId: id }));
  await world.pass(10 * DAY_MS);
  expect(await world.rollout(id)).toMatchObject({ state: 'PAUSED', stage: 0 });
  expect(failureOf(await advanceRollout(world, world.admin, { rolloutId: id }))).toBe('RolloutStateMismatch');
  success(await resumeRollout(world, world.admin, { rolloutId: id }));
  await world.pass(DAY_MS - 1);
  expect(await world.rollout(id)).toMatchObject({ state: 'PROPOSED' });
  await world.pass(1);
  expect(await world.rollout(id)).toMatchObject({ state: 'RUNNING', stage: 1 });
});

test('rollouts: over so many keys a second administrator enforces, not the one who proposed', async () => {
  const world = await openRolloutWorld(2);
  const second = await world.account('second', true);
  await issueForOwners(world, 3);
  const { id } = await world.propose({ stages: [stage('SHADOW', { atLeastMs: 0 }), stage('ENFORCED')] });
  await world.pass(DAY_MS);
  expect(await world.rollout(id)).toMatchObject({ stage: 0 });
  expect(failureOf(await advanceRollout(world, world.admin, { rolloutId: id }))).toBe('RolloutGateOpen');
  success(await advanceRollout(world, second, { rolloutId: id }));
  expect(await world.rollout(id)).toMatchObject({ stage: 1, approvedById: second.id });
});

test('rollouts: a second administrator does not enforce a rollout of which nothing is known, unless it is asked', async () => {
  const world = await openRolloutWorld(2);
  const second = await world.account('second', true);
  const keys = await issueForOwners(world, 4);
  const { id } = await world.propose({ stages: [atOnce, stage('COHORT', { share: 0.5 }), stage('ENFORCED')] });
  await placeEvenly(world, id, keys);
  await world.pass(0);
  world.clock.advance(STOPPING_STAGE_MS);
  // No key was used, and no node has asked yet.
  expect(failureOf(await advanceRollout(world, second, { rolloutId: id }))).toBe('RolloutGateOpen');
  await world.pass(0);
  expect(await world.rollout(id)).toMatchObject({ state: 'INCONCLUSIVE', stage: 1, approvedById: null });
  expect(failureOf(await advanceRollout(world, world.admin, { rolloutId: id }))).toBe('RolloutGateOpen');
  success(await advanceRollout(world, second, { rolloutId: id, reason: 'Nobody releases in August.' }));
  expect(await world.rollout(id)).toMatchObject({ stage: 2, approvedById: second.id });
});

test('rollouts: the brake lets a rollout shorten as many stops as its preview counted', async () => {
  const world = await openRolloutWorld();
  await world.issueMany(30);
  await world.travel(DAY_MS);
  const { id } = await world.propose({ stages: [stage('SHADOW', { atLeastMs: 0 }), stage('ENFORCED')] });
  await world.pass(HOUR_MS);
  expect(await world.prisma.key.count({ where: { stopsBasis: 'HARD' } })).toBe(30);
  expect(await world.rollout(id)).toMatchObject({ brakeBudget: 31, brakeUsed: 30 });
  expect(await world.prisma.brake.count()).toBe(0);
});

test('rollouts: a proposal needs the preview of its own change, and one rollout of a binding is open', async () => {
  const world = await openRolloutWorld();
  await world.issue();
  const binding = await world.bind({ policy: 'life', config: { life: 'P365D' } });
  const other = await world.token({ bindingId: binding.id, config: { life: 'P80D' } });
  const texts = { realm: 'default', title: 'Shorter', explanation: 'It is safer.' };
  const plan = { stages: usualStages, budget: { owners: 0, share: null } };
  const input = { ...texts, ...plan, bindingId: binding.id, config: { life: 'P90D' }, previewToken: other };
  expect(failureOf(await proposeRollout(world, world.admin, input))).toBe('PreviewOutdated');
  await world.propose({ bindingId: binding.id });
  const previewToken = await world.token({ bindingId: binding.id, config: { life: 'P90D' } });
  expect(failureOf(await proposeRollout(world, world.admin, { ...input, previewToken }))).toBe('BindingBusy');
  await expect(proposeRollout(world, world.owner, { ...input, previewToken })).rejects.toThrow('administrators');
});

test('rollouts: a brownout in a freeze of the realm is refused at the proposal', async () => {
  const world = await openRolloutWorld();
  await world.issue();
  const from = addMs(world.clock.now(), 40 * DAY_MS);
  const to = addMs(from, DAY_MS);
  await world.prisma.freeze.create({ data: { realmId: world.realmId, from, to, reason: 'Holidays.' } });
  const planned = (at: Date) => [stage('BROWNOUT', { windows: [at.getTime()] }), stage('ENFORCED')];
  for (const at of [addMs(from, -1), from, addMs(to, -1)]) {
    await expect(world.propose({ stages: planned(at) })).rejects.toThrow('is in a freeze of the realm');
  }
  expect(await world.propose({ stages: planned(to) })).toMatchObject({ state: 'RUNNING' });
});

test('rollouts: over its budget a rollout halts, and what its last stage ended works again', async () => {
  const world = await openRolloutWorld();
  const keys = await issueForOwners(world, 4);
  for (const [index, { secret }] of keys.entries()) expect(await world.verify(secret, `ci ${index}`)).toBe('VALID');
  await world.travel(100 * DAY_MS);
  const stages = [atOnce, stage('COHORT', { share: 0.5, atLeastMs: 300 * DAY_MS }), stage('ENFORCED')];
  const { id } = await world.propose({ stages, budget: { owners: 1, share: null } });
  await placeEvenly(world, id, keys);
  await world.pass(0);
  await world.pass(31 * DAY_MS);
  const [first, second] = [keys[0]!, keys[1]!];
  // The second key broke another consumer before, by a rotation: that is not the rollout’s doing, and hides nothing.
  const { keyId } = second;
  const retired = { keyId, consumer: 'old', ownerId: second.owner.id, outcome: 'SECRET_RETIRED', generation: 1 };
  const at = addMs(world.clock.now(), -DAY_MS);
  const when = { at, day: dayOf(at.getTime()), firstUsedAt: at, lastUsedAt: at };
  await world.prisma.breakage.create({ data: { id: 'breakage_1', realmId: world.realmId, ...retired, ...when } });
  // A thief is no breakage, and one owner is within the budget.
  expect(await world.verify(first.secret, 'elsewhere')).toBe('KEY_EXPIRED');
  expect(await world.verify(first.secret, 'ci 0')).toBe('KEY_EXPIRED');
  await world.pass(10 * SECOND_MS);
  expect(await world.rollout(id)).toMatchObject({ state: 'RUNNING', stage: 1 });
  expect(await world.verify(second.secret, 'ci 1')).toBe('KEY_EXPIRED');
  await world.pass(10 * SECOND_MS);
  expect(await world.rollout(id)).toMatchObject({ state: 'PAUSED', isOverBudget: true, stage: 0, restoredCount: 2 });
  for (const { secret } of keys) expect(await world.probe(secret)).toBe('VALID');
  expect(await world.rolloutEvents()).toEqual(['PROPOSED', 'STAGE_BEGAN', 'PAUSED']);
  expect(failureOf(await advanceRollout(world, world.admin, { rolloutId: id }))).toBe('RolloutStateMismatch');
  success(await resumeRollout(world, world.admin, { rolloutId: id, reason: 'They have moved.' }));
  await world.pass(0);
  expect(await world.rollout(id)).toMatchObject({ state: 'RUNNING', isOverBudget: false, stage: 1 });
  expect(world.failures).toEqual([]);
});

test('rollouts: a rollout that a person paused halts over its budget, too', async () => {
  const world = await openRolloutWorld();
  const [key] = await issueForOwners(world, 1);
  expect(await world.verify(key!.secret, 'ci')).toBe('VALID');
  await world.travel(100 * DAY_MS);
  const { id } = await world.propose({ stages: [stage('SHADOW', { atLeastMs: 0 }), stage('ENFORCED')] });
  await world.pass(0);
  success(await pauseRollout(world, world.admin, { rolloutId: id }));
  await world.pass(31 * DAY_MS);
  expect(await world.rollout(id)).toMatchObject({ state: 'PAUSED', stage: 1, isOverBudget: false });
  expect(await world.verify(key!.secret, 'ci')).toBe('KEY_EXPIRED');
  await world.pass(10 * SECOND_MS);
  expect(await world.rollout(id)).toMatchObject({ state: 'PAUSED', stage: 0, isOverBudget: true, restoredCount: 1 });
  expect(await world.probe(key!.secret)).toBe('VALID');
  expect(await world.rolloutEvents()).toEqual(['PROPOSED', 'STAGE_BEGAN', 'STAGE_BEGAN', 'PAUSED', 'PAUSED']);
});

test('rollouts: many keys that broke for another reason do not hide those that a rollout broke', async () => {
  const world = await openRolloutWorld();
  const [key] = await issueForOwners(world, 1);
  expect(await world.verify(key!.secret, 'ci')).toBe('VALID');
  await world.travel(100 * DAY_MS);
  const at = world.clock.now();
  const stages = [stage('SHADOW', { atLeastMs: 0 }), stage('ENFORCED', { atLeastMs: 300 * DAY_MS })];
  const { id } = await world.propose({ stages });
  await world.pass(0);
  await world.pass(31 * DAY_MS);
  const { realmId, owner } = world;
  const ended = Array.from({ length: 1_000 }, () => ({ accountId: owner.id, expiredAt: addMs(at, -DAY_MS) }));
  const keyIds = await makeManyKeys(world, realmId, ended);
  const refusal = { consumer: 'ci', outcome: 'KEY_EXPIRED', generation: 1 };
  const when = { at, day: dayOf(at.getTime()), firstUsedAt: at, lastUsedAt: at };
  await world.prisma.breakage.createMany({
    data: keyIds.map((keyId) => ({
      id: `breakage of ${keyId}`,
      keyId,
      realmId,
      ownerId: owner.id,
      ...refusal,
      ...when,
    })),
  });
  expect(await world.verify(key!.secret, 'ci')).toBe('KEY_EXPIRED');
  await world.pass(10 * SECOND_MS);
  expect(await world.rollout(id)).toMatchObject({ state: 'PAUSED', isOverBudget: true });
});

test('rollouts: a brake of the revision before is not cancelled meanwhile, as that would change the binding', async () => {
  const world = await openRolloutWorld();
  await world.issueMany(30);
  const binding = await world.bind({ policy: 'life', config: { life: 'P365D' } });
  await world.reviewer.reviewDue();
  const brake = await world.prisma.brake.findFirstOrThrow({ where: { bindingId: binding.id, state: 'ENGAGED' } });
  const { id } = await world.propose({ bindingId: binding.id });
  expect(failureOf(await cancelBrake(world, world.admin, { brakeId: brake.id }))).toBe('BindingBusy');
  expect(await world.prisma.binding.findUniqueOrThrow({ where: { id: binding.id } })).toMatchObject({ revision: 1 });
  success(await undoRollout(world, world.admin, { rolloutId: id }));
  success(await cancelBrake(world, world.admin, { brakeId: brake.id }));
});
