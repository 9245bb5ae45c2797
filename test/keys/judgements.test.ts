import { expect, onTestFinished, test, vi } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/duration.ts';
import { compactJudgements } from '../../src/keys/compact-judgements.ts';
import { Heartbeat } from '../../src/policies/heartbeat.ts';
import { parseStoredVerdicts, storeCompact, storesCompact } from '../../src/policies/stored-verdicts.ts';
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

const asNode = { nodeId: 'node_here', release: 'test', onFailure: () => undefined };

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
  const heartbeat = new Heartbeat(world, asNode);
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

/** A node of this release beside one of the release before, which has stored verdicts as JSON. */
async function openTwoReleases() {
  const world = await openBindingWorld();
  await world.issue();
  const heartbeat = new Heartbeat(world, asNode);
  /** Writes heartbeats as a node does, for so long. */
  const beatFor = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 20 * SECOND_MS) {
      world.clock.advance(20 * SECOND_MS);
      await heartbeat.beat();
    }
  };
  const row = () => ({ seenAt: world.clock.now(), hashes: [], current: [] });
  const beatBefore = () =>
    world.prisma.node.upsert({ where: { id: 'node_before' }, create: { id: 'node_before', ...row() }, update: row() });
  await beatBefore();
  await heartbeat.beat();
  return { world, heartbeat, beatFor, beatBefore, isCompact: () => storesCompact(world.prisma) };
}

test(
  'judgements: a node of the release before that a pause of the database made look dead still reads what is stored',
  { timeout: 60_000 },
  async () => {
    const { world, heartbeat, beatFor, beatBefore, isCompact } = await openTwoReleases();
    expect(isCompact()).toBe(false);
    world.clock.advance(40 * SECOND_MS);
    await heartbeat.beat();
    expect(await world.prisma.node.findUnique({ where: { id: 'node_before' } })).toBeNull();
    expect(isCompact()).toBe(false);
    expect((await judgementOf(world, (await world.issue()).keyId)).compact).toBeNull();
    await beatFor(HOUR_MS / 2);
    await beatBefore();
    await heartbeat.beat();
    // It ends for good: an hour from then on.
    await beatFor(HOUR_MS);
    expect(isCompact()).toBe(false);
    await beatFor(MINUTE_MS);
    expect(isCompact()).toBe(true);
    expect((await judgementOf(world, (await world.issue()).keyId)).compact).not.toBeNull();
  },
);

test(
  'judgements: a heartbeat that fails or is late ends the compact format for an hour',
  { timeout: 60_000 },
  async () => {
    const { world, heartbeat, beatFor, isCompact } = await openTwoReleases();
    await beatFor(HOUR_MS + MINUTE_MS);
    expect(isCompact()).toBe(true);
    world.clock.advance(21 * SECOND_MS);
    await heartbeat.beat();
    expect(isCompact()).toBe(false);
    await beatFor(HOUR_MS);
    expect(isCompact()).toBe(true);
    vi.spyOn(world.policies, 'versions').mockImplementationOnce(() => {
      throw new Error('unavailable');
    });
    await expect(heartbeat.beat()).rejects.toThrow('unavailable');
    expect(isCompact()).toBe(false);
    await beatFor(HOUR_MS - MINUTE_MS);
    expect(isCompact()).toBe(false);
    await beatFor(2 * MINUTE_MS);
    expect(isCompact()).toBe(true);
  },
);

test('judgements: a node stores the compact format at once if no verdicts are stored as JSON', async () => {
  const { world, beatFor, isCompact } = await openTwoReleases();
  await world.prisma.node.deleteMany({ where: { id: 'node_before' } });
  await beatFor(MINUTE_MS);
  expect(isCompact()).toBe(false);
  storeCompact(world.prisma, true);
  await world.reviewer.reviewDue();
  storeCompact(world.prisma, false);
  await new Heartbeat(world, asNode).beat();
  expect(isCompact()).toBe(true);
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
