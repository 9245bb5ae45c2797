import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { unbindPolicy } from '../../src/bindings/unbind.ts';
import { updateBinding } from '../../src/bindings/update.ts';
import { brakeShare } from '../../src/domain/brake-share.ts';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { isFailure } from '../../src/domain/failure.ts';
import { rotateKey } from '../../src/keys/rotate.ts';
import type { KeyRow } from '../../src/keys/key-row.ts';
import { renewKey } from '../../src/keys/renew.ts';
import { assertProperty } from './assert-property.ts';
import { openBindingWorld, LIFE, type BindingWorld } from '../support/binding-world.ts';

const isLong = process.env['KEYTIDE_TEST_LONG'] !== undefined;
const KEYS = 12;

/**
 * A module that answers, throws, returns nonsense, loops, varies its verdicts or exhausts its memory, as configured.
 */
const MOODY = `import { definePolicy, z } from '#policy';

const moods = ['CALM', 'THROWS', 'NONSENSE', 'LOOPS', 'LIES', 'LEAKS'];
const kept = [];
let calls = 0;

export default definePolicy({
  name: 'moody',
  version: '1.0.0',
  title: 'Moody',
  summary: 'Answers as it likes.',
  config: z.strictObject({ mood: z.enum(moods).default('CALM') }),
  dormancy({ use }, { mood }) {
    if (mood === 'THROWS') throw new Error('not today');
    if (mood === 'LOOPS') for (;;);
    if (mood === 'LEAKS') for (;;) kept.push(new Array(1e6).fill(0.5));
    calls += mood === 'LIES' ? 1 : 0;
    const holdAt = mood === 'NONSENSE' ? Number.NaN : use.activeAt + (40 - (calls % 30)) * 86_400_000;
    return { warnAt: null, holdAt, expireAt: null, reason: { code: 'MOODY', sentence: 'It was in a mood.' } };
  },
});
`;

const days = (most: number) => fc.integer({ min: 1, max: most });
const proposal = fc.oneof(
  days(400).map((count) => ({ policy: 'life', config: { life: `P${count}D` } })),
  days(400).map((count) => ({ policy: 'active-never-expires', config: { idle: `P${count}D` } })),
  days(365).map((count) => ({ policy: 'bounded-lifetime', config: { capEveryKey: `P${count}D` } })),
  days(365).map((count) => ({ policy: 'unused-expires', config: { idle: `P${count}D` } })),
  fc
    .constantFrom('CALM', 'THROWS', 'NONSENSE', 'LOOPS', 'LIES', 'LEAKS')
    .map((mood) => ({ policy: 'moody', config: { mood } })),
);
const mode = fc.constantFrom('ENFORCED' as const, 'ENFORCED' as const, 'SHADOW' as const, 'PAUSED' as const);
const which = fc.nat(KEYS - 1);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('bind' as const), proposal, mode, announcedDays: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('update' as const), which, proposal, mode }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unbind' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('use' as const), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('renew' as const), which, lifeDays: days(365) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rotate' as const), which }) },
  { weight: 6, arbitrary: days(50).map((count) => ({ do: 'pass' as const, ms: count * DAY_MS })) },
  { weight: 2, arbitrary: days(30).map((count) => ({ do: 'pass' as const, ms: count * HOUR_MS })) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

test(
  'laws 2, 3, 4, 6, 9 and 11: whatever is bound, changed, lost or broken, no stop is shortened past its notice or comes early, no more than the brake’s share at once, renewals only lengthen, and unused keys end',
  { timeout: isLong ? 3_600_000 : 120_000 },
  async () => {
    const world = await openBindingWorld();
    await world.write('life', LIFE);
    await world.write('moody', MOODY);
    await assertProperty(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: isLong ? 40 : 14 }), (steps) =>
        runSteps(world, steps),
      ),
      { numRuns: isLong ? 300 : 8, minRuns: isLong ? 75 : 3, timeLimitMs: isLong ? 3_000_000 : 60_000 },
    );
    expect(world.failures).toEqual([]);
  },
);

/** Runs one history, in a realm with the default bindings only. */
async function runSteps(world: BindingWorld, steps: readonly Step[]): Promise<void> {
  await resetWorld(world);
  const keys = [];
  for (let index = 0; index < KEYS; index += 1) {
    keys.push(await world.issue(index % 3 === 0 ? { ask: { lifetimeMs: 200 * DAY_MS } } : {}));
    world.clock.advance(HOUR_MS);
  }
  await world.reviewer.reviewDue();
  for (const one of steps) {
    const before = await observe(world);
    const byPerson = await takeStep(world, one, keys);
    await world.reviewer.reviewDue();
    await checkLaws(world, before, byPerson);
  }
  await endUnused(world);
}

/** Checks that unused keys, also never used ones, end after their notices by the default bindings. */
async function endUnused(world: BindingWorld): Promise<void> {
  for (let passed = 0; passed < 11; passed += 1) {
    world.clock.advance(50 * DAY_MS);
    await world.reviewer.reviewDue();
  }
  expect(await world.prisma.key.count({ where: { revokedAt: null, expiredAt: null } })).toBe(0);
}

/** Ends the keys and bindings of an earlier history. */
async function resetWorld({ prisma, clock }: BindingWorld): Promise<void> {
  const now = clock.now();
  await prisma.waitingStop.deleteMany();
  await prisma.nearing.deleteMany();
  await prisma.key.updateMany({ where: { revokedAt: null }, data: { revokedAt: now, reviewAt: null } });
  const fresh = await prisma.binding.findMany({ orderBy: { id: 'asc' }, take: 3, select: { id: true } });
  await prisma.binding.updateMany({
    where: { id: { notIn: fresh.map(({ id }) => id) } },
    data: { unboundAt: now, sweepCursor: null },
  });
}

