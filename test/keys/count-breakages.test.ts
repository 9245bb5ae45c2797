import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { newId } from '../../src/domain/id.ts';
import { addMs } from '../../src/domain/key.ts';
import { dayOf } from '../../src/domain/usage-day.ts';
import { countBreakages, findBrokenKeys, findBrokenOwners } from '../../src/keys/count-breakages.ts';
import { readKeyBreakages } from '../../src/keys/read-breakages.ts';
import { countStatements } from '../support/count-statements.ts';
import { openKeyWorld } from '../support/key-world.ts';
import { makeManyKeys } from '../support/many-keys.ts';

test('breakages are counted by owner, consumer, key and day, of chosen keys and from a moment on', async () => {
  const world = await openKeyWorld();
  const { prisma, realmId, owner, stranger, clock, random } = world;
  const start = clock.now();
  const ids = await makeManyKeys(world, realmId, [
    { accountId: owner.id },
    { accountId: owner.id },
    { accountId: stranger.id, labels: [{ name: 'team', value: 'b' }] },
  ]);
  const [one, two, three] = [ids[0]!, ids[1]!, ids[2]!];
  const rows = [
    { keyId: one, ownerId: owner.id, consumer: 'ci', at: start },
    { keyId: one, ownerId: owner.id, consumer: 'ci', at: addMs(start, DAY_MS) },
    { keyId: two, ownerId: owner.id, consumer: 'ci', at: addMs(start, DAY_MS + HOUR_MS) },
    { keyId: three, ownerId: stranger.id, consumer: 'ci', at: addMs(start, 2 * DAY_MS) },
    { keyId: three, ownerId: stranger.id, consumer: 'laptop', at: addMs(start, 2 * DAY_MS + 1) },
  ];
  await prisma.breakage.createMany({
    data: rows.map((row) => ({
      ...row,
      id: newId('breakage', row.at, random),
      day: dayOf(row.at.getTime()),
      realmId,
      outcome: 'KEY_EXPIRED',
      generation: 1,
      firstUsedAt: start,
      lastUsedAt: start,
    })),
  });
  const all = { realmId, since: start };
  const today = dayOf(start.getTime());
  const counts = { breakageCount: 5, ownerCount: 2, consumerCount: 3, keyCount: 3 };
  const days = [1, 2, 2].map((breakageCount, index) => ({ day: today + index, breakageCount }));
  expect(await countBreakages(prisma, all)).toEqual({ ...counts, days });
  expect(await countBreakages(prisma, { ...all, realmId: null })).toEqual({ ...counts, days });
  const none = { breakageCount: 0, ownerCount: 0, consumerCount: 0, keyCount: 0, days: [] };
  expect(await countBreakages(prisma, { ...all, realmId: 'another' })).toEqual(none);
  expect(await countBreakages(prisma, { ...all, since: addMs(start, 1), before: addMs(start, 2 * DAY_MS) })).toEqual({
    ...{ breakageCount: 2, ownerCount: 1, consumerCount: 1, keyCount: 2 },
    days: [{ day: today + 1, breakageCount: 2 }],
  });

  const keysOf = async (scope: Parameters<typeof findBrokenKeys>[1], limit = 10) =>
    (await findBrokenKeys(prisma, scope, limit)).map(({ keyId, at }) => [keyId, at.getTime() - start.getTime()]);
  expect(await keysOf(all)).toEqual([
    [one, 0],
    [two, DAY_MS + HOUR_MS],
    [three, 2 * DAY_MS],
  ]);
  expect(await keysOf(all, 1)).toEqual([[one, 0]]);
  const [first] = await findBrokenKeys(prisma, all, 1);
  expect((await findBrokenKeys(prisma, all, 10, first)).map(({ keyId }) => keyId)).toEqual([two, three]);
  expect(await keysOf({ ...all, keys: [two, three] })).toHaveLength(2);
  expect(await keysOf({ ...all, keys: [] })).toEqual([]);
  await prisma.breakage.updateMany({ where: { keyId: one, at: start }, data: { outcome: 'SECRET_RETIRED' } });
  expect(await keysOf({ ...all, keys: [one, two], outcomes: ['KEY_EXPIRED'] })).toEqual([
    [one, DAY_MS],
    [two, DAY_MS + HOUR_MS],
  ]);
  await prisma.breakage.updateMany({ where: { keyId: one }, data: { outcome: 'KEY_EXPIRED' } });
  const ofTeam = { labels: { some: { name: 'team', value: 'b' } } };
  expect(await keysOf({ ...all, keys: ofTeam })).toEqual([[three, 2 * DAY_MS]]);
  expect(await findBrokenOwners(prisma, all, 10)).toMatchObject([
    { ownerId: owner.id, keyId: one, consumer: 'ci', outcome: 'KEY_EXPIRED' },
    { ownerId: stranger.id, keyId: three },
  ]);
});

