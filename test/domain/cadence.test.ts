import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { findCadence, findRhythmBreak, type Cadence } from '../../src/domain/cadence.ts';
import { DAY_MS } from '../../src/domain/duration.ts';

const FIRST = Date.UTC(2026, 0, 1) / DAY_MS;

/** Returns days of use with these gaps between them, in ms. */
function daysAfter(...gaps: readonly number[]): number[] {
  return gaps.reduce<number[]>((days, gap) => [...days, (days.at(-1) ?? 0) + gap], [FIRST]).map((day) => day * DAY_MS);
}

/** Returns a cadence in days: the moments counted from the last day of use. */
function inDays(days: readonly number[]) {
  const cadence = findCadence(days);
  if (cadence === null) return null;
  const { confidence, intervalCount, interval, shortest, longest } = cadence;
  const last = days.at(-1) ?? 0;
  return {
    confidence,
    intervalCount,
    interval: interval / DAY_MS,
    usual: [shortest / DAY_MS, longest / DAY_MS],
    next: [(cadence.nextUseFrom - last) / DAY_MS, (cadence.nextUseTo - last) / DAY_MS],
  };
}

test('cadence: two intervals give a weak one, three a strong one; fewer give none', () => {
  expect(findCadence([])).toBeNull();
  expect(findCadence(daysAfter())).toBeNull();
  expect(findCadence(daysAfter(110))).toBeNull();
  expect(inDays(daysAfter(110, 110))).toEqual({
    confidence: 'WEAK',
    intervalCount: 2,
    interval: 110,
    usual: [110, 110],
    next: [88, 133],
  });
  expect(inDays(daysAfter(110, 110, 110))).toEqual({
    confidence: 'STRONG',
    intervalCount: 3,
    interval: 110,
    usual: [110, 110],
    next: [99, 122],
  });
});

test('cadence: uses within 7 days are one, so that corrections after a release do not count as releases', () => {
  expect(findCadence(daysAfter(1, 7, 3, 2))).toBeNull();
  expect(inDays(daysAfter(1, 7, 83, 2, 89, 91))).toMatchObject({ intervalCount: 3, interval: 91, usual: [91, 91] });
  // The next use follows from the beginning of the last one, but is never in the past of it.
  expect(inDays(daysAfter(8, 8, 8, 5, 5, 5))).toMatchObject({ interval: 8, next: [1, 8] });
});

test.each([
  ['yearly', [365, 371, 352], { interval: 365, usual: [352, 371], next: [317, 409] }],
  ['quarterly, one release skipped', [91, 90, 182, 89, 92], { interval: 91, usual: [90, 92], next: [81, 102] }],
  ['daily', Array<number>(399).fill(1), { interval: 7, usual: [7, 7], confidence: 'STRONG' }],
  ['on working days', Array.from({ length: 60 }, (_, index) => (index % 5 === 4 ? 3 : 1)), { interval: 7 }],
  ['weekly', Array<number>(30).fill(7), { interval: 7, next: [1, 15] }],
  ['in bursts', [2, 1, 5, 80, 3, 3, 84, 1, 6, 90], { interval: 90, usual: [88, 97] }],
  ['irregular', [20, 200, 31, 74, 12, 140], { interval: 52, usual: [20, 140], next: [13, 155] }],
] as const)('cadence: a key that is used %s', (_name, gaps, expected) => {
  expect(inDays(daysAfter(...gaps))).toMatchObject(expected);
});

const gaps = fc.array(
  fc.oneof(
    fc.integer({ min: 1, max: 7 }),
    fc.integer({ min: 8, max: 40 }),
    fc.integer({ min: 80, max: 130 }),
    fc.integer({ min: 330, max: 600 }),
  ),
  { maxLength: 60 },
);

