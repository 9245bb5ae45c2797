import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { readBounds } from '../../src/log/head.ts';
import { readKeyHistory } from '../../src/log/key-history.ts';
import { openCore, type OpenCore } from '../support/core.ts';
import { allEvents, openFollower } from '../support/follower.ts';
import { connectTo, usePartitionSize, listPartitionsOf, recordEvents, maintainPartitions } from '../support/log.ts';

const KEPT_MS = 10 * DAY_MS;

/** A log in partitions of ten positions, with room. */
async function openLog(): Promise<OpenCore> {
  const core = await openCore();
  await usePartitionSize(core, 10);
  await maintainPartitions(core, 10, null);
  return core;
}

/** Tells of that many events, every other one of a key. */
function tellMany(core: OpenCore, count: number): Promise<void> {
  return recordEvents(
    core,
    ...Array.from({ length: count }, (_, index) => (index % 2 === 0 ? { keyId: 'key_a' } : {})),
  );
}

async function historyOf(core: OpenCore): Promise<number[]> {
  return (await readKeyHistory(core.prisma, 'key_a', 0n, 1_000)).map(({ position }) => Number(position));
}

const odd = (last: number) => Array.from({ length: Math.ceil(last / 2) }, (_, index) => 2 * index + 1);

test('log maintenance: partitions are created ahead of the head, and repeated runs create no more', async () => {
  const core = await openLog();
  await maintainPartitions(core, 10, null);
  expect(await listPartitionsOf(core)).toEqual(
    [1, 11, 21, 31].map((from) => `Event_${from} FROM ${from} TO ${from + 10}`),
  );
  await tellMany(core, 25);
  await maintainPartitions(core, 10, null);
  expect(await listPartitionsOf(core)).toHaveLength(7);
  const [{ rows }] = await core.prisma.$queryRaw<[{ rows: bigint }]>`SELECT count(*) AS rows FROM "Event_21"`;
  expect(Number(rows)).toBe(5);
});

test('log maintenance: new partitions grow with the number of events', async () => {
  const core = await openLog();
  await core.prisma.$executeRaw`UPDATE "LogHead" SET position = 960`;
  await maintainPartitions(core, 10, null);
  expect((await listPartitionsOf(core)).at(-1)).toBe('Event_1061 FROM 1061 TO 1091');
});

test('log maintenance: expired events are dropped a partition at a time, after the copy of their history; younger events stay', async () => {
  const core = await openLog();
  await tellMany(core, 25);
  core.clock.advance(KEPT_MS - HOUR_MS);
  await tellMany(core, 5);
  await maintainPartitions(core, 10, KEPT_MS);
  expect(await readBounds(core)).toEqual({ oldest: 1n, head: 30n, quiet: 0n });
  core.clock.advance(2 * HOUR_MS);
  await maintainPartitions(core, 10, KEPT_MS);
  // Nothing goes that somebody may be reading: what is over is copied, and goes later.
  expect(await readBounds(core)).toEqual({ oldest: 26n, head: 30n, quiet: 0n });
  expect((await listPartitionsOf(core))[0]).toBe('Event_1 FROM 1 TO 11');
  expect(await core.prisma.keyHistory.count()).toBe(10);
  core.clock.advance(4 * MINUTE_MS);
  await maintainPartitions(core, 10, KEPT_MS);
  expect((await listPartitionsOf(core))[0]).toBe('Event_1 FROM 1 TO 11');
  core.clock.advance(MINUTE_MS);
  await maintainPartitions(core, 10, KEPT_MS);
  expect((await listPartitionsOf(core))[0]).toBe('Event_21 FROM 21 TO 31');
  expect(await historyOf(core)).toEqual(odd(25).concat([26, 28, 30]));
  await recordEvents(core, {});
  expect((await readBounds(core)).head).toBe(31n);
});

test('log maintenance: when all events have expired the log is empty, and appends go on', async () => {
  const core = await openLog();
  const { follower } = await openFollower(core);
  await tellMany(core, 20);
  await maintainPartitions(core, 10, KEPT_MS);
  for (let day = 0; day < 12; day += 1) {
    core.clock.advance(DAY_MS);
    await maintainPartitions(core, 10, KEPT_MS);
  }
  expect(await readBounds(core)).toEqual({ oldest: 21n, head: 20n, quiet: 0n });
  expect((await listPartitionsOf(core))[0]).toBe('Event_21 FROM 21 TO 31');
  expect(await historyOf(core)).toEqual(odd(20));
  await recordEvents(core, { keyId: 'key_a' });
  await follower.catchUp();
  expect((await follower.read(20n, allEvents)).events).toHaveLength(1);
  expect(await historyOf(core)).toEqual([...odd(20), 21]);
});

