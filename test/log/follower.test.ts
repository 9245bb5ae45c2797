import { expect, onTestFinished, test } from 'vitest';
import { systemActor } from '../../src/domain/event.ts';
import { LOG_CHANNEL } from '../../src/log/append.ts';
import { change } from '../../src/log/change.ts';
import { Follower } from '../../src/log/follower.ts';
import { QuietChanges } from '../../src/log/quiet-changes.ts';
import { startEmbedded } from '../../src/store/embedded.ts';
import { migrate } from '../../src/store/migrate.ts';
import { openStore } from '../../src/store/prisma.ts';
import { openCore, type OpenCore } from '../support/core.ts';
import { openLine } from '../support/database-line.ts';
import { freshDatabase } from '../support/database.ts';
import { dataFolder, silent } from '../support/embedded-process.ts';
import { countListeners, cutListeners, allEvents, openFollower } from '../support/follower.ts';
import { untypedDraft } from '../support/untyped-draft.ts';

async function tell(core: OpenCore, count = 1): Promise<void> {
  const event = untypedDraft({ type: 'KEY_UPDATED', at: core.clock.now(), actor: systemActor });
  await change(core, async ({ record }) => record(...Array.from({ length: count }, () => event)));
}

/** Everything that a follower has told of, by position. */
function watched(follower: Follower): number[] {
  const positions: number[] = [];
  follower.watch((events) => void positions.push(...events.map(({ position }) => Number(position))));
  return positions;
}

const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

test('follower: a commit on any node wakes it, without the clock moving', async () => {
  const core = await openCore();
  const other = await openCore({ database: core.database, clock: core.clock });
  const { follower } = await openFollower(core);
  const positions = watched(follower);
  await tell(core);
  await tell(other, 2);
  await follower.waitForEventAfter(2n, AbortSignal.timeout(10_000));
  expect(positions).toEqual([1, 2, 3]);
});

test('follower: events committed while it starts are delivered once, and earlier events are not read', async () => {
  const core = await openCore();
  await tell(core, 3);
  const notified = Promise.withResolvers<void>();
  let isStarted = false;
  const prisma = core.prisma.$extends({
    query: {
      logHead: {
        async findUniqueOrThrow({ args, query }) {
          const head = await query(args);
          if (isStarted) return head;
          isStarted = true;
          await tell(core);
          // Long enough for whoever listens already to have heard of it, and to have read.
          await Promise.race([notified.promise, tick(core)]);
          return head;
        },
      },
    },
  }) as unknown as OpenCore['prisma'];
  const follower = new Follower(
    { prisma, clock: core.clock },
    {
      connect: async () => {
        const client = core.store.openClient();
        await client.connect();
        return client;
      },
      onFailure: (error) => expect.unreachable(String(error)),
    },
  );
  onTestFinished(() => follower.stop());
  const positions = watched(follower);
  follower.watch(() => notified.resolve());
  await follower.start();
  await follower.catchUp();
  await tell(core);
  await follower.catchUp();
  expect(positions).toEqual([4, 5]);
  expect((await follower.read(3n, allEvents)).events.map(({ position }) => position)).toEqual([4n, 5n]);
});

/** Some round trips to the database. */
async function tick({ prisma }: OpenCore): Promise<void> {
  for (let count = 0; count < 20; count += 1) await prisma.$queryRaw`SELECT 1`;
}

test('follower: catchUp resolves when every event committed before is known, for any number of concurrent calls', async () => {
  const core = await openCore();
  const { follower } = await openFollower(core);
  for (let count = 1; count <= 60; count += 1) {
    await tell(core);
    const catchUps = [follower.catchUp()];
    void catchUps[0]?.then(() => catchUps.push(follower.catchUp()));
    await Promise.all(catchUps);
    expect(follower.head).toBeGreaterThanOrEqual(BigInt(count));
    if (count % 3 === 0) {
      await tell(core);
      count += 1;
      // In the very turn in which the reading before has ended.
      await follower.catchUp().then(() => expect(follower.head).toBeGreaterThanOrEqual(BigInt(count)));
    }
  }
});