test('cadence: its intervals are at least a week and within the gaps between uses; its window follows the last use', () => {
  fc.assert(
    fc.property(gaps, (list) => {
      const days = daysAfter(...list);
      const cadence = findCadence(days);
      if (cadence === null) return;
      const [first = 0, last = 0] = [days[0], days.at(-1)];
      for (const value of Object.values(cadence)) if (typeof value === 'number') expect(value).toBeGreaterThan(0);
      expect(cadence.shortest).toBeGreaterThanOrEqual(7 * DAY_MS);
      expect(cadence.shortest).toBeLessThanOrEqual(cadence.interval);
      expect(cadence.interval).toBeLessThanOrEqual(cadence.longest);
      expect(cadence.longest).toBeLessThanOrEqual(last - first);
      expect(cadence.nextUseFrom).toBeGreaterThan(last);
      expect(cadence.nextUseTo).toBeGreaterThan(cadence.nextUseFrom);
      expect(cadence.nextUseTo).toBeLessThanOrEqual(
        last + DAY_MS + Math.max(1.2 * cadence.longest, cadence.longest + 7 * DAY_MS),
      );
      expect(cadence.intervalCount).toBeGreaterThanOrEqual(2);
      expect(cadence.confidence).toBe(cadence.intervalCount === 2 ? 'WEAK' : 'STRONG');
      for (const value of [cadence.interval, cadence.nextUseFrom, cadence.nextUseTo]) expect(value % DAY_MS).toBe(0);
    }),
  );
});

test('cadence: the same history at another time has the same rhythm, at that time', () => {
  fc.assert(
    fc.property(gaps, fc.integer({ min: -10_000, max: 10_000 }), (list, shift) => {
      const days = daysAfter(...list);
      const cadence = findCadence(days);
      const shifted = findCadence(days.map((day) => day + shift * DAY_MS));
      const moved: Cadence | null = cadence && {
        ...cadence,
        nextUseFrom: cadence.nextUseFrom + shift * DAY_MS,
        nextUseTo: cadence.nextUseTo + shift * DAY_MS,
      };
      expect(shifted).toEqual(moved);
    }),
  );
});

test('cadence: longer gaps between uses never give a shorter interval or an earlier next use', () => {
  const pauses = fc.array(fc.tuple(fc.integer({ min: 8, max: 600 }), fc.integer({ min: 0, max: 300 })), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(pauses, (list) => {
      const [before, after] = [
        inDays(daysAfter(...list.map(([gap]) => gap))),
        inDays(daysAfter(...list.map(([gap, more]) => gap + more))),
      ];
      expect(after === null).toBe(before === null);
      if (before === null || after === null) return;
      expect(after.interval).toBeGreaterThanOrEqual(before.interval);
      for (const end of [0, 1]) {
        expect(after.usual[end]).toBeGreaterThanOrEqual(before.usual[end] ?? 0);
        expect(after.next[end]).toBeGreaterThanOrEqual(before.next[end] ?? 0);
      }
    }),
  );
});

test('cadence: a use before or long after the usual time breaks the rhythm; one within a week, or with an unsure rhythm, does not', () => {
  const quarterly = daysAfter(91, 92, 90);
  const last = quarterly.at(-1) ?? 0;
  const breakAfter = (days: number, history = quarterly) =>
    findRhythmBreak(history, (history.at(-1) ?? last) + days * DAY_MS);
  expect([1, 7, 8, 40, 80].map((days) => breakAfter(days))).toEqual([null, null, 'EARLY', 'EARLY', 'EARLY']);
  expect([81, 100, 150, 203, 204, 900].map((days) => breakAfter(days))).toEqual([
    null,
    null,
    null,
    null,
    'LATE',
    'LATE',
  ]);
  expect(breakAfter(40, daysAfter(91, 92))).toBeNull();
  expect(breakAfter(40, daysAfter())).toBeNull();
  expect(findRhythmBreak([], last)).toBeNull();
  const daily = daysAfter(...Array<number>(60).fill(1));
  expect([1, 7, 8, 20, 60].map((days) => breakAfter(days, daily))).toEqual([null, null, null, null, 'LATE']);
});
