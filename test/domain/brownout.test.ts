import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  BROWNOUT_MAX_MS,
  BROWNOUTS_A_DAY,
  brownoutAt,
  brownoutProblem,
  announcedBrownouts,
  brownoutsLeft,
  toBrownoutWindows,
  type BrownoutWindow,
} from '../../src/domain/brownout.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { outcomeOf, type VerificationFacts } from '../../src/domain/verification.ts';

const NOW = new Date('2026-11-23T12:00:00.000Z');
const NOTICE_MS = 30 * DAY_MS;
const good: VerificationFacts = {
  scopes: [],
  expiresAt: null,
  expiryBasis: null,
  expiredAt: null,
  revokedAt: null,
  retiresAt: null,
  isHeld: false,
  notBefore: null,
  allowedAddresses: [],
  brownouts: [],
  foldsCase: false,
  actions: new Set(),
};

const minutes = (max: number) => fc.integer({ min: 0, max }).map((count) => count * MINUTE_MS);
const windows = fc.array(
  fc
    .record({ from: minutes(40 * 24 * 60), length: fc.integer({ min: -1, max: 20 }) })
    .map(({ from, length }) => ({ from: NOW.getTime() + from, to: NOW.getTime() + from + length * MINUTE_MS })),
  { maxLength: 30 },
);
const freezes = fc.array(
  fc
    .record({ from: minutes(40 * 24 * 60), length: minutes(3 * 24 * 60) })
    .map(({ from, length }) => ({ from: addMs(NOW, from), to: addMs(NOW, from + length) })),
  { maxLength: 4 },
);

test('brownout: whatever is planned, it refuses a key at most 15 minutes at a time and twice a day, after the notice period, in no freeze', () => {
  const moments = { afterMs: minutes(10 * 24 * 60), passedMs: minutes(40 * 24 * 60) };
  fc.assert(
    fc.property(
      fc.record({ planned: windows, frozen: freezes, ...moments }),
      ({ planned, frozen, afterMs, passedMs }) => {
        const announcedAt = addMs(NOW, afterMs);
        const now = addMs(NOW, passedMs);
        const announced = announcedBrownouts(planned, { announcedAt, noticeMs: NOTICE_MS, freezes: frozen });
        const ahead = brownoutsLeft(announced, now);
        const days = new Map<number, number>();
        for (const [index, { from, to }] of ahead.entries()) {
          expect(to).toBeGreaterThan(now.getTime());
          expect(to - from).toBeLessThanOrEqual(BROWNOUT_MAX_MS);
          expect(from).toBeGreaterThanOrEqual(announcedAt.getTime() + NOTICE_MS);
          expect(from).toBeGreaterThanOrEqual(ahead[index - 1]?.to ?? 0);
          for (const freeze of frozen) {
            if (freeze.from < freeze.to) expect(to <= freeze.from.getTime() || from >= freeze.to.getTime()).toBe(true);
          }
          const day = Math.floor(from / DAY_MS);
          days.set(day, (days.get(day) ?? 0) + 1);
        }
        expect(Math.max(0, ...days.values())).toBeLessThanOrEqual(BROWNOUTS_A_DAY);
        if (frozen.length > 0 || planned.length === 0) return;
        expect(brownoutProblem(ahead, frozen)).toBeNull();
      },
    ),
  );
});

test('brownout, laws 1 and 2: a key is refused for it exactly within its own windows, and never accepted after its end', () => {
  fc.assert(
    fc.property(windows, minutes(40 * 24 * 60), fc.boolean(), (brownouts, passedMs, hasEnded) => {
      const now = addMs(NOW, passedMs);
      const facts = { ...good, brownouts, ...(hasEnded && { expiresAt: now, expiryBasis: 'HARD' as const }) };
      const isIn = brownouts.some(({ from, to }) => from <= now.getTime() && now.getTime() < to);
      expect(outcomeOf(facts, null, now)).toBe(hasEnded ? 'KEY_EXPIRED' : isIn ? 'BROWNOUT' : 'VALID');
      expect(outcomeOf(facts, null, now.getTime())).toBe(outcomeOf(facts, null, now));
      expect(outcomeOf({ ...facts, brownouts: [] }, null, now)).not.toBe('BROWNOUT');
    }),
  );
});

test('brownout: a window is half open', () => {
  const window = { from: 10, to: 20 };
  expect([9, 10, 19, 20].map((at) => brownoutAt([window], at))).toEqual([null, window, window, null]);
});

test('brownout: a plan is refused for what no key could get', () => {
  const at = (day: number, hour: number): BrownoutWindow[] => [
    ...toBrownoutWindows([addMs(NOW, day * DAY_MS + hour * HOUR_MS)]),
  ];
  const freeze = { from: addMs(NOW, 40 * DAY_MS), to: addMs(NOW, 41 * DAY_MS) };
  expect(brownoutProblem([...at(31, 0), ...at(31, 1), ...at(32, 0)], [freeze])).toBeNull();
  expect(brownoutProblem([...at(31, 0), ...at(31, 1), ...at(31, 2)], [])).toMatch(/^the brownout at 2026-12-24T14:00/);
  expect(brownoutProblem([...at(31, 0), ...at(31, 0)], [])).toMatch(/overlaps/);
  expect(brownoutProblem(at(40, 1), [freeze])).toMatch(/freeze/);
  expect(brownoutProblem([{ from: 0, to: BROWNOUT_MAX_MS + 1 }], [])).toMatch(/longer than 15 minutes/);
});

test('brownout: windows that are over count for the two of a day', () => {
  const [first = 0, second = 0, third = 0, next = 0] = [0, 1, 2, 24].map((hour) => NOW.getTime() + hour * HOUR_MS);
  const windows = toBrownoutWindows([first, second, third, next].map((at) => new Date(at)));
  const startsAt = (ms: number) => brownoutsLeft(windows, new Date(ms)).map(({ from }) => from);
  expect(startsAt(first)).toEqual([first, second, next]);
  expect(startsAt(second + 20 * MINUTE_MS)).toEqual([next]);
});