test('log maintenance: a key’s history is complete at every moment of the copy', async () => {
  const core = await openLog();
  await tellMany(core, 30);
  let isOver = false;
  let readCount = 0;
  const readers = [1, 2].map(async () => {
    while (!isOver) {
      expect(await historyOf(core)).toEqual(odd(30));
      readCount += 1;
    }
  });
  for (let day = 0; day < 12; day += 1) {
    core.clock.advance(DAY_MS);
    await maintainPartitions(core, 10, KEPT_MS);
  }
  isOver = true;
  await Promise.all(readers);
  expect(readCount).toBeGreaterThan(10);
  expect((await listPartitionsOf(core))[0]).toBe('Event_31 FROM 31 TO 41');
});

test('log maintenance: a history is read in pages across copied and uncopied events', async () => {
  const core = await openLog();
  await tellMany(core, 15);
  core.clock.advance(5 * DAY_MS);
  await tellMany(core, 15);
  for (let day = 0; day < 7; day += 1) {
    core.clock.advance(DAY_MS);
    await maintainPartitions(core, 10, KEPT_MS);
  }
  expect((await listPartitionsOf(core))[0]).toBe('Event_11 FROM 11 TO 21');
  const all = await historyOf(core);
  expect(all).toHaveLength(16);
  const pages: number[] = [];
  for (let after = 0n; ;) {
    const page = await readKeyHistory(core.prisma, 'key_a', after, 3);
    pages.push(...page.map(({ position }) => Number(position)));
    if (page.length === 0) break;
    after = page.at(-1)!.position;
  }
  expect(pages).toEqual(all);
});

test('log maintenance: a read in progress delays the drop of its partition, but no append', async () => {
  const core = await openLog();
  await tellMany(core, 10);
  core.clock.advance(KEPT_MS + DAY_MS);
  await maintainPartitions(core, 10, KEPT_MS);
  core.clock.advance(HOUR_MS);
  const reader = await connectTo(core)();
  await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM "Event"');
  const tending = maintainPartitions(core, 10, KEPT_MS);
  tending.catch(() => undefined);
  await expect
    .poll(
      async () =>
        (
          await core.prisma.$queryRaw<[{ count: bigint }]>`
      SELECT count(*) FROM pg_locks WHERE NOT granted AND (database = (SELECT oid FROM pg_database WHERE datname = current_database()) OR locktype = 'virtualxid')`
        )[0].count,
    )
    .toBeGreaterThan(0n);
  await tellMany(core, 10);
  await expect(tending).rejects.toMatchObject({ code: '55P03' });
  const seen = await reader.query<{ count: string }>('SELECT count(*) FROM "Event"');
  expect(seen.rows[0]?.count).toBe('10');
  await reader.query('COMMIT');
  await reader.end();
  await tellMany(core, 1);
  await maintainPartitions(core, 10, KEPT_MS);
  expect((await listPartitionsOf(core))[0]).toBe('Event_11 FROM 11 TO 21');
  expect(await historyOf(core)).toEqual(odd(10).concat([11, 13, 15, 17, 19, 21]));
});

test('log maintenance: one node at a time maintains the log', async () => {
  const core = await openLog();
  await tellMany(core, 25);
  core.clock.advance(KEPT_MS + DAY_MS);
  for (let round = 0; round < 3; round += 1) {
    await Promise.all(Array.from({ length: 5 }, () => maintainPartitions(core, 10, KEPT_MS)));
    core.clock.advance(HOUR_MS);
  }
  expect(await listPartitionsOf(core)).toHaveLength(5);
  expect(await historyOf(core)).toEqual(odd(25));
});

test('log maintenance: without a retention every event stays', async () => {
  const core = await openLog();
  await tellMany(core, 25);
  core.clock.advance(4_000 * DAY_MS);
  await maintainPartitions(core, 10, null);
  expect(await readBounds(core)).toEqual({ oldest: 1n, head: 25n, quiet: 0n });
});
