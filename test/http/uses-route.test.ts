import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { readKeyUsage } from '../../src/keys/read-usage.ts';
import { openGateway } from '../support/gateway.ts';
import { issue, mutate } from '../support/issue.ts';
import { ROTATE_KEY } from '../support/operations.ts';

const scopes = [{ action: 'keytide:follow', resource: '**' }];

async function openReportedGateway() {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const follower = await issue(gateway, admin, { name: 'the API', scopes });
  const post = async (body: unknown, credential = follower.secret) => {
    const response = await fetch(`${gateway.url}/uses`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${credential}` },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, any> };
  };
  return { gateway, admin, follower, post };
}

function itemOf(keyId: string, first: number, more: object = {}) {
  const day = new Date(first).toISOString().slice(0, 10);
  return { keyId, generation: 1, consumer: 'ci', day, first, last: first, count: 1, outcome: 'VALID', ...more };
}

test('POST /uses: a report counts once by its watermark, also by a repeat and by another process', async () => {
  const { gateway, admin, post } = await openReportedGateway();
  const { id } = await issue(gateway, admin);
  gateway.clock.advance(2 * DAY_MS - (gateway.clock.now().getTime() % DAY_MS) + 60_000);
  const now = gateway.clock.now().getTime();
  // On two days, and one item of a part of the report.
  const part = {
    watermark: now - 30_000,
    more: true,
    items: [itemOf(id, now - 90_000, { last: now - 70_000, count: 5 })],
  };
  const rest = { watermark: now, items: [itemOf(id, now - 50_000, { last: now - 1, count: 7, consumer: null })] };
  const report = { watermark: now, isRepeat: false, accepted: 1, refused: [] };
  expect((await post(part)).body).toEqual({ ...report, watermark: now - 30_000 });
  expect((await post(part)).body).toEqual({ ...report, watermark: now - 30_000, isRepeat: true, accepted: 0 });
  expect((await post(rest)).body).toEqual(report);
  expect((await post(part)).body).toEqual({ ...report, isRepeat: true, accepted: 0 });
  expect((await post({ ...rest, reporter: 'another process' })).body).toEqual(report);
  const uses = await gateway.prisma.use.findMany({ where: { secret: { keyId: id } }, orderBy: { consumer: 'asc' } });
  expect(uses).toMatchObject([
    { consumer: '', useCount: 14n, firstUsedAt: new Date(now - 50_000), lastUsedAt: new Date(now - 1) },
    { consumer: 'ci', useCount: 5n, firstUsedAt: new Date(now - 90_000), lastUsedAt: new Date(now - 70_000) },
  ]);
  const key = await gateway.prisma.key.findUniqueOrThrow({ where: { id } });
  expect(key.lastUsedAt).toEqual(new Date(now - 1));
  const dayOfNow = Math.floor(now / DAY_MS);
  const usage = await readKeyUsage(gateway.prisma, [id], { from: dayOfNow - 1, to: dayOfNow });
  expect(usage.get(id)?.days.map(({ day, count }) => [day - dayOfNow, count])).toEqual([
    [-1, 5],
    [0, 14],
  ]);
  const events = await gateway.prisma.event.findMany({ where: { keyId: id, type: 'KEY_FIRST_USED' } });
  expect(events).toMatchObject([{ at: new Date(now - 90_000), data: { generation: 1, consumer: 'ci' } }]);
});

test('POST /uses: what was not valid then, lies outside of the reported time or belongs to others does not count', async () => {
  const { gateway, admin, follower, post } = await openReportedGateway();
  const start = gateway.clock.now().getTime();
  const [good, held, revoked, rotated, expired] = await Promise.all(
    [{}, {}, {}, {}, { lifetime: 'P1D' }].map((input) => issue(gateway, admin, input)),
  );
  gateway.clock.advance(1_000);
  await mutate(gateway, admin, 'holdKey', { keyId: held!.id, reason: 'test' });
  await mutate(gateway, admin, 'revokeKey', { keyId: revoked!.id, reason: 'test' });
  await gateway.ask(ROTATE_KEY, { input: { keyId: rotated!.id, gracePeriod: 'PT0S' } }, admin);
  const ended = [held!, revoked!, rotated!];
  gateway.clock.advance(1_000);
  const codesOf = (body: Record<string, any>) => body['refused'].map(({ index, code }: any) => [index, code]);
  const first = await post({
    watermark: start + 2_000,
    items: [
      ...ended.map(({ id }) => itemOf(id, start + 1_000)),
      ...ended.map(({ id }) => itemOf(id, start + 999)),
      ...ended.map(({ id }) => itemOf(id, start + 999, { last: start + 1_000 })),
      itemOf(rotated!.id, start + 999, { generation: 2 }),
      itemOf(good!.id, start - 1),
    ],
  });
  expect([first.body['accepted'], codesOf(first.body)]).toEqual([
    6,
    [0, 1, 2, 9, 10].map((index) => [index, 'NOT_VALID_THEN']),
  ]);
  // What began before the end counts, and its time after the end does not.
  const lastUses = await gateway.prisma.use.findMany({
    where: { secret: { keyId: { in: ended.map(({ id }) => id) } } },
  });
  expect(lastUses.map(({ lastUsedAt, useCount }) => [lastUsedAt?.getTime(), useCount])).toEqual(
    ended.map(() => [start + 999, 2n]),
  );
  await gateway.travel(DAY_MS);
  const now = gateway.clock.now().getTime();
  const second = await post({
    watermark: now,
    items: [
      itemOf(good!.id, start + 1_999),
      itemOf(good!.id, now, { last: now + 3_000 }),
      itemOf('key_00000000000000000000000000', now),
      itemOf(good!.id, now, { generation: 9 }),
      itemOf(follower.id, now),
      itemOf(expired!.id, start + DAY_MS),
      itemOf(expired!.id, start + DAY_MS, { outcome: 'KEY_EXPIRED', count: 4 }),
      itemOf(good!.id, start + 2_000),
    ],
  });
  expect([second.body['accepted'], codesOf(second.body)]).toEqual([
    2,
    [
      [0, 'BEFORE_WATERMARK'],
      [1, 'AFTER_NOW'],
      [2, 'KEY_UNKNOWN'],
      [3, 'KEY_UNKNOWN'],
      [4, 'OWN_KEY'],
      [5, 'NOT_VALID_THEN'],
    ],
  ]);
  expect(await gateway.prisma.refusal.findMany()).toMatchObject([
    { keyId: expired!.id, outcome: 'KEY_EXPIRED', count: 4n },
  ]);
});

test.each(['VALID', 'KEY_REVOKED'])(
  'POST /uses: counts of %s are written from the earliest day on, so that the reports of two nodes cannot deadlock',
  async (outcome) => {
    const { gateway, admin, follower, post } = await openReportedGateway();
    const { prisma, clock } = gateway;
    const { id } = await issue(gateway, admin);
    clock.advance(2 * DAY_MS - (clock.now().getTime() % DAY_MS) - 120_000);
    // A report of the time before, so that the next one may go back over midnight.
    expect((await post({ watermark: clock.now().getTime(), items: [] })).status).toBe(200);
    clock.advance(60_000);
    const revokedAt = outcome === 'KEY_REVOKED' ? clock.now() : null;
    await prisma.key.update({ where: { id }, data: { revokedAt } });
    clock.advance(120_000);
    const now = clock.now().getTime();
    const today = Math.floor(now / DAY_MS);
    const { realmId } = await prisma.key.findUniqueOrThrow({ where: { id: follower.id } });
    const rows = [today - 1, today].map((day) => ({ realmId, day, outcome, count: 1n }));
    await prisma.realmUsage.createMany({ data: rows, skipDuplicates: true });
    const lockDay = (tx: Pick<typeof prisma, '$queryRaw'>, day: number) => tx.$queryRaw<unknown[]>`
      SELECT 1 FROM "RealmUsage" WHERE "realmId" = ${realmId} AND day = ${day}::int AND outcome = ${outcome}
      FOR UPDATE SKIP LOCKED`;
    const items = [itemOf(id, now - 30_000, { outcome }), itemOf(id, now - 90_000, { outcome })];
    const report = await prisma.$transaction(async (tx) => {
      expect(await lockDay(tx, today)).toHaveLength(1);
      const sent = post({ watermark: now, items });
      // The report names today first. It writes yesterday, and then waits for today.
      await expect.poll(() => lockDay(prisma, today - 1)).toEqual([]);
      return { sent };
    });
    expect((await report.sent).body).toMatchObject({ accepted: 2, refused: [] });
  },
);

test('POST /uses: it needs keytide:follow, and refuses what is malformed without counting any of it', async () => {
  const { gateway, admin, post } = await openReportedGateway();
  const { id, secret } = await issue(gateway, admin);
  const now = gateway.clock.now().getTime();
  const good = { watermark: now, items: [itemOf(id, now)] };
  expect((await post(good, secret)).status).toBe(403);
  expect((await post(good, admin)).status).toBe(403);
  expect((await post(good, 'kt_x')).status).toBe(401);
  for (const bad of [
    'no JSON',
    '[]',
    {},
    { ...good, watermark: now + 3_000 },
    { ...good, watermark: 1.5 },
    { ...good, other: 1 },
    { ...good, more: 'yes' },
    { ...good, reporter: 'x'.repeat(101) },
    { ...good, items: Array.from({ length: 1_001 }, () => itemOf(id, now)) },
    ...[
      { day: '2020-01-01' },
      { day: 'today' },
      { last: now - 1 },
      { count: 0 },
      { count: -1 },
      { count: 1e10 },
      { generation: 0 },
      { outcome: 'KEY_UNKNOWN' },
      { outcome: 'FINE' },
      { consumer: 'x'.repeat(201) },
      { consumer: '\u0000' },
      { keyId: null },
      { secret: 'kt_x' },
    ].map((change) => ({ ...good, items: [itemOf(id, now), itemOf(id, now, change)] })),
  ]) {
    expect([bad, (await post(bad)).status]).toEqual([bad, 400]);
  }
  expect(await gateway.prisma.use.count({ where: { secret: { keyId: id } } })).toBe(0);
  expect((await post(good)).body).toMatchObject({ accepted: 1, isRepeat: false });
});
