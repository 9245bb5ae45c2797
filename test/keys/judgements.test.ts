import { expect, onTestFinished, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { compactJudgements } from '../../src/keys/compact-judgements.ts';
import { Heartbeat } from '../../src/policies/heartbeat.ts';
import { parseStoredVerdicts, storeCompact } from '../../src/policies/stored-verdicts.ts';
import { createPgClient } from '../../src/store/connection.ts';
import { openBindingWorld, type BindingWorld } from '../support/binding-world.ts';

async function judgementOf(world: BindingWorld, keyId: string) {
  return world.prisma.judgement.findUniqueOrThrow({ where: { keyId } });
}

/** Makes all keys due, and reviews them a minute later. */
async function reviewAll(world: BindingWorld): Promise<void> {
  world.clock.advance(60_000);
  await world.prisma.key.updateMany({ data: { reviewAt: world.clock.now() } });
  await world.reviewer.reviewDue();
}

test('judgements: a review that comes to the same verdicts does not write them', async () => {
  const world = await openBindingWorld();
  const { keyId } = await world.issue({ ask: { lifetimeMs: 90 * DAY_MS } });
  const before = await judgementOf(world, keyId);
  const versionOf = async () =>
    world.prisma.$queryRaw`SELECT xmin::text AS version FROM "Judgement" WHERE "keyId" = ${keyId}`;
  const version = await versionOf();
  await reviewAll(world);
  expect((await world.key(keyId)).reviewAt?.getTime()).toBeGreaterThan(world.clock.now().getTime());
  expect(await judgementOf(world, keyId)).toEqual(before);
  expect(await versionOf()).toEqual(version);
  // A use moves the window of the next renewal: that is another verdict.
  await world.prisma.key.update({
    where: { id: keyId },
    data: { grantedAt: new Date(before.judgedAt.getTime() + DAY_MS) },
  });
  await reviewAll(world);
  expect(await judgementOf(world, keyId)).not.toEqual(before);
});

test('judgements: they are stored in the compact format while every live node reads it, and as JSON beside the release before', async () => {
  const world = await openBindingWorld();
  const heartbeat = new Heartbeat(world, () => undefined);
  await heartbeat.beat();
  const one = await world.issue();
  const compact = await judgementOf(world, one.keyId);
  expect(compact).toMatchObject({ verdicts: [], compact: expect.any(Uint8Array) });
  expect(parseStoredVerdicts(compact).length).toBeGreaterThan(0);

  // A node of the release before says nothing of formats.
  const before = { id: 'node_before', seenAt: world.clock.now(), hashes: [], current: [] };
  await world.prisma.node.create({ data: before });
  await heartbeat.beat();
  const other = await world.issue();
  const json = await judgementOf(world, other.keyId);
  expect(json.compact).toBeNull();
  expect(parseStoredVerdicts(json).map(({ hash, raw }) => ({ hash, raw: JSON.stringify(raw).length }))).toEqual(
    parseStoredVerdicts(compact).map(({ hash, raw }) => ({ hash, raw: JSON.stringify(raw).length })),
  );

  // It writes JSON, and leaves the bytes of an earlier moment.
  const judgedAt = new Date(world.clock.now().getTime() + 1);
  await world.prisma.judgement.update({ where: { keyId: one.keyId }, data: { verdicts: [], judgedAt } });
  expect(parseStoredVerdicts(await judgementOf(world, one.keyId))).toEqual([]);
  await world.prisma.judgement.update({ where: { keyId: one.keyId }, data: { verdicts: json.verdicts as object } });
  expect(parseStoredVerdicts(await judgementOf(world, one.keyId))).toEqual(parseStoredVerdicts(json));
  await heartbeat.stop();
});

test('judgements: the reviewer stores those of the release before in the compact format, and they say the same', async () => {
  const world = await openBindingWorld();
  const issued = [await world.issue(), await world.issue({ ask: { lifetimeMs: 30 * DAY_MS } })];
  const before = await Promise.all(issued.map(({ keyId }) => judgementOf(world, keyId)));
  expect(before.map(({ compact }) => compact)).toEqual([null, null]);
  expect(await compactJudgements(world, '')).toBeNull();
  storeCompact(world.prisma, true);
  // A row that no release has written stops nothing.
  const odd = await world.issue();
  const data = { verdicts: [{ said: 'nonsense' }], compact: null };
  await world.prisma.judgement.update({ where: { keyId: odd.keyId }, data });
  await world.reviewer.reviewDue();
  expect(world.failures).toEqual([]);
  expect(await judgementOf(world, odd.keyId)).toMatchObject(data);
  const after = await Promise.all(issued.map(({ keyId }) => judgementOf(world, keyId)));
  expect(after.map(({ verdicts, compact }) => [verdicts, compact !== null])).toEqual([
    [[], true],
    [[], true],
  ]);
  expect(after.map(parseStoredVerdicts)).toEqual(before.map(parseStoredVerdicts));
  expect(after.map(({ judgedAt }) => judgedAt)).toEqual(before.map(({ judgedAt }) => judgedAt));
  expect(await compactJudgements(world, odd.keyId)).toBeNull();
});

test('judgements: storing them in the compact format waits for no other transaction and leaves its rows to it', async () => {
  const world = await openBindingWorld();
  const ids = await world.issueMany(3);
  storeCompact(world.prisma, true);
  const other = createPgClient(world.database);
  await other.connect();
  onTestFinished(() => other.end());
  const [locked, ...free] = ids.toSorted();
  await other.query('BEGIN');
  await other.query('SELECT FROM "Judgement" WHERE "keyId" = $1 FOR UPDATE', [locked]);
  // A wait would never end, like that for a transaction that waits in turn.
  expect(await compactJudgements(world, '')).toBe(free.at(-1));
  const compacted = async () => {
    const where = { compact: { not: null } };
    const rows = await world.prisma.judgement.findMany({ where, orderBy: { keyId: 'asc' } });
    return rows.map(({ keyId }) => keyId);
  };
  expect(await compacted()).toEqual(free);
  await other.query('ROLLBACK');
  expect(await compactJudgements(world, '')).toBe(locked);
  expect(await compacted()).toEqual([locked, ...free]);
});