async function observe({ prisma, clock }: BindingWorld) {
  const keys = await prisma.key.findMany({ where: { revokedAt: null }, include: { holds: true } });
  return { at: clock.now(), keys: new Map(keys.map((key) => [key.id, key])) };
}

type Observed = Awaited<ReturnType<typeof observe>>;

/** Takes a step. Returns the key that a person's act or its own use touched, or null. */
async function takeStep(
  world: BindingWorld,
  one: Step,
  keys: readonly { keyId: string; secret: string }[],
): Promise<string | null> {
  const bindings = () => world.prisma.binding.findMany({ where: { unboundAt: null }, orderBy: { id: 'asc' }, skip: 3 });
  switch (one.do) {
    case 'bind': {
      const effectiveAt =
        one.announcedDays < 10 ? null : new Date(world.clock.now().getTime() + one.announcedDays * DAY_MS);
      await world.bind({ ...one.proposal, mode: one.mode, effectiveAt });
      return null;
    }
    case 'update': {
      const open = await bindings();
      const binding = open[one.which % Math.max(1, open.length)];
      if (binding === undefined || binding.policy !== one.proposal.policy) return null;
      await updateBinding(world, world.admin, { bindingId: binding.id, config: one.proposal.config, mode: one.mode });
      return null;
    }
    case 'unbind': {
      const open = await bindings();
      const binding = open[one.which % Math.max(1, open.length)];
      if (binding !== undefined) await unbindPolicy(world, world.admin, { bindingId: binding.id });
      return null;
    }
    case 'lose':
      await world.remove('life');
      await world.prisma.key.updateMany({
        where: { revokedAt: null, expiredAt: null },
        data: { reviewAt: world.clock.now() },
      });
      await world.reviewer.reviewDue();
      await world.write('life', LIFE);
      return null;
    case 'use': {
      const key = keys[one.which]!;
      await world.verify(key.secret);
      return key.keyId;
    }
    case 'renew': {
      const { keyId } = keys[one.which]!;
      const ask = { lifetimeMs: one.lifeDays * DAY_MS };
      const was = await world.key(keyId);
      const renewed = await renewKey(world, world.owner, { keyId, ask, accept: ['EXTEND', 'ROTATE'] });
      const is = await world.key(keyId);
      expect(isSooner(is.stopsAt, was.stopsAt)).toBe(false);
      expect(was.chosenExpiresAt === null || is.chosenExpiresAt !== null).toBe(true);
      return isFailure(renewed) ? null : keyId;
    }
    case 'rotate': {
      const { keyId } = keys[one.which]!;
      const life = ({ stopsAt, stopsBasis, expiresAt, chosenExpiresAt, activeAt }: KeyRow) => [
        stopsAt,
        stopsBasis,
        expiresAt,
        chosenExpiresAt,
        activeAt,
      ];
      const was = await world.key(keyId);
      await rotateKey(world, world.owner, { keyId });
      expect(life(await world.key(keyId))).toEqual(life(was));
      return null;
    }
    case 'pass':
      world.clock.advance(one.ms);
      return null;
  }
}

/** Null is never. */
function isSooner(one: Date | null, other: Date | null): boolean {
  return one !== null && (other === null || one < other);
}

async function checkLaws(world: BindingWorld, before: Observed, byPerson: string | null): Promise<void> {
  const after = await observe(world);
  const time = (at: Date | null) => at?.getTime() ?? Infinity;
  const noticeMs = 30 * DAY_MS;
  for (const [id, key] of after.keys) {
    const was = before.keys.get(id);
    if (was === undefined || was.expiredAt !== null) continue;
    // Never early: a key ends, or is held, no earlier than its recorded stop.
    const isHeld = key.holds.some(({ source }) => source === 'POLICY');
    if (key.expiredAt !== null && was.holds.length === 0)
      expect(time(key.expiredAt)).toBeGreaterThanOrEqual(time(was.stopsAt));
    if (isHeld && was.holds.length === 0) expect(after.at.getTime()).toBeGreaterThanOrEqual(time(was.stopsAt));
    // A person's renewal and a key's own use shorten no stop to less than the notice period.
    if (id === byPerson && key.expiredAt === null)
      expect(time(key.stopsAt)).toBeGreaterThanOrEqual(Math.min(time(was.stopsAt), before.at.getTime() + noticeMs));
    // No surprise: a shortened stop is at least the notice period ahead of when it was written.
    if (id === byPerson || key.expiredAt !== null || time(key.stopsAt) >= time(was.stopsAt)) continue;
    expect(time(key.stopsAt)).toBeGreaterThanOrEqual(Math.min(time(was.stopsAt), before.at.getTime() + noticeMs));
  }
  // The brake: no change was confirmed with a preview token.
  const events = await world.prisma.event.findMany({
    where: { type: 'KEY_STOP_CHANGED', recordedAt: { gt: new Date(after.at.getTime() - HOUR_MS) } },
  });
  const shortened = events.filter(({ data }) => {
    const { from, to } = data as { from: string | null; to: string | null };
    return time(to === null ? null : new Date(to)) < time(from === null ? null : new Date(from));
  });
  expect(shortened.length).toBeLessThanOrEqual(brakeShare(KEYS));
}
