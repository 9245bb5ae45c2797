import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { brakeShare, activeCountForShare } from '../../src/domain/brake-share.ts';
import { decideVerdict } from '../../src/domain/decide-verdict.ts';
import { DAY_MS } from '../../src/domain/duration.ts';
import { shiftMoment, shiftOutOfFreezes, uniteFreezes, type Freeze } from '../../src/domain/freeze.ts';
import { applyNotice } from '../../src/domain/apply-notice.ts';
import { addMs } from '../../src/domain/key.ts';
import { decideStop } from '../../src/domain/life.ts';
import { boundsOf, meet } from '../../src/domain/meet.ts';
import { selects, type Selector } from '../../src/domain/selector.ts';
import type { Moment, AttributedReason, Stop, Verdict } from '../../src/domain/verdict.ts';

const now = new Date('2026-11-23T12:00:00.000Z');

/** Few values, so that ties are drawn often. */
const moment = fc.integer({ min: -3, max: 12 }).map((days) => addMs(now, days * DAY_MS));
const reason: fc.Arbitrary<AttributedReason> = fc.record({
  code: fc.constantFrom('A', 'B'),
  sentence: fc.constantFrom('One.', 'Two.'),
  by: fc.constantFrom('binding_1', 'binding_2', 'binding_3'),
});
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const at: fc.Arbitrary<Moment> = fc.record({ at: moment, reason });
const cap: fc.Arbitrary<Stop> = fc.record({ at: moment, reason, basis: fc.constantFrom('HARD', 'BY_USE') });
const length = fc.integer({ min: 0, max: 6 }).map((days) => days * DAY_MS);
const window = fc
  .tuple(moment, moment)
  .map(([a, b]) => (a < b ? { opensAt: a, closesAt: b } : { opensAt: b, closesAt: a }));
const verdict: fc.Arbitrary<Verdict> = fc.record({
  request: fc.record({ shortestMs: length, longestMs: length, defaultMs: maybe(length), reason }),
  cap: maybe(cap),
  renewal: fc
    .record({
      isAllowed: fc.boolean(),
      allowedAt: maybe(moment),
      mode: fc.constantFrom('EXTEND', 'ROTATE'),
      longestMs: maybe(length),
      window: maybe(window),
      graceExtensionMs: maybe(length),
      retiresWhenMoved: maybe(fc.boolean()),
      reason,
    })
    .map((one) => (one.isAllowed ? { ...one, allowedAt: null } : one)),
  warn: maybe(at),
  hold: maybe(at),
  expire: maybe(at),
});
const freezes: fc.Arbitrary<Freeze[]> = fc.array(
  fc.tuple(moment, length).map(([from, ms]) => ({ from, to: addMs(from, ms) })),
  { maxLength: 5 },
);
const many = { numRuns: 2_000 };

const stopOf = (one: Verdict) => decideStop(null, one).stopsAt?.getTime() ?? Infinity;

test('meet: it is commutative, associative and idempotent', () => {
  fc.assert(
    fc.property(verdict, verdict, verdict, (a, b, c) => {
      expect(meet(a, b)).toEqual(meet(b, a));
      expect(meet(meet(a, b), c)).toEqual(meet(a, meet(b, c)));
      expect(meet(a, a)).toEqual(a);
    }),
    many,
  );
});

test('meet: a further binding never lengthens a life, widens a request or eases a renewal', () => {
  fc.assert(
    fc.property(verdict, verdict, (a, b) => {
      const both = meet(a, b);
      expect(stopOf(both)).toBeLessThanOrEqual(stopOf(a));
      expect(both.request.longestMs).toBeLessThanOrEqual(a.request.longestMs);
      expect(both.request.shortestMs).toBeGreaterThanOrEqual(a.request.shortestMs);
      expect(!both.renewal.isAllowed || a.renewal.isAllowed).toBe(true);
      expect(both.renewal.mode === 'ROTATE' || a.renewal.mode === 'EXTEND').toBe(true);
      expect(both.renewal.longestMs ?? Infinity).toBeLessThanOrEqual(a.renewal.longestMs ?? Infinity);
    }),
    many,
  );
});

test('meet: every part comes from a verdict; the reason is that of the deciding one', () => {
  fc.assert(
    fc.property(verdict, verdict, (a, b) => {
      const both = meet(a, b);
      for (const name of ['cap', 'warn', 'hold', 'expire'] as const)
        expect([a[name], b[name]]).toContainEqual(both[name]);
      const { isAllowed, allowedAt, reason } = both.renewal;
      const said = [a.renewal, b.renewal].map((one) => [one.isAllowed, one.allowedAt, one.reason]);
      expect(said).toContainEqual([isAllowed, allowedAt, reason]);
      const modes = [a.renewal, b.renewal].map((one) => [one.mode, one.reason]);
      if (isAllowed) expect(modes).toContainEqual([both.renewal.mode, reason]);
    }),
    many,
  );
});

test('meet: the combined bounds are valid bounds', () => {
  fc.assert(
    fc.property(verdict, verdict, (a, b) => {
      const { shortestMs, longestMs, defaultMs } = boundsOf(meet(a, b));
      expect(shortestMs).toBeLessThanOrEqual(longestMs);
      if (defaultMs !== null) expect(defaultMs >= shortestMs && defaultMs <= longestMs).toBe(true);
    }),
    many,
  );
});

