import { expect, test } from 'vitest';
import { daysOfBits, USE_DAYS_MAX } from '../../src/domain/day-bits.ts';
import { DAY_MS } from '../../src/domain/duration.ts';
import { readConsumerDays } from '../../src/keys/consumer-days.ts';
import { dayOf } from '../../src/domain/usage-day.ts';
import { openKeyWorld, type KeyWorld } from '../support/key-world.ts';
import { seededDraw } from '../support/seeded-random.ts';

const always = { from: 0, to: 100_000 };

/** Records use of a secret on a day, counted from the world's first day, and writes it. */
async function use(world: KeyWorld, secretId: string, keyId: string, consumer: string, day: number): Promise<void> {
  world.uses.record({ id: keyId, secretId }, consumer, new Date((startOf(world) + day) * DAY_MS + 1_000));
  await world.uses.flush();
}

const starts = new WeakMap<KeyWorld, number>();

function startOf(world: KeyWorld): number {
  if (!starts.has(world)) starts.set(world, dayOf(world.clock.now().getTime()));
  return starts.get(world) ?? 0;
}

async function open() {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  const { secretId } = await world.callerOf(secret);
  const read = async (period = always) => (await readConsumerDays(world.prisma, [keyId], period)).get(keyId) ?? [];
  const daysOf = async (consumer: string, period?: typeof always) =>
    (await read(period)).find((found) => found.consumer === consumer)?.days.map((day) => day - startOf(world));
  return { world, keyId, secretId, read, daysOf };
}

test('days of a consumer: uses in any order give the last 400 days of each consumer', async () => {
  const { world, keyId, secretId, daysOf } = await open();
  const draw = seededDraw(44);
  const given = new Map<string, Set<number>>([
    ['ci', new Set()],
    ['', new Set()],
    ['(others)', new Set()],
  ]);
  let latest = 500;
  for (let step = 0; step < 120; step += 1) {
    const consumer = draw.pick([...given.keys()]);
    const day = draw.below(3) === 0 ? latest - draw.below(450) : latest;
    await use(world, secretId, keyId, consumer, day);
    given.get(consumer)?.add(day);
    latest += draw.pick([0, 0, 1, 1, 2, 7, 30, draw.below(60)]);
  }
  await use(world, secretId, keyId, 'rare', 500);
  await use(world, secretId, keyId, 'rare', 900);
  given.set('rare', new Set([900]));
  let dropped = 0;
  for (const [consumer, days] of given) {
    const last = Math.max(...days);
    const within = [...days].filter((day) => day > last - USE_DAYS_MAX);
    dropped += days.size - within.length;
    const found = (await daysOf(consumer)) ?? [];
    // The very first use of a row stays known by its own column, however long ago.
    const expected = new Set([...within, Math.min(...days, ...(consumer === 'rare' ? [500] : []))]);
    expect(found, consumer).toEqual([...expected].toSorted((a, b) => a - b));
  }
  expect(dropped).toBeGreaterThan(5);
  expect(
    (await world.prisma.use.findMany()).map(({ days }) => days?.length ?? 0).every((length) => length <= 400),
  ).toBe(true);
});

test('days of a consumer: the secrets of a key are read together, with the generation that last succeeded', async () => {
  const { world, keyId, secretId, read, daysOf } = await open();
  const older = await world.prisma.secret.findUniqueOrThrow({ where: { id: secretId } });
  const newer = { ...older, id: `${secretId.slice(0, -1)}z`, generation: 2, digest: new Uint8Array(32) };
  await world.prisma.secret.update({ where: { id: secretId }, data: { retiresAt: world.clock.now() } });
  await world.prisma.secret.create({ data: newer });
  await use(world, secretId, keyId, 'ci', 0);
  await use(world, newer.id, keyId, 'ci', 3);
  await use(world, secretId, keyId, 'ci', 1);
  await use(world, secretId, keyId, 'laptop', 2);
  expect((await read()).map(({ consumer, generation }) => [consumer, generation])).toEqual([
    ['ci', 2],
    ['laptop', 1],
  ]);
  expect(await daysOf('ci')).toEqual([0, 1, 3]);
  const start = startOf(world);
  expect(await daysOf('ci', { from: start + 1, to: start + 2 })).toEqual([1]);
  expect(await daysOf('laptop', { from: start + 3, to: start + 9 })).toBeUndefined();
});

test('days of a consumer: a row that a release without days wrote keeps the days of its first and last use', async () => {
  const { world, keyId, secretId, daysOf } = await open();
  await use(world, secretId, keyId, 'ci', 0);
  await use(world, secretId, keyId, 'ci', 5);
  await world.prisma.use.updateMany({ data: { days: null, lastDay: null } });
  expect(await daysOf('ci')).toEqual([0, 5]);
  await use(world, secretId, keyId, 'ci', 5);
  await use(world, secretId, keyId, 'ci', 8);
  await use(world, secretId, keyId, 'ci', 7);
  expect(await daysOf('ci')).toEqual([0, 5, 7, 8]);
});

test('days of a text of bits: the first bit is the last day, and only days of the period are listed', () => {
  expect(daysOfBits(100, '1', always)).toEqual([100]);
  expect(daysOfBits(100, '10011', always)).toEqual([100, 97, 96]);
  expect(daysOfBits(100, '10011', { from: 97, to: 99 })).toEqual([97]);
  expect(daysOfBits(100, '10011', { from: 101, to: 200 })).toEqual([]);
  expect(daysOfBits(100, '10011', { from: 0, to: 50 })).toEqual([]);
});
