import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { previewPolicy } from '../../src/bindings/preview.ts';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { explainKey } from '../../src/keys/explain.ts';
import { explanationSelect } from '../../src/keys/explained-key.ts';
import { markNoticesDelivered } from '../../src/keys/mark-notices-delivered.ts';
import { openKeyWorld } from '../support/key-world.ts';
import { openMailWorld, type MailWorld } from '../support/mail-world.ts';

const isLong = Boolean(process.env['KEYTIDE_TEST_LONG']);

/** Lets that many days pass, in steps of a day or of as many as it says, with mail and reviews on the way. */
async function days(world: MailWorld, count: number, step = 1): Promise<void> {
  for (let day = 0; day < count; day += step) await world.mailAfter(Math.min(step, count - day) * DAY_MS);
}

const changes = async (world: MailWorld, keyId: string) =>
  (await world.events(keyId)).filter(
    ({ type, data }) => type === 'KEY_STOP_CHANGED' && (data as any).code !== undefined,
  );

test('undelivered: a BY_USE stop without a delivered notice is postponed once by the notice period, with an event', async () => {
  const world = await openMailWorld();
  const { keyId, secret } = await world.issue();
  world.server.isDown = true;
  await days(world, 394, 7);
  const before = await world.key(keyId);
  await days(world, 2);
  const movedAt = (await world.key(keyId)).movedOutAt!;
  const stopsAt = addMs(movedAt, 30 * DAY_MS);
  expect(await world.key(keyId)).toMatchObject({ stopsAt, stopsBasis: 'BY_USE', standing: 'WARNED' });
  expect(await changes(world, keyId)).toMatchObject([
    {
      actorKind: 'SYSTEM',
      reason: expect.stringContaining('None of the notices of this stop could be delivered'),
      data: { code: 'NOTICES_UNDELIVERED', from: before.stopsAt?.toISOString(), to: stopsAt.toISOString() },
    },
  ]);
  expect(await world.probe(secret)).toBe('VALID');
  const row = await world.prisma.key.findUniqueOrThrow({ where: { id: keyId }, select: explanationSelect });
  const { summary, movedOutAt, decidedBy } = explainKey(row, world.clock.now(), true);
  expect(summary).toContain('It was postponed once, because none of its notices could be delivered.');
  expect(movedOutAt).toEqual(movedAt);
  expect(decidedBy).toMatchObject({ code: 'NEVER_USED' });

  // What a review finds again, and what a preview of a change that changes nothing shows.
  await world.prisma.key.update({ where: { id: keyId }, data: { reviewAt: world.clock.now() } });
  await days(world, 3);
  expect(await world.key(keyId)).toMatchObject({ stopsAt });
  const { nearerCount, furtherCount } = await previewPolicy(world, world.admin, {
    realm: 'default',
    policy: 'unused-expires',
    mode: 'SHADOW',
  });
  expect([nearerCount, furtherCount]).toEqual([0, 0]);

  // Notice of the new stop is given and delivered, and then it comes; the end comes as long after it as ever.
  world.server.isDown = false;
  await days(world, 24);
  expect(world.recipients()).toEqual(Array(2).fill(await world.emailOf(world.owner.id)));
  await days(world, 4);
  expect(await world.probe(secret)).toBe('KEY_HELD');
  expect(await changes(world, keyId)).toHaveLength(1);
  await days(world, 31);
  expect(await world.probe(secret)).toBe('KEY_EXPIRED');
});

test('undelivered: a stop is postponed again only after another use', async () => {
  const world = await openMailWorld();
  const { keyId, secret } = await world.issue();
  world.server.isDown = true;
  await days(world, 396, 6);
  expect(await changes(world, keyId)).toHaveLength(1);
  await days(world, 12, 6);
  expect(await world.verify(secret)).toBe('VALID');
  await days(world, 396, 6);
  expect(await changes(world, keyId)).toHaveLength(2);
  expect(await world.probe(secret)).toBe('VALID');
  await days(world, 32);
  expect(await world.probe(secret)).toBe('KEY_HELD');
  expect(await changes(world, keyId)).toHaveLength(2);
});

test('undelivered: one delivered notice, by any channel, is enough', async () => {
  const world = await openMailWorld();
  const { keyId, secret } = await world.issue();
  world.server.isDown = true;
  await days(world, 366, 6);
  const [notice] = await world.prisma.notice.findMany({ where: { keyId } });
  await world.prisma.$transaction((tx) => markNoticesDelivered(tx, [notice!], world.clock.now()));
  await days(world, 31, 4);
  expect(await world.probe(secret)).toBe('KEY_HELD');
  expect(await changes(world, keyId)).toEqual([]);
});