test('follower: the newest events are served from bounded memory, older events from the database', async () => {
  const core = await openCore();
  const { follower } = await openFollower(core);
  let readCount = 0;
  const counted = core.prisma.$extends({
    query: {
      $queryRaw({ args, query }) {
        readCount += 1;
        return query(args);
      },
    },
  }) as unknown as OpenCore['prisma'];
  const observed = await openFollower({ ...core, prisma: counted });
  for (let count = 0; count < 5; count += 1) await tell(core, 1_000);
  await follower.catchUp();
  await observed.follower.catchUp();
  readCount = 0;
  const read = async (after: number) =>
    (await observed.follower.read(BigInt(after), allEvents)).events.map((event) => Number(event.position));
  expect(await read(4_990)).toEqual(upTo(5_000, 4_991));
  expect(await read(3_000)).toEqual(upTo(3_500, 3_001));
  expect(await read(5_000)).toEqual([]);
  expect(await read(9_000)).toEqual([]);
  expect(readCount).toBe(0);
  expect(await read(2_999)).toEqual(upTo(3_499, 3_000));
  expect(await read(0)).toEqual(upTo(500));
  expect(readCount).toBe(2);
});

test('follower: it reconnects after a cut, and delivers the events of the gap once', async () => {
  const core = await openCore();
  const { follower, failures } = await openFollower(core, { mayFail: true });
  const positions = watched(follower);
  for (let round = 1; round <= 3; round += 1) {
    await tell(core);
    await follower.catchUp();
    await cutListeners(core);
    await expect.poll(() => failures.length).toBe(round);
    expect(await countListeners(core)).toBe(0);
    await tell(core, 2);
    core.clock.advance(500);
    await expect.poll(() => countListeners(core)).toBe(1);
    await follower.waitForEventAfter(BigInt(round * 3 - 1), AbortSignal.timeout(10_000));
  }
  await tell(core);
  // It listens again: nothing but a notification can wake it, for the clock stands still.
  await follower.waitForEventAfter(9n, AbortSignal.timeout(10_000));
  expect(positions).toEqual(upTo(10));
});

test('follower: without notifications it polls the log each second', async () => {
  const core = await openCore();
  const { follower, failures } = await openFollower(core, { mayFail: true });
  await cutListeners(core);
  await expect.poll(() => failures.length).toBe(1);
  await core.prisma.$transaction(async (tx) => {
    // Nobody is notified of what is written past the gateway.
    await tx.$executeRaw`UPDATE "LogHead" SET position = 1`;
    await tx.$executeRaw`INSERT INTO "Event" (position, id, type, at, "recordedAt", "actorKind", data)
      VALUES (1, 'event_1', 'KEY_UPDATED', now(), now(), 'SYSTEM', '{}')`;
  });
  core.clock.advance(1_000);
  await follower.waitForEventAfter(0n, AbortSignal.timeout(10_000));
  expect(follower.head).toBe(1n);
});

test('follower: while the database is unavailable it lags and reports; afterwards nothing is missing and one connection listens', async () => {
  const database = await freshDatabase();
  const direct = await openCore({ database });
  const line = await openLine(database);
  const core = await openCore({ database: line.database, clock: direct.clock });
  const { follower, failures } = await openFollower(core, { mayFail: true });
  const positions = watched(follower);
  await tell(direct);
  await follower.catchUp();
  expect(follower.lagMs()).toBe(0);
  for (let round = 1; round <= 3; round += 1) {
    line.cut();
    await expect.poll(() => failures.length).toBeGreaterThan(0);
    await tell(direct, 2);
    for (let second = 0; second < 4; second += 1) {
      failures.length = 0;
      core.clock.advance(1_000);
      await expect.poll(() => failures.length).toBeGreaterThan(0);
    }
    expect(follower.lagMs()).toBeGreaterThanOrEqual(4_000);
    line.mend();
    await expect
      .poll(() => {
        core.clock.advance(500);
        return countListeners(direct);
      })
      .toBe(1);
    await follower.catchUp();
    expect(follower.lagMs()).toBe(0);
    failures.length = 0;
  }
  await tell(direct);
  await follower.waitForEventAfter(7n, AbortSignal.timeout(10_000));
  expect(positions).toEqual(upTo(8));
  expect(await countListeners(direct)).toBe(1);
});

