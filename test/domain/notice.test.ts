import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { lifeStartedAt, planNotices, noticeThresholdsMs } from '../../src/domain/notice.ts';

const start = new Date('2026-11-23T12:00:00.000Z');
const at = (days: number) => addMs(start, days * DAY_MS);

test('notice: with frequent reviews each threshold within the life is given once, in order', () => {
  for (const [life, expected] of [
    [90, [30, 14, 7, 1]],
    [30, [30, 14, 7, 1]],
    [29, [14, 7, 1]],
    [1, [1]],
    [0.5, []],
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
      const reached = noticeThresholdsMs.filter((ms) => ms <= lifeHours * (DAY_MS / 24) && left <= ms && left > 0);
      const nearest = reached.at(-1);
      expect(due?.thresholdMs).toBe(nearest !== undefined && !before.has(nearest) ? nearest : undefined);
      if (nextAt !== null) expect(nextAt > now && nextAt < stopsAt).toBe(true);
    }),
  );
});

test('notice: the life before a BY_USE stop begins with the last activity', () => {
  const key = { grantedAt: at(0), activeAt: at(100) };
  expect(lifeStartedAt(key, { stopsBasis: 'HARD' })).toEqual(at(0));
  expect(lifeStartedAt(key, { stopsBasis: 'BY_USE' })).toEqual(at(100));
});
