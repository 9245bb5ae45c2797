import { expect, test } from 'vitest';
import type { AccountCaller } from '../../src/domain/caller.ts';
import { DAY_MS, SECOND_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import type { Selector } from '../../src/domain/selector.ts';
import { advanceRollout } from '../../src/rollouts/advance.ts';
import { resumeRollout } from '../../src/rollouts/pause.ts';
import { readOpenGates } from '../../src/rollouts/read-gates.ts';
import { undoRollout } from '../../src/rollouts/undo.ts';
import { LIFE } from '../support/binding-world.ts';
import { countStatements } from '../support/count-statements.ts';
import { failureOf, success } from '../support/key-world.ts';
import { openRolloutWorld, stage, STOPPING_STAGE_MS, type RolloutWorld } from '../support/rollout-world.ts';

const NOTICE_MS = 30 * DAY_MS;
const atOnce = stage('SHADOW', { atLeastMs: 0 });

/** Issues keys that a consumer has used. */
async function issueUsed(world: RolloutWorld, count: number) {
  const keys = [];
  for (let index = 0; index < count; index += 1) keys.push(await world.issue());
  for (const { secret } of keys) expect(await world.verify(secret, 'ci')).toBe('VALID');
  return keys;
}

/** Lets the keys of the present stage stop, and a consumer of each be refused. */
async function breakAll(world: RolloutWorld, keys: readonly { readonly secret: string }[]): Promise<void> {
  await world.pass(NOTICE_MS);
  for (const { secret } of keys) expect(await world.verify(secret, 'ci')).toBe('KEY_EXPIRED');
}

test('rollouts: a stage that stops keys lasts until a day after its notice period, whatever its least time is', async () => {
  const world = await openRolloutWorld();
  const { secret } = await world.issue();
  await world.travel(100 * DAY_MS);
  const { id } = await world.propose({ stages: [atOnce, stage('ENFORCED', { atLeastMs: 0 })] });
  await world.pass(0);
  expect(await world.rollout(id)).toMatchObject({ stage: 1 });
  await world.pass(NOTICE_MS);
  expect(await world.probe(secret)).toBe('KEY_EXPIRED');
  expect(failureOf(await advanceRollout(world, world.admin, { rolloutId: id }))).toBe('RolloutGateOpen');
  // The key has stopped, and the rollout can still be undone.
  await world.pass(DAY_MS - 1);
  expect(await world.rollout(id)).toMatchObject({ state: 'RUNNING', stage: 1 });
  success(await undoRollout(world, world.admin, { rolloutId: id }));
  await world.pass(0);
  expect(await world.probe(secret)).toBe('VALID');
});

test('rollouts: after a halt a rollout is resumed only when all keys have returned', async () => {
  const world = await openRolloutWorld();
  const keys = await issueUsed(world, 3);
  await world.travel(100 * DAY_MS);
  const { id } = await world.propose({ stages: [atOnce, stage('ENFORCED', { atLeastMs: 90 * DAY_MS })] });
  await world.pass(0);
  await breakAll(world, keys);
  world.clock.advance(10 * SECOND_MS);
  // The loop halts the rollout; no key has been reviewed since.
  await world.loop.runDue();
  expect(await world.rollout(id)).toMatchObject({ state: 'PAUSED', isOverBudget: true, restoredCount: 0 });
  const refused = await resumeRollout(world, world.admin, { rolloutId: id });
  expect(failureOf(refused)).toBe('RolloutGateOpen');
  expect(refused).toMatchObject({ message: expect.stringContaining('Keys still return') });
  expect(await world.rollout(id)).toMatchObject({ state: 'PAUSED', stage: 0 });
  await world.pass(0);
  expect(await world.rollout(id)).toMatchObject({ restoredCount: 3, restoreCursor: null });
  success(await resumeRollout(world, world.admin, { rolloutId: id }));
  expect(await world.rollout(id)).toMatchObject({ state: 'RUNNING', isOverBudget: false });
});

test('rollouts: a halt takes back the approval of the second person and the used budget of the brake', async () => {
  const world = await openRolloutWorld(2);
  const second = await world.account('second', true);
  const keys = await issueUsed(world, 30);
  await world.travel(100 * DAY_MS);
  const { id } = await world.propose({ stages: [atOnce, stage('ENFORCED', { atLeastMs: 90 * DAY_MS })] });
  const enforce = async () => success(await advanceRollout(world, second, { rolloutId: id }));
  await world.pass(0);
  await enforce();
  await world.pass(0);
  expect(await world.rollout(id)).toMatchObject({ stage: 1, approvedById: second.id, brakeBudget: 31, brakeUsed: 30 });
  await breakAll(world, keys);
  await world.pass(10 * SECOND_MS);
  expect(await world.rollout(id)).toMatchObject({ stage: 0, isOverBudget: true, approvedById: null, brakeUsed: 0 });

  success(await resumeRollout(world, world.admin, { rolloutId: id }));
  await world.pass(DAY_MS);
  // It waits for the second person again, and then moves all stops again.
  expect(await world.rollout(id)).toMatchObject({ state: 'RUNNING', stage: 0 });
  expect(failureOf(await advanceRollout(world, world.admin, { rolloutId: id }))).toBe('RolloutGateOpen');
  await enforce();
  await world.pass(0);
  expect(await world.rollout(id)).toMatchObject({ stage: 1, approvedById: second.id, brakeUsed: 30 });
  expect(await world.prisma.brake.count()).toBe(0);
  const stopsAt = addMs(world.clock.now(), NOTICE_MS);
  expect(await world.prisma.key.count({ where: { stopsAt } })).toBe(30);
});

test('rollouts: a second administrator begins a cohort that reaches so many keys, and the stages after it', async () => {
  const world = await openRolloutWorld(5);
  const second = await world.account('second', true);
  await world.issueMany(10);
  const { id } = await world.propose({
    stages: [atOnce, stage('COHORT', { share: 0.5 }), stage('COHORT', { share: 0.99 }), stage('ENFORCED')],
  });
  // Half of the keys is what one person may change.
  await world.pass(0);
  expect(await world.rollout(id)).toMatchObject({ stage: 1, approvedById: null });
  await world.pass(STOPPING_STAGE_MS);
  expect(await world.rollout(id)).toMatchObject({ stage: 1, state: 'INCONCLUSIVE' });
  expect(failureOf(await advanceRollout(world, world.admin, { rolloutId: id }))).toBe('RolloutGateOpen');
  success(await advanceRollout(world, second, { rolloutId: id }));
  expect(await world.rollout(id)).toMatchObject({ stage: 2, approvedById: second.id });
  // An approval is for one stage.
  await world.pass(STOPPING_STAGE_MS);
  expect(failureOf(await advanceRollout(world, world.admin, { rolloutId: id }))).toBe('RolloutGateOpen');
});

/** A cohort of half of the owners, whose stage is over, and a function that reads its open gates. */
async function openCohort(selector: Selector | null = null) {
  const world = await openRolloutWorld();
  const owners: { readonly keyId: string; readonly secret: string; readonly owner: AccountCaller }[] = [];
  for (let index = 0; index < 8; index += 1) {
    const owner = await world.account(`owner${index}`);
    owners.push({ ...(await world.issue({}, owner)), owner });
  }
  const stages = [
    atOnce,
    stage('COHORT', { share: 0.25 }),
    stage('COHORT', { share: 0.5 }),
    stage('ENFORCED', { atLeastMs: 90 * DAY_MS }),
  ];
  const { id } = await world.propose({ stages, config: { life: 'P300D' }, selector });
  const rows = owners.map(({ owner }, index) => ({ rolloutId: id, ownerId: owner.id, position: index / 8 }));
  await world.prisma.rolloutOwner.deleteMany({ where: { rolloutId: id } });
  await world.prisma.rolloutOwner.createMany({ data: rows });
  const use = async (...places: readonly number[]) => {
    for (const place of places) expect(await world.verify(owners[place]!.secret)).toBe('VALID');
    await world.uses.flush();
  };
  const gates = async () => (await readOpenGates(world, world.prisma, [id], world.clock.now())).get(id);
  await world.pass(0);
  expect(await world.rollout(id)).toMatchObject({ stage: 1, threshold: 0.25 });
  return { world, id, owners, use, gates };
}

test('rollouts: what owners of a stage before use is no evidence of the present stage', async () => {
  const { world, id, use, gates } = await openCohort();
  await use(0);
  await world.pass(STOPPING_STAGE_MS);
  expect(await world.rollout(id)).toMatchObject({ state: 'RUNNING', stage: 2, threshold: 0.5 });
  // The first two owners were reached before, and the last four are not.
  await use(0, 1, 6, 7);
  await world.pass(STOPPING_STAGE_MS);
  expect(await world.rollout(id)).toMatchObject({ state: 'INCONCLUSIVE', stage: 2 });
  expect(await gates()).toEqual(['EVIDENCE']);
  await use(2);
  expect(await gates()).toEqual([]);
});

test('rollouts: keys that no revision selects, and those with an exception, are no evidence', async () => {
  const { world, id, owners, use, gates } = await openCohort({ not: { keyIds: [] } });
  const [excepted, unselected] = [owners[0]!, owners[1]!];
  const until = addMs(world.clock.now(), 300 * DAY_MS);
  const exception = { rolloutId: id, keyId: excepted.keyId, presentOwnerId: excepted.owner.id, exceptUntil: until };
  await world.prisma.rolloutKey.create({ data: exception });
  const { after } = await world.rollout(id);
  const selector = { not: { keyIds: [unselected.keyId] } };
  await world.prisma.rollout.update({ where: { id }, data: { after: { ...(after as object), selector } } });
  const more = await world.issue({}, excepted.owner);
  await use(0, 1);
  world.clock.advance(STOPPING_STAGE_MS);
  expect(await gates()).toEqual(['EVIDENCE']);
  expect(await world.verify(more.secret)).toBe('VALID');
  await world.uses.flush();
  expect(await gates()).toEqual([]);
});

test('rollouts: the gates of many rollouts take as many statements as those of one', async () => {
  const { world, id } = await openCohort();
  const ids = [id];
  for (const name of ['life-b', 'life-c', 'life-d']) {
    await world.write(name, LIFE.replace("'life'", `'${name}'`));
    const { id } = await world.propose({
      policy: name,
      config: { life: 'P300D' },
      stages: [atOnce, stage('COHORT', { share: 0.5 }), stage('ENFORCED')],
    });
    ids.push(id);
  }
  await world.pass(0);
  world.clock.advance(STOPPING_STAGE_MS);
  const count = async (some: readonly string[]) => {
    const { result, statements } = await countStatements(() =>
      readOpenGates(world, world.prisma, some, world.clock.now()),
    );
    expect([...result.values()]).toEqual(some.map(() => ['EVIDENCE']));
    return statements.length;
  };
  expect(await count(ids)).toBe(await count([id]));
});