test('follower: it detects a connection that drops all packets, and delivers the events of the gap once', async () => {
  const database = await freshDatabase();
  const direct = await openCore({ database });
  const line = await openLine(database);
  const store = openStore(line.database, { poolSize: 2, queryTimeoutMs: 300, log: silent });
  onTestFinished(() => store.close());
  const core = { ...direct, store, prisma: store.prisma };
  const { follower, failures } = await openFollower(core, { mayFail: true, readTimeoutMs: 100 });
  const positions = watched(follower);
  await Promise.all([1, 2].map(() => core.prisma.$queryRaw`SELECT 1`));
  await tell(direct);
  await follower.catchUp();
  line.swallow();
  await tell(direct, 2);
  await expect
    .poll(
      () => {
        core.clock.advance(1_000);
        return follower.head;
      },
      { timeout: 20_000 },
    )
    .toBe(3n);
  expect(positions).toEqual(upTo(3));
  expect(failures.length).toBeGreaterThan(0);
  // What ends its connections in good order waits for an answer.
  line.cut();
});

test('follower: a read that fails is reported once, however many notifications come during it', async () => {
  const core = await openCore();
  const { follower, failures } = await openFollower(core, { mayFail: true, readTimeoutMs: 1_000 });
  const blocker = core.store.openClient();
  await blocker.connect();
  onTestFinished(() => blocker.end());
  await blocker.query('BEGIN');
  await blocker.query('LOCK TABLE "Event" IN ACCESS EXCLUSIVE MODE');
  for (let sent = 0; sent < 20; sent += 1) await core.prisma.$queryRaw`SELECT pg_notify(${LOG_CHANNEL}, '')::text`;
  await expect.poll(() => failures.length, { timeout: 20_000 }).toBeGreaterThan(0);
  await blocker.query('ROLLBACK');
  await follower.catchUp();
  expect(failures).toMatchObject([{ message: expect.stringContaining('did not respond within 1000 ms') }]);
});

test('follower: it reconnects to a restarted PostgreSQL, and nothing is missing', async () => {
  const folder = dataFolder();
  const first = await startEmbedded({ folder, fsync: false, log: silent });
  await migrate(first.connectionString, { log: silent });
  const core = await openCore({ database: first.connectionString });
  const { follower } = await openFollower(core, { mayFail: true });
  const positions = watched(follower);
  await tell(core);
  await first.stop();
  const second = await startEmbedded({ folder, fsync: false, log: silent });
  expect(second.connectionString).toBe(first.connectionString);
  await tell(core, 2);
  await expect
    .poll(() => {
      core.clock.advance(500);
      return [follower.head, follower.lagMs() < 5_000];
    })
    .toEqual([3n, true]);
  expect(positions).toEqual(upTo(3));
  await follower.stop();
  await core.store.close();
  await second.stop();
});

test('follower: a restored, older log stops it, and the node is no longer ready', async () => {
  const core = await openCore();
  const { follower, failures } = await openFollower(core, { mayFail: true });
  await tell(core, 5);
  await follower.catchUp();
  const waiting = follower.waitForEventAfter(5n, new AbortController().signal);
  await core.prisma.event.deleteMany({ where: { position: { gt: 3 } } });
  await core.prisma.logHead.updateMany({ data: { position: 3 } });
  core.clock.advance(1_000);
  await waiting;
  expect(failures.map(String)).toEqual([
    'Error: The event log is behind what this node has read: the database was restored. Restart this node.',
  ]);
  expect([follower.isStopped, follower.lagMs()]).toEqual([true, Infinity]);
});

test('follower: events that were dropped before it read them stop it, instead of being skipped', async () => {
  const core = await openCore();
  const { follower, failures } = await openFollower(core, { mayFail: true });
  const positions = watched(follower);
  await core.prisma.$transaction(async (tx) => {
    await tx.$executeRaw`UPDATE "LogHead" SET position = 7`;
    await tx.$executeRaw`INSERT INTO "Event" (position, id, type, at, "recordedAt", "actorKind", data)
      VALUES (7, 'event_7', 'KEY_UPDATED', now(), now(), 'SYSTEM', '{}')`;
  });
  await follower.catchUp();
  expect(failures.map(String)).toEqual([
    'Error: The event log dropped events that this node had not read. Restart this node.',
  ]);
  expect([follower.isStopped, follower.lagMs(), positions]).toEqual([true, Infinity, []]);
});

