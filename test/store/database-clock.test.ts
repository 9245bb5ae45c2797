import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { startDatabaseClock } from '../../src/store/database-clock.ts';
import { openStore } from '../../src/store/prisma.ts';
import { freshDatabase } from '../support/database.ts';
import { silent } from '../support/embedded-process.ts';

const NOON = Date.parse('2026-11-23T12:00:00.000Z');
const HOUR_MS = 3_600_000;

/** A clock over a monotonic clock and a database that the test moves by hand. */
async function startByHand() {
  const world = { monotonicAt: 5_000, databaseAt: NOON, answerMs: 0, isDown: false, warnings: [] as string[] };
  const pass = (ms: number) => {
    world.monotonicAt += ms;
    world.databaseAt += ms;
  };
  const clock = await startDatabaseClock({
    async readDatabaseTime() {
      if (world.isDown) throw new Error('connection refused');
      pass(world.answerMs / 2);
      const { databaseAt } = world;
      pass(world.answerMs / 2);
      return databaseAt;
    },
    monotonic: () => world.monotonicAt,
    log: { info() {}, warn: (message) => void world.warnings.push(message) },
  });
  onTestFinished(() => clock.stop());
  return { clock, world, pass };
}

/** A clock whose timers the test moves by hand. */
async function startOnFakeTimers() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  let readCount = 0;
  const readDatabaseTime = async () => {
    readCount += 1;
    return NOON + performance.now();
  };
  const clock = await startDatabaseClock({ readDatabaseTime, log: silent });
  return { clock, count: () => readCount };
}

test("database clock: it shows the database's time, and goes on evenly between measurements", async () => {
  const { clock, pass } = await startByHand();
  expect(clock.now()).toEqual(new Date(NOON));
  pass(9_999);
  expect(clock.now()).toEqual(new Date(NOON + 9_999));
  expect(clock.uncertaintyMs()).toBeCloseTo(10, 1);
  expect(clock.isTrusted()).toBe(true);
});

test("database clock: the node's own wall clock does not matter", async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const { clock } = await startByHand();
  for (const offMs of [HOUR_MS, -HOUR_MS, 100 * 365 * 24 * HOUR_MS]) {
    vi.setSystemTime(NOON + offMs);
    expect(clock.now()).toEqual(new Date(NOON));
  }
});

test('database clock: when the database jumps ahead, it follows at the next measurement', async () => {
  const { clock, world } = await startByHand();
  world.databaseAt += HOUR_MS;
  await clock.measure();
  expect(clock.now()).toEqual(new Date(NOON + HOUR_MS));
  expect(world.warnings).toEqual([`database clock jumped by ${HOUR_MS} ms`]);
});

test('database clock: when the database jumps back, it stands still, and is not trusted until the database catches up', async () => {
  const { clock, world, pass } = await startByHand();
  expect(clock.now()).toEqual(new Date(NOON));
  world.databaseAt -= 60_000;
  await clock.measure();
  expect(clock.now()).toEqual(new Date(NOON));
  expect(clock.uncertaintyMs()).toBeCloseTo(60_000);
  expect(clock.isTrusted()).toBe(false);
  expect(world.warnings).toEqual(['database clock jumped by -60000 ms', 'database clock uncertain by 60000 ms']);
  pass(59_000);
  await clock.measure();
  expect(clock.now()).toEqual(new Date(NOON));
  expect(clock.isTrusted()).toBe(true);
  pass(1_500);
  expect(clock.now()).toEqual(new Date(NOON + 500));
});

test('database clock: one slow response does no harm, and only slow responses cause a warning', async () => {
  const { clock, world, pass } = await startByHand();
  world.answerMs = 8_000;
  await clock.measure();
  expect(clock.uncertaintyMs()).toBeCloseTo(8);
  expect(clock.now()).toEqual(new Date(NOON + 8_000));
  pass(3_000_000);
  await clock.measure();
  expect(clock.uncertaintyMs()).toBeCloseTo(3_016);
  expect(world.warnings).toEqual(['database clock uncertain by 3016 ms']);
});

test('database clock: while the database is unavailable uncertainty grows, and is logged once', async () => {
  const { clock, world, pass } = await startByHand();
  world.isDown = true;
  pass(3_000_000);
  await clock.measure();
  await clock.measure();
  expect(clock.now()).toEqual(new Date(NOON + 3_000_000));
  expect(world.warnings.filter((message) => message.startsWith('database clock uncertain'))).toHaveLength(1);
  expect(world.warnings[0]).toBe('database clock read failed: connection refused');
  pass(28_000_000);
  expect(clock.isTrusted()).toBe(false);
  world.isDown = false;
  await clock.measure();
  expect(clock.isTrusted()).toBe(true);
});

test('database clock: it does not start without a response', async () => {
  const refused = startDatabaseClock({ readDatabaseTime: () => Promise.reject(new Error('refused')), log: silent });
  await expect(refused).rejects.toThrow('refused');
});

test('database clock: it reads a real database', async () => {
  const store = openStore(await freshDatabase(), { poolSize: 2, log: silent });
  onTestFinished(() => store.close());
  const clock = await startDatabaseClock({ readDatabaseTime: () => store.readDatabaseTime(), log: silent });
  onTestFinished(() => clock.stop());
  const before = await store.readDatabaseTime();
  const shown = clock.now().getTime();
  const after = await store.readDatabaseTime();
  expect(shown).toBeGreaterThanOrEqual(before - clock.uncertaintyMs() - 1);
  expect(shown).toBeLessThanOrEqual(after + clock.uncertaintyMs());
});

describe('database clock, with timers of its own', () => {
  afterEach(() => void vi.useRealTimers());

  test('measures every 10 s until it is stopped', async () => {
    const { clock, count } = await startOnFakeTimers();
    const atStart = count();
    await vi.advanceTimersByTimeAsync(9_999);
    expect(count()).toBe(atStart);
    await vi.advanceTimersByTimeAsync(20_001);
    expect(count()).toBe(atStart + 3);
    clock.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(count()).toBe(atStart + 3);
  });

  test('runs what was scheduled when its time has passed, though that be months, and not what was cancelled', async () => {
    const { clock } = await startOnFakeTimers();
    clock.stop();
    const ran: string[] = [];
    const dayMs = 24 * HOUR_MS;
    clock.after(90 * dayMs, () => ran.push('late'));
    clock.after(5, () => ran.push('soon'));
    const cancel = clock.after(10, () => ran.push('never'));
    cancel();
    cancel();
    await vi.advanceTimersByTimeAsync(4);
    expect(ran).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(ran).toEqual(['soon']);
    await vi.advanceTimersByTimeAsync(90 * dayMs - 6);
    expect(ran).toEqual(['soon']);
    await vi.advanceTimersByTimeAsync(1);
    expect(ran).toEqual(['soon', 'late']);
  });
});
