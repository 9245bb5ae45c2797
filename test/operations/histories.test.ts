import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { newId } from '../../src/domain/id.ts';
import { runBatch } from '../../src/operations/run-batch.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { openOperationTown, type OperationTown } from '../support/operation-town.ts';
import { seededDraw, type Draw } from '../support/seeded-random.ts';

const RUNS = process.env['KEYTIDE_TEST_LONG'] ? 60 : 4;
const COMMANDS = 24;
const KEYS = 8;
const SEED = 20_261_130;

/** A node beside that of the town, on its database and with its clock. */
async function openSecondNode({ gateway }: OperationTown): Promise<Gateway> {
  const second = await openGateway({ database: gateway.database, clock: gateway.clock });
  onTestFinished(() => second.stop());
  return second;
}

/** Expects that each key of an operation that was changed has one event of its change, and no other key has any. */
async function expectOnceEach(town: OperationTown, id: string, types: readonly string[]): Promise<void> {
  const { prisma } = town.gateway;
  const changed = await prisma.operationKey.findMany({
    where: { operationId: id, state: { in: ['DONE', 'UNDONE', 'UNDO_FAILED'] } },
    select: { keyId: true },
  });
  const events = (await town.eventsOf(id)).filter(({ type }) => types.includes(type));
  expect(events.map(({ keyId }) => keyId).toSorted()).toEqual(changed.map(({ keyId }) => keyId).toSorted());
  const { total, done, failed, skipped, undone, state } = await prisma.operation.findUniqueOrThrow({ where: { id } });
  const states = await prisma.operationKey.groupBy({ by: ['state'], where: { operationId: id }, _count: true });
  const count = (...names: string[]) =>
    states.filter(({ state }) => names.includes(state)).reduce((sum, { _count }) => sum + _count, 0);
  expect([total, done, failed, skipped, undone]).toEqual([
    states.reduce((sum, { _count }) => sum + _count, 0),
    count('DONE', 'UNDONE', 'UNDO_FAILED'),
    count('FAILED'),
    count('SKIPPED'),
    count('UNDONE'),
  ]);
  if (['DONE', 'STOPPED', 'UNDONE'].includes(state)) expect(count('WAITING')).toBe(0);
}

test('operations: two nodes that run two operations over the same keys change each key exactly once for each', async () => {
  const town = await openOperationTown();
  const second = await openSecondNode(town);
  const { ann, acme } = town;
  // 60 keys of CI jobs, used yesterday, and others that no job uses.
  const { clock, prisma } = town.gateway;
  const now = clock.now();
  const at = { createdAt: now, changedAt: now };
  const issuer = { id: newId('issuer', now, randomBytes), realmId: town.realm, name: 'CI', url: 'https://ci.example' };
  await prisma.trustedIssuer.create({ data: { ...issuer, audience: 'keytide', ...at } });
  const rule = { id: newId('rule', now, randomBytes), issuerId: issuer.id, name: 'jobs', organizationId: acme, ...at };
  await prisma.tokenRule.create({ data: { ...rule, conditions: [], scopes: [], labels: [], claimLabels: [] } });
  const end = new Date(now.getTime() + DAY_MS);
  const life = { chosenExpiresAt: end, expiresAt: end, expiryBasis: 'HARD', stopsAt: end, stopsBasis: 'HARD' };
  const yesterday = { lastUsedAt: new Date(now.getTime() - DAY_MS) };
  const keys = await town.makeKeys(60, { ...life, ...yesterday, tokenRuleId: rule.id });
  await town.makeKeys(3);
  const filter = { owner: acme, tokenRule: rule.id, usedBy: 'ci', neverUsed: false };
  const hold = await town.start(ann, { filter, change: 'HOLD' });
  const label = await town.start(ann, { filter, change: 'LABEL', labels: [{ name: 'incident', value: '7' }] });
  // Keys of jobs get no new secret: the next job exchanges its own token.
  const ask = await town.start(ann, { filter, change: 'ASK_ROTATION' });
  const runAll = () => Promise.all([town.runAll(), second.node.operationLoop.runDue()]);
  await runAll();
  await runAll();
  for (const { id } of [hold, label]) expect(await town.read(id)).toMatchObject({ state: 'DONE', done: 60, failed: 0 });
  expect(await town.read(ask.id)).toMatchObject({ state: 'DONE', done: 0, failed: 60 });
  await expectOnceEach(town, hold.id, ['KEY_HELD']);
  await expectOnceEach(town, label.id, ['KEY_UPDATED']);
  expect(Object.keys(await town.holds()).toSorted()).toEqual(keys.toSorted());

  // Resumed in one operation, which is stopped half way and made again.
  const resume = { filter: { ...filter, states: ['HELD'] }, change: 'RESUME' };
  const half = await town.start(ann, resume);
  await runBatch(second.services, { id: half.id, kind: 'RESUME', isUndoing: false }, 30);
  await town.act('stopOperation', ann, half.id);
  expect(Object.keys(await town.holds())).toHaveLength(30);
  const rest = await town.start(ann, resume);
  expect(rest.total).toBe(30);
  await runAll();
  await runAll();
  expect(await town.holds()).toEqual({});
  for (const { id } of [half, rest]) await expectOnceEach(town, id, ['KEY_RESUMED']);
});

test(`operations: in ${RUNS} random histories on two nodes each key changes once for each, and an undo lifts only its own holds`, async () => {
  const town = await openOperationTown();
  const nodes = [town.gateway, await openSecondNode(town)];
  for (let run = 0; run < RUNS; run += 1) await checkHistory(town, nodes, seededDraw(SEED + run));
});