test('undelivered: a stop for which no notice was given in time is postponed too, if a channel exists', async () => {
  const world = await openMailWorld();
  const { keyId, secret } = await world.issue();
  await world.mailAfter(1000 * DAY_MS);
  expect(await world.probe(secret)).toBe('VALID');
  const { movedOutAt } = await world.key(keyId);
  expect(await world.key(keyId)).toMatchObject({ stopsAt: addMs(movedOutAt!, 30 * DAY_MS) });
  expect(world.server.received).toHaveLength(1);
  await days(world, 31, 5);
  expect(await world.probe(secret)).toBe('KEY_HELD');
});

test('undelivered: without a channel beside the log nothing is owed, and the stop takes effect', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  for (let day = 0; day < 396; day += 6) await world.travel(6 * DAY_MS);
  expect(await world.probe(secret)).toBe('KEY_HELD');
  const notices = await world.prisma.notice.findMany({ where: { keyId } });
  expect(notices.length).toBeGreaterThan(0);
  expect(notices.every(({ isOwed }) => !isOwed)).toBe(true);
});

test('undelivered: a HARD stop is never postponed, and limits a postponed BY_USE stop', async () => {
  const world = await openMailWorld();
  world.server.isDown = true;
  const hard = await world.issue({ ask: { lifetimeMs: 60 * DAY_MS } });
  await days(world, 61, 10);
  expect(await world.probe(hard.secret)).toBe('KEY_EXPIRED');
  expect(await changes(world, hard.keyId)).toEqual([]);

  const both = await world.issue();
  const end = addMs(world.clock.now(), 405 * DAY_MS);
  await world.prisma.key.update({ where: { id: both.keyId }, data: { chosenExpiresAt: end } });
  await days(world, 396, 6);
  expect(await world.key(both.keyId)).toMatchObject({ stopsAt: end, stopsBasis: 'HARD' });
  await days(world, 10);
  expect(await world.probe(both.secret)).toBe('KEY_EXPIRED');
});

test(
  'undelivered: however the mail server fails, no BY_USE stop takes effect without a delivered notice or one postponement',
  { timeout: 280_000 },
  async () => {
    const step = fc.record({
      hours: fc.constantFrom(12, 36, 5 * 24, 20 * 24),
      isDown: fc.constantFrom(true, true, true, true, false),
      uses: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
    });
    const history = fc.record({
      startDown: fc.boolean(),
      steps: fc.array(step, { minLength: 20, maxLength: 30 }),
    });
    let heldCount = 0;
    let movedCount = 0;
    await fc.assert(
      fc.asyncProperty(history, async ({ startDown, steps }) => {
        const world = await openMailWorld();
        const keys = [await world.issue(), await world.issue()];
        world.server.isDown = startDown;
        await days(world, 360, 60);
        for (const { hours, isDown, uses } of steps) {
          world.server.isDown = isDown;
          await world.mailAfter(hours * HOUR_MS);
          if (uses) await world.verify(keys[0]!.secret);
        }
        for (const { keyId } of keys) {
          const events = await world.events(keyId);
          const held = events.find(({ type }) => type === 'KEY_HELD');
          const moves = await changes(world, keyId);
          movedCount += moves.length;
          const uses = events.filter(({ type }) => type === 'KEY_FIRST_USED').length;
          if (uses === 0) expect(moves.length).toBeLessThanOrEqual(1);
          if (held === undefined) continue;
          heldCount += 1;
          // The stop that came: half a minute before it was decided, at the least.
          const notices = await world.prisma.notice.findMany({
            where: { keyId, stopsAt: { lte: addMs(held.at, -30 * SECOND_MS) } },
            orderBy: { stopsAt: 'desc' },
          });
          const last = notices.filter(({ stopsAt }) => stopsAt.getTime() === notices[0]?.stopsAt.getTime());
          const wasTold = last.some(({ deliveredAt }) => deliveredAt !== null && deliveredAt <= held.at);
          const { activeAt } = await world.key(keyId);
          expect(wasTold || moves.some(({ at }) => at >= activeAt)).toBe(true);
        }
      }),
      { numRuns: isLong ? 60 : 8 },
    );
    expect(heldCount).toBeGreaterThan(0);
    expect(movedCount).toBeGreaterThan(0);
  },
);