test('follower: the lag counts from the start of a read, not from its end', async () => {
  const core = await openCore();
  let gate = Promise.resolve();
  const prisma = core.prisma.$extends({
    query: {
      event: {
        async findMany({ args, query }) {
          const page = await query(args);
          await gate;
          return page;
        },
      },
    },
  }) as unknown as OpenCore['prisma'];
  const { follower } = await openFollower({ ...core, prisma });
  const answered = Promise.withResolvers<void>();
  gate = answered.promise;
  const reading = follower.catchUp();
  await tick(core);
  core.clock.advance(900);
  answered.resolve();
  await reading;
  expect(follower.lagMs()).toBe(900);
});

test('follower: the lag grows while the clock stands still, because the database’s was set back', async () => {
  const core = await openCore();
  let elapsedMs = 0;
  const clock = { now: () => core.clock.now(), after: core.clock.after.bind(core.clock), monotonicMs: () => elapsedMs };
  const { follower } = await openFollower({ ...core, clock: clock as unknown as OpenCore['clock'] });
  elapsedMs = 7_000;
  expect(follower.lagMs()).toBe(7_000);
  await follower.catchUp();
  expect(follower.lagMs()).toBe(0);
});

test('follower: keys that changed without an event are passed on; those that it could not follow count as unknown', async () => {
  const core = await openCore();
  const quietly = () => change(core, async ({ noteQuietly }) => noteQuietly('key_a', 'key_b'));
  await quietly();
  const { follower } = await openFollower(core);
  const heard: (readonly string[] | null)[] = [];
  follower.watchQuietly((keyIds) => void heard.push(keyIds));
  await quietly();
  await follower.catchUp();
  expect(heard).toEqual([['key_a', 'key_b']]);
  await follower.stop();
  await quietly();
  await follower.start();
  expect(heard.slice(1)).toEqual([null]);
  await follower.stop();
  // A node that is so far behind that retention has removed what it had to read.
  await core.prisma.quietChange.delete({ where: { number: 1n } });
  const changes = new QuietChanges(core);
  changes.startAfter(0n);
  const read: (readonly string[] | null)[] = [];
  await changes.read((keyIds) => void read.push(keyIds));
  await quietly();
  await changes.read((keyIds) => void read.push(keyIds));
  expect(read).toEqual([null, ['key_a', 'key_b']]);
});

test('follower: stopping it during a reconnect leaves no connection open', async () => {
  const core = await openCore();
  const { follower, failures } = await openFollower(core, { mayFail: true });
  await cutListeners(core);
  await expect.poll(() => failures.length).toBe(1);
  core.clock.advance(500);
  await follower.stop();
  await tick(core);
  await expect.poll(() => countListeners(core)).toBe(0);
  core.clock.advance(60_000);
  await tick(core);
  // A connection that was being opened closes itself.
  await expect.poll(() => countListeners(core)).toBe(0);
  expect(failures).toHaveLength(1);
});

test('follower: waits resolve when it stops, and when their signal aborts', async () => {
  const core = await openCore();
  const { follower } = await openFollower(core);
  const left = new AbortController();
  const waiting = follower.waitForEventAfter(0n, left.signal);
  left.abort();
  await waiting;
  const others = [1, 2, 3].map(() => follower.waitForEventAfter(5n, new AbortController().signal));
  await follower.stop();
  await Promise.all(others);
  await follower.waitForEventAfter(0n, new AbortController().signal);
});

test('follower: a failing watcher does not affect the others', async () => {
  const core = await openCore();
  const { follower, failures } = await openFollower(core, { mayFail: true });
  const before = watched(follower);
  follower.watch(() => {
    throw new Error('a fault');
  });
  const after = watched(follower);
  await tell(core, 2);
  await follower.catchUp();
  expect([before, after]).toEqual([
    [1, 2],
    [1, 2],
  ]);
  expect(failures).toHaveLength(1);
});
