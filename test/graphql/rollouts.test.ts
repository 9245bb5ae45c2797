import { expect, test } from 'vitest';
import { MutationWorld } from '../support/mutation-world.ts';
import { openTown, type Town } from '../support/town.ts';

const ROLLOUT = `
  query ($id: ID!) {
    rollout(id: $id) {
      state stage waitsFor nextStageAt endedAt before { revision } after { revision config } binding { revision mode }
      proposedBy { name } stages { kind atLeast share }
    }
    node(id: $id) { id }
  }`;

const LIST = '{ rollouts(first: 10) { edges { node { id } } } }';

async function openRollout(town: Town) {
  const world = new MutationWorld(town.gateway);
  return world.rollout([
    { kind: 'COMMENT', atLeast: 'P7D' },
    { kind: 'COHORT', atLeast: 'P7D', share: 0.1 },
    { kind: 'ENFORCED', atLeast: 'P30D' },
  ]);
}

test('rollouts: all who see the policies of a realm read its rollouts, and what they wait for', async () => {
  const town = await openTown();
  const { gateway, olga } = town;
  const { id } = await openRollout(town);
  const { data } = await gateway.ask(ROLLOUT, { id }, olga.token);
  expect(data['rollout']).toMatchObject({
    state: 'PROPOSED',
    stage: 1,
    waitsFor: ['LEAST_TIME'],
    endedAt: null,
    before: null,
    after: { revision: 1, config: {} },
    binding: { revision: 0, mode: 'PAUSED' },
    stages: [
      { kind: 'COMMENT', atLeast: 'P7D', share: null },
      { kind: 'COHORT', atLeast: 'P7D', share: 0.1 },
      { kind: 'ENFORCED', atLeast: 'P30D', share: null },
    ],
  });
  expect(data['node']).toEqual({ id });
  const listed = await gateway.ask(LIST, {}, olga.token);
  expect(listed.data['rollouts'].edges).toEqual([{ node: { id } }]);
});

test('rollouts: a key with keytide:manage and a key of another realm see none', async () => {
  const town = await openTown();
  const { gateway, admin, acme } = town;
  const { id } = await openRollout(town);
  const manage = [{ action: 'keytide:manage', resource: '**' }];
  const backend = await town.issue(admin.token, { owner: acme, scopes: manage });
  const other = await town.issue(admin.token, { owner: acme });
  for (const { secret } of [backend, other]) {
    expect((await gateway.ask(ROLLOUT, { id }, secret)).data).toEqual({ rollout: null, node: null });
    expect((await gateway.ask(LIST, {}, secret)).data['rollouts'].edges).toEqual([]);
  }
});

test('rollouts: the progress of an undo is complete when all keys are reviewed, and those that had ended have returned', async () => {
  const town = await openTown();
  const { gateway, admin } = town;
  const { id, bindingId } = await openRollout(town);
  const progress = async () => {
    const query = 'query ($id: ID!) { rollout(id: $id) { progress { total done restored isComplete } } }';
    return (await gateway.ask(query, { id }, admin.token)).data['rollout'].progress;
  };
  const setProgress = async (sweepCursor: string | null, restoreCursor: string | null, restoredCount: number) => {
    const swept = { sweepCursor, sweepTotal: 9, sweepDone: sweepCursor === null ? 9 : 4 };
    await gateway.prisma.binding.update({ where: { id: bindingId }, data: swept });
    await gateway.prisma.rollout.update({ where: { id }, data: { restoreCursor, restoredCount } });
  };
  await setProgress('key_a', '', 0);
  expect(await progress()).toEqual({ total: 9, done: 4, restored: 0, isComplete: false });
  await setProgress(null, 'key_a', 3);
  expect(await progress()).toEqual({ total: 9, done: 9, restored: 3, isComplete: false });
  await setProgress(null, null, 5);
  expect(await progress()).toEqual({ total: 9, done: 9, restored: 5, isComplete: true });
});