test('notice: a stop is no earlier than the promised one or the notice, whichever is first, and no later than the policy returned', () => {
  fc.assert(
    fc.property(verdict, maybe(moment), length, (said, stopsAt, noticeMs) => {
      const kept = applyNotice(said, { stopsAt, basis: 'HARD', isHeld: false, postponedMs: 0 }, noticeMs, now);
      const floor = Math.min(stopsAt?.getTime() ?? Infinity, now.getTime() + noticeMs);
      expect(stopOf(kept)).toBeGreaterThanOrEqual(Math.min(floor, stopOf(kept)));
      for (const name of ['cap', 'hold', 'expire'] as const) {
        const [before, after] = [said[name]?.at.getTime(), kept[name]?.at.getTime()];
        expect(after).toBe(before === undefined ? undefined : Math.max(before, floor));
      }
      // To keep it twice is to keep it once, and later only more is left of it.
      const stored = { stopsAt: decideStop(null, kept).stopsAt, basis: 'HARD' as const, isHeld: false, postponedMs: 0 };
      const later = addMs(now, DAY_MS);
      expect(stopOf(applyNotice(said, stored, noticeMs, later))).toBeLessThanOrEqual(
        Math.max(stopOf(kept), stopOf(said)),
      );
    }),
    many,
  );
});

test('freeze: united freezes do not touch, and contain the same moments', () => {
  fc.assert(
    fc.property(freezes, moment, (drawn, when) => {
      const united = uniteFreezes(drawn);
      united.slice(1).forEach(({ from }, index) => expect(united[index]!.to < from).toBe(true));
      const lies = (list: readonly Freeze[]) => list.some(({ from, to }) => from <= when && when < to);
      expect(lies(united)).toBe(lies(drawn));
      expect(uniteFreezes(united)).toEqual(united);
    }),
    many,
  );
});

test('freeze: a moment shifts to the end of its freeze if that is near enough, otherwise not at all', () => {
  fc.assert(
    fc.property(freezes, moment, length, (drawn, when, shiftMs) => {
      const united = uniteFreezes(drawn);
      const out = shiftMoment(when, united, shiftMs);
      const isFrozen = united.some(({ from, to }) => from <= when && when < to);
      if (!isFrozen) expect(out).toEqual(when);
      else if (out.getTime() !== when.getTime()) {
        expect(out.getTime() - when.getTime()).toBeLessThanOrEqual(shiftMs);
        expect(united.some(({ from, to }) => from <= out && out < to)).toBe(false);
      }
      expect(shiftMoment(out, united, shiftMs)).toEqual(out);
    }),
    many,
  );
});

test('decision: freezes postpone stops of policy, but not warnings or chosen expiries, and shorten nothing', () => {
  fc.assert(
    fc.property(
      fc.array(verdict, { minLength: 1, maxLength: 4 }),
      freezes,
      length,
      moment,
      (said, drawn, shiftMs, chosen) => {
        const ground = { bounds: said[0]!, freezes: uniteFreezes(drawn), longestShiftMs: shiftMs };
        const decided = decideVerdict(ground, said);
        const met = said.reduce(meet);
        expect(decided).toEqual(shiftOutOfFreezes(met, ground.freezes, shiftMs));
        expect(decided.warn).toEqual(met.warn);
        expect(stopOf(decided)).toBeGreaterThanOrEqual(stopOf(met));
        expect(decideStop(chosen, decided).stopsAt!.getTime()).toBeLessThanOrEqual(chosen.getTime());
      },
    ),
    many,
  );
});

test('selector: all given conditions must match, a missing one matches every key, and not inverts', () => {
  const key = {
    id: 'key_1',
    ownerId: 'account_1',
    createdAt: now,
    labels: [{ name: 'policy/tier', value: 'trial' }],
  };
  const holds: [Selector | null, boolean][] = [
    [null, true],
    [{}, true],
    [{ owners: ['account_1'] }, true],
    [{ owners: [] }, false],
    [{ owners: ['account_2'], keyIds: ['key_1'] }, false],
    [{ labels: [{ name: 'policy/tier', value: 'trial' }] }, true],
    [{ labels: [{ name: 'policy/tier', value: 'paid' }] }, false],
    [{ issuedBefore: now }, false],
    [{ issuedBefore: addMs(now, 1) }, true],
    [{ issuedAfter: now }, true],
    [{ issuedAfter: addMs(now, 1) }, false],
    [{ keyIds: ['key_1'], not: { owners: ['account_1'] } }, false],
    [{ not: { not: {} } }, true],
  ];
  for (const [selector, isChosen] of holds) {
    expect([selector, selects(selector, key)]).toEqual([selector, isChosen]);
    expect(selects({ not: selector ?? {} }, key)).toBe(!isChosen);
  }
});

test('brake: the share is 1 %, in a small realm 5 % up to 10 keys, and at least 1', () => {
  const shares = [0, 1, 19, 40, 199, 200, 1_000, 1_001, 5_000, 1_000_000].map((count) => [count, brakeShare(count)]);
  expect(shares).toEqual([
    [0, 1],
    [1, 1],
    [19, 1],
    [40, 2],
    [199, 9],
    [200, 10],
    [1_000, 10],
    [1_001, 10],
    [5_000, 50],
    [1_000_000, 10_000],
  ]);
  for (let share = 1; share <= 10_000; share += 1) {
    if (brakeShare(activeCountForShare(share)) < share)
      expect.fail(`of ${activeCountForShare(share)} keys it is less than ${share}`);
  }
});