/** Makes random commands on keys of their own, and compares what is there with what the events say. */
async function checkHistory(town: OperationTown, nodes: readonly Gateway[], draw: Draw): Promise<void> {
  const { ann, acme, gateway } = town;
  const { prisma } = gateway;
  const group = `${draw.below(2 ** 30)}`;
  const labels = [{ name: 'group', value: group }];
  const keys = await town.makeKeys(KEYS, { labels });
  const operations: { readonly id: string; readonly kind: string }[] = [];
  const acts: string[] = [];
  const mutate = (name: string, input: object) =>
    gateway.ask(
      `mutation ($input: ${name.charAt(0).toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { __typename } }`,
      { input },
      ann.token,
    );
  const step = async (node: Gateway) => {
    if (operations.length === 0) return;
    const { id, kind } = draw.pick(operations);
    const { isUndoing, state } = await prisma.operation.findUniqueOrThrow({ where: { id } });
    const before = await prisma.event.count();
    const result = await runBatch(node.services, { id, kind, isUndoing }, 1 + draw.below(4));
    if (state !== 'RUNNING') expect([result, await prisma.event.count()]).toEqual(['BUSY', before]);
  };
  const commands: Readonly<Record<string, () => Promise<unknown>>> = {
    start: async () => {
      const kind = draw.pick(['HOLD', 'HOLD', 'LABEL', 'RESUME', 'ASK_ROTATION']);
      const input = { filter: { owner: acme, labels }, change: kind };
      const value = String(draw.below(3));
      const { id } = await town.start(ann, kind === 'LABEL' ? { ...input, labels: [{ name: 'n', value }] } : input);
      operations.push({ id, kind });
    },
    batch: () => step(draw.pick(nodes)),
    race: () => Promise.all(nodes.map((node) => raceStep(node))),
    act: async () => {
      const name = draw.pick(['pauseOperation', 'resumeOperation', 'stopOperation', 'undoOperation', 'undoOperation']);
      if (operations.length > 0) await town.act(name, ann, draw.pick(operations).id);
    },
    hold: () => mutate('holdKey', { keyId: draw.pick(keys), reason: 'by hand' }),
    resume: () => mutate('resumeKey', { keyId: draw.pick(keys) }),
    revoke: () => mutate('revokeKey', { keyId: draw.pick(keys), reason: 'by hand' }),
  };
  const raceStep = async (node: Gateway) => {
    const [one] = operations.slice(-1);
    if (one === undefined) return;
    const { isUndoing } = await prisma.operation.findUniqueOrThrow({ where: { id: one.id } });
    await runBatch(node.services, { ...one, isUndoing }, 3);
  };
  const names = ['start', 'batch', 'batch', 'batch', 'race', 'race', 'act', 'act', 'hold', 'resume', 'revoke'];
  for (let command = 0; command < COMMANDS; command += 1) {
    const name = command === 0 ? 'start' : draw.pick(names.slice(0, command % 6 === 0 ? 11 : 10));
    acts.push(name);
    await commands[name]!();
  }
  // The rest runs to its end, on both nodes.
  for (const { id } of operations) await town.act('resumeOperation', ann, id);
  await Promise.all(nodes.map(({ node }) => node.operationLoop.runDue()));
  await Promise.all(nodes.map(({ node }) => node.operationLoop.runDue()));

  for (const { id, kind } of operations) {
    if (kind === 'HOLD') await expectOnceEach(town, id, ['KEY_HELD']);
    if (kind === 'ASK_ROTATION') await expectOnceEach(town, id, ['KEY_ROTATION_ASKED']);
    const state = await prisma.operation.findUniqueOrThrow({ where: { id }, select: { state: true } });
    expect(['DONE', 'STOPPED', 'UNDONE'], acts.join(' ')).toContain(state.state);
    if (state.state === 'UNDONE') {
      expect(await prisma.hold.count({ where: { operationId: id, key: { revokedAt: null } } })).toBe(0);
    }
  }
  const undoneIds = new Set(operations.map(({ id, kind }) => (kind === 'HOLD' ? id : '')));
  const expected = await foldHolds(gateway, keys, undoneIds);
  const held = await town.holds();
  expect(
    Object.fromEntries(keys.map((key) => [key, (held[key] ?? []).map(String).toSorted()])),
    acts.join(' '),
  ).toEqual(expected);
}

/**
 * Returns the holds of keys that follow from their events alone: each hold adds one of its operation, or of a person; an
 * undo of an operation takes its own; a resumption takes all, because all are the owner's.
 */
async function foldHolds({ prisma }: Gateway, keys: readonly string[], holding: ReadonlySet<string>) {
  const events = await prisma.event.findMany({
    where: { keyId: { in: [...keys] }, type: { in: ['KEY_HELD', 'KEY_RESUMED'] } },
    orderBy: { position: 'asc' },
  });
  const holds = new Map(keys.map((key) => [key, new Set<string>()]));
  for (const { keyId, type, data } of events) {
    const held = holds.get(keyId!)!;
    const operationId = String((data as { operationId?: string }).operationId ?? null);
    if (type === 'KEY_HELD') {
      expect(held.has(operationId)).toBe(false);
      held.add(operationId);
    } else if (holding.has(operationId)) expect(held.delete(operationId)).toBe(true);
    else held.clear();
  }
  return Object.fromEntries([...holds].map(([key, held]) => [key, [...held].toSorted()]));
}