test('breakages of a realm of 100,000 keys are found by an index, at the cost of the breakages since that moment', async () => {
  const world = await openKeyWorld();
  const { prisma, realmId, owner, clock } = world;
  await prisma.$executeRaw`
    INSERT INTO "Key" (id, "realmId", "accountId", name, scopes, "createdAt", "grantedAt", "activeAt")
    SELECT 'key_' || n, ${realmId}, ${owner.id}, 'release', '[]', ${clock.now()}, ${clock.now()}, ${clock.now()}
    FROM generate_series(1, 100000) n`;
  // One in ten broke a consumer on a day of the last year; 270 of them since a week.
  await prisma.$executeRaw`
    INSERT INTO "Breakage" (id, "keyId", day, consumer, "realmId", "ownerId", outcome, generation, at, "firstUsedAt", "lastUsedAt")
    SELECT 'breakage_' || n, 'key_' || n * 10, 20000, 'ci', ${realmId}, ${owner.id}, 'KEY_EXPIRED', 1,
           ${clock.now()}::timestamptz - n * interval '37 minutes', ${clock.now()}, ${clock.now()}
    FROM generate_series(1, 10000) n`;
  await prisma.$executeRaw`ANALYZE "Breakage"`;
  const plans: string[] = [];
  const explaining = {
    $queryRaw: async (...args: Parameters<typeof prisma.$queryRaw>) => {
      const [parts, ...values] = args;
      const sql = parts as TemplateStringsArray;
      const explained = Object.assign([`EXPLAIN ${sql[0] ?? ''}`, ...sql.slice(1)], { raw: sql.raw });
      const rows = await prisma.$queryRaw<{ 'QUERY PLAN': string }[]>(explained as never, ...values);
      plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
      return prisma.$queryRaw(...args);
    },
  } as unknown as typeof prisma;
  const since = addMs(clock.now(), -7 * DAY_MS);
  const keys = await findBrokenKeys(explaining, { realmId, since }, 10_000);
  expect(keys).toHaveLength(272);
  expect(await findBrokenOwners(explaining, { realmId, since }, 10_000)).toHaveLength(1);
  expect(await countBreakages(explaining, { realmId, since })).toMatchObject({ breakageCount: 272, keyCount: 272 });
  expect(plans).toHaveLength(3);
  for (const plan of plans) {
    expect(plan).toContain('Breakage_realmId_at_idx');
    expect(plan).not.toContain('Seq Scan');
  }
});

test('breakages of a key are read up to a bound, the newest of each key, in one statement', async () => {
  const world = await openKeyWorld();
  const { prisma, realmId, owner, clock } = world;
  const start = clock.now();
  const [many, few] = (await makeManyKeys(world, realmId, [{ accountId: owner.id }, { accountId: owner.id }])) as [
    string,
    string,
  ];
  const row = (keyId: string, index: number) => ({
    id: `breakage_${keyId}_${index}`,
    keyId,
    realmId,
    ownerId: owner.id,
    consumer: `ci ${index}`,
    at: addMs(start, index),
    day: dayOf(start.getTime()),
    outcome: 'KEY_EXPIRED',
    generation: 1,
    firstUsedAt: start,
    lastUsedAt: start,
  });
  const data = [...Array.from({ length: 1_005 }, (_, index) => row(many, index)), row(few, 1), row(few, 0)];
  await prisma.breakage.createMany({ data });
  const day = dayOf(start.getTime());
  const read = (from: number) =>
    countStatements(() => readKeyBreakages(prisma, [many, few, 'key_without'], { from, to: from }));
  const { result, statements } = await read(day);
  expect(statements).toHaveLength(1);
  expect([...result.keys()].toSorted()).toEqual([many, few].toSorted());
  expect(result.get(few)?.map(({ consumer }) => consumer)).toEqual(['ci 1', 'ci 0']);
  expect(result.get(many)).toHaveLength(1_000);
  expect(result.get(many)?.at(0)).toMatchObject({ consumer: 'ci 1004', at: addMs(start, 1_004) });
  expect((await read(day + 1)).result.size).toBe(0);
});
