import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { lifeStartedAt, noticeThresholdsFor, noticeThresholdsMs, planNotices } from '../../src/domain/notice.ts';

const start = new Date('2026-11-23T12:00:00.000Z');
const at = (days: number) => addMs(start, days * DAY_MS);

test('notice: with frequent reviews each threshold shorter than the life is given once, in order', () => {
  for (const [life, expected] of [
    [90, [30, 14, 7, 1]],
    [31, [30, 14, 7, 1]],
    [30, [14, 7, 1]],
    [14, [7, 1]],
    [2, [1]],
    [1.5, [0.5]],
    [0.75, [0.25]],
  ] as const) {
    const given = new Set<number>();
    const told: number[] = [];
    for (let hours = 0; hours <= life * 24 + 48; hours += 6) {
      const { due } = planNotices(at(life), start, given, at(hours / 24));
      if (due === null) continue;
      given.add(due.thresholdMs);
      told.push(due.thresholdMs / DAY_MS);
      expect(due.at).toEqual(addMs(at(life), -due.thresholdMs));
    }
    expect(told).toEqual(expected);
  }
});

test('notice: is due at the very moment of its threshold, and never at or after the stop', () => {
  const none = new Set<number>();
  expect(planNotices(at(90), start, none, addMs(at(60), -1))).toEqual({ due: null, nextAt: at(60) });
  expect(planNotices(at(90), start, none, at(60)).due).toEqual({ thresholdMs: 30 * DAY_MS, at: at(60) });
  expect(planNotices(at(90), start, none, addMs(at(90), -1)).due).toEqual({ thresholdMs: DAY_MS, at: at(89) });
  expect(planNotices(at(90), start, none, at(90))).toEqual({ due: null, nextAt: null });
  expect(planNotices(null, start, none, at(90))).toEqual({ due: null, nextAt: null });
});

test('notice: after missed thresholds only the last is given, and the next one is in the future', () => {
  const life = fc.integer({ min: 1, max: 400 * 24 });
  const given = fc.subarray([...noticeThresholdsMs]).map((thresholds) => new Set<number>(thresholds));
  fc.assert(
    fc.property(life, fc.integer({ min: 0, max: 401 * 24 }), given, (lifeHours, nowHours, before) => {
      const [stopsAt, now] = [at(lifeHours / 24), at(nowHours / 24)];
      const { due, nextAt } = planNotices(stopsAt, start, before, now);
      const left = stopsAt.getTime() - now.getTime();
      const isShort = lifeHours < 48;
      const thresholds = isShort ? [lifeHours * 20 * MINUTE_MS] : noticeThresholdsMs;
      const reached = thresholds.filter((ms) => ms < lifeHours * HOUR_MS && left <= ms && left > 0);
      const nearest = reached.at(-1);
      const isGiven = nearest === undefined || before.has(nearest) || (isShort && before.size > 0);
      expect(due?.thresholdMs).toBe(isGiven ? undefined : nearest);
      if (nextAt !== null) expect(nextAt > now && nextAt < stopsAt).toBe(true);
    }),
  );
});

test('notice: the life before a BY_USE stop begins with the last activity', () => {
  const key = { grantedAt: at(0), activeAt: at(100) };
  expect(lifeStartedAt(key, { stopsBasis: 'HARD' })).toEqual(at(0));
  expect(lifeStartedAt(key, { stopsBasis: 'BY_USE' })).toEqual(at(100));
});

test('notice: none comes at the start of a life, and every life of an hour or more gets one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 * DAY_MS }), (lifeMs) => {
      const thresholds = noticeThresholdsFor(lifeMs);
      expect(thresholds.every((ms) => ms > 0 && ms < lifeMs)).toBe(true);
      expect(thresholds.length > 0).toBe(lifeMs >= HOUR_MS);
      if (lifeMs >= HOUR_MS && lifeMs < 2 * DAY_MS) {
        expect(thresholds).toHaveLength(1);
        expect(Math.abs(thresholds[0]! - lifeMs / 3)).toBeLessThan(1000);
      }
    }),
  );
});
